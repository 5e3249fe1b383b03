//! What takes long: how far it is, and a button that stops it. It is shown only once it has taken a moment.

use yew::prelude::*;

use crate::app::{Work, use_app};
use crate::i18n::use_i18n;

/// What is going on.
#[derive(Clone, PartialEq, Properties)]
pub struct WorkLineProps {
    /// How far it is; none where nothing takes long.
    pub work: Option<Work>,
}

/// The line.
#[component]
pub fn WorkLine(props: &WorkLineProps) -> Html {
    let i18n = use_i18n();
    let app = use_app();
    let Some(Work { made, of }) = props.work else { return Html::default() };
    let stop = Callback::from(move |_: MouseEvent| app.stop_work());
    html! {
        <div class="work" data-testid="work">
            <span>{ i18n.format_with("work", [("made", made.into()), ("of", of.into())]) }</span>
            <progress value={made.to_string()} max={of.max(1).to_string()} aria-label={i18n.format("work-label")}></progress>
            <button data-testid="work-stop" onclick={stop}>{ i18n.format("work-stop") }</button>
        </div>
    }
}
