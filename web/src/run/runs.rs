//! The runs of a session, side by side: opening one never takes another away.

use std::rc::Rc;

use serde::{Deserialize, Serialize};

use crate::engine::{BranchView, History, Scenario, ScenarioError};
use crate::run::lesson_session::LessonSession;
use crate::run::progress::SavedProgress;
use crate::run::recording::Opened;

/// Where a run came from: what it is called by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// The page opened on it.
    First,
    /// One of the presets, by its id.
    Preset(String),
    /// The form of a new cluster, or its configuration files.
    Own,
    /// A lesson, by its id.
    Lesson(String),
    /// A recording of a real Kafka, by its title.
    Recording(String),
    /// A link or a file.
    Opened,
}

/// A run and what it is played for.
pub struct Run {
    pub(super) history: History,
    pub(super) origin: Origin,
    pub(super) lesson_session: Option<Rc<LessonSession>>,
    pub(super) recording: Option<Opened>,
    /// A lesson that was followed on it before the page was loaded anew, until that lesson is fetched.
    pub(super) unfollowed: Option<(String, SavedProgress)>,
}

/// A run as it is listed.
#[derive(Clone, Debug, PartialEq)]
pub struct RunView {
    /// Its number in the session.
    pub id: u32,
    /// Where it came from.
    pub origin: Origin,
    /// Its brokers.
    pub brokers: usize,
    /// Its branches.
    pub branches: Vec<BranchView>,
    /// Where it stands.
    pub position: u32,
    /// Whether it is the one shown.
    pub is_current: bool,
}

impl Run {
    /// Opens a run.
    pub fn open(scenario: Scenario, origin: Origin) -> Result<Self, ScenarioError> {
        Ok(Self::new(History::new(scenario)?, origin))
    }

    /// A run that was opened.
    pub(super) fn new(history: History, origin: Origin) -> Self {
        Self { history, origin, lesson_session: None, recording: None, unfollowed: None }
    }

    /// A run on which a lesson is followed.
    pub(super) fn of_lesson(history: History, lesson_session: LessonSession) -> Self {
        let origin = Origin::Lesson(lesson_session.lesson.id.clone());
        Self { lesson_session: Some(Rc::new(lesson_session)), ..Self::new(history, origin) }
    }

    /// The branch that is shown, standing where it stands, as a link's text.
    pub(super) fn link(&self) -> String {
        self.history.scenario().to_link()
    }

    /// It as it is listed under its number.
    pub(super) fn view(&self, id: u32, is_current: bool) -> RunView {
        RunView {
            id,
            origin: self.origin.clone(),
            brokers: self.history.config().nodes.iter().filter(|node| node.roles.is_broker()).count(),
            branches: self.history.branches(),
            position: self.history.position(),
            is_current,
        }
    }
}
