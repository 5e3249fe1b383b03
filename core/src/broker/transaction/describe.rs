//! `DescribeTransactions` and `ListTransactions` at the coordinator.

use super::metadata::TransactionMetadata;
use super::records::by_topic;
use super::state::TransactionState;
use super::{TransactionContext, TransactionCoordinator};
use crate::pattern::Pattern;
use crate::wire::hash_order::{java_string_hash, sort_as_immutable_set};
use crate::wire::transaction::{
    DescribedTransaction, DescribedTransactionTopic, ListTransactionsRequest, ListTransactionsResponse,
    ListedTransaction,
};
use crate::wire::{ErrorCode, Topic};

impl TransactionCoordinator {
    /// What is known of an id (`handleDescribeTransactions`).
    pub(super) fn describe(&mut self, transactional_id: &str, cx: &TransactionContext) -> DescribedTransaction {
        let refused = |error_code: ErrorCode| DescribedTransaction {
            error_code,
            transactional_id: transactional_id.to_owned(),
            ..DescribedTransaction::default()
        };
        if transactional_id.is_empty() {
            return refused(ErrorCode::InvalidRequest);
        }
        match self.partitions.find(cx.partition_for(transactional_id), transactional_id) {
            Err(error) => refused(error),
            Ok(Some((_, metadata))) if metadata.state() != TransactionState::Dead => {
                let current = &metadata.current;
                let topics = by_topic(&current.topic_partitions).into_iter();
                let topic = |(topic, partitions): (Topic, Vec<i32>)| DescribedTransactionTopic { topic, partitions };
                DescribedTransaction {
                    error_code: ErrorCode::None,
                    transactional_id: transactional_id.to_owned(),
                    transaction_state: current.state.name().to_owned(),
                    transaction_timeout_ms: current.txn_timeout_ms,
                    transaction_start_time_ms: current.txn_start_timestamp,
                    producer_id: current.producer_id,
                    producer_epoch: current.producer_epoch,
                    topics: topics.map(topic).collect(),
                }
            }
            Ok(_) => refused(ErrorCode::TransactionalIdNotFound),
        }
    }

    /// The ids of this coordinator that a request asks for (`listTransactionStates`).
    #[inline(never)]
    pub(super) fn list(&self, request: &ListTransactionsRequest, cx: &TransactionContext) -> ListTransactionsResponse {
        if !self.partitions.loading.is_empty() {
            let error_code = ErrorCode::CoordinatorLoadInProgress;
            return ListTransactionsResponse { error_code, ..ListTransactionsResponse::default() };
        }
        let mut states = Vec::new();
        let mut unknown = Vec::new();
        for name in as_scala_set(&request.state_filters) {
            match name.parse::<TransactionState>() {
                Ok(state) => states.push(state),
                Err(_) => unknown.push(name.to_owned()),
            }
        }
        let wanted = request.transactional_id_pattern.as_deref().filter(|pattern| !pattern.is_empty());
        let Ok(pattern) = wanted.map(Pattern::compile).transpose() else {
            let error_code = ErrorCode::InvalidRegularExpression;
            return ListTransactionsResponse { error_code, ..ListTransactionsResponse::default() };
        };
        let is_listed = |metadata: &&TransactionMetadata| {
            let open_ms = cx.now_ms().saturating_sub(metadata.current.txn_start_timestamp);
            let producers = &request.producer_id_filters;
            metadata.state() != TransactionState::Dead
                && (producers.is_empty() || producers.contains(&metadata.current.producer_id))
                && (request.state_filters.is_empty() || states.contains(&metadata.state()))
                && (request.duration_filter < 0 || open_ms > request.duration_filter)
                && pattern.as_ref().is_none_or(|pattern| pattern.matches(&metadata.transactional_id))
        };
        let mut listed = Vec::new();
        for (_, partition) in self.partitions.in_cache_order() {
            listed.extend(partition.in_cache_order().into_iter().filter(is_listed).map(|metadata| ListedTransaction {
                transactional_id: metadata.transactional_id.clone(),
                producer_id: metadata.current.producer_id,
                transaction_state: metadata.state().name().to_owned(),
            }));
        }
        ListTransactionsResponse {
            unknown_state_filters: unknown,
            transaction_states: listed,
            ..ListTransactionsResponse::default()
        }
    }
}

/// Names, each once, in the order in which a set of Scala gives them.
fn as_scala_set(names: &[String]) -> Vec<&str> {
    let mut distinct: Vec<&str> = Vec::new();
    for name in names {
        if !distinct.contains(&name.as_str()) {
            distinct.push(name);
        }
    }
    sort_as_immutable_set(distinct, |name| java_string_hash(name))
}
