//! The right side, the panels that texts point at, and the request lab, by clicks and keys.

use super::tour::start;
use crate::browser::driver::Outcome;
use crate::browser::page::Page;

/// Both widths that a page is looked at in.
const SIZES: [(u32, u32); 2] = [(1280, 800), (390, 844)];

fn text(page: &Page<'_>, css: &str) -> Outcome<String> {
    let text = page.eval(&format!("document.querySelector({css:?})?.innerText ?? ''"))?;
    Ok(text.as_str().unwrap_or_default().to_owned())
}

/// The headline stays while the tabs change; one stop for Tab, up and down go on; a cause and a step lead there.
pub fn the_right_side_tells_why_whence_and_what_next(page: &mut Page<'_>) -> Outcome {
    for (width, height) in SIZES {
        start(page, width, height)?;
        for _ in 0..8 {
            page.key("ArrowRight")?;
        }
        let said = text(page, "[data-testid=happened]")?;
        let tab_stops = page.count(".what [role=tab][tabindex='0']")?;
        assert_eq!(tab_stops, 1, "one stop for Tab");
        if width > 760 {
            let is_in_sight = "(next => { const box = next.getBoundingClientRect(); return box.top < innerHeight - 120; })(document.querySelector('[data-testid=next] li'))";
            assert_eq!(page.eval(is_in_sight)?, true, "what comes next is in sight");
        }
        page.click("#side-next")?;
        page.key("ArrowDown")?;
        page.wait_for("#side-steps[aria-selected=true]")?;
        page.wait_for("[data-testid=steps] button")?;
        assert_eq!(text(page, "[data-testid=happened]")?, said, "the headline stays");
        page.fill("[data-testid=steps-filter]", "batch")?;
        page.wait_until("only steps that say so are listed", |page| {
            let rows = text(page, "[data-testid=steps]")?.to_lowercase();
            let shown = page.count("[data-testid=steps] li")?;
            Ok(shown > 0 && rows.matches("batch").count() as u64 >= shown)
        })?;
        page.screenshot(&format!("steps {width}"))?;
        page.click("#side-cause")?;
        page.wait_for("[data-testid=causes] .here")?;
        page.screenshot(&format!("causes {width}"))?;
        page.click("[data-testid=causes] button")?;
        page.wait_until("the click goes there", |page| Ok(text(page, "[data-testid=happened]")? != said))?;
    }
    Ok(())
}

/// The intro goes with the first page and comes back with it; the tour's offers stay until they are dismissed.
pub fn the_intro_and_the_offers_stay_as_long_as_they_should(page: &mut Page<'_>) -> Outcome {
    start(page, 1280, 800)?;
    page.wait_for("[data-testid=intro]")?;
    page.click("#tab-groups")?;
    page.wait_until("another tab has no intro", |page| Ok(page.count("[data-testid=intro]")? == 0))?;
    page.click("#tab-cluster")?;
    page.wait_for("[data-testid=intro]")?;
    for _ in 0..60 {
        if page.count("[data-testid=tour-done]")? > 0 {
            break;
        }
        page.key("ArrowRight")?;
    }
    for _ in 0..6 {
        page.key("ArrowRight")?;
    }
    page.wait_for("[data-testid=followup-not-earlier]")?;
    page.click("[data-testid=followup-not-earlier]")?;
    page.wait_for("[data-testid=why] [data-testid=why-consumer-waits]:first-child")?;
    page.wait_until("a taken offer is gone", |page| Ok(page.count("[data-testid=followup-not-earlier]")? == 0))?;
    page.wait_for("[data-testid=followup-crash-leader]")?;
    page.click("[data-testid=tour-dismiss]")?;
    page.wait_until("the offers are gone", |page| Ok(page.count("[data-testid=tour-done]")? == 0))
}

/// Whether it is said that nothing new comes, once it was looked ahead.
fn is_at_rest(page: &Page<'_>) -> Outcome<bool> {
    let is_found = |text: &str| text.starts_with('+') || text.starts_with("Nothing");
    page.wait_for_text("[data-testid=next-change-told]", is_found)?;
    Ok(page.count("[data-testid=idle]")? > 0)
}

/// What is found by looking ahead is said when it is known, and no button of the right side moves away for it: on a slow
/// machine a press on an offer went past it.
pub fn nothing_moves_away_by_itself(page: &mut Page<'_>) -> Outcome {
    const TOPS: &str = "JSON.stringify([...document.querySelectorAll('.what button')].map(button => Math.round(button.getBoundingClientRect().top + scrollY)))";
    for (width, height) in SIZES {
        start(page, width, height)?;
        let mut presses = 0;
        let tops = loop {
            page.key("ArrowRight")?;
            let tops = page.eval(TOPS)?;
            presses += 1;
            assert!(presses < 60, "nothing new comes after the tour");
            let is_wait = page.count("[data-testid=passed-unfold]")? > 0 && page.count("[data-testid=tour-done]")? > 0;
            if is_wait && is_at_rest(page)? {
                break tops;
            }
        };
        page.screenshot(&format!("at rest {width}"))?;
        assert_eq!(page.eval(TOPS)?, tops, "the buttons stay where they were");
    }
    Ok(())
}

/// A key that is typed is followed to its partition, and the record that a producer sends the same way.
pub fn a_key_is_followed_to_its_partition(page: &mut Page<'_>) -> Outcome {
    for (width, height) in SIZES {
        start(page, width, height)?;
        page.click("#tab-partitioning")?;
        page.fill("[data-testid=partitioning-key]", "user-1")?;
        page.wait_until("the bytes are shown", |page| {
            Ok(text(page, "[data-testid=partitioning-tried]")?.contains("75 73 65 72"))
        })?;
        for _ in 0..6 {
            page.key("Escape")?;
            page.click("[data-testid=forward]")?;
        }
        page.wait_for("[data-testid=partitioning-last] .chosen")?;
        page.screenshot(&format!("partitioning {width}"))?;
    }
    Ok(())
}

/// A setting is found, a wrong value is told beside its field and kept, a right one holds once the cluster has answered.
pub fn a_setting_is_changed_while_the_cluster_runs(page: &mut Page<'_>) -> Outcome {
    for (width, height) in SIZES {
        start(page, width, height)?;
        for _ in 0..4 {
            page.key("ArrowRight")?;
        }
        page.click("#tab-settings")?;
        page.fill("[data-testid=settings-filter]", "retention.ms")?;
        page.click("[data-testid='setting-retention.ms']")?;
        page.fill("[data-testid='value-retention.ms']", "soon")?;
        page.click("[data-testid='set-retention.ms']")?;
        page.wait_until("Kafka's words stand beside the field", |page| {
            Ok(text(page, "[data-testid='refused-retention.ms']")?.contains("Not a number of type LONG"))
        })?;
        let kept = page.eval("document.querySelector(\"[data-testid='value-retention.ms']\").value")?;
        assert_eq!(kept, "soon", "what was typed is kept");
        page.screenshot(&format!("setting refused {width}"))?;
        page.fill("[data-testid='value-retention.ms']", "60000")?;
        page.click("[data-testid='set-retention.ms']")?;
        for _ in 0..40 {
            page.click("[data-testid=forward]")?;
        }
        page.wait_until("the value holds", |page| {
            Ok(text(page, "[data-testid='setting-retention.ms']")?.contains("60000"))
        })?;
    }
    Ok(())
}

/// The lab is filled from the cluster; what is no JSON is told with its place and kept; what is sent is answered.
pub fn the_lab_is_filled_from_the_cluster(page: &mut Page<'_>) -> Outcome {
    for (width, height) in SIZES {
        start(page, width, height)?;
        for _ in 0..6 {
            page.key("ArrowRight")?;
        }
        page.click("#tab-lab")?;
        page.eval("(pick => { pick.value = 'ListOffsets'; pick.dispatchEvent(new Event('change', {bubbles: true})); })(document.querySelector('[data-testid=lab-api]'))")?;
        page.wait_until("the template has the leader's epoch", |page| {
            let body = page.eval("JSON.parse(document.querySelector('[data-testid=lab-body]').value)")?;
            Ok(body["topics"][0]["partitions"][0]["currentLeaderEpoch"] == 0)
        })?;
        let body = page.eval("document.querySelector('[data-testid=lab-body]').value")?;
        page.fill("[data-testid=lab-body]", "{ oops")?;
        page.click("[data-testid=lab-send]")?;
        page.wait_until("the place is told", |page| Ok(text(page, "[data-testid=lab-error]")?.contains('1')))?;
        assert_eq!(page.eval("document.querySelector('[data-testid=lab-body]').value")?, "{ oops", "it is kept");
        page.fill("[data-testid=lab-body]", body.as_str().unwrap_or_default())?;
        page.wait_until("what was wrong is over", |page| Ok(text(page, "[data-testid=lab-error]")?.is_empty()))?;
        page.click("[data-testid=lab-send]")?;
        page.wait_for("[data-testid=lab-answer]")?;
        for _ in 0..8 {
            page.click("[data-testid=forward]")?;
        }
        page.wait_for("[data-testid=lab-answer] pre")?;
        page.screenshot(&format!("lab {width}"))?;
    }
    Ok(())
}
