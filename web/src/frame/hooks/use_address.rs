//! The address bar holds the run and how it is looked at; the browser's Back goes to the run that was shown before.

use gloo_events::EventListener;
use gloo_timers::callback::Timeout;
use yew::prelude::*;

use crate::app::{AppContext, PageState};
use crate::platform::browser;
use crate::run::progress::Progress;

/// Browsers refuse too many changes of the address in a short time: it is written when the run rests.
const REST_MS: u32 = 250;

/// Writes the run into the address bar, keeps how far its lesson is, and shows the run that the browser goes back to.
#[hook]
pub fn use_address(app: &AppContext, page: &UseReducerHandle<PageState>) {
    let shown = use_mut_ref(|| page.snapshot.place.run);
    let reached = use_mut_ref(|| None);
    let looked_at = (page.snapshot.clone(), page.size, page.tab, page.side, page.selection.clone());
    {
        let (app, page, shown) = (app.clone(), page.clone(), shown.clone());
        use_effect_with(looked_at, move |(snapshot, ..)| {
            let run = snapshot.place.run;
            let is_other = shown.replace(run) != run;
            if is_other {
                let link = app.session.link();
                app.session.keep_others();
                app.session.keep(&link);
                browser::push_address(&page.address(link).to_string(), &state_of(run));
            }
            // A goal that is reached is kept at once: the list of lessons may be opened next.
            let counts =
                snapshot.lesson_session.as_ref().map(|following| (following.lesson.id.clone(), following.run.counts()));
            if reached.replace(counts.clone()) != counts {
                keep_progress(&page, &app.session.link());
            }
            let timer = Timeout::new(REST_MS, move || keep(&app, &page));
            move || drop(timer)
        });
    }
    use_effect_with(app.clone(), move |app| {
        let app = app.clone();
        // What the page itself writes does not fire this event: only a person's change, or Back and Forward, does.
        let listener = browser::window().map(|window| {
            EventListener::new(&window, "popstate", move |_| {
                let run = browser::address_state().as_deref().and_then(run_of);
                if run.is_some_and(|run| {
                    shown.replace(run);
                    app.session.show_run(run)
                }) {
                    return;
                }
                app.open_address(browser::hash().parse().unwrap_or_default());
            })
        });
        move || drop(listener)
    });
}

/// Writes down where the run stands.
fn keep(app: &AppContext, page: &PageState) {
    let link = app.session.link();
    keep_progress(page, &link);
    app.session.keep(&link);
    let address = page.address(link);
    // The start of a run that came with no address, looked at as usual, needs none.
    let is_usual = crate::app::Address { run: None, ..address.clone() } == crate::app::Address::default();
    if page.snapshot.position > 0 || !browser::hash().is_empty() || !is_usual {
        browser::write_address(&address.to_string(), &state_of(page.snapshot.place.run));
    }
}

/// Keeps how far the lesson of the run is.
fn keep_progress(page: &PageState, link: &str) {
    if let Some(lesson_session) = &page.snapshot.lesson_session {
        Progress::keep(lesson_session, page.snapshot.position, link);
    }
}

/// What an entry of the browser's history stands for: a run of this very page. After a reload it stands for nothing, and its
/// address counts.
fn state_of(run: u32) -> String {
    format!("{} {run}", browser::opened_at())
}

fn run_of(state: &str) -> Option<u32> {
    let (opened_at, run) = state.split_once(' ')?;
    (opened_at == browser::opened_at().to_string()).then(|| run.parse().ok()).flatten()
}
