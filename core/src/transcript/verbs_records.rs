//! `records`: what was written to the metadata log since the last look at it, control records too, and in which batches.

use std::cmp::Reverse;

use serde_json::{Map, Value, json};

use super::format::TranscriptStep;
use super::names::is_name;
use super::observe::{STILL_MS, record_to_json};
use super::player::{PATIENCE_MS, Player, Unsupported};
use crate::cluster::Cluster;
use crate::metadata::MetadataRecord;
use crate::raft::QuorumControlRecord;
use crate::sort::SharedSort;

/// A record of the metadata log in the words of recordings.
struct Written {
    offset: i64,
    /// The batch's first offset and its last.
    batch: (i64, i64),
    words: Map<String, Value>,
}

impl Player<'_> {
    pub(super) fn records_verb(&mut self, step: &TranscriptStep) -> Result<(), Unsupported> {
        let Some(saw) = step.saw.as_ref().and_then(Value::as_object) else {
            return Err(Unsupported::observation("records"));
        };
        let recorded = ["records", "types"].into_iter().find_map(|field| saw.get(field)?.as_array());
        let Some(recorded) = recorded else { return Err(Unsupported::observation("records")) };
        let from = self.records_to.unwrap_or(self.before_last_act);
        self.run_until(PATIENCE_MS, |cluster, step| {
            step.is_none_or(|step| !step.changes.is_empty()) && written_since(cluster, from).len() >= recorded.len()
        });
        self.run_until_still(STILL_MS);
        let written = written_since(&self.cluster, from);
        self.records_to = Some(self.cluster.metadata_end());
        let batches_vary = self.transcript.varies.iter().any(|varies| varies.contains("batch"));
        for (field, expected) in saw {
            match (field.as_str(), expected) {
                ("records", Value::Array(recorded)) => self.compare_records(recorded, &written, from),
                ("types", Value::Array(_)) => {
                    let types = written.iter().filter_map(|each| each.words.get("type").or(each.words.get("control")));
                    self.compare_words(field, expected, &types.cloned().collect());
                }
                ("batches", Value::Array(_)) if !batches_vary => {
                    let mut batches: Vec<Value> =
                        written.iter().map(|each| json!([each.batch.0 - from, each.batch.1 - from])).collect();
                    batches.dedup();
                    self.compare_words(field, expected, &Value::Array(batches));
                }
                _ => self.cannot_say(field, expected),
            }
        }
        Ok(())
    }

    /// Compares records one by one; those that are told without their offsets are told in an order of the recorder's own.
    fn compare_records(&mut self, recorded: &[Value], written: &[Written], from: i64) {
        let words = |(place, each): (&Written, &Written)| {
            let mut words = each.words.clone();
            words.insert("offset".to_owned(), json!(place.offset - from));
            Value::Object(words)
        };
        let mut left: Vec<Value> = written.iter().zip(as_recorder_tells(written)).map(words).collect();
        let is_in_order = recorded.iter().any(|record| record.get("offset").is_some());
        let is_left_out = |varies: &String| varies.contains("once or twice (left out here where it came twice)");
        let some_left_out = left.len() > recorded.len() && self.transcript.varies.iter().any(is_left_out);
        let in_order = if is_in_order || (recorded.len() != left.len() && !some_left_out) {
            left
        } else {
            let mut matched = Vec::new();
            for record in recorded {
                let best = left.iter().enumerate().max_by_key(|(at, each)| (self.likeness(record, each), Reverse(*at)));
                let Some(best) = best.map(|(at, _)| at) else { break };
                matched.push(left.remove(best));
            }
            matched
        };
        self.compare_words("records", &Value::from(recorded), &Value::Array(in_order));
    }

    /// How much a record is like one that is told: fields that agree count for it, others against it.
    pub(super) fn likeness(&self, recorded: &Value, record: &Value) -> i64 {
        let mut likeness = 0;
        for (field, expected) in recorded.as_object().into_iter().flatten() {
            let known = expected.as_str().filter(|text| is_name(text)).map(|name| self.names.known(name));
            let agrees = match (record.get(field), known) {
                (None, _) | (Some(_), Some(None)) => continue,
                (Some(actual), Some(Some(known))) => actual == known,
                (Some(actual), None) if field == "isr" => same_elements(actual, expected),
                (Some(actual), None) => actual == expected,
            };
            let weight = if field == "type" { 100 } else { 1 };
            likeness += if agrees { weight } else { -weight };
        }
        likeness - i64::try_from(record.as_object().map_or(0, Map::len)).unwrap_or(0)
    }

    /// Creates topics whose assignments are told in words: `t: [4,5] and [5,4]; solo: [4]`. False if they are not told so.
    pub(super) fn create_topics_as_described(&mut self, step: &TranscriptStep) -> Result<bool, Unsupported> {
        let Some(topics) = step.text("assignment").and_then(parse_assignments) else { return Ok(false) };
        for (topic, assignment) in topics {
            let replicas = assignment.iter().enumerate();
            let assignments: Value =
                replicas.map(|(index, ids)| json!({"partitionIndex": index, "brokerIds": ids})).collect();
            let body = json!({"topics": [{"name": topic, "numPartitions": -1, "replicationFactor": -1,
                "assignments": assignments}], "timeoutMs": 30_000});
            self.ask(step.get("to"), "CreateTopics", 7, &body)?;
            self.topic = topic;
        }
        Ok(true)
    }
}

/// Whether two lists have the same elements.
fn same_elements(one: &Value, other: &Value) -> bool {
    let (Some(one), Some(other)) = (one.as_array(), other.as_array()) else { return false };
    one.len() == other.len() && one.iter().all(|each| other.contains(each))
}

/// The records of the metadata log from an offset on, those that only move it left out.
fn written_since(cluster: &Cluster, from: i64) -> Vec<Written> {
    let Some(log) = cluster.metadata_log() else { return Vec::new() };
    let mut written = Vec::new();
    for batch in log.batches().iter().filter(|batch| batch.last_offset() >= from) {
        for record in &batch.records {
            let offset = batch.base_offset + i64::from(record.offset_delta);
            let words = if batch.is_control {
                let Some(control) = QuorumControlRecord::read(record) else { continue };
                Map::from_iter([("control".to_owned(), json!(control.kind())), ("data".to_owned(), control.data())])
            } else {
                match MetadataRecord::from_record(record) {
                    Some(MetadataRecord::NoOpRecord {}) | None => continue,
                    Some(record) => record_to_json(&record).as_object().cloned().unwrap_or_default(),
                }
            };
            written.push(Written { offset, batch: (batch.base_offset, batch.last_offset()), words });
        }
    }
    written
}

/// `t: [4,5] and [5,4]; solo: [4]` are two topics.
fn parse_assignments(text: &str) -> Option<Vec<(String, Vec<Vec<i32>>)>> {
    let topic = |text: &str| {
        let (name, lists) = text.split_once(':')?;
        let lists: Option<Vec<Vec<i32>>> =
            lists.split(" and ").map(|list| serde_json::from_str(list.trim()).ok()).collect();
        Some((name.trim().to_owned(), lists?))
    };
    text.split(';').map(topic).collect()
}

/// Which topic's partitions a controller decides about first hangs on the topics' random ids. The recorder tells what one decision
/// changed of several topics in the order of their names and numbers; the engine's has that of the names.
fn as_recorder_tells(written: &[Written]) -> Vec<&Written> {
    let mut told: Vec<&Written> = written.iter().collect();
    let changed = |each: &Written| {
        let is_change = each.words.get("type").is_some_and(|kind| kind == "PARTITION_CHANGE_RECORD");
        is_change.then(|| each.words.get("topicId").cloned().unwrap_or_default())
    };
    for decision in told.chunk_by_mut(|a, b| a.batch == b.batch && changed(a).is_some() && changed(b).is_some()) {
        let mut topics: Vec<Value> = decision.iter().filter_map(|each| changed(each)).collect();
        topics.dedup();
        if topics.len() > 1 {
            let place =
                |each: &Written| changed(each).and_then(|topic| topics.iter().position(|known| *known == topic));
            let number = |each: &Written| each.words.get("partitionId").and_then(Value::as_i64);
            decision.shared_sort_by_key(|each| (place(each), number(each)));
        }
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn assignments_are_parsed() {
        let assignments = parse_assignments("t: [4,5] and [5,4]; solo: [4]").expect("they are assignments");
        assert_eq!(assignments, [("t".to_owned(), vec![vec![4, 5], vec![5, 4]]), ("solo".to_owned(), vec![vec![4]])]);
        assert_eq!(parse_assignments("by the cluster"), None);
    }
}
