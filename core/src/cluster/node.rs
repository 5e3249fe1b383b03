//! A Kafka process and its machine. What the process knows dies with it; what the machine has stays.
//!
//! | process   | becomes   | when                                                       |
//! |-----------|-----------|------------------------------------------------------------|
//! | `Down`    | `Running` | it is started                                              |
//! | `Running` | `Paused`  | it is stopped in its tracks (SIGSTOP)                      |
//! | `Paused`  | `Running` | it is let run again; what arrived meanwhile is handled now |
//! | any       | `Down`    | it is killed, its machine fails, or it ends by itself      |

use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use super::event::{Envelope, HeldEvent};
use crate::actor::{Endpoint, Listener};
use crate::broker::disk::BrokerDisk;
use crate::broker::{Broker, BrokerStart};
use crate::change::Change;
use crate::config::NodeConfig;
use crate::controller::{Controller, ControllerDisk, ControllerStart};
use crate::effects::{BrokerTimer, ControllerTimer, Effects, Input, ReceivedRequest};
use crate::raft::voter_set::endpoint;
use crate::raft::{self, ReplicaKey, VoterNode, VoterSet};
use crate::settings::BrokerSettings;
use crate::sim::Millis;
use crate::sim::random::{Purpose, Random};
use crate::socket_server::connection_quotas::Limits;
use crate::socket_server::costs::Costs;
use crate::socket_server::{SocketServer, Threads, Works, is_written};
use crate::wire::Uuid;
use crate::wire::quorum::LeaderEndpoint;

/// A Kafka process on its machine.
#[derive(Clone, Debug, PartialEq, Hash)]
pub struct Node {
    /// How it is configured.
    pub config: NodeConfig,
    /// Its settings.
    pub settings: Rc<BrokerSettings>,
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
    /// The broker's listener, with what is under way behind it.
    pub broker_server: SocketServer,
    /// The controller's listener: a combined process has threads and a queue for each role.
    pub controller_server: SocketServer,
    /// What the places of the broker's request pipeline cost. Costs are the machine's: they stay over restarts.
    pub costs: Costs,
    /// What reached the process while it stood still, in order.
    pub held: Vec<HeldEvent>,
    /// The machine, while it is off.
    pub failed_machine: Option<FailedMachine>,
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

/// A machine without power: it answers nobody, not even to say that a process is gone.
#[derive(Clone, Debug, Default, PartialEq, Hash)]
pub struct FailedMachine {
    /// What was sent to it meanwhile: the senders' machines send it again until they hear something.
    pub unanswered: Vec<HeldEvent>,
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
    pub fn new(config: NodeConfig, settings: Rc<BrokerSettings>, seed: u64) -> Self {
        let random = |endpoint: Endpoint| Random::for_purpose(seed, Purpose::Actor(endpoint.into()));
        let (mut broker_random, controller_random) =
            (random(Endpoint::Broker(config.id)), random(Endpoint::Controller(config.id)));
        let config_id = config.id;
        let server = SocketServer::new(threads_of(&settings), !config.is_puppet()).with_limits(Limits::of(&settings));
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
            broker_server: server.clone(),
            controller_server: server,
            costs: Costs::default(),
            held: Vec::new(),
            failed_machine: None,
            slow_disk: SlowDisk::default(),
            broker_random,
            controller_random,
            quorum_random: Random::for_purpose(seed, Purpose::Elections(config_id)),
        }
    }

    /// Starts the process: the controller first, so that a broker of the same process finds it. Gives what the controller
    /// wants done and what the broker does.
    pub fn start(&mut self, cluster_id: &str, controllers: &[i32], now: Millis) -> [Effects; 2] {
        let (mut of_controller, mut of_broker) = (Effects::at(now), Effects::at(now));
        self.process = ProcessState::Running;
        self.incarnation += 1;
        let id = self.config.id;
        let cluster_id = self.config.cluster_id.as_deref().unwrap_or(cluster_id);
        if self.config.roles.is_controller() {
            let voters = self.static_voters(controllers);
            let own = voters.ids();
            let start = ControllerStart {
                node_id: id,
                settings: self.settings.clone(),
                cluster_id: cluster_id.to_owned(),
                directory_id: self.disk.broker.directory_id,
                endpoints: self.controller_endpoints().into(),
                bootstrap: if own.is_empty() { controllers } else { &own }.into(),
                voters: Rc::new(voters),
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

    /// The voters of its own `controller.quorum.voters`, which reach each other by the first of `controller.listener.names`; none where
    /// the log says who votes.
    fn static_voters(&self, controllers: &[i32]) -> VoterSet {
        if !self.settings.initial_controllers.is_empty() {
            return VoterSet::default();
        }
        let configured = self.settings.configured.get("controller.quorum.voters").map_or("", String::as_str);
        let address = |entry: &str| {
            let (id, address) = entry.trim().split_once('@')?;
            let (host, port) = address.rsplit_once(':')?;
            Some((id.parse::<i32>().ok()?, (host.to_owned(), port.parse::<i32>().ok()?)))
        };
        let addresses: BTreeMap<i32, (String, i32)> = configured.split(',').filter_map(address).collect();
        let listener = self.controller_endpoints().into_iter().next().map(|own| own.name);
        let voter = |id: &i32| {
            let otherwise = endpoint(*id);
            let (host, port) = addresses.get(id).cloned().unwrap_or((otherwise.host, otherwise.port));
            (*id, LeaderEndpoint { name: listener.clone().unwrap_or(otherwise.name), host, port })
        };
        let own: Vec<i32> = addresses.keys().copied().collect();
        VoterSet::of_addresses(if own.is_empty() { controllers } else { &own }.iter().map(voter))
    }

    /// Where its controller listens: as `advertised.listeners` says, else `listeners`, of which the first of
    /// `controller.listener.names` counts. A listener without a host is reached by the machine's name.
    pub fn controller_endpoints(&self) -> Vec<LeaderEndpoint> {
        let configured = &self.settings.configured;
        let items = |name: &str| configured.get(name).into_iter().flat_map(|list| list.split(',')).map(str::trim);
        let own = items("controller.listener.names").next().unwrap_or_default().to_uppercase();
        let address = |entry: &str| {
            let (name, address) = entry.split_once("://")?;
            let (host, port) = address.rsplit_once(':')?;
            (name.to_uppercase() == own).then(|| (host.to_owned(), port.parse::<i32>().ok()))
        };
        let found = ["advertised.listeners", "listeners"].into_iter().flat_map(items).find_map(address);
        let mut endpoints = VoterNode::of(ReplicaKey { id: self.config.id, directory_id: Uuid::ZERO }).endpoints;
        if let Some(endpoint) = endpoints.first_mut().filter(|_| !own.is_empty()) {
            endpoint.name = own;
        }
        if let (Some((host, port)), Some(endpoint)) = (found, endpoints.first_mut()) {
            if !host.is_empty() {
                endpoint.host = host;
            }
            endpoint.port = port.unwrap_or(endpoint.port);
        }
        endpoints
    }

    /// The process is gone.
    pub fn die(&mut self, now: Millis) {
        self.disk.broker.process_ended(now);
        self.process = ProcessState::Down;
        self.incarnation += 1;
        self.broker = None;
        self.controller = None;
        self.close_listener(Listener::Broker);
        self.close_listener(Listener::Controller);
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

    /// A role's listener with its connections and threads is gone.
    pub fn close_listener(&mut self, port: Listener) {
        let closed = SocketServer::new(threads_of(&self.settings), !self.config.is_puppet())
            .with_limits(Limits::of(&self.settings));
        match port {
            Listener::Broker => self.broker_server = closed,
            Listener::Controller => self.controller_server = closed,
        }
    }

    /// A role's listener.
    pub fn server(&self, port: Listener) -> &SocketServer {
        match port {
            Listener::Broker => &self.broker_server,
            Listener::Controller => &self.controller_server,
        }
    }

    /// A role's listener, with what its places cost.
    pub fn server_mut(&mut self, port: Listener) -> (&mut SocketServer, Costs) {
        match port {
            Listener::Broker => (&mut self.broker_server, self.costs),
            Listener::Controller => (&mut self.controller_server, Costs::default()),
        }
    }

    /// Requests that wait for a role's handler threads.
    pub fn requests(&self, port: Listener) -> &VecDeque<ReceivedRequest> {
        self.server(port).request_queue()
    }

    /// A handler thread of a role takes the request that has waited longest. Gives it, and until when the thread is busy with it:
    /// what is written waits for the disk.
    pub fn take_request(
        &mut self,
        port: Listener,
        now: Millis,
        works: &mut Works,
    ) -> Option<(ReceivedRequest, Millis)> {
        let (server, costs) = self.server_mut(port);
        let received = server.take_request(&costs, now, works)?;
        let handled_at = now.saturating_add(costs.of_handling(&received.request));
        let is_slow = self.slow_disk.by_ms > 0 && is_written(&received.request);
        let until = if is_slow { self.slow_disk.write(handled_at) } else { handled_at };
        Some((received, until))
    }

    /// A handler thread of a role carries a request out. A role that the process does not have closes the connection.
    pub fn handle_request(
        &mut self,
        port: Listener,
        received: ReceivedRequest,
        now: Millis,
        fx: &mut Effects,
        works: &mut Works,
    ) {
        let mut received = received;
        let handling = self.server(port).handling(&received.request_context, now);
        received.request_context.thread_ms = handling.thread_ms;
        match port {
            Listener::Broker => match &mut self.broker {
                Some(broker) => broker.handle_request(&mut self.disk.broker, received, now, fx),
                None => fx.close(&received.request_context),
            },
            Listener::Controller => match (&mut self.controller, &self.config.puppet) {
                (Some(controller), _) => controller.handle_request(&mut self.disk.controller, received, now, fx),
                (None, Some(puppet)) => raft::puppet::handle_request(self.config.id, puppet, &received, fx),
                (None, None) => fx.close(&received.request_context),
            },
        }
        self.share_loggers(port, fx);
        self.server_mut(port).0.handled(&handling, now, works);
    }

    /// A process has one set of loggers: what one of its roles was told holds for the other.
    fn share_loggers(&mut self, port: Listener, fx: &Effects) {
        if !fx.changes.iter().any(|change| matches!(change, Change::LogLevelChanged { .. })) {
            return;
        }
        if let (Some(broker), Some(controller)) = (&mut self.broker, &mut self.controller) {
            match port {
                Listener::Broker => controller.set_loggers(broker.loggers().clone()),
                Listener::Controller => broker.set_loggers(controller.loggers().clone()),
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
}

/// The threads that a node's settings ask for.
fn threads_of(settings: &BrokerSettings) -> Threads {
    Threads {
        network: settings.num_network_threads,
        io: settings.num_io_threads,
        queued_max: settings.queued_max_requests,
    }
}

/// A generator for one process, drawn from its role's.
fn process_random(role: &mut Random) -> Random {
    let seed = u64::try_from(role.id() >> 64).unwrap_or_default();
    Random::for_purpose(seed, Purpose::Identity)
}
