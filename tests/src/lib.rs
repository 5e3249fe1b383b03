//! What is checked of Kafkascope from outside: vectors of Kafka's rules, recorded runs of a real Kafka, properties over
//! random commands, swarms of seeds, and the scenarios by which native and WebAssembly builds are compared.

use std::path::{Path, PathBuf};

use kafkascope_core::properties::ServerFile;
use kafkascope_core::transcript::Transcript;
use serde_json::Value;

pub mod allocator;
pub mod browser;
pub mod chaos;
pub mod delivery;
pub mod digests;
pub mod group_swarm;
pub mod mutator;
pub mod recordings;
pub mod swarm;
pub mod truth;
pub mod vectors;

/// The JSON files of a folder, by name.
pub fn json_files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let entries = std::fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut files: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|it| it == "json"))
        .collect();
    if files.is_empty() {
        return Err(format!("{}: no JSON files", folder.display()));
    }
    files.sort();
    Ok(files)
}

/// Reads a transcript's file. The error names the file.
pub fn transcript(path: &Path) -> Result<Transcript, String> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Transcript::from_json(&text).map_err(|error| format!("{}: {error}", path.display()))
}

/// The property files of a recording of tools: each with the name of its case.
pub fn property_files(recording: &Value) -> Vec<(String, ServerFile)> {
    let steps = recording["steps"].as_array().into_iter().flatten();
    let files = steps.filter(|step| step["do"] == "files").flat_map(|step| {
        let case = step["case"].as_str().unwrap_or_default().to_owned();
        let files = step["files"].as_object().into_iter().flatten();
        files.map(move |(name, lines)| {
            let lines: Vec<&str> = lines.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            (case.clone(), ServerFile { name: name.clone(), text: lines.join("\n") + "\n" })
        })
    });
    files.collect()
}
