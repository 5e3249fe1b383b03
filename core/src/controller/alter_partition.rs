//! A partition's leader asks for another ISR (`ReplicationControlManager.alterPartition`, KIP-497, KIP-704, KIP-903).

use super::cluster_control_manager::{ApiError, ClusterControlManager};
use super::heartbeat::check_broker_epoch;
use super::partition_change::{RECOVERED, RECOVERING};
use crate::metadata::MetadataRecord;
use crate::metadata::image::PartitionImage;
use crate::wire::ErrorCode;
use crate::wire::metadata::{
    AlterPartitionData, AlterPartitionDataResponse, AlterPartitionRequest, AlterPartitionResponse, AlterPartitionTopic,
    AlterPartitionTopicResponse, BrokerState,
};

/// Decides about a whole request: the records, and the answer with one result for each partition. An error that is
/// UNKNOWN_SERVER_ERROR is an exception that the controller takes for its own fault.
pub fn alter_partitions(
    cluster: ClusterControlManager<'_>,
    request: &AlterPartitionRequest,
) -> Result<(Vec<MetadataRecord>, AlterPartitionResponse), ApiError> {
    check_broker_epoch(cluster, request.broker_id, request.broker_epoch)?;
    if request.topics.iter().any(|topic| names_no_recovery_state(cluster, request.broker_id, topic)) {
        return Err(ApiError::unexpected());
    }
    let mut records = Vec::new();
    let topics = request.topics.iter().map(|asked| {
        let topic = cluster.image.topics.get(&asked.topic_id);
        let partitions = asked.partitions.iter().map(|data| match topic {
            None => Ok(refused(data, ErrorCode::UnknownTopicId)),
            Some(topic) => {
                let partition = topic.partitions.get(&data.partition_index).map(AsRef::as_ref);
                match (partition, validate_alter_partition(cluster, request.broker_id, partition, data)) {
                    (Some(partition), ErrorCode::None) => {
                        let record = cluster.change_partition(
                            topic,
                            (asked.topic_id, data.partition_index, partition),
                            |broker| cluster.is_active(broker),
                            |change| {
                                change.election = cluster.election(&topic.name);
                                change.isr = data.new_isr_with_epochs.iter().map(|member| member.broker_id).collect();
                                change.leader_recovery_state = data.leader_recovery_state;
                            },
                        )?;
                        let answer = answer_of(partition, data, record.as_ref());
                        records.extend(record);
                        Ok(answer)
                    }
                    (_, error) => Ok(refused(data, error)),
                }
            }
        });
        Ok(AlterPartitionTopicResponse {
            topic_id: asked.topic_id,
            partitions: partitions.collect::<Result<_, ApiError>>()?,
        })
    });
    let topics = topics.collect::<Result<_, ApiError>>()?;
    Ok((records, AlterPartitionResponse { topics, ..AlterPartitionResponse::default() }))
}

/// Before version 3 an ISR comes without the epochs of its members (`newIsrToSimpleNewIsrWithBrokerEpochs`).
pub fn with_epochs(request: &AlterPartitionRequest, version: i16) -> AlterPartitionRequest {
    let mut request = request.clone();
    if version < 3 {
        for partition in request.topics.iter_mut().flat_map(|topic| &mut topic.partitions) {
            let members = std::mem::take(&mut partition.new_isr).into_iter();
            partition.new_isr_with_epochs =
                members.map(|broker_id| BrokerState { broker_id, ..BrokerState::default() }).collect();
        }
    }
    request
}

/// Whether a leader of a partition wants a recovery state that there is not (`LeaderRecoveryState.of`: an
/// IllegalArgumentException). It is looked at once its epochs and its ISR are found right.
fn names_no_recovery_state(cluster: ClusterControlManager<'_>, broker: i32, asked: &AlterPartitionTopic) -> bool {
    let Some(topic) = cluster.image.topics.get(&asked.topic_id) else { return false };
    asked.partitions.iter().any(|data| {
        let is_named = matches!(data.leader_recovery_state, RECOVERED | RECOVERING);
        let recovered = AlterPartitionData { leader_recovery_state: RECOVERED, ..data.clone() };
        let partition = topic.partitions.get(&data.partition_index).map(AsRef::as_ref);
        let others = validate_alter_partition(cluster, broker, partition, &recovered);
        !is_named && matches!(others, ErrorCode::None | ErrorCode::IneligibleReplica)
    })
}

/// Checks what a leader wants (`validateAlterPartitionData`). Epochs above the controller's own mean that another
/// controller is active by now: the leader shall look for it.
pub fn validate_alter_partition(
    cluster: ClusterControlManager<'_>,
    broker: i32,
    partition: Option<&PartitionImage>,
    data: &AlterPartitionData,
) -> ErrorCode {
    let Some(partition) = partition else {
        return ErrorCode::UnknownTopicOrPartition;
    };
    if data.leader_epoch > partition.leader_epoch || data.partition_epoch > partition.partition_epoch {
        return ErrorCode::NotController;
    }
    if data.leader_epoch < partition.leader_epoch {
        return ErrorCode::FencedLeaderEpoch;
    }
    if broker != partition.leader {
        return ErrorCode::InvalidRequest;
    }
    if data.partition_epoch < partition.partition_epoch {
        return ErrorCode::InvalidUpdateVersion;
    }
    let isr: Vec<i32> = data.new_isr_with_epochs.iter().map(|member| member.broker_id).collect();
    let twice = isr.iter().enumerate().any(|(at, member)| isr[..at].contains(member));
    let recovers = data.leader_recovery_state == RECOVERING;
    let nonsense = twice
        || isr.iter().any(|member| !partition.replicas.contains(member))
        || !isr.contains(&partition.leader)
        || !matches!(data.leader_recovery_state, RECOVERED | RECOVERING)
        || (recovers && isr.len() > 1)
        || (recovers && partition.leader_recovery_state == RECOVERED);
    if nonsense {
        return ErrorCode::InvalidRequest;
    }
    let eligible = data.new_isr_with_epochs.iter().all(|member| {
        cluster.is_active(member.broker_id)
            && cluster.image.brokers.get(&member.broker_id).is_some_and(|registered| {
                // -1: the leader does not know which process of the broker it spoke to.
                member.broker_epoch == -1 || member.broker_epoch == registered.broker_epoch
            })
    });
    if eligible { ErrorCode::None } else { ErrorCode::IneligibleReplica }
}

fn refused(data: &AlterPartitionData, error_code: ErrorCode) -> AlterPartitionDataResponse {
    AlterPartitionDataResponse { partition_index: data.partition_index, error_code, ..Default::default() }
}

/// The state after the change. Where the change completed a reassignment and took the leadership away, the former leader
/// is told an error although the change is made.
fn answer_of(
    before: &PartitionImage,
    data: &AlterPartitionData,
    record: Option<&MetadataRecord>,
) -> AlterPartitionDataResponse {
    let mut after = before.clone();
    if let Some(record) = record {
        after.merge(record);
    }
    if after.leader != before.leader {
        return refused(data, ErrorCode::NewLeaderElected);
    }
    AlterPartitionDataResponse {
        partition_index: data.partition_index,
        error_code: ErrorCode::None,
        leader_id: after.leader,
        leader_epoch: after.leader_epoch,
        isr: after.isr,
        leader_recovery_state: after.leader_recovery_state,
        partition_epoch: after.partition_epoch,
    }
}
