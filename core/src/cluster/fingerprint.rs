//! The fingerprint of what a cluster is going to do, beside the digest of all that it is.

use std::hash::{Hash, Hasher};

use super::Cluster;
use super::event::{Event, HeldEvent, Scheduled};
use super::node::Node;
use crate::actor::Actor;
use crate::digest::{DigestHasher, digest_of};
use crate::sim::Millis;
use crate::sort::SharedSort;

impl Cluster {
    /// A fingerprint of the behavioral state: without the position in the run, the causes and numbers of events, which
    /// name things and change nothing, and without what is kept to be shown. Of the events of one moment the order counts
    /// only where the same actor takes them. So two interleavings of independent events come to the same fingerprint.
    ///
    /// What it promises: clusters with equal fingerprints have the same events pending, and whichever of them is chosen,
    /// the fingerprints are equal afterwards. A search, which tries the events of one moment in every order, may therefore
    /// merge them. The scheduler alone breaks ties by number, and may take one of those orders here and another there.
    ///
    /// Virtual times are absolute, since records carry them.
    pub fn fingerprint(&self) -> u64 {
        let Self {
            config,
            cluster_id,
            now,
            position: _,
            queue,
            // Where a timer stands follows from the queue.
            timers: _,
            network,
            connections,
            // It tells causes.
            silence: _,
            undelivered,
            nodes,
            producers,
            consumers,
            applications,
            admin,
            probes,
        } = self;
        let mut hasher = DigestHasher::default();
        (config, cluster_id, now, network, applications).hash(&mut hasher);
        connections.hash_behavior(*now, &mut hasher);
        producers.iter().for_each(|producer| producer.hash_behavior(&mut hasher));
        consumers.iter().for_each(|consumer| consumer.hash_behavior(&mut hasher));
        admin.hash_behavior(&mut hasher);
        probes.hash_behavior(&mut hasher);
        hash_by_actor(queue.iter().map(|(at, _, scheduled)| (at, scheduled)), &mut hasher);
        // Each link delivers its own in order once it is healed.
        hash_by_actor(undelivered.iter().map(|held| (0, &held.scheduled)), &mut hasher);
        nodes.values().for_each(|node| hash_node(node, &mut hasher));
        hasher.finish()
    }
}

/// Events by moment and actor; those of one actor and moment in the order in which they happen.
fn hash_by_actor<'a>(events: impl Iterator<Item = (Millis, &'a Scheduled)>, hasher: &mut DigestHasher) {
    let mut by_actor: Vec<(Millis, Actor, &Event)> =
        events.map(|(at, scheduled)| (at, scheduled.event.actor(), &scheduled.event)).collect();
    // The sort is stable.
    by_actor.shared_sort_by_key(|(at, actor, _)| (*at, *actor));
    by_actor.hash(hasher);
}

fn hash_node(node: &Node, hasher: &mut DigestHasher) {
    let Node {
        config,
        settings,
        process,
        incarnation,
        disk,
        broker,
        controller,
        broker_server,
        controller_server,
        costs,
        held,
        failed_machine,
        slow_disk,
        broker_random,
        controller_random,
        quorum_random,
    } = node;
    (config, settings, process, incarnation, disk, broker, controller).hash(hasher);
    broker_server.hash_behavior(hasher);
    controller_server.hash_behavior(hasher);
    (costs, slow_disk, broker_random, controller_random, quorum_random).hash(hasher);
    let events =
        |held: &[HeldEvent]| -> Vec<u64> { held.iter().map(|held| digest_of(&held.scheduled.event)).collect() };
    (events(held), failed_machine.as_ref().map(|failed| events(&failed.unanswered))).hash(hasher);
}
