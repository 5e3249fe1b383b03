//! What happened, in one sentence.

use std::sync::Arc;

use fluent_bundle::FluentValue;
use yew::prelude::*;

use crate::engine::{Size, Step, Unfinished};
use crate::i18n::{I18n, use_i18n};

/// What happened, for whom.
#[derive(Clone, PartialEq, Properties)]
pub struct HappenedProps {
    /// The step; none at the start of the run.
    pub step: Option<Arc<Step>>,
    /// The size of the steps that the person asks for.
    pub size: Size,
    /// Whether a lesson tells the person what to do next.
    pub has_course: bool,
    /// What keeps the cluster from being at rest.
    pub unfinished: Vec<Unfinished>,
}

/// What happened, in one sentence.
#[component]
pub fn Happened(props: &HappenedProps) -> Html {
    let i18n = use_i18n();
    // A press of Forward that found no step of its size stops at whatever happened last.
    let is_idle = !props.has_course
        && props.step.as_ref().is_some_and(|step| step.size < props.size && props.size == Size::Message);
    let formatted = props.step.as_ref().map(|step| i18n.step(&step.explanation));
    html! {
        <section>
            <h2>{ i18n.format("happened") }</h2>
            <p class="happened" data-testid="happened">
                if let Some((first, rest)) = formatted.as_deref().map(first_sentence) {
                    <b>{ first }</b>{ rest }
                } else {
                    { i18n.format("at-start") }
                }
            </p>
            if is_idle {
                <p class="faint" data-testid="idle">
                    if props.unfinished.is_empty() {
                        { i18n.format("idle") }
                    } else {
                        { i18n.format_with("idle-unfinished", [("what", unfinished(&i18n, &props.unfinished).into())]) }
                    }
                </p>
            }
        </section>
    }
}

/// What is not at rest, in words.
fn unfinished(i18n: &I18n, unfinished: &[Unfinished]) -> String {
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
    use super::{first_sentence, unfinished};
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
            let words = unfinished(&I18n::of(lang), &all);
            assert!(!words.contains("unfinished-") && words.contains("1, 3"), "{words}");
        }
        let english = unfinished(&I18n::of(Lang::En), &all[..2]);
        assert_eq!(english, "one direction of a link is cut, 2 messages are held on cut links");
    }

    #[test]
    fn a_settings_name_ends_no_sentence() {
        let text = "It waits for linger.ms. Then it goes.";
        assert_eq!(first_sentence(text), ("It waits for linger.ms.", " Then it goes."));
        assert_eq!(first_sentence("하나뿐입니다."), ("하나뿐입니다.", ""));
    }
}
