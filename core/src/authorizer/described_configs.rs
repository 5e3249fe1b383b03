//! Which settings who asks may see (`ConfigHelper.handleDescribeConfigsRequest`), at a broker and at a controller alike.

use super::{AclOperation, CLUSTER_NAME, ResourceType, refusal_message};
use crate::wire::ErrorCode;
use crate::wire::config_resource::{BROKER, BROKER_LOGGER, CLIENT_METRICS, GROUP, TOPIC};
use crate::wire::describe::{DescribeConfigsRequest, DescribeConfigsResult};

/// Takes out of a request the resources that who asks may not see, and tells of them. A type that there is not makes the whole
/// request one that nobody may send: nothing is taken out then.
pub fn take_out_hidden_configs(
    request: &mut DescribeConfigsRequest,
    may: impl Fn(AclOperation, ResourceType, &str) -> bool,
) -> Vec<DescribeConfigsResult> {
    let needs = |resource_type: i8| {
        Some(match resource_type {
            TOPIC => (ResourceType::Topic, ErrorCode::TopicAuthorizationFailed),
            GROUP => (ResourceType::Group, ErrorCode::GroupAuthorizationFailed),
            BROKER | BROKER_LOGGER | CLIENT_METRICS => (ResourceType::Cluster, ErrorCode::ClusterAuthorizationFailed),
            _ => return None,
        })
    };
    if request.resources.iter().any(|resource| needs(resource.resource_type).is_none()) {
        return Vec::new();
    }
    let mut refused = Vec::new();
    request.resources.retain(|resource| {
        let Some((resource_type, error_code)) = needs(resource.resource_type) else { return true };
        let name = if resource_type == ResourceType::Cluster { CLUSTER_NAME } else { &resource.resource_name };
        if may(AclOperation::DescribeConfigs, resource_type, name) {
            return true;
        }
        refused.push(DescribeConfigsResult {
            error_code,
            error_message: refusal_message(error_code).map(str::to_owned),
            resource_type: resource.resource_type,
            resource_name: resource.resource_name.clone(),
            ..DescribeConfigsResult::default()
        });
        false
    });
    refused
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::describe::DescribeConfigsResource;

    #[test]
    fn a_type_that_there_is_not_is_told_before_anything_is_refused() {
        let of = |types: &[i8]| {
            let resource = |resource_type: &i8| DescribeConfigsResource {
                resource_type: *resource_type,
                ..DescribeConfigsResource::default()
            };
            let resources = types.iter().map(resource).collect();
            let mut request = DescribeConfigsRequest { resources, ..DescribeConfigsRequest::default() };
            let refused =
                take_out_hidden_configs(&mut request, |_, resource_type, _| resource_type == ResourceType::Topic);
            (request.resources.len(), refused.iter().map(|each| each.error_code).collect::<Vec<_>>())
        };
        assert_eq!(of(&[TOPIC, BROKER]), (1, vec![ErrorCode::ClusterAuthorizationFailed]));
        assert_eq!(of(&[TOPIC, BROKER, 64]), (3, Vec::new()));
    }
}
