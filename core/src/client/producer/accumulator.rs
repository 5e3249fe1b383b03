//! Records that wait to be sent, in batches by partition (`RecordAccumulator`).

use std::collections::VecDeque;

use crate::flat_map::FlatMap;
use crate::settings::ProducerSettings;
use crate::sim::Millis;
use crate::wire::TopicPartition;
use crate::wire::records::{RECORD_BATCH_OVERHEAD_BYTES, Record, RecordBatch, record_size_upper_bound};

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
    /// Its bytes.
    pub size_bytes: u32,
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

    /// Bytes that one more record adds, where it has a place: the batch does not grow beyond `batch_size` for it.
    fn room_for(&self, record: &Record, batch_size: u32) -> Option<u32> {
        let base = self.records.first().map_or(record.timestamp, |first| first.timestamp);
        let delta = i32::try_from(self.records.len()).unwrap_or(i32::MAX);
        let bytes = record_bytes(record, base, delta);
        (self.size_bytes.saturating_add(bytes) <= batch_size).then_some(bytes)
    }

    fn push(&mut self, record: Record, delivery: u64, bytes: u32) {
        self.records.push(record);
        self.deliveries.push(delivery);
        self.size_bytes = self.size_bytes.saturating_add(bytes);
    }
}

/// A batch leaves so many numbers free, itself included.
const NUMBERS_OF_BATCH: u64 = 1 << 20;

/// The batches that wait, the oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Accumulator {
    next_number: u64,
    pub(super) queues: FlatMap<TopicPartition, VecDeque<Batch>>,
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

/// Bytes of a batch with this one record.
fn batch_bytes(record: &Record) -> u32 {
    RECORD_BATCH_OVERHEAD_BYTES.saturating_add(record_bytes(record, record.timestamp, 0))
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
    /// and whether that batch is full.
    pub(super) fn append(
        &mut self,
        partition: &TopicPartition,
        (record, delivery): (Record, u64),
        room: Option<u32>,
        now: Millis,
        batch_size: u32,
    ) -> (u32, bool) {
        let queue = self.queues.entry(partition.clone()).or_default();
        if let (Some(bytes), Some(last)) = (room, queue.back_mut()) {
            last.push(record, delivery, bytes);
            return (bytes, last.is_full(batch_size));
        }
        let size_bytes = batch_bytes(&record);
        let buffer_bytes = buffer_bytes(&record, batch_size);
        let number = self.next_number;
        self.next_number = number.saturating_add(NUMBERS_OF_BATCH);
        let batch = Batch {
            number,
            numbers: NUMBERS_OF_BATCH,
            records: vec![record],
            deliveries: vec![delivery],
            size_bytes,
            created_at: now,
            attempts: 0,
            not_before: 0,
            leader_epoch: -1,
            is_split: false,
            buffer_bytes,
        };
        let is_full = batch.is_full(batch_size);
        queue.push_back(batch);
        (size_bytes.saturating_sub(RECORD_BATCH_OVERHEAD_BYTES), is_full)
    }

    /// Splits a batch that a broker finds too large into parts of at most `batch.size` bytes, each of which is as if it had never
    /// been sent (`splitAndReenqueue`). Gives how many there are; where they have no place, all is left as it was.
    pub(super) fn split_and_reenqueue(
        &mut self,
        partition: &TopicPartition,
        batch: Batch,
        batch_size: u32,
    ) -> Result<Vec<(u64, i64)>, Batch> {
        let mut parts: Vec<Batch> = Vec::new();
        for (record, delivery) in batch.records.iter().cloned().zip(&batch.deliveries) {
            if let Some(last) = parts.last_mut()
                && let Some(bytes) = last.room_for(&record, batch_size)
            {
                last.push(record, *delivery, bytes);
                continue;
            }
            parts.push(Batch {
                size_bytes: batch_bytes(&record),
                records: vec![record],
                deliveries: vec![*delivery],
                attempts: 0,
                not_before: 0,
                leader_epoch: -1,
                is_split: true,
                buffer_bytes: 0,
                ..batch.clone()
            });
        }
        let Some(step) = batch.numbers.checked_div(parts.len() as u64).filter(|step| *step > 0) else {
            return Err(batch);
        };
        let mut numbered = Vec::new();
        for (part, number) in parts.into_iter().zip((0u64..).map(|at| batch.number.saturating_add(at * step))) {
            numbered.push((number, part.record_count()));
            self.put_back(partition, Batch { number, numbers: step, ..part });
        }
        Ok(numbered)
    }

    /// Puts a batch back, before those that came after it.
    pub(super) fn put_back(&mut self, partition: &TopicPartition, batch: Batch) {
        let queue = self.queues.entry(partition.clone()).or_default();
        let place = queue.partition_point(|other| other.number < batch.number);
        queue.insert(place, batch);
    }

    /// Takes out the oldest batch of a partition.
    pub(super) fn take(&mut self, partition: &TopicPartition) -> Option<Batch> {
        let queue = self.queues.get_mut(partition)?;
        let batch = queue.pop_front();
        if queue.is_empty() {
            self.queues.remove(partition);
        }
        batch
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
        if queue.len() > 1 || first.is_full(settings.batch_size) || is_urgent {
            return 0;
        }
        first.created_at.saturating_add(settings.linger_ms)
    }
}
