//! Property files: what a real Kafka says of each is what is said here.

use std::path::Path;

use kafkascope_core::properties::{Problem, review};
use kafkascope_tests::property_files;
use serde_json::Value;

/// Recordings of a real Kafka that was started with files, right ones and wrong ones.
const RECORDINGS: [&str; 3] = ["mistakes-voters", "mistakes-listeners", "documents-sample-configurations"];

/// Cases that go wrong for what is not in the file: another process, an address of another machine, a directory.
const NOT_OF_THE_FILE: [&str; 4] = [
    "broker-alone-for-70-s",
    "listener-port-in-use",
    "listener-address-not-of-this-host",
    "bootstrap-servers-unformatted-kind",
];

/// Whether a problem is of a kind.
type IsOfKind = fn(&Problem) -> bool;

/// Files that Kafka takes, and waits for ever.
const STARTS_AND_WAITS: [(&str, IsOfKind); 3] = [
    ("voters-duplicate-id", |problem| matches!(problem, Problem::VoterTwice { voter: 1 })),
    ("controller-port-differs-from-voters", |problem| {
        matches!(problem, Problem::VoterPortDiffers { voter: 1, port: 9093, listens: 9094 })
    }),
    ("doc-001-server3-as-printed", |problem| matches!(problem, Problem::VotersAtOneAddress { voter: 1, other: 3, .. })),
];

fn recording(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("transcripts/{name}.json"));
    serde_json::from_str(&std::fs::read_to_string(path).expect("it is there")).expect("it is JSON")
}

/// What `kafka-storage format` said of a case's file: its message, without the exception's name.
fn refusal(recording: &Value, case: &str) -> Option<String> {
    let steps = recording["steps"].as_array().expect("steps");
    let tool = steps.iter().find(|step| step["case"] == case && step["command"] == "kafka-storage")?;
    let line = tool["saw"]["stderr"][0].as_str()?;
    let exception = line.strip_prefix("Exception in thread \"main\" ")?;
    exception.split_once(": ").map(|(_, message)| message.to_owned())
}

#[test]
fn files_are_refused_as_a_real_kafka_refused_them() {
    let (mut wrong, mut compared) = (Vec::new(), 0);
    for name in RECORDINGS {
        let recording = recording(name);
        for (case, file) in property_files(&recording) {
            if NOT_OF_THE_FILE.contains(&case.as_str()) {
                continue;
            }
            let mistakes = review(&[file]).cluster.err().unwrap_or_default();
            let said: Vec<&str> = mistakes.iter().filter_map(|mistake| mistake.kafka.as_deref()).collect();
            let agrees = match refusal(&recording, &case) {
                Some(expected) => said.contains(&expected.as_str()),
                None => said.is_empty(),
            };
            let is_found = STARTS_AND_WAITS.iter().find(|(waits, _)| *waits == case);
            let agrees = agrees && is_found.is_none_or(|(_, is)| mistakes.iter().any(|mistake| is(&mistake.problem)));
            compared += 1;
            if !agrees {
                wrong.push(format!("{case}: Kafka {:?}, here {mistakes:#?}", refusal(&recording, &case)));
            }
        }
    }
    assert!(compared > 45, "only {compared} cases are found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
