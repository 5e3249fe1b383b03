//! How fast Play goes.

use yew::prelude::*;

use crate::app::{Action, Speed, use_app};
use crate::i18n::use_i18n;

/// What is shown.
#[derive(Clone, PartialEq, Properties)]
pub struct SpeedsProps {
    /// How fast it goes now.
    pub speed: Speed,
}

/// How fast Play goes.
#[component]
pub fn Speeds(props: &SpeedsProps) -> Html {
    let i18n = use_i18n();
    let app = use_app();
    let buttons = Speed::ALL.into_iter().enumerate().map(|(index, speed)| {
        let app = app.clone();
        let press = Callback::from(move |_: MouseEvent| app.page(Action::Speed(speed)));
        let is_on = props.speed == speed;
        html! { <button data-testid={format!("speed-{index}")} aria-pressed={is_on.to_string()} onclick={press}>{ speed.label() }</button> }
    });
    html! { <span class="segments speeds" role="group" aria-label={i18n.format("speed")}>{ for buttons }</span> }
}
