//! Topics come and go (`ReplicationControlManager.createTopics`, `ControllerApis.deleteTopics`).

use std::collections::BTreeMap;

use super::cluster_control_manager::{ApiError, ClusterControlManager};
use super::configs::{self, Operation, WantedConfigs};
use super::partitions::MAX_RECORDS_PER_USER_OP;
use super::placement::{PLACEMENTS_IN_HEAP_MAX, UsableBroker, place};
use crate::metadata::MetadataRecord;
use crate::metadata::image::BrokerImage;
use crate::quota::controller_mutation::ControllerMutationQuota;
use crate::settings::{Configs, effective_topic_configs};
use crate::sim::random::Random;
use crate::sort::SharedSort;
use crate::wire::hash_order::{java_string_hash, sort_as_hash_map};
use crate::wire::metadata::{
    CreatableTopic, CreatableTopicResult, CreateTopicsRequest, CreateTopicsResponse, DeletableTopicResult,
    DeleteTopicsRequest, DeleteTopicsResponse,
};
use crate::wire::{ErrorCode, Topic, Uuid};

/// `MAX_PARTITIONS_PER_BATCH`.
const MAX_PARTITIONS_PER_REQUEST: i32 = 10_000;
/// `Topic.CLUSTER_METADATA_TOPIC_NAME`.
pub(super) const CLUSTER_METADATA_TOPIC: &str = "__cluster_metadata";
/// `Topic.MAX_NAME_LENGTH`.
const MAX_NAME_LENGTH: usize = 249;

/// A partition to create.
pub(super) struct NewPartition {
    replicas: Vec<i32>,
    /// Those of its replicas that are active.
    pub(super) isr: Vec<i32>,
    directories: Vec<Uuid>,
}

impl NewPartition {
    pub(super) fn on(cluster: ClusterControlManager<'_>, replicas: Vec<i32>) -> Self {
        let brokers = &cluster.image.brokers;
        let directory = |replica: &i32| brokers.get(replica).map_or(Uuid::ZERO, BrokerImage::default_directory);
        Self {
            isr: replicas.iter().copied().filter(|replica| cluster.is_active(*replica)).collect(),
            directories: replicas.iter().map(directory).collect(),
            replicas,
        }
    }

    pub(super) fn into_record(self, topic_id: Uuid, partition_id: i32) -> MetadataRecord {
        MetadataRecord::PartitionRecord {
            partition_id,
            topic_id,
            leader: self.isr.first().copied().unwrap_or(-1),
            replicas: self.replicas,
            isr: self.isr,
            removing_replicas: Vec::new(),
            adding_replicas: Vec::new(),
            leader_recovery_state: 0,
            leader_epoch: 0,
            partition_epoch: 0,
            eligible_leader_replicas: None,
            last_known_elr: None,
            directories: self.directories,
        }
    }
}

/// Decides about new topics. A topic that is refused does not keep the others from being created; too many partitions in
/// all do, and too many records.
///
/// # Errors
/// Of all topics: POLICY_VIOLATION, or [`ApiError::unexpected`].
pub fn create_topics(
    cluster: ClusterControlManager<'_>,
    random: &mut Random,
    quota: &mut ControllerMutationQuota<'_>,
    request: &CreateTopicsRequest,
) -> Result<(Vec<MetadataRecord>, CreateTopicsResponse), ApiError> {
    let named = |name: &Topic| request.topics.iter().filter(|topic| topic.name == *name).count();
    let (effective, left_out): (Vec<&CreatableTopic>, Vec<&CreatableTopic>) =
        request.topics.iter().partition(|topic| named(&topic.name) == 1 && &*topic.name != CLUSTER_METADATA_TOPIC);
    if total_partitions(cluster, &effective) > MAX_PARTITIONS_PER_REQUEST {
        let message = "Excessively large number of partitions per request.";
        return Err(ApiError::new(ErrorCode::PolicyViolation, message));
    }
    let mut records: Vec<MetadataRecord> = Vec::new();
    let mut topics = Vec::new();
    for topic in effective {
        topics.push(match create_topic(cluster, random, quota, topic) {
            Ok((result, new)) => {
                records.extend(new);
                if records.len() > MAX_RECORDS_PER_USER_OP {
                    let message = "Unable to perform excessively large batch operation.";
                    return Err(ApiError::new(ErrorCode::PolicyViolation, message));
                }
                result
            }
            Err(error) if error.is_unexpected() => return Err(error),
            Err(error) => refused(topic, error),
        });
    }
    // Names that stand there twice are told first, each once.
    let (mut twice, internal): (Vec<&CreatableTopic>, Vec<&CreatableTopic>) =
        left_out.into_iter().partition(|topic| named(&topic.name) > 1);
    twice.shared_sort_by(|one, other| one.name.cmp(&other.name));
    twice.dedup_by(|one, other| one.name == other.name);
    sort_as_hash_map(&mut twice, |topic| java_string_hash(&topic.name));
    let duplicate = || ApiError::new(ErrorCode::InvalidRequest, "Duplicate topic name.");
    topics.extend(twice.into_iter().map(|topic| refused(topic, duplicate())));
    topics.extend(internal.into_iter().map(prohibited));
    if request.validate_only {
        records.clear();
    }
    Ok((records, CreateTopicsResponse { topics, ..CreateTopicsResponse::default() }))
}

/// Kafka counts in 32 bits (`validateTotalNumberOfPartitions`): a sum may come out negative.
fn total_partitions(cluster: ClusterControlManager<'_>, topics: &[&CreatableTopic]) -> i32 {
    let of_topic = |topic: &&CreatableTopic| match (topic.assignments.len(), topic.num_partitions) {
        (0, -1) => cluster.settings.num_partitions,
        (0, count) => count.max(0),
        (count, _) => i32::try_from(count).unwrap_or(i32::MAX),
    };
    topics.iter().map(of_topic).fold(0, i32::wrapping_add)
}

fn create_topic(
    cluster: ClusterControlManager<'_>,
    random: &mut Random,
    quota: &mut ControllerMutationQuota<'_>,
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
    quota.record(partitions.len())?;

    let topic_id = Uuid(random.id().max(100));
    let mut records = vec![MetadataRecord::TopicRecord { name: topic.name.clone(), topic_id }];
    records.extend(config_records);
    let num_partitions = i32::try_from(partitions.len()).unwrap_or(i32::MAX);
    let replicas = partitions.first().map_or(0, |partition| partition.replicas.len());
    records.extend((0..).zip(partitions).map(|(partition_id, new)| new.into_record(topic_id, partition_id)));
    let result = CreatableTopicResult {
        name: topic.name.clone(),
        topic_id,
        num_partitions,
        replication_factor: i16::try_from(replicas).unwrap_or(i16::MAX),
        configs: Some(effective_topic_configs(cluster.node_configs(), &own_configs(topic))),
        ..CreatableTopicResult::default()
    };
    Ok((result, records))
}

/// The settings that a new topic was given.
fn own_configs(topic: &CreatableTopic) -> Configs {
    topic.configs.iter().filter_map(|config| Some((config.name.clone(), config.value.clone()?))).collect()
}

/// The metadata log's topic is nobody's to create.
pub(super) fn prohibited(topic: &CreatableTopic) -> CreatableTopicResult {
    let message = format!("Creation of internal topic {CLUSTER_METADATA_TOPIC} is prohibited.");
    refused(topic, ApiError::new(ErrorCode::InvalidRequest, message))
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
pub(crate) fn validate_name(name: &str) -> Result<(), ApiError> {
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

/// A valid name, and none that would give the same metric names as another topic's: that is said where both is wrong.
fn check_name(cluster: ClusterControlManager<'_>, name: &str) -> Result<(), ApiError> {
    let refuse = |message: String| Err(ApiError::new(ErrorCode::InvalidTopicException, message));
    let unified = name.replace('.', "_");
    match cluster.image.topic_ids.keys().find(|existing| existing.replace('.', "_") == unified) {
        Some(existing) => refuse(format!("Topic '{name}' collides with existing topic: {existing}")),
        None => validate_name(name),
    }
}

fn creation_config_records(
    cluster: ClusterControlManager<'_>,
    topic: &CreatableTopic,
) -> Result<Vec<MetadataRecord>, ApiError> {
    let nulls: Vec<&str> =
        topic.configs.iter().filter(|config| config.value.is_none()).map(|config| config.name.as_str()).collect();
    if !nulls.is_empty() {
        let message = format!("Null value not supported for topic configs: {}", nulls.join(","));
        return Err(ApiError::new(ErrorCode::InvalidConfig, message));
    }
    // Of a setting named twice the last counts.
    let wanted: WantedConfigs<'_> = topic
        .configs
        .iter()
        .filter_map(|config| Some((config.name.as_str(), Operation::Set(Some(config.value.clone()?)))))
        .collect();
    configs::creation_config_records(cluster, &topic.name, wanted)
}

/// Replicas named by hand.
fn assigned(cluster: ClusterControlManager<'_>, topic: &CreatableTopic) -> Result<Vec<NewPartition>, ApiError> {
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
        let partition = NewPartition::on(cluster, assignment.broker_ids.clone());
        if partition.isr.is_empty() {
            let message = format!(
                "All brokers specified in the manual partition assignment for partition {index} are fenced or in \
                 controlled shutdown."
            );
            return Err(ApiError::new(ErrorCode::InvalidReplicaAssignment, message));
        }
        partitions.insert(index, partition);
    }
    if !partitions.keys().copied().eq((0i32..).take(partitions.len())) {
        let message = "partitions should be a consecutive 0-based integer sequence";
        return Err(ApiError::new(ErrorCode::InvalidReplicaAssignment, message));
    }
    Ok(partitions.into_values().collect())
}

/// Replicas chosen by the controller.
fn placed(
    cluster: ClusterControlManager<'_>,
    random: &mut Random,
    topic: &CreatableTopic,
) -> Result<Vec<NewPartition>, ApiError> {
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
    let needed = partitions.min(MAX_PARTITIONS_PER_REQUEST.saturating_add(1));
    let placed = place(random, &usable_brokers(cluster), needed, replication_factor).map_err(|why| refuse(&why))?;
    if partitions > PLACEMENTS_IN_HEAP_MAX {
        return Err(ApiError::unexpected());
    }
    let partitions: Vec<_> = placed.into_iter().map(|replicas| NewPartition::on(cluster, replicas)).collect();
    if partitions.iter().any(|partition| partition.isr.is_empty()) {
        return Err(refuse("All brokers are currently fenced or in controlled shutdown."));
    }
    Ok(partitions)
}

/// The brokers that may get replicas: a broker that shuts down gets nothing more, as long as the controller that it told so is active.
pub(super) fn usable_brokers(cluster: ClusterControlManager<'_>) -> Vec<UsableBroker> {
    let brokers = cluster
        .image
        .brokers
        .iter()
        .filter(|(id, broker)| !cluster.heartbeats.is_shutting_down(**id) && broker.has_uncordoned_dirs());
    brokers.map(|(id, broker)| UsableBroker { id: *id, rack: broker.rack.clone(), fenced: broker.fenced }).collect()
}

/// Checks replicas named by hand (`validateManualPartitionAssignment`).
pub fn check_assignment(
    cluster: ClusterControlManager<'_>,
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

/// Decides about topics to delete, named or by id (`ControllerApis.deleteTopics`). A topic that is named in two ways is
/// not deleted. The order of the answers says nothing: Kafka shuffles them.
#[inline(never)]
pub fn delete_topics(
    cluster: ClusterControlManager<'_>,
    quota: &mut ControllerMutationQuota<'_>,
    request: &DeleteTopicsRequest,
) -> (Vec<MetadataRecord>, DeleteTopicsResponse) {
    let mut responses: Vec<DeletableTopicResult> = Vec::new();
    let invalid = |message: &str| ApiError::new(ErrorCode::InvalidRequest, message);
    for topic in &request.topics {
        match (&topic.name, topic.topic_id) {
            (None, Uuid::ZERO) => {
                responses.push(not_deleted(None, Uuid::ZERO, invalid("Neither topic name nor id were specified.")));
            }
            (Some(name), id) if id != Uuid::ZERO => {
                let error = invalid("You may not specify both topic name and topic id.");
                responses.push(not_deleted(Some(name.clone()), id, error));
            }
            (Some(_) | None, _) => {}
        }
    }
    let (names, names_twice) = once_and_twice(names_to_delete(request));
    let (ids, ids_twice) = once_and_twice(ids_to_delete(request));
    for name in names_twice {
        responses.push(not_deleted(Some(name.clone()), Uuid::ZERO, invalid("Duplicate topic name.")));
    }
    for id in &ids_twice {
        responses.push(not_deleted(None, *id, invalid("Duplicate topic id.")));
    }
    let mut found: Vec<Uuid> = Vec::new();
    for id in ids {
        if cluster.image.topics.contains_key(&id) {
            found.push(id);
        } else {
            let error = ApiError::new(ErrorCode::UnknownTopicId, "This server does not host this topic ID.");
            responses.push(not_deleted(None, id, error));
        }
    }
    let mut named_both_ways = ids_twice;
    for name in names {
        let Some(id) = cluster.image.topic_ids.get(name).copied() else {
            let message = "This server does not host this topic-partition.";
            let error = ApiError::new(ErrorCode::UnknownTopicOrPartition, message);
            responses.push(not_deleted(Some(name.clone()), Uuid::ZERO, error));
            continue;
        };
        if named_both_ways.contains(&id) || found.contains(&id) {
            found.retain(|other| *other != id);
            named_both_ways.push(id);
            let error = invalid("The provided topic name maps to an ID that was already supplied.");
            responses.push(not_deleted(Some(name.clone()), id, error));
        } else {
            found.push(id);
        }
    }
    let mut records = Vec::new();
    for topic_id in found {
        let topic = cluster.image.topics.get(&topic_id);
        let name = topic.map(|topic| topic.name.clone());
        let outcome = quota.record(topic.map_or(0, |topic| topic.partitions.len()));
        if outcome.is_ok() {
            records.push(MetadataRecord::RemoveTopicRecord { topic_id });
        }
        let error = outcome.map_or_else(ApiError::from, |()| ApiError::bare(ErrorCode::None));
        responses.push(not_deleted(name, topic_id, error));
    }
    (records, DeleteTopicsResponse { responses, ..DeleteTopicsResponse::default() })
}

/// What a DeleteTopics names by name alone.
pub(super) fn names_to_delete(request: &DeleteTopicsRequest) -> impl Iterator<Item = &Topic> {
    let named = request.topics.iter().filter(|topic| topic.topic_id == Uuid::ZERO);
    named.filter_map(|topic| topic.name.as_ref()).chain(&request.topic_names)
}

/// What a DeleteTopics names by id alone.
pub(super) fn ids_to_delete(request: &DeleteTopicsRequest) -> impl Iterator<Item = Uuid> {
    let by_id = request.topics.iter().filter(|topic| topic.name.is_none() && topic.topic_id != Uuid::ZERO);
    by_id.map(|topic| topic.topic_id)
}

fn not_deleted(name: Option<Topic>, topic_id: Uuid, error: ApiError) -> DeletableTopicResult {
    DeletableTopicResult { name, topic_id, error_code: error.code, error_message: error.message }
}

/// What is there once, and, each once, what is there more often.
pub(super) fn once_and_twice<T: Ord + Clone>(all: impl IntoIterator<Item = T>) -> (Vec<T>, Vec<T>) {
    let all: Vec<T> = all.into_iter().collect();
    let mut sorted = all.clone();
    sorted.sort_unstable();
    let often = sorted.chunk_by(|one, other| one == other).filter(|same| same.len() > 1);
    let twice: Vec<T> = often.filter_map(|same| same.first().cloned()).collect();
    (all.into_iter().filter(|one| twice.binary_search(one).is_err()).collect(), twice)
}
