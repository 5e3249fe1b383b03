//! Random faults: today's ways keep what was committed, the ways before KIP-101 do not.

use std::collections::BTreeMap;

use kafkascope_core::history::History;
use kafkascope_tests::swarm::{Coverage, InvariantViolation, run_seed};

const STEPS: u32 = 5_000;
const SEEDS: u64 = 40;
/// Seeds whose clusters are known not to come to rest, each a debt: a follower that is caught up is not taken into the ISR again.
/// A seed that is mended has to leave this list.
const OPEN: [u64; 2] = [15, 30];

/// What a swarm that is worth its name makes happen.
const HAPPENS: [&str; 30] = [
    "appended",
    "truncated",
    "high-watermark-moved",
    "log-start-moved",
    "segment-rolled",
    "epoch-started",
    "unflushed-lost",
    "became-leader",
    "became-follower",
    "isr-changed",
    "leader-changed",
    "elr-changed",
    "replicas-changed",
    "delayed-operation-watched",
    "delayed-operation-completed",
    "refused",
    "metadata-applied",
    "broker-registered",
    "broker-fenced",
    "broker-unfenced",
    "topic-created",
    "topic-deleted",
    "config-changed",
    "acknowledged",
    "retried",
    "group-state-changed",
    "assigned",
    "records-read",
    "offset-committed",
    "commit-acknowledged",
];

#[test]
fn random_faults_break_nothing_and_everything_comes_to_rest() {
    let mut coverage = Coverage::default();
    let mut failing = Vec::new();
    for seed in 1..=SEEDS {
        if let Err(violation) = run_seed(seed, STEPS, &BTreeMap::new(), &mut coverage) {
            if !OPEN.contains(&seed) {
                println!("{}", violation.report(STEPS, &BTreeMap::new()));
            }
            failing.push(seed);
        }
    }
    assert_eq!(failing, OPEN, "the seeds that fail; what is printed above says how to see them again");
    println!("{coverage}");
    let never: Vec<&str> =
        HAPPENS.into_iter().filter(|name| coverage.changes.get(name).is_none_or(|count| *count == 0)).collect();
    assert!(never.is_empty(), "these changes never happened: {never:?}");
    let never: Vec<_> = coverage.commands.iter().filter(|(_, (done, _))| *done == 0).map(|(name, _)| name).collect();
    assert!(never.is_empty(), "these commands were never carried out: {never:?}");
    let never: Vec<_> = coverage.faults.iter().filter(|(_, count)| **count == 0).map(|(name, _)| name).collect();
    assert!(never.is_empty(), "these faults never happened: {never:?}");
}

#[test]
fn truncation_to_the_high_watermark_is_seen_to_lose_a_committed_record() {
    let settings = BTreeMap::from([("truncation".to_owned(), "high-watermark".to_owned())]);
    let run = |seed| run_seed(seed, STEPS, &settings, &mut Coverage::default()).err();
    let loss = (1..=200).find_map(|seed| run(seed).filter(|violation| is_loss(violation)));
    let loss = loss.expect("one of 200 seeds loses a record");
    // What was found can be stepped: the run that the link holds breaks at the same step.
    let mut again = History::new(loss.scenario.clone()).expect("the run can be opened");
    again.run_to(loss.at);
    let found = again.violations().first().map(|found| found.position);
    assert_eq!(found, Some(loss.at), "{}", loss.report(STEPS, &settings));
}

fn is_loss(violation: &InvariantViolation) -> bool {
    violation.what.contains("committed-is-kept")
}
