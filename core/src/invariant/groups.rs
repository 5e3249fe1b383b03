//! Who owns a partition in a generation of a group.

use std::collections::BTreeMap;

use super::InvariantViolation;
use crate::change::Change;
use crate::cluster::Cluster;
use crate::wire::TopicPartition;

/// The topic that keeps groups.
const OFFSETS_TOPIC: &str = "__consumer_offsets";
/// How many generations of a group are remembered.
const GENERATIONS_KEPT: i32 = 16;

/// The owners of each partition, by group and generation.
#[derive(Clone, Debug, Default)]
pub(super) struct Owners {
    generations: BTreeMap<(String, i32), BTreeMap<TopicPartition, u32>>,
}

impl Owners {
    pub(super) fn check(&mut self, cluster: &Cluster, change: &Change) -> Option<InvariantViolation> {
        match change {
            // A group whose records were lost begins with its generations anew.
            Change::UnflushedLost { partition, .. } if &*partition.topic == OFFSETS_TOPIC => self.generations.clear(),
            Change::Truncated { partition, .. } if &*partition.topic == OFFSETS_TOPIC => self.generations.clear(),
            Change::Assigned { consumer, partitions, generation }
            | Change::Reconciled { consumer, partitions, member_epoch: generation } => {
                let index = usize::try_from(consumer.saturating_sub(1)).ok()?;
                let group = &cluster.config().consumers.get(index)?.group;
                return self.assigned(group, *generation, *consumer, partitions);
            }
            _ => {}
        }
        None
    }

    pub(super) fn assigned(
        &mut self,
        group: &str,
        generation: i32,
        consumer: u32,
        partitions: &[TopicPartition],
    ) -> Option<InvariantViolation> {
        self.generations
            .retain(|(each, number), _| each != group || *number > generation.saturating_sub(GENERATIONS_KEPT));
        let owners = self.generations.entry((group.to_owned(), generation)).or_default();
        for partition in partitions {
            let first = *owners.entry(partition.clone()).or_insert(consumer);
            if first != consumer {
                return Some(InvariantViolation::OneOwnerPerGeneration {
                    group: group.to_owned(),
                    partition: partition.clone(),
                    generation,
                    first,
                    second: consumer,
                });
            }
        }
        None
    }
}
