//! The lists of watchers of one purgatory, as far as their sizes go (`DelayedOperationPurgatory.WatcherList`).
//!
//! An operation stands on the list of each partition that it watches. One that completes is taken from the list through which it
//! was found; on the others it stays until that partition is looked at again, or until more than
//! `*.purgatory.purge.interval.requests` operations have completed and all lists are purged. So `PurgatorySize` counts entries,
//! not requests, and in an idle cluster it grows with each fetch that expires.

use std::hash::{Hash, Hasher};

use crate::flat_map::FlatMap;
use crate::wire::ids::TopicIdPartition;

/// The lists of one purgatory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WatcherLists {
    /// How many operations wait.
    delayed: u64,
    /// How many entries they have on the lists, one for each partition that one of them watches.
    watching: u64,
    /// How many completed operations are still on each list.
    completed: FlatMap<TopicIdPartition, u64>,
    /// Operations that were watched, less those that completed before the last purge (`estimatedTotalOperations`).
    estimated_total: u64,
    /// `*.purgatory.purge.interval.requests`.
    purge_interval: i32,
}

/// They are measured and change nothing that the broker does: two that differ in them alone behave alike.
impl Hash for WatcherLists {
    fn hash<H: Hasher>(&self, _state: &mut H) {}
}

impl WatcherLists {
    /// Empty ones.
    pub fn new(purge_interval: i32) -> Self {
        Self { delayed: 0, watching: 0, completed: FlatMap::new(), estimated_total: 0, purge_interval }
    }

    /// An operation is put on the lists of `keys` partitions (`tryCompleteElseWatch`).
    pub(super) fn watched(&mut self, keys: u64) {
        self.delayed += 1;
        self.watching += keys;
        self.estimated_total += 1;
    }

    /// A partition's list was gone through: what had completed is off it (`Watchers.tryCompleteWatched`).
    pub(super) fn checked(&mut self, id: &TopicIdPartition) {
        self.completed.remove(id);
    }

    /// An operation has completed that was found on the list of `found_on`; `None` where its time was up.
    pub(super) fn completed<'k>(
        &mut self,
        keys: impl Iterator<Item = &'k TopicIdPartition>,
        found_on: Option<&TopicIdPartition>,
    ) {
        self.delayed = self.delayed.saturating_sub(1);
        for key in keys {
            self.watching = self.watching.saturating_sub(1);
            if found_on != Some(key) {
                *self.completed.entry(*key).or_default() += 1;
            }
        }
        self.purge();
    }

    /// Takes all that has completed off the lists once it is too much (`advanceClock`). Kafka's reaper looks every 200 ms.
    fn purge(&mut self) {
        let completed = self.estimated_total.saturating_sub(self.delayed);
        if i64::try_from(completed).unwrap_or(i64::MAX) > i64::from(self.purge_interval) {
            self.estimated_total = self.delayed;
            self.completed.clear();
        }
    }

    /// `PurgatorySize`: the entries of all lists.
    pub fn size(&self) -> u64 {
        self.watching + self.completed.values().sum::<u64>()
    }

    /// `NumDelayedOperations`: operations that wait.
    pub fn delayed(&self) -> u64 {
        self.delayed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Uuid;

    fn partition(number: i32) -> TopicIdPartition {
        TopicIdPartition { topic_id: Uuid::default(), partition: number }
    }

    #[test]
    fn what_has_completed_stays_on_lists_that_nobody_looks_at() {
        let mut lists = WatcherLists::new(1_000);
        let keys = [partition(0), partition(1), partition(2)];
        lists.watched(3);
        lists.watched(3);
        assert_eq!((lists.delayed(), lists.size()), (2, 6));
        lists.checked(&keys[0]);
        lists.completed(keys.iter(), Some(&keys[0]));
        assert_eq!((lists.delayed(), lists.size()), (1, 5), "two of its three entries stay");
        lists.completed(keys.iter(), None);
        assert_eq!((lists.delayed(), lists.size()), (0, 5), "one whose time was up stays on all three");
        lists.checked(&keys[1]);
        assert_eq!(lists.size(), 3);
    }

    #[test]
    fn lists_are_purged_when_more_than_the_interval_have_completed() {
        let mut lists = WatcherLists::new(3);
        let keys = [partition(0), partition(1)];
        let sizes: Vec<u64> = (0..6)
            .map(|_| {
                lists.watched(2);
                lists.completed(keys.iter(), None);
                lists.size()
            })
            .collect();
        assert_eq!(sizes, [2, 4, 6, 0, 2, 4]);
    }
}
