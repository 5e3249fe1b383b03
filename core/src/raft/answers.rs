//! What other nodes of the quorum answer (`KafkaRaftClient.handle…Response`).

use super::ControllerDisk;
use super::OffsetAndEpoch;
use super::quorum::{PendingRequest, Quorum};
use super::requests::FatalFault;
use super::state::EpochState;
use crate::actor::Actor;
use crate::change::Change;
use crate::effects::{Answered, Effects};
use crate::explain::Explanation;
use crate::sim::Millis;
use crate::wire::quorum::{LeaderEndpoint, QuorumNodeEndpoint, VoteResponse};
use crate::wire::replication::{EpochEndOffset, FetchResponse, PartitionData, SnapshotId};
use crate::wire::{ErrorCode, Response};

/// Whether an answer is done with.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Common {
    /// It brought a newer epoch or a leader, or is of an older one.
    Handled,
    /// What it says beside that is to be looked at.
    Open,
}

/// What an answer says of the quorum.
pub(super) struct CommonFields {
    error: ErrorCode,
    leader: Option<i32>,
    epoch: i32,
    /// Where that leader listens; nowhere where the answer does not say.
    endpoints: Vec<LeaderEndpoint>,
}

impl Quorum {
    /// What an answer says of the quorum: its error, its leader and epoch, and where the nodes that it names listen.
    pub(super) fn common_fields(
        &self,
        error: ErrorCode,
        leader: i32,
        epoch: i32,
        nodes: &[QuorumNodeEndpoint],
    ) -> CommonFields {
        let name = self.listener();
        let at = nodes.iter().filter(|node| node.node_id == leader);
        let endpoints =
            at.map(|node| LeaderEndpoint { name: name.to_owned(), host: node.host.clone(), port: node.port });
        CommonFields { error, leader: (leader >= 0).then_some(leader), epoch, endpoints: endpoints.collect() }
    }

    /// An answer has come.
    pub fn handle_answer(
        &mut self,
        disk: &mut ControllerDisk,
        from: i32,
        correlation_id: i32,
        response: Response,
        now: Millis,
        fx: &mut Effects,
    ) {
        let api = response.api();
        self.network.wake(now);
        let actor = Actor::Node(self.member.node_id);
        let open = match self.requests.answered(fx, correlation_id, &response, now) {
            Answered::Request(open) => open,
            Answered::ApiVersions => {
                fx.explain(Explanation::ConnectionReady { client: actor, node: from });
                return self.arm_timers(now, fx);
            }
            Answered::Late => {
                fx.explain(Explanation::LateAnswer { to: actor, api });
                self.network.take(from);
                return self.poll(disk, now, fx);
            }
        };
        match (open.context, response) {
            (PendingRequest::Vote(epoch, pre_vote), Response::Vote(answer)) => {
                self.vote_answered(disk, from, epoch, pre_vote, &answer, now, fx);
            }
            (PendingRequest::BeginQuorumEpoch(_), Response::BeginQuorumEpoch(answer)) => {
                let partition = answer.topics.first().and_then(|topic| topic.partitions.first());
                match partition {
                    Some(partition) if answer.error_code.is_none() => {
                        let common = self.common_fields(
                            partition.error_code,
                            partition.leader_id,
                            partition.leader_epoch,
                            &answer.node_endpoints,
                        );
                        let Ok(common) = self.handle_common(disk, from, common, now, fx) else { return self.halt(fx) };
                        if common == Common::Open && !partition.error_code.is_none() {
                            self.back_off(from, now);
                        }
                    }
                    Some(_) | None => self.back_off(from, now),
                }
                fx.explain(Explanation::VoterKnowsLeader { node: self.member.node_id, voter: from, epoch: self.epoch });
            }
            (PendingRequest::EndQuorumEpoch(_), Response::EndQuorumEpoch(answer)) => {
                let partition = answer.topics.first().and_then(|topic| topic.partitions.first());
                if let Some(partition) = partition {
                    let common = self.common_fields(
                        partition.error_code,
                        partition.leader_id,
                        partition.leader_epoch,
                        &answer.node_endpoints,
                    );
                    if self.handle_common(disk, from, common, now, fx).is_err() {
                        return self.halt(fx);
                    }
                }
                if let EpochState::Resigned { unacknowledged, .. } = &mut self.state {
                    unacknowledged.remove(&from);
                }
                fx.explain(Explanation::VoterKnowsResignation {
                    node: self.member.node_id,
                    voter: from,
                    epoch: self.epoch,
                });
            }
            (PendingRequest::Fetch, Response::Fetch(answer)) => self.fetch_answered(disk, from, &answer, now, fx),
            (PendingRequest::FetchSnapshot, Response::FetchSnapshot(answer)) => {
                self.snapshot_answered(disk, from, &answer, now, fx);
            }
            (PendingRequest::AppendEntries { end_offset }, Response::AppendEntries(answer)) => {
                self.entries_answered(disk, from, end_offset, &answer, now, fx);
            }
            (PendingRequest::ApiVersions, Response::ApiVersions(answer)) => {
                self.new_voter_answered(disk, from, &answer, now, fx);
            }
            (PendingRequest::UpdateVoter, Response::UpdateRaftVoter(answer)) => {
                self.own_update_answered(disk, from, &answer, now, fx);
            }
            (PendingRequest::AddVoter, Response::AddRaftVoter(answer)) => {
                self.own_change_answered(from, answer.error_code, now, fx);
            }
            (PendingRequest::RemoveVoter, Response::RemoveRaftVoter(answer)) => {
                self.own_change_answered(from, answer.error_code, now, fx);
            }
            // An answer of another kind than the request: nobody sends one.
            (_, _) => self.back_off(from, now),
        }
        self.poll(disk, now, fx);
    }

    #[expect(clippy::too_many_arguments, reason = "an answer with what it answers")]
    fn vote_answered(
        &mut self,
        disk: &mut ControllerDisk,
        from: i32,
        epoch: i32,
        pre_vote: bool,
        answer: &VoteResponse,
        now: Millis,
        fx: &mut Effects,
    ) {
        if answer.error_code == ErrorCode::UnsupportedVersion {
            self.without_pre_vote.insert(from);
            // A voter from before pre-votes lets the election begin without (KIP-996).
            if matches!(self.state, EpochState::Prospective(_)) {
                return self.become_candidate(disk, now, fx);
            }
        }
        let partition = answer.topics.first().and_then(|topic| topic.partitions.first());
        let Some(partition) = partition.filter(|_| answer.error_code.is_none()) else {
            self.back_off(from, now);
            return;
        };
        let common = self.common_fields(
            partition.error_code,
            partition.leader_id,
            partition.leader_epoch,
            &answer.node_endpoints,
        );
        let Ok(common) = self.handle_common(disk, from, common, now, fx) else { return self.halt(fx) };
        if common == Common::Handled || epoch != self.epoch {
            return;
        }
        if !partition.error_code.is_none() {
            self.back_off(from, now);
            return;
        }
        let (node, granted) = (self.member.node_id, partition.vote_granted);
        match &mut self.state {
            EpochState::Prospective(election) if pre_vote => election.record(from, granted),
            EpochState::Candidate(election) if !pre_vote => election.record(from, granted),
            EpochState::Unattached { .. }
            | EpochState::Prospective(_)
            | EpochState::Candidate(_)
            | EpochState::Leader(_)
            | EpochState::Follower { .. }
            | EpochState::Resigned { .. } => return,
        }
        fx.explain(match (granted, pre_vote) {
            (true, false) => Explanation::VoteCounted { node, voter: from, epoch },
            (true, true) => Explanation::PreVoteCounted { node, voter: from, epoch },
            (false, _) => Explanation::VoterIsAgainst { node, voter: from, epoch },
        });
        self.go_on_with_election(disk, now, fx);
        // A candidate that lost waits for the rest of its election timeout; a pre-vote that is lost is over.
        match &self.state {
            EpochState::Prospective(election) if election.is_rejected() => self.lose_pre_vote(disk, now, fx),
            EpochState::Candidate(election)
                if election.is_rejected() && !self.member.config.pre_vote && !self.is_textbook() =>
            {
                self.back_off_election(now);
            }
            EpochState::Unattached { .. }
            | EpochState::Prospective(_)
            | EpochState::Candidate(_)
            | EpochState::Leader(_)
            | EpochState::Follower { .. }
            | EpochState::Resigned { .. } => {}
        }
    }

    /// What every answer says of leader and epoch (`maybeHandleCommonResponse`).
    pub(super) fn handle_common(
        &mut self,
        disk: &mut ControllerDisk,
        from: i32,
        fields: CommonFields,
        now: Millis,
        fx: &mut Effects,
    ) -> Result<Common, FatalFault> {
        let CommonFields { error, leader, epoch, endpoints } = fields;
        if epoch < self.epoch || error == ErrorCode::UnknownLeaderEpoch {
            return Ok(Common::Handled);
        }
        let endpoints = match leader {
            Some(leader) if endpoints.is_empty() => self.voter_endpoints(leader),
            Some(_) | None => endpoints,
        };
        let is_elsewhere = matches!(error, ErrorCode::FencedLeaderEpoch | ErrorCode::NotLeaderOrFollower);
        let knew = (self.epoch, self.leader);
        if epoch > self.epoch || is_elsewhere {
            self.hear_of_leader(disk, leader, epoch, endpoints, now, fx)?;
            if knew != (self.epoch, self.leader) {
                fx.explain(self.learned_from(from));
            }
            return Ok(Common::Handled);
        }
        if leader.is_some() && self.leader.is_none() {
            self.hear_of_leader(disk, leader, epoch, endpoints, now, fx)?;
            fx.explain(self.learned_from(from));
            return Ok(if error.is_none() { Common::Open } else { Common::Handled });
        }
        match error {
            ErrorCode::InvalidRequest => Err(FatalFault),
            ErrorCode::InvalidVoterKey => Ok(Common::Handled),
            _ => Ok(Common::Open),
        }
    }

    /// What an answer has told of the leader, in words.
    fn learned_from(&self, from: i32) -> Explanation {
        let (node, epoch) = (self.member.node_id, self.epoch);
        match self.leader.filter(|leader| *leader != node) {
            Some(leader) => Explanation::VoterLearntLeader { node, leader, epoch },
            None => Explanation::VoterLearntNoLeader { node, from, epoch },
        }
    }

    fn fetch_answered(
        &mut self,
        disk: &mut ControllerDisk,
        from: i32,
        answer: &FetchResponse,
        now: Millis,
        fx: &mut Effects,
    ) {
        let data = answer.responses.first().and_then(|topic| topic.partitions.first());
        let Some(data) = data.filter(|_| answer.error_code.is_none()) else {
            self.back_off(from, now);
            return;
        };
        let (leader, epoch) = (data.current_leader.leader_id, data.current_leader.leader_epoch);
        let knew = (self.epoch, self.leader);
        let at = answer.node_endpoints.iter().find(|endpoint| endpoint.node_id == leader);
        let at: Vec<QuorumNodeEndpoint> = at
            .map(|at| QuorumNodeEndpoint { node_id: leader, host: at.host.clone(), port: at.port })
            .into_iter()
            .collect();
        let fields = self.common_fields(data.error_code, leader, epoch, &at);
        let Ok(common) = self.handle_common(disk, from, fields, now, fx) else { return self.halt(fx) };
        if common == Common::Handled {
            fx.explain(self.learned_from(from));
            // A voter that does not know more is not asked again at once.
            if knew == (self.epoch, self.leader) {
                self.back_off(from, now);
            }
            return;
        }
        let EpochState::Follower { .. } = &self.state else { return };
        if !data.error_code.is_none() {
            self.back_off(from, now);
            return;
        }
        self.follow(disk, data, fx);
        self.update_voters(disk, now, fx);
        let timeout = self.leader_timeout_at(now);
        if let EpochState::Follower { fetch_timeout_at, has_fetched, .. } = &mut self.state {
            (*fetch_timeout_at, *has_fetched) = (timeout, true);
        }
    }

    /// Takes over what the leader sent: cuts off what the leader does not have, or appends, and learns the high watermark.
    fn follow(&mut self, disk: &mut ControllerDisk, data: &PartitionData, fx: &mut Effects) {
        let (node, from) = (self.member.node_id, disk.log.end_offset());
        if data.diverging_epoch != EpochEndOffset::default() {
            let EpochEndOffset { epoch, end_offset } = data.diverging_epoch;
            let to = disk.log.truncate_to_end_offset(epoch, end_offset);
            fx.change(Change::MetadataTruncated { node, from, to });
            fx.explain(Explanation::VoterTruncated { node, from, to });
            return;
        }
        if data.snapshot_id != SnapshotId::default() {
            return self.begin_snapshot(OffsetAndEpoch::from(&data.snapshot_id), fx);
        }
        disk.log.append_as_follower(&data.records);
        let to = disk.log.end_offset();
        if to > from {
            fx.change(Change::MetadataReplicated { node, from, to });
            fx.explain(Explanation::VoterReplicated { node, from, to });
        }
        if data.high_watermark >= 0 {
            self.learn_high_watermark(disk, data.high_watermark.min(to), fx);
        }
        fx.explain(Explanation::VoterFetchedNothing { node, leader: self.leader.unwrap_or(-1) });
    }

    /// The log is committed up to an offset, as the leader has it. It never goes back.
    pub(super) fn learn_high_watermark(&mut self, disk: &ControllerDisk, to: i64, fx: &mut Effects) {
        let (node, from) = (self.member.node_id, self.high_watermark());
        if Some(to) > self.high_watermark {
            self.high_watermark = Some(to);
            fx.change(Change::QuorumHighWatermarkMoved { node, from, to });
            fx.explain(Explanation::VoterLearntHighWatermark { node, high_watermark: to });
            self.complete_delayed_fetches(disk, fx);
        }
    }
}
