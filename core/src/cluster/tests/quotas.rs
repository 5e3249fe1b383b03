//! Quotas in a whole cluster: what a client takes too much of, it waits for.

use super::*;
use crate::actor::Listener;
use crate::change::Change;
use crate::command::{Command, SettingScope};
use crate::presets::Order;
use crate::wire::ApiKey;
use crate::wire::client_quotas::QuotaType;

/// Who leads the only partition.
const LEADER: i32 = 1;
/// No message takes longer at first, in milliseconds.
const LATENCY_MAX_MS: Millis = 4;

/// A cluster of one broker, with a producer and a consumer, and with this quota of every client.
fn bounded(key: &str, bound: f64) -> Cluster {
    let order = Order {
        brokers: 1,
        producers: 1,
        consumers: 1,
        replication_factor: 1,
        min_insync_replicas: 1,
        ..Order::default()
    };
    let mut cluster = Cluster::new(&order.config(), 5).expect("a good cluster");
    run_to(&mut cluster, 5_000);
    let body = serde_json::json!({"entries": [{"entity": [{"entityType": "client-id", "entityName": null}],
        "ops": [{"key": key, "value": bound, "remove": false}]}], "validateOnly": false});
    let command = Command::request(9, (LEADER, Listener::Broker), ApiKey::AlterClientQuotas, None, body);
    cluster.apply(&command).expect("it is sent");
    run_to(&mut cluster, 6_000);
    cluster
}

fn perf_test(cluster: &mut Cluster, record_size: u32) {
    let command = Command::ProducerPerfTest {
        producer: 1,
        topic: "orders".into(),
        num_records: 1_000_000,
        record_size,
        throughput: 100,
        keys: 0,
    };
    cluster.apply(&command).expect("it runs");
}

fn throttles(steps: &[Step]) -> Vec<(QuotaType, Millis)> {
    let changes = steps.iter().flat_map(|step| &step.changes);
    let throttled = changes.filter_map(|change| match change {
        Change::ClientThrottled { quota, throttle_ms, .. } => Some((*quota, *throttle_ms)),
        _ => None,
    });
    throttled.collect()
}

#[test]
fn a_producer_is_held_to_its_rate() {
    // 100 records a second of 1,000 bytes are ten times the quota.
    let mut cluster = bounded("producer_byte_rate", 10_000.0);
    perf_test(&mut cluster, 1_000);
    let first = run_to(&mut cluster, 66_000);
    assert!(throttles(&first).iter().all(|(quota, ms)| *quota == QuotaType::Produce && *ms > 0));
    assert!(!throttles(&first).is_empty());
    let before = bytes_in(&cluster);
    run_to(&mut cluster, 666_000);
    let rate = (bytes_in(&cluster) - before) / 600;
    assert!((9_000..=11_000).contains(&rate), "{rate} bytes a second");
}

/// Bytes of the partition's log.
fn bytes_in(cluster: &Cluster) -> u64 {
    let node = cluster.node(LEADER).expect("it is there");
    node.disk.broker.logs.values().map(|stored| stored.log.size_bytes()).sum()
}

#[test]
fn a_muted_connection_is_not_read_and_its_client_sends_nothing_meanwhile() {
    let mut cluster = bounded("producer_byte_rate", 10_000.0);
    perf_test(&mut cluster, 1_000);
    let (mut began, mut muted_until, mut pauses) = (0, 0, 0);
    while cluster.now() < 120_000 {
        let Some(step) = cluster.step() else { break };
        if let Some((_, ms)) = throttles(std::slice::from_ref(&step)).first() {
            (began, muted_until, pauses) = (cluster.now(), cluster.now() + ms, pauses + 1);
        }
        let server = cluster.node(LEADER).expect("it is there").server(Listener::Broker);
        let of_producer = server.channels().find(|(id, _)| id.client == Endpoint::Producer(1));
        if cluster.now() < muted_until
            && let Some((_, channel)) = of_producer
        {
            assert!(channel.is_muted(), "at {}", cluster.now());
            // What was under way already when the answer came lies in the socket.
            let sent_before = |(at, _): &(Millis, _)| *at <= began + 2 * LATENCY_MAX_MS;
            assert!(channel.unread.iter().all(sent_before), "the client has sent something at {}", cluster.now());
        }
    }
    assert!(pauses > 5, "{pauses} pauses");
}

#[test]
fn a_consumer_is_held_to_its_rate_by_empty_answers() {
    let mut cluster = bounded("consumer_byte_rate", 5_000.0);
    perf_test(&mut cluster, 1_000);
    let steps = run_to(&mut cluster, 66_000);
    let throttled = throttles(&steps);
    assert!(throttled.len() > 3, "{throttled:?}");
    assert!(throttled.iter().all(|(quota, _)| *quota == QuotaType::Fetch));
    let read = |cluster: &Cluster| {
        cluster.node(LEADER).map_or(0, |node| {
            let all = node.server(Listener::Broker).metrics().by_type();
            all.filter(|(kind, _)| kind.name() == "FetchConsumer").map(|(_, metrics)| metrics.bytes_out()).sum::<u64>()
        })
    };
    let before = read(&cluster);
    run_to(&mut cluster, 366_000);
    let rate = (read(&cluster) - before) / 300;
    // Half of what it may have, as on a real 4.3.1: one fetch takes all that ten windows allow, the next is throttled for ten seconds,
    // finds the first still among the samples, and is throttled once more.
    assert!((2_000..=3_000).contains(&rate), "{rate} bytes a second");
}

#[test]
fn thread_time_throttles_too_where_places_cost_something() {
    let mut cluster = bounded("request_percentage", 1.0);
    perf_test(&mut cluster, 10);
    assert!(throttles(&run_to(&mut cluster, 20_000)).is_empty(), "nothing takes time");
    for (name, value) in [("handler.request.ms", "4"), ("network.request.ms", "1")] {
        let scope = SettingScope::Pipeline(LEADER);
        cluster.apply(&Command::Set { scope, name: name.to_owned(), value: value.to_owned() }).expect("it is a cost");
    }
    let throttled = throttles(&run_to(&mut cluster, 60_000));
    assert!(throttled.len() > 5, "{throttled:?}");
    let most = throttled.iter().map(|(_, ms)| *ms).max();
    assert!(throttled.iter().all(|(quota, _)| *quota == QuotaType::Request) && most == Some(1_000), "{throttled:?}");
}

#[test]
fn without_a_quota_nothing_is_counted() {
    let order = Order { brokers: 1, replication_factor: 1, min_insync_replicas: 1, ..Order::default() };
    let mut cluster = Cluster::new(&order.config(), 5).expect("a good cluster");
    run_to(&mut cluster, 20_000);
    let broker = cluster.node(LEADER).and_then(|node| node.broker.as_ref()).expect("it runs");
    assert_eq!(broker.quota_uses(cluster.now()).count(), 0);
}
