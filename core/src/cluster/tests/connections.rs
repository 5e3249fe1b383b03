//! What is sent on a connection arrives in order or not at all, and each end learns of the other's end as TCP tells it.

use super::super::event::{Envelope, Message};
use super::*;
use crate::change::Change;
use crate::command::{Command, CommandError};
use crate::connection::Purpose;
use crate::explain::Explanation;
use crate::presets::Order;
use crate::step::Step;
use crate::wire::ApiKey;
use std::collections::{BTreeMap, BTreeSet};

/// Who leads `orders-0` with this seed.
const LEADER: i32 = 2;

/// Three brokers, one controller of its own, and a producer.
fn cluster() -> Cluster {
    let mut config = Order { producers: 1, acks: "all".to_owned(), ..Order::default() }.config();
    let producer = config.producers.first_mut().expect("one producer");
    // Each record goes in a batch, and a request, of its own.
    producer.settings.insert("linger.ms".to_owned(), "0".to_owned());
    Cluster::new(&config, 7).expect("a good cluster")
}

/// Steps until something is so.
fn until(cluster: &mut Cluster, mut is_so: impl FnMut(&Step, &Cluster) -> bool) -> Step {
    for _ in 0..200_000 {
        let step = cluster.step().expect("something is always scheduled");
        if is_so(&step, cluster) {
            return step;
        }
    }
    panic!("it never came about");
}

/// Messages on their way that are as asked for, in the order in which they were sent.
fn on_the_way(cluster: &Cluster, is_asked: impl Fn(&Envelope) -> bool) -> Vec<(EventId, Millis)> {
    let envelopes = cluster.queue.iter().filter_map(|(at, id, scheduled)| match &scheduled.event {
        event::Event::Deliver(envelope) => is_asked(envelope).then_some((id, at)),
        _ => None,
    });
    let mut found: Vec<(EventId, Millis)> = envelopes.collect();
    found.sort();
    found
}

fn is_produce(envelope: &Envelope) -> bool {
    envelope.message.api() == ApiKey::Produce && !envelope.message.is_closing()
}

/// A cluster in which three Produce requests are on their way on one connection.
fn three_requests() -> (Cluster, Vec<(EventId, Millis)>) {
    let mut cluster = cluster();
    produce(&mut cluster, "warm");
    until(&mut cluster, |step, _| step.changes.iter().any(|change| matches!(change, Change::Acknowledged { .. })));
    for value in ["a", "b", "c"] {
        produce(&mut cluster, value);
    }
    let requests = on_the_way(&cluster, is_produce);
    assert_eq!(requests.len(), 3);
    (cluster, requests)
}

#[test]
fn nothing_overtakes_on_a_connection() {
    let (mut cluster, requests) = three_requests();
    let (first, second) = (requests[0].0, requests[1].0);
    let before = cluster.clone();
    let refused = cluster.apply(&Command::Choose { event: second });
    assert_eq!(refused.err(), Some(CommandError::BehindOnItsConnection { event: second }));
    assert_eq!(cluster, before);
    assert!(cluster.can_be_chosen(first) && !cluster.can_be_chosen(second));
    cluster.apply(&Command::Choose { event: first }).expect("it is the next");
    assert!(cluster.can_be_chosen(second));
}

#[test]
fn what_is_delayed_holds_up_what_is_behind_it() {
    let (mut cluster, requests) = three_requests();
    cluster.apply(&Command::Delay { event: requests[0].0, by_ms: 700 }).expect("it is a message");
    produce(&mut cluster, "d");
    let held = on_the_way(&cluster, is_produce);
    assert_eq!(
        held.iter().map(|(id, _)| *id).take(3).collect::<Vec<_>>(),
        requests.iter().map(|(id, _)| *id).collect::<Vec<_>>()
    );
    assert!(held.len() == 4 && held.iter().all(|(_, at)| *at >= requests[0].1 + 700), "{held:?}");
}

#[test]
fn a_cut_a_pause_and_what_is_behind_keep_their_order() {
    let (mut cluster, requests) = three_requests();
    let (producer, leader) = (Actor::Producer(1), Actor::Node(LEADER));
    // The first meets the cut, the others are on their way when it is healed, and then the process stands still.
    cluster.apply(&Command::Cut { from: producer, to: leader, both: false }).expect("it is whole");
    cluster.step();
    cluster.apply(&Command::Heal { from: producer, to: leader, both: false }).expect("it is cut");
    cluster.apply(&Command::Pause { node: LEADER }).expect("it runs");
    until(&mut cluster, |_, cluster| {
        on_the_way(cluster, |envelope| is_produce(envelope) && !envelope.message.is_response()).is_empty()
    });
    cluster.apply(&Command::Resume { node: LEADER }).expect("it stands still");
    let mut delivered = Vec::new();
    until(&mut cluster, |step, _| {
        if let Some(crate::step::ExecutedEvent::Delivery { event, api: ApiKey::Produce, is_response: false, .. }) =
            &step.event
        {
            delivered.push(*event);
        }
        delivered.len() == 3
    });
    assert_eq!(delivered, requests.iter().map(|(id, _)| *id).collect::<Vec<_>>());
}

/// What reached the machine of a process that stood still lies in its socket: a cut of the link comes too late for it, and so does
/// who would lose, delay or repeat it.
#[test]
fn what_lies_in_a_socket_is_read_over_a_cut_link_and_is_no_longer_on_its_way() {
    let (mut cluster, requests) = three_requests();
    let (producer, leader) = (Actor::Producer(1), Actor::Node(LEADER));
    cluster.apply(&Command::Pause { node: LEADER }).expect("it runs");
    until(&mut cluster, |_, cluster| on_the_way(cluster, is_produce).is_empty());
    cluster.apply(&Command::Cut { from: producer, to: leader, both: false }).expect("it is whole");
    cluster.apply(&Command::Resume { node: LEADER }).expect("it stands still");
    let event = requests[0].0;
    for command in [Command::Drop { event }, Command::Delay { event, by_ms: 10 }, Command::Duplicate { event }] {
        assert_eq!(cluster.apply(&command).err(), Some(CommandError::NotAnEnvelope { event }));
    }
    all_are_stored_once(&mut cluster);
}

/// The values of a partition's log at its first leader.
fn stored(cluster: &Cluster) -> Vec<String> {
    let logs = &cluster.node(LEADER).expect("it is there").disk.broker.logs;
    let log = logs.values().find(|stored| {
        stored.log.batches().flat_map(|batch| &batch.records).any(|record| record.value == Some("warm".into()))
    });
    let batches = log.expect("it has the log").log.batches().filter(|batch| !batch.is_control);
    batches.flat_map(|batch| &batch.records).filter_map(|record| Some(record.value.as_ref()?.to_string())).collect()
}

/// Runs until all three records are acknowledged: each is stored once, in the order in which they were sent.
fn all_are_stored_once(cluster: &mut Cluster) {
    let mut acknowledged = 0;
    until(cluster, |step, _| {
        acknowledged += step.changes.iter().filter(|change| matches!(change, Change::Acknowledged { .. })).count();
        acknowledged == 3
    });
    assert_eq!(stored(cluster), ["warm", "a", "b", "c"]);
}

#[test]
fn a_lost_answer_takes_its_connection_along_and_nothing_is_stored_twice() {
    let (mut cluster, _) = three_requests();
    let is_answer = |envelope: &Envelope| is_produce(envelope) && envelope.message.is_response();
    until(&mut cluster, |_, cluster| !on_the_way(cluster, is_answer).is_empty());
    let answer = on_the_way(&cluster, is_answer)[0].0;
    let dropped = cluster.apply(&Command::Drop { event: answer }).expect("it is a message");
    let broken = dropped.changes.iter().any(|change| {
        matches!(change, Change::ConnectionBroken { client: Actor::Producer(1), listener: Actor::Node(LEADER), .. })
    });
    assert!(broken, "{:?}", dropped.changes);
    // Both ends are told, within the latency of the network.
    let ends = on_the_way(&cluster, |envelope| envelope.message.is_closing());
    assert_eq!(ends.len(), 2);
    all_are_stored_once(&mut cluster);
}

#[test]
fn a_lost_request_is_sent_again_at_once_on_another_connection() {
    let (mut cluster, requests) = three_requests();
    let at = cluster.now();
    cluster.apply(&Command::Drop { event: requests[0].0 }).expect("it is a message");
    assert_eq!(on_the_way(&cluster, is_produce).len(), 0, "what was behind it is lost with it");
    until(&mut cluster, |step, _| step.changes.iter().any(|change| matches!(change, Change::Retried { .. })));
    assert!(cluster.now() < at + 1_000, "nobody waits for a timeout");
    all_are_stored_once(&mut cluster);
}

#[test]
fn a_process_that_ends_closes_its_connections_and_a_machine_that_fails_does_not() {
    for machine in [false, true] {
        let (mut cluster, _) = three_requests();
        let at = cluster.now();
        cluster.apply(&Command::Crash { node: LEADER, machine }).expect("it runs");
        let learned = until(&mut cluster, |step, _| {
            step.actor == Some(Actor::Producer(1))
                && step.changes.iter().any(|change| matches!(change, Change::Retried { .. } | Change::TimedOut { .. }))
        });
        let after = learned.at_ms - at;
        assert_eq!(after > 20_000, machine, "the producer learned it after {after} ms");
    }
}

#[test]
fn a_machine_that_has_power_again_resets_the_connections_that_it_does_not_know() {
    let (mut cluster, _) = three_requests();
    cluster.apply(&Command::Crash { node: LEADER, machine: true }).expect("it runs");
    until(&mut cluster, |step, _| matches!(step.explanation, Explanation::MachineOff { from: Actor::Producer(1), .. }));
    let at = cluster.now();
    cluster.apply(&Command::Start { node: LEADER }).expect("it is down");
    let learned = until(&mut cluster, |step, _| {
        step.changes.iter().any(|change| matches!(change, Change::Retried { producer: 1, .. }))
    });
    assert!(learned.at_ms < at + 1_000, "after {} ms", learned.at_ms - at);
}

#[test]
fn a_connection_that_does_not_open_is_not_waited_for_longer_than_its_setup_timeout() {
    let mut cluster = cluster();
    let cut = |from: i32| Command::Cut { from: Actor::Producer(1), to: Actor::Node(from), both: true };
    for node in 1..=3 {
        cluster.apply(&cut(node)).expect("it is whole");
    }
    let at = cluster.now();
    produce(&mut cluster, "a");
    let given_up = until(&mut cluster, |step, _| {
        matches!(step.explanation, Explanation::ConnectionSetupTimedOut { client: Actor::Producer(1), .. })
    });
    assert_eq!(given_up.at_ms - at, 10_000);
    assert!(
        cluster.undelivered.is_empty()
            || cluster.undelivered.iter().all(|held| held.scheduled.event.actor() != Actor::Producer(1))
    );
}

#[test]
fn each_further_connection_that_does_not_open_is_waited_for_twice_as_long() {
    let mut cluster = cluster();
    produce(&mut cluster, "a");
    until(&mut cluster, |step, _| step.changes.iter().any(|change| matches!(change, Change::Acknowledged { .. })));
    for node in 1..=3 {
        cluster.apply(&Command::Cut { from: Actor::Producer(1), to: Actor::Node(node), both: true }).expect("whole");
    }
    produce(&mut cluster, "b");
    let mut waits: BTreeMap<(Endpoint, Purpose), Vec<Millis>> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    while cluster.now() < 400_000 {
        cluster.step().expect("the brokers go on");
        let now = cluster.now();
        for (at, id, scheduled) in cluster.queue.iter() {
            if let event::Event::ConnectionSetupTimeout { client: Endpoint::Producer(1), listener, connection } =
                &scheduled.event
                && seen.insert(id)
            {
                // The request was on its way for a moment.
                waits.entry((*listener, connection.purpose)).or_default().push((at - now).div_ceil(1_000));
            }
        }
    }
    let most = waits.values().max_by_key(|waits| waits.len()).expect("it tried");
    assert!(most.starts_with(&[10, 20, 30]) && most[3..].iter().all(|wait| *wait == 30), "{waits:?}");
}

#[test]
fn the_listener_learns_that_a_client_has_gone() {
    let (mut cluster, _) = three_requests();
    let channels = |cluster: &Cluster| {
        let server = cluster.node(LEADER).map(|node| node.server(crate::actor::Listener::Broker)).expect("it is there");
        server.channels().filter(|(id, _)| id.client == Endpoint::Producer(1)).count()
    };
    assert!(channels(&cluster) > 0);
    cluster.apply(&Command::CrashProducer { producer: 1 }).expect("it runs");
    until(&mut cluster, |_, cluster| channels(cluster) == 0);
    let closing = on_the_way(&cluster, |envelope| {
        matches!(envelope.message, Message::ClosedByClient { .. })
            && envelope.from == Endpoint::Producer(1)
            && envelope.to == Endpoint::Broker(LEADER)
    });
    assert!(closing.is_empty());
}
