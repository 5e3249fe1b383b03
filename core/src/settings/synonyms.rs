//! Which broker settings are the default of which topic setting (`ServerTopicConfigSynonyms`), and the value that holds.

use std::collections::BTreeMap;

use super::config_def::{ConfigKey, find};
use super::topic_config::TOPIC_CONFIG;
use super::{BrokerSettings, TopicSettings};
use crate::wire::config_resource::BROKER;
use crate::wire::hash_order::{java_string_hash, sort_as_hash_map};

/// Settings of one resource by name, as the metadata log has them.
pub type Configs = BTreeMap<String, String>;

/// A broker setting that is the default of a topic setting (`ConfigSynonym`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Synonym {
    /// The broker setting.
    pub name: &'static str,
    /// How many milliseconds its unit has, where it is not the topic setting's own.
    unit_ms: i64,
}

const fn same(name: &'static str) -> Synonym {
    Synonym { name, unit_ms: 1 }
}

const fn minutes(name: &'static str) -> Synonym {
    Synonym { name, unit_ms: 60_000 }
}

const fn hours(name: &'static str) -> Synonym {
    Synonym { name, unit_ms: 3_600_000 }
}

impl Synonym {
    /// The value in the topic setting's unit.
    pub fn convert(self, value: &str) -> String {
        match (self.unit_ms, value.trim().parse::<i64>()) {
            (unit, Ok(number)) if unit != 1 => number.saturating_mul(unit).to_string(),
            _ => value.to_owned(),
        }
    }
}

/// `ServerTopicConfigSynonyms.ALL_TOPIC_CONFIG_SYNONYMS`: the first that is set counts.
pub const TOPIC_CONFIG_SYNONYMS: &[(&str, &[Synonym])] = &[
    ("segment.bytes", &[same("log.segment.bytes")]),
    ("segment.ms", &[same("log.roll.ms"), hours("log.roll.hours")]),
    ("segment.jitter.ms", &[same("log.roll.jitter.ms"), hours("log.roll.jitter.hours")]),
    ("segment.index.bytes", &[same("log.index.size.max.bytes")]),
    ("flush.messages", &[same("log.flush.interval.messages")]),
    ("flush.ms", &[same("log.flush.interval.ms"), same("log.flush.scheduler.interval.ms")]),
    ("retention.bytes", &[same("log.retention.bytes")]),
    ("retention.ms", &[same("log.retention.ms"), minutes("log.retention.minutes"), hours("log.retention.hours")]),
    ("max.message.bytes", &[same("message.max.bytes")]),
    ("index.interval.bytes", &[same("log.index.interval.bytes")]),
    ("delete.retention.ms", &[same("log.cleaner.delete.retention.ms")]),
    ("min.compaction.lag.ms", &[same("log.cleaner.min.compaction.lag.ms")]),
    ("max.compaction.lag.ms", &[same("log.cleaner.max.compaction.lag.ms")]),
    ("file.delete.delay.ms", &[same("log.segment.delete.delay.ms")]),
    ("min.cleanable.dirty.ratio", &[same("log.cleaner.min.cleanable.ratio")]),
    ("cleanup.policy", &[same("log.cleanup.policy")]),
    ("unclean.leader.election.enable", &[same("unclean.leader.election.enable")]),
    ("min.insync.replicas", &[same("min.insync.replicas")]),
    ("compression.type", &[same("compression.type")]),
    ("compression.gzip.level", &[same("compression.gzip.level")]),
    ("compression.lz4.level", &[same("compression.lz4.level")]),
    ("compression.zstd.level", &[same("compression.zstd.level")]),
    ("preallocate", &[same("log.preallocate")]),
    ("message.timestamp.type", &[same("log.message.timestamp.type")]),
    ("message.timestamp.before.max.ms", &[same("log.message.timestamp.before.max.ms")]),
    ("message.timestamp.after.max.ms", &[same("log.message.timestamp.after.max.ms")]),
    ("local.retention.ms", &[same("log.local.retention.ms")]),
    ("local.retention.bytes", &[same("log.local.retention.bytes")]),
];

/// Broker settings that mean the same in other units (`DynamicBrokerConfig.brokerConfigSynonyms`).
const UNITS: [&[&str]; 4] = [
    &["log.roll.ms", "log.roll.hours"],
    &["log.roll.jitter.ms", "log.roll.jitter.hours"],
    &["log.retention.ms", "log.retention.minutes", "log.retention.hours"],
    &["log.flush.interval.ms", "log.flush.scheduler.interval.ms"],
];

/// The broker settings that one dynamic setting takes the place of: itself and its like in other units.
pub fn overridden_by(name: &str) -> &'static [&'static str] {
    let is_scheduler = name == "log.flush.scheduler.interval.ms";
    UNITS.into_iter().find(|units| units.contains(&name) && !is_scheduler).unwrap_or(&[])
}

/// A node's settings, layer over layer: per broker, for all brokers, as it was started with.
#[derive(Clone, Copy, Debug)]
pub struct NodeConfigs<'a> {
    /// What the node was started with.
    pub started_with: &'a BrokerSettings,
    /// The dynamic default of all brokers.
    pub cluster: &'a Configs,
    /// The dynamic settings of this broker.
    pub broker: &'a Configs,
}

/// The first name that a table has no setting of, in the order of a `java.util.HashMap`.
pub(super) fn unknown<'a>(own: &'a Configs, table: &'static [ConfigKey]) -> Option<&'a String> {
    let mut names: Vec<&String> = own.keys().filter(|name| find(table, name).is_none()).collect();
    sort_as_hash_map(&mut names, |name| java_string_hash(name));
    names.first().copied()
}

/// Of a resource that nothing was set for.
static NOTHING: Configs = Configs::new();

impl<'a> NodeConfigs<'a> {
    /// A node's settings as the metadata log has them: `configs` are those of all resources, by type and name.
    pub fn of(started_with: &'a BrokerSettings, configs: &'a BTreeMap<(i8, String), Configs>, node_id: i32) -> Self {
        let of_broker = |name: String| configs.get(&(BROKER, name)).unwrap_or(&NOTHING);
        Self { started_with, cluster: of_broker(String::new()), broker: of_broker(node_id.to_string()) }
    }
}

impl NodeConfigs<'_> {
    /// A broker setting's value; `None` where it is null.
    pub fn value(&self, name: &str) -> Option<String> {
        for layer in [self.broker, self.cluster] {
            if let Some(value) = layer.get(name) {
                return Some(value.clone());
            }
            // A dynamic setting removes the static ones that mean the same: theirs is the default again.
            if overridden_by(name).iter().any(|unit| layer.contains_key(*unit)) {
                return super::broker_key(name).and_then(|key| key.default).map(str::to_owned);
            }
        }
        self.started_with.value(name)
    }

    /// The value of a topic setting where the topic says nothing (`KafkaConfig.extractLogConfigMap`).
    pub fn topic_default(&self, name: &str) -> Option<String> {
        let (_, synonyms) = TOPIC_CONFIG_SYNONYMS.iter().find(|(topic_setting, _)| *topic_setting == name)?;
        let value =
            synonyms.iter().find_map(|synonym| self.value(synonym.name).map(|value| synonym.convert(&value)))?;
        // Any negative time is for ever (`KafkaConfig.logRetentionTimeMillis`).
        let is_for_ever = name == "retention.ms" && value.trim().parse::<i64>().is_ok_and(|time| time < 0);
        Some(if is_for_ever { "-1".to_owned() } else { value })
    }

    /// Every setting of a topic as it holds on this node: the topic's own, else this node's, else the default.
    pub fn topic_settings(&self, topic: Option<&Configs>) -> TopicSettings {
        let mut settings = TopicSettings::default();
        for key in TOPIC_CONFIG {
            let value = topic.and_then(|own| own.get(key.name)).cloned().or_else(|| self.topic_default(key.name));
            if let Some(value) = value {
                // Who wrote it into the metadata log has checked it; one of another version is simply not taken.
                let _ = settings.set(key.name, &value);
            }
        }
        settings
    }

    /// Checks all of a topic's own settings together (`LogConfig.validate`). The error is Kafka's message.
    pub fn validate_topic(&self, own: &Configs) -> Result<(), String> {
        if let Some(name) = unknown(own, TOPIC_CONFIG) {
            return Err(format!("Unknown topic config name: {name}"));
        }
        for key in TOPIC_CONFIG {
            if let Some(value) = own.get(key.name).cloned().or_else(|| self.topic_default(key.name)) {
                key.parse(&value)?;
            }
        }
        validate_together(&self.topic_settings(Some(own)))
    }
}

/// What settings of a topic must be to each other (`LogConfig.validateValues`).
fn validate_together(settings: &TopicSettings) -> Result<(), String> {
    let (min, max) = (settings.min_compaction_lag_ms, settings.max_compaction_lag_ms);
    if min > max {
        return Err(format!(
            "conflict topic config setting min.compaction.lag.ms ({min}) > max.compaction.lag.ms ({max})"
        ));
    }
    if settings.remote_storage_enable {
        // `remote.log.storage.system.enable` is off: there is no tiered storage here.
        return Err("Tiered Storage functionality is disabled in the broker. \
                    Topic cannot be configured with remote log storage."
            .to_owned());
    }
    Ok(())
}
