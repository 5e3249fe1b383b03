//! Connections on which nothing passes, closed by whose `connections.max.idle.ms` is over first.

use std::collections::BTreeSet;

use super::*;
use crate::change::Change;
use crate::command::Command;
use crate::connection::CloseReason;
use crate::explain::Explanation;
use crate::presets::Order;
use crate::sim::queue::EventId;
use crate::step::Step;
use crate::wire::ApiKey;

fn cluster(idle_ms: Option<&str>) -> Cluster {
    let mut config = Order { producers: 1, ..Order::default() }.config();
    let producer = config.producers.first_mut().expect("one producer");
    if let Some(idle_ms) = idle_ms {
        producer.settings.insert("connections.max.idle.ms".to_owned(), idle_ms.to_owned());
    }
    Cluster::new(&config, 7).expect("a good cluster")
}

/// Who closed connections of their own, to which nodes, and when.
fn closed_by_clients(steps: &[Step]) -> Vec<(Actor, i32, Millis)> {
    let one = |step: &Step| match step.explanation {
        Explanation::ClientClosesIdleConnection { client, node, .. } => Some((client, node, step.at_ms)),
        _ => None,
    };
    steps.iter().filter_map(one).collect()
}

fn is_acknowledged(steps: &[Step]) -> bool {
    steps.iter().flat_map(|step| &step.changes).any(|change| matches!(change, Change::Acknowledged { .. }))
}

#[test]
fn a_producer_closes_an_idle_connection_asks_for_metadata_and_opens_another_for_the_next_record() {
    let mut cluster = cluster(Some("2000"));
    produce(&mut cluster, "v");
    let steps = pass(&mut cluster, 1_000);
    assert!(is_acknowledged(&steps));
    let steps = pass(&mut cluster, 5_000);
    let closed = closed_by_clients(&steps);
    let (client, leader, at) = *closed.first().expect("it closes its connections");
    assert_eq!(client, Actor::Producer(1));
    let learns = |step: &Step| matches!(step.explanation, Explanation::ListenerLearnsClosed { node, client: Actor::Producer(1), is_reset: false } if node == leader);
    assert!(steps.iter().any(learns), "its listener learns that");
    let asks = |step: &Step| {
        matches!(step.explanation, Explanation::RequestArrived { from: Actor::Producer(1), api: ApiKey::Metadata, .. })
    };
    assert!(steps.iter().filter(|step| step.at_ms >= at).any(asks), "what ended may be a sign of old metadata");
    let opens =
        |step: &Step| matches!(step.explanation, Explanation::ConnectionReady { client: Actor::Producer(1), .. });
    produce(&mut cluster, "v");
    let steps = pass(&mut cluster, 1_000);
    assert!(steps.iter().any(opens) && is_acknowledged(&steps));
}

#[test]
fn by_default_clients_close_idle_connections_after_nine_minutes_and_listeners_after_ten() {
    let mut cluster = cluster(None);
    produce(&mut cluster, "v");
    // Brokers pass this on to the controller, on connections that are used for nothing else.
    let create = serde_json::json!({"topics": [{"name": "payments", "numPartitions": 1, "replicationFactor": 1}]});
    let broker = (1, crate::actor::Listener::Broker);
    cluster.apply(&Command::request(1, broker, ApiKey::CreateTopics, None, create)).expect("it is sent");
    let begun = cluster.now();
    let steps = pass(&mut cluster, 660_000);
    let of_producer: Vec<_> =
        closed_by_clients(&steps).into_iter().filter(|(client, _, _)| *client == Actor::Producer(1)).collect();
    assert!(!of_producer.is_empty());
    assert!(of_producer.iter().all(|(_, _, at)| (540_000..541_000).contains(&(at - begun))), "{of_producer:?}");
    let idle = |change: &Change| match change {
        Change::ConnectionClosed { node, client, reason: CloseReason::Idle { idle_ms: 600_000 } } => {
            Some((*node, *client))
        }
        _ => None,
    };
    let by_listeners: BTreeSet<_> = steps.iter().flat_map(|step| &step.changes).filter_map(idle).collect();
    assert!(by_listeners.iter().any(|(_, client)| matches!(client, Actor::Node(_))), "{by_listeners:?}");
    assert!(by_listeners.iter().all(|(_, client)| *client != Actor::Producer(1)), "it was there first");
}

#[test]
fn without_a_limit_an_idle_connection_stays() {
    let mut cluster = cluster(Some("-1"));
    produce(&mut cluster, "v");
    let steps = pass(&mut cluster, 590_000);
    assert!(closed_by_clients(&steps).iter().all(|(client, _, _)| *client != Actor::Producer(1)));
}

/// A cluster of which the listeners close connections that are idle for so long, and the Produce request that is on its way in it, with
/// the node at which it arrives.
fn with_request(idle_ms: &str) -> (Cluster, EventId, i32) {
    let mut config = Order { producers: 1, ..Order::default() }.config();
    config.settings.insert("connections.max.idle.ms".to_owned(), idle_ms.to_owned());
    let mut cluster = Cluster::new(&config, 7).expect("it comes to rest");
    produce(&mut cluster, "v");
    pass(&mut cluster, 1_000);
    produce(&mut cluster, "w");
    for _ in 0..10 {
        let request = cluster.queue.iter().find_map(|(_, id, scheduled)| match &scheduled.event {
            event::Event::Deliver(envelope) if envelope.message.api() == ApiKey::Produce => {
                let (node, _) = envelope.to.listener()?;
                Some((id, node))
            }
            _ => None,
        });
        if let Some((id, node)) = request {
            return (cluster, id, node);
        }
        cluster.step();
    }
    panic!("the producer sends the record");
}

fn is_closed_for_idleness(step: &Step) -> bool {
    step.changes.iter().any(|change| {
        matches!(change, Change::ConnectionClosed { client: Actor::Producer(1), reason: CloseReason::Idle { .. }, .. })
    })
}

#[test]
fn what_comes_on_a_connection_that_its_listener_has_closed_is_answered_with_a_reset() {
    let (mut cluster, event, node) = with_request("2000");
    cluster.apply(&Command::Delay { event, by_ms: 10_000 }).expect("it is on its way");
    let steps = pass(&mut cluster, 9_000);
    assert!(steps.iter().any(is_closed_for_idleness));
    let steps = pass(&mut cluster, 2_000);
    let is_reset = |step: &&Step| step.explanation == Explanation::ListenerResets { node, client: Actor::Producer(1) };
    let reset = steps.iter().find(is_reset).expect("nobody reads it");
    assert_eq!(reset.changes, []);
    let appended = |step: &Step| step.changes.iter().any(|change| matches!(change, Change::Appended { .. }));
    assert!(!steps.iter().any(appended), "it was sent again before, and is in the log once");
}

#[test]
fn a_node_that_goes_on_reads_what_lies_in_its_sockets_before_it_closes_what_is_idle() {
    let (mut cluster, _, node) = with_request("2000");
    cluster.apply(&Command::Pause { node }).expect("it runs");
    pass(&mut cluster, 5_000);
    cluster.apply(&Command::Resume { node }).expect("it is paused");
    let steps = pass(&mut cluster, 1_000);
    assert!(is_acknowledged(&steps));
    let closed = steps.iter().find(|step| is_closed_for_idleness(step));
    assert_eq!(closed.map(|step| &step.explanation), None);
}
