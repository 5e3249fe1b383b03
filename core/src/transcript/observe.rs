//! `observe`: the cluster when nothing moves any more: partitions, logs, metadata records.

use std::collections::BTreeSet;

use crate::actor::Listener;
use crate::cluster::Cluster;
use crate::metadata::MetadataRecord;
use crate::metadata::image::PartitionImage;
use crate::sort::CollectOrdered;
use crate::view::{BatchView, NodeView, PartitionView, ReplicaView, Role};
use serde_json::{Map, Value, json};

use super::answers::Answer;
use super::format::TranscriptStep;
use super::isr_order::{as_recorded, cordoned_as_recorded, partition_changes_since};
use super::player::{LooksAt, PATIENCE_MS, Player, Unsupported};
use super::varies::{How, has, settle};

/// What an observation may tell instead of a topic's partition records.
const SUMMARIES: [&str; 3] = ["sameSetOfReplicas", "isrHasFenced", "fencedIsLast"];

/// How long nothing must have changed.
pub(super) const STILL_MS: u64 = 1_200;

impl Player<'_> {
    pub(super) fn observe_verb(&mut self, step: &TranscriptStep) -> Result<(), Unsupported> {
        if let Some(node) = self.voter_among_puppets() {
            return self.observe_voter(node, step);
        }
        if self.observe_own_quorum(step)? {
            return Ok(());
        }
        if let Some(saw) = step.saw.as_ref().and_then(Value::as_object)
            && (self.observe_consumers(step, saw) || self.observe_group(saw))
        {
            return Ok(());
        }
        self.run_until_still(STILL_MS);
        let Some(saw) = step.saw.clone() else { return Ok(()) };
        self.looks_at = self.observed_log(step)?;
        if self.has_zookeeper() {
            self.observe_legacy_protocol(&saw);
            return Ok(());
        }
        let Some(mut fields) = saw.as_object().cloned() else { return Err(Unsupported::observation("observe")) };
        self.leave_out_what_varies(&mut fields);
        for (field, expected) in &fields {
            match (field.as_str(), expected) {
                _ if self.observe_transactions(field, expected) => {}
                ("partitions", Value::Object(partitions)) => self.observe_partitions(partitions),
                ("logs", Value::Object(nodes)) => self.observe_logs(nodes),
                ("partitionOfConsumerOffsets", Value::Object(groups)) => self.observe_partitions_of_groups(groups),
                ("records", Value::Array(records)) if self.observe_group_records(records) => {}
                ("records", Value::Array(records)) => self.observe_records("records", records, None, &fields),
                ("records", Value::Object(topics)) => {
                    for (of_topic, records) in topics {
                        match (of_topic.strip_prefix("of "), records.as_array()) {
                            (Some(topic), Some(records)) => {
                                self.observe_records(&format!("records.{of_topic}"), records, Some(topic), &fields);
                            }
                            _ => self.cannot_say(of_topic, records),
                        }
                    }
                }
                ("batches", Value::Array(_)) => self.observe_batches(expected),
                ("folders", Value::Object(nodes)) => self.observe_folders(nodes),
                _ if self.observe_log_field(field, expected) => {}
                _ if self.observe_topic_field(field, expected) => {}
                _ => self.cannot_say(field, expected),
            }
        }
        // Records are told since the last observation that told any, or summed them up. A whole one that tells none saw some that were not the
        // same in each run; where no broker could be asked, nobody looked.
        let is_whole = saw.get("partitions").is_some() && saw.get("logs").is_some();
        let sums_up = SUMMARIES.iter().any(|field| saw.get(field).is_some());
        if saw.get("records").is_some() || sums_up || (is_whole && !self.brokers_in_reach().is_empty()) {
            self.observed_to = self.cluster.metadata_end();
        }
        Ok(())
    }

    /// The log that an observation names, on the node it names, if it names one.
    fn observed_log(&self, step: &TranscriptStep) -> Result<LooksAt, Unsupported> {
        let number = |name: &str| match step.get(name) {
            None => Ok(None),
            Some(recorded) => step
                .small(name)
                .map(Some)
                .ok_or_else(|| Unsupported::observation(format!("observe of {name} {recorded}"))),
        };
        Ok(LooksAt { node: number("node")?, partition: number("partition")?.unwrap_or(0) })
    }

    /// Compares a field that tells of the partitions of the topic most lately named. False if it is no such field.
    fn observe_topic_field(&mut self, field: &str, expected: &Value) -> bool {
        let Some(image) = self.cluster.image() else { return false };
        let topic = image.topic_ids.get(self.topic.as_str()).and_then(|id| image.topics.get(id));
        let partitions: Vec<&PartitionImage> =
            topic.map(|topic| topic.partitions.values().map(AsRef::as_ref).collect()).unwrap_or_default();
        let fenced = |id: &i32| image.brokers.get(id).is_some_and(|broker| broker.fenced);
        let only = topic.and_then(|topic| topic.partitions.get(&self.looks_at.partition));
        let actual = match field {
            "isr" => json!(only.map(|each| &each.isr)),
            "partitionEpoch" => json!(only.map(|each| each.partition_epoch)),
            "isrHasFenced" => json!(partitions.iter().any(|each| each.isr.iter().any(fenced))),
            "fencedIsLast" => json!(partitions.iter().any(|each| each.replicas.last().is_some_and(fenced))),
            "sameSetOfReplicas" => {
                let brokers: BTreeSet<i32> = image.brokers.keys().copied().collect_ordered();
                json!(
                    partitions
                        .iter()
                        .all(|each| each.replicas.iter().copied().collect_ordered::<BTreeSet<_>>() == brokers)
                )
            }
            _ => return false,
        };
        self.compare_words(field, expected, &actual);
        true
    }

    fn leave_out_what_varies(&self, fields: &mut Map<String, Value>) {
        let here = self.varies.iter().filter(|each| each.step == self.at && each.how == How::Anyhow);
        for variation in here {
            let mut path: Vec<&str> = variation.path.split('.').collect();
            let Some(last) = path.pop() else { continue };
            let mut parent = Some(&mut *fields);
            for name in path {
                parent = parent.and_then(|object| object.get_mut(name)).and_then(Value::as_object_mut);
            }
            if let Some(parent) = parent {
                parent.shift_remove(last);
            }
        }
    }

    fn observe_partitions(&mut self, partitions: &Map<String, Value>) {
        // Nobody could tell the recorder while no controller was active: it asked again.
        self.run_until(PATIENCE_MS, |cluster, _| cluster.image().is_some());
        for (name, expected) in partitions {
            let view = self.view();
            let found = view.partitions.iter().find(|each| each.partition.to_string() == *name);
            let mut actual = found.map_or(Value::Null, partition_to_json);
            if let Some(partition) = found
                && let Some(fields) = actual.as_object_mut()
            {
                let (topic, index) = (&partition.partition.topic, partition.partition.partition);
                let image = self.cluster.image().and_then(|image| image.partition(topic, index));
                fields.insert("recovering".into(), json!(image.map(|image| image.leader_recovery_state)));
                if expected.get("latestOffsetAtLeader").is_some() {
                    let latest =
                        self.latest_offset(&partition.partition.topic, partition.partition.partition, partition.leader);
                    actual["latestOffsetAtLeader"] = latest;
                }
            }
            self.compare_words(&format!("partitions.{name}"), expected, &actual);
        }
    }

    /// What ListOffsets answers at the leader: the high watermark or an error code.
    fn latest_offset(&mut self, topic: &str, partition: i32, leader: i32) -> Value {
        self.latest_offset_at(topic, partition, leader, 0)
    }

    /// The same at an isolation level.
    pub(super) fn latest_offset_at(&mut self, topic: &str, partition: i32, leader: i32, isolation_level: i8) -> Value {
        let body = json!({"replicaId": -1, "isolationLevel": isolation_level, "topics": [{"name": topic, "partitions": [
            {"partitionIndex": partition, "currentLeaderEpoch": -1, "timestamp": -1}]}]});
        let Ok(probe) = self.send(leader, Listener::Broker, "ListOffsets", Some(7), body) else { return Value::Null };
        match self.await_answer(probe, 2_000) {
            Answer::Answered(response) => {
                let answer = response.to_json();
                let partition = &answer["topics"][0]["partitions"][0];
                let error = &partition["errorCode"];
                if *error == json!("NONE") { partition["offset"].clone() } else { error.clone() }
            }
            other => other.to_json(),
        }
    }

    fn observe_logs(&mut self, nodes: &Map<String, Value>) {
        let view = self.view();
        for (node, partitions) in nodes {
            let of_node = view.nodes.iter().find(|each| each.id.to_string() == *node);
            for (name, expected) in partitions.as_object().into_iter().flatten() {
                let replica = of_node.and_then(|node| {
                    node.replicas
                        .iter()
                        .find(|replica| replica.partition.to_string() == *name)
                        .map(|found| (node, found))
                });
                let actual = replica.map_or(Value::Null, |(node, replica)| log_to_json(node, replica, name, expected));
                self.compare_words(&format!("logs.{node}.{name}"), expected, &actual);
            }
        }
    }

    /// Compares the metadata records written since the last observation, all or those of one topic.
    fn observe_records(&mut self, path: &str, expected: &[Value], topic: Option<&str>, saw: &Map<String, Value>) {
        let mut expected = expected.to_vec();
        let mut actual = records_since(&self.cluster, self.observed_to);
        let recorded: Vec<&str> = match topic {
            Some(topic) => vec![topic],
            // An observation of some partitions tells what befell their topics.
            None => partition_topics(saw),
        };
        if !recorded.is_empty() {
            let all = records_since(&self.cluster, 0);
            let ids = |name: &str| {
                let mut ids = ids_of(&all, name);
                // What is told of one topic is told of the one that has the name now.
                if topic.is_some() {
                    ids.drain(..ids.len().saturating_sub(1));
                }
                ids
            };
            let ids: Vec<(&str, Vec<&str>)> = recorded.iter().map(|topic| (*topic, ids(topic))).collect();
            actual.retain(|record| ids.iter().any(|(topic, ids)| is_about(record, topic, ids)));
        }
        let here = self.varies.clone();
        for variation in here.iter().filter(|each| each.step == self.at && each.path == path) {
            let dropped = settle(&variation.how, &mut expected, &mut actual);
            if dropped > 0 {
                *self.not_compared.entry("what varies".into()).or_default() += dropped;
            }
        }
        // A record may be told by its type alone.
        for record in &mut expected {
            if record.is_string() {
                *record = json!({ "type": record });
            }
        }
        if !saw.contains_key("partitions") && !saw.contains_key("logs") {
            // Such an observation tells chosen records only.
            actual = chosen(&expected, records_since(&self.cluster, 0), actual);
        } else {
            let changes = partition_changes_since(&self.cluster, self.observed_to);
            let looks = self.cluster.nodes().next().map(|node| node.settings.isr_expiration_interval_ms());
            let look_ms = looks.and_then(|ms| i64::try_from(ms).ok()).unwrap_or(0);
            let likeness = |recorded: &Value, record: &Value| self.likeness(recorded, record);
            actual = cordoned_as_recorded(&expected, as_recorded(&expected, &actual, &changes, look_ms, likeness));
        }
        self.compare_at(path, &Value::Array(expected), &Value::Array(actual));
    }
}

/// The topics of the partitions that an observation tells.
fn partition_topics(saw: &Map<String, Value>) -> Vec<&str> {
    let partitions = saw.get("partitions").and_then(Value::as_object).into_iter().flatten();
    let mut topics: Vec<&str> =
        partitions.filter_map(|(name, _)| name.rsplit_once('-')).map(|(topic, _)| topic).collect();
    topics.dedup();
    topics
}

/// Of all records those that follow the chosen ones in order; the newer ones where that does not succeed.
fn chosen(expected: &[Value], all: Vec<Value>, since: Vec<Value>) -> Vec<Value> {
    let pick = |from: &[Value]| {
        let mut rest = from.iter();
        let found: Option<Vec<Value>> =
            expected.iter().map(|each| rest.find(|record| has(record, &literal(each))).cloned()).collect();
        found
    };
    pick(&since).or_else(|| pick(&all)).unwrap_or(since)
}

/// Whether a value holds all that another one tells, element by element.
pub(super) fn has_all_of(value: &Value, expected: &Value) -> bool {
    match (value, expected) {
        (Value::Object(_), Value::Object(fields)) => {
            fields.iter().all(|(name, expected)| value.get(name).is_some_and(|value| has_all_of(value, expected)))
        }
        (Value::Array(values), Value::Array(expected)) => {
            values.len() == expected.len()
                && values.iter().zip(expected).all(|(value, expected)| has_all_of(value, expected))
        }
        _ => value == expected,
    }
}

/// The fields of a record whose values are no names.
fn literal(record: &Value) -> Value {
    let is_literal = |value: &Value| match value {
        Value::String(text) => !super::names::is_name(text) && !text.contains('<'),
        Value::Array(elements) => elements.iter().all(Value::is_number),
        _ => true,
    };
    let fields = record.as_object().into_iter().flatten().filter(|(_, value)| is_literal(value));
    Value::Object(fields.map(|(name, value)| (name.clone(), value.clone())).collect())
}

/// Metadata records from an offset on, as transcripts tell them: type and fields side by side. Without those that only
/// move the log.
pub fn records_since(cluster: &Cluster, from: i64) -> Vec<Value> {
    let records = cluster.metadata_records(from);
    records.iter().filter(|(_, record)| counts(record)).map(|(_, record)| record_to_json(record)).collect()
}

/// The offset after the last metadata record that says something.
pub fn end_of_what_counts(cluster: &Cluster) -> i64 {
    // The records that say nothing come one at a time, so the last few hold one that says something.
    let mut from = cluster.metadata_end();
    while from > 0 {
        from = (from - 32).max(0);
        let records = cluster.metadata_records(from);
        if let Some((offset, _)) = records.iter().rev().find(|(_, record)| counts(record)) {
            return offset + 1;
        }
    }
    0
}

pub(super) fn counts(record: &MetadataRecord) -> bool {
    !matches!(record, MetadataRecord::NoOpRecord {})
}

pub(super) fn record_to_json(record: &MetadataRecord) -> Value {
    let json = record.to_json();
    let mut recorded = Map::new();
    recorded.insert("type".into(), json["type"].clone());
    for (name, value) in json["data"].as_object().into_iter().flatten() {
        recorded.insert(name.clone(), value.clone());
    }
    Value::Object(recorded)
}

impl Player<'_> {
    /// The batches of the log that the observation tells of, at its leader.
    fn observe_batches(&mut self, expected: &Value) {
        let view = self.view();
        let (topic, partition) = (self.topic.as_str(), self.looks_at.partition);
        let is_it = |replica: &&ReplicaView| {
            *replica.partition.topic == *topic
                && replica.partition.partition == partition
                && replica.role == Role::Leader
        };
        let replica = view.nodes.iter().find_map(|node| node.replicas.iter().find(is_it));
        let actual: Vec<Value> =
            replica.map(|replica| replica.batches.iter().map(batch_to_json).collect()).unwrap_or_default();
        self.compare_at("batches", expected, &json!(actual));
    }
}

/// The ids that a topic has had: one that was deleted and made again has several.
fn ids_of<'a>(records: &'a [Value], topic: &str) -> Vec<&'a str> {
    let is_made = |record: &&Value| record["type"] == "TOPIC_RECORD" && record["name"] == topic;
    records.iter().filter(is_made).filter_map(|record| record["topicId"].as_str()).collect()
}

/// Whether a record is of a topic, or of none at all.
fn is_about(record: &Value, topic: &str, ids: &[&str]) -> bool {
    let is = |field: &str, wanted: &[&str]| {
        record.get(field).is_none_or(|value| value.as_str().is_some_and(|value| wanted.contains(&value)))
    };
    let is_topics_setting = record.get("resourceType").and_then(Value::as_i64) == Some(2);
    let name_is = match record["type"].as_str() {
        Some("TOPIC_RECORD") => is("name", &[topic]),
        Some("CONFIG_RECORD") if is_topics_setting => is("resourceName", &[topic]),
        // One that names no topic is of all of them.
        _ => is("topicName", &[topic, ""]),
    };
    name_is && is("topicId", ids)
}

fn partition_to_json(partition: &PartitionView) -> Value {
    json!({
        "leader": partition.leader,
        "leaderEpoch": partition.leader_epoch,
        "partitionEpoch": partition.partition_epoch,
        "replicas": partition.replicas,
        "isr": partition.isr,
        "elr": partition.elr,
        "lastKnownElr": partition.last_known_elr,
        "addingReplicas": partition.adding_replicas,
        "removingReplicas": partition.removing_replicas,
    })
}

pub(super) fn log_to_json(node: &NodeView, replica: &ReplicaView, name: &str, expected: &Value) -> Value {
    let wants_objects = expected["batches"].get(0).is_some_and(Value::is_object);
    let batches: Vec<Value> = replica
        .batches
        .iter()
        .map(|batch| {
            if wants_objects {
                batch_to_json(batch)
            } else {
                json!([batch.base_offset, batch.last_offset, batch.leader_epoch])
            }
        })
        .collect();
    let topic = &replica.partition.topic;
    let partition = replica.partition.partition;
    let checkpointed = |file: &str| checkpointed_offset(node.files.get(file)?, topic, partition);
    json!({
        "leo": replica.log_end_offset,
        "logStartOffset": replica.log_start_offset,
        "batches": batches,
        "checkpointedHighWatermark": checkpointed("replication-offset-checkpoint"),
        // A log that starts where its first segment does is not in the file.
        "checkpointedLogStartOffset": checkpointed("log-start-offset-checkpoint").unwrap_or(0),
        "leaderEpochCheckpoint": leader_epochs(node, replica, name),
    })
}

fn batch_to_json(batch: &BatchView) -> Value {
    let mut recorded = json!({
        "baseOffset": batch.base_offset,
        "lastOffset": batch.last_offset,
        "leaderEpoch": batch.leader_epoch,
        "count": batch.records.len(),
    });
    if batch.producer_id >= 0 {
        recorded["producerId"] = json!(batch.producer_id);
        recorded["producerEpoch"] = json!(batch.producer_epoch);
        recorded["transactional"] = json!(batch.is_transactional);
        recorded["control"] = json!(batch.is_control);
        recorded["baseSequence"] = json!(batch.base_sequence);
    }
    recorded
}

/// An entry of a checkpoint file: version, number of entries, then topic, partition and offset a line.
fn checkpointed_offset(file: &str, topic: &str, partition: i32) -> Option<i64> {
    file.lines().skip(2).find_map(|line| {
        let mut words = line.split(' ');
        let is_it = words.next() == Some(topic) && words.next()?.parse() == Ok(partition);
        if is_it { words.next()?.parse().ok() } else { None }
    })
}

/// The leader epochs on disk: from the file where there is one, else as the replica has them.
fn leader_epochs(node: &NodeView, replica: &ReplicaView, name: &str) -> Value {
    let file = node.files.get(&format!("{name}/leader-epoch-checkpoint"));
    let from_file = file.map(|file| {
        let lines = file.lines().skip(2);
        lines.filter_map(|line| line.split_once(' ')).filter_map(pair).collect::<Vec<(i32, i64)>>()
    });
    json!(from_file.unwrap_or_else(|| replica.leader_epochs.clone()))
}

fn pair((epoch, offset): (&str, &str)) -> Option<(i32, i64)> {
    Some((epoch.parse().ok()?, offset.parse().ok()?))
}
