//! What a consumer has: partitions come and go, and the application's rebalance listener learns of it
//! (`SubscriptionState`, `ConsumerRebalanceListenerInvoker`).

use std::collections::BTreeSet;

use super::Consumer;
use super::subscription::Assigned;
use crate::change::Change;
use crate::effects::Effects;
use crate::wire::TopicPartition;

impl Consumer {
    /// What it has now.
    pub(super) fn owned(&self) -> Vec<TopicPartition> {
        self.assigned.keys().cloned().collect()
    }

    /// Gives partitions up of its own accord (`onPartitionsRevoked`).
    pub(super) fn revoke(&mut self, partitions: Vec<TopicPartition>, fx: &mut Effects) {
        if !partitions.is_empty() {
            self.drop_partitions(&partitions);
            fx.change(Change::PartitionsRevoked { consumer: self.number, partitions });
        }
    }

    /// It is no member any more: others may have its partitions already, nothing is committed for them
    /// (`onPartitionsLost`).
    pub(super) fn lose_partitions(&mut self, fx: &mut Effects) {
        let partitions = self.owned();
        if !partitions.is_empty() {
            self.drop_partitions(&partitions);
            fx.change(Change::PartitionsLost { consumer: self.number, partitions });
        }
        self.fetched.clear();
        // Nor is what was to be committed before a rebalance.
        self.commit = self.commit.take().filter(|commit| commit.is_awaited);
    }

    fn drop_partitions(&mut self, partitions: &[TopicPartition]) {
        partitions.iter().for_each(|partition| {
            self.assigned.remove(partition);
        });
        let Self { fetched, assigned, .. } = self;
        fetched.retain(|fetched| assigned.contains_key(fetched.partition()));
    }

    /// From now on it has these: what it had of them goes on where it was (`assignFromSubscribed`).
    pub(super) fn assign_partitions(&mut self, partitions: &[TopicPartition]) {
        let wanted: BTreeSet<&TopicPartition> = partitions.iter().collect();
        let gone: Vec<TopicPartition> =
            self.assigned.keys().filter(|partition| !wanted.contains(partition)).cloned().collect();
        self.drop_partitions(&gone);
        for partition in partitions {
            self.assigned.entry(partition.clone()).or_insert_with(Assigned::new);
        }
    }
}
