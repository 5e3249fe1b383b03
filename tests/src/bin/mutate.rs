//! `cargo run --profile mutate -p kafkascope-tests --bin mutate -- [--inputs N] [--seed S] [--first K] [--max-ms T]`: hostile input.
//! Stops with 1 at the first input that panics, takes longer than `--max-ms` or is refused without a place.

#![expect(clippy::disallowed_types, reason = "a run says how long it takes")]

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use kafkascope_tests::mutator::{InputKind, Mutator, Outcome};

/// The input that is being played.
static CURRENT: AtomicU64 = AtomicU64::new(0);
/// An input that takes longer than it may by this factor is taken to be endless.
const ENDLESS: u32 = 10;

fn main() -> ExitCode {
    let (mut inputs, mut seed, mut first, mut max_ms) = (100_000u64, 1u64, 0u64, 2_000u64);
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let Some(number) = words.next().and_then(|value| value.parse().ok()) else {
            eprintln!("{word} wants a number: [--inputs N] [--seed S] [--first K] [--max-ms T]");
            return ExitCode::from(2);
        };
        match word.as_str() {
            "--inputs" => inputs = number,
            "--seed" => seed = number,
            "--first" => first = number,
            "--max-ms" => max_ms = number,
            _ => {
                eprintln!("{word} is not understood: [--inputs N] [--seed S] [--first K] [--max-ms T]");
                return ExitCode::from(2);
            }
        }
    }
    let time_max = Duration::from_millis(max_ms);
    let mutator = match Mutator::new(seed, time_max) {
        Ok(mutator) => mutator,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::from(2);
        }
    };
    watch(seed, time_max * ENDLESS);
    let began = Instant::now();
    let mut counts: BTreeMap<(InputKind, Outcome), u64> = BTreeMap::new();
    for number in first..first.saturating_add(inputs) {
        CURRENT.store(number, Ordering::Relaxed);
        match mutator.check(number) {
            Ok(outcome) => *counts.entry((mutator.kind(number), outcome)).or_default() += 1,
            Err(failure) => {
                println!("{failure}");
                return ExitCode::from(1);
            }
        }
    }
    for ((kind, outcome), count) in &counts {
        println!("{kind:?} {outcome:?}: {count}");
    }
    println!(
        "{inputs} inputs of seed {seed} in {:.1} s: no panic, none over {max_ms} ms",
        began.elapsed().as_secs_f64()
    );
    ExitCode::SUCCESS
}

/// Ends the process where an input never ends.
fn watch(seed: u64, limit: Duration) {
    std::thread::spawn(move || {
        let (mut last, mut since) = (u64::MAX, Instant::now());
        loop {
            std::thread::sleep(Duration::from_millis(200));
            let current = CURRENT.load(Ordering::Relaxed);
            if current != last {
                (last, since) = (current, Instant::now());
            } else if since.elapsed() > limit {
                println!("input {current} of seed {seed} does not end within {limit:?}");
                println!("again: cargo xtask mutate --seed {seed} --first {current} --inputs 1");
                std::process::exit(1);
            }
        }
    });
}
