//! What may happen next.

use serde::Serialize;

use super::summary::{request_summary, summary};
use crate::actor::{Actor, Endpoint};
use crate::broker::purgatory::Operation;
use crate::cluster::Cluster;
use crate::cluster::event::Event;
use crate::effects::{BrokerTimer, ControllerTimer, Timer};
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
    /// Bytes that a person sent arrive.
    DeliverBytes { from: Actor, to: Actor, size_bytes: usize },
    /// Somebody learns that a connection is closed.
    Close { from: Actor, to: Actor },
    /// A handler thread takes the next request.
    Handle { node: i32, from: Actor, api: ApiKey, summary: String },
    /// A handler thread is done with a request.
    HandlerDone { node: i32, from: Actor, api: ApiKey, summary: String },
    /// A timer fires. `timer` is its kebab-case name.
    Timer { timer: String, about: TimerSubject },
}

/// Whom or what a timer is about besides the actor whose it is. What does not apply is none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TimerSubject {
    /// Whose request waits, or who is asked.
    pub who: Option<Actor>,
    /// Which request waits.
    pub api: Option<ApiKey>,
    /// How long it will have waited, in milliseconds.
    pub waited_ms: Option<Millis>,
    /// The group.
    pub group: Option<String>,
    /// The member.
    pub member: Option<String>,
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
            Event::Deliver(envelope) if envelope.message.is_closing() => {
                PendingKind::Close { from: envelope.from.actor(), to: envelope.to.actor() }
            }
            Event::Deliver(envelope) if let Some(size_bytes) = envelope.message.raw_bytes() => {
                PendingKind::DeliverBytes { from: envelope.from.actor(), to: envelope.to.actor(), size_bytes }
            }
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
                    None => PendingKind::Timer { timer: "handler".to_owned(), about: TimerSubject::default() },
                }
            }
            Event::HandlerDone { endpoint, handler } => {
                let at = usize::try_from(*handler).unwrap_or(usize::MAX);
                let node = endpoint.listener().and_then(|(id, port)| Some((id, self.node(id)?.server(port))));
                let busy = node.and_then(|(id, server)| Some((id, server.handlers().get(at)?.request()?)));
                match busy {
                    Some((node, received)) => PendingKind::HandlerDone {
                        node,
                        from: received.request_context.from.actor(),
                        api: received.request_context.api,
                        summary: request_summary(self, &received.request),
                    },
                    None => PendingKind::Timer { timer: "handler".to_owned(), about: TimerSubject::default() },
                }
            }
            Event::ProcessorDone { .. } => {
                PendingKind::Timer { timer: "processor".to_owned(), about: TimerSubject::default() }
            }
            Event::ThrottleDone { channel, .. } => PendingKind::Timer {
                timer: "throttle".to_owned(),
                about: TimerSubject { who: Some(channel.client.actor()), ..TimerSubject::default() },
            },
            Event::Poll { .. } => PendingKind::Timer { timer: "poll".to_owned(), about: TimerSubject::default() },
            Event::Send { to, request, .. } => PendingKind::Timer {
                timer: "send".to_owned(),
                about: TimerSubject { who: Some(to.actor()), api: Some(request.api()), ..TimerSubject::default() },
            },
            Event::DiskDone { .. } => PendingKind::Timer { timer: "disk".to_owned(), about: TimerSubject::default() },
            Event::ConnectionSetupTimeout { listener, .. } => PendingKind::Timer {
                timer: "connection-setup".to_owned(),
                about: TimerSubject { who: Some(listener.actor()), ..TimerSubject::default() },
            },
            Event::Fire { timer, endpoint, .. } => {
                PendingKind::Timer { timer: timer.name().to_owned(), about: self.timer_subject(timer, *endpoint) }
            }
        }
    }

    fn timer_subject(&self, timer: &Timer, endpoint: Endpoint) -> TimerSubject {
        let node = endpoint.listener().and_then(|(id, _)| self.node(id));
        match timer {
            Timer::Broker(BrokerTimer::Purgatory(id)) => {
                let waiting = node.and_then(|node| node.broker.as_ref()).and_then(|broker| broker.purgatory.get(*id));
                waiting.map(|waiting| waiting_subject(&waiting.operation, endpoint.actor())).unwrap_or_default()
            }
            Timer::Controller(ControllerTimer::Purgatory(number)) => {
                let quorum = node.and_then(|node| node.controller.as_ref()).map(|controller| controller.quorum());
                let broker = quorum.and_then(|quorum| quorum.delayed_replica(*number));
                let who = broker.filter(|broker| *broker >= 0).map(Actor::Node);
                TimerSubject { who, api: Some(ApiKey::Fetch), ..TimerSubject::default() }
            }
            Timer::Broker(BrokerTimer::ReplicaFetch(leader)) => {
                TimerSubject { who: Some(Actor::Node(*leader)), ..TimerSubject::default() }
            }
            Timer::Broker(BrokerTimer::GroupJoin(group)) => {
                TimerSubject { group: Some(group.to_string()), ..TimerSubject::default() }
            }
            Timer::Broker(BrokerTimer::GroupRegex(group)) => {
                TimerSubject { group: Some(group.to_string()), ..TimerSubject::default() }
            }
            Timer::Broker(
                BrokerTimer::GroupSession(session)
                | BrokerTimer::GroupRebalance(session)
                | BrokerTimer::GroupMemberJoin(session)
                | BrokerTimer::GroupMemberSync(session),
            ) => {
                let (group, member) = &**session;
                TimerSubject { group: Some(group.clone()), member: Some(member.clone()), ..TimerSubject::default() }
            }
            Timer::RequestTimeout
            | Timer::IdleConnections
            | Timer::Broker(
                BrokerTimer::Heartbeat
                | BrokerTimer::RegistrationTimeout
                | BrokerTimer::MetadataFetch
                | BrokerTimer::IsrExpiration
                | BrokerTimer::AlterPartition
                | BrokerTimer::HighWatermarkCheckpoint
                | BrokerTimer::LogCleanup
                | BrokerTimer::ForwardRetry
                | BrokerTimer::TransactionAbort
                | BrokerTimer::TransactionalIdExpiration
                | BrokerTimer::TransactionMarkers
                | BrokerTimer::AddPartitionsToTxnRetry(_)
                | BrokerTimer::SnapshotCleaning
                | BrokerTimer::OffsetsExpiration(_),
            )
            | Timer::Controller(
                ControllerTimer::Sessions
                | ControllerTimer::Balance
                | ControllerTimer::Unclean
                | ControllerTimer::ElectionTimeout
                | ControllerTimer::FetchTimeout
                | ControllerTimer::CheckQuorum
                | ControllerTimer::BeginQuorumEpoch
                | ControllerTimer::AppendEntries
                | ControllerTimer::QuorumRetry
                | ControllerTimer::Shutdown
                | ControllerTimer::SnapshotCleaning
                | ControllerTimer::Registration
                | ControllerTimer::VoterChange,
            )
            | Timer::Producer(_)
            | Timer::Consumer(_)
            | Timer::Admin(_) => TimerSubject::default(),
        }
    }
}

/// Who waits in purgatory, and how long it will have waited. The broker itself waits for what its coordinator appended.
fn waiting_subject(operation: &Operation, broker: Actor) -> TimerSubject {
    let waits = operation.request_context().map(|context| (context.from.actor(), context.api));
    let (who, api) = waits.unwrap_or((broker, ApiKey::OffsetCommit));
    let waited_ms = match operation {
        Operation::Fetch { request, .. } => Millis::try_from(request.max_wait_ms).ok(),
        Operation::Produce { .. } | Operation::DeleteRecords { .. } => None,
    };
    TimerSubject { who: Some(who), api: Some(api), waited_ms, group: None, member: None }
}
