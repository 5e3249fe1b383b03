//! `cargo xtask`: sets up, serves, builds and tests Kafkascope. Without dependencies, so that it starts at once on a fresh
//! machine.

mod axe;
mod browser;
mod check;
mod page;
mod place;
mod process;
mod progress;
mod toolchain;
mod tools;

use process::{Failure, Result, command, run};
use progress::Board;
use std::env;
use std::path::PathBuf;
use std::process::ExitCode;

const HELP: &str = "\
cargo xtask COMMAND

  serve [--port N] [-- TRUNK-ARGS]   set up what is missing, serve the page and rebuild it on every change
  build [--out DIR]                  make a static page that any web server can host (default: dist)
  test [--native] [-- FILTER]        run every test, or just the native ones
  setup                              install everything that serve, build and test need, and run nothing
  env                                print the environment that plain `trunk serve` needs: eval \"$(cargo xtask env)\"
  screenshots [--out DIR] [VIEW…]    pictures of every view at every size, in both languages and themes
  clippy                             clippy natively and for the browser, warnings are errors

  first-steps                        learn in a browser which code the first steps need: the rest leaves the first download
  weigh [--largest N]                where the bytes of the page's code are, by crate and by kind, after a `build`

  vectors [DIR]                      play the oracle vectors against the engine
  transcripts [DIR]                  play recorded runs of a real Kafka against the engine
  lessons                            check every lesson
  delivery …                         what each delivery guarantee promises and risks: [--seeds N] [--seed S] [--only NAME]
  group-swarm …                      groups of every kind with faults, then everything healed: [--seeds N] [--steps M] [--seed S]
  swarm …                            random runs with faults, then everything healed: [--seeds N] [--steps M] [--seed S]
  truth …                            whether all that is said of random runs is true: [--seeds N] [--steps M] [--seed S]
  mutate …                           hostile input of every kind: [--inputs N] [--seed S]
  bench …                            the engine's benchmarks

What is missing is installed into the cache folder `kafkascope` of your home, with word of what, why and how long.";

fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    match dispatch(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("xtask: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(args: &[String]) -> Result<()> {
    let Some((name, rest)) = args.split_first() else {
        println!("{HELP}");
        return Ok(());
    };
    match name.as_str() {
        "help" | "--help" | "-h" => {
            println!("{HELP}");
            Ok(())
        }
        "serve" => serve(rest),
        "build" => build(rest),
        "test" => test(rest),
        "setup" => set_up(),
        "env" => print_environment(),
        "screenshots" => screenshots(rest),
        "first-steps" => check::first_steps(),
        "clippy" => check::clippy(),
        "weigh" => page::weigh(rest),
        "vectors" | "transcripts" | "lessons" | "swarm" | "delivery" => {
            forward(&["run", "-q", "--release", "-p", "kafkascope-tests", "--bin", name, "--"], rest)
        }
        "group-swarm" => {
            forward(&["run", "-q", "--release", "-p", "kafkascope-tests", "--bin", "group_swarm", "--"], rest)
        }
        // With overflow checks, and fast.
        "mutate" => {
            forward(&["run", "-q", "--profile", "mutate", "-p", "kafkascope-tests", "--bin", "mutate", "--"], rest)
        }
        "truth" => forward(&["run", "-q", "--release", "-p", "kafkascope-tests", "--bin", "truth", "--"], rest),
        // The benchmark alone: the test harnesses of the other targets do not know its arguments.
        "bench" => forward(&["bench", "-p", "kafkascope-benches", "--bench", "engine"], rest),
        other => Err(Failure::new(format!("there is no command `{other}`"), "`cargo xtask help` lists them")),
    }
}

fn serve(args: &[String]) -> Result<()> {
    let (own, trunk) = split(args);
    let port = match own {
        [] => None,
        [flag, port] if flag == "--port" => Some(
            port.parse()
                .map_err(|_| Failure::new(format!("`{port}` is not a port"), "give a number from 1 to 65535"))?,
        ),
        _ => return Err(misused("serve [--port N] [-- TRUNK-ARGS]")),
    };
    page::serve(port, trunk)
}

fn build(args: &[String]) -> Result<()> {
    let out = match args {
        [] => place::root().join("dist"),
        [flag, dir] if flag == "--out" => {
            let here =
                env::current_dir().map_err(|error| Failure::new(format!("the current folder is gone: {error}"), ""))?;
            here.join(PathBuf::from(dir))
        }
        _ => return Err(misused("build [--out DIR]")),
    };
    page::build(&out, page::Code::Split)?;
    println!("The page is in {}: put that folder anywhere on a web server.", out.display());
    Ok(())
}

fn test(args: &[String]) -> Result<()> {
    let (own, filter) = split(args);
    match own {
        [] => check::test(false, filter),
        [flag] if flag == "--native" => check::test(true, filter),
        _ => Err(misused("test [--native] [-- FILTER]")),
    }
}

fn screenshots(args: &[String]) -> Result<()> {
    let (out, views) = match args {
        [flag, dir, views @ ..] if flag == "--out" => {
            let here =
                env::current_dir().map_err(|error| Failure::new(format!("the current folder is gone: {error}"), ""))?;
            (here.join(dir), views)
        }
        [flag, ..] if flag.starts_with("--") => return Err(misused("screenshots [--out DIR] [VIEW…]")),
        views => (place::target().join("screenshots").join("views"), views),
    };
    check::screenshots(&out, views)
}

fn set_up() -> Result<()> {
    toolchain::set_up()?;
    let board = Board::new(tools::missing()?);
    tools::set_up_trunk(&board)?;
    tools::set_up_wasm_bindgen(&board)?;
    tools::clear_building()?;
    tools::set_up_wasm_opt()?;
    browser::set_up()?;
    axe::set_up()?;
    process::say("Everything is set up.");
    Ok(())
}

fn print_environment() -> Result<()> {
    let toolchain = toolchain::set_up()?;
    let quoted = |value: &str| format!("'{}'", value.replace('\'', r"'\''"));
    for (name, value) in toolchain.environment() {
        println!("export {name}={}", quoted(value));
    }
    let [bin, wasm_opt] = tools::folders()?.map(|folder| quoted(&folder.to_string_lossy()));
    println!("export PATH={bin}:{wasm_opt}:\"$PATH\"");
    Ok(())
}

fn forward(cargo_args: &[&str], rest: &[String]) -> Result<()> {
    // In the folder the person is in: a DIR that they name is relative to it.
    let mut cargo = command("cargo");
    cargo.args(cargo_args).args(rest);
    run(&mut cargo, "")
}

/// What comes before `--` is ours, what comes after is for the tool behind.
fn split(args: &[String]) -> (&[String], &[String]) {
    match args.iter().position(|arg| arg == "--") {
        Some(at) => (&args[..at], &args[at + 1..]),
        None => (args, &[]),
    }
}

fn misused(usage: &str) -> Failure {
    Failure::new("these arguments are not understood", format!("cargo xtask {usage}"))
}
