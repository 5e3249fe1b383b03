//! A Kafka process and its machine. What the process knows dies with it; what the machine has stays.
//!
//! | process   | becomes   | when                                                       |
//! |-----------|-----------|------------------------------------------------------------|
//! | `Down`    | `Running` | it is started                                              |
//! | `Running` | `Paused`  | it is stopped in its tracks (SIGSTOP)                      |
//! | `Paused`  | `Running` | it is let run again; what arrived meanwhile is handled now |
//! | any       | `Down`    | it is killed, its machine fails, or it ends by itself      |

use std::collections::VecDeque;
use std::sync::Arc;

use super::event::{Envelope, Scheduled};
use crate::actor::{Endpoint, Listener};
use crate::broker::disk::BrokerDisk;
use crate::broker::{Broker, BrokerStart};
use crate::config::NodeConfig;
use crate::controller::{Controller, ControllerDisk, ControllerStart};
use crate::effects::{BrokerTimer, ControllerTimer, Effects, Input, ReceivedRequest};
use crate::raft;
use crate::settings::BrokerSettings;
use crate::sim::Millis;
use crate::sim::random::{Purpose, Random};
use crate::wire::Uuid;

/// A Kafka process on its machine.
#[derive(Clone, Debug, PartialEq, Hash)]
pub struct Node {
    /// How it is configured.
    pub config: NodeConfig,
    /// Its settings.
    pub settings: Arc<BrokerSettings>,
    /// How the process is.
    pub process: ProcessState,
    /// Counts the processes that there were: messages to an older one do not reach a newer one.
    pub incarnation: u32,
    /// What survives the process.
    pub disk: NodeDisk,
    /// The broker, while the process lives and has that role.
    pub broker: Option<Broker>,
    /// The controller, while the process lives and has that role.
    pub controller: Option<Controller>,
    /// Requests that wait for a handler thread of the broker.
    pub request_queue: VecDeque<ReceivedRequest>,
    /// Requests that wait for a handler thread of the controller: a combined process has a queue for each role.
    pub controller_request_queue: VecDeque<ReceivedRequest>,
    /// What reached the process while it stood still, in order.
    pub held: Vec<Scheduled>,
    /// The disk, where a person made it slow.
    pub slow_disk: SlowDisk,
    /// What the broker's processes draw from, one after the other.
    pub(super) broker_random: Random,
    /// What the controller's processes draw from, one after the other.
    pub(super) controller_random: Random,
    /// What the controller's processes draw election timeouts from, one after the other.
    pub(super) quorum_random: Random,
}

/// A machine's disk that needs time, and the answers of leaders that wait to be written to it.
#[derive(Clone, Debug, Default, PartialEq, Hash)]
pub struct SlowDisk {
    /// How many milliseconds a write takes; 0 for a disk that is no hindrance.
    pub by_ms: Millis,
    /// Until when it is busy.
    free_at: Millis,
    /// Fetched records that are being written, oldest first.
    pub writing: VecDeque<Envelope>,
}

impl SlowDisk {
    /// Begins one more write: gives when it is done.
    pub fn write(&mut self, now: Millis) -> Millis {
        self.free_at = self.free_at.max(now).saturating_add(self.by_ms);
        self.free_at
    }

    /// When the disk has done all that it was given; `now` where it has nothing to do.
    pub fn free_at(&self, now: Millis) -> Millis {
        self.free_at.max(now)
    }
}

/// How a process is. The table is at the head of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProcessState {
    /// Dead, or never started.
    Down,
    /// It runs.
    Running,
    /// It stands still.
    Paused,
}

/// What a machine keeps.
#[derive(Clone, Debug, Default, PartialEq, Hash)]
pub struct NodeDisk {
    /// The broker's `log.dirs`.
    pub broker: BrokerDisk,
    /// The controller's metadata log.
    pub controller: ControllerDisk,
}

impl Node {
    /// A machine on which nothing runs yet.
    pub fn new(config: NodeConfig, settings: Arc<BrokerSettings>, seed: u64) -> Self {
        let random = |endpoint: Endpoint| Random::for_purpose(seed, Purpose::Actor(endpoint.into()));
        let (mut broker_random, controller_random) =
            (random(Endpoint::Broker(config.id)), random(Endpoint::Controller(config.id)));
        let config_id = config.id;
        let mut disk = NodeDisk::default();
        disk.broker.directory_id = Uuid(broker_random.id());
        Self {
            config,
            settings,
            process: ProcessState::Down,
            incarnation: 0,
            disk,
            broker: None,
            controller: None,
            request_queue: VecDeque::new(),
            controller_request_queue: VecDeque::new(),
            held: Vec::new(),
            slow_disk: SlowDisk::default(),
            broker_random,
            controller_random,
            quorum_random: Random::for_purpose(seed, Purpose::Elections(config_id)),
        }
    }

    /// Starts the process: the controller first, so that a broker of the same process finds it. Gives what the controller
    /// wants done and what the broker does.
    pub fn start(&mut self, cluster_id: &str, controllers: &[i32], now: Millis) -> [Effects; 2] {
        let (mut of_controller, mut of_broker) = (Effects::default(), Effects::default());
        self.process = ProcessState::Running;
        self.incarnation += 1;
        let id = self.config.id;
        if self.config.roles.is_controller() {
            let start = ControllerStart {
                node_id: id,
                settings: self.settings.clone(),
                cluster_id: cluster_id.to_owned(),
                directory_id: self.disk.broker.directory_id,
                voters: if self.settings.initial_controllers.is_empty() { controllers.into() } else { [].into() },
                bootstrap: controllers.into(),
                random: process_random(&mut self.controller_random),
                quorum_random: process_random(&mut self.quorum_random),
            };
            self.controller = Some(Controller::start(start, &mut self.disk.controller, now, &mut of_controller));
        }
        if matches!(self.config.roles, crate::config::Roles::Broker | crate::config::Roles::Combined) {
            let start = BrokerStart {
                id,
                rack: self.config.rack.clone(),
                cluster_id: cluster_id.to_owned(),
                incarnation_id: Uuid(self.broker_random.id()),
                settings: self.settings.clone(),
                controllers: controllers.to_vec(),
                random: process_random(&mut self.broker_random),
            };
            self.broker = Some(Broker::start(start, &mut self.disk.broker, now, &mut of_broker));
        }
        [of_controller, of_broker]
    }

    /// The process is gone.
    pub fn die(&mut self) {
        self.process = ProcessState::Down;
        self.incarnation += 1;
        self.broker = None;
        self.controller = None;
        self.request_queue.clear();
        self.controller_request_queue.clear();
        self.held.clear();
        self.slow_disk = SlowDisk { by_ms: self.slow_disk.by_ms, ..SlowDisk::default() };
    }

    /// Whether a role of the process takes connections: a broker that has not caught up with the metadata log does not
    /// listen yet.
    pub fn listens(&self, port: Listener) -> bool {
        match port {
            Listener::Broker => self.broker.as_ref().is_none_or(|broker| broker.is_listening),
            Listener::Controller => true,
        }
    }

    /// The requests that wait for a role's handler thread.
    pub fn requests(&self, port: Listener) -> &VecDeque<ReceivedRequest> {
        match port {
            Listener::Broker => &self.request_queue,
            Listener::Controller => &self.controller_request_queue,
        }
    }

    /// A request waits for a role's handler thread.
    pub fn queue_request(&mut self, port: Listener, received: ReceivedRequest) {
        match port {
            Listener::Broker => self.request_queue.push_back(received),
            Listener::Controller => self.controller_request_queue.push_back(received),
        }
    }

    /// A handler thread of a role takes the request that waits longest. A role that the process does not have closes the
    /// connection.
    pub fn handle_next_request(&mut self, port: Listener, now: Millis, fx: &mut Effects) {
        match port {
            Listener::Broker => {
                let Some(received) = self.request_queue.pop_front() else { return };
                match &mut self.broker {
                    Some(broker) => broker.handle_request(&mut self.disk.broker, received, now, fx),
                    None => fx.close(&received.request_context),
                }
            }
            Listener::Controller => {
                let Some(received) = self.controller_request_queue.pop_front() else { return };
                match (&mut self.controller, &self.config.puppet) {
                    (Some(controller), _) => {
                        controller.handle_request(&mut self.disk.controller, received, now, fx);
                    }
                    (None, Some(puppet)) => raft::puppet::handle_request(self.config.id, puppet, &received, fx),
                    (None, None) => fx.close(&received.request_context),
                }
            }
        }
    }

    /// Anything but a request reaches the broker.
    pub fn handle_as_broker(&mut self, input: Input<BrokerTimer>, now: Millis, fx: &mut Effects) {
        if let Some(broker) = &mut self.broker {
            broker.handle(&mut self.disk.broker, input, now, fx);
        }
    }

    /// Anything but a request reaches the controller.
    pub fn handle_as_controller(&mut self, input: Input<ControllerTimer>, now: Millis, fx: &mut Effects) {
        if let Some(controller) = &mut self.controller {
            controller.handle(&mut self.disk.controller, input, now, fx);
        }
    }

    /// Whether the process's controller waits for an answer of an endpoint.
    pub fn controller_has_open_to(&self, peer: Endpoint) -> bool {
        self.controller.as_ref().is_some_and(|controller| controller.has_open_to(peer))
    }

    /// Whether the process's broker waits for an answer of an endpoint.
    pub fn broker_has_open_to(&self, peer: Endpoint) -> bool {
        self.broker.as_ref().is_some_and(|broker| broker.has_open_to(peer))
    }
}

/// A generator for one process, drawn from its role's.
fn process_random(role: &mut Random) -> Random {
    let seed = u64::try_from(role.id() >> 64).unwrap_or_default();
    Random::for_purpose(seed, Purpose::Identity)
}
