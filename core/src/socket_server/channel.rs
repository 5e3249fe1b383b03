//! One connection as a broker's network thread has it (`KafkaChannel`), and the request that is under way on it.
//!
//! | channel   | becomes   | when                                                                         |
//! |-----------|-----------|------------------------------------------------------------------------------|
//! | `Open`    | `Muted`   | a processor has begun to read a request: nothing more is read from it        |
//! | `Muted`   | `Open`    | the answer was sent, or the request (`acks=0`) wants none                    |
//! | `Muted`   | throttled | a quota asks for a pause: it stays muted behind the answer, too (KIP-219)    |
//! | throttled | `Open`    | the time of the pause is over, and the answer was sent                       |
//! | any       | (gone)    | the answer is the end of the connection, or its client reset it              |
//! | any       | (gone)    | its client closed it, once all that came before is read and answered         |
//! | any       | (gone)    | its network thread closes it: too large, malformed, idle ([`super::polling`])|
//!
//! What is sent meanwhile waits in the socket's receive buffer. So a connection has at most one request in the pipeline, and
//! answers leave in the order of their requests.

use std::collections::VecDeque;

use super::network_receive::NetworkReceive;
use super::transport_layer::TransportLayer;
use crate::actor::Endpoint;
use crate::connection::{CloseReason, Connection};
use crate::effects::{ReceivedRequest, RequestContext};
use crate::ranked_map::Ranked;
use crate::sim::Millis;
use crate::wire::Response;

/// Which channel of a listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ChannelId {
    /// Who opened the connection.
    pub client: Endpoint,
    /// Which incarnation of the client.
    pub incarnation: u32,
    /// Which of its connections.
    pub connection: Connection,
}

impl Ranked for ChannelId {
    /// Field by field.
    #[inline]
    fn rank(&self) -> u128 {
        let Connection { purpose, number } = self.connection;
        let connection = (u64::from(purpose as u8) << 32) | u64::from(number);
        (self.client.rank() << 72) | (u128::from(self.incarnation) << 40) | u128::from(connection)
    }
}

impl ChannelId {
    /// The channel that a request came on.
    pub fn of(request: &RequestContext) -> Self {
        let client = request.connection.opened_by(request.from);
        Self { client, incarnation: request.incarnation, connection: request.connection }
    }

    /// Whether it is a connection that an earlier process of the same client opened for the same purpose: its machine failed, and
    /// nobody closed it.
    pub(super) fn is_superseded_by(&self, newer: &Self) -> bool {
        let is_same = self.client == newer.client && self.connection.purpose == newer.connection.purpose;
        is_same && self.incarnation < newer.incarnation
    }
}

/// A connection at a network thread.
#[derive(Clone, Debug, PartialEq, Hash)]
pub struct KafkaChannel {
    /// Its network thread.
    pub processor: u32,
    /// What lies between it and the socket.
    pub transport_layer: TransportLayer,
    /// What lies in the receive buffer, with the time at which it came.
    pub unread: VecDeque<(Millis, ReceivedRequest)>,
    /// The request that is under way; the channel is muted meanwhile.
    pub request: Option<RequestInProcess>,
    /// Until when a quota keeps it muted, in milliseconds, if one does.
    pub throttled_until: Option<Millis>,
    /// Whether its client has closed it: it is gone once all that came before is read.
    pub is_ended: bool,
    /// What came on it as bytes and is no request yet.
    pub receive: NetworkReceive,
    /// Whether who opened it keeps it open. Else a hand-written request's connection ends with its answer.
    pub is_kept_open: bool,
    /// When something passed on it last.
    pub last_active: Millis,
    /// Why its network thread is about to close it.
    pub closing: Option<CloseReason>,
}

impl KafkaChannel {
    /// A connection that was just accepted.
    pub(super) fn new(processor: u32) -> Self {
        Self {
            processor,
            transport_layer: TransportLayer::default(),
            unread: VecDeque::new(),
            request: None,
            throttled_until: None,
            is_ended: false,
            receive: NetworkReceive::default(),
            is_kept_open: false,
            last_active: 0,
            closing: None,
        }
    }

    /// Whether nothing is read from it.
    pub fn is_muted(&self) -> bool {
        self.request.is_some() || self.throttled_until.is_some() || self.closing.is_some()
    }
}

/// A request between its first byte read and the last byte of its answer sent.
#[derive(Clone, Debug, PartialEq, Hash)]
pub struct RequestInProcess {
    /// Whose it is.
    pub context: RequestContext,
    /// When it passed what.
    pub times: RequestTimes,
    /// What goes back, once it is known.
    pub answer: Option<Answer>,
    /// How long network threads have worked on it, in milliseconds.
    pub network_ms: Millis,
    /// For how long its client is throttled, in milliseconds (`apiThrottleTimeMs`).
    pub throttle_ms: Millis,
}

/// How a request ends.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Answer {
    /// With an answer.
    Response(Box<Response>),
    /// Without one: `acks=0` (`NoOpResponse`).
    None,
    /// With the end of the connection (`CloseConnectionResponse`).
    Close,
}

/// When a request passed what (`RequestChannel.Request`), in milliseconds of virtual time. What did not happen yet is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct RequestTimes {
    /// It reached the socket. No metric of Kafka's counts from here: the broker has not read it yet.
    pub arrived: Millis,
    /// It was read and put on the request queue: from here on Kafka counts.
    pub enqueued: Option<Millis>,
    /// A handler thread took it.
    pub dequeued: Option<Millis>,
    /// The handler thread was done with it.
    pub local_done: Option<Millis>,
    /// Its answer was ready, and put on the response queue.
    pub completed: Option<Millis>,
    /// A network thread took the answer.
    pub response_dequeued: Option<Millis>,
    /// The answer was sent.
    pub sent: Option<Millis>,
}

/// Where a request is.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    serde::Serialize,
    serde::Deserialize,
    strum::IntoStaticStr,
    strum::VariantArray,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Place {
    /// In the receive buffer of its socket, unread.
    Socket,
    /// In the request queue.
    RequestQueue,
    /// At a handler thread.
    Handler,
    /// In purgatory, or with the controller: nobody works on it here.
    Remote,
    /// In the response queue of its network thread.
    ResponseQueue,
    /// At its network thread, which sends the answer.
    Sending,
}

impl Place {
    /// The kebab-case name.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// All places, in the order in which a request passes them.
    pub fn all() -> &'static [Self] {
        <Self as strum::VariantArray>::VARIANTS
    }
}

impl RequestTimes {
    /// Where the request is.
    pub fn place(&self) -> Place {
        match self {
            Self { enqueued: None, .. } => Place::Socket,
            Self { dequeued: None, .. } => Place::RequestQueue,
            Self { local_done: None, completed: None, .. } => Place::Handler,
            Self { completed: None, .. } => Place::Remote,
            Self { response_dequeued: None, .. } => Place::ResponseQueue,
            Self { .. } => Place::Sending,
        }
    }

    /// How long it has been at a place, or was there, in milliseconds: 0 where it has not come yet.
    pub fn at(&self, place: Place, now: Millis) -> Millis {
        // What is ready before the handler thread is done was never with anybody else.
        let local_done = self.local_done.or(self.completed);
        let (from, to) = match place {
            Place::Socket => (Some(self.arrived), self.enqueued),
            Place::RequestQueue => (self.enqueued, self.dequeued),
            Place::Handler => (self.dequeued, local_done),
            Place::Remote => (local_done, self.completed),
            Place::ResponseQueue => (self.completed, self.response_dequeued),
            Place::Sending => (self.response_dequeued, self.sent),
        };
        from.map_or(0, |from| to.unwrap_or(now).saturating_sub(from))
    }

    /// `TotalTimeMs`: from the request queue until the answer was sent, or until now.
    pub fn total(&self, now: Millis) -> Millis {
        self.enqueued.map_or(0, |enqueued| self.sent.unwrap_or(now).saturating_sub(enqueued))
    }
}
