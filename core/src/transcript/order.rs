//! Reads which cluster a transcript ran on.

use std::collections::BTreeMap;

use crate::config::{ClusterConfig, NetworkConfig, NodeConfig, Roles, Start};
use crate::settings::BrokerSettings;
use serde_json::Value;

use super::old_ways;

/// Settings that the engine may lack without any answer being different: they move times of upkeep that no step waits for.
const WITHOUT_EFFECT: [&str; 6] = [
    "metadata.max.idle.interval.ms",
    "log.initial.task.delay.ms",
    "log.cleaner.backoff.ms",
    "log.segment.delete.delay.ms",
    "log.flush.start.offset.checkpoint.interval.ms",
    // Each node has its own.
    "broker.rack",
];

/// The cluster ordered. The error says what cannot be said of it.
pub fn read(cluster: &Value) -> Result<ClusterConfig, String> {
    let today;
    let cluster = match old_ways::of_today(cluster) {
        Some(translated) => {
            today = translated;
            &today
        }
        None => cluster,
    };
    let nodes = cluster.get("nodes").and_then(Value::as_array).ok_or("a cluster without nodes")?;
    let nodes: Result<Vec<NodeConfig>, String> = nodes.iter().map(read_node).collect();
    let settings = cluster.get("settings").and_then(Value::as_object);
    let mut known = BTreeMap::new();
    let mut defaults = BrokerSettings::default();
    for (name, value) in settings.into_iter().flatten() {
        if value.as_str().is_some_and(|text| text.contains("(default")) {
            continue;
        }
        let value = plain(value);
        match defaults.set(name, &value) {
            Ok(()) => {
                known.insert(name.clone(), value);
            }
            Err(_) if WITHOUT_EFFECT.contains(&name.as_str()) => {}
            Err(_) => return Err(format!("setting {name}={value}")),
        }
    }
    Ok(ClusterConfig {
        nodes: nodes?,
        settings: known,
        topics: Vec::new(),
        producers: Vec::new(),
        consumers: Vec::new(),
        // The recorded clusters ran on one machine.
        network: NetworkConfig { latency_ms_min: 1, latency_ms_max: 2 },
        start: Start::AtRest,
    })
}

fn read_node(node: &Value) -> Result<NodeConfig, String> {
    let id = node.get("id").and_then(Value::as_i64).and_then(|id| i32::try_from(id).ok());
    let id = id.ok_or(format!("node {}", node.get("id").unwrap_or(&Value::Null)))?;
    let is_puppet = node.get("puppet") == Some(&Value::Bool(true));
    let roles = match (node.get("roles").and_then(Value::as_str), is_puppet) {
        (Some("puppet"), _) | (Some("broker"), true) => Roles::Puppet,
        (Some("broker"), false) => Roles::Broker,
        (Some("controller"), false) => Roles::Controller,
        (Some("broker,controller"), false) => Roles::Both,
        (Some("controller" | "broker,controller"), true) => return Err("a puppet controller".into()),
        (roles, _) => return Err(format!("roles {roles:?}")),
    };
    if let Some(field) = ["voters", "clusterId"].into_iter().find(|field| node.get(*field).is_some()) {
        return Err(format!("{field} of a node"));
    }
    let rack = node.get("rack").and_then(Value::as_str).map(str::to_owned);
    Ok(NodeConfig { id, roles, rack, settings: BTreeMap::new() })
}

/// A setting's value without what is said about it: `3000 (default)`.
fn plain(value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    text.split_once(" (").map_or(text.clone(), |(value, _)| value.to_owned())
}
