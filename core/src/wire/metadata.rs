//! Messages about the cluster: ApiVersions, Metadata, CreateTopics, DeleteTopics, CreatePartitions, configs, elections,
//! reassignments, and what brokers say to the controller.

use std::collections::BTreeMap;

use super::message::message;
use super::{ErrorCode, Topic, Uuid};

message! {
    /// `ApiVersionsRequest`.
    pub struct ApiVersionsRequest {
        /// The client library.
        pub client_software_name: String = String::new(),
        /// Its version.
        pub client_software_version: String = String::new(),
    }
    /// `ApiVersionsResponse`.
    pub struct ApiVersionsResponse {
        /// What went wrong, if anything.
        pub error_code: ErrorCode = ErrorCode::None,
        /// Which requests this listener takes.
        pub api_keys: Vec<ApiVersion> = Vec::new(),
        /// How long the client is asked to pause, in milliseconds.
        pub throttle_time_ms: i32 = 0,
        /// Which levels of which features this node supports.
        pub supported_features: Vec<SupportedFeatureKey> = Vec::new(),
        /// The offset up to which the finalized features are known, -1 for not at all.
        pub finalized_features_epoch: i64 = -1,
        /// At which levels the cluster is.
        pub finalized_features: Vec<FinalizedFeatureKey> = Vec::new(),
        /// Never any more: there is no ZooKeeper to migrate from.
        pub zk_migration_ready: bool = false,
    }
    /// A feature that a node supports.
    pub struct SupportedFeatureKey {
        /// Its name.
        pub name: String = String::new(),
        /// The lowest level.
        pub min_version: i16 = 0,
        /// The highest level.
        pub max_version: i16 = 0,
    }
    /// The level of a feature.
    pub struct FinalizedFeatureKey {
        /// Its name.
        pub name: String = String::new(),
        /// The level.
        pub max_version_level: i16 = 0,
        /// The same.
        pub min_version_level: i16 = 0,
    }
    /// The versions of one request.
    pub struct ApiVersion {
        /// The request's key.
        pub api_key: i16 = 0,
        /// The lowest version taken.
        pub min_version: i16 = 0,
        /// The highest version taken.
        pub max_version: i16 = 0,
    }

    /// `MetadataRequest`.
    pub struct MetadataRequest {
        /// The topics asked about; `None` means all.
        pub topics: Option<Vec<MetadataRequestTopic>> = None,
        /// Whether an unknown topic may be created.
        pub allow_auto_topic_creation: bool = true,
        /// Whether the answer shall say what the requester may do with the cluster, in versions 8 to 10.
        pub include_cluster_authorized_operations: bool = false,
        /// Whether it shall say so of each topic, from version 8.
        pub include_topic_authorized_operations: bool = false,
    }
    /// One topic asked about.
    pub struct MetadataRequestTopic {
        /// Its id, zero where the name is given.
        pub topic_id: Uuid = Uuid::ZERO,
        /// Its name.
        pub name: Option<Topic> = None,
    }
    /// `MetadataResponse`: what this broker's metadata cache says; it may be stale.
    pub struct MetadataResponse {
        /// How long the client is asked to pause, in milliseconds.
        pub throttle_time_ms: i32 = 0,
        /// Brokers that are not fenced.
        pub brokers: Vec<MetadataResponseBroker> = Vec::new(),
        /// The cluster's id.
        pub cluster_id: Option<String> = None,
        /// A broker that takes admin requests (in KRaft any live broker).
        pub controller_id: i32 = -1,
        /// Topics.
        pub topics: Vec<MetadataResponseTopic> = Vec::new(),
        /// What the requester may do with the cluster, as a set of bits; the least number where it was not asked for.
        pub cluster_authorized_operations: i32 = i32::MIN,
        /// What went wrong with the whole request, from version 13.
        pub error_code: ErrorCode = ErrorCode::None,
    }
    /// One broker.
    pub struct MetadataResponseBroker {
        /// Its id.
        pub node_id: i32 = 0,
        /// Its host.
        pub host: String = String::new(),
        /// Its port.
        pub port: i32 = 0,
        /// Its rack.
        pub rack: Option<String> = None,
    }
    /// One topic.
    pub struct MetadataResponseTopic {
        /// What went wrong, if anything.
        pub error_code: ErrorCode = ErrorCode::None,
        /// Its name.
        pub name: Option<Topic> = None,
        /// Its id.
        pub topic_id: Uuid = Uuid::ZERO,
        /// Whether it is Kafka's own.
        pub is_internal: bool = false,
        /// Its partitions.
        pub partitions: Vec<MetadataResponsePartition> = Vec::new(),
        /// What the requester may do with it, as a set of bits; the least number where it was not asked for.
        pub topic_authorized_operations: i32 = i32::MIN,
    }
    /// One partition.
    pub struct MetadataResponsePartition {
        /// What went wrong, if anything.
        pub error_code: ErrorCode = ErrorCode::None,
        /// Its index.
        pub partition_index: i32 = 0,
        /// Its leader, -1 for none.
        pub leader_id: i32 = -1,
        /// The leader's epoch.
        pub leader_epoch: i32 = -1,
        /// Its replicas, the preferred leader first.
        pub replica_nodes: Vec<i32> = Vec::new(),
        /// The in-sync replicas.
        pub isr_nodes: Vec<i32> = Vec::new(),
        /// Replicas on dead brokers.
        pub offline_replicas: Vec<i32> = Vec::new(),
    }

    /// `CreateTopicsRequest`.
    pub struct CreateTopicsRequest {
        /// The topics.
        pub topics: Vec<CreatableTopic> = Vec::new(),
        /// How long the controller may take, in milliseconds.
        pub timeout_ms: i32 = 60_000,
        /// Only check.
        pub validate_only: bool = false,
    }
    /// One topic to create.
    pub struct CreatableTopic {
        /// Its name.
        pub name: Topic = Topic::default(),
        /// How many partitions, -1 for the broker's default or with assignments.
        pub num_partitions: i32 = -1,
        /// How many replicas, -1 for the broker's default or with assignments.
        pub replication_factor: i16 = -1,
        /// Replicas named by hand.
        pub assignments: Vec<CreatableReplicaAssignment> = Vec::new(),
        /// Settings.
        pub configs: Vec<CreatableTopicConfig> = Vec::new(),
    }
    /// The replicas of one partition.
    pub struct CreatableReplicaAssignment {
        /// The partition's index.
        pub partition_index: i32 = 0,
        /// Its replicas, the preferred leader first.
        pub broker_ids: Vec<i32> = Vec::new(),
    }
    /// One setting.
    pub struct CreatableTopicConfig {
        /// Its name.
        pub name: String = String::new(),
        /// Its value; `None` means the default.
        pub value: Option<String> = None,
    }
    /// `CreateTopicsResponse`.
    pub struct CreateTopicsResponse {
        /// How long the client is asked to pause, in milliseconds.
        pub throttle_time_ms: i32 = 0,
        /// Results.
        pub topics: Vec<CreatableTopicResult> = Vec::new(),
    }
    /// One result.
    pub struct CreatableTopicResult {
        /// The topic's name.
        pub name: Topic = Topic::default(),
        /// The id it got.
        pub topic_id: Uuid = Uuid::ZERO,
        /// What went wrong, if anything.
        pub error_code: ErrorCode = ErrorCode::None,
        /// In words.
        pub error_message: Option<String> = None,
        /// Why the settings are not told, if they are not.
        pub topic_config_error_code: ErrorCode = ErrorCode::None,
        /// How many partitions it got.
        pub num_partitions: i32 = -1,
        /// How many replicas it got.
        pub replication_factor: i16 = -1,
        /// Its settings as they hold, from version 5.
        pub configs: Option<Vec<CreatableTopicConfigs>> = Some(Vec::new()),
    }
    /// A setting of a new topic.
    pub struct CreatableTopicConfigs {
        /// Its name.
        pub name: String = String::new(),
        /// Its value.
        pub value: Option<String> = None,
        /// Whether it may not change.
        pub read_only: bool = false,
        /// Where the value comes from (`DescribeConfigsResponse.ConfigSource`).
        pub config_source: i8 = -1,
        /// Whether its value is not shown to anyone.
        pub is_sensitive: bool = false,
    }

    /// `DeleteTopicsRequest`.
    pub struct DeleteTopicsRequest {
        /// The topics.
        pub topics: Vec<DeleteTopicState> = Vec::new(),
        /// Their names, up to version 5.
        pub topic_names: Vec<Topic> = Vec::new(),
        /// How long the controller may take, in milliseconds.
        pub timeout_ms: i32 = 60_000,
    }
    /// One topic to delete.
    pub struct DeleteTopicState {
        /// Its name, or none where the id is given.
        pub name: Option<Topic> = None,
        /// Its id, zero where the name is given.
        pub topic_id: Uuid = Uuid::ZERO,
    }
    /// `DeleteTopicsResponse`.
    pub struct DeleteTopicsResponse {
        /// How long the client is asked to pause, in milliseconds.
        pub throttle_time_ms: i32 = 0,
        /// Results.
        pub responses: Vec<DeletableTopicResult> = Vec::new(),
    }
    /// One result.
    pub struct DeletableTopicResult {
        /// The topic's name.
        pub name: Option<Topic> = None,
        /// The topic's id.
        pub topic_id: Uuid = Uuid::ZERO,
        /// What went wrong, if anything.
        pub error_code: ErrorCode = ErrorCode::None,
        /// In words.
        pub error_message: Option<String> = None,
    }

    /// `IncrementalAlterConfigsRequest`.
    pub struct IncrementalAlterConfigsRequest {
        /// What to change.
        pub resources: Vec<AlterConfigsResource> = Vec::new(),
        /// Only check.
        pub validate_only: bool = false,
    }
    /// The settings of one resource.
    pub struct AlterConfigsResource {
        /// 2 a topic, 4 a broker.
        pub resource_type: i8 = 0,
        /// The topic, the broker's id, or "" for all brokers.
        pub resource_name: String = String::new(),
        /// What to change.
        pub configs: Vec<AlterableConfig> = Vec::new(),
    }
    /// One change.
    pub struct AlterableConfig {
        /// The setting.
        pub name: String = String::new(),
        /// 0 set, 1 delete, 2 append, 3 subtract.
        pub config_operation: i8 = 0,
        /// The new value.
        pub value: Option<String> = None,
    }
    /// `IncrementalAlterConfigsResponse`.
    pub struct IncrementalAlterConfigsResponse {
        /// How long the client is asked to pause, in milliseconds.
        pub throttle_time_ms: i32 = 0,
        /// Results.
        pub responses: Vec<AlterConfigsResourceResponse> = Vec::new(),
    }
    /// One result.
    pub struct AlterConfigsResourceResponse {
        /// What went wrong, if anything.
        pub error_code: ErrorCode = ErrorCode::None,
        /// In words.
        pub error_message: Option<String> = None,
        /// 2 a topic, 4 a broker.
        pub resource_type: i8 = 0,
        /// The resource.
        pub resource_name: String = String::new(),
    }

    /// `AlterConfigsRequest`.
    pub struct AlterConfigsRequest {
        /// What to change.
        pub resources: Vec<LegacyAlterConfigsResource> = Vec::new(),
        /// Only check.
        pub validate_only: bool = false,
    }
    /// All settings of one resource.
    pub struct LegacyAlterConfigsResource {
        /// 2 a topic, 4 a broker.
        pub resource_type: i8 = 0,
        /// The topic, the broker's id, or "" for all brokers.
        pub resource_name: String = String::new(),
        /// The settings; what is not named here goes.
        pub configs: Vec<LegacyAlterableConfig> = Vec::new(),
    }
    /// One setting.
    pub struct LegacyAlterableConfig {
        /// The setting.
        pub name: String = String::new(),
        /// Its value.
        pub value: Option<String> = None,
    }
    /// `AlterConfigsResponse`.
    pub struct AlterConfigsResponse {
        /// How long the client is asked to pause, in milliseconds.
        pub throttle_time_ms: i32 = 0,
        /// Results.
        pub responses: Vec<AlterConfigsResourceResponse> = Vec::new(),
    }

    /// `ElectLeadersRequest`.
    pub struct ElectLeadersRequest {
        /// 0 preferred, 1 unclean.
        pub election_type: i8 = 0,
        /// The partitions; `None` means all.
        pub topic_partitions: Option<Vec<ElectTopicPartitions>> = None,
        /// How long the controller may take, in milliseconds.
        pub timeout_ms: i32 = 60_000,
    }
    /// Partitions of one topic.
    pub struct ElectTopicPartitions {
        /// The topic's name.
        pub topic: Topic = Topic::default(),
        /// The partitions.
        pub partitions: Vec<i32> = Vec::new(),
    }
    /// `ElectLeadersResponse`.
    pub struct ElectLeadersResponse {
        /// How long the client is asked to pause, in milliseconds.
        pub throttle_time_ms: i32 = 0,
        /// What went wrong with the whole request.
        pub error_code: ErrorCode = ErrorCode::None,
        /// Results, by topic.
        pub replica_election_results: Vec<ReplicaElectionResult> = Vec::new(),
    }
    /// Results of one topic.
    pub struct ReplicaElectionResult {
        /// The topic's name.
        pub topic: Topic = Topic::default(),
        /// Results, by partition.
        pub partition_result: Vec<ElectPartitionResult> = Vec::new(),
    }
    /// One result.
    pub struct ElectPartitionResult {
        /// The partition's index.
        pub partition_id: i32 = 0,
        /// What went wrong, if anything.
        pub error_code: ErrorCode = ErrorCode::None,
        /// In words.
        pub error_message: Option<String> = None,
    }

    /// `AlterPartitionReassignmentsRequest`.
    pub struct AlterPartitionReassignmentsRequest {
        /// How long the controller may take, in milliseconds.
        pub timeout_ms: i32 = 60_000,
        /// Whether the number of replicas may change.
        pub allow_replication_factor_change: bool = true,
        /// What to move.
        pub topics: Vec<ReassignableTopic> = Vec::new(),
    }
    /// Moves in one topic.
    pub struct ReassignableTopic {
        /// The topic's name.
        pub name: Topic = Topic::default(),
        /// The partitions.
        pub partitions: Vec<ReassignablePartition> = Vec::new(),
    }
    /// One move.
    pub struct ReassignablePartition {
        /// The partition's index.
        pub partition_index: i32 = 0,
        /// The wanted replicas; `None` cancels.
        pub replicas: Option<Vec<i32>> = None,
    }
    /// `AlterPartitionReassignmentsResponse`.
    pub struct AlterPartitionReassignmentsResponse {
        /// How long the client is asked to pause, in milliseconds.
        pub throttle_time_ms: i32 = 0,
        /// Echo of the request.
        pub allow_replication_factor_change: bool = true,
        /// What went wrong with the whole request.
        pub error_code: ErrorCode = ErrorCode::None,
        /// In words.
        pub error_message: Option<String> = None,
        /// Results, by topic.
        pub responses: Vec<ReassignableTopicResponse> = Vec::new(),
    }
    /// Results of one topic.
    pub struct ReassignableTopicResponse {
        /// The topic's name.
        pub name: Topic = Topic::default(),
        /// Results, by partition.
        pub partitions: Vec<ReassignablePartitionResponse> = Vec::new(),
    }
    /// One result.
    pub struct ReassignablePartitionResponse {
        /// The partition's index.
        pub partition_index: i32 = 0,
        /// What went wrong, if anything.
        pub error_code: ErrorCode = ErrorCode::None,
        /// In words.
        pub error_message: Option<String> = None,
    }

    /// `BrokerRegistrationRequest`: a broker process announces itself to the active controller.
    pub struct BrokerRegistrationRequest {
        /// The broker.
        pub broker_id: i32 = 0,
        /// The cluster it believes to belong to.
        pub cluster_id: String = String::new(),
        /// This process: another one of the same broker has another.
        pub incarnation_id: Uuid = Uuid::ZERO,
        /// Where it listens.
        pub listeners: Vec<BrokerListener> = Vec::new(),
        /// The levels of features that it supports.
        pub features: Vec<SupportedFeature> = Vec::new(),
        /// Its rack.
        pub rack: Option<String> = None,
        /// Whether it comes from ZooKeeper; none is taken since 4.0.
        pub is_migrating_zk_broker: bool = false,
        /// Its log directories' ids.
        pub log_dirs: Vec<Uuid> = Vec::new(),
        /// The epoch of the registration before, if the broker shut down cleanly, else -1 (KIP-966).
        pub previous_broker_epoch: i64 = -1,
    }
    /// Where a broker or controller listens.
    pub struct BrokerListener {
        /// The listener's name.
        pub name: String = String::new(),
        /// Its host.
        pub host: String = String::new(),
        /// Its port.
        pub port: u16 = 0,
        /// `SecurityProtocol`: 0 is PLAINTEXT.
        pub security_protocol: i16 = 0,
    }
    /// The levels of a feature that a broker or controller supports.
    pub struct SupportedFeature {
        /// The feature.
        pub name: String = String::new(),
        /// The lowest level.
        pub min_supported_version: i16 = 0,
        /// The highest level.
        pub max_supported_version: i16 = 0,
    }
    /// `BrokerRegistrationResponse`.
    pub struct BrokerRegistrationResponse {
        /// How long the client is asked to pause, in milliseconds.
        pub throttle_time_ms: i32 = 0,
        /// What went wrong, if anything.
        pub error_code: ErrorCode = ErrorCode::None,
        /// The registration's epoch: the offset of its record. -1 on error.
        pub broker_epoch: i64 = -1,
    }
    /// `ControllerRegistrationRequest`: a controller process announces itself to the active one (KIP-919).
    pub struct ControllerRegistrationRequest {
        /// The controller.
        pub controller_id: i32 = 0,
        /// This process: another one of the same controller has another.
        pub incarnation_id: Uuid = Uuid::ZERO,
        /// Whether it is ready to take over from ZooKeeper.
        pub zk_migration_ready: bool = false,
        /// Where it listens.
        pub listeners: Vec<BrokerListener> = Vec::new(),
        /// The levels of features that it supports.
        pub features: Vec<SupportedFeature> = Vec::new(),
    }
    /// `ControllerRegistrationResponse`.
    pub struct ControllerRegistrationResponse {
        /// How long the client is asked to pause, in milliseconds.
        pub throttle_time_ms: i32 = 0,
        /// What went wrong, if anything.
        pub error_code: ErrorCode = ErrorCode::None,
        /// The error in words.
        pub error_message: Option<String> = Some(String::new()),
    }
    /// `BrokerHeartbeatRequest`.
    pub struct BrokerHeartbeatRequest {
        /// The broker.
        pub broker_id: i32 = 0,
        /// Its registration's epoch.
        pub broker_epoch: i64 = -1,
        /// How far it has applied the metadata log.
        pub current_metadata_offset: i64 = -1,
        /// Whether it wants to be, or to stay, fenced.
        pub want_fence: bool = false,
        /// Whether it wants to shut down.
        pub want_shut_down: bool = false,
        /// Which of its directories take no new replicas (KIP-1066), once it has caught up; `None` where it does not say.
        pub cordoned_log_dirs: Option<Vec<Uuid>> = None,
    }
    /// `BrokerHeartbeatResponse`.
    pub struct BrokerHeartbeatResponse {
        /// How long the client is asked to pause, in milliseconds.
        pub throttle_time_ms: i32 = 0,
        /// What went wrong, if anything.
        pub error_code: ErrorCode = ErrorCode::None,
        /// Whether the broker has caught up with the metadata log.
        pub is_caught_up: bool = false,
        /// Whether it is fenced.
        pub is_fenced: bool = true,
        /// Whether it may shut down now.
        pub should_shut_down: bool = false,
    }
    /// `AlterPartitionRequest`: a partition's leader asks the controller for another ISR.
    pub struct AlterPartitionRequest {
        /// The leader.
        pub broker_id: i32 = 0,
        /// Its registration's epoch.
        pub broker_epoch: i64 = -1,
        /// What it proposes, by topic.
        pub topics: Vec<AlterPartitionTopic> = Vec::new(),
    }
    /// Proposals for one topic.
    pub struct AlterPartitionTopic {
        /// The topic's id.
        pub topic_id: Uuid = Uuid::ZERO,
        /// The partitions.
        pub partitions: Vec<AlterPartitionData> = Vec::new(),
    }
    /// One proposal.
    pub struct AlterPartitionData {
        /// The partition's index.
        pub partition_index: i32 = 0,
        /// The leader epoch.
        pub leader_epoch: i32 = -1,
        /// The ISR that the leader wants, up to version 2: without the epochs of its members.
        pub new_isr: Vec<i32> = Vec::new(),
        /// The ISR it wants, each member with its registration's epoch.
        pub new_isr_with_epochs: Vec<BrokerState> = Vec::new(),
        /// 0 RECOVERED, 1 RECOVERING after an unclean election.
        pub leader_recovery_state: i8 = 0,
        /// The partition epoch that the proposal starts from.
        pub partition_epoch: i32 = -1,
    }
    /// An ISR member.
    pub struct BrokerState {
        /// The broker.
        pub broker_id: i32 = 0,
        /// Its registration's epoch as its fetches said, -1 for unknown.
        pub broker_epoch: i64 = -1,
    }
    /// `AlterPartitionResponse`.
    pub struct AlterPartitionResponse {
        /// How long the client is asked to pause, in milliseconds.
        pub throttle_time_ms: i32 = 0,
        /// What went wrong with the whole request.
        pub error_code: ErrorCode = ErrorCode::None,
        /// Results, by topic.
        pub topics: Vec<AlterPartitionTopicResponse> = Vec::new(),
    }
    /// Results of one topic.
    pub struct AlterPartitionTopicResponse {
        /// The topic's id.
        pub topic_id: Uuid = Uuid::ZERO,
        /// Results, by partition.
        pub partitions: Vec<AlterPartitionDataResponse> = Vec::new(),
    }
    /// One result.
    pub struct AlterPartitionDataResponse {
        /// The partition's index.
        pub partition_index: i32 = 0,
        /// What went wrong, if anything.
        pub error_code: ErrorCode = ErrorCode::None,
        /// The leader as the controller has it.
        pub leader_id: i32 = 0,
        /// Its epoch.
        pub leader_epoch: i32 = 0,
        /// The ISR as it is now.
        pub isr: Vec<i32> = Vec::new(),
        /// 0 RECOVERED, 1 RECOVERING.
        pub leader_recovery_state: i8 = 0,
        /// The partition epoch as it is now.
        pub partition_epoch: i32 = 0,
    }
}

/// A setting's changes by name, as the admin client gathers them.
pub type ConfigEntries = BTreeMap<String, Option<String>>;
