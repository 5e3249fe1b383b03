//! What brokers make of requests: produce, and what groups of the classic protocol allow.

use kafkascope_core::broker::group::state::{self, ClassicGroupState, CommitCheck, MemberCheck};
use kafkascope_core::broker::high_watermark::effective_min_isr;
use kafkascope_core::broker::produce::{ProduceCheck, append_error, is_valid_acks, request_error, waits_for_replicas};
use kafkascope_core::broker::purgatory::produce_outcome;
use kafkascope_core::change::is_internal;
use kafkascope_core::wire::ErrorCode;
use serde_json::{Value, json};

use super::{
    Check, expect, fetch_sessions, fetches, field, flag, group_runs, integer, producers, record_runs, small, text,
};

/// Every kind of `produce_fetch`.
pub(super) fn produce_fetch(kind: &str, case: &Value) -> Check {
    match kind {
        "produce_acks" => produce_acks(case),
        "produce_append" => produce_append(case),
        "delayed_produce" => delayed_produce(case),
        "classic_group_transition" => group_transition(case),
        "classic_group_request" => group_runs::group_request(case),
        "offset_commit_classic" => offset_commit(case),
        "fetch_partition" => fetches::fetch_partition(case),
        "delayed_fetch" => fetches::delayed_fetch(case),
        "idempotent_append" => producers::idempotent_append(case),
        "transactions" => producers::transactions(case),
        "transaction_state_transition" => producers::state_transition(case),
        "fetch_session" => fetch_sessions::fetch_session(case),
        other => Err(format!("kind is {other}")),
    }
}

fn produce_acks(case: &Value) -> Check {
    let is_valid = is_valid_acks(small(case, "given.acks")?);
    let error = if is_valid { ErrorCode::None } else { ErrorCode::InvalidRequiredAcks };
    Ok(expect(field(case, "expected")?.clone(), json!({"error": error, "appended": is_valid})))
}

fn produce_append(case: &Value) -> Check {
    let given = field(case, "given")?;
    let acks = small(case, "given.acks")?;
    if case["expected"]["response_sent"] == json!(false) {
        return record_runs::without_acks(case);
    }
    if given.get("batch_bytes").is_some() {
        return record_runs::large_batch(case);
    }
    let topic = given.get("topic").and_then(Value::as_str).unwrap_or("orders");
    let refusal = request_error(ProduceCheck {
        acks,
        unknown_id: false,
        exists: given.get("topic_exists") != Some(&json!(false)),
        is_internal: is_internal(topic),
    });
    let error = if refusal.is_none() {
        let replicas: usize = small(case, "given.replicas")?;
        let min_isr = effective_min_isr(small(case, "given.min_insync_replicas")?, replicas);
        append_error(flag(case, "given.is_leader")?, acks, small(case, "given.isr")?, min_isr)
    } else {
        refusal
    };
    let actual = json!({"error": error, "appended": error.is_none()});
    let expected = json!({"error": field(case, "expected.error")?, "appended": field(case, "expected.appended")?});
    Ok(expect(expected, actual))
}

fn delayed_produce(case: &Value) -> Check {
    let given = field(case, "given")?;
    if given.get("isr").is_some() && given["isr"] == json!(1) {
        return record_runs::alone_in_the_isr(field(case, "expected")?);
    }
    if case["expected"].get("delayed").is_some() {
        let appended = usize::from(given.get("all_partitions_failed_locally") != Some(&json!(true)));
        let is_delayed = waits_for_replicas(small(case, "given.acks")?, appended);
        return Ok(expect(field(case, "expected.delayed")?.clone(), is_delayed));
    }
    if let Some(partitions) = given.get("partitions").and_then(Value::as_array) {
        let errors: Result<Vec<Option<Value>>, String> = partitions.iter().map(open_append).collect();
        let errors = errors?;
        let actual = json!({"complete": errors.iter().all(Option::is_some), "errors": errors});
        return Ok(fetches::expect_fields(field(case, "expected")?, &actual));
    }
    let has_timed_out = given.get("elapsed_over_request_timeout") == Some(&json!(true));
    let error = match open_append(given)? {
        None if has_timed_out => Some(json!(ErrorCode::RequestTimedOut)),
        other => other,
    };
    let actual = json!({"complete": error.is_some(), "error": error});
    Ok(fetches::expect_fields(field(case, "expected")?, &actual))
}

/// What one partition of a waiting produce has come to; `None` while it waits.
fn open_append(given: &Value) -> Result<Option<Value>, String> {
    if let Some(error) = given.get("local_append_error") {
        return Ok(Some(error.clone()));
    }
    let outcome = produce_outcome(
        flag(given, "is_leader")?,
        integer(given, "required_offset")?,
        integer(given, "high_watermark")?,
        small(given, "maximal_isr")?,
        small(given, "min_insync_replicas")?,
    );
    Ok(outcome.map(|error| json!(error)))
}

fn group_state(case: &Value, path: &str) -> Result<ClassicGroupState, String> {
    text(case, path)?.parse().map_err(|_| format!("{path} is no state"))
}

fn group_transition(case: &Value) -> Check {
    let (from, to) = (group_state(case, "given.from_state")?, group_state(case, "given.to_state")?);
    Ok(expect(field(case, "expected.valid")?.clone(), from.may_become(to)))
}

fn offset_commit(case: &Value) -> Check {
    if case["given"]["broker_is_coordinator"] == json!(false) {
        return group_runs::commit_to_another_broker(field(case, "expected")?);
    }
    let state = group_state(case, "given.group_state")?;
    let is_known = case["given"]["member_known"] == json!(true);
    let owns_instance_id =
        case["given"]["group_instance_id"].is_string().then(|| case["given"]["mapped_to_other_member"] != json!(true));
    let check = CommitCheck {
        state,
        generation: small(case, "given.group_generation").unwrap_or(0),
        request_generation: small(case, "given.request_generation")?,
        names_member: case["given"]["member_id"] != json!(""),
        member: MemberCheck { is_known, owns_instance_id },
    };
    let size = |name: &str| case["given"][name].as_u64().unwrap_or(0);
    let error = match state::validate_offset_commit(&check) {
        ErrorCode::None => state::validate_offset_metadata(size("metadata_bytes"), size("offset_metadata_max_bytes")),
        error => error,
    };
    Ok(expect(field(case, "expected.error")?.clone(), json!(error)))
}
