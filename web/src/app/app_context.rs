//! What components reach for: the run and the page's state, through one context.

use std::cell::RefCell;
use std::rc::Rc;

use kafkascope_core::lesson::{Lesson, Stuck};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::app::{Action, Banner, LessonsPanel, PageState};
use crate::engine::{Command, Scenario, Size};
use crate::i18n::{Lang, LocalizedMessage};
use crate::platform::browser;
use crate::run::lesson_session::NotOpened;
use crate::run::progress::SavedProgress;
use crate::run::recording::Recording;
use crate::run::{LessonAction, Session};

/// How the scene is moved about by keys and buttons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Zoom {
    /// Nearer.
    In,
    /// Farther.
    Out,
    /// All of it.
    Fit,
}

/// The hands on the run and on the page.
#[derive(Clone)]
pub struct AppContext {
    /// The run.
    pub session: Rc<Session>,
    page: UseReducerDispatcher<PageState>,
    /// The scene, while it is shown.
    zoom: Rc<RefCell<Callback<Zoom>>>,
}

impl PartialEq for AppContext {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.session, &other.session)
    }
}

impl AppContext {
    /// Puts both together.
    pub fn new(session: Rc<Session>, page: UseReducerDispatcher<PageState>) -> Self {
        Self { session, page, zoom: Rc::default() }
    }

    /// Changes the page.
    pub fn page(&self, action: Action) {
        self.page.dispatch(action);
    }

    /// Goes on in a language, and remembers it as a person's choice; says so where its texts cannot be fetched.
    pub fn speak(&self, lang: Lang) {
        let app = self.clone();
        let go_on = move || {
            browser::save("lang", lang.tag());
            app.page(Action::Lang(lang));
        };
        if lang.is_here() {
            return go_on();
        }
        self.page(Action::Notice(Some("fetching")));
        let app = self.clone();
        spawn_local(async move {
            let is_here = lang.fetch().await;
            app.page(Action::Notice(None));
            if is_here {
                go_on();
            } else {
                app.page(Action::Fail(Banner::Failed("lang-unfetched")));
            }
        });
    }

    /// Names the scene that is moved.
    pub fn on_zoom(&self, scene: Callback<Zoom>) {
        self.zoom.replace(scene);
    }

    /// Moves the scene, if it is shown.
    pub fn zoom(&self, zoom: Zoom) {
        let scene = self.zoom.borrow().clone();
        scene.emit(zoom);
    }

    /// One press of Forward.
    pub fn forward(&self, size: Size) {
        if !self.session.forward(size) {
            self.page(Action::Play(false));
            self.page(Action::Notice(Some("nothing-pending")));
        }
    }

    /// One press of Back.
    pub fn back(&self, size: Size) {
        self.page(Action::Play(false));
        self.session.back(size);
    }

    /// Does what a person asks for; says why where the engine refuses.
    pub fn act(&self, command: Command) -> bool {
        match self.session.act(command) {
            Ok(_) => true,
            Err(error) => {
                self.page(Action::Fail(Banner::Refused(LocalizedMessage::of(&error, "error"))));
                false
            }
        }
    }

    /// Opens another run; says why where it is refused.
    pub fn load(&self, scenario: Scenario) -> bool {
        match self.session.load(scenario) {
            Ok(()) => {
                self.page(Action::Begun(LessonsPanel::Closed));
                true
            }
            Err(error) => {
                self.page(Action::Fail(Banner::Refused(LocalizedMessage::of(&error, "error"))));
                false
            }
        }
    }

    /// Opens a lesson; says why where it does not open.
    pub fn open_lesson(&self, lesson: Rc<Lesson>) {
        let banner = match self.session.open_lesson(lesson) {
            Ok(()) => return self.page(Action::Begun(LessonsPanel::Lesson)),
            Err(NotOpened::Cluster(error)) => Banner::Refused(LocalizedMessage::of(&error, "error")),
            Err(NotOpened::Before(stuck)) => Banner::Stuck(LocalizedMessage::of(&stuck, "stuck")),
        };
        self.page(Action::Fail(banner));
    }

    /// Plays a recording of a real Kafka and opens the run at its start; says why where it cannot be.
    pub fn open_recording(&self, text: &str) {
        let opened = match Recording::play(text) {
            Ok(opened) => opened,
            Err(error) => return self.page(Action::Fail(Banner::Refused(LocalizedMessage::of(&error, "error")))),
        };
        let Some(scenario) = opened.0.scenario() else {
            return self.page(Action::Fail(Banner::Failed("recording-unplayed")));
        };
        if self.load(scenario) {
            self.page(Action::Lessons(LessonsPanel::Recording(opened)));
        }
    }

    /// Goes on with a lesson where it was left; from its beginning, where that cannot be read any more.
    pub fn resume_lesson(&self, lesson: Rc<Lesson>, saved_progress: &SavedProgress) {
        if self.session.resume_lesson(lesson.clone(), saved_progress) {
            self.page(Action::Begun(LessonsPanel::Lesson));
        } else {
            self.open_lesson(lesson);
        }
    }

    /// Does what a lesson's button says; says why where it cannot be done.
    pub fn act_on_lesson(&self, action: LessonAction) {
        if let Err(stuck) = self.session.act_on_lesson(action) {
            self.page(Action::Fail(match stuck {
                Stuck::Refused { error } => Banner::Refused(LocalizedMessage::of(&error, "error")),
                stuck => Banner::Stuck(LocalizedMessage::of(&stuck, "stuck")),
            }));
        }
    }

    /// Opens a run from JSON or a link's text.
    pub fn load_text(&self, text: &str) -> bool {
        match read_run(text) {
            Ok(scenario) => self.load(scenario),
            Err(formatted) => {
                self.page(Action::Fail(Banner::Refused(formatted)));
                false
            }
        }
    }
}

/// Reads a run as a person hands it over: JSON, a link's text, or an address with one in it.
pub fn read_run(text: &str) -> Result<Scenario, LocalizedMessage> {
    let text = text.trim();
    let text = text.rsplit_once("#r=").map_or(text, |(_, link)| link);
    let read = if text.starts_with('{') { Scenario::from_json(text) } else { Scenario::from_link(text) };
    read.map_err(|error| LocalizedMessage::of(&error, "error"))
}

/// The hands on the run and on the page.
///
/// # Panics
/// Outside of the page's root component, which provides them.
#[hook]
pub fn use_app() -> AppContext {
    use_context::<AppContext>().expect("the root component provides the desk")
}
