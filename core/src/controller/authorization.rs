//! What the controller refuses before it looks at anything else (`ControllerApis`). Of a request that a broker passed on it
//! decides by who sent it to the broker.

use std::ops::Range;

use super::Controller;
use super::configs::DUPLICATE_RESOURCE;
use super::partitions::DUPLICATE_TOPIC_NAME;
use super::topics::{CLUSTER_METADATA_TOPIC, ids_to_delete, names_to_delete, once_and_twice, prohibited};
use crate::authorizer::{
    AclOperation, Authorizer, AuthorizerSettings, CLUSTER_NAME, ResourceType, refusal_message, take_out_hidden_configs,
};
use crate::effects::RequestContext;
use crate::metadata::MetadataImage;
use crate::wire::cluster_admin::{CreatePartitionsRequest, CreatePartitionsTopicResult};
use crate::wire::describe::{DescribeConfigsRequest, DescribeConfigsResult};
use crate::wire::hash_order::{java_string_hash, sort_as_hash_map};
use crate::wire::metadata::*;
use crate::wire::{ErrorCode, Request, Response, Topic, Uuid, operations};

/// What of a request who asks may not do. It is told beside what came of the rest.
pub(super) enum Refused {
    /// Nothing.
    Nothing,
    /// New topics, told after the others.
    Topics(Vec<CreatableTopicResult>),
    /// Topics that stay, told after the others.
    Deletions(Vec<DeletableTopicResult>),
    /// Topics that do not grow, told before the others.
    Partitions(Vec<CreatePartitionsTopicResult>),
    /// Settings that stay, told before the others.
    Configs(Vec<AlterConfigsResourceResponse>),
}

impl Refused {
    /// The error to note where nothing of a request is left.
    pub(super) fn error_where_nothing_is_left(&self, request: &Request) -> Option<ErrorCode> {
        match (self, request) {
            (Self::Topics(refused), Request::CreateTopics(left)) if left.topics.is_empty() => {
                refused.first().map(|each| each.error_code)
            }
            (Self::Deletions(refused), Request::DeleteTopics(left))
                if left.topics.is_empty() && left.topic_names.is_empty() =>
            {
                refused.first().map(|each| each.error_code)
            }
            (Self::Partitions(refused), Request::CreatePartitions(left)) if left.topics.is_empty() => {
                refused.first().map(|each| each.error_code)
            }
            (Self::Configs(refused), Request::IncrementalAlterConfigs(left)) if left.resources.is_empty() => {
                refused.first().map(|each| each.error_code)
            }
            (Self::Configs(refused), Request::AlterConfigs(left)) if left.resources.is_empty() => {
                refused.first().map(|each| each.error_code)
            }
            _ => None,
        }
    }

    /// Adds what was refused to the answer to the rest.
    pub(super) fn tell(self, response: &mut Response) {
        match (self, response) {
            (Self::Topics(refused), Response::CreateTopics(answer)) => answer.topics.extend(refused),
            (Self::Deletions(refused), Response::DeleteTopics(answer)) => answer.responses.extend(refused),
            (Self::Partitions(refused), Response::CreatePartitions(answer)) => {
                // Behind the names that are given twice.
                let is_twice = |result: &CreatePartitionsTopicResult| {
                    result.error_message.as_deref() == Some(DUPLICATE_TOPIC_NAME)
                };
                let at = answer.results.iter().take_while(|result| is_twice(result)).count();
                answer.results.splice(at..at, refused);
            }
            (Self::Configs(refused), Response::IncrementalAlterConfigs(answer)) => {
                answer.responses.splice(behind_what_is_wrong(&answer.responses), refused);
            }
            (Self::Configs(refused), Response::AlterConfigs(answer)) => {
                answer.responses.splice(behind_what_is_wrong(&answer.responses), refused);
            }
            _ => {}
        }
    }
}

/// The place behind resources of no type, and those that are named twice.
fn behind_what_is_wrong(responses: &[AlterConfigsResourceResponse]) -> Range<usize> {
    let is_wrong = |each: &AlterConfigsResourceResponse| {
        each.error_code == ErrorCode::UnsupportedVersion || each.error_message.as_deref() == Some(DUPLICATE_RESOURCE)
    };
    let at = responses.iter().take_while(|each| is_wrong(each)).count();
    at..at
}

/// Names, each once, as a hash set gives them back.
fn in_set_order(names: &[Topic]) -> Vec<Topic> {
    let mut once: Vec<Topic> = Vec::new();
    for name in names {
        if !once.contains(name) {
            once.push(name.clone());
        }
    }
    sort_as_hash_map(&mut once, |name| java_string_hash(name));
    once
}

/// Who asks.
struct Requester<'a> {
    image: &'a MetadataImage,
    settings: AuthorizerSettings,
    principal: String,
}

impl Controller {
    /// Whether who asks may do at all what is allowed or refused as a whole.
    pub(super) fn may_at_all(&self, request_context: &RequestContext, request: &Request) -> bool {
        let Some(operation) = whole_operation(request) else { return true };
        self.may_cluster(request_context, operation)
    }

    /// Whether who asks may do something with the cluster.
    pub(super) fn may_cluster(&self, request_context: &RequestContext, operation: AclOperation) -> bool {
        self.requester(request_context).is_none_or(|requester| requester.may_cluster(operation))
    }

    /// What who asks may do with the cluster, as a set of bits.
    pub(super) fn cluster_operations(&self, request_context: &RequestContext) -> i32 {
        let Some(requester) = self.requester(request_context) else { return operations::ON_CLUSTER };
        if !requester.may_cluster(AclOperation::Describe) {
            return 0;
        }
        let all = ResourceType::Cluster.operations().iter();
        all.filter(|operation| requester.may_cluster(**operation)).fold(0, |bits, each| bits | 1 << each.code())
    }

    /// `None` for a process of the cluster, and where there is no authorizer: it may do everything.
    fn requester(&self, request_context: &RequestContext) -> Option<Requester<'_>> {
        let settings = AuthorizerSettings::of(&self.settings)?;
        let principal = settings.principal(request_context.from, request_context.principal.as_deref())?;
        Some(Requester { image: &self.image, settings, principal })
    }

    /// Takes out of a request what who asks may not do.
    pub(super) fn authorize(&self, request_context: &RequestContext, request: Request) -> (Request, Refused) {
        match self.requester(request_context) {
            Some(requester) => requester.check(request),
            None => (request, Refused::Nothing),
        }
    }

    /// Takes the settings out of a request that who asks may not see.
    #[inline(never)]
    pub(super) fn take_out_hidden_configs(
        &self,
        request_context: &RequestContext,
        request: &mut DescribeConfigsRequest,
    ) -> Vec<DescribeConfigsResult> {
        let Some(requester) = self.requester(request_context) else { return Vec::new() };
        take_out_hidden_configs(request, |operation, resource_type, name| requester.may(operation, resource_type, name))
    }

    /// Topics whose settings who asks may not see are told without them.
    #[inline(never)]
    pub(super) fn hide_configs(&self, request_context: &RequestContext, response: &mut Response) {
        let (Some(requester), Response::CreateTopics(answer)) = (self.requester(request_context), response) else {
            return;
        };
        let hidden = answer.topics.iter_mut().filter(|topic| {
            topic.error_code.is_none() && !requester.may_topic(AclOperation::DescribeConfigs, &topic.name)
        });
        for topic in hidden {
            topic.topic_config_error_code = ErrorCode::TopicAuthorizationFailed;
            topic.configs = Some(Vec::new());
            (topic.num_partitions, topic.replication_factor) = (-1, -1);
        }
    }
}

/// What a request needs that is allowed or refused as a whole.
fn whole_operation(request: &Request) -> Option<AclOperation> {
    Some(match request {
        // What brokers and controllers do among themselves.
        Request::Fetch(_)
        | Request::FetchSnapshot(_)
        | Request::Vote(_)
        | Request::BeginQuorumEpoch(_)
        | Request::EndQuorumEpoch(_)
        | Request::AppendEntries(_)
        | Request::BrokerRegistration(_)
        | Request::BrokerHeartbeat(_)
        | Request::ControllerRegistration(_)
        | Request::AlterPartition(_)
        | Request::AllocateProducerIds(_)
        | Request::UpdateRaftVoter(_) => AclOperation::ClusterAction,
        Request::DescribeAcls(_) | Request::DescribeQuorum(_) => AclOperation::Describe,
        Request::DescribeCluster(_)
        | Request::ElectLeaders(_)
        | Request::AlterPartitionReassignments(_)
        | Request::UnregisterBroker(_)
        | Request::UpdateFeatures(_)
        | Request::AddRaftVoter(_)
        | Request::RemoveRaftVoter(_)
        | Request::CreateAcls(_)
        | Request::DeleteAcls(_) => AclOperation::Alter,
        Request::AlterClientQuotas(_) => AclOperation::AlterConfigs,
        Request::ListPartitionReassignments(_) => AclOperation::Describe,
        _ => return None,
    })
}

impl Requester<'_> {
    fn may(&self, operation: AclOperation, resource_type: ResourceType, name: &str) -> bool {
        let acls = self.image.acls.acls();
        let authorizer = Authorizer { settings: self.settings.clone(), acls, principal: &self.principal };
        authorizer.authorize(operation, resource_type, name).allowed
    }

    fn may_cluster(&self, operation: AclOperation) -> bool {
        self.may(operation, ResourceType::Cluster, CLUSTER_NAME)
    }

    fn may_topic(&self, operation: AclOperation, topic: &str) -> bool {
        self.may(operation, ResourceType::Topic, topic)
    }

    fn check(&self, request: Request) -> (Request, Refused) {
        match request {
            Request::CreateTopics(request) if !self.may_cluster(AclOperation::Create) => self.check_creations(request),
            Request::DeleteTopics(request) if !self.may_cluster(AclOperation::Delete) => self.check_deletions(request),
            Request::CreatePartitions(request) => self.check_partitions(request),
            Request::IncrementalAlterConfigs(mut request) => {
                let named = request.resources.iter().map(|each| (each.resource_type, each.resource_name.clone()));
                let (_, twice) = once_and_twice(named);
                let refused = request.resources.extract_if(.., |each| {
                    !twice.contains(&(each.resource_type, each.resource_name.clone()))
                        && self.config_error(each.resource_type, &each.resource_name).is_some()
                });
                let refused =
                    refused.map(|each| self.refused_config(each.resource_type, &each.resource_name)).collect();
                (Request::IncrementalAlterConfigs(request), Refused::Configs(refused))
            }
            Request::AlterConfigs(mut request) => {
                let named = request.resources.iter().map(|each| (each.resource_type, each.resource_name.clone()));
                let (_, twice) = once_and_twice(named);
                let refused = request.resources.extract_if(.., |each| {
                    !twice.contains(&(each.resource_type, each.resource_name.clone()))
                        && self.config_error(each.resource_type, &each.resource_name).is_some()
                });
                let refused =
                    refused.map(|each| self.refused_config(each.resource_type, &each.resource_name)).collect();
                (Request::AlterConfigs(request), Refused::Configs(refused))
            }
            request => (request, Refused::Nothing),
        }
    }

    /// A name that stands there twice is refused for that. The metadata log's is told among those that may not be created.
    fn check_creations(&self, mut request: CreateTopicsRequest) -> (Request, Refused) {
        let names: Vec<Topic> = request.topics.iter().map(|topic| topic.name.clone()).collect();
        let is_once = |name: &Topic| names.iter().filter(|each| *each == name).count() == 1;
        let refused = request.topics.extract_if(.., |topic| {
            is_once(&topic.name)
                && (*topic.name == *CLUSTER_METADATA_TOPIC || !self.may_topic(AclOperation::Create, &topic.name))
        });
        let refused: Vec<CreatableTopic> = refused.collect();
        let named = in_set_order(&names);
        let refused = named.iter().filter_map(|name| refused.iter().find(|topic| topic.name == *name));
        let refused = refused.map(|topic| match &*topic.name {
            CLUSTER_METADATA_TOPIC => prohibited(topic),
            _ => CreatableTopicResult {
                name: topic.name.clone(),
                error_code: ErrorCode::TopicAuthorizationFailed,
                error_message: Some("Authorization failed.".to_owned()),
                ..CreatableTopicResult::default()
            },
        });
        let refused = refused.collect();
        (Request::CreateTopics(request), Refused::Topics(refused))
    }

    /// Whether a topic exists is told to those only that may describe it. What stands there twice is refused for that.
    fn check_deletions(&self, mut request: DeleteTopicsRequest) -> (Request, Refused) {
        let (_, names_twice) = once_and_twice(names_to_delete(&request).cloned());
        let (_, ids_twice) = once_and_twice(ids_to_delete(&request));
        let mut refused = Vec::new();
        let mut refuse = |name: Option<Topic>, topic_id: Uuid| {
            refused.push(DeletableTopicResult {
                name,
                topic_id,
                error_code: ErrorCode::TopicAuthorizationFailed,
                error_message: refusal_message(ErrorCode::TopicAuthorizationFailed).map(str::to_owned),
            });
        };
        let is_refused = |name: &Topic| {
            let sees = self.may_topic(AclOperation::Describe, name);
            let exists = self.image.topic_ids.contains_key(name);
            !sees || (exists && !self.may_topic(AclOperation::Delete, name))
        };
        request.topic_names.retain(|name| {
            let refused = !names_twice.contains(name) && is_refused(name);
            if refused {
                refuse(Some(name.clone()), Uuid::ZERO);
            }
            !refused
        });
        request.topics.retain(|topic| match (&topic.name, topic.topic_id) {
            (Some(name), Uuid::ZERO) if names_twice.contains(name) => true,
            (None, id) if ids_twice.contains(&id) => true,
            (Some(name), Uuid::ZERO) => {
                let refused = is_refused(name);
                if refused {
                    refuse(Some(name.clone()), Uuid::ZERO);
                }
                !refused
            }
            (None, id) => {
                let Some(known) = self.image.topics.get(&id) else { return true };
                let allowed = self.may_topic(AclOperation::Delete, &known.name);
                if !allowed {
                    let sees = self.may_topic(AclOperation::Describe, &known.name);
                    refuse(sees.then(|| known.name.clone()), id);
                }
                allowed
            }
            (Some(_), _) => true,
        });
        (Request::DeleteTopics(request), Refused::Deletions(refused))
    }

    fn check_partitions(&self, mut request: CreatePartitionsRequest) -> (Request, Refused) {
        let names: Vec<Topic> = request.topics.iter().map(|topic| topic.name.clone()).collect();
        let is_once = |name: &Topic| names.iter().filter(|each| *each == name).count() == 1;
        let refused = request
            .topics
            .extract_if(.., |topic| is_once(&topic.name) && !self.may_topic(AclOperation::Alter, &topic.name));
        let refused: Vec<Topic> = refused.map(|topic| topic.name).collect();
        // They are told in the order of the set of all names.
        let named = in_set_order(&names);
        let refused = named.into_iter().filter(|name| refused.contains(name)).map(|name| CreatePartitionsTopicResult {
            name,
            error_code: ErrorCode::TopicAuthorizationFailed,
            error_message: None,
        });
        let refused = refused.collect();
        (Request::CreatePartitions(request), Refused::Partitions(refused))
    }

    /// `authorizeAlterResource`.
    fn config_error(&self, resource_type: i8, name: &str) -> Option<ErrorCode> {
        let (may, error) = match resource_type {
            2 => (self.may_topic(AclOperation::AlterConfigs, name), ErrorCode::TopicAuthorizationFailed),
            4 | 16 => (self.may_cluster(AclOperation::AlterConfigs), ErrorCode::ClusterAuthorizationFailed),
            32 => {
                (self.may(AclOperation::AlterConfigs, ResourceType::Group, name), ErrorCode::GroupAuthorizationFailed)
            }
            _ => (true, ErrorCode::None),
        };
        (!may).then_some(error)
    }

    fn refused_config(&self, resource_type: i8, name: &str) -> AlterConfigsResourceResponse {
        let error_code = self.config_error(resource_type, name).unwrap_or_default();
        AlterConfigsResourceResponse {
            error_code,
            error_message: refusal_message(error_code).map(str::to_owned),
            resource_type,
            resource_name: name.to_owned(),
        }
    }
}
