//! Cases that only a whole cluster can tell, each as a short run: the steps of a transcript, with what is expected as what
//! Kafka answered.

use kafkascope_core::transcript::{self, Accept, Transcript, Verdict};
use serde_json::{Value, json};

use super::{Check, Outcome};

/// A cluster that a case is played on: node 1 is its controller, too.
pub(super) struct Cluster {
    nodes: Vec<Value>,
    settings: Value,
}

impl Cluster {
    /// Of one broker.
    pub(super) fn single(settings: Value) -> Self {
        Self { nodes: vec![json!({"id": 1, "roles": "broker,controller"})], settings }
    }

    /// With another node of this role.
    pub(super) fn and(mut self, role: &str) -> Self {
        self.nodes.push(json!({"id": self.nodes.len() + 1, "roles": role}));
        self
    }

    /// Plays the steps; what differs is what the engine makes of the case.
    pub(super) fn play(self, steps: &[Value], expected: &Value) -> Check {
        let json = json!({
            "id": "vector", "title": "vector", "kafka": "4.3.1", "kind": "requests", "about": "",
            "cluster": {"nodes": self.nodes, "settings": self.settings},
            "steps": steps, "varies": [],
        });
        let transcript = Transcript::from_json(&json.to_string()).map_err(|error| error.to_string())?;
        let outcome = transcript::play_accepting(&transcript, Accept::First);
        if let Some(what) = outcome.not_compared.keys().next() {
            return Err(format!("the run itself cannot be told: {what}"));
        }
        Ok(match outcome.verdict {
            Verdict::Agrees => Outcome::Passed,
            Verdict::Differs | Verdict::Unsupported => {
                Outcome::Failed { expected: expected.to_string(), got: format!("{:?}", outcome.differences) }
            }
        })
    }
}

/// A request to a broker and what it is answered.
pub(super) fn request(to: i32, api: &str, version: i16, body: &Value, saw: &Value) -> Value {
    json!({"do": "request", "to": to, "port": "broker", "api": api, "version": version, "body": body, "saw": saw})
}

/// A request whose answer is looked at later, on a connection of its own.
pub(super) fn send(name: &str, to: i32, api: &str, version: i16, body: &Value) -> Value {
    json!({
        "do": "send", "as": name, "to": to, "port": "broker", "conn": name, "api": api, "version": version, "body": body,
    })
}

/// What a request that was sent is answered within `within_ms`.
pub(super) fn answer(name: &str, within_ms: u64, saw: &Value) -> Value {
    json!({"do": "answer", "of": name, "withinMs": within_ms, "saw": saw})
}

pub(super) fn wait(for_ms: u64) -> Value {
    json!({"do": "wait", "forMs": for_ms})
}

/// A topic with one partition on these nodes.
pub(super) fn create_topic(topic: &str, replicas: &[i32], config: &Value) -> Value {
    json!({"do": "create-topic", "topic": topic, "assignment": [replicas], "config": config, "saw": {"error": "NONE"}})
}

/// The offset behind the last record that consumers may read.
pub(super) fn latest_offset(topic: &str, offset: i64) -> Value {
    latest_offset_for(CONSUMER, topic, offset)
}

/// The offset behind the last record: what a debugging consumer is told (`ListOffsetsRequest.DEBUGGING_REPLICA_ID`).
pub(super) fn log_end_offset(topic: &str, offset: i64) -> Value {
    latest_offset_for(DEBUGGING_CONSUMER, topic, offset)
}

const CONSUMER: i32 = -1;
const DEBUGGING_CONSUMER: i32 = -2;

fn latest_offset_for(replica_id: i32, topic: &str, offset: i64) -> Value {
    let asked = json!([{"partitionIndex": 0, "currentLeaderEpoch": -1, "timestamp": -1}]);
    let body = json!({"replicaId": replica_id, "isolationLevel": 0, "topics": [{"name": topic, "partitions": asked}]});
    let partitions = json!([{"partitionIndex": 0, "error": "NONE", "offset": offset}]);
    request(1, "ListOffsets", 7, &body, &json!({"topics": [{"name": topic, "partitions": partitions}]}))
}

/// The body of a Produce with one record.
pub(super) fn produce_body(topic: &str, acks: i16, value: &str) -> Value {
    let records = json!({"records": [{"key": null, "value": value}]});
    let data = json!([{"name": topic, "partitionData": [{"index": 0, "records": records}]}]);
    json!({"acks": acks, "timeoutMs": 5000, "transactionalId": null, "topicData": data})
}

/// What a Produce of one record is answered.
pub(super) fn produced(topic: &str, error: &Value, base_offset: i64) -> Value {
    let result = json!([{"index": 0, "error": error, "baseOffset": base_offset}]);
    json!({"responses": [{"name": topic, "partitionResponses": result}]})
}
