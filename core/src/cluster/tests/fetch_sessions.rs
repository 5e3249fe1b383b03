//! Fetch sessions of a consumer that ends.

use super::*;
use crate::change::Change;
use crate::command::Command;
use crate::presets::Order;

/// A broker whose only fetch session is that of a consumer.
fn reading() -> Cluster {
    let order = Order { brokers: 1, replication_factor: 1, min_insync_replicas: 1, producers: 0, ..Order::default() };
    let mut cluster = Cluster::new(&order.config(), 5).expect("a good cluster");
    run_to(&mut cluster, 8_000);
    assert_eq!(sessions(&cluster), 1);
    cluster
}

fn sessions(cluster: &Cluster) -> u32 {
    let node = cluster.node(1).expect("it is there");
    node.broker.as_ref().expect("it runs").fetch_sessions().num_incremental_fetch_sessions()
}

#[test]
fn a_consumer_that_is_closed_ends_its_fetch_sessions() {
    let mut cluster = reading();
    let step = cluster.apply(&Command::CloseConsumer { consumer: 1 }).expect("it runs");
    let is_closed = |change: &Change| matches!(change, Change::FetchSessionClosed { consumer: 1, node: 1 });
    assert!(step.changes.iter().any(is_closed), "{:?}", step.changes);
    // Its last fetch may wait for records as long as fetch.max.wait.ms; the next request of the connection waits behind it.
    run_to(&mut cluster, 9_000);
    assert_eq!(sessions(&cluster), 0);
}

#[test]
fn a_consumer_that_crashes_leaves_its_session_behind() {
    let mut cluster = reading();
    cluster.apply(&Command::CrashConsumer { consumer: 1 }).expect("it runs");
    run_to(&mut cluster, 9_000);
    assert_eq!(sessions(&cluster), 1, "it stays until another takes its place in the cache");
}
