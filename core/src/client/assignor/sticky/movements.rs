//! What has moved in one run of the general algorithm (`PartitionMovements`): a partition that would go back where another of
//! its topic came from stays, and the other goes back instead.

use std::collections::BTreeMap;

use super::{Place, remove_first};
use crate::wire::TopicPartition;
use crate::wire::hash_order::{sort_as_hash_map, topic_partition_hash};

/// From which member to which.
type Pair = (Place, Place);

#[derive(Clone, Debug, Default)]
pub(super) struct Movements {
    of_partition: BTreeMap<TopicPartition, Pair>,
    /// By topic and pair; partitions in the order in which they were moved.
    by_pair: BTreeMap<(crate::wire::Topic, Pair), Vec<TopicPartition>>,
}

impl Movements {
    /// A partition goes from one member to another, perhaps not for the first time.
    pub(super) fn move_partition(&mut self, partition: &TopicPartition, from: Place, to: Place) {
        let mut pair = (from, to);
        if let Some(before) = self.of_partition.remove(partition) {
            let key = (partition.topic.clone(), before);
            if let Some(moved) = self.by_pair.get_mut(&key) {
                remove_first(moved, partition);
                if moved.is_empty() {
                    self.by_pair.remove(&key);
                }
            }
            if before.0 == to {
                return;
            }
            pair = (before.0, to);
        }
        self.of_partition.insert(partition.clone(), pair);
        self.by_pair.entry((partition.topic.clone(), pair)).or_default().push(partition.clone());
    }

    /// Which partition is to be moved in place of this one (`getTheActualPartitionToBeMoved`).
    pub(super) fn actual(&self, partition: &TopicPartition, from: Place, to: Place) -> TopicPartition {
        let from = self.of_partition.get(partition).map_or(from, |(source, _)| *source);
        let Some(reverse) = self.by_pair.get(&(partition.topic.clone(), (to, from))) else { return partition.clone() };
        let mut reverse = reverse.clone();
        sort_as_hash_map(&mut reverse, topic_partition_hash);
        reverse.into_iter().next().unwrap_or_else(|| partition.clone())
    }
}
