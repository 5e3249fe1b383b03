//! Random histories of a log against a model that is a plain list.

use std::collections::BTreeMap;
use std::rc::Rc;

use proptest::prelude::*;

use super::{record, settings};
use crate::digest::digest_of;
use crate::log::{Log, OffsetIndexEntry, Segment};
use crate::settings::TopicSettings;
use crate::wire::records::{Record, RecordBatch};

#[derive(Clone, Debug)]
enum Operation {
    LessonAction { epochs_up: i32, keys: Vec<u8>, timestamp: i64 },
    Follow { gap: i64, epochs_up: i32, keys: Vec<u8> },
    Truncate { back: i64 },
    StartOver { at: i64 },
    MoveStart { up: i64 },
    Roll { after_ms: u64 },
    Retain { high_watermark_back: i64, bytes: i64, ms: i64 },
    Compact { after_ms: u64 },
    Flush,
    CrashMachine,
    CrashProcess,
    StopCleanly,
    Damage { back: i64 },
}

fn operation() -> impl Strategy<Value = Operation> {
    let keys = || prop::collection::vec(0u8..6, 0..5);
    prop_oneof![
        12 => (0..2, keys(), 0i64..400)
            .prop_map(|(epochs_up, keys, timestamp)| Operation::LessonAction { epochs_up, keys, timestamp }),
        6 => (0i64..3, 0..2, keys()).prop_map(|(gap, epochs_up, keys)| Operation::Follow { gap, epochs_up, keys }),
        3 => (-2i64..40).prop_map(|back| Operation::Truncate { back }),
        1 => (0i64..50).prop_map(|at| Operation::StartOver { at }),
        2 => (-5i64..20).prop_map(|up| Operation::MoveStart { up }),
        2 => (0u64..2_000).prop_map(|after_ms| Operation::Roll { after_ms }),
        2 => (0i64..10, -1i64..2_000, -1i64..3_000)
            .prop_map(|(high_watermark_back, bytes, ms)| Operation::Retain { high_watermark_back, bytes, ms }),
        2 => (0u64..300).prop_map(|after_ms| Operation::Compact { after_ms }),
        1 => Just(Operation::Flush),
        1 => Just(Operation::CrashMachine),
        1 => Just(Operation::CrashProcess),
        1 => Just(Operation::StopCleanly),
        1 => (0i64..10).prop_map(|back| Operation::Damage { back }),
    ]
}

fn tiny() -> TopicSettings {
    settings(&[
        ("internal.segment.bytes", "600"),
        ("segment.ms", "1000"),
        ("index.interval.bytes", "150"),
        ("cleanup.policy", "compact,delete"),
        ("min.cleanable.dirty.ratio", "0.1"),
        ("delete.retention.ms", "200"),
    ])
}

/// Each record with its offset, in a list that knows nothing of batches, segments or indexes.
type Records = Vec<(i64, Record)>;

fn records_of(log: &Log) -> Records {
    let placed = |batch: &Rc<RecordBatch>| {
        let base = batch.base_offset;
        let at = move |record: &Record| (base + i64::from(record.offset_delta), record.clone());
        batch.records.iter().map(at).collect::<Vec<_>>()
    };
    log.batches().flat_map(placed).collect()
}

#[derive(Default)]
struct Run {
    log: Log,
    records: Records,
    epoch: i32,
    now_ms: u64,
}

impl Run {
    fn batch(keys: &[u8], timestamp: i64) -> RecordBatch {
        let records = (0i64..).zip(keys).map(|(at, key)| {
            let value = (*key != 0).then(|| "v".repeat(usize::from(*key) * 9));
            record(&format!("key{key}"), value.as_deref(), timestamp + (at * 37) % 5)
        });
        RecordBatch::of(records)
    }

    fn keep(&mut self, keep: impl Fn(i64) -> bool) {
        self.records.retain(|(offset, _)| keep(*offset));
    }

    /// Removes from the model what a cut at an offset removes: the batch that holds it and all after.
    fn cut(&mut self, offset: i64) {
        let cut = self.log.batches().find(|batch| batch.last_offset() >= offset).map(|batch| batch.base_offset);
        self.keep(|at| cut.is_none_or(|cut| at < cut));
    }

    fn apply(&mut self, operation: Operation) {
        let settings = tiny();
        let (start, end) = (self.log.log_start_offset(), self.log.log_end_offset());
        self.now_ms += 10;
        match operation {
            Operation::LessonAction { epochs_up, keys, timestamp } => {
                self.epoch += epochs_up;
                let batch = Self::batch(&keys, timestamp);
                self.records.extend((end..).zip(batch.records.iter().cloned()));
                let info = self
                    .log
                    .append_as_leader(batch, self.epoch, &settings, self.now_ms)
                    .expect("nothing about its producer refuses it");
                assert_eq!((info.first_offset, info.last_offset + 1), (end, self.log.log_end_offset()));
            }
            Operation::Follow { gap, epochs_up, keys } => {
                self.epoch += epochs_up;
                let mut batch = Self::batch(&keys, 50);
                (batch.base_offset, batch.partition_leader_epoch) = (end + gap - 1, self.epoch);
                let records: Records = (batch.base_offset..).zip(batch.records.iter().cloned()).collect();
                let answer = self.log.append_as_follower(&[Rc::new(batch)], self.epoch, &settings, self.now_ms);
                assert_eq!(answer.is_ok(), gap > 0);
                if answer.is_ok() {
                    self.records.extend(records);
                    assert_eq!(self.log.latest_epoch(), Some(self.epoch));
                }
            }
            Operation::Truncate { back } => {
                let to = (end - back).max(0);
                if to < end {
                    self.cut(to);
                }
                assert_eq!(self.log.truncate_to(to), to.min(end));
            }
            Operation::StartOver { at } => {
                self.records.clear();
                self.log.truncate_fully_and_start_at(at);
            }
            Operation::MoveStart { up } => {
                assert_eq!(self.log.move_log_start(start + up), start < end && up > 0);
            }
            Operation::Roll { after_ms } => {
                self.now_ms += after_ms;
                self.log.roll_if_due(&settings, self.now_ms);
            }
            Operation::Retain { high_watermark_back, bytes, ms } => {
                let settings = TopicSettings { retention_bytes: bytes, retention_ms: ms, ..settings };
                let high_watermark = (end - high_watermark_back).max(start);
                let deleted = self.log.apply_retention(&settings, high_watermark, self.now_ms);
                let first = self.log.segments().next().expect("a segment").base_offset();
                assert!(deleted.is_empty() || first <= high_watermark, "nothing above the high watermark goes");
                self.keep(|offset| offset >= first);
            }
            Operation::Compact { after_ms } => self.compact(&settings, after_ms),
            Operation::Flush => self.log.flush(self.now_ms),
            Operation::CrashMachine => {
                let flushed = self.log.flushed_offset();
                self.cut(flushed);
                self.log.crash_machine();
                self.log.recover();
                assert!(self.log.log_end_offset() <= flushed.max(start));
            }
            Operation::CrashProcess => {
                let before = self.log.clone();
                assert_eq!(self.log.recover().truncated, None);
                // A log whose records end below its start, as one cut within a batch may, begins anew at its start.
                if before.active_segment().next_offset() >= start {
                    assert!(self.log.batches().eq(before.batches()));
                }
            }
            Operation::StopCleanly => {
                self.log.close();
                self.log.load(true, 0, start);
            }
            Operation::Damage { back } => {
                let from = self.log.segment_base_offset_of(self.log.flushed_offset()).unwrap_or(0);
                let at = (end - back).max(from);
                if self.log.damage(at) {
                    self.cut(at);
                }
                self.log.recover();
            }
        }
        if self.log.log_end_offset() == self.log.log_start_offset() && self.log.batches().next().is_none() {
            self.records.clear();
        }
    }

    /// What lies above the cleaned part stays; below it no key is twice, and each key's last record stays, but a tombstone.
    fn compact(&mut self, settings: &TopicSettings, after_ms: u64) {
        self.now_ms += after_ms;
        let before = records_of(&self.log);
        let Some(done) = self.log.compact(settings, self.log.log_end_offset(), self.now_ms) else {
            return;
        };
        let after = records_of(&self.log);
        let mut last_of_key = BTreeMap::new();
        for (offset, record) in before.iter().filter(|(offset, _)| *offset < done.end_offset) {
            last_of_key.insert(record.key.clone(), *offset);
        }
        for (offset, record) in &before {
            let is_kept = after.iter().any(|(kept, _)| kept == offset);
            if *offset >= done.end_offset {
                assert!(is_kept);
            } else if last_of_key[&record.key] != *offset {
                // Below the log start offset the cleaner does not look for keys.
                let is_looked_for = last_of_key[&record.key] >= done.first_dirty_offset;
                assert!(!(is_kept && is_looked_for), "an older record of a key stayed");
            } else {
                assert!(is_kept || record.value.is_none(), "the last record of a key is gone");
            }
            assert_eq!(!is_kept, done.removed.contains(offset));
        }
        self.records = after;
    }
}

/// Whatever happened: the pieces of a log fit together.
fn check(log: &Log, records: &Records) {
    assert_eq!(&records_of(log), records);
    assert!(log.log_start_offset() <= log.log_end_offset());
    assert!(log.flushed_offset() <= log.log_end_offset());
    let segments: Vec<&Segment> = log.segments().collect();
    assert!(segments[0].base_offset() <= log.log_start_offset());
    assert!(segments.windows(2).all(|pair| pair[0].next_offset() <= pair[1].base_offset()));
    assert!(segments.windows(2).all(|pair| pair[0].base_offset() < pair[1].base_offset()));
    assert!(log.active_segment().next_offset() <= log.log_end_offset());
    for segment in segments {
        check_segment(segment);
    }
    assert!(log.has_consistent_size());
    assert_eq!(log.size_bytes(), log.batches().map(|batch| u64::from(batch.size_bytes())).sum::<u64>());
    let entries = log.epochs().entries();
    assert!(entries.windows(2).all(|e| e[0].epoch < e[1].epoch && e[0].start_offset < e[1].start_offset));
    assert!(entries.iter().all(|entry| entry.start_offset <= log.log_end_offset()));
}

fn check_segment(segment: &Segment) {
    let (mut position, mut offset, mut greatest) = (0, segment.base_offset(), -1);
    for stored in segment.stored() {
        assert_eq!((stored.position, stored.size_bytes), (position, stored.batch.size_bytes()));
        assert!(stored.batch.base_offset >= offset);
        (position, offset) = (position + stored.size_bytes, stored.batch.next_offset());
        greatest = greatest.max(stored.max_timestamp);
    }
    assert_eq!((segment.size_bytes(), segment.max_timestamp().timestamp), (position, greatest));
    for OffsetIndexEntry { offset, position } in segment.offset_index().entries() {
        let pointed_at = segment.find(*offset).map(|stored| (stored.position, stored.batch.last_offset()));
        assert_eq!(pointed_at, Some((*position, *offset)));
    }
    for entry in segment.time_index().entries() {
        let up_to = segment.stored().filter(|stored| stored.batch.last_offset() <= entry.offset);
        assert_eq!(up_to.map(|stored| stored.max_timestamp).max(), Some(entry.timestamp));
    }
}

/// Reads and look-ups against walks over everything.
fn check_reads(log: &Log, from: i64, end: i64, max_bytes: u32, timestamp: i64) {
    let first_base = log.segments().next().map_or(0, Segment::base_offset);
    let first = log.batches().find(|batch| batch.last_offset() >= from).filter(|_| from >= first_base);
    let segment = first.and_then(|first| log.segment_base_offset_of(first.base_offset));
    let below_end = log.batches().filter(|batch| {
        let same_segment = log.segment_base_offset_of(batch.base_offset) == segment;
        batch.last_offset() >= from && batch.last_offset() < end && same_segment
    });
    let mut bytes = 0u32;
    let expected: Vec<_> = below_end
        .enumerate()
        .take_while(|(at, batch)| {
            bytes += batch.size_bytes();
            bytes <= max_bytes || *at == 0
        })
        .map(|(_, batch)| Rc::clone(batch))
        .collect();
    let expected = if first.is_some() { expected } else { Vec::new() };
    assert_eq!(log.read(from, end, max_bytes, true), expected);

    let found = log.lookup(from);
    assert_eq!(found.map(|found| found.base_offset), first.map(|batch| batch.base_offset));
    if let Some(found) = found {
        assert_eq!(found.scanned_from + found.scanned_bytes, found.position);
    }
    let between = log.batches().filter(|batch| batch.last_offset() >= from && batch.last_offset() < end);
    let size: u32 = between.map(|batch| batch.size_bytes()).sum();
    assert_eq!(log.size_between(from, end, u32::MAX), size);
    assert_eq!(log.size_between(from, end, 100), size.min(100));

    let readable = |(offset, _): &&(i64, Record)| *offset >= log.log_start_offset();
    let records = records_of(log);
    let newest = records.iter().filter(readable).find(|(_, record)| record.timestamp >= timestamp);
    if let (Some((offset, record)), true) = (newest, log.segments().len() == 1) {
        let found = log.offset_for_timestamp(timestamp).expect("there is one");
        assert_eq!((found.offset, found.timestamp), (*offset, record.timestamp));
    }
    if let Some(found) = log.offset_for_timestamp(timestamp) {
        let newest = newest.expect("what was found is there");
        assert_eq!((found.offset, found.timestamp), (newest.0, newest.1.timestamp));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_log_is_what_a_plain_list_says(
        operations in prop::collection::vec(operation(), 1..60),
        (from, end, max_bytes, timestamp) in (0i64..150, 0i64..150, 0u32..700, 0i64..410),
    ) {
        let mut run = Run::default();
        for operation in operations {
            let (shared, before) = (run.log.clone(), records_of(&run.log));
            run.apply(operation);
            check(&run.log, &run.records);
            let past_end = run.log.log_end_offset() + 2;
            check_reads(&run.log, from % past_end, end % past_end, max_bytes, timestamp);
            prop_assert_eq!(records_of(&shared), before, "a clone does not change with the log");
        }
        prop_assert_eq!(digest_of(&run.log.clone()), digest_of(&run.log));
    }

    #[test]
    fn no_number_makes_a_log_panic(
        numbers in prop::collection::vec(prop_oneof![Just(i64::MIN), Just(i64::MAX), Just(-1), -3i64..9, any::<i64>()], 12),
        deltas in prop::collection::vec(any::<i32>(), 3),
        small in any::<u32>(),
        now_ms in prop_oneof![Just(u64::MAX), any::<u64>()],
    ) {
        let settings = TopicSettings {
            segment_bytes: small, index_interval_bytes: small % 7, segment_index_bytes: small % 40,
            retention_ms: numbers[0], retention_bytes: numbers[1], flush_messages: numbers[2],
            segment_ms: now_ms, min_compaction_lag_ms: now_ms, cleanup_policy: "compact,delete".into(), ..tiny()
        };
        let batch = |at: usize| RecordBatch {
            base_offset: numbers[at], last_offset_delta: deltas[at % 3], partition_leader_epoch: deltas[0],
            records: vec![Record { offset_delta: deltas[1], timestamp: numbers[3], ..Record::default() }],
            ..RecordBatch::default()
        };
        let mut log = Log::new();
        for at in 4..12 {
            log.append_as_leader(batch(at), deltas[2], &settings, now_ms).expect("nothing about its producer refuses it");
            let _ = log.append_as_follower(&[Rc::new(batch(at))], i32::MAX, &settings, now_ms / 2);
            log.assign_epoch_start(deltas[at % 3], numbers[at]);
            log.read(numbers[at], numbers[0], small, true);
            log.size_between(numbers[at], numbers[0], small);
            log.lookup(numbers[at]);
            log.offset_for_timestamp(numbers[at]);
            log.max_timestamp();
            log.epochs().end_offset_for(deltas[1], numbers[at]);
            log.move_log_start(numbers[at]);
            log.compact(&settings, numbers[at], now_ms);
            log.apply_retention(&settings, numbers[at], now_ms);
            log.roll_if_due(&settings, now_ms);
            log.damage(numbers[at]);
            log.tear(small);
            log.load(at % 2 == 0, numbers[at], numbers[at - 1]);
            log.truncate_to(numbers[at]);
            log.crash_machine();
            log.recover();
            if at % 3 == 0 {
                log.truncate_fully_and_start_at(numbers[at]);
            }
            prop_assert!(log.log_end_offset() >= 0 && log.log_start_offset() <= log.log_end_offset());
        }
    }
}
