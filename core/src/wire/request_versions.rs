//! Gives a request that a person wrote the form of the version in which it is sent, as a client's generated `write` does.
//!
//! A field that the version does not have is not written: its reader finds the default there. Where a field is not `ignorable` and says
//! more than its default, the request cannot be sent in that version at all (`UnsupportedVersionException`).
//!
//! Which version has which field is told by the protocol's JSON definitions. Only versions that Kafka 4 still takes count.

use serde_json::Value;

use super::api::ApiKey;
use super::codec::{MessageError, MessageProblem};

/// A field that not every version of its request has. What lies within it goes with it.
struct VersionedField {
    api: ApiKey,
    path: &'static [&'static str],
    first_version: i16,
    /// The newest that has it; [`NEWEST`] where it was not taken out again.
    last_version: i16,
    in_others: InOthers,
}

/// What becomes of a field's value in a version without it.
#[derive(Clone, Copy)]
enum InOthers {
    /// `ignorable`: it is left out.
    Ignored,
    /// Only a value that says nothing is left out.
    MustBe(DefaultValue),
}

/// What a field says by itself.
#[derive(Clone, Copy)]
enum DefaultValue {
    Null,
    Bool(bool),
    Number(i64),
    /// An empty text or list.
    Empty,
    /// A structure of which every field is -1.
    NoReplica,
}

impl DefaultValue {
    fn is(self, value: &Value) -> bool {
        match (self, value) {
            (Self::Null, Value::Null) => true,
            (Self::Bool(default), Value::Bool(value)) => default == *value,
            (Self::Number(default), Value::Number(value)) => value.as_i64() == Some(default),
            (Self::Empty, Value::String(text)) => text.is_empty(),
            (Self::Empty, Value::Array(elements)) => elements.is_empty(),
            (Self::NoReplica, Value::Object(fields)) => fields.values().all(|field| field.as_i64() == Some(-1)),
            _ => false,
        }
    }
}

/// A field that was never taken out again.
const NEWEST: i16 = i16::MAX;

const FALSE: InOthers = InOthers::MustBe(DefaultValue::Bool(false));
const TRUE: InOthers = InOthers::MustBe(DefaultValue::Bool(true));
const NULL: InOthers = InOthers::MustBe(DefaultValue::Null);
const EMPTY: InOthers = InOthers::MustBe(DefaultValue::Empty);
const ZERO: InOthers = InOthers::MustBe(DefaultValue::Number(0));
const ONE: InOthers = InOthers::MustBe(DefaultValue::Number(1));
const NONE: InOthers = InOthers::MustBe(DefaultValue::Number(-1));
const NO_REPLICA: InOthers = InOthers::MustBe(DefaultValue::NoReplica);
const IGNORED: InOthers = InOthers::Ignored;

const fn since(first_version: i16, api: ApiKey, path: &'static [&'static str], in_others: InOthers) -> VersionedField {
    VersionedField { api, path, first_version, last_version: NEWEST, in_others }
}

const fn until(last_version: i16, api: ApiKey, path: &'static [&'static str], in_others: InOthers) -> VersionedField {
    VersionedField { api, path, first_version: 0, last_version, in_others }
}

/// All of them, by request.
const VERSIONED_FIELDS: &[VersionedField] = {
    use ApiKey::*;
    &[
        since(4, AddPartitionsToTxn, &["transactions"], EMPTY),
        until(3, AddPartitionsToTxn, &["v3AndBelowTransactionalId"], EMPTY),
        until(3, AddPartitionsToTxn, &["v3AndBelowProducerId"], ZERO),
        until(3, AddPartitionsToTxn, &["v3AndBelowProducerEpoch"], ZERO),
        until(3, AddPartitionsToTxn, &["v3AndBelowTopics"], EMPTY),
        since(1, AddRaftVoter, &["ackWhenCommitted"], TRUE),
        until(2, AlterPartition, &["topics", "partitions", "newIsr"], EMPTY),
        since(3, AlterPartition, &["topics", "partitions", "newIsrWithEpochs"], EMPTY),
        since(1, AlterPartitionReassignments, &["allowReplicationFactorChange"], TRUE),
        since(3, ApiVersions, &["clientSoftwareName"], IGNORED),
        since(3, ApiVersions, &["clientSoftwareVersion"], IGNORED),
        since(1, BeginQuorumEpoch, &["voterId"], IGNORED),
        since(1, BeginQuorumEpoch, &["topics", "partitions", "voterDirectoryId"], IGNORED),
        since(1, BeginQuorumEpoch, &["leaderEndpoints"], IGNORED),
        since(1, BrokerHeartbeat, &["offlineLogDirs"], EMPTY),
        since(2, BrokerHeartbeat, &["cordonedLogDirs"], NULL),
        since(1, BrokerRegistration, &["isMigratingZkBroker"], FALSE),
        since(2, BrokerRegistration, &["logDirs"], IGNORED),
        since(3, BrokerRegistration, &["previousBrokerEpoch"], IGNORED),
        since(1, ConsumerGroupHeartbeat, &["subscribedTopicRegex"], NULL),
        since(6, DeleteTopics, &["topics"], EMPTY),
        until(5, DeleteTopics, &["topicNames"], IGNORED),
        since(1, DescribeCluster, &["endpointType"], ONE),
        since(2, DescribeCluster, &["includeFencedBrokers"], FALSE),
        since(3, DescribeConfigs, &["includeDocumentation"], FALSE),
        since(3, DescribeGroups, &["includeAuthorizedOperations"], FALSE),
        since(1, ElectLeaders, &["electionType"], ZERO),
        until(0, EndQuorumEpoch, &["topics", "partitions", "preferredSuccessors"], IGNORED),
        since(1, EndQuorumEpoch, &["topics", "partitions", "preferredCandidates"], IGNORED),
        since(1, EndQuorumEpoch, &["leaderEndpoints"], IGNORED),
        since(12, Fetch, &["clusterId"], IGNORED),
        until(14, Fetch, &["replicaId"], NONE),
        since(15, Fetch, &["replicaState"], NO_REPLICA),
        since(7, Fetch, &["sessionId"], IGNORED),
        since(7, Fetch, &["sessionEpoch"], IGNORED),
        until(12, Fetch, &["topics", "topic"], IGNORED),
        since(13, Fetch, &["topics", "topicId"], IGNORED),
        since(9, Fetch, &["topics", "partitions", "currentLeaderEpoch"], IGNORED),
        since(12, Fetch, &["topics", "partitions", "lastFetchedEpoch"], NONE),
        since(5, Fetch, &["topics", "partitions", "logStartOffset"], IGNORED),
        since(17, Fetch, &["topics", "partitions", "replicaDirectoryId"], IGNORED),
        since(18, Fetch, &["topics", "partitions", "highWatermark"], IGNORED),
        since(7, Fetch, &["forgottenTopicsData"], EMPTY),
        until(12, Fetch, &["forgottenTopicsData", "topic"], IGNORED),
        since(13, Fetch, &["forgottenTopicsData", "topicId"], IGNORED),
        since(11, Fetch, &["rackId"], IGNORED),
        since(1, FetchSnapshot, &["topics", "partitions", "replicaDirectoryId"], IGNORED),
        until(3, FindCoordinator, &["key"], EMPTY),
        since(1, FindCoordinator, &["keyType"], ZERO),
        since(4, FindCoordinator, &["coordinatorKeys"], EMPTY),
        since(3, Heartbeat, &["groupInstanceId"], NULL),
        since(3, InitProducerId, &["producerId"], NONE),
        since(3, InitProducerId, &["producerEpoch"], NONE),
        since(6, InitProducerId, &["enable2Pc"], FALSE),
        since(6, InitProducerId, &["keepPreparedTxn"], FALSE),
        since(1, JoinGroup, &["rebalanceTimeoutMs"], IGNORED),
        since(5, JoinGroup, &["groupInstanceId"], NULL),
        since(8, JoinGroup, &["reason"], IGNORED),
        until(2, LeaveGroup, &["memberId"], EMPTY),
        since(3, LeaveGroup, &["members"], EMPTY),
        since(5, LeaveGroup, &["members", "reason"], IGNORED),
        since(1, ListConfigResources, &["resourceTypes"], EMPTY),
        since(4, ListGroups, &["statesFilter"], EMPTY),
        since(5, ListGroups, &["typesFilter"], EMPTY),
        since(2, ListOffsets, &["isolationLevel"], ZERO),
        since(4, ListOffsets, &["topics", "partitions", "currentLeaderEpoch"], IGNORED),
        since(10, ListOffsets, &["timeoutMs"], IGNORED),
        since(1, ListTransactions, &["durationFilter"], NONE),
        since(2, ListTransactions, &["transactionalIdPattern"], NULL),
        since(10, Metadata, &["topics", "topicId"], IGNORED),
        since(4, Metadata, &["allowAutoTopicCreation"], TRUE),
        since(8, Metadata, &["includeClusterAuthorizedOperations"], FALSE),
        until(10, Metadata, &["includeClusterAuthorizedOperations"], FALSE),
        since(8, Metadata, &["includeTopicAuthorizedOperations"], FALSE),
        since(7, OffsetCommit, &["groupInstanceId"], NULL),
        until(4, OffsetCommit, &["retentionTimeMs"], IGNORED),
        until(9, OffsetCommit, &["topics", "name"], IGNORED),
        since(10, OffsetCommit, &["topics", "topicId"], IGNORED),
        since(6, OffsetCommit, &["topics", "partitions", "committedLeaderEpoch"], IGNORED),
        until(7, OffsetFetch, &["groupId"], EMPTY),
        until(7, OffsetFetch, &["topics"], EMPTY),
        since(8, OffsetFetch, &["groups"], EMPTY),
        since(9, OffsetFetch, &["groups", "memberId"], IGNORED),
        since(9, OffsetFetch, &["groups", "memberEpoch"], IGNORED),
        until(9, OffsetFetch, &["groups", "topics", "name"], IGNORED),
        since(10, OffsetFetch, &["groups", "topics", "topicId"], IGNORED),
        since(7, OffsetFetch, &["requireStable"], FALSE),
        since(3, OffsetForLeaderEpoch, &["replicaId"], IGNORED),
        until(12, Produce, &["topicData", "name"], IGNORED),
        since(13, Produce, &["topicData", "topicId"], IGNORED),
        since(3, SyncGroup, &["groupInstanceId"], NULL),
        since(5, SyncGroup, &["protocolType"], IGNORED),
        since(5, SyncGroup, &["protocolName"], IGNORED),
        since(3, TxnOffsetCommit, &["generationId"], NONE),
        since(3, TxnOffsetCommit, &["memberId"], EMPTY),
        since(3, TxnOffsetCommit, &["groupInstanceId"], NULL),
        since(2, TxnOffsetCommit, &["topics", "partitions", "committedLeaderEpoch"], IGNORED),
        until(0, UpdateFeatures, &["featureUpdates", "allowDowngrade"], FALSE),
        since(1, UpdateFeatures, &["featureUpdates", "upgradeType"], ONE),
        since(1, UpdateFeatures, &["validateOnly"], FALSE),
        since(1, Vote, &["voterId"], IGNORED),
        since(1, Vote, &["topics", "partitions", "replicaDirectoryId"], IGNORED),
        since(1, Vote, &["topics", "partitions", "voterDirectoryId"], IGNORED),
        since(2, Vote, &["topics", "partitions", "preVote"], FALSE),
        since(2, WriteTxnMarkers, &["markers", "transactionVersion"], IGNORED),
    ]
};

/// Takes out of a request's body what a version does not have.
///
/// # Errors
///
/// If a field that the version does not have says something that no client drops without a word; where it stands.
pub fn restrict_to_version(api: ApiKey, version: i16, body: &mut Value) -> Result<(), MessageError> {
    let is_missing =
        |field: &&VersionedField| field.api == api && !(field.first_version..=field.last_version).contains(&version);
    VERSIONED_FIELDS
        .iter()
        .filter(is_missing)
        .try_for_each(|field| take_out(field.path, field.in_others, version, body))
}

/// Takes a field out wherever it stands.
fn take_out(path: &[&str], in_others: InOthers, version: i16, value: &mut Value) -> Result<(), MessageError> {
    match (path, value) {
        (_, Value::Array(elements)) => elements.iter_mut().enumerate().try_for_each(|(index, each)| {
            take_out(path, in_others, version, each).map_err(|error| error.in_item(index))
        }),
        ([field], Value::Object(fields)) => match (in_others, fields.get(*field)) {
            (InOthers::MustBe(default), Some(value)) if !default.is(value) => {
                Err(MessageError::here(MessageProblem::NotInVersion { field: (*field).to_owned(), version }))
            }
            _ => {
                fields.shift_remove(*field);
                Ok(())
            }
        },
        ([field, rest @ ..], Value::Object(fields)) => match fields.get_mut(*field) {
            Some(inner) => take_out(rest, in_others, version, inner).map_err(|error| error.in_field(field)),
            None => Ok(()),
        },
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn restricted(api: ApiKey, version: i16, body: &Value) -> Result<Value, (String, MessageProblem)> {
        let mut body = body.clone();
        restrict_to_version(api, version, &mut body).map_err(|error| (error.at, error.problem))?;
        Ok(body)
    }

    #[test]
    fn a_field_that_may_be_ignored_is_left_out_wherever_it_stands() {
        let body = |partition: Value| json!({"topics": [{"name": "t", "partitions": [partition.clone(), partition]}]});
        let whole = body(json!({"partitionIndex": 0, "committedLeaderEpoch": 3}));
        let restricted_to = |version| restricted(ApiKey::OffsetCommit, version, &whole);
        assert_eq!(restricted_to(5), Ok(body(json!({"partitionIndex": 0}))));
        assert_eq!(restricted_to(6), Ok(whole.clone()));
        assert_eq!(restricted_to(10).map(|body| body.pointer("/topics/0/name").cloned()), Ok(None));
    }

    #[test]
    fn a_field_that_may_not_be_ignored_is_left_out_only_where_it_says_nothing() {
        let of = |instance: Value| json!({"groupId": "g", "groupInstanceId": instance});
        assert_eq!(restricted(ApiKey::Heartbeat, 2, &of(Value::Null)), Ok(json!({"groupId": "g"})));
        assert_eq!(restricted(ApiKey::Heartbeat, 3, &of(json!("i"))), Ok(of(json!("i"))));
        let problem = MessageProblem::NotInVersion { field: "groupInstanceId".to_owned(), version: 2 };
        assert_eq!(restricted(ApiKey::Heartbeat, 2, &of(json!("i"))), Err((String::new(), problem)));
    }

    #[test]
    fn an_error_says_where_the_field_stands() {
        let body = json!({"topics": [{}, {"partitions": [{"partition": 0}, {"lastFetchedEpoch": 0}]}]});
        let problem = MessageProblem::NotInVersion { field: "lastFetchedEpoch".to_owned(), version: 11 };
        let at = "topics[1].partitions[1]".to_owned();
        assert_eq!(restricted(ApiKey::Fetch, 11, &body), Err((at, problem)));
        assert_eq!(restricted(ApiKey::Fetch, 15, &json!({"replicaId": -1})), Ok(json!({})));
        assert!(restricted(ApiKey::Fetch, 15, &json!({"replicaId": 1})).is_err());
        assert_eq!(restricted(ApiKey::Fetch, 14, &json!({"replicaState": {"replicaId": -1}})), Ok(json!({})));
        assert!(restricted(ApiKey::Fetch, 14, &json!({"replicaState": {"replicaId": 1}})).is_err());
    }
}
