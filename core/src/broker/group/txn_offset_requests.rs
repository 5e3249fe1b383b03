//! `TxnOffsetCommit` before its coordinators take it (`KafkaApis.handleTxnOffsetCommitRequest`), and the append of what it
//! commits.

use super::txn_offsets::same_for_all;
use super::{GroupCoordinator, KnownCluster};
use crate::authorizer::{AclOperation, ResourceType};
use crate::broker::purgatory::ProduceOrigin;
use crate::broker::topic_results;
use crate::broker::transaction::verification::{
    TransactionSupportedOperation, Verification, Verified, VerifiedOperation,
};
use crate::broker::{Broker, Context};
use crate::effects::RequestContext;
use crate::explain::Explanation;
use crate::wire::transaction::{
    TxnOffsetCommitRequest, TxnOffsetCommitRequestTopic, TxnOffsetCommitResponse, TxnOffsetCommitResponsePartition,
    TxnOffsetCommitResponseTopic,
};
use crate::wire::{ErrorCode, Response};

/// From this version on a producer bears COORDINATOR_LOAD_IN_PROGRESS (KAFKA-7296).
const FIRST_VERSION_WITH_LOADING: i16 = 2;

/// Why a verification failed, in words that a client that commits offsets knows
/// (`CoordinatorOperationExceptionHelper.handleOperationException`).
fn verification_error(error: ErrorCode) -> ErrorCode {
    match error {
        // It tries again without looking for the coordinator anew.
        ErrorCode::NetworkException => ErrorCode::CoordinatorLoadInProgress,
        other => super::state::append_error(other),
    }
}

impl Broker {
    /// `TxnOffsetCommit`.
    #[inline(never)]
    pub(in crate::broker) fn txn_offset_commit(
        &mut self,
        cx: &mut Context,
        request_context: RequestContext,
        request: TxnOffsetCommitRequest,
    ) {
        let requester = self.requester(&request_context);
        let id = &request.transactional_id;
        let error = if !requester.may(AclOperation::Write, ResourceType::TransactionalId, id) {
            ErrorCode::TransactionalIdAuthorizationFailed
        } else if !requester.may(AclOperation::Read, ResourceType::Group, &request.group_id) {
            ErrorCode::GroupAuthorizationFailed
        } else {
            ErrorCode::None
        };
        if !error.is_none() {
            let response = Response::TxnOffsetCommit(same_for_all(&request, error));
            return self.refuse(cx, &request_context, response, error);
        }
        let mut refused = TxnOffsetCommitResponse::default();
        let mut topics = Vec::new();
        for topic in &request.topics {
            let may_read = requester.may_topic(AclOperation::Read, &topic.name);
            // A topic that nobody knows, or that may not be read, is in the answer even where nothing of it was named.
            if !may_read || !self.image.topic_ids.contains_key(&topic.name) {
                let nothing = TxnOffsetCommitResponseTopic { name: topic.name.clone(), partitions: Vec::new() };
                topic_results::add(&mut refused.topics, nothing);
            }
            let mut known = Vec::new();
            for partition in &topic.partitions {
                let error_code = if !may_read {
                    ErrorCode::TopicAuthorizationFailed
                } else if self.image.partition(&topic.name, partition.partition_index).is_none() {
                    ErrorCode::UnknownTopicOrPartition
                } else {
                    known.push(partition.clone());
                    continue;
                };
                let partition_index = partition.partition_index;
                let result = TxnOffsetCommitResponsePartition { partition_index, error_code };
                let results = TxnOffsetCommitResponseTopic { name: topic.name.clone(), partitions: vec![result] };
                topic_results::add(&mut refused.topics, results);
            }
            if !known.is_empty() {
                topics.push(TxnOffsetCommitRequestTopic { name: topic.name.clone(), partitions: known });
            }
        }
        if topics.is_empty() {
            return self.reply(cx, &request_context, Response::TxnOffsetCommit(refused));
        }
        if !refused.topics.is_empty() {
            self.hold_refused(&request_context, Response::TxnOffsetCommit(refused));
        }
        let request = TxnOffsetCommitRequest { topics, ..request };
        if request.group_id.is_empty() {
            let error = ErrorCode::InvalidGroupId;
            return self.refuse(cx, &request_context, Response::TxnOffsetCommit(same_for_all(&request, error)), error);
        }
        let state_partition = self.offsets_partition(&request.group_id);
        let supported = TransactionSupportedOperation::of_txn_offset_commit(request_context.version);
        let verification = Verification {
            request_context,
            transactional_id: request.transactional_id.clone(),
            producer_id: request.producer_id,
            producer_epoch: request.producer_epoch,
            supported,
            started_ms: cx.now,
            verified: Verified::default(),
            operation: VerifiedOperation::TxnOffsetCommit(request),
        };
        self.verify_offsets(cx, verification, &state_partition);
    }

    /// The transaction's coordinator has said whether the group's offsets belong to it.
    pub(in crate::broker) fn commit_txn_offsets(
        &mut self,
        cx: &mut Context,
        request_context: RequestContext,
        request: &TxnOffsetCommitRequest,
        verification: ErrorCode,
    ) {
        if !verification.is_none() {
            let error = match verification_error(verification) {
                ErrorCode::CoordinatorLoadInProgress if request_context.version < FIRST_VERSION_WITH_LOADING => {
                    ErrorCode::CoordinatorNotAvailable
                }
                error => error,
            };
            return self.reply(cx, &request_context, Response::TxnOffsetCommit(same_for_all(request, error)));
        }
        let state_partition = GroupCoordinator::partition_for(&request.group_id, self.coordinator_partitions.offsets);
        let known = KnownCluster {
            node: self.id,
            partitions: self.coordinator_partitions.offsets,
            settings: &self.settings,
            image: &self.image,
        };
        let may_wait = self.answer_may_wait(cx, &request_context, &[&request.group_id]);
        let batch = self.groups.commit_txn_offsets(&request_context, request, state_partition, &known, cx.now, cx.fx);
        if let Some(answer) = may_wait.filter(|_| batch.is_none()) {
            self.hold_back_answer(cx, answer);
        }
        if let Some(batch) = batch {
            cx.fx.explain(Explanation::CoordinatorAppendsTxnOffsets {
                node: self.id,
                group: request.group_id.clone(),
                transactional_id: request.transactional_id.clone(),
            });
            let partition = self.append_as_group_coordinator(cx, batch.partition, batch.batch);
            self.wait_for_replicas(
                cx,
                ProduceOrigin::TxnOffsets(batch.id),
                self.group_write_timeout_ms(),
                vec![partition],
            );
        }
    }
}
