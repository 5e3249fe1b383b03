//! One access rule (`StandardAcl`).

use super::types::{AclOperation, AclPermissionType, PatternType, ResourceType};
use crate::wire::acl::AclCreation;

/// A rule: who may, or may not, do what with which resources from where.
///
/// Listed by resource, then by whom it is about. Kafka lists rules in the order of random ids and of hashes of a run, which
/// says nothing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StandardAcl {
    /// The type of the resources.
    pub resource_type: ResourceType,
    /// Their name, or its beginning.
    pub resource_name: String,
    /// LITERAL or PREFIXED.
    pub pattern_type: PatternType,
    /// Whom it is about, as in `User:alice`; `User:*` is everybody.
    pub principal: String,
    /// From where; `*` is from anywhere.
    pub host: String,
    /// What.
    pub operation: AclOperation,
    /// ALLOW or DENY.
    pub permission_type: AclPermissionType,
}

/// The host, and the resource name of a LITERAL pattern, that fit any.
pub(super) const WILDCARD: &str = "*";
/// The principal that fits any.
pub(super) const WILDCARD_PRINCIPAL: &str = "User:*";

impl StandardAcl {
    /// A rule as a request gives it; `None` where it says ANY or MATCH, which no rule can (`ResourcePattern`,
    /// `AccessControlEntry`: an IllegalArgumentException).
    pub fn of_creation(creation: &AclCreation) -> Option<Self> {
        let acl = Self {
            resource_type: ResourceType::from_code(creation.resource_type),
            resource_name: creation.resource_name.clone(),
            pattern_type: PatternType::from_code(creation.resource_pattern_type),
            principal: creation.principal.clone(),
            host: creation.host.clone(),
            operation: AclOperation::from_code(creation.operation),
            permission_type: AclPermissionType::from_code(creation.permission_type),
        };
        let is_filter = acl.resource_type == ResourceType::Any
            || matches!(acl.pattern_type, PatternType::Any | PatternType::Match)
            || acl.operation == AclOperation::Any
            || acl.permission_type == AclPermissionType::Any;
        (!is_filter).then_some(acl)
    }

    /// Whether the rule concerns a resource, for any principal.
    pub fn concerns(&self, resource_type: ResourceType, resource_name: &str) -> bool {
        self.resource_type == resource_type
            && match self.pattern_type {
                PatternType::Literal => self.resource_name == resource_name || self.resource_name == WILDCARD,
                PatternType::Prefixed => resource_name.starts_with(&self.resource_name),
                PatternType::Unknown | PatternType::Any | PatternType::Match => false,
            }
    }

    /// Whether the rule is about who asks.
    pub fn is_about(&self, principal: &str, host: &str) -> bool {
        (self.principal == principal || self.principal == WILDCARD_PRINCIPAL)
            && (self.host == host || self.host == WILDCARD)
    }

    /// Whether the rule says something of an operation.
    pub fn covers(&self, operation: AclOperation) -> bool {
        self.operation == AclOperation::All
            || self.operation == operation
            || (self.permission_type == AclPermissionType::Allow && self.operation.implies(operation))
    }
}
