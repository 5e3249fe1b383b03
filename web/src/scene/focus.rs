//! What a selection leaves lit: what is selected, and what it has to do with. The rest of the scene is dimmed.

use std::collections::BTreeSet;

use crate::app::Selection;
use crate::engine::{Actor, ClusterView, EnvelopeView, TopicPartition};
use kafkascope_core::sort::CollectOrdered;

/// What stays lit. Without a selection, everything.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Focus {
    selection: Option<Selection>,
    actors: BTreeSet<Actor>,
}

impl Focus {
    /// What a selection leaves lit at this moment.
    pub fn of(selection: Option<&Selection>, view: &ClusterView) -> Self {
        let actors = match selection {
            None => BTreeSet::new(),
            Some(Selection::Actor(actor)) => BTreeSet::from([*actor]),
            Some(Selection::Partition(partition)) => around_partition(partition, view),
            Some(Selection::Request(request)) => {
                let envelopes = view.envelopes.iter().filter(|envelope| envelope.request == Some(*request));
                let ends = envelopes.flat_map(|envelope| [envelope.from, envelope.to]);
                let waits = view.nodes.iter().filter(|node| {
                    node.purgatory.iter().any(|waiting| waiting.request == Some(*request))
                        || node.request_queue.iter().any(|waiting| waiting.request == *request)
                });
                ends.chain(waits.map(|node| Actor::Node(node.id))).chain([request.from.actor()]).collect_ordered()
            }
        };
        Self { selection: selection.cloned(), actors }
    }

    /// What is selected.
    pub fn selection(&self) -> Option<&Selection> {
        self.selection.as_ref()
    }

    /// Whether it is just this that is selected.
    pub fn is_on(&self, selection: &Selection) -> bool {
        self.selection.as_ref() == Some(selection)
    }

    /// Whether an actor stays lit.
    pub fn has_actor(&self, actor: Actor) -> bool {
        self.selection.is_none() || self.actors.contains(&actor)
    }

    /// Whether a replica stays lit.
    pub fn has_replica(&self, node: i32, partition: &TopicPartition) -> bool {
        match &self.selection {
            None => true,
            Some(Selection::Partition(selected)) => selected == partition,
            Some(Selection::Actor(actor)) => *actor == Actor::Node(node),
            Some(Selection::Request(_)) => self.actors.contains(&Actor::Node(node)),
        }
    }

    /// Whether an envelope stays lit.
    pub fn has_envelope(&self, envelope: &EnvelopeView) -> bool {
        match &self.selection {
            None => true,
            Some(Selection::Request(request)) => envelope.request == Some(*request),
            Some(Selection::Actor(actor)) => envelope.from == *actor || envelope.to == *actor,
            Some(Selection::Partition(_)) => self.has_link(envelope.from, envelope.to),
        }
    }

    /// Whether a link stays lit.
    pub fn has_link(&self, one: Actor, other: Actor) -> bool {
        match &self.selection {
            None => true,
            Some(Selection::Actor(actor)) => one == *actor || other == *actor,
            Some(Selection::Partition(_) | Selection::Request(_)) => {
                self.actors.contains(&one) && self.actors.contains(&other)
            }
        }
    }
}

/// Who has a replica of a partition, writes to it or reads it.
fn around_partition(partition: &TopicPartition, view: &ClusterView) -> BTreeSet<Actor> {
    let replicas = view.nodes.iter().filter(|node| node.replicas.iter().any(|each| each.partition == *partition));
    let consumers =
        view.consumers.iter().filter(|consumer| consumer.assigned.iter().any(|own| own.partition == *partition));
    let producers = view.producers.iter().filter(|producer| {
        let of = |list: &[(TopicPartition, i64)]| list.iter().any(|(each, _)| each == partition);
        of(&producer.accumulated)
            || of(&producer.in_flight)
            || producer.known_leaders.iter().any(|(each, _)| each == partition)
    });
    replicas
        .map(|node| Actor::Node(node.id))
        .chain(consumers.map(|consumer| Actor::Consumer(consumer.number)))
        .chain(producers.map(|producer| Actor::Producer(producer.number)))
        .collect_ordered()
}
