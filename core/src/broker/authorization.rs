//! What a broker refuses before it looks at anything else (`AuthHelper`, the first lines of each handler of `KafkaApis`).
//!
//! Where only part of a request is refused, that part is taken out, and told again beside what came of the rest. Whether a
//! resource exists is not looked at before: who may not see it is answered the same in both cases.

use std::sync::Arc;

use super::transaction::verified_requests::has_transactional_records;
use super::{Broker, Context};
use crate::authorizer::{AclOperation, Authorizer, AuthorizerSettings, CLUSTER_NAME, ResourceType, refusal_message};
use crate::change::{Change, is_internal};
use crate::effects::{Effects, Outgoing, RequestContext};
use crate::metadata::MetadataImage;
use crate::settings::BrokerSettings;
use crate::wire::acl::DescribeAclsResponse;
use crate::wire::api::Request;
use crate::wire::client_quotas::DescribeClientQuotasResponse;
use crate::wire::consumer_group::{
    ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse, ConsumerGroupDescribedGroup,
    ConsumerGroupHeartbeatResponse,
};
use crate::wire::describe::{DescribeConfigsRequest, DescribeConfigsResponse, DescribeConfigsResult};
use crate::wire::describe_storage::{DescribeLogDirsResponse, ListConfigResourcesResponse};
use crate::wire::group::*;
use crate::wire::metadata::{MetadataRequest, MetadataRequestTopic, MetadataResponse, MetadataResponseTopic};
use crate::wire::replication::*;
use crate::wire::{ErrorCode, Response, Topic, Uuid};

/// From this version on a produce request names topics by id.
const FIRST_PRODUCE_VERSION_WITH_TOPIC_IDS: i16 = 13;
/// From this version on a question about topics may name them by id.
const FIRST_METADATA_VERSION_WITH_TOPIC_IDS: i16 = 12;
/// From this version on a question about coordinators has several keys.
const FIRST_BATCHED_FIND_COORDINATOR_VERSION: i16 = 4;
/// From this version on an OffsetFetch asks about several groups.
const FIRST_BATCHED_OFFSET_FETCH_VERSION: i16 = 8;

/// Who asks, and what the broker knows that it decides by.
pub(super) struct Requester {
    image: Arc<MetadataImage>,
    settings: Arc<BrokerSettings>,
    /// `None` for a process of the cluster, and where there is no authorizer: it may do everything.
    decides: Option<(AuthorizerSettings, String)>,
}

/// What is done with a request.
enum Verdict {
    /// It is handled.
    Allowed(Request),
    /// What is left of it is handled, and the answer tells what was refused, too.
    Partly(Request, Response),
    /// Nothing of it is handled.
    Refused(Response),
}

use Verdict::{Allowed, Partly, Refused};

impl Requester {
    /// Whether who asks may do something with a resource.
    pub(super) fn may(&self, operation: AclOperation, resource_type: ResourceType, name: &str) -> bool {
        let Some((settings, principal)) = &self.decides else { return true };
        let acls = self.image.acls.acls();
        let authorizer = Authorizer { settings: settings.clone(), acls, principal };
        authorizer.authorize(operation, resource_type, name).allowed
    }

    /// Whether who asks may do something with any resource of a type.
    pub(super) fn may_any(&self, operation: AclOperation, resource_type: ResourceType) -> bool {
        let Some((settings, principal)) = &self.decides else { return true };
        let acls = self.image.acls.acls();
        let authorizer = Authorizer { settings: settings.clone(), acls, principal };
        authorizer.authorize_by_resource_type(operation, resource_type)
    }

    /// Whether who asks may do something with a topic.
    pub(super) fn may_topic(&self, operation: AclOperation, topic: &str) -> bool {
        self.may(operation, ResourceType::Topic, topic)
    }

    /// What who asks may do with a resource, as a set of bits.
    pub(super) fn authorized_operations(&self, resource_type: ResourceType, name: &str) -> i32 {
        let operations = resource_type.operations().iter();
        let allowed = operations.filter(|operation| self.may(**operation, resource_type, name));
        allowed.fold(0, |bits, operation| bits | 1 << operation.code())
    }

    /// What who asks may do with the cluster, as a set of bits.
    pub(super) fn cluster_operations(&self) -> i32 {
        if !self.may_cluster(AclOperation::Describe) {
            return 0;
        }
        self.authorized_operations(ResourceType::Cluster, CLUSTER_NAME)
    }

    /// Takes out of a list the groups that who asks may not see. Who may describe the cluster sees all.
    pub(super) fn hide_groups(&self, groups: &mut Vec<ListedGroup>) {
        if self.decides.is_some() && !self.may_cluster(AclOperation::Describe) {
            groups.retain(|group| self.may_group(AclOperation::Describe, &group.group_id));
        }
    }

    /// What who asks may do with groups, where it is told.
    pub(super) fn restrict_operations(&self, groups: &mut [DescribedGroup]) {
        let told = groups.iter_mut().filter(|group| self.decides.is_some() && group.authorized_operations != i32::MIN);
        for group in told {
            group.authorized_operations = self.authorized_operations(ResourceType::Group, &group.group_id);
        }
    }

    /// The same of consumer groups; whose topics who asks may not all describe is not described (`consumerGroupDescribe`).
    pub(super) fn restrict_consumer_groups(&self, groups: &mut [ConsumerGroupDescribedGroup]) {
        for group in groups.iter_mut().filter(|group| self.decides.is_some() && group.error_code.is_none()) {
            if group.authorized_operations != i32::MIN {
                group.authorized_operations = self.authorized_operations(ResourceType::Group, &group.group_id);
            }
            let members = group.members.iter().flat_map(|member| {
                let assigned =
                    member.assignment.topic_partitions.iter().chain(&member.target_assignment.topic_partitions);
                member.subscribed_topic_names.iter().chain(assigned.map(|topic| &topic.topic_name))
            });
            let mut topics = members;
            if topics.any(|topic| !self.may_topic(AclOperation::Describe, topic)) {
                let (group_id, error_code) = (group.group_id.clone(), ErrorCode::TopicAuthorizationFailed);
                let message = "The group has described topic(s) that the client is not authorized to describe.";
                *group = ConsumerGroupDescribedGroup {
                    error_code,
                    error_message: Some(message.to_owned()),
                    group_id,
                    ..ConsumerGroupDescribedGroup::default()
                };
            }
        }
    }

    pub(super) fn may_cluster(&self, operation: AclOperation) -> bool {
        self.may(operation, ResourceType::Cluster, CLUSTER_NAME)
    }

    fn may_group(&self, operation: AclOperation, group: &str) -> bool {
        self.may(operation, ResourceType::Group, group)
    }

    fn check(&self, request: Request, version: i16) -> Verdict {
        match request {
            Request::Produce(request) => self.check_produce(request, version),
            Request::ListOffsets(request) => self.check_list_offsets(request),
            Request::OffsetForLeaderEpoch(request) => self.check_epochs(request),
            Request::DeleteRecords(request) => self.check_delete_records(request),
            Request::Metadata(mut request) => {
                if version == 0 && request.topics.as_ref().is_some_and(Vec::is_empty) {
                    request.topics = None;
                }
                self.check_metadata(request, version)
            }
            Request::FindCoordinator(request) => self.check_coordinators(request, version),
            Request::DescribeConfigs(request) => self.check_describe_configs(request),
            Request::DescribeGroups(request) => {
                let (groups, refused): (Vec<String>, Vec<String>) =
                    request.groups.into_iter().partition(|group| self.may_group(AclOperation::Describe, group));
                let refused = refused.into_iter().map(|group_id| DescribedGroup {
                    error_code: ErrorCode::GroupAuthorizationFailed,
                    group_id,
                    ..DescribedGroup::default()
                });
                let response =
                    DescribeGroupsResponse { groups: refused.collect(), ..DescribeGroupsResponse::default() };
                let is_whole = response.groups.is_empty();
                let request = Request::DescribeGroups(DescribeGroupsRequest { groups, ..request });
                if is_whole { Allowed(request) } else { Partly(request, Response::DescribeGroups(response)) }
            }
            Request::ConsumerGroupDescribe(request) => {
                let (group_ids, refused): (Vec<String>, Vec<String>) =
                    request.group_ids.into_iter().partition(|group| self.may_group(AclOperation::Describe, group));
                let refused = refused.into_iter().map(|group_id| ConsumerGroupDescribedGroup {
                    error_code: ErrorCode::GroupAuthorizationFailed,
                    group_id,
                    ..ConsumerGroupDescribedGroup::default()
                });
                let response = ConsumerGroupDescribeResponse {
                    groups: refused.collect(),
                    ..ConsumerGroupDescribeResponse::default()
                };
                let is_whole = response.groups.is_empty();
                let request = Request::ConsumerGroupDescribe(ConsumerGroupDescribeRequest { group_ids, ..request });
                if is_whole { Allowed(request) } else { Partly(request, Response::ConsumerGroupDescribe(response)) }
            }
            Request::DeleteGroups(request) => {
                let (allowed, refused): (Vec<String>, Vec<String>) =
                    request.groups_names.into_iter().partition(|group| self.may_group(AclOperation::Delete, group));
                let refused = each_once(refused)
                    .into_iter()
                    .map(|group_id| DeletableGroupResult { group_id, error_code: ErrorCode::GroupAuthorizationFailed });
                let response = DeleteGroupsResponse { results: refused.collect(), ..DeleteGroupsResponse::default() };
                let is_whole = response.results.is_empty();
                let request = Request::DeleteGroups(DeleteGroupsRequest { groups_names: allowed });
                if is_whole { Allowed(request) } else { Partly(request, Response::DeleteGroups(response)) }
            }
            Request::OffsetFetch(request) => self.check_offset_fetch(request, version),
            request => match self.refused_whole(&request, version) {
                Some(response) => Refused(response),
                None => Allowed(request),
            },
        }
    }

    /// The answer to a request that is about one group or the cluster, where it is refused.
    fn refused_whole(&self, request: &Request, version: i16) -> Option<Response> {
        let of_group = ErrorCode::GroupAuthorizationFailed;
        let may_read = |group: &str| self.may_group(AclOperation::Read, group);
        Some(match request {
            Request::JoinGroup(request) if !may_read(&request.group_id) => Response::JoinGroup(JoinGroupResponse {
                error_code: of_group,
                protocol_name: (version < 7).then(String::new),
                ..JoinGroupResponse::default()
            }),
            // From version 5 on a request that leaves out which protocol its member follows is refused for that first.
            Request::SyncGroup(request)
                if !may_read(&request.group_id)
                    && (version < 5 || (request.protocol_type.is_some() && request.protocol_name.is_some())) =>
            {
                Response::SyncGroup(SyncGroupResponse { error_code: of_group, ..SyncGroupResponse::default() })
            }
            Request::Heartbeat(request) if !may_read(&request.group_id) => {
                Response::Heartbeat(HeartbeatResponse { error_code: of_group, ..HeartbeatResponse::default() })
            }
            Request::LeaveGroup(request) if !may_read(&request.group_id) => {
                Response::LeaveGroup(LeaveGroupResponse { error_code: of_group, ..LeaveGroupResponse::default() })
            }
            Request::ConsumerGroupHeartbeat(request) => {
                let may_describe = |topic: &Topic| self.may_topic(AclOperation::Describe, topic);
                let error_code = if !may_read(&request.group_id) {
                    of_group
                } else if !request.subscribed_topic_names.iter().flatten().all(may_describe) {
                    ErrorCode::TopicAuthorizationFailed
                } else {
                    return None;
                };
                let response = ConsumerGroupHeartbeatResponse { error_code, ..Default::default() };
                Response::ConsumerGroupHeartbeat(response)
            }
            Request::OffsetCommit(request) if !may_read(&request.group_id) => {
                let topics = request.topics.iter().map(|topic| OffsetCommitResponseTopic {
                    name: topic.name.clone(),
                    topic_id: topic.topic_id,
                    partitions: topic
                        .partitions
                        .iter()
                        .map(|each| OffsetCommitResponsePartition {
                            partition_index: each.partition_index,
                            error_code: of_group,
                        })
                        .collect(),
                });
                let topics = topics.collect();
                Response::OffsetCommit(OffsetCommitResponse { topics, ..OffsetCommitResponse::default() })
            }
            Request::OffsetDelete(request) if !self.may_group(AclOperation::Delete, &request.group_id) => {
                Response::OffsetDelete(OffsetDeleteResponse { error_code: of_group, ..OffsetDeleteResponse::default() })
            }
            Request::DescribeAcls(_) if !self.may_cluster(AclOperation::Describe) => refused_description(request)?,
            Request::DescribeClientQuotas(_) | Request::ListConfigResources(_)
                if !self.may_cluster(AclOperation::DescribeConfigs) =>
            {
                refused_description(request)?
            }
            Request::DescribeLogDirs(_) if !self.may_cluster(AclOperation::Describe) => refused_description(request)?,
            _ => return None,
        })
    }

    fn check_produce(&self, request: ProduceRequest, version: i16) -> Verdict {
        let id = request.transactional_id.as_deref().filter(|_| has_transactional_records(&request));
        if id.is_some_and(|id| !self.may(AclOperation::Write, ResourceType::TransactionalId, id)) {
            let error = ErrorCode::TransactionalIdAuthorizationFailed;
            return Refused(Response::Produce(request.error_response(error)));
        }
        let is_allowed = |topic: &TopicProduceData| {
            let known = self.image.topics.get(&topic.topic_id).map(|known| &known.name);
            let name = known.unwrap_or(&topic.name);
            // An id that nobody knows is told as such.
            let is_unknown = name.is_empty() && version >= FIRST_PRODUCE_VERSION_WITH_TOPIC_IDS;
            is_unknown || self.may_topic(AclOperation::Write, name)
        };
        let (topic_data, refused): (Vec<_>, Vec<_>) = request.topic_data.into_iter().partition(is_allowed);
        let refused = refused.into_iter().map(|topic| TopicProduceResponse {
            name: topic.name,
            topic_id: topic.topic_id,
            partition_responses: topic
                .partition_data
                .iter()
                .map(|each| PartitionProduceResponse {
                    index: each.index,
                    error_code: ErrorCode::TopicAuthorizationFailed,
                    ..PartitionProduceResponse::default()
                })
                .collect(),
        });
        let response = ProduceResponse { responses: refused.collect(), ..ProduceResponse::default() };
        let (is_whole, is_empty) = (response.responses.is_empty(), topic_data.is_empty());
        let request = Request::Produce(ProduceRequest { topic_data, ..request });
        verdict(is_whole, is_empty, request, Response::Produce(response))
    }

    fn check_list_offsets(&self, request: ListOffsetsRequest) -> Verdict {
        let (topics, refused): (Vec<_>, Vec<_>) =
            request.topics.into_iter().partition(|topic| self.may_topic(AclOperation::Describe, &topic.name));
        let refused = refused.into_iter().map(|topic| ListOffsetsTopicResponse {
            name: topic.name,
            partitions: topic
                .partitions
                .iter()
                .map(|each| ListOffsetsPartitionResponse {
                    partition_index: each.partition_index,
                    error_code: ErrorCode::TopicAuthorizationFailed,
                    ..ListOffsetsPartitionResponse::default()
                })
                .collect(),
        });
        let response = ListOffsetsResponse { topics: refused.collect(), ..ListOffsetsResponse::default() };
        let (is_whole, is_empty) = (response.topics.is_empty(), topics.is_empty());
        let request = Request::ListOffsets(ListOffsetsRequest { topics, ..request });
        verdict(is_whole, is_empty, request, Response::ListOffsets(response))
    }

    /// A follower needs CLUSTER_ACTION; a consumer that looks whether its log was truncated (KIP-320) may describe the topic.
    fn check_epochs(&self, request: OffsetForLeaderEpochRequest) -> Verdict {
        let is_node = self.may_cluster(AclOperation::ClusterAction);
        let (topics, refused): (Vec<_>, Vec<_>) = request
            .topics
            .into_iter()
            .partition(|topic| is_node || self.may_topic(AclOperation::Describe, &topic.topic));
        let refused = refused.into_iter().map(|topic| OffsetForLeaderTopicResult {
            topic: topic.topic,
            partitions: topic
                .partitions
                .iter()
                .map(|each| EpochEndOffsetResult {
                    error_code: ErrorCode::TopicAuthorizationFailed,
                    partition: each.partition,
                    ..EpochEndOffsetResult::default()
                })
                .collect(),
        });
        let response = OffsetForLeaderEpochResponse { topics: refused.collect(), ..Default::default() };
        let (is_whole, is_empty) = (response.topics.is_empty(), topics.is_empty());
        let request = Request::OffsetForLeaderEpoch(OffsetForLeaderEpochRequest { topics, ..request });
        verdict(is_whole, is_empty, request, Response::OffsetForLeaderEpoch(response))
    }

    fn check_delete_records(&self, request: DeleteRecordsRequest) -> Verdict {
        let (topics, refused): (Vec<_>, Vec<_>) =
            request.topics.into_iter().partition(|topic| self.may_topic(AclOperation::Delete, &topic.name));
        let refused = refused.into_iter().map(|topic| DeleteRecordsTopicResult {
            name: topic.name,
            partitions: topic
                .partitions
                .iter()
                .map(|each| DeleteRecordsPartitionResult {
                    partition_index: each.partition_index,
                    error_code: ErrorCode::TopicAuthorizationFailed,
                    ..DeleteRecordsPartitionResult::default()
                })
                .collect(),
        });
        let response = DeleteRecordsResponse { topics: refused.collect(), ..DeleteRecordsResponse::default() };
        let (is_whole, is_empty) = (response.topics.is_empty(), topics.is_empty());
        let request = Request::DeleteRecords(DeleteRecordsRequest { topics, ..request });
        verdict(is_whole, is_empty, request, Response::DeleteRecords(response))
    }

    /// Who asks about all topics is told of those only that it may see; who names one that it may not see is told so, whether
    /// there is one or not.
    fn check_metadata(&self, mut request: MetadataRequest, version: i16) -> Verdict {
        let sees = |name: &str| self.may_topic(AclOperation::Describe, name);
        let Some(asked) = request.topics.take() else {
            let all = || self.image.topic_ids.keys();
            if !all().all(|name| sees(name)) {
                let named = |name: &Topic| MetadataRequestTopic { name: Some(name.clone()), ..Default::default() };
                request.topics = Some(all().filter(|name| sees(name)).map(named).collect());
                request.allow_auto_topic_creation = false;
            }
            return Allowed(Request::Metadata(request));
        };
        let is_nameless = |topic: &MetadataRequestTopic| topic.name.is_none() || topic.topic_id != Uuid::ZERO;
        if version < FIRST_METADATA_VERSION_WITH_TOPIC_IDS && asked.iter().any(is_nameless) {
            request.topics = Some(asked);
            return Allowed(Request::Metadata(request));
        }
        let uses_ids = asked.iter().any(|topic| topic.topic_id != Uuid::ZERO);
        let creates = request.allow_auto_topic_creation
            && self.settings.auto_create_topics_enable
            && !self.may_cluster(AclOperation::Create);
        let (mut may_not_create, mut may_not_see) = (Vec::new(), Vec::new());
        let mut left = Vec::new();
        for topic in asked {
            let known = self.image.topics.get(&topic.topic_id).map(|known| known.name.clone());
            let Some(name) = (if uses_ids { known } else { topic.name.clone() }) else {
                left.push(topic);
                continue;
            };
            let is_new = || !self.image.topic_ids.contains_key(&name);
            let refused = MetadataResponseTopic {
                error_code: ErrorCode::TopicAuthorizationFailed,
                ..MetadataResponseTopic::default()
            };
            if !sees(&name) && uses_ids {
                may_not_see.push(MetadataResponseTopic { topic_id: topic.topic_id, ..refused });
            } else if !sees(&name) {
                may_not_see.push(MetadataResponseTopic { name: Some(name), ..refused });
            } else if creates && is_new() && !self.may_topic(AclOperation::Create, &name) {
                let is_internal = is_internal(&name);
                may_not_create.push(MetadataResponseTopic { name: Some(name), is_internal, ..refused });
            } else {
                left.push(topic);
            }
        }
        request.topics = Some(left);
        let topics = each_once(may_not_create.into_iter().chain(may_not_see).collect());
        if topics.is_empty() {
            return Allowed(Request::Metadata(request));
        }
        let response = MetadataResponse { topics, ..Default::default() };
        Partly(Request::Metadata(request), Response::Metadata(response))
    }

    fn check_coordinators(&self, mut request: FindCoordinatorRequest, version: i16) -> Verdict {
        let (resource_type, error_code) = match request.key_type {
            0 => (ResourceType::Group, ErrorCode::GroupAuthorizationFailed),
            1 => (ResourceType::TransactionalId, ErrorCode::TransactionalIdAuthorizationFailed),
            _ => return Allowed(Request::FindCoordinator(request)),
        };
        let is_allowed = |key: &String| self.may(AclOperation::Describe, resource_type, key);
        if version < FIRST_BATCHED_FIND_COORDINATOR_VERSION {
            if is_allowed(&request.key) {
                return Allowed(Request::FindCoordinator(request));
            }
            return Refused(Response::FindCoordinator(FindCoordinatorResponse {
                error_code,
                error_message: refusal_message(error_code).map(str::to_owned),
                node_id: -1,
                port: -1,
                ..FindCoordinatorResponse::default()
            }));
        }
        let keys = std::mem::take(&mut request.coordinator_keys);
        if keys.iter().all(is_allowed) {
            request.coordinator_keys = keys;
            return Allowed(Request::FindCoordinator(request));
        }
        // Coordinators stand in the order of the keys: those that are asked for still have their places.
        let coordinators = keys.iter().map(|key| Coordinator {
            key: key.clone(),
            error_code: if is_allowed(key) { ErrorCode::None } else { error_code },
            ..Coordinator::default()
        });
        let coordinators = coordinators.collect();
        let response = FindCoordinatorResponse { coordinators, ..FindCoordinatorResponse::default() };
        request.coordinator_keys = keys.into_iter().filter(is_allowed).collect();
        let is_empty = request.coordinator_keys.is_empty();
        verdict(false, is_empty, Request::FindCoordinator(request), Response::FindCoordinator(response))
    }

    fn check_describe_configs(&self, request: DescribeConfigsRequest) -> Verdict {
        let error_of = |resource_type: i8, name: &str| {
            let (may, error) = match resource_type {
                2 => (self.may_topic(AclOperation::DescribeConfigs, name), ErrorCode::TopicAuthorizationFailed),
                32 => (self.may_group(AclOperation::DescribeConfigs, name), ErrorCode::GroupAuthorizationFailed),
                4 | 8 | 16 => (self.may_cluster(AclOperation::DescribeConfigs), ErrorCode::ClusterAuthorizationFailed),
                // A type that there is not is refused for that.
                _ => (true, ErrorCode::None),
            };
            (!may).then_some(error)
        };
        let mut refused = Vec::new();
        let mut resources = Vec::new();
        for resource in request.resources {
            match error_of(resource.resource_type, &resource.resource_name) {
                None => resources.push(resource),
                Some(error_code) => refused.push(DescribeConfigsResult {
                    error_code,
                    error_message: refusal_message(error_code).map(str::to_owned),
                    resource_type: resource.resource_type,
                    resource_name: resource.resource_name,
                    ..DescribeConfigsResult::default()
                }),
            }
        }
        let (is_whole, is_empty) = (refused.is_empty(), resources.is_empty());
        let request = Request::DescribeConfigs(DescribeConfigsRequest { resources, ..request });
        let response = DescribeConfigsResponse { results: refused, ..Default::default() };
        verdict(is_whole, is_empty, request, Response::DescribeConfigs(response))
    }

    /// Offsets of a group are described by who may describe it, topic by topic.
    fn check_offset_fetch(&self, mut request: OffsetFetchRequest, version: i16) -> Verdict {
        let refused_topics = |topics: &mut Option<Vec<OffsetFetchRequestTopics>>| {
            let (allowed, refused): (Vec<_>, Vec<_>) = topics.take()?.into_iter().partition(|topic| {
                let known = self.image.topics.get(&topic.topic_id).map(|known| &known.name);
                let name = known.unwrap_or(&topic.name);
                name.is_empty() || self.may_topic(AclOperation::Describe, name)
            });
            *topics = Some(allowed);
            let refused = refused.into_iter().map(|topic| OffsetFetchResponseTopics {
                name: topic.name,
                topic_id: topic.topic_id,
                partitions: topic
                    .partition_indexes
                    .iter()
                    .map(|index| OffsetFetchResponsePartitions {
                        partition_index: *index,
                        metadata: Some(String::new()),
                        error_code: ErrorCode::TopicAuthorizationFailed,
                        ..OffsetFetchResponsePartitions::default()
                    })
                    .collect(),
            });
            Some(refused.collect::<Vec<_>>())
        };
        let may_describe = |group: &str| self.may_group(AclOperation::Describe, group);
        if version < FIRST_BATCHED_OFFSET_FETCH_VERSION {
            if !may_describe(&request.group_id) {
                return Refused(Response::OffsetFetch(OffsetFetchResponse {
                    error_code: ErrorCode::GroupAuthorizationFailed,
                    ..OffsetFetchResponse::default()
                }));
            }
            let topics = refused_topics(&mut request.topics).unwrap_or_default();
            if topics.is_empty() {
                return Allowed(Request::OffsetFetch(request));
            }
            let response = OffsetFetchResponse { topics, ..OffsetFetchResponse::default() };
            return Partly(Request::OffsetFetch(request), Response::OffsetFetch(response));
        }
        // Groups stand in the order of the request: those that are asked about still have their places.
        let mut groups = Vec::new();
        for group in &mut request.groups {
            let error_code = match may_describe(&group.group_id) {
                true => ErrorCode::None,
                false => ErrorCode::GroupAuthorizationFailed,
            };
            let topics = refused_topics(&mut group.topics).filter(|_| error_code.is_none()).unwrap_or_default();
            groups.push(OffsetFetchResponseGroup { group_id: group.group_id.clone(), error_code, topics });
        }
        request.groups.retain(|group| may_describe(&group.group_id));
        if groups.iter().all(|group| group.error_code.is_none() && group.topics.is_empty()) {
            return Allowed(Request::OffsetFetch(request));
        }
        let is_empty = request.groups.is_empty();
        let response = OffsetFetchResponse { groups, ..OffsetFetchResponse::default() };
        verdict(false, is_empty, Request::OffsetFetch(request), Response::OffsetFetch(response))
    }
}

fn verdict(is_whole: bool, is_empty: bool, request: Request, refused: Response) -> Verdict {
    match (is_whole, is_empty) {
        (true, _) => Allowed(request),
        (false, true) => Refused(refused),
        (false, false) => Partly(request, refused),
    }
}

fn each_once<T: PartialEq>(all: Vec<T>) -> Vec<T> {
    let mut once: Vec<T> = Vec::with_capacity(all.len());
    for each in all {
        if !once.contains(&each) {
            once.push(each);
        }
    }
    once
}

/// The answer to a question about the cluster that is refused.
fn refused_description(request: &Request) -> Option<Response> {
    let error_code = ErrorCode::ClusterAuthorizationFailed;
    let error_message = refusal_message(error_code).map(str::to_owned);
    match request {
        Request::DescribeAcls(_) => {
            let response = DescribeAclsResponse { error_code, error_message, ..Default::default() };
            Some(Response::DescribeAcls(response))
        }
        Request::DescribeClientQuotas(_) => {
            let response =
                DescribeClientQuotasResponse { error_code, error_message, entries: None, ..Default::default() };
            Some(Response::DescribeClientQuotas(response))
        }
        Request::ListConfigResources(_) => {
            Some(Response::ListConfigResources(ListConfigResourcesResponse { error_code, ..Default::default() }))
        }
        Request::DescribeLogDirs(_) => {
            Some(Response::DescribeLogDirs(DescribeLogDirsResponse { error_code, ..Default::default() }))
        }
        _ => None,
    }
}

impl Broker {
    /// Who asks.
    pub(super) fn requester(&self, request_context: &RequestContext) -> Requester {
        let settings = AuthorizerSettings::of(&self.settings);
        let decides = settings.and_then(|settings| {
            let principal = settings.principal(request_context.from, request_context.principal.as_deref())?;
            Some((settings, principal))
        });
        Requester { image: self.image.clone(), settings: self.settings.clone(), decides }
    }

    /// In whose name a request is passed on (`EnvelopeRequest.requestPrincipal`); nobody's where nobody is refused anything.
    pub(super) fn principal_of(&self, request_context: &RequestContext) -> Option<Topic> {
        let principal = self.requester(request_context).decides.map(|(_, principal)| principal);
        principal.map(Topic::from)
    }

    /// What is left of a request once what who asks may not do is taken out. `None` where that was all: it is answered.
    pub(super) fn authorize(
        &mut self,
        cx: &mut Context,
        request_context: &RequestContext,
        request: Request,
    ) -> Option<Request> {
        let requester = self.requester(request_context);
        if requester.decides.is_none() {
            return Some(request);
        }
        let is_unanswered = matches!(&request, Request::Produce(produce) if produce.acks == 0);
        let (left, refused) = match requester.check(request, request_context.version) {
            Allowed(request) => return Some(request),
            Partly(request, refused) => (Some(request), refused),
            Refused(refused) => (None, refused),
        };
        cx.fx.change(Change::Refused {
            node: self.id,
            api: request_context.api,
            to: request_context.from.actor(),
            error: first_error(&refused),
        });
        match &left {
            // Nobody waits for an answer; the connection is closed instead.
            _ if is_unanswered => cx.fx.close(request_context),
            None => self.reply(cx, request_context, refused),
            Some(_) => {
                self.tell_later(request_context, refused);
            }
        }
        left
    }

    /// Keeps what was refused of a request until the rest is answered.
    pub(super) fn tell_later(&mut self, request_context: &RequestContext, refused: Response) {
        let key = (request_context.from, request_context.incarnation, request_context.correlation_id);
        self.refused.insert(key, refused);
    }

    /// Adds what was refused of a request to the answer to the rest.
    pub(super) fn tell_refused(&mut self, fx: &mut Effects) {
        if self.refused.is_empty() {
            return;
        }
        for send in &mut fx.sends {
            let Outgoing::Response { to, response, .. } = send else { continue };
            let refused = self.refused.remove(&(to.from, to.incarnation, to.correlation_id));
            if let (Some(response), Some(mut refused)) = (response, refused) {
                refused.restrict_to_version(to.version);
                merge(response, refused);
            }
        }
    }
}

/// What went wrong first.
fn first_error(refused: &Response) -> ErrorCode {
    match refused {
        Response::JoinGroup(_)
        | Response::SyncGroup(_)
        | Response::Heartbeat(_)
        | Response::LeaveGroup(_)
        | Response::OffsetCommit(_)
        | Response::OffsetDelete(_)
        | Response::OffsetFetch(_)
        | Response::DescribeGroups(_)
        | Response::ConsumerGroupDescribe(_)
        | Response::ConsumerGroupHeartbeat(_)
        | Response::DeleteGroups(_)
        | Response::FindCoordinator(_) => ErrorCode::GroupAuthorizationFailed,
        Response::DescribeAcls(_) | Response::DescribeClientQuotas(_) => ErrorCode::ClusterAuthorizationFailed,
        _ => ErrorCode::TopicAuthorizationFailed,
    }
}

/// Adds what was refused to an answer, where Kafka's own answer has it.
fn merge(response: &mut Response, refused: Response) {
    match (response, refused) {
        (Response::Produce(answer), Response::Produce(refused)) => answer.responses.extend(refused.responses),
        (Response::ListOffsets(answer), Response::ListOffsets(refused)) => answer.topics.extend(refused.topics),
        (Response::OffsetForLeaderEpoch(answer), Response::OffsetForLeaderEpoch(refused)) => {
            answer.topics.extend(refused.topics);
        }
        (Response::DeleteRecords(answer), Response::DeleteRecords(refused)) => answer.topics.extend(refused.topics),
        (Response::Metadata(answer), Response::Metadata(refused)) => answer.topics.extend(refused.topics),
        (Response::DescribeConfigs(answer), Response::DescribeConfigs(refused)) => {
            answer.results.extend(refused.results);
        }
        (Response::DeleteGroups(answer), Response::DeleteGroups(refused)) => answer.results.extend(refused.results),
        (Response::TxnOffsetCommit(answer), Response::TxnOffsetCommit(refused)) => {
            // What was refused comes first.
            let committed = std::mem::replace(&mut answer.topics, refused.topics);
            for topic in committed {
                match answer.topics.iter_mut().find(|known| known.name == topic.name) {
                    Some(known) => known.partitions.extend(topic.partitions),
                    None => answer.topics.push(topic),
                }
            }
        }
        (Response::DescribeGroups(answer), Response::DescribeGroups(mut refused)) => {
            refused.groups.append(&mut answer.groups);
            answer.groups = refused.groups;
        }
        (Response::ConsumerGroupDescribe(answer), Response::ConsumerGroupDescribe(mut refused)) => {
            refused.groups.append(&mut answer.groups);
            answer.groups = refused.groups;
        }
        (Response::FindCoordinator(answer), Response::FindCoordinator(refused)) => {
            let found = std::mem::take(&mut answer.coordinators);
            answer.coordinators = refused.coordinators;
            for coordinator in answer.coordinators.iter_mut().filter(|each| each.error_code.is_none()) {
                if let Some(found) = found.iter().find(|found| found.key == coordinator.key) {
                    *coordinator = found.clone();
                }
            }
        }
        (Response::OffsetFetch(answer), Response::OffsetFetch(refused)) => {
            answer.topics.extend(refused.topics);
            let mut fetched = std::mem::take(&mut answer.groups);
            answer.groups = refused.groups;
            for group in answer.groups.iter_mut().filter(|group| group.error_code.is_none()) {
                let Some(at) = fetched.iter().position(|each| each.group_id == group.group_id) else { continue };
                let mut found = fetched.remove(at);
                if found.error_code.is_none() {
                    found.topics.append(&mut group.topics);
                }
                *group = found;
            }
        }
        _ => {}
    }
}
