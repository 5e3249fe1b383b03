//! What a producer does, told by its trace.

use expect_test::expect;

use super::World;
use crate::actor::{Endpoint, Listener};
use crate::client::Producer;
use crate::client::producer::PartitionedBy;
use crate::client::producer::delivery::DeliveryStage;
use crate::command::CommandError;
use crate::config::ProducerConfig;
use crate::connection;
use crate::effects::{Effects, Input, Outgoing, api_versions_answers};
use crate::sim::Millis;
use crate::sim::random::{Purpose, Random};
use crate::wire::api::LeaderIdAndEpoch;
use crate::wire::metadata::{
    MetadataResponse, MetadataResponseBroker, MetadataResponsePartition, MetadataResponseTopic,
};
use crate::wire::records::CompressionType;
use crate::wire::replication::{PartitionProduceResponse, ProduceResponse, TopicProduceResponse};
use crate::wire::{ApiKey, ErrorCode, Response, Uuid};

#[test]
fn from_the_partitioner_to_the_acknowledgement() {
    let mut world = World::new(&[("t", 3)]);
    world.add_producer(&[]);
    world.produce(1, None, Some("k"), "a");
    world.produce(1, None, Some("k"), "b");
    world.wait(3);
    world.produce(1, Some(0), Some("k"), "c");
    world.wait(100);
    let view = world.producers[&1].view(0, None);
    assert_eq!((view.acknowledged, view.failed, view.acks.as_str()), (3, 0, "all"));
    let last = view.last_partitioning.expect("a partitioning");
    assert_eq!((last.by, last.partition, last.hash), (PartitionedBy::Application, 0, None));
    expect![[r#"
        0      producer-1 -> ApiVersions
        2      producer-1 -> InitProducerId
        2      producer-1 -> Metadata
        4      producer-1: {"change":"producer-id-assigned","producer":1,"producerId":7,"epoch":0}
        4      producer-1: {"change":"metadata-learned","client":{"producer":1}}
        4      producer-1: {"change":"partitioned","producer":1,"partition":{"topic":"t","partition":2},"key":"k","hash":-1567496736,"partitions":3}
        4      producer-1: {"change":"partitioned","producer":1,"partition":{"topic":"t","partition":2},"key":"k","hash":-1567496736,"partitions":3}
        4      producer-1: {"change":"partitioned","producer":1,"partition":{"topic":"t","partition":0},"key":"k","hash":null,"partitions":3}
        9      producer-1: {"change":"batch-sent","producer":1,"partition":{"topic":"t","partition":0},"records":1,"leader":1}
        9      producer-1: {"change":"batch-sent","producer":1,"partition":{"topic":"t","partition":2},"records":2,"leader":1}
        9      producer-1 -> Produce acks=-1 [t-0 1, t-2 2]
        11     producer-1: {"change":"acknowledged","producer":1,"partition":{"topic":"t","partition":0},"offset":0,"records":1}
        11     producer-1: {"change":"acknowledged","producer":1,"partition":{"topic":"t","partition":2},"offset":0,"records":2}
    "#]].assert_eq(&world.take_trace());
}

#[test]
fn what_is_sent_again_keeps_its_place() {
    let mut world = World::new(&[("t", 1)]);
    world.add_producer(&[
        ("linger.ms", "0"),
        ("enable.idempotence", "false"),
        ("max.in.flight.requests.per.connection", "1"),
    ]);
    world.broker.faults.extend([
        (ApiKey::Produce, Some(ErrorCode::NotLeaderOrFollower)),
        (ApiKey::Produce, None),
        (ApiKey::Produce, Some(ErrorCode::MessageTooLarge)),
    ]);
    world.produce(1, None, None, "first");
    world.wait(10);
    world.produce(1, None, None, "second");
    world.wait(1_000);
    expect![[r#"
        0      producer-1 -> ApiVersions
        2      producer-1 -> Metadata
        4      producer-1: {"change":"metadata-learned","client":{"producer":1}}
        4      producer-1: {"change":"partitioned","producer":1,"partition":{"topic":"t","partition":0},"key":null,"hash":null,"partitions":1}
        4      producer-1: {"change":"batch-sent","producer":1,"partition":{"topic":"t","partition":0},"records":1,"leader":1}
        4      producer-1 -> Produce acks=-1 [t-0 1]
        6      producer-1: {"change":"retried","producer":1,"partition":{"topic":"t","partition":0},"error":"NOT_LEADER_OR_FOLLOWER"}
        10     producer-1: {"change":"partitioned","producer":1,"partition":{"topic":"t","partition":0},"key":null,"hash":null,"partitions":1}
        104    producer-1 -> Metadata
        106    producer-1: {"change":"batch-sent","producer":1,"partition":{"topic":"t","partition":0},"records":1,"leader":1}
        106    producer-1 -> Produce acks=-1 [t-0 1]
        108    producer-1: {"change":"retried","producer":1,"partition":{"topic":"t","partition":0},"error":"NETWORK_EXCEPTION"}
        206    producer-1 -> ApiVersions
        208    producer-1 -> Metadata
        308    producer-1: {"change":"batch-sent","producer":1,"partition":{"topic":"t","partition":0},"records":1,"leader":1}
        308    producer-1 -> Produce acks=-1 [t-0 1]
        310    producer-1: {"change":"produce-failed","producer":1,"partition":{"topic":"t","partition":0},"error":"MESSAGE_TOO_LARGE"}
        310    producer-1: {"change":"batch-sent","producer":1,"partition":{"topic":"t","partition":0},"records":1,"leader":1}
        310    producer-1 -> Produce acks=-1 [t-0 1]
        312    producer-1: {"change":"acknowledged","producer":1,"partition":{"topic":"t","partition":0},"offset":0,"records":1}
    "#]].assert_eq(&world.take_trace());
}

#[test]
fn without_acks_sent_is_done() {
    let mut world = World::new(&[("t", 1)]);
    world.add_producer(&[("acks", "0"), ("linger.ms", "0")]);
    world.produce(1, None, None, "a");
    world.wait(100);
    assert_eq!(world.producers[&1].view(0, None).acknowledged, 1);
    assert_eq!(world.producers[&1].view(0, None).in_flight, []);
    assert!(!world.producers[&1].has_open_to(Endpoint::Broker(1)));
}

#[test]
fn without_acks_nothing_is_sent_on_a_connection_that_is_not_known_to_stand() {
    let mut world = World::new(&[("t", 1)]);
    world.add_producer(&[("acks", "0"), ("linger.ms", "0")]);
    world.produce(1, None, None, "a");
    world.wait(100);
    world.take_trace();
    world.with_producer(1, |producer, now, fx| {
        let purpose = connection::Purpose::Data;
        producer.handle(Input::Disconnected { node: 1, port: Listener::Broker, purpose }, now, fx);
    });
    world.produce(1, None, None, "b");
    world.produce(1, None, None, "c");
    world.broker.faults.push_back((ApiKey::ApiVersions, None));
    world.wait(400);
    expect![[r#"
        100    producer-1: {"change":"partitioned","producer":1,"partition":{"topic":"t","partition":0},"key":null,"hash":null,"partitions":1}
        100    producer-1: {"change":"partitioned","producer":1,"partition":{"topic":"t","partition":0},"key":null,"hash":null,"partitions":1}
        150    producer-1 -> ApiVersions
        252    producer-1 -> ApiVersions
        254    producer-1: {"change":"batch-sent","producer":1,"partition":{"topic":"t","partition":0},"records":2,"leader":1}
        254    producer-1: {"change":"acknowledged","producer":1,"partition":{"topic":"t","partition":0},"offset":-1,"records":2}
        254    producer-1 -> Metadata
        254    producer-1 -> Produce acks=0 [t-0 2]
    "#]].assert_eq(&world.take_trace());
}

#[test]
fn a_partition_that_never_appears_fails_after_a_minute() {
    let mut world = World::new(&[("t", 4)]);
    world.add_producer(&[]);
    world.produce(1, Some(4), None, "a");
    world.wait(59_000);
    assert_eq!(world.producers[&1].view(0, None).failed, 0);
    world.wait(2_000);
    assert_eq!(world.producers[&1].view(0, None).failed, 1);
    let asked = world.take_trace().matches("Metadata\n").count();
    assert!((55..75).contains(&asked), "asked for metadata {asked} times");
}

#[test]
fn records_without_a_key_stick_to_a_partition_by_bytes() {
    let mut world = World::new(&[("t", 4)]);
    world.add_producer(&[("linger.ms", "300"), ("batch.size", "500")]);
    for _ in 0..40 {
        world.produce(1, None, None, &"x".repeat(100));
    }
    world.wait(1_000);
    let partitions: Vec<String> = world
        .take_trace()
        .lines()
        .filter(|line| line.contains("partitioned"))
        .map(|line| line.split("\"partition\":").last().unwrap_or_default().to_owned())
        .collect();
    let runs = partitions.chunk_by(|a, b| a == b).count();
    assert_eq!(partitions.len(), 40);
    assert!((4..=12).contains(&runs), "{runs} runs");
}

#[test]
fn round_robin_deals_records_out_and_looks_at_no_key() {
    let mut world = World::new(&[("t", 3)]);
    let class = "org.apache.kafka.clients.producer.RoundRobinPartitioner";
    world.add_producer(&[("partitioner.class", class), ("linger.ms", "0")]);
    let mut chosen = Vec::new();
    for _ in 0..4 {
        world.produce(1, None, Some("k"), "v");
        world.wait(100);
        chosen.push(world.producers[&1].last_partitioning().map(|how| (how.partition, how.hash)));
    }
    // In the order of the producer's metadata.
    assert_eq!(chosen, [1, 0, 2, 1].map(|partition| Some((partition, None))));
}

#[test]
fn a_full_batch_does_not_linger() {
    let mut world = World::new(&[("t", 1)]);
    world.add_producer(&[("linger.ms", "10000"), ("batch.size", "200")]);
    world.wait(5);
    world.produce(1, None, None, &"x".repeat(100));
    world.wait(5);
    assert_eq!(world.producers[&1].view(0, None).accumulated.len(), 1);
    world.produce(1, None, None, &"x".repeat(100));
    world.wait(5);
    assert_eq!(world.producers[&1].view(0, None).acknowledged, 1);
    assert_eq!(world.producers[&1].view(0, None).accumulated[0].1, 1);
}

#[test]
fn a_batch_that_nobody_takes_is_given_up() {
    let mut world = World::new(&[("t", 1)]);
    world.add_producer(&[("delivery.timeout.ms", "3000"), ("request.timeout.ms", "1000")]);
    world.broker.faults.extend(std::iter::repeat_n((ApiKey::Produce, Some(ErrorCode::NotEnoughReplicas)), 100));
    world.produce(1, None, None, "a");
    world.wait(4_000);
    let view = world.producers[&1].view(0, None);
    assert_eq!((view.acknowledged, view.failed), (0, 1));
    assert!(world.take_trace().contains(
        r#""produce-failed","producer":1,"partition":{"topic":"t","partition":0},"error":"REQUEST_TIMED_OUT""#
    ));
}

#[test]
fn settings_that_contradict_idempotence() {
    let new = |settings: &[(&str, &str)]| {
        let settings = settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Producer::new(1, &ProducerConfig { settings }, vec![1], Random::for_purpose(1, Purpose::Actor(1)))
    };
    assert!(new(&[("acks", "1")]).is_ok());
    let refusal = |settings: &[(&str, &str)]| match new(settings).expect_err("a conflict").remove(0) {
        CommandError::InvalidConfig { message } => message,
        other => other.to_string(),
    };
    let asked_for = refusal(&[("acks", "1"), ("enable.idempotence", "true"), ("retries", "0")]);
    assert_eq!(asked_for, "Must set retries to non-zero when using the idempotent producer.");
    let by_default = refusal(&[("max.in.flight.requests.per.connection", "6")]);
    assert!(by_default.ends_with("must be set to at most 5. Current value is 6."), "{by_default}");
    assert!(refusal(&[("delivery.timeout.ms", "1000")]).starts_with("delivery.timeout.ms should be"));
    assert_eq!(
        new(&[("request.timeout.ms", "300000")]).expect("it waits longer").settings().delivery_timeout_ms,
        300_005
    );
    let mut producer = new(&[]).expect("a producer");
    producer.set("acks", "1").expect("idempotence goes");
    assert!(matches!(producer.set("enable.idempotence", "true"), Err(CommandError::InvalidConfig { .. })));
    assert!(matches!(producer.set("nonsense", "1"), Err(CommandError::NoSuchSetting { .. })));
}

/// A producer without a broker: what it sends is answered by hand.
fn sent(fx: &Effects) -> Vec<(i32, i32, ApiKey)> {
    let one = |outgoing: &Outgoing| match outgoing {
        Outgoing::Request { to, header, request, .. } => Some((to.listener()?.0, header.correlation_id, request.api())),
        Outgoing::Response { .. } | Outgoing::NoResponse { .. } | Outgoing::Disconnect { .. } => None,
    };
    fx.sends.iter().filter_map(one).collect()
}

/// Brokers say which versions they speak: what has waited for the connections leaves.
fn open_connections(producer: &mut Producer, now: Millis, fx: &mut Effects) {
    for opens in api_versions_answers(fx) {
        producer.handle(opens, now, fx);
    }
}

#[test]
fn an_error_that_names_the_new_leader_is_acted_on_at_once() {
    let random = Random::for_purpose(1, Purpose::Actor(1));
    let settings = [("linger.ms", "0"), ("enable.idempotence", "false")];
    let config = ProducerConfig { settings: settings.map(|(name, value)| (name.to_owned(), value.to_owned())).into() };
    let mut producer = Producer::new(1, &config, vec![1, 2], random).expect("a producer");
    let mut fx = Effects::default();
    let value = Some("v".into());
    producer.produce(&"t".into(), None, None, value, Vec::new(), 0, &mut fx).expect("a good record");
    open_connections(&mut producer, 2, &mut fx);
    let (from, correlation_id, _) = sent(&fx)[0];
    let partition = MetadataResponsePartition { leader_id: 1, leader_epoch: 4, ..Default::default() };
    let topic = MetadataResponseTopic {
        name: Some("t".into()),
        topic_id: Uuid(9),
        partitions: vec![partition],
        ..Default::default()
    };
    let brokers = [1, 2].map(|node_id| MetadataResponseBroker { node_id, ..Default::default() });
    let metadata = MetadataResponse { brokers: brokers.into(), topics: vec![topic], ..Default::default() };
    let mut fx = Effects::default();
    let answer = Input::Answer { from, correlation_id, response: Box::new(Response::Metadata(metadata)) };
    producer.handle(answer, 5, &mut fx);
    open_connections(&mut producer, 6, &mut fx);
    let (to, correlation_id, api) = sent(&fx)[0];
    assert_eq!((to, api), (1, ApiKey::Produce));
    let result = PartitionProduceResponse {
        error_code: ErrorCode::NotLeaderOrFollower,
        current_leader: LeaderIdAndEpoch { leader_id: 2, leader_epoch: 5 },
        ..Default::default()
    };
    let topic = TopicProduceResponse { topic_id: Uuid(9), partition_responses: vec![result], ..Default::default() };
    let response = Response::Produce(ProduceResponse { responses: vec![topic], ..Default::default() });
    let mut fx = Effects::default();
    producer.handle(Input::Answer { from: 1, correlation_id, response: Box::new(response) }, 10, &mut fx);
    open_connections(&mut producer, 12, &mut fx);
    assert_eq!((sent(&fx)[0].0, sent(&fx)[0].2), (2, ApiKey::Produce));
}

/// The batches of a partition's log: sequence number and how many records.
fn stored(world: &World) -> Vec<(i32, usize)> {
    let log = world.broker.logs.get(&crate::wire::TopicPartition::new("t", 0)).into_iter().flatten();
    log.map(|batch| (batch.base_sequence, batch.records.len())).collect()
}

#[test]
fn a_batch_that_is_too_large_is_sent_again_in_parts() {
    for (idempotence, sequences) in [("true", [0, 2, 4, 5]), ("false", [-1, -1, -1, -1])] {
        let mut world = World::new(&[("t", 1)]);
        world.broker.max_message_bytes = 400;
        world.add_producer(&[("batch.size", "1000"), ("linger.ms", "20"), ("enable.idempotence", idempotence)]);
        for number in 0..5 {
            world.produce(1, None, None, &format!("{number}").repeat(100));
        }
        world.wait(20);
        // The application that made the batches this large makes smaller ones from now on.
        world.with_producer(1, |producer, _, _| producer.set("batch.size", "300").expect("a size"));
        world.produce(1, None, None, "next");
        world.wait(200);
        let records: Vec<String> = world.broker.logs[&crate::wire::TopicPartition::new("t", 0)]
            .iter()
            .flat_map(|batch| batch.records.iter().filter_map(|record| Some(record.value.as_ref()?.to_string())))
            .map(|value| value[..1].to_owned())
            .collect();
        assert_eq!(records, ["0", "1", "2", "3", "4", "n"], "in their order");
        let expected: Vec<(i32, usize)> = sequences.into_iter().zip([2, 2, 1, 1]).collect();
        assert_eq!(stored(&world), expected);
        let view = world.producers[&1].view(0, None);
        assert_eq!((view.acknowledged, view.failed), (6, 0));
        let trace = world.take_trace();
        assert_eq!(trace.matches(r#""batch-split","producer":1"#).count(), 1, "{trace}");
        assert!(trace.contains(r#""records":5,"parts":3"#), "{trace}");
    }
}

#[test]
fn a_part_that_is_still_too_large_is_halved_until_it_is_taken() {
    let mut world = World::new(&[("t", 1)]);
    world.broker.max_message_bytes = 400;
    world.add_producer(&[("batch.size", "16384"), ("linger.ms", "0")]);
    for number in 0..9 {
        world.produce(1, None, None, &format!("{number}").repeat(100));
    }
    world.wait(100);
    let view = world.producers[&1].view(0, None);
    assert_eq!((view.acknowledged, view.failed), (9, 0));
    let trace = world.take_trace();
    let splits: Vec<&str> = trace.lines().filter(|line| line.contains("batch-split")).collect();
    // The whole becomes one part of at most batch.size, that one two, and so on.
    assert!(
        splits[0].contains(r#""records":9,"parts":1"#) && splits[1].contains(r#""records":9,"parts":3"#),
        "{trace}"
    );
    assert!(splits.len() < 10, "{trace}");
    let log = &world.broker.logs[&crate::wire::TopicPartition::new("t", 0)];
    let values =
        log.iter().flat_map(|batch| &batch.records).filter_map(|record| Some(record.value.as_ref()?.to_string()));
    let order: String = values.map(|value| value[..1].to_owned()).collect();
    assert_eq!(order, "012345678");
    // A record alone that is too large is refused for good.
    world.produce(1, None, None, &"x".repeat(500));
    world.wait(100);
    assert!(world.take_trace().contains(r#""error":"MESSAGE_TOO_LARGE""#));
}

/// How far the records of a producer are, in the order in which they were sent.
fn stages(world: &World) -> Vec<DeliveryStage> {
    world.producers[&1].deliveries().map(|delivery| delivery.stage).collect()
}

#[test]
fn without_memory_send_blocks_for_max_block_ms_and_then_fails() {
    let mut world = World::new(&[("t", 4)]);
    let memory = [("batch.size", "1000"), ("buffer.memory", "2500"), ("linger.ms", "5000"), ("max.block.ms", "500")];
    world.add_producer(&[&memory[..], &[("retry.backoff.ms", "900")]].concat());
    // What fits into a batch that is there needs no memory.
    for partition in [0, 1, 0] {
        world.produce(1, Some(partition), None, "a");
        world.wait(10);
    }
    let (accumulated, blocked) = (DeliveryStage::Accumulated, DeliveryStage::AwaitsMemory);
    assert_eq!(stages(&world), [accumulated; 3]);
    assert_eq!(world.producers[&1].available_memory(), 500, "batches take whole pieces, however little is in them");
    world.take_trace();
    // Where somebody waits for memory nothing lingers.
    world.broker.faults.push_back((ApiKey::Produce, Some(ErrorCode::NotEnoughReplicas)));
    world.produce(1, Some(2), None, "b");
    assert!(world.take_trace().contains("Produce acks=-1 [t-0 2, t-1 1]"));
    world.wait(100);
    assert_eq!(stages(&world), [accumulated, accumulated, accumulated, blocked]);
    world.produce(1, Some(3), None, "c");
    world.wait(390);
    assert_eq!(stages(&world)[3..], [blocked, blocked]);
    world.wait(20);
    let failed = DeliveryStage::Failed { error: ErrorCode::RequestTimedOut };
    assert_eq!(stages(&world)[3..], [failed, blocked]);
    world.wait(100);
    assert_eq!(stages(&world)[3..], [failed, failed]);
    assert_eq!(world.producers[&1].view(0, None).failed, 2);
    world.wait(1_000);
    assert!(matches!(stages(&world)[0], DeliveryStage::Acknowledged { .. }), "{:?}", stages(&world));
}

#[test]
fn memory_comes_back_when_a_batch_is_done() {
    let mut world = World::new(&[("t", 4)]);
    world.add_producer(&[("batch.size", "1000"), ("buffer.memory", "2500"), ("linger.ms", "5000")]);
    for partition in [0, 1, 2, 3] {
        world.produce(1, Some(partition), None, "a");
    }
    world.wait(4);
    assert_eq!(stages(&world).iter().filter(|stage| **stage == DeliveryStage::AwaitsMemory).count(), 2);
    world.wait(2);
    assert_eq!(stages(&world)[2..], [DeliveryStage::Accumulated; 2]);
    world.wait(6_000);
    assert!(stages(&world).iter().all(|stage| matches!(stage, DeliveryStage::Acknowledged { .. })));
    assert_eq!(world.producers[&1].available_memory(), 2_500);
    // A record that is larger than `batch.size` takes what it needs; one that all of it could not hold is refused at once.
    world.produce(1, Some(0), None, &"x".repeat(1_500));
    assert!((2_500 - 1_500 - 100..2_500 - 1_500).contains(&world.producers[&1].available_memory()));
    world.with_producer(1, |producer, now, fx| {
        let value = Some("x".repeat(2_500).as_str().into());
        let refused = producer.produce(&"t".into(), None, None, value, Vec::new(), now, fx);
        let reason = refused.map_err(|error| error.to_string()).expect_err("it is too large");
        assert!(reason.contains("but there is a hard limit of 2500 on memory allocations."), "{reason}");
    });
}

#[test]
fn who_waits_for_memory_keeps_the_partition_that_it_was_dealt() {
    let mut world = World::new(&[("t", 3)]);
    let class = "org.apache.kafka.clients.producer.RoundRobinPartitioner";
    world.add_producer(&[("partitioner.class", class), ("batch.size", "1000"), ("buffer.memory", "1000")]);
    for value in ["a", "b", "c"] {
        world.produce(1, None, None, value);
    }
    world.wait(500);
    let partitions: Vec<i32> = world.producers[&1].deliveries().map(|delivery| delivery.partition).collect();
    assert_eq!(partitions, [1, 0, 2]);
}

fn close(world: &mut World, timeout_ms: Option<u64>) -> Result<(), CommandError> {
    let mut done = Ok(());
    world.with_producer(1, |producer, now, fx| done = producer.close(timeout_ms, now, fx));
    done
}

#[test]
fn a_closed_producer_sends_what_it_has_and_takes_no_more() {
    let mut world = World::new(&[("t", 2)]);
    world.add_producer(&[("linger.ms", "60000")]);
    world.produce(1, Some(0), None, "a");
    world.wait(100);
    world.produce(1, Some(1), None, "b");
    assert!(!world.take_trace().contains("-> Produce "));
    assert_eq!(close(&mut world, None), Ok(()));
    assert!(world.take_trace().contains("Produce acks=-1 [t-0 1, t-1 1]"), "nothing lingers");
    assert!(!world.producers[&1].is_closed());
    assert_eq!(close(&mut world, None), Err(CommandError::ProducerClosing { producer: 1 }));
    world.with_producer(1, |producer, now, fx| {
        let refused = producer.produce(&"t".into(), None, None, Some("c".into()), Vec::new(), now, fx);
        assert_eq!(refused, Err(CommandError::ProducerClosing { producer: 1 }));
    });
    world.wait(10);
    assert!(world.producers[&1].is_closed());
    let view = world.producers[&1].view(0, None);
    assert_eq!((view.acknowledged, view.failed), (2, 0));
    assert_eq!(world.take_trace().matches("producer-closed").count(), 1);
}

#[test]
fn what_is_not_done_when_the_time_of_a_close_is_over_has_failed() {
    for (timeout_ms, waits) in [(0, false), (300, true)] {
        let mut world = World::new(&[("t", 1)]);
        world.add_producer(&[("retry.backoff.ms", "1000"), ("linger.ms", "0")]);
        world.broker.faults.push_back((ApiKey::Produce, Some(ErrorCode::NotEnoughReplicas)));
        world.produce(1, None, None, "a");
        world.wait(10);
        world.produce(1, None, None, "b");
        assert_eq!(close(&mut world, Some(timeout_ms)), Ok(()));
        assert_eq!(world.producers[&1].is_closed(), !waits);
        world.wait(299);
        assert_eq!(world.producers[&1].is_closed(), !waits);
        world.wait(1);
        assert!(world.producers[&1].is_closed());
        assert_eq!(stages(&world), [DeliveryStage::Abandoned; 2]);
        assert!(world.take_trace().contains(r#""records-abandoned","producer":1"#));
    }
    // One that has nothing to do is closed at once.
    let mut world = World::new(&[("t", 1)]);
    world.add_producer(&[]);
    assert_eq!(close(&mut world, None), Ok(()));
    assert!(world.producers[&1].is_closed());
}

/// The batches of the log: how each is compressed, how many records it has and how many bytes.
fn sizes(world: &World) -> Vec<(CompressionType, usize, u32)> {
    let log = &world.broker.logs[&crate::wire::TopicPartition::new("t", 0)];
    log.iter().map(|batch| (batch.compression, batch.records.len(), batch.size_bytes())).collect()
}

#[test]
fn batches_grow_as_they_are_known_to_be_compressed_and_are_split_where_that_was_wrong() {
    let mut world = World::new(&[("t", 1)]);
    world.broker.max_message_bytes = 1_000;
    let compressed = [("compression.type", "lz4"), ("simulated.compressed.percent", "20")];
    world.add_producer(&[&compressed[..], &[("batch.size", "1000"), ("linger.ms", "20")]].concat());
    let produce = |world: &mut World| {
        for number in 0..200 {
            world.produce(1, None, None, &format!("{}", number % 10).repeat(90));
        }
        world.wait(200);
    };
    produce(&mut world);
    let first = sizes(&world);
    // 61 bytes of header, and 99 of each record, which are taken for five hundredths more.
    assert_eq!(first[0], (CompressionType::Lz4, 9, 61 + (9 * 99u32).div_ceil(5)));
    produce(&mut world);
    produce(&mut world);
    let grown = sizes(&world);
    let largest = grown.iter().map(|(_, records, _)| *records).max();
    assert!(largest >= Some(11), "five thousandths less are expected after each batch: {grown:?}");
    assert!(grown.iter().all(|(_, _, bytes)| *bytes < 300), "{grown:?}");
    assert_eq!(world.take_trace().matches("batch-split").count(), 0);
    // What comes now can hardly be compressed.
    world.with_producer(1, |producer, _, _| producer.set("simulated.compressed.percent", "100").expect("a share"));
    let before = grown.len();
    produce(&mut world);
    let trace = world.take_trace();
    assert!(trace.contains("batch-split"), "{trace}");
    let after = sizes(&world).split_off(before);
    assert_eq!(after.iter().map(|(_, records, _)| records).sum::<usize>(), 200, "nothing is lost");
    assert!(after.iter().all(|(_, _, bytes)| *bytes <= 1_000), "{after:?}");
}

#[test]
fn before_2_4_records_without_a_key_went_from_partition_to_partition() {
    let default_partitioner = ("partitioner.class", "org.apache.kafka.clients.producer.internals.DefaultPartitioner");
    let chosen = |key: Option<&str>, ignores_keys: &str| {
        let mut world = World::new(&[("t", 3)]);
        world.add_producer(&[default_partitioner, ("partitioner.ignore.keys", ignores_keys), ("linger.ms", "0")]);
        let mut chosen = Vec::new();
        for _ in 0..6 {
            world.produce(1, None, key, "a");
            world.wait(50);
            let last = world.producers[&1].view(0, None).last_partitioning.expect("a partitioning");
            chosen.push((last.by, last.partition));
        }
        chosen
    };
    let keyless = chosen(None, "false");
    assert!(keyless.iter().all(|(by, _)| *by == PartitionedBy::DefaultPartitioner), "{keyless:?}");
    assert_eq!(keyless[..3], keyless[3..], "round and round");
    let mut of_a_round: Vec<i32> = keyless[..3].iter().map(|(_, partition)| *partition).collect();
    of_a_round.sort_unstable();
    assert_eq!(of_a_round, [0, 1, 2]);
    // As today, and whatever `partitioner.ignore.keys` says: that is for the built-in partitioner.
    assert_eq!(chosen(Some("k"), "true"), [(PartitionedBy::Key, 2); 6]);
}
