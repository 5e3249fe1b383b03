//! What the settings of a group and of a subscription to client metrics may be, all of them together (`GroupConfig.validate`,
//! `ClientMetricsConfigs.validate`).

use super::config_def::{ConfigKey, ConfigValue, find};
use super::group_config::{CLIENT_METRICS_CONFIG, GROUP_CONFIG};
use super::synonyms::{Configs, NodeConfigs, unknown};
use crate::wire::ErrorCode;

/// The least and the greatest interval at which clients push their metrics, in milliseconds.
const PUSH_INTERVAL_MS: std::ops::RangeInclusive<i64> = 100..=3_600_000;
/// What a subscription may choose clients by (`ClientMetricsConfigs.ALLOWED_MATCH_PARAMS`).
const MATCH_PARAMS: [&str; 6] = [
    "client_instance_id",
    "client_id",
    "client_software_name",
    "client_software_version",
    "client_source_address",
    "client_source_port",
];

/// Settings of groups with the broker's settings that bound them, in the order in which they are looked at.
const BOUNDS: [(&str, Option<&str>, &str); 13] = [
    (
        "consumer.heartbeat.interval.ms",
        Some("group.consumer.min.heartbeat.interval.ms"),
        "group.consumer.max.heartbeat.interval.ms",
    ),
    (
        "consumer.session.timeout.ms",
        Some("group.consumer.min.session.timeout.ms"),
        "group.consumer.max.session.timeout.ms",
    ),
    (
        "consumer.assignment.interval.ms",
        Some("group.consumer.min.assignment.interval.ms"),
        "group.consumer.max.assignment.interval.ms",
    ),
    (
        "share.heartbeat.interval.ms",
        Some("group.share.min.heartbeat.interval.ms"),
        "group.share.max.heartbeat.interval.ms",
    ),
    ("share.session.timeout.ms", Some("group.share.min.session.timeout.ms"), "group.share.max.session.timeout.ms"),
    (
        "share.record.lock.duration.ms",
        Some("group.share.min.record.lock.duration.ms"),
        "group.share.max.record.lock.duration.ms",
    ),
    (
        "share.delivery.count.limit",
        Some("group.share.min.delivery.count.limit"),
        "group.share.max.delivery.count.limit",
    ),
    (
        "share.partition.max.record.locks",
        Some("group.share.min.partition.max.record.locks"),
        "group.share.max.partition.max.record.locks",
    ),
    (
        "share.assignment.interval.ms",
        Some("group.share.min.assignment.interval.ms"),
        "group.share.max.assignment.interval.ms",
    ),
    (
        "streams.heartbeat.interval.ms",
        Some("group.streams.min.heartbeat.interval.ms"),
        "group.streams.max.heartbeat.interval.ms",
    ),
    (
        "streams.session.timeout.ms",
        Some("group.streams.min.session.timeout.ms"),
        "group.streams.max.session.timeout.ms",
    ),
    ("streams.num.standby.replicas", None, "group.streams.max.standby.replicas"),
    (
        "streams.assignment.interval.ms",
        Some("group.streams.min.assignment.interval.ms"),
        "group.streams.max.assignment.interval.ms",
    ),
];
/// Session timeouts and the heartbeat intervals that must be shorter.
const HEARTBEATS: [(&str, &str); 3] = [
    ("consumer.session.timeout.ms", "consumer.heartbeat.interval.ms"),
    ("share.session.timeout.ms", "share.heartbeat.interval.ms"),
    ("streams.session.timeout.ms", "streams.heartbeat.interval.ms"),
];

/// Checks all of a group's own settings together, within what the broker allows (`GroupConfig.validate`). The error is
/// Kafka's message.
pub fn validate_group(node: NodeConfigs<'_>, own: &Configs) -> Result<(), String> {
    if let Some(name) = unknown(own, GROUP_CONFIG) {
        return Err(format!("Unknown group config name: {name}"));
    }
    let is_interval = |name: &str| name.ends_with(".assignment.interval.ms");
    let value = |key: &ConfigKey| {
        let of_broker = || node.value(&format!("group.{}", key.name)).filter(|_| !is_interval(key.name));
        own.get(key.name).cloned().or_else(of_broker).or_else(|| key.default.map(str::to_owned))
    };
    for key in GROUP_CONFIG {
        if let Some(value) = value(key) {
            key.parse(&value)?;
        }
    }
    let number = |name: &str| match find(GROUP_CONFIG, name).and_then(|key| key.parse(&value(key)?).ok()) {
        Some(ConfigValue::Integer(number)) => number,
        _ => 0,
    };
    let bound = |name: &str| node.value(name).and_then(|value| value.trim().parse::<i64>().ok());
    for (name, least, greatest) in BOUNDS {
        if is_interval(name) && !own.contains_key(name) {
            continue;
        }
        if let Some(least) = least
            && bound(least).is_some_and(|bound| number(name) < bound)
        {
            return Err(format!("{name} must be greater than or equal to {least}"));
        }
        if bound(greatest).is_some_and(|bound| number(name) > bound) {
            return Err(format!("{name} must be less than or equal to {greatest}"));
        }
    }
    match HEARTBEATS.into_iter().find(|(session, heartbeat)| number(session) <= number(heartbeat)) {
        Some((session, heartbeat)) => Err(format!("{session} must be greater than {heartbeat}")),
        None => Ok(()),
    }
}

/// Checks a subscription to client metrics (`ClientMetricsConfigs.validate`). The error is Kafka's, with its message.
pub fn validate_client_metrics(own: &Configs) -> Result<(), (ErrorCode, String)> {
    if let Some(name) = unknown(own, CLIENT_METRICS_CONFIG) {
        return Err((ErrorCode::InvalidRequest, format!("Unknown client metrics configuration: {name}")));
    }
    for key in CLIENT_METRICS_CONFIG {
        let Some(value) = own.get(key.name) else { continue };
        match key.parse(value).map_err(|message| (ErrorCode::InvalidConfig, message))? {
            ConfigValue::Integer(interval) if !PUSH_INTERVAL_MS.contains(&interval) => {
                let name = key.name;
                let message =
                    format!("Invalid value {interval} for {name}, interval must be between 100 and 3600000 (1 hour)");
                return Err((ErrorCode::InvalidRequest, message));
            }
            ConfigValue::Items(patterns) if key.name == "match" => {
                if let Some(wrong) = patterns.iter().find(|pattern| !is_match_pattern(pattern)) {
                    return Err((ErrorCode::InvalidConfig, format!("Illegal client matching pattern: {wrong}")));
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// `name=pattern`. What Java would not take as a regular expression is not looked for, but for brackets that do not close.
fn is_match_pattern(pattern: &str) -> bool {
    let parts: Vec<&str> = pattern.trim_end_matches('=').split('=').collect();
    let [name, value] = parts[..] else { return false };
    let count = |character: char| value.matches(character).count();
    MATCH_PARAMS.contains(&name.trim()) && count('(') == count(')') && (count('[') == 0) == (count(']') == 0)
}
