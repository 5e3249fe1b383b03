//! Steps that are kept in full: those that were made last, and those that somebody asked for. All others are made again.

use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use super::CHECKPOINT_INTERVAL;
use crate::step::{Position, Step};

/// How many of the steps that were made last are kept. Half a megabyte: where a run makes its steps, in a processor's cache,
/// the memory of those that go serves those that come.
const LATEST_MAX: usize = 512;
/// How many of those that were asked for are kept: two stretches between checkpoints.
const ASKED_MAX: usize = 2 * CHECKPOINT_INTERVAL as usize;

/// The steps of one branch that need not be made again.
#[derive(Clone, Debug)]
pub(super) struct KeptSteps {
    /// The steps that were made last, each where its position divided by the length of this leaves it.
    latest: Vec<Option<Rc<Step>>>,
    /// The steps that were asked for when they were not kept, and those made on the way to them.
    asked: BTreeMap<Position, Rc<Step>>,
    /// The same in the order in which they came: the first goes first.
    arrival: VecDeque<Position>,
}

impl KeptSteps {
    pub(super) fn new() -> Self {
        Self { latest: vec![None; LATEST_MAX], asked: BTreeMap::new(), arrival: VecDeque::new() }
    }

    /// The step after which the position was `index`, if it is kept.
    pub(super) fn get(&self, index: Position) -> Option<&Rc<Step>> {
        let latest = self.latest[slot(index)].as_ref().filter(|step| step.index == index);
        latest.or_else(|| self.asked.get(&index))
    }

    /// Keeps a step that the run has made just now.
    pub(super) fn keep_latest(&mut self, step: Step) -> Rc<Step> {
        let slot = slot(step.index);
        let step = Rc::new(step);
        self.latest[slot] = Some(step.clone());
        step
    }

    /// Keeps a step that was made again because somebody asked for it, or for one behind it.
    pub(super) fn keep_asked(&mut self, step: Step) {
        let index = step.index;
        if self.asked.insert(index, Rc::new(step)).is_none() {
            self.arrival.push_back(index);
        }
        if self.asked.len() > ASKED_MAX
            && let Some(first) = self.arrival.pop_front()
        {
            self.asked.remove(&first);
        }
    }

    /// Forgets the steps behind a position: the branch goes on in another way there.
    pub(super) fn forget_behind(&mut self, position: Position) {
        for latest in &mut self.latest {
            if latest.as_ref().is_some_and(|step| step.index > position) {
                *latest = None;
            }
        }
        self.asked.retain(|index, _| *index <= position);
        self.arrival.retain(|index| *index <= position);
    }
}

fn slot(index: Position) -> usize {
    index as usize % LATEST_MAX
}
