//! Transactions: where each transactional id stands at its coordinator, and what each partition that transactions touch holds
//! for its readers. Made when somebody looks at it: it is no part of the view of every step.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use strum::VariantArray;

use super::coordinator_log::{CoordinatorLogView, leading, transaction_log};
use crate::broker::TRANSACTION_STATE_TOPIC;
use crate::broker::metadata_cache::OFFSETS_TOPIC;
use crate::broker::transaction::metadata::TransactionMetadata;
use crate::cluster::Cluster;
use crate::cluster::event::Event;
use crate::cluster::node::Node;
use crate::effects::{BrokerTimer, Timer};
use crate::log::Log;
use crate::log::transaction_index::AbortedTxn;
use crate::sim::Millis;
use crate::wire::TopicPartition;
use crate::wire::control_records::{ControlRecordType, EndTransactionMarker};
use crate::wire::records::{Bytes, RecordBatch};

pub use crate::broker::transaction::state::TransactionState;

/// How many records of a partition are listed at most: the newest.
const RECORDS_SHOWN_MAX: usize = 32;

/// What is known of transactions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TransactionsView {
    /// Transactional ids, as their coordinators have them, by name.
    pub transactions: Vec<TransactionView>,
    /// The partitions that transactions touch or have touched, as their leaders have them.
    pub partitions: Vec<TransactionPartitionView>,
}

/// A transactional id, as its coordinator has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TransactionView {
    /// The id.
    pub transactional_id: String,
    /// Its coordinator.
    pub coordinator: i32,
    /// Where it stands.
    #[serde(serialize_with = "state_name")]
    pub state: TransactionState,
    /// The state that its coordinator has prepared, and whose record is not replicated yet.
    #[serde(serialize_with = "pending_state_name")]
    pub pending_state: Option<TransactionState>,
    /// Its producer's id.
    pub producer_id: i64,
    /// The epoch of that id.
    pub producer_epoch: i16,
    /// The transaction version that its producer used last: 0, 1 or 2.
    pub transaction_version: i8,
    /// How long a transaction may be open, in milliseconds; none where an outside coordinator ends it (KIP-939).
    pub timeout_ms: Option<Millis>,
    /// When the transaction that is open was begun, in milliseconds.
    pub opened_ms: Option<Millis>,
    /// When the coordinator looks for transactions that are open for too long, in milliseconds.
    pub abort_check_ms: Option<Millis>,
    /// The partitions in it; of one that is ending those whose marker is not written yet.
    pub partitions: Vec<TransactionPartition>,
    /// Its partition of `__transaction_state`; none while nobody leads that.
    pub log: Option<CoordinatorLogView>,
}

/// A partition of a transaction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TransactionPartition {
    /// Which.
    pub partition: TopicPartition,
    /// Who leads it as far as the coordinator knows, -1 for nobody: who gets the marker.
    pub leader: i32,
}

/// A partition that transactions touch, as its leader has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TransactionPartitionView {
    /// Which.
    pub partition: TopicPartition,
    /// Its leader.
    pub leader: i32,
    /// The first offset kept.
    pub log_start_offset: i64,
    /// Up to where readers of committed records may read (exclusive).
    pub last_stable_offset: i64,
    /// Up to where any consumer may read (exclusive).
    pub high_watermark: i64,
    /// The offset that the next record gets.
    pub log_end_offset: i64,
    /// Transactions that are open here, the oldest first.
    pub open: Vec<OpenTransactionView>,
    /// The transaction index: what was aborted, by the offset of the marker.
    pub aborted: Vec<AbortedTransactionView>,
    /// The newest records, oldest first; at most 32.
    pub records: Vec<TransactionRecordView>,
}

/// A transaction that is open in a partition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OpenTransactionView {
    /// Whose.
    pub producer_id: i64,
    /// The epoch of its batches.
    pub producer_epoch: i16,
    /// Its first offset here: the last stable offset cannot pass it.
    pub first_offset: i64,
    /// The transactional id that a coordinator knows with this partition in it; none where none does: it hangs.
    pub transactional_id: Option<String>,
}

/// An entry of a partition's transaction index.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AbortedTransactionView {
    /// Whose.
    pub producer_id: i64,
    /// The offset of its first record.
    pub first_offset: i64,
    /// The offset of its marker.
    pub last_offset: i64,
    /// The last stable offset when it ended.
    pub last_stable_offset: i64,
}

/// A record of a partition that transactions touch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TransactionRecordView {
    /// Its offset.
    pub offset: i64,
    /// Its key.
    pub key: Option<String>,
    /// Its value.
    pub value: Option<String>,
    /// Its producer, -1 for none.
    pub producer_id: i64,
    /// What becomes of it.
    pub fate: RecordFate,
    /// Whether a reader with `isolation.level=read_uncommitted` gets it.
    pub is_read_uncommitted: bool,
    /// Whether one with `isolation.level=read_committed` gets it.
    pub is_read_committed: bool,
}

/// What becomes of a record, as the log of its leader says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, strum::IntoStaticStr, strum::VariantArray)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum RecordFate {
    /// It belongs to no transaction.
    Plain,
    /// Its transaction is open.
    Open,
    /// Its transaction was committed.
    Committed,
    /// Its transaction was aborted.
    Aborted,
    /// It is the marker of a commit.
    CommitMarker,
    /// It is the marker of an abort.
    AbortMarker,
}

impl RecordFate {
    /// What becomes of the records of a batch. What was aborted is in the log's transaction index, what is open in the state of
    /// its producer.
    pub(super) fn of(batch: &RecordBatch, log: &Log) -> Self {
        if let Some(marker) = EndTransactionMarker::of(batch) {
            return match marker.control_type {
                ControlRecordType::Commit => Self::CommitMarker,
                ControlRecordType::Abort => Self::AbortMarker,
            };
        }
        if !batch.is_transactional {
            return Self::Plain;
        }
        let is_in = |each: &AbortedTxn| {
            each.producer_id == batch.producer_id && (each.first_offset..=each.last_offset).contains(&batch.base_offset)
        };
        if log.transaction_index().entries().iter().any(is_in) {
            return Self::Aborted;
        }
        let state = log.producer_state().producers().get(&batch.producer_id);
        match state.and_then(|state| state.current_txn_first_offset) {
            Some(first) if first <= batch.base_offset => Self::Open,
            Some(_) | None => Self::Committed,
        }
    }

    /// The kebab-case name.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// The kebab-case names of all.
    pub fn names() -> impl Iterator<Item = &'static str> {
        Self::VARIANTS.iter().map(|fate| fate.name())
    }

    /// Whether it is a marker: no reader gets those.
    pub fn is_marker(self) -> bool {
        matches!(self, Self::CommitMarker | Self::AbortMarker)
    }
}

impl TransactionView {
    /// When the transaction that is open has been so for longer than it may, in milliseconds: the coordinator aborts it at its
    /// next look.
    pub fn times_out_ms(&self) -> Option<Millis> {
        let is_open = self.state == TransactionState::Ongoing;
        self.opened_ms?.checked_add(self.timeout_ms.filter(|_| is_open)?)
    }

    /// The states that may follow, in the order of their numbers.
    pub fn next_states(&self) -> impl Iterator<Item = TransactionState> {
        TransactionState::VARIANTS.iter().copied().filter(|next| self.state.may_become(*next))
    }

    /// Whether its end is decided and markers are being written.
    pub fn is_ending(&self) -> bool {
        matches!(self.state, TransactionState::PrepareCommit | TransactionState::PrepareAbort)
    }
}

impl Cluster {
    /// Transactions, as coordinators and leaders of partitions have them.
    pub fn transactions(&self) -> TransactionsView {
        let transactions = transactions(self);
        let mut names: BTreeSet<TopicPartition> =
            transactions.iter().flat_map(|each| &each.partitions).map(|each| each.partition.clone()).collect();
        names.extend(self.nodes().flat_map(touched_by_transactions));
        let partitions = names.into_iter().filter_map(|name| partition_view(self, name, &transactions)).collect();
        TransactionsView { transactions, partitions }
    }
}

/// The partitions on a living broker whose logs have batches of transactions.
fn touched_by_transactions(node: &Node) -> impl Iterator<Item = TopicPartition> {
    let broker = node.broker.as_ref();
    let leads =
        move |id| broker.and_then(|broker| broker.partitions.get(id)).is_some_and(|each| each.leader().is_some());
    let logs = node.disk.broker.logs.iter().filter(move |(id, _)| leads(id));
    let is_touched = |log: &Log| {
        let of_transaction = |batch: &&std::rc::Rc<RecordBatch>| batch.is_transactional;
        !log.transaction_index().entries().is_empty()
            || log.first_unstable_offset(i64::MAX).is_some()
            || log.batches().rev().take(RECORDS_SHOWN_MAX).any(|batch| of_transaction(&batch))
    };
    logs.filter(move |(_, stored)| is_touched(&stored.log)).map(|(_, stored)| stored.name.clone())
}

fn transactions(cluster: &Cluster) -> Vec<TransactionView> {
    // Of two brokers that both believe to coordinate an id the newer is right.
    let mut newest: BTreeMap<&str, (i32, i32, &Node, &TransactionMetadata)> = BTreeMap::new();
    for node in cluster.nodes() {
        let Some(broker) = &node.broker else { continue };
        for (partition, epoch, metadata) in broker.transactions.transactions_by_partition() {
            let found = (epoch, partition, node, metadata);
            let known = newest.entry(&metadata.transactional_id).or_insert(found);
            if known.0 < epoch {
                *known = found;
            }
        }
    }
    newest.into_values().map(|(_, partition, node, metadata)| transaction(cluster, partition, node, metadata)).collect()
}

fn transaction(cluster: &Cluster, partition: i32, node: &Node, metadata: &TransactionMetadata) -> TransactionView {
    let current = &metadata.current;
    let image = node.broker.as_ref().map(|broker| &broker.image);
    let leader = |of: &TopicPartition| {
        let found = image.and_then(|image| image.partition(&of.topic, of.partition));
        found.map_or(-1, |found| found.leader)
    };
    let is_open = matches!(
        current.state,
        TransactionState::Ongoing | TransactionState::PrepareCommit | TransactionState::PrepareAbort
    );
    let log = TopicPartition::new(TRANSACTION_STATE_TOPIC, partition);
    TransactionView {
        transactional_id: metadata.transactional_id.clone(),
        coordinator: node.config.id,
        state: current.state,
        pending_state: metadata.pending_state,
        producer_id: current.producer_id,
        producer_epoch: current.producer_epoch,
        transaction_version: current.client_transaction_version.level(),
        timeout_ms: Millis::try_from(current.txn_timeout_ms).ok().filter(|_| !metadata.is_two_phase_commit()),
        opened_ms: Millis::try_from(current.txn_start_timestamp).ok().filter(|_| is_open),
        abort_check_ms: abort_check(cluster, node.config.id),
        partitions: current
            .topic_partitions
            .iter()
            .map(|each| TransactionPartition { partition: each.clone(), leader: leader(each) })
            .collect(),
        log: transaction_log(cluster, log, &metadata.transactional_id),
    }
}

/// When a coordinator looks for transactions that are open for too long.
fn abort_check(cluster: &Cluster, node: i32) -> Option<Millis> {
    cluster.events().find_map(|(at, _, event)| match event {
        Event::Fire { endpoint, timer: Timer::Broker(BrokerTimer::TransactionAbort) } => {
            endpoint.listener().is_some_and(|(id, _)| id == node).then_some(at)
        }
        Event::Fire { .. }
        | Event::Deliver(_)
        | Event::Handle { .. }
        | Event::HandlerDone { .. }
        | Event::ProcessorDone { .. }
        | Event::ThrottleDone { .. }
        | Event::Poll { .. }
        | Event::Send { .. }
        | Event::DiskDone { .. }
        | Event::ConnectionSetupTimeout { .. } => None,
    })
}

/// A partition as its leader has it; none while nobody leads it.
fn partition_view(
    cluster: &Cluster,
    partition: TopicPartition,
    transactions: &[TransactionView],
) -> Option<TransactionPartitionView> {
    let (node, stored, found) = leading(cluster, &partition)?;
    let (log, high_watermark) = (&stored.log, found.high_watermark);
    let last_stable_offset = log.last_stable_offset(high_watermark);
    let known = |producer_id: i64| {
        let has = |each: &&TransactionView| {
            each.producer_id == producer_id && each.partitions.iter().any(|of| of.partition == partition)
        };
        transactions.iter().find(has).map(|each| each.transactional_id.clone())
    };
    let mut open: Vec<OpenTransactionView> = Vec::new();
    for (producer_id, entry) in log.producer_state().producers() {
        if let Some(first_offset) = entry.current_txn_first_offset {
            open.push(OpenTransactionView {
                producer_id: *producer_id,
                producer_epoch: entry.producer_epoch,
                first_offset,
                transactional_id: known(*producer_id),
            });
        }
    }
    open.sort_unstable_by_key(|each| each.first_offset);
    let aborted = log.transaction_index().entries().iter().map(|entry| AbortedTransactionView {
        producer_id: entry.producer_id,
        first_offset: entry.first_offset,
        last_offset: entry.last_offset,
        last_stable_offset: entry.last_stable_offset,
    });
    Some(TransactionPartitionView {
        leader: node.config.id,
        log_start_offset: log.log_start_offset(),
        last_stable_offset,
        high_watermark,
        log_end_offset: log.log_end_offset(),
        open,
        aborted: aborted.collect(),
        records: records(log, &partition, high_watermark, last_stable_offset),
        partition,
    })
}

/// The newest records.
fn records(log: &Log, partition: &TopicPartition, high_watermark: i64, last_stable: i64) -> Vec<TransactionRecordView> {
    let mut newest: Vec<TransactionRecordView> = Vec::new();
    for batch in log.batches().rev() {
        let fate = RecordFate::of(batch, log);
        for record in batch.records.iter().rev() {
            let offset = batch.base_offset.saturating_add(i64::from(record.offset_delta));
            if offset < log.log_start_offset() || newest.len() == RECORDS_SHOWN_MAX {
                break;
            }
            let words = if *partition.topic == *OFFSETS_TOPIC && !fate.is_marker() {
                super::group_records::to_readable(record)
            } else {
                record.clone()
            };
            let text = |bytes: &Option<Bytes>| bytes.as_ref().filter(|_| !fate.is_marker()).map(ToString::to_string);
            newest.push(TransactionRecordView {
                offset,
                key: text(&words.key),
                value: text(&words.value),
                producer_id: batch.producer_id,
                fate,
                is_read_uncommitted: offset < high_watermark && !fate.is_marker(),
                is_read_committed: offset < last_stable && !fate.is_marker() && fate != RecordFate::Aborted,
            });
        }
        if newest.len() == RECORDS_SHOWN_MAX {
            break;
        }
    }
    newest.reverse();
    newest
}

fn state_name<S: serde::Serializer>(state: &TransactionState, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(state.name())
}

fn pending_state_name<S: serde::Serializer>(
    state: &Option<TransactionState>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    state.map(TransactionState::name).serialize(serializer)
}
