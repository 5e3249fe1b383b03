//! What a listener does with connections and bytes that are no good requests, as a real 4.3.1 did it.

use serde_json::json;

use super::*;
use crate::actor::{Actor, Listener};
use crate::change::Change;
use crate::client::ProbeConnection;
use crate::command::{Command, CommandError, SettingScope};
use crate::config::{ClusterConfig, NodeConfig, Roles};
use crate::connection::CloseReason;
use crate::explain::Explanation;
use crate::presets::Order;
use crate::wire::records::Bytes;
use crate::wire::{ApiKey, Response};

/// One node, with settings.
fn one_node(settings: &[(&str, &str)]) -> Cluster {
    let settings = settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let config = ClusterConfig {
        nodes: vec![NodeConfig::new(1, Roles::Combined)],
        settings: settings.collect(),
        producers: Vec::new(),
        consumers: Vec::new(),
        topics: Vec::new(),
        ..Order::default().config()
    };
    Cluster::new(&config, 1).expect("a good cluster")
}

fn send(cluster: &mut Cluster, probe: u32, hex: &str) {
    let bytes = Bytes::from_hex(hex).expect("hexadecimal");
    cluster.apply(&Command::SendBytes { probe, to: 1, port: Listener::Broker, bytes }).expect("it is sent");
}

/// Metadata v1 of no topic, with a correlation id.
fn good(correlation_id: u8) -> String {
    format!("0000001100030001000000{correlation_id:02x}000372617700000000")
}

/// Lets time pass, and gives the steps.
fn connection(cluster: &Cluster, probe: u32) -> &ProbeConnection {
    cluster.probe_connection(probe).expect("bytes opened it")
}

fn is_closed(cluster: &Cluster, probe: u32) -> bool {
    connection(cluster, probe).closed_at_ms.is_some()
}

fn answers(cluster: &Cluster, probe: u32) -> usize {
    connection(cluster, probe).requests.iter().filter(|request| request.response.is_some()).count()
}

/// Why listeners closed hand-made connections.
fn closings(steps: &[Step]) -> Vec<CloseReason> {
    let changes = steps.iter().flat_map(|step| &step.changes);
    changes
        .filter_map(|change| match change {
            Change::ConnectionClosed { client: Actor::Probe(_), reason, .. } => Some(*reason),
            _ => None,
        })
        .collect()
}

/// What closes the connection of a new probe.
fn closing_of(cluster: &mut Cluster, probe: u32, hex: &str) -> Option<CloseReason> {
    send(cluster, probe, hex);
    let steps = pass(cluster, 100);
    let found = closings(&steps);
    assert!(found.len() <= 1 && is_closed(cluster, probe) == (found.len() == 1), "{hex}");
    found.first().copied()
}

/// A hand-written request on a connection that another probe opened.
fn metadata_request(probe: u32, connection: u32) -> Command {
    Command::Request {
        probe,
        connection: Some(connection),
        to: 1,
        port: Listener::Broker,
        api: ApiKey::Metadata,
        version: None,
        principal: None,
        client_id: None,
        body: json!({"topics": []}),
    }
}

#[test]
fn a_size_out_of_bounds_closes_the_connection_and_any_other_waits() {
    let mut cluster = one_node(&[("socket.request.max.bytes", "10000")]);
    let too_large = CloseReason::RequestTooLarge { size_bytes: 10_001, max_bytes: 10_000 };
    assert_eq!(closing_of(&mut cluster, 1, "00002711"), Some(too_large));
    assert_eq!(closing_of(&mut cluster, 2, "00002710"), None);
    let negative = CloseReason::NegativeRequestSize { size_bytes: -1 };
    assert_eq!(closing_of(&mut cluster, 3, "ffffffff"), Some(negative));
    // "GET " is a size of more than a gigabyte.
    let text = CloseReason::RequestTooLarge { size_bytes: 0x4745_5420, max_bytes: 10_000 };
    assert_eq!(closing_of(&mut cluster, 4, "474554202f"), Some(text));
    assert_eq!(closing_of(&mut cluster, 5, "000000320000000000"), None, "half of a request");
    assert_eq!(closing_of(&mut cluster, 6, ""), None, "nothing at all");
}

#[test]
fn what_is_no_request_closes_the_connection() {
    let mut cluster = one_node(&[]);
    for (probe, hex) in (1..).zip(["00000000", "00000004ffffffff", "000000080003000100000007", "0000000400000000"]) {
        assert_eq!(closing_of(&mut cluster, probe, hex), Some(CloseReason::MalformedRequest), "{hex}");
    }
    assert_eq!(closing_of(&mut cluster, 9, &good(7)), None);
    assert_eq!(answers(&cluster, 9), 1);
}

#[test]
fn a_request_is_answered_before_the_next_one_is_read() {
    let mut cluster = one_node(&[]);
    send(&mut cluster, 1, &format!("{}ffffffff", good(7)));
    let found = closings(&pass(&mut cluster, 100));
    assert_eq!(found, [CloseReason::NegativeRequestSize { size_bytes: -1 }]);
    assert_eq!((answers(&cluster, 1), is_closed(&cluster, 1)), (1, true));
    send(&mut cluster, 2, &format!("{}{}", good(7), good(8)));
    assert_eq!(closings(&pass(&mut cluster, 100)), []);
    assert_eq!((answers(&cluster, 2), is_closed(&cluster, 2)), (2, false));
    // What is behind a request that closes the connection is never read.
    send(&mut cluster, 3, &format!("00000000{}", good(7)));
    pass(&mut cluster, 100);
    assert_eq!((answers(&cluster, 3), is_closed(&cluster, 3)), (0, true));
}

#[test]
fn an_idle_connection_is_closed_after_its_time() {
    let mut cluster = one_node(&[("connections.max.idle.ms", "3000")]);
    let opened = cluster.now();
    send(&mut cluster, 1, "");
    send(&mut cluster, 2, "0000003200");
    send(&mut cluster, 3, &good(7));
    pass(&mut cluster, 2_900);
    assert!((1..=3).all(|probe| !is_closed(&cluster, probe)));
    // A request on the connection counts.
    let request = metadata_request(4, 3);
    cluster.apply(&request).expect("it is sent");
    let found = closings(&pass(&mut cluster, 1_000));
    assert!(found.iter().all(|reason| *reason == CloseReason::Idle { idle_ms: 3_000 }) && !found.is_empty());
    assert!(is_closed(&cluster, 1) && is_closed(&cluster, 2) && !is_closed(&cluster, 3));
    let closed = connection(&cluster, 1).closed_at_ms.expect("it is closed");
    assert!((3_000..3_100).contains(&(closed - opened)), "{closed}");
    assert!(cluster.probe_answer(4).is_some_and(|answer| answer.response.is_some()));
    pass(&mut cluster, 3_000);
    assert!(is_closed(&cluster, 3));
    let late = Command::CloseConnection { probe: 3 };
    assert_eq!(cluster.apply(&late), Err(CommandError::ConnectionNotOpen { probe: 3 }));
}

#[test]
fn a_request_that_waits_does_not_keep_its_connection() {
    let mut cluster = one_node(&[("connections.max.idle.ms", "3000")]);
    let create = json!({"topics": [{"name": "t", "numPartitions": 1, "replicationFactor": 1}]});
    let broker = (1, Listener::Broker);
    cluster.apply(&Command::request(1, broker, ApiKey::CreateTopics, None, create)).expect("it is sent");
    pass(&mut cluster, 1_000);
    let partition = json!({"partition": 0, "fetchOffset": 0, "partitionMaxBytes": 1_000});
    let fetch = json!({"maxWaitMs": 8_000, "minBytes": 1, "topics": [{"topic": "t", "partitions": [partition]}]});
    cluster.apply(&Command::request(2, broker, ApiKey::Fetch, Some(12), fetch)).expect("it is sent");
    pass(&mut cluster, 2_900);
    let open = cluster.probe_answer(2).expect("it was sent");
    assert_eq!((open.answered_at_ms, &open.response), (None, &None));
    pass(&mut cluster, 1_000);
    let closed = cluster.probe_answer(2).expect("it was sent");
    assert!(
        closed.closed && closed.answered_at_ms.is_some_and(|at| (3_000..3_100).contains(&(at - closed.sent_at_ms)))
    );
}

#[test]
fn by_default_an_idle_connection_is_closed_after_ten_minutes() {
    let mut cluster = one_node(&[]);
    send(&mut cluster, 1, "");
    let found = closings(&pass(&mut cluster, 600_100));
    assert_eq!(found, [CloseReason::Idle { idle_ms: 600_000 }]);
    assert!(is_closed(&cluster, 1));
    let mut unlimited = one_node(&[("connections.max.idle.ms", "-1")]);
    send(&mut unlimited, 1, "");
    assert_eq!(closings(&pass(&mut unlimited, 600_100)), []);
}

#[test]
fn clients_go_on_over_idle_connections() {
    let mut config = Order { producers: 1, consumers: 1, ..Order::default() }.config();
    config.settings.insert("connections.max.idle.ms".to_owned(), "700".to_owned());
    let mut cluster = Cluster::new(&config, 3).expect("it comes to rest");
    for round in 0..4 {
        produce(&mut cluster, "v");
        let steps = pass(&mut cluster, 5_000);
        let is_acknowledged = |change: &Change| matches!(change, Change::Acknowledged { .. });
        assert!(steps.iter().flat_map(|step| &step.changes).any(is_acknowledged), "{round}");
        let is_idle = |change: &Change| {
            matches!(
                change,
                Change::ConnectionClosed { client: Actor::Producer(1), reason: CloseReason::Idle { .. }, .. }
            )
        };
        assert!(steps.iter().flat_map(|step| &step.changes).any(is_idle), "{round}");
    }
}

#[test]
fn one_connection_more_of_an_address_is_closed_at_once() {
    let mut cluster = one_node(&[]);
    let set = |value: &str| Command::Set {
        scope: SettingScope::Brokers,
        name: "max.connections.per.ip".to_owned(),
        value: value.to_owned(),
    };
    cluster.apply(&set("2")).expect("it is sent");
    pass(&mut cluster, 1_000);
    for probe in 1..=2 {
        assert_eq!(closing_of(&mut cluster, probe, &good(7)), None);
    }
    let too_many = Some(CloseReason::TooManyConnections { max: 2 });
    assert_eq!(closing_of(&mut cluster, 3, &good(7)), too_many);
    assert_eq!(answers(&cluster, 3), 0);
    // A hand-written request comes from the same address.
    cluster
        .apply(&Command::request(4, (1, Listener::Broker), ApiKey::Metadata, None, json!({"topics": []})))
        .expect("it is sent");
    pass(&mut cluster, 100);
    assert!(cluster.probe_answer(4).is_some_and(|answer| answer.closed));
    // Another address is not concerned: settings are changed by the admin client.
    cluster.apply(&set("3")).expect("it is sent");
    pass(&mut cluster, 1_000);
    assert_eq!(closing_of(&mut cluster, 5, &good(7)), None);
    cluster.apply(&set("1")).expect("it is sent");
    pass(&mut cluster, 1_000);
    assert!(!is_closed(&cluster, 1) && !is_closed(&cluster, 2), "those that there are stay");
    assert_eq!(closing_of(&mut cluster, 6, &good(7)), Some(CloseReason::TooManyConnections { max: 1 }));
    for probe in [1, 2, 5] {
        cluster.apply(&Command::CloseConnection { probe }).expect("it is open");
    }
    pass(&mut cluster, 100);
    assert_eq!(closing_of(&mut cluster, 7, &good(7)), None);
}

#[test]
fn a_produce_request_above_the_limit_closes_its_connection() {
    let mut cluster = one_node(&[("socket.request.max.bytes", "1000")]);
    let produce = |probe, length: usize| {
        let records = json!({"records": [{"value": "x".repeat(length)}]});
        let topics = json!([{"name": "t", "partitionData": [{"index": 0, "records": records}]}]);
        let body = json!({"acks": 1, "timeoutMs": 1_000, "topicData": topics});
        Command::request(probe, (1, Listener::Broker), ApiKey::Produce, Some(11), body)
    };
    cluster.apply(&produce(1, 800)).expect("it is sent");
    pass(&mut cluster, 100);
    assert!(cluster.probe_answer(1).is_some_and(|answer| !answer.closed && answer.response.is_some()));
    cluster.apply(&produce(2, 1_000)).expect("it is sent");
    let steps = pass(&mut cluster, 100);
    assert!(matches!(closings(&steps)[..], [CloseReason::RequestTooLarge { max_bytes: 1_000, .. }]));
    assert!(cluster.probe_answer(2).is_some_and(|answer| answer.closed));
}

#[test]
fn the_end_of_the_process_closes_the_connection_and_none_is_accepted_after_it() {
    let mut cluster = one_node(&[]);
    send(&mut cluster, 1, "");
    pass(&mut cluster, 100);
    cluster.apply(&Command::Crash { node: 1, machine: false }).expect("it runs");
    send(&mut cluster, 2, &good(7));
    let steps = pass(&mut cluster, 100);
    assert!(is_closed(&cluster, 1) && is_closed(&cluster, 2));
    assert!(steps.iter().any(|step| matches!(step.explanation, Explanation::BytesRefused { .. })));
}

#[test]
fn bytes_are_refused_that_the_engine_cannot_read() {
    let mut cluster = one_node(&[]);
    let fetch = Bytes::from_hex("0000000d0001000400000007000372617700").expect("hexadecimal");
    let refused = cluster.apply(&Command::SendBytes { probe: 1, to: 1, port: Listener::Broker, bytes: fetch });
    assert_eq!(refused, Err(CommandError::NoBinaryForm { api: "Fetch".to_owned() }));
    send(&mut cluster, 1, "0000003200");
    let again = Command::SendBytes { probe: 1, to: 1, port: Listener::Broker, bytes: Bytes::from("x") };
    assert_eq!(cluster.apply(&again), Err(CommandError::ProbeInUse { probe: 1 }));
    let request = metadata_request(2, 1);
    assert_eq!(cluster.apply(&request), Err(CommandError::RequestUnfinished { probe: 1 }));
}

#[test]
fn the_answer_to_an_unknown_version_of_api_versions_comes_back() {
    let mut cluster = one_node(&[]);
    send(&mut cluster, 1, "0000000e0012006300000007000372617700");
    pass(&mut cluster, 100);
    let request = &connection(&cluster, 1).requests[0];
    let Some(Response::ApiVersions(answer)) = &request.response else { panic!("{request:?}") };
    assert_eq!((answer.api_keys.len(), request.version), (1, 99));
}
