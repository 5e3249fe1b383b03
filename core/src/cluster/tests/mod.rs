//! What the fingerprint counts and what it leaves out.

mod compression;
mod connections;
mod described_topics;
mod fetch_sessions;
mod fetches;
mod forwarding;
mod idle_connections;
mod mutation_quota;
mod offset_commits;
mod overload;
mod quotas;
mod racks;
mod raw_bytes;
mod refused_consumers;
mod start;
mod transaction_markers;
mod transactional_produce;
mod transactions;
mod transport_layer;

use super::event::Scheduled;
use super::node::{Node, ProcessState};
use super::*;
use crate::presets;
use crate::step::Step;

fn running() -> Cluster {
    let config = presets::first_minute().config;
    let mut cluster = Cluster::new(&config, 1).expect("the cluster is valid");
    for _ in 0..300 {
        cluster.step();
    }
    cluster
}

/// Steps through all that happens up to a time, and tells what it was.
fn run_to(cluster: &mut Cluster, until: Millis) -> Vec<Step> {
    let mut steps = Vec::new();
    while cluster.next_at().is_some_and(|at| at <= until) {
        steps.extend(cluster.step());
    }
    steps
}

/// Steps through all that happens in the next so many milliseconds, and tells what it was.
fn pass(cluster: &mut Cluster, ms: Millis) -> Vec<Step> {
    let until = cluster.now() + ms;
    run_to(cluster, until)
}

/// The application of producer 1 hands over a record for `orders-0`.
fn produce(cluster: &mut Cluster, value: &str) {
    let command = crate::command::Command::Produce {
        producer: 1,
        topic: "orders".into(),
        partition: Some(0),
        key: None,
        value: Some(value.into()),
        headers: Vec::new(),
    };
    cluster.apply(&command).expect("it runs");
}

/// The fingerprint after one thing was changed by hand.
fn changed(change: impl FnOnce(&mut Cluster)) -> u64 {
    let mut cluster = running();
    change(&mut cluster);
    cluster.fingerprint()
}

fn of_node(change: impl FnOnce(&mut Node)) -> u64 {
    changed(|cluster| change(cluster.node_mut(1).expect("node 1 is there")))
}

#[test]
fn everything_that_can_act_counts() {
    let same = running().fingerprint();
    let different = [
        ("now", changed(|cluster| cluster.now += 1)),
        ("network", changed(|cluster| assert!(cluster.network.cut(Actor::Node(1), Actor::Node(2))))),
        ("queue", changed(|cluster| drop(cluster.queue.pop()))),
        ("process", of_node(|node| node.process = ProcessState::Paused)),
        ("incarnation", of_node(|node| node.incarnation += 1)),
        ("disk", of_node(|node| drop(node.disk.broker.logs.pop_first()))),
        ("broker", of_node(|node| node.broker.as_mut().expect("it runs").metadata_offset += 1)),
        ("slow disk", of_node(|node| node.slow_disk.by_ms = 9)),
        ("random", of_node(|node| assert_ne!(node.broker_random.id(), 0))),
    ];
    for (what, fingerprint) in different {
        assert_ne!(fingerprint, same, "{what}");
    }
}

#[test]
fn names_and_history_do_not_count() {
    let same = running().fingerprint();
    assert_eq!(changed(|cluster| cluster.position += 7), same, "the position");
    assert_eq!(changed(|cluster| cluster.silence.stops(Actor::Node(2), 5)), same, "what causes are told by");
    assert_eq!(changed(|cluster| Rc::make_mut(&mut cluster.timers).clear()), same, "where timers stand");
    let renumbered = changed(|cluster| {
        let (at, _, scheduled) =
            cluster.queue.iter().next().map(|(at, id, event)| (at, id, event.clone())).expect("one");
        let (_, _, _) = cluster.queue.pop().expect("one");
        let alone = cluster.queue.iter().take_while(|(other, _, _)| *other == at).count() == 0;
        assert!(alone, "nothing else happens in this moment");
        cluster.queue.push(at, Scheduled { cause: 3, ..scheduled });
    });
    assert_eq!(renumbered, same, "an event's number and cause");
}
