//! `AddPartitionsToTxn` and `AddOffsetsToTxn` at the coordinator (`handleAddPartitionsToTransaction`,
//! `handleVerifyPartitionsInTransaction`).

use std::collections::BTreeMap;

use super::joined_partitions::JoinedPartitions;
use super::metadata::TxnTransitMetadata;
use super::state::{TransactionState, TransactionVersion};
use super::state_log::OnAppended;
use super::{TransactionContext, TransactionCoordinator};
use crate::effects::RequestContext;
use crate::explain::Explanation;
use crate::wire::hash_order::{java_string_hash, sort_as_hash_map, topic_partition_hash};
use crate::wire::transaction::{
    AddOffsetsToTxnResponse, AddPartitionsToTxnPartitionResult, AddPartitionsToTxnResponse, AddPartitionsToTxnResult,
    AddPartitionsToTxnTopicResult, AddPartitionsToTxnTransaction,
};
use crate::wire::{ErrorCode, Response, TopicPartition};

/// From this version on brokers ask about several transactions, and know transaction version 2.
pub(super) const FIRST_BATCHED_VERSION: i16 = 4;
/// From this version on clients know PRODUCER_FENCED.
const FIRST_VERSION_WITH_PRODUCER_FENCED: i16 = 2;

/// Who is answered when partitions are in a transaction.
#[derive(Clone, Debug, PartialEq, Hash)]
pub(super) enum AddPartitionsReply {
    /// An `AddPartitionsToTxn`, by its number: of one of its transactions.
    Transaction { request: u64, transaction: AddPartitionsToTxnTransaction },
    /// An `AddOffsetsToTxn`.
    Offsets(RequestContext),
}

impl AddPartitionsReply {
    /// The request that waits.
    pub(super) fn request_context<'a>(
        &'a self,
        pending: &'a BTreeMap<u64, PendingAddPartitions>,
    ) -> Option<&'a RequestContext> {
        match self {
            Self::Transaction { request, .. } => pending.get(request).map(|pending| &pending.request_context),
            Self::Offsets(request_context) => Some(request_context),
        }
    }
}

/// An `AddPartitionsToTxn` that waits for some of its transactions.
#[derive(Clone, Debug, PartialEq, Hash)]
pub(super) struct PendingAddPartitions {
    pub(super) request_context: RequestContext,
    /// How many transactions are missing.
    missing: u32,
    results: Vec<AddPartitionsToTxnResult>,
}

/// What one of its transactions comes to before the coordinator sees it.
pub(super) enum Checked {
    /// It goes on.
    Whole {
        /// What is asked for.
        transaction: AddPartitionsToTxnTransaction,
        /// The partitions that are to come into it, each once.
        partitions: Vec<TopicPartition>,
    },
    /// It is refused.
    Refused(AddPartitionsToTxnResult),
}

/// The partitions that a transaction names, each once.
pub(super) fn partitions_of(transaction: &AddPartitionsToTxnTransaction) -> Vec<TopicPartition> {
    let mut partitions: Vec<TopicPartition> = Vec::new();
    for topic in &transaction.topics {
        for index in &topic.partitions {
            let partition = TopicPartition::new(topic.name.clone(), *index);
            if !partitions.contains(&partition) {
                partitions.push(partition);
            }
        }
    }
    partitions
}

/// The same result for all partitions, in the order of the request (`errorResponseForTransaction`).
pub(super) fn same_for_all(transaction: &AddPartitionsToTxnTransaction, error: ErrorCode) -> AddPartitionsToTxnResult {
    let topic_results = transaction.topics.iter().map(|topic| AddPartitionsToTxnTopicResult {
        name: topic.name.clone(),
        results_by_partition: topic
            .partitions
            .iter()
            .map(|index| AddPartitionsToTxnPartitionResult { partition_index: *index, partition_error_code: error })
            .collect(),
    });
    AddPartitionsToTxnResult {
        transactional_id: transaction.transactional_id.clone(),
        topic_results: topic_results.collect(),
    }
}

/// A result for each partition, in the order of a hash map (`resultForTransaction`).
pub(super) fn result_of_each(
    transactional_id: &str,
    mut results: Vec<(TopicPartition, ErrorCode)>,
) -> AddPartitionsToTxnResult {
    sort_as_hash_map(&mut results, |(partition, _)| topic_partition_hash(partition));
    let mut topic_results: Vec<AddPartitionsToTxnTopicResult> = Vec::new();
    for (partition, partition_error_code) in results {
        let result = AddPartitionsToTxnPartitionResult { partition_index: partition.partition, partition_error_code };
        match topic_results.iter_mut().find(|topic| topic.name == partition.topic) {
            Some(topic) => topic.results_by_partition.push(result),
            None => topic_results.push(AddPartitionsToTxnTopicResult {
                name: partition.topic.clone(),
                results_by_partition: vec![result],
            }),
        }
    }
    sort_as_hash_map(&mut topic_results, |topic| java_string_hash(&topic.name));
    AddPartitionsToTxnResult { transactional_id: transactional_id.to_owned(), topic_results }
}

impl TransactionCoordinator {
    /// `AddPartitionsToTxn`: answered when each of its transactions is, by the number that this gives the request. Without any
    /// transaction nobody ever answers.
    pub(super) fn begin_add_partitions(&mut self, request_context: RequestContext, transactions: usize) -> u64 {
        let request = self.next_request_id();
        let missing = u32::try_from(transactions).unwrap_or(u32::MAX);
        let results = Vec::with_capacity(transactions);
        self.add_partitions.insert(request, PendingAddPartitions { request_context, missing, results });
        request
    }

    /// One of the transactions of an `AddPartitionsToTxn`. What the one before it had written may be committed by now.
    pub(super) fn add_partitions_of(&mut self, request: u64, transaction: Checked, cx: &mut TransactionContext) {
        // One of them may have failed the request as a whole.
        let Some(pending) = self.add_partitions.get(&request) else { return };
        let of_broker = pending.request_context.version >= FIRST_BATCHED_VERSION;
        match transaction {
            Checked::Refused(result) => self.transaction_done(request, result, cx),
            Checked::Whole { transaction, partitions } if transaction.verify_only => {
                let result = self.verify_partitions(&transaction, partitions, cx);
                self.transaction_done(request, result, cx);
            }
            Checked::Whole { transaction, partitions } => {
                let client_version = if of_broker { TransactionVersion::Tv2 } else { TransactionVersion::Tv0 };
                let transactional_id = transaction.transactional_id.clone();
                let producer = (transaction.producer_id, transaction.producer_epoch);
                let reply = AddPartitionsReply::Transaction { request, transaction };
                self.add_partitions(&transactional_id, producer, &partitions, client_version, reply, cx);
            }
        }
    }

    /// Lets partitions into a transaction, and with the first of them begins it.
    pub(super) fn add_partitions(
        &mut self,
        transactional_id: &str,
        producer: (i64, i16),
        partitions: &[TopicPartition],
        client_version: TransactionVersion,
        reply: AddPartitionsReply,
        cx: &mut TransactionContext,
    ) {
        match self.prepare_add_partitions(transactional_id, producer, partitions, client_version, cx) {
            Ok(Some((coordinator_epoch, transit))) => {
                let then = OnAppended::AddPartitions(reply);
                self.append_to_log(transactional_id, coordinator_epoch, transit, then, cx);
            }
            // They are in it already.
            Ok(None) => self.partitions_added(reply, ErrorCode::None, cx),
            Err(error) => {
                cx.fx.explain(Explanation::TransactionCoordinatorRefuses {
                    node: cx.node,
                    transactional_id: transactional_id.to_owned(),
                    error,
                });
                self.partitions_added(reply, error, cx);
            }
        }
    }

    fn prepare_add_partitions(
        &mut self,
        transactional_id: &str,
        (producer_id, producer_epoch): (i64, i16),
        partitions: &[TopicPartition],
        client_version: TransactionVersion,
        cx: &TransactionContext,
    ) -> Result<Option<(i32, TxnTransitMetadata)>, ErrorCode> {
        if transactional_id.is_empty() {
            return Err(ErrorCode::InvalidRequest);
        }
        let found = self.partitions.find(cx.partition_for(transactional_id), transactional_id)?;
        let (coordinator_epoch, metadata) = found.ok_or(ErrorCode::InvalidProducerIdMapping)?;
        if metadata.pending_state.is_some() {
            return Err(ErrorCode::ConcurrentTransactions);
        }
        if metadata.current.producer_id != producer_id {
            return Err(ErrorCode::InvalidProducerIdMapping);
        }
        if metadata.current.producer_epoch != producer_epoch {
            return Err(ErrorCode::ProducerFenced);
        }
        match metadata.state() {
            TransactionState::PrepareCommit | TransactionState::PrepareAbort => Err(ErrorCode::ConcurrentTransactions),
            TransactionState::Ongoing if metadata.current.topic_partitions.contains_all(partitions) => Ok(None),
            TransactionState::Empty
            | TransactionState::Ongoing
            | TransactionState::CompleteCommit
            | TransactionState::CompleteAbort
            | TransactionState::Dead
            | TransactionState::PrepareEpochFence => {
                let transit = metadata.prepare_add_partitions(partitions, cx.now_ms(), client_version)?;
                Ok(Some((coordinator_epoch, transit)))
            }
        }
    }

    /// Whether partitions are in a transaction, as a leader asks before its first batch.
    fn verify_partitions(
        &mut self,
        transaction: &AddPartitionsToTxnTransaction,
        partitions: Vec<TopicPartition>,
        cx: &TransactionContext,
    ) -> AddPartitionsToTxnResult {
        let id = transaction.transactional_id.as_str();
        let verified = match self.find_verified(transaction, cx) {
            Ok(known) => known,
            Err(error) => {
                return result_of_each(id, partitions.into_iter().map(|partition| (partition, error)).collect());
            }
        };
        let results = partitions.into_iter().map(|partition| {
            let is_in = verified.contains(&partition);
            (partition, if is_in { ErrorCode::None } else { ErrorCode::TransactionAbortable })
        });
        result_of_each(id, results.collect())
    }

    fn find_verified(
        &mut self,
        transaction: &AddPartitionsToTxnTransaction,
        cx: &TransactionContext,
    ) -> Result<JoinedPartitions, ErrorCode> {
        let id = transaction.transactional_id.as_str();
        if id.is_empty() {
            return Err(ErrorCode::InvalidRequest);
        }
        let found = self.partitions.find(cx.partition_for(id), id)?;
        let (_, metadata) = found.ok_or(ErrorCode::InvalidProducerIdMapping)?;
        if metadata.current.producer_id != transaction.producer_id {
            Err(ErrorCode::InvalidProducerIdMapping)
        } else if metadata.current.producer_epoch != transaction.producer_epoch {
            Err(ErrorCode::ProducerFenced)
        } else if matches!(metadata.state(), TransactionState::PrepareCommit | TransactionState::PrepareAbort) {
            Err(ErrorCode::ConcurrentTransactions)
        } else {
            Ok(metadata.current.topic_partitions.clone())
        }
    }

    /// Partitions are in a transaction, or are not let in.
    pub(super) fn partitions_added(
        &mut self,
        reply: AddPartitionsReply,
        error: ErrorCode,
        cx: &mut TransactionContext,
    ) {
        let error_in_version = |version: i16| match error {
            ErrorCode::ProducerFenced if version < FIRST_VERSION_WITH_PRODUCER_FENCED => {
                ErrorCode::InvalidProducerEpoch
            }
            error => error,
        };
        match reply {
            AddPartitionsReply::Offsets(request_context) => {
                let error_code = error_in_version(request_context.version);
                let response = AddOffsetsToTxnResponse { error_code, ..AddOffsetsToTxnResponse::default() };
                cx.fx.answer(&request_context, Response::AddOffsetsToTxn(response));
            }
            AddPartitionsReply::Transaction { request, .. } if error == ErrorCode::UnsupportedVersion => {
                self.fail_add_partitions(request, error, cx);
            }
            AddPartitionsReply::Transaction { request, transaction } => {
                let Some(pending) = self.add_partitions.get(&request) else { return };
                let error = error_in_version(pending.request_context.version);
                self.transaction_done(request, same_for_all(&transaction, error), cx);
            }
        }
    }

    /// What cannot be written fails the whole request (`AddPartitionsToTxnRequest.getErrorResponse`).
    fn fail_add_partitions(&mut self, request: u64, error_code: ErrorCode, cx: &mut TransactionContext) {
        let Some(PendingAddPartitions { request_context, .. }) = self.add_partitions.remove(&request) else { return };
        let response = AddPartitionsToTxnResponse { error_code, ..Default::default() };
        cx.fx.answer(&request_context, Response::AddPartitionsToTxn(response));
    }

    /// One of a request's transactions is done; with the last one it is answered.
    fn transaction_done(&mut self, request: u64, result: AddPartitionsToTxnResult, cx: &mut TransactionContext) {
        let Some(pending) = self.add_partitions.get_mut(&request) else { return };
        pending.results.push(result);
        pending.missing = pending.missing.saturating_sub(1);
        if pending.missing > 0 {
            return;
        }
        let Some(PendingAddPartitions { request_context, results, .. }) = self.add_partitions.remove(&request) else {
            return;
        };
        let response = if request_context.version < FIRST_BATCHED_VERSION {
            let results_by_topic_v3_and_below = results.into_iter().flat_map(|result| result.topic_results).collect();
            AddPartitionsToTxnResponse { results_by_topic_v3_and_below, ..Default::default() }
        } else {
            AddPartitionsToTxnResponse { results_by_transaction: results, ..Default::default() }
        };
        cx.fx.explain(Explanation::BrokerAnswered {
            node: cx.node,
            to: request_context.from.actor(),
            api: request_context.api,
        });
        cx.fx.answer(&request_context, Response::AddPartitionsToTxn(response));
    }
}
