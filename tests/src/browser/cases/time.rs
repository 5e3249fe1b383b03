//! Forward and back, waits, branches, runs beside each other, and what the address holds.

use kafkascope_core::presets::presets;
use kafkascope_core::scenario::Scenario;
use serde_json::Value;

use super::tour::start;
use crate::browser::driver::{Failure, Outcome};
use crate::browser::page::Page;

fn position(page: &Page<'_>) -> Outcome<u64> {
    Ok(page.eval("window.kafkascope.position()")?.as_u64().unwrap_or_default())
}

/// Crashes a process, as its window does.
fn crash(page: &Page<'_>, node: i32) -> Outcome {
    let command = format!(r#"{{"command":"crash","node":{node},"machine":false}}"#);
    page.run("return window.kafkascope.act(arguments[0]).index", &[Value::from(command)]).map(|_| ())
}

/// After a crash, Forward goes through what recurs in one press and counts it; it is unfolded, and Back stops where Forward did.
pub fn a_wait_is_counted_and_unfolded(page: &mut Page<'_>) -> Outcome {
    start(page, 1280, 800)?;
    (0..9).try_for_each(|_| page.key("ArrowRight"))?;
    crash(page, 3)?;
    let mut stops = vec![position(page)?];
    for _ in 0..12 {
        page.key("ArrowRight")?;
        stops.push(position(page)?);
        if page.text("[data-testid=happened]")?.contains("connection refused") {
            break;
        }
    }
    let text = page.text("[data-testid=happened]")?;
    assert!(text.contains("× connection refused") && text.contains("heartbeat"), "{text}");
    page.screenshot("a wait")?;
    for stop in stops.iter().rev().skip(1) {
        page.key("ArrowLeft")?;
        assert_eq!(position(page)?, *stop, "Back stops where Forward stopped: {stops:?}");
    }
    (1..stops.len()).try_for_each(|_| page.key("ArrowRight"))?;
    page.click("[data-testid=passed-unfold]")?;
    page.wait_until("the wait is unfolded", |page| Ok(page.count(".passed li button")? > 5))?;
    page.click(".passed li:nth-child(3) button")?;
    assert!(position(page)? < stops[stops.len() - 1], "a press goes to the step");
    Ok(())
}

/// The button beside Forward says what it waits for and how long, and goes there.
pub fn the_next_change_is_told_beforehand(page: &mut Page<'_>) -> Outcome {
    start(page, 1280, 800)?;
    (0..9).try_for_each(|_| page.key("ArrowRight"))?;
    crash(page, 3)?;
    for _ in 0..16 {
        let text = page.wait_for_text("[data-testid=next-change-told]", |text| text.starts_with('+'))?;
        let before = position(page)?;
        page.click("[data-testid=next-change]")?;
        page.wait_until("the change comes", |page| Ok(position(page)? > before))?;
        if text.contains("ession") {
            page.wait_for_text("[data-testid=happened]", |text| text.contains("fenced"))?;
            return Ok(());
        }
    }
    Err(Failure("the end of the session was never told".to_owned()))
}

/// Acting in the past leaves a rail to the old future; undo and redo go back and forth; another run lies beside, and the
/// browser's Back goes to the one before.
pub fn nothing_is_lost(page: &mut Page<'_>) -> Outcome {
    start(page, 1280, 800)?;
    (0..9).try_for_each(|_| page.key("ArrowRight"))?;
    let future = position(page)?;
    (0..4).try_for_each(|_| page.key("ArrowLeft"))?;
    let past = position(page)?;
    crash(page, 1)?;
    page.wait_for("[data-testid=rail-1][aria-current=true]")?;
    page.screenshot("rails")?;
    page.key("z")?;
    assert_eq!((position(page)?, page.count("[data-testid=rail-0][aria-current=true]")?), (past, 1), "undone");
    page.key("Shift+z")?;
    assert_eq!((position(page)?, page.count("[data-testid=rail-1][aria-current=true]")?), (past + 1, 1), "redone");
    page.click("[data-testid=rail-0]")?;
    page.wait_for("[data-testid=rail-0][aria-current=true]")?;
    page.key("End")?;
    assert_eq!(position(page)?, future, "the old future is there");
    page.wait_until("the address holds the run", |page| Ok(page.address()?.contains("#r=")))?;
    page.key("n")?;
    page.click("[data-testid=preset-six-brokers]")?;
    page.wait_until("the other run is shown", |page| {
        Ok(page.text("[data-testid=cluster-name]")?.contains('6') && position(page)? != future)
    })?;
    page.browser_back()?;
    page.wait_until("the run before is shown again", |page| {
        Ok(page.text("[data-testid=cluster-name]")?.contains('3') && position(page)? == future)
    })?;
    page.key("r")?;
    page.click("[data-testid=run-1]")?;
    page.wait_for_text("[data-testid=cluster-name]", |text| text.contains('6')).map(|_| ())
}

/// After a reload the other runs are there with their branches, and undo still leads back.
pub fn runs_and_branches_survive_a_reload(page: &mut Page<'_>) -> Outcome {
    start(page, 1280, 800)?;
    (0..9).try_for_each(|_| page.key("ArrowRight"))?;
    (0..4).try_for_each(|_| page.key("ArrowLeft"))?;
    let past = position(page)?;
    crash(page, 1)?;
    page.wait_for("[data-testid=rail-1][aria-current=true]")?;
    page.key("n")?;
    page.click("[data-testid=preset-six-brokers]")?;
    page.wait_for_text("[data-testid=cluster-name]", |text| text.contains('6'))?;
    page.key("ArrowRight")?;
    let here = position(page)?;
    page.wait_until("the tab keeps where it stands", |page| {
        let link = page.eval("window.kafkascope.link()")?;
        let kept = page.eval("sessionStorage.getItem('kafkascope.runs')")?;
        Ok(kept.as_str().unwrap_or_default().contains(link.as_str().unwrap_or("-")))
    })?;
    page.reload()?;
    page.wait_for_text("[data-testid=cluster-name]", |text| text.contains('6'))?;
    page.wait_for_engine()?;
    assert_eq!(position(page)?, here);
    page.key("r")?;
    page.click("[data-testid=run-0]")?;
    page.wait_for_text("[data-testid=cluster-name]", |text| text.contains('3'))?;
    page.wait_for("[data-testid=rail-1][aria-current=true]")?;
    assert_eq!(position(page)?, past + 1, "it stands where it stood");
    page.key("z")?;
    page.key("z")?;
    page.wait_for("[data-testid=rail-0][aria-current=true]")?;
    assert_eq!(position(page)?, past, "undone, and the new cluster before it");
    Ok(())
}

/// A reload changes nothing: run, step, size, tabs and what is followed are in the address.
pub fn a_reload_changes_nothing(page: &mut Page<'_>) -> Outcome {
    start(page, 1280, 800)?;
    (0..7).try_for_each(|_| page.key("ArrowRight"))?;
    page.key("1")?;
    page.key("ArrowRight")?;
    page.click("[data-testid=tab-log]")?;
    page.click("[data-testid=side-steps]")?;
    let here = position(page)?;
    page.wait_until("the address holds it", |page| {
        let address = page.address()?;
        Ok(["size=micro", "tab=tab-log", "side=side-steps"].iter().all(|part| address.contains(part)))
    })?;
    page.reload()?;
    page.wait_for("[data-testid=forward]")?;
    page.wait_for_engine()?;
    assert_eq!(position(page)?, here);
    for pressed in [
        "[data-testid=size-micro][aria-pressed=true]",
        "#tab-log[aria-selected=true]",
        "#side-steps[aria-selected=true]",
    ] {
        page.wait_for(pressed)?;
    }
    Ok(())
}

/// A link to a far step opens while the page goes on, says how far it is, and can be stopped.
pub fn a_far_link_opens_in_slices(page: &mut Page<'_>) -> Outcome {
    let first = presets().into_iter().find(|preset| preset.id == "first-minute");
    let first = first.ok_or_else(|| Failure("the first page's preset is gone".to_owned()))?;
    let far = Scenario { position: 1_500_000, ..first.scenario };
    page.open(&format!("#r={}", far.to_link()), 1280, 800)?;
    page.wait_for("[data-testid=work-stop]")?;
    page.click("[data-testid=work-stop]")?;
    page.wait_until("it stops", |page| Ok(page.count("[data-testid=work]")? == 0))?;
    page.wait_until("the run stands where it came to", |page| Ok((1..1_500_000).contains(&position(page)?)))
}
