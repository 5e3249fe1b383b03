//! The states of a group of the classic protocol (`ClassicGroupState`), and the rules that are tables.
//!
//! | from | to | when |
//! |---|---|---|
//! | Empty | PreparingRebalance | a member joins |
//! | Empty | Dead | the group is deleted, or its coordinator moves |
//! | PreparingRebalance | CompletingRebalance | all known members have joined, or the join phase has taken long enough |
//! | PreparingRebalance | Empty | all members have left |
//! | PreparingRebalance | Dead | the coordinator moves |
//! | CompletingRebalance | Stable | the leader's assignment is in the log |
//! | CompletingRebalance | PreparingRebalance | somebody joins, joins again otherwise, leaves, is dropped, or does not sync in time |
//! | CompletingRebalance | Dead | the coordinator moves |
//! | Stable | PreparingRebalance | a member joins, leaves or is dropped, joins again otherwise, or the leader joins again |
//! | Stable | Dead | the coordinator moves |
//! | Dead | Dead | |

use crate::wire::ErrorCode;
use crate::wire::hash_order::java_string_hash;

/// How a group is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, strum::IntoStaticStr, strum::EnumString)]
pub enum ClassicGroupState {
    /// It has no members, perhaps offsets.
    Empty,
    /// It waits for its members to join.
    PreparingRebalance,
    /// It waits for its leader's assignment.
    CompletingRebalance,
    /// Every member has its partitions.
    Stable,
    /// It is gone.
    Dead,
}

impl ClassicGroupState {
    /// Kafka's name.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Whether a group may go from this state to another.
    pub fn may_become(self, to: Self) -> bool {
        match to {
            Self::Empty | Self::CompletingRebalance => self == Self::PreparingRebalance,
            Self::PreparingRebalance => matches!(self, Self::Empty | Self::CompletingRebalance | Self::Stable),
            Self::Stable => self == Self::CompletingRebalance,
            Self::Dead => true,
        }
    }
}

/// Whom the coordinator knows, as far as one request is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemberCheck {
    /// Whether the group has a member with the request's id.
    pub is_known: bool,
    /// Whether the request has a `group.instance.id`, and whose it is: the request's own member's (`Some(true)`), another's
    /// (`Some(false)`).
    pub owns_instance_id: Option<bool>,
}

impl MemberCheck {
    /// `ClassicGroup.validateMember`: an instance id that another member has taken over is fenced.
    pub fn error(self) -> ErrorCode {
        match self {
            Self { owns_instance_id: Some(false), .. } => ErrorCode::FencedInstanceId,
            Self { is_known: false, .. } => ErrorCode::UnknownMemberId,
            Self { .. } => ErrorCode::None,
        }
    }
}

/// What an offset commit says of its sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CommitCheck {
    /// The group's state.
    pub state: ClassicGroupState,
    /// The group's generation.
    pub generation: i32,
    /// The generation in the request, -1 for none.
    pub request_generation: i32,
    /// Whether the request names a member, by id or for life.
    pub names_member: bool,
    /// What the group knows of that member.
    pub member: MemberCheck,
}

/// Whether what a client says beside a committed offset is short enough (`OffsetMetadataManager.isMetadataInvalid`,
/// `offset.metadata.max.bytes`). It is looked at after the group and its member, a partition at a time.
pub fn validate_offset_metadata(length: u64, max_length: u64) -> ErrorCode {
    if length > max_length { ErrorCode::OffsetMetadataTooLarge } else { ErrorCode::None }
}

/// How long it is: whatever the setting's name says, Kafka asks for `String.length`, which counts UTF-16 code units.
pub fn metadata_length(metadata: &str) -> u64 {
    metadata.encode_utf16().count() as u64
}

/// `ClassicGroup.validateOffsetCommit`. The member is checked before the generation. While a rebalance is prepared the
/// old generation may still commit: that is when members save what they have read before they give partitions up.
pub fn validate_offset_commit(check: &CommitCheck) -> ErrorCode {
    use ClassicGroupState::{CompletingRebalance, Dead, Empty};
    if check.state == Dead {
        return ErrorCode::CoordinatorNotAvailable;
    }
    // From outside the group, by an admin client or a consumer that assigns partitions to itself.
    if check.request_generation < 0 && check.state == Empty {
        return ErrorCode::None;
    }
    if check.request_generation >= 0 || check.names_member {
        let error = check.member.error();
        if !error.is_none() {
            return error;
        }
        if check.request_generation != check.generation {
            return ErrorCode::IllegalGeneration;
        }
    } else if check.state != Empty {
        return ErrorCode::UnknownMemberId;
    }
    // The member knows the new generation but not yet its partitions: it shall finish joining first.
    if check.state == CompletingRebalance { ErrorCode::RebalanceInProgress } else { ErrorCode::None }
}

/// What the group's state alone makes of a request of a member that it knows, with the right generation.
pub fn validate_heartbeat(state: ClassicGroupState) -> ErrorCode {
    match state {
        ClassicGroupState::Empty => ErrorCode::UnknownMemberId,
        ClassicGroupState::PreparingRebalance => ErrorCode::RebalanceInProgress,
        // Members send heartbeats from the join's answer on, before they have synced.
        ClassicGroupState::CompletingRebalance | ClassicGroupState::Stable => ErrorCode::None,
        ClassicGroupState::Dead => ErrorCode::CoordinatorNotAvailable,
    }
}

/// The same of a SyncGroup.
pub fn validate_sync(state: ClassicGroupState) -> ErrorCode {
    match state {
        ClassicGroupState::Empty => ErrorCode::UnknownMemberId,
        ClassicGroupState::PreparingRebalance => ErrorCode::RebalanceInProgress,
        ClassicGroupState::CompletingRebalance | ClassicGroupState::Stable => ErrorCode::None,
        ClassicGroupState::Dead => ErrorCode::CoordinatorNotAvailable,
    }
}

/// Whether a JoinGroup of a member that has joined before starts a rebalance. The leader's always does: it asks for one
/// that way, when its topics have changed. A follower's only if its protocols changed; else its answer got lost.
pub fn rejoin_rebalances(state: ClassicGroupState, is_leader: bool, has_changed: bool) -> bool {
    match state {
        ClassicGroupState::PreparingRebalance => true,
        ClassicGroupState::CompletingRebalance => has_changed,
        ClassicGroupState::Stable => is_leader || has_changed,
        ClassicGroupState::Empty | ClassicGroupState::Dead => false,
    }
}

/// How a failed write to `__consumer_offsets` looks to a client (`appendGroupMetadataErrorToResponseError`).
pub fn append_error(error: ErrorCode) -> ErrorCode {
    match error {
        ErrorCode::UnknownTopicOrPartition
        | ErrorCode::NotEnoughReplicas
        | ErrorCode::NotEnoughReplicasAfterAppend
        | ErrorCode::RequestTimedOut => ErrorCode::CoordinatorNotAvailable,
        ErrorCode::NotLeaderOrFollower | ErrorCode::KafkaStorageError => ErrorCode::NotCoordinator,
        ErrorCode::MessageTooLarge | ErrorCode::RecordListTooLarge | ErrorCode::InvalidFetchSize => {
            ErrorCode::UnknownServerError
        }
        other => other,
    }
}

/// The partition of `__consumer_offsets` that keeps a group (`GroupCoordinatorService.partitionFor`): the hash without
/// its sign, where the one number that has no positive twin counts as 0.
pub fn partition_for(group: &str, partitions: i32) -> i32 {
    let hash = java_string_hash(group).checked_abs().unwrap_or(0);
    if partitions <= 0 { 0 } else { hash % partitions }
}
