//! A learner's way through one lesson: which goals are reached, fed with what happened.

use serde::{Deserialize, Serialize};

use super::condition::Condition;
use super::entry::Entry;
use super::moves::{Happened, Stage, Stuck, changed, forward_until};
use super::observed::Observed;
use super::{Beat, Lesson};
use crate::cluster::Cluster;
use crate::sim::Millis;
use crate::step::Step;

/// How far a learner is. A goal once reached stays so, also when the learner goes back in time to look again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LessonRun {
    /// How many beats are done: the index of the one whose goals are looked for.
    beat: u32,
    /// The reached goals of each beat, by their place.
    reached: Vec<Vec<bool>>,
}

/// A goal that was just reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reached {
    /// The beat's id.
    pub beat: String,
    /// The goal's id.
    pub goal: String,
}

impl LessonRun {
    /// The start of a lesson.
    pub fn new(lesson: &Lesson) -> Self {
        Self { beat: 0, reached: lesson.beats.iter().map(|beat| vec![false; beat.goals.len()]).collect() }
    }

    /// The index of the beat whose goals are looked for; the number of beats where all are done.
    pub fn beat(&self) -> u32 {
        self.beat
    }

    /// Whether a goal is reached.
    pub fn is_reached(&self, beat: u32, goal: u32) -> bool {
        self.reached.get(beat as usize).and_then(|goals| goals.get(goal as usize)) == Some(&true)
    }

    /// How many goals are reached, and how many there are.
    pub fn counts(&self) -> (u32, u32) {
        let goals = || self.reached.iter().flatten();
        (goals().filter(|is_reached| **is_reached).count() as u32, goals().count() as u32)
    }

    /// Whether this is a way through that lesson: one that was kept may be of a lesson that has changed since.
    pub fn fits(&self, lesson: &Lesson) -> bool {
        let mine = self.reached.iter().map(Vec::len);
        self.beat as usize <= lesson.beats.len() && mine.eq(lesson.beats.iter().map(|beat| beat.goals.len()))
    }

    /// Whether every goal of the lesson is reached.
    pub fn is_complete(&self) -> bool {
        self.beat as usize >= self.reached.len()
    }

    /// Takes in what happened, in order, and how the cluster is after it. Gives the goals that were reached by it.
    ///
    /// A beat's goals are looked for from the step after the one that completed the beat before, so that a press that went
    /// far does not lose what happened on its way.
    pub fn observe(&mut self, lesson: &Lesson, steps: &[Step], cluster: &Cluster) -> Vec<Reached> {
        self.take_in(lesson, steps, &Observed::of(cluster))
    }

    /// Takes in what a person wrote beside the cluster. Gives the goals that were reached by it.
    pub fn write(&mut self, lesson: &Lesson, entry: &Entry, cluster: &Cluster) -> Vec<Reached> {
        let (at, mut news) = (Observed::of(cluster), Vec::new());
        if let (Some(beat), Some(reached)) =
            (lesson.beats.get(self.beat as usize), self.reached.get_mut(self.beat as usize))
        {
            tick(beat, reached, &mut news, |condition| condition.written_in(entry, &at));
        }
        if !news.is_empty() {
            news.extend(self.take_in(lesson, &[], &at));
        }
        news
    }

    /// The same of whatever happened. Where nothing changed, nobody need look who waits for a change.
    pub(super) fn watch<S: Stage>(&mut self, lesson: &Lesson, happened: Happened<'_>, stage: &S) -> Vec<Reached> {
        match happened {
            Happened::Steps(steps) if !changed(steps) && !self.looks_always(lesson) => Vec::new(),
            Happened::Steps(steps) => self.observe(lesson, steps, stage.cluster()),
            Happened::Written(entry) => self.write(lesson, entry, stage.cluster()),
        }
    }

    /// Whether a goal that is still open may come about without a change.
    fn looks_always(&self, lesson: &Lesson) -> bool {
        let beat = lesson.beats.get(self.beat as usize).zip(self.reached.get(self.beat as usize));
        let mut goals = beat.into_iter().flat_map(|(beat, reached)| beat.goals.iter().zip(reached));
        goals.any(|(goal, is_reached)| !is_reached && goal.condition.comes_without_change())
    }

    fn take_in(&mut self, lesson: &Lesson, steps: &[Step], at: &Observed<'_>) -> Vec<Reached> {
        let mut news = Vec::new();
        let mut rest = steps;
        while let Some(beat) = lesson.beats.get(self.beat as usize) {
            let Some(reached) = self.reached.get_mut(self.beat as usize) else { break };
            rest = see(beat, reached, rest, &mut news);
            tick(beat, reached, &mut news, |condition| condition.holds(at));
            if reached.contains(&false) {
                break;
            }
            self.beat += 1;
        }
        news
    }

    /// Goes forward until the current beat is done, where its lesson offers that.
    pub fn advance<S: Stage>(
        &mut self,
        lesson: &Lesson,
        stage: &mut S,
        within_ms: Millis,
    ) -> Result<Vec<Reached>, Stuck> {
        let beat = self.beat;
        let mut news = self.observe(lesson, &[], stage.cluster());
        if self.beat > beat {
            return Ok(news);
        }
        let done = forward_until(stage, within_ms, |steps, stage| {
            news.extend(self.watch(lesson, Happened::Steps(steps), stage));
            self.beat > beat
        })?;
        if done { Ok(news) } else { Err(Stuck::NotReached { within_ms }) }
    }
}

/// Ticks the goals that are changes, step by step, and stops where the last of them is seen: the steps behind it are the
/// next beat's.
fn see<'a>(beat: &Beat, reached: &mut [bool], steps: &'a [Step], news: &mut Vec<Reached>) -> &'a [Step] {
    let is_change = |condition: &Condition| matches!(condition, Condition::Seen(_));
    let mut rest = steps;
    while let Some((step, behind)) = rest.split_first() {
        let mut open = beat.goals.iter().zip(reached.iter());
        if !open.any(|(goal, done)| is_change(&goal.condition) && !done) {
            break;
        }
        tick(beat, reached, news, |condition| condition.seen_in(step));
        rest = behind;
    }
    rest
}

/// Ticks the goals that are so.
fn tick(beat: &Beat, reached: &mut [bool], news: &mut Vec<Reached>, is_so: impl Fn(&Condition) -> bool) {
    for (goal, done) in beat.goals.iter().zip(reached.iter_mut()) {
        if !*done && is_so(&goal.condition) {
            *done = true;
            news.push(Reached { beat: beat.id.clone(), goal: goal.id.clone() });
        }
    }
}
