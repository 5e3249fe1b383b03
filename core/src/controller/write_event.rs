//! What a request has to be a write event of the controller's queue for, and why the queue does not take it up
//! (`QuorumController.appendWriteEvent`).
//!
//! What `ControllerApis` refuses by itself, and what only reads, any controller answers. The rest is refused as a whole, first where its
//! time is over before the queue comes to it, then where this controller is not the active one.

use super::cluster_control_manager::{ApiError, ClusterControlManager};
use super::configs::is_known_type;
use super::topics::{CLUSTER_METADATA_TOPIC, ids_to_delete, names_to_delete, once_and_twice};
use crate::settings::BrokerSettings;
use crate::wire::{ErrorCode, Request};

/// From this version on of DeleteTopics a client knows `TOPIC_DELETION_DISABLED`.
const FIRST_VERSION_WITH_DELETION_DISABLED: i16 = 3;

/// `ControllerExceptions.newWrongControllerException`.
pub(super) fn wrong_controller(active: Option<i32>) -> ApiError {
    let message = match active {
        Some(node) => format!("The active controller appears to be node {node}."),
        None => "No controller appears to be active.".to_owned(),
    };
    ApiError::new(ErrorCode::NotController, message)
}

/// Why no topic may be deleted at all, if so: that is looked at before anything else (`ControllerApis.deleteTopics`).
pub(super) fn deletion_refusal(request: &Request, version: i16, settings: &BrokerSettings) -> Option<ApiError> {
    if settings.delete_topic_enable || !matches!(request, Request::DeleteTopics(_)) {
        return None;
    }
    let has_own_error = version >= FIRST_VERSION_WITH_DELETION_DISABLED;
    Some(ApiError::bare(if has_own_error { ErrorCode::TopicDeletionDisabled } else { ErrorCode::InvalidRequest }))
}

/// Why the queue does not take a request up; `None` where it does, or is not asked. `elsewhere` is the error of a controller that is not
/// active.
pub(super) fn refusal(
    request: &Request,
    cluster: ClusterControlManager<'_>,
    elsewhere: Option<ApiError>,
) -> Option<ApiError> {
    let timed_out = || Some(ApiError::bare(ErrorCode::RequestTimedOut));
    if reads(request) && is_over(request) {
        return timed_out();
    }
    if !writes(request, cluster) {
        return None;
    }
    if is_over(request) { timed_out() } else { elsewhere }
}

/// Whether a request's time is over at once: it gives none at all.
fn is_over(request: &Request) -> bool {
    let timeout_ms = match request {
        Request::CreateTopics(request) => request.timeout_ms,
        Request::CreatePartitions(request) => request.timeout_ms,
        Request::DeleteTopics(request) => request.timeout_ms,
        Request::AlterPartitionReassignments(request) => request.timeout_ms,
        Request::ElectLeaders(request) => request.timeout_ms,
        // Others have no deadline, even those that name a time.
        _ => return false,
    };
    timeout_ms <= 0
}

/// Whether names or ids are looked up first, in the queue too (`findTopicIds`, `findTopicNames`).
fn reads(request: &Request) -> bool {
    match request {
        Request::DeleteTopics(request) => {
            once(names_to_delete(request)).next().is_some() || once(ids_to_delete(request)).next().is_some()
        }
        _ => false,
    }
}

/// Whether anything is left to write once `ControllerApis` has refused what it refuses itself.
fn writes(request: &Request, cluster: ClusterControlManager<'_>) -> bool {
    let image = cluster.image;
    let has_authorizer = !cluster.settings.authorizer_class_name.is_empty();
    match request {
        Request::CreateTopics(request) => {
            let names = request.topics.iter().map(|topic| &topic.name);
            once(names).any(|name| **name != *CLUSTER_METADATA_TOPIC)
        }
        Request::CreatePartitions(request) => once(request.topics.iter().map(|topic| &topic.name)).next().is_some(),
        Request::DeleteTopics(request) => {
            once(names_to_delete(request)).any(|name| image.topic_ids.contains_key(name))
                || once(ids_to_delete(request)).any(|id| image.topics.contains_key(&id))
        }
        Request::AlterPartitionReassignments(request) => !request.topics.is_empty(),
        Request::ElectLeaders(request) => request.topic_partitions.as_ref().is_none_or(|asked| !asked.is_empty()),
        Request::IncrementalAlterConfigs(request) => {
            let named = request.resources.iter().map(|each| (each.resource_type, each.resource_name.as_str()));
            once(named).any(|(resource_type, _)| is_known_type(resource_type))
        }
        Request::AlterConfigs(request) => {
            let named = request.resources.iter().map(|each| (each.resource_type, each.resource_name.as_str()));
            once(named).any(|(resource_type, _)| is_known_type(resource_type))
        }
        Request::CreateAcls(request) => has_authorizer && !request.creations.is_empty(),
        Request::DeleteAcls(request) => has_authorizer && !request.filters.is_empty(),
        Request::AlterClientQuotas(_) | Request::UpdateFeatures(_) | Request::UnregisterBroker(_) => true,
        _ => false,
    }
}

/// What is there once: a controller refuses what is named more often before it writes anything.
fn once<T: Ord + Copy>(all: impl IntoIterator<Item = T>) -> impl Iterator<Item = T> {
    once_and_twice(all).0.into_iter()
}
