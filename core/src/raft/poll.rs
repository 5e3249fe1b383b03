//! What a node of the quorum does by itself (`KafkaRaftClient.pollCurrentState`): asks for votes, says that it leads, fetches,
//! and sets a timer for what it waits for.

use super::ControllerDisk;
use super::fetch::MAX_WAIT_MS;
use super::quorum::{PendingRequest, Quorum, log_end};
use super::state::EpochState;
use super::votes::binary_exponential_backoff_ms;
use crate::actor::{Actor, Listener};
use crate::connection::Purpose;
use crate::effects::{ControllerTimer, Effects, ExponentialBackoff, Outgoing};
use crate::explain::Explanation;
use crate::sim::Millis;
use crate::wire::quorum::*;
use crate::wire::replication::{FetchPartition, FetchRequest, FetchTopic, ReplicaState};
use crate::wire::{Request, Uuid};

/// The last version of Vote that knows no pre-vote.
const VOTE_WITHOUT_PRE_VOTE: i16 = 1;
/// The version of Fetch in which the requester tells which high watermark it knows (KIP-1166).
const FETCH_WITH_HIGH_WATERMARK: i16 = 18;

/// A fetch that waits until the connection to a node is free.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Unsent {
    pub(super) to: i32,
    /// When it is waited for no longer.
    pub(super) times_out_at: Millis,
}

/// Which timers are set, and for when.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct SetTimers {
    election: Option<Millis>,
    fetch: Option<Millis>,
    check_quorum: Option<Millis>,
    begin_quorum_epoch: Option<Millis>,
    retry: Option<Millis>,
    shutdown: Option<Millis>,
    voter_change: Option<Millis>,
}

impl Quorum {
    /// One of the quorum's timers fired. Gives `false` where it is none of them.
    pub fn handle_timer(
        &mut self,
        disk: &mut ControllerDisk,
        timer: &ControllerTimer,
        now: Millis,
        fx: &mut Effects,
    ) -> bool {
        let node = self.member.node_id;
        match timer {
            ControllerTimer::ElectionTimeout => {
                self.timers.election = None;
                self.election_timed_out(disk, now, fx);
            }
            ControllerTimer::FetchTimeout => {
                self.timers.fetch = None;
                if let EpochState::Follower { fetch_timeout_at, .. } = self.state
                    && fetch_timeout_at <= now
                {
                    fx.explain(Explanation::VoterMissesLeader {
                        node,
                        leader: self.leader.unwrap_or(-1),
                        epoch: self.epoch,
                    });
                    self.seek_election(disk, now, fx);
                }
            }
            ControllerTimer::CheckQuorum => {
                self.timers.check_quorum = None;
                if let EpochState::Leader(leader) = &self.state
                    && leader.check_quorum_at <= now
                {
                    fx.explain(Explanation::LeaderMissesMajority { node, epoch: self.epoch });
                    self.become_resigned(now, fx);
                }
            }
            // One of them, by the protocol.
            ControllerTimer::BeginQuorumEpoch | ControllerTimer::AppendEntries => self.timers.begin_quorum_epoch = None,
            ControllerTimer::QuorumRetry => {
                self.timers.retry = None;
                if !self.is_textbook() {
                    self.forget_timed_out(now, fx);
                }
                if self.network.polls_until(self.member.config.request_timeout_ms).is_some_and(|until| until <= now) {
                    self.close_expired(now, fx);
                }
            }
            ControllerTimer::Shutdown => self.timers.shutdown = None,
            ControllerTimer::VoterChange => {
                self.timers.voter_change = None;
                self.expire_voter_change(now, fx);
            }
            ControllerTimer::Sessions
            | ControllerTimer::Balance
            | ControllerTimer::Unclean
            | ControllerTimer::SnapshotCleaning
            | ControllerTimer::Registration
            | ControllerTimer::Purgatory(_) => return false,
        }
        self.poll(disk, now, fx);
        true
    }

    fn election_timed_out(&mut self, disk: &mut ControllerDisk, now: Millis, fx: &mut Effects) {
        let (node, epoch) = (self.member.node_id, self.epoch);
        if self.is_shutting_down() {
            return;
        }
        match &self.state {
            EpochState::Follower { fetch_timeout_at: at, .. } | EpochState::Unattached { election_at: at }
                if *at <= now && self.is_pushed_to() =>
            {
                let leader = self.leader.unwrap_or(-1);
                fx.explain(Explanation::VoterHeardNothing { node, leader, epoch });
                self.seek_election(disk, now, fx);
            }
            EpochState::Unattached { election_at } if *election_at <= now => {
                fx.explain(Explanation::VoterSeeksElection { node, epoch });
                self.seek_election(disk, now, fx);
            }
            EpochState::Candidate(election) if election.election_at <= now => {
                let has_backed_off = election.is_backing_off;
                fx.explain(Explanation::ElectionTimedOut { node, epoch });
                match (self.member.config.pre_vote, has_backed_off) {
                    _ if self.is_textbook() => self.become_candidate(disk, now, fx),
                    (true, _) => self.become_prospective(now, fx),
                    (false, true) => self.become_candidate(disk, now, fx),
                    (false, false) => self.back_off_election(now),
                }
            }
            EpochState::Prospective(election) if election.election_at <= now => {
                fx.explain(Explanation::ElectionTimedOut { node, epoch });
                self.lose_pre_vote(disk, now, fx);
            }
            EpochState::Resigned { election_at, .. } if *election_at <= now => {
                fx.explain(Explanation::ResignedLeaderGoesOn { node, epoch });
                // Its own epoch must not be led twice, not even asked for.
                self.become_unattached(disk, epoch.saturating_add(1), None, now, fx);
            }
            EpochState::Unattached { .. }
            | EpochState::Candidate(_)
            | EpochState::Prospective(_)
            | EpochState::Resigned { .. }
            | EpochState::Leader(_)
            | EpochState::Follower { .. } => {}
        }
    }

    /// No leader is heard of. A voter asks for votes, or whether it should; an observer looks for the leader.
    fn seek_election(&mut self, disk: &mut ControllerDisk, now: Millis, fx: &mut Effects) {
        if !self.is_voter() {
            return self.become_unattached(disk, self.epoch, None, now, fx);
        }
        if self.member.config.pre_vote {
            self.become_prospective(now, fx);
        } else {
            self.become_candidate(disk, now, fx);
        }
        self.go_on_with_election(disk, now, fx);
    }

    /// A candidate that has lost waits before it stands again, longer each time; only before KIP-996.
    pub(super) fn back_off_election(&mut self, now: Millis) {
        let max_ms = self.member.config.election_backoff_max_ms;
        if let EpochState::Candidate(election) = &mut self.state
            && !election.is_backing_off
        {
            let retries = election.lost_before.saturating_add(1);
            let backoff_ms = binary_exponential_backoff_ms(&mut self.random, retries, max_ms);
            election.is_backing_off = true;
            election.election_at = now.saturating_add(backoff_ms);
        }
    }

    /// A nominee that has enough votes goes on at once (`maybeTransitionForward`).
    pub(super) fn go_on_with_election(&mut self, disk: &mut ControllerDisk, now: Millis, fx: &mut Effects) {
        if matches!(&self.state, EpochState::Prospective(election) if election.is_granted()) {
            self.become_candidate(disk, now, fx);
        }
        if matches!(&self.state, EpochState::Candidate(election) if election.is_granted()) {
            fx.replace_explanation(Explanation::VoterElected { node: self.member.node_id, epoch: self.epoch });
            self.become_leader(disk, now, fx);
        }
    }

    /// Without a majority for the pre-vote everything stays as it was (`prospectiveTransitionAfterElectionLoss`).
    pub(super) fn lose_pre_vote(&mut self, disk: &mut ControllerDisk, now: Millis, fx: &mut Effects) {
        let epoch = self.epoch;
        let endpoints = std::mem::take(&mut self.leader_endpoints);
        match self.leader {
            Some(leader) if !endpoints.is_empty() => {
                self.become_follower(disk, epoch, (leader, endpoints), now, fx);
            }
            leader => self.become_unattached(disk, epoch, leader, now, fx),
        }
    }

    /// Sends what there is to send now, and sets the timers.
    pub fn poll(&mut self, disk: &ControllerDisk, now: Millis, fx: &mut Effects) {
        self.complete_voter_change(now, fx);
        let epoch = self.epoch;
        match &self.state {
            EpochState::Prospective(election) | EpochState::Candidate(election) => {
                let pre_vote = matches!(self.state, EpochState::Prospective(_));
                let unrecorded: Vec<i32> =
                    if election.is_backing_off { Vec::new() } else { election.unrecorded().collect() };
                for voter in unrecorded {
                    let request = self.vote_request(disk, voter, pre_vote);
                    self.send(voter, Request::Vote(request), PendingRequest::Vote(epoch, pre_vote), now, fx);
                }
            }
            EpochState::Leader(_) if self.is_textbook() => self.poll_as_textbook_leader(disk, now, fx),
            EpochState::Leader(leader) if leader.begin_quorum_epoch_at <= now => {
                let interval_ms = self.member.config.fetch_timeout_ms / 2;
                let needs = |voter: &i32| {
                    let last = leader.voters.get(voter).and_then(|state| state.last_fetch_ms);
                    last.is_none_or(|last| now.saturating_sub(last) >= interval_ms)
                };
                let needing: Vec<i32> = self.others().filter(needs).collect();
                for voter in needing {
                    let request = Request::BeginQuorumEpoch(self.begin_quorum_epoch_request(voter));
                    self.send(voter, request, PendingRequest::BeginQuorumEpoch(epoch), now, fx);
                }
                if let EpochState::Leader(leader) = &mut self.state {
                    leader.begin_quorum_epoch_at = now.saturating_add(interval_ms.max(1));
                }
            }
            EpochState::Leader(_) => {}
            // A voter's timer fires at this very moment: it seeks an election instead.
            EpochState::Unattached { election_at: until } | EpochState::Follower { fetch_timeout_at: until, .. }
                if *until <= now && self.is_voter() && !self.is_shutting_down() => {}
            // `FollowerState.leaderNode`: nobody can be asked who listens elsewhere only. What was answered before leaves.
            EpochState::Follower { .. } if !self.is_leader_reachable() => {
                if !fx.sends.iter().any(|sent| matches!(sent, Outgoing::Response { .. })) {
                    return self.halt(fx);
                }
            }
            EpochState::Follower { .. } | EpochState::Unattached { .. } if self.is_pushed_to() => {
                self.maybe_fetch_snapshot(now, fx);
            }
            EpochState::Follower { .. } | EpochState::Unattached { .. } => self.maybe_fetch(disk, now, fx),
            EpochState::Resigned { unacknowledged, preferred_successors, .. } => {
                let (unacknowledged, successors) = (unacknowledged.clone(), preferred_successors.clone());
                for voter in unacknowledged {
                    let request = Request::EndQuorumEpoch(self.end_quorum_epoch_request(&successors));
                    self.send(voter, request, PendingRequest::EndQuorumEpoch(epoch), now, fx);
                }
            }
        }
        self.arm_timers(now, fx);
    }

    /// Fetches from the leader; from any other voter, to learn who leads, where none is known or the leader does not answer.
    fn maybe_fetch(&mut self, disk: &ControllerDisk, now: Millis, fx: &mut Effects) {
        if self.requests.iter().next().is_some() {
            return;
        }
        let followed = self.leader.filter(|_| matches!(self.state, EpochState::Follower { .. }));
        let leader = followed.filter(|leader| self.is_ready(*leader, now));
        if leader.is_some_and(|leader| self.maybe_change_own_vote(disk, leader, now, fx)) {
            return;
        }
        if self.unsent_fetch.is_some_and(|unsent| self.network.is_taken(unsent.to)) {
            return;
        }
        let picked = self.unsent_fetch.take().map(|unsent| unsent.to).filter(|node| self.is_ready(*node, now));
        let has_timed_out = std::mem::take(&mut self.has_leader_timed_out);
        let best = picked.or(leader.filter(|_| !has_timed_out));
        let Some(to) = best.or_else(|| self.any_ready(leader, now)) else { return };
        if self.network.is_taken(to) {
            let times_out_at = now.saturating_add(self.member.config.request_timeout_ms);
            self.unsent_fetch = Some(Unsent { to, times_out_at });
            return self.network.wake(now);
        }
        if let (EpochState::Follower { fetching_snapshot: Some(fetching), .. }, true) = (&self.state, leader.is_some())
        {
            let request = Request::FetchSnapshot(self.fetch_snapshot_request(fetching));
            return self.send(to, request, PendingRequest::FetchSnapshot, now, fx);
        }
        let request = FetchRequest {
            replica_state: ReplicaState { replica_id: self.member.node_id, replica_epoch: -1 },
            cluster_id: Some(self.member.cluster_id.clone()),
            max_wait_ms: MAX_WAIT_MS,
            topics: vec![FetchTopic {
                topic: "".into(),
                topic_id: Uuid::METADATA,
                partitions: vec![FetchPartition {
                    fetch_offset: disk.log.end_offset(),
                    current_leader_epoch: self.epoch,
                    last_fetched_epoch: disk.log.last_epoch(),
                    high_watermark: self.high_watermark(),
                    replica_directory_id: self.member.directory_id,
                    ..FetchPartition::default()
                }],
            }],
            ..FetchRequest::default()
        };
        self.send(to, Request::Fetch(request), PendingRequest::Fetch, now, fx);
    }

    pub(super) fn send(&mut self, to: i32, request: Request, pending: PendingRequest, now: Millis, fx: &mut Effects) {
        if self.is_ready(to, now) && !self.network.is_taken(to) {
            self.network.wake(now);
            let deadline = now.saturating_add(self.member.config.request_timeout_ms);
            self.times_out.insert(to, deadline);
            let version = match pending {
                PendingRequest::Vote(_, false) if self.without_pre_vote.contains(&to) => VOTE_WITHOUT_PRE_VOTE,
                PendingRequest::Fetch => FETCH_WITH_HIGH_WATERMARK,
                PendingRequest::Vote(..)
                | PendingRequest::BeginQuorumEpoch(_)
                | PendingRequest::EndQuorumEpoch(_)
                | PendingRequest::FetchSnapshot
                | PendingRequest::ApiVersions
                | PendingRequest::AddVoter
                | PendingRequest::RemoveVoter
                | PendingRequest::UpdateVoter
                | PendingRequest::AppendEntries { .. } => request.api().version(),
            };
            self.requests.send_in_version(fx, (to, Listener::Controller), version, request, deadline, pending);
        }
    }

    /// Closes the connections on which nothing has passed for `connections.max.idle.ms`. Gives whom they led to, and what for: whoever
    /// has them is to do as if they had broken.
    pub fn close_idle(&mut self, now: Millis, fx: &mut Effects) -> Vec<(i32, Purpose)> {
        let closed = self.requests.close_idle(fx, Actor::Node(self.member.node_id), now);
        closed.into_iter().map(|(node, _, purpose)| (node, purpose)).collect()
    }

    /// The connection to a node broke.
    pub fn disconnected(&mut self, disk: &ControllerDisk, node: i32, purpose: Purpose, now: Millis, fx: &mut Effects) {
        fx.explain(Explanation::PeerGone { actor: Actor::Node(self.member.node_id), peer: Actor::Node(node) });
        // Nobody waits because a connection on which nothing was open has ended.
        self.network.wake(now);
        let backoff = ExponentialBackoff::OF_QUORUM;
        let open = self.requests.take_all_on(node, Listener::Controller, purpose, backoff, now);
        self.unsent_fetch = self.unsent_fetch.filter(|unsent| unsent.to != node);
        if open.iter().any(|open| open.context == PendingRequest::ApiVersions) {
            self.new_voter_unreachable(node, fx);
        }
        if self.network.take(node) || !open.is_empty() {
            self.back_off(node, now);
        } else if let Some(at) = self.reconnects_at(node, now) {
            self.backing_off.insert(node, at);
        }
        self.poll(disk, now, fx);
    }

    fn vote_request(&self, disk: &ControllerDisk, voter_id: i32, pre_vote: bool) -> VoteRequest {
        let end = log_end(disk);
        let partition = VotePartition {
            replica_epoch: self.epoch,
            replica_id: self.member.node_id,
            replica_directory_id: self.member.directory_id,
            voter_directory_id: self.voters.directory(voter_id),
            last_offset_epoch: end.epoch,
            last_offset: end.offset,
            pre_vote,
            ..VotePartition::default()
        };
        let topic = VoteTopic { topic_name: METADATA_TOPIC.to_owned(), partitions: vec![partition] };
        VoteRequest { cluster_id: Some(self.member.cluster_id.clone()), voter_id, topics: vec![topic] }
    }

    fn begin_quorum_epoch_request(&self, voter_id: i32) -> BeginQuorumEpochRequest {
        let partition = BeginQuorumEpochPartition {
            leader_id: self.member.node_id,
            leader_epoch: self.epoch,
            voter_directory_id: self.voters.directory(voter_id),
            ..BeginQuorumEpochPartition::default()
        };
        let topic = BeginQuorumEpochTopic { topic_name: METADATA_TOPIC.to_owned(), partitions: vec![partition] };
        BeginQuorumEpochRequest {
            cluster_id: Some(self.member.cluster_id.clone()),
            voter_id,
            topics: vec![topic],
            leader_endpoints: self.own_endpoint(),
        }
    }

    fn end_quorum_epoch_request(&self, successors: &[i32]) -> EndQuorumEpochRequest {
        let candidate =
            |id: &i32| PreferredCandidate { candidate_id: *id, candidate_directory_id: self.voters.directory(*id) };
        let partition = EndQuorumEpochPartition {
            leader_id: self.member.node_id,
            leader_epoch: self.epoch,
            preferred_candidates: successors.iter().map(candidate).collect(),
            ..EndQuorumEpochPartition::default()
        };
        let topic = EndQuorumEpochTopic { topic_name: METADATA_TOPIC.to_owned(), partitions: vec![partition] };
        EndQuorumEpochRequest {
            cluster_id: Some(self.member.cluster_id.clone()),
            topics: vec![topic],
            leader_endpoints: self.own_endpoint(),
        }
    }

    pub(super) fn arm_timers(&mut self, now: Millis, fx: &mut Effects) {
        let (mut wanted, others) = (SetTimers::default(), self.voter_ids.len() > 1);
        match &self.state {
            EpochState::Unattached { election_at } | EpochState::Resigned { election_at, .. } => {
                wanted.election = Some(*election_at).filter(|at| *at < Millis::MAX);
            }
            EpochState::Prospective(election) | EpochState::Candidate(election) => {
                wanted.election = Some(election.election_at);
            }
            EpochState::Follower { fetch_timeout_at, .. } if self.is_pushed_to() => {
                wanted.election = Some(*fetch_timeout_at);
            }
            EpochState::Follower { fetch_timeout_at, .. } => wanted.fetch = Some(*fetch_timeout_at),
            EpochState::Leader(leader) if others => {
                wanted.check_quorum = Some(leader.check_quorum_at).filter(|at| *at < Millis::MAX);
                wanted.begin_quorum_epoch = Some(leader.begin_quorum_epoch_at);
            }
            EpochState::Leader(_) => {}
        }
        if let EpochState::Leader(leader) = &self.state {
            wanted.voter_change = leader.voter_change.as_ref().map(|change| change.expires_at);
        }
        self.backing_off.retain(|_, until| *until > now);
        let polls_until = self.network.polls_until(self.member.config.request_timeout_ms);
        let fails = matches!(self.state, EpochState::Follower { .. }) && !self.is_leader_reachable();
        let again = fails.then(|| now.saturating_add(1));
        let times_out_at = self.times_out_at().filter(|_| !self.is_textbook());
        wanted.retry = self.backing_off.values().copied().chain(polls_until).chain(again).chain(times_out_at).min();
        wanted.shutdown = self.shuts_down_by;
        if self.is_shutting_down() {
            // It stays as it is until another leads or its time is up.
            wanted.election = None;
        }
        let of_leader =
            if self.is_textbook() { ControllerTimer::AppendEntries } else { ControllerTimer::BeginQuorumEpoch };
        let set = std::mem::replace(&mut self.timers, wanted.clone());
        for (before, after, timer) in [
            (set.election, wanted.election, ControllerTimer::ElectionTimeout),
            (set.fetch, wanted.fetch, ControllerTimer::FetchTimeout),
            (set.check_quorum, wanted.check_quorum, ControllerTimer::CheckQuorum),
            (set.begin_quorum_epoch, wanted.begin_quorum_epoch, of_leader),
            (set.retry, wanted.retry, ControllerTimer::QuorumRetry),
            (set.shutdown, wanted.shutdown, ControllerTimer::Shutdown),
            (set.voter_change, wanted.voter_change, ControllerTimer::VoterChange),
        ] {
            match after {
                _ if before == after => {}
                Some(at) => fx.set_timer(timer, at.max(now)),
                None => fx.stop_timer(timer),
            }
        }
    }
}
