//! What the coordinator does from time to time: it aborts transactions that are open for longer than their producers said
//! (`abortTimedOutTransactions`), and forgets ids that nobody has used for long (`removeExpiredTransactionalIds`).
//!
//! Kafka looks in fixed intervals, from the start of the process on. Here a timer is set only for the look that will find
//! something.

use super::end_txn::{EndTransaction, EndTxnReply};
use super::metadata::TransactionMetadata;
use super::state::{TransactionResult, TransactionState};
use super::{TransactionContext, TransactionCoordinator};
use crate::effects::BrokerTimer;
use crate::explain::Explanation;
use crate::sim::Millis;
use crate::wire::hash_order::{java_string_hash, sort_as_scala_hash_map};

/// When the timers fire, where they are set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct ScheduledTimers {
    abort_at: Option<Millis>,
    expiration_at: Option<Millis>,
}

/// When a transaction is open for too long; none where it is not open, or may be open for ever.
fn times_out_at(metadata: &TransactionMetadata) -> Option<Millis> {
    let current = &metadata.current;
    if current.state != TransactionState::Ongoing || metadata.is_two_phase_commit() {
        return None;
    }
    let deadline = current.txn_start_timestamp.saturating_add(current.txn_timeout_ms.into());
    // It has to be past.
    Millis::try_from(deadline.saturating_add(1)).ok()
}

/// When an id may be forgotten; none while it is in use.
fn expires_at(metadata: &TransactionMetadata, expiration_ms: Millis) -> Option<Millis> {
    let last_update = Millis::try_from(metadata.current.txn_last_update_timestamp).ok()?;
    metadata.state().is_expiration_allowed().then(|| last_update.saturating_add(expiration_ms))
}

impl TransactionCoordinator {
    /// Sets the timers for the next look that finds something.
    pub(in crate::broker) fn arm_timers(&mut self, cx: &mut TransactionContext) {
        let started = self.started_ms;
        let look_after = |at: Option<Millis>, interval: Millis| {
            let interval = interval.max(1);
            let since = at?.max(cx.now.saturating_add(1)).saturating_sub(started);
            started.checked_add(since.div_ceil(interval).max(1).checked_mul(interval)?)
        };
        let pending = |metadata: &&TransactionMetadata| metadata.pending_state.is_none();
        let abort_at = self.transactions().filter(pending).filter_map(times_out_at).min();
        let abort_at = look_after(abort_at, cx.settings.transaction_abort_timed_out_transaction_cleanup_interval_ms);
        let expiration_ms = cx.settings.transactional_id_expiration_ms;
        let expired = self.transactions().filter(pending).filter_map(|each| expires_at(each, expiration_ms)).min();
        let interval = cx.settings.transaction_remove_expired_transaction_cleanup_interval_ms;
        let expiration_at = look_after(expired, interval);
        if self.timers.abort_at != abort_at {
            self.timers.abort_at = abort_at;
            cx.fx.timers.push((BrokerTimer::TransactionAbort.into(), abort_at));
        }
        if self.timers.expiration_at != expiration_at {
            self.timers.expiration_at = expiration_at;
            cx.fx.timers.push((BrokerTimer::TransactionalIdExpiration.into(), expiration_at));
        }
    }

    /// Aborts what is open for too long: the producer's epoch is an old one from then on.
    pub(in crate::broker) fn abort_timed_out(&mut self, cx: &mut TransactionContext) {
        self.timers.abort_at = None;
        let now = cx.now;
        let is_due = |metadata: &TransactionMetadata| {
            metadata.pending_state.is_none() && times_out_at(metadata).is_some_and(|at| at <= now)
        };
        let mut due = Vec::new();
        for (partition, coordinated) in self.partitions.in_cache_order() {
            // Those that are due are put into a Scala map first (`timedOutTransactions`).
            let mut ids = coordinated.ids_in_cache_order(is_due);
            sort_as_scala_hash_map(&mut ids, |id| java_string_hash(id));
            due.extend(ids.into_iter().map(|id| (partition, id)));
        }
        let mut ends = Vec::new();
        for (partition, id) in due {
            if let Ok(Some((_, metadata))) = self.partitions.find(partition, &id)
                && let Ok(transit) = metadata.prepare_fence_producer_epoch()
            {
                ends.push((id, transit.producer_id, transit.producer_epoch));
            }
        }
        for (transactional_id, producer_id, producer_epoch) in ends {
            cx.fx.explain(Explanation::TransactionTimedOut {
                node: cx.node,
                transactional_id: transactional_id.clone(),
            });
            let end = EndTransaction {
                transactional_id,
                producer_id,
                producer_epoch,
                result: TransactionResult::Abort,
                is_from_client: false,
                version: cx.version(),
                coordinator_epoch: -1,
                is_epoch_fence: false,
                reply: EndTxnReply::Nobody,
            };
            self.end_transaction(end, cx);
        }
    }

    /// Forgets ids that nobody has used for `transactional.id.expiration.ms`: a tombstone each.
    pub(in crate::broker) fn remove_expired_ids(&mut self, cx: &mut TransactionContext) {
        self.timers.expiration_at = None;
        let expiration_ms = cx.settings.transactional_id_expiration_ms;
        let now = cx.now;
        let is_due = |metadata: &TransactionMetadata| {
            metadata.pending_state.is_none() && expires_at(metadata, expiration_ms).is_some_and(|at| at <= now)
        };
        let due = self.partitions.in_cache_order().into_iter().map(|(partition, coordinated)| {
            (partition, coordinated.coordinator_epoch, coordinated.ids_in_cache_order(is_due))
        });
        for (partition, coordinator_epoch, mut ids) in due.collect::<Vec<_>>() {
            ids.retain(|id| {
                let Ok(Some((_, metadata))) = self.partitions.find(partition, id) else { return false };
                metadata.prepare_dead().is_ok()
            });
            if !ids.is_empty() {
                self.append_tombstones(partition, coordinator_epoch, ids, cx);
            }
        }
    }
}
