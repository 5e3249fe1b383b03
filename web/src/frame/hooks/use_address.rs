//! The address bar holds the run from the first step on.

use gloo_events::EventListener;
use gloo_timers::callback::Timeout;
use yew::prelude::*;

use crate::app::AppContext;
use crate::platform::browser;

/// Browsers refuse too many changes of the address in a short time: it is written when the run rests.
const REST_MS: u32 = 250;

/// Writes the run into the address bar, and opens the run that somebody puts there.
#[hook]
pub fn use_address(app: &AppContext, link: &str, position: u32) {
    use_effect_with((link.to_owned(), position), |(link, position)| {
        // The start of a run that came with no link needs none.
        let is_wanted = *position > 0 || !browser::hash().is_empty();
        let link = link.clone();
        let timer = is_wanted.then(|| Timeout::new(REST_MS, move || browser::write_address(&link)));
        move || drop(timer)
    });
    use_effect_with(app.clone(), |app| {
        let app = app.clone();
        // `replaceState` does not fire this event: only a person's change does.
        let listener = browser::window().map(|window| {
            EventListener::new(&window, "hashchange", move |_| {
                if let Some(link) = browser::hash().strip_prefix("r=") {
                    app.load_text(link);
                }
            })
        });
        move || drop(listener)
    });
}
