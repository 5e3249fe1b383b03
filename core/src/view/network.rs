//! Messages on their way, and those that wait in cut links.

use serde::Serialize;

use super::summary::{records_in, summary};
use crate::actor::{Actor, Endpoint};
use crate::cluster::Cluster;
use crate::cluster::event::{Envelope, Message};
use crate::effects::RequestContext;
use crate::sim::Millis;
use crate::sim::queue::EventId;
use crate::wire::ApiKey;

/// Which request of all: who asks, and the requester's number for it. It is the same in the request, in the purgatory
/// where it waits, and in its answer; a process that starts again begins to count anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestId {
    /// Who asks.
    pub from: Endpoint,
    /// `correlation_id` of the request's header.
    pub correlation_id: i32,
}

impl RequestId {
    pub(super) fn of(request_context: &RequestContext) -> Self {
        Self { from: request_context.from, correlation_id: request_context.correlation_id }
    }
}

/// A message on its way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EnvelopeView {
    /// The event that will deliver it.
    pub event: EventId,
    /// Who sent it.
    pub from: Actor,
    /// Who gets it.
    pub to: Actor,
    /// Which request it is, or answers; `None` where it tells that the connection is closed, or is bytes that a person sends.
    pub request: Option<RequestId>,
    /// Whether it is an answer.
    pub is_response: bool,
    /// How many bytes a person sends with it, where it is no message of Kafka's clients.
    pub raw_bytes: Option<usize>,
    /// Which request, or which request it answers.
    pub api: ApiKey,
    /// When it was sent, in milliseconds.
    pub sent_at_ms: Millis,
    /// When it arrives, in milliseconds.
    pub arrives_at_ms: Millis,
    /// What it is about, in as few words as fit on an envelope: `orders-0 from 7`.
    pub summary: String,
    /// How many records it carries.
    pub records: i64,
    /// The whole message as JSON, with Kafka's field names.
    pub body: Option<serde_json::Value>,
}

/// A message that waits in a cut link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HeldView {
    /// Who sent it.
    pub from: Actor,
    /// Who would get it.
    pub to: Actor,
    /// Whether it is an answer.
    pub is_response: bool,
    /// Whether it only tells that the connection is closed.
    pub is_closing: bool,
    /// How many bytes a person sends with it, where it is no message of Kafka's clients.
    pub raw_bytes: Option<usize>,
    /// Which request, or which request it answers.
    pub api: ApiKey,
    /// When it was sent, in milliseconds.
    pub sent_at_ms: Millis,
    /// What it is about, in few words.
    pub summary: String,
}

pub(super) fn envelope_view(
    cluster: &Cluster,
    event: EventId,
    arrives_at_ms: Millis,
    envelope: &Envelope,
) -> EnvelopeView {
    EnvelopeView {
        event,
        from: envelope.from.actor(),
        to: envelope.to.actor(),
        request: request_of(envelope),
        is_response: envelope.message.is_response(),
        raw_bytes: envelope.message.raw_bytes(),
        api: envelope.message.api(),
        sent_at_ms: envelope.sent_at,
        arrives_at_ms,
        summary: summary(cluster, &envelope.message),
        records: records_in(&envelope.message),
        body: None,
    }
}

fn request_of(envelope: &Envelope) -> Option<RequestId> {
    match &envelope.message {
        Message::Request { header, .. } => {
            Some(RequestId { from: envelope.from, correlation_id: header.correlation_id })
        }
        Message::Response { correlation_id, .. } => {
            Some(RequestId { from: envelope.to, correlation_id: *correlation_id })
        }
        Message::Closed { .. } | Message::ClosedByClient { .. } | Message::Bytes { .. } => None,
    }
}

pub(super) fn held_view(cluster: &Cluster, envelope: &Envelope) -> HeldView {
    HeldView {
        from: envelope.from.actor(),
        to: envelope.to.actor(),
        is_response: envelope.message.is_response(),
        is_closing: envelope.message.is_closing(),
        raw_bytes: envelope.message.raw_bytes(),
        api: envelope.message.api(),
        sent_at_ms: envelope.sent_at,
        summary: summary(cluster, &envelope.message),
    }
}

impl Cluster {
    /// A message on its way, whole, with Kafka's own field names.
    pub fn envelope_body(&self, event: EventId) -> Option<serde_json::Value> {
        Some(match self.message(event)? {
            Message::Request { request, .. } => request.to_json(),
            Message::Response { response, .. } => response.to_json(),
            Message::Bytes { bytes } => serde_json::json!({ "hex": bytes.to_hex() }),
            Message::Closed { .. } | Message::ClosedByClient { .. } => serde_json::Value::Null,
        })
    }
}
