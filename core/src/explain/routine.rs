//! What recurs while nothing new happens: retries, empty fetches, heartbeats. They are counted where a person passes them.

use super::Explanation;

/// A kind of step that recurs. The page's message for a count of them has the id `routine-` and the kebab-case name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, strum::VariantArray, strum::IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Routine {
    /// A request reached a process that is not there.
    ConnectionRefused,
    /// Somebody learned from a closed connection that its peer is gone.
    PeerGone,
    /// A client, or a follower, got an error and will try again.
    Retry,
    /// A request was given up after its timeout.
    RequestTimeout,
    /// Something stands still: a paused process, a cut link, a slow disk.
    Held,
    /// A fetch brought no records.
    EmptyFetch,
    /// A fetch of the metadata log brought no records.
    EmptyMetadataFetch,
    /// A broker's, a group member's, or a textbook leader's heartbeat was heard.
    Heartbeat,
    /// An election of the quorum that brought nobody a majority, or the question whether one would.
    ElectionAttempt,
    /// A perf test handed records over.
    PerfTest,
    /// A timer looked for work: checkpoints, retention, sessions, lagging followers.
    Upkeep,
}

impl Routine {
    /// Its kebab-case name.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// All of them, in the order in which they are told: the most telling first.
    pub fn all() -> &'static [Self] {
        <Self as strum::VariantArray>::VARIANTS
    }
}

impl Explanation {
    /// What it counts as where a person passes it; none for a hop on the way of something else. Of a request and its answer
    /// one step counts: the one at which its outcome shows.
    pub fn routine(&self) -> Option<Routine> {
        match self {
            Self::ConnectionRefused { .. } => Some(Routine::ConnectionRefused),
            Self::PeerGone { .. } => Some(Routine::PeerGone),
            Self::ProducerRetries { .. }
            | Self::ProducerSplitsBatch { .. }
            | Self::TransactionRequestRetried { .. }
            | Self::ConsumerRecovers { .. }
            | Self::FollowerRefused { .. }
            | Self::FollowerFetchedCorrupt { .. }
            | Self::BrokerRegistrationRefused { .. }
            | Self::ControllerRegistrationRefused { .. }
            | Self::WaitsForController { .. } => Some(Routine::Retry),
            Self::RequestGivenUp { .. }
            | Self::ControllerRequestTimedOut { .. }
            | Self::ConnectionSetupTimedOut { .. }
            | Self::QuorumConnectionTimedOut { .. } => Some(Routine::RequestTimeout),
            Self::HeldOnCutLink { .. }
            | Self::ClosingHeld { .. }
            | Self::BytesHeld { .. }
            | Self::MachineOff { .. }
            | Self::HeldAtPaused { .. }
            | Self::TimerHeldAtPaused { .. }
            | Self::WaitsForDisk { .. } => Some(Routine::Held),
            Self::FollowerFetchedNothing { .. } | Self::ConsumerReadNothing { .. } => Some(Routine::EmptyFetch),
            Self::BrokerFetchedNoMetadata { .. } | Self::VoterFetchedNothing { .. } => {
                Some(Routine::EmptyMetadataFetch)
            }
            Self::ControllerHeardHeartbeat { .. } | Self::CoordinatorHeartbeat { .. } | Self::HeartbeatHeard { .. } => {
                Some(Routine::Heartbeat)
            }
            Self::VoterSeeksElection { .. }
            | Self::VoterMissesLeader { .. }
            | Self::VoterHeardNothing { .. }
            | Self::ElectionTimedOut { .. } => Some(Routine::ElectionAttempt),
            Self::PerfTestSent { .. } | Self::PerfTestHeldUp { .. } => Some(Routine::PerfTest),
            Self::IsrChecked { .. }
            | Self::ControllerCheckedSessions { .. }
            | Self::ControllerBalanced { .. }
            | Self::BrokerCheckpoints { .. }
            | Self::ConnectionIdle { .. }
            | Self::ClientClosesIdleConnection { .. }
            | Self::NoConnectionIdle { .. }
            | Self::BrokerCleansLogs { .. }
            | Self::ProducerIdle { .. }
            | Self::ConsumerIdle { .. } => Some(Routine::Upkeep),
            Self::PersonProduces { .. }
            | Self::PersonStartsPerfTest { .. }
            | Self::PersonCallsProducer { .. }
            | Self::PersonCrashesProducer { .. }
            | Self::PersonStartsProducer { .. }
            | Self::PersonPolls { .. }
            | Self::PersonCommits { .. }
            | Self::ConsumerCannotDeserialize { .. }
            | Self::PersonProcesses { .. }
            | Self::PersonCrashesConsumer { .. }
            | Self::PersonSeeks { .. }
            | Self::PersonSeeksToBeginning { .. }
            | Self::PersonSeeksToEnd { .. }
            | Self::PersonPausesPartitions { .. }
            | Self::PersonResumesPartitions { .. }
            | Self::PersonSubscribes { .. }
            | Self::PersonSubscribesToPattern { .. }
            | Self::PersonUnsubscribes { .. }
            | Self::PersonAssigns { .. }
            | Self::PersonClosesConsumer { .. }
            | Self::PersonClosesProducer { .. }
            | Self::ProducerIsClosed { .. }
            | Self::PersonStartsConsumer { .. }
            | Self::PersonCrashesProcess { .. }
            | Self::PersonCrashesMachine { .. }
            | Self::PersonStarts { .. }
            | Self::PersonShutsDown { .. }
            | Self::PersonPauses { .. }
            | Self::PersonResumes { .. }
            | Self::PersonSlowsDisk { .. }
            | Self::PersonCuts { .. }
            | Self::PersonHeals { .. }
            | Self::PersonDrops { .. }
            | Self::PersonDelays { .. }
            | Self::PersonDuplicates { .. }
            | Self::PersonSets { .. }
            | Self::PersonAdministers { .. }
            | Self::PersonProbes { .. }
            | Self::PersonSendsBytes { .. }
            | Self::PersonClosesConnection { .. }
            | Self::ConnectionAccepted { .. }
            | Self::RequestIncomplete { .. }
            | Self::BytesUnread { .. }
            | Self::BytesRefused { .. }
            | Self::RequestTooLarge { .. }
            | Self::NegativeRequestSize { .. }
            | Self::MalformedRequest { .. }
            | Self::TooManyConnections { .. }
            | Self::ProbeDisconnected { .. }
            | Self::RequestArrived { .. }
            | Self::ProcessorReads { .. }
            | Self::ChannelMuted { .. }
            | Self::ChannelThrottled { .. }
            | Self::ThrottleOver { .. }
            | Self::KeptBackSent { .. }
            | Self::ProcessorBusy { .. }
            | Self::RequestQueueFull { .. }
            | Self::ProcessorQueued { .. }
            | Self::ProcessorSent { .. }
            | Self::HandlerTook { .. }
            | Self::LateAnswer { .. }
            | Self::RequesterGone { .. }
            | Self::ListenerLearnsClosed { .. }
            | Self::ConnectionClosedBefore { .. }
            | Self::ListenerResets { .. }
            | Self::AnswerReset { .. }
            | Self::RecordAccumulated { .. }
            | Self::ProducerNeedsMetadata { .. }
            | Self::ProducerSends { .. }
            | Self::ProducerLearnsMetadata { .. }
            | Self::ProducerAcknowledged { .. }
            | Self::JoinCannotComplete { .. }
            | Self::ProducerOpensConnection { .. }
            | Self::ConnectionReady { .. }
            | Self::ProducerHasId { .. }
            | Self::ProducerWaitsForId { .. }
            | Self::ProducerAwaitsMemory { .. }
            | Self::ProducerBufferExhausted { .. }
            | Self::ProducerBumpsEpoch { .. }
            | Self::ProducerGivesUp { .. }
            | Self::SendOutsideTransaction { .. }
            | Self::ProducerAsksForTransaction { .. }
            | Self::ProducerFoundCoordinator { .. }
            | Self::TransactionsInitialized { .. }
            | Self::PartitionsAddedToTransaction { .. }
            | Self::OffsetsAwaitTransaction { .. }
            | Self::TransactionEnded { .. }
            | Self::TransactionWasEmpty { .. }
            | Self::TransactionCallTimedOut { .. }
            | Self::TransactionIsToAbort { .. }
            | Self::ProducerCannotGoOn { .. }
            | Self::ApplicationWrites { .. }
            | Self::ApplicationAborts { .. }
            | Self::ApplicationGoesOn { .. }
            | Self::ApplicationRewinds { .. }
            | Self::ApplicationEnds { .. }
            | Self::LeaderAppendedWaits { .. }
            | Self::LeaderAppendedCommits { .. }
            | Self::LeaderAppendedAnswers { .. }
            | Self::LeaderAppendedSilently { .. }
            | Self::LeaderFoundDuplicate { .. }
            | Self::ProduceRefused { .. }
            | Self::ProduceFailedAfterAppend { .. }
            | Self::FetchMovedHighWatermark { .. }
            | Self::FetchFromFollower { .. }
            | Self::FollowerFetchWaits { .. }
            | Self::FollowerFetchAnswered { .. }
            | Self::ConsumerFetchWaits { .. }
            | Self::ConsumerFetchAnswered { .. }
            | Self::FetchRefused { .. }
            | Self::LeaderFoundDivergence { .. }
            | Self::FetchWaitedEnough { .. }
            | Self::ProduceTimedOut { .. }
            | Self::DeleteRecordsWaits { .. }
            | Self::IsrShrinkProposed { .. }
            | Self::IsrAnswered { .. }
            | Self::IsrRefused { .. }
            | Self::FollowerAppended { .. }
            | Self::FollowerLearnedHighWatermark { .. }
            | Self::FollowerTruncated { .. }
            | Self::FollowerPartitionFailed { .. }
            | Self::FollowerFetchesAgain { .. }
            | Self::VoteGranted { .. }
            | Self::PreVoteGranted { .. }
            | Self::VoteDenied { .. }
            | Self::PreVoteDenied { .. }
            | Self::VoteCounted { .. }
            | Self::PreVoteCounted { .. }
            | Self::VoterIsAgainst { .. }
            | Self::VoterElected { .. }
            | Self::LeaderMissesMajority { .. }
            | Self::LeaderResignsToEnd { .. }
            | Self::ControllerRenounces { .. }
            | Self::ResignedLeaderGoesOn { .. }
            | Self::VoterLearntLeader { .. }
            | Self::VoterLearntNoLeader { .. }
            | Self::QuorumThreadFailed { .. }
            | Self::VoterLearntResignation { .. }
            | Self::VoterKnowsLeader { .. }
            | Self::VoterKnowsResignation { .. }
            | Self::VoterReplicated { .. }
            | Self::VoterTruncated { .. }
            | Self::VoterLearntHighWatermark { .. }
            | Self::LeaderSendsHeartbeats { .. }
            | Self::EntriesRefused { .. }
            | Self::OldLeaderRefused { .. }
            | Self::VoterHasEntries { .. }
            | Self::VoterLacksEntries { .. }
            | Self::BrokerAppliedMetadata { .. }
            | Self::MetadataFetchWaits { .. }
            | Self::VoterAdditionBegun { .. }
            | Self::VoterAdded { .. }
            | Self::VoterRemovalBegun { .. }
            | Self::VoterUpdated { .. }
            | Self::VoterChangeCommitted { .. }
            | Self::VoterChangeTimedOut { .. }
            | Self::VoterAsksForUpdate { .. }
            | Self::StaticVoterNoted { .. }
            | Self::ControllerAsksForVote { .. }
            | Self::ControllerAsksForRemoval { .. }
            | Self::OwnVoteAnswered { .. }
            | Self::RemovedLeaderResigns { .. }
            | Self::SnapshotOffered { .. }
            | Self::SnapshotNeeded { .. }
            | Self::SnapshotPieceServed { .. }
            | Self::SnapshotPieceFetched { .. }
            | Self::SnapshotInstalled { .. }
            | Self::SnapshotGivenUp { .. }
            | Self::SnapshotsCleaned { .. }
            | Self::MetadataFetchAnswered { .. }
            | Self::MetadataFetchWaitedEnough { .. }
            | Self::ControllerRegistered { .. }
            | Self::ControllerRegisteredAgain { .. }
            | Self::ControllerSendsRegistration { .. }
            | Self::ControllerRegisteredController { .. }
            | Self::ControllerRegistrationAnswered { .. }
            | Self::ControllerUnfenced { .. }
            | Self::ControllerFenced { .. }
            | Self::ControllerShutsDownBroker { .. }
            | Self::ControllerChangedIsr { .. }
            | Self::ControllerRefusedIsr { .. }
            | Self::ControllerDecided { .. }
            | Self::ControllerRefused { .. }
            | Self::ControllerActivated { .. }
            | Self::BrokerSendsHeartbeat { .. }
            | Self::BrokerHeartbeatAnswered { .. }
            | Self::BrokerRegisters { .. }
            | Self::BrokerRegistrationAnswered { .. }
            | Self::BrokerStopped { .. }
            | Self::ControlledShutdownTimedOut { .. }
            | Self::BrokerRegistrationTimedOut { .. }
            | Self::ControllerStopped { .. }
            | Self::BrokerForwards { .. }
            | Self::BrokerReturns { .. }
            | Self::BrokerAnswered { .. }
            | Self::ConsumerLooksForCoordinator { .. }
            | Self::ConsumerFoundCoordinator { .. }
            | Self::CoordinatorUnavailable { .. }
            | Self::ConsumerLearnsMetadata { .. }
            | Self::ConsumerJoined { .. }
            | Self::ConsumerAssigned { .. }
            | Self::ConsumerGotTarget { .. }
            | Self::ConsumerKnowsPosition { .. }
            | Self::ConsumerValidatesPositions { .. }
            | Self::ConsumerValidatedPositions { .. }
            | Self::ConsumerFoundTruncation { .. }
            | Self::ConsumerLostEpoch { .. }
            | Self::ConsumerFetches { .. }
            | Self::ConsumerRead { .. }
            | Self::ConsumerCommits { .. }
            | Self::ConsumerCommitted { .. }
            | Self::ConsumerHeartbeats { .. }
            | Self::ConsumerPollTimedOut { .. }
            | Self::CoordinatorJoins { .. }
            | Self::CoordinatorCompletesJoin { .. }
            | Self::CoordinatorSyncs { .. }
            | Self::CoordinatorAppendsCommit { .. }
            | Self::CoordinatorRefuses { .. }
            | Self::CoordinatorAnswersOffsets { .. }
            | Self::CoordinatorDropsMember { .. }
            | Self::CoordinatorExpires { .. }
            | Self::CoordinatorAppendsTxnOffsets { .. }
            | Self::LeaderVerifiesTransaction { .. }
            | Self::LeaderWroteMarker { .. }
            | Self::TransactionCoordinatorAppends { .. }
            | Self::TransactionCoordinatorRefuses { .. }
            | Self::TransactionEnds { .. }
            | Self::TransactionMarkersAnswered { .. }
            | Self::TransactionCompletes { .. }
            | Self::TransactionTimedOut { .. }
            | Self::AdminAnswered { .. }
            | Self::ProbeAnswered { .. }
            | Self::Nothing => None,
        }
    }
}
