//! Producers, transactions and restarts: what a log remembers is what its batches tell, however it came to be.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::settings;
use crate::log::producer_state::last_sequence;
use crate::log::{AbortedTxn, AppendOrigin, Log, ProducerExpiration, ProducerStateEntry, Verification};
use crate::settings::TopicSettings;
use crate::wire::ErrorCode;
use crate::wire::control_records::{ControlRecordType, EndTransactionMarker};
use crate::wire::records::{Record, RecordBatch};

#[derive(Clone, Debug)]
enum Operation {
    Send { producer: i64, epoch_up: i16, ahead: i32, records: usize, transactional: bool },
    WriteMarker { producer: i64, abort: bool, epoch_up: i16, coordinator_up: i32 },
    Plain { records: usize },
    Truncate { back: i64 },
    Roll,
    StopCleanly,
    CrashProcess,
    CrashMachine,
}

fn operation() -> impl Strategy<Value = Operation> {
    let ahead = prop_oneof![6 => Just(0), 1 => -3..4];
    let epoch = || prop_oneof![8 => Just(0i16), 1 => -1i16..2];
    prop_oneof![
        10 => (0i64..3, epoch(), ahead, 1usize..4, any::<bool>()).prop_map(
            |(producer, epoch_up, ahead, records, transactional)| Operation::Send {
                producer, epoch_up, ahead, records, transactional
            }
        ),
        5 => (0i64..3, any::<bool>(), epoch(), -1i32..2).prop_map(|(producer, abort, epoch_up, coordinator_up)| {
            Operation::WriteMarker { producer, abort, epoch_up, coordinator_up }
        }),
        2 => (1usize..3).prop_map(|records| Operation::Plain { records }),
        2 => (0i64..12).prop_map(|back| Operation::Truncate { back }),
        1 => Just(Operation::Roll),
        1 => Just(Operation::StopCleanly),
        1 => Just(Operation::CrashProcess),
        1 => Just(Operation::CrashMachine),
    ]
}

/// A transaction that was aborted: producer, first offset, offset of the marker.
type Aborted = (i64, i64, i64);

/// What replaying all batches tells: entries by producer, and the aborted transactions.
fn replayed(log: &Log) -> (BTreeMap<i64, ProducerStateEntry>, Vec<Aborted>) {
    let (mut entries, mut aborted) = (BTreeMap::<i64, ProducerStateEntry>::new(), Vec::new());
    for batch in log.batches().filter(|batch| batch.producer_id >= 0) {
        let entry = entries.entry(batch.producer_id).or_default();
        let updated = entry.with_batch(batch, AppendOrigin::Replication, None).expect("what is copied is not judged");
        aborted.extend(
            updated
                .completed
                .filter(|txn| txn.is_aborted)
                .map(|txn| (txn.producer_id, txn.first_offset, txn.last_offset)),
        );
        *entry = updated.entry;
    }
    (entries, aborted)
}

/// An entry as far as a snapshot keeps it: of the batches only the last.
fn kept(entry: &ProducerStateEntry) -> (i16, i32, i64, Option<i64>, i32) {
    let ProducerStateEntry { producer_epoch, coordinator_epoch, last_timestamp, current_txn_first_offset, batches: _ } =
        entry;
    (*producer_epoch, *coordinator_epoch, *last_timestamp, *current_txn_first_offset, entry.last_sequence())
}

struct Run {
    log: Log,
    now_ms: u64,
    settings: TopicSettings,
}

impl Run {
    fn entry(&self, producer: i64) -> ProducerStateEntry {
        self.log.producer_state().producers().get(&producer).cloned().unwrap_or_default()
    }

    fn apply(&mut self, operation: Operation) {
        self.now_ms += 10;
        let now_ms = self.now_ms;
        let expiration = ProducerExpiration::default();
        match operation {
            Operation::Send { producer, epoch_up, ahead, records, transactional } => {
                let known = self.entry(producer);
                let epoch = known.producer_epoch.saturating_add(epoch_up).max(0);
                let base_sequence = known.last_sequence().saturating_add(1).saturating_add(ahead).max(0);
                let record = Record { timestamp: now_ms.cast_signed(), ..Record::default() };
                let batch = RecordBatch {
                    producer_id: producer,
                    producer_epoch: epoch,
                    base_sequence,
                    is_transactional: transactional,
                    ..RecordBatch::of(vec![record; records])
                };
                let end = self.log.log_end_offset();
                let repeats = known.find_duplicate_batch(&batch);
                let appended =
                    self.log.append_from_client(batch.clone(), Verification::NotRequired, 0, &self.settings, now_ms);
                let grew = self.log.log_end_offset() - end;
                match appended {
                    Ok(info) if info.is_duplicate => {
                        assert_eq!(repeats.map(|known| known.first_offset()), Some(info.first_offset));
                        assert_eq!(grew, 0);
                    }
                    Ok(info) => {
                        assert_eq!((info.first_offset, usize::try_from(grew)), (end, Ok(records)));
                        assert_eq!(self.entry(producer).last_sequence(), last_sequence(&batch));
                        assert!(repeats.is_none() && epoch >= known.producer_epoch);
                    }
                    Err(_) => assert!(grew == 0 && self.entry(producer) == known, "a refused batch changes nothing"),
                }
            }
            Operation::WriteMarker { producer, abort, epoch_up, coordinator_up } => {
                let known = self.entry(producer);
                let epoch = known.producer_epoch.saturating_add(epoch_up).max(0);
                let control_type = if abort { ControlRecordType::Abort } else { ControlRecordType::Commit };
                let coordinator_epoch = known.coordinator_epoch.saturating_add(coordinator_up).max(0);
                let marker = EndTransactionMarker { control_type, coordinator_epoch };
                let batch = marker.batch(producer, epoch, now_ms.cast_signed());
                let appended = self.log.append_as_leader(batch, 0, &self.settings, now_ms);
                let is_older = epoch < known.producer_epoch || coordinator_epoch < known.coordinator_epoch;
                assert_eq!(appended.is_err(), is_older);
            }
            Operation::Plain { records } => {
                let batch = RecordBatch::of(vec![Record::default(); records]);
                self.log.append_as_leader(batch, 0, &self.settings, now_ms).expect("it has no producer");
            }
            Operation::Truncate { back } => {
                self.log.truncate_to(self.log.log_end_offset() - back);
            }
            Operation::Roll => {
                self.log.roll(0, now_ms);
            }
            Operation::StopCleanly => {
                self.log.close();
                self.log.load(true, self.log.recovery_point(), 0);
                self.log.note_opened(true, now_ms, expiration);
            }
            Operation::CrashProcess => {
                self.log.recover();
                self.log.note_opened(false, now_ms, expiration);
            }
            Operation::CrashMachine => {
                self.log.crash_machine();
                self.log.recover();
                self.log.note_opened(false, now_ms, expiration);
            }
        }
    }

    fn check(&self) {
        let (entries, aborted) = replayed(&self.log);
        let remembered = self.log.producer_state().producers();
        let as_kept = |entries: &BTreeMap<i64, ProducerStateEntry>| -> Vec<_> {
            entries.iter().map(|(id, entry)| (*id, kept(entry))).collect()
        };
        assert_eq!(as_kept(remembered), as_kept(&entries));
        let open = entries.values().filter_map(|entry| entry.current_txn_first_offset).min();
        assert_eq!(self.log.first_unstable_offset(i64::MAX), open);
        let triple = |txn: &AbortedTxn| (txn.producer_id, txn.first_offset, txn.last_offset);
        let indexed: Vec<_> = self.log.transaction_index().entries().iter().map(triple).collect();
        assert_eq!(indexed, aborted);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn what_is_remembered_is_what_the_batches_tell(operations in prop::collection::vec(operation(), 1..80)) {
        let settings = settings(&[("internal.segment.bytes", "400")]);
        let mut run = Run { log: Log::new(), now_ms: 0, settings };
        for operation in operations {
            run.apply(operation);
            run.check();
        }
    }
}

#[test]
fn a_marker_holds_readers_back_until_it_is_replicated() {
    let (mut log, settings) = (Log::new(), TopicSettings::default());
    let batch = |producer_id| RecordBatch {
        producer_id,
        producer_epoch: 0,
        base_sequence: 0,
        is_transactional: true,
        ..RecordBatch::of([Record::default()])
    };
    let abort = EndTransactionMarker { control_type: ControlRecordType::Abort, coordinator_epoch: 0 };
    for producer_id in [1, 2] {
        log.append_from_client(batch(producer_id), Verification::NotRequired, 0, &settings, 0)
            .expect("it is the first");
    }
    log.append_as_leader(abort.batch(1, 0, 0), 0, &settings, 0).expect("its epoch is known");
    assert_eq!([0, 1, 2, 3].map(|high_watermark| log.last_stable_offset(high_watermark)), [0, 0, 0, 1]);
    log.append_as_leader(abort.batch(2, 0, 0), 0, &settings, 0).expect("its epoch is known");
    assert_eq!([2, 3, 4].map(|high_watermark| log.last_stable_offset(high_watermark)), [0, 1, 4]);
    let aborted =
        |from, size| log.aborted_transactions(from, size).iter().map(|txn| txn.producer_id).collect::<Vec<_>>();
    assert_eq!((aborted(0, 1), aborted(3, 1), aborted(4, 1)), (vec![1, 2], vec![2], vec![]));
}

#[test]
fn producers_are_forgotten_at_the_checks_and_never_with_a_transaction_open() {
    let (mut log, settings) = (Log::created_at(1_000), TopicSettings::default());
    let batch = |producer_id, is_transactional| {
        let record = Record { timestamp: 2_000, ..Record::default() };
        let of = RecordBatch::of([record]);
        RecordBatch { producer_id, producer_epoch: 0, base_sequence: 0, is_transactional, ..of }
    };
    log.append_from_client(batch(1, false), Verification::NotRequired, 0, &settings, 2_000).expect("it is the first");
    log.append_from_client(batch(2, true), Verification::NotRequired, 0, &settings, 2_000).expect("it is the first");
    let expiration = ProducerExpiration { expiration_ms: 500, check_interval_ms: 1_000 };
    let active =
        |log: &Log, now| log.producer_state().active_producers(now, expiration).map(|(id, _)| id).collect::<Vec<_>>();
    // Checks are at 2,000 and 3,000: at 2,900 the first is too old, but nobody has looked.
    assert_eq!((active(&log, 2_900), active(&log, 3_000)), (vec![1, 2], vec![2]));
    assert!(!log.has_expired_producers(2_900, expiration) && log.has_expired_producers(3_000, expiration));
    log.remove_expired_producers(3_000, expiration);
    assert_eq!(active(&log, 3_000), [2]);
}

#[test]
fn a_transactional_batch_shows_the_guard_of_its_verification() {
    let (mut log, settings) = (Log::new(), TopicSettings::default());
    let batch = |base_sequence| RecordBatch {
        producer_id: 1,
        producer_epoch: 0,
        base_sequence,
        is_transactional: true,
        ..RecordBatch::of([Record::default()])
    };
    let append = |log: &mut Log, sequence, guard| {
        log.append_from_client(batch(sequence), Verification::Required(guard), 0, &settings, 0).is_ok()
    };
    assert!(!append(&mut log, 0, None), "nobody has asked the coordinator");
    let guard = log.start_transaction_verification(1, 0, 0, false, 0);
    assert!(guard.is_some() && log.start_transaction_verification(1, 1, 0, false, 0) == guard);
    assert!(!append(&mut log, 0, guard.map(|guard| guard + 1)));
    assert!(!append(&mut log, 1, guard), "the lowest sequence that waits goes first");
    assert!(append(&mut log, 0, guard) && append(&mut log, 1, None), "once begun, the transaction is verified");
    assert_eq!(log.start_transaction_verification(1, 2, 0, false, 0), None);
}

#[test]
fn a_verification_that_failed_bars_what_is_later_until_it_expires() {
    let (settings, expiration) =
        (TopicSettings::default(), ProducerExpiration { expiration_ms: 500, check_interval_ms: 1_000 });
    let idempotent = |base_sequence| RecordBatch {
        producer_id: 1,
        producer_epoch: 0,
        base_sequence,
        ..RecordBatch::of([Record::default()])
    };
    let appends = |log: &Log, sequence| {
        log.clone().append_from_client(idempotent(sequence), Verification::NotRequired, 0, &settings, 0).is_ok()
    };
    let mut log = Log::created_at(0);
    log.start_transaction_verification(1, 2, 0, false, 600);
    assert!(appends(&log, 2) && !appends(&log, 3), "a batch of sequence 2 waits");
    // The check at 1,000 comes too early for it.
    assert!(!log.has_expired_producers(1_999, expiration) && log.has_expired_producers(2_000, expiration));
    log.remove_expired_producers(2_000, expiration);
    assert!(appends(&log, 3));
    // Whether the epoch rises with each transaction is what the first batch says that waits.
    log.start_transaction_verification(1, 5, 0, true, 2_000);
    log.start_transaction_verification(1, 5, 0, false, 2_000);
    assert!(!appends(&log, 5) && appends(&log, 0), "who begins with each transaction begins at 0");
}

fn sent(epoch: i16, base_sequence: i32) -> RecordBatch {
    RecordBatch { producer_id: 1, producer_epoch: epoch, base_sequence, ..RecordBatch::of([Record::default()]) }
}

fn error_of(log: &mut Log, batch: RecordBatch) -> Option<ErrorCode> {
    let appended = log.append_from_client(batch, Verification::NotRequired, 0, &TopicSettings::default(), 0);
    appended.err().map(|refused| refused.error.code())
}

#[test]
fn an_old_epoch_is_told_before_a_sequence_that_no_verification_waits_for() {
    let mut log = Log::new();
    log.start_transaction_verification(1, 5, 0, true, 0);
    assert_eq!(error_of(&mut log, sent(1, 0)), None);
    assert_eq!(error_of(&mut log, sent(1, 6)), Some(ErrorCode::OutOfOrderSequenceNumber));
    assert_eq!(error_of(&mut log, sent(0, 6)), Some(ErrorCode::InvalidProducerEpoch));
}

#[test]
fn the_marker_of_the_transaction_before_leaves_the_verification_of_the_next() {
    let commit = EndTransactionMarker { control_type: ControlRecordType::Commit, coordinator_epoch: 0 };
    let fifth_after_a_marker_of = |epoch| {
        let mut log = Log::new();
        log.start_transaction_verification(1, 3, 1, true, 0);
        let marker = commit.batch(1, epoch, 0);
        log.append_marker(marker, 2, 0, &TopicSettings::default(), 0).expect("its epoch is the first");
        let answers: Vec<_> = (0..5).map(|sequence| error_of(&mut log, sent(1, sequence))).collect();
        assert_eq!(answers[..4], [None; 4]);
        answers[4]
    };
    assert_eq!(fifth_after_a_marker_of(1), Some(ErrorCode::OutOfOrderSequenceNumber));
    assert_eq!(fifth_after_a_marker_of(0), None);
}
