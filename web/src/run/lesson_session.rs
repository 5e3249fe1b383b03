//! A lesson as it is followed: the run that it is played on, the goals that were reached, the answers that were given.

use std::collections::BTreeSet;
use std::rc::Rc;

use serde::{Deserialize, Serialize};

use kafkascope_core::lesson::{Answer, Asked, Beat, Lesson, LessonRun, Prediction, Stuck, ask, steps_since};

use crate::engine::{History, Position, Scenario, ScenarioError};
use crate::run::progress::SavedProgress;

/// The questions of a lesson that were come to, by their beats' and their own ids.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Questions(Vec<Question>);

/// A question, its options with the engine's answer, and what the learner chose.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Question {
    beat: String,
    prediction: String,
    asked: Asked,
    chosen: Option<Answer>,
}

impl Questions {
    fn find(&self, beat: &str, prediction: &str) -> Option<&Question> {
        self.0.iter().find(|each| each.beat == beat && each.prediction == prediction)
    }
}

/// A lesson as it is followed.
#[derive(Clone, Debug, PartialEq)]
pub struct LessonSession {
    /// The lesson.
    pub lesson: Rc<Lesson>,
    /// Which goals are reached.
    pub run: LessonRun,
    /// Where in the run the learner came in.
    pub opened_at: Position,
    /// The questions of the beats that were come to.
    pub questions: Questions,
    /// How many hints of the current beat are shown.
    pub hints: u32,
    prepared: BTreeSet<String>,
}

/// A question as it is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    /// What may be chosen.
    pub options: Vec<Answer>,
    /// What was chosen.
    pub chosen: Option<Answer>,
    /// What the engine answers.
    pub answer: Answer,
}

/// Why a lesson did not open.
#[derive(Clone, Debug, PartialEq)]
pub enum NotOpened {
    /// Its cluster is refused.
    Cluster(ScenarioError),
    /// What goes before it does not come about.
    Before(Stuck),
}

impl LessonSession {
    /// Opens a lesson: its cluster, brought to where the learner comes in.
    pub fn open(lesson: Rc<Lesson>) -> Result<(Self, History), NotOpened> {
        let scenario = Scenario::new(lesson.cluster.clone(), lesson.seed);
        let mut stage = History::new(scenario).map_err(NotOpened::Cluster)?;
        lesson.begin(&mut stage).map_err(NotOpened::Before)?;
        let run = LessonRun::new(&lesson);
        let opened_at = stage.position();
        let questions = Questions::default();
        let mut lesson_session = Self { lesson, run, opened_at, questions, hints: 0, prepared: BTreeSet::new() };
        lesson_session.prepare(&stage);
        Ok((lesson_session, stage))
    }

    /// Goes on with a lesson where it was left. `None` where it has changed since, or its run cannot be read.
    pub fn resume(lesson: Rc<Lesson>, saved_progress: &SavedProgress) -> Option<(Self, History)> {
        let history = History::new(Scenario::from_link(&saved_progress.link).ok()?).ok()?;
        let run = Some(saved_progress.run.clone()).filter(|run| run.fits(&lesson))?;
        // What was asked at the start of this beat cannot be asked here: the cluster has moved on since.
        let prepared = lesson.beats.iter().map(|beat| beat.id.clone()).take(run.beat() as usize + 1).collect();
        let (opened_at, questions) = (history.position(), saved_progress.questions.clone());
        Some((Self { lesson, run, opened_at, questions, hints: 0, prepared }, history))
    }

    /// Takes in what happened since a position.
    pub fn observe(&mut self, history: &mut History, before: Position) {
        let beat = self.run.beat();
        let steps = steps_since(history, before);
        self.run.observe(&self.lesson, &steps, &history.cluster().view());
        self.moved_from(beat, history);
    }

    /// Carries the current beat's button out.
    pub fn press(&mut self, history: &mut History) -> Result<(), Stuck> {
        self.play(history, |lesson_session, beat, stage| {
            lesson_session.lesson.clone().press(beat, stage, &mut lesson_session.run).map(|_| ())
        })
    }

    /// Runs on until the current beat's goals are reached.
    pub fn advance(&mut self, history: &mut History) -> Result<(), Stuck> {
        self.play(history, |lesson_session, beat, stage| {
            let within = beat.advance_within_ms.unwrap_or(kafkascope_core::lesson::WITHIN_MS);
            lesson_session.run.advance(&lesson_session.lesson.clone(), stage, within).map(|_| ())
        })
    }

    /// Goes the current beat's reference path.
    pub fn solve(&mut self, history: &mut History) -> Result<(), Stuck> {
        self.play(history, |lesson_session, beat, stage| {
            lesson_session.lesson.clone().solve(beat, stage, &mut lesson_session.run).map(|_| ())
        })
    }

    fn play(
        &mut self,
        history: &mut History,
        play: impl FnOnce(&mut Self, &Beat, &mut History) -> Result<(), Stuck>,
    ) -> Result<(), Stuck> {
        let Some(beat) = self.beat().cloned() else { return Ok(()) };
        let number = self.run.beat();
        let mut stage = history.clone();
        let done = play(self, &beat, &mut stage);
        // How far it came is shown, also where it got stuck.
        *history = stage;
        self.moved_from(number, history);
        done
    }

    fn moved_from(&mut self, beat: u32, history: &History) {
        if self.run.beat() != beat {
            self.hints = 0;
            self.prepare(history);
        }
    }

    /// Asks the engine the questions of the beat that begins: from here, before anything of it has happened.
    fn prepare(&mut self, history: &History) {
        let Some(beat) = self.beat().cloned() else { return };
        if !self.prepared.insert(beat.id.clone()) {
            return;
        }
        let stage = history.clone();
        for prediction in &beat.predictions {
            // A question that the cluster cannot answer here is left out: the lesson goes on without it.
            if let Ok(Some(asked)) = ask(&self.lesson, prediction, &stage) {
                let (beat, prediction) = (beat.id.clone(), prediction.id.clone());
                self.questions.0.push(Question { beat, prediction, asked, chosen: None });
            }
        }
    }

    /// The current beat, if the lesson is not over.
    pub fn beat(&self) -> Option<&Beat> {
        self.lesson.beats.get(self.run.beat() as usize)
    }

    /// A question as it is shown. `None` where the engine had no answer.
    pub fn question(&self, beat: &Beat, prediction: &Prediction) -> Option<Shown> {
        let question = self.questions.find(&beat.id, &prediction.id)?;
        let Asked { options, answer } = question.asked.clone();
        Some(Shown { options, chosen: question.chosen.clone(), answer })
    }

    /// The learner chooses. The first choice counts.
    pub fn choose(&mut self, beat: &str, prediction: &str, answer: Answer) {
        let question = self.questions.0.iter_mut().find(|each| each.beat == beat && each.prediction == prediction);
        if let Some(question) = question {
            question.chosen.get_or_insert(answer);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Size;
    use kafkascope_core::lesson::library;

    fn open(id: &str) -> (LessonSession, History) {
        let lesson = library().lesson(id).cloned().expect("the lesson is there");
        LessonSession::open(Rc::new(lesson)).expect("the lesson opens")
    }

    #[test]
    fn every_lesson_is_played_to_its_end_by_the_pages_own_buttons() {
        for lesson in &library().lessons {
            let (mut lesson_session, mut history) = open(&lesson.id);
            while let Some(beat) = lesson_session.beat().cloned() {
                for prediction in &beat.predictions {
                    let shown = lesson_session.question(&beat, prediction);
                    let shown = shown.unwrap_or_else(|| panic!("{} {}: no answer", beat.id, prediction.id));
                    assert!(shown.options.contains(&shown.answer) && shown.options.len() > 1, "{shown:?}");
                }
                lesson_session.solve(&mut history).expect("the reference path leads on");
            }
            assert!(lesson_session.run.is_complete());
        }
    }

    #[test]
    fn plain_steps_of_forward_reach_goals_too() {
        let (mut lesson_session, mut history) = open("replicate-and-commit");
        lesson_session.press(&mut history).expect("the button works");
        for _ in 0..20 {
            let before = history.position();
            history.forward(Size::Message);
            lesson_session.observe(&mut history, before);
        }
        assert!(lesson_session.run.beat() > 0, "{:?}", lesson_session.run);
    }

    #[test]
    fn the_first_choice_counts() {
        let (mut lesson_session, _) = open("replicate-and-commit");
        let beat = lesson_session.beat().cloned().expect("the lesson has a beat");
        let prediction = beat.predictions.first().expect("the beat has a question");
        lesson_session.choose(&beat.id, &prediction.id, Answer::Number { number: 1 });
        lesson_session.choose(&beat.id, &prediction.id, Answer::Number { number: 0 });
        let chosen = lesson_session.question(&beat, prediction).and_then(|shown| shown.chosen);
        assert_eq!(chosen, Some(Answer::Number { number: 1 }));
    }
}
