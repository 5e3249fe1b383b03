//! A group whose broker assigns (KIP-848: `ConsumerGroup`).
//!
//! Two epochs stand beside each other. The group epoch rises with everything that the assignment depends on: subscriptions,
//! topics, members that come and go. The assignment epoch is the group epoch that the target assignment was last computed
//! for. Members go to the target one by one, each in its own epoch, and nobody gets a partition before its last owner said
//! that it gave it up.
//!
//! | from | to | when |
//! |---|---|---|
//! | Empty | Assigning | the first member joins |
//! | Assigning | Reconciling | the target assignment is computed for the group epoch, and a member is not there yet |
//! | Assigning | Stable | it is computed, and every member is there |
//! | Reconciling | Stable | every member has reached the target |
//! | Reconciling, Stable | Assigning | the group epoch rises |
//! | any | Empty | the last member has gone |
//! | any | Dead | the group is deleted, becomes a classic one, or its coordinator moves |

pub(super) mod assignor;
pub(super) mod classic_members;
mod conversion;
mod current_assignment;
mod describe;
pub(super) mod heartbeat;
pub(super) mod member;
pub(crate) mod records;
pub(super) mod regex;
mod target_assignment;
mod write;

use std::collections::{BTreeMap, BTreeSet};
use std::hash::Hasher;

pub(crate) use current_assignment::{PartitionEpochs, TopicPartitions};
pub(crate) use member::ConsumerGroupMember;
pub use member::MemberState;
pub(super) use write::{GroupConfig, MemberTimer, MigrationPolicy, Surroundings, TimerChange, Write};

use super::classic::CommittedOffset;
use crate::digest::DigestHasher;
use crate::flat_map::FlatMap;
use crate::metadata::MetadataImage;
use crate::sort::SharedSort;
use crate::wire::hash_order::{in_timeline_map_order, java_string_hash, sort_as_hash_map};
use crate::wire::{ErrorCode, Topic, TopicPartition, Uuid};

/// How a consumer group is (`ConsumerGroup.ConsumerGroupState`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, strum::IntoStaticStr)]
pub enum ConsumerGroupState {
    /// It has no members, perhaps offsets.
    Empty,
    /// Its target assignment is older than what it depends on.
    Assigning,
    /// Not every member has reached the target assignment.
    Reconciling,
    /// Every member has reached it.
    Stable,
    /// It is gone.
    Dead,
}

impl ConsumerGroupState {
    /// Kafka's name.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// What a regular expression of a subscription stood for when it was last resolved (`ResolvedRegularExpression`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ResolvedRegularExpression {
    pub(crate) topics: BTreeSet<Topic>,
    /// The metadata that it was resolved by.
    pub(crate) version: i64,
    pub(crate) timestamp: i64,
}

/// Why a request is refused, and in Kafka's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) error: ErrorCode,
    pub(super) message: String,
}

impl Refusal {
    pub(super) fn new(error: ErrorCode, message: impl Into<String>) -> Self {
        Self { error, message: message.into() }
    }
}

/// A group of the consumer protocol: what its records say.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ConsumerGroup {
    /// `group.id`.
    pub id: String,
    /// Its partition of `__consumer_offsets`.
    pub(super) partition: i32,
    /// Its epoch: 1 before the first member, then at least 2.
    pub group_epoch: i32,
    /// What stands for the topics that it reads, as they were when the group epoch last rose.
    pub(super) metadata_hash: i64,
    /// The group epoch that the target assignment was computed for.
    pub assignment_epoch: i32,
    /// When it was computed; 0 for never.
    pub(super) assignment_timestamp: i64,
    pub(super) members: BTreeMap<String, ConsumerGroupMember>,
    /// Whose each `group.instance.id` is. A name that a member has given up for another stays its own.
    pub(super) static_members: BTreeMap<String, String>,
    pub(super) target_assignment: BTreeMap<String, TopicPartitions>,
    pub(super) regular_expressions: BTreeMap<String, ResolvedRegularExpression>,
    pub(super) offsets: FlatMap<TopicPartition, CommittedOffset>,
    /// Members of the classic protocol that were told to join again. Not in the log: another coordinator tells them once more.
    pub(super) awaited_joins: BTreeSet<String>,
    /// Who had its regular expressions resolved last, where anybody may be refused anything. Not in the log either.
    pub(super) regex_principal: Option<String>,
}

impl ConsumerGroup {
    pub(super) fn new(id: &str, partition: i32) -> Self {
        Self {
            id: id.to_owned(),
            partition,
            group_epoch: 1,
            metadata_hash: 0,
            // `TargetAssignmentMetadata.INITIAL`: nothing is computed before somebody's subscription is known.
            assignment_epoch: 1,
            assignment_timestamp: 0,
            members: BTreeMap::new(),
            static_members: BTreeMap::new(),
            target_assignment: BTreeMap::new(),
            regular_expressions: BTreeMap::new(),
            offsets: FlatMap::new(),
            awaited_joins: BTreeSet::new(),
            regex_principal: None,
        }
    }

    /// How it is (`ConsumerGroup.maybeUpdateGroupState`).
    pub fn state(&self) -> ConsumerGroupState {
        if self.members.is_empty() {
            ConsumerGroupState::Empty
        } else if self.group_epoch > self.assignment_epoch {
            ConsumerGroupState::Assigning
        } else if self.members.values().all(|member| member.is_reconciled_to(self.assignment_epoch)) {
            ConsumerGroupState::Stable
        } else {
            ConsumerGroupState::Reconciling
        }
    }

    /// Its members.
    pub(crate) fn members(&self) -> impl Iterator<Item = &ConsumerGroupMember> {
        self.members.values()
    }

    /// What a member is to hold in the end.
    pub(crate) fn target_of(&self, member: &str) -> Option<&TopicPartitions> {
        self.target_assignment.get(member)
    }

    /// The assignor that a description names, if its members would like one.
    pub(crate) fn assignor(&self) -> Option<&str> {
        self.described_assignor()
    }

    /// The ids of its members.
    pub fn member_ids(&self) -> impl Iterator<Item = &str> {
        self.members.keys().map(String::as_str)
    }

    /// Whose this `group.instance.id` is (`ConsumerGroup.staticMemberId`).
    pub(super) fn static_member_id(&self, instance_id: &str) -> Option<&str> {
        self.static_members.get(instance_id).map(String::as_str)
    }

    /// The static member of this `group.instance.id` (`ConsumerGroup.staticMember`). A member that has taken another name and left
    /// still has the former one, and is not found.
    pub(super) fn static_member(&self, instance_id: &str) -> Result<Option<&ConsumerGroupMember>, Refusal> {
        self.static_member_id(instance_id).map(|id| self.member(id)).transpose()
    }

    /// Takes a member in; its name is its own from now on.
    pub(super) fn add(&mut self, member: ConsumerGroupMember) {
        if let Some(instance_id) = &member.instance_id {
            self.static_members.insert(instance_id.clone(), member.id.clone());
        }
        self.members.insert(member.id.clone(), member);
    }

    /// A member has gone, with the name that it had last.
    pub(super) fn remove(&mut self, member: &str) {
        if let Some(instance_id) = self.members.remove(member).and_then(|removed| removed.instance_id) {
            self.static_members.remove(&instance_id);
        }
    }

    /// The member of this id.
    pub(super) fn member(&self, id: &str) -> Result<&ConsumerGroupMember, Refusal> {
        self.members.get(id).ok_or_else(|| {
            let message = format!("Member {id} is not a member of group {}.", self.id);
            Refusal::new(ErrorCode::UnknownMemberId, message)
        })
    }

    /// The epoch of the member that holds a partition or has still to give it up (`currentPartitionEpoch`).
    pub(super) fn partition_epoch(&self, topic: Uuid, partition: i32) -> Option<i32> {
        let holds = |member: &&ConsumerGroupMember| member.holds(topic, partition);
        self.members.values().find(holds).map(|member| member.epoch)
    }

    /// How many members speak the classic protocol.
    pub(super) fn classic_members(&self) -> usize {
        self.members.values().filter(|member| member.classic.is_some()).count()
    }

    /// Whether any member subscribes with a regular expression.
    pub(super) fn has_regular_expressions(&self) -> bool {
        self.members.values().any(|member| member.regex().is_some())
    }

    /// How many members subscribe with a regular expression.
    pub(super) fn subscribed_by_regex(&self, regex: &str) -> usize {
        self.members.values().filter(|member| member.regex() == Some(regex)).count()
    }

    /// Every topic that a member wants by name, or that a regular expression stood for when it was last resolved.
    pub(super) fn subscribed_topics(&self) -> BTreeSet<Topic> {
        let named = self.members.values().flat_map(|member| &member.subscribed_topics);
        named.chain(self.regular_expressions.values().flat_map(|regex| &regex.topics)).cloned().collect()
    }

    /// Whether members read a topic.
    pub(super) fn is_subscribed_to(&self, topic: &Topic) -> bool {
        self.members.values().any(|member| member.subscribed_topics.contains(topic))
            || self.regular_expressions.values().any(|regex| regex.topics.contains(topic))
    }

    /// What stands for the topics that the members read: when it changes, so must the assignment
    /// (`ModernGroup.computeMetadataHash`). Kafka's own hash is XXH3, over topic ids that are random anyway.
    pub(super) fn compute_metadata_hash(&self, image: &MetadataImage) -> i64 {
        let mut hash = DigestHasher::default();
        let mut is_empty = true;
        for topic in self.subscribed_topics() {
            let Some(id) = image.topic_ids.get(&topic) else { continue };
            let Some(known) = image.topics.get(id) else { continue };
            is_empty = false;
            hash.write(&id.0.to_be_bytes());
            hash.write(topic.as_bytes());
            for (index, partition) in known.partitions.iter() {
                hash.write(&index.to_be_bytes());
                let racks = partition.replicas.iter().filter_map(|broker| image.brokers.get(broker)?.rack.as_deref());
                let racks: BTreeSet<&str> = racks.collect();
                racks.into_iter().for_each(|rack| hash.write(rack.as_bytes()));
            }
        }
        if is_empty { 0 } else { hash.finish().cast_signed() }
    }

    /// Whether all members want the same topics (`ConsumerGroup.subscriptionType`).
    pub(super) fn is_homogeneous(&self) -> bool {
        let mut members = self.members.values();
        let Some(first) = members.next() else { return true };
        let is_alike = |member: &ConsumerGroupMember| {
            member.subscribed_topics == first.subscribed_topics && member.regex() == first.regex()
        };
        let mixes = first.regex().is_some() && !first.subscribed_topics.is_empty();
        !mixes && members.all(is_alike)
    }

    /// The assignor on the broker that most members would like, once a member has become another one
    /// (`computePreferredServerAssignor`). Of several that are liked as well the first of Kafka's table counts: the member's own
    /// leads it where nobody else had named it, because `HashMap.compute` puts a new key in front.
    pub(super) fn preferred_assignor<'a>(
        &'a self,
        before: &ConsumerGroupMember,
        updated: &'a ConsumerGroupMember,
    ) -> Option<&'a str> {
        let mut votes = self.assignor_votes();
        sort_as_timeline_map(&mut votes);
        if let Some(old) = before.server_assignor.as_deref() {
            votes.iter_mut().filter(|(name, _)| *name == old).for_each(|(_, count)| *count = count.saturating_sub(1));
            votes.retain(|(_, count)| *count > 0);
        }
        if let Some(new) = updated.server_assignor.as_deref() {
            match votes.iter_mut().find(|(name, _)| *name == new) {
                Some((_, count)) => *count += 1,
                None => votes.insert(0, (new, 1)),
            }
        }
        let most = votes.iter().map(|(_, count)| *count).max()?;
        votes.into_iter().find(|(_, count)| *count == most).map(|(name, _)| name)
    }

    /// The same as a description tells it: of several that are liked as well, the order of another table decides.
    pub(super) fn described_assignor(&self) -> Option<&str> {
        in_timeline_map_order(self.favourite_assignors(), |name| java_string_hash(name)).next()
    }

    fn favourite_assignors(&self) -> Vec<&str> {
        let votes = self.assignor_votes();
        let most = votes.iter().map(|(_, count)| *count).max();
        votes.into_iter().filter(|(_, count)| Some(*count) == most).map(|(name, _)| name).collect()
    }

    /// How many members named which assignor.
    fn assignor_votes(&self) -> Vec<(&str, u32)> {
        let mut votes: BTreeMap<&str, u32> = BTreeMap::new();
        for name in self.members.values().filter_map(|member| member.server_assignor.as_deref()) {
            *votes.entry(name).or_default() += 1;
        }
        votes.into_iter().collect()
    }

    /// Why a commit is refused (`ConsumerGroup.validateOffsetCommit`). `None` for a partition: the whole of it may go on.
    /// What it gives back tells whether each partition must have been assigned by the epoch of the request.
    pub(super) fn validate_commit(
        &self,
        member_id: &str,
        instance_id: Option<&str>,
        epoch: i32,
        version: Option<i16>,
    ) -> Result<CommitCheckEpoch, ErrorCode> {
        if epoch < 0 && self.members.is_empty() {
            return Ok(CommitCheckEpoch::Any);
        }
        let is_transactional = version.is_none();
        if is_transactional && epoch == -1 && member_id.is_empty() && instance_id.is_none() {
            return Ok(CommitCheckEpoch::Any);
        }
        let member = self.members.get(member_id).ok_or(ErrorCode::UnknownMemberId)?;
        if member.classic.is_none() && version.is_some_and(|version| version < FIRST_COMMIT_VERSION_WITH_EPOCH) {
            return Err(ErrorCode::UnsupportedVersion);
        }
        match epoch.cmp(&member.epoch) {
            std::cmp::Ordering::Equal => Ok(CommitCheckEpoch::Any),
            std::cmp::Ordering::Greater => Err(member.stale_epoch()),
            std::cmp::Ordering::Less => Ok(CommitCheckEpoch::AssignedBy(epoch)),
        }
    }

    /// Whether a member may commit for a partition in an epoch before its own: it must have had the partition by then
    /// (`createAssignmentEpochValidator`).
    pub(super) fn validate_commit_of(&self, member_id: &str, topic: Uuid, partition: i32, epoch: i32) -> ErrorCode {
        let Some(member) = self.members.get(member_id) else { return ErrorCode::UnknownMemberId };
        match member.assignment_epoch(topic, partition) {
            Some(assigned) if epoch >= assigned => ErrorCode::None,
            Some(_) | None => member.stale_epoch(),
        }
    }

    /// Why offsets are not told to a member, if so (`ConsumerGroup.validateOffsetFetch`). Who tells an epoch and no name is
    /// looked up all the same, and a `TimelineHashMap` throws where it is asked for null.
    pub(super) fn validate_fetch(&self, member_id: Option<&str>, epoch: i32) -> ErrorCode {
        let Some(id) = member_id else {
            return if epoch < 0 { ErrorCode::None } else { ErrorCode::UnknownServerError };
        };
        match self.members.get(id) {
            None => ErrorCode::UnknownMemberId,
            Some(member) if member.epoch == epoch => ErrorCode::None,
            Some(member) => member.stale_epoch(),
        }
    }

    /// Members in the order of the group's own table of them, as if they had come in the order of their ids.
    pub(super) fn members_in_table_order(&self) -> impl Iterator<Item = &ConsumerGroupMember> {
        let ids = in_timeline_map_order(self.members.keys(), |id| java_string_hash(id));
        ids.filter_map(|id| self.members.get(id))
    }

    /// Members in the order of the table that an assignor is given.
    fn members_in_order(&self) -> Vec<&ConsumerGroupMember> {
        let mut members: Vec<&ConsumerGroupMember> = self.members.values().collect();
        members.shared_sort_by_key(|member| member.id.clone());
        sort_as_hash_map(&mut members, |member| java_string_hash(&member.id));
        members
    }
}

/// From this version on an OffsetCommit has a member epoch.
const FIRST_COMMIT_VERSION_WITH_EPOCH: i16 = 9;

/// Which partitions a commit may be for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CommitCheckEpoch {
    /// Any.
    Any,
    /// Those that the member had in this epoch.
    AssignedBy(i32),
}

/// Sorts votes as the `TimelineHashMap` gives them back from which Kafka copies its table.
fn sort_as_timeline_map(votes: &mut [(&str, u32)]) {
    let sorted: Vec<(&str, u32)> =
        in_timeline_map_order(votes.iter().copied(), |(name, _)| java_string_hash(name)).collect();
    votes.copy_from_slice(&sorted);
}
