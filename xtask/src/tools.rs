//! The tools that make the page: Trunk, wasm-bindgen's command line, wasm-opt. One on the PATH in a right version is used as
//! it is; what is missing goes into the cache.

use crate::place;
use crate::process::{self, Failure, Result, at, command, is_executable, output, run, say, which};
use crate::progress::Board;
use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

const TRUNK: &str = "0.21.14";
const BINARYEN: u32 = 132;
/// Cargo's folder while it builds the tools.
const BUILDING: &str = "building";
/// Older ones refuse what today's compiler emits.
const BINARYEN_OLDEST: u32 = 120;

/// The folders of the installed tools, which go before the PATH.
///
/// # Errors
/// When there is no cache.
pub fn folders() -> Result<[PathBuf; 2]> {
    let tools = place::cache()?.join("tools");
    Ok([tools.join("bin"), wasm_opt_folder(&binaryen(&tools))])
}

/// The PATH on which Trunk finds the tools.
///
/// # Errors
/// When there is no cache.
pub fn path() -> Result<OsString> {
    let before = env::var_os("PATH").unwrap_or_default();
    let dirs = folders()?.into_iter().chain(env::split_paths(&before));
    env::join_paths(dirs).map_err(|error| Failure::new(format!("the PATH cannot be extended: {error}"), ""))
}

/// How many of the tools that cargo builds are missing here.
///
/// # Errors
/// When there is no cache, or Cargo.lock names no wasm-bindgen.
pub fn missing() -> Result<usize> {
    let bin = place::cache()?.join("tools").join("bin");
    let wasm_bindgen = locked_version("wasm-bindgen")?;
    let is_there = |tool: &str, right: &dyn Fn(&str) -> bool| {
        let cached = bin.join(format!("{tool}{}", env::consts::EXE_SUFFIX));
        answers(&cached, right) || which(tool).is_some_and(|path| answers(&path, right))
    };
    let found = [is_there("trunk", &right_trunk), is_there("wasm-bindgen", &|version| version == wasm_bindgen)];
    Ok(found.into_iter().filter(|is_there| !is_there).count())
}

/// Removes what cargo left of building the tools, once all of them are there.
///
/// # Errors
/// When the file system refuses.
pub fn clear_building() -> Result<()> {
    clear_away(&place::cache()?.join("tools").join(BUILDING))
}

fn right_trunk(version: &str) -> bool {
    let mut parts = version.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    (parts.next(), parts.next()) >= (Some(0), Some(21))
}

/// Whether a program answers `--version` with a right one.
fn answers(path: &Path, right: &dyn Fn(&str) -> bool) -> bool {
    let text = output(command(path).arg("--version")).unwrap_or_default();
    text.split_whitespace().nth(1).is_some_and(right)
}

/// Makes sure of Trunk and gives the path to it.
///
/// # Errors
/// When it cannot be installed.
pub fn set_up_trunk(board: &Board) -> Result<PathBuf> {
    // Without its default features: they check for updates and download the tools that this program sets up itself.
    let flags = ["--locked", "--no-default-features"];
    cargo_tool(board, "trunk", "trunk", TRUNK, &flags, "it bundles and serves the page", right_trunk)
}

/// Makes sure of the `wasm-bindgen` of the very version of the crate in Cargo.lock.
///
/// # Errors
/// When it cannot be installed, or Cargo.lock names no wasm-bindgen.
pub fn set_up_wasm_bindgen(board: &Board) -> Result<PathBuf> {
    let version = locked_version("wasm-bindgen")?;
    // Without --locked: the lock file that this tool is published with can name versions that a registry no longer offers.
    cargo_tool(
        board,
        "wasm-bindgen-cli",
        "wasm-bindgen",
        &version,
        &[],
        "it writes the JavaScript around the WebAssembly",
        |found| found == version,
    )
}

/// Makes sure of wasm-opt if that is possible here: without it the page works, and is larger. Gives whether it is there.
///
/// # Errors
/// When the cache cannot be written to.
pub fn set_up_wasm_opt() -> Result<bool> {
    let _lock = place::lock()?;
    let tools = place::cache()?.join("tools");
    let goal = binaryen(&tools);
    let works = |path: &Path| {
        let text = output(command(path).arg("--version")).unwrap_or_default();
        let version = text.split_whitespace().nth(2).and_then(|word| word.parse::<u32>().ok());
        version.is_some_and(|version| version >= BINARYEN_OLDEST)
    };
    let cached = wasm_opt_folder(&goal).join(format!("wasm-opt{}", env::consts::EXE_SUFFIX));
    if works(&cached) {
        return Ok(true);
    }
    clear_away(&goal)?;
    if which("wasm-opt").is_some_and(|path| works(&path)) {
        return Ok(true);
    }
    let without = "The page is built without wasm-opt: it works, and is about half again as large.";
    if which("npm").is_none() {
        say(format!(
            "{without} To have it, install npm, or put binaryen's wasm-opt of version {BINARYEN_OLDEST} or newer on the PATH."
        ));
        return Ok(false);
    }
    say(format!(
        "Installing wasm-opt (npm package binaryen {BINARYEN}): it makes the page smaller. 100 MB on disk, some seconds, once."
    ));
    let draft = place::draft(&goal)?;
    let mut install = command("npm");
    install.args(["install", "--no-save", "--no-audit", "--no-fund", "--loglevel=error", "--prefix"]).arg(&draft);
    install.arg(format!("binaryen@{BINARYEN}.0.0")).current_dir(&draft).stdout(Stdio::null());
    if let Err(failure) = run(&mut install, "") {
        say(format!("{failure}. {without}"));
        return Ok(false);
    }
    place::settle(&draft, &goal)?;
    if !works(&cached) {
        // What does not run must not be found on the PATH by Trunk.
        clear_away(&goal)?;
        say(format!("The installed wasm-opt does not run here. {without}"));
        return Ok(false);
    }
    Ok(true)
}

fn binaryen(tools: &Path) -> PathBuf {
    tools.join(format!("binaryen-{BINARYEN}"))
}

fn wasm_opt_folder(binaryen: &Path) -> PathBuf {
    binaryen.join("node_modules").join(".bin")
}

/// Removes what was found not to work, or to be of another version: Trunk would find it before a right one on the PATH.
fn clear_away(path: &Path) -> Result<()> {
    if path.is_dir() {
        at(path, "remove", fs::remove_dir_all(path))
    } else if path.exists() {
        at(path, "remove", fs::remove_file(path))
    } else {
        Ok(())
    }
}

/// Finds a tool that answers `--version` with a right version, in the cache or on the PATH, else builds it into the cache.
fn cargo_tool(
    board: &Board,
    package: &str,
    tool: &str,
    version: &str,
    flags: &[&str],
    why: &str,
    right: impl Fn(&str) -> bool,
) -> Result<PathBuf> {
    let _lock = place::lock()?;
    let tools = place::cache()?.join("tools");
    let cached = tools.join("bin").join(format!("{tool}{}", env::consts::EXE_SUFFIX));
    let works = |path: &Path| answers(path, &right);
    if works(&cached) {
        return Ok(cached);
    }
    clear_away(&cached)?;
    if let Some(path) = which(tool).filter(|path| works(path)) {
        return Ok(path);
    }
    if fetched_ready(package, tool, version, &tools)? && works(&cached) {
        return Ok(cached);
    }
    say(format!(
        "Building {package} {version} from the crate registry: {why}. On two cores two to four minutes, once. Interrupted, it goes on where it was."
    ));
    at(&tools, "create", fs::create_dir_all(tools.join("bin")))?;
    let draft = place::draft(&tools.join(package))?;
    // What was compiled stays when this is interrupted, so that the next call goes on from there; and it serves the other tool,
    // which is made of the same crates in part.
    let building = tools.join(BUILDING);
    let mut install = command("cargo");
    install.args(["install", package, "--version", version, "--root"]).arg(&draft);
    install.args(flags).env("CARGO_TARGET_DIR", &building).current_dir(&tools);
    // Built for a short wait: neither tool works long enough at a page of this size for optimized code to win that back.
    for (setting, value) in [("OPT_LEVEL", "0"), ("LTO", "off"), ("CODEGEN_UNITS", "256"), ("DEBUG", "false")] {
        install.env(format!("CARGO_PROFILE_RELEASE_{setting}"), value);
    }
    let offline = "look at the lines above: the crate registry must be reachable, and building needs a C compiler";
    board.run(
        package,
        &mut install,
        &format!("{offline}. Or put {tool} {version} on the PATH: it is used as it is"),
    )?;
    for entry in at(&draft, "read", fs::read_dir(draft.join("bin")))?.flatten() {
        let goal = tools.join("bin").join(entry.file_name());
        at(&goal, "move to", fs::rename(entry.path(), &goal))?;
    }
    at(&draft, "remove", fs::remove_dir_all(&draft))?;
    if !is_executable(&cached) || !works(&cached) {
        return Err(Failure::new(
            format!("{package} {version} was built but does not run"),
            format!("run `{} --version` to see why", cached.display()),
        ));
    }
    Ok(cached)
}

/// Has `cargo binstall`, where it is there, fetch a tool ready-made. Gives whether it did: where the network or its sources
/// refuse, the tool is built.
fn fetched_ready(package: &str, tool: &str, version: &str, tools: &Path) -> Result<bool> {
    if which("cargo-binstall").is_none() {
        return Ok(false);
    }
    say(format!("Fetching {package} {version} ready-made with cargo binstall, or else building it."));
    let draft = place::draft(&tools.join(package))?;
    let mut fetch = command("cargo");
    fetch
        .args(["binstall", "--no-confirm", "--disable-strategies", "compile", "--install-path"])
        .arg(draft.join("bin"));
    fetch.arg(format!("{package}@{version}")).stdout(Stdio::null()).stderr(Stdio::null());
    let file = format!("{tool}{}", env::consts::EXE_SUFFIX);
    let is_fetched = process::run_within(&mut fetch, 90) && draft.join("bin").join(&file).is_file();
    if is_fetched {
        let goal = tools.join("bin").join(&file);
        at(&tools.join("bin"), "create", fs::create_dir_all(tools.join("bin")))?;
        at(&goal, "move to", fs::rename(draft.join("bin").join(&file), &goal))?;
    }
    at(&draft, "remove", fs::remove_dir_all(&draft))?;
    Ok(is_fetched)
}

fn locked_version(package: &str) -> Result<String> {
    let path = place::root().join("Cargo.lock");
    let text = at(&path, "read", fs::read_to_string(&path))?;
    version_in_lock(&text, package).ok_or_else(|| {
        Failure::new(format!("Cargo.lock names no {package}"), "run `cargo update --workspace`, then call this again")
    })
}

fn version_in_lock(lock: &str, package: &str) -> Option<String> {
    let mut lines = lock.lines();
    lines.find(|line| *line == format!("name = \"{package}\""))?;
    Some(lines.next()?.strip_prefix("version = \"")?.strip_suffix('"')?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_locked_version_is_the_one_of_the_very_package() {
        let lock = "[[package]]\nname = \"wasm-bindgen-macro\"\nversion = \"0.2.1\"\n\n[[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\n";
        assert_eq!(version_in_lock(lock, "wasm-bindgen").as_deref(), Some("0.2.130"));
        assert_eq!(version_in_lock(lock, "yew"), None);
    }
}
