//! Why something that a person might have expected did not happen.

use kafkascope_core::sort::SharedSort;
use yew::prelude::*;

use crate::engine::WhyNot;
use crate::i18n::{I18n, LocalizedMessage, use_i18n};
use crate::run::SharedSnapshot;

/// What the tab shows.
#[derive(Clone, PartialEq, Properties)]
pub struct WhyProps {
    /// The moment.
    pub snapshot: SharedSnapshot,
    /// The question that was asked: its answer comes first.
    pub asked: Option<&'static str>,
}

/// Why not: one of a kind, the most telling first. Two followers that wait for the same say the same.
#[component]
pub fn Why(props: &WhyProps) -> Html {
    let i18n = use_i18n();
    if props.snapshot.why_not().is_empty() {
        return html! { <p class="faint" data-testid="why-nothing">{ i18n.format("why-nothing") }</p> };
    }
    let all = props.snapshot.why_not().iter().collect();
    html! { <section class="why" data-testid="why">{ reasons(all, props.asked, &i18n) }</section> }
}

/// The first reason of each kind, that which was asked for before the others.
pub fn reasons(mut kinds: Vec<&WhyNot>, asked: Option<&str>, i18n: &I18n) -> Html {
    let mut given: Vec<&str> = Vec::new();
    kinds.retain(|why| {
        let is_new = !given.contains(&why.name());
        given.push(why.name());
        is_new
    });
    kinds.shared_sort_by_key(|why| asked != Some(why.name()));
    let reasons = kinds.into_iter().map(|why| {
        let formatted = LocalizedMessage::of(why, "why");
        let asked = i18n.find(&format!("ask-{}", formatted.name)).unwrap_or_else(|| i18n.format("why"));
        html! { <div class="reason" data-testid={format!("why-{}", formatted.name)}><h2>{ asked }</h2><p>{ i18n.engine("why", &formatted) }</p></div> }
    });
    html! { <>{ for reasons.collect::<Vec<_>>() }</> }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Lang;

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
