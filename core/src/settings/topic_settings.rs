//! The settings of topics that the engine acts on.

use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};

use super::setting_field::{HashValue, SettingField, read};
use super::settings_group::settings;
use super::{Configs, SettingInfo, topic_key};
use crate::command::CommandError;

settings! {
    /// Settings of a topic that override brokers' defaults. An empty one does not.
    pub struct TopicSettings of topic_key {
        /// What happens to old records.
        cleanup_policy: String = "cleanup.policy", "delete", "delete|compact|compact,delete|delete,compact";
        /// Bytes after which a log begins a new segment.
        segment_bytes: u32 = "segment.bytes", 1_073_741_824u32, "1048576..2147483647";
        /// Kafka's own setting for tests, for segments below 1 MiB, the least that `segment.bytes` may be (KIP-1030); 0 for none.
        internal_segment_bytes: u32 = "internal.segment.bytes", 0u32, "0..2147483647";
        /// Time after which a log begins a new segment, in milliseconds.
        segment_ms: u64 = "segment.ms", 604_800_000u64, "1..";
        /// At most how much earlier a log begins a new segment than `segment.ms` says, in milliseconds.
        segment_jitter_ms: u64 = "segment.jitter.ms", 0u64, "0..";
        /// Bytes of a segment's offset index.
        segment_index_bytes: u32 = "segment.index.bytes", 10_485_760u32, "4..2147483647";
        /// Bytes between two entries of the sparse index.
        index_interval_bytes: u32 = "index.interval.bytes", 4_096u32, "0..2147483647";
        /// How long records are kept, in milliseconds; -1 for ever.
        retention_ms: i64 = "retention.ms", 604_800_000i64, "-1..";
        /// How many bytes of a log are kept; -1 for all.
        retention_bytes: i64 = "retention.bytes", -1i64, "-1..";
        /// How long a tombstone is kept after compaction, in milliseconds.
        delete_retention_ms: u64 = "delete.retention.ms", 86_400_000u64, "0..";
        /// How much of a log must be uncleaned before compaction, from 0 to 1.
        min_cleanable_dirty_ratio: f64 = "min.cleanable.dirty.ratio", 0.5f64, "0..1";
        /// How long a record is safe from compaction, in milliseconds.
        min_compaction_lag_ms: u64 = "min.compaction.lag.ms", 0u64, "0..";
        /// How long a record may wait for compaction, in milliseconds.
        max_compaction_lag_ms: u64 = "max.compaction.lag.ms", 9_223_372_036_854_775_807u64, "1..";
        /// How long a deleted segment's files stay, in milliseconds.
        file_delete_delay_ms: u64 = "file.delete.delay.ms", 60_000u64, "0..";
        /// Whether a segment's file has its full size from the start.
        preallocate: bool = "preallocate", false, "true|false";
        /// Messages after which a log is flushed; by default never.
        flush_messages: i64 = "flush.messages", i64::MAX, "1..";
        /// Time after which a log is flushed, in milliseconds; by default never.
        flush_ms: i64 = "flush.ms", i64::MAX, "0..";
        /// The largest batch, in bytes.
        max_message_bytes: u32 = "max.message.bytes", 1_048_588u32, "0..2147483647";
        /// How many replicas must be in sync for `acks=all`.
        min_insync_replicas: u32 = "min.insync.replicas", 1u32, "1..";
        /// Whether a replica outside the ISR may lead when nobody else can.
        unclean_leader_election_enable: bool = "unclean.leader.election.enable", false, "true|false";
        /// Whose clock stamps records.
        message_timestamp_type: String = "message.timestamp.type", "CreateTime", "CreateTime|LogAppendTime";
        /// How far a record's time may be in the past, in milliseconds.
        message_timestamp_before_max_ms: i64 = "message.timestamp.before.max.ms", i64::MAX, "0..";
        /// How far a record's time may be in the future, in milliseconds.
        message_timestamp_after_max_ms: i64 = "message.timestamp.after.max.ms", 3_600_000i64, "0..";
        /// Compression on the broker.
        compression_type: String = "compression.type", "producer", "producer|uncompressed|gzip|snappy|lz4|zstd";
        /// How hard gzip tries; -1 for its default.
        compression_gzip_level: i32 = "compression.gzip.level", -1i32, "-1..9";
        /// How hard lz4 tries.
        compression_lz4_level: i32 = "compression.lz4.level", 9i32, "1..17";
        /// How hard zstd tries.
        compression_zstd_level: i32 = "compression.zstd.level", 3i32, "-131072..22";
        /// Replicas whose leaders are throttled.
        leader_replication_throttled_replicas: String = "leader.replication.throttled.replicas", "", "*";
        /// Replicas whose followers are throttled.
        follower_replication_throttled_replicas: String = "follower.replication.throttled.replicas", "", "*";
        /// Whether old segments go to tiered storage.
        remote_storage_enable: bool = "remote.storage.enable", false, "true|false";
        /// How long records are kept locally, in milliseconds; -2 as `retention.ms`.
        local_retention_ms: i64 = "local.retention.ms", -2i64, "-2..";
        /// How many bytes are kept locally; -2 as `retention.bytes`.
        local_retention_bytes: i64 = "local.retention.bytes", -2i64, "-2..";
        /// Whether nothing more goes to tiered storage.
        remote_log_copy_disable: bool = "remote.log.copy.disable", false, "true|false";
        /// Whether what is in tiered storage is deleted when it is switched off.
        remote_log_delete_on_disable: bool = "remote.log.delete.on.disable", false, "true|false";
    }
}

impl TopicSettings {
    /// Bytes after which a log begins a new segment (`LogConfig.segmentSize`).
    pub fn segment_size(&self) -> u32 {
        if self.internal_segment_bytes > 0 { self.internal_segment_bytes } else { self.segment_bytes }
    }
}
