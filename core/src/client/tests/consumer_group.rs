//! Groups whose broker assigns (KIP-848): epochs, the way from one assignment to the next, and who is no member any more.

use expect_test::expect;

use super::World;
use super::consumer::{append, config, positions, values};
use super::owners::{owners, place, watch};
use crate::config::{CommitMode, ConsumerConfig, PollMode};
use crate::wire::{ApiKey, ErrorCode};

fn member(poll: PollMode, commit: CommitMode, settings: &[(&str, &str)]) -> ConsumerConfig {
    let own = [("group.protocol", "consumer"), ("auto.offset.reset", "earliest")];
    config(poll, commit, &[&own, settings].concat())
}

fn continuous(settings: &[(&str, &str)]) -> ConsumerConfig {
    member(PollMode::Continuous, CommitMode::Manual, settings)
}

/// The heartbeats of a consumer and what became of its partitions.
fn of_group(trace: &str, consumer: u32) -> String {
    let who = format!("consumer-{consumer}");
    let words = ["ConsumerGroupHeartbeat", "reconciled", "partitions-", "OffsetCommit"];
    let lines = trace.lines().filter(|line| line.contains(&who) && words.iter().any(|word| line.contains(word)));
    lines.map(|line| line.to_owned() + "\n").collect()
}

#[test]
fn from_the_first_heartbeat_to_the_acknowledged_assignment() {
    let mut world = World::new(&[("t", 2)]);
    world.add_consumer(&continuous(&[]));
    let trace = watch(&mut world, 12_000);
    expect![[r#"
        8      consumer-1 -> ConsumerGroupHeartbeat epoch=0 topics=["t"] owned=[]
        10     consumer-1: {"change":"reconciled","consumer":1,"partitions":[{"topic":"t","partition":0},{"topic":"t","partition":1}],"memberEpoch":2}
        10     consumer-1 -> ConsumerGroupHeartbeat epoch=2 owned=[[0, 1]]
        5010   consumer-1 -> ConsumerGroupHeartbeat epoch=2
        10010  consumer-1 -> ConsumerGroupHeartbeat epoch=2
    "#]]
    .assert_eq(&of_group(&trace, 1));
    let group = world.broker.group();
    assert_eq!((group.state.as_str(), group.generation), ("Stable", world.consumers[&1].view().generation));
}

#[test]
fn what_moves_is_committed_then_given_up_then_said_and_only_then_another_s() {
    let mut world = World::new(&[("t", 4)]);
    append(&mut world, 3, &["a", "b"]);
    world.add_consumer(&member(PollMode::Continuous, CommitMode::Auto, &[]));
    watch(&mut world, 2_000);
    assert_eq!(owners(&world), [[0, 1, 2, 3]]);
    let epoch = world.consumers[&1].view().generation;
    world.add_consumer(&continuous(&[]));
    let trace = watch(&mut world, 20_000);
    let [first, second] = <[Vec<i32>; 2]>::try_from(owners(&world)).expect("two members");
    assert_eq!((first.as_slice(), second.as_slice()), ([0, 1].as_slice(), [2, 3].as_slice()));
    let revoked = place(&trace, r#""partitions-revoked","consumer":1"#);
    let committed = place(&trace, &format!("consumer-1 -> OffsetCommit generation={epoch}"));
    let said = place(&trace, &format!("consumer-1 -> ConsumerGroupHeartbeat epoch={epoch} owned=[[0, 1]]"));
    let got = place(&trace, r#""reconciled","consumer":2,"partitions":[{"topic":"t","partition":2}"#);
    assert!(committed < revoked && revoked < said && said < got, "{trace}");
    assert_eq!(trace[revoked..].lines().next().unwrap_or_default().matches("topic").count(), 2, "{trace}");
    // Both are in the epoch of the assignment, and the new owner goes on where the first was.
    assert_eq!(world.consumers[&1].view().generation, world.broker.group().generation);
    assert_eq!(world.consumers[&2].view().generation, world.broker.group().generation);
    assert_eq!(values(&world, 2), [""; 0]);
    assert_eq!(positions(&world, 2), [(0, 0), (2, 2)]);
}

#[test]
fn what_is_about_to_go_is_read_no_further() {
    let mut world = World::new(&[("t", 2)]);
    // It fetches all the time, and is in no hurry to commit again.
    let settings = [("fetch.max.wait.ms", "10"), ("retry.backoff.ms", "1000"), ("auto.commit.interval.ms", "60000")];
    world.add_consumer(&member(PollMode::Continuous, CommitMode::Auto, &settings));
    watch(&mut world, 2_000);
    world.add_consumer(&continuous(&[]));
    // The commit before the revocation gets no answer for a while.
    world.broker.faults.push_back((ApiKey::OffsetCommit, Some(ErrorCode::CoordinatorLoadInProgress)));
    let mut trace = String::new();
    while !trace.contains("consumer-1 -> OffsetCommit") {
        assert!(world.step(world.now + 10_000), "{trace}");
        trace += &world.take_trace();
    }
    assert_eq!(owners(&world)[0], [0, 1], "nothing is given up before its position is safe");
    append(&mut world, 1, &["late"]);
    append(&mut world, 0, &["stays"]);
    watch(&mut world, 500);
    assert_eq!((values(&world, 1), owners(&world)[0].len()), (vec!["stays".to_owned()], 2));
    watch(&mut world, 20_000);
    assert_eq!((values(&world, 1), values(&world, 2)), (vec!["stays".to_owned()], vec!["late".to_owned()]));
}

#[test]
fn a_commit_in_an_epoch_that_is_past_is_sent_again_before_the_partitions_go() {
    let mut world = World::new(&[("t", 2)]);
    append(&mut world, 0, &["a"]);
    append(&mut world, 1, &["b"]);
    world.add_consumer(&member(PollMode::Continuous, CommitMode::Auto, &[]));
    watch(&mut world, 2_000);
    world.broker.faults.push_back((ApiKey::OffsetCommit, Some(ErrorCode::StaleMemberEpoch)));
    world.add_consumer(&continuous(&[]));
    let trace = watch(&mut world, 20_000);
    let revoked = place(&trace, r#""partitions-revoked","consumer":1"#);
    assert_eq!(trace[..revoked].matches("consumer-1 -> OffsetCommit").count(), 2, "{trace}");
    assert!(!trace.contains("partitions-lost"), "{trace}");
    assert_eq!(owners(&world), [[0], [1]]);
    assert_eq!(values(&world, 2), [""; 0]);
}

#[test]
fn who_is_fenced_has_lost_its_partitions_and_joins_with_epoch_0() {
    for error in [ErrorCode::FencedMemberEpoch, ErrorCode::UnknownMemberId] {
        let mut world = World::new(&[("t", 2)]);
        append(&mut world, 0, &["a"]);
        let settings = [("auto.commit.interval.ms", "60000")];
        world.add_consumer(&member(PollMode::Continuous, CommitMode::Auto, &settings));
        watch(&mut world, 2_000);
        let before = world.consumers[&1].member_id().to_owned();
        world.broker.faults.push_back((ApiKey::ConsumerGroupHeartbeat, Some(error)));
        let trace = watch(&mut world, 20_000);
        let lost = place(&trace, r#""partitions-lost","consumer":1"#);
        let joins = place(&trace, r#"ConsumerGroupHeartbeat epoch=0 topics=["t"] owned=[]"#);
        assert!(lost < joins, "{error:?}: {trace}");
        assert!(!trace.contains("partitions-revoked"), "{trace}");
        assert!(!trace[..joins].contains("OffsetCommit"), "others may own it already: {trace}");
        // The id is the process's own, and stays.
        assert_eq!(world.consumers[&1].member_id(), before);
        assert_eq!(owners(&world), [[0, 1]]);
        assert_eq!(values(&world, 1), ["a", "a"], "it reads again what it did not commit");
    }
}

#[test]
fn a_heartbeat_that_got_lost_says_everything_again() {
    let mut world = World::new(&[("t", 2)]);
    world.add_consumer(&continuous(&[]));
    watch(&mut world, 2_000);
    let epoch = world.consumers[&1].view().generation;
    world.broker.faults.push_back((ApiKey::ConsumerGroupHeartbeat, None));
    let trace = watch(&mut world, 10_000);
    let full = format!(r#"ConsumerGroupHeartbeat epoch={epoch} topics=["t"] owned=[[0, 1]]"#);
    assert_eq!(trace.matches(&full).count(), 1, "{trace}");
    assert_eq!(owners(&world), [[0, 1]]);
}

#[test]
fn who_does_not_poll_leaves_and_joins_again_at_the_next_poll() {
    let mut world = World::new(&[("t", 1)]);
    world.add_consumer(&member(PollMode::Manual, CommitMode::Manual, &[("max.poll.interval.ms", "8000")]));
    watch(&mut world, 7_000);
    assert_eq!(owners(&world), [[0]]);
    let trace = watch(&mut world, 20_000);
    let left = place(&trace, "consumer-1 -> ConsumerGroupHeartbeat epoch=-1");
    assert!(trace[left..].matches("Heartbeat").count() == 1, "{trace}");
    assert!(trace.contains(r#""partitions-lost","consumer":1"#) && !trace.contains("partitions-revoked"), "{trace}");
    assert_eq!(owners(&world), [vec![0; 0]]);
    world.poll(1);
    let trace = watch(&mut world, 7_000);
    assert!(trace.contains("ConsumerGroupHeartbeat epoch=0"), "{trace}");
    assert_eq!(owners(&world), [[0]]);
}

#[test]
fn who_closes_gives_up_in_order_and_the_others_need_no_timeout() {
    let mut world = World::new(&[("t", 2)]);
    world.add_consumer(&member(PollMode::Continuous, CommitMode::Auto, &[]));
    world.add_consumer(&continuous(&[]));
    watch(&mut world, 20_000);
    world.with_consumer(1, |consumer, now, fx| consumer.close(now, fx));
    let trace = world.take_trace();
    let committed = place(&trace, "consumer-1 -> OffsetCommit generation=");
    assert!(trace[committed..].lines().next().unwrap_or_default().ends_with("[0@0]"), "{trace}");
    assert!(committed < place(&trace, "consumer-1 -> ConsumerGroupHeartbeat epoch=-1"), "{trace}");
    assert!(trace.contains("partitions-revoked") && !trace.contains("partitions-lost"), "{trace}");
    world.consumers.remove(&1);
    watch(&mut world, 6_000);
    assert_eq!(owners(&world), [[0, 1]]);
}

#[test]
fn a_static_member_keeps_its_place_while_it_is_away() {
    let mut world = World::new(&[("t", 4)]);
    for name in ["one", "two"] {
        world.add_consumer(&continuous(&[("group.instance.id", name)]));
    }
    watch(&mut world, 30_000);
    let (before, epoch) = (owners(&world), world.broker.group().generation);
    assert_eq!((before[0].len(), before[1].len()), (2, 2));
    let member_id = world.consumers[&2].member_id().to_owned();
    world.with_consumer(2, |consumer, now, fx| consumer.close(now, fx));
    world.with_consumer(2, |consumer, _, _| consumer.die());
    let trace = watch(&mut world, 10_000);
    assert!(trace.contains("consumer-2 -> ConsumerGroupHeartbeat epoch=-2"), "{trace}");
    assert_eq!(owners(&world), [before[0].clone(), Vec::new()], "nobody gets what it will come back to");
    world.with_consumer(2, |consumer, now, fx| consumer.start(now, fx));
    let trace = watch(&mut world, 10_000);
    assert!(trace.contains("consumer-2 -> ConsumerGroupHeartbeat epoch=0"), "{trace}");
    assert!(!trace.contains(r#""partitions-revoked","consumer":1"#), "{trace}");
    assert_eq!(owners(&world), before);
    assert_eq!(world.broker.group().generation, epoch, "nothing was assigned anew");
    assert_ne!(world.consumers[&2].member_id(), member_id);
    // One that stays away for longer than its session is given up.
    world.with_consumer(2, |consumer, now, fx| consumer.close(now, fx));
    world.with_consumer(2, |consumer, _, _| consumer.die());
    watch(&mut world, 70_000);
    assert_eq!(owners(&world)[0], [0, 1, 2, 3]);
}

#[test]
fn of_two_with_the_same_name_the_second_is_refused() {
    let mut world = World::new(&[("t", 2)]);
    for _ in 0..2 {
        world.add_consumer(&continuous(&[("group.instance.id", "one")]));
        watch(&mut world, 10_000);
    }
    let refused = Some((ApiKey::ConsumerGroupHeartbeat, ErrorCode::UnreleasedInstanceId));
    assert_eq!((world.consumers[&1].thrown(), world.consumers[&2].thrown()), (None, refused));
    assert_eq!(owners(&world), [vec![0, 1], vec![]]);
}
