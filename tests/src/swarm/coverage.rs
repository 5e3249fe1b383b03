//! What happened in a swarm, and what never did.

use std::collections::BTreeMap;
use std::fmt;

use kafkascope_core::change::{Change, QuorumRole};
use kafkascope_core::cluster::Cluster;
use kafkascope_core::command::{Command, CommandError};
use kafkascope_core::config::ClusterConfig;
use kafkascope_core::explain::Explanation;
use kafkascope_core::step::Step;
use kafkascope_core::wire::ErrorCode;

use super::repairs::Repair;

/// How often each thing happened. Everything that could happen is there from the start, with zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coverage {
    /// Runs.
    pub seeds: u64,
    /// Moves of all runs together.
    pub moves: u64,
    /// Commands by name: how many were carried out and how many refused.
    pub commands: BTreeMap<&'static str, (u64, u64)>,
    /// Why commands were refused.
    pub refusals: BTreeMap<&'static str, u64>,
    /// Faults by kind.
    pub faults: BTreeMap<&'static str, u64>,
    /// Kafka's error codes, as brokers and clients met them.
    pub errors: BTreeMap<&'static str, u64>,
    /// Changes by name.
    pub changes: BTreeMap<&'static str, u64>,
    /// What an operator had to repair after all faults were healed.
    pub repairs: BTreeMap<&'static str, u64>,
    /// Runs by their number of controllers, and whether the voters may change.
    pub quorums: BTreeMap<String, u64>,
    /// What became of the quorum of the metadata log and of leaders.
    pub events: BTreeMap<&'static str, u64>,
}

/// Every kind of fault.
const FAULTS: [&str; 14] = [
    "crash of a process",
    "crash of a machine",
    "records lost by a machine",
    "controlled shutdown",
    "pause",
    "slow disk",
    "cut link",
    "dropped envelope",
    "delayed envelope",
    "duplicated envelope",
    "event out of order",
    "unclean election asked for",
    "truncation",
    "request timed out",
];

/// What a change of role, of voters or of a leader is, beside its name.
const EVENTS: [&str; 11] = [
    "voter added",
    "voter removed",
    "voter updated",
    "leader of the quorum elected",
    "leader of the quorum resigned",
    "pre-vote begun",
    "election begun",
    "metadata log cut off",
    "snapshot fetched",
    "leader elected from outside the ISR",
    "partition left without a leader",
];

/// Changes that these runs cannot show, because all their clients write and read text and their groups are classic ones: the
/// group swarm has others. Nor do their producers, which do not linger, make batches that are too large: the clients' own tests
/// do. Nobody sets quotas or the levels of loggers, and nobody sends bytes: the cluster's own tests do.
const ELSEWHERE: [&str; 10] = [
    "client-throttled",
    "close-connection",
    "connection-closed",
    "deserialization-failed",
    "group-epoch-bumped",
    "reconciled",
    "batch-split",
    "log-level-changed",
    "probe-disconnected",
    "send-bytes",
];

impl Default for Coverage {
    fn default() -> Self {
        let zeros = |names: &[&'static str]| names.iter().map(|&name| (name, 0)).collect();
        Self {
            seeds: 0,
            moves: 0,
            commands: Command::names().iter().map(|&name| (name, (0, 0))).collect(),
            refusals: zeros(CommandError::names()),
            faults: zeros(&FAULTS),
            errors: BTreeMap::new(),
            changes: zeros(Change::names()),
            repairs: zeros(&Repair::ALL.map(Repair::name)),
            quorums: BTreeMap::new(),
            events: zeros(&EVENTS),
        }
    }
}

impl Coverage {
    /// Counts a command and how it went.
    pub fn command(&mut self, command: &Command, refusal: Option<&CommandError>) {
        let (done, refused) = self.commands.entry(command.name()).or_default();
        match refusal {
            None => *done += 1,
            Some(error) => {
                *refused += 1;
                *self.refusals.entry(error.name()).or_default() += 1;
                return;
            }
        }
        let fault = match command {
            Command::Crash { machine: false, .. } => "crash of a process",
            Command::Crash { machine: true, .. } => "crash of a machine",
            Command::Stop { .. } => "controlled shutdown",
            Command::Pause { .. } => "pause",
            Command::SlowDisk { by_ms, .. } if *by_ms > 0 => "slow disk",
            Command::Cut { .. } => "cut link",
            Command::Drop { .. } => "dropped envelope",
            Command::Delay { .. } => "delayed envelope",
            Command::Duplicate { .. } => "duplicated envelope",
            Command::Choose { .. } => "event out of order",
            Command::Elect { unclean: true, .. } => "unclean election asked for",
            _ => return,
        };
        self.fault(fault);
    }

    fn fault(&mut self, fault: &'static str) {
        *self.faults.entry(fault).or_default() += 1;
    }

    /// Counts a run by its quorum.
    pub fn quorum(&mut self, config: &ClusterConfig) {
        let count = config.nodes.iter().filter(|node| node.roles.is_controller()).count();
        let quorum = match config.settings.get("initial.controllers") {
            Some(first) => {
                let name = "controller.quorum.auto.join.enable";
                let joins = config.nodes.iter().any(|node| node.settings.contains_key(name));
                let how = if joins { ", who joins by itself" } else { "" };
                format!("{count} controllers, at first {} voters, which change{how}", first.split(',').count())
            }
            None => format!("{count} voters"),
        };
        *self.quorums.entry(quorum).or_default() += 1;
    }

    /// Counts what a step made of the quorum and of leaders, in the cluster as it is after it.
    pub fn events(&mut self, cluster: &Cluster, step: &Step) {
        let is_update = matches!(step.explanation, Explanation::VoterUpdated { .. });
        let events = step.changes.iter().filter_map(|change| event(cluster, change));
        for event in events.chain(is_update.then_some("voter updated")) {
            *self.events.entry(event).or_default() += 1;
        }
    }

    /// Counts a change.
    pub fn change(&mut self, change: &Change) {
        *self.changes.entry(change.name()).or_default() += 1;
        match change {
            Change::Refused { error, .. } | Change::Retried { error, .. } | Change::ProduceFailed { error, .. } => {
                self.error(*error);
            }
            Change::UnflushedLost { .. } => self.fault("records lost by a machine"),
            Change::Truncated { .. } => self.fault("truncation"),
            Change::TimedOut { .. } => self.fault("request timed out"),
            _ => {}
        }
    }

    /// Counts a repair.
    pub fn repair(&mut self, repair: Repair) {
        *self.repairs.entry(repair.name()).or_default() += 1;
    }

    /// Counts an error code.
    pub fn error(&mut self, error: ErrorCode) {
        *self.errors.entry(error.name()).or_default() += 1;
    }

    /// Commands that were given, and how many of them were refused.
    pub fn given_and_refused(&self) -> (u64, u64) {
        self.commands
            .values()
            .fold((0, 0), |(given, refusals), (done, refused)| (given + done + refused, refusals + refused))
    }

    /// Adds what another run saw.
    pub fn add(&mut self, other: &Self) {
        self.seeds += other.seeds;
        self.moves += other.moves;
        for (&name, (done, refused)) in &other.commands {
            let sum = self.commands.entry(name).or_default();
            *sum = (sum.0 + done, sum.1 + refused);
        }
        let add = |to: &mut BTreeMap<&'static str, u64>, from: &BTreeMap<&'static str, u64>| {
            from.iter().for_each(|(&name, count)| *to.entry(name).or_default() += count);
        };
        add(&mut self.refusals, &other.refusals);
        add(&mut self.faults, &other.faults);
        add(&mut self.errors, &other.errors);
        add(&mut self.changes, &other.changes);
        add(&mut self.repairs, &other.repairs);
        add(&mut self.events, &other.events);
        for (quorum, count) in &other.quorums {
            *self.quorums.entry(quorum.clone()).or_default() += count;
        }
    }

    /// Commands, faults, changes and events that never happened.
    pub fn never(&self) -> Vec<&'static str> {
        let commands = self
            .commands
            .iter()
            .filter(|(name, (done, _))| *done == 0 && !ELSEWHERE.contains(name))
            .map(|(&name, _)| name);
        let others = self.faults.iter().chain(&self.changes).chain(&self.events);
        let others = others.filter(|(name, count)| **count == 0 && !ELSEWHERE.contains(name)).map(|(&name, _)| name);
        commands.chain(others).collect()
    }
}

/// What a change is, if it is one of [`EVENTS`]. Changes of voters are counted where they are decided.
fn event(cluster: &Cluster, change: &Change) -> Option<&'static str> {
    match change {
        Change::VotersChanged { node, from, to } => {
            let is_leader = cluster.node(*node)?.controller.as_ref()?.quorum().is_leader();
            match (is_leader, from.len() < to.len()) {
                (false, _) => None,
                (true, true) => Some("voter added"),
                (true, false) => Some("voter removed"),
            }
        }
        Change::QuorumRoleChanged { from: QuorumRole::Leader, .. } => Some("leader of the quorum resigned"),
        Change::QuorumRoleChanged { to: QuorumRole::Leader, .. } => Some("leader of the quorum elected"),
        Change::QuorumRoleChanged { to: QuorumRole::Candidate, .. } => Some("election begun"),
        Change::QuorumRoleChanged { to: QuorumRole::Prospective, .. } => Some("pre-vote begun"),
        Change::MetadataTruncated { .. } => Some("metadata log cut off"),
        Change::SnapshotFetched { .. } => Some("snapshot fetched"),
        Change::LeaderChanged { to: -1, .. } => Some("partition left without a leader"),
        Change::BecameLeader { node, partition, .. } => {
            let image = &cluster.node(*node)?.broker.as_ref()?.image;
            let topic = image.topics.get(image.topic_ids.get(&partition.topic)?)?;
            let is_recovering = topic.partitions.get(&partition.partition)?.leader_recovery_state != 0;
            is_recovering.then_some("leader elected from outside the ISR")
        }
        _ => None,
    }
}

impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (given, refused) = self.given_and_refused();
        writeln!(f, "{} seeds, {} moves, {given} commands, {refused} refused", self.seeds, self.moves)?;
        writeln!(f, "\nquorum")?;
        for (quorum, count) in &self.quorums {
            writeln!(f, "  {quorum:<60} {count:>10}")?;
        }
        writeln!(f, "\ncommand                             done    refused")?;
        for (name, (done, refused)) in &self.commands {
            writeln!(f, "  {name:<30} {done:>8} {refused:>10}")?;
        }
        let tables = [
            ("refused because", &self.refusals),
            ("fault", &self.faults),
            ("quorum and leaders", &self.events),
            ("error code", &self.errors),
            ("change", &self.changes),
            ("repaired by an operator", &self.repairs),
        ];
        for (title, table) in tables {
            writeln!(f, "\n{title}")?;
            for (name, count) in table.iter().filter(|(_, count)| **count > 0) {
                writeln!(f, "  {name:<40} {count:>10}")?;
            }
        }
        writeln!(f, "\nnever: {}", self.never().join(", "))
    }
}
