//! The keys, from the table that binds them. Each row does what its key does: on a phone, which has no keys, this is the menu.

use yew::prelude::*;

use crate::app::{Action, Dialog, FrameProps, use_app};
use crate::controls::actions::perform;
use crate::controls::keys::{BINDINGS, KeyAction};
use crate::i18n::use_i18n;

/// The table.
#[component]
pub fn KeysTable(props: &FrameProps) -> Html {
    let i18n = use_i18n();
    let app = use_app();
    // This table is open already, and has its own way to be closed.
    let others = BINDINGS.iter().filter(|binding| !matches!(binding.action, KeyAction::Keys | KeyAction::Close));
    let rows = others.map(|binding| {
        let (app, page, action) = (app.clone(), props.page.clone(), binding.action);
        let press = Callback::from(move |_: MouseEvent| {
            app.page(Action::Close);
            perform(action, &app, &page);
        });
        html! {
            <li><button data-testid={format!("do-{}", binding.word)} onclick={press}>{ i18n.format(binding.word) }{ " " }<kbd aria-hidden="true">{ binding.cap }</kbd></button></li>
        }
    });
    html! {
        <Dialog title={i18n.format("keys")} testid="keys-table">
            <ul class="keys">{ for rows }</ul>
        </Dialog>
    }
}
