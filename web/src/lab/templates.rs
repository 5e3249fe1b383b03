//! Bodies of requests to begin from, with Kafka's own field names. Fields that are left out have the protocol's defaults.

use crate::engine::ApiKey;

/// The requests that a person may write by hand.
pub const ALL: [ApiKey; 14] = [
    ApiKey::Metadata,
    ApiKey::Fetch,
    ApiKey::Produce,
    ApiKey::ListOffsets,
    ApiKey::OffsetForLeaderEpoch,
    ApiKey::FindCoordinator,
    ApiKey::JoinGroup,
    ApiKey::Heartbeat,
    ApiKey::OffsetCommit,
    ApiKey::OffsetFetch,
    ApiKey::DescribeCluster,
    ApiKey::CreateTopics,
    ApiKey::DeleteTopics,
    ApiKey::AlterPartition,
];

/// A body to begin from.
pub fn of(api: ApiKey) -> &'static str {
    match api {
        ApiKey::Metadata => r#"{"topics": [{"name": "orders"}]}"#,
        ApiKey::Fetch => {
            r#"{"maxWaitMs": 500, "minBytes": 1, "topics": [{"topicId": "AAAAAAAAAAAAAAAAAAAAAA",
                "partitions": [{"partition": 0, "fetchOffset": 0, "currentLeaderEpoch": -1}]}]}"#
        }
        ApiKey::Produce => {
            r#"{"acks": -1, "timeoutMs": 30000, "topicData": [{"name": "orders", "topicId": "AAAAAAAAAAAAAAAAAAAAAA",
                "partitionData": [{"index": 0, "records": {"records": [{"key": "K1", "value": "by hand"}]}}]}]}"#
        }
        ApiKey::ListOffsets => {
            r#"{"replicaId": -1, "topics": [{"name": "orders", "partitions": [{"partitionIndex": 0, "timestamp": -1}]}]}"#
        }
        ApiKey::OffsetForLeaderEpoch => {
            r#"{"topics": [{"topic": "orders", "partitions": [{"partition": 0, "leaderEpoch": 0}]}]}"#
        }
        ApiKey::FindCoordinator => r#"{"keyType": 0, "coordinatorKeys": ["readers"]}"#,
        ApiKey::JoinGroup => {
            r#"{"groupId": "readers", "memberId": "", "protocols": [{"name": "range", "metadata": {"topics": ["orders"]}}]}"#
        }
        ApiKey::Heartbeat => r#"{"groupId": "readers", "generationId": 1, "memberId": ""}"#,
        ApiKey::OffsetCommit => {
            r#"{"groupId": "readers", "generationIdOrMemberEpoch": -1, "topics": [{"name": "orders",
                "partitions": [{"partitionIndex": 0, "committedOffset": 0}]}]}"#
        }
        ApiKey::OffsetFetch => r#"{"groups": [{"groupId": "readers", "topics": null}]}"#,
        ApiKey::DescribeCluster => r#"{"includeFencedBrokers": true}"#,
        ApiKey::CreateTopics => r#"{"topics": [{"name": "payments", "numPartitions": 2, "replicationFactor": 3}]}"#,
        ApiKey::DeleteTopics => r#"{"topics": [{"name": "payments"}]}"#,
        ApiKey::AlterPartition => {
            r#"{"brokerId": 1, "brokerEpoch": -1, "topics": [{"topicId": "AAAAAAAAAAAAAAAAAAAAAA", "partitions": [
                {"partitionIndex": 0, "leaderEpoch": 0, "partitionEpoch": 0, "newIsrWithEpochs": [{"brokerId": 1}]}]}]}"#
        }
        _ => "{}",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kafkascope_core::wire::Request;

    #[test]
    fn every_template_is_a_request() {
        for api in ALL {
            let body = serde_json::from_str(of(api)).expect("a template is JSON");
            if let Err(error) = Request::from_json(api, &body) {
                panic!("{api:?}: {error}");
            }
        }
    }
}
