//! Settings and their defaults.

use kafkascope_core::broker::METADATA_FETCH_WAIT_MS;
use kafkascope_core::broker::fetch_session::FETCH_SESSION_EVICTION_MS;
use kafkascope_core::settings::{BrokerSettings, ConsumerSettings, ProducerSettings, TopicSettings};
use serde_json::{Value, json};

use super::{Check, expect, field, text};

/// One setting's default.
pub(super) fn configs(_: &str, case: &Value) -> Check {
    let name = text(case, "name")?;
    let expected = field(case, "default")?;
    let got = match text(case, "scope")? {
        "broker" | "controller" => BrokerSettings::default().value(name),
        "producer" => ProducerSettings::default().value(name),
        "consumer" => ConsumerSettings::default().value(name),
        "topic" => TopicSettings::default().value(name),
        "internal" => return internal(name, expected),
        other => return Err(format!("scope is {other}")),
    };
    let got = got.ok_or_else(|| format!("there is no setting {name}"))?;
    Ok(match expected {
        // Classes are told by their simple names.
        Value::Array(_) => {
            let items = got.split(',').filter(|item| !item.is_empty());
            let items: Vec<&str> = items.map(|item| item.rsplit('.').next().unwrap_or(item)).collect();
            expect(expected.clone(), json!(items))
        }
        Value::String(text) => expect(text.clone(), got),
        other => expect(other.to_string(), got),
    })
}

/// A rule that is no setting.
fn internal(name: &str, expected: &Value) -> Check {
    match name {
        "ISR check period" => {
            let settings = BrokerSettings::default();
            let half = settings.replica_lag_time_max_ms / 2;
            let rule = if settings.isr_expiration_interval_ms() == half { "replica.lag.time.max.ms / 2" } else { "" };
            Ok(expect(expected.clone(), rule))
        }
        "quorum fetch max wait" => Ok(expect(expected.clone(), METADATA_FETCH_WAIT_MS)),
        "fetch session minimum eviction age" => Ok(expect(expected.clone(), FETCH_SESSION_EVICTION_MS)),
        other => Err(format!("no rule is called {other}")),
    }
}
