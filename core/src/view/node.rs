//! Kafka processes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::broker::PurgatoryView;
use super::broker::purgatory_views;
use super::controller::{ControllerView, controller_view};
use super::network::RequestId;
use super::replica::ReplicaView;
use super::replica::replica_views;
use super::summary;
use crate::actor::{Actor, Listener};
use crate::broker::lifecycle::LifecycleState;
use crate::cluster::Cluster;
use crate::cluster::node::{Node, ProcessState};
use crate::effects::ReceivedRequest;
use crate::sim::Millis;
use crate::wire::ApiKey;

/// A Kafka process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NodeView {
    /// `node.id`.
    pub id: i32,
    /// Whether it is a broker.
    pub is_broker: bool,
    /// Whether it is a controller.
    pub is_controller: bool,
    /// `broker.rack`.
    pub rack: Option<String>,
    /// How the process is.
    pub state: NodeState,
    /// Its replicas, by topic and index.
    pub replicas: Vec<ReplicaView>,
    /// How far it has applied the metadata log (exclusive), as broker or controller.
    pub metadata_offset: i64,
    /// Its registration's epoch, as it knows it; -1 for none.
    pub broker_epoch: i64,
    /// The controller's own state, where it is one.
    pub controller: Option<ControllerView>,
    /// Requests that wait for a handler thread.
    pub request_queue: Vec<RequestView>,
    /// Every request that is at its listeners: from the receive buffers of their sockets until the answers are sent.
    pub under_way: Vec<RequestId>,
    /// Requests that wait in purgatory.
    pub purgatory: Vec<PurgatoryView>,
    /// How long the disk takes for one write, in milliseconds; 0 where nobody made it slow.
    pub disk_write_ms: Millis,
    /// Checkpoint files by name, as a person would open them.
    pub files: BTreeMap<String, String>,
}

/// How a process is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NodeState {
    /// It runs, and has not registered yet.
    Starting,
    /// It runs and is registered, and the controller keeps clients away from it.
    Fenced,
    /// It runs.
    Running,
    /// It runs and moves its leaders away before it ends.
    Stopping,
    /// It stands still.
    Paused,
    /// It is dead.
    Down,
    /// It is played by hand.
    Puppet,
}

/// A request at a node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestView {
    /// Which request.
    pub request: RequestId,
    /// Who asks.
    pub from: Actor,
    /// At which listener.
    pub port: Listener,
    /// What.
    pub api: ApiKey,
    /// In few words.
    pub summary: String,
}

pub(super) fn node_view(cluster: &Cluster, node: &Node) -> NodeView {
    let broker = node.broker.as_ref();
    NodeView {
        id: node.config.id,
        is_broker: node.config.roles.is_broker(),
        is_controller: node.config.roles.is_controller(),
        rack: node.config.rack.clone(),
        state: NodeState::of(node),
        replicas: replica_views(node),
        metadata_offset: broker.map_or(-1, |broker| broker.metadata_offset),
        broker_epoch: broker.map_or(-1, |broker| broker.lifecycle.broker_epoch),
        controller: controller_view(node),
        request_queue: LISTENERS
            .into_iter()
            .flat_map(|port| node.requests(port).iter().map(move |received| request_view(cluster, port, received)))
            .collect(),
        under_way: LISTENERS.into_iter().flat_map(|port| under_way(node, port)).collect(),
        purgatory: broker.map(|broker| purgatory_views(cluster, broker)).unwrap_or_default(),
        disk_write_ms: node.slow_disk.by_ms,
        files: node.disk.broker.files(cluster.now()),
    }
}

impl NodeState {
    /// How a node is.
    pub fn of(node: &Node) -> Self {
        if node.config.is_puppet() {
            return NodeState::Puppet;
        }
        match (node.process, node.broker.as_ref().map(|broker| broker.lifecycle.state)) {
            (ProcessState::Down, _) => NodeState::Down,
            (ProcessState::Paused, _) => NodeState::Paused,
            (ProcessState::Running, None)
                if node.controller.as_ref().is_some_and(|controller| controller.is_stopping()) =>
            {
                NodeState::Stopping
            }
            (ProcessState::Running, None | Some(LifecycleState::Running)) => NodeState::Running,
            (ProcessState::Running, Some(LifecycleState::Starting)) => NodeState::Starting,
            (ProcessState::Running, Some(LifecycleState::Fenced)) => NodeState::Fenced,
            (ProcessState::Running, Some(LifecycleState::Stopping)) => NodeState::Stopping,
        }
    }
}

const LISTENERS: [Listener; 2] = [Listener::Broker, Listener::Controller];

fn under_way(node: &Node, port: Listener) -> impl Iterator<Item = RequestId> {
    node.server(port).channels().flat_map(|(_, channel)| {
        let unread = channel.unread.iter().map(|(_, received)| &received.request_context);
        channel.request.iter().map(|request| &request.context).chain(unread).map(RequestId::of)
    })
}

fn request_view(cluster: &Cluster, port: Listener, received: &ReceivedRequest) -> RequestView {
    RequestView {
        request: RequestId::of(&received.request_context),
        from: received.request_context.from.actor(),
        port,
        api: received.request_context.api,
        summary: summary::request_summary(cluster, &received.request),
    }
}
