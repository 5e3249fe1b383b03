//! Racks of consumers and of replicas (KIP-881): whether they matter to an assignment, and who is near what.

use std::collections::BTreeMap;

use super::AssignorMember;
use crate::flat_map::FlatMap;
use crate::wire::{Topic, TopicPartition};

/// The racks on which partitions have replicas, each once and in order. A partition of which none is known is not in it.
pub type PartitionRacks = FlatMap<TopicPartition, Vec<String>>;

/// The racks of a partition.
fn of<'a>(racks: &'a PartitionRacks, partition: &TopicPartition) -> &'a [String] {
    racks.get(partition).map_or(&[], Vec::as_slice)
}

/// Whether a partition has a replica on a rack.
pub(super) fn has_replica_on(racks: &PartitionRacks, rack: &str, partition: &TopicPartition) -> bool {
    of(racks, partition).iter().any(|each| each == rack)
}

/// Whether racks matter (`useRackAwareAssignment`): a member's rack has replicas, and not every partition has some on all racks.
pub(super) fn matter<'a>(
    members: impl Iterator<Item = &'a AssignorMember>,
    racks: &PartitionRacks,
    partitions: &[TopicPartition],
) -> bool {
    let mut all: Vec<&str> = Vec::new();
    for rack in partitions.iter().flat_map(|partition| of(racks, partition)) {
        if !all.contains(&rack.as_str()) {
            all.push(rack);
        }
    }
    members.filter_map(AssignorMember::rack).any(|rack| all.contains(&rack))
        && partitions.iter().any(|partition| of(racks, partition).len() < all.len())
}

/// Which members are near which partitions, by the members' places (`AbstractStickyAssignor.RackInfo`). Nobody is anywhere where racks
/// do not matter.
#[derive(Clone, Debug)]
pub(super) struct RackInfo<'a> {
    consumers: Vec<Option<&'a str>>,
    partitions: &'a PartitionRacks,
}

impl<'a> RackInfo<'a> {
    /// What is known of these members, and of topics with these partition counts.
    pub(super) fn new(
        members: impl Iterator<Item = &'a AssignorMember> + Clone,
        partitions: &BTreeMap<Topic, i32>,
        racks: &'a PartitionRacks,
    ) -> Self {
        let every = super::all_partitions(partitions.iter());
        let consumers = match matter(members.clone(), racks, &every) {
            true => members.map(AssignorMember::rack).collect(),
            false => Vec::new(),
        };
        Self { consumers, partitions: racks }
    }

    /// Whether racks are looked at.
    pub(super) fn is_used(&self) -> bool {
        !self.consumers.is_empty()
    }

    fn rack(&self, place: usize) -> Option<&'a str> {
        self.consumers.get(place).copied().flatten()
    }

    /// Whether a member is on a rack without a replica of the partition.
    pub(super) fn is_far(&self, place: usize, partition: &TopicPartition) -> bool {
        self.rack(place).is_some_and(|rack| !has_replica_on(self.partitions, rack, partition))
    }

    /// Whether a member is on a rack with a replica of the partition.
    pub(super) fn is_near(&self, place: usize, partition: &TopicPartition) -> bool {
        self.rack(place).is_some_and(|rack| has_replica_on(self.partitions, rack, partition))
    }

    /// How many members are near a partition.
    pub(super) fn count_near(&self, partition: &TopicPartition) -> usize {
        (0..self.consumers.len()).filter(|place| self.is_near(*place, partition)).count()
    }

    /// Where in a list of members the first one near a partition stands, looked for from a place on and round (`nextRackConsumer`).
    pub(super) fn next_near(
        &self,
        partition: &TopicPartition,
        members: impl DoubleEndedIterator<Item = usize> + ExactSizeIterator,
        first: usize,
    ) -> Option<usize> {
        let near: Vec<usize> =
            members.enumerate().filter(|(_, place)| self.is_near(*place, partition)).map(|(at, _)| at).collect();
        near.iter().find(|at| **at >= first).or_else(|| near.first()).copied()
    }
}
