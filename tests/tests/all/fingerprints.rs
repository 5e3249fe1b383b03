//! The fingerprint of the behavioural state: the same after independent events in either order, and never the same before
//! different futures.

use std::collections::BTreeMap;

use kafkascope_core::cluster::Cluster;
use kafkascope_core::cluster::event::{Event, Message};
use kafkascope_core::command::Command;
use kafkascope_tests::digests::{cluster, produce};

/// Two requests of different senders that arrive at different processes in the same moment, if there are such: the first two
/// events. Of one sender, the order in which its answers come back would tell them apart, and rightly.
fn independent(cluster: &Cluster) -> bool {
    let mut first = cluster.events().take(2).filter_map(|(at, _, event)| match event {
        Event::Deliver(envelope) if matches!(envelope.message, Message::Request { .. }) => {
            Some((at, [envelope.from.actor(), envelope.to.actor()]))
        }
        _ => None,
    });
    matches!((first.next(), first.next()), (Some((at, one)), Some((then, other))) if at == then && one.iter().all(|actor| !other.contains(actor)))
}

/// A run on a network without randomness, so that no draw depends on the order of events.
fn run(steps: u32) -> Vec<Cluster> {
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

#[test]
fn independent_deliveries_come_to_the_same_in_either_order() {
    let mut pairs = 0;
    for cluster in run(2_000).into_iter().filter(independent) {
        let (mut in_order, mut turned) = (cluster.clone(), cluster.clone());
        in_order.step();
        in_order.step();
        let second = cluster.events().nth(1).map(|(_, id, _)| id).expect("there are two");
        turned.apply(&Command::Choose { event: second }).expect("it is pending");
        turned.step();
        assert_eq!(in_order.fingerprint(), turned.fingerprint(), "at position {}", cluster.position());
        assert_ne!(in_order.digest(), turned.digest(), "events have other numbers");
        pairs += 1;
    }
    assert!(pairs >= 5, "{pairs} pairs");
}

#[test]
fn equal_fingerprints_have_equal_futures() {
    let mut seen: BTreeMap<u64, Cluster> = BTreeMap::new();
    let mut merged = 0;
    for cluster in run(1_000) {
        // Both orders, where there are two: states that merge with others on the way.
        let mut ways = vec![cluster.clone()];
        if independent(&cluster) {
            let second = cluster.events().nth(1).map(|(_, id, _)| id).expect("there are two");
            let mut turned = cluster;
            turned.apply(&Command::Choose { event: second }).expect("it is pending");
            turned.step();
            ways.push(turned);
        }
        for way in ways {
            if let Some(known) = seen.get(&way.fingerprint()) {
                assert_eq!(future(known.clone()), future(way), "the fingerprints are equal");
                merged += 1;
            } else {
                seen.insert(way.fingerprint(), way);
            }
        }
    }
    assert!(merged >= 1, "{merged} states were met again");
}

/// What happens in this moment, whatever the order of independent events. Later moments may differ under a scheduler that
/// breaks ties by number: two answers that were sent in this moment reach one actor in the order in which they were sent.
fn future(mut cluster: Cluster) -> Vec<String> {
    let until = cluster.next_at().unwrap_or(0);
    let mut steps = Vec::new();
    while cluster.next_at().is_some_and(|at| at <= until)
        && let Some(step) = cluster.step()
    {
        steps.push(format!("{:06} {:?} {:?} {:?}", step.at_ms, step.actor, step.explanation, step.changes));
    }
    steps.sort();
    steps
}
