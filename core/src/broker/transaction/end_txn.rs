//! The end of a transaction (`TransactionCoordinator.endTransaction`): by its producer, by a producer that takes its place,
//! or because it was open for too long.
//!
//! | state            | abort, again | abort, now         | commit, again     | commit, now       |
//! |------------------|--------------|--------------------|-------------------|-------------------|
//! | `Empty`          | fenced       | the epoch rises    | fenced            | INVALID_TXN_STATE |
//! | `CompleteAbort`  | NONE         | the epoch rises    | INVALID_TXN_STATE | INVALID_TXN_STATE |
//! | `CompleteCommit` | INVALID_TXN_STATE | the epoch rises | NONE            | INVALID_TXN_STATE |
//!
//! That is transaction version 2, where the epoch tells a repetition ("again") from the next end. Before, there is no
//! repetition but with the same epoch, `Empty` ends no way, and `Complete…` only as it did.

use super::metadata::{TransactionMetadata, TxnTransitMetadata};
use super::producer_ids::ProducerIdManager;
use super::state::{TransactionResult, TransactionState, TransactionVersion};
use super::state_log::OnAppended;
use super::{TransactionContext, TransactionCoordinator};
use crate::effects::RequestContext;
use crate::explain::Explanation;
use crate::sim::Millis;
use crate::wire::records::{NO_PRODUCER_EPOCH, NO_PRODUCER_ID};
use crate::wire::transaction::{EndTxnRequest, EndTxnResponse};
use crate::wire::{ErrorCode, Response};

/// From this version on clients know PRODUCER_FENCED.
const FIRST_VERSION_WITH_PRODUCER_FENCED: i16 = 2;
/// From this version on a producer takes its new epoch from the answer (`transactionVersionForEndTxn`).
const FIRST_VERSION_WITH_EPOCH_BUMP: i16 = 5;

/// Who ends a transaction, and is answered.
#[derive(Clone, Debug, PartialEq, Hash)]
pub(super) enum EndTxnReply {
    /// Its producer.
    Client(RequestContext),
    /// A producer with the same transactional id, which is told to ask again.
    InitProducerId(RequestContext),
    /// Nobody: it was open for too long.
    Nobody,
}

impl EndTxnReply {
    /// The request that waits.
    pub(super) fn request_context(&self) -> Option<&RequestContext> {
        match self {
            Self::Client(request_context) | Self::InitProducerId(request_context) => Some(request_context),
            Self::Nobody => None,
        }
    }
}

/// An end of a transaction.
#[derive(Clone, Debug, PartialEq, Hash)]
pub(super) struct EndTransaction {
    pub(super) transactional_id: String,
    pub(super) producer_id: i64,
    pub(super) producer_epoch: i16,
    pub(super) result: TransactionResult,
    pub(super) is_from_client: bool,
    pub(super) version: TransactionVersion,
    /// The coordinator's epoch when it was decided.
    pub(super) coordinator_epoch: i32,
    /// Whether the producer's epoch was made an old one for it.
    pub(super) is_epoch_fence: bool,
    pub(super) reply: EndTxnReply,
}

/// What is decided.
enum Decision {
    /// It ends.
    Ends { coordinator_epoch: i32, is_epoch_fence: bool, transit: TxnTransitMetadata },
    /// It has ended so already: the producer did not get the answer.
    HasEnded { producer_id: i64, producer_epoch: i16 },
}

impl TransactionCoordinator {
    /// `EndTxn`.
    #[inline(never)]
    pub(super) fn end_txn(
        &mut self,
        request_context: RequestContext,
        request: &EndTxnRequest,
        cx: &mut TransactionContext,
    ) {
        let has_bump = request_context.version >= FIRST_VERSION_WITH_EPOCH_BUMP;
        let end = EndTransaction {
            transactional_id: request.transactional_id.clone(),
            producer_id: request.producer_id,
            producer_epoch: request.producer_epoch,
            result: TransactionResult::of(request.committed),
            is_from_client: true,
            version: if has_bump { TransactionVersion::Tv2 } else { TransactionVersion::Tv0 },
            coordinator_epoch: -1,
            is_epoch_fence: false,
            reply: EndTxnReply::Client(request_context),
        };
        self.end_transaction(end, cx);
    }

    /// Ends a transaction, or says why not.
    pub(super) fn end_transaction(&mut self, mut end: EndTransaction, cx: &mut TransactionContext) {
        match self.pre_append_result(&end, cx) {
            Ok(Decision::Ends { coordinator_epoch, is_epoch_fence, transit }) => {
                (end.coordinator_epoch, end.is_epoch_fence) = (coordinator_epoch, is_epoch_fence);
                let transactional_id = end.transactional_id.clone();
                self.append_to_log(&transactional_id, coordinator_epoch, transit, OnAppended::EndTxn(end), cx);
            }
            Ok(Decision::HasEnded { producer_id, producer_epoch }) => {
                reply(&end.reply, Ok((producer_id, producer_epoch)), cx);
            }
            Err(error) => {
                cx.fx.explain(Explanation::TransactionCoordinatorRefuses {
                    node: cx.node,
                    transactional_id: end.transactional_id.clone(),
                    error,
                });
                reply(&end.reply, Err(error), cx);
            }
        }
    }

    fn pre_append_result(&mut self, end: &EndTransaction, cx: &TransactionContext) -> Result<Decision, ErrorCode> {
        if end.transactional_id.is_empty() {
            return Err(ErrorCode::InvalidRequest);
        }
        let partition = cx.partition_for(&end.transactional_id);
        let found = self.partitions.find(partition, &end.transactional_id)?;
        let (coordinator_epoch, metadata) = found.ok_or(ErrorCode::InvalidProducerIdMapping)?;
        let pre_append = if end.version.supports_epoch_bump() {
            pre_append_tv2(end, metadata, &mut self.producer_ids, cx.now, cx.now_ms())?
        } else {
            pre_append_tv1(end, metadata, cx.now_ms())?
        };
        Ok(match pre_append {
            Some((transit, is_epoch_fence)) => Decision::Ends { coordinator_epoch, is_epoch_fence, transit },
            None => {
                let TxnTransitMetadata { producer_id, producer_epoch, .. } = metadata.current;
                let (producer_id, producer_epoch) = match end.version.supports_epoch_bump() {
                    true => (producer_id, producer_epoch),
                    false => (NO_PRODUCER_ID, NO_PRODUCER_EPOCH),
                };
                Decision::HasEnded { producer_id, producer_epoch }
            }
        })
    }

    /// The end is written: the transaction cannot end another way any more. Who ended it is answered at once, and the
    /// markers follow.
    pub(super) fn end_txn_appended(&mut self, end: EndTransaction, error: ErrorCode, cx: &mut TransactionContext) {
        let partition = cx.partition_for(&end.transactional_id);
        let found = self.partitions.find(partition, &end.transactional_id);
        if !error.is_none() {
            if let Ok(Some((epoch, metadata))) = found
                && epoch == end.coordinator_epoch
                && end.is_epoch_fence
                && !end.version.supports_epoch_bump()
            {
                metadata.has_failed_epoch_fence = true;
            }
            return reply(&end.reply, Err(error), cx);
        }
        let completed = match found {
            Err(error) => Err(error),
            Ok(Some((epoch, metadata))) if epoch == end.coordinator_epoch => {
                prepare_completion(&end, metadata, cx.now_ms())
            }
            Ok(_) => Err(ErrorCode::NotCoordinator),
        };
        match completed {
            Err(error) => reply(&end.reply, Err(error), cx),
            Ok(transit) => {
                let producer = match end.version.supports_epoch_bump() {
                    true => (transit.producer_id, transit.producer_epoch),
                    false => (NO_PRODUCER_ID, NO_PRODUCER_EPOCH),
                };
                cx.fx.explain(Explanation::TransactionEnds {
                    node: cx.node,
                    transactional_id: end.transactional_id.clone(),
                    state: end.result.prepare_state().name().to_owned(),
                });
                reply(&end.reply, Ok(producer), cx);
                self.add_markers_to_send(&end.transactional_id, end.coordinator_epoch, end.result, transit, cx);
            }
        }
    }
}

/// Nobody has touched the transaction since its end was written.
fn prepare_completion(
    end: &EndTransaction,
    metadata: &mut TransactionMetadata,
    now_ms: i64,
) -> Result<TxnTransitMetadata, ErrorCode> {
    let TxnTransitMetadata { producer_id, producer_epoch, state, .. } = metadata.current;
    let is_bumped = end.version.supports_epoch_bump() && i32::from(producer_epoch) == i32::from(end.producer_epoch) + 1;
    if producer_id != end.producer_id {
        Err(ErrorCode::InvalidProducerIdMapping)
    } else if producer_epoch != end.producer_epoch && !is_bumped {
        Err(ErrorCode::ProducerFenced)
    } else if metadata.pending_state.is_some() {
        Err(ErrorCode::ConcurrentTransactions)
    } else if state != end.result.prepare_state() {
        Err(ErrorCode::InvalidTxnState)
    } else {
        metadata.prepare_complete(now_ms)
    }
}

/// The change that is to be written, and whether it fences; nothing where the transaction has ended so already.
type PreAppendResult = Result<Option<(TxnTransitMetadata, bool)>, ErrorCode>;

fn pre_append_tv2(
    end: &EndTransaction,
    metadata: &mut TransactionMetadata,
    producer_ids: &mut ProducerIdManager,
    now: Millis,
    now_ms: i64,
) -> PreAppendResult {
    use TransactionState::{
        CompleteAbort, CompleteCommit, Dead, Empty, Ongoing, PrepareAbort, PrepareCommit, PrepareEpochFence,
    };
    let TxnTransitMetadata { producer_id, prev_producer_id, producer_epoch, state, .. } = metadata.current;
    let is_fence = metadata.pending_state == Some(PrepareEpochFence);
    let is_overflow_again =
        !is_fence && prev_producer_id == end.producer_id && end.producer_epoch == i16::MAX - 1 && producer_epoch == 0;
    let is_bump_again = !is_fence && i32::from(producer_epoch) == i32::from(end.producer_epoch) + 1;
    let is_valid_epoch = if is_fence {
        (!end.is_from_client || end.producer_epoch == producer_epoch) && end.producer_epoch >= producer_epoch
    } else {
        match state {
            Ongoing | Empty | Dead | PrepareEpochFence => end.producer_epoch == producer_epoch,
            PrepareCommit | PrepareAbort => is_bump_again,
            CompleteCommit | CompleteAbort => {
                is_bump_again || is_overflow_again || end.producer_epoch == producer_epoch
            }
        }
    };
    let is_again = is_bump_again || is_overflow_again;
    if metadata.pending_state.is_some() && !is_fence {
        return Err(ErrorCode::ConcurrentTransactions);
    }
    if producer_id != end.producer_id && !is_overflow_again {
        return Err(ErrorCode::InvalidProducerIdMapping);
    }
    if !is_valid_epoch {
        return Err(ErrorCode::ProducerFenced);
    }
    let is_abort = end.result == TransactionResult::Abort;
    let (to, no_partition_added) = match (state, is_abort, is_again) {
        (Ongoing, _, _) => (end.result.prepare_state(), false),
        (Empty, true, _) | (CompleteCommit | CompleteAbort, true, false) => (PrepareAbort, true),
        (CompleteCommit, false, true) | (CompleteAbort, true, true) => return Ok(None),
        (PrepareCommit, false, _) | (PrepareAbort, true, _) => return Err(ErrorCode::ConcurrentTransactions),
        (Empty | PrepareAbort | CompleteAbort, false, _)
        | (PrepareCommit, true, _)
        | (CompleteCommit, true, true)
        | (CompleteCommit, false, false) => return Err(ErrorCode::InvalidTxnState),
        (Dead | PrepareEpochFence, _, _) => return Err(ErrorCode::UnknownServerError),
    };
    let next_producer_id = match metadata.is_producer_epoch_exhausted() {
        true => producer_ids.generate_producer_id(now)?,
        false => NO_PRODUCER_ID,
    };
    if to == PrepareAbort && is_fence {
        metadata.pending_state = None;
    }
    let transit = metadata.prepare_abort_or_commit(to, end.version, next_producer_id, now_ms, no_partition_added)?;
    Ok(Some((transit, is_fence)))
}

fn pre_append_tv1(end: &EndTransaction, metadata: &mut TransactionMetadata, now_ms: i64) -> PreAppendResult {
    use TransactionState::{
        CompleteAbort, CompleteCommit, Dead, Empty, Ongoing, PrepareAbort, PrepareCommit, PrepareEpochFence,
    };
    let TxnTransitMetadata { producer_id, producer_epoch, state, .. } = metadata.current;
    let is_fence = metadata.pending_state == Some(PrepareEpochFence);
    if producer_id != end.producer_id {
        return Err(ErrorCode::InvalidProducerIdMapping);
    }
    if (end.is_from_client && end.producer_epoch != producer_epoch) || end.producer_epoch < producer_epoch {
        return Err(ErrorCode::ProducerFenced);
    }
    if metadata.pending_state.is_some() && !is_fence {
        return Err(ErrorCode::ConcurrentTransactions);
    }
    let is_abort = end.result == TransactionResult::Abort;
    match (state, is_abort) {
        (Ongoing, _) => {}
        (CompleteCommit, false) | (CompleteAbort, true) => return Ok(None),
        (PrepareCommit, false) | (PrepareAbort, true) => return Err(ErrorCode::ConcurrentTransactions),
        (CompleteCommit | PrepareCommit, true) | (CompleteAbort | PrepareAbort, false) | (Empty, _) => {
            return Err(ErrorCode::InvalidTxnState);
        }
        (Dead | PrepareEpochFence, _) => return Err(ErrorCode::UnknownServerError),
    }
    let fences = is_abort && is_fence;
    if fences {
        metadata.pending_state = None;
        metadata.current.producer_epoch = end.producer_epoch;
        metadata.current.last_producer_epoch = NO_PRODUCER_EPOCH;
    }
    let to = end.result.prepare_state();
    let transit = metadata.prepare_abort_or_commit(to, TransactionVersion::Tv0, NO_PRODUCER_ID, now_ms, false)?;
    Ok(Some((transit, fences)))
}

/// Tells who ended a transaction how that went.
fn reply(reply: &EndTxnReply, result: Result<(i64, i16), ErrorCode>, cx: &mut TransactionContext) {
    match reply {
        EndTxnReply::Client(request_context) => {
            let is_old = request_context.version < FIRST_VERSION_WITH_PRODUCER_FENCED;
            let response = match result {
                Ok((producer_id, producer_epoch)) => {
                    EndTxnResponse { producer_id, producer_epoch, ..EndTxnResponse::default() }
                }
                Err(ErrorCode::ProducerFenced) if is_old => {
                    EndTxnResponse { error_code: ErrorCode::InvalidProducerEpoch, ..EndTxnResponse::default() }
                }
                Err(error_code) => EndTxnResponse { error_code, ..EndTxnResponse::default() },
            };
            cx.fx.answer(request_context, Response::EndTxn(response));
        }
        EndTxnReply::InitProducerId(request_context) => {
            let error = result.err().unwrap_or(ErrorCode::ConcurrentTransactions);
            super::init_producer_id::answer(request_context, Err(error), cx);
        }
        EndTxnReply::Nobody => {}
    }
}
