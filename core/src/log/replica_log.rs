//! The log of one replica on one machine: `UnifiedLog` and `LocalLog`.

use std::sync::Arc;

use serde::Serialize;
use smallvec::SmallVec;

use super::epoch_cache::{EpochEntry, LeaderEpochCache};
use super::offset_index::OffsetIndexEntry;
use super::producer_state::{AppendOrigin, BatchMetadata, ProducerStateError};
use super::producer_state_manager::{ProducerExpiration, ProducerStateManager};
use super::segment::{RollParams, Segment, StoredBatch, millis};
use super::time_index::TimestampOffset;
use super::transaction_index::TransactionIndex;
use super::verification::VerificationGuard;
use crate::settings::TopicSettings;
use crate::wire::records::{NO_TIMESTAMP, RecordBatch};

/// No offset lies above this: sums of an offset and a batch's length stay exact.
const MAX_OFFSET: i64 = i64::MAX >> 1;

/// The log of one replica: page cache and disk of one machine (`UnifiedLog`). Cheap to clone; clones share their segments
/// until one of them is written to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Log {
    /// By base offset; never empty.
    pub(super) segments: Vec<Arc<Segment>>,
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

/// What an append did (`LogAppendInfo`).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AppendInfo {
    /// The offset of the batch's first record.
    pub first_offset: i64,
    /// The offset of its last record.
    pub last_offset: i64,
    /// The greatest timestamp of its records, in milliseconds; -1 for none.
    pub max_timestamp: i64,
    /// The time that the leader stamped, in milliseconds, where `message.timestamp.type` is `LogAppendTime`.
    pub log_append_time_ms: Option<i64>,
    /// The batch's bytes.
    pub size_bytes: u32,
    /// The base offset of the segment that it went to.
    pub segment_base_offset: i64,
    /// Where it begins in the segment's file, in bytes.
    pub position: u32,
    /// The base offset of the segment that was made for it.
    pub rolled: Option<i64>,
    /// The entry of the offset index that it got.
    pub index_entry: Option<OffsetIndexEntry>,
    /// The entry of the leader epoch cache that it made.
    pub epoch_entry: Option<EpochEntry>,
    /// The offset below which rolling or `flush.messages` flushed the log.
    pub flushed_to: Option<i64>,
    /// Whether nothing was appended, because the producer repeats a batch that the log has: these are its offsets.
    pub is_duplicate: bool,
}

impl AppendInfo {
    fn of_duplicate(known: BatchMetadata, active: &Segment) -> Self {
        Self {
            first_offset: known.first_offset(),
            last_offset: known.last_offset,
            max_timestamp: known.timestamp,
            log_append_time_ms: Some(known.timestamp),
            size_bytes: 0,
            segment_base_offset: active.base_offset(),
            position: active.valid_bytes(),
            rolled: None,
            index_entry: None,
            epoch_entry: None,
            flushed_to: None,
            is_duplicate: true,
        }
    }
}

/// Why a leader's log refuses a batch. A segment may have been begun for it all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RefusedAppend {
    /// What is wrong with it.
    pub error: ProducerStateError,
    /// The base offset of the segment that was made for it.
    pub rolled: Option<i64>,
}

/// Whether a leader asks that a transaction was verified before its first batch (`transaction.partition.verification.enable`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verification {
    /// It does not ask.
    NotRequired,
    /// It asks, and the batch shows this token.
    Required(Option<VerificationGuard>),
}

/// Why a follower's log refuses what was fetched. Nothing of it is appended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum AppendError {
    /// It begins below the log end offset (`UnexpectedAppendOffsetException`). One that begins above it is welcome: the
    /// leader's log may have lost what lay between to compaction.
    UnexpectedOffset {
        /// The first batch's base offset.
        base_offset: i64,
        /// The last offset of all that was fetched.
        last_offset: i64,
        /// The log end offset.
        log_end_offset: i64,
    },
    /// A batch does not end above the one before it (`OffsetsOutOfOrderException`).
    OffsetsOutOfOrder {
        /// The batch's last offset.
        last_offset: i64,
        /// That of the batch before it.
        previous_last_offset: i64,
    },
    /// All that was fetched, which goes to one segment, is larger than a segment may be (`RecordBatchTooLargeException`):
    /// `segment.bytes` became smaller than the leader's segments are.
    RecordListTooLarge {
        /// Its bytes.
        size_bytes: u32,
        /// What a segment may have.
        segment_bytes: u32,
    },
    /// Its offsets make no sense (`CorruptRecordException`).
    Corrupt {
        /// The batch's base offset.
        base_offset: i64,
        /// Its last offset, counted from the base offset.
        last_offset_delta: i32,
    },
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
            segments: vec![Arc::new(Segment::new(0, now_ms))],
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
        self.segments.iter().map(Arc::as_ref)
    }

    /// The segment that is appended to.
    pub fn active_segment(&self) -> &Segment {
        &self.segments[self.segments.len() - 1]
    }

    /// All batches, by offset.
    pub fn batches(&self) -> impl DoubleEndedIterator<Item = &Arc<RecordBatch>> {
        self.segments.iter().flat_map(|segment| segment.batches())
    }

    /// The last batches, at most so many, by offset.
    pub fn last_batches(&self, n: usize) -> Vec<Arc<RecordBatch>> {
        let mut last: Vec<_> = self.batches().rev().take(n).cloned().collect();
        last.reverse();
        last
    }

    /// The last batches as they lie in their files, at most so many, by offset.
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

    /// Appends a producer's batch: gives it offsets from the log end offset on, the leader's epoch and, with
    /// `LogAppendTime`, the leader's time; `compression.type` may say how it is compressed. Rolls first if the batch does
    /// not fit. A batch that the log remembers is not appended again. Whether the batch may be appended at all for its size
    /// and its timestamps is the broker's question.
    ///
    /// # Errors
    /// If its producer's epoch, sequence number or transaction do not allow it; then nothing is appended.
    pub fn append_from_client(
        &mut self,
        batch: RecordBatch,
        verification: Verification,
        leader_epoch: i32,
        settings: &TopicSettings,
        now_ms: u64,
    ) -> Result<AppendInfo, RefusedAppend> {
        self.append_checked(batch, AppendOrigin::Client, verification, leader_epoch, settings, now_ms)
    }

    /// Appends what a coordinator writes: records of its own, or the marker of a transaction. Otherwise the same.
    ///
    /// # Errors
    /// If a marker's producer epoch or coordinator is an old one.
    pub fn append_as_leader(
        &mut self,
        batch: RecordBatch,
        leader_epoch: i32,
        settings: &TopicSettings,
        now_ms: u64,
    ) -> Result<AppendInfo, RefusedAppend> {
        let (origin, verification) = (AppendOrigin::Coordinator, Verification::NotRequired);
        self.append_checked(batch, origin, verification, leader_epoch, settings, now_ms)
    }

    fn append_checked(
        &mut self,
        mut batch: RecordBatch,
        origin: AppendOrigin,
        verification: Verification,
        leader_epoch: i32,
        settings: &TopicSettings,
        now_ms: u64,
    ) -> Result<AppendInfo, RefusedAppend> {
        batch.base_offset = self.log_end_offset;
        batch.last_offset_delta = batch.last_offset_delta.max(0);
        batch.partition_leader_epoch = leader_epoch;
        batch.compression = batch.compression.target(&settings.compression_type);
        let stamps = settings.message_timestamp_type == "LogAppendTime";
        let log_append_time_ms = stamps.then(|| millis(now_ms));
        if let Some(time) = log_append_time_ms {
            batch.stamp(time);
        }
        let stored = StoredBatch::new(Arc::new(batch));
        let flushed_before = self.flushed_offset;
        let epoch_entry = self.assign_epoch_of(&stored.batch);
        let rolled = self.roll_for(std::slice::from_ref(&stored), settings, now_ms);
        if origin == AppendOrigin::Client
            && let Some(known) = self.producer_state.find_duplicate_batch(&stored.batch)
        {
            return Ok(AppendInfo { rolled, epoch_entry, ..AppendInfo::of_duplicate(known, self.active_segment()) });
        }
        let refused = |error| RefusedAppend { error, rolled };
        if let Verification::Required(guard) = verification
            && self.lacks_verification(&stored.batch, guard)
        {
            return Err(refused(ProducerStateError::InvalidTxnState));
        }
        let prepared = self.producer_state.prepare_update(&stored.batch, origin).map_err(refused)?;
        let is_transactional = stored.batch.is_transactional;
        let info = self.append(stored, settings, now_ms);
        self.update_producer_state(prepared, is_transactional);
        let flushed_to = self.flush_if_full(settings, flushed_before, now_ms);
        Ok(AppendInfo { log_append_time_ms, rolled, epoch_entry, flushed_to, ..info })
    }

    /// Appends a leader's batches as they are, and learns leader epochs from them (`appendAsFollower`). Batches of a leader
    /// epoch above `leader_epoch`, in which they were asked for, are left out, with all behind them (KAFKA-18723). All go to
    /// one segment, which is rolled for them together.
    ///
    /// # Errors
    /// If the log refuses them; then none is appended.
    pub fn append_as_follower(
        &mut self,
        batches: &[Arc<RecordBatch>],
        leader_epoch: i32,
        settings: &TopicSettings,
        now_ms: u64,
    ) -> Result<Vec<AppendInfo>, AppendError> {
        let of_this_epoch = batches.iter().take_while(|batch| batch.partition_leader_epoch <= leader_epoch);
        let stored: SmallVec<[StoredBatch; 1]> = of_this_epoch.cloned().map(StoredBatch::new).collect();
        self.check_fetched(&stored)?;
        let flushed_before = self.flushed_offset;
        let epoch_entries: SmallVec<[_; 1]> = stored.iter().map(|stored| self.assign_epoch_of(&stored.batch)).collect();
        let size_bytes = stored.iter().fold(0u32, |sum, stored| sum.saturating_add(stored.size_bytes));
        let segment_bytes = settings.segment_size();
        if size_bytes > segment_bytes {
            return Err(AppendError::RecordListTooLarge { size_bytes, segment_bytes });
        }
        let mut rolled = self.roll_for(&stored, settings, now_ms);
        let mut infos = Vec::with_capacity(stored.len());
        for (stored, epoch_entry) in stored.into_iter().zip(epoch_entries) {
            // What a leader has appended is not judged again.
            let prepared = self.producer_state.prepare_update(&stored.batch, AppendOrigin::Replication).ok().flatten();
            let is_transactional = stored.batch.is_transactional;
            let info = self.append(stored, settings, now_ms);
            self.update_producer_state(prepared, is_transactional);
            infos.push(AppendInfo { rolled: rolled.take(), epoch_entry, ..info });
        }
        if let Some(last) = infos.last_mut() {
            last.flushed_to = self.flush_if_full(settings, flushed_before, now_ms);
        }
        Ok(infos)
    }

    /// What is looked at of fetched batches before anything is changed (`analyzeAndValidateRecords`).
    fn check_fetched(&self, batches: &[StoredBatch]) -> Result<(), AppendError> {
        let mut previous_last_offset = -1;
        for batch in batches.iter().map(|stored| &stored.batch) {
            let (base_offset, last_offset_delta) = (batch.base_offset, batch.last_offset_delta);
            if base_offset < 0 || last_offset_delta < 0 || batch.next_offset() > MAX_OFFSET {
                return Err(AppendError::Corrupt { base_offset, last_offset_delta });
            }
            if batch.last_offset() <= previous_last_offset {
                return Err(AppendError::OffsetsOutOfOrder { last_offset: batch.last_offset(), previous_last_offset });
            }
            previous_last_offset = batch.last_offset();
        }
        match batches.first() {
            Some(first) if first.batch.base_offset < self.log_end_offset => Err(AppendError::UnexpectedOffset {
                base_offset: first.batch.base_offset,
                last_offset: previous_last_offset,
                log_end_offset: self.log_end_offset,
            }),
            _ => Ok(()),
        }
    }

    fn assign_epoch_of(&mut self, batch: &RecordBatch) -> Option<EpochEntry> {
        let (epoch, start_offset) = (batch.partition_leader_epoch, batch.base_offset);
        self.epochs.assign(epoch, start_offset).then_some(EpochEntry { epoch, start_offset })
    }

    /// Begins another segment if the active one has no room for batches that are appended together (`maybeRoll`).
    fn roll_for(&mut self, batches: &[StoredBatch], settings: &TopicSettings, now_ms: u64) -> Option<i64> {
        let (first, last) = (batches.first()?, batches.last()?);
        let params = RollParams {
            messages_size_bytes: batches.iter().fold(0u32, |sum, stored| sum.saturating_add(stored.size_bytes)),
            max_timestamp: batches.iter().fold(NO_TIMESTAMP, |greatest, stored| greatest.max(stored.max_timestamp)),
            max_offset: last.batch.last_offset(),
            now_ms,
        };
        let rolls = self.active_segment().should_roll(settings, params);
        rolls.then(|| self.roll(first.batch.base_offset, now_ms)).flatten()
    }

    /// Flushes if so many messages are unflushed as `flush.messages` says; up to where the log was flushed, if that moved.
    fn flush_if_full(&mut self, settings: &TopicSettings, flushed_before: i64, now_ms: u64) -> Option<i64> {
        if self.log_end_offset.saturating_sub(self.recovery_point) >= settings.flush_messages {
            self.flush_up_to(self.log_end_offset, now_ms);
        }
        (self.flushed_offset > flushed_before).then_some(self.flushed_offset)
    }

    /// Writes a batch to the active segment.
    fn append(&mut self, stored: StoredBatch, settings: &TopicSettings, now_ms: u64) -> AppendInfo {
        let (first_offset, last_offset) = (stored.batch.base_offset, stored.batch.last_offset());
        let (size_bytes, max_timestamp) = (stored.size_bytes, stored.max_timestamp);
        self.log_end_offset = stored.batch.next_offset();
        let active = self.active_segment_mut();
        active.open_indexes(settings);
        let (position, index_entry) = active.append(stored, now_ms);
        let segment_base_offset = active.base_offset();
        AppendInfo {
            first_offset,
            last_offset,
            max_timestamp,
            log_append_time_ms: None,
            size_bytes,
            segment_base_offset,
            position,
            rolled: None,
            index_entry,
            epoch_entry: None,
            flushed_to: None,
            is_duplicate: false,
        }
    }

    pub(super) fn active_segment_mut(&mut self) -> &mut Segment {
        let last = self.segments.len() - 1;
        Arc::make_mut(&mut self.segments[last])
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
        self.segments.push(Arc::new(Segment::new(base_offset, now_ms)));
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
    pub fn read(&self, from: i64, end: i64, max_bytes: u32, at_least_one: bool) -> Vec<Arc<RecordBatch>> {
        self.read_sized(from, end, max_bytes, at_least_one).0
    }

    /// The same, and the bytes of the batches, which are kept with each: counting them takes a walk over the records.
    pub fn read_sized(&self, from: i64, end: i64, max_bytes: u32, at_least_one: bool) -> (Vec<Arc<RecordBatch>>, u32) {
        let Some(at) = self.segment_at(from) else {
            return (Vec::new(), 0);
        };
        let Some(segment) = self.segments[at..].iter().find(|segment| segment.find(from).is_some()) else {
            return (Vec::new(), 0);
        };
        let mut bytes = 0u32;
        let mut bytes_left = max_bytes;
        let mut batches = Vec::new();
        for stored in segment.stored_from(from) {
            let is_first = batches.is_empty();
            let fits = stored.size_bytes <= bytes_left || (is_first && at_least_one);
            if !fits || stored.batch.last_offset() >= end {
                break;
            }
            bytes_left = bytes_left.saturating_sub(stored.size_bytes);
            bytes = bytes.saturating_add(stored.size_bytes);
            batches.push(Arc::clone(&stored.batch));
        }
        (batches, bytes)
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
        self.segments = vec![Arc::new(Segment::new(offset, created_ms))];
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

    fn flush_up_to(&mut self, offset: i64, now_ms: u64) {
        self.flushed_offset = self.flushed_offset.max(offset);
        if offset > self.recovery_point {
            self.recovery_point = offset;
            self.last_flushed_ms = now_ms;
        }
    }
}
