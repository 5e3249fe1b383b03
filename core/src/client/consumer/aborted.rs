//! What a consumer with `isolation.level=read_committed` leaves out of what it fetched (`CompletedFetch`).

use std::collections::BTreeSet;
use std::rc::Rc;

use crate::wire::control_records::{ControlRecordType, EndTransactionMarker};
use crate::wire::records::RecordBatch;
use crate::wire::replication::AbortedTransaction;

/// The batches of an answer, those of aborted transactions without their records: the position goes past them all the same.
/// The answer names the transactions; from the first offset of one on its producer's batches do not count, until its marker.
pub(super) fn without_aborted(batches: &[Rc<RecordBatch>], aborted: &[AbortedTransaction]) -> Vec<Rc<RecordBatch>> {
    let mut named: Vec<AbortedTransaction> = aborted.to_vec();
    named.sort_by_key(|transaction| transaction.first_offset);
    let mut named = named.into_iter().peekable();
    let mut aborted_producers = BTreeSet::new();
    let mut seen = Vec::with_capacity(batches.len());
    for batch in batches {
        while let Some(begun) = named.next_if(|transaction| transaction.first_offset <= batch.last_offset()) {
            aborted_producers.insert(begun.producer_id);
        }
        let marker = EndTransactionMarker::of(batch).map(|marker| marker.control_type);
        if marker == Some(ControlRecordType::Abort) {
            aborted_producers.remove(&batch.producer_id);
        }
        let is_aborted = !batch.is_control && batch.is_transactional && aborted_producers.contains(&batch.producer_id);
        seen.push(if is_aborted {
            Rc::new(RecordBatch { records: Vec::new(), ..(**batch).clone() })
        } else {
            batch.clone()
        });
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::records::Record;

    fn batch(base_offset: i64, producer_id: i64) -> Rc<RecordBatch> {
        let of = RecordBatch::of([Record::default()]);
        Rc::new(RecordBatch { base_offset, producer_id, is_transactional: producer_id >= 0, ..of })
    }

    fn marker(base_offset: i64, producer_id: i64, control_type: ControlRecordType) -> Rc<RecordBatch> {
        let marker = EndTransactionMarker { control_type, coordinator_epoch: 0 };
        Rc::new(RecordBatch { base_offset, ..marker.batch(producer_id, 0, 0) })
    }

    #[test]
    fn between_its_first_offset_and_its_marker_a_producers_batches_do_not_count() {
        let (abort, commit) = (ControlRecordType::Abort, ControlRecordType::Commit);
        let log = [
            batch(0, 1),
            batch(1, 2),
            batch(2, -1),
            batch(3, 1),
            marker(4, 1, abort),
            batch(5, 1),
            marker(6, 2, commit),
            marker(7, 1, commit),
        ];
        let aborted = [AbortedTransaction { producer_id: 1, first_offset: 0 }];
        let seen = without_aborted(&log, &aborted);
        let with_records = |batch: &&Rc<RecordBatch>| !batch.is_control && !batch.records.is_empty();
        let offsets: Vec<i64> = seen.iter().filter(with_records).map(|batch| batch.base_offset).collect();
        assert_eq!(offsets, [1, 2, 5]);
        assert_eq!(seen.len(), log.len(), "positions go past what is left out");
        // Another transaction of the same producer that was aborted before does not count against what is read here.
        let seen = without_aborted(&log[5..], &[]);
        assert_eq!(seen[0].records.len(), 1);
    }
}
