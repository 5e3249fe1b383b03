//! Producers and consumers.

use serde::Serialize;

use crate::client::consumer::{ConsumerRecord, ProcessedRecord, Subscription};
use crate::client::partitioner::{murmur2, partition_for_key, to_positive};
use crate::client::producer::transaction::Transaction;
use crate::client::producer::transaction_manager::{IdempotenceState, TransactionManager};
use crate::client::producer::{Batch, PartitionedBy, Partitioning};
use crate::client::{Consumer, Producer};
use crate::sim::Millis;
use crate::sort::SharedSort;
use crate::transaction::{TransactionCall, TransactionManagerState};
use crate::wire::records::Bytes;
use crate::wire::{ErrorCode, Topic, TopicPartition};

/// A producer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ProducerView {
    /// Its number.
    pub number: u32,
    /// `acks` as set: `all`, `1`, `0`.
    pub acks: String,
    /// Records in its accumulator: partition and how many.
    pub accumulated: Vec<(TopicPartition, i64)>,
    /// Batches sent and not answered: partition and how many.
    pub in_flight: Vec<(TopicPartition, i64)>,
    /// Records acknowledged so far.
    pub acknowledged: i64,
    /// Records given up so far.
    pub failed: i64,
    /// The leaders it believes in.
    pub known_leaders: Vec<(TopicPartition, i32)>,
    /// How its last record found its partition, step by step.
    pub last_partitioning: Option<PartitioningView>,
    /// Its id; none without `enable.idempotence`.
    pub idempotence: Option<IdempotenceView>,
    /// Its transaction; none without `transactional.id`.
    pub transaction: Option<ProducerTransactionView>,
    /// Whether its process runs.
    pub is_running: bool,
    /// Whether its application has closed it and waits for the end of that.
    pub is_closing: bool,
    /// Its batches that are not done, by partition, the oldest first.
    pub batches: Vec<ProducerBatchView>,
    /// Records whose `send()` has not returned: it waits for metadata, or for memory.
    pub unassigned: i64,
    /// `buffer.memory`, in bytes.
    pub buffer_memory: u64,
    /// What of that no batch has, in bytes.
    pub available_memory: u64,
    /// The perf test that its application makes, if any.
    pub perf_test: Option<PerfTestView>,
}

/// An application that sends records at a rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PerfTestView {
    /// How many records it has handed over.
    pub sent: u32,
    /// How many it is to send.
    pub num_records: u32,
    /// How many records a second it aims at.
    pub throughput: u32,
}

/// The id of an idempotent producer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct IdempotenceView {
    /// Its id; -1 while it has none.
    pub producer_id: i64,
    /// The epoch of it; -1 while it has none.
    pub epoch: i16,
    /// Whether a broker was asked and has not answered.
    pub is_asked: bool,
    /// Of each partition the next sequence number and the last one acknowledged, -1 for none.
    pub sequences: Vec<(TopicPartition, i32, i32)>,
}

/// The transaction of a producer, as that producer knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ProducerTransactionView {
    /// `transactional.id`.
    pub transactional_id: String,
    /// Where it stands.
    pub state: TransactionManagerState,
    /// What the application may call now.
    pub calls: Vec<TransactionCall>,
    /// The application that moves it by itself: the number of its consumer.
    pub application: Option<u32>,
    /// Why it is in an error state, if it is.
    pub error: Option<ErrorCode>,
    /// Whether partitions join by being written to and each end bumps the epoch (KIP-890); none while that is not known.
    pub is_version_2: Option<bool>,
    /// Who coordinates it, -1 while unknown.
    pub coordinator: i32,
    /// The partitions in it.
    pub partitions: Vec<TopicPartition>,
}

/// What a producer's batch waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "stage")]
pub enum ProducerBatchStage {
    /// More records, until it is full or has lingered.
    Lingers {
        /// Until then, in milliseconds.
        until_ms: u64,
    },
    /// Its turn: it is ready, but the producer has no id or leader for it, or order or requests in flight forbid it.
    Ready,
    /// The end of the pause after an error.
    BacksOff {
        /// Until then, in milliseconds.
        until_ms: u64,
    },
    /// The answer of a broker.
    InFlight {
        /// The broker.
        node: i32,
    },
}

/// A batch of a producer (`ProducerBatch`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ProducerBatchView {
    /// Where it goes.
    pub partition: TopicPartition,
    /// Its number: batches of a partition are sent in this order.
    pub number: u64,
    /// Its records.
    pub records: i64,
    /// Its bytes.
    pub size_bytes: u32,
    /// What it waits for.
    pub stage: ProducerBatchStage,
    /// How often it was sent.
    pub attempts: u32,
    /// The sequence number of its first record, where it has one.
    pub base_sequence: Option<i32>,
    /// When it is given up (`delivery.timeout.ms`), in milliseconds.
    pub expires_ms: u64,
}

/// How a record found its partition.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PartitioningView {
    /// The topic.
    pub topic: String,
    /// The key's bytes, if it had one.
    pub key_bytes: Option<Vec<u8>>,
    /// murmur2 of the key.
    pub hash: Option<i32>,
    /// The hash with the sign bit masked.
    pub positive: Option<i32>,
    /// How many partitions the topic has, as the producer knows.
    pub partitions: i32,
    /// The partition chosen.
    pub partition: i32,
    /// Why.
    pub by: PartitionedBy,
}

/// A consumer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ConsumerView {
    /// Its number.
    pub number: u32,
    /// `group.id`.
    pub group: String,
    /// Its member id, "" before it joined.
    pub member_id: String,
    /// The generation it is in, -1 for none.
    pub generation: i32,
    /// The coordinator it knows of, -1 for none.
    pub coordinator: i32,
    /// What it reads.
    pub subscription: SubscriptionView,
    /// Its partitions.
    pub assigned: Vec<AssignedView>,
    /// The last records that the application got, newest last; at most 32.
    pub read: Vec<ReadRecordView>,
    /// Records that the application got so far.
    pub records_read: i64,
    /// Whether its process runs.
    pub is_running: bool,
    /// Records that its application holds and has not processed.
    pub in_hand: i64,
    /// What its application has processed, where it processes by hand, also in earlier processes.
    pub processed: Vec<ProcessedView>,
}

/// A record that an application has processed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ProcessedView {
    /// From which partition.
    pub partition: TopicPartition,
    /// Its offset.
    pub offset: i64,
    /// How often.
    pub times: u32,
}

/// What a consumer reads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum SubscriptionView {
    /// Nothing.
    None,
    /// Topics, sorted by name.
    Topics {
        /// Which.
        topics: Vec<Topic>,
    },
    /// The topics whose names match.
    Pattern {
        /// The pattern.
        pattern: String,
        /// The topics that matched when the consumer looked last; none where the broker looks.
        topics: Vec<Topic>,
        /// Whether the broker looks.
        by_broker: bool,
    },
    /// Partitions that its application assigned.
    Partitions,
}

/// One partition of a consumer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AssignedView {
    /// Which.
    pub partition: TopicPartition,
    /// The next offset that a poll returns; -1 while unknown.
    pub position: i64,
    /// What it knows to be committed; -1 for nothing.
    pub committed: i64,
    /// Whether its application has paused it.
    pub is_paused: bool,
}

/// A record that the application got.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReadRecordView {
    /// From which partition.
    pub partition: TopicPartition,
    /// Its offset.
    pub offset: i64,
    /// Its key.
    pub key: Option<String>,
    /// Its value.
    pub value: Option<String>,
}

impl Producer {
    /// What is shown of it.
    /// `application` is the number of the consumer whose application it belongs to, if it does.
    pub fn view(&self, now: Millis, application: Option<u32>) -> ProducerView {
        ProducerView {
            number: self.number(),
            acks: if self.acks() == -1 { "all".to_owned() } else { self.acks().to_string() },
            accumulated: self.accumulated().map(|(partition, records)| (partition.clone(), records)).collect(),
            in_flight: self.in_flight_batches().into_iter().collect(),
            acknowledged: self.acknowledged(),
            failed: self.failed(),
            known_leaders: self.known_leaders().collect(),
            last_partitioning: self.last_partitioning().map(partitioning_view),
            idempotence: self.transaction_manager().map(idempotence_view),
            transaction: self.transaction().map(|transaction| transaction_view(transaction, application)),
            is_running: self.is_running(),
            is_closing: self.is_closing(),
            batches: batches(self, now),
            unassigned: self.unassigned_records(),
            buffer_memory: self.settings().buffer_memory,
            available_memory: self.available_memory(),
            perf_test: self.perf_test().map(|(options, sent)| PerfTestView {
                sent,
                num_records: options.num_records,
                throughput: options.throughput,
            }),
        }
    }
}

/// A producer's batches that are not done: those in flight, and those that wait.
fn batches(producer: &Producer, now: Millis) -> Vec<ProducerBatchView> {
    let sent = producer
        .sent_batches()
        .map(|(node, partition, batch)| batch_view(producer, partition, batch, ProducerBatchStage::InFlight { node }));
    let waiting = producer.waiting_batches().map(|(until_ms, partition, batch)| {
        let stage = match batch.attempts {
            _ if until_ms <= now => ProducerBatchStage::Ready,
            0 => ProducerBatchStage::Lingers { until_ms },
            _ => ProducerBatchStage::BacksOff { until_ms },
        };
        batch_view(producer, partition, batch, stage)
    });
    let mut batches: Vec<ProducerBatchView> = sent.chain(waiting).collect();
    batches.shared_sort_by_key(|batch| (batch.partition.clone(), batch.number));
    batches
}

fn batch_view(
    producer: &Producer,
    partition: &TopicPartition,
    batch: &Batch,
    stage: ProducerBatchStage,
) -> ProducerBatchView {
    let transactions = producer.transaction_manager();
    ProducerBatchView {
        partition: partition.clone(),
        number: batch.number,
        records: batch.record_count(),
        size_bytes: batch.size_bytes,
        stage,
        attempts: batch.attempts,
        base_sequence: transactions.and_then(|known| known.base_sequence(partition, batch.number)),
        expires_ms: batch.created_at.saturating_add(producer.settings().delivery_timeout_ms),
    }
}

fn transaction_view(transaction: &Transaction, application: Option<u32>) -> ProducerTransactionView {
    let calls = TransactionCall::ALL.into_iter().filter(|call| transaction.allows(*call));
    ProducerTransactionView {
        transactional_id: transaction.transactional_id().to_owned(),
        state: transaction.state(),
        calls: calls.collect(),
        application,
        error: transaction.error(),
        is_version_2: transaction.is_version_2(),
        coordinator: transaction.coordinator().unwrap_or(-1),
        partitions: transaction.partitions().cloned().collect(),
    }
}

fn idempotence_view(transactions: &TransactionManager) -> IdempotenceView {
    let id = match transactions.state() {
        IdempotenceState::Ready(id) => Some(id),
        IdempotenceState::Uninitialized | IdempotenceState::Initializing => None,
    };
    let sequences = transactions.partitions();
    IdempotenceView {
        producer_id: id.map_or(-1, |id| id.producer_id),
        epoch: id.map_or(-1, |id| id.epoch),
        is_asked: transactions.state() == IdempotenceState::Initializing,
        sequences: sequences
            .map(|(partition, known)| (partition.clone(), known.next_sequence, known.last_acked_sequence))
            .collect(),
    }
}

impl PartitioningView {
    /// How a record with a key finds its partition among those of a topic.
    pub fn of_key(topic: &str, key: &[u8], partitions: i32) -> Self {
        let hash = murmur2(key);
        Self {
            topic: topic.to_owned(),
            key_bytes: Some(key.to_vec()),
            hash: Some(hash),
            positive: Some(to_positive(hash)),
            partitions,
            partition: partition_for_key(key, partitions),
            by: PartitionedBy::Key,
        }
    }
}

fn partitioning_view(partitioning: &Partitioning) -> PartitioningView {
    PartitioningView {
        topic: partitioning.topic.to_string(),
        key_bytes: partitioning.key.as_ref().map(|key| key.as_slice().to_vec()),
        hash: partitioning.hash,
        positive: partitioning.hash.map(to_positive),
        partitions: partitioning.partitions,
        partition: partitioning.partition,
        by: partitioning.by,
    }
}

impl ConsumerView {
    /// How many partitions it has.
    pub fn partitions(&self) -> i64 {
        i64::try_from(self.assigned.len()).unwrap_or(i64::MAX)
    }
}

impl Consumer {
    /// What is shown of it.
    pub fn view(&self) -> ConsumerView {
        let paused: Vec<&TopicPartition> = self.paused().collect();
        ConsumerView {
            number: self.number(),
            group: self.group().to_owned(),
            member_id: self.member_id().to_owned(),
            generation: self.generation(),
            coordinator: self.coordinator().unwrap_or(-1),
            subscription: subscription_view(self.subscription()),
            assigned: self
                .assigned()
                .map(|(partition, position, committed)| AssignedView {
                    partition: partition.clone(),
                    position: position.unwrap_or(-1),
                    committed,
                    is_paused: paused.contains(&partition),
                })
                .collect(),
            read: self.last_records().map(read_record_view).collect(),
            records_read: self.records_read(),
            is_running: self.is_running(),
            in_hand: self.in_hand(),
            processed: match self.processes_at_once() {
                true => Vec::new(),
                false => self.processed().map(processed_view).collect(),
            },
        }
    }
}

fn subscription_view(subscription: &Subscription) -> SubscriptionView {
    match subscription {
        Subscription::None => SubscriptionView::None,
        Subscription::Topics(topics) => SubscriptionView::Topics { topics: topics.clone() },
        Subscription::Pattern { pattern, topics } => {
            SubscriptionView::Pattern { pattern: pattern.clone(), topics: topics.clone(), by_broker: false }
        }
        Subscription::BrokerPattern(pattern) => {
            SubscriptionView::Pattern { pattern: pattern.clone(), topics: Vec::new(), by_broker: true }
        }
        Subscription::Partitions => SubscriptionView::Partitions,
    }
}

fn processed_view(record: ProcessedRecord) -> ProcessedView {
    ProcessedView { partition: record.partition, offset: record.offset, times: record.times }
}

fn read_record_view(record: &ConsumerRecord) -> ReadRecordView {
    let text = |bytes: &Option<Bytes>| bytes.as_ref().map(ToString::to_string);
    ReadRecordView {
        partition: record.partition.clone(),
        offset: record.offset,
        key: text(&record.key),
        value: text(&record.value),
    }
}
