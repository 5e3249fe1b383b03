//! Kafka's settings by their real names: the tables of 4.3.1 (`ConfigDef`), and typed those that the engine acts on. The
//! ways of older versions are settings of ours, named after what they were.

use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};

use serde::Serialize;

use crate::command::CommandError;
use crate::effects::ExponentialBackoff;

mod broker_config;
mod client_config;
mod config_def;
mod describe;
mod dynamic;
mod effect;
mod group_config;
mod group_validation;
mod loggers;
mod offset_reset;
mod synonyms;
mod topic_config;

pub use config_def::{ConfigKey, ConfigType, ConfigValue, UpdateMode, Validator, java_double, parse_java_double};
pub use describe::{ConfigSource, DescribedNode, describe_configs, describe_resource, effective_topic_configs};
pub use dynamic::{
    list_after as list_after_operation, validate as validate_dynamic, validate_static,
    without_listener as listener_setting,
};
pub use effect::{Effect, Unmodelled, client_effect, effect};
pub use group_validation::{validate_client_metrics, validate_group};
pub use loggers::{BROKER_LOGGER, LogLevelChange, LoggingController};
pub use offset_reset::OffsetReset;
pub use synonyms::{Configs, NodeConfigs, Synonym, TOPIC_CONFIG_SYNONYMS};

use config_def::{find, key};

/// `QuotaConfig.brokerQuotaConfigs`: they exist only as dynamic settings.
const BROKER_QUOTA_CONFIG: &[ConfigKey] = &[
    quota("leader.replication.throttled.rate"),
    quota("follower.replication.throttled.rate"),
    quota("replica.alter.log.dirs.io.max.bytes.per.second"),
];

const fn quota(name: &'static str) -> ConfigKey {
    let unlimited = Some("9223372036854775807");
    key(name, ConfigType::Long, unlimited, Validator::AtLeast("0"), UpdateMode::ClusterWide)
}

/// Every setting of a broker, in the order in which Kafka validates a dynamic change.
pub fn broker_keys() -> impl Iterator<Item = &'static ConfigKey> {
    BROKER_QUOTA_CONFIG.iter().chain(broker_config::BROKER_CONFIG)
}

/// Every setting of a topic.
pub fn topic_keys() -> impl Iterator<Item = &'static ConfigKey> {
    topic_config::TOPIC_CONFIG.iter()
}

/// Every setting of a group.
pub fn group_keys() -> impl Iterator<Item = &'static ConfigKey> {
    group_config::GROUP_CONFIG.iter()
}

/// Every setting of a producer.
pub fn producer_keys() -> impl Iterator<Item = &'static ConfigKey> {
    client_config::PRODUCER_CONFIG.iter()
}

/// Every setting of a consumer.
pub fn consumer_keys() -> impl Iterator<Item = &'static ConfigKey> {
    client_config::CONSUMER_CONFIG.iter()
}

/// Checks a value of a setting that one may change: as the engine takes it where it acts on it, else as Kafka does.
pub fn check_value(
    key: Option<&ConfigKey>,
    name: &str,
    value: &str,
    typed: Result<(), CommandError>,
) -> Result<(), CommandError> {
    match (typed, key) {
        (Err(CommandError::NoSuchSetting { .. }), Some(key)) => {
            key.parse(value).map(|_| ()).map_err(|message| CommandError::InvalidConfig { message })
        }
        (Err(CommandError::NoSuchSetting { .. }), None) => Err(CommandError::NoSuchSetting { name: name.to_owned() }),
        (typed, _) => typed,
    }
}

/// A group's setting by name.
pub fn group_key(name: &str) -> Option<&'static ConfigKey> {
    find(group_config::GROUP_CONFIG, name)
}

/// A broker's setting by name.
pub fn broker_key(name: &str) -> Option<&'static ConfigKey> {
    find(broker_config::BROKER_CONFIG, name).or_else(|| find(BROKER_QUOTA_CONFIG, name))
}

/// A topic's setting by name.
pub fn topic_key(name: &str) -> Option<&'static ConfigKey> {
    find(topic_config::TOPIC_CONFIG, name)
}

/// A producer's setting by name.
pub fn producer_key(name: &str) -> Option<&'static ConfigKey> {
    find(client_config::PRODUCER_CONFIG, name)
}

/// A consumer's setting by name.
pub fn consumer_key(name: &str) -> Option<&'static ConfigKey> {
    find(client_config::CONSUMER_CONFIG, name)
}

/// One setting as a person meets it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct SettingInfo {
    /// Its real name.
    pub name: &'static str,
    /// Its default; empty where it has none.
    pub default: String,
    /// What its value may be, in few words that need no translation: `0..`, `true|false`, `all|-1|0|1`.
    pub values: &'static str,
}

impl SettingInfo {
    /// What the setting does in this engine.
    pub fn effect(&self) -> Effect {
        effect(self.name)
    }
}

/// A field that holds the value of a setting.
trait SettingField: Sized {
    /// Takes a parsed value over; `None` where the engine cannot express it.
    fn of_value(value: &ConfigValue) -> Option<Self>;

    /// Reads the value of a setting that is not Kafka's.
    fn of_text(text: &str) -> Option<Self>;

    /// The value as a setting is written; `None` is null.
    fn to_setting(&self) -> Option<String>;
}

macro_rules! number_fields {
    ($($type:ty)*) => {$(
        impl SettingField for $type {
            fn of_value(value: &ConfigValue) -> Option<Self> {
                match value {
                    ConfigValue::Integer(number) => Self::try_from(*number).ok(),
                    ConfigValue::Boolean(_) | ConfigValue::Double(_) | ConfigValue::Text(_) | ConfigValue::Items(_) => None,
                }
            }

            fn of_text(text: &str) -> Option<Self> {
                text.parse().ok()
            }

            fn to_setting(&self) -> Option<String> {
                Some(self.to_string())
            }
        }
    )*};
}

number_fields!(u32 u64 i16 i32 i64);

impl SettingField for bool {
    fn of_value(value: &ConfigValue) -> Option<Self> {
        if let ConfigValue::Boolean(value) = value { Some(*value) } else { None }
    }

    fn of_text(text: &str) -> Option<Self> {
        text.parse().ok()
    }

    fn to_setting(&self) -> Option<String> {
        Some(self.to_string())
    }
}

impl SettingField for f64 {
    fn of_value(value: &ConfigValue) -> Option<Self> {
        if let ConfigValue::Double(value) = value { Some(*value) } else { None }
    }

    fn of_text(text: &str) -> Option<Self> {
        text.parse().ok()
    }

    fn to_setting(&self) -> Option<String> {
        Some(self.to_string())
    }
}

impl SettingField for String {
    fn of_value(value: &ConfigValue) -> Option<Self> {
        Some(value.to_setting())
    }

    fn of_text(text: &str) -> Option<Self> {
        Some(text.to_owned())
    }

    fn to_setting(&self) -> Option<String> {
        Some(self.clone())
    }
}

/// A setting that is null unless it is set.
impl SettingField for Option<i64> {
    fn of_value(value: &ConfigValue) -> Option<Self> {
        i64::of_value(value).map(Some)
    }

    fn of_text(text: &str) -> Option<Self> {
        text.parse().ok().map(Some)
    }

    fn to_setting(&self) -> Option<String> {
        self.map(|value| value.to_string())
    }
}

/// Defines a group of settings: a struct with a typed field for each, read and written by the real names.
macro_rules! settings {
    ($($(#[$meta:meta])* pub struct $group:ident of $key:ident { $($(#[$field_meta:meta])* $field:ident: $type:ty = $name:literal, $default:expr, $values:literal;)* })*) => {
        $(
            $(#[$meta])*
            #[derive(Clone, Debug, PartialEq)]
            pub struct $group {
                $($(#[$field_meta])* pub $field: $type,)*
                /// What was set by name at the start, as it was written; what the process itself is, too.
                pub configured: Configs,
            }

            impl Hash for $group {
                fn hash<H: Hasher>(&self, state: &mut H) {
                    $(self.$field.hash_value(state);)*
                    self.configured.hash(state);
                }
            }

            impl Default for $group {
                fn default() -> Self {
                    Self { $($field: $default.into(),)* configured: Configs::new() }
                }
            }

            impl $group {
                /// Sets one setting by its real name. The error says what was expected.
                pub fn set(&mut self, name: &str, value: &str) -> Result<(), CommandError> {
                    match name {
                        $($name => self.$field = read($key(name), name, value, $values)?,)*
                        _ => return Err(CommandError::NoSuchSetting { name: name.to_owned() }),
                    }
                    Ok(())
                }

                /// The value of one setting by its real name. There is none where it is null.
                pub fn get(&self, name: &str) -> Option<String> {
                    match name {
                        $($name => self.$field.to_setting(),)*
                        _ => None,
                    }
                }

                /// The value of any setting of Kafka, by its real name: of one that the engine does not act on, the default.
                pub fn value(&self, name: &str) -> Option<String> {
                    match name {
                        $($name => self.$field.to_setting(),)*
                        _ => self
                            .configured
                            .get(name)
                            .cloned()
                            .or_else(|| $key(name).and_then(|key| key.default).map(str::to_owned)),
                    }
                }

                /// All settings of the group.
                pub fn all() -> Vec<SettingInfo> {
                    let default = Self::default();
                    vec![$(SettingInfo {
                        name: $name,
                        default: default.$field.to_setting().unwrap_or_default(),
                        values: $values,
                    },)*]
                }

                /// The defaults with some settings changed. Every wrong one is named.
                pub fn with(changes: &BTreeMap<String, String>) -> Result<Self, Vec<CommandError>> {
                    let mut settings = Self { configured: changes.clone(), ..Self::default() };
                    let errors: Vec<CommandError> =
                        changes.iter().filter_map(|(name, value)| settings.set(name, value).err()).collect();
                    if errors.is_empty() { Ok(settings) } else { Err(errors) }
                }
            }
        )*
    };
}

impl BrokerSettings {
    /// The same of any settings of Kafka: those that the engine does not act on are checked and kept.
    pub fn with_kafkas(changes: &BTreeMap<String, String>) -> Result<Self, Vec<CommandError>> {
        let mut settings = Self { configured: changes.clone(), ..Self::default() };
        let mut errors = Vec::new();
        for (name, value) in changes {
            let typed = settings.set(name, value);
            errors.extend(check_value(broker_key(listener_setting(name).unwrap_or(name)), name, value, typed).err());
        }
        if errors.is_empty() { Ok(settings) } else { Err(errors) }
    }
}

/// A setting's value as part of a digest: a float counts by its bits.
trait HashValue {
    fn hash_value<H: Hasher>(&self, state: &mut H);
}

macro_rules! hash_values {
    ($($type:ty),*) => {
        $(impl HashValue for $type {
            fn hash_value<H: Hasher>(&self, state: &mut H) {
                self.hash(state);
            }
        })*
    };
}

hash_values!(bool, i16, i32, i64, u32, u64, String, Option<u32>, Option<u64>, Option<i32>, Option<i64>, Option<String>);

impl HashValue for f64 {
    fn hash_value<H: Hasher>(&self, state: &mut H) {
        self.to_bits().hash(state);
    }
}

/// Reads a value: a setting of Kafka in Kafka's own type and range; one of ours by the short description of what it may be,
/// `a..b` bounds for numbers, `a|b|c` for words.
fn read<T: SettingField>(key: Option<&ConfigKey>, name: &str, value: &str, values: &str) -> Result<T, CommandError> {
    let refused = || CommandError::BadValue {
        name: name.to_owned(),
        value: value.trim().to_owned(),
        expected: values.to_owned(),
    };
    if let Some(key) = key {
        let parsed = key.parse(value).map_err(|message| CommandError::InvalidConfig { message })?;
        return T::of_value(&parsed).ok_or_else(refused);
    }
    let value = value.trim();
    if let Some((min, max)) = values.split_once("..") {
        let number: f64 = value.parse().map_err(|_| refused())?;
        let below = min.parse::<f64>().is_ok_and(|min| number < min);
        let above = max.parse::<f64>().is_ok_and(|max| number > max);
        if below || above || number.is_nan() {
            return Err(refused());
        }
    } else if values.contains('|') && !values.split('|').any(|each| each == value) {
        return Err(refused());
    }
    T::of_text(value).ok_or_else(refused)
}

settings! {
    /// Settings of brokers and controllers.
    pub struct BrokerSettings of broker_key {
        /// How long a follower may be behind before its leader wants it out of the ISR, in milliseconds.
        replica_lag_time_max_ms: u64 = "replica.lag.time.max.ms", 30_000u64, "1..";
        /// How long a follower's fetch waits for data, in milliseconds.
        replica_fetch_wait_max_ms: u64 = "replica.fetch.wait.max.ms", 500u64, "0..";
        /// How many bytes a follower's fetch waits for.
        replica_fetch_min_bytes: u32 = "replica.fetch.min.bytes", 1u32, "0..";
        /// At most so many bytes of one partition in a follower's fetch.
        replica_fetch_max_bytes: u32 = "replica.fetch.max.bytes", 1_048_576u32, "0..2147483647";
        /// At most so many bytes in a follower's fetch.
        replica_fetch_response_max_bytes: u32 = "replica.fetch.response.max.bytes", 10_485_760u32, "0..2147483647";
        /// How long a follower waits after a failed fetch, in milliseconds.
        replica_fetch_backoff_ms: u64 = "replica.fetch.backoff.ms", 1_000u64, "0..";
        /// How long a follower waits for its leader's answer, in milliseconds.
        replica_socket_timeout_ms: u64 = "replica.socket.timeout.ms", 30_000u64, "1..";
        /// How many fetch sessions a broker keeps, shared out to 8 shards.
        max_incremental_fetch_session_cache_slots: u32 = "max.incremental.fetch.session.cache.slots", 1_000u32, "0..2147483647";
        /// So many requests may wait for a handler thread. Where as many do, network threads stop reading.
        queued_max_requests: u32 = "queued.max.requests", 500u32, "1..2147483647";
        /// Over how many samples a client's rate is taken that a quota bounds.
        quota_window_num: u32 = "quota.window.num", 11u32, "1..2147483647";
        /// How long each of these samples is, in seconds.
        quota_window_size_seconds: u64 = "quota.window.size.seconds", 1u64, "1..2147483647";
        /// How many windows' worth of tokens a controller's bucket holds.
        controller_quota_window_num: u32 = "controller.quota.window.num", 11u32, "1..2147483647";
        /// How long each of these windows is, in seconds.
        controller_quota_window_size_seconds: u64 = "controller.quota.window.size.seconds", 1u64, "1..2147483647";
        /// How often high watermarks are written to disk, in milliseconds.
        replica_high_watermark_checkpoint_interval_ms: u64 = "replica.high.watermark.checkpoint.interval.ms", 5_000u64, "1..";
        /// How long a connection may take to open, in milliseconds; twice as long after each further failure.
        socket_connection_setup_timeout_ms: u64 = "socket.connection.setup.timeout.ms", 10_000u64, "0..";
        /// How long at most, in milliseconds.
        socket_connection_setup_timeout_max_ms: u64 = "socket.connection.setup.timeout.max.ms", 30_000u64, "0..";
        /// How long a broker may be silent before the controller fences it, in milliseconds.
        broker_session_timeout_ms: u64 = "broker.session.timeout.ms", 9_000u64, "1..";
        /// How long a voter waits for a leader before it asks for votes, in milliseconds; and a random part of as much again.
        controller_quorum_election_timeout_ms: u64 = "controller.quorum.election.timeout.ms", 1_000u64, "0..";
        /// How long a follower of the metadata log's leader bears its silence, in milliseconds.
        controller_quorum_fetch_timeout_ms: u64 = "controller.quorum.fetch.timeout.ms", 2_000u64, "0..";
        /// The longest that a voter waits after its leader resigned, in milliseconds.
        controller_quorum_election_backoff_max_ms: u64 = "controller.quorum.election.backoff.max.ms", 1_000u64, "0..";
        /// How long a node of the quorum waits for an answer of another, in milliseconds.
        controller_quorum_request_timeout_ms: u64 = "controller.quorum.request.timeout.ms", 2_000u64, "0..";
        /// Whether a controller that does not vote asks the leader to make it a voter (KIP-1186).
        controller_quorum_auto_join_enable: bool = "controller.quorum.auto.join.enable", false, "true|false";
        /// How long it leaves a node alone that failed, in milliseconds.
        controller_quorum_retry_backoff_ms: u64 = "controller.quorum.retry.backoff.ms", 20u64, "0..";
        /// At most so many bytes of the metadata log in the answer to a fetch; a first batch may be larger.
        controller_quorum_fetch_max_bytes: u32 = "controller.quorum.fetch.max.bytes", 1_048_576u32, "1..2147483647";
        /// The longest piece of a snapshot of the metadata log in the answer to a FetchSnapshot, in bytes.
        controller_quorum_fetch_snapshot_max_bytes: u32 = "controller.quorum.fetch.snapshot.max.bytes", 1_048_576u32, "1..2147483647";
        /// After so many bytes of the metadata log a node makes a snapshot.
        metadata_log_max_record_bytes_between_snapshots: u64 = "metadata.log.max.record.bytes.between.snapshots", 20_971_520u64, "1..";
        /// After so much time it makes one with the next record, in milliseconds; 0 for never.
        metadata_log_max_snapshot_interval_ms: u64 = "metadata.log.max.snapshot.interval.ms", 3_600_000u64, "0..";
        /// Above so many bytes of metadata log and snapshots together the oldest snapshot goes, and the log below the next; -1 for never.
        metadata_max_retention_bytes: i64 = "metadata.max.retention.bytes", 104_857_600i64, "*";
        /// When a newer snapshot is there one goes that is older than this, in milliseconds; -1 for never.
        metadata_max_retention_ms: i64 = "metadata.max.retention.ms", 604_800_000i64, "*";
        /// How often a broker says that it lives, in milliseconds.
        broker_heartbeat_interval_ms: u64 = "broker.heartbeat.interval.ms", 2_000u64, "1..";
        /// Whether a broker moves its leaders away before it ends.
        controlled_shutdown_enable: bool = "controlled.shutdown.enable", true, "true|false";
        /// How many replicas must be in sync for `acks=all`, where the topic says nothing.
        min_insync_replicas: u32 = "min.insync.replicas", 1u32, "1..";
        /// How many replicas a topic gets that asks for none in particular.
        default_replication_factor: i32 = "default.replication.factor", 1i32, "1..";
        /// How many partitions a topic gets that asks for none in particular.
        num_partitions: i32 = "num.partitions", 1i32, "1..";
        /// Whether a replica outside the ISR may lead when nobody else can.
        unclean_leader_election_enable: bool = "unclean.leader.election.enable", false, "true|false";
        /// How often the controller looks for unclean elections, in milliseconds.
        unclean_leader_election_interval_ms: u64 = "unclean.leader.election.interval.ms", 300_000u64, "1..";
        /// Whether the controller gives leadership back to preferred leaders.
        auto_leader_rebalance_enable: bool = "auto.leader.rebalance.enable", true, "true|false";
        /// How often it looks, in seconds.
        leader_imbalance_check_interval_seconds: u64 = "leader.imbalance.check.interval.seconds", 300u64, "1..";
        /// How uneven a broker's leaders may be, in per cent. KRaft's controller does not look at it.
        leader_imbalance_per_broker_percentage: u32 = "leader.imbalance.per.broker.percentage", 10u32, "0..";
        /// Partitions of `__consumer_offsets`.
        offsets_topic_num_partitions: i32 = "offsets.topic.num.partitions", 50i32, "1..";
        /// Replicas of `__consumer_offsets`.
        offsets_topic_replication_factor: i16 = "offsets.topic.replication.factor", 3i16, "1..";
        /// Partitions of `__transaction_state`.
        transaction_state_log_num_partitions: i32 = "transaction.state.log.num.partitions", 50i32, "1..";
        /// Replicas of `__transaction_state`.
        transaction_state_log_replication_factor: i16 = "transaction.state.log.replication.factor", 3i16, "1..";
        /// `min.insync.replicas` of `__transaction_state`.
        transaction_state_log_min_isr: u32 = "transaction.state.log.min.isr", 2u32, "1..";
        /// `segment.bytes` of `__transaction_state`.
        transaction_state_log_segment_bytes: u32 = "transaction.state.log.segment.bytes", 104_857_600u32, "1..2147483647";
        /// How long a transaction may be open at most, in milliseconds.
        transaction_max_timeout_ms: u64 = "transaction.max.timeout.ms", 900_000u64, "1..";
        /// How often the coordinator looks for transactions that are open for too long, in milliseconds.
        transaction_abort_timed_out_transaction_cleanup_interval_ms: u64 = "transaction.abort.timed.out.transaction.cleanup.interval.ms", 10_000u64, "1..";
        /// How often the coordinator looks for transactional ids that nobody uses, in milliseconds.
        transaction_remove_expired_transaction_cleanup_interval_ms: u64 = "transaction.remove.expired.transaction.cleanup.interval.ms", 3_600_000u64, "1..";
        /// How long the coordinator remembers a transactional id that nobody uses, in milliseconds.
        transactional_id_expiration_ms: u64 = "transactional.id.expiration.ms", 604_800_000u64, "1..";
        /// Whether transactions may end by an outside coordinator.
        transaction_two_phase_commit_enable: bool = "transaction.two.phase.commit.enable", false, "true|false";
        /// Whether leaders ask a transaction's coordinator before its first batch.
        transaction_partition_verification_enable: bool = "transaction.partition.verification.enable", true, "true|false";
        /// How long a leader waits until it asks a transaction's coordinator again, in milliseconds.
        add_partitions_to_txn_retry_backoff_ms: u64 = "add.partitions.to.txn.retry.backoff.ms", 20u64, "1..";
        /// How long it asks again at most, in milliseconds.
        add_partitions_to_txn_retry_backoff_max_ms: u64 = "add.partitions.to.txn.retry.backoff.max.ms", 100u64, "0..";
        /// How long an unused offset is kept, in minutes.
        offsets_retention_minutes: u64 = "offsets.retention.minutes", 10_080u64, "1..";
        /// How long the coordinator waits for more members when a group is new, in milliseconds.
        group_initial_rebalance_delay_ms: u64 = "group.initial.rebalance.delay.ms", 3_000u64, "0..";
        /// The shortest session a member may ask for, in milliseconds.
        group_min_session_timeout_ms: u64 = "group.min.session.timeout.ms", 6_000u64, "1..";
        /// The longest session a member may ask for, in milliseconds.
        group_max_session_timeout_ms: u64 = "group.max.session.timeout.ms", 1_800_000u64, "1..";
        /// At most so many members in a group of the classic protocol.
        group_max_size: u32 = "group.max.size", 2_147_483_647u32, "1..2147483647";
        /// The coordinator drops a member of a consumer group that is silent for so long, in milliseconds.
        group_consumer_session_timeout_ms: u64 = "group.consumer.session.timeout.ms", 45_000u64, "1..";
        /// The shortest that a group may have, in milliseconds.
        group_consumer_min_session_timeout_ms: u64 = "group.consumer.min.session.timeout.ms", 45_000u64, "1..";
        /// The longest that a group may have, in milliseconds.
        group_consumer_max_session_timeout_ms: u64 = "group.consumer.max.session.timeout.ms", 60_000u64, "1..";
        /// How often a member of a consumer group is to be heard, in milliseconds.
        group_consumer_heartbeat_interval_ms: u64 = "group.consumer.heartbeat.interval.ms", 5_000u64, "1..";
        /// The shortest that a group may have, in milliseconds.
        group_consumer_min_heartbeat_interval_ms: u64 = "group.consumer.min.heartbeat.interval.ms", 5_000u64, "1..";
        /// The longest that a group may have, in milliseconds.
        group_consumer_max_heartbeat_interval_ms: u64 = "group.consumer.max.heartbeat.interval.ms", 15_000u64, "1..";
        /// At most so many members in a consumer group.
        group_consumer_max_size: u32 = "group.consumer.max.size", 2_147_483_647u32, "1..2147483647";
        /// The assignors of the broker, the default first.
        group_consumer_assignors: String = "group.consumer.assignors", "uniform,range", "*";
        /// Whether groups may change their protocol while they have members.
        group_consumer_migration_policy: String = "group.consumer.migration.policy", "bidirectional", "bidirectional|upgrade|downgrade|disabled";
        /// The least time between two target assignments of a group, in milliseconds.
        group_consumer_assignment_interval_ms: u64 = "group.consumer.assignment.interval.ms", 1_000u64, "0..";
        /// The shortest that a group may have, in milliseconds.
        group_consumer_min_assignment_interval_ms: u64 = "group.consumer.min.assignment.interval.ms", 0u64, "0..";
        /// The longest that a group may have, in milliseconds.
        group_consumer_max_assignment_interval_ms: u64 = "group.consumer.max.assignment.interval.ms", 15_000u64, "0..";
        /// How old what a regular expression stands for may become, in milliseconds.
        group_consumer_regex_refresh_interval_ms: u64 = "group.consumer.regex.refresh.interval.ms", 600_000u64, "10000..";
        /// How often a coordinator looks for offsets that nobody needs any more, in milliseconds.
        offsets_retention_check_interval_ms: u64 = "offsets.retention.check.interval.ms", 600_000u64, "1..";
        /// At most so many characters of what a client says beside a committed offset.
        offset_metadata_max_bytes: i32 = "offset.metadata.max.bytes", 4_096i32, "-2147483648..2147483647";
        /// Bytes after which a log begins a new segment.
        log_segment_bytes: u32 = "log.segment.bytes", 1_073_741_824u32, "1048576..2147483647";
        /// Time after which a log begins a new segment, in milliseconds; where it is null, `log.roll.hours` counts.
        log_roll_ms: Option<i64> = "log.roll.ms", None, "1..";
        /// The same in hours.
        log_roll_hours: i64 = "log.roll.hours", 168i64, "1..";
        /// At most so much earlier a log begins a new segment, in milliseconds; where it is null, the hours count.
        log_roll_jitter_ms: Option<i64> = "log.roll.jitter.ms", None, "0..";
        /// The same in hours.
        log_roll_jitter_hours: i64 = "log.roll.jitter.hours", 0i64, "0..";
        /// How long records are kept, in milliseconds; -1 for ever; where it is null, the minutes count.
        log_retention_ms: Option<i64> = "log.retention.ms", None, "-1..";
        /// The same in minutes; where it is null, the hours count.
        log_retention_minutes: Option<i64> = "log.retention.minutes", None, "-1..";
        /// The same in hours.
        log_retention_hours: i64 = "log.retention.hours", 168i64, "-1..";
        /// How many bytes of a log are kept; -1 for all.
        log_retention_bytes: i64 = "log.retention.bytes", -1i64, "-1..";
        /// How long the cleaner of compacted logs rests, in milliseconds.
        log_cleaner_backoff_ms: u64 = "log.cleaner.backoff.ms", 15_000u64, "0..";
        /// How often old segments are looked for, in milliseconds.
        log_retention_check_interval_ms: u64 = "log.retention.check.interval.ms", 300_000u64, "1..";
        /// Messages after which a log is flushed; by default never.
        log_flush_interval_messages: i64 = "log.flush.interval.messages", i64::MAX, "1..";
        /// Time after which a log is flushed, in milliseconds; where it is null, the scheduler's interval counts.
        log_flush_interval_ms: Option<i64> = "log.flush.interval.ms", None, "0..";
        /// How often the broker looks whether a log must be flushed, in milliseconds.
        log_flush_scheduler_interval_ms: i64 = "log.flush.scheduler.interval.ms", i64::MAX, "0..";
        /// Bytes of a segment's offset index.
        log_index_size_max_bytes: u32 = "log.index.size.max.bytes", 10_485_760u32, "4..2147483647";
        /// Bytes between two entries of the sparse index.
        log_index_interval_bytes: u32 = "log.index.interval.bytes", 4_096u32, "0..2147483647";
        /// How long a tombstone is kept after compaction, in milliseconds.
        log_cleaner_delete_retention_ms: u64 = "log.cleaner.delete.retention.ms", 86_400_000u64, "0..";
        /// How long a record is safe from compaction, in milliseconds.
        log_cleaner_min_compaction_lag_ms: u64 = "log.cleaner.min.compaction.lag.ms", 0u64, "0..";
        /// After how long a record is compacted even in a clean log, in milliseconds.
        log_cleaner_max_compaction_lag_ms: u64 = "log.cleaner.max.compaction.lag.ms", i64::MAX.unsigned_abs(), "1..";
        /// How much of a log must be uncleaned before compaction, from 0 to 1.
        log_cleaner_min_cleanable_ratio: f64 = "log.cleaner.min.cleanable.ratio", 0.5f64, "0..1";
        /// Threads that compact.
        log_cleaner_threads: u32 = "log.cleaner.threads", 1u32, "1..";
        /// Memory of all of them for keys, in bytes.
        log_cleaner_dedupe_buffer_size: i64 = "log.cleaner.dedupe.buffer.size", 134_217_728i64, "1048577..";
        /// What happens to old records.
        log_cleanup_policy: String = "log.cleanup.policy", "delete", "delete|compact|compact,delete|delete,compact";
        /// How long a deleted segment's files stay, in milliseconds.
        log_segment_delete_delay_ms: u64 = "log.segment.delete.delay.ms", 60_000u64, "0..";
        /// Whether a segment's file has its full size from the start.
        log_preallocate: bool = "log.preallocate", false, "true|false";
        /// Whose clock stamps records.
        log_message_timestamp_type: String = "log.message.timestamp.type", "CreateTime", "CreateTime|LogAppendTime";
        /// How far a record's time may be in the past, in milliseconds.
        log_message_timestamp_before_max_ms: i64 = "log.message.timestamp.before.max.ms", i64::MAX, "0..";
        /// How far a record's time may be in the future, in milliseconds.
        log_message_timestamp_after_max_ms: i64 = "log.message.timestamp.after.max.ms", 3_600_000i64, "0..";
        /// Compression on the broker.
        compression_type: String = "compression.type", "producer", "producer|uncompressed|gzip|snappy|lz4|zstd";
        /// Threads that handle requests.
        num_io_threads: u32 = "num.io.threads", 8u32, "1..";
        /// Threads of each listener that read requests and write responses.
        num_network_threads: u32 = "num.network.threads", 3u32, "1..";
        /// How often the recovery point is written, in milliseconds.
        log_flush_offset_checkpoint_interval_ms: u64 = "log.flush.offset.checkpoint.interval.ms", 60_000u64, "0..";
        /// How often log start offsets are written, in milliseconds.
        log_flush_start_offset_checkpoint_interval_ms: u64 = "log.flush.start.offset.checkpoint.interval.ms", 60_000u64, "0..";
        /// After which time a broker that starts looks after its logs for the first time, in milliseconds.
        log_initial_task_delay_ms: u64 = "log.initial.task.delay.ms", 30_000u64, "0..";
        /// How long a producer that writes nothing is remembered, in milliseconds.
        producer_id_expiration_ms: u64 = "producer.id.expiration.ms", 86_400_000u64, "1..";
        /// How often a log looks for producers to forget, in milliseconds.
        producer_id_expiration_check_interval_ms: u64 = "producer.id.expiration.check.interval.ms", 600_000u64, "1..";
        /// The largest batch, in bytes.
        message_max_bytes: u32 = "message.max.bytes", 1_048_588u32, "0..2147483647";
        /// Whether an unknown topic is created when a client asks about it.
        auto_create_topics_enable: bool = "auto.create.topics.enable", true, "true|false";
        /// Who chooses the replica that a consumer reads from.
        replica_selector_class: String = "replica.selector.class", "", "*";
        /// Who decides what clients may do; with none, nobody is refused anything.
        authorizer_class_name: String = "authorizer.class.name", "", "*";
        /// Principals that may do everything, as in `User:admin`, with semicolons between them.
        super_users: String = "super.users", "", "*";
        /// Whether everybody may do everything with a resource that no access rule concerns.
        allow_everyone_if_no_acl_found: bool = "allow.everyone.if.no.acl.found", false, "true|false";
        /// Eligible leader replicas (KIP-966): 1 on, 0 off.
        eligible_leader_replicas_version: u32 = "eligible.leader.replicas.version", 1u32, "0|1";
        /// The voters that the directories were formatted with (`kafka-storage format --initial-controllers`): ids with commas. Where
        /// it is empty, every controller votes, as `controller.quorum.voters` says.
        initial_controllers: String = "initial.controllers", "", "*";
        /// Historical (before 0.9): a follower so many records behind leaves the ISR. 0 is off.
        replica_lag_max_messages: u64 = "replica.lag.max.messages", 0u64, "0..";
        /// Historical: how a follower finds where to truncate. `high-watermark` is the way before KIP-101 (0.11),
        /// `leader-epoch` KIP-101's own form before KIP-279, `fetch` today's (KIP-595).
        truncation: String = "truncation", "fetch", "fetch|leader-epoch|high-watermark";
        /// Historical: whether a voter of the metadata log asks first if an election would have a chance (KIP-996). `false` is
        /// the way before 4.0, where every voter that misses its leader raises the epoch.
        pre_vote: bool = "pre.vote", true, "true|false";
    }
    /// Settings of a topic that override brokers' defaults. An empty one does not.
    pub struct TopicSettings of topic_key {
        /// What happens to old records.
        cleanup_policy: String = "cleanup.policy", "delete", "delete|compact|compact,delete|delete,compact";
        /// Bytes after which a log begins a new segment.
        segment_bytes: u32 = "segment.bytes", 1_073_741_824u32, "1048576..2147483647";
        /// Kafka's own setting for tests, for segments below the 1 MiB that `segment.bytes` may be (KIP-1161); 0 for none.
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
    /// Settings of a producer.
    pub struct ProducerSettings of producer_key {
        /// What it calls itself; `producer-` and a number if left out. Quotas and logs know it by that.
        client_id: String = "client.id", "", "*";
        /// How many replicas must have a record: `all`, `1` or `0`.
        acks: String = "acks", "all", "all|-1|1|0";
        /// How long a batch waits for company, in milliseconds.
        linger_ms: u64 = "linger.ms", 5u64, "0..";
        /// Bytes at which a batch goes out at once.
        batch_size: u32 = "batch.size", 16_384u32, "0..";
        /// How often a batch is sent again.
        retries: u32 = "retries", 2_147_483_647u32, "0..2147483647";
        /// How long a producer waits before it tries again, in milliseconds.
        retry_backoff_ms: u64 = "retry.backoff.ms", 100u64, "0..";
        /// How long a broker is left alone after a connection to it has ended or could not be made, in milliseconds; twice as long
        /// after each further failure.
        reconnect_backoff_ms: u64 = "reconnect.backoff.ms", 50u64, "0..";
        /// How long at most, in milliseconds.
        reconnect_backoff_max_ms: u64 = "reconnect.backoff.max.ms", 1_000u64, "0..";
        /// How long a connection may take to open, in milliseconds; twice as long after each further failure.
        socket_connection_setup_timeout_ms: u64 = "socket.connection.setup.timeout.ms", 10_000u64, "0..";
        /// How long at most, in milliseconds.
        socket_connection_setup_timeout_max_ms: u64 = "socket.connection.setup.timeout.max.ms", 30_000u64, "0..";
        /// How long it waits for an answer, in milliseconds.
        request_timeout_ms: u64 = "request.timeout.ms", 30_000u64, "0..";
        /// How long a record may take until it is acknowledged or given up, in milliseconds.
        delivery_timeout_ms: u64 = "delivery.timeout.ms", 120_000u64, "0..";
        /// Batches on their way over one connection.
        max_in_flight_requests_per_connection: u32 = "max.in.flight.requests.per.connection", 5u32, "1..";
        /// Whether a batch that is sent twice is stored once.
        enable_idempotence: bool = "enable.idempotence", true, "true|false";
        /// The largest request, in bytes.
        max_request_size: u32 = "max.request.size", 1_048_576u32, "0..";
        /// How old metadata may grow, in milliseconds.
        metadata_max_age_ms: u64 = "metadata.max.age.ms", 300_000u64, "0..";
        /// How batches are compressed: `none`, `gzip`, `snappy`, `lz4` or `zstd`.
        compression_type: String = "compression.type", "none", "none|gzip|snappy|lz4|zstd";
        /// What the records of its batches take of their bytes where they are compressed, in percent: of the simulation, which has
        /// no codecs.
        simulated_compressed_percent: u32 = "simulated.compressed.percent", 50u32, "1..200";
        /// Whether keys choose no partition.
        partitioner_ignore_keys: bool = "partitioner.ignore.keys", false, "true|false";
        /// What chooses partitions; the built-in partitioner where empty.
        partitioner_class: String = "partitioner.class", "",
            "|org.apache.kafka.clients.producer.RoundRobinPartitioner|org.apache.kafka.clients.producer.internals.DefaultPartitioner";
        /// How keys become bytes.
        key_serializer: String = "key.serializer", "org.apache.kafka.common.serialization.StringSerializer",
            "org.apache.kafka.common.serialization.StringSerializer|org.apache.kafka.common.serialization.IntegerSerializer|org.apache.kafka.connect.json.JsonSerializer";
        /// How values become bytes.
        value_serializer: String = "value.serializer", "org.apache.kafka.common.serialization.StringSerializer",
            "org.apache.kafka.common.serialization.StringSerializer|org.apache.kafka.common.serialization.IntegerSerializer|org.apache.kafka.connect.json.JsonSerializer";
        /// Memory for batches that are not done, in bytes.
        buffer_memory: u64 = "buffer.memory", 33_554_432u64, "0..";
        /// How long `send` waits for metadata and for memory, in milliseconds.
        max_block_ms: u64 = "max.block.ms", 60_000u64, "0..";
        /// The name under which its transactions are known; none where empty.
        transactional_id: String = "transactional.id", "", "*";
        /// How long the coordinator lets a transaction be open before it aborts it, in milliseconds.
        transaction_timeout_ms: u64 = "transaction.timeout.ms", 60_000u64, "0..2147483647";
    }
    /// Settings of a consumer.
    pub struct ConsumerSettings of consumer_key {
        /// What it calls itself; `consumer-`, its group and a number if left out. Quotas, groups and logs know it by that.
        client_id: String = "client.id", "", "*";
        /// Where to begin where nothing is committed.
        auto_offset_reset: String = "auto.offset.reset", "latest", "earliest|latest|none|by_duration:PT1H";
        /// How bytes become keys.
        key_deserializer: String = "key.deserializer", "org.apache.kafka.common.serialization.StringDeserializer",
            "org.apache.kafka.common.serialization.StringDeserializer|org.apache.kafka.common.serialization.IntegerDeserializer|org.apache.kafka.connect.json.JsonDeserializer";
        /// How bytes become values.
        value_deserializer: String = "value.deserializer", "org.apache.kafka.common.serialization.StringDeserializer",
            "org.apache.kafka.common.serialization.StringDeserializer|org.apache.kafka.common.serialization.IntegerDeserializer|org.apache.kafka.connect.json.JsonDeserializer";
        /// How many bytes a fetch waits for.
        fetch_min_bytes: u32 = "fetch.min.bytes", 1u32, "0..";
        /// How long a fetch waits, in milliseconds.
        fetch_max_wait_ms: u64 = "fetch.max.wait.ms", 500u64, "0..";
        /// At most so many bytes in a fetch.
        fetch_max_bytes: u32 = "fetch.max.bytes", 52_428_800u32, "0..2147483647";
        /// At most so many bytes of one partition.
        max_partition_fetch_bytes: u32 = "max.partition.fetch.bytes", 1_048_576u32, "0..2147483647";
        /// At most so many records a poll.
        max_poll_records: u32 = "max.poll.records", 500u32, "1..";
        /// At most so long between two polls, in milliseconds.
        max_poll_interval_ms: u64 = "max.poll.interval.ms", 300_000u64, "1..";
        /// How long the coordinator bears silence, in milliseconds.
        session_timeout_ms: u64 = "session.timeout.ms", 45_000u64, "1..";
        /// How often a member says that it lives, in milliseconds.
        heartbeat_interval_ms: u64 = "heartbeat.interval.ms", 3_000u64, "1..";
        /// How often the consumer commits by itself, in milliseconds.
        auto_commit_interval_ms: u64 = "auto.commit.interval.ms", 5_000u64, "0..";
        /// How long it waits before it tries again, in milliseconds.
        retry_backoff_ms: u64 = "retry.backoff.ms", 100u64, "0..";
        /// How long a broker is left alone after a connection to it has ended or could not be made, in milliseconds; twice as long
        /// after each further failure.
        reconnect_backoff_ms: u64 = "reconnect.backoff.ms", 50u64, "0..";
        /// How long at most, in milliseconds.
        reconnect_backoff_max_ms: u64 = "reconnect.backoff.max.ms", 1_000u64, "0..";
        /// How long a connection may take to open, in milliseconds; twice as long after each further failure.
        socket_connection_setup_timeout_ms: u64 = "socket.connection.setup.timeout.ms", 10_000u64, "0..";
        /// How long at most, in milliseconds.
        socket_connection_setup_timeout_max_ms: u64 = "socket.connection.setup.timeout.max.ms", 30_000u64, "0..";
        /// How long it waits for an answer, in milliseconds.
        request_timeout_ms: u64 = "request.timeout.ms", 30_000u64, "0..";
        /// How old metadata may grow, in milliseconds.
        metadata_max_age_ms: u64 = "metadata.max.age.ms", 300_000u64, "0..";
        /// Which records of transactions it sees.
        isolation_level: String = "isolation.level", "read_uncommitted", "read_uncommitted|read_committed";
        /// Its rack (KIP-392).
        client_rack: String = "client.rack", "", "*";
        /// Its name for life (static membership).
        group_instance_id: String = "group.instance.id", "", "*";
        /// Who computes the assignment: a member (`classic`) or the broker (`consumer`, KIP-848).
        group_protocol: String = "group.protocol", "classic", "classic|consumer";
        /// The broker's assignor that a member would like; empty for the broker's own choice.
        group_remote_assignor: String = "group.remote.assignor", "", "|uniform|range";
        /// The assignors that a member can lead its group with, the one it would like best first.
        partition_assignment_strategy: String = "partition.assignment.strategy",
            "org.apache.kafka.clients.consumer.RangeAssignor,org.apache.kafka.clients.consumer.CooperativeStickyAssignor", "*";
    }
}

impl BrokerSettings {
    /// How often a broker looks whether followers lag (`ReplicaManager.startup`), in milliseconds.
    pub fn isr_expiration_interval_ms(&self) -> u64 {
        self.replica_lag_time_max_ms / 2
    }

    /// How long it waits for a connection to open.
    pub fn setup_timeout(&self) -> ExponentialBackoff {
        let (initial_ms, max_ms) =
            (self.socket_connection_setup_timeout_ms, self.socket_connection_setup_timeout_max_ms);
        ExponentialBackoff { initial_ms, max_ms }
    }
}

impl ProducerSettings {
    /// How long it leaves a broker alone that it could not reach.
    pub fn reconnect_backoff(&self) -> ExponentialBackoff {
        ExponentialBackoff { initial_ms: self.reconnect_backoff_ms, max_ms: self.reconnect_backoff_max_ms }
    }

    /// How long it waits for a connection to open.
    pub fn setup_timeout(&self) -> ExponentialBackoff {
        let (initial_ms, max_ms) =
            (self.socket_connection_setup_timeout_ms, self.socket_connection_setup_timeout_max_ms);
        ExponentialBackoff { initial_ms, max_ms }
    }
}

impl ConsumerSettings {
    /// How long it leaves a broker alone that it could not reach.
    pub fn reconnect_backoff(&self) -> ExponentialBackoff {
        ExponentialBackoff { initial_ms: self.reconnect_backoff_ms, max_ms: self.reconnect_backoff_max_ms }
    }

    /// How long it waits for a connection to open.
    pub fn setup_timeout(&self) -> ExponentialBackoff {
        let (initial_ms, max_ms) =
            (self.socket_connection_setup_timeout_ms, self.socket_connection_setup_timeout_max_ms);
        ExponentialBackoff { initial_ms, max_ms }
    }
}

impl TopicSettings {
    /// Bytes after which a log begins a new segment (`LogConfig.segmentSize`).
    pub fn segment_size(&self) -> u32 {
        if self.internal_segment_bytes > 0 { self.internal_segment_bytes } else { self.segment_bytes }
    }
}
