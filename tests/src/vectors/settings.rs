//! Settings and their defaults.

use kafkascope_core::settings::{BrokerSettings, ConsumerSettings, ProducerSettings, TopicSettings};
use serde_json::Value;

use super::{Check, Outcome, expect, field, text};

/// One setting's default. A setting that the engine does not have is skipped.
pub(super) fn configs(_: &str, case: &Value) -> Check {
    let name = text(case, "name")?;
    let got = match text(case, "scope")? {
        "broker" | "controller" => BrokerSettings::default().get(name),
        "producer" => ProducerSettings::default().get(name),
        "consumer" => ConsumerSettings::default().get(name),
        "topic" => TopicSettings::default().get(name),
        "internal" => None,
        other => return Err(format!("scope is {other}")),
    };
    let Some(got) = got else { return Ok(Outcome::Skipped(name.to_owned())) };
    let expected = match field(case, "default")? {
        Value::String(text) => text.clone(),
        Value::Array(words) => words.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    };
    Ok(expect(expected, got))
}
