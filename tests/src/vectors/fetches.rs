//! What a broker makes of a fetch: of one partition, and whether the whole of it waits.

use kafkascope_core::broker::fetch::answers_at_once;
use kafkascope_core::broker::fetch_read::{Readable, Reader, readable, serves};
use kafkascope_core::broker::isr::FollowerState;
use kafkascope_core::broker::partition::{LeaderState, Partition, PartitionRole};
use kafkascope_core::flat_map::FlatMap;
use kafkascope_core::log::Log;
use kafkascope_core::metadata::image::PartitionImage;
use kafkascope_core::settings::TopicSettings;
use kafkascope_core::wire::ErrorCode;
use kafkascope_core::wire::records::{Record, RecordBatch};
use kafkascope_core::wire::replication::{EpochEndOffset, FetchPartition};
use serde_json::{Value, json};

use super::replication::{image_of, partition_of};
use super::{Check, Outcome, expect, field, integer, record_runs, small};

/// The broker that leads, a follower of it, and one that is no replica.
const LEADER: i32 = 1;
const FOLLOWER: i32 = 2;
const STRANGER: i32 = 9;

pub(super) fn fetch_partition(case: &Value) -> Check {
    if case["given"].get("max_bytes").is_some() {
        return record_runs::small_fetch(case);
    }
    let (partition, log) = (partition(case)?, log(case)?);
    let reader = reader(case);
    let asked = FetchPartition {
        fetch_offset: integer(case, "given.offset")?,
        last_fetched_epoch: small(case, "given.last_fetched_epoch").unwrap_or(-1),
        current_leader_epoch: small(case, "given.request_leader_epoch").unwrap_or(-1),
        ..FetchPartition::default()
    };
    let found = serves(&partition, reader, false, asked.current_leader_epoch)
        .and_then(|()| readable(&partition, &log, reader, &asked));
    let actual = match found {
        Ok(Readable::UpTo(end)) => {
            json!({"error": ErrorCode::None, "readable_up_to": end, "records": (end - asked.fetch_offset).max(0)})
        }
        Ok(Readable::Diverging(EpochEndOffset { epoch, end_offset })) => {
            json!({"error": ErrorCode::None, "diverging_epoch": epoch, "diverging_end_offset": end_offset})
        }
        Err(error) => json!({ "error": error }),
    };
    let mut expected = field(case, "expected")?.clone();
    let whole = expected.clone();
    let counts = expected.as_object_mut().and_then(|fields| fields.remove("follower_state_updated"));
    Ok(match expect_fields(&expected, &actual) {
        Outcome::Passed if counts.is_some() => record_runs::diverging_follower(&whole)?,
        outcome => outcome,
    })
}

pub(super) fn delayed_fetch(case: &Value) -> Check {
    let given = field(case, "given")?;
    if let Some(check) = record_runs::waiting_fetch(case) {
        return check;
    }
    let number = |name: &str| given.get(name).and_then(Value::as_i64);
    let mut actual = json!({});
    let mut completes_at_once = given.get("any_partition_has_preferred_read_replica") == Some(&json!(true));
    match given.get("event").and_then(Value::as_str) {
        Some("broker stopped being the leader") => {
            let mut partition = partition_of(image_of(&[LEADER, FOLLOWER]), 1, 0, led_by());
            partition.role = PartitionRole::Follower;
            if let Err(error) = serves(&partition, Reader::Follower(FOLLOWER), true, 0) {
                completes_at_once = true;
                actual["partition_error"] = json!(error);
            }
        }
        Some("leader epoch rose while waiting") => {
            let registration = PartitionImage { leader_epoch: 1, ..image_of(&[LEADER, FOLLOWER]) };
            let partition = partition_of(registration, 1, 0, led_by());
            if let Err(error) = serves(&partition, Reader::Uncommitted, false, 0) {
                completes_at_once = true;
                actual["partition_error"] = json!(error);
            }
        }
        Some("truncation made the fetch offset diverge") => {
            // The log of epoch 1 ended at 5 when it was cut; the follower has records of epoch 1 up to 8.
            let log = log_of(0, 5, &[(1, 0)], None)?;
            let asked = FetchPartition { fetch_offset: 8, last_fetched_epoch: 1, ..FetchPartition::default() };
            let partition = partition_of(image_of(&[LEADER, FOLLOWER]), 1, 0, led_by());
            let found = readable(&partition, &log, Reader::Follower(FOLLOWER), &asked);
            completes_at_once = !matches!(found, Ok(Readable::UpTo(_)));
        }
        Some(other) => return Ok(Outcome::Skipped(format!("given.event is {other}"))),
        None => {}
    }
    let per_partition = given.get("bytes_available_per_partition").and_then(Value::as_array).into_iter().flatten();
    let bytes = match (number("bytes_available"), number("fetch_offset")) {
        (Some(bytes), _) => bytes,
        // A record takes a byte or more: what counts is whether there is any.
        (None, Some(offset)) => {
            let partition =
                partition_of(image_of(&[LEADER, FOLLOWER]), 1, integer(case, "given.high_watermark")?, led_by());
            let log = log_of(0, integer(case, "given.log_end_offset")?, &[(0, 0)], None)?;
            let asked = FetchPartition { fetch_offset: offset, last_fetched_epoch: -1, ..FetchPartition::default() };
            match readable(&partition, &log, reader(case), &asked) {
                Ok(Readable::UpTo(end)) => (end - offset).max(0),
                _ => 0,
            }
        }
        (None, None) => per_partition.filter_map(Value::as_i64).sum(),
    };
    let (max_wait_ms, min_bytes) = (number("max_wait_ms").unwrap_or(500), number("min_bytes").unwrap_or(1));
    let small = |number: i64| i32::try_from(number).map_err(|_| "a number is out of range".to_owned());
    let answers =
        answers_at_once(small(max_wait_ms)?, small(min_bytes)?, u64::try_from(bytes).unwrap_or(0), completes_at_once);
    actual["complete"] = json!(answers);
    actual["delayed"] = json!(!answers);
    Ok(expect_fields(field(case, "expected")?, &actual))
}

/// What these runners tell of a case.
const RESULT_FIELDS: [&str; 14] = [
    "error",
    "errors",
    "readable_up_to",
    "records",
    "diverging_epoch",
    "diverging_end_offset",
    "complete",
    "delayed",
    "partition_error",
    "context",
    "creates_session",
    "response_session_id",
    "session_removed",
    "next_expected_epoch",
];

/// Compares what is expected with the same fields of what is told. Where all of them are as expected and something else is
/// expected too, that cannot be said.
pub(super) fn expect_fields(expected: &Value, actual: &Value) -> Outcome {
    let fields = expected.as_object().into_iter().flatten();
    let (known, unknown): (Vec<_>, Vec<_>) = fields.partition(|(name, _)| RESULT_FIELDS.contains(&name.as_str()));
    let same: Value =
        known.iter().map(|(name, _)| ((*name).clone(), actual.get(name).cloned().unwrap_or_default())).collect();
    let expected: Value = known.into_iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    match (expect(expected, same), unknown.first()) {
        (Outcome::Passed, Some((name, _))) => Outcome::Skipped(format!("expected.{name}")),
        (outcome, _) => outcome,
    }
}

fn reader(case: &Value) -> Reader {
    let who = case["given"]["fetcher"].as_str().unwrap_or("consumer");
    let isolation = case["given"]["isolation"].as_str().unwrap_or_default();
    if who.contains("not in the replica list") {
        Reader::Follower(STRANGER)
    } else if who.contains("follower") {
        Reader::Follower(FOLLOWER)
    } else if who.contains("read_committed") || isolation == "read_committed" {
        Reader::Committed
    } else {
        Reader::Uncommitted
    }
}

fn partition(case: &Value) -> Result<Partition, String> {
    let registration =
        PartitionImage { leader_epoch: small(case, "given.leader_epoch")?, ..image_of(&[LEADER, FOLLOWER]) };
    let mut partition = partition_of(registration, 1, integer(case, "given.high_watermark")?, led_by());
    if case["given"]["is_leader"] == json!(false) {
        partition.role = PartitionRole::Follower;
    }
    Ok(partition)
}

fn led_by() -> LeaderState {
    let followers = FlatMap::from([(FOLLOWER, FollowerState::default())]);
    LeaderState { epoch_start_offset: 0, followers, proposal: None }
}

fn log(case: &Value) -> Result<Log, String> {
    let pairs = case["given"]["leader_epochs"].as_array().into_iter().flatten();
    let pair = |pair: &Value| Some((i32::try_from(pair[0].as_i64()?).ok()?, pair[1].as_i64()?));
    let mut epochs: Vec<(i32, i64)> = pairs.filter_map(pair).collect();
    if epochs.is_empty() {
        epochs.push((small(case, "given.leader_epoch")?, integer(case, "given.log_start_offset")?));
    }
    let (start, end) = (integer(case, "given.log_start_offset")?, integer(case, "given.log_end_offset")?);
    log_of(start, end, &epochs, case["given"]["last_stable_offset"].as_i64())
}

/// A log with one record at each offset; each epoch begins at its offset. At one offset a transaction may begin that is
/// still open.
pub(super) fn log_of(start: i64, end: i64, epochs: &[(i32, i64)], open_from: Option<i64>) -> Result<Log, String> {
    let mut log = Log::default();
    log.truncate_fully_and_start_at(start);
    for offset in start..end {
        let epoch = epochs.iter().rev().find(|(_, from)| *from <= offset).map_or(0, |(epoch, _)| *epoch);
        let batch = RecordBatch {
            base_offset: offset,
            partition_leader_epoch: epoch,
            producer_id: if open_from == Some(offset) { 1 } else { -1 },
            is_transactional: open_from == Some(offset),
            records: vec![Record::default()],
            ..RecordBatch::default()
        };
        log.append_as_follower(&[batch.into()], i32::MAX, &TopicSettings::default(), 0)
            .map_err(|error| format!("{error:?}"))?;
    }
    Ok(log)
}
