//! A consumer asks whoever leads whether what it has read is still there (KIP-320).

use expect_test::expect;

use super::World;
use super::consumer::{append, config, positions, values};
use crate::config::{CommitMode, PollMode};
use crate::wire::{ApiKey, ErrorCode, TopicPartition};

/// A consumer that has read two records of leader epoch 3, and committed them.
fn has_read(settings: &[(&str, &str)]) -> World {
    let mut world = World::new(&[("t", 1)]);
    append(&mut world, 0, &["a", "b"]);
    let earliest = config(PollMode::Continuous, CommitMode::AfterPoll, &[("auto.offset.reset", "earliest")]);
    world.add_consumer(&earliest);
    world.wait(1_000);
    assert_eq!(positions(&world, 1), [(2, 2)]);
    for (name, value) in settings {
        world.with_consumer(1, |consumer, _, _| consumer.set(name, value)).expect("a good setting");
    }
    world.take_trace();
    world
}

/// The partition has a new leader, with this much of the log before and a record of its own. A fetch is told so.
fn elect(world: &mut World, keep: usize) {
    world.broker.leader_epoch = 4;
    let partition = TopicPartition::new("t", 0);
    let log = world.broker.logs.get_mut(&partition).expect("it has a log");
    log.truncate(keep);
}

/// Its process is gone, and its session is over.
fn forget_the_consumer(world: &mut World) {
    world.consumers.clear();
    world.wait(60_000);
}

#[test]
fn who_begins_at_a_committed_offset_asks_before_it_fetches() {
    let mut world = has_read(&[]);
    forget_the_consumer(&mut world);
    world.take_trace();
    world.add_consumer(&config(PollMode::Continuous, CommitMode::AfterPoll, &[]));
    world.wait(100);
    let trace = world.take_trace();
    let requests: Vec<&str> = trace.lines().filter_map(|line| line.split_once("-> ")).map(|(_, what)| what).collect();
    expect![[r#"
        ApiVersions
        Metadata
        FindCoordinator
        ApiVersions
        JoinGroup new
        JoinGroup known
        SyncGroup generation=3 [1]
        OffsetFetch
        OffsetForLeaderEpoch [0 epoch 3 of 3]
        Fetch [0@2]"#]]
    .assert_eq(&requests.join("\n"));
    // Nobody else leads since: it does not ask again.
    world.wait(10_000);
    assert!(!world.take_trace().contains("OffsetForLeaderEpoch"));
}

#[test]
fn a_leader_that_has_everything_lets_it_read_on() {
    let mut world = has_read(&[]);
    elect(&mut world, 2);
    append(&mut world, 0, &["c"]);
    world.wait(2_000);
    assert_eq!(values(&world, 1), ["a", "b", "c"]);
    expect![[r#"
        1024   consumer-1 -> Metadata
        1026   consumer-1: {"change":"metadata-learned","client":{"consumer":1}}
        1026   consumer-1 -> OffsetForLeaderEpoch [0 epoch 3 of 4]
        1028   consumer-1 -> Fetch [0@2]
        1030   consumer-1: {"change":"records-read","consumer":1,"partition":{"topic":"t","partition":0},"from":2,"to":2}
        1030   consumer-1: {"change":"position-moved","consumer":1,"partition":{"topic":"t","partition":0},"from":2,"to":3}
        1030   consumer-1 -> Fetch [0@3]
        1030   consumer-1 -> OffsetCommit generation=1 [0@3]
        1031   1: {"change":"offset-committed","group":"g","partition":{"topic":"t","partition":0},"from":2,"to":3}
        1032   consumer-1: {"change":"commit-acknowledged","consumer":1,"partition":{"topic":"t","partition":0},"offset":3}
        1532   consumer-1 -> Fetch [0@3]
        2034   consumer-1 -> Fetch [0@3]
        2536   consumer-1 -> Fetch [0@3]
    "#]].assert_eq(&world.take_trace());
}

#[test]
fn it_goes_back_to_where_a_new_leader_parted_from_what_it_read() {
    let mut world = has_read(&[]);
    append(&mut world, 0, &["lost", "lost"]);
    world.wait(1_000);
    elect(&mut world, 1);
    append(&mut world, 0, &["c"]);
    world.wait(2_000);
    assert_eq!(values(&world, 1).last().map(String::as_str), Some("c"));
    let trace = world.take_trace();
    assert!(trace.contains(r#""from":4,"to":2}"#), "{trace}");
    assert_eq!(positions(&world, 1), [(3, 3)]);
}

#[test]
fn without_a_policy_a_truncation_is_thrown() {
    let mut world = has_read(&[("auto.offset.reset", "none")]);
    elect(&mut world, 0);
    world.wait(2_000);
    let thrown = world.consumers[&1].thrown();
    assert_eq!(thrown, Some((ApiKey::OffsetForLeaderEpoch, ErrorCode::OffsetOutOfRange)));
}

#[test]
fn where_the_leader_knows_nothing_of_the_epoch_the_policy_decides() {
    let mut world = has_read(&[]);
    elect(&mut world, 0);
    append(&mut world, 0, &["x"]);
    world.wait(2_000);
    let trace = world.take_trace();
    assert!(trace.contains("ListOffsets"), "{trace}");
    assert_eq!(values(&world, 1), ["a", "b", "x"]);
}

#[test]
fn a_committed_epoch_that_is_newer_than_the_metadata_waits_for_newer_metadata() {
    let mut world = has_read(&[]);
    elect(&mut world, 2);
    append(&mut world, 0, &["c"]);
    world.wait(2_000);
    forget_the_consumer(&mut world);
    // Who is asked now has not heard of the election.
    world.broker.leader_epoch = 3;
    world.take_trace();
    world.add_consumer(&config(PollMode::Continuous, CommitMode::AfterPoll, &[]));
    world.wait(1_000);
    let trace = world.take_trace();
    assert!(trace.contains("OffsetFetch") && !trace.contains("Fetch ["), "{trace}");
    assert!(trace.matches("Metadata").count() > 2 && !trace.contains("OffsetForLeaderEpoch"), "{trace}");
    world.broker.leader_epoch = 4;
    world.wait(2_000);
    let trace = world.take_trace();
    assert!(trace.contains("OffsetForLeaderEpoch [0 epoch 4 of 4]") && trace.contains("Fetch [0@3]"), "{trace}");
}

#[test]
fn an_error_is_asked_about_again_and_nothing_is_fetched_meanwhile() {
    let mut world = has_read(&[]);
    elect(&mut world, 2);
    for _ in 0..3 {
        world.broker.faults.push_back((ApiKey::OffsetForLeaderEpoch, None));
    }
    world.wait(600);
    let trace = world.take_trace();
    assert!(trace.matches("OffsetForLeaderEpoch").count() >= 2, "{trace}");
    let after = trace.split_once("OffsetForLeaderEpoch").map(|(_, after)| after).unwrap_or_default();
    let answered = after.rsplit_once("OffsetForLeaderEpoch").map(|(between, _)| between).unwrap_or_default();
    assert!(!answered.contains("Fetch ["), "{trace}");
    append(&mut world, 0, &["c"]);
    world.wait(5_000);
    assert_eq!(values(&world, 1), ["a", "b", "c"]);
}
