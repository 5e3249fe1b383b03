//! What lessons look up in a cluster's view.

use std::collections::BTreeSet;

use crate::sort::CollectOrdered;
use serde::{Deserialize, Serialize};

use super::observed::Observed;
use crate::controller::partition_change::RECOVERING;
use crate::raft::MetadataLog;
use crate::view::{AssignedView, ClusterView, ConsumerView, ControllerView, NodeView, PartitionView, ReplicaView};
use crate::wire::TopicPartition;
use crate::wire::records::Record;

/// Queries of a view.
pub(super) trait ViewQueries {
    fn node(&self, id: i32) -> Option<&NodeView>;
    fn partition(&self, partition: &TopicPartition) -> Option<&PartitionView>;
    /// The replica on a node; without one, the replica of the leader that the controller knows.
    fn replica(&self, node: Option<i32>, partition: &TopicPartition) -> Option<&ReplicaView>;
    /// A controller's own state.
    fn voter(&self, id: i32) -> Option<&ControllerView>;
    /// The epoch of a voter; without one, the highest of those that run.
    fn quorum_epoch(&self, id: Option<i32>) -> Option<i64>;
    fn consumer(&self, number: u32) -> Option<&ConsumerView>;
    fn assigned(&self, consumer: u32, partition: &TopicPartition) -> Option<&AssignedView>;
    /// What a group has committed, -1 for nothing.
    fn committed(&self, group: &str, partition: &TopicPartition) -> i64;
    /// How often the applications of a group have processed a record.
    fn processed(&self, group: &str, partition: &TopicPartition, offset: i64) -> i64;
    fn value_at(&self, node: Option<i32>, partition: &TopicPartition, offset: i64) -> Option<String>;
    fn replicas_with_value(&self, partition: &TopicPartition, value: &str) -> i64;
    fn records_with_key(&self, partition: &TopicPartition, key: &str) -> i64;
    /// In how many racks each partition of a topic has replicas: the least of them.
    fn racks(&self, topic: &str) -> Option<i64>;
    fn logs_equal(&self, partition: &TopicPartition) -> bool;
    fn logs_differ(&self, partition: &TopicPartition) -> bool;
}

impl ViewQueries for ClusterView {
    fn node(&self, id: i32) -> Option<&NodeView> {
        self.nodes.iter().find(|node| node.id == id)
    }

    fn partition(&self, partition: &TopicPartition) -> Option<&PartitionView> {
        self.partitions.iter().find(|each| each.partition == *partition)
    }

    fn replica(&self, node: Option<i32>, partition: &TopicPartition) -> Option<&ReplicaView> {
        let id = node.or_else(|| Some(self.partition(partition)?.leader))?;
        self.node(id)?.replicas.iter().find(|replica| replica.partition == *partition)
    }

    fn voter(&self, id: i32) -> Option<&ControllerView> {
        self.node(id)?.controller.as_ref()
    }

    fn quorum_epoch(&self, id: Option<i32>) -> Option<i64> {
        let voters = self.nodes.iter().filter(|node| id.is_none_or(|id| node.id == id));
        let running = voters.filter_map(|node| node.controller.as_ref()).filter(|voter| voter.role.is_some());
        running.map(|voter| i64::from(voter.epoch)).max()
    }

    fn consumer(&self, number: u32) -> Option<&ConsumerView> {
        self.consumers.iter().find(|consumer| consumer.number == number)
    }

    fn assigned(&self, consumer: u32, partition: &TopicPartition) -> Option<&AssignedView> {
        self.consumer(consumer)?.assigned.iter().find(|each| each.partition == *partition)
    }

    fn committed(&self, group: &str, partition: &TopicPartition) -> i64 {
        let group = self.groups.iter().find(|each| each.group == group);
        let found = group.and_then(|group| group.offsets.iter().find(|(each, _)| each == partition));
        found.map_or(-1, |(_, offset)| *offset)
    }

    fn processed(&self, group: &str, partition: &TopicPartition, offset: i64) -> i64 {
        let of_group = self.consumers.iter().filter(|consumer| consumer.group == group);
        let records = of_group.flat_map(|consumer| &consumer.processed);
        let found = records.filter(|record| record.offset == offset && record.partition == *partition);
        found.map(|record| i64::from(record.times)).sum()
    }

    fn value_at(&self, node: Option<i32>, partition: &TopicPartition, offset: i64) -> Option<String> {
        let replica = self.replica(node, partition)?;
        let found = records(replica).find(|(at, _, _)| *at == offset)?;
        found.2.value.as_ref().map(ToString::to_string)
    }

    fn replicas_with_value(&self, partition: &TopicPartition, value: &str) -> i64 {
        let has = |replica: &&ReplicaView| {
            records(replica).any(|(_, _, record)| record.value.as_ref().is_some_and(|each| each.to_string() == value))
        };
        all_replicas(self, partition).filter(has).count() as i64
    }

    fn records_with_key(&self, partition: &TopicPartition, key: &str) -> i64 {
        let Some(replica) = self.replica(None, partition) else { return 0 };
        let has = |record: &Record| record.key.as_ref().is_some_and(|each| each.to_string() == key);
        records(replica).filter(|(_, _, record)| has(record)).count() as i64
    }

    fn racks(&self, topic: &str) -> Option<i64> {
        let rack_of = |id: &i32| self.node(*id).and_then(|node| node.rack.as_deref());
        let of_topic = self.partitions.iter().filter(|each| *each.partition.topic == *topic);
        of_topic
            .map(|each| each.replicas.iter().filter_map(rack_of).collect_ordered::<BTreeSet<_>>().len() as i64)
            .min()
    }

    fn logs_equal(&self, partition: &TopicPartition) -> bool {
        let mut replicas = all_replicas(self, partition);
        let Some(first) = replicas.next() else { return false };
        replicas.all(|each| each.log_end_offset == first.log_end_offset && records(each).eq(records(first)))
    }

    fn logs_differ(&self, partition: &TopicPartition) -> bool {
        let replicas: Vec<&ReplicaView> = all_replicas(self, partition).collect();
        let differ = |left: &ReplicaView, right: &ReplicaView| {
            records(left).any(|one| records(right).any(|other| one.0 == other.0 && one != other))
        };
        replicas.iter().any(|left| replicas.iter().any(|right| differ(left, right)))
    }
}

/// How the controller has a broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, strum::IntoStaticStr)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Registration {
    /// Not at all.
    None,
    /// Registered, and no client is sent to it.
    Fenced,
    /// Registered and in use.
    Unfenced,
}

/// What the controller takes a partition's leader for, in Kafka's words (`LeaderRecoveryState`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum LeaderRecoveryState {
    /// For one that has every committed record.
    Recovered,
    /// For one that an unclean election chose and that has not told the controller yet that it has recovered.
    Recovering,
}

impl Observed<'_> {
    /// The leader recovery state of a partition, as the controller has it.
    pub(super) fn leader_recovery_state(&self, partition: &TopicPartition) -> Option<LeaderRecoveryState> {
        let found = self.cluster().image()?.partition(&partition.topic, partition.partition)?;
        Some(match found.leader_recovery_state {
            RECOVERING => LeaderRecoveryState::Recovering,
            _ => LeaderRecoveryState::Recovered,
        })
    }

    /// How many votes a voter has in its election.
    pub(super) fn votes(&self, id: i32) -> Option<i64> {
        let voter = self.quorum().voters.iter().find(|voter| voter.node == id)?;
        Some(i64::from(voter.election.as_ref()?.granted()))
    }

    /// A voter's metadata log; without one, the active controller's.
    fn metadata_log(&self, id: Option<i32>) -> Option<&MetadataLog> {
        let id = id.or_else(|| self.cluster().active_controller())?;
        Some(&self.cluster().node(id)?.disk.controller.log)
    }

    /// Where a voter's metadata log starts; without one, the active controller's.
    pub(super) fn metadata_start(&self, id: Option<i32>) -> Option<i64> {
        self.metadata_log(id).map(MetadataLog::start_offset)
    }

    /// Where a voter's metadata log ends; without one, the active controller's.
    pub(super) fn metadata_end(&self, id: Option<i32>) -> Option<i64> {
        self.metadata_log(id).map(MetadataLog::end_offset)
    }

    /// How many committed records of a type the active controller's log has, of those that are shown.
    pub(super) fn metadata_committed(&self, kind: &str) -> i64 {
        let active = self.cluster().active_controller();
        let voter = self.quorum().voters.iter().find(|voter| Some(voter.node) == active);
        let records =
            voter.into_iter().flat_map(|voter| voter.log.records().map(|record| (record, voter.high_watermark)));
        records.filter(|(record, committed)| record.kind == kind && record.offset < *committed).count() as i64
    }

    /// How many committed metadata records a broker has not applied.
    pub(super) fn metadata_lag(&self, id: i32) -> Option<i64> {
        let active = self.view().voter(self.cluster().active_controller()?)?;
        let broker = self.cluster().node(id)?.broker.as_ref()?;
        Some((active.high_watermark - broker.metadata_offset).max(0))
    }

    /// How the controller has a broker.
    pub(super) fn registration(&self, id: i32) -> Registration {
        let broker = self.cluster().image().and_then(|image| image.brokers.get(&id));
        match broker {
            None => Registration::None,
            Some(broker) if broker.fenced => Registration::Fenced,
            Some(_) => Registration::Unfenced,
        }
    }
}

fn all_replicas<'a>(view: &'a ClusterView, partition: &TopicPartition) -> impl Iterator<Item = &'a ReplicaView> {
    let partition = partition.clone();
    view.nodes.iter().filter_map(move |node| node.replicas.iter().find(|each| each.partition == partition))
}

/// How many entries the offset indexes of a replica's segments have together.
pub(super) fn index_entries(replica: &ReplicaView) -> i64 {
    replica.segments.iter().map(|segment| segment.offset_index.len() as i64).sum()
}

/// The offset of the index entry that leads to an offset: in the segment that the offset belongs to, the last that does
/// not lie above it.
pub(super) fn index_entry(replica: &ReplicaView, offset: i64) -> Option<i64> {
    let segment = replica.segments.iter().rev().find(|segment| segment.base_offset <= offset)?;
    segment.offset_index.iter().map(|(entry, _)| *entry).filter(|entry| *entry <= offset).max()
}

/// The first offset below the high watermark whose record is not older than a timestamp, in milliseconds.
pub(super) fn offset_at(replica: &ReplicaView, timestamp: i64) -> Option<i64> {
    let mut visible = records(replica).filter(|(offset, _, _)| *offset < replica.high_watermark);
    visible.find(|(_, _, record)| record.timestamp >= timestamp).map(|(offset, _, _)| offset)
}

/// The records of a replica: offset, leader epoch and content.
pub(super) fn records(replica: &ReplicaView) -> impl Iterator<Item = (i64, i32, &Record)> {
    replica.batches.iter().flat_map(|batch| {
        let offset = |record: &Record| batch.base_offset + i64::from(record.offset_delta);
        batch.records.iter().map(move |record| (offset(record), batch.leader_epoch, record))
    })
}
