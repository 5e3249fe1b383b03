//! Making and serving the page with Trunk.

use crate::place;
use crate::process::{self, Failure, Result, at, run, say};
use crate::progress::Board;
use crate::toolchain::{self, Toolchain};
use crate::tools;
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

/// The profile of a page to be hosted.
const RELEASE: &str = "wasm-release";
/// The port of `cargo xtask serve` when nothing else listens there.
const PORT: u16 = 8080;

/// Builds the page into `out`, as small as the tools here make it.
///
/// # Errors
/// When set-up or the build fails.
pub fn build(out: &Path) -> Result<()> {
    let toolchain = toolchain::set_up()?;
    let has_wasm_opt = tools::set_up_wasm_opt()?;
    let trunk = set_up_tools(&toolchain, RELEASE)?;
    let entry = Entry::for_release(has_wasm_opt)?;
    say("Building the page (the first time two to four minutes).");
    let mut build = trunk_command(&trunk, &toolchain)?;
    build.args(["build", "--release", "--dist"]).arg(out).arg(&entry.path);
    run(&mut build, "look at the lines above")?;
    say("Compressing its files, for servers that hand over what is compressed already.");
    run(weight().arg("compress").arg(out), "look at the lines above")
}

/// Says where the bytes of the last built page are.
///
/// # Errors
/// When there is none.
pub fn weigh(args: &[String]) -> Result<()> {
    let module = place::target().join("wasm32-unknown-unknown").join(RELEASE).join("kafkascope-web.wasm");
    if !module.is_file() {
        return Err(Failure::new(format!("there is no {}", module.display()), "`cargo xtask build` makes it"));
    }
    let texts = ["lessons", "web/locales"].map(|folder| place::root().join(folder));
    run(weight().arg("where").arg(module).args(args).args(texts), "")
}

fn weight() -> Command {
    let mut cargo = process::command("cargo");
    cargo.args(["run", "--quiet", "-p", "kafkascope-weight", "--"]).current_dir(place::root());
    cargo
}

/// Makes sure of Trunk and of wasm-bindgen's command line. Where one of them is to be built first, the page is compiled
/// beside that: what is left to do when they are there is little. Gives the path to Trunk.
fn set_up_tools(toolchain: &Toolchain, profile: &str) -> Result<PathBuf> {
    let missing = tools::missing()?;
    let board = Board::new(missing + 1);
    let both = || {
        let trunk = tools::set_up_trunk(&board)?;
        tools::set_up_wasm_bindgen(&board)?;
        tools::clear_building()?;
        Ok(trunk)
    };
    if missing == 0 {
        return both();
    }
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut compile = process::command("cargo");
            compile.args(["build", "--target", "wasm32-unknown-unknown", "--profile", profile, "-p", "kafkascope-web"]);
            compile.envs(toolchain.environment().iter().cloned()).current_dir(place::root());
            // Trunk compiles it once more and finds it done; where it does not compile, Trunk says so.
            board.run("the page", &mut compile, "").ok();
        });
        both()
    })
}

/// Serves the page, building it anew whenever a file changes, until interrupted.
///
/// # Errors
/// When set-up fails or Trunk ends badly.
pub fn serve(port: Option<u16>, trunk_args: &[String]) -> Result<()> {
    let toolchain = toolchain::set_up()?;
    let release = trunk_args.iter().any(|arg| arg == "--release");
    let trunk = set_up_tools(&toolchain, if release { RELEASE } else { "wasm-dev" })?;
    let entry = if release { Entry::for_release(tools::set_up_wasm_opt()?)? } else { Entry::plain() };
    let port = match port {
        Some(port) => port,
        None => free_port()?,
    };
    say(format!(
        "Kafkascope will be at http://127.0.0.1:{port}/ as soon as it is built (the first time one to three minutes). Ctrl-C ends it."
    ));
    let mut serve = trunk_command(&trunk, &toolchain)?;
    // Not into `dist`: that is the page which `build` makes to be hosted.
    serve
        .args(["serve", "--port", &port.to_string(), "--dist"])
        .arg(place::target().join("serve"))
        .args(trunk_args)
        .arg(&entry.path);
    run(&mut serve, "look at the lines above; `--port N` serves at another port")
}

fn trunk_command(trunk: &Path, toolchain: &Toolchain) -> Result<Command> {
    let mut command = process::command(trunk);
    command.env("PATH", tools::path()?).envs(toolchain.environment().iter().cloned()).current_dir(place::root());
    // Trunk takes only true or false here, and some set it to 1.
    command.env_remove("NO_COLOR");
    // When the page does not compile, the compiler's words are what matters, not where in Trunk it was noticed.
    command.env("RUST_BACKTRACE", "0");
    Ok(command)
}

fn free_port() -> Result<u16> {
    let free = |port: &u16| TcpListener::bind(("127.0.0.1", *port)).is_ok();
    (PORT..PORT + 100).find(free).ok_or_else(|| {
        Failure::new(format!("no port from {PORT} to {} is free", PORT + 99), "name one with `--port N`")
    })
}

/// The page that Trunk starts from. Trunk calls wasm-opt, or fails, when index.html says so: where there is none, a copy that
/// does not say so takes its place for the time of the build.
struct Entry {
    path: PathBuf,
    is_copy: bool,
}

impl Entry {
    fn plain() -> Entry {
        Entry { path: place::root().join("index.html"), is_copy: false }
    }

    fn for_release(has_wasm_opt: bool) -> Result<Entry> {
        let plain = Entry::plain();
        if has_wasm_opt {
            return Ok(plain);
        }
        let text = at(&plain.path, "read", fs::read_to_string(&plain.path))?;
        let path = place::root().join(".index-without-wasm-opt.html");
        at(&path, "write", fs::write(&path, text.replace("data-wasm-opt=\"z\"", "data-wasm-opt=\"0\"")))?;
        Ok(Entry { path, is_copy: true })
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        if self.is_copy {
            // It is ignored by git and overwritten by the next build: leaving it behind does no harm.
            let _ = fs::remove_file(&self.path);
        }
    }
}
