//! What this broker's partitions remember of producers (`KafkaApis.handleDescribeProducersRequest`, KIP-664).

use super::{Broker, Context};
use crate::authorizer::AclOperation;
use crate::controller::topics::validate_name;
use crate::effects::RequestContext;
use crate::log::Log;
use crate::wire::describe::{
    DescribeProducersPartitionResponse, DescribeProducersProducerState, DescribeProducersRequest,
    DescribeProducersResponse, DescribeProducersTopicRequest, DescribeProducersTopicResponse,
};
use crate::wire::hash_order::{java_long_hash, sort_as_hash_map};
use crate::wire::ids::TopicIdPartition;
use crate::wire::{ErrorCode, Response};

impl Broker {
    /// How long producers are remembered may change while the broker runs (`producer.id.expiration.ms`).
    pub(super) fn reconfigure_producer_expiration(&mut self) {
        let value = self.node_configs().value("producer.id.expiration.ms").and_then(|value| value.trim().parse().ok());
        self.producer_expiration.expiration_ms = value.unwrap_or(self.settings.producer_id_expiration_ms);
    }

    /// Forgets the producers of a partition that have expired, before anything looks at them or writes them down. Kafka forgets them at
    /// fixed times.
    pub(super) fn remove_expired_producers(&self, cx: &mut Context, id: &TopicIdPartition) {
        let (expiration, now) = (self.producer_expiration, cx.now);
        if cx.disk.log(id).is_some_and(|log| log.has_expired_producers(now, expiration))
            && let Some(log) = cx.disk.log_mut(id)
        {
            log.remove_expired_producers(now, expiration);
        }
    }

    /// `DescribeProducers`: for each partition that this broker has, as leader or follower, the producers that it remembers.
    #[inline(never)]
    pub(super) fn describe_producers(
        &self,
        cx: &mut Context,
        request_context: &RequestContext,
        request: &DescribeProducersRequest,
    ) {
        let requester = self.requester(request_context);
        let topics = request.topics.iter().map(|topic| {
            let may_read = requester.may_topic(AclOperation::Read, &topic.name);
            self.describe_producers_of_topic(cx, topic, may_read)
        });
        let response = DescribeProducersResponse { topics: topics.collect(), ..DescribeProducersResponse::default() };
        self.reply(cx, request_context, Response::DescribeProducers(response));
    }

    fn describe_producers_of_topic(
        &self,
        cx: &Context,
        topic: &DescribeProducersTopicRequest,
        may_read: bool,
    ) -> DescribeProducersTopicResponse {
        // What concerns the whole topic is told in words, what concerns one partition is not.
        let refusal = |error: ErrorCode, message: &str| Some((error, message.to_owned()));
        let topic_error = match validate_name(&topic.name) {
            Err(invalid) => Some((invalid.code, invalid.message.unwrap_or_default())),
            Ok(()) if !may_read => refusal(ErrorCode::TopicAuthorizationFailed, "Topic authorization failed."),
            Ok(()) if !self.image.topic_ids.contains_key(&topic.name) => {
                let message = "This server does not host this topic-partition.";
                refusal(ErrorCode::UnknownTopicOrPartition, message)
            }
            Ok(()) => None,
        };
        let partitions = topic.partition_indexes.iter().map(|&partition_index| {
            let found = match &topic_error {
                Some((error, _)) => Err(*error),
                None => self.hosted(&topic.name, partition_index, -1),
            };
            let log = found.and_then(|partition| cx.disk.log(&partition.id).ok_or(ErrorCode::NotLeaderOrFollower));
            match log {
                Ok(log) => DescribeProducersPartitionResponse {
                    partition_index,
                    active_producers: self.active_producers(cx, log),
                    ..DescribeProducersPartitionResponse::default()
                },
                Err(error_code) => DescribeProducersPartitionResponse {
                    partition_index,
                    error_code,
                    error_message: topic_error.clone().map(|(_, message)| message),
                    ..DescribeProducersPartitionResponse::default()
                },
            }
        });
        DescribeProducersTopicResponse { name: topic.name.clone(), partitions: partitions.collect() }
    }

    fn active_producers(&self, cx: &Context, log: &Log) -> Vec<DescribeProducersProducerState> {
        let active = log.producer_state().active_producers(cx.now, self.producer_expiration);
        let mut producers: Vec<_> = active
            .map(|(producer_id, entry)| DescribeProducersProducerState {
                producer_id,
                producer_epoch: i32::from(entry.producer_epoch),
                last_sequence: entry.last_sequence(),
                last_timestamp: entry.last_timestamp,
                coordinator_epoch: entry.coordinator_epoch,
                current_txn_start_offset: entry.current_txn_first_offset.unwrap_or(-1),
            })
            .collect();
        sort_as_hash_map(&mut producers, |producer| java_long_hash(producer.producer_id));
        producers
    }
}
