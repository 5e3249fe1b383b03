//! `kafka-features` (`FeatureCommand`).

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::options::Line;
use super::{Asks, Outcome, ToolOutput, failed, printed};
use crate::sort::CollectOrdered;
use crate::wire::ApiKey;
use crate::wire::feature_levels::{
    LATEST_PRODUCTION_NAME, METADATA_VERSION, METADATA_VERSIONS, default_levels, metadata_version_name,
    metadata_versions, supported_features,
};
use crate::wire::features::UpdateFeaturesResponse;

/// `FeatureUpdate.UpgradeType`.
const UPGRADE: i8 = 1;
const SAFE_DOWNGRADE: i8 = 2;
const UNSAFE_DOWNGRADE: i8 = 3;

pub fn execute(asks: &Asks<'_>) -> Outcome {
    let line = asks.line;
    match operation(line) {
        Some(operation) => update(asks, operation),
        None if line.has("describe") => describe(asks),
        None if line.has("version-mapping") => version_mapping(line),
        None => failed("Command line error: too few arguments. Type --help for help."),
    }
}

/// What is done with levels.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Operation {
    Upgrade,
    Downgrade,
    Disable,
}

impl Operation {
    const fn name(self) -> &'static str {
        match self {
            Self::Upgrade => "upgrade",
            Self::Downgrade => "downgrade",
            Self::Disable => "disable",
        }
    }

    fn upgrade_type(self, line: &Line) -> i8 {
        match self {
            Self::Upgrade => UPGRADE,
            Self::Downgrade | Self::Disable if line.has("--unsafe") => UNSAFE_DOWNGRADE,
            Self::Downgrade | Self::Disable => SAFE_DOWNGRADE,
        }
    }
}

fn operation(line: &Line) -> Option<Operation> {
    let all = [Operation::Upgrade, Operation::Downgrade, Operation::Disable];
    all.into_iter().find(|operation| line.has(operation.name()))
}

fn describe(asks: &Asks<'_>) -> Outcome {
    let (node, _) = match asks.image("describeFeatures") {
        Ok(asked) => asked,
        Err(outcome) => return outcome,
    };
    let Some(broker) = &node.broker else { return printed(Vec::new()) };
    let finalized = broker.finalized_features(&node.disk.broker);
    let epoch = finalized.epoch;
    let supported: BTreeMap<String, (i16, i16)> = supported_features()
        .map(|feature| (feature.name, (feature.min_supported_version, feature.max_supported_version)))
        .collect_ordered();
    let lines = supported.iter().map(|(feature, (min, max))| {
        let [min, max, level] = [*min, *max, finalized.level(feature)].map(|level| level_text(feature, level));
        format!(
            "Feature: {feature:<40}  SupportedMinVersion: {min:<15}  SupportedMaxVersion: {max:<15}  \
             FinalizedVersionLevel: {level:<15}  Epoch: {epoch}"
        )
    });
    printed(lines.collect())
}

/// `FeatureCommand.levelToString`.
fn level_text(feature: &str, level: i16) -> String {
    match feature {
        METADATA_VERSION => metadata_version_name(level).map_or_else(|| format!("UNKNOWN {level}"), str::to_owned),
        _ => level.to_string(),
    }
}

/// The level of `metadata.version` by its name, or of a release's newest (`MetadataVersion.fromVersionString`).
fn metadata_level(name: &str) -> Result<i16, String> {
    let is_named = |known: &str| {
        known == name
            || known.split_once('-').is_some_and(|(release, _)| name.split('.').take(2).eq(release.split('.')))
    };
    metadata_versions().filter(|(_, known)| is_named(known)).map(|(level, _)| level).last().ok_or_else(|| {
        format!("Unknown metadata.version '{name}'. Supported metadata.version are: {}", METADATA_VERSIONS.join(", "))
    })
}

fn version_mapping(line: &Line) -> Outcome {
    let release = line.value("--release-version").unwrap_or(LATEST_PRODUCTION_NAME);
    let metadata = match metadata_level(release) {
        Ok(level) => level,
        Err(message) => return failed(message),
    };
    let others = default_levels(metadata).map(|(name, level)| format!("{name}={level}"));
    printed([format!("{METADATA_VERSION}={metadata} ({release})")].into_iter().chain(others).collect())
}

/// The levels that a line asks for.
fn wanted(line: &Line, operation: Operation) -> Result<BTreeMap<String, i16>, String> {
    let mut levels = BTreeMap::new();
    let release = line.value("--release-version");
    if release.is_some() && (line.has("--metadata") || line.has("--feature")) {
        return Err("Can not specify `release-version` with other feature flags.".to_owned());
    }
    if let Some(release) = release {
        let metadata = metadata_level(release)?;
        levels.insert(METADATA_VERSION.to_owned(), metadata);
        let others = default_levels(metadata).map(|(name, level)| (name.to_owned(), level));
        levels.extend(others.filter(|(_, level)| operation != Operation::Upgrade || *level > 0));
    }
    if let Some(release) = line.value("--metadata") {
        levels.insert(METADATA_VERSION.to_owned(), metadata_level(release)?);
    }
    for given in line.values("--feature") {
        let (name, level) = match operation {
            Operation::Disable => (given.to_owned(), 0),
            Operation::Upgrade | Operation::Downgrade => name_and_level(given)?,
        };
        if levels.insert(name.clone(), level).is_some() {
            return Err(format!("Feature {name} was specified more than once."));
        }
    }
    if levels.is_empty() {
        return Err(format!("You must specify at least one feature to {}", operation.name()));
    }
    Ok(levels)
}

/// `FeatureCommand.parseNameAndLevel`.
fn name_and_level(given: &str) -> Result<(String, i16), String> {
    let cannot = |why: String| format!("Can't parse feature=level string {given}: {why}");
    let (name, level) = given.split_once('=').ok_or_else(|| cannot("equals sign not found.".to_owned()))?;
    let level = level.trim();
    let parsed = level.parse().map_err(|_| cannot(format!("unable to parse {level} as a short.")))?;
    Ok((name.trim().to_owned(), parsed))
}

fn update(asks: &Asks<'_>, operation: Operation) -> Outcome {
    let line = asks.line;
    let levels = match wanted(line, operation) {
        Ok(levels) => levels,
        Err(message) => return failed(message),
    };
    let node = match asks.broker("updateFeatures") {
        Ok(node) => node,
        Err(outcome) => return outcome,
    };
    let upgrade_type = operation.upgrade_type(line);
    let update = |(name, level): (&String, &i16)| json!({"feature": name, "maxVersionLevel": level, "upgradeType": upgrade_type});
    let updates: Vec<Value> = levels.iter().map(update).collect();
    let body = json!({"timeoutMs": 60_000, "featureUpdates": updates, "validateOnly": line.has("--dry-run")});
    let sent = asks.request(node.config.id, ApiKey::UpdateFeatures, body);
    match sent {
        Outcome::Sent { command, .. } if line.has("--metadata") => {
            let deprecated = " `metadata` flag is deprecated and may be removed in a future release.";
            Outcome::Sent { before: vec![deprecated.to_owned()], command }
        }
        other => other,
    }
}

/// What is printed when the answer is there.
pub fn answered(line: &Line, response: &UpdateFeaturesResponse) -> ToolOutput {
    let Some(operation) = operation(line) else { return ToolOutput::default() };
    let Ok(levels) = wanted(line, operation) else { return ToolOutput::default() };
    let (name, is_dry) = (operation.name(), line.has("--dry-run"));
    let failure = (!response.error_code.is_none()).then(|| response.error_message.clone().unwrap_or_default());
    let lines = levels.iter().map(|(feature, level)| match (&failure, operation) {
        (Some(why), Operation::Disable) => format!("{} disable {feature}. {why}", could_not(is_dry)),
        (Some(why), _) => format!("{} {name} {feature} to {level}. {why}", could_not(is_dry)),
        (None, Operation::Disable) => format!("{feature} {} disabled.", was(is_dry)),
        (None, _) => format!("{feature} {} {name}d to {level}.", was(is_dry)),
    });
    let stdout = lines.collect();
    let stderr = failure.map(|_| format!("{0} out of {0} operation(s) failed.", levels.len())).into_iter().collect();
    ToolOutput { stdout, stderr }
}

const fn could_not(is_dry: bool) -> &'static str {
    if is_dry { "Can not" } else { "Could not" }
}

const fn was(is_dry: bool) -> &'static str {
    if is_dry { "can be" } else { "was" }
}
