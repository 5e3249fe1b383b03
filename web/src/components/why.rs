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
    let reasons = props.now.why_not.iter().take(SHOWN).map(|why| {
        let said = Said::of(why, "why");
        let asked = words.find(&format!("ask-{}", said.name)).unwrap_or_else(|| words.say("why"));
        html! { <div class="reason"><h2>{ asked }</h2><p>{ words.engine("why", &said) }</p></div> }
    });
    html! { <section class="why" data-testid="why">{ for reasons }</section> }
}

#[cfg(test)]
mod tests {
    use crate::engine::WhyNot;
    use crate::words::{Lang, Words};

    #[test]
    fn every_reason_has_its_question() {
        for lang in [Lang::En, Lang::Ko] {
            let words = Words::of(lang);
            for name in WhyNot::names() {
                assert!(words.find(&format!("ask-{name}")).is_some(), "{lang:?} ask-{name}");
            }
        }
    }
}
