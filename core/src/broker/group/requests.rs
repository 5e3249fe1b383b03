//! What a broker does with requests about groups before and after its coordinator: topics are looked up in its metadata
//! (`KafkaApis.handleOffsetCommitRequest` and its neighbours), and answers get the form of the version that was asked.

use std::collections::BTreeMap;

use super::committed_answers::groups_that_write;
use super::{KnownCluster, RefusedPartitions};
use crate::authorizer::AclOperation;
use crate::broker::authorization::Requester;
use crate::broker::topic_results;
use crate::broker::{Broker, Context};
use crate::effects::{Effects, Outgoing, RequestContext};
use crate::wire::consumer_group::{
    ConsumerGroupDescribeResponse, ConsumerGroupDescribedGroup, ConsumerGroupHeartbeatResponse,
};
use crate::wire::feature_levels::GROUP_VERSION;
use crate::wire::group::{
    JoinGroupResponse, LeaveGroupResponse, OffsetCommitRequest, OffsetCommitRequestTopic, OffsetCommitResponse,
    OffsetCommitResponsePartition, OffsetCommitResponseTopic, OffsetDeleteRequest, OffsetDeleteRequestTopic,
    OffsetDeleteResponsePartition, OffsetDeleteResponseTopic, OffsetFetchRequest, OffsetFetchRequestGroup,
    OffsetFetchRequestTopics, OffsetFetchResponse, OffsetFetchResponsePartitions, OffsetFetchResponseTopics,
    SyncGroupResponse,
};
use crate::wire::{ErrorCode, Request, Response, Topic, Uuid};

/// The level of `group.version` from which on there is the consumer protocol (`GroupVersion.GV_1`).
const FIRST_GROUP_VERSION_WITH_CONSUMERS: i16 = 1;
/// From this version on OffsetCommit and OffsetFetch name topics by id.
pub(super) const FIRST_OFFSETS_VERSION_WITH_TOPIC_IDS: i16 = 10;
/// From this version on the answer to an OffsetFetch has an error of its own: before, each partition has it.
pub(in crate::broker) const FIRST_OFFSET_FETCH_VERSION_WITH_ERROR: i16 = 2;
/// From this version on an OffsetFetch asks about several groups.
const FIRST_BATCHED_OFFSET_FETCH_VERSION: i16 = 8;

impl Broker {
    /// Hands a request to the group coordinator, with those of its partitions that this broker's metadata knows.
    pub(in crate::broker) fn group_request(
        &mut self,
        cx: &mut Context,
        request_context: RequestContext,
        request: Request,
    ) {
        if let Request::DeleteGroups(delete) = &request
            && self.hold_back_deletion(cx, &request_context, delete)
        {
            return;
        }
        self.coordinate_group(cx, request_context, request);
    }

    /// The same of a request that waits for nothing before.
    pub(super) fn coordinate_group(&mut self, cx: &mut Context, request_context: RequestContext, request: Request) {
        let version = request_context.version;
        let requester = self.requester(&request_context);
        let mut refused = RefusedPartitions::default();
        let request = match request {
            Request::OffsetCommit(commit) => {
                let commit = self.known_commits(version, commit, &requester, &mut refused.commits);
                if commit.topics.is_empty() {
                    let topics = std::mem::take(&mut refused.commits);
                    let mut response =
                        Response::OffsetCommit(OffsetCommitResponse { topics, ..OffsetCommitResponse::default() });
                    shape(&mut response, version);
                    return self.reply(cx, &request_context, response);
                }
                Request::OffsetCommit(commit)
            }
            Request::OffsetDelete(delete) => {
                Request::OffsetDelete(self.known_deletes(delete, &requester, &mut refused.deletes))
            }
            Request::OffsetFetch(fetch) => Request::OffsetFetch(self.named_fetch(version, fetch)),
            other => other,
        };
        let known = KnownCluster {
            node: self.id,
            partitions: self.coordinator_partitions.offsets,
            settings: &self.settings,
            image: &self.image,
        };
        let asked = match &request {
            Request::OffsetFetch(fetch) if version < FIRST_OFFSET_FETCH_VERSION_WITH_ERROR => {
                fetch.groups.first().and_then(|group| group.topics.clone())
            }
            _ => None,
        };
        let may_wait = self.answer_may_wait(cx, &request_context, &groups_that_write(&request));
        let appends = self.groups.handle((request_context, request), refused, cx.now, &known, cx.fx);
        for send in &mut cx.fx.sends {
            let Outgoing::Response { to, response: Some(response), .. } = send else { continue };
            match &mut **response {
                Response::OffsetFetch(fetched) => {
                    for group in &mut fetched.groups {
                        group.topics.retain(|topic| {
                            topic.name.is_empty() || requester.may_topic(AclOperation::Describe, &topic.name)
                        });
                    }
                    self.shape_fetched(to.version, fetched);
                    if let Some(asked) = &asked {
                        tell_error_of_fetch(asked, fetched);
                    }
                }
                Response::ListGroups(listed) => {
                    requester.hide_groups(&mut listed.groups);
                }
                Response::DescribeGroups(described) => {
                    requester.restrict_operations(&mut described.groups);
                }
                Response::ConsumerGroupDescribe(described) => {
                    requester.restrict_consumer_groups(&mut described.groups);
                }
                _ => {}
            }
        }
        if let Some(answer) = may_wait.filter(|_| appends.is_empty()) {
            self.hold_back_answer(cx, answer);
        }
        self.append_for_coordinator(cx, appends);
    }

    /// The answer to a request of the consumer protocol where the cluster or this broker does not have it, before it is looked at
    /// who asks (`KafkaApis.isConsumerGroupProtocolEnabled`).
    pub(in crate::broker) fn without_consumer_protocol(&self, request: &Request) -> Option<Response> {
        let error_code = ErrorCode::UnsupportedVersion;
        match request {
            Request::ConsumerGroupHeartbeat(_) if !self.has_consumer_protocol() => Some(with_error(
                Response::ConsumerGroupHeartbeat(ConsumerGroupHeartbeatResponse::default()),
                error_code,
            )),
            Request::ConsumerGroupDescribe(request) if !self.has_consumer_protocol() => {
                let groups = request.group_ids.iter().map(|group_id| ConsumerGroupDescribedGroup {
                    error_code,
                    group_id: group_id.clone(),
                    ..ConsumerGroupDescribedGroup::default()
                });
                let groups = groups.collect();
                Some(Response::ConsumerGroupDescribe(ConsumerGroupDescribeResponse { groups, ..Default::default() }))
            }
            _ => None,
        }
    }

    fn has_consumer_protocol(&self) -> bool {
        let level = self.image.features.get(GROUP_VERSION).copied().unwrap_or(0);
        let mut protocols = self.settings.group_coordinator_rebalance_protocols.split(',');
        level >= FIRST_GROUP_VERSION_WITH_CONSUMERS && protocols.any(|protocol| protocol.trim() == "consumer")
    }

    /// Topics were deleted: so are their committed offsets (`GroupCoordinatorService.onPartitionsDeleted`).
    pub(in crate::broker) fn forget_offsets_of(&mut self, cx: &mut Context, deleted: &BTreeMap<Topic, Uuid>) {
        if !deleted.is_empty() {
            let appends = self.groups.topics_deleted(deleted, cx.now);
            self.append_for_coordinator(cx, appends);
        }
    }

    fn has_partition(&self, topic_id: Uuid, partition: i32) -> bool {
        self.image.topics.get(&topic_id).is_some_and(|topic| topic.partitions.numbered(partition).is_some())
    }

    /// What of a commit goes to the coordinator; the rest is refused.
    fn known_commits(
        &self,
        version: i16,
        commit: OffsetCommitRequest,
        requester: &Requester,
        refused: &mut Vec<OffsetCommitResponseTopic>,
    ) -> OffsetCommitRequest {
        let by_id = version >= FIRST_OFFSETS_VERSION_WITH_TOPIC_IDS;
        let mut topics = Vec::new();
        for topic in commit.topics {
            let known = if by_id {
                self.image.topics.get(&topic.topic_id).map(|known| (topic.topic_id, known.name.clone()))
            } else {
                self.image.topic_ids.get(&topic.name).map(|id| (*id, topic.name.clone()))
            };
            let (topic_id, name) = known.clone().unwrap_or((topic.topic_id, topic.name.clone()));
            let mut known_partitions = Vec::with_capacity(topic.partitions.len());
            // An id that nobody knows is told as such.
            let is_refused = (known.is_some() || !by_id) && !requester.may_topic(AclOperation::Read, &name);
            // A topic that nobody knows, or that may not be read, is in the answer even where nothing of it was named.
            if is_refused || known.is_none() {
                let nothing = OffsetCommitResponseTopic { name: name.clone(), topic_id, partitions: Vec::new() };
                topic_results::add(refused, nothing);
            }
            for partition in topic.partitions {
                let error_code = match known {
                    _ if is_refused => ErrorCode::TopicAuthorizationFailed,
                    Some((id, _)) if self.has_partition(id, partition.partition_index) => {
                        known_partitions.push(partition);
                        continue;
                    }
                    None if by_id => ErrorCode::UnknownTopicId,
                    Some(_) | None => ErrorCode::UnknownTopicOrPartition,
                };
                let result = OffsetCommitResponsePartition { partition_index: partition.partition_index, error_code };
                let results = OffsetCommitResponseTopic { name: name.clone(), topic_id, partitions: vec![result] };
                topic_results::add(refused, results);
            }
            if !known_partitions.is_empty() {
                topics.push(OffsetCommitRequestTopic { name, topic_id, partitions: known_partitions });
            }
        }
        OffsetCommitRequest { topics, ..commit }
    }

    fn known_deletes(
        &self,
        delete: OffsetDeleteRequest,
        requester: &Requester,
        refused: &mut Vec<OffsetDeleteResponseTopic>,
    ) -> OffsetDeleteRequest {
        let mut topics = Vec::new();
        for topic in delete.topics {
            let topic_id = self.image.topic_ids.get(&topic.name).copied().unwrap_or_default();
            let is_refused = !requester.may_topic(AclOperation::Read, &topic.name);
            let is_known = |index: i32| !is_refused && self.has_partition(topic_id, index);
            let (known, unknown): (Vec<_>, Vec<_>) =
                topic.partitions.into_iter().partition(|each| is_known(each.partition_index));
            // A topic that nobody knows, or that may not be read, is in the answer even where nothing of it was named.
            if is_refused || topic_id == Uuid::ZERO || !unknown.is_empty() {
                let results = unknown.iter().map(|each| OffsetDeleteResponsePartition {
                    partition_index: each.partition_index,
                    error_code: match is_refused {
                        true => ErrorCode::TopicAuthorizationFailed,
                        false => ErrorCode::UnknownTopicOrPartition,
                    },
                });
                let partitions = results.collect();
                topic_results::add(refused, OffsetDeleteResponseTopic { name: topic.name.clone(), partitions });
            }
            if !known.is_empty() {
                topics.push(OffsetDeleteRequestTopic { name: topic.name, partitions: known });
            }
        }
        OffsetDeleteRequest { topics, ..delete }
    }

    /// An OffsetFetch of any version as one of several groups that names its topics.
    fn named_fetch(&self, version: i16, fetch: OffsetFetchRequest) -> OffsetFetchRequest {
        let OffsetFetchRequest { group_id, topics, mut groups, require_stable } = fetch;
        if version < FIRST_BATCHED_OFFSET_FETCH_VERSION {
            groups = vec![OffsetFetchRequestGroup { group_id, topics, ..OffsetFetchRequestGroup::default() }];
        }
        if version >= FIRST_OFFSETS_VERSION_WITH_TOPIC_IDS {
            for topic in groups.iter_mut().flat_map(|group| group.topics.iter_mut().flatten()) {
                let known = self.image.topics.get(&topic.topic_id);
                topic.name = known.map_or_else(|| "".into(), |known| known.name.clone());
            }
        }
        OffsetFetchRequest { groups, require_stable, ..OffsetFetchRequest::default() }
    }

    fn shape_fetched(&self, version: i16, response: &mut OffsetFetchResponse) {
        for group in &mut response.groups {
            if version >= FIRST_OFFSETS_VERSION_WITH_TOPIC_IDS {
                for topic in group.topics.iter_mut().filter(|topic| topic.topic_id == Uuid::ZERO) {
                    topic.topic_id = self.image.topic_ids.get(&topic.name).copied().unwrap_or_default();
                }
                group.topics.retain(|topic| topic.topic_id != Uuid::ZERO || topic.name.is_empty());
                group.topics.iter_mut().for_each(|topic| topic.name = "".into());
            } else {
                group.topics.iter_mut().for_each(|topic| topic.topic_id = Uuid::ZERO);
            }
        }
        if version < FIRST_BATCHED_OFFSET_FETCH_VERSION
            && let Some(group) = response.groups.pop()
        {
            response.topics = group.topics;
            response.error_code = group.error_code;
        }
    }
}

/// The error of an OffsetFetch where the version has no place for it (`OffsetFetchResponse.groupError`).
pub(in crate::broker) fn tell_error_of_fetch(asked: &[OffsetFetchRequestTopics], response: &mut OffsetFetchResponse) {
    let error_code = std::mem::replace(&mut response.error_code, ErrorCode::None);
    if error_code.is_none() {
        return;
    }
    let failed = |index: &i32| OffsetFetchResponsePartitions {
        partition_index: *index,
        metadata: Some(String::new()),
        error_code,
        ..OffsetFetchResponsePartitions::default()
    };
    let topics = asked.iter().map(|topic| OffsetFetchResponseTopics {
        name: topic.name.clone(),
        topic_id: topic.topic_id,
        partitions: topic.partition_indexes.iter().map(failed).collect(),
    });
    response.topics = topics.collect();
}

/// An answer with an error in the place of what it said.
pub(super) fn with_error(response: Response, error_code: ErrorCode) -> Response {
    match response {
        Response::ConsumerGroupHeartbeat(_) => Response::ConsumerGroupHeartbeat(ConsumerGroupHeartbeatResponse {
            error_code,
            error_message: None,
            ..ConsumerGroupHeartbeatResponse::default()
        }),
        Response::JoinGroup(_) => Response::JoinGroup(JoinGroupResponse { error_code, ..Default::default() }),
        Response::SyncGroup(_) => Response::SyncGroup(SyncGroupResponse { error_code, ..Default::default() }),
        Response::LeaveGroup(_) => Response::LeaveGroup(LeaveGroupResponse { error_code, ..Default::default() }),
        other => other,
    }
}

/// Gives every answer the form of the version that it was asked in.
pub(super) fn shape_answers(fx: &mut Effects) {
    for send in &mut fx.sends {
        if let Outgoing::Response { to, response: Some(response), .. } = send {
            shape(response, to.version);
        }
    }
}

/// Gives an answer the form of a version: what that version has no field for falls away.
pub(super) fn shape(response: &mut Response, version: i16) {
    match response {
        Response::JoinGroup(join) => {
            if version < 7 {
                join.protocol_type = None;
                join.protocol_name.get_or_insert_default();
            }
            join.skip_assignment &= version >= 9;
            if version < 5 {
                join.members.iter_mut().for_each(|member| member.group_instance_id = None);
            }
        }
        Response::SyncGroup(sync) if version < 5 => {
            sync.protocol_type = None;
            sync.protocol_name = None;
        }
        Response::LeaveGroup(leave) if version < 3 => {
            // The one member's error is the answer's.
            if let (ErrorCode::None, Some(member)) = (leave.error_code, leave.members.first()) {
                leave.error_code = member.error_code;
            }
            leave.members.clear();
        }
        Response::OffsetCommit(commit) => {
            for topic in &mut commit.topics {
                if version >= FIRST_OFFSETS_VERSION_WITH_TOPIC_IDS {
                    topic.name = "".into();
                } else {
                    topic.topic_id = Uuid::ZERO;
                }
            }
        }
        _ => {}
    }
}
