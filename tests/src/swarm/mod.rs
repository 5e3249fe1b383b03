//! Many seeds, many faults: after every step, what must always hold is looked at; when all faults are healed, everything must
//! come to rest.

mod coverage;
mod liveness;
mod metadata;
mod pipeline;
mod repairs;
#[cfg(test)]
mod tests;
mod wire;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use kafkascope_core::cluster::node::ProcessState;
use kafkascope_core::command::Command;
use kafkascope_core::history::History;
use kafkascope_core::scenario::Scenario;
use kafkascope_core::sim::Millis;
use kafkascope_core::step::Position;
use kafkascope_core::wire::Request;

use crate::chaos::Chaos;
pub use coverage::Coverage;
use liveness::disks_busy_ms;
pub use liveness::unrest;
use metadata::AdminRequests;
pub(crate) use repairs::refused_consumers;
pub use repairs::{Operator, Repair};
use wire::Wire;

/// How long everything may take to come to rest after the last fault is healed, in milliseconds of virtual time: longer than
/// the longest timeout of a client, that of a JoinGroup whose coordinator lost its power (`max.poll.interval.ms` and five seconds).
const REST_WITHIN_MS: Millis = 400_000;
/// How often it is looked whether everything is at rest, in milliseconds of virtual time.
const REST_LOOKED_AT_MS: Millis = 500;
/// How long after the last fault somebody is active and all metadata committed at the latest, in milliseconds of virtual time:
/// many elections, as the swarm's clusters have set them.
const DECIDED_WITHIN_MS: Millis = 15_000;
/// How long a cluster at rest may take to answer the admin client, in milliseconds of virtual time.
const ANSWERED_WITHIN_MS: Millis = 5_000;
/// More steps are not made in one virtual millisecond. Processes that were paused for minutes and go on at once read all that
/// impatient clients have sent on one connection after the other: more than two thousand were seen.
const STEPS_AT_ONE_TIME_MAX: u32 = 10_000;
/// The topic that is created when all is at rest.
const LAST_TOPIC: &str = "after-all";
/// How many commands a run must have had until the share of those refused says something.
const COMMANDS_JUDGED_MIN: u64 = 20;

/// What broke, where, and how to see it again.
#[derive(Clone, Debug)]
pub struct InvariantViolation {
    /// The seed.
    pub seed: u64,
    /// The step that broke it.
    pub at: Position,
    /// What broke.
    pub what: String,
    /// The run up to there.
    pub scenario: Scenario,
}

impl InvariantViolation {
    /// What broke and how to see it again.
    pub fn report(&self, steps: Position, settings: &BTreeMap<String, String>) -> String {
        let Self { seed, at, what, scenario } = self;
        let sets: String = settings.iter().map(|(name, value)| format!(" --set {name}={value}")).collect();
        let link = scenario.to_link();
        format!(
            "seed {seed} breaks at step {at}: {what}\nagain: cargo xtask swarm --seed {seed} --seeds 1 --steps {steps}{sets}\nto step it: open the page with #r={link}"
        )
    }
}

/// Runs one seed for `moves` moves, heals every fault and waits until all is at rest. Stops at the first violation.
/// What happened is counted either way.
pub fn run_seed(
    seed: u64,
    moves: Position,
    settings: &BTreeMap<String, String>,
    coverage: &mut Coverage,
) -> Result<(), Box<InvariantViolation>> {
    let mut chaos = Chaos::new(seed);
    let config = chaos.cluster(settings);
    let mut coverage_of_one = Coverage { seeds: 1, ..Coverage::default() };
    coverage_of_one.quorum(&config);
    let scenario = Scenario::new(config, seed);
    let violation =
        |scenario: Scenario, at: Position, what: String| Box::new(InvariantViolation { seed, at, what, scenario });
    let history = History::new(scenario.clone()).map_err(|error| violation(scenario, 0, error.to_string()))?;
    let requests = AdminRequests::since(history.cluster());
    let mut run =
        Run { history, coverage: coverage_of_one, requests, wire: Wire::default(), steps_at: (0, 0), panicked: None };
    let result = run.seed(&mut chaos, moves);
    run.coverage.moves = u64::from(run.history.position());
    coverage.add(&run.coverage);
    result.map_err(|(at, what)| violation(run.panicked.unwrap_or_else(|| run.history.scenario()), at, what))
}

/// Whether a run tried too little: what is refused shows nothing.
fn is_mostly_refused(given: u64, refused: u64) -> bool {
    given >= COMMANDS_JUDGED_MIN && 2 * refused > given
}

/// A run with what happened in it.
struct Run {
    history: History,
    coverage: Coverage,
    requests: AdminRequests,
    wire: Wire,
    /// How many steps were made at the present time.
    steps_at: (Millis, u32),
    /// The way to a panic.
    panicked: Option<Scenario>,
}

/// When every node has looked once for snapshots of the metadata log to delete.
const AFTER_THE_FIRST_LOOK_MS: Millis = 63_000;

/// The position at which something broke, and what.
type Failure = (Position, String);

impl Run {
    fn seed(&mut self, chaos: &mut Chaos, moves: Position) -> Result<(), Failure> {
        while self.history.position() < moves {
            let quiet = chaos.number(1, 50);
            let command = (quiet <= 40).then(|| chaos.command(self.history.cluster()));
            self.guarded(|run| run.forward(command, quiet))?;
            if self.somebody_runs() {
                self.stalled()?;
            }
        }
        // Who is down misses what the others delete: they look once a minute.
        while chaos.leaves_one_down() && self.somebody_runs() && self.history.cluster().now() < AFTER_THE_FIRST_LOOK_MS
        {
            self.guarded(|run| run.forward(None, 50))?;
            self.stalled()?;
        }
        let (given, refused) = self.coverage.given_and_refused();
        if is_mostly_refused(given, refused) {
            return Err((self.history.position(), format!("{refused} of {given} commands were refused")));
        }
        self.guarded(Self::come_to_rest)
    }

    /// A panic is the worst breach of all: it is reported like the others, with the way there.
    fn guarded(&mut self, act: impl FnOnce(&mut Self) -> Result<(), Failure>) -> Result<(), Failure> {
        let before = self.history.scenario();
        catch_unwind(AssertUnwindSafe(|| act(self))).unwrap_or_else(|_| {
            let at = before.position;
            self.panicked = Some(before);
            Err((at, "panic".to_owned()))
        })
    }

    fn forward(&mut self, command: Option<Command>, quiet: u64) -> Result<(), Failure> {
        if let Some(command) = command {
            self.act(command);
            self.check()?;
        }
        for _ in 0..quiet {
            let Some(step) = self.history.step() else { break };
            step.changes.iter().for_each(|change| self.coverage.change(change));
            self.coverage.events(self.history.cluster(), &step);
            self.check()?;
            self.time_passes(step.at_ms)?;
            if let Some(what) = self.requests.check(self.history.cluster(), &step) {
                return Err((self.history.position(), what));
            }
            if let Some(what) = self.wire.check(&step) {
                return Err((self.history.position(), what));
            }
            if let Some(what) = pipeline::broken(self.history.cluster(), &step) {
                return Err((self.history.position(), what));
            }
        }
        Ok(())
    }

    /// A node that answers at once what is asked at once holds up all others.
    fn time_passes(&mut self, now: Millis) -> Result<(), Failure> {
        let (at, steps) = self.steps_at;
        let steps = if at == now { steps + 1 } else { 1 };
        self.steps_at = (now, steps);
        match steps > STEPS_AT_ONE_TIME_MAX {
            true => Err((self.history.position(), format!("{steps} steps, and it is still {now} ms"))),
            false => Ok(()),
        }
    }

    /// Where all nodes are down or stand still, nothing may be scheduled until one goes on.
    fn somebody_runs(&self) -> bool {
        self.history.cluster().nodes().any(|node| node.process == ProcessState::Running)
    }

    /// Time can only go on where something is scheduled.
    fn stalled(&self) -> Result<(), Failure> {
        match self.history.cluster().pending(1).is_empty() {
            true => Err((self.history.position(), "the run stalls: nothing is scheduled".to_owned())),
            false => Ok(()),
        }
    }

    fn act(&mut self, command: Command) {
        match self.history.act(command.clone()) {
            Ok(step) => {
                self.coverage.command(&command, None);
                self.requests.commanded(&command);
                // What it finds is found again at the client's next step.
                let _ = self.requests.check(self.history.cluster(), &step);
                step.changes.iter().for_each(|change| self.coverage.change(change));
            }
            Err(error) => self.coverage.command(&command, Some(&error)),
        }
    }

    fn check(&self) -> Result<(), Failure> {
        match self.history.violations().first() {
            None => Ok(()),
            Some(found) => Err((found.position, serde_json::to_string(&found.violation).unwrap_or_default())),
        }
    }

    /// A cluster at rest answers, once, and everybody learns of it.
    fn last_request(&mut self) -> Result<(), Failure> {
        self.act(Command::CreateTopic {
            topic: LAST_TOPIC.into(),
            partitions: 1,
            replication_factor: 1,
            assignment: Vec::new(),
            configs: Vec::new(),
        });
        let until = self.history.cluster().now().saturating_add(ANSWERED_WITHIN_MS);
        while self.history.cluster().now() < until {
            self.forward(None, 20)?;
            self.stalled()?;
        }
        let cluster = self.history.cluster();
        // An earlier request that is asked once more may be answered later.
        let is_of_last = |request: &Request| matches!(request, Request::CreateTopics(request) if request.topics.iter().any(|topic| &*topic.name == LAST_TOPIC));
        let answers = cluster.admin().answers().filter(|answer| is_of_last(&answer.request));
        let answer = answers.last().map(|answer| answer.error.name());
        let mut wrong = metadata::other_images(cluster);
        wrong.extend(self.requests.check_at_rest(cluster.admin().open_calls()));
        if answer != Some("NONE") {
            wrong.push(format!("the admin client's last request is answered with {answer:?}"));
        }
        match wrong.is_empty() {
            true => Ok(()),
            false => Err((self.history.position(), wrong.join("; "))),
        }
    }

    /// Heals every fault and goes on until all is at rest.
    fn come_to_rest(&mut self) -> Result<(), Failure> {
        let healed_at = self.history.cluster().now();
        let mut gives_up_at = healed_at.saturating_add(REST_WITHIN_MS);
        let mut decided_by = healed_at.saturating_add(DECIDED_WITHIN_MS);
        let mut is_decided = false;
        let mut operator = Operator::default();
        loop {
            // A process that was about to end, or that ends now, is started again.
            let view = self.history.cluster().view();
            let healing: Vec<Command> = Chaos::healing(&view).into_iter().chain(Chaos::resubscribing(&view)).collect();
            let is_healed = healing.is_empty();
            // A slow disk is a fault until it has written what it was given then.
            let writes_until = self.history.cluster().now().saturating_add(disks_busy_ms(self.history.cluster()));
            if writes_until > self.history.cluster().now() {
                gives_up_at = gives_up_at.max(writes_until.saturating_add(REST_WITHIN_MS));
                decided_by = decided_by.max(writes_until.saturating_add(DECIDED_WITHIN_MS));
            }
            healing.into_iter().for_each(|command| self.act(command));
            if is_healed {
                for (repair, command) in operator.repairs(self.history.cluster()) {
                    self.coverage.repair(repair);
                    self.act(command);
                }
            }
            let looks_at = self.history.cluster().now().saturating_add(REST_LOOKED_AT_MS);
            while self.history.cluster().now() < looks_at {
                self.forward(None, 20)?;
                self.stalled()?;
            }
            is_decided |= metadata::is_decided(self.history.cluster());
            if !is_decided && self.history.cluster().now() >= decided_by {
                let what = format!("no metadata is committed {DECIDED_WITHIN_MS} ms after all faults were healed");
                return Err((self.history.position(), what));
            }
            let unrest = unrest(self.history.cluster());
            if unrest.is_empty() && operator.is_done() {
                break;
            }
            if self.history.cluster().now() >= gives_up_at {
                let what =
                    format!("not at rest {REST_WITHIN_MS} ms after all faults were healed: {}", unrest.join("; "));
                return Err((self.history.position(), what));
            }
        }
        self.last_request()?;
        let answers: Vec<_> = self.history.cluster().admin().answers().map(|answer| answer.error).collect();
        answers.into_iter().filter(|error| !error.is_none()).for_each(|error| self.coverage.error(error));
        Ok(())
    }
}
