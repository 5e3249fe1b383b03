//! Kafka's settings by their real names: the tables of 4.3.1 (`ConfigDef`), and typed those that the engine acts on. The
//! ways of older versions are settings of ours, named after what they were.

use serde::Serialize;

use crate::command::CommandError;

mod broker_config;
mod broker_settings;
mod client_config;
mod client_settings;
mod config_def;
mod describe;
mod dynamic;
mod effect;
mod group_config;
mod group_validation;
pub mod listeners;
mod loggers;
mod offset_reset;
mod raft_protocol;
mod setting_field;
mod settings_group;
mod synonyms;
mod topic_config;
mod topic_settings;

pub use broker_settings::BrokerSettings;
pub use client_settings::{ConsumerSettings, ProducerSettings};
pub use config_def::{ConfigKey, ConfigType, ConfigValue, UpdateMode, Validator, java_double, parse_java_double};
pub use describe::{ConfigSource, DescribedNode, describe_configs, describe_resource, effective_topic_configs};
pub use dynamic::{
    items as list_items, list_after as list_after_operation, validate as validate_dynamic, validate_static,
    without_listener as listener_setting,
};
pub use effect::{Effect, Unmodelled, client_effect, effect};
pub use group_validation::{validate_client_metrics, validate_group};
pub use loggers::{LogLevelChange, LoggingController};
pub use offset_reset::OffsetReset;
pub use raft_protocol::RaftProtocol;
pub use synonyms::{Configs, NodeConfigs, Synonym, TOPIC_CONFIG_SYNONYMS};
pub use topic_settings::TopicSettings;

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
