//! The one face through which everybody looks at a cluster: the page, the text view, lessons, oracles, the JS API.
//!
//! It names what is shown, in plain owned values. Anyone who draws never sees a private field of the engine.

mod build;
mod summary;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::actor::{Actor, Listener};
use crate::sim::Millis;
use crate::sim::queue::EventId;
use crate::wire::records::Record;
use crate::wire::{ApiKey, TopicPartition};

/// A whole cluster, as it is at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ClusterView {
    /// Virtual time, in milliseconds.
    pub now_ms: Millis,
    /// The Kafka processes, by id.
    pub nodes: Vec<NodeView>,
    /// What the active controller's metadata log says of partitions, by topic and index: the cluster's truth, which no
    /// broker need know yet.
    pub partitions: Vec<PartitionView>,
    /// The producers.
    pub producers: Vec<ProducerView>,
    /// The consumers.
    pub consumers: Vec<ConsumerView>,
    /// Groups, as their coordinators have them.
    pub groups: Vec<GroupView>,
    /// What is on its way, in the order in which it will arrive.
    pub envelopes: Vec<EnvelopeView>,
    /// Cut directions.
    pub cuts: Vec<(Actor, Actor)>,
    /// What was sent into cut links and waits there, the oldest first: no sender knows.
    pub held: Vec<HeldView>,
}

/// A Kafka process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NodeView {
    /// `node.id`.
    pub id: i32,
    /// Whether it is a broker.
    pub is_broker: bool,
    /// Whether it is a controller.
    pub is_controller: bool,
    /// `broker.rack`.
    pub rack: Option<String>,
    /// How the process is.
    pub state: NodeState,
    /// Its replicas, by topic and index.
    pub replicas: Vec<ReplicaView>,
    /// How far it has applied the metadata log (exclusive), as broker or controller.
    pub metadata_offset: i64,
    /// Its registration's epoch, as it knows it; -1 for none.
    pub broker_epoch: i64,
    /// The controller's own state, where it is one.
    pub controller: Option<ControllerView>,
    /// Requests that wait for a handler thread.
    pub request_queue: Vec<RequestView>,
    /// Requests that wait in purgatory.
    pub purgatory: Vec<PurgatoryView>,
    /// How long the disk takes for one write, in milliseconds; 0 where nobody made it slow.
    pub disk_write_ms: Millis,
    /// Checkpoint files by name, as a person would open them.
    pub files: BTreeMap<String, String>,
}

/// How a process is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NodeState {
    /// It runs, and has not registered yet.
    Starting,
    /// It runs and is registered, and the controller keeps clients away from it.
    Fenced,
    /// It runs.
    Running,
    /// It runs and moves its leaders away before it ends.
    Stopping,
    /// It stands still.
    Paused,
    /// It is dead.
    Down,
    /// It is played by hand.
    Puppet,
}

/// A controller's own state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ControllerView {
    /// Whether it is the active one.
    pub is_active: bool,
    /// The quorum's epoch.
    pub epoch: i32,
    /// End of the metadata log.
    pub log_end_offset: i64,
    /// The quorum's high watermark.
    pub high_watermark: i64,
    /// The last metadata records, newest last: offset, type and content as `kafka-dump-log` prints it.
    pub last_records: Vec<MetadataRecordView>,
    /// Registered brokers and whether they are fenced.
    pub brokers: Vec<BrokerRegistrationView>,
}

/// One metadata record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MetadataRecordView {
    /// Its offset.
    pub offset: i64,
    /// The epoch in which it was written.
    pub epoch: i32,
    /// `PARTITION_RECORD` and so on.
    #[serde(rename = "type")]
    pub kind: String,
    /// The content as JSON.
    pub data: String,
}

/// A broker as the controller has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BrokerRegistrationView {
    /// `node.id`.
    pub id: i32,
    /// The registration's epoch.
    pub broker_epoch: i64,
    /// Whether it is fenced.
    pub fenced: bool,
    /// Whether it is shutting down.
    pub in_controlled_shutdown: bool,
}

/// One replica of a partition, on one broker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReplicaView {
    /// Which partition.
    pub partition: TopicPartition,
    /// What this broker believes to be.
    pub role: Role,
    /// The leader it knows of, -1 for none.
    pub leader: i32,
    /// The leader epoch it knows of.
    pub leader_epoch: i32,
    /// The partition epoch it knows of.
    pub partition_epoch: i32,
    /// First offset kept.
    pub log_start_offset: i64,
    /// Offset after the last record.
    pub log_end_offset: i64,
    /// Offset after the last committed record that this replica knows of.
    pub high_watermark: i64,
    /// Offset up to which the machine's disk surely has the records (exclusive).
    pub flushed_offset: i64,
    /// The recovery point as `recovery-point-offset-checkpoint` has it: after a crash, the log is checked from here.
    pub recovery_point: i64,
    /// The ISR as this broker knows it (a leader: committed).
    pub isr: Vec<i32>,
    /// The ISR that a leader asked for and has no answer to.
    pub proposed_isr: Option<Vec<i32>>,
    /// What a leader knows of its followers.
    pub followers: Vec<FollowerView>,
    /// The batches, oldest first. At most the last 256.
    pub batches: Vec<BatchView>,
    /// Segments, oldest first: base offset and bytes.
    pub segments: Vec<SegmentView>,
    /// The leader-epoch cache: epoch and start offset.
    pub leader_epochs: Vec<(i32, i64)>,
    /// Whether the log is there but no replica (a dead process's disk, a stray).
    pub is_offline: bool,
}

/// What a broker is to a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// It leads.
    Leader,
    /// It follows.
    Follower,
    /// Nobody leads, or the process is dead.
    Offline,
}

/// A follower as its leader knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FollowerView {
    /// The broker.
    pub id: i32,
    /// Its log end offset as its last fetch said, -1 for unknown.
    pub log_end_offset: i64,
    /// When it was last caught up, in milliseconds.
    pub last_caught_up_ms: Millis,
    /// Whether it is in the committed ISR.
    pub in_isr: bool,
}

/// A batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BatchView {
    /// Offset of the first record.
    pub base_offset: i64,
    /// Offset of the last record.
    pub last_offset: i64,
    /// The leader epoch in which it was appended.
    pub leader_epoch: i32,
    /// Where it begins in its segment's `.log`, in bytes.
    pub position: u64,
    /// Bytes.
    pub size_bytes: u32,
    /// The greatest timestamp of its records, in milliseconds.
    pub max_timestamp_ms: i64,
    /// Its producer, -1 without idempotence.
    pub producer_id: i64,
    /// Its first sequence number, -1 without idempotence.
    pub base_sequence: i32,
    /// The records.
    pub records: Vec<Record>,
}

/// A segment of a log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SegmentView {
    /// Its first offset: the name of its files.
    pub base_offset: i64,
    /// Bytes of its `.log`.
    pub size_bytes: u64,
    /// Its files, as they are named in the partition's folder, each with its bytes: `.log`, `.index`, `.timeindex`.
    pub files: Vec<(String, u64)>,
    /// Entries of its sparse offset index: offset and byte position.
    pub offset_index: Vec<(i64, u64)>,
    /// Entries of its time index: timestamp and offset.
    pub time_index: Vec<(i64, i64)>,
    /// Whether it is the active one.
    pub is_active: bool,
}

/// A partition as the controller has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PartitionView {
    /// Which.
    pub partition: TopicPartition,
    /// Its leader, -1 for none.
    pub leader: i32,
    /// Its leader epoch.
    pub leader_epoch: i32,
    /// Its partition epoch.
    pub partition_epoch: i32,
    /// Its replicas, the preferred leader first.
    pub replicas: Vec<i32>,
    /// In-sync replicas.
    pub isr: Vec<i32>,
    /// Eligible leader replicas (KIP-966).
    pub elr: Vec<i32>,
    /// Last known eligible leader.
    pub last_known_elr: Vec<i32>,
    /// Replicas that a reassignment adds.
    pub adding_replicas: Vec<i32>,
    /// Replicas that a reassignment removes.
    pub removing_replicas: Vec<i32>,
}

/// A producer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProducerView {
    /// Its number.
    pub number: u32,
    /// `acks` as set: `all`, `1`, `0`.
    pub acks: String,
    /// Records in its accumulator: partition and how many.
    pub accumulated: Vec<(TopicPartition, i64)>,
    /// Batches sent and not answered: partition and how many.
    pub in_flight: Vec<(TopicPartition, i64)>,
    /// Records acknowledged so far.
    pub acknowledged: i64,
    /// Records given up so far.
    pub failed: i64,
    /// The leaders it believes in.
    pub known_leaders: Vec<(TopicPartition, i32)>,
    /// How its last record found its partition, step by step.
    pub last_partitioning: Option<PartitioningView>,
}

/// How a record found its partition.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PartitioningView {
    /// The topic.
    pub topic: String,
    /// The key's bytes, if it had one.
    pub key_bytes: Option<Vec<u8>>,
    /// murmur2 of the key.
    pub hash: Option<i32>,
    /// The hash with the sign bit masked.
    pub positive: Option<i32>,
    /// How many partitions the topic has, as the producer knows.
    pub partitions: i32,
    /// The partition chosen.
    pub partition: i32,
    /// Why.
    pub by: PartitionedBy,
}

/// What chose a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PartitionedBy {
    /// The key's hash.
    Key,
    /// The application named it.
    Application,
    /// The sticky partitioner (KIP-794).
    Sticky,
}

/// A consumer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConsumerView {
    /// Its number.
    pub number: u32,
    /// `group.id`.
    pub group: String,
    /// Its member id, "" before it joined.
    pub member_id: String,
    /// The generation it is in, -1 for none.
    pub generation: i32,
    /// The coordinator it knows of, -1 for none.
    pub coordinator: i32,
    /// Its partitions.
    pub assigned: Vec<AssignedView>,
    /// The last records that the application got, newest last; at most 32.
    pub read: Vec<ReadRecordView>,
    /// Records that the application got so far.
    pub records_read: i64,
}

/// One partition of a consumer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AssignedView {
    /// Which.
    pub partition: TopicPartition,
    /// The next offset that a poll returns; -1 while unknown.
    pub position: i64,
    /// What it knows to be committed; -1 for nothing.
    pub committed: i64,
}

/// A record that the application got.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReadRecordView {
    /// From which partition.
    pub partition: TopicPartition,
    /// Its offset.
    pub offset: i64,
    /// Its key.
    pub key: Option<String>,
    /// Its value.
    pub value: Option<String>,
}

/// A group, as its coordinator has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GroupView {
    /// `group.id`.
    pub group: String,
    /// Its coordinator.
    pub coordinator: i32,
    /// `Empty`, `PreparingRebalance`, `CompletingRebalance`, `Stable`, `Dead`.
    pub state: String,
    /// Its generation.
    pub generation: i32,
    /// Its members' ids.
    pub members: Vec<String>,
    /// What is committed: partition and next offset.
    pub offsets: Vec<(TopicPartition, i64)>,
}

/// A message on its way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EnvelopeView {
    /// The event that will deliver it.
    pub event: EventId,
    /// Who sent it.
    pub from: Actor,
    /// Who gets it.
    pub to: Actor,
    /// Whether it is an answer.
    pub is_response: bool,
    /// Which request, or which request it answers.
    pub api: ApiKey,
    /// When it was sent, in milliseconds.
    pub sent_at_ms: Millis,
    /// When it arrives, in milliseconds.
    pub arrives_at_ms: Millis,
    /// What it is about, in as few words as fit on an envelope: `orders-0 from 7`.
    pub summary: String,
    /// How many records it carries.
    pub records: i64,
    /// The whole message as JSON, with Kafka's field names.
    pub body: Option<serde_json::Value>,
}

/// A message that waits in a cut link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HeldView {
    /// Who sent it.
    pub from: Actor,
    /// Who would get it.
    pub to: Actor,
    /// Whether it is an answer.
    pub is_response: bool,
    /// Which request, or which request it answers.
    pub api: ApiKey,
    /// When it was sent, in milliseconds.
    pub sent_at_ms: Millis,
    /// What it is about, in few words.
    pub summary: String,
}

/// A request at a node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestView {
    /// Who asks.
    pub from: Actor,
    /// At which listener.
    pub port: Listener,
    /// What.
    pub api: ApiKey,
    /// In few words.
    pub summary: String,
}

/// A request in purgatory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PurgatoryView {
    /// Who asks.
    pub from: Actor,
    /// What.
    pub api: ApiKey,
    /// In few words.
    pub summary: String,
    /// When it is answered at the latest, in milliseconds.
    pub expires_at_ms: Millis,
    /// What a produce waits for: partition and the high watermark it needs.
    pub waits_for: Vec<(TopicPartition, i64)>,
}

/// Something that may happen next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PendingView {
    /// Its name.
    pub event: EventId,
    /// When it is due, in milliseconds.
    pub at_ms: Millis,
    /// Who acts.
    pub actor: Actor,
    /// What it is.
    pub what: PendingKind,
    /// Whether the scheduler would choose it.
    pub is_next: bool,
}

/// What may happen.
#[expect(missing_docs, reason = "the fields are the arguments of the messages that word the variants")]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum PendingKind {
    /// A message arrives.
    Deliver { from: Actor, to: Actor, api: ApiKey, is_response: bool, summary: String },
    /// A handler thread takes the next request.
    Handle { node: i32, from: Actor, api: ApiKey, summary: String },
    /// A timer fires. `timer` is its kebab-case name.
    Timer { timer: String },
}
