//! The page starts.

use serde_json::json;

use crate::browser::driver::Outcome;
use crate::browser::page::Page;

use super::tour::start;

/// The page's addresses are relative: it works wherever a web server puts it.
pub fn mounts_under_a_sub_path(page: &mut Page<'_>) -> Outcome {
    page.open("", 1280, 800)?;
    page.wait_for("main")?;
    assert!(page.address()?.ends_with("/some/sub/path/"));
    Ok(())
}

/// Every case fails on an error in the console. This one proves that those errors are heard at all.
pub fn errors_in_the_console_are_heard(page: &mut Page<'_>) -> Outcome {
    page.open("", 1280, 800)?;
    page.run("setTimeout(() => { throw new Error('thrown later'); })", &[])?;
    page.run("setTimeout(() => { Promise.reject(new Error('rejected later')); })", &[])?;
    page.run("console.error('logged as an error')", &[])?;
    page.run("await fetch('no-such-file')", &[])?;
    let heard = page.eval("new Promise(later => setTimeout(later, 200))").and_then(|_| page.console_errors())?;
    for wanted in ["thrown later", "rejected later", "logged as an error", "no-such-file"] {
        assert!(heard.iter().any(|error| error.contains(wanted)), "{wanted:?} is not in {heard:#?}");
    }
    Ok(())
}

/// The page has drawn what a press needs where nobody sees it: so far nobody presses anything.
pub fn wait_for_rehearsal(page: &Page<'_>) -> Outcome {
    page.wait_until("the presses were rehearsed", |page| {
        let marks = page.eval("performance.getEntriesByName('rehearsed').length")?;
        Ok(marks.as_u64().is_some_and(|marks| marks > 0))
    })
}

/// What is rehearsed is drawn outside the page, and leaves nothing behind.
pub fn a_rehearsal_leaves_nothing_behind(page: &mut Page<'_>) -> Outcome {
    const LOOK: &str = "JSON.stringify([location.href, kafkascope.position(), kafkascope.link(), document.querySelector('main').outerHTML, \
        document.activeElement.tagName, {...localStorage}, Object.keys(sessionStorage).filter(key => key !== 'kafkascope.runs' && key !== 'kafkascope.runs.0')])";
    const COUNT: &str = "window.outside = []; const make = document.createElementNS.bind(document); \
        document.createElementNS = (...args) => { const made = make(...args); if (args[1] === 'svg') window.outside.push(made); return made; }";
    let added = page.devtools("Page.addScriptToEvaluateOnNewDocument", &json!({"source": COUNT}))?;
    start(page, 1280, 800)?;
    let before = page.eval(LOOK)?;
    wait_for_rehearsal(page)?;
    // A page in one piece rehearses nothing.
    let is_split = page.count("meta[name=rest-of-code]")? > 0;
    page.devtools("Page.removeScriptToEvaluateOnNewDocument", &json!({"identifier": added["identifier"]}))?;
    let outside = page.eval("window.outside.filter(made => !made.isConnected).length")?;
    assert_eq!(outside.as_u64().is_some_and(|outside| outside > 0), is_split, "what was drawn outside the page");
    assert_eq!(page.eval(LOOK)?, before);
    Ok(())
}
