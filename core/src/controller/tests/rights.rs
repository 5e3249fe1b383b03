//! What a controller says of the parts of a request that who asks may not do.

use super::lab::Lab;
use crate::actor::Endpoint;
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
