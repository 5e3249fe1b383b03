//! Admin requests go to any broker, which passes them on to the controller (`ForwardingManager`, KIP-590).

use super::{Broker, Context, PendingRequest};
use crate::controller::cluster_control_manager::ApiError;
use crate::controller::refusals::refused_whole;
use crate::effects::{BrokerTimer, OnBehalfOf, ReceivedRequest, RequestContext};
use crate::explain::Explanation;
use crate::sim::Millis;
use crate::wire::{ErrorCode, Request, Response};

/// How long a broker waits before it looks for the active controller again.
const RETRY_BACKOFF_MS: Millis = 100;
/// `request.timeout.ms` of the channel to the controller.
pub(super) const TIMEOUT_MS: Millis = 30_000;
/// For how long a request is tried that nobody answers (`retryTimeoutMs` of the channel).
const RETRY_TIMEOUT_MS: Millis = 60_000;

/// A request that is passed on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ForwardedRequest {
    pub(super) received: ReceivedRequest,
    /// When it came.
    created_ms: Millis,
}

impl ForwardedRequest {
    pub(super) fn new(request_context: RequestContext, request: Request, now: Millis) -> Self {
        Self { received: ReceivedRequest { request_context, request: Box::new(request) }, created_ms: now }
    }
}

impl Broker {
    /// Passes a request on.
    pub(super) fn forward(&mut self, cx: &mut Context, forwarded: ForwardedRequest) {
        let received = &forwarded.received;
        cx.fx.explain(Explanation::BrokerForwards { node: self.id, api: received.request_context.api });
        let request = (*received.request).clone();
        let sender = self.sender_of(&received.request_context);
        let pending = PendingRequest::Forward(forwarded);
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

    pub(super) fn forward_failed(&mut self, cx: &mut Context, forwarded: ForwardedRequest) {
        self.forwards.push_back(forwarded);
        Self::ask_controller_later(cx);
    }

    /// The controller is asked for what waits, after a pause.
    pub(super) fn ask_controller_later(cx: &mut Context) {
        cx.fx.set_timer(BrokerTimer::ForwardRetry, cx.now.saturating_add(RETRY_BACKOFF_MS));
    }

    #[inline(never)]
    pub(super) fn forward_again(&mut self, cx: &mut Context) {
        self.maybe_request_producer_ids(cx);
        self.create_automatically_again(cx);
        for forwarded in std::mem::take(&mut self.forwards) {
            let has_expired = cx.now.saturating_sub(forwarded.created_ms) >= RETRY_TIMEOUT_MS;
            match *forwarded.received.request {
                _ if has_expired => self.forward_expired(cx, forwarded.received),
                Request::AlterConfigs(_) | Request::IncrementalAlterConfigs(_) => self.alter_configs(cx, forwarded),
                _ => self.forward(cx, forwarded),
            }
        }
    }

    /// No controller has answered in time (`NodeToControllerRequestThread.generateRequests`, which looks at what is about to be sent).
    fn forward_expired(&mut self, cx: &mut Context, received: ReceivedRequest) {
        let response = refused_whole(&received.request, &ApiError::bare(ErrorCode::RequestTimedOut));
        match *received.request {
            Request::AlterConfigs(_) | Request::IncrementalAlterConfigs(_) => {
                let preprocessed = self.preprocess(cx, &received);
                self.return_altered(cx, received, &preprocessed, response);
            }
            _ => self.return_forwarded(cx, received, response),
        }
    }
}

/// Whether the node that answered is not the active controller: the channel to the controller tries another
/// (`Request.shouldReturnNotController`, `NodeToControllerRequestThread.handleResponse`). One error of many says so; of the quorum,
/// a node tells by another error that it does not lead.
pub(super) fn is_not_controller(response: &Response) -> bool {
    let told_by = match response {
        Response::DescribeQuorum(_) => ErrorCode::NotLeaderOrFollower,
        _ => ErrorCode::NotController,
    };
    let mut is_told = false;
    response.error_codes(&mut |error| is_told |= error == told_by);
    is_told
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::metadata::{CreatableTopicResult, CreateTopicsResponse};
    use crate::wire::quorum::{DescribeQuorumPartitionResponse, DescribeQuorumResponse, DescribeQuorumTopicResponse};

    #[test]
    fn one_error_of_many_tells_that_another_node_is_to_be_asked() {
        let topic = |error_code| CreatableTopicResult { error_code, ..CreatableTopicResult::default() };
        let created = |errors: &[ErrorCode]| {
            let topics = errors.iter().map(|error| topic(*error)).collect();
            Response::CreateTopics(CreateTopicsResponse { topics, ..CreateTopicsResponse::default() })
        };
        assert!(is_not_controller(&created(&[ErrorCode::InvalidTopicException, ErrorCode::NotController])));
        assert!(!is_not_controller(&created(&[ErrorCode::None, ErrorCode::NotLeaderOrFollower])));
        let described = |error_code| {
            let partition =
                DescribeQuorumPartitionResponse { error_code, ..DescribeQuorumPartitionResponse::default() };
            let topic =
                DescribeQuorumTopicResponse { partitions: vec![partition], ..DescribeQuorumTopicResponse::default() };
            Response::DescribeQuorum(DescribeQuorumResponse {
                topics: vec![topic],
                ..DescribeQuorumResponse::default()
            })
        };
        assert!(is_not_controller(&described(ErrorCode::NotLeaderOrFollower)));
        assert!(!is_not_controller(&described(ErrorCode::UnknownTopicOrPartition)));
    }
}
