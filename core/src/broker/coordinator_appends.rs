//! What coordinators append to their own topics, and markers of transactions.

use super::group::CoordinatorAppend;
use super::log_validator::size_error;
use super::metadata_cache::OFFSETS_TOPIC;
use super::produce::append_error;
use super::purgatory::{DelayedPartition, ProduceOrigin};
use super::{Broker, Context, TRANSACTION_STATE_TOPIC};
use crate::log::{AppendInfo, Log, RefusedAppend};
use crate::settings::TopicSettings;
use crate::sim::Millis;
use crate::wire::ids::TopicIdPartition;
use crate::wire::records::RecordBatch;
use crate::wire::replication::PartitionProduceResponse;
use crate::wire::{ErrorCode, Topic};

/// The `acks` of what the group coordinator appends.
pub(super) const GROUP_COORDINATOR_ACKS: i16 = 1;

impl Broker {
    /// Appends what the group coordinator wants written, and waits for the high watermark.
    pub(super) fn append_for_coordinator(&mut self, cx: &mut Context, appends: Vec<CoordinatorAppend>) {
        for append in appends {
            let partition = self.append_as_group_coordinator(cx, append.partition, append.batch);
            let origin = ProduceOrigin::Coordinator(append.id);
            self.wait_for_replicas(cx, origin, self.group_write_timeout_ms(), vec![partition]);
        }
    }

    /// How long what the group coordinator appends may wait for its replicas (`CoordinatorRuntime.writeTimeout`).
    pub(super) fn group_write_timeout_ms(&self) -> Millis {
        self.settings.offsets_commit_timeout_ms
    }

    /// Appends what the group coordinator writes to its topic; what its answer waits for. It asks for no replicas
    /// (`CoordinatorPartitionWriter.append`): where too few are in sync it is the high watermark that does not move.
    pub(super) fn append_as_group_coordinator(
        &mut self,
        cx: &mut Context,
        index: i32,
        batch: RecordBatch,
    ) -> DelayedPartition {
        self.append_as_coordinator(cx, OFFSETS_TOPIC, index, GROUP_COORDINATOR_ACKS, batch)
    }

    /// Appends what the transaction coordinator writes to its topic, as `acks=all` does; what its answer waits for.
    /// `ReplicaManager.appendRecords` leaves it to the end of a request to look at the fetches that wait there: what the
    /// coordinator appends at other times, as the completion of a transaction once its last marker is written, its followers
    /// fetch no sooner than something is asked of this broker or their fetch has waited long enough.
    pub(super) fn append_as_transaction_coordinator(
        &mut self,
        cx: &mut Context,
        index: i32,
        batch: RecordBatch,
    ) -> DelayedPartition {
        let touched = self.touched.len();
        let appended = self.append_as_coordinator(cx, TRANSACTION_STATE_TOPIC, index, -1, batch);
        if !self.is_request_thread {
            self.delayed_actions.extend(self.touched.drain(touched..));
        }
        appended
    }

    fn append_as_coordinator(
        &mut self,
        cx: &mut Context,
        topic: &str,
        index: i32,
        acks: i16,
        batch: RecordBatch,
    ) -> DelayedPartition {
        let topic_id = self.image.topic_ids.get(topic).copied().unwrap_or_default();
        let id = TopicIdPartition { topic_id, partition: index };
        let error = self.coordinator_append_error(&id, acks, &batch);
        self.append_unless(cx, error, id, topic.into(), |log, leader_epoch, settings, now| {
            log.append_as_leader(batch, leader_epoch, settings, now)
        })
    }

    /// Appends what a coordinator writes, unless there is an error already; what its answer waits for.
    pub(super) fn append_unless(
        &mut self,
        cx: &mut Context,
        error_code: ErrorCode,
        id: TopicIdPartition,
        name: Topic,
        append: impl FnOnce(&mut Log, i32, &TopicSettings, Millis) -> Result<AppendInfo, RefusedAppend>,
    ) -> DelayedPartition {
        let mut response = PartitionProduceResponse { index: id.partition, error_code, ..Default::default() };
        let mut waits_for = None;
        if error_code.is_none() {
            match self.append_to_log(cx, id, append) {
                Ok(info) => {
                    response.base_offset = info.first_offset;
                    waits_for = Some(info.last_offset.saturating_add(1));
                }
                Err(refusal) => response.error_code = refusal.error,
            }
        }
        DelayedPartition { id, name, topic_id: id.topic_id, waits_for, response, invalid: None }
    }

    /// Why this broker may not append a coordinator's batch to a partition.
    pub(super) fn coordinator_append_error(&self, id: &TopicIdPartition, acks: i16, batch: &RecordBatch) -> ErrorCode {
        let Some(partition) = self.partitions.get(id) else { return ErrorCode::NotLeaderOrFollower };
        let isr_len = partition.registration.isr.len();
        match append_error(partition.is_leader(), acks, isr_len, partition.min_isr()) {
            ErrorCode::None => size_error(batch.size_bytes(), &partition.settings),
            error => error,
        }
    }
}
