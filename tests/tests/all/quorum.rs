//! Clusters whose metadata log has several voters: they start, lose their active controller, and go on.

use kafkascope_core::actor::Actor;
use kafkascope_core::command::Command;
use kafkascope_core::config::{ClusterConfig, NodeConfig, Roles};
use kafkascope_core::history::History;
use kafkascope_core::presets::Order;
use kafkascope_core::scenario::Scenario;
use kafkascope_core::sim::Millis;
use kafkascope_tests::swarm::unrest;

fn node(id: i32, roles: Roles) -> NodeConfig {
    NodeConfig { id, roles, rack: None, settings: [].into() }
}

/// The usual cluster with these nodes.
fn cluster(nodes: Vec<NodeConfig>) -> ClusterConfig {
    ClusterConfig { nodes, ..Order::default().config() }
}

fn separate(voters: i32) -> ClusterConfig {
    let brokers = (1..=3).map(|id| node(id, Roles::Broker));
    cluster(brokers.chain((0..voters).map(|number| node(3_000 + number, Roles::Controller))).collect())
}

fn combined() -> ClusterConfig {
    cluster((1..=3).map(|id| node(id, Roles::Combined)).collect())
}

struct Run(History);

impl Run {
    fn open(config: ClusterConfig, seed: u64) -> Self {
        Self(History::new(Scenario::new(config, seed)).expect("the cluster comes to rest"))
    }

    fn act(&mut self, command: Command) {
        self.0.act(command).expect("it can be done");
    }

    fn pass(&mut self, ms: Millis) {
        let until = self.0.cluster().now() + ms;
        while self.0.cluster().now() < until && self.0.step().is_some() {}
        self.check();
    }

    fn check(&self) {
        assert_eq!(self.0.violations(), []);
    }

    fn active(&self) -> Option<i32> {
        self.0.cluster().active_controller()
    }

    fn create(&mut self, topic: &str) {
        self.act(Command::CreateTopic {
            topic: topic.into(),
            partitions: 2,
            replication_factor: 3,
            assignment: Vec::new(),
            configs: Vec::new(),
        });
    }

    fn has(&self, topic: &str) -> bool {
        self.0.cluster().image().is_some_and(|image| image.topic_ids.contains_key(topic))
    }
}

#[test]
fn clusters_of_several_voters_start_and_rest() {
    for (name, config) in [("3", separate(3)), ("4", separate(4)), ("5", separate(5)), ("combined", combined())] {
        for seed in 1..4 {
            let mut run = Run::open(config.clone(), seed);
            assert!(run.active().is_some(), "{name}");
            run.pass(5_000);
            assert_eq!(unrest(run.0.cluster()), Vec::<String>::new(), "{name}, seed {seed}");
        }
    }
}

#[test]
fn another_controller_takes_over_and_carries_requests_out() {
    for config in [separate(3), combined()] {
        for seed in 1..6 {
            let mut run = Run::open(config.clone(), seed);
            let first = run.active().expect("one is active");
            run.act(Command::Crash { node: first, machine: false });
            run.create("late");
            run.pass(40_000);
            let second = run.active().unwrap_or_else(|| panic!("seed {seed}: nobody took over from {first}"));
            assert_ne!(first, second);
            assert!(run.has("late"), "seed {seed}: the request survives its controller");
            run.act(Command::Start { node: first });
            run.pass(40_000);
            assert_eq!(unrest(run.0.cluster()), Vec::<String>::new(), "seed {seed}");
        }
    }
}

#[test]
fn without_a_majority_nothing_is_decided_and_nothing_is_lost() {
    let mut run = Run::open(separate(3), 3);
    let active = run.active().expect("one is active");
    for node in (3_000..3_003).filter(|node| *node != active) {
        run.act(Command::Crash { node, machine: true });
    }
    run.create("stuck");
    run.pass(20_000);
    assert_eq!(run.active(), None, "a leader without a majority resigns");
    for node in (3_000..3_003).filter(|node| *node != active) {
        run.act(Command::Start { node });
    }
    run.pass(60_000);
    assert!(run.active().is_some() && run.has("orders"));
    assert_eq!(unrest(run.0.cluster()), Vec::<String>::new());
}

#[test]
fn a_deposed_controller_forgets_what_was_not_committed() {
    let mut run = Run::open(separate(3), 2);
    let old = run.active().expect("one is active");
    for node in (3_000..3_003).filter(|node| *node != old) {
        run.act(Command::Cut { from: Actor::Node(old), to: Actor::Node(node), both: true });
    }
    run.create("doomed");
    run.pass(15_000);
    let new = run.active().expect("the others elect one");
    assert_ne!(old, new);
    for node in (3_000..3_003).filter(|node| *node != old) {
        run.act(Command::Heal { from: Actor::Node(old), to: Actor::Node(node), both: true });
    }
    run.pass(60_000);
    let log = |node: i32| {
        let disk = &run.0.cluster().node(node).expect("it is there").disk.controller;
        disk.log.batches().to_vec()
    };
    assert_eq!(log(old), log(new));
    assert_eq!(unrest(run.0.cluster()), Vec::<String>::new());
}
