//! Where presses of Forward and Back stop, and what they pass.
//!
//! A stop is a step that tells something new: of the person's size, and no failure that was told before. Where nothing new
//! comes for a while, Forward also stops at the end of the wait, and what recurred meanwhile is counted.

use std::collections::BTreeMap;

use super::branch::Branch;
use super::repeats::Repeats;
use super::{History, make_move};
use crate::cluster::Cluster;
use crate::explain::Routine;
use crate::scenario::{MOVES_MAX, PlacedCommand};
use crate::sim::Millis;
use crate::step::{Position, Size, Step};

/// A wait of this length before something new is a stop of its own, in milliseconds of virtual time.
const WAIT_MS: Millis = 1_000;
/// So far ahead something new is looked for, in milliseconds of virtual time.
const LOOK_AHEAD_MS: Millis = 120_000;
/// And its limit in moves.
const MOVES_AHEAD_MAX: u32 = 20_000;
/// Interval in moves at which the cluster is kept on the way. Whatever is kept is copied when the next move changes it.
const MOVES_NEAR: u32 = 500;

/// How much virtual time one press of Forward lets pass at most while nothing new happens, in milliseconds.
fn patience_ms(size: Size) -> Millis {
    match size {
        Size::Micro | Size::Message => 10_000,
        Size::Milestone => 60_000,
    }
}

/// A press of Forward: from where, and how far it goes where nothing new happens.
struct Press {
    here: Position,
    size: Size,
    /// From this virtual time on, what is new has a wait before it.
    late_ms: Millis,
    /// When the patience is over, in virtual time.
    until_ms: Millis,
}

impl Press {
    fn from(history: &History, size: Size) -> Self {
        let now = history.cluster.now();
        let (late_ms, until_ms) = (now.saturating_add(WAIT_MS), now.saturating_add(patience_ms(size)));
        Self { here: history.position(), size, late_ms, until_ms }
    }

    /// Whether the press stops at the end of a wait, just before this step.
    fn waits_for(&self, position: Position, at_ms: Millis) -> bool {
        self.size == Size::Message && (self.late_ms..=self.until_ms).contains(&at_ms) && position > self.here + 1
    }
}

/// What comes next that tells something new, or as far as was looked.
#[derive(Clone, Debug)]
pub struct Ahead {
    /// The step that tells something new. `None` where none was found.
    pub change: Option<Step>,
    /// The position after that step, or as far as was looked.
    pub position: Position,
    /// Virtual time there, in milliseconds.
    pub at_ms: Millis,
    /// The cluster before that step: what waits there, waits for it.
    pub before: Cluster,
}

/// Looks ahead without touching the run. It can be done in slices.
#[derive(Clone, Debug)]
pub struct Scout {
    cluster: Cluster,
    /// The cluster some moves before: what is told of the step before the found one is made again from here.
    near: Cluster,
    commands: Vec<PlacedCommand>,
    repeats: Repeats,
    size: Size,
    until_ms: Millis,
    moves_left: u32,
    /// Whether the next move is known to tell something new.
    is_next_known: bool,
    /// The step that was found, once it was: what is left is to make the cluster before it again.
    found: Option<Step>,
}

impl Scout {
    /// Looks `moves` moves farther. `None` where it is not over yet.
    pub fn go_on(&mut self, moves: u32) -> Option<Ahead> {
        for _ in 0..moves {
            if let Some(found) = self.found.take() {
                if self.near.position() + 1 < found.index && make_move(&mut self.near, &self.commands).is_some() {
                    self.found = Some(found);
                    continue;
                }
                let before = self.near.clone();
                return Some(Ahead { position: found.index, at_ms: found.at_ms, change: Some(found), before });
            }
            let ends =
                self.moves_left == 0 || self.cluster.position() >= MOVES_MAX || self.cluster.now() >= self.until_ms;
            if self.moves_left.is_multiple_of(MOVES_NEAR) {
                self.near = self.cluster.clone();
            }
            let step = if ends { None } else { make_move(&mut self.cluster, &self.commands) };
            let Some(step) = step else {
                let (position, at_ms) = (self.cluster.position(), self.cluster.now());
                return Some(Ahead { change: None, position, at_ms, before: self.cluster.clone() });
            };
            self.moves_left -= 1;
            let is_repeat = self.repeats.observe(&step);
            if self.is_next_known || (step.size >= self.size && !is_repeat) {
                self.found = Some(step);
            }
        }
        None
    }
}

/// What was passed between two stops: a wait, and what recurred in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passed {
    /// The first step that was passed.
    pub first: Position,
    /// The last one.
    pub last: Position,
    /// How much virtual time went by, in milliseconds.
    pub ms: Millis,
    /// How often each kind of routine recurred, the most telling first.
    pub counts: Vec<(Routine, u32)>,
    /// Whether this is a stop in a wait: the step here tells nothing new itself.
    pub is_wait: bool,
}

impl Branch {
    /// Whether the step at a position tells something new to a person who goes by this size.
    fn tells(&self, position: Position, size: Size) -> bool {
        self.index.get(position).is_some_and(|entry| entry.size >= size && !entry.is_repeat)
    }

    /// The stop before a position; the start is one.
    fn stop_before(&self, position: Position, size: Size) -> Position {
        let is_stop = |at: &Position| self.tells(*at, size) || self.waits.contains(at);
        (1..position).rev().find(is_stop).unwrap_or(0)
    }

    /// What the known future says: the next step that tells something new, or `None` where that is not known.
    fn known_stop_after(&self, position: Position, size: Size) -> Option<Position> {
        (position + 1..=self.len()).find(|at| self.tells(*at, size))
    }
}

impl History {
    /// One who looks ahead from here.
    pub fn scout(&self, size: Size) -> Scout {
        // What this branch has made already is known: one looks on from its end, or from just before what was found.
        let known = self.branch().known_stop_after(self.position(), size);
        let from = known.map_or(self.len(), |stop| stop - 1);
        let cluster = self.value_before(from);
        Scout {
            near: cluster.clone(),
            cluster,
            commands: self.branch().commands.clone(),
            repeats: self.branch().observers.repeats.clone(),
            size,
            until_ms: self.cluster.now().saturating_add(LOOK_AHEAD_MS),
            moves_left: MOVES_AHEAD_MAX,
            is_next_known: known.is_some(),
            found: None,
        }
    }

    /// Where a press of Forward goes on what this branch has made already. `None` where that lies beyond its end.
    fn known_stop(&self, size: Size) -> Option<Position> {
        let press = Press::from(self, size);
        let at_ms = |at: Position| self.entry(at).map_or(Millis::MAX, |entry| entry.at_ms);
        let news = self.branch().known_stop_after(press.here, size).filter(|at| at_ms(*at) <= press.until_ms);
        if let Some(at) = news {
            return Some(if press.waits_for(at, at_ms(at)) { at - 1 } else { at });
        }
        // What is known may go on for longer than one has patience.
        let later = (press.here + 1..=self.len()).find(|at| at_ms(*at) > press.until_ms);
        later.map(|at| (at - 1).max(press.here + 1))
    }

    /// Makes moves at this branch's end, each once, until one tells something new or the patience is over.
    fn explore(&mut self, size: Size) {
        let press = Press::from(self, size);
        self.run_to(self.len());
        let mut near = self.cluster.clone();
        for made in 0..MOVES_AHEAD_MAX {
            if self.position() >= MOVES_MAX || self.cluster.now() >= press.until_ms {
                return;
            }
            if made.is_multiple_of(MOVES_NEAR) && size == Size::Message {
                near = self.cluster.clone();
            }
            let Some(step) = self.cluster.step() else { return };
            let may_tell = step.size >= size && press.waits_for(step.index, step.at_ms);
            if may_tell && !self.branch().observers.repeats.clone().observe(&step) {
                // The press ends before it, and what was not pressed for is not written down.
                while near.position() + 1 < step.index && near.step().is_some() {}
                self.cluster = near;
                return;
            }
            self.record(step);
            if self.branch().tells(self.position(), size) {
                return;
            }
        }
    }

    /// Goes forward to the next step that tells something new; through a wait, to its end. False where nothing is scheduled
    /// any more.
    pub fn forward(&mut self, size: Size) -> bool {
        if size == Size::Micro {
            return self.step().is_some();
        }
        let before = self.position();
        match self.known_stop(size) {
            Some(stop) => self.run_to(stop),
            None => self.explore(size),
        }
        let here = self.position();
        if here > before && !self.branch().tells(here, size) {
            self.branch_mut().waits.insert(here);
        }
        here > before
    }

    /// Goes back to where Forward stopped before, or to the start. False at the start.
    pub fn back(&mut self, size: Size) -> bool {
        let position = self.position();
        if position == 0 {
            return false;
        }
        let stop = if size == Size::Micro { position - 1 } else { self.branch().stop_before(position, size) };
        self.seek(stop);
        true
    }

    /// What lies between the stop before and this one. `None` where there is nothing in between, or where every step is a
    /// stop.
    pub fn passed(&self, size: Size) -> Option<Passed> {
        let here = self.position();
        if size == Size::Micro || here == 0 {
            return None;
        }
        let branch = self.branch();
        let first = branch.stop_before(here, size) + 1;
        let is_wait = !branch.tells(here, size);
        let last = if is_wait { here } else { here - 1 };
        if last < first {
            return None;
        }
        let mut counts: BTreeMap<Routine, u32> = BTreeMap::new();
        for routine in (first..=last).filter_map(|at| branch.index.get(at)?.routine) {
            *counts.entry(routine).or_default() += 1;
        }
        let began = branch.index.get(first - 1).map_or(self.start_ms(), |entry| entry.at_ms);
        let ended = branch.index.get(last).map_or(began, |entry| entry.at_ms);
        let ms = ended.saturating_sub(began);
        Some(Passed { first, last, ms, counts: counts.into_iter().collect(), is_wait })
    }

    /// Virtual time at the run's start, in milliseconds.
    fn start_ms(&self) -> Millis {
        self.branch().checkpoint_before(0).cluster.now()
    }
}
