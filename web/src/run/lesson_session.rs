//! A lesson as it is followed: the run that it is played on, the goals that were reached, the answers that were given.

use std::collections::BTreeSet;
use std::rc::Rc;

use kafkascope_core::sort::CollectOrdered;
use serde::{Deserialize, Serialize};

use kafkascope_core::lesson::{
    Answer, Asked, Beat, Decided, Entry, Lesson, LessonRun, Move, Observed, Prediction, Stuck, ask, steps_since,
};

use crate::engine::{Command, History, Position, Scenario, ScenarioError, Step};
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
    /// Where its answer is counted from: the position and the time, in virtual milliseconds, of the last command that the
    /// beat wants, or of where the question was asked.
    #[serde(default)]
    from: (Position, u64),
    /// Whether the step that decides it has come.
    #[serde(default)]
    is_decided: bool,
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
    /// The beats whose button was used.
    pub pressed: BTreeSet<String>,
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
    /// Whether the step that decides it has come: only then the answer is told.
    pub is_decided: bool,
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
        let mut lesson_session =
            Self { lesson, run, opened_at, questions, hints: 0, pressed: BTreeSet::new(), prepared: BTreeSet::new() };
        lesson_session.prepare(&stage);
        Ok((lesson_session, stage))
    }

    /// Goes on with a lesson where it was left. `None` where it has changed since, or its run cannot be read.
    pub fn resume(lesson: Rc<Lesson>, saved_progress: &SavedProgress) -> Option<(Self, History)> {
        let history = History::new(Scenario::from_link(&saved_progress.link).ok()?).ok()?;
        Some((Self::of_saved(lesson, saved_progress)?, history))
    }

    /// A lesson as it was left, without its run. `None` where it has changed since.
    pub fn of_saved(lesson: Rc<Lesson>, saved_progress: &SavedProgress) -> Option<Self> {
        let run = Some(saved_progress.run.clone()).filter(|run| run.fits(&lesson))?;
        // What was asked at the start of this beat cannot be asked here: the cluster has moved on since.
        let prepared = lesson.beats.iter().map(|beat| beat.id.clone()).take(run.beat() as usize + 1).collect_ordered();
        let SavedProgress { questions, hints, pressed, opened_at, .. } = saved_progress.clone();
        Some(Self { lesson, run, opened_at, questions, hints, pressed, prepared })
    }

    /// Follows a lesson on a run that somebody played for it: the goals are those that its steps have reached. `None` where it
    /// is not a run of this lesson.
    pub fn catch_up(lesson: Rc<Lesson>, history: &History) -> Option<Self> {
        let (mut lesson_session, start) = Self::open(lesson).ok()?;
        let opened_at = lesson_session.opened_at;
        let begins_so = history.commands().starts_with(start.commands());
        if history.config() != start.config() || !begins_so || history.position() < opened_at {
            return None;
        }
        let mut replay = history.replay(opened_at, history.position());
        while let Some(step) = replay.next() {
            lesson_session.run.observe(&lesson_session.lesson, &[step], replay.cluster());
        }
        let beats = &lesson_session.lesson.beats;
        lesson_session.prepared =
            beats.iter().map(|beat| beat.id.clone()).take(lesson_session.run.beat() as usize + 1).collect_ordered();
        Some(lesson_session)
    }

    /// Takes in what happened since a position.
    pub fn observe(&mut self, history: &mut History, before: Position) {
        let beat = self.run.beat();
        let steps = steps_since(history, before);
        self.decide(history, &steps, false);
        self.run.observe(&self.lesson, &steps, history.cluster());
        self.moved_from(beat, history);
    }

    /// Takes in what was written beside the cluster. `true` where a goal is reached by it.
    pub fn write(&mut self, history: &History, entry: &Entry) -> bool {
        let beat = self.run.beat();
        let reaches_goal = !self.run.write(&self.lesson, entry, history.cluster()).is_empty();
        self.moved_from(beat, history);
        reaches_goal
    }

    /// What the current beat's button, or with `solves` its reference path, writes beside the cluster.
    pub fn entries(&self, solves: bool) -> Vec<Entry> {
        let Some(beat) = self.beat() else { return Vec::new() };
        let press = [Move::Do(beat.id.clone())];
        let moves = if solves && !beat.solution.is_empty() { &beat.solution[..] } else { &press };
        self.lesson.entries(moves).cloned().collect()
    }

    /// Carries the current beat's button out.
    pub fn press(&mut self, history: &mut History) -> Result<(), Stuck> {
        let beat = self.beat().map(|beat| beat.id.clone());
        self.play(history, true, |lesson_session, beat, stage| {
            lesson_session.lesson.clone().press(beat, stage, &mut lesson_session.run).map(|_| ())
        })?;
        self.pressed.extend(beat);
        Ok(())
    }

    /// Runs on until the current beat's goals are reached.
    pub fn advance(&mut self, history: &mut History) -> Result<(), Stuck> {
        self.play(history, false, |lesson_session, beat, stage| {
            let within = beat.advance_within_ms.unwrap_or(kafkascope_core::lesson::WITHIN_MS);
            lesson_session.run.advance(&lesson_session.lesson.clone(), stage, within).map(|_| ())
        })
    }

    /// Goes the current beat's reference path.
    pub fn solve(&mut self, history: &mut History) -> Result<(), Stuck> {
        self.play(history, false, |lesson_session, beat, stage| {
            lesson_session.lesson.clone().solve(beat, stage, &mut lesson_session.run).map(|_| ())
        })
    }

    /// `is_press`: the commands on the way are those of the beat's button.
    fn play(
        &mut self,
        history: &mut History,
        is_press: bool,
        play: impl FnOnce(&mut Self, &Beat, &mut History) -> Result<(), Stuck>,
    ) -> Result<(), Stuck> {
        let Some(beat) = self.beat().cloned() else { return Ok(()) };
        let (number, before) = (self.run.beat(), history.position());
        let mut stage = history.clone();
        let done = play(self, &beat, &mut stage);
        // How far it came is shown, also where it got stuck.
        *history = stage;
        let steps = steps_since(history, before);
        self.decide(history, &steps, is_press);
        self.moved_from(number, history);
        done
    }

    /// Notes which questions of the beat the run has come to the answer of.
    fn decide(&mut self, history: &History, steps: &[Step], is_press: bool) {
        let Some(beat) = self.beat().cloned() else { return };
        let observed = Observed::of(history.cluster());
        let wanted: Vec<Command> =
            beat.commands.iter().filter_map(|command| command.resolve(history.cluster())).collect();
        // A timer or a message that was chosen is not there any more: only the button knows that it was the one.
        let is_wanted = |command: &Command| is_press || wanted.contains(command);
        let given = steps.iter().rfind(|step| step.command.as_ref().is_some_and(is_wanted));
        if given.is_some() {
            self.pressed.insert(beat.id.clone());
        }
        let here = (history.position(), history.cluster().now());
        for question in self.questions.0.iter_mut().filter(|question| question.beat == beat.id) {
            if let Some(given) = given {
                question.from = (given.index, given.at_ms);
            }
            let Decided { moves, after_ms } = question.asked.decided;
            let (at, at_ms) = (question.from.0.saturating_add(moves), question.from.1.saturating_add(after_ms));
            // On a way of the learner's own, time alone decides nothing: what was asked for must have come about.
            let asked = beat.predictions.iter().find(|prediction| prediction.id == question.prediction);
            let is_so =
                asked.is_some_and(|asked| asked.ask.queries(&observed).as_ref() == Some(&question.asked.answer));
            let is_ready = is_so && (beat.commands.is_empty() || self.pressed.contains(&beat.id));
            question.is_decided |= is_ready && (here.1 > at_ms || (here.1 == at_ms && here.0 >= at));
        }
    }

    fn moved_from(&mut self, beat: u32, history: &History) {
        if self.run.beat() != beat {
            let done = self.lesson.beats.get(beat as usize).map(|beat| beat.id.as_str());
            let questions = self.questions.0.iter_mut().filter(|question| Some(question.beat.as_str()) == done);
            questions.for_each(|question| question.is_decided = true);
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
                let from = (history.position(), history.cluster().now());
                self.questions.0.push(Question { beat, prediction, asked, chosen: None, from, is_decided: false });
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
        let Asked { options, answer, .. } = question.asked.clone();
        Some(Shown { options, chosen: question.chosen.clone(), answer, is_decided: question.is_decided })
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
                let solved = lesson_session.solve(&mut history);
                assert!(solved.is_ok(), "{} {}: {solved:?}", lesson.id, beat.id);
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
    fn an_answer_is_told_when_the_step_that_decides_it_has_come() {
        let (mut lesson_session, mut history) = open("choose-partition");
        let beat = lesson_session.beat().cloned().expect("the lesson has a beat");
        let prediction = beat.predictions.first().expect("the beat has a question");
        let shown = |session: &LessonSession| session.question(&beat, prediction).expect("it has an answer");
        lesson_session.choose(&beat.id, &prediction.id, shown(&lesson_session).options[0].clone());
        assert!(!shown(&lesson_session).is_decided, "nothing has happened yet");
        // Time alone decides nothing.
        for _ in 0..20 {
            let before = history.position();
            history.step();
            lesson_session.observe(&mut history, before);
        }
        assert!(!shown(&lesson_session).is_decided, "no record was sent");
        lesson_session.press(&mut history).expect("the button works");
        assert!(lesson_session.pressed.contains(&beat.id));
        let chosen = |history: &History| history.cluster().view().producers[0].last_partitioning.is_some();
        for _ in 0..200 {
            if lesson_session.run.beat() > 0 {
                break;
            }
            assert_eq!(shown(&lesson_session).is_decided, chosen(&history));
            let before = history.position();
            history.step();
            lesson_session.observe(&mut history, before);
        }
        assert!(shown(&lesson_session).is_decided && chosen(&history));
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
