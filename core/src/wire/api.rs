//! API keys, and the closed sets of requests and responses.

use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;

use super::cluster_admin::*;
use super::codec::{Message, MessageError};
use super::group::*;
pub use super::message::{LeaderIdAndEpoch, NodeEndpoint, RequestHeader};
use super::metadata::*;
use super::replication::*;

macro_rules! apis {
    ($($(#[$meta:meta])* $name:ident = $key:literal, $max:literal, $request:ty, $response:ty;)*) => {
        /// Which request (`org.apache.kafka.common.protocol.ApiKeys`).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, strum::VariantArray, strum::EnumString, strum::IntoStaticStr)]
        pub enum ApiKey { $($(#[$meta])* $name,)* }

        impl ApiKey {
            /// The number on the wire.
            pub fn key(self) -> i16 {
                match self { $(Self::$name => $key,)* }
            }

            /// The version that nodes of this cluster speak to each other.
            pub fn version(self) -> i16 {
                match self { $(Self::$name => $max,)* }
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
}

/// Written as `{"Fetch": {…}}`.
impl Serialize for Response {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map([(self.api().name(), self.to_json())])
    }
}

apis! {
    /// Appends records.
    Produce = 0, 13, ProduceRequest, ProduceResponse;
    /// Reads records.
    Fetch = 1, 17, FetchRequest, FetchResponse;
    /// Looks up offsets by time.
    ListOffsets = 2, 7, ListOffsetsRequest, ListOffsetsResponse;
    /// Asks for the cluster's shape.
    Metadata = 3, 13, MetadataRequest, MetadataResponse;
    /// Commits a group's offsets.
    OffsetCommit = 8, 9, OffsetCommitRequest, OffsetCommitResponse;
    /// Asks for a group's offsets.
    OffsetFetch = 9, 9, OffsetFetchRequest, OffsetFetchResponse;
    /// Asks who coordinates a group.
    FindCoordinator = 10, 6, FindCoordinatorRequest, FindCoordinatorResponse;
    /// Joins a group.
    JoinGroup = 11, 9, JoinGroupRequest, JoinGroupResponse;
    /// Tells a group that a member lives.
    Heartbeat = 12, 4, HeartbeatRequest, HeartbeatResponse;
    /// Leaves a group.
    LeaveGroup = 13, 5, LeaveGroupRequest, LeaveGroupResponse;
    /// Gives or gets the group's assignment.
    SyncGroup = 14, 5, SyncGroupRequest, SyncGroupResponse;
    /// Asks about groups.
    DescribeGroups = 15, 6, DescribeGroupsRequest, DescribeGroupsResponse;
    /// Lists a coordinator's groups.
    ListGroups = 16, 5, ListGroupsRequest, ListGroupsResponse;
    /// Asks which requests a node takes.
    ApiVersions = 18, 4, ApiVersionsRequest, ApiVersionsResponse;
    /// Creates topics.
    CreateTopics = 19, 7, CreateTopicsRequest, CreateTopicsResponse;
    /// Deletes topics.
    DeleteTopics = 20, 6, DeleteTopicsRequest, DeleteTopicsResponse;
    /// Moves log start offsets up.
    DeleteRecords = 21, 2, DeleteRecordsRequest, DeleteRecordsResponse;
    /// Asks where an epoch ends.
    OffsetForLeaderEpoch = 23, 4, OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse;
    /// Replaces settings (before KIP-339).
    AlterConfigs = 33, 2, AlterConfigsRequest, AlterConfigsResponse;
    /// Adds partitions to topics.
    CreatePartitions = 37, 3, CreatePartitionsRequest, CreatePartitionsResponse;
    /// Deletes groups.
    DeleteGroups = 42, 2, DeleteGroupsRequest, DeleteGroupsResponse;
    /// Elects leaders by hand.
    ElectLeaders = 43, 2, ElectLeadersRequest, ElectLeadersResponse;
    /// Changes settings.
    IncrementalAlterConfigs = 44, 1, IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse;
    /// Moves replicas.
    AlterPartitionReassignments = 45, 1, AlterPartitionReassignmentsRequest, AlterPartitionReassignmentsResponse;
    /// Asks which replicas are on the move.
    ListPartitionReassignments = 46, 0, ListPartitionReassignmentsRequest, ListPartitionReassignmentsResponse;
    /// Deletes a group's offsets.
    OffsetDelete = 47, 0, OffsetDeleteRequest, OffsetDeleteResponse;
    /// A leader proposes an ISR.
    AlterPartition = 56, 3, AlterPartitionRequest, AlterPartitionResponse;
    /// Asks for the brokers.
    DescribeCluster = 60, 2, DescribeClusterRequest, DescribeClusterResponse;
    /// A broker announces itself.
    BrokerRegistration = 62, 4, BrokerRegistrationRequest, BrokerRegistrationResponse;
    /// A broker says that it lives.
    BrokerHeartbeat = 63, 1, BrokerHeartbeatRequest, BrokerHeartbeatResponse;
    /// Forgets a broker that will not come back.
    UnregisterBroker = 64, 0, UnregisterBrokerRequest, UnregisterBrokerResponse;
}
