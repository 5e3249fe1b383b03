//! Messages about producer ids and transactions (KIP-98, KIP-360, KIP-890, KIP-664): `InitProducerId`, `AllocateProducerIds`,
//! `AddPartitionsToTxn`, `AddOffsetsToTxn`, `EndTxn`, `TxnOffsetCommit`, `WriteTxnMarkers`, `DescribeTransactions`,
//! `ListTransactions`.

use super::error::ErrorCode;
use super::ids::Topic;
use super::message::message;

message! {
    /// `InitProducerIdRequest`.
    pub struct InitProducerIdRequest {
        /// The transactional id, or none for a producer that is only idempotent.
        pub transactional_id: Option<String> = None,
        /// How long the coordinator lets a transaction be open, in milliseconds.
        pub transaction_timeout_ms: i32 = 0,
        /// The id that the producer has, -1 for none (from version 3).
        pub producer_id: i64 = -1,
        /// Its epoch, -1 for none (from version 3).
        pub producer_epoch: i16 = -1,
        /// Whether transactions end by an outside coordinator (KIP-939, from version 6).
        pub enable2_pc: bool = false,
        /// Whether an open transaction is kept (KIP-939, from version 6).
        pub keep_prepared_txn: bool = false,
    }
    /// `InitProducerIdResponse`.
    pub struct InitProducerIdResponse {
        /// How long the client is asked to pause, in milliseconds.
        pub throttle_time_ms: i32 = 0,
        /// What went wrong, if anything.
        pub error_code: ErrorCode = ErrorCode::None,
        /// The producer id, -1 on error.
        pub producer_id: i64 = -1,
        /// Its epoch, -1 on error.
        pub producer_epoch: i16 = -1,
        /// The producer id of a transaction that is kept, -1 for none (from version 6).
        pub ongoing_txn_producer_id: i64 = -1,
        /// Its epoch (from version 6).
        pub ongoing_txn_producer_epoch: i16 = -1,
    }

    /// `AllocateProducerIdsRequest`.
    pub struct AllocateProducerIdsRequest {
        /// The broker that asks.
        pub broker_id: i32 = 0,
        /// The epoch of its registration.
        pub broker_epoch: i64 = -1,
    }
    /// `AllocateProducerIdsResponse`.
    pub struct AllocateProducerIdsResponse {
        /// How long the broker is asked to pause, in milliseconds.
        pub throttle_time_ms: i32 = 0,
        /// What went wrong, if anything.
        pub error_code: ErrorCode = ErrorCode::None,
        /// The first id of the block.
        pub producer_id_start: i64 = 0,
        /// How many ids it has.
        pub producer_id_len: i32 = 0,
    }

    /// `AddPartitionsToTxnRequest`: from version 4 on by brokers and of several transactions, before by the producer of one.
    pub struct AddPartitionsToTxnRequest {
        /// The transactions (from version 4).
        pub transactions: Vec<AddPartitionsToTxnTransaction> = Vec::new(),
        /// The transactional id (up to version 3).
        pub v3_and_below_transactional_id: String = String::new(),
        /// The producer's id (up to version 3).
        pub v3_and_below_producer_id: i64 = 0,
        /// Its epoch (up to version 3).
        pub v3_and_below_producer_epoch: i16 = 0,
        /// The partitions (up to version 3).
        pub v3_and_below_topics: Vec<AddPartitionsToTxnTopic> = Vec::new(),
    }
    /// One transaction.
    pub struct AddPartitionsToTxnTransaction {
        /// The transactional id.
        pub transactional_id: String = String::new(),
        /// The producer's id.
        pub producer_id: i64 = 0,
        /// Its epoch.
        pub producer_epoch: i16 = 0,
        /// Whether it is only asked if the partitions are in the transaction.
        pub verify_only: bool = false,
        /// The partitions.
        pub topics: Vec<AddPartitionsToTxnTopic> = Vec::new(),
    }
    /// Partitions of one topic.
    pub struct AddPartitionsToTxnTopic {
        /// The topic's name.
        pub name: Topic = Topic::default(),
        /// The partitions.
        pub partitions: Vec<i32> = Vec::new(),
    }
    /// `AddPartitionsToTxnResponse`.
    pub struct AddPartitionsToTxnResponse {
        /// How long the client is asked to pause, in milliseconds.
        pub throttle_time_ms: i32 = 0,
        /// What went wrong with the whole request (from version 4).
        pub error_code: ErrorCode = ErrorCode::None,
        /// Results, by transaction (from version 4).
        pub results_by_transaction: Vec<AddPartitionsToTxnResult> = Vec::new(),
        /// Results, by topic (up to version 3).
        pub results_by_topic_v3_and_below: Vec<AddPartitionsToTxnTopicResult> = Vec::new(),
    }
    /// Results of one transaction.
    pub struct AddPartitionsToTxnResult {
        /// The transactional id.
        pub transactional_id: String = String::new(),
        /// Results, by topic.
        pub topic_results: Vec<AddPartitionsToTxnTopicResult> = Vec::new(),
    }
    /// Results of one topic.
    pub struct AddPartitionsToTxnTopicResult {
        /// The topic's name.
        pub name: Topic = Topic::default(),
        /// Results, by partition.
        pub results_by_partition: Vec<AddPartitionsToTxnPartitionResult> = Vec::new(),
    }
    /// One result.
    pub struct AddPartitionsToTxnPartitionResult {
        /// The partition's index.
        pub partition_index: i32 = 0,
        /// What went wrong, if anything.
        pub partition_error_code: ErrorCode = ErrorCode::None,
    }

    /// `AddOffsetsToTxnRequest`.
    pub struct AddOffsetsToTxnRequest {
        /// The transactional id.
        pub transactional_id: String = String::new(),
        /// The producer's id.
        pub producer_id: i64 = 0,
        /// Its epoch.
        pub producer_epoch: i16 = 0,
        /// The group whose offsets the transaction will commit.
        pub group_id: String = String::new(),
    }
    /// `AddOffsetsToTxnResponse`.
    pub struct AddOffsetsToTxnResponse {
        /// How long the client is asked to pause, in milliseconds.
        pub throttle_time_ms: i32 = 0,
        /// What went wrong, if anything.
        pub error_code: ErrorCode = ErrorCode::None,
    }

    /// `EndTxnRequest`.
    pub struct EndTxnRequest {
        /// The transactional id.
        pub transactional_id: String = String::new(),
        /// The producer's id.
        pub producer_id: i64 = 0,
        /// Its epoch.
        pub producer_epoch: i16 = 0,
        /// Whether the transaction commits; else it aborts.
        pub committed: bool = false,
    }
    /// `EndTxnResponse`.
    pub struct EndTxnResponse {
        /// How long the client is asked to pause, in milliseconds.
        pub throttle_time_ms: i32 = 0,
        /// What went wrong, if anything.
        pub error_code: ErrorCode = ErrorCode::None,
        /// The producer's id from now on (from version 5).
        pub producer_id: i64 = -1,
        /// Its epoch from now on (from version 5).
        pub producer_epoch: i16 = -1,
    }

    /// `TxnOffsetCommitRequest`.
    pub struct TxnOffsetCommitRequest {
        /// The transactional id.
        pub transactional_id: String = String::new(),
        /// The group.
        pub group_id: String = String::new(),
        /// The producer's id.
        pub producer_id: i64 = 0,
        /// Its epoch.
        pub producer_epoch: i16 = 0,
        /// The group's generation, -1 for unknown (from version 3).
        pub generation_id: i32 = -1,
        /// The member (from version 3).
        pub member_id: String = String::new(),
        /// The member's `group.instance.id` (from version 3).
        pub group_instance_id: Option<String> = None,
        /// What to commit.
        pub topics: Vec<TxnOffsetCommitRequestTopic> = Vec::new(),
    }
    /// Commits in one topic.
    pub struct TxnOffsetCommitRequestTopic {
        /// The topic's name.
        pub name: Topic = Topic::default(),
        /// The partitions.
        pub partitions: Vec<TxnOffsetCommitRequestPartition> = Vec::new(),
    }
    /// One commit.
    pub struct TxnOffsetCommitRequestPartition {
        /// The partition's index.
        pub partition_index: i32 = 0,
        /// The next offset to read.
        pub committed_offset: i64 = 0,
        /// The leader epoch of the last record read, -1 for unknown (from version 2).
        pub committed_leader_epoch: i32 = -1,
        /// Anything the application wants to keep.
        pub committed_metadata: Option<String> = None,
    }
    /// `TxnOffsetCommitResponse`.
    pub struct TxnOffsetCommitResponse {
        /// How long the client is asked to pause, in milliseconds.
        pub throttle_time_ms: i32 = 0,
        /// Results, by topic.
        pub topics: Vec<TxnOffsetCommitResponseTopic> = Vec::new(),
    }
    /// Results of one topic.
    pub struct TxnOffsetCommitResponseTopic {
        /// The topic's name.
        pub name: Topic = Topic::default(),
        /// Results, by partition.
        pub partitions: Vec<TxnOffsetCommitResponsePartition> = Vec::new(),
    }
    /// One result.
    pub struct TxnOffsetCommitResponsePartition {
        /// The partition's index.
        pub partition_index: i32 = 0,
        /// What went wrong, if anything.
        pub error_code: ErrorCode = ErrorCode::None,
    }

    /// `WriteTxnMarkersRequest`.
    pub struct WriteTxnMarkersRequest {
        /// The markers to write.
        pub markers: Vec<WritableTxnMarker> = Vec::new(),
    }
    /// The end of one transaction.
    pub struct WritableTxnMarker {
        /// The producer's id.
        pub producer_id: i64 = 0,
        /// Its epoch.
        pub producer_epoch: i16 = 0,
        /// Whether it commits; else it aborts.
        pub transaction_result: bool = false,
        /// Where to write it.
        pub topics: Vec<WritableTxnMarkerTopic> = Vec::new(),
        /// The leader epoch of the partition of `__transaction_state` that its coordinator leads.
        pub coordinator_epoch: i32 = 0,
        /// The transaction version of the transaction (from version 2).
        pub transaction_version: i8 = 0,
    }
    /// Partitions of one topic.
    pub struct WritableTxnMarkerTopic {
        /// The topic's name.
        pub name: Topic = Topic::default(),
        /// The partitions.
        pub partition_indexes: Vec<i32> = Vec::new(),
    }
    /// `WriteTxnMarkersResponse`.
    pub struct WriteTxnMarkersResponse {
        /// Results, by producer.
        pub markers: Vec<WritableTxnMarkerResult> = Vec::new(),
    }
    /// Results of one producer.
    pub struct WritableTxnMarkerResult {
        /// The producer's id.
        pub producer_id: i64 = 0,
        /// Results, by topic.
        pub topics: Vec<WritableTxnMarkerTopicResult> = Vec::new(),
    }
    /// Results of one topic.
    pub struct WritableTxnMarkerTopicResult {
        /// The topic's name.
        pub name: Topic = Topic::default(),
        /// Results, by partition.
        pub partitions: Vec<WritableTxnMarkerPartitionResult> = Vec::new(),
    }
    /// One result.
    pub struct WritableTxnMarkerPartitionResult {
        /// The partition's index.
        pub partition_index: i32 = 0,
        /// What went wrong, if anything.
        pub error_code: ErrorCode = ErrorCode::None,
    }

    /// `DescribeTransactionsRequest`.
    pub struct DescribeTransactionsRequest {
        /// The transactional ids.
        pub transactional_ids: Vec<String> = Vec::new(),
    }
    /// `DescribeTransactionsResponse`.
    pub struct DescribeTransactionsResponse {
        /// How long the client is asked to pause, in milliseconds.
        pub throttle_time_ms: i32 = 0,
        /// What is known of each.
        pub transaction_states: Vec<DescribedTransaction> = Vec::new(),
    }
    /// What is known of one transactional id.
    pub struct DescribedTransaction {
        /// What went wrong, if anything.
        pub error_code: ErrorCode = ErrorCode::None,
        /// The transactional id.
        pub transactional_id: String = String::new(),
        /// Its state.
        pub transaction_state: String = String::new(),
        /// How long a transaction may be open, in milliseconds.
        pub transaction_timeout_ms: i32 = 0,
        /// When its last transaction began, -1 for never.
        pub transaction_start_time_ms: i64 = 0,
        /// The producer's id.
        pub producer_id: i64 = 0,
        /// Its epoch.
        pub producer_epoch: i16 = 0,
        /// The partitions in the transaction.
        pub topics: Vec<DescribedTransactionTopic> = Vec::new(),
    }
    /// Partitions of one topic.
    pub struct DescribedTransactionTopic {
        /// The topic's name.
        pub topic: Topic = Topic::default(),
        /// The partitions.
        pub partitions: Vec<i32> = Vec::new(),
    }

    /// `ListTransactionsRequest`.
    pub struct ListTransactionsRequest {
        /// Only those in these states; none means all.
        pub state_filters: Vec<String> = Vec::new(),
        /// Only those of these producers; none means all.
        pub producer_id_filters: Vec<i64> = Vec::new(),
        /// Only those that are open for longer, in milliseconds; -1 means all (from version 1).
        pub duration_filter: i64 = -1,
        /// Only those whose id is matched; none means all (from version 2).
        pub transactional_id_pattern: Option<String> = None,
    }
    /// `ListTransactionsResponse`.
    pub struct ListTransactionsResponse {
        /// How long the client is asked to pause, in milliseconds.
        pub throttle_time_ms: i32 = 0,
        /// What went wrong, if anything.
        pub error_code: ErrorCode = ErrorCode::None,
        /// States of the request that there are not.
        pub unknown_state_filters: Vec<String> = Vec::new(),
        /// The transactional ids of this coordinator.
        pub transaction_states: Vec<ListedTransaction> = Vec::new(),
    }
    /// One transactional id.
    pub struct ListedTransaction {
        /// The transactional id.
        pub transactional_id: String = String::new(),
        /// The producer's id.
        pub producer_id: i64 = 0,
        /// Its state.
        pub transaction_state: String = String::new(),
    }
}
