//! What settings mean comes after the page.

use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::app::{Action, PageState};
use crate::i18n::Lang;

/// Fetches what settings mean in the language that the page speaks, once it stands. Where that fails, their names and values
/// are shown without, and it is tried again when the language is changed.
#[hook]
pub fn use_settings_texts(page: &UseReducerHandle<PageState>, lang: Lang) {
    let page = page.dispatcher();
    use_effect_with(lang, move |lang| {
        let lang = *lang;
        if lang.is_whole() {
            return;
        }
        spawn_local(async move {
            if lang.fetch_settings().await {
                page.dispatch(Action::TextsCame);
            }
        });
    });
}
