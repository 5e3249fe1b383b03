//! Clusters to begin with.

use std::collections::BTreeMap;

use crate::command::Command;
use crate::config::{
    ClusterConfig, CommitMode, ConsumerConfig, NetworkConfig, NodeConfig, PollMode, ProcessMode, ProducerConfig, Roles,
    Start, TopicConfig,
};
use crate::scenario::{PlacedCommand, Scenario};
use crate::wire::TopicPartition;

/// A named beginning. The page's words for it have the id `preset-` and this id.
#[derive(Clone, Debug, PartialEq)]
pub struct Preset {
    /// Its name.
    pub id: &'static str,
    /// The run.
    pub scenario: Scenario,
}

/// The order of a usual cluster: brokers from 1 on, controllers beside them or in their processes, one topic, clients of one
/// group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// How many brokers.
    pub brokers: i32,
    /// How many controllers: the voters of the metadata log.
    pub controllers: i32,
    /// Whether the first brokers are the controllers (`process.roles=broker,controller`): there are as many brokers at least.
    pub combined: bool,
    /// Racks that the brokers are spread over, in turn; none for no racks.
    pub racks: Vec<String>,
    /// Partitions of the topic `orders`.
    pub partitions: i32,
    /// Replicas of each partition.
    pub replication_factor: i16,
    /// `min.insync.replicas` of the topic.
    pub min_insync_replicas: u32,
    /// `acks` of the producers.
    pub acks: String,
    /// How many producers.
    pub producers: u32,
    /// How many consumers, all in one group.
    pub consumers: u32,
    /// How they come to their partitions.
    pub subscription: OrderedSubscription,
}

/// How the consumers of an ordered cluster come to their partitions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum OrderedSubscription {
    /// They subscribe to the topic, and the group shares its partitions.
    #[default]
    Topic,
    /// They subscribe to this pattern of names.
    Pattern(String),
    /// Each assigns itself its share of the partitions, in turn, and is no member of the group.
    Partitions,
}

/// The topic of every ordered cluster.
pub const TOPIC: &str = "orders";
/// The `node.id` of the first controller that has a process of its own.
pub const CONTROLLER: i32 = 9_000;

impl Default for Order {
    fn default() -> Self {
        Self {
            brokers: 3,
            controllers: 1,
            combined: false,
            racks: Vec::new(),
            partitions: 1,
            replication_factor: 3,
            min_insync_replicas: 1,
            acks: "all".to_owned(),
            producers: 1,
            consumers: 1,
            subscription: OrderedSubscription::Topic,
        }
    }
}

impl Order {
    /// The cluster that is ordered. `__consumer_offsets` gets one partition instead of 50, so that it fits on a screen.
    pub fn config(&self) -> ClusterConfig {
        let rack = |index: i32| {
            let count = i32::try_from(self.racks.len()).unwrap_or(0);
            (count > 0).then(|| self.racks[usize::try_from((index - 1) % count).unwrap_or(0)].clone())
        };
        let broker = |id: i32| {
            let roles = if self.combined && id <= self.controllers { Roles::Combined } else { Roles::Broker };
            NodeConfig { rack: rack(id), ..NodeConfig::new(id, roles) }
        };
        let apart = if self.combined { 0 } else { self.controllers };
        let controllers = (0..apart).map(|number| {
            let id = CONTROLLER.saturating_add(number);
            NodeConfig::new(id, Roles::Controller)
        });
        let replicas_of_offsets = self.brokers.clamp(1, 3);
        let setting = |name: &str, value: String| (name.to_owned(), value);
        ClusterConfig {
            nodes: (1..=self.brokers).map(broker).chain(controllers).collect(),
            settings: BTreeMap::from([
                setting("offsets.topic.num.partitions", "1".to_owned()),
                setting("offsets.topic.replication.factor", replicas_of_offsets.to_string()),
                setting("group.initial.rebalance.delay.ms", "0".to_owned()),
            ]),
            topics: vec![TopicConfig {
                name: TOPIC.to_owned(),
                partitions: self.partitions,
                replication_factor: self.replication_factor,
                assignment: Vec::new(),
                settings: BTreeMap::from([setting("min.insync.replicas", self.min_insync_replicas.to_string())]),
            }],
            producers: (0..self.producers)
                .map(|_| ProducerConfig { settings: BTreeMap::from([setting("acks", self.acks.clone())]) })
                .collect(),
            consumers: (0..self.consumers)
                .map(|number| ConsumerConfig {
                    group: "billing".to_owned(),
                    topics: match self.subscription {
                        OrderedSubscription::Topic => vec![TOPIC.to_owned()],
                        OrderedSubscription::Pattern(_) | OrderedSubscription::Partitions => Vec::new(),
                    },
                    pattern: match &self.subscription {
                        OrderedSubscription::Pattern(pattern) => Some(pattern.clone()),
                        OrderedSubscription::Topic | OrderedSubscription::Partitions => None,
                    },
                    assign: match self.subscription {
                        OrderedSubscription::Partitions => self.share_of(number),
                        OrderedSubscription::Topic | OrderedSubscription::Pattern(_) => Vec::new(),
                    },
                    poll: PollMode::Continuous,
                    commit: CommitMode::AfterPoll,
                    process: ProcessMode::AtOnce,
                    writes: None,
                    settings: BTreeMap::from([setting("auto.offset.reset", "earliest".to_owned())]),
                    ..ConsumerConfig::default()
                })
                .collect(),
            network: NetworkConfig::default(),
            start: Start::AtRest,
        }
    }

    /// The partitions of the topic that fall to a consumer, counted from 0, where they are dealt out in turn.
    fn share_of(&self, number: u32) -> Vec<TopicPartition> {
        let (first, step) = (usize::try_from(number), usize::try_from(self.consumers.max(1)));
        let (Ok(first), Ok(step)) = (first, step) else { return Vec::new() };
        (0..self.partitions).skip(first).step_by(step).map(|partition| TopicPartition::new(TOPIC, partition)).collect()
    }

    /// A run of that cluster in which the first producer is about to send one record.
    pub fn scenario(&self, seed: u64) -> Scenario {
        let mut scenario = Scenario::new(self.config(), seed);
        if self.producers > 0 {
            let command = Command::Produce {
                producer: 1,
                topic: TOPIC.into(),
                partition: None,
                key: Some("K1".into()),
                value: Some("hello".into()),
                headers: Vec::new(),
            };
            scenario.commands.push(PlacedCommand { at: 0, command });
        }
        scenario
    }
}

/// The run that the page opens on: three brokers, one partition three times replicated, one record about to be sent.
pub fn first_minute() -> Scenario {
    Order::default().scenario(42)
}

/// Named beginnings, the simplest first.
pub fn presets() -> Vec<Preset> {
    let racks = || ["rack-a", "rack-b", "rack-c"].map(str::to_owned).to_vec();
    vec![
        Preset { id: "first-minute", scenario: first_minute() },
        Preset { id: "acks-one", scenario: Order { acks: "1".to_owned(), ..Order::default() }.scenario(42) },
        Preset {
            id: "min-insync-two",
            scenario: Order { partitions: 3, min_insync_replicas: 2, consumers: 2, ..Order::default() }.scenario(42),
        },
        Preset {
            id: "six-brokers",
            scenario: Order {
                brokers: 6,
                racks: racks(),
                partitions: 6,
                min_insync_replicas: 2,
                producers: 2,
                consumers: 3,
                ..Order::default()
            }
            .scenario(42),
        },
        Preset { id: "three-controllers", scenario: three_controllers() },
        Preset { id: "textbook-raft", scenario: textbook_raft() },
    ]
}

fn three_controllers() -> Scenario {
    Order { controllers: 3, ..Order::default() }.scenario(42)
}

/// The same, but that its controllers do as Raft's paper says.
fn textbook_raft() -> Scenario {
    let mut scenario = three_controllers();
    scenario.config.settings.insert("raft".to_owned(), "textbook".to_owned());
    scenario
}
