//! Reads which cluster a transcript ran on.

use std::collections::BTreeMap;

use crate::config::{ClusterConfig, NetworkConfig, NodeConfig, PuppetVoter, Roles, Start};
use crate::settings::{BrokerSettings, broker_key};
use serde_json::Value;

use super::format::TranscriptStep;
use super::{legacy_protocol, quorum_mistakes, quorum_puppets};

/// The settings of the lab that recorded the transcripts, in force wherever one does not say otherwise.
const LAB: [(&str, &str); 12] = [
    ("offsets.topic.num.partitions", "5"),
    ("transaction.state.log.num.partitions", "5"),
    ("transaction.state.log.min.isr", "1"),
    ("group.initial.rebalance.delay.ms", "0"),
    ("replica.high.watermark.checkpoint.interval.ms", "200"),
    ("num.io.threads", "4"),
    ("num.network.threads", "2"),
    ("auto.create.topics.enable", "false"),
    ("log.message.timestamp.type", "CreateTime"),
    ("log.cleaner.dedupe.buffer.size", "4000000"),
    ("share.coordinator.state.topic.replication.factor", "1"),
    ("share.coordinator.state.topic.min.isr", "1"),
];
/// What the engine does anyway: an active controller writes no `NoOpRecord` when it has nothing else to write. The other is a name
/// that Kafka 4.3.1 does not know and passes over.
const WITHOUT_EFFECT: [(&str, &str); 2] =
    [("metadata.max.idle.interval.ms", "0"), ("group.consumer.assignor.offload.enable", "false")];
/// Each node has its own, told beside its roles.
const RACK: &str = "broker.rack";
/// In the lab these are the lesser of 3 and the number of controllers.
const LAB_REPLICATION_FACTORS: [&str; 2] =
    ["offsets.topic.replication.factor", "transaction.state.log.replication.factor"];

/// The cluster ordered, and the settings that it is played without because the engine does not know them. The error says
/// what cannot be said of it at all.
pub fn read(cluster: &Value) -> Result<(ClusterConfig, Vec<String>), String> {
    let today;
    let cluster = match legacy_protocol::of_today(cluster) {
        Some(translated) => {
            today = translated;
            &today
        }
        None => cluster,
    };
    let nodes = cluster.get("nodes").and_then(Value::as_array).ok_or("a cluster without nodes")?;
    let nodes: Result<Vec<NodeConfig>, String> = nodes.iter().map(read_node).collect();
    let nodes = nodes?;
    let (settings, unknown) = read_settings(cluster.get("settings"), &nodes);
    let start = if quorum_mistakes::is_misconfigured(&nodes) { Start::Cold } else { Start::AtRestByWallClock };
    let config = ClusterConfig {
        nodes,
        settings,
        topics: Vec::new(),
        producers: Vec::new(),
        consumers: Vec::new(),
        // The recorded clusters ran on one machine.
        network: NetworkConfig { latency_ms_min: 1, latency_ms_max: 2 },
        start,
    };
    Ok((config, unknown))
}

/// The settings as told, over the lab's own (`null`: what the lab's file did not hold then), and those that the engine does not know,
/// each by its name.
fn read_settings(recorded: Option<&Value>, nodes: &[NodeConfig]) -> (BTreeMap<String, String>, Vec<String>) {
    let mut known = BTreeMap::new();
    let mut scratch = BrokerSettings::default();
    let mut set = |name: &str, value: &str| scratch.set(name, value).is_ok();
    let is_controller = |node: &&NodeConfig| matches!(node.roles, Roles::Controller | Roles::Combined);
    let factor = nodes.iter().filter(is_controller).count().clamp(1, 3).to_string();
    let factors = LAB_REPLICATION_FACTORS.into_iter().map(|name| (name, factor.as_str()));
    // What the engine does not act on is described all the same.
    let is_kafkas = |name: &str, value: &str| broker_key(name).is_some_and(|key| key.parse(value).is_ok());
    for (name, value) in LAB.into_iter().chain(factors) {
        if set(name, value) || is_kafkas(name, value) {
            known.insert(name.to_owned(), value.to_owned());
        }
    }
    let mut unknown = Vec::new();
    for (name, value) in recorded.and_then(Value::as_object).into_iter().flatten() {
        if value.is_null() {
            known.remove(name);
            continue;
        }
        let is_default = value.as_str().is_some_and(|text| text.contains("(default"));
        let value = plain(value);
        if set(name, &value) {
            known.insert(name.clone(), value);
        } else if !is_default && name != RACK && !WITHOUT_EFFECT.contains(&(name, &value)) {
            unknown.push(format!("setting {name}={value}"));
            if is_kafkas(name, &value) {
                known.insert(name.clone(), value);
            }
        }
    }
    (known, unknown)
}

fn read_node(node: &Value) -> Result<NodeConfig, String> {
    let id = node.get("id").and_then(Value::as_i64).and_then(|id| i32::try_from(id).ok());
    let id = id.ok_or(format!("node {}", node.get("id").unwrap_or(&Value::Null)))?;
    let is_puppet = node.get("puppet") == Some(&Value::Bool(true));
    let roles = match (node.get("roles").and_then(Value::as_str), is_puppet) {
        (Some("puppet"), _) | (Some("broker"), true) => Roles::Puppet,
        (Some("broker"), false) => Roles::Broker,
        (Some("controller"), _) => Roles::Controller,
        (Some("broker,controller"), false) => Roles::Combined,
        (Some("broker,controller"), true) => return Err("a puppet of both roles".into()),
        (roles, _) => return Err(format!("roles {roles:?}")),
    };
    let grants_votes = node.get("grantsVotes") == Some(&Value::Bool(true));
    let puppet = if grants_votes { quorum_puppets::GRANTS_VOTES } else { PuppetVoter::default() };
    let puppet = (is_puppet && roles == Roles::Controller).then_some(puppet);
    let known = ["id", "roles", "puppet", "grantsVotes", "rack", "voters", "clusterId"];
    let mut fields = node.as_object().into_iter().flatten().map(|(field, _)| field);
    if let Some(field) = fields.find(|field| !known.contains(&field.as_str())) {
        return Err(format!("{field} of a node"));
    }
    let rack = node.get("rack").and_then(Value::as_str).map(str::to_owned);
    let cluster_id = node.get("clusterId").and_then(Value::as_str).map(str::to_owned);
    let mut settings = BTreeMap::new();
    if let Some(voters) = node.get("voters") {
        let ids = voters.as_array().into_iter().flatten().map(Value::as_i64);
        let named: Option<Vec<String>> = ids.map(|id| id.map(|id| format!("{id}@controller-{id}:9093"))).collect();
        let named = named.filter(|voters| !voters.is_empty()).ok_or_else(|| format!("voters {voters} of a node"))?;
        settings.insert("controller.quorum.voters".to_owned(), named.join(","));
    }
    Ok(NodeConfig { rack, settings, puppet, cluster_id, ..NodeConfig::new(id, roles) })
}

/// Processes that a recording starts before it does or asks anything else did not run when it began, nor did a broker that it starts
/// without having ended it before. (A voter may have ended by itself.)
pub(super) fn leave_down(config: &mut ClusterConfig, steps: &[TranscriptStep]) {
    const BEFORE: [&str; 5] = ["start", "files", "note", "records", "wait"];
    const OF_PROCESSES: [&str; 5] = ["start", "stop", "crash", "pause", "resume"];
    let at_once = steps.iter().take_while(|step| BEFORE.contains(&step.verb.as_str()));
    let at_once: Vec<i32> = at_once.filter(|step| step.verb == "start").filter_map(|step| step.small("node")).collect();
    let of_processes =
        steps.iter().filter(|step| OF_PROCESSES.contains(&step.verb.as_str()) && step.get("node").is_some());
    // One that is called by its role may be any.
    let by_id = of_processes.map_while(|step| Some((step.small("node")?, step.verb == "start")));
    let mut started_first = BTreeMap::new();
    for (node, is_start) in by_id {
        started_first.entry(node).or_insert(is_start);
    }
    for node in config.nodes.iter_mut().filter(|node| !node.is_puppet()) {
        let is_newcomer = node.roles == Roles::Broker && started_first.get(&node.id) == Some(&true);
        node.is_down = is_newcomer || at_once.contains(&node.id);
    }
}

/// A setting's value without what is said about it: `3000 (default)`.
fn plain(value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    text.split_once(" (").map_or(text.clone(), |(value, _)| value.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn cluster(settings: &Value) -> (ClusterConfig, Vec<String>) {
        read(&json!({"nodes": [{"id": 1, "roles": "broker,controller"}], "settings": settings}))
            .expect("it can be said")
    }

    #[test]
    fn the_labs_own_settings_lie_below_those_told() {
        let (config, unknown) = cluster(&json!({"group.initial.rebalance.delay.ms": 3000}));
        let mut acting = config.settings.clone();
        acting.retain(|name, _| !name.starts_with("share."));
        assert_eq!(acting.len() + 2, config.settings.len(), "two are described and do not act");
        let settings = BrokerSettings::with(&acting).expect("all of them are known");
        for (name, value) in LAB.into_iter().chain(LAB_REPLICATION_FACTORS.map(|name| (name, "1"))) {
            let recorded = if name == "group.initial.rebalance.delay.ms" { "3000" } else { value };
            assert!(settings.get(name).is_none_or(|set| set == recorded), "{name}");
        }
        assert_eq!(settings.get("offsets.topic.num.partitions").as_deref(), Some("5"));
        assert!(unknown.is_empty());
        let (without, _) = cluster(&json!({"offsets.topic.num.partitions": null}));
        assert!(!without.settings.contains_key("offsets.topic.num.partitions"));
    }

    #[test]
    fn a_setting_that_the_engine_lacks_is_one_fact_by_its_name() {
        let (config, unknown) = cluster(&json!({"no.such.setting": 1, "num.partitions": 2, "another": "7 (default)"}));
        assert_eq!(unknown, ["setting no.such.setting=1"]);
        assert_eq!(config.settings["num.partitions"], "2");
    }
}
