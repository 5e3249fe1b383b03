//! Levels of features: UpdateFeatures (KIP-584).

use super::ErrorCode;
use super::message::message;

message! {
    /// `UpdateFeaturesRequest`.
    pub struct UpdateFeaturesRequest {
        /// How long the controller may take, in milliseconds.
        pub timeout_ms: i32 = 60_000,
        /// The features.
        pub feature_updates: Vec<FeatureUpdateKey> = Vec::new(),
        /// Only check.
        pub validate_only: bool = false,
    }
    /// One feature.
    pub struct FeatureUpdateKey {
        /// Its name.
        pub feature: String = String::new(),
        /// The level that it shall have; 0 switches it off.
        pub max_version_level: i16 = 0,
        /// In version 0: whether the level may sink. KRaft does not look at it.
        pub allow_downgrade: bool = false,
        /// 1 the level may only rise, 2 it may sink where nothing is lost, 3 it may sink in any case.
        pub upgrade_type: i8 = 1,
    }
    /// `UpdateFeaturesResponse`.
    pub struct UpdateFeaturesResponse {
        /// How long the client is asked to pause, in milliseconds.
        pub throttle_time_ms: i32 = 0,
        /// What went wrong: then no level changed.
        pub error_code: ErrorCode = ErrorCode::None,
        /// In words.
        pub error_message: Option<String> = None,
        /// One result a feature, up to version 1.
        pub results: Vec<UpdatableFeatureResult> = Vec::new(),
    }
    /// What came of one feature.
    pub struct UpdatableFeatureResult {
        /// Its name.
        pub feature: String = String::new(),
        /// What went wrong, if anything.
        pub error_code: ErrorCode = ErrorCode::None,
        /// In words.
        pub error_message: Option<String> = None,
    }
}
