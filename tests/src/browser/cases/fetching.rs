//! What is fetched when: little before the first step, the rest when somebody asks for it, over a network that fails.

use kafkascope_weight::budget::Weight;
use serde_json::json;

use super::tour::start;
use crate::browser::driver::{Failure, Outcome};
use crate::browser::page::Page;

/// Lets the browser fetch nothing whose address has one of these in it.
fn block(page: &Page<'_>, parts: &[&str]) -> Outcome {
    page.devtools("Network.enable", &json!({}))?;
    page.devtools(
        "Network.setBlockedURLs",
        &json!({"urls": parts.iter().map(|part| format!("*{part}*")).collect::<Vec<_>>()}),
    )?;
    Ok(())
}

/// A refused fetch is an error in the console, and here it is wanted.
fn forget_refusals(page: &Page<'_>) -> Outcome {
    let others: Vec<String> =
        page.console_errors()?.into_iter().filter(|error| !error.contains("ERR_BLOCKED_BY_CLIENT")).collect();
    if others.is_empty() { Ok(()) } else { Err(Failure(format!("other errors: {others:#?}"))) }
}

fn language_is(page: &Page<'_>, lang: &'static str) -> Outcome {
    page.wait_until("the language", |page| Ok(page.eval("document.documentElement.lang")? == lang))
}

/// The list says that it has no lessons, offers to try again, and has them then. The run stays where it was.
pub fn lessons_are_fetched_again(page: &mut Page<'_>) -> Outcome {
    start(page, 1280, 800)?;
    page.key("ArrowRight")?;
    let position = page.eval("window.kafkascope.position()")?;
    block(page, &["/lessons/segments/"])?;
    page.click("[data-testid=lessons]")?;
    page.wait_for("[data-testid=lessons-unfetched]")?;
    assert_eq!(page.count("[data-testid^=lesson-follower]")?, 0);
    block(page, &[])?;
    page.click("[data-testid=lessons-again]")?;
    page.wait_for("[data-testid=lesson-follower-fetch]")?;
    assert_eq!(page.count("[data-testid=lessons-unfetched]")?, 0);
    assert_eq!(page.eval("window.kafkascope.position()")?, position);
    forget_refusals(page)
}

/// The page goes on in the language it has, says why, and speaks the other one as soon as it can be had.
pub fn a_language_that_cannot_be_fetched_is_told(page: &mut Page<'_>) -> Outcome {
    start(page, 1280, 800)?;
    if page.eval("document.documentElement.lang")? != "en" {
        page.key("l")?;
    }
    language_is(page, "en")?;
    page.run("localStorage.setItem('kafkascope.lang', 'en')", &[])?;
    page.reload()?;
    page.wait_for("[data-testid=forward]")?;
    page.key("ArrowRight")?;
    let position = page.eval("window.kafkascope.position()")?;
    block(page, &["/locales/"])?;
    page.key("l")?;
    page.wait_for_text("[data-testid=error-banner]", |text| text.contains("Korean") && text.contains("한국어"))?;
    language_is(page, "en")?;
    block(page, &[])?;
    page.key("l")?;
    language_is(page, "ko")?;
    assert_eq!(page.eval("window.kafkascope.position()")?, position);
    forget_refusals(page)?;
    // And from the beginning: a page that should open in Korean opens in English, and keeps the wish.
    block(page, &["/locales/"])?;
    page.reload()?;
    page.wait_for_text("[data-testid=error-banner]", |text| text.contains("한국어"))?;
    language_is(page, "en")?;
    block(page, &[])?;
    forget_refusals(page)?;
    page.reload()?;
    page.wait_for("[data-testid=forward]")?;
    language_is(page, "ko")?;
    forget_refusals(page)
}

/// On a slow network the first sentence waits for its language: nothing is said in another one, and no key shows.
pub fn the_page_opens_in_a_language_that_comes_late(page: &mut Page<'_>) -> Outcome {
    start(page, 1280, 800)?;
    page.run("localStorage.setItem('kafkascope.lang', 'ko')", &[])?;
    // The texts come half a second after the code.
    page.devtools("Page.enable", &json!({}))?;
    let late = "const soon = window.fetch; window.fetch = (what, how) => String(what).includes('locales/') \
        ? new Promise(done => setTimeout(done, 500)).then(() => soon(what, how)) : soon(what, how);";
    let script = page.devtools("Page.addScriptToEvaluateOnNewDocument", &json!({"source": late}))?;
    page.reload()?;
    page.wait_for("[data-testid=forward]")?;
    language_is(page, "ko")?;
    let heading = page.text("[data-testid=forward]")?;
    assert!(heading.contains("앞으로"), "{heading:?} is not Korean");
    page.devtools("Page.removeScriptToEvaluateOnNewDocument", &script)?;
    Ok(())
}

/// The shell counts up to a hundred while the code comes.
pub fn the_shell_says_how_much_is_here(page: &mut Page<'_>) -> Outcome {
    page.devtools("Page.enable", &json!({}))?;
    let watch = "window.seen = []; new MutationObserver(() => { \
        const part = document.getElementById('shell-percent')?.textContent; \
        if (part && window.seen.at(-1) !== part) window.seen.push(part); \
        }).observe(document, {subtree: true, childList: true, characterData: true});";
    let script = page.devtools("Page.addScriptToEvaluateOnNewDocument", &json!({"source": watch}))?;
    start(page, 1280, 800)?;
    page.devtools("Page.removeScriptToEvaluateOnNewDocument", &script)?;
    let seen = page.eval("window.seen.map(part => parseInt(part))")?;
    let seen: Vec<i64> = seen.as_array().into_iter().flatten().filter_map(|part| part.as_i64()).collect();
    assert!(seen.is_sorted() && seen.iter().any(|part| (1..100).contains(part)), "{seen:?}");
    assert_eq!(seen.last(), Some(&100), "{seen:?}");
    Ok(())
}

/// Where the code cannot be fetched, the shell says so instead of waiting for ever.
pub fn code_that_cannot_be_fetched_is_told(page: &mut Page<'_>) -> Outcome {
    block(page, &["_bg.wasm"])?;
    page.open("", 1280, 800)?;
    page.wait_until("the shell says so", |page| {
        Ok(page.eval("document.getElementById('shell-failed')?.hidden === false")? == true)
    })?;
    assert!(page.text("#shell-failed")?.contains("could not be loaded"));
    block(page, &[])?;
    // What the browser says of it is an error there too.
    page.console_errors()?;
    start(page, 1280, 800)
}

/// All that is fetched until the first step can be made, in the language that needs more, is weighed as it may travel.
pub fn what_is_fetched_first_is_within_the_budget(page: &mut Page<'_>) -> Outcome {
    start(page, 1280, 800)?;
    page.run("localStorage.setItem('kafkascope.lang', 'ko')", &[])?;
    page.reload()?;
    page.wait_until("the engine answers", |page| Ok(page.eval("typeof window.kafkascope")? == "object"))?;
    let fetched = page.eval(
        "[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')].map(entry => entry.name)",
    )?;
    let mut addresses: Vec<&str> = fetched.as_array().into_iter().flatten().filter_map(|name| name.as_str()).collect();
    addresses.retain(|address| address.starts_with("http"));
    addresses.sort_unstable();
    addresses.dedup();
    let mut sum = Weight::default();
    for address in &addresses {
        let bytes = page.fetched(address)?;
        let weight = Weight::of(&bytes).map_err(Failure)?;
        println!("        {weight}: {}", address.rsplit("/some/sub/path/").next().unwrap_or_default());
        sum = sum.plus(weight);
    }
    let allowed = Weight::allowed().map_err(Failure)?;
    println!("        {sum} together; {allowed} are allowed");
    for wanted in ["_bg.wasm", ".js", ".ftl"] {
        assert!(addresses.iter().any(|address| address.contains(wanted)), "no {wanted} in {addresses:#?}");
    }
    if sum.fits(allowed) { Ok(()) } else { Err(Failure(format!("{sum} is more than {allowed}"))) }
}
