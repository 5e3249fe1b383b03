//! AddRaftVoter, RemoveRaftVoter, UpdateRaftVoter: the voters of a dynamic quorum change one at a time (KIP-853, KIP-1186).

use super::message::message;
use super::quorum::LeaderEndpoint;
use super::{ErrorCode, Uuid};

message! {
    /// `AddRaftVoterRequest`: a controller is to vote.
    pub struct AddRaftVoterRequest {
        /// The cluster that the requester means; the receiver refuses another one.
        pub cluster_id: Option<String> = None,
        /// How long the requester waits, in milliseconds.
        pub timeout_ms: i32 = 0,
        /// The controller.
        pub voter_id: i32 = 0,
        /// Its directory.
        pub voter_directory_id: Uuid = Uuid::ZERO,
        /// Where it listens.
        pub listeners: Vec<LeaderEndpoint> = Vec::new(),
        /// Whether the answer waits until the change is committed (from version 1).
        pub ack_when_committed: bool = true,
    }
    /// `AddRaftVoterResponse`.
    pub struct AddRaftVoterResponse {
        /// How long the requester is asked to pause, in milliseconds.
        pub throttle_time_ms: i32 = 0,
        /// What went wrong, if anything.
        pub error_code: ErrorCode = ErrorCode::None,
        /// The same in words.
        pub error_message: Option<String> = None,
    }
    /// `RemoveRaftVoterRequest`: a voter is to vote no more.
    pub struct RemoveRaftVoterRequest {
        /// The cluster that the requester means; the receiver refuses another one.
        pub cluster_id: Option<String> = None,
        /// The voter.
        pub voter_id: i32 = 0,
        /// Its directory.
        pub voter_directory_id: Uuid = Uuid::ZERO,
    }
    /// `RemoveRaftVoterResponse`.
    pub struct RemoveRaftVoterResponse {
        /// How long the requester is asked to pause, in milliseconds.
        pub throttle_time_ms: i32 = 0,
        /// What went wrong, if anything.
        pub error_code: ErrorCode = ErrorCode::None,
        /// The same in words.
        pub error_message: Option<String> = None,
    }
    /// `UpdateRaftVoterRequest`: a voter listens elsewhere, or supports other versions.
    pub struct UpdateRaftVoterRequest {
        /// The cluster that the voter belongs to; the receiver refuses another one.
        pub cluster_id: Option<String> = None,
        /// The leader's epoch as the voter knows it.
        pub current_leader_epoch: i32 = 0,
        /// The voter.
        pub voter_id: i32 = 0,
        /// Its directory.
        pub voter_directory_id: Uuid = Uuid::ZERO,
        /// Where it listens.
        pub listeners: Vec<LeaderEndpoint> = Vec::new(),
        /// Which levels of `kraft.version` it supports.
        pub k_raft_version_feature: KRaftVersionFeature = KRaftVersionFeature::default(),
    }
    /// Levels of `kraft.version`.
    pub struct KRaftVersionFeature {
        /// The lowest.
        pub min_supported_version: i16 = 0,
        /// The highest.
        pub max_supported_version: i16 = 0,
    }
    /// `UpdateRaftVoterResponse`.
    pub struct UpdateRaftVoterResponse {
        /// How long the voter is asked to pause, in milliseconds.
        pub throttle_time_ms: i32 = 0,
        /// What went wrong, if anything.
        pub error_code: ErrorCode = ErrorCode::None,
        /// The leader that the receiver knows.
        pub current_leader: CurrentLeader = CurrentLeader::default(),
    }
    /// A leader and where it listens.
    pub struct CurrentLeader {
        /// The leader, -1 for none.
        pub leader_id: i32 = -1,
        /// Its epoch, -1 for none.
        pub leader_epoch: i32 = -1,
        /// Its host.
        pub host: String = String::new(),
        /// Its port.
        pub port: i32 = 0,
    }
}
