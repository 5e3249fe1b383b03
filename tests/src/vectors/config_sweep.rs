//! Every setting with a handful of values, as a real Kafka took or refused them: each is a request to a cluster of one node.

use serde_json::{Value, json};

use super::describe::play;
use super::{Check, Outcome, field, text};

/// What a broker would find out only by opening sockets: here is none.
const SOCKETS: [&str; 2] = ["listeners", "listener.security.protocol.map"];

/// Asks for one setting with each value and operation, and compares error and message.
pub(super) fn config_sweep(_: &str, case: &Value) -> Check {
    let mut steps = vec![json!({"do": "create-topic", "topic": "t", "assignment": [[1]]})];
    let scope = text(case, "scope")?;
    if let Some(names) = case.get("read_only") {
        let expected = field(case, "expected")?;
        for (name, value) in names.as_object().ok_or("read_only is no object")? {
            steps.push(step(scope, name, "set", value, expected)?);
        }
    } else {
        let name = text(case, "name")?;
        if scope == "broker" && SOCKETS.contains(&name) {
            return Ok(Outcome::Skipped(name.to_owned()));
        }
        for expected in field(case, "expected")?.as_array().ok_or("expected is no list")? {
            for value in field(expected, "values")?.as_array().ok_or("values is no list")? {
                steps.push(step(scope, name, text(expected, "operation")?, value, expected)?);
            }
        }
    }
    let transcript = json!({
        "id": text(case, "id")?, "title": "", "kafka": "4.3.1", "kind": "requests",
        "cluster": {
            "nodes": [{"id": 1, "roles": "broker,controller"}],
            "settings": {"num.io.threads": 4, "num.network.threads": 2, "log.cleaner.dedupe.buffer.size": 4_000_000},
        },
        "steps": steps,
    });
    play(&transcript)
}

/// One setting as a step.
fn step(scope: &str, name: &str, operation: &str, value: &Value, expected: &Value) -> Result<Value, String> {
    let message = match expected.get("message").and_then(Value::as_str) {
        Some(message) => json!(message.replace("{name}", name).replace("{value}", value.as_str().unwrap_or_default())),
        None => Value::Null,
    };
    let result = json!({"errorCode": field(expected, "error")?, "errorMessage": message});
    let operation = match operation {
        "set" => 0,
        "delete" => 1,
        "append" => 2,
        "subtract" => 3,
        other => other.parse::<i8>().map_err(|_| format!("operation is {other}"))?,
    };
    let (resource_type, resource) = match scope {
        "create" => return Ok(create_step(&json!([{"name": name, "value": value}]), &result)),
        "topic" => (2, "t"),
        "broker" => (4, "1"),
        "default" => (4, ""),
        other => return Err(format!("scope is {other}")),
    };
    let configs = json!([{"name": name, "configOperation": operation, "value": value}]);
    let resources = json!([{"resourceType": resource_type, "resourceName": resource, "configs": configs}]);
    Ok(alter_step(&resources, &json!([result])))
}

fn alter_step(resources: &Value, responses: &Value) -> Value {
    json!({
        "do": "request", "to": 1, "port": "broker", "api": "IncrementalAlterConfigs", "version": 1,
        "body": {"validateOnly": true, "resources": resources},
        "saw": {"responses": responses},
    })
}

fn create_step(configs: &Value, result: &Value) -> Value {
    let topic =
        json!({"name": "new", "numPartitions": 1, "replicationFactor": 1, "assignments": [], "configs": configs});
    json!({
        "do": "request", "to": 1, "port": "broker", "api": "CreateTopics", "version": 7,
        "body": {"validateOnly": true, "timeoutMs": 5_000, "topics": [topic]},
        "saw": {"topics": [result]},
    })
}
