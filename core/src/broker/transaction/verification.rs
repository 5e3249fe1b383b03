//! Before a leader appends the first batch of a transaction, the transaction's coordinator has to confirm that the partition
//! belongs to it, or lets it in (`AddPartitionsToTxnManager`, KIP-890).
//!
//! | what the producer speaks                    | the coordinator                  | a partition that is not in the transaction |
//! |---------------------------------------------|----------------------------------|--------------------------------------------|
//! | Produce up to 10, TxnOffsetCommit up to 3   | is asked whether it is in        | INVALID_TXN_STATE                          |
//! | Produce 11, TxnOffsetCommit 4               | is asked whether it is in        | TRANSACTION_ABORTABLE                      |
//! | Produce from 12, TxnOffsetCommit from 5     | lets it in (transaction version 2) | is in from now on                        |

use std::collections::{BTreeMap, BTreeSet};

use super::TransactionContext;
use crate::effects::RequestContext;
use crate::log::VerificationGuard;
use crate::sim::Millis;
use crate::wire::replication::ProduceRequest;
use crate::wire::transaction::{
    AddPartitionsToTxnRequest, AddPartitionsToTxnResponse, AddPartitionsToTxnTopic, AddPartitionsToTxnTransaction,
    TxnOffsetCommitRequest,
};
use crate::wire::{ErrorCode, TopicPartition};

/// What the coordinator is asked, and in which words a refusal is told (`TransactionSupportedOperation`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TransactionSupportedOperation {
    /// Of a client that knows no more than INVALID_TXN_STATE.
    DefaultError,
    /// Of one that knows TRANSACTION_ABORTABLE.
    GenericErrorSupported,
    /// Of one that leaves it to the leader to let partitions in.
    AddPartition,
}

impl TransactionSupportedOperation {
    /// Of a Produce.
    pub fn of_produce(version: i16) -> Self {
        match version {
            ..=10 => Self::DefaultError,
            11 => Self::GenericErrorSupported,
            12.. => Self::AddPartition,
        }
    }

    /// Of a TxnOffsetCommit.
    pub fn of_txn_offset_commit(version: i16) -> Self {
        match version {
            ..=3 => Self::DefaultError,
            4 => Self::GenericErrorSupported,
            5.. => Self::AddPartition,
        }
    }

    /// Whether the producer's epoch rises with every transaction, and leaders let partitions in.
    pub fn supports_epoch_bump(self) -> bool {
        self == Self::AddPartition
    }
}

/// What waits for the coordinator's word.
#[derive(Clone, Debug, PartialEq, Hash)]
pub(crate) enum VerifiedOperation {
    Produce(ProduceRequest),
    TxnOffsetCommit(TxnOffsetCommitRequest),
}

/// What came of asking.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Verified {
    /// Partitions that are refused.
    pub(in crate::broker) errors: BTreeMap<TopicPartition, ErrorCode>,
    /// What the append to each of the others has to show.
    pub(in crate::broker) guards: BTreeMap<TopicPartition, VerificationGuard>,
}

/// One request that waits.
#[derive(Clone, Debug, PartialEq, Hash)]
pub(crate) struct Verification {
    pub(in crate::broker) request_context: RequestContext,
    pub(in crate::broker) transactional_id: String,
    pub(in crate::broker) producer_id: i64,
    pub(in crate::broker) producer_epoch: i16,
    pub(in crate::broker) supported: TransactionSupportedOperation,
    pub(in crate::broker) started_ms: Millis,
    pub(in crate::broker) verified: Verified,
    pub(in crate::broker) operation: VerifiedOperation,
}

impl Verification {
    /// The partitions asked about.
    pub(super) fn partitions(&self) -> impl Iterator<Item = &TopicPartition> {
        self.verified.guards.keys()
    }

    /// Refuses all that is asked about.
    pub(super) fn fail(&mut self, error: ErrorCode) {
        let partitions: Vec<TopicPartition> = self.partitions().cloned().collect();
        self.verified.errors.extend(partitions.into_iter().map(|partition| (partition, error)));
    }

    /// Takes over what the coordinator said (`AddPartitionsToTxnHandler.onComplete`).
    pub(super) fn answered(&mut self, answer: &AddPartitionsToTxnResponse) {
        if !answer.error_code.is_none() {
            // That the broker itself was refused is not for the client to know.
            let is_own = answer.error_code == ErrorCode::ClusterAuthorizationFailed;
            return self.fail(if is_own { ErrorCode::InvalidTxnState } else { answer.error_code });
        }
        let results = answer.results_by_transaction.iter();
        let topics = results
            .filter(|result| result.transactional_id == self.transactional_id)
            .flat_map(|result| &result.topic_results);
        for topic in topics {
            for result in &topic.results_by_partition {
                let error = match result.partition_error_code {
                    ErrorCode::None => continue,
                    ErrorCode::ProducerFenced => ErrorCode::InvalidProducerEpoch,
                    ErrorCode::TransactionAbortable
                        if self.supported == TransactionSupportedOperation::DefaultError =>
                    {
                        ErrorCode::InvalidTxnState
                    }
                    other => other,
                };
                let partition = TopicPartition::new(topic.name.clone(), result.partition_index);
                self.verified.errors.insert(partition, error);
            }
        }
    }

    fn transaction(&self) -> AddPartitionsToTxnTransaction {
        let mut topics: Vec<AddPartitionsToTxnTopic> = Vec::new();
        for partition in self.partitions() {
            match topics.last_mut().filter(|topic| topic.name == partition.topic) {
                Some(topic) => topic.partitions.push(partition.partition),
                None => topics.push(AddPartitionsToTxnTopic {
                    name: partition.topic.clone(),
                    partitions: vec![partition.partition],
                }),
            }
        }
        AddPartitionsToTxnTransaction {
            transactional_id: self.transactional_id.clone(),
            producer_id: self.producer_id,
            producer_epoch: self.producer_epoch,
            verify_only: !self.supported.supports_epoch_bump(),
            topics,
        }
    }
}

/// Requests that wait for a coordinator's word, by its node; each is asked one thing at a time.
#[derive(Clone, Debug, Default, PartialEq, Hash)]
pub(crate) struct AddPartitionsToTxnManager {
    queues: BTreeMap<i32, Vec<Verification>>,
    in_flight: BTreeSet<i32>,
    next_retry: u64,
    /// What is asked again a little later, because the transaction before has not ended everywhere.
    retries: BTreeMap<u64, Verification>,
}

impl AddPartitionsToTxnManager {
    /// Puts a request in the queue of a coordinator (`addTxnData`). Gives those that are answered at once: of one transactional
    /// id only the newest waits.
    pub(super) fn enqueue(&mut self, coordinator: i32, mut verification: Verification) -> Vec<Verification> {
        let queue = self.queues.entry(coordinator).or_default();
        let same = |each: &Verification| each.transactional_id == verification.transactional_id;
        let Some(at) = queue.iter().position(same) else {
            queue.push(verification);
            return Vec::new();
        };
        let mut before = queue.remove(at);
        if before.producer_epoch > verification.producer_epoch {
            queue.insert(at, before);
            verification.fail(ErrorCode::InvalidProducerEpoch);
            return vec![verification];
        }
        let is_older = before.producer_epoch < verification.producer_epoch;
        before.fail(if is_older { ErrorCode::InvalidProducerEpoch } else { ErrorCode::NetworkException });
        queue.push(verification);
        vec![before]
    }

    /// What can be sent now, to whom, and what it is about.
    pub(super) fn take_requests(&mut self) -> Vec<(i32, AddPartitionsToTxnRequest, Vec<Verification>)> {
        let free: Vec<i32> = self.queues.keys().copied().filter(|node| !self.in_flight.contains(node)).collect();
        let mut taken = Vec::new();
        for node in free {
            let Some(verifications) = self.queues.remove(&node).filter(|queue| !queue.is_empty()) else { continue };
            let transactions = verifications.iter().map(Verification::transaction).collect();
            let request = AddPartitionsToTxnRequest { transactions, ..AddPartitionsToTxnRequest::default() };
            self.in_flight.insert(node);
            taken.push((node, request, verifications));
        }
        taken
    }

    /// A coordinator has answered, or will not.
    pub(super) fn is_free(&mut self, coordinator: i32) {
        self.in_flight.remove(&coordinator);
    }

    /// Keeps a request that is asked again later. Gives its number.
    pub(super) fn retry_later(&mut self, verification: Verification) -> u64 {
        let number = self.next_retry;
        self.next_retry = number.wrapping_add(1);
        self.retries.insert(number, verification);
        number
    }

    /// It is time to ask again.
    pub(super) fn take_retry(&mut self, number: u64) -> Option<Verification> {
        self.retries.remove(&number)
    }
}

/// The node that coordinates an id, as this broker's cache has it; none where nobody leads, or the leader is not alive.
pub(super) fn coordinator_of(transactional_id: &str, cx: &TransactionContext) -> Option<i32> {
    let partition = cx.partition_for(transactional_id);
    let leader = cx.image.partition(crate::broker::TRANSACTION_STATE_TOPIC, partition)?.leader;
    cx.image.brokers.get(&leader).is_some_and(|broker| !broker.fenced).then_some(leader)
}
