//! A piece of a log: one file of batches with its two sparse indexes (`LogSegment`).

use std::rc::Rc;

use super::offset_index::{OffsetIndex, OffsetIndexEntry};
use super::time_index::{TimeIndex, TimestampOffset};
use crate::settings::TopicSettings;
use crate::wire::records::RecordBatch;

/// Batches a chunk holds. A segment that is shared with a checkpoint of the cluster copies one chunk and a list of
/// chunks when it is written to, not all its batches.
const CHUNK_BATCHES: usize = 64;

/// A batch as it lies in a segment's file.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct StoredBatch {
    /// The batch.
    pub batch: Rc<RecordBatch>,
    /// Where it begins in the file, in bytes.
    pub position: u32,
    /// Its bytes: [`RecordBatch::size_bytes`], kept because counting them takes a walk over the records.
    pub size_bytes: u32,
    /// The greatest timestamp of its records, kept for the same reason.
    pub max_timestamp: i64,
    /// Whether its bytes were damaged on disk: its CRC no longer fits.
    pub is_damaged: bool,
}

impl StoredBatch {
    pub(super) fn new(batch: Rc<RecordBatch>) -> Self {
        let (size_bytes, max_timestamp) = (batch.size_bytes(), batch.max_timestamp());
        Self { batch, position: 0, size_bytes, max_timestamp, is_damaged: false }
    }

    fn end_position(&self) -> u32 {
        self.position.saturating_add(self.size_bytes)
    }
}

/// One segment of a log (`LogSegment`). The last of a log is active: only it is appended to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Segment {
    base_offset: i64,
    /// All full but the last; none is empty.
    chunks: Vec<Rc<Vec<StoredBatch>>>,
    offset_index: OffsetIndex,
    time_index: TimeIndex,
    /// A segment keeps the settings that its first batch met, as Kafka's takes them when it is opened.
    index_interval_bytes: u32,
    index_max_bytes: u32,
    bytes_since_last_index_entry: u32,
    /// The first batch's greatest timestamp, from which time-based rolling counts (`rollingBasedTimestamp`).
    first_batch_timestamp: Option<i64>,
    max_timestamp: TimestampOffset,
    created_ms: u64,
    last_modified_ms: u64,
    /// Bytes of a batch at the end of the file that was cut off while it was written.
    torn_bytes: u32,
}

/// What an append asks of the active segment (`RollParams`).
#[derive(Clone, Copy, Debug)]
pub(super) struct RollParams {
    pub messages_size_bytes: u32,
    pub max_timestamp: i64,
    pub max_offset: i64,
    pub now_ms: u64,
}

/// A place among a segment's batches.
type Place = (usize, usize);

impl Segment {
    pub(super) fn new(base_offset: i64, now_ms: u64) -> Self {
        Self {
            base_offset,
            chunks: Vec::new(),
            offset_index: OffsetIndex::default(),
            time_index: TimeIndex::default(),
            index_interval_bytes: 4_096,
            index_max_bytes: 10_485_760,
            bytes_since_last_index_entry: 0,
            first_batch_timestamp: None,
            max_timestamp: TimestampOffset { timestamp: -1, offset: base_offset },
            created_ms: now_ms,
            last_modified_ms: now_ms,
            torn_bytes: 0,
        }
    }

    /// The lower bound of its offsets, and its files' name.
    pub fn base_offset(&self) -> i64 {
        self.base_offset
    }

    /// The name of one of its files: `log`, `index` or `timeindex`.
    pub fn file_name(&self, suffix: &str) -> String {
        format!("{:020}.{suffix}", self.base_offset)
    }

    /// Its offset index.
    pub fn offset_index(&self) -> &OffsetIndex {
        &self.offset_index
    }

    /// Its time index.
    pub fn time_index(&self) -> &TimeIndex {
        &self.time_index
    }

    /// Bytes of its `.log` file.
    pub fn size_bytes(&self) -> u32 {
        self.valid_bytes().saturating_add(self.torn_bytes)
    }

    /// The sum of its batches' bytes, and of what a torn write left behind them.
    pub(super) fn size_bytes_of_batches(&self) -> u32 {
        self.stored().fold(self.torn_bytes, |sum, stored| sum.saturating_add(stored.size_bytes))
    }

    /// Whether its batches lie one behind the other, without gap or overlap.
    pub(super) fn has_consistent_size(&self) -> bool {
        let mut position = 0u32;
        self.stored().all(|stored| {
            let is_next = stored.position == position;
            position = stored.end_position();
            is_next
        })
    }

    pub(super) fn valid_bytes(&self) -> u32 {
        self.last().map_or(0, StoredBatch::end_position)
    }

    /// Whether it holds no batch.
    pub fn is_empty(&self) -> bool {
        self.chunks.is_empty()
    }

    /// Its batches as they lie in the file.
    pub fn stored(&self) -> impl DoubleEndedIterator<Item = &StoredBatch> {
        self.chunks.iter().flat_map(|chunk| chunk.iter())
    }

    /// Its batches.
    pub fn batches(&self) -> impl DoubleEndedIterator<Item = &Rc<RecordBatch>> {
        self.stored().map(|stored| &stored.batch)
    }

    /// Its last batch.
    pub fn last(&self) -> Option<&StoredBatch> {
        self.chunks.last().and_then(|chunk| chunk.last())
    }

    /// The offset after its last batch (`readNextOffset`).
    pub fn next_offset(&self) -> i64 {
        self.last().map_or(self.base_offset, |stored| stored.batch.next_offset())
    }

    /// The greatest timestamp seen, and the last offset of the batch that has it; -1 for none.
    pub fn max_timestamp(&self) -> TimestampOffset {
        self.max_timestamp
    }

    /// The greatest timestamp of its records, else when it was last written to, in milliseconds (`largestTimestamp`).
    pub fn largest_timestamp(&self) -> i64 {
        if self.max_timestamp.timestamp >= 0 { self.max_timestamp.timestamp } else { millis(self.last_modified_ms) }
    }

    /// The first batch's greatest timestamp, in milliseconds; none while it is empty.
    pub fn first_batch_timestamp(&self) -> Option<i64> {
        self.first_batch_timestamp
    }

    /// When it was created, in milliseconds.
    pub fn created_ms(&self) -> u64 {
        self.created_ms
    }

    /// When it was last written to, in milliseconds.
    pub fn last_modified_ms(&self) -> u64 {
        self.last_modified_ms
    }

    pub(super) fn set_last_modified_ms(&mut self, at_ms: u64) {
        self.last_modified_ms = at_ms;
    }

    /// Whether an append must go to a new segment (`shouldRoll`).
    pub(super) fn should_roll(&self, settings: &TopicSettings, params: RollParams) -> bool {
        let size = u64::from(self.size_bytes()) + u64::from(params.messages_size_bytes);
        let relative = params.max_offset.saturating_sub(self.base_offset);
        let index_max_bytes = if self.is_empty() { settings.segment_index_bytes } else { self.index_max_bytes };
        size > u64::from(settings.segment_size()).min(u64::from(i32::MAX.unsigned_abs()))
            || (!self.is_empty() && self.time_waited_for_roll(params) > self.segment_ms(settings))
            || self.offset_index.is_full(index_max_bytes)
            || self.time_index.is_full(index_max_bytes)
            || !(0..=i64::from(i32::MAX)).contains(&relative)
    }

    /// How long the segment is appended to, in milliseconds: `segment.ms`, at most `max.compaction.lag.ms` where the topic is
    /// compacted (`LogConfig.maxSegmentMs`), less the segment's jitter.
    fn segment_ms(&self, settings: &TopicSettings) -> i64 {
        let is_compacted = settings.cleanup_policy.contains("compact");
        let max_ms = if is_compacted { settings.max_compaction_lag_ms } else { u64::MAX };
        millis(settings.segment_ms.min(max_ms)).saturating_sub(millis(self.jitter_ms(settings)))
    }

    /// Kafka draws the jitter at random for each segment, up to `segment.jitter.ms`, so that segments of one age do not all
    /// roll at once (`LogConfig.randomSegmentJitter`). Here the draw follows from where and when the segment began.
    fn jitter_ms(&self, settings: &TopicSettings) -> u64 {
        let bound = settings.segment_jitter_ms.min(settings.segment_ms);
        let seed = self.created_ms.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ self.base_offset.cast_unsigned();
        let drawn = (seed ^ (seed >> 31)).wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 33;
        drawn.checked_rem(bound).unwrap_or(0)
    }

    /// Counts in record time where the first batch has one, else by the clock (`timeWaitedForRoll`).
    fn time_waited_for_roll(&self, params: RollParams) -> i64 {
        match self.first_batch_timestamp {
            Some(first) if first >= 0 => params.max_timestamp.saturating_sub(first),
            _ => millis(params.now_ms.saturating_sub(self.created_ms)),
        }
    }

    /// Takes the settings of its indexes over while it is empty.
    pub(super) fn open_indexes(&mut self, settings: &TopicSettings) {
        if self.is_empty() {
            self.index_interval_bytes = settings.index_interval_bytes;
            self.index_max_bytes = settings.segment_index_bytes;
        }
    }

    /// Appends a batch; returns where it begins and the index entry that it got (`append`).
    pub(super) fn append(&mut self, mut stored: StoredBatch, now_ms: u64) -> (u32, Option<OffsetIndexEntry>) {
        let (position, size_bytes) = (self.valid_bytes(), stored.size_bytes);
        stored.position = position;
        let entry = self.index(&stored);
        self.bytes_since_last_index_entry = self.bytes_since_last_index_entry.saturating_add(size_bytes);
        match self.chunks.last_mut() {
            Some(chunk) if chunk.len() < CHUNK_BATCHES => Rc::make_mut(chunk).push(stored),
            _ => self.chunks.push(Rc::new(vec![stored])),
        }
        self.last_modified_ms = now_ms;
        (position, entry)
    }

    /// What an append and a recovery do to the indexes for one batch, before its bytes are counted: the entry is for
    /// this batch, if enough bytes lie before it.
    fn index(&mut self, stored: &StoredBatch) -> Option<OffsetIndexEntry> {
        if stored.position == 0 {
            self.first_batch_timestamp = Some(stored.max_timestamp);
        }
        let offset = stored.batch.last_offset();
        if stored.max_timestamp > self.max_timestamp.timestamp {
            self.max_timestamp = TimestampOffset { timestamp: stored.max_timestamp, offset };
        }
        let is_due = self.bytes_since_last_index_entry > self.index_interval_bytes;
        if !is_due || self.offset_index.is_full(self.index_max_bytes) {
            return None;
        }
        let entry = OffsetIndexEntry { offset, position: stored.position };
        self.offset_index.append(entry);
        self.time_index.maybe_append(self.max_timestamp);
        self.bytes_since_last_index_entry = 0;
        Some(entry)
    }

    /// What rolling does to the segment that was active, and closing to the one that is (`onBecomeInactiveSegment`,
    /// `close`): the time index ends with the greatest timestamp, by which retention judges.
    pub(super) fn close(&mut self) {
        self.time_index.maybe_append(self.max_timestamp);
    }

    /// Whether opening its files anew makes a difference.
    pub(super) fn was_written_since_open(&self) -> bool {
        self.bytes_since_last_index_entry > 0
    }

    /// What opening the files anew forgets: how many bytes were appended since the last index entry.
    pub(super) fn reopen(&mut self) {
        self.bytes_since_last_index_entry = 0;
    }

    /// The first batch whose last offset is not below `offset`.
    fn place_of(&self, offset: i64) -> Option<Place> {
        let below = |stored: &StoredBatch| stored.batch.last_offset() < offset;
        // Who keeps up with the log asks for its last batch.
        let last = self.chunks.len().checked_sub(1)?;
        let is_in_last = self.chunks[last].first().is_some_and(below);
        let chunk = if is_in_last { last } else { self.chunks.partition_point(|chunk| chunk.last().is_none_or(below)) };
        let at = match self.chunks.get(chunk)?.as_slice() {
            [before @ .., last] if before.last().is_none_or(below) => (!below(last)).then_some(before.len())?,
            all => all.partition_point(below),
        };
        Some((chunk, at))
    }

    /// The first batch that does not begin before a position.
    fn place_at(&self, position: u32) -> Option<Place> {
        let before = |stored: &StoredBatch| stored.position < position;
        let chunk = self.chunks.partition_point(|chunk| chunk.last().is_none_or(before));
        let at = self.chunks.get(chunk)?.partition_point(before);
        Some((chunk, at))
    }

    fn all_from(&self, place: Option<Place>) -> impl Iterator<Item = &StoredBatch> {
        let (chunk, at) = place.unwrap_or((self.chunks.len(), 0));
        let first = self.chunks.get(chunk).map_or(&[][..], |chunk| &chunk[at..]);
        first.iter().chain(self.chunks.iter().skip(chunk.saturating_add(1)).flat_map(|chunk| chunk.iter()))
    }

    /// The first batch that holds an offset or lies after it (`translateOffset`).
    pub fn find(&self, offset: i64) -> Option<&StoredBatch> {
        let (chunk, at) = self.place_of(offset)?;
        self.chunks.get(chunk)?.get(at)
    }

    /// The batches from the first that holds an offset or lies after it.
    pub fn stored_from(&self, offset: i64) -> impl Iterator<Item = &StoredBatch> {
        self.all_from(self.place_of(offset))
    }

    /// The batches that begin at or after a position of the file.
    pub fn stored_from_position(&self, position: u32) -> impl Iterator<Item = &StoredBatch> {
        self.all_from(self.place_at(position))
    }

    /// Bytes from the batch that holds `from` to the one that holds `end`.
    pub(super) fn bytes_between(&self, from: i64, end: i64) -> u32 {
        let position = |offset| self.find(offset).map_or(self.valid_bytes(), |stored| stored.position);
        position(end).saturating_sub(position(from))
    }

    /// Marks the batch that holds an offset as damaged. False if there is none.
    pub(super) fn damage(&mut self, offset: i64) -> bool {
        let Some((chunk, at)) = self.place_of(offset) else {
            return false;
        };
        Rc::make_mut(&mut self.chunks[chunk])[at].is_damaged = true;
        true
    }

    /// Leaves the first bytes of a batch at the end of the file.
    pub(super) fn tear(&mut self, bytes: u32) {
        self.torn_bytes = self.torn_bytes.saturating_add(bytes);
    }

    /// Removes the batch that holds an offset and all after it, and what the indexes say of them (`truncateTo`).
    pub(super) fn truncate_to(&mut self, offset: i64) {
        let place = self.place_of(offset);
        self.offset_index.truncate_to(offset);
        self.time_index.truncate_to(offset);
        self.cut_at(place);
        self.bytes_since_last_index_entry = 0;
        if self.max_timestamp.timestamp >= 0 {
            self.max_timestamp = self.read_largest_timestamp();
        }
    }

    fn cut_at(&mut self, place: Option<Place>) {
        if let Some((chunk, at)) = place {
            self.chunks.truncate(chunk.saturating_add(usize::from(at > 0)));
            if at > 0
                && let Some(last) = self.chunks.last_mut()
            {
                Rc::make_mut(last).truncate(at);
            }
            self.torn_bytes = 0;
        }
        if self.is_empty() {
            self.first_batch_timestamp = None;
        }
    }

    /// The greatest timestamp, from the last entry of the time index and a scan of what lies behind it.
    fn read_largest_timestamp(&self) -> TimestampOffset {
        let nothing = TimestampOffset { timestamp: -1, offset: self.base_offset };
        let indexed = self.time_index.entries().last().copied().unwrap_or(nothing);
        let scanned = self.stored_from_position(self.offset_index.position_for(indexed.offset));
        scanned.fold(indexed, |largest, stored| {
            let (timestamp, offset) = (stored.max_timestamp, stored.batch.last_offset());
            if timestamp > largest.timestamp { TimestampOffset { timestamp, offset } } else { largest }
        })
    }

    /// Checks every batch, cuts the file at the first that is damaged and builds the indexes anew (`recover`). Returns
    /// the bytes cut off.
    pub(super) fn recover(&mut self) -> u32 {
        let size = self.size_bytes();
        let first_damaged = self.stored().find(|stored| stored.is_damaged).map(|stored| stored.position);
        if let Some(position) = first_damaged {
            self.cut_at(self.place_at(position));
        }
        self.torn_bytes = 0;
        self.offset_index = OffsetIndex::default();
        self.time_index = TimeIndex::default();
        self.max_timestamp = TimestampOffset { timestamp: -1, offset: self.base_offset };
        self.bytes_since_last_index_entry = 0;
        for chunk in self.chunks.clone() {
            for stored in chunk.iter() {
                self.index(stored);
                self.bytes_since_last_index_entry = self.bytes_since_last_index_entry.saturating_add(stored.size_bytes);
            }
        }
        self.bytes_since_last_index_entry = 0;
        self.close();
        size.saturating_sub(self.size_bytes())
    }
}

/// Virtual time as record timestamps count it.
pub(super) fn millis(at_ms: u64) -> i64 {
    i64::try_from(at_ms).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::records::Record;

    fn segment(index_interval_bytes: u32, batches: i64) -> Segment {
        let mut segment = Segment::new(0, 0);
        segment.open_indexes(&TopicSettings { index_interval_bytes, ..TopicSettings::default() });
        for base_offset in 0..batches {
            let record = Record { value: Some(vec![b'v'; 100].into()), timestamp: base_offset, ..Record::default() };
            let batch = RecordBatch { base_offset, ..RecordBatch::of([record]) };
            segment.append(StoredBatch::new(Rc::new(batch)), 0);
        }
        segment
    }

    #[test]
    fn an_index_entry_is_due_when_more_than_the_interval_lies_behind() {
        let indexed = |interval| -> Vec<i64> {
            segment(interval, 7).offset_index().entries().iter().map(|entry| entry.offset).collect()
        };
        assert_eq!(segment(170, 1).size_bytes(), 170);
        assert_eq!((indexed(169), indexed(170)), (vec![1, 2, 3, 4, 5, 6], vec![2, 4, 6]));
    }

    #[test]
    fn a_write_to_a_shared_segment_copies_one_chunk() {
        let before = segment(4_096, 200);
        let mut after = before.clone();
        after.append(before.last().expect("a batch").clone(), 0);
        let shared = before.chunks.iter().zip(&after.chunks).filter(|(a, b)| Rc::ptr_eq(a, b));
        assert_eq!((before.chunks.len(), shared.count()), (4, 3));
        assert_eq!((before.stored().count(), after.stored().count()), (200, 201));
    }

    #[test]
    fn a_segment_is_due_by_size_by_record_time_by_its_index_and_by_offset() {
        let settings = TopicSettings { segment_bytes: 510, segment_ms: 1_000, ..TopicSettings::default() };
        let params = RollParams { messages_size_bytes: 170, max_timestamp: 1_000, max_offset: 2, now_ms: u64::MAX };
        let two = segment(1, 2);
        assert!(!two.should_roll(&settings, params), "the clock does not count where records have times");
        assert!(two.should_roll(&settings, RollParams { messages_size_bytes: 171, ..params }));
        assert!(two.should_roll(&settings, RollParams { max_timestamp: 1_001, ..params }));
        assert!(two.should_roll(&settings, RollParams { max_offset: 1 << 31, ..params }));
        // One entry fills an index of eight bytes; a time index keeps room for the entry that closing makes. A segment keeps
        // the size of index that it was begun with.
        let of_index_bytes = |index_max_bytes| Segment { index_max_bytes, ..two.clone() };
        assert!(of_index_bytes(8).should_roll(&settings, params));
        assert!(of_index_bytes(24).should_roll(&settings, params));
        assert!(!of_index_bytes(36).should_roll(&settings, params));
        assert!(!two.should_roll(&TopicSettings { segment_index_bytes: 8, ..settings }, params));
    }

    #[test]
    fn compaction_lag_and_jitter_make_a_segment_due_earlier() {
        let settings = TopicSettings { segment_ms: 1_000, max_compaction_lag_ms: 600, ..TopicSettings::default() };
        let compacted = TopicSettings { cleanup_policy: "compact".into(), ..settings.clone() };
        let params = RollParams { messages_size_bytes: 1, max_timestamp: 601, max_offset: 2, now_ms: 0 };
        assert!(!segment(1, 2).should_roll(&settings, params));
        assert!(segment(1, 2).should_roll(&compacted, params));
        assert!(!segment(1, 2).should_roll(&compacted, RollParams { max_timestamp: 600, ..params }));

        let jittered = TopicSettings { segment_jitter_ms: 300, ..settings };
        let drawn: Vec<u64> = (0..50).map(|created_ms| Segment::new(7, created_ms).jitter_ms(&jittered)).collect();
        assert!(drawn.iter().all(|jitter| *jitter < 300));
        assert!(drawn.iter().any(|jitter| *jitter != drawn[0]));
        let first = Segment { created_ms: 49, ..segment(1, 2) };
        let due = 1_000 - millis(first.jitter_ms(&jittered));
        assert!(due < 1_000 && !first.should_roll(&jittered, RollParams { max_timestamp: due, ..params }));
        assert!(first.should_roll(&jittered, RollParams { max_timestamp: due + 1, ..params }));
    }
}
