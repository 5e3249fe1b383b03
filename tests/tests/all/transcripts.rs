//! The engine does what a real Kafka did.

use std::path::Path;

use kafkascope_core::history::History;
use kafkascope_tests::transcript::{Outcome, Transcript, Verdict, play};

/// Transcripts that the engine is known not to follow, each with the reason why that is accepted.
const KNOWN_DIFFERENCES: [(&str, &str); 0] = [];

/// Transcripts that must be followed, not skipped.
const MUST_AGREE: [&str; 3] =
    ["produce-acks", "puppet-high-watermark-step-by-step", "puppet-produce-waits-in-purgatory"];

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("transcripts")
}

fn outcome_of(id: &str) -> Outcome {
    play(&Transcript::from_file(&folder().join(format!("{id}.json"))).expect("the transcript is well-formed"))
}

#[test]
fn the_first_ones_agree() {
    for id in MUST_AGREE {
        let outcome = outcome_of(id);
        assert_eq!(outcome.verdict, Verdict::Agrees, "{}", outcome.in_full());
    }
}

#[test]
fn none_differs_unexplained() {
    for file in kafkascope_tests::json_files(&folder()).expect("the transcripts are there") {
        let outcome = play(&Transcript::from_file(&file).expect("the transcript is well-formed"));
        let is_known = KNOWN_DIFFERENCES.iter().any(|(id, _)| *id == outcome.id);
        assert_eq!(outcome.verdict == Verdict::Differs, is_known, "{}", outcome.in_full());
    }
}

#[test]
fn a_transcript_becomes_a_run_that_can_be_stepped() {
    let run = outcome_of("produce-acks").run.expect("it was played");
    let (_, end) = run.marks.last().copied().expect("it has steps");
    let mut history = History::new(run.scenario).expect("what was played can be played again");
    history.run_to(end);
    assert_eq!(history.position(), end);
}

#[test]
fn a_wrong_answer_is_found_and_placed() {
    let path = folder().join("produce-acks.json");
    let text = std::fs::read_to_string(path).expect("the transcript is there");
    let wrong = text.replacen(r#""baseOffset": 2"#, r#""baseOffset": 3"#, 1);
    let outcome = play(&Transcript::from_json(&wrong).expect("it is still a transcript"));
    assert_eq!(outcome.verdict, Verdict::Differs);
    let first = &outcome.differences[0];
    assert_eq!((first.step, first.verb.as_str(), first.path.as_str()), (2, "produce", "baseOffset"));
    assert_eq!((first.expected.as_str(), first.got.as_str()), ("3", "2"));
}
