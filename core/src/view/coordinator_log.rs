//! The partition behind a coordinator: where the memory of a group or of a transactional id is kept, and what was last written
//! there, in words.

use serde::Serialize;

use super::{group_records, transaction_records};
use crate::broker::TRANSACTION_STATE_TOPIC;
use crate::broker::disk::StoredLog;
use crate::broker::group::consumer::records::ConsumerGroupRecord;
use crate::broker::group::records::{self, GroupRecord};
use crate::broker::partition::Partition;
use crate::broker::transaction;
use crate::cluster::Cluster;
use crate::cluster::node::Node;
use crate::wire::TopicPartition;
use crate::wire::records::{Bytes, Record};

/// How many records of a coordinator's partition are listed at most: the newest.
const RECORDS_SHOWN_MAX: usize = 12;
/// How many batches, the newest, they are looked for in: others' records lie between.
const BATCHES_SEARCHED_MAX: usize = 256;

/// A partition of `__consumer_offsets` or `__transaction_state`, as its leader has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CoordinatorLogView {
    /// Which partition.
    pub partition: TopicPartition,
    /// The broker that leads it and so coordinates.
    pub leader: i32,
    /// The leader epoch: the coordinator's epoch.
    pub leader_epoch: i32,
    /// What is below is on all in-sync replicas: only that counts.
    pub high_watermark: i64,
    /// The offset that the next record gets.
    pub log_end_offset: i64,
    /// The newest records of this group or id, oldest first; at most 12.
    pub records: Vec<CoordinatorRecordView>,
}

/// A record that a coordinator has written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CoordinatorRecordView {
    /// Its offset.
    pub offset: i64,
    /// Whether it is below the high watermark.
    pub is_committed: bool,
    /// What it says.
    pub says: CoordinatorRecord,
    /// Whether it deletes what records of its key said before.
    pub is_tombstone: bool,
    /// Key and value, in the JSON of Kafka's own formatter.
    pub json: String,
}

/// What a coordinator's record says. The page's message for it has the id `coordinator-record-` and its kebab-case name, with
/// the fields as arguments; the fields of a tombstone are empty but for those of its key.
#[expect(missing_docs, reason = "the fields are the arguments of the messages that word the variants")]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, strum::IntoStaticStr, strum::VariantNames)]
#[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "camelCase")]
#[strum(serialize_all = "kebab-case")]
pub enum CoordinatorRecord {
    /// The next offset that the group reads of a partition.
    OffsetCommit { partition: TopicPartition, offset: Option<i64> },
    /// A generation of a classic group, with its members and what they were assigned.
    GroupMetadata { generation: Option<i32>, members: Option<i64> },
    /// The epoch of a consumer group.
    ConsumerGroupMetadata { epoch: Option<i32> },
    /// Written before 4.1 only.
    ConsumerGroupPartitionMetadata,
    /// Who a member of a consumer group is.
    ConsumerGroupMemberMetadata { member: String },
    /// The epoch of the target assignment.
    ConsumerGroupTargetAssignmentMetadata { epoch: Option<i32> },
    /// What a member is to hold.
    ConsumerGroupTargetAssignmentMember { member: String, partitions: Option<i64> },
    /// What a member holds, and its epoch.
    ConsumerGroupCurrentMemberAssignment { member: String, epoch: Option<i32>, partitions: Option<i64> },
    /// What a regular expression stands for.
    ConsumerGroupRegularExpression { regex: String },
    /// The state of a transactional id.
    TransactionLog { state: Option<String>, producer_id: Option<i64>, producer_epoch: Option<i16> },
}

impl CoordinatorRecord {
    /// The kebab-case name.
    pub fn name(&self) -> &'static str {
        self.into()
    }

    /// The kebab-case names of all kinds, for the test that every one has its words.
    pub fn names() -> &'static [&'static str] {
        <Self as strum::VariantNames>::VARIANTS
    }
}

/// The replica of a partition that leads, in the newest leader epoch where several believe it, with its node.
pub(super) fn leading<'c>(
    cluster: &'c Cluster,
    partition: &TopicPartition,
) -> Option<(&'c Node, &'c StoredLog, &'c Partition)> {
    let replica = |node: &'c Node| {
        let broker = node.broker.as_ref()?;
        let (id, found) = broker.partitions.iter().find(|(_, each)| each.name == *partition)?;
        found.leader()?;
        Some((node, node.disk.broker.logs.get(id)?.as_ref(), found))
    };
    cluster.nodes().filter_map(replica).max_by_key(|(_, _, found)| found.registration.leader_epoch)
}

/// The partition of a coordinator; none while nobody leads it. `record` reads what is of the one that is asked about.
fn log_view(
    cluster: &Cluster,
    partition: TopicPartition,
    mut read: impl FnMut(&Record) -> Option<CoordinatorRecord>,
) -> Option<CoordinatorLogView> {
    let (node, stored, found) = leading(cluster, &partition)?;
    let (log, high_watermark) = (&stored.log, found.high_watermark);
    let to_readable = |record: &Record| match &*partition.topic {
        TRANSACTION_STATE_TOPIC => transaction_records::to_readable(record),
        _ => group_records::to_readable(record),
    };
    let mut records = Vec::new();
    'batches: for batch in log.last_batches(BATCHES_SEARCHED_MAX).iter().rev().filter(|batch| !batch.is_control) {
        for record in batch.records.iter().rev() {
            let Some(says) = read(record) else { continue };
            let offset = batch.base_offset.saturating_add(i64::from(record.offset_delta));
            records.push(CoordinatorRecordView {
                offset,
                is_committed: offset < high_watermark,
                says,
                is_tombstone: record.value.is_none(),
                json: json_of(&to_readable(record)),
            });
            if records.len() == RECORDS_SHOWN_MAX {
                break 'batches;
            }
        }
    }
    records.reverse();
    Some(CoordinatorLogView {
        leader: node.config.id,
        leader_epoch: found.registration.leader_epoch,
        high_watermark,
        log_end_offset: log.log_end_offset(),
        records,
        partition,
    })
}

/// The partition that keeps a group.
pub(super) fn group_log(cluster: &Cluster, partition: TopicPartition, group: &str) -> Option<CoordinatorLogView> {
    log_view(cluster, partition, |record| group_record(record, group))
}

/// The partition that keeps a transactional id.
pub(super) fn transaction_log(cluster: &Cluster, partition: TopicPartition, id: &str) -> Option<CoordinatorLogView> {
    log_view(cluster, partition, |record| {
        let read = transaction::records::read(record).filter(|read| read.transactional_id == id)?;
        let metadata = read.value.map(|value| value.metadata);
        Some(CoordinatorRecord::TransactionLog {
            state: metadata.as_ref().map(|metadata| metadata.state.name().to_owned()),
            producer_id: metadata.as_ref().map(|metadata| metadata.producer_id),
            producer_epoch: metadata.as_ref().map(|metadata| metadata.producer_epoch),
        })
    })
}

fn group_record(record: &Record, of: &str) -> Option<CoordinatorRecord> {
    match records::read(record)? {
        GroupRecord::OffsetCommit { group, partition, value } if group == of => {
            Some(CoordinatorRecord::OffsetCommit { partition, offset: value.map(|value| value.committed.offset) })
        }
        GroupRecord::GroupMetadata { group, value } if group == of => Some(CoordinatorRecord::GroupMetadata {
            generation: value.as_ref().map(|value| value.generation),
            members: value.as_ref().map(|value| count(value.members.len())),
        }),
        GroupRecord::ConsumerGroup { group, record } if group == of => Some(consumer_group_record(record)),
        GroupRecord::OffsetCommit { .. } | GroupRecord::GroupMetadata { .. } | GroupRecord::ConsumerGroup { .. } => {
            None
        }
    }
}

fn consumer_group_record(record: ConsumerGroupRecord) -> CoordinatorRecord {
    match record {
        ConsumerGroupRecord::GroupMetadata { value } => {
            CoordinatorRecord::ConsumerGroupMetadata { epoch: value.map(|(epoch, _)| epoch) }
        }
        ConsumerGroupRecord::PartitionMetadata => CoordinatorRecord::ConsumerGroupPartitionMetadata,
        ConsumerGroupRecord::MemberMetadata { member, value: _ } => {
            CoordinatorRecord::ConsumerGroupMemberMetadata { member }
        }
        ConsumerGroupRecord::TargetAssignmentMetadata { value } => {
            CoordinatorRecord::ConsumerGroupTargetAssignmentMetadata { epoch: value.map(|(epoch, _)| epoch) }
        }
        ConsumerGroupRecord::TargetAssignmentMember { member, value } => {
            let partitions = value.map(|value| value.values().map(|held| count(held.len())).sum());
            CoordinatorRecord::ConsumerGroupTargetAssignmentMember { member, partitions }
        }
        ConsumerGroupRecord::CurrentMemberAssignment { member, value } => {
            let held = value.as_ref().map(|value| value.assigned.values().map(|held| count(held.len())).sum());
            let epoch = value.map(|value| value.member_epoch);
            CoordinatorRecord::ConsumerGroupCurrentMemberAssignment { member, epoch, partitions: held }
        }
        ConsumerGroupRecord::RegularExpression { regex, value: _ } => {
            CoordinatorRecord::ConsumerGroupRegularExpression { regex }
        }
    }
}

fn count(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}

/// Key and value of a record that is in words.
fn json_of(record: &Record) -> String {
    let text = |bytes: &Option<Bytes>| bytes.as_ref().map_or_else(|| "null".to_owned(), ToString::to_string);
    format!("{{\"key\":{},\"value\":{}}}", text(&record.key), text(&record.value))
}
