//! What is fetched when: little before the first step, the rest when somebody asks for it, over a network that fails.

use kafkascope_weight::budget::{Part, Weight};
use serde_json::json;

use super::tour::start;
use crate::browser::driver::{Failure, Outcome};
use crate::browser::first_steps;
use crate::browser::page::Page;

/// What the address of the rest of the code has in it.
const REST: &str = kafkascope_weight::page::REST;
/// What the addresses have in them of all that comes once the page stands.
const LATER: [&str; 2] = [REST, "/rest.ftl"];
/// Whether it is here, as `first_steps::open` lets one ask.
const REST_IS_HERE: &str = "window.firstCode.restIsHere.value";

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
    block(page, &["/locales/ko/"])?;
    page.key("l")?;
    page.wait_for_text("[data-testid=error-banner]", |text| text.contains("Korean") && text.contains("한국어"))?;
    language_is(page, "en")?;
    block(page, &[])?;
    page.key("l")?;
    language_is(page, "ko")?;
    assert_eq!(page.eval("window.kafkascope.position()")?, position);
    forget_refusals(page)?;
    // And from the beginning: a page that should open in Korean opens in English, and keeps the wish.
    block(page, &["/locales/ko/"])?;
    page.reload()?;
    page.wait_for_text("[data-testid=error-banner]", |text| text.contains("한국어"))?;
    language_is(page, "en")?;
    // Without any words there is nothing to show: the shell says so.
    block(page, &["/locales/"])?;
    page.reload()?;
    page.wait_until("the shell says so", |page| {
        Ok(page.eval("document.getElementById('shell-failed')?.hidden === false")? == true)
    })?;
    block(page, &[])?;
    forget_refusals(page)?;
    page.reload()?;
    page.wait_for("[data-testid=forward]")?;
    language_is(page, "ko")?;
    forget_refusals(page)
}

/// The rest of the texts could not be fetched: what lacks its words has them once they can be had.
pub fn the_rest_of_the_texts_is_fetched_again(page: &mut Page<'_>) -> Outcome {
    start(page, 1280, 800)?;
    block(page, &["/rest.ftl"])?;
    page.reload()?;
    page.wait_for("[data-testid=forward]")?;
    page.click("[data-testid=legend-open]")?;
    page.wait_for_text("[data-testid=legend]", |text| text.contains('…'))?;
    block(page, &[])?;
    page.wait_for_text("[data-testid=legend]", |text| !text.contains('…'))?;
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

/// The first steps are made without what comes later, in every way that the page may be opened. What is fetched for them, and what
/// comes later, is weighed as it may travel, in the language that needs more: the last of the ways.
pub fn what_is_fetched_first_is_within_the_budget(page: &mut Page<'_>) -> Outcome {
    for way in first_steps::WAYS {
        // What the page does on the side hangs on the moment: that nothing of the rest was needed must be seen once.
        let mut needed = Vec::new();
        for pace in first_steps::PACES {
            first_steps::open_without_rest(page, way)?;
            first_steps::walk(page, pace)?;
            needed.push(page.eval("window.needed")?);
            if needed.last() == Some(&json!(0)) {
                break;
            }
        }
        println!("        {way:?}: the rest of the code was needed {needed:?} times");
        assert_eq!(needed.last(), Some(&json!(0)), "{way:?}: `cargo xtask first-steps` learns what is needed");
    }
    first_steps::open(page, first_steps::WAYS[first_steps::WAYS.len() - 1])?;
    page.wait_until("the rest of the code", |page| Ok(page.eval(REST_IS_HERE)? == 1))?;
    page.wait_until("all texts", |page| {
        let is_fetched = "performance.getEntriesByType('resource').some(entry => entry.name.includes('/rest.ftl'))";
        Ok(page.eval(is_fetched)? == true)
    })?;
    let fetched = page.eval(
        "[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')].map(entry => entry.name)",
    )?;
    let mut addresses: Vec<&str> = fetched.as_array().into_iter().flatten().filter_map(|name| name.as_str()).collect();
    addresses.retain(|address| address.starts_with("http"));
    addresses.sort_unstable();
    addresses.dedup();
    let (mut first, mut whole) = (Weight::default(), Weight::default());
    for address in &addresses {
        let bytes = page.fetched(address)?;
        let weight = Weight::of(&bytes).map_err(Failure)?;
        let is_later = LATER.iter().any(|later| address.contains(later));
        let file = address.rsplit("/some/sub/path/").next().unwrap_or_default();
        println!("        {weight}: {file}{}", if is_later { ", once the page stands" } else { "" });
        whole = whole.plus(weight);
        first = if is_later { first } else { first.plus(weight) };
    }
    for wanted in ["_bg.wasm", ".js", ".ftl", LATER[0], LATER[1]] {
        assert!(addresses.iter().any(|address| address.contains(wanted)), "no {wanted} in {addresses:#?}");
    }
    for (part, sum) in [(Part::First, first), (Part::Whole, whole)] {
        let allowed = Weight::allowed(part).map_err(Failure)?;
        println!("        {part:?}: {sum}; {allowed} are allowed");
        if !sum.fits(allowed) {
            return Err(Failure(format!("{part:?}: {sum} is more than {allowed}")));
        }
    }
    Ok(())
}

/// Nobody has to ask for the rest of the code: it comes once the page stands.
pub fn the_rest_of_the_code_comes_by_itself(page: &mut Page<'_>) -> Outcome {
    first_steps::open(page, first_steps::WAYS[0])?;
    page.wait_until("the rest of the code", |page| Ok(page.eval(REST_IS_HERE)? == 1))?;
    let asked = "performance.getEntriesByType('resource').filter(entry => entry.name.includes(arguments[0])).map(entry => entry.initiatorType)";
    let asked = page.run(&format!("return {asked}"), &[json!(REST)])?;
    assert_eq!(asked, json!(["fetch"]), "it was fetched once, and nothing waited for it");
    Ok(())
}

/// Where somebody is quicker than the network, what they want is fetched at once. Where it cannot be, they are asked whether to try
/// again, and nothing is lost.
pub fn the_rest_of_the_code_is_fetched_when_it_is_needed(page: &mut Page<'_>) -> Outcome {
    first_steps::open_without_rest(page, first_steps::WAYS[0])?;
    page.key("ArrowRight")?;
    page.run(
        "const open = XMLHttpRequest.prototype.open; \
        XMLHttpRequest.prototype.open = function (method, address, later) { \
            return open.call(this, method, window.asked ? address : address + '.lost', later); \
        }; \
        window.confirm = question => { window.asked = question; return true; };",
        &[],
    )?;
    // What the page offers to scripts is not needed for a step.
    let position = page.eval("window.kafkascope.position()")?;
    page.click("[data-testid=lessons]")?;
    page.wait_for("[data-testid=lesson-follower-fetch]")?;
    assert_eq!(page.eval(REST_IS_HERE)?, 1);
    let asked = page.eval("window.asked")?;
    assert!(
        asked.as_str().is_some_and(|text| text.contains("could not be fetched") && text.contains("404")),
        "{asked}"
    );
    assert_eq!(page.eval("window.kafkascope.position()")?, position);
    let others: Vec<String> = page.console_errors()?.into_iter().filter(|error| !error.contains("404")).collect();
    if others.is_empty() { Ok(()) } else { Err(Failure(format!("other errors: {others:#?}"))) }
}
