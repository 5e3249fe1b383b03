//! Every setting of a topic (`LogConfig`).
//!
//! Facts of Kafka 4.3.1 in the order of its own definition: the first wrong setting in this order is the one told.

use super::config_def::{ConfigKey, ConfigType::*, UpdateMode::*, Validator::*, key};

/// `LogConfig.CONFIG`.
pub(super) const TOPIC_CONFIG: &[ConfigKey] = &[
    key("segment.bytes", Int, Some("1073741824"), AtLeast("1048576"), ClusterWide),
    key("segment.ms", Long, Some("604800000"), AtLeast("1"), ClusterWide),
    key("segment.jitter.ms", Long, Some("0"), AtLeast("0"), ClusterWide),
    key("segment.index.bytes", Int, Some("10485760"), AtLeast("4"), ClusterWide),
    key("flush.messages", Long, Some("9223372036854775807"), AtLeast("1"), ClusterWide),
    key("flush.ms", Long, Some("9223372036854775807"), AtLeast("0"), ClusterWide),
    key("retention.bytes", Long, Some("-1"), Any, ClusterWide),
    key("retention.ms", Long, Some("604800000"), AtLeast("-1"), ClusterWide),
    key("max.message.bytes", Int, Some("1048588"), AtLeast("0"), ClusterWide),
    key("index.interval.bytes", Int, Some("4096"), AtLeast("0"), ClusterWide),
    key("delete.retention.ms", Long, Some("86400000"), AtLeast("0"), ClusterWide),
    key("min.compaction.lag.ms", Long, Some("0"), AtLeast("0"), ClusterWide),
    key("max.compaction.lag.ms", Long, Some("9223372036854775807"), AtLeast("1"), ClusterWide),
    key("file.delete.delay.ms", Long, Some("60000"), AtLeast("0"), ClusterWide),
    key("min.cleanable.dirty.ratio", Double, Some("0.5"), Between("0", "1"), ClusterWide),
    key("cleanup.policy", List, Some("delete"), Items { of: &["compact", "delete"], may_be_empty: true }, ClusterWide),
    key("unclean.leader.election.enable", Boolean, Some("false"), Any, ClusterWide),
    key("min.insync.replicas", Int, Some("1"), AtLeast("1"), ClusterWide),
    key(
        "compression.type",
        String,
        Some("producer"),
        OneOf(&["uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"]),
        ClusterWide,
    ),
    key("compression.gzip.level", Int, Some("-1"), GzipLevel, ClusterWide),
    key("compression.lz4.level", Int, Some("9"), Between("1", "17"), ClusterWide),
    key("compression.zstd.level", Int, Some("3"), Between("-131072", "22"), ClusterWide),
    key("preallocate", Boolean, Some("false"), Any, ClusterWide),
    key("message.timestamp.type", String, Some("CreateTime"), OneOf(&["CreateTime", "LogAppendTime"]), ClusterWide),
    key("message.timestamp.before.max.ms", Long, Some("9223372036854775807"), AtLeast("0"), ClusterWide),
    key("message.timestamp.after.max.ms", Long, Some("3600000"), AtLeast("0"), ClusterWide),
    key("leader.replication.throttled.replicas", List, Some(""), ThrottledReplicas, ClusterWide),
    key("follower.replication.throttled.replicas", List, Some(""), ThrottledReplicas, ClusterWide),
    key("remote.storage.enable", Boolean, Some("false"), Any, ClusterWide),
    key("local.retention.ms", Long, Some("-2"), AtLeast("-2"), ClusterWide),
    key("local.retention.bytes", Long, Some("-2"), AtLeast("-2"), ClusterWide),
    key("remote.log.copy.disable", Boolean, Some("false"), Any, ClusterWide),
    key("remote.log.delete.on.disable", Boolean, Some("false"), Any, ClusterWide),
    key("internal.segment.bytes", Int, None, Any, ClusterWide),
];
