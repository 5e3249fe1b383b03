//! A producer (`KafkaProducer`): serializer → partitioner → accumulator → sender.
//!
//! With `enable.idempotence`, which is the default, a broker gives it an id before its first batch goes out, and each batch
//! carries id, epoch and sequence numbers: one that is sent twice is stored once. Kafka's producer asks for the id when it is
//! made; this one when it has something to send, so that a run begins with what a person does.

mod accumulator;
mod compression_ratio_estimator;
mod config_checks;
pub mod delivery;
mod partitioning;
pub mod perf_test;
mod process;
mod sender;
pub mod transaction;
pub mod transaction_manager;
mod transactional;

use std::collections::{BTreeMap, VecDeque};
use std::hash::Hash;

use super::metadata::Metadata;
use super::partitioner::Sticky;
use super::request_latency::RequestLatency;
use super::serialization::serialize;
use crate::actor::{Actor, Endpoint, Listener};
use crate::change::Change;
use crate::command::CommandError;
use crate::config::ProducerConfig;
use crate::connection::Purpose;
use crate::digest::DigestHasher;
use crate::effects::{Answered, Effects, IdleExpiry, InFlightRequests, Input, ProducerTimer};
use crate::explain::Explanation;
use crate::flat_map::FlatMap;
use crate::settings::ProducerSettings;
use crate::sim::Millis;
use crate::sim::random::Random;
use crate::transaction::TransactionCall;
use crate::wire::records::{Bytes, Header, Record};
use crate::wire::transaction::{InitProducerIdRequest, InitProducerIdResponse};
use crate::wire::{ApiKey, ErrorCode, Request, Response, Topic, TopicPartition};

pub use accumulator::Batch;
use accumulator::{Accumulator, buffer_bytes, size_upper_bound};
use config_checks::reconcile;
use delivery::{Deliveries, Delivery};
use partitioning::Unassigned;
pub use partitioning::{PartitionedBy, Partitioning};
use perf_test::PerfTest;
use process::Closing;
use transaction::{Transaction, TransactionRequest};
use transaction_manager::TransactionManager;

/// What a producer remembers of an open request.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum PendingRequest {
    Metadata,
    /// The id of a producer that is only idempotent.
    InitProducerId,
    /// What a transactional producer asks.
    Transaction(TransactionRequest),
    Produce(Vec<(TopicPartition, Batch)>),
}

/// A producer and its application.
#[derive(Clone, Debug, PartialEq, Hash)]
pub struct Producer {
    number: u32,
    /// What it calls itself in its requests.
    client_id: Topic,
    settings: ProducerSettings,
    random: Random,
    metadata: Metadata,
    requests: InFlightRequests<PendingRequest>,
    request_latency: RequestLatency,
    unassigned: VecDeque<Unassigned>,
    sticky: FlatMap<Topic, Sticky>,
    /// How many records of each topic `RoundRobinPartitioner` has dealt out; with `DefaultPartitioner` from any number on.
    dealt: FlatMap<Topic, i32>,
    accumulator: Accumulator,
    /// Ids and sequence numbers; none without `enable.idempotence`.
    transaction_manager: Option<TransactionManager>,
    /// Its transaction; none without `transactional.id`.
    transaction: Option<Transaction>,
    /// What became of the records that were handed over last.
    deliveries: Deliveries,
    acknowledged: i64,
    failed: i64,
    last_partitioning: Option<Partitioning>,
    linger_at: Option<Millis>,
    retry_at: Option<Millis>,
    /// Counts the processes that it has had: what is sent to an earlier one does not reach this one.
    incarnation: u32,
    is_running: bool,
    closing: Option<Closing>,
    /// What sends records at a rate, while it does.
    perf_test: Option<PerfTest>,
}

impl Producer {
    /// Hashes what can still act, without what is kept to be shown.
    pub fn hash_behavior(&self, hasher: &mut DigestHasher) {
        let Self {
            number,
            client_id: _,
            settings,
            random,
            metadata,
            requests,
            request_latency: _,
            unassigned,
            sticky,
            dealt,
            accumulator,
            transaction_manager,
            transaction,
            deliveries: _,
            acknowledged: _,
            failed: _,
            last_partitioning: _,
            linger_at,
            retry_at,
            incarnation,
            is_running,
            closing,
            perf_test,
        } = self;
        (number, settings, random, metadata, requests).hash(hasher);
        (unassigned, sticky, dealt, accumulator, transaction_manager, transaction, linger_at, retry_at).hash(hasher);
        (incarnation, is_running, closing, perf_test).hash(hasher);
    }

    /// A producer that has not spoken to anybody. Every wrong setting is named.
    pub fn new(
        number: u32,
        config: &ProducerConfig,
        bootstrap: Vec<i32>,
        mut random: Random,
    ) -> Result<Self, Vec<CommandError>> {
        let mut settings = ProducerSettings::with(&config.settings)?;
        reconcile(&mut settings, &config.settings).map_err(|error| vec![error])?;
        let metadata = Metadata::new(bootstrap, &mut random);
        let transaction_manager = settings.enable_idempotence.then(TransactionManager::new);
        let transactional_id = &settings.transactional_id;
        let transaction = (!transactional_id.is_empty()).then(|| Transaction::new(transactional_id));
        let idle_expiry = IdleExpiry::new(settings.connections_max_idle_ms);
        let client_id = match settings.client_id.as_str() {
            "" => format!("producer-{number}").into(),
            configured => configured.into(),
        };
        Ok(Self {
            number,
            client_id,
            settings,
            random,
            metadata,
            requests: InFlightRequests::new(idle_expiry),
            request_latency: RequestLatency::default(),
            unassigned: VecDeque::new(),
            sticky: FlatMap::new(),
            dealt: FlatMap::new(),
            accumulator: Accumulator::default(),
            transaction_manager,
            transaction,
            deliveries: Deliveries::default(),
            acknowledged: 0,
            failed: 0,
            last_partitioning: None,
            linger_at: None,
            retry_at: None,
            incarnation: 0,
            is_running: true,
            perf_test: None,
            closing: None,
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
        self.check_open()?;
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
        let (bytes, most) = (size_upper_bound(&record), self.settings.max_request_size);
        if bytes > most && self.transaction.as_ref().is_some_and(|known| known.allows(TransactionCall::Send)) {
            // A RecordTooLargeException, which spoils the transaction.
            let delivery = self.deliveries.begin(topic, &record, fx.step);
            self.send_failed(topic, partition, delivery, ErrorCode::MessageTooLarge, fx);
            self.run(now, fx);
            return Ok(());
        }
        if bytes > most {
            return bad(format!(
                "The message is {bytes} bytes when serialized which is larger than {most}, which is the value of the max.request.size configuration."
            ));
        }
        let buffer = buffer_bytes(&record, self.settings.batch_size);
        if u64::from(buffer) > self.settings.buffer_memory {
            let most = self.settings.buffer_memory;
            return bad(format!(
                "Attempt to allocate {buffer} bytes, but there is a hard limit of {most} on memory allocations."
            ));
        }
        let delivery = self.deliveries.begin(topic, &record, fx.step);
        let topic = topic.clone();
        let is_in_transaction = self.transaction.as_ref().is_some_and(|known| known.allows(TransactionCall::Send));
        let (since, dealt_to) = (now, None);
        let waiting = Unassigned { topic, partition, record, delivery, is_in_transaction, since, dealt_to };
        self.unassigned.push_back(waiting);
        self.run(now, fx);
        Ok(())
    }

    /// An answer, the end of a peer, or a timer.
    pub fn handle(&mut self, input: Input<ProducerTimer>, now: Millis, fx: &mut Effects) {
        match input {
            Input::Answer { from, correlation_id, response } => {
                let client = Actor::Producer(self.number);
                let open = match self.requests.answered(fx, correlation_id, &response, now) {
                    Answered::Request(open) => open,
                    Answered::ApiVersions => {
                        if let Response::ApiVersions(answer) = &*response {
                            self.learned_version(answer);
                        }
                        if let Some(transaction) = &mut self.transaction {
                            transaction.coordinator_is_ready(from, now, self.settings.retry_backoff_ms);
                        }
                        self.run(now, fx);
                        return fx.replace_explanation(Explanation::ConnectionReady { client, node: from });
                    }
                    Answered::Late => return fx.explain(Explanation::LateAnswer { to: client, api: response.api() }),
                };
                if open.api == ApiKey::Produce {
                    self.request_latency.record(now.saturating_sub(open.sent_at), now);
                }
                match (open.context, *response) {
                    (PendingRequest::Metadata, Response::Metadata(metadata)) => {
                        let (retry_ms, age_ms) = (self.settings.retry_backoff_ms, self.settings.metadata_max_age_ms);
                        if self.metadata.learn(&metadata, now, retry_ms, age_ms) {
                            fx.change(Change::MetadataLearned { client: Actor::Producer(self.number) });
                        }
                        fx.explain(Explanation::ProducerLearnsMetadata { producer: self.number, node: from });
                    }
                    (PendingRequest::Metadata, _) => self.metadata.failed(now, self.settings.retry_backoff_ms),
                    (PendingRequest::InitProducerId, Response::InitProducerId(answer)) => {
                        self.init_answered(&answer, now, fx)
                    }
                    (PendingRequest::InitProducerId, _) => self.init_failed(now),
                    (PendingRequest::Transaction(asked), response) => {
                        self.transaction_answered(asked, response, now, fx);
                    }
                    (PendingRequest::Produce(batches), Response::Produce(answer)) => {
                        self.answered(batches, &answer, now, fx)
                    }
                    (PendingRequest::Produce(batches), _) => self.lost(batches, ErrorCode::UnknownServerError, now, fx),
                }
            }
            Input::Disconnected { node, port, purpose } => self.disconnected(node, port, purpose, now, fx),
            Input::RequestTimeout => {
                let backoff = self.settings.reconnect_backoff();
                for expired in self.requests.take_expired(fx, |_| backoff, now) {
                    let (from, to) = (Actor::Producer(self.number), Actor::Node(expired.to));
                    fx.change(Change::TimedOut { from, to, api: expired.api });
                    fx.explain(Explanation::RequestGivenUp { actor: from, to, api: expired.api });
                    self.metadata.want();
                    self.give_up(expired.context, ErrorCode::RequestTimedOut, now, fx);
                }
            }
            Input::IdleConnections => {
                for (node, port, purpose) in self.requests.close_idle(fx, Actor::Producer(self.number), now) {
                    self.disconnected(node, port, purpose, now, fx);
                }
            }
            Input::Timer(ProducerTimer::Linger) => self.linger_at = None,
            Input::Timer(ProducerTimer::Retry) => self.retry_at = None,
            Input::Timer(ProducerTimer::Metadata) => self.metadata.timer_fired(),
            Input::Timer(ProducerTimer::PerfTest) => self.continue_perf_test(now, fx),
            // The cluster runs applications: they have two clients.
            Input::Timer(ProducerTimer::Application) => {}
        }
        self.run(now, fx);
        fx.explain(Explanation::ProducerIdle { producer: self.number });
    }

    fn disconnected(&mut self, node: i32, port: Listener, purpose: Purpose, now: Millis, fx: &mut Effects) {
        self.metadata.want();
        let backoff = self.settings.reconnect_backoff();
        for lost in self.requests.take_all_on(node, port, purpose, backoff, now) {
            self.give_up(lost.context, ErrorCode::NetworkException, now, fx);
        }
    }

    /// A request will not be answered. What is said of a Produce: the connection broke, or it was closed because a request on
    /// it ran out of time (`Sender.handleProduceResponse`).
    fn give_up(&mut self, pending: PendingRequest, error: ErrorCode, now: Millis, fx: &mut Effects) {
        match pending {
            PendingRequest::Metadata => self.metadata.failed(now, self.settings.retry_backoff_ms),
            PendingRequest::InitProducerId => self.init_failed(now),
            PendingRequest::Transaction(asked) => self.transaction_request_lost(&asked, now, fx),
            PendingRequest::Produce(batches) => self.lost(batches, error, now, fx),
        }
    }

    /// What the sender does before it sends: begins another epoch where sequence numbers were refused, and asks for an id
    /// where there is none (`TransactionManager.bumpIdempotentEpochAndResetIdIfNeeded`).
    fn prepare_producer_id(&mut self, now: Millis, fx: &mut Effects) {
        let has_records = !self.unassigned.is_empty() || !self.accumulator.queues.is_empty();
        let Some(transaction_manager) = &mut self.transaction_manager else { return };
        if self.transaction.is_some() {
            // Where numbers do not fit, the transaction is aborted; its end brings another epoch.
            return transaction_manager.leave_unresolved();
        }
        if let Some(id) = transaction_manager.resolve() {
            let (producer, producer_id, epoch) = (self.number, id.producer_id, id.epoch);
            fx.change(Change::ProducerIdAssigned { producer, producer_id, epoch });
            fx.explain(Explanation::ProducerBumpsEpoch { producer, producer_id, epoch });
        }
        if !has_records || !transaction_manager.wants_id(now) {
            return;
        }
        let load = |node| self.requests.load(node, Listener::Broker, ApiKey::InitProducerId, now);
        let Some(node) = self.metadata.least_loaded_node(load) else {
            if let Some(at) = self.metadata.any_node_at(load) {
                transaction_manager.asks_not_before(at);
            }
            return;
        };
        transaction_manager.asked();
        let deadline = now.saturating_add(self.settings.request_timeout_ms);
        let request = Request::InitProducerId(InitProducerIdRequest {
            transaction_timeout_ms: i32::MAX,
            ..InitProducerIdRequest::default()
        });
        self.requests.send(fx, node, Listener::Broker, request, deadline, PendingRequest::InitProducerId);
    }

    fn init_answered(&mut self, answer: &InitProducerIdResponse, now: Millis, fx: &mut Effects) {
        let (producer, error) = (self.number, answer.error_code);
        let Some(transaction_manager) = &mut self.transaction_manager else { return };
        if error.is_none() {
            let id = transaction_manager.answered(answer);
            let (producer_id, epoch) = (id.producer_id, id.epoch);
            fx.change(Change::ProducerIdAssigned { producer, producer_id, epoch });
            fx.explain(Explanation::ProducerHasId { producer, producer_id, epoch });
            return;
        }
        transaction_manager.ask_failed(now, self.settings.retry_backoff_ms);
        if error.is_retriable() {
            fx.explain(Explanation::ProducerWaitsForId { producer, error });
            return;
        }
        // Without an id nothing may be sent, and it will not be given: what waits has failed.
        for (partition, batch) in self.accumulator.take_all() {
            self.fail(&partition, &batch.deliveries, error, fx);
        }
    }

    fn init_failed(&mut self, now: Millis) {
        if let Some(transaction_manager) = &mut self.transaction_manager {
            transaction_manager.ask_failed(now, self.settings.retry_backoff_ms);
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
        self.drive_transaction(now, fx);
        self.accumulator.is_completing = self.transaction.as_ref().is_some_and(Transaction::is_completing);
        self.expire_batches(now, fx);
        if !self.is_asking() {
            self.send_batches(now, fx);
        }
        // What was just answered, or given up, may have been the last that its end waited for.
        self.drive_transaction(now, fx);
        self.expire_transaction_call(now, fx);
        self.drive_closing(now, fx);
        if self.is_closed() {
            return;
        }
        let load = |node| self.requests.load(node, Listener::Broker, ApiKey::Metadata, now);
        if (self.has_topics() || self.metadata.is_known)
            && let Some(node) = self.metadata.ask(ProducerTimer::Metadata, load, now, fx)
        {
            let deadline = now.saturating_add(self.settings.request_timeout_ms);
            let new_topics = self.metadata.asked_new_topics().cloned();
            let request = match new_topics {
                Some(new_topics) => Metadata::request(new_topics),
                None => Metadata::request(self.topics()),
            };
            self.requests.send(fx, node, Listener::Broker, request, deadline, PendingRequest::Metadata);
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

    /// Its settings.
    pub fn settings(&self) -> &ProducerSettings {
        &self.settings
    }

    /// Changes a setting, by its real name, from now on.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), CommandError> {
        let mut settings = self.settings.clone();
        settings.set(name, value)?;
        if settings.transactional_id != self.settings.transactional_id {
            return Err(CommandError::FixedSetting { name: name.to_owned() });
        }
        // What is written now was asked for.
        let given = BTreeMap::from([(name.to_owned(), value.to_owned())]);
        reconcile(&mut settings, &given)?;
        self.transaction_manager = match self.transaction_manager.take() {
            Some(known) if settings.enable_idempotence => Some(known),
            None if settings.enable_idempotence => Some(TransactionManager::new()),
            Some(_) | None => None,
        };
        self.settings = settings;
        Ok(())
    }

    /// Its id and sequence numbers; none without `enable.idempotence`.
    pub fn transaction_manager(&self) -> Option<&TransactionManager> {
        self.transaction_manager.as_ref()
    }

    /// Whether an answer of this endpoint is awaited.
    pub fn has_open_to(&self, peer: Endpoint) -> bool {
        self.requests.has_open_to(peer)
    }

    /// What it calls itself in its requests (`client.id`).
    pub fn client_id(&self) -> Topic {
        self.client_id.clone()
    }

    /// How long its Produce requests took lately.
    pub fn request_latency(&self) -> &RequestLatency {
        &self.request_latency
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
            if let PendingRequest::Produce(batches) = &open.context {
                for (partition, _) in batches {
                    *in_flight.entry(partition.clone()).or_default() += 1;
                }
            }
        }
        in_flight
    }

    /// Records whose `send` has not returned: their topic or partition is not known yet, or there is no memory for them.
    pub fn unassigned_records(&self) -> i64 {
        i64::try_from(self.unassigned.len()).unwrap_or(i64::MAX)
    }

    /// What is left of `buffer.memory`, in bytes (`BufferPool.availableMemory`): each batch has its piece until it is done.
    pub fn available_memory(&self) -> u64 {
        let waiting = self.accumulator.queues.values().flatten();
        let sent = self.sent_batches().map(|(_, _, batch)| batch);
        let used = waiting.chain(sent).map(|batch| u64::from(batch.buffer_bytes)).sum();
        self.settings.buffer_memory.saturating_sub(used)
    }

    /// Its batches that were sent and are not answered, with the node asked.
    pub fn sent_batches(&self) -> impl Iterator<Item = (i32, &TopicPartition, &Batch)> {
        self.requests.iter().flat_map(|open| {
            let batches = match &open.context {
                PendingRequest::Produce(batches) => batches.as_slice(),
                PendingRequest::Metadata | PendingRequest::InitProducerId | PendingRequest::Transaction(_) => &[],
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

    /// What became of the records that were handed over to it, also in its earlier processes; at most 256.
    pub fn deliveries(&self) -> impl Iterator<Item = &Delivery> {
        self.deliveries.iter()
    }

    /// Whether it has records that are not acknowledged yet.
    pub fn has_records(&self) -> bool {
        self.has_batches()
    }

    /// Whether batches may be sent to a broker: it has said which versions it speaks.
    pub fn is_ready(&self, node: i32) -> bool {
        self.requests.is_ready(node, Listener::Broker, ApiKey::Produce)
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
