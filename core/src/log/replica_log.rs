//! The log of one replica on one machine: `UnifiedLog` and `LocalLog`.

use std::rc::Rc;

use serde::Serialize;

use super::epoch_cache::LeaderEpochCache;
use super::offset_index::OffsetIndexEntry;
use super::producer_state_manager::{ProducerExpiration, ProducerStateManager};
use super::segment::{RollParams, Segment, StoredBatch, millis};
use super::time_index::TimestampOffset;
use super::transaction_index::TransactionIndex;
use crate::settings::TopicSettings;
use crate::wire::records::RecordBatch;

/// No offset lies above this: sums of an offset and a batch's length stay exact.
pub(super) const MAX_OFFSET: i64 = i64::MAX >> 1;

/// The log of one replica: page cache and disk of one machine (`UnifiedLog`). Cheap to clone; clones share their segments
/// until one of them is written to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Log {
    /// By base offset; never empty.
    pub(super) segments: Vec<Rc<Segment>>,
    pub(super) log_start_offset: i64,
    pub(super) log_end_offset: i64,
    pub(super) flushed_offset: i64,
    /// From where an unclean start checks the log (`recoveryPoint`). Each flush moves it; a start after a crash takes it from
    /// the checkpoint file, which may be older than what is on disk.
    pub(super) recovery_point: i64,
    /// When the recovery point last moved by a flush, or else when the log was opened (`lastFlushedTime`).
    last_flushed_ms: u64,
    pub(super) epochs: LeaderEpochCache,
    /// Where the cleaner goes on: the log's line in `cleaner-offset-checkpoint`.
    pub(super) cleaned_offset: Option<i64>,
    /// Segments whose files still have to go from the disk, oldest deletion first.
    pub(super) deleted: Vec<DeletedSegment>,
    pub(super) producer_state: ProducerStateManager,
    pub(super) transaction_index: TransactionIndex,
}

/// A segment that is deleted, but whose files stay a while under names that end in `.deleted` (`file.delete.delay.ms`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DeletedSegment {
    /// Its base offset, which its files are named after.
    pub base_offset: i64,
    /// When the files go, in milliseconds.
    pub remove_at_ms: u64,
}

/// The way from an offset to its place (`LogSegment.translateOffset`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OffsetLookup {
    /// The segment, by its base offset.
    pub segment_base_offset: i64,
    /// The index entry that was used, with its place in the index; none if the scan began at the file's start.
    pub index_entry: Option<(u32, OffsetIndexEntry)>,
    /// Where the scan began, in bytes.
    pub scanned_from: u32,
    /// Batches passed over before the right one.
    pub scanned_batches: u32,
    /// Their bytes.
    pub scanned_bytes: u32,
    /// Where the batch begins in the file, in bytes.
    pub position: u32,
    /// The batch that was found: the one with the offset, or the next that is left.
    pub base_offset: i64,
}

/// The way from a timestamp to an offset (`LogSegment.findOffsetByTimestamp`), and what was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TimestampLookup {
    /// The offset of the first record that is not older.
    pub offset: i64,
    /// Its timestamp, in milliseconds.
    pub timestamp: i64,
    /// The leader epoch of its batch.
    pub leader_epoch: i32,
    /// The segment, by its base offset: the first with a record that is not older.
    pub segment_base_offset: i64,
    /// The entry of the time index that was used, with its place; none if all its entries are younger.
    pub time_index_entry: Option<(u32, TimestampOffset)>,
    /// The entry of the offset index that was used, with its place.
    pub index_entry: Option<(u32, OffsetIndexEntry)>,
    /// Where the scan began, in bytes.
    pub scanned_from: u32,
    /// Batches passed over before the right one.
    pub scanned_batches: u32,
}

/// What loading a log found and did (`LogLoader`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Recovery {
    /// The base offsets of the segments that were checked.
    pub segments_recovered: Vec<i64>,
    /// The segment that was cut at a damaged batch, by its base offset, and the offset that it was cut to.
    pub truncated: Option<(i64, i64)>,
    /// The base offsets of the segments behind it, which went with it.
    pub segments_deleted: Vec<i64>,
}

impl Default for Log {
    fn default() -> Self {
        Self::new()
    }
}

impl Log {
    /// An empty log: one active segment at offset 0.
    pub fn new() -> Self {
        Self::created_at(0)
    }

    /// An empty log whose first segment is created at a time. Only batches without timestamps make that time matter.
    pub fn created_at(now_ms: u64) -> Self {
        Self {
            segments: vec![Rc::new(Segment::new(0, now_ms))],
            log_start_offset: 0,
            log_end_offset: 0,
            flushed_offset: 0,
            recovery_point: 0,
            last_flushed_ms: now_ms,
            epochs: LeaderEpochCache::default(),
            cleaned_offset: None,
            deleted: Vec::new(),
            producer_state: ProducerStateManager::opened_at(now_ms),
            transaction_index: TransactionIndex::default(),
        }
    }

    /// The first offset that may be read.
    pub fn log_start_offset(&self) -> i64 {
        self.log_start_offset
    }

    /// The offset that the next record gets.
    pub fn log_end_offset(&self) -> i64 {
        self.log_end_offset
    }

    /// The offset below which all is on disk. A machine crash loses the rest.
    pub fn flushed_offset(&self) -> i64 {
        self.flushed_offset
    }

    /// From where an unclean start checks the log.
    pub fn recovery_point(&self) -> i64 {
        self.recovery_point
    }

    /// The first offset that the cleaner has not seen, as in `cleaner-offset-checkpoint`; none before its first pass.
    pub fn cleaned_offset(&self) -> Option<i64> {
        self.cleaned_offset
    }

    /// Segments that are deleted, but whose files are still there at this time.
    pub fn deleted_segments(&self, now_ms: u64) -> impl Iterator<Item = &DeletedSegment> {
        self.deleted.iter().filter(move |segment| segment.remove_at_ms > now_ms)
    }

    /// Gives the files of deleted segments their delay before they go, and forgets those that are gone.
    pub(super) fn delete_later(&mut self, base_offsets: &[i64], settings: &TopicSettings, now_ms: u64) {
        self.deleted.retain(|segment| segment.remove_at_ms > now_ms && !base_offsets.contains(&segment.base_offset));
        let remove_at_ms = now_ms.saturating_add(settings.file_delete_delay_ms);
        self.deleted
            .extend(base_offsets.iter().map(|base_offset| DeletedSegment { base_offset: *base_offset, remove_at_ms }));
    }

    /// The leader epochs.
    pub fn epochs(&self) -> &LeaderEpochCache {
        &self.epochs
    }

    /// The newest leader epoch.
    pub fn latest_epoch(&self) -> Option<i32> {
        self.epochs.latest_epoch()
    }

    /// The segments, by offset. The last is active.
    pub fn segments(&self) -> impl DoubleEndedIterator<Item = &Segment> + ExactSizeIterator {
        self.segments.iter().map(Rc::as_ref)
    }

    /// The segment that is appended to.
    pub fn active_segment(&self) -> &Segment {
        &self.segments[self.segments.len() - 1]
    }

    /// All batches, by offset.
    pub fn batches(&self) -> impl DoubleEndedIterator<Item = &Rc<RecordBatch>> {
        self.segments.iter().flat_map(|segment| segment.batches())
    }

    /// The last `n` batches, by offset.
    pub fn last_batches(&self, n: usize) -> Vec<Rc<RecordBatch>> {
        let mut last: Vec<_> = self.batches().rev().take(n).cloned().collect();
        last.reverse();
        last
    }

    /// The last `n` batches as they lie in their files, by offset.
    pub fn last_stored(&self, n: usize) -> Vec<&StoredBatch> {
        let mut last: Vec<_> = self.segments.iter().rev().flat_map(|segment| segment.stored().rev()).take(n).collect();
        last.reverse();
        last
    }

    /// Whether each segment's batches lie one behind the other, and the log's size is the sum of theirs. Walks over the
    /// batches, but not over their records.
    pub fn has_consistent_size(&self) -> bool {
        self.segments.iter().all(|segment| segment.has_consistent_size())
            && self.size_bytes()
                == self.segments.iter().map(|segment| u64::from(segment.size_bytes_of_batches())).sum::<u64>()
    }

    /// Bytes of all segments' `.log` files.
    pub fn size_bytes(&self) -> u64 {
        self.segments.iter().map(|segment| u64::from(segment.size_bytes())).sum()
    }

    /// Notes that a leader epoch starts at an offset: what a new leader does at its log end offset, before any append.
    /// True if an entry was made.
    pub fn assign_epoch_start(&mut self, epoch: i32, offset: i64) -> bool {
        self.epochs.assign(epoch, offset)
    }

    pub(super) fn active_segment_mut(&mut self) -> &mut Segment {
        let last = self.segments.len() - 1;
        Rc::make_mut(&mut self.segments[last])
    }

    /// Closes the active segment and begins another at `offset`, or at the log end offset if that is higher. An empty
    /// active segment at that very place stays.
    ///
    /// What was written before is flushed (`flushUptoOffsetExclusive`): Kafka's background thread does it in the moment
    /// after.
    pub(super) fn roll(&mut self, offset: i64, now_ms: u64) -> Option<i64> {
        let base_offset = offset.max(self.log_end_offset);
        if base_offset <= self.active_segment().base_offset() {
            return None;
        }
        self.active_segment_mut().close();
        self.segments.push(Rc::new(Segment::new(base_offset, now_ms)));
        // A snapshot for each segment that begins: a start need not read what lies before.
        self.producer_state.update_map_end_offset(base_offset);
        self.producer_state.take_snapshot();
        self.flush_up_to(base_offset, now_ms);
        Some(base_offset)
    }

    /// Rolls if the active segment has records and is due by its age or its indexes; the new segment's base offset.
    ///
    /// A broker asks only when it appends: an idle partition's active segment stays, however old.
    pub fn roll_if_due(&mut self, settings: &TopicSettings, now_ms: u64) -> Option<i64> {
        let active = self.active_segment();
        let params = RollParams {
            messages_size_bytes: 0,
            max_timestamp: millis(now_ms),
            max_offset: self.log_end_offset.saturating_sub(1).max(active.base_offset()),
            now_ms,
        };
        let is_due = !active.is_empty() && active.should_roll(settings, params);
        is_due.then(|| self.roll(self.log_end_offset, now_ms)).flatten()
    }

    /// Where the segment lies that holds an offset: the last that does not begin after it.
    pub(super) fn segment_at(&self, offset: i64) -> Option<usize> {
        self.segments.partition_point(|segment| segment.base_offset() <= offset).checked_sub(1)
    }

    /// The base offset of the segment that an offset belongs to. Kafka compares these to see whether a fetch reads an
    /// older segment than the one that is written to (`LogOffsetMetadata.onOlderSegment`).
    pub fn segment_base_offset_of(&self, offset: i64) -> Option<i64> {
        self.segment_at(offset).map(|at| self.segments[at].base_offset())
    }

    /// The batches from the one that holds `from`, or the next that is left, whose data lies below `end`, up to
    /// `max_bytes`, but at least one if `at_least_one` (`LocalLog.read`).
    ///
    /// One read gives batches of one segment only, as in Kafka. Kafka's answer may end in a piece of a batch, which
    /// clients throw away; ours has whole batches.
    pub fn read(&self, from: i64, end: i64, max_bytes: u32, at_least_one: bool) -> Vec<Rc<RecordBatch>> {
        self.read_sized(from, end, max_bytes, at_least_one).0
    }

    /// The same, and how many bytes Kafka would read: with the piece of the next batch that fits, for it reads a slice of the
    /// segment (`FileRecords.slice`). A slice in which not even the first batch is whole is given up for nothing
    /// (`FetchDataInfo.firstEntryIncomplete`).
    pub fn read_sized(&self, from: i64, end: i64, max_bytes: u32, at_least_one: bool) -> (Vec<Rc<RecordBatch>>, u32) {
        let Some(at) = self.segment_at(from) else {
            return (Vec::new(), 0);
        };
        let Some(segment) = self.segments[at..].iter().find(|segment| segment.find(from).is_some()) else {
            return (Vec::new(), 0);
        };
        let mut bytes = 0u32;
        let mut is_cut = false;
        let mut bytes_left = max_bytes;
        let mut batches = Vec::new();
        for stored in segment.stored_from(from) {
            let is_first = batches.is_empty();
            let fits = stored.size_bytes <= bytes_left || (is_first && at_least_one);
            if !fits || stored.batch.last_offset() >= end {
                is_cut = stored.batch.last_offset() < end;
                break;
            }
            bytes_left = bytes_left.saturating_sub(stored.size_bytes);
            bytes = bytes.saturating_add(stored.size_bytes);
            batches.push(Rc::clone(&stored.batch));
        }
        let slice = if is_cut && !batches.is_empty() { bytes.max(max_bytes) } else { bytes };
        (batches, slice)
    }

    /// Bytes from the batch that holds `from` up to the one that holds `end`, over all segments; counts no further than
    /// `stop_at`.
    pub fn size_between(&self, from: i64, end: i64, stop_at: u32) -> u32 {
        let mut bytes: u32 = 0;
        for segment in &self.segments[self.segment_at(from).unwrap_or(0)..] {
            if segment.base_offset() >= end || bytes >= stop_at {
                break;
            }
            bytes = bytes.saturating_add(segment.bytes_between(from, end));
        }
        bytes.min(stop_at)
    }

    /// Removes the batch that holds an offset and all after it; the new log end offset. Epochs that start there go too,
    /// even where no record goes: a leader that was deposed before its first append left such an entry
    /// (`UnifiedLog.truncateTo`).
    pub fn truncate_to(&mut self, offset: i64) -> i64 {
        let offset = offset.max(0);
        if offset >= self.log_end_offset {
            self.epochs.truncate_from_end(self.log_end_offset);
            return self.log_end_offset;
        }
        if self.segments[0].base_offset() > offset {
            self.truncate_fully_and_start_at(offset);
            return offset;
        }
        self.segments.retain(|segment| segment.base_offset() <= offset);
        self.active_segment_mut().truncate_to(offset);
        self.epochs.truncate_from_end(offset);
        self.log_end_offset = offset;
        self.log_start_offset = self.log_start_offset.min(offset);
        self.flushed_offset = self.flushed_offset.min(offset);
        self.recovery_point = self.recovery_point.min(offset);
        self.limit_cleaned_offset();
        self.transaction_index.truncate_to(offset);
        self.rebuild_producer_state(0, ProducerExpiration::default());
        offset
    }

    /// The cleaner's checkpoint never lies within the active segment (`maybeTruncateCheckpoint`).
    fn limit_cleaned_offset(&mut self) {
        let active = self.active_segment().base_offset();
        self.cleaned_offset = self.cleaned_offset.map(|cleaned| cleaned.min(active));
    }

    /// Throws all away and begins anew at an offset: what a follower does whose leader's log begins above its own end
    /// (`UnifiedLog.truncateFullyAndStartAt`).
    pub fn truncate_fully_and_start_at(&mut self, offset: i64) {
        let offset = offset.clamp(0, MAX_OFFSET);
        let created_ms = self.active_segment().last_modified_ms();
        self.segments = vec![Rc::new(Segment::new(offset, created_ms))];
        self.epochs.clear();
        self.log_start_offset = offset;
        self.log_end_offset = offset;
        self.flushed_offset = self.flushed_offset.min(offset);
        self.recovery_point = self.recovery_point.min(offset);
        self.limit_cleaned_offset();
        self.transaction_index.clear();
        self.producer_state.truncate_fully_and_start_at(offset);
    }

    /// Moves the log start offset up, at most to the log end offset. True if it moved (`maybeIncrementLogStartOffset`).
    ///
    /// No segment goes at once: those that lie below are deleted by the next [`Log::apply_retention`]. That an offset
    /// above the high watermark is refused is the broker's part.
    pub fn move_log_start(&mut self, to: i64) -> bool {
        let to = to.min(self.log_end_offset);
        if to <= self.log_start_offset {
            return false;
        }
        self.log_start_offset = to;
        self.flushed_offset = self.flushed_offset.max(to);
        self.recovery_point = self.recovery_point.max(to);
        self.epochs.truncate_from_start(to);
        self.producer_state.on_log_start_offset_incremented(to);
        true
    }

    /// Writes all to disk (`flush`).
    pub fn flush(&mut self, now_ms: u64) {
        self.flush_up_to(self.log_end_offset, now_ms);
    }

    /// What the flusher does with a log: writes it to disk if its last flush lies `flush.ms` back
    /// (`LogManager.flushDirtyLogs`). The new flushed offset, if anything was written.
    pub fn flush_if_due(&mut self, settings: &TopicSettings, now_ms: u64) -> Option<i64> {
        let before = self.flushed_offset;
        if millis(now_ms.saturating_sub(self.last_flushed_ms)) >= settings.flush_ms {
            self.flush(now_ms);
        }
        (self.flushed_offset > before).then_some(self.flushed_offset)
    }

    /// A process opened the log that it has loaded: from now on the flusher counts, and its producers are remembered.
    pub fn note_opened(&mut self, was_clean_shutdown: bool, now_ms: u64, expiration: ProducerExpiration) {
        self.last_flushed_ms = now_ms;
        self.load_producer_state(was_clean_shutdown, now_ms, expiration);
    }

    pub(super) fn flush_up_to(&mut self, offset: i64, now_ms: u64) {
        self.flushed_offset = self.flushed_offset.max(offset);
        if offset > self.recovery_point {
            self.recovery_point = offset;
            self.last_flushed_ms = now_ms;
        }
    }
}
