//! What came of a transcript, and how it is printed.

use std::collections::BTreeMap;
use std::fmt;

use crate::scenario::Scenario;
use crate::step::Position;

use serde_json::Value;

use super::compare::Difference;
use super::format::Transcript;
use super::interpreter::Player;

/// What came of a transcript.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Its id.
    pub id: String,
    /// In a word.
    pub verdict: Verdict,
    /// Single facts compared.
    pub compared: u32,
    /// Single facts that could not be compared, by what cannot be said.
    pub unsaid: BTreeMap<String, u32>,
    /// Where the engine is not like Kafka, in the order of the transcript.
    pub differences: Vec<Difference>,
    /// The run that was played, to be stepped by a person; none if nothing was played.
    pub run: Option<Run>,
}

/// What came of a transcript, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// All that was compared is as Kafka answered.
    Agrees,
    /// Something is not.
    Differs,
    /// Less than half could be compared.
    Skipped,
}

/// The run that a transcript became.
#[derive(Clone, Debug)]
pub struct Run {
    /// The run: its cluster and all that was done by hand.
    pub scenario: Scenario,
    /// For each step of the transcript, after how many moves it was over.
    pub marks: Vec<(usize, Position)>,
    /// What Kafka answered and what the engine did, in the order in which they were compared.
    pub observations: Vec<Observation>,
}

/// One thing that was compared.
#[derive(Clone, Debug, PartialEq)]
pub struct Observation {
    /// At which step of the transcript.
    pub step: usize,
    /// What of it: a path in `saw`, empty for all of it.
    pub path: String,
    /// What Kafka answered.
    pub kafka: Value,
    /// What the engine answered, as far as Kafka's answer is told; none where it cannot be compared.
    pub engine: Option<Value>,
    /// Whether they differ.
    pub differs: bool,
}

impl Outcome {
    /// Of a transcript that was played.
    pub(super) fn of(player: Player<'_>, scenario: Scenario) -> Self {
        let unsaid: u32 = player.unsaid.values().sum();
        let verdict = match (player.differences.is_empty(), player.compared > 0 && player.compared >= unsaid) {
            (_, false) => Verdict::Skipped,
            (true, true) => Verdict::Agrees,
            (false, true) => Verdict::Differs,
        };
        Self {
            id: player.transcript.id.clone(),
            verdict,
            compared: player.compared,
            unsaid: player.unsaid,
            differences: player.differences,
            run: Some(Run {
                scenario: Scenario { commands: player.placed, ..scenario },
                marks: player.marks,
                observations: player.observations,
            }),
        }
    }

    /// Of a transcript that cannot be played at all.
    pub(super) fn unplayed(transcript: &Transcript, what: &str) -> Self {
        let facts: u32 = transcript.steps.iter().map(|step| step.facts().max(1)).sum();
        Self {
            id: transcript.id.clone(),
            verdict: Verdict::Skipped,
            compared: 0,
            unsaid: BTreeMap::from([(what.to_owned(), facts)]),
            differences: Vec::new(),
            run: None,
        }
    }

    /// The first step that differs.
    pub(super) fn lasted(&self) -> (usize, std::cmp::Reverse<usize>) {
        let first = self.differences.iter().map(|difference| difference.step).min().unwrap_or(usize::MAX);
        (first, std::cmp::Reverse(self.differences.len()))
    }

    /// Single facts that could not be compared.
    pub fn skipped(&self) -> u32 {
        self.unsaid.values().sum()
    }

    /// What cannot be said, most frequent first: at most so many, in a line.
    fn reasons(&self, limit: usize) -> String {
        let mut reasons: Vec<(&String, &u32)> = self.unsaid.iter().collect();
        reasons.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        let told: Vec<String> = reasons.iter().take(limit).map(|(what, count)| format!("{what} ({count})")).collect();
        let more = reasons.len().saturating_sub(limit);
        if more > 0 { format!("{}, and {more} more", told.join(", ")) } else { told.join(", ") }
    }

    /// The outcome with every difference and everything that cannot be said.
    pub fn in_full(&self) -> String {
        let mut text = self.to_string();
        for difference in self.differences.iter().skip(1) {
            text.push_str(&format!("\n    {difference}"));
        }
        if !self.unsaid.is_empty() {
            text.push_str(&format!("\n    not compared: {}", self.reasons(usize::MAX)));
        }
        text
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (id, compared, skipped) = (&self.id, self.compared, self.skipped());
        match self.verdict {
            Verdict::Agrees => write!(f, "{id}: agrees ({compared} observations compared, {skipped} skipped)"),
            Verdict::Skipped => {
                write!(f, "{id}: skipped ({compared} compared, {skipped} skipped): {}", self.reasons(3))
            }
            Verdict::Differs => {
                write!(f, "{id}: differs ({compared} compared, {skipped} skipped, {} differ)", self.differences.len())?;
                match self.differences.first() {
                    Some(first) => write!(f, "\n    {first}"),
                    None => Ok(()),
                }
            }
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { step, verb, path, expected, got } = self;
        write!(f, "steps[{step}] {verb}, {path}: expected {expected}, got {got}")
    }
}
