//! Who can act and be spoken to.
//!
//! An [`Actor`] is what a person sees and acts upon: a process on its machine, or a client. An [`Endpoint`] is an address: one
//! role of a process, or a client. A combined process is one actor with two endpoints. Faults strike actors; requests,
//! answers, broken connections and timers reach endpoints.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One actor of the cluster. Numbers are those a person sees: `node.id` of a Kafka process, the running number of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Actor {
    /// A Kafka process: a broker, a controller, or both.
    Node(i32),
    /// A producer.
    Producer(u32),
    /// A consumer.
    Consumer(u32),
    /// The admin client behind the page's own buttons.
    Admin,
    /// A hand-written request's sender. Every probe request has a connection of its own unless it names one.
    Probe(u32),
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Node(id) => write!(f, "{id}"),
            Self::Producer(number) => write!(f, "producer-{number}"),
            Self::Consumer(number) => write!(f, "consumer-{number}"),
            Self::Admin => f.write_str("admin"),
            Self::Probe(number) => write!(f, "probe-{number}"),
        }
    }
}

/// An address: who sends, receives, owns timers and open requests. One role of a process, or a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Endpoint {
    /// The broker of a process (`node.id`).
    Broker(i32),
    /// The controller of a process (`node.id`).
    Controller(i32),
    /// A producer.
    Producer(u32),
    /// A consumer.
    Consumer(u32),
    /// The admin client behind the page's own buttons.
    Admin,
    /// A hand-written request's sender.
    Probe(u32),
}

impl Endpoint {
    /// The role of a process behind one of its listeners.
    pub const fn server(node: i32, port: Listener) -> Self {
        match port {
            Listener::Broker => Self::Broker(node),
            Listener::Controller => Self::Controller(node),
        }
    }

    /// The process or client that it belongs to.
    pub const fn actor(self) -> Actor {
        match self {
            Self::Broker(node) | Self::Controller(node) => Actor::Node(node),
            Self::Producer(number) => Actor::Producer(number),
            Self::Consumer(number) => Actor::Consumer(number),
            Self::Admin => Actor::Admin,
            Self::Probe(number) => Actor::Probe(number),
        }
    }

    /// The process and the listener at which it is spoken to; `None` for clients, to whom nobody connects.
    pub const fn listener(self) -> Option<(i32, Listener)> {
        match self {
            Self::Broker(node) => Some((node, Listener::Broker)),
            Self::Controller(node) => Some((node, Listener::Controller)),
            Self::Producer(_) | Self::Consumer(_) | Self::Admin | Self::Probe(_) => None,
        }
    }
}

impl From<Endpoint> for u64 {
    /// A number of its own for every endpoint: what a generator of random numbers is derived from. The role is in the upper
    /// half.
    fn from(endpoint: Endpoint) -> Self {
        let (role, number) = match endpoint {
            Endpoint::Broker(node) => (1, node.cast_unsigned()),
            Endpoint::Controller(node) => (2, node.cast_unsigned()),
            Endpoint::Producer(number) => (3, number),
            Endpoint::Consumer(number) => (4, number),
            Endpoint::Admin => (5, 0),
            Endpoint::Probe(number) => (6, number),
        };
        (role << 32) | Self::from(number)
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Broker(node) => write!(f, "broker-{node}"),
            Self::Controller(node) => write!(f, "controller-{node}"),
            Self::Producer(_) | Self::Consumer(_) | Self::Admin | Self::Probe(_) => self.actor().fmt(f),
        }
    }
}

/// Which of a process's two listeners is spoken to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Listener {
    /// Clients and followers.
    #[default]
    Broker,
    /// Brokers' heartbeats and metadata fetches, and the quorum.
    Controller,
}
