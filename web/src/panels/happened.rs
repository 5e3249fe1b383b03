//! What happened, in one sentence.

use std::rc::Rc;

use yew::prelude::*;

use crate::engine::{Passed, Step};
use crate::i18n::{I18n, use_i18n};
use crate::panels::passed::{counts, time};

/// What happened.
#[derive(Clone, PartialEq, Properties)]
pub struct HappenedProps {
    /// The step; none at the start of the run.
    pub step: Option<Rc<Step>>,
    /// The wait at whose end we are, if we are at the end of one.
    pub passed: Option<Passed>,
}

/// What happened, in one sentence.
#[component]
pub fn Happened(props: &HappenedProps) -> Html {
    let i18n = use_i18n();
    let formatted = sentence(props.step.as_deref(), props.passed.as_ref(), &i18n);
    let (first, rest) = first_sentence(&formatted);
    html! {
        <section>
            <h2>{ i18n.format("happened") }</h2>
            <p class="happened" data-testid="happened">
                if props.step.is_some() { <b>{ first }</b>{ rest } } else { { &formatted } }
            </p>
        </section>
    }
}

/// What is told of a moment: the step that led there or, at the end of a wait, what recurred in it.
pub fn sentence(step: Option<&Step>, wait: Option<&Passed>, i18n: &I18n) -> String {
    match (step, wait) {
        (None, _) => i18n.format("at-start"),
        (Some(step), None) => i18n.step(&step.explanation),
        (Some(_), Some(wait)) => {
            let values = [("time", time(wait, i18n).into()), ("counts", counts(wait, i18n).into())];
            i18n.format_with("wait-told", values)
        }
    }
}

/// The first sentence and the rest. A full stop within a word, a number or a setting's name ends nothing.
fn first_sentence(text: &str) -> (&str, &str) {
    match text.find(". ") {
        Some(at) => text.split_at(at + 1),
        None => (text, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::first_sentence;

    #[test]
    fn a_settings_name_ends_no_sentence() {
        let text = "It waits for linger.ms. Then it goes.";
        assert_eq!(first_sentence(text), ("It waits for linger.ms.", " Then it goes."));
        assert_eq!(first_sentence("하나뿐입니다."), ("하나뿐입니다.", ""));
    }
}
