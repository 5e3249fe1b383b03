//! DeleteRecords (`ReplicaManager.deleteRecords`, `DelayedDeleteRecords`): the leader moves its log start offset up and
//! answers once every live replica has done the same.
//!
//! The followers learn the new start from the answer to their next fetch, and prove it with the fetch after that.

use super::purgatory::{DelayedDeletion, Operation};
use super::{Broker, Context};
use crate::change::{Change, is_internal};
use crate::effects::RequestContext;
use crate::explain::Explanation;
use crate::wire::hash_order::{group_by_topic, last_of_each};
use crate::wire::ids::TopicIdPartition;
use crate::wire::replication::{
    DeleteRecordsPartition, DeleteRecordsPartitionResult, DeleteRecordsRequest, DeleteRecordsResponse,
    DeleteRecordsTopic, DeleteRecordsTopicResult,
};
use crate::wire::{ErrorCode, Response, Topic, TopicPartition};

impl Broker {
    /// `DeleteRecords`.
    #[inline(never)]
    pub(super) fn delete_records(
        &mut self,
        cx: &mut Context,
        request_context: &RequestContext,
        request: &DeleteRecordsRequest,
    ) {
        let mut deletions = Vec::new();
        for (topic, asked) in asked_partitions(request) {
            let outcome = self.delete_partition_records(cx, &topic.name, asked);
            let mut result = DeleteRecordsPartitionResult {
                partition_index: asked.partition_index,
                ..DeleteRecordsPartitionResult::default()
            };
            let waits_for = match outcome {
                Ok((id, to)) => {
                    // What a request that runs out of time tells is the low watermark of this moment.
                    result.low_watermark = self.low_watermark(cx, &id).unwrap_or(-1);
                    Some((id, to))
                }
                Err(error_code) => {
                    result.error_code = error_code;
                    None
                }
            };
            deletions.push(DelayedDeletion { topic: topic.name.clone(), waits_for, result });
        }
        self.try_complete_delete_records(cx, &mut deletions);
        if deletions.iter().all(|deletion| deletion.waits_for.is_none()) {
            return self.answer_delete_records(cx, request_context, deletions);
        }
        cx.fx.change(Change::DelayedOperationWatched {
            node: self.id,
            api: request_context.api,
            from: request_context.from.actor(),
        });
        cx.fx.explain(Explanation::DeleteRecordsWaits { node: self.id, to: request_context.from.actor() });
        let timeout_ms = u64::try_from(request.timeout_ms).unwrap_or(0);
        let operation = Operation::DeleteRecords { request_context: request_context.clone(), deletions };
        self.purgatory.watch(cx.fx, cx.now + timeout_ms, operation);
    }

    /// Moves the leader's own log start. Gives back where the replicas' logs have to start.
    fn delete_partition_records(
        &mut self,
        cx: &mut Context,
        topic: &Topic,
        asked: &DeleteRecordsPartition,
    ) -> Result<(TopicIdPartition, i64), ErrorCode> {
        // Before anything else `KafkaApis` looks whether there is such a partition.
        if self.image.partition(topic, asked.partition_index).is_none() {
            return Err(ErrorCode::UnknownTopicOrPartition);
        }
        if is_internal(topic) {
            return Err(ErrorCode::InvalidTopicException);
        }
        let partition = self.led(topic, asked.partition_index, -1)?;
        let policy = &partition.settings.cleanup_policy;
        if policy.contains("compact") && !policy.contains("delete") {
            return Err(ErrorCode::PolicyViolation);
        }
        let to = if asked.offset == -1 { partition.high_watermark } else { asked.offset };
        if to < 0 || to > partition.high_watermark {
            return Err(ErrorCode::OffsetOutOfRange);
        }
        let (id, name) = (partition.id, partition.name.clone());
        let log = cx.disk.log_mut(&id).ok_or(ErrorCode::KafkaStorageError)?;
        let from = log.log_start_offset();
        if log.move_log_start(to) {
            // A fetch that waits below the new start is not looked at: nobody's high watermark moved.
            cx.fx.change(Change::LogStartMoved { node: self.id, partition: name, from, to });
        }
        Ok((id, to))
    }

    /// Decides what can be decided of a waiting deletion.
    pub(super) fn try_complete_delete_records(&self, cx: &Context, deletions: &mut [DelayedDeletion]) {
        for deletion in deletions {
            let Some((id, to)) = deletion.waits_for else { continue };
            let (error_code, low_watermark) = match self.low_watermark(cx, &id) {
                Some(low_watermark) if low_watermark >= to => (ErrorCode::None, low_watermark),
                Some(_) => continue,
                None if self.partitions.contains_key(&id) => (ErrorCode::NotLeaderOrFollower, -1),
                None => (ErrorCode::UnknownTopicOrPartition, -1),
            };
            deletion.result.error_code = error_code;
            deletion.result.low_watermark = low_watermark;
            deletion.waits_for = None;
        }
    }

    /// Where the log starts on the leader and on every follower whose broker lives (`Partition.lowWatermarkIfLeader`).
    fn low_watermark(&self, cx: &Context, id: &TopicIdPartition) -> Option<i64> {
        let leader = self.partitions.get(id)?.leader()?;
        let own = cx.disk.log(id)?.log_start_offset();
        let lives = |broker: &i32| self.image.brokers.get(broker).is_some_and(|broker| !broker.fenced);
        let followers = leader.followers.iter().filter(|(broker, _)| lives(broker));
        Some(followers.map(|(_, follower)| follower.log_start_offset).fold(own, i64::min))
    }

    /// Answers; what still waits has run out of time.
    pub(super) fn answer_delete_records(
        &self,
        cx: &mut Context,
        request_context: &RequestContext,
        deletions: Vec<DelayedDeletion>,
    ) {
        let said = deletions.into_iter().map(|mut deletion| {
            if deletion.waits_for.is_some() {
                deletion.result.error_code = ErrorCode::RequestTimedOut;
            }
            (deletion.topic, deletion.result)
        });
        let topics = deletions_by_topic(said.collect());
        let response = DeleteRecordsResponse { topics, ..DeleteRecordsResponse::default() };
        self.reply(cx, request_context, Response::DeleteRecords(response));
    }
}

/// What is said of partitions, in the order of Kafka's answer.
pub(super) fn deletions_by_topic(said: Vec<(Topic, DeleteRecordsPartitionResult)>) -> Vec<DeleteRecordsTopicResult> {
    let said = said.into_iter().map(|(topic, result)| (TopicPartition::new(topic, result.partition_index), result));
    let topics = group_by_topic(said.collect()).into_iter();
    topics.map(|(name, partitions)| DeleteRecordsTopicResult { name, partitions }).collect()
}

/// The partitions of a request; of one that is named twice the last offset counts, because Kafka puts them into a map.
fn asked_partitions(request: &DeleteRecordsRequest) -> Vec<(&DeleteRecordsTopic, &DeleteRecordsPartition)> {
    let asked = request.topics.iter().flat_map(|topic| topic.partitions.iter().map(move |asked| (topic, asked)));
    last_of_each(asked, |(topic, asked)| (&topic.name, asked.partition_index))
}
