//! Topics that a recording presupposes: its requests were carried out on them, and no step of it creates them. Their
//! recorder had created them before it began.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::format::TranscriptStep;
use super::player::{PATIENCE_MS, Player};
use crate::actor::Listener;
use crate::change::is_internal;

/// Requests that name partitions by their topics' names.
const OF_PARTITIONS: [&str; 6] =
    ["Produce", "Fetch", "ListOffsets", "DeleteRecords", "OffsetCommit", "OffsetForLeaderEpoch"];
/// Answers that tell nothing of whether a topic exists.
const SAYS_NOTHING: [&str; 8] = [
    "UNKNOWN_TOPIC_OR_PARTITION",
    "UNKNOWN_TOPIC_ID",
    "INVALID_TOPIC_EXCEPTION",
    "TOPIC_AUTHORIZATION_FAILED",
    // Of the request as a whole.
    "UNKNOWN_SERVER_ERROR",
    "INVALID_REQUEST",
    "REQUEST_TIMED_OUT",
    "UNSUPPORTED_VERSION",
];
/// What `LogValidator` says of a record without a key, of compacted topics only.
const ONLY_OF_COMPACTED: &str = "Compacted topic cannot accept message without key";

/// What is known of a presupposed topic.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Presupposed {
    /// One more than its highest partition that answered.
    partitions: i64,
    /// Whether an answer is that of a compacted topic.
    is_compacted: bool,
}

impl Player<'_> {
    /// Creates the topics that the recording presupposes.
    pub(super) fn create_presupposed_topics(&mut self) {
        let topics = presupposed(&self.transcript.steps);
        if topics.is_empty() || self.has_zookeeper() {
            return;
        }
        let Ok(broker) = self.some_broker() else { return };
        for (name, topic) in topics {
            let cleanup = if topic.is_compacted { "compact" } else { "delete" };
            let configs = json!([{"name": "cleanup.policy", "value": cleanup}]);
            let body = json!({"topics": [{"name": name, "numPartitions": topic.partitions, "replicationFactor": -1,
                "configs": if topic.is_compacted { configs } else { json!([]) }}]});
            let Ok(probe) = self.send(broker, Listener::Broker, "CreateTopics", None, body) else { return };
            self.await_answer(probe, PATIENCE_MS);
        }
        self.let_metadata_spread();
        self.observed_to = self.cluster.metadata_end();
    }
}

/// Topics that answered and that no step creates. Kafka's own are created by questions about their coordinators.
fn presupposed(steps: &[TranscriptStep]) -> BTreeMap<String, Presupposed> {
    let mut topics: BTreeMap<String, Presupposed> = BTreeMap::new();
    for step in steps {
        let is_of_partitions = step.text("api").is_some_and(|api| OF_PARTITIONS.contains(&api));
        if step.verb == "request"
            && is_of_partitions
            && let Some(saw) = &step.saw
        {
            partitions_that_answered(saw, &mut topics);
        }
    }
    let created: BTreeSet<&str> = steps.iter().flat_map(created_by).collect();
    topics.retain(|name, _| !is_internal(name) && !created.contains(name.as_str()));
    topics
}

/// The partitions in an answer that were told of as a partition that exists is.
fn partitions_that_answered(saw: &Value, topics: &mut BTreeMap<String, Presupposed>) {
    let lists = ["topics", "responses"].into_iter().filter_map(|list| saw.get(list)?.as_array());
    for topic in lists.flatten() {
        let Some(name) = topic.get("name").or_else(|| topic.get("topic")).and_then(Value::as_str) else { continue };
        let partitions =
            ["partitions", "partitionResponses"].into_iter().filter_map(|list| topic.get(list)?.as_array());
        for partition in partitions.flatten() {
            let index =
                ["partitionIndex", "index", "partition"].into_iter().find_map(|field| partition.get(field)?.as_i64());
            let error = partition.get("error").or_else(|| partition.get("errorCode")).and_then(Value::as_str);
            let (Some(index), Some(error)) = (index, error) else { continue };
            if SAYS_NOTHING.contains(&error) || is_of_the_group(error) {
                continue;
            }
            let known = topics.entry(name.to_owned()).or_default();
            known.partitions = known.partitions.max(index.saturating_add(1));
            let message = partition.get("errorMessage").and_then(Value::as_str).unwrap_or_default();
            known.is_compacted |= message.contains(ONLY_OF_COMPACTED);
        }
    }
}

/// Whether a commit was refused for its group, or a request for itself, whatever the topic.
fn is_of_the_group(error: &str) -> bool {
    matches!(error, "INVALID_REQUIRED_ACKS" | "INVALID_REQUEST" | "CORRUPT_MESSAGE" | "GROUP_AUTHORIZATION_FAILED")
        || error.contains("COORDINATOR")
}

/// The topics that a step may create.
fn created_by(step: &TranscriptStep) -> Vec<&str> {
    let mut names: Vec<&str> = Vec::new();
    match step.verb.as_str() {
        "create-topic" => {
            names.extend(step.text("topic"));
            names.extend(step.get("topics").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str));
            let each = step.get("assignment").and_then(Value::as_object).into_iter().flatten();
            names.extend(each.map(|(name, _)| name.as_str()));
        }
        _ if matches!(step.text("api"), Some("CreateTopics" | "Metadata")) => {
            let topics = step.get("body").and_then(|body| body.get("topics")?.as_array()).into_iter().flatten();
            names.extend(topics.filter_map(|topic| topic.get("name")?.as_str()));
            names.extend(step.text("topic"));
        }
        _ => {}
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transcript::Transcript;

    fn of(steps: &Value) -> BTreeMap<String, Presupposed> {
        let text = json!({"id": "x", "title": "x", "kind": "requests", "steps": steps}).to_string();
        presupposed(&Transcript::from_json(&text).expect("it is a transcript").steps)
    }

    fn commit(topic: &str, error: &str) -> Value {
        json!({"do": "request", "api": "OffsetCommit", "saw": {"topics": [{"name": topic,
            "partitions": [{"partitionIndex": 2, "error": error}]}]}})
    }

    #[test]
    fn a_topic_that_answers_and_that_no_step_creates_was_there_before() {
        let known = Presupposed { partitions: 3, is_compacted: false };
        assert_eq!(of(&json!([commit("t", "NONE")])), [("t".to_owned(), known)].into());
        assert!(of(&json!([commit("t", "UNKNOWN_TOPIC_OR_PARTITION")])).is_empty());
        assert!(of(&json!([commit("t", "NOT_COORDINATOR")])).is_empty());
        let create = json!({"do": "create-topic", "topic": "t", "partitions": 3});
        assert!(of(&json!([create, commit("t", "NONE")])).is_empty());
    }

    #[test]
    fn a_presupposed_topic_that_needs_keys_is_compacted() {
        let message = "One or more records: Compacted topic cannot accept message without key in topic partition c-0";
        let produce = json!({"do": "request", "api": "Produce", "saw": {"responses": [{"name": "c",
            "partitionResponses": [{"index": 0, "error": "INVALID_RECORD", "errorMessage": message}]}]}});
        assert!(of(&json!([produce]))["c"].is_compacted);
    }
}
