//! API keys, and the closed sets of requests and responses.

use super::ErrorCode;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;

use super::acl::*;
use super::append_entries::*;
use super::client_quotas::*;
use super::cluster_admin::*;
use super::codec::{Message, MessageError};
use super::consumer_group::*;
use super::describe::*;
use super::describe_storage::*;
use super::features::*;
use super::group::*;
pub use super::message::{LeaderIdAndEpoch, NodeEndpoint, RequestHeader};
use super::metadata::*;
use super::quorum::*;
use super::replication::*;
use super::snapshot::*;
use super::transaction::*;
use super::voters::*;
use crate::ranked_map::Ranked;

macro_rules! apis {
    ($($(#[$meta:meta])* $name:ident = $key:literal, $request:ty, $response:ty;)*) => {
        /// Which request (`org.apache.kafka.common.protocol.ApiKeys`).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, strum::VariantArray, strum::EnumString, strum::IntoStaticStr)]
        pub enum ApiKey { $($(#[$meta])* $name,)* }

        impl Ranked for ApiKey {
            #[inline]
            fn rank(&self) -> u128 {
                u128::from(*self as u8)
            }
        }

        impl ApiKey {
            /// The number on the wire.
            pub fn key(self) -> i16 {
                match self { $(Self::$name => $key,)* }
            }

            /// Kafka's name of the request.
            pub fn name(self) -> &'static str {
                self.into()
            }
        }

        /// A request, with Kafka's own fields.
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub enum Request { $($(#[$meta])* $name($request),)* }

        impl Request {
            /// Which request this is.
            pub fn api(&self) -> ApiKey {
                match self { $(Self::$name(_) => ApiKey::$name,)* }
            }

            /// A request in which every field has its default.
            pub fn default_of(api: ApiKey) -> Self {
                match api { $(ApiKey::$name => Self::$name(<$request>::default()),)* }
            }

            fn message(&self) -> &dyn Message {
                match self { $(Self::$name(body) => body,)* }
            }

            fn message_mut(&mut self) -> &mut dyn Message {
                match self { $(Self::$name(body) => body,)* }
            }
        }

        /// An answer, with Kafka's own fields.
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub enum Response { $($(#[$meta])* $name($response),)* }

        impl Response {
            /// Which request this answers.
            pub fn api(&self) -> ApiKey {
                match self { $(Self::$name(_) => ApiKey::$name,)* }
            }

            /// An answer in which every field has its default.
            pub fn default_of(api: ApiKey) -> Self {
                match api { $(ApiKey::$name => Self::$name(<$response>::default()),)* }
            }

            fn message(&self) -> &dyn Message {
                match self { $(Self::$name(body) => body,)* }
            }

            fn message_mut(&mut self) -> &mut dyn Message {
                match self { $(Self::$name(body) => body,)* }
            }
        }
    };
}

impl Request {
    /// Reads a request written by hand. The error names the place and what was expected there.
    pub fn from_json(api: ApiKey, body: &Value) -> Result<Self, MessageError> {
        let mut request = Self::default_of(api);
        request.message_mut().read_json(body)?;
        Ok(request)
    }

    /// The request as a person reads it.
    pub fn to_json(&self) -> Value {
        self.message().to_json()
    }
}

impl Response {
    /// Reads an answer. The error names the place and what was expected there.
    pub fn from_json(api: ApiKey, body: &Value) -> Result<Self, MessageError> {
        let mut response = Self::default_of(api);
        response.message_mut().read_json(body)?;
        Ok(response)
    }

    /// The answer as a person reads it.
    pub fn to_json(&self) -> Value {
        self.message().to_json()
    }

    /// Gives every error code in the answer, `NONE` as well (`AbstractResponse.errorCounts`).
    pub fn error_codes(&self, each: &mut dyn FnMut(ErrorCode)) {
        match self {
            // The two that come most often.
            Self::Fetch(answer) => {
                each(answer.error_code);
                let partitions = answer.responses.iter().flat_map(|topic| &topic.partitions);
                partitions.for_each(|partition| each(partition.error_code));
            }
            Self::Produce(answer) => {
                let partitions = answer.responses.iter().flat_map(|topic| &topic.partition_responses);
                partitions.for_each(|partition| each(partition.error_code));
            }
            other => other.message().error_codes(&mut |code| ErrorCode::of_code(code).into_iter().for_each(&mut *each)),
        }
    }
}

/// Written as `{"Fetch": {…}}`.
impl Serialize for Response {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map([(self.api().name(), self.to_json())])
    }
}

apis! {
    /// Appends records.
    Produce = 0, ProduceRequest, ProduceResponse;
    /// Reads records.
    Fetch = 1, FetchRequest, FetchResponse;
    /// Looks up offsets by time.
    ListOffsets = 2, ListOffsetsRequest, ListOffsetsResponse;
    /// Asks for the cluster's shape.
    Metadata = 3, MetadataRequest, MetadataResponse;
    /// Commits a group's offsets.
    OffsetCommit = 8, OffsetCommitRequest, OffsetCommitResponse;
    /// Asks for a group's offsets.
    OffsetFetch = 9, OffsetFetchRequest, OffsetFetchResponse;
    /// Asks who coordinates a group.
    FindCoordinator = 10, FindCoordinatorRequest, FindCoordinatorResponse;
    /// Joins a group.
    JoinGroup = 11, JoinGroupRequest, JoinGroupResponse;
    /// Tells a group that a member lives.
    Heartbeat = 12, HeartbeatRequest, HeartbeatResponse;
    /// Leaves a group.
    LeaveGroup = 13, LeaveGroupRequest, LeaveGroupResponse;
    /// Gives or gets the group's assignment.
    SyncGroup = 14, SyncGroupRequest, SyncGroupResponse;
    /// Asks about groups.
    DescribeGroups = 15, DescribeGroupsRequest, DescribeGroupsResponse;
    /// Lists a coordinator's groups.
    ListGroups = 16, ListGroupsRequest, ListGroupsResponse;
    /// Asks which requests a node takes.
    ApiVersions = 18, ApiVersionsRequest, ApiVersionsResponse;
    /// Creates topics.
    CreateTopics = 19, CreateTopicsRequest, CreateTopicsResponse;
    /// Deletes topics.
    DeleteTopics = 20, DeleteTopicsRequest, DeleteTopicsResponse;
    /// Moves log start offsets up.
    DeleteRecords = 21, DeleteRecordsRequest, DeleteRecordsResponse;
    /// Asks for a producer id.
    InitProducerId = 22, InitProducerIdRequest, InitProducerIdResponse;
    /// Asks where an epoch ends.
    OffsetForLeaderEpoch = 23, OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse;
    /// Adds partitions to transactions, or asks whether they are in them.
    AddPartitionsToTxn = 24, AddPartitionsToTxnRequest, AddPartitionsToTxnResponse;
    /// Adds a group's offsets to a transaction.
    AddOffsetsToTxn = 25, AddOffsetsToTxnRequest, AddOffsetsToTxnResponse;
    /// Commits or aborts a transaction.
    EndTxn = 26, EndTxnRequest, EndTxnResponse;
    /// Writes the ends of transactions into partitions.
    WriteTxnMarkers = 27, WriteTxnMarkersRequest, WriteTxnMarkersResponse;
    /// Commits a group's offsets with a transaction.
    TxnOffsetCommit = 28, TxnOffsetCommitRequest, TxnOffsetCommitResponse;
    /// Asks for access rules.
    DescribeAcls = 29, DescribeAclsRequest, DescribeAclsResponse;
    /// Creates access rules.
    CreateAcls = 30, CreateAclsRequest, CreateAclsResponse;
    /// Deletes access rules.
    DeleteAcls = 31, DeleteAclsRequest, DeleteAclsResponse;
    /// Asks for settings.
    DescribeConfigs = 32, DescribeConfigsRequest, DescribeConfigsResponse;
    /// Replaces settings (before KIP-339).
    AlterConfigs = 33, AlterConfigsRequest, AlterConfigsResponse;
    /// Adds partitions to topics.
    CreatePartitions = 37, CreatePartitionsRequest, CreatePartitionsResponse;
    /// Deletes groups.
    DeleteGroups = 42, DeleteGroupsRequest, DeleteGroupsResponse;
    /// Elects leaders by hand.
    ElectLeaders = 43, ElectLeadersRequest, ElectLeadersResponse;
    /// Changes settings.
    IncrementalAlterConfigs = 44, IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse;
    /// Moves replicas.
    AlterPartitionReassignments = 45, AlterPartitionReassignmentsRequest, AlterPartitionReassignmentsResponse;
    /// Asks which replicas are on the move.
    ListPartitionReassignments = 46, ListPartitionReassignmentsRequest, ListPartitionReassignmentsResponse;
    /// Deletes a group's offsets.
    OffsetDelete = 47, OffsetDeleteRequest, OffsetDeleteResponse;
    /// Asks for clients' quotas.
    DescribeClientQuotas = 48, DescribeClientQuotasRequest, DescribeClientQuotasResponse;
    /// Changes clients' quotas.
    AlterClientQuotas = 49, AlterClientQuotasRequest, AlterClientQuotasResponse;
    /// A candidate asks for a vote in the quorum of the metadata log.
    Vote = 52, VoteRequest, VoteResponse;
    /// A leader of the quorum says that it leads.
    BeginQuorumEpoch = 53, BeginQuorumEpochRequest, BeginQuorumEpochResponse;
    /// A leader of the quorum says that it leads no more.
    EndQuorumEpoch = 54, EndQuorumEpochRequest, EndQuorumEpochResponse;
    /// Asks for the quorum as its leader sees it.
    DescribeQuorum = 55, DescribeQuorumRequest, DescribeQuorumResponse;
    /// A leader proposes an ISR.
    AlterPartition = 56, AlterPartitionRequest, AlterPartitionResponse;
    /// Asks for a piece of a snapshot of the metadata log.
    FetchSnapshot = 59, FetchSnapshotRequest, FetchSnapshotResponse;
    /// Raises or lowers levels of features.
    UpdateFeatures = 57, UpdateFeaturesRequest, UpdateFeaturesResponse;
    /// Asks for the brokers.
    DescribeCluster = 60, DescribeClusterRequest, DescribeClusterResponse;
    /// Asks for the producers that partitions remember.
    DescribeProducers = 61, DescribeProducersRequest, DescribeProducersResponse;
    /// A broker announces itself.
    BrokerRegistration = 62, BrokerRegistrationRequest, BrokerRegistrationResponse;
    /// A broker says that it lives.
    BrokerHeartbeat = 63, BrokerHeartbeatRequest, BrokerHeartbeatResponse;
    /// Forgets a broker that will not come back.
    UnregisterBroker = 64, UnregisterBrokerRequest, UnregisterBrokerResponse;
    /// Asks about transactional ids.
    DescribeTransactions = 65, DescribeTransactionsRequest, DescribeTransactionsResponse;
    /// Lists a coordinator's transactional ids.
    ListTransactions = 66, ListTransactionsRequest, ListTransactionsResponse;
    /// A broker asks for a block of producer ids.
    AllocateProducerIds = 67, AllocateProducerIdsRequest, AllocateProducerIdsResponse;
    /// A member of a consumer group says that it lives, and is told what to read (KIP-848).
    ConsumerGroupHeartbeat = 68, ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse;
    /// Asks about consumer groups (KIP-848).
    ConsumerGroupDescribe = 69, ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse;
    /// A controller announces itself.
    ControllerRegistration = 70, ControllerRegistrationRequest, ControllerRegistrationResponse;
    /// Asks what lies in a broker's log directories.
    DescribeLogDirs = 35, DescribeLogDirsRequest, DescribeLogDirsResponse;
    /// Asks what has settings.
    ListConfigResources = 74, ListConfigResourcesRequest, ListConfigResourcesResponse;
    /// Asks for partitions, a page at a time.
    DescribeTopicPartitions = 75, DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse;
    /// Makes a controller a voter.
    AddRaftVoter = 80, AddRaftVoterRequest, AddRaftVoterResponse;
    /// Makes a voter one no more.
    RemoveRaftVoter = 81, RemoveRaftVoterRequest, RemoveRaftVoterResponse;
    /// A voter says where it listens.
    UpdateRaftVoter = 82, UpdateRaftVoterRequest, UpdateRaftVoterResponse;
    /// Textbook Raft's message, none of Kafka's: a leader sends the metadata log's records to a voter.
    AppendEntries = 10_000, AppendEntriesRequest, AppendEntriesResponse;
}
