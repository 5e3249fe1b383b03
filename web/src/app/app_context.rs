//! What components reach for: the run and the page's state, through one context.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use gloo_timers::future::TimeoutFuture;
use kafkascope_core::lesson::{Entry, Lesson, Stuck};
use wasm_bindgen_futures::spawn_local;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::app::{Action, Address, Banner, ConfigDraft, LessonsPanel, PageState, Tab, Window, Work};
use crate::engine::console::execute;
use crate::engine::{Command, Opening, Position, Scenario, ScenarioError, Size};
use crate::i18n::{Lang, LocalizedMessage};
use crate::platform::browser;
use crate::platform::slices::{MOVES_PER_LOOK, SLICE_MS, work_for_a_slice};
use crate::run::lesson_session::NotOpened;
use crate::run::progress::SavedProgress;
use crate::run::recording::{self, Opened, Recording};
use crate::run::runs::Origin;
use crate::run::{LessonAction, Place, Session};

/// A run of so few moves opens at once.
pub const MOVES_AT_ONCE: Position = 2_000;

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

/// What a run is opened as.
enum Opens {
    /// A run that came from there.
    Run(Origin),
    /// What a recording became.
    Recording(Opened),
}

/// The hands on the run and on the page.
#[derive(Clone)]
pub struct AppContext {
    /// The run.
    pub session: Rc<Session>,
    page: UseReducerDispatcher<PageState>,
    /// The scene, while it is shown.
    zoom: Rc<RefCell<Callback<Zoom>>>,
    /// The number of the long work that is going on: work of another number is stopped.
    work: Rc<Cell<u32>>,
}

impl PartialEq for AppContext {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.session, &other.session)
    }
}

impl AppContext {
    /// Puts both together.
    pub fn new(session: Rc<Session>, page: UseReducerDispatcher<PageState>) -> Self {
        Self { session, page, zoom: Rc::default(), work: Rc::default() }
    }

    /// Changes the page.
    pub fn page(&self, action: Action) {
        self.page.dispatch(action);
    }

    /// Goes on in a language, and remembers it as a person's choice; says so where its texts cannot be fetched.
    pub fn speak(&self, lang: Lang) {
        let app = self.clone();
        let go_on = move || {
            browser::save(browser::Saved::Always, "lang", lang.tag());
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

    /// Opens another run beside this one, a long one in slices; says why where it is refused.
    pub fn load(&self, scenario: Scenario, origin: Origin) -> bool {
        let opening = match Opening::new(scenario) {
            Ok(opening) => opening,
            Err(error) => return self.refuse(&error),
        };
        if opening.progress().1 > MOVES_AT_ONCE {
            self.open_in_slices(opening, Opens::Run(origin));
            return true;
        }
        let mut opening = opening;
        match opening.go_on(Position::MAX) {
            Ok(_) => {
                self.begun(opening, Opens::Run(origin));
                true
            }
            Err(error) => self.refuse(&error),
        }
    }

    /// Shows a run that is open now.
    fn begun(&self, opening: Opening, opens: Opens) {
        let panel = match opens {
            Opens::Run(origin) => {
                self.session.load_opened(opening, origin);
                LessonsPanel::Closed
            }
            Opens::Recording(opened) => {
                self.session.open_recording(opening, opened.clone());
                LessonsPanel::Recording(opened)
            }
        };
        self.page(Action::Begun(panel));
    }

    fn refuse(&self, error: &ScenarioError) -> bool {
        self.page(Action::Fail(Banner::NotOpened(LocalizedMessage::of_refused_run(error))));
        false
    }

    /// Opens a run while the page goes on. Where a person stops it, the run stands as far as it came.
    fn open_in_slices(&self, mut opening: Opening, opens: Opens) {
        let app = self.clone();
        let begun = self.begin_work();
        spawn_local(async move {
            let opened = loop {
                let opened = work_for_a_slice(SLICE_MS, || match opening.go_on(MOVES_PER_LOOK) {
                    Ok(false) => None,
                    Ok(true) => Some(Ok(())),
                    Err(error) => Some(Err(error)),
                });
                if opened.is_some() || app.work.get() != begun {
                    break opened.unwrap_or(Ok(()));
                }
                let (made, of) = opening.progress();
                app.page(Action::Work(Some(Work { made, of })));
                TimeoutFuture::new(0).await;
            };
            app.end_work(begun);
            match opened {
                Ok(()) => app.begun(opening, opens),
                Err(error) => drop(app.refuse(&error)),
            }
        });
    }

    /// Runs on to a position of the future while the page goes on. Where a person stops it, the run stands where it came to.
    pub fn run_on(&self, position: Position) {
        let app = self.clone();
        let begun = self.begin_work();
        let before = self.session.place();
        let first = before.position;
        spawn_local(async move {
            loop {
                let arrived = work_for_a_slice(SLICE_MS, || app.session.run_on(position, MOVES_PER_LOOK).then_some(()));
                let here = app.session.place();
                // A person who went elsewhere meanwhile is not called back.
                let is_elsewhere = (here.run, here.branch) != (before.run, before.branch);
                if arrived.is_some() || is_elsewhere || app.work.get() != begun {
                    break;
                }
                let (made, of) = (here.position.saturating_sub(first), position.saturating_sub(first));
                app.page(Action::Work(Some(Work { made, of })));
                TimeoutFuture::new(0).await;
            }
            app.end_work(begun);
            app.session.arrive(first);
        });
    }

    fn begin_work(&self) -> u32 {
        let number = self.work.get().wrapping_add(1);
        self.work.set(number);
        number
    }

    fn end_work(&self, begun: u32) {
        if self.work.get() == begun {
            self.page(Action::Work(None));
        }
    }

    /// Stops what is going on and takes long.
    pub fn stop_work(&self) {
        self.begin_work();
        self.page(Action::Work(None));
    }

    /// Goes to a place of any run and branch.
    pub fn go(&self, place: Place) {
        self.page(Action::Play(false));
        self.session.go(place);
    }

    /// Goes back to where the person acted last; says so where nothing is left to undo.
    pub fn undo(&self) {
        self.page(Action::Play(false));
        if !self.session.undo() {
            self.page(Action::Notice(Some("nothing-to-undo")));
        }
    }

    /// Goes to where what was undone had led; says so where nothing is left to redo.
    pub fn redo(&self) {
        self.page(Action::Play(false));
        if !self.session.redo() {
            self.page(Action::Notice(Some("nothing-to-redo")));
        }
    }

    /// Opens what an address holds, and looks at it as it says.
    pub fn open_address(&self, address: Address) {
        let Some(run) = address.run.clone() else { return };
        if self.load_text(&run) {
            self.page(Action::Look(address));
        }
    }

    /// Opens a lesson; says why where it does not open.
    pub fn open_lesson(&self, lesson: Rc<Lesson>) {
        let banner = match self.session.open_lesson(lesson) {
            Ok(()) => return self.page(Action::Begun(LessonsPanel::Lesson)),
            Err(NotOpened::Cluster(error)) => Banner::NotOpened(LocalizedMessage::of_refused_run(&error)),
            Err(NotOpened::Before(stuck)) => Banner::Stuck(LocalizedMessage::of(&stuck, "stuck")),
        };
        self.page(Action::Fail(banner));
    }

    /// Plays a recording of a real Kafka and opens the run at its start, both while the page goes on; says why where it cannot
    /// be. Where a person stops it, nothing is opened.
    pub fn open_recording(&self, text: &str) {
        let transcript = match recording::read(text) {
            Ok(transcript) => transcript,
            Err(error) => return self.page(Action::Fail(Banner::Refused(LocalizedMessage::of(&error, "error")))),
        };
        let (app, begun) = (self.clone(), self.begin_work());
        spawn_local(async move {
            let mut playing = recording::play(&transcript);
            let outcome = loop {
                let outcome = work_for_a_slice(SLICE_MS, || playing.go_on());
                if app.work.get() != begun {
                    return;
                }
                if let Some(outcome) = outcome {
                    break outcome;
                }
                let (made, of) = playing.progress();
                app.page(Action::Work(Some(Work { made: number(made), of: number(of) })));
                TimeoutFuture::new(0).await;
            };
            app.end_work(begun);
            app.open_played(Recording::played(transcript, outcome));
        });
    }

    fn open_played(&self, opened: Opened) {
        let Some(scenario) = opened.0.scenario() else {
            return self.page(Action::Fail(Banner::Failed("recording-unplayed")));
        };
        match Opening::new(scenario) {
            Ok(opening) => self.open_in_slices(opening, Opens::Recording(opened)),
            Err(error) => drop(self.refuse(&error)),
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
        let entries = self.session.lesson_entries(action);
        let done = self.session.act_on_lesson(action);
        // A line tells of the cluster as it is behind the commands before it.
        entries.into_iter().for_each(|entry| self.show_entry(entry));
        if let Err(stuck) = done {
            self.page(Action::Fail(match stuck {
                Stuck::Refused { error } => Banner::Refused(LocalizedMessage::of(&error, "error")),
                stuck => Banner::Stuck(LocalizedMessage::of(&stuck, "stuck")),
            }));
        }
    }

    /// Shows what a lesson writes, where a person would have written it.
    fn show_entry(&self, entry: Entry) {
        match entry {
            Entry::Line(line) => {
                let outcome = self.session.read(|history| execute(history.cluster(), &line, 0));
                self.page(Action::Typed(line, outcome));
                self.page(Action::Tab(Tab::Console));
            }
            Entry::Files(files) => {
                self.page(Action::Config(ConfigDraft::of(files)));
                self.page(Action::Open(Window::ConfigFiles));
            }
        }
    }

    /// Does something with the text of a file that a person picks. Where it cannot be read, that is said, and the window that it
    /// was picked in is closed.
    pub fn with_picked_file(&self, then: impl Fn(&Self, &str) + 'static) -> Callback<Event> {
        let (app, then) = (self.clone(), Rc::new(then));
        Callback::from(move |event: Event| {
            let input = event.target_unchecked_into::<HtmlInputElement>();
            let Some(file) = input.files().and_then(|files| files.get(0)) else { return };
            let (app, then) = (app.clone(), then.clone());
            spawn_local(async move {
                match browser::read_text(file).await {
                    Some(text) => then(&app, &text),
                    None => {
                        app.page(Action::Close);
                        app.page(Action::Fail(Banner::Failed("file-unreadable")));
                    }
                }
            });
        })
    }

    /// Opens a run from JSON or a link's text.
    pub fn load_text(&self, text: &str) -> bool {
        match read_run(text) {
            Ok(scenario) => self.load(scenario, Origin::Opened),
            Err(formatted) => {
                self.page(Action::Fail(Banner::NotOpened(formatted)));
                false
            }
        }
    }
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// Reads a run as a person hands it over: JSON, a link's text, or an address with one in it.
pub fn read_run(text: &str) -> Result<Scenario, LocalizedMessage> {
    let text = text.trim();
    let text = text.rsplit_once("#r=").map_or(text, |(_, link)| link.split('&').next().unwrap_or_default());
    let read = if text.starts_with('{') { Scenario::from_json(text) } else { Scenario::from_link(text) };
    read.map_err(|error| LocalizedMessage::of_refused_run(&error))
}

/// The hands on the run and on the page.
///
/// # Panics
/// Outside of the page's root component, which provides them.
#[hook]
pub fn use_app() -> AppContext {
    use_context::<AppContext>().expect("the root component provides them")
}
