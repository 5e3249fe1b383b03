//! Producers and transactions of one log: what `UnifiedLog` does with its `ProducerStateManager` and transaction indexes.

use std::rc::Rc;

use super::producer_state::{AppendOrigin, CompletedTxn};
use super::producer_state_manager::{PreparedUpdate, ProducerExpiration, ProducerStateManager};
use super::replica_log::Log;
use super::segment::Segment;
use super::transaction_index::{AbortedTxn, TransactionIndex};
use super::verification::VerificationGuard;
use crate::wire::records::RecordBatch;

impl Log {
    /// What is remembered of producers.
    pub fn producer_state(&self) -> &ProducerStateManager {
        &self.producer_state
    }

    /// The transactions that were aborted.
    pub fn transaction_index(&self) -> &TransactionIndex {
        &self.transaction_index
    }

    /// Where the oldest transaction begins that holds readers of committed records back: open, or with its marker not below
    /// the high watermark (`firstUnstableOffset`).
    pub fn first_unstable_offset(&self, high_watermark: i64) -> Option<i64> {
        let first = self.producer_state.first_unstable_offset(high_watermark)?;
        Some(first.max(self.log_start_offset))
    }

    /// Up to where readers of committed records may read: the first unstable offset, at most the high watermark
    /// (`lastStableOffset`).
    pub fn last_stable_offset(&self, high_watermark: i64) -> i64 {
        self.first_unstable_offset(high_watermark).map_or(high_watermark, |first| first.min(high_watermark))
    }

    /// The aborted transactions that a reader must know to whom batches from `fetch_offset` on are given, of this size
    /// (`UnifiedLog.collectAbortedTransactions`). As Kafka's sparse index knows no better, some may lie behind them.
    pub fn aborted_transactions(&self, fetch_offset: i64, size_bytes: u32) -> Vec<AbortedTxn> {
        if self.transaction_index.entries().is_empty() {
            return Vec::new();
        }
        self.transaction_index.aborted_in(fetch_offset, self.fetch_upper_bound_offset(fetch_offset, size_bytes))
    }

    fn fetch_upper_bound_offset(&self, fetch_offset: i64, size_bytes: u32) -> i64 {
        let at = self.segments.iter().position(|segment| segment.find(fetch_offset).is_some());
        let Some(at) = at else { return self.log_end_offset };
        let position = self.segments[at].find(fetch_offset).map_or(0, |stored| stored.position);
        let end = position.saturating_add(size_bytes);
        let indexed = self.segments[at].offset_index().entries().iter().find(|entry| entry.position >= end);
        let next_segment = || self.segments.get(at + 1).map(|next| next.base_offset());
        indexed.map(|entry| entry.offset).or_else(next_segment).unwrap_or(self.log_end_offset)
    }

    /// The token that a batch needs which begins a transaction here; none where the transaction has begun already
    /// (`maybeStartTransactionVerification`).
    pub fn start_transaction_verification(
        &mut self,
        producer_id: i64,
        sequence: i32,
        epoch: i16,
        supports_epoch_bump: bool,
        now_ms: u64,
    ) -> Option<VerificationGuard> {
        if self.producer_state.has_ongoing_transaction(producer_id, epoch) {
            return None;
        }
        Some(self.producer_state.verification.start(producer_id, sequence, epoch, supports_epoch_bump, now_ms))
    }

    /// Whether markers lie below the high watermark that still hold readers back.
    pub fn has_replicated_transactions(&self, high_watermark: i64) -> bool {
        self.producer_state.has_replicated_txns(high_watermark)
    }

    /// The high watermark has moved: what ended below it is stable.
    pub fn remove_replicated_transactions(&mut self, high_watermark: i64) {
        self.producer_state.remove_replicated_txns(high_watermark);
    }

    /// Whether producers have expired by now.
    pub fn has_expired_producers(&self, now_ms: u64, expiration: ProducerExpiration) -> bool {
        self.producer_state.has_expired(now_ms, expiration)
    }

    /// Forgets the producers that have expired by now.
    pub fn remove_expired_producers(&mut self, now_ms: u64, expiration: ProducerExpiration) {
        self.producer_state.remove_expired(now_ms, expiration);
    }

    /// Takes over what an appended batch makes of its producer's state.
    pub(super) fn update_producer_state(&mut self, prepared: Option<PreparedUpdate>) {
        if let Some(prepared) = prepared
            && let Some((completed, last_stable_offset)) = self.producer_state.update(prepared)
        {
            self.index_completed(completed, last_stable_offset);
        }
        self.producer_state.update_map_end_offset(self.log_end_offset);
    }

    fn index_completed(&mut self, completed: CompletedTxn, last_stable_offset: i64) {
        if completed.is_aborted {
            let CompletedTxn { producer_id, first_offset, last_offset, is_aborted: _ } = completed;
            self.transaction_index.append(AbortedTxn { producer_id, first_offset, last_offset, last_stable_offset });
        }
    }

    /// What a start makes of the snapshot files and the log behind the newest (`LogLoader`).
    pub(super) fn load_producer_state(&mut self, was_clean: bool, now_ms: u64, expiration: ProducerExpiration) {
        let base_offsets: Vec<i64> = self.segments.iter().map(|segment| segment.base_offset()).collect();
        self.producer_state.open(&base_offsets, now_ms);
        self.transaction_index.truncate_to(self.log_end_offset);
        if was_clean && !self.producer_state.has_snapshots() {
            let offsets = self.offsets_to_snapshot();
            self.producer_state.take_empty_snapshots(&offsets);
        } else {
            self.rebuild_producer_state(now_ms, expiration);
            if !was_clean {
                // Recovery has left a snapshot at the log's end (`LogLoader.recoverSegment`): the log opens with what that says, the last
                // batch of each producer.
                self.producer_state.open(&base_offsets, now_ms);
                self.rebuild_producer_state(now_ms, expiration);
            }
        }
    }

    /// The base offsets of the last two segments, and the log's end: there a start or a truncation leaves snapshots.
    fn offsets_to_snapshot(&self) -> Vec<i64> {
        let mut offsets: Vec<i64> = self.segments.iter().rev().take(2).map(|segment| segment.base_offset()).collect();
        offsets.reverse();
        offsets.push(self.log_end_offset);
        offsets
    }

    /// Goes back to a snapshot within the log and reads what lies behind it (`UnifiedLog.rebuildProducerState`).
    pub(super) fn rebuild_producer_state(&mut self, now_ms: u64, expiration: ProducerExpiration) {
        let (start, end) = (self.log_start_offset, self.log_end_offset);
        let was_empty = self.producer_state.is_empty_beyond(end);
        let from = self.producer_state.truncate_and_reload(start, end, now_ms, expiration);
        if end > from && !was_empty {
            let snapshots = self.offsets_to_snapshot();
            for segment in self.segments.clone() {
                self.reload_segment(&segment, from, &snapshots);
            }
        }
        self.producer_state.update_map_end_offset(end);
        self.producer_state.take_snapshot();
    }

    fn reload_segment(&mut self, segment: &Rc<Segment>, from: i64, snapshots: &[i64]) {
        let start = segment.base_offset().max(from).max(self.log_start_offset);
        if segment.next_offset() <= start && segment.base_offset() < start {
            return;
        }
        self.producer_state.update_map_end_offset(start);
        if snapshots.contains(&segment.base_offset()) {
            self.producer_state.take_snapshot();
        }
        for batch in segment.stored_from(start).map(|stored| &stored.batch) {
            // A log's own batches are never refused.
            if let Ok(Some(prepared)) = self.producer_state.prepare_update(batch, AppendOrigin::Replication)
                && let Some((completed, last_stable)) = self.producer_state.update(prepared)
            {
                self.index_completed(completed, last_stable);
            }
        }
    }

    /// Whether a leader may not append a transactional batch because nobody has confirmed that its partition belongs to the
    /// transaction (`batchMissingRequiredVerification`).
    pub(super) fn lacks_verification(&self, batch: &RecordBatch, shown: Option<VerificationGuard>) -> bool {
        batch.is_transactional
            && !batch.is_control
            && !self.producer_state.has_ongoing_transaction(batch.producer_id, batch.producer_epoch)
            && (shown.is_none() || shown != self.producer_state.verification.guard_of(batch.producer_id))
    }
}
