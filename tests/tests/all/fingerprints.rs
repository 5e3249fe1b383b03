//! The fingerprint of the behavioral state: the same after independent events in either order, and never the same before
//! different futures.

use kafkascope_core::actor::Actor;
use kafkascope_core::cluster::Cluster;
use kafkascope_core::cluster::event::{Event, Message};
use kafkascope_core::command::Command;
use kafkascope_core::digest::digest_of;
use kafkascope_core::sim::Millis;
use kafkascope_core::sim::queue::EventId;
use kafkascope_tests::digests::{cluster, produce};

/// What may be chosen: the events of the next moment.
fn choices(cluster: &Cluster) -> Vec<(Actor, u64, EventId)> {
    let next = cluster.next_at();
    let mut choices: Vec<(Actor, u64, EventId)> = cluster
        .events()
        .take_while(|(at, _, _)| Some(*at) == next)
        .map(|(_, id, event)| (event.actor(), digest_of(event), id))
        .collect();
    choices.sort();
    choices
}

fn choose(cluster: &Cluster, event: EventId) -> Cluster {
    let mut chosen = cluster.clone();
    chosen.apply(&Command::Choose { event }).expect("it is pending");
    chosen
}

/// Clusters with equal fingerprints have the same choices, and each leads to equal fingerprints again, to a depth.
fn assert_go_on_alike(one: &Cluster, other: &Cluster, levels: u32) {
    assert_eq!(one.fingerprint(), other.fingerprint(), "at {} and {}", one.position(), other.position());
    if levels == 0 {
        return;
    }
    let (ones, others) = (choices(one), choices(other));
    let events = |choices: &[(Actor, u64, EventId)]| -> Vec<(Actor, u64)> {
        choices.iter().map(|(actor, event, _)| (*actor, *event)).collect()
    };
    assert_eq!(events(&ones), events(&others));
    for ((_, _, here), (_, _, there)) in ones.into_iter().zip(others) {
        assert_go_on_alike(&choose(one, here), &choose(other, there), levels - 1);
    }
}

/// Two requests of different senders that arrive at different processes in the same moment, if the first two events are
/// such. Of one sender, the order in which its answers come back would tell them apart, and rightly.
fn independent(cluster: &Cluster) -> Option<[EventId; 2]> {
    let first: Vec<(Millis, EventId, [Actor; 2])> = cluster
        .events()
        .take(2)
        .filter_map(|(at, id, event)| match event {
            Event::Deliver(envelope) if matches!(envelope.message, Message::Request { .. }) => {
                Some((at, id, [envelope.from.actor(), envelope.to.actor()]))
            }
            _ => None,
        })
        .collect();
    let [(at, one, actors), (then, other, others)] = first.as_slice() else { return None };
    (at == then && actors.iter().all(|actor| !others.contains(actor))).then_some([*one, *other])
}

/// A run on a network without randomness, so that many events fall on one moment.
fn moments(steps: u32) -> Vec<Cluster> {
    let mut config = cluster(3, 3);
    config.network.latency_ms_max = config.network.latency_ms_min;
    let mut cluster = Cluster::new(&config, 1).expect("the cluster is valid");
    let mut moments = Vec::new();
    for number in 0..steps {
        if number % 40 == 0 {
            cluster.apply(&produce(number)).expect("a record can be produced");
        }
        moments.push(cluster.clone());
        cluster.step();
    }
    moments
}

/// The same two events in either order, wherever two independent ones meet.
fn pairs(steps: u32) -> Vec<(Cluster, Cluster)> {
    let found = moments(steps).into_iter().filter_map(|cluster| {
        let [one, other] = independent(&cluster)?;
        Some((choose(&choose(&cluster, one), other), choose(&choose(&cluster, other), one)))
    });
    found.collect()
}

#[test]
fn independent_events_in_either_order_go_on_alike() {
    let pairs = pairs(4_000);
    assert!(pairs.len() >= 5, "{} pairs", pairs.len());
    for (one, other) in pairs {
        assert_go_on_alike(&one, &other, 3);
        assert_ne!(one.digest(), other.digest(), "events have other numbers");
    }
}

#[test]
fn what_acts_differently_has_another_fingerprint() {
    let moments = moments(400);
    let mut seen: Vec<u64> = moments.iter().map(Cluster::fingerprint).collect();
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), moments.len(), "every step changes what can still act");
    let cluster = moments.last().expect("there are moments");
    for command in [Command::Pause { node: 1 }, Command::SlowDisk { node: 2, by_ms: 7 }, produce(1)] {
        let mut other = cluster.clone();
        other.apply(&command).expect("it can be done");
        assert_ne!(other.fingerprint(), cluster.fingerprint(), "{command:?}");
    }
}
