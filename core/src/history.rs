//! Going back. Steps are never undone: the value of an earlier position is made again from the last checkpoint before it.
//!
//! Acting in the past starts a branch; the old future stays reachable under its number.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

use crate::change::{Change, MilestoneKind};
use crate::cluster::Cluster;
use crate::command::{Command, CommandError};
use crate::invariant::{FoundViolation, InvariantChecker};
use crate::scenario::{MOVES_MAX, PlacedCommand, SCENARIO_VERSION, Scenario, ScenarioError};
use crate::sim::Millis;
use crate::step::{Position, Size, Step};
use crate::wire::TopicPartition;

mod step_index;

pub use step_index::{Replay, StepEntry};

use step_index::StepIndex;

/// So many moves apart are the checkpoints: what a step back may have to make again.
pub const CHECKPOINT_INTERVAL: Position = 2_048;
/// So many steps are kept in full; older ones are made again when asked for.
const STEPS_KEPT_MAX: usize = 4_096;
/// One press of Forward tries at most so many moves: a cluster at rest has no milestones ahead.
const MOVES_PER_PRESS_MAX: u32 = 20_000;

/// How much virtual time one press of Forward lets pass at most, in milliseconds, while nothing of its size happens: long
/// enough for the waits in which something of that size comes about.
fn patience_ms(size: Size) -> Millis {
    match size {
        Size::Micro | Size::Message => 1_000,
        Size::Milestone => 60_000,
    }
}

/// A run: the present value, the way there, and every other way that was tried.
#[derive(Clone, Debug)]
pub struct History {
    seed_scenario: Scenario,
    branches: Vec<Branch>,
    current: usize,
    cluster: Cluster,
    steps: BTreeMap<Position, Arc<Step>>,
}

/// One line of moves from the start on.
#[derive(Clone, Debug)]
struct Branch {
    /// The branch it left and where; `None` for the first.
    parent: Option<(u32, Position)>,
    commands: Vec<PlacedCommand>,
    checkpoints: Vec<Checkpoint>,
    /// The size of each step made so far, by position.
    sizes: Vec<Size>,
    /// What is remembered of each step made so far.
    index: StepIndex,
    milestones: Vec<Milestone>,
    /// What is remembered at the branch's end of what must hold.
    checker: InvariantChecker,
    /// What broke.
    violations: Vec<FoundViolation>,
}

/// A place from which a run can be made again.
#[derive(Clone, Debug)]
struct Checkpoint {
    position: Position,
    cluster: Arc<Cluster>,
    checker: Arc<InvariantChecker>,
}

/// A milestone on the scrubber.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Milestone {
    /// The position after the step.
    pub position: Position,
    /// Virtual time, in milliseconds.
    pub at_ms: Millis,
    /// What it was.
    pub kind: MilestoneKind,
}

/// A branch as a person sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BranchView {
    /// Its number.
    pub id: u32,
    /// The branch that it left and the position there.
    pub from: Option<(u32, Position)>,
    /// How many moves it has.
    pub len: Position,
    /// Whether it is the one shown.
    pub is_current: bool,
}

impl History {
    /// Opens a run and goes to its position. The whole way is run, so that a command that is refused is found now.
    pub fn new(scenario: Scenario) -> Result<Self, ScenarioError> {
        let cluster =
            Cluster::new(&scenario.config, scenario.seed).map_err(|errors| ScenarioError::BadConfig { errors })?;
        let position = scenario.position;
        let commands = scenario.commands.clone();
        let branch = Branch {
            parent: None,
            commands: Vec::new(),
            checkpoints: vec![Checkpoint { position: 0, cluster: Arc::new(cluster.clone()), checker: Arc::default() }],
            sizes: Vec::new(),
            index: StepIndex::default(),
            milestones: Vec::new(),
            checker: InvariantChecker::default(),
            violations: Vec::new(),
        };
        let seed_scenario = Scenario { commands: Vec::new(), position: 0, ..scenario };
        let mut history = Self { seed_scenario, branches: vec![branch], current: 0, cluster, steps: BTreeMap::new() };
        for (index, placed) in commands.iter().enumerate() {
            history.run_to(placed.at);
            history.act(placed.command.clone()).map_err(|reason| ScenarioError::CommandRefused {
                index: index as u64,
                at: placed.at,
                reason,
            })?;
        }
        history.run_to(position);
        history.seek(position);
        Ok(history)
    }

    fn branch(&self) -> &Branch {
        &self.branches[self.current]
    }

    fn branch_mut(&mut self) -> &mut Branch {
        &mut self.branches[self.current]
    }

    /// The cluster as it is here.
    pub fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    /// Where we stand.
    pub fn position(&self) -> Position {
        self.cluster.position()
    }

    /// How far this branch has been explored.
    pub fn len(&self) -> Position {
        Position::try_from(self.branch().sizes.len()).unwrap_or(Position::MAX)
    }

    /// Whether nothing has happened yet on this branch.
    pub fn is_empty(&self) -> bool {
        self.branch().sizes.is_empty()
    }

    /// The step that led here; `None` at the start.
    pub fn current(&mut self) -> Option<Arc<Step>> {
        self.step_at(self.position())
    }

    /// The step after which the position was `index`. It is made again if it is not kept.
    pub fn step_at(&mut self, index: Position) -> Option<Arc<Step>> {
        if index == 0 || index > self.len() {
            return None;
        }
        if !self.steps.contains_key(&index) {
            let mut cluster = self.value_before(index - 1);
            while cluster.position() < index {
                let step = make_move(&mut cluster, &self.branch().commands)?;
                self.keep(step);
            }
        }
        self.steps.get(&index).cloned()
    }

    /// The chain of causes that led to a step, the step itself first; at most `limit` of them.
    pub fn causes(&mut self, index: Position, limit: usize) -> Vec<Arc<Step>> {
        self.cause_chain(index).into_iter().take(limit).filter_map(|index| self.step_at(index)).collect()
    }

    /// The positions of the chain of causes that led to a step, the step itself first, the root last: a person's command,
    /// or what began before the run. No step is made again for it.
    pub fn cause_chain(&self, index: Position) -> Vec<Position> {
        let cause_of = |index: &Position| self.entry(*index).map(|entry| entry.cause).filter(|cause| *cause > 0);
        std::iter::successors(self.entry(index).map(|_| index), cause_of).collect()
    }

    /// What is remembered of the step after which the position was `index`.
    pub fn entry(&self, index: Position) -> Option<&StepEntry> {
        self.branch().index.get(index)
    }

    /// The partitions that a step changed something of.
    pub fn partitions_of(&self, entry: &StepEntry) -> &[TopicPartition] {
        self.branch().index.partitions(entry)
    }

    /// Every partition that a step of this branch changed something of, sorted.
    pub fn partitions_seen(&self) -> Vec<TopicPartition> {
        self.branch().index.all_partitions()
    }

    /// The step after which the position was `index`, if it is kept: it is not made again.
    pub fn kept_step(&self, index: Position) -> Option<&Arc<Step>> {
        self.steps.get(&index)
    }

    /// Makes steps of this branch again and keeps them. `wanted` is sorted; what lies between is made on the way, so it should
    /// be close together.
    pub fn make_steps(&mut self, wanted: &[Position]) {
        let (Some(first), Some(last)) = (wanted.first(), wanted.last()) else { return };
        let made: Vec<Step> = self
            .replay(first.saturating_sub(1), *last)
            .filter(|step| wanted.binary_search(&step.index).is_ok())
            .collect();
        made.into_iter().for_each(|step| self.keep(step));
    }

    /// The steps behind `from` up to `last`, made again. Cheapest where `from` is a multiple of [`CHECKPOINT_INTERVAL`].
    pub fn replay(&self, from: Position, last: Position) -> Replay {
        let commands = self.branch().commands.clone();
        Replay { cluster: self.value_before(from), commands, last: last.min(self.len()) }
    }

    /// Makes the next move: the one that this branch has already made, or else the scheduler's. `None` when nothing is
    /// scheduled or the run is as long as a run may be.
    fn advance(&mut self) -> Option<Arc<Step>> {
        let position = self.position();
        if position >= MOVES_MAX {
            return None;
        }
        if position < self.len() {
            let step = make_move(&mut self.cluster, &self.branches[self.current].commands)?;
            let step = Arc::new(step);
            self.keep_shared(step.clone());
            return Some(step);
        }
        let step = self.cluster.step()?;
        Some(self.record(step))
    }

    /// Writes a new move down at the end of this branch.
    fn record(&mut self, step: Step) -> Arc<Step> {
        let position = step.index;
        // A person's own commands are marks too.
        let command = step.command.is_some().then_some(MilestoneKind::Command);
        let kind = step.changes.iter().filter_map(Change::milestone).chain(command).min();
        let mark = kind.map(|kind| Milestone { position, at_ms: step.at_ms, kind });
        let branch = &mut self.branches[self.current];
        let broken = branch.checker.look(&self.cluster, &step);
        branch.violations.extend(broken.into_iter().map(|violation| FoundViolation { position, violation }));
        let checkpoint = position.is_multiple_of(CHECKPOINT_INTERVAL).then(|| Checkpoint {
            position,
            cluster: Arc::new(self.cluster.clone()),
            checker: Arc::new(branch.checker.clone()),
        });
        branch.sizes.push(step.size);
        branch.index.push(&step, kind);
        branch.milestones.extend(mark);
        branch.checkpoints.extend(checkpoint);
        let step = Arc::new(step);
        self.keep_shared(step.clone());
        step
    }

    fn keep(&mut self, step: Step) {
        self.keep_shared(Arc::new(step));
    }

    fn keep_shared(&mut self, step: Arc<Step>) {
        let index = step.index;
        self.steps.insert(index, step);
        while self.steps.len() > STEPS_KEPT_MAX {
            // The one farthest from here goes.
            let first = self.steps.keys().next().copied().unwrap_or(0);
            let last = self.steps.keys().next_back().copied().unwrap_or(0);
            let farthest = if index.abs_diff(first) >= index.abs_diff(last) { first } else { last };
            self.steps.remove(&farthest);
        }
    }

    fn checkpoint_before(&self, position: Position) -> &Checkpoint {
        let checkpoints = &self.branch().checkpoints;
        let found = checkpoints.partition_point(|checkpoint| checkpoint.position <= position);
        &checkpoints[found.saturating_sub(1)]
    }

    /// What anyone who watches this branch remembers at a position.
    fn checker_at(&self, position: Position) -> InvariantChecker {
        let nearest = self.checkpoint_before(position);
        let (mut cluster, mut checker) = ((*nearest.cluster).clone(), (*nearest.checker).clone());
        while cluster.position() < position {
            let Some(step) = make_move(&mut cluster, &self.branch().commands) else { break };
            checker.look(&cluster, &step);
        }
        checker
    }

    /// The value at the last checkpoint not after `position`, run forward to it.
    fn value_before(&self, position: Position) -> Cluster {
        let nearest = self.checkpoint_before(position);
        // The present may be nearer than any checkpoint.
        let here = self.position();
        let mut cluster = if here <= position && here >= nearest.position {
            self.cluster.clone()
        } else {
            (*nearest.cluster).clone()
        };
        while cluster.position() < position {
            if make_move(&mut cluster, &self.branch().commands).is_none() {
                break;
            }
        }
        cluster
    }

    /// Goes to a position that this branch has reached.
    pub fn seek(&mut self, position: Position) {
        let position = position.min(self.len());
        if position != self.position() {
            self.cluster = self.value_before(position);
        }
    }

    /// Runs on until a position, beyond the explored end if need be.
    pub fn run_to(&mut self, position: Position) {
        if position < self.position() {
            self.seek(position);
        }
        while self.position() < position {
            if self.advance().is_none() {
                break;
            }
        }
    }

    /// Goes forward to the next step of at least this size. Where none comes within reason, it stops after a while with
    /// what there was last.
    pub fn forward(&mut self, size: Size) -> Option<Arc<Step>> {
        let mut last = None;
        let gives_up_at = self.cluster.now() + patience_ms(size);
        for _ in 0..MOVES_PER_PRESS_MAX {
            let Some(step) = self.advance() else { break };
            let stops = step.size >= size || step.at_ms >= gives_up_at;
            last = Some(step);
            if stops {
                break;
            }
        }
        last
    }

    /// Goes back to just after the step of at least this size before the present one, or to the start. False at the start.
    pub fn back(&mut self, size: Size) -> bool {
        let position = self.position();
        if position == 0 {
            return false;
        }
        let before = usize::try_from(position).unwrap_or(usize::MAX).saturating_sub(1);
        let sizes = &self.branch().sizes;
        let found = sizes[..before.min(sizes.len())].iter().rposition(|each| *each >= size);
        let target = found.map_or(0, |index| Position::try_from(index + 1).unwrap_or(Position::MAX));
        self.seek(target);
        true
    }

    /// Does what the person wants, here. Before the end of what this branch has explored, that starts another branch.
    pub fn act(&mut self, command: Command) -> Result<Arc<Step>, CommandError> {
        let position = self.position();
        let mut cluster = self.cluster.clone();
        let step = cluster.apply(&command)?;
        if position < self.len() {
            self.fork(position);
        }
        self.cluster = cluster;
        self.branch_mut().commands.push(PlacedCommand { at: position, command });
        Ok(self.record(step))
    }

    fn fork(&mut self, position: Position) {
        let old = self.branch();
        let mut index = old.index.clone();
        index.truncate(position);
        let kept = usize::try_from(position).unwrap_or(usize::MAX);
        let branch = Branch {
            parent: Some((u32::try_from(self.current).unwrap_or(u32::MAX), position)),
            commands: old.commands.iter().filter(|placed| placed.at < position).cloned().collect(),
            checkpoints: old.checkpoints.iter().filter(|checkpoint| checkpoint.position <= position).cloned().collect(),
            sizes: old.sizes[..kept.min(old.sizes.len())].to_vec(),
            index,
            milestones: old.milestones.iter().filter(|mark| mark.position <= position).cloned().collect(),
            checker: self.checker_at(position),
            violations: old.violations.iter().filter(|found| found.position <= position).cloned().collect(),
        };
        self.steps.retain(|index, _| *index <= position);
        self.branches.push(branch);
        self.current = self.branches.len() - 1;
    }

    /// All branches.
    pub fn branches(&self) -> Vec<BranchView> {
        let view = |(id, branch): (usize, &Branch)| BranchView {
            id: u32::try_from(id).unwrap_or(u32::MAX),
            from: branch.parent,
            len: Position::try_from(branch.sizes.len()).unwrap_or(Position::MAX),
            is_current: id == self.current,
        };
        self.branches.iter().enumerate().map(view).collect()
    }

    /// Shows another branch, at the position where the two part or, where they do not, as far as both go. False if there
    /// is no such branch.
    pub fn switch(&mut self, id: u32) -> bool {
        let Some(index) = usize::try_from(id).ok().filter(|index| *index < self.branches.len()) else { return false };
        if index == self.current {
            return true;
        }
        let ours = &self.branch().commands;
        let theirs = &self.branches[index].commands;
        let same = ours.iter().zip(theirs).take_while(|(our, their)| our == their).count();
        let diverging = [ours.get(same), theirs.get(same)].into_iter().flatten().map(|placed| placed.at).min();
        let position = diverging.unwrap_or(Position::MAX).min(self.position());
        self.current = index;
        self.steps.clear();
        self.cluster = (*self.branch().checkpoints[0].cluster).clone();
        self.seek(position.min(self.len()));
        true
    }

    /// What must hold and was broken on this branch, in order.
    pub fn violations(&self) -> &[FoundViolation] {
        &self.branch().violations
    }

    /// The milestones of this branch, in order.
    pub fn milestones(&self) -> &[Milestone] {
        &self.branch().milestones
    }

    /// This branch as a run to share, standing here. What was done later on the branch goes along.
    pub fn scenario(&self) -> Scenario {
        Scenario {
            version: SCENARIO_VERSION,
            commands: self.branch().commands.clone(),
            position: self.position(),
            ..self.seed_scenario.clone()
        }
    }
}

/// Makes the move that these commands have at the value's position, or else the scheduler's.
fn make_move(cluster: &mut Cluster, commands: &[PlacedCommand]) -> Option<Step> {
    let position = cluster.position();
    match commands.binary_search_by_key(&position, |placed| placed.at) {
        // It was taken once at this very value, so it is taken again.
        Ok(found) => cluster.apply(&commands[found].command).ok(),
        Err(_) => cluster.step(),
    }
}
