//! Runs the oracle vectors: inputs with what Kafka's own code makes of them, against the engine's own rules.
//!
//! Each file and kind has a small runner that calls the very function the engine calls. A kind without a runner, and a case
//! with something given that the runner has no use for, is skipped and counted by its name. A case that cannot be read fails.

mod clients;
mod config_sweep;
mod controller;
mod describe;
mod fetch_sessions;
mod fetches;
mod given;
mod group_runs;
mod log;
mod producers;
mod quorum;
mod quorum_transitions;
mod record_runs;
mod replication;
mod requests;
mod runs;
mod settings;
mod transactions;

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

/// What came of one case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// As Kafka.
    Passed,
    /// Not as Kafka.
    Failed {
        /// What Kafka makes of it.
        expected: String,
        /// What the engine makes of it.
        got: String,
    },
    /// The engine has no such rule yet, or its runner no use for something that is given: which, in a word.
    Skipped(String),
}

impl Outcome {
    /// The engine has no such rule yet.
    fn no_rule() -> Self {
        Self::Skipped("no rule".to_owned())
    }
}

/// The result of a runner. The error says what is wrong with the case itself.
type Check = Result<Outcome, String>;

/// A failing case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Its id.
    pub id: String,
    /// What was put in.
    pub input: String,
    /// What Kafka makes of it.
    pub expected: String,
    /// What the engine makes of it.
    pub got: String,
}

/// What came of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileReport {
    /// Its name without extension.
    pub file: String,
    /// Cases that passed.
    pub passed: u32,
    /// Cases that failed.
    pub failures: Vec<Failure>,
    /// Cases that cannot be said, by kind and by what of them.
    pub skipped: BTreeMap<String, u32>,
}

impl FileReport {
    /// The report in lines: what a list of expected outcomes holds.
    pub fn counts(&self) -> String {
        let mut text = format!("{}: {} passed, {} failed", self.file, self.passed, self.failures.len());
        for (what, count) in &self.skipped {
            text.push_str(&format!("\n    cannot be said: {what} ({count})"));
        }
        text
    }
}

/// Runs a file of vectors. The error names the place of what cannot be read.
pub fn run_file(path: &Path) -> Result<FileReport, String> {
    let file = path.file_stem().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
    let within = |place: &str, error: &dyn std::fmt::Display| format!("{}: {place}{error}", path.display());
    let text = std::fs::read_to_string(path).map_err(|error| within("", &error))?;
    let json: Value = serde_json::from_str(&text).map_err(|error| within("", &error))?;
    let cases = json.get("cases").and_then(Value::as_array).ok_or_else(|| within("cases: ", &"missing or no list"))?;
    let runner = runner(&file).ok_or_else(|| within("", &"no such file of vectors is known"))?;
    let mut report = FileReport { file: file.clone(), ..FileReport::default() };
    for (index, case) in cases.iter().enumerate() {
        let id = case.get("id").and_then(Value::as_str).map_or_else(|| format!("cases[{index}]"), str::to_owned);
        let kind = case.get("kind").or_else(|| case.get("assignor")).and_then(Value::as_str);
        let kind = kind.unwrap_or(&file);
        let outcome = match given::unused(kind, case) {
            Some(field) => Ok(Outcome::Skipped(format!("given.{field}"))),
            None => runner(kind, case),
        };
        let input = || case.get("given").unwrap_or(case).to_string();
        match outcome {
            Ok(Outcome::Passed) => report.passed += 1,
            Ok(Outcome::Failed { expected, got }) => {
                report.failures.push(Failure { id, input: input(), expected, got });
            }
            Ok(Outcome::Skipped(what)) => *report.skipped.entry(format!("{kind}, {what}")).or_default() += 1,
            // The case itself is wrong, or this runner cannot read it: the others go on.
            Err(reason) => {
                let expected = "a case that can be read".to_owned();
                report.failures.push(Failure { id, input: input(), expected, got: reason });
            }
        }
    }
    Ok(report)
}

type Runner = fn(&str, &Value) -> Check;

fn runner(file: &str) -> Option<Runner> {
    Some(match file {
        "murmur2" => clients::murmur2,
        "group_hash" => clients::group_hash,
        "assignors" | "assignors_sticky" | "assignors_racks" => clients::assignors,
        "leader_epoch_cache" => log::leader_epoch_cache,
        "isr" => replication::isr,
        "produce_fetch" => requests::produce_fetch,
        "configs" => settings::configs,
        "config_sweep" => config_sweep::config_sweep,
        "describe" | "describe_configs" => describe::describe,
        "kraft" => quorum::kraft,
        _ => return None,
    })
}

/// Compares two values.
fn expect(expected: impl Into<Value>, got: impl Into<Value>) -> Outcome {
    let (expected, got) = (expected.into(), got.into());
    if expected == got {
        Outcome::Passed
    } else {
        Outcome::Failed { expected: expected.to_string(), got: got.to_string() }
    }
}

/// The first of several outcomes that is no pass.
fn all(outcomes: impl IntoIterator<Item = Outcome>) -> Outcome {
    outcomes.into_iter().find(|outcome| *outcome != Outcome::Passed).unwrap_or(Outcome::Passed)
}

/// Fields of a case, by path: `given.replicas`.
fn field<'v>(case: &'v Value, path: &str) -> Result<&'v Value, String> {
    path.split('.').try_fold(case, |value, name| value.get(name)).ok_or_else(|| format!("{path} is missing"))
}

fn integer(case: &Value, path: &str) -> Result<i64, String> {
    field(case, path)?.as_i64().ok_or_else(|| format!("{path} is no whole number"))
}

fn small<T: TryFrom<i64>>(case: &Value, path: &str) -> Result<T, String> {
    T::try_from(integer(case, path)?).map_err(|_| format!("{path} is out of range"))
}

fn flag(case: &Value, path: &str) -> Result<bool, String> {
    field(case, path)?.as_bool().ok_or_else(|| format!("{path} is not true or false"))
}

fn text<'v>(case: &'v Value, path: &str) -> Result<&'v str, String> {
    field(case, path)?.as_str().ok_or_else(|| format!("{path} is no text"))
}

/// A list of nodes; none where the field is missing.
fn nodes(case: &Value, path: &str) -> Result<Vec<i32>, String> {
    let Ok(list) = field(case, path) else { return Ok(Vec::new()) };
    let list = list.as_array().ok_or_else(|| format!("{path} is no list"))?;
    list.iter()
        .map(|each| each.as_i64().and_then(|id| i32::try_from(id).ok()).ok_or_else(|| format!("{path} has {each}")))
        .collect()
}
