//! The checkpoint files that a broker keeps beside its logs: text that a person can open, byte for byte as Kafka writes it
//! (`CheckpointFile`, `OffsetCheckpointFile`, `LeaderEpochCheckpointFile`).
//!
//! All have one form: a line with the version 0, a line with the number of entries, a line for each entry. When they are
//! written is the broker's affair: they may lag behind what they tell of.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::epoch_cache::{EpochEntry, LeaderEpochCache};
use crate::wire::TopicPartition;

/// The high watermarks of a broker's partitions, for its next start.
pub const REPLICATION_OFFSET_CHECKPOINT: &str = "replication-offset-checkpoint";
/// The recovery points of its logs: below them nothing needs to be checked after a crash.
pub const RECOVERY_POINT_OFFSET_CHECKPOINT: &str = "recovery-point-offset-checkpoint";
/// The log start offsets that lie above the first segment's base offset.
pub const LOG_START_OFFSET_CHECKPOINT: &str = "log-start-offset-checkpoint";
/// The first dirty offsets of its compacted logs.
pub const CLEANER_OFFSET_CHECKPOINT: &str = "cleaner-offset-checkpoint";
/// The leader epochs of one log, in its own folder.
pub const LEADER_EPOCH_CHECKPOINT: &str = "leader-epoch-checkpoint";

const VERSION: i32 = 0;

/// What is wrong at one line of a checkpoint file.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CheckpointError {
    /// The line, from 1.
    pub line: u32,
    /// What is wrong there.
    pub problem: CheckpointProblem,
}

/// What can be wrong in a checkpoint file.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum CheckpointProblem {
    /// The version is not 0.
    UnknownVersion {
        /// What stands there.
        found: String,
    },
    /// The number of entries is missing or not a number.
    NoSize {
        /// What stands there.
        found: String,
    },
    /// There are more or fewer entries than the second line says.
    WrongSize {
        /// As many as the file says.
        expected: u32,
        /// As many as it has.
        found: u32,
    },
    /// An entry has the wrong number of fields.
    WrongFields {
        /// As many as an entry has.
        expected: u32,
        /// As many as stand there.
        found: u32,
    },
    /// A field is not a number, or not one that fits.
    NotANumber {
        /// The field, from 1.
        field: u32,
        /// What stands there.
        found: String,
    },
}

impl fmt::Display for CheckpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: ", self.line)?;
        match &self.problem {
            CheckpointProblem::UnknownVersion { found } => write!(f, "the version is {found:?}, not {VERSION}"),
            CheckpointProblem::NoSize { found } => write!(f, "expected the number of entries, found {found:?}"),
            CheckpointProblem::WrongSize { expected, found } => {
                write!(f, "expected {expected} entries, found {found}")
            }
            CheckpointProblem::WrongFields { expected, found } => {
                write!(f, "expected {expected} fields, found {found}")
            }
            CheckpointProblem::NotANumber { field, found } => write!(f, "field {field}: {found:?} is not a number"),
        }
    }
}

impl std::error::Error for CheckpointError {}

/// Writes a file of offsets by partition (`OffsetCheckpointFile`), in the order of the partitions.
pub fn render_offsets<'a>(offsets: impl IntoIterator<Item = (&'a TopicPartition, i64)>) -> String {
    let lines = offsets.into_iter().map(|(at, offset)| format!("{} {} {offset}", at.topic, at.partition));
    render(&lines.collect::<Vec<_>>())
}

/// Reads a file of offsets by partition. Every error is named; an empty file holds nothing.
pub fn parse_offsets(text: &str) -> Result<BTreeMap<TopicPartition, i64>, Vec<CheckpointError>> {
    let entries = parse(text, |line, fields: [&str; 3]| {
        let partition = number(line, 2, fields[1]);
        let offset = number(line, 3, fields[2]);
        both(partition, offset).map(|(partition, offset)| (TopicPartition::new(fields[0], partition), offset))
    })?;
    Ok(entries.into_iter().collect())
}

/// Writes a log's leader epochs (`LeaderEpochCheckpointFile`).
pub fn render_epochs(epochs: &LeaderEpochCache) -> String {
    let lines = epochs.entries().iter().map(|entry| format!("{} {}", entry.epoch, entry.start_offset));
    render(&lines.collect::<Vec<_>>())
}

/// Reads a log's leader epochs. Every error is named. Entries are assigned one after the other, as Kafka does: one that
/// does not rise replaces those before it.
pub fn parse_epochs(text: &str) -> Result<LeaderEpochCache, Vec<CheckpointError>> {
    let entries = parse(text, |line, fields: [&str; 2]| {
        let epoch = number(line, 1, fields[0]);
        let start_offset = number(line, 2, fields[1]);
        both(epoch, start_offset).map(|(epoch, start_offset)| EpochEntry { epoch, start_offset })
    })?;
    let mut epochs = LeaderEpochCache::default();
    for entry in entries {
        epochs.assign(entry.epoch, entry.start_offset);
    }
    Ok(epochs)
}

fn render(lines: &[String]) -> String {
    let mut text = format!("{VERSION}\n{}\n", lines.len());
    for line in lines {
        text.push_str(line);
        text.push('\n');
    }
    text
}

fn parse<T, const FIELDS: usize>(
    text: &str,
    entry: impl Fn(u32, [&str; FIELDS]) -> Result<T, Vec<CheckpointError>>,
) -> Result<Vec<T>, Vec<CheckpointError>> {
    let mut lines = (1u32..).zip(text.lines());
    let Some((_, version)) = lines.next() else {
        return Ok(Vec::new());
    };
    let mut errors = Vec::new();
    if version.trim().parse() != Ok(VERSION) {
        let problem = CheckpointProblem::UnknownVersion { found: version.to_owned() };
        errors.push(CheckpointError { line: 1, problem });
    }
    let size_text = lines.next().map_or("", |(_, size)| size);
    let size: Option<u32> = size_text.trim().parse().ok();
    if size.is_none() {
        errors.push(CheckpointError { line: 2, problem: CheckpointProblem::NoSize { found: size_text.to_owned() } });
    }
    let (mut entries, mut found) = (Vec::new(), 0);
    for (line, text) in lines {
        found += 1;
        match fields(line, text).and_then(|fields| entry(line, fields)) {
            Ok(read) => entries.push(read),
            Err(wrong) => errors.extend(wrong),
        }
    }
    if let Some(expected) = size.filter(|size| *size != found) {
        errors.push(CheckpointError { line: 2, problem: CheckpointProblem::WrongSize { expected, found } });
    }
    if errors.is_empty() { Ok(entries) } else { Err(errors) }
}

fn fields<const FIELDS: usize>(line: u32, text: &str) -> Result<[&str; FIELDS], Vec<CheckpointError>> {
    let fields: Vec<&str> = text.split_whitespace().collect();
    fields.try_into().map_err(|fields: Vec<&str>| {
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let problem = CheckpointProblem::WrongFields { expected: count(FIELDS), found: count(fields.len()) };
        vec![CheckpointError { line, problem }]
    })
}

fn number<T: FromStr>(line: u32, field: u32, text: &str) -> Result<T, CheckpointError> {
    let problem = || CheckpointProblem::NotANumber { field, found: text.to_owned() };
    text.parse().map_err(|_| CheckpointError { line, problem: problem() })
}

fn both<A, B>(a: Result<A, CheckpointError>, b: Result<B, CheckpointError>) -> Result<(A, B), Vec<CheckpointError>> {
    match (a, b) {
        (Ok(a), Ok(b)) => Ok((a, b)),
        (a, b) => Err(a.err().into_iter().chain(b.err()).collect()),
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    #[test]
    fn files_are_written_as_kafka_writes_them_and_read_back() {
        let offsets: BTreeMap<_, _> =
            [(TopicPartition::new("seg", 0), 17), (TopicPartition::new("orders", 2), 5)].into_iter().collect();
        let text = render_offsets(offsets.iter().map(|(at, offset)| (at, *offset)));
        assert_eq!(text, "0\n2\norders 2 5\nseg 0 17\n");
        assert_eq!(parse_offsets(&text), Ok(offsets));
        assert_eq!(render_offsets([]), "0\n0\n");

        let mut epochs = LeaderEpochCache::default();
        assert!(epochs.assign(0, 0) && epochs.assign(2, 20));
        let text = render_epochs(&epochs);
        assert_eq!((text.as_str(), text.len()), ("0\n2\n0 0\n2 20\n", 13));
        assert_eq!(parse_epochs(&text), Ok(epochs));
        assert_eq!(parse_epochs(""), Ok(LeaderEpochCache::default()));
    }

    #[test]
    fn every_error_is_named_with_its_line() {
        let errors = parse_offsets("1\nmany\norders 0\norders x 99999999999999999999\nseg 0 17\n").unwrap_err();
        let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
        expect![[r#"
            line 1: the version is "1", not 0
            line 2: expected the number of entries, found "many"
            line 3: expected 3 fields, found 2
            line 4: field 2: "x" is not a number
            line 4: field 3: "99999999999999999999" is not a number"#]]
        .assert_eq(&lines.join("\n"));
        let errors = parse_epochs("0\n3\n0 0\n").unwrap_err();
        expect!["line 2: expected 3 entries, found 1"].assert_eq(&errors[0].to_string());
    }
}
