//! Appending to a log: what a leader takes of producers and coordinators, and what a follower takes of its leader
//! (`UnifiedLog.append`).

use std::rc::Rc;

use serde::Serialize;
use smallvec::SmallVec;

use super::epoch_cache::EpochEntry;
use super::offset_index::OffsetIndexEntry;
use super::producer_state::{AppendOrigin, BatchMetadata, ProducerStateError};
use super::replica_log::{Log, MAX_OFFSET};
use super::segment::{RollParams, Segment, StoredBatch, millis};
use super::verification::VerificationGuard;
use crate::settings::TopicSettings;
use crate::wire::records::{NO_TIMESTAMP, RecordBatch};

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

impl Log {
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

    /// Appends what a coordinator writes: records of its own, or the marker of a transaction before version 2. Otherwise the same.
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
        self.append_marker(batch, 0, leader_epoch, settings, now_ms)
    }

    /// Appends the marker of a transaction of this version.
    ///
    /// # Errors
    /// If its producer epoch or coordinator is an old one, or the version is missing.
    pub fn append_marker(
        &mut self,
        batch: RecordBatch,
        transaction_version: i8,
        leader_epoch: i32,
        settings: &TopicSettings,
        now_ms: u64,
    ) -> Result<AppendInfo, RefusedAppend> {
        let (origin, verification) = (AppendOrigin::Coordinator { transaction_version }, Verification::NotRequired);
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
        // Markers are never compressed (`LogValidator.validateMessagesAndAssignOffsetsCompressed`).
        if !batch.is_control {
            batch.compression = batch.compression.target(&settings.compression_type);
        }
        let stamps = settings.message_timestamp_type == "LogAppendTime";
        let log_append_time_ms = stamps.then(|| millis(now_ms));
        if let Some(time) = log_append_time_ms {
            batch.stamp(time);
        }
        let stored = StoredBatch::new(Rc::new(batch));
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
        let info = self.append(stored, settings, now_ms);
        self.update_producer_state(prepared);
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
        batches: &[Rc<RecordBatch>],
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
            let info = self.append(stored, settings, now_ms);
            self.update_producer_state(prepared);
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

    /// Flushes once `flush.messages` messages are unflushed; up to where the log was flushed, if that moved.
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
}
