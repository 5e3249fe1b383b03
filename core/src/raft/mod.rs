//! KRaft: the metadata log, who leads its quorum, and how observers follow it (KIP-595, KIP-630, KIP-1166).
//!
//! Today there is one voter: it elects itself at every start. What more voters need beside it (votes, the fetches of
//! followers, check quorum) has its place in [`Quorum`]; the controller above only appends, waits for the high watermark
//! and replays.

pub mod fetch;
pub mod log;
pub mod quorum;

pub use log::MetadataLog;
pub use quorum::{Quorum, QuorumState, Role};

/// What a controller's disk holds: the log of `__cluster_metadata-0` and the file `quorum-state` beside it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ControllerDisk {
    /// The metadata log.
    pub log: MetadataLog,
    /// What a voter must not forget.
    pub quorum_state: QuorumState,
}
