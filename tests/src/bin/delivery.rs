//! `cargo run --release -p kafkascope-tests --bin delivery -- [--seeds N] [--seed S] [--only NAME]`: what each delivery
//! guarantee promises and what it risks, over random faults. Prints a table with a link for each anomaly; stops with 1 where a
//! promise is broken, or nothing shows what is risked.

use std::process::ExitCode;

use kafkascope_tests::delivery::{GUARANTEES, run};

struct Options {
    first: u64,
    seeds: u64,
    only: Option<String>,
}

fn main() -> ExitCode {
    let options = match options(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(error) => {
            eprintln!("{error}: [--seeds N] [--seed S] [--only NAME]");
            return ExitCode::from(2);
        }
    };
    let mut is_broken = false;
    for guarantee in GUARANTEES.iter().filter(|it| options.only.as_deref().is_none_or(|only| it.name == only)) {
        let row = run(guarantee, options.first..options.first.saturating_add(options.seeds));
        println!("{row}");
        for broken in row.broken() {
            is_broken = true;
            println!("{broken}");
        }
    }
    if is_broken { ExitCode::from(1) } else { ExitCode::SUCCESS }
}

fn options(mut words: impl Iterator<Item = String>) -> Result<Options, String> {
    let mut options = Options { first: 1, seeds: 100, only: None };
    while let Some(word) = words.next() {
        let value = words.next().ok_or_else(|| format!("{word} wants a value"))?;
        let number = || value.parse::<u64>().map_err(|_| format!("{word} {value} is no number"));
        match word.as_str() {
            "--seed" => options.first = number()?,
            "--seeds" => options.seeds = number()?,
            "--only" => options.only = Some(value),
            _ => return Err(format!("{word} is not understood")),
        }
    }
    Ok(options)
}
