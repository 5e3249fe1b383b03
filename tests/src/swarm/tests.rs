//! The swarm's own verdicts: each is seen to be given.

use kafkascope_core::actor::Actor;
use kafkascope_core::command::Command;
use kafkascope_core::config::{ClusterConfig, NetworkConfig, NodeConfig, Roles, Start};
use kafkascope_core::history::History;
use kafkascope_core::presets::{CONTROLLER, Order};
use kafkascope_core::scenario::Scenario;

use super::{AdminRequests, Coverage, Run, is_mostly_refused, unrest};

fn run(scenario: Scenario) -> Run {
    let history = History::new(scenario).expect("the cluster can be built");
    let requests = AdminRequests::since(history.cluster());
    Run { history, coverage: Coverage::default(), requests, steps_at: (0, 0), panicked: None }
}

/// Three brokers and their clients, once everything has started.
fn at_rest() -> Run {
    let mut run = run(Order::default().scenario(1));
    run.forward(None, 3_000).expect("nothing breaks");
    run
}

fn after(commands: &[Command], ms: u64) -> Vec<String> {
    let mut run = at_rest();
    commands.iter().for_each(|command| run.act(command.clone()));
    let until = run.history.cluster().now() + ms;
    while run.history.cluster().now() < until {
        run.history.step();
    }
    unrest(run.history.cluster())
}

#[test]
fn a_cluster_that_nobody_disturbs_is_at_rest() {
    let mut run = at_rest();
    assert_eq!(unrest(run.history.cluster()), Vec::<String>::new());
    assert_eq!(run.come_to_rest(), Ok(()));
}

#[test]
fn what_is_not_at_rest_is_named() {
    let dead = after(&[Command::Crash { node: 2, machine: false }], 12_000);
    assert!(dead.contains(&"node 2 is Down".to_owned()), "{dead:?}");
    assert!(dead.iter().any(|what| what.starts_with("orders-0 has the ISR")), "{dead:?}");
    // Nobody lags where nothing is written: it is the controller that misses the broker.
    let cut = Command::Cut { from: Actor::Node(2), to: Actor::Node(CONTROLLER), both: true };
    let cut = after(&[cut], 12_000);
    assert!(cut.iter().any(|what| what.contains("has the ISR")), "{cut:?}");
    let alone = after(&[Command::Crash { node: CONTROLLER, machine: false }], 1_000);
    assert!(alone.contains(&"no controller is active".to_owned()), "{alone:?}");
}

#[test]
fn a_run_in_which_nothing_is_scheduled_stalls() {
    // One process, dead: nobody is left who would do anything.
    let node =
        NodeConfig { id: 1, roles: Roles::Combined, rack: None, settings: [].into(), puppet: None, is_down: false };
    let cluster = ClusterConfig {
        nodes: vec![node],
        settings: [].into(),
        topics: Vec::new(),
        producers: Vec::new(),
        consumers: Vec::new(),
        network: NetworkConfig::default(),
        start: Start::default(),
    };
    let mut run = run(Scenario::new(cluster, 1));
    run.act(Command::Crash { node: 1, machine: false });
    while run.history.step().is_some() {}
    let (_, what) = run.stalled().expect_err("nothing is scheduled");
    assert_eq!(what, "the run stalls: nothing is scheduled");
}

#[test]
fn a_run_whose_commands_are_mostly_refused_shows_nothing() {
    assert!(is_mostly_refused(20, 11));
    assert!(!is_mostly_refused(20, 10) && !is_mostly_refused(19, 19));
}
