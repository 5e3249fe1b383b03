//! Messages that list what has settings and what lies in log directories: ListConfigResources, DescribeLogDirs.

use super::message::message;
use super::{ErrorCode, Topic};

message! {
    /// `ListConfigResourcesRequest` (KIP-1142).
    pub struct ListConfigResourcesRequest {
        /// Which kinds, from version 1: 2 topics, 4 brokers, 8 their loggers, 16 client metrics, 32 groups; none for all.
        pub resource_types: Vec<i8> = Vec::new(),
    }
    /// `ListConfigResourcesResponse`.
    pub struct ListConfigResourcesResponse {
        /// How long the client is asked to pause, in milliseconds.
        pub throttle_time_ms: i32 = 0,
        /// What went wrong, if anything.
        pub error_code: ErrorCode = ErrorCode::None,
        /// The resources.
        pub config_resources: Vec<ConfigResource> = Vec::new(),
    }
    /// A resource that has settings, or could have.
    pub struct ConfigResource {
        /// The topic, the broker's id, the group, or the name of a client metrics subscription.
        pub resource_name: String = String::new(),
        /// Which kind, from version 1.
        pub resource_type: i8 = 16,
    }

    /// `DescribeLogDirsRequest`.
    pub struct DescribeLogDirsRequest {
        /// Which partitions; null for all that the broker has.
        pub topics: Option<Vec<DescribableLogDirTopic>> = None,
    }
    /// The partitions of a topic to tell of.
    pub struct DescribableLogDirTopic {
        /// Its name.
        pub topic: Topic = Topic::default(),
        /// Their indexes.
        pub partitions: Vec<i32> = Vec::new(),
    }
    /// `DescribeLogDirsResponse`.
    pub struct DescribeLogDirsResponse {
        /// How long the client is asked to pause, in milliseconds.
        pub throttle_time_ms: i32 = 0,
        /// What went wrong, from version 3.
        pub error_code: ErrorCode = ErrorCode::None,
        /// The directories.
        pub results: Vec<DescribeLogDirsResult> = Vec::new(),
    }
    /// A log directory.
    pub struct DescribeLogDirsResult {
        /// What is wrong with it, if anything.
        pub error_code: ErrorCode = ErrorCode::None,
        /// Its path.
        pub log_dir: String = String::new(),
        /// The topics with partitions in it.
        pub topics: Vec<DescribeLogDirsTopic> = Vec::new(),
        /// The size of the volume that it is on, from version 4; -1, for disks are not modelled.
        pub total_bytes: i64 = -1,
        /// How much of that is free, from version 4; -1 like it.
        pub usable_bytes: i64 = -1,
        /// Whether nothing new is put into it, from version 5.
        pub is_cordoned: bool = false,
    }
    /// A topic in a log directory.
    pub struct DescribeLogDirsTopic {
        /// Its name.
        pub name: Topic = Topic::default(),
        /// Its partitions.
        pub partitions: Vec<DescribeLogDirsPartition> = Vec::new(),
    }
    /// A partition in a log directory.
    pub struct DescribeLogDirsPartition {
        /// Its index.
        pub partition_index: i32 = 0,
        /// The bytes of its segments.
        pub partition_size: i64 = 0,
        /// By how much its end lies below the high watermark that the broker knows; -1 where the broker does not host it.
        pub offset_lag: i64 = 0,
        /// Whether it will take the place of another one (`AlterReplicaLogDirs`).
        pub is_future_key: bool = false,
    }
}
