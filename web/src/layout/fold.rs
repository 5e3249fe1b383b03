//! Which replicas of a broker are drawn whole and which are folded into a line.

use kafkascope_core::sort::SharedSort;
use std::collections::BTreeSet;

use crate::engine::{ReplicaView, Role, TopicPartition};

/// So many logs fit in a room before partitions are folded.
const WHOLE_MAX: usize = 3;

/// A line that stands for the other partitions of a topic.
#[derive(Clone, Debug, PartialEq)]
pub struct Fold {
    /// The topic.
    pub topic: String,
    /// How many partitions it stands for.
    pub count: usize,
    /// The partition among them that changed in this step, if any: the line shows it.
    pub highlights: Option<TopicPartition>,
}

/// What a room shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shown {
    /// Partitions drawn whole, in order.
    pub whole: Vec<TopicPartition>,
    /// Lines for the others.
    pub folds: Vec<Fold>,
}

/// Chooses what a room shows: Kafka's own topics as one line each, other topics whole while there is room; where there is
/// not, what changed comes first, then what the broker leads. The number of lines does not depend on what changed, so
/// that the scene stands still from step to step.
pub fn fold(replicas: &[ReplicaView], changed: impl Fn(&TopicPartition) -> bool, unfolded: &BTreeSet<String>) -> Shown {
    let is_internal = |replica: &&ReplicaView| replica.partition.topic.starts_with("__");
    let mut common: Vec<&ReplicaView> = replicas
        .iter()
        .filter(|replica| !is_internal(replica) && !unfolded.contains(&*replica.partition.topic))
        .collect();
    common.shared_sort_by_key(|replica| {
        (!changed(&replica.partition), replica.role != Role::Leader, replica.partition.clone())
    });
    let chosen: BTreeSet<&TopicPartition> = common.iter().take(WHOLE_MAX).map(|replica| &replica.partition).collect();
    let mut shown = Shown::default();
    for replica in replicas {
        let topic = &*replica.partition.topic;
        if unfolded.contains(topic) || chosen.contains(&replica.partition) {
            shown.whole.push(replica.partition.clone());
            continue;
        }
        let highlights = changed(&replica.partition).then(|| replica.partition.clone());
        match shown.folds.iter_mut().find(|fold| fold.topic == topic) {
            Some(fold) => {
                fold.count += 1;
                fold.highlights = fold.highlights.take().or(highlights);
            }
            None => shown.folds.push(Fold { topic: topic.to_owned(), count: 1, highlights }),
        }
    }
    // A person's topics above Kafka's own.
    shown.whole.shared_sort_by_key(|partition| (partition.topic.starts_with("__"), partition.clone()));
    shown.folds.shared_sort_by_key(|fold| (fold.topic.starts_with("__"), fold.topic.clone()));
    shown
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// A replica with so many records.
    pub fn replica(topic: &str, partition: i32, role: Role, records: i64) -> ReplicaView {
        let batch = |offset| crate::engine::BatchView {
            base_offset: offset,
            last_offset: offset,
            leader_epoch: 0,
            position: 70 * u64::try_from(offset).unwrap_or(0),
            size_bytes: 70,
            max_timestamp_ms: 0,
            producer_id: -1,
            base_sequence: -1,
            records: vec![],
        };
        ReplicaView {
            partition: TopicPartition::new(topic, partition),
            role,
            leader: 1,
            leader_epoch: 0,
            partition_epoch: 0,
            log_start_offset: 0,
            log_end_offset: records,
            high_watermark: records,
            flushed_offset: 0,
            recovery_point: 0,
            isr: vec![1, 2, 3],
            proposed_isr: None,
            followers: vec![],
            batches: (0..records).map(batch).collect(),
            segments: vec![],
            leader_epochs: vec![(0, 0)],
            is_offline: false,
        }
    }

    fn many() -> Vec<ReplicaView> {
        let own = (0..3).map(|index| replica("__consumer_offsets", index, Role::Follower, 0));
        let orders =
            (0..8).map(|index| replica("orders", index, if index == 6 { Role::Leader } else { Role::Follower }, 2));
        own.chain(orders).collect()
    }

    fn names(shown: &Shown) -> Vec<String> {
        shown.whole.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn many_partitions_fold_and_led_ones_stay() {
        let shown = fold(&many(), |_| false, &BTreeSet::new());
        assert_eq!(names(&shown), ["orders-0", "orders-1", "orders-6"]);
        let folds: Vec<_> = shown.folds.iter().map(|fold| (fold.topic.as_str(), fold.count)).collect();
        assert_eq!(folds, [("orders", 5), ("__consumer_offsets", 3)]);
    }

    #[test]
    fn what_changed_is_shown_in_as_many_lines() {
        let changed = [TopicPartition::new("orders", 4), TopicPartition::new("__consumer_offsets", 2)];
        let shown = fold(&many(), |partition| changed.contains(partition), &BTreeSet::new());
        assert_eq!(names(&shown), ["orders-0", "orders-4", "orders-6"]);
        assert_eq!(shown.folds.len(), 2);
        assert_eq!(
            shown.folds[1].highlights.as_ref().map(ToString::to_string).as_deref(),
            Some("__consumer_offsets-2")
        );
    }

    #[test]
    fn an_unfolded_topic_is_shown_whole() {
        let unfolded = BTreeSet::from(["__consumer_offsets".to_owned()]);
        let shown = fold(&many(), |_| false, &unfolded);
        assert_eq!(shown.whole.len(), 6);
        assert_eq!(shown.folds.len(), 1);
    }
}
