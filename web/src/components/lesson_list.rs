//! The left side: which lessons there are, by track or by the section of a document that somebody is reading, and what of
//! them was done.

use std::rc::Rc;

use kafkascope_core::lesson::{Document, Language, Lesson, Library};
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::lesson::{language, line};
use super::recordings::Recordings;
use crate::browser;
use crate::course::lessons;
use crate::desk::{Desk, use_desk};
use crate::progress::{Kept, Progress};
use crate::state::{Action, LessonsPanel};
use crate::words::{Words, use_words};

/// How the lessons are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    /// By track: one thing after another.
    Track,
    /// By document and section: what I am reading.
    Section,
    /// Not the lessons: recorded runs of a real Kafka.
    Recorded,
}

impl Order {
    const ALL: [Self; 3] = [Self::Track, Self::Section, Self::Recorded];

    fn name(self) -> &'static str {
        match self {
            Self::Track => "by-track",
            Self::Section => "by-section",
            Self::Recorded => "real-kafka",
        }
    }
}

/// What the list is made from.
struct Shelf<'a> {
    library: &'a Library,
    language: Language,
    progress: &'a Progress,
    /// What a person typed to narrow the list, in lower case.
    filter: String,
    words: &'a Words,
    desk: &'a Desk,
}

/// The list.
#[component]
pub fn LessonList() -> Html {
    let words = use_words();
    let desk = use_desk();
    let library = lessons();
    let progress = use_memo((), |()| Progress::read());
    let saved = || Order::ALL.into_iter().find(|order| browser::saved("lessons").as_deref() == Some(order.name()));
    let order = use_state_eq(|| saved().unwrap_or(Order::Track));
    let filter = use_state_eq(String::new);
    let close = {
        let desk = desk.clone();
        Callback::from(move |_: MouseEvent| desk.page(Action::Lessons(LessonsPanel::Closed)))
    };
    let narrow = {
        let filter = filter.clone();
        Callback::from(move |event: InputEvent| filter.set(event.target_unchecked_into::<HtmlInputElement>().value()))
    };
    let orders = Order::ALL.map(|each| {
        let order_then = order.clone();
        let choose = Callback::from(move |_: MouseEvent| {
            browser::save("lessons", each.name());
            order_then.set(each);
        });
        html! { <button data-testid={format!("lessons-{}", each.name())} aria-pressed={(*order == each).to_string()} onclick={choose}>{ words.say(each.name()) }</button> }
    });
    let shelf = Shelf {
        library: &library,
        language: language(words.lang()),
        progress: &progress,
        filter: filter.trim().to_lowercase(),
        words: &words,
        desk: &desk,
    };
    let shown = match *order {
        Order::Track => shelf.tracks(),
        Order::Section => shelf.documents(),
        Order::Recorded => vec![html! { <Recordings /> }],
    };
    let done = [("done", progress.completed().into()), ("all", library.lessons.len().into())];
    html! {
        <aside class="lesson" aria-label={words.say("lessons")} data-testid="lesson-list">
            <div class="lesson-head">
                <h1>{ words.say("lessons") }</h1>
                <button class="quiet" data-testid="lessons-close" aria-label={words.say("close")} onclick={close}>{ "✕" }</button>
            </div>
            <p class="faint">{ words.say("lessons-text") }{ " " }<b data-testid="lessons-done">{ words.say_with("lessons-done", done) }</b></p>
            { shelf.unfinished() }
            <div class="shelf-tools">
                <div class="segments" role="group" aria-label={words.say("lessons-order")}>{ for orders }</div>
                if *order != Order::Recorded {
                <input type="search" data-testid="lessons-filter" placeholder={words.say("lessons-filter")} aria-label={words.say("lessons-filter")} value={(*filter).clone()} oninput={narrow} />
                }
            </div>
            if shown.is_empty() {
                <p class="faint">{ words.say("lessons-none") }</p>
            }
            { for shown }
        </aside>
    }
}

impl Shelf<'_> {
    fn title(&self, lesson: &Lesson) -> String {
        lesson.text(self.language).map(|text| text.lead.title.clone()).unwrap_or_default()
    }

    fn fits(&self, text: &str) -> bool {
        self.filter.is_empty() || text.to_lowercase().contains(&self.filter)
    }

    fn lesson_fits(&self, lesson: &Lesson) -> bool {
        self.fits(&self.title(lesson)) || lesson.sections.iter().any(|section| self.fits(section))
    }

    /// The lesson that was left in the middle, offered first.
    fn unfinished(&self) -> Html {
        let Some(lesson) = self.progress.unfinished().and_then(|id| self.library.lesson(id)) else {
            return Html::default();
        };
        let Some(stand) = self.progress.of(&lesson.id).and_then(|kept| kept.stand.clone()) else {
            return Html::default();
        };
        let (desk, opened) = (self.desk.clone(), Rc::new(lesson.clone()));
        let go_on = Callback::from(move |_: MouseEvent| desk.resume_lesson(opened.clone(), &stand));
        html! {
            <button class="preset unfinished" data-testid="lesson-continue" onclick={go_on}>
                <b>{ self.words.say("lesson-continue") }</b><span>{ self.title(lesson) }</span>{ self.state(lesson) }
            </button>
        }
    }

    /// The tracks with those of their lessons that fit.
    fn tracks(&self) -> Vec<Html> {
        let tracks = self.library.index.tracks.iter().filter_map(|track| {
            let title = track.title.in_language(self.language);
            let lessons = track.lessons.iter().filter_map(|id| self.library.lesson(id));
            let rows: Vec<Html> = lessons
                .filter(|lesson| self.fits(title) || self.lesson_fits(lesson))
                .map(|lesson| self.row(lesson, Some(lesson.sections.join(" · "))))
                .collect();
            (!rows.is_empty()).then(|| {
                html! { <section key={track.id.clone()}><h2>{ title }</h2><ul class="presets">{ for rows }</ul></section> }
            })
        });
        tracks.collect()
    }

    /// The documents with their sections, each with the lessons that cover it.
    fn documents(&self) -> Vec<Html> {
        self.library.index.documents.iter().filter_map(|document| self.document(document)).collect()
    }

    fn document(&self, document: &Document) -> Option<Html> {
        let title = document.title.in_language(self.language);
        let of = |section: &String| self.library.of_section(&format!("{} {section}", document.id)).collect::<Vec<_>>();
        let (covered, missing): (Vec<_>, Vec<_>) = document
            .sections
            .iter()
            .map(|section| (section, of(section)))
            .partition(|(_, lessons)| !lessons.is_empty());
        let count = [("covered", covered.len().into()), ("all", document.sections.len().into())];
        let fits = |section: &str| self.fits(title) || self.fits(&format!("{} {section}", document.id));
        let sections = covered.into_iter().filter_map(|(section, lessons)| {
            let rows: Vec<Html> = lessons
                .into_iter()
                .filter(|lesson| fits(section) || self.fits(&self.title(lesson)))
                .map(|lesson| self.row(lesson, None))
                .collect();
            (!rows.is_empty()).then(|| {
                html! { <li key={section.clone()}><h3>{ line(section) }</h3><ul class="presets">{ for rows }</ul></li> }
            })
        });
        let sections: Vec<Html> = sections.collect();
        let missing: Vec<String> =
            missing.into_iter().map(|(section, _)| section.clone()).filter(|section| fits(section)).collect();
        if sections.is_empty() && missing.is_empty() {
            return None;
        }
        Some(html! {
            <section key={document.id.clone()} class="document" data-testid={format!("document-{}", document.id)}>
                <h2>{ &document.id }{ " · " }{ title }<small>{ self.words.say_with("sections-covered", count) }</small></h2>
                <ul class="sections">{ for sections }</ul>
                if !missing.is_empty() {
                    <p class="faint not-yet"><b>{ self.words.say("not-yet") }</b>{ " " }{ line(&missing.join(" · ")) }</p>
                }
            </section>
        })
    }

    /// A lesson. A press opens it from its beginning.
    fn row(&self, lesson: &Lesson, detail: Option<String>) -> Html {
        let (desk, opened) = (self.desk.clone(), Rc::new(lesson.clone()));
        let open = Callback::from(move |_: MouseEvent| desk.open_lesson(opened.clone()));
        html! {
            <li key={lesson.id.clone()}>
                <button class="preset" data-testid={format!("lesson-{}", lesson.id)} onclick={open}>
                    <b>{ self.title(lesson) }</b>
                    if let Some(detail) = detail {
                        <span>{ line(&detail) }</span>
                    }
                    { self.state(lesson) }
                </button>
            </li>
        }
    }

    /// What was done of a lesson, if it was begun.
    fn state(&self, lesson: &Lesson) -> Html {
        let Some(kept) = self.progress.of(&lesson.id) else { return Html::default() };
        let Kept { is_complete, reached, goals, .. } = kept;
        if *is_complete {
            return html! { <em class="done" data-testid={format!("done-{}", lesson.id)}>{ format!("✓ {}", self.words.say("lesson-completed")) }</em> };
        }
        let counts = [("reached", (*reached).into()), ("goals", (*goals).into())];
        html! { <em data-testid={format!("begun-{}", lesson.id)}>{ self.words.say_with("goals-count", counts) }</em> }
    }
}
