//! Runs as files: saved, opened, shared.

use web_sys::HtmlTextAreaElement;
use yew::prelude::*;

use crate::app::{Action, Dialog, NowProps, use_app};
use crate::i18n::use_i18n;
use crate::platform::browser;

/// The window of files.
#[component]
pub fn Files(props: &NowProps) -> Html {
    let i18n = use_i18n();
    let app = use_app();
    let pasted = use_mut_ref(String::new);
    let export = {
        let app = app.clone();
        let name = format!("kafkascope-{}.json", props.snapshot.position);
        Callback::from(move |_: MouseEvent| {
            let json = app.session.read(|history| history.scenario().to_json());
            browser::download(&name, "application/json", &json);
        })
    };
    let open_file = app.with_picked_file(|app, text| {
        app.load_text(text);
        app.page(Action::Close);
    });
    let paste = {
        let pasted = pasted.clone();
        Callback::from(move |event: InputEvent| {
            *pasted.borrow_mut() = event.target_unchecked_into::<HtmlTextAreaElement>().value();
        })
    };
    let open_pasted = Callback::from(move |_: MouseEvent| {
        app.load_text(&pasted.borrow());
        app.page(Action::Close);
    });
    html! {
        <Dialog title={i18n.format("files")} testid="files-window">
            <section>
                <h3>{ i18n.format("save-run") }</h3>
                <p class="faint">{ i18n.format("save-run-text") }</p>
                <button data-testid="export" onclick={export}>{ i18n.format("export") }</button>
            </section>
            <section>
                <h3>{ i18n.format("open-run") }</h3>
                <label class="file">{ i18n.format("open-file") }<input type="file" accept=".json,application/json" data-testid="import" onchange={open_file} /></label>
                <label>{ i18n.format("paste-run") }<textarea rows="4" data-testid="paste" spellcheck="false" oninput={paste} /></label>
                <button data-testid="open-pasted" onclick={open_pasted}>{ i18n.format("open") }</button>
            </section>
        </Dialog>
    }
}
