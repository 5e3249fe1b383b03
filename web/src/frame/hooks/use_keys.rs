//! The keyboard.

use gloo_events::{EventListener, EventListenerOptions};
use wasm_bindgen::JsCast;
use web_sys::KeyboardEvent;
use yew::prelude::*;

use crate::controls::keys::{KeyAction, action_of, by_place};
use crate::platform::browser;

/// Binds the table of keys to the document. While a window lies over the page, its own keys come first.
#[hook]
pub fn use_keys(press: &Callback<KeyAction>, has_window: bool) {
    use_effect_with((press.clone(), has_window), move |(press, _)| {
        let press = press.clone();
        let listener = browser::document().map(|document| {
            let options = EventListenerOptions::enable_prevent_default();
            EventListener::new_with_options(&document, "keydown", options, move |event| {
                let Some(event) = event.dyn_ref::<KeyboardEvent>() else { return };
                if let Some(action) = wanted(event, has_window) {
                    event.prevent_default();
                    press.emit(action);
                }
            })
        });
        move || drop(listener)
    });
}

/// What a key press asks of the page, if anything.
fn wanted(event: &KeyboardEvent, has_window: bool) -> Option<KeyAction> {
    if event.ctrl_key() || event.alt_key() || event.meta_key() || event.default_prevented() {
        return None;
    }
    let is_shifted = event.shift_key();
    // With a Korean layout the letter keys send Hangul: their place counts.
    let action = action_of(&event.key(), is_shifted)
        .or_else(|| by_place(&event.code()).and_then(|key| action_of(&key, is_shifted)))?;
    let is_free = match action {
        // A window closes itself on Escape.
        KeyAction::Close => !has_window,
        KeyAction::Play => !has_window && !browser::is_on_button(),
        _ => !has_window,
    };
    (is_free && !browser::is_writing()).then_some(action)
}
