//! What a leader knows of a transaction before its first batch (`VerificationStateEntry`, KIP-890): a transactional batch is
//! appended only if the coordinator has confirmed that its partition belongs to the transaction.

use std::collections::BTreeMap;

use super::producer_state::{ProducerStateEntry, ProducerStateError};
use crate::wire::records::RecordBatch;

/// The token of one verification (`VerificationGuard`): an append that shows another is refused.
pub type VerificationGuard = u64;

/// One producer's verification that is under way or done (`VerificationStateEntry`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct VerificationStateEntry {
    /// The token.
    pub guard: VerificationGuard,
    /// The lowest first sequence number of the batches that wait for it.
    pub lowest_sequence: i32,
    /// The producer's epoch.
    pub epoch: i16,
    /// Whether the producer's epoch rises with each transaction (transaction version 2), as the first of these batches said.
    pub supports_epoch_bump: bool,
    /// When the first of these batches came, in milliseconds: such an entry expires as what is known of a producer does.
    pub created_ms: u64,
}

impl VerificationStateEntry {
    /// While a verification is under way the batch with the lowest sequence goes first; and a producer whose epoch rises
    /// with each transaction begins at 0 (`ProducerAppendInfo.checkSequence`).
    pub(super) fn check_sequence(
        &self,
        batch: &RecordBatch,
        known: &ProducerStateEntry,
    ) -> Result<(), ProducerStateError> {
        let sequence = batch.base_sequence;
        let begins_late = self.supports_epoch_bump && known.batches.is_empty() && sequence != 0;
        if begins_late || sequence > self.lowest_sequence {
            return Err(ProducerStateError::OutOfOrderSequence { sequence, last_sequence: known.last_sequence() });
        }
        Ok(())
    }

    /// Whether a batch is the marker of the transaction before the one that this is about, which has begun already
    /// (`UnifiedLog.updateProducers`).
    pub(super) fn outlives(&self, batch: &RecordBatch) -> bool {
        self.supports_epoch_bump && batch.is_control && batch.producer_epoch == self.epoch
    }

    fn is_expired(&self, checked_ms: u64, expiration_ms: u64) -> bool {
        self.created_ms.checked_add(expiration_ms).is_some_and(|expires_ms| expires_ms <= checked_ms)
    }
}

/// The verifications of one partition, by producer id. Memory of the process.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct VerificationState {
    entries: BTreeMap<i64, VerificationStateEntry>,
    next_guard: VerificationGuard,
}

impl VerificationState {
    /// The token for a batch that waits for verification; batches that wait together share it
    /// (`maybeCreateVerificationStateEntry`).
    pub fn start(
        &mut self,
        producer_id: i64,
        sequence: i32,
        epoch: i16,
        supports_epoch_bump: bool,
        now_ms: u64,
    ) -> VerificationGuard {
        let entry = self.entries.entry(producer_id).or_insert_with(|| {
            self.next_guard += 1;
            VerificationStateEntry {
                guard: self.next_guard,
                lowest_sequence: sequence,
                epoch,
                supports_epoch_bump,
                created_ms: now_ms,
            }
        });
        if epoch > entry.epoch {
            (entry.epoch, entry.lowest_sequence) = (epoch, sequence);
        } else if epoch == entry.epoch {
            entry.lowest_sequence = entry.lowest_sequence.min(sequence);
        }
        entry.guard
    }

    /// The token that an append has to show; none where nothing is under way.
    pub fn guard_of(&self, producer_id: i64) -> Option<VerificationGuard> {
        self.entries.get(&producer_id).map(|entry| entry.guard)
    }

    /// What is under way or done of a producer's transaction.
    pub(super) fn entry(&self, producer_id: i64) -> Option<&VerificationStateEntry> {
        self.entries.get(&producer_id)
    }

    /// Whether an entry had expired by the check at that time.
    pub(super) fn has_expired(&self, checked_ms: u64, expiration_ms: u64) -> bool {
        self.entries.values().any(|entry| entry.is_expired(checked_ms, expiration_ms))
    }

    pub(super) fn remove_expired(&mut self, checked_ms: u64, expiration_ms: u64) {
        self.entries.retain(|_, entry| !entry.is_expired(checked_ms, expiration_ms));
    }

    pub(super) fn clear(&mut self, producer_id: i64) {
        self.entries.remove(&producer_id);
    }

    pub(super) fn forget(&mut self) {
        self.entries.clear();
    }
}
