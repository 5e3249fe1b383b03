//! When the page breaks: what happened is said, and the run is there to copy. Written by hand into the document, for
//! nothing else can be trusted then.

use wasm_bindgen::prelude::*;
use web_sys::HtmlElement;

use crate::platform::browser;
use crate::run;

/// Says so when the page breaks.
pub fn install() {
    std::panic::set_hook(Box::new(|info| {
        web_sys::console::error_1(&info.to_string().into());
        show(&info.to_string());
    }));
}

/// Shows the panic banner of the shell with what happened and the run as it was before.
pub fn show(what: &str) {
    let Some(document) = browser::document() else { return };
    let text = |id: &str, text: &str| {
        if let Some(element) = document.get_element_by_id(id) {
            element.set_text_content(Some(text));
        }
    };
    text("panic-what", what);
    text("panic-run", &run::remembered().unwrap_or_default());
    let banner = document.get_element_by_id("panic").and_then(|element| element.dyn_into::<HtmlElement>().ok());
    if let Some(banner) = banner {
        banner.remove_attribute("hidden").ok();
    }
}

#[wasm_bindgen]
extern "C" {
    /// The shell's word for what it cannot go on without. Defined in index.html.
    #[wasm_bindgen(js_name = kafkascopeFailed)]
    pub fn shell_failed(what: &str);
}
