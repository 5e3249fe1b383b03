//! What a follower does to its own log with its leader's answers: appends, truncates, begins anew
//! (`Partition.appendRecordsToFollowerOrFutureReplica`, `ReplicaFetcherThread.processPartitionData`).
//!
//! Nothing that a log refuses is dropped in silence: the partition is tried again later or marked as failed.

use std::rc::Rc;

use super::fetcher::FetchMode;
use super::{Broker, Context};
use crate::change::Change;
use crate::explain::{Explanation, TruncatedBy};
use crate::log::AppendError;
use crate::wire::ids::TopicIdPartition;
use crate::wire::records::RecordBatch;
use crate::wire::replication::PartitionData;

impl Broker {
    /// `Partition.appendRecordsToFollowerOrFutureReplica`. The last offset that was appended, if any.
    pub(super) fn append_fetched(
        &mut self,
        cx: &mut Context,
        id: TopicIdPartition,
        leader_epoch: i32,
        batches: &[Rc<RecordBatch>],
    ) -> Result<Option<i64>, AppendError> {
        if batches.is_empty() {
            return Ok(None);
        }
        self.remove_expired_producers(cx, &id);
        let (Some(partition), Some(log)) = (self.partitions.get_mut(&id), cx.disk.log_mut(&id)) else {
            return Ok(None);
        };
        let (node, settings) = (self.id, partition.settings.clone());
        let from = log.log_end_offset();
        let mut begins_at = None;
        let appended = match log.append_as_follower(batches, leader_epoch, &settings, cx.now) {
            // The leader's log starts within a batch, after DeleteRecords, and this log is empty at that very offset: it
            // begins anew where the batch does (KAFKA-6975).
            Err(AppendError::UnexpectedOffset { base_offset, last_offset, log_end_offset })
                if log.log_start_offset() == log_end_offset && last_offset >= log_end_offset =>
            {
                log.truncate_fully_and_start_at(base_offset);
                partition.high_watermark = base_offset;
                begins_at = Some(base_offset);
                log.append_as_follower(batches, leader_epoch, &settings, cx.now)
            }
            appended => appended,
        };
        let name = partition.name.clone();
        if let Some(to) = begins_at {
            cx.fx.change(Change::Truncated { node, partition: name.clone(), from, to });
            self.checkpoint_recovery_points(cx);
        }
        let infos = appended?;
        for (info, batch) in infos.iter().zip(batches) {
            if let Some(base_offset) = info.rolled {
                cx.fx.change(Change::SegmentRolled { node, partition: name.clone(), base_offset });
            }
            cx.fx.change(Change::Appended {
                node,
                partition: name.clone(),
                base_offset: info.first_offset,
                last_offset: info.last_offset,
                leader_epoch: batch.partition_leader_epoch,
                as_leader: false,
            });
            if let Some(to) = info.flushed_to {
                cx.fx.change(Change::Flushed { node, partition: name.clone(), to });
            }
            if let Some(entry) = info.epoch_entry {
                cx.fx.change(Change::EpochStarted {
                    node,
                    partition: name.clone(),
                    leader_epoch: entry.epoch,
                    start_offset: entry.start_offset,
                });
            }
        }
        Ok(infos.last().map(|info| info.last_offset))
    }

    /// What the fetcher does with a partition whose log refused what was fetched (`processFetchRequest`): a corrupt batch may
    /// be whole the next time, everything else would be refused again.
    pub(super) fn log_refused(&mut self, cx: &mut Context, leader: i32, id: TopicIdPartition, refused: AppendError) {
        let Some(partition) = self.partitions.get(&id).map(|partition| partition.name.clone()) else { return };
        let node = self.id;
        match refused {
            AppendError::Corrupt { .. } => {
                cx.fx.explain(Explanation::FollowerFetchedCorrupt { node, leader, partition });
                self.delay_partition(cx, leader, id);
            }
            AppendError::UnexpectedOffset { .. }
            | AppendError::OffsetsOutOfOrder { .. }
            | AppendError::RecordListTooLarge { .. } => {
                cx.fx.explain(Explanation::FollowerPartitionFailed { node, leader, partition });
                self.set_mode(leader, &id, FetchMode::Failed);
            }
        }
    }

    /// Takes the leader's high watermark and log start over, as the answer to a fetch carried them.
    pub(super) fn follow_leaders_offsets(
        &mut self,
        cx: &mut Context,
        leader: i32,
        id: TopicIdPartition,
        data: &PartitionData,
        appended: Option<i64>,
    ) {
        let (Some(partition), Some(stored)) = (self.partitions.get_mut(&id), cx.disk.logs.get_mut(&id)) else { return };
        let (node, name, log) = (self.id, &partition.name, &stored.log);
        let to = super::high_watermark::follower_high_watermark(
            data.high_watermark,
            log.log_start_offset(),
            log.log_end_offset(),
        );
        let from = std::mem::replace(&mut partition.high_watermark, to);
        if from != to {
            let partition = name.clone();
            cx.fx.change(Change::HighWatermarkMoved { node, partition, from, to, as_leader: false });
        }
        if log.has_replicated_transactions(to) {
            Rc::make_mut(stored).log.remove_replicated_transactions(to);
        }
        let log_start = stored.log.log_start_offset();
        if data.log_start_offset > to {
            // `maybeIncrementLogStartOffset` throws where the leader's log starts above what this replica knows committed.
            let partition = name.clone();
            cx.fx.explain(Explanation::FollowerPartitionFailed { node, leader, partition });
            return self.set_mode(leader, &id, FetchMode::Failed);
        }
        // Only where it moves is the log written to: it may be shared.
        if data.log_start_offset > log_start && Rc::make_mut(stored).log.move_log_start(data.log_start_offset) {
            let (partition, to) = (name.clone(), stored.log.log_start_offset());
            cx.fx.change(Change::LogStartMoved { node, partition, from: log_start, to });
        }
        if let Some(last_offset) = appended {
            let partition = name.clone();
            cx.fx.explain(Explanation::FollowerAppended { node, leader, partition, last_offset });
        } else if from != to {
            let (partition, high_watermark) = (name.clone(), to);
            cx.fx.explain(Explanation::FollowerLearnedHighWatermark { node, leader, partition, high_watermark });
        }
        if from != to {
            self.touch(id);
        }
    }

    /// Cuts this replica's log where it parts from the leader's.
    pub(super) fn truncate(&mut self, cx: &mut Context, leader: i32, id: TopicIdPartition, to: i64, by: TruncatedBy) {
        let (Some(partition), Some(log)) = (self.partitions.get_mut(&id), cx.disk.log_mut(&id)) else { return };
        let from = log.log_end_offset();
        // Also where no record goes: an epoch that began at the log's end, and that the leader does not know, must go, or
        // the next fetch names it again and is told the same divergence for ever.
        let now_at = log.truncate_to(to);
        if to >= from {
            return;
        }
        cx.fx.change(Change::Truncated { node: self.id, partition: partition.name.clone(), from, to: now_at });
        if partition.high_watermark > now_at {
            cx.fx.change(Change::HighWatermarkMoved {
                node: self.id,
                partition: partition.name.clone(),
                from: partition.high_watermark,
                to: now_at,
                as_leader: false,
            });
            partition.high_watermark = now_at;
        }
        cx.fx.replace_explanation(Explanation::FollowerTruncated {
            node: self.id,
            leader,
            partition: partition.name.clone(),
            to: now_at,
            by,
        });
        self.checkpoint_recovery_points(cx);
    }

    /// Everything that this replica has is older than what the leader still keeps.
    pub(super) fn start_over(&mut self, cx: &mut Context, leader: i32, id: TopicIdPartition, at: i64) {
        let (Some(partition), Some(log)) = (self.partitions.get_mut(&id), cx.disk.log_mut(&id)) else { return };
        let from = log.log_end_offset();
        log.truncate_fully_and_start_at(at);
        partition.high_watermark = at;
        cx.fx.change(Change::Truncated { node: self.id, partition: partition.name.clone(), from, to: at });
        let name = partition.name.clone();
        let (node, by) = (self.id, TruncatedBy::LeaderLogStart);
        cx.fx.replace_explanation(Explanation::FollowerTruncated { node, leader, partition: name, to: at, by });
        self.checkpoint_recovery_points(cx);
    }
}
