//! Quotas of users and clients are set and taken back (`ClientQuotaControlManager`).

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::cluster_control_manager::{ApiError, ClusterControlManager};
use crate::metadata::MetadataRecord;
use crate::metadata::client_quotas::{CLIENT_ID, ClientQuotaEntity, IP, USER};
use crate::wire::ErrorCode;
use crate::wire::client_quotas::*;
use crate::wire::hash_order::{java_string_hash, sort_as_hash_map, sort_as_hash_map_of_size};

/// What type a quota's value has (`QuotaConfig`).
#[derive(Clone, Copy)]
enum QuotaType {
    Long,
    Double,
    Int,
}

/// Quotas of users and clients.
const USER_AND_CLIENT: [(&str, QuotaType); 4] = [
    ("producer_byte_rate", QuotaType::Long),
    ("consumer_byte_rate", QuotaType::Long),
    ("request_percentage", QuotaType::Double),
    ("controller_mutation_rate", QuotaType::Double),
];
/// Quotas of addresses.
const OF_IP: [(&str, QuotaType); 1] = [("connection_creation_rate", QuotaType::Int)];

/// Decides about changes of quotas, one entity after the other. What is wrong with one does not keep the others from changing.
#[inline(never)]
pub fn alter_client_quotas(
    cluster: ClusterControlManager<'_>,
    request: &AlterClientQuotasRequest,
) -> (Vec<MetadataRecord>, AlterClientQuotasResponse) {
    let mut records = Vec::new();
    let mut results: BTreeMap<ClientQuotaEntity, Option<ApiError>> = BTreeMap::new();
    let mut order: Vec<ClientQuotaEntity> = Vec::new();
    for alteration in &request.entries {
        let entity = ClientQuotaEntity::of(&alteration.entity);
        if !order.contains(&entity) {
            order.push(entity.clone());
        }
        let mut ops: Vec<(&str, Option<Float64>)> = Vec::new();
        let mut is_twice = results.contains_key(&entity);
        for op in &alteration.ops {
            if ops.iter().any(|(key, _)| *key == op.key) {
                // Seen before the entity itself is looked at, and overwritten at once by what is said of a duplicate entity.
                is_twice = true;
            } else {
                ops.push((&op.key, (!op.remove).then_some(op.value)));
            }
        }
        let outcome = if is_twice {
            Err(invalid(format!("Ignoring duplicate entity {}", named(&entity))))
        } else {
            alter_entity(cluster, &entity, ops)
        };
        let error = outcome.map(|new| records.extend(new)).err();
        results.insert(entity, error);
    }
    if request.validate_only {
        records.clear();
    }
    // The results are kept in a hash map.
    sort_as_hash_map(&mut order, ClientQuotaEntity::java_hash);
    let entries = order.iter().map(|entity| {
        let error = results.get(entity).cloned().flatten();
        QuotaAlterationResult {
            error_code: error.as_ref().map_or(ErrorCode::None, |error| error.code),
            error_message: error.and_then(|error| error.message),
            entity: parts_of(entity),
        }
    });
    let entries = entries.collect();
    (records, AlterClientQuotasResponse { entries, ..AlterClientQuotasResponse::default() })
}

/// One error for every entity (`AlterClientQuotasRequest.getErrorResponse`).
pub(super) fn refused_quotas(request: &AlterClientQuotasRequest, error: &ApiError) -> AlterClientQuotasResponse {
    let entries = request.entries.iter().map(|alteration| QuotaAlterationResult {
        error_code: error.code,
        error_message: error.message.clone(),
        entity: alteration.entity.clone(),
    });
    AlterClientQuotasResponse { entries: entries.collect(), ..AlterClientQuotasResponse::default() }
}

fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::new(ErrorCode::InvalidRequest, message)
}

/// `ClientQuotaEntity.toString`.
fn named(entity: &ClientQuotaEntity) -> String {
    let parts = parts_of(entity);
    let parts = parts.iter().map(|part| {
        let name = part.entity_name.as_deref().unwrap_or("null");
        format!("{}={name}", part.entity_type)
    });
    format!("ClientQuotaEntity(entries={{{}}})", parts.collect::<Vec<_>>().join(", "))
}

/// The parts of an entity in the order of its hash map.
fn parts_of(entity: &ClientQuotaEntity) -> Vec<QuotaEntity> {
    let mut parts = entity.parts();
    let size = parts.len();
    sort_as_hash_map_of_size(&mut parts, size, |part| java_string_hash(&part.entity_type));
    parts
}

/// `alterClientQuotaEntity`.
fn alter_entity(
    cluster: ClusterControlManager<'_>,
    entity: &ClientQuotaEntity,
    mut ops: Vec<(&str, Option<Float64>)>,
) -> Result<Vec<MetadataRecord>, ApiError> {
    validate_entity(entity)?;
    let types = quotas_of(entity)?;
    let size = ops.len();
    sort_as_hash_map_of_size(&mut ops, size, |(key, _)| java_string_hash(key));
    let mut records = Vec::new();
    for (key, value) in ops {
        let current = cluster.image.client_quotas.get(entity, key);
        if let Some(value) = value {
            validate_value(types, key, value.0)?;
        }
        // What is there already, or was never there, needs no record.
        if current != value {
            records.push(MetadataRecord::ClientQuotaRecord {
                entity: parts_of(entity),
                key: key.to_owned(),
                value: value.unwrap_or_default(),
                remove: value.is_none(),
            });
        }
    }
    Ok(records)
}

fn validate_entity(entity: &ClientQuotaEntity) -> Result<(), ApiError> {
    if entity.0.is_empty() {
        return Err(invalid("Invalid empty client quota entity"));
    }
    for part in parts_of(entity) {
        if ![USER, CLIENT_ID, IP].contains(&part.entity_type.as_str()) {
            return Err(invalid(format!("Unhandled client quota entity type: {}", part.entity_type)));
        }
        if part.entity_name.as_deref() == Some("") {
            return Err(invalid(format!("Empty {} not supported", part.entity_type)));
        }
    }
    Ok(())
}

/// Which quotas an entity may have (`configKeysForEntityType`).
fn quotas_of(entity: &ClientQuotaEntity) -> Result<&'static [(&'static str, QuotaType)], ApiError> {
    let Some(ip) = entity.0.get(IP) else { return Ok(&USER_AND_CLIENT) };
    if entity.0.len() > 1 {
        // Kafka's own words lack the space.
        return Err(invalid("Invalid quota entity combination, IP entity shouldnot be combined with User or ClientId"));
    }
    match ip {
        Some(ip) if !is_resolvable(ip) => Err(invalid(format!("{ip} is not a valid IP or resolvable host."))),
        _ => Ok(&OF_IP),
    }
}

/// Whether a machine without a name server finds an address (`InetAddress.getByName`).
fn is_resolvable(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok()
}

fn validate_value(types: &[(&str, QuotaType)], key: &str, value: f64) -> Result<(), ApiError> {
    let Some((_, quota_type)) = types.iter().find(|(name, _)| *name == key) else {
        return Err(invalid(format!("Invalid configuration key {key}")));
    };
    if value <= 0.0 {
        return Err(invalid(format!("Quota {key} must be greater than 0")));
    }
    let (max, name) = match quota_type {
        QuotaType::Double => return Ok(()),
        QuotaType::Int => (f64::from(i32::MAX), "an INT"),
        QuotaType::Long => (i64::MAX as f64, "a LONG"),
    };
    if value > max {
        return Err(invalid(format!("Proposed value for {key} is too large for {name}.")));
    }
    if (value % 1.0).abs() > 1e-6 {
        return Err(invalid(format!("{key} cannot be a fractional value.")));
    }
    Ok(())
}
