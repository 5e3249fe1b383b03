//! Gives an answer the form of the version that it was asked in: a field that a version does not have yet is not written,
//! and a reader of the answer finds the field's default in its place.
//!
//! Which version has which field is told by the protocol's JSON definitions. Only versions that Kafka 4 still takes count.

use super::config_resource::CLIENT_METRICS;
use super::{ErrorCode, Response, Uuid};
use crate::wire::message::LeaderIdAndEpoch;
use crate::wire::replication::{EpochEndOffset, SnapshotId};

impl Response {
    /// Resets the fields that a version of this answer does not have.
    pub fn restrict_to_version(&mut self, version: i16) {
        match self {
            Self::Produce(_) => self.restrict_produce(version),
            Self::Fetch(_) => self.restrict_fetch(version),
            Self::Metadata(_) => self.restrict_metadata(version),
            Self::ListOffsets(answer) => {
                for partition in answer.topics.iter_mut().flat_map(|topic| &mut topic.partitions) {
                    reset_before(4, version, &mut partition.leader_epoch, -1);
                }
            }
            Self::OffsetFetch(answer) => {
                let of_groups = answer.groups.iter_mut().flat_map(|group| &mut group.topics);
                for partition in answer.topics.iter_mut().chain(of_groups).flat_map(|topic| &mut topic.partitions) {
                    reset_before(5, version, &mut partition.committed_leader_epoch, -1);
                }
                reset_before(2, version, &mut answer.error_code, ErrorCode::None);
            }
            Self::DescribeGroups(answer) => {
                for group in &mut answer.groups {
                    reset_before(6, version, &mut group.error_message, None);
                    reset_before(3, version, &mut group.authorized_operations, i32::MIN);
                    for member in &mut group.members {
                        reset_before(4, version, &mut member.group_instance_id, None);
                    }
                }
            }
            Self::ListGroups(answer) => {
                for group in &mut answer.groups {
                    reset_before(4, version, &mut group.group_state, String::new());
                    reset_before(5, version, &mut group.group_type, String::new());
                }
            }
            Self::ConsumerGroupDescribe(answer) => {
                for member in answer.groups.iter_mut().flat_map(|group| &mut group.members) {
                    reset_before(1, version, &mut member.member_type, -1);
                }
            }
            Self::ListConfigResources(answer) => {
                for resource in &mut answer.config_resources {
                    reset_before(1, version, &mut resource.resource_type, CLIENT_METRICS);
                }
            }
            Self::DescribeLogDirs(answer) => {
                reset_before(3, version, &mut answer.error_code, ErrorCode::None);
                for directory in &mut answer.results {
                    reset_before(4, version, &mut directory.total_bytes, -1);
                    reset_before(4, version, &mut directory.usable_bytes, -1);
                    reset_before(5, version, &mut directory.is_cordoned, false);
                }
            }
            Self::CreateTopics(answer) => {
                for topic in &mut answer.topics {
                    reset_before(7, version, &mut topic.topic_id, Uuid::ZERO);
                    reset_before(5, version, &mut topic.topic_config_error_code, ErrorCode::None);
                    reset_before(5, version, &mut topic.num_partitions, -1);
                    reset_before(5, version, &mut topic.replication_factor, -1);
                    reset_before(5, version, &mut topic.configs, Some(Vec::new()));
                }
            }
            Self::DeleteTopics(answer) => {
                for topic in &mut answer.responses {
                    reset_before(6, version, &mut topic.topic_id, Uuid::ZERO);
                    reset_before(5, version, &mut topic.error_message, None);
                }
            }
            Self::FindCoordinator(answer) => reset_before(1, version, &mut answer.error_message, Some(String::new())),
            Self::FetchSnapshot(answer) => reset_before(1, version, &mut answer.node_endpoints, Vec::new()),
            Self::ElectLeaders(answer) => reset_before(1, version, &mut answer.error_code, ErrorCode::None),
            Self::AlterPartitionReassignments(answer) => {
                reset_before(1, version, &mut answer.allow_replication_factor_change, true);
            }
            Self::DescribeCluster(answer) => {
                reset_before(1, version, &mut answer.endpoint_type, 1);
                for broker in &mut answer.brokers {
                    reset_before(2, version, &mut broker.is_fenced, false);
                }
            }
            Self::EndTxn(answer) => {
                reset_before(5, version, &mut answer.producer_id, -1);
                reset_before(5, version, &mut answer.producer_epoch, -1);
            }
            Self::Vote(answer) => reset_before(1, version, &mut answer.node_endpoints, Vec::new()),
            Self::BeginQuorumEpoch(answer) => reset_before(1, version, &mut answer.node_endpoints, Vec::new()),
            Self::EndQuorumEpoch(answer) => reset_before(1, version, &mut answer.node_endpoints, Vec::new()),
            Self::DescribeQuorum(answer) => {
                reset_before(2, version, &mut answer.nodes, Vec::new());
                reset_before(2, version, &mut answer.error_message, Some(String::new()));
                for partition in answer.topics.iter_mut().flat_map(|topic| &mut topic.partitions) {
                    reset_before(2, version, &mut partition.error_message, Some(String::new()));
                    for replica in partition.current_voters.iter_mut().chain(&mut partition.observers) {
                        reset_before(1, version, &mut replica.last_fetch_timestamp, -1);
                        reset_before(1, version, &mut replica.last_caught_up_timestamp, -1);
                    }
                }
            }
            // The others have had all of their fields since the oldest version that is taken, or are given their form
            // where they are made: those of a group's members.
            Self::OffsetCommit(_)
            | Self::AddRaftVoter(_)
            | Self::RemoveRaftVoter(_)
            | Self::UpdateRaftVoter(_)
            | Self::JoinGroup(_)
            | Self::Heartbeat(_)
            | Self::LeaveGroup(_)
            | Self::SyncGroup(_)
            | Self::ConsumerGroupHeartbeat(_)
            | Self::ApiVersions(_)
            | Self::DeleteRecords(_)
            | Self::OffsetForLeaderEpoch(_)
            | Self::DescribeAcls(_)
            | Self::CreateAcls(_)
            | Self::DeleteAcls(_)
            | Self::DescribeConfigs(_)
            | Self::AlterConfigs(_)
            | Self::CreatePartitions(_)
            | Self::DeleteGroups(_)
            | Self::IncrementalAlterConfigs(_)
            | Self::ListPartitionReassignments(_)
            | Self::OffsetDelete(_)
            | Self::DescribeClientQuotas(_)
            | Self::AlterClientQuotas(_)
            | Self::UpdateFeatures(_)
            | Self::AlterPartition(_)
            | Self::BrokerRegistration(_)
            | Self::BrokerHeartbeat(_)
            | Self::ControllerRegistration(_)
            | Self::UnregisterBroker(_)
            | Self::InitProducerId(_)
            | Self::AllocateProducerIds(_)
            | Self::AddPartitionsToTxn(_)
            | Self::AddOffsetsToTxn(_)
            | Self::WriteTxnMarkers(_)
            | Self::TxnOffsetCommit(_)
            | Self::DescribeTransactions(_)
            | Self::ListTransactions(_)
            | Self::DescribeProducers(_)
            | Self::AppendEntries(_)
            | Self::DescribeTopicPartitions(_) => {}
        }
    }

    fn restrict_produce(&mut self, version: i16) {
        let Self::Produce(answer) = self else { return };
        for partition in answer.responses.iter_mut().flat_map(|topic| &mut topic.partition_responses) {
            reset_before(5, version, &mut partition.log_start_offset, -1);
            reset_before(8, version, &mut partition.record_errors, Vec::new());
            reset_before(8, version, &mut partition.error_message, None);
            reset_before(10, version, &mut partition.current_leader, LeaderIdAndEpoch::default());
        }
        reset_before(10, version, &mut answer.node_endpoints, Vec::new());
    }

    fn restrict_fetch(&mut self, version: i16) {
        let Self::Fetch(answer) = self else { return };
        reset_before(7, version, &mut answer.error_code, ErrorCode::None);
        reset_before(7, version, &mut answer.session_id, 0);
        // The quorum tells where its leader is only to those who may know it by that alone (`RaftUtil.singletonFetchResponse`).
        let is_of_quorum = answer.responses.iter().any(|topic| topic.topic_id == Uuid::METADATA);
        reset_before(if is_of_quorum { 17 } else { 16 }, version, &mut answer.node_endpoints, Vec::new());
        for partition in answer.responses.iter_mut().flat_map(|topic| &mut topic.partitions) {
            reset_before(5, version, &mut partition.log_start_offset, -1);
            reset_before(11, version, &mut partition.preferred_read_replica, -1);
            reset_before(12, version, &mut partition.diverging_epoch, EpochEndOffset::default());
            reset_before(12, version, &mut partition.current_leader, LeaderIdAndEpoch::default());
            reset_before(12, version, &mut partition.snapshot_id, SnapshotId::default());
        }
    }

    fn restrict_metadata(&mut self, version: i16) {
        let Self::Metadata(answer) = self else { return };
        for topic in &mut answer.topics {
            reset_before(10, version, &mut topic.topic_id, Uuid::ZERO);
            reset_before(1, version, &mut topic.is_internal, false);
            for partition in &mut topic.partitions {
                reset_before(7, version, &mut partition.leader_epoch, -1);
                reset_before(5, version, &mut partition.offline_replicas, Vec::new());
            }
        }
        for broker in &mut answer.brokers {
            reset_before(1, version, &mut broker.rack, None);
        }
        reset_before(13, version, &mut answer.error_code, ErrorCode::None);
        reset_before(1, version, &mut answer.controller_id, -1);
        reset_before(2, version, &mut answer.cluster_id, None);
    }
}

/// Resets a field in versions before the first that has it.
fn reset_before<T>(first_version: i16, version: i16, field: &mut T, default: T) {
    if version < first_version {
        *field = default;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::group::{
        OffsetFetchResponse, OffsetFetchResponseGroup, OffsetFetchResponsePartitions, OffsetFetchResponseTopics,
    };
    use crate::wire::message::NodeEndpoint;
    use crate::wire::replication::{
        FetchResponse, FetchableTopicResponse, PartitionData, PartitionProduceResponse, ProduceResponse,
        TopicProduceResponse,
    };

    #[test]
    fn a_produce_answer_tells_the_log_start_from_version_5_and_leaders_from_version_10_on() {
        let decoded = |version| {
            let partition = PartitionProduceResponse {
                log_start_offset: 3,
                error_message: Some("why".to_owned()),
                current_leader: LeaderIdAndEpoch { leader_id: 2, leader_epoch: 1 },
                ..PartitionProduceResponse::default()
            };
            let topic =
                TopicProduceResponse { partition_responses: vec![partition], ..TopicProduceResponse::default() };
            let mut answer =
                Response::Produce(ProduceResponse { responses: vec![topic], ..ProduceResponse::default() });
            answer.restrict_to_version(version);
            let Response::Produce(answer) = answer else { unreachable!("it stays what it is") };
            let partition = answer.responses[0].partition_responses[0].clone();
            (partition.log_start_offset, partition.error_message.is_some(), partition.current_leader.leader_id)
        };
        assert_eq!([3, 5, 8, 10].map(decoded), [(-1, false, -1), (3, false, -1), (3, true, -1), (3, true, 2)]);
    }

    #[test]
    fn a_fetch_answer_tells_the_log_start_from_version_5_and_epochs_from_version_12_on() {
        let decoded = |version| {
            let partition = PartitionData {
                log_start_offset: 3,
                diverging_epoch: EpochEndOffset { epoch: 1, end_offset: 4 },
                ..PartitionData::default()
            };
            let topic = FetchableTopicResponse { partitions: vec![partition], ..FetchableTopicResponse::default() };
            let mut answer = Response::Fetch(FetchResponse {
                error_code: ErrorCode::FetchSessionIdNotFound,
                responses: vec![topic],
                ..FetchResponse::default()
            });
            answer.restrict_to_version(version);
            let Response::Fetch(answer) = answer else { unreachable!("it stays what it is") };
            let partition = &answer.responses[0].partitions[0];
            (answer.error_code.is_none(), partition.log_start_offset, partition.diverging_epoch.epoch)
        };
        assert_eq!([4, 5, 7, 12].map(decoded), [(true, -1, -1), (true, 3, -1), (false, 3, -1), (false, 3, 1)]);
    }

    #[test]
    fn the_quorum_tells_where_its_leader_is_a_version_later_than_brokers_do() {
        let has_endpoints = |topic_id, version| {
            let mut answer = Response::Fetch(FetchResponse {
                responses: vec![FetchableTopicResponse { topic_id, ..FetchableTopicResponse::default() }],
                node_endpoints: vec![NodeEndpoint::default()],
                ..FetchResponse::default()
            });
            answer.restrict_to_version(version);
            let Response::Fetch(answer) = answer else { unreachable!("it stays what it is") };
            !answer.node_endpoints.is_empty()
        };
        assert_eq!([15, 16, 17].map(|version| has_endpoints(Uuid::METADATA, version)), [false, false, true]);
        assert_eq!([15, 16, 17].map(|version| has_endpoints(Uuid(7), version)), [false, true, true]);
    }

    #[test]
    fn a_committed_leader_epoch_is_told_from_version_5_on() {
        let decoded = |version| {
            let partition =
                OffsetFetchResponsePartitions { committed_leader_epoch: 3, ..OffsetFetchResponsePartitions::default() };
            let topic =
                OffsetFetchResponseTopics { partitions: vec![partition], ..OffsetFetchResponseTopics::default() };
            let group = OffsetFetchResponseGroup { topics: vec![topic.clone()], ..OffsetFetchResponseGroup::default() };
            let mut answer = Response::OffsetFetch(OffsetFetchResponse {
                topics: vec![topic],
                groups: vec![group],
                ..OffsetFetchResponse::default()
            });
            answer.restrict_to_version(version);
            let Response::OffsetFetch(answer) = answer else { unreachable!("it stays what it is") };
            let epoch = |topics: &[OffsetFetchResponseTopics]| topics[0].partitions[0].committed_leader_epoch;
            (epoch(&answer.topics), epoch(&answer.groups[0].topics))
        };
        assert_eq!([3, 5, 9].map(decoded), [(-1, -1), (3, 3), (3, 3)]);
    }
}
