//! What may happen next.

use serde::Serialize;

use super::summary::{request_summary, summary};
use crate::actor::Actor;
use crate::cluster::Cluster;
use crate::cluster::event::Event;
use crate::sim::Millis;
use crate::sim::queue::EventId;
use crate::wire::ApiKey;

/// Something that may happen next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PendingView {
    /// Its name.
    pub event: EventId,
    /// When it is due, in milliseconds.
    pub at_ms: Millis,
    /// Who acts.
    pub actor: Actor,
    /// What it is.
    pub what: PendingKind,
    /// Whether the scheduler would choose it.
    pub is_next: bool,
}

/// What may happen.
#[expect(missing_docs, reason = "the fields are the arguments of the messages that word the variants")]
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum PendingKind {
    /// A message arrives.
    Deliver { from: Actor, to: Actor, api: ApiKey, is_response: bool, summary: String },
    /// A handler thread takes the next request.
    Handle { node: i32, from: Actor, api: ApiKey, summary: String },
    /// A timer fires. `timer` is its kebab-case name.
    Timer { timer: String },
}

impl Cluster {
    /// What may happen next, at most `limit` of it, in the scheduler's order.
    pub fn pending(&self, limit: usize) -> Vec<PendingView> {
        let mut first = true;
        let view = |(at_ms, event, what): (Millis, EventId, &Event)| PendingView {
            event,
            at_ms: at_ms.max(self.now()),
            actor: what.actor(),
            what: self.pending_kind(what),
            is_next: std::mem::take(&mut first),
        };
        self.events().take(limit).map(view).collect()
    }

    fn pending_kind(&self, event: &Event) -> PendingKind {
        match event {
            Event::Deliver(envelope) => PendingKind::Deliver {
                from: envelope.from.actor(),
                to: envelope.to.actor(),
                api: envelope.message.api(),
                is_response: envelope.message.is_response(),
                summary: summary(self, &envelope.message),
            },
            Event::Handle { endpoint } => {
                let listener = endpoint.listener();
                let waiting = listener.and_then(|(id, port)| Some((id, self.node(id)?.requests(port).front()?)));
                match waiting {
                    Some((node, received)) => PendingKind::Handle {
                        node,
                        from: received.request_context.from.actor(),
                        api: received.request_context.api,
                        summary: request_summary(self, &received.request),
                    },
                    None => PendingKind::Timer { timer: "handler".to_owned() },
                }
            }
            Event::DiskDone { .. } => PendingKind::Timer { timer: "disk".to_owned() },
            Event::Fire { timer, .. } => PendingKind::Timer { timer: timer.name().to_owned() },
        }
    }
}
