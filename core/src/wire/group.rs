//! Messages of consumer groups: FindCoordinator, JoinGroup, SyncGroup, Heartbeat, LeaveGroup, OffsetCommit, OffsetFetch.

use super::consumer_protocol::RawBytes;
use super::message::message;
use super::{ErrorCode, Topic, Uuid};

message! {
    /// `FindCoordinatorRequest`.
    pub struct FindCoordinatorRequest {
        /// The group asked about (up to version 3).
        pub key: String = String::new(),
        /// 0 a group, 1 a transaction, 2 a share group's partition.
        pub key_type: i8 = 0,
        /// The groups asked about (from version 4).
        pub coordinator_keys: Vec<String> = Vec::new(),
    }
    /// `FindCoordinatorResponse`.
    pub struct FindCoordinatorResponse {
        /// How long the client is asked to pause, in milliseconds.
        pub throttle_time_ms: i32 = 0,
        /// What went wrong, if anything (up to version 3).
        pub error_code: ErrorCode = ErrorCode::None,
        /// In words (versions 1 to 3).
        pub error_message: Option<String> = Some(String::new()),
        /// The coordinator (up to version 3).
        pub node_id: i32 = 0,
        /// The coordinator's host (up to version 3).
        pub host: String = String::new(),
        /// The coordinator's port (up to version 3).
        pub port: i32 = 0,
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
        pub error_message: Option<String> = Some(String::new()),
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
        /// The member's `group.instance.id` (static membership).
        pub group_instance_id: Option<String> = None,
        /// `consumer`.
        pub protocol_type: String = String::from("consumer"),
        /// The assignors it can work with, the preferred first.
        pub protocols: Vec<JoinGroupProtocol> = Vec::new(),
        /// Why it joins.
        pub reason: Option<String> = None,
    }
    /// One assignor.
    pub struct JoinGroupProtocol {
        /// Its name.
        pub name: String = String::new(),
        /// What the member tells the group's leader, in the assignor's own form.
        pub metadata: RawBytes = RawBytes::default(),
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
        /// Its `group.instance.id`.
        pub group_instance_id: Option<String> = None,
        /// What it tells the group's leader, in the assignor's own form.
        pub metadata: RawBytes = RawBytes::default(),
    }

    /// `SyncGroupRequest`.
    pub struct SyncGroupRequest {
        /// The group.
        pub group_id: String = String::new(),
        /// Its generation.
        pub generation_id: i32 = -1,
        /// The member.
        pub member_id: String = String::new(),
        /// The member's `group.instance.id`.
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
        /// Its assignment, in the assignor's own form.
        pub assignment: RawBytes = RawBytes::default(),
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
        /// The member's assignment, in the assignor's own form.
        pub assignment: RawBytes = RawBytes::default(),
    }

    /// `HeartbeatRequest`.
    pub struct HeartbeatRequest {
        /// The group.
        pub group_id: String = String::new(),
        /// Its generation.
        pub generation_id: i32 = -1,
        /// The member.
        pub member_id: String = String::new(),
        /// The member's `group.instance.id`.
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
        /// Who leaves (up to version 2).
        pub member_id: String = String::new(),
        /// Who leaves (from version 3).
        pub members: Vec<MemberIdentity> = Vec::new(),
    }
    /// One member.
    pub struct MemberIdentity {
        /// The member.
        pub member_id: String = String::new(),
        /// The member's `group.instance.id`.
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
        /// Its `group.instance.id`.
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
        /// The member's `group.instance.id`.
        pub group_instance_id: Option<String> = None,
        /// How long to keep the offsets, in milliseconds; the broker's own time counts (versions 2 to 4).
        pub retention_time_ms: i64 = -1,
        /// What to commit.
        pub topics: Vec<OffsetCommitRequestTopic> = Vec::new(),
    }
    /// Commits in one topic.
    pub struct OffsetCommitRequestTopic {
        /// The topic's name.
        pub name: Topic = Topic::default(),
        /// The topic's id (from version 10).
        pub topic_id: Uuid = Uuid::ZERO,
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
        pub name: Topic = Topic::default(),
        /// The topic's id (from version 10).
        pub topic_id: Uuid = Uuid::ZERO,
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
        /// The group (up to version 7).
        pub group_id: String = String::new(),
        /// The topics (up to version 7); `None` means all.
        pub topics: Option<Vec<OffsetFetchRequestTopics>> = None,
        /// What is asked, by group.
        pub groups: Vec<OffsetFetchRequestGroup> = Vec::new(),
        /// Whether to refuse while a transaction is open on an offset.
        pub require_stable: bool = false,
    }
    /// What is asked of one group.
    pub struct OffsetFetchRequestGroup {
        /// The group.
        pub group_id: String = String::new(),
        /// The member that asks (from version 9).
        pub member_id: Option<String> = None,
        /// The epoch of the member, -1 for none (from version 9).
        pub member_epoch: i32 = -1,
        /// The topics; `None` means all.
        pub topics: Option<Vec<OffsetFetchRequestTopics>> = None,
    }
    /// Partitions of one topic.
    pub struct OffsetFetchRequestTopics {
        /// The topic's name.
        pub name: Topic = Topic::default(),
        /// The topic's id (from version 10).
        pub topic_id: Uuid = Uuid::ZERO,
        /// The partitions.
        pub partition_indexes: Vec<i32> = Vec::new(),
    }
    /// `OffsetFetchResponse`.
    pub struct OffsetFetchResponse {
        /// How long the client is asked to pause, in milliseconds.
        pub throttle_time_ms: i32 = 0,
        /// Answers, by topic (up to version 7).
        pub topics: Vec<OffsetFetchResponseTopics> = Vec::new(),
        /// What went wrong with the group (versions 2 to 7).
        pub error_code: ErrorCode = ErrorCode::None,
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
        pub name: Topic = Topic::default(),
        /// The topic's id (from version 10).
        pub topic_id: Uuid = Uuid::ZERO,
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

    /// `DescribeGroupsRequest`.
    pub struct DescribeGroupsRequest {
        /// The groups.
        pub groups: Vec<String> = Vec::new(),
        /// Whether to tell what the client may do with them.
        pub include_authorized_operations: bool = false,
    }
    /// `DescribeGroupsResponse`.
    pub struct DescribeGroupsResponse {
        /// How long the client is asked to pause, in milliseconds.
        pub throttle_time_ms: i32 = 0,
        /// The groups.
        pub groups: Vec<DescribedGroup> = Vec::new(),
    }
    /// One group.
    pub struct DescribedGroup {
        /// What went wrong, if anything.
        pub error_code: ErrorCode = ErrorCode::None,
        /// In words (from version 6).
        pub error_message: Option<String> = None,
        /// The group.
        pub group_id: String = String::new(),
        /// Its state.
        pub group_state: String = String::new(),
        /// `consumer`, "" where no member ever joined.
        pub protocol_type: String = String::new(),
        /// The assignor, where the group is stable.
        pub protocol_data: String = String::new(),
        /// Its members.
        pub members: Vec<DescribedGroupMember> = Vec::new(),
        /// What the client may do, as bits.
        pub authorized_operations: i32 = i32::MIN,
    }
    /// One member.
    pub struct DescribedGroupMember {
        /// The member.
        pub member_id: String = String::new(),
        /// Its `group.instance.id`.
        pub group_instance_id: Option<String> = None,
        /// Its client's name.
        pub client_id: String = String::new(),
        /// Where it runs.
        pub client_host: String = String::new(),
        /// What it told the leader, where the group is stable.
        pub member_metadata: RawBytes = RawBytes::default(),
        /// What it got.
        pub member_assignment: RawBytes = RawBytes::default(),
    }

    /// `ListGroupsRequest`.
    pub struct ListGroupsRequest {
        /// Only groups in these states (from version 4); none means all.
        pub states_filter: Vec<String> = Vec::new(),
        /// Only groups of these types (from version 5); none means all.
        pub types_filter: Vec<String> = Vec::new(),
    }
    /// `ListGroupsResponse`.
    pub struct ListGroupsResponse {
        /// How long the client is asked to pause, in milliseconds.
        pub throttle_time_ms: i32 = 0,
        /// What went wrong, if anything.
        pub error_code: ErrorCode = ErrorCode::None,
        /// The groups of this coordinator.
        pub groups: Vec<ListedGroup> = Vec::new(),
    }
    /// One group.
    pub struct ListedGroup {
        /// The group.
        pub group_id: String = String::new(),
        /// `consumer`, "" where no member ever joined.
        pub protocol_type: String = String::new(),
        /// Its state.
        pub group_state: String = String::new(),
        /// `classic` or `consumer`.
        pub group_type: String = String::new(),
    }

    /// `DeleteGroupsRequest`.
    pub struct DeleteGroupsRequest {
        /// The groups.
        pub groups_names: Vec<String> = Vec::new(),
    }
    /// `DeleteGroupsResponse`.
    pub struct DeleteGroupsResponse {
        /// How long the client is asked to pause, in milliseconds.
        pub throttle_time_ms: i32 = 0,
        /// Results.
        pub results: Vec<DeletableGroupResult> = Vec::new(),
    }
    /// One result.
    pub struct DeletableGroupResult {
        /// The group.
        pub group_id: String = String::new(),
        /// What went wrong, if anything.
        pub error_code: ErrorCode = ErrorCode::None,
    }

    /// `OffsetDeleteRequest`.
    pub struct OffsetDeleteRequest {
        /// The group.
        pub group_id: String = String::new(),
        /// Whose offsets to delete.
        pub topics: Vec<OffsetDeleteRequestTopic> = Vec::new(),
    }
    /// Partitions of one topic.
    pub struct OffsetDeleteRequestTopic {
        /// The topic's name.
        pub name: Topic = Topic::default(),
        /// The partitions.
        pub partitions: Vec<OffsetDeleteRequestPartition> = Vec::new(),
    }
    /// One partition.
    pub struct OffsetDeleteRequestPartition {
        /// The partition's index.
        pub partition_index: i32 = 0,
    }
    /// `OffsetDeleteResponse`.
    pub struct OffsetDeleteResponse {
        /// What went wrong with the group.
        pub error_code: ErrorCode = ErrorCode::None,
        /// How long the client is asked to pause, in milliseconds.
        pub throttle_time_ms: i32 = 0,
        /// Results, by topic.
        pub topics: Vec<OffsetDeleteResponseTopic> = Vec::new(),
    }
    /// Results of one topic.
    pub struct OffsetDeleteResponseTopic {
        /// The topic's name.
        pub name: Topic = Topic::default(),
        /// Results, by partition.
        pub partitions: Vec<OffsetDeleteResponsePartition> = Vec::new(),
    }
    /// One result.
    pub struct OffsetDeleteResponsePartition {
        /// The partition's index.
        pub partition_index: i32 = 0,
        /// What went wrong, if anything.
        pub error_code: ErrorCode = ErrorCode::None,
    }
}
