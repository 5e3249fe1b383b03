//! `kafka-leader-election` (`LeaderElectionCommand`).

use serde_json::json;

use super::{Asks, Outcome, ToolOutput, exception, failed};
use crate::wire::ApiKey;
use crate::wire::metadata::ElectLeadersResponse;

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
