//! The keys, from the table that binds them.

use yew::prelude::*;

use crate::app::Dialog;
use crate::controls::keys::BINDINGS;
use crate::i18n::use_i18n;

/// The table.
#[component]
pub fn KeysTable() -> Html {
    let i18n = use_i18n();
    let rows = BINDINGS.iter().map(|binding| {
        html! {
            <tr><td><kbd>{ binding.cap }</kbd></td><td>{ i18n.format(binding.word) }</td></tr>
        }
    });
    html! {
        <Dialog title={i18n.format("keys")} testid="keys-table">
            <table class="keys"><tbody>{ for rows }</tbody></table>
        </Dialog>
    }
}
