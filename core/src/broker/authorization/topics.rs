//! Requests about topics and their settings.

use super::Verdict::{Allowed, Partly};
use super::{Requester, Verdict, each_once, verdict};
use crate::authorizer::{AclOperation, take_out_hidden_configs};
use crate::change::is_internal;
use crate::wire::api::Request;
use crate::wire::describe::{DescribeConfigsRequest, DescribeConfigsResponse};
use crate::wire::metadata::{MetadataRequest, MetadataRequestTopic, MetadataResponse, MetadataResponseTopic};
use crate::wire::{ErrorCode, Response, Uuid};

/// From this version on a question about topics may name them by id.
const FIRST_METADATA_VERSION_WITH_TOPIC_IDS: i16 = 12;

impl Requester {
    /// Who names a topic that it may not see is told so, whether there is one or not. Who asks about all is told of those only
    /// that it may see, where they are listed.
    pub(super) fn check_metadata(&self, mut request: MetadataRequest, version: i16) -> Verdict {
        let sees = |name: &str| self.may_topic(AclOperation::Describe, name);
        let Some(asked) = request.topics.take() else { return Allowed(Request::Metadata(request)) };
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

    pub(super) fn check_describe_configs(&self, mut request: DescribeConfigsRequest) -> Verdict {
        let may = |operation, resource_type, name: &str| self.may(operation, resource_type, name);
        let refused = take_out_hidden_configs(&mut request, may);
        let (is_whole, is_empty) = (refused.is_empty(), request.resources.is_empty());
        let response = DescribeConfigsResponse { results: refused, ..Default::default() };
        verdict(is_whole, is_empty, Request::DescribeConfigs(request), Response::DescribeConfigs(response))
    }
}
