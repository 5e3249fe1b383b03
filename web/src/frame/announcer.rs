//! What a screen reader is told of each step: all that the eye is told.

use yew::prelude::*;

use crate::app::FrameProps;
use crate::engine::Size;
use crate::i18n::{I18n, LocalizedMessage, use_i18n};
use crate::panels::happened;
use crate::run::SharedSnapshot;

/// Reasons that are read out, the most telling first: the rest is found where the eye finds it.
const REASONS: usize = 1;

/// The live region of the page.
#[component]
pub fn Announcer(props: &FrameProps) -> Html {
    let i18n = use_i18n();
    html! { <div class="unseen" role="status" data-testid="announced">{ announcement(&i18n, &props.page.snapshot, props.page.size) }</div> }
}

/// What happened, what changed, and why something has not happened.
fn announcement(i18n: &I18n, snapshot: &SharedSnapshot, size: Size) -> String {
    let wait = snapshot.passed(size).filter(|passed| passed.is_wait);
    let happened = happened::sentence(snapshot.step.as_deref(), wait, i18n);
    let Some(step) = snapshot.step.as_ref().filter(|_| wait.is_none()) else { return happened };
    let changes = step.changes.iter().map(|change| {
        let pieces = i18n.change(change);
        // An arrow is read out as nothing.
        let line: String = pieces.iter().map(|(text, _)| text.as_str()).collect();
        format!("{}.", line.replace(" · ", ", ").replace('→', &i18n.format("becomes")))
    });
    let reasons = snapshot.why_not().iter().take(REASONS);
    let reasons = reasons.map(|why| i18n.engine("why", &LocalizedMessage::of(why, "why")));
    std::iter::once(happened).chain(changes).chain(reasons).collect::<Vec<_>>().join(" ")
}
