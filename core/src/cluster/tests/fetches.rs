//! Fetches that wait while a topic goes, and fetches of a client that is throttled.

use serde_json::{Value, json};

use super::*;
use crate::actor::Listener;
use crate::change::Change;
use crate::command::Command;
use crate::config::TopicConfig;
use crate::presets::Order;
use crate::wire::replication::FetchResponse;
use crate::wire::{ApiKey, ErrorCode, Response};

/// One broker with the empty topics `a` and `b`.
fn cluster() -> Cluster {
    let order = Order { brokers: 1, producers: 0, consumers: 0, replication_factor: 1, ..Order::default() };
    let mut config = order.config();
    config.topics = ["a", "b"]
        .map(|name| TopicConfig {
            name: name.into(),
            partitions: 1,
            replication_factor: 1,
            assignment: Vec::new(),
            settings: Default::default(),
        })
        .to_vec();
    Cluster::new(&config, 5).expect("a good cluster")
}

fn ask(cluster: &mut Cluster, probe: u32, api: ApiKey, version: i16, body: Value) -> Vec<Step> {
    cluster.apply(&Command::request(probe, (1, Listener::Broker), api, Some(version), body)).expect("it is sent");
    pass(cluster, 1_000)
}

/// A fetch of version 12 that waits for a minute, within this session.
fn fetch(session_id: i32, session_epoch: i32, topics: &[&str]) -> Value {
    let of = |topic: &&str| {
        json!({"topic": topic, "partitions": [{"partition": 0, "currentLeaderEpoch": -1, "fetchOffset": 0,
        "lastFetchedEpoch": -1, "logStartOffset": -1, "partitionMaxBytes": 1_000_000}]})
    };
    json!({"replicaId": -1, "maxWaitMs": 60_000, "minBytes": 1, "maxBytes": 1_000_000, "isolationLevel": 0, "sessionId": session_id,
        "sessionEpoch": session_epoch, "topics": topics.iter().map(of).collect::<Vec<_>>(), "forgottenTopicsData": [], "rackId": ""})
}

fn fetched(cluster: &Cluster, probe: u32) -> FetchResponse {
    match cluster.probe_answer(probe).and_then(|answer| answer.response.clone()) {
        Some(Response::Fetch(answer)) => answer,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_topic_that_goes_while_a_fetch_waits_is_refused_where_it_stands() {
    let mut cluster = cluster();
    ask(&mut cluster, 1, ApiKey::Fetch, 12, fetch(0, -1, &["gone", "a", "b"]));
    let delete = json!({"topics": [{"name": "a", "topicId": "AAAAAAAAAAAAAAAAAAAAAA"}], "timeoutMs": 5_000});
    ask(&mut cluster, 2, ApiKey::DeleteTopics, 6, delete);
    let topics: Vec<(String, ErrorCode)> = fetched(&cluster, 1)
        .responses
        .iter()
        .map(|topic| (topic.topic.to_string(), topic.partitions[0].error_code))
        .collect();
    let unknown = ErrorCode::UnknownTopicOrPartition;
    let expected = [("a", unknown), ("b", ErrorCode::None), ("gone", unknown)];
    assert_eq!(topics, expected.map(|(name, error)| (name.to_owned(), error)), "what was refused at once comes last");
}

#[test]
fn who_is_throttled_does_not_learn_that_its_session_is_unknown() {
    let mut cluster = cluster();
    let refused = |steps: &[Step]| {
        steps.iter().flat_map(|step| &step.changes).any(|change| matches!(change, Change::Refused { .. }))
    };
    let steps = ask(&mut cluster, 1, ApiKey::Fetch, 12, fetch(12_345, 1, &["a"]));
    let answer = fetched(&cluster, 1);
    assert_eq!((answer.error_code, answer.throttle_time_ms), (ErrorCode::FetchSessionIdNotFound, 0));
    assert!(refused(&steps));
    let quota = json!({"entries": [{"entity": [{"entityType": "user", "entityName": null}],
        "ops": [{"key": "consumer_byte_rate", "value": 1.0, "remove": false}]}], "validateOnly": false});
    ask(&mut cluster, 2, ApiKey::AlterClientQuotas, 1, quota);
    let steps = ask(&mut cluster, 1, ApiKey::Fetch, 12, fetch(12_345, 1, &["a"]));
    let answer = fetched(&cluster, 1);
    assert_eq!(answer.error_code, ErrorCode::None);
    // 16 bytes in windows of ten seconds and more: the rate is above one byte a second.
    assert!(answer.throttle_time_ms > 0 && answer.responses.is_empty(), "{answer:?}");
    assert!(!refused(&steps));
}
