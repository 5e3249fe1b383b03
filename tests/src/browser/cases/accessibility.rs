//! The page without a mouse and without eyes: what axe-core finds, where the keys go, what is named how, what fits.

use serde_json::{Value, json};
use std::env;
use std::fs;

use super::tour::start;
use crate::browser::driver::{Failure, Outcome};
use crate::browser::page::Page;
use crate::browser::screenshots::{LANGUAGES, SIZES, THEMES};
use crate::browser::views::{VIEWS, settled};

/// Names the file of axe-core; `cargo xtask test` sets it.
pub const AXE: &str = "KAFKASCOPE_AXE";
/// The windows in which axe-core looks.
const DESKTOP: (u32, u32) = (1280, 800);
const PHONE: (u32, u32) = (390, 844);
/// The words of buttons that have no room for them.
const CUT_BUTTONS: &str = "[...document.querySelectorAll('button')].filter(it => it.checkVisibility() && it.clientWidth > 0 && it.scrollWidth > it.clientWidth + 1).map(it => it.innerText)";
/// What a finger needs, in CSS pixels.
const FINGER_PX: u64 = 44;

/// On every view, in either language, at every size: nothing sticks out sideways, of the page or of a button; and in either theme nothing is wrong that
/// axe-core knows of. English opens on a desktop and shrinks to a phone, Korean the other way round (what fits must not
/// hang on where the page was opened), and axe-core looks at English on the desktop, at Korean on the phone.
pub fn every_view_fits_and_axe_finds_nothing(page: &mut Page<'_>) -> Outcome {
    let axe = axe()?;
    // Nothing glides, so nothing has to be waited for.
    page.prefer(&[("prefers-reduced-motion", "reduce")])?;
    let mut wide = Vec::new();
    let mut found = Vec::new();
    for view in VIEWS {
        for lang in LANGUAGES {
            let mut sizes = SIZES;
            let looked_at = if lang == LANGUAGES[0] { DESKTOP } else { PHONE };
            if looked_at == PHONE {
                sizes.reverse();
            }
            view.open(page, sizes[0], lang, THEMES[0])?;
            if let Some(axe) = &axe {
                page.run(axe, &[])?;
            }
            for size in sizes {
                page.resize(size.0, size.1)?;
                drawn(page)?;
                let over = page.eval("document.documentElement.scrollWidth - window.innerWidth")?.as_i64().unwrap_or(1);
                if over > 0 {
                    wide.push(format!("{} at {} in {lang} is {over} px too wide", view.name, size.0));
                }
                let cut = page.eval(CUT_BUTTONS)?;
                let cut = cut.as_array().into_iter().flatten().filter_map(Value::as_str);
                wide.extend(
                    cut.map(|words| {
                        format!("{} at {} in {lang}: the button {words:?} is too narrow", view.name, size.0)
                    }),
                );
                if axe.is_some() && size == looked_at {
                    found.extend(violations(page, &format!("{} {}px {lang}", view.name, size.0))?);
                }
            }
        }
    }
    // One of a kind tells enough.
    found.sort();
    found.dedup_by(|one, other| one.0 == other.0);
    wide.extend(found.into_iter().map(|(what, at)| format!("{what}\n            {at}")));
    assert!(wide.is_empty(), "{}", wide.join("\n        "));
    Ok(())
}

/// Waits until the page is drawn anew.
fn drawn(page: &Page<'_>) -> Outcome {
    let frames = "await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))";
    page.run(frames, &[]).map(|_| ())
}

/// axe-core's code, where there is any.
fn axe() -> Outcome<Option<String>> {
    let Ok(path) = env::var(AXE) else {
        println!("        left out: {AXE} names no axe-core; `cargo xtask test` fetches it where npm is there");
        return Ok(None);
    };
    fs::read_to_string(&path).map(Some).map_err(|error| Failure(format!("{path}: {error}")))
}

/// What axe-core finds on the page as it stands, in either theme: each kind with where it is. A theme changes nothing but colours,
/// so the second is asked about these alone.
fn violations(page: &Page<'_>, at: &str) -> Outcome<Vec<(String, String)>> {
    let mut found = Vec::new();
    for (theme, rules) in [(THEMES[0], "{}"), (THEMES[1], "{runOnly: ['color-contrast']}")] {
        page.run("document.documentElement.dataset.theme = arguments[0]", &[json!(theme)])?;
        drawn(page)?;
        let report = page.eval(&format!("axe.run(document, {{resultTypes: ['violations'], ...{rules}}})"))?;
        found.extend(report["violations"].as_array().into_iter().flatten().map(|violation| {
            let nodes = violation["nodes"].as_array().map_or(0, Vec::len);
            let first = &violation["nodes"][0];
            let what = format!("{} {}: {}", violation["id"], violation["impact"], violation["help"]);
            let summary = format!("{at} {theme}, {nodes} times: {} {}", first["html"], first["failureSummary"]);
            (format!("{what} at {}", first["target"]), summary)
        }));
    }
    page.run("document.documentElement.dataset.theme = arguments[0]", &[json!(THEMES[0])])?;
    Ok(found)
}

fn position(page: &Page<'_>) -> Outcome<u64> {
    Ok(page.eval("window.kafkascope.position()")?.as_u64().unwrap_or_default())
}

/// Wherever the focus is, but in a text field, the arrows step, and the space bar does one thing only.
pub fn step_keys_work_wherever_the_focus_is(page: &mut Page<'_>) -> Outcome {
    start(page, 1280, 800)?;
    page.key("ArrowRight")?;
    // Each stop of the Tab key, until they begin again.
    page.run("document.body.focus(); document.activeElement.blur()", &[])?;
    let mut stops: Vec<String> = Vec::new();
    let mut forward_at = None;
    for stop in 1..=200 {
        page.key("Tab")?;
        let name = page.eval("(at => at === document.body ? '' : at.dataset.testid || at.className.baseVal || at.className || at.tagName)(document.activeElement)")?;
        let name = name.as_str().unwrap_or_default().to_owned();
        if name.is_empty() || stops.first() == Some(&name) {
            break;
        }
        if name == "forward" {
            forward_at = Some(stop);
        }
        if page.eval("document.activeElement.matches('select, input[type=text], textarea')")? == false {
            let before = position(page)?;
            page.key("ArrowRight")?;
            let after = position(page)?;
            assert!(after > before, "the right arrow does not step while {name} has the focus");
            page.key("ArrowLeft")?;
            assert_eq!(position(page)?, before, "the left arrow does not step back while {name} has the focus");
            // What the step has delivered was gone meanwhile, and the focus with it.
            page.run(
                "if (document.activeElement === document.body) document.querySelector(`[data-testid=\"${arguments[0]}\"]`)?.focus()",
                &[json!(name)],
            )?;
        }
        stops.push(name);
    }
    assert!(stops.len() > 10, "the Tab key finds only {stops:?}");
    assert!(stops.len() < 45, "the Tab key stops {} times: {stops:?}", stops.len());
    let scene = stops.iter().position(|stop| stop == "scene");
    let next = scene.and_then(|scene| stops.get(scene + 1)).map(String::as_str);
    assert_eq!(next, Some("zoom-out"), "the scene is one stop: {stops:?}");
    assert!(forward_at.is_some(), "the Tab key does not reach Forward: {stops:?}");
    // The first stop leads there.
    page.run("document.activeElement.blur()", &[])?;
    page.key("Tab")?;
    page.key("Enter")?;
    assert_eq!(page.eval("document.activeElement.dataset.testid")?, "forward", "the first stop leads to Forward");
    // Within the scene, up and down go from one to the next, and Enter presses it.
    page.run("document.querySelector('[data-testid=scene]').focus()", &[])?;
    page.key("ArrowDown")?;
    let first = page.eval("document.activeElement.dataset.testid")?;
    page.key("ArrowDown")?;
    let second = page.eval("document.activeElement.dataset.testid")?;
    assert_ne!(first, second, "down goes on");
    page.key("ArrowUp")?;
    assert_eq!(page.eval("document.activeElement.dataset.testid")?, first, "up goes back");
    page.key("Tab")?;
    assert_eq!(page.eval("document.activeElement.dataset.testid")?, "zoom-out", "Tab leaves the scene");
    page.run("document.querySelector('[data-testid=forward]').focus()", &[])?;
    // The space bar presses what has the focus, and does not play as well.
    let before = position(page)?;
    page.key("Space")?;
    settled(page)?;
    assert!(position(page)? > before, "the space bar presses Forward");
    assert_eq!(page.attribute("[data-testid=play]", "aria-pressed")?.as_deref(), Some("false"), "and plays nothing");
    Ok(())
}

/// Everything that can be pressed has a name of its own, its visible label is part of it, and there is one heading of the page.
pub fn everything_has_a_name_of_its_own(page: &mut Page<'_>) -> Outcome {
    for lang in LANGUAGES {
        let view = VIEWS.iter().find(|view| view.name == "journey").ok_or("there is no such view")?;
        view.open(page, (1280, 800), lang, THEMES[0])?;
        assert_eq!(page.count("h1")?, 1, "one heading of the first order");
        let twice = page.run(
            "const name = at => at.getAttribute('aria-label') || at.querySelector(':scope > title')?.textContent || at.textContent.trim();
             const all = [...document.querySelectorAll('.scene [role=button], .scene [role=img], .scene [role=listitem], .scene [role=group]')].map(name);
             return all.filter((one, at) => !one || all.indexOf(one) !== at)",
            &[],
        )?;
        assert_eq!(twice, json!([]), "{lang}: names that are missing or given twice");
        let replicas = page.run(
            "return [...document.querySelectorAll('[data-testid^=replica-]')].map(at => at.getAttribute('aria-label') || '')",
            &[],
        )?;
        let replicas: Vec<&str> = replicas.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        assert!(!replicas.is_empty() && replicas.iter().all(|name| name.contains("orders-0")), "{lang}: {replicas:?}");
        let parted = page.run(
            "const seen = text => text.replace(/[◀▶❚⋯←→\\s]+/g, ' ').trim().toLowerCase();
             return [...document.querySelectorAll('button[aria-label], a[aria-label]')]
                 .filter(at => /\\p{L}{2}/u.test(at.innerText) && !seen(at.getAttribute('aria-label')).includes(seen(at.innerText)))
                 .map(at => at.outerHTML.slice(0, 200))",
            &[],
        )?;
        assert_eq!(parted, json!([]), "{lang}: labels that are not part of the name");
    }
    Ok(())
}

/// The views in which everything that is pressed is measured.
const FINGERS_AT: [&str; 3] = ["journey", "groups", "transactions"];

/// Whether the chosen tab lies within its list.
const CHOSEN_TAB_IN_SIGHT: &str = "const [tab, list] = ['.middle > .tabs [aria-selected=true]', '.middle > .tabs']
     .map(at => document.querySelector(at).getBoundingClientRect());
 return tab.left >= list.left && tab.right <= list.right";

/// Of the tabs that do not fit beside each other, the chosen one is in sight, also where a link has chosen it.
pub fn the_chosen_tab_is_in_sight(page: &mut Page<'_>) -> Outcome {
    let view = VIEWS.iter().find(|view| view.name == "metrics").ok_or("there is no such view")?;
    for (lang, (width, height)) in LANGUAGES.into_iter().flat_map(|lang| [(lang, PHONE), (lang, (1024, 768))]) {
        view.open(page, (width, height), lang, THEMES[0])?;
        page.reload()?;
        page.wait_for("[data-testid=metric-card]")?;
        let in_sight = page.run(CHOSEN_TAB_IN_SIGHT, &[])?;
        assert_eq!(in_sight, true, "{width} × {height}, {lang}: the chosen tab is out of sight");
        page.resize(360, 740)?;
        page.wait_until("the chosen tab is in sight of a narrower window, too", |page| {
            Ok(page.run(CHOSEN_TAB_IN_SIGHT, &[])? == true)
        })?;
    }
    Ok(())
}

/// On a phone, whatever is pressed is as large as a finger; the headline is above Forward, and the map picks who is shown.
pub fn a_phone_is_for_fingers(page: &mut Page<'_>) -> Outcome {
    for (width, height) in [(390, 844), (360, 740), (844, 390)] {
        for (lang, name) in LANGUAGES.into_iter().flat_map(|lang| FINGERS_AT.map(|name| (lang, name))) {
            let view = VIEWS.iter().find(|view| view.name == name).ok_or("there is no such view")?;
            view.open(page, (width, height), lang, THEMES[0])?;
            let small = page.run(
                "return [...document.querySelectorAll('button, a, [role=button], input, select, summary')].filter(at => at.checkVisibility({visibilityProperty: true}))
                     .map(at => [at, at.getBoundingClientRect()])
                     .filter(([at, box]) => box.width > 0 && box.height > 0 && !at.closest('svg') && (box.height < arguments[0] - 0.5 || box.width < arguments[0] - 0.5))
                     .map(([at, box]) => `${at.dataset.testid || at.className || at.tagName} ${Math.round(box.width)}×${Math.round(box.height)}`)",
                &[json!(FINGER_PX)],
            )?;
            assert_eq!(small, json!([]), "{name}, {width} × {height}, {lang}: too small for a finger");
            if width < 600 {
                let order = page.eval("document.querySelector('[data-testid=happened]').getBoundingClientRect().top < document.querySelector('[data-testid=forward]').getBoundingClientRect().top")?;
                assert_eq!(order, true, "the headline is above Forward");
            }
        }
    }
    Ok(())
}
