//! The typed changes that a step made: what the page lights up, what breakpoints and goals look for.

#![expect(missing_docs, reason = "the variants say it; their fields are the arguments of the messages that word them")]

mod fields;
mod quorum_role;
mod table;

use serde::Serialize;

use crate::actor::Actor;
use crate::connection::CloseReason;
use crate::sim::Millis;
use crate::wire::client_quotas::QuotaType;
use crate::wire::codec::{JsonType, camel_case};
use crate::wire::{ApiKey, ErrorCode, Topic, TopicPartition};

pub use quorum_role::QuorumRole;
pub use table::{Concern, Membership, MilestoneKind, ReplicaPart, Size, Weight};

fields::enum_with_fields! {
/// One change of the cluster. Serialised with its kebab-case name under `change`; the page's message for it has the id
/// `change-` and that name, with the fields as arguments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, strum::VariantNames, strum::IntoStaticStr)]
#[serde(tag = "change", rename_all = "kebab-case", rename_all_fields = "camelCase")]
#[strum(serialize_all = "kebab-case")]
pub enum Change {
    // --- the log of a replica ---
    /// A replica appended a batch.
    Appended {
        node: i32,
        partition: TopicPartition,
        base_offset: i64,
        last_offset: i64,
        leader_epoch: i32,
        as_leader: bool,
    },
    /// A replica cut off its log's end: `from` was its log end offset, `to` is.
    Truncated { node: i32, partition: TopicPartition, from: i64, to: i64 },
    /// A replica's high watermark moved.
    HighWatermarkMoved { node: i32, partition: TopicPartition, from: i64, to: i64, as_leader: bool },
    /// A replica's log start offset moved up.
    LogStartMoved { node: i32, partition: TopicPartition, from: i64, to: i64 },
    /// A replica began a new segment.
    SegmentRolled { node: i32, partition: TopicPartition, base_offset: i64 },
    /// A replica deleted an old segment.
    SegmentDeleted { node: i32, partition: TopicPartition, base_offset: i64 },
    /// A replica's log was forced to disk, because it rolled or because of `flush.messages`: below `to` nothing can be lost.
    Flushed { node: i32, partition: TopicPartition, to: i64 },
    /// A broker found an offset for a client: in which segment, from which index entry (-1 for none) the scan began, and
    /// how many batches it passed over.
    IndexLookedUp {
        node: i32,
        partition: TopicPartition,
        offset: i64,
        segment: i64,
        entry_offset: i64,
        scanned_from: i64,
        scanned_batches: i64,
        scanned_bytes: i64,
        position: i64,
    },
    /// A broker found the first record that is not older than a timestamp: from which entry of the time index (-1 for
    /// none) to which of the offset index (-1 for none), and how many batches the scan passed over.
    TimeIndexLookedUp {
        node: i32,
        partition: TopicPartition,
        timestamp: i64,
        segment: i64,
        time_entry_timestamp: i64,
        time_entry_offset: i64,
        entry_offset: i64,
        scanned_from: i64,
        scanned_batches: i64,
        offset: i64,
        found_timestamp: i64,
    },
    /// A replica's log was compacted: `removed` records went.
    Compacted { node: i32, partition: TopicPartition, removed: i64 },
    /// A replica noted the start of a leader epoch.
    EpochStarted { node: i32, partition: TopicPartition, leader_epoch: i32, start_offset: i64 },
    /// A checkpoint file was written.
    CheckpointWritten { node: i32, file: String },
    /// A machine's crash lost what was not flushed.
    UnflushedLost { node: i32, partition: TopicPartition, from: i64, to: i64 },

    // --- replication ---
    /// The leader learnt a follower's log end offset from its fetch.
    FollowerEndKnown { leader: i32, follower: i32, partition: TopicPartition, from: i64, to: i64 },
    /// The leader noted when a follower was last caught up.
    FollowerCaughtUp { leader: i32, follower: i32, partition: TopicPartition, from_ms: Millis, to_ms: Millis },
    /// A broker began to lead a partition.
    BecameLeader { node: i32, partition: TopicPartition, leader_epoch: i32 },
    /// A broker began to follow a leader.
    BecameFollower { node: i32, partition: TopicPartition, leader: i32, leader_epoch: i32 },
    /// A leader asked the controller for another ISR.
    IsrProposed { node: i32, partition: TopicPartition, from: Vec<i32>, to: Vec<i32> },
    /// The controller's metadata log has another ISR.
    IsrChanged { partition: TopicPartition, from: Vec<i32>, to: Vec<i32>, partition_epoch: i32 },
    /// The controller's metadata log has another leader; -1 is none.
    LeaderChanged { partition: TopicPartition, from: i32, to: i32, leader_epoch: i32 },
    /// The eligible leader replicas changed (KIP-966).
    ElrChanged { partition: TopicPartition, from: Vec<i32>, to: Vec<i32> },
    /// The replicas of a partition changed.
    ReplicasChanged { partition: TopicPartition, from: Vec<i32>, to: Vec<i32> },
    /// A follower found from its leader's answer where their logs part.
    DivergenceFound { node: i32, partition: TopicPartition, leader_epoch: i32, end_offset: i64 },

    // --- a broker's request path ---
    /// A request waits in purgatory.
    DelayedOperationWatched { node: i32, api: ApiKey, from: Actor },
    /// A waiting request was answered.
    DelayedOperationCompleted { node: i32, api: ApiKey, to: Actor, timed_out: bool },
    /// A request was refused.
    Refused { node: i32, api: ApiKey, to: Actor, error: ErrorCode },

    // --- the control plane ---
    /// The active controller appended metadata records.
    MetadataAppended { node: i32, offset: i64, types: Vec<String> },
    /// A voter's role in the quorum of the metadata log changed.
    QuorumRoleChanged { node: i32, from: QuorumRole, to: QuorumRole, epoch: i32 },
    /// A voter gave its vote of an epoch, and will not give it to another.
    VoteCast { node: i32, candidate: i32, epoch: i32 },
    /// A voter appended what its leader sent, up to an offset (exclusive).
    MetadataReplicated { node: i32, from: i64, to: i64 },
    /// A voter cut off its metadata log's end: `from` was its end offset, `to` is.
    MetadataTruncated { node: i32, from: i64, to: i64 },
    /// A node's log names other voters: from now on their majority decides.
    VotersChanged { node: i32, from: Vec<i32>, to: Vec<i32> },
    /// A node made a snapshot of the metadata log up to an offset (exclusive).
    SnapshotCreated { node: i32, end_offset: i64, epoch: i32 },
    /// A node has the whole of a snapshot that its leader sent: it takes the place of its log.
    SnapshotFetched { node: i32, end_offset: i64, epoch: i32 },
    /// A node built its image from a snapshot instead of replaying the log.
    SnapshotLoaded { node: i32, end_offset: i64, epoch: i32 },
    /// A node deleted a snapshot that a newer one has taken the place of.
    SnapshotDeleted { node: i32, end_offset: i64, epoch: i32 },
    /// A node's metadata log starts later.
    MetadataLogStartMoved { node: i32, from: i64, to: i64 },
    /// A voter's high watermark of the metadata log moved.
    QuorumHighWatermarkMoved { node: i32, from: i64, to: i64 },
    /// A node applied metadata records up to an offset (exclusive).
    MetadataApplied { node: i32, from: i64, to: i64 },
    /// A broker registered.
    BrokerRegistered { broker: i32, broker_epoch: i64 },
    /// A broker was fenced: clients are not sent to it.
    BrokerFenced { broker: i32 },
    /// A broker was unfenced.
    BrokerUnfenced { broker: i32 },
    /// A topic was created.
    TopicCreated { topic: Topic, partitions: i32 },
    /// A topic was deleted.
    TopicDeleted { topic: Topic },
    /// A setting changed in the metadata log.
    ConfigChanged { resource: String, name: String, value: Option<String> },
    /// The level of a logger of a process was set, or taken back.
    LogLevelChanged { node: i32, logger: String, level: Option<String> },

    // --- processes and links ---
    /// A process ended without warning.
    Crashed { node: i32, machine: bool },
    /// A process ended after a controlled shutdown.
    ShutDown { node: i32 },
    /// A process asked to be let go: its leaders move first.
    ShutdownRequested { node: i32 },
    /// A process started.
    Started { node: i32 },
    /// A process stands still.
    Paused { node: i32 },
    /// A process runs again, and does not know that it stood still.
    Resumed { node: i32 },
    /// Each write of a machine's disk takes so long now.
    DiskSlowed { node: i32, by_ms: Millis },
    /// A direction of a link holds everything back until it is healed.
    LinkCut { from: Actor, to: Actor },
    /// A direction of a link works again.
    LinkHealed { from: Actor, to: Actor },
    /// A person lost an envelope: it never arrives, and its connection breaks.
    Dropped { from: Actor, to: Actor, api: ApiKey },
    /// A message that was lost broke its connection: each end gets a reset. What was behind it is lost, too.
    ConnectionBroken { client: Actor, listener: Actor, lost_behind: u32 },
    /// A listener closed a connection of its own accord.
    ConnectionClosed { node: i32, client: Actor, reason: CloseReason },
    /// A client took more than its quota: its answer names a time, and nothing is read from its connection for that long.
    ClientThrottled { node: i32, client: Actor, api: ApiKey, quota: QuotaType, throttle_ms: Millis },
    /// An envelope was held up.
    Delayed { from: Actor, to: Actor, api: ApiKey, by_ms: Millis },
    /// An envelope was doubled.
    Duplicated { from: Actor, to: Actor, api: ApiKey },
    /// A request was given up after its timeout.
    TimedOut { from: Actor, to: Actor, api: ApiKey },

    // --- producers ---
    /// A producer turned a record into bytes and chose its partition. `hash` is murmur2 of the key where that decided.
    Partitioned { producer: u32, partition: TopicPartition, key: Option<String>, hash: Option<i32>, partitions: i32 },
    /// A producer sent a batch.
    BatchSent { producer: u32, partition: TopicPartition, records: i64, leader: i32 },
    /// A producer's record was acknowledged.
    Acknowledged { producer: u32, partition: TopicPartition, offset: i64, records: i64 },
    /// A producer has an id, or another epoch of it.
    ProducerIdAssigned { producer: u32, producer_id: i64, epoch: i16 },
    /// A producer will send a batch again.
    Retried { producer: u32, partition: TopicPartition, error: ErrorCode },
    /// A producer gave a record up.
    ProduceFailed { producer: u32, partition: TopicPartition, error: ErrorCode },

    /// A producer sends a batch that is too large for its topic again in parts.
    BatchSplit { producer: u32, partition: TopicPartition, records: i64, parts: i64 },
    /// A transactional producer is in another state.
    ProducerTransaction { producer: u32, state: String },
    /// A call of a producer's transaction did not end within `max.block.ms`.
    TransactionCallTimedOut { producer: u32, call: String },
    /// A producer threw records away that never left it, because their transaction is aborted.
    RecordsAborted { producer: u32, partition: TopicPartition, records: i64 },
    /// A producer was closed before records that it had accepted were acknowledged.
    RecordsAbandoned { producer: u32, partition: TopicPartition, records: i64 },
    /// A producer was closed by its application, and is done.
    ProducerClosed { producer: u32 },
    /// A producer's process died.
    ProducerCrashed { producer: u32 },
    /// A producer was started again.
    ProducerStarted { producer: u32 },

    // --- consumers and groups ---
    /// A client learnt another state of the cluster.
    MetadataLearned { client: Actor },
    /// A consumer found its group's coordinator.
    CoordinatorFound { consumer: u32, group: String, node: i32 },
    /// A group changed its state.
    GroupStateChanged { group: String, from: String, to: String, generation: i32 },
    /// A consumer group was rebalanced within one heartbeat: its epoch was bumped, and it is in the same state as before (KIP-848).
    GroupEpochBumped { group: String, state: String, epoch: i32 },
    /// A consumer got its partitions.
    Assigned { consumer: u32, partitions: Vec<TopicPartition>, generation: i32 },
    /// A consumer has the part of its target assignment that it could take; its next heartbeat says so (KIP-848).
    Reconciled { consumer: u32, partitions: Vec<TopicPartition>, member_epoch: i32 },
    /// A consumer gave partitions up (`onPartitionsRevoked`).
    PartitionsRevoked { consumer: u32, partitions: Vec<TopicPartition> },
    /// A consumer is no member any more: its partitions may be another's already (`onPartitionsLost`).
    PartitionsLost { consumer: u32, partitions: Vec<TopicPartition> },
    /// A consumer's application subscribed to topics.
    Subscribed { consumer: u32, topics: Vec<Topic> },
    /// A consumer's application subscribed to a pattern, or its consumer found other topics that match. Which ones do is for the
    /// broker to find out where that assigns.
    SubscribedToPattern { consumer: u32, pattern: String, topics: Vec<Topic> },
    /// A consumer's application unsubscribed.
    Unsubscribed { consumer: u32 },
    /// A consumer's application assigned it partitions, past its group.
    PartitionsAssigned { consumer: u32, partitions: Vec<TopicPartition> },
    /// A consumer's application paused partitions.
    PartitionsPaused { consumer: u32, partitions: Vec<TopicPartition> },
    /// A consumer's application goes on with paused partitions.
    PartitionsResumed { consumer: u32, partitions: Vec<TopicPartition> },
    /// A consumer is to read on from the start or the end of partitions.
    OffsetResetRequested { consumer: u32, partitions: Vec<TopicPartition> },
    /// The application got records.
    RecordsRead { consumer: u32, partition: TopicPartition, from: i64, to: i64 },
    /// A consumer's position moved.
    PositionMoved { consumer: u32, partition: TopicPartition, from: i64, to: i64 },
    /// A group's committed offset moved, at its coordinator.
    OffsetCommitted { group: String, partition: TopicPartition, from: i64, to: i64 },
    /// A consumer knows that its commit is safe.
    CommitAcknowledged { consumer: u32, partition: TopicPartition, offset: i64 },
    /// A consumer could not make a key or a value of a record's bytes: the poll failed.
    DeserializationFailed { consumer: u32, partition: TopicPartition, offset: i64 },
    /// The application has processed records that it held.
    RecordsProcessed { consumer: u32, partition: TopicPartition, from: i64, to: i64 },
    /// A consumer's process died.
    ConsumerCrashed { consumer: u32 },
    /// A consumer was closed by its application.
    ConsumerClosed { consumer: u32 },
    /// A consumer that is closed told a broker that their fetch session is over.
    FetchSessionClosed { consumer: u32, node: i32 },
    /// A consumer was started again.
    ConsumerStarted { consumer: u32 },
    /// A member left its group or was dropped from it.
    MemberLeft { group: String, member: String, expired: bool },
    /// A broker began to coordinate groups of one partition of `__consumer_offsets`, after reading it.
    CoordinatorLoaded { node: i32, partition: i32 },
    /// A transactional id changed its state, at its coordinator.
    TransactionStateChanged {
        transactional_id: String,
        from: String,
        to: String,
        producer_id: i64,
        producer_epoch: i32,
    },
    /// A broker began to coordinate the transactional ids of one partition of `__transaction_state`, after reading it.
    TransactionCoordinatorLoaded { node: i32, partition: i32 },

    // --- the person ---
    /// A setting of the simulation changed.
    SettingChanged { name: String, value: String },
    /// A hand-written request was answered.
    ProbeAnswered { probe: u32, api: ApiKey },
    /// A connection that a person opened with bytes was closed at the other end.
    ProbeDisconnected { probe: u32, node: i32 },
}
}

impl Change {
    /// The kebab-case name.
    pub fn name(&self) -> &'static str {
        self.into()
    }

    /// The names of a change's fields as they are serialised, each with the type of its value; none where the value may
    /// be missing. The change goes by its kebab-case name.
    pub fn fields(name: &str) -> Option<Vec<(String, Option<JsonType>)>> {
        let at = Self::names().iter().position(|each| *each == name)?;
        let fields = Self::FIELDS.get(at)?;
        Some(fields.iter().map(|(name, json_type)| (camel_case(name), *json_type)).collect())
    }

    /// The kebab-case names of all changes, for the test that every one has its words.
    pub fn names() -> &'static [&'static str] {
        <Self as strum::VariantNames>::VARIANTS
    }
}

/// Whether clients may not write to a topic (`Topic.isInternal`).
pub fn is_internal(topic: &str) -> bool {
    matches!(topic, "__consumer_offsets" | "__transaction_state" | "__share_group_state")
}

/// Whether a topic is Kafka's own: an internal one, or the metadata log, which brokers know no such topic of.
pub fn is_kafkas_own(topic: &str) -> bool {
    is_internal(topic) || topic == "__cluster_metadata"
}
