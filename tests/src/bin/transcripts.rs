//! `cargo run -p kafkascope-tests --bin transcripts -- [DIR | FILE…] [--verbose]`: plays recorded runs of a real Kafka.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use kafkascope_core::transcript::Verdict;
use kafkascope_tests::recordings;

fn main() -> ExitCode {
    let (flags, paths): (Vec<String>, Vec<String>) = std::env::args().skip(1).partition(|word| word.starts_with("--"));
    if let Some(unknown) = flags.iter().find(|flag| *flag != "--verbose") {
        eprintln!("{unknown} is not understood: [DIR | FILE…] [--verbose]");
        return ExitCode::from(2);
    }
    let files = match files(&paths) {
        Ok(files) => files,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::from(2);
        }
    };
    let (mut passed, mut failed, mut skipped, mut unread) = (0, 0, 0, 0);
    let (mut compared, mut differing, mut not_compared) = (0, 0, 0);
    for file in files {
        let transcript = match kafkascope_tests::transcript(&file) {
            Ok(transcript) => transcript,
            Err(error) => {
                println!("{error}");
                unread += 1;
                continue;
            }
        };
        let outcome = recordings::play(&transcript);
        compared += u64::from(outcome.compared);
        differing += outcome.differences.len() as u64;
        not_compared += u64::from(outcome.skipped());
        println!("{}", if flags.is_empty() { outcome.to_string() } else { outcome.in_full() });
        match outcome.verdict {
            Verdict::Agrees => passed += 1,
            Verdict::Differs => failed += 1,
            Verdict::Unsupported => skipped += 1,
        }
    }
    println!("{compared} facts compared, {differing} differ, {not_compared} cannot be said");
    println!("{passed} passed, {failed} failed, {skipped} skipped");
    match (unread, failed) {
        (0, 0) => ExitCode::SUCCESS,
        (0, _) => ExitCode::from(1),
        _ => ExitCode::from(2),
    }
}

/// The files meant: all of each folder, and each file named. By default our own copies.
fn files(paths: &[String]) -> Result<Vec<PathBuf>, String> {
    if paths.is_empty() {
        return kafkascope_tests::json_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("transcripts"));
    }
    let mut files = Vec::new();
    for path in paths.iter().map(Path::new) {
        if path.is_dir() {
            files.extend(kafkascope_tests::json_files(path)?);
        } else {
            files.push(path.to_owned());
        }
    }
    Ok(files)
}
