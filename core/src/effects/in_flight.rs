//! The requests that an actor has open (`InFlightRequests`, `InFlightRequest`).

use smallvec::SmallVec;

use super::connection_states::{ConnectionStates, NodeLoad, UnsentRequest};
use super::exponential_backoff::ExponentialBackoff;
use super::idle_expiry::IdleExpiry;
use super::{Effects, Outgoing, Timer};
use crate::actor::{Endpoint, Listener};
use crate::connection::Purpose;
use crate::flat_map::FlatMap;
use crate::sim::Millis;
use crate::wire::metadata::ApiVersionsRequest;
use crate::wire::{ApiKey, Request, RequestHeader, Response, Topic};

/// `clientSoftwareName` of an ApiVersions request.
const CLIENT_SOFTWARE_NAME: &str = "apache-kafka-java";
/// `clientSoftwareVersion` of an ApiVersions request.
const CLIENT_SOFTWARE_VERSION: &str = "4.3.1";

/// An actor's open requests (`NetworkClient`): numbers them, finds them again, and says which ran out of time. On each new
/// connection it asks first which versions the peer speaks, and keeps what is to be sent there until that is answered.
///
/// `K` is what the actor wants to remember about a request until its answer comes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct InFlightRequests<K> {
    next_correlation_id: i32,
    open: FlatMap<i32, InFlightRequest<K>>,
    /// Its connections.
    pub(super) connections: ConnectionStates,
    /// Whether requests to other brokers' data leave at once: a replica fetcher asks for no versions (`BrokerBlockingSender`).
    is_broker: bool,
    /// When [`Timer::RequestTimeout`] fires, if it is set: never after the earliest deadline.
    timer_at: Option<Millis>,
    /// When it closes connections on which nothing passes.
    pub(super) idle_expiry: IdleExpiry,
    /// Whether [`Timer::IdleConnections`] is set: never after the first connection is idle for too long.
    pub(super) watches_idle: bool,
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

/// Whether requests may leave on a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readiness {
    /// They may.
    Ready,
    /// It is being opened now.
    Opened,
    /// It was opened before, and nothing has come back yet.
    Opening,
}

/// What an answer means to who gets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answered<K> {
    /// It belongs to this request.
    Request(InFlightRequest<K>),
    /// The node has said which versions it speaks: the connection is ready, and what has waited for it leaves.
    ApiVersions,
    /// The request was given up before.
    Late,
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
        Self {
            next_correlation_id: 0,
            open: FlatMap::new(),
            connections: ConnectionStates::default(),
            is_broker: false,
            timer_at: None,
            idle_expiry: IdleExpiry::NEVER,
            watches_idle: false,
        }
    }
}

impl<K> InFlightRequests<K> {
    /// Those of an endpoint that closes idle connections.
    pub fn new(idle_expiry: IdleExpiry) -> Self {
        Self { idle_expiry, ..Self::default() }
    }

    /// A broker's.
    pub fn of_broker(idle_expiry: IdleExpiry) -> Self {
        Self { is_broker: true, ..Self::new(idle_expiry) }
    }

    /// The same endpoint's, of a process that has just begun.
    pub fn restarted(&self) -> Self {
        Self { is_broker: self.is_broker, ..Self::new(self.idle_expiry) }
    }

    /// Sends a request that somebody else of the same endpoint keeps account of. Gives its number.
    pub fn send_for(&mut self, fx: &mut Effects, to: (i32, Listener), request: Request, deadline: Millis) -> i32 {
        let sender = OnBehalfOf { version: request.api().version(), ..OnBehalfOf::default() };
        self.dispatch(fx, to, sender, request, (0, deadline))
    }

    fn next_correlation_id(&mut self) -> i32 {
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
        let api = request.api();
        // What has to wait is not under way yet: its time begins when it leaves.
        let not_before = self.not_before(to, port, api, fx.now).unwrap_or(0);
        let sent_at = not_before.max(fx.now);
        let deadline = deadline.saturating_add(sent_at - fx.now);
        let correlation_id = self.dispatch(fx, (to, port), sender, request, (not_before, deadline));
        self.wake_at(fx, deadline);
        self.open.insert(correlation_id, InFlightRequest { to, port, api, sent_at, deadline, context });
    }

    /// Puts a request on its connection, which is opened where there is none. Gives its number.
    fn dispatch(
        &mut self,
        fx: &mut Effects,
        (to, port): (i32, Listener),
        sender: OnBehalfOf,
        request: Request,
        (not_before, deadline): (Millis, Millis),
    ) -> i32 {
        let api = request.api();
        let connection = (Endpoint::server(to, port), Purpose::of(port, api));
        self.connect(fx, connection, sender.client_id.clone(), not_before, deadline);
        let correlation_id = self.next_correlation_id();
        let header = header(api, sender, correlation_id);
        self.leave(fx, connection, UnsentRequest { header, request: Box::new(request) }, not_before);
        correlation_id
    }

    /// Whether a request of a kind may be sent to a listener; where there is no connection for it, one is opened
    /// (`NetworkClient.ready`).
    pub fn ready(&mut self, fx: &mut Effects, (to, port): (i32, Listener), api: ApiKey, deadline: Millis) -> Readiness {
        let connection = (Endpoint::server(to, port), Purpose::of(port, api));
        if self.connections.is_ready(connection.0, connection.1) {
            Readiness::Ready
        } else if self.connect(fx, connection, None, 0, deadline) {
            Readiness::Opened
        } else {
            Readiness::Opening
        }
    }

    /// What a node's listener has to do on the connection for a kind of request.
    pub fn load(&self, to: i32, port: Listener, api: ApiKey, now: Millis) -> NodeLoad {
        let connection = (Endpoint::server(to, port), Purpose::of(port, api));
        let in_flight = self.open.values().filter(|open| open.connection() == connection).count();
        self.connections.load(connection.0, connection.1, in_flight, now)
    }

    /// Whether a request of a kind may be sent to a listener.
    pub fn is_ready(&self, to: i32, port: Listener, api: ApiKey) -> bool {
        self.connections.is_ready(Endpoint::server(to, port), Purpose::of(port, api))
    }

    /// Opens a connection where there is none, and asks on it which versions the peer speaks. Gives whether it did.
    fn connect(
        &mut self,
        fx: &mut Effects,
        (to, purpose): (Endpoint, Purpose),
        client_id: Option<Topic>,
        not_before: Millis,
        deadline: Millis,
    ) -> bool {
        let checks = !(self.is_broker && purpose == Purpose::Data);
        if !checks || !self.connections.is_disconnected(to, purpose) {
            return false;
        }
        let correlation_id = self.next_correlation_id();
        self.connections.checks_api_versions((to, purpose), correlation_id, deadline, fx.now);
        self.wake_at(fx, deadline);
        self.watch_idle(fx);
        let sender = OnBehalfOf { version: ApiKey::ApiVersions.version(), principal: None, client_id };
        let header = header(ApiKey::ApiVersions, sender, correlation_id);
        let request = Box::new(Request::ApiVersions(ApiVersionsRequest {
            client_software_name: CLIENT_SOFTWARE_NAME.to_owned(),
            client_software_version: CLIENT_SOFTWARE_VERSION.to_owned(),
        }));
        fx.sends.push(Outgoing::Request { to, purpose, header, request, connection: None, not_before });
        true
    }

    /// Sends a request now, or once its connection is ready.
    fn leave(
        &mut self,
        fx: &mut Effects,
        (to, purpose): (Endpoint, Purpose),
        request: UnsentRequest,
        not_before: Millis,
    ) {
        let leaving = self.connections.keep_until_ready(to, purpose, request, fx.now);
        if let Some(UnsentRequest { header, request }) = leaving {
            fx.sends.push(Outgoing::Request { to, purpose, header, request, connection: None, not_before });
        }
    }

    /// The timer fires no later than this.
    fn wake_at(&mut self, fx: &mut Effects, deadline: Millis) {
        if self.timer_at.is_none_or(|at| deadline < at) {
            self.timer_at = Some(deadline);
            fx.set_timer(Timer::RequestTimeout, deadline);
        }
    }

    /// What an answer belongs to. It shows that its connection stands; one that asks for a pause is obeyed
    /// (`NetworkClient.maybeThrottle`): until then nothing is sent there.
    pub fn answered(&mut self, fx: &mut Effects, correlation_id: i32, response: &Response, now: Millis) -> Answered<K> {
        if let Response::ApiVersions(_) = response
            && let Some((connection, unsent)) = self.connections.api_versions_answered(correlation_id, now)
        {
            self.send_unsent(fx, connection, unsent, now);
            return Answered::ApiVersions;
        }
        let Some(open) = self.take(correlation_id) else { return Answered::Late };
        let (to, purpose) = open.connection();
        self.connections.answered(to, purpose, now);
        let pause = Millis::try_from(response.throttle_time_ms()).unwrap_or(0);
        // What is passed on comes back in an envelope, which asks its channel for nothing.
        if pause > 0 && purpose != Purpose::Forwarding {
            self.connections.throttle(to, purpose, now.saturating_add(pause));
        }
        Answered::Request(open)
    }

    /// A connection is ready: what has waited for it leaves, and its time begins.
    fn send_unsent(
        &mut self,
        fx: &mut Effects,
        connection: (Endpoint, Purpose),
        unsent: Vec<UnsentRequest>,
        now: Millis,
    ) {
        for request in unsent {
            if let Some(open) = self.open.get_mut(&request.header.correlation_id) {
                open.deadline = open.deadline.saturating_add(now.saturating_sub(open.sent_at));
                open.sent_at = now;
            }
            self.leave(fx, connection, request, 0);
        }
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

    /// Gives up the requests to a listener of a node: answers that still come are too late.
    pub fn forget_to(&mut self, node: i32, port: Listener) -> Vec<InFlightRequest<K>> {
        let is_there = |open: &InFlightRequest<K>| open.to == node && open.port == port;
        let given_up: Vec<i32> = self.open.iter().filter(|(_, open)| is_there(open)).map(|(id, _)| *id).collect();
        given_up.into_iter().filter_map(|id| self.open.remove(&id)).collect()
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
        let open = self.open.values().map(|open| (open.connection(), open.deadline));
        for (connection, _) in open.chain(self.connections.checking()).filter(|(_, deadline)| *deadline <= now) {
            if !closed.contains(&connection) {
                closed.push(connection);
            }
        }
        for (to, purpose) in &closed {
            self.connections.disconnected(*to, *purpose, backoff(*purpose), now);
        }
        fx.sends.extend(closed.iter().map(|(from, purpose)| Outgoing::Disconnect { from: *from, purpose: *purpose }));
        let due = self.open.iter().filter(|(_, open)| closed.contains(&open.connection()));
        let due: SmallVec<[i32; 4]> = due.map(|(id, _)| *id).collect();
        let expired = due.into_iter().filter_map(|id| self.open.remove(&id)).collect();
        let checking = self.connections.checking().map(|(_, deadline)| deadline);
        let next = self.open.values().map(|open| open.deadline).chain(checking).min();
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

fn header(api: ApiKey, sender: OnBehalfOf, correlation_id: i32) -> RequestHeader {
    RequestHeader {
        request_api_key: api.key(),
        request_api_version: sender.version,
        correlation_id,
        client_id: sender.client_id,
        principal: sender.principal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::effects::api_versions_answers;
    use crate::effects::{Input, ProducerTimer};
    use crate::wire::metadata::{ApiVersionsResponse, MetadataRequest};
    use crate::wire::replication::FetchRequest;

    fn metadata() -> Request {
        Request::Metadata(MetadataRequest::default())
    }

    fn leaving(fx: &Effects) -> Vec<(ApiKey, i32)> {
        let one = |outgoing: &Outgoing| match outgoing {
            Outgoing::Request { header, request, .. } => Some((request.api(), header.correlation_id)),
            Outgoing::Response { .. } | Outgoing::NoResponse { .. } | Outgoing::Disconnect { .. } => None,
        };
        fx.sends.iter().filter_map(one).collect()
    }

    #[test]
    fn on_a_new_connection_api_versions_goes_first_and_the_rest_waits_in_order() {
        let mut requests = InFlightRequests::<&str>::default();
        let mut fx = Effects::at(100);
        requests.send(&mut fx, 1, Listener::Broker, metadata(), 200, "first");
        requests.send(&mut fx, 1, Listener::Broker, Request::Fetch(FetchRequest::default()), 300, "second");
        assert_eq!(leaving(&fx), [(ApiKey::ApiVersions, 0)]);
        let mut opened = Effects::at(150);
        for opens in api_versions_answers::<ProducerTimer>(&mut fx) {
            let Input::Answer { correlation_id, response, .. } = opens else { continue };
            let answered = requests.answered(&mut opened, correlation_id, &response, 150);
            assert_eq!(answered, Answered::ApiVersions);
        }
        assert_eq!(leaving(&opened), [(ApiKey::Metadata, 1), (ApiKey::Fetch, 2)]);
        let open: Vec<_> = requests.iter().map(|open| (open.context, open.sent_at, open.deadline)).collect();
        assert_eq!(open, [("first", 150, 250), ("second", 150, 350)], "their time begins when they leave");
        // On a connection that is ready nothing waits.
        let mut fx = Effects::at(160);
        requests.send(&mut fx, 1, Listener::Broker, metadata(), 400, "third");
        assert_eq!(leaving(&fx), [(ApiKey::Metadata, 3)]);
    }

    #[test]
    fn what_waits_for_a_connection_is_lost_with_it() {
        let mut requests = InFlightRequests::<&str>::default();
        let mut fx = Effects::at(0);
        requests.send(&mut fx, 1, Listener::Broker, metadata(), 200, "lost");
        let backoff = ExponentialBackoff { initial_ms: 50, max_ms: 50 };
        let lost = requests.take_all_on(1, Listener::Broker, Purpose::Data, backoff, 10);
        assert_eq!(lost.iter().map(|open| open.context).collect::<Vec<_>>(), ["lost"]);
        let mut late = Effects::at(20);
        let answer = Response::ApiVersions(ApiVersionsResponse::default());
        assert_eq!(requests.answered(&mut late, 0, &answer, 20), Answered::Late);
        assert_eq!(leaving(&late), []);
        // The next one asks anew.
        let mut fx = Effects::at(60);
        requests.send(&mut fx, 1, Listener::Broker, metadata(), 300, "again");
        assert_eq!(leaving(&fx), [(ApiKey::ApiVersions, 2)]);
    }

    #[test]
    fn a_connection_that_nothing_waits_for_is_given_up_too() {
        let mut requests = InFlightRequests::<()>::default();
        let mut fx = Effects::at(0);
        let to = (1, Listener::Broker);
        assert_eq!(requests.ready(&mut fx, to, ApiKey::Produce, 500), Readiness::Opened);
        assert_eq!(requests.ready(&mut fx, to, ApiKey::Produce, 600), Readiness::Opening);
        assert!(fx.timers.contains(&(Timer::RequestTimeout, Some(500))));
        let mut late = Effects::at(500);
        requests.take_expired(&mut late, |_| ExponentialBackoff::NONE, 500);
        assert!(matches!(late.sends[..], [Outgoing::Disconnect { purpose: Purpose::Data, .. }]), "{:?}", late.sends);
        assert_eq!(requests.ready(&mut late, to, ApiKey::Produce, 900), Readiness::Opened);
    }

    #[test]
    fn a_replica_fetcher_asks_for_no_versions() {
        let mut requests = InFlightRequests::<()>::of_broker(IdleExpiry::NEVER);
        let mut fx = Effects::at(0);
        requests.send(&mut fx, 2, Listener::Broker, Request::Fetch(FetchRequest::default()), 100, ());
        assert_eq!(leaving(&fx), [(ApiKey::Fetch, 0)]);
        let mut fx = Effects::at(0);
        requests.send(&mut fx, 9, Listener::Controller, Request::Fetch(FetchRequest::default()), 100, ());
        assert_eq!(leaving(&fx), [(ApiKey::ApiVersions, 1)]);
    }
}
