//! What a cluster is made of before anything happens.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::sim::Millis;
use crate::wire::TopicPartition;

/// A cluster as it is ordered: processes, topics, clients, settings by Kafka's own names.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ClusterConfig {
    /// The Kafka processes.
    pub nodes: Vec<NodeConfig>,
    /// Settings of every process, by their real names, as in a `server.properties` that all share.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub settings: BTreeMap<String, String>,
    /// Topics that exist from the start.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub topics: Vec<TopicConfig>,
    /// Producers, numbered from 1.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub producers: Vec<ProducerConfig>,
    /// Consumers, numbered from 1.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub consumers: Vec<ConsumerConfig>,
    /// The network between all of them.
    #[serde(default)]
    pub network: NetworkConfig,
    /// Whether the run begins with everything started and at rest, or with the power switch.
    #[serde(default)]
    pub start: Start,
}

/// One Kafka process.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NodeConfig {
    /// `node.id`.
    pub id: i32,
    /// `process.roles`.
    pub roles: Roles,
    /// `broker.rack`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rack: Option<String>,
    /// Settings of this process alone.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub settings: BTreeMap<String, String>,
    /// Of a controller that does not run: how it answers as a voter all the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub puppet: Option<PuppetVoter>,
    /// Whether its process is not started with the cluster: somebody starts it later.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_down: bool,
    /// The cluster that its directory was formatted for (`cluster.id` of `meta.properties`), where that is another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster_id: Option<String>,
}

impl NodeConfig {
    /// A process of these roles that runs from the beginning, with nothing said of it besides.
    pub fn new(id: i32, roles: Roles) -> Self {
        Self { id, roles, rack: None, settings: BTreeMap::new(), puppet: None, is_down: false, cluster_id: None }
    }

    /// Whether no process of it ever runs: somebody plays it by hand.
    pub fn is_puppet(&self) -> bool {
        self.roles == Roles::Puppet || self.puppet.is_some()
    }
}

/// A voter of the metadata quorum that is only played. It takes every connection, and what it does not answer it leaves open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct PuppetVoter {
    /// Whether it grants pre-votes; it does not answer them where that is not told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pre_votes: Option<bool>,
    /// Whether it grants votes; it does not answer them where that is not told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub votes: Option<bool>,
    /// Whether it accepts any node's word that it leads an epoch, or leads it no more.
    pub accepts_leaders: bool,
    /// From which epoch on it answers fetches as the leader, without records; it does not answer them where that is not told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leads_from: Option<i32>,
    /// The highest version of Vote that it understands; any where that is not told. Pre-votes need version 2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vote_version_max: Option<i16>,
}

/// `process.roles`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Roles {
    /// Stores records and serves clients.
    #[serde(rename = "broker")]
    Broker,
    /// Decides, on the metadata log.
    #[serde(rename = "controller")]
    Controller,
    /// Both in one process.
    #[serde(rename = "broker,controller")]
    Combined,
    /// A broker that exists only in the controller's mind: registered, with heartbeats, but silent otherwise. Anyone who
    /// plays it sends its requests by hand.
    #[serde(rename = "puppet")]
    Puppet,
}

impl Roles {
    /// Whether the process is a broker to the rest of the cluster.
    pub fn is_broker(self) -> bool {
        matches!(self, Self::Broker | Self::Combined | Self::Puppet)
    }

    /// Whether the process is a controller.
    pub fn is_controller(self) -> bool {
        matches!(self, Self::Controller | Self::Combined)
    }
}

/// A topic that exists from the start.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TopicConfig {
    /// Its name.
    pub name: String,
    /// How many partitions.
    pub partitions: i32,
    /// How many replicas of each.
    pub replication_factor: i16,
    /// Replicas of each partition, by hand.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub assignment: Vec<Vec<i32>>,
    /// Its settings.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub settings: BTreeMap<String, String>,
}

/// A producer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ProducerConfig {
    /// Its settings (`acks`, `linger.ms` …).
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub settings: BTreeMap<String, String>,
}

/// A consumer and the loop of its application.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConsumerConfig {
    /// `group.id`.
    pub group: String,
    /// The topics that its application subscribes to when it starts (`subscribe`). Of topics, a pattern and partitions it has one
    /// kind at most; without any it reads nothing until it is told to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub topics: Vec<String>,
    /// The pattern of names that it subscribes to instead: matched by the consumer itself, with `group.protocol=consumer` by the
    /// broker that assigns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
    /// The partitions that it reads instead, without being a member of its group (`assign`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub assign: Vec<TopicPartition>,
    /// Whether the application polls by itself.
    #[serde(default)]
    pub poll: PollMode,
    /// When the application commits.
    #[serde(default)]
    pub commit: CommitMode,
    /// When the application has processed what it got.
    #[serde(default)]
    pub process: ProcessMode,
    /// Where the application writes a record for each that it has read, if it does: with a transactional producer the
    /// results and the positions are committed together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub writes: Option<WritesConfig>,
    /// Its settings (`auto.offset.reset`, `fetch.min.bytes` …).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub settings: BTreeMap<String, String>,
    /// Whether its process does not run when the run begins. Its topics may be created before it is started.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_down: bool,
}

/// Where an application writes what it makes of the records that it reads.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WritesConfig {
    /// With which producer. It lives and dies with the consumer's process.
    pub producer: u32,
    /// To which topic.
    pub topic: String,
}

/// Whether the application polls by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PollMode {
    /// Again and again.
    #[default]
    Continuous,
    /// Only when a person says so.
    Manual,
}

/// When the application has processed the records that a poll returned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProcessMode {
    /// At once: a record that was returned counts as processed.
    #[default]
    AtOnce,
    /// Only when a person says so. Until then it holds the records in memory, and may poll on, as an application does that
    /// hands them to a thread of their own.
    Manual,
}

/// When the application commits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CommitMode {
    /// `commitSync` after the records of each poll.
    #[default]
    AfterPoll,
    /// `enable.auto.commit`: the consumer itself, every `auto.commit.interval.ms`, from within a poll.
    Auto,
    /// Only when a person says so.
    Manual,
}

/// The simulated network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct NetworkConfig {
    /// The least time an envelope takes, in milliseconds.
    pub latency_ms_min: Millis,
    /// The most time an envelope takes, in milliseconds.
    pub latency_ms_max: Millis,
}

impl Default for NetworkConfig {
    fn default() -> Self {
        Self { latency_ms_min: 1, latency_ms_max: 4 }
    }
}

/// What a machine's clock shows where a run begins by it, in milliseconds since 1970.
pub const WALL_CLOCK_MS: Millis = 1_795_000_000_000;

/// Where a run begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Start {
    /// Brokers registered, topics created, groups joined.
    #[default]
    AtRest,
    /// The processes were started this moment.
    Cold,
    /// As [`Start::AtRest`], on a machine whose clock shows the time of day: virtual time begins in November 2026. Records
    /// with a time stamp of their own are as old there as they were for a real broker.
    AtRestByWallClock,
}

impl Start {
    /// What the clock shows at the beginning, in milliseconds.
    pub fn clock_ms(self) -> Millis {
        match self {
            Self::AtRest | Self::Cold => 0,
            Self::AtRestByWallClock => WALL_CLOCK_MS,
        }
    }
}
