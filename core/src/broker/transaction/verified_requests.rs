//! Requests that wait for a transaction coordinator's word: transactional batches of a Produce, and offsets that are committed
//! with a transaction (`ReplicaManager.handleProduceAppend`, `CoordinatorRuntime.scheduleTransactionalWriteOperation`).

use super::state_log::REQUEST_TIMEOUT_MS;
use super::verification::{TransactionSupportedOperation, Verification, Verified, VerifiedOperation, coordinator_of};
use crate::broker::log_validator::{Refusal, named_once};
use crate::broker::{Broker, Context, PendingRequest};
use crate::effects::{BrokerTimer, RequestContext};
use crate::explain::Explanation;
use crate::wire::ids::TopicIdPartition;
use crate::wire::record_json::PartitionRecords;
use crate::wire::replication::ProduceRequest;
use crate::wire::transaction::AddPartitionsToTxnResponse;
use crate::wire::{ErrorCode, Request, Response, TopicPartition};

/// The setting that lets leaders ask.
const VERIFICATION_ENABLE: &str = "transaction.partition.verification.enable";
/// From this version on a produce request names topics by id.
const FIRST_PRODUCE_VERSION_WITH_TOPIC_IDS: i16 = 13;

/// A transactional batch of a Produce.
struct TransactionalBatch {
    id: TopicIdPartition,
    partition: TopicPartition,
    producer_id: i64,
    producer_epoch: i16,
    base_sequence: i32,
}

/// Whether a Produce carries transactional batches (`RequestUtils.hasTransactionalRecords`).
pub(in crate::broker) fn has_transactional_records(request: &ProduceRequest) -> bool {
    let mut data = request.topic_data.iter().flat_map(|topic| &topic.partition_data);
    data.any(|data| data.records.as_ref().is_some_and(PartitionRecords::is_transactional))
}

/// What a client is told of a partition that the coordinator does not confirm.
pub(in crate::broker) fn refusal_of(error: ErrorCode, version: i16) -> Refusal {
    let bumps = TransactionSupportedOperation::of_produce(version).supports_epoch_bump();
    let retried = |error: ErrorCode| Refusal {
        message: Some(format!(
            "Unable to verify the partition has been added to the transaction. Underlying error: {error}"
        )),
        // Older clients try again, and do not ask for metadata.
        ..Refusal::early(ErrorCode::NotEnoughReplicas)
    };
    match error {
        ErrorCode::InvalidTxnState => {
            Refusal { message: Some("Partition was not added to the transaction".to_owned()), ..Refusal::early(error) }
        }
        ErrorCode::NetworkException
        | ErrorCode::CoordinatorLoadInProgress
        | ErrorCode::CoordinatorNotAvailable
        | ErrorCode::NotCoordinator => retried(error),
        ErrorCode::ConcurrentTransactions if !bumps => retried(error),
        other => Refusal::early(other),
    }
}

impl Broker {
    /// Asks the coordinator about the transactional batches of a Produce. Gives it back where nothing has to be asked, with
    /// what is known then; else it waits, or is answered.
    pub(in crate::broker) fn verify_produce(
        &mut self,
        cx: &mut Context,
        request_context: RequestContext,
        request: ProduceRequest,
    ) -> Option<(RequestContext, ProduceRequest, Verified)> {
        if !has_transactional_records(&request) {
            return Some((request_context, request, Verified::default()));
        }
        let Some(transactional_id) = request.transactional_id.clone() else {
            self.refuse_produce(cx, &request_context, &request, ErrorCode::TransactionalIdAuthorizationFailed, None);
            return None;
        };
        let batches = self.transactional_batches(cx, &request_context, &request);
        let Some(first) = batches.first() else { return Some((request_context, request, Verified::default())) };
        let (producer_id, producer_epoch) = (first.producer_id, first.producer_epoch);
        if batches.iter().any(|batch| (batch.producer_id, batch.producer_epoch) != (producer_id, producer_epoch)) {
            let words = "Transactional records contained more than one producer ID";
            self.refuse_produce(cx, &request_context, &request, ErrorCode::InvalidProducerIdMapping, Some(words));
            return None;
        }
        let supported = TransactionSupportedOperation::of_produce(request_context.version);
        let verification = Verification {
            request_context,
            transactional_id,
            producer_id,
            producer_epoch,
            supported,
            started_ms: cx.now,
            verified: Verified::default(),
            operation: VerifiedOperation::Produce(request),
        };
        let verification = self.start_verification(cx, verification, &batches)?;
        match verification.operation {
            VerifiedOperation::Produce(request) => Some((verification.request_context, request, verification.verified)),
            VerifiedOperation::TxnOffsetCommit(_) => None,
        }
    }

    fn refuse_produce(
        &self,
        cx: &mut Context,
        request_context: &RequestContext,
        request: &ProduceRequest,
        error: ErrorCode,
        words: Option<&str>,
    ) {
        if request.acks == 0 {
            return cx.fx.close(request_context);
        }
        self.refuse(cx, request_context, Response::Produce(request.error_response(error, words)), error);
    }

    /// The transactional batches of a Produce that get as far as the log.
    fn transactional_batches(
        &self,
        cx: &Context,
        request_context: &RequestContext,
        request: &ProduceRequest,
    ) -> Vec<TransactionalBatch> {
        let mut batches = Vec::new();
        for topic in &request.topic_data {
            let topic_id = match request_context.version {
                FIRST_PRODUCE_VERSION_WITH_TOPIC_IDS.. => topic.topic_id,
                _ => self.image.topic_ids.get(&topic.name).copied().unwrap_or_default(),
            };
            let Some(known) = self.image.topics.get(&topic_id) else { continue };
            for data in named_once(topic.partition_data.clone(), request_context.version, cx.now) {
                let exists = known.partitions.contains_key(&data.index);
                let Some(batch) = data.well_formed.map(|produced| produced.batch).filter(|_| exists) else { continue };
                if batch.is_transactional && batch.producer_id >= 0 {
                    batches.push(TransactionalBatch {
                        id: TopicIdPartition { topic_id, partition: data.index },
                        partition: TopicPartition::new(known.name.clone(), data.index),
                        producer_id: batch.producer_id,
                        producer_epoch: batch.producer_epoch,
                        base_sequence: batch.base_sequence,
                    });
                }
            }
        }
        batches
    }

    /// Begins to ask about partitions (`maybeSendPartitionsToTransactionCoordinator`). Gives it back where nothing has to be
    /// asked.
    fn start_verification(
        &mut self,
        cx: &mut Context,
        mut verification: Verification,
        batches: &[TransactionalBatch],
    ) -> Option<Verification> {
        let bumps = verification.supported.supports_epoch_bump();
        if !bumps && !self.verifies_transactions() {
            return Some(verification);
        }
        verification.verified = Verified::default();
        for batch in batches {
            let leads = self.partitions.get(&batch.id).is_some_and(|partition| partition.is_leader());
            self.remove_expired_producers(cx, &batch.id);
            let log = cx.disk.log_mut(&batch.id).filter(|_| leads);
            let partition = batch.partition.clone();
            let Some(log) = log else {
                let is_hosted = self.partitions.contains_key(&batch.id);
                let error = if is_hosted { ErrorCode::NotLeaderOrFollower } else { self.not_hosted_error(&batch.id) };
                verification.verified.errors.insert(partition, error);
                continue;
            };
            let (producer, epoch) = (verification.producer_id, verification.producer_epoch);
            // Who is fenced here already does not get as far as the coordinator (`maybeStartTransactionVerification`).
            if log.producer_state().has_newer_epoch(producer, epoch) {
                verification.verified.errors.insert(partition, ErrorCode::InvalidProducerEpoch);
                continue;
            }
            let guard = log.start_transaction_verification(producer, batch.base_sequence, epoch, bumps, cx.now);
            if let Some(guard) = guard {
                verification.verified.guards.insert(partition, guard);
            }
        }
        if verification.verified.guards.is_empty() {
            return Some(verification);
        }
        cx.fx.explain(Explanation::LeaderVerifiesTransaction {
            node: self.id,
            transactional_id: verification.transactional_id.clone(),
        });
        let mut coordinator = None;
        self.with_transactions(cx, |_, cx| coordinator = coordinator_of(&verification.transactional_id, cx));
        match coordinator {
            Some(coordinator) => {
                let answered = self.transactions.verification.enqueue(coordinator, verification);
                answered.into_iter().for_each(|each| self.verification_done(cx, each));
                self.send_verifications(cx);
            }
            None => {
                verification.fail(ErrorCode::CoordinatorNotAvailable);
                self.verification_done(cx, verification);
            }
        }
        None
    }

    fn not_hosted_error(&self, id: &TopicIdPartition) -> ErrorCode {
        let exists =
            self.image.topics.get(&id.topic_id).is_some_and(|topic| topic.partitions.contains_key(&id.partition));
        if exists { ErrorCode::NotLeaderOrFollower } else { ErrorCode::UnknownTopicOrPartition }
    }

    fn send_verifications(&mut self, cx: &mut Context) {
        for (node, request, verifications) in self.transactions.verification.take_requests() {
            let request = Request::AddPartitionsToTxn(request);
            self.send_to_broker(cx, node, request, PendingRequest::AddPartitionsToTxn(verifications));
        }
    }

    /// A coordinator answered.
    pub(in crate::broker) fn verifications_answered(
        &mut self,
        cx: &mut Context,
        node: i32,
        verifications: Vec<Verification>,
        answer: &AddPartitionsToTxnResponse,
    ) {
        self.transactions.verification.is_free(node);
        for mut verification in verifications {
            verification.answered(answer);
            self.verification_done(cx, verification);
        }
        self.send_verifications(cx);
    }

    /// A coordinator did not answer.
    pub(in crate::broker) fn verifications_unanswered(
        &mut self,
        cx: &mut Context,
        node: i32,
        verifications: Vec<Verification>,
    ) {
        self.transactions.verification.is_free(node);
        for mut verification in verifications {
            verification.fail(ErrorCode::NetworkException);
            self.verification_done(cx, verification);
        }
        self.send_verifications(cx);
    }

    /// Goes on with what waited. While the transaction before ends, a leader that lets partitions in asks again.
    fn verification_done(&mut self, cx: &mut Context, verification: Verification) {
        let is_concurrent =
            verification.verified.errors.values().any(|error| *error == ErrorCode::ConcurrentTransactions);
        let retry_max_ms = self.settings.add_partitions_to_txn_retry_backoff_max_ms.min(REQUEST_TIMEOUT_MS);
        let waited_ms = cx.now.saturating_sub(verification.started_ms);
        let Verification { request_context, verified, operation, supported, .. } = &verification;
        match operation {
            VerifiedOperation::Produce(_)
                if is_concurrent && supported.supports_epoch_bump() && waited_ms < retry_max_ms =>
            {
                let number = self.transactions.verification.retry_later(verification);
                let at = cx.now.saturating_add(self.settings.add_partitions_to_txn_retry_backoff_ms.max(1));
                cx.fx.set_timer(BrokerTimer::AddPartitionsToTxnRetry(number), at);
            }
            VerifiedOperation::Produce(request) => {
                self.append_produced(cx, request_context.clone(), request.clone(), verified);
            }
            VerifiedOperation::TxnOffsetCommit(request) => {
                let error = verified.errors.values().next().copied().unwrap_or_default();
                self.commit_txn_offsets(cx, request_context.clone(), request, error);
            }
        }
    }

    /// It is time to ask again.
    #[inline(never)]
    pub(in crate::broker) fn verify_again(&mut self, cx: &mut Context, number: u64) {
        let Some(verification) = self.transactions.verification.take_retry(number) else { return };
        let batches = match &verification.operation {
            VerifiedOperation::Produce(request) => {
                self.transactional_batches(cx, &verification.request_context, request)
            }
            VerifiedOperation::TxnOffsetCommit(_) => Vec::new(),
        };
        if let Some(verification) = self.start_verification(cx, verification, &batches) {
            self.verification_done(cx, verification);
        }
    }

    /// Asks the coordinator whether a group's offsets belong to a transaction. Gives it back where nothing has to be asked.
    pub(in crate::broker) fn verify_offsets(
        &mut self,
        cx: &mut Context,
        verification: Verification,
        partition: &TopicPartition,
    ) {
        let topic_id = self.image.topic_ids.get(&partition.topic).copied().unwrap_or_default();
        let batch = TransactionalBatch {
            id: TopicIdPartition { topic_id, partition: partition.partition },
            partition: partition.clone(),
            producer_id: verification.producer_id,
            producer_epoch: verification.producer_epoch,
            base_sequence: -1,
        };
        if let Some(verification) = self.start_verification(cx, verification, &[batch]) {
            self.verification_done(cx, verification);
        }
    }

    /// `transaction.partition.verification.enable`, which may change while the broker runs.
    pub(in crate::broker) fn verifies_transactions(&self) -> bool {
        match self.image.broker_config(self.id, VERIFICATION_ENABLE) {
            Some(value) => value == "true",
            None => self.settings.transaction_partition_verification_enable,
        }
    }
}
