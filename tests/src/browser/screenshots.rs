//! Pictures of every view, at every size, in both languages and themes.

use std::path::Path;

use serde_json::json;

use super::driver::{Driver, Outcome, Session};
use super::page::Page;
use super::server::Server;
use super::views::{VIEWS, View, settled};
use super::{Options, built};

/// The windows that pictures are taken in: wide and common desktops, a tablet, a phone lying and standing, and the
/// narrowest.
pub const SIZES: [(u32, u32); 6] = [(1440, 900), (1280, 800), (1024, 768), (844, 390), (390, 844), (360, 740)];
/// Both languages.
pub const LANGUAGES: [&str; 2] = ["en", "ko"];
/// Both themes.
pub const THEMES: [&str; 2] = ["light", "dark"];

/// Takes the pictures of the views whose names are asked for, else of all, into a folder. Gives whether every view came.
///
/// # Errors
/// When there is no built page, or no browser to show it.
pub fn take(options: &Options, out: &Path) -> Outcome<bool> {
    let server = built(options)?;
    let driver = Driver::start(&options.chromedriver)?;
    let session = Session::open(&driver, &options.chromium, options.headed)?;
    let is_wanted =
        |view: &&View| options.names.is_empty() || options.names.iter().any(|name| view.name.contains(name.as_str()));
    let mut missing = 0;
    for view in VIEWS.iter().filter(is_wanted) {
        for lang in LANGUAGES {
            match of_view(view, lang, &session, &server, out) {
                Ok(count) => println!("{count} pictures of {} in {lang}", view.name),
                Err(failure) => {
                    println!("FAILED  {} in {lang}: {failure}", view.name);
                    missing += 1;
                }
            }
        }
    }
    println!("The pictures are in {}.", out.display());
    Ok(missing == 0)
}

/// The view is opened on a desktop and on a phone, and then the window changes its size and the page its theme: a
/// person may do either at any time.
fn of_view(view: &View, lang: &str, session: &Session<'_>, server: &Server, out: &Path) -> Outcome<usize> {
    let mut page = Page::new(session, server.address(), out.to_owned())?;
    let result = pictures(view, lang, &mut page);
    let closed = page.close();
    result.and_then(|count| closed.map(|()| count))
}

fn pictures(view: &View, lang: &str, page: &mut Page<'_>) -> Outcome<usize> {
    let mut count = 0;
    let mut was_phone = None;
    for (width, height) in SIZES {
        let is_phone = width <= 844;
        if was_phone != Some(is_phone) {
            view.open(page, (width, height), lang, THEMES[0])?;
            was_phone = Some(is_phone);
        }
        page.resize(width, height)?;
        for theme in THEMES {
            page.run("document.documentElement.dataset.theme = arguments[0]", &[json!(theme)])?;
            settled(page)?;
            page.screenshot(&format!("{} {width}x{height} {lang} {theme}", view.name))?;
            count += 1;
        }
    }
    Ok(count)
}
