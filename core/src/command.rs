//! What a person may do to a cluster. Every command is recorded, so that a run can be replayed and shared.

use serde::{Deserialize, Serialize};

use crate::actor::{Actor, Listener};
use crate::sim::Millis;
use crate::sim::queue::EventId;
use crate::wire::codec::{JsonType, MessageError, MessageProblem, TextForm};
use crate::wire::records::{Bytes, Header};
use crate::wire::{ApiKey, Topic, TopicPartition};

fn is_none(count: &u32) -> bool {
    *count == 0
}

/// One thing a person does. Every command on every state gives a result or a [`CommandError`]; none panics.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, strum::VariantNames, strum::IntoStaticStr)]
#[serde(tag = "command", rename_all = "kebab-case", rename_all_fields = "camelCase", deny_unknown_fields)]
#[strum(serialize_all = "kebab-case")]
pub enum Command {
    /// A producer sends one record.
    Produce {
        /// The producer's number.
        producer: u32,
        /// The topic.
        topic: Topic,
        /// The partition, if the application names one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        partition: Option<i32>,
        /// The key, if any.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        key: Option<Bytes>,
        /// The value; none for a tombstone.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        value: Option<Bytes>,
        /// Headers.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        headers: Vec<Header>,
    },
    /// A transactional producer gets its id, and the producer that had the same `transactional.id` is fenced
    /// (`KafkaProducer.initTransactions`).
    InitTransactions {
        /// The producer's number.
        producer: u32,
    },
    /// A producer's application begins a transaction (`beginTransaction`).
    BeginTransaction {
        /// The producer's number.
        producer: u32,
    },
    /// A producer's application has a consumer's positions committed with its transaction (`sendOffsetsToTransaction`).
    SendOffsetsToTransaction {
        /// The producer's number.
        producer: u32,
        /// The consumer's number.
        consumer: u32,
    },
    /// A producer's application commits its transaction (`commitTransaction`).
    CommitTransaction {
        /// The producer's number.
        producer: u32,
    },
    /// A producer's application aborts its transaction (`abortTransaction`).
    AbortTransaction {
        /// The producer's number.
        producer: u32,
    },
    /// A producer's application sends records at a rate from now on (`kafka-producer-perf-test`).
    ProducerPerfTest {
        /// The producer's number.
        producer: u32,
        /// The topic.
        topic: Topic,
        /// How many records (`--num-records`).
        num_records: u32,
        /// How many bytes each value has (`--record-size`).
        record_size: u32,
        /// How many records a second (`--throughput`).
        throughput: u32,
        /// How many keys, in turn; none for records without a key.
        #[serde(default, skip_serializing_if = "is_none")]
        keys: u32,
    },
    /// A producer's process is killed: records that it had accepted and not sent are gone, and it tells nobody.
    CrashProducer {
        /// The producer's number.
        producer: u32,
    },
    /// A producer's application closes it (`KafkaProducer.close`): what it has accepted is still sent, lingered or not, and a
    /// transaction that is open is aborted; then its process ends.
    CloseProducer {
        /// The producer's number.
        producer: u32,
        /// How long that may take, in milliseconds: what is not done by then has failed. As long as it takes if left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        timeout_ms: Option<Millis>,
    },
    /// A producer that ended is started again.
    StartProducer {
        /// The producer's number.
        producer: u32,
    },
    /// A consumer's application polls once. Only of use where it does not poll by itself.
    Poll {
        /// The consumer's number.
        consumer: u32,
    },
    /// A consumer's application commits its position.
    Commit {
        /// The consumer's number.
        consumer: u32,
    },
    /// A consumer's application has processed the records that it holds. Only of use where it does not process them at once.
    Process {
        /// The consumer's number.
        consumer: u32,
    },
    /// A consumer's application reads on from an offset of a partition that it has (`seek`).
    Seek {
        /// The consumer's number.
        consumer: u32,
        /// The partition.
        partition: TopicPartition,
        /// The offset of the next record that it wants.
        offset: i64,
    },
    /// A consumer's application reads on from the start of partitions that it has (`seekToBeginning`).
    SeekToBeginning {
        /// The consumer's number.
        consumer: u32,
        /// The partitions; all that it has if none is named.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        partitions: Vec<TopicPartition>,
    },
    /// A consumer's application reads on from the end of partitions that it has (`seekToEnd`).
    SeekToEnd {
        /// The consumer's number.
        consumer: u32,
        /// The partitions; all that it has if none is named.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        partitions: Vec<TopicPartition>,
    },
    /// A consumer's application wants no records of partitions for now (`KafkaConsumer.pause`).
    PausePartitions {
        /// The consumer's number.
        consumer: u32,
        /// The partitions.
        partitions: Vec<TopicPartition>,
    },
    /// A consumer's application wants records of paused partitions again (`KafkaConsumer.resume`).
    ResumePartitions {
        /// The consumer's number.
        consumer: u32,
        /// The partitions.
        partitions: Vec<TopicPartition>,
    },
    /// A consumer's application subscribes to topics or to a pattern of names (`subscribe`); to neither is `unsubscribe`.
    Subscribe {
        /// The consumer's number.
        consumer: u32,
        /// The topics.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        topics: Vec<Topic>,
        /// The pattern: a `java.util.regex.Pattern` that the consumer matches itself, with `group.protocol=consumer` a
        /// `SubscriptionPattern` that the broker matches.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pattern: Option<String>,
    },
    /// A consumer's application wants nothing any more: it leaves its group (`unsubscribe`).
    Unsubscribe {
        /// The consumer's number.
        consumer: u32,
    },
    /// A consumer's application assigns it partitions by hand, without being a member of its group (`assign`); none at all is
    /// `unsubscribe`.
    Assign {
        /// The consumer's number.
        consumer: u32,
        /// The partitions.
        partitions: Vec<TopicPartition>,
    },
    /// A consumer's process is killed: it forgets all that it did not commit, and tells nobody.
    CrashConsumer {
        /// The consumer's number.
        consumer: u32,
    },
    /// A consumer's application closes it (`KafkaConsumer.close`): it leaves its group and ends.
    CloseConsumer {
        /// The consumer's number.
        consumer: u32,
    },
    /// A consumer that ended is started again, as a new member of its group.
    StartConsumer {
        /// The consumer's number.
        consumer: u32,
    },
    /// A process is killed: what it wrote is in the machine's page cache and survives. With `machine`, the machine
    /// loses power: what was not flushed is gone.
    Crash {
        /// `node.id`.
        node: i32,
        /// Whether the whole machine goes.
        #[serde(default)]
        machine: bool,
    },
    /// A dead process is started again.
    Start {
        /// `node.id`.
        node: i32,
    },
    /// A process is asked to end (SIGTERM): a controlled shutdown.
    Stop {
        /// `node.id`.
        node: i32,
    },
    /// A process stands still (SIGSTOP, or a long garbage collection).
    Pause {
        /// `node.id`.
        node: i32,
    },
    /// A paused process runs again, and does not know that time has passed.
    Resume {
        /// `node.id`.
        node: i32,
    },
    /// Makes a machine's disk slow: each produce request and each fetched batch takes so much longer to be written, one
    /// after the other. 0 makes it fast again.
    SlowDisk {
        /// Its `node.id`.
        node: i32,
        /// How many milliseconds a write takes.
        by_ms: Millis,
    },
    /// A link holds back what is sent from one actor to another: like TCP, the sender's machine sends it again once the
    /// link works.
    Cut {
        /// The sender.
        from: Actor,
        /// The receiver.
        to: Actor,
        /// Also the other way.
        #[serde(default = "yes")]
        both: bool,
    },
    /// A link works again.
    Heal {
        /// The sender.
        from: Actor,
        /// The receiver.
        to: Actor,
        /// Also the other way.
        #[serde(default = "yes")]
        both: bool,
    },
    /// The scheduler is overruled: this event happens next. Where it is that a time is up, the time passes.
    Choose {
        /// The event.
        event: EventId,
    },
    /// An envelope on its way is lost.
    Drop {
        /// The event that would deliver it.
        event: EventId,
    },
    /// An envelope on its way is held up.
    Delay {
        /// The event that would deliver it.
        event: EventId,
        /// By how much, in milliseconds.
        by_ms: Millis,
    },
    /// An envelope on its way arrives twice.
    Duplicate {
        /// The event that would deliver it.
        event: EventId,
    },
    /// A setting changes: of a topic or of brokers through the controller (as `kafka-configs.sh` does it), of a client or
    /// of the simulated network at once.
    Set {
        /// Whose setting.
        scope: SettingScope,
        /// Its real name, as in `min.insync.replicas`.
        name: String,
        /// Its value.
        value: String,
    },
    /// The admin client creates a topic.
    CreateTopic {
        /// Its name.
        topic: Topic,
        /// How many partitions.
        partitions: i32,
        /// How many replicas of each.
        replication_factor: i16,
        /// Replicas of each partition, by hand; then the two numbers above are not used.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        assignment: Vec<Vec<i32>>,
        /// Settings.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        configs: Vec<(String, String)>,
    },
    /// The admin client deletes a topic.
    DeleteTopic {
        /// Its name.
        topic: Topic,
    },
    /// The admin client elects a leader by hand.
    Elect {
        /// The partition.
        partition: TopicPartition,
        /// Also from outside the ISR.
        #[serde(default)]
        unclean: bool,
    },
    /// The admin client moves a partition's replicas.
    Reassign {
        /// The partition.
        partition: TopicPartition,
        /// The wanted replicas; none cancels.
        replicas: Option<Vec<i32>>,
    },
    /// A request written by hand goes to a node; the real answer comes back, or waits in purgatory.
    Request {
        /// The probe that sends it. It opens a connection of its own.
        probe: u32,
        /// The probe on whose connection it is sent instead. A broker takes one request at a time from a connection.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        connection: Option<u32>,
        /// `node.id` of who is asked.
        to: i32,
        /// At which listener.
        #[serde(default)]
        port: Listener,
        /// Which request.
        api: ApiKey,
        /// In which version; the newest if left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        version: Option<i16>,
        /// In whose name, as in `User:admin`; nobody's if left out. It matters to an authorizer alone.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        principal: Option<Topic>,
        /// What its sender calls itself (`client.id`); `probe` if left out. It matters to quotas.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        client_id: Option<Topic>,
        /// Its body, with Kafka's own field names.
        body: serde_json::Value,
    },
    /// A person opens a connection to a node and sends bytes on it, whatever they are. It stays open until one of its ends closes
    /// it; requests written by hand may follow on it.
    SendBytes {
        /// The probe that opens it.
        probe: u32,
        /// `node.id` of who is connected to.
        to: i32,
        /// At which listener.
        #[serde(default)]
        port: Listener,
        /// The bytes; none opens the connection alone.
        bytes: Bytes,
    },
    /// A person closes a connection that bytes opened.
    CloseConnection {
        /// The probe that opened it.
        probe: u32,
    },
}

fn yes() -> bool {
    true
}

impl Command {
    /// A request written by hand, on a connection of its own and in nobody's name.
    pub const fn request(
        probe: u32,
        (to, port): (i32, Listener),
        api: ApiKey,
        version: Option<i16>,
        body: serde_json::Value,
    ) -> Self {
        Self::Request { probe, connection: None, to, port, api, version, principal: None, client_id: None, body }
    }

    /// The kebab-case name.
    pub fn name(&self) -> &'static str {
        self.into()
    }

    /// The kebab-case names of all commands.
    pub fn names() -> &'static [&'static str] {
        <Self as strum::VariantNames>::VARIANTS
    }
}

/// Whose setting is changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SettingScope {
    /// One topic's.
    Topic(String),
    /// One broker's.
    Broker(i32),
    /// All brokers' default.
    Brokers,
    /// One group's.
    Group(String),
    /// One producer's.
    Producer(u32),
    /// One consumer's.
    Consumer(u32),
    /// What the places of one process's request pipeline cost in virtual time: `handler.request.ms` and the like.
    Pipeline(i32),
    /// The simulated network's: `latency.ms.min`, `latency.ms.max`.
    Network,
}

/// Why a command did nothing. The page's message for it has the id `error-` and the kebab-case name.
#[expect(missing_docs, reason = "the fields are the arguments of the messages that word the variants")]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, strum::VariantNames, strum::IntoStaticStr)]
#[serde(tag = "error", rename_all = "kebab-case", rename_all_fields = "camelCase")]
#[strum(serialize_all = "kebab-case")]
pub enum CommandError {
    /// No process has this `node.id`.
    NoSuchNode { node: i32 },
    /// There is no such producer.
    NoSuchProducer { producer: u32 },
    /// The producer has no `transactional.id`.
    NotTransactional { producer: u32 },
    /// The producer's transaction is in a state that forbids the call.
    InvalidTransactionState { producer: u32, call: String, state: String },
    /// A call of the transaction timed out before, and has to be made again first.
    TransactionCallTimedOut { producer: u32, call: String, previous: String },
    /// The producer's application reads, processes and writes by itself: nobody else moves its transaction.
    ProducerOfApplication { producer: u32, consumer: u32 },
    /// The producer's application has closed it already.
    ProducerClosing { producer: u32 },
    /// The producer has ended.
    ProducerNotRunning { producer: u32 },
    /// The producer runs already.
    ProducerRunning { producer: u32 },
    /// A client reads the setting when it is created.
    FixedSetting { name: String },
    /// There is no such consumer.
    NoSuchConsumer { consumer: u32 },
    /// No event with this number is pending.
    NoSuchEvent { event: EventId },
    /// Something that was sent earlier on the same connection has not arrived: nothing overtakes on one.
    BehindOnItsConnection { event: EventId },
    /// The event is a timer or a thread, not an envelope.
    NotAnEnvelope { event: EventId },
    /// The process runs already.
    AlreadyRunning { node: i32 },
    /// The process does not run.
    NotRunning { node: i32 },
    /// The process is not paused.
    NotPaused { node: i32 },
    /// The link is cut already.
    AlreadyCut { from: Actor, to: Actor },
    /// The link is not cut.
    NotCut { from: Actor, to: Actor },
    /// An actor cannot be cut from itself.
    SameEndpoint { actor: Actor },
    /// A record has neither key nor value, or is larger than `max.request.size`.
    BadRecord { reason: String },
    /// There is no such setting in this scope.
    NoSuchSetting { name: String },
    /// The setting does not take this value.
    BadValue { name: String, value: String, expected: String },
    /// Kafka refuses the value, in its own words.
    InvalidConfig { message: String },
    /// The hand-written request has a field that there is not.
    RequestUnknownField { at: String, field: String, expected: Vec<String> },
    /// The hand-written request lacks a field that has no default.
    RequestMissingField { at: String, field: String },
    /// A value of the hand-written request is of another type.
    RequestWrongType { at: String, found: JsonType, expected: JsonType },
    /// A number of the hand-written request is outside of its field's range.
    RequestOutOfRange { at: String, found: String, min: String, max: String },
    /// A text of the hand-written request is none of the names that there are.
    RequestUnknownValue { at: String, found: String, expected: Vec<String> },
    /// The hand-written request says something in a field that its version does not have, and that no client drops without a word
    /// (`UnsupportedVersionException`).
    RequestNotInVersion { at: String, field: String, version: i16 },
    /// A text of the hand-written request is not of the form that it must have.
    RequestMalformed { at: String, found: String, expected: TextForm },
    /// The bytes are a request of which only the header is read here: it can be written by its fields.
    NoBinaryForm { api: String },
    /// The probe has sent something before: bytes open a connection of their own.
    ProbeInUse { probe: u32 },
    /// The probe has no connection that bytes opened, or it is closed.
    ConnectionNotOpen { probe: u32 },
    /// The bytes sent last on the connection are a part of a request: another request cannot follow.
    RequestUnfinished { probe: u32 },
    /// The consumer has nothing to commit.
    NothingToCommit { consumer: u32 },
    /// The consumer has no such partition (`IllegalStateException`).
    NotAssigned { consumer: u32, partition: String },
    /// A position cannot be negative (`IllegalArgumentException`).
    NegativeOffset { offset: i64 },
    /// The consumer subscribed in another way before (`IllegalStateException`).
    MutuallyExclusiveSubscription { consumer: u32 },
    /// A name or a pattern to subscribe to is empty (`IllegalArgumentException`).
    EmptySubscription { consumer: u32 },
    /// A pattern to subscribe to cannot be read (`PatternSyntaxException`).
    BadPattern { pattern: String, reason: String },
    /// The consumer neither subscribed to topics nor was assigned partitions (`IllegalStateException`).
    NotSubscribed { consumer: u32 },
    /// The consumer's application holds no records that it has not processed.
    NothingToProcess { consumer: u32 },
    /// The consumer's application reads, processes and writes by itself.
    ProcessesByItself { consumer: u32 },
    /// The consumer has ended.
    ConsumerNotRunning { consumer: u32 },
    /// The consumer runs already.
    ConsumerRunning { consumer: u32 },
    /// A broker that is shutting down is asked again.
    AlreadyStopping { node: i32 },
    /// Nothing is scheduled any more.
    NothingPending {},
    /// A bound of the simulation was reached.
    LimitReached { what: String, limit: u64 },
}

impl CommandError {
    /// The kebab-case name.
    pub fn name(&self) -> &'static str {
        self.into()
    }

    /// The kebab-case names of all errors.
    pub fn names() -> &'static [&'static str] {
        <Self as strum::VariantNames>::VARIANTS
    }
}

impl From<MessageError> for CommandError {
    fn from(error: MessageError) -> Self {
        let at = if error.at.is_empty() { "body".to_owned() } else { error.at };
        match error.problem {
            MessageProblem::UnknownField { field, expected } => Self::RequestUnknownField { at, field, expected },
            MessageProblem::MissingField { field } => Self::RequestMissingField { at, field },
            MessageProblem::WrongType { found, expected } => Self::RequestWrongType { at, found, expected },
            // As text: a page's numbers are not exact to 64 bits.
            MessageProblem::OutOfRange { found, min, max } => {
                Self::RequestOutOfRange { at, found, min: min.to_string(), max: max.to_string() }
            }
            MessageProblem::UnknownValue { found, expected } => Self::RequestUnknownValue { at, found, expected },
            MessageProblem::NotInVersion { field, version } => Self::RequestNotInVersion { at, field, version },
            MessageProblem::Malformed { found, expected } => Self::RequestMalformed { at, found, expected },
        }
    }
}

impl std::fmt::Display for CommandError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", crate::json::write_text(self))
    }
}

impl std::error::Error for CommandError {}
