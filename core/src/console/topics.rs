//! `kafka-topics` (`TopicCommand`).

use serde_json::{Value, json};

use super::{Asks, Outcome, ToolOutput, configs, exception, failed, joined, printed};
use crate::cluster::node::Node;
use crate::metadata::MetadataImage;
use crate::metadata::image::PartitionImage;
use crate::wire::{ApiKey, ErrorCode, Response, TopicPartition};

/// What begins every error of the tool.
const ERROR: &str = "Error while executing topic command : ";

pub fn execute(asks: &Asks<'_>) -> Outcome {
    let line = asks.line;
    let actions = ["--list", "--describe", "--create", "--alter", "--delete"];
    if actions.iter().filter(|action| line.has(action)).count() != 1 {
        return failed("Command must include exactly one action: --list, --describe, --create, --alter or --delete");
    }
    let done = match () {
        () if line.has("--list") => list(asks),
        () if line.has("--describe") => describe(asks),
        () if line.has("--create") => create(asks),
        () if line.has("--alter") => alter(asks),
        () => delete(asks),
    };
    done.unwrap_or_else(|outcome| outcome)
}

fn error(message: impl std::fmt::Display) -> Outcome {
    printed(vec![format!("{ERROR}{message}")])
}

fn missing(topic: &str) -> Outcome {
    error(format!("Topic '{topic}' does not exist as expected"))
}

fn list(asks: &Asks<'_>) -> Result<Outcome, Outcome> {
    let (_, image) = asks.image("listTopics")?;
    let is_hidden = |name: &str| asks.line.has("--exclude-internal") && name.starts_with("__");
    let mut names: Vec<String> =
        image.topic_ids.keys().map(|name| name.to_string()).filter(|name| !is_hidden(name)).collect();
    names.sort_unstable();
    Ok(printed(names))
}

fn describe(asks: &Asks<'_>) -> Result<Outcome, Outcome> {
    let (node, image) = asks.image("describeTopics")?;
    let mut names: Vec<String> = image.topic_ids.keys().map(|name| name.to_string()).collect();
    names.sort_unstable();
    if let Some(wanted) = asks.line.value("--topic") {
        names.retain(|name| wanted.split(',').any(|each| each == name));
        if names.is_empty() {
            return Err(missing(wanted));
        }
    }
    let filters = FILTERS.iter().filter(|(option, _)| asks.line.has(option));
    let filters: Vec<_> = filters.map(|(_, filter)| *filter).collect();
    let mut lines = Vec::new();
    for name in names {
        let Some((id, topic)) = image.topic_ids.get(name.as_str()).and_then(|id| Some((id, image.topics.get(id)?)))
        else {
            continue;
        };
        let configs = configs::described(node, image, 2, &name);
        if filters.is_empty() {
            let factor = topic.partitions.values().next().map_or(0, |partition| partition.replicas.len());
            let set: Vec<String> =
                configs.iter().filter(|entry| entry.config_source != 5).map(configs::assignment).collect();
            lines.push(format!(
                "Topic: {name}\tTopicId: {id}\tPartitionCount: {}\tReplicationFactor: {factor}\tConfigs: {}",
                topic.partitions.iter().count(),
                set.join(",")
            ));
        }
        let min_isr = configs.iter().find(|entry| entry.name == "min.insync.replicas");
        let min_isr = min_isr.and_then(|entry| entry.value.as_deref()?.parse().ok()).unwrap_or(1usize);
        for (index, partition) in topic.partitions.iter() {
            if filters.is_empty() || filters.iter().any(|fits| fits(image, partition, min_isr)) {
                lines.push(partition_line(&TopicPartition::new(name.as_str(), *index), partition));
            }
        }
    }
    Ok(printed(lines))
}

/// Which partitions are wanted: the option, and whether one is.
type Filter = fn(&MetadataImage, &PartitionImage, usize) -> bool;

const FILTERS: [(&str, Filter); 4] = [
    ("--under-replicated-partitions", |_, partition, _| {
        partition.replicas.len() - partition.adding_replicas.len().min(partition.replicas.len()) > partition.isr.len()
    }),
    ("--unavailable-partitions", |image, partition, _| {
        image.brokers.get(&partition.leader).is_none_or(|broker| broker.fenced)
    }),
    ("--under-min-isr-partitions", |_, partition, min_isr| {
        partition.leader < 0 || partition.isr.len() < min_isr.min(partition.replicas.len())
    }),
    ("--at-min-isr-partitions", |_, partition, min_isr| partition.isr.len() == min_isr.min(partition.replicas.len())),
];

fn partition_line(name: &TopicPartition, partition: &PartitionImage) -> String {
    let leader = if partition.leader < 0 { "none".to_owned() } else { partition.leader.to_string() };
    let moving = match partition.is_reassigning() {
        true => format!(
            "\tAdding Replicas: {}\tRemoving Replicas: {}",
            joined(&partition.adding_replicas),
            joined(&partition.removing_replicas)
        ),
        false => String::new(),
    };
    format!(
        "\tTopic: {}\tPartition: {}\tLeader: {leader}\tReplicas: {}\tIsr: {}{moving}\tElr: {}\tLastKnownElr: {}",
        name.topic,
        name.partition,
        joined(&partition.replicas),
        joined(&partition.isr),
        joined(&partition.elr),
        joined(&partition.last_known_elr)
    )
}

/// The topic that an action is about.
fn named<'a>(asks: &'a Asks<'_>) -> Result<&'a str, Outcome> {
    asks.line.value("--topic").ok_or_else(|| failed("Missing required argument \"[topic]\""))
}

fn number<T: std::str::FromStr>(asks: &Asks<'_>, option: &str) -> Result<Option<T>, Outcome> {
    let Some(value) = asks.line.value(option) else { return Ok(None) };
    let wrong = || failed(format!("Cannot parse argument '{value}' of option {}", option.trim_start_matches('-')));
    value.parse().map(Some).map_err(|_| wrong())
}

fn create(asks: &Asks<'_>) -> Result<Outcome, Outcome> {
    let name = named(asks)?;
    let (node, image) = asks.image("createTopics")?;
    if asks.line.has("--if-not-exists") && image.topic_ids.get(name).is_some() {
        return Ok(printed(Vec::new()));
    }
    let partitions: i32 = number(asks, "--partitions")?.unwrap_or(-1);
    let factor: i16 = number(asks, "--replication-factor")?.unwrap_or(-1);
    if asks.line.has("--partitions") && partitions < 1 {
        return Err(error("The partitions must be greater than 0"));
    }
    if asks.line.has("--replication-factor") && factor < 1 {
        return Err(error("The replication factor must be between 1 and 32767 inclusive"));
    }
    let mut assignments = Vec::new();
    for (index, replicas) in
        asks.line.value("--replica-assignment").into_iter().flat_map(|all| all.split(',')).enumerate()
    {
        let ids: Result<Vec<i32>, _> = replicas.split(':').map(|id| id.trim().parse()).collect();
        let ids = ids.map_err(|_| error(format!("For input string: \"{replicas}\"")))?;
        assignments.push(json!({"partitionIndex": index, "brokerIds": ids}));
    }
    let mut configs = Vec::new();
    for config in asks.line.values("--config") {
        let wrong =
            "requirement failed: Invalid topic config: all configs to be added must be in the format \"key=val\".";
        let (name, value) = config.split_once('=').ok_or_else(|| error(wrong))?;
        configs.push(json!({"name": name, "value": value}));
    }
    let (partitions, factor) = if assignments.is_empty() { (partitions, factor) } else { (-1, -1) };
    let topic = json!({
        "name": name, "numPartitions": partitions, "replicationFactor": factor, "assignments": assignments, "configs": configs
    });
    let body = json!({"topics": [topic], "timeoutMs": 60_000});
    let mut outcome = asks.request(node.config.id, ApiKey::CreateTopics, body);
    if let Outcome::Sent { before, .. } = &mut outcome
        && name.contains(['.', '_'])
    {
        before.push(
            "WARNING: Due to limitations in metric names, topics with a period ('.') or underscore ('_') could collide. To avoid \
             issues it is best to use either, but not both."
                .to_owned(),
        );
    }
    Ok(outcome)
}

/// The topic that is changed has to be there, unless it need not be.
fn existing<'a>(asks: &'a Asks<'_>, call: &str) -> Result<(&'a Node, &'a str), Outcome> {
    let name = named(asks)?;
    let (node, image) = asks.image(call)?;
    match image.topic_ids.get(name) {
        Some(_) => Ok((node, name)),
        None if asks.line.has("--if-exists") => Err(printed(Vec::new())),
        None => Err(missing(name)),
    }
}

fn delete(asks: &Asks<'_>) -> Result<Outcome, Outcome> {
    let (node, name) = existing(asks, "deleteTopics")?;
    let body = json!({"topics": [{"name": name}], "timeoutMs": 60_000});
    Ok(asks.request(node.config.id, ApiKey::DeleteTopics, body))
}

fn alter(asks: &Asks<'_>) -> Result<Outcome, Outcome> {
    let (node, name) = existing(asks, "createPartitions")?;
    let Some(count) = number::<i32>(asks, "--partitions")? else {
        return Err(failed("Missing required argument \"[partitions]\""));
    };
    let body = json!({"topics": [{"name": name, "count": count, "assignments": Value::Null}], "timeoutMs": 60_000, "validateOnly": false});
    Ok(asks.request(node.config.id, ApiKey::CreatePartitions, body))
}

/// What is printed when the answer is there.
pub fn answered(response: &Response) -> ToolOutput {
    let mut output = ToolOutput::default();
    let mut report = |error: ErrorCode, message: Option<&str>, done: Option<String>| {
        if error.is_none() {
            return output.stdout.extend(done);
        }
        output.stdout.push(format!("{ERROR}{}", message.filter(|it| !it.is_empty()).unwrap_or(error.name())));
        output.stderr.push(exception(error, message));
    };
    match response {
        Response::CreateTopics(response) => {
            for topic in &response.topics {
                let done = Some(format!("Created topic {}.", topic.name));
                report(topic.error_code, topic.error_message.as_deref(), done);
            }
        }
        Response::DeleteTopics(response) => {
            for topic in &response.responses {
                report(topic.error_code, topic.error_message.as_deref(), None);
            }
        }
        Response::CreatePartitions(response) => {
            for topic in &response.results {
                report(topic.error_code, topic.error_message.as_deref(), None);
            }
        }
        _ => {}
    }
    output
}
