//! The browser that the tests drive, and the driver between.

use crate::process::{Failure, Result, apt_install, command, is_executable, output, say, which};
use std::env;
use std::path::PathBuf;

/// A Chromium or Chrome, and the chromedriver of its version.
#[derive(Debug)]
pub struct Browser {
    /// The browser's program.
    pub chromium: PathBuf,
    /// The driver's program.
    pub driver: PathBuf,
}

/// Finds browser and driver, installing them with apt where they are missing. `CHROMIUM` and `CHROMEDRIVER` name others.
///
/// # Errors
/// Names what to install where that is not possible.
pub fn set_up() -> Result<Browser> {
    if find().is_none() {
        apt_install(&["chromium", "chromium-driver"], "the tests of the page need Chromium and its driver").map_err(|failure| {
            Failure::new(
                failure.to_string(),
                "install Chromium or Chrome and the chromedriver of the same version, or name them in CHROMIUM and CHROMEDRIVER; `cargo xtask test --native` does without",
            )
        })?;
    }
    let korean_font = || output(command("fc-list").args([":lang=ko", "family"])).is_some_and(|fonts| !fonts.is_empty());
    if which("apt-get").is_some()
        && !korean_font()
        && let Err(failure) = apt_install(&["fontconfig", "fonts-noto-cjk"], "Korean in screenshots needs a font")
    {
        say(format!("{failure}\n  The tests run without: Korean shows as empty boxes in their screenshots."));
    }
    find().ok_or_else(|| {
        Failure::new(
            "Chromium or chromedriver is still not to be found",
            "name the programs in CHROMIUM and CHROMEDRIVER",
        )
    })
}

fn find() -> Option<Browser> {
    let named = |name: &str| env::var_os(name).map(PathBuf::from).filter(|path| is_executable(path));
    let on_path = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome"];
    let mac = PathBuf::from("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome");
    let chromium = named("CHROMIUM")
        .or_else(|| on_path.iter().find_map(|name| which(name)))
        .or_else(|| is_executable(&mac).then_some(mac))?;
    let driver = named("CHROMEDRIVER").or_else(|| which("chromedriver"))?;
    Some(Browser { chromium, driver })
}
