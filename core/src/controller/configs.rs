//! Settings in the metadata log (`ConfigurationControlManager`).

use std::collections::BTreeMap;

use super::cluster::{ApiError, Cluster};
use crate::metadata::MetadataRecord;
use crate::settings::{BrokerSettings, SettingInfo, TopicSettings};
use crate::wire::ErrorCode;
use crate::wire::hash_order::{java_string_hash, sort_as_hash_map};
use crate::wire::metadata::{
    AlterConfigsResource, AlterConfigsResourceResponse, IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse,
};

/// `ConfigResource.Type.TOPIC`.
const TOPIC: i8 = 2;
/// `ConfigResource.Type.BROKER`.
const BROKER: i8 = 4;
const MIN_ISR: &str = "min.insync.replicas";

/// Topic settings that Kafka knows and nothing here depends on: any value is taken.
const OTHER_TOPIC_SETTINGS: &[&str] = &[
    "compression.gzip.level",
    "compression.lz4.level",
    "compression.zstd.level",
    "follower.replication.throttled.replicas",
    "leader.replication.throttled.replicas",
    "local.retention.bytes",
    "local.retention.ms",
    "max.compaction.lag.ms",
    "preallocate",
    "remote.log.copy.disable",
    "remote.log.delete.on.disable",
    "remote.storage.enable",
    "segment.jitter.ms",
];

/// Broker settings that a running broker takes over (`DynamicBrokerConfig`), among those that the engine knows.
const DYNAMIC_BROKER_SETTINGS: &[&str] = &[
    "log.flush.interval.messages",
    "log.retention.bytes",
    "log.retention.ms",
    "log.roll.ms",
    "log.segment.bytes",
    "message.max.bytes",
    "min.insync.replicas",
    "unclean.leader.election.enable",
];

/// Settings that name a process and its place.
const READ_ONLY_BROKER_SETTINGS: &[&str] = &[
    "broker.id",
    "broker.rack",
    "controller.listener.names",
    "controller.quorum.voters",
    "log.dirs",
    "node.id",
    "process.roles",
];

/// What to do with one setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Give it a value.
    Set(String),
    /// Take it back.
    Delete,
    /// Add to a list.
    Append(String),
    /// Remove from a list.
    Subtract(String),
}

/// Decides about changed settings, each resource on its own.
pub fn incremental_alter_configs(
    cluster: Cluster<'_>,
    request: &IncrementalAlterConfigsRequest,
) -> (Vec<MetadataRecord>, IncrementalAlterConfigsResponse) {
    let mut records = Vec::new();
    let responses = request.resources.iter().enumerate().map(|(at, resource)| {
        let same = |other: &AlterConfigsResource| {
            other.resource_type == resource.resource_type && other.resource_name == resource.resource_name
        };
        let error = if request.resources[..at].iter().any(same) {
            ApiError::new(ErrorCode::InvalidRequest, "Each resource must appear at most once.")
        } else {
            match alter(cluster, resource) {
                Ok(new) => {
                    records.extend(new);
                    ApiError::bare(ErrorCode::None)
                }
                Err(error) => error,
            }
        };
        AlterConfigsResourceResponse {
            error_code: error.code,
            error_message: error.message,
            resource_type: resource.resource_type,
            resource_name: resource.resource_name.clone(),
        }
    });
    let responses = responses.collect();
    if request.validate_only {
        records.clear();
    }
    (records, IncrementalAlterConfigsResponse { responses, ..IncrementalAlterConfigsResponse::default() })
}

fn alter(cluster: Cluster<'_>, resource: &AlterConfigsResource) -> Result<Vec<MetadataRecord>, ApiError> {
    let invalid = |message: String| ApiError::new(ErrorCode::InvalidRequest, message);
    let mut wanted = BTreeMap::new();
    for config in &resource.configs {
        let value =
            || config.value.clone().ok_or_else(|| invalid(format!("Null value not supported for : {}", config.name)));
        let operation = match config.config_operation {
            0 => Operation::Set(value()?),
            1 => Operation::Delete,
            2 => Operation::Append(value()?),
            3 => Operation::Subtract(value()?),
            other => return Err(invalid(format!("Unknown operation type {other}"))),
        };
        if wanted.insert(config.name.as_str(), operation).is_some() {
            return Err(invalid(format!("Error due to duplicate config keys: {}", config.name)));
        }
    }
    match resource.resource_type {
        TOPIC if cluster.image.topic_ids.contains_key(resource.resource_name.as_str()) => {
            topic_config_records(cluster, &resource.resource_name, &wanted)
        }
        TOPIC => Err(ApiError::new(
            ErrorCode::UnknownTopicOrPartition,
            format!("The topic '{}' does not exist.", resource.resource_name),
        )),
        BROKER => broker_config_records(cluster, &resource.resource_name, &wanted),
        other => Err(invalid(format!("Unexpected resource type {other}."))),
    }
}

/// Records for a topic's settings. A setting that has the value already writes nothing.
pub fn topic_config_records(
    cluster: Cluster<'_>,
    topic: &str,
    wanted: &BTreeMap<&str, Operation>,
) -> Result<Vec<MetadataRecord>, ApiError> {
    let known = TopicSettings::all();
    let records = config_records(cluster, TOPIC, topic, wanted, &known)?;
    for record in &records {
        let MetadataRecord::ConfigRecord { name, value, .. } = record else {
            continue;
        };
        match known.iter().find(|info| info.name == name) {
            Some(info) => check_value(info, value.as_deref())?,
            None if OTHER_TOPIC_SETTINGS.contains(&name.as_str()) => {}
            None => {
                return Err(ApiError::new(ErrorCode::InvalidConfig, format!("Unknown topic config name: {name}")));
            }
        }
    }
    Ok(with_clear_elr(cluster, topic, records))
}

fn broker_config_records(
    cluster: Cluster<'_>,
    broker: &str,
    wanted: &BTreeMap<&str, Operation>,
) -> Result<Vec<MetadataRecord>, ApiError> {
    if !broker.is_empty() {
        let Ok(id) = broker.parse::<i32>() else {
            let message = format!("Node id must be an integer, but it is: {broker}");
            return Err(ApiError::new(ErrorCode::InvalidRequest, message));
        };
        if !cluster.image.brokers.contains_key(&id) {
            return Err(ApiError::new(ErrorCode::BrokerIdNotRegistered, format!("No broker with id {id} found.")));
        }
    }
    let known = BrokerSettings::all();
    let is_dynamic = |name: &&str| {
        DYNAMIC_BROKER_SETTINGS.contains(name)
            || !(READ_ONLY_BROKER_SETTINGS.contains(name) || known.iter().any(|info| info.name == *name))
    };
    let fixed: Vec<&str> = wanted.keys().copied().filter(|name| !is_dynamic(name)).collect();
    if !fixed.is_empty() {
        let message = format!("Cannot update these configs dynamically: Set({})", fixed.join(", "));
        return Err(ApiError::new(ErrorCode::InvalidRequest, message));
    }
    if cluster.elr_enabled() && wanted.contains_key(MIN_ISR) {
        let refuse = |message: &str| Err(ApiError::new(ErrorCode::InvalidConfig, message));
        if !broker.is_empty() {
            return refuse("Broker-level min.insync.replicas cannot be altered while ELR is enabled.");
        }
        if wanted.get(MIN_ISR) == Some(&Operation::Delete) {
            return refuse("Cluster-level min.insync.replicas cannot be removed while ELR is enabled.");
        }
    }
    let records = config_records(cluster, BROKER, broker, wanted, &known)?;
    for record in &records {
        if let MetadataRecord::ConfigRecord { name, value, .. } = record
            && let Some(info) = known.iter().find(|info| info.name == name)
        {
            check_value(info, value.as_deref())?;
        }
    }
    Ok(if broker.is_empty() { with_clear_elr(cluster, "", records) } else { records })
}

/// Whether who left the ISR had everything depends on the `min.insync.replicas` of then: a new one makes the ELR worthless.
fn with_clear_elr(cluster: Cluster<'_>, topic: &str, mut records: Vec<MetadataRecord>) -> Vec<MetadataRecord> {
    let sets_min_isr =
        |record: &MetadataRecord| matches!(record, MetadataRecord::ConfigRecord { name, .. } if name == MIN_ISR);
    if cluster.elr_enabled() && records.iter().any(sets_min_isr) {
        records.push(MetadataRecord::ClearElrRecord { topic_name: topic.to_owned() });
    }
    records
}

fn config_records(
    cluster: Cluster<'_>,
    resource_type: i8,
    resource_name: &str,
    wanted: &BTreeMap<&str, Operation>,
    known: &[SettingInfo],
) -> Result<Vec<MetadataRecord>, ApiError> {
    let configs = cluster.image.configs.get(&(resource_type, resource_name.to_owned()));
    let mut records = Vec::new();
    // A controller goes through a HashMap of the settings.
    let mut in_order: Vec<_> = wanted.iter().collect();
    sort_as_hash_map(&mut in_order, |(name, _)| java_string_hash(name));
    for (name, operation) in in_order {
        let current = configs.and_then(|configs| configs.get(*name));
        let list = || list_of(name, operation, current, known);
        let value = match operation {
            Operation::Set(value) => Some(value.clone()),
            Operation::Delete => None,
            Operation::Append(added) => {
                let mut list = list()?;
                for item in items(added) {
                    if !list.contains(&item) {
                        list.push(item);
                    }
                }
                Some(list.join(","))
            }
            Operation::Subtract(removed) => {
                let removed = items(removed);
                let mut list = list()?;
                list.retain(|item| !removed.contains(item));
                Some(list.join(","))
            }
        };
        if value.as_ref() != current {
            let (resource_name, name) = (resource_name.to_owned(), (*name).to_owned());
            records.push(MetadataRecord::ConfigRecord { resource_type, resource_name, name, value });
        }
    }
    Ok(records)
}

fn items(list: &str) -> Vec<String> {
    list.split(',').map(|item| item.trim().to_owned()).filter(|item| !item.is_empty()).collect()
}

fn list_of(
    name: &str,
    operation: &Operation,
    current: Option<&String>,
    known: &[SettingInfo],
) -> Result<Vec<String>, ApiError> {
    if name != "cleanup.policy" {
        let operation = if matches!(operation, Operation::Append(_)) { "APPEND" } else { "SUBTRACT" };
        let message = format!("Can't {operation} to key {name} because its type is not LIST.");
        return Err(ApiError::new(ErrorCode::InvalidConfig, message));
    }
    let default = known.iter().find(|info| info.name == name).map_or("", |info| info.default.as_str());
    Ok(items(current.map_or(default, String::as_str)))
}

/// Checks a value in Kafka's words (`ConfigDef`).
fn check_value(info: &SettingInfo, value: Option<&str>) -> Result<(), ApiError> {
    let Some(value) = value else {
        return Ok(());
    };
    let refuse = |what: String| {
        let message = format!("Invalid value {value} for configuration {}: {what}", info.name);
        Err(ApiError::new(ErrorCode::InvalidConfig, message))
    };
    if let Some((min, max)) = info.values.split_once("..") {
        let Some(number) = parse_number(info, value) else {
            return refuse(format!("Not a number of type {}", number_type(info)));
        };
        if min.parse::<f64>().is_ok_and(|min| number < min) {
            return refuse(format!("Value must be at least {min}"));
        }
        if max.parse::<f64>().is_ok_and(|max| number > max) {
            return refuse(format!("Value must be no more than {max}"));
        }
    } else if info.values == "true|false" {
        if !value.trim().eq_ignore_ascii_case("true") && !value.trim().eq_ignore_ascii_case("false") {
            return refuse("Expected value to be either true or false".to_owned());
        }
    } else if info.name == "cleanup.policy" {
        if let Some(wrong) = items(value).into_iter().find(|item| item != "compact" && item != "delete") {
            let message = format!(
                "Invalid value {wrong} for configuration cleanup.policy: String must be one of: compact, delete"
            );
            return Err(ApiError::new(ErrorCode::InvalidConfig, message));
        }
    } else if info.values.contains('|') && !info.values.split('|').any(|allowed| allowed == value) {
        return refuse(format!("String must be one of: {}", info.values.replace('|', ", ")));
    }
    Ok(())
}

fn parse_number(info: &SettingInfo, value: &str) -> Option<f64> {
    let value = value.trim();
    match number_type(info) {
        "DOUBLE" => value.parse().ok().filter(|number: &f64| !number.is_nan()),
        "INT" => value.parse::<i32>().ok().map(f64::from),
        // Exact enough for comparing with bounds.
        _ => value.parse::<i64>().ok().map(|number| number as f64),
    }
}

fn number_type(info: &SettingInfo) -> &'static str {
    let is_int = info.values.ends_with("..2147483647") || info.name.ends_with(".partitions") || info.name == MIN_ISR;
    match () {
        () if info.default.contains('.') => "DOUBLE",
        () if is_int => "INT",
        () => "LONG",
    }
}
