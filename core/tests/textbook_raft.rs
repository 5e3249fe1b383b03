//! Whole clusters whose metadata quorum is one of Raft's paper (`raft` = `textbook`).

use kafkascope_core::actor::{Actor, Endpoint, Listener};
use kafkascope_core::change::Change;
use kafkascope_core::cluster::{Cluster, ConfigError};
use kafkascope_core::command::Command;
use kafkascope_core::config::ClusterConfig;
use kafkascope_core::invariant::InvariantChecker;
use kafkascope_core::step::{ExecutedEvent, Step};
use kafkascope_core::wire::ApiKey;
use serde_json::{Value, json};

/// A cluster, and what must hold after each of its steps.
struct Lab {
    cluster: Cluster,
    checker: InvariantChecker,
}

impl Lab {
    fn new(nodes: Value, raft: &str, seed: u64) -> Self {
        let config = json!({"nodes": nodes, "settings": {"raft": raft, "offsets.topic.num.partitions": "1"}});
        let config: ClusterConfig = serde_json::from_value(config).expect("a cluster");
        let cluster = Cluster::new(&config, seed).expect("it can be built");
        Self { cluster, checker: InvariantChecker::default() }
    }

    fn step(&mut self) -> Step {
        let step = self.cluster.step().expect("something is pending");
        assert_eq!(self.checker.check(&self.cluster, &step), [], "at {} ms", step.at_ms);
        step
    }

    /// Runs until something holds; gives how long that took, in milliseconds.
    fn until(&mut self, within_ms: u64, holds: impl Fn(&Cluster) -> bool) -> u64 {
        let begun_at = self.cluster.now();
        while !holds(&self.cluster) {
            assert!(self.cluster.now() <= begun_at + within_ms, "it does not hold within {within_ms} ms");
            self.step();
        }
        self.cluster.now() - begun_at
    }

    fn run(&mut self, ms: u64) {
        let until = self.cluster.now() + ms;
        while self.cluster.next_at().is_some_and(|at| at <= until) {
            self.step();
        }
    }

    fn apply(&mut self, command: &Command) {
        let step = self.cluster.apply(command).expect("it can be carried out");
        assert_eq!(self.checker.check(&self.cluster, &step), []);
    }

    fn create(&mut self, topic: &str) {
        self.apply(&Command::CreateTopic {
            topic: topic.into(),
            partitions: 1,
            replication_factor: 1,
            assignment: Vec::new(),
            configs: Vec::new(),
        });
        self.until(5_000, |cluster| brokers_know(cluster, topic));
    }

    fn active(&self) -> i32 {
        self.cluster.active_controller().expect("one is active")
    }
}

/// Whether every broker that runs has applied the record of a topic.
fn brokers_know(cluster: &Cluster, topic: &str) -> bool {
    let image = cluster.image().filter(|image| image.topic_ids.contains_key(topic));
    let end =
        cluster.active_controller().and_then(|id| cluster.node(id)).map(|node| node.disk.controller.log.end_offset());
    let mut brokers = cluster.nodes().filter_map(|node| node.broker.as_ref());
    image.is_some() && brokers.all(|broker| Some(broker.metadata_offset) >= end)
}

fn dedicated() -> Value {
    json!([
        {"id": 1, "roles": "broker"},
        {"id": 101, "roles": "controller"}, {"id": 102, "roles": "controller"}, {"id": 103, "roles": "controller"},
    ])
}

fn combined() -> Value {
    json!([{"id": 1, "roles": "broker,controller"}, {"id": 2, "roles": "broker,controller"}, {"id": 3, "roles": "broker,controller"}])
}

/// How many requests of a kind arrive from controllers, and how many from brokers, in so many milliseconds.
fn arrived(lab: &mut Lab, api: ApiKey, ms: u64) -> (usize, usize) {
    let until = lab.cluster.now() + ms;
    let (mut of_controllers, mut of_brokers) = (0, 0);
    while lab.cluster.next_at().is_some_and(|at| at <= until) {
        match lab.step().event {
            Some(ExecutedEvent::Delivery { from, api: of, is_response: false, is_closing: false, .. }) if of == api => {
                of_controllers += usize::from(matches!(from, Endpoint::Controller(_)));
                of_brokers += usize::from(matches!(from, Endpoint::Broker(_)));
            }
            _ => {}
        }
    }
    (of_controllers, of_brokers)
}

#[test]
fn it_boots_creates_a_topic_and_survives_its_active_controller() {
    for nodes in [dedicated(), combined()] {
        for seed in 1..4 {
            let mut lab = Lab::new(nodes.clone(), "textbook", seed);
            lab.until(5_000, |cluster| cluster.active_controller().is_some());
            lab.run(3_000);
            lab.create("orders");
            let killed = lab.active();
            lab.apply(&Command::Crash { node: killed, machine: false });
            // Nobody notices in less than the election timeout but for a heartbeat interval, nor needs much longer.
            let without_ms = lab.until(3_000, |cluster| cluster.active_controller().is_some());
            assert!(without_ms >= 90, "{without_ms}");
            assert_ne!(lab.active(), killed);
            lab.create("payments");
            lab.apply(&Command::Start { node: killed });
            lab.run(15_000);
            lab.create("refunds");
            let log = |id: i32| lab.cluster.node(id).map(|node| node.disk.controller.log.batches().to_vec());
            assert_eq!(log(killed), log(lab.active()), "it was sent all that it missed");
        }
    }
}

#[test]
fn at_rest_its_leader_pushes_to_voters_and_brokers_fetch() {
    let mut lab = Lab::new(dedicated(), "textbook", 1);
    lab.run(5_000);
    assert_eq!(arrived(&mut lab, ApiKey::AppendEntries, 1_000), (40, 0), "two voters, every 50 ms");
    let (of_controllers, of_brokers) = arrived(&mut lab, ApiKey::Fetch, 5_000);
    assert!(of_controllers == 0 && of_brokers > 0, "{of_controllers} {of_brokers}");
    let mut kraft = Lab::new(dedicated(), "kraft", 1);
    kraft.run(5_000);
    assert_eq!(arrived(&mut kraft, ApiKey::AppendEntries, 1_000), (0, 0));
    assert!(arrived(&mut kraft, ApiKey::Fetch, 5_000).0 > 0);
}

#[test]
fn what_the_controller_decides_by_itself_is_sent_at_once() {
    // A request takes 1 to 4 ms, and so does its answer.
    const ROUND_TRIP_MS: u64 = 8;
    for seed in 1..6 {
        let mut lab = Lab::new(dedicated(), "textbook", seed);
        lab.run(5_000);
        lab.apply(&Command::Crash { node: 1, machine: false });
        while !lab.step().changes.iter().any(|change| matches!(change, Change::BrokerFenced { .. })) {}
        let end = lab.cluster.node(lab.active()).map_or(0, |node| node.disk.controller.log.end_offset());
        let committed = |cluster: &Cluster| {
            let active = cluster.active_controller().and_then(|id| cluster.node(id)?.controller.as_ref());
            active.is_some_and(|controller| controller.high_watermark() >= end)
        };
        let took_ms = lab.until(1_000, committed);
        assert!(took_ms <= ROUND_TRIP_MS, "seed {seed}: {took_ms} ms");
    }
}

#[test]
fn a_leader_that_is_stopped_tells_nobody_and_is_replaced_after_the_election_timeout() {
    let mut lab = Lab::new(dedicated(), "textbook", 2);
    lab.run(5_000);
    let stopped = lab.active();
    lab.apply(&Command::Stop { node: stopped });
    assert_eq!(arrived(&mut lab, ApiKey::EndQuorumEpoch, 1_000), (0, 0));
    lab.until(2_000, |cluster| cluster.active_controller().is_some_and(|active| active != stopped));
}

#[test]
fn one_direction_that_is_cut_unseats_a_textbooks_leader_and_not_krafts() {
    for (raft, stays) in [("textbook", false), ("kraft", true)] {
        let mut lab = Lab::new(dedicated(), raft, 4);
        lab.run(5_000);
        let leader = lab.active();
        let follower = if leader == 103 { 102 } else { 103 };
        let (from, to) = (Actor::Node(leader), Actor::Node(follower));
        lab.apply(&Command::Cut { from, to, both: false });
        lab.run(10_000);
        lab.apply(&Command::Heal { from, to, both: false });
        lab.run(3_000);
        let epoch = lab.cluster.node(leader).map(|node| node.disk.controller.quorum_state.leader_epoch);
        assert_eq!(epoch == Some(1), stays, "{raft}: {epoch:?}");
        assert!(lab.cluster.active_controller().is_some());
    }
}

#[test]
fn voters_must_agree_how_they_follow() {
    let nodes = json!([
        {"id": 1, "roles": "broker", "settings": {"raft": "textbook"}},
        {"id": 101, "roles": "controller"},
        {"id": 102, "roles": "controller", "settings": {"raft": "textbook"}},
    ]);
    let config: ClusterConfig = serde_json::from_value(json!({"nodes": nodes})).expect("a cluster");
    let expected = ConfigError::WrongValue {
        at: "nodes[2].settings.raft".to_owned(),
        name: "raft".to_owned(),
        value: "textbook".to_owned(),
        expected: "kraft".to_owned(),
    };
    assert_eq!(Cluster::new(&config, 1).err(), Some(vec![expected]));
}

#[test]
fn voters_that_the_log_names_keep_to_kraft() {
    let config = json!({"nodes": dedicated(), "settings": {"raft": "textbook", "initial.controllers": "101,102,103"}});
    let config: ClusterConfig = serde_json::from_value(config).expect("a cluster");
    let cluster = Cluster::new(&config, 1).expect("it can be built");
    let mut lab = Lab { cluster, checker: InvariantChecker::default() };
    lab.run(5_000);
    assert_eq!(arrived(&mut lab, ApiKey::AppendEntries, 1_000), (0, 0));
    assert!(arrived(&mut lab, ApiKey::Fetch, 5_000).0 > 0);
}

#[test]
fn nobody_but_a_leader_is_listened_to() {
    for raft in ["textbook", "kraft"] {
        let mut lab = Lab::new(dedicated(), raft, 3);
        lab.run(5_000);
        let (leader, epoch) =
            (lab.active(), lab.cluster.node(101).map_or(0, |node| node.disk.controller.quorum_state.leader_epoch));
        for (probe, to) in (1..).zip([101, 102, 103]) {
            let body = json!({"term": epoch + 1, "leaderId": 102, "prevLogIndex": -1});
            let at = (to, Listener::Controller);
            lab.apply(&Command::request(probe, at, ApiKey::AppendEntries, Some(0), body));
            lab.run(500);
            let answer = lab.cluster.probe_answer(probe).expect("it was sent");
            assert!(answer.closed && answer.response.is_none(), "{raft}: the connection is closed");
        }
        assert_eq!(lab.active(), leader);
    }
}
