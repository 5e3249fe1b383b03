//! `cargo run --release -p kafkascope-tests --bin group_swarm -- [--seeds N] [--steps M] [--seed S] [--trace K]`: groups of every
//! kind under random faults. Stops with 1 at the first seed that breaks what must hold or does not come to rest, and prints how to
//! see it again and, if asked, the last K steps before.

use std::process::ExitCode;

use kafkascope_core::history::History;
use kafkascope_tests::group_swarm::{Failure, Seen, run_seed};

struct Options {
    first: u64,
    seeds: u64,
    steps: u32,
    trace: u32,
}

fn main() -> ExitCode {
    let options = match options(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(error) => {
            eprintln!("{error}: [--seeds N] [--steps M] [--seed S] [--trace K]");
            return ExitCode::from(2);
        }
    };
    let mut seen = Seen::default();
    for seed in options.first..options.first.saturating_add(options.seeds) {
        if let Err(failure) = run_seed(seed, options.steps, &mut seen) {
            print_trace(&failure, options.trace);
            println!("{}", failure.report(options.steps));
            return ExitCode::from(1);
        }
    }
    println!("{} seeds of {} steps: {seen:?}", options.seeds, options.steps);
    ExitCode::SUCCESS
}

/// Prints the last steps before a failure.
fn print_trace(failure: &Failure, steps: u32) {
    let Ok(history) = History::new(failure.scenario.clone()) else { return };
    for step in history.steps_between(failure.at.saturating_sub(steps).saturating_add(1), failure.at) {
        println!("{}", serde_json::to_string(&*step).unwrap_or_default());
    }
}

fn options(mut words: impl Iterator<Item = String>) -> Result<Options, String> {
    let mut options = Options { first: 1, seeds: 100, steps: 5_000, trace: 0 };
    while let Some(word) = words.next() {
        let value = words.next().ok_or_else(|| format!("{word} wants a value"))?;
        let number = || value.parse::<u64>().map_err(|_| format!("{word} {value} is no number"));
        let small = || u32::try_from(number()?).map_err(|_| format!("{word} {value} is too many"));
        match word.as_str() {
            "--seed" => options.first = number()?,
            "--seeds" => options.seeds = number()?,
            "--steps" => options.steps = small()?,
            "--trace" => options.trace = small()?,
            _ => return Err(format!("{word} is not understood")),
        }
    }
    Ok(options)
}
