//! Going back. Steps are never undone: the value of an earlier position is made again from the last checkpoint before it.
//!
//! Acting in the past starts a branch; the old future stays reachable under its number.

mod branch;
mod kept_steps;
mod opening;
mod repeats;
mod step_index;
mod stops;
#[cfg(test)]
mod tests;

use std::rc::Rc;

use crate::cluster::Cluster;
use crate::command::{Command, CommandError};
use crate::config::ClusterConfig;
use crate::invariant::FoundViolation;
use crate::metrics::{Counters, MetricSeries, Rebalance};
use crate::scenario::{MOVES_MAX, PlacedCommand, SCENARIO_VERSION, Scenario, ScenarioError};
use crate::step::{Position, Step};
use crate::wire::TopicPartition;

pub use branch::{BranchView, Milestone};
pub use opening::{Opening, SavedHistory};
pub use step_index::{Replay, StepEntry};
pub use stops::{Ahead, Passed, Scout};

use branch::Branch;
use kept_steps::KeptSteps;

/// The interval of checkpoints in moves: what a step back may have to make again.
pub const CHECKPOINT_INTERVAL: Position = 2_048;

/// A run: the present value, the way there, and every other way that was tried.
#[derive(Clone, Debug)]
pub struct History {
    seed_scenario: Scenario,
    branches: Vec<Branch>,
    current: usize,
    cluster: Cluster,
    steps: KeptSteps,
}

impl History {
    /// Opens a run and goes to its position. The whole way is run, so that a command that is refused is found now.
    pub fn new(scenario: Scenario) -> Result<Self, ScenarioError> {
        let mut opening = Opening::new(scenario)?;
        while !opening.go_on(u32::MAX)? {}
        Ok(opening.into_history())
    }

    /// A run at its start, before any of its commands.
    fn at_start(scenario: Scenario) -> Result<Self, ScenarioError> {
        let cluster =
            Cluster::new(&scenario.config, scenario.seed).map_err(|errors| ScenarioError::BadConfig { errors })?;
        let branch = Branch::new(&cluster);
        let seed_scenario = Scenario { commands: Vec::new(), position: 0, ..scenario };
        Ok(Self { seed_scenario, branches: vec![branch], current: 0, cluster, steps: KeptSteps::new() })
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

    /// Metrics over virtual time, up to here.
    pub fn metrics(&self) -> MetricSeries {
        self.branch().metrics.until(self.position()).with_present(&self.cluster, &self.counters())
    }

    /// What the processes have counted up to here.
    pub fn counters(&self) -> Counters {
        let branch = self.branch();
        if branch.len() == self.position() {
            branch.observers.counters.clone()
        } else {
            branch.observers_at(self.position()).counters
        }
    }

    /// The last rebalance of a group up to here.
    pub fn last_rebalance(&self, group: &str) -> Option<Rebalance> {
        let branch = self.branch();
        if branch.len() == self.position() {
            branch.observers.rebalances.of(group)
        } else {
            branch.observers_at(self.position()).rebalances.of(group)
        }
    }

    /// Where we stand.
    pub fn position(&self) -> Position {
        self.cluster.position()
    }

    /// How far this branch has been explored.
    pub fn len(&self) -> Position {
        self.branch().len()
    }

    /// Whether nothing has happened yet on this branch.
    pub fn is_empty(&self) -> bool {
        self.branch().len() == 0
    }

    /// The step that led here; `None` at the start.
    pub fn current(&mut self) -> Option<Rc<Step>> {
        self.step_at(self.position())
    }

    /// The step after which the position was `index`. It is made again if it is not kept.
    pub fn step_at(&mut self, index: Position) -> Option<Rc<Step>> {
        if index == 0 || index > self.len() {
            return None;
        }
        if self.steps.get(index).is_none() {
            // Whoever asks for one step mostly asks for those before it next.
            for step in self.replay(self.nearest_before(index - 1).position(), index) {
                self.steps.keep_asked(step);
            }
        }
        self.steps.get(index).cloned()
    }

    /// The steps from `first` to `last`, in order. Those that are not kept are made again, all at once.
    pub fn steps_between(&self, first: Position, last: Position) -> Vec<Rc<Step>> {
        let last = last.min(self.len());
        let kept: Option<Vec<Rc<Step>>> = (first.max(1)..=last).map(|index| self.steps.get(index).cloned()).collect();
        kept.unwrap_or_else(|| self.replay(first.max(1) - 1, last).map(Rc::new).collect())
    }

    /// The chain of causes that led to a step, the step itself first; at most `limit` of them.
    pub fn causes(&mut self, index: Position, limit: usize) -> Vec<Rc<Step>> {
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
    pub fn kept_step(&self, index: Position) -> Option<&Rc<Step>> {
        self.steps.get(index)
    }

    /// Makes steps of this branch again and keeps them. `wanted` is sorted; what lies between is made on the way, so it should
    /// be close together.
    pub fn make_steps(&mut self, wanted: &[Position]) {
        let (Some(first), Some(last)) = (wanted.first(), wanted.last()) else { return };
        for step in self.replay(first.saturating_sub(1), *last) {
            if wanted.binary_search(&step.index).is_ok() {
                self.steps.keep_asked(step);
            }
        }
    }

    /// The steps behind `from` up to `last`, made again. Cheapest where `from` is a multiple of [`CHECKPOINT_INTERVAL`].
    pub fn replay(&self, from: Position, last: Position) -> Replay {
        let commands = self.branch().commands.clone();
        Replay { cluster: self.value_before(from), commands, last: last.min(self.len()) }
    }

    /// Makes the next move: the one that this branch has already made, or else the scheduler's. `None` when nothing is
    /// scheduled or the run is as long as a run may be.
    pub fn step(&mut self) -> Option<Rc<Step>> {
        let position = self.position();
        if position >= MOVES_MAX {
            return None;
        }
        if position < self.len() {
            let step = make_move(&mut self.cluster, &self.branches[self.current].commands)?;
            return Some(self.steps.keep_latest(step));
        }
        let step = self.cluster.step()?;
        Some(self.record(step))
    }

    /// Writes a new move down at the end of this branch.
    fn record(&mut self, step: Step) -> Rc<Step> {
        self.branches[self.current].record(&self.cluster, &step);
        self.steps.keep_latest(step)
    }

    /// The nearest value not after `position`: the present, or the last checkpoint.
    fn nearest_before(&self, position: Position) -> &Cluster {
        let (checkpoint, here) = (self.branch().checkpoint_before(position), self.position());
        if here <= position && here >= checkpoint.position { &self.cluster } else { &checkpoint.cluster }
    }

    /// The value at `position`, run forward from the nearest one before it.
    fn value_before(&self, position: Position) -> Cluster {
        let mut cluster = self.nearest_before(position).clone();
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
            if self.step().is_none() {
                break;
            }
        }
    }

    /// Does what the person wants, here. Before the end of what this branch has explored, that starts another branch.
    pub fn act(&mut self, command: Command) -> Result<Rc<Step>, CommandError> {
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
        let branch = self.branch().fork(self.branch_number(), position);
        self.steps.forget_behind(position);
        self.branches.push(branch);
        self.current = self.branches.len() - 1;
    }

    /// What the cluster is made of.
    pub fn config(&self) -> &ClusterConfig {
        &self.seed_scenario.config
    }

    /// The seed of everything that is drawn.
    pub fn seed(&self) -> u64 {
        self.seed_scenario.seed
    }

    /// What a person did on this branch, in order.
    pub fn commands(&self) -> &[PlacedCommand] {
        &self.branch().commands
    }

    /// The number of the branch that is shown.
    pub fn branch_number(&self) -> u32 {
        u32::try_from(self.current).unwrap_or(u32::MAX)
    }

    /// All branches.
    pub fn branches(&self) -> Vec<BranchView> {
        let numbered = (0_u32..).zip(&self.branches);
        numbered.map(|(id, branch)| branch.view(id, id == self.branch_number())).collect()
    }

    /// Shows a branch at a position, as far as it goes. False if there is no such branch.
    pub fn show(&mut self, id: u32, position: Position) -> bool {
        let Some(index) = usize::try_from(id).ok().filter(|index| *index < self.branches.len()) else { return false };
        if index != self.current {
            self.current = index;
            self.steps = KeptSteps::new();
            self.cluster = (*self.branch().checkpoints[0].cluster).clone();
        }
        self.seek(position);
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
