//! `kafka-configs` of the loggers of a broker (`ConfigCommand`, `--entity-type broker-loggers`).

use serde_json::json;

use super::options::Line;
use super::{Asks, Outcome, configs, failed, printed};
use crate::cluster::node::Node;
use crate::sort::SharedSort;
use crate::wire::ApiKey;
use crate::wire::config_resource::BROKER_LOGGER;

const TYPE: &str = "broker-loggers";

/// Whether a line is about loggers.
pub fn are_asked(line: &Line) -> bool {
    line.has("--broker-logger") || line.value("--entity-type") == Some(TYPE)
}

pub fn execute(asks: &Asks<'_>) -> Outcome {
    let done = match asks.line.has("--alter") {
        true => alter(asks),
        false => describe(asks),
    };
    done.unwrap_or_else(|outcome| outcome)
}

/// The broker that is asked: a process knows its own loggers alone.
fn broker<'a>(asks: &Asks<'a>, action: &str) -> Result<&'a Node, Outcome> {
    let name = asks.line.value("--entity-name").or_else(|| asks.line.value("--broker-logger"));
    let name = name.ok_or_else(|| failed(format!("An entity name must be specified with {action} of {TYPE}")))?;
    let id: i32 = name.parse().map_err(|_| {
        failed(format!("The entity name for {TYPE} must be a valid integer broker id, but it is: {name}"))
    })?;
    let node = asks.cluster.node(id).filter(|node| node.broker.is_some());
    node.ok_or_else(|| failed("Timed out waiting for a node assignment. Call: describeConfigs"))
}

fn describe(asks: &Asks<'_>) -> Result<Outcome, Outcome> {
    let node = broker(asks, "--describe")?;
    let (_, image) = asks.image("describeConfigs")?;
    let mut entries = configs::described(node, image, BROKER_LOGGER, &node.config.id.to_string());
    entries.shared_sort_by(|one, other| one.name.cmp(&other.name));
    let kind = if asks.line.has("--all") { "All" } else { "Dynamic" };
    let mut lines = vec![format!("{kind} configs for broker-logger {} are:", node.config.id)];
    let line = |entry| format!("  {} sensitive=false synonyms={{}}", configs::assignment(entry));
    lines.extend(entries.iter().map(line));
    Ok(printed(lines))
}

fn alter(asks: &Asks<'_>) -> Result<Outcome, Outcome> {
    let node = broker(asks, "--alter")?;
    let (added, deleted) = (configs::added(asks.line)?, configs::deleted(asks.line).collect::<Vec<_>>());
    if added.is_empty() && deleted.is_empty() {
        let missing =
            "At least one of --add-config, --add-config-file, or --delete-config must be specified with --alter";
        return Err(failed(missing));
    }
    let names = deleted.iter().copied().chain(added.iter().map(|(name, _)| name.as_str()));
    let exists = |name: &&str| node.broker.as_ref().is_some_and(|broker| broker.loggers().exists(name));
    let unknown: Vec<&str> = names.filter(|name| !exists(name)).collect();
    if !unknown.is_empty() {
        return Err(failed(format!("Invalid broker logger(s): {}", unknown.join(","))));
    }
    let mut ops: Vec<_> = deleted.iter().map(|name| json!({"name": name, "configOperation": 1, "value": ""})).collect();
    ops.extend(added.iter().map(|(name, value)| json!({"name": name, "configOperation": 0, "value": value})));
    let id = node.config.id;
    let resource = json!({"resourceType": BROKER_LOGGER, "resourceName": id.to_string(), "configs": ops});
    Ok(asks.request(id, ApiKey::IncrementalAlterConfigs, json!({"resources": [resource], "validateOnly": false})))
}
