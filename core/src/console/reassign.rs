//! `kafka-reassign-partitions` (`ReassignPartitionsCommand`).

use std::collections::BTreeSet;

use crate::sort::CollectOrdered;
use serde_json::{Value, json};

use super::options::Line;
use super::{Asks, Hint, Outcome, ToolOutput, exception, failed, joined, printed};
use crate::controller::placement::{UsableBroker, place};
use crate::metadata::MetadataImage;
use crate::metadata::image::TopicImage;
use crate::sim::random::{Purpose, Random};
use crate::wire::metadata::AlterPartitionReassignmentsResponse;
use crate::wire::{ApiKey, ErrorCode, TopicPartition};

/// A wanted move.
type Move = (String, i32, Vec<i32>);

/// Reads what a reassignment's file says; here it is written in the file's place.
fn moves(text: &str) -> Option<Vec<Move>> {
    let json = crate::json::parse(text).ok()?;
    let partitions = json.get("partitions")?.as_array()?;
    let read = |entry: &Value| {
        let number = |value: &Value| i32::try_from(value.as_i64()?).ok();
        let replicas: Option<Vec<i32>> = entry.get("replicas")?.as_array()?.iter().map(number).collect();
        Some((entry.get("topic")?.as_str()?.to_owned(), number(entry.get("partition")?)?, replicas?))
    };
    partitions.iter().map(read).collect()
}

pub fn execute(asks: &Asks<'_>) -> Outcome {
    let line = asks.line;
    let actions = ["--generate", "--execute", "--verify", "--cancel", "--list"];
    if actions.iter().filter(|action| line.has(action)).count() != 1 {
        return failed("Command must include exactly one action: [generate], [execute], [verify], [cancel], [list]");
    }
    let (node, image) = match asks.image("alterPartitionReassignments") {
        Ok(asked) => asked,
        Err(outcome) => return outcome,
    };
    if line.has("--list") {
        return printed(list(image));
    }
    if line.has("--generate") {
        return generate(asks, image).unwrap_or_else(|outcome| outcome);
    }
    let option = "--reassignment-json-file";
    let Some(moves) = line.value(option).and_then(moves) else {
        return Outcome::Hint(Hint::WantsJson { option: option.to_owned() });
    };
    if line.has("--verify") {
        let mut lines = vec!["Status of partition reassignment:".to_owned()];
        lines.extend(moves.iter().map(|wanted| status(image, wanted)));
        return printed(lines);
    }
    if line.has("--cancel") {
        return cancel(asks, node.config.id, image, &moves);
    }
    let current = moves.iter().filter_map(|(topic, partition, _)| {
        Some((topic.clone(), *partition, image.partition(topic, *partition)?.replicas.clone()))
    });
    let current: Vec<Move> = current.collect();
    let topics = moves.iter().map(|(topic, partition, replicas)| {
        json!({"name": topic, "partitions": [{"partitionIndex": partition, "replicas": replicas}]})
    });
    let body = json!({"topics": topics.collect::<Vec<_>>(), "timeoutMs": 60_000});
    let mut outcome = asks.request(node.config.id, ApiKey::AlterPartitionReassignments, body);
    if let Outcome::Sent { before, .. } = &mut outcome {
        before.extend([
            "Current partition replica assignment".to_owned(),
            String::new(),
            as_json(&current),
            String::new(),
            "Save this to use as the --reassignment-json-file option during rollback".to_owned(),
        ]);
    }
    outcome
}

fn status(image: &MetadataImage, (topic, index, wanted): &Move) -> String {
    match image.partition(topic, *index) {
        Some(partition) if partition.is_reassigning() => {
            format!("Reassignment of partition {topic}-{index} is still in progress.")
        }
        Some(partition) if partition.replicas == *wanted => {
            format!("Reassignment of partition {topic}-{index} is completed.")
        }
        found => {
            let replicas = found.map(|partition| joined(&partition.replicas)).unwrap_or_default();
            format!(
                "There is no active reassignment of partition {topic}-{index}, but replica set is {replicas} rather than {}.",
                joined(wanted)
            )
        }
    }
}

fn list(image: &MetadataImage) -> Vec<String> {
    let moving = image.partitions().filter(|(_, _, partition)| partition.is_reassigning());
    let mut lines: Vec<String> = moving
        .map(|(name, _, partition)| {
            let (adding, removing) = (joined(&partition.adding_replicas), joined(&partition.removing_replicas));
            format!("{name}: replicas: {}. adding: {adding}. removing: {removing}.", joined(&partition.replicas))
        })
        .collect();
    match lines.is_empty() {
        true => vec!["No partition reassignments found.".to_owned()],
        false => {
            lines.insert(0, "Current partition reassignments:".to_owned());
            lines
        }
    }
}

/// A file of moves (`formatAsReassignmentJson`). Which directory a replica is in does not matter.
fn as_json(moves: &[Move]) -> String {
    let partitions = moves.iter().map(|(topic, partition, replicas)| {
        let dirs = vec!["\"any\""; replicas.len()].join(",");
        let ids = joined(replicas);
        format!("{{\"topic\":\"{topic}\",\"partition\":{partition},\"replicas\":[{ids}],\"log_dirs\":[{dirs}]}}")
    });
    format!("{{\"version\":1,\"partitions\":[{}]}}", partitions.collect::<Vec<_>>().join(","))
}

/// The topics that a file names: `{"topics": [{"topic": "orders"}], "version": 1}`.
fn topics_to_move(text: &str) -> Option<Vec<String>> {
    let json = crate::json::parse(text).ok()?;
    let topics = json.get("topics")?.as_array()?;
    topics.iter().map(|topic| topic.get("topic")?.as_str().map(str::to_owned)).collect()
}

/// Proposes replicas anew for whole topics, as the controller places those of a new one.
fn generate(asks: &Asks<'_>, image: &MetadataImage) -> Result<Outcome, Outcome> {
    let option = "--topics-to-move-json-file";
    let wants_json = || Outcome::Hint(Hint::WantsJson { option: option.to_owned() });
    let topics = asks.line.value(option).and_then(topics_to_move).ok_or_else(wants_json)?;
    let list = asks.line.value("--broker-list").ok_or_else(|| failed("Missing required argument \"[broker-list]\""))?;
    let brokers: Result<Vec<i32>, _> = list.split(',').map(|id| id.trim().parse::<i32>()).collect();
    let brokers = brokers.map_err(|_| failed(format!("Error: For input string: \"{list}\"")))?;
    if brokers.iter().collect_ordered::<BTreeSet<&i32>>().len() != brokers.len() {
        return Err(failed(format!("Error: Broker list contains duplicate entries: [{list}]")));
    }
    let usable: Vec<UsableBroker> = brokers
        .iter()
        .filter_map(|id| {
            let broker = image.brokers.get(id).filter(|broker| !broker.fenced)?;
            let rack = broker.rack.clone().filter(|_| !asks.line.has("--disable-rack-aware"));
            Some(UsableBroker { id: *id, rack, fenced: false })
        })
        .collect();
    // Each line draws anew, and the same line at the same moment the same.
    let seed = asks.cluster.metadata_end().unsigned_abs() ^ asks.cluster.now();
    let mut random = Random::for_purpose(seed, Purpose::Identity);
    let (mut current, mut proposed): (Vec<Move>, Vec<Move>) = (Vec::new(), Vec::new());
    for name in topics.into_iter().collect_ordered::<BTreeSet<String>>() {
        let topic: &TopicImage = image
            .topic_ids
            .get(name.as_str())
            .and_then(|id| image.topics.get(id).map(AsRef::as_ref))
            .ok_or_else(|| failed(format!("Error: {}", exception(ErrorCode::UnknownTopicOrPartition, None))))?;
        let count = i32::try_from(topic.partitions.len()).unwrap_or(i32::MAX);
        let replicas = topic.partitions.values().next().map_or(0, |partition| partition.replicas.len());
        let factor = i16::try_from(replicas).unwrap_or(i16::MAX);
        let placed = place(&mut random, &usable, count, factor).map_err(|what| failed(format!("Error: {what}")))?;
        current.extend(topic.partitions.iter().map(|(index, each)| (name.clone(), *index, each.replicas.clone())));
        proposed.extend((0..).zip(placed).map(|(index, replicas)| (name.clone(), index, replicas)));
    }
    Ok(printed(vec![
        "Current partition replica assignment".to_owned(),
        as_json(&current),
        String::new(),
        "Proposed partition reassignment configuration".to_owned(),
        as_json(&proposed),
    ]))
}

/// Cancels those of the named reassignments that are under way.
fn cancel(asks: &Asks<'_>, node: i32, image: &MetadataImage, moves: &[Move]) -> Outcome {
    let active: BTreeSet<TopicPartition> = moves
        .iter()
        .filter(|(topic, index, _)| image.partition(topic, *index).is_some_and(|each| each.is_reassigning()))
        .map(|(topic, index, _)| TopicPartition::new(topic.as_str(), *index))
        .collect_ordered();
    if active.is_empty() {
        return printed(vec![
            "None of the specified partition reassignments are active.".to_owned(),
            "None of the specified partition moves are active.".to_owned(),
        ]);
    }
    let topics = active
        .iter()
        .map(|name| json!({"name": name.topic, "partitions": [{"partitionIndex": name.partition, "replicas": null}]}));
    let body = json!({"topics": topics.collect::<Vec<_>>(), "timeoutMs": 60_000});
    asks.request(node, ApiKey::AlterPartitionReassignments, body)
}

/// What is printed when the answer is there.
pub fn reassigned(line: &Line, response: &AlterPartitionReassignmentsResponse) -> ToolOutput {
    let cancels = line.has("--cancel");
    let mut output = ToolOutput::default();
    let (mut started, mut failures) = (Vec::new(), Vec::new());
    for topic in &response.responses {
        for result in &topic.partitions {
            let name = format!("{}-{}", topic.name, result.partition_index);
            match result.error_code.is_none() {
                true => started.push(name),
                false => {
                    failures.push(format!("{name}: {}", exception(result.error_code, result.error_message.as_deref())))
                }
            }
        }
    }
    if !response.error_code.is_none() {
        failures.push(exception(response.error_code, response.error_message.as_deref()));
    }
    if failures.is_empty() {
        let plural = if started.len() == 1 { "" } else { "s" };
        let (done, colon) = if cancels { ("cancelled", ":") } else { ("started", "") };
        let started = started.join(",");
        output.stdout.push(format!("Successfully {done} partition reassignment{plural} for{colon} {started}"));
        if cancels {
            output.stdout.push("None of the specified partition moves are active.".to_owned());
        }
    } else {
        let plural = if failures.len() == 1 { "" } else { "s" };
        output.stderr.push(match cancels {
            true => format!("Error cancelling partition reassignment{plural} for:"),
            false => "Error reassigning partition(s):".to_owned(),
        });
        output.stderr.extend(failures);
    }
    output
}
