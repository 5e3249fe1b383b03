//! Messages that move records: Produce, Fetch, ListOffsets, OffsetForLeaderEpoch, DeleteRecords.

use std::rc::Rc;

use super::message::{LeaderIdAndEpoch, NodeEndpoint, message};
use super::record_json::PartitionRecords;
use super::records::RecordBatch;
use super::{ErrorCode, Topic, Uuid};

/// The `isolationLevel` of who sees committed records only (`IsolationLevel.READ_COMMITTED`).
pub const READ_COMMITTED: i8 = 1;

message! {
    /// `ProduceRequest`: batches for partitions. Up to version 12 topics go by name, from 13 by id.
    pub struct ProduceRequest {
        /// The transaction these batches belong to, if any.
        pub transactional_id: Option<String> = None,
        /// How many replicas must have them: 0 nobody is asked, 1 the leader, -1 the whole ISR.
        pub acks: i16 = -1,
        /// How long the leader may wait for the ISR, in milliseconds.
        pub timeout_ms: i32 = 30_000,
        /// The batches, by topic.
        pub topic_data: Vec<TopicProduceData> = Vec::new(),
    }
    /// The batches of one topic.
    pub struct TopicProduceData {
        /// The topic's name (up to version 12).
        pub name: Topic = Topic::default(),
        /// The topic's id (from version 13).
        pub topic_id: Uuid = Uuid::ZERO,
        /// The batches, by partition.
        pub partition_data: Vec<PartitionProduceData> = Vec::new(),
    }
    /// The batches of one partition.
    pub struct PartitionProduceData {
        /// The partition's index.
        pub index: i32 = 0,
        /// The batches; `None` is what a broken client sends.
        pub records: Option<PartitionRecords> = None,
    }
    /// `ProduceResponse`.
    pub struct ProduceResponse {
        /// Results, by topic.
        pub responses: Vec<TopicProduceResponse> = Vec::new(),
        /// How long the client is asked to pause, in milliseconds.
        pub throttle_time_ms: i32 = 0,
        /// Where the leaders named in this answer are (KIP-951).
        pub node_endpoints: Vec<NodeEndpoint> = Vec::new(),
    }
    /// The results of one topic.
    pub struct TopicProduceResponse {
        /// The topic's name (up to version 12).
        pub name: Topic = Topic::default(),
        /// The topic's id (from version 13).
        pub topic_id: Uuid = Uuid::ZERO,
        /// Results, by partition.
        pub partition_responses: Vec<PartitionProduceResponse> = Vec::new(),
    }
    /// The result of one partition.
    pub struct PartitionProduceResponse {
        /// The partition's index.
        pub index: i32 = 0,
        /// What went wrong, if anything.
        pub error_code: ErrorCode = ErrorCode::None,
        /// The offset given to the first record, -1 on error.
        pub base_offset: i64 = -1,
        /// The time given to the batch when the topic uses `LogAppendTime`, else -1.
        pub log_append_time_ms: i64 = -1,
        /// Where the log starts.
        pub log_start_offset: i64 = -1,
        /// Which records were refused, and why.
        pub record_errors: Vec<BatchIndexAndErrorMessage> = Vec::new(),
        /// What all the refused records have in common.
        pub error_message: Option<String> = None,
        /// The leader as this broker knows it, when it is not the leader itself (KIP-951).
        pub current_leader: LeaderIdAndEpoch = LeaderIdAndEpoch::default(),
    }
    /// One refused record.
    pub struct BatchIndexAndErrorMessage {
        /// Its place in the batch.
        pub batch_index: i32 = 0,
        /// Why.
        pub batch_index_error_message: Option<String> = None,
    }

    /// `FetchRequest`: consumers, followers and KRaft observers all ask with it.
    pub struct FetchRequest {
        /// Who asks, up to version 14: a follower's id, or -1 for a consumer.
        pub replica_id: i32 = -1,
        /// Who asks, from version 15 on: a follower's id and broker epoch, or -1 for a consumer.
        pub replica_state: ReplicaState = ReplicaState::default(),
        /// How long the broker may wait for `min_bytes`, in milliseconds.
        pub max_wait_ms: i32 = 0,
        /// How many bytes the answer waits for.
        pub min_bytes: i32 = 0,
        /// Maximum bytes in the answer, which always holds at least one batch.
        pub max_bytes: i32 = 0x7fff_ffff,
        /// 0 read_uncommitted, 1 read_committed.
        pub isolation_level: i8 = 0,
        /// The fetch session (KIP-227), 0 for none.
        pub session_id: i32 = 0,
        /// The session's epoch: 0 asks for a new session, -1 for none.
        pub session_epoch: i32 = -1,
        /// What to fetch.
        pub topics: Vec<FetchTopic> = Vec::new(),
        /// What to drop from the session.
        pub forgotten_topics_data: Vec<ForgottenTopic> = Vec::new(),
        /// The consumer's rack (KIP-392).
        pub rack_id: String = String::new(),
        /// The cluster that the requester belongs to (version 12); of KRaft.
        pub cluster_id: Option<String> = None,
    }
    /// A follower as it names itself.
    pub struct ReplicaState {
        /// Its broker id, -1 for a consumer.
        pub replica_id: i32 = -1,
        /// Its registration's epoch, -1 where unknown.
        pub replica_epoch: i64 = -1,
    }
    /// Partitions of one topic.
    pub struct FetchTopic {
        /// The topic's name (up to version 12).
        pub topic: Topic = Topic::default(),
        /// The topic's id.
        pub topic_id: Uuid = Uuid::ZERO,
        /// The partitions.
        pub partitions: Vec<FetchPartition> = Vec::new(),
    }
    /// One partition to fetch.
    pub struct FetchPartition {
        /// The partition's index.
        pub partition: i32 = 0,
        /// The leader epoch that the requester believes in, -1 for none.
        pub current_leader_epoch: i32 = -1,
        /// The first offset wanted. Of a follower: its log end offset.
        pub fetch_offset: i64 = 0,
        /// The leader epoch of the requester's last record, -1 for none (KIP-595 truncation).
        pub last_fetched_epoch: i32 = -1,
        /// Where the follower's log starts, -1 for a consumer.
        pub log_start_offset: i64 = -1,
        /// Maximum bytes of this partition.
        pub partition_max_bytes: i32 = 0x0010_0000,
        /// The high watermark that the requester knows (version 18, KIP-1166; used by KRaft).
        pub high_watermark: i64 = i64::MAX,
        /// The requester's directory (version 17); of KRaft.
        pub replica_directory_id: Uuid = Uuid::ZERO,
    }
    /// Partitions to drop from the session.
    pub struct ForgottenTopic {
        /// The topic's name (up to version 12).
        pub topic: Topic = Topic::default(),
        /// The topic's id.
        pub topic_id: Uuid = Uuid::ZERO,
        /// The partitions.
        pub partitions: Vec<i32> = Vec::new(),
    }
    /// `FetchResponse`.
    pub struct FetchResponse {
        /// How long the client is asked to pause, in milliseconds.
        pub throttle_time_ms: i32 = 0,
        /// What went wrong with the whole request.
        pub error_code: ErrorCode = ErrorCode::None,
        /// The fetch session, 0 for none.
        pub session_id: i32 = 0,
        /// Data, by topic.
        pub responses: Vec<FetchableTopicResponse> = Vec::new(),
        /// Where the leaders named in this answer are (KIP-951).
        pub node_endpoints: Vec<NodeEndpoint> = Vec::new(),
    }
    /// Data of one topic.
    pub struct FetchableTopicResponse {
        /// The topic's name (up to version 12).
        pub topic: Topic = Topic::default(),
        /// The topic's id.
        pub topic_id: Uuid = Uuid::ZERO,
        /// Data, by partition.
        pub partitions: Vec<PartitionData> = Vec::new(),
    }
    /// Data of one partition.
    pub struct PartitionData {
        /// The partition's index.
        pub partition_index: i32 = 0,
        /// What went wrong, if anything.
        pub error_code: ErrorCode = ErrorCode::None,
        /// The high watermark when the answer was made up, -1 on error.
        pub high_watermark: i64 = -1,
        /// The last stable offset, -1 on error.
        pub last_stable_offset: i64 = -1,
        /// Where the log starts, -1 on error.
        pub log_start_offset: i64 = -1,
        /// Where the requester's log parts from the leader's: truncate and ask again.
        pub diverging_epoch: EpochEndOffset = EpochEndOffset::default(),
        /// The leader as this broker knows it, on a leadership error.
        pub current_leader: LeaderIdAndEpoch = LeaderIdAndEpoch::default(),
        /// The snapshot to fetch instead (KRaft).
        pub snapshot_id: SnapshotId = SnapshotId::default(),
        /// Aborted transactions among the records (read_committed).
        pub aborted_transactions: Vec<AbortedTransaction> = Vec::new(),
        /// The replica nearer to the consumer (KIP-392), -1 for none.
        pub preferred_read_replica: i32 = -1,
        /// The batches.
        pub records: Vec<Rc<RecordBatch>> = Vec::new(),
    }
    /// The end of an epoch in the leader's log.
    pub struct EpochEndOffset {
        /// The largest epoch not above the one asked for, -1 for none.
        pub epoch: i32 = -1,
        /// Where it ends (exclusive), -1 for unknown.
        pub end_offset: i64 = -1,
    }
    /// Names a snapshot of the metadata log.
    pub struct SnapshotId {
        /// Exclusive end of what it covers.
        pub end_offset: i64 = -1,
        /// Epoch of its last record.
        pub epoch: i32 = -1,
    }
    /// An aborted transaction.
    pub struct AbortedTransaction {
        /// Whose.
        pub producer_id: i64 = -1,
        /// Its first record.
        pub first_offset: i64 = -1,
    }

    /// `ListOffsetsRequest`.
    pub struct ListOffsetsRequest {
        /// A follower's id, or -1 for a client.
        pub replica_id: i32 = -1,
        /// 0 read_uncommitted, 1 read_committed.
        pub isolation_level: i8 = 0,
        /// What to look up.
        pub topics: Vec<ListOffsetsTopic> = Vec::new(),
        /// How long the broker may take, in milliseconds.
        pub timeout_ms: i32 = 0,
    }
    /// Look-ups in one topic.
    pub struct ListOffsetsTopic {
        /// The topic's name.
        pub name: Topic = Topic::default(),
        /// The partitions.
        pub partitions: Vec<ListOffsetsPartition> = Vec::new(),
    }
    /// One look-up.
    pub struct ListOffsetsPartition {
        /// The partition's index.
        pub partition_index: i32 = 0,
        /// The leader epoch that the requester believes in, -1 for none.
        pub current_leader_epoch: i32 = -1,
        /// A time in milliseconds, or -1 latest, -2 earliest, -3 the record with the greatest timestamp.
        pub timestamp: i64 = 0,
    }
    /// `ListOffsetsResponse`.
    pub struct ListOffsetsResponse {
        /// How long the client is asked to pause, in milliseconds.
        pub throttle_time_ms: i32 = 0,
        /// Results, by topic.
        pub topics: Vec<ListOffsetsTopicResponse> = Vec::new(),
    }
    /// Results of one topic.
    pub struct ListOffsetsTopicResponse {
        /// The topic's name.
        pub name: Topic = Topic::default(),
        /// Results, by partition.
        pub partitions: Vec<ListOffsetsPartitionResponse> = Vec::new(),
    }
    /// One result.
    pub struct ListOffsetsPartitionResponse {
        /// The partition's index.
        pub partition_index: i32 = 0,
        /// What went wrong, if anything.
        pub error_code: ErrorCode = ErrorCode::None,
        /// The record's time, -1 where none was looked up.
        pub timestamp: i64 = -1,
        /// The offset, -1 for none.
        pub offset: i64 = -1,
        /// The leader epoch of that offset.
        pub leader_epoch: i32 = -1,
    }

    /// `OffsetForLeaderEpochRequest`.
    pub struct OffsetForLeaderEpochRequest {
        /// A follower's id, or -1 for a client.
        pub replica_id: i32 = -2,
        /// What to look up.
        pub topics: Vec<OffsetForLeaderTopic> = Vec::new(),
    }
    /// Look-ups in one topic.
    pub struct OffsetForLeaderTopic {
        /// The topic's name.
        pub topic: Topic = Topic::default(),
        /// The partitions.
        pub partitions: Vec<OffsetForLeaderPartition> = Vec::new(),
    }
    /// One look-up.
    pub struct OffsetForLeaderPartition {
        /// The partition's index.
        pub partition: i32 = 0,
        /// The leader epoch that the requester believes in, -1 for none.
        pub current_leader_epoch: i32 = -1,
        /// The epoch whose end is asked for.
        pub leader_epoch: i32 = 0,
    }
    /// `OffsetForLeaderEpochResponse`.
    pub struct OffsetForLeaderEpochResponse {
        /// How long the client is asked to pause, in milliseconds.
        pub throttle_time_ms: i32 = 0,
        /// Results, by topic.
        pub topics: Vec<OffsetForLeaderTopicResult> = Vec::new(),
    }
    /// Results of one topic.
    pub struct OffsetForLeaderTopicResult {
        /// The topic's name.
        pub topic: Topic = Topic::default(),
        /// Results, by partition.
        pub partitions: Vec<EpochEndOffsetResult> = Vec::new(),
    }
    /// One result.
    pub struct EpochEndOffsetResult {
        /// What went wrong, if anything.
        pub error_code: ErrorCode = ErrorCode::None,
        /// The partition's index.
        pub partition: i32 = 0,
        /// The largest epoch not above the one asked for, -1 for none.
        pub leader_epoch: i32 = -1,
        /// Where it ends (exclusive), -1 for unknown.
        pub end_offset: i64 = -1,
    }

    /// `DeleteRecordsRequest`: moves log start offsets up.
    pub struct DeleteRecordsRequest {
        /// What to delete.
        pub topics: Vec<DeleteRecordsTopic> = Vec::new(),
        /// How long the broker may wait for the followers, in milliseconds.
        pub timeout_ms: i32 = 0,
    }
    /// Deletions in one topic.
    pub struct DeleteRecordsTopic {
        /// The topic's name.
        pub name: Topic = Topic::default(),
        /// The partitions.
        pub partitions: Vec<DeleteRecordsPartition> = Vec::new(),
    }
    /// One deletion.
    pub struct DeleteRecordsPartition {
        /// The partition's index.
        pub partition_index: i32 = 0,
        /// Records below this offset go; -1 for all below the high watermark.
        pub offset: i64 = 0,
    }
    /// `DeleteRecordsResponse`.
    pub struct DeleteRecordsResponse {
        /// How long the client is asked to pause, in milliseconds.
        pub throttle_time_ms: i32 = 0,
        /// Results, by topic.
        pub topics: Vec<DeleteRecordsTopicResult> = Vec::new(),
    }
    /// Results of one topic.
    pub struct DeleteRecordsTopicResult {
        /// The topic's name.
        pub name: Topic = Topic::default(),
        /// Results, by partition.
        pub partitions: Vec<DeleteRecordsPartitionResult> = Vec::new(),
    }
    /// One result.
    pub struct DeleteRecordsPartitionResult {
        /// The partition's index.
        pub partition_index: i32 = 0,
        /// The log start offset on all live replicas, -1 on error.
        pub low_watermark: i64 = -1,
        /// What went wrong, if anything.
        pub error_code: ErrorCode = ErrorCode::None,
    }
}

impl FetchRequest {
    /// The follower that asks, negative for a consumer (`FetchRequest.replicaId`).
    pub fn replica(&self, version: i16) -> i32 {
        if version < 15 { self.replica_id } else { self.replica_state.replica_id }
    }
}

impl ProduceRequest {
    /// The answer that has one error for every partition, with the exception's words where it has its own
    /// (`ProduceRequest.getErrorResponse`).
    pub fn error_response(&self, error_code: ErrorCode, error_message: Option<&str>) -> ProduceResponse {
        let mut responses: Vec<TopicProduceResponse> = Vec::new();
        for topic in &self.topic_data {
            let is_same = |known: &TopicProduceResponse| known.name == topic.name && known.topic_id == topic.topic_id;
            let known = match responses.iter().position(is_same) {
                Some(at) => at,
                None => {
                    responses.push(TopicProduceResponse {
                        name: topic.name.clone(),
                        topic_id: topic.topic_id,
                        partition_responses: Vec::new(),
                    });
                    responses.len().saturating_sub(1)
                }
            };
            let Some(response) = responses.get_mut(known) else { continue };
            for data in &topic.partition_data {
                let answered = &mut response.partition_responses;
                if answered.iter().all(|partition| partition.index != data.index) {
                    answered.push(PartitionProduceResponse {
                        index: data.index,
                        error_code,
                        error_message: error_message.map(str::to_owned),
                        ..Default::default()
                    });
                }
            }
        }
        ProduceResponse { responses, ..ProduceResponse::default() }
    }
}
