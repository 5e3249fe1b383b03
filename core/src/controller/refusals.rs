//! Answers with one error for the whole of a request (`AbstractRequest.getErrorResponse`).

use super::acls::{refused_creations, refused_deletions};
use super::client_quotas::refused_quotas;
use super::cluster_control_manager::ApiError;
use crate::authorizer::refusal_message;
use crate::wire::acl::{DeleteAclsFilterResult, DescribeAclsResponse};
use crate::wire::append_entries::AppendEntriesResponse;
use crate::wire::cluster_admin::*;
use crate::wire::features::UpdateFeaturesResponse;
use crate::wire::metadata::*;
use crate::wire::quorum::*;
use crate::wire::replication::FetchResponse;
use crate::wire::snapshot::FetchSnapshotResponse;
use crate::wire::transaction::AllocateProducerIdsResponse;
use crate::wire::voters::{AddRaftVoterResponse, RemoveRaftVoterResponse, UpdateRaftVoterResponse};
use crate::wire::{ErrorCode, Request, Response, Uuid};

/// The words of `Errors.NOT_CONTROLLER`.
pub(super) const NOT_CONTROLLER: &str = "This is not the correct controller for this cluster.";
/// The words of `Errors.UNKNOWN_SERVER_ERROR`.
pub(super) const UNKNOWN_SERVER_ERROR: &str = "The server experienced an unexpected error when processing the request.";

/// A resource whose settings are left as they are.
fn refused_resource(resource_type: i8, resource_name: &str, error: &ApiError) -> AlterConfigsResourceResponse {
    AlterConfigsResourceResponse {
        error_code: error.code,
        error_message: error.message.clone(),
        resource_type,
        resource_name: resource_name.to_owned(),
    }
}

/// An answer with one error for the whole request (`AbstractRequest.getErrorResponse`).
#[inline(never)]
pub(crate) fn refused_whole(request: &Request, error: &ApiError) -> Response {
    let (code, message) = (error.code, || error.message.clone());
    // What is refused for want of a right has the exception's own words.
    let message_or_refusal = || message().or_else(|| refusal_message(code).map(str::to_owned));
    match request {
        Request::DeleteTopics(request) => {
            let named = request.topics.iter().map(|topic| (topic.name.clone(), topic.topic_id));
            let all = named.chain(request.topic_names.iter().map(|name| (Some(name.clone()), Uuid::ZERO)));
            let refused = |(name, topic_id)| DeletableTopicResult {
                name,
                topic_id,
                error_code: code,
                ..DeletableTopicResult::default()
            };
            let responses = all.map(refused).collect();
            Response::DeleteTopics(DeleteTopicsResponse { responses, ..Default::default() })
        }
        Request::IncrementalAlterConfigs(request) => {
            let resources = request.resources.iter();
            let responses =
                resources.map(|each| refused_resource(each.resource_type, &each.resource_name, error)).collect();
            Response::IncrementalAlterConfigs(IncrementalAlterConfigsResponse { responses, ..Default::default() })
        }
        Request::AlterConfigs(request) => {
            let resources = request.resources.iter();
            let responses =
                resources.map(|each| refused_resource(each.resource_type, &each.resource_name, error)).collect();
            Response::AlterConfigs(AlterConfigsResponse { responses, ..Default::default() })
        }
        Request::AlterPartitionReassignments(request) => {
            let refused = |partition: &ReassignablePartition| ReassignablePartitionResponse {
                partition_index: partition.partition_index,
                error_code: code,
                error_message: message(),
            };
            let responses = request.topics.iter().map(|topic| ReassignableTopicResponse {
                name: topic.name.clone(),
                partitions: topic.partitions.iter().map(refused).collect(),
            });
            Response::AlterPartitionReassignments(AlterPartitionReassignmentsResponse {
                error_code: code,
                error_message: message(),
                responses: responses.collect(),
                ..Default::default()
            })
        }
        Request::ElectLeaders(request) => refused_elections(request, error),
        Request::CreatePartitions(request) => {
            let results = request.topics.iter().map(|topic| CreatePartitionsTopicResult {
                name: topic.name.clone(),
                error_code: code,
                error_message: message(),
            });
            Response::CreatePartitions(CreatePartitionsResponse { results: results.collect(), ..Default::default() })
        }
        Request::CreateAcls(request) => Response::CreateAcls(refused_creations(request, error)),
        Request::DeleteAcls(request) => Response::DeleteAcls(refused_deletions(request, error)),
        Request::AlterClientQuotas(request) => {
            let words = match code {
                ErrorCode::ClusterAuthorizationFailed => refusal_message(code),
                ErrorCode::NotController => Some(NOT_CONTROLLER),
                _ => None,
            };
            let error = ApiError { code, message: words.map(str::to_owned) };
            Response::AlterClientQuotas(refused_quotas(request, &error))
        }
        Request::ListPartitionReassignments(request) => {
            // Each partition that was asked for is in it, as one that moves nowhere.
            let partition =
                |index: &i32| OngoingPartitionReassignment { partition_index: *index, ..Default::default() };
            let topics = request.topics.iter().flatten().map(|topic| OngoingTopicReassignment {
                name: topic.name.clone(),
                partitions: topic.partition_indexes.iter().map(partition).collect(),
            });
            Response::ListPartitionReassignments(ListPartitionReassignmentsResponse {
                error_code: code,
                error_message: message(),
                topics: topics.collect(),
                ..Default::default()
            })
        }
        Request::UnregisterBroker(_) => Response::UnregisterBroker(UnregisterBrokerResponse {
            error_code: code,
            error_message: message(),
            ..Default::default()
        }),
        Request::CreateTopics(request) => {
            let topics = request.topics.iter().map(|topic| CreatableTopicResult {
                name: topic.name.clone(),
                error_code: code,
                error_message: message(),
                ..CreatableTopicResult::default()
            });
            Response::CreateTopics(CreateTopicsResponse { topics: topics.collect(), ..Default::default() })
        }
        Request::BrokerRegistration(_) => {
            Response::BrokerRegistration(BrokerRegistrationResponse { error_code: code, ..Default::default() })
        }
        Request::BrokerHeartbeat(_) => {
            Response::BrokerHeartbeat(BrokerHeartbeatResponse { error_code: code, ..Default::default() })
        }
        Request::ControllerRegistration(_) => {
            let error_message = message_or_refusal();
            Response::ControllerRegistration(ControllerRegistrationResponse {
                error_code: code,
                error_message,
                ..Default::default()
            })
        }
        Request::AlterPartition(_) => {
            Response::AlterPartition(AlterPartitionResponse { error_code: code, ..Default::default() })
        }
        Request::AllocateProducerIds(_) => {
            Response::AllocateProducerIds(AllocateProducerIdsResponse { error_code: code, ..Default::default() })
        }
        Request::Fetch(_) => Response::Fetch(FetchResponse { error_code: code, ..Default::default() }),
        Request::FetchSnapshot(_) => {
            Response::FetchSnapshot(FetchSnapshotResponse { error_code: code, ..Default::default() })
        }
        Request::Vote(_) => Response::Vote(VoteResponse { error_code: code, ..Default::default() }),
        Request::BeginQuorumEpoch(_) => {
            Response::BeginQuorumEpoch(BeginQuorumEpochResponse { error_code: code, ..Default::default() })
        }
        Request::EndQuorumEpoch(_) => {
            Response::EndQuorumEpoch(EndQuorumEpochResponse { error_code: code, ..Default::default() })
        }
        Request::AppendEntries(_) => {
            Response::AppendEntries(AppendEntriesResponse { error_code: code, ..Default::default() })
        }
        Request::DescribeQuorum(_) => {
            Response::DescribeQuorum(DescribeQuorumResponse { error_code: code, ..Default::default() })
        }
        Request::DescribeCluster(_) => {
            let error_message = message_or_refusal();
            Response::DescribeCluster(DescribeClusterResponse { error_code: code, error_message, ..Default::default() })
        }
        Request::UpdateFeatures(_) => {
            let error_message = message_or_refusal();
            Response::UpdateFeatures(UpdateFeaturesResponse { error_code: code, error_message, ..Default::default() })
        }
        Request::AddRaftVoter(_) => {
            let error_message = message_or_refusal();
            Response::AddRaftVoter(AddRaftVoterResponse { error_code: code, error_message, ..Default::default() })
        }
        Request::RemoveRaftVoter(_) => {
            let error_message = message_or_refusal();
            let response = RemoveRaftVoterResponse { error_code: code, error_message, ..Default::default() };
            Response::RemoveRaftVoter(response)
        }
        Request::UpdateRaftVoter(_) => {
            Response::UpdateRaftVoter(UpdateRaftVoterResponse { error_code: code, ..Default::default() })
        }
        Request::DescribeAcls(_) => {
            let error_message = message_or_refusal();
            Response::DescribeAcls(DescribeAclsResponse { error_code: code, error_message, ..Default::default() })
        }
        // No controller takes any other.
        other => Response::default_of(other.api()),
    }
}

/// The answer to a request whose records were not committed before its controller stood down.
pub(super) fn refused_whole_answer(response: &Response, error: &ApiError) -> Response {
    let (code, message) = (error.code, || error.message.clone());
    let mut refused = response.clone();
    match &mut refused {
        Response::BrokerRegistration(answer) => {
            *answer = BrokerRegistrationResponse { error_code: code, ..Default::default() };
        }
        Response::BrokerHeartbeat(answer) => {
            *answer = BrokerHeartbeatResponse { error_code: code, ..Default::default() };
        }
        Response::ControllerRegistration(answer) => {
            let error_message = Some(NOT_CONTROLLER.to_owned()).filter(|_| code == ErrorCode::NotController);
            *answer = ControllerRegistrationResponse { error_code: code, error_message, ..Default::default() };
        }
        Response::AlterPartition(answer) => {
            *answer = AlterPartitionResponse { error_code: code, ..Default::default() };
        }
        Response::AllocateProducerIds(answer) => {
            *answer = AllocateProducerIdsResponse { error_code: code, ..Default::default() };
        }
        Response::CreateTopics(answer) => {
            for topic in &mut answer.topics {
                *topic = CreatableTopicResult {
                    name: topic.name.clone(),
                    error_code: code,
                    error_message: message(),
                    ..Default::default()
                };
            }
        }
        Response::DeleteTopics(answer) => answer.responses.iter_mut().for_each(|topic| topic.error_code = code),
        Response::CreatePartitions(answer) => {
            answer.results.iter_mut().for_each(|topic| (topic.error_code, topic.error_message) = (code, message()));
        }
        Response::IncrementalAlterConfigs(answer) => {
            answer.responses.iter_mut().for_each(|each| (each.error_code, each.error_message) = (code, message()));
        }
        Response::AlterConfigs(answer) => {
            answer.responses.iter_mut().for_each(|each| (each.error_code, each.error_message) = (code, message()));
        }
        Response::AlterPartitionReassignments(answer) => {
            (answer.error_code, answer.error_message) = (code, message());
            let partitions = answer.responses.iter_mut().flat_map(|topic| &mut topic.partitions);
            partitions.for_each(|each| (each.error_code, each.error_message) = (code, message()));
        }
        Response::ElectLeaders(answer) => {
            answer.error_code = code;
            let partitions = answer.replica_election_results.iter_mut().flat_map(|topic| &mut topic.partition_result);
            partitions.for_each(|each| (each.error_code, each.error_message) = (code, message()));
        }
        Response::UnregisterBroker(answer) => (answer.error_code, answer.error_message) = (code, message()),
        Response::UpdateFeatures(answer) => {
            *answer = UpdateFeaturesResponse { error_code: code, error_message: message(), ..Default::default() };
        }
        Response::CreateAcls(answer) => answer.results.iter_mut().for_each(|result| result.error_code = code),
        Response::DeleteAcls(answer) => answer.filter_results.iter_mut().for_each(|result| {
            *result = DeleteAclsFilterResult { error_code: code, ..Default::default() };
        }),
        Response::AlterClientQuotas(answer) => answer.entries.iter_mut().for_each(|entry| entry.error_code = code),
        // Nothing else is written by a request to a controller.
        _ => {}
    }
    refused
}

/// One error for every partition that was asked about (`ElectLeadersRequest.getErrorResponse`).
pub(super) fn refused_elections(request: &ElectLeadersRequest, error: &ApiError) -> Response {
    let results = request.topic_partitions.iter().flatten().map(|topic| ReplicaElectionResult {
        topic: topic.topic.clone(),
        partition_result: topic
            .partitions
            .iter()
            .map(|partition_id| ElectPartitionResult {
                partition_id: *partition_id,
                error_code: error.code,
                error_message: error.message.clone(),
            })
            .collect(),
    });
    Response::ElectLeaders(ElectLeadersResponse {
        error_code: error.code,
        replica_election_results: results.collect(),
        ..ElectLeadersResponse::default()
    })
}
