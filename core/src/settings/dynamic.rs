//! What a running broker takes over (`DynamicBrokerConfig`), in Kafka's own words.

use super::config_def::{ConfigKey, ConfigType, UpdateMode, invalid_value};
use super::synonyms::{Configs, NodeConfigs};
use super::{BrokerSettings, broker_key, broker_keys, listeners};
use crate::wire::hash_order::{java_string_hash, sort_as_hash_map};

/// `SslConfigs.RECONFIGURABLE_CONFIGS`: only with a listener's prefix.
const ONLY_WITH_LISTENER: [&str; 10] = [
    "ssl.key.password",
    "ssl.keystore.certificate.chain",
    "ssl.keystore.key",
    "ssl.keystore.location",
    "ssl.keystore.password",
    "ssl.keystore.type",
    "ssl.truststore.certificates",
    "ssl.truststore.location",
    "ssl.truststore.password",
    "ssl.truststore.type",
];

/// Settings of listeners that may be the same for all brokers (`CLUSTER_LEVEL_LISTENER_CONFIGS`).
const OF_ALL_LISTENERS: [&str; 3] = ["max.connections", "max.connection.creation.rate", "num.network.threads"];

/// `BrokerDynamicThreadPool`.
const THREAD_POOLS: [&str; 4] =
    ["background.threads", "num.io.threads", "num.recovery.threads.per.data.dir", "num.replica.fetchers"];

/// `DynamicRemoteLogConfig`.
const REMOTE_THREAD_POOLS: [&str; 4] = [
    "remote.log.manager.copier.thread.pool.size",
    "remote.log.manager.expiration.thread.pool.size",
    "remote.log.manager.follower.thread.pool.size",
    "remote.log.reader.threads",
];

/// `DynamicRemoteLogConfig`: sizes that must be something.
const REMOTE_SIZES: [&str; 3] = [
    "remote.log.index.file.cache.total.size.bytes",
    "remote.log.manager.copy.max.bytes.per.second",
    "remote.log.manager.fetch.max.bytes.per.second",
];

const MIB: i64 = 1024 * 1024;

/// What follows the prefix of a listener: the setting that `listener.name.<listener>.<setting>` is of one listener.
pub fn without_listener(name: &str) -> Option<&str> {
    name.strip_prefix("listener.name.")?.split_once('.').map(|(_, base)| base)
}

/// Names as a Java set prints them.
fn printed<'a>(names: impl Iterator<Item = &'a str>) -> Option<String> {
    let mut names: Vec<&str> = names.collect();
    sort_as_hash_map(&mut names, |name| java_string_hash(name));
    (!names.is_empty()).then(|| format!("[{}]", names.join(", ")))
}

/// Whether a running broker does not take a setting over.
fn is_read_only(name: &str) -> bool {
    broker_key(name).is_some_and(|key| key.update_mode == UpdateMode::ReadOnly)
}

fn is_per_broker(name: &str) -> bool {
    match without_listener(name) {
        Some(base) => !OF_ALL_LISTENERS.contains(&base),
        None => broker_key(name).is_some_and(|key| key.update_mode == UpdateMode::PerBroker),
    }
}

/// Names and types alone (`DynamicBrokerConfig.validateConfigs`).
fn validate_names_and_types(wanted: &Configs, per_broker: bool) -> Result<(), String> {
    let names = || wanted.keys().map(String::as_str);
    if let Some(names) = printed(names().filter(|name| is_read_only(name))) {
        return Err(format!("Cannot update these configs dynamically: {names}"));
    }
    if let Some(names) = printed(names().filter(|name| ONLY_WITH_LISTENER.contains(name))) {
        let what = "These security configs can be dynamically updated only per-listener using the listener prefix";
        return Err(format!("{what}: {names}"));
    }
    // Providers are taken out before anything is parsed (`resolveVariableConfigs`).
    for key in broker_keys().filter(|key| key.name != "config.providers") {
        for (_, value) in wanted.iter().filter(|(name, _)| without_listener(name).unwrap_or(name) == key.name) {
            key.parse(value)?;
        }
    }
    if !per_broker && let Some(names) = printed(names().filter(|name| is_per_broker(name))) {
        return Err(format!(
            "Cannot update these configs at default cluster level, broker id must be specified: {names}"
        ));
    }
    Ok(())
}

/// Checks the dynamic settings of one broker, or the defaults of all, as they would be (`DynamicBrokerConfig.validate`). The
/// error is Kafka's message.
pub fn validate(node: NodeConfigs<'_>, wanted: &Configs, per_broker: bool) -> Result<(), String> {
    validate_names_and_types(wanted, per_broker)?;
    let new = match per_broker {
        true => NodeConfigs { broker: wanted, ..node },
        false => NodeConfigs { cluster: wanted, ..node },
    };
    let listeners = wanted.iter().filter_map(|(name, value)| Some((without_listener(name)?, value.as_str())));
    validate_values(new)?;
    validate_reconfiguration(node, new, listeners).map_err(|message| {
        let cause = format!("org.apache.kafka.common.config.ConfigException: {message}");
        format!("Invalid value {cause} for configuration Invalid dynamic configuration")
    })
}

fn number(node: NodeConfigs<'_>, name: &str) -> i64 {
    node.value(name).and_then(|value| value.trim().parse().ok()).unwrap_or(0)
}

/// The items of a list, each once.
pub fn items(node: NodeConfigs<'_>, name: &str) -> Vec<String> {
    let value = node.value(name).unwrap_or_default();
    let mut found: Vec<String> = Vec::new();
    for item in value.split(',').map(str::trim) {
        if !item.is_empty() && !found.iter().any(|known| known == item) {
            found.push(item.to_owned());
        }
    }
    found
}

/// Checks the settings that a node is started with together, as `KafkaConfig`'s constructor does. The error is Kafka's
/// message.
pub fn validate_static(settings: &BrokerSettings) -> Result<(), String> {
    let nothing = Configs::new();
    validate_values(NodeConfigs { started_with: settings, cluster: &nothing, broker: &nothing })
}

/// What settings of a node must be to each other (`KafkaConfig.validateValues`, `GroupCoordinatorConfig`).
fn validate_values(new: NodeConfigs<'_>) -> Result<(), String> {
    let required = |holds: bool, what: &str| {
        if holds { Ok(()) } else { Err(format!("requirement failed: {what}")) }
    };
    for kind in ["consumer", "share", "streams"] {
        let name = format!("group.{kind}.assignment.interval.ms");
        let (min, max) =
            (format!("group.{kind}.min.assignment.interval.ms"), format!("group.{kind}.max.assignment.interval.ms"));
        if number(new, &name) < number(new, &min) {
            return Err(format!("{name} must be greater than or equal to {min}"));
        }
        if number(new, &name) > number(new, &max) {
            return Err(format!("{name} must be less than or equal to {max}"));
        }
    }
    let topic_default =
        |name: &str| new.topic_default(name).and_then(|value| value.trim().parse::<i64>().ok()).unwrap_or(0);
    required(topic_default("segment.ms") >= 1, "log.roll.ms must be greater than or equal to 1")?;
    required(topic_default("segment.jitter.ms") >= 0, "log.roll.jitter.ms must be greater than or equal to 0")?;
    let retention_ms = topic_default("retention.ms");
    let what = "log.retention.ms must be unlimited (-1) or, greater than or equal to 1";
    // A negative time is taken for no limit before it is looked at.
    required(retention_ms != 0, what)?;
    let Some(per_thread) =
        number(new, "log.cleaner.dedupe.buffer.size").checked_div(number(new, "log.cleaner.threads"))
    else {
        return Err("/ by zero".to_owned());
    };
    required(per_thread > MIB, "log.cleaner.dedupe.buffer.size must be at least 1MB per cleaner thread.")?;
    let wait = number(new, "replica.fetch.wait.max.ms");
    let what = "replica.socket.timeout.ms should always be at least replica.fetch.wait.max.ms to prevent unnecessary socket \
                timeouts";
    required(wait <= number(new, "replica.socket.timeout.ms"), what)?;
    let what = "replica.fetch.wait.max.ms should always be less than or equal to replica.lag.time.max.ms to prevent \
                frequent changes in ISR";
    required(wait <= number(new, "replica.lag.time.max.ms"), what)?;
    validate_listeners(new)?;
    let is_broker_only = items(new, "process.roles") == ["broker"];
    let joins = new.value("controller.quorum.auto.join.enable").is_some_and(|value| value.eq_ignore_ascii_case("true"));
    let what =
        "controller.quorum.auto.join.enable is only supported when process.roles contains the 'controller' role.";
    required(!(is_broker_only && joins), what)?;
    let dirs = [items(new, "log.dirs"), items(new, "log.dir")].concat();
    let cordoned = items(new, "cordoned.log.dirs");
    let are_all = cordoned.iter().any(|dir| dir == "*");
    let missing: Vec<String> = cordoned.into_iter().filter(|dir| !are_all && !dirs.contains(dir)).collect();
    let what = "All entries in cordoned.log.dirs must be present in log.dirs or log.dir. Missing entries";
    required(missing.is_empty(), &format!("{what} : {}", missing.join(", ")))?;
    let overrides = items(new, "max.connections.per.ip.overrides");
    if let Some(wrong) = overrides.iter().find(|item| !item.contains(':')) {
        let length = wrong.chars().count();
        let what = "Error parsing configuration property 'max.connections.per.ip.overrides'";
        return Err(format!("{what}: begin 0, end -1, length {length}"));
    }
    let what = "max.connections.per.ip can be set to zero only if max.connections.per.ip.overrides property is set.";
    required(number(new, "max.connections.per.ip") != 0 || !overrides.is_empty(), what)?;
    let builder = new.value("principal.builder.class").unwrap_or_default();
    required(builder.ends_with("KafkaPrincipalBuilder"), "principal.builder.class must implement KafkaPrincipalSerde")
}

/// Whether the listeners that a broker is given while it runs can be read, and are what its roles and the listeners it advertises
/// need (`listenerListToEndPoints`, `KafkaConfig.validateValues`).
fn validate_listeners(new: NodeConfigs<'_>) -> Result<(), String> {
    if !["listeners", "listener.security.protocol.map"].iter().any(|name| new.broker.contains_key(*name)) {
        return Ok(());
    }
    let (entries, controllers) = (items(new, "listeners"), items(new, "controller.listener.names"));
    let map = listeners::protocol_map(new.value("listener.security.protocol.map").as_deref(), &controllers, &entries);
    let unread = listeners::refusals(&entries, &map, true);
    if let Some((_, message)) = map.refusals.iter().chain(&unread).next() {
        return Err(message.clone());
    }
    let names = |entries: &[String]| -> Vec<String> {
        entries.iter().filter_map(|entry| Some(listeners::parse(entry)?.name)).collect()
    };
    let own = names(&entries);
    if items(new, "process.roles").iter().any(|role| role == "controller")
        && !controllers.iter().any(|name| own.contains(name))
    {
        return Err(listeners::NO_CONTROLLER_LISTENER.to_owned());
    }
    // What a broker advertises does not change while it runs.
    let mut advertised = names(&items(new, "advertised.listeners"));
    advertised.retain(|name| !controllers.contains(name));
    if advertised.iter().any(|name| !own.contains(name)) {
        return Err(listeners::advertises_others(&advertised, &own));
    }
    Ok(())
}

/// What the parts of a broker say to a change (`BrokerReconfigurable.validateReconfiguration`).
fn validate_reconfiguration<'a>(
    old: NodeConfigs<'_>,
    new: NodeConfigs<'_>,
    listeners: impl Iterator<Item = (&'a str, &'a str)>,
) -> Result<(), String> {
    let changed = |name: &str| old.value(name) != new.value(name);
    if changed("metric.reporters")
        && items(new, "metric.reporters").iter().any(|class| !class.starts_with("org.apache.kafka."))
    {
        let class = "class kafka.server.DynamicMetricsReporters";
        return Err(format!("Validation of dynamic config update of Set(metric.reporters) failed with class {class}"));
    }
    let of_listeners: Vec<(&str, i64)> =
        listeners.filter_map(|(name, value)| Some((name, value.trim().parse().ok()?))).collect();
    for name in ["max.connections", "max.connection.creation.rate"] {
        let value = of_listeners.iter().find(|(of_listener, _)| *of_listener == name).map(|(_, value)| *value);
        if let Some(value) = value.or_else(|| changed(name).then(|| number(new, name))).filter(|value| *value <= 0) {
            return Err(format!("Invalid {name} {value}"));
        }
    }
    validate_threads(old, new, "num.network.threads")?;
    for pool in THREAD_POOLS {
        validate_threads(old, new, pool)?;
    }
    if changed("log.retention.ms") || changed("log.local.retention.ms") {
        validate_local_retention(new, "log.retention.ms", "log.local.retention.ms", "retention.ms")?;
    }
    if changed("log.retention.bytes") || changed("log.local.retention.bytes") {
        validate_local_retention(new, "log.retention.bytes", "log.local.retention.bytes", "retention.bytes")?;
    }
    for name in REMOTE_SIZES {
        let value = number(new, name);
        if changed(name) && value <= 0 {
            let what = format!("Dynamic remote log manager config update validation failed for {name}={value}");
            return Err(format!("{what}, value should be at least 1"));
        }
    }
    for pool in REMOTE_THREAD_POOLS {
        validate_threads(old, new, pool)?;
    }
    let (cleaners, current) = (number(new, "log.cleaner.threads"), number(old, "log.cleaner.threads"));
    match () {
        () if cleaners < 1 => Err("Log cleaner threads should be at least 1".to_owned()),
        () if cleaners < current / 2 => {
            Err(format!("Log cleaner threads cannot be reduced to less than half the current value {current}"))
        }
        () if cleaners > current.saturating_mul(2) => {
            Err(format!("Log cleaner threads cannot be increased to more than double the current value {current}"))
        }
        () => Ok(()),
    }
}

/// A pool of threads may at most double or halve at once (`DynamicThreadPool`).
fn validate_threads(old: NodeConfigs<'_>, new: NodeConfigs<'_>, pool: &str) -> Result<(), String> {
    let (current, value) = (number(old, pool), number(new, pool));
    let refuse = |why: String| {
        Err(format!("Dynamic thread count update validation failed for {pool}={value}, value should {why}"))
    };
    match () {
        () if value == current => Ok(()),
        () if value <= 0 => refuse("be at least 1".to_owned()),
        () if value < current / 2 => refuse(format!("be at least half the current value {current}")),
        () if value > current.saturating_mul(2) => {
            refuse(format!("not be greater than double the current value {current}"))
        }
        () => Ok(()),
    }
}

/// What is kept locally is part of what is kept (`DynamicLogConfig`).
fn validate_local_retention(new: NodeConfigs<'_>, all: &str, local: &str, topic: &str) -> Result<(), String> {
    let all_value = new.topic_default(topic).and_then(|value| value.trim().parse::<i64>().ok()).unwrap_or(-1);
    let local_value = number(new, local);
    let refuse = |why: String| Err(invalid_value(local, local_value, why));
    match () {
        () if all_value < 0 || local_value == -2 => Ok(()),
        () if local_value == -1 => refuse(format!("Value must not be -1 as {all} value is set as {all_value}.")),
        () if local_value > all_value => {
            refuse(format!("Value must not be more than {all} property value: {all_value}"))
        }
        () => Ok(()),
    }
}

/// What became of the operations of an IncrementalAlterConfigs on a broker's settings
/// (`ConfigAdminManager.prepareIncrementalConfigs`). The error is Kafka's message.
pub fn list_after(
    key: Option<&ConfigKey>,
    name: &str,
    current: Option<&String>,
    item: &str,
    appends: bool,
) -> Result<String, String> {
    let Some(key) = key else {
        return Err(format!("Unknown config name: {name}"));
    };
    if key.kind != ConfigType::List {
        let operation = if appends { "append" } else { "subtract" };
        return Err(format!("Config value {operation} is not allowed for config key: {name}"));
    }
    let old = current.map_or(key.default.unwrap_or_default(), String::as_str);
    let mut list: Vec<&str> = old.split(',').filter(|part| !appends || !old.is_empty() || !part.is_empty()).collect();
    if appends {
        let added: Vec<&str> = item.split(',').filter(|part| !list.contains(part)).collect();
        list.extend(added);
    } else {
        // Scala's `diff`: each removes one.
        for part in item.split(',') {
            if let Some(at) = list.iter().position(|existing| *existing == part) {
                list.remove(at);
            }
        }
    }
    Ok(list.join(","))
}
