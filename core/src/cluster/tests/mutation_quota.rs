//! `controller_mutation_rate` in a whole cluster: who makes topics too fast is refused or muted.

use super::*;
use crate::actor::Listener;
use crate::change::Change;
use crate::command::Command;
use crate::presets::Order;
use crate::wire::client_quotas::QuotaType;
use crate::wire::{ApiKey, ErrorCode, Response};

fn changes_to(cluster: &mut Cluster, until: Millis) -> Vec<Change> {
    run_to(cluster, until).into_iter().flat_map(|step| step.changes).collect()
}

/// Three brokers, two of which are no controllers, and one partition a second for everybody: 11 at once.
fn bounded() -> Cluster {
    let order = Order { brokers: 3, producers: 0, consumers: 0, ..Order::default() };
    let mut cluster = Cluster::new(&order.config(), 5).expect("a good cluster");
    run_to(&mut cluster, 5_000);
    let body = serde_json::json!({"entries": [{"entity": [{"entityType": "user", "entityName": null}],
        "ops": [{"key": "controller_mutation_rate", "value": 1.0, "remove": false}]}], "validateOnly": false});
    ask(&mut cluster, 9, Listener::Broker, ApiKey::AlterClientQuotas, None, body);
    run_to(&mut cluster, 6_000);
    cluster
}

fn ask(cluster: &mut Cluster, probe: u32, port: Listener, api: ApiKey, version: Option<i16>, body: serde_json::Value) {
    let node = match port {
        Listener::Broker => 1,
        Listener::Controller => cluster.active_controller().expect("there is one"),
    };
    cluster.apply(&Command::request(probe, (node, port), api, version, body)).expect("it is sent");
}

fn topic(name: &str, partitions: i32) -> serde_json::Value {
    serde_json::json!({"topics": [{"name": name, "numPartitions": partitions, "replicationFactor": 1}], "timeoutMs": 5000})
}

fn answered(cluster: &Cluster, probe: u32) -> (ErrorCode, i32) {
    let answer = cluster.probe_answer(probe).expect("it was asked");
    match answer.response.as_ref() {
        Some(Response::CreateTopics(answer)) => (answer.topics[0].error_code, answer.throttle_time_ms),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_broker_passes_on_who_asks_and_mutes_whom_the_controller_makes_pause() {
    let mut cluster = bounded();
    ask(&mut cluster, 1, Listener::Broker, ApiKey::CreateTopics, Some(7), topic("t1", 15));
    let changes = changes_to(&mut cluster, 6_100);
    assert_eq!(answered(&cluster, 1), (ErrorCode::None, 0), "the bucket was not in debt");
    let throttled = |changes: &[Change]| {
        changes.iter().find_map(|change| match change {
            Change::ClientThrottled { node, quota, throttle_ms, .. } => Some((*node, *quota, *throttle_ms)),
            _ => None,
        })
    };
    assert_eq!(throttled(&changes), None);
    ask(&mut cluster, 2, Listener::Broker, ApiKey::CreateTopics, Some(7), topic("t2", 1));
    let changes = changes_to(&mut cluster, 6_200);
    let (error, pause) = answered(&cluster, 2);
    assert_eq!(error, ErrorCode::ThrottlingQuotaExceeded);
    // The first was asked for half a second ago at most.
    assert!((3_400..=4_000).contains(&pause), "four tokens too many: {pause}");
    let pause = Millis::try_from(pause).expect("it is positive");
    assert_eq!(
        throttled(&changes),
        Some((1, QuotaType::ControllerMutation, pause)),
        "the broker that was asked mutes it"
    );
    ask(&mut cluster, 3, Listener::Broker, ApiKey::CreateTopics, Some(5), topic("t3", 2));
    run_to(&mut cluster, 6_300);
    let (error, longer) = answered(&cluster, 3);
    assert_eq!(error, ErrorCode::None, "an older version cannot be refused");
    assert!(longer > 4_500, "but pauses for longer: {longer}");
    run_to(&mut cluster, 30_000);
    ask(&mut cluster, 4, Listener::Broker, ApiKey::CreateTopics, Some(7), topic("t4", 1));
    run_to(&mut cluster, 31_000);
    assert_eq!(answered(&cluster, 4), (ErrorCode::None, 0), "the debt is paid");
}

#[test]
fn who_asks_the_controller_itself_is_muted_there() {
    let mut cluster = bounded();
    ask(&mut cluster, 1, Listener::Controller, ApiKey::CreateTopics, Some(5), topic("t1", 15));
    let changes = changes_to(&mut cluster, 6_100);
    let active = cluster.active_controller().expect("there is one");
    let muted = changes.iter().any(|change| {
        matches!(change, Change::ClientThrottled { node, quota: QuotaType::ControllerMutation, .. } if *node == active)
    });
    assert!(muted, "{changes:?}");
    assert_eq!(answered(&cluster, 1).0, ErrorCode::None);
    let quotas = cluster.node(active).and_then(|node| node.controller.as_ref()).expect("it runs");
    let left: Vec<_> =
        quotas.quota_uses(cluster.now()).map(|used| (used.rate < 0.0, used.throttled_until > 0)).collect();
    assert_eq!(left, [(true, true)]);
}
