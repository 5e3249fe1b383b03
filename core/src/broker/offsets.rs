//! ListOffsets and OffsetForLeaderEpoch (`ReplicaManager.fetchOffset`, `lastOffsetForLeaderEpoch`).

use super::fetch::epoch_error;
use super::lookups::time_looked_up;
use super::partition::Partition;
use super::{Broker, Context};
use crate::effects::Asker;
use crate::wire::ids::TopicIdPartition;
use crate::wire::replication::{
    EpochEndOffsetResult, ListOffsetsPartition, ListOffsetsPartitionResponse, ListOffsetsRequest, ListOffsetsResponse,
    ListOffsetsTopicResponse, OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse, OffsetForLeaderPartition,
    OffsetForLeaderTopicResult,
};
use crate::wire::{ErrorCode, Response, Topic};

/// Asks for the offset after the last record that the asker may see.
const LATEST_TIMESTAMP: i64 = -1;
/// Asks for the first offset kept.
const EARLIEST_TIMESTAMP: i64 = -2;
/// Asks for the record with the greatest timestamp.
const MAX_TIMESTAMP: i64 = -3;

impl Broker {
    /// Finds a partition that this broker leads.
    pub(super) fn led(&self, topic: &Topic, partition: i32, leader_epoch: i32) -> Result<&Partition, ErrorCode> {
        let topic_id = *self.image.topic_ids.get(topic).ok_or(ErrorCode::UnknownTopicOrPartition)?;
        let known = self.image.topics.get(&topic_id).is_some_and(|topic| topic.partitions.contains_key(&partition));
        if !known {
            return Err(ErrorCode::UnknownTopicOrPartition);
        }
        let id = TopicIdPartition { topic_id, partition };
        let partition = self.partitions.get(&id).ok_or(ErrorCode::NotLeaderOrFollower)?;
        let error = epoch_error(leader_epoch, partition.registration.leader_epoch);
        if !error.is_none() {
            return Err(error);
        }
        if partition.is_leader() { Ok(partition) } else { Err(ErrorCode::NotLeaderOrFollower) }
    }

    /// `ListOffsets`.
    pub(super) fn list_offsets(&mut self, cx: &mut Context, asker: &Asker, request: &ListOffsetsRequest) {
        let topics = request
            .topics
            .iter()
            .map(|topic| ListOffsetsTopicResponse {
                name: topic.name.clone(),
                partitions: topic
                    .partitions
                    .iter()
                    .map(|asked| {
                        let found = self.list_offset(cx, request.replica_id, &topic.name, asked).map_err(|error| {
                            // OFFSET_NOT_AVAILABLE is younger than version 5 of the request.
                            let is_unknown = error == ErrorCode::OffsetNotAvailable && asker.version < 5;
                            if is_unknown { ErrorCode::LeaderNotAvailable } else { error }
                        });
                        found.unwrap_or_else(|error_code| ListOffsetsPartitionResponse {
                            partition_index: asked.partition_index,
                            error_code,
                            ..ListOffsetsPartitionResponse::default()
                        })
                    })
                    .collect(),
            })
            .collect();
        self.reply(cx, asker, Response::ListOffsets(ListOffsetsResponse { topics, ..ListOffsetsResponse::default() }));
    }

    fn list_offset(
        &self,
        cx: &mut Context,
        replica_id: i32,
        topic: &Topic,
        asked: &ListOffsetsPartition,
    ) -> Result<ListOffsetsPartitionResponse, ErrorCode> {
        let partition = self.led(topic, asked.partition_index, asked.current_leader_epoch)?;
        let log = cx.disk.log(&partition.id).ok_or(ErrorCode::KafkaStorageError)?;
        let is_client = replica_id < 0;
        let visible_end = if is_client { partition.high_watermark } else { log.log_end_offset() };
        // A new leader does not know yet how far things were committed under its predecessor.
        let epoch_start = partition.leader().map_or(0, |leader| leader.epoch_start_offset);
        let not_available = is_client && epoch_start > visible_end;
        let found = |offset, timestamp, leader_epoch| ListOffsetsPartitionResponse {
            partition_index: asked.partition_index,
            error_code: ErrorCode::None,
            timestamp,
            offset,
            leader_epoch,
        };
        let nothing = || if not_available { Err(ErrorCode::OffsetNotAvailable) } else { Ok(found(-1, -1, -1)) };
        match asked.timestamp {
            LATEST_TIMESTAMP if not_available => Err(ErrorCode::OffsetNotAvailable),
            LATEST_TIMESTAMP => Ok(found(visible_end, -1, partition.registration.leader_epoch)),
            EARLIEST_TIMESTAMP => {
                let start = log.log_start_offset();
                Ok(found(start, -1, log.epochs().epoch_for_offset(start).unwrap_or(-1)))
            }
            timestamp if timestamp >= 0 || timestamp == MAX_TIMESTAMP => {
                let way = if timestamp >= 0 { log.offset_for_timestamp(timestamp) } else { log.max_timestamp() };
                let Some(way) = way.filter(|way| way.offset < visible_end) else { return nothing() };
                cx.fx.change(time_looked_up(self.id, &partition.name, timestamp, &way));
                Ok(found(way.offset, way.timestamp, way.leader_epoch))
            }
            _ => Err(ErrorCode::UnsupportedVersion),
        }
    }

    /// `OffsetForLeaderEpoch`.
    pub(super) fn offset_for_leader_epoch(
        &mut self,
        cx: &mut Context,
        asker: &Asker,
        request: &OffsetForLeaderEpochRequest,
    ) {
        let topics = request
            .topics
            .iter()
            .map(|topic| OffsetForLeaderTopicResult {
                topic: topic.topic.clone(),
                partitions: topic
                    .partitions
                    .iter()
                    .map(|asked| {
                        let found = self.epoch_end(cx, &topic.topic, asked);
                        found.unwrap_or_else(|error_code| EpochEndOffsetResult {
                            error_code,
                            partition: asked.partition,
                            ..EpochEndOffsetResult::default()
                        })
                    })
                    .collect(),
            })
            .collect();
        let response = OffsetForLeaderEpochResponse { topics, ..OffsetForLeaderEpochResponse::default() };
        self.reply(cx, asker, Response::OffsetForLeaderEpoch(response));
    }

    fn epoch_end(
        &self,
        cx: &Context,
        topic: &Topic,
        asked: &OffsetForLeaderPartition,
    ) -> Result<EpochEndOffsetResult, ErrorCode> {
        let partition = self.led(topic, asked.partition, asked.current_leader_epoch)?;
        let log = cx.disk.log(&partition.id).ok_or(ErrorCode::KafkaStorageError)?;
        let (leader_epoch, end_offset) = log.epochs().end_offset_for(asked.leader_epoch, log.log_end_offset());
        Ok(EpochEndOffsetResult { error_code: ErrorCode::None, partition: asked.partition, leader_epoch, end_offset })
    }
}
