//! What a partition makes of producers' batches, and what it lets readers of transactions see.

use kafkascope_core::broker::transaction::state::TransactionState;
use kafkascope_core::client::Producer;
use kafkascope_core::config::ProducerConfig;
use kafkascope_core::log::{AppendError, Log, Verification};
use kafkascope_core::settings::TopicSettings;
use kafkascope_core::sim::random::{Purpose, Random};
use kafkascope_core::wire::control_records::{ControlRecordType, EndTransactionMarker};
use kafkascope_core::wire::records::{Record, RecordBatch};
use serde_json::{Value, json};

use super::{Check, expect, field, integer, small, text, transactions};

const PRODUCER_ID: i64 = 7;

/// A batch of a producer that knows epochs and sequence numbers.
fn batch(epoch: i16, first: i32, last: i32) -> RecordBatch {
    let records = usize::try_from(last.saturating_sub(first).saturating_add(1)).unwrap_or(1);
    RecordBatch {
        producer_id: PRODUCER_ID,
        producer_epoch: epoch,
        base_sequence: first,
        ..RecordBatch::of(vec![Record::default(); records])
    }
}

/// `idempotent_append`: a log in which the remembered batches lie, and one more.
pub(super) fn idempotent_append(case: &Value) -> Check {
    let given = field(case, "given")?;
    if let Some(enabled) = given.get("enable_idempotence") {
        return idempotence_config(case, enabled);
    }
    let (mut log, settings) = (Log::new(), TopicSettings::default());
    let mut remembered = Vec::new();
    for pair in given["state"]["cached_batches"].as_array().into_iter().flatten() {
        let number = |at: usize| pair[at].as_i64().and_then(|number| i32::try_from(number).ok()).unwrap_or(0);
        let old = batch(small(case, "given.state.epoch")?, number(0), number(1));
        let appended = log.append_from_client(old.clone(), Verification::NotRequired, 0, &settings, 0);
        let appended = appended.map_err(|refused| format!("the state itself is refused: {refused:?}"))?;
        remembered.push((old.base_sequence, appended.first_offset));
    }
    let end = log.log_end_offset();
    if given.get("origin") == Some(&json!("replication")) {
        let copied =
            RecordBatch { base_offset: end, partition_leader_epoch: 0, ..batch(small(case, "given.epoch")?, 0, 0) };
        let copied: Result<_, AppendError> = log.append_as_follower(&[copied.into()], 0, &settings, 0);
        let error = if copied.is_ok() { "NONE" } else { "refused" };
        return Ok(expect(
            field(case, "expected")?.clone(),
            json!({"error": error, "appended": log.log_end_offset() > end}),
        ));
    }
    let first = small(case, "given.first_seq")?;
    let sent = batch(small(case, "given.epoch")?, first, small(case, "given.last_seq")?);
    let appended = log.append_from_client(sent, Verification::NotRequired, 0, &settings, 0);
    let error = appended.as_ref().map_or_else(|refused| refused.error.code().name(), |_| "NONE");
    let mut actual = json!({"error": error, "appended": log.log_end_offset() > end});
    if case["expected"].get("returned_offset").is_some() {
        let original = remembered.iter().find(|(sequence, _)| *sequence == first).map(|(_, offset)| *offset);
        let is_original = appended.is_ok_and(|info| Some(info.first_offset) == original);
        actual["returned_offset"] = json!(if is_original { "original" } else { "another" });
    }
    Ok(expect(field(case, "expected")?.clone(), actual))
}

/// Whether a producer may be made with such settings.
fn idempotence_config(case: &Value, enabled: &Value) -> Check {
    let in_flight = integer(case, "given.max_in_flight")?.to_string();
    let settings = [
        ("enable.idempotence".to_owned(), enabled.to_string()),
        ("max.in.flight.requests.per.connection".to_owned(), in_flight),
    ];
    let made = Producer::new(
        1,
        &ProducerConfig { settings: settings.into() },
        vec![1],
        Random::for_purpose(1, Purpose::Actor(1)),
    );
    Ok(expect(field(case, "expected")?.clone(), json!({"config_error": made.is_err()})))
}

/// `transaction_state_transition`: whether one state of a transactional id may follow another.
pub(super) fn state_transition(case: &Value) -> Check {
    let state = |place: &str| {
        let name = text(case, place)?;
        name.parse::<TransactionState>().map_err(|_| format!("{place}: {name} is no state"))
    };
    let valid = state("given.from_state")?.may_become(state("given.to_state")?);
    Ok(expect(field(case, "expected")?.clone(), json!({"valid": valid})))
}

/// `transactions`: what a log with transactions in it lets its readers see.
pub(super) fn transactions(case: &Value) -> Check {
    let given = field(case, "given")?;
    let expected = field(case, "expected")?;
    if given.get("high_watermark").is_some() {
        let high_watermark = integer(case, "given.high_watermark")?;
        let log = log_with_transaction(given)?;
        return Ok(expect(expected.clone(), json!({"last_stable_offset": log.last_stable_offset(high_watermark)})));
    }
    transactions::in_a_cluster(case)
}

/// A log whose one transaction, if any, begins and ends where it is told, filled up with records of others.
fn log_with_transaction(given: &Value) -> Result<Log, String> {
    let (first, marker) = (given["txn_first_offset"].as_i64(), given["marker_offset"].as_i64());
    let end = marker.map_or(0, |marker| marker.saturating_add(1));
    let end = end.max(given["high_watermark"].as_i64().unwrap_or(0));
    let (mut log, settings) = (Log::new(), TopicSettings::default());
    for offset in 0..end {
        let at = Some(offset);
        let appended = if at == marker {
            let marker = EndTransactionMarker { control_type: ControlRecordType::Commit, coordinator_epoch: 0 };
            log.append_as_leader(marker.batch(PRODUCER_ID, 0, 0), 0, &settings, 0)
        } else if at == first {
            let begun = RecordBatch { is_transactional: true, ..batch(0, 0, 0) };
            log.append_from_client(begun, Verification::NotRequired, 0, &settings, 0)
        } else {
            log.append_as_leader(RecordBatch::of([Record::default()]), 0, &settings, 0)
        };
        appended.map_err(|refused| format!("offset {offset}: {refused:?}"))?;
    }
    Ok(log)
}
