//! A broker's channels: to those that it answers, to other brokers and to the active controller
//! (`NodeToControllerChannelManager`).

use super::{Broker, Context, PendingRequest, forwarding};
use crate::actor::{Actor, Listener};
use crate::change::Change;
use crate::connection::Purpose;
use crate::effects::{ExponentialBackoff, OnBehalfOf, RequestContext};
use crate::explain::Explanation;
use crate::sim::Millis;
use crate::wire::{ApiKey, Request, Response};

impl PendingRequest {
    /// On which of the channels to the controller a request was sent; none where it is for another broker, or for who keeps the log.
    pub(super) fn channel_to_controller(&self, api: ApiKey) -> Option<Purpose> {
        match self {
            Self::Register
            | Self::Heartbeat
            | Self::AlterPartition
            | Self::Forward(_)
            | Self::AlterConfigs(..)
            | Self::AutoCreateTopics(_)
            | Self::AllocateProducerIds => Some(Purpose::of(Listener::Controller, api)),
            Self::FetchMetadata
            | Self::FetchMetadataSnapshot
            | Self::FetchReplicas
            | Self::FindLeadersRange(_)
            | Self::FindEpochEnd(_)
            | Self::WriteTxnMarkers(_)
            | Self::AddPartitionsToTxn(_) => None,
        }
    }
}

impl Broker {
    /// Answers from what this broker knows.
    pub(super) fn reply(&self, cx: &mut Context, request_context: &RequestContext, response: Response) {
        cx.fx.explain(Explanation::BrokerAnswered {
            node: self.id,
            to: request_context.from.actor(),
            api: request_context.api,
        });
        cx.fx.answer(request_context, response);
    }

    /// Sends another broker, or itself, a request between brokers.
    pub(super) fn send_to_broker(&mut self, cx: &mut Context, broker: i32, request: Request, pending: PendingRequest) {
        self.send_to_broker_for(cx, broker, request, forwarding::TIMEOUT_MS, pending);
    }

    /// The same, and waits so long for the answer.
    pub(super) fn send_to_broker_for(
        &mut self,
        cx: &mut Context,
        broker: i32,
        request: Request,
        timeout_ms: Millis,
        pending: PendingRequest,
    ) {
        let deadline = cx.now.saturating_add(timeout_ms);
        self.requests.send(cx.fx, broker, Listener::Broker, request, deadline, pending);
    }

    /// Sends the active controller a request. Where none is known it waits in the channel's queue, which looks again after a pause
    /// (`NodeToControllerRequestThread.doWork`).
    pub(super) fn send_to_controller(
        &mut self,
        cx: &mut Context,
        request: Request,
        timeout_ms: Millis,
        pending: PendingRequest,
    ) {
        let sender = OnBehalfOf { version: request.api().version(), ..OnBehalfOf::default() };
        self.send_to_controller_as(sender, cx, request, timeout_ms, pending);
    }

    /// The same for somebody.
    pub(super) fn send_to_controller_as(
        &mut self,
        sender: OnBehalfOf,
        cx: &mut Context,
        request: Request,
        timeout_ms: Millis,
        pending: PendingRequest,
    ) {
        let (port, api) = (Listener::Controller, request.api());
        match self.lifecycle.controller_of(Purpose::of(port, api)) {
            Some(controller) => {
                let deadline = cx.now.saturating_add(timeout_ms);
                self.requests.send_as(cx.fx, (controller, port), sender, request, deadline, pending);
            }
            None => {
                cx.fx.replace_explanation(Explanation::WaitsForController { node: self.id, api });
                self.controller_unreachable(cx, pending);
            }
        }
    }

    /// A controller that answers that it does not lead is asked no more on that channel.
    pub(super) fn note_who_leads(&mut self, pending: &PendingRequest, response: &Response) {
        let Some(channel) = pending.channel_to_controller(response.api()) else { return };
        if forwarding::is_not_controller(response) {
            self.lifecycle.forget_controller(channel);
        }
    }

    /// Gives up what has run out of time, with all that is open on the same connections.
    #[inline(never)]
    pub(super) fn give_up_requests(&mut self, cx: &mut Context) {
        for open in self.requests.take_expired(cx.fx, reconnect_backoff, cx.now) {
            let (actor, to) = (Actor::Node(self.id), Actor::Node(open.to));
            cx.fx.change(Change::TimedOut { from: actor, to, api: open.api });
            cx.fx.explain(Explanation::RequestGivenUp { actor, to, api: open.api });
            self.handle_failure(cx, open.to, open.api, open.context);
        }
    }

    /// Closes the connections on which nothing has passed for `connections.max.idle.ms`.
    pub(super) fn close_idle_connections(&mut self, cx: &mut Context) {
        for (node, port, purpose) in self.requests.close_idle(cx.fx, Actor::Node(self.id), cx.now) {
            self.connection_ended(cx, node, port, purpose);
        }
    }

    /// What was open on a connection that has ended will not be answered.
    #[inline(never)]
    pub(super) fn connection_ended(&mut self, cx: &mut Context, node: i32, port: Listener, purpose: Purpose) {
        for open in self.requests.take_all_on(node, port, purpose, reconnect_backoff(purpose), cx.now) {
            self.handle_failure(cx, node, open.api, open.context);
        }
    }
}

/// How long a broker leaves alone whom it could not reach.
pub(super) const fn reconnect_backoff(purpose: Purpose) -> ExponentialBackoff {
    match purpose {
        Purpose::Heartbeat
        | Purpose::ControllerRegistration
        | Purpose::AlterPartition
        | Purpose::TransactionMarkers
        | Purpose::TransactionVerification
        | Purpose::Forwarding => ExponentialBackoff::OF_BROKER_CHANNELS,
        // A fetcher and an observer of the quorum have backoffs of their own.
        Purpose::Data | Purpose::Coordinator | Purpose::Quorum => ExponentialBackoff::NONE,
    }
}
