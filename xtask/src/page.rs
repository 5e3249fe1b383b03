//! Making and serving the page with Trunk.

use crate::place;
use crate::process::{self, Failure, Result, at, run, say};
use crate::toolchain::{self, Toolchain};
use crate::tools;
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The port of `cargo xtask serve` when nothing else listens there.
const PORT: u16 = 8080;

/// Builds the page into `out`, as small as the tools here make it.
///
/// # Errors
/// When set-up or the build fails.
pub fn build(out: &Path) -> Result<()> {
    let toolchain = toolchain::set_up()?;
    let trunk = tools::set_up_trunk()?;
    tools::set_up_wasm_bindgen()?;
    let entry = Entry::for_release(tools::set_up_wasm_opt()?)?;
    say("Building the page (the first time two to four minutes).");
    let mut build = trunk_command(&trunk, &toolchain)?;
    build.args(["build", "--release", "--dist"]).arg(out).arg(&entry.path);
    run(&mut build, "look at the lines above")
}

/// Serves the page, building it anew whenever a file changes, until interrupted.
///
/// # Errors
/// When set-up fails or Trunk ends badly.
pub fn serve(port: Option<u16>, trunk_args: &[String]) -> Result<()> {
    let toolchain = toolchain::set_up()?;
    let trunk = tools::set_up_trunk()?;
    tools::set_up_wasm_bindgen()?;
    let release = trunk_args.iter().any(|arg| arg == "--release");
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
