//! Answers of the metadata quorum in the words of recordings: the error of the whole and that of the partition apart, nodes
//! by their ids, control records by their types.

use serde_json::{Value, json};

use super::answers::in_transcripts_words;
use crate::raft::QuorumControlRecord;
use crate::wire::quorum::{
    DescribeQuorumResponse, QuorumEpochTopicResponse, QuorumNodeEndpoint, QuorumReplicaState, VoteResponse,
};
use crate::wire::records::RecordBatch;
use crate::wire::replication::{EpochEndOffset, FetchResponse, PartitionData, SnapshotId};
use crate::wire::{ErrorCode, Response, Uuid};

/// The answer in those words; none where it is no answer of the quorum.
pub(super) fn response_to_json(response: &Response) -> Option<Value> {
    match response {
        Response::Vote(answer) => Some(vote(answer)),
        Response::BeginQuorumEpoch(answer) => {
            Some(quorum_epoch(answer.error_code, &answer.topics, &answer.node_endpoints))
        }
        Response::EndQuorumEpoch(answer) => {
            Some(quorum_epoch(answer.error_code, &answer.topics, &answer.node_endpoints))
        }
        Response::DescribeQuorum(answer) => Some(described(response, answer)),
        Response::Fetch(answer) => fetched(answer),
        _ => None,
    }
}

fn vote(answer: &VoteResponse) -> Value {
    let partition = answer.topics.iter().flat_map(|topic| &topic.partitions).next().map(|partition| {
        json!({
            "partitionError": partition.error_code.name(),
            "leaderId": partition.leader_id,
            "leaderEpoch": partition.leader_epoch,
            "voteGranted": partition.vote_granted,
        })
    });
    of_the_quorum(answer.error_code, partition, &answer.node_endpoints)
}

fn quorum_epoch(error: ErrorCode, topics: &[QuorumEpochTopicResponse], nodes: &[QuorumNodeEndpoint]) -> Value {
    let partition = topics.iter().flat_map(|topic| &topic.partitions).next().map(|partition| {
        json!({
            "partitionError": partition.error_code.name(),
            "leaderId": partition.leader_id,
            "leaderEpoch": partition.leader_epoch,
        })
    });
    of_the_quorum(error, partition, nodes)
}

/// The error of the whole, what is said of the only partition, and nodes; without that partition, that there is no topic.
fn of_the_quorum(error: ErrorCode, partition: Option<Value>, nodes: &[QuorumNodeEndpoint]) -> Value {
    let mut words = partition.unwrap_or_else(|| json!({"topics": []}));
    words["error"] = json!(error.name());
    words["nodeEndpoints"] = json!(ids(nodes));
    words
}

fn ids(nodes: &[QuorumNodeEndpoint]) -> Vec<i32> {
    nodes.iter().map(|node| node.node_id).collect()
}

/// A leader's description is told in short, an error in full.
fn described(response: &Response, answer: &DescribeQuorumResponse) -> Value {
    let mut words = response.to_json();
    if let Some(partition) = answer.topics.iter().flat_map(|topic| &topic.partitions).next() {
        let error = if answer.error_code.is_none() { partition.error_code } else { answer.error_code };
        words["error"] = json!(answer.error_code.name());
        words["partitionError"] = json!(error.name());
        words["leaderId"] = json!(partition.leader_id);
        words["leaderEpoch"] = json!(partition.leader_epoch);
        words["highWatermark"] = json!(partition.high_watermark);
        words["voters"] = partition.current_voters.iter().map(replica).collect();
        words["observers"] = partition.observers.iter().map(replica).collect();
    }
    words
}

fn replica(state: &QuorumReplicaState) -> Value {
    json!({
        "id": state.replica_id,
        "logEndOffset": state.log_end_offset,
        "everFetched": state.last_fetch_timestamp >= 0,
        "everCaughtUp": state.last_caught_up_timestamp >= 0,
    })
}

/// Of a fetch from the metadata log.
fn fetched(answer: &FetchResponse) -> Option<Value> {
    let topic = answer.responses.first().filter(|topic| topic.topic_id == Uuid::METADATA)?;
    let data = topic.partitions.first()?;
    let error = if answer.error_code.is_none() { data.error_code } else { answer.error_code };
    let mut words = json!({
        "error": error.name(),
        "highWatermark": data.high_watermark,
        "logStartOffset": data.log_start_offset,
        "currentLeader": {"leaderId": data.current_leader.leader_id, "leaderEpoch": data.current_leader.leader_epoch},
        "records": data.records.iter().map(|batch| batch_to_json(batch)).collect::<Vec<Value>>(),
        "nodeEndpoints": answer.node_endpoints.iter().map(|node| node.node_id).collect::<Vec<i32>>(),
    });
    add_present_fields(&mut words, data);
    Some(words)
}

fn add_present_fields(words: &mut Value, data: &PartitionData) {
    if data.diverging_epoch != EpochEndOffset::default() {
        let EpochEndOffset { epoch, end_offset } = data.diverging_epoch;
        words["divergingEpoch"] = json!({"epoch": epoch, "endOffset": end_offset});
    }
    if data.snapshot_id != SnapshotId::default() {
        let SnapshotId { end_offset, epoch } = data.snapshot_id;
        words["snapshotId"] = json!({"endOffset": end_offset, "epoch": epoch});
    }
}

/// A batch; control records by their types, others as they are.
fn batch_to_json(batch: &RecordBatch) -> Value {
    use crate::wire::Message;
    let mut words = in_transcripts_words(batch.to_json());
    if batch.is_control {
        let controls = batch.records.iter().filter_map(QuorumControlRecord::read);
        words["control"] = controls.map(|control| control_type(control.kind())).collect();
    }
    words
}

/// `LeaderChange` is told as `LEADER_CHANGE`.
fn control_type(name: &str) -> Value {
    let mut screaming = String::new();
    for (index, letter) in name.char_indices() {
        if letter.is_ascii_uppercase() && index > 0 {
            screaming.push('_');
        }
        screaming.push(letter.to_ascii_uppercase());
    }
    Value::from(screaming)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_records_are_told_by_their_types() {
        assert_eq!(control_type("LeaderChange"), "LEADER_CHANGE");
        assert_eq!(control_type("SnapshotHeader"), "SNAPSHOT_HEADER");
    }

    #[test]
    fn an_answer_without_topics_says_that_it_has_none() {
        let refused = VoteResponse { error_code: ErrorCode::InconsistentClusterId, ..VoteResponse::default() };
        assert_eq!(vote(&refused), json!({"error": "INCONSISTENT_CLUSTER_ID", "topics": [], "nodeEndpoints": []}));
        assert_eq!(quorum_epoch(ErrorCode::InconsistentClusterId, &[], &[]), vote(&refused));
    }
}
