//! Why something that a person might have expected did not happen.

use yew::prelude::*;

use crate::app::NowProps;
use crate::i18n::{LocalizedMessage, use_i18n};

/// So many reasons are told, the most telling first: more are no answer.
const SHOWN: usize = 2;

/// Why not.
#[component]
pub fn Why(props: &NowProps) -> Html {
    let i18n = use_i18n();
    if props.snapshot.why_not.is_empty() {
        return Html::default();
    }
    // One of a kind: two followers that wait for the same say the same.
    let mut given: Vec<&str> = Vec::new();
    let kinds = props.snapshot.why_not.iter().filter(|why| {
        let is_new = !given.contains(&why.name());
        given.push(why.name());
        is_new
    });
    let reasons = kinds.take(SHOWN).map(|why| {
        let formatted = LocalizedMessage::of(why, "why");
        let asked = i18n.find(&format!("ask-{}", formatted.name)).unwrap_or_else(|| i18n.format("why"));
        html! { <div class="reason"><h2>{ asked }</h2><p>{ i18n.engine("why", &formatted) }</p></div> }
    });
    html! { <section class="why" data-testid="why">{ for reasons.collect::<Vec<_>>() }</section> }
}

#[cfg(test)]
mod tests {
    use crate::engine::WhyNot;
    use crate::i18n::{I18n, Lang};

    #[test]
    fn every_reason_has_its_question() {
        for lang in [Lang::En, Lang::Ko] {
            let i18n = I18n::of(lang);
            for name in WhyNot::names() {
                assert!(i18n.find(&format!("ask-{name}")).is_some(), "{lang:?} ask-{name}");
            }
        }
    }
}
