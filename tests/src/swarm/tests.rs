//! The swarm's own verdicts: each is seen to be given.

use kafkascope_core::actor::Actor;
use kafkascope_core::command::Command;
use kafkascope_core::config::{ClusterConfig, NetworkConfig, NodeConfig, Roles, Start};
use kafkascope_core::history::History;
use kafkascope_core::presets::{CONTROLLER, Order};
use kafkascope_core::scenario::Scenario;

use super::{AdminRequests, Coverage, Run, Wire, is_mostly_refused, unrest};

fn run(scenario: Scenario) -> Run {
    let history = History::new(scenario).expect("the cluster can be built");
    let requests = AdminRequests::since(history.cluster());
    Run { history, coverage: Coverage::default(), requests, wire: Wire::default(), steps_at: (0, 0), panicked: None }
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
    let node = NodeConfig::new(1, Roles::Combined);
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

#[test]
fn a_node_that_holds_up_time_is_found() {
    let mut run = at_rest();
    let now = run.history.cluster().now() + 1;
    for _ in 0..super::STEPS_AT_ONE_TIME_MAX {
        assert_eq!(run.time_passes(now), Ok(()));
    }
    let (_, what) = run.time_passes(now).expect_err("that is too many");
    assert!(what.ends_with(&format!("steps, and it is still {now} ms")), "{what}");
    assert_eq!(run.time_passes(now + 1), Ok(()));
}

#[test]
fn a_panic_is_told_with_the_way_there() {
    let mut run = at_rest();
    let at = run.history.position();
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let outcome = run.guarded(|_| panic!("on purpose"));
    std::panic::set_hook(hook);
    assert_eq!(outcome, Err((at, "panic".to_owned())));
    assert_eq!(run.panicked.map(|scenario| scenario.position), Some(at));
}

fn create(topic: &str) -> Command {
    Command::CreateTopic {
        topic: topic.into(),
        partitions: 1,
        replication_factor: 1,
        assignment: Vec::new(),
        configs: Vec::new(),
    }
}

#[test]
fn an_admin_request_with_another_number_of_answers_than_one_is_found() {
    // An answer that nobody asked for.
    let mut run = at_rest();
    run.history.act(create("a")).expect("it can be asked for");
    let (_, what) = run.forward(None, 500).expect_err("it is answered");
    assert_eq!(what, "0 admin requests have 1 answers");
    // One that is never answered.
    let mut run = at_rest();
    run.act(create("a"));
    run.requests.commanded(&create("b"));
    run.forward(None, 500).expect("the first is answered");
    assert_eq!(run.requests.check_at_rest(1), None);
    assert_eq!(run.requests.check_at_rest(0).as_deref(), Some("2 admin requests have 1 answers, and 0 wait"));
}

#[test]
fn metadata_that_nobody_commits_is_not_decided() {
    let mut run = at_rest();
    assert!(super::metadata::is_decided(run.history.cluster()));
    run.act(Command::Crash { node: CONTROLLER, machine: false });
    assert!(!super::metadata::is_decided(run.history.cluster()));
}

#[test]
fn what_never_happened_is_told() {
    let mut coverage = Coverage::default();
    let never = coverage.never();
    for what in ["crash", "slow disk", "voter added", "voter removed", "snapshot fetched", "vote-cast"] {
        assert!(never.contains(&what), "{what} of {never:?}");
    }
    coverage.command(&Command::Crash { node: 1, machine: true }, None);
    let never = coverage.never();
    assert!(!never.contains(&"crash") && !never.contains(&"crash of a machine") && never.contains(&"pause"));
}
