//! One node's file: what it says of the node, and what Kafka has against it (`KafkaConfig.validateValues`).

use std::collections::BTreeMap;

use super::mistake::{Caution, Mistake, Place, Problem, Warning};
use super::placeholder::{self, Placeholder};
use super::quorum::{self, Voter};
use super::text::{self, BYTE_ORDER_MARK, Entry, MALFORMED_ESCAPE};
use crate::config::Roles;
use crate::settings::listeners::{self, ListenerAddress};
use crate::settings::{
    BrokerSettings, ConfigKey, Effect, broker_key, broker_keys, effect, listener_setting, validate_static,
};
use crate::sort::SharedSort;

/// Settings that say what a node is and how it is reached; a cluster is built from them.
pub(super) const IDENTITY: [&str; 15] = [
    "process.roles",
    "node.id",
    "broker.id",
    "broker.rack",
    "controller.quorum.voters",
    "controller.quorum.bootstrap.servers",
    "listeners",
    "advertised.listeners",
    "controller.listener.names",
    "inter.broker.listener.name",
    "security.inter.broker.protocol",
    "listener.security.protocol.map",
    "log.dirs",
    "log.dir",
    "metadata.log.dir",
];

/// Settings without a default, in the order in which Kafka looks for them.
const REQUIRED: [&str; 3] = ["process.roles", "node.id", "controller.listener.names"];

/// What one file says.
#[derive(Clone, Debug)]
pub struct NodeFile {
    pub(super) file: u32,
    pub(super) entries: Vec<Entry>,
    pub(super) roles: Option<Roles>,
    pub(super) id: Option<i32>,
    pub(super) voters: Vec<Voter>,
    pub(super) listeners: Vec<ListenerAddress>,
    pub(super) controller_listener_names: Vec<String>,
    pub(super) mistakes: Vec<Mistake>,
    pub(super) warnings: Vec<Warning>,
}

impl NodeFile {
    /// Reads a file by itself.
    pub fn read(file: u32, content: &str) -> Self {
        let mut node = Self {
            file,
            entries: text::read(content),
            roles: None,
            id: None,
            voters: Vec::new(),
            listeners: Vec::new(),
            controller_listener_names: Vec::new(),
            mistakes: Vec::new(),
            warnings: Vec::new(),
        };
        node.read_letters();
        if node.is_meta_properties() {
            return node;
        }
        node.read_values();
        node.read_identity();
        node.check_identity();
        node.warn();
        node
    }

    /// Whether this is the file of a formatted directory and none of a node.
    pub(super) fn is_meta_properties(&self) -> bool {
        self.entry("cluster.id").is_some() && self.entry("process.roles").is_none()
    }

    /// The entry of a setting that counts: the last one.
    pub(super) fn entry(&self, name: &str) -> Option<&Entry> {
        self.entries.iter().rev().find(|entry| entry.key == name)
    }

    /// A setting's value as it is written, without the white space around it.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        self.entry(name).map(|entry| entry.value.trim_matches(|letter| letter <= ' '))
    }

    /// The line of a setting.
    pub(super) fn line(&self, name: &str) -> Option<u32> {
        self.entry(name).map(|entry| entry.line)
    }

    /// The items of a list, each once.
    pub(super) fn list(&self, name: &str) -> Vec<String> {
        let mut items: Vec<String> = Vec::new();
        let value = self.value(name).unwrap_or_default();
        for item in value.split(',').map(str::trim).filter(|_| !value.is_empty()) {
            if !items.iter().any(|known| known == item) {
                items.push(item.to_owned());
            }
        }
        items
    }

    pub(super) fn mistake(&mut self, line: Option<u32>, problem: Problem, kafka: Option<String>) {
        self.mistakes.push(Mistake { place: Place { file: self.file, line }, problem, kafka });
    }

    pub(super) fn warning(&mut self, line: Option<u32>, caution: Caution) {
        self.warnings.push(Warning { place: Place { file: self.file, line }, caution });
    }

    /// `voters`, the map and the like are not looked at further where something has to be filled in.
    pub(super) fn has_placeholder(&self, name: &str) -> bool {
        self.value(name).is_some_and(|value| !placeholder::find(value).is_empty())
    }

    fn read_letters(&mut self) {
        if let Some(first) = self.entries.first_mut().filter(|entry| entry.key.starts_with(BYTE_ORDER_MARK)) {
            first.key = first.key.trim_start_matches(BYTE_ORDER_MARK).to_owned();
            first.is_ascii = first.key.is_ascii() && first.value.is_ascii();
            let (name, line) = (first.key.clone(), first.line);
            if name.starts_with(['#', '!']) {
                self.entries.remove(0);
            } else {
                self.mistake(Some(line), Problem::ByteOrderMark { name }, None);
            }
        }
        for entry in self.entries.clone() {
            if entry.is_malformed {
                let problem = Problem::MalformedEscape { name: entry.key.clone() };
                self.mistake(Some(entry.line), problem, Some(MALFORMED_ESCAPE.to_owned()));
            }
            if !entry.is_ascii {
                self.warning(Some(entry.line), Caution::NotLatin { name: entry.key.clone() });
            }
            match self.line(&entry.key) {
                Some(last) if last != entry.line => {
                    self.warning(Some(entry.line), Caution::DuplicateKey { name: entry.key, last });
                }
                _ => {}
            }
        }
    }

    /// Entries that count, each once.
    fn effective(&self) -> Vec<Entry> {
        let is_last = |entry: &&Entry| self.line(&entry.key) == Some(entry.line) && !entry.is_malformed;
        self.entries.iter().filter(is_last).cloned().collect()
    }

    /// Looks at each value by itself, as `ConfigDef` does.
    fn read_values(&mut self) {
        let engine: Vec<&str> = BrokerSettings::all().iter().map(|setting| setting.name).collect();
        for entry in self.effective() {
            let (name, line) = (entry.key.as_str(), Some(entry.line));
            let acts = IDENTITY.contains(&name) || effect(name) == Effect::Acts;
            let key = broker_key(listener_setting(name).unwrap_or(name));
            let is_engines = engine.contains(&name);
            if acts && (key.is_some() || is_engines) {
                let refused = key.and_then(|key| self.refusal(key, &entry.value));
                for found in placeholder::distinct(&entry.value) {
                    let (name, text) = (name.to_owned(), found.text().to_owned());
                    let problem = match found {
                        Placeholder::Broken(_) => Problem::BrokenPlaceholder { name, text },
                        Placeholder::Unfilled(_) => Problem::UnfilledPlaceholder { name, text },
                    };
                    self.mistake(line, problem, refused.clone());
                }
                if self.has_placeholder(name) {
                    continue;
                }
            }
            match key {
                None if is_engines => {}
                None => {
                    let caution = match nearest(name) {
                        Some(meant) => Caution::UnknownSetting { name: name.to_owned(), meant },
                        None => Caution::CustomSetting { name: name.to_owned() },
                    };
                    self.warning(line, caution);
                    continue;
                }
                Some(key) => {
                    if let Some(message) = self.refusal(key, &entry.value) {
                        let problem = match comment_behind(&entry.value) {
                            Some(comment) => Problem::CommentBehindValue { name: name.to_owned(), comment },
                            None => Problem::InvalidValue { name: name.to_owned(), value: entry.value.clone() },
                        };
                        self.mistake(line, problem, Some(message));
                        continue;
                    }
                }
            }
            if IDENTITY.contains(&name) {
                continue;
            }
            if let Err(crate::command::CommandError::BadValue { value, expected, .. }) =
                BrokerSettings::default().set(name, &entry.value)
            {
                self.mistake(line, Problem::BeyondEngine { name: name.to_owned(), value, expected }, None);
            }
            if let Effect::None(reason) = effect(listener_setting(name).unwrap_or(name)) {
                self.warning(line, Caution::NoEffectHere { name: name.to_owned(), reason });
            }
        }
    }

    /// What Kafka says of a value. `node.id` is taken for `broker.id` too, which is looked at first.
    fn refusal(&self, key: &ConfigKey, value: &str) -> Option<String> {
        let is_broker_id_too = key.name == "node.id" && self.entry("broker.id").is_none();
        let of_broker_id = broker_key("broker.id").filter(|_| is_broker_id_too).and_then(|key| key.parse(value).err());
        of_broker_id.or_else(|| key.parse(value).err())
    }

    fn read_identity(&mut self) {
        let roles = self.list("process.roles");
        // Of a wrong list one does not know what was meant.
        let has = |role: &str| {
            let is_right = roles.iter().all(|each| ["broker", "controller"].contains(&each.as_str()));
            is_right && roles.iter().any(|each| each == role)
        };
        self.roles = match (has("broker"), has("controller")) {
            (true, true) => Some(Roles::Combined),
            (true, false) => Some(Roles::Broker),
            (false, true) => Some(Roles::Controller),
            (false, false) => None,
        };
        let id = self.value("node.id").or_else(|| self.value("broker.id"));
        self.id = id.and_then(|id| id.parse().ok()).filter(|id| *id >= 0);
        self.voters =
            self.list("controller.quorum.voters").iter().filter_map(|entry| quorum::guess_voter(entry)).collect();
        let listeners = match self.value("listeners") {
            Some(_) => self.list("listeners"),
            None => vec!["PLAINTEXT://:9092".to_owned()],
        };
        self.listeners = listeners.iter().filter_map(|entry| listeners::guess(entry)).collect();
        self.controller_listener_names = self.list("controller.listener.names");
    }

    /// What `KafkaConfig` looks at before anything is opened.
    fn check_identity(&mut self) {
        let is_zookeepers = self.value("process.roles").is_none() && self.value("zookeeper.connect").is_some();
        for name in REQUIRED {
            let is_there = self.value(name).is_some() || (name == "node.id" && self.value("broker.id").is_some());
            if is_there || (is_zookeepers && name != "process.roles") {
                continue;
            }
            let message = format!("Missing required configuration \"{name}\" which has no default value.");
            match is_zookeepers {
                true => self.mistake(self.line("zookeeper.connect"), Problem::ZookeeperMode {}, Some(message)),
                false => self.mistake(None, Problem::MissingSetting { name: name.to_owned() }, Some(message)),
            }
        }
        if let (Some(node_id), Some(broker_id)) = (self.value("node.id"), self.value("broker.id"))
            && node_id != broker_id
        {
            let (node_id, broker_id) = (node_id.to_owned(), broker_id.to_owned());
            let message = "You must set `node.id` to the same value as `broker.id`.".to_owned();
            self.mistake(self.line("broker.id"), Problem::NodeIdAndBrokerId { node_id, broker_id }, Some(message));
        }
        self.check_together();
        self.check_voters();
        self.check_listeners();
    }

    /// Settings that must fit each other.
    fn check_together(&mut self) {
        let mut settings = BrokerSettings::default();
        for entry in self.effective() {
            if settings.set(&entry.key, &entry.value).is_ok() || broker_key(&entry.key).is_some() {
                settings.configured.insert(entry.key, entry.value);
            }
        }
        let has_mistakes = self.mistakes.iter().any(|mistake| matches!(mistake.problem, Problem::InvalidValue { .. }));
        if let Err(message) = validate_static(&settings)
            && !has_mistakes
        {
            // The setting that the message begins with, or the first of those that it names.
            let mut named: Vec<(usize, String)> = (self.entries.iter())
                .filter_map(|entry| Some((message.find(&entry.key)?, entry.key.clone())))
                .filter(|(_, name)| name.contains('.'))
                .collect();
            named.shared_sort_by_key(|(at, name)| (*at, std::cmp::Reverse(name.len())));
            let name = named.into_iter().next().map(|(_, name)| name).unwrap_or_default();
            self.mistake(self.line(&name), Problem::SettingsDisagree { name }, Some(message));
        }
    }

    fn check_voters(&mut self) {
        let (voters, servers) =
            (self.list("controller.quorum.voters"), self.list("controller.quorum.bootstrap.servers"));
        let line = self.line("controller.quorum.voters");
        for entry in voters.iter().filter(|entry| placeholder::find(entry).is_empty()) {
            if let Err(message) = quorum::parse_voter(entry) {
                let problem = match comment_behind(entry) {
                    Some(comment) => {
                        Problem::CommentBehindValue { name: "controller.quorum.voters".to_owned(), comment }
                    }
                    None => Problem::VoterSyntax { entry: entry.clone() },
                };
                self.mistake(line, problem, Some(message));
            }
        }
        // What Kafka says of a placeholder is what it says of the entry that it is in.
        let refusal = voters.iter().find_map(|entry| quorum::parse_voter(entry).err());
        self.say_of_placeholders("controller.quorum.voters", refusal);
        let server_line = self.line("controller.quorum.bootstrap.servers");
        for entry in servers.iter().filter(|entry| placeholder::find(entry).is_empty()) {
            if let Err(message) = quorum::check_bootstrap_server(entry) {
                self.mistake(server_line, Problem::BootstrapServerSyntax { entry: entry.clone() }, Some(message));
            }
        }
        let known = self.voters.clone();
        for (at, voter) in known.iter().enumerate() {
            for other in &known[..at] {
                let (address, id) = (voter.address(), other.id);
                if id == voter.id {
                    self.mistake(line, Problem::VoterTwice { voter: id }, None);
                } else if voter.address() == other.address() {
                    self.mistake(line, Problem::VotersAtOneAddress { voter: id, other: voter.id, address }, None);
                }
            }
        }
        let Some(roles) = self.roles else { return };
        if voters.is_empty() && servers.is_empty() {
            let message = "If using process.roles, either controller.quorum.bootstrap.servers must contain the set of bootstrap \
                           controllers or controller.quorum.voters must contain a parseable set of controllers.";
            self.mistake(line, Problem::NoQuorum {}, Some(message.to_owned()));
        }
        let Some(node) = self.id else { return };
        let ids: Vec<i32> = known.iter().map(|voter| voter.id).collect();
        let printed = quorum::printed(&known);
        if roles.is_controller() && !ids.is_empty() && !ids.contains(&node) {
            let message = format!(
                "requirement failed: If process.roles contains the 'controller' role, the node id {node} must be included in \
                 the set of voters controller.quorum.voters={printed}"
            );
            self.mistake(line, Problem::ControllerNotAmongVoters { node, voters: ids }, Some(message));
        } else if roles == Roles::Broker && ids.contains(&node) {
            let message = format!(
                "requirement failed: If process.roles contains just the 'broker' role, the node id {node} must not be \
                 included in the set of voters controller.quorum.voters={printed}"
            );
            self.mistake(line, Problem::BrokerAmongVoters { node }, Some(message));
        }
    }

    pub(super) fn say_of_placeholders(&mut self, setting: &str, refusal: Option<String>) {
        for mistake in &mut self.mistakes {
            let (Problem::BrokenPlaceholder { name, .. } | Problem::UnfilledPlaceholder { name, .. }) =
                &mistake.problem
            else {
                continue;
            };
            if name == setting {
                mistake.kafka = refusal.clone();
            }
        }
    }

    /// What is legal and unwise in this file alone.
    fn warn(&mut self) {
        if self.value("controller.quorum.voters").is_some_and(|value| !value.is_empty())
            && let Some(line) = self.line("controller.quorum.bootstrap.servers")
        {
            self.warning(Some(line), Caution::BootstrapServersUnused {});
        }
        if self.value("log.dirs").is_some()
            && let Some(line) = self.line("log.dir")
        {
            self.warning(Some(line), Caution::LogDirUnused {});
        }
        for name in ["log.dirs", "log.dir", "metadata.log.dir"] {
            let line = self.line(name);
            for directory in self.list(name).into_iter().filter(|directory| directory.starts_with("/tmp")) {
                self.warning(line, Caution::TemporaryDirectory { directory });
            }
        }
        if self.value("unclean.leader.election.enable").is_some_and(|value| value.eq_ignore_ascii_case("true")) {
            self.warning(self.line("unclean.leader.election.enable"), Caution::UncleanElection {});
        }
        let pairs = [
            ("transaction.state.log.min.isr", "transaction.state.log.replication.factor"),
            ("min.insync.replicas", "default.replication.factor"),
        ];
        for (name, factor_name) in pairs {
            let number = |name: &str| self.value(name).and_then(|value| value.parse::<i64>().ok());
            if let (Some(min), Some(factor)) = (number(name), number(factor_name))
                && min >= factor
                && factor > 1
            {
                let (name_owned, factor_name) = (name.to_owned(), factor_name.to_owned());
                let caution = Caution::MinIsrIsFactor { name: name_owned, factor_name, factor };
                self.warning(self.line(name), caution);
            }
        }
    }

    /// The settings that a node's process is started with, without what says who it is.
    pub(super) fn settings(&self) -> BTreeMap<String, String> {
        let own = ["process.roles", "node.id", "broker.id", "broker.rack"];
        let is_kept = |entry: &&Entry| {
            let is_known = broker_key(listener_setting(&entry.key).unwrap_or(&entry.key)).is_some();
            let is_engines = || BrokerSettings::default().get(&entry.key).is_some();
            !own.contains(&entry.key.as_str()) && (is_known || is_engines())
        };
        let trimmed = |value: &str| value.trim_matches(|letter| letter <= ' ').to_owned();
        self.effective().iter().filter(is_kept).map(|entry| (entry.key.clone(), trimmed(&entry.value))).collect()
    }
}

/// What looks like a comment at the end of a value.
pub(super) fn comment_behind(value: &str) -> Option<String> {
    let at = value.find([' ', '\t']).filter(|at| value[*at..].trim_start().starts_with('#'))?;
    Some(value[at..].trim().to_owned())
}

/// The setting of Kafka that a name was most likely meant to be: one with at most three letters otherwise.
fn nearest(name: &str) -> Option<String> {
    const LENGTH_MAX: usize = 80;
    if name.len() > LENGTH_MAX {
        return None;
    }
    let bare =
        name.trim_matches(|letter: char| !letter.is_ascii_alphanumeric()).to_ascii_lowercase().replace(['_', '-'], ".");
    let far = |key: &str| distance(&bare, key);
    let near = broker_keys().map(|key| (far(key.name), key.name)).min()?;
    (near.0 <= 3 && near.0 * 4 <= near.1.len()).then(|| near.1.to_owned())
}

/// How many letters have to be added, left out or exchanged (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    if one.len().abs_diff(other.len()) > 3 {
        return usize::MAX / 4;
    }
    let other = other.as_bytes();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (at, letter) in one.bytes().enumerate() {
        let mut before = row[0];
        row[0] = at + 1;
        for (to, known) in other.iter().enumerate() {
            let exchanged = before + usize::from(letter != *known);
            before = row[to + 1];
            row[to + 1] = exchanged.min(row[to] + 1).min(before + 1);
        }
    }
    row[other.len()]
}
