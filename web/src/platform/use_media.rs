//! Whether a media query holds, and whenever that changes.

use gloo_events::EventListener;
use yew::prelude::*;

use crate::platform::browser;

/// A screen as narrow as a phone's; the stylesheets have the same bound.
pub const PHONE: &str = "(max-width: 760px)";

/// Whether a media query holds.
#[hook]
pub fn use_media(query: &'static str) -> bool {
    let holds = use_state_eq(|| browser::matches(query));
    {
        let holds = holds.clone();
        use_effect_with(query, move |query| {
            let list = browser::window().and_then(|window| window.match_media(query).ok()).flatten();
            let listener = list.map(|list| {
                let target = list.clone();
                EventListener::new(&target, "change", move |_| holds.set(list.matches()))
            });
            move || drop(listener)
        });
    }
    *holds
}
