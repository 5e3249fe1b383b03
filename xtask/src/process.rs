//! Running other programs: saying what and why before, and what to do about it when one fails.

use std::env;
use std::ffi::OsStr;
use std::fmt;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

/// The name under which rustup is told of the compiler that builds for the browser where rustup itself cannot
/// download the target.
pub const LINKED_TOOLCHAIN: &str = "kafkascope-wasm";

/// What went wrong, and what the person in front of the terminal can do about it.
#[derive(Debug)]
pub struct Failure {
    what: String,
    remedy: String,
}

/// The result of a step of set-up, build or test.
pub type Result<T> = std::result::Result<T, Failure>;

impl Failure {
    /// A failure with what to do about it; an empty remedy is left out of the message.
    pub fn new(what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Failure { what: what.into(), remedy: remedy.into() }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.what)?;
        if !self.remedy.is_empty() {
            write!(out, "\n  What to do: {}", self.remedy)?;
        }
        Ok(())
    }
}

/// Turns an I/O error into a failure that names the path it is about.
pub fn at<T>(path: &Path, doing: &str, result: std::io::Result<T>) -> Result<T> {
    result.map_err(|error| Failure::new(format!("could not {doing} {}: {error}", path.display()), ""))
}

/// Tells the person what happens now. On standard error: standard output belongs to what a command was asked for.
pub fn say(text: impl AsRef<str>) {
    eprintln!("» {}", text.as_ref());
}

/// A command free of what `cargo run` and rustup left in the environment of this process: a child that is a cargo or a
/// compiler of its own must not inherit another one's libraries.
pub fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    for (name, _) in env::vars_os() {
        let name = name.to_string_lossy().into_owned();
        if name == "CARGO" || name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
            command.env_remove(name);
        }
    }
    if env::var("RUSTUP_TOOLCHAIN").is_ok_and(|name| name == LINKED_TOOLCHAIN) {
        // The output of `cargo xtask env` is for Trunk; what runs natively stays on the toolchain of its own.
        command.env_remove("RUSTUP_TOOLCHAIN");
    }
    if let Some(paths) = env::var_os("LD_LIBRARY_PATH") {
        let foreign = |path: &PathBuf| {
            path.components().any(|part| part.as_os_str() == "target" || part.as_os_str() == "toolchains")
        };
        match env::join_paths(env::split_paths(&paths).filter(|path| !foreign(path))) {
            Ok(rest) if !rest.is_empty() => command.env("LD_LIBRARY_PATH", rest),
            _ => command.env_remove("LD_LIBRARY_PATH"),
        };
    }
    command.stdin(Stdio::null());
    command
}

/// How a command is written in a shell, for messages.
pub fn spelled(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}

/// What to do when a tool has failed that says why itself.
pub const LOOK_ABOVE: &str = "look at the lines above";

/// Runs a command with its output on the terminal.
///
/// # Errors
/// When it cannot be started or ends badly, with `remedy` as what to do.
pub fn run(command: &mut Command, remedy: &str) -> Result<()> {
    let line = spelled(command);
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(Failure::new(format!("`{line}` failed ({status})"), remedy)),
        Err(error) => Err(Failure::new(format!("`{line}` could not be started: {error}"), remedy)),
    }
}

/// Runs a command in silence and gives its standard output, or nothing when it cannot be run or ends badly.
pub fn output(command: &mut Command) -> Option<String> {
    let output = command.stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Runs a command, passing each line of its standard output on to the terminal and to `see`. Gives whether it ended well.
///
/// # Errors
/// When it cannot be started.
pub fn watch(command: &mut Command, mut see: impl FnMut(&str)) -> Result<bool> {
    let line = spelled(command);
    let refused = |error: std::io::Error| Failure::new(format!("`{line}` could not be run: {error}"), "");
    let mut child = command.stdout(Stdio::piped()).spawn().map_err(refused)?;
    if let Some(stdout) = child.stdout.take() {
        for bytes in BufReader::new(stdout).split(b'\n') {
            let Ok(bytes) = bytes else { break };
            let text = String::from_utf8_lossy(&bytes);
            println!("{text}");
            see(&text);
        }
    }
    Ok(child.wait().map_err(refused)?.success())
}

/// Runs a command that may hang on a network that answers nothing, and ends it after `seconds`. Gives whether it ended well.
pub fn run_within(command: &mut Command, seconds: u64) -> bool {
    let Ok(mut child) = command.spawn() else {
        return false;
    };
    for _ in 0..seconds * 10 {
        match child.try_wait() {
            Ok(Some(status)) => return status.success(),
            Ok(None) => thread::sleep(Duration::from_millis(100)),
            Err(_) => break,
        }
    }
    // It may just have ended by itself: then there is nothing to end and its result no longer matters.
    let _ = child.kill();
    let _ = child.wait();
    false
}

/// Where a program is on the PATH.
pub fn which(name: &str) -> Option<PathBuf> {
    let paths = env::var_os("PATH")?;
    let file = format!("{name}{}", env::consts::EXE_SUFFIX);
    env::split_paths(&paths).map(|dir| dir.join(&file)).find(|path| is_executable(path))
}

/// Whether the path is a file that may be run.
pub fn is_executable(path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        path.metadata().is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
    }
    #[cfg(not(unix))]
    {
        path.is_file()
    }
}

/// Installs Debian packages, where this is a machine with apt and the right to use it.
///
/// # Errors
/// Names the packages to install by hand where apt is missing, may not be used, or fails.
pub fn apt_install(packages: &[&str], why: &str) -> Result<()> {
    let names = packages.join(" ");
    let manual = format!("install {names} (or what your system calls them), then call this again");
    if which("apt-get").is_none() {
        return Err(Failure::new(format!("{why}, and there is no apt-get to install it with"), manual));
    }
    let root = output(command("id").arg("-u")).is_some_and(|id| id == "0");
    if !root && !run_within(command("sudo").args(["-n", "true"]).stderr(Stdio::null()), 5) {
        return Err(Failure::new(
            format!("{why}, and installing needs root"),
            format!("run `sudo apt-get install --no-install-recommends {names}`, then call this again"),
        ));
    }
    say(format!("Installing {names} with apt-get: {why}. This takes one to five minutes, once."));
    let apt = |args: &[&str]| {
        let mut apt = if root { command("apt-get") } else { command("sudo") };
        if !root {
            apt.args(["-n", "apt-get"]);
        }
        apt.args(args).env("DEBIAN_FRONTEND", "noninteractive").stdout(Stdio::null());
        apt
    };
    // The list of packages may be old or missing on a new machine; if refreshing it fails, installing says what is wrong.
    let _ = run(&mut apt(&["update", "-qq"]), "");
    let mut install = vec!["install", "-y", "-qq", "--no-install-recommends"];
    install.extend(packages);
    run(&mut apt(&install), &manual)
}
