//! `kafka-leader-election` and `kafka-reassign-partitions`.

use serde_json::{Value, json};

use super::{Asks, Hint, Outcome, ToolOutput, exception, failed, joined, printed};
use crate::metadata::MetadataImage;
use crate::wire::ApiKey;
use crate::wire::metadata::{AlterPartitionReassignmentsResponse, ElectLeadersResponse};

/// How the tool names an election.
fn kind(line: &super::options::Line) -> Option<&'static str> {
    match line.value("--election-type")?.to_ascii_lowercase().as_str() {
        "preferred" => Some("PREFERRED"),
        "unclean" => Some("UNCLEAN"),
        _ => None,
    }
}

pub fn elect(asks: &Asks<'_>) -> Outcome {
    let line = asks.line;
    let Some(kind) = kind(line) else {
        return failed("Missing required option(s) [election-type], or its value is not one of [preferred, unclean]");
    };
    let (node, image) = match asks.image("electLeaders") {
        Ok(asked) => asked,
        Err(outcome) => return outcome,
    };
    let partitions = match (line.value("--topic"), line.value("--partition").map(str::parse::<i32>)) {
        (Some(topic), Some(Ok(partition))) => json!([{"topic": topic, "partitions": [partition]}]),
        (None, None) if line.has("--all-topic-partitions") => {
            let topics = image.topics.values().map(|topic| {
                let partitions: Vec<i32> = topic.partitions.keys().copied().collect();
                json!({"topic": topic.name, "partitions": partitions})
            });
            topics.collect()
        }
        _ => {
            return failed(
                "One and only one of the following options is required: topic and partition, all-topic-partitions, path-to-json-file",
            );
        }
    };
    let election_type = i8::from(kind == "UNCLEAN");
    let body = json!({"electionType": election_type, "topicPartitions": partitions, "timeoutMs": 60_000});
    asks.request(node.config.id, ApiKey::ElectLeaders, body)
}

/// What is printed when the answer is there.
pub fn elected(line: &super::options::Line, response: &ElectLeadersResponse) -> ToolOutput {
    let kind = kind(line).unwrap_or("PREFERRED");
    let mut output = ToolOutput::default();
    if !response.error_code.is_none() {
        output.stderr.push(exception(response.error_code, None));
        return output;
    }
    let (mut elected, mut not_needed, mut failures) = (Vec::new(), Vec::new(), Vec::new());
    for topic in &response.replica_election_results {
        for result in &topic.partition_result {
            let name = format!("{}-{}", topic.topic, result.partition_id);
            match result.error_code {
                error if error.is_none() => elected.push(name),
                crate::wire::ErrorCode::ElectionNotNeeded => not_needed.push(name),
                error => failures.push((name, exception(error, result.error_message.as_deref()))),
            }
        }
    }
    if !elected.is_empty() {
        output
            .stdout
            .push(format!("Successfully completed leader election ({kind}) for partitions {}", elected.join(", ")));
    }
    if !not_needed.is_empty() {
        output.stdout.push(format!("Valid replica already elected for partitions {}", not_needed.join(", ")));
    }
    for (name, thrown) in &failures {
        output.stdout.push(format!("Error completing leader election ({kind}) for partition: {name}: {thrown}"));
    }
    if !failures.is_empty() {
        output.stderr.push(format!("{} replica(s) could not be elected", failures.len()));
    }
    output
}

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

pub fn reassign(asks: &Asks<'_>) -> Outcome {
    let line = asks.line;
    let actions = ["--execute", "--verify", "--list"];
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
    let option = "--reassignment-json-file";
    let Some(moves) = line.value(option).and_then(moves) else {
        return Outcome::Hint(Hint::WantsJson { option: option.to_owned() });
    };
    if line.has("--verify") {
        let mut lines = vec!["Status of partition reassignment:".to_owned()];
        lines.extend(moves.iter().map(|wanted| status(image, wanted)));
        return printed(lines);
    }
    let current = moves.iter().filter_map(|(topic, partition, _)| {
        let replicas = &image.partition(topic, *partition)?.replicas;
        let dirs = vec!["\"any\""; replicas.len()].join(",");
        let ids = joined(replicas);
        Some(format!("{{\"topic\":\"{topic}\",\"partition\":{partition},\"replicas\":[{ids}],\"log_dirs\":[{dirs}]}}"))
    });
    let current: Vec<String> = current.collect();
    let topics = moves.iter().map(|(topic, partition, replicas)| {
        json!({"name": topic, "partitions": [{"partitionIndex": partition, "replicas": replicas}]})
    });
    let body = json!({"topics": topics.collect::<Vec<_>>(), "timeoutMs": 60_000});
    let mut outcome = asks.request(node.config.id, ApiKey::AlterPartitionReassignments, body);
    if let Outcome::Sent { before, .. } = &mut outcome {
        before.extend([
            "Current partition replica assignment".to_owned(),
            String::new(),
            format!("{{\"version\":1,\"partitions\":[{}]}}", current.join(",")),
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

/// What is printed when the answer is there.
pub fn reassigned(response: &AlterPartitionReassignmentsResponse) -> ToolOutput {
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
        output.stdout.push(format!("Successfully started partition reassignment{plural} for {}", started.join(",")));
    } else {
        output.stderr.push("Error reassigning partition(s):".to_owned());
        output.stderr.extend(failures);
    }
    output
}
