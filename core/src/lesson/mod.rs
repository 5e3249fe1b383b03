//! Guided lessons: data that a teacher writes, followed and checked on the engine.
//!
//! A lesson looks at a cluster from outside, through its view, its steps and its commands. Goals are predicates on those;
//! a prediction is answered by going on on a copy. Nothing here stores how a lesson ends.
//!
//! The files lie in `lessons/`, whose README says how one is written.

mod condition;
mod count;
mod entry;
mod index;
mod library;
mod located;
mod mistake;
mod moves;
mod observed;
mod parts;
mod predict;
mod prove;
mod queries;
mod read;
mod request_path;
mod run;
mod stage;
mod table;
mod text;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::config::ClusterConfig;
use crate::sim::Millis;

pub use condition::{ChangePattern, Condition, FieldTest, StateCondition};
pub use count::{Count, Wanted};
pub use entry::{Entry, Printed, Reviewed};
pub use index::{Document, Index, Title, Track};
pub use library::{LESSON_FOLDERS, Library, library};
pub use mistake::{Kind, LessonError, Mistake};
pub use moves::{EnvelopeAct, EnvelopePattern, Happened, LessonCommand, Move, Stage, Stuck, TimerPattern, act, make};
pub use observed::Observed;
pub use predict::{Answer, Ask, Asked, Decided, Prediction, ask};
pub use prove::{Failing, Unproven, prove};
pub use queries::Registration;
pub use read::{LessonFiles, read};
pub use run::{LessonRun, Reached};
pub use stage::steps_since;
pub use table::Table;
pub use text::{Language, LessonText, Passage};

/// How long a beat is waited for, in virtual milliseconds, where the lesson does not say.
pub const WITHIN_MS: Millis = 60_000;

/// One lesson.
#[derive(Clone, Debug, PartialEq)]
pub struct Lesson {
    /// Its id: the name of its folder.
    pub id: String,
    /// The track it belongs to.
    pub track: String,
    /// The sections of the documents that it covers, as in `D3 파티션 선택 기법`.
    pub sections: Vec<String>,
    /// The seed of its cluster.
    pub seed: u64,
    /// Its cluster.
    pub cluster: ClusterConfig,
    /// What has happened before the learner comes.
    pub before: Vec<Move>,
    /// Its beats, in order.
    pub beats: Vec<Beat>,
    /// Ways that must not reach a beat's goals.
    pub wrong: Vec<WrongPath>,
    /// Its words.
    pub texts: BTreeMap<Language, LessonText>,
}

/// One beat: a text, something to do, something to reach.
#[derive(Clone, Debug, PartialEq)]
pub struct Beat {
    /// Its id: the anchor of its text.
    pub id: String,
    /// Where the page should draw the eye.
    pub show: Option<Show>,
    /// Commands that one button carries out.
    pub commands: Vec<LessonCommand>,
    /// If the page offers to run on until the goals are reached: for how long at most, in virtual milliseconds.
    pub advance_within_ms: Option<Millis>,
    /// What must become true.
    pub goals: Vec<Goal>,
    /// Questions to answer before going on.
    pub predictions: Vec<Prediction>,
    /// What is measured on clusters of their own, if anything: the page fills the table.
    pub table: Option<Table>,
    /// Where a document is dated or wrong, by ids in the text.
    pub doc_checks: Vec<String>,
    /// The reference path. Empty: the button, then on until the goals are reached.
    pub solution: Vec<Move>,
}

/// Something to reach.
#[derive(Clone, Debug, PartialEq)]
pub struct Goal {
    /// Its id: the text has its words under `{#goal-…}`.
    pub id: String,
    /// What must be so.
    pub condition: Condition,
}

/// A way that must not reach a beat's goals: solve the beats before it, then make these moves.
#[derive(Clone, Debug, PartialEq)]
pub struct WrongPath {
    /// The beat's id.
    pub beat: String,
    /// The moves instead of the solution.
    pub moves: Vec<Move>,
}

/// A part of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Show {
    /// The replicas' logs.
    Logs,
    /// How a key became a partition, byte by byte.
    Partitioning,
    /// The messages on their way.
    Envelopes,
    /// A broker opened up: its request queue and purgatory.
    Pipeline,
    /// The controllers and the metadata log.
    Quorum,
    /// A producer opened up: its batches, ids and sequence numbers.
    Producer,
    /// Groups, their members and offsets.
    Groups,
    /// Transactions, and what readers get of them.
    Transactions,
    /// The checkpoint files.
    Files,
    /// Kafka's command line tools.
    Console,
    /// The clients.
    Clients,
}

impl Lesson {
    /// A beat by its id.
    pub fn beat(&self, id: &str) -> Option<&Beat> {
        self.beats.iter().find(|beat| beat.id == id)
    }

    /// Its words in a language. Both are there in every lesson that was read without a mistake.
    pub fn text(&self, language: Language) -> Option<&LessonText> {
        self.texts.get(&language)
    }

    /// Brings a new cluster to where the learner comes in.
    pub fn begin<S: Stage>(&self, stage: &mut S) -> Result<(), Stuck> {
        make_all(self, stage, &self.before, &mut |_, _| ())
    }

    /// Carries a beat's button out.
    pub fn press<S: Stage>(&self, beat: &Beat, stage: &mut S, run: &mut LessonRun) -> Result<Vec<Reached>, Stuck> {
        self.follow(&[Move::Do(beat.id.clone())], stage, run)
    }

    /// What moves write beside the cluster, in order.
    pub fn entries<'a>(&'a self, moves: &'a [Move]) -> impl Iterator<Item = &'a Entry> {
        let commands = |one: &'a Move| match one {
            Move::Act(command) => std::slice::from_ref(command),
            Move::Do(beat) => self.beat(beat).map_or(&[][..], |beat| &beat.commands),
            Move::Forward { .. } | Move::Until { .. } | Move::Wait { .. } => &[],
        };
        moves.iter().flat_map(commands).filter_map(LessonCommand::entry)
    }

    /// Makes moves and lets `run` take in what happens.
    pub fn follow<S: Stage>(&self, moves: &[Move], stage: &mut S, run: &mut LessonRun) -> Result<Vec<Reached>, Stuck> {
        let mut news = Vec::new();
        make_all(self, stage, moves, &mut |happened, stage: &S| news.extend(run.watch(self, happened, stage)))?;
        Ok(news)
    }

    /// Goes a beat's reference path.
    pub fn solve<S: Stage>(&self, beat: &Beat, stage: &mut S, run: &mut LessonRun) -> Result<Vec<Reached>, Stuck> {
        if !beat.solution.is_empty() {
            return self.follow(&beat.solution, stage, run);
        }
        let mut news = self.press(beat, stage, run)?;
        let is_current = self.beats.get(run.beat() as usize).is_some_and(|current| current.id == beat.id);
        if is_current {
            news.extend(run.advance(self, stage, beat.advance_within_ms.unwrap_or(WITHIN_MS))?);
        }
        Ok(news)
    }
}

/// Makes moves in order.
fn make_all<S: Stage>(
    lesson: &Lesson,
    stage: &mut S,
    all: &[Move],
    watch: &mut impl FnMut(Happened<'_>, &S),
) -> Result<(), Stuck> {
    let commands = |beat: &str| lesson.beat(beat).map(|beat| beat.commands.clone()).unwrap_or_default();
    let mut just_done = Vec::new();
    all.iter().try_for_each(|one| make(stage, one, &mut just_done, commands, watch))
}
