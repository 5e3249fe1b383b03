//! What came of a transcript, and how it is printed.

use std::collections::BTreeMap;
use std::fmt;

use crate::scenario::Scenario;
use crate::sort::SharedSort;
use crate::step::Position;

use super::compare::Difference;
use super::format::Transcript;
use super::observation::Observation;

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
    pub not_compared: BTreeMap<String, u32>,
    /// Where the engine is not like Kafka, in the order of the transcript.
    pub differences: Vec<Difference>,
    /// How often it was played, with another seed and other delays each time.
    pub attempts: u32,
    /// How many of them agreed.
    pub agreed: u32,
    /// The run that was played, to be stepped by a person; none if nothing was played.
    pub run: Option<Run>,
}

/// What came of a transcript, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Something was compared, and all of it is as Kafka answered.
    Agrees,
    /// Something is not as Kafka answered, however much could not be compared.
    Differs,
    /// Nothing could be compared.
    Unsupported,
}

impl Verdict {
    /// The verdict on `compared` facts, of which `differing` differ.
    pub fn of(compared: u32, differing: usize) -> Self {
        match (compared, differing) {
            (_, 1..) => Self::Differs,
            (1.., 0) => Self::Agrees,
            (0, 0) => Self::Unsupported,
        }
    }

    /// As it is printed.
    pub fn name(self) -> &'static str {
        match self {
            Self::Agrees => "agrees",
            Self::Differs => "differs",
            Self::Unsupported => "cannot be said",
        }
    }
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

impl Outcome {
    /// Of a transcript that cannot be played at all.
    pub(super) fn unplayed(transcript: &Transcript, what: &str) -> Self {
        let facts: u32 = transcript.steps.iter().map(|step| step.facts().max(1)).sum();
        Self {
            id: transcript.id.clone(),
            verdict: Verdict::Unsupported,
            compared: 0,
            not_compared: BTreeMap::from([(what.to_owned(), facts)]),
            differences: Vec::new(),
            attempts: 0,
            agreed: 0,
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
        self.not_compared.values().sum()
    }

    /// What cannot be said, most frequent first: at most `limit`, in a line.
    fn reasons(&self, limit: usize) -> String {
        let mut reasons: Vec<(&String, &u32)> = self.not_compared.iter().collect();
        reasons.shared_sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        let recorded: Vec<String> =
            reasons.iter().take(limit).map(|(what, count)| format!("{what} ({count})")).collect();
        let more = reasons.len().saturating_sub(limit);
        if more > 0 { format!("{}, and {more} more", recorded.join(", ")) } else { recorded.join(", ") }
    }

    /// The outcome with every difference and everything that cannot be said.
    pub fn in_full(&self) -> String {
        let mut text = self.to_string();
        for difference in self.differences.iter().skip(1) {
            text.push_str(&format!("\n    {difference}"));
        }
        if !self.not_compared.is_empty() {
            text.push_str(&format!("\n    not compared: {}", self.reasons(usize::MAX)));
        }
        text
    }
}

impl Outcome {
    /// The outcome in a line without its reasons: what a list of expected outcomes holds.
    pub fn counts(&self) -> String {
        let (id, verdict, compared, not_compared) = (&self.id, self.verdict.name(), self.compared, self.skipped());
        let differing = self.differences.len();
        format!("{id}: {verdict}, {compared} compared, {differing} differ, {not_compared} cannot be said")
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.counts())?;
        if self.attempts > 1 {
            write!(f, " (of {} attempts {} agreed)", self.attempts, self.agreed)?;
        }
        match (self.verdict, self.differences.first()) {
            (Verdict::Unsupported, _) => write!(f, ": {}", self.reasons(3)),
            (Verdict::Differs, Some(first)) => write!(f, "\n    {first}"),
            _ => Ok(()),
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { step, verb, path, expected, got } = self;
        write!(f, "steps[{step}] {verb}, {path}: expected {expected}, got {got}")
    }
}
