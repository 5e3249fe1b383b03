//! The chain of steps that led here. A click goes there.

use yew::prelude::*;

use super::why::NowProps;
use crate::desk::use_desk;
use crate::words::use_words;

/// The chain, the oldest first.
#[component]
pub fn Causes(props: &NowProps) -> Html {
    let words = use_words();
    let desk = use_desk();
    let now = &props.now;
    let Some(current) = now.step.as_ref().filter(|_| !now.causes.is_empty()) else { return Html::default() };
    let earlier = now.causes.iter().rev().map(|step| {
        let (desk, index) = (desk.clone(), step.index);
        let go = Callback::from(move |_: MouseEvent| desk.session.seek(index));
        html! {
            <li>
                <button data-testid={format!("cause-{index}")} onclick={go}>
                    <span>{ words.step(&step.explanation) }</span><code>{ format!("#{index}") }</code>
                </button>
            </li>
        }
    });
    html! {
        <section>
            <h2>{ words.say("causes") }</h2>
            <ol class="causes" data-testid="causes">
                { for earlier }
                <li class="here" aria-current="step"><span>{ words.say("this-step") }</span><code>{ format!("#{}", current.index) }</code></li>
            </ol>
        </section>
    }
}
