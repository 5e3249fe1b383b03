//! The keys, from the table that binds them.

use yew::prelude::*;

use super::dialog::Dialog;
use crate::keys::BINDINGS;
use crate::words::use_words;

/// The table.
#[component]
pub fn KeysTable() -> Html {
    let words = use_words();
    let rows = BINDINGS.iter().map(|binding| {
        html! {
            <tr><td><kbd>{ binding.cap }</kbd></td><td>{ words.say(binding.word) }</td></tr>
        }
    });
    html! {
        <Dialog title={words.say("keys")} testid="keys-table">
            <table class="keys"><tbody>{ for rows }</tbody></table>
        </Dialog>
    }
}
