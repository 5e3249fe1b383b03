//! What is pressed in the scene answers to the keyboard as buttons do: SVG gives its groups a focus, but no Enter.

use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent};
use yew::prelude::*;

use crate::app::{Action, AppContext, Selection, Window};
use crate::platform::browser;

/// A press on what is not selected follows it; on what is selected, follows nothing any more.
pub fn select(selection: Selection, is_selected: bool, app: &AppContext) -> Callback<()> {
    let (app, selection) = (app.clone(), (!is_selected).then_some(selection));
    Callback::from(move |()| app.page(Action::Select(selection.clone())))
}

/// A press that opens a window.
pub fn open(window: Window, app: &AppContext) -> Callback<()> {
    let app = app.clone();
    Callback::from(move |()| app.page(Action::Open(window.clone())))
}

/// Enter and the space bar press what has the focus.
pub fn on_key(press: &Callback<()>) -> Callback<KeyboardEvent> {
    let press = press.clone();
    Callback::from(move |event: KeyboardEvent| {
        if matches!(event.key().as_str(), "Enter" | " ") {
            // Else the space bar would play, and scroll.
            event.prevent_default();
            press.emit(());
        }
    })
}

/// What can be pressed within an element.
const PRESSED: &str = "[role=button]:not([aria-hidden=true])";

/// The scene is one stop for the Tab key: up and down go through what can be pressed in it. Right and left are for steps.
pub fn on_walk() -> Callback<KeyboardEvent> {
    Callback::from(|event: KeyboardEvent| {
        let is_on = match event.key().as_str() {
            "ArrowDown" => true,
            "ArrowUp" => false,
            _ => return,
        };
        let scene = event.current_target().and_then(|target| target.dyn_into::<Element>().ok());
        let Some(found) = scene.and_then(|scene| scene.query_selector_all(PRESSED).ok()) else { return };
        let all: Vec<Element> = (0..found.length()).filter_map(|at| found.get(at)?.dyn_into().ok()).collect();
        event.prevent_default();
        let here = browser::focused().and_then(|focused| all.iter().position(|each| *each == focused));
        browser::focus(next_of(here, all.len(), is_on).and_then(|at| all.get(at)));
    })
}

/// Who is next in a row of `count` that goes round: from outside of it the first, or the last.
fn next_of(here: Option<usize>, count: usize, is_on: bool) -> Option<usize> {
    let last = count.checked_sub(1)?;
    Some(match (here, is_on) {
        (Some(here), true) if here < last => here + 1,
        (Some(here), false) if here > 0 => here - 1,
        (_, true) => 0,
        (_, false) => last,
    })
}

/// A click presses, and presses nothing that lies around it.
pub fn on_click(press: &Callback<()>) -> Callback<MouseEvent> {
    let press = press.clone();
    Callback::from(move |event: MouseEvent| {
        event.stop_propagation();
        press.emit(());
    })
}

#[cfg(test)]
mod tests {
    use super::next_of;

    #[test]
    fn the_walk_goes_round() {
        assert_eq!([next_of(None, 3, true), next_of(None, 3, false)], [Some(0), Some(2)]);
        assert_eq!([next_of(Some(2), 3, true), next_of(Some(0), 3, false)], [Some(0), Some(2)]);
        assert_eq!([next_of(Some(1), 3, true), next_of(Some(1), 3, false)], [Some(2), Some(0)]);
        assert_eq!(next_of(None, 0, true), None);
    }
}
