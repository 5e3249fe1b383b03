//! A producer (`KafkaProducer`): serializer → partitioner → accumulator → sender.
//!
//! With `enable.idempotence`, which is the default, a broker gives it an id before its first batch goes out, and each batch
//! carries id, epoch and sequence numbers: one that is sent twice is stored once. Kafka's producer asks for the id when it is
//! made; this one when it has something to send, so that a run begins with what a person does.

mod accumulator;
mod sender;
pub mod transaction_manager;

use std::collections::{BTreeMap, VecDeque};
use std::hash::Hash;

use serde::Serialize;

use super::metadata::Metadata;
use super::partitioner::{Sticky, murmur2, partition_for_key, to_positive};
use super::serialization::serialize;
use crate::actor::{Actor, Endpoint, Listener};
use crate::change::Change;
use crate::command::CommandError;
use crate::config::ProducerConfig;
use crate::digest::DigestHasher;
use crate::effects::{Effects, InFlightRequests, Input, ProducerTimer};
use crate::explain::Explanation;
use crate::flat_map::FlatMap;
use crate::settings::ProducerSettings;
use crate::sim::Millis;
use crate::sim::random::Random;
use crate::wire::records::{Bytes, Header, Record};
use crate::wire::transaction::{InitProducerIdRequest, InitProducerIdResponse};
use crate::wire::{ApiKey, ErrorCode, Request, Response, Topic, TopicPartition};

pub use accumulator::Batch;
use accumulator::{Accumulator, batch_bytes};
use transaction_manager::TransactionManager;

/// What a producer remembers of an open request.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Ask {
    Metadata,
    InitProducerId,
    Produce(Vec<(TopicPartition, Batch)>),
}

/// A record whose partition is not known yet.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Unassigned {
    topic: Topic,
    /// What the application asked for.
    partition: Option<i32>,
    record: Record,
    since: Millis,
}

/// How a record found its partition.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Partitioning {
    /// Its topic.
    pub topic: Topic,
    /// Its key, if it has one.
    pub key: Option<Bytes>,
    /// murmur2 of the key, where that chose.
    pub hash: Option<i32>,
    /// How many partitions the topic had, as the producer knew it.
    pub partitions: i32,
    /// The partition chosen.
    pub partition: i32,
    /// What chose it.
    pub by: PartitionedBy,
}

/// What chose a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PartitionedBy {
    /// The key's hash.
    Key,
    /// The application named it.
    Application,
    /// The sticky partitioner (KIP-794).
    Sticky,
    /// `RoundRobinPartitioner`.
    RoundRobin,
}

/// A producer and its application.
#[derive(Clone, Debug, PartialEq, Hash)]
pub struct Producer {
    number: u32,
    settings: ProducerSettings,
    random: Random,
    metadata: Metadata,
    requests: InFlightRequests<Ask>,
    unassigned: VecDeque<Unassigned>,
    sticky: FlatMap<Topic, Sticky>,
    /// How many records of each topic `RoundRobinPartitioner` has dealt out.
    dealt: FlatMap<Topic, i32>,
    accumulator: Accumulator,
    /// Ids and sequence numbers; none without `enable.idempotence`.
    transactions: Option<TransactionManager>,
    acknowledged: i64,
    failed: i64,
    last_partitioning: Option<Partitioning>,
    linger_at: Option<Millis>,
    retry_at: Option<Millis>,
}

impl Producer {
    /// Hashes what can still act, without what is kept to be shown.
    pub fn hash_behavior(&self, hasher: &mut DigestHasher) {
        let Self {
            number,
            settings,
            random,
            metadata,
            requests,
            unassigned,
            sticky,
            dealt,
            accumulator,
            transactions,
            acknowledged: _,
            failed: _,
            last_partitioning: _,
            linger_at,
            retry_at,
        } = self;
        (number, settings, random, metadata, requests).hash(hasher);
        (unassigned, sticky, dealt, accumulator, transactions, linger_at, retry_at).hash(hasher);
    }

    /// A producer that has not spoken to anybody. Every wrong setting is named.
    pub fn new(
        number: u32,
        config: &ProducerConfig,
        bootstrap: Vec<i32>,
        mut random: Random,
    ) -> Result<Self, Vec<CommandError>> {
        let mut settings = ProducerSettings::with(&config.settings)?;
        let conflicts = idempotence_conflicts(&settings);
        if settings.enable_idempotence && !conflicts.is_empty() {
            // As `ProducerConfig.postProcessAndValidateIdempotenceConfigs`: only who asked for it by name is told.
            if config.settings.contains_key("enable.idempotence") {
                return Err(conflicts);
            }
            settings.enable_idempotence = false;
        }
        let metadata = Metadata::new(bootstrap, &mut random);
        let transactions = settings.enable_idempotence.then(TransactionManager::new);
        Ok(Self {
            number,
            settings,
            random,
            metadata,
            requests: InFlightRequests::default(),
            unassigned: VecDeque::new(),
            sticky: FlatMap::new(),
            dealt: FlatMap::new(),
            accumulator: Accumulator::default(),
            transactions,
            acknowledged: 0,
            failed: 0,
            last_partitioning: None,
            linger_at: None,
            retry_at: None,
        })
    }

    /// The application sends one record. Its partition is chosen at once if the topic is known.
    #[expect(clippy::too_many_arguments, reason = "a record has this many parts")]
    pub fn produce(
        &mut self,
        topic: &Topic,
        partition: Option<i32>,
        key: Option<Bytes>,
        value: Option<Bytes>,
        headers: Vec<Header>,
        now: Millis,
        fx: &mut Effects,
    ) -> Result<(), CommandError> {
        let bad = |reason: String| Err(CommandError::BadRecord { reason });
        if let Some(negative) = partition.filter(|partition| *partition < 0) {
            return bad(format!(
                "Invalid partition: {negative}. Partition number should always be non-negative or null."
            ));
        }
        if key.is_none() && value.is_none() {
            return bad("neither key nor value".to_owned());
        }
        let bytes_of = |class: &str, setting: &str, part: Option<Bytes>| {
            let serialized = part.map(|part| serialize(class, setting, &part)).transpose();
            serialized.map_err(|reason| CommandError::BadRecord { reason })
        };
        let key = bytes_of(&self.settings.key_serializer, "key.serializer", key)?;
        let value = bytes_of(&self.settings.value_serializer, "value.serializer", value)?;
        let timestamp = i64::try_from(now).unwrap_or(i64::MAX);
        let record = Record { offset_delta: 0, timestamp, key, value, headers };
        let (bytes, most) = (batch_bytes(&record), self.settings.max_request_size);
        if bytes > most {
            return bad(format!("{bytes} bytes, more than max.request.size {most}"));
        }
        self.unassigned.push_back(Unassigned { topic: topic.clone(), partition, record, since: now });
        self.run(now, fx);
        Ok(())
    }

    /// An answer, the end of a peer, or a timer.
    pub fn handle(&mut self, input: Input<ProducerTimer>, now: Millis, fx: &mut Effects) {
        match input {
            Input::Answer { from, correlation_id, response } => {
                let Some(open) = self.requests.take(correlation_id) else {
                    fx.explain(Explanation::LateAnswer { to: Actor::Producer(self.number), api: response.api() });
                    return;
                };
                match (open.context, response) {
                    (Ask::Metadata, Response::Metadata(metadata)) => {
                        let (retry_ms, age_ms) = (self.settings.retry_backoff_ms, self.settings.metadata_max_age_ms);
                        if self.metadata.learn(&metadata, now, retry_ms, age_ms) {
                            fx.change(Change::MetadataLearned { client: Actor::Producer(self.number) });
                        }
                        fx.explain(Explanation::ProducerLearnsMetadata { producer: self.number, node: from });
                    }
                    (Ask::Metadata, _) => self.metadata.failed(now, self.settings.retry_backoff_ms),
                    (Ask::InitProducerId, Response::InitProducerId(answer)) => self.init_answered(&answer, now, fx),
                    (Ask::InitProducerId, _) => self.init_failed(now),
                    (Ask::Produce(batches), Response::Produce(answer)) => self.answered(batches, &answer, now, fx),
                    (Ask::Produce(batches), _) => self.lost(batches, ErrorCode::UnknownServerError, now, fx),
                }
            }
            Input::PeerGone { node, port } => self.disconnected(node, port, now, fx),
            Input::RequestTimeout => {
                for expired in self.requests.take_expired(fx, now) {
                    let (from, to) = (Actor::Producer(self.number), Actor::Node(expired.to));
                    fx.change(Change::TimedOut { from, to, api: expired.api });
                    fx.explain(Explanation::RequestGivenUp { actor: from, to, api: expired.api });
                    self.give_up(expired.context, now, fx);
                    // A client closes a connection on which it waited in vain; all else on it is lost too.
                    self.disconnected(expired.to, expired.port, now, fx);
                }
            }
            Input::Timer(ProducerTimer::Linger) => self.linger_at = None,
            Input::Timer(ProducerTimer::Retry) => self.retry_at = None,
            Input::Timer(ProducerTimer::Metadata) => self.metadata.timer_fired(),
        }
        self.run(now, fx);
        fx.explain(Explanation::ProducerIdle { producer: self.number });
    }

    fn disconnected(&mut self, node: i32, port: Listener, now: Millis, fx: &mut Effects) {
        self.metadata.want();
        for lost in self.requests.take_all_to(node, port) {
            self.give_up(lost.context, now, fx);
        }
    }

    fn give_up(&mut self, ask: Ask, now: Millis, fx: &mut Effects) {
        match ask {
            Ask::Metadata => self.metadata.failed(now, self.settings.retry_backoff_ms),
            Ask::InitProducerId => self.init_failed(now),
            Ask::Produce(batches) => self.lost(batches, ErrorCode::NetworkException, now, fx),
        }
    }

    /// What the sender does before it sends: begins another epoch where sequence numbers were refused, and asks for an id
    /// where there is none (`TransactionManager.bumpIdempotentEpochAndResetIdIfNeeded`).
    fn prepare_producer_id(&mut self, now: Millis, fx: &mut Effects) {
        let has_records = !self.unassigned.is_empty() || !self.accumulator.queues.is_empty();
        let Some(transactions) = &mut self.transactions else { return };
        if let Some(id) = transactions.resolve() {
            let (producer, producer_id, epoch) = (self.number, id.producer_id, id.epoch);
            fx.change(Change::ProducerIdAssigned { producer, producer_id, epoch });
            fx.explain(Explanation::ProducerBumpsEpoch { producer, producer_id, epoch });
        }
        if !has_records || !transactions.wants_id(now) {
            return;
        }
        let Some(node) = self.metadata.next_node() else { return };
        transactions.asked();
        let deadline = now.saturating_add(self.settings.request_timeout_ms);
        let request = Request::InitProducerId(InitProducerIdRequest::default());
        self.requests.send(fx, node, Listener::Broker, request, deadline, Ask::InitProducerId);
    }

    fn init_answered(&mut self, answer: &InitProducerIdResponse, now: Millis, fx: &mut Effects) {
        let (producer, error) = (self.number, answer.error_code);
        let Some(transactions) = &mut self.transactions else { return };
        if error.is_none() {
            let id = transactions.answered(answer);
            let (producer_id, epoch) = (id.producer_id, id.epoch);
            fx.change(Change::ProducerIdAssigned { producer, producer_id, epoch });
            fx.explain(Explanation::ProducerHasId { producer, producer_id, epoch });
            return;
        }
        transactions.ask_failed(now, self.settings.retry_backoff_ms);
        if error.is_retriable() {
            fx.explain(Explanation::ProducerWaitsForId { producer, error });
            return;
        }
        // Without an id nothing may be sent, and it will not be given: what waits has failed.
        for (partition, batch) in self.accumulator.take_all() {
            self.fail(&partition, batch.record_count(), error, fx);
        }
    }

    fn init_failed(&mut self, now: Millis) {
        if let Some(transactions) = &mut self.transactions {
            transactions.ask_failed(now, self.settings.retry_backoff_ms);
        }
    }

    fn lost(&mut self, batches: Vec<(TopicPartition, Batch)>, error: ErrorCode, now: Millis, fx: &mut Effects) {
        for (partition, batch) in batches {
            self.retry_or_fail(partition, batch, error, now, fx);
        }
    }

    /// Does all that can be done now: the sender thread's loop.
    fn run(&mut self, now: Millis, fx: &mut Effects) {
        self.assign_partitions(now, fx);
        self.prepare_producer_id(now, fx);
        self.send_batches(now, fx);
        if (self.has_topics() || self.metadata.is_known)
            && let Some(node) = self.metadata.ask(ProducerTimer::Metadata, now, fx)
        {
            let deadline = now.saturating_add(self.settings.request_timeout_ms);
            let request = Metadata::request(self.topics());
            self.requests.send(fx, node, Listener::Broker, request, deadline, Ask::Metadata);
            fx.explain(Explanation::ProducerNeedsMetadata { producer: self.number });
        }
        self.set_timers(now, fx);
    }

    fn has_topics(&self) -> bool {
        !self.unassigned.is_empty() || self.metadata.leaders().next().is_some() || !self.accumulator.queues.is_empty()
    }

    /// The topics that this producer has to do with.
    fn topics(&self) -> Vec<Topic> {
        let mut topics: Vec<Topic> = self.unassigned.iter().map(|record| record.topic.clone()).collect();
        topics.extend(self.metadata.leaders().map(|(partition, _)| partition.topic));
        topics.extend(self.accumulator.queues.keys().map(|partition| partition.topic.clone()));
        topics.sort();
        topics.dedup();
        topics
    }

    /// Gives records whose topic is known their partition. The others wait for metadata, as `KafkaProducer.send` blocks.
    fn assign_partitions(&mut self, now: Millis, fx: &mut Effects) {
        for unassigned in std::mem::take(&mut self.unassigned) {
            let known = self.metadata.topic(&unassigned.topic);
            let error = known.map_or(ErrorCode::None, |topic| topic.error);
            let expired = unassigned.since.saturating_add(self.settings.max_block_ms) <= now;
            if !error.is_none() && !error.is_retriable() {
                self.give_up_unassigned(unassigned, error, fx);
            } else if known.is_some_and(|topic| match unassigned.partition {
                Some(partition) => topic.partitions.contains_key(&partition),
                None => !topic.partitions.is_empty(),
            }) {
                self.accumulate(unassigned, now, fx);
            } else if expired {
                // What `send` throws: a TimeoutException.
                self.give_up_unassigned(unassigned, ErrorCode::RequestTimedOut, fx);
            } else {
                // The topic, or just this partition, may be about to appear.
                self.metadata.need();
                self.unassigned.push_back(unassigned);
            }
        }
    }

    fn give_up_unassigned(&mut self, record: Unassigned, error: ErrorCode, fx: &mut Effects) {
        let partition = TopicPartition::new(record.topic, record.partition.unwrap_or(-1));
        self.fail(&partition, 1, error, fx);
    }

    /// Chooses the partition and puts the record into its batch.
    fn accumulate(&mut self, unassigned: Unassigned, now: Millis, fx: &mut Effects) {
        let Unassigned { topic, partition, record, .. } = unassigned;
        let Some(known) = self.metadata.topic(&topic) else { return };
        let partitions = i32::try_from(known.partitions.len()).unwrap_or(i32::MAX);
        let deals = !self.settings.partitioner_class.is_empty();
        let key = record.key.clone().filter(|_| !self.settings.partitioner_ignore_keys && !deals);
        let hash = key.as_ref().map(|key| murmur2(key.as_slice())).filter(|_| partition.is_none());
        let (chosen, by) = match (partition, &key) {
            (Some(partition), _) => (partition, PartitionedBy::Application),
            (None, Some(key)) => (partition_for_key(key.as_slice(), partitions), PartitionedBy::Key),
            (None, None) if deals => (self.next_partition(&topic), PartitionedBy::RoundRobin),
            (None, None) => (self.sticky_partition(&topic), PartitionedBy::Sticky),
        };
        let to = TopicPartition::new(topic.clone(), chosen);
        fx.change(Change::Partitioned {
            producer: self.number,
            partition: to.clone(),
            key: record.key.as_ref().map(ToString::to_string),
            hash,
            partitions,
        });
        fx.explain(Explanation::RecordAccumulated { producer: self.number, partition: to.clone() });
        self.last_partitioning = Some(Partitioning {
            topic: topic.clone(),
            key: record.key.clone(),
            hash,
            partitions,
            partition: chosen,
            by,
        });
        let batch_size = self.settings.batch_size;
        let (bytes, is_full) = self.accumulator.append(&to, record, now, batch_size);
        if by == PartitionedBy::Sticky
            && self.sticky.get_mut(&topic).is_some_and(|sticky| sticky.appended(bytes, batch_size, is_full))
        {
            self.sticky.remove(&topic);
        }
    }

    /// The partition whose turn it is (`RoundRobinPartitioner`): of those that have a leader, if any has.
    fn next_partition(&mut self, topic: &Topic) -> i32 {
        let turn = self.dealt.entry(topic.clone()).or_default();
        let place = to_positive(*turn);
        *turn = turn.wrapping_add(1);
        let Some(known) = self.metadata.topic(topic) else { return 0 };
        let led: Vec<i32> =
            known.partitions.iter().filter(|(_, known)| known.leader >= 0).map(|(index, _)| *index).collect();
        let all: Vec<i32> = if led.is_empty() { known.partitions.keys().copied().collect() } else { led };
        let place = i32::try_from(all.len()).ok().and_then(|count| place.checked_rem(count)).unwrap_or(0);
        usize::try_from(place).ok().and_then(|place| all.get(place)).copied().unwrap_or(0)
    }

    /// The partition that records without a key go to now.
    fn sticky_partition(&mut self, topic: &Topic) -> i32 {
        if let Some(sticky) = self.sticky.get(topic) {
            return sticky.partition;
        }
        let all = self.metadata.topic(topic).map(|topic| topic.partitions.clone()).unwrap_or_default();
        let waiting = |partition: i32| {
            let queue = self.accumulator.queues.get(&TopicPartition::new(topic.clone(), partition));
            queue.and_then(|queue| u64::try_from(queue.len()).ok()).unwrap_or(0)
        };
        let led: Vec<(i32, u64)> =
            all.iter().filter(|(_, known)| known.leader >= 0).map(|(index, _)| (*index, waiting(*index))).collect();
        // Where nobody leads anything, any partition is as good as another.
        let any: Vec<(i32, u64)> = all.keys().map(|index| (*index, 0)).collect();
        let Some(sticky) = Sticky::draw(&mut self.random, if led.is_empty() { &any } else { &led }) else { return 0 };
        let partition = sticky.partition;
        self.sticky.insert(topic.clone(), sticky);
        partition
    }

    /// Its settings.
    pub fn settings(&self) -> &ProducerSettings {
        &self.settings
    }

    /// Changes a setting, by its real name, from now on.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), CommandError> {
        let mut settings = self.settings.clone();
        settings.set(name, value)?;
        if settings.enable_idempotence
            && let Some(conflict) = idempotence_conflicts(&settings).into_iter().next()
        {
            if name == "enable.idempotence" {
                return Err(conflict);
            }
            settings.enable_idempotence = false;
        }
        self.transactions = match self.transactions.take() {
            Some(known) if settings.enable_idempotence => Some(known),
            None if settings.enable_idempotence => Some(TransactionManager::new()),
            Some(_) | None => None,
        };
        self.settings = settings;
        Ok(())
    }

    /// Its id and sequence numbers; none without `enable.idempotence`.
    pub fn transactions(&self) -> Option<&TransactionManager> {
        self.transactions.as_ref()
    }

    /// Whether an answer of this endpoint is awaited.
    pub fn has_open_to(&self, peer: Endpoint) -> bool {
        self.requests.has_open_to(peer)
    }

    /// Its number.
    pub fn number(&self) -> u32 {
        self.number
    }

    /// How many records wait in the accumulator, by partition.
    pub fn accumulated(&self) -> impl Iterator<Item = (&TopicPartition, i64)> {
        let count = |queue: &VecDeque<Batch>| queue.iter().map(Batch::record_count).sum();
        self.accumulator.queues.iter().map(move |(partition, queue)| (partition, count(queue)))
    }

    /// How many batches are sent and not answered, by partition.
    pub fn in_flight_batches(&self) -> BTreeMap<TopicPartition, i64> {
        let mut in_flight: BTreeMap<TopicPartition, i64> = BTreeMap::new();
        for open in self.requests.iter() {
            if let Ask::Produce(batches) = &open.context {
                for (partition, _) in batches {
                    *in_flight.entry(partition.clone()).or_default() += 1;
                }
            }
        }
        in_flight
    }

    /// Records whose topic, or partition, is not known yet.
    pub fn unassigned_records(&self) -> i64 {
        i64::try_from(self.unassigned.len()).unwrap_or(i64::MAX)
    }

    /// Its batches that were sent and are not answered, with the node asked.
    pub fn sent_batches(&self) -> impl Iterator<Item = (i32, &TopicPartition, &Batch)> {
        self.requests.iter().flat_map(|open| {
            let batches = match &open.context {
                Ask::Produce(batches) => batches.as_slice(),
                Ask::Metadata | Ask::InitProducerId => &[],
            };
            batches.iter().map(|(partition, batch)| (open.to, partition, batch))
        })
    }

    /// Its batches that wait to be sent, with the time at which each is ready, in milliseconds. A batch behind another waits
    /// for that one only.
    pub fn waiting_batches(&self) -> impl Iterator<Item = (Millis, &TopicPartition, &Batch)> {
        self.accumulator.queues.iter().flat_map(move |(partition, queue)| {
            let epoch = self.metadata.leader(partition).map_or(-1, |known| known.epoch);
            let ready_at = self.accumulator.ready_at(partition, epoch, &self.settings);
            let times = std::iter::once(ready_at).chain(std::iter::repeat(0));
            queue.iter().zip(times).map(move |(batch, ready_at)| (ready_at, partition, batch))
        })
    }

    /// Records acknowledged so far.
    pub fn acknowledged(&self) -> i64 {
        self.acknowledged
    }

    /// Records given up so far.
    pub fn failed(&self) -> i64 {
        self.failed
    }

    /// The leaders it believes in, -1 for none.
    pub fn known_leaders(&self) -> impl Iterator<Item = (TopicPartition, i32)> {
        self.metadata.leaders()
    }

    /// How the last record found its partition.
    pub fn last_partitioning(&self) -> Option<&Partitioning> {
        self.last_partitioning.as_ref()
    }

    /// Open Produce requests to a node.
    fn in_flight_to(&self, node: i32) -> u32 {
        let open = self.requests.iter().filter(|open| open.to == node && open.api == ApiKey::Produce);
        u32::try_from(open.count()).unwrap_or(u32::MAX)
    }
}

/// What forbids idempotence: it needs every ISR member's word, retries, and no more than five batches under way.
fn idempotence_conflicts(settings: &ProducerSettings) -> Vec<CommandError> {
    let conflict = |name: &str, value: String, expected: &str| CommandError::BadValue {
        name: name.to_owned(),
        value,
        expected: format!("{expected} (enable.idempotence)"),
    };
    let mut conflicts = Vec::new();
    if !matches!(settings.acks.as_str(), "all" | "-1") {
        conflicts.push(conflict("acks", settings.acks.clone(), "all"));
    }
    if settings.retries == 0 {
        conflicts.push(conflict("retries", settings.retries.to_string(), "1.."));
    }
    let in_flight = settings.max_in_flight_requests_per_connection;
    if in_flight > 5 {
        conflicts.push(conflict("max.in.flight.requests.per.connection", in_flight.to_string(), "1..5"));
    }
    conflicts
}
