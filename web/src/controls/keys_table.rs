//! The keys, from the table that binds them. Each row does what its key does: on a phone, which has no keys, this is the menu.

use yew::prelude::*;

use crate::app::{Action, Dialog, FrameProps, use_app};
use crate::controls::actions::perform;
use crate::controls::keys::{BINDINGS, KeyAction};
use crate::controls::speeds::Speeds;
use crate::i18n::use_i18n;
use crate::platform::use_media::{PHONE, use_media};

/// The table.
#[component]
pub fn KeysTable(props: &FrameProps) -> Html {
    let i18n = use_i18n();
    let app = use_app();
    let is_phone = use_media(PHONE);
    let is_of_use = |action: KeyAction| match action {
        // This table is open already, and has its own way to be closed.
        KeyAction::Keys | KeyAction::Close => false,
        // A phone shows one actor at a time, and a map of all: fingers make the page larger.
        KeyAction::Zoom(_) => !is_phone,
        _ => true,
    };
    let others = BINDINGS.iter().filter(|binding| is_of_use(binding.action));
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
            <p class="menu-line"><span>{ i18n.format("key-walk") }</span><kbd aria-hidden="true">{ "↑ ↓" }</kbd></p>
            if is_phone {
                <p class="menu-line"><span>{ i18n.format("speed") }</span><Speeds speed={props.page.speed} /></p>
            }
        </Dialog>
    }
}
