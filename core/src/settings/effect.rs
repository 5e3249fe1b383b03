//! What each setting does in this engine: nothing that is taken is ignored in silence.

use super::{broker_key, topic_key};

/// Whether a setting acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case", tag = "effect", content = "reason")]
pub enum Effect {
    /// As in Kafka.
    Acts,
    /// In part: the reason says what of it does not.
    Partly(Unmodelled),
    /// It is checked, stored and told as in Kafka, and changes nothing else.
    None(Unmodelled),
}

/// What the engine does not model, so that settings about it change nothing.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    serde::Serialize,
    strum::VariantNames,
    strum::IntoStaticStr,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Unmodelled {
    /// A broker's thread pools: requests are handled one at a time.
    Threads,
    /// Sockets, their buffers and limits on connections.
    Connections,
    /// Codecs: whatever compresses a batch, its records take the same share of their bytes.
    Codecs,
    /// Files on a real disk: preallocation, buffers, directories.
    Files,
    /// Quotas of replication, callbacks for those of clients.
    Quotas,
    /// Tiered storage.
    TieredStorage,
    /// Encryption, authentication, tokens.
    Security,
    /// Metrics and telemetry.
    Metrics,
    /// Groups of the newest protocols: share, streams.
    NewGroups,
    /// How a transaction coordinator's log is read: here at once.
    Transactions,
    /// What Kafka 4.3.1 no longer has.
    UnusedByKafka,
    /// Anything else that is not built yet.
    NotBuilt,
}

impl Unmodelled {
    /// The kebab-case name: what its words are found by.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// The kebab-case names of all.
    pub fn names() -> &'static [&'static str] {
        <Self as strum::VariantNames>::VARIANTS
    }
}

/// Settings by the beginning of their name, the first that fits.
const BY_PREFIX: &[(&str, Unmodelled)] = &[
    ("ssl.", Unmodelled::Security),
    ("sasl.", Unmodelled::Security),
    ("security.", Unmodelled::Security),
    ("delegation.token.", Unmodelled::Security),
    ("principal.builder.", Unmodelled::Security),
    ("connections.max.reauth.", Unmodelled::Security),
    ("listener.", Unmodelled::Connections),
    ("listeners", Unmodelled::Connections),
    ("max.connection", Unmodelled::Connections),
    ("connection", Unmodelled::Connections),
    ("socket.", Unmodelled::Connections),
    ("remote.", Unmodelled::TieredStorage),
    ("local.retention.", Unmodelled::TieredStorage),
    ("log.local.retention.", Unmodelled::TieredStorage),
    ("follower.fetch.last.tiered.", Unmodelled::TieredStorage),
    ("compression.", Unmodelled::Codecs),
    ("streams.", Unmodelled::NewGroups),
    ("group.share.", Unmodelled::NewGroups),
    ("group.streams.", Unmodelled::NewGroups),
    ("share.", Unmodelled::NewGroups),
    ("transaction", Unmodelled::Transactions),
    ("metric", Unmodelled::Metrics),
    ("kafka.metrics.", Unmodelled::Metrics),
    ("telemetry.", Unmodelled::Metrics),
    ("client.quota.", Unmodelled::Quotas),
    ("leader.replication.throttled.", Unmodelled::Quotas),
    ("follower.replication.throttled.", Unmodelled::Quotas),
    ("replica.alter.log.dirs.io.", Unmodelled::Quotas),
];

/// Single settings.
const BY_NAME: &[(&str, Unmodelled)] = &[
    ("background.threads", Unmodelled::Threads),
    ("num.recovery.threads.per.data.dir", Unmodelled::Threads),
    ("num.replica.fetchers", Unmodelled::Threads),
    ("log.cleaner.threads", Unmodelled::Threads),
    ("log.cleaner.dedupe.buffer.size", Unmodelled::Files),
    ("log.cleaner.io.buffer.load.factor", Unmodelled::Files),
    ("log.cleaner.io.buffer.size", Unmodelled::Files),
    ("log.cleaner.io.max.bytes.per.second", Unmodelled::Files),
    ("preallocate", Unmodelled::Files),
    ("log.preallocate", Unmodelled::Files),
    ("leader.imbalance.per.broker.percentage", Unmodelled::UnusedByKafka),
];

/// Settings of transactions that a topic is made by, or that coordinators and leaders go by, settings of single groups, and limits
/// of listeners.
const ACT_ALL_THE_SAME: [&str; 17] = [
    "connections.max.idle.ms",
    "cordoned.log.dirs",
    "max.connections.per.ip",
    "socket.request.max.bytes",
    "transaction.abort.timed.out.transaction.cleanup.interval.ms",
    "transaction.max.timeout.ms",
    "transaction.partition.verification.enable",
    "transaction.remove.expired.transaction.cleanup.interval.ms",
    "transaction.two.phase.commit.enable",
    "transactional.id.expiration.ms",
    "consumer.session.timeout.ms",
    "consumer.heartbeat.interval.ms",
    "consumer.assignment.interval.ms",
    "transaction.state.log.min.isr",
    "transaction.state.log.num.partitions",
    "transaction.state.log.replication.factor",
    "transaction.state.log.segment.bytes",
];

/// What a setting of a broker or a topic does.
pub fn effect(name: &str) -> Effect {
    if name == "compression.type" {
        return Effect::Partly(Unmodelled::Codecs);
    }
    if ACT_ALL_THE_SAME.contains(&name) {
        return Effect::Acts;
    }
    let named = BY_NAME.iter().find(|(setting, _)| *setting == name);
    let reason = named.or_else(|| BY_PREFIX.iter().find(|(prefix, _)| name.starts_with(prefix)));
    match reason {
        Some((_, reason)) => Effect::None(*reason),
        None if is_typed(name) => Effect::Acts,
        None => Effect::None(Unmodelled::NotBuilt),
    }
}

/// What a client's setting does: those that the engine has a field for act.
pub fn client_effect(name: &str, typed: &[super::SettingInfo]) -> Effect {
    if typed.iter().any(|setting| setting.name == name) {
        return Effect::Acts;
    }
    let reason = BY_PREFIX.iter().find(|(prefix, _)| name.starts_with(prefix)).map(|(_, reason)| *reason);
    Effect::None(reason.unwrap_or(Unmodelled::NotBuilt))
}

/// Whether the engine has a field for the setting, or hands it on to a topic's.
fn is_typed(name: &str) -> bool {
    let is_listed = |all: Vec<super::SettingInfo>| all.iter().any(|setting| setting.name == name);
    let is_known = broker_key(name).or_else(|| topic_key(name)).or_else(|| super::group_key(name)).is_some();
    is_listed(super::BrokerSettings::all()) || is_listed(super::TopicSettings::all()) || !is_known
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{BrokerSettings, TopicSettings, broker_keys};

    #[test]
    fn every_row_is_a_setting() {
        // Some settings of ours are older than 4.3.
        let all = [BrokerSettings::all(), TopicSettings::all()].concat();
        for (name, _) in BY_NAME {
            let is_kafkas = broker_key(name).or_else(|| topic_key(name)).is_some();
            assert!(is_kafkas || all.iter().any(|setting| setting.name == *name), "{name} is no setting");
        }
        for (prefix, _) in BY_PREFIX {
            let fits = |name: &str| name.starts_with(prefix);
            let is_used =
                broker_keys().any(|key| fits(key.name)) || TopicSettings::all().iter().any(|key| fits(key.name));
            let is_used = is_used || crate::settings::group_keys().any(|key| fits(key.name));
            assert!(is_used, "no setting begins with {prefix}");
        }
    }

    #[test]
    fn a_setting_acts_or_says_why_not() {
        assert_eq!(effect("retention.ms"), Effect::Acts);
        assert_eq!(effect("num.io.threads"), Effect::Acts);
        assert_eq!(effect("background.threads"), Effect::None(Unmodelled::Threads));
        assert_eq!(effect("compression.type"), Effect::Partly(Unmodelled::Codecs));
        assert_eq!(effect("queued.max.request.bytes"), Effect::None(Unmodelled::NotBuilt));
        assert_eq!(effect("log.cleaner.backoff.ms"), Effect::Acts);
    }

    /// A setting that is said to act has a field that something outside this room reads, or is a topic's default.
    #[test]
    fn what_acts_is_read_somewhere() {
        let mut source = String::new();
        read(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut source);
        let all = BrokerSettings::all().into_iter().chain(TopicSettings::all());
        let is_default = |name: &str| {
            let mut synonyms = crate::settings::TOPIC_CONFIG_SYNONYMS.iter().flat_map(|(_, synonyms)| *synonyms);
            synonyms.any(|synonym| synonym.name == name)
        };
        let is_read = |name: &str| {
            let field = name.replace('.', "_");
            source.contains(&format!(".{field}")) || source.contains(&format!("\"{name}\""))
        };
        let all: Vec<&str> = all.map(|setting| setting.name).collect();
        let silent: Vec<&&str> =
            all.iter().filter(|name| effect(name) == Effect::Acts && !is_default(name) && !is_read(name)).collect();
        assert!(silent.is_empty(), "taken and ignored: {silent:?}");
        // One that is only listed by its name lets the cleaner begin anew when it is changed, and no more.
        let has_reader = |name: &str| source.contains(&format!(".{}", name.replace('.', "_")));
        let denied: Vec<&&str> =
            all.iter().filter(|name| matches!(effect(name), Effect::None(_)) && has_reader(name)).collect();
        assert!(denied.is_empty(), "said to do nothing, and read: {denied:?}");
    }

    fn read(folder: std::path::PathBuf, into: &mut String) {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() && !path.ends_with("settings") {
                read(path, into);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                into.push_str(&std::fs::read_to_string(path).expect("text"));
            }
        }
    }
}
