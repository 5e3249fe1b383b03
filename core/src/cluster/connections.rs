//! The connections between endpoints, as TCP keeps them: what is sent on one arrives in order or not at all.
//!
//! | a connection | becomes    | when                                                                                 |
//! |--------------|------------|--------------------------------------------------------------------------------------|
//! | (none)       | `Opening`  | its client sends the first request on it                                              |
//! | `Opening`    | `Open`     | that request reached a listener                                                       |
//! | `Opening`    | `Closed`   | nobody answered for `socket.connection.setup.timeout.ms`, twice as long after each    |
//! |              |            | further failure up to its `.max.ms`, or nobody listens there                          |
//! | any          | `Closed`   | its client closes it, or learns that the other end did                                |
//! | any          | `Broken`   | a message on it was lost: what is sent on it afterwards is lost, too                  |
//! | `Broken`     | `Closed`   | its client has learned it                                                             |
//!
//! Each end learns of the other's end by a message that comes behind all that was sent before. What a person delays holds up what
//! is behind it on the same connection; what a person drops breaks the connection: each end gets a reset. A process that ends has
//! its connections closed by its machine; a machine that fails tells nobody.

use std::collections::BTreeMap;
use std::hash::Hash;
use std::rc::Rc;

use super::Cluster;
use super::event::{Envelope, Event, HeldEvent, Message, Scheduled};
use crate::actor::{Actor, Endpoint};
use crate::change::Change;
use crate::connection::{Connection, Purpose};
use crate::digest::DigestHasher;
use crate::effects::{Effects, ExponentialBackoff};
use crate::ranked_map::{Ranked, RankedMap};
use crate::sim::Millis;
use crate::sim::queue::EventId;
use crate::socket_server::channel::ChannelId;
use crate::socket_server::transport_layer::TransportLayer;
use crate::wire::ApiKey;

/// `socket.connection.setup.timeout.ms` and its `.max.ms` by default: so long a connection of an admin client may take to open.
const ADMIN_SETUP_TIMEOUT: ExponentialBackoff = ExponentialBackoff { initial_ms: 10_000, max_ms: 30_000 };

/// Of which connections there is news to tell: the client, the listener, and what it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Ends {
    client: Endpoint,
    listener: Endpoint,
    purpose: Purpose,
}

impl Ranked for Ends {
    /// Field by field.
    #[inline]
    fn rank(&self) -> u128 {
        let ends = (self.client.rank() << Endpoint::RANK_BITS) | self.listener.rank();
        (ends << u8::BITS) | u128::from(self.purpose as u8)
    }
}

/// One direction of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Stream {
    from: Endpoint,
    to: Endpoint,
    connection: Connection,
    /// Whether it leads back to who opened the connection: two controllers may have opened one to each other.
    is_back: bool,
}

impl Envelope {
    /// The direction of the connection that it is on.
    pub(super) fn stream(&self) -> Stream {
        let Self { from, to, connection, .. } = *self;
        let is_back = self.message.is_response();
        Stream { from: connection.opened_by(from), to: connection.opened_by(to), connection, is_back }
    }

    /// What a request came on, as its listener knows it.
    pub(super) fn channel(&self) -> ChannelId {
        let client = self.connection.opened_by(self.from);
        ChannelId { client, incarnation: self.from_incarnation, connection: self.connection }
    }

    /// Who opened its connection, and to which listener.
    fn ends(&self) -> (Endpoint, Endpoint) {
        let (client, listener) = if self.message.is_response() { (self.to, self.from) } else { (self.from, self.to) };
        (self.connection.opened_by(client), listener)
    }
}

/// How the newest connection of a client for a purpose is. The table is at the head of the file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
enum ConnectionState {
    #[default]
    Closed,
    Opening,
    Open,
    Broken,
}

/// The newest connection of a client to a listener for one purpose; where it is closed, the next one that there will be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct NewestConnection {
    number: u32,
    state: ConnectionState,
    /// How many in a row did not open (`failedConnectAttempts`).
    failed_attempts: u32,
    /// The connections of lower numbers are closed at the listener: what comes on them is answered with a reset.
    closed_below: u32,
}

/// All connections, and what is held up on them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Connections {
    newest: Rc<RankedMap<Ends, NewestConnection>>,
    /// How many of them are broken: mostly none, and every message asks for its own.
    broken: u32,
    /// Until when something was held up on a direction: what is sent on it arrives no earlier.
    held_up: BTreeMap<Stream, Millis>,
}

impl Connections {
    /// The connection on which a client sends a request now; where there is none, it opens one.
    fn opened(&mut self, client: Endpoint, listener: Endpoint, purpose: Purpose) -> Connection {
        let ends = Ends { client, listener, purpose };
        let newest = self.newest.get(&ends).copied().unwrap_or_default();
        if newest.state == ConnectionState::Closed {
            self.change(ends, NewestConnection { state: ConnectionState::Opening, ..newest });
        }
        Connection { purpose, number: newest.number }
    }

    fn change(&mut self, ends: Ends, newest: NewestConnection) {
        let before = Rc::make_mut(&mut self.newest).insert(ends, newest);
        let is_broken = |state: ConnectionState| u32::from(state == ConnectionState::Broken);
        self.broken += is_broken(newest.state);
        self.broken -= before.map_or(0, |before| is_broken(before.state));
    }

    /// The newest connection between two ends, if this is it. Those of hand-written requests have no state: who writes one names
    /// its connection.
    fn current(&self, client: Endpoint, listener: Endpoint, connection: Connection) -> Option<NewestConnection> {
        let newest =
            self.newest.get(&Ends { client, listener, purpose: connection.purpose }).copied().unwrap_or_default();
        (newest.number == connection.number && newest.state != ConnectionState::Closed).then_some(newest)
    }

    /// The listener closes a connection, of which its client learns later.
    fn closed_by_listener(&mut self, client: Endpoint, listener: Endpoint, connection: Connection) {
        let ends = Ends { client, listener, purpose: connection.purpose };
        let Some(newest) = self.newest.get(&ends).copied() else { return };
        let closed_below = newest.closed_below.max(connection.number.saturating_add(1));
        self.change(ends, NewestConnection { closed_below, ..newest });
    }

    /// Whether a client has this connection still.
    fn has(&self, client: Endpoint, listener: Endpoint, connection: Connection) -> bool {
        matches!(client, Endpoint::Probe(_)) || self.current(client, listener, connection).is_some()
    }

    /// A request reached a listener on it. Gives whether the listener had closed it before.
    fn established(&mut self, client: Endpoint, listener: Endpoint, connection: Connection) -> bool {
        let ends = Ends { client, listener, purpose: connection.purpose };
        let Some(newest) = self.newest.get(&ends).copied() else { return false };
        if newest.number == connection.number && newest.state == ConnectionState::Opening {
            self.change(ends, NewestConnection { state: ConnectionState::Open, failed_attempts: 0, ..newest });
        }
        connection.number < newest.closed_below
    }

    /// A client has closed a connection, or has learned that it is closed; it may have closed it before.
    fn closed(&mut self, client: Endpoint, listener: Endpoint, connection: Connection) {
        let Some(newest) = self.current(client, listener, connection) else { return };
        let failed_attempts = match newest.state {
            ConnectionState::Opening => newest.failed_attempts.saturating_add(1),
            _ => 0,
        };
        let number = newest.number.saturating_add(1);
        let next = NewestConnection { number, state: ConnectionState::Closed, failed_attempts, ..newest };
        self.change(Ends { client, listener, purpose: connection.purpose }, next);
    }

    /// Open connections of which the ends are as asked for.
    fn having(&self, is_asked: impl Fn(&Ends) -> bool) -> Vec<(Endpoint, Endpoint, Connection)> {
        let open = self.newest.iter().filter(|(_, newest)| newest.state != ConnectionState::Closed);
        let asked = open.filter(|(ends, _)| is_asked(ends));
        asked
            .map(|(ends, newest)| {
                (ends.client, ends.listener, Connection { purpose: ends.purpose, number: newest.number })
            })
            .collect()
    }

    fn is_broken(&self, client: Endpoint, listener: Endpoint, connection: Connection) -> bool {
        self.broken > 0
            && self.current(client, listener, connection).is_some_and(|newest| newest.state == ConnectionState::Broken)
    }

    /// When what would arrive then does: not before what was held up on the same direction.
    fn arrival(&self, stream: &Stream, at: Millis) -> Millis {
        self.held_up.get(stream).map_or(at, |held| at.max(*held))
    }

    /// What of it has consequences yet.
    pub(super) fn hash_behavior(&self, now: Millis, hasher: &mut DigestHasher) {
        self.newest.hash(hasher);
        self.held_up.iter().filter(|(_, until)| **until > now).for_each(|held| held.hash(hasher));
    }
}

impl Cluster {
    /// The connection on which an endpoint sends a request now.
    pub(super) fn connection_to(&mut self, from: Endpoint, to: Endpoint, purpose: Purpose) -> Connection {
        self.connections.opened(from, to, purpose)
    }

    /// Puts a message on its connection. On one that is broken it is lost: its end is on its way to both.
    pub(super) fn put_on_the_wire(&mut self, envelope: Envelope) {
        let (client, listener) = envelope.ends();
        if self.connections.is_broken(client, listener, envelope.connection) && !envelope.message.is_closing() {
            return;
        }
        if matches!(envelope.message, Message::Closed { .. }) {
            self.connections.closed_by_listener(client, listener, envelope.connection);
        }
        let stream = envelope.stream();
        let at = if envelope.message.is_closing() {
            self.network.arrival_of_end(stream.from, stream.to, self.now)
        } else {
            self.network.arrival(stream.from, stream.to, self.now)
        };
        let at = self.connections.arrival(&stream, at);
        self.schedule(at, Event::Deliver(Box::new(envelope)));
    }

    /// A request got through to a listener. Gives whether it came on a connection that the listener had closed.
    pub(super) fn connection_established(&mut self, envelope: &Envelope) -> bool {
        let (client, listener) = envelope.ends();
        self.connections.established(client, listener, envelope.connection)
    }

    /// What a client's new connections have between them and the socket (`security.protocol`).
    pub(super) fn transport_layer(&self, client: Endpoint) -> TransportLayer {
        let Endpoint::Consumer(number) = client else { return TransportLayer::Plaintext };
        let encrypts = self.consumer(number).is_some_and(|consumer| consumer.settings().security_protocol == "SSL");
        if encrypts { TransportLayer::Ssl } else { TransportLayer::Plaintext }
    }

    /// Whether who gets an answer has its connection still.
    pub(super) fn is_connected(&self, envelope: &Envelope) -> bool {
        let (client, listener) = envelope.ends();
        let is_answer = !envelope.message.is_closing();
        !(is_answer && self.probes.has_closed(client)) && self.connections.has(client, listener, envelope.connection)
    }

    /// A client learns that a connection is closed.
    pub(super) fn learns_of_the_end(&mut self, envelope: &Envelope) {
        let (client, listener) = envelope.ends();
        self.connections.closed(client, listener, envelope.connection);
    }

    /// A client closes its connection for a purpose. The listener learns it behind all that was sent before.
    pub(super) fn disconnect(&mut self, client: Endpoint, listener: Endpoint, purpose: Purpose) {
        let is_asked = |ends: &Ends| *ends == Ends { client, listener, purpose };
        for (client, listener, connection) in self.connections.having(is_asked) {
            self.connections.closed(client, listener, connection);
            self.send_end_to_listener(client, listener, connection, false);
        }
    }

    /// A client's process ends, and its machine closes its connections. A machine that failed tells nobody. Call it while the process
    /// is still the one that had them.
    pub(super) fn close_connections_of(&mut self, client: Endpoint, notifies_peer: bool) {
        for (client, listener, connection) in self.connections.having(|ends| ends.client == client) {
            let was_broken = self.connections.is_broken(client, listener, connection);
            self.connections.closed(client, listener, connection);
            if notifies_peer && !was_broken {
                self.send_end_to_listener(client, listener, connection, false);
            }
        }
    }

    /// Everybody who has a connection to a listener hears that it broke.
    pub(super) fn close_connections_to(&mut self, listener: Endpoint) {
        for (client, listener, connection) in self.connections.having(|ends| ends.listener == listener) {
            self.send_end_to_client(client, listener, connection);
        }
        for (probe, number) in self.probes.waiting_for(listener) {
            self.send_end_to_client(Endpoint::Probe(probe), listener, Connection::of_probe(number));
        }
    }

    /// What could not get through from somebody who is gone is not sent again.
    pub(super) fn forget_undelivered_from(&mut self, sender: Actor) {
        self.undelivered.retain(
            |held| !matches!(&held.scheduled.event, Event::Deliver(envelope) if envelope.from.actor() == sender),
        );
    }

    pub(super) fn send_end_to_client(&mut self, client: Endpoint, listener: Endpoint, connection: Connection) {
        let incarnation = self.incarnation(client.actor());
        self.send(listener, client, incarnation, connection, Message::Closed { api: ApiKey::ApiVersions });
    }

    pub(super) fn send_end_to_listener(
        &mut self,
        client: Endpoint,
        listener: Endpoint,
        connection: Connection,
        is_reset: bool,
    ) {
        let incarnation = self.incarnation(listener.actor());
        self.send(client, listener, incarnation, connection, Message::ClosedByClient { is_reset });
    }

    /// An answer reached a client on a connection that it has closed: its machine answers with a reset.
    pub(super) fn reset_listener(&mut self, envelope: &Envelope) {
        let (client, listener) = envelope.ends();
        self.send_end_to_listener(client, listener, envelope.connection, true);
    }

    /// Whether a person may choose an event now: nothing overtakes on a connection.
    pub fn can_be_chosen(&self, event: EventId) -> bool {
        match self.queue.find(event) {
            Some((_, Scheduled { event: Event::Deliver(envelope), .. })) => {
                self.is_next_on_its_connection(event, envelope)
            }
            Some(_) => true,
            None => false,
        }
    }

    /// Whether an envelope is the next one to arrive on its direction of its connection.
    pub(super) fn is_next_on_its_connection(&self, event: EventId, envelope: &Envelope) -> bool {
        let stream = envelope.stream();
        let mut ahead = self.queue.iter().filter(|(_, id, _)| *id < event);
        !ahead.any(|(_, _, other)| matches!(&other.event, Event::Deliver(other) if other.stream() == stream))
    }

    /// Holds up an envelope, and with it what is behind it on its connection.
    pub(super) fn hold_up(&mut self, event: EventId, at: Millis, by_ms: Millis) {
        let Some(scheduled) = self.queue.remove(at, event) else { return };
        let Event::Deliver(envelope) = &scheduled.event else { return self.queue.reinsert(at, event, scheduled) };
        let stream = envelope.stream();
        let until = at.saturating_add(by_ms);
        self.put_back(until, event, scheduled);
        let now = self.now;
        self.connections.held_up.retain(|_, until| *until > now);
        let held = self.connections.held_up.entry(stream).or_default();
        *held = until.max(*held);
    }

    /// Has an envelope arrive twice: its copy comes right behind it, ahead of what was sent later on the same connection, which gets
    /// new numbers for that. TCP never does this; what it shows is what a receiver makes of it.
    pub(super) fn duplicate(&mut self, event: EventId, at: Millis) {
        let Some((_, copy)) = self.queue.find(event) else { return };
        let Event::Deliver(envelope) = &copy.event else { return };
        let (copy, stream) = (copy.clone(), envelope.stream());
        let mut behind = self.behind(&stream, event);
        behind.sort_unstable_by_key(|(_, id)| *id);
        self.queue.push(at, copy);
        for (at, id) in behind {
            if let Some(scheduled) = self.queue.remove(at, id) {
                self.queue.push(at, scheduled);
            }
        }
    }

    /// What was sent after an event on the same direction of a connection.
    fn behind(&self, stream: &Stream, event: EventId) -> Vec<(Millis, EventId)> {
        let is_behind = |id: EventId, other: &Event| {
            id > event && matches!(other, Event::Deliver(other) if other.stream() == *stream)
        };
        let behind = self.queue.iter().filter(|(_, id, other)| is_behind(*id, &other.event));
        behind.map(|(at, id, _)| (at, id)).collect()
    }

    /// Puts an event back under its old number. Where it is an envelope, nothing that was sent after it on the same direction of its
    /// connection arrives before it.
    pub(super) fn put_back(&mut self, at: Millis, id: EventId, scheduled: Scheduled) {
        let behind = if let Event::Deliver(envelope) = &scheduled.event {
            self.behind(&envelope.stream(), id)
        } else {
            Vec::new()
        };
        self.queue.reinsert(at, id, scheduled);
        for (early, id) in behind.into_iter().filter(|(early, _)| *early < at) {
            if let Some(scheduled) = self.queue.remove(early, id) {
                self.queue.reinsert(at, id, scheduled);
            }
        }
    }

    /// What could not get through is sent again, in its order.
    pub(super) fn send_again(&mut self, held: HeldEvent) {
        let HeldEvent { id, scheduled } = held;
        let Event::Deliver(envelope) = &scheduled.event else { return };
        let stream = envelope.stream();
        let at = self.connections.arrival(&stream, self.network.arrival(stream.from, stream.to, self.now));
        self.put_back(at, id, scheduled);
    }

    /// An envelope is lost, and with it its connection: what is behind it on the same way is lost, too, and both ends get a reset.
    pub(super) fn break_connection(&mut self, event: EventId, at: Millis, fx: &mut Effects) {
        let Some(scheduled) = self.queue.remove(at, event) else { return };
        let Event::Deliver(lost) = scheduled.event else { return };
        // The end of a connection that gets lost leaves the other end open.
        if lost.message.is_closing() {
            return;
        }
        let stream = lost.stream();
        let (client, listener) = lost.ends();
        let connection = lost.connection;
        let behind = self.behind(&stream, event);
        let mut count: u32 = 0;
        for (at, id) in behind {
            let taken = self.queue.remove(at, id);
            let was_closing =
                matches!(taken.map(|taken| taken.event), Some(Event::Deliver(other)) if other.message.is_closing());
            count += u32::from(!was_closing);
        }
        if let Some(newest) = self.connections.current(client, listener, connection) {
            let ends = Ends { client, listener, purpose: connection.purpose };
            self.connections.change(ends, NewestConnection { state: ConnectionState::Broken, ..newest });
        }
        let (of, to) = (client.actor(), listener.actor());
        fx.change(Change::ConnectionBroken { client: of, listener: to, lost_behind: count });
        for client in self.clients_on(client, listener, connection) {
            self.send_end_to_client(client, listener, connection);
        }
        self.send_end_to_listener(client, listener, connection, true);
    }

    /// Who waits at one end: hand-written requests may share a connection.
    pub(super) fn clients_on(&self, client: Endpoint, listener: Endpoint, connection: Connection) -> Vec<Endpoint> {
        if !matches!(client, Endpoint::Probe(_)) {
            return vec![client];
        }
        let waiting = self.probes.waiting_for(listener).into_iter();
        waiting.filter(|(_, number)| *number == connection.number).map(|(probe, _)| Endpoint::Probe(probe)).collect()
    }

    /// A request met a machine that does not answer, or a cut link. Where it was to open its connection, its client stops waiting after
    /// a while.
    pub(super) fn awaits_setup(&mut self, envelope: &Envelope) {
        let (client, listener) = envelope.ends();
        let connection = envelope.connection;
        let current = self.connections.current(client, listener, connection);
        if let Some(newest) = current.filter(|newest| newest.state == ConnectionState::Opening) {
            let at = envelope.sent_at.saturating_add(self.setup_timeout(client, newest.failed_attempts));
            self.schedule(at.max(self.now), Event::ConnectionSetupTimeout { client, listener, connection });
        }
    }

    /// How long a client waits for a connection to open after failed attempts (`connectionSetupTimeoutMs`).
    fn setup_timeout(&self, client: Endpoint, failed_attempts: u32) -> Millis {
        let timeouts = match client {
            Endpoint::Broker(id) | Endpoint::Controller(id) => self.node(id).map(|node| node.settings.setup_timeout()),
            Endpoint::Producer(number) => self.producer(number).map(|producer| producer.settings().setup_timeout()),
            Endpoint::Consumer(number) => self.consumer(number).map(|consumer| consumer.settings().setup_timeout()),
            Endpoint::Admin | Endpoint::Probe(_) => None,
        };
        timeouts.unwrap_or(ADMIN_SETUP_TIMEOUT).after(failed_attempts)
    }

    /// A connection took too long to open: its client closes it, and what it wanted to send on it is not sent. False where it has
    /// opened, or was closed before.
    pub(super) fn setup_timed_out(&mut self, client: Endpoint, listener: Endpoint, connection: Connection) -> bool {
        let current = self.connections.current(client, listener, connection);
        if current.is_none_or(|newest| newest.state != ConnectionState::Opening) {
            return false;
        }
        self.connections.closed(client, listener, connection);
        let is_on_it = |held: &HeldEvent| {
            matches!(&held.scheduled.event, Event::Deliver(envelope)
                if envelope.ends() == (client, listener) && envelope.connection == connection)
        };
        self.undelivered.retain(|held| !is_on_it(held));
        true
    }
}
