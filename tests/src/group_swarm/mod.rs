//! Groups of every kind under faults: classic ones with eager and with cooperative assignors, and one whose broker assigns.
//! Members come, end and fall silent, coordinators die, links are cut, topics grow. After every step nobody reads what another
//! reads in the same generation or member epoch, and no committed offset goes back; when all faults are healed, every partition
//! has one owner in every group.

mod acts;
mod checks;
mod repairs;
#[cfg(test)]
mod tests;

use std::panic::{AssertUnwindSafe, catch_unwind};

use kafkascope_core::command::Command;
use kafkascope_core::history::History;
use kafkascope_core::scenario::Scenario;
use kafkascope_core::sim::Millis;
use kafkascope_core::step::Position;

use crate::chaos::Chaos;
use acts::GroupActs;
use checks::GroupChecker;

/// How long the groups may take to come to rest after the last fault is healed, in milliseconds of virtual time: longer than a
/// JoinGroup's timeout, after which a consumer that waits in vain asks again.
const REST_WITHIN_MS: Millis = 60_000;
/// After so long an operator looks, in milliseconds of virtual time: every session has ended by then.
const OPERATOR_AFTER_MS: Millis = 10_000;
/// How often it is looked whether they are at rest, in milliseconds of virtual time.
const LOOKED_AT_MS: Millis = 500;

/// What broke, where, and how to see it again.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The seed.
    pub seed: u64,
    /// The step that broke it.
    pub at: Position,
    /// What broke.
    pub what: String,
    /// The run up to there.
    pub scenario: Scenario,
}

impl Failure {
    /// What broke and how to see it again.
    pub fn report(&self, steps: Position) -> String {
        let Self { seed, at, what, scenario } = self;
        let link = scenario.to_link();
        format!(
            "seed {seed} breaks at step {at}: {what}\nagain: cargo xtask group-swarm --seed {seed} --seeds 1 --steps {steps}\nto step it: open the page with #r={link}"
        )
    }
}

/// What happened in some runs, so that a swarm that tried nothing is noticed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Assignments that members of classic groups got.
    pub assigned: u64,
    /// Reconciliations of members whose broker assigns.
    pub reconciled: u64,
    /// Times that partitions were given up while members stayed.
    pub revoked: u64,
    /// Times that partitions were lost.
    pub lost: u64,
    /// Commits that were acknowledged.
    pub committed: u64,
    /// Reads of records.
    pub read: u64,
    /// Coordinators that took over.
    pub coordinators: u64,
    /// Members whose session ended.
    pub expired: u64,
    /// What an operator had to do, for Kafka itself would not have come to rest.
    pub repaired: u64,
}

impl Seen {
    /// Whether something never happened.
    pub fn lacks_something(&self) -> bool {
        let Self { assigned, reconciled, revoked, lost, committed, read, coordinators, expired, repaired: _ } = *self;
        [assigned, reconciled, revoked, lost, committed, read, coordinators, expired].contains(&0)
    }
}

/// Runs one seed for `moves` moves, heals every fault and waits until every group is at rest. Stops at the first
/// failure.
pub fn run_seed(seed: u64, moves: Position, seen: &mut Seen) -> Result<(), Box<Failure>> {
    let mut acts = GroupActs::new(seed);
    let scenario = Scenario::new(acts.cluster(), seed);
    let failure = |scenario: Scenario, at: Position, what: String| Box::new(Failure { seed, at, what, scenario });
    let history = History::new(scenario.clone()).map_err(|error| failure(scenario, 0, error.to_string()))?;
    let checker = GroupChecker::new(history.cluster());
    let mut run = Run { history, checker, seen: *seen };
    let mut last = run.history.scenario();
    let result = catch_unwind(AssertUnwindSafe(|| run.seed(&mut acts, moves, &mut last)));
    *seen = run.seen;
    match result {
        Ok(result) => result.map_err(|what| failure(run.history.scenario(), run.history.position(), what)),
        Err(_) => Err(failure(last.clone(), last.position, "panic".to_owned())),
    }
}

struct Run {
    history: History,
    checker: GroupChecker,
    seen: Seen,
}

impl Run {
    fn seed(&mut self, acts: &mut GroupActs, moves: Position, last: &mut Scenario) -> Result<(), String> {
        while self.history.position() < moves {
            *last = self.history.scenario();
            let command = acts.command(self.history.cluster());
            self.act(command)?;
            self.forward(acts.quiet())?;
        }
        *last = self.history.scenario();
        self.come_to_rest()
    }

    fn act(&mut self, command: Command) -> Result<(), String> {
        // What is not possible now is refused by name: nothing happened.
        match self.history.act(command) {
            Ok(step) => self.check(&step),
            Err(_) => Ok(()),
        }
    }

    fn forward(&mut self, steps: u64) -> Result<(), String> {
        for _ in 0..steps {
            let Some(step) = self.history.step() else { return Err("the run stalls: nothing is scheduled".to_owned()) };
            self.check(&step)?;
        }
        Ok(())
    }

    fn check(&mut self, step: &kafkascope_core::step::Step) -> Result<(), String> {
        if let Some(found) = self.history.violations().first() {
            return Err(serde_json::to_string(&found.violation).unwrap_or_default());
        }
        self.checker.check(self.history.cluster(), step, &mut self.seen).map_or(Ok(()), Err)
    }

    fn come_to_rest(&mut self) -> Result<(), String> {
        let healed_at = self.history.cluster().now();
        let gives_up_at = healed_at.saturating_add(REST_WITHIN_MS);
        let mut operator_at = healed_at.saturating_add(OPERATOR_AFTER_MS);
        loop {
            let view = self.history.cluster().view();
            // An application that polls by hand goes on to: who does not poll, does not join again either.
            let polls = view
                .consumers
                .iter()
                .filter(|each| each.is_running)
                .map(|each| Command::Poll { consumer: each.number });
            for command in Chaos::healing(&view).into_iter().chain(GroupActs::resubscribing(&view)).chain(polls) {
                self.act(command)?;
            }
            let looks_at = self.history.cluster().now().saturating_add(LOOKED_AT_MS);
            while self.history.cluster().now() < looks_at {
                self.forward(20)?;
            }
            let unrest = self.checker.unrest(self.history.cluster());
            if unrest.is_empty() {
                return Ok(());
            }
            if self.history.cluster().now() >= operator_at {
                for command in repairs::repairs(self.history.cluster()) {
                    self.seen.repaired += 1;
                    self.act(command)?;
                }
                operator_at = self.history.cluster().now().saturating_add(OPERATOR_AFTER_MS);
            }
            if self.history.cluster().now() >= gives_up_at {
                return Err(format!("not at rest {REST_WITHIN_MS} ms after the faults: {}", unrest.join("; ")));
            }
        }
    }
}
