//! `InitProducerId` of a transactional id (`TransactionCoordinator.handleInitProducerId`).

use super::end_txn::{EndTransaction, EndTxnReply};
use super::metadata::{TransactionMetadata, TxnTransitMetadata, is_epoch_exhausted};
use super::producer_ids::ProducerIdManager;
use super::state::{TransactionResult, TransactionState};
use super::state_log::OnAppended;
use super::{TransactionContext, TransactionCoordinator};
use crate::effects::RequestContext;
use crate::explain::Explanation;
use crate::wire::records::NO_PRODUCER_EPOCH;
use crate::wire::transaction::{InitProducerIdRequest, InitProducerIdResponse};
use crate::wire::{ErrorCode, Response};

/// From this version on clients know PRODUCER_FENCED.
const FIRST_VERSION_WITH_PRODUCER_FENCED: i16 = 4;

/// Answers, in the words that the client knows.
pub(super) fn answer(
    request_context: &RequestContext,
    result: Result<(i64, i16), ErrorCode>,
    cx: &mut TransactionContext,
) {
    let is_old = request_context.version < FIRST_VERSION_WITH_PRODUCER_FENCED;
    let response = match result {
        Ok((producer_id, producer_epoch)) => {
            InitProducerIdResponse { producer_id, producer_epoch, ..InitProducerIdResponse::default() }
        }
        Err(ErrorCode::ProducerFenced) if is_old => {
            InitProducerIdResponse { error_code: ErrorCode::InvalidProducerEpoch, ..Default::default() }
        }
        Err(error_code) => InitProducerIdResponse { error_code, ..InitProducerIdResponse::default() },
    };
    cx.fx.answer(request_context, Response::InitProducerId(response));
}

/// The id and the epoch that a producer says it has, where it says so.
type Expected = Option<(i64, i16)>;

fn expected(request: &InitProducerIdRequest) -> Expected {
    (request.producer_id != -1).then_some((request.producer_id, request.producer_epoch))
}

impl TransactionCoordinator {
    /// A producer with a transactional id begins: an open transaction of its predecessor is aborted first, and it asks again.
    pub(super) fn init_producer_id(
        &mut self,
        request_context: RequestContext,
        transactional_id: &str,
        request: &InitProducerIdRequest,
        cx: &mut TransactionContext,
    ) {
        let error = match self.prepare_init_producer_id(transactional_id, request, cx) {
            Ok((_, transit)) if transit.state == TransactionState::PrepareEpochFence => {
                let end = EndTransaction {
                    transactional_id: transactional_id.to_owned(),
                    producer_id: transit.producer_id,
                    producer_epoch: transit.producer_epoch,
                    result: TransactionResult::Abort,
                    is_from_client: false,
                    version: cx.version(),
                    coordinator_epoch: -1,
                    is_epoch_fence: false,
                    reply: EndTxnReply::InitProducerId(request_context),
                };
                return self.end_transaction(end, cx);
            }
            Ok((coordinator_epoch, transit)) => {
                let then = OnAppended::InitProducerId(request_context);
                return self.append_to_log(transactional_id, coordinator_epoch, transit, then, cx);
            }
            Err(error) => error,
        };
        cx.fx.explain(Explanation::TransactionCoordinatorRefuses {
            node: cx.node,
            transactional_id: transactional_id.to_owned(),
            error,
        });
        answer(&request_context, Err(error), cx);
    }

    fn prepare_init_producer_id(
        &mut self,
        transactional_id: &str,
        request: &InitProducerIdRequest,
        cx: &TransactionContext,
    ) -> Result<(i32, TxnTransitMetadata), ErrorCode> {
        let max_timeout_ms = i32::try_from(cx.settings.transaction_max_timeout_ms).unwrap_or(i32::MAX);
        if transactional_id.is_empty() {
            return Err(ErrorCode::InvalidRequest);
        }
        if request.enable2_pc && !cx.settings.transaction_two_phase_commit_enable {
            return Err(ErrorCode::TransactionalIdAuthorizationFailed);
        }
        if request.keep_prepared_txn {
            return Err(ErrorCode::UnsupportedVersion);
        }
        if !request.enable2_pc && !(1..=max_timeout_ms).contains(&request.transaction_timeout_ms) {
            return Err(ErrorCode::InvalidTransactionTimeout);
        }
        let timeout_ms = if request.enable2_pc { i32::MAX } else { request.transaction_timeout_ms };
        let partition = cx.partition_for(transactional_id);
        if self.partitions.find(partition, transactional_id)?.is_none() {
            let producer_id = self.producer_ids.generate_producer_id(cx.now)?;
            let created = TransactionMetadata::new(transactional_id, producer_id, timeout_ms, cx.now_ms());
            if let Some(coordinated) = self.partitions.loaded.get_mut(&partition) {
                coordinated.transactions.insert(transactional_id.to_owned(), created);
            }
        }
        let found = self.partitions.find(partition, transactional_id)?;
        let (coordinator_epoch, metadata) = found.ok_or(ErrorCode::NotCoordinator)?;
        let transit = prepare(metadata, &mut self.producer_ids, timeout_ms, expected(request), cx)?;
        Ok((coordinator_epoch, transit))
    }
}

/// `prepareInitProducerIdTransit`.
fn prepare(
    metadata: &mut TransactionMetadata,
    producer_ids: &mut ProducerIdManager,
    timeout_ms: i32,
    expected: Expected,
    cx: &TransactionContext,
) -> Result<TxnTransitMetadata, ErrorCode> {
    if metadata.pending_state.is_some() {
        return Err(ErrorCode::ConcurrentTransactions);
    }
    let TxnTransitMetadata { producer_id, prev_producer_id, producer_epoch, .. } = metadata.current;
    // Who says which id it has must have this one, or the one before whose epochs were used up: it has not heard of this one.
    let is_valid = expected.is_none_or(|(id, epoch)| {
        producer_epoch == NO_PRODUCER_EPOCH
            || id == producer_id
            || (id == prev_producer_id && is_epoch_exhausted(epoch))
    });
    if !is_valid {
        return Err(ErrorCode::ProducerFenced);
    }
    match metadata.state() {
        TransactionState::PrepareAbort | TransactionState::PrepareCommit => Err(ErrorCode::ConcurrentTransactions),
        TransactionState::CompleteAbort | TransactionState::CompleteCommit | TransactionState::Empty => {
            let is_current = expected.is_none_or(|(_, epoch)| epoch == producer_epoch);
            if metadata.is_producer_epoch_exhausted() && is_current {
                let new_id = producer_ids.generate_producer_id(cx.now)?;
                metadata.prepare_producer_id_rotation(new_id, timeout_ms, cx.now_ms(), expected.is_some())
            } else {
                let epoch = expected.map(|(_, epoch)| epoch);
                metadata.prepare_increment_producer_epoch(timeout_ms, epoch, cx.now_ms())
            }
        }
        TransactionState::Ongoing => metadata.prepare_fence_producer_epoch(),
        TransactionState::Dead | TransactionState::PrepareEpochFence => Err(ErrorCode::UnknownServerError),
    }
}
