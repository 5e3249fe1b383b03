//! Which rules somebody asks about (`AclBindingFilter`).

use super::acl::{StandardAcl, WILDCARD};
use super::types::{AclOperation, AclPermissionType, PatternType, ResourceType};
use crate::wire::acl::{DeleteAclsFilter, DescribeAclsRequest};

/// A filter of rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AclFilter {
    /// The type of the resources, or any.
    pub resource_type: ResourceType,
    /// Their name; `None` fits any.
    pub resource_name: Option<String>,
    /// How the name is meant.
    pub pattern_type: PatternType,
    /// Whom the rule is about, to the letter; `None` fits any.
    pub principal: Option<String>,
    /// From where, to the letter; `None` fits any.
    pub host: Option<String>,
    /// The operation, or any.
    pub operation: AclOperation,
    /// The permission, or any.
    pub permission_type: AclPermissionType,
}

impl From<&DescribeAclsRequest> for AclFilter {
    fn from(request: &DescribeAclsRequest) -> Self {
        Self {
            resource_type: ResourceType::from_code(request.resource_type_filter),
            resource_name: request.resource_name_filter.clone(),
            pattern_type: PatternType::from_code(request.pattern_type_filter),
            principal: request.principal_filter.clone(),
            host: request.host_filter.clone(),
            operation: AclOperation::from_code(request.operation),
            permission_type: AclPermissionType::from_code(request.permission_type),
        }
    }
}

impl From<&DeleteAclsFilter> for AclFilter {
    fn from(filter: &DeleteAclsFilter) -> Self {
        Self {
            resource_type: ResourceType::from_code(filter.resource_type_filter),
            resource_name: filter.resource_name_filter.clone(),
            pattern_type: PatternType::from_code(filter.pattern_type_filter),
            principal: filter.principal_filter.clone(),
            host: filter.host_filter.clone(),
            operation: AclOperation::from_code(filter.operation),
            permission_type: AclPermissionType::from_code(filter.permission_type),
        }
    }
}

impl AclFilter {
    /// Whether the pattern has a part that this version does not know.
    pub fn has_unknown_pattern(&self) -> bool {
        self.resource_type == ResourceType::Unknown || self.pattern_type == PatternType::Unknown
    }

    /// Whether the entry has a part that this version does not know.
    pub fn has_unknown_entry(&self) -> bool {
        self.operation == AclOperation::Unknown || self.permission_type == AclPermissionType::Unknown
    }

    /// Whether a rule fits.
    pub fn matches(&self, acl: &StandardAcl) -> bool {
        self.matches_pattern(acl) && self.matches_entry(acl)
    }

    /// `ResourcePatternFilter.matches`.
    fn matches_pattern(&self, acl: &StandardAcl) -> bool {
        if self.resource_type != ResourceType::Any && self.resource_type != acl.resource_type {
            return false;
        }
        let is_open = matches!(self.pattern_type, PatternType::Any | PatternType::Match);
        if !is_open && self.pattern_type != acl.pattern_type {
            return false;
        }
        let Some(name) = &self.resource_name else { return true };
        if self.pattern_type == PatternType::Any || self.pattern_type == acl.pattern_type {
            return *name == acl.resource_name;
        }
        match acl.pattern_type {
            PatternType::Literal => *name == acl.resource_name || acl.resource_name == WILDCARD,
            PatternType::Prefixed => name.starts_with(&acl.resource_name),
            PatternType::Unknown | PatternType::Any | PatternType::Match => false,
        }
    }

    /// `AccessControlEntryFilter.matches`.
    fn matches_entry(&self, acl: &StandardAcl) -> bool {
        self.principal.as_ref().is_none_or(|principal| *principal == acl.principal)
            && self.host.as_ref().is_none_or(|host| *host == acl.host)
            && (self.operation == AclOperation::Any || self.operation == acl.operation)
            && (self.permission_type == AclPermissionType::Any || self.permission_type == acl.permission_type)
    }
}
