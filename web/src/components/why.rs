//! Why something that a person might have expected did not happen.

use yew::prelude::*;

use crate::session::Now;
use crate::words::{Said, use_words};

/// So many reasons are told, the most telling first: more are no answer.
const SHOWN: usize = 2;

/// The moment.
#[derive(Clone, PartialEq, Properties)]
pub struct NowProps {
    /// The moment.
    pub now: Now,
}

/// Why not.
#[component]
pub fn Why(props: &NowProps) -> Html {
    let words = use_words();
    if props.now.why_not.is_empty() {
        return Html::default();
    }
    let reasons = props.now.why_not.iter().take(SHOWN).map(|why| html! { <p>{ words.engine("why", &Said::of(why, "why")) }</p> });
    html! {
        <section class="why" data-testid="why">
            <h2>{ words.say("why") }</h2>
            { for reasons }
        </section>
    }
}
