//! Where a voter stands in an epoch (`EpochState`), and what a nominee and a leader know of the others.

use std::collections::{BTreeMap, BTreeSet};

use super::append_entries::NextOffsets;
use super::kraft_version::KRaftVersionUpgrade;
use super::snapshot::FetchingSnapshot;
use super::voter_set::{ReplicaKey, VoterNode, VoterSet};
pub use crate::change::QuorumRole as Role;
use crate::effects::RequestContext;
use crate::sim::Millis;
use crate::sort::{CollectOrdered, SharedSort};
use crate::wire::Uuid;

/// Where a node stands in its epoch. The table of transitions is at the head of [`super::quorum`].
#[allow(
    clippy::large_enum_variant,
    reason = "only natively as large as this: a node has one, and what a leader knows is looked at with every fetch"
)]
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum EpochState {
    /// It waits for a leader or for its election timeout.
    Unattached {
        /// When it asks for votes itself.
        election_at: Millis,
    },
    /// It asks whether an election would have a chance.
    Prospective(EpochElection),
    /// It asks for votes.
    Candidate(EpochElection),
    /// It leads.
    Leader(LeaderState),
    /// It follows.
    Follower {
        /// When it gives the leader up; in textbook Raft its election timeout.
        fetch_timeout_at: Millis,
        /// Whether it has fetched from this leader: then it denies pre-votes.
        has_fetched: bool,
        /// What has come of the snapshot that it is fetching instead of the log.
        fetching_snapshot: Option<FetchingSnapshot>,
        /// When it looks whether there is something to say about its own vote (`updateVoterSetPeriodTimer`).
        update_voter_at: Millis,
        /// Whether the leader of a static quorum knows this voter's directory and what it supports (`hasUpdatedLeader`).
        has_updated_leader: bool,
    },
    /// It led, and tells the others.
    Resigned {
        /// When it asks for votes again.
        election_at: Millis,
        /// Voters that have not heard of it yet.
        unacknowledged: BTreeSet<i32>,
        /// Voters that may follow it, first the one that has most of its log.
        preferred_successors: Vec<i32>,
    },
}

impl EpochState {
    /// Of who has just heard of its leader. After a fetch timeout it looks what there is to say about its own vote.
    pub(super) fn follower(fetch_timeout_at: Millis) -> Self {
        Self::Follower {
            fetch_timeout_at,
            has_fetched: false,
            fetching_snapshot: None,
            update_voter_at: fetch_timeout_at,
            has_updated_leader: false,
        }
    }

    /// Its name.
    pub fn role(&self) -> Role {
        match self {
            Self::Unattached { .. } => Role::Unattached,
            Self::Prospective(_) => Role::Prospective,
            Self::Candidate(_) => Role::Candidate,
            Self::Leader(_) => Role::Leader,
            Self::Follower { .. } => Role::Follower,
            Self::Resigned { .. } => Role::Resigned,
        }
    }
}

/// The number of voters that are a majority.
pub fn majority(voters: usize) -> usize {
    voters / 2 + 1
}

/// The votes that a nominee has (`EpochElection`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EpochElection {
    /// What each voter said; `None` for those who have said nothing.
    pub votes: BTreeMap<i32, Option<bool>>,
    /// When it stops waiting for votes, or for the end of its backoff.
    pub election_at: Millis,
    /// How many elections it has lost one after the other before this one; counted where elections have no pre-vote.
    pub lost_before: u32,
    /// Whether it has lost and waits before it stands again: only where elections have no pre-vote.
    pub is_backing_off: bool,
}

impl EpochElection {
    /// A nominee votes for itself.
    pub fn new(voters: &[i32], own: i32, election_at: Millis) -> Self {
        let votes = voters.iter().map(|voter| (*voter, (*voter == own).then_some(true))).collect_ordered();
        Self { votes, election_at, lost_before: 0, is_backing_off: false }
    }

    /// A voter has answered.
    pub fn record(&mut self, voter: i32, granted: bool) {
        if let Some(vote) = self.votes.get_mut(&voter) {
            *vote = Some(granted);
        }
    }

    /// Whether a majority is for it.
    pub fn is_granted(&self) -> bool {
        self.granting().count() >= majority(self.votes.len())
    }

    /// Whether a majority can no longer be for it.
    pub fn is_rejected(&self) -> bool {
        let rejected = self.votes.values().filter(|vote| **vote == Some(false)).count();
        self.votes.len() - rejected < majority(self.votes.len())
    }

    /// Who is for it.
    pub fn granting(&self) -> impl Iterator<Item = i32> {
        self.votes.iter().filter(|(_, vote)| **vote == Some(true)).map(|(voter, _)| *voter)
    }

    /// Who has not answered.
    pub fn unrecorded(&self) -> impl Iterator<Item = i32> {
        self.votes.iter().filter(|(_, vote)| vote.is_none()).map(|(voter, _)| *voter)
    }
}

/// A replica of the metadata log as the leader knows it (`LeaderState.ReplicaState`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct ReplicaState {
    /// Its directory, [`Uuid::ZERO`] where it is not known.
    pub directory_id: Uuid,
    /// Its log end offset: the offset that it fetched from last.
    pub log_end_offset: Option<i64>,
    /// When it fetched last.
    pub last_fetch_ms: Option<Millis>,
    /// When it last had all that the leader had.
    pub last_caught_up_ms: Option<Millis>,
    /// The leader's log end offset at its last fetch.
    last_fetch_leader_end: i64,
}

impl ReplicaState {
    fn fetched(&mut self, from: i64, leader_end: i64, now: Millis) {
        if from >= leader_end {
            self.last_caught_up_ms = self.last_caught_up_ms.max(Some(now));
        } else if self.last_fetch_leader_end > 0 && from >= self.last_fetch_leader_end {
            self.last_caught_up_ms = self.last_caught_up_ms.max(self.last_fetch_ms);
        }
        self.log_end_offset = Some(from);
        self.last_fetch_ms = self.last_fetch_ms.max(Some(now));
        self.last_fetch_leader_end = leader_end;
    }
}

/// What a leader knows (`LeaderState`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LeaderState {
    /// The offset of this epoch's `LeaderChange` record.
    pub epoch_start_offset: i64,
    /// The voters, itself among them.
    pub voters: BTreeMap<i32, ReplicaState>,
    /// Observers that have fetched. A node whose directory is another one is another observer.
    pub observers: BTreeMap<ReplicaKey, ReplicaState>,
    /// When it sends BeginQuorumEpoch to voters that have not fetched; in textbook Raft when it sends the next heartbeat.
    pub begin_quorum_epoch_at: Millis,
    /// When it resigns unless a majority has fetched.
    pub check_quorum_at: Millis,
    /// Voters that have fetched since the check quorum timer was set.
    fetched_voters: BTreeSet<i32>,
    /// The voter that is being added or removed.
    pub voter_change: Option<VoterChange>,
    /// How far a static quorum is on its way to a dynamic one.
    pub kraft_version_upgrade: KRaftVersionUpgrade,
    /// From where on it sends entries: only in textbook Raft.
    pub(super) next_offsets: NextOffsets,
}

impl LeaderState {
    /// A leader that has heard of nobody yet.
    pub fn new(voters: &[i32], epoch_start_offset: i64, now: Millis, check_quorum_at: Millis) -> Self {
        Self {
            epoch_start_offset,
            voters: voters.iter().map(|voter| (*voter, ReplicaState::default())).collect_ordered(),
            observers: BTreeMap::new(),
            begin_quorum_epoch_at: now,
            check_quorum_at,
            fetched_voters: BTreeSet::new(),
            voter_change: None,
            kraft_version_upgrade: KRaftVersionUpgrade::None,
            next_offsets: NextOffsets::default(),
        }
    }

    /// The voters are others now: what is known of a replica stays known, whether it votes or not
    /// (`updateVoterAndObserverStates`).
    pub fn set_voters(&mut self, set: &VoterSet) {
        let mut known = std::mem::take(&mut self.voters);
        for voter in set.iter() {
            let ReplicaKey { id, directory_id } = voter.key;
            let is_same = |state: &ReplicaState| state.directory_id == directory_id || state.directory_id == Uuid::ZERO;
            let observed = self.observers.remove(&voter.key);
            let state = known.remove(&id).filter(is_same).or(observed).unwrap_or_default();
            self.voters.insert(id, ReplicaState { directory_id, ..state });
        }
        for (id, state) in known {
            self.observers.entry(ReplicaKey { id, directory_id: state.directory_id }).or_insert(state);
        }
        self.fetched_voters.retain(|voter| self.voters.contains_key(voter));
    }

    /// Whether an observer has all that it takes to vote: it has once caught up, and has fetched within the last hour
    /// (`isReplicaCaughtUp`).
    pub fn is_caught_up(&self, key: ReplicaKey, now: Millis) -> bool {
        self.observers.get(&key).is_some_and(|state| {
            let has_fetched = state.last_fetch_ms.is_some_and(|at| now.saturating_sub(at) < CAUGHT_UP_WITHIN_MS);
            state.last_caught_up_ms.is_some() && has_fetched
        })
    }

    /// A replica fetched from an offset. Gives whether enough voters have fetched for the check quorum timer to begin anew.
    pub fn fetched(&mut self, leader: i32, replica: ReplicaKey, from: i64, leader_end: i64, now: Millis) -> bool {
        let ReplicaKey { id, directory_id } = replica;
        let is_voter =
            |state: &&mut ReplicaState| state.directory_id == Uuid::ZERO || state.directory_id == directory_id;
        let Some(voter) = self.voters.get_mut(&id).filter(is_voter) else {
            let observer = self.observers.entry(replica).or_default();
            observer.fetched(from, leader_end, now);
            observer.directory_id = directory_id;
            return false;
        };
        voter.fetched(from, leader_end, now);
        self.heard_of(leader, id)
    }

    /// A voter has fetched something, be it of the log or of a snapshot (`updateCheckQuorumForFollowingVoter`). Gives whether
    /// enough voters have for the check quorum timer to begin anew.
    pub fn heard_of(&mut self, leader: i32, voter: i32) -> bool {
        if !self.voters.contains_key(&voter) {
            return false;
        }
        self.fetched_voters.insert(voter);
        let is_enough =
            self.fetched_voters.len() >= fetching_voters_needed(self.voters.len(), self.voters.contains_key(&leader));
        if is_enough {
            self.fetched_voters.clear();
        }
        is_enough
    }

    /// Observers that have fetched lately (`clearInactiveObservers`).
    pub fn active_observers(&self, now: Millis) -> impl Iterator<Item = (&ReplicaKey, &ReplicaState)> {
        let is_active = move |state: &ReplicaState| {
            state.last_fetch_ms.is_some_and(|at| now.saturating_sub(at) < OBSERVER_SESSION_TIMEOUT_MS)
        };
        self.observers.iter().filter(move |(_, state)| is_active(state))
    }

    /// The voters but the leader, first the one that has most of its log (`nonLeaderVotersByDescendingFetchOffset`).
    pub fn successors(&self, leader: i32) -> Vec<i32> {
        let mut voters: Vec<(i32, Option<i64>)> =
            self.voters.iter().map(|(voter, state)| (*voter, state.log_end_offset)).collect();
        voters.retain(|(voter, _)| *voter != leader);
        voters.shared_sort_by_key(|(voter, end)| (std::cmp::Reverse(*end), *voter));
        voters.into_iter().map(|(voter, _)| voter).collect()
    }
}

/// After so long without a fetch an observer is forgotten, in milliseconds.
const OBSERVER_SESSION_TIMEOUT_MS: Millis = 300_000;

/// A voter that is being added or removed (`AddVoterHandlerState`, `RemoveVoterHandlerState`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct VoterChange {
    /// Who asked for it.
    pub request_context: RequestContext,
    /// The voter.
    pub voter: VoterNode,
    /// Whether it is added; else it is removed.
    pub is_added: bool,
    /// The offset of the record that names the voters, once it is written.
    pub written_at: Option<i64>,
    /// Whether the answer waits until that record is committed.
    pub ack_when_committed: bool,
    /// Whether it was answered: the next change waits for the commit all the same.
    pub is_answered: bool,
    /// When the request is answered with a timeout.
    pub expires_at: Millis,
}

/// A replica that has not fetched for so long is not taken for caught up, in milliseconds.
const CAUGHT_UP_WITHIN_MS: Millis = 3_600_000;

/// How many voters beside the leader must fetch for it to stay one (`updateCheckQuorumForFollowingVoter`): a majority, in
/// which the leader counts if it is a voter.
pub fn fetching_voters_needed(voters: usize, leader_is_voter: bool) -> usize {
    majority(voters) - usize::from(leader_is_voter)
}

/// The high watermark that follows from what the voters have (`LeaderState.maybeUpdateHighWatermark`): what a majority has,
/// once that holds a record of the leader's own epoch. It never goes back.
pub fn high_watermark(mut ends: Vec<Option<i64>>, epoch_start_offset: i64, known: Option<i64>) -> Option<i64> {
    ends.sort_unstable_by_key(|end| std::cmp::Reverse(*end));
    let of_majority = ends.get(ends.len() / 2).copied().flatten();
    known.max(of_majority.filter(|end| *end > epoch_start_offset))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_election_is_won_by_a_majority_and_lost_when_none_is_left() {
        let mut election = EpochElection::new(&[1, 2, 3, 4], 1, 0);
        election.record(2, true);
        assert!(!election.is_granted(), "two of four are no majority");
        election.record(3, false);
        assert!(!election.is_rejected());
        election.record(4, false);
        assert!(election.is_rejected() && !election.is_granted());
        election.record(9, true);
        assert_eq!(election.granting().collect::<Vec<_>>(), [1, 2], "who is no voter has no vote");
    }

    #[test]
    fn records_of_earlier_epochs_are_not_committed_by_counting() {
        assert_eq!(high_watermark(vec![Some(20), Some(15), Some(15)], 15, None), None);
        assert_eq!(high_watermark(vec![Some(20), Some(16), None], 15, None), Some(16));
        assert_eq!(high_watermark(vec![Some(20), Some(12), Some(12)], 10, Some(18)), Some(18));
    }

    #[test]
    fn observers_are_told_apart_by_their_directories_too() {
        let mut leader = LeaderState::new(&[1], 0, 0, 100);
        let key = |directory: u128| ReplicaKey { id: 3, directory_id: Uuid(directory) };
        leader.fetched(1, key(300), 9, 9, 1);
        leader.fetched(1, key(0), 7, 9, 2);
        let ends: Vec<Option<i64>> = leader.active_observers(3).map(|(_, state)| state.log_end_offset).collect();
        assert_eq!(ends, [Some(7), Some(9)]);
        assert!(leader.is_caught_up(key(300), 3) && !leader.is_caught_up(key(0), 3));
    }

    #[test]
    fn the_voter_with_most_of_the_log_comes_first() {
        let mut leader = LeaderState::new(&[1, 2, 3], 0, 0, 100);
        let key = |id: i32| ReplicaKey { id, directory_id: Uuid::ZERO };
        leader.fetched(1, key(3), 7, 9, 1);
        leader.fetched(1, key(2), 5, 9, 1);
        assert_eq!(leader.successors(1), [3, 2]);
    }
}
