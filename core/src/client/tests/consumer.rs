//! What a consumer does, told by its trace.

use expect_test::expect;

use super::World;
use crate::command::CommandError;
use crate::config::{CommitMode, ConsumerConfig, PollMode, ProcessMode};
use crate::wire::records::{Record, RecordBatch};
use crate::wire::{ApiKey, ErrorCode, TopicPartition};

pub fn config(poll: PollMode, commit: CommitMode, settings: &[(&str, &str)]) -> ConsumerConfig {
    let settings = settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let process = ProcessMode::AtOnce;
    ConsumerConfig {
        group: "g".into(),
        topics: vec!["t".into()],
        poll,
        commit,
        process,
        writes: None,
        settings,
        ..ConsumerConfig::default()
    }
}

pub fn append(world: &mut World, partition: i32, values: &[&str]) {
    let records = values.iter().map(|value| Record { value: Some((*value).into()), ..Record::default() });
    world.broker.append(&TopicPartition::new("t", partition), &RecordBatch::of(records));
}

pub fn values(world: &World, number: u32) -> Vec<String> {
    world.consumers[&number].view().read.into_iter().filter_map(|record| record.value).collect()
}

pub fn positions(world: &World, number: u32) -> Vec<(i64, i64)> {
    world.consumers[&number].view().assigned.iter().map(|each| (each.position, each.committed)).collect()
}

#[test]
fn from_the_first_join_to_the_commit() {
    let mut world = World::new(&[("t", 1)]);
    world.add_producer(&[("linger.ms", "0")]);
    world.add_consumer(&config(PollMode::Continuous, CommitMode::AfterPoll, &[]));
    world.wait(100);
    world.produce(1, None, None, "a");
    world.wait(100);
    assert_eq!(values(&world, 1), ["a"]);
    assert_eq!(positions(&world, 1), [(1, 1)]);
    expect![[r#"
        0      consumer-1 -> ApiVersions
        2      consumer-1 -> Metadata
        4      consumer-1: {"change":"metadata-learned","client":{"consumer":1}}
        4      consumer-1 -> FindCoordinator
        6      consumer-1: {"change":"coordinator-found","consumer":1,"group":"g","node":1}
        6      consumer-1 -> ApiVersions
        8      consumer-1 -> JoinGroup new
        10     consumer-1 -> JoinGroup known
        11     1: {"change":"group-state-changed","group":"g","from":"Empty","to":"PreparingRebalance","generation":0}
        11     1: {"change":"group-state-changed","group":"g","from":"PreparingRebalance","to":"CompletingRebalance","generation":1}
        12     consumer-1 -> SyncGroup generation=1 [1]
        13     1: {"change":"group-state-changed","group":"g","from":"CompletingRebalance","to":"Stable","generation":1}
        14     consumer-1: {"change":"assigned","consumer":1,"partitions":[{"topic":"t","partition":0}],"generation":1}
        14     consumer-1 -> OffsetFetch
        16     consumer-1 -> ListOffsets
        18     consumer-1: {"change":"position-moved","consumer":1,"partition":{"topic":"t","partition":0},"from":-1,"to":0}
        18     consumer-1 -> Fetch [0@0]
        100    producer-1 -> ApiVersions
        102    producer-1 -> InitProducerId
        102    producer-1 -> Metadata
        104    producer-1: {"change":"producer-id-assigned","producer":1,"producerId":7,"epoch":0}
        104    producer-1: {"change":"metadata-learned","client":{"producer":1}}
        104    producer-1: {"change":"partitioned","producer":1,"partition":{"topic":"t","partition":0},"key":null,"hash":null,"partitions":1}
        104    producer-1: {"change":"batch-sent","producer":1,"partition":{"topic":"t","partition":0},"records":1,"leader":1}
        104    producer-1 -> Produce acks=-1 [t-0 1]
        106    producer-1: {"change":"acknowledged","producer":1,"partition":{"topic":"t","partition":0},"offset":0,"records":1}
        106    consumer-1: {"change":"records-read","consumer":1,"partition":{"topic":"t","partition":0},"from":0,"to":0}
        106    consumer-1: {"change":"position-moved","consumer":1,"partition":{"topic":"t","partition":0},"from":0,"to":1}
        106    consumer-1 -> Fetch [0@1]
        106    consumer-1 -> OffsetCommit generation=1 [0@1]
        107    1: {"change":"offset-committed","group":"g","partition":{"topic":"t","partition":0},"from":-1,"to":1}
        108    consumer-1: {"change":"commit-acknowledged","consumer":1,"partition":{"topic":"t","partition":0},"offset":1}
    "#]].assert_eq(&world.take_trace());
    // At rest: a delayed fetch every half second and a heartbeat every three.
    world.wait(3_000);
    world.take_trace();
    world.wait(30_000);
    let trace = world.take_trace();
    assert_eq!(trace.lines().count(), trace.matches("Fetch [").count() + trace.matches("Heartbeat").count(), "{trace}");
    assert!((58..=61).contains(&trace.matches("Fetch [").count()));
    assert_eq!(trace.matches("Heartbeat").count(), 10);
}

#[test]
fn manual_polls_fetch_once_and_deliver() {
    let mut world = World::new(&[("t", 2)]);
    world.add_consumer(&config(PollMode::Manual, CommitMode::Manual, &[("auto.offset.reset", "earliest")]));
    world.wait(1_000);
    assert!(!world.take_trace().contains("Fetch ["));
    append(&mut world, 0, &["a", "b"]);
    world.wait(5_000);
    assert_eq!(values(&world, 1), [""; 0]);
    world.poll(1);
    world.wait(5_000);
    assert_eq!(values(&world, 1), ["a", "b"]);
    assert_eq!(positions(&world, 1), [(2, -1), (0, -1)]);
    world.with_consumer(1, |consumer, now, fx| consumer.commit(now, fx).expect("something to commit"));
    world.wait(100);
    assert_eq!(positions(&world, 1), [(2, 2), (0, 0)]);
    // With nothing to read a poll is over when its fetch is.
    world.take_trace();
    world.poll(1);
    world.wait(5_000);
    assert_eq!(world.take_trace().matches("Fetch [").count(), 1);
}

#[test]
fn what_is_processed_manually_is_lost_with_the_process_until_it_is_done() {
    let mut world = World::new(&[("t", 1)]);
    let manual = config(PollMode::Manual, CommitMode::Auto, &[("auto.offset.reset", "earliest")]);
    world.add_consumer(&ConsumerConfig { process: ProcessMode::Manual, ..manual });
    world.wait(1_000);
    append(&mut world, 0, &["a", "b"]);
    world.poll(1);
    world.wait(5_000);
    assert_eq!(world.consumers[&1].in_hand(), 2);
    // The next poll commits what the last one returned, processed or not.
    world.poll(1);
    world.wait(100);
    assert_eq!(positions(&world, 1), [(2, 2)]);
    world.with_consumer(1, |consumer, _, _| consumer.die());
    assert!(!world.consumers[&1].is_running());
    assert_eq!((world.consumers[&1].in_hand(), world.consumers[&1].processed().count()), (0, 0));
    world.with_consumer(1, |consumer, now, fx| consumer.start(now, fx));
    world.with_consumer(1, |consumer, _, fx| {
        assert_eq!(consumer.process(fx), Err(CommandError::NothingToProcess { consumer: 1 }));
    });
}

#[test]
fn what_was_done_stays_done_and_is_counted_again() {
    let mut world = World::new(&[("t", 1)]);
    let manual = config(PollMode::Manual, CommitMode::Manual, &[("auto.offset.reset", "earliest")]);
    world.add_consumer(&ConsumerConfig { process: ProcessMode::Manual, ..manual });
    append(&mut world, 0, &["a"]);
    for _ in 0..2 {
        world.wait(1_000);
        world.poll(1);
        world.wait(1_000);
        world.with_consumer(1, |consumer, _, fx| consumer.process(fx).expect("a record"));
        world.with_consumer(1, |consumer, now, fx| consumer.close(now, fx));
        world.with_consumer(1, |consumer, _, _| consumer.die());
        world.wait(100);
        world.with_consumer(1, |consumer, now, fx| consumer.start(now, fx));
    }
    let processed: Vec<(i64, u32)> = world.consumers[&1].processed().map(|each| (each.offset, each.times)).collect();
    assert_eq!(processed, [(0, 2)]);
}

#[test]
fn a_record_that_cannot_be_read_stops_every_poll() {
    let mut world = World::new(&[("t", 1)]);
    let class = "org.apache.kafka.common.serialization.IntegerDeserializer";
    let settings = [("auto.offset.reset", "earliest"), ("value.deserializer", class)];
    world.add_consumer(&config(PollMode::Manual, CommitMode::Manual, &settings));
    append(&mut world, 0, &["\0\0\0\u{2a}", "text", "no int"]);
    world.wait(1_000);
    // The poll returns what comes before it; four letters are an int as good as any.
    world.poll(1);
    world.wait(1_000);
    assert_eq!(values(&world, 1), ["42", "1952807028"]);
    for _ in 0..2 {
        world.take_trace();
        world.poll(1);
        world.wait(1_000);
        assert!(world.take_trace().contains("deserialization-failed"));
        assert_eq!(positions(&world, 1), [(2, -1)]);
    }
    let string = "org.apache.kafka.common.serialization.StringDeserializer";
    world.with_consumer(1, |consumer, now, fx| {
        consumer.set("value.deserializer", string).expect("a deserializer");
        consumer.poll(now, fx).expect("a subscription");
    });
    world.wait(1_000);
    assert_eq!(positions(&world, 1), [(3, -1)]);
}

#[test]
fn nothing_to_commit_before_there_is_a_position() {
    let mut world = World::new(&[]);
    world.add_consumer(&config(PollMode::Manual, CommitMode::Manual, &[]));
    world.with_consumer(1, |consumer, now, fx| {
        assert_eq!(consumer.commit(now, fx), Err(CommandError::NothingToCommit { consumer: 1 }));
    });
}

#[test]
fn a_poll_returns_at_most_max_poll_records() {
    let mut world = World::new(&[("t", 1)]);
    append(&mut world, 0, &["a", "b", "c", "d", "e"]);
    let settings = [("auto.offset.reset", "earliest"), ("max.poll.records", "2")];
    world.add_consumer(&config(PollMode::Continuous, CommitMode::AfterPoll, &settings));
    world.wait(100);
    assert_eq!(values(&world, 1), ["a", "b", "c", "d", "e"]);
    let trace = world.take_trace();
    let commits: Vec<&str> = trace.lines().filter_map(|line| line.split("generation=1 ").nth(1)).collect();
    assert_eq!(commits, ["[1]", "[0@2]", "[0@4]", "[0@5]"]);
}

#[test]
fn where_to_begin() {
    // Policy, what is committed, and the log's start, against what is read first: as the real consumer did.
    let cases = [
        ("earliest", None, 0, Some("0")),
        ("latest", None, 0, None),
        ("earliest", Some(3), 0, Some("3")),
        ("latest", Some(3), 0, Some("3")),
        ("none", Some(3), 0, Some("3")),
        ("earliest", Some(100), 0, Some("0")),
        ("latest", Some(100), 0, None),
        ("earliest", Some(3), 8, Some("8")),
        ("latest", Some(3), 8, None),
    ];
    for (policy, committed, log_start, first) in cases {
        let mut world = World::new(&[("t", 1)]);
        world.add_consumer(&config(PollMode::Manual, CommitMode::Manual, &[("auto.offset.reset", policy)]));
        let case = format!("{policy} {committed:?} {log_start}");
        for value in 0..10 {
            append(&mut world, 0, &[&value.to_string()]);
        }
        if let Some(offset) = committed {
            super::random::manual_commit(&mut world, offset);
        }
        world.broker.log_start = log_start;
        for _ in 0..2 {
            world.poll(1);
            world.wait(2_000);
        }
        assert_eq!(values(&world, 1).first().map(String::as_str), first, "{case}");
        assert_eq!(positions(&world, 1)[0].0, 10, "{case}");
    }
    // Without a policy the application gets an exception, and no position.
    for committed in [None, Some(100)] {
        let mut world = World::new(&[("t", 1)]);
        world.add_consumer(&config(PollMode::Continuous, CommitMode::AfterPoll, &[("auto.offset.reset", "none")]));
        if let Some(offset) = committed {
            super::random::manual_commit(&mut world, offset);
        }
        world.wait(2_000);
        assert_eq!(world.consumers[&1].view().records_read, 0);
        assert!(!world.take_trace().contains("ListOffsets"));
    }
}

#[test]
fn consumers_share_as_the_real_ones_did() {
    let mut world = World::new(&[("A", 4), ("B", 3)]);
    let settings = [("session.timeout.ms", "6000"), ("heartbeat.interval.ms", "500")];
    let mut config = config(PollMode::Continuous, CommitMode::AfterPoll, &settings);
    config.topics = vec!["A".into(), "B".into()];
    let assigned = |world: &World| -> Vec<String> {
        let text = |number: &u32| {
            let view = world.consumers[number].view();
            let partitions: Vec<String> = view.assigned.iter().map(|each| each.partition.to_string()).collect();
            format!("{}: {}", view.generation, partitions.join(" "))
        };
        world.consumers.keys().map(text).collect()
    };
    world.add_consumer(&config);
    world.wait(1_000);
    assert_eq!(assigned(&world), ["1: A-0 A-1 A-2 A-3 B-0 B-1 B-2"]);
    world.add_consumer(&config);
    world.wait(1_000);
    assert_eq!(assigned(&world), ["2: A-0 A-1 B-0 B-1", "2: A-2 A-3 B-2"]);
    world.add_consumer(&config);
    world.wait(1_000);
    assert_eq!(assigned(&world), ["3: A-0 A-1 B-0", "3: A-2 B-1", "3: A-3 B-2"]);
    // The second dies: its session has to end first.
    world.consumers.remove(&2);
    world.wait(5_000);
    assert_eq!(assigned(&world)[0], "3: A-0 A-1 B-0");
    world.wait(3_000);
    assert_eq!(assigned(&world), ["4: A-0 A-1 B-0 B-1", "4: A-2 A-3 B-2"]);
}

#[test]
fn new_partitions_make_the_leader_ask_for_a_rebalance() {
    let mut world = World::new(&[]);
    world.add_consumer(&config(PollMode::Continuous, CommitMode::AfterPoll, &[("metadata.max.age.ms", "1000")]));
    world.wait(3_000);
    assert_eq!(world.consumers[&1].view().assigned, []);
    world.broker.create_topic("t", 2);
    world.wait(3_000);
    assert_eq!(world.consumers[&1].view().assigned.len(), 2);
    world.broker.create_topic("t", 3);
    world.wait(3_000);
    assert_eq!(world.consumers[&1].view().assigned.len(), 3);
}

#[test]
fn whatever_goes_wrong_once_is_mended() {
    let apis = [
        (ApiKey::Metadata, ErrorCode::LeaderNotAvailable),
        (ApiKey::FindCoordinator, ErrorCode::CoordinatorNotAvailable),
        (ApiKey::JoinGroup, ErrorCode::NotCoordinator),
        (ApiKey::JoinGroup, ErrorCode::CoordinatorLoadInProgress),
        (ApiKey::JoinGroup, ErrorCode::UnknownMemberId),
        (ApiKey::SyncGroup, ErrorCode::RebalanceInProgress),
        (ApiKey::SyncGroup, ErrorCode::UnknownMemberId),
        (ApiKey::OffsetFetch, ErrorCode::CoordinatorLoadInProgress),
        (ApiKey::OffsetFetch, ErrorCode::NotCoordinator),
        (ApiKey::Fetch, ErrorCode::NotLeaderOrFollower),
        (ApiKey::Fetch, ErrorCode::FencedLeaderEpoch),
        (ApiKey::Fetch, ErrorCode::UnknownLeaderEpoch),
        (ApiKey::Fetch, ErrorCode::OffsetOutOfRange),
        (ApiKey::Fetch, ErrorCode::UnknownServerError),
        (ApiKey::Heartbeat, ErrorCode::NotCoordinator),
        (ApiKey::Heartbeat, ErrorCode::IllegalGeneration),
        (ApiKey::Heartbeat, ErrorCode::UnknownMemberId),
        (ApiKey::OffsetCommit, ErrorCode::NotCoordinator),
        (ApiKey::OffsetCommit, ErrorCode::CoordinatorLoadInProgress),
    ];
    for poll in [PollMode::Continuous, PollMode::Manual] {
        for (api, error) in apis {
            for fault in [Some(error), None] {
                let case = format!("{poll:?} {api:?} {fault:?}");
                let mut world = World::new(&[("t", 1)]);
                append(&mut world, 0, &["a"]);
                world.broker.faults.push_back((api, fault));
                let settings = [("auto.offset.reset", "earliest"), ("session.timeout.ms", "6000")];
                world.add_consumer(&config(poll, CommitMode::AfterPoll, &settings));
                world.wait(10_000);
                if poll == PollMode::Manual {
                    world.poll(1);
                    world.wait(10_000);
                }
                assert_eq!(values(&world, 1).last().map(String::as_str), Some("a"), "{case}");
                let view = world.consumers[&1].view();
                assert_eq!(view.assigned.first().map(|each| (each.position, each.committed)), Some((1, 1)), "{case}");
                assert_eq!(world.broker.faults.len(), 0, "{case}");
            }
        }
    }
}

#[test]
fn a_wrong_pair_fails_in_the_poll_of_who_reads() {
    let json = "org.apache.kafka.connect.json.JsonDeserializer";
    let integer = "org.apache.kafka.common.serialization.IntegerDeserializer";
    let cases: [(&str, &str, &[&str]); 4] = [
        ("org.apache.kafka.connect.json.JsonSerializer", json, &[r#"{"id":1}"#, r#"{"id":2}"#]),
        ("org.apache.kafka.connect.json.JsonSerializer", integer, &[]),
        ("org.apache.kafka.common.serialization.StringSerializer", json, &[r#"{"id":1}"#, r#"{"id":2}"#]),
        ("org.apache.kafka.common.serialization.IntegerSerializer", json, &[]),
    ];
    for (serializer, deserializer, read) in cases {
        let case = format!("{serializer} {deserializer}");
        let mut world = World::new(&[("t", 1)]);
        world.add_producer(&[("value.serializer", serializer), ("linger.ms", "0")]);
        let settings = [("auto.offset.reset", "earliest"), ("value.deserializer", deserializer)];
        world.add_consumer(&config(PollMode::Continuous, CommitMode::AfterPoll, &settings));
        world.wait(1_000);
        let sent = if serializer.contains("Integer") { ["1", "2"] } else { [r#"{"id": 1}"#, r#"{"id": 2}"#] };
        for value in sent {
            // A text stays as it is; the other serializers write what they have read.
            let value = if serializer.contains("String") { value.replace(' ', "") } else { value.to_owned() };
            world.produce(1, None, None, &value);
        }
        world.wait(2_000);
        assert_eq!(
            world.producers[&1].view(0, None).acknowledged,
            2,
            "the producer and the broker notice nothing: {case}"
        );
        assert_eq!(values(&world, 1), read, "{case}");
        let is_wrong = read.is_empty();
        assert_eq!(world.take_trace().contains("deserialization-failed"), is_wrong, "{case}");
        let position = if is_wrong { (0, -1) } else { (2, 2) };
        assert_eq!(positions(&world, 1), [position], "it stays where it was: {case}");
    }
}

#[test]
fn an_application_that_does_not_poll_loses_its_place() {
    let mut world = World::new(&[("t", 1)]);
    let settings = [("max.poll.interval.ms", "10000")];
    world.add_consumer(&config(PollMode::Manual, CommitMode::Manual, &settings));
    world.wait(9_000);
    assert_eq!(world.broker.group().members.len(), 1);
    world.wait(5_000);
    assert_eq!(world.broker.group().state, "Empty");
    world.poll(1);
    world.wait(1_000);
    assert_eq!(world.broker.group().state, "Stable");
}

#[test]
fn auto_commit_comes_from_within_a_poll() {
    let mut world = World::new(&[("t", 1)]);
    append(&mut world, 0, &["a"]);
    let settings = [("auto.offset.reset", "earliest")];
    world.add_consumer(&config(PollMode::Continuous, CommitMode::Auto, &settings));
    world.wait(4_000);
    assert_eq!(positions(&world, 1), [(1, -1)]);
    world.wait(2_000);
    assert_eq!(positions(&world, 1), [(1, 1)]);
    // Before it gives its partitions up it commits once more.
    append(&mut world, 0, &["b"]);
    world.wait(600);
    world.take_trace();
    world.add_consumer(&config(PollMode::Continuous, CommitMode::Auto, &settings));
    world.wait(4_000);
    let trace = world.take_trace();
    let commit = trace.find("OffsetCommit generation=1 [0@2]").expect("a commit");
    assert!(commit < trace.find("consumer-1 -> JoinGroup").expect("a join"));
}
