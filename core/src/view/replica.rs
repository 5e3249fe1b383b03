//! Replicas: their logs, batches and segments, and what a leader knows of its followers.

use std::ops::Deref;
use std::rc::Rc;

use serde::{Serialize, Serializer};

use super::{group_records, transaction_records};
use crate::broker::TRANSACTION_STATE_TOPIC;
use crate::broker::disk::{BrokerDisk, StoredLog};
use crate::broker::metadata_cache::OFFSETS_TOPIC;
use crate::broker::partition::Partition;
use crate::cluster::node::Node;
use crate::log::StoredBatch;
use crate::sim::Millis;
use crate::sort::SharedSort;
use crate::wire::TopicPartition;
use crate::wire::ids::TopicIdPartition;
use crate::wire::records::{Record, RecordBatch};

/// How many batches of a replica are shown at most: the newest.
const BATCHES_SHOWN_MAX: usize = 256;

/// One replica of a partition, on one broker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
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
    /// Its last stable offset: a reader of committed records gets what is below it.
    pub last_stable_offset: i64,
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

impl ReplicaView {
    /// A record of it as a person reads it: those of coordinators with key and value in words. It takes a while; a
    /// caller that shows a few asks for those.
    pub fn to_readable(&self, record: &Record) -> Record {
        match &*self.partition.topic {
            OFFSETS_TOPIC => group_records::to_readable(record),
            TRANSACTION_STATE_TOPIC => transaction_records::to_readable(record),
            _ => record.clone(),
        }
    }
}

/// What a broker is to a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
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
    /// The producer's epoch, -1 without idempotence.
    pub producer_epoch: i16,
    /// Its first sequence number, -1 without idempotence.
    pub base_sequence: i32,
    /// Whether it belongs to a transaction.
    pub is_transactional: bool,
    /// Whether it is a marker that ends one.
    pub is_control: bool,
    /// The records, as they are stored: [`ReplicaView::to_readable`] reads those of Kafka's own topics.
    pub records: StoredRecords,
}

/// The records of a batch. They are the log's own: a view of many of them costs no more than one of few.
#[derive(Clone, Debug)]
pub struct StoredRecords(Rc<RecordBatch>);

impl From<Vec<Record>> for StoredRecords {
    fn from(records: Vec<Record>) -> Self {
        Self(Rc::new(RecordBatch { records, ..RecordBatch::default() }))
    }
}

impl Deref for StoredRecords {
    type Target = [Record];

    fn deref(&self) -> &[Record] {
        &self.0.records
    }
}

impl PartialEq for StoredRecords {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0) || **self == **other
    }
}

impl Eq for StoredRecords {}

impl Serialize for StoredRecords {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

/// A segment of a log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
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

/// The replicas of a living broker, or the logs on a dead one's disk.
pub(super) fn replica_views(node: &Node) -> Vec<ReplicaView> {
    let mut views: Vec<ReplicaView> = node
        .disk
        .broker
        .logs
        .iter()
        .map(|(id, stored)| {
            let partition = node.broker.as_ref().and_then(|broker| broker.partitions.get(id));
            replica_view(id, stored, partition, &node.disk.broker)
        })
        .collect();
    views.shared_sort_by(|a, b| a.partition.cmp(&b.partition));
    views
}

fn replica_view(
    id: &TopicIdPartition,
    stored: &StoredLog,
    partition: Option<&Partition>,
    disk: &BrokerDisk,
) -> ReplicaView {
    let (name, log) = (&stored.name, &stored.log);
    let checkpointed = disk.high_watermarks.get(id).copied().unwrap_or(0);
    let leader = partition.and_then(Partition::leader);
    let registration = partition.map(|partition| &partition.registration);
    let isr = registration.map(|registration| registration.isr.clone()).unwrap_or_default();
    let followers = leader.into_iter().flat_map(|leader| &leader.followers);
    let segments = log.segments();
    let count = segments.len();
    ReplicaView {
        partition: name.clone(),
        role: match partition {
            Some(_) if leader.is_some() => Role::Leader,
            Some(partition) if partition.registration.leader >= 0 => Role::Follower,
            Some(_) | None => Role::Offline,
        },
        leader: registration.map_or(-1, |registration| registration.leader),
        leader_epoch: registration.map_or(-1, |registration| registration.leader_epoch),
        partition_epoch: registration.map_or(-1, |registration| registration.partition_epoch),
        log_start_offset: log.log_start_offset(),
        log_end_offset: log.log_end_offset(),
        high_watermark: partition.map_or(checkpointed, |partition| partition.high_watermark),
        flushed_offset: log.flushed_offset(),
        last_stable_offset: log
            .last_stable_offset(partition.map_or(checkpointed, |partition| partition.high_watermark)),
        recovery_point: disk.recovery_points.get(id).copied().unwrap_or(0),
        followers: followers
            .map(|(id, follower)| FollowerView {
                id: *id,
                log_end_offset: follower.log_end_offset,
                last_caught_up_ms: follower.last_caught_up_ms,
                in_isr: isr.contains(id),
            })
            .collect(),
        isr,
        proposed_isr: leader.and_then(|leader| leader.proposal.as_ref()).map(|proposal| proposal.isr.clone()),
        batches: log.last_stored(BATCHES_SHOWN_MAX).into_iter().map(batch_view).collect(),
        segments: segments
            .enumerate()
            .map(|(index, segment)| SegmentView {
                base_offset: segment.base_offset(),
                size_bytes: u64::from(segment.size_bytes()),
                files: vec![
                    (segment.file_name("log"), u64::from(segment.size_bytes())),
                    (segment.file_name("index"), u64::from(segment.offset_index().size_bytes())),
                    (segment.file_name("timeindex"), u64::from(segment.time_index().size_bytes())),
                ],
                offset_index: segment
                    .offset_index()
                    .entries()
                    .iter()
                    .map(|entry| (entry.offset, u64::from(entry.position)))
                    .collect(),
                time_index: segment
                    .time_index()
                    .entries()
                    .iter()
                    .map(|entry| (entry.timestamp, entry.offset))
                    .collect(),
                is_active: index + 1 == count,
            })
            .collect(),
        leader_epochs: log.epochs().entries().iter().map(|entry| (entry.epoch, entry.start_offset)).collect(),
        is_offline: partition.is_none(),
    }
}

fn batch_view(stored: &StoredBatch) -> BatchView {
    let batch = &stored.batch;
    BatchView {
        position: u64::from(stored.position),
        base_offset: batch.base_offset,
        last_offset: batch.last_offset(),
        leader_epoch: batch.partition_leader_epoch,
        size_bytes: stored.size_bytes,
        max_timestamp_ms: stored.max_timestamp,
        producer_id: batch.producer_id,
        producer_epoch: batch.producer_epoch,
        base_sequence: batch.base_sequence,
        is_transactional: batch.is_transactional,
        is_control: batch.is_control,
        records: StoredRecords(stored.batch.clone()),
    }
}
