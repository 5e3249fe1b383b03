//! What a node of the quorum knows, for those who ask.

use super::ControllerDisk;
use super::quorum::{Quorum, log_end};
use super::quorum_config::QuorumConfig;
use super::requests::CONTROLLER_LISTENER;
use super::state::{EpochState, ReplicaState, Role};
use super::voter_set::{ReplicaKey, VoterNode, VoterSet};
use super::votes::Standing;

impl Quorum {
    /// Who this node is as a replica of the metadata log.
    pub fn key(&self) -> ReplicaKey {
        ReplicaKey { id: self.member.node_id, directory_id: self.member.directory_id }
    }

    /// Who it is as a voter: where it listens and what it supports.
    pub(super) fn own_node(&self) -> VoterNode {
        VoterNode { endpoints: self.own_endpoint(), ..VoterNode::of(self.key()) }
    }

    /// Whether it is a voter; an observer is none.
    pub fn is_voter(&self) -> bool {
        self.voters.is_voter(self.key())
    }

    pub(super) fn is_only_voter(&self) -> bool {
        self.voters.is_only_voter(self.key())
    }

    /// What of this node decides about a vote.
    pub(super) fn standing(&self, disk: &ControllerDisk) -> Standing {
        Standing {
            role: self.role(),
            epoch: self.epoch,
            voted: self.voted,
            voted_directory: self.voted_directory,
            leader: self.leader,
            has_fetched: matches!(self.state, EpochState::Follower { has_fetched: true, .. }),
            log_end: log_end(disk),
        }
    }

    /// Whether this node leads.
    pub fn is_leader(&self) -> bool {
        matches!(self.state, EpochState::Leader(_))
    }

    /// Where this node stands.
    pub fn role(&self) -> Role {
        self.state.role()
    }

    /// How long it waits for what.
    pub fn config(&self) -> QuorumConfig {
        self.member.config
    }

    /// Where this node stands, with what it knows there.
    pub fn state(&self) -> &EpochState {
        &self.state
    }

    /// The quorum's epoch.
    pub fn epoch(&self) -> i32 {
        self.epoch
    }

    /// The leader of the epoch, as far as it is known. A leader that resigned is still named.
    pub fn leader(&self) -> Option<i32> {
        self.leader
    }

    /// For whom this node voted in the epoch.
    pub fn voted(&self) -> Option<i32> {
        self.voted
    }

    /// `controller.quorum.voters`; none where the log says who votes.
    pub fn static_voters(&self) -> &VoterSet {
        &self.member.voters
    }

    /// The listener that this node speaks to others by, and expects them to have (`KafkaNetworkChannel.listenerName`).
    pub fn listener(&self) -> &str {
        self.member.endpoints.first().map_or(CONTROLLER_LISTENER, |endpoint| endpoint.name.as_str())
    }

    /// The voters, with what is known of them.
    pub fn voter_set(&self) -> &VoterSet {
        &self.voters
    }

    /// The voters' ids.
    pub fn voters(&self) -> &[i32] {
        &self.voter_ids
    }

    /// The high watermark, -1 for unknown.
    pub fn high_watermark(&self) -> i64 {
        self.high_watermark.unwrap_or(-1)
    }

    /// Whether this node leads and the record is committed with which its epoch starts.
    pub fn is_leader_change_committed(&self) -> bool {
        match &self.state {
            EpochState::Leader(leader) => self.high_watermark > Some(leader.epoch_start_offset),
            EpochState::Unattached { .. }
            | EpochState::Prospective(_)
            | EpochState::Candidate(_)
            | EpochState::Follower { .. }
            | EpochState::Resigned { .. } => false,
        }
    }

    /// Observers by node id, where this node leads.
    pub fn observers(&self) -> impl Iterator<Item = (i32, &ReplicaState)> {
        let leader = match &self.state {
            EpochState::Leader(leader) => Some(leader),
            EpochState::Unattached { .. }
            | EpochState::Prospective(_)
            | EpochState::Candidate(_)
            | EpochState::Follower { .. }
            | EpochState::Resigned { .. } => None,
        };
        leader.into_iter().flat_map(|leader| &leader.observers).map(|(key, state)| (key.id, state))
    }
}
