//! `cargo run --release -p kafkascope-tests --bin swarm -- [--seeds N] [--steps M] [--seed S] [--set name=value]… [--trace K]
//! [--breaches N]`: random
//! faults from many seeds. Stops with 1 at the first (or N-th) seed that breaks what must always hold or does not come to rest, and prints
//! how to see it again and, if asked, the last K steps before. At the end it prints what happened how often, and what never did.

use std::collections::BTreeMap;
use std::process::ExitCode;

use kafkascope_core::history::History;
use kafkascope_tests::swarm::{Coverage, InvariantViolation, run_seed};

struct Options {
    first: u64,
    seeds: u64,
    steps: u32,
    trace: u32,
    breaches_max: u64,
    settings: BTreeMap<String, String>,
}

fn main() -> ExitCode {
    let options = match options(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(error) => {
            eprintln!("{error}: [--seeds N] [--steps M] [--seed S] [--set name=value]… [--trace K] [--breaches N]");
            return ExitCode::from(2);
        }
    };
    // A panic is reported with its seed; the message of the panic itself comes before.
    let mut coverage = Coverage::default();
    let mut violations = 0u64;
    for seed in options.first..options.first.saturating_add(options.seeds) {
        if let Err(violation) = run_seed(seed, options.steps, &options.settings, &mut coverage) {
            print_trace(&violation, options.trace);
            println!("{}", violation.report(options.steps, &options.settings));
            violations += 1;
            if violations >= options.breaches_max {
                break;
            }
        }
    }
    println!("{coverage}");
    println!("{} seeds of {} steps, {violations} breaches", coverage.seeds, options.steps);
    if violations == 0 { ExitCode::SUCCESS } else { ExitCode::from(1) }
}

/// Prints the last steps before a breach.
fn print_trace(violation: &InvariantViolation, steps: u32) {
    let Ok(history) = History::new(violation.scenario.clone()) else { return };
    for step in history.steps_between(violation.at.saturating_sub(steps).saturating_add(1), violation.at) {
        println!("{}", serde_json::to_string(&*step).unwrap_or_default());
    }
}

fn options(mut words: impl Iterator<Item = String>) -> Result<Options, String> {
    let mut options =
        Options { first: 1, seeds: 100, steps: 2_000, trace: 0, breaches_max: 1, settings: BTreeMap::new() };
    while let Some(word) = words.next() {
        let value = words.next().ok_or_else(|| format!("{word} wants a value"))?;
        let number = || value.parse::<u64>().map_err(|_| format!("{word} {value} is no number"));
        match word.as_str() {
            "--seed" => options.first = number()?,
            "--seeds" => options.seeds = number()?,
            "--steps" => options.steps = u32::try_from(number()?).map_err(|_| format!("{word} {value} is too many"))?,
            "--trace" => options.trace = u32::try_from(number()?).map_err(|_| format!("{word} {value} is too many"))?,
            "--breaches" => options.breaches_max = number()?,
            "--set" => {
                let (name, value) = value.split_once('=').ok_or_else(|| format!("--set {value} is not name=value"))?;
                options.settings.insert(name.to_owned(), value.to_owned());
            }
            _ => return Err(format!("{word} is not understood")),
        }
    }
    Ok(options)
}
