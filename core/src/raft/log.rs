//! The metadata log: one partition, never compacted here, its batches cheap to share with anyone who fetches them
//! (`KafkaRaftLog`).

use std::sync::Arc;

use crate::metadata::MetadataRecord;
use crate::sim::Millis;
use crate::wire::records::{Record, RecordBatch};

/// The log of `__cluster_metadata-0`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct MetadataLog {
    batches: Vec<Arc<RecordBatch>>,
}

impl MetadataLog {
    /// The offset that the next record gets.
    pub fn end_offset(&self) -> i64 {
        self.batches.last().map_or(0, |batch| batch.next_offset())
    }

    /// Where the log starts.
    pub fn start_offset(&self) -> i64 {
        self.batches.first().map_or(0, |batch| batch.base_offset)
    }

    /// The epoch of the last record, 0 for an empty log.
    pub fn last_epoch(&self) -> i32 {
        self.batches.last().map_or(0, |batch| batch.partition_leader_epoch)
    }

    /// The epoch of the record at an offset; `None` where the log has none there.
    pub fn epoch_at(&self, offset: i64) -> Option<i32> {
        let batch = self.batches_from(offset).first().filter(|batch| batch.base_offset <= offset)?;
        Some(batch.partition_leader_epoch)
    }

    /// All batches, oldest first.
    pub fn batches(&self) -> &[Arc<RecordBatch>] {
        &self.batches
    }

    /// Appends one batch as the leader of an epoch; gives the offset of its first record. Nothing is appended, and the
    /// end offset given, without records.
    pub fn append(&mut self, epoch: i32, now: Millis, is_control: bool, records: Vec<Record>) -> i64 {
        let base_offset = self.end_offset();
        if records.is_empty() {
            return base_offset;
        }
        let timestamp = i64::try_from(now).unwrap_or(i64::MAX);
        let records = records.into_iter().map(|record| Record { timestamp, ..record });
        let batch = RecordBatch { base_offset, partition_leader_epoch: epoch, is_control, ..RecordBatch::of(records) };
        self.batches.push(Arc::new(batch));
        base_offset
    }

    /// Appends what a leader sent. What the log has already is passed over.
    pub fn append_as_follower(&mut self, batches: &[Arc<RecordBatch>]) {
        for batch in batches {
            if batch.base_offset == self.end_offset() {
                self.batches.push(Arc::clone(batch));
            }
        }
    }

    /// Cuts off what the leader does not have, which has `epoch` up to `end_offset`; gives the end offset
    /// (`RaftLog.truncateToEndOffset`).
    pub fn truncate_to_end_offset(&mut self, epoch: i32, end_offset: i64) -> i64 {
        let (own_epoch, own_end) = self.end_of_epoch(epoch);
        let to = if own_epoch == epoch { own_end.min(end_offset) } else { own_end };
        self.batches.retain(|batch| batch.next_offset() <= to);
        self.end_offset()
    }

    /// The batches from the one that holds `offset`, up to `max_bytes` but at least one.
    pub fn read(&self, offset: i64, max_bytes: u32) -> Vec<Arc<RecordBatch>> {
        let mut room = max_bytes;
        let mut read = Vec::new();
        for batch in self.batches_from(offset) {
            let size = batch.size_bytes();
            if !read.is_empty() && size > room {
                break;
            }
            room = room.saturating_sub(size);
            read.push(Arc::clone(batch));
        }
        read
    }

    /// The largest epoch not above the one asked for, and where it ends (`endOffsetForEpoch`). Epoch 0 at offset 0 where
    /// the log has none so old.
    pub fn end_of_epoch(&self, epoch: i32) -> (i32, i64) {
        let after = self.batches.partition_point(|batch| batch.partition_leader_epoch <= epoch);
        match self.batches[..after].last() {
            Some(batch) => (batch.partition_leader_epoch, batch.next_offset()),
            None => (0, self.start_offset()),
        }
    }

    /// The metadata records from `offset` on with their offsets and epochs. Control records are left out.
    pub fn records_from(&self, offset: i64) -> impl Iterator<Item = (i64, i32, MetadataRecord)> + '_ {
        self.batches_from(offset).iter().filter(|batch| !batch.is_control).flat_map(move |batch| {
            let epoch = batch.partition_leader_epoch;
            batch.records.iter().filter_map(move |record| {
                let at = batch.base_offset.saturating_add(i64::from(record.offset_delta));
                if at < offset {
                    return None;
                }
                Some((at, epoch, MetadataRecord::from_record(record)?))
            })
        })
    }

    fn batches_from(&self, offset: i64) -> &[Arc<RecordBatch>] {
        let from = self.batches.partition_point(|batch| batch.last_offset() < offset);
        &self.batches[from..]
    }
}
