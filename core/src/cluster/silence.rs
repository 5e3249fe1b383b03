//! Which fault is behind something that did *not* happen.
//!
//! An event's cause is the step that scheduled it. That says little of an expiry: the timer that fences a broker was set when
//! the last heartbeat came, and what a person wants to know is why no other came. So a step in which somebody acts upon
//! silence (a session ends, a request is given up, a follower is found to lag) has as its cause the fault that silenced whom
//! it waited for, where there is one:
//!
//! - A process that was killed, stopped or paused is silent towards everybody from that command on. After it was started or
//!   resumed, the fault still counts for each actor until that actor hears from the process again.
//! - A link that was cut is silent in that direction, after it was healed until something comes through again.
//! - A message that was dropped or delayed makes its link count as silent until something comes through.
//! - A slow disk is behind a silence only where nothing else is: it delays, but does not silence.
//!
//! Of several faults that are behind a silence, the first counts: without the later ones it would have been silent too.

use std::collections::BTreeMap;

use super::Cluster;
use crate::actor::Actor;
use crate::change::Change;
use crate::step::Position;
use crate::wire::ApiKey;

/// Faults of which consequences may still come, each by the step at which a person caused it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Silence {
    /// Processes that are down or stand still.
    processes: BTreeMap<Actor, Position>,
    /// Machines with a slow disk.
    disks: BTreeMap<Actor, Position>,
    /// Directions in which nothing, or not all, gets through.
    links: BTreeMap<(Actor, Actor), LinkFault>,
}

/// Why a direction is silent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct LinkFault {
    since: Position,
    /// Whether it is over, and only nothing has come through since.
    is_over: bool,
}

impl Silence {
    /// A process stops or stands still.
    pub fn stops(&mut self, process: Actor, at: Position) {
        self.processes.entry(process).or_insert(at);
    }

    /// A process goes on: to each of the others it is silent until they hear it.
    pub fn goes_on(&mut self, process: Actor, others: impl Iterator<Item = Actor>) {
        if let Some(since) = self.processes.remove(&process) {
            self.fade(process, others, since);
        }
    }

    /// A disk becomes slow.
    pub fn slows(&mut self, machine: Actor, at: Position) {
        self.disks.entry(machine).or_insert(at);
    }

    /// A disk is fast again.
    pub fn speeds_up(&mut self, machine: Actor, others: impl Iterator<Item = Actor>) {
        if let Some(since) = self.disks.remove(&machine) {
            self.fade(machine, others, since);
        }
    }

    fn fade(&mut self, silent: Actor, others: impl Iterator<Item = Actor>, since: Position) {
        for other in others.filter(|other| *other != silent) {
            self.links.entry((silent, other)).or_insert(LinkFault { since, is_over: true });
        }
    }

    /// A direction is cut.
    pub fn cut(&mut self, from: Actor, to: Actor, at: Position) {
        let fault = self.links.entry((from, to)).or_insert(LinkFault { since: at, is_over: false });
        fault.is_over = false;
    }

    /// A direction works again.
    pub fn heal(&mut self, from: Actor, to: Actor) {
        if let Some(fault) = self.links.get_mut(&(from, to)) {
            fault.is_over = true;
        }
    }

    /// One message of a direction does not come, or comes late.
    pub fn disturb(&mut self, from: Actor, to: Actor, at: Position) {
        self.links.entry((from, to)).or_insert(LinkFault { since: at, is_over: true });
    }

    /// Something came through.
    pub fn hears(&mut self, from: Actor, to: Actor) {
        if self.links.get(&(from, to)).is_some_and(|fault| fault.is_over) {
            self.links.remove(&(from, to));
        }
    }

    /// The fault for which one does not hear the other.
    fn between(&self, waiting: Actor, silent: Actor) -> Option<Position> {
        let processes = [waiting, silent].into_iter().filter_map(|process| self.processes.get(&process).copied());
        let links = [(waiting, silent), (silent, waiting)].into_iter().filter_map(|link| self.links.get(&link));
        processes.chain(links.map(|fault| fault.since)).min().or_else(|| self.disks.get(&silent).copied())
    }

    fn is_empty(&self) -> bool {
        self.processes.is_empty() && self.disks.is_empty() && self.links.is_empty()
    }
}

impl Cluster {
    /// The fault behind what an actor did when one of its timers fired; `None` where it did not act upon silence, or
    /// nobody is to blame.
    pub(super) fn fault_behind(&self, waiting: Actor, changes: &[Change]) -> Option<Position> {
        if self.silence.is_empty() {
            return None;
        }
        let behind = |silent: Actor| self.silence.between(waiting, silent);
        changes.iter().find_map(|change| match change {
            Change::BrokerFenced { broker } => behind(Actor::Node(*broker)),
            Change::TimedOut { to, .. } => behind(*to),
            Change::IsrProposed { from, to, .. } => {
                from.iter().filter(|id| !to.contains(id)).find_map(|id| behind(Actor::Node(*id)))
            }
            Change::MemberLeft { member, expired: true, .. } => behind(self.consumer_of(member)?),
            // What waits for the in-sync replicas waits for any of them.
            Change::DelayedOperationCompleted {
                api: ApiKey::Produce | ApiKey::DeleteRecords, timed_out: true, ..
            } => self.nodes.keys().filter_map(|id| behind(Actor::Node(*id))).min(),
            _ => None,
        })
    }

    fn consumer_of(&self, member: &str) -> Option<Actor> {
        let found = (1u32..).zip(&self.consumers).find(|(_, consumer)| consumer.was_member(member));
        found.map(|(number, _)| Actor::Consumer(number))
    }

    /// Everybody who may wait for a process.
    pub(super) fn actors(&self) -> Vec<Actor> {
        let numbers = |count: usize| 1..=u32::try_from(count).unwrap_or(u32::MAX);
        let nodes = self.nodes.keys().map(|id| Actor::Node(*id));
        let producers = numbers(self.producers.len()).map(Actor::Producer);
        nodes.chain(producers).chain(numbers(self.consumers.len()).map(Actor::Consumer)).chain([Actor::Admin]).collect()
    }
}
