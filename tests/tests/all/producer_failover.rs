//! The recordings `producer-failover-…`: a real producer was handed 3,000 numbered records as fast as it took them, and the
//! leader was killed when half of them had been. Their steps are told in prose, so they are played here.

use std::collections::BTreeMap;

use kafkascope_core::change::Change;
use kafkascope_core::command::Command;
use kafkascope_core::config::{ClusterConfig, NodeConfig, ProducerConfig, Roles};
use kafkascope_core::history::History;
use kafkascope_core::presets::Order;
use kafkascope_core::scenario::Scenario;

const RECORDS: u32 = 3_000;
const TOPIC: &str = "pf";

/// What the recorder counted when the producer had heard of every record.
#[derive(Debug, PartialEq, Eq)]
struct Outcome {
    acknowledged: i64,
    failed: usize,
    acknowledged_but_lost: i64,
    duplicates: usize,
    first_appearances_in_order: bool,
}

fn play(settings: &[(&str, &str)], seed: u64) -> Outcome {
    let text = |settings: &[(&str, &str)]| -> BTreeMap<String, String> {
        settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    };
    let mut config = ClusterConfig {
        nodes: (1..=3).map(|id| NodeConfig::new(id, Roles::Combined)).collect(),
        topics: Vec::new(),
        consumers: Vec::new(),
        producers: vec![ProducerConfig { settings: text(settings) }],
        ..Order::default().config()
    };
    config.settings.extend(text(&[
        ("broker.session.timeout.ms", "3000"),
        ("broker.heartbeat.interval.ms", "500"),
        ("min.insync.replicas", "1"),
    ]));
    let mut run = History::new(Scenario::new(config, seed)).expect("the cluster comes to rest");
    let (mut acknowledged, mut failed) = (0, 0);
    let mut let_time_pass = |run: &mut History, ms: u64| {
        let until = run.cluster().now() + ms;
        while run.cluster().now() < until {
            let Some(step) = run.step() else { return };
            for change in &step.changes {
                match change {
                    Change::Acknowledged { records, .. } => acknowledged += records,
                    Change::ProduceFailed { .. } => failed += 1,
                    _ => {}
                }
            }
        }
    };
    let create = Command::CreateTopic {
        topic: TOPIC.into(),
        partitions: 1,
        replication_factor: 3,
        assignment: vec![vec![1, 2, 3]],
        configs: Vec::new(),
    };
    run.act(create).expect("three brokers are there");
    let_time_pass(&mut run, 1_000);
    for number in 0..RECORDS {
        let send = Command::Produce {
            producer: 1,
            topic: TOPIC.into(),
            partition: None,
            key: None,
            value: Some(number.to_string().as_str().into()),
            headers: Vec::new(),
        };
        run.act(send).expect("the buffer has room for three thousand small records");
        // Six a millisecond: a batch of thirty each linger.ms, several of them in flight.
        if number % 6 == 0 {
            let_time_pass(&mut run, 1);
        }
        if number == RECORDS / 2 {
            run.act(Command::Crash { node: 1, machine: false }).expect("it runs");
        }
    }
    let_time_pass(&mut run, 60_000);
    let leader = run.cluster().image().and_then(|image| image.partition(TOPIC, 0)).map(|known| known.leader);
    let leader = leader.and_then(|leader| run.cluster().node(leader)).expect("one of the others leads");
    let log = leader.disk.broker.logs.values().find(|stored| &*stored.name.topic == TOPIC).expect("it has a replica");
    let batches = log.log.batches().filter(|batch| !batch.is_control);
    let values: Vec<u32> = batches
        .flat_map(|batch| batch.records.iter().map(|record| record.value.as_ref().expect("a number").to_string()))
        .map(|value| value.parse().expect("a number"))
        .collect();
    let mut first_appearances = Vec::new();
    let mut seen = vec![false; RECORDS as usize];
    for value in &values {
        if !std::mem::replace(&mut seen[*value as usize], true) {
            first_appearances.push(*value);
        }
    }
    assert_eq!(run.violations(), []);
    Outcome {
        acknowledged,
        failed,
        acknowledged_but_lost: acknowledged - first_appearances.len() as i64,
        duplicates: values.len() - first_appearances.len(),
        first_appearances_in_order: first_appearances.is_sorted(),
    }
}

#[test]
fn an_idempotent_producer_loses_doubles_and_reorders_nothing() {
    for seed in 1..=2 {
        let expected = Outcome {
            acknowledged: i64::from(RECORDS),
            failed: 0,
            acknowledged_but_lost: 0,
            duplicates: 0,
            first_appearances_in_order: true,
        };
        assert_eq!(play(&[("acks", "all")], seed), expected, "seed {seed}");
    }
}

/// How many are doubled differs from run to run; the order is lost in each, because of batches that failed together the last one is
/// sent first (`RecordAccumulator.reenqueue`).
#[test]
fn without_idempotence_nothing_acknowledged_is_lost_but_retries_reorder() {
    let settings = [
        ("acks", "all"),
        ("enable.idempotence", "false"),
        ("max.in.flight.requests.per.connection", "5"),
        ("retries", "1000"),
    ];
    for seed in 1..=2 {
        let outcome = play(&settings, seed);
        let found = (outcome.acknowledged, outcome.failed, outcome.acknowledged_but_lost);
        assert_eq!(found, (i64::from(RECORDS), 0, 0), "seed {seed}");
        assert!(!outcome.first_appearances_in_order, "seed {seed}");
    }
}

/// With one request in flight at a time there is nothing that could be overtaken.
#[test]
fn one_request_in_flight_keeps_the_order_without_idempotence() {
    let settings = [("acks", "all"), ("enable.idempotence", "false"), ("max.in.flight.requests.per.connection", "1")];
    let outcome = play(&settings, 1);
    assert!(outcome.first_appearances_in_order);
    assert_eq!((outcome.acknowledged, outcome.acknowledged_but_lost), (i64::from(RECORDS), 0));
}

/// With acks=1 everything is acknowledged, and what nobody had fetched when the leader died is lost, in whichever run there was any.
#[test]
fn with_acks_1_everything_is_acknowledged_and_nothing_is_doubled() {
    for seed in 1..=2 {
        let outcome = play(&[("acks", "1"), ("enable.idempotence", "false")], seed);
        assert_eq!(
            (outcome.acknowledged, outcome.failed, outcome.duplicates),
            (i64::from(RECORDS), 0, 0),
            "seed {seed}"
        );
    }
}
