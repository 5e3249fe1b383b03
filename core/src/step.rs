//! What one step was: who acted, when, why, what changed, and in which words.

use serde::Serialize;

use crate::actor::{Actor, Endpoint};
use crate::change::Change;
use crate::command::Command;
use crate::connection::Connection;
use crate::effects::Timer;
use crate::explain::Explanation;
use crate::sim::Millis;
use crate::sim::queue::EventId;
use crate::wire::ApiKey;

pub use crate::change::Size;
pub use crate::sim::Position;

/// One executed event or command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Step {
    /// Its number in the run, from 1: the position after it.
    pub index: Position,
    /// Virtual time when it happened, in milliseconds.
    pub at_ms: Millis,
    /// Who acted; `None` for a person's command that no actor carries out.
    pub actor: Option<Actor>,
    /// The event that was executed; `None` for a command that executes none.
    pub event: Option<ExecutedEvent>,
    /// The step that this one follows from: an edge of the space-time diagram. It is the step that scheduled the event, with
    /// one exception: where a timer fired in vain (a session ends, a request is given up, a follower lags), it is the
    /// person's command that silenced whom the timer waited for. `None` for a person's commands, the roots of all that
    /// follows from them, and for what began before the run.
    pub cause: Option<Position>,
    /// The person's command, if this was one.
    pub command: Option<Command>,
    /// What changed, in order.
    pub changes: Vec<Change>,
    /// What happened, in words of both languages: a message key and its arguments.
    pub explanation: Explanation,
    /// The coarsest step size at which a person stops here.
    pub size: Size,
}

/// The event that a step executed, by the number that it had while it was pending.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum ExecutedEvent {
    /// A message arrived.
    Delivery {
        /// Its number.
        #[serde(rename = "id")]
        event: EventId,
        /// Who sent it.
        from: Endpoint,
        /// Who got it.
        to: Endpoint,
        /// Which request it is, or belongs to.
        api: ApiKey,
        /// Whether it goes back to who asked.
        is_response: bool,
        /// Whether it tells that the connection has ended: then it is about no request.
        is_closing: bool,
        /// On which of the requester's connections it came.
        connection: Connection,
        /// When it was sent, in milliseconds.
        sent_at_ms: Millis,
    },
    /// A handler thread took the request that waited longest.
    Handler {
        /// Its number.
        #[serde(rename = "id")]
        event: EventId,
        /// Whose handler thread.
        endpoint: Endpoint,
        /// Whose request and which; `None` where none waited any more.
        request: Option<(Endpoint, ApiKey)>,
    },
    /// A handler thread was done with the request that it had taken.
    HandlerDone {
        /// Its number.
        #[serde(rename = "id")]
        event: EventId,
        /// Whose handler thread.
        endpoint: Endpoint,
        /// Whose request and which.
        request: Option<(Endpoint, ApiKey)>,
    },
    /// A network thread had read a request, or sent an answer.
    Processor {
        /// Its number.
        #[serde(rename = "id")]
        event: EventId,
        /// Whose network thread.
        endpoint: Endpoint,
    },
    /// The pause was over that a quota had asked for.
    Throttle {
        /// Its number.
        #[serde(rename = "id")]
        event: EventId,
        /// Whose listener.
        endpoint: Endpoint,
        /// Whose connection.
        client: Endpoint,
    },
    /// The network threads of a listener looked at their connections.
    Poll {
        /// Its number.
        #[serde(rename = "id")]
        event: EventId,
        /// Whose listener.
        endpoint: Endpoint,
    },
    /// A request left that its client had kept back.
    Send {
        /// Its number.
        #[serde(rename = "id")]
        event: EventId,
        /// Who sent it.
        from: Endpoint,
        /// Who gets it.
        to: Endpoint,
        /// Which request.
        api: ApiKey,
    },
    /// A slow disk had written what it was given first.
    DiskWrite {
        /// Its number.
        #[serde(rename = "id")]
        event: EventId,
        /// The machine.
        node: i32,
    },
    /// A connection had taken too long to open.
    ConnectionSetupTimeout {
        /// Its number.
        #[serde(rename = "id")]
        event: EventId,
        /// Who opened it.
        client: Endpoint,
        /// To which listener.
        listener: Endpoint,
    },
    /// A timer fired.
    Timer {
        /// Its number.
        #[serde(rename = "id")]
        event: EventId,
        /// Whose.
        endpoint: Endpoint,
        /// Which.
        timer: Timer,
    },
}
