//! Admin messages about partitions and brokers: CreatePartitions, ListPartitionReassignments, UnregisterBroker,
//! DescribeCluster.

use super::message::message;
use super::{ErrorCode, Topic};

message! {
    /// `CreatePartitionsRequest`.
    pub struct CreatePartitionsRequest {
        /// The topics that grow.
        pub topics: Vec<CreatePartitionsTopic> = Vec::new(),
        /// How long the controller may take, in milliseconds.
        pub timeout_ms: i32 = 0,
        /// Only check.
        pub validate_only: bool = false,
    }
    /// One topic that grows.
    pub struct CreatePartitionsTopic {
        /// Its name.
        pub name: Topic = Topic::default(),
        /// How many partitions it shall have.
        pub count: i32 = 0,
        /// The replicas of each new partition; `None` lets the controller choose.
        pub assignments: Option<Vec<CreatePartitionsAssignment>> = None,
    }
    /// The replicas of one new partition.
    pub struct CreatePartitionsAssignment {
        /// The preferred leader first.
        pub broker_ids: Vec<i32> = Vec::new(),
    }
    /// `CreatePartitionsResponse`.
    pub struct CreatePartitionsResponse {
        /// How long the client is asked to pause, in milliseconds.
        pub throttle_time_ms: i32 = 0,
        /// Results.
        pub results: Vec<CreatePartitionsTopicResult> = Vec::new(),
    }
    /// One result.
    pub struct CreatePartitionsTopicResult {
        /// The topic's name.
        pub name: Topic = Topic::default(),
        /// What went wrong, if anything.
        pub error_code: ErrorCode = ErrorCode::None,
        /// In words.
        pub error_message: Option<String> = None,
    }

    /// `ListPartitionReassignmentsRequest`.
    pub struct ListPartitionReassignmentsRequest {
        /// How long the controller may take, in milliseconds.
        pub timeout_ms: i32 = 60_000,
        /// The partitions asked about; `None` means all.
        pub topics: Option<Vec<ListPartitionReassignmentsTopics>> = None,
    }
    /// Partitions of one topic.
    pub struct ListPartitionReassignmentsTopics {
        /// The topic's name.
        pub name: Topic = Topic::default(),
        /// The partitions' indexes.
        pub partition_indexes: Vec<i32> = Vec::new(),
    }
    /// `ListPartitionReassignmentsResponse`.
    pub struct ListPartitionReassignmentsResponse {
        /// How long the client is asked to pause, in milliseconds.
        pub throttle_time_ms: i32 = 0,
        /// What went wrong with the whole request.
        pub error_code: ErrorCode = ErrorCode::None,
        /// In words.
        pub error_message: Option<String> = None,
        /// Reassignments that are going on, by topic.
        pub topics: Vec<OngoingTopicReassignment> = Vec::new(),
    }
    /// Reassignments of one topic.
    pub struct OngoingTopicReassignment {
        /// The topic's name.
        pub name: Topic = Topic::default(),
        /// Partitions that are being reassigned.
        pub partitions: Vec<OngoingPartitionReassignment> = Vec::new(),
    }
    /// One reassignment.
    pub struct OngoingPartitionReassignment {
        /// The partition's index.
        pub partition_index: i32 = 0,
        /// Its replicas now.
        pub replicas: Vec<i32> = Vec::new(),
        /// Those that are being added.
        pub adding_replicas: Vec<i32> = Vec::new(),
        /// Those that will be removed.
        pub removing_replicas: Vec<i32> = Vec::new(),
    }

    /// `UnregisterBrokerRequest`.
    pub struct UnregisterBrokerRequest {
        /// The broker.
        pub broker_id: i32 = 0,
    }
    /// `UnregisterBrokerResponse`.
    pub struct UnregisterBrokerResponse {
        /// How long the client is asked to pause, in milliseconds.
        pub throttle_time_ms: i32 = 0,
        /// What went wrong, if anything.
        pub error_code: ErrorCode = ErrorCode::None,
        /// In words; empty where nothing went wrong.
        pub error_message: Option<String> = Some(String::new()),
    }

    /// `DescribeClusterRequest`.
    pub struct DescribeClusterRequest {
        /// Whether the answer shall say what the requester may do.
        pub include_cluster_authorized_operations: bool = false,
        /// 1 brokers, 2 controllers: it must be what the asked listener is of (KIP-919).
        pub endpoint_type: i8 = 1,
        /// Whether fenced brokers are wanted too.
        pub include_fenced_brokers: bool = false,
    }
    /// `DescribeClusterResponse`.
    pub struct DescribeClusterResponse {
        /// How long the client is asked to pause, in milliseconds.
        pub throttle_time_ms: i32 = 0,
        /// What went wrong, if anything.
        pub error_code: ErrorCode = ErrorCode::None,
        /// In words.
        pub error_message: Option<String> = None,
        /// 1 brokers, 2 controllers.
        pub endpoint_type: i8 = 1,
        /// The cluster's id.
        pub cluster_id: String = String::new(),
        /// Of brokers: one that takes admin requests. Of controllers: the active one.
        pub controller_id: i32 = -1,
        /// The brokers, or the controllers.
        pub brokers: Vec<DescribeClusterBroker> = Vec::new(),
        /// What the requester may do, as a set of bits; the least number where it was not asked for.
        pub cluster_authorized_operations: i32 = i32::MIN,
    }
    /// A broker or controller.
    pub struct DescribeClusterBroker {
        /// Its id.
        pub broker_id: i32 = 0,
        /// Its host.
        pub host: String = String::new(),
        /// Its port.
        pub port: i32 = 0,
        /// Its rack.
        pub rack: Option<String> = None,
        /// Whether it is fenced.
        pub is_fenced: bool = false,
    }
}

/// Of what a listener is (`EndpointType`, KIP-919).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndpointType {
    /// A broker's.
    Broker,
    /// A controller's.
    Controller,
}

impl EndpointType {
    /// Its number on the wire.
    pub fn id(self) -> i8 {
        match self {
            Self::Broker => 1,
            Self::Controller => 2,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Broker => "BROKER",
            Self::Controller => "CONTROLLER",
        }
    }

    /// Whether a DescribeCluster request came to the right kind of listener; else the answer that refuses it
    /// (`AuthHelper.computeDescribeClusterResponse`).
    pub fn check(self, asked: i8, version: i16) -> Result<(), DescribeClusterResponse> {
        let (error_code, message) = match [Self::Broker, Self::Controller].into_iter().find(|each| each.id() == asked) {
            Some(wanted) if wanted == self => return Ok(()),
            Some(wanted) => (
                ErrorCode::MismatchedEndpointType,
                format!(
                    "The request was sent to an endpoint of type {}, but we wanted an endpoint of type {}",
                    self.name(),
                    wanted.name()
                ),
            ),
            None => (ErrorCode::UnsupportedEndpointType, format!("Unsupported endpoint type {asked}")),
        };
        Err(DescribeClusterResponse {
            error_code: if version == 0 { ErrorCode::InvalidRequest } else { error_code },
            error_message: Some(message),
            ..DescribeClusterResponse::default()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_about_brokers_is_no_question_to_a_controller() {
        assert_eq!(EndpointType::Controller.check(2, 2), Ok(()));
        let refused = EndpointType::Controller.check(1, 2).expect_err("another endpoint");
        assert_eq!(refused.error_code, ErrorCode::MismatchedEndpointType);
        let message =
            "The request was sent to an endpoint of type CONTROLLER, but we wanted an endpoint of type BROKER";
        assert_eq!(refused.error_message.as_deref(), Some(message));
        let unknown = EndpointType::Broker.check(7, 1).expect_err("no endpoint");
        assert_eq!(unknown.error_code, ErrorCode::UnsupportedEndpointType);
        let oldest = EndpointType::Broker.check(2, 0).expect_err("another endpoint");
        assert_eq!(oldest.error_code, ErrorCode::InvalidRequest);
    }
}
