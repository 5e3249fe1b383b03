//! Which fields of a step each verb has a use for.
//!
//! A step with any other field cannot be played as told: it is counted as unsupported under the field's name, never played
//! without it.

use super::format::TranscriptStep;

/// A verb of transcripts.
pub struct Verb {
    /// The fields that it has a use for, besides `do`, `saw` and `note`.
    pub fields: &'static [&'static str],
    /// Whether it may change the cluster.
    pub changes: bool,
}

/// Fields that tell more facts, as `saw` does: they can be left uncompared without playing the step differently.
const FACTS: [&str; 1] = ["after"];

/// A verb by its name; none if it is not known.
pub fn verb(name: &str) -> Option<Verb> {
    const PROCESS: &[&str] = &["node"];
    let (fields, changes): (&'static [&'static str], bool) = match name {
        "note" => (&["what", "text"], false),
        "request" => (
            &[
                "to",
                "port",
                "api",
                "version",
                "body",
                "conn",
                "clientId",
                "wrote",
                "topic",
                "asks",
                "allowAutoTopicCreation",
                "validateOnly",
                "group",
                "generation",
                "offset",
            ],
            true,
        ),
        "send" => (&["as", "to", "port", "api", "version", "body", "conn", "clientId"], true),
        "answer" => (&["of", "withinMs"], false),
        "raw" => (&["to", "port", "send"], false),
        "produce" => (
            &[
                "topic",
                "partition",
                "acks",
                "to",
                "timeoutMs",
                "records",
                "timestamp",
                "by",
                "config",
                "producer",
                "value",
                "key",
            ],
            true,
        ),
        "open-producer" => (&["config"], false),
        "initTransactions" | "begin" | "abort" => (&["producer"], true),
        "sendOffsets" => (&["producer", "group", "offset", "topic"], true),
        "repeat" => (&["times", "to", "port", "api", "version", "body", "conn", "what", "everyMs", "forMs"], true),
        "create-topic" => {
            (&["topic", "topics", "by", "assignment", "config", "partitions", "replicationFactor", "to"], true)
        }
        "create-acl" => (&["permission", "operation", "resource", "name", "pattern", "principal", "host"], true),
        "delete-topic" => (&["topic", "to"], true),
        "create-partitions" => (&["topic", "count", "assignment", "to"], true),
        "alter-config" => (&["type", "name", "resource", "set", "to"], true),
        "elect" => (&["topic", "partitions", "type", "to"], true),
        "reassign" => (&["topic", "partition", "replicas", "to"], true),
        "delete-records" => (&["topic", "partition", "before"], true),
        "start" => (&["node", "nodes", "consumer"], true),
        "crash" => (&["node", "consumer"], true),
        "close" => (&["consumer"], true),
        "stop" | "pause" | "resume" => (PROCESS, true),
        "cut" => (&["from", "to", "both"], true),
        "heal" => (&[], true),
        "join" => (&["group", "protocol", "member", "coordinator", "consumer", "topics", "groupInstanceId"], true),
        "leave" => (&["group", "member", "consumer"], true),
        "commit" => (&["group", "offset", "topic", "partition", "metadata", "by", "times", "producer"], true),
        "heartbeat-until" => (&["member", "generation", "epoch", "everyMs"], true),
        "wait" => (&["forMs", "condition", "until"], true),
        "observe" => (&["node", "topic", "partition"], false),
        "files" => (&["path", "change"], false),
        // These only look; the engine has no words for what they see.
        "records" => (&[], false),
        "consume" => (&["policy", "committed"], false),
        "describe-cluster" | "describe-quorum" | "describe-topic" => (&[], false),
        _ => return None,
    };
    Some(Verb { fields, changes })
}

/// The first field of a step that its verb has no use for.
pub fn unused<'s>(step: &'s TranscriptStep, verb: &Verb) -> Option<&'s str> {
    let known = |field: &str| verb.fields.contains(&field) || FACTS.contains(&field);
    step.arguments.keys().map(String::as_str).find(|field| !known(field))
}

/// Fields of a step that tell facts which are not compared.
pub fn facts(step: &TranscriptStep) -> impl Iterator<Item = (&String, &serde_json::Value)> {
    step.arguments.iter().filter(|(field, _)| FACTS.contains(&field.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transcript::Transcript;

    fn step(json: &str) -> TranscriptStep {
        let text = format!(r#"{{"id": "x", "title": "x", "kind": "cluster", "steps": [{json}]}}"#);
        Transcript::from_json(&text).expect("it is a transcript").steps.remove(0)
    }

    #[test]
    fn a_field_without_use_is_named() {
        let produce = verb("produce").expect("it is a verb");
        assert_eq!(unused(&step(r#"{"do": "produce", "topic": "t", "moon": 1}"#), &produce), Some("moon"));
        assert_eq!(unused(&step(r#"{"do": "produce", "topic": "t", "timestamp": 1, "note": "n"}"#), &produce), None);
    }

    #[test]
    fn what_tells_more_facts_is_no_field_without_use() {
        let request = verb("request").expect("it is a verb");
        let step = step(r#"{"do": "request", "api": "Vote", "after": {"state": "Leader"}}"#);
        assert_eq!((unused(&step, &request), facts(&step).count()), (None, 1));
    }
}
