//! Features by name (`Feature`, `MetadataVersion`), the levels that they may have and those that they have.

use std::collections::BTreeMap;

use super::metadata::SupportedFeature;
use crate::sort::CollectOrdered;

/// How metadata is written (`MetadataVersion.FEATURE_NAME`).
pub const METADATA_VERSION: &str = "metadata.version";
/// The quorum's own feature (`KRaftVersion.FEATURE_NAME`), which the log's control records tell.
pub const KRAFT_VERSION: &str = "kraft.version";
/// How transactions are carried out (`TransactionVersion.FEATURE_NAME`).
pub const TRANSACTION_VERSION: &str = "transaction.version";
/// Whether partitions have eligible leader replicas (`EligibleLeaderReplicasVersion.FEATURE_NAME`).
pub const ELR_VERSION: &str = "eligible.leader.replicas.version";
/// Whether groups may have the consumer protocol (`GroupVersion.FEATURE_NAME`).
pub const GROUP_VERSION: &str = "group.version";
const SHARE_VERSION: &str = "share.version";
const STREAMS_VERSION: &str = "streams.version";

/// The level of the first of [`METADATA_VERSIONS`].
pub const FIRST_METADATA_VERSION: i16 = 7;
/// The levels of `metadata.version` by name (`MetadataVersion`): all that 4.3 knows.
pub const METADATA_VERSIONS: [&str; 25] = [
    "3.3-IV3", "3.4-IV0", "3.5-IV0", "3.5-IV1", "3.5-IV2", "3.6-IV0", "3.6-IV1", "3.6-IV2", "3.7-IV0", "3.7-IV1",
    "3.7-IV2", "3.7-IV3", "3.7-IV4", "3.8-IV0", "3.9-IV0", "4.0-IV0", "4.0-IV1", "4.0-IV2", "4.0-IV3", "4.1-IV0",
    "4.1-IV1", "4.2-IV0", "4.2-IV1", "4.3-IV0", "4.4-IV0",
];
/// The newest level that is ready for production (`MetadataVersion.LATEST_PRODUCTION`).
pub const LATEST_PRODUCTION: i16 = 30;
/// Its name.
pub const LATEST_PRODUCTION_NAME: &str = "4.3-IV0";

/// The name of a level of `metadata.version`.
pub fn metadata_version_name(level: i16) -> Option<&'static str> {
    metadata_versions().find(|(known, _)| *known == level).map(|(_, name)| name)
}

/// The levels of `metadata.version` with their names.
pub fn metadata_versions() -> impl Iterator<Item = (i16, &'static str)> {
    (FIRST_METADATA_VERSION..).zip(METADATA_VERSIONS)
}

/// The other features, in the order in which tools list them, with the levels that they have by default from a level of
/// `metadata.version` on (`Feature.PRODUCTION_FEATURES`).
const DEFAULTS: [(&str, &[(i16, i16)]); 6] = [
    (KRAFT_VERSION, &[(21, 1)]),
    (TRANSACTION_VERSION, &[(24, 2)]),
    (GROUP_VERSION, &[(22, 1)]),
    (ELR_VERSION, &[(26, 1)]),
    (SHARE_VERSION, &[(28, 1)]),
    (STREAMS_VERSION, &[(29, 1)]),
];

/// The levels that the other features have by default with a level of `metadata.version` (`Feature.defaultLevel`).
pub fn default_levels(metadata_version: i16) -> impl Iterator<Item = (&'static str, i16)> {
    DEFAULTS.into_iter().map(move |(name, levels)| {
        let reached = levels.iter().filter(|(from, _)| *from <= metadata_version);
        (name, reached.map(|(_, level)| *level).max().unwrap_or(0))
    })
}

/// The levels of a new cluster of 4.3 by name, without `metadata.version` and `kraft.version`.
pub fn levels_of_new_cluster() -> BTreeMap<&'static str, i16> {
    default_levels(LATEST_PRODUCTION).filter(|(name, _)| *name != KRAFT_VERSION).collect_ordered()
}

/// Which levels of which features 4.3.1 supports, in the order of its hash map.
const SUPPORTED_FEATURES: [(&str, i16, i16); 7] = [
    (GROUP_VERSION, 0, 1),
    (KRAFT_VERSION, 0, 1),
    (METADATA_VERSION, FIRST_METADATA_VERSION, LATEST_PRODUCTION),
    (SHARE_VERSION, 0, 1),
    (STREAMS_VERSION, 0, 1),
    (TRANSACTION_VERSION, 0, 2),
    (ELR_VERSION, 0, 1),
];

/// The levels of features that each node of 4.3.1 supports, as it says when it registers.
pub fn supported_features() -> impl Iterator<Item = SupportedFeature> {
    SUPPORTED_FEATURES.into_iter().map(|(name, min_supported_version, max_supported_version)| SupportedFeature {
        name: name.to_owned(),
        min_supported_version,
        max_supported_version,
    })
}

/// Finalized ones in the order of their hash map, while it has eight buckets.
const FINALIZED_ORDER: [&str; 7] =
    [GROUP_VERSION, STREAMS_VERSION, TRANSACTION_VERSION, ELR_VERSION, KRAFT_VERSION, SHARE_VERSION, METADATA_VERSION];

/// All seven do not fit into eight buckets: they stand in sixteen.
const ALL_FINALIZED_ORDER: [&str; 7] =
    [GROUP_VERSION, KRAFT_VERSION, SHARE_VERSION, METADATA_VERSION, STREAMS_VERSION, TRANSACTION_VERSION, ELR_VERSION];

/// What a node knows of the cluster's features when it is asked (`FinalizedFeatures`).
#[derive(Clone, Copy, Debug)]
pub struct FinalizedFeatures<'a> {
    /// The levels.
    pub levels: &'a BTreeMap<String, i16>,
    /// The level of `kraft.version`, 0 for a static quorum.
    pub kraft_version: i16,
    /// The offset of the metadata log up to which they are known.
    pub epoch: i64,
}

impl FinalizedFeatures<'_> {
    /// The level of a feature; 0 where it is off.
    pub fn level(&self, name: &str) -> i16 {
        if name == KRAFT_VERSION { self.kraft_version } else { self.levels.get(name).copied().unwrap_or(0) }
    }

    /// Those that are on, in the order of their hash map.
    pub fn finalized(&self) -> impl Iterator<Item = (&'static str, i16)> {
        let has_all = ALL_FINALIZED_ORDER.into_iter().all(|name| self.level(name) != 0);
        let order = if has_all { ALL_FINALIZED_ORDER } else { FINALIZED_ORDER };
        order.into_iter().map(|name| (name, self.level(name))).filter(|(_, level)| *level != 0)
    }
}
