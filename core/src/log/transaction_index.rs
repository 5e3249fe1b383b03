//! Which transactions of a partition were aborted (`TransactionIndex`, the `.txnindex` files): what a consumer with
//! `isolation.level=read_committed` needs to leave their records out.

/// A transaction that was aborted (`AbortedTxn`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AbortedTxn {
    /// Whose it was.
    pub producer_id: i64,
    /// The offset of its first record.
    pub first_offset: i64,
    /// The offset of its marker.
    pub last_offset: i64,
    /// The last stable offset when it ended: no transaction that began later needs to be looked for below it.
    pub last_stable_offset: i64,
}

/// The aborted transactions of a log, in the order of their markers. Kafka keeps a file a segment; a segment's are those
/// whose markers it holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct TransactionIndex {
    entries: Vec<AbortedTxn>,
}

impl TransactionIndex {
    /// All entries, by the offset of the marker.
    pub fn entries(&self) -> &[AbortedTxn] {
        &self.entries
    }

    pub(super) fn append(&mut self, aborted: AbortedTxn) {
        if self.entries.last().is_none_or(|last| last.last_offset < aborted.last_offset) {
            self.entries.push(aborted);
        }
    }

    /// Those that touch what is read from an offset up to another (exclusive) (`collectAbortedTxns`).
    pub fn aborted_in(&self, fetch_offset: i64, upper_bound_offset: i64) -> Vec<AbortedTxn> {
        let mut found = Vec::new();
        for aborted in self.entries.iter().filter(|aborted| aborted.last_offset >= fetch_offset) {
            if aborted.first_offset < upper_bound_offset {
                found.push(*aborted);
            }
            if aborted.last_stable_offset >= upper_bound_offset {
                break;
            }
        }
        found
    }

    /// Forgets what ended at an offset or after it.
    pub(super) fn truncate_to(&mut self, offset: i64) {
        self.entries.truncate(self.entries.partition_point(|aborted| aborted.last_offset < offset));
    }

    /// Forgets what ended before a segment that is the first now.
    pub(super) fn remove_before(&mut self, base_offset: i64) {
        self.entries.retain(|aborted| aborted.last_offset >= base_offset);
    }

    /// Takes over what the cleaner has left of the transactions that ended before an offset (`replaceSegments`).
    pub(super) fn replace_before(&mut self, offset: i64, cleaned: Vec<AbortedTxn>) {
        let replaced = self.entries.partition_point(|aborted| aborted.last_offset < offset);
        self.entries.splice(..replaced, cleaned);
    }

    pub(super) fn clear(&mut self) {
        self.entries.clear();
    }
}
