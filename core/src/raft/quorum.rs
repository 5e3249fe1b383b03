//! A node's part in the metadata log's quorum (`KafkaRaftClient`, `QuorumState`).
//!
//! Transitions, as in Kafka 4.3. Each is one function below; nothing else changes the role.
//!
//! | from          | to            | after                                                                              |
//! |---------------|---------------|------------------------------------------------------------------------------------|
//! | start         | `Unattached`  | `quorum-state` names neither a leader nor its own vote for itself                  |
//! | start         | `Follower`    | `quorum-state` names another leader                                                |
//! | start         | `Candidate`   | `quorum-state` says that it voted for itself in this epoch                         |
//! | start         | `Resigned`    | `quorum-state` says that this very node led: its epoch must not be led twice       |
//! | `Unattached`  | `Prospective` | the election timeout                                                               |
//! | `Follower`    | `Prospective` | no successful fetch within `controller.quorum.fetch.timeout.ms`                    |
//! | `Candidate`   | `Prospective` | the election timeout                                                               |
//! | `Prospective` | `Candidate`   | a majority grants the pre-vote. The epoch rises by one                             |
//! | `Prospective` | `Follower`    | the pre-vote is lost, or its time is up, and a leader of the epoch is known        |
//! | `Prospective` | `Unattached`  | the same, and none is known                                                        |
//! | `Candidate`   | `Leader`      | a majority grants the vote                                                         |
//! | `Leader`      | `Resigned`    | a majority has not fetched within one and a half fetch timeouts, or the process ends |
//! | `Resigned`    | `Unattached`  | the election timeout. The epoch rises by one                                       |
//! | any           | `Unattached`  | a higher epoch without a known leader is heard of                                  |
//! | any           | `Follower`    | a leader of this epoch, where none was known, or of a higher one is heard of       |
//!
//! The only voter needs to ask nobody: it is candidate and leader at once. An observer, which is no voter, is `Unattached` or
//! `Follower` and never asks for votes: after the fetch timeout it is `Unattached`, and asks any voter who leads.
//!
//! Before KIP-996 (the setting `pre.vote`) nobody was `Prospective`: what leads there led to `Candidate`, and a candidate that
//! had lost backed off and was `Candidate` again, in the next epoch.
//!
//! Among the voters of textbook Raft (the setting `raft`) the table of [`super::append_entries`] has precedence.
//!
//! A new leader appends a `LeaderChange` control record first and knows no high watermark until that record is on a
//! majority: records of earlier epochs are never committed by counting.

use std::collections::{BTreeMap, BTreeSet};

use crate::sort::CollectOrdered;

use super::ControllerDisk;
use super::control_records::QuorumControlRecord;
use super::fetch::DelayedFetch;
use super::network_channel::NetworkChannel;
use super::poll::{SetTimers, Unsent};
use super::quorum_config::QuorumMember;
use super::quorum_state::{QuorumState, voters};
use super::state::{self, EpochElection, EpochState, LeaderState};
use super::voter_set::VoterSet;
use super::votes::LogEnd;
use crate::actor::Listener;
use crate::change::Change;
use crate::connection::Purpose;
use crate::effects::{Effects, ExponentialBackoff, InFlightRequests};
use crate::explain::Explanation;
use crate::metadata::MetadataRecord;
use crate::sim::Millis;
use crate::sim::random::Random;
use crate::wire::quorum::LeaderEndpoint;
use crate::wire::{Request, Uuid};

/// What a node waits for from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PendingRequest {
    /// A vote, or with `true` a pre-vote, in an epoch.
    Vote(i32, bool),
    /// That a voter knows that this node leads an epoch.
    BeginQuorumEpoch(i32),
    /// That a voter knows that this node leads an epoch no more.
    EndQuorumEpoch(i32),
    /// What follows in the log.
    Fetch,
    /// A piece of a snapshot.
    FetchSnapshot,
    /// Which versions a node supports that is to be a voter.
    ApiVersions,
    /// That this node is made a voter.
    AddVoter,
    /// That the voter is removed which this node was with another directory.
    RemoveVoter,
    /// That the voters say where this node listens now.
    UpdateVoter,
    /// That a voter has the log up to an offset: only in textbook Raft.
    AppendEntries {
        /// The end offset of what was sent.
        end_offset: i64,
    },
}

/// How long a process that ends waits for another leader, in milliseconds (`KafkaRaftManager.shutdown`).
const SHUTDOWN_TIMEOUT_MS: Millis = 5_000;

/// A node's part in the quorum that a restart forgets.
#[derive(Clone, Debug, PartialEq, Hash)]
pub struct Quorum {
    pub(super) member: QuorumMember,
    pub(super) random: Random,
    pub(super) epoch: i32,
    /// The leader of the epoch, if it is known.
    pub(super) leader: Option<i32>,
    /// Where the leader listens, as far as this node knows: nowhere where it heard of it by its id alone.
    pub(super) leader_endpoints: Vec<LeaderEndpoint>,
    /// For whom it voted in the epoch.
    pub(super) voted: Option<i32>,
    /// The directory of whom it voted for; `quorum-state` does not hold it where voters are static.
    pub(super) voted_directory: Uuid,
    pub(super) state: EpochState,
    /// The voters: those that the log names last, committed or not, else the configured ones.
    pub(super) voters: VoterSet,
    /// Their ids.
    pub(super) voter_ids: Vec<i32>,
    pub(super) high_watermark: Option<i64>,
    pub(super) requests: InFlightRequests<PendingRequest>,
    pub(super) network: NetworkChannel,
    /// The fetch that waits behind an old request on the same connection.
    pub(super) unsent_fetch: Option<Unsent>,
    /// When what was last asked of each node is waited for no longer.
    pub(super) times_out: BTreeMap<i32, Millis>,
    /// Whether the leader has let the last fetch run out of time: the next one goes to any server.
    pub(super) has_leader_timed_out: bool,
    /// Voters that do not understand pre-votes (Vote before version 2).
    pub(super) without_pre_vote: BTreeSet<i32>,
    /// Until when nodes that failed are left alone.
    pub(super) backing_off: BTreeMap<i32, Millis>,
    pub(super) timers: SetTimers,
    pub(super) delayed: BTreeMap<u64, DelayedFetch>,
    pub(super) delayed_so_far: u64,
    /// Until when a process that ends waits for another leader; `None` while it does not end.
    pub(super) shuts_down_by: Option<Millis>,
}

impl Quorum {
    /// Takes up where `quorum-state` left off (`QuorumState.initialize`). The only voter elects itself.
    pub fn start(
        member: QuorumMember,
        random: Random,
        disk: &mut ControllerDisk,
        now: Millis,
        fx: &mut Effects,
    ) -> Self {
        let file = disk.quorum_state.clone();
        let known = |id: i32| (id >= 0).then_some(id);
        let idle_expiry = member.config.idle_expiry;
        let mut quorum = Self {
            member,
            random,
            epoch: file.leader_epoch,
            leader: known(file.leader_id),
            leader_endpoints: Vec::new(),
            voted: known(file.voted_id),
            voted_directory: if file.data_version > 0 { file.voted_directory_id } else { Uuid::ZERO },
            state: EpochState::Unattached { election_at: now },
            voters: VoterSet::default(),
            voter_ids: Vec::new(),
            high_watermark: None,
            requests: InFlightRequests::new(idle_expiry),
            network: NetworkChannel::default(),
            unsent_fetch: None,
            times_out: BTreeMap::new(),
            has_leader_timed_out: false,
            without_pre_vote: BTreeSet::new(),
            backing_off: BTreeMap::new(),
            timers: SetTimers::default(),
            delayed: BTreeMap::new(),
            delayed_so_far: 0,
            shuts_down_by: None,
        };
        quorum.update_voters(disk, now, fx);
        let (node_id, election_at) = (quorum.member.node_id, quorum.election_timeout_at(now));
        if file.leader_epoch < disk.log.last_epoch() {
            (quorum.epoch, quorum.leader, quorum.voted) = (disk.log.last_epoch(), None, None);
            quorum.state = EpochState::Unattached { election_at };
        } else if quorum.is_pushed_to() && [quorum.leader, quorum.voted].contains(&Some(node_id)) {
            // The paper's server starts as a follower. Who led or stood had voted for itself.
            (quorum.leader, quorum.voted) = (None, Some(node_id));
            quorum.state = EpochState::Unattached { election_at };
        } else if quorum.leader == Some(node_id) {
            quorum.leader_endpoints = quorum.own_endpoint();
            quorum.state = EpochState::Resigned {
                election_at: quorum.random_timeout_at(now),
                unacknowledged: quorum.others().collect_ordered(),
                preferred_successors: Vec::new(),
            };
        } else if quorum.voted == Some(node_id) && quorum.is_voter() {
            quorum.leader = None;
            quorum.state = EpochState::Candidate(EpochElection::new(&quorum.voter_ids, node_id, election_at));
        } else if let Some(leader) = quorum.leader.filter(|leader| quorum.voter_ids.contains(leader)) {
            let fetch_timeout_at = quorum.leader_timeout_at(now);
            quorum.leader_endpoints = quorum.voter_endpoints(leader);
            quorum.state = EpochState::follower(fetch_timeout_at);
        } else {
            // A leader that is no voter listens nobody knows where.
            quorum.state = EpochState::Unattached { election_at };
        }
        quorum.write(disk);
        if quorum.is_only_voter() {
            quorum.become_candidate(disk, now, fx);
            quorum.become_leader(disk, now, fx);
        }
        quorum
    }

    // --- transitions ---

    /// Asks whether an election would have a chance. Nothing of it is on disk: the epoch stays.
    pub(super) fn become_prospective(&mut self, now: Millis, fx: &mut Effects) {
        let election_at = self.election_timeout_at(now);
        let election = EpochElection::new(&self.voter_ids, self.member.node_id, election_at);
        self.enter(EpochState::Prospective(election), now, fx);
    }

    /// Asks for votes in the next epoch.
    pub(super) fn become_candidate(&mut self, disk: &mut ControllerDisk, now: Millis, fx: &mut Effects) {
        let lost = match &self.state {
            EpochState::Candidate(election) => election.lost_before.saturating_add(1),
            EpochState::Unattached { .. }
            | EpochState::Prospective(_)
            | EpochState::Leader(_)
            | EpochState::Follower { .. }
            | EpochState::Resigned { .. } => 0,
        };
        // As in Kafka, the greatest epoch is followed by the least.
        self.epoch = self.epoch.wrapping_add(1);
        self.leader = None;
        self.leader_endpoints.clear();
        (self.voted, self.voted_directory) = (Some(self.member.node_id), self.member.directory_id);
        let election_at = self.election_timeout_at(now);
        let election = EpochElection::new(&self.voter_ids, self.member.node_id, election_at);
        let election = EpochElection { lost_before: lost, ..election };
        // The vote must be on disk before it counts: a voter that forgets it could vote twice in one epoch.
        self.write(disk);
        self.enter(EpochState::Candidate(election), now, fx);
    }

    /// Leads the epoch: appends the `LeaderChange` record.
    pub(super) fn become_leader(&mut self, disk: &mut ControllerDisk, now: Millis, fx: &mut Effects) {
        let granting: Vec<i32> = match &self.state {
            EpochState::Candidate(election) => election.granting().collect(),
            EpochState::Unattached { .. }
            | EpochState::Prospective(_)
            | EpochState::Leader(_)
            | EpochState::Follower { .. }
            | EpochState::Resigned { .. } => vec![self.member.node_id],
        };
        self.leader = Some(self.member.node_id);
        self.leader_endpoints = self.own_endpoint();
        self.voted = None;
        self.high_watermark = None;
        self.write(disk);
        if self.epoch < 0 {
            // A batch cannot be of such an epoch.
            return self.halt(fx);
        }
        let leader_change = QuorumControlRecord::LeaderChange {
            leader_id: self.member.node_id,
            voters: self.voter_ids.clone(),
            granting_voters: granting,
        };
        let (mut records, mut types) = (vec![leader_change.to_record()], vec!["LEADER_CHANGE".to_owned()]);
        if let Some(of_quorum) = self.voters_to_write(disk) {
            records.extend(of_quorum);
            types.extend(["KRAFT_VERSION", "KRAFT_VOTERS"].map(str::to_owned));
        }
        let epoch_start_offset = disk.log.append(self.epoch, now, true, records);
        let check_quorum_at = now.saturating_add(self.member.config.check_quorum_ms());
        let mut leader = LeaderState::new(&self.voter_ids, epoch_start_offset, now, check_quorum_at);
        leader.set_voters(&self.voters);
        leader.kraft_version_upgrade = self.upgrade_of_new_leader(disk);
        self.enter(EpochState::Leader(leader), now, fx);
        fx.change(Change::MetadataAppended { node: self.member.node_id, offset: epoch_start_offset, types });
        self.update_voters(disk, now, fx);
        self.update_high_watermark(disk);
    }

    /// Follows a leader, which listens there.
    pub(super) fn become_follower(
        &mut self,
        disk: &mut ControllerDisk,
        epoch: i32,
        (leader, endpoints): (i32, Vec<LeaderEndpoint>),
        now: Millis,
        fx: &mut Effects,
    ) {
        if epoch > self.epoch {
            self.voted = None;
        }
        (self.epoch, self.leader) = (epoch, Some(leader));
        self.leader_endpoints = endpoints;
        self.write(disk);
        let fetch_timeout_at = self.leader_timeout_at(now);
        self.enter(EpochState::follower(fetch_timeout_at), now, fx);
    }

    /// Knows an epoch and no leader, or one of which it does not know where it listens. In the same epoch a vote that was
    /// given stays given.
    pub(super) fn become_unattached(
        &mut self,
        disk: &mut ControllerDisk,
        epoch: i32,
        leader: Option<i32>,
        now: Millis,
        fx: &mut Effects,
    ) {
        // Who was about to ask for votes does not wait all over again.
        let election_at = match &self.state {
            EpochState::Unattached { election_at } | EpochState::Resigned { election_at, .. } => *election_at,
            EpochState::Candidate(election) => election.election_at,
            EpochState::Prospective(election) if !election.is_rejected() => election.election_at,
            // To hear of a higher term is not to hear of a leader.
            EpochState::Follower { fetch_timeout_at, .. } if self.is_pushed_to() => *fetch_timeout_at,
            EpochState::Prospective(_) | EpochState::Leader(_) | EpochState::Follower { .. } => {
                self.election_timeout_at(now)
            }
        };
        if epoch > self.epoch {
            self.voted = None;
        }
        (self.epoch, self.leader) = (epoch, leader);
        self.leader_endpoints.clear();
        self.write(disk);
        // Who is no voter never asks for votes.
        let election_at = if self.is_voter() { election_at } else { Millis::MAX };
        self.enter(EpochState::Unattached { election_at: election_at.max(now) }, now, fx);
    }

    /// Leads no more. The epoch stays its own: its answers say so until another leads.
    pub(super) fn become_resigned(&mut self, now: Millis, fx: &mut Effects) {
        let preferred_successors = match &self.state {
            EpochState::Leader(leader) => leader.successors(self.member.node_id),
            EpochState::Unattached { .. }
            | EpochState::Prospective(_)
            | EpochState::Candidate(_)
            | EpochState::Follower { .. }
            | EpochState::Resigned { .. } => Vec::new(),
        };
        // The textbook's leader notifies nobody: its heartbeats just end.
        let unacknowledged: BTreeSet<i32> = self.others().filter(|_| !self.is_textbook()).collect_ordered();
        let election_at = self.random_timeout_at(now);
        self.enter(EpochState::Resigned { election_at, unacknowledged, preferred_successors }, now, fx);
    }

    fn enter(&mut self, state: EpochState, now: Millis, fx: &mut Effects) {
        let (node, from, to) = (self.member.node_id, self.state.role(), state.role());
        self.abandon_voter_change(fx);
        self.state = state;
        if !self.is_only_voter() {
            fx.change(Change::QuorumRoleChanged { node, from, to, epoch: self.epoch });
        }
        // What was asked of others in the old role is of no use in the new one.
        self.network.abandon(self.requests.iter().map(|open| (open.to, open.api, open.deadline)), now);
        self.requests.forget_all();
        (self.unsent_fetch, self.has_leader_timed_out) = (None, false);
        self.times_out.clear();
        let backing_off = std::mem::take(&mut self.backing_off);
        self.backing_off =
            backing_off.into_keys().filter_map(|node| Some((node, self.reconnects_at(node, now)?))).collect();
        self.refuse_delayed(fx);
    }

    /// The process is about to end: a leader resigns first, so that nobody has to wait for a timeout
    /// (`KafkaRaftClient.shutdown`).
    pub fn shut_down(&mut self, disk: &ControllerDisk, now: Millis, fx: &mut Effects) {
        if self.is_textbook() {
            // Nobody is notified, so there is nothing to wait for.
            self.shuts_down_by = Some(now);
            return;
        }
        self.shuts_down_by = Some(now.saturating_add(SHUTDOWN_TIMEOUT_MS));
        if self.is_leader() && !self.is_only_voter() {
            fx.explain(Explanation::LeaderResignsToEnd { node: self.member.node_id, epoch: self.epoch });
            self.become_resigned(now, fx);
        }
        self.poll(disk, now, fx);
    }

    /// The controller takes an exception for its own fault: it gives up its leadership, and another voter may have the next
    /// epoch (`KafkaRaftClient.resign`).
    pub fn resign(&mut self, disk: &ControllerDisk, now: Millis, fx: &mut Effects) {
        if self.is_leader() {
            self.become_resigned(now, fx);
            self.poll(disk, now, fx);
        }
    }

    /// Whether its process is about to end.
    pub fn is_shutting_down(&self) -> bool {
        self.shuts_down_by.is_some()
    }

    /// Whether a process that is about to end may go: another leads, or nobody is there who could, or its time is up
    /// (`maybeCompleteShutdown`).
    pub fn has_shut_down(&self, now: Millis) -> bool {
        let has_other_leader = self.leader.is_some_and(|leader| leader != self.member.node_id);
        self.shuts_down_by.is_some_and(|by| by <= now || self.is_only_voter() || has_other_leader)
    }

    /// A vote is given, and remembered before it is told. The voter waits anew: the candidate has as good a chance.
    pub(super) fn record_vote(
        &mut self,
        disk: &mut ControllerDisk,
        (candidate, directory): (i32, Uuid),
        now: Millis,
        fx: &mut Effects,
    ) {
        (self.voted, self.voted_directory) = (Some(candidate), directory);
        self.write(disk);
        let at = self.election_timeout_at(now);
        match &mut self.state {
            EpochState::Unattached { election_at } => *election_at = at,
            EpochState::Prospective(election) => {
                *election = EpochElection::new(&self.voter_ids, self.member.node_id, at);
            }
            EpochState::Candidate(_)
            | EpochState::Leader(_)
            | EpochState::Follower { .. }
            | EpochState::Resigned { .. } => {}
        }
        fx.change(Change::VoteCast { node: self.member.node_id, candidate, epoch: self.epoch });
    }

    fn write(&self, disk: &mut ControllerDisk) {
        disk.quorum_state = QuorumState {
            leader_id: self.leader.unwrap_or(-1),
            leader_epoch: self.epoch,
            voted_id: self.voted.unwrap_or(-1),
            voted_directory_id: self.voted.map_or(Uuid::ZERO, |_| self.voted_directory),
            current_voters: voters(&self.voter_ids),
            data_version: i16::from(disk.log.quorum().is_reconfigurable()),
            ..QuorumState::default()
        };
    }

    /// Where a voter listens, as `controller.quorum.voters` says; nowhere for who is none.
    pub(super) fn voter_endpoints(&self, node: i32) -> Vec<LeaderEndpoint> {
        self.voters.get(node).map(|voter| voter.endpoints.clone()).unwrap_or_default()
    }

    /// Where this node listens.
    pub(super) fn own_endpoint(&self) -> Vec<LeaderEndpoint> {
        self.member.endpoints.to_vec()
    }

    // --- the leader's log ---

    /// Appends records in one batch as the leader and gives the offset of the first.
    pub fn append(&mut self, disk: &mut ControllerDisk, records: &[MetadataRecord], now: Millis) -> i64 {
        let records = records.iter().map(MetadataRecord::to_record).collect();
        let base_offset = disk.log.append(self.epoch, now, false, records);
        self.update_high_watermark(disk);
        base_offset
    }

    /// What a majority has may have grown. Gives whether the high watermark moved.
    pub(super) fn update_high_watermark(&mut self, disk: &ControllerDisk) -> bool {
        let EpochState::Leader(leader) = &mut self.state else { return false };
        if let Some(own) = leader.voters.get_mut(&self.member.node_id) {
            own.log_end_offset = Some(disk.log.end_offset());
        }
        let ends = leader.voters.values().map(|voter| voter.log_end_offset).collect();
        let known = self.high_watermark;
        self.high_watermark = state::high_watermark(ends, leader.epoch_start_offset, known);
        self.high_watermark > known
    }

    // --- how long it waits, and for whom ---

    /// The moment of the next election timeout, if it began now: between one and two timeouts from now.
    pub fn election_timeout_at(&mut self, now: Millis) -> Millis {
        if self.is_voter() { self.random_timeout_at(now) } else { Millis::MAX }
    }

    /// The same for who may be no voter any more.
    fn random_timeout_at(&mut self, now: Millis) -> Millis {
        let timeout_ms = self.member.config.election_timeout_ms;
        if self.is_only_voter() || timeout_ms == 0 {
            return now.saturating_add(timeout_ms);
        }
        now.saturating_add(timeout_ms).saturating_add(self.random.between(0, timeout_ms - 1))
    }

    /// The other voters.
    pub(super) fn others(&self) -> impl Iterator<Item = i32> + use<'_> {
        self.voter_ids.iter().copied().filter(|voter| *voter != self.member.node_id)
    }

    // --- what the controller above asks others ---

    /// Sends a request of the controller above, which keeps account of it. Gives its number.
    pub fn send_for(&mut self, to: i32, request: Request, deadline: Millis, fx: &mut Effects) -> i32 {
        self.requests.send_for(fx, (to, Listener::Controller), request, deadline)
    }

    /// A connection of the controller above has ended: the next request opens another.
    pub fn connection_ended(&mut self, to: i32, purpose: Purpose, now: Millis) {
        self.requests.take_all_on(to, Listener::Controller, purpose, ExponentialBackoff::NONE, now);
    }
}

/// A log as votes compare it.
pub(super) fn log_end(disk: &ControllerDisk) -> LogEnd {
    LogEnd { epoch: disk.log.last_epoch(), offset: disk.log.end_offset() }
}
