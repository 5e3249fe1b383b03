//! FetchSnapshot: a snapshot of the metadata log, piece by piece (KIP-630, KIP-853).

use std::rc::Rc;

use super::message::{LeaderIdAndEpoch, message};
use super::quorum::QuorumNodeEndpoint;
use super::records::RecordBatch;
use super::replication::SnapshotId;
use super::{ErrorCode, Uuid};

message! {
    /// `FetchSnapshotRequest`.
    pub struct FetchSnapshotRequest {
        /// The cluster that the requester belongs to; the receiver refuses another one.
        pub cluster_id: Option<String> = None,
        /// Who asks.
        pub replica_id: i32 = -1,
        /// The longest piece that is wanted, in bytes.
        pub max_bytes: i32 = 0x7fff_ffff,
        /// The partitions.
        pub topics: Vec<FetchSnapshotTopic> = Vec::new(),
    }
    /// A topic of a `FetchSnapshotRequest`.
    pub struct FetchSnapshotTopic {
        /// Its name.
        pub name: String = String::new(),
        /// Its partitions.
        pub partitions: Vec<FetchSnapshotPartition> = Vec::new(),
    }
    /// Which snapshot, and from where on.
    pub struct FetchSnapshotPartition {
        /// The partition's index.
        pub partition: i32 = 0,
        /// The leader's epoch as the requester knows it.
        pub current_leader_epoch: i32 = 0,
        /// The snapshot.
        pub snapshot_id: SnapshotId = SnapshotId::default(),
        /// Where the piece begins in the snapshot, in bytes.
        pub position: i64 = 0,
        /// The requester's directory (from version 1).
        pub replica_directory_id: Uuid = Uuid::ZERO,
    }
    /// `FetchSnapshotResponse`.
    pub struct FetchSnapshotResponse {
        /// How long the requester is asked to pause, in milliseconds.
        pub throttle_time_ms: i32 = 0,
        /// What went wrong with the whole request.
        pub error_code: ErrorCode = ErrorCode::None,
        /// The pieces, by topic.
        pub topics: Vec<FetchSnapshotTopicResponse> = Vec::new(),
        /// Where the leader is (from version 1).
        pub node_endpoints: Vec<QuorumNodeEndpoint> = Vec::new(),
    }
    /// A topic of a `FetchSnapshotResponse`.
    pub struct FetchSnapshotTopicResponse {
        /// Its name.
        pub name: String = String::new(),
        /// Its partitions.
        pub partitions: Vec<FetchSnapshotPartitionResponse> = Vec::new(),
    }
    /// A piece of a snapshot.
    pub struct FetchSnapshotPartitionResponse {
        /// The partition's index.
        pub index: i32 = 0,
        /// What went wrong, if anything.
        pub error_code: ErrorCode = ErrorCode::None,
        /// The snapshot.
        pub snapshot_id: SnapshotId = SnapshotId::default(),
        /// The leader as the receiver knows it.
        pub current_leader: LeaderIdAndEpoch = LeaderIdAndEpoch::default(),
        /// How large the whole snapshot is, in bytes.
        pub size: i64 = 0,
        /// Where the piece begins, in bytes.
        pub position: i64 = 0,
        /// The piece. On the wire it may begin and end in the midst of a batch; here a batch stands in the piece that its last
        /// byte is in.
        pub unaligned_records: Vec<Rc<RecordBatch>> = Vec::new(),
    }
}
