//! The browser's own things that the page uses: storage, clipboard, files, clocks. What the browser refuses is no failure
//! of the page.

use gloo_timers::callback::Timeout;
use js_sys::{Array, Function, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    Blob, BlobPropertyBag, Document, Element, HtmlAnchorElement, HtmlElement, RequestCache, RequestInit, Response,
    Storage, SvgElement, Url, Window,
};

/// The window, where there is one.
pub fn window() -> Option<Window> {
    web_sys::window()
}

/// The document, where there is one.
pub fn document() -> Option<Document> {
    window()?.document()
}

/// The root element of the document.
pub fn root() -> Option<Element> {
    document()?.document_element()
}

/// Milliseconds since the page was opened.
pub fn now_ms() -> f64 {
    window().and_then(|window| window.performance()).map_or(0.0, |performance| performance.now())
}

/// How long something is saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Saved {
    /// For good: a person's choices.
    Always,
    /// For as long as this tab is there, across reloads.
    ForTab,
}

impl Saved {
    fn storage(self) -> Option<Storage> {
        match self {
            Self::Always => window()?.local_storage().ok()?,
            Self::ForTab => window()?.session_storage().ok()?,
        }
    }
}

/// Saves something. A browser that saves nothing forgets it.
pub fn save(saved: Saved, name: &str, value: &str) {
    if let Some(storage) = saved.storage() {
        storage.set_item(&format!("kafkascope.{name}"), value).ok();
    }
}

/// What was saved, where anything was.
pub fn read_saved(saved: Saved, name: &str) -> Option<String> {
    saved.storage()?.get_item(&format!("kafkascope.{name}")).ok()?
}

/// The address after `#`.
pub fn hash() -> String {
    let hash = window().and_then(|window| window.location().hash().ok()).unwrap_or_default();
    hash.trim_start_matches('#').to_owned()
}

/// The page's address with this behind `#`.
pub fn address_of(fragment: &str) -> String {
    let address = window().and_then(|window| window.location().href().ok()).unwrap_or_default();
    let bare = address.split('#').next().unwrap_or_default();
    format!("{bare}#{fragment}")
}

/// Writes the address without a new entry in the browser's history, and what the entry stands for.
pub fn write_address(fragment: &str, state: &str) {
    if let Some(history) = window().and_then(|window| window.history().ok()) {
        history.replace_state_with_url(&state.into(), "", Some(&address_of(fragment))).ok();
    }
}

/// Writes the address as a new entry of the browser's history, and what the entry stands for.
pub fn push_address(fragment: &str, state: &str) {
    if let Some(history) = window().and_then(|window| window.history().ok()) {
        history.push_state_with_url(&state.into(), "", Some(&address_of(fragment))).ok();
    }
}

/// What the present entry of the browser's history stands for; none where another page, or a person, made it.
pub fn address_state() -> Option<String> {
    window()?.history().ok()?.state().ok()?.as_string()
}

/// What tells this page from itself before a reload: the time when it was opened.
pub fn opened_at() -> f64 {
    window().and_then(|window| window.performance()).map_or(0.0, |performance| performance.time_origin())
}

/// Copies a text and says whether the browser let it.
pub fn copy(text: String, done: impl FnOnce(bool) + 'static) {
    let clipboard = window().map(|window| window.navigator().clipboard());
    // On a page without https the clipboard is not there at all.
    let Some(clipboard) = clipboard.filter(|clipboard| !clipboard.is_undefined()) else { return done(false) };
    spawn_local(async move {
        done(JsFuture::from(clipboard.write_text(&text)).await.is_ok());
    });
}

/// Hands a text to the person as a file.
pub fn download(name: &str, mime: &str, text: &str) -> Option<()> {
    let options = BlobPropertyBag::new();
    options.set_type(mime);
    let blob = Blob::new_with_str_sequence_and_options(&Array::of1(&text.into()), &options).ok()?;
    let address = Url::create_object_url_with_blob(&blob).ok()?;
    let link: HtmlAnchorElement = document()?.create_element("a").ok()?.dyn_into().ok()?;
    link.set_href(&address);
    link.set_download(name);
    link.click();
    Url::revoke_object_url(&address).ok()
}

/// Reads a file as text.
pub async fn read_text(file: web_sys::File) -> Option<String> {
    JsFuture::from(file.text()).await.ok()?.as_string()
}

/// Reads a file's bytes.
pub async fn read_bytes(file: web_sys::File) -> Option<Vec<u8>> {
    let buffer = JsFuture::from(file.array_buffer()).await.ok()?;
    Some(js_sys::Uint8Array::new(&buffer).to_vec())
}

/// Fetches a text that lies beside the page. None where it is not to be had.
pub async fn fetch_text(path: &str) -> Option<String> {
    text_of(begin_fetch(path)?).await
}

/// Fetches texts that lie beside the page, all at once. None where any of them is not to be had.
pub async fn fetch_texts(paths: &[String]) -> Option<Vec<String>> {
    let begun: Option<Vec<JsFuture>> = paths.iter().map(|path| begin_fetch(path)).collect();
    let mut texts = Vec::new();
    for answer in begun? {
        texts.push(text_of(answer).await);
    }
    texts.into_iter().collect()
}

/// Begins to fetch. What the browser kept of it is used only where the server says that it is still so: these files have no
/// version in their names.
///
/// What listens to the answer is there at once, also where others are waited for before: a promise that is rejected while
/// nothing listens is an error of the page.
fn begin_fetch(path: &str) -> Option<JsFuture> {
    let options = RequestInit::new();
    options.set_cache(RequestCache::NoCache);
    Some(JsFuture::from(window()?.fetch_with_str_and_init(path, &options)))
}

async fn text_of(answer: JsFuture) -> Option<String> {
    let answer: Response = answer.await.ok()?.dyn_into().ok()?;
    if !answer.ok() {
        return None;
    }
    JsFuture::from(answer.text().ok()?).await.ok()?.as_string()
}

/// The texts that the shell has begun to fetch under this name of the window. None where it has not, or in vain.
pub async fn shell_texts(name: &str, tag: &str) -> Option<Vec<String>> {
    let by_tag = Reflect::get(&window()?.into(), &name.into()).ok()?;
    let begun: Promise = Reflect::get(&by_tag, &tag.into()).ok()?.dyn_into().ok()?;
    let texts: Array = JsFuture::from(begun).await.ok()?.dyn_into().ok()?;
    texts.iter().map(|text| text.as_string()).collect()
}

/// Calls back after the next frame is painted: once a frame began and another one begins, the first is on the screen.
pub fn after_paint(then: impl FnOnce() + 'static) {
    let Some(window) = window() else { return };
    let outer = Closure::once_into_js(move || {
        let inner = Closure::once_into_js(then);
        if let Some(window) = self::window() {
            window.request_animation_frame(inner.unchecked_ref::<Function>()).ok();
        }
    });
    window.request_animation_frame(outer.unchecked_ref::<Function>()).ok();
}

/// Whether a media query holds.
pub fn matches(query: &str) -> bool {
    window().and_then(|window| window.match_media(query).ok()).flatten().is_some_and(|list| list.matches())
}

/// How long an element is pointed at, in milliseconds.
const POINTED_MS: u32 = 1_800;

/// Leads the eye to an element: a ring for a moment and, where `goes_there`, the focus, and the page scrolled to it.
pub fn point_at(id: &str, goes_there: bool) {
    let Some(element) = document().and_then(|document| document.get_element_by_id(id)) else { return };
    if goes_there {
        element.scroll_into_view_with_bool(true);
        if !element.has_attribute("tabindex") {
            element.set_attribute("tabindex", "-1").ok();
        }
        focus(Some(&element));
    }
    element.class_list().add_1("pointed").ok();
    Timeout::new(POINTED_MS, move || {
        element.class_list().remove_1("pointed").ok();
    })
    .forget();
}

/// How much room is left beside what is scrolled to, in pixels: what fades at the edge of its list is not it.
const EDGE_PX: f64 = 32.0;

/// Scrolls a list sideways as far as the element of it that has this id needs to be in sight. The page stays where it is.
pub fn scroll_sideways_to(list: &Element, id: &str) {
    let Some(element) = list.query_selector(&format!("#{id}")).ok().flatten() else { return };
    let (own, frame) = (element.get_bounding_client_rect(), list.get_bounding_client_rect());
    let (before, behind) = (own.left() - frame.left(), own.right() - frame.right());
    let by = if before < 0.0 {
        before - EDGE_PX
    } else if behind > -EDGE_PX {
        behind + EDGE_PX
    } else {
        return;
    };
    #[expect(clippy::cast_possible_truncation, reason = "whole pixels will do")]
    list.set_scroll_left(list.scroll_left() + by as i32);
}

/// Marks this moment for who measures the page (`performance.getEntriesByName`).
pub fn mark(moment: &str) {
    if let Some(performance) = window().and_then(|window| window.performance()) {
        performance.mark(moment).ok();
    }
}

/// What has the focus.
pub fn focused() -> Option<Element> {
    document()?.active_element()
}

/// Gives the focus to an element, of the page or of the scene, if it is still there.
pub fn focus(element: Option<&Element>) {
    let Some(element) = element.filter(|element| element.is_connected()) else { return };
    if let Some(html) = element.dyn_ref::<HtmlElement>() {
        html.focus().ok();
    } else if let Some(svg) = element.dyn_ref::<SvgElement>() {
        svg.focus().ok();
    }
}

/// Gives the focus to the first element that a selector fits.
pub fn focus_on(selector: &str) {
    let found = document().and_then(|document| document.query_selector(selector).ok()).flatten();
    focus(found.as_ref());
}

/// Whether keys belong to the element that has the focus: text is written there.
pub fn is_writing() -> bool {
    let focused = document().and_then(|document| document.active_element());
    focused.is_some_and(|element| {
        let kind = element.get_attribute("type").unwrap_or_default();
        match element.tag_name().to_ascii_lowercase().as_str() {
            "textarea" | "select" => true,
            "input" => !matches!(kind.as_str(), "range" | "checkbox" | "radio" | "button"),
            _ => element.dyn_ref::<HtmlElement>().is_some_and(HtmlElement::is_content_editable),
        }
    })
}

/// Whether the focus is on something that the space bar and Enter press.
pub fn is_on_button() -> bool {
    let focused = document().and_then(|document| document.active_element());
    focused.is_some_and(|element| {
        let tag = element.tag_name().to_ascii_lowercase();
        matches!(tag.as_str(), "button" | "a" | "summary" | "input" | "select" | "textarea")
            || element.get_attribute("role").is_some_and(|role| role != "tabpanel" && role != "dialog")
    })
}
