//! What the controller decides when a person asks it to change something (`ControllerApis`, the events of `QuorumController`).

use super::acls::{create_acls, delete_acls};
use super::client_quotas::alter_client_quotas;
use super::cluster_control_manager::ApiError;
use super::configs::{incremental_alter_configs, legacy_alter_configs};
use super::elections::elect_leaders;
use super::features::{QuorumFeatures, update_features};
use super::partitions::create_partitions;
use super::reassignment::{alter_partition_reassignments, list_partition_reassignments};
use super::refusals::refused_whole;
use super::registration::unregister_broker;
use super::topics::{create_topics, delete_topics};
use super::{Controller, ControllerDisk};
use crate::actor::Endpoint;
use crate::effects::RequestContext;
use crate::metadata::MetadataRecord;
use crate::quota::controller_mutation::ControllerMutationQuota;
use crate::quota::{QuotaSession, Quotas};
use crate::sim::Millis;
use crate::wire::cluster_admin::*;
use crate::wire::{ErrorCode, Request, Response};

impl Controller {
    /// What comes of a request, and the error where nothing of what was asked is done.
    pub(super) fn decide(
        &mut self,
        disk: &ControllerDisk,
        request: &Request,
        request_context: &RequestContext,
        now: Millis,
    ) -> Decision {
        let version = request_context.version;
        let is_forwarded = matches!(request_context.from, Endpoint::Broker(_));
        let cluster = super::ClusterControlManager {
            image: &self.image,
            settings: &self.settings,
            orders: &self.orders,
            node_id: self.node_id,
            heartbeats: &self.heartbeats,
            static_voters: self.quorum.static_voters(),
        };
        let quotas = Quotas::of_controller(&self.image.client_quotas, &self.settings);
        let mut quota = match (session_of(request_context), strict_since(request)) {
            (Some(session), Some(since)) => self.mutation_quotas.quota_for(quotas, &session, version >= since, now),
            _ => ControllerMutationQuota::unbounded(),
        };
        let (mut kraft_version, mut whole) = (None, None);
        let (records, response, error) = match request {
            Request::CreateTopics(create) => {
                let created =
                    create_topics(cluster, &mut self.random, &mut quota, create).map(|(records, response)| {
                        let error = error_of_all(response.topics.iter().map(|topic| topic.error_code));
                        (records, Response::CreateTopics(response), error)
                    });
                let (records, mut response, error) = or_refused_whole(created, request, &mut whole);
                response.set_throttle_time_ms(throttle_time(&quota));
                (records, response, error)
            }
            Request::CreatePartitions(create) => {
                let created = create_partitions(cluster, &mut self.random, &mut quota, create);
                let created = created.map(|(records, response)| {
                    let error = error_of_all(response.results.iter().map(|topic| topic.error_code));
                    (records, Response::CreatePartitions(response), error)
                });
                let (records, mut response, error) = or_refused_whole(created, request, &mut whole);
                response.set_throttle_time_ms(throttle_time(&quota));
                (records, response, error)
            }
            Request::DeleteTopics(request) => {
                let (records, mut response) = delete_topics(cluster, &mut quota, request);
                response.throttle_time_ms = throttle_time(&quota);
                let error = error_of_all(response.responses.iter().map(|topic| topic.error_code));
                (records, Response::DeleteTopics(response), error)
            }
            Request::IncrementalAlterConfigs(alter) => {
                let altered = incremental_alter_configs(cluster, alter, is_forwarded).map(|(records, response)| {
                    let error = error_of_all(response.responses.iter().map(|resource| resource.error_code));
                    (records, Response::IncrementalAlterConfigs(response), error)
                });
                or_refused_whole(altered, request, &mut whole)
            }
            Request::AlterConfigs(alter) => {
                let altered = legacy_alter_configs(cluster, alter, is_forwarded).map(|(records, response)| {
                    let error = error_of_all(response.responses.iter().map(|resource| resource.error_code));
                    (records, Response::AlterConfigs(response), error)
                });
                or_refused_whole(altered, request, &mut whole)
            }
            Request::AlterPartitionReassignments(request) => {
                let (records, response) = alter_partition_reassignments(cluster, request);
                let partitions = response.responses.iter().flat_map(|topic| &topic.partitions);
                let error = error_of_all(partitions.map(|partition| partition.error_code));
                (records, Response::AlterPartitionReassignments(response), error)
            }
            Request::ElectLeaders(elect) => {
                let elected = elect_leaders(cluster, elect).map(|(records, response)| {
                    let partitions = response.replica_election_results.iter().flat_map(|topic| &topic.partition_result);
                    let error = error_of_all(partitions.map(|partition| partition.error_code));
                    (records, Response::ElectLeaders(response), error)
                });
                or_refused_whole(elected, request, &mut whole)
            }
            Request::ListPartitionReassignments(request) => {
                let response = list_partition_reassignments(cluster, request);
                (Vec::new(), Response::ListPartitionReassignments(response), None)
            }
            Request::CreateAcls(request) => {
                let (records, response) = create_acls(cluster, &mut self.random, request);
                let error = error_of_all(response.results.iter().map(|result| result.error_code));
                (records, Response::CreateAcls(response), error)
            }
            Request::DeleteAcls(request) => {
                let (records, response) = delete_acls(cluster, request);
                let error = error_of_all(response.filter_results.iter().map(|result| result.error_code));
                (records, Response::DeleteAcls(response), error)
            }
            Request::AlterClientQuotas(request) => {
                let (records, response) = alter_client_quotas(cluster, request);
                let error = error_of_all(response.entries.iter().map(|entry| entry.error_code));
                (records, Response::AlterClientQuotas(response), error)
            }
            Request::UpdateFeatures(request) => {
                let static_voters = self.quorum.static_voters().ids();
                let quorum =
                    QuorumFeatures { static_voters: &static_voters, kraft_version: self.quorum.kraft_version(disk) };
                let updated = update_features(cluster, quorum, request, version);
                kraft_version = updated.kraft_version;
                let error = Some(updated.response.error_code).filter(|error| !error.is_none());
                (updated.records, Response::UpdateFeatures(updated.response), error)
            }
            Request::UnregisterBroker(unregister) => {
                let response = Response::UnregisterBroker(UnregisterBrokerResponse::default());
                let unregistered = unregister_broker(cluster, unregister.broker_id);
                or_refused_whole(unregistered.map(|records| (records, response, None)), request, &mut whole)
            }
            other => {
                let error = ErrorCode::UnsupportedVersion;
                (Vec::new(), refused_whole(other, &ApiError::bare(error)), Some(error))
            }
        };
        Decision { records, response, error, kraft_version, whole }
    }
}

/// What comes of a person's request.
pub(super) struct Decision {
    /// To be appended.
    pub(super) records: Vec<MetadataRecord>,
    pub(super) response: Response,
    /// Why nothing of what was asked is done.
    pub(super) error: Option<ErrorCode>,
    /// A new level of the quorum's own feature, which is written before the records.
    pub(super) kraft_version: Option<i16>,
    /// Why all of it is refused, be it for what would have been refused otherwise.
    pub(super) whole: Option<ApiError>,
}

/// Whose quota a request counts for: who asked the controller, or a broker that passed it on. What nodes ask of their own is
/// exempt.
fn session_of(request_context: &RequestContext) -> Option<QuotaSession> {
    let is_client = match request_context.from {
        Endpoint::Producer(_) | Endpoint::Consumer(_) | Endpoint::Admin | Endpoint::Probe(_) => true,
        // An envelope has the client id of who asked.
        Endpoint::Broker(_) | Endpoint::Controller(_) => request_context.client_id.is_some(),
    };
    is_client.then(|| QuotaSession::of(request_context))
}

/// From which version on a request is refused that is above its quota; none of what no quota counts.
const fn strict_since(request: &Request) -> Option<i16> {
    match request {
        Request::CreateTopics(_) => Some(6),
        Request::DeleteTopics(_) => Some(5),
        Request::CreatePartitions(_) => Some(3),
        _ => None,
    }
}

fn throttle_time(quota: &ControllerMutationQuota<'_>) -> i32 {
    i32::try_from(quota.throttle_time()).unwrap_or(i32::MAX)
}

/// The first error where there are only errors.
pub(super) fn error_of_all(mut results: impl Iterator<Item = ErrorCode>) -> Option<ErrorCode> {
    let first = results.next().filter(|error| !error.is_none())?;
    results.all(|error| !error.is_none()).then_some(first)
}

/// Records, the answer, and the error where nothing of what was asked is done.
type Decided = (Vec<MetadataRecord>, Response, Option<ErrorCode>);

/// What was decided, or the refusal of all that a request asks for. Notes why that is.
fn or_refused_whole(decided: Result<Decided, ApiError>, request: &Request, whole: &mut Option<ApiError>) -> Decided {
    decided.unwrap_or_else(|error| {
        let refused = (Vec::new(), refused_whole(request, &error), Some(error.code));
        *whole = Some(error);
        refused
    })
}
