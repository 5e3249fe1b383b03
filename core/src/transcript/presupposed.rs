//! What a recording presupposes: topics that its requests were carried out on, and that no step of it creates; settings that
//! an answer tells of, and the recording does not. Its recorder had seen to them before it began.

use std::collections::{BTreeMap, BTreeSet};

use crate::sort::CollectOrdered;
use serde_json::{Value, json};

use super::format::{Transcript, TranscriptStep};
use super::player::{PATIENCE_MS, Player};
use crate::actor::Listener;
use crate::change::is_kafkas_own;
use crate::config::{ClusterConfig, Roles};
use crate::settings::TOPIC_CONFIG_SYNONYMS;

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

/// `DescribeConfigsResponse.ConfigSource.STATIC_BROKER_CONFIG`.
const STATIC_BROKER_CONFIG: i64 = 4;
/// `ConfigResource.Type.TOPIC`.
const TOPIC: i64 = 2;

/// Orders the cluster as the recording presupposes it: without the puppets that it registers itself, and with the settings that
/// its answers tell of.
pub(super) fn presuppose(config: &mut ClusterConfig, transcript: &Transcript) {
    leave_out_registered(config, &transcript.steps);
    let recorded = transcript.cluster.get("settings");
    for (name, value) in presupposed_settings(&transcript.steps) {
        if recorded.is_none_or(|recorded| recorded.get(&name).is_none()) {
            config.settings.insert(name, value);
        }
    }
}

/// Settings of its nodes that a recording presupposes: an answer tells of a topic's setting that it stands in the node's file.
fn presupposed_settings(steps: &[TranscriptStep]) -> BTreeMap<String, String> {
    let mut settings = BTreeMap::new();
    let answers = steps.iter().filter(|step| step.text("api") == Some("DescribeConfigs"));
    let resources = answers.filter_map(|step| step.saw.as_ref()?.get("results")?.as_array()).flatten();
    for resource in resources.filter(|resource| resource.get("resourceType").and_then(Value::as_i64) == Some(TOPIC)) {
        for config in resource.get("configs").and_then(Value::as_array).into_iter().flatten() {
            let text = |field: &str| config.get(field).and_then(Value::as_str);
            let (Some(name), Some(value)) = (text("name"), text("value")) else { continue };
            let synonyms = TOPIC_CONFIG_SYNONYMS.iter().find(|(topic, _)| *topic == name);
            let is_static = config.get("configSource").and_then(Value::as_i64) == Some(STATIC_BROKER_CONFIG);
            if let Some(first) = synonyms.and_then(|(_, synonyms)| synonyms.first()).filter(|_| is_static) {
                settings.insert(first.name.to_owned(), value.to_owned());
            }
        }
    }
    if has_topic_made_by_a_question(steps) {
        settings.insert("auto.create.topics.enable".to_owned(), "true".to_owned());
    }
    settings
}

/// Whether a topic is told of that nobody created: a question about it did, because it allowed that.
fn has_topic_made_by_a_question(steps: &[TranscriptStep]) -> bool {
    let mut made: BTreeSet<&str> = BTreeSet::new();
    for step in steps.iter().filter(|step| step.text("api") == Some("Metadata")) {
        let recorded = step.saw.as_ref().and_then(|saw| saw.get("topics")?.as_array()).into_iter().flatten();
        if recorded.filter_map(Value::as_str).any(|name| made.contains(name)) {
            return true;
        }
        let allows = |body: &&Value| body.get("allowAutoTopicCreation") == Some(&Value::Bool(true));
        let asked = step.get("body").filter(allows).and_then(|body| body.get("topics")?.as_array());
        made.extend(asked.into_iter().flatten().filter_map(|topic| topic.get("name")?.as_str()));
    }
    false
}

/// Puppet brokers that the recording itself registers are not there before: its script plays them from the first
/// registration on.
fn leave_out_registered(config: &mut ClusterConfig, steps: &[TranscriptStep]) {
    let first = |broker: i32| {
        let mut registrations = steps.iter().filter(|step| step.text("api") == Some("BrokerRegistration"));
        registrations.find_map(|step| {
            let body =
                step.get("body").filter(|body| body.get("brokerId").and_then(Value::as_i64) == Some(broker.into()))?;
            let is_taken = step.saw.as_ref()?.get("error")? == "NONE";
            is_taken.then(|| body.get("previousBrokerEpoch").and_then(Value::as_i64))
        })
    };
    config.nodes.retain(|node| node.roles != Roles::Puppet || first(node.id) != Some(Some(-1)));
}

/// Topics whose ISR a recording's request changes, and that no step creates: by name, with the replicas that they must have.
fn presupposed_isrs(steps: &[TranscriptStep]) -> BTreeMap<String, Vec<i64>> {
    let mut topics = BTreeMap::new();
    for step in steps.iter().filter(|step| step.text("api") == Some("AlterPartition")) {
        let is_unknown =
            step.saw.as_ref().is_some_and(|saw| saw.get("error").is_some_and(|it| it == "UNKNOWN_TOPIC_ID"));
        let asked = step.get("body").filter(|_| !is_unknown).and_then(|body| body.get("topics")?.as_array());
        for topic in asked.into_iter().flatten() {
            let name = topic.get("topicId").and_then(Value::as_str).and_then(|id| id.strip_prefix("topicId:"));
            let isr = topic.pointer("/partitions/0/newIsrWithEpochs").and_then(Value::as_array).into_iter().flatten();
            let replicas: Vec<i64> = isr.filter_map(|member| member.get("brokerId")?.as_i64()).collect();
            if let Some(name) = name.filter(|_| !replicas.is_empty()) {
                topics.entry(name.to_owned()).or_insert(replicas);
            }
        }
    }
    let created: BTreeSet<&str> = steps.iter().flat_map(created_by).collect_ordered();
    topics.retain(|name, _| !created.contains(name.as_str()));
    topics
}

impl Player<'_> {
    /// Creates the topics that the recording presupposes.
    pub(super) fn create_presupposed_topics(&mut self) {
        let topics = presupposed(&self.transcript.steps);
        let of_isrs = presupposed_isrs(&self.transcript.steps);
        if (topics.is_empty() && of_isrs.is_empty()) || self.has_zookeeper() {
            return;
        }
        let Ok(broker) = self.some_broker() else { return };
        for (name, replicas) in of_isrs {
            let assignments = json!([{ "partitionIndex": 0, "brokerIds": replicas }]);
            let body = json!({ "topics": [{ "name": name, "assignments": assignments }] });
            let Ok(probe) = self.send(broker, Listener::Broker, "CreateTopics", None, body) else { return };
            self.await_answer(probe, PATIENCE_MS);
        }
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
    let created: BTreeSet<&str> = steps.iter().flat_map(created_by).collect_ordered();
    topics.retain(|name, _| !is_kafkas_own(name) && !created.contains(name.as_str()) && !is_missed(name, steps));
    topics
}

/// Whether an answer says that there is no such topic, and none that there is: what else was said of it was of the request.
fn is_missed(name: &str, steps: &[TranscriptStep]) -> bool {
    let (mut is_unknown, mut is_there) = (false, false);
    for saw in steps.iter().filter_map(|step| step.saw.as_ref()) {
        let lists = ["topics", "responses"].into_iter().filter_map(|list| saw.get(list)?.as_array());
        let is_it =
            |topic: &&Value| ["name", "topic"].iter().any(|field| topic.get(*field).is_some_and(|it| it == name));
        for topic in lists.flatten().filter(is_it) {
            let inner = ["partitions", "partitionResponses"].into_iter().filter_map(|list| topic.get(list)?.as_array());
            for error in inner.flatten().filter_map(|partition| partition.get("error")?.as_str()) {
                is_unknown |= error == "UNKNOWN_TOPIC_OR_PARTITION";
                is_there |= error == "NONE";
            }
        }
    }
    is_unknown && !is_there
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
        let refused = commit("t", "TRANSACTIONAL_ID_AUTHORIZATION_FAILED");
        assert!(of(&json!([refused, commit("t", "UNKNOWN_TOPIC_OR_PARTITION")])).is_empty());
        assert_eq!(of(&json!([commit("t", "UNKNOWN_TOPIC_OR_PARTITION"), commit("t", "NONE")])).len(), 1);
        let create = json!({"do": "create-topic", "topic": "t", "partitions": 3});
        assert!(of(&json!([create, commit("t", "NONE")])).is_empty());
    }

    #[test]
    fn a_setting_that_an_answer_finds_in_the_nodes_file_was_there() {
        let config =
            |name: &str, value: &str, source: i64| json!({"name": name, "value": value, "configSource": source});
        let configs = [config("retention.ms", "-1", 4), config("cleanup.policy", "compact", 1)];
        let answer = json!({"do": "request", "api": "DescribeConfigs", "saw": {"results": [
            {"resourceType": 2, "resourceName": "t", "configs": configs}]}});
        let text = json!({"id": "x", "title": "x", "kind": "requests", "steps": [answer]}).to_string();
        let steps = Transcript::from_json(&text).expect("it is a transcript").steps;
        assert_eq!(presupposed_settings(&steps), [("log.retention.ms".to_owned(), "-1".to_owned())].into());
    }

    #[test]
    fn a_presupposed_topic_that_needs_keys_is_compacted() {
        let message = "One or more records: Compacted topic cannot accept message without key in topic partition c-0";
        let produce = json!({"do": "request", "api": "Produce", "saw": {"responses": [{"name": "c",
            "partitionResponses": [{"index": 0, "error": "INVALID_RECORD", "errorMessage": message}]}]}});
        assert!(of(&json!([produce]))["c"].is_compacted);
    }
}
