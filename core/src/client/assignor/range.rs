//! `RangeAssignor`: topic by topic, a range of neighbours each; the first members get one more where it does not come out
//! even, which piles up over many topics.
//!
//! Where racks matter (KIP-881), each member first gets, up to its share, partitions that have a replica on its rack; topics with the same
//! readers and as many partitions go together then, so that partitions of one number stay with one member. What is left is dealt in
//! ranges as ever.

use std::collections::BTreeMap;

use super::racks::{self, PartitionRacks};
use super::{Assignment, AssignorMember, nothing_yet, sorted};
use crate::wire::{Topic, TopicPartition};

/// A topic while it is dealt (`TopicAssignmentState`).
struct TopicAssignmentState<'a> {
    topic: &'a Topic,
    readers: Vec<&'a AssignorMember>,
    racks: &'a PartitionRacks,
    /// Whether a reader says a rack.
    has_racks: bool,
    needs_racks: bool,
    partitions: i32,
    unassigned: Vec<TopicPartition>,
    /// How many each reader has.
    assigned: Vec<usize>,
    /// How many each reader gets at least, and how many readers are still due one more.
    share: usize,
    due_one_more: usize,
}

pub(super) fn assign(
    members: &[AssignorMember],
    partitions: &BTreeMap<Topic, i32>,
    racks: &PartitionRacks,
) -> Assignment {
    let order = sorted(members);
    let mut topics: Vec<TopicAssignmentState<'_>> = partitions
        .iter()
        .map(|(topic, count)| {
            let readers = order.iter().filter(|member| member.topics.contains(topic)).copied();
            TopicAssignmentState::new(topic, *count, readers.collect(), racks)
        })
        .collect();
    let mut assignment = nothing_yet(members);
    let is_rack_aware = topics.iter().any(|topic| topic.needs_racks);
    if is_rack_aware {
        assign_near(&mut topics, &mut assignment);
    }
    for topic in &mut topics {
        topic.assign_ranges(false, &mut assignment);
    }
    if is_rack_aware {
        assignment.values_mut().for_each(|list| list.sort());
    }
    assignment
}

/// `assignWithRackMatching`.
fn assign_near(topics: &mut [TopicAssignmentState<'_>], assignment: &mut Assignment) {
    let alike = |one: &TopicAssignmentState<'_>, other: &TopicAssignmentState<'_>| {
        one.partitions_with_racks() == other.partitions_with_racks() && one.readers == other.readers
    };
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for (at, topic) in topics.iter().enumerate() {
        let first = |group: &Vec<usize>| group.first().and_then(|first| topics.get(*first));
        match groups.iter_mut().find(|group| first(group).is_some_and(|first| alike(first, topic))) {
            Some(group) => group.push(at),
            None => groups.push(vec![at]),
        }
    }
    for together in groups {
        match together[..] {
            [alone] => {
                let alone = topics.get_mut(alone).filter(|topic| topic.needs_racks);
                alone.into_iter().for_each(|topic| topic.assign_ranges(true, assignment));
            }
            _ => assign_together(topics, &together, assignment),
        }
    }
}

/// `assignCoPartitionedWithRackMatching`: a partition of each topic at once, to the first reader that is near all of them.
fn assign_together(topics: &mut [TopicAssignmentState<'_>], together: &[usize], assignment: &mut Assignment) {
    let Some(first) = together.first().and_then(|at| topics.get(*at)) else { return };
    let (readers, partitions) = (first.readers.len(), first.partitions_with_racks());
    let mut remaining: Vec<usize> = (0..readers).collect();
    for index in 0..partitions {
        let partition = |topic: &Topic| TopicPartition::new(topic.clone(), index);
        let near = remaining.iter().position(|reader| {
            let mut all = together.iter().filter_map(|at| topics.get(*at));
            all.all(|topic| topic.is_near(*reader, &partition(topic.topic)) && topic.assignable(*reader) > 0)
        });
        let Some((near, reader)) = near.and_then(|near| Some((near, *remaining.get(near)?))) else { continue };
        let mut is_full = true;
        for at in together {
            let Some(topic) = topics.get_mut(*at) else { continue };
            topic.assign(reader, vec![partition(topic.topic)], assignment);
            is_full &= topic.assignable(reader) == 0;
        }
        if is_full {
            remaining.remove(near);
        }
    }
}

impl<'a> TopicAssignmentState<'a> {
    fn new(topic: &'a Topic, partitions: i32, readers: Vec<&'a AssignorMember>, racks: &'a PartitionRacks) -> Self {
        let unassigned: Vec<TopicPartition> =
            (0..partitions).map(|index| TopicPartition::new(topic.clone(), index)).collect();
        let many = readers.len().max(1);
        Self {
            topic,
            racks,
            has_racks: readers.iter().any(|reader| reader.rack().is_some()),
            needs_racks: racks::matter(readers.iter().copied(), racks, &unassigned),
            partitions,
            assigned: vec![0; readers.len()],
            share: unassigned.len() / many,
            due_one_more: unassigned.len() % many,
            readers,
            unassigned,
        }
    }

    /// How many partitions there are whose racks count (`partitionRacks.size`): none where no reader says its own.
    fn partitions_with_racks(&self) -> i32 {
        if self.has_racks { self.partitions } else { 0 }
    }

    /// `racksMatch`: who says no rack is near everything.
    fn is_near(&self, reader: usize, partition: &TopicPartition) -> bool {
        let rack = self.readers.get(reader).and_then(|reader| reader.rack());
        rack.is_none_or(|rack| racks::has_replica_on(self.racks, rack, partition))
    }

    /// `maxAssignable`: how many a reader may still get.
    fn assignable(&self, reader: usize) -> usize {
        let has = self.assigned.get(reader).copied().unwrap_or(0);
        (self.share + usize::from(self.due_one_more > 0)).saturating_sub(has)
    }

    fn assign_ranges(&mut self, only_near: bool, assignment: &mut Assignment) {
        for reader in 0..self.readers.len() {
            let fits = |partition: &&TopicPartition| !only_near || self.is_near(reader, partition);
            let range: Vec<TopicPartition> =
                self.unassigned.iter().filter(fits).take(self.assignable(reader)).cloned().collect();
            if !range.is_empty() {
                self.assign(reader, range, assignment);
            }
        }
    }

    fn assign(&mut self, reader: usize, partitions: Vec<TopicPartition>, assignment: &mut Assignment) {
        let (Some(member), Some(has)) = (self.readers.get(reader), self.assigned.get_mut(reader)) else { return };
        *has += partitions.len();
        if *has > self.share {
            self.due_one_more = self.due_one_more.saturating_sub(1);
        }
        self.unassigned.retain(|partition| !partitions.contains(partition));
        assignment.entry(member.member_id.clone()).or_default().extend(partitions);
    }
}
