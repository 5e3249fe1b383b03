//! Who a node of the quorum is and what it was configured with (`QuorumConfig`).

use std::rc::Rc;

use super::voter_set::VoterSet;
use crate::effects::IdleExpiry;
use crate::settings::{BrokerSettings, RaftProtocol};
use crate::sim::Millis;
use crate::wire::Uuid;
use crate::wire::quorum::LeaderEndpoint;

/// How long a node of the quorum waits for what, in milliseconds (`QuorumConfig`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct QuorumConfig {
    /// `controller.quorum.election.timeout.ms`; an election waits for this and a random part of as much again.
    pub election_timeout_ms: Millis,
    /// `controller.quorum.fetch.timeout.ms`.
    pub fetch_timeout_ms: Millis,
    /// `controller.quorum.election.backoff.max.ms`.
    pub election_backoff_max_ms: Millis,
    /// `controller.quorum.request.timeout.ms`.
    pub request_timeout_ms: Millis,
    /// `controller.quorum.retry.backoff.ms`.
    pub retry_backoff_ms: Millis,
    /// `controller.quorum.fetch.max.bytes`.
    pub fetch_max_bytes: u32,
    /// `controller.quorum.fetch.snapshot.max.bytes`.
    pub fetch_snapshot_max_bytes: u32,
    /// Whether elections begin with a pre-vote (KIP-996).
    pub pre_vote: bool,
    /// `controller.quorum.auto.join.enable`.
    pub auto_join: bool,
    /// By which protocol voters follow their leader.
    pub raft: RaftProtocol,
    /// When it closes connections of its own on which nothing passes (`connections.max.idle.ms`).
    pub idle_expiry: IdleExpiry,
}

/// The least election timeout of Raft's paper, in milliseconds; it is drawn from up to twice as much (§5.2).
const TEXTBOOK_ELECTION_TIMEOUT_MS: Millis = 150;

impl QuorumConfig {
    /// As a node's settings have it. A textbook's voters are those that are configured: where the log itself says who votes (KIP-853), a
    /// voter that the leader does not count yet, or not any more, has to fetch.
    pub fn of(settings: &BrokerSettings, has_static_voters: bool) -> Self {
        let config = Self {
            election_timeout_ms: settings.controller_quorum_election_timeout_ms,
            fetch_timeout_ms: settings.controller_quorum_fetch_timeout_ms,
            election_backoff_max_ms: settings.controller_quorum_election_backoff_max_ms,
            request_timeout_ms: settings.controller_quorum_request_timeout_ms,
            retry_backoff_ms: settings.controller_quorum_retry_backoff_ms,
            fetch_max_bytes: settings.controller_quorum_fetch_max_bytes,
            fetch_snapshot_max_bytes: settings.controller_quorum_fetch_snapshot_max_bytes,
            pre_vote: settings.pre_vote,
            auto_join: settings.controller_quorum_auto_join_enable,
            raft: RaftProtocol::KRaft,
            idle_expiry: IdleExpiry::of_node(
                settings.connections_max_idle_ms,
                settings.controller_quorum_request_timeout_ms,
            ),
        };
        match settings.raft {
            RaftProtocol::Textbook if has_static_voters => config.as_in_textbook(),
            RaftProtocol::KRaft | RaftProtocol::Textbook => config,
        }
    }

    /// The same as Raft's paper has it: no pre-vote, and elections begin much sooner.
    pub const fn as_in_textbook(self) -> Self {
        Self {
            raft: RaftProtocol::Textbook,
            election_timeout_ms: TEXTBOOK_ELECTION_TIMEOUT_MS,
            pre_vote: false,
            ..self
        }
    }

    /// The longest that a leader leads without fetches of a majority (`CHECK_QUORUM_TIMEOUT_FACTOR`). A textbook's leader leads on.
    pub fn check_quorum_ms(&self) -> Millis {
        match self.raft {
            RaftProtocol::KRaft => self.fetch_timeout_ms.saturating_add(self.fetch_timeout_ms / 2),
            RaftProtocol::Textbook => Millis::MAX,
        }
    }
}

/// Who a node is, and which voters it was configured with.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct QuorumMember {
    /// `node.id`.
    pub node_id: i32,
    /// `cluster.id`.
    pub cluster_id: String,
    /// The directory that holds its log.
    pub directory_id: Uuid,
    /// Where it listens, as its own file says.
    pub endpoints: Rc<[LeaderEndpoint]>,
    /// `controller.quorum.voters`; none where the log says who votes (KIP-853).
    pub voters: Rc<VoterSet>,
    /// `controller.quorum.bootstrap.servers`: who is asked for the leader where none is known. The voters where they are static.
    pub bootstrap: Rc<[i32]>,
    /// How long it waits for what.
    pub config: QuorumConfig,
}
