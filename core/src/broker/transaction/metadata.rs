//! What the coordinator knows of one transactional id (`TransactionMetadata`), and how that changes by the table of
//! [`TransactionState`].

use super::joined_partitions::JoinedPartitions;
use super::state::TransactionState;
use super::state::TransactionState::{
    CompleteAbort, CompleteCommit, Dead, Empty, Ongoing, PrepareCommit, PrepareEpochFence,
};
use super::state::TransactionVersion;
use crate::wire::records::{NO_PRODUCER_EPOCH, NO_PRODUCER_ID};
use crate::wire::{ErrorCode, TopicPartition};

/// What of a transactional id is written to `__transaction_state`, and what it becomes (`TxnTransitMetadata`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TxnTransitMetadata {
    /// The producer's id.
    pub producer_id: i64,
    /// The producer id before.
    pub prev_producer_id: i64,
    /// The producer id that a producer whose epochs are used up goes on with, -1 for none.
    pub next_producer_id: i64,
    /// The producer's epoch.
    pub producer_epoch: i16,
    /// The epoch before, if the producer knows it, else -1.
    pub last_producer_epoch: i16,
    /// How long a transaction may be open, in milliseconds.
    pub txn_timeout_ms: i32,
    /// Its state.
    pub state: TransactionState,
    /// The partitions that need a marker.
    pub topic_partitions: JoinedPartitions,
    /// When the transaction began, -1 for never.
    pub txn_start_timestamp: i64,
    /// When any of this last changed.
    pub txn_last_update_timestamp: i64,
    /// What the producer of the last change knew.
    pub client_transaction_version: TransactionVersion,
}

/// A transactional id, as its coordinator has it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TransactionMetadata {
    /// The id.
    pub transactional_id: String,
    /// What is written.
    pub current: TxnTransitMetadata,
    /// The state of a change that is prepared and not replicated yet.
    pub pending_state: Option<TransactionState>,
    /// A fence was prepared and could not be written: its epoch is used the next time.
    pub has_failed_epoch_fence: bool,
}

/// Whether a producer id has no epoch left that a client may use (`isEpochExhausted`): the last one is for fencing.
pub fn is_epoch_exhausted(epoch: i16) -> bool {
    epoch >= i16::MAX - 1
}

impl TransactionMetadata {
    /// An id that was never seen.
    pub fn new(transactional_id: &str, producer_id: i64, txn_timeout_ms: i32, now_ms: i64) -> Self {
        let current = TxnTransitMetadata {
            producer_id,
            prev_producer_id: NO_PRODUCER_ID,
            next_producer_id: NO_PRODUCER_ID,
            producer_epoch: NO_PRODUCER_EPOCH,
            last_producer_epoch: NO_PRODUCER_EPOCH,
            txn_timeout_ms,
            state: Empty,
            topic_partitions: JoinedPartitions::default(),
            txn_start_timestamp: -1,
            txn_last_update_timestamp: now_ms,
            client_transaction_version: TransactionVersion::Tv0,
        };
        Self::loaded(transactional_id, current)
    }

    /// An id as its last record has it.
    pub fn loaded(transactional_id: &str, current: TxnTransitMetadata) -> Self {
        let transactional_id = transactional_id.to_owned();
        Self { transactional_id, current, pending_state: None, has_failed_epoch_fence: false }
    }

    /// Its state.
    pub fn state(&self) -> TransactionState {
        self.current.state
    }

    /// Whether the producer id has no epoch left.
    pub fn is_producer_epoch_exhausted(&self) -> bool {
        is_epoch_exhausted(self.current.producer_epoch)
    }

    /// Whether an outside coordinator ends its transactions (KIP-939): they never time out.
    pub fn is_two_phase_commit(&self) -> bool {
        self.current.txn_timeout_ms == i32::MAX
    }

    /// All as it is, but the state.
    fn to_state(&self, state: TransactionState) -> TxnTransitMetadata {
        TxnTransitMetadata { state, prev_producer_id: self.current.producer_id, ..self.current.clone() }
    }

    /// A change that the table does not have is a bug of Kafka's, which the requester is told as such
    /// (`IllegalStateException`).
    fn prepare(&mut self, transit: TxnTransitMetadata) -> Result<TxnTransitMetadata, ErrorCode> {
        let has_epoch = transit.state == Dead || transit.producer_epoch >= 0;
        let is_legal = self.pending_state.is_none() && transit.producer_id >= 0 && has_epoch;
        if !is_legal || !self.state().may_become(transit.state) {
            return Err(ErrorCode::UnknownServerError);
        }
        self.pending_state = Some(transit.state);
        Ok(transit)
    }

    /// The coordinator is about to abort the transaction: its producer's epoch is an old one from now on
    /// (`prepareFenceProducerEpoch`).
    pub fn prepare_fence_producer_epoch(&mut self) -> Result<TxnTransitMetadata, ErrorCode> {
        let epoch = self.current.producer_epoch;
        let producer_epoch = if self.has_failed_epoch_fence { epoch } else { epoch.saturating_add(1) };
        let transit = TxnTransitMetadata { producer_epoch, ..self.to_state(PrepareEpochFence) };
        self.prepare(transit)
    }

    /// A producer initialises itself (`prepareIncrementProducerEpoch`). `expected` is the epoch that it says it has.
    pub fn prepare_increment_producer_epoch(
        &mut self,
        txn_timeout_ms: i32,
        expected: Option<i16>,
        now_ms: i64,
    ) -> Result<TxnTransitMetadata, ErrorCode> {
        if self.is_producer_epoch_exhausted() {
            return Err(ErrorCode::UnknownServerError);
        }
        let TxnTransitMetadata { producer_epoch, last_producer_epoch, .. } = self.current;
        let bumped = producer_epoch.saturating_add(1);
        let (epoch, last) = match expected {
            None => (bumped, NO_PRODUCER_EPOCH),
            Some(expected) if producer_epoch == NO_PRODUCER_EPOCH || expected == producer_epoch => {
                (bumped, producer_epoch)
            }
            // It has not got the answer to the same question: nobody else has asked since.
            Some(expected) if expected == last_producer_epoch => (producer_epoch, last_producer_epoch),
            Some(_) => return Err(ErrorCode::ProducerFenced),
        };
        let transit = TxnTransitMetadata {
            producer_epoch: epoch,
            last_producer_epoch: last,
            ..self.to_empty(txn_timeout_ms, now_ms)
        };
        self.prepare(transit)
    }

    /// A producer initialises itself whose epochs are used up (`prepareProducerIdRotation`).
    pub fn prepare_producer_id_rotation(
        &mut self,
        producer_id: i64,
        txn_timeout_ms: i32,
        now_ms: i64,
        record_last_epoch: bool,
    ) -> Result<TxnTransitMetadata, ErrorCode> {
        let last_epoch = if record_last_epoch { self.current.producer_epoch } else { NO_PRODUCER_EPOCH };
        let transit = TxnTransitMetadata {
            producer_id,
            producer_epoch: 0,
            last_producer_epoch: last_epoch,
            ..self.to_empty(txn_timeout_ms, now_ms)
        };
        self.prepare(transit)
    }

    /// What every producer begins with that initialises itself: no transaction.
    fn to_empty(&self, txn_timeout_ms: i32, now_ms: i64) -> TxnTransitMetadata {
        TxnTransitMetadata {
            txn_timeout_ms,
            topic_partitions: JoinedPartitions::default(),
            txn_start_timestamp: -1,
            txn_last_update_timestamp: now_ms,
            ..self.to_state(Empty)
        }
    }

    /// Partitions come into the transaction; with the first it begins (`prepareAddPartitions`).
    pub fn prepare_add_partitions(
        &mut self,
        added: &[TopicPartition],
        now_ms: i64,
        client_transaction_version: TransactionVersion,
    ) -> Result<TxnTransitMetadata, ErrorCode> {
        let begins = matches!(self.state(), Empty | CompleteAbort | CompleteCommit);
        let transit = TxnTransitMetadata {
            topic_partitions: self.current.topic_partitions.with(added),
            txn_start_timestamp: if begins { now_ms } else { self.current.txn_start_timestamp },
            txn_last_update_timestamp: now_ms,
            client_transaction_version,
            ..self.to_state(Ongoing)
        };
        self.prepare(transit)
    }

    /// The transaction ends (`prepareAbortOrCommit`). With transaction version 2 the epoch rises here, and
    /// `next_producer_id` takes over where none is left.
    pub fn prepare_abort_or_commit(
        &mut self,
        state: TransactionState,
        client_transaction_version: TransactionVersion,
        next_producer_id: i64,
        now_ms: i64,
        no_partition_added: bool,
    ) -> Result<TxnTransitMetadata, ErrorCode> {
        let TxnTransitMetadata { producer_epoch, last_producer_epoch, txn_start_timestamp, .. } = self.current;
        let (epoch, last) = match client_transaction_version.supports_epoch_bump() {
            // An epoch that is the last one already stays: the abort goes through all the same.
            true => (producer_epoch.saturating_add(1), producer_epoch),
            false => (producer_epoch, last_producer_epoch),
        };
        let transit = TxnTransitMetadata {
            producer_epoch: epoch,
            last_producer_epoch: last,
            next_producer_id,
            txn_start_timestamp: if no_partition_added { now_ms } else { txn_start_timestamp },
            txn_last_update_timestamp: now_ms,
            client_transaction_version,
            ..self.to_state(state)
        };
        self.prepare(transit)
    }

    /// Every partition will have its marker (`prepareComplete`). Whose epochs are used up goes on with another producer id.
    pub fn prepare_complete(&mut self, now_ms: i64) -> Result<TxnTransitMetadata, ErrorCode> {
        self.has_failed_epoch_fence = false;
        let state = if self.state() == PrepareCommit { CompleteCommit } else { CompleteAbort };
        let next = self.current.next_producer_id;
        let has_next = self.current.client_transaction_version.supports_epoch_bump() && next != NO_PRODUCER_ID;
        let (producer_id, producer_epoch) =
            if has_next { (next, 0) } else { (self.current.producer_id, self.current.producer_epoch) };
        let transit = TxnTransitMetadata {
            producer_id,
            producer_epoch,
            next_producer_id: NO_PRODUCER_ID,
            topic_partitions: JoinedPartitions::default(),
            txn_last_update_timestamp: now_ms,
            ..self.to_state(state)
        };
        self.prepare(transit)
    }

    /// The id is about to be forgotten (`prepareDead`).
    pub fn prepare_dead(&mut self) -> Result<TxnTransitMetadata, ErrorCode> {
        let transit = TxnTransitMetadata { topic_partitions: JoinedPartitions::default(), ..self.to_state(Dead) };
        self.prepare(transit)
    }

    /// The record of a prepared change is replicated: it takes place (`completeTransitionTo`). False where another change,
    /// or none, was prepared.
    pub fn complete_transition_to(&mut self, transit: TxnTransitMetadata) -> bool {
        if self.pending_state != Some(transit.state) {
            return false;
        }
        self.pending_state = None;
        self.current = transit;
        true
    }
}
