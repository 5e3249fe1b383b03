//! What happened in a swarm, and what never did.

use std::collections::BTreeMap;
use std::fmt;

use kafkascope_core::change::Change;
use kafkascope_core::command::{Command, CommandError};
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
    }

    /// Commands, faults and changes that never happened.
    pub fn never(&self) -> Vec<&'static str> {
        let commands = self.commands.iter().filter(|(_, (done, _))| *done == 0).map(|(&name, _)| name);
        let others = self.faults.iter().chain(&self.changes).filter(|(_, count)| **count == 0).map(|(&name, _)| name);
        commands.chain(others).collect()
    }
}

impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (given, refused) = self.given_and_refused();
        writeln!(f, "{} seeds, {} moves, {given} commands, {refused} refused", self.seeds, self.moves)?;
        writeln!(f, "\ncommand                             done    refused")?;
        for (name, (done, refused)) in &self.commands {
            writeln!(f, "  {name:<30} {done:>8} {refused:>10}")?;
        }
        let tables = [
            ("refused because", &self.refusals),
            ("fault", &self.faults),
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
