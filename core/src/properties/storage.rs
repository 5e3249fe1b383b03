//! `kafka-storage`: directories are formatted before a node is started with them (`StorageTool`, `Formatter`,
//! `MetaPropertiesEnsemble`), in Kafka's own words.
//!
//! Pure functions of a node's directories, whose files are texts to look at: `meta.properties` as it is written, checkpoints as
//! `kafka-dump-log` prints their records.

use std::collections::BTreeMap;

use super::cluster::ServerFile;
use super::node::NodeFile;
use super::text;
use crate::wire::Uuid;
use crate::wire::feature_levels::{
    FIRST_METADATA_VERSION, KRAFT_VERSION, LATEST_PRODUCTION, LATEST_PRODUCTION_NAME, METADATA_VERSION,
    levels_of_new_cluster, metadata_version_name, metadata_versions,
};
use crate::wire::hash_order::{java_string_hash, sort_as_hash_map};

/// The file that says whose a directory is.
pub const META_PROPERTIES: &str = "meta.properties";
/// The file with a new cluster's first records.
pub const BOOTSTRAP_CHECKPOINT: &str = "bootstrap.checkpoint";
/// The file with a new quorum's first voters.
pub const VOTERS_CHECKPOINT: &str = "__cluster_metadata-0/00000000000000000000-0000000000.checkpoint";

/// The files of a machine's directories, by path and name.
pub type Directories = BTreeMap<String, BTreeMap<String, String>>;

/// What a tool prints, line by line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ToolOutput {
    /// What it prints.
    pub stdout: Vec<String>,
    /// What it says went wrong.
    pub stderr: Vec<String>,
}

impl ToolOutput {
    fn failed(line: impl Into<String>) -> Self {
        Self { stdout: Vec::new(), stderr: vec![line.into()] }
    }

    fn thrown(exception: &str, message: impl std::fmt::Display) -> Self {
        Self::failed(format!("Exception in thread \"main\" {exception}: {message}"))
    }
}

/// What it says of initial voters where the file names voters.
pub(super) const VOTERS_ARE_STATIC: &str = "You cannot specify controller.quorum.voters and format the node with --initial-controllers or --standalone. If you \
     want to use dynamic quorum, please remove controller.quorum.voters and specify controller.quorum.bootstrap.servers instead.";

/// How directories are formatted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FormatOptions {
    /// `--cluster-id`.
    pub cluster_id: String,
    /// `--standalone`: the node is the quorum's only voter.
    pub standalone: bool,
    /// `--no-initial-controllers`: the quorum is there already.
    pub no_initial_controllers: bool,
    /// `--initial-controllers`: `id@host:port:directory`, with commas between them.
    pub initial_controllers: Option<String>,
    /// `--ignore-formatted`.
    pub ignore_formatted: bool,
    /// `--feature`, each `name=level`.
    pub features: Vec<String>,
}

/// A voter of a dynamic quorum (`DynamicVoter`).
#[derive(Clone, Debug, PartialEq, Eq)]
struct DynamicVoter {
    id: i32,
    host: String,
    port: i32,
    directory: Uuid,
}

/// `DynamicVoter.parse`. The error is Kafka's message.
fn parse_dynamic_voter(input: &str) -> Result<DynamicVoter, String> {
    let input = input.trim();
    let Some((id, rest)) = input.split_once('@') else {
        return Err("No @ found in dynamic voter string.".to_owned());
    };
    let id: i32 = match id.parse() {
        Ok(id) if id >= 0 => id,
        Ok(id) => return Err(format!("Invalid negative node id {id} in dynamic voter string.")),
        Err(_) => return Err("Failed to parse node id in dynamic voter string.".to_owned()),
    };
    if rest.is_empty() {
        return Err("No hostname found after node id.".to_owned());
    }
    let (host, rest) = match rest.strip_prefix('[') {
        Some(rest) => {
            let Some((host, rest)) = rest.split_once(']') else {
                return Err("Hostname began with left bracket, but no right bracket was found.".to_owned());
            };
            let rest =
                rest.strip_prefix(':').ok_or_else(|| "No colon following hostname could be found.".to_owned())?;
            (host, rest)
        }
        None => rest.split_once(':').ok_or_else(|| "No colon following hostname could be found.".to_owned())?,
    };
    let Some((port, directory)) = rest.split_once(':') else {
        return Err("No colon following port could be found.".to_owned());
    };
    let port: i32 = match port.parse() {
        Ok(port @ 0..=65_535) => port,
        Ok(port) => return Err(format!("Invalid port {port} in dynamic voter string.")),
        Err(_) => return Err("Failed to parse port in dynamic voter string.".to_owned()),
    };
    let directory =
        Uuid::parse(directory).ok_or_else(|| "Failed to parse directory ID in dynamic voter string.".to_owned())?;
    Ok(DynamicVoter { id, host: host.to_owned(), port, directory })
}

/// `kafka-storage format`: writes what is missing into a node's directories, and gives what the tool prints. A file with mistakes
/// of its own is refused with the first of them. `bits` are what random ids are made of.
pub fn format(
    server: &ServerFile,
    directories: &mut Directories,
    options: &FormatOptions,
    mut bits: impl FnMut() -> u128,
) -> ToolOutput {
    let node = NodeFile::read(0, &server.text);
    if let Some(message) = node.mistakes.iter().find_map(|mistake| mistake.kafka.as_ref()) {
        let is_argument = ["requirement failed", "Error ", "Malformed"].iter().any(|start| message.starts_with(start));
        let exception = match is_argument {
            true => "java.lang.IllegalArgumentException",
            false => "org.apache.kafka.common.config.ConfigException",
        };
        return ToolOutput::thrown(exception, message);
    }
    let (Some(id), Some(roles)) = (node.id, node.roles) else {
        return ToolOutput::failed("The kafka configuration file names no node.");
    };
    if options.standalone && !roles.is_controller() {
        return ToolOutput::failed("You can only use --standalone on a controller.");
    }
    let voters = match (&options.initial_controllers, options.standalone) {
        (Some(list), _) => match list.split(',').map(parse_dynamic_voter).collect::<Result<Vec<_>, _>>() {
            Ok(voters) => Some(voters),
            Err(message) => return ToolOutput::thrown("java.lang.IllegalArgumentException", message),
        },
        (None, true) => Some(standalone_voter(&node, id, &mut bits).into_iter().collect()),
        (None, false) => None,
    };
    let has_static_voters = !node.voters.is_empty();
    if has_static_voters && voters.is_some() {
        return ToolOutput::failed(VOTERS_ARE_STATIC);
    }
    if roles.is_controller() && !has_static_voters && voters.is_none() && !options.no_initial_controllers {
        return ToolOutput::failed(
            "Because controller.quorum.voters is not set on this controller, you must specify one of the following: \
             --standalone, --initial-controllers, or --no-initial-controllers.",
        );
    }
    let (features, kraft_version) = match levels(options, has_static_voters, voters.is_some()) {
        Ok(levels) => levels,
        Err(output) => return output,
    };
    let all = log_directories(&node);
    let metadata = metadata_directory(&node);
    for path in &all {
        if let Err(message) = check_meta(path, directories, Some(&options.cluster_id), id) {
            return ToolOutput::thrown("java.lang.RuntimeException", message);
        }
    }
    let is_formatted = |path: &String| directories.get(path).is_some_and(|files| files.contains_key(META_PROPERTIES));
    if let Some(path) = all.iter().find(|path| is_formatted(path)).filter(|_| !options.ignore_formatted) {
        let how = "Use --ignore-formatted to ignore this directory and format the others.";
        return ToolOutput::failed(format!("Log directory {path} is already formatted. {how}"));
    }
    let records: Vec<String> = (features.iter())
        .map(|(name, level)| {
            format!("ApiMessageAndVersion(FeatureLevelRecord(name='{name}', featureLevel={level}) at version 0)")
        })
        .collect();
    let mut stdout = vec![format!(
        "Bootstrap metadata: BootstrapMetadata(records=[{}], metadataVersionLevel={LATEST_PRODUCTION}, source=format command)",
        records.join(", ")
    )];
    let empty: Vec<&String> = all.iter().filter(|path| !is_formatted(path)).collect();
    if empty.is_empty() {
        stdout = vec!["All of the log directories are already formatted.".to_owned()];
    }
    let own_directory = voters.as_ref().and_then(|voters| voters.iter().find(|voter| voter.id == id));
    let mut written: Directories = BTreeMap::new();
    for path in empty {
        let (kind, is_dynamic) = match (*path == metadata, &voters) {
            (false, _) => ("data directory", false),
            (true, None) => ("metadata directory", false),
            (true, Some(_)) if own_directory.is_none() => ("dynamic metadata directory", true),
            (true, Some(_)) => ("dynamic metadata voter directory", true),
        };
        stdout.push(format!("Formatting {kind} {path} with metadata.version {LATEST_PRODUCTION_NAME}."));
        let directory_id = match own_directory.filter(|_| *path == metadata) {
            Some(voter) => voter.directory,
            None => Uuid::random(&mut bits),
        };
        let mut files = BTreeMap::from([
            (META_PROPERTIES.to_owned(), meta_properties(id, &options.cluster_id, directory_id)),
            (BOOTSTRAP_CHECKPOINT.to_owned(), bootstrap_checkpoint(&features)),
        ]);
        if is_dynamic && let Some(voters) = &voters {
            let listener = node.controller_listener_names.first().map_or("CONTROLLER", String::as_str);
            files.insert(VOTERS_CHECKPOINT.to_owned(), voters_checkpoint(voters, listener, kraft_version));
        }
        written.insert(path.clone(), files);
    }
    for (path, files) in written {
        directories.entry(path).or_default().extend(files);
    }
    ToolOutput { stdout, stderr: Vec::new() }
}

/// The node itself, as it is reached by its first controller listener.
fn standalone_voter(node: &NodeFile, id: i32, bits: &mut impl FnMut() -> u128) -> Option<DynamicVoter> {
    let listener = node.listeners.iter().find(|listener| node.controller_listener_names.contains(&listener.name))?;
    let host = if listener.host.is_empty() { "localhost".to_owned() } else { listener.host.clone() };
    Some(DynamicVoter { id, host, port: listener.port, directory: Uuid::random(bits) })
}

type Levels = (Vec<(String, i16)>, i16);

/// The features of the new cluster, and `kraft.version` (`calculateEffectiveFeatureLevels`).
fn levels(options: &FormatOptions, has_static_voters: bool, has_voters: bool) -> Result<Levels, ToolOutput> {
    let mut levels = levels_of_new_cluster();
    let is_dynamic = !has_static_voters && (has_voters || options.no_initial_controllers);
    let mut kraft_version = i16::from(is_dynamic);
    let mut metadata_version = LATEST_PRODUCTION;
    for feature in &options.features {
        let wrong = |why: &str| {
            ToolOutput::thrown(
                "java.lang.RuntimeException",
                format!("Can't parse feature=level string {feature}: {why}"),
            )
        };
        let (name, level) = feature.split_once('=').ok_or_else(|| wrong("equals sign not found."))?;
        let level: i16 = level.trim().parse().map_err(|_| wrong(&format!("unable to parse {level} as a short.")))?;
        match name {
            METADATA_VERSION if metadata_version_name(level).is_none() => {
                let (first, last) = (FIRST_METADATA_VERSION, metadata_versions().last().map_or(0, |(level, _)| level));
                let message = format!(
                    "No MetadataVersion with feature level {level}. Valid feature levels are from {first} to {last}."
                );
                return Err(ToolOutput::thrown("java.lang.IllegalArgumentException", message));
            }
            METADATA_VERSION => metadata_version = level,
            KRAFT_VERSION if i16::from(is_dynamic) != level => {
                let flags = "one of the flags --standalone, --initial-controllers, or --no-initial-controllers is used";
                let (condition, cure) = match is_dynamic {
                    true => ("if", "removing the --feature flag for kraft.version"),
                    false => (
                        "unless",
                        "using one of --standalone, --initial-controllers, or --no-initial-controllers and removing \
                         controller.quorum.voters",
                    ),
                };
                return Err(ToolOutput::failed(format!(
                    "Cannot set kraft.version to {level} {condition} controller.quorum.voters is empty and {flags}. For dynamic \
                     controllers support, try {cure}."
                )));
            }
            KRAFT_VERSION => kraft_version = level,
            _ => match levels.get_mut(name) {
                Some(known) => *known = level,
                None => {
                    let known = "eligible.leader.replicas.version, group.version, kraft.version, share.version, \
                                 streams.version, transaction.version";
                    return Err(ToolOutput::failed(format!(
                        "Unsupported feature: {name}. Supported features are: {known}"
                    )));
                }
            },
        }
    }
    let mut all = vec![(METADATA_VERSION.to_owned(), metadata_version)];
    all.extend(levels.into_iter().filter(|(_, level)| *level != 0).map(|(name, level)| (name.to_owned(), level)));
    Ok((all, kraft_version))
}

fn meta_properties(id: i32, cluster_id: &str, directory: Uuid) -> String {
    format!("#\nnode.id={id}\ndirectory.id={directory}\nversion=1\n{}\n", text::write("cluster.id", cluster_id))
}

fn bootstrap_checkpoint(features: &[(String, i16)]) -> String {
    let mut lines = vec![r#"SnapshotHeader {"version":0,"lastContainedLogTimestamp":0}"#.to_owned()];
    lines.extend(features.iter().map(|(name, level)| {
        let data = format!(r#"{{"name":"{name}","featureLevel":{level}}}"#);
        format!(r#"payload: {{"type":"FEATURE_LEVEL_RECORD","version":0,"data":{data}}}"#)
    }));
    lines.push(r#"SnapshotFooter {"version":0}"#.to_owned());
    lines.join("\n") + "\n"
}

fn voters_checkpoint(voters: &[DynamicVoter], listener: &str, kraft_version: i16) -> String {
    let voters: Vec<String> = (voters.iter())
        .map(|voter| {
            let DynamicVoter { id, host, port, directory } = voter;
            let endpoint = format!(r#"{{"name":"{listener}","host":"{host}","port":{port}}}"#);
            let versions = r#"{"minSupportedVersion":0,"maxSupportedVersion":1}"#;
            format!(
                r#"{{"voterId":{id},"voterDirectoryId":"{directory}","endpoints":[{endpoint}],"kRaftVersionFeature":{versions}}}"#
            )
        })
        .collect();
    [
        r#"SnapshotHeader {"version":0,"lastContainedLogTimestamp":0}"#.to_owned(),
        format!(r#"KRaftVersion {{"version":0,"kRaftVersion":{kraft_version}}}"#),
        format!(r#"KRaftVoters {{"version":0,"voters":[{}]}}"#, voters.join(",")),
        r#"SnapshotFooter {"version":0}"#.to_owned(),
    ]
    .join("\n")
        + "\n"
}

/// The directories of a node, in the order of Java's hash map.
fn log_directories(node: &NodeFile) -> Vec<String> {
    let mut all = if node.value("log.dirs").is_some() { node.list("log.dirs") } else { node.list("log.dir") };
    if all.is_empty() {
        all.push("/tmp/kafka-logs".to_owned());
    }
    let metadata = node.value("metadata.log.dir").map(str::to_owned);
    all.extend(metadata.filter(|path| !all.contains(path)));
    sort_as_hash_map(&mut all, |path| java_string_hash(path));
    all
}

/// Where a node's metadata log lies.
pub(super) fn metadata_directory(node: &NodeFile) -> String {
    let of_list = |name: &str| node.list(name).into_iter().next();
    let own = node.value("metadata.log.dir").map(str::to_owned);
    own.or_else(|| of_list("log.dirs")).or_else(|| of_list("log.dir")).unwrap_or_else(|| "/tmp/kafka-logs".to_owned())
}

/// A value of a directory's `meta.properties`.
fn meta(path: &str, directories: &Directories, name: &str) -> Option<String> {
    let text = directories.get(path)?.get(META_PROPERTIES)?;
    text::read(text).into_iter().rev().find(|entry| entry.key == name).map(|entry| entry.value)
}

/// `MetaPropertiesEnsemble.verify` of one directory. The error is Kafka's message.
fn check_meta(path: &str, directories: &Directories, cluster_id: Option<&str>, id: i32) -> Result<(), String> {
    let file = format!("{path}/{META_PROPERTIES}");
    if let (Some(found), Some(expected)) = (meta(path, directories, "cluster.id"), cluster_id)
        && found != expected
    {
        return Err(format!("Invalid cluster.id in: {file}. Expected {expected}, but read {found}"));
    }
    match meta(path, directories, "node.id") {
        Some(found) if found.trim() != id.to_string() => Err(format!(
            "Stored node id {found} doesn't match previous node id {id} in {file}. If you moved your data, make sure your \
             configured node id matches. If you intend to create a new node, you should remove all data in your data directories."
        )),
        _ => Ok(()),
    }
}

/// Whether a node may start with its directories (`KafkaRaftServer.initializeLogDirs`). The error is Kafka's message.
pub fn verify(server: &ServerFile, directories: &Directories) -> Result<(), String> {
    let node = NodeFile::read(0, &server.text);
    let all = log_directories(&node);
    let is_formatted = |path: &&String| meta(path, directories, "version").is_some();
    if !all.iter().any(|path| is_formatted(&path)) {
        return Err("No readable meta.properties files found.".to_owned());
    }
    let cluster_id = all.iter().find_map(|path| meta(path, directories, "cluster.id"));
    for path in &all {
        check_meta(path, directories, cluster_id.as_deref(), node.id.unwrap_or(-1))?;
    }
    match all.iter().find(|path| !is_formatted(path)) {
        Some(path) => Err(format!(
            "No `meta.properties` found in {path} (have you run `kafka-storage.sh` to format the directory?)"
        )),
        None => Ok(()),
    }
}

/// `kafka-storage info`: what is found in a node's directories.
pub fn info(server: &ServerFile, directories: &Directories) -> ToolOutput {
    let mut all = log_directories(&NodeFile::read(0, &server.text));
    all.sort_unstable();
    let mut output = ToolOutput::default();
    let (found, missing): (Vec<&String>, Vec<&String>) = all.iter().partition(|path| directories.contains_key(*path));
    let mut problems: Vec<String> = missing.iter().map(|path| format!("{path} does not exist")).collect();
    if !found.is_empty() {
        output.stdout.push(if found.len() == 1 { "Found log directory:" } else { "Found log directories:" }.to_owned());
        output.stdout.extend(found.iter().map(|path| format!("  {path}")));
        output.stdout.push(String::new());
    }
    let is_formatted = |path: &String| meta(path, directories, "version").is_some();
    problems.extend(found.iter().filter(|path| !is_formatted(path)).map(|path| format!("{path} is not formatted.")));
    if let Some(path) = found.iter().find(|path| is_formatted(path)) {
        let of = |name: &str| Some(format!("{name}={}", meta(path, directories, name)?));
        let known: Vec<String> =
            ["cluster.id", "directory.id", "node.id", "version"].into_iter().filter_map(of).collect();
        output.stdout.push(format!("Found metadata: {{{}}}", known.join(", ")));
        output.stdout.push(String::new());
    }
    if !problems.is_empty() {
        output.stdout.push(if problems.len() == 1 { "Found problem:" } else { "Found problems:" }.to_owned());
        output.stdout.extend(problems.iter().map(|problem| format!("  {problem}")));
        output.stdout.push(String::new());
    }
    output
}

/// The directories of a cluster's nodes as they were formatted before its run, by node.
pub fn formatted(
    config: &crate::config::ClusterConfig,
    cluster_id: &str,
    mut bits: impl FnMut() -> u128,
) -> BTreeMap<i32, Directories> {
    let files = super::export(config);
    let processes = config.nodes.iter().filter(|node| !node.is_puppet());
    let mut all = BTreeMap::new();
    let named = config.settings.get(super::cluster::INITIAL_CONTROLLERS).map(String::as_str).unwrap_or_default();
    let named: Vec<&str> = named.split(',').map(|entry| entry.trim()).filter(|entry| !entry.is_empty()).collect();
    let ids: Vec<i32> = named.iter().filter_map(|entry| entry.split('@').next()?.parse().ok()).collect();
    let voters: Vec<String> =
        ids.iter().map(|id| format!("{id}@controller-{id}:9093:{}", Uuid::random(&mut bits))).collect();
    for (node, file) in processes.zip(files) {
        let mut directories = Directories::new();
        let is_dynamic = node.roles.is_controller() && NodeFile::read(0, &file.text).voters.is_empty();
        let is_initial = is_dynamic && ids.contains(&node.id);
        let options = FormatOptions {
            cluster_id: node.cluster_id.as_deref().unwrap_or(cluster_id).to_owned(),
            initial_controllers: is_initial.then(|| voters.join(",")),
            no_initial_controllers: is_dynamic && !is_initial,
            ..FormatOptions::default()
        };
        format(&file, &mut directories, &options, &mut bits);
        all.insert(node.id, directories);
    }
    all
}
