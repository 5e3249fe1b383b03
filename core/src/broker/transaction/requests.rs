//! Requests about producer ids and transactions, before the coordinator takes them (`KafkaApis`), and what a broker does with
//! what the coordinator wants done.

use super::add_partitions::{
    AddPartitionsReply, Checked, FIRST_BATCHED_VERSION, partitions_of, result_of_each, same_for_all,
};
use super::markers::MarkerEntry;
use super::state::TransactionVersion;
use super::{TransactionContext, TransactionCoordinator};
use crate::authorizer::{AclOperation, ResourceType};
use crate::broker::group::GroupCoordinator;
use crate::broker::metadata_cache::OFFSETS_TOPIC;
use crate::broker::purgatory::ProduceOrigin;
use crate::broker::{Broker, Context, PendingRequest, forwarding};
use crate::change::{Change, is_internal};
use crate::effects::{BrokerTimer, RequestContext};
use crate::sim::Millis;
use crate::wire::transaction::*;
use crate::wire::{ErrorCode, Request, Response, Topic, TopicPartition};

/// How long a leader is waited for that was sent markers: `request.timeout.ms`, and a little. The leader gives its followers as
/// long, and its answer comes first, partition by partition: what waits for it looks for late answers only when it is woken.
const MARKERS_TIMEOUT_MS: Millis = forwarding::TIMEOUT_MS + 100;

/// What a producer says it has: an id needs an epoch, and an epoch an id.
fn is_half_known(request: &InitProducerIdRequest) -> bool {
    (request.producer_id == -1) != (request.producer_epoch == -1)
}

impl Broker {
    /// Hands a request to the transaction coordinator.
    #[inline(never)]
    pub(in crate::broker) fn transaction_request(
        &mut self,
        cx: &mut Context,
        request_context: RequestContext,
        request: Request,
    ) {
        match request {
            Request::InitProducerId(request) => self.init_producer_id(cx, request_context, &request),
            Request::AddPartitionsToTxn(request) => self.add_partitions_to_txn(cx, request_context, request),
            Request::AddOffsetsToTxn(request) => self.add_offsets_to_txn(cx, request_context, &request),
            Request::EndTxn(request) => {
                let error = ErrorCode::TransactionalIdAuthorizationFailed;
                if self.may_write(&request_context, &request.transactional_id) {
                    self.with_transactions(cx, |transactions, cx| transactions.end_txn(request_context, &request, cx));
                } else {
                    let response = EndTxnResponse { error_code: error, ..EndTxnResponse::default() };
                    self.refuse(cx, &request_context, Response::EndTxn(response), error);
                }
            }
            Request::TxnOffsetCommit(request) => self.txn_offset_commit(cx, request_context, request),
            Request::WriteTxnMarkers(request) => {
                let requester = self.requester(&request_context);
                let may =
                    requester.may_cluster(AclOperation::Alter) || requester.may_cluster(AclOperation::ClusterAction);
                if may {
                    self.write_txn_markers(cx, request_context, &request);
                } else {
                    let response = refused_markers(&request, ErrorCode::ClusterAuthorizationFailed);
                    let response = Response::WriteTxnMarkers(response);
                    self.refuse(cx, &request_context, response, ErrorCode::ClusterAuthorizationFailed);
                }
            }
            Request::DescribeTransactions(request) => self.describe_transactions(cx, &request_context, &request),
            Request::ListTransactions(request) => {
                let requester = self.requester(&request_context);
                let mut response = ListTransactionsResponse::default();
                self.with_transactions(cx, |transactions, cx| response = transactions.list(&request, cx));
                response.transaction_states.retain(|listed| {
                    let id = &listed.transactional_id;
                    requester.may(AclOperation::Describe, ResourceType::TransactionalId, id)
                });
                self.reply(cx, &request_context, Response::ListTransactions(response));
            }
            // Not a request about transactions: the broker's mistake, which the requester must not wait for.
            _ => cx.fx.close(&request_context),
        }
    }

    fn may_write(&self, request_context: &RequestContext, transactional_id: &str) -> bool {
        let requester = self.requester(request_context);
        requester.may(AclOperation::Write, ResourceType::TransactionalId, transactional_id)
    }

    /// Answers what who asks may not do.
    pub(in crate::broker) fn refuse(
        &self,
        cx: &mut Context,
        request_context: &RequestContext,
        response: Response,
        error: ErrorCode,
    ) {
        let (api, to) = (request_context.api, request_context.from.actor());
        cx.fx.change(Change::Refused { node: self.id, api, to, error });
        self.reply(cx, request_context, response);
    }

    /// `InitProducerId`. Who has no transactional id gets an id of this broker's block.
    fn init_producer_id(&mut self, cx: &mut Context, request_context: RequestContext, request: &InitProducerIdRequest) {
        let refused = |error_code: ErrorCode| {
            Response::InitProducerId(InitProducerIdResponse { error_code, ..InitProducerIdResponse::default() })
        };
        if let Some(error) = self.init_producer_id_refusal(&request_context, request) {
            return self.refuse(cx, &request_context, refused(error), error);
        }
        if is_half_known(request) {
            return self.reply(cx, &request_context, refused(ErrorCode::InvalidRequest));
        }
        if let Some(transactional_id) = &request.transactional_id {
            return self.with_transactions(cx, |transactions, cx| {
                transactions.init_producer_id(request_context, transactional_id, request, cx);
            });
        }
        let answer = match self.transactions.producer_ids.generate_producer_id(cx.now) {
            Ok(producer_id) => Response::InitProducerId(InitProducerIdResponse {
                producer_id,
                producer_epoch: 0,
                ..InitProducerIdResponse::default()
            }),
            Err(error) => refused(error),
        };
        self.reply(cx, &request_context, answer);
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

    /// `AddPartitionsToTxn`. One partition that is refused refuses all of its transaction.
    #[inline(never)]
    fn add_partitions_to_txn(
        &mut self,
        cx: &mut Context,
        request_context: RequestContext,
        request: AddPartitionsToTxnRequest,
    ) {
        let requester = self.requester(&request_context);
        let of_broker = request_context.version >= FIRST_BATCHED_VERSION;
        if of_broker && !requester.may_cluster(AclOperation::ClusterAction) {
            let error_code = ErrorCode::ClusterAuthorizationFailed;
            let response = AddPartitionsToTxnResponse { error_code, ..AddPartitionsToTxnResponse::default() };
            return self.refuse(cx, &request_context, Response::AddPartitionsToTxn(response), error_code);
        }
        let transactions = match of_broker {
            true => request.transactions,
            false => vec![AddPartitionsToTxnTransaction {
                transactional_id: request.v3_and_below_transactional_id,
                producer_id: request.v3_and_below_producer_id,
                producer_epoch: request.v3_and_below_producer_epoch,
                verify_only: false,
                topics: request.v3_and_below_topics,
            }],
        };
        let mut checked = Vec::with_capacity(transactions.len());
        for named in &transactions {
            // Of one that is named twice the last naming says its partitions (`partitionsByTransaction`), and the first one which
            // of them a result is given for that is the same for all (`errorResponseForTransaction`).
            let same = |other: &&AddPartitionsToTxnTransaction| other.transactional_id == named.transactional_id;
            let partitions = partitions_of(transactions.iter().rev().find(same).unwrap_or(named));
            let topics = transactions.iter().find(same).unwrap_or(named).topics.clone();
            let transaction = AddPartitionsToTxnTransaction { topics, ..named.clone() };
            if !of_broker && !self.may_write(&request_context, &transaction.transactional_id) {
                let error = ErrorCode::TransactionalIdAuthorizationFailed;
                checked.push(Checked::Refused(same_for_all(&transaction, error)));
                continue;
            }
            let may_write =
                |topic: &Topic| of_broker || (!is_internal(topic) && requester.may_topic(AclOperation::Write, topic));
            let mut is_whole = true;
            let results = partitions.iter().cloned().map(|partition| {
                let error = if !may_write(&partition.topic) {
                    ErrorCode::TopicAuthorizationFailed
                } else if self.image.partition(&partition.topic, partition.partition).is_none() {
                    ErrorCode::UnknownTopicOrPartition
                } else {
                    ErrorCode::OperationNotAttempted
                };
                is_whole &= error == ErrorCode::OperationNotAttempted;
                (partition, error)
            });
            let results = result_of_each(&transaction.transactional_id, results.collect());
            checked.push(match is_whole {
                true => Checked::Whole { transaction, partitions },
                false => Checked::Refused(results),
            });
        }
        let request = self.transactions.begin_add_partitions(request_context, checked.len());
        for transaction in checked {
            // An append that needs no other replica is committed before the next transaction is looked at
            // (`ReplicaManager.appendRecords`).
            self.with_transactions(cx, |transactions, cx| transactions.add_partitions_of(request, transaction, cx));
        }
    }

    /// `AddOffsetsToTxn`: the group's partition of `__consumer_offsets` comes into the transaction.
    #[inline(never)]
    fn add_offsets_to_txn(
        &mut self,
        cx: &mut Context,
        request_context: RequestContext,
        request: &AddOffsetsToTxnRequest,
    ) {
        let requester = self.requester(&request_context);
        let error = if !self.may_write(&request_context, &request.transactional_id) {
            ErrorCode::TransactionalIdAuthorizationFailed
        } else if !requester.may(AclOperation::Read, ResourceType::Group, &request.group_id) {
            ErrorCode::GroupAuthorizationFailed
        } else {
            ErrorCode::None
        };
        if !error.is_none() {
            let response = AddOffsetsToTxnResponse { error_code: error, ..AddOffsetsToTxnResponse::default() };
            return self.refuse(cx, &request_context, Response::AddOffsetsToTxn(response), error);
        }
        let partitions = [self.offsets_partition(&request.group_id)];
        let producer = (request.producer_id, request.producer_epoch);
        self.with_transactions(cx, |transactions, cx| {
            let reply = AddPartitionsReply::Offsets(request_context);
            let version = TransactionVersion::Tv0;
            transactions.add_partitions(&request.transactional_id, producer, &partitions, version, reply, cx);
        });
    }

    /// The partition of `__consumer_offsets` that keeps a group.
    pub(in crate::broker) fn offsets_partition(&self, group: &str) -> TopicPartition {
        let index = GroupCoordinator::partition_for(group, self.coordinator_partitions.offsets);
        TopicPartition::new(OFFSETS_TOPIC, index)
    }

    /// `DescribeTransactions`, with those topics only that who asks may describe.
    #[inline(never)]
    fn describe_transactions(
        &mut self,
        cx: &mut Context,
        request_context: &RequestContext,
        request: &DescribeTransactionsRequest,
    ) {
        let requester = self.requester(request_context);
        let mut transaction_states = Vec::with_capacity(request.transactional_ids.len());
        for id in &request.transactional_ids {
            let mut described = DescribedTransaction {
                error_code: ErrorCode::TransactionalIdAuthorizationFailed,
                transactional_id: id.clone(),
                ..DescribedTransaction::default()
            };
            if requester.may(AclOperation::Describe, ResourceType::TransactionalId, id) {
                self.with_transactions(cx, |transactions, cx| described = transactions.describe(id, cx));
            }
            described.topics.retain(|topic| requester.may_topic(AclOperation::Describe, &topic.topic));
            transaction_states.push(described);
        }
        let response = DescribeTransactionsResponse { transaction_states, ..DescribeTransactionsResponse::default() };
        self.reply(cx, request_context, Response::DescribeTransactions(response));
    }

    /// Lets the coordinator work, and does what it wants done.
    pub(in crate::broker) fn with_transactions(
        &mut self,
        cx: &mut Context,
        work: impl FnOnce(&mut TransactionCoordinator, &mut TransactionContext),
    ) {
        let (settings, image) = (self.settings.clone(), self.image.clone());
        let mut surroundings = TransactionContext {
            node: self.id,
            now: cx.now,
            partitions: self.coordinator_partitions.transaction_state,
            settings: &settings,
            image: &image,
            fx: cx.fx,
            appends: Vec::new(),
        };
        work(&mut self.transactions, &mut surroundings);
        self.transactions.arm_timers(&mut surroundings);
        for append in surroundings.appends {
            // As `acks=all` does.
            let partition = self.append_as_transaction_coordinator(cx, append.partition, append.batch);
            let origin = ProduceOrigin::TransactionState(append.id);
            self.wait_for_replicas(cx, origin, append.timeout_ms, vec![partition]);
        }
        self.send_markers(cx);
        self.maybe_request_producer_ids(cx);
    }

    fn send_markers(&mut self, cx: &mut Context) {
        for (broker, request, entries) in self.transactions.take_marker_requests() {
            let request = Request::WriteTxnMarkers(request);
            let pending = PendingRequest::WriteTxnMarkers(entries);
            self.send_to_broker_for(cx, broker, request, MARKERS_TIMEOUT_MS, pending);
        }
    }

    /// Leaders answered which markers they have written.
    pub(in crate::broker) fn markers_answered(
        &mut self,
        cx: &mut Context,
        broker: i32,
        entries: Vec<MarkerEntry>,
        answer: &WriteTxnMarkersResponse,
    ) {
        self.with_transactions(cx, |transactions, cx| transactions.markers_answered(broker, entries, answer, cx));
    }

    /// A leader did not answer.
    pub(in crate::broker) fn markers_unanswered(&mut self, cx: &mut Context, broker: i32, entries: Vec<MarkerEntry>) {
        self.with_transactions(cx, |transactions, cx| transactions.markers_unanswered(broker, entries, cx));
    }

    /// A timer of the transaction coordinator's fired.
    #[inline(never)]
    pub(in crate::broker) fn transaction_timer(&mut self, cx: &mut Context, timer: &BrokerTimer) {
        match timer {
            BrokerTimer::TransactionAbort => self.with_transactions(cx, TransactionCoordinator::abort_timed_out),
            BrokerTimer::TransactionalIdExpiration => {
                self.with_transactions(cx, TransactionCoordinator::remove_expired_ids);
            }
            BrokerTimer::TransactionMarkers => self.with_transactions(cx, TransactionCoordinator::retry_markers),
            _ => {}
        }
    }

    /// Asks the controller for a block of producer ids, if one is wanted.
    pub(in crate::broker) fn maybe_request_producer_ids(&mut self, cx: &mut Context) {
        if !self.transactions.producer_ids.take_block_request() {
            return;
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
        Self::ask_controller_later(cx);
    }
}

/// One error for every partition (`WriteTxnMarkersRequest.getErrorResponse`).
fn refused_markers(request: &WriteTxnMarkersRequest, error_code: ErrorCode) -> WriteTxnMarkersResponse {
    let topic = |topic: &WritableTxnMarkerTopic| WritableTxnMarkerTopicResult {
        name: topic.name.clone(),
        partitions: topic
            .partition_indexes
            .iter()
            .map(|index| WritableTxnMarkerPartitionResult { partition_index: *index, error_code })
            .collect(),
    };
    let markers = request.markers.iter().map(|marker| WritableTxnMarkerResult {
        producer_id: marker.producer_id,
        topics: marker.topics.iter().map(topic).collect(),
    });
    WriteTxnMarkersResponse { markers: markers.collect() }
}
