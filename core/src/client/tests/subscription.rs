//! What an application tells its consumer beside polls and commits: where to read on, what to leave out, what to read at all.

use super::World;
use super::consumer::{append, config, positions, values};
use crate::client::consumer::Subscription;
use crate::command::CommandError;
use crate::config::{CommitMode, ConsumerConfig, PollMode};
use crate::settings::OffsetReset;
use crate::wire::{ApiKey, ErrorCode, Topic, TopicPartition};

fn tp(partition: i32) -> TopicPartition {
    TopicPartition::new("t", partition)
}

fn manual(settings: &[(&str, &str)]) -> ConsumerConfig {
    config(PollMode::Manual, CommitMode::Manual, settings)
}

fn seek(world: &mut World, partition: i32, offset: i64) -> Result<(), CommandError> {
    world.with_consumer(1, |consumer, now, fx| consumer.seek(&tp(partition), offset, now, fx))
}

fn seek_to(world: &mut World, partitions: &[i32], reset: OffsetReset) -> Result<(), CommandError> {
    let partitions: Vec<TopicPartition> = partitions.iter().copied().map(tp).collect();
    world.with_consumer(1, |consumer, now, fx| consumer.seek_to(&partitions, reset, now, fx))
}

fn pause(world: &mut World, partition: i32, pauses: bool) -> Result<(), CommandError> {
    world.with_consumer(1, |consumer, now, fx| consumer.pause_partitions(&[tp(partition)], pauses, now, fx))
}

fn subscribe(world: &mut World, number: u32, topics: &[&str]) -> Result<(), CommandError> {
    let topics: Vec<Topic> = topics.iter().map(|topic| Topic::from(*topic)).collect();
    world.with_consumer(number, |consumer, now, fx| consumer.subscribe(&topics, None, now, fx))
}

fn subscribe_to_pattern(world: &mut World, number: u32, pattern: &str) -> Result<(), CommandError> {
    world.with_consumer(number, |consumer, now, fx| consumer.subscribe(&[], Some(pattern), now, fx))
}

fn assign(world: &mut World, number: u32, partitions: &[TopicPartition]) -> Result<(), CommandError> {
    world.with_consumer(number, |consumer, now, fx| consumer.assign(partitions, now, fx))
}

fn owned(world: &World, number: u32) -> Vec<String> {
    world.consumers[&number].view().assigned.iter().map(|each| each.partition.to_string()).collect()
}

const PROTOCOLS: [&[(&str, &str)]; 2] = [&[], &[("group.protocol", "consumer")]];

#[test]
fn a_seek_is_only_a_number_until_the_next_fetch() {
    for protocol in PROTOCOLS {
        let mut world = World::new(&[("t", 1)]);
        append(&mut world, 0, &["a", "b", "c"]);
        world.add_consumer(&manual(&[protocol, &[("auto.offset.reset", "latest")]].concat()));
        world.wait(2_000);
        assert_eq!(positions(&world, 1), [(3, -1)]);
        world.take_trace();
        assert_eq!(seek(&mut world, 0, 1), Ok(()));
        assert!(!world.take_trace().contains("->"), "nothing is asked of anybody");
        assert_eq!(positions(&world, 1), [(1, -1)]);
        world.poll(1);
        world.wait(1_000);
        assert!(world.take_trace().contains("Fetch [0@1]"));
        assert_eq!(values(&world, 1), ["b", "c"]);
        // Beyond the end `auto.offset.reset` decides.
        assert_eq!(seek(&mut world, 0, 99), Ok(()));
        assert_eq!(positions(&world, 1), [(99, -1)]);
        world.poll(1);
        world.wait(1_000);
        assert_eq!(positions(&world, 1), [(3, -1)]);
    }
}

#[test]
fn what_was_fetched_for_another_position_is_thrown_away() {
    let mut world = World::new(&[("t", 1)]);
    append(&mut world, 0, &["a", "b", "c", "d"]);
    world.add_consumer(&manual(&[("auto.offset.reset", "earliest"), ("max.poll.records", "1")]));
    world.wait(1_000);
    world.poll(1);
    world.wait(1_000);
    assert_eq!(values(&world, 1), ["a"]);
    // Of a batch that is in hand.
    seek(&mut world, 0, 2).expect("its own partition");
    world.take_trace();
    world.poll(1);
    world.wait(1_000);
    assert_eq!(values(&world, 1), ["a", "c"]);
    assert!(world.take_trace().contains("Fetch [0@2]"), "what was in hand began at another offset");
    // Of a fetch that is under way: its answer comes and is not read.
    seek(&mut world, 0, 0).expect("its own partition");
    world.poll(1);
    seek(&mut world, 0, 3).expect("its own partition");
    world.wait(1_000);
    assert_eq!(values(&world, 1), ["a", "c", "d"]);
    assert_eq!(positions(&world, 1), [(4, -1)]);
}

#[test]
fn the_ends_are_asked_for_at_the_next_poll_whatever_the_policy_says() {
    for protocol in PROTOCOLS {
        let mut world = World::new(&[("t", 2)]);
        append(&mut world, 0, &["a", "b"]);
        append(&mut world, 1, &["c"]);
        world.add_consumer(&manual(&[protocol, &[("auto.offset.reset", "none")]].concat()));
        world.wait(2_000);
        assert_eq!(seek_to(&mut world, &[], OffsetReset::Earliest), Ok(()));
        assert_eq!(seek_to(&mut world, &[1], OffsetReset::Latest), Ok(()));
        assert_eq!(positions(&world, 1), [(-1, -1), (-1, -1)]);
        world.poll(1);
        world.wait(1_000);
        assert_eq!(values(&world, 1), ["a", "b"]);
        assert_eq!(positions(&world, 1), [(2, -1), (1, -1)]);
    }
}

#[test]
fn the_answer_about_one_end_says_nothing_once_the_other_is_wanted() {
    let mut world = World::new(&[("t", 1)]);
    append(&mut world, 0, &["a", "b"]);
    world.add_consumer(&config(PollMode::Continuous, CommitMode::Manual, &[]));
    world.wait(2_000);
    seek_to(&mut world, &[], OffsetReset::Earliest).expect("its own partition");
    seek_to(&mut world, &[], OffsetReset::Latest).expect("its own partition");
    world.wait(1_000);
    assert_eq!(values(&world, 1), [""; 0]);
    // Nor does it say anything once an offset is.
    seek_to(&mut world, &[], OffsetReset::Latest).expect("its own partition");
    seek(&mut world, 0, 1).expect("its own partition");
    world.wait(1_000);
    assert_eq!(values(&world, 1), ["b"]);
}

#[test]
fn who_has_not_a_partition_can_do_nothing_with_it() {
    let mut world = World::new(&[("t", 1)]);
    world.add_consumer(&manual(&[]));
    world.wait(1_000);
    let missing = Err(CommandError::NotAssigned { consumer: 1, partition: "t-7".to_owned() });
    assert_eq!(seek(&mut world, 7, 0), missing);
    assert_eq!(seek_to(&mut world, &[0, 7], OffsetReset::Latest), missing);
    assert_eq!(pause(&mut world, 7, true), missing);
    assert_eq!(seek(&mut world, 0, -1), Err(CommandError::NegativeOffset { offset: -1 }));
    assert_eq!(positions(&world, 1), [(0, -1)], "the one that it has is as it was");
}

#[test]
fn what_is_paused_stays_in_hand_and_is_not_fetched() {
    for protocol in PROTOCOLS {
        let mut world = World::new(&[("t", 2)]);
        append(&mut world, 0, &["a", "b"]);
        append(&mut world, 1, &["x"]);
        let settings = [("auto.offset.reset", "earliest"), ("max.poll.records", "1")];
        world.add_consumer(&manual(&[protocol, &settings].concat()));
        world.wait(2_000);
        world.poll(1);
        world.wait(1_000);
        assert_eq!(values(&world, 1), ["a"]);
        pause(&mut world, 0, true).expect("its own partition");
        world.take_trace();
        world.poll(1);
        world.wait(1_000);
        assert_eq!(values(&world, 1), ["a", "x"]);
        world.poll(1);
        world.wait(1_000);
        assert!(!world.take_trace().contains("0@"), "nobody fetches what is paused");
        // All is paused: a poll has nothing to wait for.
        pause(&mut world, 1, true).expect("its own partition");
        world.poll(1);
        world.wait(1_000);
        assert!(!world.take_trace().contains("Fetch"));
        pause(&mut world, 0, false).expect("its own partition");
        assert_eq!(values(&world, 1), ["a", "x"], "the poll was over");
        world.poll(1);
        assert_eq!(values(&world, 1), ["a", "x", "b"], "it was in hand all the time");
        // One of which nothing is in hand is not asked for either, while the other is.
        world.take_trace();
        append(&mut world, 0, &["c"]);
        append(&mut world, 1, &["y"]);
        world.poll(1);
        world.wait(1_000);
        let trace = world.take_trace();
        assert!(trace.contains("Fetch [0@2]") && !trace.contains("1@"), "{trace}");
        assert_eq!(values(&world, 1), ["a", "x", "b", "c"]);
    }
}

#[test]
fn a_pause_ends_with_the_assignment() {
    let mut world = World::new(&[("t", 1)]);
    world.add_consumer(&config(PollMode::Continuous, CommitMode::Manual, &[]));
    world.wait(1_000);
    pause(&mut world, 0, true).expect("its own partition");
    assert!(world.consumers[&1].view().assigned[0].is_paused);
    // Another member makes the eager group assign anew; this one gets the same partition.
    world.add_consumer(&config(PollMode::Continuous, CommitMode::Manual, &[]));
    world.wait(10_000);
    let still = [1, 2].into_iter().find(|number| !owned(&world, *number).is_empty()).expect("one has it");
    assert!(!world.consumers[&still].view().assigned[0].is_paused);
}

#[test]
fn partitions_assigned_manually_make_nobody_a_member() {
    for protocol in PROTOCOLS {
        let mut world = World::new(&[("t", 2)]);
        append(&mut world, 0, &["a"]);
        append(&mut world, 1, &["x", "y"]);
        let mut nothing = config(
            PollMode::Continuous,
            CommitMode::Auto,
            &[protocol, &[("auto.offset.reset", "earliest"), ("auto.commit.interval.ms", "1000")]].concat(),
        );
        nothing.topics.clear();
        world.add_consumer(&nothing);
        world.wait(1_000);
        world.take_trace();
        assert_eq!(assign(&mut world, 1, &[tp(1)]), Ok(()));
        world.wait(3_000);
        let trace = world.take_trace();
        assert!(!trace.contains("JoinGroup") && !trace.contains("Heartbeat"), "{trace}");
        assert!(trace.contains("OffsetCommit generation=-1 [1@2]"), "{trace}");
        assert_eq!(values(&world, 1), ["x", "y"]);
        assert_eq!(positions(&world, 1), [(2, 2)]);
        // Another set: what stays is where it was.
        assert_eq!(assign(&mut world, 1, &[tp(0), tp(1)]), Ok(()));
        assert_eq!(positions(&world, 1), [(-1, -1), (2, 2)]);
        world.wait(3_000);
        assert_eq!(values(&world, 1), ["x", "y", "a"]);
        // The next that assigns itself the same goes on where the group has committed.
        world.with_consumer(1, |consumer, now, fx| consumer.close(now, fx));
        world.with_consumer(1, |consumer, _, _| consumer.die());
        world.wait(100);
        world.add_consumer(&nothing);
        assign(&mut world, 2, &[tp(0), tp(1)]).expect("nothing else was wanted");
        world.wait(1_000);
        assert_eq!(positions(&world, 2), [(1, 1), (2, 2)]);
    }
}

#[test]
fn who_is_no_member_must_not_commit_where_there_are_members_and_reads_on() {
    let mut world = World::new(&[("t", 2)]);
    world.add_consumer(&config(PollMode::Continuous, CommitMode::Manual, &[]));
    world.wait(1_000);
    let mut nothing = manual(&[("auto.offset.reset", "earliest")]);
    nothing.topics.clear();
    world.add_consumer(&nothing);
    assign(&mut world, 2, &[tp(0)]).expect("nothing else was wanted");
    append(&mut world, 0, &["a"]);
    world.poll(2);
    world.wait(1_000);
    assert_eq!(values(&world, 2), ["a"]);
    world.with_consumer(2, |consumer, now, fx| consumer.commit(now, fx).expect("a position"));
    world.wait(1_000);
    assert_eq!(positions(&world, 2), [(1, -1)], "refused, and the partition is still its own");
    append(&mut world, 0, &["b"]);
    world.poll(2);
    world.wait(1_000);
    assert_eq!(values(&world, 2), ["a", "b"]);
}

#[test]
fn ways_to_subscribe_exclude_each_other_until_unsubscribe() {
    for protocol in PROTOCOLS {
        let mut world = World::new(&[("t", 1), ("u", 1)]);
        world.add_consumer(&manual(protocol));
        world.wait(2_000);
        let excluded = Err(CommandError::MutuallyExclusiveSubscription { consumer: 1 });
        assert_eq!(assign(&mut world, 1, &[tp(0)]), excluded);
        assert_eq!(subscribe_to_pattern(&mut world, 1, "t.*"), excluded);
        assert_eq!(owned(&world, 1), ["t-0"]);
        let empty = Err(CommandError::EmptySubscription { consumer: 1 });
        assert_eq!(subscribe(&mut world, 1, &["t", " "]), empty);
        assert_eq!(subscribe_to_pattern(&mut world, 1, ""), empty);
        assert_eq!(assign(&mut world, 1, &[TopicPartition::new("", 0)]), empty);
        assert_eq!(subscribe(&mut world, 1, &[]), Ok(()));
        assert_eq!(owned(&world, 1), [""; 0]);
        let poll = world.with_consumer(1, |consumer, now, fx| consumer.poll(now, fx));
        assert_eq!(poll, Err(CommandError::NotSubscribed { consumer: 1 }));
        assert_eq!(assign(&mut world, 1, &[tp(0)]), Ok(()));
        assert_eq!(subscribe(&mut world, 1, &["t"]), excluded);
        assert_eq!(assign(&mut world, 1, &[]), Ok(()));
        assert_eq!(subscribe_to_pattern(&mut world, 1, "t"), Ok(()));
        assert_eq!(subscribe(&mut world, 1, &["t"]), excluded);
    }
}

#[test]
fn unsubscribing_gives_all_up_and_leaves_the_group() {
    for (protocol, leaves) in PROTOCOLS.into_iter().zip(["LeaveGroup of 1", "ConsumerGroupHeartbeat epoch=-1"]) {
        let mut world = World::new(&[("t", 1)]);
        world.add_consumer(&config(PollMode::Continuous, CommitMode::Manual, protocol));
        world.wait(2_000);
        world.take_trace();
        subscribe(&mut world, 1, &[]).expect("a group to leave");
        let trace = world.take_trace();
        let revoked = trace.find("partitions-revoked").expect("it gives up what it has");
        assert!(revoked < trace.find(leaves).expect("it leaves"), "{trace}");
        world.wait(2_000);
        assert_eq!(world.broker.group().state, "Empty");
        assert!(!world.take_trace().contains("Fetch"));
        // And comes again.
        subscribe(&mut world, 1, &["t"]).expect("nothing else was wanted");
        world.wait(10_000);
        assert_eq!(world.broker.group().state, "Stable");
        assert_eq!(owned(&world, 1), ["t-0"]);
    }
}

#[test]
fn who_leaves_in_the_middle_of_a_join_stays_away() {
    let mut world = World::new(&[("t", 1)]);
    world.add_consumer(&config(PollMode::Continuous, CommitMode::Manual, &[]));
    // The group has begun its generation, and the answer is under way.
    while !world.take_trace().contains("CompletingRebalance") {
        assert!(world.step(1_000));
    }
    subscribe(&mut world, 1, &[]).expect("it wants nothing");
    world.wait(5_000);
    assert_eq!(world.consumers[&1].view().generation, -1);
    assert!(!world.take_trace().contains("SyncGroup"));
}

#[test]
fn another_subscription_is_said_at_the_next_join() {
    let all = "org.apache.kafka.clients.consumer.CooperativeStickyAssignor";
    let cases: [(&[(&str, &str)], bool); 3] =
        [(&[], true), (&[("partition.assignment.strategy", all)], false), (&[("group.protocol", "consumer")], false)];
    for (protocol, is_eager) in cases {
        let mut world = World::new(&[("t", 1), ("u", 1), ("v", 1)]);
        let mut both = config(PollMode::Continuous, CommitMode::Manual, protocol);
        both.topics.push("u".into());
        world.add_consumer(&both);
        world.wait(10_000);
        assert_eq!(owned(&world, 1), ["t-0", "u-0"]);
        world.take_trace();
        subscribe(&mut world, 1, &["u", "v"]).expect("topics again");
        world.wait(20_000);
        assert_eq!(owned(&world, 1), ["u-0", "v-0"], "{protocol:?}");
        let trace = world.take_trace();
        let revoked: Vec<&str> = trace.lines().filter(|line| line.contains("partitions-revoked")).collect();
        assert_eq!(revoked.len(), 1, "{trace}");
        assert_eq!(revoked[0].contains("\"u\""), is_eager, "what it still wants a cooperative member keeps: {trace}");
    }
}

#[test]
fn an_assignment_for_what_is_wanted_no_more_is_not_taken() {
    let mut world = World::new(&[("t", 1), ("u", 1)]);
    world.add_consumer(&config(PollMode::Continuous, CommitMode::Manual, &[]));
    while !world.take_trace().contains("SyncGroup") {
        assert!(world.step(1_000));
    }
    subscribe(&mut world, 1, &["u"]).expect("topics again");
    world.wait(5_000);
    let trace = world.take_trace();
    assert!(!trace.contains(r#""assigned","consumer":1,"partitions":[{"topic":"t""#), "{trace}");
    assert_eq!(owned(&world, 1), ["u-0"]);
}

#[test]
fn a_pattern_follows_the_topics_that_there_are() {
    for protocol in PROTOCOLS {
        let mut world = World::new(&[("orders-eu", 1), ("payments", 1), ("__consumer_offsets", 1)]);
        let mut nothing = config(
            PollMode::Continuous,
            CommitMode::Manual,
            &[protocol, &[("metadata.max.age.ms", "1000"), ("auto.offset.reset", "earliest")]].concat(),
        );
        nothing.topics.clear();
        world.add_consumer(&nothing);
        world.wait(100);
        assert_eq!(subscribe_to_pattern(&mut world, 1, "(orders|__consumer).*"), Ok(()));
        world.wait(20_000);
        let internal = if protocol.is_empty() { None } else { Some("__consumer_offsets-0") };
        let first: Vec<&str> = internal.into_iter().chain(["orders-eu-0"]).collect();
        assert_eq!(owned(&world, 1), first);
        world.broker.create_topic("orders-us", 2);
        world.wait(30_000);
        let more: Vec<&str> = first.iter().copied().chain(["orders-us-0", "orders-us-1"]).collect();
        assert_eq!(owned(&world, 1), more);
        // And then another pattern.
        assert_eq!(subscribe_to_pattern(&mut world, 1, "pay.*"), Ok(()));
        world.wait(30_000);
        assert_eq!(owned(&world, 1), ["payments-0"]);
    }
}

#[test]
fn a_pattern_that_cannot_be_read_is_refused_by_who_reads_it() {
    let mut world = World::new(&[("t", 1)]);
    let mut nothing = manual(&[]);
    nothing.topics.clear();
    world.add_consumer(&nothing);
    world.wait(100);
    let refused = CommandError::BadPattern { pattern: "(t".to_owned(), reason: "missing closing )".to_owned() };
    assert_eq!(subscribe_to_pattern(&mut world, 1, "(t"), Err(refused));
    assert_eq!(*world.consumers[&1].subscription(), Subscription::None);
    // The broker says so of its own.
    let mut nothing = config(PollMode::Continuous, CommitMode::Manual, &[("group.protocol", "consumer")]);
    nothing.topics.clear();
    world.add_consumer(&nothing);
    world.wait(100);
    assert_eq!(subscribe_to_pattern(&mut world, 2, "(t"), Ok(()));
    world.wait(10_000);
    let thrown = world.consumers[&2].thrown();
    assert_eq!(thrown, Some((ApiKey::ConsumerGroupHeartbeat, ErrorCode::InvalidRegularExpression)));
}

#[test]
fn a_new_process_does_what_its_application_was_written_for() {
    let mut world = World::new(&[("t", 1), ("u", 1)]);
    world.add_consumer(&config(PollMode::Continuous, CommitMode::Manual, &[]));
    world.wait(1_000);
    subscribe(&mut world, 1, &["u"]).expect("topics again");
    world.wait(5_000);
    assert_eq!(owned(&world, 1), ["u-0"]);
    world.with_consumer(1, |consumer, now, fx| consumer.close(now, fx));
    world.with_consumer(1, |consumer, _, _| consumer.die());
    world.wait(100);
    world.with_consumer(1, |consumer, now, fx| consumer.start(now, fx));
    world.wait(5_000);
    assert_eq!(owned(&world, 1), ["t-0"]);
}

#[test]
fn a_record_that_cannot_be_read_is_passed_by_a_seek() {
    for poll in [PollMode::Continuous, PollMode::Manual] {
        let mut world = World::new(&[("t", 1)]);
        append(&mut world, 0, &["no int"]);
        append(&mut world, 0, &["four"]);
        let deserializer = "org.apache.kafka.common.serialization.IntegerDeserializer";
        let settings = [("auto.offset.reset", "earliest"), ("value.deserializer", deserializer)];
        world.add_consumer(&config(poll, CommitMode::Manual, &settings));
        world.wait(1_000);
        if poll == PollMode::Manual {
            world.poll(1);
            world.wait(1_000);
        }
        assert_eq!(positions(&world, 1), [(0, -1)]);
        seek(&mut world, 0, 1).expect("its own partition");
        if poll == PollMode::Manual {
            world.poll(1);
        }
        world.wait(1_000);
        assert_eq!(positions(&world, 1), [(2, -1)], "{poll:?}");
    }
}

#[test]
fn an_application_may_begin_with_a_pattern_or_with_partitions() {
    for protocol in PROTOCOLS {
        let mut world = World::new(&[("orders-eu", 1), ("payments", 2)]);
        let plain = config(PollMode::Continuous, CommitMode::Manual, protocol);
        let nothing = ConsumerConfig { topics: Vec::new(), ..plain };
        world.add_consumer(&ConsumerConfig { pattern: Some("orders.*".to_owned()), ..nothing.clone() });
        let assign = vec![TopicPartition::new("payments", 1)];
        world.add_consumer(&ConsumerConfig { assign, group: "h".to_owned(), ..nothing });
        world.wait(20_000);
        for round in 0..2 {
            assert_eq!(owned(&world, 1), ["orders-eu-0"], "{protocol:?} {round}");
            assert_eq!(owned(&world, 2), ["payments-1"], "{protocol:?} {round}");
            assert!(world.consumers[&1].is_settled() && world.consumers[&2].is_settled());
            assert_eq!(world.consumers[&2].generation(), -1, "it is a member of no group");
            // The next process does the same.
            for number in [1, 2] {
                world.with_consumer(number, |consumer, now, fx| consumer.close(now, fx));
                world.with_consumer(number, |consumer, _, _| consumer.die());
            }
            world.wait(100);
            assert_eq!(owned(&world, 2), Vec::<String>::new());
            for number in [1, 2] {
                world.with_consumer(number, |consumer, now, fx| consumer.start(now, fx));
            }
            world.wait(60_000);
        }
    }
}
