//! What a listener says: what has to happen, and what became of what reached it.

use smallvec::SmallVec;

use super::channel::ChannelId;
use crate::actor::Endpoint;
use crate::effects::RequestContext;
use crate::sim::Millis;
use crate::wire::{ApiKey, Response};

/// What has to happen, for who carries it out.
#[derive(Clone, Debug, PartialEq)]
pub enum Work {
    /// A handler thread takes the next request, in this moment.
    TakeRequest,
    /// A processor is busy until then.
    Processor {
        /// Which.
        processor: u32,
        /// When it is done.
        until: Millis,
    },
    /// A quota keeps a connection muted until then.
    Throttle {
        /// Which.
        channel: ChannelId,
        /// When its pause is over.
        until: Millis,
    },
    /// The network threads look at their connections then.
    Poll {
        /// When.
        at: Millis,
    },
    /// Network threads have spent time on a request that was answered.
    NetworkTime {
        /// Whose.
        to: RequestContext,
        /// How much, in milliseconds.
        ms: Millis,
    },
    /// An answer leaves.
    Send {
        /// To whom.
        to: RequestContext,
        /// The answer; `None` ends the connection.
        response: Option<Box<Response>>,
    },
}

/// What has to happen, in order.
pub type Works = SmallVec<[Work; 2]>;

/// What became of a request that reached the socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// It waits for a handler thread.
    Queued,
    /// Its processor reads it.
    Reading,
    /// It waits in the socket: another request of its connection is under way.
    Muted,
    /// It waits in the socket: a quota keeps its connection muted.
    Throttled {
        /// Until when, in milliseconds.
        until: Millis,
    },
    /// It waits in the socket: its processor is busy.
    ProcessorBusy,
    /// It was read and waits for room in the request queue; its processor stands still.
    QueueFull,
}

/// What a network thread was done with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done {
    /// It has read a request, which waits for a handler thread now.
    Queued {
        /// Who asks.
        from: Endpoint,
        /// What.
        api: ApiKey,
    },
    /// It has read a request and finds the request queue full.
    QueueFull {
        /// Who asks.
        from: Endpoint,
        /// What.
        api: ApiKey,
    },
    /// It has sent an answer.
    Sent {
        /// To whom.
        to: Endpoint,
        /// To which request.
        api: ApiKey,
    },
}
