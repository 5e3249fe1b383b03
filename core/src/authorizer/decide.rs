//! The decision (`StandardAuthorizerData.authorize`).

use super::acl::{StandardAcl, WILDCARD};
use super::types::{AclOperation, AclPermissionType, PatternType, ResourceType};
use crate::actor::Endpoint;
use crate::effects::RequestContext;
use crate::settings::BrokerSettings;
use crate::wire::ErrorCode;

/// The name of the one resource of type CLUSTER.
pub const CLUSTER_NAME: &str = "kafka-cluster";
/// Who has not authenticated (`KafkaPrincipal.ANONYMOUS`).
pub const ANONYMOUS: &str = "User:ANONYMOUS";
/// Where every client of this cluster is.
const CLIENT_HOST: &str = "127.0.0.1";

/// Why it was decided so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule<'a> {
    /// The principal is one of `super.users`.
    SuperUser,
    /// This rule fits.
    Acl(&'a StandardAcl),
    /// Rules concern the resource, and none allows it.
    OtherAcls,
    /// No rule concerns the resource.
    NoAcl,
}

/// What was decided, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision<'a> {
    /// Whether it is allowed.
    pub allowed: bool,
    /// Why.
    pub rule: Rule<'a>,
}

/// What a node's settings say of authorization.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuthorizerSettings {
    /// `super.users`, as in `User:admin`.
    pub super_users: Vec<String>,
    /// `allow.everyone.if.no.acl.found`.
    pub allow_everyone: bool,
}

impl AuthorizerSettings {
    /// Those of a node; `None` where it has no authorizer: nobody is refused anything there.
    pub fn of(settings: &BrokerSettings) -> Option<Self> {
        if settings.authorizer_class_name.trim().is_empty() {
            return None;
        }
        let users = settings.super_users.split(';').map(str::trim).filter(|user| !user.is_empty());
        Some(Self {
            super_users: users.map(str::to_owned).collect(),
            allow_everyone: settings.allow_everyone_if_no_acl_found,
        })
    }
}

impl AuthorizerSettings {
    /// Those by which a request is decided, and who asks; `None` where it may do everything.
    pub fn of_request(settings: &BrokerSettings, request: &RequestContext) -> Option<(Self, String)> {
        let settings = Self::of(settings)?;
        let principal = settings.principal(request.from, request.principal.as_deref())?;
        Some((settings, principal))
    }

    /// Who asks: whom the connection or the envelope of a forwarded request names, else by what asks. `None` is a process of
    /// the cluster, which may do everything: in any cluster that works, its principal is one of `super.users`. The admin client
    /// is the first of these, or as trusted as a process where there are none; other clients have not authenticated.
    pub fn principal(&self, from: Endpoint, named: Option<&str>) -> Option<String> {
        match (named, from) {
            (Some(named), _) => Some(named.to_owned()),
            (None, Endpoint::Broker(_) | Endpoint::Controller(_)) => None,
            (None, Endpoint::Admin) => self.super_users.first().cloned(),
            (None, Endpoint::Producer(_) | Endpoint::Consumer(_) | Endpoint::Probe(_)) => Some(ANONYMOUS.to_owned()),
        }
    }
}

/// What an error of authorization says in words (`Errors.message`).
pub fn refusal_message(error: ErrorCode) -> Option<&'static str> {
    match error {
        ErrorCode::TopicAuthorizationFailed => Some("Topic authorization failed."),
        ErrorCode::GroupAuthorizationFailed => Some("Group authorization failed."),
        ErrorCode::ClusterAuthorizationFailed => Some("Cluster authorization failed."),
        ErrorCode::TransactionalIdAuthorizationFailed => Some("The transactional id authorization failed."),
        _ => None,
    }
}

/// The rules, and what holds where they are silent.
#[derive(Clone, Debug)]
pub struct Authorizer<'a, Acls> {
    /// What the node's settings say.
    pub settings: AuthorizerSettings,
    /// All rules.
    pub acls: Acls,
    /// Who asks.
    pub principal: &'a str,
}

impl<'a, Acls: Iterator<Item = &'a StandardAcl> + Clone> Authorizer<'_, Acls> {
    /// Whether who asks may do something with a resource.
    pub fn authorize(&self, operation: AclOperation, resource_type: ResourceType, name: &str) -> Decision<'a> {
        if self.settings.super_users.iter().any(|user| user == self.principal) {
            return Decision { allowed: true, rule: Rule::SuperUser };
        }
        let mut allow = None;
        let mut has_acls = false;
        for acl in self.acls.clone().filter(|acl| acl.concerns(resource_type, name)) {
            has_acls = true;
            if !acl.is_about(self.principal, CLIENT_HOST) || !acl.covers(operation) {
                continue;
            }
            if acl.permission_type != AclPermissionType::Allow {
                return Decision { allowed: false, rule: Rule::Acl(acl) };
            }
            allow = allow.or(Some(acl));
        }
        match allow {
            Some(acl) => Decision { allowed: true, rule: Rule::Acl(acl) },
            None if has_acls => Decision { allowed: false, rule: Rule::OtherAcls },
            None => Decision { allowed: self.settings.allow_everyone, rule: Rule::NoAcl },
        }
    }

    /// Whether who asks may do something with any resource of a type at all (`Authorizer.authorizeByResourceType`).
    pub fn authorize_by_resource_type(&self, operation: AclOperation, resource_type: ResourceType) -> bool {
        // Any name that no rule has: who may do everything is seen by it.
        if self.authorize(operation, resource_type, "hardcode").allowed {
            return true;
        }
        let fits = |acl: &&StandardAcl| {
            let is_operation = acl.operation == operation || acl.operation == AclOperation::All;
            acl.resource_type == resource_type && acl.is_about(self.principal, CLIENT_HOST) && is_operation
        };
        let of = |permission_type: AclPermissionType| {
            self.acls.clone().filter(fits).filter(move |acl| acl.permission_type == permission_type)
        };
        let is_wildcard = |acl: &StandardAcl| acl.pattern_type == PatternType::Literal && acl.resource_name == WILDCARD;
        if of(AclPermissionType::Deny).any(is_wildcard) {
            return false;
        }
        // A rule allows nothing where another one denies all that it allows.
        let is_dominated = |allow: &StandardAcl| {
            of(AclPermissionType::Deny).any(|deny| match (deny.pattern_type, allow.pattern_type) {
                (PatternType::Prefixed, _) => allow.resource_name.starts_with(&deny.resource_name),
                (PatternType::Literal, PatternType::Literal) => allow.resource_name == deny.resource_name,
                _ => false,
            })
        };
        of(AclPermissionType::Allow).any(|allow| is_wildcard(allow) || !is_dominated(allow))
    }

    /// What who asks may do with a resource, as a set of bits (`AuthHelper.authorizedOperations`).
    pub fn authorized_operations(&self, resource_type: ResourceType, name: &str) -> i32 {
        let allowed = resource_type.operations().iter();
        let allowed = allowed.filter(|operation| self.authorize(**operation, resource_type, name).allowed);
        allowed.fold(0, |bits, operation| bits | 1 << operation.code())
    }
}
