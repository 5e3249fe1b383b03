//! Which leader epoch wrote which offsets: `LeaderEpochFileCache`, the content of `leader-epoch-checkpoint`.

use serde::{Deserialize, Serialize};

/// The epoch that stands for none (`UNDEFINED_EPOCH`).
pub const UNDEFINED_EPOCH: i32 = -1;
/// The offset that stands for none (`UNDEFINED_EPOCH_OFFSET`).
pub const UNDEFINED_EPOCH_OFFSET: i64 = -1;

/// A leader epoch and the offset of its first record (`EpochEntry`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct EpochEntry {
    /// The leader epoch.
    pub epoch: i32,
    /// The log end offset when its leader began.
    pub start_offset: i64,
}

/// The leader epochs of a log with their start offsets (`LeaderEpochFileCache`). Both rise from entry to entry.
///
/// Kafka writes an assignment to disk at once and a truncation later; either way the file is right after a start,
/// because loading the log truncates the cache to the log again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct LeaderEpochCache {
    entries: Vec<EpochEntry>,
}

/// One change of a cache, as the oracle vectors write it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "camelCase")]
pub enum EpochCacheOperation {
    /// [`LeaderEpochCache::assign`].
    Assign {
        /// The epoch.
        epoch: i32,
        /// Where it starts.
        start_offset: i64,
    },
    /// [`LeaderEpochCache::truncate_from_start`].
    TruncateFromStart {
        /// The new first offset.
        start_offset: i64,
    },
    /// [`LeaderEpochCache::truncate_from_end`].
    TruncateFromEnd {
        /// The new end offset.
        end_offset: i64,
    },
    /// [`LeaderEpochCache::clear`].
    Clear,
}

impl LeaderEpochCache {
    /// The entries, oldest first.
    pub fn entries(&self) -> &[EpochEntry] {
        &self.entries
    }

    /// The newest entry.
    pub fn latest_entry(&self) -> Option<EpochEntry> {
        self.entries.last().copied()
    }

    /// The oldest entry.
    pub fn earliest_entry(&self) -> Option<EpochEntry> {
        self.entries.first().copied()
    }

    /// The newest epoch.
    pub fn latest_epoch(&self) -> Option<i32> {
        self.latest_entry().map(|entry| entry.epoch)
    }

    /// The epoch before the newest.
    pub fn previous_epoch(&self) -> Option<i32> {
        self.entries.iter().rev().nth(1).map(|entry| entry.epoch)
    }

    /// Notes that an epoch starts at an offset. True if the cache changed.
    ///
    /// The last write wins: entries that would not lie before the new one are removed. That is how the entry of an epoch
    /// without records disappears when the next epoch starts at the same offset. Kafka refuses negative numbers with an
    /// exception; here they change nothing.
    pub fn assign(&mut self, epoch: i32, start_offset: i64) -> bool {
        if epoch < 0 || start_offset < 0 {
            return false;
        }
        let known = |last: EpochEntry| epoch == last.epoch && start_offset >= last.start_offset;
        if self.latest_entry().is_some_and(known) {
            return false;
        }
        while self.latest_entry().is_some_and(|last| last.epoch >= epoch || last.start_offset >= start_offset) {
            self.entries.pop();
        }
        self.entries.push(EpochEntry { epoch, start_offset });
        true
    }

    /// The largest known epoch up to the requested one, and the offset where it ends: where the next epoch starts, or
    /// the log end offset for the latest. `(-1, -1)` where nothing can be said.
    ///
    /// An epoch older than all known ones is answered with itself and the start of the oldest: its records are gone, and
    /// a follower should go on from where the log begins.
    pub fn end_offset_for(&self, requested_epoch: i32, log_end_offset: i64) -> (i32, i64) {
        if requested_epoch == UNDEFINED_EPOCH {
            return (UNDEFINED_EPOCH, UNDEFINED_EPOCH_OFFSET);
        }
        if self.latest_epoch() == Some(requested_epoch) {
            return (requested_epoch, log_end_offset);
        }
        let higher_at = self.entries.partition_point(|entry| entry.epoch <= requested_epoch);
        let Some(higher) = self.entries.get(higher_at) else {
            return (UNDEFINED_EPOCH, UNDEFINED_EPOCH_OFFSET);
        };
        let floor = higher_at.checked_sub(1).and_then(|at| self.entries.get(at));
        (floor.map_or(requested_epoch, |entry| entry.epoch), higher.start_offset)
    }

    /// Removes entries that start at or after an offset. A negative one does nothing. True if the cache changed.
    pub fn truncate_from_end(&mut self, end_offset: i64) -> bool {
        if end_offset < 0 {
            return false;
        }
        let kept = self.entries.partition_point(|entry| entry.start_offset < end_offset);
        let changed = kept < self.entries.len();
        self.entries.truncate(kept);
        changed
    }

    /// Of the entries that start at or before an offset keeps the last, as if it started there. True if the cache changed.
    pub fn truncate_from_start(&mut self, start_offset: i64) -> bool {
        let before = self.entries.partition_point(|entry| entry.start_offset <= start_offset);
        let Some(last_before) = before.checked_sub(1) else {
            return false;
        };
        let changed = last_before > 0 || self.entries[last_before].start_offset != start_offset;
        self.entries.drain(..last_before);
        self.entries[0].start_offset = start_offset;
        changed
    }

    /// The epoch that an offset belongs to.
    pub fn epoch_for_offset(&self, offset: i64) -> Option<i32> {
        let after = self.entries.partition_point(|entry| entry.start_offset <= offset);
        after.checked_sub(1).map(|at| self.entries[at].epoch)
    }

    /// Removes all entries.
    pub fn clear(&mut self) {
        self.entries.clear();
    }

    /// Makes one change of an oracle vector.
    pub fn apply(&mut self, operation: EpochCacheOperation) {
        match operation {
            EpochCacheOperation::Assign { epoch, start_offset } => {
                self.assign(epoch, start_offset);
            }
            EpochCacheOperation::TruncateFromStart { start_offset } => {
                self.truncate_from_start(start_offset);
            }
            EpochCacheOperation::TruncateFromEnd { end_offset } => {
                self.truncate_from_end(end_offset);
            }
            EpochCacheOperation::Clear => self.clear(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct Vectors {
        cases: Vec<Case>,
    }

    #[derive(Deserialize)]
    struct Case {
        id: String,
        operations: Vec<EpochCacheOperation>,
        expected_entries: Vec<EpochEntry>,
        queries: Vec<Query>,
        expected_latest_epoch: Option<i32>,
        expected_previous_epoch: Option<i32>,
    }

    #[derive(Deserialize)]
    struct Query {
        requested_epoch: i32,
        log_end_offset: i64,
        expected_epoch: i32,
        expected_end_offset: i64,
    }

    #[test]
    fn answers_as_kafkas_own_cache_in_every_oracle_case() {
        let text = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors/leader_epoch_cache.json"));
        let vectors: Vectors = serde_json::from_str(text).expect("the vectors are well-formed");
        assert!(!vectors.cases.is_empty());
        for case in vectors.cases {
            let mut cache = LeaderEpochCache::default();
            for operation in case.operations {
                cache.apply(operation);
            }
            assert_eq!(cache.entries(), case.expected_entries, "{}", case.id);
            assert_eq!(cache.latest_epoch(), case.expected_latest_epoch, "{}", case.id);
            assert_eq!(cache.previous_epoch(), case.expected_previous_epoch, "{}", case.id);
            for query in case.queries {
                let answer = cache.end_offset_for(query.requested_epoch, query.log_end_offset);
                assert_eq!(answer, (query.expected_epoch, query.expected_end_offset), "{}", case.id);
            }
        }
    }

    #[test]
    fn an_offset_belongs_to_the_epoch_that_started_last_before_it() {
        let mut cache = LeaderEpochCache::default();
        assert!(cache.assign(1, 10) && cache.assign(4, 20));
        let epochs = [9, 10, 19, 20, i64::MAX].map(|offset| cache.epoch_for_offset(offset));
        assert_eq!(epochs, [None, Some(1), Some(1), Some(4), Some(4)]);
        assert!(!cache.assign(-1, 30) && !cache.assign(5, -1) && !cache.assign(4, 25));
    }
}
