//! The assignors of brokers (`org.apache.kafka.coordinator.group.assignor`): who is to read which partition.
//!
//! Topics are numbered in the order in which they are looked at. Kafka's is that of a table by topic ids, which are random; here
//! it is that of the topics' names. Members stand in the order of Kafka's table of their ids.

mod range;
mod uniform;
mod uniform_heterogeneous;

use std::collections::{BTreeMap, BTreeSet};

/// A topic by its number.
pub(super) type TopicNumber = u32;
/// Partitions by topic.
pub(super) type Partitions = BTreeMap<TopicNumber, BTreeSet<i32>>;

/// A member as an assignor sees it (`MemberSubscription`, `MemberAssignment`).
#[derive(Clone, Debug)]
pub(super) struct MemberSpec {
    pub(super) id: String,
    pub(super) instance_id: Option<String>,
    /// The topics that it wants and that exist.
    pub(super) topics: BTreeSet<TopicNumber>,
    /// Its part of the target assignment before.
    pub(super) assignment: Partitions,
}

/// A group as an assignor sees it (`GroupSpec`, `SubscribedTopicDescriber`).
#[derive(Clone, Debug)]
pub(super) struct GroupSpec {
    pub(super) members: Vec<MemberSpec>,
    /// How many partitions each topic has that exists.
    pub(super) partition_counts: BTreeMap<TopicNumber, i32>,
    /// Whether all members want the same topics.
    pub(super) is_homogeneous: bool,
    /// What the target assignment before gave to anybody.
    pub(super) assigned: Partitions,
}

impl GroupSpec {
    fn partition_count(&self, topic: TopicNumber) -> i32 {
        self.partition_counts.get(&topic).copied().unwrap_or(0)
    }

    fn is_assigned(&self, topic: TopicNumber, partition: i32) -> bool {
        self.assigned.get(&topic).is_some_and(|partitions| partitions.contains(&partition))
    }
}

/// An assignor by its name in `group.consumer.assignors`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::IntoStaticStr, strum::EnumString)]
#[strum(serialize_all = "kebab-case")]
pub(in crate::broker::group) enum ServerAssignor {
    /// As few moves as a balance allows.
    Uniform,
    /// A range of neighbours each, topic by topic.
    Range,
}

impl ServerAssignor {
    /// Who gets what: the assignments of the members in their order.
    pub(super) fn assign(self, group: &GroupSpec) -> Vec<Partitions> {
        if group.members.is_empty() {
            return Vec::new();
        }
        match self {
            Self::Range => range::assign(group),
            Self::Uniform if group.is_homogeneous => uniform::assign(group),
            Self::Uniform => uniform_heterogeneous::assign(group),
        }
    }
}
