//! A cluster of one's own: what the form holds, and the scenario that comes of it.

use std::collections::BTreeMap;

use crate::engine::{
    ClusterConfig, CommitMode, ConsumerConfig, NetworkConfig, NodeConfig, PollMode, ProducerConfig, Roles, Scenario, Start,
    TopicConfig,
};
use crate::journey;

/// The node id of the one controller: out of the brokers' way.
const CONTROLLER: i32 = 100;
/// The form's upper bounds. More would be drawn too small to read.
const BROKERS_MAX: u32 = 9;
const PARTITIONS_MAX: u32 = 24;
const CLIENTS_MAX: u32 = 4;

/// What the form holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Order {
    /// Brokers.
    pub brokers: u32,
    /// Partitions of `orders`.
    pub partitions: u32,
    /// Replicas of each.
    pub replication_factor: u32,
    /// `min.insync.replicas`.
    pub min_insync_replicas: u32,
    /// `acks`.
    pub acks: String,
    /// Producers.
    pub producers: u32,
    /// Consumers, all of one group.
    pub consumers: u32,
    /// The seed.
    pub seed: u64,
}

impl Default for Order {
    fn default() -> Self {
        Self {
            brokers: 3,
            partitions: 3,
            replication_factor: 3,
            min_insync_replicas: 2,
            acks: "all".to_owned(),
            producers: 1,
            consumers: 2,
            seed: 42,
        }
    }
}

/// A field that does not fit, and the message that says why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Misfit {
    /// The field's name in tests.
    pub field: &'static str,
    /// The message.
    pub word: &'static str,
    /// The bound that the message names.
    pub bound: u32,
}

impl Order {
    /// Every field that does not fit.
    pub fn misfits(&self) -> Vec<Misfit> {
        let mut misfits = Vec::new();
        let mut check = |fits: bool, field, word, bound| {
            if !fits {
                misfits.push(Misfit { field, word, bound });
            }
        };
        let within = |value: u32, min: u32, max: u32| (min..=max).contains(&value);
        check(within(self.brokers, 1, BROKERS_MAX), "brokers", "misfit-one-to", BROKERS_MAX);
        check(within(self.partitions, 1, PARTITIONS_MAX), "partitions", "misfit-one-to", PARTITIONS_MAX);
        check(self.replication_factor >= 1, "replication-factor", "misfit-one-to", self.brokers);
        check(self.replication_factor <= self.brokers, "replication-factor", "misfit-more-than-brokers", self.brokers);
        check(self.min_insync_replicas >= 1, "min-insync-replicas", "misfit-one-to", self.replication_factor);
        check(
            self.min_insync_replicas <= self.replication_factor,
            "min-insync-replicas",
            "misfit-more-than-replicas",
            self.replication_factor,
        );
        check(self.producers <= CLIENTS_MAX, "producers", "misfit-at-most", CLIENTS_MAX);
        check(self.consumers <= CLIENTS_MAX, "consumers", "misfit-at-most", CLIENTS_MAX);
        misfits
    }

    /// The run of a new cluster. A misfit is the engine's to refuse: the form does not let it through.
    pub fn scenario(&self) -> Option<Scenario> {
        let settings = |pairs: &[(&str, String)]| -> BTreeMap<String, String> {
            pairs.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
        };
        let node = |id, roles| NodeConfig { id, roles, rack: None, settings: BTreeMap::new() };
        let mut nodes: Vec<NodeConfig> =
            (1..=self.brokers.min(BROKERS_MAX)).filter_map(|id| Some(node(i32::try_from(id).ok()?, Roles::Broker))).collect();
        nodes.push(node(CONTROLLER, Roles::Controller));
        let offsets_replicas = self.brokers.min(3);
        let config = ClusterConfig {
            nodes,
            settings: settings(&[
                // Fifty partitions of Kafka's own would say nothing here that three do not.
                ("offsets.topic.num.partitions", "3".to_owned()),
                ("offsets.topic.replication.factor", offsets_replicas.to_string()),
            ]),
            topics: vec![TopicConfig {
                name: "orders".to_owned(),
                partitions: i32::try_from(self.partitions).ok()?,
                replication_factor: i16::try_from(self.replication_factor).ok()?,
                assignment: Vec::new(),
                settings: settings(&[("min.insync.replicas", self.min_insync_replicas.to_string())]),
            }],
            producers: (0..self.producers).map(|_| ProducerConfig { settings: settings(&[("acks", self.acks.clone())]) }).collect(),
            consumers: (0..self.consumers).map(|_| reader()).collect(),
            network: NetworkConfig::default(),
            start: Start::AtRest,
        };
        // Whatever else a scenario has is as the presets have it.
        let preset = journey::preset("first-minute")?.scenario;
        Some(Scenario { seed: self.seed, config, commands: Vec::new(), position: 0, ..preset })
    }
}

fn reader() -> ConsumerConfig {
    ConsumerConfig {
        group: "readers".to_owned(),
        topics: vec!["orders".to_owned()],
        poll: PollMode::Continuous,
        commit: CommitMode::AfterPoll,
        settings: [("auto.offset.reset".to_owned(), "earliest".to_owned())].into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{History, Size};

    #[test]
    fn a_misfit_is_found_at_its_field() {
        assert_eq!(Order::default().misfits(), []);
        let order = Order { brokers: 2, replication_factor: 3, min_insync_replicas: 4, ..Order::default() };
        let fields: Vec<_> = order.misfits().iter().map(|misfit| (misfit.field, misfit.bound)).collect();
        assert_eq!(fields, [("replication-factor", 2), ("min-insync-replicas", 3)]);
        assert_eq!(Order { brokers: 0, ..Order::default() }.misfits()[0].field, "brokers");
    }

    #[test]
    fn every_size_of_cluster_runs() {
        for brokers in 1..=9 {
            let replicas = brokers.min(3);
            let order = Order { brokers, replication_factor: replicas, min_insync_replicas: 1, ..Order::default() };
            let scenario = order.scenario().expect("the form fits");
            let mut history = History::new(scenario).expect("the engine takes what the form offers");
            for _ in 0..50 {
                history.forward(Size::Micro);
            }
        }
    }
}
