//! What clients were promised: acknowledgements and committed offsets.

use std::collections::{BTreeMap, BTreeSet};

use super::InvariantViolation;
use crate::change::Change;
use crate::cluster::Cluster;
use crate::wire::TopicPartition;

/// How far each partition was committed, by name: a promise may arrive after its topic was deleted and created again, so
/// the greatest of all topics of that name counts.
#[derive(Clone, Debug, Default)]
pub(super) struct Acknowledgements {
    committed: BTreeMap<TopicPartition, i64>,
    /// Producers that have sent a batch with other `acks` than all: a later acknowledgement may be for such a batch.
    weak: BTreeSet<u32>,
    /// How far beyond what is committed positions were set, by a seek or by what was committed after one: nobody hinders that.
    sought: BTreeMap<TopicPartition, i64>,
}

impl Acknowledgements {
    /// A leader committed up to this offset (exclusive).
    pub(super) fn committed(&mut self, partition: &TopicPartition, end: i64) {
        match self.committed.get_mut(partition) {
            Some(known) => *known = end.max(*known),
            None => _ = self.committed.insert(partition.clone(), end),
        }
    }

    /// Remembers who does not wait for all in-sync replicas, and who reads on where there is nothing yet.
    pub(super) fn observe(&mut self, cluster: &Cluster, change: &Change) {
        if let Change::PositionMoved { partition, to, .. } = change
            && *to > self.end(partition)
        {
            let sought = self.sought.entry(partition.clone()).or_insert(*to);
            *sought = (*to).max(*sought);
        }
        let Change::BatchSent { producer, .. } = change else { return };
        let index = usize::try_from(producer.saturating_sub(1)).unwrap_or(usize::MAX);
        if cluster.producers().nth(index).is_none_or(|sender| sender.acks() != -1) {
            self.weak.insert(*producer);
        }
    }

    /// Whether a promise that a client got is covered by the high watermark.
    pub(super) fn check(&self, change: &Change) -> Option<InvariantViolation> {
        match change {
            Change::Acknowledged { producer, partition, offset, records }
                if *offset >= 0 && !self.weak.contains(producer) =>
            {
                let committed = self.end(partition);
                let last = offset.saturating_add(records.saturating_sub(1));
                (last >= committed).then(|| InvariantViolation::AcknowledgedIsCommitted {
                    producer: *producer,
                    partition: partition.clone(),
                    offset: last,
                    committed,
                })
            }
            Change::CommitAcknowledged { consumer, partition, offset } => {
                let committed = self.end(partition);
                let is_sought = self.sought.get(partition).is_some_and(|sought| offset <= sought);
                (*offset > committed && !is_sought).then(|| InvariantViolation::CommittedOffsetIsBelow {
                    consumer: *consumer,
                    partition: partition.clone(),
                    offset: *offset,
                    committed,
                })
            }
            _ => None,
        }
    }

    fn end(&self, partition: &TopicPartition) -> i64 {
        self.committed.get(partition).copied().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::presets;

    #[test]
    fn what_was_sought_may_be_committed_and_what_was_not_may_not() {
        let cluster = Cluster::new(&presets::first_minute().config, 1).expect("a cluster");
        let partition = TopicPartition::new("orders", 0);
        let mut known = Acknowledgements::default();
        known.committed(&partition, 2);
        let commits = |offset| Change::CommitAcknowledged { consumer: 1, partition: partition.clone(), offset };
        assert_eq!(known.check(&commits(2)), None);
        assert!(known.check(&commits(3)).is_some());
        let moved = |to| Change::PositionMoved { consumer: 1, partition: partition.clone(), from: 0, to };
        known.observe(&cluster, &moved(2));
        assert!(known.check(&commits(3)).is_some());
        known.observe(&cluster, &moved(5));
        assert_eq!(known.check(&commits(5)), None);
        assert!(known.check(&commits(6)).is_some());
    }
}
