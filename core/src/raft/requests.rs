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
use crate::wire::{ApiKey, ErrorCode, Response};

impl Quorum {
    /// Answers a candidate.
    pub fn handle_vote(
        &mut self,
        disk: &mut ControllerDisk,
        request_context: &RequestContext,
        request: &VoteRequest,
        now: Millis,
        fx: &mut Effects,
    ) {
        let topic = request.topics.first().map(|topic| (&*topic.topic_name, &*topic.partitions));
        let asked = match self.addressed(request.cluster_id.as_deref(), topic, |asked| asked.partition_index) {
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
            epoch: asked.replica_epoch,
            log_end: LogEnd { epoch: asked.last_offset_epoch, offset: asked.last_offset },
            pre_vote,
        };
        let mut decision = decide(self.standing(disk), ballot);
        if let Ok(decided) = decision {
            if decided.raises_epoch {
                self.become_unattached(disk, ballot.epoch, now, fx);
            }
            // Meant for another voter: the epoch counts all the same.
            if request.voter_id >= 0 && request.voter_id != node {
                decision = Err(ErrorCode::InvalidVoterKey);
            } else if decided.is_recorded {
                self.record_vote(disk, candidate, now, fx);
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
            VoteResponse { topics: vec![topic], node_endpoints: self.leader_endpoint(), ..VoteResponse::default() };
        fx.answer(request_context, Response::Vote(response));
    }

    /// A leader says that it leads.
    pub fn handle_begin_quorum_epoch(
        &mut self,
        disk: &mut ControllerDisk,
        request_context: &RequestContext,
        request: &BeginQuorumEpochRequest,
        now: Millis,
        fx: &mut Effects,
    ) {
        let topic = request.topics.first().map(|topic| (&*topic.topic_name, &*topic.partitions));
        let asked = match self.addressed(request.cluster_id.as_deref(), topic, |asked| asked.partition_index) {
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
            self.hear_of_leader(disk, Some(leader), epoch, now, fx);
            if request.voter_id >= 0 && request.voter_id != node {
                result = Err(ErrorCode::InvalidVoterKey);
            }
        }
        match result {
            Ok(()) => fx.explain(Explanation::VoterLearntLeader { node, leader, epoch }),
            Err(error) => self.refuse(request_context, error, fx),
        }
        let response = BeginQuorumEpochResponse {
            topics: self.epoch_response(result),
            node_endpoints: self.leader_endpoint(),
            ..BeginQuorumEpochResponse::default()
        };
        fx.answer(request_context, Response::BeginQuorumEpoch(response));
    }

    /// A leader says that it leads no more. Its followers need not wait for their fetch timeout: the one with most of its log
    /// asks for votes at once, the others later.
    pub fn handle_end_quorum_epoch(
        &mut self,
        disk: &mut ControllerDisk,
        request_context: &RequestContext,
        request: &EndQuorumEpochRequest,
        now: Millis,
        fx: &mut Effects,
    ) {
        let topic = request.topics.first().map(|topic| (&*topic.topic_name, &*topic.partitions));
        let asked = match self.addressed(request.cluster_id.as_deref(), topic, |asked| asked.partition_index) {
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
                self.hear_of_leader(disk, Some(leader), epoch, now, fx);
                let candidates: Vec<i32> = if asked.preferred_candidates.is_empty() {
                    asked.preferred_successors.clone()
                } else {
                    asked.preferred_candidates.iter().map(|candidate| candidate.candidate_id).collect()
                };
                let position = candidates.iter().position(|id| *id == node).unwrap_or(candidates.len());
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
            node_endpoints: self.leader_endpoint(),
            ..EndQuorumEpochResponse::default()
        };
        fx.answer(request_context, Response::EndQuorumEpoch(response));
    }

    /// A request or an answer names the leader of an epoch that is not older than this node's (`maybeTransition`).
    pub(super) fn hear_of_leader(
        &mut self,
        disk: &mut ControllerDisk,
        leader: Option<i32>,
        epoch: i32,
        now: Millis,
        fx: &mut Effects,
    ) {
        // Nobody else can lead this node's own epoch, and it does not follow itself.
        let leader = leader.filter(|leader| *leader != self.member.node_id);
        match leader {
            Some(leader) if epoch > self.epoch || self.leader.is_none() => {
                self.become_follower(disk, epoch, leader, now, fx);
            }
            None if epoch > self.epoch => self.become_unattached(disk, epoch, now, fx),
            Some(_) | None => {}
        }
    }

    /// What a request says of the one partition that has a quorum (`hasValidClusterId`, `hasValidTopicPartition`). `topic` is
    /// the first topic that it names, with the partitions.
    ///
    /// # Errors
    /// `INCONSISTENT_CLUSTER_ID` where it was meant for another cluster, `INVALID_REQUEST` where it names another partition.
    fn addressed<'r, P>(
        &self,
        cluster_id: Option<&str>,
        topic: Option<(&str, &'r [P])>,
        index_of: impl Fn(&P) -> i32,
    ) -> Result<&'r P, ErrorCode> {
        if cluster_id.is_some_and(|other| other != self.member.cluster_id) {
            return Err(ErrorCode::InconsistentClusterId);
        }
        let asked = topic.filter(|(name, _)| *name == METADATA_TOPIC).and_then(|(_, partitions)| partitions.first());
        asked.filter(|asked| index_of(asked) == 0).ok_or(ErrorCode::InvalidRequest)
    }

    /// `validateVoterOnlyRequest`, and that no epoch has two leaders: whoever claims another one's epoch is not believed.
    fn check_leader(&self, leader: i32, epoch: i32) -> Result<(), ErrorCode> {
        if epoch < self.epoch {
            Err(ErrorCode::FencedLeaderEpoch)
        } else if leader < 0 {
            Err(ErrorCode::InvalidRequest)
        } else if epoch == self.epoch && self.leader.is_some_and(|known| known != leader) {
            // Kafka fails the request with an exception that no error code stands for.
            Err(ErrorCode::UnknownServerError)
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

    /// Where the leader is that this node knows.
    pub(super) fn leader_endpoint(&self) -> Vec<QuorumNodeEndpoint> {
        let endpoint = |node_id: i32| QuorumNodeEndpoint { node_id, host: host(node_id), port: PORT };
        self.leader.into_iter().map(endpoint).collect()
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
        )
    }
}

/// The port of every controller's listener.
pub(super) const PORT: i32 = 9093;

/// The host of a controller.
pub(super) fn host(node: i32) -> String {
    format!("controller-{node}")
}
