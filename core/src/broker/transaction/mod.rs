//! Producer ids and the transaction coordinator (`TransactionCoordinator`, `TransactionStateManager`).
//!
//! The coordinator is memory on the broker that leads an id's partition of `__transaction_state`, and dies with it. What
//! survives are the records of that partition: the next leader replays them, and sends the markers that may be missing.
//!
//! | file              | what it does                                                                                          |
//! |-------------------|-------------------------------------------------------------------------------------------------------|
//! | `state`, `metadata` | the states of one transactional id, with their table                                                 |
//! | `init_producer_id`, `add_partitions`, `end_txn`, `describe` | decide one request each                                     |
//! | `state_log`       | writes what was decided, and goes on when it is replicated                                            |
//! | `markers`         | sends the ends of transactions to the leaders of their partitions, until each has written its marker  |
//! | `write_markers`   | writes them there                                                                                     |
//! | `verification`, `verified_requests` | asks the coordinator before a leader appends a transaction's first batch                              |
//! | `expiration`      | aborts what is open for too long, forgets ids that nobody uses                                        |
//! | `requests`        | what a broker looks at before its coordinator does                                                    |

mod add_partitions;
mod describe;
mod end_txn;
mod expiration;
mod init_producer_id;
pub mod joined_partitions;
pub mod markers;
pub mod metadata;
pub mod producer_ids;
pub(crate) mod records;
mod requests;
pub mod state;
mod state_log;
#[cfg(test)]
mod tests;
pub mod verification;
pub(in crate::broker) mod verified_requests;
mod write_markers;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::TRANSACTION_STATE_TOPIC;
use super::coordinator_partitions::partitions_of;
use super::group::state::partition_for;
use crate::change::Change;
use crate::effects::{Effects, RequestContext};
use crate::metadata::MetadataImage;
use crate::settings::BrokerSettings;
use crate::sim::Millis;
use crate::wire::ErrorCode;
use crate::wire::feature_levels::TRANSACTION_VERSION;
use crate::wire::hash_order::{java_string_hash, sort_as_concurrent_hash_map, sort_as_scala_hash_map};
use crate::wire::records::RecordBatch;
use add_partitions::PendingAddPartitions;
use markers::TransactionMarkerChannelManager;
use metadata::TransactionMetadata;
use producer_ids::ProducerIdManager;
use state::{TransactionResult, TransactionState, TransactionVersion};
use state_log::{OnAppended, PendingAppend};
use verification::AddPartitionsToTxnManager;
use write_markers::PendingMarkers;

/// The coordinator of the transactional ids whose partition of `__transaction_state` this broker leads, and the source of its
/// producer ids.
#[derive(Clone, Debug, Default, PartialEq, Hash)]
pub struct TransactionCoordinator {
    /// Gives out producer ids.
    pub producer_ids: ProducerIdManager,
    /// The partitions of `__transaction_state` that this broker leads.
    partitions: CoordinatedPartitions,
    next_append_id: u64,
    /// Appends that are not replicated yet, by their number.
    appends: BTreeMap<u64, PendingAppend>,
    next_request_id: u64,
    /// Requests about several transactions that wait for some of them, by their number.
    add_partitions: BTreeMap<u64, PendingAddPartitions>,
    /// Sends markers.
    markers: TransactionMarkerChannelManager,
    /// Requests to write markers that wait for some of them, by their number.
    marker_requests: BTreeMap<u64, PendingMarkers>,
    /// What waits for a coordinator's word.
    pub(in crate::broker) verification: AddPartitionsToTxnManager,
    /// When the process began to look for timed-out transactions.
    started_ms: Millis,
    /// When the timers of `expiration` fire, where they are set.
    timers: expiration::ScheduledTimers,
}

/// A partition of `__transaction_state` that this broker leads (`TxnMetadataCacheEntry`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct CoordinatedPartition {
    /// The leader epoch.
    coordinator_epoch: i32,
    /// Its transactional ids.
    transactions: BTreeMap<String, TransactionMetadata>,
}

/// The partitions of `__transaction_state` that this broker leads.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct CoordinatedPartitions {
    loaded: BTreeMap<i32, CoordinatedPartition>,
    /// Those that it cannot load, because the topic has another number of partitions than the coordinator counts with
    /// (`loadingPartitions`).
    loading: BTreeSet<i32>,
}

impl CoordinatedPartition {
    /// The ids, as Kafka's `ConcurrentHashMap` gives them back.
    fn in_cache_order(&self) -> Vec<&TransactionMetadata> {
        let mut listed: Vec<&TransactionMetadata> = self.transactions.values().collect();
        sort_as_concurrent_hash_map(&mut listed, |metadata| java_string_hash(&metadata.transactional_id));
        listed
    }

    /// The names of some of them, in the same order.
    fn ids_in_cache_order(&self, is_wanted: impl Fn(&TransactionMetadata) -> bool) -> Vec<String> {
        let wanted = self.in_cache_order().into_iter().filter(|metadata| is_wanted(metadata));
        wanted.map(|metadata| metadata.transactional_id.clone()).collect()
    }
}

impl CoordinatedPartitions {
    /// The partitions, as `transactionMetadataCache` gives them back, a Scala `mutable.HashMap`.
    fn in_cache_order(&self) -> Vec<(i32, &CoordinatedPartition)> {
        let mut listed: Vec<(i32, &CoordinatedPartition)> =
            self.loaded.iter().map(|(partition, coordinated)| (*partition, coordinated)).collect();
        sort_as_scala_hash_map(&mut listed, |(partition, _)| *partition);
        listed
    }

    /// Finds an id (`getTransactionState`).
    fn find(&mut self, partition: i32, id: &str) -> Found<'_> {
        if self.loading.contains(&partition) {
            return Err(ErrorCode::CoordinatorLoadInProgress);
        }
        let coordinated = self.loaded.get_mut(&partition).ok_or(ErrorCode::NotCoordinator)?;
        let epoch = coordinated.coordinator_epoch;
        Ok(coordinated.transactions.get_mut(id).map(|metadata| (epoch, metadata)))
    }

    fn remove(&mut self, partition: i32) {
        self.loaded.remove(&partition);
        self.loading.remove(&partition);
    }
}

/// A batch that the broker is to append to a partition of `__transaction_state` with `acks=-1`. It says with
/// [`TransactionCoordinator::append_done`] how that went.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::broker) struct TransactionAppend {
    pub(in crate::broker) id: u64,
    pub(in crate::broker) partition: i32,
    pub(in crate::broker) batch: RecordBatch,
    pub(in crate::broker) timeout_ms: Millis,
}

/// The surroundings of one request, answer or timer.
pub(in crate::broker) struct TransactionContext<'a> {
    pub(in crate::broker) node: i32,
    pub(in crate::broker) now: Millis,
    /// How many partitions `__transaction_state` counts for: see [`CoordinatorPartitions`](super::CoordinatorPartitions).
    pub(in crate::broker) partitions: i32,
    pub(in crate::broker) settings: &'a BrokerSettings,
    pub(in crate::broker) image: &'a MetadataImage,
    pub(in crate::broker) fx: &'a mut Effects,
    pub(in crate::broker) appends: Vec<TransactionAppend>,
}

impl TransactionContext<'_> {
    fn now_ms(&self) -> i64 {
        i64::try_from(self.now).unwrap_or(i64::MAX)
    }

    /// The version that the cluster has agreed on.
    fn version(&self) -> TransactionVersion {
        TransactionVersion::of_level(self.image.features.get(TRANSACTION_VERSION).copied().unwrap_or(0))
    }

    /// The partition of `__transaction_state` that keeps an id.
    fn partition_for(&self, transactional_id: &str) -> i32 {
        partition_for(transactional_id, self.partitions)
    }
}

/// An id in the partition that keeps it, with the coordinator's epoch; none where it was never seen.
type Found<'a> = Result<Option<(i32, &'a mut TransactionMetadata)>, ErrorCode>;

impl TransactionCoordinator {
    /// The coordinator of a process that starts.
    pub fn new(now: Millis) -> Self {
        Self { started_ms: now, ..Self::default() }
    }

    /// This broker has become leader of a partition of `__transaction_state`: replays what is in it, oldest first, and goes
    /// on with transactions whose end is written and whose markers may be missing.
    pub(in crate::broker) fn load(
        &mut self,
        partition: i32,
        coordinator_epoch: i32,
        batches: impl Iterator<Item = Rc<RecordBatch>>,
        cx: &mut TransactionContext,
    ) {
        self.markers.remove_for_partition(partition);
        if partitions_of(cx.image, TRANSACTION_STATE_TOPIC).is_some_and(|count| count != cx.partitions) {
            // Kafka's loader throws (`validateTransactionTopicPartitionCountIsStable`), and nobody loads the partition again.
            self.partitions.remove(partition);
            self.partitions.loading.insert(partition);
            return;
        }
        let mut coordinated = CoordinatedPartition { coordinator_epoch, transactions: BTreeMap::new() };
        for record in batches.flat_map(|batch| batch.records.clone()) {
            // What throws ends the loading, and what has been read so far is taken; a marker does, too (`loadTransactionMetadata`).
            let Ok(read) = records::read_strictly(&record) else { break };
            let Some(read) = read else { continue };
            match read.value {
                Some(value) => {
                    let loaded = TransactionMetadata::loaded(&read.transactional_id, value.metadata);
                    coordinated.transactions.insert(read.transactional_id, loaded);
                }
                None => {
                    coordinated.transactions.remove(&read.transactional_id);
                }
            }
        }
        let mut prepared = Vec::new();
        for id in coordinated.ids_in_cache_order(|_| true) {
            let Some(metadata) = coordinated.transactions.get_mut(&id) else { continue };
            let result = match metadata.state() {
                TransactionState::PrepareCommit => TransactionResult::Commit,
                TransactionState::PrepareAbort => TransactionResult::Abort,
                TransactionState::Empty
                | TransactionState::Ongoing
                | TransactionState::CompleteCommit
                | TransactionState::CompleteAbort
                | TransactionState::Dead
                | TransactionState::PrepareEpochFence => continue,
            };
            if let Ok(transit) = metadata.prepare_complete(cx.now_ms()) {
                prepared.push((id, result, transit));
            }
        }
        self.partitions.loading.remove(&partition);
        self.partitions.loaded.insert(partition, coordinated);
        cx.fx.change(Change::TransactionCoordinatorLoaded { node: cx.node, partition });
        for (transactional_id, result, transit) in prepared {
            self.add_markers_to_send(&transactional_id, coordinator_epoch, result, transit, cx);
        }
    }

    /// This broker leads a partition of `__transaction_state` no more: forgets its ids. Who waits for an append is answered
    /// when that fails.
    pub(in crate::broker) fn unload(&mut self, partition: i32) {
        self.partitions.remove(partition);
        self.markers.remove_for_partition(partition);
    }

    /// The ids of this coordinator, by partition and name.
    pub fn transactions(&self) -> impl Iterator<Item = &TransactionMetadata> {
        self.partitions.loaded.values().flat_map(|partition| partition.transactions.values())
    }

    /// The same, each with its partition of `__transaction_state` and the coordinator's epoch there.
    pub fn transactions_by_partition(&self) -> impl Iterator<Item = (i32, i32, &TransactionMetadata)> {
        self.partitions.loaded.iter().flat_map(|(partition, coordinated)| {
            let epoch = coordinated.coordinator_epoch;
            coordinated.transactions.values().map(move |metadata| (*partition, epoch, metadata))
        })
    }

    /// Whether this broker coordinates the ids of a partition of `__transaction_state`.
    pub fn is_active(&self, partition: i32) -> bool {
        self.partitions.loaded.contains_key(&partition)
    }

    /// The request that is answered when an append of this coordinator's is replicated; none where nobody asked for it.
    pub fn waits_for_append(&self, append_id: u64) -> Option<&RequestContext> {
        match &self.appends.get(&append_id)?.then {
            OnAppended::InitProducerId(request_context) => Some(request_context),
            OnAppended::AddPartitions(reply) => reply.request_context(&self.add_partitions),
            OnAppended::EndTxn(end) => end.reply.request_context(),
            OnAppended::Complete(_) | OnAppended::Expired(_) => None,
        }
    }

    /// The request to write markers that waits for an append.
    pub fn waits_for_markers(&self, request: u64) -> Option<&RequestContext> {
        self.marker_requests.get(&request).map(|pending| &pending.request_context)
    }

    fn next_request_id(&mut self) -> u64 {
        let id = self.next_request_id;
        self.next_request_id = id.wrapping_add(1);
        id
    }
}
