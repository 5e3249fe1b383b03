//! axe-core, which looks through the page for what keeps people out. It is injected by a test and never part of the page.

use crate::place;
use crate::process::{Result, command, run, say, which};
use std::path::PathBuf;
use std::process::Stdio;

const AXE_CORE: &str = "4.11.0";

/// Makes sure of axe-core if that is possible here, and gives its script. Without npm the test that needs it is left out.
///
/// # Errors
/// When the cache cannot be written to.
pub fn set_up() -> Result<Option<PathBuf>> {
    let _lock = place::lock()?;
    let goal = place::cache()?.join("tools").join(format!("axe-core-{AXE_CORE}"));
    let script = goal.join("node_modules").join("axe-core").join("axe.min.js");
    if script.is_file() {
        return Ok(Some(script));
    }
    let without = "The page is not looked through by axe-core";
    if which("npm").is_none() {
        say(format!("{without}: npm is not here to fetch it."));
        return Ok(None);
    }
    say(format!(
        "Installing axe-core {AXE_CORE} (npm package): it looks through the page in its tests. 3 MB on disk, once."
    ));
    let draft = place::draft(&goal)?;
    let mut install = command("npm");
    install.args(["install", "--no-save", "--no-audit", "--no-fund", "--loglevel=error", "--prefix"]).arg(&draft);
    install.arg(format!("axe-core@{AXE_CORE}")).current_dir(&draft).stdout(Stdio::null());
    if let Err(failure) = run(&mut install, "") {
        say(format!("{failure}. {without}."));
        return Ok(None);
    }
    place::settle(&draft, &goal)?;
    Ok(script.is_file().then_some(script))
}
