//! The scene: it fits and is read, it is moved about, what is selected is the same everywhere.

use serde_json::{Value, json};

use super::tour::start;
use crate::browser::driver::{Failure, Outcome};
use crate::browser::page::Page;

/// Of every card of the scene: texts that share pixels, and texts that leave it.
const MISPLACED: &str = r#"
    const found = [];
    const shown = text => {
        const box = text.getBoundingClientRect();
        return box.width > 0 && getComputedStyle(text).visibility !== "hidden" ? box : null;
    };
    for (const card of document.querySelectorAll("svg.scene .room, svg.scene .card, svg.scene .controllers, svg.scene .by-hand, svg.scene .partition-stack")) {
        const frame = card.querySelector(".frame").getBoundingClientRect();
        const texts = [...card.querySelectorAll("text")].map(text => [text, shown(text)]).filter(([, box]) => box);
        texts.forEach(([text, box], index) => {
            if (box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 1 || box.bottom > frame.bottom + 1)
                found.push(`"${text.textContent}" leaves ${card.getAttribute("class")}`);
            for (const [other, its] of texts.slice(index + 1)) {
                const wide = Math.min(box.right, its.right) - Math.max(box.left, its.left);
                const high = Math.min(box.bottom, its.bottom) - Math.max(box.top, its.top);
                // Boxes of lines above each other touch: letters do not.
                if (wide > 1.5 && high > Math.min(box.height, its.height) * 0.35)
                    found.push(`"${text.textContent}" and "${other.textContent}"`);
            }
        });
    }
    return found;
"#;

/// Envelopes on top of their stacks that cover each other.
const COVERED: &str = r#"
    const tops = [...document.querySelectorAll(".envelope:not(.gone):not(.under) .shape")].map(shape => shape.getBoundingClientRect());
    let covered = 0;
    tops.forEach((one, index) => tops.slice(index + 1).forEach(other => {
        const wide = Math.min(one.right, other.right) - Math.max(one.left, other.left);
        const high = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
        covered += wide > 4 && high > 4;
    }));
    return covered;
"#;

fn open_preset(page: &mut Page<'_>, preset: &str) -> Outcome {
    page.key("n")?;
    page.click(&format!("[data-testid={preset}]"))?;
    page.wait_until("the window is closed", |page| Ok(page.count("dialog[open]")? == 0))
}

fn number(page: &Page<'_>, expression: &str) -> Outcome<f64> {
    page.eval(expression)?.as_f64().ok_or_else(|| Failure(format!("{expression} is no number")))
}

fn scale(page: &Page<'_>) -> Outcome<f64> {
    number(page, "new DOMMatrix(getComputedStyle(document.querySelector('.world')).transform).a")
}

fn origin(page: &Page<'_>) -> Outcome<(f64, f64)> {
    let matrix = "new DOMMatrix(getComputedStyle(document.querySelector('.world')).transform)";
    Ok((number(page, &format!("{matrix}.e"))?, number(page, &format!("{matrix}.f"))?))
}

fn mouse(page: &Page<'_>, what: &str, (x, y): (f64, f64), more: Value) -> Outcome {
    let mut event = json!({"type": what, "x": x, "y": y});
    if let (Some(event), Some(more)) = (event.as_object_mut(), more.as_object()) {
        event.extend(more.clone());
    }
    page.devtools("Input.dispatchMouseEvent", &event).map(|_| ())
}

/// On every size, in both languages, along a run: no two texts of a card overlap, and none leaves it.
pub fn texts_keep_their_places(page: &mut Page<'_>) -> Outcome {
    for preset in ["preset-first-minute", "preset-min-insync-two", "preset-six-brokers"] {
        start(page, 1280, 800)?;
        open_preset(page, preset)?;
        for press in 0..14 {
            page.key("ArrowRight")?;
            if press % 4 != 1 {
                continue;
            }
            for (width, height) in [(1440, 900), (1280, 800), (1024, 768)] {
                page.resize(width, height)?;
                for lang in ["ko", "en"] {
                    page.key("l")?;
                    page.wait_until("the language changes", |page| {
                        Ok(page.eval("document.documentElement.lang")? == lang)
                    })?;
                    let misplaced = page.run(MISPLACED, &[])?;
                    assert_eq!(misplaced, json!([]), "{preset}, press {press}, {width} x {height}, {lang}");
                }
            }
        }
        page.screenshot(&format!("scene {preset}"))?;
    }
    Ok(())
}

/// Keys, wheel, drag and button; zoomed in, the scene follows what changes.
pub fn it_is_zoomed_moved_and_follows(page: &mut Page<'_>) -> Outcome {
    start(page, 1280, 800)?;
    page.wait_for("[data-testid=world]")?;
    let home = (scale(page)?, origin(page)?);
    page.key("+")?;
    page.wait_until("a key brings it nearer", |page| Ok(scale(page)? > home.0 * 1.2))?;
    page.key("0")?;
    page.wait_until("a key shows all", |page| Ok(scale(page)? == home.0 && origin(page)? == home.1))?;
    page.key("-")?;
    page.wait_until("a key takes it farther", |page| Ok(scale(page)? < home.0))?;
    page.click("[data-testid=zoom-fit]")?;
    page.wait_until("the button shows all", |page| Ok(scale(page)? == home.0))?;
    // The point under the wheel stays: it is the corner of a broker's head.
    let corner = "document.querySelector('[data-testid=select-3] .hit').getBoundingClientRect()";
    let at = (number(page, &format!("{corner}.x"))? + 2.0, number(page, &format!("{corner}.y"))? + 2.0);
    mouse(page, "mouseWheel", at, json!({"deltaX": 0, "deltaY": -600}))?;
    page.wait_until("the wheel brings it nearer", |page| Ok(scale(page)? > home.0 * 1.5))?;
    let moved = (number(page, &format!("{corner}.x"))? + 2.0 - at.0).abs();
    assert!(moved < 12.0, "the point under the wheel moved by {moved} px");
    let before = origin(page)?;
    mouse(page, "mousePressed", (500.0, 400.0), json!({"button": "left", "clickCount": 1}))?;
    for part in 1..=5 {
        let by = 16.0 * f64::from(part);
        mouse(page, "mouseMoved", (500.0 + by, 400.0 + by), json!({"button": "left", "buttons": 1}))?;
    }
    mouse(page, "mouseReleased", (580.0, 480.0), json!({"button": "left", "clickCount": 1}))?;
    page.wait_until("a drag moves it", |page| Ok((origin(page)?.0 - before.0 - 80.0).abs() < 2.0))?;
    assert_eq!(page.count("[data-testid=selection]")?, 0, "the end of a drag presses nothing");
    // Whatever lights up from here on is in sight.
    for _ in 0..10 {
        page.key("ArrowRight")?;
        let seen = "(() => { const pane = document.querySelector('.scene-box').getBoundingClientRect();
            return [...document.querySelectorAll('.world .highlighted-actor > .frame')].slice(0, 1).every(frame => { const box = frame.getBoundingClientRect();
                return box.right > pane.left + 8 && box.left < pane.right - 8 && box.bottom > pane.top + 8 && box.top < pane.bottom - 8; }); })()";
        page.wait_until("what changed comes into sight", |page| Ok(page.eval(seen)? == true))?;
    }
    page.screenshot("scene zoomed").map(|_| ())
}

/// A press selects, the rest dims, the log and the groups follow, Escape lets go.
pub fn one_selection_is_shared(page: &mut Page<'_>) -> Outcome {
    start(page, 1280, 800)?;
    for _ in 0..8 {
        page.key("ArrowRight")?;
    }
    page.click("[data-testid=replica-3-orders-0] .part")?;
    page.wait_for_text("[data-testid=selection]", |text| text.contains("orders-0"))?;
    assert_eq!(page.attribute("[data-testid=replica-3-orders-0]", "aria-pressed")?.as_deref(), Some("true"));
    assert!(page.count("svg.scene .fold.dim")? > 0, "the rest is dimmed");
    page.screenshot("scene with a selected partition")?;
    page.click("[data-testid=tab-log]")?;
    page.wait_for("[data-testid=stack-orders-0]")?;
    assert_eq!(page.count("[data-testid=stack-orders-0] .replica")?, 3, "every replica is on the axis");
    page.screenshot("log of a selected partition")?;
    page.click("[data-testid=tab-groups]")?;
    page.wait_for("[data-testid=groups-tab]")?;
    page.click("[data-testid=tab-cluster]")?;
    page.wait_for("[data-testid=selection]")?;
    page.key("Escape")?;
    page.wait_until("it is let go", |page| Ok(page.count("[data-testid=selection]")? == 0))?;
    // By the keyboard: a node.
    page.run("document.querySelector('[data-testid=select-2]').focus()", &[])?;
    page.key("Enter")?;
    page.wait_until("the node is selected", |page| {
        Ok(page.attribute("[data-testid=select-2]", "aria-pressed")?.as_deref() == Some("true"))
    })?;
    page.key("Enter")?;
    page.wait_until("it is let go", |page| Ok(page.count("[data-testid=selection]")? == 0))
}

/// It opens, says what every mark is, and closes.
pub fn the_legend_is_a_press_away(page: &mut Page<'_>) -> Outcome {
    start(page, 1280, 800)?;
    page.click("[data-testid=legend-open]")?;
    page.wait_for("[data-testid=legend]")?;
    assert!(page.count("[data-testid=legend] li")? > 15);
    assert!(page.count("[data-testid=legend] .crown")? >= 2, "marks are the scene's own");
    page.screenshot("legend")?;
    page.click("[data-testid=legend-open]")?;
    page.wait_until("it is closed", |page| Ok(page.count("[data-testid=legend]")? == 0))
}

/// Where envelopes meet, one is read and the others are counted; none covers another.
pub fn envelopes_are_stacked(page: &mut Page<'_>) -> Outcome {
    page.prefer(&[("prefers-reduced-motion", "reduce")])?;
    start(page, 1280, 800)?;
    open_preset(page, "preset-six-brokers")?;
    let mut stacks = 0;
    for _ in 0..30 {
        page.key("ArrowRight")?;
        let covered = page.run(COVERED, &[])?;
        assert_eq!(covered, 0, "an envelope covers another");
        stacks += page.count(".envelope.under")?;
    }
    assert!(stacks > 0, "envelopes met in thirty presses");
    page.prefer(&[])
}

/// Nine brokers with thirty partitions: a row is pressed and shown large; rows stay where they are.
pub fn many_brokers_are_a_matrix(page: &mut Page<'_>) -> Outcome {
    start(page, 1440, 900)?;
    page.key("n")?;
    for (field, value) in [("brokers", "9"), ("partitions", "30"), ("replication-factor", "3"), ("producers", "1")] {
        page.fill(&format!("[data-testid=field-{field}]"), value)?;
    }
    page.click("[data-testid=create-cluster]")?;
    page.wait_for("[data-form=matrix]")?;
    assert_eq!(page.count("svg.scene .column")?, 9);
    assert!(page.count("svg.scene .matrix-row")? >= 30);
    let places = "[...document.querySelectorAll('.matrix-row > .hit')].map(row => row.getAttribute('y')).join()";
    let before = page.eval(places)?;
    page.click("[data-testid=row-orders-17] text")?;
    page.wait_for("[data-testid=stack-orders-17]")?;
    page.key("Escape")?;
    for _ in 0..12 {
        page.key("ArrowRight")?;
        assert_eq!(page.eval(places)?, before, "rows stay where they are");
    }
    page.screenshot("matrix of 9 x 30").map(|_| ())
}
