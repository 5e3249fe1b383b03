//! What a broker makes of the session that a fetch names (KIP-227).

use kafkascope_core::broker::fetch_session::{FetchSessionCache, next_epoch};
use kafkascope_core::sim::Millis;
use kafkascope_core::wire::ErrorCode;
use kafkascope_core::wire::replication::{FetchPartition, FetchRequest, FetchTopic, ForgottenTopic, PartitionData};
use serde_json::{Value, json};

use super::{Check, Outcome, expect, fetches, field, small};

/// Names topics by name.
const VERSION: i16 = 12;
/// One session for each shard.
const SLOTS: u32 = 8;
/// How many fetches at most lead a session to the epoch that is given.
const FETCHES_MAX: i32 = 10_000;

pub(super) fn fetch_session(case: &Value) -> Check {
    if case["given"]["cache_full"] == json!(true) {
        return eviction(case);
    }
    let epoch: i32 = small(case, "given.epoch")?;
    let at = case["given"]["server_expected_epoch"].as_i64().map(i32::try_from);
    let at = at.transpose().map_err(|error| format!("given.server_expected_epoch: {error}"))?;
    if at == Some(epoch) && epoch > FETCHES_MAX {
        // No test goes there one by one.
        let actual = json!({"next_expected_epoch": next_epoch(epoch)});
        return Ok(fetches::expect_fields(field(case, "expected")?, &actual));
    }
    let mut cache = FetchSessionCache::new(SLOTS);
    let mut id: i32 = small(case, "given.session_id")?;
    if case["given"]["known"] == json!(true) {
        id = open(&mut cache, 0);
        for epoch in 1..at.unwrap_or(1).min(FETCHES_MAX) {
            fetch(&mut cache, &request(id, epoch), 0).map_err(|error| format!("{error} at epoch {epoch}"))?;
        }
    }
    let mut asked = request(id, epoch);
    if case["given"]["forgets"] == json!("all partitions") {
        asked.topics.clear();
        asked.forgotten_topics_data =
            vec![ForgottenTopic { topic: "orders".into(), partitions: vec![0], ..ForgottenTopic::default() }];
    }
    let mut actual = match fetch(&mut cache, &asked, 0) {
        Err(error) => json!({ "error": error }),
        Ok((context, answered)) => json!({
            "context": context,
            "session_removed": cache.expected_epoch(id).is_none(),
            "creates": answered != 0 && answered != id,
            "next_expected_epoch": cache.expected_epoch(answered),
        }),
    };
    if actual["creates"] == json!(true) && !creates_in_a_full_cache() {
        actual["creates_session"] = json!("if a cache slot is free or another is evictable");
        actual["response_session_id"] = json!("new non-zero id or 0");
    }
    Ok(fetches::expect_fields(field(case, "expected")?, &actual))
}

/// Whether a session makes room that has not been used for so long.
fn eviction(case: &Value) -> Check {
    let unused: Millis = small(case, "given.oldest_unused_ms")?;
    let min_eviction_ms: Millis = small(case, "given.min_eviction_ms")?;
    let evicts = |unused: Millis| {
        let mut cache = FetchSessionCache::new(SLOTS);
        (0..SLOTS).for_each(|_| {
            open(&mut cache, 0);
        });
        open(&mut cache, unused) != 0
    };
    if evicts(min_eviction_ms) || !evicts(min_eviction_ms.saturating_add(1)) {
        return Ok(Outcome::Skipped("given.min_eviction_ms".to_owned()));
    }
    Ok(expect(field(case, "expected.evicts")?.clone(), json!(evicts(unused))))
}

fn creates_in_a_full_cache() -> bool {
    let mut cache = FetchSessionCache::new(SLOTS);
    (0..=SLOTS).map(|_| open(&mut cache, 0)).last() != Some(0)
}

/// A full fetch: the session that it opens, 0 for none.
fn open(cache: &mut FetchSessionCache, now: Millis) -> i32 {
    fetch(cache, &request(0, 0), now).map_or(0, |(_, id)| id)
}

/// What becomes of a fetch: its context by Kafka's name, and the session that the answer names.
fn fetch(cache: &mut FetchSessionCache, request: &FetchRequest, now: Millis) -> Result<(&'static str, i32), ErrorCode> {
    let context = cache.new_context(VERSION, request, |_| None, now)?;
    let updates = context.targets.iter().map(|target| (target, PartitionData::default())).collect();
    let answer = cache.answer(&context, updates, now);
    let name = match (context.is_sessionless(), context.is_incremental()) {
        (true, _) => "sessionless",
        (_, true) => "incremental",
        (false, false) => "full",
    };
    Ok((name, answer.session_id))
}

fn request(session_id: i32, session_epoch: i32) -> FetchRequest {
    let topic =
        FetchTopic { topic: "orders".into(), partitions: vec![FetchPartition::default()], ..FetchTopic::default() };
    FetchRequest { session_id, session_epoch, topics: vec![topic], ..FetchRequest::default() }
}
