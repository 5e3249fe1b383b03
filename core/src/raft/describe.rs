//! The quorum as its leader sees it (`KafkaRaftClient.handleDescribeQuorumRequest`).

use super::ControllerDisk;
use super::VoterNode;
use super::quorum::Quorum;
use super::state::{EpochState, ReplicaState};
use crate::sim::Millis;
use crate::wire::quorum::*;
use crate::wire::{ErrorCode, Response};

impl Quorum {
    /// Tells of voters and observers; who does not lead names the error.
    pub fn describe(&self, disk: &ControllerDisk, request: &DescribeQuorumRequest, now: Millis) -> Response {
        let is_asked = match request.topics.as_slice() {
            [topic] if topic.topic_name == METADATA_TOPIC => {
                matches!(topic.partitions.as_slice(), [partition] if partition.partition_index == 0)
            }
            _ => false,
        };
        let partition = match &self.state {
            _ if !is_asked => return Response::DescribeQuorum(unknown(request)),
            EpochState::Leader(leader) => DescribeQuorumPartitionResponse {
                leader_id: self.member.node_id,
                leader_epoch: self.epoch,
                high_watermark: self.high_watermark(),
                current_voters: leader.voters.iter().map(|(id, state)| self.replica(disk, *id, state, now)).collect(),
                observers: leader
                    .active_observers(now)
                    .map(|(key, state)| self.replica(disk, key.id, state, now))
                    .collect(),
                ..DescribeQuorumPartitionResponse::default()
            },
            EpochState::Unattached { .. }
            | EpochState::Prospective(_)
            | EpochState::Candidate(_)
            | EpochState::Follower { .. }
            | EpochState::Resigned { .. } => DescribeQuorumPartitionResponse {
                error_code: ErrorCode::NotLeaderOrFollower,
                error_message: Some(NOT_LEADER.to_owned()),
                ..DescribeQuorumPartitionResponse::default()
            },
        };
        let topic = DescribeQuorumTopicResponse { topic_name: METADATA_TOPIC.to_owned(), partitions: vec![partition] };
        let node = |voter: &VoterNode| QuorumNode { node_id: voter.key.id, listeners: voter.endpoints.clone() };
        let nodes = if self.is_leader() { self.voters.iter().map(node).collect() } else { Vec::new() };
        Response::DescribeQuorum(DescribeQuorumResponse {
            topics: vec![topic],
            nodes,
            ..DescribeQuorumResponse::default()
        })
    }

    fn replica(&self, disk: &ControllerDisk, id: i32, state: &ReplicaState, now: Millis) -> QuorumReplicaState {
        let at = |moment: Option<Millis>| moment.map_or(-1, |moment| i64::try_from(moment).unwrap_or(i64::MAX));
        let is_leader = id == self.member.node_id;
        QuorumReplicaState {
            replica_id: id,
            replica_directory_id: state.directory_id,
            log_end_offset: if is_leader { disk.log.end_offset() } else { state.log_end_offset.unwrap_or(-1) },
            last_fetch_timestamp: if is_leader { at(Some(now)) } else { at(state.last_fetch_ms) },
            last_caught_up_timestamp: if is_leader { at(Some(now)) } else { at(state.last_caught_up_ms) },
        }
    }
}

/// What Kafka says beside `NOT_LEADER_OR_FOLLOWER`.
pub(super) const NOT_LEADER: &str = "For requests intended only for the leader, this error indicates that the broker is not the current leader. For \
     requests intended for any replica, this error indicates that the broker is not a replica of the topic partition.";

/// Nothing but `__cluster_metadata-0` has a quorum.
fn unknown(request: &DescribeQuorumRequest) -> DescribeQuorumResponse {
    let topics = request.topics.iter().map(|topic| {
        let partitions = topic.partitions.iter().map(|partition| DescribeQuorumPartitionResponse {
            partition_index: partition.partition_index,
            error_code: ErrorCode::UnknownTopicOrPartition,
            error_message: Some("This server does not host this topic-partition.".to_owned()),
            ..DescribeQuorumPartitionResponse::default()
        });
        DescribeQuorumTopicResponse { topic_name: topic.topic_name.clone(), partitions: partitions.collect() }
    });
    DescribeQuorumResponse { topics: topics.collect(), ..DescribeQuorumResponse::default() }
}
