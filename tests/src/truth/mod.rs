//! Whether what the engine says is true, over random runs: the sentence about each step, every change that it made, why something
//! has not happened yet, and that a cluster is at rest. Each is looked up in the cluster before and after the step.

mod change;
mod explanation;
mod pipeline;
mod queries;
mod quorum;
mod state;

use std::collections::BTreeMap;
use std::fmt;

use kafkascope_core::broker::partition::Partition;
use kafkascope_core::cluster::Cluster;
use kafkascope_core::command::Command;
use kafkascope_core::history::History;
use kafkascope_core::log::Log;
use kafkascope_core::scenario::Scenario;
use kafkascope_core::step::{Position, Step};
use kafkascope_core::wire::TopicPartition;

use crate::chaos::Chaos;

/// What untrue is said of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Claim {
    /// Of the step, in its sentence.
    Explanation(&'static str),
    /// Of what the step changed.
    Change,
    /// Of what has not happened yet, or of who waits.
    State,
    /// Of a cluster that is said to be at rest.
    Rest,
}

/// Something that is said and is not true, and how to see it.
#[derive(Clone, Debug)]
pub struct Untruth {
    /// The run up to the step.
    pub scenario: Scenario,
    /// The step.
    pub step: Step,
    /// Of what it is said.
    pub claim: Claim,
    /// What is not as it says.
    pub what: String,
}

impl fmt::Display for Untruth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { scenario, step, claim, what } = self;
        let explanation = serde_json::to_string(&step.explanation).unwrap_or_default();
        let link = scenario.to_link();
        write!(
            f,
            "step {} says {explanation}, but ({claim:?}) {what}\nto step it: open the page with #r={link}",
            step.index
        )
    }
}

/// How often in a run it is looked whether a quiet cluster is at rest: that takes a minute of its time.
const RESTS_LOOKED_AT: Position = 4;

/// Runs one seed for `steps` steps, with random commands, and checks all explanations. Gives what is untrue.
pub fn run_seed(seed: u64, steps: Position) -> Vec<Untruth> {
    let mut chaos = Chaos::new(seed);
    let scenario = Scenario::new(chaos.cluster(&BTreeMap::new()), seed);
    let Ok(mut history) = History::new(scenario) else { return Vec::new() };
    let mut untrue = Vec::new();
    let mut rest_at = steps / RESTS_LOOKED_AT;
    while history.position() < steps {
        let quiet = chaos.number(1, 50);
        let command: Option<Command> = (quiet <= 40).then(|| chaos.command(history.cluster()));
        let before = history.cluster().clone();
        if let Some(Ok(step)) = command.map(|command| history.act(command)) {
            untrue.extend(check(&before, &step, &history));
        }
        for _ in 0..quiet {
            let before = history.cluster().clone();
            let Some(step) = history.step() else { return untrue };
            untrue.extend(check(&before, &step, &history));
        }
        if history.position() >= rest_at {
            rest_at = rest_at.saturating_add(steps / RESTS_LOOKED_AT);
            untrue.extend(check_at_rest(&history));
        }
    }
    untrue
}

fn check(before: &Cluster, step: &Step, history: &History) -> Vec<Untruth> {
    let after = history.cluster();
    let found = [
        (Claim::Explanation(step.explanation.key()), explanation::untrue(before, step, after)),
        (Claim::Change, change::untrue(before, step, after)),
        (Claim::State, state::untrue(after)),
    ];
    let untruth = |(claim, what): (Claim, Option<String>)| {
        Some(Untruth { scenario: history.scenario(), step: step.clone(), claim, what: what? })
    };
    found.into_iter().filter_map(untruth).collect()
}

/// The run goes on from its scenario, so that the looks do not shift it.
fn check_at_rest(history: &History) -> Option<Untruth> {
    let mut onward = History::new(history.scenario()).ok()?;
    onward.seek(history.position());
    let what = state::restless(&mut onward)?;
    let step = onward.current()?;
    Some(Untruth { scenario: onward.scenario(), step: (*step).clone(), claim: Claim::Rest, what })
}

/// A running broker's replica, with its log.
fn replica<'c>(cluster: &'c Cluster, node: i32, partition: &TopicPartition) -> Option<(&'c Partition, &'c Log)> {
    let node = cluster.node(node)?;
    let replica = node.broker.as_ref()?.partitions.values().find(|replica| replica.name == *partition)?;
    Some((replica, node.disk.broker.log(&replica.id)?))
}
