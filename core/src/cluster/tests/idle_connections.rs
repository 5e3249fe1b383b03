//! Connections on which nothing passes, closed by whose `connections.max.idle.ms` is over first.

use std::collections::BTreeSet;

use super::*;
use crate::change::Change;
use crate::command::Command;
use crate::connection::CloseReason;
use crate::explain::Explanation;
use crate::presets::Order;
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
