//! The active controller: what it decides, written as records on the metadata log (`QuorumController`).
//!
//! Decisions are pure functions of the image and an event; they give records and an answer. Only [`Controller`] appends
//! records, and it replays each batch at once into the image, as Kafka's controller does, so that the next decision sees
//! it. Answers leave when their records are below the quorum's high watermark.

pub mod acls;
pub mod alter_partition;
mod authorization;
pub mod brokers_to_isrs;
pub mod client_quotas;
pub mod cluster_control_manager;
pub mod configs;
mod controller_registration_manager;
mod decisions;
pub mod elections;
pub mod features;
pub mod heartbeat;
mod image_changes;
mod loggers;
pub mod partition_change;
pub mod partitions;
pub mod placement;
pub mod producer_ids;
mod puppets;
pub mod reassignment;
pub(crate) mod refusals;
pub mod registration;
mod requests;
mod snapshots;
pub mod table_orders;
#[cfg(test)]
mod tests;
mod timers;
pub mod topics;
mod write_event;

use std::rc::Rc;

use self::cluster_control_manager::ClusterControlManager;
use self::controller_registration_manager::ControllerRegistrationManager;
use self::elections::ElectionCandidates;
use self::heartbeat::Heartbeats;
use self::refusals::refused_whole_answer;
use self::table_orders::TableOrders;
use crate::actor::Endpoint;
use crate::change::Change;
use crate::connection::Purpose;
use crate::effects::{ControllerTimer, Effects, Input, RequestContext};
use crate::explain::Explanation;
use crate::metadata::{MetadataImage, MetadataRecord};
use crate::quota::controller_mutation::ControllerMutationQuotaManager;
use crate::quota::{QuotaSession, QuotaType, QuotaUse, Quotas};
pub use crate::raft::ControllerDisk;
use crate::raft::{Quorum, QuorumConfig, QuorumMember, Role, SnapshotGenerator, VoterSet};
use crate::settings::{BrokerSettings, LoggingController};
use crate::sim::Millis;
use crate::sim::random::Random;
use crate::wire::config_resource::BROKER;
use crate::wire::feature_levels::{ELR_VERSION, LATEST_PRODUCTION, METADATA_VERSION, levels_of_new_cluster};
use crate::wire::quorum::{
    DescribeQuorumPartition, DescribeQuorumRequest, DescribeQuorumTopic, LeaderEndpoint, METADATA_TOPIC,
};
use crate::wire::{Response, Uuid};

/// What a controller process holds in memory. All of it is rebuilt from the disk at a start, sessions apart.
#[derive(Clone, Debug, PartialEq, Hash)]
pub struct Controller {
    node_id: i32,
    cluster_id: String,
    settings: BrokerSettings,
    random: Random,
    quorum: Quorum,
    image: MetadataImage,
    heartbeats: Heartbeats,
    election_candidates: ElectionCandidates,
    orders: Rc<TableOrders>,
    uncommitted_answers: Vec<UncommittedAnswer>,
    /// The epoch in which it is the active controller; `None` while it stands by.
    active_in: Option<i32>,
    /// How far this process has come with its registration.
    registration: ControllerRegistrationManager,
    /// The log is replayed into the image up to here: by a standby what is committed, by the active one all of it.
    replayed_to: i64,
    /// The log is known to be committed up to here.
    committed_to: i64,
    /// When it makes its next snapshot, and up to which offset the committed log counts for that.
    snapshot_generator: SnapshotGenerator,
    counted_to: i64,
    /// The offset up to which the log was known when features last changed (`FeaturesPublisher`).
    features_epoch: i64,
    /// What users and clients use of `controller_mutation_rate` here.
    mutation_quotas: ControllerMutationQuotaManager,
    /// The levels of its process's loggers.
    loggers: LoggingController,
    started_ms: Millis,
    timers: timers::ScheduledTimers,
}

/// An answer that waits until the records below an offset are committed.
#[derive(Clone, Debug, PartialEq, Hash)]
struct UncommittedAnswer {
    offset: i64,
    to: RequestContext,
    response: Response,
    /// Until when a quota makes its client pause, in milliseconds.
    throttled_until: Millis,
}

/// What a controller process is started with.
#[derive(Clone, Debug)]
pub struct ControllerStart {
    /// `node.id`.
    pub node_id: i32,
    /// Its settings.
    pub settings: Rc<BrokerSettings>,
    /// `cluster.id`.
    pub cluster_id: String,
    /// The directory that holds its log.
    pub directory_id: Uuid,
    /// Where it listens.
    pub endpoints: Rc<[LeaderEndpoint]>,
    /// `controller.quorum.voters`; none where the log says who votes.
    pub voters: Rc<VoterSet>,
    /// `controller.quorum.bootstrap.servers`.
    pub bootstrap: Rc<[i32]>,
    /// What it draws ids from.
    pub random: Random,
    /// What it draws election timeouts from.
    pub quorum_random: Random,
}

impl Controller {
    /// What it tells of the quorum behind the metadata log (`DescribeQuorum`).
    pub fn describe_quorum(&self, disk: &ControllerDisk, now: Millis) -> Response {
        let partitions = vec![DescribeQuorumPartition { partition_index: 0 }];
        let topic = DescribeQuorumTopic { topic_name: METADATA_TOPIC.to_owned(), partitions };
        self.quorum.describe(disk, &DescribeQuorumRequest { topics: vec![topic] }, now)
    }

    /// Starts a controller process: it takes up its part in the quorum. The only voter elects itself, replays its log and
    /// becomes active at once. A first start writes the bootstrap records.
    pub fn start(start: ControllerStart, disk: &mut ControllerDisk, now: Millis, fx: &mut Effects) -> Self {
        let ControllerStart { node_id, settings, cluster_id, directory_id, endpoints, .. } = start;
        let ControllerStart { voters, bootstrap, mut random, quorum_random, .. } = start;
        let has_static_voters = voters.iter().next().is_some() && !disk.log.quorum().is_reconfigurable();
        let config = QuorumConfig::of(&settings, has_static_voters);
        let cluster_of_quorum = cluster_id.clone();
        let member =
            QuorumMember { node_id, cluster_id: cluster_of_quorum, directory_id, endpoints, voters, bootstrap, config };
        let own_endpoints = Rc::clone(&member.endpoints);
        let quorum = Quorum::start(member, quorum_random, disk, now, fx);
        let registration = ControllerRegistrationManager::new(Uuid(random.id()), &own_endpoints);
        let mut controller = Self {
            node_id,
            cluster_id,
            settings: (*settings).clone(),
            random,
            quorum,
            image: MetadataImage::default(),
            heartbeats: Heartbeats::default(),
            election_candidates: ElectionCandidates::default(),
            orders: Rc::default(),
            uncommitted_answers: Vec::new(),
            active_in: None,
            registration,
            replayed_to: 0,
            committed_to: 0,
            snapshot_generator: SnapshotGenerator::default(),
            counted_to: 0,
            features_epoch: disk.log.end_offset().saturating_sub(1),
            mutation_quotas: ControllerMutationQuotaManager::default(),
            loggers: LoggingController::default(),
            started_ms: now,
            timers: timers::ScheduledTimers::default(),
        };
        controller.quorum.poll(disk, now, fx);
        controller.follow_quorum(disk, now, fx);
        controller
    }

    /// Anything but a request reaches the controller.
    pub fn handle(&mut self, disk: &mut ControllerDisk, input: Input<ControllerTimer>, now: Millis, fx: &mut Effects) {
        match input {
            Input::Timer(timer) => self.handle_timer(disk, &timer, now, fx),
            Input::Answer { from, correlation_id, response } => match *response {
                Response::ControllerRegistration(answer) => {
                    self.registration_answered(correlation_id, &answer, now, fx)
                }
                response => self.quorum.handle_answer(disk, from, correlation_id, response, now, fx),
            },
            Input::Disconnected { node, purpose, .. } => self.disconnected(disk, node, purpose, now, fx),
            Input::RequestTimeout => self.quorum.give_up_requests(disk, now, fx),
            Input::IdleConnections => {
                for (node, purpose) in self.quorum.close_idle(now, fx) {
                    self.disconnected(disk, node, purpose, now, fx);
                }
            }
        }
        if !fx.halts {
            self.follow_quorum(disk, now, fx);
        }
    }

    /// A connection to another controller has ended.
    fn disconnected(&mut self, disk: &ControllerDisk, node: i32, purpose: Purpose, now: Millis, fx: &mut Effects) {
        if purpose == Purpose::ControllerRegistration {
            self.registration_disconnected(node, now, fx);
        } else {
            self.quorum.disconnected(disk, node, purpose, now, fx);
        }
    }

    /// Does what follows from the quorum (`QuorumMetaLogListener`): stands by or is active, replays what is committed, answers
    /// who waited for that.
    fn follow_quorum(&mut self, disk: &mut ControllerDisk, now: Millis, fx: &mut Effects) {
        self.committed_to = self.committed_to.max(self.quorum.high_watermark());
        if self.active_in.is_some_and(|epoch| epoch != self.quorum.epoch() || !self.quorum.is_leader()) {
            self.renounce(disk, now, fx);
        }
        if self.active_in.is_none() {
            self.replay(disk, self.committed_to, now, fx);
            if self.quorum.is_leader_change_committed() {
                self.become_active(disk, now, fx);
            }
        }
        // It registers once it has caught up: what it writes then counts towards its next snapshot, what was there does not.
        self.maybe_create_snapshot(disk, now, fx);
        self.maybe_register(disk, now, fx);
        self.answer_what_is_committed(fx);
        self.maybe_create_snapshot(disk, now, fx);
        self.arm_snapshot_cleaning(disk, now, fx);
        if self.quorum.has_shut_down(now) {
            fx.replace_explanation(Explanation::ControllerStopped { node: self.node_id });
            fx.exits = true;
        }
    }

    /// The process is asked to end (SIGTERM). A leader resigns, and goes once another leads or its time is up.
    pub fn stop(&mut self, disk: &mut ControllerDisk, now: Millis, fx: &mut Effects) {
        self.quorum.shut_down(disk, now, fx);
        self.follow_quorum(disk, now, fx);
    }

    /// Whether it was asked to end.
    pub fn is_stopping(&self) -> bool {
        self.quorum.is_shutting_down()
    }

    /// Replays the log up to an offset (exclusive). Who begins, or needs what the log has no more, loads the newest snapshot first.
    fn replay(&mut self, disk: &ControllerDisk, to: i64, now: Millis, fx: &mut Effects) {
        if let Some(snapshot) = disk.log.snapshot_to_load(self.replayed_to, to) {
            self.load_snapshot(snapshot, now, fx);
        }
        for (offset, _, record) in disk.log.records_from(self.replayed_to).take_while(|(offset, _, _)| *offset < to) {
            if matches!(record, MetadataRecord::FeatureLevelRecord { .. }) {
                self.features_epoch = offset;
            }
            self.image.apply(record);
            self.note_replayed(record, offset);
        }
        self.replayed_to = self.replayed_to.max(to);
    }

    /// Notes what follows from a record at an offset, once the image has it.
    fn note_replayed(&mut self, record: &MetadataRecord, offset: i64) {
        self.heartbeats.replay(record, offset);
        self.election_candidates.replay(&self.image, record);
        TableOrders::replay_shared(&mut self.orders, &self.image, record);
    }

    /// Forgets the image, and all that was noted of it.
    fn forget_replayed(&mut self) {
        self.image = MetadataImage::default();
        (self.heartbeats, self.election_candidates) = (Heartbeats::default(), ElectionCandidates::default());
        self.orders = Rc::default();
    }

    /// Its own record of the epoch is committed, so everything before is: it decides from now on (`completeActivation`).
    fn become_active(&mut self, disk: &mut ControllerDisk, now: Millis, fx: &mut Effects) {
        self.features_epoch = disk.log.end_offset().saturating_sub(1);
        self.replay(disk, disk.log.end_offset(), now, fx);
        self.active_in = Some(self.quorum.epoch());
        fx.replace_explanation(Explanation::ControllerActivated { node: self.node_id });
        if self.image.features.is_empty() {
            let records = bootstrap_records(&self.settings);
            self.append_records(disk, &records, now, fx);
        }
        // Who was unfenced gets the benefit of the doubt for one session.
        let unfenced = self.image.brokers.iter().filter(|(_, broker)| !broker.fenced);
        for (broker, image) in unfenced {
            self.heartbeats.touch(*broker, image.broker_epoch, now);
        }
        self.started_ms = now;
        self.timers.image_has_changed = true;
        self.arm_timers(now, fx);
    }

    /// Another leads. What was written and not committed may vanish: the image goes back to what is committed, and who
    /// waits for more is answered NOT_CONTROLLER (`QuorumController.renounce`).
    fn renounce(&mut self, disk: &ControllerDisk, now: Millis, fx: &mut Effects) {
        self.active_in = None;
        for UncommittedAnswer { to, response, .. } in std::mem::take(&mut self.uncommitted_answers) {
            fx.answer(&to, refused_whole_answer(&response, &write_event::wrong_controller(None)));
        }
        let committed_to = self.committed_to;
        self.forget_replayed();
        self.replayed_to = 0;
        self.replay(disk, committed_to, now, fx);
        self.arm_timers(now, fx);
    }

    /// Takes over changed settings.
    pub fn set_settings(&mut self, settings: &BrokerSettings, now: Millis, fx: &mut Effects) {
        self.settings = settings.clone();
        self.timers.image_has_changed = true;
        self.arm_timers(now, fx);
    }

    /// The levels of its process's loggers.
    pub fn loggers(&self) -> &LoggingController {
        &self.loggers
    }

    /// The process's other role changed them.
    pub fn set_loggers(&mut self, loggers: LoggingController) {
        self.loggers = loggers;
    }

    /// What users and clients have left of `controller_mutation_rate` here.
    pub fn quota_uses(&self, now: Millis) -> impl Iterator<Item = QuotaUse<'_>> {
        self.mutation_quotas.uses(Quotas::of_controller(&self.image.client_quotas, &self.settings), now)
    }

    /// What the log says, up to its end.
    pub fn image(&self) -> &MetadataImage {
        &self.image
    }

    /// What is known of brokers beside the log.
    pub fn heartbeats(&self) -> &Heartbeats {
        &self.heartbeats
    }

    /// Its part in the quorum.
    pub fn quorum(&self) -> &Quorum {
        &self.quorum
    }

    /// The offset that the next metadata record gets.
    pub fn log_end_offset(&self, disk: &ControllerDisk) -> i64 {
        disk.log.end_offset()
    }

    /// The metadata log's high watermark, -1 for unknown.
    pub fn high_watermark(&self) -> i64 {
        self.quorum.high_watermark()
    }

    /// The quorum's epoch.
    pub fn epoch(&self) -> i32 {
        self.quorum.epoch()
    }

    /// Where it stands in the quorum.
    pub fn role(&self) -> Role {
        self.quorum.role()
    }

    /// Whether it decides.
    pub fn is_active(&self) -> bool {
        self.active_in.is_some()
    }

    /// Whose answers wait, and up to which offset (exclusive) the log must be committed before they leave.
    pub fn uncommitted_answers(&self) -> impl Iterator<Item = (i64, &RequestContext)> {
        self.uncommitted_answers.iter().map(|answer| (answer.offset, &answer.to))
    }

    /// The metadata records from an offset on, with their offsets and epochs. Control records are left out.
    pub fn records_from<'a>(
        &self,
        disk: &'a ControllerDisk,
        offset: i64,
    ) -> impl Iterator<Item = (i64, i32, &'a MetadataRecord)> + use<'a> {
        disk.log.records_from(offset)
    }

    fn cluster(&self) -> ClusterControlManager<'_> {
        ClusterControlManager {
            image: &self.image,
            settings: &self.settings,
            orders: &self.orders,
            node_id: self.node_id,
            heartbeats: &self.heartbeats,
            static_voters: self.quorum.static_voters(),
        }
    }

    /// Appends records as one batch, replays them, notes what they changed, and answers anyone who waited for them. Gives the
    /// offset of the first.
    fn append_records(
        &mut self,
        disk: &mut ControllerDisk,
        records: &[MetadataRecord],
        now: Millis,
        fx: &mut Effects,
    ) -> i64 {
        let base_offset = self.append_batch(disk, records, now, fx);
        self.quorum.replicate(disk, now, fx);
        base_offset
    }

    /// The same, for who appends more than one batch at once: fetches that wait are answered with all of them.
    fn append_batch(
        &mut self,
        disk: &mut ControllerDisk,
        records: &[MetadataRecord],
        now: Millis,
        fx: &mut Effects,
    ) -> i64 {
        if records.is_empty() {
            return disk.log.end_offset();
        }
        self.timers.image_has_changed = true;
        let base_offset = self.quorum.append(disk, records, now);
        let types = records.iter().map(|record| record.kind().to_owned()).collect();
        fx.change(Change::MetadataAppended { node: self.node_id, offset: base_offset, types });
        if records.iter().any(|record| matches!(record, MetadataRecord::FeatureLevelRecord { .. })) {
            self.features_epoch = disk.log.end_offset().saturating_sub(1);
        }
        image_changes::apply_noting(&mut self.image, records, fx);
        for (offset, record) in (base_offset..).zip(records) {
            self.note_replayed(record, offset);
        }
        self.replayed_to = disk.log.end_offset();
        base_offset
    }

    /// Answers once everything that the log holds now is committed: with one voter at once.
    fn answer_when_committed(
        &mut self,
        disk: &ControllerDisk,
        request_context: RequestContext,
        response: Response,
        fx: &mut Effects,
    ) {
        if self.active_in.is_none() {
            // Refused: nothing was written that could be waited for.
            fx.answer(&request_context, response);
            return;
        }
        let pause = Millis::try_from(response.throttle_time_ms()).unwrap_or(0);
        let throttled_until = fx.now.saturating_add(pause);
        let offset = disk.log.end_offset();
        self.uncommitted_answers.push(UncommittedAnswer { offset, to: request_context, response, throttled_until });
        self.answer_what_is_committed(fx);
    }

    fn answer_what_is_committed(&mut self, fx: &mut Effects) {
        let committed = self.quorum.high_watermark();
        for answer in std::mem::take(&mut self.uncommitted_answers) {
            if answer.offset <= committed {
                self.answer_maybe_throttle(answer, fx);
            } else {
                self.uncommitted_answers.push(answer);
            }
        }
    }

    /// Answers, and mutes the channel of who asked for too much; not where a broker asked for it, which sees to that itself
    /// (`sendResponseMaybeThrottleWithControllerQuota`).
    fn answer_maybe_throttle(&mut self, answer: UncommittedAnswer, fx: &mut Effects) {
        let UncommittedAnswer { to, mut response, throttled_until, .. } = answer;
        let throttle_ms = throttled_until.saturating_sub(fx.now);
        if response.throttle_time_ms() > 0 {
            response.set_throttle_time_ms(i32::try_from(throttle_ms).unwrap_or(i32::MAX));
        }
        let is_client = !matches!(to.from, Endpoint::Broker(_) | Endpoint::Controller(_));
        if throttle_ms == 0 || !is_client {
            return fx.answer(&to, response);
        }
        let quotas = Quotas::of_controller(&self.image.client_quotas, &self.settings);
        self.mutation_quotas.throttle(quotas, &QuotaSession::of(&to), throttled_until);
        let (node, client, quota) = (self.node_id, to.from.actor(), QuotaType::ControllerMutation);
        fx.change(Change::ClientThrottled { node, client, api: to.api, quota, throttle_ms });
        fx.answer_and_throttle(&to, response, throttle_ms);
    }
}

/// What `kafka-storage.sh format` leaves for the first active controller to write, as one transaction.
fn bootstrap_records(settings: &BrokerSettings) -> Vec<MetadataRecord> {
    let elr = i16::from(settings.eligible_leader_replicas_version > 0);
    let feature = |(name, feature_level): (&str, i16)| MetadataRecord::FeatureLevelRecord {
        name: name.to_owned(),
        feature_level,
    };
    let mut records = vec![MetadataRecord::BeginTransactionRecord { name: "Bootstrap records".to_owned() }];
    records.push(feature((METADATA_VERSION, LATEST_PRODUCTION)));
    let mut levels = levels_of_new_cluster();
    levels.insert(ELR_VERSION, elr);
    records.extend(levels.into_iter().filter(|(_, level)| *level > 0).map(feature));
    if elr > 0 {
        // Every controller must count with the same number.
        records.push(MetadataRecord::ConfigRecord {
            resource_type: BROKER,
            resource_name: String::new(),
            name: "min.insync.replicas".to_owned(),
            value: Some(settings.min_insync_replicas.to_string()),
        });
    }
    records.push(MetadataRecord::EndTransactionRecord {});
    records
}
