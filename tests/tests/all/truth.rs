//! Everything that is said of a step and of a cluster is true of it.

use std::collections::BTreeMap;

use kafkascope_tests::truth::{Claim, run_seed};

/// Seeds of random commands that every test run looks at; `cargo xtask truth` looks at as many as one likes.
const SEEDS: u64 = 10;
/// Steps of each.
const STEPS: u32 = 2_000;

#[test]
fn sentences_are_true() {
    // The first of each kind tells enough.
    let mut untrue: BTreeMap<Claim, String> = BTreeMap::new();
    for untruth in (1..=SEEDS).flat_map(|seed| run_seed(seed, STEPS)) {
        untrue.entry(untruth.claim).or_insert_with(|| untruth.to_string());
    }
    let untrue: Vec<String> = untrue.into_values().collect();
    assert!(untrue.is_empty(), "{}", untrue.join("\n\n"));
}
