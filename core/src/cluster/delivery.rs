//! What becomes of a message that arrives: it is held up, refused, taken by a listener, or comes to who asked.

use std::rc::Rc;

use super::Cluster;
use super::event::{Envelope, Event, Message};
use super::node::{Node, ProcessState};
use super::scheduler::Due;
use crate::actor::{Actor, Endpoint, Listener};
use crate::connection::{Connection, Purpose};
use crate::effects::{Effects, Input, ReceivedRequest, RequestContext, Timer};
use crate::explain::Explanation;
use crate::sim::Millis;
use crate::socket_server::transport_layer::TransportLayer;
use crate::socket_server::{Arrival, Works};
use crate::wire::ApiKey;
impl Cluster {
    pub(super) fn deliver(&mut self, envelope: Box<Envelope>, due: Due, fx: &mut Effects) {
        let (from, to) = (envelope.from.actor(), envelope.to.actor());
        if !envelope.has_arrived && self.network.is_cut(from, to) {
            fx.explain(if envelope.message.is_closing() {
                Explanation::ClosingHeld { from, to }
            } else if envelope.message.raw_bytes().is_some() {
                Explanation::BytesHeld { from, to }
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
                fx.explain(process_gone(&envelope));
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

    fn deliver_to_node(&mut self, id: i32, port: Listener, mut envelope: Box<Envelope>, due: Due, fx: &mut Effects) {
        let (from, api) = (envelope.from.actor(), envelope.message.api());
        let (is_response, is_closing) = (envelope.message.is_response(), envelope.message.is_closing());
        let now = self.now;
        if let Some(node) = self.nodes.get_mut(&id).filter(|node| node.failed_machine.is_some()) {
            // An answer to a process that is gone, and the end of a connection, get lost for good: nobody misses them.
            if !is_response && !is_closing {
                fx.explain(match envelope.message.raw_bytes() {
                    Some(_) => Explanation::BytesHeld { from, to: Actor::Node(id) },
                    None => Explanation::MachineOff { node: id, from, api },
                });
                if let Some(failed) = &mut Rc::make_mut(node).failed_machine {
                    failed.unanswered.push(due.held(Event::Deliver(envelope.clone())));
                }
                self.awaits_setup(&envelope);
            } else {
                fx.explain(process_gone(&envelope));
            }
            return;
        }
        let is_there = |node: &Rc<Node>| {
            node.process != ProcessState::Down
                && node.incarnation == envelope.to_incarnation
                && (is_response || node.listens(port))
        };
        if !self.nodes.get(&id).is_some_and(is_there) {
            if is_response || is_closing {
                fx.explain(process_gone(&envelope));
            } else {
                // The machine answers for the dead process: nobody listens here.
                fx.explain(match envelope.message.raw_bytes() {
                    Some(_) => Explanation::BytesRefused { node: id, from },
                    None => Explanation::ConnectionRefused { node: id, from, api },
                });
                let (connection, closed) = (envelope.connection, Message::Closed { api });
                self.send(envelope.to, envelope.from, envelope.from_incarnation, connection, closed);
            }
            return;
        }
        let is_paused = self.nodes.get(&id).is_some_and(|node| node.process == ProcessState::Paused);
        if is_response && !is_paused && !self.reaches_its_client(&envelope, fx) {
            return;
        }
        let was_closed = !is_response && !is_closing && self.connection_established(&envelope);
        let transport_layer = self.transport_layer(envelope.from);
        let Some(node) = self.nodes.get_mut(&id) else { return };
        let node = Rc::make_mut(node);
        if node.process == ProcessState::Paused {
            fx.explain(if is_closing {
                Explanation::ClosingHeld { from, to: Actor::Node(id) }
            } else if envelope.message.raw_bytes().is_some() {
                Explanation::BytesHeld { from, to: Actor::Node(id) }
            } else {
                Explanation::HeldAtPaused { node: id, from, api }
            });
            envelope.has_arrived = true;
            node.held.push(due.held(Event::Deliver(envelope)));
            return;
        }
        if envelope.message.raw_bytes().is_some() {
            self.silence.hears(from, Actor::Node(id));
            return self.deliver_bytes(id, port, &envelope, fx);
        }
        if matches!(envelope.message, Message::Request { .. }) && self.refuses_request(&envelope, was_closed, fx) {
            return;
        }
        let Some(node) = self.nodes.get_mut(&id).map(Rc::make_mut) else { return };
        let is_slow = is_response && node.slow_disk.by_ms > 0 && envelope.message.is_written();
        let purpose = envelope.connection.purpose;
        let channel = envelope.channel();
        let Envelope { from: requester, from_incarnation, to, message, connection, .. } = *envelope;
        match message {
            Message::Request { header, request } => {
                let request_context = RequestContext {
                    from: requester,
                    incarnation: from_incarnation,
                    correlation_id: header.correlation_id,
                    api,
                    version: header.request_api_version,
                    principal: header.principal,
                    connection,
                    client_id: header.client_id,
                    size_bytes: 0,
                    thread_ms: 0,
                };
                let (server, costs) = node.server_mut(port);
                if transport_layer == TransportLayer::Ssl {
                    server.accept(channel, transport_layer);
                }
                let mut works = Works::new();
                let arrival = server.receive(ReceivedRequest { request_context, request }, &costs, now, &mut works);
                fx.explain(arrived(arrival, id, from, api));
                self.apply_works(to, &mut works);
            }
            message @ (Message::Response { .. } | Message::Closed { .. }) if is_slow => {
                let written_at = node.slow_disk.write(now);
                fx.explain(Explanation::WaitsForDisk { node: id, from, api, until_ms: written_at });
                let written = Envelope { message, ..*envelope };
                node.slow_disk.writing.push_back(written);
                self.schedule(written_at, Event::DiskDone { node: id });
            }
            // They went their way before.
            Message::Bytes { .. } => {}
            Message::ClosedByClient { is_reset } => {
                let (server, _) = node.server_mut(port);
                fx.explain(match server.closed_by_client(channel, is_reset) {
                    true => Explanation::ListenerLearnsClosed { node: id, client: from, is_reset },
                    false => Explanation::ConnectionClosedBefore { client: from, node: Actor::Node(id) },
                });
            }
            Message::Response { .. } | Message::Closed { .. } => {
                if let Some((input, _)) = input_of(requester, purpose, message) {
                    dispatch_to_node(node, port, input, now, fx);
                }
            }
        }
        self.silence.hears(from, Actor::Node(id));
    }

    /// The disk has written what it was given first. Gives the role that waited for it.
    #[inline(never)]
    pub(super) fn take_from_disk(&mut self, id: i32, due: Due, fx: &mut Effects) -> Option<Endpoint> {
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

    fn dispatch_to_client(&mut self, envelope: Envelope, fx: &mut Effects) {
        if let Some((input, api)) = input_of(envelope.from, envelope.connection.purpose, envelope.message) {
            self.input_to_client(envelope.to, input, fx);
            if let (Endpoint::Probe(probe), Some(api)) = (envelope.to, api) {
                fx.explain(Explanation::ProbeAnswered { probe, api });
            }
        }
    }

    pub(super) fn input_to_client(&mut self, client: Endpoint, input: Input<Timer>, fx: &mut Effects) {
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
                    Rc::make_mut(&mut self.admin).handle(input, now, fx);
                }
            }
            Endpoint::Probe(number) => {
                if let Some(input) = own_input(input) {
                    Rc::make_mut(&mut self.probes).handle(number, input, now, fx);
                }
            }
            Endpoint::Broker(_) | Endpoint::Controller(_) => {}
        }
    }

    /// A connection is not open after all the time that it may take: its client looks at it as closed.
    #[inline(never)]
    pub(super) fn connection_setup_timed_out(
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

/// What became of a request that reached a listener's socket, in words.
fn arrived(arrival: Arrival, node: i32, from: Actor, api: ApiKey) -> Explanation {
    match arrival {
        Arrival::Queued => Explanation::RequestArrived { node, from, api },
        Arrival::Reading => Explanation::ProcessorReads { node, from, api },
        Arrival::Muted => Explanation::ChannelMuted { node, from, api },
        Arrival::Throttled { until } => Explanation::ChannelThrottled { node, from, api, until_ms: until },
        Arrival::ProcessorBusy => Explanation::ProcessorBusy { node, from, api },
        Arrival::QueueFull => Explanation::RequestQueueFull { node, from, api },
    }
}

/// A message for a process that has ended, in words.
fn process_gone(envelope: &Envelope) -> Explanation {
    let to = envelope.to.actor();
    if envelope.message.is_closing() {
        Explanation::ConnectionClosedBefore { client: envelope.from.actor(), node: to }
    } else {
        Explanation::RequesterGone { to, api: envelope.message.api() }
    }
}

/// Hands a role of a running process anything but a request.
pub(super) fn dispatch_to_node(node: &mut Node, port: Listener, input: Input<Timer>, now: Millis, fx: &mut Effects) {
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
        Message::Request { .. } | Message::ClosedByClient { .. } | Message::Bytes { .. } => None,
    }
}
