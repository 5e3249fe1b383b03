//! What clients write into their requests, and when those leave.

use std::collections::BTreeSet;

use super::World;
use super::consumer::{append, config, positions, values};
use crate::actor::Endpoint;
use crate::client::Producer;
use crate::client::producer::delivery::DeliveryStage;
use crate::client::producer::transaction::ConsumedOffsets;
use crate::config::{CommitMode, ConsumerConfig, PollMode};
use crate::connection::Purpose;
use crate::effects::Effects;
use crate::sim::Millis;
use crate::transaction::{TransactionCall, TransactionManagerState};
use crate::wire::{ApiKey, ErrorCode, Request, TopicPartition};

const PRODUCER: Endpoint = Endpoint::Producer(1);
const CONSUMER: Endpoint = Endpoint::Consumer(1);

/// When a client's requests left, and what they are; without ApiVersions.
fn sent(world: &World, by: Endpoint) -> Vec<(Millis, ApiKey)> {
    let of_client = world.sent.iter().filter(|sent| sent.by == by);
    let all = of_client.map(|sent| (sent.at, sent.request.api()));
    all.filter(|(_, api)| *api != ApiKey::ApiVersions).collect()
}

fn times(world: &World, by: Endpoint, api: ApiKey) -> Vec<Millis> {
    sent(world, by).into_iter().filter(|(_, of)| *of == api).map(|(at, _)| at).collect()
}

fn call(world: &mut World, call: TransactionCall) {
    world.with_producer(1, |producer, now, fx| producer.call(call, now, fx).expect("it may"));
}

fn state(world: &World) -> TransactionManagerState {
    world.producers[&1].transaction().expect("a transaction").state()
}

#[test]
fn an_idempotent_producer_has_the_longest_transaction_timeout() {
    let mut world = World::new(&[("t", 1)]);
    world.add_producer(&[]);
    world.produce(1, None, None, "a");
    world.wait(100);
    let asked = world.sent.iter().find_map(|sent| match &sent.request {
        Request::InitProducerId(request) => Some((request.transactional_id.clone(), request.transaction_timeout_ms)),
        _ => None,
    });
    assert_eq!(asked, Some((None, i32::MAX)));
}

#[test]
fn heartbeats_of_both_protocols_go_on_the_connection_to_the_coordinator() {
    for (protocol, api) in [("classic", ApiKey::Heartbeat), ("consumer", ApiKey::ConsumerGroupHeartbeat)] {
        let mut world = World::new(&[("t", 1)]);
        world.add_consumer(&config(PollMode::Continuous, CommitMode::Manual, &[("group.protocol", protocol)]));
        world.wait(7_000);
        let purposes = |of: ApiKey| -> BTreeSet<Purpose> {
            world.sent.iter().filter(|sent| sent.request.api() == of).map(|sent| sent.purpose).collect()
        };
        assert_eq!(purposes(api), BTreeSet::from([Purpose::Coordinator]), "{protocol}");
        assert_eq!(purposes(ApiKey::Fetch), BTreeSet::from([Purpose::Data]), "{protocol}");
    }
}

fn reasons(world: &World) -> Vec<String> {
    let reason = |request: &Request| match request {
        Request::JoinGroup(join) => join.reason.clone(),
        _ => None,
    };
    world.sent.iter().filter(|sent| sent.by == CONSUMER).filter_map(|sent| reason(&sent.request)).collect()
}

#[test]
fn join_group_says_why_in_kafka_s_words() {
    let mut world = World::new(&[("t", 2), ("u", 1)]);
    world.add_consumer(&config(PollMode::Continuous, CommitMode::Manual, &[]));
    world.wait(1_000);
    let member_id = world.consumers[&1].member_id().to_owned();
    assert_eq!(reasons(&world), [String::new(), format!("need to re-join with the given member-id: {member_id}")]);
    let next = |world: &mut World, act: &mut dyn FnMut(&mut World)| {
        world.sent.clear();
        act(world);
        world.wait(4_000);
        let said = reasons(world);
        assert!(!said.is_empty());
        said
    };
    let said = next(&mut world, &mut |world| {
        world
            .with_consumer(1, |consumer, now, fx| consumer.subscribe(&["t".into(), "u".into()], None, now, fx))
            .expect("topics");
    });
    assert_eq!(said, ["subscription has changed"]);
    let said = next(&mut world, &mut |world| {
        world.broker.faults.push_back((ApiKey::Heartbeat, Some(ErrorCode::RebalanceInProgress)));
    });
    assert_eq!(said, ["group is already rebalancing"]);
    let said = next(&mut world, &mut |world| {
        world.broker.faults.push_back((ApiKey::Heartbeat, Some(ErrorCode::RebalanceInProgress)));
        world.broker.faults.push_back((ApiKey::SyncGroup, Some(ErrorCode::RebalanceInProgress)));
    });
    assert_eq!(said, ["group is already rebalancing", "rebalance failed due to RebalanceInProgressException"]);
    let said = next(&mut world, &mut |world| {
        world.broker.faults.push_back((ApiKey::Heartbeat, Some(ErrorCode::UnknownMemberId)));
    });
    assert_eq!(said[0], "encountered UNKNOWN_MEMBER_ID from HEARTBEAT response");
}

#[test]
fn a_produce_that_runs_out_of_time_failed_by_a_timeout_and_one_whose_connection_broke_did_not() {
    for (is_silent, error) in [(true, "REQUEST_TIMED_OUT"), (false, "NETWORK_EXCEPTION")] {
        let mut world = World::new(&[("t", 1)]);
        world.add_producer(&[("linger.ms", "0"), ("request.timeout.ms", "1000")]);
        world.produce(1, None, None, "a");
        world.wait(100);
        world.take_trace();
        if is_silent {
            world.broker.silent.insert(ApiKey::Produce);
        } else {
            world.broker.faults.push_back((ApiKey::Produce, None));
        }
        world.produce(1, None, None, "b");
        world.wait(1_050);
        let trace = world.take_trace();
        let retried = trace.lines().find(|line| line.contains("retried")).unwrap_or_default();
        assert!(retried.contains(error), "{trace}");
        world.broker.silent.clear();
        world.wait(2_000);
        assert_eq!(world.producers[&1].view(0, None).acknowledged, 2);
    }
}

/// A transactional producer of a cluster with transactions of version 2, in a transaction.
fn in_transaction(settings: &[(&str, &str)]) -> World {
    let mut world = World::new(&[("t", 1)]);
    world.broker.transaction_version = 2;
    world.add_producer(&[&[("transactional.id", "x")], settings].concat());
    call(&mut world, TransactionCall::InitTransactions);
    world.wait(1_000);
    call(&mut world, TransactionCall::BeginTransaction);
    world.sent.clear();
    world
}

#[test]
fn a_send_that_fails_spoils_the_transaction() {
    // The topic does not exist; a partition of it does not; the record is too large.
    let sends: [(&str, Option<i32>, usize, ErrorCode); 3] = [
        ("missing", None, 1, ErrorCode::RequestTimedOut),
        ("t", Some(7), 1, ErrorCode::RequestTimedOut),
        ("t", None, 2_000, ErrorCode::MessageTooLarge),
    ];
    for (topic, partition, bytes, error) in sends {
        let mut world = in_transaction(&[("max.block.ms", "5000"), ("max.request.size", "1000")]);
        world.with_producer(1, |producer: &mut Producer, now, fx: &mut Effects| {
            let value = Some("x".repeat(bytes).as_str().into());
            producer.produce(&topic.into(), partition, None, value, Vec::new(), now, fx).expect("send throws later");
        });
        world.wait(6_000);
        assert_eq!(state(&world), TransactionManagerState::AbortableError, "{topic} {partition:?}");
        let failed = world.producers[&1].deliveries().map(|delivery| delivery.stage).collect::<Vec<_>>();
        assert_eq!(failed, [DeliveryStage::Failed { error }]);
        let refused = |world: &mut World, of: TransactionCall| {
            let mut done = Ok(());
            world.with_producer(1, |producer, now, fx| done = producer.call(of, now, fx));
            done.is_err()
        };
        assert!(refused(&mut world, TransactionCall::CommitTransaction));
        assert!(!refused(&mut world, TransactionCall::AbortTransaction));
    }
}

#[test]
fn one_unstable_offset_holds_all_partitions_of_the_request() {
    for protocol in ["classic", "consumer"] {
        let mut world = World::new(&[("t", 2)]);
        append(&mut world, 1, &["a"]);
        world.broker.unstable.insert(TopicPartition::new("t", 0));
        let settings = [("group.protocol", protocol), ("auto.offset.reset", "earliest")];
        world.add_consumer(&config(PollMode::Continuous, CommitMode::Manual, &settings));
        world.wait(2_000);
        assert_eq!(values(&world, 1), [""; 0], "{protocol}");
        let asked: Vec<usize> = world
            .sent
            .iter()
            .filter_map(|sent| match &sent.request {
                Request::OffsetFetch(fetch) => {
                    let topics = fetch.groups.iter().flat_map(|group| group.topics.iter().flatten());
                    Some(topics.map(|topic| topic.partition_indexes.len()).sum())
                }
                _ => None,
            })
            .collect();
        assert!(asked.len() > 2 && asked.iter().all(|partitions| *partitions == 2), "{asked:?}");
        let at = times(&world, CONSUMER, ApiKey::OffsetFetch);
        assert_eq!((at[1] - at[0], at[2] - at[1]), (102, 202), "with a pause that grows");
        world.broker.unstable.clear();
        world.wait(2_000);
        assert_eq!((values(&world, 1), positions(&world, 1)), (vec!["a".to_owned()], vec![(0, -1), (1, -1)]));
    }
}

fn member(settings: &[(&str, &str)]) -> ConsumerConfig {
    config(PollMode::Continuous, CommitMode::Manual, &[&[("group.protocol", "consumer")], settings].concat())
}

#[test]
fn who_may_not_read_a_topic_is_told_and_goes_on_trying() {
    let mut world = World::new(&[("t", 1)]);
    for _ in 0..2 {
        world.broker.faults.push_back((ApiKey::ConsumerGroupHeartbeat, Some(ErrorCode::TopicAuthorizationFailed)));
    }
    world.add_consumer(&member(&[]));
    world.wait(50);
    let thrown = Some((ApiKey::ConsumerGroupHeartbeat, ErrorCode::TopicAuthorizationFailed));
    assert_eq!(world.consumers[&1].thrown(), thrown);
    assert!(!world.consumers[&1].is_fatal());
    // By then it is allowed to, and polls again.
    world.wait(1_000);
    world.poll(1);
    world.wait(1_000);
    assert_eq!(world.consumers[&1].thrown(), None);
    assert!(world.consumers[&1].is_settled());
}

#[test]
fn the_heartbeat_that_leaves_subscribes_to_nothing() {
    let leaving = |world: &World| {
        let of_leaving = |request: &Request| match request {
            Request::ConsumerGroupHeartbeat(heartbeat) if heartbeat.member_epoch == -1 => {
                Some((heartbeat.subscribed_topic_names.clone(), heartbeat.subscribed_topic_regex.clone()))
            }
            _ => None,
        };
        world.sent.iter().find_map(|sent| of_leaving(&sent.request)).expect("it leaves")
    };
    let mut world = World::new(&[("t", 1)]);
    world.add_consumer(&member(&[]));
    world.wait(2_000);
    world.with_consumer(1, |consumer, now, fx| consumer.close(now, fx));
    assert_eq!(leaving(&world), (Some(Vec::new()), None));
    let mut world = World::new(&[("t", 1)]);
    world.add_consumer(&ConsumerConfig { topics: Vec::new(), pattern: Some("t.*".to_owned()), ..member(&[]) });
    world.wait(2_000);
    world.with_consumer(1, |consumer, now, fx| consumer.unsubscribe(now, fx));
    // It named no topics before either.
    assert_eq!(leaving(&world), (None, Some(String::new())));
    // Who is away for too long will be back: it says nothing of that.
    let mut world = World::new(&[("t", 1)]);
    let away = config(PollMode::Manual, CommitMode::Manual, &[("group.protocol", "consumer")]);
    world.add_consumer(&away);
    world.wait(301_000);
    assert_eq!(leaving(&world), (None, None));
}

#[test]
fn a_coordinator_that_is_lost_is_looked_for_at_once() {
    for protocol in ["classic", "consumer"] {
        let mut world = World::new(&[("t", 1)]);
        world.add_consumer(&config(PollMode::Continuous, CommitMode::Manual, &[("group.protocol", protocol)]));
        world.wait(2_000);
        world.sent.clear();
        let now = world.now;
        world.with_consumer(1, |consumer, now, fx| {
            let (port, purpose) = (crate::actor::Listener::Broker, Purpose::Coordinator);
            consumer.handle(crate::effects::Input::Disconnected { node: 1, port, purpose }, now, fx);
        });
        world.wait(10);
        let looked = times(&world, CONSUMER, ApiKey::FindCoordinator);
        assert_eq!(looked.first(), Some(&now), "{protocol}");
        world.wait(7_000);
        assert_eq!(world.consumers[&1].coordinator(), Some(1), "{protocol}");
    }
}

#[test]
fn an_auto_commit_that_failed_for_now_is_followed_by_the_next_after_the_backoff() {
    for protocol in ["classic", "consumer"] {
        let mut world = World::new(&[("t", 1)]);
        append(&mut world, 0, &["a"]);
        let settings = [("group.protocol", protocol), ("auto.offset.reset", "earliest")];
        world.add_consumer(&config(PollMode::Continuous, CommitMode::Auto, &settings));
        world.broker.faults.push_back((ApiKey::OffsetCommit, Some(ErrorCode::CoordinatorLoadInProgress)));
        world.wait(8_000);
        let at = times(&world, CONSUMER, ApiKey::OffsetCommit);
        assert_eq!(at.len(), 2, "{protocol}: {at:?}");
        assert!((100..110).contains(&(at[1] - at[0])), "{protocol}: {at:?}");
        assert_eq!(positions(&world, 1), [(1, 1)]);
    }
}

#[test]
fn what_waited_for_its_coordinator_and_what_is_asked_again_have_the_same_pause_each_time() {
    let mut world = World::new(&[("t", 1)]);
    world.add_producer(&[("transactional.id", "x")]);
    for _ in 0..3 {
        world.broker.faults.push_back((ApiKey::InitProducerId, Some(ErrorCode::ConcurrentTransactions)));
    }
    call(&mut world, TransactionCall::InitTransactions);
    world.wait(2_000);
    let found = times(&world, PRODUCER, ApiKey::FindCoordinator)[0] + 2;
    let asked: Vec<Millis> = times(&world, PRODUCER, ApiKey::InitProducerId).iter().map(|at| at - found).collect();
    assert_eq!(asked, [100, 202, 304, 406]);
    assert_eq!(state(&world), TransactionManagerState::Ready);
    // A coordinator that is another by now is looked for at once; then there is a pause.
    call(&mut world, TransactionCall::BeginTransaction);
    world.produce(1, None, None, "a");
    world.wait(1_000);
    world.sent.clear();
    world.broker.faults.push_back((ApiKey::EndTxn, Some(ErrorCode::NotCoordinator)));
    let now = world.now;
    call(&mut world, TransactionCall::CommitTransaction);
    world.wait(1_000);
    let after: Vec<(Millis, ApiKey)> = sent(&world, PRODUCER).into_iter().map(|(at, api)| (at - now, api)).collect();
    assert_eq!(after, [(0, ApiKey::EndTxn), (2, ApiKey::FindCoordinator), (104, ApiKey::EndTxn)]);
}

#[test]
fn while_something_is_asked_for_the_transaction_no_batch_leaves() {
    let mut world = in_transaction(&[("linger.ms", "0")]);
    // Its partition, and the connection, are known.
    world.produce(1, None, None, "a");
    world.wait(1_000);
    world.sent.clear();
    let now = world.now;
    let offsets = vec![(TopicPartition::new("t", 0), 1, -1)];
    let consumed = ConsumedOffsets {
        group: "g".to_owned(),
        member_id: String::new(),
        generation: -1,
        group_instance_id: None,
        offsets,
    };
    world.with_producer(1, |producer, now, fx| producer.send_offsets(consumed, now, fx).expect("it may"));
    world.produce(1, None, None, "b");
    call(&mut world, TransactionCall::CommitTransaction);
    world.wait(1_000);
    let after: Vec<(Millis, ApiKey)> = sent(&world, PRODUCER).into_iter().map(|(at, api)| (at - now, api)).collect();
    let expected =
        [(0, ApiKey::FindCoordinator), (102, ApiKey::TxnOffsetCommit), (104, ApiKey::Produce), (106, ApiKey::EndTxn)];
    assert_eq!(after, expected);
}

#[test]
fn metadata_of_a_new_topic_is_asked_for_alone_and_at_once() {
    let mut world = World::new(&[("t", 1), ("u", 1)]);
    world.add_producer(&[("linger.ms", "0")]);
    world.produce(1, None, None, "a");
    world.wait(20);
    world.sent.clear();
    let now = world.now;
    world.with_producer(1, |producer, now, fx| {
        producer.produce(&"u".into(), None, None, Some("b".into()), Vec::new(), now, fx).expect("a good record");
    });
    let asked: Vec<(Millis, Vec<String>)> = world
        .sent
        .iter()
        .filter_map(|sent| match &sent.request {
            Request::Metadata(metadata) => {
                let names = metadata.topics.iter().flatten().filter_map(|topic| topic.name.as_ref());
                Some((sent.at, names.map(ToString::to_string).collect()))
            }
            _ => None,
        })
        .collect();
    assert_eq!(asked, [(now, vec!["u".to_owned()])]);
    world.wait(100);
    assert_eq!(world.producers[&1].view(0, None).acknowledged, 2);
}
