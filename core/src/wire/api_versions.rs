//! Which requests Kafka 4.3.1 serves, in which versions and at which listeners (`ApiKeys`, the `validVersions` and
//! `listeners` of its message definitions). This is the only table of versions: what ApiVersions answers, what a node
//! accepts and what this cluster's own nodes and clients send all come from it.

use super::ErrorCode;
use super::api::ApiKey;
use super::feature_levels::{FinalizedFeatures, supported_features};
use super::metadata::{ApiVersion, ApiVersionsRequest, ApiVersionsResponse, FinalizedFeatureKey, SupportedFeatureKey};
use crate::actor::Listener;

/// A row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServedApi {
    /// The request's key.
    pub key: i16,
    /// Its name.
    pub name: &'static str,
    /// The oldest version that is understood.
    pub min: i16,
    /// The newest stable version.
    pub max: i16,
    listeners: Listeners,
}

/// At which kinds of listener a request is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Listeners {
    broker: bool,
    controller: bool,
}

const BROKER: Listeners = Listeners { broker: true, controller: false };
const CONTROLLER: Listeners = Listeners { broker: false, controller: true };
const BOTH: Listeners = Listeners { broker: true, controller: true };

const fn row(key: i16, name: &'static str, min: i16, max: i16, listeners: Listeners) -> ServedApi {
    ServedApi { key, name, min, max, listeners }
}

/// All of them, by key. Versions that are still being made (`latestVersionUnstable`) are not served.
const SERVED: &[ServedApi] = &[
    row(0, "Produce", 3, 13, BROKER),
    row(1, "Fetch", 4, 18, BOTH),
    row(2, "ListOffsets", 1, 11, BROKER),
    row(3, "Metadata", 0, 13, BROKER),
    row(8, "OffsetCommit", 2, 10, BROKER),
    row(9, "OffsetFetch", 1, 10, BROKER),
    row(10, "FindCoordinator", 0, 6, BROKER),
    row(11, "JoinGroup", 0, 9, BROKER),
    row(12, "Heartbeat", 0, 4, BROKER),
    row(13, "LeaveGroup", 0, 5, BROKER),
    row(14, "SyncGroup", 0, 5, BROKER),
    row(15, "DescribeGroups", 0, 6, BROKER),
    row(16, "ListGroups", 0, 5, BROKER),
    row(17, "SaslHandshake", 0, 1, BOTH),
    row(18, "ApiVersions", 0, 4, BOTH),
    row(19, "CreateTopics", 2, 7, BOTH),
    row(20, "DeleteTopics", 1, 6, BOTH),
    row(21, "DeleteRecords", 0, 2, BROKER),
    row(22, "InitProducerId", 0, 5, BROKER),
    row(23, "OffsetForLeaderEpoch", 2, 4, BROKER),
    row(24, "AddPartitionsToTxn", 0, 5, BROKER),
    row(25, "AddOffsetsToTxn", 0, 4, BROKER),
    row(26, "EndTxn", 0, 5, BROKER),
    row(27, "WriteTxnMarkers", 1, 2, BROKER),
    row(28, "TxnOffsetCommit", 0, 5, BROKER),
    row(29, "DescribeAcls", 1, 3, BOTH),
    row(30, "CreateAcls", 1, 3, BOTH),
    row(31, "DeleteAcls", 1, 3, BOTH),
    row(32, "DescribeConfigs", 1, 4, BOTH),
    row(33, "AlterConfigs", 0, 2, BOTH),
    row(34, "AlterReplicaLogDirs", 1, 2, BROKER),
    row(35, "DescribeLogDirs", 1, 5, BROKER),
    row(36, "SaslAuthenticate", 0, 2, BOTH),
    row(37, "CreatePartitions", 0, 3, BOTH),
    row(38, "CreateDelegationToken", 1, 3, BOTH),
    row(39, "RenewDelegationToken", 1, 2, BOTH),
    row(40, "ExpireDelegationToken", 1, 2, BOTH),
    row(41, "DescribeDelegationToken", 1, 3, BOTH),
    row(42, "DeleteGroups", 0, 2, BROKER),
    row(43, "ElectLeaders", 0, 2, BOTH),
    row(44, "IncrementalAlterConfigs", 0, 1, BOTH),
    row(45, "AlterPartitionReassignments", 0, 1, BOTH),
    row(46, "ListPartitionReassignments", 0, 0, BOTH),
    row(47, "OffsetDelete", 0, 0, BROKER),
    row(48, "DescribeClientQuotas", 0, 1, BROKER),
    row(49, "AlterClientQuotas", 0, 1, BOTH),
    row(50, "DescribeUserScramCredentials", 0, 0, BOTH),
    row(51, "AlterUserScramCredentials", 0, 0, BOTH),
    row(52, "Vote", 0, 2, CONTROLLER),
    row(53, "BeginQuorumEpoch", 0, 1, CONTROLLER),
    row(54, "EndQuorumEpoch", 0, 1, CONTROLLER),
    row(55, "DescribeQuorum", 0, 2, BOTH),
    row(56, "AlterPartition", 2, 3, CONTROLLER),
    row(57, "UpdateFeatures", 0, 2, BOTH),
    row(58, "Envelope", 0, 0, CONTROLLER),
    row(59, "FetchSnapshot", 0, 1, CONTROLLER),
    row(60, "DescribeCluster", 0, 2, BOTH),
    row(61, "DescribeProducers", 0, 0, BROKER),
    row(62, "BrokerRegistration", 0, 4, CONTROLLER),
    row(63, "BrokerHeartbeat", 0, 2, CONTROLLER),
    row(64, "UnregisterBroker", 0, 0, BOTH),
    row(65, "DescribeTransactions", 0, 0, BROKER),
    row(66, "ListTransactions", 0, 2, BROKER),
    row(67, "AllocateProducerIds", 0, 0, CONTROLLER),
    row(68, "ConsumerGroupHeartbeat", 0, 1, BROKER),
    row(69, "ConsumerGroupDescribe", 0, 1, BROKER),
    row(70, "ControllerRegistration", 0, 0, CONTROLLER),
    row(71, "GetTelemetrySubscriptions", 0, 0, BROKER),
    row(72, "PushTelemetry", 0, 0, BROKER),
    row(73, "AssignReplicasToDirs", 0, 0, CONTROLLER),
    row(74, "ListConfigResources", 0, 1, BROKER),
    row(75, "DescribeTopicPartitions", 0, 0, BROKER),
    row(76, "ShareGroupHeartbeat", 1, 1, BROKER),
    row(77, "ShareGroupDescribe", 1, 1, BROKER),
    row(78, "ShareFetch", 1, 2, BROKER),
    row(79, "ShareAcknowledge", 1, 2, BROKER),
    row(80, "AddRaftVoter", 0, 1, BOTH),
    row(81, "RemoveRaftVoter", 0, 0, BOTH),
    row(82, "UpdateRaftVoter", 0, 0, CONTROLLER),
    row(83, "InitializeShareGroupState", 0, 0, BROKER),
    row(84, "ReadShareGroupState", 0, 0, BROKER),
    row(85, "WriteShareGroupState", 0, 1, BROKER),
    row(86, "DeleteShareGroupState", 0, 0, BROKER),
    row(87, "ReadShareGroupStateSummary", 0, 1, BROKER),
    row(88, "StreamsGroupHeartbeat", 0, 0, BROKER),
    row(89, "StreamsGroupDescribe", 0, 0, BROKER),
    row(90, "DescribeShareGroupOffsets", 0, 1, BROKER),
    row(91, "AlterShareGroupOffsets", 0, 0, BROKER),
    row(92, "DeleteShareGroupOffsets", 0, 0, BROKER),
];

/// The first flexible version of the APIs that are read from bytes.
const FIRST_FLEXIBLE: [(ApiKey, i16); 2] = [(ApiKey::Metadata, 9), (ApiKey::ApiVersions, 3)];

/// Textbook Raft's message is none of Kafka's: it stands apart, so that no list has it and no listener serves it. Its one version is 0.
const APPEND_ENTRIES: &ServedApi = &row(10_000, "AppendEntries", 0, 0, Listeners { broker: false, controller: false });

/// Requests about client telemetry (KIP-714) are listed only where a telemetry exporter is configured; here is none.
const TELEMETRY: [i16; 2] = [71, 72];
/// What ApiVersions tells as the oldest version of Produce, though versions 0 to 2 are refused: librdkafka looked at it to
/// find out whether the broker knows compressed batches (KAFKA-18659, `PRODUCE_API_VERSIONS_RESPONSE_MIN_VERSION`).
const PRODUCE_MIN_LISTED: i16 = 0;

impl ServedApi {
    /// The oldest version that ApiVersions tells.
    pub fn min_listed(&self) -> i16 {
        if self.key == ApiKey::Produce.key() { PRODUCE_MIN_LISTED } else { self.min }
    }

    /// Whether a listener understands a version of it.
    pub fn takes(&self, version: i16, listener: Listener) -> bool {
        self.is_served_at(listener) && (self.min..=self.max).contains(&version)
    }

    fn is_served_at(&self, listener: Listener) -> bool {
        match listener {
            Listener::Broker => self.listeners.broker,
            Listener::Controller => self.listeners.controller,
        }
    }
}

/// What ApiVersions lists at a listener, by key.
pub fn listed(listener: Listener) -> impl Iterator<Item = &'static ServedApi> {
    SERVED.iter().filter(move |api| api.is_served_at(listener) && !TELEMETRY.contains(&api.key))
}

/// Whether a listener understands a request of this version. It closes the connection on any other.
pub fn is_served(api: ApiKey, version: i16, listener: Listener) -> bool {
    served(api).takes(version, listener)
}

/// The row of a key, if there is such an API.
pub fn served_by_key(key: i16) -> Option<&'static ServedApi> {
    SERVED.binary_search_by_key(&key, |row| row.key).ok().map(|at| &SERVED[at])
}

/// Whether a version is flexible (KIP-482), of those APIs that are read from bytes.
pub fn is_flexible(key: i16, version: i16) -> Option<bool> {
    let first = FIRST_FLEXIBLE.iter().find(|(api, _)| api.key() == key)?.1;
    Some(version >= first)
}

/// An API's row.
fn served(api: ApiKey) -> &'static ServedApi {
    if api == ApiKey::AppendEntries {
        return APPEND_ENTRIES;
    }
    let at = SERVED.binary_search_by_key(&api.key(), |row| row.key);
    // A test holds that every key of the engine has its row.
    at.map_or(&SERVED[0], |at| &SERVED[at])
}

impl ApiKey {
    /// The newest version that Kafka serves.
    pub fn latest_version(self) -> i16 {
        served(self).max
    }

    /// The version in which this cluster's own nodes and clients send the request: the newest one, unless that one says
    /// something that they do not: a follower's high watermark in a fetch, offsets by topic id, cordoned directories,
    /// tiered storage.
    pub fn version(self) -> i16 {
        match self {
            Self::Fetch => 17,
            Self::ListOffsets => 7,
            Self::OffsetCommit | Self::OffsetFetch => 9,
            Self::BrokerHeartbeat => 1,
            _ => self.latest_version(),
        }
    }
}

/// From this version on an answer tells features.
const FIRST_VERSION_WITH_FEATURES: i16 = 3;
/// From this version on it tells features too that may be at level 0 (KAFKA-17492).
const FIRST_VERSION_WITH_LEVEL_ZERO: i16 = 4;

/// Answers ApiVersions (`KafkaApis.handleApiVersionsRequest`). A version that is not served is refused in the layout of
/// version 0, with ApiVersions itself as the only request listed, so that the client can ask again.
pub fn answer(
    request: &ApiVersionsRequest,
    version: i16,
    listener: Listener,
    features: FinalizedFeatures<'_>,
) -> ApiVersionsResponse {
    if !is_served(ApiKey::ApiVersions, version, listener) {
        let only = listed(listener).filter(|api| api.key == ApiKey::ApiVersions.key());
        return ApiVersionsResponse {
            error_code: ErrorCode::UnsupportedVersion,
            api_keys: only.map(api_version).collect(),
            ..ApiVersionsResponse::default()
        };
    }
    let tells_features = version >= FIRST_VERSION_WITH_FEATURES;
    let is_named =
        is_software_name(&request.client_software_name) && is_software_name(&request.client_software_version);
    if tells_features && !is_named {
        return ApiVersionsResponse { error_code: ErrorCode::InvalidRequest, ..ApiVersionsResponse::default() };
    }
    let mut response =
        ApiVersionsResponse { api_keys: listed(listener).map(api_version).collect(), ..Default::default() };
    if tells_features {
        let supported = supported_features()
            .filter(|feature| version >= FIRST_VERSION_WITH_LEVEL_ZERO || feature.min_supported_version > 0);
        response.supported_features = supported
            .map(|feature| SupportedFeatureKey {
                name: feature.name,
                min_version: feature.min_supported_version,
                max_version: feature.max_supported_version,
            })
            .collect();
        response.finalized_features_epoch = features.epoch;
        response.finalized_features = features
            .finalized()
            .map(|(name, level)| FinalizedFeatureKey {
                name: name.to_owned(),
                max_version_level: level,
                min_version_level: level,
            })
            .collect();
    }
    response
}

fn api_version(api: &ServedApi) -> ApiVersion {
    ApiVersion { api_key: api.key, min_version: api.min_listed(), max_version: api.max }
}

/// Whether a client may call itself or its version so (`ApiVersionsRequest.SOFTWARE_NAME_VERSION_PATTERN`, KIP-511).
fn is_software_name(text: &str) -> bool {
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric();
    let bytes = text.as_bytes();
    bytes.first().is_some_and(is_word)
        && bytes.last().is_some_and(is_word)
        && bytes.iter().all(|byte| is_word(byte) || matches!(byte, b'-' | b'.'))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use strum::VariantArray;

    use super::*;

    #[test]
    fn every_request_of_the_engine_has_its_row_and_is_sent_in_a_served_version() {
        assert!(SERVED.is_sorted_by_key(|row| row.key));
        for api in ApiKey::VARIANTS {
            assert_eq!(served(*api).name, api.name());
            assert!((served(*api).min..=served(*api).max).contains(&api.version()), "{}", api.name());
        }
    }

    #[test]
    fn what_is_none_of_kafkas_is_neither_listed_nor_served() {
        for listener in [Listener::Broker, Listener::Controller] {
            assert!(listed(listener).all(|api| api.key != ApiKey::AppendEntries.key()));
            assert!(!is_served(ApiKey::AppendEntries, 0, listener));
        }
        assert!(SERVED.iter().all(|api| api.key < ApiKey::AppendEntries.key()));
    }

    #[test]
    fn a_listener_serves_its_own_requests_in_their_versions() {
        assert_eq!((listed(Listener::Broker).count(), listed(Listener::Controller).count()), (75, 41));
        assert!(is_served(ApiKey::Produce, 3, Listener::Broker) && !is_served(ApiKey::Produce, 2, Listener::Broker));
        assert!(!is_served(ApiKey::Produce, 9, Listener::Controller));
        assert!(is_served(ApiKey::AlterPartition, 3, Listener::Controller));
        assert!(!is_served(ApiKey::AlterPartition, 3, Listener::Broker));
        assert!(
            !is_served(ApiKey::Metadata, 14, Listener::Broker) && !is_served(ApiKey::Metadata, -1, Listener::Broker)
        );
    }

    fn asked(version: i16, name: &str) -> ApiVersionsResponse {
        let request = ApiVersionsRequest {
            client_software_name: name.to_owned(),
            client_software_version: "1.0-SNAPSHOT".to_owned(),
        };
        let levels = BTreeMap::from([("metadata.version".to_owned(), 30), ("group.version".to_owned(), 1)]);
        answer(&request, version, Listener::Broker, FinalizedFeatures { levels: &levels, kraft_version: 0, epoch: 19 })
    }

    #[test]
    fn each_version_tells_what_its_readers_bear() {
        let counts = |version| {
            let response = asked(version, "probe");
            let features = (response.supported_features.len(), response.finalized_features.len());
            (response.api_keys.len(), features, response.finalized_features_epoch)
        };
        assert_eq!(counts(2), (75, (0, 0), -1));
        assert_eq!(counts(3), (75, (1, 2), 19), "what may be at level 0 is not told");
        assert_eq!(counts(4), (75, (7, 2), 19));
        let order = asked(4, "probe").finalized_features.iter().map(|each| each.name.clone()).collect::<Vec<_>>();
        assert_eq!(order, ["group.version", "metadata.version"]);
        assert_eq!(asked(4, "probe").api_keys[0], ApiVersion { api_key: 0, min_version: 0, max_version: 13 });
    }

    #[test]
    fn a_client_must_have_a_name_and_a_version_that_is_served() {
        for name in ["bad name!", "", "-a", "a-", "a_b", "."] {
            let refused = asked(3, name);
            assert_eq!((refused.error_code, refused.api_keys.len()), (ErrorCode::InvalidRequest, 0), "{name}");
        }
        assert!(asked(2, "").error_code.is_none() && asked(3, "a.b-c").error_code.is_none());
        let refused = asked(5, "probe");
        assert_eq!(refused.error_code, ErrorCode::UnsupportedVersion);
        assert_eq!(refused.api_keys, [ApiVersion { api_key: 18, min_version: 0, max_version: 4 }]);
    }
}
