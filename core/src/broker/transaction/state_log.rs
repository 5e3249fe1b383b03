//! Writes what the coordinator decided to `__transaction_state`, and goes on when it is replicated
//! (`TransactionStateManager.appendTransactionToLog`).

use super::add_partitions::AddPartitionsReply;
use super::end_txn::EndTransaction;
use super::markers::PendingCompleteTxn;
use super::metadata::TxnTransitMetadata;
use super::state::TransactionState;
use super::{TransactionAppend, TransactionContext, TransactionCoordinator, records};
use crate::broker::group::state::append_error;
use crate::change::Change;
use crate::effects::RequestContext;
use crate::explain::Explanation;
use crate::sim::Millis;
use crate::wire::ErrorCode;
use crate::wire::records::{Record, RecordBatch};

/// What happens when a record is replicated, or cannot be.
#[derive(Clone, Debug, PartialEq, Hash)]
pub(super) enum OnAppended {
    /// A producer gets its id.
    InitProducerId(RequestContext),
    /// Partitions are in the transaction.
    AddPartitions(AddPartitionsReply),
    /// The request to end the transaction is answered, and markers are sent.
    EndTxn(EndTransaction),
    /// Nothing is left to do of a transaction.
    Complete(PendingCompleteTxn),
    /// Ids are forgotten.
    Expired(Vec<String>),
}

/// An append that is not replicated yet.
#[derive(Clone, Debug, PartialEq, Hash)]
pub(super) struct PendingAppend {
    partition: i32,
    coordinator_epoch: i32,
    /// Whose state it is, and what it becomes; none of several ids that are forgotten.
    transit: Option<(String, TxnTransitMetadata)>,
    pub(super) then: OnAppended,
}

/// `request.timeout.ms` of a broker: how long tombstones and markers may wait for their replicas.
pub(super) const REQUEST_TIMEOUT_MS: Millis = 30_000;

impl TransactionCoordinator {
    /// Writes a state. What no record can say fails before anything is written (`TransactionLog.valueToBytes` throws); that the
    /// id is about to change is then never taken back, until its coordinator loads it again.
    pub(super) fn append_to_log(
        &mut self,
        transactional_id: &str,
        coordinator_epoch: i32,
        transit: TxnTransitMetadata,
        then: OnAppended,
        cx: &mut TransactionContext,
    ) {
        if !records::can_be_written(&transit, cx.version()) {
            let error = ErrorCode::UnsupportedVersion;
            cx.fx.explain(Explanation::TransactionCoordinatorRefuses {
                node: cx.node,
                transactional_id: transactional_id.to_owned(),
                error,
            });
            return self.finish(then, error, Some(&transit), cx);
        }
        let partition = cx.partition_for(transactional_id);
        let error = match self.partitions.find(partition, transactional_id) {
            Err(error) => error,
            Ok(Some((epoch, _))) if epoch == coordinator_epoch => ErrorCode::None,
            Ok(_) => ErrorCode::NotCoordinator,
        };
        if !error.is_none() {
            return self.finish(then, error, Some(&transit), cx);
        }
        cx.fx.explain(Explanation::TransactionCoordinatorAppends {
            node: cx.node,
            transactional_id: transactional_id.to_owned(),
            state: transit.state.name().to_owned(),
        });
        let record = records::record(transactional_id, &transit, cx.version(), cx.now_ms());
        let timeout_ms = Millis::try_from(transit.txn_timeout_ms).unwrap_or(0);
        let transit = Some((transactional_id.to_owned(), transit));
        let pending = PendingAppend { partition, coordinator_epoch, transit, then };
        self.append(pending, vec![record], timeout_ms, cx);
    }

    /// Writes that ids are forgotten.
    pub(super) fn append_tombstones(
        &mut self,
        partition: i32,
        coordinator_epoch: i32,
        ids: Vec<String>,
        cx: &mut TransactionContext,
    ) {
        let tombstones = ids.iter().map(|id| records::tombstone(id, cx.now_ms())).collect();
        let pending = PendingAppend { partition, coordinator_epoch, transit: None, then: OnAppended::Expired(ids) };
        self.append(pending, tombstones, REQUEST_TIMEOUT_MS, cx);
    }

    fn append(
        &mut self,
        pending: PendingAppend,
        records: Vec<Record>,
        timeout_ms: Millis,
        cx: &mut TransactionContext,
    ) {
        let id = self.next_append_id;
        self.next_append_id = id.wrapping_add(1);
        let partition = pending.partition;
        self.appends.insert(id, pending);
        cx.appends.push(TransactionAppend { id, partition, batch: RecordBatch::of(records), timeout_ms });
    }

    /// An append is on all in-sync replicas, or failed (`updateCacheCallback`).
    pub(in crate::broker) fn append_done(
        &mut self,
        append_id: u64,
        result: Result<(), ErrorCode>,
        cx: &mut TransactionContext,
    ) {
        let Some(PendingAppend { partition, coordinator_epoch, transit, then }) = self.appends.remove(&append_id)
        else {
            return;
        };
        let mut error = result.map_or_else(append_error, |()| ErrorCode::None);
        let Some((transactional_id, transit)) = transit else {
            if let OnAppended::Expired(ids) = then {
                self.forget(partition, coordinator_epoch, &ids, error);
            }
            return;
        };
        let found = self.partitions.find(partition, &transactional_id);
        if error.is_none() {
            error = match found {
                Err(error) => error,
                Ok(Some((epoch, metadata))) if epoch == coordinator_epoch => {
                    let from = metadata.state();
                    if metadata.complete_transition_to(transit.clone()) {
                        note_transition(&transactional_id, from, &transit, cx);
                        ErrorCode::None
                    } else {
                        ErrorCode::UnknownServerError
                    }
                }
                Ok(_) => ErrorCode::NotCoordinator,
            };
        } else if let Ok(Some((epoch, metadata))) = found
            && epoch == coordinator_epoch
        {
            // A completion is tried again, and its state stays prepared.
            let is_retried = matches!(then, OnAppended::Complete(_)) && error == ErrorCode::CoordinatorNotAvailable;
            if !is_retried {
                metadata.pending_state = None;
            }
        }
        self.finish(then, error, Some(&transit), cx);
    }

    /// Answers who waited, and does what comes next.
    fn finish(
        &mut self,
        then: OnAppended,
        error: ErrorCode,
        transit: Option<&TxnTransitMetadata>,
        cx: &mut TransactionContext,
    ) {
        match then {
            OnAppended::InitProducerId(request_context) => {
                let result = match transit {
                    Some(transit) if error.is_none() => Ok((transit.producer_id, transit.producer_epoch)),
                    _ => Err(error),
                };
                super::init_producer_id::answer(&request_context, result, cx);
            }
            OnAppended::AddPartitions(reply) => self.partitions_added(reply, error, cx),
            OnAppended::EndTxn(end) => self.end_txn_appended(end, error, cx),
            OnAppended::Complete(pending) => self.completion_appended(pending, error, cx),
            OnAppended::Expired(_) => {}
        }
    }

    /// Ids that nobody used are forgotten, unless somebody uses them meanwhile (`removeFromCacheCallback`).
    fn forget(&mut self, partition: i32, coordinator_epoch: i32, ids: &[String], error: ErrorCode) {
        let Some(coordinated) = self.partitions.loaded.get_mut(&partition) else { return };
        for id in ids {
            let Some(metadata) = coordinated.transactions.get_mut(id) else { continue };
            let is_dead = metadata.pending_state == Some(TransactionState::Dead);
            if error.is_none() && is_dead && coordinated.coordinator_epoch == coordinator_epoch {
                coordinated.transactions.remove(id);
            } else {
                metadata.pending_state = None;
            }
        }
    }
}

fn note_transition(
    transactional_id: &str,
    from: TransactionState,
    transit: &TxnTransitMetadata,
    cx: &mut TransactionContext,
) {
    // Partitions that join leave it where it is.
    if from == transit.state && from == TransactionState::Ongoing {
        return;
    }
    cx.fx.change(Change::TransactionStateChanged {
        transactional_id: transactional_id.to_owned(),
        from: from.name().to_owned(),
        to: transit.state.name().to_owned(),
        producer_id: transit.producer_id,
        producer_epoch: i32::from(transit.producer_epoch),
    });
}
