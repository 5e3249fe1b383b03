//! Who reads which partitions: computed by the group's leader, a client (`ConsumerPartitionAssignor`).
//!
//! Members are looked at in the order of a `java.util.HashMap` of their ids, where Kafka does so and it matters.

mod racks;
mod range;
mod round_robin;
mod sticky;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use crate::sort::{CollectOrdered, SharedSort};
use crate::wire::consumer_protocol::{ConsumerSubscription, RawBytes};
use crate::wire::{Topic, TopicPartition};

pub use racks::PartitionRacks;
pub use sticky::user_data;

/// A member as an assignor sees it (`ConsumerPartitionAssignor.Subscription`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AssignorMember {
    /// Its id.
    pub member_id: String,
    /// `group.instance.id` of a static member.
    pub group_instance_id: Option<String>,
    /// What it wants.
    pub topics: Vec<Topic>,
    /// What its assignor adds to the subscription.
    pub user_data: Option<RawBytes>,
    /// What it holds while the group rebalances: nothing with an eager assignor.
    pub owned_partitions: Vec<TopicPartition>,
    /// The generation in which it got them; `None` where the subscription has none.
    pub generation_id: Option<i32>,
    /// `client.rack`, if it says one.
    pub rack_id: Option<String>,
}

impl AssignorMember {
    /// A member by what it said of itself when it joined.
    pub fn new(member_id: String, group_instance_id: Option<String>, subscription: ConsumerSubscription) -> Self {
        let ConsumerSubscription { topics, user_data, owned_partitions, generation_id, rack_id } = subscription;
        let generation_id = Some(generation_id).filter(|generation| *generation >= 0);
        Self { member_id, group_instance_id, topics, user_data, owned_partitions, generation_id, rack_id }
    }

    /// Its rack; none where it says nothing.
    fn rack(&self) -> Option<&str> {
        self.rack_id.as_deref().filter(|rack| !rack.is_empty())
    }
}

/// Partitions by member; every member is in it.
pub type Assignment = BTreeMap<String, Vec<TopicPartition>>;

/// How members give partitions up when their group rebalances (`ConsumerPartitionAssignor.RebalanceProtocol`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RebalanceProtocol {
    /// Everybody gives up everything before joining.
    Eager,
    /// Only what another member is to get is given up, after the assignment; a second rebalance hands it over.
    Cooperative,
}

/// Kafka's own assignors (`partition.assignment.strategy`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Assignor {
    /// `RangeAssignor`.
    Range,
    /// `RoundRobinAssignor`.
    RoundRobin,
    /// `StickyAssignor`.
    Sticky,
    /// `CooperativeStickyAssignor`.
    CooperativeSticky,
}

impl Assignor {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Range, Self::RoundRobin, Self::Sticky, Self::CooperativeSticky];

    /// Its name in the protocol (`ConsumerPartitionAssignor.name`).
    pub fn name(self) -> &'static str {
        match self {
            Self::Range => "range",
            Self::RoundRobin => "roundrobin",
            Self::Sticky => "sticky",
            Self::CooperativeSticky => "cooperative-sticky",
        }
    }

    /// Its class, as a setting names it.
    pub fn class(self) -> &'static str {
        match self {
            Self::Range => "org.apache.kafka.clients.consumer.RangeAssignor",
            Self::RoundRobin => "org.apache.kafka.clients.consumer.RoundRobinAssignor",
            Self::Sticky => "org.apache.kafka.clients.consumer.StickyAssignor",
            Self::CooperativeSticky => "org.apache.kafka.clients.consumer.CooperativeStickyAssignor",
        }
    }

    /// The assignor of a class.
    pub fn of_class(class: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|assignor| assignor.class() == class)
    }

    /// The assignor that a coordinator chose.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|assignor| assignor.name() == name)
    }

    /// The most that it can do; all can do [`RebalanceProtocol::Eager`].
    pub fn rebalance_protocol(self) -> RebalanceProtocol {
        match self {
            Self::Range | Self::RoundRobin | Self::Sticky => RebalanceProtocol::Eager,
            Self::CooperativeSticky => RebalanceProtocol::Cooperative,
        }
    }

    /// What it adds to a member's subscription (`subscriptionUserData`), given the member's last assignment and the
    /// generation of it, if there was one.
    pub fn user_data(self, last: Option<(i32, &[TopicPartition])>) -> Option<RawBytes> {
        match self {
            Self::Range | Self::RoundRobin => None,
            Self::Sticky => last.map(|(generation, partitions)| user_data::encode(partitions, generation)),
            Self::CooperativeSticky => Some(user_data::encode_generation(
                last.map_or(sticky::DEFAULT_GENERATION, |(generation, _)| generation),
            )),
        }
    }

    /// Computes who reads what, of topics with these partition counts and replicas on these racks. A topic without
    /// partitions is passed over; `RoundRobinAssignor` looks at no racks.
    pub fn assign(
        self,
        members: &[AssignorMember],
        partitions: &BTreeMap<Topic, i32>,
        racks: &PartitionRacks,
    ) -> Assignment {
        if members.is_empty() {
            return Assignment::new();
        }
        let wanted = wanted_topics(members);
        let partitions: BTreeMap<Topic, i32> = partitions
            .iter()
            .filter(|(topic, count)| wanted.contains(*topic) && **count > 0)
            .map(|(topic, count)| (topic.clone(), *count))
            .collect_ordered();
        match self {
            Self::Range => range::assign(members, &partitions, racks),
            Self::RoundRobin => round_robin::assign(members, &partitions),
            Self::Sticky => sticky::assign(members, &partitions, racks),
            Self::CooperativeSticky => sticky::assign_cooperatively(members, &partitions, racks),
        }
    }
}

/// The rebalance protocol of a consumer with these assignors: the most that all of them can do.
pub fn rebalance_protocol(assignors: &[Assignor]) -> RebalanceProtocol {
    let of_all = assignors.iter().map(|assignor| assignor.rebalance_protocol());
    of_all.min().unwrap_or(RebalanceProtocol::Eager)
}

/// `MemberInfo.compareTo`: static members come first, by their instance ids; the others by member id.
fn sorted(members: &[AssignorMember]) -> Vec<&AssignorMember> {
    let mut sorted: Vec<&AssignorMember> = members.iter().collect();
    sorted.shared_sort_by(|a, b| {
        let key = |member: &AssignorMember| (member.group_instance_id.is_none(), member.group_instance_id.clone());
        key(a).cmp(&key(b)).then_with(|| a.member_id.cmp(&b.member_id))
    });
    sorted
}

fn nothing_yet(members: &[AssignorMember]) -> Assignment {
    members.iter().map(|member| (member.member_id.clone(), Vec::new())).collect_ordered()
}

fn wanted_topics(members: &[AssignorMember]) -> BTreeSet<Topic> {
    members.iter().flat_map(|member| member.topics.iter().cloned()).collect_ordered()
}

/// The partitions of these topics, one topic after the other.
fn all_partitions<'a>(topics: impl Iterator<Item = (&'a Topic, &'a i32)>) -> Vec<TopicPartition> {
    topics.flat_map(|(topic, count)| (0..*count).map(|index| TopicPartition::new(topic.clone(), index))).collect()
}
