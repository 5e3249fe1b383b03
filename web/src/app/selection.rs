//! What a person follows through a run: one thing at a time, in every tab the same, and in the link.

use std::fmt;
use std::str::FromStr;

use crate::engine::{Actor, ClusterView, Endpoint, RequestId, TopicPartition};

/// What is selected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    /// A partition, on every broker that has a replica.
    Partition(TopicPartition),
    /// A request: on its way, where it waits, and its answer.
    Request(RequestId),
    /// A node or a client.
    Actor(Actor),
}

impl Selection {
    /// Whether there is such a thing at this moment. What is gone dims nothing.
    pub fn is_in(&self, view: &ClusterView) -> bool {
        match self {
            Self::Partition(partition) => {
                view.nodes.iter().flat_map(|node| &node.replicas).any(|replica| replica.partition == *partition)
            }
            Self::Request(request) => {
                let waits = |node: &crate::engine::NodeView| {
                    node.under_way.contains(request)
                        || node.purgatory.iter().any(|waiting| waiting.request == Some(*request))
                        || node.request_queue.iter().any(|waiting| waiting.request == *request)
                };
                view.envelopes.iter().any(|envelope| envelope.request == Some(*request)) || view.nodes.iter().any(waits)
            }
            Self::Actor(Actor::Node(id)) => view.nodes.iter().any(|node| node.id == *id),
            Self::Actor(Actor::Producer(number)) => view.producers.iter().any(|producer| producer.number == *number),
            Self::Actor(Actor::Consumer(number)) => view.consumers.iter().any(|consumer| consumer.number == *number),
            Self::Actor(actor @ (Actor::Admin | Actor::Probe(_))) => {
                view.envelopes.iter().any(|envelope| envelope.from == *actor || envelope.to == *actor)
            }
        }
    }

    /// The partition, where one is selected.
    pub fn partition(&self) -> Option<&TopicPartition> {
        match self {
            Self::Partition(partition) => Some(partition),
            Self::Request(_) | Self::Actor(_) => None,
        }
    }
}

/// As it stands in a link: `partition:orders-0`, `actor:consumer-1`, `request:broker-2:17`.
impl fmt::Display for Selection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Partition(partition) => write!(f, "partition:{partition}"),
            Self::Request(RequestId { from, correlation_id }) => write!(f, "request:{from}:{correlation_id}"),
            Self::Actor(actor) => write!(f, "actor:{actor}"),
        }
    }
}

impl FromStr for Selection {
    type Err = ();

    /// Reads what [`fmt::Display`] writes. An error for anything else.
    fn from_str(text: &str) -> Result<Self, ()> {
        let (kind, name) = text.split_once(':').ok_or(())?;
        match kind {
            "partition" => {
                let (topic, index) = name.rsplit_once('-').ok_or(())?;
                Ok(Self::Partition(TopicPartition::new(topic, index.parse().map_err(drop)?)))
            }
            "actor" => actor(name).map(Self::Actor).ok_or(()),
            "request" => {
                let (from, number) = name.rsplit_once(':').ok_or(())?;
                let from = endpoint(from).ok_or(())?;
                Ok(Self::Request(RequestId { from, correlation_id: number.parse().map_err(drop)? }))
            }
            _ => Err(()),
        }
    }
}

fn actor(name: &str) -> Option<Actor> {
    match endpoint(name) {
        Some(client) => Some(client.actor()),
        None => name.parse().ok().map(Actor::Node),
    }
}

fn endpoint(name: &str) -> Option<Endpoint> {
    if name == "admin" {
        return Some(Endpoint::Admin);
    }
    let (role, number) = name.rsplit_once('-')?;
    match role {
        "broker" => number.parse().ok().map(Endpoint::Broker),
        "controller" => number.parse().ok().map(Endpoint::Controller),
        "producer" => number.parse().ok().map(Endpoint::Producer),
        "consumer" => number.parse().ok().map(Endpoint::Consumer),
        "probe" => number.parse().ok().map(Endpoint::Probe),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_link_says_is_read_back() {
        let all = [
            Selection::Partition(TopicPartition::new("my-orders", 12)),
            Selection::Actor(Actor::Node(3)),
            Selection::Actor(Actor::Consumer(2)),
            Selection::Actor(Actor::Admin),
            Selection::Request(RequestId { from: Endpoint::Controller(9_000), correlation_id: 17 }),
        ];
        for selection in all {
            assert_eq!(selection.to_string().parse(), Ok(selection));
        }
        for damaged in ["", "partition:orders", "actor:nobody-1", "request:broker-1", "lesson:x"] {
            assert_eq!(damaged.parse::<Selection>(), Err(()), "{damaged}");
        }
    }
}
