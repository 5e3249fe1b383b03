//! ListOffsets and OffsetForLeaderEpoch (`ReplicaManager.fetchOffset`, `lastOffsetForLeaderEpoch`).

use super::fetch_read::epoch_error;
use super::lookups::time_looked_up;
use super::partition::Partition;
use super::{Broker, Context};
use crate::effects::RequestContext;
use crate::wire::hash_order::group_by_topic;
use crate::wire::ids::TopicIdPartition;
use crate::wire::replication::{
    EpochEndOffsetResult, ListOffsetsPartition, ListOffsetsPartitionResponse, ListOffsetsRequest, ListOffsetsResponse,
    ListOffsetsTopic, ListOffsetsTopicResponse, OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse,
    OffsetForLeaderPartition, OffsetForLeaderTopicResult, READ_COMMITTED,
};
use crate::wire::{ErrorCode, Response, Topic, TopicPartition};

/// What a look-up by a special timestamp asks for (`ListOffsetsRequest`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LookUp {
    /// The first record that is not older than a time.
    Time(i64),
    /// The offset after the last record that the requester may see (-1).
    Latest,
    /// The first offset kept (-2), or the first kept on the broker's own disk (-4): the same without tiered storage.
    Earliest,
    /// The record with the greatest timestamp (-3).
    MaxTimestamp,
    /// The last offset in tiered storage (-5), or the first that is still to be copied there (-6): there is none.
    Tiered,
}

impl LookUp {
    /// What a timestamp asks for in a version of the request; none where it means nothing yet
    /// (`isListOffsetsTimestampUnsupported`).
    fn of(timestamp: i64, version: i16) -> Option<Self> {
        let (look_up, min_version) = match timestamp {
            0.. => (Self::Time(timestamp), 0),
            -1 => (Self::Latest, 1),
            -2 => (Self::Earliest, 1),
            -3 => (Self::MaxTimestamp, 7),
            -4 => (Self::Earliest, 8),
            -5 => (Self::Tiered, 9),
            -6 => (Self::Tiered, 11),
            _ => return None,
        };
        (version >= min_version).then_some(look_up)
    }
}

/// The replica id of a consumer.
const CONSUMER_REPLICA_ID: i32 = -1;
/// The replica id of a consumer that debugs: it may ask any replica, and sees all of its log.
const DEBUGGING_REPLICA_ID: i32 = -2;

impl Broker {
    /// Finds a partition that this broker hosts.
    pub(super) fn hosted(&self, topic: &Topic, partition: i32, leader_epoch: i32) -> Result<&Partition, ErrorCode> {
        let topic_id = *self.image.topic_ids.get(topic).ok_or(ErrorCode::UnknownTopicOrPartition)?;
        let known = self.image.topics.get(&topic_id).is_some_and(|topic| topic.partitions.contains_key(&partition));
        if !known {
            return Err(ErrorCode::UnknownTopicOrPartition);
        }
        let id = TopicIdPartition { topic_id, partition };
        let partition = self.partitions.get(&id).ok_or(ErrorCode::NotLeaderOrFollower)?;
        let error = epoch_error(leader_epoch, partition.registration.leader_epoch);
        if error.is_none() { Ok(partition) } else { Err(error) }
    }

    /// Finds a partition that this broker leads.
    pub(super) fn led(&self, topic: &Topic, partition: i32, leader_epoch: i32) -> Result<&Partition, ErrorCode> {
        let partition = self.hosted(topic, partition, leader_epoch)?;
        if partition.is_leader() { Ok(partition) } else { Err(ErrorCode::NotLeaderOrFollower) }
    }

    /// `ListOffsets`.
    pub(super) fn list_offsets(
        &mut self,
        cx: &mut Context,
        request_context: &RequestContext,
        request: &ListOffsetsRequest,
    ) {
        if !matches!(request.isolation_level, 0 | 1) {
            return self.refuse_list_offsets(cx, request_context, request);
        }
        let all = || {
            let partitions = |topic: &ListOffsetsTopic| topic.partitions.clone().into_iter();
            let topics = request.topics.iter();
            topics.flat_map(move |topic| partitions(topic).map(|asked| (topic.name.clone(), asked)))
        };
        let answers = all().map(|(topic, asked)| {
            let at = TopicPartition::new(topic.clone(), asked.partition_index);
            let is_same = |(name, other): &(Topic, ListOffsetsPartition)| {
                *name == topic && other.partition_index == asked.partition_index
            };
            let found = if all().filter(is_same).count() > 1 {
                Err(ErrorCode::InvalidRequest)
            } else {
                self.list_offset(cx, request, request_context.version, &topic, &asked)
            };
            let found = found.map_err(|error| {
                // OFFSET_NOT_AVAILABLE is younger than version 5 of the request.
                let is_unknown = error == ErrorCode::OffsetNotAvailable && request_context.version < 5;
                if is_unknown { ErrorCode::LeaderNotAvailable } else { error }
            });
            let answer = found.unwrap_or_else(|error_code| ListOffsetsPartitionResponse {
                partition_index: asked.partition_index,
                error_code,
                ..ListOffsetsPartitionResponse::default()
            });
            (at, answer)
        });
        let topics = group_by_topic(answers.collect()).into_iter();
        let topics = topics.map(|(name, partitions)| ListOffsetsTopicResponse { name, partitions }).collect();
        self.reply(
            cx,
            request_context,
            Response::ListOffsets(ListOffsetsResponse { topics, ..ListOffsetsResponse::default() }),
        );
    }

    /// An isolation level that there is not makes the handler throw (`IsolationLevel.forId`): each partition is answered with
    /// the error of the whole, in the order in which it was asked for (`ListOffsetsRequest.getErrorResponse`).
    fn refuse_list_offsets(&self, cx: &mut Context, request_context: &RequestContext, request: &ListOffsetsRequest) {
        let refused = |asked: &ListOffsetsPartition| ListOffsetsPartitionResponse {
            partition_index: asked.partition_index,
            error_code: ErrorCode::UnknownServerError,
            ..ListOffsetsPartitionResponse::default()
        };
        let topics = request.topics.iter().map(|topic| ListOffsetsTopicResponse {
            name: topic.name.clone(),
            partitions: topic.partitions.iter().map(refused).collect(),
        });
        let response = ListOffsetsResponse { topics: topics.collect(), ..ListOffsetsResponse::default() };
        self.reply(cx, request_context, Response::ListOffsets(response));
    }

    fn list_offset(
        &self,
        cx: &mut Context,
        request: &ListOffsetsRequest,
        version: i16,
        topic: &Topic,
        asked: &ListOffsetsPartition,
    ) -> Result<ListOffsetsPartitionResponse, ErrorCode> {
        let look_up = LookUp::of(asked.timestamp, version).ok_or(ErrorCode::UnsupportedVersion)?;
        let (index, leader_epoch) = (asked.partition_index, asked.current_leader_epoch);
        let replica_id = request.replica_id;
        let partition = match replica_id {
            DEBUGGING_REPLICA_ID => self.hosted(topic, index, leader_epoch)?,
            _ => self.led(topic, index, leader_epoch)?,
        };
        let log = cx.disk.log(&partition.id).ok_or(ErrorCode::KafkaStorageError)?;
        let is_client = replica_id == CONSUMER_REPLICA_ID;
        let visible_end = match request.isolation_level {
            _ if !is_client => log.log_end_offset(),
            READ_COMMITTED => log.last_stable_offset(partition.high_watermark),
            _ => partition.high_watermark,
        };
        // A new leader does not know yet how far things were committed under its predecessor.
        let epoch_start = partition.leader().map_or(0, |leader| leader.epoch_start_offset);
        let not_available = is_client && epoch_start > partition.high_watermark;
        let found = |offset, timestamp, leader_epoch| ListOffsetsPartitionResponse {
            partition_index: index,
            error_code: ErrorCode::None,
            timestamp,
            offset,
            // Answers tell it since version 4.
            leader_epoch: if version >= 4 { leader_epoch } else { -1 },
        };
        let way = match look_up {
            LookUp::Latest if not_available => return Err(ErrorCode::OffsetNotAvailable),
            LookUp::Latest => return Ok(found(visible_end, -1, partition.registration.leader_epoch)),
            LookUp::Earliest => {
                let start = log.log_start_offset();
                let epoch = log.epochs().earliest_entry().filter(|entry| entry.start_offset <= start);
                return Ok(found(start, -1, epoch.map_or(-1, |entry| entry.epoch)));
            }
            LookUp::Tiered => return Ok(found(-1, -1, -1)),
            LookUp::Time(timestamp) => log.offset_for_timestamp(timestamp),
            LookUp::MaxTimestamp => log.max_timestamp(),
        };
        match way.filter(|way| way.offset < visible_end) {
            Some(way) => {
                cx.fx.change(time_looked_up(self.id, &partition.name, asked.timestamp, &way));
                Ok(found(way.offset, way.timestamp, way.leader_epoch))
            }
            None if not_available => Err(ErrorCode::OffsetNotAvailable),
            None => Ok(found(-1, -1, -1)),
        }
    }

    /// `OffsetForLeaderEpoch`.
    #[inline(never)]
    pub(super) fn offset_for_leader_epoch(
        &mut self,
        cx: &mut Context,
        request_context: &RequestContext,
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
        self.reply(cx, request_context, Response::OffsetForLeaderEpoch(response));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_special_timestamp_means_something_from_its_version_on() {
        let first_version = |timestamp| (0..=11).find(|version| LookUp::of(timestamp, *version).is_some());
        let first = [0, -1, -2, -3, -4, -5, -6, -7, i64::MIN].map(first_version);
        assert_eq!(first, [Some(0), Some(1), Some(1), Some(7), Some(8), Some(9), Some(11), None, None]);
        assert_eq!(LookUp::of(-4, 8), LookUp::of(-2, 8));
        assert_eq!(LookUp::of(-6, 11), Some(LookUp::Tiered));
    }
}
