//! Settings in the metadata log (`ConfigurationControlManager`, `ControllerConfigurationValidator`).

use super::cluster_control_manager::{ApiError, ClusterControlManager};
use super::topics::validate_name;
use crate::metadata::MetadataRecord;
use crate::settings::{ConfigType, Configs, broker_key, topic_key, validate_client_metrics, validate_group};
use crate::wire::ErrorCode;
use crate::wire::config_resource::{BROKER, BROKER_LOGGER, CLIENT_METRICS, GROUP, TOPIC};
use crate::wire::hash_order::{java_string_hash, sort_as_hash_map};
use crate::wire::metadata::{
    AlterConfigsRequest, AlterConfigsResourceResponse, AlterConfigsResponse, IncrementalAlterConfigsRequest,
    IncrementalAlterConfigsResponse,
};

const MIN_ISR: &str = "min.insync.replicas";
const CORDONED_LOG_DIRS: &str = "cordoned.log.dirs";
/// What a controller says of a resource that is named more than once.
pub(super) const DUPLICATE_RESOURCE: &str = "Duplicate resource.";
/// Longest value of a setting (`DISALLOWED_CONFIG_VALUE_SIZE_ERROR`).
const VALUE_LENGTH_MAX: usize = 32_767;

/// What to do with one setting (`AlterConfigOp.OpType`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Give it a value. Without one it is taken back.
    Set(Option<String>),
    /// Take it back.
    Delete,
    /// Add to a list. Without a value whoever comes to it falls over it.
    Append(Option<String>),
    /// Remove from a list, likewise.
    Subtract(Option<String>),
    /// One that does not exist: whoever comes to it falls over it.
    Unknown,
}

/// What to do with settings, each named once, in the order in which they were named first: a hash map keeps it within a
/// bucket.
#[derive(Clone, Debug, Default)]
pub struct WantedConfigs<'a>(Vec<(&'a str, Operation)>);

impl<'a> WantedConfigs<'a> {
    fn put(&mut self, name: &'a str, operation: Operation) {
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => *known = operation,
            None => self.0.push((name, operation)),
        }
    }
}

impl<'a> FromIterator<(&'a str, Operation)> for WantedConfigs<'a> {
    /// Of a setting named twice the last counts.
    fn from_iter<I: IntoIterator<Item = (&'a str, Operation)>>(named: I) -> Self {
        let mut wanted = Self::default();
        named.into_iter().for_each(|(name, operation)| wanted.put(name, operation));
        wanted
    }
}

/// Changes of one resource's settings.
#[derive(Clone, Debug)]
struct ResourceChange<'a> {
    resource_type: i8,
    resource_name: &'a str,
    wanted: WantedConfigs<'a>,
    /// Whether settings that are not named go (the way before KIP-339).
    replaces_all: bool,
    /// Whether a broker passed it on, which has looked at its own settings.
    is_forwarded: bool,
}

/// Decides about changed settings, each resource on its own. An operation that does not exist is a null in Kafka, and an exception
/// inside the event where it is come to: then the whole request fails.
#[inline(never)]
pub fn incremental_alter_configs(
    cluster: ClusterControlManager<'_>,
    request: &IncrementalAlterConfigsRequest,
    is_forwarded: bool,
) -> Result<(Vec<MetadataRecord>, IncrementalAlterConfigsResponse), ApiError> {
    let mut changes = Vec::new();
    for resource in &request.resources {
        // Of a setting named twice the last counts: brokers do not pass such a request on.
        let mut wanted = WantedConfigs::default();
        for config in &resource.configs {
            let operation = match config.config_operation {
                0 => Operation::Set(config.value.clone()),
                1 => Operation::Delete,
                2 => Operation::Append(config.value.clone()),
                3 => Operation::Subtract(config.value.clone()),
                _ => Operation::Unknown,
            };
            wanted.put(config.name.as_str(), operation);
        }
        let (resource_type, resource_name) = (resource.resource_type, resource.resource_name.as_str());
        changes.push(ResourceChange { resource_type, resource_name, wanted, replaces_all: false, is_forwarded });
    }
    let (records, responses) = alter(cluster, &changes, request.validate_only)?;
    Ok((records, IncrementalAlterConfigsResponse { responses, ..IncrementalAlterConfigsResponse::default() }))
}

/// The way before KIP-339: what is not named goes.
#[inline(never)]
pub fn legacy_alter_configs(
    cluster: ClusterControlManager<'_>,
    request: &AlterConfigsRequest,
    is_forwarded: bool,
) -> Result<(Vec<MetadataRecord>, AlterConfigsResponse), ApiError> {
    let changes: Vec<ResourceChange<'_>> = request
        .resources
        .iter()
        .map(|resource| ResourceChange {
            resource_type: resource.resource_type,
            resource_name: &resource.resource_name,
            wanted: resource
                .configs
                .iter()
                .map(|config| (config.name.as_str(), Operation::Set(config.value.clone())))
                .collect(),
            replaces_all: true,
            is_forwarded,
        })
        .collect();
    let (records, responses) = alter(cluster, &changes, request.validate_only)?;
    Ok((records, AlterConfigsResponse { responses, ..AlterConfigsResponse::default() }))
}

/// Whether the controller has settings of such resources.
pub(super) fn is_known_type(resource_type: i8) -> bool {
    matches!(resource_type, TOPIC | BROKER | CLIENT_METRICS | GROUP)
}

/// Whether the number is one of `ConfigResource.Type` other than `UNKNOWN`; what changes loggers was carried out already.
fn is_config_resource(resource_type: i8) -> bool {
    is_known_type(resource_type) || resource_type == BROKER_LOGGER
}

fn alter(
    cluster: ClusterControlManager<'_>,
    changes: &[ResourceChange<'_>],
    validate_only: bool,
) -> Result<(Vec<MetadataRecord>, Vec<AlterConfigsResourceResponse>), ApiError> {
    let mut records = Vec::new();
    let same = |one: &ResourceChange<'_>, other: &ResourceChange<'_>| {
        one.resource_type == other.resource_type && one.resource_name == other.resource_name
    };
    let answer = |change: &ResourceChange<'_>, error: ApiError| AlterConfigsResourceResponse {
        error_code: error.code,
        error_message: error.message,
        resource_type: change.resource_type,
        resource_name: change.resource_name.to_owned(),
    };
    // What `ControllerApis` refuses stands first: types that are none, each time, and what is named again, when it is the first time.
    let mut responses = Vec::new();
    let mut left = Vec::new();
    for (at, change) in changes.iter().enumerate() {
        let earlier = changes[..at].iter().filter(|earlier| same(earlier, change)).count();
        if !is_config_resource(change.resource_type) {
            let message = format!("Unknown resource type {}.", change.resource_type);
            responses.push(answer(change, ApiError::new(ErrorCode::UnsupportedVersion, message)));
        } else if earlier == 1 {
            responses.push(answer(change, ApiError::new(ErrorCode::InvalidRequest, DUPLICATE_RESOURCE)));
        } else if earlier == 0 && !changes[at + 1..].iter().any(|later| same(later, change)) {
            left.push(change);
        }
    }
    for change in left {
        let error = match alter_resource(cluster, change, true) {
            Ok(new) => {
                records.extend(new);
                ApiError::bare(ErrorCode::None)
            }
            Err(error) if error.is_unexpected() => return Err(error),
            Err(error) => error,
        };
        responses.push(answer(change, error));
    }
    if validate_only {
        records.clear();
    }
    let clear_elr = clear_elr_records(cluster, &records);
    records.extend(clear_elr);
    Ok((records, responses))
}

/// Records for the settings of a topic that is being created.
pub fn creation_config_records(
    cluster: ClusterControlManager<'_>,
    topic: &str,
    wanted: WantedConfigs<'_>,
) -> Result<Vec<MetadataRecord>, ApiError> {
    let change =
        ResourceChange { resource_type: TOPIC, resource_name: topic, wanted, replaces_all: false, is_forwarded: false };
    let mut records = alter_resource(cluster, &change, false)?;
    let clear_elr = clear_elr_records(cluster, &records);
    records.extend(clear_elr);
    Ok(records)
}

/// `incrementalAlterConfigResource`, `legacyAlterConfigResource`.
fn alter_resource(
    cluster: ClusterControlManager<'_>,
    change: &ResourceChange<'_>,
    must_exist: bool,
) -> Result<Vec<MetadataRecord>, ApiError> {
    let (resource_type, resource_name) = (change.resource_type, change.resource_name);
    let none = Configs::new();
    let current = cluster.image.configs.get(&(resource_type, resource_name.to_owned())).unwrap_or(&none);
    let record = |name: &str, value: Option<String>| MetadataRecord::ConfigRecord {
        resource_type,
        resource_name: resource_name.to_owned(),
        name: name.to_owned(),
        value,
    };
    let mut records = Vec::new();
    let mut all = current.clone();
    // A controller goes through a HashMap of the settings.
    let mut in_order: Vec<_> = change.wanted.0.iter().collect();
    sort_as_hash_map(&mut in_order, |(name, _)| java_string_hash(name));
    let mut altered = Vec::new();
    for (name, operation) in in_order {
        let value = match operation {
            Operation::Set(value) => value.clone(),
            Operation::Delete => None,
            Operation::Append(_) | Operation::Subtract(_) => {
                Some(list_after(resource_type, name, operation, current.get(*name))?)
            }
            Operation::Unknown => return Err(ApiError::unexpected()),
        };
        // Brokers read their files again even if nothing changes (KAFKA-14136).
        if value.as_ref() != current.get(*name) || resource_type == BROKER {
            altered.push((*name, value));
        }
    }
    for (name, value) in altered {
        check_min_isr(cluster, change, name, value.as_deref())?;
        check_cordoned(change, name, value.as_deref(), current.get(name))?;
        match &value {
            None => drop(all.remove(name)),
            Some(text) if text.encode_utf16().count() > VALUE_LENGTH_MAX => {
                let message = "The configuration value cannot be added because it exceeds the maximum value size of \
                               32767 bytes.";
                return Err(ApiError::new(ErrorCode::InvalidConfig, message));
            }
            Some(text) => drop(all.insert(name.to_owned(), text.clone())),
        }
        records.push(record(name, value));
    }
    if change.replaces_all {
        let known = cluster.orders.config_names(resource_type, resource_name);
        for name in known.filter(|name| change.wanted.0.iter().all(|(wanted, _)| wanted != name)) {
            check_min_isr(cluster, change, name, None)?;
            all.remove(name);
            records.push(record(name, None));
        }
    }
    validate(cluster, change, &all)?;
    if must_exist {
        check_exists(cluster, change)?;
    }
    Ok(records)
}

/// With eligible leader replicas every node must count with the same number (KIP-966).
fn check_min_isr(
    cluster: ClusterControlManager<'_>,
    change: &ResourceChange<'_>,
    name: &str,
    value: Option<&str>,
) -> Result<(), ApiError> {
    if name != MIN_ISR || change.resource_type != BROKER || !cluster.elr_enabled() {
        return Ok(());
    }
    let refuse = |message: &str| Err(ApiError::new(ErrorCode::InvalidConfig, message));
    match (change.resource_name.is_empty(), value) {
        (false, _) => refuse("Broker-level min.insync.replicas cannot be altered while ELR is enabled."),
        (true, None) => refuse("Cluster-level min.insync.replicas cannot be removed while ELR is enabled."),
        (true, Some(_)) => Ok(()),
    }
}

/// A controller does not know a broker's directories: who asks it may only have fewer of them cordoned
/// (`isCordonedLogDirsInvalid`).
fn check_cordoned(
    change: &ResourceChange<'_>,
    name: &str,
    value: Option<&str>,
    current: Option<&String>,
) -> Result<(), ApiError> {
    let Some(value) = value.map(str::trim).filter(|value| !value.is_empty()) else { return Ok(()) };
    if name != CORDONED_LOG_DIRS || change.resource_type != BROKER || change.is_forwarded {
        return Ok(());
    }
    let known: Vec<&str> = current.map_or(Vec::new(), |current| current.trim().split(',').map(str::trim).collect());
    if value.split(',').all(|dir| known.contains(&dir.trim())) {
        return Ok(());
    }
    let message = "When updating cordoned.log.dirs via controllers,  the new value must be a subset of the current \
                   configuration value.";
    Err(ApiError::new(ErrorCode::InvalidConfig, message))
}

/// `ControllerConfigurationValidator`: what a broker's settings may be its broker has checked.
fn validate(cluster: ClusterControlManager<'_>, change: &ResourceChange<'_>, all: &Configs) -> Result<(), ApiError> {
    let name = change.resource_name;
    let invalid = |message: &str| Err(ApiError::new(ErrorCode::InvalidRequest, message));
    if change.resource_type == TOPIC {
        if name.is_empty() {
            return invalid("Default topic resources are not allowed.");
        }
        validate_name(name)?;
        return cluster
            .node_configs()
            .validate_topic(all)
            .map_err(|message| ApiError::new(ErrorCode::InvalidConfig, message));
    }
    if change.resource_type == CLIENT_METRICS {
        if name.is_empty() {
            return invalid("Subscription name can't be empty");
        }
        return validate_client_metrics(all).map_err(|(error, message)| ApiError::new(error, message));
    }
    if change.resource_type == GROUP {
        if name.is_empty() {
            return invalid("Default group resources are not allowed.");
        }
        return validate_group(cluster.node_configs(), all)
            .map_err(|message| ApiError::new(ErrorCode::InvalidConfig, message));
    }
    match name.parse::<i32>() {
        _ if name.is_empty() => Ok(()),
        Err(_) => invalid("Unable to parse broker name as a base 10 number."),
        Ok(id) if id < 0 => invalid("Invalid negative broker ID."),
        Ok(_) => Ok(()),
    }
}

/// `QuorumController.ConfigResourceExistenceChecker`.
fn check_exists(cluster: ClusterControlManager<'_>, change: &ResourceChange<'_>) -> Result<(), ApiError> {
    let name = change.resource_name;
    if change.resource_type == TOPIC && !cluster.image.topic_ids.contains_key(name) {
        return Err(ApiError::new(ErrorCode::UnknownTopicOrPartition, format!("The topic '{name}' does not exist.")));
    }
    if change.resource_type == BROKER && !name.is_empty() {
        let id = name.parse::<i32>().unwrap_or(-1);
        let is_controller = cluster.static_voters.get(id).is_some() || cluster.image.controllers.contains_key(&id);
        if !is_controller && !cluster.image.brokers.contains_key(&id) {
            return Err(ApiError::new(ErrorCode::BrokerIdNotRegistered, format!("No node with id {id} found.")));
        }
    }
    Ok(())
}

/// Whether who left the ISR had everything depends on the `min.insync.replicas` of then: a new one makes the ELR worthless.
fn clear_elr_records(cluster: ClusterControlManager<'_>, records: &[MetadataRecord]) -> Vec<MetadataRecord> {
    if !cluster.elr_enabled() {
        return Vec::new();
    }
    let clear_elr = |record: &MetadataRecord| match record {
        MetadataRecord::ConfigRecord { resource_type, resource_name, name, .. } if name == MIN_ISR => {
            let topic_name = if *resource_type == TOPIC { resource_name.clone() } else { String::new() };
            Some(MetadataRecord::ClearElrRecord { topic_name })
        }
        _ => None,
    };
    records.iter().filter_map(clear_elr).collect()
}

fn list_after(
    resource_type: i8,
    name: &str,
    operation: &Operation,
    current: Option<&String>,
) -> Result<String, ApiError> {
    let key = match resource_type {
        TOPIC => topic_key(name),
        BROKER => broker_key(name),
        // Only settings of topics and brokers are known to be lists.
        _ => None,
    };
    let (operation_name, items, appends) = match operation {
        Operation::Append(items) => ("APPEND", items, true),
        Operation::Subtract(items) => ("SUBTRACT", items, false),
        Operation::Set(_) | Operation::Delete | Operation::Unknown => return Ok(current.cloned().unwrap_or_default()),
    };
    let Some(key) = key.filter(|key| key.kind == ConfigType::List) else {
        let message = format!("Can't {operation_name} to key {name} because its type is not LIST.");
        return Err(ApiError::new(ErrorCode::InvalidConfig, message));
    };
    let items = items.as_deref().ok_or_else(ApiError::unexpected)?;
    let old = current.map_or(key.default.unwrap_or_default(), String::as_str);
    let mut list: Vec<&str> = old.split(',').filter(|item| !item.is_empty()).collect();
    for item in java_split(items) {
        match (appends, list.iter().position(|existing| *existing == item)) {
            (true, None) => list.push(item),
            (false, Some(at)) => drop(list.remove(at)),
            (true, Some(_)) | (false, None) => {}
        }
    }
    Ok(list.join(","))
}

/// `String.split(",")` of Java: without the empty parts at the end, but the empty text is one part.
fn java_split(text: &str) -> Vec<&str> {
    let mut parts: Vec<&str> = text.split(',').collect();
    while parts.len() > 1 && parts.last().is_some_and(|part| part.is_empty()) {
        parts.pop();
    }
    if parts == [""] && !text.is_empty() { Vec::new() } else { parts }
}
