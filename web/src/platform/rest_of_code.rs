//! The rest of the code. `cargo xtask build` takes out of the first download what the first steps do not need
//! (`weight::split`). Once the page stands, the rest is fetched; where something of it is needed before it is here, the code
//! asks for it by itself and waits. A page that was built in one piece has no rest: then nothing here does anything.

use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

// `loader.js` defines them.
#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = firstCodeIsHere)]
    fn first_code_is_here(exports: &JsValue);

    /// What was split calls this too, with true: then the rest must be here when it returns.
    #[wasm_bindgen(js_name = fetchRestOfCode)]
    fn fetch_rest_of_code(is_awaited: bool);

    #[wasm_bindgen(js_name = restOfCodeHasCome)]
    fn rest_of_code_has_come() -> js_sys::Promise;

    #[wasm_bindgen(js_name = restOfCodeIsHere)]
    fn rest_of_code_is_here() -> bool;
}

/// Says what the rest is to be joined to. Comes before all else: from then on, everything may be called.
pub fn begin() {
    first_code_is_here(&wasm_bindgen::exports());
}

/// Whether there is a rest, since the page was built to be hosted, and it has come.
pub fn has_come() -> bool {
    rest_of_code_is_here()
}

/// Fetches the rest, and lets the browser do other things until it is here. Where it cannot be fetched, whoever needs it tries
/// again.
pub async fn fetched() {
    fetch_rest_of_code(false);
    JsFuture::from(rest_of_code_has_come()).await.ok();
}
