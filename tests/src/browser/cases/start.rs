//! The page starts.

use crate::browser::driver::Outcome;
use crate::browser::page::Page;

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
