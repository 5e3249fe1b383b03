//! What a follower does about its own vote. A voter says where it listens now and what it supports, where the voters say something else
//! (UpdateRaftVoter, KIP-853). A controller that does not vote asks for it, where it is to (`controller.quorum.auto.join.enable`,
//! KIP-1186).

use super::answers::Common;
use super::quorum::PendingRequest;
use super::state::EpochState;
use super::{ControllerDisk, Quorum};
use crate::effects::Effects;
use crate::explain::Explanation;
use crate::sim::Millis;
use crate::wire::quorum::QuorumNodeEndpoint;
use crate::wire::voters::*;
use crate::wire::{ErrorCode, Request};

impl Quorum {
    /// Sends the leader what there is to say about this node's own vote, if it is time to look. Gives whether it did: the next
    /// fetch waits for the answer.
    pub(super) fn maybe_change_own_vote(
        &mut self,
        disk: &ControllerDisk,
        leader: i32,
        now: Millis,
        fx: &mut Effects,
    ) -> bool {
        let is_due = matches!(&self.state, EpochState::Follower { update_voter_at, .. } if *update_voter_at <= now);
        if !is_due || self.is_shutting_down() {
            return false;
        }
        let request = if self.is_voter() { self.own_update(disk) } else { self.own_addition(disk) };
        let Some((request, pending)) = request else {
            if self.is_voter() {
                self.wait_for_own_vote(now);
            }
            return false;
        };
        let node = self.member.node_id;
        fx.explain(match pending {
            PendingRequest::UpdateVoter => Explanation::VoterAsksForUpdate { node, leader },
            PendingRequest::RemoveVoter => Explanation::ControllerAsksForRemoval { node, leader },
            PendingRequest::Vote(..)
            | PendingRequest::BeginQuorumEpoch(_)
            | PendingRequest::EndQuorumEpoch(_)
            | PendingRequest::Fetch
            | PendingRequest::FetchSnapshot
            | PendingRequest::ApiVersions
            | PendingRequest::AppendEntries { .. }
            | PendingRequest::AddVoter => Explanation::ControllerAsksForVote { node, leader },
        });
        self.send(leader, request, pending, now, fx);
        self.wait_for_own_vote(now);
        true
    }

    /// It is looked at again after another fetch timeout (`resetUpdateVoterSetPeriod`).
    fn wait_for_own_vote(&mut self, now: Millis) {
        let again_at = now.saturating_add(self.member.config.fetch_timeout_ms);
        if let EpochState::Follower { update_voter_at, .. } = &mut self.state {
            *update_voter_at = again_at;
        }
    }

    /// What a voter has to say of itself: of a dynamic quorum, where the voters' record says something else; of a static one once to each
    /// leader (`shouldSendUpdateVoteRequest`).
    fn own_update(&self, disk: &ControllerDisk) -> Option<(Request, PendingRequest)> {
        let own = self.own_node();
        let has_updated_leader = matches!(self.state, EpochState::Follower { has_updated_leader: true, .. });
        let is_known = match disk.log.quorum().is_reconfigurable() {
            true => !self.voters.needs_update(&own),
            false => has_updated_leader,
        };
        if is_known {
            return None;
        }
        let (min_supported_version, max_supported_version) = own.supported_versions;
        let request = UpdateRaftVoterRequest {
            cluster_id: Some(self.member.cluster_id.clone()),
            current_leader_epoch: self.epoch,
            voter_id: own.key.id,
            voter_directory_id: own.key.directory_id,
            listeners: own.endpoints,
            k_raft_version_feature: KRaftVersionFeature { min_supported_version, max_supported_version },
        };
        Some((Request::UpdateRaftVoter(request), PendingRequest::UpdateVoter))
    }

    /// What a controller asks for that is to vote and does not (`shouldSendAddOrRemoveVoterRequest`). Where its id votes with another
    /// directory, that voter goes first: its disk was replaced.
    fn own_addition(&self, disk: &ControllerDisk) -> Option<(Request, PendingRequest)> {
        if !self.member.config.auto_join || !disk.log.quorum().is_reconfigurable() {
            return None;
        }
        let own = self.own_node();
        let cluster_id = Some(self.member.cluster_id.clone());
        if let Some(old) = self.voters.get(own.key.id) {
            let request =
                RemoveRaftVoterRequest { cluster_id, voter_id: old.key.id, voter_directory_id: old.key.directory_id };
            return Some((Request::RemoveRaftVoter(request), PendingRequest::RemoveVoter));
        }
        let request = AddRaftVoterRequest {
            cluster_id,
            timeout_ms: i32::try_from(self.member.config.request_timeout_ms).unwrap_or(i32::MAX),
            voter_id: own.key.id,
            voter_directory_id: own.key.directory_id,
            listeners: own.endpoints,
            // The leader asks this very node for its versions over the same connection: the commit is not waited for.
            ack_when_committed: false,
        };
        Some((Request::AddRaftVoter(request), PendingRequest::AddVoter))
    }

    /// The leader has answered that this voter listens elsewhere (`handleUpdateVoterResponse`).
    pub(super) fn own_update_answered(
        &mut self,
        disk: &mut ControllerDisk,
        from: i32,
        answer: &UpdateRaftVoterResponse,
        now: Millis,
        fx: &mut Effects,
    ) {
        let CurrentLeader { leader_id, leader_epoch, host, port } = answer.current_leader.clone();
        let at = QuorumNodeEndpoint { node_id: leader_id, host, port };
        let at: Vec<QuorumNodeEndpoint> = Some(at).filter(|at| !at.host.is_empty()).into_iter().collect();
        let fields = self.common_fields(answer.error_code, leader_id, leader_epoch, &at);
        match self.handle_common(disk, from, fields, now, fx) {
            Err(_) => return self.halt(fx),
            Ok(Common::Handled) => return,
            Ok(Common::Open) => {}
        }
        self.explain_own_answer(answer.error_code, fx);
        if !matches!(answer.error_code, ErrorCode::None | ErrorCode::UnsupportedVersion) {
            return self.back_off(from, now);
        }
        // It shows as well as a fetch that the leader is there.
        let timeout = self.leader_timeout_at(now);
        if let EpochState::Follower { fetch_timeout_at, has_fetched, has_updated_leader, .. } = &mut self.state {
            (*fetch_timeout_at, *has_fetched, *has_updated_leader) = (timeout, true, true);
        }
    }

    /// The leader has answered a controller that asked for its own vote (`handleAddVoterResponse`, `handleRemoveVoterResponse`).
    pub(super) fn own_change_answered(&mut self, from: i32, error: ErrorCode, now: Millis, fx: &mut Effects) {
        self.explain_own_answer(error, fx);
        match error {
            ErrorCode::None | ErrorCode::RequestTimedOut | ErrorCode::DuplicateVoter | ErrorCode::VoterNotFound => {
                self.wait_for_own_vote(now)
            }
            _ => self.back_off(from, now),
        }
    }

    fn explain_own_answer(&self, error: ErrorCode, fx: &mut Effects) {
        fx.explain(Explanation::OwnVoteAnswered { node: self.member.node_id, error });
    }
}
