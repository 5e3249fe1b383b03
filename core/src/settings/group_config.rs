//! Every setting of a group (`GroupConfig`) and of a subscription to client metrics (`ClientMetricsConfigs`, KIP-714).
//!
//! Facts of Kafka 4.3.1 in the order of its own definition.

use super::config_def::{ConfigKey, ConfigType::*, UpdateMode::*, Validator::*, key};

/// `GroupConfig.CONFIG_DEF`.
pub(super) const GROUP_CONFIG: &[ConfigKey] = &[
    key("consumer.session.timeout.ms", Int, Some("45000"), AtLeast("1"), ClusterWide),
    key("consumer.heartbeat.interval.ms", Int, Some("5000"), AtLeast("1"), ClusterWide),
    key("consumer.assignment.interval.ms", Int, Some("1000"), AtLeast("0"), ClusterWide),
    key("share.session.timeout.ms", Int, Some("45000"), AtLeast("1"), ClusterWide),
    key("share.heartbeat.interval.ms", Int, Some("5000"), AtLeast("1"), ClusterWide),
    key("share.record.lock.duration.ms", Int, Some("30000"), AtLeast("1000"), ClusterWide),
    key("share.delivery.count.limit", Int, Some("5"), AtLeast("2"), ClusterWide),
    key("share.partition.max.record.locks", Int, Some("2000"), AtLeast("100"), ClusterWide),
    key("share.auto.offset.reset", String, Some("latest"), ShareAutoOffsetReset, ClusterWide),
    key(
        "share.isolation.level",
        String,
        Some("read_uncommitted"),
        OneOf(&["read_committed", "read_uncommitted"]),
        ClusterWide,
    ),
    key("share.renew.acknowledge.enable", Boolean, Some("true"), Any, ClusterWide),
    key("share.assignment.interval.ms", Int, Some("1000"), AtLeast("0"), ClusterWide),
    key("streams.session.timeout.ms", Int, Some("45000"), AtLeast("1"), ClusterWide),
    key("streams.heartbeat.interval.ms", Int, Some("5000"), AtLeast("1"), ClusterWide),
    key("streams.num.standby.replicas", Int, Some("0"), AtLeast("0"), ClusterWide),
    key("streams.initial.rebalance.delay.ms", Int, Some("3000"), AtLeast("0"), ClusterWide),
    key("streams.assignment.interval.ms", Int, Some("1000"), AtLeast("0"), ClusterWide),
];

/// Of these a broker has no setting; of any other the broker's setting has the same name behind `group.`
/// (`GroupConfig.brokerSynonym`).
pub(super) const ONLY_OF_GROUPS: [&str; 3] =
    ["share.auto.offset.reset", "share.isolation.level", "share.renew.acknowledge.enable"];

/// `ClientMetricsConfigs`.
pub(super) const CLIENT_METRICS_CONFIG: &[ConfigKey] = &[
    key("metrics", List, Some(""), Items { of: &[], may_be_empty: true }, ClusterWide),
    key("interval.ms", Int, Some("300000"), Any, ClusterWide),
    key("match", List, Some(""), Items { of: &[], may_be_empty: true }, ClusterWide),
];
