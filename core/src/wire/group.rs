//! Messages of consumer groups: FindCoordinator, JoinGroup, SyncGroup, Heartbeat, LeaveGroup, OffsetCommit, OffsetFetch.

use serde::{Deserialize, Serialize};

use super::message::message;
use super::{ErrorCode, Topic, TopicPartition};

message! {
    /// `FindCoordinatorRequest`.
    pub struct FindCoordinatorRequest {
        /// 0 a group, 1 a transaction.
        pub key_type: i8 = 0,
        /// The groups asked about.
        pub coordinator_keys: Vec<String> = Vec::new(),
    }
    /// `FindCoordinatorResponse`.
    pub struct FindCoordinatorResponse {
        /// How long the client is asked to pause, in milliseconds.
        pub throttle_time_ms: i32 = 0,
        /// Answers.
        pub coordinators: Vec<Coordinator> = Vec::new(),
    }
    /// One answer.
    pub struct Coordinator {
        /// The group.
        pub key: String = String::new(),
        /// Its coordinator, -1 on error.
        pub node_id: i32 = -1,
        /// The coordinator's host.
        pub host: String = String::new(),
        /// The coordinator's port.
        pub port: i32 = -1,
        /// What went wrong, if anything.
        pub error_code: ErrorCode = ErrorCode::None,
        /// In words.
        pub error_message: Option<String> = None,
    }

    /// `JoinGroupRequest` (classic protocol).
    pub struct JoinGroupRequest {
        /// The group.
        pub group_id: String = String::new(),
        /// The coordinator drops a member that is silent for so long, in milliseconds.
        pub session_timeout_ms: i32 = 45_000,
        /// How long the coordinator waits for the others to join again, in milliseconds.
        pub rebalance_timeout_ms: i32 = 300_000,
        /// The member, "" for a new one.
        pub member_id: String = String::new(),
        /// The member's name for life (static membership).
        pub group_instance_id: Option<String> = None,
        /// `consumer`.
        pub protocol_type: String = String::from("consumer"),
        /// The assignors it can work with, the preferred first.
        pub protocols: Vec<JoinGroupProtocol> = Vec::new(),
    }
    /// One assignor.
    pub struct JoinGroupProtocol {
        /// Its name.
        pub name: String = String::new(),
        /// The topics the member wants.
        pub metadata: ConsumerSubscription = ConsumerSubscription::default(),
    }
    /// `ConsumerProtocolSubscription`.
    pub struct ConsumerSubscription {
        /// The topics.
        pub topics: Vec<Topic> = Vec::new(),
        /// What the member holds now (cooperative assignors).
        pub owned_partitions: Vec<TopicPartition> = Vec::new(),
    }
    /// `JoinGroupResponse`.
    pub struct JoinGroupResponse {
        /// How long the client is asked to pause, in milliseconds.
        pub throttle_time_ms: i32 = 0,
        /// What went wrong, if anything.
        pub error_code: ErrorCode = ErrorCode::None,
        /// The group's generation.
        pub generation_id: i32 = -1,
        /// `consumer`; none on error.
        pub protocol_type: Option<String> = None,
        /// The assignor chosen.
        pub protocol_name: Option<String> = None,
        /// The member that computes the assignment.
        pub leader: String = String::new(),
        /// Whether the leader need not compute one: a static member came back and nothing changed (KIP-814).
        pub skip_assignment: bool = false,
        /// The member's own id.
        pub member_id: String = String::new(),
        /// All members, for the leader only.
        pub members: Vec<JoinGroupResponseMember> = Vec::new(),
    }
    /// One member.
    pub struct JoinGroupResponseMember {
        /// The member.
        pub member_id: String = String::new(),
        /// Its name for life.
        pub group_instance_id: Option<String> = None,
        /// The topics it wants.
        pub metadata: ConsumerSubscription = ConsumerSubscription::default(),
    }

    /// `SyncGroupRequest`.
    pub struct SyncGroupRequest {
        /// The group.
        pub group_id: String = String::new(),
        /// Its generation.
        pub generation_id: i32 = -1,
        /// The member.
        pub member_id: String = String::new(),
        /// The member's name for life.
        pub group_instance_id: Option<String> = None,
        /// `consumer`, as the member believes; none is not checked.
        pub protocol_type: Option<String> = None,
        /// The assignor, as the member believes; none is not checked.
        pub protocol_name: Option<String> = None,
        /// The assignment, from the group's leader only.
        pub assignments: Vec<SyncGroupRequestAssignment> = Vec::new(),
    }
    /// What one member gets.
    pub struct SyncGroupRequestAssignment {
        /// The member.
        pub member_id: String = String::new(),
        /// Its partitions.
        pub assignment: Vec<TopicPartition> = Vec::new(),
    }
    /// `SyncGroupResponse`.
    pub struct SyncGroupResponse {
        /// How long the client is asked to pause, in milliseconds.
        pub throttle_time_ms: i32 = 0,
        /// What went wrong, if anything.
        pub error_code: ErrorCode = ErrorCode::None,
        /// `consumer`; none on error.
        pub protocol_type: Option<String> = None,
        /// The assignor chosen; none on error.
        pub protocol_name: Option<String> = None,
        /// The member's partitions.
        pub assignment: Vec<TopicPartition> = Vec::new(),
    }

    /// `HeartbeatRequest`.
    pub struct HeartbeatRequest {
        /// The group.
        pub group_id: String = String::new(),
        /// Its generation.
        pub generation_id: i32 = -1,
        /// The member.
        pub member_id: String = String::new(),
        /// The member's name for life.
        pub group_instance_id: Option<String> = None,
    }
    /// `HeartbeatResponse`.
    pub struct HeartbeatResponse {
        /// How long the client is asked to pause, in milliseconds.
        pub throttle_time_ms: i32 = 0,
        /// What went wrong, if anything.
        pub error_code: ErrorCode = ErrorCode::None,
    }

    /// `LeaveGroupRequest`.
    pub struct LeaveGroupRequest {
        /// The group.
        pub group_id: String = String::new(),
        /// Who leaves.
        pub members: Vec<MemberIdentity> = Vec::new(),
    }
    /// One member.
    pub struct MemberIdentity {
        /// The member.
        pub member_id: String = String::new(),
        /// The member's name for life.
        pub group_instance_id: Option<String> = None,
        /// Why.
        pub reason: Option<String> = None,
    }
    /// `LeaveGroupResponse`.
    pub struct LeaveGroupResponse {
        /// How long the client is asked to pause, in milliseconds.
        pub throttle_time_ms: i32 = 0,
        /// What went wrong with the whole request.
        pub error_code: ErrorCode = ErrorCode::None,
        /// Results, by member.
        pub members: Vec<MemberResponse> = Vec::new(),
    }
    /// One result.
    pub struct MemberResponse {
        /// The member.
        pub member_id: String = String::new(),
        /// Its name for life.
        pub group_instance_id: Option<String> = None,
        /// What went wrong, if anything.
        pub error_code: ErrorCode = ErrorCode::None,
    }

    /// `OffsetCommitRequest`.
    pub struct OffsetCommitRequest {
        /// The group.
        pub group_id: String = String::new(),
        /// Its generation, -1 for a commit from outside the group.
        pub generation_id_or_member_epoch: i32 = -1,
        /// The member, "" for a commit from outside the group.
        pub member_id: String = String::new(),
        /// The member's name for life.
        pub group_instance_id: Option<String> = None,
        /// What to commit.
        pub topics: Vec<OffsetCommitRequestTopic> = Vec::new(),
    }
    /// Commits in one topic.
    pub struct OffsetCommitRequestTopic {
        /// The topic's name.
        pub name: Topic = Topic::from(""),
        /// The partitions.
        pub partitions: Vec<OffsetCommitRequestPartition> = Vec::new(),
    }
    /// One commit.
    pub struct OffsetCommitRequestPartition {
        /// The partition's index.
        pub partition_index: i32 = 0,
        /// The next offset to read.
        pub committed_offset: i64 = 0,
        /// The leader epoch of the last record read, -1 for unknown.
        pub committed_leader_epoch: i32 = -1,
        /// Anything the application wants to keep.
        pub committed_metadata: Option<String> = None,
    }
    /// `OffsetCommitResponse`.
    pub struct OffsetCommitResponse {
        /// How long the client is asked to pause, in milliseconds.
        pub throttle_time_ms: i32 = 0,
        /// Results, by topic.
        pub topics: Vec<OffsetCommitResponseTopic> = Vec::new(),
    }
    /// Results of one topic.
    pub struct OffsetCommitResponseTopic {
        /// The topic's name.
        pub name: Topic = Topic::from(""),
        /// Results, by partition.
        pub partitions: Vec<OffsetCommitResponsePartition> = Vec::new(),
    }
    /// One result.
    pub struct OffsetCommitResponsePartition {
        /// The partition's index.
        pub partition_index: i32 = 0,
        /// What went wrong, if anything.
        pub error_code: ErrorCode = ErrorCode::None,
    }

    /// `OffsetFetchRequest`.
    pub struct OffsetFetchRequest {
        /// What is asked, by group.
        pub groups: Vec<OffsetFetchRequestGroup> = Vec::new(),
        /// Whether to refuse while a transaction is open on an offset.
        pub require_stable: bool = false,
    }
    /// What is asked of one group.
    pub struct OffsetFetchRequestGroup {
        /// The group.
        pub group_id: String = String::new(),
        /// The topics; `None` means all.
        pub topics: Option<Vec<OffsetFetchRequestTopics>> = None,
    }
    /// Partitions of one topic.
    pub struct OffsetFetchRequestTopics {
        /// The topic's name.
        pub name: Topic = Topic::from(""),
        /// The partitions.
        pub partition_indexes: Vec<i32> = Vec::new(),
    }
    /// `OffsetFetchResponse`.
    pub struct OffsetFetchResponse {
        /// How long the client is asked to pause, in milliseconds.
        pub throttle_time_ms: i32 = 0,
        /// Answers, by group.
        pub groups: Vec<OffsetFetchResponseGroup> = Vec::new(),
    }
    /// The answer for one group.
    pub struct OffsetFetchResponseGroup {
        /// The group.
        pub group_id: String = String::new(),
        /// What went wrong, if anything.
        pub error_code: ErrorCode = ErrorCode::None,
        /// Answers, by topic.
        pub topics: Vec<OffsetFetchResponseTopics> = Vec::new(),
    }
    /// The answers of one topic.
    pub struct OffsetFetchResponseTopics {
        /// The topic's name.
        pub name: Topic = Topic::from(""),
        /// Answers, by partition.
        pub partitions: Vec<OffsetFetchResponsePartitions> = Vec::new(),
    }
    /// One answer.
    pub struct OffsetFetchResponsePartitions {
        /// The partition's index.
        pub partition_index: i32 = 0,
        /// The next offset to read, -1 where nothing was committed.
        pub committed_offset: i64 = -1,
        /// The leader epoch of the last record read, -1 for unknown.
        pub committed_leader_epoch: i32 = -1,
        /// What the application kept.
        pub metadata: Option<String> = None,
        /// What went wrong, if anything.
        pub error_code: ErrorCode = ErrorCode::None,
    }
}
