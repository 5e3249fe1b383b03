//! What a controller says of the parts of a request that who asks may not do.

use super::lab::Lab;
use crate::actor::Endpoint;
use crate::controller::acls::creations_refused_elsewhere;
use crate::controller::cluster_control_manager::ApiError;
use crate::wire::acl::{AclCreation, CreateAclsRequest};
use crate::wire::cluster_admin::DescribeClusterRequest;
use crate::wire::metadata::*;
use crate::wire::{ErrorCode, Request, Response};

/// Who has no right at all.
const STRANGER: Endpoint = Endpoint::Probe(1);

fn lab() -> Lab {
    let mut lab = Lab::new(&[("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer")]);
    lab.start(1, None);
    lab
}

#[test]
fn topics_that_one_may_not_create_are_told_in_the_order_of_a_hash_set() {
    let topic = |name: &str| CreatableTopic { name: name.into(), ..CreatableTopic::default() };
    let topics = ["tc", "__cluster_metadata", "a", "td", "a"].map(topic).to_vec();
    let request = CreateTopicsRequest { topics, ..CreateTopicsRequest::default() };
    let Response::CreateTopics(answer) = lab().ask_as(STRANGER, Request::CreateTopics(request)) else { panic!() };
    let told: Vec<(&str, ErrorCode)> = answer.topics.iter().map(|topic| (&*topic.name, topic.error_code)).collect();
    let (invalid, refused) = (ErrorCode::InvalidRequest, ErrorCode::TopicAuthorizationFailed);
    assert_eq!(told, [("a", invalid), ("td", refused), ("__cluster_metadata", invalid), ("tc", refused)]);
}

#[test]
fn a_controller_tells_of_the_cluster_who_may_alter_it() {
    let request = DescribeClusterRequest { endpoint_type: 2, ..DescribeClusterRequest::default() };
    let mut lab = lab();
    let mut told = |from: Endpoint| match lab.ask_as(from, Request::DescribeCluster(request.clone())) {
        Response::DescribeCluster(answer) => (answer.error_code, answer.brokers.len()),
        other => panic!("{other:?}"),
    };
    assert_eq!(told(STRANGER), (ErrorCode::ClusterAuthorizationFailed, 0));
    assert_eq!(told(Endpoint::Admin), (ErrorCode::None, 1));
}

#[test]
fn what_is_named_twice_is_refused_for_that_whoever_asks() {
    let mut lab = lab();
    let topic = |name: &str| DeleteTopicState { name: Some(name.into()), ..DeleteTopicState::default() };
    let topics = ["a", "b", "a"].map(topic).to_vec();
    let request = Request::DeleteTopics(DeleteTopicsRequest { topics, ..DeleteTopicsRequest::default() });
    let Response::DeleteTopics(answer) = lab.ask_as(STRANGER, request) else { panic!() };
    let told = answer.responses.iter().map(|topic| (topic.name.as_deref().unwrap_or_default(), topic.error_code));
    let (invalid, refused) = (ErrorCode::InvalidRequest, ErrorCode::TopicAuthorizationFailed);
    assert_eq!(told.collect::<Vec<_>>(), [("a", invalid), ("b", refused)]);

    let resource = |name: &str| AlterConfigsResource {
        resource_type: 2,
        resource_name: name.to_owned(),
        ..AlterConfigsResource::default()
    };
    let resources = ["a", "b", "a"].map(resource).to_vec();
    let request = IncrementalAlterConfigsRequest { resources, ..IncrementalAlterConfigsRequest::default() };
    let request = Request::IncrementalAlterConfigs(request);
    let Response::IncrementalAlterConfigs(answer) = lab.ask_as(STRANGER, request) else { panic!() };
    let told = answer.responses.iter().map(|resource| (&*resource.resource_name, resource.error_code));
    assert_eq!(told.collect::<Vec<_>>(), [("a", invalid), ("b", refused)]);
}

#[test]
fn what_is_wrong_with_a_rules_resource_any_controller_tells() {
    let rule = |resource_name: &str| AclCreation {
        resource_type: 2,
        resource_name: resource_name.to_owned(),
        principal: "User:a".to_owned(),
        host: "*".to_owned(),
        operation: 3,
        permission_type: 3,
        ..AclCreation::default()
    };
    let request = CreateAclsRequest { creations: ["", "t"].map(rule).to_vec() };
    let elsewhere = ApiError::bare(ErrorCode::NotController);
    let told = creations_refused_elsewhere(&request, &elsewhere).results;
    let told: Vec<ErrorCode> = told.iter().map(|result| result.error_code).collect();
    assert_eq!(told, [ErrorCode::InvalidRequest, ErrorCode::NotController]);
}

#[test]
fn a_leader_that_has_not_registered_is_not_told() {
    let mut lab = Lab::new(&[]);
    let request = DescribeClusterRequest { endpoint_type: 2, ..DescribeClusterRequest::default() };
    let told = |lab: &mut Lab| match lab.ask(Request::DescribeCluster(request.clone())) {
        Response::DescribeCluster(answer) => answer.controller_id,
        other => panic!("{other:?}"),
    };
    assert_eq!(told(&mut lab), 9);
    lab.controller.image.controllers.clear();
    assert_eq!(told(&mut lab), -1);
}
