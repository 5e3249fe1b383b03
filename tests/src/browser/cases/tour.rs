//! One record's whole tour, by keys and clicks.

use serde_json::Value;

use crate::browser::driver::{Failure, Outcome};
use crate::browser::page::Page;

/// More presses than the tour needs.
const PRESSES_MAX: usize = 60;

fn digest(page: &Page<'_>) -> Outcome<String> {
    let digest = page.eval("window.kafkascope.digest()")?;
    digest.as_str().map(str::to_owned).ok_or_else(|| Failure("the page gives no digest".to_owned()))
}

fn position(page: &Page<'_>) -> Outcome<u64> {
    Ok(page.eval("window.kafkascope.position()")?.as_u64().unwrap_or_default())
}

/// Opens the page in a window of that many CSS pixels, and waits until the engine answers.
pub fn start(page: &mut Page<'_>, width: u32, height: u32) -> Outcome {
    page.open("", width, height)?;
    page.wait_for("[data-testid=forward]")?;
    page.wait_for_engine()
}

/// Presses → until the page says that the tour is complete.
fn walk_the_tour(page: &mut Page<'_>) -> Outcome<usize> {
    for press in 1..=PRESSES_MAX {
        page.key("ArrowRight")?;
        if page.count("[data-testid=tour-done]")? > 0 {
            return Ok(press);
        }
    }
    Err(Failure(format!("the tour is not complete after {PRESSES_MAX} presses")))
}

/// The whole tour forward, back to the start and forward again gives the same cluster; the language changes midway.
pub fn forward_back_and_forward_again(page: &mut Page<'_>) -> Outcome {
    start(page, 1280, 800)?;
    let beginning = digest(page)?;
    let presses = walk_the_tour(page)?;
    assert!((8..=24).contains(&presses), "the tour took {presses} presses");
    let (end, end_position) = (digest(page)?, position(page)?);
    let changes: Value = page.eval("window.kafkascope.state()")?;
    assert_eq!(changes["producers"][0]["acknowledged"], 1, "the record was acknowledged");
    assert_eq!(changes["consumers"][0]["assigned"][0]["committed"], 1, "its offset was committed");
    let language = page.eval("document.documentElement.lang")?;
    page.click("[data-testid=lang]")?;
    page.wait_until("the language changes", |page| Ok(page.eval("document.documentElement.lang")? != language))?;
    while position(page)? > 0 {
        page.key("ArrowLeft")?;
    }
    assert_eq!(digest(page)?, beginning, "back at the start the cluster is as it was");
    for _ in 0..presses {
        page.click("[data-testid=forward]")?;
    }
    assert_eq!((digest(page)?, position(page)?), (end, end_position), "forward again it is as it was");
    Ok(())
}

/// The address bar holds the run: in a second tab it opens at the same step.
pub fn the_link_opens_the_same_step(page: &mut Page<'_>) -> Outcome {
    start(page, 1280, 800)?;
    for _ in 0..6 {
        page.key("ArrowRight")?;
    }
    let (here, at) = (digest(page)?, position(page)?);
    page.wait_until("the address holds the run", |page| Ok(page.address()?.contains("#r=")))?;
    // The address follows the run with a short delay.
    page.wait_until("the address holds this very step", |page| {
        let link = page.eval("window.kafkascope.link()")?;
        Ok(page.address()?.ends_with(link.as_str().unwrap_or("-")))
    })?;
    let address = page.address()?;
    let tab = page.new_tab()?;
    page.go_to(&tab)?;
    page.open_address(&address)?;
    page.wait_for("[data-testid=forward]")?;
    page.wait_for_engine()?;
    assert_eq!((digest(page)?, position(page)?), (here, at));
    Ok(())
}

/// A damaged link gives an error in a banner, and a cluster that works.
pub fn a_damaged_link_is_told(page: &mut Page<'_>) -> Outcome {
    page.open("#r=AXdamagedlink", 1280, 800)?;
    page.wait_for("[data-testid=error-banner]")?;
    page.key("ArrowRight")?;
    assert!(position(page)? > 0, "the page still steps");
    Ok(())
}

/// Both sizes, both languages, both themes: nothing overflows sideways, and a picture of each is kept to look at.
pub fn it_fits_every_screen(page: &mut Page<'_>) -> Outcome {
    for (width, height) in [(1280, 800), (390, 844)] {
        start(page, width, height)?;
        for _ in 0..7 {
            page.key("ArrowRight")?;
        }
        for theme in ["light", "dark"] {
            for lang in ["en", "ko"] {
                if page.eval("document.documentElement.dataset.theme")? != theme {
                    page.key("t")?;
                    page.wait_until("the theme changes", |page| {
                        Ok(page.eval("document.documentElement.dataset.theme")? == theme)
                    })?;
                }
                if page.eval("document.documentElement.lang")? != lang {
                    page.key("l")?;
                    page.wait_until("the language changes", |page| {
                        Ok(page.eval("document.documentElement.lang")? == lang)
                    })?;
                }
                let overflow = page.eval("document.documentElement.scrollWidth - window.innerWidth")?;
                assert!(overflow.as_i64().unwrap_or(1) <= 0, "{width} px wide, {lang}: {overflow} px overflow");
                let cut_off =
                    page.eval("(top => top.scrollWidth - top.clientWidth)(document.querySelector('.top'))")?;
                assert!(
                    cut_off.as_i64().unwrap_or(1) <= 0,
                    "{width} px wide, {lang}: the header is {cut_off} px too wide"
                );
                page.screenshot(&format!("page {width} {lang} {theme}"))?;
            }
        }
    }
    Ok(())
}
