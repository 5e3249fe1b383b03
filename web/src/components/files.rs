//! Runs as files: saved, opened, shared.

use wasm_bindgen_futures::spawn_local;
use web_sys::{HtmlInputElement, HtmlTextAreaElement};
use yew::prelude::*;

use super::dialog::Dialog;
use super::why::NowProps;
use crate::browser;
use crate::desk::use_desk;
use crate::state::{Action, Banner};
use crate::words::use_words;

/// The window of files.
#[component]
pub fn Files(props: &NowProps) -> Html {
    let words = use_words();
    let desk = use_desk();
    let pasted = use_mut_ref(String::new);
    let export = {
        let desk = desk.clone();
        let name = format!("kafkascope-{}.json", props.now.position);
        Callback::from(move |_: MouseEvent| {
            let json = desk.session.read(|history| history.scenario().to_json());
            browser::download(&name, "application/json", &json);
        })
    };
    let open_file = {
        let desk = desk.clone();
        Callback::from(move |event: Event| {
            let input = event.target_unchecked_into::<HtmlInputElement>();
            let Some(file) = input.files().and_then(|files| files.get(0)) else { return };
            let desk = desk.clone();
            spawn_local(async move {
                match browser::read_text(file).await {
                    Some(text) if desk.load_text(&text) => {}
                    Some(_) => {}
                    None => desk.page(Action::Fail(Banner::Failed("file-unreadable"))),
                }
                desk.page(Action::Close);
            });
        })
    };
    let paste = {
        let pasted = pasted.clone();
        Callback::from(move |event: InputEvent| {
            *pasted.borrow_mut() = event.target_unchecked_into::<HtmlTextAreaElement>().value();
        })
    };
    let open_pasted = Callback::from(move |_: MouseEvent| {
        desk.load_text(&pasted.borrow());
        desk.page(Action::Close);
    });
    html! {
        <Dialog title={words.say("files")} testid="files-window">
            <section>
                <h3>{ words.say("save-run") }</h3>
                <p class="faint">{ words.say("save-run-text") }</p>
                <button data-testid="export" onclick={export}>{ words.say("export") }</button>
            </section>
            <section>
                <h3>{ words.say("open-run") }</h3>
                <label class="file">{ words.say("open-file") }<input type="file" accept=".json,application/json" data-testid="import" onchange={open_file} /></label>
                <label>{ words.say("paste-run") }<textarea rows="4" data-testid="paste" spellcheck="false" oninput={paste} /></label>
                <button data-testid="open-pasted" onclick={open_pasted}>{ words.say("open") }</button>
            </section>
        </Dialog>
    }
}
