//! Executing one event, and applying the effects that an endpoint wants.

use std::sync::Arc;

use super::Cluster;
use super::event::{Envelope, Event, HeldEvent, Message, Scheduled};
use super::node::{FailedMachine, Node, ProcessState};
use crate::actor::{Actor, Endpoint, Listener};
use crate::change::Change;
use crate::client::{Consumer, Producer};
use crate::connection::{Connection, Purpose};
use crate::effects::{Effects, Input, Outgoing, ReceivedRequest, RequestContext, Timer};
use crate::explain::Explanation;
use crate::sim::Millis;
use crate::sim::queue::EventId;
use crate::socket_server::channel::{Answer, ChannelId};
use crate::socket_server::{Arrival, Done, Work, Works, is_written};
use crate::step::{ExecutedEvent, Position, Size, Step};
use crate::wire::ApiKey;

/// The number of the event that is executed, and what scheduled it.
#[derive(Clone, Copy, Debug)]
struct Due {
    id: EventId,
    cause: Position,
}

impl Due {
    /// The event, to wait until it can happen.
    fn held(self, event: Event) -> HeldEvent {
        HeldEvent { id: self.id, scheduled: Scheduled { cause: self.cause, event } }
    }
}

impl Cluster {
    /// Executes the event that is due first. `None` when nothing is scheduled, which never happens while a process lives.
    pub fn step(&mut self) -> Option<Step> {
        let (at, id, scheduled) = self.queue.pop()?;
        self.now = self.now.max(at);
        Some(self.execute(id, scheduled))
    }

    /// Executes an event now, whenever it was due.
    pub(super) fn execute(&mut self, id: EventId, scheduled: Scheduled) -> Step {
        self.position += 1;
        let actor = scheduled.event.actor();
        let executed = self.executed(id, &scheduled.event);
        let cause = scheduled.cause;
        let due = Due { id, cause };
        let mut fx = Effects { step: self.position, ..Effects::default() };
        let endpoint = match scheduled.event {
            Event::Deliver(envelope) => {
                let to = envelope.to;
                self.deliver(envelope, due, &mut fx);
                to
            }
            Event::Handle { endpoint } => {
                self.handle_next_request(endpoint, due, &mut fx);
                endpoint
            }
            Event::HandlerDone { endpoint, handler } => {
                self.handler_done(endpoint, handler, due, &mut fx);
                endpoint
            }
            Event::ProcessorDone { endpoint, processor } => {
                self.processor_done(endpoint, processor, due, &mut fx);
                endpoint
            }
            Event::DiskDone { node } => self.take_from_disk(node, due, &mut fx).unwrap_or(Endpoint::Broker(node)),
            Event::ConnectionSetupTimeout { client, listener, connection } => {
                self.connection_setup_timed_out((client, listener, connection), due, &mut fx);
                client
            }
            Event::Fire { endpoint, timer } => {
                self.fire(endpoint, timer, due, &mut fx);
                endpoint
            }
        };
        let silenced_by = match executed {
            ExecutedEvent::Timer { .. } | ExecutedEvent::ConnectionSetupTimeout { .. } => {
                self.fault_behind(actor, &fx.changes)
            }
            ExecutedEvent::Delivery { .. }
            | ExecutedEvent::Handler { .. }
            | ExecutedEvent::HandlerDone { .. }
            | ExecutedEvent::Processor { .. }
            | ExecutedEvent::DiskWrite { .. } => None,
        };
        let cause = silenced_by.or_else(|| (cause > 0).then_some(cause));
        self.apply_effects(endpoint, &mut fx);
        self.wake_application(endpoint);
        self.finish_step(Some(actor), cause, Some(executed), fx)
    }

    fn executed(&self, event: EventId, what: &Event) -> ExecutedEvent {
        match what {
            Event::Deliver(envelope) => ExecutedEvent::Delivery {
                event,
                from: envelope.from,
                to: envelope.to,
                api: envelope.message.api(),
                is_response: envelope.message.is_response(),
                is_closing: envelope.message.is_closing(),
                connection: envelope.connection,
                sent_at_ms: envelope.sent_at,
            },
            Event::Handle { endpoint } => {
                let waiting = endpoint.listener().and_then(|(id, port)| self.nodes.get(&id)?.requests(port).front());
                let request = waiting.map(|received| (received.request_context.from, received.request_context.api));
                ExecutedEvent::Handler { event, endpoint: *endpoint, request }
            }
            Event::HandlerDone { endpoint, handler } => {
                let handler = usize::try_from(*handler).unwrap_or(usize::MAX);
                let node = endpoint.listener().and_then(|(id, port)| Some((self.nodes.get(&id)?, port)));
                let request = node.and_then(|(node, port)| node.server(port).handlers().get(handler)?.request());
                let request = request.map(|received| (received.request_context.from, received.request_context.api));
                ExecutedEvent::HandlerDone { event, endpoint: *endpoint, request }
            }
            Event::ProcessorDone { endpoint, .. } => ExecutedEvent::Processor { event, endpoint: *endpoint },
            Event::DiskDone { node } => ExecutedEvent::DiskWrite { event, node: *node },
            Event::ConnectionSetupTimeout { client, listener, .. } => {
                ExecutedEvent::ConnectionSetupTimeout { event, client: *client, listener: *listener }
            }
            Event::Fire { endpoint, timer } => {
                ExecutedEvent::Timer { event, endpoint: *endpoint, timer: timer.clone() }
            }
        }
    }

    /// Writes down what a step was, once its effects are applied.
    pub(super) fn finish_step(
        &self,
        actor: Option<Actor>,
        cause: Option<Position>,
        event: Option<ExecutedEvent>,
        fx: Effects,
    ) -> Step {
        Step {
            index: self.position,
            at_ms: self.now,
            actor,
            event,
            cause,
            command: None,
            size: fx.changes.iter().map(Change::size).max().unwrap_or(Size::Micro),
            changes: fx.changes,
            explanation: fx.explanation.unwrap_or(Explanation::Nothing),
        }
    }

    /// Does what an endpoint wants done: sends its messages, sets its timers, ends its process.
    pub(super) fn apply_effects(&mut self, endpoint: Endpoint, fx: &mut Effects) {
        if fx.halts
            && let Some((id, _)) = endpoint.listener()
        {
            fx.sends.clear();
            fx.timers.clear();
            fx.change(Change::Crashed { node: id, machine: false });
            return self.terminate_process(id, false);
        }
        for outgoing in fx.sends.drain(..) {
            match outgoing {
                Outgoing::Request { to, header, request, connection } => {
                    let connection = match connection {
                        Some(connection) => connection,
                        None => self.connection_to(endpoint, to, request.api()),
                    };
                    let message = Message::Request { header, request };
                    self.send(endpoint, to, self.incarnation(to.actor()), connection, message);
                }
                Outgoing::Disconnect { from, purpose } => self.disconnect(endpoint, from, purpose),
                Outgoing::NoResponse { to } => self.respond(endpoint, to, Answer::None),
                Outgoing::Response { to, response } => {
                    let answer = response.map_or(Answer::Close, |response| Answer::Response(Box::new(response)));
                    self.respond(endpoint, to, answer);
                }
            }
        }
        for (timer, at) in fx.timers.drain(..) {
            self.set_timer(endpoint, timer, at, self.position);
        }
        if let (Some((network, io)), Some((id, port))) = (fx.resizes, endpoint.listener())
            && let Some(node) = self.node_mut(id)
        {
            let mut works = Works::new();
            node.server_mut(port).0.resize(network, io, &mut works);
            self.carry_out(endpoint, works);
        }
        if fx.exits
            && let Some((id, port)) = endpoint.listener()
        {
            self.role_ended(id, port, fx);
        }
    }

    /// A role ended of its own will. The broker of a combined process ends first: its controller may have to resign.
    fn role_ended(&mut self, id: i32, port: Listener, fx: &mut Effects) {
        let now = self.now;
        let mut of_controller = Effects::default();
        let Some(node) = self.node_mut(id) else { return };
        if let (Listener::Broker, Some(controller)) = (port, &mut node.controller) {
            controller.stop(&mut node.disk.controller, now, &mut of_controller);
            if !of_controller.exits {
                node.broker = None;
                node.close_listener(Listener::Broker);
                self.forget_scheduled(|endpoint| endpoint == Endpoint::Broker(id));
                self.close_connections_to(Endpoint::Broker(id));
                fx.changes.append(&mut of_controller.changes);
                return self.apply_effects(Endpoint::Controller(id), &mut of_controller);
            }
        }
        fx.change(Change::ShutDown { node: id });
        self.terminate_process(id, false);
    }

    pub(super) fn send(
        &mut self,
        from: Endpoint,
        to: Endpoint,
        to_incarnation: u32,
        connection: Connection,
        message: Message,
    ) {
        let from_incarnation = self.incarnation(from.actor());
        let sent_at = self.now;
        self.put_on_the_wire(Envelope { from, from_incarnation, to, to_incarnation, connection, sent_at, message });
    }

    pub(super) fn schedule(&mut self, at: Millis, event: Event) {
        self.queue.push(at, Scheduled { cause: self.position, event });
    }

    /// Sets a timer of an endpoint, moves it, or stops it.
    pub(super) fn set_timer(&mut self, endpoint: Endpoint, timer: Timer, at: Option<Millis>, cause: Position) {
        let timers = Arc::make_mut(&mut self.timers).entry(endpoint).or_default();
        let before = match at {
            Some(at) => {
                let at = at.max(self.now);
                let event = Event::Fire { endpoint, timer: timer.clone() };
                let id = self.queue.push(at, Scheduled { cause, event });
                timers.insert(timer, (at, id))
            }
            None => timers.remove(&timer),
        };
        if let Some((due, id)) = before {
            self.queue.remove(due, id);
        }
    }

    pub(super) fn incarnation(&self, actor: Actor) -> u32 {
        match actor {
            Actor::Node(id) => self.nodes.get(&id).map_or(0, |node| node.incarnation),
            Actor::Consumer(number) => self.consumer(number).map_or(0, Consumer::incarnation),
            Actor::Producer(number) => self.producer(number).map_or(0, Producer::incarnation),
            Actor::Admin | Actor::Probe(_) => 0,
        }
    }

    fn deliver(&mut self, envelope: Box<Envelope>, due: Due, fx: &mut Effects) {
        let (from, to) = (envelope.from.actor(), envelope.to.actor());
        if self.network.is_cut(from, to) {
            fx.explain(if envelope.message.is_closing() {
                Explanation::ClosingHeld { from, to }
            } else {
                Explanation::HeldOnCutLink { from, to, api: envelope.message.api() }
            });
            self.awaits_setup(&envelope);
            self.undelivered.push(due.held(Event::Deliver(envelope)));
            return;
        }
        match envelope.to.listener() {
            Some((id, port)) => self.deliver_to_node(id, port, envelope, due, fx),
            None if envelope.to_incarnation != self.incarnation(to) => {
                fx.explain(asker_gone(&envelope));
            }
            None => {
                self.silence.hears(from, to);
                if self.reaches_its_client(&envelope, fx) {
                    self.dispatch_to_client(*envelope, fx);
                }
            }
        }
    }

    /// Whether an answer, or the end of a connection, comes to a client that has the connection still. Else its machine answers.
    fn reaches_its_client(&mut self, envelope: &Envelope, fx: &mut Effects) -> bool {
        let is_connected = self.is_connected(envelope);
        let is_closing = envelope.message.is_closing();
        if is_connected && is_closing {
            self.learns_of_the_end(envelope);
        }
        if !is_connected {
            let (client, node) = (envelope.to.actor(), envelope.from.actor());
            if is_closing {
                fx.explain(Explanation::ConnectionClosedBefore { client, node });
            } else {
                fx.explain(Explanation::AnswerReset { client, node, api: envelope.message.api() });
                self.reset_listener(envelope);
            }
        }
        is_connected
    }

    fn deliver_to_node(&mut self, id: i32, port: Listener, envelope: Box<Envelope>, due: Due, fx: &mut Effects) {
        let (from, api) = (envelope.from.actor(), envelope.message.api());
        let (is_response, is_closing) = (envelope.message.is_response(), envelope.message.is_closing());
        let now = self.now;
        if let Some(node) = self.nodes.get_mut(&id).filter(|node| node.failed_machine.is_some()) {
            // An answer to a process that is gone, and the end of a connection, get lost for good: nobody misses them.
            if !is_response && !is_closing {
                fx.explain(Explanation::MachineOff { node: id, from, api });
                let unanswered = due.held(Event::Deliver(envelope.clone()));
                let failed = Arc::make_mut(node).failed_machine.as_mut();
                failed.into_iter().for_each(|failed| failed.unanswered.push(unanswered.clone()));
                self.awaits_setup(&envelope);
            } else {
                fx.explain(asker_gone(&envelope));
            }
            return;
        }
        let is_there = |node: &Arc<Node>| {
            node.process != ProcessState::Down
                && node.incarnation == envelope.to_incarnation
                && (is_response || node.listens(port))
        };
        if !self.nodes.get(&id).is_some_and(is_there) {
            if is_response || is_closing {
                fx.explain(asker_gone(&envelope));
            } else {
                // The machine answers for the dead process: nobody listens here.
                fx.explain(Explanation::ConnectionRefused { node: id, from, api });
                let (connection, closed) = (envelope.connection, Message::Closed { api });
                self.send(envelope.to, envelope.from, envelope.from_incarnation, connection, closed);
            }
            return;
        }
        let is_paused = self.nodes.get(&id).is_some_and(|node| node.process == ProcessState::Paused);
        if is_response && !is_paused && !self.reaches_its_client(&envelope, fx) {
            return;
        }
        if !is_response && !is_closing {
            self.connection_established(&envelope);
        }
        let Some(node) = self.nodes.get_mut(&id) else { return };
        let node = Arc::make_mut(node);
        if node.process == ProcessState::Paused {
            fx.explain(if is_closing {
                Explanation::ClosingHeld { from, to: Actor::Node(id) }
            } else {
                Explanation::HeldAtPaused { node: id, from, api }
            });
            node.held.push(due.held(Event::Deliver(envelope)));
            return;
        }
        let is_slow = is_response && node.slow_disk.by_ms > 0 && envelope.message.is_written();
        let purpose = envelope.connection.purpose;
        let Envelope { from: asker, from_incarnation, to, message, connection, .. } = *envelope;
        match message {
            Message::Request { header, request } => {
                let request_context = RequestContext {
                    from: asker,
                    incarnation: from_incarnation,
                    correlation_id: header.correlation_id,
                    api,
                    version: header.request_api_version,
                    principal: header.principal,
                    connection,
                };
                let (server, costs) = node.server_mut(port);
                let mut works = Works::new();
                let arrival = server.receive(ReceivedRequest { request_context, request }, &costs, now, &mut works);
                fx.explain(arrived(arrival, id, from, api));
                self.carry_out(to, works);
            }
            message @ (Message::Response { .. } | Message::Closed { .. }) if is_slow => {
                let written_at = node.slow_disk.write(now);
                fx.explain(Explanation::WaitsForDisk { node: id, from, api, until_ms: written_at });
                let written = Envelope { message, ..*envelope };
                node.slow_disk.writing.push_back(written);
                self.schedule(written_at, Event::DiskDone { node: id });
            }
            Message::ClosedByClient { is_reset } => {
                let client = connection.opened_by(asker);
                let channel = ChannelId { client, incarnation: from_incarnation, connection };
                let (server, _) = node.server_mut(port);
                fx.explain(match server.closed_by_client(channel, is_reset) {
                    true => Explanation::ListenerLearnsClosed { node: id, client: from, is_reset },
                    false => Explanation::ConnectionClosedBefore { client: from, node: Actor::Node(id) },
                });
            }
            Message::Response { .. } | Message::Closed { .. } => {
                if let Some((input, _)) = input_of(asker, purpose, message) {
                    dispatch_to_node(node, port, input, now, fx);
                }
            }
        }
        self.silence.hears(from, Actor::Node(id));
    }

    /// The disk has written what it was given first. Gives the role that waited for it.
    fn take_from_disk(&mut self, id: i32, due: Due, fx: &mut Effects) -> Option<Endpoint> {
        let now = self.now;
        let node = self.node_mut(id)?;
        match node.process {
            ProcessState::Down => None,
            ProcessState::Paused => {
                node.held.push(due.held(Event::DiskDone { node: id }));
                fx.explain(Explanation::TimerHeldAtPaused { node: id });
                None
            }
            ProcessState::Running => {
                let Envelope { from, to, message, connection, .. } = node.slow_disk.writing.pop_front()?;
                let (_, port) = to.listener()?;
                let (input, _) = input_of(from, connection.purpose, message)?;
                dispatch_to_node(node, port, input, now, fx);
                Some(to)
            }
        }
    }

    /// The process in which something is to happen, with its id and listener; `None` where it is not there, or stands still: then it
    /// happens once the process goes on. What let it wait does not become its cause: that is still who set it off.
    fn running(
        &mut self,
        endpoint: Endpoint,
        event: Event,
        due: Due,
        fx: &mut Effects,
    ) -> Option<(&mut Node, i32, Listener)> {
        let (id, port) = endpoint.listener()?;
        let node = self.node_mut(id)?;
        match node.process {
            ProcessState::Down => None,
            ProcessState::Paused => {
                node.held.push(due.held(event));
                fx.explain(Explanation::TimerHeldAtPaused { node: id });
                None
            }
            ProcessState::Running => Some((node, id, port)),
        }
    }

    fn handle_next_request(&mut self, endpoint: Endpoint, due: Due, fx: &mut Effects) {
        let now = self.now;
        let Some((node, id, port)) = self.running(endpoint, Event::Handle { endpoint }, due, fx) else { return };
        let mut works = Works::new();
        if let Some((received, until)) = node.take_request(port, now, &mut works) {
            if until > now {
                let context = &received.request_context;
                let (from, api) = (context.from.actor(), context.api);
                fx.explain(match node.slow_disk.by_ms > 0 && is_written(&received.request) {
                    true => Explanation::WaitsForDisk { node: id, from, api, until_ms: until },
                    false => Explanation::HandlerTook { node: id, from, api, until_ms: until },
                });
                let handler = node.server_mut(port).0.occupy_handler(received, now);
                self.schedule(until, Event::HandlerDone { endpoint, handler });
            } else {
                node.handle_request(port, received, now, fx, &mut works);
            }
        }
        self.carry_out(endpoint, works);
    }

    /// A handler thread has spent the time that a request takes: what comes of it, comes now.
    fn handler_done(&mut self, endpoint: Endpoint, handler: u32, due: Due, fx: &mut Effects) {
        let now = self.now;
        let event = Event::HandlerDone { endpoint, handler };
        let Some((node, _, port)) = self.running(endpoint, event, due, fx) else { return };
        let mut works = Works::new();
        if let Some(received) = node.server_mut(port).0.free_handler(handler, now) {
            node.handle_request(port, received, now, fx, &mut works);
        }
        self.carry_out(endpoint, works);
    }

    /// A network thread has read a request, or sent an answer.
    fn processor_done(&mut self, endpoint: Endpoint, processor: u32, due: Due, fx: &mut Effects) {
        let now = self.now;
        let event = Event::ProcessorDone { endpoint, processor };
        let Some((node, id, port)) = self.running(endpoint, event, due, fx) else { return };
        let mut works = Works::new();
        let (server, costs) = node.server_mut(port);
        let done = server.processor_done(processor, &costs, now, &mut works);
        fx.explain(processor_did(done, id));
        self.carry_out(endpoint, works);
    }

    /// An answer of a role goes to the network thread that has the asker's connection.
    fn respond(&mut self, endpoint: Endpoint, to: RequestContext, answer: Answer) {
        let now = self.now;
        let Some((id, port)) = endpoint.listener() else { return };
        let Some(node) = self.node_mut(id) else { return };
        let (server, costs) = node.server_mut(port);
        let mut works = Works::new();
        server.respond(to, answer, &costs, now, &mut works);
        self.carry_out(endpoint, works);
    }

    /// Does what a listener's threads want done.
    fn carry_out(&mut self, endpoint: Endpoint, works: Works) {
        for work in works {
            match work {
                Work::TakeRequest => self.schedule(self.now, Event::Handle { endpoint }),
                Work::Processor { processor, until } => {
                    self.schedule(until, Event::ProcessorDone { endpoint, processor });
                }
                Work::Send { to, response } => {
                    let message = match response {
                        Some(response) => Message::Response { correlation_id: to.correlation_id, response: *response },
                        None => Message::Closed { api: to.api },
                    };
                    self.send(endpoint, to.from, to.incarnation, to.connection, message);
                }
            }
        }
    }

    fn fire(&mut self, endpoint: Endpoint, timer: Timer, due: Due, fx: &mut Effects) {
        if let Some(timers) = Arc::make_mut(&mut self.timers).get_mut(&endpoint) {
            timers.remove(&timer);
        }
        let Some((id, port)) = endpoint.listener() else {
            if !self.application_timer_fired(endpoint, &timer, fx) {
                self.input_to_client(endpoint, Input::Timer(timer), fx);
            }
            return;
        };
        let now = self.now;
        let Some(node) = self.node_mut(id) else { return };
        match node.process {
            ProcessState::Down => {}
            ProcessState::Paused => {
                node.held.push(due.held(Event::Fire { endpoint, timer }));
                fx.explain(Explanation::TimerHeldAtPaused { node: id });
            }
            ProcessState::Running => dispatch_to_node(node, port, Input::Timer(timer), now, fx),
        }
    }

    fn dispatch_to_client(&mut self, envelope: Envelope, fx: &mut Effects) {
        if let Some((input, api)) = input_of(envelope.from, envelope.connection.purpose, envelope.message) {
            self.input_to_client(envelope.to, input, fx);
            if let (Endpoint::Probe(probe), Some(api)) = (envelope.to, api) {
                fx.explain(Explanation::ProbeAnswered { probe, api });
            }
        }
    }

    fn input_to_client(&mut self, client: Endpoint, input: Input<Timer>, fx: &mut Effects) {
        let now = self.now;
        match client {
            Endpoint::Producer(number) => {
                if let (Some(producer), Some(input)) = (self.producer_mut(number), own_input(input)) {
                    producer.handle(input, now, fx);
                }
            }
            Endpoint::Consumer(number) => {
                if let (Some(consumer), Some(input)) = (self.consumer_mut(number), own_input(input)) {
                    consumer.handle(input, now, fx);
                }
            }
            Endpoint::Admin => {
                if let Some(input) = own_input(input) {
                    Arc::make_mut(&mut self.admin).handle(input, now, fx);
                }
            }
            Endpoint::Probe(number) => {
                if let Some(input) = own_input(input) {
                    Arc::make_mut(&mut self.probes).handle(number, input, now, fx);
                }
            }
            Endpoint::Broker(_) | Endpoint::Controller(_) => {}
        }
    }

    /// A process ended: its timers stop, and its machine closes its connections. A machine that failed tells nobody.
    pub(super) fn terminate_process(&mut self, id: i32, is_machine: bool) {
        let actor = Actor::Node(id);
        self.silence.stops(actor, self.position);
        let endpoints = [Endpoint::Broker(id), Endpoint::Controller(id)];
        for endpoint in endpoints {
            self.close_connections_of(endpoint, !is_machine);
        }
        if let Some(node) = self.node_mut(id) {
            node.die();
        }
        // Nobody is left who would send it again.
        self.undelivered.retain(
            |held| !matches!(&held.scheduled.event, Event::Deliver(envelope) if envelope.from.actor() == actor),
        );
        self.forget_scheduled(|endpoint| endpoint.actor() == actor);
        if is_machine {
            if let Some(node) = self.node_mut(id) {
                node.failed_machine = Some(FailedMachine::default());
            }
        } else {
            endpoints.into_iter().for_each(|endpoint| self.close_connections_to(endpoint));
        }
    }

    /// Timers, and requests that wait for a thread or for the disk, go with whoever had them.
    pub(super) fn forget_scheduled(&mut self, is_gone: impl Fn(Endpoint) -> bool) {
        Arc::make_mut(&mut self.timers).retain(|owner, _| !is_gone(*owner));
        self.queue.retain(|scheduled| match &scheduled.event {
            Event::Fire { endpoint, .. }
            | Event::Handle { endpoint }
            | Event::HandlerDone { endpoint, .. }
            | Event::ProcessorDone { endpoint, .. } => !is_gone(*endpoint),
            // The disk goes on while one role of the process is left.
            Event::DiskDone { node } => !(is_gone(Endpoint::Broker(*node)) && is_gone(Endpoint::Controller(*node))),
            Event::Deliver(_) => true,
            Event::ConnectionSetupTimeout { client, .. } => !is_gone(*client),
        });
    }

    /// A connection is not open after all the time that it may take: its client looks at it as closed.
    fn connection_setup_timed_out(
        &mut self,
        (client, listener, connection): (Endpoint, Endpoint, Connection),
        due: Due,
        fx: &mut Effects,
    ) {
        let event = Event::ConnectionSetupTimeout { client, listener, connection };
        if client.listener().is_some() && self.running(client, event, due, fx).is_none() {
            return;
        }
        if !self.setup_timed_out(client, listener, connection) {
            return;
        }
        let Some((node, port)) = listener.listener() else { return };
        fx.explain(Explanation::ConnectionSetupTimedOut { client: client.actor(), node });
        let input = Input::Disconnected { node, port, purpose: connection.purpose };
        match client.listener() {
            Some((id, own_port)) => {
                let now = self.now;
                if let Some(node) = self.node_mut(id) {
                    dispatch_to_node(node, own_port, input, now, fx);
                }
            }
            None => self.input_to_client(client, input, fx),
        }
    }
}

/// A message for a process that has ended, in words.
fn asker_gone(envelope: &Envelope) -> Explanation {
    let to = envelope.to.actor();
    if envelope.message.is_closing() {
        Explanation::ConnectionClosedBefore { client: envelope.from.actor(), node: to }
    } else {
        Explanation::AskerGone { to, api: envelope.message.api() }
    }
}

/// What became of a request that reached a listener's socket, in words.
fn arrived(arrival: Arrival, node: i32, from: Actor, api: ApiKey) -> Explanation {
    match arrival {
        Arrival::Queued => Explanation::RequestArrived { node, from, api },
        Arrival::Reading => Explanation::ProcessorReads { node, from, api },
        Arrival::Muted => Explanation::ChannelMuted { node, from, api },
        Arrival::ProcessorBusy => Explanation::ProcessorBusy { node, from, api },
        Arrival::QueueFull => Explanation::RequestQueueFull { node, from, api },
    }
}

/// What a network thread was done with, in words.
fn processor_did(done: Option<Done>, node: i32) -> Explanation {
    match done {
        Some(Done::Queued { from, api }) => Explanation::ProcessorQueued { node, from: from.actor(), api },
        Some(Done::QueueFull { from, api }) => Explanation::RequestQueueFull { node, from: from.actor(), api },
        Some(Done::Sent { to, api }) => Explanation::ProcessorSent { node, to: to.actor(), api },
        None => Explanation::Nothing,
    }
}

/// Hands a role of a running process anything but a request.
fn dispatch_to_node(node: &mut Node, port: Listener, input: Input<Timer>, now: Millis, fx: &mut Effects) {
    match port {
        Listener::Broker => {
            if let Some(input) = own_input(input) {
                node.handle_as_broker(input, now, fx);
            }
        }
        Listener::Controller => {
            if let Some(input) = own_input(input) {
                node.handle_as_controller(input, now, fx);
            }
        }
    }
}

/// What a role is given, in its own words. A timer of another role would be a mistake of ours: nobody sets one.
fn own_input<T: TryFrom<Timer>>(input: Input<Timer>) -> Option<Input<T>> {
    let own = input.for_role();
    debug_assert!(own.is_some(), "a timer of another role fired");
    own
}

/// What who asked makes of a message: an answer or the end of the connection.
fn input_of(from: Endpoint, purpose: Purpose, message: Message) -> Option<(Input<Timer>, Option<ApiKey>)> {
    let (node, port) = from.listener()?;
    match message {
        Message::Response { correlation_id, response } => {
            let api = response.api();
            Some((Input::Answer { from: node, correlation_id, response }, Some(api)))
        }
        Message::Closed { .. } => Some((Input::Disconnected { node, port, purpose }, None)),
        Message::Request { .. } | Message::ClosedByClient { .. } => None,
    }
}
