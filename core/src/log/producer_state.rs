//! What a partition remembers of one producer: epoch, sequence numbers, open transaction (`ProducerStateEntry`,
//! `ProducerAppendInfo`).
//!
//! | a producer's batch has | against what is remembered | outcome |
//! |---|---|---|
//! | a lower epoch | any | `INVALID_PRODUCER_EPOCH` |
//! | a higher epoch, first sequence 0 | any | appended; the sequences of the old epoch are forgotten |
//! | a higher epoch, another first sequence | any | `OUT_OF_ORDER_SEQUENCE_NUMBER` |
//! | the same epoch | the very first and last sequence of one of the last five batches | duplicate: answered with the old offset |
//! | the same epoch | the sequence after the last one | appended |
//! | the same epoch | any other sequence | `OUT_OF_ORDER_SEQUENCE_NUMBER` |
//! | any | nothing is remembered | appended, whatever its sequence |
//!
//! What a follower copies is not judged: the leader did that.

use std::collections::VecDeque;

use super::verification::VerificationStateEntry;
use crate::wire::ErrorCode;
use crate::wire::control_records::{ControlRecordType, EndTransactionMarker};
use crate::wire::records::{NO_PRODUCER_EPOCH, NO_SEQUENCE, RecordBatch};

/// How many batches of a producer are remembered, to answer duplicates (`ProducerStateEntry.NUM_BATCHES_TO_RETAIN`). It
/// is why a producer may have no more than five requests in flight.
pub const NUM_BATCHES_TO_RETAIN: usize = 5;

/// The transaction version of what is no marker (`TransactionVersion.TV_UNKNOWN`).
pub const TV_UNKNOWN: i8 = -1;

/// The first transaction version in which a marker has an epoch of its own, above that of the records which it ends.
const FIRST_VERSION_WITH_EPOCH_BUMP: i8 = 2;

/// Who appends (`AppendOrigin`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AppendOrigin {
    /// A follower that copies its leader.
    Replication,
    /// A coordinator: records of its own, or a transaction's marker.
    Coordinator {
        /// The marker's transaction version, as its writer says; [`TV_UNKNOWN`] where it says none.
        transaction_version: i8,
    },
    /// A producer.
    Client,
}

/// A batch that is remembered of a producer (`BatchMetadata`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BatchMetadata {
    /// The sequence number of its last record.
    pub last_sequence: i32,
    /// The offset of its last record.
    pub last_offset: i64,
    /// How many offsets lie between its first and its last record.
    pub offset_delta: i32,
    /// Its greatest timestamp, in milliseconds.
    pub timestamp: i64,
}

impl BatchMetadata {
    /// The sequence number of its first record.
    pub fn first_sequence(self) -> i32 {
        decrement_sequence(self.last_sequence, self.offset_delta)
    }

    /// The offset of its first record.
    pub fn first_offset(self) -> i64 {
        self.last_offset.saturating_sub(i64::from(self.offset_delta))
    }
}

/// A transaction that a marker has just ended (`CompletedTxn`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CompletedTxn {
    /// Whose it was.
    pub producer_id: i64,
    /// The offset of its first record.
    pub first_offset: i64,
    /// The offset of its marker.
    pub last_offset: i64,
    /// Whether it was aborted.
    pub is_aborted: bool,
}

/// Why a batch was refused for what is remembered of its producer. Nothing of it is appended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProducerStateError {
    /// Its epoch is older than the one known (`InvalidProducerEpochException`).
    InvalidProducerEpoch {
        /// The batch's epoch.
        epoch: i16,
        /// The epoch that the partition knows.
        known: i16,
    },
    /// Its first sequence number is not the next one (`OutOfOrderSequenceException`).
    OutOfOrderSequence {
        /// Its first sequence number.
        sequence: i32,
        /// The last one known in its epoch; -1 for none.
        last_sequence: i32,
    },
    /// It is not transactional, but its producer has a transaction open, or it was never added to a transaction
    /// (`InvalidTxnStateException`).
    InvalidTxnState,
    /// Its marker comes from a coordinator that another has replaced (`TransactionCoordinatorFencedException`).
    CoordinatorFenced,
    /// Its marker says no transaction version (`IllegalArgumentException`).
    UnknownTransactionVersion,
}

impl ProducerStateError {
    /// What the requester is told.
    pub fn code(self) -> ErrorCode {
        match self {
            Self::InvalidProducerEpoch { .. } => ErrorCode::InvalidProducerEpoch,
            Self::OutOfOrderSequence { .. } => ErrorCode::OutOfOrderSequenceNumber,
            Self::InvalidTxnState => ErrorCode::InvalidTxnState,
            Self::CoordinatorFenced => ErrorCode::TransactionCoordinatorFenced,
            Self::UnknownTransactionVersion => ErrorCode::UnknownServerError,
        }
    }
}

/// What a partition remembers of one producer (`ProducerStateEntry`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ProducerStateEntry {
    /// The newest epoch seen; -1 before the first batch.
    pub producer_epoch: i16,
    /// The newest coordinator that wrote a marker, by its leader epoch; -1 before the first marker.
    pub coordinator_epoch: i32,
    /// The time of what was last written, in milliseconds; -1 before that. Expiry counts from it.
    pub last_timestamp: i64,
    /// Where its open transaction begins.
    pub current_txn_first_offset: Option<i64>,
    /// The last batches of the newest epoch, at most [`NUM_BATCHES_TO_RETAIN`], oldest first.
    pub batches: VecDeque<BatchMetadata>,
}

impl Default for ProducerStateEntry {
    fn default() -> Self {
        Self {
            producer_epoch: NO_PRODUCER_EPOCH,
            coordinator_epoch: -1,
            last_timestamp: -1,
            current_txn_first_offset: None,
            batches: VecDeque::new(),
        }
    }
}

/// What one more batch makes of a producer's entry.
pub(super) struct Updated {
    pub(super) entry: ProducerStateEntry,
    /// The transaction that the batch ended, if any.
    pub(super) completed: Option<CompletedTxn>,
}

impl ProducerStateEntry {
    /// The sequence number of the last record; -1 where none is remembered.
    pub fn last_sequence(&self) -> i32 {
        self.batches.back().map_or(NO_SEQUENCE, |batch| batch.last_sequence)
    }

    /// The remembered batch that a batch repeats: the same epoch, first and last sequence (`findDuplicateBatch`). What the
    /// records hold is not compared.
    pub fn find_duplicate_batch(&self, batch: &RecordBatch) -> Option<BatchMetadata> {
        let is_same = |known: &&BatchMetadata| {
            known.first_sequence() == batch.base_sequence && known.last_sequence == last_sequence(batch)
        };
        self.batches.iter().find(is_same).copied().filter(|_| batch.producer_epoch == self.producer_epoch)
    }

    /// What the entry becomes with a batch at its offsets, or why the batch is refused (`ProducerAppendInfo.append`). A client's
    /// batch is judged by the verification of its producer's transaction, too.
    pub(super) fn with_batch(
        &self,
        batch: &RecordBatch,
        origin: AppendOrigin,
        verification: Option<&VerificationStateEntry>,
    ) -> Result<Updated, ProducerStateError> {
        if !batch.is_control {
            return self.with_data_batch(batch, origin, verification);
        }
        match EndTransactionMarker::of(batch) {
            Some(marker) => self.with_marker(batch, marker, origin),
            // The cleaner leaves an empty control batch of a transaction that is gone.
            None => Ok(Updated { entry: self.clone(), completed: None }),
        }
    }

    fn with_data_batch(
        &self,
        batch: &RecordBatch,
        origin: AppendOrigin,
        verification: Option<&VerificationStateEntry>,
    ) -> Result<Updated, ProducerStateError> {
        self.check_epoch(batch, origin, TV_UNKNOWN)?;
        if origin == AppendOrigin::Client {
            if let Some(verification) = verification {
                verification.check_sequence(batch, self)?;
            }
            self.check_sequence(batch)?;
        }
        let mut entry = self.clone();
        entry.advance_epoch(batch.producer_epoch);
        if entry.batches.len() == NUM_BATCHES_TO_RETAIN {
            entry.batches.pop_front();
        }
        entry.batches.push_back(BatchMetadata {
            last_sequence: last_sequence(batch),
            last_offset: batch.last_offset(),
            offset_delta: batch.last_offset_delta,
            timestamp: batch.max_timestamp(),
        });
        entry.last_timestamp = batch.max_timestamp();
        match entry.current_txn_first_offset {
            Some(_) if !batch.is_transactional && origin != AppendOrigin::Replication => {
                return Err(ProducerStateError::InvalidTxnState);
            }
            None if batch.is_transactional => entry.current_txn_first_offset = Some(batch.base_offset),
            Some(_) | None => {}
        }
        Ok(Updated { entry, completed: None })
    }

    fn with_marker(
        &self,
        batch: &RecordBatch,
        marker: EndTransactionMarker,
        origin: AppendOrigin,
    ) -> Result<Updated, ProducerStateError> {
        let transaction_version = match origin {
            AppendOrigin::Coordinator { transaction_version } => transaction_version,
            AppendOrigin::Replication | AppendOrigin::Client => TV_UNKNOWN,
        };
        if transaction_version == TV_UNKNOWN && origin != AppendOrigin::Replication {
            return Err(ProducerStateError::UnknownTransactionVersion);
        }
        self.check_epoch(batch, origin, transaction_version)?;
        if origin != AppendOrigin::Replication && self.coordinator_epoch > marker.coordinator_epoch {
            return Err(ProducerStateError::CoordinatorFenced);
        }
        let mut entry = self.clone();
        // A marker of a transaction without records here ends nothing, but its epoch counts.
        let completed = entry.current_txn_first_offset.take().map(|first_offset| CompletedTxn {
            producer_id: batch.producer_id,
            first_offset,
            last_offset: batch.last_offset(),
            is_aborted: marker.control_type == ControlRecordType::Abort,
        });
        entry.advance_epoch(batch.producer_epoch);
        entry.coordinator_epoch = marker.coordinator_epoch;
        entry.last_timestamp = batch.max_timestamp();
        Ok(Updated { entry, completed })
    }

    /// Another epoch forgets the batches of the one before.
    fn advance_epoch(&mut self, epoch: i16) {
        if self.producer_epoch != epoch {
            self.batches.clear();
            self.producer_epoch = epoch;
        }
    }

    /// From transaction version 2 on a marker's epoch is above that of the records which it ends. An equal one is let pass where no
    /// transaction is open, as that of a marker which is written once more, and where no higher one is left (`checkProducerEpoch`).
    fn check_epoch(
        &self,
        batch: &RecordBatch,
        origin: AppendOrigin,
        transaction_version: i8,
    ) -> Result<(), ProducerStateError> {
        let (epoch, known) = (batch.producer_epoch, self.producer_epoch);
        let must_rise = transaction_version >= FIRST_VERSION_WITH_EPOCH_BUMP
            && self.current_txn_first_offset.is_some()
            && epoch != i16::MAX;
        if origin != AppendOrigin::Replication && (epoch < known || (must_rise && epoch == known)) {
            return Err(ProducerStateError::InvalidProducerEpoch { epoch, known });
        }
        Ok(())
    }

    fn check_sequence(&self, batch: &RecordBatch) -> Result<(), ProducerStateError> {
        let sequence = batch.base_sequence;
        // A producer that is not known, or known no longer, may begin anywhere.
        let is_known = self.producer_epoch != NO_PRODUCER_EPOCH;
        let same_epoch = batch.producer_epoch == self.producer_epoch;
        let last_sequence = if same_epoch { self.last_sequence() } else { NO_SEQUENCE };
        if !is_known || in_sequence(last_sequence, sequence) {
            return Ok(());
        }
        Err(ProducerStateError::OutOfOrderSequence { sequence, last_sequence })
    }
}

/// Whether one sequence number follows another; after the greatest comes 0.
fn in_sequence(last: i32, next: i32) -> bool {
    last.checked_add(1).map_or(next == 0, |expected| next == expected)
}

/// The sequence number of a batch's last record (`DefaultRecordBatch.lastSequence`); -1 without sequence numbers.
pub fn last_sequence(batch: &RecordBatch) -> i32 {
    if batch.base_sequence == NO_SEQUENCE {
        NO_SEQUENCE
    } else {
        increment_sequence(batch.base_sequence, batch.last_offset_delta)
    }
}

/// A sequence number so much later (`DefaultRecordBatch.incrementSequence`).
pub fn increment_sequence(sequence: i32, by: i32) -> i32 {
    sequence.checked_add(by).unwrap_or_else(|| by.wrapping_sub(i32::MAX.wrapping_sub(sequence)).wrapping_sub(1))
}

/// A sequence number so much earlier (`DefaultRecordBatch.decrementSequence`).
pub fn decrement_sequence(sequence: i32, by: i32) -> i32 {
    if sequence < by {
        i32::MAX.wrapping_sub(by.wrapping_sub(sequence)).wrapping_add(1)
    } else {
        sequence.wrapping_sub(by)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::records::Record;

    fn batch(epoch: i16, first_sequence: i32, records: usize) -> RecordBatch {
        RecordBatch {
            producer_id: 1,
            producer_epoch: epoch,
            base_sequence: first_sequence,
            ..RecordBatch::of(vec![Record::default(); records])
        }
    }

    fn after(batches: &[RecordBatch]) -> ProducerStateEntry {
        batches.iter().fold(ProducerStateEntry::default(), |entry, batch| {
            entry.with_batch(batch, AppendOrigin::Client, None).unwrap_or_else(|error| panic!("{error:?}")).entry
        })
    }

    fn refused(entry: &ProducerStateEntry, batch: &RecordBatch) -> Option<ErrorCode> {
        entry.with_batch(batch, AppendOrigin::Client, None).err().map(ProducerStateError::code)
    }

    #[test]
    fn sequences_run_from_the_greatest_number_to_zero() {
        assert!(in_sequence(i32::MAX, 0) && in_sequence(-1, 0) && in_sequence(4, 5));
        assert!(!in_sequence(i32::MAX, i32::MIN) && !in_sequence(4, 4));
        let entry = after(&[batch(0, i32::MAX, 3)]);
        assert_eq!((entry.last_sequence(), entry.batches[0].first_sequence()), (1, i32::MAX));
        assert!(entry.find_duplicate_batch(&batch(0, i32::MAX, 3)).is_some());
        assert_eq!(refused(&entry, &batch(0, 2, 1)), None);
    }

    #[test]
    fn five_batches_are_remembered_and_only_whole_ones_are_duplicates() {
        let six: Vec<_> = (0..6).map(|at| batch(0, 2 * at, 2)).collect();
        let entry = after(&six);
        let is_duplicate = |batch| entry.find_duplicate_batch(&batch).is_some();
        assert!(!is_duplicate(six[0].clone()) && six[1..].iter().cloned().all(is_duplicate));
        assert!(!is_duplicate(batch(0, 2, 1)) && !is_duplicate(batch(0, 2, 3)) && !is_duplicate(batch(1, 2, 2)));
        assert_eq!(refused(&entry, &batch(0, 13, 1)), Some(ErrorCode::OutOfOrderSequenceNumber));
        assert_eq!(refused(&entry, &batch(0, 11, 2)), Some(ErrorCode::OutOfOrderSequenceNumber));
    }

    #[test]
    fn a_marker_ends_what_is_open_and_the_epoch_it_raises_begins_at_zero() {
        let transactional = RecordBatch { is_transactional: true, ..batch(0, 0, 2) };
        let open = after(&[transactional]);
        assert_eq!(open.current_txn_first_offset, Some(0));
        assert_eq!(refused(&open, &batch(0, 2, 1)), Some(ErrorCode::InvalidTxnState));
        let marker = EndTransactionMarker { control_type: ControlRecordType::Abort, coordinator_epoch: 4 };
        let written = |entry: &ProducerStateEntry, marker: EndTransactionMarker, epoch, transaction_version| {
            entry.with_batch(&marker.batch(1, epoch, 9), AppendOrigin::Coordinator { transaction_version }, None)
        };
        let ended = written(&open, marker, 1, 0).unwrap_or_else(|e| panic!("{e:?}"));
        assert!(ended.completed.is_some_and(|txn| txn.is_aborted && txn.first_offset == 0));
        let entry = ended.entry;
        assert_eq!((entry.producer_epoch, entry.coordinator_epoch, entry.last_sequence()), (1, 4, -1));
        assert_eq!(refused(&entry, &batch(0, 2, 1)), Some(ErrorCode::InvalidProducerEpoch));
        assert_eq!(refused(&entry, &batch(1, 2, 1)), Some(ErrorCode::OutOfOrderSequenceNumber));
        assert_eq!(refused(&entry, &batch(1, 0, 1)), None);
        let older = EndTransactionMarker { control_type: ControlRecordType::Commit, coordinator_epoch: 3 };
        let fenced = written(&entry, older, 1, 0).err();
        assert_eq!(fenced, Some(ProducerStateError::CoordinatorFenced));
    }

    #[test]
    fn from_version_2_on_a_markers_epoch_is_above_that_of_what_it_ends() {
        let marker = EndTransactionMarker { control_type: ControlRecordType::Commit, coordinator_epoch: 0 };
        let written = |entry: &ProducerStateEntry, epoch, transaction_version| {
            let origin = AppendOrigin::Coordinator { transaction_version };
            entry.with_batch(&marker.batch(1, epoch, 9), origin, None)
        };
        let error = |entry: &ProducerStateEntry, epoch, version| {
            written(entry, epoch, version).err().map(ProducerStateError::code)
        };
        let begun = |epoch| after(&[RecordBatch { is_transactional: true, ..batch(epoch, 0, 1) }]);
        let open = begun(3);
        assert_eq!((error(&open, 3, 0), error(&open, 3, 1)), (None, None));
        assert_eq!((error(&open, 3, 2), error(&open, 4, 2)), (Some(ErrorCode::InvalidProducerEpoch), None));
        assert_eq!(error(&begun(i16::MAX), i16::MAX, 2), None, "no higher one is left");
        assert_eq!(error(&open, 4, TV_UNKNOWN), Some(ErrorCode::UnknownServerError));
        let ended = written(&open, 4, 2).unwrap_or_else(|error| panic!("{error:?}")).entry;
        assert_eq!(error(&ended, 4, 2), None, "it is written once more");
        assert_eq!(error(&ended, 3, 2), Some(ErrorCode::InvalidProducerEpoch));
    }

    #[test]
    fn a_follower_copies_what_it_is_given() {
        let entry = after(&[batch(3, 0, 1)]);
        let copied = entry.with_batch(&batch(2, 77, 1), AppendOrigin::Replication, None);
        assert!(copied.is_ok_and(|updated| updated.entry.last_sequence() == 77));
    }
}
