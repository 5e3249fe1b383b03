//! The engine does what a real Kafka did.

use std::path::Path;
use std::sync::LazyLock;

use expect_test::expect_file;
use kafkascope_core::history::History;
use kafkascope_core::transcript::{Accept, Limits, Outcome, Transcript, Verdict, attempt_within, play, play_accepting};
use kafkascope_tests::recordings::{self, KNOWN, Knowledge};
use serde_json::{Value, json};

/// Transcripts that must be followed, not skipped.
const MUST_AGREE: [&str; 3] =
    ["produce-acks", "puppet-high-watermark-step-by-step", "puppet-produce-waits-in-purgatory"];

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("transcripts")
}

fn outcome_of(id: &str) -> Outcome {
    recordings::play(
        &kafkascope_tests::transcript(&folder().join(format!("{id}.json"))).expect("the transcript is well-formed"),
    )
}

#[test]
fn the_first_ones_agree() {
    for id in MUST_AGREE {
        let outcome = outcome_of(id);
        assert_eq!(outcome.verdict, Verdict::Agrees, "{}", outcome.in_full());
    }
}

/// What came of a recording, as the tests look at it.
struct Played {
    id: String,
    title: String,
    verdict: Verdict,
    compared: u32,
    differences: usize,
    attempts: u32,
    /// How many facts were compared, differ and are unsaid, as a line.
    counts: String,
    in_full: String,
}

/// All of them, played once.
static PLAYED: LazyLock<Vec<Played>> = LazyLock::new(|| {
    let files = kafkascope_tests::json_files(&folder()).expect("the transcripts are there");
    let transcripts =
        files.iter().map(|file| kafkascope_tests::transcript(file).expect("the transcript is well-formed"));
    let played = transcripts.map(|transcript| {
        let outcome = recordings::play(&transcript);
        let (counts, in_full) = (outcome.counts(), outcome.in_full());
        let Outcome { id, verdict, compared, differences, attempts, .. } = outcome;
        Played {
            id,
            title: transcript.title,
            verdict,
            compared,
            differences: differences.len(),
            attempts,
            counts,
            in_full,
        }
    });
    played.collect()
});

/// The page offers those that can be played, from a list that lies beside it. `UPDATE_EXPECT=1` writes it anew.
#[test]
fn the_list_of_the_page_is_up_to_date() {
    let playable = PLAYED.iter().filter(|played| played.verdict != Verdict::Unsupported);
    let rows = playable.map(|Played { id, title, compared, differences, .. }| {
        let row = json!({"id": id, "title": title, "compared": compared, "differs": differences});
        format!("  {row}")
    });
    let list = format!("[\n{}\n]\n", rows.collect::<Vec<_>>().join(",\n"));
    expect_file!["../../recordings.json"].assert_eq(&list);
}

/// What came of each recording, and of how many facts: one that is no longer compared fails this test. `UPDATE_EXPECT=1`
/// writes the list anew.
#[test]
fn as_many_facts_are_compared_as_expected() {
    let lines: Vec<&str> = PLAYED.iter().map(|played| played.counts.as_str()).collect();
    expect_file!["../../transcripts.expected"].assert_eq(&format!("{}\n", lines.join("\n")));
}

#[test]
fn none_differs_unexplained() {
    let differing = PLAYED.iter().filter(|played| played.verdict == Verdict::Differs);
    let may_differ = |played: &Played| {
        recordings::known(&played.id)
            .is_some_and(|known| matches!(known.what, Knowledge::Differs { .. } | Knowledge::Open { .. }))
    };
    let unexplained: Vec<&str> = differing.filter(|each| !may_differ(each)).map(|each| each.in_full.as_str()).collect();
    assert!(unexplained.is_empty(), "{}", unexplained.join("\n"));
}

/// What is known of a recording must still be so: one that differs does, and one in which something raced needs more than
/// the first attempt.
#[test]
fn what_is_known_is_still_so() {
    let of = |id: &str| PLAYED.iter().find(|played| played.id == id);
    let is_so = |known: &recordings::Known| match (known.what, of(known.id)) {
        (Knowledge::Differs { .. } | Knowledge::Open { .. }, Some(played)) => played.verdict == Verdict::Differs,
        (Knowledge::Race { .. }, Some(played)) => played.verdict == Verdict::Agrees && played.attempts > 1,
        (_, None) => false,
    };
    let stale: Vec<&str> = KNOWN.iter().filter(|known| !is_so(known)).map(|known| known.id).collect();
    assert!(stale.is_empty(), "no longer so: {stale:?}");
}

/// A recording of one node, with these settings and steps.
fn recording(settings: &Value, steps: &Value) -> Transcript {
    let told = json!({"id": "written-here", "title": "written here", "kind": "cluster", "steps": steps, "cluster": {
        "nodes": [{"id": 1, "roles": "broker,controller"}], "settings": settings}});
    Transcript::from_json(&told.to_string()).expect("it is a transcript")
}

fn outcome(steps: &Value) -> Outcome {
    play(&recording(&json!({}), steps))
}

fn create(topic: &str) -> Value {
    json!({"do": "create-topic", "topic": topic, "assignment": [[1]], "saw": {"error": "NONE"}})
}

fn not_compared(outcome: &Outcome, what: &str) -> u32 {
    outcome.not_compared.get(what).copied().unwrap_or(0)
}

#[test]
fn a_field_that_the_player_has_no_use_for_is_counted_and_ends_what_would_follow() {
    let produce = json!({"do": "produce", "topic": "t", "moon": "full", "saw": {"error": "NONE", "baseOffset": 0}});
    let told = outcome(&json!([create("t"), produce, create("u")]));
    assert_eq!((told.verdict, told.compared, not_compared(&told, "produce with moon")), (Verdict::Agrees, 1, 2));
    let observe = json!({"do": "observe", "moon": "full", "saw": {"x": 1}});
    let told = outcome(&json!([observe, create("u")]));
    assert_eq!((told.compared, not_compared(&told, "observe with moon")), (1, 1), "who only looks ends nothing");
    let body = json!({"topics": [], "moon": "full"});
    let request = json!({"do": "request", "to": 1, "api": "DeleteTopics", "body": body, "saw": {"x": 1}});
    let told = outcome(&json!([create("t"), request, create("u")]));
    assert_eq!((told.compared, not_compared(&told, "DeleteTopics with moon")), (1, 1));
}

#[test]
fn a_number_that_is_none_is_not_taken_for_one_that_is_not_told() {
    let told = outcome(&json!([{"do": "wait", "forMs": "a while"}, create("t")]));
    assert_eq!((told.verdict, not_compared(&told, "forMs \"a while\"")), (Verdict::Unsupported, 1));
    let request = json!({"do": "request", "to": 1, "port": "side", "api": "ApiVersions", "saw": {"error": "NONE"}});
    assert_eq!(not_compared(&outcome(&json!([request])), "port \"side\""), 1);
}

#[test]
fn a_difference_is_one_however_much_cannot_be_said() {
    let many: Vec<Value> = (0..50).map(|_| json!({"do": "describe-quorum", "saw": {"x": 1, "y": 2}})).collect();
    let wrong = json!({"do": "create-topic", "topic": "t", "assignment": [[1]], "saw": {"error": "INVALID_REQUEST"}});
    let told = outcome(&json!([vec![wrong], many].concat()));
    assert_eq!((told.verdict, told.compared, told.skipped()), (Verdict::Differs, 1, 100));
    assert_eq!((told.attempts, told.agreed), (8, 0));
}

#[test]
fn a_field_that_the_answer_lacks_is_a_difference() {
    let body = json!({"topics": [{"name": "t", "numPartitions": 1, "replicationFactor": 1}], "timeoutMs": 1000});
    let saw = json!({"topics": [{"name": "t", "error": "NONE", "moon": "full"}]});
    let told =
        outcome(&json!([{"do": "request", "to": 1, "api": "CreateTopics", "version": 7, "body": body, "saw": saw}]));
    assert_eq!((told.verdict, told.differences[0].path.as_str()), (Verdict::Differs, "topics[0].moon"));
}

#[test]
fn a_setting_that_the_engine_lacks_is_one_fact() {
    let told = play(&recording(&json!({"moon.phase": "full"}), &json!([create("t")])));
    assert_eq!((told.verdict, told.compared), (Verdict::Agrees, 1));
    assert_eq!(told.not_compared, [("setting moon.phase=full".to_owned(), 1)].into());
}

#[test]
fn a_request_that_is_not_built_ends_only_what_it_may_have_changed() {
    let request = |api: &str, saw: Value| json!({"do": "request", "to": 1, "api": api, "body": {}, "saw": saw});
    let compared = |request: Value| outcome(&json!([request, create("t")])).compared;
    assert_eq!(compared(request("DescribeMoon", json!({"error": "NONE"}))), 1);
    assert_eq!(compared(request("AlterMoon", json!({"error": "SECURITY_DISABLED"}))), 1, "it was refused");
    assert_eq!(compared(request("AlterMoon", json!({"error": "NONE"}))), 0);
}

#[test]
fn records_are_told_since_the_last_observation_that_told_any() {
    let topic = |name: &str| json!([{"type": "TOPIC_RECORD", "name": name}, {"type": "PARTITION_RECORD"}]);
    let records =
        |names: &[&str]| -> Value { names.iter().flat_map(|name| topic(name).as_array().cloned()).flatten().collect() };
    let observe = |saw: Value| json!({"do": "observe", "saw": saw});
    let led = json!({"t-0": {"leader": 1}, "u-0": {"leader": 1}});
    let told = outcome(&json!([
        create("t"),
        observe(json!({"partitions": {"t-0": {"leader": 1}}})),
        create("u"),
        observe(json!({"partitions": led, "records": records(&["t", "u"])})),
        create("v"),
        observe(json!({"partitions": {"v-0": {"leader": 1}}, "records": records(&["v"])})),
    ]));
    assert_eq!(told.verdict, Verdict::Agrees, "{}", told.in_full());
}

#[test]
fn an_answer_is_collected_once() {
    let body = json!({"topics": [{"name": "t", "numPartitions": 1, "replicationFactor": 1}], "timeoutMs": 1000});
    let send =
        json!({"do": "send", "as": "a", "to": 1, "port": "broker", "api": "CreateTopics", "version": 7, "body": body});
    let answer = |saw: Value| json!({"do": "answer", "of": "a", "withinMs": 500, "saw": saw});
    let created = json!({"topics": [{"name": "t", "error": "NONE"}]});
    let told = outcome(&json!([send, answer(created.clone()), answer(json!("nothing"))]));
    assert_eq!(told.verdict, Verdict::Agrees, "{}", told.in_full());
    let told = outcome(&json!([send, answer(created.clone()), answer(created)]));
    assert_eq!((told.verdict, told.differences[0].step), (Verdict::Differs, 2));
}

#[test]
fn a_timestamp_beside_records_is_theirs() {
    let fetch = json!({"do": "request", "to": 1, "api": "Fetch", "version": 17, "body": {"maxWaitMs": 0, "minBytes": 0,
        "topics": [{"topicId": "topicId:t", "partitions": [{"partition": 0, "fetchOffset": 0}]}]},
        "saw": {"records": [{"baseOffset": 0, "records": [{"offset": 0, "timestamp": 7_000, "value": "v"}]}]}});
    let produce = json!({"do": "produce", "topic": "t", "partition": 0, "acks": 1, "timestamp": 7_000,
        "records": [{"value": "v"}], "saw": {"error": "NONE"}});
    let told = outcome(&json!([create("t"), produce, fetch]));
    assert_eq!(told.verdict, Verdict::Agrees, "{}", told.in_full());
}

#[test]
fn a_group_may_begin_where_its_coordinator_was_found_before() {
    let body = json!({"groupId": "g", "generationId": 3, "memberId": "nobody"});
    let request = json!({"do": "request", "to": 1, "api": "Heartbeat", "version": 4, "body": body,
        "saw": {"error": "UNKNOWN_MEMBER_ID"}});
    let told = outcome(&json!([request]));
    assert_eq!(told.verdict, Verdict::Agrees, "{}", told.in_full());
}

#[test]
fn a_player_stops_at_a_limit_and_says_where() {
    let steps = json!([create("t"), {"do": "wait", "forMs": i64::MAX}, create("u")]);
    let limits = Limits { moves: 5_000, ..Limits::default() };
    let told = attempt_within(&recording(&json!({}), &steps), 1, 0, limits);
    let stopped =
        |what: &str| told.not_compared.keys().any(|reason| reason.contains("steps[1]") && reason.contains(what));
    assert_eq!((told.verdict, told.compared), (Verdict::Agrees, 1));
    assert!(stopped("more moves than"), "{:?}", told.not_compared);

    let limits = Limits { time_ms: 20_000, ..Limits::default() };
    let told = attempt_within(&recording(&json!({}), &steps), 1, 0, limits);
    assert!(
        told.not_compared.keys().any(|reason| reason.contains("more virtual time than")),
        "{:?}",
        told.not_compared
    );

    let limits = Limits { sent_bytes: 300, ..Limits::default() };
    let repeat = json!({"do": "repeat", "times": 1_u64 << 40, "to": 1, "api": "ApiVersions", "body": {}});
    let value = json!([{"value": "x".repeat(400)}]);
    let produce = json!({"do": "produce", "topic": "t", "partition": 0, "acks": 1, "records": value});
    let told = attempt_within(&recording(&json!({}), &json!([create("t"), produce, repeat])), 1, 0, limits);
    assert!(told.not_compared.keys().any(|reason| reason.contains("more bytes sent than")), "{:?}", told.not_compared);

    for (records, limit) in [
        ("4294967295 of 1 bytes, back to back", "more records sent than"),
        ("20 of 18446744073709551615 bytes, back to back", "more bytes sent than"),
    ] {
        let config = json!({"linger.ms": "500", "batch.size": "0"});
        let produce = json!({"do": "produce", "topic": "t", "by": "the real producer", "config": config, "records": records,
            "saw": {"records": 1}});
        let limits = Limits { records: 50, ..Limits::default() };
        let told = attempt_within(&recording(&json!({}), &json!([create("t"), produce])), 1, 0, limits);
        assert!(told.not_compared.keys().any(|reason| reason.contains(limit)), "{records}: {:?}", told.not_compared);
    }
}

#[test]
fn only_what_varies_may_need_more_than_the_first_attempt() {
    let wrong = json!([{"do": "create-topic", "topic": "t", "assignment": [[1]], "saw": {"error": "INVALID_REQUEST"}}]);
    let transcript = recording(&json!({}), &wrong);
    assert_eq!(Accept::of(&transcript), Accept::First);
    assert_eq!(Accept::of(&Transcript { varies: vec!["how often".to_owned()], ..transcript.clone() }), Accept::Any);
    assert_eq!(play_accepting(&transcript, Accept::Any).attempts, 8);
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

#[test]
fn a_told_timestamp_does_not_lie_in_a_future_that_is_refused() {
    let produce = json!({"do": "produce", "topic": "t", "partition": 0, "acks": 1, "timestamp": 10_000_000,
        "records": [{"value": "v"}], "saw": {"error": "NONE", "baseOffset": 0}});
    let told = outcome(&json!([create("t"), produce]));
    assert_eq!(told.verdict, Verdict::Agrees, "{}", told.in_full());
}
