//! A member of a consumer group (`ConsumerGroupMember`).
//!
//! | state | becomes | when |
//! |---|---|---|
//! | Stable | UnrevokedPartitions | the target takes partitions from it |
//! | Stable | UnreleasedPartitions | the target gives it partitions that others have not given up |
//! | Stable | Stable | the target only gives it partitions that nobody has, or is what it has |
//! | UnrevokedPartitions | as Stable | it said that it gave up what it had to |
//! | UnreleasedPartitions | as Stable | it is heard again, or the target changed |
//!
//! Its epoch follows the assignment epoch, but not while it is UnrevokedPartitions.

use std::collections::BTreeSet;

use super::current_assignment::PartitionEpochs;
use crate::wire::group::JoinGroupProtocol;
use crate::wire::{ErrorCode, Topic, Uuid};

/// How far a member is on its way to the target assignment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, strum::IntoStaticStr, strum::VariantArray)]
pub enum MemberState {
    /// It holds what it is to hold.
    Stable,
    /// It has still to give partitions up.
    UnrevokedPartitions,
    /// It waits for partitions that others have still to give up.
    UnreleasedPartitions,
    /// Written by a coordinator that knew more states.
    Unknown,
}

impl MemberState {
    /// Kafka's number for it.
    pub(crate) fn value(self) -> i8 {
        match self {
            Self::Stable => 0,
            Self::UnrevokedPartitions => 1,
            Self::UnreleasedPartitions => 2,
            Self::Unknown => 127,
        }
    }

    /// The state of a number.
    pub(crate) fn of_value(value: i8) -> Self {
        use strum::VariantArray;
        Self::VARIANTS.iter().copied().find(|state| state.value() == value).unwrap_or(Self::Unknown)
    }

    /// Its name, in Rust's case.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// What a member that speaks the classic protocol said when it joined.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ClassicMemberMetadata {
    pub(crate) session_timeout_ms: i32,
    pub(crate) supported_protocols: Vec<JoinGroupProtocol>,
}

/// A member.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ConsumerGroupMember {
    pub(crate) id: String,
    /// Its epoch; -1 when it has left, -2 when it has left for a while.
    pub(crate) epoch: i32,
    /// The epoch before: a heartbeat whose answer was lost comes with it once more.
    pub(crate) previous_epoch: i32,
    pub(crate) state: MemberState,
    pub(crate) instance_id: Option<String>,
    pub(crate) rack_id: Option<String>,
    pub(crate) rebalance_timeout_ms: i32,
    pub(crate) client_id: String,
    pub(crate) subscribed_topics: BTreeSet<Topic>,
    /// Empty for none.
    pub(crate) subscribed_regex: String,
    pub(crate) server_assignor: Option<String>,
    /// What it holds, with the epoch in which it got each.
    pub(crate) assigned: PartitionEpochs,
    /// What it has still to give up.
    pub(crate) pending_revocation: PartitionEpochs,
    pub(crate) classic: Option<ClassicMemberMetadata>,
}

impl ConsumerGroupMember {
    /// A member that is not there yet.
    pub(crate) fn new(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            epoch: 0,
            previous_epoch: -1,
            state: MemberState::Stable,
            instance_id: None,
            rack_id: None,
            rebalance_timeout_ms: -1,
            client_id: String::new(),
            subscribed_topics: BTreeSet::new(),
            subscribed_regex: String::new(),
            server_assignor: None,
            assigned: PartitionEpochs::new(),
            pending_revocation: PartitionEpochs::new(),
            classic: None,
        }
    }

    /// Whether it has reached the target of an epoch.
    pub(super) fn is_reconciled_to(&self, epoch: i32) -> bool {
        self.state == MemberState::Stable && self.epoch == epoch
    }

    /// Whether it holds a partition or has still to give it up.
    pub(super) fn holds(&self, topic: Uuid, partition: i32) -> bool {
        self.assignment_epoch(topic, partition).is_some()
    }

    /// In which epoch it got a partition that it holds or has still to give up.
    pub(super) fn assignment_epoch(&self, topic: Uuid, partition: i32) -> Option<i32> {
        let of = |partitions: &PartitionEpochs| partitions.get(&topic)?.get(&partition).copied();
        of(&self.assigned).or_else(|| of(&self.pending_revocation))
    }

    /// The regular expression that it subscribes with, if any.
    pub(super) fn regex(&self) -> Option<&str> {
        Some(self.subscribed_regex.as_str()).filter(|regex| !regex.is_empty())
    }

    /// The next epoch; the one before is remembered (`Builder.updateMemberEpoch`).
    pub(super) fn update_epoch(&mut self, epoch: i32) {
        self.previous_epoch = std::mem::replace(&mut self.epoch, epoch);
    }

    /// The error that an epoch which is not its own has in the protocol that it speaks.
    pub(super) fn stale_epoch(&self) -> ErrorCode {
        match self.classic {
            Some(_) => ErrorCode::IllegalGeneration,
            None => ErrorCode::StaleMemberEpoch,
        }
    }
}
