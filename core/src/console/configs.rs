//! `kafka-configs` (`ConfigCommand`).

use crate::sort::SharedSort;
use std::collections::BTreeMap;

use serde_json::json;

use super::options::Line;
use super::{Asks, Outcome, ToolOutput, exception, failed, loggers, printed, quotas};
use crate::cluster::node::Node;
use crate::metadata::MetadataImage;
use crate::settings::{DescribedNode, NodeConfigs, describe_resource};
use crate::wire::ApiKey;
use crate::wire::config_resource::{BROKER, BROKER_LOGGER, TOPIC};
use crate::wire::describe::DescribeConfigsResourceResult;
use crate::wire::metadata::IncrementalAlterConfigsResponse;

/// Whose settings.
struct Entity {
    resource_type: i8,
    /// "" for all brokers.
    name: String,
}

impl Entity {
    fn of(asks: &Asks<'_>) -> Result<Self, Outcome> {
        let line = asks.line;
        if let Some(name) = line.value("--topic") {
            return Ok(Self { resource_type: TOPIC, name: name.to_owned() });
        }
        if let Some(name) = line.value("--broker") {
            return Ok(Self { resource_type: BROKER, name: name.to_owned() });
        }
        if line.has("--broker-defaults") {
            return Ok(Self { resource_type: BROKER, name: String::new() });
        }
        let resource_type = match line.value("--entity-type") {
            Some("topics") => TOPIC,
            Some("brokers") => BROKER,
            Some(other) => {
                let all = "topics, clients, users, brokers, ips, client-metrics, groups";
                return Err(failed(format!(
                    "Invalid entity type {other}, the entity type must be one of {all} with a --bootstrap-server or --bootstrap-controller argument"
                )));
            }
            None => return Err(failed("At least one entity type must be specified")),
        };
        match line.value("--entity-name") {
            Some(name) => Ok(Self { resource_type, name: name.to_owned() }),
            None if resource_type == BROKER && line.has("--entity-default") => {
                Ok(Self { resource_type, name: String::new() })
            }
            None => Err(failed("an entity name must be specified with --entity-name")),
        }
    }

    /// How the tool calls it.
    fn words(&self) -> String {
        match (self.resource_type, self.name.is_empty()) {
            (TOPIC, _) => format!("topic {}", self.name),
            (BROKER_LOGGER, _) => format!("broker-logger {}", self.name),
            (_, false) => format!("broker {}", self.name),
            (_, true) => "brokers in the cluster".to_owned(),
        }
    }
}

pub fn execute(asks: &Asks<'_>) -> Outcome {
    let done = match (asks.line.has("--describe"), asks.line.has("--alter")) {
        (true, false) | (false, true) if quotas::are_asked(asks.line) => Ok(quotas::execute(asks)),
        (true, false) | (false, true) if loggers::are_asked(asks.line) => Ok(loggers::execute(asks)),
        (true, false) => describe(asks),
        (false, true) => alter(asks),
        _ => Ok(failed("Command must include exactly one action: --describe, --alter")),
    };
    done.unwrap_or_else(|outcome| outcome)
}

/// What a broker tells of a resource's settings.
pub fn described(
    node: &Node,
    image: &MetadataImage,
    resource_type: i8,
    name: &str,
) -> Vec<DescribeConfigsResourceResult> {
    let nothing = BTreeMap::new();
    let of = |name: &str| image.configs.get(&(BROKER, name.to_owned())).unwrap_or(&nothing);
    let id = if resource_type == BROKER { name.parse().unwrap_or(node.config.id) } else { node.config.id };
    let configs = NodeConfigs { started_with: &node.settings, cluster: of(""), broker: of(&id.to_string()) };
    let loggers = node.broker.as_ref().map(|broker| broker.loggers().clone()).unwrap_or_default();
    let described = DescribedNode { id, configs, all: &image.configs, loggers: &loggers };
    describe_resource(described, resource_type, name, |topic| Ok(image.topic_ids.get(topic).is_some()))
}

/// `name=value`.
pub fn assignment(entry: &DescribeConfigsResourceResult) -> String {
    format!("{}={}", entry.name, entry.value.as_deref().unwrap_or("null"))
}

fn source(id: i8) -> &'static str {
    match id {
        1 => "DYNAMIC_TOPIC_CONFIG",
        2 => "DYNAMIC_BROKER_CONFIG",
        3 => "DYNAMIC_DEFAULT_BROKER_CONFIG",
        4 => "STATIC_BROKER_CONFIG",
        5 => "DEFAULT_CONFIG",
        6 => "DYNAMIC_BROKER_LOGGER_CONFIG",
        _ => "UNKNOWN",
    }
}

fn describe(asks: &Asks<'_>) -> Result<Outcome, Outcome> {
    let entity = Entity::of(asks)?;
    let (asked, image) = asks.image("describeConfigs")?;
    if entity.resource_type == TOPIC && image.topic_ids.get(entity.name.as_str()).is_none() {
        return Err(failed(format!("The topic '{}' doesn't exist and doesn't have dynamic config.", entity.name)));
    }
    // Only a broker itself knows its file.
    let own = entity.name.parse().ok().and_then(|id: i32| asks.cluster.node(id)).filter(|node| node.broker.is_some());
    let node = own.filter(|_| entity.resource_type == BROKER).unwrap_or(asked);
    let (wanted, is_all) = (source_of(&entity), asks.line.has("--all"));
    let mut entries = described(node, image, entity.resource_type, &entity.name);
    entries.retain(|entry| is_all || entry.config_source == wanted);
    entries.shared_sort_by(|one, other| one.name.cmp(&other.name));
    let kind = match (is_all, entity.resource_type == BROKER && entity.name.is_empty()) {
        (true, _) => "All configs",
        (false, true) => "Default configs",
        (false, false) => "Dynamic configs",
    };
    let mut lines = vec![format!("{kind} for {} are:", entity.words())];
    lines.extend(entries.iter().map(|entry| {
        let synonyms = entry.synonyms.iter().map(|synonym| {
            format!("{}:{}={}", source(synonym.source), synonym.name, synonym.value.as_deref().unwrap_or("null"))
        });
        let synonyms: Vec<String> = synonyms.collect();
        format!("  {} sensitive={} synonyms={{{}}}", assignment(entry), entry.is_sensitive, synonyms.join(", "))
    }));
    Ok(printed(lines))
}

fn source_of(entity: &Entity) -> i8 {
    match (entity.resource_type, entity.name.is_empty()) {
        (TOPIC, _) => 1,
        (_, false) => 2,
        (_, true) => 3,
    }
}

fn alter(asks: &Asks<'_>) -> Result<Outcome, Outcome> {
    let entity = Entity::of(asks)?;
    let mut configs = Vec::new();
    for (name, value) in added(asks.line)? {
        configs.push(json!({"name": name, "configOperation": 0, "value": value}));
    }
    for name in deleted(asks.line) {
        configs.push(json!({"name": name, "configOperation": 1, "value": null}));
    }
    if configs.is_empty() {
        return Err(failed(
            "At least one of --add-config, --add-config-file, or --delete-config must be specified with --alter",
        ));
    }
    let (asked, _) = asks.image("incrementalAlterConfigs")?;
    let own = entity.name.parse().ok().filter(|_| entity.resource_type == BROKER);
    let to = own.filter(|id| asks.cluster.node(*id).is_some()).unwrap_or(asked.config.id);
    let resource = json!({"resourceType": entity.resource_type, "resourceName": entity.name, "configs": configs});
    Ok(asks.request(to, ApiKey::IncrementalAlterConfigs, json!({"resources": [resource], "validateOnly": false})))
}

/// What `--add-config` sets (`parseConfigsToBeAdded`).
pub fn added(line: &Line) -> Result<Vec<(String, String)>, Outcome> {
    let items = line.values("--add-config").flat_map(list_items).map(|item| {
        let wrong = "requirement failed: Invalid entity config: all configs to be added must be in the format \"key=val\" or \"key=[val1,val2]\" to group values which contain commas.";
        let (name, value) = item.split_once('=').ok_or_else(|| failed(wrong))?;
        Ok((name.trim().to_owned(), value.trim_start_matches('[').trim_end_matches(']').to_owned()))
    });
    items.collect()
}

/// What `--delete-config` takes back.
pub fn deleted(line: &Line) -> impl Iterator<Item = &str> {
    line.values("--delete-config").flat_map(|names| names.split(',')).map(str::trim)
}

/// Items with commas between them; those in brackets belong together.
fn list_items(text: &str) -> Vec<String> {
    let mut items = vec![String::new()];
    let mut depth = 0u32;
    for letter in text.chars() {
        match letter {
            ',' if depth == 0 => items.push(String::new()),
            other => {
                depth = match other {
                    '[' => depth + 1,
                    ']' => depth.saturating_sub(1),
                    _ => depth,
                };
                if let Some(item) = items.last_mut() {
                    item.push(other);
                }
            }
        }
    }
    items.retain(|item| !item.trim().is_empty());
    items
}

/// What is printed when the answer is there.
pub fn answered(line: &Line, response: &IncrementalAlterConfigsResponse) -> ToolOutput {
    let mut output = ToolOutput::default();
    for result in &response.responses {
        let entity = Entity { resource_type: result.resource_type, name: result.resource_name.clone() };
        if result.error_code.is_none() {
            let which = if entity.name.is_empty() { "default config" } else { "config" };
            output.stdout.push(format!("Completed updating {which} for {}.", entity.words()));
        } else {
            let thrown = exception(result.error_code, result.error_message.as_deref());
            let args = line.to_words().join(" ");
            output.stderr.push(format!("Error while executing config command with args '{args}'"));
            output.stderr.push(format!("java.util.concurrent.ExecutionException: {thrown}"));
        }
    }
    output
}
