//! What a broker tells of itself and of topics: ApiVersions, DescribeConfigs, DescribeTopicPartitions.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::rc::Rc;

use super::authorization::Requester;
use super::{Broker, BrokerDisk, Context};
use crate::actor::Listener;
use crate::authorizer::{AclOperation, ResourceType, describe_acls};
use crate::change::is_internal;
use crate::controller::topics::validate_name;
use crate::effects::RequestContext;
use crate::metadata::image::{PartitionImage, TopicImage};
use crate::settings::{DescribedNode, describe_configs};
use crate::sort::SharedSort;
use crate::wire::acl::DescribeAclsRequest;
use crate::wire::api_versions;
use crate::wire::client_quotas::DescribeClientQuotasRequest;
use crate::wire::describe::{
    Cursor, DescribeConfigsRequest, DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse,
    DescribeTopicPartitionsResponsePartition, DescribeTopicPartitionsResponseTopic,
};
use crate::wire::feature_levels::FinalizedFeatures;
use crate::wire::hash_order::{java_string_hash, sort_as_hash_map};
use crate::wire::metadata::ApiVersionsRequest;
use crate::wire::{ErrorCode, Response, Topic, Uuid};

impl Broker {
    /// What it knows of the cluster's features.
    pub fn finalized_features(&self, disk: &BrokerDisk) -> FinalizedFeatures<'_> {
        FinalizedFeatures {
            levels: &self.image.features,
            kraft_version: self.metadata_log(disk).quorum().kraft_version(),
            epoch: self.metadata_offset - 1,
        }
    }

    pub(super) fn answer_api_versions(
        &self,
        cx: &mut Context,
        request_context: &RequestContext,
        request: &ApiVersionsRequest,
    ) {
        let features = self.finalized_features(cx.disk);
        let response = api_versions::answer(request, request_context.version, Listener::Broker, features);
        self.reply(cx, request_context, Response::ApiVersions(response));
    }

    #[inline(never)]
    pub(super) fn describe_configs(
        &self,
        cx: &mut Context,
        request_context: &RequestContext,
        request: &DescribeConfigsRequest,
    ) {
        let node = DescribedNode {
            id: self.id,
            configs: self.node_configs(),
            all: &self.image.configs,
            loggers: &self.loggers,
        };
        let response = describe_configs(node, request, request_context.version, |topic| match validate_name(topic) {
            Ok(()) => Ok(self.image.topic_ids.contains_key(topic)),
            Err(error) => Err((error.code, error.message.unwrap_or_default())),
        });
        self.reply(cx, request_context, Response::DescribeConfigs(response));
    }

    #[inline(never)]
    pub(super) fn describe_acls(
        &self,
        cx: &mut Context,
        request_context: &RequestContext,
        request: &DescribeAclsRequest,
    ) {
        let has_authorizer = !self.settings.authorizer_class_name.is_empty();
        let response = describe_acls(request, has_authorizer, self.image.acls.acls());
        self.reply(cx, request_context, Response::DescribeAcls(response));
    }

    #[inline(never)]
    pub(super) fn describe_client_quotas(
        &self,
        cx: &mut Context,
        request_context: &RequestContext,
        request: &DescribeClientQuotasRequest,
    ) {
        let response = self.image.client_quotas.describe(request);
        self.reply(cx, request_context, Response::DescribeClientQuotas(response));
    }

    /// `DescribeTopicPartitions`, from the cache, a page at a time (KIP-966).
    #[inline(never)]
    pub(super) fn describe_topic_partitions(
        &self,
        cx: &mut Context,
        request_context: &RequestContext,
        request: &DescribeTopicPartitionsRequest,
    ) {
        let requester = self.requester(request_context);
        let response = match self.wanted_topics(request) {
            Ok(topics) => {
                // Whether a topic exists is not looked at before: who may not see it is told so in both cases.
                let (seen, mut hidden): (Vec<Topic>, Vec<Topic>) =
                    topics.into_iter().partition(|topic| requester.may_topic(AclOperation::Describe, topic));
                // Kafka keeps them in a hash set.
                sort_as_hash_map(&mut hidden, |name| java_string_hash(name));
                let mut response = self.describe_page(request, &seen, &requester);
                if !request.topics.is_empty() {
                    response.topics.extend(hidden.into_iter().map(hidden_topic));
                }
                response
            }
            Err(error) => refused(request, error),
        };
        self.reply(cx, request_context, Response::DescribeTopicPartitions(response));
    }

    /// The topics from the cursor on, in the order of their names.
    fn wanted_topics(&self, request: &DescribeTopicPartitionsRequest) -> Result<Vec<Topic>, ErrorCode> {
        let cursor = request.cursor.as_ref();
        let is_ahead =
            |name: &&Topic| cursor.is_none_or(|cursor| compare_names(name, &cursor.topic_name) != Ordering::Less);
        let wanted: BTreeSet<Topic> = if request.topics.is_empty() {
            self.image.topic_ids.keys().filter(is_ahead).cloned().collect()
        } else {
            let wanted: BTreeSet<Topic> =
                request.topics.iter().map(|topic| &topic.name).filter(is_ahead).cloned().collect();
            if cursor.is_some_and(|cursor| !wanted.contains(&cursor.topic_name)) {
                return Err(ErrorCode::InvalidRequest);
            }
            wanted
        };
        if cursor.is_some_and(|cursor| cursor.partition_index < 0) {
            return Err(ErrorCode::InvalidRequest);
        }
        // A topic without a name is taken for the one that the cursor names, where there is no cursor.
        if cursor.is_none() && wanted.contains("") {
            return Err(ErrorCode::UnknownServerError);
        }
        let mut wanted: Vec<Topic> = wanted.into_iter().collect();
        wanted.shared_sort_by(|one, other| compare_names(one, other));
        Ok(wanted)
    }

    fn describe_page(
        &self,
        request: &DescribeTopicPartitionsRequest,
        topics: &[Topic],
        requester: &Requester,
    ) -> DescribeTopicPartitionsResponse {
        let mut left = request.response_partition_limit.clamp(1, self.settings.max_request_partition_size_limit.max(1));
        let mut response = DescribeTopicPartitionsResponse::default();
        let next =
            |topic_name: &Topic, partition_index: i32| Some(Cursor { topic_name: topic_name.clone(), partition_index });
        for name in topics {
            if left == 0 {
                response.next_cursor = next(name, 0);
                break;
            }
            let first = request.cursor.as_ref().filter(|cursor| cursor.topic_name == *name);
            let first = first.map_or(0, |cursor| cursor.partition_index);
            let found = self.image.topic_ids.get(name).and_then(|id| Some((*id, self.image.topics.get(id)?)));
            let Some((id, topic)) = found else {
                // A request for all topics asks for none that has just gone.
                if !request.topics.is_empty() {
                    response.topics.push(missing(name, requester));
                }
                continue;
            };
            let count = i32::try_from(topic.partitions.len()).unwrap_or(i32::MAX);
            // Kafka counts in 32 bits: behind a cursor at the very end its sum is negative, and the page ends there.
            let end = first.wrapping_add(left).min(count);
            let partitions = self.describe_partitions(topic, first, end);
            left -= i32::try_from(partitions.len()).unwrap_or(left);
            response.topics.push(DescribeTopicPartitionsResponseTopic {
                name: Some(name.clone()),
                topic_id: id,
                is_internal: is_internal(name),
                partitions,
                topic_authorized_operations: requester.authorized_operations(ResourceType::Topic, name),
                ..DescribeTopicPartitionsResponseTopic::default()
            });
            if end < count {
                response.next_cursor = next(name, end);
                break;
            }
        }
        response
    }

    fn describe_partitions(
        &self,
        topic: &TopicImage,
        first: i32,
        end: i32,
    ) -> Vec<DescribeTopicPartitionsResponsePartition> {
        let is_registered = |broker: &i32| self.image.brokers.contains_key(broker);
        let is_alive = |broker: &i32| self.image.brokers.get(broker).is_some_and(|broker| !broker.fenced);
        let describe = |(index, partition): (&i32, &Rc<PartitionImage>)| DescribeTopicPartitionsResponsePartition {
            partition_index: *index,
            // Unlike in Metadata a leader is told even where it is fenced by now.
            leader_id: if is_registered(&partition.leader) { partition.leader } else { -1 },
            leader_epoch: partition.leader_epoch,
            replica_nodes: partition.replicas.clone(),
            isr_nodes: partition.isr.clone(),
            eligible_leader_replicas: Some(partition.elr.clone()),
            last_known_elr: Some(partition.last_known_elr.clone()),
            offline_replicas: partition.replicas.iter().copied().filter(|id| !is_alive(id)).collect(),
            ..DescribeTopicPartitionsResponsePartition::default()
        };
        if first >= end {
            return Vec::new();
        }
        topic.partitions.range(first..end).map(describe).collect()
    }
}

/// `String.compareTo` of Java: by UTF-16 units.
fn compare_names(one: &str, other: &str) -> Ordering {
    one.encode_utf16().cmp(other.encode_utf16())
}

fn hidden_topic(name: Topic) -> DescribeTopicPartitionsResponseTopic {
    DescribeTopicPartitionsResponseTopic {
        error_code: ErrorCode::TopicAuthorizationFailed,
        name: Some(name),
        ..DescribeTopicPartitionsResponseTopic::default()
    }
}

fn missing(name: &Topic, requester: &Requester) -> DescribeTopicPartitionsResponseTopic {
    let is_valid = validate_name(name).is_ok();
    DescribeTopicPartitionsResponseTopic {
        error_code: if is_valid { ErrorCode::UnknownTopicOrPartition } else { ErrorCode::InvalidTopicException },
        name: Some(name.clone()),
        topic_id: Uuid::ZERO,
        is_internal: is_internal(name),
        topic_authorized_operations: requester.authorized_operations(ResourceType::Topic, name),
        ..DescribeTopicPartitionsResponseTopic::default()
    }
}

/// One error for every topic asked about (`DescribeTopicPartitionsRequest.getErrorResponse`).
fn refused(request: &DescribeTopicPartitionsRequest, error_code: ErrorCode) -> DescribeTopicPartitionsResponse {
    let topics = request.topics.iter().map(|topic| DescribeTopicPartitionsResponseTopic {
        error_code,
        name: Some(topic.name.clone()),
        ..DescribeTopicPartitionsResponseTopic::default()
    });
    DescribeTopicPartitionsResponse { topics: topics.collect(), ..DescribeTopicPartitionsResponse::default() }
}
