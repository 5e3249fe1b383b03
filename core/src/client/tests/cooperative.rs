//! Groups whose members assign: what a cooperative member keeps and gives up, and when, beside an eager one.

use super::World;
use super::consumer::{append, config, positions, values};
use super::owners::{owners, place, watch};
use crate::config::{CommitMode, ConsumerConfig, PollMode};
use crate::wire::{ApiKey, ErrorCode};

const COOPERATIVE: (&str, &str) =
    ("partition.assignment.strategy", "org.apache.kafka.clients.consumer.CooperativeStickyAssignor");
const EAGER: (&str, &str) = ("partition.assignment.strategy", "org.apache.kafka.clients.consumer.RangeAssignor");

fn member(commit: CommitMode, settings: &[(&str, &str)]) -> ConsumerConfig {
    let settings = [&[("auto.offset.reset", "earliest")], settings].concat();
    config(PollMode::Continuous, commit, &settings)
}

#[test]
fn a_cooperative_member_gives_up_only_what_moves_and_only_after_it_knows() {
    let mut world = World::new(&[("t", 4)]);
    world.add_consumer(&member(CommitMode::Manual, &[COOPERATIVE]));
    watch(&mut world, 5_000);
    assert_eq!(owners(&world), [[0, 1, 2, 3]]);
    world.add_consumer(&member(CommitMode::Manual, &[COOPERATIVE]));
    let trace = watch(&mut world, 15_000);
    let [first, second] = <[Vec<i32>; 2]>::try_from(owners(&world)).expect("two members");
    assert_eq!((first.len(), second.len()), (2, 2));
    let of_first: Vec<&str> = trace.lines().filter(|line| line.contains("consumer-1")).collect();
    // It joins with all that it has, and gives nothing up before the answer of the leader is there.
    let revoked: Vec<&&str> = of_first.iter().filter(|line| line.contains("partitions-revoked")).collect();
    assert_eq!(revoked.len(), 1, "{trace}");
    let moved = second.iter().map(|index| format!(r#"{{"topic":"t","partition":{index}}}"#)).collect::<Vec<_>>();
    assert!(revoked[0].contains(&format!(r#""partitions":[{}]"#, moved.join(","))), "{}", revoked[0]);
    let first_sync = place(&trace, "consumer-1 -> SyncGroup generation=2");
    let given_up = place(&trace, "partitions-revoked");
    let second_sync = place(&trace, "consumer-1 -> SyncGroup generation=3");
    assert!(first_sync < given_up && given_up < second_sync, "{trace}");
    // The other one gets nothing in the generation in which that still belongs to the first.
    let got = |generation: i32| {
        let is_it = |line: &&str| {
            line.contains(r#""assigned","consumer":2"#) && line.contains(&format!(r#""generation":{generation}"#))
        };
        trace.lines().find(is_it).map(|line| line.matches("topic").count())
    };
    assert_eq!((got(2), got(3)), (Some(0), Some(2)), "{trace}");
}

#[test]
fn a_cooperative_member_reads_on_while_the_group_rebalances_and_an_eager_one_does_not() {
    for (strategy, reads_on) in [(COOPERATIVE, true), (EAGER, false)] {
        let mut world = World::new(&[("t", 2)]);
        for _ in 0..2 {
            world.add_consumer(&member(CommitMode::Manual, &[strategy]));
            watch(&mut world, 10_000);
        }
        let own = owners(&world)[0].clone();
        assert_eq!(own.len(), 1);
        // The second dies without a word, so that the rebalance for the third waits for it.
        world.with_consumer(2, |consumer, _, _| consumer.die());
        world.add_consumer(&member(CommitMode::Manual, &[strategy]));
        let mut trace = String::new();
        while !trace.contains("consumer-1 -> JoinGroup") {
            assert!(world.step(world.now + 10_000), "{trace}");
            trace += &world.take_trace();
        }
        append(&mut world, own[0], &["a"]);
        watch(&mut world, 5_000);
        assert_eq!(values(&world, 1) == ["a"], reads_on, "{strategy:?}");
        assert_eq!(owners(&world)[0].len(), usize::from(reads_on), "{strategy:?}");
        assert_eq!(world.broker.group().state, "PreparingRebalance");
    }
}

#[test]
fn an_eager_member_gives_up_all_before_it_joins_again() {
    let mut world = World::new(&[("t", 4)]);
    world.add_consumer(&member(CommitMode::Manual, &[EAGER]));
    watch(&mut world, 5_000);
    world.add_consumer(&member(CommitMode::Manual, &[EAGER]));
    let trace = watch(&mut world, 15_000);
    let revoked = place(&trace, "partitions-revoked");
    assert!(revoked < place(&trace, "consumer-1 -> JoinGroup"), "{trace}");
    assert_eq!(trace[revoked..].lines().next().unwrap_or_default().matches("topic").count(), 4);
    assert_eq!(owners(&world), [[0, 1], [2, 3]]);
}

#[test]
fn what_goes_is_committed_before_it_goes() {
    for strategy in [COOPERATIVE, EAGER] {
        let mut world = World::new(&[("t", 2)]);
        append(&mut world, 0, &["a", "b"]);
        append(&mut world, 1, &["c"]);
        world.add_consumer(&member(CommitMode::Auto, &[strategy]));
        watch(&mut world, 1_000);
        assert_eq!(positions(&world, 1), [(2, -1), (1, -1)]);
        world.add_consumer(&member(CommitMode::Auto, &[strategy]));
        let trace = watch(&mut world, 3_500);
        let committed = place(&trace, "consumer-1 -> OffsetCommit generation=1 [0@2, 1@1]");
        assert!(committed < place(&trace, "consumer-1 -> JoinGroup"), "{trace}");
        assert!(committed < place(&trace, "partitions-revoked"), "{trace}");
        // The next owner goes on where the first was.
        watch(&mut world, 10_000);
        assert_eq!(values(&world, 2), [""; 0], "{strategy:?}");
    }
}

#[test]
fn who_is_no_member_any_more_has_lost_its_partitions_and_commits_nothing() {
    for strategy in [COOPERATIVE, EAGER] {
        for (error, keeps_id) in [(ErrorCode::UnknownMemberId, false), (ErrorCode::IllegalGeneration, true)] {
            let mut world = World::new(&[("t", 2)]);
            append(&mut world, 0, &["a"]);
            let settings = [strategy, ("auto.commit.interval.ms", "60000")];
            world.add_consumer(&member(CommitMode::Auto, &settings));
            watch(&mut world, 1_000);
            let before = world.consumers[&1].member_id().to_owned();
            world.broker.faults.push_back((ApiKey::Heartbeat, Some(error)));
            // The broker does not know it by then, or knows it in another generation: it is to be let in again.
            let trace = watch(&mut world, 60_000);
            let lost = place(&trace, "partitions-lost");
            let joins = if keeps_id { "consumer-1 -> JoinGroup known" } else { "consumer-1 -> JoinGroup new" };
            assert!(lost < place(&trace, joins), "{error:?} {trace}");
            assert!(!trace[..place(&trace, "consumer-1 -> JoinGroup")].contains("OffsetCommit"), "{trace}");
            assert!(!trace.contains("partitions-revoked"), "{trace}");
            assert_eq!(world.consumers[&1].member_id() == before, keeps_id, "{error:?}");
        }
    }
}

#[test]
fn an_error_of_a_generation_that_is_past_costs_nothing() {
    let mut world = World::new(&[("t", 2)]);
    world.add_consumer(&member(CommitMode::Manual, &[COOPERATIVE]));
    watch(&mut world, 1_000);
    // Its heartbeat is under way when the group begins another generation.
    let mut trace = String::new();
    while !trace.contains("consumer-1 -> Heartbeat") {
        assert!(world.step(world.now + 10_000));
        trace += &world.take_trace();
    }
    world.broker.faults.push_back((ApiKey::Heartbeat, Some(ErrorCode::RebalanceInProgress)));
    let trace = watch(&mut world, 10_000);
    assert!(trace.contains("consumer-1 -> JoinGroup known"), "{trace}");
    assert!(!trace.contains("partitions-lost") && !trace.contains("partitions-revoked"), "{trace}");
    assert_eq!(owners(&world), [[0, 1]]);
}

#[test]
fn a_static_member_that_comes_back_finds_its_place_without_a_rebalance() {
    for strategy in [COOPERATIVE, EAGER] {
        let mut world = World::new(&[("t", 4)]);
        for name in ["one", "two"] {
            let settings = [strategy, ("group.instance.id", name), ("session.timeout.ms", "10000")];
            world.add_consumer(&member(CommitMode::Manual, &settings));
        }
        watch(&mut world, 15_000);
        let (before, generation) = (owners(&world), world.broker.group().generation);
        let member_id = world.consumers[&2].member_id().to_owned();
        // It says no goodbye, not even where it is closed.
        world.with_consumer(2, |consumer, now, fx| consumer.close(now, fx));
        world.with_consumer(2, |consumer, _, _| consumer.die());
        let trace = watch(&mut world, 5_000);
        assert!(!trace.contains("LeaveGroup"), "{trace}");
        world.with_consumer(2, |consumer, now, fx| consumer.start(now, fx));
        let trace = watch(&mut world, 15_000);
        assert!(trace.contains("consumer-2 -> JoinGroup new"), "{trace}");
        assert_eq!(owners(&world), before, "{strategy:?}");
        assert_eq!(world.broker.group().generation, generation, "nothing was assigned anew");
        assert_ne!(world.consumers[&2].member_id(), member_id);
        // One that stays away for longer than its session is given up.
        world.with_consumer(2, |consumer, _, _| consumer.die());
        watch(&mut world, 30_000);
        assert_eq!(owners(&world)[0], [0, 1, 2, 3]);
    }
}

#[test]
fn of_two_with_the_same_name_the_first_is_fenced() {
    let mut world = World::new(&[("t", 2)]);
    let settings = [COOPERATIVE, ("group.instance.id", "one")];
    world.add_consumer(&member(CommitMode::Manual, &settings));
    watch(&mut world, 5_000);
    world.add_consumer(&member(CommitMode::Manual, &settings));
    world.wait(15_000);
    assert_eq!(world.consumers[&1].thrown(), Some((ApiKey::Heartbeat, ErrorCode::FencedInstanceId)));
    assert_eq!(world.consumers[&2].thrown(), None);
    assert!(world.take_trace().contains(r#""partitions-lost","consumer":1"#));
    assert_eq!(owners(&world), [vec![], vec![0, 1]]);
}
