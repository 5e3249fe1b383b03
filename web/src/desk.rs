//! What components reach for: the run and the page's state, through one context.

use std::rc::Rc;

use yew::prelude::*;

use crate::engine::{Command, EventId, Scenario, Size};
use crate::session::Session;
use crate::state::{Action, Banner, PageState};
use crate::words::Said;

/// The hands on the run and on the page.
#[derive(Clone)]
pub struct Desk {
    /// The run.
    pub session: Rc<Session>,
    page: UseReducerDispatcher<PageState>,
}

impl PartialEq for Desk {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.session, &other.session)
    }
}

impl Desk {
    /// Puts both together.
    pub fn new(session: Rc<Session>, page: UseReducerDispatcher<PageState>) -> Self {
        Self { session, page }
    }

    /// Changes the page.
    pub fn page(&self, action: Action) {
        self.page.dispatch(action);
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
                self.page(Action::Fail(Banner::Refused(Said::of(&error, "error"))));
                false
            }
        }
    }

    /// Lets one event happen next.
    pub fn choose(&self, event: EventId) {
        self.act(Command::Choose { event });
    }

    /// Opens another run; says why where it is refused.
    pub fn load(&self, scenario: Scenario) -> bool {
        match self.session.load(scenario) {
            Ok(()) => true,
            Err(error) => {
                self.page(Action::Fail(Banner::Refused(Said::of(&error, "error"))));
                false
            }
        }
    }

    /// Opens a run from JSON or a link's text.
    pub fn load_text(&self, text: &str) -> bool {
        match read_run(text) {
            Ok(scenario) => self.load(scenario),
            Err(said) => {
                self.page(Action::Fail(Banner::Refused(said)));
                false
            }
        }
    }
}

/// Reads a run as a person hands it over: JSON, a link's text, or an address with one in it.
pub fn read_run(text: &str) -> Result<Scenario, Said> {
    let text = text.trim();
    let text = text.rsplit_once("#r=").map_or(text, |(_, link)| link);
    let read = if text.starts_with('{') { Scenario::from_json(text) } else { Scenario::from_link(text) };
    read.map_err(|error| Said::of(&error, "error"))
}

/// The hands on the run and on the page.
///
/// # Panics
/// Outside of the page's root component, which provides them.
#[hook]
pub fn use_desk() -> Desk {
    use_context::<Desk>().expect("the root component provides the desk")
}
