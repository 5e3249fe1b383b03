//! The rules that fit a filter, by resource (`AclApis.handleDescribeAcls`).

use std::collections::BTreeSet;

use super::acl::StandardAcl;
use super::filter::AclFilter;
use crate::sort::CollectOrdered;
use crate::wire::acl::{
    AclDescription, CreateAclsRequest, DeleteAclsRequest, DescribeAclsRequest, DescribeAclsResource,
    DescribeAclsResponse,
};
use crate::wire::{ErrorCode, Request};

/// Answers DescribeAcls from the rules that a node knows. Without an authorizer there are none to tell of.
pub fn describe_acls<'a>(
    request: &DescribeAclsRequest,
    has_authorizer: bool,
    acls: impl Iterator<Item = &'a StandardAcl>,
) -> DescribeAclsResponse {
    if !has_authorizer {
        return DescribeAclsResponse {
            error_code: ErrorCode::SecurityDisabled,
            error_message: Some("No Authorizer is configured on the broker".to_owned()),
            ..DescribeAclsResponse::default()
        };
    }
    let filter = AclFilter::from(request);
    let matching: BTreeSet<&StandardAcl> = acls.filter(|acl| filter.matches(acl)).collect_ordered();
    let mut resources: Vec<DescribeAclsResource> = Vec::new();
    for acl in matching {
        let description = AclDescription {
            principal: acl.principal.clone(),
            host: acl.host.clone(),
            operation: acl.operation.code(),
            permission_type: acl.permission_type.code(),
        };
        let (resource_type, pattern_type) = (acl.resource_type.code(), acl.pattern_type.code());
        match resources.last_mut() {
            Some(last)
                if (last.resource_type, last.pattern_type) == (resource_type, pattern_type)
                    && last.resource_name == acl.resource_name =>
            {
                last.acls.push(description);
            }
            _ => resources.push(DescribeAclsResource {
                resource_type,
                resource_name: acl.resource_name.clone(),
                pattern_type,
                acls: vec![description],
            }),
        }
    }
    DescribeAclsResponse { resources, ..DescribeAclsResponse::default() }
}

/// Whether a request about rules says UNKNOWN somewhere: none can be made of it, and the connection is closed
/// (`CreateAclsRequest.validate` and its neighbours).
pub fn says_unknown(request: &Request) -> bool {
    const UNKNOWN: i8 = 0;
    match request {
        Request::DescribeAcls(DescribeAclsRequest {
            resource_type_filter,
            pattern_type_filter,
            operation,
            permission_type,
            ..
        }) => [*resource_type_filter, *pattern_type_filter, *operation, *permission_type].contains(&UNKNOWN),
        Request::CreateAcls(CreateAclsRequest { creations }) => creations.iter().any(|acl| {
            [acl.resource_type, acl.resource_pattern_type, acl.operation, acl.permission_type].contains(&UNKNOWN)
        }),
        Request::DeleteAcls(DeleteAclsRequest { filters }) => filters.iter().any(|acl| {
            [acl.resource_type_filter, acl.pattern_type_filter, acl.operation, acl.permission_type].contains(&UNKNOWN)
        }),
        _ => false,
    }
}
