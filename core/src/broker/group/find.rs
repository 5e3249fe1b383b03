//! FindCoordinator, which any broker answers from its metadata cache.

use super::state::partition_for;
use crate::wire::ErrorCode;
use crate::wire::api::NodeEndpoint;
use crate::wire::group::{Coordinator, FindCoordinatorRequest, FindCoordinatorResponse};

/// Key type of a group in a FindCoordinator; 1 is a transaction.
const KEY_TYPE_GROUP: i8 = 0;

/// The answer to a FindCoordinator. `offsets_partitions` is how many partitions `__consumer_offsets` has, none before it
/// is created; `leader_of` gives the live leader of one of them, as the asked broker's cache has it. Where there is none
/// the client has to ask again: `COORDINATOR_NOT_AVAILABLE`.
pub fn find_coordinator(
    request: &FindCoordinatorRequest,
    offsets_partitions: Option<i32>,
    leader_of: impl Fn(i32) -> Option<NodeEndpoint>,
) -> FindCoordinatorResponse {
    let one = |key: &String| {
        let refused = |error_code| Coordinator {
            key: key.clone(),
            error_code,
            error_message: Some(String::new()),
            ..Coordinator::default()
        };
        if request.key_type != KEY_TYPE_GROUP {
            return refused(ErrorCode::InvalidRequest);
        }
        match offsets_partitions.and_then(|partitions| leader_of(partition_for(key, partitions))) {
            Some(leader) => Coordinator {
                node_id: leader.node_id,
                host: leader.host,
                port: leader.port,
                ..refused(ErrorCode::None)
            },
            None => refused(ErrorCode::CoordinatorNotAvailable),
        }
    };
    FindCoordinatorResponse { throttle_time_ms: 0, coordinators: request.coordinator_keys.iter().map(one).collect() }
}
