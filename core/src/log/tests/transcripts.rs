//! What a real Kafka did with its files, done again.

use serde_json::{Value, json};

use super::{batch, record, settings};
use crate::log::{Log, Segment, checkpoint};
use crate::settings::TopicSettings;
use crate::wire::records::{Record, RecordBatch};

/// The observations of a recording, in order.
fn observations(transcript: &str) -> Vec<Value> {
    let transcript: Value = serde_json::from_str(transcript).expect("the transcript is well-formed");
    let steps = transcript["steps"].as_array().expect("it has steps").clone();
    steps.into_iter().filter(|step| step["do"] == "observe").map(|mut step| step["saw"].take()).collect()
}

macro_rules! transcript {
    ($name:literal) => {
        observations(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/transcripts/", $name, ".json")))
    };
}

fn by_segment(log: &Log, list: impl Fn(&Segment) -> Value) -> Value {
    log.segments().map(|segment| (segment.base_offset().to_string(), list(segment))).collect()
}

fn batches_of(segment: &Segment) -> Value {
    segment.stored().map(|stored| json!([stored.batch.base_offset, stored.position, stored.size_bytes])).collect()
}

fn index_of(segment: &Segment) -> Value {
    let entries = segment.offset_index().entries().iter();
    entries.map(|entry| json!([entry.offset - segment.base_offset(), entry.position])).collect()
}

fn time_index_of(segment: &Segment) -> Value {
    let entries = segment.time_index().entries().iter();
    entries.map(|entry| json!([entry.timestamp, entry.offset - segment.base_offset()])).collect()
}

fn produce(log: &mut Log, settings: &TopicSettings, batches: impl IntoIterator<Item = RecordBatch>, epoch: i32) {
    for batch in batches {
        log.append_as_leader(batch, epoch, settings, 0).expect("nothing about its producer refuses it");
    }
}

fn of_100_bytes(keys: std::ops::RangeInclusive<i64>) -> impl Iterator<Item = RecordBatch> {
    keys.map(|key| batch(&format!("k{key}"), &"v".repeat(100), 1_000 + key))
}

#[test]
fn segments_and_indexes() {
    let settings = settings(&[("internal.segment.bytes", "1000"), ("index.interval.bytes", "300")]);
    let mut log = Log::new();
    log.assign_epoch_start(0, 0);
    let seen = transcript!("segments-and-indexes");
    assert_eq!(seen.len(), 4);
    for (step, saw) in seen.iter().enumerate() {
        match step {
            1 => produce(&mut log, &settings, of_100_bytes(0..=0), 0),
            2 => produce(&mut log, &settings, of_100_bytes(1..=16), 0),
            3 => produce(&mut log, &settings, [batch("k", "small", 0)], 0),
            _ => {}
        }
        assert_eq!(by_segment(&log, batches_of), saw["batches of each segment [baseOffset, position, bytes]"]);
        assert_eq!(by_segment(&log, index_of), saw["index entries of each segment [relative offset, position]"]);
        assert_eq!(
            by_segment(&log, time_index_of),
            saw["timeindex entries of each segment [timestamp, relative offset]"]
        );
        let checkpoints = &saw["checkpoints"];
        assert_eq!(json!(log.log_end_offset()), saw["latest"]);
        assert_eq!(json!(log.flushed_offset()), checkpoints["recovery-point-offset-checkpoint"]["seg-0"]);
        assert_eq!(
            json!(checkpoint::render_epochs(log.epochs()).len()),
            saw["files"]["leader-epoch-checkpoint"],
            "the file as long as Kafka's"
        );
    }
}

/// The closed segments' files and the active one's log, as they lie in the partition's folder.
fn check_files(log: &Log, saw: &Value, is_closed: bool) {
    let active = log.active_segment().base_offset();
    for segment in log.segments() {
        let mut files = vec![("log", segment.size_bytes())];
        if is_closed || segment.base_offset() < active {
            files.push(("index", segment.offset_index().size_bytes()));
            files.push(("timeindex", segment.time_index().size_bytes()));
        }
        for (suffix, size_bytes) in files {
            let name = segment.file_name(suffix);
            assert_eq!(json!(size_bytes), saw["files"][&name], "{name}");
        }
    }
    let logs = saw["files"].as_object().expect("files").keys().filter(|name| name.ends_with(".log"));
    assert_eq!(logs.count(), log.segments().len());
    let epochs: Value = log.epochs().entries().iter().map(|entry| json!([entry.epoch, entry.start_offset])).collect();
    let checkpoints = &saw["checkpoints"];
    assert_eq!(epochs, checkpoints["leader-epoch-checkpoint"]);
    assert_eq!(json!(log.flushed_offset()), checkpoints["recovery-point-offset-checkpoint"]["rec-0"]);
    assert_eq!(json!(log.log_end_offset()), saw["leo"]);
}

#[test]
fn crash_and_log_recovery() {
    let settings = settings(&[("internal.segment.bytes", "1000"), ("index.interval.bytes", "300")]);
    let saw: Vec<Value> =
        transcript!("crash-and-log-recovery").into_iter().filter(|saw| saw["leo"] != json!(null)).collect();
    let mut log = Log::new();
    log.assign_epoch_start(0, 0);
    produce(&mut log, &settings, of_100_bytes(0..=16), 0);
    produce(&mut log, &settings, (17..20).map(|key| batch(&format!("k{key}"), "vv", 0)), 0);
    check_files(&log, &saw[0], false);

    // Killed: the page cache is whole.
    check_files(&log, &saw[1], false);
    let recovery = log.recover();
    assert_eq!((recovery.segments_recovered, recovery.truncated), (vec![15], None));
    log.assign_epoch_start(2, log.log_end_offset());
    check_files(&log, &saw[2], false);

    produce(&mut log, &settings, of_100_bytes(20..=22), 2);
    log.close();
    check_files(&log, &saw[3], true);
    log.load(true, 23, 0);
    log.assign_epoch_start(4, 23);
    check_files(&log, &saw[4], false);

    // Killed in the middle of a write.
    log.tear(40);
    check_files(&log, &saw[5], false);
    let recovery = log.recover();
    assert_eq!((recovery.segments_recovered, recovery.truncated), (vec![22], Some((22, 23))));
    log.assign_epoch_start(6, 23);
    check_files(&log, &saw[6], false);

    produce(&mut log, &settings, (23..27).map(|key| batch(&format!("k{key}"), &"v".repeat(20), 1_000 + key)), 6);
    assert!(log.damage(24));
    // Kafka's entry for the batch is made, and its file is damaged: nobody has noticed yet.
    assert_eq!(log.log_end_offset(), 27);
    log.load(false, 23, 0);
    log.assign_epoch_start(8, 24);
    check_files(&log, &saw[8], false);
    log.close();
    let mut without_the_lost_index = saw[9].clone();
    without_the_lost_index["files"]["00000000000000000000.index"] = json!(16);
    check_files(&log, &without_the_lost_index, true);
}

fn batches_left(log: &Log) -> Value {
    let text = |bytes: &Option<crate::wire::records::Bytes>| bytes.as_ref().map(ToString::to_string);
    let listed = log.batches().map(|batch| {
        let records: Vec<Value> = batch.records.iter().map(|r| json!([text(&r.key), text(&r.value)])).collect();
        json!([batch.base_offset, batch.last_offset(), records])
    });
    listed.collect()
}

#[test]
fn compaction() {
    let settings = settings(&[
        ("cleanup.policy", "compact"),
        ("min.cleanable.dirty.ratio", "0.01"),
        ("internal.segment.bytes", "400"),
        ("delete.retention.ms", "2000"),
    ]);
    let saw = transcript!("compaction");
    let [before, first, second] = saw.as_slice() else { panic!("three observations") };
    let check = |log: &Log, saw: &Value| {
        assert_eq!(batches_left(log), saw["batches [first, last, [key, value]...]"]);
        let segments: Value = log.segments().map(|segment| json!(segment.base_offset())).collect();
        assert_eq!(segments, saw["segments"]);
        assert_eq!(log.log_start_offset(), 0);
        if let Some(cleaned) = log.cleaned_offset() {
            assert_eq!(saw["cleaner-offset-checkpoint"], json!([format!("cp 0 {cleaned}")]));
        }
    };
    let one = |key: &str, value: &str| RecordBatch::of([record(key, Some(value), 0)]);
    let three = |keys: [(&str, &str); 3]| RecordBatch::of(keys.map(|(key, value)| record(key, Some(value), 0)));
    let mut log = Log::new();
    log.assign_epoch_start(0, 0);
    produce(&mut log, &settings, [("a", "1"), ("b", "1"), ("a", "2"), ("c", "1")].map(|(k, v)| one(k, v)), 0);
    produce(&mut log, &settings, [RecordBatch::of([record("b", None, 0)])], 0);
    produce(&mut log, &settings, [("a", "3"), ("d", "1"), ("c", "2")].map(|(k, v)| one(k, v)), 0);
    produce(&mut log, &settings, [three([("a", "4"), ("e", "1"), ("a", "5")]), one("f", "1"), one("f", "2")], 0);
    check(&log, before);

    let done = log.compact(&settings, log.log_end_offset(), 1_000).expect("it is dirty");
    assert_eq!((done.first_dirty_offset, done.end_offset), (0, 12));
    assert_eq!(done.removed, [0, 1, 2, 3, 5, 8]);
    check(&log, first);
    assert_eq!(log.compact(&settings, log.log_end_offset(), 9_000), None, "nothing new to clean");

    let x = "x".repeat(60);
    produce(&mut log, &settings, [one("g", "1"), one("g", "2"), one("g", "3"), one("h", &x), one("h", &x)], 0);
    let mut too_early = log.clone();
    too_early.compact(&settings, log.log_end_offset(), 2_999).expect("it is dirty");
    assert!(too_early.batches().any(|batch| batch.base_offset == 4), "the tombstone's time has not come");
    let done = log.compact(&settings, log.log_end_offset(), 3_000).expect("it is dirty");
    assert_eq!((done.end_offset, done.segments_merged), (16, vec![5]));
    check(&log, second);

    // One answer holds records of one segment.
    let read = log.read(1, 18, 1_048_576, true);
    let offsets: Vec<i64> = read.iter().map(|batch| batch.base_offset).collect();
    assert_eq!(offsets, [6, 7, 8]);
}

#[test]
fn batch_sizes_are_those_of_the_real_producers_batches() {
    // From producer-batches-in-the-log: with batch.size 1000, eight records of 100 bytes fill a batch.
    let records = |n| (0..n).map(|_| Record { value: Some(vec![0u8; 100].into()), timestamp: 5, ..Record::default() });
    assert!(RecordBatch::of(records(8)).size_bytes() <= 1_000);
    assert!(RecordBatch::of(records(9)).size_bytes() > 1_000);
}

#[test]
fn segments_are_rolled_by_the_records_own_time() {
    // As in segments-rolled-by-time: the appended batch's timestamp against the first of the segment, whatever the clock says.
    let settings = settings(&[("segment.ms", "1000")]);
    let mut log = Log::new();
    for past in [0, 500, 1_000, 1_001, 1_500, 2_001, 2_002, 100, 9_000] {
        log.append_as_leader(batch("k", "v", 10_000_000 + past), 0, &settings, 77)
            .expect("nothing about its producer refuses it");
    }
    let segments: Vec<i64> = log.segments().map(Segment::base_offset).collect();
    assert_eq!(segments, [0, 3, 6, 8]);
}

#[test]
fn offsets_by_time_where_times_are_out_of_order() {
    // As in requests-list-offsets-and-delete-records.
    let times = |times: &[i64]| RecordBatch::of(times.iter().map(|at| record("k", Some("v"), *at)));
    let mut log = Log::new();
    produce(&mut log, &settings(&[]), [times(&[100, 300, 200]), times(&[150]), times(&[300, 250])], 0);
    let found = |log: &Log, at| log.offset_for_timestamp(at).map(|found| (found.timestamp, found.offset));
    for (at, expected) in [(0, (100, 0)), (100, (100, 0)), (101, (300, 1)), (201, (300, 1)), (300, (300, 1))] {
        assert_eq!(found(&log, at), Some(expected), "at {at}");
    }
    assert_eq!(found(&log, 301), None);
    let greatest = |log: &Log| log.max_timestamp().map(|found| (found.timestamp, found.offset));
    assert_eq!(greatest(&log), Some((300, 1)));

    assert!(log.move_log_start(2));
    for (at, expected) in [(0, (200, 2)), (100, (200, 2)), (250, (300, 4)), (300, (300, 4))] {
        assert_eq!(found(&log, at), Some(expected), "at {at}");
    }
    assert!(log.move_log_start(6));
    assert_eq!((found(&log, 0), greatest(&log)), (None, Some((300, 1))), "the greatest is told though it is deleted");
}
