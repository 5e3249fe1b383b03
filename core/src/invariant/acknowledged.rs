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
}

impl Acknowledgements {
    /// A leader committed up to this offset (exclusive).
    pub(super) fn committed(&mut self, partition: &TopicPartition, end: i64) {
        match self.committed.get_mut(partition) {
            Some(known) => *known = end.max(*known),
            None => _ = self.committed.insert(partition.clone(), end),
        }
    }

    /// Remembers who does not wait for all in-sync replicas.
    pub(super) fn observe(&mut self, cluster: &Cluster, change: &Change) {
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
                (*offset > committed).then(|| InvariantViolation::CommittedOffsetIsBelow {
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
