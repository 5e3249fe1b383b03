//! Random faults: today's ways keep what was committed, the ways before KIP-101 do not.

use std::collections::BTreeMap;

use kafkascope_core::history::History;
use kafkascope_tests::swarm::{Breach, run_seed};

const STEPS: u32 = 5_000;

/// How to see a breach again.
fn told(breach: &Breach) -> String {
    format!(
        "seed {} breaks at step {}: {}\nagain: cargo xtask swarm --seed {} --seeds 1 --steps {STEPS}\nto step it: open the page with #r={}",
        breach.seed,
        breach.at,
        breach.what,
        breach.seed,
        breach.scenario.to_link(),
    )
}

#[test]
fn random_faults_break_nothing() {
    for seed in 1..=40 {
        if let Err(breach) = run_seed(seed, STEPS, &BTreeMap::new()) {
            panic!("{}", told(&breach));
        }
    }
}

#[test]
fn truncation_to_the_high_watermark_is_seen_to_lose_a_committed_record() {
    let settings = BTreeMap::from([("truncation".to_owned(), "high-watermark".to_owned())]);
    let loss = (1..=200).find_map(|seed| run_seed(seed, STEPS, &settings).err().filter(|breach| is_loss(breach)));
    let loss = loss.expect("one of 200 seeds loses a record");
    // What was found can be stepped: the run that the link holds breaks at the same step.
    let mut again = History::new(loss.scenario.clone()).expect("the run can be opened");
    again.run_to(loss.at);
    assert_eq!(again.breaches().first().map(|found| found.position), Some(loss.at), "{}", told(&loss));
}

fn is_loss(breach: &Breach) -> bool {
    breach.what.contains("committed-is-kept")
}
