//! The clusters of the group swarm, and what is done to them.

use std::collections::BTreeMap;

use kafkascope_core::actor::{Actor, Listener};
use kafkascope_core::cluster::Cluster;
use kafkascope_core::command::Command;
use kafkascope_core::config::{
    ClusterConfig, CommitMode, ConsumerConfig, NetworkConfig, NodeConfig, PollMode, ProcessMode, ProducerConfig, Roles,
    Start, TopicConfig,
};
use kafkascope_core::sim::random::{Purpose, Random};
use kafkascope_core::view::{AssignedView, ClusterView, NodeState, SubscriptionView};
use kafkascope_core::wire::{ApiKey, Topic};
use serde_json::json;

use crate::chaos::end_or_start;

/// The topics, with as many partitions as they begin with.
const TOPICS: [(&str, i32); 2] = [("orders", 3), ("payments", 2)];
/// How many partitions topics grow to at most.
const PARTITIONS_MAX: i32 = 7;
/// The nodes, brokers and controllers in one.
const NODES: std::ops::RangeInclusive<i32> = 1..=3;
const CLASSES: &str = "org.apache.kafka.clients.consumer.";

/// A source of clusters with groups, and of commands.
pub(super) struct GroupActs {
    random: Random,
    produced: u64,
    consumers: u32,
}

fn settings(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

impl GroupActs {
    pub(super) fn new(seed: u64) -> Self {
        // A purpose that no actor of a cluster has, nor the other swarm.
        Self { random: Random::for_purpose(seed, Purpose::Actor(900_001)), produced: 0, consumers: 0 }
    }

    fn number(&mut self, min: u64, max: u64) -> u64 {
        self.random.between(min, max)
    }

    fn one_of<T: Copy>(&mut self, values: &[T]) -> Option<T> {
        let last = u64::try_from(values.len()).ok()?.checked_sub(1)?;
        values.get(usize::try_from(self.number(0, last)).ok()?).copied()
    }

    /// How many steps pass before the next command.
    pub(super) fn quiet(&mut self) -> u64 {
        self.number(5, 120)
    }

    pub(super) fn cluster(&mut self) -> ClusterConfig {
        let node = |id| NodeConfig::new(id, Roles::Combined);
        let delay = self.number(0, 1) * 300;
        let mut all = settings(&[
            ("replica.lag.time.max.ms", "900"),
            ("replica.fetch.wait.max.ms", "150"),
            ("replica.fetch.backoff.ms", "100"),
            ("broker.session.timeout.ms", "800"),
            ("broker.heartbeat.interval.ms", "200"),
            ("controller.quorum.election.timeout.ms", "300"),
            ("controller.quorum.election.backoff.max.ms", "200"),
            ("controller.quorum.fetch.timeout.ms", "700"),
            ("controller.quorum.request.timeout.ms", "700"),
            ("min.insync.replicas", "2"),
            ("offsets.topic.num.partitions", "2"),
            ("offsets.topic.replication.factor", "3"),
            ("group.min.session.timeout.ms", "500"),
            ("group.consumer.min.session.timeout.ms", "500"),
            ("group.consumer.session.timeout.ms", "1500"),
            ("group.consumer.min.heartbeat.interval.ms", "100"),
            ("group.consumer.heartbeat.interval.ms", "300"),
        ]);
        all.insert("group.initial.rebalance.delay.ms".to_owned(), delay.to_string());
        let topic = |(name, partitions): (&str, i32)| TopicConfig {
            name: name.to_owned(),
            partitions,
            replication_factor: 3,
            assignment: Vec::new(),
            settings: BTreeMap::new(),
        };
        let producer = settings(&[("linger.ms", "0"), ("request.timeout.ms", "1500"), ("retry.backoff.ms", "50")]);
        let consumers = self.groups();
        self.consumers = u32::try_from(consumers.len()).unwrap_or(0);
        ClusterConfig {
            nodes: NODES.map(node).collect(),
            settings: all,
            topics: TOPICS.map(topic).into(),
            producers: vec![ProducerConfig { settings: producer }],
            consumers,
            network: NetworkConfig { latency_ms_min: 1, latency_ms_max: self.number(1, 8) },
            start: Start::AtRest,
        }
    }

    /// A group of each kind, of two to four members.
    fn groups(&mut self) -> Vec<ConsumerConfig> {
        let eager = self.one_of(&["RangeAssignor", "RoundRobinAssignor", "StickyAssignor"]).unwrap_or("RangeAssignor");
        let broker = self.one_of(&["uniform", "range", ""]).unwrap_or("");
        let strategy = |class: &str| ("partition.assignment.strategy", format!("{CLASSES}{class}"));
        let both = format!("{CLASSES}RangeAssignor,{CLASSES}CooperativeStickyAssignor");
        let mut by_broker = vec![("group.protocol", "consumer".to_owned())];
        if !broker.is_empty() {
            by_broker.push(("group.remote.assignor", broker.to_owned()));
        }
        let kinds = [
            ("eager", vec![strategy(eager)]),
            ("cooperative", vec![strategy("CooperativeStickyAssignor")]),
            ("default", vec![("partition.assignment.strategy", both)]),
            ("consumer", by_broker),
        ];
        let mut consumers = Vec::new();
        for (group, own) in kinds {
            for member in 0..self.number(2, 4) {
                consumers.push(self.member(group, member, &own));
            }
        }
        consumers
    }

    fn member(&mut self, group: &str, member: u64, own: &[(&str, String)]) -> ConsumerConfig {
        let mut all = settings(&[
            ("auto.offset.reset", "earliest"),
            ("metadata.max.age.ms", "1500"),
            ("max.poll.interval.ms", "2500"),
            ("request.timeout.ms", "1500"),
            ("auto.commit.interval.ms", "400"),
            ("retry.backoff.ms", "50"),
        ]);
        if group != "consumer" {
            all.extend(settings(&[("session.timeout.ms", "1500"), ("heartbeat.interval.ms", "300")]));
        }
        all.extend(own.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        if self.number(0, 3) == 0 {
            all.insert("group.instance.id".to_owned(), format!("{group}-{member}"));
        }
        // In the group with different topics the general algorithms assign.
        let topics: &[&str] = if member == 1 && self.number(0, 2) == 0 { &["orders"] } else { &["orders", "payments"] };
        let commit = self.one_of(&[CommitMode::Auto, CommitMode::AfterPoll]).unwrap_or_default();
        let poll = if member == 2 && self.number(0, 1) == 0 { PollMode::Manual } else { PollMode::Continuous };
        ConsumerConfig {
            group: group.to_owned(),
            topics: topics.iter().map(|topic| (*topic).to_owned()).collect(),
            poll,
            commit,
            process: ProcessMode::AtOnce,
            writes: None,
            settings: all,
            ..ConsumerConfig::default()
        }
    }

    pub(super) fn command(&mut self, cluster: &Cluster) -> Command {
        let view = cluster.view();
        match self.number(0, 99) {
            0..=44 => self.produce(),
            45..=59 => self.consumer_process(&view),
            60..=69 => Command::Poll { consumer: self.consumer() },
            70..=71 => Command::Commit { consumer: self.consumer() },
            72..=73 => self.pause(&view),
            74 => self.subscribe(&view),
            75..=82 => self.node_process(&view),
            83..=95 => self.link(&view),
            _ => self.grow(cluster),
        }
    }

    /// A consumer pauses one of its partitions, or goes on with it.
    fn pause(&mut self, view: &ClusterView) -> Command {
        let consumer = self.consumer();
        let found = view.consumers.iter().find(|each| each.number == consumer);
        let assigned: Vec<&AssignedView> = found.iter().flat_map(|each| &each.assigned).collect();
        let Some(own) = self.one_of(&assigned) else { return Command::Poll { consumer } };
        let partitions = vec![own.partition.clone()];
        match own.is_paused {
            true => Command::ResumePartitions { consumer, partitions },
            false => Command::PausePartitions { consumer, partitions },
        }
    }

    /// A consumer wants other topics, nothing for a while, or a pattern.
    fn subscribe(&mut self, view: &ClusterView) -> Command {
        let consumer = self.consumer();
        let found = view.consumers.iter().find(|each| each.number == consumer);
        let to = |topics: &[&str]| {
            let topics = topics.iter().map(|topic| Topic::from(*topic)).collect();
            Command::Subscribe { consumer, topics, pattern: None }
        };
        let to_pattern = Command::Subscribe { consumer, topics: Vec::new(), pattern: Some("(orders|payments)".into()) };
        match (found.map(|each| &each.subscription), self.number(0, 3)) {
            (Some(SubscriptionView::None), 0..=1) => to_pattern,
            (Some(SubscriptionView::None | SubscriptionView::Topics { .. }), 2) => to(&["orders"]),
            (Some(SubscriptionView::None | SubscriptionView::Topics { .. }), 3) => to(&["orders", "payments"]),
            _ => Command::Unsubscribe { consumer },
        }
    }

    /// Consumers without a subscription subscribe again.
    pub(super) fn resubscribing(view: &ClusterView) -> Vec<Command> {
        let idle = view.consumers.iter().filter(|each| each.is_running && each.subscription == SubscriptionView::None);
        let topics: Vec<Topic> = TOPICS.iter().map(|(name, _)| Topic::from(*name)).collect();
        idle.map(|each| Command::Subscribe { consumer: each.number, topics: topics.clone(), pattern: None }).collect()
    }

    fn consumer(&mut self) -> u32 {
        u32::try_from(self.number(1, u64::from(self.consumers.max(1)))).unwrap_or(1)
    }

    fn node(&mut self) -> i32 {
        self.one_of(&NODES.collect::<Vec<i32>>()).unwrap_or(1)
    }

    fn topic(&mut self) -> &'static str {
        self.one_of(&TOPICS).map_or("orders", |(name, _)| name)
    }

    fn produce(&mut self) -> Command {
        self.produced += 1;
        Command::Produce {
            producer: 1,
            topic: Topic::from(self.topic()),
            partition: None,
            key: Some(format!("k{}", self.number(0, 30)).as_str().into()),
            value: Some(format!("v{}", self.produced).as_str().into()),
            headers: Vec::new(),
        }
    }

    fn consumer_process(&mut self, view: &ClusterView) -> Command {
        let consumer = self.consumer();
        let crashes = self.number(0, 1) == 0;
        end_or_start(view, consumer, crashes)
    }

    /// A node ends, stands still or comes back; machines keep their power, so that nothing committed is lost.
    fn node_process(&mut self, view: &ClusterView) -> Command {
        let id = self.node();
        let state = view.nodes.iter().find(|node| node.id == id).map(|node| node.state);
        match (state, self.number(0, 2)) {
            (Some(NodeState::Down), _) => Command::Start { node: id },
            (Some(NodeState::Paused), _) => Command::Resume { node: id },
            (_, 0) => Command::Stop { node: id },
            (_, 1) => Command::Pause { node: id },
            _ => Command::Crash { node: id, machine: false },
        }
    }

    fn link(&mut self, view: &ClusterView) -> Command {
        let heals = self.number(0, 9) < 6;
        if let Some((from, to)) = self.one_of(&view.cuts).filter(|_| heals) {
            return Command::Heal { from, to, both: false };
        }
        let from = if self.number(0, 2) == 0 { Actor::Node(self.node()) } else { Actor::Consumer(self.consumer()) };
        Command::Cut { from, to: Actor::Node(self.node()), both: self.number(0, 3) > 0 }
    }

    /// A topic gets one more partition.
    fn grow(&mut self, cluster: &Cluster) -> Command {
        let topic = self.topic();
        let view = cluster.view();
        let now = view.partitions.iter().filter(|each| &*each.partition.topic == topic).count();
        let count = i32::try_from(now).unwrap_or(PARTITIONS_MAX).saturating_add(1).min(PARTITIONS_MAX);
        Command::request(
            1,
            (self.node(), Listener::Broker),
            ApiKey::CreatePartitions,
            None,
            json!({"topics": [{"name": topic, "count": count}], "timeoutMs": 2000}),
        )
    }
}
