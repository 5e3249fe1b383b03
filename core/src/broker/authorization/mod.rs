//! What a broker refuses before it looks at anything else (`AuthHelper`, the first lines of each handler of `KafkaApis`).
//!
//! Where only part of a request is refused, that part is taken out, and told again beside what came of the rest. Whether a
//! resource exists is not looked at before: who may not see it is answered the same in both cases.

mod answer;
mod groups;
mod partitions;
mod topics;

use std::rc::Rc;

use answer::{first_error, merge};

use super::{Broker, Context};
use crate::authorizer::{AclOperation, Authorizer, AuthorizerSettings, CLUSTER_NAME, ResourceType, refusal_message};
use crate::change::Change;
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
use crate::wire::describe_storage::{DescribeLogDirsResponse, ListConfigResourcesResponse};
use crate::wire::group::*;
use crate::wire::{ErrorCode, Response, Topic};

/// Who asks, and what the broker knows that it decides by.
pub(in crate::broker) struct Requester {
    image: Rc<MetadataImage>,
    settings: Rc<BrokerSettings>,
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
    pub(in crate::broker) fn may(&self, operation: AclOperation, resource_type: ResourceType, name: &str) -> bool {
        let Some((settings, principal)) = &self.decides else { return true };
        let acls = self.image.acls.acls();
        let authorizer = Authorizer { settings: settings.clone(), acls, principal };
        authorizer.authorize(operation, resource_type, name).allowed
    }

    /// Whether who asks may do something with any resource of a type.
    pub(in crate::broker) fn may_any(&self, operation: AclOperation, resource_type: ResourceType) -> bool {
        let Some((settings, principal)) = &self.decides else { return true };
        let acls = self.image.acls.acls();
        let authorizer = Authorizer { settings: settings.clone(), acls, principal };
        authorizer.authorize_by_resource_type(operation, resource_type)
    }

    /// Whether who asks may do something with a topic.
    pub(in crate::broker) fn may_topic(&self, operation: AclOperation, topic: &str) -> bool {
        self.may(operation, ResourceType::Topic, topic)
    }

    /// What who asks may do with a resource, as a set of bits.
    pub(in crate::broker) fn authorized_operations(&self, resource_type: ResourceType, name: &str) -> i32 {
        let operations = resource_type.operations().iter();
        let allowed = operations.filter(|operation| self.may(**operation, resource_type, name));
        allowed.fold(0, |bits, operation| bits | 1 << operation.code())
    }

    /// What who asks may do with the cluster, as a set of bits.
    pub(in crate::broker) fn cluster_operations(&self) -> i32 {
        if !self.may_cluster(AclOperation::Describe) {
            return 0;
        }
        self.authorized_operations(ResourceType::Cluster, CLUSTER_NAME)
    }

    pub(in crate::broker) fn may_cluster(&self, operation: AclOperation) -> bool {
        self.may(operation, ResourceType::Cluster, CLUSTER_NAME)
    }

    fn may_group(&self, operation: AclOperation, group: &str) -> bool {
        self.may(operation, ResourceType::Group, group)
    }

    #[inline(never)]
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
    #[inline(never)]
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
        // An answer that Kafka makes of an exception does not repeat what the error says anyway.
        Request::DescribeClientQuotas(_) => {
            let (error_message, entries) = (None, None);
            let response = DescribeClientQuotasResponse { error_code, error_message, entries, ..Default::default() };
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
    pub(in crate::broker) fn requester(&self, request_context: &RequestContext) -> Requester {
        let decides = AuthorizerSettings::of_request(&self.settings, request_context);
        Requester { image: self.image.clone(), settings: self.settings.clone(), decides }
    }

    /// In whose name a request is passed on (`EnvelopeRequest.requestPrincipal`); nobody's where nobody is refused anything.
    pub(in crate::broker) fn principal_of(&self, request_context: &RequestContext) -> Option<Topic> {
        let principal = self.requester(request_context).decides.map(|(_, principal)| principal);
        principal.map(Topic::from)
    }

    /// What is left of a request once what who asks may not do is taken out. `None` where that was all: it is answered.
    pub(in crate::broker) fn authorize(
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
                self.hold_refused(request_context, refused);
            }
        }
        left
    }

    /// Keeps what was refused of a request until the rest is answered.
    pub(in crate::broker) fn hold_refused(&mut self, request_context: &RequestContext, refused: Response) {
        let key = (request_context.from, request_context.incarnation, request_context.correlation_id);
        match self.refused.get_mut(&key) {
            Some(known) => merge(known, refused),
            None => {
                self.refused.insert(key, refused);
            }
        }
    }

    /// Adds what was refused of a request to the answer to the rest.
    pub(in crate::broker) fn merge_refused(&mut self, fx: &mut Effects) {
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
