//! Tests and lints.

use crate::page::{self, Code};
use crate::process::{self, Failure, LOOK_ABOVE, Result, command, say};
use crate::{axe, browser, place, toolchain};
use std::path::Path;
use std::process::Command;

/// The name in the report of what could not even be started in the browser.
const BROWSER_PART: &str = "browser, not started";

/// How many tests passed, failed, were left out.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Count {
    passed: u64,
    failed: u64,
    skipped: u64,
}

impl Count {
    fn add(&mut self, other: Count) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl std::fmt::Display for Count {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped)
    }
}

/// Runs every test, or just the native ones, and closes with the sum.
///
/// # Errors
/// When a test failed or a part could not be run.
pub fn test(only_native: bool, only: &[String]) -> Result<()> {
    let mut parts = vec![("native", native(only)?)];
    if !only_native {
        // A page that does not build fails its part; what the native tests found is still to be told.
        parts.extend(in_browser(only).unwrap_or_else(|failure| {
            eprintln!("xtask: {failure}");
            vec![(BROWSER_PART, closed(Count::default(), false))]
        }));
    }
    let mut sum = Count::default();
    println!();
    for (name, count) in &parts {
        println!("{name:<22} {count}");
        sum.add(*count);
    }
    println!("{sum}");
    match sum.failed {
        0 => Ok(()),
        _ => Err(Failure::new("tests failed", "")),
    }
}

fn native(only: &[String]) -> Result<Count> {
    say("Native tests: engine, lessons, transcripts, the page's own logic.");
    let mut cargo = command("cargo");
    cargo.args(["test", "--workspace", "--no-fail-fast"]).args(only).current_dir(place::root());
    let mut sum = Count::default();
    let well = process::watch(&mut cargo, |line| {
        if let Some(count) = cargo_test_line(line) {
            sum.add(count);
        }
    })?;
    Ok(closed(sum, well))
}

fn in_browser(only: &[String]) -> Result<Vec<(&'static str, Count)>> {
    let mut program = browser_program(Code::Split)?;
    if let Some(axe) = axe::set_up()? {
        program.env("KAFKASCOPE_AXE", axe);
    }
    say("Tests in the browser: the engine in WebAssembly, the page by clicks and keys.");
    program.args(only);
    let mut parts = Vec::new();
    let well = process::watch(&mut program, |line| {
        for name in ["engine in wasm", "page in browser"] {
            if let Some(count) = line.strip_prefix(name).and_then(|rest| rest.strip_prefix(": ")).and_then(count_line) {
                parts.push((name, count));
            }
        }
    })?;
    let counted = parts.iter().any(|(_, count)| count.failed > 0);
    if !well && !counted {
        parts.push((BROWSER_PART, closed(Count::default(), false)));
    }
    Ok(parts)
}

/// The program that drives the browser, on a page that is built for it.
fn browser_program(code: Code) -> Result<Command> {
    let browser = browser::set_up()?;
    let dist = place::target().join(match code {
        Code::Split => "browser-dist",
        Code::Traced => "traced-dist",
    });
    page::build(&dist, code)?;
    // Built together with what the native tests are built with, it comes with them: by itself it would have the engine compiled once
    // more, with the few features of its own dependencies.
    let mut build = command("cargo");
    build.args(["test", "--workspace", "--no-run", "--quiet", "--test", "all"]).current_dir(place::root());
    process::run(&mut build, LOOK_ABOVE)?;
    let mut program = command(place::target().join("debug").join(format!("browser{}", std::env::consts::EXE_SUFFIX)));
    program.arg("--dist").arg(&dist).arg("--chromium").arg(&browser.chromium);
    program.arg("--chromedriver").arg(&browser.driver).current_dir(place::root());
    Ok(program)
}

/// Takes pictures of the views into a folder.
///
/// # Errors
/// When the page cannot be built or a view does not come.
pub fn screenshots(out: &Path, views: &[String]) -> Result<()> {
    let mut program = browser_program(Code::Split)?;
    program.arg("--screenshots").arg(out).args(views);
    process::run(&mut program, LOOK_ABOVE)
}

/// Learns in a browser which functions the first steps need, and writes down the others: the next build leaves them out of the
/// first download.
///
/// # Errors
/// When the page cannot be built or does not come.
pub fn first_steps() -> Result<()> {
    let mut program = browser_program(Code::Traced)?;
    program.arg("--first-steps").arg(place::root().join("tests/weight/rest-of-code.txt"));
    process::run(&mut program, LOOK_ABOVE)
}

/// A part that ended badly without counting a failure (it did not compile, it crashed) is one failure.
fn closed(mut count: Count, well: bool) -> Count {
    if !well && count.failed == 0 {
        count.failed = 1;
    }
    count
}

/// Reads `test result: ok. 3 passed; 0 failed; 1 ignored; …`.
fn cargo_test_line(line: &str) -> Option<Count> {
    let (_, counts) = line.strip_prefix("test result: ")?.split_once(". ")?;
    let number = |word: &str| {
        let part = counts.split("; ").find_map(|part| part.trim().strip_suffix(word))?;
        part.trim().parse::<u64>().ok()
    };
    Some(Count { passed: number("passed")?, failed: number("failed")?, skipped: number("ignored")? })
}

/// Reads `3 passed, 0 failed, 1 skipped`.
fn count_line(line: &str) -> Option<Count> {
    let mut parts = line.trim().split(", ");
    let mut number = |word: &str| parts.next()?.strip_suffix(word)?.trim().parse::<u64>().ok();
    Some(Count { passed: number("passed")?, failed: number("failed")?, skipped: number("skipped")? })
}

/// Runs clippy over everything, natively and for the browser; a warning is an error.
///
/// # Errors
/// When clippy complains or set-up fails.
pub fn clippy() -> Result<()> {
    let deny = |cargo: &mut Command| {
        cargo.args(["--", "-D", "warnings"]).current_dir(place::root());
        process::run(cargo, "mend what clippy names above")
    };
    say("clippy, natively.");
    deny(command("cargo").args(["clippy", "--workspace", "--all-targets"]))?;
    let toolchain = toolchain::set_up()?;
    toolchain::set_up_clippy(&toolchain)?;
    say("clippy, for the browser.");
    let mut cargo = command("cargo");
    cargo.args(["clippy", "-p", "kafkascope-core", "-p", "kafkascope-web", "--target", "wasm32-unknown-unknown"]);
    cargo.envs(toolchain.environment().iter().cloned());
    deny(&mut cargo)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_of_cargo_test_and_of_the_browser_are_counted() {
        let line = "test result: FAILED. 3 passed; 2 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s";
        let expected = Count { passed: 3, failed: 2, skipped: 1 };
        assert_eq!(cargo_test_line(line), Some(expected));
        assert_eq!(count_line("3 passed, 2 failed, 1 skipped"), Some(expected));
        assert_eq!(cargo_test_line("running 3 tests"), None);
        assert_eq!(count_line("3 passed"), None);
    }

    #[test]
    fn a_part_that_crashes_before_it_counts_is_a_failure() {
        assert_eq!(closed(Count::default(), false).failed, 1);
        assert_eq!(closed(Count { failed: 2, ..Count::default() }, false).failed, 2);
        assert_eq!(closed(Count::default(), true).failed, 0);
    }
}
