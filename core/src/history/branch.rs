//! One line of moves from the start on, and everything that is remembered of it.

use std::collections::BTreeSet;
use std::rc::Rc;

use serde::Serialize;

use super::CHECKPOINT_INTERVAL;
use super::repeats::Repeats;
use super::step_index::StepIndex;
use crate::change::{Change, MilestoneKind};
use crate::cluster::Cluster;
use crate::explain::Explanation;
use crate::invariant::{FoundViolation, InvariantChecker};
use crate::metrics::{Counters, MetricSeries, Rebalances};
use crate::scenario::PlacedCommand;
use crate::sim::Millis;
use crate::step::{Position, Step};

/// One line of moves from the start on.
#[derive(Clone, Debug)]
pub(super) struct Branch {
    /// The branch it left and where; `None` for the first.
    pub(super) parent: Option<(u32, Position)>,
    /// What was done where it left.
    began_with: Option<Explanation>,
    pub(super) commands: Vec<PlacedCommand>,
    pub(super) checkpoints: Vec<Checkpoint>,
    /// What is remembered of each step made so far.
    pub(super) index: StepIndex,
    pub(super) milestones: Vec<Milestone>,
    /// Where Forward stopped although nothing new happened there: Back stops there, too.
    pub(super) waits: BTreeSet<Position>,
    /// What is remembered at the branch's end.
    pub(super) observers: Observers,
    /// Metrics over virtual time.
    pub(super) metrics: MetricSeries,
    /// What broke.
    pub(super) violations: Vec<FoundViolation>,
}

/// What the observers of a branch remember at a position.
#[derive(Clone, Debug, Default)]
pub(super) struct Observers {
    /// Of what must hold.
    pub(super) checker: InvariantChecker,
    /// Of failures that were told.
    pub(super) repeats: Repeats,
    /// Of what brokers count.
    pub(super) counters: Counters,
    /// Of groups' rebalances.
    pub(super) rebalances: Rebalances,
}

impl Observers {
    /// What is known before the first move: a run begins with groups whose members have their partitions.
    fn at_start(cluster: &Cluster) -> Self {
        Self { rebalances: Rebalances::at_start(cluster), ..Self::default() }
    }

    /// Remembers what leads to the failures, counts and invariants of later steps.
    fn observe(&mut self, cluster: &Cluster, step: &Step) {
        self.checker.check(cluster, step);
        self.repeats.observe(step);
        self.counters.observe(cluster, step);
        self.rebalances.observe(cluster, step);
    }
}

/// A place from which a run can be made again.
#[derive(Clone, Debug)]
pub(super) struct Checkpoint {
    pub(super) position: Position,
    pub(super) cluster: Rc<Cluster>,
    pub(super) observers: Rc<Observers>,
}

/// A milestone on the time bar.
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
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BranchView {
    /// Its number.
    pub id: u32,
    /// The branch that it left and the position there.
    pub from: Option<(u32, Position)>,
    /// What it begins with, in words: a person's command. `None` for the first.
    pub began_with: Option<Explanation>,
    /// How many moves it has.
    pub len: Position,
    /// Whether it is the one shown.
    pub is_current: bool,
}

impl Branch {
    /// A branch on which nothing has happened yet.
    pub(super) fn new(cluster: &Cluster) -> Self {
        let observers = Observers::at_start(cluster);
        let start =
            Checkpoint { position: 0, cluster: Rc::new(cluster.clone()), observers: Rc::new(observers.clone()) };
        Self {
            parent: None,
            began_with: None,
            commands: Vec::new(),
            checkpoints: vec![start],
            index: StepIndex::default(),
            milestones: Vec::new(),
            waits: BTreeSet::new(),
            observers,
            metrics: MetricSeries::default(),
            violations: Vec::new(),
        }
    }

    /// How far it has been explored.
    pub(super) fn len(&self) -> Position {
        self.index.len()
    }

    /// Writes the next move down, which led to this cluster.
    pub(super) fn record(&mut self, cluster: &Cluster, step: &Step) {
        let position = step.index;
        if self.parent.is_some_and(|(_, from)| from + 1 == position) {
            self.began_with = Some(step.explanation.clone());
        }
        // A person's own commands are marks too.
        let command = step.command.is_some().then_some(MilestoneKind::Command);
        let kind = step.changes.iter().filter_map(Change::milestone).chain(command).min();
        let broken = self.observers.checker.check(cluster, step);
        self.violations.extend(broken.into_iter().map(|violation| FoundViolation { position, violation }));
        let is_repeat = self.observers.repeats.observe(step);
        self.observers.counters.observe(cluster, step);
        self.observers.rebalances.observe(cluster, step);
        self.metrics.observe(cluster, &self.observers.counters);
        self.index.push(step, kind, is_repeat);
        self.milestones.extend(kind.map(|kind| Milestone { position, at_ms: step.at_ms, kind }));
        let checkpoint = position.is_multiple_of(CHECKPOINT_INTERVAL).then(|| Checkpoint {
            position,
            cluster: Rc::new(cluster.clone()),
            observers: Rc::new(self.observers.clone()),
        });
        self.checkpoints.extend(checkpoint);
    }

    /// The last checkpoint that is not after a position.
    pub(super) fn checkpoint_before(&self, position: Position) -> &Checkpoint {
        let found = self.checkpoints.partition_point(|checkpoint| checkpoint.position <= position);
        &self.checkpoints[found.saturating_sub(1)]
    }

    /// What is remembered at a position.
    pub(super) fn observers_at(&self, position: Position) -> Observers {
        let nearest = self.checkpoint_before(position);
        let (mut cluster, mut observers) = ((*nearest.cluster).clone(), (*nearest.observers).clone());
        while cluster.position() < position {
            let Some(step) = super::make_move(&mut cluster, &self.commands) else { break };
            observers.observe(&cluster, &step);
        }
        observers
    }

    /// The branch that leaves this one, which has that number, at a position.
    pub(super) fn fork(&self, number: u32, position: Position) -> Self {
        let mut index = self.index.clone();
        index.truncate(position);
        Self {
            parent: Some((number, position)),
            began_with: None,
            commands: self.commands.iter().filter(|placed| placed.at < position).cloned().collect(),
            checkpoints: self.checkpoints.iter().filter(|each| each.position <= position).cloned().collect(),
            index,
            milestones: self.milestones.iter().filter(|mark| mark.position <= position).cloned().collect(),
            waits: self.waits.iter().copied().filter(|wait| *wait <= position).collect(),
            observers: self.observers_at(position),
            metrics: self.metrics.until(position),
            violations: self.violations.iter().filter(|found| found.position <= position).cloned().collect(),
        }
    }

    /// It as a person sees it, under its number.
    pub(super) fn view(&self, id: u32, is_current: bool) -> BranchView {
        BranchView { id, from: self.parent, began_with: self.began_with.clone(), len: self.len(), is_current }
    }
}
