//! Textbook Raft among the voters (Ongaro & Ousterhout, "In Search of an Understandable Consensus Algorithm", Figure 2), where the setting
//! `raft` asks for it. Kafka does it the other way round: its followers fetch.
//!
//! | who       | what it does                                    | when                                                                     |
//! |-----------|-------------------------------------------------|--------------------------------------------------------------------------|
//! | leader    | sends AppendEntries to each other voter         | it was elected, it has appended, or the heartbeat interval is over       |
//! | leader    | sends the next ones to a voter                  | it has answered, and lacks more                                          |
//! | leader    | sends from further back on                      | a voter does not have the record that precedes the entries               |
//! | leader    | becomes `Unattached`                            | an answer, or a request, has a higher term. Nothing else makes it resign |
//! | follower  | truncates what conflicts, appends, commits      | AppendEntries of its leader, and it has the record that precedes         |
//! | follower  | refuses, and answers where its log may agree    | it has not that record                                                   |
//! | follower  | fetches a snapshot from its leader              | it has not that record, and the leader's log begins behind it            |
//! | any voter | refuses                                         | AppendEntries of an older term                                           |
//! | any voter | becomes `Follower`                              | AppendEntries of its own term or a higher one                            |
//! | follower  | becomes `Candidate`                             | its election timeout: 150 to 300 ms without AppendEntries                |
//! | candidate | becomes `Candidate` again, in the next term     | the same, and nobody has won                                             |
//!
//! Votes are those of [`super::votes`], without pre-votes. What `quorum-state` holds is what the paper's server persists: a server that led
//! had voted for itself. The `LeaderChange` record is the no-op of §8 with which a leader's term begins, and only from there on entries are
//! committed by counting (§5.4.2). Whoever is no voter, brokers above all, fetches as in Kafka.
//!
//! Where the paper leaves a choice: one request is in flight to a follower, as Kafka's network client has it. The leader's commit index
//! goes along with the next request, it is no reason for one. For InstallSnapshot (§7) stands Kafka's FetchSnapshot: AppendEntries says
//! that a snapshot is needed, and the follower gets it. Nobody backs off from a voter that is gone: it is tried with each heartbeat.

use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};

use super::quorum::{PendingRequest, Quorum};
use super::state::EpochState;
use super::{ControllerDisk, OffsetAndEpoch, ReplicaKey};
use crate::actor::Endpoint;
use crate::change::Change;
use crate::effects::{Effects, RequestContext};
use crate::explain::Explanation;
use crate::settings::RaftProtocol;
use crate::sim::Millis;
use crate::wire::append_entries::{AppendEntriesRequest, AppendEntriesResponse};
use crate::wire::replication::SnapshotId;
use crate::wire::{Request, Response};

/// How long a leader is silent at most, in milliseconds: it must be well below the election timeout (§5.6).
pub const HEARTBEAT_INTERVAL_MS: Millis = 50;

/// From which offset on each voter is sent entries next (`nextIndex`), where it has answered in this term.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NextOffsets(BTreeMap<i32, i64>);

/// Kafka's leader has none, and nothing is added to its digest.
impl Hash for NextOffsets {
    fn hash<H: Hasher>(&self, state: &mut H) {
        if !self.0.is_empty() {
            self.0.hash(state);
        }
    }
}

impl Quorum {
    /// Whether this node is set to textbook Raft.
    pub fn is_textbook(&self) -> bool {
        self.member.config.raft == RaftProtocol::Textbook
    }

    /// Whether it is sent the log by its leader and does not fetch it.
    pub fn is_pushed_to(&self) -> bool {
        self.is_textbook() && self.is_voter()
    }

    /// Whether it takes AppendEntries: a textbook's voter does, from the very leader that they name.
    pub fn takes_entries(&self, request_context: &RequestContext, request: &AppendEntriesRequest) -> bool {
        self.is_pushed_to()
            && request.leader_id != self.member.node_id
            && request_context.from == Endpoint::Controller(request.leader_id)
    }

    /// When a follower gives its leader up that it has heard of just now: drawn anew each time where the leader pushes.
    pub(super) fn leader_timeout_at(&mut self, now: Millis) -> Millis {
        if self.is_pushed_to() {
            self.election_timeout_at(now)
        } else {
            now.saturating_add(self.member.config.fetch_timeout_ms)
        }
    }

    /// How long a node that failed is left alone.
    pub(super) fn retry_backoff_ms(&self) -> Millis {
        if self.is_textbook() { HEARTBEAT_INTERVAL_MS } else { self.member.config.retry_backoff_ms.max(1) }
    }

    // --- the leader ---

    /// What the leader has appended goes on its way: to those who wait in a fetch, and where it pushes, to the voters.
    pub fn replicate(&mut self, disk: &ControllerDisk, now: Millis, fx: &mut Effects) {
        self.complete_delayed_fetches(disk, fx);
        if self.is_textbook() {
            self.send_entries(disk, false, now, fx);
        }
    }

    /// What there is to do for a leader that pushes.
    pub(super) fn poll_as_textbook_leader(&mut self, disk: &ControllerDisk, now: Millis, fx: &mut Effects) {
        let EpochState::Leader(leader) = &mut self.state else { return };
        let is_heartbeat = leader.begin_quorum_epoch_at <= now;
        if is_heartbeat {
            leader.begin_quorum_epoch_at = now.saturating_add(HEARTBEAT_INTERVAL_MS);
        }
        self.send_entries(disk, is_heartbeat, now, fx);
    }

    /// Sends AppendEntries to voters that lack something, or to all; not to those that have one in flight.
    fn send_entries(&mut self, disk: &ControllerDisk, is_heartbeat: bool, now: Millis, fx: &mut Effects) {
        let EpochState::Leader(leader) = &self.state else { return };
        let next = |voter: i32| leader.next_offsets.0.get(&voter).copied().unwrap_or(leader.epoch_start_offset);
        // Who needs a snapshot learns it with each heartbeat, and not over and over in between.
        let in_log = disk.log.start_offset()..disk.log.end_offset();
        let others = self.others().map(|voter| (voter, next(voter)));
        let due: Vec<(i32, i64)> = others
            .filter(|(voter, next)| (is_heartbeat || in_log.contains(next)) && self.is_ready(*voter, now))
            .filter(|(voter, _)| !self.network.is_taken(*voter))
            .collect();
        for (voter, next) in &due {
            let request = self.append_entries_request(disk, *next);
            let pending = PendingRequest::AppendEntries { end_offset: request.end_offset() };
            self.send(*voter, Request::AppendEntries(request), pending, now, fx);
        }
        if is_heartbeat && !due.is_empty() {
            fx.explain(Explanation::LeaderSendsHeartbeats { node: self.member.node_id, epoch: self.epoch });
        }
    }

    fn append_entries_request(&self, disk: &ControllerDisk, next: i64) -> AppendEntriesRequest {
        let snapshot = disk.log.snapshots().last().filter(|_| next < disk.log.start_offset());
        let entries = match snapshot {
            Some(_) => Vec::new(),
            None => disk.log.read(next, self.member.config.fetch_max_bytes),
        };
        // The offset may lie within a batch where a follower has named it.
        let from = match snapshot {
            Some(snapshot) => snapshot.id().offset,
            None => entries.first().map_or(next, |batch| batch.base_offset),
        };
        let prev_log_index = from.saturating_sub(1);
        AppendEntriesRequest {
            term: self.epoch,
            leader_id: self.member.node_id,
            prev_log_index,
            prev_log_term: match snapshot {
                Some(snapshot) => snapshot.id().epoch,
                None => disk.log.epoch_at(prev_log_index).unwrap_or(0),
            },
            entries,
            leader_commit: self.high_watermark().saturating_sub(1).max(-1),
            snapshot_id: snapshot.map_or_else(SnapshotId::default, |snapshot| snapshot.id().into()),
        }
    }

    /// A voter has answered. What was sent to it ended at `end_offset`.
    pub(super) fn entries_answered(
        &mut self,
        disk: &mut ControllerDisk,
        from: i32,
        end_offset: i64,
        answer: &AppendEntriesResponse,
        now: Millis,
        fx: &mut Effects,
    ) {
        let node = self.member.node_id;
        if answer.term > self.epoch {
            self.become_unattached(disk, answer.term, None, now, fx);
            return fx.explain(Explanation::VoterLearntNoLeader { node, from, epoch: self.epoch });
        }
        let directory_id = self.voters.directory(from);
        let EpochState::Leader(leader) = &mut self.state else { return };
        if !answer.error_code.is_none() {
            return self.back_off(from, now);
        }
        if answer.success {
            leader.next_offsets.0.insert(from, end_offset);
            self.replica_fetched(disk, ReplicaKey { id: from, directory_id }, end_offset, now, fx);
            return fx.explain(Explanation::VoterHasEntries { node, voter: from, offset: end_offset });
        }
        // The follower has answered how far its records of that term, or of the last one before, go. Where both logs have that term they agree up
        // to the end of the shorter one, and where only the follower's has it, up to where the leader's earlier terms end: one trip for
        // each term in which they differ, and not one for each record (§5.3).
        let (epoch, own_end) = disk.log.end_of_epoch(answer.conflict_term);
        let agreed = if epoch == answer.conflict_term { own_end.min(answer.conflict_index) } else { own_end };
        let before = leader.next_offsets.0.get(&from).copied().unwrap_or(leader.epoch_start_offset);
        // Who needs a snapshot goes on when it has that.
        let needs_snapshot = before < disk.log.start_offset();
        let next = if needs_snapshot { before } else { agreed.min(before.saturating_sub(1)).max(0) };
        leader.next_offsets.0.insert(from, next);
        fx.explain(Explanation::VoterLacksEntries { node, voter: from, offset: next });
    }

    // --- the follower ---

    /// Takes over what a leader sent, or refuses.
    #[inline(never)]
    pub fn handle_append_entries(
        &mut self,
        disk: &mut ControllerDisk,
        request_context: &RequestContext,
        request: &AppendEntriesRequest,
        now: Millis,
        fx: &mut Effects,
    ) {
        let (node, leader, epoch) = (self.member.node_id, request.leader_id, request.term);
        if epoch < self.epoch {
            fx.explain(Explanation::OldLeaderRefused { node, leader, epoch: self.epoch });
            return self.answer_entries(request_context, None, fx);
        }
        if self.is_leader() && epoch == self.epoch {
            // No term has two leaders.
            return self.halt(fx);
        }
        if self.role() == super::Role::Follower && (self.epoch, self.leader) == (epoch, Some(leader)) {
            let timeout_at = self.leader_timeout_at(now);
            if let EpochState::Follower { fetch_timeout_at, has_fetched, .. } = &mut self.state {
                (*fetch_timeout_at, *has_fetched) = (timeout_at, true);
            }
        } else {
            self.become_follower(disk, epoch, (leader, self.voter_endpoints(leader)), now, fx);
        }
        if !has_record(disk, request.prev_log_index, request.prev_log_term) {
            self.maybe_begin_snapshot(request, fx);
            fx.explain(Explanation::EntriesRefused { node, leader, offset: request.prev_log_index });
            let conflict = disk.log.end_of_epoch(request.prev_log_term);
            return self.answer_entries(request_context, Some(conflict), fx);
        }
        self.take_entries(disk, request, fx);
        self.update_voters(disk, now, fx);
        fx.explain(Explanation::HeartbeatHeard { node, leader, epoch });
        let response = AppendEntriesResponse { term: self.epoch, success: true, ..AppendEntriesResponse::default() };
        fx.answer(request_context, Response::AppendEntries(response));
    }

    fn answer_entries(&self, request_context: &RequestContext, conflict: Option<(i32, i64)>, fx: &mut Effects) {
        let (conflict_term, conflict_index) = conflict.unwrap_or((-1, -1));
        let response = AppendEntriesResponse {
            term: self.epoch,
            conflict_term,
            conflict_index,
            ..AppendEntriesResponse::default()
        };
        fx.answer(request_context, Response::AppendEntries(response));
    }

    /// Truncates what conflicts with the entries, appends those that are new, and learns what is committed.
    fn take_entries(&mut self, disk: &mut ControllerDisk, request: &AppendEntriesRequest, fx: &mut Effects) {
        let node = self.member.node_id;
        if let EpochState::Follower { fetching_snapshot, .. } = &mut self.state {
            *fetching_snapshot = None;
        }
        let from = disk.log.end_offset();
        // Only an entry of another term is a conflict: what follows the entries may be of a request that was sent later.
        if let Some(conflict) = disk.log.conflict_with(&request.entries) {
            let to = disk.log.truncate_to(conflict);
            fx.change(Change::MetadataTruncated { node, from, to });
        }
        let kept = disk.log.end_offset();
        disk.log.append_as_follower(&request.entries);
        let to = disk.log.end_offset();
        if to > kept {
            fx.change(Change::MetadataReplicated { node, from: kept, to });
            fx.explain(Explanation::VoterReplicated { node, from: kept, to });
        }
        if request.leader_commit >= 0 {
            let commit = request.leader_commit.saturating_add(1).min(request.end_offset());
            self.learn_high_watermark(disk, commit, fx);
        }
    }

    /// The leader's log has no more what this one lacks.
    fn maybe_begin_snapshot(&mut self, request: &AppendEntriesRequest, fx: &mut Effects) {
        if request.snapshot_id == SnapshotId::default() {
            return;
        }
        let id = OffsetAndEpoch::from(&request.snapshot_id);
        let EpochState::Follower { fetching_snapshot, .. } = &self.state else { return };
        if fetching_snapshot.as_ref().is_none_or(|fetching| fetching.id != id) {
            self.begin_snapshot(id, fx);
        }
    }

    /// A follower that is pushed to asks for nothing but a snapshot.
    pub(super) fn maybe_fetch_snapshot(&mut self, now: Millis, fx: &mut Effects) {
        if let (EpochState::Follower { fetching_snapshot: Some(fetching), .. }, Some(leader)) =
            (&self.state, self.leader)
        {
            let request = Request::FetchSnapshot(self.fetch_snapshot_request(fetching));
            self.send(leader, request, PendingRequest::FetchSnapshot, now, fx);
        }
    }
}

/// Whether a log has the record that precedes entries. What lies below its start is in a snapshot, and so committed.
fn has_record(disk: &ControllerDisk, index: i64, term: i32) -> bool {
    index.saturating_add(1) < disk.log.start_offset() || index < 0 || disk.log.epoch_at(index) == Some(term)
}
