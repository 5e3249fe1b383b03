//! Elections by hand and by timer (`ReplicationControlManager.electLeaders`, `maybeBalancePartitionLeaders`,
//! `maybeElectUncleanLeaders`).

use std::collections::BTreeSet;

use super::brokers_to_isrs::Concerned;
use super::cluster_control_manager::{ApiError, ClusterControlManager};
use super::partition_change::{Election, NO_LEADER};
use crate::metadata::image::PartitionImage;
use crate::metadata::{MetadataImage, MetadataRecord};
use crate::wire::metadata::{ElectLeadersRequest, ElectLeadersResponse, ElectPartitionResult, ReplicaElectionResult};
use crate::wire::{ErrorCode, Topic, TopicPartition};

/// Decides about elections that a person asked for.
#[inline(never)]
pub fn elect_leaders(
    cluster: ClusterControlManager<'_>,
    request: &ElectLeadersRequest,
) -> Result<(Vec<MetadataRecord>, ElectLeadersResponse), ApiError> {
    // Who asks about no partition at all is answered before anything is looked at.
    if request.topic_partitions.as_ref().is_some_and(Vec::is_empty) {
        return Ok((Vec::new(), ElectLeadersResponse::default()));
    }
    let election = match request.election_type {
        0 => Election::Preferred,
        1 => Election::Unclean,
        other => {
            return Err(ApiError::new(ErrorCode::InvalidRequest, format!("Unknown election type {other}")));
        }
    };
    let mut records: Vec<MetadataRecord> = Vec::new();
    let mut result_of = |topic: &Topic, partition_id: i32| {
        let error = match elect_leader(cluster, topic, partition_id, election) {
            // A partition that is asked for twice is decided twice on the same state: its epochs rise twice.
            Ok(record) => {
                records.push(record);
                ApiError::bare(ErrorCode::None)
            }
            Err(error) if error.is_unexpected() => return Err(error),
            Err(error) => error,
        };
        Ok(ElectPartitionResult { partition_id, error_code: error.code, error_message: error.message })
    };
    let replica_election_results = match &request.topic_partitions {
        Some(asked) => asked
            .iter()
            .map(|asked| {
                let results = asked.partitions.iter().map(|id| result_of(&asked.topic, *id));
                Ok(ReplicaElectionResult {
                    topic: asked.topic.clone(),
                    partition_result: results.collect::<Result<_, ApiError>>()?,
                })
            })
            .collect::<Result<_, ApiError>>()?,
        None => {
            let all = cluster.orders.topic_names().filter_map(|name| {
                let topic_id = cluster.image.topic_ids.get(name)?;
                Some((name, cluster.orders.partitions_of(topic_id)))
            });
            all.map(|(name, partitions)| {
                let mut results = partitions.map(|id| result_of(name, id)).collect::<Result<Vec<_>, _>>()?;
                results.retain(|result| result.error_code != ErrorCode::ElectionNotNeeded);
                Ok(ReplicaElectionResult { topic: name.clone(), partition_result: results })
            })
            .collect::<Result<_, ApiError>>()?
        }
    };
    Ok((records, ElectLeadersResponse { replica_election_results, ..ElectLeadersResponse::default() }))
}

/// Elects the leader of one partition, or says why not.
fn elect_leader(
    cluster: ClusterControlManager<'_>,
    name: &Topic,
    partition_id: i32,
    election: Election,
) -> Result<MetadataRecord, ApiError> {
    let unknown = |message: String| ApiError::new(ErrorCode::UnknownTopicOrPartition, message);
    let topic_id = cluster.image.topic_ids.get(name).ok_or_else(|| unknown(format!("No such topic as {name}")))?;
    let topic = cluster.image.topics.get(topic_id).ok_or_else(|| unknown(format!("No such topic id as {topic_id}")))?;
    let partition = topic
        .partitions
        .get(&partition_id)
        .ok_or_else(|| unknown(format!("No such partition as {name}-{partition_id}")))?;
    let needless = match election {
        Election::Preferred => has_preferred_leader(partition),
        Election::Online | Election::Unclean => partition.leader != NO_LEADER,
    };
    if needless {
        let message = "Leader election not needed for topic partition.";
        return Err(ApiError::new(ErrorCode::ElectionNotNeeded, message));
    }
    let record = cluster.change_partition(
        topic,
        (*topic_id, partition_id, partition),
        |broker| cluster.is_active(broker),
        |change| change.election = election,
    )?;
    record.ok_or_else(|| match election {
        Election::Preferred => {
            ApiError::new(ErrorCode::PreferredLeaderNotAvailable, "The preferred leader was not available.")
        }
        Election::Online | Election::Unclean => {
            ApiError::new(ErrorCode::EligibleLeadersNotAvailable, "Eligible topic partition leaders are not available.")
        }
    })
}

fn has_preferred_leader(partition: &PartitionImage) -> bool {
    partition.replicas.first() == Some(&partition.leader)
}

/// The partitions that an election by timer may change: found again after each record, so that nobody walks all partitions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ElectionCandidates {
    /// Those that another one than the preferred replica leads, or nobody (`imbalancedPartitions`).
    imbalanced: BTreeSet<TopicPartition>,
}

impl ElectionCandidates {
    /// Notes what a record changed, once the image has it.
    pub fn replay(&mut self, image: &MetadataImage, record: &MetadataRecord) {
        match record {
            MetadataRecord::PartitionRecord { topic_id, partition_id, .. }
            | MetadataRecord::PartitionChangeRecord { topic_id, partition_id, .. } => {
                let Some(topic) = image.topics.get(topic_id) else { return };
                let Some(partition) = topic.partitions.get(partition_id) else { return };
                let name = TopicPartition::new(topic.name.clone(), *partition_id);
                note(&mut self.imbalanced, &name, !has_preferred_leader(partition));
            }
            MetadataRecord::RemoveTopicRecord { .. } => {
                self.imbalanced.retain(|name| image.partition(&name.topic, name.partition).is_some());
            }
            MetadataRecord::RegisterBrokerRecord { .. }
            | MetadataRecord::BrokerRegistrationChangeRecord { .. }
            | MetadataRecord::UnregisterBrokerRecord { .. }
            | MetadataRecord::TopicRecord { .. }
            | MetadataRecord::ConfigRecord { .. }
            | MetadataRecord::ClearElrRecord { .. }
            | MetadataRecord::AccessControlEntryRecord { .. }
            | MetadataRecord::RemoveAccessControlEntryRecord { .. }
            | MetadataRecord::ClientQuotaRecord { .. }
            | MetadataRecord::ProducerIdsRecord { .. }
            | MetadataRecord::FeatureLevelRecord { .. }
            | MetadataRecord::BeginTransactionRecord { .. }
            | MetadataRecord::EndTransactionRecord {}
            | MetadataRecord::RegisterControllerRecord { .. }
            | MetadataRecord::NoOpRecord {} => {}
        }
    }

    /// Gives leadership back to preferred leaders that can lead. How uneven brokers are does not matter to KRaft.
    ///
    /// # Errors
    /// [`ApiError::unexpected`].
    pub fn balance(&self, cluster: ClusterControlManager<'_>) -> Result<Vec<MetadataRecord>, ApiError> {
        elected(cluster, self.imbalanced.iter().map(|name| (&name.topic, name.partition)), Election::Preferred)
    }
}

/// Looks for a leader for partitions without one whose topic allows an unclean election.
///
/// # Errors
/// [`ApiError::unexpected`].
pub fn elect_uncleanly(cluster: ClusterControlManager<'_>) -> Result<Vec<MetadataRecord>, ApiError> {
    let leaderless = cluster.concerned(Concerned::Leaderless);
    let allowed = leaderless.filter(|(_, topic, _, _)| cluster.unclean_election_enabled(&topic.name));
    elected(cluster, allowed.map(|(_, topic, index, _)| (&topic.name, index)), Election::Unclean)
}

/// The records of the elections that can be held.
fn elected<'n>(
    cluster: ClusterControlManager<'_>,
    partitions: impl Iterator<Item = (&'n Topic, i32)>,
    election: Election,
) -> Result<Vec<MetadataRecord>, ApiError> {
    let outcomes = partitions.map(|(topic, index)| elect_leader(cluster, topic, index, election));
    outcomes.filter(|outcome| outcome.as_ref().map_or_else(ApiError::is_unexpected, |_| true)).collect()
}

fn note(candidates: &mut BTreeSet<TopicPartition>, name: &TopicPartition, is_one: bool) {
    if is_one {
        candidates.insert(name.clone());
    } else {
        candidates.remove(name);
    }
}
