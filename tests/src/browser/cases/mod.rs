//! The cases, in the order in which they run. A new one is a function `fn(&mut Page) -> Outcome` and a line in `all`.

mod start;

use crate::browser::driver::Outcome;
use crate::browser::page::Page;

/// What a case is about: the closing report counts each apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The engine compiled to WebAssembly, asked through the page's JavaScript API.
    Engine,
    /// The page, by clicks and keys.
    Page,
}

impl Part {
    /// Every part, in the order of the report.
    pub const ALL: [Part; 2] = [Part::Engine, Part::Page];

    /// The name in the closing report. `cargo xtask test` reads it.
    pub fn name(self) -> &'static str {
        match self {
            Part::Engine => "engine in wasm",
            Part::Page => "page in browser",
        }
    }
}

/// A named case.
#[derive(Debug, Clone, Copy)]
pub struct Case {
    /// What it is about.
    pub part: Part,
    /// What holds when it passes, in words.
    pub name: &'static str,
    /// Does it. A failed `assert!` fails the case as an error does.
    pub run: fn(&mut Page<'_>) -> Outcome,
}

/// Every case.
pub fn all() -> Vec<Case> {
    vec![
        on_page("the page mounts under a sub-path", start::mounts_under_a_sub_path),
        on_page("errors in the console are heard", start::errors_in_the_console_are_heard),
    ]
}

fn on_page(name: &'static str, run: fn(&mut Page<'_>) -> Outcome) -> Case {
    Case { part: Part::Page, name, run }
}
