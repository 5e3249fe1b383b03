//! A member's next step towards the target assignment (`CurrentAssignmentBuilder`): first it gives up, then it gets.

use std::collections::{BTreeMap, BTreeSet};

use super::member::{ConsumerGroupMember, MemberState};
use super::{ConsumerGroup, Refusal, ResolvedRegularExpression};
use crate::metadata::MetadataImage;
use crate::wire::consumer_group::ConsumerGroupTopicPartitions;
use crate::wire::{ErrorCode, Topic, Uuid};

/// Partitions by topic.
pub(crate) type TopicPartitions = BTreeMap<Uuid, BTreeSet<i32>>;
/// Partitions by topic, each with the epoch in which its owner got it.
pub(crate) type PartitionEpochs = BTreeMap<Uuid, BTreeMap<i32, i32>>;

/// Where a member's next assignment comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ReconciliationStep {
    /// It is what the member had, as far as it wants it still.
    Kept,
    /// It was computed from the target (`computeNextAssignment`).
    Computed,
}

/// What a member's next step depends on.
pub(super) struct CurrentAssignment<'a> {
    pub(super) group: &'a ConsumerGroup,
    pub(super) image: &'a MetadataImage,
    pub(super) target_epoch: i32,
    pub(super) target: &'a TopicPartitions,
    pub(super) has_subscription_changed: bool,
    /// What the member says that it holds; none where it says nothing.
    pub(super) owned: Option<&'a [ConsumerGroupTopicPartitions]>,
}

impl CurrentAssignment<'_> {
    /// The member after its next step.
    pub(super) fn next(
        &self,
        member: &ConsumerGroupMember,
    ) -> Result<(ConsumerGroupMember, ReconciliationStep), Refusal> {
        let computed = |epoch: i32| Ok((self.compute_next(member, epoch), ReconciliationStep::Computed));
        let kept = || match self.has_subscription_changed {
            true => Ok((self.drop_unsubscribed(member), ReconciliationStep::Kept)),
            false => Ok((member.clone(), ReconciliationStep::Kept)),
        };
        match member.state {
            MemberState::Stable if member.epoch != self.target_epoch => computed(member.epoch),
            MemberState::Stable => kept(),
            MemberState::UnrevokedPartitions if self.owns_any_of(&member.pending_revocation) => kept(),
            MemberState::UnrevokedPartitions | MemberState::UnreleasedPartitions => computed(member.epoch),
            MemberState::Unknown if self.owned.is_some_and(<[_]>::is_empty) => computed(self.target_epoch),
            MemberState::Unknown => {
                let message = "The consumer group member is in a unknown state. \
                               The member must abandon all its partitions and rejoin.";
                Err(Refusal::new(ErrorCode::FencedMemberEpoch, message))
            }
        }
    }

    /// Whether the member still holds one of these: as long as it says nothing, it does.
    fn owns_any_of(&self, partitions: &PartitionEpochs) -> bool {
        let Some(owned) = self.owned else { return true };
        owned.iter().any(|topic| {
            let revoked = partitions.get(&topic.topic_id);
            revoked.is_some_and(|revoked| topic.partitions.iter().any(|partition| revoked.contains_key(partition)))
        })
    }

    /// The topics that the member may have partitions of, by what it wants now.
    fn subscribed_topics(&self, member: &ConsumerGroupMember) -> BTreeSet<Uuid> {
        subscribed_topic_ids(member, &self.group.regular_expressions, self.image)
    }

    /// The topics that it wants by name or by its regular expression, whether they exist or not.
    fn subscribed_names<'m>(&'m self, member: &'m ConsumerGroupMember) -> impl Iterator<Item = &'m Topic> {
        subscribed_topic_names(member, &self.group.regular_expressions)
    }

    /// It gives up what it wants no more, without another target (`updateCurrentAssignment`).
    fn drop_unsubscribed(&self, member: &ConsumerGroupMember) -> ConsumerGroupMember {
        let subscribed = self.subscribed_topics(member);
        let mut next = member.clone();
        next.assigned.retain(|topic, _| subscribed.contains(topic));
        if next.assigned.len() == member.assigned.len() {
            // Kafka compares two maps by whether they are the same object. Who wants nothing any more is given another empty one,
            // and so a new step in the epoch that it has.
            let wants_nothing = self.subscribed_names(member).next().is_none();
            if member.assigned.is_empty() && member.pending_revocation.is_empty() && wants_nothing {
                next.update_epoch(member.epoch);
            }
            return next;
        }
        for (topic, partitions) in member.assigned.iter().filter(|(topic, _)| !subscribed.contains(*topic)) {
            next.pending_revocation.entry(*topic).or_default().extend(partitions);
        }
        next.update_epoch(member.epoch);
        if self.owns_any_of(&next.pending_revocation) {
            next.state = MemberState::UnrevokedPartitions;
        } else {
            next.pending_revocation.clone_from(&member.pending_revocation);
        }
        next
    }

    /// The step itself (`computeNextAssignment`).
    fn compute_next(&self, member: &ConsumerGroupMember, epoch: i32) -> ConsumerGroupMember {
        let subscribed = self.subscribed_topics(member);
        let mut assigned = PartitionEpochs::new();
        let mut revoked = PartitionEpochs::new();
        let mut gained = TopicPartitions::new();
        let mut waits = false;
        let topics: BTreeSet<Uuid> = self.target.keys().chain(member.assigned.keys()).copied().collect();
        let nothing = (BTreeSet::new(), BTreeMap::new());
        for topic in topics {
            let target = self.target.get(&topic).filter(|_| subscribed.contains(&topic)).unwrap_or(&nothing.0);
            let held = member.assigned.get(&topic).unwrap_or(&nothing.1);
            let (kept, lost): (BTreeMap<i32, i32>, BTreeMap<i32, i32>) =
                held.iter().partition(|(partition, _)| target.contains(*partition));
            let mut new: BTreeSet<i32> =
                target.iter().filter(|partition| !kept.contains_key(*partition)).copied().collect();
            let own_revoked = member.pending_revocation.get(&topic);
            let is_free = |partition: &i32| {
                self.group.partition_epoch(topic, *partition).is_none()
                    || own_revoked.is_some_and(|revoked| revoked.contains_key(partition))
            };
            let before = new.len();
            new.retain(is_free);
            waits |= new.len() < before;
            if !kept.is_empty() {
                assigned.insert(topic, kept);
            }
            if !lost.is_empty() {
                revoked.insert(topic, lost);
            }
            if !new.is_empty() {
                gained.insert(topic, new);
            }
        }
        let mut next = member.clone();
        if !revoked.is_empty() && self.owns_any_of(&revoked) {
            next.state = MemberState::UnrevokedPartitions;
            next.update_epoch(epoch);
            next.assigned = assigned;
            next.pending_revocation = revoked;
            return next;
        }
        for (topic, partitions) in gained {
            let epochs = partitions.into_iter().map(|partition| (partition, self.target_epoch));
            assigned.entry(topic).or_default().extend(epochs);
        }
        next.state = if waits { MemberState::UnreleasedPartitions } else { MemberState::Stable };
        next.update_epoch(self.target_epoch);
        next.assigned = assigned;
        next.pending_revocation.clear();
        next
    }
}

/// The topics that a member wants, by their ids, as far as they exist.
pub(super) fn subscribed_topic_ids(
    member: &ConsumerGroupMember,
    regular_expressions: &BTreeMap<String, ResolvedRegularExpression>,
    image: &MetadataImage,
) -> BTreeSet<Uuid> {
    let names = subscribed_topic_names(member, regular_expressions);
    names.filter_map(|name: &Topic| image.topic_ids.get(name).copied()).collect()
}

fn subscribed_topic_names<'m>(
    member: &'m ConsumerGroupMember,
    regular_expressions: &'m BTreeMap<String, ResolvedRegularExpression>,
) -> impl Iterator<Item = &'m Topic> {
    let by_regex = member.regex().and_then(|regex| regular_expressions.get(regex));
    member.subscribed_topics.iter().chain(by_regex.into_iter().flat_map(|regex| &regex.topics))
}
