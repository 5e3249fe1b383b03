//! The right side: what happened, what changed, why not, whence, what next.

use yew::prelude::*;

use crate::app::FrameProps;
use crate::i18n::use_i18n;
use crate::panels::causes::Causes;
use crate::panels::changes::Changes;
use crate::panels::happened::Happened;
use crate::panels::next::Next;
use crate::panels::tour_done::JourneyDone;
use crate::panels::why::Why;

/// The right side.
#[component]
pub fn What(props: &FrameProps) -> Html {
    let i18n = use_i18n();
    let snapshot = &props.page.snapshot;
    html! {
        <aside class="what" aria-label={i18n.format("what")}>
            <Happened step={snapshot.step.clone()} size={props.page.size} has_course={snapshot.lesson_session.is_some()} unfinished={snapshot.view.unfinished()} />
            if snapshot.tour.is_newly_done(snapshot.position) {
                <JourneyDone />
            }
            <Changes step={snapshot.step.clone()} />
            <Why snapshot={snapshot.clone()} />
            <Causes snapshot={snapshot.clone()} />
            <Next snapshot={snapshot.clone()} />
        </aside>
    }
}
