//! Fetch, for consumers and followers alike: reading, what a follower's fetch proves, and the wait for data
//! (`KafkaApis.handleFetchRequest`, `ReplicaManager.fetchMessages`, `Partition.fetchRecords`, `DelayedFetch`).

use std::sync::Arc;

use super::partition::Partition;
use super::purgatory::Operation;
use super::{Broker, Context};
use crate::actor::Actor;
use crate::change::Change;
use crate::effects::Asker;
use crate::explain::Explanation;
use crate::log::Log;
use crate::sim::Millis;
use crate::wire::ids::TopicIdPartition;
use crate::wire::replication::{
    EpochEndOffset, FetchPartition, FetchRequest, FetchResponse, FetchableTopicResponse, PartitionData,
};
use crate::wire::{ErrorCode, Response, TopicPartition};

/// The leader epoch that an asker believes in, against the one that this broker knows. Checked before leadership.
pub fn epoch_error(asked: i32, known: i32) -> ErrorCode {
    if asked < 0 || asked == known {
        ErrorCode::None
    } else if asked < known {
        ErrorCode::FencedLeaderEpoch
    } else {
        ErrorCode::UnknownLeaderEpoch
    }
}

/// Who reads a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// A follower, by its `node.id`: reads to the log's end.
    Follower(i32),
    /// A consumer with `isolation.level=read_uncommitted`: reads to the high watermark.
    Uncommitted,
    /// A consumer with `isolation.level=read_committed`: reads to the last stable offset, which is the high watermark or
    /// the first offset of an open transaction.
    Committed {
        /// Where the first open transaction begins, if one is open.
        first_unstable_offset: Option<i64>,
    },
}

impl Reader {
    fn of(request: &FetchRequest) -> Self {
        match (request.replica_state.replica_id, request.isolation_level) {
            (id, _) if id >= 0 => Self::Follower(id),
            // There are no transactions yet.
            (_, 1) => Self::Committed { first_unstable_offset: None },
            _ => Self::Uncommitted,
        }
    }

    /// Up to where it may read.
    fn end(self, partition: &Partition, log: &Log) -> i64 {
        match self {
            Self::Follower(_) => log.log_end_offset(),
            Self::Uncommitted => partition.high_watermark,
            Self::Committed { first_unstable_offset } => {
                first_unstable_offset.map_or(partition.high_watermark, |first| first.min(partition.high_watermark))
            }
        }
    }
}

/// What a partition has for a reader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Readable {
    /// Records up to this offset (exclusive); none, where that is not above the offset asked for.
    UpTo(i64),
    /// The reader's log parts from this one here.
    PartsAt(EpochEndOffset),
}

/// Whether a reader is served by this replica, after the checks that Kafka makes in this order: the epoch, leadership, and
/// whether a follower is one (`Partition.fetchRecords`, `localLogWithEpochOrThrow`).
pub fn serves(partition: &Partition, reader: Reader, asked_epoch: i32) -> Result<(), ErrorCode> {
    let error = epoch_error(asked_epoch, partition.registration.leader_epoch);
    if !error.is_none() {
        return Err(error);
    }
    let Reader::Follower(id) = reader else { return Ok(()) };
    let leader = partition.leader().ok_or(ErrorCode::NotLeaderOrFollower)?;
    if leader.followers.contains_key(&id) {
        return Ok(());
    }
    Err(if asked_epoch >= 0 { ErrorCode::UnknownLeaderEpoch } else { ErrorCode::NotLeaderOrFollower })
}

/// What a served reader finds at the offset that it asks for.
pub fn readable(
    partition: &Partition,
    log: &Log,
    reader: Reader,
    asked: &FetchPartition,
) -> Result<Readable, ErrorCode> {
    if let Some(parts_at) = divergence(log, asked)? {
        return Ok(Readable::PartsAt(parts_at));
    }
    if asked.fetch_offset < log.log_start_offset() || asked.fetch_offset > log.log_end_offset() {
        return Err(ErrorCode::OffsetOutOfRange);
    }
    Ok(Readable::UpTo(reader.end(partition, log)))
}

/// Whether a fetch is answered at once instead of waiting in purgatory.
pub fn answers_at_once(max_wait_ms: i32, min_bytes: i32, bytes: u64, must_be_told: bool) -> bool {
    max_wait_ms <= 0 || must_be_told || bytes >= u64::try_from(min_bytes).unwrap_or(0)
}

/// What one partition of a fetch came to.
struct ReadResult {
    data: PartitionData,
    bytes: u32,
}

impl Broker {
    /// `Fetch`.
    pub(super) fn fetch(&mut self, cx: &mut Context, asker: Asker, request: FetchRequest) {
        let request = match self.fetch_sessions.complete(request) {
            Ok(request) => Arc::new(request),
            Err(error_code) => {
                cx.fx.change(Change::Refused {
                    node: self.id,
                    api: asker.api,
                    to: asker.from.actor(),
                    error: error_code,
                });
                let response = FetchResponse { error_code, ..FetchResponse::default() };
                return self.reply(cx, &asker, Response::Fetch(response));
            }
        };
        let follower = request.replica_state.replica_id;
        let (results, watched) = self.read_all(cx, &request, true);
        let bytes: u64 = results.iter().map(|result| u64::from(result.bytes)).sum();
        let must_be_told = watched.is_empty() || results.iter().any(|result| needs_an_answer(&result.data));
        let answers_now = answers_at_once(request.max_wait_ms, request.min_bytes, bytes, must_be_told);
        let from = asker.from.actor();
        if answers_now {
            let refused = results.iter().find(|result| !result.data.error_code.is_none());
            if let Some(refused) = refused {
                let error = refused.data.error_code;
                cx.fx.change(Change::Refused { node: self.id, api: asker.api, to: from, error });
                let partition = self.name_of_refused(&request, refused.data.partition_index);
                cx.fx.explain(Explanation::FetchRefused { node: self.id, from, partition, error });
            }
            cx.fx.explain(if follower >= 0 {
                Explanation::FollowerFetchAnswered { node: self.id, follower }
            } else {
                Explanation::ConsumerFetchAnswered { node: self.id, consumer: from }
            });
            self.answer_fetch(cx, &asker, &request, results);
        } else {
            cx.fx.change(Change::Parked { node: self.id, api: asker.api, from });
            cx.fx.explain(if follower >= 0 {
                Explanation::FollowerFetchWaits { node: self.id, follower }
            } else {
                Explanation::ConsumerFetchWaits { node: self.id, consumer: from }
            });
            let expires_at = cx.now + Millis::try_from(request.max_wait_ms).unwrap_or(0);
            self.purgatory.park(cx.fx, expires_at, Operation::Fetch { asker, request, watched });
        }
    }

    /// Reads every partition asked for, in order, until `max_bytes` are gathered. With `counts`, a follower's fetch is
    /// taken as the proof that it is; a fetch that is read again after a wait proves nothing new.
    fn read_all(
        &mut self,
        cx: &mut Context,
        request: &FetchRequest,
        counts: bool,
    ) -> (Vec<ReadResult>, Vec<TopicIdPartition>) {
        let mut left = u32::try_from(request.max_bytes).unwrap_or(0);
        let mut nothing_yet = true;
        let mut results = Vec::new();
        let mut watched = Vec::new();
        for topic in &request.topics {
            let is_known = self.image.topics.contains_key(&topic.topic_id);
            for asked in &topic.partitions {
                let id = TopicIdPartition { topic_id: topic.topic_id, partition: asked.partition };
                if !is_known {
                    // Kafka parks a fetch that names an unknown topic beside a known one.
                    results.push(failed(asked.partition, ErrorCode::UnknownTopicId));
                    continue;
                }
                let result = self.read(cx, request, id, asked, left, nothing_yet);
                if counts && request.replica_state.replica_id >= 0 && result.data.error_code.is_none() {
                    self.note_follower(cx, request, id, asked, &result.data);
                }
                left = left.saturating_sub(result.bytes);
                nothing_yet &= result.data.records.is_empty();
                results.push(result);
                watched.push(id);
            }
        }
        (results, watched)
    }

    fn read(
        &self,
        cx: &Context,
        request: &FetchRequest,
        id: TopicIdPartition,
        asked: &FetchPartition,
        left: u32,
        nothing_yet: bool,
    ) -> ReadResult {
        let (partition, log) = match self.served(cx, request, &id, asked) {
            Ok(found) => found,
            Err(error) => {
                let mut result = failed(asked.partition, error);
                result.data.current_leader = self.known_leader(&id, error);
                return result;
            }
        };
        let mut data = PartitionData {
            partition_index: asked.partition,
            high_watermark: partition.high_watermark,
            last_stable_offset: partition.high_watermark,
            log_start_offset: log.log_start_offset(),
            ..PartitionData::default()
        };
        let end = match readable(partition, log, Reader::of(request), asked) {
            Ok(Readable::UpTo(end)) => end,
            Ok(Readable::PartsAt(diverging)) => {
                data.diverging_epoch = diverging;
                return ReadResult { data, bytes: 0 };
            }
            Err(error) => return failed(asked.partition, error),
        };
        if let Some(replica) = self.preferred_read_replica(request, partition, asked.fetch_offset) {
            data.preferred_read_replica = replica;
            return ReadResult { data, bytes: 0 };
        }
        let max_bytes = left.min(u32::try_from(asked.partition_max_bytes).unwrap_or(0));
        data.records = log.read(asked.fetch_offset, end, max_bytes, nothing_yet);
        let bytes = data.records.iter().map(|batch| batch.size_bytes()).sum();
        ReadResult { data, bytes }
    }

    /// The replica to read from, if the asker is served.
    fn served<'a>(
        &'a self,
        cx: &'a Context,
        request: &FetchRequest,
        id: &TopicIdPartition,
        asked: &FetchPartition,
    ) -> Result<(&'a Partition, &'a Log), ErrorCode> {
        let topic = self.image.topics.get(&id.topic_id).ok_or(ErrorCode::UnknownTopicId)?;
        if !topic.partitions.contains_key(&id.partition) {
            return Err(ErrorCode::UnknownTopicOrPartition);
        }
        let partition = self.partitions.get(id).ok_or(ErrorCode::NotLeaderOrFollower)?;
        let reader = Reader::of(request);
        serves(partition, reader, asked.current_leader_epoch)?;
        if let Reader::Follower(follower) = reader {
            // KIP-903: an older process of the same broker is not heard any more.
            let epoch = request.replica_state.replica_epoch;
            let registered = self.image.brokers.get(&follower).map_or(-1, |broker| broker.broker_epoch);
            if epoch >= 0 && epoch < registered {
                return Err(ErrorCode::NotLeaderOrFollower);
            }
        }
        let log = cx.disk.log(id).ok_or(ErrorCode::KafkaStorageError)?;
        Ok((partition, log))
    }

    /// What a follower's fetch proves: it has everything below the offset it asks for (`Partition.updateFollowerFetchState`).
    fn note_follower(
        &mut self,
        cx: &mut Context,
        request: &FetchRequest,
        id: TopicIdPartition,
        asked: &FetchPartition,
        data: &PartitionData,
    ) {
        // An answer that tells where the logs part proves nothing.
        if data.diverging_epoch.epoch >= 0 {
            return;
        }
        let log_end = cx.disk.log_end(&id);
        let follower_end = batch_start(cx, &id, asked.fetch_offset, log_end);
        let follower_id = request.replica_state.replica_id;
        let Some(partition) = self.partitions.get_mut(&id) else { return };
        let name = partition.name.clone();
        let Some(follower) = partition.leader_mut().and_then(|leader| leader.followers.get_mut(&follower_id)) else {
            return;
        };
        let before = *follower;
        follower.note_fetch(follower_end, asked.log_start_offset, log_end, cx.now);
        let epoch = request.replica_state.replica_epoch;
        follower.broker_epoch = Some(epoch);
        let after = *follower;
        if after.log_end_offset != before.log_end_offset {
            cx.fx.change(Change::FollowerEndKnown {
                leader: self.id,
                follower: follower_id,
                partition: name.clone(),
                from: before.log_end_offset,
                to: after.log_end_offset,
            });
        }
        if after.last_caught_up_ms != before.last_caught_up_ms {
            cx.fx.change(Change::FollowerCaughtUp {
                leader: self.id,
                follower: follower_id,
                partition: name.clone(),
                from_ms: before.last_caught_up_ms,
                to_ms: after.last_caught_up_ms,
            });
        }
        if after.log_start_offset != before.log_start_offset {
            self.touch(id);
        }
        self.consider_joining(cx, id, follower_id);
        let node = self.id;
        let offset = follower_end;
        if after.log_end_offset != before.log_end_offset {
            if self.advance_high_watermark(cx, id) {
                let high_watermark = self.partitions.get(&id).map_or(-1, |partition| partition.high_watermark);
                cx.fx.explain(Explanation::FetchMovedHighWatermark {
                    node,
                    follower: follower_id,
                    partition: name,
                    offset,
                    high_watermark,
                });
            } else {
                cx.fx.explain(Explanation::FetchFromFollower { node, follower: follower_id, partition: name, offset });
            }
        }
    }

    /// The replica nearer to a consumer, if this leader has a selector that names one (KIP-392, `RackAwareReplicaSelector`).
    fn preferred_read_replica(&self, request: &FetchRequest, partition: &Partition, offset: i64) -> Option<i32> {
        let selects = self.settings.replica_selector_class.ends_with("RackAwareReplicaSelector");
        let leader = partition.leader().filter(|_| selects && request.replica_state.replica_id < 0)?;
        let rack_of = |id: &i32| self.image.brokers.get(id).and_then(|broker| broker.rack.as_deref());
        let wanted = Some(request.rack_id.as_str()).filter(|rack| !rack.is_empty())?;
        if rack_of(&self.id) == Some(wanted) {
            return None;
        }
        let near = leader.followers.iter().filter(|(id, follower)| {
            rack_of(id) == Some(wanted)
                && partition.registration.isr.contains(id)
                && self.image.brokers.get(id).is_some_and(|broker| !broker.fenced)
                && follower.log_end_offset >= offset
                && follower.log_start_offset <= offset
        });
        near.max_by_key(|(id, follower)| (follower.log_end_offset, std::cmp::Reverse(**id))).map(|(id, _)| *id)
    }

    fn answer_fetch(&mut self, cx: &mut Context, asker: &Asker, request: &FetchRequest, results: Vec<ReadResult>) {
        for result in &results {
            if result.data.diverging_epoch.epoch >= 0 {
                let partition = self.name_of_refused(request, result.data.partition_index);
                cx.fx.explain_rather(Explanation::LeaderFoundDivergence {
                    node: self.id,
                    follower: request.replica_state.replica_id,
                    partition,
                    leader_epoch: result.data.diverging_epoch.epoch,
                    end_offset: result.data.diverging_epoch.end_offset,
                });
            }
        }
        if request.replica_state.replica_id < 0 {
            self.tell_of_reads(cx, asker, request, results.iter().map(|result| &result.data));
        }
        let node_endpoints = self.endpoints(results.iter().map(|result| &result.data.current_leader));
        let mut results = results.into_iter();
        let responses = request
            .topics
            .iter()
            .map(|topic| FetchableTopicResponse {
                topic_id: topic.topic_id,
                partitions: results.by_ref().take(topic.partitions.len()).map(|result| result.data).collect(),
            })
            .collect();
        let mut response = FetchResponse { responses, node_endpoints, ..FetchResponse::default() };
        self.fetch_sessions.answer(request, &mut response);
        cx.fx.answer(asker, Response::Fetch(response));
    }

    fn name_of_refused(&self, request: &FetchRequest, index: i32) -> TopicPartition {
        let topic = request.topics.iter().find(|topic| topic.partitions.iter().any(|each| each.partition == index));
        let name = topic.and_then(|topic| self.image.topics.get(&topic.topic_id)).map(|topic| topic.name.clone());
        TopicPartition { topic: name.unwrap_or_else(|| "?".into()), partition: index }
    }

    /// A partition moved: answers those of its waiting requests that have what they wait for.
    pub(super) fn check_purgatory(&mut self, cx: &mut Context, id: TopicIdPartition) {
        for number in self.purgatory.watching(&id) {
            let is_done = match self.purgatory.get_mut(number) {
                Some(Operation::Produce { partitions, .. }) => {
                    let mut partitions = std::mem::take(partitions);
                    self.decide_produce(&mut partitions);
                    let is_done = partitions.iter().all(|partition| partition.waits_for.is_none());
                    if let Some(Operation::Produce { partitions: kept, .. }) = self.purgatory.get_mut(number) {
                        *kept = partitions;
                    }
                    is_done
                }
                Some(Operation::Fetch { request, .. }) => {
                    let request = request.clone();
                    self.fetch_has_enough(cx, &request)
                }
                Some(Operation::DeleteRecords { deletions, .. }) => {
                    let mut deletions = std::mem::take(deletions);
                    self.decide_deletions(cx, &mut deletions);
                    let is_done = deletions.iter().all(|deletion| deletion.waits_for.is_none());
                    if let Some(Operation::DeleteRecords { deletions: kept, .. }) = self.purgatory.get_mut(number) {
                        *kept = deletions;
                    }
                    is_done
                }
                None => false,
            };
            if is_done {
                self.complete(cx, number, false);
            }
        }
    }

    /// `DelayedFetch.tryComplete`: enough bytes, an error, another epoch, a parted log, or data in an older segment.
    fn fetch_has_enough(&self, cx: &Context, request: &FetchRequest) -> bool {
        let min_bytes = u32::try_from(request.min_bytes).unwrap_or(0);
        let mut bytes: u32 = 0;
        for topic in &request.topics {
            if !self.image.topics.contains_key(&topic.topic_id) {
                continue;
            }
            for asked in &topic.partitions {
                let id = TopicIdPartition { topic_id: topic.topic_id, partition: asked.partition };
                let Ok((partition, log)) = self.served(cx, request, &id, asked) else { return true };
                if !matches!(divergence(log, asked), Ok(None)) {
                    return true;
                }
                let end = Reader::of(request).end(partition, log);
                if end < asked.fetch_offset && log.log_end_offset() < asked.fetch_offset {
                    return true;
                }
                let at_most = u32::try_from(asked.partition_max_bytes).unwrap_or(0);
                bytes = bytes.saturating_add(log.size_between(asked.fetch_offset, end, at_most).min(at_most));
                if bytes >= min_bytes && bytes > 0 {
                    return true;
                }
            }
        }
        bytes >= min_bytes
    }

    /// A request in purgatory has waited as long as it may.
    pub(super) fn waited_enough(&mut self, cx: &mut Context, number: u64) {
        self.complete(cx, number, true);
    }

    fn complete(&mut self, cx: &mut Context, number: u64, timed_out: bool) {
        match self.purgatory.take(cx.fx, number) {
            Some(Operation::Fetch { asker, request, .. }) => {
                cx.fx.change(Change::Unparked { node: self.id, api: asker.api, to: asker.from.actor(), timed_out });
                if timed_out {
                    cx.fx.explain(Explanation::FetchWaitedEnough { node: self.id, to: asker.from.actor() });
                }
                let (results, _) = self.read_all(cx, &request, false);
                self.answer_fetch(cx, &asker, &request, results);
            }
            Some(Operation::Produce { origin, mut partitions }) => {
                for partition in partitions.iter_mut().filter(|partition| partition.waits_for.is_some()) {
                    partition.waits_for = None;
                    partition.response.error_code = ErrorCode::RequestTimedOut;
                }
                if let super::purgatory::ProduceOrigin::Client(asker) = &origin {
                    cx.fx.change(Change::Unparked { node: self.id, api: asker.api, to: asker.from.actor(), timed_out });
                    if timed_out {
                        cx.fx.explain(Explanation::ProduceTimedOut { node: self.id, to: asker.from.actor() });
                    }
                }
                self.answer_produce(cx, &origin, partitions);
            }
            Some(Operation::DeleteRecords { asker, deletions }) => {
                cx.fx.change(Change::Unparked { node: self.id, api: asker.api, to: asker.from.actor(), timed_out });
                self.answer_delete_records(cx, &asker, deletions);
            }
            None => {}
        }
    }

    /// How a party is named that a waiting request belongs to.
    pub fn waiting_for(operation: &Operation) -> Option<Actor> {
        match operation {
            Operation::Fetch { asker, .. }
            | Operation::DeleteRecords { asker, .. }
            | Operation::Produce { origin: super::purgatory::ProduceOrigin::Client(asker), .. } => {
                Some(asker.from.actor())
            }
            Operation::Produce { .. } => None,
        }
    }
}

/// Where the batch begins that a fetch reads first: of a follower that asks from inside a batch, the leader takes this as
/// its end, because a half batch is none.
fn batch_start(cx: &Context, id: &TopicIdPartition, offset: i64, log_end: i64) -> i64 {
    if offset >= log_end {
        return offset;
    }
    let batches = cx.disk.log(id).map(|log| log.read(offset, log_end, 1, true)).unwrap_or_default();
    batches.first().map_or(offset, |batch| batch.base_offset.min(offset))
}

fn failed(partition_index: i32, error_code: ErrorCode) -> ReadResult {
    ReadResult { data: PartitionData { partition_index, error_code, ..PartitionData::default() }, bytes: 0 }
}

/// Whether the answer must not wait: an error, a place where logs part, a nearer replica. An unknown topic alone may wait.
fn needs_an_answer(data: &PartitionData) -> bool {
    (!data.error_code.is_none() && data.error_code != ErrorCode::UnknownTopicId)
        || data.diverging_epoch.epoch >= 0
        || data.preferred_read_replica >= 0
}

/// Where the asker's log parts from this one, if it says which epoch its last record has (KIP-595).
pub fn divergence(log: &Log, asked: &FetchPartition) -> Result<Option<EpochEndOffset>, ErrorCode> {
    if asked.last_fetched_epoch < 0 {
        return Ok(None);
    }
    let (epoch, end_offset) = log.epochs().end_offset_for(asked.last_fetched_epoch, log.log_end_offset());
    if epoch < 0 || end_offset < 0 || asked.fetch_offset < log.log_start_offset() {
        return Err(ErrorCode::OffsetOutOfRange);
    }
    let parts = epoch < asked.last_fetched_epoch || end_offset < asked.fetch_offset;
    Ok(parts.then_some(EpochEndOffset { epoch, end_offset }))
}
