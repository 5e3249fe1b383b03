//! What each delivery guarantee promises, over many seeds with crashes, cuts and rebalances: the promise always holds, and each
//! weaker setting does show what it risks.

mod guarantees;
mod judge;

use std::collections::BTreeMap;
use std::fmt;

use kafkascope_core::actor::Actor;
use kafkascope_core::cluster::Cluster;
use kafkascope_core::command::Command;
use kafkascope_core::scenario::{PlacedCommand, Scenario};
use kafkascope_core::sim::Millis;
use kafkascope_core::sim::random::{Purpose, Random};
use kafkascope_core::view::NodeState;
use kafkascope_core::wire::records::Bytes;

use crate::chaos::{Chaos, end_or_start};
use crate::swarm::unrest;
pub use guarantees::{GUARANTEES, Guarantee};
use guarantees::{INPUT, PRODUCER, READER_NUMBERS};
use judge::{found, is_all_read};

/// How many records are sent, one after the other.
pub const RECORDS: u64 = 24;
/// The longest pause between two of them, in milliseconds of virtual time.
const PAUSE_MS_MAX: u64 = 250;
/// How long everything may take to come to rest after the last fault is healed, in milliseconds of virtual time.
const REST_WITHIN_MS: Millis = 120_000;
/// How often it is looked whether it has, in milliseconds of virtual time.
const REST_LOOKED_AT_MS: Millis = 1_000;

/// What can go wrong with a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Anomaly {
    /// A record was acknowledged, and is not in the log when all is at rest.
    Lost,
    /// A record is in the log more than once.
    StoredTwice,
    /// Records are in a partition in another order than they were sent.
    Reordered,
    /// A record is in the log, and the application's result of it is not.
    ResultMissing,
    /// The application's result of a record stands more than once.
    ResultTwice,
    /// A record was processed more than once.
    ProcessedTwice,
    /// The group has committed past a record that was never processed.
    PassedOver,
    /// A consumer got a record whose transaction was aborted.
    AbortedRead,
}

impl Anomaly {
    /// Its name in the table.
    pub fn name(self) -> &'static str {
        match self {
            Self::Lost => "lost",
            Self::StoredTwice => "stored twice",
            Self::Reordered => "reordered",
            Self::ResultMissing => "result missing",
            Self::ResultTwice => "result twice",
            Self::ProcessedTwice => "processed twice",
            Self::PassedOver => "passed over",
            Self::AbortedRead => "aborted read",
        }
    }
}

/// A run that shows an anomaly, or does not come to rest.
#[derive(Clone, Debug)]
pub struct Shown {
    /// The seed.
    pub seed: u64,
    /// The run.
    pub scenario: Scenario,
}

/// What the seeds of one guarantee showed.
#[derive(Clone, Debug)]
pub struct Row {
    /// The guarantee.
    pub guarantee: &'static Guarantee,
    /// How many seeds were run.
    pub seeds: u64,
    /// How often each anomaly came, and where first.
    pub anomalies: BTreeMap<Anomaly, (u64, Shown)>,
    /// What never came to rest, and why.
    pub restless: Vec<(Shown, String)>,
}

impl Row {
    /// What breaks the promise; none where it holds, and where what is risked was seen.
    pub fn broken(&self) -> Vec<String> {
        let name = self.guarantee.name;
        let again =
            |shown: &Shown| format!("again: cargo xtask delivery --only {name} --seed {} --seeds 1", shown.seed);
        let restless = self.restless.iter().map(|(shown, why)| {
            let link = shown.scenario.to_link();
            format!("{name} does not come to rest: {why}\n{}\nto step it: open the page with #r={link}", again(shown))
        });
        let is_known = |anomaly: &Anomaly| [self.guarantee.risks, self.guarantee.rare].concat().contains(anomaly);
        let forbidden = self.anomalies.iter().filter(|(anomaly, _)| !is_known(anomaly));
        let forbidden = forbidden.map(|(anomaly, (times, shown))| {
            format!("{name} promises no `{}`, and {times} seeds show it\n{}", anomaly.name(), again(shown))
        });
        let unseen = self.guarantee.risks.iter().filter(|risk| !self.anomalies.contains_key(risk));
        let unseen =
            unseen.map(|risk| format!("{name} risks `{}`, and no seed of {} shows it", risk.name(), self.seeds));
        restless.chain(forbidden).chain(unseen).collect()
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<20} {} seeds: {}", self.guarantee.name, self.seeds, self.guarantee.promise)?;
        for (anomaly, (times, shown)) in &self.anomalies {
            let (name, link) = (anomaly.name(), shown.scenario.to_link());
            writeln!(f, "  {name:<16} {times:>4}, first with seed {}: #r={link}", shown.seed)?;
        }
        Ok(())
    }
}

/// Runs seeds of one guarantee.
pub fn run(guarantee: &'static Guarantee, seeds: impl Iterator<Item = u64>) -> Row {
    let mut row = Row { guarantee, seeds: 0, anomalies: BTreeMap::new(), restless: Vec::new() };
    for seed in seeds {
        row.seeds += 1;
        let mut run = Run::new(guarantee, seed);
        run.disturbed();
        let rest = run.come_to_rest();
        let shown = Shown { seed, scenario: run.scenario() };
        if let Err(why) = rest {
            row.restless.push((shown, why));
            continue;
        }
        for anomaly in found(&run.cluster) {
            let of_kind = row.anomalies.entry(anomaly).or_insert_with(|| (0, shown.clone()));
            of_kind.0 += 1;
        }
    }
    row
}

/// A run of one seed.
struct Run {
    guarantee: &'static Guarantee,
    seed: u64,
    random: Random,
    cluster: Cluster,
    commands: Vec<PlacedCommand>,
}

impl Run {
    fn new(guarantee: &'static Guarantee, seed: u64) -> Self {
        let config = guarantee.config();
        let cluster = Cluster::new(&config, seed).expect("the cluster is valid");
        Self {
            guarantee,
            seed,
            random: Random::for_purpose(seed, Purpose::Actor(910_000)),
            cluster,
            commands: Vec::new(),
        }
    }

    fn scenario(&self) -> Scenario {
        let mut scenario = Scenario::new(self.guarantee.config(), self.seed);
        scenario.commands.clone_from(&self.commands);
        scenario.position = self.cluster.position();
        scenario
    }

    fn one_of(&mut self, count: u64) -> u64 {
        self.random.between(0, count.saturating_sub(1))
    }

    fn reader(&mut self) -> u32 {
        if self.one_of(2) == 0 { READER_NUMBERS[0] } else { READER_NUMBERS[1] }
    }

    fn act(&mut self, command: Command) {
        let at = self.cluster.position();
        // What is refused has changed nothing, and is no part of the run.
        if self.cluster.apply(&command).is_ok() {
            self.commands.push(PlacedCommand { at, command });
        }
    }

    fn wait(&mut self, for_ms: Millis) {
        let until = self.cluster.now().saturating_add(for_ms);
        while self.cluster.next_at().is_some_and(|at| at <= until) && self.cluster.step().is_some() {}
    }

    /// Sends the records, and lets things go wrong between them.
    fn disturbed(&mut self) {
        for number in 1..=RECORDS {
            self.act(Command::Produce {
                producer: PRODUCER,
                topic: INPUT.into(),
                partition: None,
                key: Some(Bytes::from(format!("k{}", number % 3).as_str())),
                value: Some(Bytes::from(number.to_string().as_str())),
                headers: Vec::new(),
            });
            let pause = self.random.between(0, PAUSE_MS_MAX);
            self.wait(pause);
            if self.one_of(2) == 0 {
                self.fault();
            }
            if self.one_of(3) == 0 {
                let consumer = self.reader();
                self.act(Command::Process { consumer });
            }
        }
    }

    /// Something goes wrong, or one thing that did is mended.
    fn fault(&mut self) {
        let view = self.cluster.view();
        let down: Vec<i32> =
            view.nodes.iter().filter(|node| node.state == NodeState::Down).map(|node| node.id).collect();
        let paused: Vec<i32> =
            view.nodes.iter().filter(|node| node.state == NodeState::Paused).map(|node| node.id).collect();
        let broker = i32::try_from(self.one_of(3)).unwrap_or(0) + 1;
        let leader =
            view.partitions.iter().find(|each| &*each.partition.topic == INPUT).map_or(broker, |each| each.leader);
        let reader = self.reader();
        let client = match self.one_of(3) {
            0 => Actor::Consumer(reader),
            1 => Actor::Producer(PRODUCER),
            _ => Actor::Node(1 + broker % 3),
        };
        let both = self.one_of(2) == 0;
        let command = match self.one_of(12) {
            0..=4 if self.guarantee.is_unclean => match down.contains(&broker) {
                true => Command::Start { node: broker },
                false => Command::Crash { node: broker, machine: false },
            },
            0..=1 if down.is_empty() => Command::Crash { node: leader.max(1), machine: false },
            3..=4 => match (down.first(), paused.first()) {
                (Some(node), _) => Command::Start { node: *node },
                (None, Some(node)) => Command::Resume { node: *node },
                (None, None) => Command::Pause { node: broker },
            },
            5..=6 => match view.cuts.first() {
                Some((from, to)) => Command::Heal { from: *from, to: *to, both: false },
                None => Command::Cut { from: Actor::Node(broker), to: client, both },
            },
            // Answers are held back until the link works again: what TCP has taken it does not lose.
            7..=8 if view.cuts.is_empty() => {
                Command::Cut { from: Actor::Node(leader.max(1)), to: Actor::Producer(PRODUCER), both: false }
            }
            9..=11 => end_or_start(&view, reader, both),
            _ => return,
        };
        self.act(command);
    }

    /// Heals every fault, and waits until all that was sent has come to where it goes.
    fn come_to_rest(&mut self) -> Result<(), String> {
        let until = self.cluster.now().saturating_add(REST_WITHIN_MS);
        loop {
            for command in Chaos::healing(&self.cluster.view()) {
                self.act(command);
            }
            self.wait(REST_LOOKED_AT_MS);
            for consumer in READER_NUMBERS {
                self.act(Command::Process { consumer });
            }
            let mut unrest = unrest(&self.cluster);
            unrest.extend((!is_all_read(&self.cluster)).then(|| "records are not read".to_owned()));
            if unrest.is_empty() {
                return Ok(());
            }
            if self.cluster.now() >= until {
                return Err(unrest.join("; "));
            }
        }
    }
}
