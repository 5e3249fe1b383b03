//! The files of all nodes together: what they say of each other, and the cluster that they are.

use std::collections::BTreeMap;

use super::mistake::{Caution, Mistake, Place, Problem, Warning};
use super::node::{IDENTITY, NodeFile};
use super::storage::metadata_directory;
use crate::cluster::identity;
use crate::config::{
    ClusterConfig, CommitMode, ConsumerConfig, NetworkConfig, NodeConfig, PollMode, ProcessMode, ProducerConfig, Roles,
    Start, TopicConfig,
};
use crate::presets::TOPIC;
use crate::settings::{RaftProtocol, listeners};
use crate::sort::SharedSort;

/// The most files, as many as a cluster has nodes at most.
const FILES_MAX: usize = 32;
/// The longest file, in bytes.
const FILE_BYTES_MAX: usize = 1 << 20;
/// The most voters.
const VOTERS_MAX: i64 = 9;
/// The largest `node.id`.
const NODE_ID_MAX: i64 = 999_999;

/// The engine's own setting that says how the controllers' directories were formatted: who votes at first.
pub(super) const INITIAL_CONTROLLERS: &str = "initial.controllers";

/// The engine's own setting that says by which protocol voters follow their leader.
const RAFT: &str = "raft";

/// A node's `server.properties`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServerFile {
    /// What it is called.
    pub name: String,
    /// Its text, as it was written.
    pub text: String,
}

/// What files say.
#[derive(Clone, Debug, PartialEq)]
pub struct Review {
    /// The cluster; or what is wrong, by file and line.
    pub cluster: Result<ClusterConfig, Vec<Mistake>>,
    /// What is unwise or without effect, by file and line.
    pub warnings: Vec<Warning>,
}

/// Reads the files of all nodes. Topics and clients are not in them: there are none. Where a `meta.properties` is among them, every
/// node has to have one, and of the same cluster.
pub fn review(files: &[ServerFile]) -> Review {
    let too_large = |file: usize, what: &str, limit: usize| Mistake {
        place: Place { file: u32::try_from(file).unwrap_or(u32::MAX), line: None },
        problem: Problem::TooLarge { what: what.to_owned(), limit: u32::try_from(limit).unwrap_or(u32::MAX) },
        kafka: None,
    };
    if files.len() > FILES_MAX {
        return Review { cluster: Err(vec![too_large(FILES_MAX, "files", FILES_MAX)]), warnings: Vec::new() };
    }
    if let Some(at) = files.iter().position(|file| file.text.len() > FILE_BYTES_MAX) {
        return Review { cluster: Err(vec![too_large(at, "bytes", FILE_BYTES_MAX)]), warnings: Vec::new() };
    }
    let read = (0u32..).zip(files).map(|(at, file)| NodeFile::read(at, &file.text));
    let (of_directories, nodes) = read.partition(NodeFile::is_meta_properties);
    let mut reader = Reader { files, nodes, of_directories };
    reader.check();
    reader.check_directories();
    reader.warn();
    let all = reader.nodes.iter().chain(&reader.of_directories);
    let mut mistakes: Vec<Mistake> = all.flat_map(|node| node.mistakes.iter().cloned()).collect();
    let mut warnings: Vec<Warning> = reader.nodes.iter().flat_map(|node| node.warnings.iter().cloned()).collect();
    if reader.nodes.is_empty() {
        mistakes.push(Mistake { place: Place { file: 0, line: None }, problem: Problem::NoFiles {}, kafka: None });
    }
    mistakes.shared_sort_by_key(|mistake| mistake.place);
    warnings.shared_sort_by_key(|warning| warning.place);
    let cluster = if mistakes.is_empty() { Ok(reader.config()) } else { Err(mistakes) };
    Review { cluster, warnings }
}

struct Reader<'f> {
    files: &'f [ServerFile],
    nodes: Vec<NodeFile>,
    /// `meta.properties` that were given along.
    of_directories: Vec<NodeFile>,
}

/// What a node's voters are, to be compared.
type VoterList = Vec<(i32, String)>;

impl Reader<'_> {
    fn name(&self, node: usize) -> String {
        self.files[self.nodes[node].file as usize].name.clone()
    }

    fn brokers(&self) -> usize {
        self.nodes.iter().filter(|node| node.roles.is_some_and(Roles::is_broker)).count()
    }

    fn controllers(&self) -> impl Iterator<Item = &NodeFile> {
        self.nodes.iter().filter(|node| node.roles.is_some_and(Roles::is_controller))
    }

    /// Whether no file names voters: then those vote that the directories were formatted with.
    fn is_dynamic(&self) -> bool {
        self.nodes.iter().all(|node| node.voters.is_empty()) && self.controllers().next().is_some()
    }

    /// Who votes at first in a dynamic quorum: who is named in a file, else every controller, as with `kafka-storage format
    /// --initial-controllers`.
    fn initial_controllers(&self) -> String {
        let named =
            self.nodes.iter().find_map(|node| node.value(INITIAL_CONTROLLERS)).filter(|named| !named.is_empty());
        let all =
            || self.controllers().filter_map(|node| node.id).map(|id| id.to_string()).collect::<Vec<_>>().join(",");
        named.map_or_else(all, str::to_owned)
    }

    /// Every initial voter must be there, and no other voters may be named.
    fn check_initial_controllers(&mut self) {
        let controllers: Vec<i32> = self.controllers().filter_map(|node| node.id).collect();
        let is_known = self.nodes.iter().all(|node| node.id.is_some() && node.roles.is_some());
        for node in &mut self.nodes {
            let Some(named) = node.value(INITIAL_CONTROLLERS).filter(|named| !named.is_empty()) else { continue };
            let ids = named.split(',').map(|entry| entry.split('@').next().unwrap_or_default().trim().parse::<i32>());
            let are_there = ids.into_iter().all(|id| id.is_ok_and(|id| controllers.contains(&id)));
            let line = node.line(INITIAL_CONTROLLERS);
            let problem = Problem::InvalidValue { name: INITIAL_CONTROLLERS.to_owned(), value: named.to_owned() };
            if !node.voters.is_empty() {
                node.mistake(line, problem, Some(super::storage::VOTERS_ARE_STATIC.to_owned()));
            } else if is_known && !are_there {
                node.mistake(line, problem, None);
            }
        }
    }

    fn check(&mut self) {
        self.check_ids();
        self.check_voters();
        self.check_raft();
        self.check_initial_controllers();
        self.check_ports();
        self.check_factors();
        let is_known = self.nodes.iter().all(|node| node.roles.is_some());
        if is_known && !self.nodes.is_empty() {
            let lacks_controller = self.controllers().next().is_none();
            let lacks_broker = self.brokers() == 0;
            let first = &mut self.nodes[0];
            let line = first.line("process.roles");
            if lacks_broker {
                first.mistake(line, Problem::NoBroker {}, None);
            }
            if lacks_controller {
                first.mistake(line, Problem::NoController {}, None);
            }
        }
    }

    fn check_ids(&mut self) {
        for at in 0..self.nodes.len() {
            let Some(id) = self.nodes[at].id else { continue };
            let earlier = self.nodes[..at].iter().position(|other| other.id == Some(id));
            let file = earlier.map(|earlier| self.name(earlier));
            let node = &mut self.nodes[at];
            let line = node.line("node.id").or(node.line("broker.id"));
            if let Some(file) = file {
                node.mistake(line, Problem::NodeTwice { node: id, file }, None);
            }
            if i64::from(id) > NODE_ID_MAX {
                let (name, value) = ("node.id".to_owned(), i64::from(id));
                node.mistake(line, Problem::OutOfRange { name, value, min: 0, max: NODE_ID_MAX }, None);
            }
        }
    }

    fn voter_list(&self, at: usize) -> VoterList {
        let mut list: VoterList = self.nodes[at].voters.iter().map(|voter| (voter.id, voter.address())).collect();
        list.shared_sort_by_key(|voter| voter.clone());
        list
    }

    /// The voters that most files name; the first of them where several do.
    fn usual_voters(&self) -> Option<(usize, VoterList)> {
        let lists: Vec<VoterList> = (0..self.nodes.len()).map(|at| self.voter_list(at)).collect();
        let count = |list: &VoterList| lists.iter().filter(|other| *other == list).count();
        let named = lists.iter().enumerate().filter(|(_, list)| !list.is_empty());
        let (at, list) = named.max_by_key(|(at, list)| (count(list), std::cmp::Reverse(*at)))?;
        Some((at, list.clone()))
    }

    /// All voters follow their leader by one protocol.
    fn check_raft(&mut self) {
        let of = |node: &NodeFile| node.value(RAFT).unwrap_or(RaftProtocol::default().as_str()).to_owned();
        let Some(first) = self.nodes.iter().position(|node| node.roles.is_some_and(Roles::is_controller)) else {
            return;
        };
        let (file, there) = (self.name(first), of(&self.nodes[first]));
        for node in self.nodes.iter_mut().filter(|node| node.roles.is_some_and(Roles::is_controller)) {
            let here = of(node);
            if here != there {
                let problem = Problem::RaftDiffers { file: file.clone(), here, there: there.clone() };
                node.mistake(node.line(RAFT), problem, None);
            }
        }
    }

    fn check_voters(&mut self) {
        let count = i64::try_from(self.controllers().count()).unwrap_or(i64::MAX);
        if count > VOTERS_MAX {
            let (name, value) = ("controller.quorum.voters".to_owned(), count);
            self.nodes[0].mistake(None, Problem::OutOfRange { name, value, min: 1, max: VOTERS_MAX }, None);
        }
        let Some((usual_at, usual)) = self.usual_voters() else { return };
        let printed = |list: &VoterList| list.iter().map(|(id, _)| id.to_string()).collect::<Vec<_>>().join(", ");
        for at in 0..self.nodes.len() {
            let list = self.voter_list(at);
            let file = self.name(usual_at);
            let node = &mut self.nodes[at];
            let line = node.line("controller.quorum.voters");
            if list.is_empty() || list == usual {
                continue;
            }
            let ids = |list: &VoterList| list.iter().map(|(id, _)| *id).collect::<Vec<_>>();
            if ids(&list) != ids(&usual) {
                let problem = Problem::VotersDiffer { file, here: printed(&list), there: printed(&usual) };
                node.mistake(line, problem, None);
                continue;
            }
            for ((voter, here), (_, there)) in list.into_iter().zip(&usual).filter(|(one, other)| one != *other) {
                let problem = Problem::VoterAddressDiffers { voter, file: file.clone(), here, there: there.clone() };
                node.mistake(line, problem, None);
            }
        }
        let line = self.nodes[usual_at].line("controller.quorum.voters");
        for voter in self.nodes[usual_at].voters.clone() {
            let Some(node) = self.nodes.iter_mut().find(|node| node.id == Some(voter.id)) else {
                // Where a file's own id cannot be read, it may be that voter's.
                if self.nodes.iter().all(|node| node.id.is_some()) {
                    self.nodes[usual_at].mistake(line, Problem::VoterWithoutFile { voter: voter.id }, None);
                }
                continue;
            };
            let names = &node.controller_listener_names;
            let mut ports = node.listeners.iter().filter(|listener| names.contains(&listener.name)).map(|it| it.port);
            if let (Some(port), Some(listens)) = (voter.port, ports.clone().next())
                && ports.all(|other| other != port)
            {
                let line = node.line("listeners");
                node.mistake(line, Problem::VoterPortDiffers { voter: voter.id, port, listens }, None);
            }
        }
    }

    /// Nodes on different machines may have the same port at every address; at one named host they may not.
    fn check_ports(&mut self) {
        let mut taken: BTreeMap<String, usize> = BTreeMap::new();
        for at in 0..self.nodes.len() {
            for listener in self.nodes[at].listeners.clone() {
                if matches!(listener.host.as_str(), "" | "0.0.0.0" | "::") || listener.port <= 0 {
                    continue;
                }
                let address = format!("{}:{}", listener.host, listener.port);
                match taken.get(&address) {
                    Some(other) if *other != at => {
                        let file = self.name(*other);
                        let message = format!("Socket server failed to bind to {address}: Address already in use.");
                        let line = self.nodes[at].line("listeners");
                        self.nodes[at].mistake(line, Problem::PortClash { address, file }, Some(message));
                    }
                    Some(_) => {}
                    None => _ = taken.insert(address, at),
                }
            }
        }
    }

    /// How many replicas topics want that Kafka creates by itself.
    fn check_factors(&mut self) {
        let brokers = i64::try_from(self.brokers()).unwrap_or(i64::MAX);
        if brokers == 0 {
            return;
        }
        let factors = [
            ("offsets.topic.replication.factor", 3),
            ("transaction.state.log.replication.factor", 3),
            ("default.replication.factor", 1),
        ];
        for (name, default) in factors {
            let mut is_reported = false;
            for node in &mut self.nodes {
                if !node.roles.is_some_and(Roles::is_broker) {
                    continue;
                }
                let line = node.line(name);
                let wanted: i64 = match node.value(name).map(str::parse) {
                    Some(Ok(wanted)) => wanted,
                    Some(Err(_)) => continue,
                    None => default,
                };
                let owned = name.to_owned();
                match (line, wanted) {
                    (Some(_), _) if wanted > brokers => {
                        node.mistake(line, Problem::TooFewBrokers { name: owned, wanted, brokers }, None);
                    }
                    (None, _) if wanted > brokers && !is_reported => {
                        node.warning(None, Caution::DefaultNeedsBrokers { name: owned, wanted, brokers });
                        is_reported = true;
                    }
                    (Some(_), 1) if brokers > 1 => node.warning(line, Caution::ReplicationFactorOne { name: owned }),
                    (None, 1) if brokers > 1 && !is_reported => {
                        node.warning(None, Caution::ReplicationFactorOne { name: owned });
                        is_reported = true;
                    }
                    _ => {}
                }
            }
        }
    }

    /// Whose directories were formatted, and for which cluster.
    fn check_directories(&mut self) {
        let Some(first) = self.of_directories.first() else { return };
        let expected = first.value("cluster.id").unwrap_or_default().to_owned();
        let formatted: Vec<Option<i32>> =
            self.of_directories.iter().map(|meta| meta.value("node.id").and_then(|id| id.parse().ok())).collect();
        let missing = self.nodes.iter_mut().filter(|node| !formatted.contains(&node.id));
        let mut unformatted = None;
        for node in missing {
            let directory = metadata_directory(node);
            let line = node.line("metadata.log.dir").or(node.line("log.dirs")).or(node.line("log.dir"));
            unformatted = unformatted.or(node.id);
            let message = "No readable meta.properties files found.".to_owned();
            node.mistake(line, Problem::UnformattedDirectory { directory }, Some(message));
        }
        let ids: Vec<Option<i32>> = self.nodes.iter().map(|node| node.id).collect();
        for (at, meta) in self.of_directories.iter_mut().enumerate() {
            let directory = self.files[meta.file as usize].name.clone();
            let found = meta.value("cluster.id").unwrap_or_default().to_owned();
            if found != expected {
                let (line, expected) = (meta.line("cluster.id"), expected.clone());
                meta.mistake(line, Problem::ForeignCluster { directory: directory.clone(), expected, found }, None);
            }
            if let (Some(found), Some(expected)) = (formatted[at], unformatted)
                && !ids.contains(&Some(found))
            {
                let line = meta.line("node.id");
                meta.mistake(line, Problem::ForeignNode { directory, expected, found }, None);
            }
        }
    }

    fn warn(&mut self) {
        let combined = self.nodes.iter().filter(|node| node.roles == Some(Roles::Combined)).count();
        if let Some(node) = self.nodes.iter_mut().find(|node| node.roles == Some(Roles::Combined)) {
            let nodes = u32::try_from(combined).unwrap_or(u32::MAX);
            node.warning(node.line("process.roles"), Caution::CombinedRoles { nodes });
        }
        let voters = u32::try_from(self.controllers().count()).unwrap_or(u32::MAX);
        let is_dynamic = self.is_dynamic();
        let is_named = self.nodes.iter().any(|node| node.entry(INITIAL_CONTROLLERS).is_some());
        let initial = self.initial_controllers();
        let has_loopback = |host: &str| host == "localhost" || host.starts_with("127.") || host == "::1";
        if let Some(node) = self.nodes.iter_mut().find(|node| node.roles.is_some_and(Roles::is_controller)) {
            let line = node.line("controller.quorum.voters").or(node.line("controller.quorum.bootstrap.servers"));
            if is_dynamic && line.is_some() && !is_named {
                node.warning(line, Caution::DynamicQuorum { voters: initial.replace(',', ", ") });
            }
            if voters > 0 && voters.is_multiple_of(2) {
                node.warning(line, Caution::EvenVoters { voters, tolerated: voters / 2 - 1 });
            }
        }
        let is_elsewhere = |node: &NodeFile| {
            node.listeners.iter().any(|listener| !listener.host.is_empty() && !has_loopback(&listener.host))
        };
        if self.nodes.iter().any(is_elsewhere) {
            for node in &mut self.nodes {
                let entries = node.list("advertised.listeners");
                let line = node.line("advertised.listeners");
                for address in entries.iter().filter_map(|entry| listeners::guess(entry)) {
                    if has_loopback(&address.host) {
                        let address = format!("{}:{}", address.host, address.port);
                        node.warning(line, Caution::AdvertisedLoopback { address });
                    }
                }
            }
        }
    }

    /// The cluster. What all nodes have in common stands with the cluster, what says who a node is only where it is not what
    /// the engine gives a node by itself.
    fn config(&self) -> ClusterConfig {
        let mut nodes: Vec<NodeConfig> = (self.nodes.iter())
            .filter_map(|node| {
                let rack = node.value("broker.rack").filter(|rack| !rack.is_empty()).map(str::to_owned);
                Some(NodeConfig { rack, settings: node.settings(), ..NodeConfig::new(node.id?, node.roles?) })
            })
            .collect();
        let all = nodes.clone();
        let is_dynamic = self.is_dynamic();
        for node in &mut nodes {
            let by_itself = identity(node, &all, is_dynamic);
            let is_its_own = |name: &str| node.settings.get(name) == by_itself.get(name);
            let of_settings = IDENTITY.iter().filter(|name| !super::OF_NODE_CONFIG.contains(name));
            if of_settings.clone().all(|name| is_its_own(name)) {
                let names: Vec<&str> = of_settings.copied().collect();
                node.settings.retain(|name, _| !names.contains(&name.as_str()));
            }
        }
        if is_dynamic {
            let initial = self.initial_controllers();
            nodes.iter_mut().for_each(|node| _ = node.settings.insert(INITIAL_CONTROLLERS.to_owned(), initial.clone()));
        }
        let mut shared = nodes.first().map(|node| node.settings.clone()).unwrap_or_default();
        shared.retain(|name, value| nodes.iter().all(|node| node.settings.get(name) == Some(value)));
        for node in &mut nodes {
            node.settings.retain(|name, _| !shared.contains_key(name));
        }
        ClusterConfig {
            nodes,
            settings: shared,
            topics: Vec::new(),
            producers: Vec::new(),
            consumers: Vec::new(),
            network: NetworkConfig::default(),
            start: Start::AtRest,
        }
    }
}

/// The same cluster with what files do not have: the topic `orders` as the brokers' defaults make it, a producer, and a consumer
/// where `__consumer_offsets` can be created.
pub fn with_clients(mut config: ClusterConfig) -> ClusterConfig {
    let brokers = i64::try_from(config.nodes.iter().filter(|node| node.roles.is_broker()).count()).unwrap_or(i64::MAX);
    let number = |name: &str, default: i64| {
        let own = config.nodes.iter().filter(|node| node.roles.is_broker()).find_map(|node| node.settings.get(name));
        let value = own.or_else(|| config.settings.get(name));
        value.and_then(|value| value.trim().parse::<i64>().ok()).unwrap_or(default)
    };
    let factor = number("default.replication.factor", brokers.min(3)).clamp(1, brokers.max(1));
    let partitions = number("num.partitions", 1).clamp(1, 64);
    let has_offsets = number("offsets.topic.replication.factor", 3) <= brokers;
    config.topics = vec![TopicConfig {
        name: TOPIC.to_owned(),
        partitions: i32::try_from(partitions).unwrap_or(1),
        replication_factor: i16::try_from(factor).unwrap_or(1),
        assignment: Vec::new(),
        settings: BTreeMap::new(),
    }];
    config.producers = vec![ProducerConfig::default()];
    if has_offsets {
        config.consumers = vec![ConsumerConfig {
            group: "billing".to_owned(),
            topics: vec![TOPIC.to_owned()],
            poll: PollMode::Continuous,
            commit: CommitMode::AfterPoll,
            process: ProcessMode::AtOnce,
            writes: None,
            settings: BTreeMap::from([("auto.offset.reset".to_owned(), "earliest".to_owned())]),
            ..ConsumerConfig::default()
        }];
    }
    config
}
