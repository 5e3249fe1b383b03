//! What must hold of groups after every step, beside the engine's own invariants, and when all is at rest.

use std::collections::{BTreeMap, BTreeSet};

use kafkascope_core::change::Change;
use kafkascope_core::cluster::Cluster;
use kafkascope_core::step::Step;
use kafkascope_core::view::SubscriptionView;
use kafkascope_core::wire::TopicPartition;

use super::Seen;

/// What is remembered of a run.
pub(super) struct GroupChecker {
    /// The group of each consumer.
    groups: BTreeMap<u32, String>,
    /// Who read a partition in a generation or member epoch of a group.
    readers: BTreeMap<(String, i32, TopicPartition), u32>,
    /// In which generation each member of a classic group was assigned what it has. One that has joined again and is not yet
    /// assigned anew reads on by the old assignment; the new generation's number may come a second time, where its coordinator
    /// fails before the assignments are replicated.
    assigned_in: BTreeMap<u32, i32>,
    /// What was committed last, by what a member was told.
    acknowledged: BTreeMap<(String, TopicPartition), i64>,
}

impl GroupChecker {
    pub(super) fn new(cluster: &Cluster) -> Self {
        let of = |(number, config): (u32, &kafkascope_core::config::ConsumerConfig)| (number, config.group.clone());
        let classic = cluster.consumers().filter(|each| !each.settings().broker_assigns());
        Self {
            groups: (1..).zip(&cluster.config().consumers).map(of).collect(),
            readers: BTreeMap::new(),
            assigned_in: classic.map(|each| (each.number(), each.generation())).collect(),
            acknowledged: BTreeMap::new(),
        }
    }

    fn group(&self, consumer: u32) -> String {
        self.groups.get(&consumer).cloned().unwrap_or_default()
    }

    /// What a step broke, if anything.
    pub(super) fn check(&mut self, cluster: &Cluster, step: &Step, seen: &mut Seen) -> Option<String> {
        let mut broken = None;
        for change in &step.changes {
            match change {
                Change::Assigned { consumer, .. } => {
                    seen.assigned += 1;
                    let generation = cluster.consumer(*consumer).map(|consumer| consumer.generation());
                    self.assigned_in.extend(generation.map(|generation| (*consumer, generation)));
                }
                Change::Reconciled { .. } => seen.reconciled += 1,
                Change::PartitionsRevoked { .. } => seen.revoked += 1,
                Change::PartitionsLost { .. } => seen.lost += 1,
                Change::MemberLeft { expired: true, .. } => seen.expired += 1,
                Change::CoordinatorLoaded { .. } => seen.coordinators += 1,
                Change::RecordsRead { consumer, partition, .. } => {
                    seen.read += 1;
                    broken = broken.or_else(|| self.read(cluster, *consumer, partition));
                }
                Change::OffsetCommitted { group, partition, from, to } if to < from => {
                    broken =
                        Some(format!("{group}: the committed offset of {partition} goes back from {from} to {to}"));
                }
                Change::CommitAcknowledged { consumer, partition, offset } => {
                    seen.committed += 1;
                    let last = self.acknowledged.entry((self.group(*consumer), partition.clone())).or_insert(*offset);
                    *last = (*last).max(*offset);
                }
                _ => {}
            }
        }
        broken.or_else(|| self.offsets_are_kept(cluster, step))
    }

    /// A partition is read by one member in a generation, or in a member epoch.
    fn read(&mut self, cluster: &Cluster, consumer: u32, partition: &TopicPartition) -> Option<String> {
        let known = cluster.consumer(consumer)?.generation();
        let generation = self.assigned_in.get(&consumer).copied().unwrap_or(known);
        let group = self.group(consumer);
        let first = *self.readers.entry((group.clone(), generation, partition.clone())).or_insert(consumer);
        let is_two = first != consumer;
        is_two.then(|| format!("{group}: consumers {first} and {consumer} read {partition} in generation {generation}"))
    }

    /// A coordinator that took over has every offset whose commit was acknowledged.
    fn offsets_are_kept(&self, cluster: &Cluster, step: &Step) -> Option<String> {
        let has_loaded = step.changes.iter().any(|change| matches!(change, Change::CoordinatorLoaded { .. }));
        if !has_loaded {
            return None;
        }
        let view = cluster.view();
        self.acknowledged.iter().find_map(|((group, partition), offset)| {
            // Of several that believe they coordinate the group, one knows the newest.
            let known = view.groups.iter().filter(|each| each.group == *group);
            let offsets = known.map(|each| each.offsets.iter().find(|(of, _)| of == partition));
            let newest = offsets.map(|found| found.map_or(-1, |(_, offset)| *offset)).max()?;
            (newest < *offset).then(|| {
                format!("{group}: offset {offset} of {partition} was acknowledged, the coordinator has {newest}")
            })
        })
    }

    /// What of the groups is not at rest: every group is stable, and every partition has one owner who knows where to read on.
    pub(super) fn unrest(&self, cluster: &Cluster) -> Vec<String> {
        let view = cluster.view();
        let mut found = Vec::new();
        let groups: BTreeSet<&String> = self.groups.values().collect();
        for group in groups {
            match view.groups.iter().find(|each| each.group == *group) {
                Some(known) if known.state == "Stable" => {}
                Some(known) => found.push(format!("group {group} is {}", known.state)),
                None => found.push(format!("nobody coordinates group {group}")),
            }
            let members = view.consumers.iter().filter(|each| each.group == *group);
            let mut owners: BTreeMap<&TopicPartition, Vec<u32>> = BTreeMap::new();
            let mut wanted: BTreeSet<&str> = BTreeSet::new();
            for member in members.filter(|member| member.is_running && member.generation >= 0) {
                match &member.subscription {
                    SubscriptionView::Topics { topics } => wanted.extend(topics.iter().map(|topic| &**topic)),
                    // The swarm's pattern matches them all.
                    SubscriptionView::Pattern { .. } => wanted.extend(["orders", "payments"]),
                    SubscriptionView::None | SubscriptionView::Partitions => {}
                }
                for assigned in &member.assigned {
                    owners.entry(&assigned.partition).or_default().push(member.number);
                }
            }
            let partitions = view.partitions.iter().map(|each| &each.partition);
            for partition in partitions.filter(|each| wanted.contains(&*each.topic)) {
                match owners.get(partition).map_or(&[][..], Vec::as_slice) {
                    [_] => {}
                    others => found.push(format!("{group}: {partition} is owned by {others:?}")),
                }
            }
            if wanted.is_empty() {
                found.push(format!("group {group} has no member"));
            }
        }
        found
    }
}
