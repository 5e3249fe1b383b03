//! A cluster as the files that its nodes would be started with.

use super::cluster::INITIAL_CONTROLLERS;
use super::cluster::ServerFile;
use super::node::IDENTITY;
use super::text;
use crate::cluster::identity;
use crate::config::ClusterConfig;

/// The `server.properties` of every node but those that are no process. Reading them with [`super::review`] gives nodes and
/// settings back.
pub fn export(config: &ClusterConfig) -> Vec<ServerFile> {
    let processes = config.nodes.iter().filter(|node| !node.is_puppet());
    processes
        .map(|node| {
            let mut all = config.settings.clone();
            all.extend(node.settings.clone());
            let is_dynamic = all.get(INITIAL_CONTROLLERS).is_some_and(|named| !named.is_empty());
            let mut own = identity(node, &config.nodes, is_dynamic);
            // Kafka takes `node.id` for both.
            own.remove("broker.id");
            super::complete(&mut all, own);
            let who: Vec<&str> = IDENTITY.into_iter().filter(|name| all.contains_key(*name)).collect();
            let rest = all.keys().map(String::as_str).filter(|name| !IDENTITY.contains(name));
            let names = who.iter().copied().chain(rest);
            let lines: Vec<String> = names.filter_map(|name| Some(text::write(name, all.get(name)?))).collect();
            let name = format!("server-{}.properties", node.id);
            ServerFile { name, text: lines.join("\n") + "\n" }
        })
        .collect()
}
