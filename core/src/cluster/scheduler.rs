//! Executing one event, and applying the effects that an endpoint wants.

use std::rc::Rc;

use super::delivery::dispatch_to_node;
use super::event::{Envelope, Event, HeldEvent, Message, Scheduled};
use super::node::{FailedMachine, Node, ProcessState};
use super::{Cluster, SetTimers};
use crate::actor::{Actor, Endpoint, Listener};
use crate::change::Change;
use crate::client::{Consumer, Producer};
use crate::connection::Connection;
use crate::effects::{Effects, Input, Outgoing, RequestContext, Timer};
use crate::explain::Explanation;
use crate::sim::Millis;
use crate::sim::queue::EventId;
use crate::socket_server::channel::{Answer, ChannelId};
use crate::socket_server::{Done, Work, Works, is_written};
use crate::step::{ExecutedEvent, Position, Size, Step};
use crate::wire::Topic;

/// The default `client.id` of an application's only admin client.
const ADMIN_CLIENT_ID: &str = "adminclient-1";

/// The number of the event that is executed, and what scheduled it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Due {
    id: EventId,
    cause: Position,
}

impl Due {
    /// The event, to wait until it can happen.
    pub(super) fn held(self, event: Event) -> HeldEvent {
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
        let mut fx = Effects { step: self.position, now: self.now, ..Effects::default() };
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
            Event::ThrottleDone { endpoint, channel } => {
                self.throttle_done(endpoint, channel, due, &mut fx);
                endpoint
            }
            Event::Poll { endpoint } => {
                self.poll_listener(endpoint, due, &mut fx);
                endpoint
            }
            Event::Send { from, from_incarnation, to, purpose, header, request } => {
                let (kept_header, kept) = (header.clone(), request.clone());
                let event = Event::Send { from, from_incarnation, to, purpose, header: kept_header, request: kept };
                if self.may_send(from, from_incarnation, event, due, &mut fx) {
                    fx.explain(Explanation::KeptBackSent { from: from.actor(), to: to.actor(), api: request.api() });
                    let connection = self.connection_to(from, to, purpose);
                    let message = Message::Request { header: *header, request };
                    self.send(from, to, self.incarnation(to.actor()), connection, message);
                }
                from
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
            | ExecutedEvent::Throttle { .. }
            | ExecutedEvent::Poll { .. }
            | ExecutedEvent::Send { .. }
            | ExecutedEvent::DiskWrite { .. } => None,
        };
        let cause = silenced_by.or_else(|| (cause > 0).then_some(cause));
        self.apply_effects(endpoint, &mut fx);
        self.wake_application(endpoint);
        self.finish_step(Some(actor), cause, Some(executed), &mut fx)
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
            Event::ThrottleDone { endpoint, channel } => {
                ExecutedEvent::Throttle { event, endpoint: *endpoint, client: channel.client }
            }
            Event::Poll { endpoint } => ExecutedEvent::Poll { event, endpoint: *endpoint },
            Event::Send { from, to, request, .. } => {
                ExecutedEvent::Send { event, from: *from, to: *to, api: request.api() }
            }
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
        fx: &mut Effects,
    ) -> Step {
        Step {
            index: self.position,
            at_ms: self.now,
            actor,
            event,
            cause,
            command: None,
            size: fx.changes.iter().map(Change::size).max().unwrap_or(Size::Micro),
            changes: std::mem::take(&mut fx.changes),
            explanation: fx.explanation.take().unwrap_or(Explanation::Nothing),
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
                Outgoing::Request { to, purpose, mut header, request, connection, not_before } => {
                    header.client_id = header.client_id.or_else(|| self.client_id(endpoint));
                    if not_before > self.now {
                        let (from, from_incarnation) = (endpoint, self.incarnation(endpoint.actor()));
                        let header = Box::new(header);
                        self.schedule(not_before, Event::Send { from, from_incarnation, to, purpose, header, request });
                        continue;
                    }
                    let connection = match connection {
                        Some(connection) => connection,
                        None => self.connection_to(endpoint, to, purpose),
                    };
                    let message = Message::Request { header, request };
                    self.send(endpoint, to, self.incarnation(to.actor()), connection, message);
                }
                Outgoing::Disconnect { from, purpose } => self.disconnect(endpoint, from, purpose),
                Outgoing::NoResponse { to, throttle_ms } => self.respond(endpoint, to, Answer::None, throttle_ms),
                Outgoing::Response { to, response, throttle_ms } => {
                    let answer = response.map_or(Answer::Close, Answer::Response);
                    self.respond(endpoint, to, answer, throttle_ms);
                }
            }
        }
        for (timer, at) in fx.timers.drain(..) {
            self.set_timer(endpoint, timer, at, self.position);
        }
        if let (Some(configs), Some((id, port))) = (fx.listener, endpoint.listener())
            && let Some(node) = self.node_mut(id)
        {
            let mut works = Works::new();
            let (server, _) = node.server_mut(port);
            server.set_max_connections_per_ip(configs.max_connections_per_ip);
            server.resize(configs.network_threads, configs.io_threads, &mut works);
            self.apply_works(endpoint, &mut works);
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
                node.disk.broker.process_ended(now);
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
        let has_arrived = false;
        self.put_on_the_wire(Envelope {
            from,
            from_incarnation,
            to,
            to_incarnation,
            connection,
            sent_at,
            has_arrived,
            message,
        });
    }

    pub(super) fn schedule(&mut self, at: Millis, event: Event) {
        self.queue.push(at, Scheduled { cause: self.position, event });
    }

    /// Sets a timer of an endpoint, moves it, or stops it.
    pub(super) fn set_timer(&mut self, endpoint: Endpoint, timer: Timer, at: Option<Millis>, cause: Position) {
        let timers = Rc::make_mut(&mut self.timers).get_or_insert_with(endpoint, SetTimers::new);
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

    /// The process in which something is to happen, with its id and listener; `None` where it is not there, or stands still: then it
    /// happens once the process goes on. What let it wait does not become its cause: that is still who set it off.
    pub(super) fn running(
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
        self.apply_works(endpoint, &mut works);
    }

    /// A handler thread has spent the time that a request takes: what comes of it, comes now.
    #[inline(never)]
    fn handler_done(&mut self, endpoint: Endpoint, handler: u32, due: Due, fx: &mut Effects) {
        let now = self.now;
        let event = Event::HandlerDone { endpoint, handler };
        let Some((node, _, port)) = self.running(endpoint, event, due, fx) else { return };
        let mut works = Works::new();
        if let Some(received) = node.server_mut(port).0.free_handler(handler, now) {
            node.handle_request(port, received, now, fx, &mut works);
        }
        self.apply_works(endpoint, &mut works);
    }

    /// A network thread has read a request, or sent an answer.
    #[inline(never)]
    fn processor_done(&mut self, endpoint: Endpoint, processor: u32, due: Due, fx: &mut Effects) {
        let now = self.now;
        let event = Event::ProcessorDone { endpoint, processor };
        let Some((node, id, port)) = self.running(endpoint, event, due, fx) else { return };
        let mut works = Works::new();
        let (server, costs) = node.server_mut(port);
        let done = server.processor_done(processor, &costs, now, &mut works);
        fx.explain(processor_did(done, id));
        self.apply_works(endpoint, &mut works);
    }

    /// The pause is over that a quota asked for: what came on the connection meanwhile is read.
    #[inline(never)]
    fn throttle_done(&mut self, endpoint: Endpoint, channel: ChannelId, due: Due, fx: &mut Effects) {
        let now = self.now;
        let event = Event::ThrottleDone { endpoint, channel };
        let Some((node, id, port)) = self.running(endpoint, event, due, fx) else { return };
        let mut works = Works::new();
        let (server, costs) = node.server_mut(port);
        if server.throttle_done(channel, &costs, now, &mut works) {
            fx.explain(Explanation::ThrottleOver { node: id, client: channel.client.actor() });
        }
        self.apply_works(endpoint, &mut works);
    }

    /// Whether who kept a request back is still there to send it: a process that stands still sends it later.
    fn may_send(&mut self, from: Endpoint, incarnation: u32, event: Event, due: Due, fx: &mut Effects) -> bool {
        let is_running = match from.listener() {
            Some(_) => self.running(from, event, due, fx).is_some(),
            None => true,
        };
        is_running && self.incarnation(from.actor()) == incarnation
    }

    /// What an endpoint calls itself in its requests (`client.id`); nodes call themselves nothing here.
    fn client_id(&self, endpoint: Endpoint) -> Option<Topic> {
        match endpoint {
            Endpoint::Producer(number) => self.producer(number).map(Producer::client_id),
            Endpoint::Consumer(number) => self.consumer(number).map(Consumer::client_id),
            Endpoint::Admin => Some(ADMIN_CLIENT_ID.into()),
            Endpoint::Broker(_) | Endpoint::Controller(_) | Endpoint::Probe(_) => None,
        }
    }

    /// An answer of a role goes to the network thread that has the requester's connection.
    fn respond(&mut self, endpoint: Endpoint, to: RequestContext, answer: Answer, throttle_ms: Millis) {
        let now = self.now;
        let Some((id, port)) = endpoint.listener() else { return };
        let Some(node) = self.node_mut(id) else { return };
        let (server, costs) = node.server_mut(port);
        let mut works = Works::new();
        server.respond(to, answer, throttle_ms, &costs, now, &mut works);
        self.apply_works(endpoint, &mut works);
    }

    /// Does what a listener's threads want done.
    pub(super) fn apply_works(&mut self, endpoint: Endpoint, works: &mut Works) {
        for work in works.drain(..) {
            match work {
                Work::TakeRequest => self.schedule(self.now, Event::Handle { endpoint }),
                Work::Processor { processor, until } => {
                    self.schedule(until, Event::ProcessorDone { endpoint, processor });
                }
                Work::Poll { at } => self.schedule(at.max(self.now), Event::Poll { endpoint }),
                Work::Throttle { channel, until } => self.schedule(until, Event::ThrottleDone { endpoint, channel }),
                Work::NetworkTime { to, ms } => {
                    let now = self.now;
                    if let Endpoint::Broker(id) = endpoint
                        && let Some(broker) = self.node_mut(id).and_then(|node| node.broker.as_mut())
                    {
                        broker.record_network_thread_time(&to, ms, now);
                    }
                }
                Work::Send { to, response } => {
                    let message = match response {
                        Some(response) => Message::Response { correlation_id: to.correlation_id, response },
                        None => Message::Closed { api: to.api },
                    };
                    self.send(endpoint, to.from, to.incarnation, to.connection, message);
                }
            }
        }
    }

    fn fire(&mut self, endpoint: Endpoint, timer: Timer, due: Due, fx: &mut Effects) {
        if let Some(timers) = Rc::make_mut(&mut self.timers).get_mut(&endpoint) {
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

    /// A process ended: its timers stop, and its machine closes its connections. A machine that failed tells nobody.
    pub(super) fn terminate_process(&mut self, id: i32, is_machine: bool) {
        let (actor, now) = (Actor::Node(id), self.now);
        self.silence.stops(actor, self.position);
        let endpoints = [Endpoint::Broker(id), Endpoint::Controller(id)];
        for endpoint in endpoints {
            self.close_connections_of(endpoint, !is_machine);
        }
        if let Some(node) = self.node_mut(id) {
            node.die(now);
        }
        // Nobody is left who would send it again.
        self.forget_undelivered_from(actor);
        self.forget_scheduled(|endpoint| endpoint.actor() == actor);
        if is_machine {
            if let Some(node) = self.node_mut(id) {
                node.failed_machine = Some(FailedMachine::default());
            }
        } else {
            endpoints.into_iter().for_each(|endpoint| self.close_connections_to(endpoint));
        }
    }

    /// Timers, and requests that wait for a thread or for the disk, go with their process.
    pub(super) fn forget_scheduled(&mut self, is_gone: impl Fn(Endpoint) -> bool) {
        Rc::make_mut(&mut self.timers).retain(|owner, _| !is_gone(*owner));
        self.queue.retain(|scheduled| match &scheduled.event {
            Event::Fire { endpoint, .. }
            | Event::Handle { endpoint }
            | Event::HandlerDone { endpoint, .. }
            | Event::ProcessorDone { endpoint, .. }
            | Event::ThrottleDone { endpoint, .. }
            | Event::Poll { endpoint } => !is_gone(*endpoint),
            // The disk goes on while one role of the process is left.
            Event::DiskDone { node } => !(is_gone(Endpoint::Broker(*node)) && is_gone(Endpoint::Controller(*node))),
            Event::Deliver(_) => true,
            Event::ConnectionSetupTimeout { client, .. } => !is_gone(*client),
            Event::Send { from, .. } => !is_gone(*from),
        });
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
