//! What a step's changes light up in the scene.

use std::collections::BTreeSet;

use crate::engine::{Actor, Change, Concern, Membership, ReplicaPart, TopicPartition};
use crate::layout::Cut;
use crate::run::Snapshot;
use crate::run::removed_records::Removed;

/// What is amber after a step.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Highlights {
    /// Appended offsets: node, partition, first and last offset.
    pub cells: Vec<(i32, TopicPartition, i64, i64)>,
    /// Moved high watermarks.
    pub high_watermarks: BTreeSet<(i32, TopicPartition)>,
    /// Moved log end offsets.
    pub ends: BTreeSet<(i32, TopicPartition)>,
    /// Changed roles, leaders and ISRs.
    pub roles: BTreeSet<(i32, TopicPartition)>,
    /// Brokers that came into or fell out of an ISR: in the metadata log, or as the leader learnt it.
    pub in_sync: BTreeSet<(i32, TopicPartition)>,
    /// Brokers that just fell out of the ISR that a leader has: leader, partition, broker.
    pub left: BTreeSet<(i32, TopicPartition, i32)>,
    /// What was cut off logs.
    pub removed: Vec<Removed>,
    /// Actors about whom something changed.
    pub actors: BTreeSet<Actor>,
}

impl Highlights {
    /// Reads a moment: its step's changes, and what is quietly another way since it was last looked at.
    pub fn at(snapshot: &Snapshot) -> Self {
        let mut highlights = Self { removed: snapshot.removed.clone(), ..Self::of(snapshot.changes()) };
        for difference in &snapshot.isr_differences {
            let ids = difference.entered.iter().chain(&difference.left);
            highlights.in_sync.extend(ids.map(|id| (*id, difference.partition.clone())));
            highlights
                .left
                .extend(difference.left.iter().map(|id| (difference.node, difference.partition.clone(), *id)));
        }
        highlights
    }

    /// Reads a step's changes.
    pub fn of(changes: &[Change]) -> Self {
        let mut highlights = Self::default();
        for change in changes {
            highlights.take(change);
        }
        highlights
    }

    /// Whether anything of a replica is highlighted.
    pub fn touches(&self, node: i32, partition: &TopicPartition) -> bool {
        let place = (node, partition.clone());
        self.cells.iter().any(|(at, of, _, _)| *at == node && of == partition)
            || self.high_watermarks.contains(&place)
            || self.ends.contains(&place)
            || self.roles.contains(&place)
    }

    /// Whether an offset of a replica is highlighted.
    pub fn has_cell(&self, node: i32, partition: &TopicPartition, offset: i64) -> bool {
        self.cells
            .iter()
            .any(|(at, of, first, last)| *at == node && of == partition && (*first..=*last).contains(&offset))
    }

    /// What was cut off a replica's log, the lowest offset first.
    pub fn cut_off(&self, node: i32, partition: &TopicPartition) -> &[Cut] {
        let found = self.removed.iter().find(|removed| removed.node == node && removed.partition == *partition);
        found.map_or(&[], |removed| &removed.cells)
    }

    fn take(&mut self, change: &Change) {
        if change.is_background() || is_mere_look(change) {
            return;
        }
        match change.traits().1 {
            Concern::Actor(actor) => {
                self.actors.insert(actor);
            }
            Concern::Replica { node, partition, part } => {
                self.actors.insert(Actor::Node(node));
                self.take_part(node, partition, part);
            }
            // The leader has not moved: only what it knows of the follower is newer.
            Concern::Follower { follower, .. } => {
                self.actors.insert(Actor::Node(follower));
            }
            Concern::Members { partition, from, to, of } => {
                let left = from.iter().filter(|id| !to.contains(id));
                for id in left.chain(to.iter().filter(|id| !from.contains(id))) {
                    self.actors.insert(Actor::Node(*id));
                    self.roles.insert((*id, partition.clone()));
                    match of {
                        Membership::Isr => {
                            self.in_sync.insert((*id, partition.clone()));
                        }
                        Membership::Elr | Membership::Replicas => {}
                    }
                }
            }
            Concern::Leadership { partition, from, to } => {
                for id in [from, to].into_iter().filter(|id| *id >= 0) {
                    self.roles.insert((id, partition.clone()));
                    self.actors.insert(Actor::Node(id));
                }
            }
            Concern::Link { from, to } => self.actors.extend([from, to]),
            // They have no place of their own in the scene.
            Concern::Group(_) | Concern::Topic(_) | Concern::Nobody => {}
        }
    }

    fn take_part(&mut self, node: i32, partition: &TopicPartition, part: ReplicaPart) {
        let place = (node, partition.clone());
        match part {
            ReplicaPart::Appended(first, last) => {
                self.cells.push((node, partition.clone(), first, last));
                self.ends.insert(place);
            }
            ReplicaPart::Record(offset) => self.cells.push((node, partition.clone(), offset, offset)),
            ReplicaPart::End => {
                self.ends.insert(place);
            }
            ReplicaPart::HighWatermark => {
                self.high_watermarks.insert(place);
            }
            ReplicaPart::Role => {
                self.roles.insert(place);
            }
            ReplicaPart::Storage => {}
        }
    }
}

/// Whether a change only tells what was looked at or refused, or that something moved to where it was: amber is for what is
/// another way now.
fn is_mere_look(change: &Change) -> bool {
    match change {
        Change::IndexLookedUp { .. }
        | Change::TimeIndexLookedUp { .. }
        | Change::DivergenceFound { .. }
        | Change::Refused { .. } => true,
        Change::HighWatermarkMoved { from, to, .. }
        | Change::LogStartMoved { from, to, .. }
        | Change::FollowerEndKnown { from, to, .. }
        | Change::Truncated { from, to, .. }
        | Change::UnflushedLost { from, to, .. } => from == to,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{ClusterView, History, NodeView, ReplicaView, presets};

    fn replica<'a>(view: &'a ClusterView, (node, partition): &(i32, TopicPartition)) -> Option<&'a ReplicaView> {
        let node = view.nodes.iter().find(|each| each.id == *node)?;
        node.replicas.iter().find(|replica| replica.partition == *partition)
    }

    /// What is lit although it is as it was before the step.
    fn unchanged(highlighted: &Highlights, before: &ClusterView, after: &ClusterView) -> Vec<String> {
        fn differs<T: PartialEq>(
            before: &ClusterView,
            after: &ClusterView,
            place: &(i32, TopicPartition),
            of: impl Fn(&ReplicaView) -> T,
        ) -> bool {
            replica(before, place).map(&of) != replica(after, place).map(&of)
        }
        let mut wrong = Vec::new();
        let mut hold = |holds: bool, what: String| {
            if !holds {
                wrong.push(what);
            }
        };
        for (node, partition, first, last) in &highlighted.cells {
            let moved = differs(before, after, &(*node, partition.clone()), |replica| replica.log_end_offset);
            hold(moved, format!("cells {first} to {last} of {partition} on {node}"));
        }
        for place in &highlighted.high_watermarks {
            hold(differs(before, after, place, |replica| replica.high_watermark), format!("high watermark {place:?}"));
        }
        for place in &highlighted.ends {
            hold(differs(before, after, place, |replica| replica.log_end_offset), format!("log end {place:?}"));
        }
        for place in highlighted.roles.iter().chain(&highlighted.in_sync) {
            let truth = |view: &ClusterView| view.partitions.iter().find(|each| each.partition == place.1).cloned();
            let own = |replica: &ReplicaView| {
                (replica.role, replica.leader, replica.leader_epoch, replica.isr.clone(), replica.proposed_isr.clone())
            };
            hold(truth(before) != truth(after) || differs(before, after, place, own), format!("role {place:?}"));
        }
        for actor in &highlighted.actors {
            hold(differs_of(*actor, before, after), format!("actor {actor}"));
        }
        wrong
    }

    fn differs_of(actor: Actor, before: &ClusterView, after: &ClusterView) -> bool {
        let links = |view: &ClusterView| (view.cuts.clone(), view.envelopes.len(), view.held.len());
        let moved = match actor {
            Actor::Node(id) => {
                let own = |view: &ClusterView| view.nodes.iter().find(|node| node.id == id).cloned();
                // What its leader and the controller know of it.
                let known = |view: &ClusterView| {
                    let followers = view.nodes.iter().flat_map(|node: &NodeView| &node.replicas);
                    let followers =
                        followers.flat_map(|replica| replica.followers.clone()).filter(|each| each.id == id);
                    (followers.collect::<Vec<_>>(), view.partitions.clone())
                };
                own(before) != own(after) || known(before) != known(after)
            }
            Actor::Producer(number) => {
                let own = |view: &ClusterView| view.producers.iter().find(|each| each.number == number).cloned();
                own(before) != own(after)
            }
            Actor::Consumer(number) => {
                let own = |view: &ClusterView| view.consumers.iter().find(|each| each.number == number).cloned();
                own(before) != own(after)
            }
            Actor::Admin | Actor::Probe(_) => true,
        };
        moved || links(before) != links(after)
    }

    /// Over real runs, with a crash, a cut and a return: amber is for what the step really changed.
    #[test]
    fn nothing_is_lit_that_did_not_change() {
        use crate::engine::Command;
        for preset in presets() {
            let mut history = History::new(preset.scenario).expect("a preset is a good scenario");
            for step in 0..260 {
                let before = history.cluster().view();
                let done = match step {
                    60 => history.act(Command::Crash { node: 1, machine: false }).ok(),
                    120 => history.act(Command::Start { node: 1 }).ok(),
                    180 => history.act(Command::Cut { from: Actor::Node(2), to: Actor::Node(3), both: true }).ok(),
                    _ => history.step(),
                };
                let Some(done) = done else { continue };
                let wrong = unchanged(&Highlights::of(&done.changes), &before, &history.cluster().view());
                assert!(wrong.is_empty(), "{} step {step}: {wrong:?} highlighted by {:?}", preset.id, done.changes);
            }
        }
    }

    #[test]
    fn an_append_lights_its_cells_and_the_end() {
        let partition = TopicPartition::new("orders", 0);
        let change = Change::Appended {
            node: 1,
            partition: partition.clone(),
            base_offset: 6,
            last_offset: 7,
            leader_epoch: 2,
            as_leader: true,
        };
        let highlights = Highlights::of(&[change]);
        assert!(
            highlights.has_cell(1, &partition, 7)
                && !highlights.has_cell(1, &partition, 8)
                && !highlights.has_cell(2, &partition, 7)
        );
        assert!(highlights.touches(1, &partition) && !highlights.touches(2, &partition));
    }

    #[test]
    fn an_isr_lights_who_came_and_who_went_and_an_election_both_leaders() {
        let partition = TopicPartition::new("orders", 0);
        let highlights = Highlights::of(&[
            Change::IsrChanged { partition: partition.clone(), from: vec![1, 2], to: vec![1, 3], partition_epoch: 4 },
            Change::LeaderChanged { partition: partition.clone(), from: 1, to: 5, leader_epoch: 3 },
        ]);
        let moved: Vec<i32> = highlights.in_sync.iter().map(|(id, _)| *id).collect();
        assert_eq!(moved, [2, 3]);
        let roles: Vec<i32> = highlights.roles.iter().map(|(id, _)| *id).collect();
        assert_eq!(roles, [1, 2, 3, 5]);
    }

    #[test]
    fn what_a_leader_learns_of_a_follower_does_not_light_the_leader() {
        let partition = TopicPartition::new("orders", 0);
        let known = Change::FollowerEndKnown { leader: 1, follower: 2, partition: partition.clone(), from: 3, to: 4 };
        let highlights = Highlights::of(&[known]);
        assert!(!highlights.touches(1, &partition) && !highlights.actors.contains(&Actor::Node(1)));
        assert!(highlights.actors.contains(&Actor::Node(2)));
    }
}
