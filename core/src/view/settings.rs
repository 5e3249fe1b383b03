//! Settings as a person meets them: what each takes, its value here and now, where that comes from, and whether it acts.

use std::collections::BTreeMap;

use crate::sort::{CollectOrdered, SharedSort};
use serde::Serialize;

use crate::cluster::Cluster;
use crate::command::SettingScope;
use crate::metadata::MetadataImage;
use crate::settings::{
    BrokerSettings, ConfigKey, ConfigSource, ConsumerSettings, DescribedNode, Effect, LoggingController, NodeConfigs,
    ProducerSettings, SettingInfo, TopicSettings, UpdateMode, broker_keys, consumer_keys, describe_resource,
    group_keys, producer_keys, topic_keys,
};
use crate::socket_server::costs::{COSTS, Costs};
use crate::wire::config_resource::{BROKER, GROUP, TOPIC};
use crate::wire::describe::DescribeConfigsResourceResult;
use crate::wire::{Request, Response};

/// One setting of a scope.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SettingView {
    /// Its real name.
    pub name: &'static str,
    /// Kafka's name of its type; none for a setting of ours.
    pub kind: Option<&'static str>,
    /// What its value may be: `0..`, `true|false`, `all|-1|0|1`; "" for anything of its type.
    pub values: String,
    /// Its default; none where it has none, or null.
    pub default: Option<String>,
    /// Its value; none where it is null.
    pub value: Option<String>,
    /// Where the value comes from.
    pub source: SettingSource,
    /// Whether it acts in this engine.
    pub effect: Effect,
    /// Whether a running process does not take it over.
    pub is_read_only: bool,
}

/// Where a value comes from. The page's message for it has the id `source-` and its kebab-case name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, strum::IntoStaticStr, strum::VariantNames)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum SettingSource {
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
    /// Set for this group.
    Group,
    /// Set in this client.
    Client,
    /// Set for the simulation.
    Simulation,
}

impl SettingSource {
    /// The kebab-case name.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// The kebab-case names of all sources.
    pub fn names() -> &'static [&'static str] {
        <Self as strum::VariantNames>::VARIANTS
    }

    /// By its number on the wire.
    fn of_wire(id: i8) -> Self {
        let is = |source: ConfigSource| source.id() == id;
        if is(ConfigSource::Topic) {
            Self::Topic
        } else if is(ConfigSource::DynamicBroker) {
            Self::DynamicBroker
        } else if is(ConfigSource::DynamicDefaultBroker) {
            Self::DynamicDefaultBroker
        } else if is(ConfigSource::StaticBroker) {
            Self::StaticBroker
        } else if is(ConfigSource::Group) {
            Self::Group
        } else {
            Self::Default
        }
    }
}

impl Cluster {
    /// Every setting of a scope, by name. Values are as the active controller's metadata log has them; a broker may not
    /// have applied the last of them yet.
    pub fn settings(&self, scope: &SettingScope) -> Vec<SettingView> {
        let mut settings = match scope {
            SettingScope::Topic(topic) => self.described(topic_keys(), &TopicSettings::all(), TOPIC, topic, None),
            SettingScope::Broker(id) => {
                self.described(broker_keys(), &BrokerSettings::all(), BROKER, &id.to_string(), Some(*id))
            }
            SettingScope::Brokers => self.described(broker_keys(), &BrokerSettings::all(), BROKER, "", None),
            SettingScope::Group(group) => self.described(group_keys(), &[], GROUP, group, None),
            SettingScope::Producer(number) => self
                .producers()
                .find(|producer| producer.number() == *number)
                .map(|producer| {
                    let settings = producer.settings();
                    of_client(producer_keys(), &ProducerSettings::all(), |name| settings.value(name))
                })
                .unwrap_or_default(),
            SettingScope::Consumer(number) => self
                .consumers()
                .find(|consumer| consumer.number() == *number)
                .map(|consumer| {
                    let settings = consumer.settings();
                    of_client(consumer_keys(), &ConsumerSettings::all(), |name| settings.value(name))
                })
                .unwrap_or_default(),
            SettingScope::Pipeline(id) => self.node(*id).map(|node| cost_settings(&node.costs)).unwrap_or_default(),
            SettingScope::Network => self.network_settings(),
        };
        settings.shared_sort_by_key(|setting| setting.name);
        settings
    }

    /// What the cluster answered to the last change of a setting of topics, brokers or groups, if it refused it.
    pub fn setting_refusal(&self, scope: &SettingScope, name: &str) -> Option<String> {
        let (wanted_type, wanted_name) = resource_of(scope)?;
        let is_of = |resource_type: i8, resource_name: &str| {
            (resource_type, resource_name) == (wanted_type, wanted_name.as_str())
        };
        let answers: Vec<_> = self.admin().answers().collect();
        let last = answers.into_iter().rev().find(|answer| {
            let Request::IncrementalAlterConfigs(request) = &answer.request else { return false };
            request.resources.iter().any(|resource| {
                is_of(resource.resource_type, &resource.resource_name)
                    && resource.configs.iter().any(|config| config.name == name)
            })
        })?;
        if last.error.is_none() {
            return None;
        }
        let message = match &last.response {
            Some(Response::IncrementalAlterConfigs(answer)) => answer
                .responses
                .iter()
                .find(|response| is_of(response.resource_type, &response.resource_name))
                .and_then(|response| response.error_message.clone()),
            _ => None,
        };
        Some(message.filter(|message| !message.is_empty()).unwrap_or_else(|| last.error.name().to_owned()))
    }

    fn described(
        &self,
        keys: impl Iterator<Item = &'static ConfigKey>,
        typed: &[SettingInfo],
        resource_type: i8,
        resource_name: &str,
        node: Option<i32>,
    ) -> Vec<SettingView> {
        let node = self.nodes().find(|each| match node {
            Some(id) => each.config.id == id,
            None => each.config.roles.is_broker(),
        });
        let Some(node) = node else { return Vec::new() };
        let nothing = MetadataImage::default();
        let image = self.image().unwrap_or(&nothing);
        let configs = NodeConfigs::of(&node.settings, &image.configs, node.config.id);
        let described = described_configs(
            DescribedNode { id: node.config.id, configs, all: &image.configs, loggers: &LoggingController::default() },
            resource_type,
            resource_name,
        );
        let own = image.configs.get(&(resource_type, resource_name.to_owned()));
        let of_kafka = keys.map(|key| {
            let (value, source) = match described.get(key.name) {
                Some(described) => (described.value.clone(), SettingSource::of_wire(described.config_source)),
                None => (key.default.map(str::to_owned), SettingSource::Default),
            };
            SettingView {
                name: key.name,
                kind: Some(key.kind.name()),
                values: values_of(key, typed),
                default: key.default.map(str::to_owned),
                value,
                source,
                effect: crate::settings::effect(key.name),
                is_read_only: resource_type == BROKER && key.update_mode == UpdateMode::ReadOnly,
            }
        });
        let mut settings: Vec<SettingView> = of_kafka.collect();
        let ours: Vec<&SettingInfo> =
            typed.iter().filter(|info| !settings.iter().any(|setting| setting.name == info.name)).collect();
        settings.extend(ours.into_iter().map(|info| {
            let set = own.and_then(|own| own.get(info.name)).cloned();
            let source = if set.is_some() { SettingSource::DynamicBroker } else { SettingSource::StaticBroker };
            SettingView {
                name: info.name,
                kind: None,
                values: info.values.to_owned(),
                default: Some(info.default.clone()),
                value: set.or_else(|| node.settings.get(info.name)),
                source,
                effect: info.effect(),
                is_read_only: READ_AT_START.contains(&info.name),
            }
        }));
        settings
    }

    fn network_settings(&self) -> Vec<SettingView> {
        let (min, max) = self.latency();
        let greatest = crate::cluster::DELAY_MS_MAX;
        vec![simulated("latency.ms.min", min, greatest, None), simulated("latency.ms.max", max, greatest, None)]
    }
}

fn cost_settings(costs: &Costs) -> Vec<SettingView> {
    let setting = |(name, greatest)| simulated(name, costs.get(name).unwrap_or(0), greatest, Some(0));
    COSTS.into_iter().map(setting).collect()
}

/// Settings of ours that a process reads when it starts, from what it was ordered with.
const READ_AT_START: [&str; 3] = ["initial.controllers", "pre.vote", "raft"];

/// A setting of the simulation, which Kafka does not know.
fn simulated(name: &'static str, value: u64, greatest: u64, default: Option<u64>) -> SettingView {
    SettingView {
        name,
        kind: None,
        values: format!("0..{greatest}"),
        default: default.map(|default| default.to_string()),
        value: Some(value.to_string()),
        source: SettingSource::Simulation,
        effect: Effect::Acts,
        is_read_only: false,
    }
}

/// The resource that a scope is, by its type and name; none where nobody is asked.
fn resource_of(scope: &SettingScope) -> Option<(i8, String)> {
    match scope {
        SettingScope::Topic(topic) => Some((TOPIC, topic.clone())),
        SettingScope::Broker(id) => Some((BROKER, id.to_string())),
        SettingScope::Brokers => Some((BROKER, String::new())),
        SettingScope::Group(group) => Some((GROUP, group.clone())),
        SettingScope::Producer(_) | SettingScope::Consumer(_) | SettingScope::Pipeline(_) | SettingScope::Network => {
            None
        }
    }
}

/// What a node tells of a resource's settings, by name.
fn described_configs(
    node: DescribedNode<'_>,
    resource_type: i8,
    name: &str,
) -> BTreeMap<String, DescribeConfigsResourceResult> {
    let described = describe_resource(node, resource_type, name, |_| Ok(true));
    described.into_iter().map(|config| (config.name.clone(), config)).collect_ordered()
}

fn of_client(
    keys: impl Iterator<Item = &'static ConfigKey>,
    typed: &[SettingInfo],
    value_of: impl Fn(&str) -> Option<String>,
) -> Vec<SettingView> {
    let view = |key: &'static ConfigKey| {
        let default = key.default.map(str::to_owned);
        let value = value_of(key.name);
        let is_default = value == default || (default.is_none() && value.as_deref() == Some(""));
        let source = if is_default { SettingSource::Default } else { SettingSource::Client };
        SettingView {
            name: key.name,
            kind: Some(key.kind.name()),
            values: values_of(key, typed),
            default,
            value,
            source,
            effect: crate::settings::client_effect(key.name, typed),
            // A client reads its settings when it starts; here those that act can be changed while it runs.
            is_read_only: !typed.iter().any(|info| info.name == key.name),
        }
    };
    keys.map(view).collect()
}

/// What a setting's value may be, in few words that need no translation.
fn values_of(key: &ConfigKey, typed: &[SettingInfo]) -> String {
    let described = key.values();
    let typed = typed.iter().find(|info| info.name == key.name).map(|info| info.values.to_owned());
    if described.is_empty() { typed.filter(|values| values != "*").unwrap_or_default() } else { described }
}
