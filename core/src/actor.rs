//! Who can act and be spoken to.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One party of the cluster. Numbers are those a person sees: `node.id` of a Kafka process, the running number of a client.
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

/// Which of a process's two listeners is spoken to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Port {
    /// Clients and followers.
    #[default]
    Broker,
    /// Brokers' heartbeats and metadata fetches, and the quorum.
    Controller,
}
