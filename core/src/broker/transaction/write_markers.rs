//! `WriteTxnMarkers` at the leaders of a transaction's partitions (`KafkaApis.handleWriteTxnMarkersRequest`): a control batch
//! for each, answered when all are replicated. A partition of `__consumer_offsets` has a coordinator that must know it.

use super::state::TransactionResult;
use super::state_log::REQUEST_TIMEOUT_MS;
use crate::broker::coordinator_appends::GROUP_COORDINATOR_ACKS;
use crate::broker::metadata_cache::OFFSETS_TOPIC;
use crate::broker::purgatory::{DelayedPartition, ProduceOrigin};
use crate::broker::{Broker, Context};
use crate::effects::RequestContext;
use crate::explain::Explanation;
use crate::wire::control_records::{ControlRecordType, EndTransactionMarker};
use crate::wire::hash_order::{
    java_long_hash, java_string_hash, sort_as_hash_map, sort_as_hash_map_of_size, topic_partition_hash,
};
use crate::wire::ids::TopicIdPartition;
use crate::wire::records::{NO_PRODUCER_EPOCH, NO_PRODUCER_ID};
use crate::wire::transaction::{
    WritableTxnMarker, WritableTxnMarkerPartitionResult, WritableTxnMarkerResult, WritableTxnMarkerTopicResult,
    WriteTxnMarkersRequest, WriteTxnMarkersResponse,
};
use crate::wire::{ErrorCode, Response, Topic, TopicPartition};

/// A request to write markers that waits for some of them.
#[derive(Clone, Debug, PartialEq, Hash)]
pub(super) struct PendingMarkers {
    pub(super) request_context: RequestContext,
    /// How many appends are not decided; what has not been looked at of the request counts as one.
    missing: u32,
    results: Vec<(i64, TopicPartition, ErrorCode)>,
}

/// Where this broker writes one marker of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum WrittenTo {
    /// It has none of the marker's partitions.
    Nothing,
    /// Its own logs.
    Logs,
    /// Those, and by the group coordinator, which has a thread of its own.
    GroupCoordinator,
}

/// What an answer says, in the order of the map that Kafka makes it from.
fn answer_of(
    results: Vec<(i64, TopicPartition, ErrorCode)>,
    sort: impl Fn(&mut [(i64, Vec<(TopicPartition, ErrorCode)>)]),
) -> WriteTxnMarkersResponse {
    let mut producers: Vec<(i64, Vec<(TopicPartition, ErrorCode)>)> = Vec::new();
    for (producer_id, partition, error) in results {
        let at = producers.iter().position(|(known, _)| *known == producer_id);
        let at = at.unwrap_or_else(|| {
            producers.push((producer_id, Vec::new()));
            producers.len() - 1
        });
        if let Some((_, partitions)) = producers.get_mut(at) {
            partitions.retain(|(known, _)| *known != partition);
            partitions.push((partition, error));
        }
    }
    sort(&mut producers);
    let of_producer = |(producer_id, mut partitions): (i64, Vec<(TopicPartition, ErrorCode)>)| {
        sort_as_hash_map(&mut partitions, |(partition, _)| topic_partition_hash(partition));
        let mut topics: Vec<WritableTxnMarkerTopicResult> = Vec::new();
        for (partition, error_code) in partitions {
            let result = WritableTxnMarkerPartitionResult { partition_index: partition.partition, error_code };
            match topics.iter_mut().find(|topic| topic.name == partition.topic) {
                Some(topic) => topic.partitions.push(result),
                None => {
                    topics.push(WritableTxnMarkerTopicResult { name: partition.topic, partitions: vec![result] });
                }
            }
        }
        sort_as_hash_map(&mut topics, |topic| java_string_hash(&topic.name));
        WritableTxnMarkerResult { producer_id, topics }
    };
    WriteTxnMarkersResponse { markers: producers.into_iter().map(of_producer).collect() }
}

impl Broker {
    /// `WriteTxnMarkers`.
    #[inline(never)]
    pub(super) fn write_txn_markers(
        &mut self,
        cx: &mut Context,
        request_context: RequestContext,
        request: &WriteTxnMarkersRequest,
    ) {
        let request_id = self.transactions.next_request_id();
        let pending = PendingMarkers { request_context, missing: 1, results: Vec::new() };
        self.transactions.marker_requests.insert(request_id, pending);
        let mut written = Vec::with_capacity(request.markers.len());
        for marker in &request.markers {
            if !self.can_be_built(marker) {
                return self.markers_failed(cx, request_id, request);
            }
            written.push(self.write_marker(cx, request_id, marker));
        }
        // A marker without partitions here is counted off, but whether it was the last is asked only when an append is done, and
        // where no marker has any: a request is never answered whose appends were all done before such a last one.
        let all_done = self.transactions.marker_requests.get(&request_id).is_some_and(|pending| pending.missing == 1);
        let ends_with_nothing = written.last() == Some(&WrittenTo::Nothing);
        let is_forgotten = all_done
            && ends_with_nothing
            && written.contains(&WrittenTo::Logs)
            && !written.contains(&WrittenTo::GroupCoordinator);
        if !is_forgotten {
            self.marker_written(cx, request_id, Vec::new());
        }
    }

    /// Whether a marker's batch can be built. Where not, the request fails as a whole; what was written before stays
    /// (`MemoryRecordsBuilder.validateProducerState`, `WriteTxnMarkersRequest.getErrorResponse`).
    fn can_be_built(&self, marker: &WritableTxnMarker) -> bool {
        let is_any_built = || {
            let mut topics = marker.topics.iter();
            topics.any(|topic| topic.partition_indexes.iter().any(|index| self.appends_once(&topic.name, *index)))
        };
        (marker.producer_id != NO_PRODUCER_ID && marker.producer_epoch != NO_PRODUCER_EPOCH) || !is_any_built()
    }

    /// Whether a partition gets its markers in one append with all others of a request's, by a map; those of groups' offsets
    /// go to the group coordinator one by one.
    fn appends_once(&self, name: &Topic, index: i32) -> bool {
        let topic_id = self.image.topic_ids.get(name).copied().unwrap_or_default();
        **name != *OFFSETS_TOPIC && self.partitions.contains_key(&TopicIdPartition { topic_id, partition: index })
    }

    /// Answers that none of a request's markers could be written.
    fn markers_failed(&mut self, cx: &mut Context, request_id: u64, request: &WriteTxnMarkersRequest) {
        let Some(pending) = self.transactions.marker_requests.remove(&request_id) else { return };
        let named = request.markers.iter().flat_map(|marker| {
            let partitions = marker.topics.iter().flat_map(|topic| {
                topic.partition_indexes.iter().map(|index| TopicPartition::new(topic.name.clone(), *index))
            });
            partitions.map(|partition| (marker.producer_id, partition, ErrorCode::UnknownServerError))
        });
        let size = request.markers.len();
        let answer =
            answer_of(named.collect(), |all| sort_as_hash_map_of_size(all, size, |(id, _)| java_long_hash(*id)));
        let response = Response::WriteTxnMarkers(answer);
        self.reply(cx, &pending.request_context, response);
    }

    fn write_marker(&mut self, cx: &mut Context, request_id: u64, marker: &WritableTxnMarker) -> WrittenTo {
        let mut partitions: Vec<DelayedPartition> = Vec::new();
        let mut coordinated: Vec<DelayedPartition> = Vec::new();
        let mut written_to = WrittenTo::Nothing;
        let mut is_any_named_twice = false;
        for topic in &marker.topics {
            for index in &topic.partition_indexes {
                let is_named = |named: &DelayedPartition| named.response.index == *index && named.name == topic.name;
                let appends_once = self.appends_once(&topic.name, *index);
                if appends_once && partitions.iter().any(is_named) {
                    is_any_named_twice = true;
                    continue;
                }
                let appended = self.append_marker(cx, marker, &topic.name, *index);
                if appends_once || appended.response.error_code == ErrorCode::UnknownTopicOrPartition {
                    partitions.push(appended);
                } else {
                    written_to = WrittenTo::GroupCoordinator;
                    coordinated.push(appended);
                }
                if appends_once && written_to == WrittenTo::Nothing {
                    written_to = WrittenTo::Logs;
                }
            }
        }
        // Kafka counts each mention and hears of each partition once: such a request is never answered.
        let appends = u32::try_from(coordinated.len()).unwrap_or(u32::MAX).saturating_add(1);
        if let Some(pending) = self.transactions.marker_requests.get_mut(&request_id) {
            pending.missing = pending.missing.saturating_add(appends).saturating_add(u32::from(is_any_named_twice));
        }
        let result = TransactionResult::of(marker.transaction_result);
        let origin = ProduceOrigin::TxnMarker { request: request_id, producer_id: marker.producer_id, result };
        self.wait_for_replicas(cx, origin.clone(), REQUEST_TIMEOUT_MS, partitions);
        for partition in coordinated {
            self.wait_for_replicas(cx, origin.clone(), self.group_write_timeout_ms(), vec![partition]);
        }
        written_to
    }

    fn append_marker(
        &mut self,
        cx: &mut Context,
        marker: &WritableTxnMarker,
        name: &Topic,
        index: i32,
    ) -> DelayedPartition {
        let topic_id = self.image.topic_ids.get(name).copied().unwrap_or_default();
        let id = TopicIdPartition { topic_id, partition: index };
        let is_coordinated = **name == *OFFSETS_TOPIC;
        let control_type = if marker.transaction_result { ControlRecordType::Commit } else { ControlRecordType::Abort };
        let end = EndTransactionMarker { control_type, coordinator_epoch: marker.coordinator_epoch };
        let now_ms = i64::try_from(cx.now).unwrap_or(i64::MAX);
        let batch = end.batch(marker.producer_id, marker.producer_epoch, now_ms);
        // Without producer id or epoch there is no such batch, as the group coordinator finds out once it comes to that.
        let is_unfit = marker.producer_id == NO_PRODUCER_ID || marker.producer_epoch == NO_PRODUCER_EPOCH;
        let error = match self.partitions.get(&id) {
            None => ErrorCode::UnknownTopicOrPartition,
            Some(_) if is_coordinated && !self.groups.is_active(index) => ErrorCode::NotLeaderOrFollower,
            Some(_) if is_coordinated && is_unfit => ErrorCode::UnknownServerError,
            Some(_) if is_coordinated => self.coordinator_append_error(&id, GROUP_COORDINATOR_ACKS, &batch),
            Some(_) => self.coordinator_append_error(&id, -1, &batch),
        };
        let transaction_version = marker.transaction_version;
        let appended = self.append_unless(cx, error, id, name.clone(), |log, leader_epoch, settings, now| {
            log.append_marker(batch, transaction_version, leader_epoch, settings, now)
        });
        if appended.waits_for.is_some() {
            cx.fx.explain(Explanation::LeaderWroteMarker {
                node: self.id,
                partition: TopicPartition::new(name.clone(), index),
                offset: appended.response.base_offset,
                committed: marker.transaction_result,
            });
        }
        appended
    }

    /// Some partitions of one marker are decided.
    pub(in crate::broker) fn marker_replicated(
        &mut self,
        cx: &mut Context,
        request_id: u64,
        producer_id: i64,
        result: TransactionResult,
        partitions: Vec<DelayedPartition>,
    ) {
        let mut results = Vec::with_capacity(partitions.len());
        for partition in partitions {
            let (index, error) = (partition.response.index, partition.response.error_code);
            self.end_transaction_of_group(cx, producer_id, result, &partition);
            results.push((producer_id, TopicPartition::new(partition.name, index), error));
        }
        self.marker_written(cx, request_id, results);
    }

    /// A marker that may lie in `__consumer_offsets` is replicated, or could not be. It counts once it is replicated, also for whoever
    /// was told that this took too long (`CoordinatorRuntime.completeTransaction`).
    pub(in crate::broker) fn end_transaction_of_group(
        &mut self,
        cx: &mut Context,
        producer_id: i64,
        result: TransactionResult,
        partition: &DelayedPartition,
    ) {
        if partition.response.error_code.is_none() && *partition.name == *OFFSETS_TOPIC {
            self.groups.transaction_ended(partition.response.index, producer_id, result, cx.fx);
        }
    }

    fn marker_written(&mut self, cx: &mut Context, request_id: u64, results: Vec<(i64, TopicPartition, ErrorCode)>) {
        let Some(pending) = self.transactions.marker_requests.get_mut(&request_id) else { return };
        pending.results.extend(results);
        pending.missing = pending.missing.saturating_sub(1);
        if pending.missing > 0 {
            return;
        }
        if let Some(done) = self.transactions.marker_requests.remove(&request_id) {
            let answer = answer_of(done.results, |all| sort_as_hash_map(all, |(id, _)| java_long_hash(*id)));
            self.reply(cx, &done.request_context, Response::WriteTxnMarkers(answer));
        }
    }
}
