//! `cargo run --release -p kafkascope-tests --bin truth -- [--seeds N] [--steps M] [--seed S]`: random runs, and everything that the
//! page says of them is looked up in the cluster. Stops with 1 where something is not true, and prints the first of each kind.

use std::collections::BTreeMap;
use std::process::ExitCode;

use kafkascope_tests::truth::{Claim, Untruth, run_seed};

fn main() -> ExitCode {
    let mut options = BTreeMap::from([("--seed", 1u64), ("--seeds", 500), ("--steps", 2_000)]);
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let value = words.next().and_then(|value| value.parse().ok());
        match (options.get_mut(word.as_str()), value) {
            (Some(option), Some(value)) => *option = value,
            _ => {
                eprintln!("{word} is not understood: [--seeds N] [--steps M] [--seed S]");
                return ExitCode::from(2);
            }
        }
    }
    let (first, seeds) = (options["--seed"], options["--seeds"]);
    let steps = u32::try_from(options["--steps"]).unwrap_or(u32::MAX);
    let mut found: BTreeMap<Claim, (u64, Untruth)> = BTreeMap::new();
    for untruth in (first..first.saturating_add(seeds)).flat_map(|seed| run_seed(seed, steps)) {
        found.entry(untruth.claim).or_insert_with(|| (0, untruth)).0 += 1;
    }
    for (count, untruth) in found.values() {
        println!("{count} times such as this one:\n{untruth}\n");
    }
    println!("{seeds} seeds of {steps} steps: {} kinds of claims that are not true", found.len());
    if found.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) }
}
