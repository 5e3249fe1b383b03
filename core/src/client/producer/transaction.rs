//! The transaction of a producer with a `transactional.id` (the transactional half of Kafka's `TransactionManager`; KIP-98,
//! KIP-360, KIP-890).
//!
//! | State                    | What happens                                      | Next                     |
//! |--------------------------|---------------------------------------------------|--------------------------|
//! | `Uninitialized`          | `initTransactions`                                | `Initializing`           |
//! | `Initializing`           | InitProducerId is answered                        | `Ready`                  |
//! | `Ready`                  | `beginTransaction`                                | `InTransaction`          |
//! | `InTransaction`          | `commitTransaction`                               | `CommittingTransaction`  |
//! | `InTransaction`          | `abortTransaction`                                | `AbortingTransaction`    |
//! | `CommittingTransaction`  | EndTxn is answered, or there was nothing to end   | `Ready`                  |
//! | `AbortingTransaction`    | the same, and the epoch need not be bumped        | `Ready`                  |
//! | `AbortingTransaction`    | the same, but the epoch is to be bumped           | `Initializing`           |
//! | any but the first        | an error that an abort mends                      | `AbortableError`         |
//! | `AbortableError`         | `abortTransaction`                                | `AbortingTransaction`    |
//! | any                      | an error that nothing mends: the producer is fenced, say | `FatalError`      |
//!
//! A call that has not ended within `max.block.ms` throws a TimeoutException. What it began goes on, and until the call is made again
//! nothing else may be called (`TransactionManager.PendingStateTransition`); only `sendOffsetsToTransaction` may be left at that.
//!
//! What is to be asked of the coordinators follows from the state alone ([`Transaction::next_request`]); one request is
//! under way at a time, as in Kafka's `Sender`.

use std::collections::BTreeSet;

use crate::sim::Millis;
use crate::transaction::{TransactionCall, TransactionManagerState};
use crate::wire::{ApiKey, ErrorCode, TopicPartition};

/// How long a producer waits before it adds the first partition of a transaction again, because the markers of the one
/// before are still being written (`ADD_PARTITIONS_RETRY_BACKOFF_MS`).
const ADD_PARTITIONS_RETRY_BACKOFF_MS: Millis = 20;

/// What a consumer has read, and as which member of its group (`sendOffsetsToTransaction`'s offsets and group metadata).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ConsumedOffsets {
    /// `group.id`.
    pub group: String,
    /// The member's id.
    pub member_id: String,
    /// Its generation, or epoch.
    pub generation: i32,
    /// Its `group.instance.id`.
    pub group_instance_id: Option<String>,
    /// The next offset of each partition, with the leader epoch of the record before it.
    pub offsets: Vec<(TopicPartition, i64, i32)>,
}

/// Offsets that are to be committed with the transaction.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct PendingOffsets {
    consumed: ConsumedOffsets,
    /// Whether the coordinator knows that the group is in the transaction; only in version 1.
    is_group_added: bool,
}

/// What a transactional producer asks next.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum TransactionRequest {
    /// Who coordinates the transactional id.
    FindTransactionCoordinator,
    /// Who coordinates the consumers' group.
    FindGroupCoordinator,
    /// An id and an epoch.
    InitProducerId,
    /// To let partitions into the transaction.
    AddPartitions(Vec<TopicPartition>),
    /// To let a group's offsets into it.
    AddOffsets,
    /// To commit a group's offsets with it.
    CommitOffsets,
    /// To end it.
    EndTxn {
        /// By commit; else by abort.
        committed: bool,
    },
}

/// What an error in an answer means for the transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// Ask again after a while.
    Retry,
    /// The coordinator is to be looked for again.
    FindCoordinator,
    /// An abort mends it.
    Abortable,
    /// Nothing mends it.
    Fatal,
}

impl Failure {
    /// How a producer takes an error (the handlers' `handleResponse` in `TransactionManager`, Kafka 4.3). While it aborts, a
    /// coordinator that asks for an abort leaves nothing to do.
    pub(super) fn of(api: ApiKey, error: ErrorCode, is_aborting: bool) -> Self {
        match (error, api) {
            (ErrorCode::CoordinatorNotAvailable | ErrorCode::NotCoordinator | ErrorCode::NetworkException, _)
            | (ErrorCode::RequestTimedOut, ApiKey::TxnOffsetCommit) => Self::FindCoordinator,
            (error, _) if error.is_retriable() => Self::Retry,
            (ErrorCode::TransactionAbortable, ApiKey::EndTxn) if is_aborting => Self::Fatal,
            (ErrorCode::TransactionAbortable | ErrorCode::GroupAuthorizationFailed, _)
            | (ErrorCode::UnknownProducerId, ApiKey::AddPartitionsToTxn | ApiKey::AddOffsetsToTxn | ApiKey::EndTxn)
            | (
                ErrorCode::FencedInstanceId | ErrorCode::UnknownMemberId | ErrorCode::IllegalGeneration,
                ApiKey::TxnOffsetCommit,
            )
            | (
                ErrorCode::TransactionalIdAuthorizationFailed | ErrorCode::ClusterAuthorizationFailed,
                ApiKey::InitProducerId,
            ) => Self::Abortable,
            (
                ErrorCode::ProducerFenced
                | ErrorCode::InvalidProducerEpoch
                | ErrorCode::TransactionalIdAuthorizationFailed
                | ErrorCode::InvalidTxnState
                | ErrorCode::InvalidProducerIdMapping,
                _,
            ) => Self::Fatal,
            // Partitions that could not be added fail the transaction, not the producer.
            (_, ApiKey::AddPartitionsToTxn) => Self::Abortable,
            _ => Self::Fatal,
        }
    }
}

/// A call that blocks until it has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct PendingCall {
    call: TransactionCall,
    /// When it throws a TimeoutException, in milliseconds; none once it has.
    blocks_until: Option<Millis>,
}

/// What a producer with a `transactional.id` knows of its transaction.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Transaction {
    transactional_id: String,
    state: TransactionManagerState,
    /// Why it is in an error state.
    error: Option<ErrorCode>,
    /// Whether transactions are of version 2 (KIP-890): partitions join by being written to, and each end bumps the epoch.
    is_version_2: Option<bool>,
    pub(super) coordinator: Option<i32>,
    pub(super) group_coordinator: Option<i32>,
    /// Partitions that are to be added before anything is sent to them; only in version 1.
    new_partitions: BTreeSet<TopicPartition>,
    partitions: BTreeSet<TopicPartition>,
    offsets: Option<PendingOffsets>,
    /// Whether the coordinator has, or may have, anything to end.
    is_started: bool,
    /// Whether the epoch is bumped after the abort; only in version 1, as in version 2 the abort itself does it.
    bumps_epoch: bool,
    /// Whether what is asked next was asked before, or had to wait for its coordinator to be found: then there is a pause before
    /// it, each time (`TxnRequestHandler.isRetry`).
    is_retry: bool,
    not_before: Millis,
    pending_call: Option<PendingCall>,
}

impl Transaction {
    pub(super) fn new(transactional_id: &str) -> Self {
        Self {
            transactional_id: transactional_id.to_owned(),
            state: TransactionManagerState::Uninitialized,
            error: None,
            is_version_2: None,
            coordinator: None,
            group_coordinator: None,
            new_partitions: BTreeSet::new(),
            partitions: BTreeSet::new(),
            offsets: None,
            is_started: false,
            bumps_epoch: false,
            is_retry: false,
            not_before: 0,
            pending_call: None,
        }
    }

    /// `transactional.id`.
    pub fn transactional_id(&self) -> &str {
        &self.transactional_id
    }

    /// Where it stands.
    pub fn state(&self) -> TransactionManagerState {
        self.state
    }

    /// Why it is in an error state, if it is.
    pub fn error(&self) -> Option<ErrorCode> {
        self.error
    }

    /// Whether transactions are of version 2; none while that is not known.
    pub fn is_version_2(&self) -> Option<bool> {
        self.is_version_2
    }

    /// The partitions in the transaction.
    pub fn partitions(&self) -> impl Iterator<Item = &TopicPartition> {
        self.partitions.iter().chain(&self.new_partitions)
    }

    /// Who coordinates its transactions, where it knows.
    pub fn coordinator(&self) -> Option<i32> {
        self.coordinator
    }

    /// Offsets that wait to be committed with it.
    pub(super) fn pending_offsets(&self) -> Option<&ConsumedOffsets> {
        self.offsets.as_ref().map(|pending| &pending.consumed)
    }

    /// Whether the application may make a call now; if not, nothing of it happens.
    pub fn allows(&self, call: TransactionCall) -> bool {
        if let Some(timed_out) = self.timed_out_call() {
            return call == timed_out;
        }
        match call {
            TransactionCall::InitTransactions => self.state == TransactionManagerState::Uninitialized,
            TransactionCall::BeginTransaction => self.state == TransactionManagerState::Ready,
            TransactionCall::Send | TransactionCall::SendOffsetsToTransaction | TransactionCall::CommitTransaction => {
                self.state == TransactionManagerState::InTransaction
            }
            TransactionCall::AbortTransaction => {
                matches!(self.state, TransactionManagerState::InTransaction | TransactionManagerState::AbortableError)
            }
        }
    }

    /// The call that timed out and is to be made again before any other.
    pub fn timed_out_call(&self) -> Option<TransactionCall> {
        self.pending_call.filter(|pending| pending.blocks_until.is_none()).map(|pending| pending.call)
    }

    /// Until when a call blocks, in milliseconds, if one does.
    pub(super) fn blocks_until(&self) -> Option<Millis> {
        let pending = self.pending_call.filter(|pending| !self.has_ended(pending.call))?;
        pending.blocks_until
    }

    /// A call blocks until then at most. Whether it is one that timed out: then it goes on where it was, and begins nothing.
    pub(super) fn block(&mut self, call: TransactionCall, until: Millis) -> bool {
        let is_repeated = self.timed_out_call() == Some(call);
        let ends_at_once = is_repeated && self.has_ended(call);
        self.pending_call = (!ends_at_once).then_some(PendingCall { call, blocks_until: Some(until) });
        is_repeated
    }

    /// Looks whether the call that blocks has ended, or throws now: which one did.
    pub(super) fn expire_call(&mut self, now: Millis) -> Option<TransactionCall> {
        let pending = self.pending_call?;
        let until = pending.blocks_until?;
        if self.has_ended(pending.call) {
            self.pending_call = None;
            return None;
        }
        if now < until {
            return None;
        }
        // Offsets are sent in the transaction's own time; the application goes on without their end.
        let is_kept = pending.call != TransactionCall::SendOffsetsToTransaction;
        self.pending_call = is_kept.then_some(PendingCall { blocks_until: None, ..pending });
        Some(pending.call)
    }

    fn has_ended(&self, call: TransactionCall) -> bool {
        use TransactionManagerState::{AbortingTransaction, CommittingTransaction, InTransaction, Initializing};
        match call {
            TransactionCall::InitTransactions => self.state != Initializing,
            TransactionCall::CommitTransaction => self.state != CommittingTransaction,
            TransactionCall::AbortTransaction => !matches!(self.state, AbortingTransaction | Initializing),
            TransactionCall::SendOffsetsToTransaction => self.offsets.is_none() || self.state != InTransaction,
            // These do not block for the coordinator.
            TransactionCall::BeginTransaction | TransactionCall::Send => true,
        }
    }

    pub(super) fn init(&mut self) {
        self.state = TransactionManagerState::Initializing;
    }

    pub(super) fn begin(&mut self) {
        self.state = TransactionManagerState::InTransaction;
    }

    /// A record for this partition was accumulated (`maybeAddPartition`). In version 2 it joins by being written to.
    pub(super) fn add_partition(&mut self, partition: &TopicPartition) {
        if self.partitions.contains(partition) {
            return;
        }
        if self.is_version_2 == Some(true) {
            self.partitions.insert(partition.clone());
            self.is_started = true;
        } else {
            self.new_partitions.insert(partition.clone());
        }
    }

    pub(super) fn send_offsets(&mut self, consumed: ConsumedOffsets) {
        self.is_started |= self.is_version_2 == Some(true);
        // Another group may have another coordinator.
        if self.pending_offsets().is_none_or(|before| before.group != consumed.group) {
            self.group_coordinator = None;
        }
        self.offsets = Some(PendingOffsets { consumed, is_group_added: false });
    }

    pub(super) fn commit(&mut self) {
        self.state = TransactionManagerState::CommittingTransaction;
    }

    pub(super) fn abort(&mut self) {
        self.state = TransactionManagerState::AbortingTransaction;
        self.error = None;
        self.new_partitions.clear();
        self.offsets = None;
    }

    /// Whether a batch of this partition may leave now (`isSendToPartitionAllowed`).
    pub(super) fn may_send(&self, partition: &TopicPartition) -> bool {
        self.state != TransactionManagerState::FatalError && self.partitions.contains(partition)
    }

    /// Whether it is ending.
    pub(super) fn is_completing(&self) -> bool {
        matches!(
            self.state,
            TransactionManagerState::CommittingTransaction | TransactionManagerState::AbortingTransaction
        )
    }

    /// Whether batches that never left are thrown away: the transaction will not commit.
    pub(super) fn drops_unsent(&self) -> bool {
        matches!(self.state, TransactionManagerState::AbortableError | TransactionManagerState::AbortingTransaction)
    }

    /// What is to be asked now, if anything, and when at the earliest. `has_batches` says that records are not done yet:
    /// a transaction ends only after them.
    pub(super) fn next_request(&self, has_batches: bool) -> Option<TransactionRequest> {
        let ending = match self.state {
            TransactionManagerState::Uninitialized
            | TransactionManagerState::Ready
            | TransactionManagerState::AbortableError
            | TransactionManagerState::FatalError => return None,
            TransactionManagerState::Initializing => {
                return Some(self.via_coordinator(TransactionRequest::InitProducerId));
            }
            TransactionManagerState::InTransaction => None,
            TransactionManagerState::CommittingTransaction => Some(true),
            TransactionManagerState::AbortingTransaction => Some(false),
        };
        if !self.new_partitions.is_empty() {
            let added = self.new_partitions.iter().cloned().collect();
            return Some(self.via_coordinator(TransactionRequest::AddPartitions(added)));
        }
        if let Some(pending) = &self.offsets {
            let is_let_in = pending.is_group_added || self.is_version_2 == Some(true);
            return Some(match is_let_in {
                false => self.via_coordinator(TransactionRequest::AddOffsets),
                true if self.group_coordinator.is_none() => TransactionRequest::FindGroupCoordinator,
                true => TransactionRequest::CommitOffsets,
            });
        }
        let committed = ending.filter(|_| !has_batches && self.is_started)?;
        Some(self.via_coordinator(TransactionRequest::EndTxn { committed }))
    }

    fn via_coordinator(&self, request: TransactionRequest) -> TransactionRequest {
        match self.coordinator {
            None => TransactionRequest::FindTransactionCoordinator,
            Some(_) => request,
        }
    }

    /// Whether it is ending, and there is nothing to ask the coordinator for it (nothing was written).
    pub(super) fn ends_unasked(&self, has_batches: bool) -> bool {
        let has_nothing = self.new_partitions.is_empty() && self.offsets.is_none();
        self.is_completing() && !has_batches && !self.is_started && has_nothing
    }

    /// Nothing is asked before, in milliseconds.
    pub(super) fn not_before(&self) -> Millis {
        self.not_before
    }

    pub(super) fn learned_version(&mut self, is_version_2: bool) {
        self.is_version_2.get_or_insert(is_version_2);
    }

    /// An id came: the producer is ready.
    pub(super) fn initialized(&mut self) {
        self.state = TransactionManagerState::Ready;
        self.bumps_epoch = false;
        self.succeeded();
    }

    /// Partitions are in the transaction.
    pub(super) fn added(&mut self, partitions: impl IntoIterator<Item = TopicPartition>) {
        for partition in partitions {
            self.new_partitions.remove(&partition);
            self.partitions.insert(partition);
            self.is_started = true;
        }
        self.succeeded();
    }

    /// The group's offsets are let into it.
    pub(super) fn group_added(&mut self) {
        self.is_started = true;
        if let Some(pending) = &mut self.offsets {
            pending.is_group_added = true;
        }
        self.succeeded();
    }

    /// The offsets of all but these partitions wait for the transaction's end at their coordinator.
    pub(super) fn offsets_sent(&mut self, again: &BTreeSet<TopicPartition>) {
        if let Some(pending) = &mut self.offsets {
            pending.consumed.offsets.retain(|(partition, _, _)| again.contains(partition));
            if pending.consumed.offsets.is_empty() {
                self.offsets = None;
            }
        }
        if again.is_empty() {
            self.succeeded();
        }
    }

    /// The transaction is over.
    pub(super) fn ended(&mut self) {
        self.state = match self.bumps_epoch {
            true => TransactionManagerState::Initializing,
            false => TransactionManagerState::Ready,
        };
        self.error = None;
        self.new_partitions.clear();
        self.partitions.clear();
        self.is_started = false;
        self.succeeded();
    }

    fn succeeded(&mut self) {
        self.is_retry = false;
        self.not_before = 0;
    }

    /// A coordinator is looked for: what is to be asked of it waits (`Sender.maybeFindCoordinatorAndRetry`).
    pub(super) fn looks_for_coordinator(&mut self) {
        self.is_retry = true;
    }

    /// Something may be sent to a coordinator now: the pause of what has waited for that begins.
    pub(super) fn coordinator_is_ready(&mut self, node: i32, now: Millis, retry_backoff_ms: Millis) {
        if self.is_retry && (self.coordinator == Some(node) || self.group_coordinator == Some(node)) {
            self.not_before = now.saturating_add(retry_backoff_ms.max(1));
        }
    }

    /// Ask again after a pause, which is always as long (`TxnRequestHandler.retryBackoffMs`).
    pub(super) fn retry(&mut self, api: ApiKey, error: ErrorCode, now: Millis, retry_backoff_ms: Millis) {
        let is_first = api == ApiKey::AddPartitionsToTxn && self.partitions.is_empty();
        let wait_ms = match is_first && error == ErrorCode::ConcurrentTransactions {
            true => retry_backoff_ms.min(ADD_PARTITIONS_RETRY_BACKOFF_MS),
            false => retry_backoff_ms,
        };
        self.is_retry = true;
        self.not_before = now.saturating_add(wait_ms.max(1));
    }

    /// The coordinator that was asked is not it, or is gone. It is looked for at once.
    pub(super) fn forget_coordinator(&mut self, api: ApiKey) {
        self.is_retry = true;
        self.not_before = 0;
        match api {
            ApiKey::TxnOffsetCommit => self.group_coordinator = None,
            _ => self.coordinator = None,
        }
    }

    /// What is left is to abort. `bumps_epoch` says that sequence numbers may have been lost with it. Whether the state
    /// changed.
    pub(super) fn fail(&mut self, error: ErrorCode, bumps_epoch: bool) -> bool {
        match self.state {
            TransactionManagerState::Uninitialized
            | TransactionManagerState::Ready
            | TransactionManagerState::FatalError => false,
            // It is being aborted already.
            TransactionManagerState::AbortingTransaction => {
                self.bumps_epoch |= bumps_epoch && self.is_version_2 == Some(false);
                false
            }
            TransactionManagerState::Initializing
            | TransactionManagerState::InTransaction
            | TransactionManagerState::CommittingTransaction
            | TransactionManagerState::AbortableError => {
                let has_changed = self.state != TransactionManagerState::AbortableError;
                self.bumps_epoch |= bumps_epoch && self.is_version_2 == Some(false);
                self.state = TransactionManagerState::AbortableError;
                self.error = self.error.or(Some(error));
                self.offsets = None;
                has_changed
            }
        }
    }

    /// Nothing is left to be done with this producer. Whether the state changed.
    pub(super) fn fail_for_good(&mut self, error: ErrorCode) -> bool {
        let has_changed = self.state != TransactionManagerState::FatalError;
        if has_changed {
            self.state = TransactionManagerState::FatalError;
            self.error = Some(error);
            self.offsets = None;
            self.new_partitions.clear();
        }
        has_changed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What each handler of Kafka 4.3.1's `TransactionManager` does with each error that it names, and with one that none
    /// names.
    #[test]
    fn errors_are_taken_as_by_each_handler_of_kafka() {
        use ApiKey::{AddOffsetsToTxn, AddPartitionsToTxn, EndTxn, FindCoordinator, InitProducerId, TxnOffsetCommit};
        use Failure::{Abortable, Fatal, FindCoordinator as Find, Retry};
        const APIS: [ApiKey; 6] =
            [FindCoordinator, InitProducerId, AddPartitionsToTxn, AddOffsetsToTxn, TxnOffsetCommit, EndTxn];
        let table = [
            (ErrorCode::NotCoordinator, [Find, Find, Find, Find, Find, Find]),
            (ErrorCode::RequestTimedOut, [Retry, Retry, Retry, Retry, Find, Retry]),
            (ErrorCode::ConcurrentTransactions, [Retry; 6]),
            (ErrorCode::CoordinatorLoadInProgress, [Retry; 6]),
            (ErrorCode::UnknownProducerId, [Fatal, Fatal, Abortable, Abortable, Fatal, Abortable]),
            (ErrorCode::InvalidProducerIdMapping, [Fatal; 6]),
            (ErrorCode::InvalidTxnState, [Fatal; 6]),
            (ErrorCode::InvalidProducerEpoch, [Fatal; 6]),
            (ErrorCode::TransactionalIdAuthorizationFailed, [Fatal, Abortable, Fatal, Fatal, Fatal, Fatal]),
            (ErrorCode::TransactionAbortable, [Abortable; 6]),
            (ErrorCode::TopicAuthorizationFailed, [Fatal, Fatal, Abortable, Fatal, Fatal, Fatal]),
            (ErrorCode::IllegalGeneration, [Fatal, Fatal, Abortable, Fatal, Abortable, Fatal]),
        ];
        for (error, taken) in table {
            let ours = APIS.map(|api| Failure::of(api, error, false));
            assert_eq!(ours, taken, "{error:?}");
        }
        assert_eq!(Failure::of(EndTxn, ErrorCode::TransactionAbortable, true), Fatal, "it aborts already");
    }
}
