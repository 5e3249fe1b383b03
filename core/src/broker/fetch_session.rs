//! Fetch sessions (KIP-227; `FetchManager`, `FetchContext`, `FetchSessionCacheShard`): a broker remembers what a client
//! fetches, so that the next request names only what changed and the answer only what is new.
//!
//! | session         | becomes           | when                                                                    |
//! |-----------------|-------------------|-------------------------------------------------------------------------|
//! | (none)          | open, epoch 1     | a full fetch (epoch 0) is answered and its shard has a slot             |
//! | open, epoch `n` | open, epoch `n+1` | an incremental fetch comes with its id, epoch `n`, and leaves partitions |
//! | open            | (none)            | an incremental fetch finds it empty or leaves it empty                  |
//! | open            | (none)            | a fetch names it with epoch -1 (close) or 0 (begin anew)                |
//! | open            | (none)            | a new session evicts it                                                 |

use std::collections::{BTreeMap, BTreeSet};

use crate::flat_map::FlatMap;
use crate::sim::Millis;
use crate::wire::replication::{FetchPartition, FetchRequest, FetchTopic, FetchableTopicResponse, PartitionData};
use crate::wire::{ErrorCode, Topic, Uuid};

/// Asks for a new session (`FetchMetadata.INITIAL_EPOCH`).
const INITIAL_EPOCH: i32 = 0;
/// Closes a session, or wants none (`FetchMetadata.FINAL_EPOCH`).
const FINAL_EPOCH: i32 = -1;
/// No session (`FetchMetadata.INVALID_SESSION_ID`).
const INVALID_SESSION_ID: i32 = 0;
/// `NumFetchSessionCacheShards`.
const SHARDS: i32 = 8;
/// How many ids each shard gives out.
const SESSION_ID_RANGE: i32 = i32::MAX / SHARDS;
/// A session must be unused, or exist, for longer than this before another may evict it, in milliseconds
/// (`MIN_INCREMENTAL_FETCH_SESSION_EVICTION_MS`).
pub const FETCH_SESSION_EVICTION_MS: Millis = 120_000;
/// From this version on a fetch names topics by id.
const FIRST_VERSION_WITH_TOPIC_IDS: i16 = 13;

/// One partition of a fetch, with its topic's name as far as the broker could resolve it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FetchTarget {
    /// The topic's id; zero where the request named the topic.
    pub topic_id: Uuid,
    /// The topic's name; `None` for an id that the broker does not know.
    pub topic: Option<Topic>,
    /// What is asked of the partition.
    pub asked: FetchPartition,
}

impl FetchTarget {
    /// `CachedPartition.equals`: by id where there is one, else by name.
    fn is_same_partition(&self, other: &Self) -> bool {
        self.asked.partition == other.asked.partition && self.is_same_topic(other)
    }

    fn is_same_topic(&self, other: &Self) -> bool {
        self.topic_id == other.topic_id && (self.topic_id != Uuid::ZERO || self.topic == other.topic)
    }
}

/// What of a fetch its requester may not read.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum RefusedTopics {
    /// Topics of these names.
    Named(BTreeSet<Topic>),
    /// Everything, known or not: a follower that may not act for the cluster.
    All,
}

impl Default for RefusedTopics {
    fn default() -> Self {
        Self::Named(BTreeSet::new())
    }
}

impl RefusedTopics {
    /// Whether a topic is among them; one whose id nobody knows has no name.
    pub fn contains(&self, topic: Option<&Topic>) -> bool {
        match self {
            Self::Named(names) => topic.is_some_and(|name| names.contains(name)),
            Self::All => true,
        }
    }
}

/// What a fetch reads, and what its answer does to sessions.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FetchContext {
    kind: ContextKind,
    /// The partitions to read, in order.
    pub targets: Vec<FetchTarget>,
    /// What who asks may not read.
    pub refused: RefusedTopics,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum ContextKind {
    /// `SessionlessFetchContext`.
    Sessionless,
    /// `FullFetchContext`: the answer opens a session if there is room.
    Full { uses_topic_ids: bool, privileged: bool },
    /// `IncrementalFetchContext`: the answer leaves out what the client knows.
    Incremental { session_id: i32, next_epoch: i32 },
}

/// An answer's partitions as they stand after the session was asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionAnswer {
    /// What is wrong with the session.
    pub error_code: ErrorCode,
    /// The session, 0 for none.
    pub session_id: i32,
    /// What the client is told.
    pub responses: Vec<FetchableTopicResponse>,
}

/// The sessions of one broker (`FetchSessionCache`). They die with the process.
#[derive(Clone, Debug, PartialEq, Hash)]
pub struct FetchSessionCache {
    /// How many sessions each shard may hold.
    slots_per_shard: u32,
    next_shard: i32,
    last_id_in_shard: i32,
    sessions: FlatMap<i32, FetchSession>,
    /// Sessions that were removed while a fetch of theirs waited.
    removed: FlatMap<i32, FetchSession>,
}

/// One session.
#[derive(Clone, Debug, PartialEq, Hash)]
struct FetchSession {
    /// The epoch that the next request must have.
    epoch: i32,
    /// Whether a follower opened it.
    privileged: bool,
    uses_topic_ids: bool,
    created_ms: Millis,
    last_used_ms: Millis,
    /// How many partitions it had, and what it could be evicted by, when it was last used.
    cached_size: u32,
    evictable_by_privileged: bool,
    evictable_by_all: bool,
    /// What is fetched, in the order in which it is read.
    partitions: Vec<CachedPartition>,
    /// Its fetches that wait for an answer.
    open_fetches: u32,
}

/// A partition of a session (`CachedPartition`).
#[derive(Clone, Debug, PartialEq, Hash)]
struct CachedPartition {
    target: FetchTarget,
    /// What was last answered; -1 makes sure that the next answer names the partition.
    high_watermark: i64,
    log_start_offset: i64,
}

impl FetchContext {
    /// What is read, as a request without a session would name it.
    pub fn topics(&self) -> Vec<FetchTopic> {
        let mut topics: Vec<FetchTopic> = Vec::new();
        for target in &self.targets {
            let name = target.topic.clone().filter(|_| target.topic_id == Uuid::ZERO).unwrap_or_else(|| "".into());
            match topics.last_mut().filter(|topic| topic.topic_id == target.topic_id && topic.topic == name) {
                Some(topic) => topic.partitions.push(target.asked.clone()),
                None => topics.push(FetchTopic {
                    topic: name,
                    topic_id: target.topic_id,
                    partitions: vec![target.asked.clone()],
                }),
            }
        }
        topics
    }

    /// The request as one without a session would have been made.
    pub fn spelled_out(&self, request: &FetchRequest) -> FetchRequest {
        let mut spelled_out = request.clone();
        if self.is_incremental() {
            spelled_out.topics = self.topics();
            spelled_out.forgotten_topics_data.clear();
        }
        spelled_out
    }

    /// Whether no session has to do with it, before or after.
    pub fn is_sessionless(&self) -> bool {
        matches!(self.kind, ContextKind::Sessionless)
    }

    /// Whether the partitions come from a session and not from the request itself.
    pub fn is_incremental(&self) -> bool {
        matches!(self.kind, ContextKind::Incremental { .. })
    }
}

impl FetchSessionCache {
    /// A cache of `max.incremental.fetch.session.cache.slots` slots, shared out to the shards.
    pub fn new(slots: u32) -> Self {
        Self {
            slots_per_shard: slots / SHARDS.unsigned_abs(),
            next_shard: 0,
            last_id_in_shard: 0,
            sessions: FlatMap::new(),
            removed: FlatMap::new(),
        }
    }

    /// How many sessions are open (`NumIncrementalFetchSessions`).
    pub fn num_incremental_fetch_sessions(&self) -> u32 {
        u32::try_from(self.sessions.len()).unwrap_or(u32::MAX)
    }

    /// The epoch that the next request of an open session must have.
    pub fn expected_epoch(&self, id: i32) -> Option<i32> {
        self.sessions.get(&id).map(|session| session.epoch)
    }

    /// What a request reads (`FetchManager.newContext`). `name_of` resolves a topic id.
    ///
    /// # Errors
    /// `FETCH_SESSION_ID_NOT_FOUND` for a session that is not open, `INVALID_FETCH_SESSION_EPOCH` for one at another epoch,
    /// `FETCH_SESSION_TOPIC_ID_ERROR` for one that names topics the other way, `UNKNOWN_SERVER_ERROR` for an id that
    /// belongs to no shard.
    pub fn new_context(
        &mut self,
        version: i16,
        request: &FetchRequest,
        name_of: impl Fn(&Uuid) -> Option<Topic>,
        now: Millis,
    ) -> Result<FetchContext, ErrorCode> {
        let uses_topic_ids = version >= FIRST_VERSION_WITH_TOPIC_IDS;
        let targets = targets(request, uses_topic_ids, &name_of);
        let (id, epoch) =
            if version < 7 { (INVALID_SESSION_ID, FINAL_EPOCH) } else { (request.session_id, request.session_epoch) };
        if id != INVALID_SESSION_ID && !(0..SHARDS).contains(&(id / SESSION_ID_RANGE)) {
            return Err(ErrorCode::UnknownServerError);
        }
        if epoch == INITIAL_EPOCH || epoch == FINAL_EPOCH {
            self.remove(id);
            let kind = if epoch == FINAL_EPOCH {
                ContextKind::Sessionless
            } else {
                ContextKind::Full { uses_topic_ids, privileged: request.replica(version) >= 0 }
            };
            return Ok(FetchContext { kind, targets, refused: RefusedTopics::default() });
        }
        let session = self.sessions.get_mut(&id).ok_or(ErrorCode::FetchSessionIdNotFound)?;
        if session.epoch != epoch {
            return Err(ErrorCode::InvalidFetchSessionEpoch);
        }
        if session.uses_topic_ids != uses_topic_ids {
            return Err(ErrorCode::FetchSessionTopicIdError);
        }
        session.update(&targets, &forgotten(request, uses_topic_ids, &name_of));
        if session.partitions.is_empty() {
            self.remove(id);
            return Ok(FetchContext { kind: ContextKind::Sessionless, targets, refused: RefusedTopics::default() });
        }
        session.touch(now);
        session.epoch = next_epoch(epoch);
        session.open_fetches += 1;
        for cached in session.partitions.iter_mut().filter(|cached| cached.target.topic.is_none()) {
            cached.target.topic = name_of(&cached.target.topic_id);
        }
        let targets = session.partitions.iter().map(|cached| cached.target.clone()).collect();
        Ok(FetchContext {
            kind: ContextKind::Incremental { session_id: id, next_epoch: session.epoch },
            targets,
            refused: RefusedTopics::default(),
        })
    }

    /// Makes an answer of what was read: opens the session that a full fetch asked for, leaves out of an incremental
    /// answer what the client knows (`FetchContext.updateAndGenerateResponseData`).
    pub fn answer(
        &mut self,
        context: &FetchContext,
        mut updates: Vec<(&FetchTarget, PartitionData)>,
        now: Millis,
    ) -> SessionAnswer {
        let session_id = match context.kind {
            ContextKind::Sessionless => INVALID_SESSION_ID,
            ContextKind::Full { uses_topic_ids, privileged } => {
                self.maybe_create_session(uses_topic_ids, privileged, &updates, now)
            }
            ContextKind::Incremental { session_id, next_epoch } => {
                let Some(session) = self.sessions.get_mut(&session_id).or_else(|| self.removed.get_mut(&session_id))
                else {
                    return SessionAnswer { session_id, responses: group(updates), ..SessionAnswer::default() };
                };
                session.open_fetches = session.open_fetches.saturating_sub(1);
                let is_current = session.epoch == next_epoch;
                if is_current {
                    updates.retain(|(target, data)| session.must_respond(target, data));
                }
                self.removed.retain(|_, session| session.open_fetches > 0);
                if !is_current {
                    let error_code = ErrorCode::InvalidFetchSessionEpoch;
                    return SessionAnswer { error_code, session_id, responses: Vec::new() };
                }
                session_id
            }
        };
        SessionAnswer { error_code: ErrorCode::None, session_id, responses: group(updates) }
    }

    /// The empty answer to a fetch whose client is throttled (`FetchContext.getThrottledResponse`): it opens no session, and an
    /// open one stays as it is.
    pub fn throttled_answer(&mut self, context: &FetchContext) -> SessionAnswer {
        let session_id = match context.kind {
            ContextKind::Sessionless | ContextKind::Full { .. } => INVALID_SESSION_ID,
            ContextKind::Incremental { session_id, next_epoch } => {
                let session = self.sessions.get_mut(&session_id).or_else(|| self.removed.get_mut(&session_id));
                if let Some(session) = session {
                    session.open_fetches = session.open_fetches.saturating_sub(1);
                    if session.epoch != next_epoch {
                        let error_code = ErrorCode::InvalidFetchSessionEpoch;
                        return SessionAnswer { error_code, session_id, responses: Vec::new() };
                    }
                }
                session_id
            }
        };
        SessionAnswer { session_id, ..SessionAnswer::default() }
    }

    fn remove(&mut self, id: i32) {
        if let Some(session) = self.sessions.remove(&id).filter(|session| session.open_fetches > 0) {
            self.removed.insert(id, session);
        }
    }

    /// `FetchSessionCacheShard.maybeCreateSession`. Shards take turns.
    fn maybe_create_session(
        &mut self,
        uses_topic_ids: bool,
        privileged: bool,
        updates: &[(&FetchTarget, PartitionData)],
        now: Millis,
    ) -> i32 {
        let shard = self.next_shard;
        self.next_shard = (shard + 1) % SHARDS;
        if shard == 0 {
            self.last_id_in_shard = self.last_id_in_shard % (SESSION_ID_RANGE - 1) + 1;
        }
        let first_id = shard * SESSION_ID_RANGE;
        let ids = first_id..first_id + SESSION_ID_RANGE;
        let size = u32::try_from(updates.len()).unwrap_or(u32::MAX);
        let held = self.sessions.range(ids.clone()).count();
        let has_room = u32::try_from(held).is_ok_and(|held| held < self.slots_per_shard);
        if !has_room && !self.try_evict(ids, privileged, size, now) {
            return INVALID_SESSION_ID;
        }
        let id = first_id + self.last_id_in_shard;
        let mut session = FetchSession {
            epoch: next_epoch(INITIAL_EPOCH),
            privileged,
            uses_topic_ids,
            created_ms: now,
            last_used_ms: now,
            cached_size: size,
            evictable_by_privileged: false,
            evictable_by_all: false,
            partitions: updates.iter().map(|(target, data)| CachedPartition::answered(target, data)).collect(),
            open_fetches: 0,
        };
        session.touch(now);
        self.sessions.insert(id, session);
        id
    }

    /// Makes room in a shard (`FetchSessionCacheShard.tryEvict`): the session that was unused longest, if for long
    /// enough; else the least valuable one, if the new one is worth more.
    fn try_evict(&mut self, ids: std::ops::Range<i32>, privileged: bool, size: u32, now: Millis) -> bool {
        let in_shard = || self.sessions.range(ids.clone());
        let stalest = in_shard().min_by_key(|(id, session)| (session.last_used_ms, **id));
        let Some((stalest_id, stalest)) = stalest else { return false };
        let victim = if now.saturating_sub(stalest.last_used_ms) > FETCH_SESSION_EVICTION_MS {
            *stalest_id
        } else {
            let evictable = |session: &FetchSession| {
                if privileged { session.evictable_by_privileged } else { session.evictable_by_all }
            };
            let candidates = in_shard().filter(|(_, session)| evictable(session));
            let keys = candidates.map(|(id, session)| (session.privileged, session.cached_size, *id));
            match keys.min() {
                Some(least) if (privileged, size, 0) >= least => least.2,
                Some(_) | None => return false,
            }
        };
        self.remove(victim);
        true
    }
}

/// Epochs go from 1 to the greatest number and begin again at 1.
pub fn next_epoch(epoch: i32) -> i32 {
    match epoch {
        i32::MAX => 1,
        epoch if epoch < 0 => FINAL_EPOCH,
        epoch => epoch + 1,
    }
}

/// The partitions that a request names; of one that it names twice the last word counts, at the first place.
fn targets(request: &FetchRequest, by_id: bool, name_of: &impl Fn(&Uuid) -> Option<Topic>) -> Vec<FetchTarget> {
    if !names_twice(request, by_id) {
        let mut targets = Vec::with_capacity(request.topics.iter().map(|topic| topic.partitions.len()).sum());
        for topic in &request.topics {
            let (topic_id, name) = resolve(by_id, topic.topic_id, &topic.topic, name_of);
            let target = |asked: &FetchPartition| FetchTarget { topic_id, topic: name.clone(), asked: asked.clone() };
            targets.extend(topic.partitions.iter().map(target));
        }
        return targets;
    }
    let mut targets: Vec<FetchTarget> = Vec::new();
    let mut places: BTreeMap<(Uuid, &Topic, i32), usize> = BTreeMap::new();
    for topic in &request.topics {
        let (topic_id, name) = resolve(by_id, topic.topic_id, &topic.topic, name_of);
        for asked in &topic.partitions {
            let target = FetchTarget { topic_id, topic: name.clone(), asked: asked.clone() };
            let place = *places.entry((topic_id, &topic.topic, asked.partition)).or_insert(targets.len());
            match targets.get_mut(place) {
                Some(known) => *known = target,
                None => targets.push(target),
            }
        }
    }
    targets
}

/// Whether a request may name a partition twice. What hardly any does is found by a look at each partition: a bit is set for
/// it in a table.
fn names_twice(request: &FetchRequest, by_id: bool) -> bool {
    let is_again = |(at, topic): (usize, &FetchTopic)| {
        let before = &request.topics[..at];
        before.iter().any(|other| if by_id { other.topic_id == topic.topic_id } else { other.topic == topic.topic })
    };
    if request.topics.len() > 1 && request.topics.iter().enumerate().any(is_again) {
        return true;
    }
    request.topics.iter().filter(|topic| topic.partitions.len() > 1).any(|topic| {
        let mut named = [0u64; 32];
        topic.partitions.iter().any(|asked| {
            let Ok(index) = usize::try_from(asked.partition) else { return true };
            let Some(word) = named.get_mut(index / 64) else { return true };
            let bit = 1 << (index % 64);
            std::mem::replace(word, *word | bit) & bit != 0
        })
    })
}

fn forgotten(request: &FetchRequest, by_id: bool, name_of: &impl Fn(&Uuid) -> Option<Topic>) -> Vec<FetchTarget> {
    let topics = request.forgotten_topics_data.iter();
    let each = topics.flat_map(|topic| {
        let (topic_id, name) = resolve(by_id, topic.topic_id, &topic.topic, name_of);
        topic.partitions.iter().map(move |partition| FetchTarget {
            topic_id,
            topic: name.clone(),
            asked: FetchPartition { partition: *partition, ..FetchPartition::default() },
        })
    });
    each.collect()
}

fn resolve(by_id: bool, id: Uuid, name: &Topic, name_of: &impl Fn(&Uuid) -> Option<Topic>) -> (Uuid, Option<Topic>) {
    if by_id { (id, name_of(&id)) } else { (Uuid::ZERO, Some(name.clone())) }
}

/// An answer's entries: neighbouring partitions of one topic share one, and the order stays (`FetchResponse.toMessage`).
fn group(updates: Vec<(&FetchTarget, PartitionData)>) -> Vec<FetchableTopicResponse> {
    let mut responses: Vec<FetchableTopicResponse> = Vec::new();
    let mut previous: Option<&FetchTarget> = None;
    let mut left = updates.len();
    for (target, data) in updates {
        match responses.last_mut() {
            Some(response) if previous.is_some_and(|previous| previous.is_same_topic(target)) => {
                response.partitions.push(data);
            }
            Some(_) | None => {
                // Mostly all that is left is of this topic.
                let mut partitions = Vec::with_capacity(left);
                partitions.push(data);
                responses.push(FetchableTopicResponse {
                    // Where topics go by id the answer has no name.
                    topic: target.topic.clone().filter(|_| target.topic_id == Uuid::ZERO).unwrap_or_default(),
                    topic_id: target.topic_id,
                    partitions,
                });
            }
        }
        previous = Some(target);
        left -= 1;
    }
    responses
}

impl FetchSession {
    /// Takes in what a request changes. New partitions go to the end, named ones keep their place.
    fn update(&mut self, named: &[FetchTarget], forgotten: &[FetchTarget]) {
        for target in named {
            match self.partitions.iter_mut().find(|known| known.target.is_same_partition(target)) {
                Some(known) => known.target.asked = target.asked.clone(),
                None => self.partitions.push(CachedPartition {
                    target: target.clone(),
                    high_watermark: -1,
                    log_start_offset: -1,
                }),
            }
        }
        self.partitions.retain(|known| !forgotten.iter().any(|target| known.target.is_same_partition(target)));
    }

    /// The session was used (`FetchSessionCacheShard.touch`).
    fn touch(&mut self, now: Millis) {
        self.last_used_ms = now;
        self.cached_size = u32::try_from(self.partitions.len()).unwrap_or(u32::MAX);
        let is_old = now.saturating_sub(self.created_ms) > FETCH_SESSION_EVICTION_MS;
        self.evictable_by_privileged = !self.privileged || is_old;
        self.evictable_by_all = is_old;
    }

    /// Whether an answer has to name a partition. One with records goes to the end, so that the others get their turn.
    fn must_respond(&mut self, target: &FetchTarget, data: &PartitionData) -> bool {
        let Some(at) = self.partitions.iter().position(|known| known.target.is_same_partition(target)) else {
            return false;
        };
        let must_respond = self.partitions[at].must_respond(data);
        if must_respond && !data.records.is_empty() {
            let moved = self.partitions.remove(at);
            self.partitions.push(moved);
        }
        must_respond
    }
}

impl CachedPartition {
    fn answered(target: &FetchTarget, data: &PartitionData) -> Self {
        Self { target: target.clone(), high_watermark: data.high_watermark, log_start_offset: data.log_start_offset }
    }

    /// Whether an answer has something that the client does not know (`CachedPartition.maybeUpdateResponseData`).
    fn must_respond(&mut self, data: &PartitionData) -> bool {
        let is_error = !data.error_code.is_none();
        let must_respond = !data.records.is_empty()
            || self.high_watermark != data.high_watermark
            || self.log_start_offset != data.log_start_offset
            || data.preferred_read_replica >= 0
            || data.diverging_epoch.epoch >= 0
            || is_error;
        // After an error the partition comes again as soon as the error is gone.
        self.high_watermark = if is_error { -1 } else { data.high_watermark };
        self.log_start_offset = data.log_start_offset;
        must_respond
    }
}

#[cfg(test)]
mod tests;
