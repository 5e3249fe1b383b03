//! What a person has done of the lessons, kept in their browser: which are completed, how many goals were reached, and
//! where an unfinished one goes on.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use kafkascope_core::lesson::LessonRun;

use crate::browser;
use crate::course::{Course, Questions};

/// The name under which the browser keeps it.
const NAME: &str = "progress";

/// What was done of all lessons.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Progress {
    lessons: BTreeMap<String, Kept>,
    /// The lesson that was followed last.
    last: Option<String>,
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
    pub stand: Option<Stand>,
}

/// Where an unfinished lesson goes on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Stand {
    /// The run, as a link's text.
    pub link: String,
    /// Which goals are reached.
    pub run: LessonRun,
    /// The questions that were asked, with what was chosen.
    pub questions: Questions,
}

impl Progress {
    /// Reads what the browser kept. What it cannot read is as if nothing had been kept.
    pub fn read() -> Self {
        browser::saved(NAME).and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
    }

    /// Keeps how far a course is, if it was begun.
    pub fn keep(course: &Course, position: u32, link: &str) {
        let mut progress = Self::read();
        if progress.note(course, position, link) {
            browser::save(NAME, &serde_json::to_string(&progress).unwrap_or_default());
        }
    }

    /// What was done of a lesson.
    pub fn of(&self, lesson: &str) -> Option<&Kept> {
        self.lessons.get(lesson)
    }

    /// The unfinished lesson that was followed last.
    pub fn unfinished(&self) -> Option<&str> {
        let last = self.last.as_deref()?;
        self.lessons.get(last)?.stand.as_ref().map(|_| last)
    }

    /// How many lessons are completed.
    pub fn completed(&self) -> usize {
        self.lessons.values().filter(|kept| kept.is_complete).count()
    }

    /// Notes how far a course is. `false` where there is nothing to note: a lesson that was merely opened is not begun.
    fn note(&mut self, course: &Course, position: u32, link: &str) -> bool {
        let (reached, goals) = course.run.counts();
        if reached == 0 && position == course.opened_at {
            return false;
        }
        let is_complete = course.run.is_complete();
        let stand = (!is_complete).then(|| Stand {
            link: link.to_owned(),
            run: course.run.clone(),
            questions: course.questions.clone(),
        });
        let kept = self.lessons.entry(course.lesson.id.clone()).or_default();
        *kept = Kept { is_complete: kept.is_complete || is_complete, reached, goals, stand };
        self.last = Some(course.lesson.id.clone());
        true
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;
    use crate::course::lessons;
    use crate::engine::History;

    fn open() -> (Course, History) {
        let lesson = lessons().lesson("replicate-and-commit").cloned().expect("the lesson is there");
        Course::open(Rc::new(lesson)).expect("the lesson opens")
    }

    #[test]
    fn an_unfinished_lesson_goes_on_where_it_was_left() {
        let (mut course, mut history) = open();
        let mut progress = Progress::default();
        assert!(!progress.note(&course, history.position(), ""), "it was merely opened");
        course.solve(&mut history).expect("the reference path leads on");
        assert!(progress.note(&course, history.position(), &history.scenario().to_link()));
        let text = serde_json::to_string(&progress).expect("it is plain");
        let progress: Progress = serde_json::from_str(&text).expect("it is read again");
        assert_eq!(progress.unfinished(), Some("replicate-and-commit"));
        let stand = progress.of("replicate-and-commit").and_then(|kept| kept.stand.clone()).expect("it is unfinished");
        let (mut again, mut there) = Course::resume(course.lesson.clone(), &stand).expect("it goes on");
        assert_eq!((&again.run, &again.questions), (&course.run, &course.questions));
        assert_eq!(there.cluster().digest(), history.cluster().digest());
        while again.beat().is_some() {
            again.solve(&mut there).expect("the reference path leads on");
        }
        let mut progress = progress;
        progress.note(&again, there.position(), "");
        let kept = progress.of("replicate-and-commit").expect("it was followed");
        assert!(kept.is_complete && kept.stand.is_none() && kept.reached == kept.goals);
        assert_eq!((progress.completed(), progress.unfinished()), (1, None));
    }

    #[test]
    fn a_stand_of_a_lesson_that_has_changed_is_refused() {
        let (course, history) = open();
        let other = lessons().lesson("choose-partition").cloned().expect("the lesson is there");
        let run = LessonRun::new(&other);
        let link = history.scenario().to_link();
        let stand = Stand { link, run, questions: Questions::default() };
        let fits = stand.run.fits(&course.lesson);
        assert_eq!(Course::resume(course.lesson.clone(), &stand).is_some(), fits);
    }
}
