//! Each delivery guarantee keeps its promise, and each weaker one shows what it risks. `cargo xtask delivery` runs more seeds.

use kafkascope_tests::delivery::{GUARANTEES, run};

#[test]
fn promises_hold_and_risks_show() {
    let broken: Vec<String> =
        GUARANTEES.iter().flat_map(|guarantee| run(guarantee, 1..=guarantee.seeds).broken()).collect();
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}
