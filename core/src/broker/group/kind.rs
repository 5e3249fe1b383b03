//! A group of either protocol (`Group`), and what is committed in it.

use super::classic::{ClassicGroup, CommittedOffset};
use super::consumer::{ConsumerGroup, ConsumerGroupState, Write};
use super::records;
use super::state::ClassicGroupState;
use crate::change::Change;
use crate::effects::{BrokerTimer, Effects};
use crate::flat_map::FlatMap;
use crate::sim::Millis;
use crate::wire::consumer_group::ConsumerGroupDescribedGroup;
use crate::wire::group::ListedGroup;
use crate::wire::records::Record;
use crate::wire::{ErrorCode, Topic, TopicPartition};

/// A group.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Group {
    /// Its leader assigns; or nobody is in it and offsets are committed all the same.
    Classic(Box<ClassicGroup>),
    /// Its coordinator assigns (KIP-848).
    Consumer(Box<ConsumerGroup>),
}

impl Group {
    /// `group.id`.
    pub fn id(&self) -> &str {
        match self {
            Self::Classic(group) => &group.id,
            Self::Consumer(group) => &group.id,
        }
    }

    /// Its partition of `__consumer_offsets`.
    pub fn partition(&self) -> i32 {
        match self {
            Self::Classic(group) => group.partition,
            Self::Consumer(group) => group.partition,
        }
    }

    /// How it is, in Kafka's word.
    pub fn state_name(&self) -> &'static str {
        match self {
            Self::Classic(group) => group.state.name(),
            Self::Consumer(group) => group.state().name(),
        }
    }

    /// Its generation, or its group epoch.
    pub fn generation(&self) -> i32 {
        match self {
            Self::Classic(group) => group.generation,
            Self::Consumer(group) => group.group_epoch,
        }
    }

    /// The ids of its members.
    pub fn member_ids(&self) -> Vec<&str> {
        match self {
            Self::Classic(group) => group.member_ids().collect(),
            Self::Consumer(group) => group.member_ids().collect(),
        }
    }

    /// What is committed: only what all in-sync replicas have.
    pub(super) fn offsets(&self) -> &FlatMap<TopicPartition, CommittedOffset> {
        match self {
            Self::Classic(group) => &group.offsets,
            Self::Consumer(group) => &group.offsets,
        }
    }

    pub(super) fn offsets_mut(&mut self) -> &mut FlatMap<TopicPartition, CommittedOffset> {
        match self {
            Self::Classic(group) => &mut group.offsets,
            Self::Consumer(group) => &mut group.offsets,
        }
    }

    /// What is committed: partition and next offset.
    pub fn committed_offsets(&self) -> impl Iterator<Item = (&TopicPartition, i64)> {
        self.offsets().iter().map(|(partition, committed)| (partition, committed.offset))
    }

    /// The group, where it is a classic one.
    pub fn as_classic(&self) -> Option<&ClassicGroup> {
        match self {
            Self::Classic(group) => Some(group),
            Self::Consumer(_) => None,
        }
    }

    pub(super) fn as_classic_mut(&mut self) -> Option<&mut ClassicGroup> {
        match self {
            Self::Classic(group) => Some(group),
            Self::Consumer(_) => None,
        }
    }

    /// The group, where it is one of the consumer protocol.
    pub fn as_consumer(&self) -> Option<&ConsumerGroup> {
        match self {
            Self::Classic(_) => None,
            Self::Consumer(group) => Some(group),
        }
    }

    /// What ListGroups tells of it.
    pub(super) fn listed(&self) -> ListedGroup {
        match self {
            Self::Classic(group) => group.listed(),
            Self::Consumer(group) => group.listed(),
        }
    }

    /// What ConsumerGroupDescribe tells of it, where it is a group of the consumer protocol.
    pub fn described_as_consumer(&self, image: &crate::metadata::MetadataImage) -> Option<ConsumerGroupDescribedGroup> {
        self.as_consumer().map(|group| group.described("", image))
    }

    /// Whether members read a topic.
    pub(super) fn is_subscribed_to(&self, topic: &Topic) -> bool {
        match self {
            Self::Classic(group) => group.is_subscribed_to(topic),
            Self::Consumer(group) => group.is_subscribed_to(topic),
        }
    }

    /// Why its offsets may not be deleted, if so.
    pub(super) fn validate_offset_delete(&self) -> ErrorCode {
        match self {
            Self::Classic(group) => group.validate_offset_delete(),
            Self::Consumer(_) => ErrorCode::None,
        }
    }

    /// Why it may not be deleted, if so.
    pub(super) fn validate_delete(&self) -> ErrorCode {
        match self {
            Self::Classic(group) => group.validate_delete(),
            Self::Consumer(group) if group.members.is_empty() => ErrorCode::None,
            Self::Consumer(_) => ErrorCode::NonEmptyGroup,
        }
    }

    /// The tombstones of the group itself, without those of its offsets.
    pub(super) fn tombstones(&self, now: Millis) -> Vec<Record> {
        match self {
            Self::Classic(group) => vec![records::group_tombstone(&group.id, now)],
            Self::Consumer(group) => {
                let mut write = Write::of(&group.id, now);
                write.delete(group);
                write.records
            }
        }
    }

    /// Its tombstones are replicated: it is gone.
    pub(super) fn deleted(self, fx: &mut Effects) {
        match self {
            Self::Classic(mut group) => {
                fx.stop_timer(BrokerTimer::group_join(&group.id));
                for member in std::mem::take(&mut group.pending_members) {
                    fx.stop_timer(BrokerTimer::group_session(&group.id, &member));
                }
                group.become_state(ClassicGroupState::Dead, fx);
            }
            Self::Consumer(group) => fx.change(Change::GroupStateChanged {
                group: group.id.clone(),
                from: group.state().name().to_owned(),
                to: ConsumerGroupState::Dead.name().to_owned(),
                generation: group.group_epoch,
            }),
        }
    }
}
