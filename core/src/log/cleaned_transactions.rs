//! What the cleaner knows of transactions while it walks through a log (`CleanedTransactionMetadata`).

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::transaction_index::AbortedTxn;
use crate::wire::control_records::{ControlRecordType, EndTransactionMarker};
use crate::wire::records::RecordBatch;

/// Which batches belong to aborted transactions, and which markers are needed no longer. Batches must be shown in the
/// order of their offsets.
pub(super) struct CleanedTransactions {
    /// Aborted transactions that have not been come to, by their first offset.
    aborted: VecDeque<AbortedTxn>,
    /// By producer the aborted transaction that it is within.
    ongoing_aborted: BTreeMap<i64, OngoingAbort>,
    /// Producers within a transaction that commits, of which a batch was seen.
    ongoing_committed: BTreeSet<i64>,
    /// The aborted transactions of which a batch was still there, by their markers: the index of what was cleaned.
    still_there: Vec<AbortedTxn>,
}

/// An aborted transaction that has begun (`AbortedTransactionMetadata`).
struct OngoingAbort {
    transaction: AbortedTxn,
    /// Whether one of its batches was seen.
    is_seen: bool,
}

impl CleanedTransactions {
    /// Begins with the aborted transactions that the transaction index knows. Their markers may lie behind what is cleaned.
    pub(super) fn of(mut aborted: Vec<AbortedTxn>) -> Self {
        aborted.sort_unstable_by_key(|transaction| transaction.first_offset);
        Self {
            aborted: aborted.into(),
            ongoing_aborted: BTreeMap::new(),
            ongoing_committed: BTreeSet::new(),
            still_there: Vec::new(),
        }
    }

    /// Whether a batch may go: it was aborted, or it is a marker whose transaction has no batches left.
    pub(super) fn may_discard(&mut self, batch: &RecordBatch) -> bool {
        while let Some(transaction) = self.aborted.pop_front_if(|begins| begins.first_offset <= batch.last_offset()) {
            let ongoing = self.ongoing_aborted.entry(transaction.producer_id);
            ongoing.or_insert(OngoingAbort { transaction, is_seen: false });
        }
        let producer_id = batch.producer_id;
        if batch.is_control {
            return match EndTransactionMarker::of(batch).map(|marker| marker.control_type) {
                Some(ControlRecordType::Abort) => match self.ongoing_aborted.remove(&producer_id) {
                    Some(OngoingAbort { transaction, is_seen: true }) => {
                        self.still_there.push(transaction);
                        false
                    }
                    Some(OngoingAbort { is_seen: false, .. }) | None => true,
                },
                Some(ControlRecordType::Commit) => !self.ongoing_committed.remove(&producer_id),
                // A control batch without its record was cleaned before; other kinds are none of the cleaner's business.
                None => batch.records.is_empty(),
            };
        }
        if !batch.is_transactional {
            return false;
        }
        if let Some(ongoing) = self.ongoing_aborted.get_mut(&producer_id) {
            ongoing.is_seen = true;
            return true;
        }
        self.ongoing_committed.insert(producer_id);
        false
    }

    /// What the transaction index keeps of the batches that were shown.
    pub(super) fn into_index(self) -> Vec<AbortedTxn> {
        self.still_there
    }
}
