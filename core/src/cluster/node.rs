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

use super::event::{Envelope, Message, Scheduled};
use crate::actor::Port;
use crate::broker::disk::BrokerDisk;
use crate::broker::{Broker, BrokerStart};
use crate::config::NodeConfig;
use crate::controller::{Controller, ControllerDisk};
use crate::effects::{Effects, Inbound, Input, Timer};
use crate::settings::BrokerSettings;
use crate::sim::Millis;
use crate::sim::random::{Purpose, Random};
use crate::wire::TopicId;

/// Timers of purgatory with this number or a greater one belong to the controller of a combined process.
const CONTROLLER_PURGATORY: u64 = 1 << 32;

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
    /// Requests that wait for a handler thread.
    pub request_queue: VecDeque<Inbound>,
    /// What reached the process while it stood still, in order.
    pub held: Vec<Scheduled>,
    /// The disk, where a person made it slow.
    pub slow_disk: SlowDisk,
    /// The node's own luck.
    pub random: Random,
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
    pub fn new(config: NodeConfig, settings: Arc<BrokerSettings>, mut random: Random) -> Self {
        let mut disk = NodeDisk::default();
        disk.broker.directory_id = TopicId(random.id());
        Self {
            config,
            settings,
            process: ProcessState::Down,
            incarnation: 0,
            disk,
            broker: None,
            controller: None,
            request_queue: VecDeque::new(),
            held: Vec::new(),
            slow_disk: SlowDisk::default(),
            random,
        }
    }

    /// Starts the process: the controller first, so that a broker of the same process finds it.
    pub fn start(&mut self, cluster_id: &str, controllers: &[i32], now: Millis, fx: &mut Effects) {
        self.process = ProcessState::Running;
        self.incarnation += 1;
        let id = self.config.id;
        if self.config.roles.is_controller() {
            let random = self.luck();
            let disk = &mut self.disk.controller;
            self.controller = Some(Controller::start(id, disk, &self.settings, cluster_id, random, now, fx));
        }
        if matches!(self.config.roles, crate::config::Roles::Broker | crate::config::Roles::Both) {
            let start = BrokerStart {
                id,
                rack: self.config.rack.clone(),
                cluster_id: cluster_id.to_owned(),
                incarnation_id: TopicId(self.random.id()),
                settings: self.settings.clone(),
                controllers: controllers.to_vec(),
                random: self.luck(),
            };
            self.broker = Some(Broker::start(start, &mut self.disk.broker, now, fx));
        }
    }

    /// A generator for one process, drawn from the machine's own.
    fn luck(&mut self) -> Random {
        let seed = u64::try_from(self.random.id() >> 64).unwrap_or_default();
        Random::for_purpose(seed, Purpose::Identity)
    }

    /// The process is gone.
    pub fn die(&mut self) {
        self.process = ProcessState::Down;
        self.incarnation += 1;
        self.broker = None;
        self.controller = None;
        self.request_queue.clear();
        self.held.clear();
        self.slow_disk = SlowDisk { by_ms: self.slow_disk.by_ms, ..SlowDisk::default() };
    }

    /// Whether the process takes a message: a broker that has not caught up with the metadata log does not listen yet.
    pub fn listens_to(&self, message: &Message) -> bool {
        match message {
            Message::Request { port: Port::Broker, .. } => {
                self.broker.as_ref().is_none_or(|broker| broker.is_listening)
            }
            Message::Request { port: Port::Controller, .. } | Message::Response { .. } | Message::Closed { .. } => true,
        }
    }

    /// A handler thread takes one request.
    pub fn handle_request(&mut self, inbound: Inbound, now: Millis, fx: &mut Effects) {
        match inbound.asker.port {
            Port::Controller => match &mut self.controller {
                Some(controller) => controller.handle_request(&mut self.disk.controller, inbound, now, fx),
                None => fx.close(&inbound.asker),
            },
            Port::Broker => match &mut self.broker {
                Some(broker) => broker.handle_request(&mut self.disk.broker, inbound, now, fx),
                None => fx.close(&inbound.asker),
            },
        }
    }

    /// Anything but a request reaches the process.
    pub fn handle(&mut self, input: Input, now: Millis, fx: &mut Effects) {
        let is_controllers = match &input {
            Input::Timer(Timer::ControllerSessions | Timer::ControllerBalance | Timer::ControllerUnclean) => true,
            Input::Timer(Timer::Purgatory(number)) => *number >= CONTROLLER_PURGATORY,
            Input::Timer(_) | Input::Answer { .. } | Input::PeerGone { .. } => false,
        };
        match (is_controllers, input) {
            (true, Input::Timer(timer)) => {
                if let Some(controller) = &mut self.controller {
                    controller.handle_timer(&mut self.disk.controller, &timer, now, fx);
                }
            }
            (_, input) => {
                if let Some(broker) = &mut self.broker {
                    broker.handle(&mut self.disk.broker, input, now, fx);
                }
            }
        }
    }

    /// Whether the process waits for an answer of a node.
    pub fn has_open_to(&self, node: i32) -> bool {
        self.broker.as_ref().is_some_and(|broker| broker.has_open_to(node))
    }
}
