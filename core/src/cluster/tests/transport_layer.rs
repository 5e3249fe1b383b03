//! What a leader's fetch answers cost its CPU: nothing in plain text, to followers and consumers alike; three copies over TLS.

use super::*;
use crate::actor::Listener;
use crate::command::{Command, SettingScope};
use crate::presets::Order;
use crate::socket_server::channel::Place;
use crate::socket_server::metrics::RequestType;
use crate::socket_server::transport_layer::Transfers;

/// Who leads the only partition.
const LEADER: i32 = 1;

/// Two brokers, a producer, a consumer in plain text and one over TLS, each with a group of its own.
fn cluster() -> Cluster {
    let order = Order {
        brokers: 2,
        producers: 1,
        consumers: 2,
        replication_factor: 2,
        min_insync_replicas: 1,
        ..Order::default()
    };
    let mut config = order.config();
    for (number, consumer) in (1..).zip(&mut config.consumers) {
        consumer.group = format!("readers-{number}");
        consumer.settings.insert("auto.offset.reset".to_owned(), "earliest".to_owned());
        if number == 2 {
            consumer.settings.insert("security.protocol".to_owned(), "SSL".to_owned());
        }
    }
    let mut cluster = Cluster::new(&config, 7).expect("a good cluster");
    run_to(&mut cluster, 15_000);
    cluster
}

fn produce(cluster: &mut Cluster, num_records: u32) {
    let (producer, topic) = (1, "orders".into());
    let command =
        Command::ProducerPerfTest { producer, topic, num_records, record_size: 1_000, throughput: 1_000, keys: 0 };
    cluster.apply(&command).expect("it runs");
}

fn of(cluster: &Cluster, wanted: RequestType) -> Transfers {
    let node = cluster.node(LEADER).expect("it is there");
    let mut types = node.server(Listener::Broker).metrics().by_type();
    types.find(|(found, _)| *found == wanted).map(|(_, metrics)| metrics.transfers).unwrap_or_default()
}

#[test]
fn only_what_is_encrypted_is_copied() {
    let mut cluster = cluster();
    produce(&mut cluster, 100);
    run_to(&mut cluster, 30_000);
    let followers = of(&cluster, RequestType::FetchFollower);
    let consumers = of(&cluster, RequestType::FetchConsumer);
    assert!(followers.zero_copy_bytes > 100_000 && followers.copied_bytes == 0, "{followers:?}");
    assert_eq!(consumers.zero_copy_bytes, consumers.encrypted_bytes, "both read the same");
    assert!(consumers.encrypted_bytes > 100_000);
    assert_eq!(consumers.copied_bytes, 3 * consumers.encrypted_bytes);
    assert!(consumers.copies >= 3 * consumers.encrypted_bytes.div_ceil(32_768), "{consumers:?}");
}

#[test]
fn a_network_thread_is_busy_with_what_it_copies() {
    let mut cluster = cluster();
    let (scope, name) = (SettingScope::Pipeline(LEADER), "network.copied.bytes.per.ms".to_owned());
    cluster.apply(&Command::Set { scope, name, value: "100".to_owned() }).expect("a cost");
    produce(&mut cluster, 10);
    let mut sending_to = Vec::new();
    let until = cluster.now() + 2_000;
    while cluster.next_at().is_some_and(|at| at <= until) {
        cluster.step();
        let server = cluster.node(LEADER).expect("it is there").server(Listener::Broker);
        let channels = server.channels().filter(|(_, channel)| {
            channel.request.as_ref().is_some_and(|request| request.times.place() == Place::Sending)
        });
        sending_to.extend(channels.map(|(id, _)| id.client));
    }
    sending_to.dedup();
    assert!(!sending_to.is_empty());
    assert!(sending_to.iter().all(|client| *client == Endpoint::Consumer(2)), "{sending_to:?}");
}
