//! Each delivery guarantee keeps its promise, and each weaker one shows what it risks.

use kafkascope_tests::delivery::{GUARANTEES, run};

/// So many seeds of each; `cargo xtask delivery` runs more.
const SEEDS: u64 = 40;

#[test]
fn promises_hold_and_risks_show() {
    let broken: Vec<String> = GUARANTEES.iter().flat_map(|guarantee| run(guarantee, 1..=SEEDS).broken()).collect();
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}
