//! Markers that a person has written, and what becomes of transactions whose markers are refused.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::*;
use crate::actor::{Actor, Listener};
use crate::change::Change;
use crate::command::Command;
use crate::config::{ClusterConfig, NodeConfig, Roles, TopicConfig};
use crate::presets::Order;
use crate::wire::transaction::InitProducerIdResponse;
use crate::wire::{ApiKey, ErrorCode, Response};

/// One node with the topic `a`, and settings of both.
pub(super) fn one_node(settings: &[(&str, &str)], topic: &[(&str, &str)]) -> Cluster {
    let owned = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    };
    let always = [
        ("offsets.topic.num.partitions", "1"),
        ("offsets.topic.replication.factor", "1"),
        ("transaction.state.log.num.partitions", "1"),
        ("transaction.state.log.replication.factor", "1"),
        ("transaction.state.log.min.isr", "1"),
    ];
    let config = ClusterConfig {
        nodes: vec![NodeConfig::new(1, Roles::Combined)],
        settings: owned(&[&always[..], settings].concat()),
        producers: Vec::new(),
        consumers: Vec::new(),
        topics: vec![TopicConfig {
            name: "a".into(),
            partitions: 1,
            replication_factor: 1,
            assignment: Vec::new(),
            settings: owned(topic),
        }],
        ..Order::default().config()
    };
    Cluster::new(&config, 1).expect("a good cluster")
}

pub(super) fn ask(cluster: &mut Cluster, api: ApiKey, version: Option<i16>, body: Value) -> Option<Response> {
    cluster.apply(&Command::request(1, (1, Listener::Broker), api, version, body)).expect("it is sent");
    pass(cluster, 2_000);
    cluster.probe_answer(1).and_then(|answer| answer.response.clone())
}

/// A marker that commits, of version 0.
fn marker(producer_id: i64, producer_epoch: i16, topic: &str) -> Value {
    json!({
        "producerId": producer_id,
        "producerEpoch": producer_epoch,
        "transactionResult": true,
        "topics": [{"name": topic, "partitionIndexes": [0]}],
        "coordinatorEpoch": 0,
        "transactionVersion": 0,
    })
}

/// What is said of each partition, or that nothing is said.
fn errors(answer: Option<Response>) -> Option<Vec<ErrorCode>> {
    let Some(Response::WriteTxnMarkers(answer)) = answer else { return None };
    let topics = answer.markers.into_iter().flat_map(|marker| marker.topics);
    Some(topics.flat_map(|topic| topic.partitions).map(|partition| partition.error_code).collect())
}

fn write(cluster: &mut Cluster, markers: &[Value]) -> Option<Vec<ErrorCode>> {
    errors(ask(cluster, ApiKey::WriteTxnMarkers, Some(2), json!({ "markers": markers })))
}

fn find_coordinator(cluster: &mut Cluster, key_type: i8) {
    ask(cluster, ApiKey::FindCoordinator, None, json!({"keyType": key_type, "coordinatorKeys": ["tx"]}));
}

#[test]
fn a_last_marker_without_partitions_here_is_not_asked_whether_it_was_the_last() {
    let mut cluster = one_node(&[], &[]);
    let (here, nowhere) = (marker(1, 0, "a"), marker(2, 0, "nope"));
    let (done, unknown) = (ErrorCode::None, ErrorCode::UnknownTopicOrPartition);
    assert_eq!(write(&mut cluster, &[nowhere.clone(), here.clone()]), Some(vec![done, unknown]));
    assert_eq!(write(&mut cluster, std::slice::from_ref(&nowhere)), Some(vec![unknown]));
    assert_eq!(write(&mut cluster, &[]), Some(vec![]));
    assert_eq!(write(&mut cluster, &[here, nowhere]), None);
}

#[test]
fn a_marker_that_says_no_transaction_version_is_no_argument() {
    let mut cluster = one_node(&[], &[]);
    let mut unversioned = marker(1, 0, "a");
    unversioned["transactionVersion"] = json!(-1);
    assert_eq!(write(&mut cluster, &[unversioned]), Some(vec![ErrorCode::UnknownServerError]));
    assert_eq!(write(&mut cluster, &[marker(1, 0, "a")]), Some(vec![ErrorCode::None]));
}

#[test]
fn the_group_coordinator_writes_no_marker_without_producer() {
    let mut cluster = one_node(&[], &[]);
    find_coordinator(&mut cluster, 0);
    for (producer_id, epoch, error) in
        [(-1, 0, ErrorCode::UnknownServerError), (1, -1, ErrorCode::UnknownServerError), (1, 0, ErrorCode::None)]
    {
        let offsets = marker(producer_id, epoch, "__consumer_offsets");
        assert_eq!(write(&mut cluster, &[offsets]), Some(vec![error]), "{producer_id} {epoch}");
    }
}

#[test]
fn a_producer_that_has_expired_is_unknown_to_the_next_marker() {
    let expiration = [("producer.id.expiration.ms", "4000"), ("producer.id.expiration.check.interval.ms", "500")];
    let mut cluster = one_node(&expiration, &[]);
    assert_eq!(write(&mut cluster, &[marker(1, 5, "a")]), Some(vec![ErrorCode::None]));
    assert_eq!(write(&mut cluster, &[marker(1, 3, "a")]), Some(vec![ErrorCode::InvalidProducerEpoch]));
    pass(&mut cluster, 5_000);
    assert_eq!(write(&mut cluster, &[marker(1, 3, "a")]), Some(vec![ErrorCode::None]));
}

/// The states that a transaction of one partition goes through.
fn states(steps: &[Step]) -> Vec<(String, String)> {
    let changes = steps.iter().flat_map(|step| &step.changes);
    let states = changes.filter_map(|change| match change {
        Change::TransactionStateChanged { transactional_id, to, .. } => Some((transactional_id.clone(), to.clone())),
        _ => None,
    });
    states.collect()
}

/// Begins a transaction with the partition `a-0`; its producer's id.
fn begin(cluster: &mut Cluster, id: &str, timeout_ms: i32) -> i64 {
    let body = json!({
        "transactionalId": id, "transactionTimeoutMs": timeout_ms, "producerId": -1, "producerEpoch": -1
    });
    // The first time there is no block of producer ids yet.
    let mut begun = InitProducerIdResponse { error_code: ErrorCode::CoordinatorLoadInProgress, ..Default::default() };
    while begun.error_code == ErrorCode::CoordinatorLoadInProgress {
        match ask(cluster, ApiKey::InitProducerId, Some(4), body.clone()) {
            Some(Response::InitProducerId(answer)) => begun = answer,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(begun.error_code, ErrorCode::None);
    let topics = json!([{"name": "a", "partitions": [0]}]);
    let body = json!({
        "v3AndBelowTransactionalId": id,
        "v3AndBelowProducerId": begun.producer_id,
        "v3AndBelowProducerEpoch": begun.producer_epoch,
        "v3AndBelowTopics": topics,
    });
    ask(cluster, ApiKey::AddPartitionsToTxn, Some(3), body).expect("it is answered");
    begun.producer_id
}

#[test]
fn a_marker_too_large_for_its_partition_leaves_the_transaction_as_it_is() {
    let mut cluster = one_node(&[], &[("max.message.bytes", "77")]);
    assert_eq!(write(&mut cluster, &[marker(77, 0, "a")]), Some(vec![ErrorCode::MessageTooLarge]));
    find_coordinator(&mut cluster, 1);
    let producer_id = begin(&mut cluster, "tx", 60_000);
    let end = json!({"transactionalId": "tx", "producerId": producer_id, "producerEpoch": 0, "committed": true});
    cluster.apply(&Command::request(1, (1, Listener::Broker), ApiKey::EndTxn, Some(3), end)).expect("it is sent");
    let mut steps = pass(&mut cluster, 2_000);
    let config = json!({"name": "max.message.bytes", "configOperation": 0, "value": "78"});
    let resources = json!([{"resourceType": 2, "resourceName": "a", "configs": [config]}]);
    let alter = json!({"resources": resources, "validateOnly": false});
    let to = (1, Listener::Broker);
    cluster.apply(&Command::request(2, to, ApiKey::IncrementalAlterConfigs, Some(1), alter)).expect("it is sent");
    steps.extend(pass(&mut cluster, 2_000));
    assert_eq!(states(&steps), [("tx".to_owned(), "PrepareCommit".to_owned())]);
    assert_eq!(write(&mut cluster, &[marker(77, 0, "a")]), Some(vec![ErrorCode::None]), "now it would fit");
}

#[test]
fn transactions_that_time_out_together_end_in_the_order_of_their_table() {
    let looks = ("transaction.abort.timed.out.transaction.cleanup.interval.ms", "60000");
    let mut cluster = one_node(&[looks], &[]);
    find_coordinator(&mut cluster, 1);
    // Their hashes are 3768, 3769 and 3799.
    for id in ["x0", "x1", "y0"] {
        begin(&mut cluster, id, 1_000);
    }
    let states = states(&pass(&mut cluster, 60_000));
    let aborted = states.iter().filter(|(_, to)| to == "PrepareAbort").map(|(id, _)| id.as_str());
    assert_eq!(aborted.collect::<Vec<_>>(), ["y0", "x0", "x1"]);
}

#[test]
fn a_marker_in_the_offsets_waits_as_long_as_a_commit_does_and_counts_all_the_same() {
    let mut config = Order::default().config();
    let settings = [("offsets.topic.num.partitions", "1"), ("transaction.partition.verification.enable", "false")];
    config.settings.extend(settings.map(|(name, value)| (name.to_owned(), value.to_owned())));
    let mut cluster = Cluster::new(&config, 7).expect("it comes to rest");
    find_coordinator(&mut cluster, 0);
    let image = cluster.image().expect("a controller is active");
    let leader = image.partition("__consumer_offsets", 0).expect("it was created").leader;
    let to = (leader, Listener::Broker);
    let topics = json!([{"name": "orders", "partitions": [{"partitionIndex": 0, "committedOffset": 1}]}]);
    let commit = json!({
        "transactionalId": "tx", "groupId": "g", "producerId": 7, "producerEpoch": 0, "generationId": -1,
        "memberId": "", "topics": topics,
    });
    cluster.apply(&Command::request(2, to, ApiKey::TxnOffsetCommit, Some(3), commit)).expect("it is sent");
    pass(&mut cluster, 2_000);
    let others = cluster.nodes().map(|node| node.config.id).filter(|node| *node != leader).collect::<Vec<_>>();
    let links = others.iter().map(|node| (Actor::Node(*node), Actor::Node(leader)));
    for (from, to) in links.clone() {
        cluster.apply(&Command::Cut { from, to, both: true }).expect("it is whole");
    }
    let markers = json!({"markers": [marker(7, 0, "__consumer_offsets")]});
    cluster.apply(&Command::request(3, to, ApiKey::WriteTxnMarkers, Some(2), markers)).expect("it is sent");
    pass(&mut cluster, 6_000);
    let answer = cluster.probe_answer(3).expect("it was asked").clone();
    assert_eq!(errors(answer.response), Some(vec![ErrorCode::RequestTimedOut]));
    let waited_ms = answer.answered_at_ms.map_or(0, |at| at - answer.sent_at_ms);
    assert!((5_000..5_100).contains(&waited_ms), "{waited_ms}");
    for (from, to) in links {
        cluster.apply(&Command::Heal { from, to, both: true }).expect("it is cut");
    }
    let steps = pass(&mut cluster, 5_000);
    let counts = |change: &Change| matches!(change, Change::OffsetCommitted { to: 1, .. });
    assert!(steps.iter().flat_map(|step| &step.changes).any(counts), "it counts once it is replicated");
}

/// Kafka's loader stops at a record that it cannot read.
#[test]
fn a_marker_among_the_transactions_hides_what_comes_after_it() {
    let mut cluster = one_node(&[], &[]);
    find_coordinator(&mut cluster, 1);
    begin(&mut cluster, "before", 60_000);
    assert_eq!(write(&mut cluster, &[marker(77, 0, "__transaction_state")]), Some(vec![ErrorCode::None]));
    begin(&mut cluster, "after", 60_000);
    cluster.apply(&Command::Crash { node: 1, machine: false }).expect("it runs");
    cluster.apply(&Command::Start { node: 1 }).expect("it has ended");
    pass(&mut cluster, 20_000);
    let described = |cluster: &mut Cluster, id: &str| {
        let body = json!({"transactionalIds": [id]});
        match ask(cluster, ApiKey::DescribeTransactions, None, body) {
            Some(Response::DescribeTransactions(answer)) => answer.transaction_states[0].error_code,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(described(&mut cluster, "before"), ErrorCode::None);
    assert_eq!(described(&mut cluster, "after"), ErrorCode::TransactionalIdNotFound);
}
