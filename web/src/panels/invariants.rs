//! What must hold, always looked at: a light at the foot of the page, and a window that says it in sentences.

use yew::prelude::*;

use crate::app::Dialog;
use crate::app::NowProps;
use crate::app::use_app;
use crate::app::{Action, Window};
use crate::engine::{InvariantViolation, Position};
use crate::i18n::use_i18n;

/// What the light shows.
#[derive(Clone, PartialEq, Properties)]
pub struct InvariantLightProps {
    /// Where something broke first, on this branch and up to here.
    pub broken: Option<Position>,
}

/// The light: it shines red once something broke.
#[component]
pub fn InvariantLight(props: &InvariantLightProps) -> Html {
    let i18n = use_i18n();
    let app = use_app();
    let open = Callback::from(move |_: MouseEvent| app.page(Action::Open(Window::Invariants)));
    let (class, formatted) = match props.broken {
        None => ("light", i18n.format("invariants-hold")),
        Some(position) => ("light broken", i18n.format_with("invariant-broken", [("step", position.into())])),
    };
    html! {
        <button {class} data-testid="invariant-light" title={formatted.clone()} aria-label={formatted.clone()} onclick={open}>
            <i aria-hidden="true"></i><span>{ formatted }</span>
        </button>
    }
}

/// The window: every invariant, and for each that broke the steps that broke it.
#[component]
pub fn Invariants(props: &NowProps) -> Html {
    let i18n = use_i18n();
    let app = use_app();
    let rows = InvariantViolation::names().iter().map(|name| {
        let found: Vec<_> = props.snapshot.violations.iter().filter(|found| found.violation.name() == *name).collect();
        let breaks = found.iter().map(|found| {
            let (app, position) = (app.clone(), found.position);
            let go = Callback::from(move |_: MouseEvent| {
                app.session.seek(position);
                app.page(Action::Close);
            });
            html! {
                <li key={position}><button class="quiet" data-testid={format!("breach-{position}")} onclick={go}>
                    <b>{ i18n.format("step") }{ format!(" {position}") }</b>{ " " }{ i18n.violation(&found.violation) }
                </button></li>
            }
        });
        html! {
            <li key={*name} class={classes!("invariant", (!found.is_empty()).then_some("broken"))}>
                <p><i aria-hidden="true"></i>{ i18n.find(&format!("invariant-{name}")).unwrap_or_else(|| (*name).to_owned()) }</p>
                <ul>{ for breaks }</ul>
            </li>
        }
    });
    html! {
        <Dialog title={i18n.format("invariants")} testid="invariants">
            <p class="faint">{ i18n.format("invariants-about") }</p>
            <ul class="invariants">{ for rows }</ul>
        </Dialog>
    }
}
