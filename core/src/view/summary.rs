//! A message in as few words as fit on an envelope. Words here are Kafka's own and numbers, so that they need no translation.

use crate::cluster::Cluster;
use crate::cluster::event::Message;
use crate::wire::append_entries::AppendEntriesRequest;
use crate::wire::record_json::PartitionRecords;
use crate::wire::replication::{FetchRequest, FetchResponse, ProduceRequest, SnapshotId};
use crate::wire::{Request, Response, Uuid};

/// So many digits of raw bytes fit on an envelope.
const RAW_BYTES_SHOWN: usize = 24;

/// A message in few words.
pub fn summary(cluster: &Cluster, message: &Message) -> String {
    match message {
        Message::Request { request, .. } => request_summary(cluster, request),
        Message::Response { response, .. } => response_summary(cluster, response),
        Message::Closed { .. } | Message::ClosedByClient { .. } => "connection closed".to_owned(),
        Message::Bytes { bytes } => bytes.to_hex().chars().take(RAW_BYTES_SHOWN).collect(),
    }
}

fn epoch_summary(leader: i32, epoch: i32) -> String {
    format!("leader {leader}, epoch {epoch}")
}

/// A request in few words.
pub fn request_summary(cluster: &Cluster, request: &Request) -> String {
    match request {
        Request::Produce(request) => produce_summary(cluster, request),
        Request::Fetch(request) => fetch_summary(cluster, request),
        Request::OffsetCommit(request) => {
            let partitions = request.topics.iter().flat_map(|topic| {
                topic
                    .partitions
                    .iter()
                    .map(|each| format!("{}-{}: {}", topic.name, each.partition_index, each.committed_offset))
            });
            join(partitions)
        }
        Request::JoinGroup(request) => request.group_id.clone(),
        Request::SyncGroup(request) => request.group_id.clone(),
        Request::Heartbeat(request) => request.group_id.clone(),
        Request::LeaveGroup(request) => request.group_id.clone(),
        Request::FindCoordinator(request) if request.coordinator_keys.is_empty() => request.key.clone(),
        Request::FindCoordinator(request) => request.coordinator_keys.join(", "),
        Request::DescribeGroups(request) => request.groups.join(", "),
        Request::ConsumerGroupHeartbeat(request) => request.group_id.clone(),
        Request::ConsumerGroupDescribe(request) => request.group_ids.join(", "),
        Request::DeleteGroups(request) => request.groups_names.join(", "),
        Request::OffsetDelete(request) => request.group_id.clone(),
        Request::OffsetFetch(request) => join(request.groups.iter().map(|group| group.group_id.clone())),
        Request::ListOffsets(request) => {
            join(request.topics.iter().flat_map(|topic| {
                topic.partitions.iter().map(|each| format!("{}-{}", topic.name, each.partition_index))
            }))
        }
        Request::OffsetForLeaderEpoch(request) => join(request.topics.iter().flat_map(|topic| {
            topic
                .partitions
                .iter()
                .map(|each| format!("{}-{} epoch {}", topic.topic, each.partition, each.leader_epoch))
        })),
        Request::Vote(request) => join(request.topics.iter().flat_map(|topic| &topic.partitions).map(|each| {
            let kind = if each.pre_vote { "pre-vote" } else { "vote" };
            format!("{kind} for {} in epoch {}", each.replica_id, each.replica_epoch)
        })),
        Request::BeginQuorumEpoch(request) => join(
            request
                .topics
                .iter()
                .flat_map(|topic| &topic.partitions)
                .map(|each| epoch_summary(each.leader_id, each.leader_epoch)),
        ),
        Request::EndQuorumEpoch(request) => join(
            request
                .topics
                .iter()
                .flat_map(|topic| &topic.partitions)
                .map(|each| epoch_summary(each.leader_id, each.leader_epoch)),
        ),
        Request::FetchSnapshot(request) => {
            join(request.topics.iter().flat_map(|topic| &topic.partitions).map(|each| {
                let SnapshotId { end_offset, epoch } = each.snapshot_id;
                format!("snapshot {end_offset}-{epoch} from byte {}", each.position)
            }))
        }
        Request::AppendEntries(request) => append_entries_summary(request),
        Request::DescribeQuorum(_) => "__cluster_metadata-0".to_owned(),
        Request::AddRaftVoter(request) => format!("voter {}", request.voter_id),
        Request::RemoveRaftVoter(request) => format!("voter {}", request.voter_id),
        Request::UpdateRaftVoter(request) => format!("voter {}", request.voter_id),
        Request::CreateTopics(request) => join(request.topics.iter().map(|topic| topic.name.to_string())),
        Request::AlterPartition(request) => join(request.topics.iter().flat_map(|topic| {
            topic.partitions.iter().map(|each| {
                let isr: Vec<String> =
                    each.new_isr_with_epochs.iter().map(|state| state.broker_id.to_string()).collect();
                format!("{}-{} ISR {}", name_of(cluster, topic.topic_id), each.partition_index, isr.join(","))
            })
        })),
        Request::CreatePartitions(request) => join(request.topics.iter().map(|topic| topic.name.to_string())),
        Request::CreateAcls(request) => join(request.creations.iter().map(|acl| acl.principal.clone())),
        Request::AlterClientQuotas(request) => {
            let parts = request.entries.iter().flat_map(|entry| &entry.entity);
            join(parts.map(|part| format!("{} {}", part.entity_type, part.entity_name.as_deref().unwrap_or("default"))))
        }
        Request::UpdateFeatures(request) => join(
            request.feature_updates.iter().map(|update| format!("{} {}", update.feature, update.max_version_level)),
        ),
        Request::UnregisterBroker(request) => format!("broker {}", request.broker_id),
        Request::BrokerRegistration(request) => format!("broker {}", request.broker_id),
        Request::ControllerRegistration(request) => format!("controller {}", request.controller_id),
        Request::BrokerHeartbeat(request) => format!("broker {}", request.broker_id),
        Request::DescribeConfigs(request) => join(request.resources.iter().map(|each| each.resource_name.clone())),
        Request::DescribeProducers(request) => join(request.topics.iter().map(|topic| topic.name.to_string())),
        Request::ListConfigResources(request) => join(request.resource_types.iter().map(i8::to_string)),
        Request::DescribeLogDirs(request) => join(request.topics.iter().flatten().map(|topic| topic.topic.to_string())),
        Request::DescribeTopicPartitions(request) => join(request.topics.iter().map(|topic| topic.name.to_string())),
        Request::InitProducerId(request) => request.transactional_id.clone().unwrap_or_default(),
        Request::AllocateProducerIds(request) => format!("broker {}", request.broker_id),
        Request::AddPartitionsToTxn(request) => {
            let of_broker = request.transactions.iter().map(|each| each.transactional_id.clone());
            let of_client = Some(&request.v3_and_below_transactional_id).filter(|id| !id.is_empty()).cloned();
            join(of_broker.chain(of_client))
        }
        Request::AddOffsetsToTxn(request) => format!("{} {}", request.transactional_id, request.group_id),
        Request::EndTxn(request) => {
            format!("{} {}", if request.committed { "commit" } else { "abort" }, request.transactional_id)
        }
        Request::TxnOffsetCommit(request) => join(request.topics.iter().flat_map(|topic| {
            let partitions = topic.partitions.iter();
            partitions.map(|each| format!("{}-{}: {}", topic.name, each.partition_index, each.committed_offset))
        })),
        Request::WriteTxnMarkers(request) => join(request.markers.iter().map(|marker| {
            let kind = if marker.transaction_result { "COMMIT" } else { "ABORT" };
            format!("{kind} PID {} epoch {}", marker.producer_id, marker.producer_epoch)
        })),
        Request::DescribeTransactions(request) => join(request.transactional_ids.iter().cloned()),
        Request::ListTransactions(_)
        | Request::Metadata(_)
        | Request::ApiVersions(_)
        | Request::ListGroups(_)
        | Request::DeleteTopics(_)
        | Request::DeleteRecords(_)
        | Request::ElectLeaders(_)
        | Request::AlterConfigs(_)
        | Request::IncrementalAlterConfigs(_)
        | Request::AlterPartitionReassignments(_)
        | Request::ListPartitionReassignments(_)
        | Request::DescribeAcls(_)
        | Request::DeleteAcls(_)
        | Request::DescribeClientQuotas(_)
        | Request::DescribeCluster(_) => String::new(),
    }
}

/// What a textbook's leader sends: from which offset to which, and nothing of it where it is a heartbeat.
fn append_entries_summary(request: &AppendEntriesRequest) -> String {
    match (request.entries.first(), request.entries.last()) {
        (Some(first), Some(last)) => {
            format!("entries {}..{}, term {}", first.base_offset, last.last_offset(), request.term)
        }
        _ => format!("term {}", request.term),
    }
}

/// A fetch in few words: the first partitions and from where.
pub fn fetch_summary(cluster: &Cluster, request: &FetchRequest) -> String {
    if request.topics.is_empty() && request.session_id != 0 {
        return format!("session {} epoch {}", request.session_id, request.session_epoch);
    }
    join(request.topics.iter().flat_map(|topic| {
        let name = if topic.topic.is_empty() { name_of(cluster, topic.topic_id) } else { topic.topic.to_string() };
        topic.partitions.iter().map(move |each| format!("{name}-{} from {}", each.partition, each.fetch_offset))
    }))
}

fn produce_summary(cluster: &Cluster, request: &ProduceRequest) -> String {
    join(request.topic_data.iter().flat_map(|topic| {
        let name = if topic.name.is_empty() { name_of(cluster, topic.topic_id) } else { topic.name.to_string() };
        topic.partition_data.iter().map(move |each| format!("{name}-{}", each.index))
    }))
}

fn response_summary(cluster: &Cluster, response: &Response) -> String {
    match response {
        Response::Fetch(response) => fetched_summary(cluster, response),
        Response::Produce(response) => join(response.responses.iter().flat_map(|topic| {
            topic.partition_responses.iter().map(|each| {
                if each.error_code.is_none() {
                    format!("offset {}", each.base_offset)
                } else {
                    each.error_code.name().to_owned()
                }
            })
        })),
        Response::InitProducerId(response) if response.error_code.is_none() => {
            format!("PID {} epoch {}", response.producer_id, response.producer_epoch)
        }
        Response::EndTxn(response) if response.error_code.is_none() && response.producer_id >= 0 => {
            format!("PID {} epoch {}", response.producer_id, response.producer_epoch)
        }
        Response::AllocateProducerIds(response) if response.error_code.is_none() => {
            format!("PID {}..", response.producer_id_start)
        }
        Response::InitProducerId(response) => response.error_code.name().to_owned(),
        Response::EndTxn(response) => response.error_code.name().to_owned(),
        Response::AddOffsetsToTxn(response) => response.error_code.name().to_owned(),
        Response::FetchSnapshot(response) => {
            join(response.topics.iter().flat_map(|topic| &topic.partitions).map(|each| {
                format!("snapshot {}-{}, size {}", each.snapshot_id.end_offset, each.snapshot_id.epoch, each.size)
            }))
        }
        Response::Vote(response) => join(response.topics.iter().flat_map(|topic| {
            topic.partitions.iter().map(|each| {
                if each.error_code.is_none() {
                    format!("voteGranted {}, epoch {}", each.vote_granted, each.leader_epoch)
                } else {
                    each.error_code.name().to_owned()
                }
            })
        })),
        Response::AppendEntries(response) => format!("success {}, term {}", response.success, response.term),
        Response::OffsetCommit(response) => join(response.topics.iter().flat_map(|topic| {
            topic.partitions.iter().map(|each| format!("{}-{} {}", topic.name, each.partition_index, each.error_code))
        })),
        _ => String::new(),
    }
}

fn fetched_summary(cluster: &Cluster, response: &FetchResponse) -> String {
    let telling = response.responses.iter().flat_map(|topic| {
        let name = name_of(cluster, topic.topic_id);
        topic.partitions.iter().map(move |each| {
            let partition = format!("{name}-{}", each.partition_index);
            match (each.records.first(), each.records.last()) {
                _ if !each.error_code.is_none() => format!("{partition} {}", each.error_code),
                _ if each.diverging_epoch.epoch >= 0 => {
                    format!("{partition} diverging at {}", each.diverging_epoch.end_offset)
                }
                _ if each.snapshot_id.epoch >= 0 => {
                    format!("{partition} snapshot {}-{}", each.snapshot_id.end_offset, each.snapshot_id.epoch)
                }
                (Some(first), Some(last)) if first.base_offset == last.last_offset() => {
                    format!("{partition} offset {}", first.base_offset)
                }
                (Some(first), Some(last)) => format!("{partition} {}..{}", first.base_offset, last.last_offset()),
                _ => format!("{partition} HW {}", each.high_watermark),
            }
        })
    });
    join(telling)
}

/// How many records a message carries.
pub fn records_in(message: &Message) -> i64 {
    let count = |records: usize| i64::try_from(records).unwrap_or(i64::MAX);
    match message {
        Message::Request { request, .. } => match &**request {
            Request::Produce(request) => request
                .topic_data
                .iter()
                .flat_map(|topic| &topic.partition_data)
                .map(|partition| match &partition.records {
                    Some(PartitionRecords::Batch(batch)) => count(batch.records.len()),
                    Some(PartitionRecords::One(batch)) => count(batch.records.len()),
                    Some(PartitionRecords::Many(batches)) => {
                        batches.iter().map(|batch| count(batch.records.len())).sum()
                    }
                    None => 0,
                })
                .sum(),
            _ => 0,
        },
        Message::Response { response, .. } => match &**response {
            Response::Fetch(response) => response
                .responses
                .iter()
                .flat_map(|topic| &topic.partitions)
                .flat_map(|partition| &partition.records)
                .map(|batch| count(batch.records.len()))
                .sum(),
            _ => 0,
        },
        Message::Closed { .. } | Message::ClosedByClient { .. } | Message::Bytes { .. } => 0,
    }
}

fn name_of(cluster: &Cluster, id: Uuid) -> String {
    if id == Uuid::METADATA {
        return "__cluster_metadata".to_owned();
    }
    let topic = cluster.image().and_then(|image| image.topics.get(&id));
    topic.map_or_else(|| id.to_string(), |topic| topic.name.to_string())
}

/// At most two of them, and how many more.
fn join(parts: impl Iterator<Item = String>) -> String {
    let parts: Vec<String> = parts.collect();
    match parts.as_slice() {
        [one, two, rest @ ..] if !rest.is_empty() => format!("{one}, {two} +{}", rest.len()),
        few => few.join(", "),
    }
}
