//! What brokers make of records that are written and read where only a whole cluster tells it: who is answered when, what a
//! closed connection means, how much of a log an answer holds.

use kafkascope_core::wire::records::{Record, RecordBatch};
use serde_json::{Value, json};

use super::runs::{
    Cluster, answer, create_topic, latest_offset, log_end_offset, produce_body, produced, request, send, wait,
};
use super::{Check, Outcome, field, integer, small};

/// More than the answer of a healthy broker takes.
const SOON_MS: u64 = 300;
const TOPIC: &str = "orders";

/// `produce_append` with `acks=0`, as far as its sender notices anything.
pub(super) fn without_acks(case: &Value) -> Check {
    let given = field(case, "given")?;
    let expected = field(case, "expected")?;
    let body = produce_body(TOPIC, 0, "v");
    let mut cluster = Cluster::single(json!({"broker.session.timeout.ms": 3_000, "replica.lag.time.max.ms": 3_000}));
    let mut steps = Vec::new();
    let to = if given["is_leader"] == json!(true) {
        let replicas: Vec<i32> =
            (1..=3).take(usize::try_from(given["replicas"].as_u64().unwrap_or(1)).unwrap_or(1)).collect();
        let min_isr = given["min_insync_replicas"].to_string();
        steps.push(create_topic(TOPIC, &replicas, &json!({"min.insync.replicas": min_isr})));
        for &gone in replicas.iter().filter(|id| i64::from(**id) > given["isr"].as_i64().unwrap_or(1)) {
            steps.push(json!({"do": "crash", "node": gone}));
        }
        steps.push(wait(15_000));
        1
    } else {
        steps.extend([create_topic(TOPIC, &[2, 1, 3], &json!({})), wait(1_000)]);
        1
    };
    cluster = cluster.and("broker").and("broker");
    steps.push(send("zero", to, "Produce", 11, &body));
    if expected["connection_closed"] == json!(true) {
        steps.push(answer("zero", 5 * SOON_MS, &json!("connection closed")));
    } else {
        steps.push(answer("zero", 5 * SOON_MS, &json!("nothing")));
    }
    if let Some(appended) = expected.get("appended") {
        steps.push(log_end_offset(TOPIC, i64::from(*appended == json!(true))));
    }
    cluster.play(&steps, expected)
}

/// More than a batch takes beside its one value, in bytes.
const LENGTH_SLACK_BYTES: usize = 200;

/// `produce_append` of a batch of a given size.
pub(super) fn large_batch(case: &Value) -> Check {
    let bytes =
        usize::try_from(integer(case, "given.batch_bytes")?).map_err(|_| "given.batch_bytes is out of range")?;
    let max_message_bytes = integer(case, "given.max_message_bytes")?;
    let expected = field(case, "expected")?;
    let of = |length: usize| {
        let value = "x".repeat(length);
        RecordBatch::of([Record { value: Some(value.as_str().into()), ..Record::default() }]).size_bytes()
    };
    // A value that is little smaller takes as many bytes for its length.
    let smaller = bytes.saturating_sub(LENGTH_SLACK_BYTES);
    let length = bytes.saturating_sub(usize::try_from(of(smaller)).unwrap_or(0).saturating_sub(smaller));
    if usize::try_from(of(length)) != Ok(bytes) {
        return Err(format!("no batch of one record has {bytes} bytes"));
    }
    let is_appended = expected["appended"] == json!(true);
    let base_offset = if is_appended { 0 } else { -1 };
    let body = produce_body(TOPIC, small(case, "given.acks")?, &"x".repeat(length));
    let steps = [
        create_topic(TOPIC, &[1], &json!({"max.message.bytes": max_message_bytes.to_string()})),
        request(1, "Produce", 11, &body, &produced(TOPIC, &expected["error"], base_offset)),
        log_end_offset(TOPIC, i64::from(is_appended)),
    ];
    Cluster::single(json!({})).play(&steps, expected)
}

/// `delayed_produce` of a leader that is the whole ISR: the high watermark has moved before anybody looks.
pub(super) fn alone_in_the_isr(expected: &Value) -> Check {
    let steps = [
        create_topic(TOPIC, &[1], &json!({})),
        send("all", 1, "Produce", 11, &produce_body(TOPIC, -1, "v")),
        answer("all", SOON_MS, &produced(TOPIC, &expected["error"], 0)),
    ];
    Cluster::single(json!({})).play(&steps, expected)
}

/// `fetch_partition` with a bound that is smaller than the first batch.
pub(super) fn small_fetch(case: &Value) -> Check {
    let bytes = usize::try_from(case["given"]["first_batch_bytes"].as_u64().unwrap_or(1)).unwrap_or(1);
    let max_bytes = field(case, "given.max_bytes")?;
    let expected = field(case, "expected")?;
    let value = "x".repeat(bytes);
    let records = match expected["records_returned"].as_str() {
        Some("the first batch whole") => json!([{"baseOffset": 0, "lastOffset": 0, "records": [{"value": value}]}]),
        _ => return Ok(Outcome::no_rule()),
    };
    let steps = [
        create_topic(TOPIC, &[1], &json!({})),
        request(1, "Produce", 11, &produce_body(TOPIC, -1, &value), &produced(TOPIC, &json!("NONE"), 0)),
        request(1, "Produce", 11, &produce_body(TOPIC, -1, "second"), &produced(TOPIC, &json!("NONE"), 1)),
        request(
            1,
            "Fetch",
            17,
            &fetch_body(&Fetch { max_bytes, ..Fetch::default() }),
            &fetched(&expected["error"], &records),
        ),
    ];
    Cluster::single(json!({})).play(&steps, expected)
}

/// `fetch_partition` of a follower whose log parts from the leader's: where it is said to be does not count.
pub(super) fn diverging_follower(expected: &Value) -> Check {
    let follower = |offset: i64, epoch: i32| Fetch { offset, epoch, follower: true, ..Fetch::default() };
    let high_watermark = if expected["follower_state_updated"] == json!(false) { 0 } else { 1 };
    let steps = [
        create_topic(TOPIC, &[1, 2], &json!({})),
        request(1, "Produce", 11, &produce_body(TOPIC, 1, "v"), &produced(TOPIC, &json!("NONE"), 0)),
        // The leader's epoch 0 ends at 1.
        request(
            1,
            "Fetch",
            17,
            &fetch_body(&follower(5, 0)),
            &json!({"responses": [{"topicId": "topicId:orders", "partitions": [
                {"partitionIndex": 0, "error": "NONE", "divergingEpoch": {"epoch": 0, "endOffset": 1}},
            ]}]}),
        ),
        latest_offset(TOPIC, high_watermark),
        // As soon as it is where the leader is, it counts.
        request(1, "Fetch", 17, &fetch_body(&follower(1, 0)), &fetched(&json!("NONE"), &json!([]))),
        latest_offset(TOPIC, 1),
    ];
    Cluster::single(json!({"replica.lag.time.max.ms": 600_000})).and("puppet").play(&steps, expected)
}

/// `delayed_fetch`: what a fetch that may wait is answered, and when. `None` where no run tells it.
pub(super) fn waiting_fetch(case: &Value) -> Option<Check> {
    let given = &case["given"];
    let expected = &case["expected"];
    let min_bytes = given["min_bytes"].as_i64().unwrap_or(1);
    let produce =
        |offset: i64| request(1, "Produce", 11, &produce_body(TOPIC, 1, "v"), &produced(TOPIC, &json!("NONE"), offset));
    let record = |offset: i64| json!({"baseOffset": offset, "records": [{"value": "v"}]});
    if let Some(error) = given.get("any_partition_error") {
        let asked = Fetch { offset: 100, max_wait_ms: 5_000, ..Fetch::default() };
        let steps = [
            create_topic(TOPIC, &[1], &json!({})),
            send("f", 1, "Fetch", 17, &fetch_body(&asked)),
            answer("f", SOON_MS, &at_once(expected, &fetched(error, &json!([])))),
        ];
        return Some(Cluster::single(json!({})).play(&steps, expected));
    }
    if given.get("elapsed_ms").is_some() && given["elapsed_ms"] == given["max_wait_ms"] {
        let max_wait_ms = given["max_wait_ms"].as_u64().unwrap_or(0);
        let steps = [
            create_topic(TOPIC, &[1], &json!({})),
            // Not as much as is asked for.
            produce(0),
            send("f", 1, "Fetch", 17, &fetch_body(&Fetch { max_wait_ms, min_bytes, ..Fetch::default() })),
            answer("f", max_wait_ms.saturating_sub(100), &json!("nothing")),
            answer("f", SOON_MS, &at_once(expected, &fetched(&expected["error"], &json!([record(0)])))),
        ];
        return Some(Cluster::single(json!({})).play(&steps, expected));
    }
    if given["event"] == json!("fetch offset lies on an older segment than the end") {
        let asked = Fetch { min_bytes: 1_000_000, max_wait_ms: 5_000, ..Fetch::default() };
        let steps = [
            // A second later a record begins another segment.
            create_topic(TOPIC, &[1], &json!({"segment.ms": "500"})),
            produce(0),
            wait(1_000),
            produce(1),
            send("f", 1, "Fetch", 17, &fetch_body(&asked)),
            answer("f", SOON_MS, &at_once(expected, &fetched(&json!("NONE"), &json!([record(0)])))),
        ];
        return Some(Cluster::single(json!({})).play(&steps, expected));
    }
    if let Some(max_wait_ms) = expected["may_wait_up_to_ms"].as_u64() {
        return Some(lagging_follower(max_wait_ms, expected));
    }
    None
}

/// A follower that waits at the log's end while another one's fetch moves the high watermark.
fn lagging_follower(max_wait_ms: u64, expected: &Value) -> Check {
    let fetch = |id: i32, offset: i64, max_wait_ms: u64| {
        let mut body = fetch_body(&Fetch { offset, max_wait_ms, follower: true, ..Fetch::default() });
        body["replicaState"] = json!({"replicaId": id, "replicaEpoch": format!("brokerEpoch:{id}")});
        body
    };
    let fetched_at = |high_watermark: i64| {
        json!({"responses": [{"topicId": "topicId:orders", "partitions": [
            {"partitionIndex": 0, "error": "NONE", "highWatermark": high_watermark, "records": []},
        ]}]})
    };
    let is_delayed = expected["delayed"] == json!(true);
    let steps = [
        create_topic(TOPIC, &[1, 2, 3], &json!({})),
        request(1, "Produce", 11, &produce_body(TOPIC, 1, "v"), &produced(TOPIC, &json!("NONE"), 0)),
        send("f", 1, "Fetch", 17, &fetch(2, 1, max_wait_ms)),
        latest_offset(TOPIC, 0),
        send("g", 1, "Fetch", 17, &fetch(3, 1, 0)),
        // It is answered with the mark as it was before it proved anything.
        answer("g", SOON_MS, &fetched_at(0)),
        latest_offset(TOPIC, 1),
        answer("f", max_wait_ms.saturating_sub(200), &if is_delayed { json!("nothing") } else { fetched_at(1) }),
        answer("f", 2 * SOON_MS, &fetched_at(1)),
    ];
    Cluster::single(json!({"replica.lag.time.max.ms": 600_000})).and("puppet").and("puppet").play(&steps, expected)
}

/// What is answered at once, where it is expected to be.
fn at_once(expected: &Value, answer: &Value) -> Value {
    if expected["complete"] == json!(true) || expected["delayed"] == json!(false) {
        answer.clone()
    } else {
        json!("nothing")
    }
}

/// What differs between fetches here.
struct Fetch<'a> {
    offset: i64,
    epoch: i32,
    min_bytes: i64,
    max_wait_ms: u64,
    max_bytes: &'a Value,
    follower: bool,
}

/// Enough for everything that is written here.
const MANY_BYTES: Value = Value::Null;

impl Default for Fetch<'_> {
    fn default() -> Self {
        Self { offset: 0, epoch: -1, min_bytes: 1, max_wait_ms: 0, max_bytes: &MANY_BYTES, follower: false }
    }
}

fn fetch_body(fetch: &Fetch) -> Value {
    let max_bytes = if fetch.max_bytes.is_null() { json!(1_048_576) } else { fetch.max_bytes.clone() };
    let asked = json!([{
        "partition": 0, "currentLeaderEpoch": -1, "fetchOffset": fetch.offset, "lastFetchedEpoch": fetch.epoch,
        "logStartOffset": -1, "partitionMaxBytes": max_bytes,
    }]);
    let mut body = json!({
        "maxWaitMs": fetch.max_wait_ms, "minBytes": fetch.min_bytes, "maxBytes": max_bytes, "isolationLevel": 0,
        "sessionId": 0, "sessionEpoch": -1, "topics": [{"topicId": "topicId:orders", "partitions": asked}],
    });
    if fetch.follower {
        body["replicaState"] = json!({"replicaId": 2, "replicaEpoch": "brokerEpoch:2"});
    }
    body
}

fn fetched(error: &Value, records: &Value) -> Value {
    let partitions = json!([{"partitionIndex": 0, "error": error, "records": records}]);
    json!({"responses": [{"topicId": "topicId:orders", "partitions": partitions}]})
}
