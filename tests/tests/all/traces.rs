//! Scripted runs with the whole of what happened printed: every milestone with its time and actor.

use std::fmt::Write;

use expect_test::{Expect, expect};
use kafkascope_core::command::Command;
use kafkascope_core::history::History;
use kafkascope_core::presets::first_minute;
use kafkascope_core::step::{Size, Step};
use kafkascope_core::wire::Topic;
use kafkascope_core::wire::records::Bytes;

/// The first minute's cluster, with everything that happens to it written down.
struct Run {
    history: History,
    told: String,
}

impl Run {
    fn new() -> Self {
        Self { history: History::new(first_minute()).expect("the preset can be played"), told: String::new() }
    }

    fn act(&mut self, command: Command) -> &mut Self {
        let step = self.history.act(command).expect("the command is possible");
        self.print(&step);
        self
    }

    /// Lets virtual time pass, in milliseconds.
    fn wait(&mut self, ms: u64) -> &mut Self {
        let until = self.history.cluster().now() + ms;
        while self.history.cluster().next_at().is_some_and(|at| at <= until) {
            let Some(step) = self.history.step() else { break };
            self.print(&step);
        }
        self
    }

    fn print(&mut self, step: &Step) {
        if step.command.is_none() && step.size != Size::Milestone {
            return;
        }
        let told: Vec<String> = step
            .changes
            .iter()
            .filter(|change| change.is_milestone() || step.command.is_some())
            .map(|change| serde_json::to_string(change).expect("a change is plain data"))
            .collect();
        let actor = step.actor.map(|actor| actor.to_string()).unwrap_or_default();
        let line = format!("{:<6} {actor:<11} {}", step.at_ms, told.join(" "));
        writeln!(self.told, "{}", line.trim_end()).expect("a string takes all");
    }

    fn check(&self, expected: &Expect) {
        expected.assert_eq(&self.told);
    }
}

fn produce(value: &str) -> Command {
    Command::Produce {
        producer: 1,
        topic: Topic::from("orders"),
        partition: None,
        key: Some(Bytes::from("k")),
        value: Some(Bytes::from(value)),
        headers: Vec::new(),
    }
}

#[test]
fn a_slow_disk_of_a_follower_holds_up_the_high_watermark() {
    let mut run = Run::new();
    run.act(Command::SlowDisk { node: 2, by_ms: 400 }).act(produce("v1")).act(produce("v2")).wait(1_500);
    run.act(Command::SlowDisk { node: 2, by_ms: 0 }).act(produce("v3")).wait(400);
    run.check(&expect![[r#"
        199                {"change":"disk-slowed","node":2,"byMs":400}
        199    producer-1
        199    producer-1
        1015   3           {"change":"high-watermark-moved","node":3,"partition":{"topic":"orders","partition":0},"from":0,"to":2,"asLeader":true}
        1016   producer-1  {"change":"acknowledged","producer":1,"partition":{"topic":"orders","partition":0},"offset":0,"records":2}
        1016   consumer-1  {"change":"records-read","consumer":1,"partition":{"topic":"orders","partition":0},"from":0,"to":1}
        1422   1           {"change":"offset-committed","group":"billing","partition":{"topic":"orders","partition":0},"from":-1,"to":2}
        1423   consumer-1  {"change":"commit-acknowledged","consumer":1,"partition":{"topic":"orders","partition":0},"offset":2}
        1623               {"change":"disk-slowed","node":2,"byMs":0}
        1623   producer-1  {"change":"partitioned","producer":1,"partition":{"topic":"orders","partition":0},"key":"k","hash":-1567496736,"partitions":1}
        1635   3           {"change":"high-watermark-moved","node":3,"partition":{"topic":"orders","partition":0},"from":2,"to":3,"asLeader":true}
        1636   consumer-1  {"change":"records-read","consumer":1,"partition":{"topic":"orders","partition":0},"from":2,"to":2}
        1638   producer-1  {"change":"acknowledged","producer":1,"partition":{"topic":"orders","partition":0},"offset":2,"records":1}
        1645   1           {"change":"offset-committed","group":"billing","partition":{"topic":"orders","partition":0},"from":2,"to":3}
        1646   consumer-1  {"change":"commit-acknowledged","consumer":1,"partition":{"topic":"orders","partition":0},"offset":3}
    "#]]);
}

#[test]
fn a_crash_of_every_machine_takes_what_was_not_flushed() {
    let mut run = Run::new();
    run.act(produce("v1")).wait(1_000);
    for node in 1..=3 {
        run.act(Command::Crash { node, machine: true });
    }
    for node in 1..=3 {
        run.act(Command::Start { node });
    }
    run.wait(20_000);
    run.check(&expect![[r#"
        199    producer-1
        325    3           {"change":"high-watermark-moved","node":3,"partition":{"topic":"orders","partition":0},"from":0,"to":1,"asLeader":true}
        326    producer-1  {"change":"acknowledged","producer":1,"partition":{"topic":"orders","partition":0},"offset":0,"records":1}
        327    consumer-1  {"change":"records-read","consumer":1,"partition":{"topic":"orders","partition":0},"from":0,"to":0}
        337    1           {"change":"offset-committed","group":"billing","partition":{"topic":"orders","partition":0},"from":-1,"to":1}
        338    consumer-1  {"change":"commit-acknowledged","consumer":1,"partition":{"topic":"orders","partition":0},"offset":1}
        840                {"change":"crashed","node":1,"machine":true} {"change":"unflushed-lost","node":1,"partition":{"topic":"__consumer_offsets","partition":0},"from":3,"to":0} {"change":"unflushed-lost","node":1,"partition":{"topic":"orders","partition":0},"from":1,"to":0}
        840                {"change":"crashed","node":2,"machine":true} {"change":"unflushed-lost","node":2,"partition":{"topic":"__consumer_offsets","partition":0},"from":3,"to":0} {"change":"unflushed-lost","node":2,"partition":{"topic":"orders","partition":0},"from":1,"to":0}
        840                {"change":"crashed","node":3,"machine":true} {"change":"unflushed-lost","node":3,"partition":{"topic":"__consumer_offsets","partition":0},"from":3,"to":0} {"change":"unflushed-lost","node":3,"partition":{"topic":"orders","partition":0},"from":1,"to":0}
        840    1           {"change":"started","node":1}
        840    2           {"change":"started","node":2}
        840    3           {"change":"started","node":3}
        9020   9000        {"change":"isr-changed","partition":{"topic":"__consumer_offsets","partition":0},"from":[1,2,3],"to":[1,3],"partitionEpoch":1} {"change":"isr-changed","partition":{"topic":"orders","partition":0},"from":[3,1,2],"to":[3,1],"partitionEpoch":1} {"change":"broker-fenced","broker":2}
        9030   9000        {"change":"isr-changed","partition":{"topic":"__consumer_offsets","partition":0},"from":[1,3],"to":[1],"partitionEpoch":2} {"change":"leader-changed","partition":{"topic":"orders","partition":0},"from":3,"to":1,"leaderEpoch":1} {"change":"isr-changed","partition":{"topic":"orders","partition":0},"from":[3,1],"to":[1],"partitionEpoch":2} {"change":"broker-fenced","broker":3}
        9040   9000        {"change":"leader-changed","partition":{"topic":"__consumer_offsets","partition":0},"from":1,"to":-1,"leaderEpoch":1} {"change":"isr-changed","partition":{"topic":"__consumer_offsets","partition":0},"from":[1],"to":[],"partitionEpoch":3} {"change":"elr-changed","partition":{"topic":"__consumer_offsets","partition":0},"from":[],"to":[1]} {"change":"leader-changed","partition":{"topic":"orders","partition":0},"from":1,"to":-1,"leaderEpoch":2} {"change":"isr-changed","partition":{"topic":"orders","partition":0},"from":[1],"to":[],"partitionEpoch":3} {"change":"elr-changed","partition":{"topic":"orders","partition":0},"from":[],"to":[1]} {"change":"broker-fenced","broker":1}
        10872  9000        {"change":"broker-unfenced","broker":2}
        10881  9000        {"change":"elr-changed","partition":{"topic":"__consumer_offsets","partition":0},"from":[1],"to":[]} {"change":"elr-changed","partition":{"topic":"orders","partition":0},"from":[1],"to":[]}
        10886  9000        {"change":"broker-unfenced","broker":3}
        10891  9000        {"change":"broker-unfenced","broker":1} {"change":"leader-changed","partition":{"topic":"__consumer_offsets","partition":0},"from":-1,"to":1,"leaderEpoch":2} {"change":"isr-changed","partition":{"topic":"__consumer_offsets","partition":0},"from":[],"to":[1],"partitionEpoch":5} {"change":"leader-changed","partition":{"topic":"orders","partition":0},"from":-1,"to":1,"leaderEpoch":3} {"change":"isr-changed","partition":{"topic":"orders","partition":0},"from":[],"to":[1],"partitionEpoch":5}
        10904  9000        {"change":"isr-changed","partition":{"topic":"__consumer_offsets","partition":0},"from":[1],"to":[1,2],"partitionEpoch":6}
        10909  9000        {"change":"isr-changed","partition":{"topic":"orders","partition":0},"from":[1],"to":[1,2],"partitionEpoch":6}
        11403  9000        {"change":"isr-changed","partition":{"topic":"__consumer_offsets","partition":0},"from":[1,2],"to":[1,2,3],"partitionEpoch":7}
        11408  9000        {"change":"isr-changed","partition":{"topic":"orders","partition":0},"from":[1,2],"to":[1,2,3],"partitionEpoch":7}
        12213  consumer-1  {"change":"assigned","consumer":1,"partitions":[{"topic":"orders","partition":0}],"generation":1}
    "#]]);
}
