//! Settings that change something while a broker runs, or keep it from starting, as a real 4.3.1 was seen to do.

use kafkascope_core::cluster::Cluster;
use kafkascope_core::config::ClusterConfig;
use kafkascope_core::transcript::{Transcript, attempt};
use serde_json::{Value, json};

/// Plays steps on one node; they must agree, and all of them be comparable.
fn agrees(settings: &Value, steps: &Value) {
    let transcript = json!({
        "id": "settings", "title": "", "kafka": "4.3.1", "kind": "cluster",
        "cluster": {"nodes": [{"id": 1, "roles": "broker,controller"}], "settings": settings}, "steps": steps,
    });
    let transcript = Transcript::from_json(&transcript.to_string()).expect("it is a transcript");
    let outcome = attempt(&transcript, 1, 0);
    assert!(outcome.differences.is_empty(), "{:#?}", outcome.differences);
    assert!(outcome.not_compared.is_empty(), "{:?}", outcome.not_compared);
}

fn produced(topic: &str, count: u32) -> Vec<Value> {
    let record = |number: u32| json!([{"key": format!("k{}", number % 2), "value": "v".repeat(60)}]);
    let produce =
        |number| json!({"do": "produce", "topic": topic, "partition": 0, "acks": "all", "records": record(number)});
    (0..count).map(produce).collect()
}

#[test]
fn a_change_of_what_the_cleaner_reads_starts_it_at_once() {
    let config =
        json!({"cleanup.policy": "compact", "min.cleanable.dirty.ratio": "0.0", "internal.segment.bytes": "200"});
    let mut steps = vec![json!({"do": "create-topic", "topic": "c", "assignment": [[1]], "config": config})];
    steps.extend(produced("c", 8));
    steps.push(json!({"do": "alter-config", "type": "BROKER", "name": "1", "set": {"log.retention.bytes": "100000"}}));
    steps.push(json!({"do": "wait", "forMs": 2_000}));
    let not_yet: [&str; 0] = [];
    steps.push(json!({"do": "observe", "saw": {"cleaner-offset-checkpoint": not_yet}}));
    steps.push(
        json!({"do": "alter-config", "type": "BROKER", "name": "1", "set": {"log.cleaner.backoff.ms": "500000"}}),
    );
    steps.push(json!({"do": "wait", "forMs": 2_000}));
    steps.push(json!({"do": "observe", "saw": {"cleaner-offset-checkpoint": ["c 0 7"]}}));
    agrees(&json!({"log.cleaner.backoff.ms": 600_000}), &Value::from(steps));
}

#[test]
fn the_files_of_a_deleted_segment_stay_until_their_delay_is_over() {
    let config = json!({"internal.segment.bytes": "200", "retention.bytes": "200", "file.delete.delay.ms": "6000"});
    let mut steps = vec![json!({"do": "create-topic", "topic": "d", "assignment": [[1]], "config": config})];
    steps.extend(produced("d", 3));
    let files = |base: i64| ["index", "log", "timeindex"].map(|kind| format!("{base:020}.{kind}.deleted"));
    steps.push(json!({"do": "wait", "forMs": 1_200}));
    steps.push(json!({"do": "observe", "saw": {"deleted": files(0), "earliest": 1}}));
    steps.push(json!({"do": "wait", "forMs": 7_000}));
    let none: [&str; 0] = [];
    steps.push(json!({"do": "observe", "saw": {"deleted": none, "earliest": 1}}));
    agrees(&json!({"log.retention.check.interval.ms": 1_000, "log.initial.task.delay.ms": 0}), &Value::from(steps));
}

#[test]
fn settings_that_contradict_each_other_keep_a_node_from_starting() {
    let refusal = |settings: Value| {
        let cluster = json!({"nodes": [{"id": 1, "roles": "broker,controller"}], "settings": settings});
        let config: ClusterConfig = serde_json::from_value(cluster).expect("it is a cluster");
        Cluster::new(&config, 1).err().map(|errors| format!("{errors:?}")).unwrap_or_default()
    };
    assert_eq!(refusal(json!({"replica.lag.time.max.ms": "500"})), "");
    let told = refusal(json!({"replica.lag.time.max.ms": "499"}));
    assert!(
        told.contains("replica.fetch.wait.max.ms should always be less than or equal to replica.lag.time.max.ms"),
        "{told}"
    );
    let told = refusal(json!({"log.cleaner.dedupe.buffer.size": "2000000", "log.cleaner.threads": "2"}));
    assert!(told.contains("must be at least 1MB per cleaner thread"), "{told}");
    assert!(told.contains("nodes[0].settings"), "the place is named: {told}");
    assert!(refusal(json!({"log.retention.ms": "0"})).contains("log.retention.ms must be unlimited (-1)"));
}
