//! What transactions mean to brokers and readers, each case as a short run of a cluster: the steps of a transcript, with what is
//! expected as what Kafka answered.

use serde_json::{Value, json};

use super::runs::{self, Cluster};
use super::{Check, Outcome, field, small};

/// Longer than the coordinator takes to end what timed out, and markers to be written.
const SLACK_MS: u64 = 30_000;

pub(super) fn in_a_cluster(case: &Value) -> Check {
    let given = field(case, "given")?;
    let expected = field(case, "expected")?;
    let steps = if given.get("transactional_batch").is_some() {
        unverified(given, expected)
    } else if given.get("transaction_timeout_ms_default").is_some() {
        timed_out(case, expected)?
    } else if given.get("commit_marker_written").is_some() || given["isolation"] == json!("read_uncommitted") {
        read(expected)
    } else {
        return Ok(Outcome::no_rule());
    };
    play(steps, expected)
}

/// Plays the steps on a topic of their own.
fn play(mut steps: Vec<Value>, expected: &Value) -> Check {
    steps.insert(0, json!({"do": "create-topic", "topic": "orders", "partitions": 1, "config": {}}));
    Cluster::single(json!({})).play(&steps, expected)
}

fn request(api: &str, version: i16, body: &Value, saw: &Value) -> Value {
    runs::request(1, api, version, body, saw)
}

/// Has the coordinator's topic made, and gets the producer its id.
fn begin(timeout_ms: i32) -> Vec<Value> {
    let find = json!({"keyType": 1, "coordinatorKeys": ["t"]});
    vec![
        json!({"do": "request", "to": 1, "port": "broker", "api": "FindCoordinator", "version": 6, "body": find}),
        json!({"do": "wait", "forMs": 3000}),
        // The first to ask waits for the broker's block of ids.
        request("InitProducerId", 4, &json!({"transactionalId": "first", "transactionTimeoutMs": 60_000}), &json!({})),
        json!({"do": "wait", "forMs": 1000}),
        request("InitProducerId", 4, &init(timeout_ms), &json!({"error": "NONE", "producerId": "producerId:1"})),
    ]
}

fn init(timeout_ms: i32) -> Value {
    json!({"transactionalId": "t", "transactionTimeoutMs": timeout_ms, "producerId": -1, "producerEpoch": -1})
}

fn add_partition() -> Value {
    let body = json!({
        "v3AndBelowTransactionalId": "t", "v3AndBelowProducerId": "producerId:1", "v3AndBelowProducerEpoch": 0,
        "v3AndBelowTopics": [{"name": "orders", "partitions": [0]}],
    });
    request("AddPartitionsToTxn", 3, &body, &json!({}))
}

fn produce(version: i16, error: &Value) -> Value {
    let records = json!({
        "records": [{"key": null, "value": "v"}],
        "producerId": "producerId:1", "producerEpoch": 0, "baseSequence": 0, "transactional": true,
    });
    let data = json!([{"name": "orders", "partitionData": [{"index": 0, "records": records}]}]);
    let body = json!({"acks": -1, "timeoutMs": 5000, "transactionalId": "t", "topicData": data});
    let result = json!([{"index": 0, "error": error}]);
    request("Produce", version, &body, &json!({"responses": [{"name": "orders", "partitionResponses": result}]}))
}

/// A transactional batch for a partition that may not be in the transaction.
fn unverified(given: &Value, expected: &Value) -> Vec<Value> {
    let mut steps = begin(60_000);
    if given["partition_added_to_txn"] == json!(true) {
        steps.push(add_partition());
    }
    let version = given["produce_version"].as_i64().and_then(|version| i16::try_from(version).ok()).unwrap_or(11);
    steps.push(produce(version, &expected["error"]));
    let end = i64::from(expected["appended"] == json!(true));
    let asked = json!([{"partitionIndex": 0, "currentLeaderEpoch": -1, "timestamp": -1}]);
    let body = json!({"replicaId": -1, "isolationLevel": 0, "topics": [{"name": "orders", "partitions": asked}]});
    let partitions = json!([{"partitionIndex": 0, "offset": end}]);
    steps.push(request("ListOffsets", 7, &body, &json!({"topics": [{"name": "orders", "partitions": partitions}]})));
    steps
}

/// A transaction that nobody ends: its marker, and the producer's epoch in it.
fn timed_out(case: &Value, expected: &Value) -> Result<Vec<Value>, String> {
    let timeout_ms: i32 = small(case, "given.transaction_timeout_ms_default")?;
    let max_ms: i32 = small(case, "given.broker_max_ms")?;
    let mut steps = begin(timeout_ms);
    let too_long = json!({"error": "INVALID_TRANSACTION_TIMEOUT"});
    steps.push(request("InitProducerId", 4, &init(max_ms.saturating_add(1)), &too_long));
    steps.extend([add_partition(), produce(11, &json!("NONE"))]);
    steps.push(json!({"do": "wait", "forMs": u64::from(timeout_ms.unsigned_abs()) + SLACK_MS}));
    let asked = json!([{"partition": 0, "currentLeaderEpoch": -1, "fetchOffset": 1, "lastFetchedEpoch": -1,
        "logStartOffset": -1, "partitionMaxBytes": 1_048_576}]);
    let body = json!({"maxWaitMs": 0, "minBytes": 0, "maxBytes": 1_048_576, "isolationLevel": 0, "sessionId": 0,
        "sessionEpoch": -1, "topics": [{"topicId": "topicId:orders", "partitions": asked}]});
    let epoch = i16::from(expected["epoch_bumped"] == json!(true));
    let marker = json!({"baseOffset": 1, "producerEpoch": epoch, "control": true,
        "records": [{"offset": 1, "controlType": "ABORT"}]});
    let records = if expected["coordinator_aborts"] == json!(true) { json!([marker]) } else { json!([]) };
    let partitions = json!([{"partitionIndex": 0, "error": "NONE", "records": records}]);
    steps.push(request(
        "Fetch",
        17,
        &body,
        &json!({"responses": [{"topicId": "topicId:orders", "partitions": partitions}]}),
    ));
    Ok(steps)
}

/// Two transactions, one committed and one aborted, as consumers of either isolation level see them.
fn read(expected: &Value) -> Vec<Value> {
    // Who sees neither open nor aborted transactions is read_committed; markers take an offset or they do not.
    let sees_all = expected["sees_open_and_aborted"] != json!(false);
    let marker = i64::from(expected["consumes_one_offset"] != json!(false));
    let done = |verb: &str| json!({"do": verb, "producer": "one", "saw": "done"});
    let seen = |records: &[(i64, &str)]| json!(if sees_all { records } else { &[] });
    let consume = |uncommitted: Value, committed: Value, position: i64, stable: i64| {
        json!({"do": "consume", "saw": {
            "read_uncommitted": {"records": uncommitted, "position": position},
            "read_committed": {"records": committed, "position": stable},
        }})
    };
    let second = 1 + marker;
    vec![
        done("initTransactions"),
        done("begin"),
        json!({"do": "produce", "producer": "one", "value": "a", "saw": {"offset": 0}}),
        consume(seen(&[(0, "a")]), json!([]), 1, 0),
        done("commit"),
        consume(json!([]), json!([[0, "a"]]), second, second),
        done("begin"),
        json!({"do": "produce", "producer": "one", "value": "b", "saw": {"offset": second}}),
        consume(seen(&[(second, "b")]), json!([]), second + 1, second),
        done("abort"),
        consume(json!([]), json!([]), second + 1 + marker, second + 1 + marker),
    ]
}
