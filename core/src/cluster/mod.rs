//! The whole cluster as a value: processes, clients, the network between them, the clock and the random generators.
//!
//! Two things change it: [`Cluster::step`] executes the event that is due, [`Cluster::apply`] a person's command. Everything
//! else looks.

mod applications;
mod boot;
mod commands;
mod connections;
mod consumer_commands;
mod delivery;
pub mod event;
mod faults;
mod fingerprint;
pub mod node;
mod probe_commands;
mod producer_commands;
mod queries;
mod raw_bytes;
mod scheduler;
mod silence;
mod subscriptions;
#[cfg(test)]
mod tests;

use std::rc::Rc;

pub(crate) use commands::DELAY_MS_MAX;

use crate::actor::{Actor, Endpoint};
use crate::client::application::Application;
use crate::client::{Admin, Consumer, Probes, Producer};
use crate::config::ClusterConfig;
use crate::effects::Timer;
use crate::flat_map::FlatMap;
use crate::ranked_map::RankedMap;
use crate::sim::Millis;
use crate::sim::network::Network;
use crate::sim::queue::{EventId, EventQueue};
use crate::step::Position;
use connections::Connections;
use event::{HeldEvent, Scheduled};
use node::Node;
use silence::Silence;

pub use boot::ConfigError;
pub(crate) use boot::{complete, identity};
pub(crate) use subscriptions::{SubscriptionProblem, check_subscription};

/// An endpoint's timers that are set: when each is due, and the event that it is.
type SetTimers = FlatMap<Timer, (Millis, EventId)>;

/// A cluster at one moment. Cloning is cheap: actors are shared until one of the clones changes them.
#[derive(Clone, Debug, PartialEq, Hash)]
pub struct Cluster {
    config: Rc<ClusterConfig>,
    cluster_id: String,
    now: Millis,
    position: Position,
    queue: EventQueue<Scheduled>,
    /// Where each set timer stands in the queue.
    timers: Rc<RankedMap<Endpoint, SetTimers>>,
    network: Network<Endpoint, Actor>,
    /// Who has a connection to whom, and what is held up on them.
    connections: Connections,
    /// Faults of which consequences may still come.
    silence: Silence,
    /// What was sent into cut links: like TCP, the sender's machine sends it again once the link works.
    undelivered: Vec<HeldEvent>,
    nodes: FlatMap<i32, Rc<Node>>,
    producers: Vec<Rc<Producer>>,
    consumers: Vec<Rc<Consumer>>,
    /// Applications that write what they read, by the number of their consumer.
    applications: Rc<FlatMap<u32, Application>>,
    admin: Rc<Admin>,
    probes: Rc<Probes>,
}

impl Cluster {
    /// Virtual time, in milliseconds.
    pub fn now(&self) -> Millis {
        self.now
    }

    /// How many moves (steps and commands) were made.
    pub fn position(&self) -> Position {
        self.position
    }

    /// `cluster.id`.
    pub fn cluster_id(&self) -> &str {
        &self.cluster_id
    }

    /// What it is made of.
    pub fn config(&self) -> &ClusterConfig {
        &self.config
    }

    fn node_mut(&mut self, id: i32) -> Option<&mut Node> {
        self.nodes.get_mut(&id).map(Rc::make_mut)
    }

    fn producer_mut(&mut self, number: u32) -> Option<&mut Producer> {
        self.producers.get_mut(usize::try_from(number).ok()?.checked_sub(1)?).map(Rc::make_mut)
    }

    /// A producer by its number.
    pub fn producer(&self, number: u32) -> Option<&Producer> {
        self.producers.get(usize::try_from(number).ok()?.checked_sub(1)?).map(Rc::as_ref)
    }

    /// A consumer by its number.
    pub fn consumer(&self, number: u32) -> Option<&Consumer> {
        self.consumers.get(usize::try_from(number).ok()?.checked_sub(1)?).map(Rc::as_ref)
    }

    fn consumer_mut(&mut self, number: u32) -> Option<&mut Consumer> {
        self.consumers.get_mut(usize::try_from(number).ok()?.checked_sub(1)?).map(Rc::make_mut)
    }
}
