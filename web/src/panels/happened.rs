//! What happened, in one sentence.

use std::sync::Arc;

use fluent_bundle::FluentValue;
use yew::prelude::*;

use crate::engine::{Passed, Step, Unfinished};
use crate::i18n::{I18n, use_i18n};
use crate::panels::passed::{counts, time};

/// What happened.
#[derive(Clone, PartialEq, Properties)]
pub struct HappenedProps {
    /// The step; none at the start of the run.
    pub step: Option<Arc<Step>>,
    /// The wait at whose end we are, if we are at the end of one.
    pub passed: Option<Passed>,
    /// Where nothing new comes any more: what keeps the cluster from being at rest.
    pub at_rest: Option<Vec<Unfinished>>,
}

/// What happened, in one sentence.
#[component]
pub fn Happened(props: &HappenedProps) -> Html {
    let i18n = use_i18n();
    let formatted = told(props.step.as_deref(), props.passed.as_ref(), &i18n);
    let (first, rest) = first_sentence(&formatted);
    html! {
        <section>
            <h2>{ i18n.format("happened") }</h2>
            <p class="happened" data-testid="happened">
                if props.step.is_some() { <b>{ first }</b>{ rest } } else { { &formatted } }
            </p>
            if let Some(unfinished) = &props.at_rest {
                <p class="faint" data-testid="idle">
                    if unfinished.is_empty() {
                        { i18n.format("idle") }
                    } else {
                        { i18n.format_with("idle-unfinished", [("what", words_of(&i18n, unfinished).into())]) }
                    }
                </p>
            }
        </section>
    }
}

/// What is told of a moment: the step that led there or, at the end of a wait, what recurred in it.
pub fn told(step: Option<&Step>, wait: Option<&Passed>, i18n: &I18n) -> String {
    match (step, wait) {
        (None, _) => i18n.format("at-start"),
        (Some(step), None) => i18n.step(&step.explanation),
        (Some(_), Some(wait)) => {
            let values = [("time", time(wait, i18n).into()), ("counts", counts(wait, i18n).into())];
            i18n.format_with("wait-told", values)
        }
    }
}

/// What is not at rest, in words.
fn words_of(i18n: &I18n, unfinished: &[Unfinished]) -> String {
    let words = unfinished.iter().map(|one| {
        let value: FluentValue<'static> = match one {
            Unfinished::CutLinks(count) | Unfinished::HeldMessages(count) | Unfinished::WaitingRequests(count) => {
                FluentValue::from(*count)
            }
            Unfinished::UnsentRecords(count) => FluentValue::from(*count),
            Unfinished::Nodes(nodes) => nodes.iter().map(i32::to_string).collect::<Vec<_>>().join(", ").into(),
        };
        i18n.format_with(&format!("unfinished-{}", one.name()), [("what", value)])
    });
    words.collect::<Vec<_>>().join(", ")
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
    use super::{first_sentence, words_of};
    use crate::engine::Unfinished;
    use crate::i18n::{I18n, Lang};

    #[test]
    fn all_that_keeps_a_cluster_from_rest_has_its_words() {
        let all = [
            Unfinished::CutLinks(1),
            Unfinished::HeldMessages(2),
            Unfinished::Nodes(vec![1, 3]),
            Unfinished::WaitingRequests(1),
            Unfinished::UnsentRecords(2),
        ];
        for lang in [Lang::En, Lang::Ko] {
            let words = words_of(&I18n::of(lang), &all);
            assert!(!words.contains("unfinished-") && words.contains("1, 3"), "{words}");
        }
        let english = words_of(&I18n::of(Lang::En), &all[..2]);
        assert_eq!(english, "one direction of a link is cut, 2 messages are held on cut links");
    }

    #[test]
    fn a_settings_name_ends_no_sentence() {
        let text = "It waits for linger.ms. Then it goes.";
        assert_eq!(first_sentence(text), ("It waits for linger.ms.", " Then it goes."));
        assert_eq!(first_sentence("하나뿐입니다."), ("하나뿐입니다.", ""));
    }
}
