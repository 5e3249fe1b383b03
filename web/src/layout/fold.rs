//! Which replicas of a broker are drawn whole and which are folded into a line. A choice that no step changes: rows never
//! change their places.

use kafkascope_core::sort::{CollectOrdered, SharedSort};
use std::collections::BTreeSet;

use crate::engine::{ReplicaView, TopicPartition};

/// How many partitions have a row in every room, each at the same height.
const ALIGNED_MAX: usize = 4;
/// How many logs fit in a room where there are more.
const WHOLE_MAX: usize = 3;

/// A line that stands for the other partitions of a topic.
#[derive(Clone, Debug, PartialEq)]
pub struct Fold {
    /// The topic.
    pub topic: String,
    /// How many partitions it stands for.
    pub count: usize,
    /// The partition among them that changed in this step, if any: the line opens for it.
    pub highlights: Option<TopicPartition>,
}

/// What a room shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shown {
    /// Partitions drawn whole, from above; `None` leaves the place of one that the broker has no replica of.
    pub whole: Vec<Option<TopicPartition>>,
    /// Lines for the others.
    pub folds: Vec<Fold>,
}

/// What is drawn whole.
#[derive(Clone, Debug, PartialEq)]
pub enum Rows {
    /// The same partitions in every room.
    Aligned(Vec<TopicPartition>),
    /// As many as fit in each room, and these.
    Own(BTreeSet<TopicPartition>),
}

fn is_internal(topic: &str) -> bool {
    topic.starts_with("__")
}

/// Chooses rows for all rooms: where a cluster has few partitions, each has its row; Kafka's own topics are a line each until
/// a person unfolds them. What is selected is always whole.
pub fn rows<'a>(
    replicas: impl Iterator<Item = &'a ReplicaView>,
    unfolded: &BTreeSet<String>,
    selected: Option<&TopicPartition>,
) -> Rows {
    let all: BTreeSet<&TopicPartition> = replicas.map(|replica| &replica.partition).collect_ordered();
    let common = all.iter().filter(|partition| !is_internal(&partition.topic)).count();
    let is_wanted = |partition: &TopicPartition| unfolded.contains(&*partition.topic) || selected == Some(partition);
    let is_aligned = common <= ALIGNED_MAX;
    let chosen = all
        .into_iter()
        .filter(|partition| is_wanted(partition) || (is_aligned && !is_internal(&partition.topic)))
        .cloned();
    if !is_aligned {
        return Rows::Own(chosen.collect());
    }
    // A person's topics above Kafka's own.
    let mut chosen: Vec<TopicPartition> = chosen.collect();
    chosen.shared_sort_by_key(|partition| (is_internal(&partition.topic), partition.clone()));
    Rows::Aligned(chosen)
}

/// What a room shows of its replicas.
pub fn fold(replicas: &[ReplicaView], changed: impl Fn(&TopicPartition) -> bool, rows: &Rows) -> Shown {
    let has = |partition: &TopicPartition| replicas.iter().any(|replica| replica.partition == *partition);
    let mut shown = Shown::default();
    match rows {
        Rows::Aligned(rows) => {
            shown.whole = rows.iter().map(|row| has(row).then(|| row.clone())).collect();
        }
        Rows::Own(wanted) => {
            let common = replicas.iter().map(|replica| &replica.partition).filter(|each| !is_internal(&each.topic));
            let mut whole: BTreeSet<&TopicPartition> = common.take(WHOLE_MAX).collect_ordered();
            whole.extend(wanted.iter().filter(|partition| has(partition)));
            let mut whole: Vec<&TopicPartition> = whole.into_iter().collect();
            whole.shared_sort_by_key(|partition| (is_internal(&partition.topic), *partition));
            shown.whole = whole.into_iter().map(|partition| Some(partition.clone())).collect();
        }
    }
    for replica in replicas.iter().filter(|replica| !shown.whole.contains(&Some(replica.partition.clone()))) {
        let topic = &*replica.partition.topic;
        let highlights = changed(&replica.partition).then(|| replica.partition.clone());
        match shown.folds.iter_mut().find(|fold| fold.topic == topic) {
            Some(fold) => {
                fold.count += 1;
                fold.highlights = fold.highlights.take().or(highlights);
            }
            None => shown.folds.push(Fold { topic: topic.to_owned(), count: 1, highlights }),
        }
    }
    shown.folds.shared_sort_by_key(|fold| (is_internal(&fold.topic), fold.topic.clone()));
    shown
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::engine::Role;

    /// A replica with a number of records.
    pub fn replica(topic: &str, partition: i32, role: Role, records: i64) -> ReplicaView {
        let batch = |offset| crate::engine::BatchView {
            base_offset: offset,
            last_offset: offset,
            leader_epoch: 0,
            position: 70 * u64::try_from(offset).unwrap_or(0),
            size_bytes: 70,
            max_timestamp_ms: 0,
            producer_id: -1,
            producer_epoch: -1,
            base_sequence: -1,
            is_transactional: false,
            is_control: false,
            records: Vec::new().into(),
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
            last_stable_offset: records,
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
        shown.whole.iter().flatten().map(ToString::to_string).collect()
    }

    fn shown(changed: &[TopicPartition], unfolded: &[&str], selected: Option<&TopicPartition>) -> Shown {
        let unfolded = unfolded.iter().map(|topic| (*topic).to_owned()).collect();
        let many = many();
        fold(&many, |partition| changed.contains(partition), &rows(many.iter(), &unfolded, selected))
    }

    #[test]
    fn many_partitions_fold_into_a_line_a_topic() {
        let shown = shown(&[], &[], None);
        assert_eq!(names(&shown), ["orders-0", "orders-1", "orders-2"]);
        let folds: Vec<_> = shown.folds.iter().map(|fold| (fold.topic.as_str(), fold.count)).collect();
        assert_eq!(folds, [("orders", 5), ("__consumer_offsets", 3)]);
    }

    #[test]
    fn what_changes_moves_no_row_and_opens_in_its_line() {
        let changed = [TopicPartition::new("orders", 4), TopicPartition::new("__consumer_offsets", 2)];
        let (before, after) = (shown(&[], &[], None), shown(&changed, &[], None));
        assert_eq!(before.whole, after.whole);
        let opened: Vec<_> = after.folds.iter().map(|fold| fold.highlights.as_ref().map(ToString::to_string)).collect();
        assert_eq!(opened, [Some("orders-4".to_owned()), Some("__consumer_offsets-2".to_owned())]);
    }

    #[test]
    fn an_unfolded_topic_and_what_is_selected_are_whole() {
        assert_eq!(shown(&[], &["__consumer_offsets"], None).whole.len(), 6);
        let selected = TopicPartition::new("orders", 7);
        assert_eq!(names(&shown(&[], &[], Some(&selected))), ["orders-0", "orders-1", "orders-2", "orders-7"]);
    }

    #[test]
    fn few_partitions_have_one_height_in_every_room() {
        let one = [replica("orders", 0, Role::Leader, 1), replica("orders", 2, Role::Follower, 1)];
        let other = [replica("orders", 1, Role::Leader, 1), replica("orders", 2, Role::Leader, 1)];
        let rows = rows(one.iter().chain(&other), &BTreeSet::new(), None);
        let place = |replicas: &[ReplicaView]| {
            let two = Some(TopicPartition::new("orders", 2));
            fold(replicas, |_| false, &rows).whole.iter().position(|each| *each == two)
        };
        assert_eq!((place(&one), place(&other)), (Some(2), Some(2)));
    }
}
