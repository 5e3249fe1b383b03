//! The page: what every part needs, and where each has its place.

use std::rc::Rc;

use yew::prelude::*;

use super::banner::BannerLine;
use super::files::Files;
use super::goals::GoalsBar;
use super::header::Header;
use super::invariants::Invariants;
use super::keys_table::KeysTable;
use super::lesson::LessonPanel;
use super::lesson_list::LessonList;
use super::link::Link;
use super::message::EnvelopeWindow;
use super::middle::Middle;
use super::new_cluster::NewCluster;
use super::party::Party;
use super::produce::Produce;
use super::recordings::RecordingPanel;
use super::transport::Transport;
use super::what::What;
use crate::browser;
use crate::desk::Desk;
use crate::hooks::{use_address, use_document, use_keys, use_play, use_progress};
use crate::session::Session;
use crate::state::{Action, Banner, LessonsPanel, PageState, Theme, Window};
use crate::words::{Lang, Words};

/// What the page begins with.
#[derive(Clone, PartialEq, Properties)]
pub struct PageProps {
    /// The run.
    pub session: Rc<Session>,
    /// What went wrong before the page was there, such as a link that cannot be read.
    pub banner: Option<Banner>,
}

/// The whole page.
#[component]
pub fn Page(props: &PageProps) -> Html {
    let page = use_reducer(|| begin(props));
    let desk = use_memo(props.session.clone(), |session| Desk::new(session.clone(), page.dispatcher()));
    {
        let page = page.dispatcher();
        use_effect_with(props.session.clone(), move |session| {
            session.tell(Callback::from(move |now| page.dispatch(Action::Moved(now))));
        });
    }
    let words = use_memo(page.lang, |lang| Words::of(*lang));
    let words = words.naming(page.now.controllers_only());
    use_document(page.lang, page.theme);
    use_keys(&desk, &page);
    use_play(&desk, page.is_playing, page.speed, page.size);
    use_progress(&page.now);
    use_address(&desk, &page.now.link, page.now.position);

    let has_lessons = page.lessons != LessonsPanel::Closed;
    let lessons = match &page.lessons {
        LessonsPanel::Closed => Html::default(),
        LessonsPanel::Recording(opened) => html! { <RecordingPanel opened={opened.clone()} now={page.now.clone()} /> },
        LessonsPanel::List => html! { <LessonList /> },
        LessonsPanel::Lesson => {
            html! { <><GoalsBar now={page.now.clone()} /><LessonPanel now={page.now.clone()} /></> }
        }
    };
    html! {
        <ContextProvider<Words> context={words}>
        <ContextProvider<Desk> context={(*desk).clone()}>
            <div class={classes!("page", has_lessons.then_some("has-lessons"))}>
                <Header page={page.clone()} />
                <BannerLine banner={page.banner.clone()} notice={page.notice} />
                { lessons }
                <Middle page={page.clone()} />
                <What page={page.clone()} />
                <Transport page={page.clone()} />
                <WindowOf page={page.clone()} />
            </div>
        </ContextProvider<Desk>>
        </ContextProvider<Words>>
    }
}

fn begin(props: &PageProps) -> PageState {
    let root = browser::root();
    let attribute = |name: &str| root.as_ref().and_then(|root| root.get_attribute(name)).unwrap_or_default();
    PageState {
        now: props.session.now(),
        // The shell has chosen both already.
        lang: Lang::of_tag(&attribute("lang")),
        theme: if attribute("data-theme") == "dark" { Theme::Dark } else { Theme::Light },
        size: Default::default(),
        is_playing: false,
        speed: Default::default(),
        tab: Default::default(),
        window: None,
        unfolded: Rc::default(),
        chosen: None,
        banner: props.banner.clone(),
        notice: None,
        lessons: LessonsPanel::Closed,
    }
}

/// What parts of the page's frame get: its whole state.
#[derive(Clone, PartialEq, Properties)]
pub struct FrameProps {
    /// The state.
    pub page: UseReducerHandle<PageState>,
}

/// What lies over the page.
#[component]
fn WindowOf(props: &FrameProps) -> Html {
    let now = props.page.now.clone();
    match props.page.window.clone() {
        None => Html::default(),
        Some(Window::Keys) => html! { <KeysTable /> },
        Some(Window::NewCluster) => html! { <NewCluster /> },
        Some(Window::Produce(producer)) => html! { <Produce {now} {producer} /> },
        Some(Window::Party(actor)) => html! { <Party {now} {actor} /> },
        Some(Window::Link(one, other)) => html! { <Link {now} {one} {other} /> },
        Some(Window::Envelope(event)) => html! { <EnvelopeWindow {now} {event} /> },
        Some(Window::Invariants) => html! { <Invariants {now} /> },
        Some(Window::Files) => html! { <Files {now} /> },
    }
}
