//! What changed: one amber line each, the old value struck.

use yew::prelude::*;

use crate::app::StepProps;
use crate::i18n::use_i18n;

/// What changed.
#[component]
pub fn Changes(props: &StepProps) -> Html {
    let i18n = use_i18n();
    let Some(step) = props.step.as_ref().filter(|step| !step.changes.is_empty()) else { return Html::default() };
    let lines = step.changes.iter().map(|change| {
        let pieces = i18n.change(change).into_iter().map(|(text, is_old)| {
            if is_old {
                html! { <s>{ text }</s> }
            } else {
                html! { { text } }
            }
        });
        let class = classes!("change", change.is_background().then_some("background"));
        html! { <li {class}>{ for pieces }</li> }
    });
    html! {
        <section>
            <h2>{ i18n.format("changed") }</h2>
            <ul class="changes" data-testid="changes">{ for lines }</ul>
        </section>
    }
}
