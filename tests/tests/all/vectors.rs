//! Every oracle vector for which the engine has a rule passes.

use std::path::Path;

use expect_test::expect_file;
use kafkascope_tests::vectors::{FileReport, run_file};

fn reports() -> Vec<FileReport> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors");
    let files = kafkascope_tests::json_files(&folder).expect("the vectors are there");
    files.iter().map(|file| run_file(file).expect("the vectors are well-formed")).collect()
}

#[test]
fn no_case_fails() {
    for report in reports() {
        assert_eq!(report.failures, [], "{}", report.file);
    }
}

#[test]
fn nothing_of_groups_records_and_replicas_is_skipped() {
    const WHOLE: [&str; 8] =
        ["murmur2", "group_hash", "assignors", "produce_fetch", "isr", "kraft", "leader_epoch_cache", "configs"];
    for report in reports().iter().filter(|report| WHOLE.contains(&report.file.as_str())) {
        assert!(report.skipped.is_empty() && report.passed > 0, "{report:?}");
    }
}

/// How many cases of each file pass, and what of the others cannot be said: a case that is no longer run fails this test.
/// `UPDATE_EXPECT=1` writes the list anew.
#[test]
fn as_many_cases_are_run_as_expected() {
    let lines: Vec<String> = reports().iter().map(FileReport::counts).collect();
    expect_file!["../../vectors.expected"].assert_eq(&format!("{}\n", lines.join("\n")));
}

#[test]
fn a_case_that_cannot_be_read_fails_and_the_others_go_on() {
    let folder = std::env::temp_dir().join(format!("kafkascope-vectors-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("the temporary folder can be written");
    let path = folder.join("produce_fetch.json");
    let cases = r#"{"cases": [
        {"id": "broken", "kind": "produce_acks", "given": {"acks": "many"}, "expected": {"error": "NONE", "appended": true}},
        {"id": "whole", "kind": "produce_acks", "given": {"acks": 1}, "expected": {"error": "NONE", "appended": true}},
        {"id": "more", "kind": "produce_acks", "given": {"acks": 1, "moon": "full"}, "expected": {}}]}"#;
    std::fs::write(&path, cases).expect("the temporary folder can be written");
    let report = run_file(&path).expect("the file is one of vectors");
    std::fs::remove_dir_all(&folder).expect("it was just written");
    assert_eq!((report.passed, report.failures.len()), (1, 1));
    assert_eq!(
        (report.failures[0].id.as_str(), report.failures[0].got.as_str()),
        ("broken", "given.acks is no whole number")
    );
    assert_eq!(report.skipped["produce_acks, given.moon"], 1);
}

#[test]
fn an_unknown_file_is_refused_with_its_name() {
    let path = std::env::temp_dir().join(format!("kafkascope-unknown-{}.json", std::process::id()));
    std::fs::write(&path, r#"{"cases": []}"#).expect("the temporary folder can be written");
    let error = run_file(&path).expect_err("nobody knows such a file");
    std::fs::remove_file(&path).expect("it was just written");
    assert!(error.contains("kafkascope-unknown"), "{error}");
}

#[test]
fn every_setting_is_taken_or_refused_as_kafka_does() {
    for report in reports().iter().filter(|report| report.file == "config_sweep") {
        // What a broker would find out only by opening sockets.
        let skipped: u32 = report.skipped.values().sum();
        assert!(report.passed > 250 && skipped <= 2, "{report:?}");
    }
}
