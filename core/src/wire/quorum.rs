//! Messages of the metadata log's quorum: Vote, BeginQuorumEpoch, EndQuorumEpoch, DescribeQuorum (KIP-595, KIP-853, KIP-996).
//!
//! The protocol lets each of them speak of many partitions; there is only `__cluster_metadata-0`.

use super::message::message;
use super::{ErrorCode, Uuid};

/// The one partition of every quorum.
pub const METADATA_TOPIC: &str = "__cluster_metadata";

message! {
    /// `VoteRequest`: a candidate asks for a vote, a prospective candidate whether it would get one.
    pub struct VoteRequest {
        /// The cluster that the candidate belongs to; the receiver refuses another one.
        pub cluster_id: Option<String> = None,
        /// The voter that is asked (from version 1).
        pub voter_id: i32 = -1,
        /// The partitions.
        pub topics: Vec<VoteTopic> = Vec::new(),
    }
    /// A topic of a `VoteRequest`.
    pub struct VoteTopic {
        /// Its name.
        pub topic_name: String = String::new(),
        /// Its partitions.
        pub partitions: Vec<VotePartition> = Vec::new(),
    }
    /// What a candidate tells of itself.
    pub struct VotePartition {
        /// The partition's index.
        pub partition_index: i32 = 0,
        /// The epoch that it wants to lead; in a pre-vote the one that it is in.
        pub replica_epoch: i32 = 0,
        /// The candidate.
        pub replica_id: i32 = 0,
        /// The candidate's directory (from version 1).
        pub replica_directory_id: Uuid = Uuid::ZERO,
        /// The directory of the voter that is asked (from version 1).
        pub voter_directory_id: Uuid = Uuid::ZERO,
        /// The epoch of the last record in the candidate's log.
        pub last_offset_epoch: i32 = 0,
        /// The end offset of the candidate's log.
        pub last_offset: i64 = 0,
        /// Whether it only asks what the answer would be (from version 2).
        pub pre_vote: bool = false,
    }
    /// `VoteResponse`.
    pub struct VoteResponse {
        /// What went wrong with the whole request.
        pub error_code: ErrorCode = ErrorCode::None,
        /// The partitions.
        pub topics: Vec<VoteTopicResponse> = Vec::new(),
        /// Where the leader is (from version 1).
        pub node_endpoints: Vec<QuorumNodeEndpoint> = Vec::new(),
    }
    /// A topic of a `VoteResponse`.
    pub struct VoteTopicResponse {
        /// Its name.
        pub topic_name: String = String::new(),
        /// Its partitions.
        pub partitions: Vec<VotePartitionResponse> = Vec::new(),
    }
    /// Whether the vote is given.
    pub struct VotePartitionResponse {
        /// The partition's index.
        pub partition_index: i32 = 0,
        /// What went wrong, if anything.
        pub error_code: ErrorCode = ErrorCode::None,
        /// The leader that the voter knows, -1 for none.
        pub leader_id: i32 = 0,
        /// The voter's epoch.
        pub leader_epoch: i32 = 0,
        /// Whether it votes for the candidate.
        pub vote_granted: bool = false,
    }

    /// `BeginQuorumEpochRequest`: a leader tells a voter that it leads.
    pub struct BeginQuorumEpochRequest {
        /// The cluster that the leader belongs to.
        pub cluster_id: Option<String> = None,
        /// The voter that is told (from version 1).
        pub voter_id: i32 = -1,
        /// The partitions.
        pub topics: Vec<BeginQuorumEpochTopic> = Vec::new(),
        /// Where the leader is (from version 1).
        pub leader_endpoints: Vec<LeaderEndpoint> = Vec::new(),
    }
    /// A topic of a `BeginQuorumEpochRequest`.
    pub struct BeginQuorumEpochTopic {
        /// Its name.
        pub topic_name: String = String::new(),
        /// Its partitions.
        pub partitions: Vec<BeginQuorumEpochPartition> = Vec::new(),
    }
    /// Who leads which epoch.
    pub struct BeginQuorumEpochPartition {
        /// The partition's index.
        pub partition_index: i32 = 0,
        /// The directory of the voter that is told (from version 1).
        pub voter_directory_id: Uuid = Uuid::ZERO,
        /// The leader.
        pub leader_id: i32 = 0,
        /// Its epoch.
        pub leader_epoch: i32 = 0,
    }
    /// `BeginQuorumEpochResponse`.
    pub struct BeginQuorumEpochResponse {
        /// What went wrong with the whole request.
        pub error_code: ErrorCode = ErrorCode::None,
        /// The partitions.
        pub topics: Vec<QuorumEpochTopicResponse> = Vec::new(),
        /// Where the leader is (from version 1).
        pub node_endpoints: Vec<QuorumNodeEndpoint> = Vec::new(),
    }

    /// `EndQuorumEpochRequest`: a leader tells a voter that it leads no more, and who might follow it.
    pub struct EndQuorumEpochRequest {
        /// The cluster that the leader belongs to.
        pub cluster_id: Option<String> = None,
        /// The partitions.
        pub topics: Vec<EndQuorumEpochTopic> = Vec::new(),
        /// Where the leader is (from version 1).
        pub leader_endpoints: Vec<LeaderEndpoint> = Vec::new(),
    }
    /// A topic of an `EndQuorumEpochRequest`.
    pub struct EndQuorumEpochTopic {
        /// Its name.
        pub topic_name: String = String::new(),
        /// Its partitions.
        pub partitions: Vec<EndQuorumEpochPartition> = Vec::new(),
    }
    /// Who led, and the voters that have most of its log, first the one that has most.
    pub struct EndQuorumEpochPartition {
        /// The partition's index.
        pub partition_index: i32 = 0,
        /// The leader that resigned.
        pub leader_id: i32 = 0,
        /// Its epoch.
        pub leader_epoch: i32 = 0,
        /// The voters to follow (version 0).
        pub preferred_successors: Vec<i32> = Vec::new(),
        /// The voters to follow, with their directories (from version 1).
        pub preferred_candidates: Vec<PreferredCandidate> = Vec::new(),
    }
    /// A voter that might lead next.
    pub struct PreferredCandidate {
        /// Its id.
        pub candidate_id: i32 = 0,
        /// Its directory.
        pub candidate_directory_id: Uuid = Uuid::ZERO,
    }
    /// `EndQuorumEpochResponse`.
    pub struct EndQuorumEpochResponse {
        /// What went wrong with the whole request.
        pub error_code: ErrorCode = ErrorCode::None,
        /// The partitions.
        pub topics: Vec<QuorumEpochTopicResponse> = Vec::new(),
        /// Where the leader is (from version 1).
        pub node_endpoints: Vec<QuorumNodeEndpoint> = Vec::new(),
    }
    /// A topic of a `BeginQuorumEpochResponse` or an `EndQuorumEpochResponse`.
    pub struct QuorumEpochTopicResponse {
        /// Its name.
        pub topic_name: String = String::new(),
        /// Its partitions.
        pub partitions: Vec<QuorumEpochPartitionResponse> = Vec::new(),
    }
    /// What the voter knows now.
    pub struct QuorumEpochPartitionResponse {
        /// The partition's index.
        pub partition_index: i32 = 0,
        /// What went wrong, if anything.
        pub error_code: ErrorCode = ErrorCode::None,
        /// The leader that the voter knows, -1 for none.
        pub leader_id: i32 = 0,
        /// The voter's epoch.
        pub leader_epoch: i32 = 0,
    }
    /// Where a leader listens.
    pub struct LeaderEndpoint {
        /// The listener's name.
        pub name: String = String::new(),
        /// Its host.
        pub host: String = String::new(),
        /// Its port.
        pub port: i32 = 0,
    }
    /// Where a node of the quorum is.
    pub struct QuorumNodeEndpoint {
        /// The node.
        pub node_id: i32 = 0,
        /// Its host.
        pub host: String = String::new(),
        /// Its port.
        pub port: i32 = 0,
    }

    /// `DescribeQuorumRequest`.
    pub struct DescribeQuorumRequest {
        /// The partitions.
        pub topics: Vec<DescribeQuorumTopic> = Vec::new(),
    }
    /// A topic of a `DescribeQuorumRequest`.
    pub struct DescribeQuorumTopic {
        /// Its name.
        pub topic_name: String = String::new(),
        /// Its partitions.
        pub partitions: Vec<DescribeQuorumPartition> = Vec::new(),
    }
    /// A partition that is asked about.
    pub struct DescribeQuorumPartition {
        /// The partition's index.
        pub partition_index: i32 = 0,
    }
    /// `DescribeQuorumResponse`.
    pub struct DescribeQuorumResponse {
        /// What went wrong with the whole request.
        pub error_code: ErrorCode = ErrorCode::None,
        /// The same in words (from version 2).
        pub error_message: Option<String> = Some(String::new()),
        /// The partitions.
        pub topics: Vec<DescribeQuorumTopicResponse> = Vec::new(),
        /// Where the voters are (from version 2).
        pub nodes: Vec<QuorumNode> = Vec::new(),
    }
    /// A topic of a `DescribeQuorumResponse`.
    pub struct DescribeQuorumTopicResponse {
        /// Its name.
        pub topic_name: String = String::new(),
        /// Its partitions.
        pub partitions: Vec<DescribeQuorumPartitionResponse> = Vec::new(),
    }
    /// The quorum as its leader sees it.
    pub struct DescribeQuorumPartitionResponse {
        /// The partition's index.
        pub partition_index: i32 = 0,
        /// What went wrong, if anything.
        pub error_code: ErrorCode = ErrorCode::None,
        /// The same in words (from version 2).
        pub error_message: Option<String> = Some(String::new()),
        /// The leader.
        pub leader_id: i32 = 0,
        /// Its epoch.
        pub leader_epoch: i32 = 0,
        /// The high watermark, -1 for unknown.
        pub high_watermark: i64 = 0,
        /// The voters.
        pub current_voters: Vec<QuorumReplicaState> = Vec::new(),
        /// The observers.
        pub observers: Vec<QuorumReplicaState> = Vec::new(),
    }
    /// A replica of the metadata log as the leader knows it.
    pub struct QuorumReplicaState {
        /// The replica.
        pub replica_id: i32 = 0,
        /// Its directory (from version 2).
        pub replica_directory_id: Uuid = Uuid::ZERO,
        /// Its log end offset, -1 for unknown.
        pub log_end_offset: i64 = 0,
        /// When it fetched last, in milliseconds of the leader's clock, -1 for unknown (from version 1).
        pub last_fetch_timestamp: i64 = -1,
        /// When it last had everything, in milliseconds of the leader's clock, -1 for unknown (from version 1).
        pub last_caught_up_timestamp: i64 = -1,
    }
    /// A node of the quorum and where it listens.
    pub struct QuorumNode {
        /// The node.
        pub node_id: i32 = 0,
        /// Its listeners.
        pub listeners: Vec<LeaderEndpoint> = Vec::new(),
    }
}
