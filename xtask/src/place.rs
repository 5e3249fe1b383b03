//! Where things are: the repository, the cache of installed tools.

use crate::process::{Failure, Result, at, say};
use std::env;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// The top folder of the repository.
pub fn root() -> PathBuf {
    // At run time the variable names this very checkout, even when the program was built in another one.
    let manifest =
        env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    manifest.parent().map_or(manifest.clone(), Path::to_path_buf)
}

/// Cargo's folder for what it builds.
pub fn target() -> PathBuf {
    match env::var_os("CARGO_TARGET_DIR") {
        Some(dir) => root().join(dir),
        None => root().join("target"),
    }
}

/// The folder that keeps installed tools between calls and between checkouts: `$XDG_CACHE_HOME/kafkascope`, else
/// `~/.cache/kafkascope`.
///
/// # Errors
/// When the environment names neither.
pub fn cache() -> Result<PathBuf> {
    let absolute = |name: &str| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let base = absolute("XDG_CACHE_HOME").or_else(|| absolute("HOME").map(|home| home.join(".cache")));
    base.or_else(|| absolute("LOCALAPPDATA")).map(|base| base.join("kafkascope")).ok_or_else(|| {
        Failure::new(
            "there is no folder to install tools into",
            "set HOME or XDG_CACHE_HOME to a folder you may write to",
        )
    })
}

/// Keeps other calls of xtask from installing at the same time, for as long as the file is held.
///
/// # Errors
/// When the cache cannot be written to.
pub fn lock() -> Result<File> {
    let cache = cache()?;
    at(&cache, "create", fs::create_dir_all(&cache))?;
    let path = cache.join("lock");
    let file = at(&path, "create", File::create(&path))?;
    if file.try_lock().is_err() {
        say("Another call is installing what is missing: waiting for it.");
        at(&path, "lock", file.lock())?;
    }
    Ok(file)
}

/// An empty folder beside `goal`, to fill and then `settle` at `goal`: anyone who looks at `goal` finds it whole or not at all.
///
/// # Errors
/// When the folder cannot be made.
pub fn draft(goal: &Path) -> Result<PathBuf> {
    let name = goal.file_name().unwrap_or_default().to_string_lossy();
    let draft = goal.with_file_name(format!("{name}.unfinished"));
    if draft.exists() {
        at(&draft, "remove", fs::remove_dir_all(&draft))?;
    }
    at(&draft, "create", fs::create_dir_all(&draft))?;
    Ok(draft)
}

/// Moves a filled draft to its place, in the stead of what was there.
///
/// # Errors
/// When the file system refuses.
pub fn settle(draft: &Path, goal: &Path) -> Result<()> {
    if goal.exists() {
        at(goal, "remove", fs::remove_dir_all(goal))?;
    }
    at(goal, "move the finished installation to", fs::rename(draft, goal))
}
