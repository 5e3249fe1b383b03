//! The runs of a tab as the browser keeps them for as long as the tab is there: a reload changes nothing.

use serde::{Deserialize, Serialize};

use crate::engine::{Opening, SavedHistory, json};
use crate::platform::browser;
use crate::run::places::Places;
use crate::run::progress::SavedProgress;
use crate::run::runs::{Origin, Run};

/// The name under which the tab keeps which runs there are; each run has a name of its own behind it.
const NAME: &str = "runs";

/// Which runs a tab has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SavedSession {
    /// How many.
    runs: u32,
    /// The one that is shown.
    pub current: u32,
    /// What the address holds of it.
    link: String,
    /// Whether it stands at its start: then the address may hold nothing.
    is_at_start: bool,
    /// Where the person was.
    pub places: Places,
}

/// One run of a tab.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SavedRun {
    origin: Origin,
    history: SavedHistory,
    /// How the lesson stands that is followed on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lesson: Option<(String, SavedProgress)>,
}

impl SavedRun {
    /// A run as it stands; the link holds its branch that is shown.
    pub fn of(run: &Run, link: &str) -> Self {
        let lesson = run
            .lesson_session
            .as_ref()
            .map(|lesson_session| (lesson_session.lesson.id.clone(), SavedProgress::of(lesson_session, link)));
        Self { origin: run.origin.clone(), history: run.history.save(), lesson }
    }

    /// Keeps it under its number.
    pub fn keep(&self, number: u32) {
        browser::save(browser::Saved::ForTab, &format!("{NAME}.{number}"), &json::write_text(self));
    }

    /// Begins to open it. `None` where it cannot be read any more.
    pub fn open(self) -> Option<OpeningRun> {
        let opening = Opening::of_saved(self.history).ok()?;
        Some(OpeningRun { opening, origin: self.origin, lesson: self.lesson })
    }
}

/// A run that is being opened again.
pub struct OpeningRun {
    opening: Opening,
    origin: Origin,
    lesson: Option<(String, SavedProgress)>,
}

impl OpeningRun {
    /// Makes at most `moves` moves. `true` when it is open. What is refused now, as an older page would have taken it,
    /// is left out with all that follows.
    pub fn go_on(&mut self, moves: u32) -> bool {
        self.opening.go_on(moves).unwrap_or(true)
    }

    /// The run, as far as it was made.
    pub fn into_run(self) -> Run {
        Run { unfollowed: self.lesson, ..Run::new(self.opening.into_history(), self.origin) }
    }
}

impl SavedSession {
    /// Keeps which runs there are.
    pub fn keep(&self) {
        browser::save(browser::Saved::ForTab, NAME, &json::write_text(self));
    }

    /// A session as it stands.
    pub fn of(runs: u32, current: u32, places: &Places, run: &Run, link: &str) -> Self {
        let is_at_start = run.history.position() == 0;
        Self { runs, current, link: link.to_owned(), is_at_start, places: places.clone() }
    }

    /// Whether this tab kept anything.
    pub fn is_there() -> bool {
        browser::read_saved(browser::Saved::ForTab, NAME).is_some()
    }

    /// What this tab kept, if it is whole.
    pub fn read() -> Option<(Self, Vec<SavedRun>)> {
        let saved: Self = json::read_text(&browser::read_saved(browser::Saved::ForTab, NAME)?).ok()?;
        let run = |number: u32| {
            json::read_text(&browser::read_saved(browser::Saved::ForTab, &format!("{NAME}.{number}"))?).ok()
        };
        let runs: Vec<SavedRun> = (0..saved.runs).map(run).collect::<Option<_>>()?;
        Some((saved, runs))
    }

    /// Whether the page that opens with this in its address is the page that was left.
    pub fn is_reloaded(&self, link: Option<&str>) -> bool {
        link.map_or(self.is_at_start, |link| link == self.link)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Command, History, Size};
    use crate::run::tour;

    fn run() -> Run {
        let preset = tour::preset(tour::FIRST_PAGE).expect("it is there");
        let mut history = History::new(preset.scenario).expect("it opens");
        for _ in 0..6 {
            history.forward(Size::Message);
        }
        history.act(Command::Crash { node: 3, machine: false }).expect("it runs");
        history.seek(3);
        history.act(Command::Pause { node: 2 }).expect("it runs");
        Run::new(history, Origin::First)
    }

    #[test]
    fn a_run_is_there_again_with_its_branches() {
        let run = run();
        let text = json::write_text(&SavedRun::of(&run, &run.link()));
        let saved: SavedRun = json::read_text(&text).expect("it is read");
        let mut opening = saved.open().expect("it opens");
        while !opening.go_on(3) {}
        let again = opening.into_run();
        assert_eq!(again.history.branches(), run.history.branches());
        assert_eq!(again.history.position(), run.history.position());
        assert_eq!(again.origin, run.origin);
    }

    #[test]
    fn a_page_is_the_one_that_was_left_by_its_address() {
        let run = run();
        let saved = SavedSession::of(1, 0, &Places::default(), &run, &run.link());
        assert!(saved.is_reloaded(Some(&run.link())));
        assert!(!saved.is_reloaded(Some("another")) && !saved.is_reloaded(None));
        let at_start = SavedSession { is_at_start: true, ..saved };
        assert!(at_start.is_reloaded(None), "an address that holds nothing is that of a start");
    }
}
