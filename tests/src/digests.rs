//! Runs whose digests must be the same natively and in WebAssembly: the native tests and the browser harness both step them.

use std::collections::BTreeMap;

use kafkascope_core::command::Command;
use kafkascope_core::config::{
    ClusterConfig, CommitMode, ConsumerConfig, NetworkConfig, NodeConfig, PollMode, ProcessMode, ProducerConfig, Roles,
    Start, TopicConfig,
};
use kafkascope_core::history::History;
use kafkascope_core::scenario::Scenario;
use kafkascope_core::step::Position;
use kafkascope_core::wire::Topic;
use kafkascope_core::wire::records::{Bytes, Header};

use crate::chaos::Chaos;

/// A run to compare digests over.
#[derive(Clone, Debug)]
pub struct DigestRun {
    /// Its name.
    pub name: &'static str,
    /// The run as JSON.
    pub scenario: String,
    /// How many steps of it to compare.
    pub steps: Position,
}

/// The runs: the first page's cluster, one with failures, one with random faults of every kind.
pub fn digest_runs() -> Vec<DigestRun> {
    let run = |name, scenario: Scenario, steps| DigestRun { name, scenario: scenario.to_json(), steps };
    vec![
        run("records-and-commits", records_and_commits(), 1_500),
        run("leader-crashes", leader_crashes(), 2_000),
        run("random-faults", random_faults(7, 2_500), 2_500),
    ]
}

/// Three brokers, a controller, a topic replicated three times, a producer and a consumer: what the page opens on.
pub fn default_cluster() -> ClusterConfig {
    cluster(3, 1)
}

/// A cluster of `brokers` and `partitions`, everything replicated three times as far as there are brokers.
pub fn cluster(brokers: i32, partitions: i32) -> ClusterConfig {
    ClusterConfig {
        nodes: (1..=brokers)
            .map(|id| NodeConfig::new(id, Roles::Broker))
            .chain([NodeConfig::new(brokers + 1, Roles::Controller)])
            .collect(),
        settings: [("offsets.topic.num.partitions".to_owned(), "1".to_owned())].into(),
        topics: vec![TopicConfig {
            name: "orders".into(),
            partitions,
            replication_factor: i16::try_from(brokers.min(3)).unwrap_or(3),
            assignment: Vec::new(),
            settings: BTreeMap::new(),
        }],
        producers: vec![ProducerConfig::default()],
        consumers: vec![ConsumerConfig {
            group: "readers".into(),
            topics: vec!["orders".into()],
            poll: PollMode::Continuous,
            commit: CommitMode::AfterPoll,
            process: ProcessMode::AtOnce,
            writes: None,
            settings: BTreeMap::new(),
            ..ConsumerConfig::default()
        }],
        network: NetworkConfig::default(),
        start: Start::AtRest,
    }
}

/// A record to the first partition.
pub fn produce(number: u32) -> Command {
    Command::Produce {
        producer: 1,
        topic: Topic::from("orders"),
        partition: None,
        key: Some(Bytes::from(format!("customer-{}", number % 7).as_str())),
        value: Some(Bytes::from(format!("order {number}").as_str())),
        headers: vec![Header { key: "trace".into(), value: Some(Bytes::from(vec![0xff, 0x00])) }],
    }
}

/// Plays commands, each a number of steps after the one before; what is refused is left out.
fn played(config: ClusterConfig, seed: u64, commands: impl IntoIterator<Item = (Position, Command)>) -> Scenario {
    let scenario = Scenario::new(config, seed);
    let Ok(mut history) = History::new(scenario.clone()) else { return scenario };
    for (after, command) in commands {
        history.run_to(history.position() + after);
        let _refused = history.act(command);
    }
    history.seek(0);
    history.scenario()
}

fn records_and_commits() -> Scenario {
    played(default_cluster(), 1, (0..30).map(|number| (30, produce(number))))
}

fn leader_crashes() -> Scenario {
    let mut commands = Vec::new();
    for (number, node) in (0u32..).zip([1, 2, 3, 1]) {
        commands.extend((0..5).map(|record| (20, produce(number * 5 + record))));
        commands.push((40, Command::Crash { node, machine: number == 2 }));
        commands.extend((0..2).map(|record| (60, produce(100 + number * 5 + record))));
        commands.push((150, Command::Start { node }));
    }
    played(cluster(3, 3), 2, commands)
}

/// Random commands on a random cluster.
pub fn random_faults(seed: u64, moves: Position) -> Scenario {
    let mut chaos = Chaos::new(seed);
    let scenario = Scenario::new(chaos.cluster(&BTreeMap::new()), seed);
    let Ok(mut history) = History::new(scenario.clone()) else { return scenario };
    while history.position() < moves {
        let before = history.position();
        let steps = chaos.number(1, 60);
        history.run_to(before + Position::try_from(steps).unwrap_or(1));
        let command = chaos.command(history.cluster());
        let _refused = history.act(command);
        if history.position() == before {
            break;
        }
    }
    history.seek(0);
    history.scenario()
}
