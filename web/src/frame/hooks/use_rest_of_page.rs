//! What comes once the page stands.

use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::app::{Action, PageState};
use crate::i18n::Lang;
use crate::platform::rest_of_code;

/// Fetches the rest of the code once the page stands, and after it the rest of the texts in the language that the page speaks. Where
/// the latter fails, names and values are shown without, and it is tried again when the language is changed.
#[hook]
pub fn use_rest_of_page(page: &UseReducerHandle<PageState>, lang: Lang) {
    let page = page.dispatcher();
    use_effect_with(lang, move |lang| {
        let lang = *lang;
        spawn_local(async move {
            rest_of_code::fetched().await;
            if !lang.is_whole() && lang.fetch_rest().await {
                page.dispatch(Action::TextsCame);
            }
        });
    });
}
