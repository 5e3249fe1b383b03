//! A cluster of one's own: what the form holds, and what of it does not fit.

use crate::engine::presets::OrderedSubscription;
use crate::engine::{Scenario, presets};

/// The form's upper bounds. More would be drawn too small to read.
const BROKERS_MAX: u32 = 9;
const PARTITIONS_MAX: u32 = 30;
const CLIENTS_MAX: u32 = 4;
const CONTROLLERS_MAX: u32 = 9;

/// What the form holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Order {
    /// Brokers.
    pub brokers: u32,
    /// Controllers, the voters of the metadata log.
    pub controllers: u32,
    /// Whether the first brokers are the controllers.
    pub combined: bool,
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
    /// How they come to their partitions.
    pub subscription: OrderedSubscription,
    /// The seed.
    pub seed: u32,
}

impl Default for Order {
    fn default() -> Self {
        Self {
            brokers: 3,
            controllers: 1,
            combined: false,
            partitions: 3,
            replication_factor: 3,
            min_insync_replicas: 2,
            acks: "all".to_owned(),
            producers: 1,
            consumers: 2,
            subscription: OrderedSubscription::Topic,
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
        check(within(self.controllers, 1, CONTROLLERS_MAX), "controllers", "misfit-one-to", CONTROLLERS_MAX);
        check(
            !self.combined || self.controllers <= self.brokers,
            "controllers",
            "misfit-more-controllers",
            self.brokers,
        );
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

    /// The run of the ordered cluster, at its start. `None` where a number is out of all bounds.
    pub fn scenario(&self) -> Option<Scenario> {
        let order = presets::Order {
            brokers: i32::try_from(self.brokers).ok()?,
            controllers: i32::try_from(self.controllers).ok()?,
            combined: self.combined,
            racks: Vec::new(),
            partitions: i32::try_from(self.partitions).ok()?,
            replication_factor: i16::try_from(self.replication_factor).ok()?,
            min_insync_replicas: self.min_insync_replicas,
            acks: self.acks.clone(),
            producers: self.producers,
            consumers: self.consumers,
            subscription: self.subscription.clone(),
        };
        Some(order.scenario(self.seed.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::History;

    #[test]
    fn a_misfit_is_found_at_its_field() {
        assert_eq!(Order::default().misfits(), []);
        let order = Order { brokers: 2, replication_factor: 3, min_insync_replicas: 4, ..Order::default() };
        let fields: Vec<_> = order.misfits().iter().map(|misfit| (misfit.field, misfit.bound)).collect();
        assert_eq!(fields, [("replication-factor", 2), ("min-insync-replicas", 3)]);
        assert_eq!(Order { brokers: 0, ..Order::default() }.misfits()[0].field, "brokers");
    }

    #[test]
    fn consumers_may_begin_with_a_pattern_or_with_partitions() {
        let of = |subscription| Order { subscription, ..Order::default() };
        let run = |order: Order| History::new(order.scenario().expect("the form fits"));
        let shares = |history: History| {
            let consumers = history.cluster().view().consumers.into_iter();
            let own =
                consumers.map(|consumer| consumer.assigned.iter().map(|each| each.partition.to_string()).collect());
            own.collect::<Vec<Vec<String>>>()
        };
        let dealt = run(of(OrderedSubscription::Partitions)).expect("partitions there are");
        assert_eq!(shares(dealt), [vec!["orders-0", "orders-2"], vec!["orders-1"]]);
        let matched = run(of(OrderedSubscription::Pattern("ord.*".to_owned()))).expect("a pattern");
        assert_eq!(shares(matched).concat().len(), 3);
        assert!(run(of(OrderedSubscription::Pattern("(ord".to_owned()))).is_err());
    }

    #[test]
    fn every_size_of_cluster_runs() {
        let orders = [(3, true), (4, false), (9, false)].map(|(controllers, combined)| Order {
            controllers,
            combined,
            partitions: 1,
            ..Order::default()
        });
        for order in orders {
            let scenario = order.scenario().expect("the form fits");
            let history = History::new(scenario).expect("the engine takes what the form offers");
            let voters = history.cluster().quorum().voters.len();
            assert_eq!(u32::try_from(voters), Ok(order.controllers));
        }
        for brokers in 1..=9 {
            let replicas = brokers.min(3);
            let order = Order { brokers, replication_factor: replicas, min_insync_replicas: 1, ..Order::default() };
            let scenario = order.scenario().expect("the form fits");
            let mut history = History::new(scenario).expect("the engine takes what the form offers");
            for _ in 0..200 {
                history.step();
            }
        }
    }
}
