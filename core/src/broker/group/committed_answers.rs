//! Answers of the group coordinator that wait for what it wrote before them.
//!
//! Some requests are writes to Kafka's coordinator, although they may have nothing to write. Their answers may rest on records
//! that are not committed yet, so they wait until those are (`CoordinatorRuntime.CoordinatorContext.append`).

use super::{GroupCoordinator, requests, state};
use crate::broker::coordinator_appends::COORDINATOR_APPEND_TIMEOUT_MS;
use crate::broker::metadata_cache::OFFSETS_TOPIC;
use crate::broker::purgatory::{DelayedPartition, ProduceOrigin};
use crate::broker::{Broker, Context};
use crate::effects::{Outgoing, RequestContext};
use crate::wire::ids::TopicIdPartition;
use crate::wire::replication::PartitionProduceResponse;
use crate::wire::{ErrorCode, Request, Response};

/// The groups whose records the answer to a request waits for.
pub(super) fn groups_that_hold_back(request: &Request) -> Vec<String> {
    match request {
        Request::Heartbeat(request) => vec![request.group_id.clone()],
        Request::ConsumerGroupHeartbeat(request) => vec![request.group_id.clone()],
        Request::OffsetFetch(request) if request.require_stable => match request.groups.as_slice() {
            [] => vec![request.group_id.clone()],
            groups => groups.iter().map(|group| group.group_id.clone()).collect(),
        },
        _ => Vec::new(),
    }
}

/// Whether an answer comes from a handler that ended well: an exception is told at once.
fn is_result(response: &Response) -> bool {
    match response {
        Response::Heartbeat(answer) => matches!(answer.error_code, ErrorCode::None | ErrorCode::RebalanceInProgress),
        Response::ConsumerGroupHeartbeat(answer) => answer.error_code.is_none(),
        Response::OffsetFetch(answer) => {
            answer.error_code.is_none() && answer.groups.iter().all(|group| group.error_code.is_none())
        }
        _ => false,
    }
}

impl Broker {
    /// Keeps an answer back while records of its groups' partitions are not committed.
    pub(in crate::broker) fn hold_back_answer(
        &mut self,
        cx: &mut Context,
        request_context: &RequestContext,
        groups: &[String],
    ) {
        let topic_id = self.image.topic_ids.get(OFFSETS_TOPIC).copied().unwrap_or_default();
        let mut partitions: Vec<DelayedPartition> = Vec::new();
        for group in groups {
            let index = GroupCoordinator::partition_for(group, self.coordinator_partitions.offsets);
            let id = TopicIdPartition { topic_id, partition: index };
            let Some(partition) = self.partitions.get(&id).filter(|partition| partition.is_leader()) else { continue };
            let end = cx.disk.log_end(&id);
            if partition.high_watermark < end && !partitions.iter().any(|known| known.id == id) {
                let response = PartitionProduceResponse { index, ..PartitionProduceResponse::default() };
                let name = OFFSETS_TOPIC.into();
                let waits_for = Some(end);
                partitions.push(DelayedPartition { id, name, topic_id, waits_for, response, invalid: None });
            }
        }
        if partitions.is_empty() {
            return;
        }
        let is_meant = |send: &Outgoing| {
            matches!(send, Outgoing::Response { to, response: Some(response), .. }
                if to == request_context && is_result(response))
        };
        let Some(at) = cx.fx.sends.iter().position(is_meant) else { return };
        if let Outgoing::Response { to, response: Some(response), .. } = cx.fx.sends.remove(at) {
            let origin = ProduceOrigin::CoordinatorAnswer { request_context: to, response: Box::new(response) };
            self.wait_for_replicas(cx, origin, COORDINATOR_APPEND_TIMEOUT_MS, partitions);
        }
    }

    /// What an answer waited for is committed, or has not been in time.
    pub(in crate::broker) fn give_held_back_answer(
        &mut self,
        cx: &mut Context,
        request_context: &RequestContext,
        response: Response,
        partitions: &[DelayedPartition],
    ) {
        let failed = |partition: &&DelayedPartition| !partition.response.error_code.is_none();
        let Some(first) = partitions.iter().find(failed) else { return cx.fx.answer(request_context, response) };
        let error_code = state::append_error(first.response.error_code);
        let response = match response {
            Response::Heartbeat(answer) => {
                Response::Heartbeat(crate::wire::group::HeartbeatResponse { error_code, ..answer })
            }
            // Old consumers know no other error that they try again after (`handleOffsetFetchException`).
            Response::OffsetFetch(mut answer) => {
                for group in &mut answer.groups {
                    let index = GroupCoordinator::partition_for(&group.group_id, self.coordinator_partitions.offsets);
                    if partitions.iter().filter(failed).any(|partition| partition.id.partition == index) {
                        group.error_code = ErrorCode::NotCoordinator;
                        group.topics.clear();
                    }
                }
                if answer.groups.is_empty() {
                    answer.error_code = ErrorCode::NotCoordinator;
                    answer.topics.clear();
                }
                Response::OffsetFetch(answer)
            }
            other => requests::with_error(other, error_code),
        };
        cx.fx.answer(request_context, response);
    }
}
