//! Messages of consumer groups whose broker assigns (KIP-848): ConsumerGroupHeartbeat, ConsumerGroupDescribe.

use super::message::message;
use super::{ErrorCode, Topic, Uuid};

message! {
    /// `ConsumerGroupHeartbeatRequest`. What has not changed since the last heartbeat is left out.
    pub struct ConsumerGroupHeartbeatRequest {
        /// The group.
        pub group_id: String = String::new(),
        /// The member, by an id that it chose itself (KIP-1082).
        pub member_id: String = String::new(),
        /// Its epoch; 0 to join, -1 to leave, -2 to leave for a while as a static member.
        pub member_epoch: i32 = 0,
        /// The member's `group.instance.id`.
        pub instance_id: Option<String> = None,
        /// Its rack.
        pub rack_id: Option<String> = None,
        /// How long the coordinator waits for it to give partitions up, in milliseconds; -1 for unchanged.
        pub rebalance_timeout_ms: i32 = -1,
        /// The topics that it wants; none for unchanged.
        pub subscribed_topic_names: Option<Vec<Topic>> = None,
        /// The topics that it wants, as a regular expression (from version 1); none for unchanged.
        pub subscribed_topic_regex: Option<String> = None,
        /// The assignor on the broker that it would like; none for unchanged.
        pub server_assignor: Option<String> = None,
        /// What it holds; none for unchanged.
        pub topic_partitions: Option<Vec<ConsumerGroupTopicPartitions>> = None,
    }
    /// Partitions of one topic.
    pub struct ConsumerGroupTopicPartitions {
        /// The topic's id.
        pub topic_id: Uuid = Uuid::ZERO,
        /// The partitions.
        pub partitions: Vec<i32> = Vec::new(),
    }
    /// `ConsumerGroupHeartbeatResponse`.
    pub struct ConsumerGroupHeartbeatResponse {
        /// How long the client is asked to pause, in milliseconds.
        pub throttle_time_ms: i32 = 0,
        /// What went wrong, if anything.
        pub error_code: ErrorCode = ErrorCode::None,
        /// In words.
        pub error_message: Option<String> = None,
        /// The member.
        pub member_id: Option<String> = None,
        /// Its epoch from now on.
        pub member_epoch: i32 = 0,
        /// When its next heartbeat is expected, in milliseconds.
        pub heartbeat_interval_ms: i32 = 0,
        /// What it is to hold; none for unchanged.
        pub assignment: Option<ConsumerGroupAssignment> = None,
    }
    /// Partitions that a member is to hold.
    pub struct ConsumerGroupAssignment {
        /// By topic.
        pub topic_partitions: Vec<ConsumerGroupTopicPartitions> = Vec::new(),
    }

    /// `ConsumerGroupDescribeRequest`.
    pub struct ConsumerGroupDescribeRequest {
        /// The groups.
        pub group_ids: Vec<String> = Vec::new(),
        /// Whether to tell what the requester may do.
        pub include_authorized_operations: bool = false,
    }
    /// `ConsumerGroupDescribeResponse`.
    pub struct ConsumerGroupDescribeResponse {
        /// How long the client is asked to pause, in milliseconds.
        pub throttle_time_ms: i32 = 0,
        /// One result a group.
        pub groups: Vec<ConsumerGroupDescribedGroup> = Vec::new(),
    }
    /// One group.
    pub struct ConsumerGroupDescribedGroup {
        /// What went wrong, if anything.
        pub error_code: ErrorCode = ErrorCode::None,
        /// In words.
        pub error_message: Option<String> = None,
        /// The group.
        pub group_id: String = String::new(),
        /// Its state.
        pub group_state: String = String::new(),
        /// Its epoch: how often what it depends on has changed.
        pub group_epoch: i32 = 0,
        /// The epoch that its target assignment was computed for.
        pub assignment_epoch: i32 = 0,
        /// The assignor.
        pub assignor_name: String = String::new(),
        /// Its members.
        pub members: Vec<ConsumerGroupDescribedMember> = Vec::new(),
        /// What the requester may do with the group, as bits; the lowest number where that was not asked.
        pub authorized_operations: i32 = i32::MIN,
    }
    /// One member.
    pub struct ConsumerGroupDescribedMember {
        /// The member.
        pub member_id: String = String::new(),
        /// Its `group.instance.id`.
        pub instance_id: Option<String> = None,
        /// Its rack.
        pub rack_id: Option<String> = None,
        /// Its epoch.
        pub member_epoch: i32 = 0,
        /// What it calls itself.
        pub client_id: String = String::new(),
        /// Where it runs.
        pub client_host: String = String::new(),
        /// The topics that it wants by name.
        pub subscribed_topic_names: Vec<Topic> = Vec::new(),
        /// The topics that it wants by a regular expression.
        pub subscribed_topic_regex: Option<String> = None,
        /// What it holds, with what it still has to give up.
        pub assignment: ConsumerGroupDescribedAssignment = ConsumerGroupDescribedAssignment::default(),
        /// What it is to hold in the end.
        pub target_assignment: ConsumerGroupDescribedAssignment = ConsumerGroupDescribedAssignment::default(),
        /// 0 a member that speaks the classic protocol, 1 one of this protocol; -1 before version 1.
        pub member_type: i8 = -1,
    }
    /// Partitions of a member.
    pub struct ConsumerGroupDescribedAssignment {
        /// By topic.
        pub topic_partitions: Vec<ConsumerGroupDescribedTopicPartitions> = Vec::new(),
    }
    /// Partitions of one topic.
    pub struct ConsumerGroupDescribedTopicPartitions {
        /// The topic's id.
        pub topic_id: Uuid = Uuid::ZERO,
        /// The topic's name.
        pub topic_name: Topic = Topic::default(),
        /// The partitions.
        pub partitions: Vec<i32> = Vec::new(),
    }
}
