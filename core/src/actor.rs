//! Who can act and be spoken to.
//!
//! An [`Actor`] is what a person sees and acts upon: a process on its machine, or a client. An [`Endpoint`] is an address: one
//! role of a process, or a client. A combined process is one actor with two endpoints. Faults strike actors; requests,
//! answers, broken connections and timers reach endpoints.

use std::cmp::Ordering;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::ranked_map::Ranked;

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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
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
    #[inline]
    pub const fn actor(self) -> Actor {
        match self {
            Self::Broker(node) | Self::Controller(node) => Actor::Node(node),
            Self::Producer(number) => Actor::Producer(number),
            Self::Consumer(number) => Actor::Consumer(number),
            Self::Admin => Actor::Admin,
            Self::Probe(number) => Actor::Probe(number),
        }
    }

    #[inline]
    const fn role_and_number(self) -> (u64, u32) {
        match self {
            Self::Broker(node) => (1, node.cast_unsigned()),
            Self::Controller(node) => (2, node.cast_unsigned()),
            Self::Producer(number) => (3, number),
            Self::Consumer(number) => (4, number),
            Self::Admin => (5, 0),
            Self::Probe(number) => (6, number),
        }
    }

    /// How many bits a rank has at most.
    pub(crate) const RANK_BITS: u32 = 35;

    /// The process and the listener at which it is spoken to; `None` for clients, to whom nobody connects.
    pub const fn listener(self) -> Option<(i32, Listener)> {
        match self {
            Self::Broker(node) => Some((node, Listener::Broker)),
            Self::Controller(node) => Some((node, Listener::Controller)),
            Self::Producer(_) | Self::Consumer(_) | Self::Admin | Self::Probe(_) => None,
        }
    }
}

impl Ranked for Endpoint {
    /// By role, then by number; below 2^[`Self::RANK_BITS`].
    #[inline]
    fn rank(&self) -> u128 {
        let (role, number) = self.role_and_number();
        // Node ids count as signed numbers.
        let sign = if role <= 2 { 1 << 31 } else { 0 };
        u128::from((role << 32) | u64::from(number ^ sign))
    }
}

impl Ord for Endpoint {
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        self.rank().cmp(&other.rank())
    }
}

impl PartialOrd for Endpoint {
    #[inline]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl From<Endpoint> for u64 {
    /// A number of its own for every endpoint: what a generator of random numbers is derived from. The role is in the upper
    /// half.
    fn from(endpoint: Endpoint) -> Self {
        let (role, number) = endpoint.role_and_number();
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_are_ordered_by_role_and_then_by_number() {
        let ordered = [
            Endpoint::Broker(-1),
            Endpoint::Broker(1),
            Endpoint::Broker(i32::MAX),
            Endpoint::Controller(i32::MIN),
            Endpoint::Controller(0),
            Endpoint::Producer(0),
            Endpoint::Producer(u32::MAX),
            Endpoint::Consumer(1),
            Endpoint::Admin,
            Endpoint::Probe(0),
            Endpoint::Probe(u32::MAX),
        ];
        assert!(ordered.is_sorted() && ordered.windows(2).all(|pair| pair[0] != pair[1]));
    }
}
