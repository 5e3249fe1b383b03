//! What can happen: envelopes that arrive, handler threads that take a request, timers that fire.

use crate::actor::{Actor, Endpoint};
use crate::connection::{Connection, Purpose};
use crate::effects::Timer;
use crate::sim::Millis;
use crate::sim::queue::EventId;
use crate::socket_server::channel::ChannelId;
use crate::socket_server::is_written;
use crate::step::Position;
use crate::wire::records::Bytes;
use crate::wire::{ApiKey, Request, RequestHeader, Response};

/// A scheduled event with what scheduled it.
#[derive(Clone, Debug, PartialEq, Hash)]
pub struct Scheduled {
    /// The step that scheduled it; 0 for what began before the run.
    pub cause: Position,
    /// What happens.
    pub event: Event,
}

/// An event that could not happen when it was due, and waits until it can. It keeps its number, and with it its place among those
/// of its connection.
#[derive(Clone, Debug, PartialEq, Hash)]
pub struct HeldEvent {
    /// Its number.
    pub id: EventId,
    /// What is to happen.
    pub scheduled: Scheduled,
}

/// What happens.
#[derive(Clone, Debug, PartialEq, Hash)]
pub enum Event {
    /// A message arrives.
    Deliver(Box<Envelope>),
    /// A handler thread of a role of a process takes the request that waits longest there.
    Handle {
        /// Whose request queue.
        endpoint: Endpoint,
    },
    /// A handler thread is done with the request that it took.
    HandlerDone {
        /// Whose.
        endpoint: Endpoint,
        /// Which handler thread.
        handler: u32,
    },
    /// A network thread has read a request, or sent an answer.
    ProcessorDone {
        /// Whose.
        endpoint: Endpoint,
        /// Which network thread.
        processor: u32,
    },
    /// The pause is over that a quota asked for: a connection is read from again.
    ThrottleDone {
        /// Whose listener.
        endpoint: Endpoint,
        /// Which of its connections.
        channel: ChannelId,
    },
    /// The network threads of a listener look at their connections: bytes lie in a socket, or one may be idle for too long.
    Poll {
        /// Whose listener.
        endpoint: Endpoint,
    },
    /// A request leaves that its client had to keep back.
    Send {
        /// Who sends it.
        from: Endpoint,
        /// Which incarnation of it.
        from_incarnation: u32,
        /// Who gets it.
        to: Endpoint,
        /// What the connection is for that it leaves on.
        purpose: Purpose,
        /// The header.
        header: Box<RequestHeader>,
        /// The body.
        request: Box<Request>,
    },
    /// A slow disk has taken what waits longest for it.
    DiskDone {
        /// The process.
        node: i32,
    },
    /// A connection has taken `socket.connection.setup.timeout.ms` and is not open.
    ConnectionSetupTimeout {
        /// Who opens it.
        client: Endpoint,
        /// To which listener.
        listener: Endpoint,
        /// Which of the client's connections.
        connection: Connection,
    },
    /// A timer fires.
    Fire {
        /// Whose.
        endpoint: Endpoint,
        /// Which.
        timer: Timer,
    },
}

/// A message on its way.
#[derive(Clone, Debug, PartialEq, Hash)]
pub struct Envelope {
    /// Who sent it.
    pub from: Endpoint,
    /// Which incarnation of the sender.
    pub from_incarnation: u32,
    /// Who gets it.
    pub to: Endpoint,
    /// Which incarnation it was sent to: a process that was started since is another receiver.
    pub to_incarnation: u32,
    /// On which of the connections between the two.
    pub connection: Connection,
    /// When it was sent, in milliseconds.
    pub sent_at: Millis,
    /// Whether it lies in its receiver's socket: the process stood still when it came, and reads it once it goes on, whatever
    /// becomes of the link meanwhile.
    pub has_arrived: bool,
    /// What it says.
    pub message: Message,
}

/// What an envelope says.
#[derive(Clone, Debug, PartialEq, Hash)]
pub enum Message {
    /// A request.
    Request {
        /// The header.
        header: RequestHeader,
        /// The body.
        request: Box<Request>,
    },
    /// An answer.
    Response {
        /// The requester's number for the request.
        correlation_id: i32,
        /// The answer.
        response: Box<Response>,
    },
    /// The connection was closed, or the peer's machine says that nobody listens there.
    Closed {
        /// What the request was, where one was open.
        api: ApiKey,
    },
    /// Bytes that a person sends, whatever they are; none opens the connection alone.
    Bytes {
        /// The bytes.
        bytes: Bytes,
    },
    /// The listener learns that the connection was closed at the client's end.
    ClosedByClient {
        /// Whether it was reset: what the listener has not read yet is lost. Else (`FIN`) it is read first.
        is_reset: bool,
    },
}

impl Message {
    /// Which request it is, or belongs to.
    pub fn api(&self) -> ApiKey {
        match self {
            Self::Request { request, .. } => request.api(),
            Self::Response { response, .. } => response.api(),
            Self::Closed { api } => *api,
            // It is about none: `is_closing` and `raw_bytes` say so.
            Self::ClosedByClient { .. } | Self::Bytes { .. } => ApiKey::ApiVersions,
        }
    }

    /// Whether who gets it writes records to its disk before it does anything else.
    pub fn is_written(&self) -> bool {
        match self {
            Self::Request { request, .. } => is_written(request),
            Self::Response { response, .. } => match &**response {
                Response::Fetch(fetched) => {
                    let mut partitions = fetched.responses.iter().flat_map(|topic| &topic.partitions);
                    partitions.any(|partition| !partition.records.is_empty())
                }
                _ => false,
            },
            Self::Closed { .. } | Self::ClosedByClient { .. } | Self::Bytes { .. } => false,
        }
    }

    /// How many bytes a person sends with it, where it is no message of Kafka's clients.
    pub fn raw_bytes(&self) -> Option<usize> {
        match self {
            Self::Bytes { bytes } => Some(bytes.len()),
            Self::Request { .. } | Self::Response { .. } | Self::Closed { .. } | Self::ClosedByClient { .. } => None,
        }
    }

    /// Whether it tells that the connection has ended, and is about no request.
    pub fn is_closing(&self) -> bool {
        matches!(self, Self::Closed { .. } | Self::ClosedByClient { .. })
    }

    /// Whether it goes back to who asked.
    pub fn is_response(&self) -> bool {
        matches!(self, Self::Response { .. } | Self::Closed { .. })
    }
}

impl Event {
    /// Who acts when it happens.
    pub fn actor(&self) -> Actor {
        match self {
            Self::Deliver(envelope) => envelope.to.actor(),
            Self::DiskDone { node } => Actor::Node(*node),
            Self::Handle { endpoint }
            | Self::HandlerDone { endpoint, .. }
            | Self::ProcessorDone { endpoint, .. }
            | Self::ThrottleDone { endpoint, .. }
            | Self::Poll { endpoint }
            | Self::Fire { endpoint, .. } => endpoint.actor(),
            Self::ConnectionSetupTimeout { client, .. } => client.actor(),
            Self::Send { from, .. } => from.actor(),
        }
    }
}
