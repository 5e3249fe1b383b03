//! Reads a transcript: what a real Kafka was told, step by step, and what it answered.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;
use serde_json::{Map, Value};

/// A run of a real Kafka, written down.
#[derive(Clone, Debug)]
pub struct Transcript {
    /// Its name: the name of its file.
    pub id: String,
    /// What it is, in a line.
    pub title: String,
    /// What it shows.
    pub about: String,
    /// Which Kafka it was.
    pub kafka: String,
    /// Who can play it.
    pub kind: Kind,
    /// The cluster it ran on: `nodes` and `settings`.
    pub cluster: Value,
    /// What was done, in order.
    pub steps: Vec<TranscriptStep>,
    /// What was not the same each time it was recorded.
    pub varies: Vec<String>,
}

/// Why a text is no transcript.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "error", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum TranscriptError {
    /// It is no JSON.
    RecordingNotJson {
        /// The line, from 1.
        line: u64,
        /// The column, from 1.
        column: u64,
        /// What the reader met.
        reason: String,
    },
    /// A field is missing, or is not what it should be.
    RecordingBadField {
        /// Where: `steps[3].do`.
        at: String,
        /// What it should be.
        expected: String,
    },
}

impl fmt::Display for TranscriptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RecordingNotJson { reason, .. } => f.write_str(reason),
            Self::RecordingBadField { at, expected } => write!(f, "`{at}` is not {expected}"),
        }
    }
}

impl std::error::Error for TranscriptError {}

/// Who can play a transcript.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A series of raw requests.
    Requests,
    /// What a whole cluster does.
    Cluster,
    /// What a cluster with ZooKeeper does: the brokers' part of it can be played.
    ZooKeeper,
    /// Command line tools: facts to read, not to play.
    Reference,
}

/// One step.
#[derive(Clone, Debug)]
pub struct TranscriptStep {
    /// The verb.
    pub verb: String,
    /// Its arguments: everything but `do`, `saw` and `note`.
    pub arguments: Map<String, Value>,
    /// What Kafka answered.
    pub saw: Option<Value>,
    /// What its recorder remarked.
    pub note: String,
    /// How much later it was done than the step before, where its note begins with that: `6 s later`.
    pub later_ms: u64,
    /// The timestamps of records by their values, where its note tells them: `timestamps: a 100, b 300`.
    pub timestamps: BTreeMap<String, i64>,
}

impl Transcript {
    /// Reads a transcript from JSON. The error names the place.
    pub fn from_json(text: &str) -> Result<Self, TranscriptError> {
        let json: Value = serde_json::from_str(text).map_err(|error| TranscriptError::RecordingNotJson {
            line: error.line() as u64,
            column: error.column() as u64,
            reason: error.to_string(),
        })?;
        let text_of = |field: &str| -> Result<String, TranscriptError> {
            json.get(field).and_then(Value::as_str).map(str::to_owned).ok_or_else(|| bad_field(field, "a text"))
        };
        let kind = match text_of("kind")?.as_str() {
            "requests" => Kind::Requests,
            "cluster" => Kind::Cluster,
            "zookeeper" => Kind::ZooKeeper,
            "tools" => Kind::Reference,
            _ => return Err(bad_field("kind", "requests, cluster, tools or zookeeper")),
        };
        let steps = json.get("steps").and_then(Value::as_array).ok_or_else(|| bad_field("steps", "a list"))?;
        let steps: Result<Vec<TranscriptStep>, TranscriptError> =
            steps.iter().enumerate().map(|(index, step)| read_step(index, step)).collect();
        let varies = json.get("varies").and_then(Value::as_array).into_iter().flatten();
        Ok(Self {
            id: text_of("id")?,
            title: text_of("title")?,
            about: json.get("about").and_then(Value::as_str).unwrap_or_default().to_owned(),
            kafka: json.get("kafka").and_then(Value::as_str).unwrap_or_default().to_owned(),
            kind,
            cluster: json.get("cluster").cloned().unwrap_or(Value::Null),
            steps: steps?,
            varies: varies.filter_map(Value::as_str).map(str::to_owned).collect(),
        })
    }
}

fn bad_field(at: impl Into<String>, expected: &str) -> TranscriptError {
    TranscriptError::RecordingBadField { at: at.into(), expected: expected.to_owned() }
}

fn read_step(index: usize, step: &Value) -> Result<TranscriptStep, TranscriptError> {
    let object = step.as_object().ok_or_else(|| bad_field(format!("steps[{index}]"), "an object"))?;
    let verb = object.get("do").and_then(Value::as_str);
    let verb = verb.ok_or_else(|| bad_field(format!("steps[{index}].do"), "a text"))?;
    let mut arguments = object.clone();
    for field in ["do", "saw", "note"] {
        arguments.shift_remove(field);
    }
    let note = object.get("note").and_then(Value::as_str).unwrap_or_default();
    Ok(TranscriptStep {
        verb: verb.to_owned(),
        arguments,
        saw: object.get("saw").cloned(),
        note: note.to_owned(),
        later_ms: later_ms(note),
        timestamps: noted_timestamps(note),
    })
}

/// `timestamps: a 100, b 300; d 150` are three.
fn noted_timestamps(note: &str) -> BTreeMap<String, i64> {
    let timestamps = note.strip_prefix("timestamps: ").unwrap_or_default();
    let pairs = timestamps.split([',', ';']).filter_map(|pair| pair.trim().split_once(' '));
    pairs.filter_map(|(value, at)| Some((value.to_owned(), at.parse().ok()?))).collect()
}

/// How much later a note tells that does not say how much: longer than a follower's fetch may wait.
const LATER_MS: u64 = 5_000;

/// `1.5 s later, still: …` is 1500, `log.segment.delete.delay.ms (2.5 s) later` is 2500.
fn later_ms(note: &str) -> u64 {
    if note == "later" {
        return LATER_MS;
    }
    let explained =
        || note.split_once(" s) later").and_then(|(before, _)| before.rsplit_once('(')).map(|(_, delay)| delay);
    let delay = note.split_once(" s later").map(|(seconds, _)| seconds).or_else(explained);
    let seconds: Option<f64> = delay.and_then(|seconds| seconds.parse().ok());
    seconds.filter(|seconds| (0.0..1e6).contains(seconds)).map_or(0, |seconds| (seconds * 1_000.0) as u64)
}

impl TranscriptStep {
    /// An argument.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.arguments.get(name)
    }

    /// An argument that is text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(Value::as_str)
    }

    /// An argument that is a whole number.
    pub fn number(&self, name: &str) -> Option<i64> {
        self.get(name).and_then(Value::as_i64)
    }

    /// An argument that is a small whole number: a node, a partition.
    pub fn small(&self, name: &str) -> Option<i32> {
        self.number(name).and_then(|number| i32::try_from(number).ok())
    }

    /// An argument that is a whole number from 0 on, none where it is not told. The error tells one that is something else:
    /// a step is not played as if it had not been told.
    pub fn natural(&self, name: &str) -> Result<Option<u64>, String> {
        let Some(recorded) = self.get(name) else { return Ok(None) };
        recorded.as_u64().map(Some).ok_or_else(|| format!("{name} {recorded}"))
    }

    /// How many single facts the step reports.
    pub fn facts(&self) -> u32 {
        self.saw.as_ref().map_or(0, super::compare::leaves)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_may_tell_how_much_later_it_was() {
        assert_eq!(
            (later_ms("1.5 s later, still"), later_ms("6 s later"), later_ms("a moment later")),
            (1_500, 6_000, 0)
        );
        assert_eq!((later_ms("delete.delay.ms (2.5 s) later"), later_ms("later")), (2_500, LATER_MS));
    }

    #[test]
    fn a_note_may_tell_the_timestamps_of_records() {
        let timestamps = noted_timestamps("timestamps: a 100, b 300; d 150");
        assert_eq!(timestamps, BTreeMap::from([("a".into(), 100), ("b".into(), 300), ("d".into(), 150)]));
        assert!(noted_timestamps("later: a 100").is_empty());
    }

    #[test]
    fn mistakes_are_named_with_their_place() {
        let recorded = |text: &str| Transcript::from_json(text).expect_err("it is wrong").to_string();
        assert!(recorded("{").contains("line 1"));
        assert!(recorded(r#"{"id": "x", "title": "x", "kind": "odd"}"#).contains("`kind` is not requests"));
        let steps = r#"{"id": "x", "title": "x", "kind": "cluster", "steps": [{"do": "wait"}, {"saw": 1}]}"#;
        assert!(recorded(steps).contains("steps[1].do"));
    }
}
