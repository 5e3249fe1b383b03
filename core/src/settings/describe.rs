//! What a node tells of settings (`ConfigHelper`, `KafkaConfigSchema`): the value that holds, where it comes from, and where
//! else one could come from.

use super::config_def::{ConfigKey, ConfigType, UpdateMode, find};
use super::group_config::{CLIENT_METRICS_CONFIG, GROUP_CONFIG, ONLY_OF_GROUPS};
use super::loggers::LoggingController;
use super::synonyms::{Configs, NodeConfigs, Synonym, TOPIC_CONFIG_SYNONYMS};
use super::topic_config::TOPIC_CONFIG;
use super::{BROKER_QUOTA_CONFIG, broker_config, dynamic, synonyms};
use crate::sort::SharedSort;
use crate::wire::ErrorCode;
use crate::wire::config_resource::{BROKER, BROKER_LOGGER, CLIENT_METRICS, GROUP, TOPIC};
use crate::wire::describe::{
    DescribeConfigsRequest, DescribeConfigsResource, DescribeConfigsResourceResult, DescribeConfigsResponse,
    DescribeConfigsResult, DescribeConfigsSynonym,
};
use crate::wire::hash_order::{java_string_hash, sort_as_hash_map, sort_as_scala_hash_map};
use crate::wire::metadata::CreatableTopicConfigs;

/// Where a value comes from (`DescribeConfigsResponse.ConfigSource`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConfigSource {
    /// Set for this topic.
    Topic,
    /// Set for this broker while it runs.
    DynamicBroker,
    /// Set for all brokers while they run.
    DynamicDefaultBroker,
    /// In the file that the node was started with.
    StaticBroker,
    /// Set nowhere.
    Default,
    /// The level of a broker's logger.
    DynamicBrokerLogger,
    /// Set for this subscription to client metrics.
    ClientMetrics,
    /// Set for this group.
    Group,
}

impl ConfigSource {
    /// Its number on the wire.
    pub fn id(self) -> i8 {
        match self {
            Self::Topic => 1,
            Self::DynamicBroker => 2,
            Self::DynamicDefaultBroker => 3,
            Self::StaticBroker => 4,
            Self::Default => 5,
            Self::DynamicBrokerLogger => 6,
            Self::ClientMetrics => 7,
            Self::Group => 8,
        }
    }
}

/// Settings that are told only where somebody set them (`ConfigDef.defineInternal`).
const INTERNAL: [&str; 21] = [
    "controller.performance.always.log.threshold.ms",
    "controller.performance.sample.period.ms",
    "group.consumer.regex.refresh.interval.ms",
    "group.share.initialize.retry.interval.ms",
    "group.share.persister.class.name",
    "internal.metadata.delete.delay.millis",
    "internal.metadata.log.segment.bytes",
    "internal.metadata.max.batch.size.in.bytes",
    "internal.segment.bytes",
    "log.initial.task.delay.ms",
    "producer.id.expiration.check.interval.ms",
    "remote.log.index.file.cache.ttl.ms",
    "remote.log.manager.task.retry.backoff.max.ms",
    "remote.log.manager.task.retry.backoff.ms",
    "remote.log.manager.task.retry.jitter",
    "server.max.startup.time.ms",
    "share.coordinator.cold.partition.snapshot.interval.ms",
    "share.coordinator.state.topic.prune.interval.ms",
    "unclean.leader.election.interval.ms",
    "unstable.api.versions.enable",
    "unstable.feature.versions.enable",
];

/// A listener's own settings that are the same for all mechanisms (`LISTENER_MECHANISM_CONFIGS`).
const OF_MECHANISMS: [&str; 5] = [
    "sasl.jaas.config",
    "sasl.login.callback.handler.class",
    "sasl.login.class",
    "sasl.server.callback.handler.class",
    "connections.max.reauth.ms",
];

/// From this version on an answer tells types and, if asked, what a setting is for.
const FIRST_VERSION_WITH_TYPES: i16 = 3;
/// `Errors.INVALID_REQUEST`'s own words.
const MALFORMED: &str = "This most likely occurs because of a request being malformed by the client library or the message \
                         was sent to an incompatible broker. See the broker logs for more details.";

/// Who is asked about settings.
#[derive(Clone, Copy, Debug)]
pub struct DescribedNode<'a> {
    /// `node.id`.
    pub id: i32,
    /// The node's settings, layer over layer.
    pub configs: NodeConfigs<'a>,
    /// The settings of all resources as the metadata log has them.
    pub all: &'a std::collections::BTreeMap<(i8, String), Configs>,
    /// The loggers of its process.
    pub loggers: &'a LoggingController,
}

/// An error and its words.
type Refusal = (ErrorCode, String);

/// The version that is answered where nobody asks over the network: the newest, which tells everything.
const NEWEST_VERSION: i16 = 4;

/// What a node tells of the settings of one resource, with all their sources; nothing where there is no such resource.
pub fn describe_resource(
    node: DescribedNode<'_>,
    resource_type: i8,
    name: &str,
    find_topic: impl Fn(&str) -> Result<bool, Refusal>,
) -> Vec<DescribeConfigsResourceResult> {
    let resource =
        DescribeConfigsResource { resource_type, resource_name: name.to_owned(), ..DescribeConfigsResource::default() };
    let request = DescribeConfigsRequest {
        resources: vec![resource],
        include_synonyms: true,
        ..DescribeConfigsRequest::default()
    };
    let answer = describe_configs(node, &request, NEWEST_VERSION, find_topic);
    answer.results.into_iter().flat_map(|result| result.configs).collect()
}

/// Answers DescribeConfigs. `find_topic` says whether a topic exists, or why its name is none.
pub fn describe_configs(
    node: DescribedNode<'_>,
    request: &DescribeConfigsRequest,
    version: i16,
    find_topic: impl Fn(&str) -> Result<bool, Refusal>,
) -> DescribeConfigsResponse {
    let is_known = |resource: &DescribeConfigsResource| {
        matches!(resource.resource_type, TOPIC | BROKER | BROKER_LOGGER | CLIENT_METRICS | GROUP)
    };
    // A kind that does not exist is found before anything is looked up, and fails the whole request.
    let all_known = request.resources.iter().all(is_known);
    let results = request.resources.iter().map(|resource| {
        let described = match all_known {
            true => node.describe(resource, &find_topic),
            false => Err((ErrorCode::InvalidRequest, MALFORMED.to_owned())),
        };
        let (error_code, error_message, mut configs) = match described {
            Ok(configs) => (ErrorCode::None, String::new(), configs),
            Err((code, message)) => (code, message, Vec::new()),
        };
        for config in &mut configs {
            if !request.include_synonyms {
                config.synonyms.clear();
            }
            if version < FIRST_VERSION_WITH_TYPES {
                config.config_type = 0;
                config.documentation = Some(String::new());
            }
        }
        DescribeConfigsResult {
            error_code,
            error_message: Some(error_message),
            resource_type: resource.resource_type,
            resource_name: resource.resource_name.clone(),
            configs,
        }
    });
    DescribeConfigsResponse { results: results.collect(), ..DescribeConfigsResponse::default() }
}

/// A setting before it is told.
struct Entry<'k> {
    name: &'k str,
    value: Option<String>,
    key: Option<&'static ConfigKey>,
    read_only: bool,
    synonyms: Vec<DescribeConfigsSynonym>,
}

impl Entry<'_> {
    fn into_result(self) -> DescribeConfigsResourceResult {
        // Where nobody knows the type, the value might be a password.
        let is_sensitive = self.key.is_none_or(|key| key.kind == ConfigType::Password);
        let mut synonyms = self.synonyms;
        if is_sensitive {
            synonyms.iter_mut().for_each(|synonym| synonym.value = None);
        }
        DescribeConfigsResourceResult {
            name: self.name.to_owned(),
            value: self.value.filter(|_| !is_sensitive),
            read_only: self.read_only,
            config_source: synonyms.first().map_or(ConfigSource::Default.id(), |synonym| synonym.source),
            is_sensitive,
            synonyms,
            config_type: self.key.map_or(0, |key| type_id(key.kind)),
            documentation: None,
        }
    }
}

/// `DescribeConfigsResponse.ConfigType`.
fn type_id(kind: ConfigType) -> i8 {
    match kind {
        ConfigType::Boolean => 1,
        ConfigType::String => 2,
        ConfigType::Int => 3,
        ConfigType::Short => 4,
        ConfigType::Long => 5,
        ConfigType::Double => 6,
        ConfigType::List => 7,
        ConfigType::Class => 8,
        ConfigType::Password => 9,
    }
}

fn synonym(name: &str, value: impl Into<String>, source: ConfigSource) -> DescribeConfigsSynonym {
    DescribeConfigsSynonym { name: name.to_owned(), value: Some(value.into()), source: source.id() }
}

/// A value as it is printed after parsing; one that cannot be parsed as it stands.
fn printed(key: &ConfigKey, value: String) -> String {
    key.parse(&value).map_or(value, |parsed| parsed.to_setting())
}

fn is_internal(name: &str) -> bool {
    INTERNAL.binary_search(&name).is_ok()
}

/// The settings of a table that are always told, in the order of Java's hash map.
fn in_hash_order(table: &'static [ConfigKey]) -> Vec<&'static ConfigKey> {
    let mut keys: Vec<&ConfigKey> = table.iter().filter(|key| !is_internal(key.name)).collect();
    sort_as_hash_map(&mut keys, |key| java_string_hash(key.name));
    keys
}

/// A broker's setting by name, a listener's own one too (`KafkaConfig.configType`).
fn broker_key_of(name: &str) -> Option<&'static ConfigKey> {
    super::broker_key(name).or_else(|| super::broker_key(dynamic::without_listener(name)?))
}

impl<'a> DescribedNode<'a> {
    fn describe(
        &self,
        resource: &DescribeConfigsResource,
        find_topic: &impl Fn(&str) -> Result<bool, Refusal>,
    ) -> Result<Vec<DescribeConfigsResourceResult>, Refusal> {
        let invalid = |message: String| Err((ErrorCode::InvalidRequest, message));
        let name = resource.resource_name.as_str();
        let own = self.all.get(&(resource.resource_type, name.to_owned()));
        let entries = match resource.resource_type {
            TOPIC if find_topic(name)? => self.topic_entries(own),
            TOPIC => return Err((ErrorCode::UnknownTopicOrPartition, String::new())),
            BROKER if name.is_empty() => self.cluster_entries(),
            BROKER if broker_id(name)? == self.id => self.broker_entries(),
            BROKER => {
                let id = self.id;
                return invalid(format!("Unexpected broker id, expected {id} or empty string, but received {name}"));
            }
            BROKER_LOGGER if name.is_empty() => return invalid("Broker id must not be empty".to_owned()),
            BROKER_LOGGER if broker_id(name)? == self.id => return Ok(self.loggers_wanted(resource)),
            BROKER_LOGGER => {
                return invalid(format!("Unexpected broker id, expected {} but received {name}", self.id));
            }
            CLIENT_METRICS if name.is_empty() => {
                return invalid("Client metrics subscription name must not be empty".to_owned());
            }
            CLIENT_METRICS => client_metrics_entries(own),
            GROUP if name.is_empty() => return invalid("Group name must not be empty".to_owned()),
            GROUP => self.group_entries(own),
            _ => return Err((ErrorCode::InvalidRequest, MALFORMED.to_owned())),
        };
        let wanted = resource.configuration_keys.iter().flatten().map(String::as_str).collect::<Vec<_>>();
        let is_wanted = |entry: &Entry<'_>| wanted.is_empty() || wanted.contains(&entry.name);
        Ok(entries.into_iter().filter(is_wanted).map(Entry::into_result).collect())
    }

    /// The levels of this process's loggers.
    fn loggers_wanted(&self, resource: &DescribeConfigsResource) -> Vec<DescribeConfigsResourceResult> {
        let wanted: Vec<&str> = resource.configuration_keys.iter().flatten().map(String::as_str).collect();
        let mut loggers = self.loggers.loggers();
        // A class that nobody named before is listed where it is asked for.
        for name in &wanted {
            if self.loggers.exists(name) && loggers.iter().all(|(known, _)| known != name) {
                loggers.push((name, self.loggers.level(name)));
            }
        }
        let is_wanted = |(name, _): &(&str, &'static str)| wanted.is_empty() || wanted.contains(name);
        let result = |(name, level): (&str, &'static str)| DescribeConfigsResourceResult {
            name: name.to_owned(),
            value: Some(level.to_owned()),
            config_source: ConfigSource::DynamicBrokerLogger.id(),
            documentation: Some(String::new()),
            ..DescribeConfigsResourceResult::default()
        };
        loggers.into_iter().filter(is_wanted).map(result).collect()
    }

    /// `createTopicConfigEntry`.
    fn topic_entries<'e>(&self, own: Option<&'e Configs>) -> Vec<Entry<'e>> {
        let own_value = |name: &str| own.and_then(|own| own.get(name)).cloned();
        let mut own_names: Vec<&'e str> = own.into_iter().flat_map(|own| own.keys().map(String::as_str)).collect();
        sort_as_hash_map(&mut own_names, |name| java_string_hash(name));
        let only_own = own_names.into_iter().filter(|name| is_internal(name) || find(TOPIC_CONFIG, name).is_none());
        let only_own = only_own.map(|name| (name, find(TOPIC_CONFIG, name)));
        let known = in_hash_order(TOPIC_CONFIG).into_iter().map(|key| (key.name, Some(key)));
        let entry = |(name, key): (&'e str, Option<&'static ConfigKey>)| {
            let value = own_value(name)
                .or_else(|| self.configs.topic_default(name))
                .or_else(|| key.and_then(|key| key.default).map(str::to_owned));
            let value = value.map(|value| key.map_or(value.clone(), |key| printed(key, value)));
            let of_topic = own_value(name).and(value.clone());
            let mut synonyms: Vec<_> =
                of_topic.map(|value| synonym(name, value, ConfigSource::Topic)).into_iter().collect();
            synonyms.extend(broker_synonym(name).map(|first| self.synonyms_of(first.name)).unwrap_or_default());
            Entry { name, value, key, read_only: false, synonyms }
        };
        only_own.chain(known).map(entry).collect()
    }

    /// `createBrokerConfigEntry` of one broker.
    fn broker_entries(&self) -> Vec<Entry<'a>> {
        let mut originals: Vec<&str> = Vec::new();
        for layer in [&self.configs.started_with.configured, self.configs.cluster, self.configs.broker] {
            let new: Vec<&str> = layer.keys().map(String::as_str).filter(|name| !originals.contains(name)).collect();
            originals.extend(new);
        }
        sort_as_hash_map(&mut originals, |name| java_string_hash(name));
        let is_listed = |name: &str| find(broker_config::BROKER_CONFIG, name).is_some() && !is_internal(name);
        let only_set = originals.into_iter().filter(|name| !is_listed(name)).map(|name| {
            let layers = [self.configs.broker, self.configs.cluster, &self.configs.started_with.configured];
            let value = layers.into_iter().find_map(|layer| layer.get(name)).cloned();
            (name, value, broker_key_of(name))
        });
        let known = in_hash_order(broker_config::BROKER_CONFIG).into_iter().map(|key| {
            let value = self.value(key).map(|value| printed(key, value));
            (key.name, value, Some(key))
        });
        let entry = |(name, value, key)| Entry {
            name,
            value,
            key,
            read_only: is_read_only(name),
            synonyms: self.synonyms_of(name),
        };
        only_set.chain(known).map(entry).collect()
    }

    /// `createBrokerConfigEntry` of the defaults of all brokers.
    fn cluster_entries(&self) -> Vec<Entry<'a>> {
        let mut set: Vec<(&str, &String)> =
            self.configs.cluster.iter().map(|(name, value)| (name.as_str(), value)).collect();
        sort_as_scala_hash_map(&mut set, |(name, _)| java_string_hash(name));
        let entry = |(name, value): (&'a str, &String)| {
            let mut synonyms = self.synonyms_of(name);
            synonyms.retain(|synonym| synonym.source == ConfigSource::DynamicDefaultBroker.id());
            Entry {
                name,
                value: Some(value.clone()),
                key: broker_key_of(name),
                read_only: is_read_only(name),
                synonyms,
            }
        };
        set.into_iter().map(entry).collect()
    }

    /// `createGroupConfigEntry`.
    fn group_entries(&self, own: Option<&Configs>) -> Vec<Entry<'static>> {
        let entry = |key: &'static ConfigKey| {
            let of_group = own.and_then(|own| own.get(key.name)).cloned();
            let default = key.default.map(str::to_owned);
            let (of_broker, mut synonyms) = if ONLY_OF_GROUPS.contains(&key.name) {
                let of_default = default.clone().map(|value| synonym(key.name, value, ConfigSource::Default));
                (default, of_default.into_iter().collect())
            } else {
                let name = format!("group.{}", key.name);
                (self.configs.value(&name), self.synonyms_of(&name))
            };
            let value = of_group.clone().or(of_broker).map(|value| printed(key, value));
            if let Some(value) = of_group.and(value.clone()) {
                synonyms.insert(0, synonym(key.name, value, ConfigSource::Group));
            }
            Entry { name: key.name, value, key: Some(key), read_only: false, synonyms }
        };
        in_hash_order(GROUP_CONFIG).into_iter().map(entry).collect()
    }

    /// A broker setting's value; `None` where it is null. The engine has a value of its own for some that are null.
    fn value(&self, key: &ConfigKey) -> Option<String> {
        let layers = [self.configs.broker, self.configs.cluster, &self.configs.started_with.configured];
        let is_set = names_of(key.name).iter().any(|name| layers.iter().any(|layer| layer.contains_key(*name)));
        if is_set { self.configs.value(key.name) } else { key.default.map(str::to_owned) }
    }

    /// Where a broker's setting could come from (`configSynonyms`): what comes before the first one of its own name is left
    /// out, even where that one holds.
    fn synonyms_of(&self, name: &str) -> Vec<DescribeConfigsSynonym> {
        let names = names_of(name);
        let default_of = |name: &str| find(broker_config::BROKER_CONFIG, name)?.default.map(str::to_owned);
        let mut all = Vec::new();
        let mut add = |source: ConfigSource, value_of: &dyn Fn(&str) -> Option<String>| {
            all.extend(names.iter().filter_map(|name| Some(synonym(name, value_of(name)?, source))));
        };
        add(ConfigSource::DynamicBroker, &|name| self.configs.broker.get(name).cloned());
        add(ConfigSource::DynamicDefaultBroker, &|name| self.configs.cluster.get(name).cloned());
        add(ConfigSource::StaticBroker, &|name| self.configs.started_with.configured.get(name).cloned());
        add(ConfigSource::Default, &default_of);
        let first = all.iter().position(|synonym| synonym.name == name).unwrap_or(all.len());
        all.split_off(first)
    }
}

/// `DynamicBrokerConfig.brokerConfigSynonyms`.
fn names_of(name: &str) -> Vec<&str> {
    let units = synonyms::overridden_by(name);
    if !units.is_empty() {
        return units.to_vec();
    }
    match dynamic::without_listener(name) {
        Some(base) => {
            let of_mechanism = OF_MECHANISMS.into_iter().find(|config| base.ends_with(config));
            vec![name, of_mechanism.unwrap_or(base)]
        }
        None => vec![name],
    }
}

/// The first broker setting that is the default of a topic setting.
fn broker_synonym(name: &str) -> Option<Synonym> {
    let (_, synonyms) = TOPIC_CONFIG_SYNONYMS.iter().find(|(topic_setting, _)| *topic_setting == name)?;
    synonyms.first().copied()
}

/// Whether a running broker does not take a setting over. One that is only a listener's, or nobody's, counts as such.
fn is_read_only(name: &str) -> bool {
    let known = find(broker_config::BROKER_CONFIG, name).or_else(|| find(BROKER_QUOTA_CONFIG, name));
    known.is_none_or(|key| key.update_mode == UpdateMode::ReadOnly)
}

fn broker_id(name: &str) -> Result<i32, Refusal> {
    name.parse().map_err(|_| (ErrorCode::InvalidRequest, format!("Broker id must be an integer, but it is: {name}")))
}

/// `createClientMetricsConfigEntry`.
fn client_metrics_entries(own: Option<&Configs>) -> Vec<Entry<'static>> {
    let entry = |key: &'static ConfigKey| {
        let of_subscription = own.and_then(|own| own.get(key.name)).cloned();
        let value = of_subscription.clone().or_else(|| key.default.map(str::to_owned));
        let value = value.map(|value| printed(key, value));
        let own_value = of_subscription.and(value.clone());
        let synonyms =
            own_value.map(|value| synonym(key.name, value, ConfigSource::ClientMetrics)).into_iter().collect();
        Entry { name: key.name, value, key: Some(key), read_only: false, synonyms }
    };
    in_hash_order(CLIENT_METRICS_CONFIG).into_iter().map(entry).collect()
}

/// The settings that the controller tells of a new topic, by name: values as they were written, from the first place that
/// has one (`KafkaConfigSchema.resolveEffectiveTopicConfigs`).
pub fn effective_topic_configs(node: NodeConfigs<'_>, own: &Configs) -> Vec<CreatableTopicConfigs> {
    let is_described = |key: &&ConfigKey| !is_internal(key.name) || own.contains_key(key.name);
    let mut keys: Vec<&ConfigKey> = TOPIC_CONFIG.iter().filter(is_described).collect();
    keys.shared_sort_by_key(|key| key.name);
    let layers = [
        (node.broker, ConfigSource::DynamicBroker),
        (node.cluster, ConfigSource::DynamicDefaultBroker),
        (&node.started_with.configured, ConfigSource::StaticBroker),
    ];
    let described = keys.into_iter().map(|key| {
        let synonyms = TOPIC_CONFIG_SYNONYMS.iter().find(|(name, _)| *name == key.name).map_or(&[][..], |each| each.1);
        let of_layer = |(layer, source): (&Configs, ConfigSource)| {
            let found = synonyms.iter().find_map(|synonym| Some(synonym.convert(layer.get(synonym.name)?)));
            found.map(|value| (Some(value), source))
        };
        let of_topic = own.get(key.name).map(|value| (Some(value.clone()), ConfigSource::Topic));
        let default = || (key.default.map(str::to_owned), ConfigSource::Default);
        let (value, source) = of_topic.or_else(|| layers.into_iter().find_map(of_layer)).unwrap_or_else(default);
        CreatableTopicConfigs {
            name: key.name.to_owned(),
            value,
            read_only: false,
            config_source: source.id(),
            is_sensitive: key.kind == ConfigType::Password,
        }
    });
    described.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn internal_settings_stand_in_order_and_in_their_tables() {
        assert!(INTERNAL.is_sorted());
        let is_known = |name: &&str| super::super::broker_key(name).or_else(|| super::super::topic_key(name)).is_some();
        assert!(INTERNAL.iter().all(is_known));
    }

    #[test]
    fn a_listeners_own_setting_falls_back_on_the_setting_of_all() {
        assert_eq!(names_of("listener.name.a.num.network.threads")[1], "num.network.threads");
        assert_eq!(names_of("listener.name.a.plain.sasl.jaas.config")[1], "sasl.jaas.config");
        assert_eq!(names_of("log.retention.hours").len(), 3);
    }
}
