//! What a person has done of the lessons, kept in their browser: which are completed, how many goals were reached, and
//! where an unfinished one goes on.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use kafkascope_core::lesson::LessonRun;

use crate::engine::json;
use crate::platform::browser;
use crate::run::lesson_session::{LessonSession, Questions};

/// The name under which the browser keeps it.
const NAME: &str = "progress";

/// What was done of all lessons.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Progress {
    lessons: BTreeMap<String, Kept>,
    /// The lesson that was followed last.
    last: Option<String>,
    /// The lesson that is followed, as it stands: a page that is opened on its very run goes on with it.
    current: Option<Current>,
}

/// A lesson as it stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Current {
    lesson: String,
    saved_progress: SavedProgress,
}

/// What was done of a lesson.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Kept {
    /// Whether every goal was reached once.
    pub is_complete: bool,
    /// How many goals are reached where it stands.
    pub reached: u32,
    /// How many it has.
    pub goals: u32,
    /// Where it goes on; none once it is completed.
    pub saved_progress: Option<SavedProgress>,
}

/// Where an unfinished lesson goes on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SavedProgress {
    /// The run, as a link's text.
    pub link: String,
    /// Which goals are reached.
    pub run: LessonRun,
    /// The questions that were asked, with what was chosen.
    pub questions: Questions,
    /// How many hints of the current beat were shown.
    #[serde(default)]
    pub hints: u32,
    /// The beats whose button was used.
    #[serde(default)]
    pub pressed: BTreeSet<String>,
    /// Where in the run the learner came in.
    #[serde(default)]
    pub opened_at: u32,
}

impl SavedProgress {
    /// How a lesson stands on the run of a link.
    pub fn of(lesson_session: &LessonSession, link: &str) -> Self {
        Self {
            link: link.to_owned(),
            run: lesson_session.run.clone(),
            questions: lesson_session.questions.clone(),
            hints: lesson_session.hints,
            pressed: lesson_session.pressed.clone(),
            opened_at: lesson_session.opened_at,
        }
    }
}

impl Progress {
    /// Reads what the browser kept. What it cannot read is as if nothing had been kept.
    pub fn read() -> Self {
        browser::read_saved(browser::Saved::Always, NAME)
            .and_then(|text| json::read_text(&text).ok())
            .unwrap_or_default()
    }

    /// Keeps how far a course is, if it was begun.
    pub fn keep(lesson_session: &LessonSession, position: u32, link: &str) {
        let mut progress = Self::read();
        progress.note(lesson_session, position, link);
        let saved_progress = SavedProgress::of(lesson_session, link);
        let current = Some(Current { lesson: lesson_session.lesson.id.clone(), saved_progress });
        if current != progress.current {
            progress.current = current;
            browser::save(browser::Saved::Always, NAME, &json::write_text(&progress));
        }
    }

    /// The lesson that was followed on the run of a link, as it stood there.
    pub fn followed_on(&self, link: &str) -> Option<(&str, &SavedProgress)> {
        let current = self.current.as_ref().filter(|current| current.saved_progress.link == link)?;
        Some((&current.lesson, &current.saved_progress))
    }

    /// What was done of a lesson.
    pub fn of(&self, lesson: &str) -> Option<&Kept> {
        self.lessons.get(lesson)
    }

    /// The unfinished lesson that was followed last.
    pub fn unfinished(&self) -> Option<&str> {
        let last = self.last.as_deref()?;
        self.lessons.get(last)?.saved_progress.as_ref().map(|_| last)
    }

    /// How many lessons are completed.
    pub fn completed(&self) -> usize {
        self.lessons.values().filter(|kept| kept.is_complete).count()
    }

    /// Notes how far a course is. `false` where there is nothing to note: a lesson that was merely opened is not begun.
    fn note(&mut self, lesson_session: &LessonSession, position: u32, link: &str) -> bool {
        let (reached, goals) = lesson_session.run.counts();
        if reached == 0 && position == lesson_session.opened_at {
            return false;
        }
        let is_complete = lesson_session.run.is_complete();
        let saved_progress = (!is_complete).then(|| SavedProgress::of(lesson_session, link));
        let kept = self.lessons.entry(lesson_session.lesson.id.clone()).or_default();
        *kept = Kept { is_complete: kept.is_complete || is_complete, reached, goals, saved_progress };
        self.last = Some(lesson_session.lesson.id.clone());
        true
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;
    use crate::engine::History;
    use kafkascope_core::lesson::library;

    fn open() -> (LessonSession, History) {
        let lesson = library().lesson("replicate-and-commit").cloned().expect("the lesson is there");
        LessonSession::open(Rc::new(lesson)).expect("the lesson opens")
    }

    #[test]
    fn an_unfinished_lesson_goes_on_where_it_was_left() {
        let (mut lesson_session, mut history) = open();
        let mut progress = Progress::default();
        assert!(!progress.note(&lesson_session, history.position(), ""), "it was merely opened");
        lesson_session.solve(&mut history).expect("the reference path leads on");
        assert!(progress.note(&lesson_session, history.position(), &history.scenario().to_link()));
        let text = serde_json::to_string(&progress).expect("it is plain");
        let progress: Progress = serde_json::from_str(&text).expect("it is read again");
        assert_eq!(progress.unfinished(), Some("replicate-and-commit"));
        let saved_progress =
            progress.of("replicate-and-commit").and_then(|kept| kept.saved_progress.clone()).expect("it is unfinished");
        let (mut again, mut there) =
            LessonSession::resume(lesson_session.lesson.clone(), &saved_progress).expect("it goes on");
        assert_eq!((&again.run, &again.questions), (&lesson_session.run, &lesson_session.questions));
        assert_eq!(there.cluster().digest(), history.cluster().digest());
        while again.beat().is_some() {
            again.solve(&mut there).expect("the reference path leads on");
        }
        let mut progress = progress;
        progress.note(&again, there.position(), "");
        let kept = progress.of("replicate-and-commit").expect("it was followed");
        assert!(kept.is_complete && kept.saved_progress.is_none() && kept.reached == kept.goals);
        assert_eq!((progress.completed(), progress.unfinished()), (1, None));
    }

    #[test]
    fn a_stand_of_a_lesson_that_has_changed_is_refused() {
        let (lesson_session, history) = open();
        let other = library().lesson("choose-partition").cloned().expect("the lesson is there");
        let run = LessonRun::new(&other);
        let link = history.scenario().to_link();
        let saved_progress = SavedProgress {
            link,
            run,
            questions: Questions::default(),
            hints: 0,
            pressed: BTreeSet::new(),
            opened_at: 0,
        };
        let fits = saved_progress.run.fits(&lesson_session.lesson);
        assert_eq!(LessonSession::resume(lesson_session.lesson.clone(), &saved_progress).is_some(), fits);
    }
}
