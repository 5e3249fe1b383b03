//! KRaft: the metadata log, who leads its quorum, and how voters and observers follow it (KIP-595, KIP-996, KIP-1166).
//!
//! With the setting `raft` the voters do as Raft's paper says instead (`append_entries.rs`).
//!
//! [`Quorum`] is a node's part in it: a state machine that takes requests, answers, timers and gives effects. The controller
//! above only appends, waits for the high watermark and replays.

mod answers;
mod append_entries;
pub mod control_records;
pub mod describe;
pub mod fetch;
pub mod fetch_snapshot;
mod kraft_version;
pub mod log;
mod network_channel;
mod own_vote;
mod poll;
pub mod puppet;
mod queries;
pub mod quorum;
mod quorum_config;
mod quorum_state;
mod request_manager;
mod requests;
pub mod snapshot;
pub mod state;
#[cfg(test)]
mod tests;
mod voter_changes;
pub mod voter_set;
pub mod votes;

pub use control_records::QuorumControlRecord;
pub use kraft_version::{KRaftVersionAccessor, KRaftVersionUpgrade};
pub use log::MetadataLog;
pub use quorum::Quorum;
pub use quorum_config::{QuorumConfig, QuorumMember};
pub use quorum_state::{QuorumState, Voter};
pub use requests::{CONTROLLER_LISTENER, PORT, host};
pub use snapshot::{FetchingSnapshot, OffsetAndEpoch, Snapshot, SnapshotGenerator, SnapshotLimits, SnapshotRetention};
pub use state::Role;
pub use voter_set::{QuorumHistory, ReplicaKey, VoterNode, VoterSet};

/// What a controller's disk holds: log and snapshots of `__cluster_metadata-0`, and the file `quorum-state` beside them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ControllerDisk {
    /// The metadata log and its snapshots.
    pub log: MetadataLog,
    /// What a voter must not forget.
    pub quorum_state: QuorumState,
}
