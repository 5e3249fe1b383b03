//! What comes once the page stands.

use gloo_timers::future::TimeoutFuture;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::app::{Action, PageState};
use crate::i18n::Lang;
use crate::platform::rest_of_code;

/// Where the rest of the texts could not be fetched, it is tried again after so long, in milliseconds.
const AGAIN_AFTER_MS: u32 = 3_000;

/// Fetches the rest of the code once the page stands, and after it the rest of the texts in the language that the page speaks. Where
/// the latter fails, it is tried again and again: until it is here, panels lack their words.
#[hook]
pub fn use_rest_of_page(page: &UseReducerHandle<PageState>, lang: Lang) {
    let page = page.dispatcher();
    use_effect_with(lang, move |lang| {
        let lang = *lang;
        spawn_local(async move {
            rest_of_code::fetched().await;
            if lang.is_whole() {
                return;
            }
            while !lang.fetch_rest().await {
                TimeoutFuture::new(AGAIN_AFTER_MS).await;
            }
            page.dispatch(Action::TextsCame);
        });
    });
}
