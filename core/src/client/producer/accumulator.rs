//! Records that wait to be sent, in batches by partition (`RecordAccumulator`).

use std::collections::VecDeque;

use super::compression_ratio_estimator::CompressionRatioEstimator;
use crate::flat_map::FlatMap;
use crate::settings::ProducerSettings;
use crate::sim::Millis;
use crate::wire::TopicPartition;
use crate::wire::records::{
    CompressionType, RECORD_BATCH_OVERHEAD_BYTES, Record, RecordBatch, record_size_upper_bound,
};

/// A batch that waits or is on its way (`ProducerBatch`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Batch {
    /// Batches of a partition are sent in the order of their numbers.
    pub number: u64,
    /// How many numbers from its own on are free for the parts that it may be split into.
    pub(super) numbers: u64,
    pub(super) records: Vec<Record>,
    /// The numbers of their deliveries.
    pub(super) deliveries: Vec<u64>,
    /// Its bytes: as far as can be expected while it is filled, from then on as they are on the wire.
    pub size_bytes: u32,
    /// How it is compressed.
    pub compression: CompressionType,
    /// What its records take of their bytes if they are compressed, in percent.
    pub(super) compressed_percent: u32,
    /// The ratio that was expected when it was begun, in thousandths.
    expected_ratio: u32,
    /// The bytes of its records, uncompressed.
    uncompressed_bytes: u32,
    /// When its first record came, in milliseconds: `delivery.timeout.ms` counts from here.
    pub created_at: Millis,
    /// How often it was sent.
    pub attempts: u32,
    /// Not to be sent again before, in milliseconds.
    pub(super) not_before: Millis,
    /// The leader epoch known when it was last sent: under a newer one it need not wait.
    pub(super) leader_epoch: i32,
    /// Whether it is a part of one that was too large: nothing is added to it.
    pub(super) is_split: bool,
    /// What it takes of `buffer.memory`, in bytes; nothing where it was split off.
    pub buffer_bytes: u32,
}

impl Batch {
    /// How many records it has.
    pub fn record_count(&self) -> i64 {
        i64::try_from(self.records.len()).unwrap_or(i64::MAX)
    }

    fn is_full(&self, batch_size: u32) -> bool {
        self.size_bytes >= batch_size
    }

    /// The bytes that it is expected to have (`MemoryRecordsBuilder.estimatedBytesWritten`).
    fn estimated_bytes(&self) -> u32 {
        let bytes = u64::from(self.uncompressed_bytes);
        let expected = if self.compression == CompressionType::None {
            bytes
        } else {
            let scaled = bytes.saturating_mul(u64::from(self.expected_ratio)).saturating_mul(ESTIMATION_FACTOR_PERCENT);
            scaled / (1_000 * 100)
        };
        RECORD_BATCH_OVERHEAD_BYTES.saturating_add(u32::try_from(expected).unwrap_or(u32::MAX))
    }

    /// Nothing more comes in (`ProducerBatch.close`): it has the bytes that it has. Gives the ratio that it came to, in thousandths
    /// (`MemoryRecordsBuilder.compressionRatio`).
    fn close(&mut self) -> u32 {
        let bytes = self.compression.compressed_bytes(self.uncompressed_bytes, self.compressed_percent);
        self.size_bytes = RECORD_BATCH_OVERHEAD_BYTES.saturating_add(bytes);
        u64::from(bytes)
            .saturating_mul(1_000)
            .checked_div(u64::from(self.uncompressed_bytes))
            .and_then(|ratio| u32::try_from(ratio).ok())
            .unwrap_or(1_000)
    }

    /// Bytes that one more record adds, where it has a place: the batch does not grow beyond `batch_size` for it. That the record
    /// itself will be compressed does not count yet (`MemoryRecordsBuilder.hasRoomFor`).
    fn room_for(&self, record: &Record, batch_size: u32) -> Option<u32> {
        let base = self.records.first().map_or(record.timestamp, |first| first.timestamp);
        let delta = i32::try_from(self.records.len()).unwrap_or(i32::MAX);
        let bytes = record_bytes(record, base, delta);
        (self.size_bytes.saturating_add(bytes) <= batch_size).then_some(bytes)
    }

    fn push(&mut self, record: Record, delivery: u64, bytes: u32) {
        self.records.push(record);
        self.deliveries.push(delivery);
        self.uncompressed_bytes = self.uncompressed_bytes.saturating_add(bytes);
        self.size_bytes = self.estimated_bytes();
    }
}

/// What is expected is taken for so much, in percent (`COMPRESSION_RATE_ESTIMATION_FACTOR`).
const ESTIMATION_FACTOR_PERCENT: u64 = 105;

/// How many numbers a batch reserves, its own included.
const NUMBERS_OF_BATCH: u64 = 1 << 20;

/// The batches that wait, the oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Accumulator {
    next_number: u64,
    pub(super) queues: FlatMap<TopicPartition, VecDeque<Batch>>,
    /// How well batches are expected to be compressed.
    pub(super) estimator: CompressionRatioEstimator,
    /// Whether the producer is being closed: nothing lingers.
    pub(super) is_closed: bool,
    /// Whether somebody waits for memory: nothing lingers either.
    pub(super) is_exhausted: bool,
    /// Whether a transaction is ending: its last batches do not linger (`RecordAccumulator.ready`, `transactionCompleting`).
    pub(super) is_completing: bool,
}

/// Bytes that a record adds to a batch.
fn record_bytes(record: &Record, base_timestamp: i64, offset_delta: i32) -> u32 {
    let first = Record { timestamp: base_timestamp, ..Record::default() };
    let alone = RecordBatch { records: vec![first.clone()], ..RecordBatch::default() };
    let both =
        RecordBatch { records: vec![first, Record { offset_delta, ..record.clone() }], ..RecordBatch::default() };
    both.size_bytes() - alone.size_bytes()
}

/// How large a batch with this one record may be (`AbstractRecords.estimateSizeInBytesUpperBound`): what
/// `max.request.size` bounds.
pub(super) fn size_upper_bound(record: &Record) -> u32 {
    RECORD_BATCH_OVERHEAD_BYTES.saturating_add(record_size_upper_bound(record))
}

/// Bytes of a record that a batch begins with, uncompressed.
fn first_record_bytes(record: &Record) -> u32 {
    record_bytes(record, record.timestamp, 0)
}

/// The piece of memory that a batch which begins with a record is built in (`BufferPool.allocate`).
pub(super) fn buffer_bytes(record: &Record, batch_size: u32) -> u32 {
    size_upper_bound(record).max(batch_size)
}

impl Accumulator {
    /// Bytes that a record adds to the partition's last batch; none where it needs another batch, and with that memory.
    pub(super) fn room_for(&self, partition: &TopicPartition, record: &Record, batch_size: u32) -> Option<u32> {
        let last = self.queues.get(partition).and_then(|queue| queue.back());
        last.filter(|last| last.attempts == 0 && !last.is_split)?.room_for(record, batch_size)
    }

    /// Puts a record into the partition's last batch where that has `room` for it, or begins another. Gives the bytes it takes
    /// of the batch, as far as can be expected, and whether that is full.
    pub(super) fn append(
        &mut self,
        partition: &TopicPartition,
        (record, delivery): (Record, u64),
        room: Option<u32>,
        now: Millis,
        settings: &ProducerSettings,
    ) -> (u32, bool) {
        let batch_size = settings.batch_size;
        let queue = self.queues.entry(partition.clone()).or_default();
        if let (Some(bytes), Some(last)) = (room, queue.back_mut()) {
            let before = last.size_bytes;
            last.push(record, delivery, bytes);
            return (last.size_bytes.saturating_sub(before), last.is_full(batch_size));
        }
        let compression = CompressionType::named(&settings.compression_type).unwrap_or_default();
        let buffer_bytes = buffer_bytes(&record, batch_size);
        let number = self.next_number;
        self.next_number = number.saturating_add(NUMBERS_OF_BATCH);
        let mut batch = Batch {
            number,
            numbers: NUMBERS_OF_BATCH,
            records: Vec::new(),
            deliveries: Vec::new(),
            size_bytes: RECORD_BATCH_OVERHEAD_BYTES,
            compression,
            compressed_percent: settings.simulated_compressed_percent,
            expected_ratio: self.estimator.estimation(&partition.topic, compression),
            uncompressed_bytes: 0,
            created_at: now,
            attempts: 0,
            not_before: 0,
            leader_epoch: -1,
            is_split: false,
            buffer_bytes,
        };
        let bytes = first_record_bytes(&record);
        batch.push(record, delivery, bytes);
        let (is_full, size_bytes) = (batch.is_full(batch_size), batch.size_bytes);
        queue.push_back(batch);
        (size_bytes.saturating_sub(RECORD_BATCH_OVERHEAD_BYTES), is_full)
    }

    /// Splits a batch that a broker finds too large into parts of at most `batch.size` bytes, a part that is still too large into
    /// halves; each is as if it had never been sent (`splitAndReenqueue`). Gives their numbers and how many records each has; where
    /// they have no place, all is left as it was.
    pub(super) fn split_and_reenqueue(
        &mut self,
        partition: &TopicPartition,
        batch: Batch,
        batch_size: u32,
        is_idempotent: bool,
    ) -> Result<Vec<(u64, i64)>, Batch> {
        // What the batches of the topic come to was expected wrongly.
        let observed = batch.clone().close();
        self.estimator.reset(&partition.topic, batch.compression, observed);
        let expected_ratio = self.estimator.estimation(&partition.topic, batch.compression);
        let largest_record = batch.records.iter().map(size_upper_bound).max().unwrap_or(0);
        let target_bytes = if batch.is_split { largest_record.max(batch.size_bytes / 2) } else { batch_size };
        let mut parts: Vec<Batch> = Vec::new();
        for (record, delivery) in batch.records.iter().cloned().zip(&batch.deliveries) {
            if let Some(last) = parts.last_mut()
                && let Some(bytes) = last.room_for(&record, target_bytes)
            {
                last.push(record, *delivery, bytes);
                continue;
            }
            let mut part = Batch {
                size_bytes: RECORD_BATCH_OVERHEAD_BYTES,
                expected_ratio,
                uncompressed_bytes: 0,
                records: Vec::new(),
                deliveries: Vec::new(),
                attempts: 0,
                not_before: 0,
                leader_epoch: -1,
                is_split: true,
                buffer_bytes: 0,
                ..batch.clone()
            };
            let bytes = first_record_bytes(&record);
            part.push(record, *delivery, bytes);
            parts.push(part);
        }
        let Some(step) = batch.numbers.checked_div(parts.len() as u64).filter(|step| *step > 0) else {
            return Err(batch);
        };
        let mut numbered = Vec::new();
        for (at, part) in parts.into_iter().enumerate().rev() {
            let number = batch.number.saturating_add((at as u64).saturating_mul(step));
            numbered.push((number, part.record_count()));
            self.put_back(partition, Batch { number, numbers: step, ..part }, is_idempotent);
        }
        numbered.reverse();
        Ok(numbered)
    }

    /// Puts a batch back (`reenqueue`): with sequence numbers before those that came after it (`insertInSequenceOrder`), without
    /// them first of all. So of several that failed together the last is sent first: that is how retries change the order.
    pub(super) fn put_back(&mut self, partition: &TopicPartition, batch: Batch, is_idempotent: bool) {
        let queue = self.queues.entry(partition.clone()).or_default();
        let place = if is_idempotent { queue.partition_point(|other| other.number < batch.number) } else { 0 };
        queue.insert(place, batch);
    }

    /// Takes out the oldest batch of a partition, to be sent: nothing more comes in.
    pub(super) fn drain(&mut self, partition: &TopicPartition) -> Option<Batch> {
        let queue = self.queues.get_mut(partition)?;
        let mut batch = queue.pop_front()?;
        if queue.is_empty() {
            self.queues.remove(partition);
        }
        let observed = batch.close();
        self.estimator.update(&partition.topic, batch.compression, observed);
        Some(batch)
    }

    /// Takes out everything that waits.
    pub(super) fn take_all(&mut self) -> Vec<(TopicPartition, Batch)> {
        let queues = std::mem::take(&mut self.queues).into_iter();
        queues.flat_map(|(partition, queue)| queue.into_iter().map(move |batch| (partition.clone(), batch))).collect()
    }

    /// Takes out the batches that were never sent.
    pub(super) fn take_unsent(&mut self) -> Vec<(TopicPartition, Batch)> {
        let mut unsent = Vec::new();
        for (partition, queue) in &mut self.queues {
            let (sent, never): (VecDeque<Batch>, VecDeque<Batch>) =
                std::mem::take(queue).into_iter().partition(|batch| batch.attempts > 0 || batch.is_split);
            *queue = sent;
            unsent.extend(never.into_iter().map(|batch| (partition.clone(), batch)));
        }
        self.queues.retain(|_, queue| !queue.is_empty());
        unsent
    }

    /// Takes out the batches that may wait no longer (`delivery.timeout.ms`).
    pub(super) fn take_expired(&mut self, now: Millis, delivery_timeout_ms: Millis) -> Vec<(TopicPartition, Batch)> {
        let mut expired = Vec::new();
        for (partition, queue) in &mut self.queues {
            while let Some(batch) =
                queue.pop_front_if(|batch| batch.created_at.saturating_add(delivery_timeout_ms) <= now)
            {
                expired.push((partition.clone(), batch));
            }
        }
        self.queues.retain(|_, queue| !queue.is_empty());
        expired
    }

    /// When the oldest batch of a partition may go out: when it is full or has lingered; one that failed, after its
    /// wait. `leader_epoch` is the one known now.
    pub(super) fn ready_at(
        &self,
        partition: &TopicPartition,
        leader_epoch: i32,
        settings: &ProducerSettings,
    ) -> Millis {
        let Some(queue) = self.queues.get(partition) else { return Millis::MAX };
        let Some(first) = queue.front() else { return Millis::MAX };
        if first.attempts > 0 {
            // Under a new leader there is no reason to wait (KIP-951).
            return if leader_epoch > first.leader_epoch { 0 } else { first.not_before };
        }
        let is_urgent = self.is_closed || self.is_exhausted || self.is_completing;
        // Nothing more comes into a part.
        let is_closed = first.is_split || first.is_full(settings.batch_size);
        if queue.len() > 1 || is_closed || is_urgent {
            return 0;
        }
        first.created_at.saturating_add(settings.linger_ms)
    }
}
