//! For how long an answer asks its client to pause (`AbstractResponse.throttleTimeMs`).

use super::Response;

/// Looks at the field of an answer that has it. Answers between nodes have not.
macro_rules! throttle_time {
    ($response:expr, $answer:ident => $of_field:expr, $else:expr) => {
        throttle_time! {
            @match $response, $answer => $of_field, $else;
            Produce Fetch ListOffsets Metadata OffsetCommit OffsetFetch FindCoordinator JoinGroup
            Heartbeat LeaveGroup SyncGroup DescribeGroups ListGroups ApiVersions CreateTopics
            DeleteTopics DeleteRecords InitProducerId OffsetForLeaderEpoch AddPartitionsToTxn
            AddOffsetsToTxn EndTxn TxnOffsetCommit DescribeAcls CreateAcls DeleteAcls DescribeConfigs
            AlterConfigs CreatePartitions DeleteGroups ElectLeaders IncrementalAlterConfigs
            AlterPartitionReassignments ListPartitionReassignments OffsetDelete DescribeClientQuotas
            AlterClientQuotas AlterPartition FetchSnapshot UpdateFeatures DescribeCluster
            DescribeProducers BrokerRegistration BrokerHeartbeat UnregisterBroker DescribeTransactions
            ListTransactions AllocateProducerIds ConsumerGroupHeartbeat ConsumerGroupDescribe
            DescribeTopicPartitions DescribeLogDirs ListConfigResources ControllerRegistration AddRaftVoter
            RemoveRaftVoter UpdateRaftVoter;
            WriteTxnMarkers Vote BeginQuorumEpoch EndQuorumEpoch DescribeQuorum AppendEntries
        }
    };
    (@match $response:expr, $answer:ident => $of_field:expr, $else:expr; $($with:ident)*; $($without:ident)*) => {
        match $response {
            $(Response::$with($answer) => $of_field,)*
            $(Response::$without(_) => $else,)*
        }
    };
}

impl Response {
    /// For how long its client is asked to pause, in milliseconds.
    pub fn throttle_time_ms(&self) -> i32 {
        throttle_time!(self, answer => answer.throttle_time_ms, 0)
    }

    /// Asks its client to pause (`maybeSetThrottleTimeMs`), where the answer can say so.
    pub fn set_throttle_time_ms(&mut self, ms: i32) {
        throttle_time!(self, answer => answer.throttle_time_ms = ms, ());
    }
}
