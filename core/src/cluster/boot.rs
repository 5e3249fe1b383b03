//! From an order to a cluster: checks the whole configuration, then starts everything and, if wanted, runs until it rests.

use std::collections::BTreeMap;
use std::rc::Rc;

use serde::Serialize;

use super::Cluster;
use super::connections::Connections;
use super::event::Event;
use super::node::{Node, ProcessState};
use super::silence::Silence;
use super::subscriptions::check_subscription;
use crate::actor::Endpoint;
use crate::authorizer::AuthorizerSettings;
use crate::client::application::Application;
use crate::client::{Admin, Consumer, Producer};
use crate::command::{Command, CommandError};
use crate::config::{ClusterConfig, NodeConfig, Roles, Start};
use crate::effects::Effects;
use crate::flat_map::FlatMap;
use crate::raft::{ReplicaKey, VoterNode, VoterSet};
use crate::settings::{BrokerSettings, TopicSettings, validate_static};
use crate::sim::Millis;
use crate::sim::network::Network;
use crate::sim::queue::EventQueue;
use crate::sim::random::{Purpose, Random};
use crate::step::Position;
use crate::transaction::TransactionManagerState;
use crate::wire::Uuid;

/// The most processes of a cluster.
const NODES_MAX: usize = 32;
/// The most voters of the metadata log's quorum.
const VOTERS_MAX: i64 = 9;
/// The most partitions of all topics together.
const PARTITIONS_MAX: i64 = 2_000;
/// The most producers and the most consumers.
const CLIENTS_MAX: usize = 64;
/// The most steps that it may take to it: settings can be such that voters talk all the time, or that a broker gives its registration
/// up sooner than it can be answered.
const REST_STEPS_MAX: Position = 250_000;
/// How long, in virtual milliseconds, a cluster may take to come to rest.
const REST_WITHIN_MS: Millis = 120_000;

/// One mistake in a cluster's configuration, with its place. The page's message for it has the id `error-` and the
/// kebab-case name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, strum::VariantNames, strum::IntoStaticStr)]
#[serde(tag = "error", rename_all = "kebab-case", rename_all_fields = "camelCase")]
#[strum(serialize_all = "kebab-case")]
#[expect(missing_docs, reason = "the fields are the arguments of the messages that word the variants")]
pub enum ConfigError {
    /// Nobody stores records.
    NoBroker { at: String },
    /// Nobody decides.
    NoController { at: String },
    /// Two processes have one id.
    DuplicateNode { at: String, node: i32 },
    /// A number is outside its bounds.
    OutOfRange { at: String, value: i64, min: i64, max: i64 },
    /// There is no such setting.
    UnknownSetting { at: String, name: String },
    /// A setting does not take its value.
    WrongValue { at: String, name: String, value: String, expected: String },
    /// Kafka refuses a setting's value, in its own words.
    InvalidConfig { at: String, message: String },
    /// A topic's name is not allowed, or is there twice.
    BadTopicName { at: String, name: String },
    /// More replicas are wanted than there are brokers.
    TooFewBrokers { at: String, wanted: i64, brokers: i64 },
    /// A consumer reads a topic that is not ordered.
    UnknownTopic { at: String, name: String },
    /// A consumer begins with more than one of topics, a pattern and partitions.
    MutuallyExclusiveSubscription { at: String },
    /// A pattern to subscribe to is empty.
    EmptySubscription { at: String },
    /// A pattern to subscribe to cannot be read.
    BadPattern { at: String, pattern: String, reason: String },
    /// The cluster did not come to rest; it can be started with `"start": "cold"` to see why.
    NeverRests { at: String },
}

impl ConfigError {
    /// The kebab-case names of all errors.
    pub fn names() -> &'static [&'static str] {
        <Self as strum::VariantNames>::VARIANTS
    }

    fn of_setting(at: &str, error: CommandError) -> Self {
        match error {
            CommandError::BadValue { name, value, expected } => {
                Self::WrongValue { at: at.to_owned(), name, value, expected }
            }
            CommandError::InvalidConfig { message } => Self::InvalidConfig { at: at.to_owned(), message },
            CommandError::NoSuchSetting { name } => Self::UnknownSetting { at: at.to_owned(), name },
            other => Self::UnknownSetting { at: at.to_owned(), name: other.name().to_owned() },
        }
    }
}

impl Cluster {
    /// Builds the cluster. With [`Start::AtRest`] everything has started and only waits; with [`Start::Cold`] the processes
    /// were started this moment. Every mistake in the configuration is named.
    pub fn new(config: &ClusterConfig, seed: u64) -> Result<Self, Vec<ConfigError>> {
        let errors = check(config);
        if !errors.is_empty() {
            return Err(errors);
        }
        let mut cluster = Self::assemble(config, seed)?;
        cluster.power_on();
        if config.start != Start::Cold {
            cluster.run_to_rest().map_err(|error| vec![error])?;
        }
        cluster.position = 0;
        cluster.forget_causes();
        Ok(cluster)
    }

    fn assemble(config: &ClusterConfig, seed: u64) -> Result<Self, Vec<ConfigError>> {
        let random_of = |endpoint: Endpoint| Random::for_purpose(seed, Purpose::Actor(endpoint.into()));
        let mut errors = Vec::new();
        let mut nodes = FlatMap::new();
        for (index, node) in config.nodes.iter().enumerate() {
            let mut merged = config.settings.clone();
            merged.extend(node.settings.clone());
            match BrokerSettings::with_kafkas(&merged) {
                Ok(mut settings) => {
                    let is_dynamic = !settings.initial_controllers.is_empty();
                    let identity = identity(node, &config.nodes, is_dynamic);
                    complete(&mut settings.configured, identity);
                    if let Err(message) = validate_static(&settings) {
                        let error = CommandError::InvalidConfig { message };
                        errors.push(ConfigError::of_setting(&format!("nodes[{index}].settings"), error));
                    }
                    nodes.insert(node.id, Rc::new(Node::new(node.clone(), Rc::new(settings), seed)));
                }
                Err(found) => {
                    let at = format!("nodes[{index}].settings");
                    errors.extend(found.into_iter().map(|error| ConfigError::of_setting(&at, error)));
                }
            }
        }
        check_raft(config, &nodes, &mut errors);
        format_directories(&mut nodes, &mut errors);
        let bootstrap: Vec<i32> = config
            .nodes
            .iter()
            .filter(|node| matches!(node.roles, Roles::Broker | Roles::Combined))
            .map(|node| node.id)
            .collect();
        let mut producers = Vec::new();
        for (index, producer) in (0u32..).zip(&config.producers) {
            let random = random_of(Endpoint::Producer(index + 1));
            match Producer::new(index + 1, producer, bootstrap.clone(), random) {
                Ok(producer) => producers.push(Rc::new(producer)),
                Err(found) => {
                    let at = format!("producers[{index}].settings");
                    errors.extend(found.into_iter().map(|error| ConfigError::of_setting(&at, error)));
                }
            }
        }
        let mut consumers = Vec::new();
        for (index, consumer) in (0u32..).zip(&config.consumers) {
            let random = random_of(Endpoint::Consumer(index + 1));
            match Consumer::new(index + 1, consumer, bootstrap.clone(), random) {
                Ok(consumer) => consumers.push(Rc::new(consumer)),
                Err(found) => {
                    let at = format!("consumers[{index}].settings");
                    errors.extend(found.into_iter().map(|error| ConfigError::of_setting(&at, error)));
                }
            }
        }
        let writing = (1u32..).zip(&config.consumers);
        let applications =
            writing.filter_map(|(number, it)| Some((number, Application::new(it.writes.as_ref()?)))).collect();
        if !errors.is_empty() {
            return Err(errors);
        }
        let network = &config.network;
        let cluster_id = Uuid(Random::for_purpose(seed, Purpose::Identity).id()).to_string();
        Ok(Self {
            config: Rc::new(config.clone()),
            cluster_id,
            now: config.start.clock_ms(),
            position: 0,
            queue: EventQueue::default(),
            timers: Rc::default(),
            network: Network::new(network.latency_ms_min, network.latency_ms_max, seed),
            connections: Connections::default(),
            silence: Silence::default(),
            undelivered: Vec::new(),
            nodes,
            producers,
            consumers,
            applications: Rc::new(applications),
            admin: Rc::new(Admin::new(bootstrap, random_of(Endpoint::Admin))),
            probes: Rc::default(),
        })
    }

    /// Starts every process and every client. Puppets are registered as if they had started too.
    fn power_on(&mut self) {
        let controllers = self.controllers();
        let ids: Vec<i32> = self.nodes.keys().copied().collect();
        // A controller is up before the brokers that register with it.
        let (first, then): (Vec<i32>, Vec<i32>) = ids.into_iter().partition(|id| controllers.contains(id));
        let (cluster_id, now) = (self.cluster_id.clone(), self.now);
        for id in first.into_iter().chain(then) {
            let Some(node) = self.node_mut(id) else { continue };
            if node.config.is_down {
                continue;
            }
            if node.config.is_puppet() {
                // A voter that is only played is reached all the same.
                if node.config.puppet.is_some() {
                    node.process = ProcessState::Running;
                }
                continue;
            }
            let [mut controller, mut broker] = node.start(&cluster_id, &controllers, now);
            self.apply_effects(Endpoint::Controller(id), &mut controller);
            self.apply_effects(Endpoint::Broker(id), &mut broker);
        }
        let puppets: Vec<(i32, Option<String>)> = self
            .nodes
            .values()
            .filter(|node| node.config.roles == Roles::Puppet)
            .map(|node| (node.config.id, node.config.rack.clone()))
            .collect();
        for (id, rack) in puppets {
            // A quorum of several voters has to elect somebody first.
            let _ = self.run_until(now + REST_WITHIN_MS, |cluster| cluster.active_controller().is_some());
            let (Some(active), now) = (self.active_controller(), self.now) else { continue };
            let mut fx = Effects::at(now);
            if let Some(node) = self.node_mut(active)
                && let Some(controller) = &mut node.controller
            {
                controller.adopt_puppet(&mut node.disk.controller, id, rack, now, &mut fx);
            }
            self.apply_effects(Endpoint::Controller(active), &mut fx);
        }
    }

    /// Runs until brokers serve, topics are there, groups are stable and everything only waits. A consumer that is refused waits for
    /// nothing, and one that is polled by hand for a poll.
    fn run_to_rest(&mut self) -> Result<(), ConfigError> {
        let deadline = self.now + REST_WITHIN_MS;
        self.run_until(deadline, Self::brokers_serve)?;
        for topic in self.config.clone().topics.iter() {
            let command = Command::CreateTopic {
                topic: topic.name.as_str().into(),
                partitions: topic.partitions,
                replication_factor: topic.replication_factor,
                assignment: topic.assignment.clone(),
                configs: topic.settings.iter().map(|(name, value)| (name.clone(), value.clone())).collect(),
            };
            // The configuration was checked; what the controller still refuses shows as a topic that never comes.
            let _ = self.apply(&command);
            let name = topic.name.clone();
            self.run_until(deadline, |cluster| cluster.topic_is_served(&name))?;
        }
        self.start_consumers();
        let settled = self.run_until(deadline, |cluster| {
            let mut running = cluster.consumers.iter().filter(|consumer| consumer.is_running());
            running.all(|consumer| consumer.is_settled() || consumer.is_refused() || consumer.waits_for_poll())
        });
        // Applications call `initTransactions` before they read.
        let is_ready = |producer: &Producer| {
            producer.transaction().is_none_or(|transaction| transaction.state() == TransactionManagerState::Ready)
        };
        let ready = self.run_until(deadline, |cluster| {
            cluster.applications().all(|(_, application)| cluster.producer(application.producer()).is_none_or(is_ready))
        });
        // Who is not allowed to read settles only once a rule allows it.
        let has_authorizer = self.nodes.values().any(|node| AuthorizerSettings::of(&node.settings).is_some());
        if !has_authorizer {
            settled?;
            ready?;
        }
        self.run_until(deadline, |cluster| {
            let is_timer = |event: &Event| matches!(event, Event::Fire { .. } | Event::Poll { .. });
            cluster.queue.iter().all(|(_, _, scheduled)| is_timer(&scheduled.event))
        })
    }

    fn start_consumers(&mut self) {
        let now = self.now;
        for number in 1..=u32::try_from(self.consumers.len()).unwrap_or(u32::MAX) {
            let mut fx = Effects::at(now);
            if let Ok(consumer) = self.running_consumer(number) {
                consumer.start(now, &mut fx);
            }
            self.apply_effects(Endpoint::Consumer(number), &mut fx);
            self.wake_application(Endpoint::Consumer(number));
        }
    }

    fn run_until(&mut self, deadline: Millis, is_done: impl Fn(&Self) -> bool) -> Result<(), ConfigError> {
        let begun_at = self.position;
        while !is_done(self) {
            let steps = self.position.saturating_sub(begun_at);
            if self.now > deadline || steps > REST_STEPS_MAX || self.step().is_none() {
                return Err(ConfigError::NeverRests { at: "start".to_owned() });
            }
        }
        Ok(())
    }

    fn brokers_serve(&self) -> bool {
        use crate::broker::lifecycle::LifecycleState;
        self.nodes.values().all(|node| match &node.broker {
            Some(broker) => broker.lifecycle.state == LifecycleState::Running,
            None => node.process == ProcessState::Down || node.config.roles.is_controller(),
        })
    }

    /// Whether every replica of a topic knows its part, and every broker the topic.
    fn topic_is_served(&self, topic: &str) -> bool {
        self.nodes.values().filter_map(|node| node.broker.as_ref()).all(|broker| {
            let Some(found) = broker.image.topic_ids.get(topic).and_then(|id| broker.image.topics.get(id)) else {
                return false;
            };
            !found.partitions.is_empty()
        })
    }

    /// What began before the run has no cause in it.
    fn forget_causes(&mut self) {
        let events: Vec<_> = self.queue.iter().map(|(at, id, _)| (at, id)).collect();
        for (at, id) in events {
            if let Some(mut scheduled) = self.queue.remove(at, id) {
                scheduled.cause = 0;
                self.queue.reinsert(at, id, scheduled);
            }
        }
        for node in self.nodes.values_mut() {
            for held in &mut Rc::make_mut(node).held {
                held.scheduled.cause = 0;
            }
        }
    }

    /// `controller.quorum.voters`.
    pub(super) fn controllers(&self) -> Vec<i32> {
        self.nodes.values().filter(|node| node.config.roles.is_controller()).map(|node| node.config.id).collect()
    }
}

/// Voters of which some fetch and some wait to be sent the log do not get along.
fn check_raft(config: &ClusterConfig, nodes: &FlatMap<i32, Rc<Node>>, errors: &mut Vec<ConfigError>) {
    let name = "raft";
    let mut voters = config
        .nodes
        .iter()
        .enumerate()
        .filter(|(_, node)| node.roles.is_controller())
        .filter_map(|(index, node)| Some((index, nodes.get(&node.id)?.settings.get(name)?)));
    let Some((_, expected)) = voters.next() else { return };
    errors.extend(voters.filter(|(_, value)| *value != expected).map(|(index, value)| ConfigError::WrongValue {
        at: format!("nodes[{index}].settings.{name}"),
        name: name.to_owned(),
        value,
        expected: expected.clone(),
    }));
}

/// Formats the directories of the controllers that a dynamic quorum begins with, as `kafka-storage format --initial-controllers`
/// does: each gets the snapshot 0-0, which names them all with their directories.
fn format_directories(nodes: &mut FlatMap<i32, Rc<Node>>, errors: &mut Vec<ConfigError>) {
    let at = || "settings.initial.controllers".to_owned();
    let named = nodes.values().map(|node| node.settings.initial_controllers.clone()).find(|named| !named.is_empty());
    let Some(named) = named else { return };
    // Kafka's own form has the directory too. A directory has its id by itself here, whatever is written there.
    let controller = |entry: &str| {
        let (id, address) = entry.split_once('@').map_or((entry, None), |(id, address)| (id, Some(address)));
        let id = id.trim().parse().ok()?;
        let node = nodes.get(&id).filter(|node| node.config.roles.is_controller())?;
        let key = ReplicaKey { id, directory_id: node.disk.broker.directory_id };
        let mut voter = VoterNode { endpoints: node.controller_endpoints(), ..VoterNode::of(key) };
        if let (Some(address), Some(endpoint)) = (address, voter.endpoints.first_mut()) {
            let mut parts = address.trim().splitn(3, ':');
            endpoint.host = parts.next().filter(|host| !host.is_empty())?.to_owned();
            endpoint.port = parts.next()?.parse().ok()?;
        }
        Some(voter)
    };
    let voters: Option<VoterSet> = named.split(',').map(controller).collect();
    match voters {
        Some(voters) => {
            for id in voters.ids() {
                if let Some(node) = nodes.get_mut(&id) {
                    Rc::make_mut(node).disk.controller.log.format(voters.clone());
                }
            }
        }
        None => errors.push(ConfigError::WrongValue {
            at: at(),
            name: "initial.controllers".to_owned(),
            value: named.clone(),
            expected: "ids of controllers".to_owned(),
        }),
    }
}

/// `log.dirs` as in the files that Kafka is shipped with.
const LOG_DIRS: &str = "/tmp/kraft-combined-logs";

/// Settings that stand in a node's own fields.
const OF_NODE: [&str; 4] = ["broker.id", "broker.rack", "node.id", "process.roles"];

/// Adds what a process is to the settings that it is started with. Where those name the controllers' listeners, which have no
/// default, they are a whole file: it says how the process is reached.
pub(crate) fn complete(settings: &mut BTreeMap<String, String>, identity: BTreeMap<String, String>) {
    let is_file = settings.contains_key("controller.listener.names");
    for (name, value) in identity {
        if OF_NODE.contains(&name.as_str()) || !(is_file || settings.contains_key(&name)) {
            settings.insert(name, value);
        }
    }
}

/// What the file that a process is started with says of the process itself. In a dynamic quorum the log says who votes, and a node
/// only knows where to ask.
pub(crate) fn identity(node: &NodeConfig, all: &[NodeConfig], is_dynamic: bool) -> BTreeMap<String, String> {
    let id = node.id;
    let controllers = all.iter().filter(|each| each.roles.is_controller()).map(|each| each.id);
    let (name, controllers): (_, Vec<String>) = match is_dynamic {
        true => {
            ("controller.quorum.bootstrap.servers", controllers.map(|id| format!("controller-{id}:9093")).collect())
        }
        false => ("controller.quorum.voters", controllers.map(|id| format!("{id}@controller-{id}:9093")).collect()),
    };
    let broker = format!("PLAINTEXT://broker-{id}:9092");
    let controller = format!("CONTROLLER://controller-{id}:9093");
    let (roles, listeners) = match (node.roles.is_broker(), node.roles.is_controller()) {
        (true, true) => ("broker,controller", format!("{broker},{controller}")),
        (false, true) => ("controller", controller),
        (_, false) => ("broker", broker.clone()),
    };
    let mut identity = BTreeMap::from(
        [
            ("broker.id", id.to_string()),
            ("controller.listener.names", "CONTROLLER".to_owned()),
            (name, controllers.join(",")),
            ("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT".to_owned()),
            ("listeners", listeners),
            ("log.dirs", LOG_DIRS.to_owned()),
            ("node.id", id.to_string()),
            ("process.roles", roles.to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value)),
    );
    if node.roles.is_broker() {
        identity.insert("advertised.listeners".to_owned(), broker);
    }
    identity.extend(node.rack.iter().map(|rack| ("broker.rack".to_owned(), rack.clone())));
    identity
}

/// Finds every mistake that can be found without running anything.
fn check(config: &ClusterConfig) -> Vec<ConfigError> {
    let mut errors = Vec::new();
    let range = |at: &str, value: i64, min: i64, max: i64| {
        (value < min || value > max).then(|| ConfigError::OutOfRange { at: at.to_owned(), value, min, max })
    };
    let count = |items: usize| i64::try_from(items).unwrap_or(i64::MAX);
    errors.extend(range("nodes", count(config.nodes.len()), 1, count(NODES_MAX)));
    errors.extend(range("producers", count(config.producers.len()), 0, count(CLIENTS_MAX)));
    errors.extend(range("consumers", count(config.consumers.len()), 0, count(CLIENTS_MAX)));
    let brokers = count(config.nodes.iter().filter(|node| node.roles.is_broker()).count());
    let needs_broker = !(config.topics.is_empty() && config.producers.is_empty() && config.consumers.is_empty());
    if brokers == 0 && needs_broker {
        errors.push(ConfigError::NoBroker { at: "nodes".to_owned() });
    }
    let controllers = config.nodes.iter().filter(|node| node.roles.is_controller()).count();
    if controllers == 0 {
        errors.push(ConfigError::NoController { at: "nodes".to_owned() });
    } else {
        errors.extend(range("controller.quorum.voters", count(controllers), 1, VOTERS_MAX));
    }
    for (index, node) in config.nodes.iter().enumerate() {
        errors.extend(range(&format!("nodes[{index}].id"), i64::from(node.id), 0, 999_999));
        if config.nodes[..index].iter().any(|other| other.id == node.id) {
            errors.push(ConfigError::DuplicateNode { at: format!("nodes[{index}].id"), node: node.id });
        }
    }
    let mut partitions = 0i64;
    for (index, topic) in config.topics.iter().enumerate() {
        let at = format!("topics[{index}]");
        let is_legal = !topic.name.is_empty()
            && topic.name.len() <= 249
            && topic.name != "."
            && topic.name != ".."
            && !topic.name.starts_with("__")
            && topic.name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'));
        if !is_legal || config.topics[..index].iter().any(|other| other.name == topic.name) {
            errors.push(ConfigError::BadTopicName { at: format!("{at}.name"), name: topic.name.clone() });
        }
        if topic.assignment.is_empty() {
            errors.extend(range(&format!("{at}.partitions"), i64::from(topic.partitions), 1, PARTITIONS_MAX));
            let wanted = i64::from(topic.replication_factor);
            errors.extend(range(&format!("{at}.replicationFactor"), wanted, 1, 32));
            if wanted > brokers {
                let at = format!("{at}.replicationFactor");
                errors.push(ConfigError::TooFewBrokers { at, wanted, brokers });
            }
            partitions += i64::from(topic.partitions);
        } else {
            partitions += count(topic.assignment.len());
        }
        if let Err(found) = TopicSettings::with(&topic.settings) {
            let at = format!("{at}.settings");
            errors.extend(found.into_iter().map(|error| ConfigError::of_setting(&at, error)));
        }
    }
    errors.extend(range("topics", partitions, 0, PARTITIONS_MAX));
    for (index, consumer) in config.consumers.iter().enumerate() {
        let mistakes = check_subscription(consumer, &config.topics).into_iter();
        errors.extend(mistakes.map(|mistake| mistake.in_cluster(index)));
    }
    let latency = &config.network;
    if latency.latency_ms_max < latency.latency_ms_min || latency.latency_ms_max > 60_000 {
        errors.push(ConfigError::OutOfRange {
            at: "network.latencyMsMax".to_owned(),
            value: i64::try_from(latency.latency_ms_max).unwrap_or(i64::MAX),
            min: i64::try_from(latency.latency_ms_min).unwrap_or(i64::MAX),
            max: 60_000,
        });
    }
    errors
}
