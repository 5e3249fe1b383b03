//! Sends the ends of transactions to the leaders of their partitions, and sends them again until each has written its marker
//! (`TransactionMarkerChannelManager`, `TransactionMarkerRequestCompletionHandler`).
//!
//! | a partition's answer                                   | what happens                                            |
//! |--------------------------------------------------------|---------------------------------------------------------|
//! | NONE                                                   | it needs no marker any more; with the last one the transaction is complete |
//! | UNKNOWN_TOPIC_OR_PARTITION, NOT_LEADER_OR_FOLLOWER, too few replicas, timeouts, disk errors, no answer | the marker is sent again, to the leader of that time |
//! | INVALID_PRODUCER_EPOCH, TRANSACTION_COORDINATOR_FENCED | nothing more is sent: somebody else goes on with the id |
//! | anything else                                          | Kafka throws, and reads no further: the transaction waits until a coordinator loads it anew |
//!
//! A partition that does not exist any more, or has no leader, needs no marker.

use std::collections::{BTreeMap, BTreeSet};

use super::metadata::TxnTransitMetadata;
use super::state::TransactionResult;
use super::state_log::OnAppended;
use super::{TransactionContext, TransactionCoordinator};
use crate::effects::BrokerTimer;
use crate::explain::Explanation;
use crate::metadata::MetadataImage;
use crate::sim::Millis;
use crate::wire::hash_order::{sort_as_hash_map, topic_partition_hash};
use crate::wire::transaction::{
    WritableTxnMarker, WritableTxnMarkerTopic, WriteTxnMarkersRequest, WriteTxnMarkersResponse,
};
use crate::wire::{ErrorCode, TopicPartition};

/// How soon a marker is sent again that was not written. Kafka tries without a pause.
const RETRY_BACKOFF_MS: Millis = 50;

/// A transaction that needs no more than its markers (`PendingCompleteTxn`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct PendingCompleteTxn {
    transactional_id: String,
    coordinator_epoch: i32,
    /// What it becomes.
    transit: TxnTransitMetadata,
}

/// Partitions of one transaction that need its marker (`PendingCompleteTxnAndMarkerEntry`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct MarkerEntry {
    pending: PendingCompleteTxn,
    /// The partition of `__transaction_state` that keeps the id.
    state_partition: i32,
    producer_id: i64,
    producer_epoch: i16,
    result: TransactionResult,
    transaction_version: i8,
    partitions: BTreeSet<TopicPartition>,
}

/// Markers on their way.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct TransactionMarkerChannelManager {
    /// Transactions with markers on their way, by id.
    pending: BTreeMap<String, PendingCompleteTxn>,
    /// What each broker is to be sent next.
    queues: BTreeMap<i32, Vec<MarkerEntry>>,
    /// What waits for another attempt.
    waiting: Vec<MarkerEntry>,
    /// Brokers that have not answered yet: each is asked one thing at a time.
    in_flight: BTreeSet<i32>,
    /// Completions that could not be written yet.
    completions: Vec<PendingCompleteTxn>,
    is_armed: bool,
}

impl TransactionMarkerChannelManager {
    /// Somebody else coordinates the ids of a partition of `__transaction_state`.
    pub(super) fn remove_for_partition(&mut self, state_partition: i32) {
        let is_of = |entry: &MarkerEntry| entry.state_partition == state_partition;
        let queued = self.queues.values().flatten().chain(&self.waiting).filter(|entry| is_of(entry));
        let gone: Vec<String> = queued.map(|entry| entry.pending.transactional_id.clone()).collect();
        gone.iter().for_each(|id| {
            self.pending.remove(id);
        });
        self.queues.values_mut().for_each(|queue| queue.retain(|entry| !is_of(entry)));
        self.waiting.retain(|entry| !is_of(entry));
    }

    /// Tries again a little later.
    fn arm(&mut self, cx: &mut TransactionContext) {
        if !self.is_armed {
            self.is_armed = true;
            cx.fx.set_timer(BrokerTimer::TransactionMarkers, cx.now.saturating_add(RETRY_BACKOFF_MS));
        }
    }

    /// What can be sent now: to each broker that is not asked anything else.
    fn take_requests(&mut self) -> Vec<(i32, Vec<MarkerEntry>)> {
        let is_free = |broker: &i32| !self.in_flight.contains(broker);
        let free: Vec<i32> = self.queues.keys().copied().filter(is_free).collect();
        let taken: Vec<_> = free.into_iter().filter_map(|broker| self.queues.remove_entry(&broker)).collect();
        let taken: Vec<_> = taken.into_iter().filter(|(_, entries)| !entries.is_empty()).collect();
        self.in_flight.extend(taken.iter().map(|(broker, _)| *broker));
        taken
    }
}

/// The request that a broker is sent.
fn request_of(entries: &[MarkerEntry]) -> WriteTxnMarkersRequest {
    let marker = |entry: &MarkerEntry| {
        let mut topics: Vec<WritableTxnMarkerTopic> = Vec::new();
        for partition in &entry.partitions {
            match topics.last_mut().filter(|topic| topic.name == partition.topic) {
                Some(topic) => topic.partition_indexes.push(partition.partition),
                None => topics.push(WritableTxnMarkerTopic {
                    name: partition.topic.clone(),
                    partition_indexes: vec![partition.partition],
                }),
            }
        }
        WritableTxnMarker {
            producer_id: entry.producer_id,
            producer_epoch: entry.producer_epoch,
            transaction_result: entry.result == TransactionResult::Commit,
            topics,
            coordinator_epoch: entry.pending.coordinator_epoch,
            transaction_version: entry.transaction_version,
        }
    };
    WriteTxnMarkersRequest { markers: entries.iter().map(marker).collect() }
}

/// Who has to write a partition's marker. Nobody where the partition is gone, and nobody either where it has no leader: Kafka takes
/// the one for the other (`KRaftMetadataCache.getPartitionLeaderEndpoint`), and the partition keeps an open transaction.
fn destination(image: &MetadataImage, partition: &TopicPartition) -> Option<i32> {
    let leader = image.partition(&partition.topic, partition.partition)?.leader;
    image.brokers.contains_key(&leader).then_some(leader)
}

impl TransactionCoordinator {
    /// A transaction's end is written: its partitions get their markers (`addTxnMarkersToSend`).
    pub(super) fn add_markers_to_send(
        &mut self,
        transactional_id: &str,
        coordinator_epoch: i32,
        result: TransactionResult,
        transit: TxnTransitMetadata,
        cx: &mut TransactionContext,
    ) {
        let state_partition = cx.partition_for(transactional_id);
        let Ok(Some((_, metadata))) = self.partitions.find(state_partition, transactional_id) else { return };
        let pending = PendingCompleteTxn { transactional_id: transactional_id.to_owned(), coordinator_epoch, transit };
        self.markers.pending.insert(transactional_id.to_owned(), pending.clone());
        let entry = MarkerEntry {
            pending,
            state_partition,
            producer_id: metadata.current.producer_id,
            producer_epoch: metadata.current.producer_epoch,
            result,
            transaction_version: metadata.current.client_transaction_version.level(),
            partitions: metadata.current.topic_partitions.iter().cloned().collect(),
        };
        self.enqueue(entry, cx);
        self.maybe_write_completion(transactional_id, cx);
    }

    /// Puts markers where they belong now (`addTxnMarkersToBrokerQueue`).
    fn enqueue(&mut self, entry: MarkerEntry, cx: &mut TransactionContext) {
        let mut by_broker: BTreeMap<i32, BTreeSet<TopicPartition>> = BTreeMap::new();
        let mut gone = BTreeSet::new();
        for partition in &entry.partitions {
            let place = match destination(cx.image, partition) {
                Some(broker) => by_broker.entry(broker).or_default(),
                None => &mut gone,
            };
            place.insert(partition.clone());
        }
        for (broker, partitions) in by_broker {
            self.markers.queues.entry(broker).or_default().push(MarkerEntry { partitions, ..entry.clone() });
        }
        if !gone.is_empty() {
            self.need_no_marker(&entry, &gone);
            self.maybe_write_completion(&entry.pending.transactional_id, cx);
        }
    }

    /// Whether this broker still coordinates the transaction in the same epoch.
    fn still_coordinates(&mut self, entry: &MarkerEntry) -> bool {
        let found = self.partitions.find(entry.state_partition, &entry.pending.transactional_id);
        matches!(found, Ok(Some((epoch, _))) if epoch == entry.pending.coordinator_epoch)
    }

    fn need_no_marker(&mut self, entry: &MarkerEntry, partitions: &BTreeSet<TopicPartition>) {
        let found = self.partitions.find(entry.state_partition, &entry.pending.transactional_id);
        if let Ok(Some((epoch, metadata))) = found
            && epoch == entry.pending.coordinator_epoch
        {
            metadata.current.topic_partitions.remove_all(partitions);
        }
    }

    /// With its last marker a transaction is complete.
    fn maybe_write_completion(&mut self, transactional_id: &str, cx: &mut TransactionContext) {
        let partition = cx.partition_for(transactional_id);
        let has_markers_to_write = match self.partitions.find(partition, transactional_id) {
            Ok(Some((_, metadata))) => !metadata.current.topic_partitions.is_empty(),
            Ok(None) | Err(_) => false,
        };
        if has_markers_to_write {
            return;
        }
        if let Some(pending) = self.markers.pending.remove(transactional_id) {
            self.write_completion(pending, cx);
        }
    }

    fn write_completion(&mut self, pending: PendingCompleteTxn, cx: &mut TransactionContext) {
        cx.fx.explain(Explanation::TransactionCompletes {
            node: cx.node,
            transactional_id: pending.transactional_id.clone(),
            state: pending.transit.state.name().to_owned(),
        });
        let PendingCompleteTxn { transactional_id, coordinator_epoch, transit } = pending.clone();
        let then = OnAppended::Complete(pending);
        self.append_to_log(&transactional_id, coordinator_epoch, transit, then, cx);
    }

    /// A completion is written, or is tried again.
    pub(super) fn completion_appended(
        &mut self,
        pending: PendingCompleteTxn,
        error: ErrorCode,
        cx: &mut TransactionContext,
    ) {
        if error == ErrorCode::CoordinatorNotAvailable {
            self.markers.completions.push(pending);
            self.markers.arm(cx);
        }
    }

    /// Requests to send now, and what each is about.
    pub(in crate::broker) fn take_marker_requests(&mut self) -> Vec<(i32, WriteTxnMarkersRequest, Vec<MarkerEntry>)> {
        let taken = self.markers.take_requests().into_iter();
        taken.map(|(broker, entries)| (broker, request_of(&entries), entries)).collect()
    }

    /// It is time to try again.
    pub(in crate::broker) fn retry_markers(&mut self, cx: &mut TransactionContext) {
        self.markers.is_armed = false;
        for pending in std::mem::take(&mut self.markers.completions) {
            self.write_completion(pending, cx);
        }
        for entry in std::mem::take(&mut self.markers.waiting) {
            if self.still_coordinates(&entry) {
                self.enqueue(entry, cx);
            }
        }
    }

    /// A broker did not answer.
    pub(in crate::broker) fn markers_unanswered(
        &mut self,
        broker: i32,
        entries: Vec<MarkerEntry>,
        cx: &mut TransactionContext,
    ) {
        self.markers.in_flight.remove(&broker);
        for entry in entries {
            if self.still_coordinates(&entry) {
                self.markers.waiting.push(entry);
                self.markers.arm(cx);
            } else {
                self.give_up(&entry);
            }
        }
    }

    /// A broker answered.
    pub(in crate::broker) fn markers_answered(
        &mut self,
        broker: i32,
        entries: Vec<MarkerEntry>,
        answer: &WriteTxnMarkersResponse,
        cx: &mut TransactionContext,
    ) {
        self.markers.in_flight.remove(&broker);
        for entry in entries {
            if !self.still_coordinates(&entry) {
                self.give_up(&entry);
                continue;
            }
            let (mut written, mut retried, mut is_fenced) = (BTreeSet::new(), BTreeSet::new(), false);
            let mut partitions: Vec<&TopicPartition> = entry.partitions.iter().collect();
            sort_as_hash_map(&mut partitions, |partition| topic_partition_hash(partition));
            let mut is_fatal = false;
            for partition in partitions {
                match error_of(answer, entry.producer_id, partition) {
                    // Where a partition cannot hold markers its producer could write nothing.
                    Some(ErrorCode::None | ErrorCode::UnsupportedVersion) => {
                        written.insert(partition.clone());
                    }
                    Some(ErrorCode::InvalidProducerEpoch | ErrorCode::TransactionCoordinatorFenced) => is_fenced = true,
                    Some(error) if !is_retried(error) => {
                        is_fatal = true;
                        break;
                    }
                    Some(_) | None => {
                        retried.insert(partition.clone());
                    }
                }
            }
            self.need_no_marker(&entry, &written);
            if is_fatal {
                return;
            }
            if is_fenced {
                self.give_up(&entry);
            } else if retried.is_empty() {
                self.maybe_write_completion(&entry.pending.transactional_id, cx);
            } else {
                self.markers.waiting.push(MarkerEntry { partitions: retried, ..entry });
                self.markers.arm(cx);
            }
        }
    }

    /// Nothing more is sent for a transaction, unless its end was written again meanwhile (`removeMarkersForTxn`).
    fn give_up(&mut self, entry: &MarkerEntry) {
        let id = &entry.pending.transactional_id;
        if self.markers.pending.get(id) == Some(&entry.pending) {
            self.markers.pending.remove(id);
        }
    }
}

/// Whether a marker is sent again that was answered with this.
fn is_retried(error: ErrorCode) -> bool {
    matches!(
        error,
        ErrorCode::UnknownTopicOrPartition
            | ErrorCode::NotLeaderOrFollower
            | ErrorCode::NotEnoughReplicas
            | ErrorCode::NotEnoughReplicasAfterAppend
            | ErrorCode::RequestTimedOut
            | ErrorCode::KafkaStorageError
    )
}

fn error_of(answer: &WriteTxnMarkersResponse, producer_id: i64, partition: &TopicPartition) -> Option<ErrorCode> {
    let topics = answer.markers.iter().filter(|marker| marker.producer_id == producer_id);
    let mut topics = topics.flat_map(|marker| &marker.topics).filter(|topic| topic.name == partition.topic);
    let is_it = |index: i32| index == partition.partition;
    topics
        .find_map(|topic| topic.partitions.iter().find(|each| is_it(each.partition_index)))
        .map(|each| each.error_code)
}
