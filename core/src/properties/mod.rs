//! `server.properties`: files as Java reads them, and clusters built from the files of their nodes.
//!
//! Nothing that was written is lost: what is read points at its lines, and every mistake has a place, a cure and, where Kafka
//! refuses it, Kafka's own message.

mod cluster;
mod export;
mod mistake;
mod node;
mod node_listeners;
mod placeholder;
mod quorum;
pub mod storage;
#[cfg(test)]
mod tests;
pub mod text;

pub use cluster::{Review, ServerFile, review, with_clients};
pub use export::export;
pub use mistake::{Caution, Mistake, Place, Problem, Warning};

pub(crate) use crate::cluster::complete;

/// What a node's own fields in a cluster's configuration hold.
const OF_NODE_CONFIG: [&str; 4] = ["process.roles", "node.id", "broker.id", "broker.rack"];
