//! What a node of the quorum must remember over a restart (`FileQuorumStateStore`).

use serde::Serialize;

use crate::wire::Uuid;

/// The file `quorum-state`: what a voter must remember over a restart.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct QuorumState {
    /// Always empty in 4.x.
    pub cluster_id: String,
    /// The leader of the epoch, -1 for unknown.
    pub leader_id: i32,
    /// The epoch.
    pub leader_epoch: i32,
    /// Who got this voter's vote in the epoch, -1 for nobody.
    pub voted_id: i32,
    /// The directory of the voter that got it; only in version 1, which a dynamic quorum has.
    #[serde(skip)]
    pub voted_directory_id: Uuid,
    /// Always 0.
    pub applied_offset: i64,
    /// The voters.
    pub current_voters: Vec<Voter>,
    /// The file's version.
    #[serde(rename = "data_version")]
    pub data_version: i16,
}

/// A voter as `quorum-state` and the `LeaderChange` record name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Voter {
    /// Its node id.
    pub voter_id: i32,
}

impl Default for QuorumState {
    fn default() -> Self {
        Self {
            cluster_id: String::new(),
            leader_id: -1,
            leader_epoch: 0,
            voted_id: -1,
            voted_directory_id: Uuid::ZERO,
            applied_offset: 0,
            current_voters: Vec::new(),
            data_version: 0,
        }
    }
}

impl QuorumState {
    /// The file's text.
    pub fn file_text(&self) -> String {
        if self.data_version > 0 {
            return crate::json::write_text(&serde_json::json!({
                "leaderId": self.leader_id,
                "leaderEpoch": self.leader_epoch,
                "votedId": self.voted_id,
                "votedDirectoryId": self.voted_directory_id.to_string(),
                "data_version": self.data_version,
            }));
        }
        crate::json::write_text(self)
    }
}

/// Voters by their ids.
pub(super) fn voters(ids: &[i32]) -> Vec<Voter> {
    ids.iter().map(|voter_id| Voter { voter_id: *voter_id }).collect()
}
