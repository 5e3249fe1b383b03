//! Replicas move (`ReplicationControlManager.alterPartitionReassignments`, KIP-455, KIP-860).
//!
//! First the new replicas are added to the list beside the old ones; when all that shall stay are in sync, a second
//! change drops the old ones. Where nothing has to be copied both happen in one change.

use super::cluster_control_manager::{ApiError, ClusterControlManager};
use super::topics::check_assignment;
use crate::metadata::MetadataRecord;
use crate::metadata::image::{PartitionImage, TopicImage};
use crate::wire::cluster_admin::{
    ListPartitionReassignmentsRequest, ListPartitionReassignmentsResponse, OngoingPartitionReassignment,
    OngoingTopicReassignment,
};
use crate::wire::metadata::{
    AlterPartitionReassignmentsRequest, AlterPartitionReassignmentsResponse, ReassignablePartition,
    ReassignablePartitionResponse, ReassignableTopicResponse,
};
use crate::wire::{ErrorCode, Topic, Uuid};

/// Decides about reassignments.
#[inline(never)]
pub fn alter_partition_reassignments(
    cluster: ClusterControlManager<'_>,
    request: &AlterPartitionReassignmentsRequest,
) -> (Vec<MetadataRecord>, AlterPartitionReassignmentsResponse) {
    if request.topics.is_empty() {
        // Nothing fills the answer's message, so that it is empty and not null.
        let error_message = Some(String::new());
        return (Vec::new(), AlterPartitionReassignmentsResponse { error_message, ..Default::default() });
    }
    let mut records = Vec::new();
    let responses = request.topics.iter().map(|topic| {
        let partitions = topic.partitions.iter().map(|target| {
            let outcome = alter_one(cluster, &topic.name, target, request.allow_replication_factor_change);
            let error = match outcome {
                Ok(record) => {
                    records.extend(record);
                    ApiError::bare(ErrorCode::None)
                }
                Err(error) => error,
            };
            ReassignablePartitionResponse {
                partition_index: target.partition_index,
                error_code: error.code,
                error_message: error.message,
            }
        });
        ReassignableTopicResponse { name: topic.name.clone(), partitions: partitions.collect() }
    });
    let responses = responses.collect();
    let response = AlterPartitionReassignmentsResponse {
        allow_replication_factor_change: request.allow_replication_factor_change,
        responses,
        ..AlterPartitionReassignmentsResponse::default()
    };
    (records, response)
}

fn alter_one(
    cluster: ClusterControlManager<'_>,
    name: &str,
    target: &ReassignablePartition,
    may_change_replication_factor: bool,
) -> Result<Option<MetadataRecord>, ApiError> {
    let unknown = |message: String| ApiError::new(ErrorCode::UnknownTopicOrPartition, message);
    let found = cluster.image.topic_ids.get(name).and_then(|id| Some((*id, cluster.image.topics.get(id)?)));
    let (topic_id, topic) = found.ok_or_else(|| unknown(format!("Unable to find a topic named {name}.")))?;
    let partition = topic
        .partitions
        .get(&target.partition_index)
        .ok_or_else(|| unknown(format!("Unable to find partition {name}:{}.", target.partition_index)))?;
    match &target.replicas {
        None => cancel(cluster, topic_id, topic, target.partition_index, partition),
        Some(replicas) => {
            check_assignment(cluster, replicas, None)?;
            let stays = |replica: &&i32| !partition.removing_replicas.contains(replica);
            let before = partition.replicas.iter().filter(stays).count();
            if !may_change_replication_factor && replicas.len() != before {
                let message = format!("The replication factor is changed from {before} to {}", replicas.len());
                return Err(ApiError::new(ErrorCode::InvalidReplicationFactor, message));
            }
            reassign(cluster, topic_id, topic, target.partition_index, partition, replicas)
        }
    }
}

fn reassign(
    cluster: ClusterControlManager<'_>,
    topic_id: Uuid,
    topic: &TopicImage,
    index: i32,
    partition: &PartitionImage,
    wanted: &[i32],
) -> Result<Option<MetadataRecord>, ApiError> {
    let sorted = |mut replicas: Vec<i32>| {
        replicas.sort_unstable();
        replicas
    };
    let missing_in =
        |list: &[i32], other: &[i32]| sorted(list.iter().copied().filter(|replica| !other.contains(replica)).collect());
    let removing = missing_in(&partition.replicas, wanted);
    let adding = missing_in(wanted, &partition.replicas);
    // Where Kafka throws, this partition alone is refused.
    cluster.change_partition(
        topic,
        (topic_id, index, partition),
        |broker| cluster.is_active(broker),
        |change| {
            change.replicas = [wanted, &removing].concat();
            // What an earlier reassignment was doing stays where this one says nothing about it.
            if !removing.is_empty() {
                change.removing = removing;
            }
            if !adding.is_empty() {
                change.adding = adding;
            }
        },
    )
}

/// Takes a reassignment back: what it was adding goes, what it was removing stays (`PartitionReassignmentRevert`).
fn cancel(
    cluster: ClusterControlManager<'_>,
    topic_id: Uuid,
    topic: &TopicImage,
    index: i32,
    partition: &PartitionImage,
) -> Result<Option<MetadataRecord>, ApiError> {
    if !partition.is_reassigning() {
        return Err(ApiError::bare(ErrorCode::NoReassignmentInProgress));
    }
    let stays = |replica: &&i32| !partition.adding_replicas.contains(replica);
    let replicas: Vec<i32> = partition.replicas.iter().filter(stays).copied().collect();
    let mut isr: Vec<i32> = partition.isr.iter().filter(stays).copied().collect();
    if isr.is_empty() {
        let Some(first) = replicas.first() else {
            let message = "Invalid replica assignment: addingReplicas contains all replicas.";
            return Err(ApiError::new(ErrorCode::InvalidReplicaAssignment, message));
        };
        // Only replicas that go are in sync: those that stay may lack committed records.
        if !cluster.unclean_election_enabled(&topic.name) {
            let message = format!(
                "Unable to revert partition assignment for {}:{index} because it would require an unclean leader \
                 election.",
                topic.name
            );
            return Err(ApiError::new(ErrorCode::InvalidReplicaAssignment, message));
        }
        isr.push(*first);
    }
    cluster.change_partition(
        topic,
        (topic_id, index, partition),
        |broker| cluster.is_active(broker),
        |change| {
            change.election = cluster.election(&topic.name);
            change.isr = isr;
            change.replicas = replicas;
            change.removing.clear();
            change.adding.clear();
        },
    )
}

/// Lists reassignments that are going on (`listPartitionReassignments`).
#[inline(never)]
pub fn list_partition_reassignments(
    cluster: ClusterControlManager<'_>,
    request: &ListPartitionReassignmentsRequest,
) -> ListPartitionReassignmentsResponse {
    let of_topic = |name: &Topic, asked: Option<&[i32]>| {
        let topic_id = cluster.image.topic_ids.get(name)?;
        let topic = cluster.image.topics.get(topic_id)?;
        let every = cluster.orders.reassigning_of(topic_id);
        let ongoing = |index: &i32| {
            let partition = topic.partitions.get(index).filter(|partition| partition.is_reassigning())?;
            Some(OngoingPartitionReassignment {
                partition_index: *index,
                replicas: partition.replicas.clone(),
                adding_replicas: partition.adding_replicas.clone(),
                removing_replicas: partition.removing_replicas.clone(),
            })
        };
        let partitions: Vec<_> = asked.unwrap_or(every).iter().filter_map(ongoing).collect();
        (!partitions.is_empty()).then(|| OngoingTopicReassignment { name: name.clone(), partitions })
    };
    let topics = match &request.topics {
        None => cluster.image.topic_ids.keys().filter_map(|name| of_topic(name, None)).collect(),
        Some(asked) => asked.iter().filter_map(|topic| of_topic(&topic.name, Some(&topic.partition_indexes))).collect(),
    };
    ListPartitionReassignmentsResponse { topics, ..ListPartitionReassignmentsResponse::default() }
}
