//! Access rules as the metadata log says (`AclsImage`).

use std::collections::BTreeMap;
use std::rc::Rc;

use super::MetadataRecord;
use crate::authorizer::StandardAcl;
use crate::wire::Uuid;

/// All rules, by their ids. Images share them until a record changes them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct AclsImage(Rc<BTreeMap<Uuid, StandardAcl>>);

impl AclsImage {
    /// A rule was created.
    pub fn insert(&mut self, id: Uuid, acl: StandardAcl) {
        Rc::make_mut(&mut self.0).insert(id, acl);
    }

    /// A rule was deleted.
    pub fn remove(&mut self, id: Uuid) {
        Rc::make_mut(&mut self.0).remove(&id);
    }

    /// All rules with their ids.
    pub fn iter(&self) -> impl Iterator<Item = (Uuid, &StandardAcl)> + Clone {
        self.0.iter().map(|(id, acl)| (*id, acl))
    }

    /// All rules.
    pub fn acls(&self) -> impl Iterator<Item = &StandardAcl> + Clone {
        self.0.values()
    }

    /// A rule by its id.
    pub fn get(&self, id: Uuid) -> Option<&StandardAcl> {
        self.0.get(&id)
    }
}

impl MetadataRecord {
    /// The record of a rule.
    pub fn access_rule(id: Uuid, acl: &StandardAcl) -> Self {
        Self::AccessControlEntryRecord {
            id,
            resource_type: acl.resource_type.code(),
            resource_name: acl.resource_name.clone(),
            pattern_type: acl.pattern_type.code(),
            principal: acl.principal.clone(),
            host: acl.host.clone(),
            operation: acl.operation.code(),
            permission_type: acl.permission_type.code(),
        }
    }
}
