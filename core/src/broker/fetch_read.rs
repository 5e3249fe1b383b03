//! What a fetch reads of this broker's replicas, and what a follower's fetch proves (`ReplicaManager.readFromLog`,
//! `Partition.fetchRecords`).

use super::fetch_session::{FetchContext, FetchTarget, RefusedTopics};
use super::partition::{Partition, PartitionRole};
use super::{Broker, Context};
use crate::change::Change;
use crate::explain::Explanation;
use crate::log::{AbortedTxn, Log};
use crate::metadata::MetadataImage;
use crate::metadata::image::TopicImage;
use crate::wire::ids::TopicIdPartition;
use crate::wire::replication::{
    AbortedTransaction, EpochEndOffset, FetchPartition, FetchRequest, PartitionData, READ_COMMITTED,
};
use crate::wire::{ErrorCode, Topic, Uuid};

/// From this version on consumers may read from followers (KIP-392).
const FIRST_VERSION_FROM_FOLLOWERS: i16 = 11;

/// The replica id of a log that is being moved to another directory of its broker.
const FUTURE_LOCAL_REPLICA_ID: i32 = -3;

/// The leader epoch that a requester believes in, against the one that this broker knows. Checked before leadership.
pub fn epoch_error(asked: i32, known: i32) -> ErrorCode {
    if asked == -1 || asked == known {
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
    /// Who calls itself a broker's own future replica: reads to the log's end, from whatever replica it asks
    /// (`FetchRequest.FUTURE_LOCAL_REPLICA_ID`).
    FutureReplica,
    /// A consumer with `isolation.level=read_uncommitted`: reads to the high watermark.
    Uncommitted,
    /// A consumer with `isolation.level=read_committed`: reads to the last stable offset, which is the high watermark or
    /// the first offset of an open transaction.
    Committed,
}

impl Reader {
    pub(super) fn of(request: &FetchRequest, version: i16) -> Self {
        match (request.replica(version), request.isolation_level) {
            (id, _) if id >= 0 => Self::Follower(id),
            (FUTURE_LOCAL_REPLICA_ID, _) => Self::FutureReplica,
            (_, READ_COMMITTED) => Self::Committed,
            _ => Self::Uncommitted,
        }
    }

    /// Up to where it may read.
    pub(super) fn end(self, partition: &Partition, log: &Log) -> i64 {
        match self {
            Self::Follower(_) | Self::FutureReplica => log.log_end_offset(),
            Self::Uncommitted => partition.high_watermark,
            Self::Committed => log.last_stable_offset(partition.high_watermark),
        }
    }
}

/// What a partition has for a reader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Readable {
    /// Records up to this offset (exclusive); none, where that is not above the offset asked for.
    UpTo(i64),
    /// The reader's log parts from this one here.
    Diverging(EpochEndOffset),
}

/// Whether a reader is served by this replica, after the checks that Kafka makes in this order: the epoch, leadership, and
/// whether a follower is one (`Partition.fetchRecords`, `localLogWithEpochOrThrow`). Followers, and consumers of versions
/// that know no other replicas to read from, are served by the leader alone.
pub fn serves(partition: &Partition, reader: Reader, only_leader: bool, asked_epoch: i32) -> Result<(), ErrorCode> {
    let error = epoch_error(asked_epoch, partition.registration.leader_epoch);
    if !error.is_none() {
        return Err(error);
    }
    let Reader::Follower(id) = reader else {
        return if only_leader && !partition.is_leader() { Err(ErrorCode::NotLeaderOrFollower) } else { Ok(()) };
    };
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
    if let Some(diverging) = divergence(log, asked)? {
        return Ok(Readable::Diverging(diverging));
    }
    if asked.fetch_offset < log.log_start_offset() || asked.fetch_offset > log.log_end_offset() {
        return Err(ErrorCode::OffsetOutOfRange);
    }
    Ok(Readable::UpTo(reader.end(partition, log)))
}

/// What is read for one fetch.
#[derive(Clone, Copy)]
pub(super) struct FetchParams<'a> {
    pub(super) request: &'a FetchRequest,
    version: i16,
    pub(super) reader: Reader,
}

impl<'a> FetchParams<'a> {
    pub(super) fn of(request: &'a FetchRequest, version: i16) -> Self {
        Self { request, version, reader: Reader::of(request, version) }
    }

    fn max_bytes(&self) -> i32 {
        self.request.max_bytes
    }

    /// `fetch.max.bytes` bounds what a fetch may wait for, too.
    pub(super) fn min_bytes(&self) -> i32 {
        self.request.min_bytes.min(self.max_bytes())
    }

    /// Whether the leader alone serves (`FetchParams.fetchOnlyLeader`).
    fn only_leader(&self) -> bool {
        self.version < FIRST_VERSION_FROM_FOLLOWERS && self.reader != Reader::FutureReplica
    }
}

/// Finds the partitions of a fetch in a broker's image. Neighbours are mostly of one topic, which is then looked up once.
pub(super) struct TopicLookup<'a> {
    image: &'a MetadataImage,
    refused: &'a RefusedTopics,
    last: Option<(Uuid, &'a TopicImage)>,
}

impl<'a> TopicLookup<'a> {
    pub(super) fn of(image: &'a MetadataImage, refused: &'a RefusedTopics) -> Self {
        Self { image, refused, last: None }
    }

    /// The partition that a fetch means, as far as the metadata knows it. A session keeps the name of a topic whose id has
    /// gone since: of another topic of that name it learns when the log is looked at.
    pub(super) fn resolve(&mut self, target: &FetchTarget) -> Result<TopicIdPartition, ErrorCode> {
        if self.refused.contains(target.topic.as_ref()) {
            return Err(ErrorCode::TopicAuthorizationFailed);
        }
        let name = target.topic.as_ref().ok_or(ErrorCode::UnknownTopicId)?;
        let (topic_id, topic) = self.topic(name, target.topic_id).ok_or(ErrorCode::UnknownTopicOrPartition)?;
        let partition = target.asked.partition;
        if topic.partitions.numbered(partition).is_some() {
            Ok(TopicIdPartition { topic_id, partition })
        } else {
            Err(ErrorCode::UnknownTopicOrPartition)
        }
    }

    /// The topic of this name. It mostly is the one of the id that the fetch gives, which is found faster.
    fn topic(&mut self, name: &Topic, given_id: Uuid) -> Option<(Uuid, &'a TopicImage)> {
        if let Some((topic_id, topic)) = self.last.filter(|(_, topic)| topic.name == *name) {
            return Some((topic_id, topic));
        }
        let image = self.image;
        let topic_of = |id: Uuid| image.topics.get(&id).map(|topic| (id, topic.as_ref()));
        let by_id = topic_of(given_id).filter(|(_, topic)| topic.name == *name);
        self.last = by_id.or_else(|| topic_of(*image.topic_ids.get(name)?));
        self.last
    }
}

/// What a fetch came to.
pub(super) struct ReadResults<'a> {
    /// The partitions that the metadata has, in order.
    pub(super) read: Vec<ReadResult<'a>>,
    /// The others, with their places in the fetch.
    pub(super) refused: Vec<(usize, &'a FetchTarget, ErrorCode)>,
}

/// Which time a fetch is read.
#[derive(Clone, Copy)]
pub(super) enum Reading<'r> {
    /// It has just come. A follower's is taken as the proof that it is there.
    Arrived,
    /// It has waited, and proves nothing new (`DelayedFetch.onComplete`). What was refused when it came is not read; what has gone
    /// since is refused where it stands.
    Waited { refused: &'r [usize] },
}

/// What one partition of a fetch came to.
pub(super) struct ReadResult<'a> {
    pub(super) target: &'a FetchTarget,
    /// The partition, where the metadata has one.
    pub(super) id: Option<TopicIdPartition>,
    pub(super) data: PartitionData,
    /// The bytes that Kafka would send of it, a piece of a batch at the end included (`Records.sizeInBytes`).
    pub(super) bytes: u32,
}

impl Broker {
    pub(super) fn resolve(&self, refused: &RefusedTopics, target: &FetchTarget) -> Result<TopicIdPartition, ErrorCode> {
        TopicLookup::of(&self.image, refused).resolve(target)
    }

    /// Reads every known partition asked for, in order, until `max_bytes` are gathered (`ReplicaManager.readFromLog`).
    pub(super) fn read_all<'a>(
        &mut self,
        cx: &mut Context,
        params: &FetchParams,
        context: &'a FetchContext,
        reading: Reading,
    ) -> ReadResults<'a> {
        let mut left = params.max_bytes();
        let mut nothing_yet = true;
        let mut results = ReadResults { read: Vec::with_capacity(context.targets.len()), refused: Vec::new() };
        let image = self.image.clone();
        let mut topics = TopicLookup::of(&image, &context.refused);
        let follower = match (params.reader, reading) {
            (Reader::Follower(follower), Reading::Arrived) => Some(follower),
            (Reader::Follower(_), Reading::Waited { .. })
            | (Reader::FutureReplica | Reader::Uncommitted | Reader::Committed, _) => None,
        };
        let is_stale = follower.is_some_and(|id| self.is_stale_process(id, params.request.replica_state.replica_epoch));
        for (place, target) in context.targets.iter().enumerate() {
            let id = match (topics.resolve(target), reading) {
                (Ok(id), _) => id,
                (Err(error), Reading::Waited { refused }) if !refused.contains(&place) => {
                    let data = failed(target.asked.partition, error);
                    results.read.push(ReadResult { target, id: None, data, bytes: 0 });
                    continue;
                }
                (Err(error), Reading::Arrived | Reading::Waited { .. }) => {
                    results.refused.push((place, target, error));
                    continue;
                }
            };
            let (mut data, mut bytes) = self.read(cx, params, id, target, left, nothing_yet);
            // An answer that tells where the logs part proves nothing.
            let proves = data.error_code.is_none() && data.diverging_epoch.epoch < 0;
            if let Some(follower) = follower
                && proves
            {
                if is_stale {
                    (data, bytes) = (failed(target.asked.partition, ErrorCode::NotLeaderOrFollower), 0);
                } else {
                    self.update_follower_fetch_state(cx, params.request, follower, id, &target.asked);
                    // What waits for this partition is looked at before the next one is read
                    // (`Partition.tryCompleteDelayedRequests`).
                    self.complete_touched(cx);
                }
            }
            left = left.saturating_sub(i32::try_from(bytes).unwrap_or(i32::MAX)).max(0);
            nothing_yet &= data.records.is_empty();
            results.read.push(ReadResult { target, id: Some(id), data, bytes });
        }
        results
    }

    fn read(
        &self,
        cx: &Context,
        params: &FetchParams,
        id: TopicIdPartition,
        target: &FetchTarget,
        left: i32,
        nothing_yet: bool,
    ) -> (PartitionData, u32) {
        let nothing = 0;
        let asked = &target.asked;
        let (partition, log) = match self.served(cx, params, &id, target) {
            Ok(found) => found,
            Err(error) => return (failed(asked.partition, error), nothing),
        };
        let mut data = PartitionData {
            partition_index: asked.partition,
            high_watermark: partition.high_watermark,
            last_stable_offset: log.last_stable_offset(partition.high_watermark),
            log_start_offset: log.log_start_offset(),
            ..PartitionData::default()
        };
        // Who is sent to another replica is told so whatever is wrong with what it asks for: nothing is read
        // (`ReplicaManager.readFromLog`).
        if let Some(replica) = self.preferred_read_replica(params, partition, asked.fetch_offset) {
            data.preferred_read_replica = replica;
            return (data, nothing);
        }
        let end = match readable(partition, log, params.reader, asked) {
            Ok(Readable::UpTo(end)) => end,
            Ok(Readable::Diverging(diverging)) => {
                data.diverging_epoch = diverging;
                return (data, nothing);
            }
            Err(error) => return (failed(asked.partition, error), nothing),
        };
        let max_bytes = left.min(asked.partition_max_bytes);
        if asked.fetch_offset >= end {
            return (data, nothing);
        }
        // The log cannot read less than nothing: an exception in Kafka.
        let Ok(max_bytes) = u32::try_from(max_bytes) else {
            return (failed(asked.partition, ErrorCode::UnknownServerError), nothing);
        };
        let (records, bytes) = log.read_sized(asked.fetch_offset, end, max_bytes, nothing_yet);
        // With a slice that is given up for nothing go its aborted transactions (`ReplicaManager.checkFetchDataInfo`).
        if params.reader == Reader::Committed && (bytes > 0 || max_bytes == 0) {
            let aborted = log.aborted_transactions(asked.fetch_offset, bytes).into_iter();
            let named =
                |txn: AbortedTxn| AbortedTransaction { producer_id: txn.producer_id, first_offset: txn.first_offset };
            data.aborted_transactions = aborted.map(named).collect();
        }
        data.records = records;
        (data, bytes)
    }

    /// The replica to read from, if the requester is served.
    pub(super) fn served<'a>(
        &'a self,
        cx: &'a Context,
        params: &FetchParams,
        id: &TopicIdPartition,
        target: &FetchTarget,
    ) -> Result<(&'a Partition, &'a Log), ErrorCode> {
        let place = self.partitions.position(id).ok_or(ErrorCode::NotLeaderOrFollower)?;
        let partition = self.partitions.at(place);
        if target.topic_id != Uuid::ZERO && target.topic_id != id.topic_id {
            return Err(ErrorCode::InconsistentTopicId);
        }
        // Any epoch below 0 says nothing of it (`FetchRequest.optionalEpoch`).
        serves(partition, params.reader, params.only_leader(), target.asked.current_leader_epoch.max(-1))?;
        let log = cx.disk.log_near(place, id).ok_or(ErrorCode::KafkaStorageError)?;
        Ok((partition, log))
    }

    /// Whether a fetch is one of an older process of a broker (KIP-903). That is asked after the log was read, and only of a
    /// broker that is not fenced (`Replica.updateFetchStateOrThrow`).
    fn is_stale_process(&self, follower: i32, epoch: i64) -> bool {
        let alive = self.image.brokers.get(&follower).filter(|broker| !broker.fenced);
        epoch != -1 && alive.is_some_and(|broker| epoch < broker.broker_epoch)
    }

    /// What a follower's fetch proves: it has everything below the offset it asks for (`Partition.updateFollowerFetchState`).
    fn update_follower_fetch_state(
        &mut self,
        cx: &mut Context,
        request: &FetchRequest,
        follower_id: i32,
        id: TopicIdPartition,
        asked: &FetchPartition,
    ) {
        let log = cx.disk.log(&id);
        let log_end = log.map_or(0, Log::log_end_offset);
        let follower_end = log.map_or(asked.fetch_offset, |log| batch_start(log, asked.fetch_offset));
        let Some(partition) = self.partitions.get_mut(&id) else { return };
        let name = &partition.name;
        let PartitionRole::Leader(leader) = &mut partition.role else { return };
        let Some(follower) = leader.followers.get_mut(&follower_id) else { return };
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
        let joins = partition.isr_with(follower_id, &self.image);
        let name = (after.log_end_offset != before.log_end_offset).then(|| partition.name.clone());
        if after.log_start_offset != before.log_start_offset {
            self.touch(id);
        }
        if let Some(isr) = joins {
            self.expand_isr(cx, id, isr);
        }
        let node = self.id;
        let offset = follower_end;
        if let Some(name) = name {
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
    fn preferred_read_replica(&self, params: &FetchParams, partition: &Partition, offset: i64) -> Option<i32> {
        let request = params.request;
        let selects =
            self.settings.replica_selector_class.ends_with("RackAwareReplicaSelector") && !params.only_leader();
        let is_consumer = matches!(params.reader, Reader::Uncommitted | Reader::Committed);
        let leader = partition.leader().filter(|_| selects && is_consumer)?;
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
        // Of those that have as much, the one that was caught up last (`ReplicaView.comparator`).
        near.max_by_key(|(id, follower)| (follower.log_end_offset, follower.last_caught_up_ms, **id)).map(|(id, _)| *id)
    }
}

/// Where the batch begins that a fetch reads first: of a follower that asks from inside a batch, the leader takes this as
/// its end, because a half batch is none.
fn batch_start(log: &Log, offset: i64) -> i64 {
    if offset >= log.log_end_offset() {
        return offset;
    }
    let batches = log.read(offset, log.log_end_offset(), 1, true);
    batches.first().map_or(offset, |batch| batch.base_offset.min(offset))
}

pub(super) fn failed(partition_index: i32, error_code: ErrorCode) -> PartitionData {
    PartitionData { partition_index, error_code, ..PartitionData::default() }
}

/// Where the epoch ends here that the requester's last record has, if it says which (KIP-595).
fn last_fetched_epoch_end(log: &Log, asked: &FetchPartition) -> Option<EpochEndOffset> {
    if asked.last_fetched_epoch < 0 {
        return None;
    }
    let (epoch, end_offset) = log.epochs().end_offset_for(asked.last_fetched_epoch, log.log_end_offset());
    Some(EpochEndOffset { epoch, end_offset })
}

fn is_undefined(end: &EpochEndOffset) -> bool {
    end.epoch < 0 || end.end_offset < 0
}

fn is_diverging(end: &EpochEndOffset, asked: &FetchPartition) -> bool {
    end.epoch < asked.last_fetched_epoch || end.end_offset < asked.fetch_offset
}

/// Where the requester's log parts from this one, if it says which epoch its last record has.
fn divergence(log: &Log, asked: &FetchPartition) -> Result<Option<EpochEndOffset>, ErrorCode> {
    let Some(end) = last_fetched_epoch_end(log, asked) else { return Ok(None) };
    if is_undefined(&end) || asked.fetch_offset < log.log_start_offset() {
        return Err(ErrorCode::OffsetOutOfRange);
    }
    Ok(is_diverging(&end, asked).then_some(end))
}

/// Whether a fetch that waits has to be told where the logs part. Unlike a read this does not ask where the log starts: one below
/// that waits for what it was to wait for.
pub(super) fn has_diverged(log: &Log, asked: &FetchPartition) -> bool {
    last_fetched_epoch_end(log, asked).is_some_and(|end| is_undefined(&end) || is_diverging(&end, asked))
}
