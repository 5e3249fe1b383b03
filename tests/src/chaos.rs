//! Random clusters and random deeds, drawn from a seed: what swarms and properties let happen to the engine.

use std::collections::BTreeMap;

use kafkascope_core::actor::Actor;
use kafkascope_core::cluster::Cluster;
use kafkascope_core::command::{Command, SettingScope};
use kafkascope_core::config::{
    ClusterConfig, CommitMode, ConsumerConfig, NetworkConfig, NodeConfig, PollMode, ProducerConfig, Roles, Start,
    TopicConfig,
};
use kafkascope_core::sim::random::{Purpose, Random};
use kafkascope_core::view::{ClusterView, NodeState, NodeView};
use kafkascope_core::wire::records::Bytes;
use kafkascope_core::wire::{Topic, TopicPartition};

/// The topic that random clusters have.
pub const TOPIC: &str = "orders";

/// A source of clusters and deeds.
pub struct Chaos {
    random: Random,
    produced: u64,
}

impl Chaos {
    /// The source that belongs to a seed.
    pub fn new(seed: u64) -> Self {
        // A purpose that no party of a cluster has: what is drawn here shifts nothing there.
        Self { random: Random::for_purpose(seed, Purpose::Party(900_000)), produced: 0 }
    }

    /// A number within bounds.
    pub fn number(&mut self, min: u64, max: u64) -> u64 {
        self.random.between(min, max)
    }

    /// One of several.
    fn one_of<'v, T>(&mut self, values: &'v [T]) -> Option<&'v T> {
        let last = u64::try_from(values.len()).ok()?.checked_sub(1)?;
        values.get(usize::try_from(self.number(0, last)).ok()?)
    }

    /// A small cluster with impatient timeouts, so that much happens in few steps.
    pub fn cluster(&mut self, settings: &BTreeMap<String, String>) -> ClusterConfig {
        let brokers = i32::try_from(self.number(3, 4)).unwrap_or(3);
        let node = |id, roles| NodeConfig { id, roles, rack: None, settings: BTreeMap::new() };
        let nodes = (1..=brokers).map(|id| node(id, Roles::Broker)).chain([node(9, Roles::Controller)]).collect();
        let min_isr = self.number(1, 2);
        let mut merged: BTreeMap<String, String> = [
            ("replica.lag.time.max.ms", "900"),
            ("replica.fetch.wait.max.ms", "150"),
            ("replica.fetch.backoff.ms", "100"),
            ("broker.session.timeout.ms", "800"),
            ("broker.heartbeat.interval.ms", "200"),
            ("replica.high.watermark.checkpoint.interval.ms", "300"),
            ("log.flush.offset.checkpoint.interval.ms", "1000"),
            ("auto.leader.rebalance.enable", "false"),
            ("offsets.topic.num.partitions", "1"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        merged.insert("min.insync.replicas".into(), min_isr.to_string());
        merged.extend(settings.clone());
        let producer = |acks: &str| ProducerConfig {
            settings: [("acks", acks), ("linger.ms", "0"), ("request.timeout.ms", "1500"), ("retry.backoff.ms", "50")]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
        };
        ClusterConfig {
            nodes,
            settings: merged,
            topics: vec![TopicConfig {
                name: TOPIC.into(),
                partitions: 1,
                replication_factor: 3,
                assignment: Vec::new(),
                settings: BTreeMap::new(),
            }],
            producers: vec![producer("all"), producer("1")],
            consumers: vec![ConsumerConfig {
                group: "readers".into(),
                topics: vec![TOPIC.into()],
                poll: PollMode::Continuous,
                commit: CommitMode::AfterPoll,
                settings: [("auto.offset.reset".to_owned(), "earliest".to_owned())].into(),
            }],
            network: NetworkConfig { latency_ms_min: 1, latency_ms_max: self.number(1, 12) },
            start: Start::AtRest,
        }
    }

    /// Something that may be done to a cluster as it is. It is mostly possible; what is not is refused by name.
    pub fn command(&mut self, cluster: &Cluster) -> Command {
        let view = cluster.view();
        match self.number(0, 99) {
            0..=39 => self.produce(),
            40..=57 => self.process(&view),
            58..=69 => self.link(&view),
            70..=84 => self.envelope(&view).unwrap_or_else(|| self.produce()),
            85..=89 => self.pending(cluster).unwrap_or_else(|| self.produce()),
            90..=93 => self.elect(),
            94..=96 => self.reassign(&view),
            97 => self.disk(&view),
            _ => self.set(),
        }
    }

    fn produce(&mut self) -> Command {
        self.produced += 1;
        Command::Produce {
            // Mostly with `acks=all`: those records must never be lost.
            producer: if self.number(0, 4) == 0 { 2 } else { 1 },
            topic: Topic::from(TOPIC),
            partition: None,
            key: Some(Bytes::from("k")),
            value: Some(Bytes::from(format!("v{}", self.produced).as_str())),
            headers: Vec::new(),
        }
    }

    /// Crashes, stops, pauses; but rather brings back who is away.
    fn process(&mut self, view: &ClusterView) -> Command {
        let is = |states: &'static [NodeState]| move |node: &&NodeView| states.contains(&node.state);
        let ids = |states| -> Vec<i32> { view.nodes.iter().filter(is(states)).map(|node| node.id).collect() };
        let (down, paused) = (ids(&[NodeState::Down]), ids(&[NodeState::Paused]));
        let up = ids(&[NodeState::Running, NodeState::Fenced, NodeState::Starting]);
        let returns = self.number(0, 9) < 5;
        if let Some(node) = self.one_of(&down).copied().filter(|_| returns) {
            return Command::Start { node };
        }
        if let Some(node) = self.one_of(&paused).copied().filter(|_| returns) {
            return Command::Resume { node };
        }
        let node = self.one_of(&up).copied().unwrap_or(1);
        match self.number(0, 9) {
            0..=5 => Command::Crash { node, machine: false },
            6 => Command::Stop { node },
            _ => Command::Pause { node },
        }
    }

    /// Slows a disk, but rather makes a slow one fast again.
    fn disk(&mut self, view: &ClusterView) -> Command {
        let slow: Vec<i32> = view.nodes.iter().filter(|node| node.disk_write_ms > 0).map(|node| node.id).collect();
        match self.one_of(&slow) {
            Some(node) => Command::SlowDisk { node: *node, by_ms: 0 },
            None => {
                let nodes: Vec<i32> = view.nodes.iter().map(|node| node.id).collect();
                Command::SlowDisk { node: self.one_of(&nodes).copied().unwrap_or(1), by_ms: self.number(1, 500) }
            }
        }
    }

    fn link(&mut self, view: &ClusterView) -> Command {
        let heals = self.number(0, 9) < 6;
        if let Some((from, to)) = self.one_of(&view.cuts).copied().filter(|_| heals) {
            return Command::Heal { from, to, both: false };
        }
        let nodes: Vec<i32> = view.nodes.iter().map(|node| node.id).collect();
        let (from, to) = (self.one_of(&nodes).copied().unwrap_or(1), self.one_of(&nodes).copied().unwrap_or(2));
        Command::Cut { from: Actor::Node(from), to: Actor::Node(to), both: self.number(0, 1) == 0 }
    }

    fn envelope(&mut self, view: &ClusterView) -> Option<Command> {
        let events: Vec<_> = view.envelopes.iter().map(|envelope| envelope.event).collect();
        let event = *self.one_of(&events)?;
        Some(match self.number(0, 2) {
            0 => Command::Drop { event },
            1 => Command::Delay { event, by_ms: self.number(1, 2_000) },
            _ => Command::Duplicate { event },
        })
    }

    /// Overrules the scheduler.
    fn pending(&mut self, cluster: &Cluster) -> Option<Command> {
        let events: Vec<_> = cluster.pending(32).into_iter().map(|pending| pending.event).collect();
        Some(Command::Choose { event: *self.one_of(&events)? })
    }

    fn elect(&mut self) -> Command {
        Command::Elect { partition: TopicPartition::new(TOPIC, 0), unclean: false }
    }

    fn reassign(&mut self, view: &ClusterView) -> Command {
        let mut brokers: Vec<i32> = view.nodes.iter().filter(|node| node.is_broker).map(|node| node.id).collect();
        for at in (1..brokers.len()).rev() {
            let other = usize::try_from(self.number(0, at as u64)).unwrap_or(0);
            brokers.swap(at, other);
        }
        brokers.truncate(3);
        Command::Reassign { partition: TopicPartition::new(TOPIC, 0), replicas: Some(brokers) }
    }

    fn set(&mut self) -> Command {
        let value = self.number(1, 2).to_string();
        Command::Set { scope: SettingScope::Topic(TOPIC.into()), name: "min.insync.replicas".into(), value }
    }
}
