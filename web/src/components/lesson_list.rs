//! The left side: which lessons there are, by track, and which sections they cover.

use std::rc::Rc;

use yew::prelude::*;

use super::lesson::language;
use crate::course::lessons;
use crate::desk::use_desk;
use crate::state::{Action, LessonsPanel};
use crate::words::use_words;

/// The list.
#[component]
pub fn LessonList() -> Html {
    let words = use_words();
    let desk = use_desk();
    let library = lessons();
    let language = language(words.lang());
    let close = {
        let desk = desk.clone();
        Callback::from(move |_: MouseEvent| desk.page(Action::Lessons(LessonsPanel::Closed)))
    };
    let row = |id: &String| {
        let lesson = library.lesson(id)?;
        let title = lesson.text(language).map(|text| text.lead.title.clone()).unwrap_or_default();
        let (desk, opened) = (desk.clone(), Rc::new(lesson.clone()));
        let open = Callback::from(move |_: MouseEvent| desk.open_lesson(opened.clone()));
        Some(html! {
            <li key={id.clone()}>
                <button class="preset" data-testid={format!("lesson-{id}")} onclick={open}>
                    <b>{ title }</b><span>{ lesson.sections.join(" · ") }</span>
                </button>
            </li>
        })
    };
    let tracks = library.index.tracks.iter().filter_map(|track| {
        let rows: Vec<Html> = track.lessons.iter().filter_map(row).collect();
        (!rows.is_empty()).then(|| html! {
            <section key={track.id.clone()}><h2>{ track.title.in_language(language) }</h2><ul class="presets">{ for rows }</ul></section>
        })
    });
    html! {
        <aside class="lesson" aria-label={words.say("lessons")} data-testid="lesson-list">
            <div class="lesson-head">
                <h1>{ words.say("lessons") }</h1>
                <button class="quiet" data-testid="lessons-close" aria-label={words.say("close")} onclick={close}>{ "✕" }</button>
            </div>
            <p class="faint">{ words.say("lessons-text") }</p>
            { for tracks }
        </aside>
    }
}
