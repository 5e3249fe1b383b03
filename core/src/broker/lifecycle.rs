//! How a broker stands with the controller: registration, heartbeats, fencing, controlled shutdown (`BrokerLifecycleManager`).
//! The table of its states is at the head of [`super`].

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::{Broker, Context, CoordinatorPartitions, PendingRequest};
use crate::change::Change;
use crate::connection::Purpose;
use crate::effects::BrokerTimer;
use crate::explain::Explanation;
use crate::settings::list_items;
use crate::sim::Millis;
use crate::sort::CollectOrdered;
use crate::wire::feature_levels::supported_features;
use crate::wire::ids::TopicIdPartition;
use crate::wire::metadata::{
    BrokerHeartbeatRequest, BrokerHeartbeatResponse, BrokerListener, BrokerRegistrationRequest,
    BrokerRegistrationResponse,
};
use crate::wire::{ApiKey, ErrorCode, Request, Uuid};

/// How a broker stands with the controller.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Lifecycle {
    /// Its state.
    pub state: LifecycleState,
    /// Its registration's epoch, -1 before the first.
    pub broker_epoch: i64,
    /// The epoch before, if the process ended cleanly then.
    previous_epoch: Option<i64>,
    /// When a process that is not registered by then ends.
    registration_deadline: Millis,
    /// `controller.quorum.voters`; where no leader is known the metadata log is fetched from the first.
    controllers: Vec<i32>,
    /// The leader of the metadata log's quorum, as the last answer to a fetch named it.
    quorum_leader: Option<i32>,
    /// Whom each channel to the controller asks (`NodeToControllerRequestThread.activeController`): it holds on to the leader that it
    /// learnt first until that one does not answer, or answers that it does not lead.
    channels: BTreeMap<Purpose, i32>,
    /// Whether a controller lives in the same process: its log is this broker's log.
    own_controller: Option<i32>,
    /// The cordoned directories that the last heartbeat reported.
    reported_cordoned_log_dirs: Option<Vec<Uuid>>,
    /// The registration or heartbeat that waits to be sent, or for its answer.
    communication: Option<Communication>,
    /// Whether something was to be said meanwhile, so that the next follows at once
    /// (`BrokerLifecycleManager.nextSchedulingShouldBeImmediate`).
    is_next_immediate: bool,
    /// Whether the controller has heard that this process wants to end.
    got_controlled_shutdown_response: bool,
    /// Until when a process that was asked to end waits for the controller's leave.
    shutdown_deadline: Millis,
}

/// A registration or heartbeat in the queue of its channel (`NodeToControllerQueueItem`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Communication {
    /// What it says, as it was when it was queued.
    request: Rc<Request>,
    /// Since when it is tried.
    created: Millis,
    /// Whether it was sent and has no answer yet.
    is_in_flight: bool,
}

impl Communication {
    /// How much longer it is tried, in milliseconds: `broker.heartbeat.interval.ms` in all
    /// (`NodeToControllerRequestThread.generateRequests`).
    fn left_ms(&self, heartbeat_interval_ms: Millis, now: Millis) -> Millis {
        self.created.saturating_add(heartbeat_interval_ms).saturating_sub(now)
    }
}

/// A broker's state, as in the table at the head of the room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LifecycleState {
    /// Not registered yet.
    Starting,
    /// Registered and fenced.
    Fenced,
    /// In service.
    Running,
    /// Asked to end.
    Stopping,
}

/// A broker's channels to the controller, each a `NodeToControllerChannelManager` of its own.
const CHANNELS: [Purpose; 3] = [Purpose::Heartbeat, Purpose::AlterPartition, Purpose::Forwarding];

/// How soon the channel to the controller tries again where the active one did not answer, is not active any more or is not known
/// (`NodeToControllerRequestThread.doWork`). An answer that refuses is followed up after a whole heartbeat interval.
const RESEND_BACKOFF_MS: u64 = 100;
/// `controller.socket.timeout.ms`: how long an answer on a channel to the controller is waited for at most, in milliseconds.
const SOCKET_TIMEOUT_MS: Millis = 30_000;
/// How long a broker waits for the controller's leave to end before it ends without (`BrokerServer.shutdown`), in milliseconds.
const SHUTDOWN_TIMEOUT_MS: Millis = 5 * 60 * 1_000;
/// How soon a broker asks again for leave to end, the first time.
const CONTROLLED_SHUTDOWN_RETRY_MS: u64 = 50;

impl Lifecycle {
    /// The state of a process that starts. `previous_epoch` is what `.kafka_cleanshutdown` held.
    pub fn new(broker: i32, controllers: Vec<i32>, previous_epoch: Option<i64>, registration_deadline: Millis) -> Self {
        Self {
            state: LifecycleState::Starting,
            broker_epoch: -1,
            previous_epoch,
            registration_deadline,
            own_controller: controllers.iter().copied().find(|voter| *voter == broker),
            quorum_leader: None,
            channels: BTreeMap::new(),
            controllers,
            reported_cordoned_log_dirs: None,
            communication: None,
            is_next_immediate: false,
            got_controlled_shutdown_response: false,
            shutdown_deadline: Millis::MAX,
        }
    }

    /// The active controller, as far as this broker knows: the quorum's leader, or the only one that there is.
    pub fn controller(&self) -> Option<i32> {
        let only = match self.controllers.as_slice() {
            [only] => Some(*only),
            [] | [_, _, ..] => None,
        };
        self.quorum_leader.or(only)
    }

    /// The controller that a channel asks: the quorum's leader, where it is known (`RaftControllerNodeProvider`). Nobody else is asked.
    pub(super) fn controller_of(&self, channel: Purpose) -> Option<i32> {
        self.channels.get(&channel).copied().or_else(|| self.controller())
    }

    /// A channel's controller did not answer, or does not lead: it asks whoever is known to lead from now on.
    pub(super) fn forget_controller(&mut self, channel: Purpose) {
        self.channels.remove(&channel);
        self.fill_channels();
    }

    /// Channels that have nobody to ask take whoever leads, as soon as that is known.
    fn fill_channels(&mut self) {
        if let Some(leader) = self.quorum_leader {
            for channel in CHANNELS {
                self.channels.entry(channel).or_insert(leader);
            }
        }
    }

    /// The voter that the metadata log is fetched from: the one in the same process, else the quorum's leader, else one that may know
    /// who leads.
    pub(super) fn metadata_source(&self) -> Option<i32> {
        self.own_controller.or(self.quorum_leader).or_else(|| self.controllers.first().copied())
    }

    /// An answer named the quorum's leader, -1 for none. Gives whether that is another one than was known.
    pub(super) fn learn_quorum_leader(&mut self, leader: i32) -> bool {
        let leader = (leader >= 0).then_some(leader);
        let is_newer = std::mem::replace(&mut self.quorum_leader, leader) != leader && leader.is_some();
        self.fill_channels();
        is_newer
    }

    /// The voter that was fetched from does not answer, or knows no leader: another voter is asked next.
    pub(super) fn lost_quorum_leader(&mut self) {
        self.quorum_leader = None;
        if self.controllers.len() > 1 {
            self.controllers.rotate_left(1);
        }
    }
}

impl Broker {
    /// Announces this process to the controller.
    pub(super) fn register(&mut self, cx: &mut Context) {
        let request = BrokerRegistrationRequest {
            broker_id: self.id,
            cluster_id: self.cluster_id.clone(),
            incarnation_id: self.incarnation_id,
            listeners: vec![BrokerListener {
                name: "PLAINTEXT".to_owned(),
                host: format!("broker-{}", self.id),
                port: 9092,
                security_protocol: 0,
            }],
            features: supported_features().collect(),
            rack: self.rack.clone(),
            is_migrating_zk_broker: false,
            log_dirs: vec![cx.disk.directory_id],
            previous_broker_epoch: self.lifecycle.previous_epoch.unwrap_or(-1),
        };
        cx.fx.explain(Explanation::BrokerRegisters { node: self.id });
        self.queue_communication(cx, Request::BrokerRegistration(request));
    }

    /// Puts a registration or heartbeat on its channel's queue, and sends it if the controller is known.
    fn queue_communication(&mut self, cx: &mut Context, request: Request) {
        let request = Rc::new(request);
        self.lifecycle.communication = Some(Communication { request, created: cx.now, is_in_flight: false });
        self.send_communication(cx);
    }

    /// Sends what is queued for the controller. When its time is over it is given up, whether it could be sent or not, and the next
    /// follows an interval later.
    fn send_communication(&mut self, cx: &mut Context) {
        let retry_timeout_ms = self.settings.broker_heartbeat_interval_ms;
        let is_known = self.lifecycle.controller_of(Purpose::Heartbeat).is_some();
        let Some(queued) = self.lifecycle.communication.as_mut() else { return };
        let api = queued.request.api();
        let left_ms = queued.left_ms(retry_timeout_ms, cx.now);
        if left_ms == 0 {
            self.lifecycle.communication = None;
            cx.fx.explain(Explanation::ControllerRequestTimedOut { node: self.id, api });
            self.communicate_after_failure(cx);
            return;
        }
        if is_known {
            queued.is_in_flight = true;
            let request = (*queued.request).clone();
            let pending = match api {
                ApiKey::BrokerRegistration => PendingRequest::Register,
                _ => PendingRequest::Heartbeat,
            };
            self.send_to_controller(cx, request, retry_timeout_ms.min(SOCKET_TIMEOUT_MS), pending);
        } else {
            cx.fx.replace_explanation(Explanation::WaitsForController { node: self.id, api });
            self.communicate_again(cx, left_ms);
        }
    }

    /// Who leads the quorum is known anew: what is queued for the controller goes there at once. Kafka's channels look every 100 ms.
    pub(super) fn controller_found(&mut self, cx: &mut Context) {
        if self.lifecycle.communication.as_ref().is_some_and(|queued| !queued.is_in_flight) {
            self.communicate_again(cx, 0);
        }
    }

    pub(super) fn registered(&mut self, cx: &mut Context, answer: &BrokerRegistrationResponse) {
        if !answer.error_code.is_none() {
            cx.fx.explain(Explanation::BrokerRegistrationRefused { node: self.id, error: answer.error_code });
            return self.communication_refused(cx, answer.error_code);
        }
        self.lifecycle.communication = None;
        cx.fx.stop_timer(BrokerTimer::RegistrationTimeout);
        self.lifecycle.broker_epoch = answer.broker_epoch;
        self.lifecycle.state = LifecycleState::Fenced;
        cx.fx.explain(Explanation::BrokerRegistrationAnswered { node: self.id, broker_epoch: answer.broker_epoch });
        self.begin_to_listen(cx);
        self.send_heartbeat(cx);
    }

    /// Takes up all its replicas at once and opens its listener, the first time that it knows of its own registration.
    fn begin_to_listen(&mut self, cx: &mut Context) {
        let is_registered = self.lifecycle.state != LifecycleState::Starting;
        if self.is_listening || !is_registered || self.metadata_offset <= self.lifecycle.broker_epoch {
            return;
        }
        self.is_listening = true;
        self.coordinator_partitions = CoordinatorPartitions::count(&self.image, &self.settings);
        self.start_upkeep(cx);
        let partitions = self.image.topics.iter().flat_map(|(topic_id, topic)| {
            let of_topic = |partition: &i32| TopicIdPartition { topic_id: *topic_id, partition: *partition };
            topic.partitions.keys().map(of_topic)
        });
        let all: BTreeSet<TopicIdPartition> = partitions.collect_ordered();
        self.apply_partition_changes(cx, &all);
        cx.disk.set_strays_aside(|id| self.partitions.contains_key(id));
    }

    /// The next thing to say to the controller is due.
    pub(super) fn communicate(&mut self, cx: &mut Context) {
        if let Some(queued) = &self.lifecycle.communication {
            if queued.is_in_flight {
                self.lifecycle.is_next_immediate = true;
            } else {
                self.send_communication(cx);
            }
            return;
        }
        match self.lifecycle.state {
            LifecycleState::Starting => self.register(cx),
            LifecycleState::Stopping if self.lifecycle.shutdown_deadline <= cx.now => self.communicate_again(cx, 0),
            LifecycleState::Fenced | LifecycleState::Running | LifecycleState::Stopping => self.send_heartbeat(cx),
        }
    }

    pub(super) fn send_heartbeat(&mut self, cx: &mut Context) {
        let request = BrokerHeartbeatRequest {
            broker_id: self.id,
            broker_epoch: self.lifecycle.broker_epoch,
            current_metadata_offset: self.metadata_offset - 1,
            want_fence: false,
            want_shut_down: self.lifecycle.state == LifecycleState::Stopping,
            cordoned_log_dirs: self.is_listening.then(|| self.cordoned_log_dirs(cx)),
        };
        self.lifecycle.reported_cordoned_log_dirs.clone_from(&request.cordoned_log_dirs);
        cx.fx.explain(Explanation::BrokerSendsHeartbeat { node: self.id });
        self.queue_communication(cx, Request::BrokerHeartbeat(request));
    }

    /// The directories that take no new replicas: its only one, where `cordoned.log.dirs` is `*` or names all there are
    /// (`AbstractKafkaConfig.cordonedLogDirs`).
    fn cordoned_log_dirs(&self, cx: &Context) -> Vec<Uuid> {
        let configs = self.node_configs();
        let cordoned = list_items(configs, "cordoned.log.dirs");
        let are_all = || {
            let all = [list_items(configs, "log.dirs"), list_items(configs, "log.dir")].concat();
            cordoned.iter().any(|dir| dir == "*") || all.iter().all(|dir| cordoned.contains(dir))
        };
        if !cordoned.is_empty() && are_all() { vec![cx.disk.directory_id] } else { Vec::new() }
    }

    /// Other directories are cordoned than the controller was told: it hears of that at once
    /// (`BrokerLifecycleManager.propagateDirectoryCordoned`). What is under way is waited for.
    pub(super) fn propagate_cordoned_log_dirs(&mut self, cx: &mut Context) {
        let is_newer = self
            .lifecycle
            .reported_cordoned_log_dirs
            .as_ref()
            .is_some_and(|reported| *reported != self.cordoned_log_dirs(cx));
        if is_newer {
            cx.fx.set_timer(BrokerTimer::Heartbeat, cx.now);
        }
    }

    pub(super) fn heartbeat_answered(&mut self, cx: &mut Context, answer: &BrokerHeartbeatResponse) {
        if !answer.error_code.is_none() {
            // One that ends and whose registration is gone asks in vain until it ends without leave.
            return self.communication_refused(cx, answer.error_code);
        }
        self.lifecycle.communication = None;
        let interval_ms = self.settings.broker_heartbeat_interval_ms;
        if self.lifecycle.state == LifecycleState::Stopping {
            if answer.should_shut_down {
                self.end(cx);
            } else {
                cx.fx.explain(Explanation::BrokerHeartbeatAnswered { node: self.id, fenced: answer.is_fenced });
                let first = !std::mem::replace(&mut self.lifecycle.got_controlled_shutdown_response, true);
                let retry_ms = if first { CONTROLLED_SHUTDOWN_RETRY_MS } else { interval_ms };
                self.communicate_after_success(cx, retry_ms);
            }
            return;
        }
        self.lifecycle.state = if answer.is_fenced { LifecycleState::Fenced } else { LifecycleState::Running };
        cx.fx.explain(Explanation::BrokerHeartbeatAnswered { node: self.id, fenced: answer.is_fenced });
        let was_listening = self.is_listening;
        self.begin_to_listen(cx);
        if answer.is_fenced && self.is_listening && !was_listening {
            return self.send_heartbeat(cx);
        }
        self.communicate_after_success(cx, interval_ms);
    }

    /// A broker that is still fenced takes up its replicas and tells the controller at once that it has caught up. Where a
    /// heartbeat is under way both wait for its answer: a follower that fetches long before its leader knows it unfenced would
    /// join the ISR only with its next fetch.
    pub(super) fn caught_up_with_metadata(&mut self, cx: &mut Context) {
        if self.lifecycle.state == LifecycleState::Fenced && self.lifecycle.communication.is_some() {
            return;
        }
        self.begin_to_listen(cx);
        if self.lifecycle.state == LifecycleState::Fenced && self.metadata_offset > self.lifecycle.broker_epoch {
            self.send_heartbeat(cx);
        }
    }

    /// What was said got no answer from an active controller: it stays at the head of its channel's queue.
    pub(super) fn communication_failed(&mut self, cx: &mut Context) {
        if let Some(queued) = self.lifecycle.communication.as_mut() {
            queued.is_in_flight = false;
            let left_ms = queued.left_ms(self.settings.broker_heartbeat_interval_ms, cx.now);
            self.communicate_again(cx, RESEND_BACKOFF_MS.min(left_ms));
        }
    }

    /// An answer that refuses: one that does not lead is asked no more, and what was said stays in the queue; else it is over.
    fn communication_refused(&mut self, cx: &mut Context, error: ErrorCode) {
        if error == ErrorCode::NotController {
            return self.communication_failed(cx);
        }
        self.lifecycle.communication = None;
        self.communicate_after_failure(cx);
    }

    /// Speaks to the controller again an interval after a failure (`scheduleNextCommunicationAfterFailure`).
    fn communicate_after_failure(&mut self, cx: &mut Context) {
        self.lifecycle.is_next_immediate = false;
        self.communicate_again(cx, self.settings.broker_heartbeat_interval_ms);
    }

    /// Speaks to the controller again after so long, or at once where something was to be said meanwhile.
    fn communicate_after_success(&mut self, cx: &mut Context, after_ms: Millis) {
        let is_immediate = std::mem::take(&mut self.lifecycle.is_next_immediate);
        self.communicate_again(cx, if is_immediate { 0 } else { after_ms });
    }

    /// Speaks to the controller again after so long, or ends where it has waited for its leave for long enough.
    fn communicate_again(&mut self, cx: &mut Context, after_ms: Millis) {
        if self.lifecycle.shutdown_deadline <= cx.now {
            self.end(cx);
            cx.fx.replace_explanation(Explanation::ControlledShutdownTimedOut { node: self.id });
            return;
        }
        let at = cx.now.saturating_add(after_ms).min(self.lifecycle.shutdown_deadline);
        cx.fx.set_timer(BrokerTimer::Heartbeat, at);
        if self.lifecycle.state == LifecycleState::Starting {
            // Only one that has failed once may still be unregistered then.
            cx.fx.set_timer(BrokerTimer::RegistrationTimeout, self.lifecycle.registration_deadline);
        }
    }

    /// Not registered after `initial.broker.registration.timeout.ms`: the start has failed, and the process ends.
    #[inline(never)]
    pub(super) fn registration_timed_out(&mut self, cx: &mut Context) {
        self.end(cx);
        cx.fx.replace_explanation(Explanation::BrokerRegistrationTimedOut { node: self.id });
    }

    /// A person asked the process to end (SIGTERM). False if it is ending already.
    pub fn stop(&mut self, disk: &mut super::disk::BrokerDisk, now: Millis, fx: &mut crate::effects::Effects) -> bool {
        let cx = &mut Context { disk, now, fx };
        match self.lifecycle.state {
            LifecycleState::Stopping => return false,
            LifecycleState::Running if self.settings.controlled_shutdown_enable => {
                cx.fx.change(Change::ShutdownRequested { node: self.id });
                self.lifecycle.state = LifecycleState::Stopping;
                self.lifecycle.shutdown_deadline = cx.now.saturating_add(SHUTDOWN_TIMEOUT_MS);
                match &self.lifecycle.communication {
                    None => self.send_heartbeat(cx),
                    Some(_) => self.lifecycle.is_next_immediate = true,
                }
            }
            // A broker without service to hand over ends at once.
            LifecycleState::Starting | LifecycleState::Fenced | LifecycleState::Running => self.end(cx),
        }
        true
    }

    /// Ends cleanly: everything is flushed, every checkpoint written, and the epoch left behind for the next process. One that was
    /// never registered has not loaded its logs (`LogManager.loadLogs` comes later), and leaves behind what it found.
    fn end(&mut self, cx: &mut Context) {
        if self.lifecycle.state == LifecycleState::Starting {
            cx.disk.clean_shutdown = self.lifecycle.previous_epoch;
        } else {
            self.write_all_checkpoints(cx);
            cx.disk.clean_shutdown = Some(self.lifecycle.broker_epoch);
        }
        cx.fx.replace_explanation(Explanation::BrokerStopped { node: self.id });
        cx.fx.exits = true;
    }
}
