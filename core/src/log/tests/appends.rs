//! What a follower's log takes of what was fetched, and what it refuses.

use std::rc::Rc;

use super::{batch, settings};
use crate::log::{AppendError, Log, ProducerExpiration};
use crate::wire::control_records::{ControlRecordType, EndTransactionMarker};
use crate::wire::records::{CompressionType, RecordBatch};

fn fetched(base_offset: i64, partition_leader_epoch: i32, records: usize) -> Rc<RecordBatch> {
    let one = batch("k", &"v".repeat(100), 1_000).records.remove(0);
    Rc::new(RecordBatch { base_offset, partition_leader_epoch, ..RecordBatch::of(vec![one; records]) })
}

#[test]
fn what_was_fetched_goes_to_one_segment_together() {
    let settings = settings(&[("internal.segment.bytes", "600")]);
    let mut log = Log::new();
    let infos = log.append_as_follower(&[fetched(0, 0, 1), fetched(1, 0, 1)], 0, &settings, 0).expect("they fit");
    assert_eq!((infos.len(), log.log_end_offset(), log.size_bytes()), (2, 2, 342));
    // One more would fit, two together do not.
    let infos = log.append_as_follower(&[fetched(2, 0, 1), fetched(3, 1, 1)], 1, &settings, 0).expect("they fit");
    assert_eq!(infos.iter().map(|info| info.rolled).collect::<Vec<_>>(), [Some(2), None]);
    assert_eq!(infos[1].epoch_entry.map(|entry| (entry.epoch, entry.start_offset)), Some((1, 3)));
    let bases: Vec<i64> = log.segments().map(crate::log::Segment::base_offset).collect();
    assert_eq!(bases, [0, 2]);
    assert!(log.has_consistent_size());
}

#[test]
fn batches_of_a_later_leader_epoch_are_left_out() {
    let mut log = Log::new();
    let batches = [fetched(0, 3, 1), fetched(1, 5, 1), fetched(2, 3, 1)];
    let infos = log.append_as_follower(&batches, 4, &settings(&[]), 0).expect("the first fits");
    assert_eq!((infos.len(), log.log_end_offset(), log.latest_epoch()), (1, 1, Some(3)));
}

#[test]
fn what_is_refused_changes_nothing() {
    let settings = settings(&[("internal.segment.bytes", "400")]);
    let mut log = Log::new();
    log.append_as_follower(&[fetched(0, 0, 2)], 0, &settings, 0).expect("it fits");
    let before = log.clone();
    let mut refused = |batches: &[Rc<RecordBatch>]| {
        let error = log.append_as_follower(batches, 9, &settings, 0).expect_err("it does not fit");
        assert_eq!(log, before);
        error
    };
    assert_eq!(
        refused(&[fetched(1, 0, 2), fetched(3, 0, 1)]),
        AppendError::UnexpectedOffset { base_offset: 1, last_offset: 3, log_end_offset: 2 }
    );
    assert_eq!(
        refused(&[fetched(2, 0, 2), fetched(2, 0, 2)]),
        AppendError::OffsetsOutOfOrder { last_offset: 3, previous_last_offset: 3 }
    );
    let backwards = Rc::new(RecordBatch { last_offset_delta: -1, ..(*fetched(2, 0, 1)).clone() });
    assert_eq!(refused(&[backwards]), AppendError::Corrupt { base_offset: 2, last_offset_delta: -1 });
    let three = [fetched(2, 0, 1), fetched(3, 0, 1), fetched(4, 0, 1)];
    assert_eq!(refused(&three), AppendError::RecordListTooLarge { size_bytes: 513, segment_bytes: 400 });
}

#[test]
fn the_flusher_counts_from_the_last_flush() {
    let settings = settings(&[("flush.ms", "500")]);
    let mut log = Log::created_at(100);
    log.append_as_leader(batch("k", "v", 0), 0, &settings, 200).expect("nothing about its producer refuses it");
    assert_eq!(log.flush_if_due(&settings, 599), None);
    assert_eq!(log.flush_if_due(&settings, 600), Some(1));
    log.append_as_leader(batch("k", "v", 0), 0, &settings, 700).expect("nothing about its producer refuses it");
    assert_eq!(log.flush_if_due(&settings, 1_099), None);
    log.note_opened(true, 900, ProducerExpiration::default());
    assert_eq!(log.flush_if_due(&settings, 1_399), None);
    assert_eq!((log.flush_if_due(&settings, 1_400), log.flushed_offset()), (Some(2), 2));
}

#[test]
fn a_stamped_log_answers_with_the_leaders_time_and_keeps_the_batches_size() {
    let (created, stamped) = (settings(&[]), settings(&[("message.timestamp.type", "LogAppendTime")]));
    let records = || RecordBatch::of([1_000, 9_000].map(|at| batch("k", "v", at).records.remove(0)));
    let mut log = Log::new();
    let as_sent = log.append_as_leader(records(), 0, &created, 50_000).expect("nothing about its producer refuses it");
    let as_stamped =
        log.append_as_leader(records(), 0, &stamped, 50_000).expect("nothing about its producer refuses it");
    assert_eq!((as_sent.log_append_time_ms, as_stamped.log_append_time_ms), (None, Some(50_000)));
    assert_eq!((as_sent.size_bytes, as_sent.max_timestamp), (as_stamped.size_bytes, 9_000));
    assert_eq!(as_stamped.max_timestamp, 50_000);
    let found = |timestamp| log.offset_for_timestamp(timestamp).map(|found| (found.offset, found.timestamp));
    assert_eq!((found(9_000), found(9_001)), (Some((1, 9_000)), Some((2, 50_000))));
    assert_eq!(log.max_timestamp().map(|found| found.offset), Some(2));
}

#[test]
fn markers_stay_as_they_are_where_a_topic_compresses() {
    let settings = settings(&[("compression.type", "gzip")]);
    let mut log = Log::new();
    let commit = EndTransactionMarker { control_type: ControlRecordType::Commit, coordinator_epoch: 0 };
    log.append_as_leader(batch("k", "v", 0), 0, &settings, 0).expect("nothing about its producer refuses it");
    let marker = log.append_as_leader(commit.batch(1, 0, 0), 0, &settings, 0).expect("its epoch is the first");
    let compressed: Vec<_> = log.batches().map(|batch| batch.compression).collect();
    assert_eq!((compressed, marker.size_bytes), (vec![CompressionType::Gzip, CompressionType::None], 78));
}
