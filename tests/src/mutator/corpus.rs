//! What is mutated: right inputs of every kind.

use std::path::Path;

use kafkascope_core::presets::presets;
use kafkascope_core::properties::{ServerFile, export};
use kafkascope_core::wire::ApiKey;
use serde_json::Value;

use crate::digests::digest_runs;

/// Larger recordings take too long to play many times.
const TRANSCRIPT_BYTES_MAX: usize = 12_000;

/// Right inputs.
#[derive(Clone, Debug, Default)]
pub struct Corpus {
    /// Runs as JSON.
    pub scenarios: Vec<Value>,
    /// Recorded runs of a real Kafka.
    pub transcripts: Vec<Value>,
    /// Lessons: folder, `lesson.toml`, `ko.md`, `en.md`.
    pub lessons: Vec<(String, [String; 3])>,
    /// The tracks.
    pub index: String,
    /// Bodies of requests.
    pub requests: Vec<(ApiKey, Value)>,
    /// Property files of clusters' nodes.
    pub properties: Vec<Vec<ServerFile>>,
}

impl Corpus {
    /// Reads all that lies in the repository. The error names the file.
    pub fn read() -> Result<Self, String> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let text = |path: &Path| std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()));
        let mut corpus = Self { index: text(&root.join("../lessons/index.toml"))?, ..Self::default() };
        for preset in presets() {
            corpus.scenarios.extend(serde_json::to_value(&preset.scenario).ok());
            corpus.properties.push(export(&preset.scenario.config));
        }
        let recorded = text(&root.join("transcripts/mistakes-listeners.json"))?;
        let recorded: Value = serde_json::from_str(&recorded).map_err(|error| error.to_string())?;
        corpus.properties.extend(crate::property_files(&recorded).into_iter().map(|(_, file)| vec![file]));
        for run in digest_runs() {
            corpus.scenarios.extend(serde_json::from_str::<Value>(&run.scenario).ok());
        }
        for file in crate::json_files(&root.join("transcripts"))? {
            let json = text(&file)?;
            let Ok(value) = serde_json::from_str::<Value>(&json) else { continue };
            find_requests(&value, &mut corpus.requests);
            if json.len() <= TRANSCRIPT_BYTES_MAX {
                corpus.transcripts.push(value);
            }
        }
        let entries = std::fs::read_dir(root.join("../lessons")).map_err(|error| error.to_string())?;
        let mut folders: Vec<_> =
            entries.filter_map(|entry| Some(entry.ok()?.path())).filter(|path| path.is_dir()).collect();
        folders.sort();
        for folder in folders {
            let name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let files = [folder.join("lesson.toml"), folder.join("ko.md"), folder.join("en.md")];
            corpus.lessons.push((name, [text(&files[0])?, text(&files[1])?, text(&files[2])?]));
        }
        Ok(corpus)
    }
}

/// Collects every request that a recording has, wherever it stands.
fn find_requests(value: &Value, found: &mut Vec<(ApiKey, Value)>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| find_requests(item, found)),
        Value::Object(fields) => {
            let api = fields.get("api").and_then(Value::as_str).and_then(|name| name.parse().ok());
            if let (Some(api), Some(body)) = (api, fields.get("body")) {
                found.push((api, body.clone()));
            }
            fields.values().for_each(|field| find_requests(field, found));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
