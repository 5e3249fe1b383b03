//! The chain of steps that led here. A click goes there.

use yew::prelude::*;

use crate::app::NowProps;
use crate::app::use_app;
use crate::i18n::use_i18n;

/// The chain, the oldest first.
#[component]
pub fn Causes(props: &NowProps) -> Html {
    let i18n = use_i18n();
    let app = use_app();
    let snapshot = &props.snapshot;
    let Some(current) = snapshot.step.as_ref().filter(|_| !snapshot.causes.is_empty()) else { return Html::default() };
    let earlier = snapshot.causes.iter().rev().map(|step| {
        let (app, index) = (app.clone(), step.index);
        let go = Callback::from(move |_: MouseEvent| app.session.seek(index));
        html! {
            <li>
                <button data-testid={format!("cause-{index}")} onclick={go}>
                    <span>{ i18n.step(&step.explanation) }</span><code>{ format!("#{index}") }</code>
                </button>
            </li>
        }
    });
    html! {
        <section>
            <h2>{ i18n.format("causes") }</h2>
            <ol class="causes" data-testid="causes">
                { for earlier }
                <li class="here" aria-current="step"><span>{ i18n.format("this-step") }</span><code>{ format!("#{}", current.index) }</code></li>
            </ol>
        </section>
    }
}
