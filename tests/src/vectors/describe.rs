//! What a real Kafka told of itself, its settings and its topics: requests to a cluster of one node, one after the other.

use kafkascope_core::transcript::{Transcript, attempt};
use serde_json::{Value, json};

use super::{Check, Outcome, field, text};

/// How long the recorder waited after a change before it asked again.
const AFTER_CHANGE_MS: u64 = 700;
/// What later files of the lab hold, and this recorder's did not.
const NOT_IN_THE_FILE: [&str; 3] = [
    "log.message.timestamp.type",
    "share.coordinator.state.topic.min.isr",
    "share.coordinator.state.topic.replication.factor",
];

/// Sends the requests of a case and compares every field of the answers.
pub(super) fn describe(_: &str, case: &Value) -> Check {
    let mut steps = Vec::new();
    for step in field(case, "steps")?.as_array().ok_or("steps is no list")? {
        let api = text(step, "api")?;
        steps.push(json!({
            "do": "request", "to": 1, "port": field(step, "port")?, "api": api, "version": field(step, "version")?,
            "body": field(step, "body")?, "saw": field(step, "saw")?,
        }));
        if api == "IncrementalAlterConfigs" {
            steps.push(json!({"do": "wait", "forMs": AFTER_CHANGE_MS}));
        }
    }
    let mut settings = field(case, "settings")?.clone();
    let settings = settings.as_object_mut().ok_or("settings is no object")?;
    settings.extend(NOT_IN_THE_FILE.map(|name| (name.to_owned(), Value::Null)));
    let transcript = json!({
        "id": text(case, "id")?, "title": "", "kafka": "4.3.1", "kind": "requests",
        "cluster": {
            "nodes": [{"id": 1, "roles": "broker,controller", "rack": "r1"}], "settings": settings,
        },
        "steps": steps,
    });
    play(&transcript)
}

/// Plays a case that was made a recording, and compares whatever its steps tell.
pub(super) fn play(recording: &Value) -> Check {
    let transcript = Transcript::from_json(&recording.to_string()).map_err(|error| format!("{error:?}"))?;
    let outcome = attempt(&transcript, 1, 0);
    if !outcome.not_compared.is_empty() {
        return Err(format!("{:?} cannot be compared", outcome.not_compared));
    }
    Ok(match outcome.differences.first() {
        None => Outcome::Passed,
        Some(first) => {
            let asked = transcript.steps.get(first.step).and_then(|step| step.get("body")).unwrap_or(&Value::Null);
            Outcome::Failed {
                expected: format!("{asked}: {} {}", first.path, first.expected),
                got: format!("{} differ: {}", outcome.differences.len(), first.got),
            }
        }
    })
}
