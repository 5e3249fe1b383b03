//! Brokers announce themselves (`ClusterControlManager.registerBroker`).

use std::collections::BTreeSet;

use super::brokers_to_isrs::Concerned;
use super::cluster_control_manager::{ApiError, BrokerEvent, ClusterControlManager};
use super::heartbeat::Heartbeats;
use crate::metadata::MetadataRecord;
use crate::metadata::image::BrokerImage;
use crate::sim::Millis;
use crate::sort::CollectOrdered;
use crate::wire::feature_levels::{KRAFT_VERSION, METADATA_VERSION};
use crate::wire::metadata::{BrokerListener, BrokerRegistrationRequest, SupportedFeature};
use crate::wire::{ErrorCode, Uuid};

/// Directory ids below this have a meaning of their own (`DirectoryId.reserved`).
const RESERVED_DIRECTORIES: u128 = 100;

/// The numbers of `SecurityProtocol`: PLAINTEXT, SSL, SASL_PLAINTEXT and SASL_SSL.
const SECURITY_PROTOCOLS: std::ops::RangeInclusive<i16> = 0..=3;

/// Decides about a registration. `next_offset` is where the log ends: a new process gets it as its broker epoch. `kraft_version` is the
/// level of the quorum's own feature, which the image does not hold.
pub fn register_broker(
    cluster: ClusterControlManager<'_>,
    heartbeats: &Heartbeats,
    cluster_id: &str,
    request: &BrokerRegistrationRequest,
    (next_offset, kraft_version): (i64, i16),
    now: Millis,
) -> Result<(Vec<MetadataRecord>, i64), ApiError> {
    if request.cluster_id != cluster_id {
        let message = format!("Expected cluster ID {cluster_id}, but got cluster ID {}", request.cluster_id);
        return Err(ApiError::new(ErrorCode::InconsistentClusterId, message));
    }
    let broker_id = request.broker_id;
    let existing = cluster.image.brokers.get(&broker_id);
    let same_process = existing.is_some_and(|existing| existing.incarnation_id == request.incarnation_id);
    if let Some(existing) = existing
        && !same_process
        && heartbeats.has_valid_session(
            broker_id,
            existing.broker_epoch,
            cluster.settings.broker_session_timeout_ms,
            now,
        )
    {
        return Err(ApiError::new(
            ErrorCode::DuplicateBrokerRegistration,
            "Another broker is registered with that broker id. If the broker was recently restarted this should \
             self-resolve once the heartbeat manager expires the broker's session.",
        ));
    }
    if request.is_migrating_zk_broker {
        let message = "Controller does not support registering ZK brokers.";
        return Err(ApiError::new(ErrorCode::BrokerIdNotRegistered, message));
    }
    check_log_dirs(cluster, broker_id, &request.log_dirs)?;
    check_listeners(&request.listeners)?;
    check_features(cluster, kraft_version, &request.features)?;

    let mut records = Vec::new();
    let mut broker_epoch = next_offset;
    let (mut fenced, mut in_controlled_shutdown) = (true, false);
    match existing {
        Some(existing) if same_process => {
            broker_epoch = existing.broker_epoch;
            (fenced, in_controlled_shutdown) = (existing.fenced, existing.in_controlled_shutdown);
        }
        _ => {
            // A process that ended cleanly wrote down the epoch it had. Anyone who cannot name it may have lost records.
            let clean = existing.is_some_and(|existing| existing.broker_epoch == request.previous_broker_epoch);
            forget_replicas(cluster, broker_id, clean, &mut records)?;
        }
    }
    records.push(MetadataRecord::RegisterBrokerRecord {
        broker_id,
        is_migrating_zk_broker: false,
        incarnation_id: request.incarnation_id,
        broker_epoch,
        end_points: request.listeners.clone(),
        features: request.features.clone(),
        rack: request.rack.clone(),
        fenced,
        in_controlled_shutdown,
        log_dirs: request.log_dirs.clone(),
        cordoned_log_dirs: None,
    });
    Ok((records, broker_epoch))
}

/// The new process is in no ISR; after an unclean shutdown in no ELR either (`handleBrokerShutdown`).
fn forget_replicas(
    cluster: ClusterControlManager<'_>,
    broker: i32,
    clean: bool,
    records: &mut Vec<MetadataRecord>,
) -> Result<(), ApiError> {
    let event =
        if clean || !cluster.elr_enabled() { BrokerEvent::Leaves(broker) } else { BrokerEvent::LostItsState(broker) };
    cluster.leader_and_isr_updates(event, Concerned::InIsr(broker), records)?;
    if let BrokerEvent::LostItsState(_) = event {
        cluster.leader_and_isr_updates(event, Concerned::InElr(broker), records)?;
    }
    Ok(())
}

/// Forgets a broker for good (`handleBrokerUnregistered`): it leaves every ISR first. Kafka looks at the partitions that
/// have it in their ELR too, but it stays there.
#[inline(never)]
pub fn unregister_broker(cluster: ClusterControlManager<'_>, broker_id: i32) -> Result<Vec<MetadataRecord>, ApiError> {
    let Some(registered) = cluster.image.brokers.get(&broker_id) else {
        let message = format!("Broker ID {broker_id} is not currently registered");
        return Err(ApiError::new(ErrorCode::BrokerIdNotRegistered, message));
    };
    let mut records = Vec::new();
    let event = BrokerEvent::Leaves(broker_id);
    cluster.leader_and_isr_updates(event, Concerned::InIsr(broker_id), &mut records)?;
    cluster.leader_and_isr_updates(event, Concerned::InElr(broker_id), &mut records)?;
    let broker_epoch = registered.broker_epoch;
    records.push(MetadataRecord::UnregisterBrokerRecord { broker_id, broker_epoch });
    Ok(records)
}

/// A broker must support every feature at its finalized level, those too that it does not name (`processRegistrationFeature`).
fn check_features(
    cluster: ClusterControlManager<'_>,
    kraft_version: i16,
    features: &[SupportedFeature],
) -> Result<(), ApiError> {
    let mut finalized = cluster.image.features.clone();
    finalized.insert(KRAFT_VERSION.to_owned(), kraft_version);
    let check = |name: &str, min: i16, max: i16| {
        let finalized = finalized.get(name).copied().unwrap_or(0);
        if (min..=max).contains(&finalized) {
            return Ok(());
        }
        let message = format!(
            "Unable to register because the broker does not support finalized version {finalized} of {name}. The broker \
             wants a version between {min} and {max}, inclusive."
        );
        Err(ApiError::new(ErrorCode::UnsupportedVersion, message))
    };
    for feature in features {
        check(&feature.name, feature.min_supported_version, feature.max_supported_version)?;
    }
    let is_named = |name: &str| features.iter().any(|feature| feature.name == name);
    if !is_named(METADATA_VERSION) {
        let message = format!("Request features do not contain '{METADATA_VERSION}'");
        return Err(ApiError::new(ErrorCode::InvalidRegistration, message));
    }
    let unnamed = finalized.iter().filter(|(name, level)| **level != 0 && !is_named(name));
    unnamed.map(|(name, _)| name).try_for_each(|name| check(name, 0, 0))
}

/// Where a node listens must be told in full. What is wrong with it throws what nobody catches (`ListenerInfo`).
pub(super) fn check_listeners(listeners: &[BrokerListener]) -> Result<(), ApiError> {
    let is_blank = |host: &str| host.chars().all(|letter| letter <= ' ');
    let is_told = |listener: &BrokerListener| {
        SECURITY_PROTOCOLS.contains(&listener.security_protocol) && listener.port != 0 && !is_blank(&listener.host)
    };
    if listeners.iter().all(is_told) { Ok(()) } else { Err(ApiError::unexpected()) }
}

fn check_log_dirs(cluster: ClusterControlManager<'_>, broker: i32, log_dirs: &[Uuid]) -> Result<(), ApiError> {
    let refuse = |message: &str| Err(ApiError::new(ErrorCode::InvalidRegistration, message));
    if log_dirs.is_empty() {
        return refuse("No directories specified in request");
    }
    if log_dirs.iter().any(|dir| dir.0 < RESERVED_DIRECTORIES) {
        return refuse("Reserved directory ID in request");
    }
    if log_dirs.iter().collect_ordered::<BTreeSet<&_>>().len() != log_dirs.len() {
        return refuse("Duplicate directory ID in request");
    }
    for dir in log_dirs {
        let has_it = |(id, other): &(&i32, &BrokerImage)| **id != broker && other.registration.log_dirs.contains(dir);
        if let Some((other, _)) = cluster.image.brokers.iter().find(has_it) {
            return refuse(&format!("Broker {other} is already registered with directory {dir}"));
        }
    }
    Ok(())
}
