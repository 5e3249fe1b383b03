//! From an offset to a position in the segment's file: `OffsetIndex`, the `.index` file.

use serde::Serialize;

/// Bytes of an entry in the file: relative offset and position, four each.
pub const OFFSET_INDEX_ENTRY_BYTES: u32 = 8;

/// An entry of the offset index (`OffsetPosition`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OffsetIndexEntry {
    /// The last offset of the batch that it points to.
    pub offset: i64,
    /// Where that batch begins in the segment's file, in bytes.
    pub position: u32,
}

/// The sparse offset index of one segment (`OffsetIndex`): an entry for a batch before which more than
/// `index.interval.bytes` were appended since the last entry.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct OffsetIndex {
    entries: Vec<OffsetIndexEntry>,
}

impl OffsetIndex {
    /// The entries, by offset.
    pub fn entries(&self) -> &[OffsetIndexEntry] {
        &self.entries
    }

    /// Bytes of the entries: the size of the file once the segment is closed.
    pub fn size_bytes(&self) -> u32 {
        u32::try_from(self.entries.len()).unwrap_or(u32::MAX).saturating_mul(OFFSET_INDEX_ENTRY_BYTES)
    }

    /// The entry with the largest offset up to the asked one, with its place among the entries.
    pub fn lookup(&self, offset: i64) -> Option<(u32, OffsetIndexEntry)> {
        let slot = self.entries.partition_point(|entry| entry.offset <= offset).checked_sub(1)?;
        Some((u32::try_from(slot).unwrap_or(u32::MAX), self.entries[slot]))
    }

    /// Where a scan for an offset begins.
    pub(super) fn position_for(&self, offset: i64) -> u32 {
        self.lookup(offset).map_or(0, |(_, entry)| entry.position)
    }

    /// Whether a file of this maximum size has no room for another entry.
    pub(super) fn is_full(&self, max_bytes: u32) -> bool {
        self.size_bytes() / OFFSET_INDEX_ENTRY_BYTES >= max_bytes / OFFSET_INDEX_ENTRY_BYTES
    }

    pub(super) fn append(&mut self, entry: OffsetIndexEntry) {
        if self.entries.last().is_none_or(|last| entry.offset > last.offset) {
            self.entries.push(entry);
        }
    }

    /// Removes the entries of an offset and of those after it.
    pub(super) fn truncate_to(&mut self, offset: i64) {
        self.entries.truncate(self.entries.partition_point(|entry| entry.offset < offset));
    }
}
