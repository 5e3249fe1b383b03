//! Topics come and go (`ReplicationControlManager.createTopics`, `ControllerApis.deleteTopics`).

use std::collections::{BTreeMap, BTreeSet};

use super::cluster::{ApiError, Cluster};
use super::configs::{self, Operation};
use super::placement::{UsableBroker, place};
use crate::metadata::MetadataRecord;
use crate::sim::random::Random;
use crate::wire::metadata::{
    CreatableTopic, CreatableTopicResult, CreateTopicsRequest, CreateTopicsResponse, DeletableTopicResult,
    DeleteTopicsRequest, DeleteTopicsResponse,
};
use crate::wire::{ErrorCode, Topic, TopicId};

/// `MAX_PARTITIONS_PER_BATCH`.
const MAX_PARTITIONS_PER_REQUEST: i64 = 10_000;
/// `Topic.MAX_NAME_LENGTH`.
const MAX_NAME_LENGTH: usize = 249;

/// A partition to create.
struct NewPartition {
    replicas: Vec<i32>,
    isr: Vec<i32>,
}

/// Decides about new topics. A topic that is refused does not keep the others from being created.
pub fn create_topics(
    cluster: Cluster<'_>,
    random: &mut Random,
    request: &CreateTopicsRequest,
) -> (Vec<MetadataRecord>, CreateTopicsResponse) {
    let named = |name: &Topic| request.topics.iter().filter(|topic| topic.name == *name).count();
    let too_many = total_partitions(cluster, request) > MAX_PARTITIONS_PER_REQUEST;
    let mut records = Vec::new();
    let mut results = Vec::new();
    let mut prohibited = Vec::new();
    let mut told_twice: BTreeSet<Topic> = BTreeSet::new();
    for topic in &request.topics {
        if named(&topic.name) > 1 {
            if told_twice.insert(topic.name.clone()) {
                prohibited.push(refused(topic, ApiError::new(ErrorCode::InvalidRequest, "Duplicate topic name.")));
            }
        } else if &*topic.name == "__cluster_metadata" {
            let message = "Creation of internal topic __cluster_metadata is prohibited.";
            prohibited.push(refused(topic, ApiError::new(ErrorCode::InvalidRequest, message)));
        } else if too_many {
            let message = "Excessively large number of partitions per request.";
            results.push(refused(topic, ApiError::new(ErrorCode::PolicyViolation, message)));
        } else {
            results.push(match create_topic(cluster, random, topic) {
                Ok((result, new)) => {
                    records.extend(new);
                    result
                }
                Err(error) => refused(topic, error),
            });
        }
    }
    results.extend(prohibited);
    if request.validate_only {
        records.clear();
    }
    (records, CreateTopicsResponse { topics: results, ..CreateTopicsResponse::default() })
}

fn total_partitions(cluster: Cluster<'_>, request: &CreateTopicsRequest) -> i64 {
    let of_topic = |topic: &CreatableTopic| match (topic.assignments.len(), topic.num_partitions) {
        (0, -1) => i64::from(cluster.settings.num_partitions),
        (0, count) => i64::from(count.max(0)),
        (count, _) => i64::try_from(count).unwrap_or(i64::MAX),
    };
    request.topics.iter().map(of_topic).fold(0, i64::saturating_add)
}

fn create_topic(
    cluster: Cluster<'_>,
    random: &mut Random,
    topic: &CreatableTopic,
) -> Result<(CreatableTopicResult, Vec<MetadataRecord>), ApiError> {
    let image = cluster.image;
    if image.topic_ids.contains_key(&topic.name) {
        let message = format!("Topic '{}' already exists.", topic.name);
        return Err(ApiError::new(ErrorCode::TopicAlreadyExists, message));
    }
    check_name(cluster, &topic.name)?;
    let config_records = creation_config_records(cluster, topic)?;
    let partitions =
        if topic.assignments.is_empty() { placed(cluster, random, topic)? } else { assigned(cluster, topic)? };

    let topic_id = TopicId(random.id().max(100));
    let mut records = vec![MetadataRecord::TopicRecord { name: topic.name.clone(), topic_id }];
    records.extend(config_records);
    let num_partitions = i32::try_from(partitions.len()).unwrap_or(i32::MAX);
    let replicas = partitions.first().map_or(0, |partition| partition.replicas.len());
    records.extend((0..).zip(partitions).map(|(partition_id, new)| MetadataRecord::PartitionRecord {
        partition_id,
        topic_id,
        leader: new.isr.first().copied().unwrap_or(-1),
        replicas: new.replicas,
        isr: new.isr,
        removing_replicas: Vec::new(),
        adding_replicas: Vec::new(),
        leader_recovery_state: 0,
        leader_epoch: 0,
        partition_epoch: 0,
    }));
    let result = CreatableTopicResult {
        name: topic.name.clone(),
        topic_id,
        num_partitions,
        replication_factor: i16::try_from(replicas).unwrap_or(i16::MAX),
        ..CreatableTopicResult::default()
    };
    Ok((result, records))
}

fn refused(topic: &CreatableTopic, error: ApiError) -> CreatableTopicResult {
    CreatableTopicResult {
        name: topic.name.clone(),
        error_code: error.code,
        error_message: error.message,
        ..CreatableTopicResult::default()
    }
}

/// `Topic.validate`.
pub(super) fn validate_name(name: &str) -> Result<(), ApiError> {
    let refuse = |message: String| Err(ApiError::new(ErrorCode::InvalidTopicException, message));
    let invalid = |what: String| refuse(format!("Topic name is invalid: {what}"));
    // Kafka counts UTF-16 units.
    let length = name.encode_utf16().count();
    if name.is_empty() {
        return invalid("the empty string is not allowed".to_owned());
    }
    if name == "." || name == ".." {
        return invalid(format!("'{name}' is not allowed"));
    }
    if length > MAX_NAME_LENGTH {
        return invalid(format!("the length of '{name}' is longer than the max allowed length {MAX_NAME_LENGTH}"));
    }
    if !name.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '_' | '-')) {
        return invalid(format!(
            "'{name}' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'"
        ));
    }
    Ok(())
}

/// A valid name, and none that would give the same metric names as another topic's.
fn check_name(cluster: Cluster<'_>, name: &str) -> Result<(), ApiError> {
    validate_name(name)?;
    let refuse = |message: String| Err(ApiError::new(ErrorCode::InvalidTopicException, message));
    let unified = name.replace('.', "_");
    match cluster.image.topic_ids.keys().find(|existing| existing.replace('.', "_") == unified) {
        Some(existing) => refuse(format!("Topic '{name}' collides with existing topic: {existing}")),
        None => Ok(()),
    }
}

fn creation_config_records(cluster: Cluster<'_>, topic: &CreatableTopic) -> Result<Vec<MetadataRecord>, ApiError> {
    let nulls: Vec<&str> =
        topic.configs.iter().filter(|config| config.value.is_none()).map(|config| config.name.as_str()).collect();
    if !nulls.is_empty() {
        let message = format!("Null value not supported for topic configs: {}", nulls.join(","));
        return Err(ApiError::new(ErrorCode::InvalidConfig, message));
    }
    // Of a setting named twice the last counts.
    let wanted: BTreeMap<&str, Operation> = topic
        .configs
        .iter()
        .filter_map(|config| Some((config.name.as_str(), Operation::Set(Some(config.value.clone()?)))))
        .collect();
    configs::creation_config_records(cluster, &topic.name, wanted)
}

/// Replicas named by hand.
fn assigned(cluster: Cluster<'_>, topic: &CreatableTopic) -> Result<Vec<NewPartition>, ApiError> {
    let refuse = |message: &str| Err(ApiError::new(ErrorCode::InvalidRequest, message));
    if topic.replication_factor != -1 {
        return refuse("A manual partition assignment was specified, but replication factor was not set to -1.");
    }
    if topic.num_partitions != -1 {
        return refuse("A manual partition assignment was specified, but numPartitions was not set to -1.");
    }
    let mut replication_factor = None;
    let mut partitions = BTreeMap::new();
    for assignment in &topic.assignments {
        let index = assignment.partition_index;
        if partitions.contains_key(&index) {
            let message = format!("Found multiple manual partition assignments for partition {index}");
            return Err(ApiError::new(ErrorCode::InvalidReplicaAssignment, message));
        }
        check_assignment(cluster, &assignment.broker_ids, replication_factor)?;
        replication_factor = Some(assignment.broker_ids.len());
        let isr = active(cluster, &assignment.broker_ids);
        if isr.is_empty() {
            let message = format!(
                "All brokers specified in the manual partition assignment for partition {index} are fenced or in \
                 controlled shutdown."
            );
            return Err(ApiError::new(ErrorCode::InvalidReplicaAssignment, message));
        }
        partitions.insert(index, NewPartition { replicas: assignment.broker_ids.clone(), isr });
    }
    if !partitions.keys().copied().eq((0i32..).take(partitions.len())) {
        let message = "partitions should be a consecutive 0-based integer sequence";
        return Err(ApiError::new(ErrorCode::InvalidReplicaAssignment, message));
    }
    Ok(partitions.into_values().collect())
}

/// Replicas chosen by the controller.
fn placed(cluster: Cluster<'_>, random: &mut Random, topic: &CreatableTopic) -> Result<Vec<NewPartition>, ApiError> {
    if topic.replication_factor < -1 || topic.replication_factor == 0 {
        let message = "Replication factor must be larger than 0, or -1 to use the default value.";
        return Err(ApiError::new(ErrorCode::InvalidReplicationFactor, message));
    }
    if topic.num_partitions < -1 || topic.num_partitions == 0 {
        let message = "Number of partitions was set to an invalid non-positive value.";
        return Err(ApiError::new(ErrorCode::InvalidPartitions, message));
    }
    let default = i16::try_from(cluster.settings.default_replication_factor).unwrap_or(i16::MAX);
    let replication_factor = if topic.replication_factor == -1 { default } else { topic.replication_factor };
    let partitions = if topic.num_partitions == -1 { cluster.settings.num_partitions } else { topic.num_partitions };
    let refuse = |why: &str| {
        let message = format!("Unable to replicate the partition {replication_factor} time(s): {why}");
        ApiError::new(ErrorCode::InvalidReplicationFactor, message)
    };
    // A broker that shuts down gets nothing more.
    let usable: Vec<UsableBroker> = cluster
        .image
        .brokers
        .iter()
        .filter(|(_, broker)| broker.fenced || !broker.in_controlled_shutdown)
        .map(|(id, broker)| UsableBroker { id: *id, rack: broker.rack.clone(), fenced: broker.fenced })
        .collect();
    let placed = place(random, &usable, partitions, replication_factor).map_err(|why| refuse(&why))?;
    let partitions = placed.into_iter().map(|replicas| NewPartition { isr: active(cluster, &replicas), replicas });
    let partitions: Vec<NewPartition> = partitions.collect();
    if partitions.iter().any(|partition| partition.isr.is_empty()) {
        return Err(refuse("All brokers are currently fenced or in controlled shutdown."));
    }
    Ok(partitions)
}

fn active(cluster: Cluster<'_>, replicas: &[i32]) -> Vec<i32> {
    replicas.iter().copied().filter(|replica| cluster.is_active(*replica)).collect()
}

/// Checks replicas named by hand (`validateManualPartitionAssignment`).
pub fn check_assignment(
    cluster: Cluster<'_>,
    replicas: &[i32],
    replication_factor: Option<usize>,
) -> Result<(), ApiError> {
    let refuse = |message: String| Err(ApiError::new(ErrorCode::InvalidReplicaAssignment, message));
    if replicas.is_empty() {
        return refuse("The manual partition assignment includes an empty replica list.".to_owned());
    }
    let mut sorted = replicas.to_vec();
    sorted.sort_unstable();
    let mut before = None;
    for broker in sorted {
        if !cluster.image.brokers.contains_key(&broker) {
            return refuse(format!(
                "The manual partition assignment includes broker {broker}, but no such broker is registered."
            ));
        }
        if before == Some(broker) {
            return refuse(format!("The manual partition assignment includes the broker {broker} more than once."));
        }
        before = Some(broker);
    }
    match replication_factor {
        Some(factor) if factor != replicas.len() => refuse(format!(
            "The manual partition assignment includes a partition with {} replica(s), but this is not consistent with \
             previous partitions, which have {factor} replica(s).",
            replicas.len()
        )),
        _ => Ok(()),
    }
}

/// Decides about topics to delete, named or by id.
pub fn delete_topics(
    cluster: Cluster<'_>,
    request: &DeleteTopicsRequest,
) -> (Vec<MetadataRecord>, DeleteTopicsResponse) {
    let mut records = Vec::new();
    let mut responses: Vec<DeletableTopicResult> = Vec::new();
    let mut deleted: BTreeSet<TopicId> = BTreeSet::new();
    for (at, topic) in request.topics.iter().enumerate() {
        let again = request.topics[..at].contains(topic);
        let once = request.topics.iter().filter(|other| *other == topic).count() == 1;
        if again {
            continue;
        }
        let found = match (&topic.name, topic.topic_id) {
            (None, TopicId::ZERO) => {
                Err(ApiError::new(ErrorCode::InvalidRequest, "Neither topic name nor id were specified."))
            }
            (Some(_), id) if id != TopicId::ZERO => {
                Err(ApiError::new(ErrorCode::InvalidRequest, "You may not specify both topic name and topic id."))
            }
            (Some(_), _) if !once => Err(ApiError::new(ErrorCode::InvalidRequest, "Duplicate topic name.")),
            (None, _) if !once => Err(ApiError::new(ErrorCode::InvalidRequest, "Duplicate topic id.")),
            (Some(name), _) => cluster.image.topic_ids.get(name).copied().ok_or_else(|| {
                ApiError::new(ErrorCode::UnknownTopicOrPartition, "This server does not host this topic-partition.")
            }),
            (None, id) if cluster.image.topics.contains_key(&id) => Ok(id),
            (None, _) => Err(ApiError::new(ErrorCode::UnknownTopicId, "This server does not host this topic ID.")),
        };
        let found = found.and_then(|id| {
            if deleted.insert(id) {
                return Ok(id);
            }
            let message = "The provided topic name maps to an ID that was already supplied.";
            Err(ApiError::new(ErrorCode::InvalidRequest, message))
        });
        responses.push(match found {
            Ok(topic_id) => {
                records.push(MetadataRecord::RemoveTopicRecord { topic_id });
                let name = cluster.image.topics.get(&topic_id).map(|topic| topic.name.clone());
                DeletableTopicResult { name, topic_id, ..DeletableTopicResult::default() }
            }
            Err(error) => DeletableTopicResult {
                name: topic.name.clone(),
                topic_id: topic.topic_id,
                error_code: error.code,
                error_message: error.message,
            },
        });
    }
    (records, DeleteTopicsResponse { responses, ..DeleteTopicsResponse::default() })
}
