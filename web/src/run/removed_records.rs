//! What the present cluster no longer shows: records that the step just cut off a log, and ISRs as they were when a
//! person last looked.

use crate::engine::{Change, ClusterView, History, ReplicaView, Role, TopicPartition};
use crate::layout::{Cut, epoch_at};

/// Records that a step cut off the end of a replica's log.
#[derive(Clone, Debug, PartialEq)]
pub struct Removed {
    /// On which broker.
    pub node: i32,
    /// Of which partition.
    pub partition: TopicPartition,
    /// The offsets, each with the leader epoch in which it was written.
    pub cells: Vec<Cut>,
}

/// A leader's ISR that is another one than when a person last looked: the leader learns it quietly, from an answer.
#[derive(Clone, Debug, PartialEq)]
pub struct IsrDifference {
    /// The leader.
    pub node: i32,
    /// The partition.
    pub partition: TopicPartition,
    /// Who came in.
    pub entered: Vec<i32>,
    /// Who is out.
    pub left: Vec<i32>,
}

/// How many offsets of one log are looked up at most: no strip shows more.
const CELLS_MAX: i64 = 64;

/// What the present step cut off. The epochs are those of the moment before.
pub fn removed(history: &mut History) -> Vec<Removed> {
    let Some(step) = history.current() else { return Vec::new() };
    let cuts: Vec<(i32, &TopicPartition, i64, i64)> = step.changes.iter().filter_map(cut_of).collect();
    if cuts.is_empty() {
        return Vec::new();
    }
    let mut before = history.clone();
    before.seek(history.position().saturating_sub(1));
    let view = before.cluster().view();
    let found = cuts.into_iter().map(|(node, partition, from, to)| {
        let batches = replica_of(&view, node, partition).map_or(&[][..], |replica| &replica.batches);
        let cells = (to..from.min(to.saturating_add(CELLS_MAX))).map(|offset| (offset, epoch_at(batches, offset)));
        Removed { node, partition: partition.clone(), cells: cells.collect() }
    });
    found.collect()
}

fn cut_of(change: &Change) -> Option<(i32, &TopicPartition, i64, i64)> {
    match change {
        Change::Truncated { node, partition, from, to } | Change::UnflushedLost { node, partition, from, to } => {
            Some((*node, partition, *from, *to))
        }
        _ => None,
    }
}

fn replica_of<'a>(view: &'a ClusterView, node: i32, partition: &TopicPartition) -> Option<&'a ReplicaView> {
    let node = view.nodes.iter().find(|each| each.id == node)?;
    node.replicas.iter().find(|replica| replica.partition == *partition)
}

/// Which leaders have another ISR than before.
pub fn isr_differences(before: &ClusterView, snapshot: &ClusterView) -> Vec<IsrDifference> {
    let leads = |replica: &&ReplicaView| replica.role == Role::Leader;
    let replicas = snapshot
        .nodes
        .iter()
        .flat_map(|node| node.replicas.iter().filter(leads).map(move |replica| (node.id, replica)));
    let differences = replicas.filter_map(|(node, replica)| {
        let was = replica_of(before, node, &replica.partition).filter(leads)?;
        let not_in = |ids: &[i32], others: &[i32]| ids.iter().copied().filter(|id| !others.contains(id)).collect();
        let difference = IsrDifference {
            node,
            partition: replica.partition.clone(),
            entered: not_in(&replica.isr, &was.isr),
            left: not_in(&was.isr, &replica.isr),
        };
        (!difference.entered.is_empty() || !difference.left.is_empty()).then_some(difference)
    });
    differences.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Command, Size};
    use crate::run::tour::preset;

    fn running() -> History {
        let preset = preset("first-minute").expect("the page opens on it");
        let mut history = History::new(preset.scenario).expect("a preset is a good scenario");
        for _ in 0..8 {
            history.forward(Size::Message);
        }
        history
    }

    #[test]
    fn what_a_machines_crash_takes_is_known_with_its_epochs() {
        let mut history = running();
        assert_eq!(removed(&mut history), []);
        let view = history.cluster().view();
        let partition = TopicPartition::new("orders", 0);
        let node = view.nodes.iter().find(|node| {
            let of = |replica: &&ReplicaView| replica.partition == partition;
            node.replicas.iter().find(of).is_some_and(|replica| replica.log_end_offset > replica.flushed_offset)
        });
        let node = node.expect("a record waits to be flushed").id;
        history.act(Command::Crash { node, machine: true }).expect("the broker runs");
        let lost = removed(&mut history);
        let of_orders = lost.iter().find(|lost| lost.partition == partition).expect("the record is lost");
        assert_eq!((of_orders.node, of_orders.cells.as_slice()), (node, &[(0, Some(0))][..]));
    }

    #[test]
    fn a_leader_that_learns_another_isr_is_a_difference() {
        let before = running().cluster().view();
        let mut snapshot = before.clone();
        assert_eq!(isr_differences(&before, &snapshot), []);
        let mut replicas = snapshot.nodes.iter_mut().flat_map(|node| &mut node.replicas);
        let leader = replicas.find(|replica| replica.role == Role::Leader && &*replica.partition.topic == "orders");
        let leader = leader.expect("orders-0 has a leader");
        let last = leader.isr.pop().expect("the ISR has members");
        let differences = isr_differences(&before, &snapshot);
        assert_eq!(differences.len(), 1);
        assert_eq!((differences[0].left.as_slice(), differences[0].entered.as_slice()), (&[last][..], &[][..]));
    }
}
