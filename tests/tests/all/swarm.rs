//! Random faults: today's ways keep what was committed, the ways before KIP-101 do not.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use kafkascope_core::history::History;
use kafkascope_tests::swarm::{Coverage, InvariantViolation, run_seed};

const STEPS: u32 = 5_000;
/// Sixty that together show every command, fault and change.
const SEEDS: RangeInclusive<u64> = 61..=120;
/// What found a defect stays. 250: a paused node goes on after somebody chose a deadline; what was sent to it since is late, and still
/// comes behind what it held. 291: seventeen admin requests are given up at once, one more than the client remembers.
/// 522: a leader that is shut down commits alone, and ends in the same step. 779: the end of a connection waits at a paused node, later
/// ones of an earlier process do not. 1756: a node that was paused for ten minutes looks for idle
/// connections before it reads what came on them.
const FOUND: [u64; 5] = [250, 291, 522, 779, 1756];

#[test]
fn random_faults_break_nothing_and_everything_comes_to_rest() {
    let mut coverage = Coverage::default();
    let mut failing = Vec::new();
    for seed in SEEDS.chain(FOUND) {
        if let Err(violation) = run_seed(seed, STEPS, &BTreeMap::new(), &mut coverage) {
            println!("{}", violation.report(STEPS, &BTreeMap::new()));
            failing.push(seed);
        }
    }
    assert!(failing.is_empty(), "{failing:?} fail; what is printed above says how to see them again");
    println!("{coverage}");
    let never = coverage.never();
    assert!(never.is_empty(), "these commands, faults and changes never happened: {never:?}");
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
