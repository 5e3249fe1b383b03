//! The goals of a lesson, always in sight: ticks that are made live, and what is to be reached next.

use web_sys::Element;
use yew::prelude::*;

use super::lesson::{CURRENT_BEAT, language, line};
use super::why::NowProps;
use crate::browser;
use crate::course::Course;
use crate::words::{Words, use_words};

/// The bar.
#[component]
pub fn GoalsBar(props: &NowProps) -> Html {
    let words = use_words();
    let Some(course) = props.now.course.clone() else { return Html::default() };
    let (reached, goals) = course.run.counts();
    let current = course.run.beat() as usize;
    let beats = course.lesson.beats.iter().enumerate().map(|(index, beat)| {
        let ticks = (0..beat.goals.len()).map(|goal| {
            let is_done = course.run.is_reached(index as u32, goal as u32);
            html! { <i class={classes!(is_done.then_some("done"), (index == current && !is_done).then_some("here"))}>{ if is_done { "✓" } else { "" } }</i> }
        });
        html! { <span>{ for ticks }</span> }
    });
    let show = Callback::from(|_: MouseEvent| show_current_beat());
    html! {
        <div class="goals-bar" data-testid="goals-bar">
            <p><b data-testid="goals-count">{ words.say_with("goals-count", [("reached", reached.into()), ("goals", goals.into())]) }</b>
                <span class="ticks" aria-hidden="true">{ for beats }</span></p>
            <button class="quiet" aria-live="polite" onclick={show}>{ next(&course, &words) }</button>
        </div>
    }
}

/// What is to be reached next.
fn next(course: &Course, words: &Words) -> Html {
    let Some(beat) = course.beat() else { return html! { { words.say("goals-all") } } };
    let index = course.run.beat();
    let open = beat.goals.iter().enumerate().find(|(goal, _)| !course.run.is_reached(index, *goal as u32));
    let text = course.lesson.text(language(words.lang()));
    let said = open.and_then(|(_, goal)| text?.goal(&beat.id, &goal.id)).map(|passage| passage.title.clone());
    line(&said.unwrap_or_default())
}

/// Brings the text of the current beat into sight.
pub fn show_current_beat() {
    let beat = browser::document().and_then(|document| document.get_element_by_id(CURRENT_BEAT));
    if let Some(beat) = beat {
        Element::scroll_into_view_with_bool(&beat, true);
    }
}
