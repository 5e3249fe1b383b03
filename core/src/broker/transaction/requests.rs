//! Requests about producer ids and transactions, before the coordinator takes them (`KafkaApis`), and blocks of producer ids.

use crate::authorizer::{AclOperation, ResourceType};
use crate::broker::{Broker, Context, PendingRequest, forwarding};
use crate::change::Change;
use crate::effects::{BrokerTimer, RequestContext};
use crate::sim::Millis;
use crate::wire::transaction::{
    AllocateProducerIdsRequest, AllocateProducerIdsResponse, InitProducerIdRequest, InitProducerIdResponse,
};
use crate::wire::{ErrorCode, Request, Response};

/// How soon a block of producer ids is asked for again where no controller answered.
const RETRY_BACKOFF_MS: Millis = 100;

/// What a producer says it has: an id needs an epoch, and an epoch an id.
fn is_half_known(request: &InitProducerIdRequest) -> bool {
    (request.producer_id == -1) != (request.producer_epoch == -1)
}

impl Broker {
    /// `InitProducerId`. Who has no transactional id gets an id of this broker's block.
    pub(in crate::broker) fn init_producer_id(
        &mut self,
        cx: &mut Context,
        request_context: &RequestContext,
        request: &InitProducerIdRequest,
    ) {
        let result = if let Some(error) = self.init_producer_id_refusal(request_context, request) {
            self.note_refused(cx, request_context, error);
            Err(error)
        } else if is_half_known(request) {
            Err(ErrorCode::InvalidRequest)
        } else if request.transactional_id.is_some() {
            // No partition of `__transaction_state` is loaded here.
            Err(ErrorCode::NotCoordinator)
        } else {
            self.transactions.producer_ids.generate_producer_id(cx.now)
        };
        let answer = match result {
            Ok(producer_id) => InitProducerIdResponse { producer_id, producer_epoch: 0, ..Default::default() },
            Err(error_code) => InitProducerIdResponse { error_code, ..Default::default() },
        };
        self.reply(cx, request_context, Response::InitProducerId(answer));
        self.maybe_request_producer_ids(cx);
    }

    /// Why who asks may not have a producer id: a transactional id has to be theirs to write, and without one they need
    /// IDEMPOTENT_WRITE on the cluster or any topic to write to (KIP-679).
    fn init_producer_id_refusal(
        &self,
        request_context: &RequestContext,
        request: &InitProducerIdRequest,
    ) -> Option<ErrorCode> {
        let requester = self.requester(request_context);
        match &request.transactional_id {
            Some(id) => {
                let may = |operation| requester.may(operation, ResourceType::TransactionalId, id);
                let is_refused =
                    !may(AclOperation::Write) || (request.enable2_pc && !may(AclOperation::TwoPhaseCommit));
                is_refused.then_some(ErrorCode::TransactionalIdAuthorizationFailed)
            }
            None => {
                let may = requester.may_cluster(AclOperation::IdempotentWrite)
                    || requester.may_any(AclOperation::Write, ResourceType::Topic);
                (!may).then_some(ErrorCode::ClusterAuthorizationFailed)
            }
        }
    }

    fn note_refused(&self, cx: &mut Context, request_context: &RequestContext, error: ErrorCode) {
        let (api, to) = (request_context.api, request_context.from.actor());
        cx.fx.change(Change::Refused { node: self.id, api, to, error });
    }

    /// Asks the controller for a block of producer ids, if one is wanted.
    pub(in crate::broker) fn maybe_request_producer_ids(&mut self, cx: &mut Context) {
        if !self.transactions.producer_ids.take_block_request() {
            return;
        }
        if self.lifecycle.controller().is_none() {
            return self.producer_ids_unanswered(cx);
        }
        let request = AllocateProducerIdsRequest { broker_id: self.id, broker_epoch: self.lifecycle.broker_epoch };
        let request = Request::AllocateProducerIds(request);
        self.send_to_controller(cx, request, forwarding::TIMEOUT_MS, PendingRequest::AllocateProducerIds);
    }

    /// The controller answered with a block, or refused.
    pub(in crate::broker) fn producer_ids_allocated(&mut self, cx: &mut Context, answer: &AllocateProducerIdsResponse) {
        if answer.error_code == ErrorCode::NotController {
            return self.producer_ids_unanswered(cx);
        }
        self.transactions.producer_ids.allocated(answer, cx.now);
    }

    /// No controller answered: it is asked again a little later.
    pub(in crate::broker) fn producer_ids_unanswered(&mut self, cx: &mut Context) {
        self.transactions.producer_ids.unanswered(cx.now);
        cx.fx.set_timer(BrokerTimer::ForwardRetry, cx.now.saturating_add(RETRY_BACKOFF_MS));
    }
}
