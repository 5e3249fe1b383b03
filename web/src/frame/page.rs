//! The page: what every part needs, and where each has its place.

use std::rc::Rc;

use yew::prelude::*;

use crate::app::AppContext;
use crate::app::{Action, Address, Banner, FrameProps, LessonsPanel, PageState, Theme, Window};
use crate::controls::actor::ActorWindow;
use crate::controls::config_files::ConfigFiles;
use crate::controls::envelope::EnvelopeWindow;
use crate::controls::files::Files;
use crate::controls::keys_table::KeysTable;
use crate::controls::link::Link;
use crate::controls::new_cluster::NewCluster;
use crate::controls::produce::Produce;
use crate::controls::runs::Runs;
use crate::frame::announcer::Announcer;
use crate::frame::banner::BannerLine;
use crate::frame::header::Header;
use crate::frame::hooks::{use_address, use_document, use_keys, use_outlook, use_play, use_press, use_rest_of_page};
use crate::frame::rehearsal::use_rehearsal;
use crate::frame::tabs::Middle;
use crate::frame::work_line::WorkLine;
use crate::i18n::{I18n, Lang};
use crate::lessons::goals::GoalsBar;
use crate::lessons::list::LessonList;
use crate::lessons::panel::LessonPanel;
use crate::panels::invariants::Invariants;
use crate::panels::recordings::RecordingPanel;
use crate::panels::what::What;
use crate::platform::browser;
use crate::run::Session;
use crate::scene::LegendWindow;
use crate::time::Transport;

/// What the page begins with.
#[derive(Clone, PartialEq, Properties)]
pub struct PageProps {
    /// The run.
    pub session: Rc<Session>,
    /// What went wrong before the page was there, such as a link that cannot be read.
    pub banner: Option<Banner>,
    /// How the run is looked at.
    pub address: Address,
    /// Whether the run of the address is still to be opened, since that takes long.
    pub is_unopened: bool,
}

/// The whole page.
#[component]
pub fn Page(props: &PageProps) -> Html {
    let page = use_reducer(|| begin(props));
    let (app, i18n) = use_frame(&page, &props.session);
    use_document(page.lang, page.theme);
    let press = use_press(&app, &page);
    use_keys(&press, page.window.is_some());
    use_play(&app, page.is_playing, page.speed, page.size);
    use_outlook(&app, &page);
    use_address(&app, &page);
    use_rest_of_page(&page, page.lang);
    use_rehearsal(&props.session, page.work, props.is_unopened);
    {
        let app = app.clone();
        use_effect_with((props.address.clone(), props.is_unopened), move |(address, is_unopened)| {
            if *is_unopened {
                app.open_address(address.clone());
            }
        });
    }

    let has_lessons = page.lessons != LessonsPanel::Closed;
    let lessons = match &page.lessons {
        LessonsPanel::Closed => Html::default(),
        LessonsPanel::Recording(opened) => {
            html! { <RecordingPanel opened={opened.clone()} snapshot={page.snapshot.clone()} /> }
        }
        LessonsPanel::List => html! { <LessonList /> },
        LessonsPanel::Lesson => {
            html! { <><GoalsBar snapshot={page.snapshot.clone()} /><LessonPanel snapshot={page.snapshot.clone()} /></> }
        }
    };
    let brokers = page.snapshot.view.nodes.iter().filter(|node| node.is_broker).count();
    html! {
        <ContextProvider<I18n> context={i18n}>
        <ContextProvider<AppContext> context={app.clone()}>
            <div class={classes!("page", has_lessons.then_some("has-lessons"))}>
                <Header press={press.clone()} lang={page.lang} theme={page.theme} {brokers} seed={app.session.seed()} has_others={app.session.run_count() > 1} />
                <Announcer page={page.clone()} />
                <WorkLine work={page.work} />
                <BannerLine banner={page.banner.clone()} notice={page.notice} />
                { lessons }
                <Middle page={page.clone()} />
                <What page={page.clone()} />
                <Transport page={page.clone()} {press} />
                <WindowOf page={page.clone()} />
            </div>
        </ContextProvider<AppContext>>
        </ContextProvider<I18n>>
    }
}

/// What every part of a page needs: the page redraws whenever the run moves.
#[hook]
pub(super) fn use_frame(page: &UseReducerHandle<PageState>, session: &Rc<Session>) -> (AppContext, I18n) {
    let app = use_memo(session.clone(), |session| AppContext::new(session.clone(), page.dispatcher()));
    {
        let page = page.dispatcher();
        use_effect_with(session.clone(), move |session| {
            session.subscribe(Callback::from(move |snapshot| page.dispatch(Action::Moved(snapshot))));
        });
    }
    let i18n = use_memo((page.lang, page.lang.is_whole()), |(lang, _)| I18n::of(*lang));
    ((*app).clone(), i18n.naming(page.snapshot.controllers_only()))
}

/// How a page begins.
pub(super) fn begin(props: &PageProps) -> PageState {
    let root = browser::root();
    let attribute = |name: &str| root.as_ref().and_then(|root| root.get_attribute(name)).unwrap_or_default();
    let snapshot = props.session.now();
    PageState {
        lessons: match snapshot.lesson_session {
            Some(_) => LessonsPanel::Lesson,
            None => LessonsPanel::Closed,
        },
        snapshot,
        // The shell has chosen both already.
        lang: Lang::of_tag(&attribute("lang")),
        theme: if attribute("data-theme") == "dark" { Theme::Dark } else { Theme::Light },
        size: props.address.size,
        is_playing: false,
        speed: Default::default(),
        tab: props.address.tab,
        side: props.address.side,
        asked: None,
        offers: Default::default(),
        window: None,
        unfolded: Rc::default(),
        chosen: None,
        selection: props.address.selection.clone().map(Rc::new),
        lab: None,
        console: None,
        config: None,
        banner: props.banner.clone(),
        notice: None,
        outlook: None,
        work: None,
    }
}

/// What lies over the page.
#[component]
fn WindowOf(props: &FrameProps) -> Html {
    let snapshot = props.page.snapshot.clone();
    match props.page.window.clone() {
        None => Html::default(),
        Some(Window::Keys) => html! { <KeysTable page={props.page.clone()} /> },
        Some(Window::NewCluster) => html! { <NewCluster /> },
        Some(Window::ConfigFiles) => html! { <ConfigFiles draft={props.page.config.clone()} /> },
        Some(Window::Produce(producer)) => html! { <Produce {snapshot} {producer} /> },
        Some(Window::Actor(actor)) => html! { <ActorWindow {snapshot} {actor} /> },
        Some(Window::Link(one, other)) => html! { <Link {snapshot} {one} {other} /> },
        Some(Window::Envelope(event)) => html! { <EnvelopeWindow {snapshot} {event} /> },
        Some(Window::Invariants) => html! { <Invariants {snapshot} /> },
        Some(Window::Runs) => html! { <Runs {snapshot} /> },
        Some(Window::Legend) => html! { <LegendWindow /> },
        Some(Window::Files) => html! { <Files {snapshot} /> },
    }
}
