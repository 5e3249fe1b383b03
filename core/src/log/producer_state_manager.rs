//! What a partition remembers of its producers, and which transactions are open in it (`ProducerStateManager`).
//!
//! The map is memory: a process that starts takes it from the newest snapshot file and the log behind it. The snapshots lie
//! beside the segments, one for the base offset of each that was begun and one for the log's end at a clean shutdown.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::producer_state::{AppendOrigin, BatchMetadata, CompletedTxn, ProducerStateEntry, ProducerStateError};
use super::verification::VerificationState;
use crate::wire::records::RecordBatch;

/// `producer.id.expiration.*` (`ProducerStateManagerConfig`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ProducerExpiration {
    /// How long a producer that writes nothing is remembered, in milliseconds.
    pub expiration_ms: u64,
    /// How often a log looks for those to forget, in milliseconds, from when it was opened.
    pub check_interval_ms: u64,
}

impl Default for ProducerExpiration {
    fn default() -> Self {
        Self { expiration_ms: 86_400_000, check_interval_ms: 600_000 }
    }
}

/// A transaction whose marker is written, but is not below the high watermark yet (`TxnMetadata`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct UnreplicatedTxn {
    producer_id: i64,
    last_offset: i64,
}

/// Bytes of a snapshot file before its entries: version, CRC, their number.
const SNAPSHOT_HEADER_BYTES: u64 = 10;
/// Bytes of an entry: id, epoch, last sequence, last offset, offset delta, timestamp, coordinator epoch, first offset of the
/// open transaction.
const SNAPSHOT_ENTRY_BYTES: u64 = 46;

type ProducerStates = BTreeMap<i64, ProducerStateEntry>;

/// The producers of one partition (`ProducerStateManager`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ProducerStateManager {
    /// By producer id.
    producers: ProducerStates,
    /// Producers with a transaction open, by its first offset.
    ongoing_txns: BTreeMap<i64, i64>,
    /// Transactions that have ended, but whose markers are not replicated, by their first offset.
    unreplicated_txns: BTreeMap<i64, UnreplicatedTxn>,
    /// The offset that the map stands for.
    map_end_offset: i64,
    /// That of the newest snapshot taken or loaded; the log start offset before any.
    last_snapshot_offset: i64,
    /// What was verified of transactions before their first batch; not in any snapshot.
    pub(super) verification: VerificationState,
    /// When the process opened the log, in milliseconds: the checks for expired producers count from it.
    opened_ms: u64,
    /// The `.snapshot` files, by the offset that they are named after. They outlive the process.
    snapshots: BTreeMap<i64, Rc<ProducerStates>>,
}

/// What an append makes of the map: prepared before it, carried out after it.
pub(super) struct PreparedUpdate {
    producer_id: i64,
    entry: ProducerStateEntry,
    completed: Option<CompletedTxn>,
    ends_verification: bool,
}

impl ProducerStateManager {
    /// The state of a log that a process creates or opens at a time.
    pub(super) fn opened_at(now_ms: u64) -> Self {
        Self { opened_ms: now_ms, ..Self::default() }
    }

    /// The producers that are remembered, by id.
    pub fn producers(&self) -> &BTreeMap<i64, ProducerStateEntry> {
        &self.producers
    }

    /// Its snapshot files: the offset that each is named after, and its bytes.
    pub fn snapshot_files(&self) -> impl Iterator<Item = (i64, u64)> {
        let bytes = |states: &ProducerStates| {
            let entries = u64::try_from(states.len()).unwrap_or(u64::MAX);
            SNAPSHOT_HEADER_BYTES.saturating_add(SNAPSHOT_ENTRY_BYTES.saturating_mul(entries))
        };
        self.snapshots.iter().map(move |(offset, states)| (*offset, bytes(states)))
    }

    /// Where the oldest transaction begins that is open, or whose marker is not below the high watermark
    /// (`firstUnstableOffset`).
    pub fn first_unstable_offset(&self, high_watermark: i64) -> Option<i64> {
        let ongoing = self.ongoing_txns.keys().next();
        let mut waiting = self.unreplicated_txns.iter().filter(|(_, txn)| txn.last_offset >= high_watermark);
        ongoing.into_iter().chain(waiting.next().map(|(first_offset, _)| first_offset)).min().copied()
    }

    /// Whether a producer has a transaction open in this epoch.
    pub fn has_ongoing_transaction(&self, producer_id: i64, epoch: i16) -> bool {
        let entry = self.producers.get(&producer_id);
        entry.is_some_and(|entry| entry.current_txn_first_offset.is_some() && entry.producer_epoch == epoch)
    }

    /// Whether a producer has been here in a later epoch than this one.
    pub fn has_newer_epoch(&self, producer_id: i64, epoch: i16) -> bool {
        self.producers.get(&producer_id).is_some_and(|entry| entry.producer_epoch > epoch)
    }

    /// The remembered batch that a producer's batch repeats.
    pub fn find_duplicate_batch(&self, batch: &RecordBatch) -> Option<BatchMetadata> {
        self.producers.get(&batch.producer_id)?.find_duplicate_batch(batch)
    }

    /// What a batch at its offsets will make of the map, or why it is refused. None for a batch without a producer id.
    pub(super) fn prepare_update(
        &self,
        batch: &RecordBatch,
        origin: AppendOrigin,
    ) -> Result<Option<PreparedUpdate>, ProducerStateError> {
        let producer_id = batch.producer_id;
        if producer_id < 0 {
            return Ok(None);
        }
        let nothing = ProducerStateEntry::default();
        let known = self.producers.get(&producer_id).unwrap_or(&nothing);
        let verification = self.verification.entry(producer_id);
        let updated = known.with_batch(batch, origin, verification)?;
        let ends_verification = batch.is_transactional && !verification.is_some_and(|entry| entry.outlives(batch));
        Ok(Some(PreparedUpdate { producer_id, entry: updated.entry, completed: updated.completed, ends_verification }))
    }

    /// Takes an append over (`update`, `completeTxn`). Where it ended a transaction: that one, and the last stable offset
    /// that it leaves, as far as this replica's log tells.
    pub(super) fn update(&mut self, prepared: PreparedUpdate) -> Option<(CompletedTxn, i64)> {
        let PreparedUpdate { producer_id, entry, completed, ends_verification } = prepared;
        if ends_verification {
            self.verification.clear(producer_id);
        }
        if let Some(first_offset) = entry.current_txn_first_offset {
            self.ongoing_txns.insert(first_offset, producer_id);
        }
        self.producers.insert(producer_id, entry);
        let completed = completed?;
        self.ongoing_txns.remove(&completed.first_offset);
        let last_offset = completed.last_offset;
        self.unreplicated_txns.insert(completed.first_offset, UnreplicatedTxn { producer_id, last_offset });
        let next_open = self.ongoing_txns.keys().next().copied();
        Some((completed, next_open.unwrap_or(last_offset.saturating_add(1))))
    }

    /// The map now stands for the log up to this offset.
    pub(super) fn update_map_end_offset(&mut self, offset: i64) {
        self.map_end_offset = offset;
    }

    /// The high watermark has moved: markers below it hold nobody back any longer (`onHighWatermarkUpdated`).
    pub(super) fn remove_replicated_txns(&mut self, high_watermark: i64) {
        self.unreplicated_txns.retain(|_, txn| txn.last_offset >= high_watermark);
    }

    /// Whether there are such.
    pub(super) fn has_replicated_txns(&self, high_watermark: i64) -> bool {
        self.unreplicated_txns.values().any(|txn| txn.last_offset < high_watermark)
    }

    /// Writes a snapshot file, unless there is one for this offset (`takeSnapshot`).
    pub(super) fn take_snapshot(&mut self) {
        if self.map_end_offset > self.last_snapshot_offset {
            self.snapshots.insert(self.map_end_offset, Rc::new(self.producers.clone()));
            self.last_snapshot_offset = self.map_end_offset;
        }
    }

    /// Deletes the snapshot files of segments that are deleted.
    pub(super) fn delete_snapshots(&mut self, base_offsets: &[i64]) {
        self.snapshots.retain(|offset, _| !base_offsets.contains(offset));
    }

    /// The log starts later now (`onLogStartOffsetIncremented`).
    pub(super) fn on_log_start_offset_incremented(&mut self, log_start_offset: i64) {
        self.unreplicated_txns.retain(|_, txn| txn.last_offset >= log_start_offset);
        self.map_end_offset = self.map_end_offset.max(log_start_offset);
        self.last_snapshot_offset = self.snapshots.keys().next_back().copied().unwrap_or(log_start_offset);
    }

    /// The log is thrown away and begins anew (`truncateFullyAndStartAt`).
    pub(super) fn truncate_fully_and_start_at(&mut self, offset: i64) {
        self.forget();
        self.snapshots.clear();
        self.last_snapshot_offset = 0;
        self.map_end_offset = offset;
    }

    /// What ends with a process, or with a log that is cut: all but the snapshot files.
    fn forget(&mut self) {
        self.producers.clear();
        self.ongoing_txns.clear();
        self.unreplicated_txns.clear();
        self.verification.forget();
    }

    /// A process opens the log: its memory is empty, and its snapshot files are those of segments, or one that is newer
    /// than all of them (`removeStraySnapshots`).
    pub(super) fn open(&mut self, segment_base_offsets: &[i64], now_ms: u64) {
        self.forget();
        self.opened_ms = now_ms;
        self.map_end_offset = 0;
        self.last_snapshot_offset = 0;
        let newest = self.snapshots.keys().next_back().copied();
        let newest_segment = segment_base_offsets.last().copied().unwrap_or(0);
        self.snapshots.retain(|offset, _| {
            segment_base_offsets.contains(offset) || (Some(*offset) == newest && *offset > newest_segment)
        });
    }

    /// A log without any snapshot was closed cleanly: nothing is known of its producers, and the files that say so spare the
    /// next start the reading.
    pub(super) fn take_empty_snapshots(&mut self, offsets: &[i64]) {
        for offset in offsets {
            self.update_map_end_offset(*offset);
            self.take_snapshot();
        }
    }

    /// Whether there is any snapshot file.
    pub(super) fn has_snapshots(&self) -> bool {
        !self.snapshots.is_empty()
    }

    /// Goes back to what the newest snapshot within the log says, unless the map stands for the log's end already
    /// (`truncateAndReload`). From where the log has to be read then.
    pub(super) fn truncate_and_reload(
        &mut self,
        log_start_offset: i64,
        log_end_offset: i64,
        now_ms: u64,
        expiration: ProducerExpiration,
    ) -> i64 {
        self.snapshots.retain(|offset, _| *offset > log_start_offset && *offset <= log_end_offset);
        if self.map_end_offset == log_end_offset {
            self.on_log_start_offset_incremented(log_start_offset);
            return self.map_end_offset;
        }
        self.forget();
        let newest = self.snapshots.last_key_value().map(|(offset, states)| (*offset, Rc::clone(states)));
        let (offset, states) = newest.unwrap_or((log_start_offset, Rc::default()));
        for (producer_id, entry) in states.iter().filter(|(_, entry)| !is_expired(entry, now_ms, expiration)) {
            if let Some(first_offset) = entry.current_txn_first_offset {
                self.ongoing_txns.insert(first_offset, *producer_id);
            }
            // A snapshot keeps the last batch alone (`ProducerSnapshotEntry`).
            let batches = entry.batches.back().copied().into_iter().collect();
            self.producers.insert(*producer_id, ProducerStateEntry { batches, ..entry.clone() });
        }
        self.last_snapshot_offset = offset;
        self.map_end_offset = offset;
        offset
    }

    /// Whether the map is empty and stands for an offset at least.
    pub(super) fn is_empty_beyond(&self, offset: i64) -> bool {
        self.producers.is_empty() && self.map_end_offset >= offset
    }

    /// Forgets the producers and verifications that the last check found expired (`removeExpiredProducers`). Kafka's scheduler
    /// checks each log every `producer.id.expiration.check.interval.ms`; here the first access after that does.
    pub(super) fn remove_expired(&mut self, now_ms: u64, expiration: ProducerExpiration) {
        if let Some(checked_ms) = self.last_check_ms(now_ms, expiration) {
            self.producers.retain(|_, entry| !is_expired(entry, checked_ms, expiration));
            self.verification.remove_expired(checked_ms, expiration.expiration_ms);
        }
    }

    /// The producers that are remembered at a time, after the checks that have passed by then.
    pub fn active_producers(
        &self,
        now_ms: u64,
        expiration: ProducerExpiration,
    ) -> impl Iterator<Item = (i64, &ProducerStateEntry)> {
        let checked_ms = self.last_check_ms(now_ms, expiration);
        let is_active = move |entry: &ProducerStateEntry| {
            checked_ms.is_none_or(|checked_ms| !is_expired(entry, checked_ms, expiration))
        };
        self.producers.iter().map(|(id, entry)| (*id, entry)).filter(move |(_, entry)| is_active(entry))
    }

    /// Whether a check has found producers or verifications that are expired.
    pub(super) fn has_expired(&self, now_ms: u64, expiration: ProducerExpiration) -> bool {
        let checked_ms = self.last_check_ms(now_ms, expiration);
        checked_ms.is_some_and(|at| {
            self.producers.values().any(|entry| is_expired(entry, at, expiration))
                || self.verification.has_expired(at, expiration.expiration_ms)
        })
    }

    fn last_check_ms(&self, now_ms: u64, expiration: ProducerExpiration) -> Option<u64> {
        let interval = expiration.check_interval_ms.max(1);
        let passed = now_ms.saturating_sub(self.opened_ms) / interval;
        (passed > 0).then(|| self.opened_ms.saturating_add(passed.saturating_mul(interval)))
    }
}

/// A producer with a transaction open never expires.
fn is_expired(entry: &ProducerStateEntry, now_ms: u64, expiration: ProducerExpiration) -> bool {
    let idle_ms = i64::try_from(now_ms).unwrap_or(i64::MAX).saturating_sub(entry.last_timestamp);
    entry.current_txn_first_offset.is_none() && idle_ms >= i64::try_from(expiration.expiration_ms).unwrap_or(i64::MAX)
}
