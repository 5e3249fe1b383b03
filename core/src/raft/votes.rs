//! Who gets a vote, and how long a voter waits before it asks for some (`KafkaRaftClient`, `EpochState.canGrantVote`).

use super::state::Role;
use crate::sim::Millis;
use crate::sim::random::Random;
use crate::wire::{ErrorCode, Uuid};

/// A log's last epoch and its end offset: by these two logs are compared, epoch first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LogEnd {
    /// The epoch of the last record, 0 for an empty log.
    pub epoch: i32,
    /// The end offset.
    pub offset: i64,
}

/// What of a voter decides about a vote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Where it stands.
    pub role: Role,
    /// Its epoch.
    pub epoch: i32,
    /// For whom it voted in it.
    pub voted: Option<i32>,
    /// That candidate's directory; zero where it is not known.
    pub voted_directory: Uuid,
    /// The leader of the epoch that it knows.
    pub leader: Option<i32>,
    /// Whether it follows a leader and has fetched from it.
    pub has_fetched: bool,
    /// Its own log.
    pub log_end: LogEnd,
}

/// A candidate's request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ballot {
    /// The candidate.
    pub candidate: i32,
    /// Its directory; zero where it does not tell.
    pub candidate_directory: Uuid,
    /// The epoch that it wants to lead; in a pre-vote the one that it is in.
    pub epoch: i32,
    /// Its log.
    pub log_end: LogEnd,
    /// Whether it only asks what the answer would be.
    pub pre_vote: bool,
}

/// What a voter answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VoteDecision {
    /// Whether it is for the candidate.
    pub granted: bool,
    /// Whether it goes to the candidate's epoch first, which it does even if it denies the vote.
    pub raises_epoch: bool,
    /// Whether the vote must be on disk before it is answered: a pre-vote binds nobody.
    pub is_recorded: bool,
}

/// Decides about a vote.
///
/// # Errors
/// `INVALID_REQUEST` where the candidate cannot have such a log or epoch, `FENCED_LEADER_EPOCH` where its epoch is over.
pub fn decide(voter: Standing, ballot: Ballot) -> Result<VoteDecision, ErrorCode> {
    // A candidate has never seen a leader of the epoch that it asks for; a prospective candidate may have.
    let is_illegal =
        if ballot.pre_vote { ballot.log_end.epoch > ballot.epoch } else { ballot.log_end.epoch >= ballot.epoch };
    if ballot.log_end.offset < 0 || ballot.log_end.epoch < 0 || is_illegal {
        return Err(ErrorCode::InvalidRequest);
    }
    if ballot.epoch < voter.epoch {
        return Err(ErrorCode::FencedLeaderEpoch);
    }
    if ballot.candidate < 0 {
        return Err(ErrorCode::InvalidRequest);
    }
    let raises_epoch = ballot.epoch > voter.epoch;
    let voter = if raises_epoch {
        Standing { role: Role::Unattached, epoch: ballot.epoch, voted: None, leader: None, has_fetched: false, ..voter }
    } else {
        voter
    };
    let is_up_to_date = ballot.log_end >= voter.log_end;
    let granted = match voter.role {
        Role::Unattached | Role::Prospective => match (ballot.pre_vote, voter.leader, voter.voted) {
            (true, _, _) => is_up_to_date,
            (false, _, Some(voted)) => {
                let is_same_directory = voter.voted_directory == ballot.candidate_directory;
                voted == ballot.candidate && (voter.voted_directory == Uuid::ZERO || is_same_directory)
            }
            (false, Some(_), None) => false,
            (false, None, None) => is_up_to_date,
        },
        Role::Candidate | Role::Resigned => ballot.pre_vote && is_up_to_date,
        Role::Follower => ballot.pre_vote && !voter.has_fetched && is_up_to_date,
        Role::Leader => false,
    };
    Ok(VoteDecision { granted, raises_epoch, is_recorded: granted && !ballot.pre_vote && voter.voted.is_none() })
}

/// The unit of a candidate's backoff, in milliseconds (`RETRY_BACKOFF_BASE_MS`).
const BACKOFF_BASE_MS: Millis = 100;
/// The number of lost elections from which on the backoff's range does not grow.
const BACKOFF_ELECTIONS_MAX: u32 = 20;

/// How long a candidate waits that has lost an election, the `retries`-th one after the other, before KIP-996
/// (`binaryExponentialElectionBackoffMs`).
pub fn binary_exponential_backoff_ms(random: &mut Random, retries: u32, max_ms: Millis) -> Millis {
    let steps = 1u64 << retries.clamp(1, BACKOFF_ELECTIONS_MAX);
    random.between(0, steps - 1).saturating_mul(BACKOFF_BASE_MS).min(max_ms)
}

/// How long a follower waits after its leader resigned (`strictExponentialElectionBackoffMs`): the first of the preferred
/// successors not at all, who is not among them longest.
pub fn successor_backoff_ms(position: usize, successors: usize, max_ms: Millis) -> Millis {
    if position == 0 {
        0
    } else if position >= successors {
        max_ms
    } else {
        let shift = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let base = max_ms.checked_shr(shift(successors - 1)).unwrap_or(0);
        base.checked_shl(shift(position - 1)).unwrap_or(max_ms).min(max_ms)
    }
}
