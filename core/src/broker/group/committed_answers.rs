//! Answers of the group coordinator that wait for what it wrote before them.
//!
//! Most requests are writes to Kafka's coordinator, although they may have nothing to write. Their answers may rest on records
//! that are not committed yet, so they wait until those are (`CoordinatorRuntime.CoordinatorContext.waitForPendingWrites`).

use smallvec::{SmallVec, smallvec};

use super::classic::ClassicGroup;
use super::{Group, GroupCoordinator, requests, state};
use crate::broker::metadata_cache::OFFSETS_TOPIC;
use crate::broker::purgatory::{DelayedPartition, HeldBack, ProduceOrigin};
use crate::broker::{Broker, Context};
use crate::effects::{Effects, Outgoing, RequestContext};
use crate::wire::group::{
    DeletableGroupResult, DeleteGroupsRequest, DeleteGroupsResponse, HeartbeatResponse, JoinGroupResponse,
    SyncGroupResponse,
};
use crate::wire::ids::TopicIdPartition;
use crate::wire::replication::PartitionProduceResponse;
use crate::wire::{ApiKey, ErrorCode, Request, Response};

/// The groups in which a request is a write.
pub(super) fn groups_that_write(request: &Request) -> SmallVec<[&str; 1]> {
    match request {
        Request::OffsetFetch(request) if request.require_stable => match request.groups.as_slice() {
            [] => smallvec![request.group_id.as_str()],
            groups => groups.iter().map(|group| group.group_id.as_str()).collect(),
        },
        Request::DeleteGroups(request) => request.groups_names.iter().map(String::as_str).collect(),
        other => super::group_of(other).into_iter().collect(),
    }
}

/// An answer that may have to wait: whose it is, and for what.
pub(super) struct MayWait {
    request_context: RequestContext,
    /// The group that it is about, or the first of them.
    group: String,
    /// What was not committed when the request was looked at.
    uncommitted: Vec<DelayedPartition>,
}

impl GroupCoordinator {
    /// Whether an answer comes from a handler that ended well and wrote nothing: an exception is told at once. Who joins or syncs in a
    /// classic group is answered past its write.
    fn is_result(&self, response: &Response, group: &str) -> bool {
        let group = self.groups.get(group);
        let had_no_room = |error: ErrorCode| error == ErrorCode::OffsetMetadataTooLarge;
        match response {
            Response::Heartbeat(answer) => {
                matches!(answer.error_code, ErrorCode::None | ErrorCode::RebalanceInProgress)
            }
            Response::ConsumerGroupHeartbeat(answer) => answer.error_code.is_none(),
            Response::OffsetFetch(answer) => {
                answer.error_code.is_none() && answer.groups.iter().all(|group| group.error_code.is_none())
            }
            Response::JoinGroup(answer) => answer.error_code.is_none() && matches!(group, Some(Group::Consumer(_))),
            Response::SyncGroup(answer) => answer.error_code.is_none() && matches!(group, Some(Group::Consumer(_))),
            // Older versions have their one member's error in the place of the answer's.
            Response::LeaveGroup(answer) => {
                let of_member = [ErrorCode::None, ErrorCode::UnknownMemberId, ErrorCode::FencedInstanceId];
                group.is_some() && of_member.contains(&answer.error_code)
            }
            Response::OffsetCommit(answer) => {
                answer.topics.iter().flat_map(|topic| &topic.partitions).any(|each| had_no_room(each.error_code))
            }
            Response::TxnOffsetCommit(answer) => {
                answer.topics.iter().flat_map(|topic| &topic.partitions).any(|each| had_no_room(each.error_code))
            }
            Response::OffsetDelete(answer) => answer.error_code.is_none(),
            Response::DeleteGroups(_) => true,
            _ => false,
        }
    }
}

/// What a request to join or to sync is told whose write has failed, if it still waits for other members. The group does not
/// notice: to it the member goes on waiting.
pub(super) fn refusal_of_waiting(
    group: &ClassicGroup,
    request_context: &RequestContext,
    error_code: ErrorCode,
) -> Option<Response> {
    let answer = match request_context.api {
        ApiKey::JoinGroup => Response::JoinGroup(JoinGroupResponse::default()),
        ApiKey::SyncGroup => Response::SyncGroup(SyncGroupResponse::default()),
        _ => return None,
    };
    group.waiting_requests().any(|waiting| waiting == request_context).then(|| {
        let mut answer = requests::with_error(answer, error_code);
        requests::shape(&mut answer, request_context.version);
        answer
    })
}

impl GroupCoordinator {
    /// Gives answers the form of their versions, and drops those to requests that were told an error already.
    pub(super) fn finish_answers(&mut self, fx: &mut Effects) {
        requests::shape_answers(fx);
        if !self.told.is_empty() {
            let told = std::mem::take(&mut self.told);
            fx.sends.retain(|send| !matches!(send, Outgoing::Response { to, .. } if told.contains(to)));
            let waits = |request: &RequestContext| {
                let classic = self.groups.values().filter_map(Group::as_classic);
                classic.flat_map(ClassicGroup::waiting_requests).any(|waiting| waiting == request)
            };
            self.told = told.iter().filter(|request| waits(request)).cloned().collect();
        }
    }
}

impl Broker {
    /// What is not committed yet of the partitions that keep groups.
    fn uncommitted_partitions<'g>(
        &self,
        cx: &Context,
        groups: impl IntoIterator<Item = &'g str>,
    ) -> Vec<DelayedPartition> {
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
        partitions
    }

    /// What the answer to a request about groups waits for, should the request write nothing; `None` where all is committed.
    pub(super) fn answer_may_wait(
        &self,
        cx: &Context,
        request_context: &RequestContext,
        groups: &[&str],
    ) -> Option<MayWait> {
        let uncommitted = self.uncommitted_partitions(cx, groups.iter().copied());
        let group = groups.first().filter(|_| !uncommitted.is_empty())?;
        Some(MayWait { request_context: request_context.clone(), group: (*group).to_owned(), uncommitted })
    }

    /// Keeps an answer back until the records before it are committed.
    pub(super) fn hold_back_answer(&mut self, cx: &mut Context, answer: MayWait) {
        let MayWait { request_context, group, uncommitted } = answer;
        let is_meant = |send: &Outgoing| {
            matches!(send, Outgoing::Response { to, response: Some(response), .. }
                if *to == request_context && self.groups.is_result(response, &group))
        };
        let Some(at) = cx.fx.sends.iter().position(is_meant) else {
            // Its write has nothing to write and fails all the same, whoever it waits for (`GroupCoordinatorService.joinGroup`).
            let classic = self.groups.groups.get(&group).and_then(Group::as_classic);
            if classic.is_some_and(|group| group.waiting_requests().any(|waiting| *waiting == request_context)) {
                let held_back = Box::new(HeldBack::Member { group });
                let origin = ProduceOrigin::CoordinatorWrite { request_context, held_back };
                self.wait_for_replicas(cx, origin, self.group_write_timeout_ms(), uncommitted);
            }
            return;
        };
        if let Outgoing::Response { to, response: Some(response), .. } = cx.fx.sends.remove(at) {
            let held_back = Box::new(HeldBack::Answer(*response));
            let origin = ProduceOrigin::CoordinatorWrite { request_context: to, held_back };
            self.wait_for_replicas(cx, origin, self.group_write_timeout_ms(), uncommitted);
        }
    }

    /// Before groups are deleted Kafka deletes what share groups of their names have, by a write of its own that has nothing to write
    /// (`GroupCoordinatorService.deleteShareGroups`). True where that has to wait.
    pub(super) fn hold_back_deletion(
        &mut self,
        cx: &mut Context,
        request_context: &RequestContext,
        request: &DeleteGroupsRequest,
    ) -> bool {
        let partitions = self.uncommitted_partitions(cx, request.groups_names.iter().map(String::as_str));
        if partitions.is_empty() {
            return false;
        }
        let held_back = Box::new(HeldBack::DeleteGroups(request.clone()));
        let origin = ProduceOrigin::CoordinatorWrite { request_context: request_context.clone(), held_back };
        self.wait_for_replicas(cx, origin, self.group_write_timeout_ms(), partitions);
        true
    }

    /// What something waited for is committed, or has not been in time.
    pub(in crate::broker) fn go_on_with_held_back(
        &mut self,
        cx: &mut Context,
        request_context: &RequestContext,
        held_back: HeldBack,
        partitions: &[DelayedPartition],
    ) {
        let failed = |partition: &&DelayedPartition| !partition.response.error_code.is_none();
        let error = partitions.iter().find(failed).map(|first| state::append_error(first.response.error_code));
        let count = self.coordinator_partitions.offsets;
        let has_failed = |group: &str| {
            let index = GroupCoordinator::partition_for(group, count);
            partitions.iter().filter(failed).any(|partition| partition.id.partition == index)
        };
        match (held_back, error) {
            (HeldBack::Answer(response), None) => cx.fx.answer(request_context, response),
            (HeldBack::Answer(response), Some(error)) => {
                cx.fx.answer(request_context, write_failed(response, error, has_failed));
            }
            (HeldBack::Member { .. }, None) => {}
            (HeldBack::Member { group }, Some(error)) => {
                let group = self.groups.groups.get(&group).and_then(Group::as_classic);
                if let Some(answer) = group.and_then(|group| refusal_of_waiting(group, request_context, error)) {
                    cx.fx.answer(request_context, answer);
                    self.groups.told.push(request_context.clone());
                }
            }
            (HeldBack::DeleteGroups(request), error) => {
                let (lost, kept): (Vec<String>, Vec<String>) =
                    request.groups_names.into_iter().partition(|group| has_failed(group));
                let error_code = error.unwrap_or(ErrorCode::None);
                let results = lost.into_iter().map(|group_id| DeletableGroupResult { group_id, error_code });
                let lost = DeleteGroupsResponse { results: results.collect(), ..DeleteGroupsResponse::default() };
                if kept.is_empty() {
                    return cx.fx.answer(request_context, Response::DeleteGroups(lost));
                }
                if !lost.results.is_empty() {
                    self.hold_refused(request_context, Response::DeleteGroups(lost));
                }
                let request = Request::DeleteGroups(DeleteGroupsRequest { groups_names: kept });
                self.coordinate_group(cx, request_context.clone(), request);
            }
        }
    }
}

/// The answer where what it rests on was not committed in time. `has_failed` says of which groups.
fn write_failed(response: Response, error_code: ErrorCode, has_failed: impl Fn(&str) -> bool) -> Response {
    match response {
        Response::Heartbeat(answer) => Response::Heartbeat(HeartbeatResponse { error_code, ..answer }),
        // Old consumers know no other error that they try again after (`handleOffsetFetchException`).
        Response::OffsetFetch(mut answer) => {
            for group in answer.groups.iter_mut().filter(|group| has_failed(&group.group_id)) {
                group.error_code = ErrorCode::NotCoordinator;
                group.topics.clear();
            }
            if answer.groups.is_empty() {
                answer.error_code = ErrorCode::NotCoordinator;
                answer.topics.clear();
            }
            Response::OffsetFetch(answer)
        }
        Response::DeleteGroups(mut answer) => {
            for result in answer.results.iter_mut().filter(|result| has_failed(&result.group_id)) {
                result.error_code = error_code;
            }
            Response::DeleteGroups(answer)
        }
        Response::OffsetDelete(_) => super::admin::deletion_failed(response, error_code),
        Response::OffsetCommit(_) => super::commits::commit_failed(response, error_code),
        Response::TxnOffsetCommit(mut answer) => {
            let partitions = answer.topics.iter_mut().flat_map(|topic| &mut topic.partitions);
            partitions.for_each(|each| each.error_code = error_code);
            Response::TxnOffsetCommit(answer)
        }
        other => requests::with_error(other, error_code),
    }
}
