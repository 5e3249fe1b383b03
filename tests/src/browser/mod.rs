//! The page in a real browser: a small WebDriver client, a server for the built page, and the cases.
//!
//! A case is a function on a [`Page`]; `cases/mod.rs` lists them. Each runs in a fresh tab with empty storage, and fails when
//! it leaves an error in the console.

#![allow(clippy::disallowed_types, reason = "a test that waits for a browser lives in real time; the engine does not")]

mod cases;
mod driver;
mod first_steps;
mod page;
mod runs;
pub mod screenshots;
mod server;
mod views;

pub use cases::{Case, Part};
pub use driver::{Driver, Failure, Outcome, Session};
pub use page::{Page, Tab};
pub use server::Server;

use std::env;
use std::panic::{self, AssertUnwindSafe};
use std::path::PathBuf;
use std::time::Instant;

/// What to run, and with which programs.
#[derive(Debug)]
pub struct Options {
    /// The folder of the built page.
    pub dist: PathBuf,
    /// The browser's program.
    pub chromium: PathBuf,
    /// The driver's program.
    pub chromedriver: PathBuf,
    /// Whether to show the browser's window.
    pub headed: bool,
    /// Whether just to print the names of the cases.
    pub list: bool,
    /// The folder for pictures of every view: they are taken instead of running cases.
    pub screenshots: Option<PathBuf>,
    /// The file for the names of functions that the first steps do not need: they are learnt instead of running cases.
    pub first_steps: Option<PathBuf>,
    /// Parts of the names of the cases to run, or of the views to take pictures of; none for all.
    pub names: Vec<String>,
}

/// Runs the chosen cases and prints the report. Gives whether all of them passed.
///
/// # Errors
/// When there is no built page, or no browser to show it.
pub fn run(options: &Options) -> Outcome<bool> {
    if let Some(out) = &options.screenshots {
        return screenshots::take(options, out);
    }
    if let Some(file) = &options.first_steps {
        return first_steps::learn(options, file);
    }
    let wanted =
        |case: &Case| options.names.is_empty() || options.names.iter().any(|name| case.name.contains(name.as_str()));
    let (chosen, left): (Vec<Case>, Vec<Case>) = cases::all().into_iter().partition(wanted);
    if options.list {
        chosen.iter().for_each(|case| println!("{}: {}", case.part.name(), case.name));
        return Ok(true);
    }
    let server = built(options)?;
    let driver = Driver::start(&options.chromedriver)?;
    let mut session = Session::open(&driver, &options.chromium, options.headed)?;
    let mut failed = Vec::new();
    for case in &chosen {
        let since = Instant::now();
        let result = run_case(case, &session, &server);
        let seconds = since.elapsed().as_secs_f64();
        match result {
            Ok(()) => println!("ok      {} ({seconds:.1} s)", case.name),
            Err(failure) => {
                println!("FAILED  {} ({seconds:.1} s)\n        {failure}", case.name);
                failed.push(case);
                if session.get("/window/handles").is_err() {
                    // The browser itself is gone: the other cases are to be told from this one.
                    drop(session);
                    session = Session::open(&driver, &options.chromium, options.headed)?;
                }
            }
        }
    }
    println!();
    for part in Part::ALL {
        let all = chosen.iter().filter(|case| case.part == part).count();
        let bad = failed.iter().filter(|case| case.part == part).count();
        let skipped = left.iter().filter(|case| case.part == part).count();
        println!("{}: {} passed, {bad} failed, {skipped} skipped", part.name(), all - bad);
    }
    println!("{} passed, {} failed, {} skipped", chosen.len() - failed.len(), failed.len(), left.len());
    Ok(failed.is_empty())
}

/// Serves the built page.
fn built(options: &Options) -> Outcome<Server> {
    Server::start(&options.dist).map_err(|error| {
        Failure(format!("there is no built page in {}: {error}. `cargo xtask build` makes one", options.dist.display()))
    })
}

/// Runs one case in a fresh tab. What went wrong comes with the console's errors and a screenshot.
fn run_case(case: &Case, session: &Session<'_>, server: &Server) -> Outcome {
    let screenshots = target().join("screenshots");
    let mut page = Page::new(session, server.address(), screenshots)?;
    let result = panic::catch_unwind(AssertUnwindSafe(|| (case.run)(&mut page))).unwrap_or_else(|payload| {
        let text =
            payload.downcast_ref::<String>().map(String::as_str).or_else(|| payload.downcast_ref::<&str>().copied());
        Err(Failure(text.unwrap_or("the case panicked").to_owned()))
    });
    let errors = page.console_errors().unwrap_or_default();
    let result = match result {
        Ok(()) if errors.is_empty() => Ok(()),
        Ok(()) => Err(Failure("it left errors in the console".to_owned())),
        Err(failure) => Err(failure),
    };
    let result = result.map_err(|Failure(reason)| {
        let mut report = reason;
        for error in &errors {
            report.push_str(&format!("\n        console: {error}"));
        }
        match page.screenshot(&format!("failed {}", case.name)) {
            Ok(path) => report.push_str(&format!("\n        screenshot: {}", path.display())),
            Err(failure) => report.push_str(&format!("\n        no screenshot: {failure}")),
        }
        Failure(report)
    });
    let closed = page.close();
    result.and(closed)
}

/// Cargo's target folder: this program lies in it.
fn target() -> PathBuf {
    let here = env::current_exe().ok();
    let target = here.as_deref().and_then(|path| path.ancestors().find(|dir| dir.join("CACHEDIR.TAG").exists()));
    target.map_or_else(|| PathBuf::from("target"), PathBuf::from)
}
