//! Racks of consumers and of replicas (KIP-881): whether they matter to an assignment, and who is near what.

use std::collections::{BTreeMap, BTreeSet};

use super::AssignorMember;
use crate::sort::CollectOrdered;
use crate::wire::{Topic, TopicPartition};

/// The racks on which partitions have replicas. A partition of which none is known is not in it.
pub type PartitionRacks = BTreeMap<TopicPartition, BTreeSet<String>>;

/// Where a partition has replicas that say no rack.
static NOWHERE: BTreeSet<String> = BTreeSet::new();

/// The racks of a partition.
pub(super) fn of<'a>(racks: &'a PartitionRacks, partition: &TopicPartition) -> &'a BTreeSet<String> {
    racks.get(partition).unwrap_or(&NOWHERE)
}

/// Whether racks matter (`useRackAwareAssignment`): a consumer's rack has replicas, and not every partition has some on all racks.
pub(super) fn matter<'a>(consumers: &BTreeSet<&str>, partitions: &[&'a BTreeSet<String>]) -> bool {
    let all: BTreeSet<&'a str> = partitions.iter().flat_map(|racks| racks.iter().map(String::as_str)).collect_ordered();
    !consumers.is_disjoint(&all) && partitions.iter().any(|racks| racks.len() < all.len())
}

/// The racks that members say.
pub(super) fn of_members<'a>(members: impl Iterator<Item = &'a AssignorMember>) -> BTreeSet<&'a str> {
    members.filter_map(AssignorMember::rack).collect_ordered()
}

/// Which members are near which partitions, by the members' places (`AbstractStickyAssignor.RackInfo`). Nobody is anywhere where racks
/// do not matter.
#[derive(Clone, Debug, Default)]
pub(super) struct RackInfo<'a> {
    consumers: Vec<Option<&'a str>>,
    partitions: BTreeMap<&'a TopicPartition, &'a BTreeSet<String>>,
}

impl<'a> RackInfo<'a> {
    /// What is known of these members, and of topics with so many partitions.
    pub(super) fn new(
        members: impl Iterator<Item = &'a AssignorMember> + Clone,
        partitions: &BTreeMap<Topic, i32>,
        racks: &'a PartitionRacks,
    ) -> Self {
        let every = super::all_partitions(partitions.iter());
        let of_each: Vec<&BTreeSet<String>> = every.iter().map(|partition| of(racks, partition)).collect();
        if !matter(&of_members(members.clone()), &of_each) {
            return Self::default();
        }
        Self { consumers: members.map(AssignorMember::rack).collect(), partitions: racks.iter().collect_ordered() }
    }

    /// Whether racks are looked at.
    pub(super) fn is_used(&self) -> bool {
        !self.consumers.is_empty()
    }

    fn rack(&self, place: usize) -> Option<&'a str> {
        self.consumers.get(place).copied().flatten()
    }

    fn has_replica_on(&self, rack: &str, partition: &TopicPartition) -> bool {
        self.partitions.get(partition).is_some_and(|racks| racks.contains(rack))
    }

    /// Whether a member is on a rack without a replica of the partition.
    pub(super) fn is_far(&self, place: usize, partition: &TopicPartition) -> bool {
        self.rack(place).is_some_and(|rack| !self.has_replica_on(rack, partition))
    }

    /// Whether a member is on a rack with a replica of the partition.
    pub(super) fn is_near(&self, place: usize, partition: &TopicPartition) -> bool {
        self.rack(place).is_some_and(|rack| self.has_replica_on(rack, partition))
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
