//! What of the page's code the first steps need: the page opens and shows one record's whole tour, in windows of several sizes
//! and both languages, built so that its code remembers which of its functions ran.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;
use std::{fs, iter, thread};

use serde_json::{Value, json};

use kafkascope_weight::rest::Rest;
use kafkascope_weight::{page as built_page, trace};

use super::driver::{Driver, Failure, Outcome, Session};
use super::page::Page;
use super::{Options, built};

/// How the page is opened: the window, the language and the theme.
pub const WAYS: [(u32, u32, &str, &str); 4] =
    [(1280, 800, "en", "light"), (844, 390, "en", "dark"), (390, 844, "ko", "dark"), (1440, 900, "ko", "light")];
/// The presses that the tour takes.
const FORWARD: usize = 17;
/// Presses back.
const BACK: usize = 2;
/// How long somebody waits between two presses, in milliseconds: what the page does on the side comes between them or does not.
pub const PACES: [u64; 3] = [0, 40, 150];

/// Opens the page in a way, as somebody does who was never there.
///
/// # Errors
/// When it does not come.
pub fn open(page: &mut Page<'_>, way: (u32, u32, &str, &str)) -> Outcome {
    open_with(page, way, "")
}

/// The same, where the rest of the code does not come by itself: `needed` tells how often it was needed all the same.
///
/// # Errors
/// When it does not come.
pub fn open_without_rest(page: &mut Page<'_>, way: (u32, u32, &str, &str)) -> Outcome {
    let hold_back = "window.needed = 0; let given; Object.defineProperty(window, 'fetchRestOfCode', { \
        set: fetch => { given = fetch; }, \
        get: () => isAwaited => { if (isAwaited) { window.needed += 1; given(true); } } });";
    open_with(page, way, hold_back)
}

fn open_with(page: &mut Page<'_>, (width, height, lang, theme): (u32, u32, &str, &str), extra: &str) -> Outcome {
    page.devtools("Page.enable", &json!({}))?;
    let before = format!(
        "try {{ sessionStorage.clear(); localStorage.setItem('kafkascope.lang', '{lang}'); localStorage.setItem('kafkascope.theme', '{theme}'); }} catch {{}} \
        addEventListener('TrunkApplicationStarted', event => window.firstCode = event.detail.wasm); {extra}"
    );
    let script = page.devtools("Page.addScriptToEvaluateOnNewDocument", &json!({"source": before}))?;
    page.open("", width, height)?;
    page.wait_for("[data-testid=forward]")?;
    page.wait_for_engine()?;
    page.devtools("Page.removeScriptToEvaluateOnNewDocument", &script)?;
    Ok(())
}

/// Walks on, some steps back, and on again, by keys and by the button.
///
/// # Errors
/// When the page takes a press badly.
pub fn walk(page: &mut Page<'_>, pace: u64) -> Outcome {
    let keys = [("ArrowRight", FORWARD), ("ArrowLeft", BACK)];
    for key in keys.into_iter().flat_map(|(key, times)| iter::repeat_n(key, times)) {
        page.key(key)?;
        thread::sleep(Duration::from_millis(pace));
    }
    page.click("[data-testid=forward]")?;
    thread::sleep(Duration::from_millis(pace));
    Ok(())
}

/// Learns which functions ran, and writes the names of the others into a file.
///
/// # Errors
/// When there is no page that was built for it, or no browser to show it.
pub fn learn(options: &Options, file: &Path) -> Outcome<bool> {
    let server = built(options)?;
    let driver = Driver::start(&options.chromedriver)?;
    let session = Session::open(&driver, &options.chromium, options.headed)?;
    let mut ran = BTreeSet::new();
    for (way, pace) in WAYS.into_iter().flat_map(|way| PACES.map(|pace| (way, pace))) {
        let mut page = Page::new(&session, server.address(), file.to_owned())?;
        open(&mut page, way)?;
        thread::sleep(Duration::from_millis(pace));
        walk(&mut page, pace)?;
        ran.extend(functions_that_ran(&page)?);
        page.close()?;
        println!("{way:?}, {pace} ms between presses: {} functions so far", ran.len());
    }
    let code = built_page::code(&options.dist).map_err(Failure)?;
    let bytes = fs::read(&code).map_err(|error| Failure(format!("{}: {error}", code.display())))?;
    let (ran, idle) = trace::used_and_unused(&bytes, &ran).map_err(Failure)?;
    let text = Rest::of(&ran, &idle).text();
    fs::write(file, text).map_err(|error| Failure(format!("{}: {error}", file.display())))?;
    println!("{} names of functions are needed, {} are not: {}", ran.len(), idle.len(), file.display());
    Ok(true)
}

fn functions_that_ran(page: &Page<'_>) -> Outcome<BTreeSet<usize>> {
    let ran = page.run(
        "const flags = Object.entries(window.firstCode).filter(([name, flag]) => name.startsWith(arguments[0]) && flag.value === 1); \
        return flags.map(([name]) => Number(name.slice(arguments[0].length)));",
        &[json!(trace::RAN)],
    )?;
    let numbers = ran.as_array().into_iter().flatten().filter_map(Value::as_u64);
    let numbers: BTreeSet<usize> = numbers.filter_map(|number| usize::try_from(number).ok()).collect();
    match numbers.is_empty() {
        true => Err(Failure("the page's code does not say which functions ran: it was not built for it".to_owned())),
        false => Ok(numbers),
    }
}
