//! What is pressed in the scene answers to the keyboard as buttons do: SVG gives its groups a focus, but no Enter.

use web_sys::KeyboardEvent;
use yew::prelude::*;

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

/// A click presses, and presses nothing that lies around it.
pub fn on_click(press: &Callback<()>) -> Callback<MouseEvent> {
    let press = press.clone();
    Callback::from(move |event: MouseEvent| {
        event.stop_propagation();
        press.emit(());
    })
}
