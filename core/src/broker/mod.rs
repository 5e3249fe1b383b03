//! A broker: it stores replicas, leads some and follows others, and serves clients (`KafkaApis`, `ReplicaManager`).
//!
//! | lifecycle  | becomes    | when                                                                  |
//! |------------|------------|-----------------------------------------------------------------------|
//! | `Starting` | `Fenced`   | the controller registered it: not before the session of the process before it has ended |
//! | `Fenced`   | `Running`  | a heartbeat says that it has caught up with the metadata log           |
//! | `Running`  | `Fenced`   | the controller fenced it (its heartbeats were late)                    |
//! | `Running`  | `Stopping` | it was asked to end: the controller moves its leaders away first       |
//! | `Stopping` | (ended)    | the controller lets it go, or has not for five minutes                 |

pub mod alter_isr;
mod authorization;
mod auto_creation;
mod channels;
mod config_admin;
mod coordinator_appends;
mod coordinator_partitions;
mod delayed_operation;
mod delete_records;
mod describe;
mod describe_storage;
pub mod disk;
pub mod fetch;
pub mod fetch_read;
pub mod fetch_session;
pub mod fetcher;
mod follower_log;
pub mod forwarding;
pub mod group;
pub mod high_watermark;
pub mod isr;
pub mod lifecycle;
mod log_validator;
mod lookups;
pub mod metadata_cache;
mod metadata_replica;
pub mod offsets;
pub mod partition;
pub mod produce;
mod producers;
pub mod purgatory;
mod quota;
pub mod replica_manager;
mod topic_results;
pub mod transaction;
pub mod upkeep;
pub mod watcher_lists;

use self::forwarding::ForwardedRequest;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;

use crate::actor::{Endpoint, Listener};
use crate::authorizer::says_unknown;
use crate::change::Change;
use crate::effects::{
    Answered, BrokerTimer, Effects, IdleExpiry, InFlightRequests, Input, ReceivedRequest, RequestContext,
};
use crate::explain::Explanation;
use crate::flat_map::FlatMap;
use crate::log::ProducerExpiration;
use crate::metadata::MetadataImage;
use crate::quota::ClientQuotaManager;
use crate::settings::{BrokerSettings, LoggingController};
use crate::sim::Millis;
use crate::sim::random::Random;
use crate::wire::api_versions::is_served;
use crate::wire::ids::TopicIdPartition;
use crate::wire::{ApiKey, ErrorCode, Request, Response, Topic, Uuid};
pub use auto_creation::TRANSACTION_STATE_TOPIC;
pub use coordinator_partitions::CoordinatorPartitions;
use disk::BrokerDisk;
use fetch_session::FetchSessionCache;
use fetcher::Fetcher;
use group::{GroupCoordinator, KnownCluster};
pub use metadata_cache::OFFSETS_TOPIC;
pub use metadata_replica::METADATA_FETCH_WAIT_MS;
use partition::Partition;
use purgatory::{PartitionChange, Purgatory};
use transaction::TransactionCoordinator;

/// A broker's process: all that dies with it.
#[derive(Clone, Debug, PartialEq, Hash)]
pub struct Broker {
    /// `node.id`.
    pub id: i32,
    /// `broker.rack`.
    pub rack: Option<String>,
    /// The cluster's id.
    pub cluster_id: String,
    /// This process.
    pub incarnation_id: Uuid,
    /// Its settings as started; what was changed since is in the metadata image.
    pub settings: Rc<BrokerSettings>,
    /// How it stands with the controller.
    pub lifecycle: lifecycle::Lifecycle,
    /// The cluster as far as it has applied the metadata log. It may be stale.
    pub image: Rc<MetadataImage>,
    /// How far it has applied the metadata log (exclusive).
    pub metadata_offset: i64,
    /// Whether it has caught up with the metadata log up to its own registration (`initialCatchUpFuture`). Only then it
    /// takes up its replicas and listens to clients and followers; who comes before is refused the connection.
    pub is_listening: bool,
    /// How it follows the metadata log.
    metadata_replica: metadata_replica::MetadataReplica,
    /// Its replicas.
    pub partitions: FlatMap<TopicIdPartition, Partition>,
    /// How long its logs remember producers (`producer.id.expiration.*`).
    producer_expiration: ProducerExpiration,
    /// What clients fetch, where they leave it to this broker to remember.
    fetch_sessions: FetchSessionCache,
    /// What waits.
    pub purgatory: Purgatory,
    /// What clients use of their quotas.
    client_quotas: ClientQuotaManager,
    /// The levels of its process's loggers.
    loggers: LoggingController,
    /// One fetcher for each leader that it follows.
    pub fetchers: FlatMap<i32, Fetcher>,
    /// How many partitions its coordinators count with.
    pub coordinator_partitions: CoordinatorPartitions,
    /// Its group coordinator.
    pub groups: GroupCoordinator,
    /// Its transaction coordinator.
    pub transactions: TransactionCoordinator,
    /// Requests that it sent to others.
    requests: InFlightRequests<PendingRequest>,
    /// Admin requests of clients that wait for a controller.
    forwards: VecDeque<ForwardedRequest>,
    /// What was refused of requests whose rest is handled, until that is answered: by who asked, and by its number for the
    /// request.
    refused: BTreeMap<(Endpoint, u32, i32), Response>,
    /// Topics that it asked a controller to create, and has no answer yet (`inflightTopics`).
    topics_being_created: BTreeSet<Topic>,
    /// Topics that wait for a controller that can be asked to create them.
    auto_creations: VecDeque<auto_creation::AutoCreation>,
    /// When its slower chores were last done.
    upkeep: upkeep::Upkeep,
    /// Partitions whose waiting requests must be looked at again before this input is done.
    touched: Vec<(TopicIdPartition, PartitionChange)>,
    /// Whether a request handler's thread does what is being done.
    is_request_thread: bool,
    /// What was appended to by other threads (`DelayedActionQueue`): the fetches that wait there are not looked at before
    /// the next request is handled.
    delayed_actions: Vec<(TopicIdPartition, PartitionChange)>,
}

/// What a broker wants with a request that it sent.
#[derive(Clone, Debug, PartialEq, Hash)]
pub(crate) enum PendingRequest {
    Register,
    Heartbeat,
    FetchMetadata,
    /// A piece of a snapshot of the metadata log.
    FetchMetadataSnapshot,
    FetchReplicas,
    /// Where a leader's log ends or starts, after OFFSET_OUT_OF_RANGE.
    FindLeadersRange(TopicIdPartition),
    /// Where an epoch ends at the leader (KIP-101's own form).
    FindEpochEnd(TopicIdPartition),
    AlterPartition,
    Forward(ForwardedRequest),
    /// What is left of changed settings, and what this broker said to the rest.
    AlterConfigs(ForwardedRequest, config_admin::Preprocessed),
    /// Topics that somebody asked about.
    AutoCreateTopics(auto_creation::AutoCreation),
    AllocateProducerIds,
    /// Markers that a leader is to write.
    WriteTxnMarkers(Vec<transaction::markers::MarkerEntry>),
    /// Partitions that a transaction's coordinator is asked about.
    AddPartitionsToTxn(Vec<transaction::verification::Verification>),
}

/// What a broker works with while it handles one input.
pub(crate) struct Context<'a> {
    pub disk: &'a mut BrokerDisk,
    pub now: Millis,
    pub fx: &'a mut Effects,
}

/// How a broker begins.
#[derive(Clone, Debug)]
pub struct BrokerStart {
    /// `node.id`.
    pub id: i32,
    /// `broker.rack`.
    pub rack: Option<String>,
    /// The cluster's id.
    pub cluster_id: String,
    /// This process.
    pub incarnation_id: Uuid,
    /// Its settings.
    pub settings: Rc<BrokerSettings>,
    /// `controller.quorum.voters`.
    pub controllers: Vec<i32>,
    /// The process's own source of randomness.
    pub random: Random,
}

impl Broker {
    /// The levels of its process's loggers.
    pub fn loggers(&self) -> &LoggingController {
        &self.loggers
    }

    /// The process's other role changed them.
    pub fn set_loggers(&mut self, loggers: LoggingController) {
        self.loggers = loggers;
    }

    /// Its fetch sessions (KIP-227).
    pub fn fetch_sessions(&self) -> &FetchSessionCache {
        &self.fetch_sessions
    }

    /// Starts a broker on what its machine has: logs are recovered if it did not end cleanly, checkpoints are read, and it
    /// registers.
    pub fn start(start: BrokerStart, disk: &mut BrokerDisk, now: Millis, fx: &mut Effects) -> Self {
        let was_clean = disk.clean_shutdown.take();
        disk.process_started(now, start.settings.log_segment_delete_delay_ms);
        let producer_expiration = ProducerExpiration {
            expiration_ms: start.settings.producer_id_expiration_ms,
            check_interval_ms: start.settings.producer_id_expiration_check_interval_ms,
        };
        for (id, stored) in &mut disk.logs {
            let recovery_point = disk.recovery_points.get(id).copied().unwrap_or(0);
            // A log without a line in `log-start-offset-checkpoint` starts where its first segment does.
            let first_segment = stored.log.segments().next().map_or(0, |segment| segment.base_offset());
            let log_start = disk.log_starts.get(id).copied().unwrap_or(first_segment);
            let log = &mut Rc::make_mut(stored).log;
            log.load(was_clean.is_some(), recovery_point, log_start);
            log.note_opened(was_clean.is_some(), now, producer_expiration);
        }
        let purgatory = Purgatory::new(&start.settings);
        let shares_log = start.controllers.contains(&start.id);
        let fetch_sessions = FetchSessionCache::new(start.settings.max_incremental_fetch_session_cache_slots);
        let coordinator_partitions = CoordinatorPartitions::count(&MetadataImage::default(), &start.settings);
        let idle_expiry = IdleExpiry::of_node(start.settings.connections_max_idle_ms, forwarding::TIMEOUT_MS);
        let mut broker = Self {
            id: start.id,
            rack: start.rack,
            cluster_id: start.cluster_id,
            incarnation_id: start.incarnation_id,
            lifecycle: lifecycle::Lifecycle::new(
                start.id,
                start.controllers,
                was_clean,
                now.saturating_add(start.settings.initial_broker_registration_timeout_ms),
            ),
            settings: start.settings,
            image: Rc::default(),
            metadata_offset: 0,
            is_listening: false,
            metadata_replica: metadata_replica::MetadataReplica::new(&disk.metadata_log, shares_log, now),
            partitions: FlatMap::new(),
            producer_expiration,
            fetch_sessions,
            purgatory,
            client_quotas: ClientQuotaManager::default(),
            loggers: LoggingController::default(),
            fetchers: FlatMap::new(),
            coordinator_partitions,
            groups: GroupCoordinator::new(start.id, start.random),
            transactions: TransactionCoordinator::new(now),
            requests: InFlightRequests::of_broker(idle_expiry),
            forwards: VecDeque::new(),
            refused: BTreeMap::new(),
            topics_being_created: BTreeSet::new(),
            auto_creations: VecDeque::new(),
            upkeep: upkeep::Upkeep::default(),
            touched: Vec::new(),
            is_request_thread: false,
            delayed_actions: Vec::new(),
        };
        let cx = &mut Context { disk, now, fx };
        broker.register(cx);
        broker.fetch_metadata(cx);
        broker
    }

    /// A handler thread takes one request.
    pub fn handle_request(&mut self, disk: &mut BrokerDisk, received: ReceivedRequest, now: Millis, fx: &mut Effects) {
        let cx = &mut Context { disk, now, fx };
        self.is_request_thread = true;
        let ReceivedRequest { mut request_context, request } = received;
        let request = *request;
        self.note_size(&mut request_context, &request);
        if let Request::ApiVersions(request) = &request {
            self.answer_api_versions(cx, &request_context, request);
        } else if !is_served(request_context.api, request_context.version, Listener::Broker) {
            self.refuse_version(cx, &request_context);
        } else if says_unknown(&request) {
            cx.fx.close(&request_context);
        } else if let Some(response) = self.without_consumer_protocol(&request) {
            self.reply(cx, &request_context, response);
        } else if let Some(request) = self.authorize(cx, &request_context, request) {
            self.handle_allowed(cx, request_context, request);
        }
        self.finish(cx);
    }

    /// Carries out what who asks may do.
    fn handle_allowed(&mut self, cx: &mut Context, request_context: RequestContext, request: Request) {
        match request {
            Request::Produce(request) => self.produce(cx, request_context, request),
            Request::Fetch(request) => self.fetch(cx, request_context, request),
            Request::ListOffsets(request) => self.list_offsets(cx, &request_context, &request),
            Request::OffsetForLeaderEpoch(request) => self.offset_for_leader_epoch(cx, &request_context, &request),
            Request::DeleteRecords(request) => self.delete_records(cx, &request_context, &request),
            Request::Metadata(request) => self.answer_metadata(cx, &request_context, &request),
            Request::DescribeCluster(request) => self.describe_cluster(cx, &request_context, &request),
            Request::FindCoordinator(request) => self.find_coordinator(cx, &request_context, &request),
            Request::DescribeConfigs(request) => self.describe_configs(cx, &request_context, &request),
            Request::DescribeAcls(request) => self.describe_acls(cx, &request_context, &request),
            Request::DescribeClientQuotas(request) => self.describe_client_quotas(cx, &request_context, &request),
            Request::DescribeProducers(request) => self.describe_producers(cx, &request_context, &request),
            Request::ListConfigResources(request) => self.list_config_resources(cx, &request_context, &request),
            Request::DescribeLogDirs(request) => self.describe_log_dirs(cx, &request_context, &request),
            Request::DescribeTopicPartitions(request) => {
                self.describe_topic_partitions(cx, &request_context, &request);
            }
            Request::InitProducerId(_)
            | Request::AddPartitionsToTxn(_)
            | Request::AddOffsetsToTxn(_)
            | Request::EndTxn(_)
            | Request::TxnOffsetCommit(_)
            | Request::WriteTxnMarkers(_)
            | Request::DescribeTransactions(_)
            | Request::ListTransactions(_) => self.transaction_request(cx, request_context, request),
            Request::OffsetCommit(_)
            | Request::OffsetFetch(_)
            | Request::JoinGroup(_)
            | Request::Heartbeat(_)
            | Request::LeaveGroup(_)
            | Request::SyncGroup(_)
            | Request::DescribeGroups(_)
            | Request::ListGroups(_)
            | Request::DeleteGroups(_)
            | Request::ConsumerGroupHeartbeat(_)
            | Request::ConsumerGroupDescribe(_)
            | Request::OffsetDelete(_) => self.group_request(cx, request_context, request),
            Request::CreateTopics(_)
            | Request::CreatePartitions(_)
            | Request::DeleteTopics(_)
            | Request::ElectLeaders(_)
            | Request::AlterPartitionReassignments(_)
            | Request::ListPartitionReassignments(_)
            | Request::UnregisterBroker(_)
            | Request::AddRaftVoter(_)
            | Request::RemoveRaftVoter(_)
            | Request::CreateAcls(_)
            | Request::DeleteAcls(_)
            | Request::AlterClientQuotas(_)
            | Request::UpdateFeatures(_)
            | Request::DescribeQuorum(_) => {
                self.forward(cx, ForwardedRequest::new(request_context, request, cx.now));
            }
            Request::AlterConfigs(_) | Request::IncrementalAlterConfigs(_) => {
                self.alter_configs(cx, ForwardedRequest::new(request_context, request, cx.now));
            }
            // Requests between brokers and controllers have no business at a broker's listener; what a listener serves at all
            // is answered before anything else.
            Request::ApiVersions(_)
            | Request::AllocateProducerIds(_)
            | Request::AlterPartition(_)
            | Request::BrokerRegistration(_)
            | Request::BrokerHeartbeat(_)
            | Request::ControllerRegistration(_)
            | Request::Vote(_)
            | Request::BeginQuorumEpoch(_)
            | Request::EndQuorumEpoch(_)
            | Request::AppendEntries(_)
            | Request::FetchSnapshot(_)
            | Request::UpdateRaftVoter(_) => {
                self.refuse_version(cx, &request_context);
            }
        }
    }

    /// A request, or a version of it, that this listener does not serve: Kafka closes the connection without a word.
    fn refuse_version(&self, cx: &mut Context, request_context: &RequestContext) {
        cx.fx.change(Change::Refused {
            node: self.id,
            api: request_context.api,
            to: request_context.from.actor(),
            error: ErrorCode::UnsupportedVersion,
        });
        cx.fx.close(request_context);
    }

    /// Anything but a request reaches the broker.
    pub fn handle(&mut self, disk: &mut BrokerDisk, input: Input<BrokerTimer>, now: Millis, fx: &mut Effects) {
        let cx = &mut Context { disk, now, fx };
        match input {
            Input::Answer { from, correlation_id, response } => {
                let actor = crate::actor::Actor::Node(self.id);
                match self.requests.answered(cx.fx, correlation_id, &response, now) {
                    Answered::Request(open) => self.handle_answer(cx, from, open.context, response),
                    Answered::ApiVersions => {
                        cx.fx.explain(Explanation::ConnectionReady { client: actor, node: from });
                    }
                    Answered::Late => cx.fx.explain(Explanation::LateAnswer { to: actor, api: response.api() }),
                }
            }
            Input::Disconnected { node, port, purpose } => {
                cx.fx.explain(Explanation::PeerGone {
                    actor: crate::actor::Actor::Node(self.id),
                    peer: crate::actor::Actor::Node(node),
                });
                self.connection_ended(cx, node, port, purpose);
            }
            Input::RequestTimeout => self.give_up_requests(cx),
            Input::IdleConnections => self.close_idle_connections(cx),
            Input::Timer(timer) => self.handle_timer(cx, &timer),
        }
        self.finish(cx);
    }

    fn handle_answer(&mut self, cx: &mut Context, from: i32, pending: PendingRequest, response: Box<Response>) {
        self.note_who_leads(&pending, &response);
        match (pending, *response) {
            (PendingRequest::Register, Response::BrokerRegistration(answer)) => self.registered(cx, &answer),
            (PendingRequest::Heartbeat, Response::BrokerHeartbeat(answer)) => self.heartbeat_answered(cx, &answer),
            (PendingRequest::FetchMetadata, Response::Fetch(answer)) => self.metadata_fetched(cx, &answer),
            (PendingRequest::FetchMetadataSnapshot, Response::FetchSnapshot(answer)) => {
                self.metadata_snapshot_fetched(cx, &answer);
            }
            (PendingRequest::FetchReplicas, Response::Fetch(answer)) => self.replicas_fetched(cx, from, &answer),
            (PendingRequest::FindLeadersRange(id), Response::ListOffsets(answer)) => {
                self.leaders_range_found(cx, from, id, &answer);
            }
            (PendingRequest::FindEpochEnd(id), Response::OffsetForLeaderEpoch(answer)) => {
                self.epoch_end_found(cx, from, id, &answer);
            }
            (PendingRequest::AlterPartition, Response::AlterPartition(answer)) => self.isr_answered(cx, &answer),
            (PendingRequest::WriteTxnMarkers(entries), Response::WriteTxnMarkers(answer)) => {
                self.markers_answered(cx, from, entries, &answer);
                cx.fx.explain(Explanation::TransactionMarkersAnswered { node: self.id, leader: from });
            }
            (PendingRequest::AddPartitionsToTxn(verifications), Response::AddPartitionsToTxn(answer)) => {
                // What goes on then is handed back to a request handler (`KafkaRequestHandler.wrapAsyncCallback`).
                self.is_request_thread = true;
                self.verifications_answered(cx, from, verifications, &answer);
            }
            (PendingRequest::AllocateProducerIds, Response::AllocateProducerIds(answer)) => {
                self.producer_ids_allocated(cx, &answer);
                cx.fx.explain(Explanation::BrokerReturns { node: self.id, api: ApiKey::AllocateProducerIds });
            }
            (PendingRequest::Forward(forwarded) | PendingRequest::AlterConfigs(forwarded, _), response)
                if forwarding::is_not_controller(&response) =>
            {
                self.forward_failed(cx, forwarded);
            }
            (PendingRequest::Forward(forwarded), response) => self.return_forwarded(cx, forwarded.received, response),
            (PendingRequest::AlterConfigs(forwarded, preprocessed), response) => {
                self.return_altered(cx, forwarded.received, &preprocessed, response);
            }
            (PendingRequest::AutoCreateTopics(creation), response) if forwarding::is_not_controller(&response) => {
                self.auto_creation_failed(cx, creation);
            }
            (PendingRequest::AutoCreateTopics(creation), response) => {
                self.auto_creation_ended(&creation);
                cx.fx.explain(Explanation::BrokerReturns { node: self.id, api: response.api() });
            }
            // An answer of another kind than the request: nobody sends one.
            (pending, response) => self.handle_failure(cx, from, response.api(), pending),
        }
    }

    /// A request got no answer: its peer is gone or its time has run out.
    fn handle_failure(&mut self, cx: &mut Context, peer: i32, api: ApiKey, pending: PendingRequest) {
        if let Some(channel) = pending.channel_to_controller(api) {
            self.lifecycle.forget_controller(channel);
        }
        match pending {
            PendingRequest::FetchMetadata | PendingRequest::FetchMetadataSnapshot => self.metadata_fetch_failed(cx),
            PendingRequest::FetchReplicas => self.replica_fetch_failed(cx, peer),
            PendingRequest::FindLeadersRange(id) | PendingRequest::FindEpochEnd(id) => {
                self.delay_partition(cx, peer, id)
            }
            PendingRequest::WriteTxnMarkers(entries) => self.markers_unanswered(cx, peer, entries),
            PendingRequest::AddPartitionsToTxn(verifications) => {
                self.verifications_unanswered(cx, peer, verifications);
            }
            PendingRequest::AutoCreateTopics(_) => {
                self.controller_unreachable(cx, pending);
                cx.fx.explain(Explanation::RequestGivenUp {
                    actor: crate::actor::Actor::Node(self.id),
                    to: crate::actor::Actor::Node(peer),
                    api,
                });
            }
            PendingRequest::Register
            | PendingRequest::Heartbeat
            | PendingRequest::AlterPartition
            | PendingRequest::Forward(_)
            | PendingRequest::AlterConfigs(..)
            | PendingRequest::AllocateProducerIds => self.controller_unreachable(cx, pending),
        }
    }

    /// The active controller did not answer, or is not known: what was asked of it waits, and is asked again.
    fn controller_unreachable(&mut self, cx: &mut Context, pending: PendingRequest) {
        match pending {
            PendingRequest::Register | PendingRequest::Heartbeat => self.communication_failed(cx),
            PendingRequest::AlterPartition => self.isr_unanswered(cx),
            PendingRequest::Forward(forwarded) | PendingRequest::AlterConfigs(forwarded, _) => {
                self.forward_failed(cx, forwarded);
            }
            PendingRequest::AllocateProducerIds => self.producer_ids_unanswered(cx),
            PendingRequest::AutoCreateTopics(creation) => self.auto_creation_failed(cx, creation),
            // These are not asked of a controller as such.
            PendingRequest::FetchMetadata
            | PendingRequest::FetchMetadataSnapshot
            | PendingRequest::FetchReplicas
            | PendingRequest::FindLeadersRange(_)
            | PendingRequest::FindEpochEnd(_)
            | PendingRequest::WriteTxnMarkers(_)
            | PendingRequest::AddPartitionsToTxn(_) => {}
        }
    }

    fn handle_timer(&mut self, cx: &mut Context, timer: &BrokerTimer) {
        match timer {
            BrokerTimer::Heartbeat => self.communicate(cx),
            BrokerTimer::RegistrationTimeout => self.registration_timed_out(cx),
            BrokerTimer::MetadataFetch => self.fetch_metadata(cx),
            BrokerTimer::ReplicaFetch(leader) => self.fetch_again(cx, *leader),
            BrokerTimer::IsrExpiration => self.maybe_shrink_isr(cx),
            BrokerTimer::AlterPartition => self.send_proposals(cx),
            BrokerTimer::HighWatermarkCheckpoint => self.checkpoint_high_watermarks(cx),
            BrokerTimer::LogCleanup => self.clean_logs(cx),
            BrokerTimer::Purgatory(id) => self.on_expiration(cx, *id),
            BrokerTimer::ForwardRetry => self.forward_again(cx),
            BrokerTimer::SnapshotCleaning => self.clean_snapshots(cx),
            BrokerTimer::TransactionAbort
            | BrokerTimer::TransactionalIdExpiration
            | BrokerTimer::TransactionMarkers => self.transaction_timer(cx, timer),
            BrokerTimer::AddPartitionsToTxnRetry(number) => self.verify_again(cx, *number),
            BrokerTimer::GroupJoin(_)
            | BrokerTimer::GroupSession(_)
            | BrokerTimer::GroupRebalance(_)
            | BrokerTimer::GroupMemberJoin(_)
            | BrokerTimer::GroupMemberSync(_)
            | BrokerTimer::GroupRegex(_)
            | BrokerTimer::OffsetsExpiration(_) => {
                let known = KnownCluster {
                    node: self.id,
                    partitions: self.coordinator_partitions.offsets,
                    settings: &self.settings,
                    image: &self.image,
                };
                let appends = self.groups.handle_timer(timer, cx.now, &known, cx.fx);
                self.append_for_coordinator(cx, appends);
            }
        }
    }

    /// Looks again at the waiting requests of every partition that this input moved, and tells with each answer what was
    /// refused of its request.
    fn finish(&mut self, cx: &mut Context) {
        if self.is_request_thread {
            self.touched.append(&mut self.delayed_actions);
        }
        self.complete_touched(cx);
        self.is_request_thread = false;
        self.merge_refused(cx.fx);
        self.throttle_answered(cx.fx, cx.now);
    }

    /// Notes that a leader has appended to a partition.
    fn touch_log_end(&mut self, id: TopicIdPartition) {
        self.touched.push((id, PartitionChange::LogEnd));
    }

    /// Notes that a partition's high watermark, log start or leadership changed.
    fn touch(&mut self, id: TopicIdPartition) {
        self.touched.push((id, PartitionChange::HighWatermarkOrLeadership));
    }
}
