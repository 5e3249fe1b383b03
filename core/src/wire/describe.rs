//! Messages that describe: DescribeConfigs, DescribeTopicPartitions, DescribeProducers.

use super::message::message;
use super::{ErrorCode, Topic, Uuid};

message! {
    /// `DescribeConfigsRequest`.
    pub struct DescribeConfigsRequest {
        /// Whose settings.
        pub resources: Vec<DescribeConfigsResource> = Vec::new(),
        /// Whether to tell where else a setting's value could come from.
        pub include_synonyms: bool = false,
        /// Whether to tell what a setting is for.
        pub include_documentation: bool = false,
    }
    /// One resource asked about.
    pub struct DescribeConfigsResource {
        /// 2 a topic, 4 a broker, 8 a broker's loggers, 16 client metrics, 32 a group.
        pub resource_type: i8 = 0,
        /// The topic, the broker's id, or "" for the defaults of all brokers.
        pub resource_name: String = String::new(),
        /// The settings wanted; `None`, and none at all, mean every one.
        pub configuration_keys: Option<Vec<String>> = Some(Vec::new()),
    }
    /// `DescribeConfigsResponse`.
    pub struct DescribeConfigsResponse {
        /// How long the client is asked to pause, in milliseconds.
        pub throttle_time_ms: i32 = 0,
        /// One result a resource.
        pub results: Vec<DescribeConfigsResult> = Vec::new(),
    }
    /// The settings of one resource.
    pub struct DescribeConfigsResult {
        /// What went wrong, if anything.
        pub error_code: ErrorCode = ErrorCode::None,
        /// In words; empty where nothing went wrong.
        pub error_message: Option<String> = Some(String::new()),
        /// As asked.
        pub resource_type: i8 = 0,
        /// As asked.
        pub resource_name: String = String::new(),
        /// The settings.
        pub configs: Vec<DescribeConfigsResourceResult> = Vec::new(),
    }
    /// One setting.
    pub struct DescribeConfigsResourceResult {
        /// Its name.
        pub name: String = String::new(),
        /// Its value; null where it has none and where it is sensitive.
        pub value: Option<String> = None,
        /// Whether it may not change while the broker runs.
        pub read_only: bool = false,
        /// Where the value comes from (`DescribeConfigsResponse.ConfigSource`).
        pub config_source: i8 = -1,
        /// Whether its value is not shown to anyone.
        pub is_sensitive: bool = false,
        /// Where a value could come from, the first one first.
        pub synonyms: Vec<DescribeConfigsSynonym> = Vec::new(),
        /// Its type (`DescribeConfigsResponse.ConfigType`), from version 3.
        pub config_type: i8 = 0,
        /// What it is for, from version 3: Kafka's manual, which is not part of this engine. Before version 3 it is empty.
        pub documentation: Option<String> = None,
    }
    /// One place where a setting's value could come from.
    pub struct DescribeConfigsSynonym {
        /// The setting's name there.
        pub name: String = String::new(),
        /// Its value there.
        pub value: Option<String> = None,
        /// Which place (`DescribeConfigsResponse.ConfigSource`).
        pub source: i8 = 0,
    }

    /// `DescribeTopicPartitionsRequest` (KIP-966).
    pub struct DescribeTopicPartitionsRequest {
        /// The topics; none at all means every one.
        pub topics: Vec<TopicRequest> = Vec::new(),
        /// Maximum partitions in the answer.
        pub response_partition_limit: i32 = 2_000,
        /// Where to begin: what the answer before gave.
        pub cursor: Option<Cursor> = None,
    }
    /// One topic asked about.
    pub struct TopicRequest {
        /// Its name.
        pub name: Topic = Topic::default(),
    }
    /// A place in the list of all partitions.
    pub struct Cursor {
        /// The topic.
        pub topic_name: Topic = Topic::default(),
        /// The partition's index.
        pub partition_index: i32 = 0,
    }
    /// `DescribeTopicPartitionsResponse`.
    pub struct DescribeTopicPartitionsResponse {
        /// How long the client is asked to pause, in milliseconds.
        pub throttle_time_ms: i32 = 0,
        /// The topics, by name.
        pub topics: Vec<DescribeTopicPartitionsResponseTopic> = Vec::new(),
        /// Where the next answer begins; `None` where nothing is left.
        pub next_cursor: Option<Cursor> = None,
    }
    /// One topic.
    pub struct DescribeTopicPartitionsResponseTopic {
        /// What went wrong, if anything.
        pub error_code: ErrorCode = ErrorCode::None,
        /// Its name.
        pub name: Option<Topic> = None,
        /// Its id.
        pub topic_id: Uuid = Uuid::ZERO,
        /// Whether it is Kafka's own.
        pub is_internal: bool = false,
        /// Its partitions, by index.
        pub partitions: Vec<DescribeTopicPartitionsResponsePartition> = Vec::new(),
        /// What the requester may do with it, as a set of bits; the least number where nobody looked.
        pub topic_authorized_operations: i32 = i32::MIN,
    }
    /// One partition.
    pub struct DescribeTopicPartitionsResponsePartition {
        /// What went wrong, if anything.
        pub error_code: ErrorCode = ErrorCode::None,
        /// Its index.
        pub partition_index: i32 = 0,
        /// Its leader, -1 for none.
        pub leader_id: i32 = 0,
        /// The leader's epoch.
        pub leader_epoch: i32 = -1,
        /// Its replicas, the preferred leader first.
        pub replica_nodes: Vec<i32> = Vec::new(),
        /// The in-sync replicas.
        pub isr_nodes: Vec<i32> = Vec::new(),
        /// Replicas that may lead though they are not in sync.
        pub eligible_leader_replicas: Option<Vec<i32>> = None,
        /// Who led last, where no eligible leader is left.
        pub last_known_elr: Option<Vec<i32>> = None,
        /// Replicas on dead brokers.
        pub offline_replicas: Vec<i32> = Vec::new(),
    }

    /// `DescribeProducersRequest` (KIP-664).
    pub struct DescribeProducersRequest {
        /// The partitions asked about, by topic.
        pub topics: Vec<DescribeProducersTopicRequest> = Vec::new(),
    }
    /// Partitions of one topic.
    pub struct DescribeProducersTopicRequest {
        /// The topic.
        pub name: Topic = Topic::default(),
        /// The partitions.
        pub partition_indexes: Vec<i32> = Vec::new(),
    }
    /// `DescribeProducersResponse`.
    pub struct DescribeProducersResponse {
        /// How long the client is asked to pause, in milliseconds.
        pub throttle_time_ms: i32 = 0,
        /// Results, by topic.
        pub topics: Vec<DescribeProducersTopicResponse> = Vec::new(),
    }
    /// Results of one topic.
    pub struct DescribeProducersTopicResponse {
        /// The topic.
        pub name: Topic = Topic::default(),
        /// Results, by partition.
        pub partitions: Vec<DescribeProducersPartitionResponse> = Vec::new(),
    }
    /// What one partition's leader remembers.
    pub struct DescribeProducersPartitionResponse {
        /// The partition's index.
        pub partition_index: i32 = 0,
        /// What went wrong, if anything.
        pub error_code: ErrorCode = ErrorCode::None,
        /// In words.
        pub error_message: Option<String> = None,
        /// The producers that it remembers.
        pub active_producers: Vec<DescribeProducersProducerState> = Vec::new(),
    }
    /// One producer.
    pub struct DescribeProducersProducerState {
        /// Its id.
        pub producer_id: i64 = 0,
        /// Its newest epoch.
        pub producer_epoch: i32 = 0,
        /// The sequence number of its last record, -1 for none.
        pub last_sequence: i32 = -1,
        /// When it last wrote, in milliseconds, -1 for never.
        pub last_timestamp: i64 = -1,
        /// The newest transaction coordinator that wrote a marker for it.
        pub coordinator_epoch: i32 = 0,
        /// Where its open transaction begins, -1 for none.
        pub current_txn_start_offset: i64 = -1,
    }
}
