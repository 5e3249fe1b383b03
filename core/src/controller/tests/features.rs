//! Levels of features: every refusal of `FeatureControlManager.updateFeature`, and what ELR writes beside its level.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::controller::cluster_control_manager::ClusterControlManager;
use crate::controller::features::{QuorumFeatures, UpdatedFeatures, update_features};
use crate::controller::heartbeat::Heartbeats;
use crate::controller::registration::register_broker;
use crate::controller::table_orders::TableOrders;
use crate::metadata::image::ControllerRegistration;
use crate::metadata::{MetadataImage, MetadataRecord};
use crate::raft::{KRaftVersionAccessor, VoterSet};
use crate::settings::BrokerSettings;
use crate::wire::feature_levels::supported_features;
use crate::wire::features::{FeatureUpdateKey, UpdateFeaturesRequest};
use crate::wire::metadata::{BrokerRegistrationRequest, SupportedFeature};
use crate::wire::{ErrorCode, Uuid};

const CONTROLLER: i32 = 9_000;
const UPGRADE: i8 = 1;
const SAFE_DOWNGRADE: i8 = 2;
const UNSAFE_DOWNGRADE: i8 = 3;

fn image() -> MetadataImage {
    let levels = [("metadata.version", 30), ("group.version", 1), ("eligible.leader.replicas.version", 0)];
    let features: BTreeMap<String, i16> = levels.map(|(name, level)| (name.to_owned(), level)).into();
    MetadataImage { features, ..MetadataImage::default() }
}

fn update(feature: &str, max_version_level: i16, upgrade_type: i8) -> FeatureUpdateKey {
    FeatureUpdateKey { feature: feature.to_owned(), max_version_level, upgrade_type, ..FeatureUpdateKey::default() }
}

/// What is written, and what is answered in version 2.
fn asked(
    image: &MetadataImage,
    voters: &[i32],
    updates: &[FeatureUpdateKey],
) -> (Vec<MetadataRecord>, ErrorCode, String) {
    let settings = BrokerSettings::default();
    let cluster = ClusterControlManager {
        image,
        settings: &settings,
        orders: &TableOrders::default(),
        node_id: CONTROLLER,
        heartbeats: &Heartbeats::default(),
        static_voters: &VoterSet::default(),
    };
    let request = UpdateFeaturesRequest { feature_updates: updates.to_vec(), ..UpdateFeaturesRequest::default() };
    let quorum = QuorumFeatures { static_voters: voters, kraft_version: KRaftVersionAccessor::of_log(0) };
    let UpdatedFeatures { records, response: answer, .. } = update_features(cluster, quorum, &request, 2);
    assert!(answer.results.is_empty(), "a result for each feature is of version 1");
    (records, answer.error_code, answer.error_message.unwrap_or_default())
}

fn level(name: &str, feature_level: i16) -> MetadataRecord {
    MetadataRecord::FeatureLevelRecord { name: name.to_owned(), feature_level }
}

#[test]
fn of_a_feature_that_is_named_twice_the_last_level_counts() {
    let twice = |first: (i16, i8), last: (i16, i8)| {
        let updates = [first, last].map(|(wanted, how)| update("group.version", wanted, how));
        asked(&image(), &[CONTROLLER], &updates)
    };
    let (records, error, _) = twice((9, UPGRADE), (0, SAFE_DOWNGRADE));
    assert_eq!((records, error), (vec![level("group.version", 0)], ErrorCode::None));
    let (records, error, message) = twice((0, SAFE_DOWNGRADE), (9, UPGRADE));
    assert_eq!((records, error), (Vec::new(), ErrorCode::InvalidUpdateVersion));
    assert!(message.contains("Invalid update version 9 for feature group.version"), "{message}");
}

#[test]
fn what_is_wrong_with_one_level_refuses_all() {
    let refused = |feature: &str, wanted: i16, upgrade_type: i8, why: &str| {
        let updates = [update("group.version", 0, SAFE_DOWNGRADE), update(feature, wanted, upgrade_type)];
        let (records, error, message) = asked(&image(), &[CONTROLLER], &updates);
        let words = format!("The update failed for all features since the following feature had an error: {why}");
        assert_eq!((records, error, message), (Vec::new(), ErrorCode::InvalidUpdateVersion, words));
    };
    let invalid =
        |feature: &str, wanted: i16, why: &str| format!("Invalid update version {wanted} for feature {feature}. {why}");
    let share = "share.version";
    refused(share, 1, 0, &invalid(share, 1, "The controller does not support the given upgrade type."));
    refused(share, -1, UPGRADE, &invalid(share, -1, "A feature version cannot be less than 0."));
    let local = format!("Local controller {CONTROLLER}");
    let only = format!("{local} only supports versions 0-1");
    refused("eligible.leader.replicas.version", 9, UPGRADE, &invalid("eligible.leader.replicas.version", 9, &only));
    let unknown = format!("{local} does not support this feature.");
    refused("unheard.of", 1, UPGRADE, &invalid("unheard.of", 1, &unknown));
    refused(share, 1, SAFE_DOWNGRADE, &invalid(share, 1, "Can't downgrade to a newer version."));
    let without = "Can't downgrade the version of this feature without setting the upgrade type to either safe or unsafe downgrade.";
    refused("metadata.version", 29, UPGRADE, &invalid("metadata.version", 29, without));
    let loses = "Unsupported metadata.version downgrade from 30 to 29. Refusing to perform the requested downgrade because it \
                 might delete metadata information.";
    refused("metadata.version", 29, SAFE_DOWNGRADE, loses);
    let unsafe_ = "Unsupported metadata.version downgrade from 30 to 29. Unsafe metadata downgrade is not supported in this version.";
    refused("metadata.version", 29, UNSAFE_DOWNGRADE, unsafe_);
}

#[test]
fn a_controller_that_nobody_has_heard_of_may_not_support_a_level() {
    let updates = [update("share.version", 1, UPGRADE)];
    let (records, error, message) = asked(&image(), &[CONTROLLER, 9_001], &updates);
    assert_eq!((records, error), (Vec::new(), ErrorCode::InvalidUpdateVersion));
    assert!(message.ends_with("controller 9001 has not registered, and may not support this feature"), "{message}");
}

#[test]
fn a_registered_controller_must_support_a_level_too() {
    let mut image = image();
    let old = SupportedFeature { name: "group.version".to_owned(), min_supported_version: 0, max_supported_version: 1 };
    let registration = ControllerRegistration { features: vec![old], ..ControllerRegistration::default() };
    image.controllers.insert(9_001, Rc::new(registration));
    let (_, error, message) = asked(&image, &[CONTROLLER, 9_001], &[update("share.version", 1, UPGRADE)]);
    assert_eq!(error, ErrorCode::InvalidUpdateVersion);
    assert!(message.ends_with("Controller 9001 does not support this feature."), "{message}");
    let downs = [update("group.version", 0, SAFE_DOWNGRADE)];
    assert_eq!(asked(&image, &[CONTROLLER, 9_001], &downs).0, [level("group.version", 0)]);
}

#[test]
fn levels_rise_and_sink() {
    let ups = [update("share.version", 1, UPGRADE)];
    assert_eq!(asked(&image(), &[CONTROLLER], &ups).0, [level("share.version", 1)]);
    let downs = [update("group.version", 0, UNSAFE_DOWNGRADE)];
    assert_eq!(asked(&image(), &[CONTROLLER], &downs).0, [level("group.version", 0)]);
}

/// `maybeGenerateElrSafetyRecords`: every controller must count with one number of in-sync replicas.
#[test]
fn elr_needs_one_number_of_in_sync_replicas_for_all() {
    let elr = "eligible.leader.replicas.version";
    let mut image = image();
    let of_broker = BTreeMap::from([("min.insync.replicas".to_owned(), "2".to_owned())]);
    image.configs.insert((4, "1".to_owned()), of_broker);
    let set = |name: &str, value: Option<&str>| MetadataRecord::ConfigRecord {
        resource_type: 4,
        resource_name: name.to_owned(),
        name: "min.insync.replicas".to_owned(),
        value: value.map(str::to_owned),
    };
    let (records, error, _) = asked(&image, &[CONTROLLER], &[update(elr, 1, UPGRADE)]);
    assert_eq!((records, error), (vec![set("", Some("1")), set("1", None), level(elr, 1)], ErrorCode::None));
    image.features.insert("metadata.version".to_owned(), 22);
    let (records, error, message) = asked(&image, &[CONTROLLER], &[update(elr, 1, UPGRADE)]);
    assert_eq!((records, error), (Vec::new(), ErrorCode::InvalidUpdateVersion));
    assert!(
        message.ends_with(&format!("{elr} could not be set to 1 because it depends on metadata.version level 23")),
        "{message}"
    );
}

#[test]
fn a_broker_of_a_dynamic_quorum_must_know_how_it_is_told() {
    let settings = BrokerSettings::default();
    let (image, orders, static_voters) = (image(), TableOrders::default(), VoterSet::default());
    let cluster = ClusterControlManager {
        image: &image,
        settings: &settings,
        orders: &orders,
        node_id: CONTROLLER,
        heartbeats: &Heartbeats::default(),
        static_voters: &static_voters,
    };
    let register = |kraft_version: i16, leaves_out: &str| {
        let request = BrokerRegistrationRequest {
            broker_id: 7,
            log_dirs: vec![Uuid(7_000)],
            features: supported_features().filter(|feature| feature.name != leaves_out).collect(),
            ..BrokerRegistrationRequest::default()
        };
        let registered = register_broker(cluster, &Heartbeats::default(), "", &request, (9, kraft_version), 0);
        registered.map_or_else(|error| error.code, |_| ErrorCode::None)
    };
    assert_eq!(register(0, "kraft.version"), ErrorCode::None);
    assert_eq!(register(1, ""), ErrorCode::None);
    assert_eq!(register(1, "kraft.version"), ErrorCode::UnsupportedVersion);
}

#[test]
fn a_range_of_one_level_is_told_as_that_level() {
    let told = |min: i16, max: i16| {
        let mut image = image();
        let group_version = SupportedFeature {
            name: "group.version".to_owned(),
            min_supported_version: min,
            max_supported_version: max,
        };
        let controller = ControllerRegistration { features: vec![group_version], ..ControllerRegistration::default() };
        image.controllers.insert(7, Rc::new(controller));
        asked(&image, &[CONTROLLER], &[update("group.version", 0, SAFE_DOWNGRADE)]).2
    };
    for (max, words) in [(1, "only supports versions 1"), (2, "only supports versions 1-2"), (i16::MAX, "versions 1+")]
    {
        let told = told(1, max);
        assert!(told.ends_with(words), "{told}");
    }
}
