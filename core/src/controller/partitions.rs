//! Topics grow (`ControllerApis.createPartitions`, `ReplicationControlManager.createPartitions`).

use std::collections::BTreeSet;

use super::cluster_control_manager::{ApiError, ClusterControlManager};
use super::placement::{PLACEMENTS_IN_HEAP_MAX, place};
use super::topics::{NewPartition, check_assignment, usable_brokers};
use crate::metadata::MetadataRecord;
use crate::metadata::image::TopicImage;
use crate::quota::controller_mutation::ControllerMutationQuota;
use crate::sim::random::Random;
use crate::wire::cluster_admin::{
    CreatePartitionsRequest, CreatePartitionsResponse, CreatePartitionsTopic, CreatePartitionsTopicResult,
};
use crate::wire::hash_order::{java_string_hash, sort_as_hash_map};
use crate::wire::{ErrorCode, Topic, Uuid};

/// What is said of a name that a request gives twice.
pub(super) const DUPLICATE_TOPIC_NAME: &str = "Duplicate topic name.";

/// How many records one request may write (`QuorumController.MAX_RECORDS_PER_USER_OP`).
pub(super) const MAX_RECORDS_PER_USER_OP: usize = 10_000;

/// Decides about topics that shall have more partitions. A topic that is refused does not keep the others from growing. Who asks for more
/// records than there may be is told of an error, and yet what there was room for is written.
///
/// # Errors
/// [`ApiError::unexpected`].
#[inline(never)]
pub fn create_partitions(
    cluster: ClusterControlManager<'_>,
    random: &mut Random,
    quota: &mut ControllerMutationQuota<'_>,
    request: &CreatePartitionsRequest,
) -> Result<(Vec<MetadataRecord>, CreatePartitionsResponse), ApiError> {
    let mut names: Vec<&Topic> = Vec::new();
    let mut twice: BTreeSet<&Topic> = BTreeSet::new();
    for topic in &request.topics {
        if names.contains(&&topic.name) {
            twice.insert(&topic.name);
        } else {
            names.push(&topic.name);
        }
    }
    // Kafka goes through both as hash sets; the table of the one has had all names in it.
    sort_as_hash_map(&mut names, |name| java_string_hash(name));
    let (mut refused, once): (Vec<&Topic>, Vec<&Topic>) = names.into_iter().partition(|name| twice.contains(name));
    sort_as_hash_map(&mut refused, |name| java_string_hash(name));

    let result = |name: &Topic, error: ApiError| CreatePartitionsTopicResult {
        name: name.clone(),
        error_code: error.code,
        error_message: error.message,
    };
    let duplicate = || ApiError::new(ErrorCode::InvalidRequest, DUPLICATE_TOPIC_NAME);
    let mut results: Vec<_> = refused.into_iter().map(|name| result(name, duplicate())).collect();
    let mut records: Vec<MetadataRecord> = Vec::new();
    for topic in once.into_iter().filter_map(|name| request.topics.iter().find(|topic| topic.name == *name)) {
        let room = MAX_RECORDS_PER_USER_OP.saturating_sub(records.len());
        let error = match grow(cluster, random, quota, topic, room) {
            Ok(new) => {
                // One too many (`BoundedList`): an exception that Kafka has no error code for.
                let is_too_long = new.len() > room;
                records.extend(new.into_iter().take(room));
                ApiError::bare(if is_too_long { ErrorCode::UnknownServerError } else { ErrorCode::None })
            }
            Err(error) if error.is_unexpected() => return Err(error),
            Err(error) => error,
        };
        results.push(result(&topic.name, error));
    }
    if request.validate_only {
        records.clear();
    }
    Ok((records, CreatePartitionsResponse { results, ..CreatePartitionsResponse::default() }))
}

/// The records of a topic's new partitions; of more than there is room for, one more than that.
fn grow(
    cluster: ClusterControlManager<'_>,
    random: &mut Random,
    quota: &mut ControllerMutationQuota<'_>,
    wanted: &CreatePartitionsTopic,
    room: usize,
) -> Result<Vec<MetadataRecord>, ApiError> {
    let found = cluster.image.topic_ids.get(&wanted.name).and_then(|id| Some((*id, cluster.image.topics.get(id)?)));
    let (topic_id, topic) = found.ok_or_else(|| ApiError::bare(ErrorCode::UnknownTopicOrPartition))?;
    let existing = i32::try_from(topic.partitions.len()).unwrap_or(i32::MAX);
    if wanted.count == existing {
        let message = format!("Topic already has {existing} partition(s).");
        return Err(ApiError::new(ErrorCode::InvalidPartitions, message));
    }
    if wanted.count < existing {
        let message = format!(
            "The topic {} currently has {existing} partition(s); {} would not be an increase.",
            wanted.name, wanted.count
        );
        return Err(ApiError::new(ErrorCode::InvalidPartitions, message));
    }
    let additional = wanted.count - existing;
    // What is asked for wrongly takes nothing out of a quota.
    if let Some(assignments) = &wanted.assignments
        && i32::try_from(assignments.len()).ok() != Some(additional)
    {
        let message = format!(
            "Attempted to add {additional} additional partition(s), but only {} assignment(s) were specified.",
            assignments.len()
        );
        return Err(ApiError::new(ErrorCode::InvalidReplicaAssignment, message));
    }
    quota.record(usize::try_from(additional).unwrap_or(usize::MAX))?;
    let partitions = new_partitions(cluster, random, (topic_id, topic), wanted, existing, (additional, room))?;
    Ok((existing..).zip(partitions).map(|(index, new)| new.into_record(topic_id, index)).collect())
}

fn new_partitions(
    cluster: ClusterControlManager<'_>,
    random: &mut Random,
    (topic_id, topic): (Uuid, &TopicImage),
    wanted: &CreatePartitionsTopic,
    first: i32,
    (additional, room): (i32, usize),
) -> Result<Vec<NewPartition>, ApiError> {
    let refuse = |message: String| Err(ApiError::new(ErrorCode::InvalidReplicaAssignment, message));
    let example = cluster.orders.partitions_of(&topic_id).next();
    let example = example.and_then(|index| topic.partitions.get(&index));
    let replicas = example.map_or(0, |partition| partition.replicas.len());
    let Some(assignments) = &wanted.assignments else {
        let replication_factor = i16::try_from(replicas).unwrap_or(i16::MAX);
        // Unlike at a topic's creation Kafka tells the placer's words as they are.
        let needed = additional.min(i32::try_from(room).unwrap_or(i32::MAX).saturating_add(1));
        let placed = place(random, &usable_brokers(cluster), needed, replication_factor)
            .map_err(|why| ApiError::new(ErrorCode::InvalidReplicationFactor, why))?;
        if additional > PLACEMENTS_IN_HEAP_MAX {
            return Err(ApiError::unexpected());
        }
        let partitions: Vec<_> = placed.into_iter().map(|replicas| NewPartition::on(cluster, replicas)).collect();
        if partitions.iter().any(|partition| partition.isr.is_empty()) {
            let message = format!(
                "Unable to replicate the partition {replication_factor} time(s): All brokers are currently fenced or in \
                 controlled shutdown."
            );
            return Err(ApiError::new(ErrorCode::InvalidReplicationFactor, message));
        }
        return Ok(partitions);
    };
    let mut partitions = Vec::with_capacity(assignments.len());
    for (index, assignment) in (first..).zip(assignments) {
        check_assignment(cluster, &assignment.broker_ids, Some(replicas))?;
        let partition = NewPartition::on(cluster, assignment.broker_ids.clone());
        if partition.isr.is_empty() {
            return refuse(format!(
                "All brokers specified in the manual partition assignment for partition {index} are fenced or in \
                 controlled shutdown."
            ));
        }
        partitions.push(partition);
    }
    Ok(partitions)
}
