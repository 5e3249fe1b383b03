//! Fetch, for consumers and followers alike: reading, what a follower's fetch proves, and the wait for data
//! (`KafkaApis.handleFetchRequest`, `ReplicaManager.fetchMessages`, `Partition.fetchRecords`, `DelayedFetch`).

use std::collections::BTreeSet;
use std::sync::Arc;

use super::fetch_session::{FetchContext, FetchTarget, SessionAnswer};
use super::partition::Partition;
use super::purgatory::Operation;
use super::{Broker, Context};
use crate::actor::Actor;
use crate::change::Change;
use crate::effects::RequestContext;
use crate::explain::Explanation;
use crate::log::Log;
use crate::metadata::MetadataImage;
use crate::metadata::image::TopicImage;
use crate::sim::Millis;
use crate::wire::ids::TopicIdPartition;
use crate::wire::replication::{
    EpochEndOffset, FetchPartition, FetchRequest, FetchResponse, FetchableTopicResponse, PartitionData,
};
use crate::wire::{ErrorCode, Response, Topic, TopicPartition, Uuid};

/// The broker's `fetch.max.bytes`.
const FETCH_MAX_BYTES: i32 = 55 * 1024 * 1024;
/// From this version on consumers may read from followers (KIP-392).
const FIRST_VERSION_FROM_FOLLOWERS: i16 = 11;
/// From this version on a fetch names topics by id, and its asker reads an error of the whole.
const FIRST_VERSION_WITH_TOPIC_IDS: i16 = 13;
/// From this version on an answer names the leader that the asker should have asked (KIP-951).
const FIRST_VERSION_WITH_LEADERS: i16 = 16;

/// The leader epoch that an asker believes in, against the one that this broker knows. Checked before leadership.
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
    fn of(request: &FetchRequest, version: i16) -> Self {
        match (request.replica(version), request.isolation_level) {
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

/// Whether a fetch is answered at once instead of waiting in purgatory.
pub fn answers_at_once(max_wait_ms: i32, min_bytes: i32, bytes: u64, completes_at_once: bool) -> bool {
    max_wait_ms <= 0 || completes_at_once || bytes >= u64::try_from(min_bytes).unwrap_or(0)
}

/// What is read for one fetch.
#[derive(Clone, Copy)]
struct FetchParams<'a> {
    request: &'a FetchRequest,
    version: i16,
    reader: Reader,
}

impl<'a> FetchParams<'a> {
    fn of(request: &'a FetchRequest, version: i16) -> Self {
        Self { request, version, reader: Reader::of(request, version) }
    }

    fn max_bytes(&self) -> i32 {
        self.request.max_bytes.min(FETCH_MAX_BYTES)
    }

    /// `fetch.max.bytes` bounds what a fetch may wait for, too.
    fn min_bytes(&self) -> i32 {
        self.request.min_bytes.min(self.max_bytes())
    }

    fn only_leader(&self) -> bool {
        self.version < FIRST_VERSION_FROM_FOLLOWERS
    }
}

/// Finds the partitions of a fetch in a broker's image. Neighbours are mostly of one topic, which is then looked up once.
struct TopicLookup<'a> {
    image: &'a MetadataImage,
    last: Option<(Topic, Uuid, &'a TopicImage)>,
}

impl<'a> TopicLookup<'a> {
    fn of(image: &'a MetadataImage) -> Self {
        Self { image, last: None }
    }

    /// The partition that a fetch means, as far as the metadata knows it. A session keeps the name of a topic whose id has
    /// gone since: of another topic of that name it learns when the log is looked at.
    fn resolve(&mut self, target: &FetchTarget) -> Result<TopicIdPartition, ErrorCode> {
        let name = target.topic.as_ref().ok_or(ErrorCode::UnknownTopicId)?;
        let (topic_id, topic) = self.topic(name).ok_or(ErrorCode::UnknownTopicOrPartition)?;
        let partition = target.asked.partition;
        if topic.partitions.contains_key(&partition) {
            Ok(TopicIdPartition { topic_id, partition })
        } else {
            Err(ErrorCode::UnknownTopicOrPartition)
        }
    }

    fn topic(&mut self, name: &Topic) -> Option<(Uuid, &'a TopicImage)> {
        match &self.last {
            Some((last, topic_id, topic)) if last == name => Some((*topic_id, topic)),
            _ => {
                let topic_id = *self.image.topic_ids.get(name)?;
                let topic = self.image.topics.get(&topic_id)?;
                self.last = Some((name.clone(), topic_id, topic));
                Some((topic_id, topic))
            }
        }
    }
}

/// What one partition of a fetch came to.
struct ReadResult {
    target: FetchTarget,
    data: PartitionData,
    bytes: u32,
}

impl Broker {
    /// `Fetch`.
    pub(super) fn fetch(&mut self, cx: &mut Context, request_context: RequestContext, request: FetchRequest) {
        let image = &self.image;
        let name_of = |id: &Uuid| image.topics.get(id).map(|topic| topic.name.clone());
        let context = match self.fetch_sessions.new_context(request_context.version, &request, name_of, cx.now) {
            Ok(context) => Arc::new(context),
            Err(error_code) => {
                cx.fx.change(Change::Refused {
                    node: self.id,
                    api: request_context.api,
                    to: request_context.from.actor(),
                    error: error_code,
                });
                let response = FetchResponse { error_code, ..FetchResponse::default() };
                return self.reply(cx, &request_context, Response::Fetch(response));
            }
        };
        let request = if context.is_incremental() {
            FetchRequest { topics: context.topics(), forgotten_topics_data: Vec::new(), ..request }
        } else {
            request
        };
        if !matches!(request.isolation_level, 0 | 1)
            && context.targets.iter().any(|target| self.resolve(target).is_ok())
        {
            return self.refuse_fetch(cx, &request_context, &request);
        }
        let request = Arc::new(request);
        let params = FetchParams::of(&request, request_context.version);
        let results = self.read_all(cx, &params, &context, true);
        let bytes: u64 = results.iter().map(|result| u64::from(result.bytes)).sum();
        let completes_at_once = results.is_empty() || results.iter().any(|result| needs_an_answer(&result.data));
        let watched: Vec<TopicIdPartition> =
            results.iter().filter_map(|result| self.resolve(&result.target).ok()).collect();
        let answers_now = answers_at_once(request.max_wait_ms, params.min_bytes(), bytes, completes_at_once)
            || self.fetch_has_enough(cx, &params, &context);
        let from = request_context.from.actor();
        let follower = request.replica(request_context.version);
        if answers_now {
            self.answer_fetch(cx, &request_context, &request, &context, results);
            cx.fx.explain(if follower >= 0 {
                Explanation::FollowerFetchAnswered { node: self.id, follower }
            } else {
                Explanation::ConsumerFetchAnswered { node: self.id, consumer: from }
            });
        } else {
            cx.fx.change(Change::DelayedOperationWatched { node: self.id, api: request_context.api, from });
            cx.fx.explain(if follower >= 0 {
                Explanation::FollowerFetchWaits { node: self.id, follower }
            } else {
                Explanation::ConsumerFetchWaits { node: self.id, consumer: from }
            });
            let expires_at = cx.now.saturating_add(Millis::try_from(request.max_wait_ms).unwrap_or(0));
            self.purgatory.watch(cx.fx, expires_at, Operation::Fetch { request_context, request, context, watched });
        }
    }

    /// An isolation level that there is not makes the handler throw (`IsolationLevel.forId`). Up to version 12 each partition
    /// is answered with the error of the whole, too (`FetchRequest.getErrorResponse`).
    fn refuse_fetch(&self, cx: &mut Context, request_context: &RequestContext, request: &FetchRequest) {
        let error_code = ErrorCode::UnknownServerError;
        let told = request.topics.iter().filter(|_| request_context.version < FIRST_VERSION_WITH_TOPIC_IDS);
        let responses = told.map(|topic| FetchableTopicResponse {
            topic: topic.topic.clone(),
            partitions: topic.partitions.iter().map(|asked| failed(asked.partition, error_code)).collect(),
            ..FetchableTopicResponse::default()
        });
        let response = FetchResponse {
            error_code,
            session_id: request.session_id,
            responses: responses.collect(),
            ..FetchResponse::default()
        };
        self.reply(cx, request_context, Response::Fetch(response));
    }

    fn resolve(&self, target: &FetchTarget) -> Result<TopicIdPartition, ErrorCode> {
        TopicLookup::of(&self.image).resolve(target)
    }

    /// Reads every known partition asked for, in order, until `max_bytes` are gathered (`ReplicaManager.readFromLog`).
    /// With `counts`, a follower's fetch is taken as the proof that it is; a fetch that is read again after a wait proves
    /// nothing new.
    fn read_all(
        &mut self,
        cx: &mut Context,
        params: &FetchParams,
        context: &FetchContext,
        counts: bool,
    ) -> Vec<ReadResult> {
        let mut left = params.max_bytes();
        let mut nothing_yet = true;
        let mut results = Vec::with_capacity(context.targets.len());
        let image = self.image.clone();
        let mut topics = TopicLookup::of(&image);
        for target in &context.targets {
            let Ok(id) = topics.resolve(target) else { continue };
            let (mut data, mut bytes) = self.read(cx, params, id, target, left, nothing_yet);
            // An answer that tells where the logs part proves nothing.
            let proves = data.error_code.is_none() && data.diverging_epoch.epoch < 0;
            if let Reader::Follower(follower) = params.reader
                && counts
                && proves
            {
                if self.is_stale_process(follower, params.request.replica_state.replica_epoch) {
                    (data, bytes) = (failed(target.asked.partition, ErrorCode::NotLeaderOrFollower), 0);
                } else {
                    self.update_follower_fetch_state(cx, params.request, follower, id, &target.asked);
                }
            }
            left = left.saturating_sub(i32::try_from(bytes).unwrap_or(i32::MAX)).max(0);
            nothing_yet &= data.records.is_empty();
            results.push(ReadResult { target: target.clone(), data, bytes });
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
        let asked = &target.asked;
        let (partition, log) = match self.served(cx, params, &id, target) {
            Ok(found) => found,
            Err(error) => return (failed(asked.partition, error), 0),
        };
        let mut data = PartitionData {
            partition_index: asked.partition,
            high_watermark: partition.high_watermark,
            last_stable_offset: partition.high_watermark,
            log_start_offset: log.log_start_offset(),
            ..PartitionData::default()
        };
        let end = match readable(partition, log, params.reader, asked) {
            Ok(Readable::UpTo(end)) => end,
            Ok(Readable::Diverging(diverging)) => {
                data.diverging_epoch = diverging;
                return (data, 0);
            }
            Err(error) => return (failed(asked.partition, error), 0),
        };
        if let Some(replica) = self.preferred_read_replica(params, partition, asked.fetch_offset) {
            data.preferred_read_replica = replica;
            return (data, 0);
        }
        let max_bytes = left.min(asked.partition_max_bytes);
        if asked.fetch_offset >= end {
            return (data, 0);
        }
        // The log cannot read less than nothing: an exception in Kafka.
        let Ok(max_bytes) = u32::try_from(max_bytes) else {
            return (failed(asked.partition, ErrorCode::UnknownServerError), 0);
        };
        data.records = log.read(asked.fetch_offset, end, max_bytes, nothing_yet);
        let bytes = data.records.iter().map(|batch| batch.size_bytes()).sum();
        (data, bytes)
    }

    /// The replica to read from, if the asker is served.
    fn served<'a>(
        &'a self,
        cx: &'a Context,
        params: &FetchParams,
        id: &TopicIdPartition,
        target: &FetchTarget,
    ) -> Result<(&'a Partition, &'a Log), ErrorCode> {
        let partition = self.partitions.get(id).ok_or(ErrorCode::NotLeaderOrFollower)?;
        if target.topic_id != Uuid::ZERO && target.topic_id != id.topic_id {
            return Err(ErrorCode::InconsistentTopicId);
        }
        // Any epoch below 0 says nothing of it (`FetchRequest.optionalEpoch`).
        serves(partition, params.reader, params.only_leader(), target.asked.current_leader_epoch.max(-1))?;
        let log = cx.disk.log(id).ok_or(ErrorCode::KafkaStorageError)?;
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
        let log_end = cx.disk.log_end(&id);
        let follower_end = batch_start(cx, &id, asked.fetch_offset, log_end);
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
        self.maybe_expand_isr(cx, id, follower_id);
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
    fn preferred_read_replica(&self, params: &FetchParams, partition: &Partition, offset: i64) -> Option<i32> {
        let request = params.request;
        let selects =
            self.settings.replica_selector_class.ends_with("RackAwareReplicaSelector") && !params.only_leader();
        let is_consumer = !matches!(params.reader, Reader::Follower(_));
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
        near.max_by_key(|(id, follower)| (follower.log_end_offset, std::cmp::Reverse(**id))).map(|(id, _)| *id)
    }

    /// Answers a fetch: what was read first, then topic ids that nobody knows, then partitions that there are none of.
    fn answer_fetch(
        &mut self,
        cx: &mut Context,
        request_context: &RequestContext,
        request: &FetchRequest,
        context: &FetchContext,
        mut results: Vec<ReadResult>,
    ) {
        let follower = request.replica(request_context.version);
        let mut unknown = Vec::new();
        for target in &context.targets {
            if let Err(error) = self.resolve(target) {
                unknown.push((target, error));
            }
        }
        if follower < 0 {
            // Kafka looks at all ids of a consumer's fetch before it looks at any partition.
            unknown.sort_by_key(|(_, error)| *error != ErrorCode::UnknownTopicId);
        }
        for (target, error) in unknown {
            let data = failed(target.asked.partition, error);
            results.push(ReadResult { target: target.clone(), data, bytes: 0 });
        }
        self.explain_fetch(cx, request_context, follower, &results);
        if follower < 0 {
            self.tell_of_reads(cx, request_context, results.iter().map(|result| (&result.target, &result.data)));
        }
        let mut leaders = Vec::new();
        if request_context.version >= FIRST_VERSION_WITH_LEADERS {
            for result in &mut results {
                let Ok(id) = self.resolve(&result.target) else { continue };
                result.data.current_leader = self.known_leader(&id, result.data.error_code);
                leaders.push(result.data.current_leader.clone());
            }
        }
        // Followers know where brokers are.
        let node_endpoints = if follower < 0 { self.endpoints(leaders.iter()) } else { Vec::new() };
        let updates = results.into_iter().map(|result| (result.target, result.data)).collect();
        let SessionAnswer { error_code, session_id, responses } = self.fetch_sessions.answer(context, updates, cx.now);
        let response = FetchResponse { error_code, session_id, responses, node_endpoints, ..FetchResponse::default() };
        cx.fx.answer(request_context, Response::Fetch(response));
    }

    /// Says which partition a fetch was refused for, and where a follower's log parts from this one's.
    fn explain_fetch(&self, cx: &mut Context, request_context: &RequestContext, follower: i32, results: &[ReadResult]) {
        if let Some(refused) = results.iter().find(|result| !result.data.error_code.is_none()) {
            let (node, from, error) = (self.id, request_context.from.actor(), refused.data.error_code);
            cx.fx.change(Change::Refused { node, api: request_context.api, to: from, error });
            let partition = self.name_of(&refused.target);
            cx.fx.explain(Explanation::FetchRefused { node, from, partition, error });
        }
        for result in results.iter().filter(|result| result.data.diverging_epoch.epoch >= 0) {
            cx.fx.replace_explanation(Explanation::LeaderFoundDivergence {
                node: self.id,
                follower,
                partition: self.name_of(&result.target),
                leader_epoch: result.data.diverging_epoch.epoch,
                end_offset: result.data.diverging_epoch.end_offset,
            });
        }
    }

    fn name_of(&self, target: &FetchTarget) -> TopicPartition {
        let topic = target.topic.clone().unwrap_or_else(|| target.topic_id.to_string().into());
        TopicPartition { topic, partition: target.asked.partition }
    }

    /// A partition moved: answers those of its waiting requests that have what they wait for. True if there were any.
    /// Fetches that are found waiting are added to `still_waiting`, those that are in it are not looked at.
    pub(super) fn check_purgatory(
        &mut self,
        cx: &mut Context,
        id: TopicIdPartition,
        still_waiting: &mut BTreeSet<u64>,
    ) -> bool {
        let mut completed = false;
        for number in self.purgatory.watching(&id) {
            if still_waiting.contains(&number) {
                continue;
            }
            let is_done = match self.purgatory.get_mut(number) {
                Some(Operation::Produce { partitions, .. }) => {
                    let mut partitions = std::mem::take(partitions);
                    self.try_complete_produce(&mut partitions);
                    let is_done = partitions.iter().all(|partition| partition.waits_for.is_none());
                    if let Some(Operation::Produce { partitions: kept, .. }) = self.purgatory.get_mut(number) {
                        *kept = partitions;
                    }
                    is_done
                }
                Some(Operation::Fetch { request_context, request, context, watched }) => {
                    let (version, request, context) = (request_context.version, request.clone(), context.clone());
                    let topics = &self.image.topics;
                    let is_known = |id: &TopicIdPartition| {
                        topics.get(&id.topic_id).is_some_and(|topic| topic.partitions.contains_key(&id.partition))
                    };
                    let is_done = !watched.iter().all(is_known)
                        || self.fetch_has_enough(cx, &FetchParams::of(&request, version), &context);
                    if !is_done {
                        still_waiting.insert(number);
                    }
                    is_done
                }
                Some(Operation::DeleteRecords { deletions, .. }) => {
                    let mut deletions = std::mem::take(deletions);
                    self.try_complete_delete_records(cx, &mut deletions);
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
                still_waiting.clear();
                completed = true;
            }
        }
        completed
    }

    /// `DelayedFetch.tryComplete`: enough bytes, an error, another epoch, a parted log, or data in an older segment.
    fn fetch_has_enough(&self, cx: &Context, params: &FetchParams, context: &FetchContext) -> bool {
        let min_bytes = u32::try_from(params.min_bytes()).unwrap_or(0);
        let mut bytes: u32 = 0;
        let mut topics = TopicLookup::of(&self.image);
        for target in &context.targets {
            let asked = &target.asked;
            let Ok(id) = topics.resolve(target) else { continue };
            let Ok((partition, log)) = self.served(cx, params, &id, target) else { return true };
            if !matches!(divergence(log, asked), Ok(None)) {
                return true;
            }
            let end = params.reader.end(partition, log);
            if end < asked.fetch_offset && log.log_end_offset() < asked.fetch_offset {
                return true;
            }
            if asked.fetch_offset < end
                && log.segment_base_offset_of(asked.fetch_offset) < log.segment_base_offset_of(end)
            {
                return true;
            }
            let at_most = u32::try_from(asked.partition_max_bytes).unwrap_or(0);
            bytes = bytes.saturating_add(log.size_between(asked.fetch_offset, end, at_most).min(at_most));
        }
        bytes >= min_bytes
    }

    /// A request in purgatory has waited as long as it may.
    pub(super) fn on_expiration(&mut self, cx: &mut Context, number: u64) {
        self.complete(cx, number, true);
    }

    fn complete(&mut self, cx: &mut Context, number: u64, timed_out: bool) {
        match self.purgatory.take(cx.fx, number) {
            Some(Operation::Fetch { request_context, request, context, .. }) => {
                cx.fx.change(Change::DelayedOperationCompleted {
                    node: self.id,
                    api: request_context.api,
                    to: request_context.from.actor(),
                    timed_out,
                });
                if timed_out {
                    cx.fx.explain(Explanation::FetchWaitedEnough { node: self.id, to: request_context.from.actor() });
                }
                let results = self.read_all(cx, &FetchParams::of(&request, request_context.version), &context, false);
                self.answer_fetch(cx, &request_context, &request, &context, results);
            }
            Some(Operation::Produce { origin, mut partitions }) => {
                for partition in partitions.iter_mut().filter(|partition| partition.waits_for.is_some()) {
                    partition.waits_for = None;
                    partition.response.error_code = ErrorCode::RequestTimedOut;
                }
                if let super::purgatory::ProduceOrigin::Client(request_context) = &origin {
                    cx.fx.change(Change::DelayedOperationCompleted {
                        node: self.id,
                        api: request_context.api,
                        to: request_context.from.actor(),
                        timed_out,
                    });
                    if timed_out {
                        cx.fx.explain(Explanation::ProduceTimedOut { node: self.id, to: request_context.from.actor() });
                    }
                }
                self.answer_produce(cx, &origin, partitions);
            }
            Some(Operation::DeleteRecords { request_context, deletions }) => {
                cx.fx.change(Change::DelayedOperationCompleted {
                    node: self.id,
                    api: request_context.api,
                    to: request_context.from.actor(),
                    timed_out,
                });
                self.answer_delete_records(cx, &request_context, deletions);
            }
            None => {}
        }
    }

    /// How an actor is named that a waiting request belongs to.
    pub fn waiting_for(operation: &Operation) -> Option<Actor> {
        match operation {
            Operation::Fetch { request_context, .. }
            | Operation::DeleteRecords { request_context, .. }
            | Operation::Produce { origin: super::purgatory::ProduceOrigin::Client(request_context), .. } => {
                Some(request_context.from.actor())
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

fn failed(partition_index: i32, error_code: ErrorCode) -> PartitionData {
    PartitionData { partition_index, error_code, ..PartitionData::default() }
}

/// Whether what was read must not wait: an error, a place where logs part, a nearer replica.
fn needs_an_answer(data: &PartitionData) -> bool {
    !data.error_code.is_none() || data.diverging_epoch.epoch >= 0 || data.preferred_read_replica >= 0
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
    let is_diverging = epoch < asked.last_fetched_epoch || end_offset < asked.fetch_offset;
    Ok(is_diverging.then_some(EpochEndOffset { epoch, end_offset }))
}
