//! What the cleaner knows of transactions while it walks through a log (`CleanedTransactionMetadata`).

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;

use crate::wire::control_records::{ControlRecordType, EndTransactionMarker};
use crate::wire::records::RecordBatch;

/// Which batches belong to aborted transactions, and which markers are needed no longer. Batches must be shown in the
/// order of their offsets.
pub(super) struct CleanedTransactions {
    /// Producer and first offset of each aborted transaction, by that offset (the transaction index).
    aborted: VecDeque<(i64, i64)>,
    /// Producers within an aborted transaction, and whether one of its batches was seen.
    ongoing_aborted: BTreeMap<i64, bool>,
    /// Producers within a transaction that commits, of which a batch was seen.
    ongoing_committed: BTreeSet<i64>,
}

impl CleanedTransactions {
    /// Reads from the markers which transactions were aborted.
    pub(super) fn of<'a>(batches: impl Iterator<Item = &'a Rc<RecordBatch>>) -> Self {
        let mut open: BTreeMap<i64, i64> = BTreeMap::new();
        let mut aborted = Vec::new();
        for batch in batches {
            if !batch.is_control && batch.is_transactional {
                open.entry(batch.producer_id).or_insert(batch.base_offset);
            } else if let Some(marker) = marker_of(batch) {
                let first_offset = open.remove(&batch.producer_id);
                aborted.extend(
                    first_offset.filter(|_| marker == ControlRecordType::Abort).map(|first| (first, batch.producer_id)),
                );
            }
        }
        aborted.sort_unstable();
        let aborted = aborted.into_iter().map(|(first_offset, producer_id)| (producer_id, first_offset)).collect();
        Self { aborted, ongoing_aborted: BTreeMap::new(), ongoing_committed: BTreeSet::new() }
    }

    /// Whether a batch may go: it was aborted, or it is a marker whose transaction has no batches left.
    pub(super) fn may_discard(&mut self, batch: &RecordBatch) -> bool {
        while let Some((producer_id, _)) = self.aborted.pop_front_if(|(_, first)| *first <= batch.last_offset()) {
            self.ongoing_aborted.entry(producer_id).or_insert(false);
        }
        let producer_id = batch.producer_id;
        if batch.is_control {
            return match marker_of(batch) {
                Some(ControlRecordType::Abort) => !self.ongoing_aborted.remove(&producer_id).unwrap_or(false),
                Some(ControlRecordType::Commit) => !self.ongoing_committed.remove(&producer_id),
                // A control batch without its record was cleaned before; other kinds are none of the cleaner's business.
                None => batch.records.is_empty(),
            };
        }
        if !batch.is_transactional {
            return false;
        }
        if let Some(seen) = self.ongoing_aborted.get_mut(&producer_id) {
            *seen = true;
            return true;
        }
        self.ongoing_committed.insert(producer_id);
        false
    }
}

fn marker_of(batch: &RecordBatch) -> Option<ControlRecordType> {
    EndTransactionMarker::of(batch).map(|marker| marker.control_type)
}
