//! The controller listener's requests (`ControllerApis`, `QuorumController`).

use super::acls::creations_refused_elsewhere;
use super::alter_partition::{alter_partitions, with_epochs};
use super::cluster_control_manager::ApiError;
use super::decisions::Decision;
use super::heartbeat::{BrokerControlState, process_heartbeat};
use super::producer_ids::allocate_producer_ids;
use super::refusals::refused_whole;
use super::registration::register_broker;
use super::topics::validate_name;
use super::{Controller, ControllerDisk, write_event};
use crate::actor::{Endpoint, Listener};
use crate::authorizer::{describe_acls, says_unknown};
use crate::change::Change;
use crate::effects::{Effects, ReceivedRequest, RequestContext};
use crate::explain::Explanation;
use crate::metadata::MetadataRecord;
use crate::settings::{DescribedNode, describe_configs};
use crate::sim::Millis;
use crate::wire::api_versions;
use crate::wire::cluster_admin::*;
use crate::wire::describe::{DescribeConfigsRequest, DescribeConfigsResponse};
use crate::wire::feature_levels::FinalizedFeatures;
use crate::wire::metadata::*;
use crate::wire::transaction::{AllocateProducerIdsRequest, AllocateProducerIdsResponse};
use crate::wire::{ErrorCode, Request, Response, TopicPartition, Uuid};

impl Controller {
    /// Carries a request out and answers it, at once or when its records are committed. A request that no controller takes
    /// closes the connection.
    pub fn handle_request(
        &mut self,
        disk: &mut ControllerDisk,
        received: ReceivedRequest,
        now: Millis,
        fx: &mut Effects,
    ) {
        let ReceivedRequest { request_context, request } = received;
        let request = *request;
        match request {
            Request::ApiVersions(request) => {
                let features = FinalizedFeatures {
                    levels: &self.image.features,
                    kraft_version: self.quorum.kraft_version(disk).level(),
                    epoch: self.features_epoch,
                };
                let response = api_versions::answer(&request, request_context.version, Listener::Controller, features);
                fx.answer(&request_context, Response::ApiVersions(response));
            }
            request if !self.is_served(&request_context, &request) => fx.close(&request_context),
            request if says_unknown(&request) => fx.close(&request_context),
            request if !self.may_at_all(&request_context, &request) => {
                self.note_refused(&request_context, ErrorCode::ClusterAuthorizationFailed, fx);
                let response = refused_whole(&request, &ApiError::bare(ErrorCode::ClusterAuthorizationFailed));
                fx.answer(&request_context, response);
            }
            Request::DescribeAcls(request) => {
                let has_authorizer = !self.settings.authorizer_class_name.is_empty();
                let response = describe_acls(&request, has_authorizer, self.image.acls.acls());
                fx.answer(&request_context, Response::DescribeAcls(response));
            }
            Request::DescribeConfigs(mut request) => {
                let refused = self.take_out_hidden_configs(&request_context, &mut request);
                let mut response = self.describe_configs(&request, request_context.version);
                response.results.extend(refused);
                fx.answer(&request_context, Response::DescribeConfigs(response));
            }
            Request::Fetch(fetch) => self.quorum.handle_fetch(disk, request_context, fetch, now, fx),
            Request::AddRaftVoter(request) => {
                self.quorum.handle_add_voter(disk, &request_context, &request, now, fx);
            }
            Request::RemoveRaftVoter(request) => {
                self.quorum.handle_remove_voter(disk, &request_context, &request, now, fx);
            }
            Request::UpdateRaftVoter(request) => {
                self.quorum.handle_update_voter(disk, &request_context, &request, now, fx);
            }
            Request::FetchSnapshot(request) => {
                self.quorum.handle_fetch_snapshot(disk, &request_context, &request, now, fx);
            }
            Request::Vote(request) => self.quorum.handle_vote(disk, &request_context, &request, now, fx),
            Request::BeginQuorumEpoch(request) => {
                self.quorum.handle_begin_quorum_epoch(disk, &request_context, &request, now, fx);
            }
            Request::EndQuorumEpoch(request) => {
                self.quorum.handle_end_quorum_epoch(disk, &request_context, &request, now, fx);
            }
            Request::AppendEntries(request) => {
                self.quorum.handle_append_entries(disk, &request_context, &request, now, fx);
            }
            Request::DescribeQuorum(request) => {
                fx.explain(Explanation::ControllerDecided { node: self.node_id, api: request_context.api });
                fx.answer(&request_context, self.quorum.describe(disk, &request, now));
            }
            Request::DescribeCluster(request) => {
                fx.answer(&request_context, self.describe_cluster(&request, &request_context));
            }
            Request::BrokerRegistration(request) => self.register(disk, request_context, &request, now, fx),
            Request::ControllerRegistration(request) => {
                self.register_controller(disk, request_context, &request, now, fx);
            }
            Request::BrokerHeartbeat(request) => self.heartbeat(disk, request_context, &request, now, fx),
            Request::AlterPartition(request) => self.alter_partition(disk, request_context, &request, now, fx),
            Request::AllocateProducerIds(request) => {
                self.allocate_producer_ids(disk, request_context, &request, now, fx)
            }
            Request::CreateTopics(_)
            | Request::DeleteTopics(_)
            | Request::ElectLeaders(_)
            | Request::CreatePartitions(_)
            | Request::AlterConfigs(_)
            | Request::IncrementalAlterConfigs(_)
            | Request::AlterPartitionReassignments(_)
            | Request::ListPartitionReassignments(_)
            | Request::CreateAcls(_)
            | Request::DeleteAcls(_)
            | Request::AlterClientQuotas(_)
            | Request::UpdateFeatures(_)
            | Request::UnregisterBroker(_) => self.administer(disk, request_context, request, now, fx),
            _ => fx.close(&request_context),
        }
        if fx.halts {
            return;
        }
        self.quorum.poll(disk, now, fx);
        self.follow_quorum(disk, now, fx);
        self.arm_timers(now, fx);
    }

    /// Whether this listener takes a request at all. Textbook Raft's is none of Kafka's, and is taken from the quorum's leader alone.
    fn is_served(&self, request_context: &RequestContext, request: &Request) -> bool {
        match request {
            Request::AppendEntries(request) => self.quorum.takes_entries(request_context, request),
            _ => api_versions::is_served(request_context.api, request_context.version, Listener::Controller),
        }
    }

    #[inline(never)]
    fn describe_configs(&self, request: &DescribeConfigsRequest, version: i16) -> DescribeConfigsResponse {
        let cluster = self.cluster();
        let node = DescribedNode {
            id: self.node_id,
            configs: cluster.node_configs(),
            all: &self.image.configs,
            loggers: &self.loggers,
        };
        describe_configs(node, request, version, |topic| match validate_name(topic) {
            Ok(()) => Ok(self.image.topic_ids.contains_key(topic)),
            Err(error) => Err((error.code, error.message.unwrap_or_default())),
        })
    }

    /// A controller tells of the controllers that have registered (KIP-919).
    #[inline(never)]
    fn describe_cluster(&self, request: &DescribeClusterRequest, request_context: &RequestContext) -> Response {
        let endpoint = EndpointType::Controller;
        if let Err(refused) = endpoint.check(request.endpoint_type, request_context.version) {
            return Response::DescribeCluster(refused);
        }
        let registered = self.image.controllers.iter().filter_map(|(id, controller)| {
            let at = controller.end_points.iter().find(|at| at.name == self.quorum.listener())?;
            let (host, port) = (at.host.clone(), i32::from(at.port));
            Some(DescribeClusterBroker { broker_id: *id, host, port, ..DescribeClusterBroker::default() })
        });
        let brokers: Vec<DescribeClusterBroker> = registered.collect();
        // A leader that has not registered is not told.
        let leader = self.quorum.leader().filter(|leader| brokers.iter().any(|broker| broker.broker_id == *leader));
        Response::DescribeCluster(DescribeClusterResponse {
            endpoint_type: endpoint.id(),
            cluster_id: self.cluster_id.clone(),
            controller_id: leader.unwrap_or(-1),
            brokers,
            cluster_authorized_operations: match request.include_cluster_authorized_operations {
                true => self.cluster_operations(request_context),
                false => i32::MIN,
            },
            ..DescribeClusterResponse::default()
        })
    }

    fn register(
        &mut self,
        disk: &mut ControllerDisk,
        request_context: RequestContext,
        request: &BrokerRegistrationRequest,
        now: Millis,
        fx: &mut Effects,
    ) {
        let end = (disk.log.end_offset(), self.quorum.kraft_version(disk).level());
        let decision = register_broker(self.cluster(), &self.heartbeats, &self.cluster_id, request, end, now);
        let response = match self.unless_inactive(decision) {
            Ok((records, broker_epoch)) => {
                let (node, broker) = (self.node_id, request.broker_id);
                let known = self.image.brokers.get(&broker);
                fx.explain(if known.is_some_and(|known| known.incarnation_id == request.incarnation_id) {
                    Explanation::ControllerRegisteredAgain { node, broker, broker_epoch }
                } else {
                    Explanation::ControllerRegistered { node, broker }
                });
                self.append_records(disk, &records, now, fx);
                BrokerRegistrationResponse { broker_epoch, ..Default::default() }
            }
            Err(error) => {
                let response = BrokerRegistrationResponse { error_code: error.code, ..Default::default() };
                let response = Response::BrokerRegistration(response);
                return self.refuse(disk, request_context, &error, response, now, fx);
            }
        };
        self.answer_when_committed(disk, request_context, Response::BrokerRegistration(response), fx);
    }

    fn heartbeat(
        &mut self,
        disk: &mut ControllerDisk,
        request_context: RequestContext,
        request: &BrokerHeartbeatRequest,
        now: Millis,
        fx: &mut Effects,
    ) {
        let broker = request.broker_id;
        let decision = process_heartbeat(self.cluster(), &self.heartbeats, request);
        let decision = match self.unless_inactive(decision) {
            Ok(decision) => decision,
            Err(error) => {
                let response = BrokerHeartbeatResponse { error_code: error.code, ..Default::default() };
                let response = Response::BrokerHeartbeat(response);
                return self.refuse(disk, request_context, &error, response, now, fx);
            }
        };
        let node = self.node_id;
        fx.explain(match (decision.from, decision.to) {
            (from, to) if from == to => Explanation::ControllerHeardHeartbeat { node, broker },
            (_, BrokerControlState::Unfenced) => Explanation::ControllerUnfenced { node, broker },
            (_, BrokerControlState::Fenced) => Explanation::ControllerFenced { node, broker },
            (_, BrokerControlState::ControlledShutdown | BrokerControlState::ShutdownNow) => {
                Explanation::ControllerShutsDownBroker { node, broker }
            }
        });
        self.heartbeats.touch(broker, request.broker_epoch, now);
        if let Some(heartbeat) = self.heartbeats.get_mut(broker) {
            heartbeat.metadata_offset = request.current_metadata_offset;
        }
        let mut records = decision.records;
        if let Some(cordoned) = self.cordoned_change(request) {
            match request_context.from {
                // A broker of ours says it in the heartbeat that unfences it; a real one in one of its own before.
                Endpoint::Broker(_) | Endpoint::Controller(_) => drop(self.append_batch(disk, &[cordoned], now, fx)),
                _ => records.push(cordoned),
            }
        }
        let written = self.append_records(disk, &records, now, fx);
        let last_written = written.saturating_add(i64::try_from(records.len()).unwrap_or(0)) - 1;
        if let Some(heartbeat) = self.heartbeats.get_mut(broker)
            && decision.to == BrokerControlState::ControlledShutdown
            && heartbeat.controlled_shutdown_offset < 0
        {
            heartbeat.controlled_shutdown_offset = last_written;
        }
        self.answer_when_committed(disk, request_context, Response::BrokerHeartbeat(decision.response), fx);
    }

    /// A broker that has caught up says with each heartbeat which of its directories are cordoned (KIP-1066); that is written down
    /// where it is news (`ReplicationControlManager.handleDirectoriesCordoned`).
    fn cordoned_change(&self, request: &BrokerHeartbeatRequest) -> Option<MetadataRecord> {
        let reported = request.cordoned_log_dirs.as_ref()?;
        let known = self.image.brokers.get(&request.broker_id)?.cordoned_log_dirs.as_ref();
        let has_all = |of: &[Uuid], others: &[Uuid]| others.iter().all(|dir| of.contains(dir));
        if known.is_some_and(|known| has_all(known, reported) && has_all(reported, known)) {
            return None;
        }
        Some(MetadataRecord::BrokerRegistrationChangeRecord {
            broker_id: request.broker_id,
            broker_epoch: request.broker_epoch,
            fenced: 0,
            in_controlled_shutdown: 0,
            cordoned_log_dirs: Some(reported.clone()),
        })
    }

    #[inline(never)]
    fn alter_partition(
        &mut self,
        disk: &mut ControllerDisk,
        request_context: RequestContext,
        request: &AlterPartitionRequest,
        now: Millis,
        fx: &mut Effects,
    ) {
        // A request about nothing is answered without a check of its sender (`QuorumController.alterPartition`).
        if request.topics.is_empty() {
            fx.answer(&request_context, Response::AlterPartition(AlterPartitionResponse::default()));
            return;
        }
        let decision = alter_partitions(self.cluster(), &with_epochs(request, request_context.version));
        let response = match self.unless_inactive(decision) {
            Ok((records, response)) => {
                self.explain_alter_partition(&request_context, &response, fx);
                self.append_records(disk, &records, now, fx);
                response
            }
            Err(error) => {
                let response = AlterPartitionResponse { error_code: error.code, ..Default::default() };
                let response = Response::AlterPartition(response);
                return self.refuse(disk, request_context, &error, response, now, fx);
            }
        };
        self.answer_when_committed(disk, request_context, Response::AlterPartition(response), fx);
    }

    #[inline(never)]
    fn allocate_producer_ids(
        &mut self,
        disk: &mut ControllerDisk,
        request_context: RequestContext,
        request: &AllocateProducerIdsRequest,
        now: Millis,
        fx: &mut Effects,
    ) {
        let decision = allocate_producer_ids(self.cluster(), request);
        let response = match self.unless_inactive(decision) {
            Ok((records, response)) => {
                fx.explain(Explanation::ControllerDecided { node: self.node_id, api: request_context.api });
                self.append_records(disk, &records, now, fx);
                response
            }
            Err(error) => {
                let response = AllocateProducerIdsResponse { error_code: error.code, ..Default::default() };
                let response = Response::AllocateProducerIds(response);
                return self.refuse(disk, request_context, &error, response, now, fx);
            }
        };
        self.answer_when_committed(disk, request_context, Response::AllocateProducerIds(response), fx);
    }

    fn explain_alter_partition(
        &self,
        request_context: &RequestContext,
        response: &AlterPartitionResponse,
        fx: &mut Effects,
    ) {
        let node = self.node_id;
        for topic in &response.topics {
            let name = self.image.topics.get(&topic.topic_id).map(|topic| topic.name.clone());
            for result in &topic.partitions {
                let partition = TopicPartition::new(name.clone().unwrap_or_else(|| "".into()), result.partition_index);
                let error = result.error_code;
                if error.is_none() || error == ErrorCode::NewLeaderElected {
                    fx.explain(Explanation::ControllerChangedIsr { node, partition });
                } else {
                    fx.change(Change::Refused {
                        node,
                        api: request_context.api,
                        to: request_context.from.actor(),
                        error,
                    });
                    fx.explain(Explanation::ControllerRefusedIsr { node, partition, error });
                }
            }
        }
    }

    /// What a person asks for, directly or through a broker.
    #[inline(never)]
    fn administer(
        &mut self,
        disk: &mut ControllerDisk,
        request_context: RequestContext,
        request: Request,
        now: Millis,
        fx: &mut Effects,
    ) {
        if let Some(error) = write_event::deletion_refusal(&request, request_context.version, &self.settings) {
            self.note_refused(&request_context, error.code, fx);
            fx.answer(&request_context, refused_whole(&request, &error));
            return;
        }
        let asked = request.clone();
        let (request, of_loggers) = self.alter_loggers(&request_context, request, fx);
        if of_loggers.is_all_of(&request) {
            self.note_decided(&request_context, of_loggers.error(), fx);
            let mut response = refused_whole(&request, &ApiError::bare(ErrorCode::None));
            of_loggers.tell(&mut response);
            fx.answer(&request_context, response);
            return;
        }
        let (request, refused) = self.authorize(&request_context, request);
        let elsewhere = (!self.is_active()).then(|| write_event::wrong_controller(self.quorum.leader()));
        if let Some(error) = write_event::refusal(&request, self.cluster(), elsewhere) {
            self.note_refused(&request_context, error.code, fx);
            let response = match &asked {
                Request::CreateAcls(create) => Response::CreateAcls(creations_refused_elsewhere(create, &error)),
                asked => refused_whole(asked, &error),
            };
            fx.answer(&request_context, response);
            return;
        }
        let Decision { records, mut response, error, kraft_version, whole } =
            self.decide(disk, &request, &request_context, now);
        if let Some(error) = whole {
            let throttle_time_ms = response.throttle_time_ms();
            let mut response = refused_whole(&asked, &error);
            response.set_throttle_time_ms(throttle_time_ms);
            return self.refuse(disk, request_context, &error, response, now, fx);
        }
        if let Some(level) = kraft_version {
            self.quorum.upgrade_kraft_version(disk, level, now, fx);
        }
        self.hide_configs(&request_context, &mut response);
        let error = error.or_else(|| refused.error_where_nothing_is_left(&request));
        refused.tell(&mut response);
        of_loggers.tell(&mut response);
        self.note_decided(&request_context, error, fx);
        self.append_records(disk, &records, now, fx);
        self.answer_when_committed(disk, request_context, response, fx);
    }

    /// An event of a node was refused: it is told why, and an exception that nobody expected unseats the controller.
    pub(super) fn refuse(
        &mut self,
        disk: &mut ControllerDisk,
        request_context: RequestContext,
        error: &ApiError,
        response: Response,
        now: Millis,
        fx: &mut Effects,
    ) {
        self.note_refused(&request_context, error.code, fx);
        if error.is_unexpected() {
            fx.answer(&request_context, response);
            return self.renounce_for_fault(disk, now, fx);
        }
        self.answer_when_committed(disk, request_context, response, fx);
    }

    /// Only the active controller decides.
    pub(super) fn unless_inactive<T>(&self, decision: Result<T, ApiError>) -> Result<T, ApiError> {
        if self.is_active() { decision } else { Err(ApiError::bare(ErrorCode::NotController)) }
    }

    fn note_decided(&self, request_context: &RequestContext, error: Option<ErrorCode>, fx: &mut Effects) {
        match error {
            Some(error) => self.note_refused(request_context, error, fx),
            None => fx.explain(Explanation::ControllerDecided { node: self.node_id, api: request_context.api }),
        }
    }

    pub(super) fn note_refused(&self, request_context: &RequestContext, error: ErrorCode, fx: &mut Effects) {
        let (node, api) = (self.node_id, request_context.api);
        fx.change(Change::Refused { node, api, to: request_context.from.actor(), error });
        fx.explain(Explanation::ControllerRefused { node, api, error });
    }
}
