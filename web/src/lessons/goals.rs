//! The goals of a lesson, always in sight: ticks that are made live, and what is to be reached next.

use web_sys::Element;
use yew::prelude::*;

use crate::app::NowProps;
use crate::i18n::{I18n, use_i18n};
use crate::lessons::panel::{CURRENT_BEAT, line};
use crate::platform::browser;
use crate::run::lesson_session::LessonSession;

/// The bar.
#[component]
pub fn GoalsBar(props: &NowProps) -> Html {
    let i18n = use_i18n();
    let Some(lesson_session) = props.snapshot.lesson_session.clone() else { return Html::default() };
    let (reached, goals) = lesson_session.run.counts();
    let current = lesson_session.run.beat() as usize;
    let beats = lesson_session.lesson.beats.iter().enumerate().map(|(index, beat)| {
        let ticks = (0..beat.goals.len()).map(|goal| {
            let is_done = lesson_session.run.is_reached(index as u32, goal as u32);
            html! { <i class={classes!(is_done.then_some("done"), (index == current && !is_done).then_some("here"))}>{ if is_done { "✓" } else { "" } }</i> }
        });
        html! { <span>{ for ticks }</span> }
    });
    let show = Callback::from(|_: MouseEvent| show_current_beat());
    html! {
        <section class="goals-bar" aria-label={i18n.format("goals")} data-testid="goals-bar">
            <p><b data-testid="goals-count">{ i18n.format_with("goals-count", [("reached", reached.into()), ("goals", goals.into())]) }</b>
                <span class="ticks" aria-hidden="true">{ for beats }</span></p>
            <button class="quiet" aria-live="polite" onclick={show}>{ next(&lesson_session, &i18n) }</button>
        </section>
    }
}

/// What is to be reached next.
fn next(lesson_session: &LessonSession, i18n: &I18n) -> Html {
    let Some(beat) = lesson_session.beat() else { return html! { { i18n.format("goals-all") } } };
    let index = lesson_session.run.beat();
    let open = beat.goals.iter().enumerate().find(|(goal, _)| !lesson_session.run.is_reached(index, *goal as u32));
    let text = lesson_session.lesson.text(i18n.lang().language());
    let formatted = open.and_then(|(_, goal)| text?.goal(&beat.id, &goal.id)).map(|passage| passage.title.clone());
    line(&formatted.unwrap_or_default())
}

/// Brings the text of the current beat into sight.
pub fn show_current_beat() {
    let beat = browser::document().and_then(|document| document.get_element_by_id(CURRENT_BEAT));
    if let Some(beat) = beat {
        Element::scroll_into_view_with_bool(&beat, true);
    }
}
