//! Failures that recur: the first of a kind is told, the others are counted.

use crate::change::{Change, Size, Weight};
use crate::step::Step;
use crate::wire::TopicPartition;

/// How many failures are remembered at a time; of more, the oldest is told anew.
const REPORTED_MAX: usize = 64;

/// Which failures were told since the person last acted.
#[derive(Clone, Debug, Default)]
pub(super) struct Repeats {
    reported: Vec<Change>,
}

impl Repeats {
    /// Takes the next step in and says whether it tells nothing but failures that were told before.
    pub(super) fn observe(&mut self, step: &Step) -> bool {
        if step.command.is_some() {
            self.reported.clear();
        }
        for change in &step.changes {
            // What the next batch meets is a story of its own.
            if let Change::Acknowledged { producer, partition, .. } = change {
                self.reported.retain(|reported| !is_of_batch(reported, *producer, partition));
            }
        }
        if step.size != Size::Message {
            return false;
        }
        let mut is_repeat = true;
        for change in &step.changes {
            match change.traits().0 {
                Weight::Background => {}
                Weight::Failure => is_repeat &= self.was_reported(change),
                Weight::News if self.is_attempt(change) => is_repeat &= self.was_reported(change),
                Weight::News | Weight::Milestone(_) => is_repeat = false,
            }
        }
        is_repeat
    }

    /// Whether it is a batch that is sent once more after a failure, which is a piece of the same story.
    fn is_attempt(&self, change: &Change) -> bool {
        let Change::BatchSent { producer, partition, .. } = change else { return false };
        self.reported.iter().any(|reported| {
            is_of_batch(reported, *producer, partition)
                && matches!(reported, Change::Retried { .. } | Change::BatchSplit { .. })
        })
    }

    /// Whether a failure was told already; from now on it was.
    fn was_reported(&mut self, failure: &Change) -> bool {
        let was_reported = self.reported.contains(failure);
        if !was_reported {
            if self.reported.len() == REPORTED_MAX {
                self.reported.remove(0);
            }
            self.reported.push(failure.clone());
        }
        was_reported
    }
}

/// Whether a change is about what a producer sends to a partition.
fn is_of_batch(change: &Change, of: u32, to: &TopicPartition) -> bool {
    match change {
        Change::BatchSent { producer, partition, .. }
        | Change::Retried { producer, partition, .. }
        | Change::BatchSplit { producer, partition, .. } => *producer == of && partition == to,
        _ => false,
    }
}
