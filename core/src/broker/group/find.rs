//! FindCoordinator, which any broker answers from its metadata cache (`KafkaApis.handleFindCoordinatorRequest`).

use super::state::partition_for;
use crate::wire::ErrorCode;
use crate::wire::Uuid;
use crate::wire::api::NodeEndpoint;
use crate::wire::group::{Coordinator, FindCoordinatorRequest, FindCoordinatorResponse};

/// The key type of a group (`CoordinatorType.GROUP`).
pub const KEY_TYPE_GROUP: i8 = 0;
/// The key type of a transactional id (`CoordinatorType.TRANSACTION`).
pub const KEY_TYPE_TRANSACTION: i8 = 1;
/// The key type of a share group's partition (`CoordinatorType.SHARE`).
const KEY_TYPE_SHARE: i8 = 2;
/// From this version on a request asks about several keys.
const FIRST_BATCHED_VERSION: i16 = 4;
/// From this version on share groups have a coordinator.
const FIRST_VERSION_WITH_SHARE: i16 = 6;

/// The answer to a FindCoordinator. `topic_partitions` is how many partitions `__consumer_offsets` counts for, or of a transactional id
/// `__transaction_state`; none before it is created. `leader_of` gives the live leader of one of them, as the asked broker's cache has it.
/// Where there is none the client has to ask again: `COORDINATOR_NOT_AVAILABLE`.
pub fn find_coordinator(
    request: &FindCoordinatorRequest,
    version: i16,
    topic_partitions: Option<i32>,
    leader_of: impl Fn(i32) -> Option<NodeEndpoint>,
) -> FindCoordinatorResponse {
    let find = |key: &str| match request.key_type {
        KEY_TYPE_GROUP | KEY_TYPE_TRANSACTION => {
            let leader = topic_partitions.and_then(|partitions| leader_of(partition_for(key, partitions)));
            leader.ok_or(ErrorCode::CoordinatorNotAvailable)
        }
        KEY_TYPE_SHARE if version < FIRST_VERSION_WITH_SHARE || !is_share_key(key) => Err(ErrorCode::InvalidRequest),
        // No coordinators of share groups yet.
        KEY_TYPE_SHARE => Err(ErrorCode::CoordinatorNotAvailable),
        _ => Err(ErrorCode::InvalidRequest),
    };
    let is_known_type = matches!(request.key_type, KEY_TYPE_GROUP | KEY_TYPE_TRANSACTION | KEY_TYPE_SHARE);
    if version < FIRST_BATCHED_VERSION {
        return match find(&request.key) {
            Ok(node) => FindCoordinatorResponse {
                error_message: Some(message(ErrorCode::None).to_owned()),
                node_id: node.node_id,
                host: node.host,
                port: node.port,
                ..FindCoordinatorResponse::default()
            },
            Err(error_code) => FindCoordinatorResponse {
                error_code,
                error_message: Some(message(error_code).to_owned()),
                node_id: -1,
                port: -1,
                ..FindCoordinatorResponse::default()
            },
        };
    }
    let one = |key: &String| match find(key) {
        Ok(node) => Coordinator {
            key: key.clone(),
            node_id: node.node_id,
            host: node.host,
            port: node.port,
            ..Coordinator::default()
        },
        // An unknown type fails the request as a whole, which has words for it.
        Err(error_code) => Coordinator {
            key: key.clone(),
            error_code,
            error_message: Some(if is_known_type { "" } else { message(error_code) }.to_owned()),
            ..Coordinator::default()
        },
    };
    FindCoordinatorResponse {
        coordinators: request.coordinator_keys.iter().map(one).collect(),
        ..FindCoordinatorResponse::default()
    }
}

/// `groupId:topicId:partition` (`SharePartitionKey.validate`).
fn is_share_key(key: &str) -> bool {
    let parts: Vec<&str> = key.split(':').collect();
    matches!(parts[..], [group, topic_id, partition]
        if !group.is_empty() && Uuid::parse(topic_id).is_some() && partition.parse::<i32>().is_ok())
}

/// Kafka's words for what a FindCoordinator may come to (`Errors.message`).
fn message(error: ErrorCode) -> &'static str {
    match error {
        ErrorCode::CoordinatorNotAvailable => "The coordinator is not available.",
        ErrorCode::InvalidRequest => {
            "This most likely occurs because of a request being malformed by the client library or the message was sent to an incompatible broker. See the broker logs for more details."
        }
        other => other.name(),
    }
}
