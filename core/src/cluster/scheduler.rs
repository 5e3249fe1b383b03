//! Executing one event, and carrying out what a party wants done.

use std::sync::Arc;

use super::Cluster;
use super::event::{Envelope, Event, Message, Scheduled};
use super::node::ProcessState;
use crate::actor::Actor;
use crate::change::Change;
use crate::effects::{Asker, Effects, Inbound, Input, Outgoing, Timer};
use crate::explain::Explanation;
use crate::sim::Millis;
use crate::step::{Position, Size, Step};
use crate::wire::{ApiKey, Response};

impl Cluster {
    /// Executes the event that is due first. `None` when nothing is scheduled, which never happens while a process lives.
    pub fn step(&mut self) -> Option<Step> {
        let (at, _, scheduled) = self.queue.pop()?;
        self.now = self.now.max(at);
        Some(self.execute(scheduled))
    }

    /// Executes an event now, whenever it was due.
    pub(super) fn execute(&mut self, scheduled: Scheduled) -> Step {
        self.position += 1;
        let actor = scheduled.event.actor();
        let cause = scheduled.cause;
        let mut fx = Effects::default();
        match scheduled.event {
            Event::Deliver(envelope) => self.deliver(*envelope, cause, &mut fx),
            Event::Handle { node } => self.handle_next_request(node, &mut fx),
            Event::DiskDone { node } => self.take_from_disk(node, cause, &mut fx),
            Event::Fire { actor, timer } => self.fire(actor, timer, cause, &mut fx),
        }
        let cause = (cause > 0).then_some(cause);
        self.conclude(Some(actor), cause, fx)
    }

    /// Carries out what the acting party wants, and writes down what the step was.
    pub(super) fn conclude(&mut self, actor: Option<Actor>, cause: Option<Position>, mut fx: Effects) -> Step {
        if let Some(actor) = actor {
            self.carry_out(actor, &mut fx);
        }
        let size = if fx.changes.iter().any(Change::is_milestone) {
            Size::Milestone
        } else if fx.changes.iter().any(|change| !change.is_background()) {
            Size::Message
        } else {
            Size::Micro
        };
        Step {
            index: self.position,
            at_ms: self.now,
            actor,
            cause,
            command: None,
            changes: fx.changes,
            explanation: fx.explanation.unwrap_or(Explanation::Nothing),
            size,
        }
    }

    fn carry_out(&mut self, actor: Actor, fx: &mut Effects) {
        for outgoing in std::mem::take(&mut fx.sends) {
            match outgoing {
                Outgoing::Request { to, port, header, request } => {
                    let message = Message::Request { port, header, request };
                    self.send(actor, Actor::Node(to), self.incarnation(Actor::Node(to)), message);
                }
                Outgoing::Response { to, response } => {
                    let message = match response {
                        Some(response) => Message::Response { correlation_id: to.correlation_id, response },
                        None => Message::Closed { api: to.api },
                    };
                    self.send(actor, to.from, to.incarnation, message);
                }
            }
        }
        for (timer, at) in std::mem::take(&mut fx.timers) {
            self.set_timer(actor, timer, at);
        }
        if fx.exits
            && let Actor::Node(node) = actor
        {
            self.bury(node);
        }
    }

    fn send(&mut self, from: Actor, to: Actor, to_incarnation: u32, message: Message) {
        let at = self.network.arrival(from, to, self.now);
        let from_incarnation = self.incarnation(from);
        let envelope = Envelope { from, from_incarnation, to, to_incarnation, sent_at: self.now, message };
        self.schedule(at, Event::Deliver(Box::new(envelope)));
    }

    pub(super) fn schedule(&mut self, at: Millis, event: Event) {
        self.queue.push(at, Scheduled { cause: self.position, event });
    }

    pub(super) fn set_timer(&mut self, actor: Actor, timer: Timer, at: Option<Millis>) {
        let key = (actor, timer);
        if let Some((due, id)) = Arc::make_mut(&mut self.timers).remove(&key) {
            self.queue.remove(due, id);
        }
        if let Some(at) = at {
            let at = at.max(self.now);
            let event = Event::Fire { actor, timer: key.1.clone() };
            let id = self.queue.push(at, Scheduled { cause: self.position, event });
            Arc::make_mut(&mut self.timers).insert(key, (at, id));
        }
    }

    pub(super) fn incarnation(&self, actor: Actor) -> u32 {
        match actor {
            Actor::Node(id) => self.nodes.get(&id).map_or(0, |node| node.incarnation),
            Actor::Producer(_) | Actor::Consumer(_) | Actor::Admin | Actor::Probe(_) => 0,
        }
    }

    fn deliver(&mut self, envelope: Envelope, cause: Position, fx: &mut Effects) {
        let (from, to, api) = (envelope.from, envelope.to, envelope.message.api());
        if self.network.is_cut(from, to) {
            fx.explain(Explanation::HeldOnCutLink { from, to, api });
            self.undelivered.push(Scheduled { cause, event: Event::Deliver(Box::new(envelope)) });
            return;
        }
        match to {
            Actor::Node(id) => self.deliver_to_node(id, envelope, cause, fx),
            Actor::Producer(_) | Actor::Consumer(_) | Actor::Admin | Actor::Probe(_) => {
                if let Some((input, probe)) = input_of(from, envelope.message) {
                    self.hand_to_client(to, input, probe, fx);
                }
            }
        }
    }

    fn deliver_to_node(&mut self, id: i32, envelope: Envelope, cause: Position, fx: &mut Effects) {
        let (from, api) = (envelope.from, envelope.message.api());
        let is_there = self.nodes.get(&id).is_some_and(|node| {
            node.process != ProcessState::Down
                && node.incarnation == envelope.to_incarnation
                && node.listens_to(&envelope.message)
        });
        if !is_there {
            if envelope.message.is_response() {
                fx.explain(Explanation::LateAnswer { to: envelope.to, api });
            } else {
                // The machine answers for the dead process: nobody listens here.
                fx.explain(Explanation::ConnectionRefused { node: id, from, api });
                self.send(envelope.to, from, envelope.from_incarnation, Message::Closed { api });
            }
            return;
        }
        let now = self.now;
        let Some(node) = self.node_mut(id) else { return };
        if node.process == ProcessState::Paused {
            fx.explain(Explanation::HeldAtPaused { node: id, from, api });
            node.held.push(Scheduled { cause, event: Event::Deliver(Box::new(envelope)) });
            return;
        }
        let is_slow = node.slow_disk.by_ms > 0 && envelope.message.is_written();
        let handled_at = if is_slow { node.slow_disk.write(now) } else { node.slow_disk.free_at(now) };
        if is_slow {
            fx.explain(Explanation::WaitsForDisk { node: id, from, api, until_ms: handled_at });
            if envelope.message.is_response() {
                node.slow_disk.writing.push_back(envelope);
                return self.schedule(handled_at, Event::DiskDone { node: id });
            }
        }
        match envelope.message {
            Message::Request { port, header, request } => {
                let asker = Asker {
                    from,
                    incarnation: envelope.from_incarnation,
                    port,
                    correlation_id: header.correlation_id,
                    api,
                    version: header.request_api_version,
                };
                node.request_queue.push_back(Inbound { asker, request });
                fx.explain(Explanation::RequestArrived { node: id, from, api });
                // A handler thread that waits for the disk keeps the later requests waiting too: they are taken in order.
                self.schedule(handled_at, Event::Handle { node: id });
            }
            Message::Response { correlation_id, response } => self.hand_answer(id, from, correlation_id, response, fx),
            Message::Closed { .. } => {
                if let Actor::Node(peer) = from {
                    let now = self.now;
                    if let Some(node) = self.node_mut(id) {
                        node.handle(Input::PeerGone { node: peer }, now, fx);
                    }
                }
            }
        }
    }

    fn hand_answer(&mut self, id: i32, from: Actor, correlation_id: i32, response: Response, fx: &mut Effects) {
        let now = self.now;
        if let (Actor::Node(peer), Some(node)) = (from, self.node_mut(id)) {
            node.handle(Input::Answer { from: peer, correlation_id, response }, now, fx);
        }
    }

    fn take_from_disk(&mut self, id: i32, cause: Position, fx: &mut Effects) {
        let Some(node) = self.node_mut(id) else { return };
        match node.process {
            ProcessState::Down => {}
            ProcessState::Paused => {
                node.held.push(Scheduled { cause, event: Event::DiskDone { node: id } });
                fx.explain(Explanation::TimerHeldAtPaused { node: id });
            }
            ProcessState::Running => {
                let Some(envelope) = node.slow_disk.writing.pop_front() else { return };
                if let Message::Response { correlation_id, response } = envelope.message {
                    self.hand_answer(id, envelope.from, correlation_id, response, fx);
                }
            }
        }
    }

    fn handle_next_request(&mut self, id: i32, fx: &mut Effects) {
        let now = self.now;
        let position = self.position;
        let Some(node) = self.node_mut(id) else { return };
        match node.process {
            ProcessState::Down => {}
            ProcessState::Paused => {
                node.held.push(Scheduled { cause: position, event: Event::Handle { node: id } });
                fx.explain(Explanation::TimerHeldAtPaused { node: id });
            }
            ProcessState::Running => {
                if let Some(inbound) = node.request_queue.pop_front() {
                    node.handle_request(inbound, now, fx);
                }
            }
        }
    }

    fn fire(&mut self, actor: Actor, timer: Timer, cause: Position, fx: &mut Effects) {
        let now = self.now;
        Arc::make_mut(&mut self.timers).remove(&(actor, timer.clone()));
        let Actor::Node(id) = actor else {
            return self.hand_to_client(actor, Input::Timer(timer), None, fx);
        };
        let Some(node) = self.node_mut(id) else { return };
        match node.process {
            ProcessState::Down => {}
            ProcessState::Paused => {
                node.held.push(Scheduled { cause, event: Event::Fire { actor, timer } });
                fx.explain(Explanation::TimerHeldAtPaused { node: id });
            }
            ProcessState::Running => node.handle(Input::Timer(timer), now, fx),
        }
    }

    fn hand_to_client(&mut self, actor: Actor, input: Input, probe: Option<ApiKey>, fx: &mut Effects) {
        let now = self.now;
        match actor {
            Actor::Producer(number) => {
                if let Some(producer) = self.producer_mut(number) {
                    producer.handle(input, now, fx);
                }
            }
            Actor::Consumer(number) => {
                if let Some(consumer) = self.consumer_mut(number) {
                    consumer.handle(input, now, fx);
                }
            }
            Actor::Admin => Arc::make_mut(&mut self.admin).handle(input, now, fx),
            Actor::Probe(number) => {
                Arc::make_mut(&mut self.probes).handle(number, input, now, fx);
                if let Some(api) = probe {
                    fx.explain(Explanation::ProbeAnswered { probe: number, api });
                }
            }
            Actor::Node(_) => {}
        }
    }

    /// A process ended: its timers stop, and everybody who waits for its answers hears that the connection broke.
    pub(super) fn bury(&mut self, id: i32) {
        if let Some(node) = self.node_mut(id) {
            node.die();
        }
        let actor = Actor::Node(id);
        // Nobody is left who would send it again.
        self.undelivered
            .retain(|scheduled| !matches!(&scheduled.event, Event::Deliver(envelope) if envelope.from == actor));
        Arc::make_mut(&mut self.timers).retain(|(owner, _), _| *owner != actor);
        self.queue.retain(|scheduled| match &scheduled.event {
            Event::Fire { actor: owner, .. } => *owner != actor,
            Event::Handle { node } | Event::DiskDone { node } => *node != id,
            Event::Deliver(_) => true,
        });
        let mut waiting: Vec<Actor> = Vec::new();
        waiting.extend(self.nodes.iter().filter(|(_, node)| node.has_open_to(id)).map(|(id, _)| Actor::Node(*id)));
        let number = |index: usize| u32::try_from(index + 1).unwrap_or(u32::MAX);
        let producers = self.producers.iter().enumerate().filter(|(_, producer)| producer.has_open_to(id));
        waiting.extend(producers.map(|(index, _)| Actor::Producer(number(index))));
        let consumers = self.consumers.iter().enumerate().filter(|(_, consumer)| consumer.has_open_to(id));
        waiting.extend(consumers.map(|(index, _)| Actor::Consumer(number(index))));
        if self.admin.has_open_to(id) {
            waiting.push(Actor::Admin);
        }
        let probes = self.probes.answers.keys().filter(|probe| self.probes.has_open_to(**probe, id));
        waiting.extend(probes.map(|probe| Actor::Probe(*probe)));
        for party in waiting {
            let incarnation = self.incarnation(party);
            self.send(actor, party, incarnation, Message::Closed { api: ApiKey::ApiVersions });
        }
    }
}

/// What a client's end of a connection makes of a message.
fn input_of(from: Actor, message: Message) -> Option<(Input, Option<ApiKey>)> {
    let Actor::Node(node) = from else { return None };
    match message {
        Message::Response { correlation_id, response } => {
            let api = response.api();
            Some((Input::Answer { from: node, correlation_id, response }, Some(api)))
        }
        Message::Closed { .. } => Some((Input::PeerGone { node }, None)),
        Message::Request { .. } => None,
    }
}
