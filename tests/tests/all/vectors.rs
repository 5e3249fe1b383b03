//! Every oracle vector for which the engine has a rule passes.

use std::path::Path;

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
fn what_clients_hash_is_never_skipped() {
    for report in reports().iter().filter(|report| matches!(report.file.as_str(), "murmur2" | "group_hash")) {
        assert!(report.skipped.is_empty() && report.passed > 0, "{report:?}");
    }
}

#[test]
fn replication_and_storage_are_never_skipped() {
    const KINDS: [&str; 5] = ["produce_acks", "produce_append", "delayed_produce", "fetch_partition", "delayed_fetch"];
    for report in reports() {
        match report.file.as_str() {
            "isr" | "leader_epoch_cache" => assert!(report.skipped.is_empty(), "{report:?}"),
            "produce_fetch" => assert!(!report.skipped.keys().any(|kind| KINDS.contains(&kind.as_str())), "{report:?}"),
            _ => {}
        }
    }
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
        // What a broker would find out only by opening sockets, for one broker and for all.
        let skipped: u32 = report.skipped.values().sum();
        assert!(report.passed > 250 && skipped <= 4, "{report:?}");
    }
}
