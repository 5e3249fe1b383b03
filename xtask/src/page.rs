//! Making and serving the page with Trunk.

use crate::place;
use crate::process::{self, Failure, LOOK_ABOVE, Result, at, run, say};
use crate::progress::Board;
use crate::toolchain::{self, Environment};
use crate::tools;
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

/// The profile of a page to be hosted.
const RELEASE: &str = "wasm-release";
/// What index.html says for Trunk to call wasm-opt.
const CALLS_WASM_OPT: &str = "data-wasm-opt=\"z\"";
/// The port of `cargo xtask serve` when nothing else listens there.
const PORT: u16 = 8080;

/// What a build does with the page's code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// What the first steps do not need becomes a file of its own, which is fetched once the page stands.
    Split,
    /// It remembers which of its functions ran: how one learns what the first steps need.
    Traced,
}

/// Builds the page into `out`, as small as the tools here make it. Without wasm-opt the code stays in one file: which of its
/// functions the first steps need is known of what wasm-opt makes of them.
///
/// # Errors
/// When set-up or the build fails, or wasm-opt is missing and the code is to be traced.
pub fn build(out: &Path, code: Code) -> Result<()> {
    let toolchain = toolchain::set_up()?;
    let has_wasm_opt = tools::set_up_wasm_opt()?;
    // Functions are told apart by their names: with all that is generic in them. What refers to which data, the linker knows.
    let names = "-Csymbol-mangling-version=v0";
    let flags = if has_wasm_opt { format!("{names} -Clink-arg=--emit-relocs") } else { names.to_owned() };
    let environment = toolchain.environment_with(&flags);
    let trunk = set_up_tools(&environment, RELEASE)?;
    // Names are gone once Trunk has called wasm-opt: it is called afterwards. wasm-bindgen would cut them short.
    let entry = Entry::edited(CALLS_WASM_OPT, "data-wasm-opt=\"0\" data-no-demangle")?;
    say("Building the page (the first time two to four minutes).");
    let mut build = trunk_command(&trunk, &environment)?;
    build.args(["build", "--release", "--dist"]).arg(out).arg(&entry.path);
    run(&mut build, LOOK_ABOVE)?;
    if has_wasm_opt {
        run(weight().arg("forget-links").arg(out), LOOK_ABOVE)?;
        optimize(out)?;
        match code {
            Code::Split => run(weight().arg("split").arg(out).arg(linked()), LOOK_ABOVE)?,
            Code::Traced => run(weight().arg("trace").arg(out), LOOK_ABOVE)?,
        }
    } else if code == Code::Traced {
        return Err(Failure::new("without wasm-opt the functions are not those of a page to be hosted", "install npm"));
    }
    if code == Code::Traced {
        return Ok(());
    }
    say("Compressing its files, for servers that hand over what is compressed already.");
    run(weight().arg("compress").arg(out), LOOK_ABOVE)
}

/// Has wasm-opt make the code of a built page smaller, as index.html says, and leave the functions their names.
fn optimize(dist: &Path) -> Result<()> {
    let files = at(dist, "read", fs::read_dir(dist))?.flatten().map(|entry| entry.path());
    let code = files.into_iter().find(|path| path.to_string_lossy().ends_with("_bg.wasm"));
    let code = code.ok_or_else(|| Failure::new(format!("there is no code in {}", dist.display()), LOOK_ABOVE))?;
    let entry = Entry::plain();
    let text = at(&entry.path, "read", fs::read_to_string(&entry.path))?;
    let attribute = |name: &str| {
        let value = text.split_once(&format!("{name}=\"")).and_then(|(_, rest)| rest.split_once('"'));
        value.map(|(value, _)| value).ok_or_else(|| Failure::new(format!("index.html does not say {name}"), ""))
    };
    say("Optimizing its code (half a minute to a minute).");
    let mut wasm_opt = process::command("wasm-opt");
    wasm_opt.env("PATH", tools::path()?).arg(format!("-O{}", attribute("data-wasm-opt")?)).arg("-g");
    wasm_opt.args(attribute("data-wasm-opt-params")?.split_whitespace()).arg(&code).arg("-o").arg(&code);
    run(&mut wasm_opt, LOOK_ABOVE)
}

/// Says where the bytes of the last built page are.
///
/// # Errors
/// When there is none.
pub fn weigh(args: &[String]) -> Result<()> {
    let module = linked();
    if !module.is_file() {
        return Err(Failure::new(format!("there is no {}", module.display()), "`cargo xtask build` makes it"));
    }
    let texts = ["lessons", "web/locales"].map(|folder| place::root().join(folder));
    run(weight().arg("where").arg(module).args(args).args(texts), "")
}

/// The code of the last built page, as it was linked.
fn linked() -> PathBuf {
    place::target().join("wasm32-unknown-unknown").join(RELEASE).join("kafkascope-web.wasm")
}

fn weight() -> Command {
    let mut cargo = process::command("cargo");
    cargo.args(["run", "--quiet", "-p", "kafkascope-weight", "--"]).current_dir(place::root());
    cargo
}

/// Makes sure of Trunk and of wasm-bindgen's command line. Where one of them is to be built first, the page is compiled
/// beside that: what is left to do when they are there is little. Gives the path to Trunk.
fn set_up_tools(environment: &Environment, profile: &str) -> Result<PathBuf> {
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
            compile.envs(environment.iter().cloned()).current_dir(place::root());
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
    let environment = toolchain.environment();
    let trunk = set_up_tools(environment, if release { RELEASE } else { "wasm-dev" })?;
    let entry = match release && !tools::set_up_wasm_opt()? {
        true => Entry::edited(CALLS_WASM_OPT, "data-wasm-opt=\"0\"")?,
        false => Entry::plain(),
    };
    let port = match port {
        Some(port) => port,
        None => free_port()?,
    };
    say(format!(
        "Kafkascope will be at http://127.0.0.1:{port}/ as soon as it is built (the first time one to three minutes). Ctrl-C ends it."
    ));
    let mut serve = trunk_command(&trunk, environment)?;
    // Not into `dist`: that is the page which `build` makes to be hosted.
    serve
        .args(["serve", "--port", &port.to_string(), "--dist"])
        .arg(place::target().join("serve"))
        .args(trunk_args)
        .arg(&entry.path);
    run(&mut serve, "look at the lines above; `--port N` serves at another port")
}

fn trunk_command(trunk: &Path, environment: &Environment) -> Result<Command> {
    let mut command = process::command(trunk);
    command.env("PATH", tools::path()?).envs(environment.iter().cloned()).current_dir(place::root());
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

/// The page that Trunk starts from: index.html, or a copy for the time of the build that says other things to Trunk.
struct Entry {
    path: PathBuf,
    is_copy: bool,
}

impl Entry {
    fn plain() -> Entry {
        Entry { path: place::root().join("index.html"), is_copy: false }
    }

    /// A copy that says `after` in the place of `before`.
    fn edited(before: &str, after: &str) -> Result<Entry> {
        let plain = Entry::plain();
        let text = at(&plain.path, "read", fs::read_to_string(&plain.path))?;
        if !text.contains(before) {
            return Err(Failure::new(format!("index.html says {before} no more"), "xtask/src/page.rs relies on it"));
        }
        let text = text.replace(before, after);
        let path = place::root().join(".index-of-build.html");
        at(&path, "write", fs::write(&path, text))?;
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
