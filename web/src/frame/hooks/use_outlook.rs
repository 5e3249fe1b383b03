//! Looks ahead while nobody presses anything: what Forward's neighbour will say.

use std::cell::Cell;
use std::rc::Rc;

use gloo_timers::future::TimeoutFuture;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::app::{Action, AppContext, Outlook, PageState};
use crate::platform::slices::work_for_a_slice;

/// So long nothing may have been pressed before one looks ahead, in milliseconds.
const REST_MS: u32 = 120;
/// A slice of looking ahead lasts about so long, in milliseconds.
const SLICE_MS: f64 = 8.0;
/// How many moves are looked at before the clock is.
const MOVES_PER_LOOK: u32 = 50;

/// Looks ahead from where the run stands, in slices, where it is not known what comes.
#[hook]
pub fn use_outlook(app: &AppContext, page: &UseReducerHandle<PageState>) {
    let app = app.clone();
    let (snapshot, size, is_playing) = (page.snapshot.clone(), page.size, page.is_playing);
    let is_known = page.outlook.is_some();
    use_effect_with((snapshot, size, is_known || is_playing), move |(snapshot, size, is_known)| {
        let is_wanted = Rc::new(Cell::new(!is_known));
        if !is_known {
            let (snapshot, size, is_wanted) = (snapshot.clone(), *size, is_wanted.clone());
            spawn_local(async move {
                TimeoutFuture::new(REST_MS).await;
                let mut scout = is_wanted.get().then(|| app.session.scout(size));
                while let Some(looking) = scout.as_mut().filter(|_| is_wanted.get()) {
                    if let Some(ahead) = work_for_a_slice(SLICE_MS, || looking.go_on(MOVES_PER_LOOK)) {
                        let outlook = Outlook::new(snapshot.place, snapshot.commands, size, &ahead);
                        return app.page(Action::Outlook(outlook));
                    }
                    TimeoutFuture::new(0).await;
                }
            });
        }
        move || is_wanted.set(false)
    });
}
