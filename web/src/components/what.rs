//! The right side: what happened, what changed, why not, whence, what next.

use yew::prelude::*;

use super::causes::Causes;
use super::changes::Changes;
use super::happened::Happened;
use super::journey_done::JourneyDone;
use super::next::Next;
use super::page::FrameProps;
use super::why::Why;
use crate::words::use_words;

/// The right side.
#[component]
pub fn What(props: &FrameProps) -> Html {
    let words = use_words();
    let now = &props.page.now;
    html! {
        <aside class="what" aria-label={words.say("what")}>
            <Happened step={now.step.clone()} size={props.page.size} has_course={now.course.is_some()} />
            if now.journey.is_news(now.position) {
                <JourneyDone />
            }
            <Changes step={now.step.clone()} />
            <Why now={now.clone()} />
            <Causes now={now.clone()} />
            <Next now={now.clone()} />
        </aside>
    }
}
