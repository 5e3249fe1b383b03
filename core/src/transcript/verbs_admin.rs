//! Verbs of an admin client: topics, settings, elections, reassignments. Each is a real request to a broker that runs.

use crate::actor::Listener;
use serde_json::{Map, Value, json};

use super::answers::Answer;
use super::format::TranscriptStep;
use super::player::{PATIENCE_MS, Player, Unsupported};

impl Player<'_> {
    /// Asks a broker, as an admin client does, and lets everybody learn what came of it.
    pub(super) fn ask(
        &mut self,
        to: Option<&Value>,
        api: &str,
        version: i16,
        body: &Value,
    ) -> Result<Answer, Unsupported> {
        let to = self.node_of(to)?;
        let body = self.body(api, body).map_err(Unsupported::action)?;
        let probe = self.send(to, Listener::Broker, api, Some(version), body).map_err(Unsupported::action)?;
        let answer = self.await_answer(probe, PATIENCE_MS);
        self.let_metadata_spread();
        Ok(answer)
    }

    pub(super) fn create_topic_verb(&mut self, step: &TranscriptStep) -> Result<(), Unsupported> {
        if let Some(topics) = step.get("topics").and_then(Value::as_array) {
            return self.create_topics_by(step, topics);
        }
        let topic = step.text("topic").ok_or_else(|| Unsupported::action("create-topic without a topic"))?;
        let before = self.cluster.metadata_end();
        let configs: Vec<Value> = step
            .get("config")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
            .map(|(name, value)| json!({"name": name, "value": as_text(value)}))
            .collect();
        // Several topics at once have an assignment each.
        let each: Vec<(String, Option<Value>)> = match step.get("assignment") {
            Some(Value::Object(assignments)) => {
                assignments.iter().map(|(topic, assignment)| (topic.clone(), Some(assignment.clone()))).collect()
            }
            other => vec![(topic.to_owned(), other.cloned())],
        };
        let mut answer = Answer::Nothing;
        for (topic, assignment) in each {
            let mut body = json!({"name": topic, "numPartitions": -1, "replicationFactor": -1, "configs": configs});
            match assignment {
                Some(assignment) => {
                    let lists =
                        assignment.as_array().ok_or_else(|| Unsupported::action(format!("assignment {assignment}")))?;
                    let recorded = lists.iter().enumerate();
                    let recorded = recorded.map(|(index, ids)| json!({"partitionIndex": index, "brokerIds": ids}));
                    body["assignments"] = recorded.collect();
                }
                None => {
                    let count =
                        step.number("partitions").ok_or_else(|| Unsupported::action("create-topic in prose"))?;
                    body["numPartitions"] = json!(count);
                    match step.get("replicationFactor") {
                        None => {}
                        Some(Value::Number(factor)) => body["replicationFactor"] = json!(factor),
                        Some(other) => return Err(Unsupported::action(format!("replicationFactor {other}"))),
                    }
                }
            }
            answer = self.ask(step.get("to"), "CreateTopics", 7, &json!({"topics": [body], "timeoutMs": 30_000}))?;
            self.topic = topic;
        }
        self.compare_report(step, &answer);
        if let Some(wrote) = step.saw.as_ref().and_then(|saw| saw.get("wrote")) {
            self.compare_written("wrote", wrote, before);
        }
        Ok(())
    }

    /// Compares a report with an answer; what the metadata log got is compared apart.
    fn compare_report(&mut self, step: &TranscriptStep, answer: &Answer) {
        let Some(mut saw) = step.saw.clone() else { return };
        if let Some(fields) = saw.as_object_mut() {
            fields.shift_remove("wrote");
            if fields.is_empty() {
                return;
            }
        }
        if self.has_zookeeper() {
            return self.observe_legacy_protocol(&saw);
        }
        self.compare(&saw, &answer.shaped_like(&saw));
    }

    pub(super) fn delete_topic_verb(&mut self, step: &TranscriptStep) -> Result<(), Unsupported> {
        let topic = step.text("topic").ok_or_else(|| Unsupported::action("delete-topic without a topic"))?;
        let body = json!({"topics": [{"name": topic}], "timeoutMs": 30_000});
        let answer = self.ask(step.get("to"), "DeleteTopics", 6, &body)?;
        self.compare_report(step, &answer);
        Ok(())
    }

    pub(super) fn create_partitions_verb(&mut self, step: &TranscriptStep) -> Result<(), Unsupported> {
        let assignments = step.get("assignment").and_then(Value::as_array);
        let assignments: Option<Vec<Value>> =
            assignments.map(|lists| lists.iter().map(|ids| json!({"brokerIds": ids})).collect());
        let body = json!({"topics": [{"name": step.get("topic"), "count": step.get("count"), "assignments": assignments}],
            "timeoutMs": 30_000, "validateOnly": false});
        let answer = self.ask(step.get("to"), "CreatePartitions", 3, &body)?;
        if let Some(recorded) = step.saw.as_ref().and_then(|saw| saw.get("answer")) {
            self.compare_at("answer", recorded, &answer.shaped_like(recorded));
        }
        Ok(())
    }

    pub(super) fn alter_config_verb(&mut self, step: &TranscriptStep) -> Result<(), Unsupported> {
        let (kind, name) = match (step.text("type"), step.text("resource")) {
            (Some(kind), _) => (kind.to_lowercase(), step.get("name").map(as_text).unwrap_or_default()),
            (None, Some(resource)) => {
                let (kind, name) = resource.split_once(' ').unwrap_or((resource, ""));
                // The defaults of all brokers have no name.
                (kind.to_owned(), json!(if name == "(all)" { "" } else { name }))
            }
            _ => return Err(Unsupported::action("alter-config without a resource")),
        };
        let kind = match kind.as_str() {
            "topic" => 2,
            "broker" => 4,
            other => return Err(Unsupported::action(format!("settings of {other}"))),
        };
        let changes = step.get("set").and_then(Value::as_object).into_iter().flatten();
        let changes: Vec<Value> = changes
            .map(|(name, value)| {
                let operation = if value.is_null() { 1 } else { 0 };
                json!({"name": name, "configOperation": operation, "value": as_text(value)})
            })
            .collect();
        let body = json!({"resources": [{"resourceType": kind, "resourceName": name, "configs": changes}]});
        // An admin client asks a broker about its own settings.
        let own = name.as_str().filter(|_| kind == 4).and_then(|id| id.parse::<i32>().ok()).map(Value::from);
        let answer = self.ask(step.get("to").or(own.as_ref()), "IncrementalAlterConfigs", 1, &body)?;
        self.compare_report(step, &answer);
        Ok(())
    }

    pub(super) fn elect_verb(&mut self, step: &TranscriptStep) -> Result<(), Unsupported> {
        let kind = match step.text("type") {
            Some("PREFERRED") => 0,
            Some("UNCLEAN") => 1,
            other => return Err(Unsupported::action(format!("election {other:?}"))),
        };
        let recorded = step.get("partitions").cloned();
        if recorded.is_none() && kind == 0 {
            // Who elects all preferred leaders of a topic has waited for them.
            let topic = step.text("topic").unwrap_or_default().to_owned();
            self.run_until(PATIENCE_MS, |cluster, step| {
                let is_full = |name: &str, image: &crate::metadata::MetadataImage| {
                    let mut partitions = image.partitions().filter(|(each, _, _)| *each.topic == *name);
                    partitions.all(|(_, _, partition)| partition.isr.len() == partition.replicas.len())
                };
                step.is_none_or(|step| !step.changes.is_empty())
                    && cluster.image().is_some_and(|image| is_full(&topic, image))
            });
            self.let_metadata_spread();
        }
        let all = || {
            let image = self.cluster.image()?;
            let topic = image.topics.get(image.topic_ids.get(step.text("topic")?)?)?;
            Some(json!(topic.partitions.keys().collect::<Vec<_>>()))
        };
        let partitions = recorded.or_else(all);
        let partitions = partitions.ok_or_else(|| Unsupported::action("elect without partitions"))?;
        if self.brokers_in_reach().is_empty() {
            // An admin client finds nobody to ask and is not even made.
            if let Some(saw) = &step.saw {
                self.compare(saw, &json!({ "error": "KafkaException" }));
            }
            return Ok(());
        }
        let topics = json!([{"topic": step.get("topic"), "partitions": partitions}]);
        let body = json!({"electionType": kind, "topicPartitions": topics, "timeoutMs": 30_000});
        let answer = self.ask(step.get("to"), "ElectLeaders", 2, &body)?;
        if let Some(saw) = &step.saw {
            let mut recorded = election_results(&answer.to_json());
            for (partition, _) in saw.as_object().into_iter().flatten() {
                // A partition that is not answered about is no field that we cannot say.
                recorded.as_object_mut().map(|recorded| recorded.entry(partition.clone()).or_insert(Value::Null));
            }
            self.compare(saw, &recorded);
        }
        Ok(())
    }

    pub(super) fn reassign_verb(&mut self, step: &TranscriptStep) -> Result<(), Unsupported> {
        let replicas = step.get("replicas").cloned().unwrap_or_default();
        let partition = json!({"partitionIndex": step.get("partition"), "replicas": replicas});
        let body = json!({"topics": [{"name": step.get("topic"), "partitions": [partition]}], "timeoutMs": 30_000});
        let answer = self.ask(step.get("to"), "AlterPartitionReassignments", 1, &body)?;
        self.compare_report(step, &answer);
        Ok(())
    }

    pub(super) fn delete_records_verb(&mut self, step: &TranscriptStep) -> Result<(), Unsupported> {
        let topic = step.text("topic").ok_or_else(|| Unsupported::action("delete-records without a topic"))?.to_owned();
        let partition = step.small("partition").unwrap_or(0);
        let leader =
            self.leader_of(&topic, partition).ok_or_else(|| Unsupported::action("delete-records without a leader"))?;
        let partition = json!({"partitionIndex": partition, "offset": step.get("before")});
        let body = json!({"topics": [{"name": topic, "partitions": [partition]}], "timeoutMs": 30_000});
        let answer = self.ask(Some(&json!(leader)), "DeleteRecords", 2, &body)?;
        self.compare_report(step, &answer);
        Ok(())
    }
}

/// `{"orders-0": "NONE"}` of an ElectLeaders answer.
fn election_results(answer: &Value) -> Value {
    let mut results = Map::new();
    for topic in answer.get("replicaElectionResults").and_then(Value::as_array).into_iter().flatten() {
        for partition in topic.get("partitionResult").and_then(Value::as_array).into_iter().flatten() {
            let name = topic.get("topic").and_then(Value::as_str).unwrap_or_default();
            let index = partition.get("partitionId").unwrap_or(&Value::Null);
            let error = partition.get("errorCode").cloned().unwrap_or_default();
            results.insert(format!("{name}-{index}"), error);
        }
    }
    Value::Object(results)
}

/// A setting's value as text; none stays none.
fn as_text(value: &Value) -> Value {
    match value {
        Value::Number(_) | Value::Bool(_) => Value::from(value.to_string()),
        other => other.clone(),
    }
}
