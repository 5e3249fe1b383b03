//! The requests that an actor has open (`InFlightRequests`, `InFlightRequest`).

use smallvec::SmallVec;

use super::connection_states::ConnectionStates;
use super::exponential_backoff::ExponentialBackoff;
use super::{Effects, Outgoing, Timer};
use crate::actor::{Endpoint, Listener};
use crate::connection::Purpose;
use crate::flat_map::FlatMap;
use crate::sim::Millis;
use crate::wire::{ApiKey, Request, RequestHeader, Response, Topic};

/// An actor's open requests: numbers them, finds them again, and says which ran out of time.
///
/// `K` is what the actor wants to remember about a request until its answer comes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct InFlightRequests<K> {
    next_correlation_id: i32,
    open: FlatMap<i32, InFlightRequest<K>>,
    /// Its connections.
    connections: ConnectionStates,
    /// When [`Timer::RequestTimeout`] fires, if it is set: never after the earliest deadline.
    timer_at: Option<Millis>,
}

/// One open request.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct InFlightRequest<K> {
    /// The node asked.
    pub to: i32,
    /// At which of its listeners.
    pub port: Listener,
    /// Which request.
    pub api: ApiKey,
    /// When it leaves, in milliseconds.
    pub sent_at: Millis,
    /// When it is given up, in milliseconds.
    pub deadline: Millis,
    /// What the actor remembers.
    pub context: K,
}

/// As whom a request is sent: a broker passes requests on as they were sent (`EnvelopeRequest`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct OnBehalfOf {
    /// In which version.
    pub version: i16,
    /// In whose name; nobody's where nobody is refused anything.
    pub principal: Option<Topic>,
    /// What the client calls itself, empty where it says nothing; none where a node asks for itself.
    pub client_id: Option<Topic>,
}

impl<K> InFlightRequest<K> {
    /// What the connection is for that it was sent on.
    pub fn purpose(&self) -> Purpose {
        Purpose::of(self.port, self.api)
    }

    /// The connection that it was sent on.
    fn connection(&self) -> (Endpoint, Purpose) {
        (Endpoint::server(self.to, self.port), self.purpose())
    }
}

impl<K> Default for InFlightRequests<K> {
    fn default() -> Self {
        Self { next_correlation_id: 0, open: FlatMap::new(), connections: ConnectionStates::default(), timer_at: None }
    }
}

impl<K> InFlightRequests<K> {
    /// Takes a number for a request that somebody else of the same endpoint keeps account of.
    pub fn next_correlation_id(&mut self) -> i32 {
        let correlation_id = self.next_correlation_id;
        self.next_correlation_id = correlation_id.wrapping_add(1) & i32::MAX;
        correlation_id
    }

    /// Sends a request in the version that the cluster's own nodes speak, and remembers it until its answer, its
    /// peer's end or `deadline`.
    pub fn send(&mut self, fx: &mut Effects, to: i32, port: Listener, request: Request, deadline: Millis, context: K) {
        let sender = OnBehalfOf { version: request.api().version(), ..OnBehalfOf::default() };
        self.send_as(fx, (to, port), sender, request, deadline, context);
    }

    /// Sends a request in another version.
    pub fn send_in_version(
        &mut self,
        fx: &mut Effects,
        to: (i32, Listener),
        version: i16,
        request: Request,
        deadline: Millis,
        context: K,
    ) {
        let sender = OnBehalfOf { version, ..OnBehalfOf::default() };
        self.send_as(fx, to, sender, request, deadline, context);
    }

    /// Sends a request for somebody, in the version that they asked in.
    pub fn send_as(
        &mut self,
        fx: &mut Effects,
        (to, port): (i32, Listener),
        sender: OnBehalfOf,
        request: Request,
        deadline: Millis,
        context: K,
    ) {
        let correlation_id = self.next_correlation_id();
        let api = request.api();
        // What has to wait is not under way yet: its time begins when it leaves.
        let not_before = self.not_before(to, port, api, fx.now).unwrap_or(0);
        let sent_at = not_before.max(fx.now);
        let deadline = deadline.saturating_add(sent_at - fx.now);
        if self.timer_at.is_none_or(|at| deadline < at) {
            self.timer_at = Some(deadline);
            fx.set_timer(Timer::RequestTimeout, deadline);
        }
        self.open.insert(correlation_id, InFlightRequest { to, port, api, sent_at, deadline, context });
        let header = RequestHeader {
            request_api_key: api.key(),
            request_api_version: sender.version,
            correlation_id,
            client_id: sender.client_id,
            principal: sender.principal,
        };
        fx.sends.push(Outgoing::Request {
            to: Endpoint::server(to, port),
            header,
            request,
            connection: None,
            not_before,
        });
    }

    /// The request that an answer belongs to; `None` if it was given up. An answer shows that its connection stands; one that asks
    /// for a pause is obeyed (`NetworkClient.maybeThrottle`): until then nothing is sent there.
    pub fn answered(&mut self, correlation_id: i32, response: &Response, now: Millis) -> Option<InFlightRequest<K>> {
        let open = self.take(correlation_id)?;
        let (to, purpose) = open.connection();
        self.connections.answered(to, purpose, now);
        let pause = Millis::try_from(response.throttle_time_ms()).unwrap_or(0);
        // What is passed on comes back in an envelope, which asks its channel for nothing.
        if pause > 0 && purpose != Purpose::Forwarding {
            self.connections.throttle(to, purpose, now.saturating_add(pause));
        }
        Some(open)
    }

    /// When something may be sent to a listener on the connection for a kind of request; `None` for now. Before, an answer's pause
    /// or the backoff after a failure is not over.
    pub fn not_before(&self, to: i32, port: Listener, api: ApiKey, now: Millis) -> Option<Millis> {
        self.connections.not_before(Endpoint::server(to, port), Purpose::of(port, api), now)
    }

    /// When the connection for a kind of request may be made again that has ended or could not be made; `None` where it may be used or
    /// made now (`ConsumerNetworkClient.isUnavailable`).
    pub fn reconnects_at(&self, to: i32, port: Listener, api: ApiKey, now: Millis) -> Option<Millis> {
        self.connections.reconnects_at(Endpoint::server(to, port), Purpose::of(port, api), now)
    }

    /// The request that an answer belongs to; `None` if it was given up.
    pub fn take(&mut self, correlation_id: i32) -> Option<InFlightRequest<K>> {
        self.open.remove(&correlation_id)
    }

    /// Gives up every request: answers that still come are too late.
    pub fn forget_all(&mut self) {
        self.open.clear();
    }

    /// Gives up every request on a connection that has ended (`InFlightRequests.clearAll`), which is left alone for a while.
    pub fn take_all_on(
        &mut self,
        node: i32,
        port: Listener,
        purpose: Purpose,
        backoff: ExponentialBackoff,
        now: Millis,
    ) -> Vec<InFlightRequest<K>> {
        let ended = (Endpoint::server(node, port), purpose);
        self.connections.disconnected(ended.0, purpose, backoff, now);
        let is_gone = |open: &InFlightRequest<K>| open.connection() == ended;
        let gone: Vec<i32> = self.open.iter().filter(|(_, open)| is_gone(open)).map(|(id, _)| *id).collect();
        gone.into_iter().filter_map(|id| self.open.remove(&id)).collect()
    }

    /// Gives up every request whose time has come, with all that is open on the same connection, which is closed
    /// (`NetworkClient.handleTimedOutRequests`), and sets the timer for the next. Call when [`Timer::RequestTimeout`] fires.
    pub fn take_expired(
        &mut self,
        fx: &mut Effects,
        backoff: impl Fn(Purpose) -> ExponentialBackoff,
        now: Millis,
    ) -> Vec<InFlightRequest<K>> {
        let mut closed: SmallVec<[(Endpoint, Purpose); 2]> = SmallVec::new();
        for open in self.open.values().filter(|open| open.deadline <= now) {
            if !closed.contains(&open.connection()) {
                closed.push(open.connection());
            }
        }
        for (to, purpose) in &closed {
            self.connections.disconnected(*to, *purpose, backoff(*purpose), now);
        }
        fx.sends.extend(closed.iter().map(|(from, purpose)| Outgoing::Disconnect { from: *from, purpose: *purpose }));
        let due = self.open.iter().filter(|(_, open)| closed.contains(&open.connection()));
        let due: SmallVec<[i32; 4]> = due.map(|(id, _)| *id).collect();
        let expired = due.into_iter().filter_map(|id| self.open.remove(&id)).collect();
        let next = self.open.values().map(|open| open.deadline).min();
        self.timer_at = next;
        if let Some(next) = next {
            fx.set_timer(Timer::RequestTimeout, next);
        }
        expired
    }

    /// Open requests, in the order in which they were sent.
    pub fn iter(&self) -> impl Iterator<Item = &InFlightRequest<K>> {
        self.open.values()
    }

    /// Whether a request to this endpoint is open.
    pub fn has_open_to(&self, peer: Endpoint) -> bool {
        self.open.values().any(|open| Endpoint::server(open.to, open.port) == peer)
    }
}
