//! The compiler for the browser. Where rustup can download, its `wasm32-unknown-unknown` target. Where it cannot, Debian's
//! compiler, which ships the source of its own standard library: that is built once and kept in the cache.

use crate::place;
use crate::process::{self, Failure, LINKED_TOOLCHAIN, Result, apt_install, at, command, output, run, say, which};
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

const TARGET: &str = "wasm32-unknown-unknown";
/// The oldest compiler that builds this workspace: its `rust-version`.
const OLDEST_MINOR: u32 = 95;
const STAMP: &str = "complete";
/// Cargo leaves the bitcode out of what it does not link itself. Optimising the page as a whole (`lto = "fat"`) needs it.
const STD_FLAGS: &str = "-Cembed-bitcode=yes";
/// Raise it when the way the standard library is built changes. It is part of the path, and so of what cargo compares: what was
/// compiled against another standard library must be compiled anew.
const RECIPE: u32 = 2;

/// The environment variables that make `cargo build --target wasm32-unknown-unknown`, and so Trunk, work on this machine.
pub type Environment = Vec<(String, String)>;

/// Which compiler builds for the browser here.
#[derive(Debug)]
pub enum Toolchain {
    /// The compiler on the PATH has the target.
    OnPath,
    /// Debian's compiler with the standard library of the cache.
    Debian {
        /// What its builds need.
        environment: Environment,
    },
}

impl Toolchain {
    /// What builds for the browser need in their environment.
    pub fn environment(&self) -> &Environment {
        static NOTHING: Environment = Environment::new();
        match self {
            Toolchain::OnPath => &NOTHING,
            Toolchain::Debian { environment } => environment,
        }
    }

    /// The same with one more flag for the compiler.
    pub fn environment_with(&self, flag: &str) -> Environment {
        let variable = flags_variable();
        let (flags, mut environment): (Environment, Environment) =
            self.environment().iter().cloned().partition(|(name, _)| *name == variable);
        let flags = flags.into_iter().next().map(|(_, flags)| flags).or_else(|| env::var(&variable).ok());
        environment.push((variable, flags.map_or_else(|| flag.to_owned(), |flags| format!("{flags} {flag}"))));
        environment
    }
}

/// Finds the compiler for the browser, installing what is missing.
///
/// # Errors
/// When neither rustup nor apt could bring the target.
pub fn set_up() -> Result<Toolchain> {
    if on_path_has_target() {
        return Ok(Toolchain::OnPath);
    }
    let _lock = place::lock()?;
    if let Some(debian) = Debian::find()
        && debian.sysroot_is_complete()?
    {
        return debian.ready();
    }
    if which("rustup").is_some() {
        say(format!("Adding the target {TARGET} with rustup, to compile for the browser (about 20 MB, some seconds)."));
        let mut add = command("rustup");
        // Where it cannot download, its message is enough: a backtrace of rustup's own would only frighten.
        add.args(["target", "add", TARGET]).env("RUST_BACKTRACE", "0");
        if process::run_within(&mut add, 300) && on_path_has_target() {
            return Ok(Toolchain::OnPath);
        }
        say("rustup could not download the target. Debian's compiler can build it from source: going that way.");
    }
    let debian = match Debian::find() {
        Some(debian) => debian,
        None => {
            apt_install(&["rustc-web", "cargo-web", "rust-web-src"], "the compiler for the browser is missing")?;
            Debian::find().ok_or_else(|| {
                Failure::new(
                    format!("Debian's compiler is older than 1.{OLDEST_MINOR} or came without the source of its standard library"),
                    format!("make `rustup target add {TARGET}` work, or install packages rustc-web, cargo-web, rust-web-src of Rust 1.{OLDEST_MINOR} or newer"),
                )
            })?
        }
    };
    debian.build_sysroot()?;
    debian.ready()
}

/// Makes sure that clippy can look at the code for the browser.
///
/// # Errors
/// When the package cannot be installed.
pub fn set_up_clippy(toolchain: &Toolchain) -> Result<()> {
    match toolchain {
        Toolchain::Debian { .. } if !Path::new("/usr/bin/clippy-driver").exists() => {
            apt_install(&["rust-web-clippy"], "clippy for the browser's compiler is missing")
        }
        _ => Ok(()),
    }
}

fn on_path_has_target() -> bool {
    let sysroot = output(command("rustc").args(["--print", "sysroot"]));
    sysroot.is_some_and(|sysroot| has_core(&library(Path::new(&sysroot))))
}

fn library(sysroot: &Path) -> PathBuf {
    sysroot.join("lib/rustlib").join(TARGET).join("lib")
}

fn has_core(library: &Path) -> bool {
    let Ok(entries) = fs::read_dir(library) else {
        return false;
    };
    entries.flatten().any(|entry| entry.file_name().to_string_lossy().starts_with("libcore-"))
}

/// Debian's compiler, and the folder that its standard library for the browser is kept in.
struct Debian {
    version: String,
    sysroot: PathBuf,
}

impl Debian {
    fn find() -> Option<Debian> {
        let version = output(command("/usr/bin/rustc").arg("--version"))?;
        let number = version.split_whitespace().nth(1)?.to_owned();
        let minor = number.strip_prefix("1.")?.split('.').next()?.parse::<u32>().ok()?;
        let has_source = Path::new("/usr/lib/rustlib/src/rust/library/std/Cargo.toml").exists();
        let usable = minor >= OLDEST_MINOR && has_source && Path::new("/usr/bin/cargo").exists();
        let sysroot = place::cache().ok()?.join(format!("wasm-sysroot-{number}-{RECIPE}"));
        usable.then_some(Debian { version, sysroot })
    }

    /// The stamp is written last and says what was built by which compiler: without it, or when a file is not as it was,
    /// nothing there is trusted.
    fn sysroot_is_complete(&self) -> Result<bool> {
        let Ok(stamp) = fs::read_to_string(self.sysroot.join(STAMP)) else {
            return Ok(false);
        };
        Ok(stamp == self.stamp(&library(&self.sysroot))?)
    }

    fn stamp(&self, library: &Path) -> Result<String> {
        let mut lines = Vec::new();
        if library.is_dir() {
            for entry in at(library, "read", fs::read_dir(library))?.flatten() {
                let bytes = entry.metadata().map_or(0, |data| data.len());
                lines.push(format!("{} {bytes}", entry.file_name().to_string_lossy()));
            }
        }
        lines.sort();
        Ok(format!("{}\n{}\n", self.version, lines.join("\n")))
    }

    fn build_sysroot(&self) -> Result<()> {
        say("Building Rust's standard library for the browser from Debian's source, once (about two minutes).");
        let draft = place::draft(&self.sysroot)?;
        let seed = draft.join("seed");
        at(&seed, "create", fs::create_dir_all(seed.join("src")))?;
        let manifest = "[package]\nname = \"seed\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[workspace]\n";
        at(&seed, "write to", fs::write(seed.join("Cargo.toml"), manifest))?;
        at(&seed, "write to", fs::write(seed.join("src/lib.rs"), "#![no_std]\n"))?;
        let mut build = command("/usr/bin/cargo");
        build
            .args([
                "build",
                "--release",
                "-Zbuild-std=std,panic_abort,panic_unwind",
                "--target",
                TARGET,
                "--target-dir",
                "built",
            ])
            .env("RUSTC", "/usr/bin/rustc")
            .env("RUSTC_BOOTSTRAP", "1")
            .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "1")
            .env("RUSTFLAGS", STD_FLAGS)
            .env_remove("CARGO_ENCODED_RUSTFLAGS")
            .env_remove(flags_variable())
            .current_dir(&seed);
        run(
            &mut build,
            "look at the lines above; its dependencies come from the crate registry, which must be reachable",
        )?;
        let built = seed.join("built").join(TARGET).join("release/deps");
        let library = library(&draft);
        at(&library, "create", fs::create_dir_all(&library))?;
        for entry in at(&built, "read", fs::read_dir(&built))?.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.ends_with(".rlib") && !name.starts_with("libseed-") {
                at(&entry.path(), "copy", fs::copy(entry.path(), library.join(&name)))?;
            }
        }
        at(&seed, "remove", fs::remove_dir_all(&seed))?;
        at(&draft, "write to", fs::write(draft.join(STAMP), self.stamp(&library)?))?;
        place::settle(&draft, &self.sysroot)
    }

    /// What Trunk's builds need: the compiler, the standard library beside it, and a linker, which Debian's compiler does
    /// not bring but rustup's does.
    fn ready(&self) -> Result<Toolchain> {
        let mut environment = Environment::new();
        let mut set = |name: &str, value: String| environment.push((name.to_owned(), value));
        if which("rustup").is_some() {
            let known = output(command("rustup").args(["toolchain", "list"])).unwrap_or_default();
            if !known.lines().any(|line| line.split_whitespace().next() == Some(LINKED_TOOLCHAIN)) {
                let mut link = command("rustup");
                link.args(["toolchain", "link", LINKED_TOOLCHAIN, "/usr"]);
                run(&mut link, "rustup must be able to write to its own folder")?;
            }
            set("RUSTUP_TOOLCHAIN", LINKED_TOOLCHAIN.to_owned());
        }
        let linker_variable = format!("CARGO_TARGET_{}_LINKER", target_in_variables());
        set(&linker_variable, linker()?.display().to_string());
        set(&flags_variable(), format!("--sysroot={}", self.sysroot.display()));
        Ok(Toolchain::Debian { environment })
    }
}

fn target_in_variables() -> String {
    TARGET.to_uppercase().replace('-', "_")
}

fn flags_variable() -> String {
    format!("CARGO_TARGET_{}_RUSTFLAGS", target_in_variables())
}

fn linker() -> Result<PathBuf> {
    let rustup_home = env::var_os("RUSTUP_HOME").map(PathBuf::from);
    let rustup_home = rustup_home.or_else(|| env::var_os("HOME").map(|home| Path::new(&home).join(".rustup")));
    let mut found = Vec::new();
    for toolchain in
        rustup_home.iter().filter_map(|home| fs::read_dir(home.join("toolchains")).ok()).flatten().flatten()
    {
        for host in fs::read_dir(toolchain.path().join("lib/rustlib")).into_iter().flatten().flatten() {
            found.push(host.path().join("bin/rust-lld"));
        }
    }
    found.retain(|path| process::is_executable(path));
    // The stable toolchain's before a nightly's, and the same one at each call.
    found.sort_by_key(|path| (!path.to_string_lossy().contains("/stable-"), path.clone()));
    if let Some(lld) = found.into_iter().next() {
        return Ok(lld);
    }
    if which("wasm-ld").is_none() {
        apt_install(&["lld"], "the linker for the browser is missing")?;
    }
    which("wasm-ld").ok_or_else(|| Failure::new("there is no linker for the browser", "put LLVM's wasm-ld on the PATH"))
}
