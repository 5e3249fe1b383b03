//! What consumers of an ordered cluster read from their start is checked before anything runs.

use super::ConfigError;
use crate::config::{ConsumerConfig, TopicConfig};
use crate::pattern::Pattern;
use crate::wire::Topic;

/// A mistake in what a consumer begins with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SubscriptionMistake {
    /// The field of its configuration.
    pub(crate) field: &'static str,
    /// Which item of the field, where that is a list.
    pub(crate) index: Option<usize>,
    pub(crate) problem: SubscriptionProblem,
}

/// What is wrong there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SubscriptionProblem {
    /// Topics, a pattern and partitions exclude each other.
    MutuallyExclusive,
    /// The pattern is empty.
    Empty,
    /// The pattern cannot be read.
    BadPattern { pattern: String, reason: &'static str },
    /// There is no such topic.
    UnknownTopic { name: Topic },
    /// The topic has fewer partitions.
    NoSuchPartition { partition: i32, last: i64 },
}

/// Every mistake in what a consumer begins with. Who is down when the run begins may name topics that are created before it is
/// started.
pub(crate) fn check_subscription(consumer: &ConsumerConfig, topics: &[TopicConfig]) -> Vec<SubscriptionMistake> {
    let mut mistakes = Vec::new();
    let mut found = |field, index, problem| mistakes.push(SubscriptionMistake { field, index, problem });
    let kinds = [!consumer.topics.is_empty(), consumer.pattern.is_some(), !consumer.assign.is_empty()];
    if kinds.into_iter().filter(|is_there| *is_there).count() > 1 {
        let second = if consumer.assign.is_empty() { "pattern" } else { "assign" };
        found(second, None, SubscriptionProblem::MutuallyExclusive);
    }
    let partitions_of = |name: &str| topics.iter().find(|known| known.name == name).map(partition_count);
    for (index, name) in consumer.topics.iter().enumerate() {
        if !consumer.is_down && partitions_of(name).is_none() {
            found("topics", Some(index), SubscriptionProblem::UnknownTopic { name: name.as_str().into() });
        }
    }
    if let Some(pattern) = &consumer.pattern {
        match Pattern::compile(pattern) {
            Ok(_) if pattern.is_empty() => found("pattern", None, SubscriptionProblem::Empty),
            Ok(_) => {}
            Err(reason) => {
                let pattern = pattern.clone();
                found("pattern", None, SubscriptionProblem::BadPattern { pattern, reason });
            }
        }
    }
    for (index, partition) in consumer.assign.iter().enumerate() {
        let number = partition.partition;
        match partitions_of(&partition.topic) {
            None if consumer.is_down => {}
            None => {
                let name = partition.topic.clone();
                found("assign", Some(index), SubscriptionProblem::UnknownTopic { name });
            }
            Some(count) if (0..count).contains(&i64::from(number)) => {}
            Some(count) => {
                let last = count.saturating_sub(1);
                found("assign", Some(index), SubscriptionProblem::NoSuchPartition { partition: number, last });
            }
        }
    }
    mistakes
}

fn partition_count(topic: &TopicConfig) -> i64 {
    match topic.assignment.len() {
        0 => topic.partitions.into(),
        assigned => i64::try_from(assigned).unwrap_or(i64::MAX),
    }
}

impl SubscriptionMistake {
    /// The same as a mistake of the whole cluster; `consumer` is the place of the consumer's configuration in it.
    pub(super) fn in_cluster(self, consumer: usize) -> ConfigError {
        let at = match self.index {
            Some(index) => format!("consumers[{consumer}].{}[{index}]", self.field),
            None => format!("consumers[{consumer}].{}", self.field),
        };
        match self.problem {
            SubscriptionProblem::MutuallyExclusive => ConfigError::MutuallyExclusiveSubscription { at },
            SubscriptionProblem::Empty => ConfigError::EmptySubscription { at },
            SubscriptionProblem::BadPattern { pattern, reason } => {
                ConfigError::BadPattern { at, pattern, reason: reason.to_owned() }
            }
            SubscriptionProblem::UnknownTopic { name } => ConfigError::UnknownTopic { at, name: name.to_string() },
            SubscriptionProblem::NoSuchPartition { partition, last } => {
                ConfigError::OutOfRange { at, value: partition.into(), min: 0, max: last }
            }
        }
    }
}
