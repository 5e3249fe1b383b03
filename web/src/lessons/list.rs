//! The left side: which lessons there are, by track or by the section of a document that somebody is reading, and what of
//! them was done.

use std::rc::Rc;

use kafkascope_core::lesson::{Document, LESSON_FOLDERS, Language, Lesson, Library, Title};
use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::app::{Action, LessonsPanel};
use crate::app::{AppContext, FetchedLessons, use_app, use_lessons};
use crate::i18n::{I18n, use_i18n};
use crate::lessons::panel::line;
use crate::panels::recordings::Recordings;
use crate::platform::browser;
use crate::platform::siblings::siblings;
use crate::run::progress::{Kept, Progress};

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
    i18n: &'a I18n,
    app: &'a AppContext,
}

/// The list.
#[component]
pub fn LessonList() -> Html {
    let i18n = use_i18n();
    let app = use_app();
    let (fetched, again) = use_lessons();
    let library = match &fetched {
        FetchedLessons::Here(library) => library.clone(),
        FetchedLessons::Pending | FetchedLessons::Failed => Rc::default(),
    };
    let progress = use_memo((), |()| Progress::read());
    let saved = || {
        Order::ALL
            .into_iter()
            .find(|order| browser::read_saved(browser::Saved::Always, "lessons").as_deref() == Some(order.name()))
    };
    let order = use_state_eq(|| saved().unwrap_or(Order::Track));
    let filter = use_state_eq(String::new);
    let close = {
        let app = app.clone();
        Callback::from(move |_: MouseEvent| app.page(Action::Lessons(LessonsPanel::Closed)))
    };
    let narrow = {
        let filter = filter.clone();
        Callback::from(move |event: InputEvent| filter.set(event.target_unchecked_into::<HtmlInputElement>().value()))
    };
    let orders = Order::ALL.map(|each| {
        let order_then = order.clone();
        let choose = Callback::from(move |_: MouseEvent| {
            browser::save(browser::Saved::Always, "lessons", each.name());
            order_then.set(each);
        });
        html! { <button data-testid={format!("lessons-{}", each.name())} aria-pressed={(*order == each).to_string()} onclick={choose}>{ i18n.format(each.name()) }</button> }
    });
    let shelf = Shelf {
        library: &library,
        language: i18n.lang().language(),
        progress: &progress,
        filter: filter.trim().to_lowercase(),
        i18n: &i18n,
        app: &app,
    };
    let shown = match *order {
        Order::Track => shelf.tracks(),
        Order::Section => shelf.documents(),
        Order::Recorded => vec![html! { <Recordings /> }],
    };
    let done = [("done", progress.completed().into()), ("all", LESSON_FOLDERS.len().into())];
    html! {
        <aside class="lesson" aria-label={i18n.format("lessons")} data-testid="lesson-list">
            <div class="lesson-head">
                <h1>{ i18n.format("lessons") }</h1>
                <button class="quiet" data-testid="lessons-close" aria-label={i18n.format("close")} onclick={close}>{ "✕" }</button>
            </div>
            <p class="faint">{ i18n.format("lessons-text") }{ " " }<b data-testid="lessons-done">{ i18n.format_with("lessons-done", done) }</b></p>
            { shelf.unfinished() }
            <div class="shelf-tools">
                <div class="segments" role="group" aria-label={i18n.format("lessons-order")}>{ for orders }</div>
                if *order != Order::Recorded {
                <input type="search" data-testid="lessons-filter" placeholder={i18n.format("lessons-filter")} aria-label={i18n.format("lessons-filter")} value={(*filter).clone()} oninput={narrow} />
                }
            </div>
            { match &fetched {
                _ if !shown.is_empty() => Html::default(),
                FetchedLessons::Here(_) => html! { <p class="faint">{ i18n.format("lessons-none") }</p> },
                FetchedLessons::Pending => html! { <p class="faint" aria-live="polite" data-testid="lessons-fetching">{ i18n.format("fetching") }</p> },
                FetchedLessons::Failed => html! {
                    <p class="faint" role="alert" data-testid="lessons-unfetched">
                        { i18n.format("lessons-unfetched") }{ " " }<button data-testid="lessons-again" onclick={again}>{ i18n.format("fetch-again") }</button>
                    </p>
                },
            } }
            { siblings(shown) }
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
        self.fits(&self.title(lesson))
            || lesson.sections.iter().any(|section| self.fits(section) || self.fits(&self.section(section)))
    }

    /// A section that a lesson names, as it is called in the page's language.
    fn section(&self, section: &str) -> String {
        self.library.index.section_in_language(section, self.language).unwrap_or_else(|| section.to_owned())
    }

    /// A section's name in the page's language and, where that is another, as the document has it.
    fn section_title(&self, section: &Title) -> Html {
        let name = section.in_language(self.language);
        let original = (name != section.ko).then(|| html! { <small lang="ko">{ line(&section.ko) }</small> });
        html! { <>{ line(name) }{ original }</> }
    }

    /// The lesson that was left in the middle, offered first.
    fn unfinished(&self) -> Html {
        let Some(lesson) = self.progress.unfinished().and_then(|id| self.library.lesson(id)) else {
            return Html::default();
        };
        let Some(saved_progress) = self.progress.of(&lesson.id).and_then(|kept| kept.saved_progress.clone()) else {
            return Html::default();
        };
        let (app, opened) = (self.app.clone(), Rc::new(lesson.clone()));
        let go_on = Callback::from(move |_: MouseEvent| app.resume_lesson(opened.clone(), &saved_progress));
        html! {
            <button class="preset unfinished" data-testid="lesson-continue" onclick={go_on}>
                <b>{ self.i18n.format("lesson-continue") }</b><span>{ self.title(lesson) }</span>{ self.state(lesson) }
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
                .map(|lesson| self.row(lesson, Some(lesson.sections.iter().map(|section| self.section(section)).collect::<Vec<_>>().join(" · "))))
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
        let of =
            |section: &Title| self.library.of_section(&format!("{} {}", document.id, section.ko)).collect::<Vec<_>>();
        let (covered, missing): (Vec<_>, Vec<_>) = document
            .sections
            .iter()
            .map(|section| (section, of(section)))
            .partition(|(_, lessons)| !lessons.is_empty());
        let count = [("covered", covered.len().into()), ("all", document.sections.len().into())];
        let fits = |section: &Title| {
            [&section.ko, &section.en].into_iter().any(|name| self.fits(&format!("{} {name}", document.id)))
                || self.fits(title)
        };
        let sections = covered.into_iter().filter_map(|(section, lessons)| {
            let rows: Vec<Html> = lessons
                .into_iter()
                .filter(|lesson| fits(section) || self.fits(&self.title(lesson)))
                .map(|lesson| self.row(lesson, None))
                .collect();
            (!rows.is_empty()).then(|| {
                html! { <li key={section.ko.clone()}><h3>{ self.section_title(section) }</h3><ul class="presets">{ for rows }</ul></li> }
            })
        });
        let sections: Vec<Html> = sections.collect();
        let missing: Vec<&str> = missing
            .into_iter()
            .map(|(section, _)| section)
            .filter(|section| fits(section))
            .map(|section| section.in_language(self.language))
            .collect();
        if sections.is_empty() && missing.is_empty() {
            return None;
        }
        Some(html! {
            <section key={document.id.clone()} class="document" data-testid={format!("document-{}", document.id)}>
                <h2>{ &document.id }{ " · " }{ title }<small>{ self.i18n.format_with("sections-covered", count) }</small></h2>
                <ul class="sections">{ for sections }</ul>
                if !missing.is_empty() {
                    <p class="faint not-yet"><b>{ self.i18n.format("not-yet") }</b>{ " " }{ line(&missing.join(" · ")) }</p>
                }
            </section>
        })
    }

    /// A lesson. A press opens it from its beginning.
    fn row(&self, lesson: &Lesson, detail: Option<String>) -> Html {
        let (app, opened) = (self.app.clone(), Rc::new(lesson.clone()));
        let open = Callback::from(move |_: MouseEvent| app.open_lesson(opened.clone()));
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
            return html! { <em class="done" data-testid={format!("done-{}", lesson.id)}>{ format!("✓ {}", self.i18n.format("lesson-completed")) }</em> };
        }
        let counts = [("reached", (*reached).into()), ("goals", (*goals).into())];
        html! { <em data-testid={format!("begun-{}", lesson.id)}>{ self.i18n.format_with("goals-count", counts) }</em> }
    }
}
