//! Groups of every kind keep one owner a partition under faults, and come to rest.

use kafkascope_tests::group_swarm::{Seen, run_seed};

const STEPS: u32 = 6_000;
const SEEDS: u64 = 8;
/// What found a defect stays: a static member is refused for good, and its application polls on.
const FOUND: [u64; 2] = [73, 191];

#[test]
fn every_partition_keeps_one_owner_and_every_group_comes_to_rest() {
    let mut seen = Seen::default();
    let mut failing = Vec::new();
    for seed in (1..=SEEDS).chain(FOUND) {
        if let Err(failure) = run_seed(seed, STEPS, &mut seen) {
            println!("{}", failure.report(STEPS));
            failing.push(seed);
        }
    }
    assert!(failing.is_empty(), "{failing:?} fail; what is printed above says how to see them again");
    assert!(!seen.lacks_something(), "something never happened: {seen:?}");
}
