//! Requests that a broker passes on to a controller that is not there.

use serde_json::json;

use super::*;
use crate::actor::Listener;
use crate::command::Command;
use crate::config::{ClusterConfig, NodeConfig, Roles};
use crate::presets::Order;
use crate::wire::{ApiKey, ErrorCode, Response};

#[test]
fn a_request_that_no_controller_answers_runs_out_of_time() {
    let config = ClusterConfig {
        nodes: vec![NodeConfig::new(1, Roles::Broker), NodeConfig::new(9, Roles::Controller)],
        producers: Vec::new(),
        consumers: Vec::new(),
        topics: Vec::new(),
        ..Order::default().config()
    };
    let mut cluster = Cluster::new(&config, 1).expect("a good cluster");
    cluster.apply(&Command::Crash { node: 9, machine: false }).expect("it runs");
    let body = json!({"topics": [{"name": "a", "numPartitions": 1, "replicationFactor": 1}], "timeoutMs": 1000});
    let command = Command::request(1, (1, Listener::Broker), ApiKey::CreateTopics, None, body);
    cluster.apply(&command).expect("it is sent");
    pass(&mut cluster, 59_000);
    assert!(cluster.probe_answer(1).is_none_or(|answer| answer.response.is_none()), "it is still tried");
    pass(&mut cluster, 2_000);
    match cluster.probe_answer(1).and_then(|answer| answer.response.clone()) {
        Some(Response::CreateTopics(answer)) => assert_eq!(answer.topics[0].error_code, ErrorCode::RequestTimedOut),
        other => panic!("{other:?}"),
    }
}
