//! Requests about groups and their coordinators.

use super::Verdict::{Allowed, Partly, Refused};
use super::{Requester, Verdict, verdict};
use crate::authorizer::{AclOperation, ResourceType, refusal_message};
use crate::broker::group::{FIRST_OFFSET_FETCH_VERSION_WITH_ERROR, tell_error_of_fetch};
use crate::wire::api::Request;
use crate::wire::consumer_group::ConsumerGroupDescribedGroup;
use crate::wire::group::*;
use crate::wire::{ErrorCode, Response};

/// From this version on a question about coordinators has several keys.
const FIRST_BATCHED_FIND_COORDINATOR_VERSION: i16 = 4;

/// From this version on an OffsetFetch asks about several groups.
const FIRST_BATCHED_OFFSET_FETCH_VERSION: i16 = 8;

impl Requester {
    /// Takes out of a list the groups that who asks may not see. Who may describe the cluster sees all.
    pub(in crate::broker) fn hide_groups(&self, groups: &mut Vec<ListedGroup>) {
        if self.decides.is_some() && !self.may_cluster(AclOperation::Describe) {
            groups.retain(|group| self.may_group(AclOperation::Describe, &group.group_id));
        }
    }

    /// What who asks may do with groups, where it is told.
    pub(in crate::broker) fn restrict_operations(&self, groups: &mut [DescribedGroup]) {
        let described =
            groups.iter_mut().filter(|group| self.decides.is_some() && group.authorized_operations != i32::MIN);
        for group in described {
            group.authorized_operations = self.authorized_operations(ResourceType::Group, &group.group_id);
        }
    }

    /// The same of consumer groups; whose topics who asks may not all describe is not described (`consumerGroupDescribe`).
    pub(in crate::broker) fn restrict_consumer_groups(&self, groups: &mut [ConsumerGroupDescribedGroup]) {
        for group in groups.iter_mut().filter(|group| self.decides.is_some() && group.error_code.is_none()) {
            if group.authorized_operations != i32::MIN {
                group.authorized_operations = self.authorized_operations(ResourceType::Group, &group.group_id);
            }
            // What members subscribe to and have nothing of is not looked at.
            let mut topics = group.members.iter().flat_map(|member| {
                let assigned = member.assignment.topic_partitions.iter();
                assigned.chain(&member.target_assignment.topic_partitions).map(|topic| &topic.topic_name)
            });
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

    pub(super) fn check_coordinators(&self, mut request: FindCoordinatorRequest, version: i16) -> Verdict {
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

    /// Offsets of a group are described by who may describe it, topic by topic.
    pub(super) fn check_offset_fetch(&self, mut request: OffsetFetchRequest, version: i16) -> Verdict {
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
                let mut response = OffsetFetchResponse {
                    error_code: ErrorCode::GroupAuthorizationFailed,
                    ..OffsetFetchResponse::default()
                };
                if version < FIRST_OFFSET_FETCH_VERSION_WITH_ERROR {
                    tell_error_of_fetch(request.topics.as_deref().unwrap_or_default(), &mut response);
                }
                return Refused(Response::OffsetFetch(response));
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

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;
    use crate::authorizer::AuthorizerSettings;
    use crate::metadata::MetadataImage;
    use crate::settings::BrokerSettings;
    use crate::wire::consumer_group::{ConsumerGroupDescribedMember, ConsumerGroupDescribedTopicPartitions};

    #[test]
    fn only_topics_that_members_hold_or_are_to_hold_must_be_described() {
        let settings = AuthorizerSettings { super_users: Vec::new(), allow_everyone: false };
        let requester = Requester {
            image: Rc::new(MetadataImage::default()),
            settings: Rc::new(BrokerSettings::default()),
            decides: Some((settings, "User:alice".to_owned())),
        };
        let mut member =
            ConsumerGroupDescribedMember { subscribed_topic_names: vec!["secret".into()], ..Default::default() };
        let described = |member: &ConsumerGroupDescribedMember| {
            let group = ConsumerGroupDescribedGroup { members: vec![member.clone()], ..Default::default() };
            let mut groups = [group];
            requester.restrict_consumer_groups(&mut groups);
            (groups[0].error_code, groups[0].members.len())
        };
        assert_eq!(described(&member), (ErrorCode::None, 1));
        let held = ConsumerGroupDescribedTopicPartitions { topic_name: "secret".into(), ..Default::default() };
        member.target_assignment.topic_partitions.push(held);
        assert_eq!(described(&member), (ErrorCode::TopicAuthorizationFailed, 0));
    }
}
