//! Requests about partitions: who may not write or read a topic is refused its partitions.

use super::Verdict::Refused;
use super::{Requester, Verdict, each_once, verdict};
use crate::authorizer::{AclOperation, ResourceType};
use crate::broker::delete_records::deletions_by_topic;
use crate::broker::produce::topics_once;
use crate::broker::transaction::verified_requests::has_transactional_records;
use crate::wire::api::Request;
use crate::wire::replication::*;
use crate::wire::{ErrorCode, Response};

/// From this version on a produce request names topics by id.
const FIRST_PRODUCE_VERSION_WITH_TOPIC_IDS: i16 = 13;

impl Requester {
    pub(super) fn check_produce(&self, request: ProduceRequest, version: i16) -> Verdict {
        let id = request.transactional_id.as_deref().filter(|_| has_transactional_records(&request));
        if id.is_some_and(|id| !self.may(AclOperation::Write, ResourceType::TransactionalId, id)) {
            let error = ErrorCode::TransactionalIdAuthorizationFailed;
            return Refused(Response::Produce(request.error_response(error, None)));
        }
        let is_allowed = |topic: &TopicProduceData| {
            let known = self.image.topics.get(&topic.topic_id).map(|known| &known.name);
            let name = known.unwrap_or(&topic.name);
            // An id that nobody knows is told as such.
            let is_unknown = name.is_empty() && version >= FIRST_PRODUCE_VERSION_WITH_TOPIC_IDS;
            is_unknown || self.may_topic(AclOperation::Write, name)
        };
        let (topic_data, refused): (Vec<_>, Vec<_>) = topics_once(request.topic_data).into_iter().partition(is_allowed);
        // Kafka puts what it refuses into a map by partition.
        let refused = refused.into_iter().map(|topic| TopicProduceResponse {
            name: topic.name,
            topic_id: topic.topic_id,
            partition_responses: each_once(topic.partition_data.iter().map(|each| each.index).collect())
                .into_iter()
                .map(|index| PartitionProduceResponse {
                    index,
                    error_code: ErrorCode::TopicAuthorizationFailed,
                    ..PartitionProduceResponse::default()
                })
                .collect(),
        });
        let response = ProduceResponse { responses: refused.collect(), ..ProduceResponse::default() };
        let (is_whole, is_empty) = (response.responses.is_empty(), topic_data.is_empty());
        let request = Request::Produce(ProduceRequest { topic_data, ..request });
        verdict(is_whole, is_empty, request, Response::Produce(response))
    }

    pub(super) fn check_list_offsets(&self, request: ListOffsetsRequest) -> Verdict {
        let (topics, refused): (Vec<_>, Vec<_>) =
            request.topics.into_iter().partition(|topic| self.may_topic(AclOperation::Describe, &topic.name));
        let refused = refused.into_iter().map(|topic| ListOffsetsTopicResponse {
            name: topic.name,
            partitions: topic
                .partitions
                .iter()
                .map(|each| ListOffsetsPartitionResponse {
                    partition_index: each.partition_index,
                    error_code: ErrorCode::TopicAuthorizationFailed,
                    ..ListOffsetsPartitionResponse::default()
                })
                .collect(),
        });
        let response = ListOffsetsResponse { topics: refused.collect(), ..ListOffsetsResponse::default() };
        let (is_whole, is_empty) = (response.topics.is_empty(), topics.is_empty());
        let request = Request::ListOffsets(ListOffsetsRequest { topics, ..request });
        verdict(is_whole, is_empty, request, Response::ListOffsets(response))
    }

    /// A follower needs CLUSTER_ACTION; a consumer that looks whether its log was truncated (KIP-320) may describe the topic.
    pub(super) fn check_epochs(&self, request: OffsetForLeaderEpochRequest) -> Verdict {
        let is_node = self.may_cluster(AclOperation::ClusterAction);
        let (topics, refused): (Vec<_>, Vec<_>) = request
            .topics
            .into_iter()
            .partition(|topic| is_node || self.may_topic(AclOperation::Describe, &topic.topic));
        let refused = refused.into_iter().map(|topic| OffsetForLeaderTopicResult {
            topic: topic.topic,
            partitions: topic
                .partitions
                .iter()
                .map(|each| EpochEndOffsetResult {
                    error_code: ErrorCode::TopicAuthorizationFailed,
                    partition: each.partition,
                    ..EpochEndOffsetResult::default()
                })
                .collect(),
        });
        let response = OffsetForLeaderEpochResponse { topics: refused.collect(), ..Default::default() };
        let (is_whole, is_empty) = (response.topics.is_empty(), topics.is_empty());
        let request = Request::OffsetForLeaderEpoch(OffsetForLeaderEpochRequest { topics, ..request });
        verdict(is_whole, is_empty, request, Response::OffsetForLeaderEpoch(response))
    }

    pub(super) fn check_delete_records(&self, request: DeleteRecordsRequest) -> Verdict {
        let (topics, refused): (Vec<_>, Vec<_>) =
            request.topics.into_iter().partition(|topic| self.may_topic(AclOperation::Delete, &topic.name));
        let error_code = ErrorCode::TopicAuthorizationFailed;
        let refused = refused.iter().flat_map(|topic| {
            topic.partitions.iter().map(|each| {
                let partition_index = each.partition_index;
                (topic.name.clone(), DeleteRecordsPartitionResult { partition_index, error_code, ..Default::default() })
            })
        });
        let topics_refused = deletions_by_topic(refused.collect());
        let response = DeleteRecordsResponse { topics: topics_refused, ..DeleteRecordsResponse::default() };
        let (is_whole, is_empty) = (response.topics.is_empty(), topics.is_empty());
        let request = Request::DeleteRecords(DeleteRecordsRequest { topics, ..request });
        verdict(is_whole, is_empty, request, Response::DeleteRecords(response))
    }
}
