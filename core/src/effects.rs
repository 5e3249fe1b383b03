//! What an endpoint's state machine takes in and gives back. Nothing is performed by the machines themselves: the cluster
//! carries effects out, so that an actor can only ever touch its own state.

mod connection_states;
mod exponential_backoff;
mod idle_expiry;
mod in_flight;
mod timers;

use smallvec::SmallVec;

use crate::actor::{Endpoint, Listener};
use crate::change::Change;
use crate::connection::{Connection, Purpose};
use crate::explain::Explanation;
use crate::sim::{Millis, Position};
use crate::wire::{ApiKey, Request, RequestHeader, Response, Topic};

pub use connection_states::NodeLoad;
pub use exponential_backoff::ExponentialBackoff;
pub use idle_expiry::IdleExpiry;
pub use in_flight::{Answered, InFlightRequest, InFlightRequests, OnBehalfOf, Readiness};
pub use timers::{AdminTimer, BrokerTimer, ConsumerTimer, ControllerTimer, ProbeTimer, ProducerTimer, Timer};

/// A request as it reaches a role of a process, with all that is needed to answer it later.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ReceivedRequest {
    /// Where the answer goes.
    pub request_context: RequestContext,
    /// The body.
    pub request: Box<Request>,
}

/// Where an answer goes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestContext {
    /// Who asked.
    pub from: Endpoint,
    /// Which incarnation of the requester: a process that was started again does not get its predecessor's answers.
    pub incarnation: u32,
    /// The requester's number for the request.
    pub correlation_id: i32,
    /// Which request.
    pub api: ApiKey,
    /// In which version.
    pub version: i16,
    /// In whose name, where the connection or the envelope of a forwarded request says so.
    pub principal: Option<Topic>,
    /// On which of the requester's connections it came.
    pub connection: Connection,
    /// The requester's name for itself (`client.id`), if it has one.
    pub client_id: Option<Topic>,
    /// How large it is with its header, in bytes: known of a Produce while quotas are set, else 0.
    pub size_bytes: u32,
    /// How long a handler thread has worked on it, in milliseconds.
    pub thread_ms: Millis,
}

/// What reaches an endpoint, requests to process apart. `T` is the role's own closed set of timers.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Input<T> {
    /// An answer to a request that this endpoint sent to a node.
    Answer {
        /// The node that answered.
        from: i32,
        /// The endpoint's number for the request.
        correlation_id: i32,
        /// The answer.
        response: Box<Response>,
    },
    /// A connection to a node's listener was closed from there, broke, or did not open: open requests on it will not be answered.
    Disconnected {
        /// The node.
        node: i32,
        /// Which of its listeners.
        port: Listener,
        /// What the connection was for.
        purpose: Purpose,
    },
    /// The earliest open request has run out of time.
    RequestTimeout,
    /// A connection may be idle for too long (`connections.max.idle.ms`).
    IdleConnections,
    /// A timer of the role fired.
    Timer(T),
}

impl Input<Timer> {
    /// The input in the words of one role; `None` for another role's timer.
    pub fn for_role<T: TryFrom<Timer>>(self) -> Option<Input<T>> {
        Some(match self {
            Self::Answer { from, correlation_id, response } => Input::Answer { from, correlation_id, response },
            Self::Disconnected { node, port, purpose } => Input::Disconnected { node, port, purpose },
            Self::RequestTimeout | Self::Timer(Timer::RequestTimeout) => Input::RequestTimeout,
            Self::IdleConnections | Self::Timer(Timer::IdleConnections) => Input::IdleConnections,
            Self::Timer(timer) => Input::Timer(T::try_from(timer).ok()?),
        })
    }
}

/// Settings of a listener that may change while its process runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ListenerConfigs {
    /// `num.network.threads`.
    pub network_threads: u32,
    /// `num.io.threads`.
    pub io_threads: u32,
    /// `max.connections.per.ip`.
    pub max_connections_per_ip: u32,
}

/// What an actor wants done, gathered while it handles one input.
#[derive(Clone, Debug, Default)]
pub struct Effects {
    /// In which step, for what is kept to be shown.
    pub step: Position,
    /// When it is handled, in milliseconds.
    pub now: Millis,
    /// Messages to send, in order.
    pub sends: SmallVec<[Outgoing; 1]>,
    /// Timers to set (`Some`, absolute virtual time) or to stop (`None`), in order.
    pub timers: SmallVec<[(Timer, Option<Millis>); 4]>,
    /// What changed, in order.
    pub changes: Vec<Change>,
    /// What happened: the first that was said, unless [`Effects::replace_explanation`] replaced it. `None` means that nobody
    /// would notice.
    pub explanation: Option<Explanation>,
    /// What the role's listener has to go by from now on: settings were changed while it runs.
    pub listener: Option<ListenerConfigs>,
    /// The role ends now, of its own will (controlled shutdown finished); with the last role, the process.
    pub exits: bool,
    /// The process ends at once by a fault that it does not survive (`ProcessTerminatingFaultHandler`): nothing of what it
    /// wanted done is done, and no answer leaves.
    pub halts: bool,
}

/// A message that leaves an actor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outgoing {
    /// A request to a node.
    Request {
        /// Which role of it.
        to: Endpoint,
        /// What the connection is for that it leaves on.
        purpose: Purpose,
        /// The header.
        header: RequestHeader,
        /// The body.
        request: Box<Request>,
        /// On which connection, where the sender says so; else on its newest one for the purpose.
        connection: Option<Connection>,
        /// When it may leave at the earliest, in milliseconds: before, its client may send nothing there. 0 for at once.
        not_before: Millis,
    },
    /// The connection to a node is closed: what is still open on it will not be answered. The next request opens another.
    Disconnect {
        /// Which role of the node.
        from: Endpoint,
        /// Which of the connections to it.
        purpose: Purpose,
    },
    /// A request that wants no answer (`acks=0`) was carried out.
    NoResponse {
        /// Whose it was.
        to: RequestContext,
        /// For how long nothing is read from its connection, in milliseconds: a quota asks for it.
        throttle_ms: Millis,
    },
    /// An answer. `None` closes the connection instead (what a failed `acks=0` produce does).
    Response {
        /// To whom.
        to: RequestContext,
        /// The answer.
        response: Option<Box<Response>>,
        /// For how long nothing is read from its connection, in milliseconds: a quota asks for it.
        throttle_ms: Millis,
    },
}

impl Outgoing {
    /// The request that it is, if it is one.
    pub fn request(&self) -> Option<&Request> {
        match self {
            Self::Request { request, .. } => Some(request),
            Self::Disconnect { .. } | Self::NoResponse { .. } | Self::Response { .. } => None,
        }
    }

    /// The answer that it is, if it is one.
    pub fn response(&self) -> Option<&Response> {
        match self {
            Self::Response { response, .. } => response.as_deref(),
            Self::Request { .. } | Self::Disconnect { .. } | Self::NoResponse { .. } => None,
        }
    }
}

impl Effects {
    /// None yet, of something that is handled at a time, in milliseconds.
    pub fn at(now: Millis) -> Self {
        Self { now, ..Self::default() }
    }

    /// Answers a request, in the version that it was made in.
    pub fn answer(&mut self, to: &RequestContext, response: Response) {
        self.answer_and_throttle(to, response, 0);
    }

    /// The same, and nothing is read from its connection for `throttle_ms`.
    pub fn answer_and_throttle(&mut self, to: &RequestContext, mut response: Response, throttle_ms: Millis) {
        response.restrict_to_version(to.version);
        self.sends.push(Outgoing::Response { to: to.clone(), response: Some(Box::new(response)), throttle_ms });
    }

    /// A request that wants no answer was carried out: the next one of its connection may be read.
    pub fn no_answer(&mut self, to: RequestContext) {
        self.sends.push(Outgoing::NoResponse { to, throttle_ms: 0 });
    }

    /// Closes the connection that a request came on.
    pub fn close(&mut self, to: &RequestContext) {
        self.sends.push(Outgoing::Response { to: to.clone(), response: None, throttle_ms: 0 });
    }

    /// Sets a timer, or moves it.
    #[inline]
    pub fn set_timer(&mut self, timer: impl Into<Timer>, at: Millis) {
        self.timers.push((timer.into(), Some(at)));
    }

    /// Stops a timer.
    pub fn stop_timer(&mut self, timer: impl Into<Timer>) {
        self.timers.push((timer.into(), None));
    }

    /// Notes a change.
    #[inline]
    pub fn change(&mut self, change: Change) {
        self.changes.push(change);
    }

    /// Says what happened, unless something was said before: what is most telling is to be said first.
    #[inline]
    pub fn explain(&mut self, explanation: Explanation) {
        self.explanation.get_or_insert(explanation);
    }

    /// Says what happened, in place of anything said before.
    pub fn replace_explanation(&mut self, explanation: Explanation) {
        self.explanation = Some(explanation);
    }
}

/// For tests without a network: the answers that open the connections on which ApiVersions was sent. Who sent it is to handle them.
#[cfg(test)]
pub(crate) fn api_versions_answers<T>(fx: &mut Effects) -> Vec<Input<T>> {
    let mut answers = Vec::new();
    for outgoing in std::mem::take(&mut fx.sends) {
        match outgoing {
            Outgoing::Request { to, header, request, .. } if matches!(*request, Request::ApiVersions(_)) => {
                let from = to.listener().map_or(-1, |(node, _)| node);
                let response = Box::new(Response::ApiVersions(Default::default()));
                answers.push(Input::Answer { from, correlation_id: header.correlation_id, response });
            }
            other => fx.sends.push(other),
        }
    }
    answers
}
