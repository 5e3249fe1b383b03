//! The proof of a lesson: it is solved by its own solution, and not by its wrong paths; its questions have answers.

use serde::Serialize;

use super::moves::{Stage, Stuck};
use super::predict::ask;
use super::run::LessonRun;
use super::{Beat, Lesson};

/// What a lesson promises and the engine does not keep.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unproven {
    /// The beat's id; "" for what comes before the first.
    pub beat: String,
    /// What is not so.
    pub what: Failing,
}

/// A broken promise of a lesson.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Failing {
    /// The reference path, or a wrong one, cannot be gone.
    Stuck(Stuck),
    /// The reference path leaves these goals open.
    NotReached(Vec<String>),
    /// A goal is reached before the learner does anything.
    ReachedAtOnce,
    /// A wrong path reaches every goal.
    WrongReaches,
    /// A question looks at something that is not there, or leaves no choice.
    NothingAsked(String),
}

/// Goes every path of a lesson, each on a new cluster.
pub fn prove<S: Stage + Clone>(lesson: &Lesson, new: impl Fn() -> S) -> Vec<Unproven> {
    let mut stage = new();
    let mut run = LessonRun::new(lesson);
    if let Err(stuck) = lesson.begin(&mut stage) {
        return vec![Unproven { beat: String::new(), what: Failing::Stuck(stuck) }];
    }
    let mut failing = Vec::new();
    for (index, beat) in (0u32..).zip(&lesson.beats) {
        let mut fail = |what| failing.push(Unproven { beat: beat.id.clone(), what });
        run.observe(lesson, &[], stage.cluster());
        if beat.goals.len() > open(beat, index, &run).len() {
            fail(Failing::ReachedAtOnce);
        }
        for question in &beat.predictions {
            match ask(lesson, question, &stage) {
                Ok(Some(asked)) if asked.options.len() > 1 && asked.options.contains(&asked.answer) => {}
                Ok(_) => fail(Failing::NothingAsked(question.id.clone())),
                Err(stuck) => fail(Failing::Stuck(stuck)),
            }
        }
        let wrong_paths = lesson.wrong.iter().filter(|wrong| wrong.beat == beat.id);
        for wrong in wrong_paths {
            let mut run = run.clone();
            match lesson.follow(&wrong.moves, &mut stage.clone(), &mut run) {
                Err(stuck) => fail(Failing::Stuck(stuck)),
                Ok(_) if run.beat() > index => fail(Failing::WrongReaches),
                Ok(_) => {}
            }
        }
        if let Err(stuck) = lesson.solve(beat, &mut stage, &mut run) {
            fail(Failing::Stuck(stuck));
        }
        if run.beat() <= index {
            fail(Failing::NotReached(open(beat, index, &run)));
            break;
        }
    }
    failing
}

fn open(beat: &Beat, index: u32, run: &LessonRun) -> Vec<String> {
    let goals = (0u32..).zip(&beat.goals).filter(|(goal, _)| !run.is_reached(index, *goal));
    goals.map(|(_, goal)| goal.id.clone()).collect()
}
