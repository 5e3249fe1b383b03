//! What must hold, always looked at: a light at the foot of the page, and a window that says it in sentences.

use yew::prelude::*;

use super::dialog::Dialog;
use super::why::NowProps;
use crate::desk::use_desk;
use crate::engine::Breach;
use crate::state::{Action, Window};
use crate::words::use_words;

/// The light: it shines red once something broke, on this branch and up to here.
#[component]
pub fn InvariantLight(props: &NowProps) -> Html {
    let words = use_words();
    let desk = use_desk();
    let open = Callback::from(move |_: MouseEvent| desk.page(Action::Open(Window::Invariants)));
    let first = props.now.breaches.first();
    let (class, said) = match first {
        None => ("light", words.say("invariants-hold")),
        Some(found) => ("light broken", words.say_with("invariant-broken", [("step", found.position.into())])),
    };
    html! {
        <button {class} data-testid="invariant-light" title={words.say("invariants")} onclick={open}>
            <i aria-hidden="true"></i><span>{ said }</span>
        </button>
    }
}

/// The window: every invariant, and for each that broke the steps that broke it.
#[component]
pub fn Invariants(props: &NowProps) -> Html {
    let words = use_words();
    let desk = use_desk();
    let rows = Breach::names().iter().map(|name| {
        let found: Vec<_> = props.now.breaches.iter().filter(|found| found.breach.name() == *name).collect();
        let breaks = found.iter().map(|found| {
            let (desk, position) = (desk.clone(), found.position);
            let go = Callback::from(move |_: MouseEvent| {
                desk.session.seek(position);
                desk.page(Action::Close);
            });
            html! {
                <li key={position}><button class="quiet" data-testid={format!("breach-{position}")} onclick={go}>
                    <b>{ words.say("step") }{ format!(" {position}") }</b>{ " " }{ words.breach(&found.breach) }
                </button></li>
            }
        });
        html! {
            <li key={*name} class={classes!("invariant", (!found.is_empty()).then_some("broken"))}>
                <p><i aria-hidden="true"></i>{ words.find(&format!("invariant-{name}")).unwrap_or_default() }</p>
                <ul>{ for breaks }</ul>
            </li>
        }
    });
    html! {
        <Dialog title={words.say("invariants")} testid="invariants">
            <p class="faint">{ words.say("invariants-about") }</p>
            <ul class="invariants">{ for rows }</ul>
        </Dialog>
    }
}
