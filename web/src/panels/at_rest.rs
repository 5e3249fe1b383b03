//! Nothing new comes any more: the cluster is at rest, or what keeps it from being so.

use fluent_bundle::FluentValue;
use yew::prelude::*;

use crate::engine::Unfinished;
use crate::i18n::{I18n, use_i18n};

/// What keeps the cluster from being at rest.
#[derive(Clone, PartialEq, Properties)]
pub struct AtRestProps {
    /// Each thing that waits for a person; none when the cluster is at rest.
    pub unfinished: Vec<Unfinished>,
}

/// Says that nothing new comes any more. This is known only some time after the press that led here, when it was looked
/// ahead: the note stands below everything else, so that nothing moves away from under a finger when it appears.
#[component]
pub fn AtRest(props: &AtRestProps) -> Html {
    let i18n = use_i18n();
    let text = if props.unfinished.is_empty() {
        i18n.format("idle")
    } else {
        i18n.format_with("idle-unfinished", [("what", unfinished_text(&i18n, &props.unfinished).into())])
    };
    html! { <p class="at-rest faint" data-testid="idle">{ text }</p> }
}

/// What is not at rest, in words.
fn unfinished_text(i18n: &I18n, unfinished: &[Unfinished]) -> String {
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

#[cfg(test)]
mod tests {
    use super::unfinished_text;
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
            let words = unfinished_text(&I18n::of(lang), &all);
            assert!(!words.contains("unfinished-") && words.contains("1, 3"), "{words}");
        }
        let english = unfinished_text(&I18n::of(Lang::En), &all[..2]);
        assert_eq!(english, "one direction of a link is cut, 2 messages are held on cut links");
    }
}
