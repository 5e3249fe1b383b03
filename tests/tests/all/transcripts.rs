//! The engine does what a real Kafka did.

use std::path::Path;
use std::sync::LazyLock;

use expect_test::expect_file;
use kafkascope_core::history::History;
use kafkascope_core::transcript::{Outcome, Transcript, Verdict, play};
use serde_json::json;

/// Transcripts that the engine is known not to follow, each with the reason why that is accepted.
const KNOWN_DIFFERENCES: [(&str, &str); 2] = [
    (
        "all-replicas-lost-crash",
        "Two followers come back at once. Kafka's request handler threads read both fetches at the same time, and one of them \
     overtook the other between two partitions: of one the ISR became [1, 3] first, of the other [1, 2]. The engine \
     handles one request at a time, so the same follower is first in both. Everything else in it is compared and equal.",
    ),
    (
        "compaction",
        "Step 2 shows the log before the cleaner ran, and step 3 sets min.compaction.lag.ms to what step 0 says it was already: \
     the topic was made with another value, which kept the cleaner away. A real 4.3.1 that was given the steps as told had \
     cleaned the log 1.2 s after the last record, as the engine has. Every later observation is compared and equal.",
    ),
];

/// Transcripts that must be followed, not skipped.
const MUST_AGREE: [&str; 3] =
    ["produce-acks", "puppet-high-watermark-step-by-step", "puppet-produce-waits-in-purgatory"];

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("transcripts")
}

fn outcome_of(id: &str) -> Outcome {
    play(&kafkascope_tests::transcript(&folder().join(format!("{id}.json"))).expect("the transcript is well-formed"))
}

#[test]
fn the_first_ones_agree() {
    for id in MUST_AGREE {
        let outcome = outcome_of(id);
        assert_eq!(outcome.verdict, Verdict::Agrees, "{}", outcome.in_full());
    }
}

/// All of them, played once.
static PLAYED: LazyLock<Vec<(Transcript, Outcome)>> = LazyLock::new(|| {
    let files = kafkascope_tests::json_files(&folder()).expect("the transcripts are there");
    let transcripts =
        files.iter().map(|file| kafkascope_tests::transcript(file).expect("the transcript is well-formed"));
    transcripts.map(|transcript| (transcript.clone(), play(&transcript))).collect()
});

/// The page offers those that can be played, from a list that lies beside it. `UPDATE_EXPECT=1` writes it anew.
#[test]
fn the_list_of_the_page_is_up_to_date() {
    let playable = PLAYED.iter().filter(|(_, outcome)| outcome.verdict != Verdict::Skipped);
    let rows = playable.map(|(transcript, outcome)| {
        let Transcript { id, title, .. } = transcript;
        let row = json!({"id": id, "title": title, "compared": outcome.compared, "differs": outcome.differences.len()});
        format!("  {row}")
    });
    let list = format!("[\n{}\n]\n", rows.collect::<Vec<_>>().join(",\n"));
    expect_file!["../../recordings.json"].assert_eq(&list);
}

#[test]
fn none_differs_unexplained() {
    let outcomes = PLAYED.iter().map(|(_, outcome)| outcome);
    let differing: Vec<&Outcome> = outcomes.filter(|outcome| outcome.verdict == Verdict::Differs).collect();
    let is_known = |outcome: &Outcome| KNOWN_DIFFERENCES.iter().any(|(id, _)| *id == outcome.id);
    let unexplained: Vec<String> = differing.iter().filter(|each| !is_known(each)).map(|each| each.in_full()).collect();
    assert!(unexplained.is_empty(), "{}", unexplained.join("\n"));
    let stale: Vec<&str> = KNOWN_DIFFERENCES
        .iter()
        .map(|(id, _)| *id)
        .filter(|id| !differing.iter().any(|outcome| outcome.id == *id))
        .collect();
    assert!(stale.is_empty(), "no difference any more: {stale:?}");
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
