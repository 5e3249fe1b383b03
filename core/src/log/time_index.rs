//! From a timestamp to an offset: `TimeIndex`, the `.timeindex` file.

use serde::Serialize;

/// Bytes of an entry in the file: timestamp eight, relative offset four.
pub const TIME_INDEX_ENTRY_BYTES: u32 = 12;

/// A timestamp and an offset (`TimestampOffset`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct TimestampOffset {
    /// In milliseconds; -1 for none.
    pub timestamp: i64,
    /// The last offset of the batch that has it.
    pub offset: i64,
}

/// The sparse time index of one segment (`TimeIndex`). An entry `(timestamp, offset)` says that no record up to the offset
/// is younger than the timestamp. Entries are made with those of the offset index, where the greatest timestamp grew, and
/// one more when the segment is closed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct TimeIndex {
    entries: Vec<TimestampOffset>,
}

impl TimeIndex {
    /// The entries, by timestamp.
    pub fn entries(&self) -> &[TimestampOffset] {
        &self.entries
    }

    /// Bytes of the entries: the size of the file once the segment is closed.
    pub fn size_bytes(&self) -> u32 {
        u32::try_from(self.entries.len()).unwrap_or(u32::MAX).saturating_mul(TIME_INDEX_ENTRY_BYTES)
    }

    /// The last entry with a timestamp up to the asked one, with its place among the entries.
    pub fn lookup(&self, timestamp: i64) -> Option<(u32, TimestampOffset)> {
        let slot = self.entries.partition_point(|entry| entry.timestamp <= timestamp).checked_sub(1)?;
        Some((u32::try_from(slot).unwrap_or(u32::MAX), self.entries[slot]))
    }

    /// Whether a file of this maximum size has no room but for the entry that closing the segment makes.
    pub(super) fn is_full(&self, max_bytes: u32) -> bool {
        let max_entries = max_bytes / TIME_INDEX_ENTRY_BYTES;
        self.size_bytes() / TIME_INDEX_ENTRY_BYTES >= max_entries.saturating_sub(1)
    }

    /// Adds an entry if its timestamp is greater than the last (`maybeAppend`).
    pub(super) fn maybe_append(&mut self, entry: TimestampOffset) {
        if entry.timestamp > self.entries.last().map_or(-1, |last| last.timestamp) {
            self.entries.push(entry);
        }
    }

    /// Removes the entries of an offset and of those after it.
    pub(super) fn truncate_to(&mut self, offset: i64) {
        self.entries.truncate(self.entries.partition_point(|entry| entry.offset < offset));
    }
}
