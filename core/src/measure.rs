//! Small experiments on clusters of their own, measured in virtual time: what a table of a lesson is filled with.
//!
//! A measurement goes on by a bounded number of steps at a time, so that its caller can do something else meanwhile.

mod raft_protocols;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::change::Change;
use crate::cluster::{Cluster, ConfigError};
use crate::command::{Command, CommandError};
use crate::config::{ClusterConfig, Start};
use crate::presets::Order;
use crate::sim::Millis;
use crate::step::Step;

use raft_protocols::RaftProtocols;

/// The seed of every measurement.
const SEED: u64 = 7;
/// A quorum that has had no leader for so long, in virtual milliseconds, elects none: ten election timeouts and more.
const NO_LEADER_MS: Millis = 20_000;
/// A failover that has not ended after so long, in virtual milliseconds, does not end.
const FAILOVER_WITHIN_MS: Millis = 60_000;
/// How many partitions one request creates at most, as an operator would.
const PARTITIONS_PER_TOPIC: u32 = 500;

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Measure {
    /// Of a quorum of this size, the one that leads is killed again and again until none is elected any more.
    QuorumSize,
    /// In a cluster with this number of partitions the active controller is killed together with a broker that leads
    /// some of them.
    ControllerFailover,
    /// In a quorum of this size, once with Kafka's protocol and once with textbook Raft, the messages that its leader sends at rest are
    /// counted; then it is killed.
    RaftProtocol,
}

impl Measure {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::QuorumSize, Self::ControllerFailover, Self::RaftProtocol];

    /// What its columns are. The page's message for one has the id `measure-` and its name.
    pub fn columns(self) -> &'static [&'static str] {
        match self {
            Self::QuorumSize => &["voters", "needed", "tolerated"],
            Self::ControllerFailover => &["partitions", "moved", "controller-ms", "first-leader-ms", "last-leader-ms"],
            Self::RaftProtocol => &[
                "voters",
                "kraft-messages",
                "kraft-noticed-ms",
                "kraft-leader-ms",
                "textbook-messages",
                "textbook-noticed-ms",
                "textbook-leader-ms",
            ],
        }
    }

    /// The sizes that can be measured.
    pub fn sizes(self) -> std::ops::RangeInclusive<u32> {
        match self {
            Self::QuorumSize => 1..=9,
            Self::ControllerFailover => 1..=10_000,
            // Somebody must be left who is a majority.
            Self::RaftProtocol => 3..=9,
        }
    }
}

/// What was measured of one size: a number for each column; none where it did not come about.
pub type Measured = Vec<Option<i64>>;

/// A measurement that is going on.
#[derive(Clone, Debug)]
pub struct Measurement {
    cluster: Cluster,
    what: Experiment,
}

#[derive(Clone, Debug)]
enum Experiment {
    QuorumSize { voters: u32, killed: u32, deadline: Millis },
    Failover(Failover),
    RaftProtocols(RaftProtocols),
}

impl Measurement {
    /// Begins to measure a size.
    ///
    /// # Errors
    /// The mistakes of its cluster, where the size is none of [`Measure::sizes`].
    pub fn new(measure: Measure, size: u32) -> Result<Self, Vec<ConfigError>> {
        let (cluster, what) = match measure {
            Measure::QuorumSize => {
                let cluster = quorum_of(size, None)?;
                let deadline = cluster.now().saturating_add(NO_LEADER_MS);
                (cluster, Experiment::QuorumSize { voters: size, killed: 0, deadline })
            }
            // Enough brokers that no step of any of them takes long.
            Measure::ControllerFailover => (cluster_of(10, 3, None)?, Experiment::Failover(Failover::new(size))),
            Measure::RaftProtocol => {
                let (cluster, protocols) = RaftProtocols::begin(size)?;
                (cluster, Experiment::RaftProtocols(protocols))
            }
        };
        Ok(Self { cluster, what })
    }

    /// Goes on by `steps` steps at most. Gives what was measured once that is known.
    pub fn go_on(&mut self, steps: u32) -> Option<Measured> {
        let cluster = &mut self.cluster;
        (0..steps).find_map(|_| match &mut self.what {
            Experiment::QuorumSize { voters, killed, deadline } => kill_the_leader(cluster, *voters, killed, deadline),
            Experiment::Failover(failover) => failover.go_on(cluster),
            Experiment::RaftProtocols(protocols) => protocols.go_on(cluster),
        })
    }

    /// Measures to the end.
    pub fn finish(mut self) -> Measured {
        loop {
            if let Some(measured) = self.go_on(u32::MAX) {
                return measured;
            }
        }
    }
}

/// Settings and clients are those of nobody: only processes are measured. With `raft` the voters follow their leader by that protocol.
fn cluster_of(brokers: i32, controllers: i32, raft: Option<&str>) -> Result<Cluster, Vec<ConfigError>> {
    let order = Order { brokers, controllers, producers: 0, consumers: 0, ..Order::default() };
    let mut config = ClusterConfig { topics: Vec::new(), start: Start::Cold, ..order.config() };
    config.settings.extend(raft.map(|protocol| ("raft".to_owned(), protocol.to_owned())));
    Cluster::new(&config, SEED)
}

/// A quorum with a broker beside it.
fn quorum_of(voters: u32, raft: Option<&str>) -> Result<Cluster, Vec<ConfigError>> {
    cluster_of(1, i32::try_from(voters).unwrap_or(i32::MAX), raft)
}

/// Kills the leader, else makes a step. A quorum that elects nobody any more has lost one voter too many.
fn kill_the_leader(cluster: &mut Cluster, voters: u32, killed: &mut u32, deadline: &mut Millis) -> Option<Measured> {
    if let Some(node) = cluster.active_controller() {
        *killed += 1;
        *deadline = cluster.now().saturating_add(NO_LEADER_MS);
        cluster.apply(&Command::Crash { node, machine: false }).ok()?;
        return None;
    }
    if cluster.step().is_some() && cluster.now() < *deadline {
        return None;
    }
    let tolerated = killed.checked_sub(1);
    let cell = |number: u32| Some(i64::from(number));
    Some(vec![cell(voters), tolerated.and_then(|lost| cell(voters - lost)), tolerated.and_then(cell)])
}

/// The active controller and a broker that leads are killed at once.
#[derive(Clone, Debug)]
struct Failover {
    partitions: u32,
    /// How many partitions were asked for so far, in how many topics.
    created: u32,
    topics: usize,
    phase: Phase,
}

#[derive(Clone, Debug)]
enum Phase {
    /// Partitions are created, one topic after the other, until all have their leaders.
    Preparing,
    /// Since both were killed.
    Killed(Killed),
}

#[derive(Clone, Debug)]
struct Killed {
    at: Millis,
    broker: i32,
    /// How many partitions the broker led.
    led: i64,
    /// How many of them have another leader in the new controller's log.
    moved: i64,
    /// Where the log ends with the first of them, and with the last so far.
    first_end: Option<i64>,
    last_end: i64,
    controller_ms: Option<Millis>,
    first_ms: Option<Millis>,
    last_ms: Option<Millis>,
}

impl Failover {
    fn new(partitions: u32) -> Self {
        Self { partitions, created: 0, topics: 0, phase: Phase::Preparing }
    }

    fn go_on(&mut self, cluster: &mut Cluster) -> Option<Measured> {
        match &mut self.phase {
            Phase::Preparing => match self.prepare(cluster) {
                Ok(Some(killed)) => self.phase = Phase::Killed(killed),
                Ok(None) => {}
                // Where a cluster cannot be brought there, nothing is measured.
                Err(_) => return Some(vec![Some(i64::from(self.partitions)), None, None, None, None]),
            },
            Phase::Killed(killed) => {
                let step = cluster.step();
                if let Some(step) = &step {
                    killed.observe(step, cluster);
                }
                let is_over = step.is_none() || cluster.now() > killed.at.saturating_add(FAILOVER_WITHIN_MS);
                if is_over || (killed.moved == killed.led && killed.last_ms.is_some()) {
                    let ms = |at: Option<Millis>| at.and_then(|at| i64::try_from(at).ok());
                    let moved = Some(killed.moved);
                    let partitions = Some(i64::from(self.partitions));
                    return Some(vec![
                        partitions,
                        moved,
                        ms(killed.controller_ms),
                        ms(killed.first_ms),
                        ms(killed.last_ms),
                    ]);
                }
            }
        }
        None
    }

    /// Makes a step towards the cluster with all its partitions; there, kills both.
    fn prepare(&mut self, cluster: &mut Cluster) -> Result<Option<Killed>, CommandError> {
        let there = cluster.image().map_or(0, |image| image.topics.len());
        let are_up = cluster.nodes().filter_map(|node| node.broker.as_ref()).all(|broker| broker.is_listening);
        let is_next = there == self.topics && are_up;
        if is_next && self.created < self.partitions {
            let count = (self.partitions - self.created).min(PARTITIONS_PER_TOPIC);
            let command = Command::CreateTopic {
                topic: format!("topic-{}", self.topics).as_str().into(),
                partitions: i32::try_from(count).unwrap_or(i32::MAX),
                replication_factor: 2,
                assignment: Vec::new(),
                configs: Vec::new(),
            };
            self.created += count;
            self.topics += 1;
            cluster.apply(&command)?;
            return Ok(None);
        }
        let all_know = |cluster: &Cluster| {
            let end = cluster
                .active_controller()
                .and_then(|id| cluster.node(id))
                .map(|node| node.disk.controller.log.end_offset());
            cluster.nodes().filter_map(|node| node.broker.as_ref()).all(|broker| Some(broker.metadata_offset) >= end)
        };
        if is_next && all_know(cluster) {
            return kill_both(cluster).map(Some);
        }
        match cluster.step() {
            Some(_) => Ok(None),
            None => Err(CommandError::NothingPending {}),
        }
    }
}

/// Kills the active controller and the broker that leads most.
fn kill_both(cluster: &mut Cluster) -> Result<Killed, CommandError> {
    let mut led: BTreeMap<i32, i64> = BTreeMap::new();
    for (_, _, partition) in cluster.image().into_iter().flat_map(|image| image.partitions()) {
        *led.entry(partition.leader).or_default() += 1;
    }
    let most = led.into_iter().max_by_key(|(broker, count)| (*count, *broker));
    let ((broker, led), active) = (most.unwrap_or((-1, 0)), cluster.active_controller().unwrap_or(-1));
    for node in [active, broker] {
        cluster.apply(&Command::Crash { node, machine: false })?;
    }
    Ok(Killed {
        at: cluster.now(),
        broker,
        led,
        moved: 0,
        first_end: None,
        last_end: 0,
        controller_ms: None,
        first_ms: None,
        last_ms: None,
    })
}

impl Killed {
    fn observe(&mut self, step: &Step, cluster: &Cluster) {
        let since = step.at_ms.saturating_sub(self.at);
        let Some(active) = cluster.active_controller() else { return };
        self.controller_ms.get_or_insert(since);
        let moved = |change: &&Change| matches!(change, Change::LeaderChanged { from, to, .. } if *from == self.broker && *to >= 0);
        let moved = step.changes.iter().filter(moved).count();
        if moved > 0 {
            let end = cluster.node(active).map_or(0, |node| node.disk.controller.log.end_offset());
            self.moved += i64::try_from(moved).unwrap_or(i64::MAX);
            self.first_end.get_or_insert(end);
            self.last_end = end;
            self.last_ms = None;
        }
        for change in &step.changes {
            if let Change::QuorumHighWatermarkMoved { node, to, .. } = change
                && *node == active
            {
                if self.first_end.is_some_and(|end| *to >= end) {
                    self.first_ms.get_or_insert(since);
                }
                if self.first_end.is_some() && *to >= self.last_end {
                    self.last_ms.get_or_insert(since);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(measure: Measure, size: u32) -> Measured {
        Measurement::new(measure, size).expect("the size is one of those").finish()
    }

    #[test]
    fn a_quorum_of_each_size_bears_what_raft_says() {
        for size in Measure::QuorumSize.sizes() {
            let majority = size / 2 + 1;
            let expected = [size, majority, size - majority].map(|number| Some(i64::from(number)));
            assert_eq!(measured(Measure::QuorumSize, size), expected, "{size} voters");
        }
    }

    #[test]
    fn a_failover_takes_as_long_with_many_partitions_as_with_few() {
        let [few, many] = [10, 400].map(|size| measured(Measure::ControllerFailover, size));
        assert!(few.iter().chain(&many).all(Option::is_some), "{few:?} {many:?}");
        assert!(many[1] > few[1], "more partitions have to be moved");
        let [few_ms, many_ms] = [few[4], many[4]].map(Option::unwrap_or_default);
        assert!(few_ms.abs_diff(many_ms) < 1_000, "{few:?} {many:?}");
    }

    #[test]
    fn a_leader_that_pushes_sends_more_and_is_missed_sooner() {
        for size in [3, 5] {
            let row: Vec<i64> = measured(Measure::RaftProtocol, size).into_iter().flatten().collect();
            assert_eq!(row.len(), Measure::RaftProtocol.columns().len(), "nothing is missing: {row:?}");
            let others = i64::from(size) - 1;
            let [kraft, textbook] = [&row[1..4], &row[4..]];
            // A heartbeat every 50 ms to each; one may fall on the edge of the second that is counted.
            assert!((20 * others - 1..=20 * others).contains(&textbook[0]), "{row:?}");
            assert!(kraft[0] < textbook[0] / 5, "{row:?}");
            assert!((100..=300).contains(&textbook[1]) && (1_500..=2_500).contains(&kraft[1]), "{row:?}");
            assert!(textbook[1] < textbook[2] && kraft[1] < kraft[2] && textbook[2] < kraft[2], "{row:?}");
        }
    }

    #[test]
    fn a_measurement_in_small_pieces_gives_the_same() {
        let mut pieces = Measurement::new(Measure::ControllerFailover, 10).expect("the size is one of those");
        let in_pieces = loop {
            if let Some(measured) = pieces.go_on(7) {
                break measured;
            }
        };
        assert_eq!(in_pieces, measured(Measure::ControllerFailover, 10));
    }

    #[test]
    fn what_cannot_be_measured_is_refused() {
        assert!(Measurement::new(Measure::QuorumSize, 0).is_err());
        assert!(Measurement::new(Measure::QuorumSize, 10).is_err());
        assert!(Measurement::new(Measure::RaftProtocol, 10).is_err());
    }
}
