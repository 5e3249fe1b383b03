//! Faults: processes that die, stand still or come back, links that are cut, disks that are slow.

use super::Cluster;
use super::commands::DELAY_MS_MAX;
use super::event::{Envelope, Event, HeldEvent, Message, Scheduled};
use super::node::ProcessState;
use crate::actor::{Actor, Endpoint};
use crate::change::Change;
use crate::command::CommandError;
use crate::config::Roles;
use crate::effects::Effects;
use crate::explain::Explanation;
use crate::sim::Millis;

impl Cluster {
    pub(super) fn crash(&mut self, id: i32, machine: bool, fx: &mut Effects) -> Result<Option<Endpoint>, CommandError> {
        let node = self.node_mut(id).ok_or(CommandError::NoSuchNode { node: id })?;
        if node.process == ProcessState::Down {
            return Err(CommandError::NotRunning { node: id });
        }
        fx.change(Change::Crashed { node: id, machine });
        if machine {
            for (partition, from, to) in node.disk.broker.crash_machine() {
                fx.change(Change::UnflushedLost { node: id, partition, from, to });
            }
            fx.explain(Explanation::PersonCrashesMachine { node: id });
        } else {
            fx.explain(Explanation::PersonCrashesProcess { node: id });
        }
        self.terminate_process(id, machine);
        Ok(None)
    }

    pub(super) fn start(&mut self, id: i32, fx: &mut Effects) -> Result<Option<Endpoint>, CommandError> {
        let now = self.now;
        let (cluster_id, controllers) = (self.cluster_id.clone(), self.controllers());
        let node = self.node_mut(id).ok_or(CommandError::NoSuchNode { node: id })?;
        if node.process != ProcessState::Down || node.config.is_puppet() {
            return Err(CommandError::AlreadyRunning { node: id });
        }
        fx.change(Change::Started { node: id });
        let failed = node.failed_machine.take();
        let [mut controller, mut broker] = node.start(&cluster_id, &controllers, now);
        self.silence.goes_on(Actor::Node(id), self.actors().into_iter());
        self.apply_effects(Endpoint::Controller(id), &mut controller);
        self.apply_effects(Endpoint::Broker(id), &mut broker);
        fx.changes.extend(controller.changes.into_iter().chain(broker.changes));
        // Who kept sending to the machine without power hears from it again: it knows nothing of their connections.
        for held in failed.into_iter().flat_map(|failed| failed.unanswered) {
            if let Event::Deliver(envelope) = held.scheduled.event {
                let Envelope { from, from_incarnation, to, connection, message, .. } = *envelope;
                self.send(to, from, from_incarnation, connection, Message::Closed { api: message.api() });
            }
        }
        fx.explain(Explanation::PersonStarts { node: id });
        Ok(Some(Endpoint::Broker(id)))
    }

    pub(super) fn stop(&mut self, id: i32, fx: &mut Effects) -> Result<Option<Endpoint>, CommandError> {
        let now = self.now;
        let node = self.node_mut(id).ok_or(CommandError::NoSuchNode { node: id })?;
        if node.process != ProcessState::Running {
            return Err(CommandError::NotRunning { node: id });
        }
        match &mut node.broker {
            Some(broker) => {
                if !broker.stop(&mut node.disk.broker, now, fx) {
                    return Err(CommandError::AlreadyStopping { node: id });
                }
                fx.replace_explanation(Explanation::PersonShutsDown { node: id });
                Ok(Some(Endpoint::Broker(id)))
            }
            None if node.controller.is_some() => {
                if let Some(controller) = &mut node.controller {
                    if controller.is_stopping() {
                        return Err(CommandError::AlreadyStopping { node: id });
                    }
                    controller.stop(&mut node.disk.controller, now, fx);
                }
                fx.replace_explanation(Explanation::PersonShutsDown { node: id });
                Ok(Some(Endpoint::Controller(id)))
            }
            None => {
                fx.change(Change::ShutDown { node: id });
                fx.explain(Explanation::PersonShutsDown { node: id });
                self.terminate_process(id, false);
                Ok(None)
            }
        }
    }

    pub(super) fn pause(&mut self, id: i32, fx: &mut Effects) -> Result<Option<Endpoint>, CommandError> {
        if self.nodes.get(&id).is_some_and(|node| node.config.roles == Roles::Puppet) {
            return self.silence_puppet(id, true, fx);
        }
        let node = self.node_mut(id).ok_or(CommandError::NoSuchNode { node: id })?;
        if node.process != ProcessState::Running {
            return Err(CommandError::NotRunning { node: id });
        }
        node.process = ProcessState::Paused;
        self.silence.stops(Actor::Node(id), self.position);
        fx.change(Change::Paused { node: id });
        fx.explain(Explanation::PersonPauses { node: id });
        Ok(None)
    }

    pub(super) fn resume(&mut self, id: i32, fx: &mut Effects) -> Result<Option<Endpoint>, CommandError> {
        if self.nodes.get(&id).is_some_and(|node| node.config.roles == Roles::Puppet) {
            return self.silence_puppet(id, false, fx);
        }
        let now = self.now;
        let node = self.node_mut(id).ok_or(CommandError::NoSuchNode { node: id })?;
        if node.process != ProcessState::Paused {
            return Err(CommandError::NotPaused { node: id });
        }
        node.process = ProcessState::Running;
        let held = std::mem::take(&mut node.held);
        fx.change(Change::Resumed { node: id });
        fx.explain(Explanation::PersonResumes { node: id });
        self.silence.goes_on(Actor::Node(id), self.actors().into_iter());
        for HeldEvent { id, scheduled } in held {
            match scheduled {
                // A timer is set again, so that its owner may still stop it.
                Scheduled { event: Event::Fire { endpoint, timer }, cause } => {
                    self.set_timer(endpoint, timer, Some(now), cause);
                }
                // It comes before what was sent after it on the same connection, also before what is late: whoever chose a deadline
                // let time pass that was due before.
                scheduled => self.put_back(now, id, scheduled),
            }
        }
        Ok(None)
    }

    /// A puppet's heartbeats stop, or go on.
    fn silence_puppet(&mut self, id: i32, silent: bool, fx: &mut Effects) -> Result<Option<Endpoint>, CommandError> {
        let now = self.now;
        let Some(active) = self.active_controller() else { return Err(CommandError::NotRunning { node: id }) };
        let node = self.node_mut(active).ok_or(CommandError::NoSuchNode { node: active })?;
        if let Some(controller) = &mut node.controller {
            if silent {
                controller.silence_puppet(id, now, fx);
            } else {
                controller.hear_puppet(&mut node.disk.controller, id, now, fx);
            }
        }
        fx.change(if silent { Change::Paused { node: id } } else { Change::Resumed { node: id } });
        fx.replace_explanation(if silent {
            Explanation::PersonPauses { node: id }
        } else {
            Explanation::PersonResumes { node: id }
        });
        if silent {
            self.silence.stops(Actor::Node(id), self.position);
        } else {
            self.silence.goes_on(Actor::Node(id), self.actors().into_iter());
        }
        Ok(Some(Endpoint::Controller(active)))
    }

    fn check_link(&self, from: Actor, to: Actor) -> Result<(), CommandError> {
        if from == to {
            return Err(CommandError::SameEndpoint { actor: from });
        }
        for actor in [from, to] {
            let count = |actors: usize| u32::try_from(actors).unwrap_or(u32::MAX);
            match actor {
                Actor::Node(id) => self.check_node(id)?,
                Actor::Producer(number) if number == 0 || number > count(self.producers.len()) => {
                    return Err(CommandError::NoSuchProducer { producer: number });
                }
                Actor::Consumer(number) if number == 0 || number > count(self.consumers.len()) => {
                    return Err(CommandError::NoSuchConsumer { consumer: number });
                }
                Actor::Producer(_) | Actor::Consumer(_) | Actor::Admin | Actor::Probe(_) => {}
            }
        }
        Ok(())
    }

    fn cut(&mut self, from: Actor, to: Actor, fx: &mut Effects) -> bool {
        let is_new = self.network.cut(from, to);
        if is_new {
            self.silence.cut(from, to, self.position);
            fx.change(Change::LinkCut { from, to });
        }
        is_new
    }

    fn heal(&mut self, from: Actor, to: Actor, fx: &mut Effects) -> bool {
        let was_cut = self.network.heal(from, to);
        if was_cut {
            self.silence.heal(from, to);
            fx.change(Change::LinkHealed { from, to });
            let on_this_link = |held: &HeldEvent| matches!(&held.scheduled.event, Event::Deliver(envelope) if envelope.from.actor() == from && envelope.to.actor() == to);
            let (again, kept): (Vec<HeldEvent>, Vec<HeldEvent>) =
                std::mem::take(&mut self.undelivered).into_iter().partition(on_this_link);
            self.undelivered = kept;
            again.into_iter().for_each(|held| self.send_again(held));
        }
        was_cut
    }

    pub(super) fn cut_link(
        &mut self,
        from: Actor,
        to: Actor,
        both: bool,
        fx: &mut Effects,
    ) -> Result<Option<Endpoint>, CommandError> {
        self.check_link(from, to)?;
        let mut done = self.cut(from, to, fx);
        if both {
            done |= self.cut(to, from, fx);
        }
        fx.explain(Explanation::PersonCuts { from, to });
        if done { Ok(None) } else { Err(CommandError::AlreadyCut { from, to }) }
    }

    pub(super) fn heal_link(
        &mut self,
        from: Actor,
        to: Actor,
        both: bool,
        fx: &mut Effects,
    ) -> Result<Option<Endpoint>, CommandError> {
        self.check_link(from, to)?;
        let mut done = self.heal(from, to, fx);
        if both {
            done |= self.heal(to, from, fx);
        }
        fx.explain(Explanation::PersonHeals { from, to });
        if done { Ok(None) } else { Err(CommandError::NotCut { from, to }) }
    }

    /// What a person slows is the machine's disk: it stays slow over restarts.
    pub(super) fn slow_disk(
        &mut self,
        id: i32,
        by_ms: Millis,
        fx: &mut Effects,
    ) -> Result<Option<Endpoint>, CommandError> {
        if by_ms > DELAY_MS_MAX {
            return Err(CommandError::BadValue {
                name: "byMs".into(),
                value: by_ms.to_string(),
                expected: format!("0..{DELAY_MS_MAX}"),
            });
        }
        let node = self.node_mut(id).ok_or(CommandError::NoSuchNode { node: id })?;
        node.slow_disk.by_ms = by_ms;
        if by_ms > 0 {
            self.silence.slows(Actor::Node(id), self.position);
        } else {
            self.silence.speeds_up(Actor::Node(id), self.actors().into_iter());
        }
        fx.change(Change::DiskSlowed { node: id, by_ms });
        fx.explain(Explanation::PersonSlowsDisk { node: id, by_ms });
        Ok(None)
    }
}
