//! Where a node stands in the quorum of the metadata log.

use serde::{Deserialize, Serialize};

/// Where a node stands in the quorum, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, strum::IntoStaticStr)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum QuorumRole {
    /// Knows an epoch but no leader.
    Unattached,
    /// Asks whether an election would have a chance (KIP-996).
    Prospective,
    /// Asks for votes in a new epoch.
    Candidate,
    /// Appends.
    Leader,
    /// Fetches from a leader.
    Follower,
    /// Led, and leads no more.
    Resigned,
}

impl QuorumRole {
    /// The kebab-case name.
    pub fn name(self) -> &'static str {
        self.into()
    }
}
