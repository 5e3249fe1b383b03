//! Whether each batch of an idempotent producer follows the one before it: nothing is stored twice, and nothing is missing in
//! between.

use std::rc::Rc;

use super::{InvariantViolation, replica};
use crate::broker::metadata_cache::OFFSETS_TOPIC;
use crate::change::Change;
use crate::cluster::Cluster;
use crate::log::Log;
use crate::log::producer_state::{increment_sequence, last_sequence};
use crate::wire::records::RecordBatch;

pub(super) fn check(cluster: &Cluster, change: &Change) -> Option<InvariantViolation> {
    let Change::Appended { node, partition, as_leader: true, .. } = change else { return None };
    // What a group coordinator appends for a transaction has a producer's id, and no numbers.
    if &*partition.topic == OFFSETS_TOPIC {
        return None;
    }
    let (replica, log) = replica(cluster, *node, partition)?;
    let (producer_id, sequence, expected) = out_of_sequence(log)?;
    Some(InvariantViolation::SequencesFollow {
        node: *node,
        partition: replica.name.clone(),
        producer_id,
        sequence,
        expected,
    })
}

/// Where the last batch does not follow its producer's last one before it: the producer, its sequence number and the one
/// that was to come. A producer of which the log has nothing else may begin anywhere: what came before may be deleted, and with it what
/// a broker that was started again knew of the producer, even while the segment is still there.
fn out_of_sequence(log: &Log) -> Option<(i64, i32, i32)> {
    let is_there = |batch: &&Rc<RecordBatch>| !batch.is_control && batch.last_offset() >= log.log_start_offset();
    let mut batches = log.batches().rev().filter(is_there);
    let last = batches.next().filter(|batch| batch.producer_id >= 0)?;
    let previous = batches.find(|batch| batch.producer_id == last.producer_id)?;
    let expected = expected_after(previous, last);
    (last.base_sequence != expected).then_some((last.producer_id, last.base_sequence, expected))
}

/// The sequence number that a batch must begin with, after its producer's last one: another epoch begins at 0.
fn expected_after(previous: &Rc<RecordBatch>, last: &Rc<RecordBatch>) -> i32 {
    if previous.producer_epoch == last.producer_epoch { increment_sequence(last_sequence(previous), 1) } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::Log;
    use crate::settings::TopicSettings;
    use crate::wire::records::Record;

    /// A log that never judged what it took, as a follower's does.
    fn log(batches: &[(i64, i16, i32)]) -> Log {
        let mut log = Log::new();
        for (base_offset, (producer_id, producer_epoch, base_sequence)) in (0i64..).zip(batches) {
            let batch = RecordBatch {
                base_offset,
                partition_leader_epoch: 0,
                producer_id: *producer_id,
                producer_epoch: *producer_epoch,
                base_sequence: *base_sequence,
                ..RecordBatch::of([Record::default()])
            };
            log.append_as_follower(&[Rc::new(batch)], 0, &TopicSettings::default(), 0).expect("it follows");
        }
        log
    }

    #[test]
    fn a_batch_that_is_stored_twice_and_one_that_is_missing_are_found() {
        let found = |batches: &[(i64, i16, i32)]| out_of_sequence(&log(batches));
        assert_eq!(found(&[(1, 0, 0), (2, 0, 0), (1, 0, 1)]), None);
        assert_eq!(found(&[(1, 0, 5), (1, 1, 0), (-1, -1, -1)]), None);
        assert_eq!(found(&[(1, 0, 0), (2, 0, 0), (1, 0, 0)]), Some((1, 0, 1)), "twice");
        assert_eq!(found(&[(1, 0, 0), (1, 0, 2)]), Some((1, 2, 1)), "a gap");
        assert_eq!(found(&[(1, 0, 0), (1, 1, 1)]), Some((1, 1, 0)), "a new epoch begins at 0");
    }

    #[test]
    fn what_is_below_the_log_start_counts_for_nothing() {
        let mut log = log(&[(1, 0, 0), (2, 0, 0), (1, 0, 2)]);
        assert_eq!(out_of_sequence(&log), Some((1, 2, 1)));
        assert!(log.move_log_start(1), "its records may be deleted");
        assert_eq!(log.batches().count(), 3, "the segment is there still");
        assert_eq!(out_of_sequence(&log), None);
    }
}
