//! What a producer's application does with its transaction, and what the producer asks the coordinators for it.

use std::collections::{BTreeMap, BTreeSet};

use super::delivery::DeliveryStage;
use super::transaction::{ConsumedOffsets, Failure, Transaction, TransactionRequest};
use super::transaction_manager::ProducerIdAndEpoch;
use super::{PendingRequest, Producer};
use crate::actor::Listener;
use crate::change::Change;
use crate::command::CommandError;
use crate::effects::Effects;
use crate::explain::Explanation;
use crate::sim::Millis;
use crate::transaction::{TransactionCall, TransactionManagerState};
use crate::wire::feature_levels::TRANSACTION_VERSION;
use crate::wire::group::{FindCoordinatorRequest, FindCoordinatorResponse};
use crate::wire::metadata::ApiVersionsResponse;
use crate::wire::transaction::{
    AddOffsetsToTxnRequest, AddPartitionsToTxnRequest, AddPartitionsToTxnResponse, AddPartitionsToTxnTopic,
    EndTxnRequest, EndTxnResponse, InitProducerIdRequest, InitProducerIdResponse, TxnOffsetCommitRequest,
    TxnOffsetCommitRequestPartition, TxnOffsetCommitRequestTopic, TxnOffsetCommitResponse,
};
use crate::wire::{ApiKey, ErrorCode, Request, Response, TopicPartition};

/// From this level on partitions join a transaction by being written to, and its end bumps the epoch (KIP-890).
const VERSION_2: i16 = 2;
/// `FindCoordinatorRequest.CoordinatorType`.
const GROUP: i8 = 0;
const TRANSACTION: i8 = 1;

/// The versions of requests that stand for a transaction of version 1; the newest ones stand for version 2.
mod version_1 {
    pub(super) const END_TXN: i16 = 4;
    pub(super) const TXN_OFFSET_COMMIT: i16 = 4;
    /// What clients speak; later ones are for brokers.
    pub(super) const ADD_PARTITIONS_TO_TXN: i16 = 3;
}

impl Producer {
    /// Its transaction; none without `transactional.id`.
    pub fn transaction(&self) -> Option<&Transaction> {
        self.transaction.as_ref()
    }

    /// The application calls one of the transaction's methods.
    ///
    /// # Errors
    /// Where the producer has no `transactional.id`, or is in a state that forbids the call; then nothing has changed.
    pub fn call(&mut self, call: TransactionCall, now: Millis, fx: &mut Effects) -> Result<(), CommandError> {
        self.check_open()?;
        let blocks_until = now.saturating_add(self.settings.max_block_ms);
        let transaction = self.callable(call)?;
        if !transaction.block(call, blocks_until) {
            match call {
                TransactionCall::InitTransactions => transaction.init(),
                TransactionCall::BeginTransaction => transaction.begin(),
                TransactionCall::CommitTransaction => transaction.commit(),
                TransactionCall::AbortTransaction => transaction.abort(),
                // These have arguments, and methods of their own.
                TransactionCall::Send | TransactionCall::SendOffsetsToTransaction => {}
            }
            self.note_state(fx);
        }
        self.run(now, fx);
        Ok(())
    }

    /// The application has a consumer's offsets committed with the transaction (`sendOffsetsToTransaction`).
    ///
    /// # Errors
    /// As [`Producer::call`].
    pub fn send_offsets(
        &mut self,
        consumed: ConsumedOffsets,
        now: Millis,
        fx: &mut Effects,
    ) -> Result<(), CommandError> {
        self.check_open()?;
        let blocks_until = now.saturating_add(self.settings.max_block_ms);
        let transaction = self.callable(TransactionCall::SendOffsetsToTransaction)?;
        transaction.block(TransactionCall::SendOffsetsToTransaction, blocks_until);
        transaction.send_offsets(consumed);
        self.run(now, fx);
        Ok(())
    }

    /// Begins to abort the transaction where its state allows that.
    pub(super) fn abort_transaction(&mut self, fx: &mut Effects) {
        if let Ok(transaction) = self.callable(TransactionCall::AbortTransaction) {
            transaction.abort();
            self.note_state(fx);
        }
    }

    /// The transaction, where it allows this call.
    fn callable(&mut self, call: TransactionCall) -> Result<&mut Transaction, CommandError> {
        let producer = self.number;
        let transaction = self.transaction.as_mut().ok_or(CommandError::NotTransactional { producer })?;
        let state = transaction.state();
        if let Some(previous) = transaction.timed_out_call().filter(|previous| *previous != call) {
            let (call, previous) = (call.name().to_owned(), previous.name().to_owned());
            return Err(CommandError::TransactionCallTimedOut { producer, call, previous });
        }
        match transaction.allows(call) {
            true => Ok(transaction),
            false => Err(CommandError::InvalidTransactionState {
                producer,
                call: call.name().to_owned(),
                state: state.to_string(),
            }),
        }
    }

    fn note_state(&self, fx: &mut Effects) {
        if let Some(transaction) = &self.transaction {
            let (producer, state) = (self.number, transaction.state().to_string());
            fx.change(Change::ProducerTransaction { producer, state });
        }
    }

    /// Whether records are not done yet (`RecordAccumulator.hasIncomplete`).
    pub(super) fn has_batches(&self) -> bool {
        let is_sent = self.requests.iter().any(|open| matches!(&open.context, PendingRequest::Produce(_)));
        is_sent || !self.accumulator.queues.is_empty() || !self.unassigned.is_empty()
    }

    /// Throws away what never left, where the transaction will not commit (`abortUndrainedBatches`). What did leave is
    /// still sent until it is answered: the next transaction goes on with the numbers after it.
    pub(super) fn drop_unsent(&mut self, fx: &mut Effects) {
        if !self.transaction.as_ref().is_some_and(Transaction::drops_unsent) {
            return;
        }
        let mut dropped: BTreeMap<TopicPartition, i64> = BTreeMap::new();
        for unassigned in std::mem::take(&mut self.unassigned) {
            let partition = TopicPartition::new(unassigned.topic, unassigned.partition.unwrap_or(-1));
            *dropped.entry(partition).or_default() += 1;
            self.deliveries.reached(unassigned.delivery, DeliveryStage::Aborted, fx.step);
        }
        for (partition, batch) in self.accumulator.take_unsent() {
            *dropped.entry(partition).or_default() += batch.record_count();
            for delivery in batch.deliveries {
                self.deliveries.reached(delivery, DeliveryStage::Aborted, fx.step);
            }
        }
        for (partition, records) in dropped {
            self.failed = self.failed.saturating_add(records);
            fx.change(Change::RecordsAborted { producer: self.number, partition, records });
        }
    }

    /// Asks what is to be asked for the transaction now (`Sender.maybeSendAndPollTransactionalRequest`).
    pub(super) fn drive_transaction(&mut self, now: Millis, fx: &mut Effects) {
        if self.transaction.is_none() {
            return;
        }
        self.drop_unsent(fx);
        let has_batches = self.has_batches();
        let Some(transaction) = &mut self.transaction else { return };
        if transaction.ends_unasked(has_batches) {
            let committed = transaction.state() == TransactionManagerState::CommittingTransaction;
            transaction.ended();
            self.note_state(fx);
            fx.explain(Explanation::TransactionWasEmpty { producer: self.number, committed });
        }
        let Some(transaction) = &self.transaction else { return };
        let is_open = self.requests.iter().any(|open| matches!(&open.context, PendingRequest::Transaction(_)));
        if is_open || now < transaction.not_before() {
            return;
        }
        if let Some(request) = transaction.next_request(has_batches) {
            self.ask(request, now, fx);
        }
    }

    /// A call that has blocked for `max.block.ms` throws.
    pub(super) fn expire_transaction_call(&mut self, now: Millis, fx: &mut Effects) {
        let Some(call) = self.transaction.as_mut().and_then(|transaction| transaction.expire_call(now)) else { return };
        let (producer, max_block_ms) = (self.number, self.settings.max_block_ms);
        fx.change(Change::TransactionCallTimedOut { producer, call: call.name().to_owned() });
        fx.explain(Explanation::TransactionCallTimedOut { producer, call: call.name().to_owned(), max_block_ms });
    }

    /// When it asks by itself again, in milliseconds.
    pub(super) fn transaction_asks_at(&self) -> Option<Millis> {
        let transaction = self.transaction.as_ref()?;
        transaction.next_request(self.has_batches()).map(|_| transaction.not_before())
    }

    /// Whether something for the transaction is under way, or waits for its pause to end: meanwhile no batch leaves
    /// (`Sender.runOnce`).
    pub(super) fn is_asking(&self) -> bool {
        let is_open = self.requests.iter().any(|open| matches!(&open.context, PendingRequest::Transaction(_)));
        is_open || self.transaction.as_ref().is_some_and(|known| known.next_request(self.has_batches()).is_some())
    }

    fn ask(&mut self, asked: TransactionRequest, now: Millis, fx: &mut Effects) {
        let id = self.transaction_manager.as_ref().map(|known| known.id());
        let id = id.unwrap_or(ProducerIdAndEpoch::NONE);
        let Some(transaction) = &self.transaction else { return };
        let transactional_id = transaction.transactional_id().to_owned();
        let is_version_2 = transaction.is_version_2() == Some(true);
        let (producer_id, producer_epoch) = (id.producer_id, id.epoch);
        let load = |node| self.requests.load(node, Listener::Broker, ApiKey::FindCoordinator, now);
        let (node, request, old_version) = match &asked {
            TransactionRequest::FindTransactionCoordinator => {
                (self.metadata.least_loaded_node(load), find_coordinator(TRANSACTION, transactional_id), None)
            }
            TransactionRequest::FindGroupCoordinator => {
                let group = transaction.pending_offsets().map(|consumed| consumed.group.clone()).unwrap_or_default();
                (self.metadata.least_loaded_node(load), find_coordinator(GROUP, group), None)
            }
            TransactionRequest::InitProducerId => {
                let transaction_timeout_ms = i32::try_from(self.settings.transaction_timeout_ms).unwrap_or(i32::MAX);
                let request = InitProducerIdRequest {
                    transactional_id: Some(transactional_id),
                    transaction_timeout_ms,
                    producer_id,
                    producer_epoch,
                    ..InitProducerIdRequest::default()
                };
                (transaction.coordinator, Request::InitProducerId(request), None)
            }
            TransactionRequest::AddPartitions(partitions) => {
                let request = AddPartitionsToTxnRequest {
                    v3_and_below_transactional_id: transactional_id,
                    v3_and_below_producer_id: producer_id,
                    v3_and_below_producer_epoch: producer_epoch,
                    v3_and_below_topics: by_topic(partitions),
                    ..AddPartitionsToTxnRequest::default()
                };
                let version = version_1::ADD_PARTITIONS_TO_TXN;
                (transaction.coordinator, Request::AddPartitionsToTxn(request), Some(version))
            }
            TransactionRequest::AddOffsets => {
                let group_id = transaction.pending_offsets().map(|consumed| consumed.group.clone()).unwrap_or_default();
                let request = AddOffsetsToTxnRequest { transactional_id, producer_id, producer_epoch, group_id };
                (transaction.coordinator, Request::AddOffsetsToTxn(request), None)
            }
            TransactionRequest::CommitOffsets => {
                let Some(consumed) = transaction.pending_offsets() else { return };
                let request = txn_offset_commit(transactional_id, id, consumed);
                let old_version = (!is_version_2).then_some(version_1::TXN_OFFSET_COMMIT);
                (transaction.group_coordinator, Request::TxnOffsetCommit(request), old_version)
            }
            TransactionRequest::EndTxn { committed } => {
                let committed = *committed;
                let request = EndTxnRequest { transactional_id, producer_id, producer_epoch, committed };
                let old_version = (!is_version_2).then_some(version_1::END_TXN);
                (transaction.coordinator, Request::EndTxn(request), old_version)
            }
        };
        let Some(node) = node else { return };
        let api = request.api();
        if api == ApiKey::FindCoordinator
            && let Some(transaction) = &mut self.transaction
        {
            transaction.looks_for_coordinator();
        }
        let version = old_version.unwrap_or_else(|| api.version());
        let deadline = now.saturating_add(self.settings.request_timeout_ms);
        let context = PendingRequest::Transaction(asked);
        self.requests.send_in_version(fx, (node, Listener::Broker), version, request, deadline, context);
        fx.explain(Explanation::ProducerAsksForTransaction { producer: self.number, api, node });
    }

    /// An answer to such a request.
    pub(super) fn transaction_answered(
        &mut self,
        asked: TransactionRequest,
        response: Response,
        now: Millis,
        fx: &mut Effects,
    ) {
        match (asked, response) {
            (TransactionRequest::FindTransactionCoordinator, Response::FindCoordinator(answer)) => {
                self.found_coordinator(TRANSACTION, &answer, now, fx);
            }
            (TransactionRequest::FindGroupCoordinator, Response::FindCoordinator(answer)) => {
                self.found_coordinator(GROUP, &answer, now, fx);
            }
            (TransactionRequest::InitProducerId, Response::InitProducerId(answer)) => {
                self.initialized(&answer, now, fx);
            }
            (TransactionRequest::AddPartitions(partitions), Response::AddPartitionsToTxn(answer)) => {
                self.partitions_added(partitions, &answer, now, fx);
            }
            (TransactionRequest::AddOffsets, Response::AddOffsetsToTxn(answer)) => match answer.error_code {
                ErrorCode::None => {
                    if let Some(transaction) = &mut self.transaction {
                        transaction.group_added();
                    }
                }
                error => self.transaction_failed(ApiKey::AddOffsetsToTxn, error, now, fx),
            },
            (TransactionRequest::CommitOffsets, Response::TxnOffsetCommit(answer)) => {
                self.offsets_sent(&answer, now, fx);
            }
            (TransactionRequest::EndTxn { committed }, Response::EndTxn(answer)) => {
                self.ended(committed, &answer, now, fx);
            }
            (asked, _) => self.transaction_failed(api_of(&asked), ErrorCode::UnknownServerError, now, fx),
        }
    }

    /// A request for the transaction was not answered.
    pub(super) fn transaction_request_lost(&mut self, asked: &TransactionRequest, now: Millis, fx: &mut Effects) {
        self.transaction_failed(api_of(asked), ErrorCode::NetworkException, now, fx);
    }

    /// The first connection that is ready tells which transactions the cluster has (`maybeUpdateTransactionV2Enabled`).
    pub(super) fn learned_version(&mut self, answer: &ApiVersionsResponse) {
        let level = answer.finalized_features.iter().find(|feature| feature.name == TRANSACTION_VERSION);
        if let Some(transaction) = &mut self.transaction {
            transaction.learned_version(level.is_some_and(|feature| feature.max_version_level >= VERSION_2));
        }
    }

    fn found_coordinator(&mut self, of: i8, answer: &FindCoordinatorResponse, now: Millis, fx: &mut Effects) {
        let Some(found) = answer.coordinators.first() else {
            return self.transaction_failed(ApiKey::FindCoordinator, ErrorCode::UnknownServerError, now, fx);
        };
        if !found.error_code.is_none() {
            return self.transaction_failed(ApiKey::FindCoordinator, found.error_code, now, fx);
        }
        let Some(transaction) = &mut self.transaction else { return };
        match of {
            TRANSACTION => transaction.coordinator = Some(found.node_id),
            _ => transaction.group_coordinator = Some(found.node_id),
        }
        transaction.coordinator_is_ready(found.node_id, now, self.settings.retry_backoff_ms);
        let (producer, name, node) = (self.number, found.key.clone(), found.node_id);
        fx.explain(Explanation::ProducerFoundCoordinator { producer, name, node });
    }

    fn initialized(&mut self, answer: &InitProducerIdResponse, now: Millis, fx: &mut Effects) {
        if !answer.error_code.is_none() {
            return self.transaction_failed(ApiKey::InitProducerId, answer.error_code, now, fx);
        }
        let id = ProducerIdAndEpoch { producer_id: answer.producer_id, epoch: answer.producer_epoch };
        self.renew_id(id, fx);
        if let Some(transaction) = &mut self.transaction {
            transaction.initialized();
        }
        self.note_state(fx);
        let (producer, producer_id, epoch) = (self.number, id.producer_id, id.epoch);
        fx.explain(Explanation::TransactionsInitialized { producer, producer_id, epoch });
    }

    /// The id, or the epoch, is another one: sequence numbers begin at 0.
    fn renew_id(&mut self, id: ProducerIdAndEpoch, fx: &mut Effects) {
        if let Some(known) = &mut self.transaction_manager {
            known.renew(id);
        }
        let (producer, producer_id, epoch) = (self.number, id.producer_id, id.epoch);
        fx.change(Change::ProducerIdAssigned { producer, producer_id, epoch });
    }

    fn partitions_added(
        &mut self,
        asked: Vec<TopicPartition>,
        answer: &AddPartitionsToTxnResponse,
        now: Millis,
        fx: &mut Effects,
    ) {
        let results = answer.results_by_topic_v3_and_below.iter().flat_map(|topic| {
            topic.results_by_partition.iter().map(|result| {
                (TopicPartition::new(topic.name.clone(), result.partition_index), result.partition_error_code)
            })
        });
        let errors: BTreeMap<TopicPartition, ErrorCode> = results.filter(|(_, error)| !error.is_none()).collect();
        let refused = |error: &&ErrorCode| **error != ErrorCode::OperationNotAttempted;
        if let Some(error) = errors.values().find(refused).or_else(|| errors.values().next()) {
            return self.transaction_failed(ApiKey::AddPartitionsToTxn, *error, now, fx);
        }
        let partition_count = i64::try_from(asked.len()).unwrap_or(i64::MAX);
        if let Some(transaction) = &mut self.transaction {
            transaction.added(asked);
        }
        fx.explain(Explanation::PartitionsAddedToTransaction { producer: self.number, partition_count });
    }

    fn offsets_sent(&mut self, answer: &TxnOffsetCommitResponse, now: Millis, fx: &mut Effects) {
        let mut again = BTreeSet::new();
        let mut retried = None;
        for (topic, result) in
            answer.topics.iter().flat_map(|topic| topic.partitions.iter().map(move |one| (topic, one)))
        {
            let error = result.error_code;
            match (error, Failure::of(ApiKey::TxnOffsetCommit, error, false)) {
                (ErrorCode::None, _) => {}
                (_, Failure::Retry | Failure::FindCoordinator) => {
                    again.insert(TopicPartition::new(topic.name.clone(), result.partition_index));
                    retried = Some(error);
                }
                (_, Failure::Abortable | Failure::Fatal) => {
                    return self.transaction_failed(ApiKey::TxnOffsetCommit, error, now, fx);
                }
            }
        }
        let Some(transaction) = &mut self.transaction else { return };
        let group = transaction.pending_offsets().map(|consumed| consumed.group.clone()).unwrap_or_default();
        transaction.offsets_sent(&again);
        match retried {
            Some(error) => self.transaction_failed(ApiKey::TxnOffsetCommit, error, now, fx),
            None => fx.explain(Explanation::OffsetsAwaitTransaction { producer: self.number, group }),
        }
    }

    fn ended(&mut self, committed: bool, answer: &EndTxnResponse, now: Millis, fx: &mut Effects) {
        if !answer.error_code.is_none() {
            return self.transaction_failed(ApiKey::EndTxn, answer.error_code, now, fx);
        }
        let is_version_2 = self.transaction.as_ref().and_then(Transaction::is_version_2) == Some(true);
        if is_version_2 && answer.producer_id >= 0 {
            let id = ProducerIdAndEpoch { producer_id: answer.producer_id, epoch: answer.producer_epoch };
            self.renew_id(id, fx);
        }
        if let Some(transaction) = &mut self.transaction {
            transaction.ended();
        }
        self.note_state(fx);
        fx.explain(Explanation::TransactionEnded { producer: self.number, committed });
    }

    /// A request for the transaction failed.
    fn transaction_failed(&mut self, api: ApiKey, error: ErrorCode, now: Millis, fx: &mut Effects) {
        let (producer, retry_backoff_ms) = (self.number, self.settings.retry_backoff_ms);
        let Some(transaction) = &mut self.transaction else { return };
        let is_aborting = transaction.state() == TransactionManagerState::AbortingTransaction;
        match Failure::of(api, error, is_aborting) {
            failure @ (Failure::Retry | Failure::FindCoordinator) => {
                match failure == Failure::FindCoordinator && api != ApiKey::FindCoordinator {
                    true => transaction.forget_coordinator(api),
                    false => transaction.retry(api, error, now, retry_backoff_ms),
                }
                fx.explain(Explanation::TransactionRequestRetried { producer, api, error });
            }
            Failure::Abortable => self.transaction_is_to_abort(error, false, fx),
            Failure::Fatal => self.transaction_is_over(error, fx),
        }
    }

    /// Nothing can be done with this producer any more: what waits has failed.
    pub(super) fn transaction_is_over(&mut self, error: ErrorCode, fx: &mut Effects) {
        // An old epoch that a coordinator refuses has been taken over by somebody else.
        let error = if error == ErrorCode::InvalidProducerEpoch { ErrorCode::ProducerFenced } else { error };
        let has_changed = self.transaction.as_mut().is_some_and(|transaction| transaction.fail_for_good(error));
        if has_changed {
            self.note_state(fx);
        }
        for unassigned in std::mem::take(&mut self.unassigned) {
            self.give_up_unassigned(unassigned, error, fx);
        }
        for (partition, batch) in self.accumulator.take_all() {
            self.fail(&partition, &batch.deliveries, error, fx);
        }
        fx.replace_explanation(Explanation::ProducerCannotGoOn { producer: self.number, error });
    }

    /// The application could not write a record: its transaction is to abort.
    pub fn cannot_write(&mut self, error: ErrorCode, fx: &mut Effects) {
        self.failed = self.failed.saturating_add(1);
        self.transaction_is_to_abort(error, false, fx);
    }

    /// A batch, or a request, failed in a way that leaves nothing but to abort.
    pub(super) fn transaction_is_to_abort(&mut self, error: ErrorCode, bumps_epoch: bool, fx: &mut Effects) {
        let Some(transaction) = &mut self.transaction else { return };
        if transaction.fail(error, bumps_epoch) {
            self.note_state(fx);
            fx.replace_explanation(Explanation::TransactionIsToAbort { producer: self.number, error });
        }
    }
}

fn api_of(asked: &TransactionRequest) -> ApiKey {
    match asked {
        TransactionRequest::FindTransactionCoordinator | TransactionRequest::FindGroupCoordinator => {
            ApiKey::FindCoordinator
        }
        TransactionRequest::InitProducerId => ApiKey::InitProducerId,
        TransactionRequest::AddPartitions(_) => ApiKey::AddPartitionsToTxn,
        TransactionRequest::AddOffsets => ApiKey::AddOffsetsToTxn,
        TransactionRequest::CommitOffsets => ApiKey::TxnOffsetCommit,
        TransactionRequest::EndTxn { .. } => ApiKey::EndTxn,
    }
}

fn find_coordinator(key_type: i8, key: String) -> Request {
    let coordinator_keys = vec![key];
    Request::FindCoordinator(FindCoordinatorRequest { key_type, coordinator_keys, ..FindCoordinatorRequest::default() })
}

fn by_topic(partitions: &[TopicPartition]) -> Vec<AddPartitionsToTxnTopic> {
    let mut topics: Vec<AddPartitionsToTxnTopic> = Vec::new();
    for partition in partitions {
        match topics.last_mut().filter(|topic| topic.name == partition.topic) {
            Some(topic) => topic.partitions.push(partition.partition),
            None => topics
                .push(AddPartitionsToTxnTopic { name: partition.topic.clone(), partitions: vec![partition.partition] }),
        }
    }
    topics
}

fn txn_offset_commit(
    transactional_id: String,
    id: ProducerIdAndEpoch,
    consumed: &ConsumedOffsets,
) -> TxnOffsetCommitRequest {
    let mut topics: Vec<TxnOffsetCommitRequestTopic> = Vec::new();
    for (partition, offset, leader_epoch) in &consumed.offsets {
        let one = TxnOffsetCommitRequestPartition {
            partition_index: partition.partition,
            committed_offset: *offset,
            committed_leader_epoch: *leader_epoch,
            committed_metadata: Some(String::new()),
        };
        match topics.last_mut().filter(|topic| topic.name == partition.topic) {
            Some(topic) => topic.partitions.push(one),
            None => topics.push(TxnOffsetCommitRequestTopic { name: partition.topic.clone(), partitions: vec![one] }),
        }
    }
    TxnOffsetCommitRequest {
        transactional_id,
        group_id: consumed.group.clone(),
        producer_id: id.producer_id,
        producer_epoch: id.epoch,
        generation_id: consumed.generation,
        member_id: consumed.member_id.clone(),
        group_instance_id: consumed.group_instance_id.clone(),
        topics,
    }
}
