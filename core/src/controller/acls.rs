//! Access rules come and go (`AclApis`, `AclControlManager`).

use std::collections::BTreeSet;

use super::cluster_control_manager::{ApiError, ClusterControlManager};
use crate::authorizer::{
    AclFilter, AclOperation, AclPermissionType, CLUSTER_NAME, PatternType, ResourceType, StandardAcl,
};
use crate::metadata::MetadataRecord;
use crate::sim::random::Random;
use crate::sort::{CollectOrdered, SharedSort};
use crate::wire::acl::*;
use crate::wire::{ErrorCode, Uuid};

/// `QuorumController.MAX_RECORDS_PER_USER_OP`.
const MAX_RECORDS_PER_REQUEST: usize = 10_000;

/// Decides about new rules. One that is refused does not keep the others from being created; one that there is already is
/// created once more without a word.
#[inline(never)]
pub fn create_acls(
    cluster: ClusterControlManager<'_>,
    random: &mut Random,
    request: &CreateAclsRequest,
) -> (Vec<MetadataRecord>, CreateAclsResponse) {
    if cluster.settings.authorizer_class_name.is_empty() {
        return (Vec::new(), refused_creations(request, &without_authorizer()));
    }
    // A rule that says ANY or MATCH cannot even be made: the exception is of the whole request.
    let bindings: Option<Vec<StandardAcl>> = request.creations.iter().map(StandardAcl::of_creation).collect();
    let Some(bindings) = bindings else {
        return (Vec::new(), refused_creations(request, &ApiError::bare(ErrorCode::UnknownServerError)));
    };
    let mut known: BTreeSet<&StandardAcl> = cluster.image.acls.acls().collect_ordered();
    let mut records = Vec::new();
    let mut results = Vec::new();
    for acl in &bindings {
        let result = validate_new(acl);
        if result.is_ok() && known.insert(acl) {
            records.push(MetadataRecord::access_rule(Uuid(random.id()), acl));
        }
        results.push(match result {
            Ok(()) => AclCreationResult::default(),
            Err(error) => AclCreationResult { error_code: error.code, error_message: error.message },
        });
    }
    if records.len() > MAX_RECORDS_PER_REQUEST {
        return (Vec::new(), refused_creations(request, &ApiError::bare(ErrorCode::UnknownServerError)));
    }
    (records, CreateAclsResponse { results, ..CreateAclsResponse::default() })
}

fn without_authorizer() -> ApiError {
    ApiError::new(ErrorCode::SecurityDisabled, "No Authorizer is configured.")
}

/// One error for every rule (`CreateAclsRequest.getErrorResponse`).
pub(super) fn refused_creations(request: &CreateAclsRequest, error: &ApiError) -> CreateAclsResponse {
    let refused = AclCreationResult { error_code: error.code, error_message: error.message.clone() };
    CreateAclsResponse { results: vec![refused; request.creations.len()], ..CreateAclsResponse::default() }
}

/// What a controller says that is not the active one: what is wrong with the resource of a rule any controller tells (`AclApis`).
pub(super) fn creations_refused_elsewhere(request: &CreateAclsRequest, elsewhere: &ApiError) -> CreateAclsResponse {
    let bindings: Option<Vec<StandardAcl>> = request.creations.iter().map(StandardAcl::of_creation).collect();
    let Some(bindings) = bindings else {
        return refused_creations(request, &ApiError::bare(ErrorCode::UnknownServerError));
    };
    let refused = bindings.iter().map(|acl| {
        let error = validate_resource(acl).err().unwrap_or_else(|| elsewhere.clone());
        AclCreationResult { error_code: error.code, error_message: error.message }
    });
    CreateAclsResponse { results: refused.collect(), ..CreateAclsResponse::default() }
}

/// One error for every filter (`DeleteAclsRequest.getErrorResponse`).
pub(super) fn refused_deletions(request: &DeleteAclsRequest, error: &ApiError) -> DeleteAclsResponse {
    let refused = DeleteAclsFilterResult {
        error_code: error.code,
        error_message: error.message.clone(),
        ..DeleteAclsFilterResult::default()
    };
    DeleteAclsResponse { filter_results: vec![refused; request.filters.len()], ..DeleteAclsResponse::default() }
}

/// `AclApis.handleCreateAcls`.
fn validate_resource(acl: &StandardAcl) -> Result<(), ApiError> {
    let refuse = |message: String| Err(ApiError::new(ErrorCode::InvalidRequest, message));
    if acl.resource_type == ResourceType::Cluster && acl.resource_name != CLUSTER_NAME {
        return refuse(format!("The only valid name for the CLUSTER resource is {CLUSTER_NAME}"));
    }
    if acl.resource_name.is_empty() {
        return refuse("Invalid empty resource name".to_owned());
    }
    Ok(())
}

/// The same, then `AclControlManager.validateNewAcl`.
fn validate_new(acl: &StandardAcl) -> Result<(), ApiError> {
    validate_resource(acl)?;
    let refuse = |message: String| Err(ApiError::new(ErrorCode::InvalidRequest, message));
    if acl.resource_type == ResourceType::Unknown {
        return refuse(format!("Invalid resourceType {}", acl.resource_type.name()));
    }
    if !matches!(acl.pattern_type, PatternType::Literal | PatternType::Prefixed) {
        return refuse(format!("Invalid patternType {}", acl.pattern_type.name()));
    }
    if acl.operation == AclOperation::Unknown {
        return refuse(format!("Invalid operation {}", acl.operation.name()));
    }
    if !matches!(acl.permission_type, AclPermissionType::Deny | AclPermissionType::Allow) {
        return refuse(format!("Invalid permissionType {}", acl.permission_type.name()));
    }
    if !acl.principal.contains(':') {
        let principal = &acl.principal;
        return refuse(format!(
            "Could not parse principal from `{principal}` (no colon is present separating the principal type from the \
             principal name)"
        ));
    }
    Ok(())
}

/// Decides which rules are deleted. A rule that fits several filters is told by each, and deleted once.
#[inline(never)]
pub fn delete_acls(
    cluster: ClusterControlManager<'_>,
    request: &DeleteAclsRequest,
) -> (Vec<MetadataRecord>, DeleteAclsResponse) {
    if cluster.settings.authorizer_class_name.is_empty() {
        return (Vec::new(), refused_deletions(request, &without_authorizer()));
    }
    let mut deleted: BTreeSet<Uuid> = BTreeSet::new();
    let mut filter_results = Vec::new();
    for filter in request.filters.iter().map(AclFilter::from) {
        filter_results.push(match matching_acls(cluster, &filter, &mut deleted) {
            Ok(matching_acls) => DeleteAclsFilterResult { matching_acls, ..DeleteAclsFilterResult::default() },
            Err(error) => DeleteAclsFilterResult {
                error_code: error.code,
                error_message: error.message,
                ..DeleteAclsFilterResult::default()
            },
        });
    }
    if deleted.len() > MAX_RECORDS_PER_REQUEST {
        let message = format!("Cannot remove more than {MAX_RECORDS_PER_REQUEST} acls in a single delete operation.");
        let error = ApiError::new(ErrorCode::InvalidRequest, message);
        return (Vec::new(), refused_deletions(request, &error));
    }
    let records = deleted.into_iter().map(|id| MetadataRecord::RemoveAccessControlEntryRecord { id });
    (records.collect(), DeleteAclsResponse { filter_results, ..DeleteAclsResponse::default() })
}

fn matching_acls(
    cluster: ClusterControlManager<'_>,
    filter: &AclFilter,
    deleted: &mut BTreeSet<Uuid>,
) -> Result<Vec<DeleteAclsMatchingAcl>, ApiError> {
    if filter.has_unknown_pattern() {
        return Err(ApiError::new(ErrorCode::InvalidRequest, "Unknown patternFilter."));
    }
    if filter.has_unknown_entry() {
        return Err(ApiError::new(ErrorCode::InvalidRequest, "Unknown entryFilter."));
    }
    let mut matching: Vec<(Uuid, &StandardAcl)> =
        cluster.image.acls.iter().filter(|(_, acl)| filter.matches(acl)).collect();
    matching.shared_sort_by(|(_, one), (_, other)| one.cmp(other));
    deleted.extend(matching.iter().map(|(id, _)| *id));
    let deleted = matching.into_iter().map(|(_, acl)| DeleteAclsMatchingAcl {
        error_code: ErrorCode::None,
        error_message: None,
        resource_type: acl.resource_type.code(),
        resource_name: acl.resource_name.clone(),
        pattern_type: acl.pattern_type.code(),
        principal: acl.principal.clone(),
        host: acl.host.clone(),
        operation: acl.operation.code(),
        permission_type: acl.permission_type.code(),
    });
    Ok(deleted.collect())
}
