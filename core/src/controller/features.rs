//! Levels of features rise and sink (`FeatureControlManager.updateFeatures`).

use super::cluster_control_manager::{ApiError, ClusterControlManager};
use crate::metadata::MetadataRecord;
use crate::raft::KRaftVersionAccessor;
use crate::wire::ErrorCode;
use crate::wire::config_resource::BROKER;
use crate::wire::feature_levels::{ELR_VERSION, KRAFT_VERSION, METADATA_VERSION, supported_features};
use crate::wire::features::*;
use crate::wire::hash_order::{java_string_hash, last_of_each, sort_as_hash_map};
use crate::wire::metadata::SupportedFeature;

const MIN_INSYNC_REPLICAS: &str = "min.insync.replicas";
/// The least `metadata.version` that ELR needs (4.0-IV1).
const LEAST_FOR_ELR: i16 = 23;
/// Levels of `metadata.version` whose records older ones cannot read (`MetadataVersion.didMetadataChange`).
const CHANGED_METADATA: [i16; 9] = [7, 8, 11, 13, 14, 15, 17, 23, 30];
/// Up to this version an answer has a result for each feature.
const LAST_VERSION_WITH_RESULTS: i16 = 1;

/// The words of such a result where a level could be set (`Errors.NONE.message`).
const NO_ERROR: &str = "NONE";

/// What a level may do (`FeatureUpdate.UpgradeType`).
#[derive(Clone, Copy, PartialEq, Eq)]
enum UpgradeType {
    Upgrade,
    SafeDowngrade,
    UnsafeDowngrade,
}

/// What the quorum says about levels of features.
#[derive(Clone, Copy, Debug)]
pub struct QuorumFeatures<'a> {
    /// `controller.quorum.voters`: each must have registered.
    pub static_voters: &'a [i32],
    /// The quorum's own feature.
    pub kraft_version: KRaftVersionAccessor<'a>,
}

/// What is decided about new levels.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct UpdatedFeatures {
    /// To be appended.
    pub records: Vec<MetadataRecord>,
    /// To be appended by the quorum before them: a new level of `kraft.version`.
    pub kraft_version: Option<i16>,
    /// The answer.
    pub response: UpdateFeaturesResponse,
}

/// Decides about new levels: all of them, or none.
#[inline(never)]
pub fn update_features(
    cluster: ClusterControlManager<'_>,
    quorum: QuorumFeatures<'_>,
    request: &UpdateFeaturesRequest,
    version: i16,
) -> UpdatedFeatures {
    // They are put into a map by their names: of a feature that is named twice the last level counts.
    let mut updates = last_of_each(request.feature_updates.iter(), |update| &update.feature);
    sort_as_hash_map(&mut updates, |update| java_string_hash(&update.feature));
    let (mut records, mut kraft_version) = (Vec::new(), None);
    for update in &updates {
        match update_feature(cluster, quorum, update, &updates) {
            Ok(record) => {
                records.extend(record);
                let level = update.max_version_level;
                if update.feature == KRAFT_VERSION && level != quorum.kraft_version.level() {
                    kraft_version = Some(level);
                }
            }
            Err(error) => {
                let message = error.message.unwrap_or_default();
                let response = UpdateFeaturesResponse {
                    error_code: error.code,
                    error_message: Some(format!(
                        "The update failed for all features since the following feature had an error: {message}"
                    )),
                    ..UpdateFeaturesResponse::default()
                };
                return UpdatedFeatures { response, ..UpdatedFeatures::default() };
            }
        }
    }
    let switches_elr_on = updates.iter().any(|update| update.feature == ELR_VERSION && update.max_version_level > 0);
    if switches_elr_on {
        records.splice(0..0, elr_safety_records(cluster));
    }
    if request.validate_only {
        (records, kraft_version) = (Vec::new(), None);
    }
    let results = request.feature_updates.iter().filter(|_| version <= LAST_VERSION_WITH_RESULTS);
    let results = results.map(|update| UpdatableFeatureResult {
        feature: update.feature.clone(),
        error_message: Some(NO_ERROR.to_owned()),
        ..UpdatableFeatureResult::default()
    });
    let response = UpdateFeaturesResponse { results: results.collect(), ..UpdateFeaturesResponse::default() };
    UpdatedFeatures { records, kraft_version, response }
}

fn update_feature(
    cluster: ClusterControlManager<'_>,
    quorum: QuorumFeatures<'_>,
    update: &FeatureUpdateKey,
    all: &[&FeatureUpdateKey],
) -> Result<Option<MetadataRecord>, ApiError> {
    let (name, wanted) = (update.feature.as_str(), update.max_version_level);
    let invalid = |why: &str| {
        let message = format!("Invalid update version {wanted} for feature {name}. {why}");
        Err(ApiError::new(ErrorCode::InvalidUpdateVersion, message))
    };
    let upgrade_type = match update.upgrade_type {
        1 => UpgradeType::Upgrade,
        2 => UpgradeType::SafeDowngrade,
        3 => UpgradeType::UnsafeDowngrade,
        _ => return invalid("The controller does not support the given upgrade type."),
    };
    let current = match name {
        KRAFT_VERSION => quorum.kraft_version.level(),
        _ => cluster.image.features.get(name).copied().unwrap_or(0),
    };
    if wanted < 0 {
        return invalid("A feature version cannot be less than 0.");
    }
    if let Some(reason) = reason_not_supported(cluster, quorum.static_voters, name, wanted) {
        return invalid(&reason);
    }
    if wanted < current && upgrade_type == UpgradeType::Upgrade {
        return invalid(
            "Can't downgrade the version of this feature without setting the upgrade type to either safe or unsafe downgrade.",
        );
    }
    if wanted > current && upgrade_type != UpgradeType::Upgrade {
        return invalid("Can't downgrade to a newer version.");
    }
    if name == METADATA_VERSION
        && wanted < current
        && CHANGED_METADATA.iter().any(|level| (wanted + 1..=current).contains(level))
    {
        let why = match upgrade_type {
            UpgradeType::UnsafeDowngrade => "Unsafe metadata downgrade is not supported in this version.",
            UpgradeType::Upgrade | UpgradeType::SafeDowngrade => {
                "Refusing to perform the requested downgrade because it might delete metadata information."
            }
        };
        let message = format!("Unsupported metadata.version downgrade from {current} to {wanted}. {why}");
        return Err(ApiError::new(ErrorCode::InvalidUpdateVersion, message));
    }
    if name == KRAFT_VERSION {
        return match upgrade_type {
            // The quorum writes the level down itself. The controller's own record makes its answer wait for the commit.
            UpgradeType::Upgrade => match quorum.kraft_version.check(wanted) {
                Ok(()) => Ok(Some(MetadataRecord::NoOpRecord {})),
                Err(message) => Err(ApiError::new(ErrorCode::InvalidUpdateVersion, message)),
            },
            UpgradeType::SafeDowngrade | UpgradeType::UnsafeDowngrade if wanted == current => Ok(None),
            UpgradeType::SafeDowngrade | UpgradeType::UnsafeDowngrade => {
                invalid("Can't downgrade the version of this feature.")
            }
        };
    }
    if !supported_features().any(|feature| feature.name == name) {
        return invalid(&format!("Feature {name} not found."));
    }
    if name == ELR_VERSION && wanted > 0 {
        let proposed =
            all.iter().find(|update| update.feature == METADATA_VERSION).map(|update| update.max_version_level);
        let metadata = proposed.or_else(|| cluster.image.features.get(METADATA_VERSION).copied()).unwrap_or(0);
        if metadata < LEAST_FOR_ELR {
            let why = format!(
                "{ELR_VERSION} could not be set to {wanted} because it depends on {METADATA_VERSION} level {LEAST_FOR_ELR}"
            );
            return invalid(&why);
        }
    }
    Ok(Some(MetadataRecord::FeatureLevelRecord { name: name.to_owned(), feature_level: wanted }))
}

/// Why some node cannot have a feature at a level. Every broker and every voter must have said that it can.
fn reason_not_supported(cluster: ClusterControlManager<'_>, voters: &[i32], name: &str, level: i16) -> Option<String> {
    let own: Vec<SupportedFeature> = supported_features().collect();
    let check = |what: String, features: &[SupportedFeature]| {
        let range = features.iter().find(|feature| feature.name == name);
        let (min, max) = range.map_or((0, 0), |range| (range.min_supported_version, range.max_supported_version));
        if (min..=max).contains(&level) {
            None
        } else if max == 0 {
            Some(format!("{what} does not support this feature."))
        } else {
            Some(format!("{what} only supports versions {}", version_range(min, max)))
        }
    };
    let brokers = cluster.image.brokers.iter();
    check(format!("Local controller {}", cluster.node_id), &own)
        .or_else(|| {
            brokers.into_iter().find_map(|(id, broker)| check(format!("Broker {id}"), &broker.registration.features))
        })
        .or_else(|| {
            let others = cluster.image.controllers.iter().filter(|(id, _)| **id != cluster.node_id);
            others.into_iter().find_map(|(id, other)| check(format!("Controller {id}"), &other.features))
        })
        .or_else(|| {
            let missing = |id: &&i32| **id != cluster.node_id && !cluster.image.controllers.contains_key(*id);
            let unknown = voters.iter().find(missing)?;
            Some(format!("controller {unknown} has not registered, and may not support this feature"))
        })
}

/// `VersionRange.toString`.
fn version_range(min: i16, max: i16) -> String {
    match max {
        _ if min == max => min.to_string(),
        i16::MAX => format!("{min}+"),
        _ => format!("{min}-{max}"),
    }
}

/// Every controller must count with the same number of in-sync replicas: the cluster gets a default of its own, and no broker
/// keeps another (`maybeGenerateElrSafetyRecords`).
fn elr_safety_records(cluster: ClusterControlManager<'_>) -> Vec<MetadataRecord> {
    let mut records = Vec::new();
    let set = |resource_name: &str, value: Option<String>| MetadataRecord::ConfigRecord {
        resource_type: BROKER,
        resource_name: resource_name.to_owned(),
        name: MIN_INSYNC_REPLICAS.to_owned(),
        value,
    };
    let has = |name: &str| {
        cluster.image.configs.get(&(BROKER, name.to_owned())).is_some_and(|it| it.contains_key(MIN_INSYNC_REPLICAS))
    };
    if !has("") {
        records.push(set("", Some(cluster.settings.min_insync_replicas.to_string())));
    }
    let brokers = cluster.image.configs.keys().filter(|(kind, name)| *kind == 4 && !name.is_empty());
    records.extend(brokers.filter(|(_, name)| has(name)).map(|(_, name)| set(name, None)));
    records
}
