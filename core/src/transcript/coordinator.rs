//! Recordings that begin with a group's requests: their recorder had found the group's coordinator before.

use serde_json::{Value, json};

use super::format::TranscriptStep;
use super::player::{PATIENCE_MS, Player};
use crate::actor::Listener;
use crate::broker::metadata_cache::OFFSETS_TOPIC;

/// Requests that a group's coordinator answers.
const OF_GROUPS: [&str; 11] = [
    "JoinGroup",
    "SyncGroup",
    "Heartbeat",
    "LeaveGroup",
    "OffsetCommit",
    "OffsetFetch",
    "OffsetDelete",
    "DescribeGroups",
    "DeleteGroups",
    "ConsumerGroupHeartbeat",
    "ConsumerGroupDescribe",
];
/// How often a coordinator is asked for at most, and how long it is waited between, in milliseconds.
const TRIES: u32 = 40;
const TRY_EVERY_MS: u64 = 250;

impl Player<'_> {
    /// A broker coordinates groups only once somebody asked for a coordinator: `__consumer_offsets` is made then. Where a
    /// recording's first request of a group is answered by one, its recorder had asked before it began.
    pub(super) fn find_coordinator_before(&mut self) {
        let Some(group) = self.group_without_coordinator() else { return };
        let Ok(broker) = self.some_broker() else { return };
        for _ in 0..TRIES {
            let body = json!({"keyType": 0, "coordinatorKeys": [group]});
            let Ok(probe) = self.send(broker, Listener::Broker, "FindCoordinator", None, body) else { return };
            let answer = self.await_answer(probe, PATIENCE_MS).to_json();
            self.let_time_pass(TRY_EVERY_MS);
            if answer.pointer("/coordinators/0/errorCode") == Some(&json!("NONE")) {
                break;
            }
        }
        self.let_time_pass(TRY_EVERY_MS);
        self.observed_to = self.cluster.metadata_end();
    }

    /// The group that is asked about before anybody asks for its coordinator, if there is one.
    fn group_without_coordinator(&self) -> Option<String> {
        for step in &self.transcript.steps {
            // Who makes the topic by hand had none before.
            if makes_offsets_topic(step) {
                return None;
            }
            match step.text("api") {
                Some("FindCoordinator") => return None,
                Some("Fetch") if step.saw.as_ref().is_some_and(reads_offsets) => return Some(String::new()),
                Some("OffsetCommit") if step.saw.as_ref().is_some_and(reaches_no_coordinator) => {}
                Some(api) if OF_GROUPS.contains(&api) => {
                    let had_none = step.saw.as_ref().is_some_and(|saw| saw.to_string().contains("COORDINATOR"));
                    return if had_none { None } else { group_of(step.get("body")?) };
                }
                _ => {}
            }
        }
        None
    }
}

/// Whether a step makes `__consumer_offsets` as it makes any other topic.
fn makes_offsets_topic(step: &TranscriptStep) -> bool {
    let asked = step.get("body").filter(|_| step.text("api") == Some("CreateTopics"));
    let mut topics = asked.and_then(|body| body.get("topics")?.as_array()).into_iter().flatten();
    (step.verb == "create-topic" && step.text("topic") == Some(OFFSETS_TOPIC))
        || topics.any(|topic| topic.get("name").is_some_and(|name| name == OFFSETS_TOPIC))
}

/// Whether an answer has a partition of `__consumer_offsets` that could be read.
fn reads_offsets(saw: &Value) -> bool {
    let topics = saw.get("responses").and_then(Value::as_array).into_iter().flatten();
    let mut offsets = topics.filter(|topic| topic.get("topic").and_then(Value::as_str) == Some(OFFSETS_TOPIC));
    offsets.any(|topic| topic.pointer("/partitions/0/error").and_then(Value::as_str) == Some("NONE"))
}

/// Whether all that was to be committed is of partitions that do not exist: the broker answers that without its coordinator.
fn reaches_no_coordinator(saw: &Value) -> bool {
    let topics = saw.get("topics").and_then(Value::as_array).into_iter().flatten();
    let mut partitions = topics.filter_map(|topic| topic.get("partitions")?.as_array()).flatten().peekable();
    partitions.peek().is_some() && partitions.all(|it| it["error"] == "UNKNOWN_TOPIC_OR_PARTITION")
}

fn group_of(body: &Value) -> Option<String> {
    let group = body.get("groupId").or_else(|| body.pointer("/groups/0/groupId")).or_else(|| body.pointer("/groups/0"));
    group.or_else(|| body.pointer("/groupIds/0"))?.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commit_of_unknown_partitions_tells_nothing_of_a_coordinator() {
        let saw = |errors: &[&str]| {
            let partitions: Vec<Value> = errors.iter().map(|error| json!({"error": error})).collect();
            json!({"topics": [{"name": "t", "partitions": partitions}]})
        };
        let unknown = "UNKNOWN_TOPIC_OR_PARTITION";
        assert!(reaches_no_coordinator(&saw(&[unknown])) && reaches_no_coordinator(&saw(&[unknown, unknown])));
        assert!(!reaches_no_coordinator(&saw(&[unknown, "NONE"])) && !reaches_no_coordinator(&saw(&[])));
    }

    #[test]
    fn a_reader_of_offsets_had_them_created() {
        let saw = |topic: &str, error: &str| json!({"responses": [{"topic": topic, "partitions": [{"partitionIndex": 0, "error": error}]}]});
        assert!(reads_offsets(&saw(OFFSETS_TOPIC, "NONE")));
        assert!(!reads_offsets(&saw(OFFSETS_TOPIC, "UNKNOWN_TOPIC_OR_PARTITION")) && !reads_offsets(&saw("t", "NONE")));
    }
}
