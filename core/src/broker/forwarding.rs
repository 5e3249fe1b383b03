//! Admin requests go to any broker, which passes them on to the controller (`ForwardingManager`, KIP-590).

use super::{Broker, Context, PendingRequest};
use crate::effects::{BrokerTimer, OnBehalfOf, ReceivedRequest, RequestContext};
use crate::explain::Explanation;
use crate::sim::Millis;
use crate::wire::{ErrorCode, Request, Response};

/// How long a broker waits before it tries another controller.
const RETRY_BACKOFF_MS: Millis = 100;
/// `request.timeout.ms` of the channel to the controller.
pub(super) const TIMEOUT_MS: Millis = 30_000;

impl Broker {
    /// Passes a request on.
    pub(super) fn forward(&mut self, cx: &mut Context, received: ReceivedRequest) {
        cx.fx.explain(Explanation::BrokerForwards { node: self.id, api: received.request_context.api });
        let request = (*received.request).clone();
        let sender = self.sender_of(&received.request_context);
        let pending = PendingRequest::Forward(received);
        self.send_to_controller_as(sender, cx, request, TIMEOUT_MS, pending);
    }

    /// Whom a request is passed on for: the envelope holds it as the client sent it.
    pub(super) fn sender_of(&self, request_context: &RequestContext) -> OnBehalfOf {
        OnBehalfOf {
            version: request_context.version,
            principal: self.principal_of(request_context),
            client_id: Some(request_context.client_id.clone().unwrap_or_else(|| "".into())),
        }
    }

    /// Passes the answer back.
    pub(super) fn return_forwarded(&mut self, cx: &mut Context, received: ReceivedRequest, response: Response) {
        cx.fx.explain(Explanation::BrokerReturns { node: self.id, api: received.request_context.api });
        cx.fx.answer(&received.request_context, response);
    }

    pub(super) fn forward_failed(&mut self, cx: &mut Context, _peer: i32, received: ReceivedRequest) {
        self.forwards.push_back(received);
        Self::ask_controller_later(cx);
    }

    /// Another controller is asked for what waits, after a pause.
    pub(super) fn ask_controller_later(cx: &mut Context) {
        cx.fx.set_timer(BrokerTimer::ForwardRetry, cx.now.saturating_add(RETRY_BACKOFF_MS));
    }

    #[inline(never)]
    pub(super) fn forward_again(&mut self, cx: &mut Context) {
        self.maybe_request_producer_ids(cx);
        self.create_automatically_again(cx);
        for received in std::mem::take(&mut self.forwards) {
            match *received.request {
                Request::AlterConfigs(_) | Request::IncrementalAlterConfigs(_) => self.alter_configs(cx, received),
                _ => self.forward(cx, received),
            }
        }
    }
}

/// Whether the node that answered is not the active controller: the channel to the controller tries another
/// (`NodeToControllerRequestThread.handleResponse`).
pub(super) fn is_not_controller(response: &Response) -> bool {
    let first = match response {
        Response::CreateTopics(answer) => answer.topics.first().map(|topic| topic.error_code),
        Response::DeleteTopics(answer) => answer.responses.first().map(|topic| topic.error_code),
        Response::CreatePartitions(answer) => answer.results.first().map(|topic| topic.error_code),
        Response::AlterConfigs(answer) => answer.responses.first().map(|resource| resource.error_code),
        Response::IncrementalAlterConfigs(answer) => answer.responses.first().map(|resource| resource.error_code),
        Response::AlterPartitionReassignments(answer) => Some(answer.error_code),
        Response::ListPartitionReassignments(answer) => Some(answer.error_code),
        Response::ElectLeaders(answer) => Some(answer.error_code),
        Response::UnregisterBroker(answer) => Some(answer.error_code),
        Response::UpdateFeatures(answer) => Some(answer.error_code),
        Response::CreateAcls(answer) => answer.results.first().map(|result| result.error_code),
        Response::DeleteAcls(answer) => answer.filter_results.first().map(|result| result.error_code),
        Response::AlterClientQuotas(answer) => answer.entries.first().map(|entry| entry.error_code),
        _ => None,
    };
    first == Some(ErrorCode::NotController)
}
