//! Has the browser compile what a press needs, before anyone presses.
//!
//! A browser compiles a function of WebAssembly when it is called for the first time, and once more, better, when it was called
//! often: the first presses took twice as long as those that followed. So, while nobody presses anything, the first page's run is
//! stepped and drawn once where nobody sees it, in an element outside the document, and forgotten.

use std::rc::Rc;

use gloo_timers::future::TimeoutFuture;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::app::{AppContext, Work};
use crate::engine::Size;
use crate::frame::announcer::Announcer;
use crate::frame::page::{PageProps, begin, use_frame};
use crate::frame::tabs::Middle;
use crate::i18n::I18n;
use crate::panels::what::What;
use crate::platform::{browser, rest_of_code};
use crate::run::Session;
use crate::time::Transport;

/// So many presses are rehearsed: by then a record was acknowledged, read and committed.
const PRESSES: usize = 20;
/// So long it waits before each, in milliseconds: whoever presses now goes first.
const PAUSE_MS: u32 = 10;

/// Rehearses once the page stands with all its code and its run is open (`is_unopened`: its opening is still to begin), and only as
/// long as the run stands where it stood then. The end is marked. A page in one piece rehearses nothing: whoever looks which code the
/// first steps need must not find this.
#[hook]
pub fn use_rehearsal(session: &Rc<Session>, work: Option<Work>, is_unopened: bool) {
    let (has_worked, has_begun) = (use_mut_ref(|| false), use_mut_ref(|| false));
    *has_worked.borrow_mut() |= work.is_some();
    let is_open = work.is_none() && (!is_unopened || *has_worked.borrow());
    use_effect_with((session.clone(), is_open), move |(session, is_open)| {
        if !is_open || has_begun.replace(true) {
            return;
        }
        let session = session.clone();
        spawn_local(async move {
            let stood = session.place();
            let is_wanted = || session.place() == stood;
            rest_of_code::fetched().await;
            if rest_of_code::has_come() && is_wanted() {
                rehearse(is_wanted).await;
            }
            browser::mark("rehearsed");
        });
    });
}

/// Draws press after press as long as that is wanted.
async fn rehearse(is_wanted: impl Fn() -> bool) {
    let parts =
        (browser::document().and_then(|document| document.create_element("div").ok()), Session::of_first_page());
    let (Some(outside), Some(session)) = parts else { return };
    let props = PageProps { session: session.clone(), banner: None, address: Default::default(), is_unopened: false };
    let drawn = yew::Renderer::<Rehearsal>::with_root_and_props(outside, props).render();
    for _ in 0..PRESSES {
        TimeoutFuture::new(PAUSE_MS).await;
        if !is_wanted() {
            break;
        }
        session.forward(Size::Message);
    }
    TimeoutFuture::new(PAUSE_MS).await;
    drawn.destroy();
}

/// What a press draws.
#[component]
fn Rehearsal(props: &PageProps) -> Html {
    let page = use_reducer(|| begin(props));
    let (app, i18n) = use_frame(&page, &props.session);
    let press = use_callback((), |_, ()| {});
    html! {
        <ContextProvider<I18n> context={i18n}>
        <ContextProvider<AppContext> context={app}>
            <Announcer page={page.clone()} />
            <Middle page={page.clone()} />
            <What page={page.clone()} />
            <Transport {page} {press} />
        </ContextProvider<AppContext>>
        </ContextProvider<I18n>>
    }
}
