//! Runs the tests of the page in a real browser, and of the engine in WebAssembly there. `cargo xtask test` builds the page
//! and calls this with what it needs.

use kafkascope_tests::browser::{self, Failure, Options, Outcome};
use std::env;
use std::path::PathBuf;
use std::process::ExitCode;

const HELP: &str = "\
browser [--dist DIR] [--chromium PROGRAM] [--chromedriver PROGRAM] [--headed] [--list] [--screenshots DIR] [--first-steps FILE]
        [NAME…]
Runs the cases whose name contains one of the NAMEs, else all, on the page built into DIR (default: dist).
With --screenshots it takes pictures of the views instead, at every size, in both languages and themes.
With --first-steps it learns from a page that was built for it which functions the first steps need, and writes the others down.";

fn main() -> ExitCode {
    match options().and_then(|options| browser::run(&options)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(failure) => {
            eprintln!("browser: {failure}\n\n{HELP}");
            ExitCode::FAILURE
        }
    }
}

fn options() -> Outcome<Options> {
    let mut options = Options {
        dist: PathBuf::from("dist"),
        chromium: PathBuf::from("/usr/bin/chromium"),
        chromedriver: PathBuf::from("chromedriver"),
        headed: false,
        list: false,
        screenshots: None,
        first_steps: None,
        names: Vec::new(),
    };
    let mut args = env::args().skip(1);
    while let Some(arg) = args.next() {
        let mut path = || args.next().map(PathBuf::from).ok_or_else(|| Failure(format!("{arg} needs a path")));
        match arg.as_str() {
            "--dist" => options.dist = path()?,
            "--chromium" => options.chromium = path()?,
            "--chromedriver" => options.chromedriver = path()?,
            "--screenshots" => options.screenshots = Some(path()?),
            "--first-steps" => options.first_steps = Some(path()?),
            "--headed" => options.headed = true,
            "--list" => options.list = true,
            flag if flag.starts_with("--") => {
                return Err(Failure(format!("{flag} is not understood")));
            }
            _ => options.names.push(arg),
        }
    }
    Ok(options)
}
