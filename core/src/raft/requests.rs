//! What other nodes of the quorum ask: Vote, BeginQuorumEpoch, EndQuorumEpoch (`KafkaRaftClient.handle…Request`).

use super::ControllerDisk;
use super::quorum::Quorum;
use super::state::EpochState;
use super::votes::{Ballot, LogEnd, decide, successor_backoff_ms};
use crate::change::Change;
use crate::effects::{Effects, RequestContext};
use crate::explain::Explanation;
use crate::sim::Millis;
use crate::wire::quorum::*;
use crate::wire::{ApiKey, ErrorCode, Response, Uuid};

impl Quorum {
    /// Answers a candidate.
    #[inline(never)]
    pub fn handle_vote(
        &mut self,
        disk: &mut ControllerDisk,
        request_context: &RequestContext,
        request: &VoteRequest,
        now: Millis,
        fx: &mut Effects,
    ) {
        let topics = request.topics.iter().map(|topic| (&*topic.topic_name, &*topic.partitions));
        let asked = match self.addressed(request.cluster_id.as_deref(), topics, |asked| asked.partition_index) {
            Ok(asked) => asked,
            Err(error_code) => {
                self.refuse(request_context, error_code, fx);
                fx.answer(request_context, Response::Vote(VoteResponse { error_code, ..VoteResponse::default() }));
                return;
            }
        };
        let (node, candidate, pre_vote) = (self.member.node_id, asked.replica_id, asked.pre_vote);
        let ballot = Ballot {
            candidate,
            candidate_directory: asked.replica_directory_id,
            epoch: asked.replica_epoch,
            log_end: LogEnd { epoch: asked.last_offset_epoch, offset: asked.last_offset },
            pre_vote,
        };
        let mut decision = decide(self.standing(disk), ballot);
        if let Ok(decided) = decision {
            if decided.raises_epoch {
                self.become_unattached(disk, ballot.epoch, None, now, fx);
            }
            // Meant for another voter: the epoch counts all the same.
            if !self.is_own_key(request.voter_id, asked.voter_directory_id) {
                decision = Err(ErrorCode::InvalidVoterKey);
            } else if decided.is_recorded && candidate == node {
                // Nobody but a voter itself asks for its own vote.
                return self.halt(fx);
            } else if decided.is_recorded {
                self.record_vote(disk, (candidate, asked.replica_directory_id), now, fx);
            }
        }
        let epoch = self.epoch;
        match decision {
            Ok(decided) => fx.explain(match (decided.granted, pre_vote) {
                (true, false) => Explanation::VoteGranted { node, candidate, epoch },
                (true, true) => Explanation::PreVoteGranted { node, candidate, epoch },
                (false, false) => Explanation::VoteDenied { node, candidate, epoch },
                (false, true) => Explanation::PreVoteDenied { node, candidate, epoch },
            }),
            Err(error) => self.refuse(request_context, error, fx),
        }
        let partition = VotePartitionResponse {
            partition_index: 0,
            error_code: decision.err().unwrap_or(ErrorCode::None),
            leader_id: self.leader.unwrap_or(-1),
            leader_epoch: self.epoch,
            vote_granted: decision.is_ok_and(|decided| decided.granted),
        };
        let topic = VoteTopicResponse { topic_name: METADATA_TOPIC.to_owned(), partitions: vec![partition] };
        let response =
            VoteResponse { topics: vec![topic], node_endpoints: self.node_endpoints(), ..VoteResponse::default() };
        fx.answer(request_context, Response::Vote(response));
    }

    /// A leader says that it leads.
    #[inline(never)]
    pub fn handle_begin_quorum_epoch(
        &mut self,
        disk: &mut ControllerDisk,
        request_context: &RequestContext,
        request: &BeginQuorumEpochRequest,
        now: Millis,
        fx: &mut Effects,
    ) {
        let topics = request.topics.iter().map(|topic| (&*topic.topic_name, &*topic.partitions));
        let asked = match self.addressed(request.cluster_id.as_deref(), topics, |asked| asked.partition_index) {
            Ok(asked) => asked,
            Err(error_code) => {
                self.refuse(request_context, error_code, fx);
                let response = BeginQuorumEpochResponse { error_code, ..BeginQuorumEpochResponse::default() };
                fx.answer(request_context, Response::BeginQuorumEpoch(response));
                return;
            }
        };
        let (node, leader, epoch) = (self.member.node_id, asked.leader_id, asked.leader_epoch);
        let mut result = self.check_leader(leader, epoch);
        if result.is_ok() {
            let endpoints = self.endpoints_or_configured(leader, &request.leader_endpoints);
            if self.hear_of_leader(disk, Some(leader), epoch, endpoints, now, fx).is_err() {
                return self.halt(fx);
            }
            if !self.is_own_key(request.voter_id, asked.voter_directory_id) {
                result = Err(ErrorCode::InvalidVoterKey);
            }
        }
        match result {
            Ok(()) => fx.explain(Explanation::VoterLearntLeader { node, leader, epoch }),
            Err(error) => self.refuse(request_context, error, fx),
        }
        let response = BeginQuorumEpochResponse {
            topics: self.epoch_response(result),
            node_endpoints: self.node_endpoints(),
            ..BeginQuorumEpochResponse::default()
        };
        fx.answer(request_context, Response::BeginQuorumEpoch(response));
    }

    /// A leader says that it leads no more. Its followers need not wait for their fetch timeout: the one with most of its log
    /// asks for votes at once, the others later.
    #[inline(never)]
    pub fn handle_end_quorum_epoch(
        &mut self,
        disk: &mut ControllerDisk,
        request_context: &RequestContext,
        request: &EndQuorumEpochRequest,
        now: Millis,
        fx: &mut Effects,
    ) {
        let topics = request.topics.iter().map(|topic| (&*topic.topic_name, &*topic.partitions));
        let asked = match self.addressed(request.cluster_id.as_deref(), topics, |asked| asked.partition_index) {
            Ok(asked) => asked,
            Err(error_code) => {
                self.refuse(request_context, error_code, fx);
                let response = EndQuorumEpochResponse { error_code, ..EndQuorumEpochResponse::default() };
                fx.answer(request_context, Response::EndQuorumEpoch(response));
                return;
            }
        };
        let (node, leader, epoch) = (self.member.node_id, asked.leader_id, asked.leader_epoch);
        let result = self.check_leader(leader, epoch);
        match result {
            Ok(()) => {
                let endpoints = self.endpoints_or_configured(leader, &request.leader_endpoints);
                if self.hear_of_leader(disk, Some(leader), epoch, endpoints, now, fx).is_err() {
                    return self.halt(fx);
                }
                let candidates: Vec<(i32, Uuid)> = if asked.preferred_candidates.is_empty() {
                    asked.preferred_successors.iter().map(|id| (*id, Uuid::ZERO)).collect()
                } else {
                    let candidates = asked.preferred_candidates.iter();
                    candidates.map(|each| (each.candidate_id, each.candidate_directory_id)).collect()
                };
                let is_own = |(id, directory): &(i32, Uuid)| *id == node && self.is_own_key(*id, *directory);
                let position = candidates.iter().position(is_own).unwrap_or(candidates.len());
                let max_ms = self.member.config.election_backoff_max_ms;
                let backoff_ms = successor_backoff_ms(position, candidates.len(), max_ms);
                if let EpochState::Follower { fetch_timeout_at, .. } = &mut self.state
                    && self.leader == Some(leader)
                {
                    *fetch_timeout_at = now.saturating_add(backoff_ms);
                }
                fx.explain(Explanation::VoterLearntResignation { node, leader, epoch });
            }
            Err(error) => self.refuse(request_context, error, fx),
        }
        let response = EndQuorumEpochResponse {
            topics: self.epoch_response(result),
            node_endpoints: self.node_endpoints(),
            ..EndQuorumEpochResponse::default()
        };
        fx.answer(request_context, Response::EndQuorumEpoch(response));
    }

    /// A request or an answer names the leader of an epoch that is not older than this node's (`maybeTransition`), and where
    /// it listens.
    ///
    /// # Errors
    /// Where Kafka's own thread would not survive it: an epoch with two leaders, this node as a leader that it is not, a
    /// leader that listens nobody knows where.
    pub(super) fn hear_of_leader(
        &mut self,
        disk: &mut ControllerDisk,
        leader: Option<i32>,
        epoch: i32,
        endpoints: Vec<LeaderEndpoint>,
        now: Millis,
        fx: &mut Effects,
    ) -> Result<(), FatalFault> {
        let is_consistent = match leader {
            Some(leader) if leader == self.member.node_id => self.is_leader(),
            Some(leader) => epoch != self.epoch || self.leader.is_none_or(|known| known == leader),
            None => true,
        };
        match leader {
            _ if !is_consistent => Err(FatalFault),
            Some(leader)
                if epoch > self.epoch || self.leader.is_none() || endpoints.len() > self.leader_endpoints.len() =>
            {
                if leader == self.member.node_id || endpoints.is_empty() {
                    return Err(FatalFault);
                }
                self.become_follower(disk, epoch, (leader, endpoints), now, fx);
                Ok(())
            }
            None if epoch > self.epoch => {
                self.become_unattached(disk, epoch, None, now, fx);
                Ok(())
            }
            Some(_) | None => Ok(()),
        }
    }

    /// What the thread of the quorum does not survive ends the process (`KafkaRaftClientDriver`).
    pub(super) fn halt(&self, fx: &mut Effects) {
        fx.replace_explanation(Explanation::QuorumThreadFailed { node: self.member.node_id, epoch: self.epoch });
        fx.halts = true;
    }

    /// What a request says of the one partition that has a quorum (`hasValidClusterId`, `hasValidTopicPartition`). `topics` are
    /// those that it names, with their partitions.
    ///
    /// # Errors
    /// `INCONSISTENT_CLUSTER_ID` where it was meant for another cluster, `INVALID_REQUEST` where it names another partition.
    fn addressed<'r, P>(
        &self,
        cluster_id: Option<&str>,
        mut topics: impl Iterator<Item = (&'r str, &'r [P])>,
        index_of: impl Fn(&P) -> i32,
    ) -> Result<&'r P, ErrorCode> {
        self.check_cluster_id(cluster_id)?;
        match (topics.next(), topics.next()) {
            (Some((METADATA_TOPIC, [asked])), None) if index_of(asked) == 0 => Ok(asked),
            _ => Err(ErrorCode::InvalidRequest),
        }
    }

    /// Who does not say for which cluster a request is meant is believed (`hasValidClusterId`).
    ///
    /// # Errors
    /// `INCONSISTENT_CLUSTER_ID` where it was meant for another cluster.
    pub(super) fn check_cluster_id(&self, cluster_id: Option<&str>) -> Result<(), ErrorCode> {
        match cluster_id {
            Some(other) if other != self.member.cluster_id => Err(ErrorCode::InconsistentClusterId),
            Some(_) | None => Ok(()),
        }
    }

    /// Whether a request is meant for this voter (`isValidVoterKey`): no voter or no directory in it means any.
    fn is_own_key(&self, voter_id: i32, directory_id: Uuid) -> bool {
        let is_own_directory = directory_id == Uuid::ZERO || directory_id == self.member.directory_id;
        voter_id < 0 || (voter_id == self.member.node_id && is_own_directory)
    }

    /// Where a leader says that it listens; as the voters are configured where it does not say.
    fn endpoints_or_configured(&self, leader: i32, endpoints: &[LeaderEndpoint]) -> Vec<LeaderEndpoint> {
        if endpoints.is_empty() { self.voter_endpoints(leader) } else { endpoints.to_vec() }
    }

    /// `validateVoterOnlyRequest`.
    fn check_leader(&self, leader: i32, epoch: i32) -> Result<(), ErrorCode> {
        if epoch < self.epoch {
            Err(ErrorCode::FencedLeaderEpoch)
        } else if leader < 0 {
            Err(ErrorCode::InvalidRequest)
        } else {
            Ok(())
        }
    }

    fn epoch_response(&self, result: Result<(), ErrorCode>) -> Vec<QuorumEpochTopicResponse> {
        let partition = QuorumEpochPartitionResponse {
            partition_index: 0,
            error_code: result.err().unwrap_or(ErrorCode::None),
            leader_id: self.leader.unwrap_or(-1),
            leader_epoch: self.epoch,
        };
        vec![QuorumEpochTopicResponse { topic_name: METADATA_TOPIC.to_owned(), partitions: vec![partition] }]
    }

    /// Where the leader is that this node knows, by the listener that the quorum uses.
    pub(super) fn node_endpoints(&self) -> Vec<QuorumNodeEndpoint> {
        let at = self.leader_endpoints.iter().find(|endpoint| endpoint.name == self.listener());
        let known = self.leader.zip(at);
        known
            .map(|(node_id, at)| QuorumNodeEndpoint { node_id, host: at.host.clone(), port: at.port })
            .into_iter()
            .collect()
    }

    /// Whether the leader that this node knows listens where the quorum speaks.
    pub(super) fn is_leader_reachable(&self) -> bool {
        self.leader_endpoints.is_empty()
            || self.leader_endpoints.iter().any(|endpoint| endpoint.name == self.listener())
    }

    pub(super) fn refuse(&self, request_context: &RequestContext, error: ErrorCode, fx: &mut Effects) {
        let (node, api) = (self.member.node_id, request_context.api);
        fx.change(Change::Refused { node, api, to: request_context.from.actor(), error });
        fx.explain(Explanation::ControllerRefused { node, api, error });
    }

    /// Whether the quorum itself answers a request, and not the controller above it.
    pub fn takes(api: ApiKey) -> bool {
        matches!(
            api,
            ApiKey::Vote
                | ApiKey::BeginQuorumEpoch
                | ApiKey::EndQuorumEpoch
                | ApiKey::DescribeQuorum
                | ApiKey::Fetch
                | ApiKey::FetchSnapshot
                | ApiKey::AddRaftVoter
                | ApiKey::RemoveRaftVoter
                | ApiKey::UpdateRaftVoter
        )
    }
}

/// What the thread of the quorum does not survive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FatalFault;

/// The name of a controller's listener where its file gives it no other (`controller.listener.names`).
pub const CONTROLLER_LISTENER: &str = "CONTROLLER";

/// The port of a controller's listener where its file gives it no other.
pub const PORT: u16 = 9093;

/// The host of a controller where its file gives it no other.
pub fn host(node: i32) -> String {
    format!("controller-{node}")
}
