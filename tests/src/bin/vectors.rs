//! `cargo run -p kafkascope-tests --bin vectors -- [DIR]`: runs every file of oracle vectors in a folder.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let folder = match arguments.as_slice() {
        [] => Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors"),
        [folder] if !folder.starts_with("--") => PathBuf::from(folder),
        _ => {
            eprintln!("{} is not understood: [DIR]", arguments.join(" "));
            return ExitCode::from(2);
        }
    };
    let files = match kafkascope_tests::json_files(&folder) {
        Ok(files) => files,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::from(2);
        }
    };
    let (mut passed, mut failed, mut unread) = (0, 0, false);
    let mut skipped: BTreeMap<String, u32> = BTreeMap::new();
    for file in files {
        let report = match kafkascope_tests::vectors::run_file(&file) {
            Ok(report) => report,
            Err(error) => {
                eprintln!("{error}");
                unread = true;
                continue;
            }
        };
        for failure in &report.failures {
            println!("{} {}\n  input    {}", report.file, failure.id, failure.input);
            println!("  expected {}\n  got      {}", failure.expected, failure.got);
        }
        passed += report.passed;
        failed += report.failures.len();
        for (kind, count) in report.skipped {
            *skipped.entry(format!("{} {kind}", report.file)).or_default() += count;
        }
    }
    for (kind, count) in &skipped {
        println!("cannot be said: {kind} ({count})");
    }
    println!("{passed} passed, {failed} failed, {} skipped", skipped.values().sum::<u32>());
    match (unread, failed) {
        (true, _) => ExitCode::from(2),
        (false, 0) => ExitCode::SUCCESS,
        (false, _) => ExitCode::from(1),
    }
}
