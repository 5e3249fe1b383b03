//! What a broker tells of topics: to those who may not see them, from a cursor on, and in the oldest version of `Metadata`.

use serde_json::json;

use super::*;
use crate::actor::Listener;
use crate::command::Command;
use crate::presets::Order;
use crate::wire::describe::DescribeTopicPartitionsResponse;
use crate::wire::{ApiKey, ErrorCode, Response};

/// Three brokers that hold `orders-0`, with these settings.
fn cluster(settings: &[(&str, &str)]) -> Cluster {
    let order = Order { brokers: 3, partitions: 1, producers: 0, consumers: 0, ..Order::default() };
    let mut config = order.config();
    config.settings.extend(settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    let mut cluster = Cluster::new(&config, 5).expect("a good cluster");
    run_to(&mut cluster, 5_000);
    cluster
}

/// What broker 1 answers to a stranger.
fn ask(cluster: &mut Cluster, api: ApiKey, version: Option<i16>, body: serde_json::Value) -> Response {
    cluster.apply(&Command::request(9, (1, Listener::Broker), api, version, body)).expect("it is sent");
    pass(cluster, 500);
    cluster.probe_answer(9).and_then(|answer| answer.response.as_ref()).expect("it is answered").clone()
}

fn describe(cluster: &mut Cluster, body: serde_json::Value) -> DescribeTopicPartitionsResponse {
    match ask(cluster, ApiKey::DescribeTopicPartitions, None, body) {
        Response::DescribeTopicPartitions(answer) => answer,
        other => panic!("{other:?}"),
    }
}

#[test]
fn topics_that_one_may_not_see_are_told_in_the_order_of_a_hash_set() {
    let authorizer = "org.apache.kafka.metadata.authorizer.StandardAuthorizer";
    let mut cluster = cluster(&[("authorizer.class.name", authorizer)]);
    let asked = json!({"topics": [{"name": "tc"}, {"name": "td"}], "responsePartitionLimit": 10, "cursor": null});
    let told = describe(&mut cluster, asked).topics;
    assert!(told.iter().all(|topic| topic.error_code == ErrorCode::TopicAuthorizationFailed));
    assert_eq!(told.iter().filter_map(|topic| topic.name.as_deref()).collect::<Vec<_>>(), ["td", "tc"]);
}

#[test]
fn a_cursor_at_the_last_number_there_is_comes_round() {
    let asked = json!({"topics": [{"name": "orders"}, {"name": "other"}], "responsePartitionLimit": 10,
        "cursor": {"topicName": "orders", "partitionIndex": i32::MAX}});
    let answer = describe(&mut cluster(&[]), asked);
    assert_eq!(answer.topics.len(), 1, "the page ends here");
    assert_eq!(answer.topics[0].partitions.len(), 0);
    assert_eq!(answer.next_cursor.map(|cursor| cursor.partition_index), Some(-2_147_483_639));
}

#[test]
fn the_oldest_metadata_leaves_out_replicas_that_are_gone() {
    let mut cluster = cluster(&[]);
    cluster.apply(&Command::Crash { node: 3, machine: false }).expect("it runs");
    pass(&mut cluster, 20_000);
    let mut told = |version: i16| {
        let asked = json!({"topics": [{"name": "orders"}]});
        let Response::Metadata(answer) = ask(&mut cluster, ApiKey::Metadata, Some(version), asked) else { panic!() };
        let partition = answer.topics[0].partitions[0].clone();
        let mut replicas = partition.replica_nodes;
        replicas.sort_unstable();
        (partition.error_code, replicas)
    };
    assert_eq!(told(0), (ErrorCode::ReplicaNotAvailable, vec![1, 2]));
    assert_eq!(told(1), (ErrorCode::None, vec![1, 2, 3]));
}
