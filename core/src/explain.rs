//! What happened, as a message key with arguments: the page words it in Korean and English.

#![expect(missing_docs, reason = "the variants say it; their fields are the arguments of the messages that word them")]

mod routine;

use serde::Serialize;

use crate::actor::Actor;
use crate::sim::Millis;
use crate::transaction::TransactionCall;
use crate::wire::{ApiKey, ErrorCode, TopicPartition};

pub use routine::Routine;

/// By what a follower knew where to cut its log off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum TruncatedBy {
    /// The leader does not have the leader epochs of what stood there, or has less of them.
    LeaderEpoch,
    /// The leader's log ends there.
    LeaderLogEnd,
    /// Its own high watermark, whatever the leader has.
    HighWatermark,
    /// The leader's log starts where this one does not reach: it begins anew there.
    LeaderLogStart,
}

/// What a step was about. Serialised with its kebab-case name under `key`; the page's message for it has the id `step-`
/// and that name, with the fields as arguments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, strum::VariantNames, strum::IntoStaticStr)]
#[serde(tag = "key", rename_all = "kebab-case", rename_all_fields = "camelCase")]
#[strum(serialize_all = "kebab-case")]
pub enum Explanation {
    // --- a person's commands ---
    /// A person asked a producer to send a record.
    PersonProduces { producer: u32, topic: String },
    /// A person had a producer's application move its transaction.
    PersonCallsProducer { producer: u32, call: TransactionCall },
    /// A person killed a producer's process.
    PersonCrashesProducer { producer: u32 },
    /// A person had a producer closed by its application.
    PersonClosesProducer { producer: u32 },
    /// A producer that is being closed is done, or its time is over.
    ProducerIsClosed { producer: u32, abandoned: i64 },
    /// A person started a producer's process.
    PersonStartsProducer { producer: u32 },
    /// A person asked a consumer to poll.
    PersonPolls { consumer: u32 },
    /// A person asked a consumer to commit.
    PersonCommits { consumer: u32 },
    /// A consumer's poll failed at a record (`RecordDeserializationException`).
    ConsumerCannotDeserialize { consumer: u32, partition: TopicPartition, offset: i64 },
    /// A person had a consumer read on from an offset.
    PersonSeeks { consumer: u32, partition: TopicPartition, offset: i64 },
    /// A person had a consumer read on from the start of partitions.
    PersonSeeksToBeginning { consumer: u32 },
    /// A person had a consumer read on from the end of partitions.
    PersonSeeksToEnd { consumer: u32 },
    /// A person had a consumer pause partitions.
    PersonPausesPartitions { consumer: u32, partitions: String },
    /// A person had a consumer go on with paused partitions.
    PersonResumesPartitions { consumer: u32, partitions: String },
    /// A person had a consumer subscribe to topics.
    PersonSubscribes { consumer: u32, topics: String },
    /// A person had a consumer subscribe to a pattern that the consumer or the broker matches.
    PersonSubscribesToPattern { consumer: u32, pattern: String, by_broker: bool },
    /// A person had a consumer unsubscribe.
    PersonUnsubscribes { consumer: u32 },
    /// A person assigned a consumer partitions.
    PersonAssigns { consumer: u32, partitions: String },
    /// A person let a consumer's application process what it holds.
    PersonProcesses { consumer: u32 },
    /// A person killed a consumer's process.
    PersonCrashesConsumer { consumer: u32 },
    /// A person had a consumer closed by its application.
    PersonClosesConsumer { consumer: u32 },
    /// A person started a consumer again.
    PersonStartsConsumer { consumer: u32 },
    /// A person crashed a process; its page cache survives.
    PersonCrashesProcess { node: i32 },
    /// A person crashed a machine; what was not flushed is lost.
    PersonCrashesMachine { node: i32 },
    /// A person started a process.
    PersonStarts { node: i32 },
    /// A person asked a process to shut down cleanly.
    PersonShutsDown { node: i32 },
    /// A person stopped a process in its tracks.
    PersonPauses { node: i32 },
    /// A person let it run again.
    PersonResumes { node: i32 },
    /// A person made a disk slow, or fast again.
    PersonSlowsDisk { node: i32, by_ms: u64 },
    /// A person cut a link.
    PersonCuts { from: Actor, to: Actor },
    /// A person healed a link.
    PersonHeals { from: Actor, to: Actor },
    /// A person lost an envelope.
    PersonDrops { from: Actor, to: Actor, api: ApiKey },
    /// A person held an envelope up.
    PersonDelays { from: Actor, to: Actor, api: ApiKey, by_ms: u64 },
    /// A person doubled an envelope.
    PersonDuplicates { from: Actor, to: Actor, api: ApiKey },
    /// A person changed a setting.
    PersonSets { name: String, value: String },
    /// A person sent an admin request.
    PersonAdministers { api: ApiKey },
    /// A person sent a request by hand.
    PersonProbes { probe: u32, api: ApiKey, node: i32 },
    /// A person opened a connection and sent bytes on it.
    PersonSendsBytes { probe: u32, node: i32, size_bytes: u32 },
    /// A person closed a connection that bytes opened.
    PersonClosesConnection { probe: u32, node: i32 },

    // --- the network and the request queue ---
    /// A request arrived and waits for a handler thread.
    RequestArrived { node: i32, from: Actor, api: ApiKey },
    /// A request reached a socket, and its network thread begins to read it.
    ProcessorReads { node: i32, from: Actor, api: ApiKey },
    /// A request reached a socket from which nothing is read: another request of the same connection is under way.
    ChannelMuted { node: i32, from: Actor, api: ApiKey },
    /// A request reached a broker and waits in the socket: a quota keeps its connection muted.
    ChannelThrottled { node: i32, from: Actor, api: ApiKey, until_ms: Millis },
    /// A client sends what it had to keep back.
    KeptBackSent { from: Actor, to: Actor, api: ApiKey },
    /// The pause that a quota asked for is over: the connection is read from again.
    ThrottleOver { node: i32, client: Actor },
    /// A request reached a socket of which the network thread is busy.
    ProcessorBusy { node: i32, from: Actor, api: ApiKey },
    /// A request was read and finds the request queue full: its network thread stands still.
    RequestQueueFull { node: i32, from: Actor, api: ApiKey },
    /// A network thread has read a request and put it on the request queue.
    ProcessorQueued { node: i32, from: Actor, api: ApiKey },
    /// A network thread has sent an answer; the connection is read from again.
    ProcessorSent { node: i32, to: Actor, api: ApiKey },
    /// A handler thread took a request and is busy with it until then.
    HandlerTook { node: i32, from: Actor, api: ApiKey, until_ms: u64 },
    /// A person's connection was accepted; nothing was sent on it.
    ConnectionAccepted { node: i32, client: Actor },
    /// Something of a request is missing: the network thread waits for the rest.
    RequestIncomplete { node: i32, from: Actor, read_bytes: u32, wanted_bytes: u32 },
    /// Bytes wait in the socket, as nothing is read from their connection.
    BytesUnread { node: i32, from: Actor },
    /// Bytes wait in a cut link, at a paused process or before a machine without power.
    BytesHeld { from: Actor, to: Actor },
    /// Bytes reached a process that is not there.
    BytesRefused { node: i32, from: Actor },
    /// A listener closed a connection on which a request is larger than `socket.request.max.bytes`.
    RequestTooLarge { node: i32, client: Actor, size_bytes: u32, max_bytes: i32 },
    /// A listener closed a connection on which the size of a request is below 0.
    NegativeRequestSize { node: i32, client: Actor, size_bytes: i32 },
    /// A listener closed a connection because it cannot parse a request.
    MalformedRequest { node: i32, client: Actor },
    /// A listener closed a connection on which nothing has passed for `connections.max.idle.ms`.
    ConnectionIdle { node: i32, client: Actor, idle_ms: Millis },
    /// A client, or a node as one, closed a connection of its own on which nothing has passed for `connections.max.idle.ms`.
    ClientClosesIdleConnection { client: Actor, node: i32, idle_ms: Millis },
    /// A client, or a node as one, looked for such connections and has none.
    NoConnectionIdle { client: Actor },
    /// A listener closed a connection as soon as it was accepted: its address has `max.connections.per.ip` already.
    TooManyConnections { node: i32, client: Actor, max: u32 },
    /// A person's connection was closed at the other end.
    ProbeDisconnected { probe: u32, node: i32 },
    /// A request reached a process that is not there.
    ConnectionRefused { node: i32, from: Actor, api: ApiKey },
    /// A message got stuck on a cut link: like TCP, the sender's machine sends it again once the link works.
    HeldOnCutLink { from: Actor, to: Actor, api: ApiKey },
    /// An answer came for a request that was already given up.
    LateAnswer { to: Actor, api: ApiKey },
    /// An answer came to a node whose process, which had asked, has ended.
    RequesterGone { to: Actor, api: ApiKey },
    /// Somebody learnt that its peer is gone.
    PeerGone { actor: Actor, peer: Actor },
    /// A listener learnt that a connection was closed at the client's end; reset: what it had not read is lost.
    ListenerLearnsClosed { node: i32, client: Actor, is_reset: bool },
    /// The end of a connection reached somebody who had closed it, or whose process had ended.
    ConnectionClosedBefore { client: Actor, node: Actor },
    /// A request, or bytes, reached a listener that has closed the connection: its machine answers with a reset.
    ListenerResets { node: i32, client: Actor },
    /// The end of a connection waits in a cut link, or at a paused process.
    ClosingHeld { from: Actor, to: Actor },
    /// An answer came on a connection that its client has closed: the client's machine answers with a reset.
    AnswerReset { client: Actor, node: Actor, api: ApiKey },
    /// A request reached a machine without power: nobody answers.
    MachineOff { node: i32, from: Actor, api: ApiKey },
    /// A connection did not open within `socket.connection.setup.timeout.ms`.
    ConnectionSetupTimedOut { client: Actor, node: i32 },
    /// A message waits at a paused process.
    HeldAtPaused { node: i32, from: Actor, api: ApiKey },
    /// A process stands still: its timer waits.
    TimerHeldAtPaused { node: i32 },
    /// What a message brings is written first, by a slow disk.
    WaitsForDisk { node: i32, from: Actor, api: ApiKey, until_ms: u64 },

    // --- producer ---
    /// A producer put a record into its accumulator.
    RecordAccumulated { producer: u32, partition: TopicPartition },
    /// A person began a perf test.
    PersonStartsPerfTest { producer: u32, topic: String, num_records: u32, throughput: u32 },
    /// An application that sends at a rate handed over what was due.
    PerfTestSent { producer: u32, records: u32, sent: u32, num_records: u32 },
    /// A record is due, but `send()` of the one before has not returned.
    PerfTestHeldUp { producer: u32, sent: u32, num_records: u32 },
    /// A producer cannot choose a partition: it asks for metadata first.
    ProducerNeedsMetadata { producer: u32 },
    /// A producer's linger ended or a batch was full: it sends.
    ProducerSends { producer: u32, partition: TopicPartition, leader: i32, records: i64 },
    /// A producer's linger ended with nothing to send.
    ProducerIdle { producer: u32 },
    /// A producer learnt metadata.
    ProducerLearnsMetadata { producer: u32, node: i32 },
    /// A producer got its acknowledgement.
    ProducerAcknowledged { producer: u32, partition: TopicPartition, offset: i64 },
    /// A producer got an error it can retry.
    ProducerRetries { producer: u32, partition: TopicPartition, error: ErrorCode },
    /// A producer's `send` waits for memory.
    ProducerAwaitsMemory { producer: u32, bytes: u32, available_bytes: u64 },
    /// A producer's `send` found no memory within `max.block.ms`.
    ProducerBufferExhausted { producer: u32, bytes: u32, max_block_ms: u64, total_bytes: u64, available_bytes: u64 },
    /// A producer splits a batch that is too large for its topic.
    ProducerSplitsBatch { producer: u32, partition: TopicPartition, records: i64, parts: i64 },
    /// A producer opens a connection to a leader: ApiVersions goes first, and its batches wait.
    ProducerOpensConnection { producer: u32, node: i32 },
    /// A node has said which versions it speaks: what has waited for the connection leaves.
    ConnectionReady { client: Actor, node: i32 },
    /// A producer has got its id: its batches carry it from now on.
    ProducerHasId { producer: u32, producer_id: i64, epoch: i16 },
    /// A producer gets no id yet.
    ProducerWaitsForId { producer: u32, error: ErrorCode },
    /// A producer begins another epoch, because the sequence numbers of the one before do not fit any longer.
    ProducerBumpsEpoch { producer: u32, producer_id: i64, epoch: i16 },
    /// `send` of a transactional producer threw, because no transaction is open.
    SendOutsideTransaction { producer: u32, state: String },
    /// A transactional producer asks a coordinator, or any broker, something for its transaction.
    ProducerAsksForTransaction { producer: u32, api: ApiKey, node: i32 },
    /// It knows who coordinates its transactional id, or the consumers' group.
    ProducerFoundCoordinator { producer: u32, name: String, node: i32 },
    /// `initTransactions` is done.
    TransactionsInitialized { producer: u32, producer_id: i64, epoch: i16 },
    /// The coordinator has noted the partitions that the transaction will write to.
    PartitionsAddedToTransaction { producer: u32, partition_count: i64 },
    /// The group's coordinator keeps the offsets until the transaction ends.
    OffsetsAwaitTransaction { producer: u32, group: String },
    /// `commitTransaction` or `abortTransaction` is done.
    TransactionEnded { producer: u32, committed: bool },
    /// A call of a transaction has not ended within `max.block.ms`: it throws, and goes on by itself.
    TransactionCallTimedOut { producer: u32, call: String, max_block_ms: u64 },
    /// The transaction had nothing in it: nobody was asked.
    TransactionWasEmpty { producer: u32, committed: bool },
    /// A request for the transaction failed, and is made again.
    TransactionRequestRetried { producer: u32, api: ApiKey, error: ErrorCode },
    /// The transaction cannot commit any more.
    TransactionIsToAbort { producer: u32, error: ErrorCode },
    /// The producer has to be closed.
    ProducerCannotGoOn { producer: u32, error: ErrorCode },
    /// An application that reads, processes and writes has sent its results.
    ApplicationWrites { consumer: u32, producer: u32, records: i64 },
    /// Such an application aborts, and reads on from what is committed.
    ApplicationAborts { consumer: u32, producer: u32 },
    /// Such an application is done with what it had read.
    ApplicationGoesOn { consumer: u32 },
    /// Such an application forgets what it read after the last commit.
    ApplicationRewinds { consumer: u32 },
    /// Such an application ends, because its producer cannot go on.
    ApplicationEnds { consumer: u32, producer: u32, error: ErrorCode },
    /// A producer got an error it cannot retry, or ran out of time.
    ProducerGivesUp { producer: u32, partition: TopicPartition, error: ErrorCode },

    // --- a leader ---
    /// A leader appended a batch and waits for its followers (`acks=all`).
    LeaderAppendedWaits { node: i32, partition: TopicPartition, base_offset: i64, last_offset: i64, leader_epoch: i32 },
    /// A leader that is the whole ISR appended a batch: it is committed at once (`acks=all`).
    LeaderAppendedCommits {
        node: i32,
        partition: TopicPartition,
        base_offset: i64,
        last_offset: i64,
        leader_epoch: i32,
    },
    /// A leader appended a batch and answered at once (`acks=1`).
    LeaderAppendedAnswers {
        node: i32,
        partition: TopicPartition,
        base_offset: i64,
        last_offset: i64,
        leader_epoch: i32,
    },
    /// A leader appended a batch that nobody waits for (`acks=0`).
    LeaderAppendedSilently {
        node: i32,
        partition: TopicPartition,
        base_offset: i64,
        last_offset: i64,
        leader_epoch: i32,
    },
    /// A leader has the batch already: its producer sent it again.
    LeaderFoundDuplicate { node: i32, partition: TopicPartition, base_offset: i64, last_offset: i64 },
    /// A broker refused a produce.
    ProduceRefused { node: i32, partition: TopicPartition, error: ErrorCode },
    /// A broker answers a produce with an error although it appended the records.
    ProduceFailedAfterAppend { node: i32, partition: TopicPartition, error: ErrorCode },
    /// A follower's fetch told the leader how far it is, and the high watermark moved.
    FetchMovedHighWatermark { node: i32, follower: i32, partition: TopicPartition, offset: i64, high_watermark: i64 },
    /// A follower's fetch told the leader how far it is.
    FetchFromFollower { node: i32, follower: i32, partition: TopicPartition, offset: i64 },
    /// A follower's fetch with nothing new in it waits.
    FollowerFetchWaits { node: i32, follower: i32 },
    /// A follower's fetch was answered at once.
    FollowerFetchAnswered { node: i32, follower: i32 },
    /// A consumer's fetch waits.
    ConsumerFetchWaits { node: i32, consumer: Actor },
    /// A consumer's fetch was answered at once.
    ConsumerFetchAnswered { node: i32, consumer: Actor },
    /// A fetch was refused.
    FetchRefused { node: i32, from: Actor, partition: TopicPartition, error: ErrorCode },
    /// A leader told a follower where their logs part.
    LeaderFoundDivergence { node: i32, follower: i32, partition: TopicPartition, leader_epoch: i32, end_offset: i64 },
    /// A waiting fetch ran out of time and is answered with what there is.
    FetchWaitedEnough { node: i32, to: Actor },
    /// A waiting produce ran out of time: its records stay in the log.
    ProduceTimedOut { node: i32, to: Actor },
    /// A deletion waits in purgatory for the followers' log starts.
    DeleteRecordsWaits { node: i32, to: Actor },
    /// A leader looked whether a follower lags.
    IsrChecked { node: i32 },
    /// A leader wants a smaller ISR.
    IsrShrinkProposed { node: i32, partition: TopicPartition },
    /// The controller agreed to the ISR that a leader asked for.
    IsrAnswered { node: i32, partition: TopicPartition },
    /// The controller refused the ISR that a leader asked for.
    IsrRefused { node: i32, partition: TopicPartition, error: ErrorCode },

    // --- a follower ---
    /// A follower appended what it fetched.
    FollowerAppended { node: i32, leader: i32, partition: TopicPartition, last_offset: i64 },
    /// A follower learnt a newer high watermark.
    FollowerLearnedHighWatermark { node: i32, leader: i32, partition: TopicPartition, high_watermark: i64 },
    /// A follower cut its log off, or threw it away.
    FollowerTruncated { node: i32, leader: i32, partition: TopicPartition, to: i64, by: TruncatedBy },
    /// A follower's fetch brought nothing.
    FollowerFetchedNothing { node: i32, leader: i32 },
    /// A follower's fetch was refused.
    FollowerRefused { node: i32, leader: i32, partition: TopicPartition, error: ErrorCode },
    /// A follower's log refused what was fetched: the partition is not fetched again before its leader epoch changes.
    FollowerPartitionFailed { node: i32, leader: i32, partition: TopicPartition },
    /// A follower found a corrupt batch in what it fetched, and fetches it again later.
    FollowerFetchedCorrupt { node: i32, leader: i32, partition: TopicPartition },
    /// A follower tries again.
    FollowerFetchesAgain { node: i32, leader: i32 },

    // --- the quorum of the metadata log ---
    /// A voter was asked for its vote and gives it.
    VoteGranted { node: i32, candidate: i32, epoch: i32 },
    /// A voter was asked whether it would give its vote, and would.
    PreVoteGranted { node: i32, candidate: i32, epoch: i32 },
    /// A voter was asked for its vote and denies it.
    VoteDenied { node: i32, candidate: i32, epoch: i32 },
    /// A voter was asked whether it would give its vote, and would not.
    PreVoteDenied { node: i32, candidate: i32, epoch: i32 },
    /// A candidate got a voter's vote, and has no majority yet.
    VoteCounted { node: i32, voter: i32, epoch: i32 },
    /// A prospective candidate heard that a voter would vote for it.
    PreVoteCounted { node: i32, voter: i32, epoch: i32 },
    /// A nominee heard that a voter is not for it.
    VoterIsAgainst { node: i32, voter: i32, epoch: i32 },
    /// A voter knows no leader and its election timeout is over: it asks whether an election would have a chance.
    VoterSeeksElection { node: i32, epoch: i32 },
    /// A follower got nothing from its leader for the fetch timeout: it asks whether an election would have a chance.
    VoterMissesLeader { node: i32, leader: i32, epoch: i32 },
    /// A quorum's network client closed a connection on which an old request was not answered in time.
    QuorumConnectionTimedOut { node: i32, to: i32, api: ApiKey },
    /// An election brought nobody a majority in time.
    ElectionTimedOut { node: i32, epoch: i32 },
    /// A candidate has a majority: it leads.
    VoterElected { node: i32, epoch: i32 },
    /// A request or an answer was such that the thread of the quorum does not survive it: the process ends.
    QuorumThreadFailed { node: i32, epoch: i32 },
    /// A leader was not fetched from by a majority in time: it resigns.
    LeaderMissesMajority { node: i32, epoch: i32 },
    /// A leader whose process is about to end leads no more, and tells the other voters.
    LeaderResignsToEnd { node: i32, epoch: i32 },
    /// The active controller takes an exception for its own fault and gives up its leadership.
    ControllerRenounces { node: i32, epoch: i32 },
    /// A leader that resigned waited long enough for another: it goes to the next epoch.
    ResignedLeaderGoesOn { node: i32, epoch: i32 },
    /// A voter heard who leads.
    VoterLearntLeader { node: i32, leader: i32, epoch: i32 },
    /// A voter heard from another that it knows no leader either.
    VoterLearntNoLeader { node: i32, from: i32, epoch: i32 },
    /// A voter heard that its leader resigned.
    VoterLearntResignation { node: i32, leader: i32, epoch: i32 },
    /// A leader knows that a voter knows of it.
    VoterKnowsLeader { node: i32, voter: i32, epoch: i32 },
    /// A leader that resigned knows that a voter knows of it.
    VoterKnowsResignation { node: i32, voter: i32, epoch: i32 },
    /// A voter appended what its leader sent.
    VoterReplicated { node: i32, from: i64, to: i64 },
    /// A voter cut off what its leader does not have.
    VoterTruncated { node: i32, from: i64, to: i64 },
    /// A voter learnt how far the metadata log is committed.
    VoterLearntHighWatermark { node: i32, high_watermark: i64 },
    /// A voter's fetch brought nothing new.
    VoterFetchedNothing { node: i32, leader: i32 },
    /// Textbook Raft: a leader sent AppendEntries because its heartbeat interval was over.
    LeaderSendsHeartbeats { node: i32, epoch: i32 },
    /// Textbook Raft: a follower had AppendEntries that brought it nothing new.
    HeartbeatHeard { node: i32, leader: i32, epoch: i32 },
    /// Textbook Raft: a follower has not the record at an offset, which precedes what it was sent.
    EntriesRefused { node: i32, leader: i32, offset: i64 },
    /// Textbook Raft: a voter knows a higher epoch than the leader that sent it AppendEntries.
    OldLeaderRefused { node: i32, leader: i32, epoch: i32 },
    /// Textbook Raft: a voter has answered that it has the log up to an offset (exclusive).
    VoterHasEntries { node: i32, voter: i32, offset: i64 },
    /// Textbook Raft: a voter has answered that it lacks what precedes; it is sent what follows an offset.
    VoterLacksEntries { node: i32, voter: i32, offset: i64 },
    /// Textbook Raft: a voter heard of no leader for its election timeout.
    VoterHeardNothing { node: i32, leader: i32, epoch: i32 },

    // --- metadata and the controller ---
    /// A broker fetched metadata and has applied it.
    BrokerAppliedMetadata { node: i32, from: i64, to: i64 },
    /// A broker's metadata fetch brought nothing.
    BrokerFetchedNoMetadata { node: i32 },
    /// A broker's fetch of the metadata log waits at the controller.
    MetadataFetchWaits { node: i32, broker: i32 },
    /// A leader was asked to add a voter, and asks it what it supports.
    VoterAdditionBegun { node: i32, voter: i32 },
    /// A leader has written a record that names one voter more.
    VoterAdded { node: i32, voter: i32 },
    /// A leader has written a record that names one voter less.
    VoterRemovalBegun { node: i32, voter: i32 },
    /// A leader has written a record that names a voter as it is now.
    VoterUpdated { node: i32, voter: i32 },
    /// A change of the voters is committed.
    VoterChangeCommitted { node: i32, voter: i32 },
    /// A change of the voters was not committed in time.
    VoterChangeTimedOut { node: i32 },
    /// A voter tells its leader where it listens now and what it supports.
    VoterAsksForUpdate { node: i32, leader: i32 },
    /// A leader of a static quorum has taken note of where a voter listens and what it supports.
    StaticVoterNoted { node: i32, voter: i32 },
    /// A controller that does not vote asks its leader to make it a voter.
    ControllerAsksForVote { node: i32, leader: i32 },
    /// A controller whose directory is another one asks its leader to remove the voter that it was before.
    ControllerAsksForRemoval { node: i32, leader: i32 },
    /// A leader has answered what a node asked about its own vote.
    OwnVoteAnswered { node: i32, error: ErrorCode },
    /// A leader that is no voter any more resigns.
    RemovedLeaderResigns { node: i32, epoch: i32 },
    /// A leader has answered a fetch of the metadata log: the requester needs a snapshot first.
    SnapshotOffered { node: i32, replica: i32, end_offset: i64, epoch: i32 },
    /// A node was told to fetch a snapshot, and asks for its first piece.
    SnapshotNeeded { node: i32, end_offset: i64, epoch: i32 },
    /// A leader gave a piece of a snapshot.
    SnapshotPieceServed { node: i32, replica: i32, from: i64, to: i64, size: i64 },
    /// A node has got a piece of a snapshot, and asks for the next.
    SnapshotPieceFetched { node: i32, to: i64, size: i64 },
    /// A node has got the whole snapshot: its log starts behind it now.
    SnapshotInstalled { node: i32, end_offset: i64, epoch: i32 },
    /// A snapshot that was being fetched is there no more, or its leader is not.
    SnapshotGivenUp { node: i32, end_offset: i64, epoch: i32 },
    /// A node deleted snapshots that newer ones have taken the place of, and its log up to the oldest that is left.
    SnapshotsCleaned { node: i32, to: i64 },
    /// A broker's fetch of the metadata log was answered at once.
    MetadataFetchAnswered { node: i32, broker: i32 },
    /// A waiting fetch of the metadata log ran out of time.
    MetadataFetchWaitedEnough { node: i32, broker: i32 },
    /// The controller registered a broker.
    ControllerRegistered { node: i32, broker: i32 },
    /// The controller registered a broker's process that it had registered already: it asked again, or its request came twice.
    ControllerRegisteredAgain { node: i32, broker: i32, broker_epoch: i64 },
    /// A controller asks the active one to register it.
    ControllerSendsRegistration { node: i32 },
    /// The active controller registered another.
    ControllerRegisteredController { node: i32, controller: i32 },
    /// A controller was told that it is registered.
    ControllerRegistrationAnswered { node: i32 },
    /// A controller's registration was refused.
    ControllerRegistrationRefused { node: i32, error: ErrorCode },
    /// The controller heard a heartbeat.
    ControllerHeardHeartbeat { node: i32, broker: i32 },
    /// The controller unfenced a broker.
    ControllerUnfenced { node: i32, broker: i32 },
    /// The controller fenced a broker whose session ran out.
    ControllerFenced { node: i32, broker: i32 },
    /// The controller looked whose session ran out.
    ControllerCheckedSessions { node: i32 },
    /// The controller began to move leaders off a broker that wants to stop.
    ControllerShutsDownBroker { node: i32, broker: i32 },
    /// The controller took an ISR that a leader proposed.
    ControllerChangedIsr { node: i32, partition: TopicPartition },
    /// The controller refused an ISR that a leader proposed.
    ControllerRefusedIsr { node: i32, partition: TopicPartition, error: ErrorCode },
    /// The controller carried an admin request out.
    ControllerDecided { node: i32, api: ApiKey },
    /// The controller refused an admin request.
    ControllerRefused { node: i32, api: ApiKey, error: ErrorCode },
    /// A controller became active.
    ControllerActivated { node: i32 },
    /// The controller looked for partitions whose preferred leader does not lead, or that have no leader.
    ControllerBalanced { node: i32 },
    /// A broker sent its heartbeat.
    BrokerSendsHeartbeat { node: i32 },
    /// A broker was told how it stands.
    BrokerHeartbeatAnswered { node: i32, fenced: bool },
    /// A broker sent its registration.
    BrokerRegisters { node: i32 },
    /// A broker was registered.
    BrokerRegistrationAnswered { node: i32, broker_epoch: i64 },
    /// A broker's registration was refused.
    BrokerRegistrationRefused { node: i32, error: ErrorCode },
    /// A broker wrote its high watermarks down; whether one is another than in the file before.
    BrokerCheckpoints { node: i32, is_new: bool },
    /// A broker cleaned its logs.
    BrokerCleansLogs { node: i32 },
    /// A broker finished its controlled shutdown.
    BrokerStopped { node: i32 },
    /// A broker has waited for the controller's leave to end for as long as it does, and has ended without it
    /// (`BrokerServer.shutdown`).
    ControlledShutdownTimedOut { node: i32 },
    /// A broker's process ended because no controller had registered it in time.
    BrokerRegistrationTimedOut { node: i32 },
    /// A controller that was asked to end has ended: another leads the quorum, or nobody did in time.
    ControllerStopped { node: i32 },
    /// A broker passes an admin request on to the controller.
    BrokerForwards { node: i32, api: ApiKey },
    /// A broker knows no active controller: what it has to ask waits in its channel's queue.
    WaitsForController { node: i32, api: ApiKey },
    /// A broker's registration or heartbeat was not answered within `broker.heartbeat.interval.ms`, or could not be sent.
    ControllerRequestTimedOut { node: i32, api: ApiKey },
    /// A broker passes the controller's answer on to the client.
    BrokerReturns { node: i32, api: ApiKey },
    /// A broker answered from its metadata cache.
    BrokerAnswered { node: i32, to: Actor, api: ApiKey },
    /// A request was given up after its timeout.
    RequestGivenUp { actor: Actor, to: Actor, api: ApiKey },

    // --- consumers and groups ---
    /// A consumer looks for its coordinator.
    ConsumerLooksForCoordinator { consumer: u32, group: String },
    /// A consumer found its coordinator.
    ConsumerFoundCoordinator { consumer: u32, group: String, node: i32 },
    /// A consumer was told of a coordinator to which its connection has just failed: it asks again
    /// (`AbstractCoordinator.ensureCoordinatorReady`).
    CoordinatorUnavailable { consumer: u32, group: String, node: i32 },
    /// A consumer learnt metadata.
    ConsumerLearnsMetadata { consumer: u32, node: i32 },
    /// A consumer joined; the group's leader computes the assignment.
    ConsumerJoined { consumer: u32, group: String, generation: i32, as_leader: bool },
    /// A consumer got its partitions.
    ConsumerAssigned { consumer: u32, group: String, partitions: i64 },
    /// A consumer learnt which partitions it is to have in the end (KIP-848).
    ConsumerGotTarget { consumer: u32, group: String, partitions: i64, member_epoch: i32 },
    /// A consumer learnt where to begin.
    ConsumerKnowsPosition { consumer: u32, partition: TopicPartition, offset: i64 },
    /// A consumer asks a leader whether what it has read is still in its log (KIP-320).
    ConsumerValidatesPositions { consumer: u32, node: i32 },
    /// It is: the consumer reads on.
    ConsumerValidatedPositions { consumer: u32, node: i32 },
    /// What a consumer had read was truncated since: it reads on where the leader's log parted from it.
    ConsumerFoundTruncation { consumer: u32, partition: TopicPartition, from: i64, end_offset: i64 },
    /// The leader knows nothing of the epoch that a consumer had read last.
    ConsumerLostEpoch { consumer: u32, partition: TopicPartition, from: i64 },
    /// A consumer asks for records.
    ConsumerFetches { consumer: u32, node: i32 },
    /// A consumer got records.
    ConsumerRead { consumer: u32, partition: TopicPartition, from: i64, to: i64 },
    /// A consumer's fetch brought nothing.
    ConsumerReadNothing { consumer: u32, node: i32 },
    /// A consumer asked to commit.
    ConsumerCommits { consumer: u32, partition: TopicPartition, offset: i64 },
    /// A consumer's commit is safe.
    ConsumerCommitted { consumer: u32, partition: TopicPartition, offset: i64 },
    /// A consumer got an error and acts on it.
    ConsumerRecovers { consumer: u32, api: ApiKey, error: ErrorCode },
    /// A consumer's heartbeat.
    ConsumerHeartbeats { consumer: u32 },
    /// A consumer's application has not polled for `max.poll.interval.ms`: its membership ends.
    ConsumerPollTimedOut { consumer: u32, group: String, interval_ms: Millis },
    /// A consumer's timer found nothing to do.
    ConsumerIdle { consumer: u32 },
    /// The coordinator took a member in and waits for the others.
    CoordinatorJoins { node: i32, group: String, member: String },
    /// A coordinator cannot choose a protocol for a group, since a member has named one twice.
    JoinCannotComplete { node: i32, group: String },
    /// The coordinator completed the join: a new generation.
    CoordinatorCompletesJoin { node: i32, group: String, generation: i32 },
    /// The coordinator handed out the assignment.
    CoordinatorSyncs { node: i32, group: String, generation: i32 },
    /// The coordinator heard a member.
    CoordinatorHeartbeat { node: i32, group: String, error: ErrorCode },
    /// The coordinator appended a commit to `__consumer_offsets`.
    CoordinatorAppendsCommit { node: i32, group: String, partition: TopicPartition, offset: i64 },
    /// The coordinator refused a request.
    CoordinatorRefuses { node: i32, group: String, error: ErrorCode },
    /// The coordinator answered what was committed.
    CoordinatorAnswersOffsets { node: i32, group: String },
    /// The coordinator appended offsets that a transaction commits.
    CoordinatorAppendsTxnOffsets { node: i32, group: String, transactional_id: String },
    /// A leader asks a transaction's coordinator before it appends.
    LeaderVerifiesTransaction { node: i32, transactional_id: String },
    /// A leader wrote the marker of a transaction.
    LeaderWroteMarker { node: i32, partition: TopicPartition, offset: i64, committed: bool },
    /// The transaction coordinator wrote a state of a transactional id.
    TransactionCoordinatorAppends { node: i32, transactional_id: String, state: String },
    /// The transaction coordinator refused a request.
    TransactionCoordinatorRefuses { node: i32, transactional_id: String, error: ErrorCode },
    /// The end of a transaction is decided.
    TransactionEnds { node: i32, transactional_id: String, state: String },
    /// A leader answered which markers it wrote.
    TransactionMarkersAnswered { node: i32, leader: i32 },
    /// All markers of a transaction are written.
    TransactionCompletes { node: i32, transactional_id: String, state: String },
    /// A transaction was open for too long.
    TransactionTimedOut { node: i32, transactional_id: String },
    /// The coordinator dropped a member.
    CoordinatorDropsMember { node: i32, group: String, member: String },
    /// The coordinator looked for what nobody needs any more, and wrote its tombstones (`GroupCoordinatorService.cleanupGroupMetadata`).
    CoordinatorExpires { node: i32, partition: TopicPartition, offsets: u32, groups: u32 },

    // --- the admin client and probes ---
    /// The admin client got its answer.
    AdminAnswered { api: ApiKey, error: ErrorCode },
    /// A probe got its answer.
    ProbeAnswered { probe: u32, api: ApiKey },
    /// Nothing that a person would notice.
    Nothing,
}

impl Explanation {
    /// The kebab-case key.
    pub fn key(&self) -> &'static str {
        self.into()
    }

    /// All keys, for the test that every one has its words in every language.
    pub fn keys() -> &'static [&'static str] {
        <Self as strum::VariantNames>::VARIANTS
    }
}
