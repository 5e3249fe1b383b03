//! Recorded runs of a real Kafka: which there are, and one that is opened, played on the engine and compared.

use std::rc::Rc;

pub use kafkascope_core::transcript::Playing;
use kafkascope_core::transcript::{Accept, Observation, Outcome, Transcript, TranscriptError, TranscriptStep};

use serde::Deserialize;
use serde_json::Value;

use crate::engine::{Position, Scenario, json};
use crate::platform::browser;

/// Where the recordings lie beside the page. None of them is part of the first download.
const FOLDER: &str = "transcripts";
/// The list of those that can be played: the test of transcripts holds it to what comes of them.
const LIST: &str = "recordings.json";

/// A recording in the list.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Listed {
    /// Its name, and that of its file.
    pub id: String,
    /// What it is, in a line.
    pub title: String,
    /// How many facts of it were compared when the list was made.
    pub compared: u32,
    /// In how many the engine is another.
    pub differs: u32,
}

/// A recording that was played.
#[derive(Clone, Debug)]
pub struct Recording {
    /// What Kafka did.
    pub transcript: Transcript,
    /// What the engine did.
    pub outcome: Outcome,
}

/// Two recordings are the same where they are one and the same: comparing is cheap.
#[derive(Clone, Debug)]
pub struct Opened(pub Rc<Recording>);

impl PartialEq for Opened {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

/// Reads a recording.
pub fn read(text: &str) -> Result<Transcript, TranscriptError> {
    Transcript::from_json(text)
}

/// Begins to play a recording.
pub fn play(transcript: &Transcript) -> Playing<'_> {
    Playing::new(transcript, Accept::of(transcript))
}

/// Which recordings there are; none where they cannot be fetched.
pub async fn list() -> Option<Vec<Listed>> {
    json::read_text(&browser::fetch_text(LIST).await?).ok()
}

/// A recording's file; none where it cannot be fetched.
pub async fn fetch(id: &str) -> Option<String> {
    browser::fetch_text(&format!("{FOLDER}/{id}.json")).await
}

impl Recording {
    /// A recording that was played.
    pub fn played(transcript: Transcript, outcome: Outcome) -> Opened {
        Opened(Rc::new(Self { transcript, outcome }))
    }

    /// The run that it became; none where nothing of it can be played.
    pub fn scenario(&self) -> Option<Scenario> {
        self.outcome.run.as_ref().map(|run| run.scenario.clone())
    }

    /// After how many moves a step of the recording was over.
    pub fn mark(&self, step: usize) -> Option<Position> {
        let run = self.outcome.run.as_ref()?;
        run.marks.iter().find(|(index, _)| *index == step).map(|(_, position)| *position)
    }

    /// The step of the recording that a run is in: the first that is not over before.
    pub fn step_at(&self, position: Position) -> Option<usize> {
        let run = self.outcome.run.as_ref()?;
        run.marks.iter().find(|(_, over)| *over >= position).map(|(index, _)| *index)
    }

    /// What was compared at a step.
    pub fn observed(&self, step: usize) -> impl Iterator<Item = &Observation> {
        let all = self.outcome.run.iter().flat_map(|run| &run.observations);
        all.filter(move |observation| observation.step == step)
    }
}

/// A step's arguments in a line, as they stand in the recording.
pub fn arguments(step: &TranscriptStep) -> String {
    let given = step.arguments.iter().map(|(name, value)| match value {
        Value::String(text) => format!("{name} {text}"),
        other => format!("{name} {other}"),
    });
    given.collect::<Vec<_>>().join(" · ")
}

/// So long may a value be that stands on one line.
const LINE_CHARS: usize = 44;

/// JSON for reading: what fits on a line stays on one.
pub fn readable(value: &Value) -> String {
    let mut text = String::new();
    write(value, 0, &mut text);
    text
}

fn write(value: &Value, depth: usize, text: &mut String) {
    let whole = value.to_string();
    let indent = "  ".repeat(depth + 1);
    let lines: Vec<(String, &Value)> = match value {
        Value::Object(fields) => fields.iter().map(|(name, value)| (format!("{name}: "), value)).collect(),
        Value::Array(elements) => elements.iter().map(|element| (String::new(), element)).collect(),
        _ => Vec::new(),
    };
    if lines.is_empty() || whole.chars().count() <= LINE_CHARS {
        return text.push_str(&whole);
    }
    let (open, close) = if value.is_object() { ('{', '}') } else { ('[', ']') };
    text.push(open);
    for (name, value) in lines {
        text.push('\n');
        text.push_str(&indent);
        text.push_str(&name);
        write(value, depth + 1, text);
    }
    text.push('\n');
    text.push_str(&"  ".repeat(depth));
    text.push(close);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recording() -> Rc<Recording> {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/transcripts/produce-acks.json");
        let text = std::fs::read_to_string(path).expect("the recording is there");
        let transcript = read(&text).expect("it is a recording");
        let mut playing = play(&transcript);
        let outcome = std::iter::repeat_with(|| playing.go_on()).flatten().next().expect("it ends");
        Recording::played(transcript, outcome).0
    }

    #[test]
    fn a_run_knows_in_which_step_of_the_recording_it_is() {
        let recording = recording();
        let last = recording.transcript.steps.len() - 1;
        assert_eq!(recording.step_at(0), Some(0));
        let end = recording.mark(last).expect("it was played to its end");
        assert_eq!(recording.step_at(end + 1), None);
        let first = recording.mark(0).expect("its first step was played");
        assert!(recording.step_at(first + 1) > Some(0));
        assert!((0..=last).any(|step| recording.observed(step).next().is_some()));
    }

    #[test]
    fn what_fits_on_a_line_stays_there() {
        let value = serde_json::json!({"isr": [1, 2, 3], "of a long name that needs a line of its own": {"leader": 1}});
        assert_eq!(
            readable(&value),
            "{\n  isr: [1,2,3]\n  of a long name that needs a line of its own: {\"leader\":1}\n}"
        );
    }
}
