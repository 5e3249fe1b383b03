//! `kafka-storage`, and `cat` to look at the files of this cluster's nodes.

use super::options::Line;
use super::{Asks, Outcome, failed, printed};
use crate::cluster::Cluster;
use crate::properties::storage::{self, Directories, FormatOptions, META_PROPERTIES};
use crate::properties::{ServerFile, export};
use crate::sim::random::{Purpose, Random};
use crate::wire::Uuid;

/// An option by its long or its short name.
fn value<'l>(line: &'l Line, long: &str, short: &str) -> Option<&'l str> {
    line.value(long).or_else(|| line.value(short))
}

pub fn execute(asks: &Asks<'_>) -> Outcome {
    let line = asks.line;
    let mut random = Random::for_purpose(asks.probe.into(), Purpose::Identity);
    if line.has("random-uuid") {
        return printed(vec![Uuid::random(|| random.id()).to_string()]);
    }
    let Some(name) = value(line, "--config", "-c") else {
        return failed("kafka-storage: error: argument --config/-c is required");
    };
    let Some((node, file)) = file(asks.cluster, name) else {
        let exception = format!("java.nio.file.NoSuchFileException: {name}");
        return failed(format!("Exception in thread \"main\" {exception}"));
    };
    let mut directories = directories(asks.cluster, node);
    match (line.has("info"), line.has("format")) {
        (true, false) => Outcome::Printed(storage::info(&file, &directories)),
        (false, true) => {
            let Some(cluster_id) = value(line, "--cluster-id", "-t") else {
                return failed("kafka-storage: error: argument --cluster-id/-t is required");
            };
            let has = |long: &str, short: &str| line.has(long) || line.has(short);
            let options = FormatOptions {
                cluster_id: cluster_id.to_owned(),
                standalone: has("--standalone", "-s"),
                no_initial_controllers: has("--no-initial-controllers", "-N"),
                initial_controllers: value(line, "--initial-controllers", "-I").map(str::to_owned),
                ignore_formatted: has("--ignore-formatted", "-g"),
                features: line.values("--feature").chain(line.values("-f")).map(str::to_owned).collect(),
            };
            Outcome::Printed(storage::format(&file, &mut directories, &options, || random.id()))
        }
        _ => failed("kafka-storage: error: too few arguments"),
    }
}

/// A node's property file, by the name that it has when it is exported.
fn file(cluster: &Cluster, name: &str) -> Option<(i32, ServerFile)> {
    let name = name.rsplit('/').next().unwrap_or(name);
    let file = export(cluster.config()).into_iter().find(|file| file.name == name)?;
    let node = name.strip_prefix("server-")?.strip_suffix(".properties")?.parse().ok()?;
    Some((node, file))
}

/// A node's directories: they were formatted before its first start.
fn directories(cluster: &Cluster, node: i32) -> Directories {
    let mut random = Random::for_purpose(node.unsigned_abs().into(), Purpose::Identity);
    let mut all = storage::formatted(cluster.config(), cluster.cluster_id(), || random.id());
    let mut directories = all.remove(&node).unwrap_or_default();
    let own = cluster.node(node).map(|node| node.disk.broker.directory_id);
    if let (Some(own), Some(text)) =
        (own, directories.values_mut().next().and_then(|files| files.get_mut(META_PROPERTIES)))
    {
        let line = |line: &str| {
            if line.starts_with("directory.id=") { format!("directory.id={own}\n") } else { format!("{line}\n") }
        };
        *text = text.lines().map(line).collect();
    }
    directories
}

/// `cat`: a node's property file, or a file of its directories as `server-1/meta.properties`.
pub fn cat(cluster: &Cluster, names: &[String]) -> Outcome {
    let mut lines = Vec::new();
    for name in names {
        let found = match file(cluster, name) {
            Some((_, file)) => Some(file.text),
            None => name.split_once('/').and_then(|(node, rest)| {
                let node = node.strip_prefix("server-")?.parse().ok()?;
                directories(cluster, node).into_values().find_map(|mut files| files.remove(rest))
            }),
        };
        match found {
            Some(text) => lines.extend(text.lines().map(str::to_owned)),
            None => return failed(format!("cat: {name}: No such file or directory")),
        }
    }
    printed(lines)
}
