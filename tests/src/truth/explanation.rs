//! Whether the sentence about a step is true: each claim of an explanation, as the page words it, is looked up in the cluster
//! before and after the step.

use kafkascope_core::actor::Actor;
use kafkascope_core::broker::lifecycle::LifecycleState;
use kafkascope_core::change::Change;
use kafkascope_core::client::producer::transaction_manager::{IdempotenceState, ProducerIdAndEpoch};
use kafkascope_core::cluster::Cluster;
use kafkascope_core::cluster::node::ProcessState;
use kafkascope_core::explain::Explanation;
use kafkascope_core::raft::OffsetAndEpoch;
use kafkascope_core::socket_server::Task;
use kafkascope_core::socket_server::channel::KafkaChannel;
use kafkascope_core::step::{ExecutedEvent, Size, Step};
use kafkascope_core::transaction::TransactionManagerState;
use kafkascope_core::wire::ApiKey;

use super::change::metadata_log;
use super::pipeline::{has_full_queue, queued, taken, tasks, waits_on};
use super::queries::{controller, fetches, is_meant, kept_by_leader, leads_now, listens, unread};
use super::replica;

/// What is not as a step's sentence says; `None` where all of it is true, as far as it can be looked up.
pub fn untrue(before: &Cluster, step: &Step, after: &Cluster) -> Option<String> {
    let says = |is_true: bool, what: String| (!is_true).then_some(what);
    let changes = |is_it: &dyn Fn(&Change) -> bool| step.changes.iter().any(is_it);
    match &step.explanation {
        Explanation::RequestArrived { node, .. } => {
            let node = after.node(*node)?;
            says(queued(node).next().is_some(), "no request waits there".to_owned())
        }
        Explanation::ChannelMuted { node, from, .. } => {
            let waits = waits_on(after.node(*node)?, *from, KafkaChannel::is_muted);
            says(waits, "no muted connection has a request of it".to_owned())
        }
        Explanation::ChannelThrottled { node, from, until_ms, .. } => {
            let waits = waits_on(after.node(*node)?, *from, |channel| channel.throttled_until == Some(*until_ms));
            says(waits, "no throttled connection has a request of it".to_owned())
        }
        Explanation::ProcessorReads { node, .. } => {
            let node = after.node(*node)?;
            let reads = |task: &Task| matches!(task, Task::Read(..));
            says(tasks(node).any(reads), "no network thread reads".to_owned())
        }
        Explanation::ProcessorBusy { node, .. } => {
            let node = after.node(*node)?;
            says(tasks(node).next().is_some(), "every network thread is idle".to_owned())
        }
        Explanation::RequestQueueFull { node, .. } => {
            let node = after.node(*node)?;
            let is_blocked = tasks(node).any(|task| matches!(task, Task::Blocked(..)));
            says(has_full_queue(node) && is_blocked, "the queue has room".to_owned())
        }
        Explanation::ProcessorQueued { node, from, .. } => {
            let waits = queued(after.node(*node)?).any(|received| received.request_context.from.actor() == *from);
            says(waits, "no request of it waits".to_owned())
        }
        Explanation::HandlerTook { node, from, until_ms, .. } => {
            let works = taken(after.node(*node)?).any(|received| received.request_context.from.actor() == *from);
            says(works && *until_ms > after.now(), "no handler thread works on it".to_owned())
        }
        Explanation::ConnectionRefused { node, .. } => {
            let listens = after.node(*node).is_some_and(|node| listens(before, node, step));
            says(!listens, "a process listens there".to_owned())
        }
        Explanation::HeldOnCutLink { from, to, .. } => {
            says(before.cuts().any(|cut| cut == (*from, *to)), "the link is not cut".to_owned())
        }
        Explanation::ClosingHeld { from, to } => {
            let is_cut = before.cuts().any(|cut| cut == (*from, *to));
            let is_paused = matches!(to, Actor::Node(node) if after.node(*node)?.process == ProcessState::Paused);
            says(is_cut || is_paused, "nothing holds it up".to_owned())
        }
        Explanation::PerfTestSent { producer, sent, num_records, .. }
        | Explanation::PerfTestHeldUp { producer, sent, num_records } => {
            let test = after.producer(*producer)?.perf_test().map(|(_, sent)| sent);
            let is_true = if *sent < *num_records { test == Some(*sent) } else { test.is_none() };
            says(is_true, format!("the test is at {test:?}"))
        }
        Explanation::MachineOff { node, .. } => {
            says(after.node(*node)?.failed_machine.is_some(), "the machine has power".to_owned())
        }
        Explanation::ListenerLearnsClosed { node, .. } => {
            says(after.node(*node)?.process == ProcessState::Running, "the process does not run".to_owned())
        }
        Explanation::ConnectionSetupTimedOut { client: Actor::Node(node), .. } => {
            says(after.node(*node)?.process == ProcessState::Running, "the process does not run".to_owned())
        }
        Explanation::HeldAtPaused { node, .. } | Explanation::TimerHeldAtPaused { node } => {
            says(after.node(*node)?.process == ProcessState::Paused, "the process is not paused".to_owned())
        }
        Explanation::LateAnswer { to: Actor::Node(node), .. } => {
            let is_up = after.node(*node).is_some_and(|node| node.process != ProcessState::Down);
            says(is_up, "the process that asked is gone".to_owned())
        }
        Explanation::VoterAsksForUpdate { node, leader } => {
            let quorum = after.node(*node)?.controller.as_ref()?.quorum();
            says(quorum.is_voter() && quorum.leader() == Some(*leader), "it is no voter that follows it".to_owned())
        }
        Explanation::ControllerAsksForVote { node, leader }
        | Explanation::ControllerAsksForRemoval { node, leader } => {
            let quorum = after.node(*node)?.controller.as_ref()?.quorum();
            says(!quorum.is_voter() && quorum.leader() == Some(*leader), "it votes, or does not follow it".to_owned())
        }
        Explanation::ProducerIdle { .. } => {
            says(!changes(&|change| matches!(change, Change::BatchSent { .. })), "a batch was sent".to_owned())
        }
        Explanation::LeaderAppendedWaits { node, partition, base_offset, last_offset, leader_epoch } => {
            let (replica, log) = replica(after, *node, partition)?;
            let epoch = log.epochs().epoch_for_offset(*base_offset);
            says(epoch == Some(*leader_epoch), format!("the batch is of epoch {epoch:?}")).or_else(|| {
                let high_watermark = replica.high_watermark;
                says(high_watermark <= *last_offset, format!("the high watermark is {high_watermark} already"))
            })
        }
        Explanation::LeaderAppendedCommits { node, partition, last_offset, .. } => {
            let high_watermark = replica(after, *node, partition)?.0.high_watermark;
            says(high_watermark > *last_offset, format!("the high watermark is {high_watermark}"))
        }
        Explanation::LeaderFoundDuplicate { node, partition, base_offset, last_offset } => {
            let is_append = |change: &Change| matches!(change, Change::Appended { node: at, partition: to, as_leader: true, .. } if at == node && to == partition);
            let (_, log) = replica(before, *node, partition)?;
            let is_known =
                log.batches().any(|batch| batch.base_offset == *base_offset && batch.last_offset() == *last_offset);
            says(!changes(&is_append), "it was appended again".to_owned()).or_else(|| {
                says(is_known || *base_offset < log.log_start_offset(), "no such batch is in the log".to_owned())
            })
        }
        Explanation::ProducerHasId { producer, producer_id, epoch }
        | Explanation::ProducerBumpsEpoch { producer, producer_id, epoch } => {
            let state = after.producer(*producer)?.transaction_manager()?.state();
            let id = ProducerIdAndEpoch { producer_id: *producer_id, epoch: *epoch };
            says(state == IdempotenceState::Ready(id), format!("its id is {state:?}"))
        }
        Explanation::ProducerOpensConnection { producer, node } => {
            says(!after.producer(*producer)?.is_ready(*node), "it is ready".to_owned())
        }
        Explanation::ConnectionReady { client, node } => {
            let is_answer = matches!(&step.event, Some(ExecutedEvent::Delivery { from, to, api, is_response, .. })
                if *is_response && *api == ApiKey::ApiVersions && from.actor() == Actor::Node(*node) && to.actor() == *client);
            says(is_answer, "no answer to ApiVersions has come".to_owned())
        }
        Explanation::TransactionsInitialized { producer, producer_id, epoch } => {
            let producer = after.producer(*producer)?;
            let id = ProducerIdAndEpoch { producer_id: *producer_id, epoch: *epoch };
            let found = producer.transaction_manager()?.id();
            says(found == id, format!("its id is {found:?}")).or_else(|| {
                let state = producer.transaction()?.state();
                says(state == TransactionManagerState::Ready, format!("its transaction is {state}"))
            })
        }
        Explanation::TransactionEnded { producer, .. } | Explanation::TransactionWasEmpty { producer, .. } => {
            let producer = after.producer(*producer)?;
            let state = producer.transaction()?.state();
            let is_over = matches!(state, TransactionManagerState::Ready | TransactionManagerState::Initializing);
            // What is sent while EndTxn is under way is accumulated before `send` throws: it is no part of what ended.
            let is_empty = matches!(step.explanation, Explanation::TransactionWasEmpty { .. });
            says(is_over && !(is_empty && producer.has_records()), format!("its transaction is {state}"))
        }
        Explanation::TransactionIsToAbort { producer, .. } => {
            let state = after.producer(*producer)?.transaction()?.state();
            says(state == TransactionManagerState::AbortableError, format!("its transaction is {state}"))
        }
        Explanation::ProducerCannotGoOn { producer, .. } => {
            let state = after.producer(*producer)?.transaction()?.state();
            says(state == TransactionManagerState::FatalError, format!("its transaction is {state}"))
        }
        Explanation::ApplicationWrites { consumer, .. } => {
            let consumer = after.consumer(*consumer)?;
            says(consumer.in_hand() == 0, format!("it holds {} records", consumer.in_hand()))
        }
        Explanation::ApplicationEnds { consumer, producer, .. } => {
            let consumer = after.consumer(*consumer)?;
            let producer = after.producer(*producer)?;
            says(!consumer.is_running() && !producer.is_running(), "its process runs".to_owned())
        }
        Explanation::ProduceRefused { node, partition, .. } => {
            let is_append = |change: &Change| matches!(change, Change::Appended { node: at, partition: to, as_leader: true, .. } if at == node && to == partition);
            says(!changes(&is_append), "its records were appended".to_owned())
        }
        Explanation::RequesterGone { to: Actor::Node(node), .. } => {
            let is_same = after.node(*node).is_some_and(|node| is_meant(before, node, step));
            says(!is_same, "the process that asked runs".to_owned())
        }
        Explanation::LeaderAppendedAnswers { node, partition, base_offset, leader_epoch, .. }
        | Explanation::LeaderAppendedSilently { node, partition, base_offset, leader_epoch, .. } => {
            let (_, log) = replica(after, *node, partition)?;
            let epoch = log.epochs().epoch_for_offset(*base_offset);
            says(epoch == Some(*leader_epoch), format!("the batch is of epoch {epoch:?}"))
        }
        Explanation::FetchMovedHighWatermark { node, follower, partition, offset, high_watermark } => {
            let (replica, _) = replica(after, *node, partition)?;
            let known = replica.leader()?.followers.get(follower)?.log_end_offset;
            says(known == *offset, format!("the leader knows {known}")).or_else(|| {
                let found = replica.high_watermark;
                says(found == *high_watermark, format!("the high watermark is {found}"))
            })
        }
        Explanation::FetchFromFollower { node, follower, partition, offset } => {
            let (replica, _) = replica(after, *node, partition)?;
            let known = replica.leader()?.followers.get(follower)?.log_end_offset;
            says(known == *offset, format!("the leader knows {known}"))
        }
        Explanation::FollowerFetchWaits { node, follower } => {
            let waits = fetches(after.node(*node)?.broker.as_ref()?).any(|from| from == Actor::Node(*follower));
            says(waits, "no fetch of it waits".to_owned())
        }
        Explanation::ConsumerFetchWaits { node, consumer } => {
            let waits = fetches(after.node(*node)?.broker.as_ref()?).any(|from| from == *consumer);
            says(waits, "no fetch of it waits".to_owned()).or_else(|| unread(after.node(*node)?, *consumer))
        }
        Explanation::IsrChecked { .. } => {
            let proposes = changes(&|change| matches!(change, Change::IsrProposed { .. }));
            says(!proposes, "a smaller ISR was asked for".to_owned())
        }
        Explanation::FollowerAppended { node, leader, partition, last_offset } => {
            let (replica, log) = replica(after, *node, partition)?;
            let end = log.log_end_offset();
            says(end == last_offset + 1, format!("its log ends at {end}")).or_else(|| {
                let known = leads_now(after, *leader, replica)?.leader()?.followers.get(node)?.log_end_offset;
                says(known <= *last_offset, format!("the leader knows {known} already"))
            })
        }
        Explanation::FollowerLearnedHighWatermark { node, leader, partition, high_watermark } => {
            let (replica, _) = replica(after, *node, partition)?;
            let found = replica.high_watermark;
            says(found == *high_watermark, format!("its high watermark is {found}")).or_else(|| {
                let leaders = leads_now(after, *leader, replica)?.high_watermark;
                says(leaders >= *high_watermark, format!("the leader's is {leaders}"))
            })
        }
        Explanation::FollowerTruncated { node, leader, partition, to, by } => {
            let (replica, log) = replica(after, *node, partition)?;
            let end = log.log_end_offset();
            says(end == *to, format!("its log ends at {end}"))
                .or_else(|| kept_by_leader(before, after, (*node, *leader), replica, (*to, *by)))
        }
        Explanation::FollowerFetchedNothing { node, .. } => {
            let is_append = |change: &Change| matches!(change, Change::Appended { node: at, .. } if at == node);
            says(!changes(&is_append), "it appended something".to_owned())
        }
        Explanation::BrokerAppliedMetadata { node, to, .. } => {
            let applied = after.node(*node)?.broker.as_ref()?.metadata_offset;
            says(applied == *to, format!("it has applied up to {applied}"))
        }
        Explanation::ControllerRegistered { node, broker, .. } | Explanation::ControllerFenced { node, broker } => {
            let fenced = after.node(*node)?.controller.as_ref()?.image().brokers.get(broker)?.fenced;
            says(fenced, "the broker is not fenced".to_owned())
        }
        Explanation::ControllerRegisteredAgain { node, broker, broker_epoch } => {
            let known = |cluster: &Cluster| {
                let broker = cluster.node(*node)?.controller.as_ref()?.image().brokers.get(broker)?;
                Some((broker.broker_epoch, broker.fenced))
            };
            let (was, is) = (known(before)?, known(after)?);
            says(was == is && is.0 == *broker_epoch, format!("epoch and fenced were {was:?} and are {is:?}"))
        }
        Explanation::ControllerRegisteredController { node, controller } => {
            let is_there = after.node(*node)?.controller.as_ref()?.image().controllers.contains_key(controller);
            says(is_there, "its image has no such controller".to_owned())
        }
        Explanation::ControllerUnfenced { node, broker, .. } => {
            let fenced = after.node(*node)?.controller.as_ref()?.image().brokers.get(broker)?.fenced;
            says(!fenced, "the broker is fenced".to_owned())
        }
        Explanation::ControllerCheckedSessions { .. } => {
            let fences = changes(&|change| matches!(change, Change::BrokerFenced { .. }));
            says(!fences, "a broker was fenced".to_owned())
        }
        Explanation::BrokerHeartbeatAnswered { node, fenced } => {
            let state = after.node(*node)?.broker.as_ref()?.lifecycle.state;
            let is_fenced = match state {
                LifecycleState::Fenced => true,
                LifecycleState::Running => false,
                LifecycleState::Starting | LifecycleState::Stopping => return None,
            };
            says(is_fenced == *fenced, format!("it is {state:?}"))
        }
        Explanation::WaitsForController { node, .. } => {
            let known = after.node(*node)?.broker.as_ref()?.lifecycle.controller();
            known.map(|controller| format!("it knows controller {controller}"))
        }
        Explanation::BrokerStopped { node }
        | Explanation::ControlledShutdownTimedOut { node }
        | Explanation::BrokerRegistrationTimedOut { node } => {
            says(after.node(*node)?.broker.is_none(), "it runs".to_owned())
        }
        Explanation::ControllerStopped { node } => {
            says(after.node(*node)?.process == ProcessState::Down, "its process runs".to_owned())
        }
        Explanation::Nothing => {
            let noticed = step.changes.iter().find(|change| change.size() > Size::Micro);
            noticed.map(|change| format!("{change:?} would be noticed"))
        }
        Explanation::ProducerSends { .. } => {
            says(changes(&|change| matches!(change, Change::BatchSent { .. })), "no batch was sent".to_owned())
        }
        Explanation::IsrShrinkProposed { .. } => {
            says(changes(&|change| matches!(change, Change::IsrProposed { .. })), "no ISR was asked for".to_owned())
        }
        Explanation::BrokerFetchedNoMetadata { .. } => {
            let applied = changes(&|change| matches!(change, Change::MetadataApplied { .. }));
            says(!applied, "it applied records".to_owned())
        }
        Explanation::BrokerCheckpoints { is_new, .. } => {
            let is_changed = changes(&|change| matches!(change, Change::CheckpointWritten { .. }));
            says(is_changed == *is_new, format!("the file has changed: {is_changed}"))
        }
        Explanation::VoteGranted { node, candidate, epoch } => {
            let voted = controller(after, *node)?.quorum().voted();
            says(voted == Some(*candidate), format!("its vote in epoch {epoch} is {voted:?}"))
        }
        Explanation::VoterElected { node, epoch } => {
            let quorum = controller(after, *node)?.quorum();
            says(quorum.is_leader() && quorum.epoch() == *epoch, format!("it is {:?}", quorum.role()))
        }
        Explanation::LeaderMissesMajority { node, .. }
        | Explanation::LeaderResignsToEnd { node, .. }
        | Explanation::ControllerRenounces { node, .. } => {
            let quorum = controller(after, *node)?.quorum();
            says(!quorum.is_leader(), "it still leads".to_owned())
        }
        Explanation::VoterLearntLeader { node, leader, epoch } => {
            let quorum = controller(after, *node)?.quorum();
            let is_so = quorum.leader() == Some(*leader) && quorum.epoch() == *epoch;
            says(is_so, format!("it knows {:?} of epoch {}", quorum.leader(), quorum.epoch()))
        }
        Explanation::LeaderSendsHeartbeats { node, epoch } => {
            let quorum = controller(after, *node)?.quorum();
            says(quorum.is_leader() && quorum.epoch() == *epoch, format!("it is {:?}", quorum.role()))
        }
        Explanation::HeartbeatHeard { node, leader, epoch } => {
            let quorum = controller(after, *node)?.quorum();
            let has_appended = changes(&|change| matches!(change, Change::MetadataReplicated { .. }));
            let is_so = quorum.leader() == Some(*leader) && quorum.epoch() == *epoch && !has_appended;
            says(is_so, format!("it knows {:?} of epoch {}", quorum.leader(), quorum.epoch()))
        }
        Explanation::OldLeaderRefused { node, epoch, .. } => {
            let known = controller(after, *node)?.quorum().epoch();
            says(known == *epoch, format!("it is in epoch {known}"))
        }
        Explanation::VoterHasEntries { voter, offset, .. } => {
            let end = after.node(*voter)?.disk.controller.log.end_offset();
            says(end >= *offset, format!("its metadata log ends at {end}"))
        }
        Explanation::VoterHeardNothing { node, epoch, .. } => {
            let quorum = controller(after, *node)?.quorum();
            says(quorum.epoch() > *epoch, format!("it is {:?} in epoch {}", quorum.role(), quorum.epoch()))
        }
        Explanation::VoterReplicated { node, to, .. } | Explanation::VoterTruncated { node, to, .. } => {
            let end = after.node(*node)?.disk.controller.log.end_offset();
            says(end == *to, format!("its metadata log ends at {end}"))
        }
        Explanation::VoterAdded { node, voter } => {
            let votes = controller(after, *node)?.quorum().voters().contains(voter);
            says(votes, "it is no voter".to_owned())
        }
        Explanation::VoterRemovalBegun { node, voter } => {
            let votes = controller(after, *node)?.quorum().voters().contains(voter);
            says(!votes, "it is a voter".to_owned())
        }
        Explanation::RemovedLeaderResigns { node, .. } => {
            let is_voter = controller(after, *node)?.quorum().is_voter();
            says(!is_voter, "it is a voter".to_owned())
        }
        Explanation::SnapshotInstalled { node, end_offset, .. } => {
            let log = metadata_log(after.node(*node)?);
            let range = (log.start_offset(), log.end_offset());
            says(range == (*end_offset, *end_offset), format!("its metadata log is {range:?}"))
        }
        Explanation::SnapshotsCleaned { node, to } => {
            let start = metadata_log(after.node(*node)?).start_offset();
            says(start == *to, format!("its metadata log starts at {start}"))
        }
        Explanation::SnapshotOffered { node, end_offset, epoch, .. } => {
            let id = OffsetAndEpoch { offset: *end_offset, epoch: *epoch };
            let is_there = metadata_log(after.node(*node)?).snapshot(id).is_some();
            says(is_there, "it has no such snapshot".to_owned())
        }
        Explanation::VoterLearntHighWatermark { node, high_watermark } => {
            let known = controller(after, *node)?.high_watermark();
            says(known == *high_watermark, format!("it knows {known}"))
        }
        Explanation::ControllerActivated { node } => {
            let active = after.active_controller();
            says(active == Some(*node), format!("the active one is {active:?}"))
        }
        Explanation::ConsumerRead { .. } => {
            let has_read = changes(&|change| matches!(change, Change::RecordsRead { .. }));
            says(has_read, "no records were read".to_owned())
        }
        Explanation::ConsumerCannotDeserialize { .. } => {
            let has_failed = changes(&|change| matches!(change, Change::DeserializationFailed { .. }));
            says(has_failed, "every record could be read".to_owned())
        }
        Explanation::ConsumerValidatedPositions { .. } => {
            let has_moved = changes(&|change| matches!(change, Change::PositionMoved { .. }));
            says(!has_moved, "a position moved".to_owned())
        }
        Explanation::ConsumerFoundTruncation { consumer, partition, from, end_offset } => {
            let has_moved = changes(&|change| {
                matches!(change, Change::PositionMoved { consumer: who, partition: which, from: before, to }
                    if who == consumer && which == partition && before == from && to == end_offset)
            });
            says(end_offset < from && has_moved, "the position did not move back".to_owned())
        }
        Explanation::ConsumerLostEpoch { consumer, from, .. } => {
            let has_moved = changes(
                &|change| matches!(change, Change::PositionMoved { consumer: who, to, .. } if who == consumer && to == from),
            );
            says(*from >= 0 && !has_moved, "it is where it was".to_owned())
        }
        Explanation::ConsumerReadNothing { .. } => {
            let has_read = changes(&|change| matches!(change, Change::RecordsRead { .. }));
            says(!has_read, "records were read".to_owned())
        }
        Explanation::ConsumerCommitted { .. } => {
            let is_acknowledged = changes(&|change| matches!(change, Change::CommitAcknowledged { .. }));
            says(is_acknowledged, "no commit was acknowledged".to_owned())
        }
        Explanation::ConsumerPollTimedOut { consumer, .. } => {
            let has = after.consumer(*consumer)?.assigned().count();
            says(has == 0, format!("it has {has} partitions"))
        }
        Explanation::ConsumerIdle { .. } => {
            let noticed = step.changes.iter().find(|change| change.size() > Size::Micro);
            noticed.map(|change| format!("{change:?} would be noticed"))
        }
        // Not looked up yet, or nothing of the state tells it.
        Explanation::PersonProduces { .. }
        | Explanation::PersonPolls { .. }
        | Explanation::PersonCommits { .. }
        | Explanation::PersonProcesses { .. }
        | Explanation::PersonCrashesConsumer { .. }
        | Explanation::PersonSeeks { .. }
        | Explanation::PersonSeeksToBeginning { .. }
        | Explanation::PersonSeeksToEnd { .. }
        | Explanation::PersonPausesPartitions { .. }
        | Explanation::PersonResumesPartitions { .. }
        | Explanation::PersonSubscribes { .. }
        | Explanation::PersonSubscribesToPattern { .. }
        | Explanation::PersonUnsubscribes { .. }
        | Explanation::PersonAssigns { .. }
        | Explanation::PersonClosesConsumer { .. }
        | Explanation::PersonClosesProducer { .. }
        | Explanation::ProducerIsClosed { .. }
        | Explanation::PersonStartsConsumer { .. }
        | Explanation::PersonCrashesProcess { .. }
        | Explanation::PersonCrashesMachine { .. }
        | Explanation::PersonStarts { .. }
        | Explanation::PersonShutsDown { .. }
        | Explanation::PersonPauses { .. }
        | Explanation::PersonResumes { .. }
        | Explanation::PersonSlowsDisk { .. }
        | Explanation::PersonCuts { .. }
        | Explanation::PersonHeals { .. }
        | Explanation::PersonDrops { .. }
        | Explanation::PersonDelays { .. }
        | Explanation::PersonDuplicates { .. }
        | Explanation::PersonSets { .. }
        | Explanation::PersonAdministers { .. }
        | Explanation::PersonProbes { .. }
        | Explanation::PersonSendsBytes { .. }
        | Explanation::PersonClosesConnection { .. }
        | Explanation::ConnectionAccepted { .. }
        | Explanation::RequestIncomplete { .. }
        | Explanation::BytesUnread { .. }
        | Explanation::BytesHeld { .. }
        | Explanation::BytesRefused { .. }
        | Explanation::RequestTooLarge { .. }
        | Explanation::NegativeRequestSize { .. }
        | Explanation::MalformedRequest { .. }
        | Explanation::ConnectionIdle { .. }
        | Explanation::ClientClosesIdleConnection { .. }
        | Explanation::NoConnectionIdle { .. }
        | Explanation::TooManyConnections { .. }
        | Explanation::ProbeDisconnected { .. }
        | Explanation::LateAnswer { .. }
        | Explanation::RequesterGone { .. }
        | Explanation::ConnectionSetupTimedOut { .. }
        | Explanation::ConnectionClosedBefore { .. }
        | Explanation::ListenerResets { .. }
        | Explanation::AnswerReset { .. }
        | Explanation::PeerGone { .. }
        | Explanation::WaitsForDisk { .. }
        | Explanation::ProcessorSent { .. }
        | Explanation::RecordAccumulated { .. }
        | Explanation::ProducerNeedsMetadata { .. }
        | Explanation::ProducerLearnsMetadata { .. }
        | Explanation::ProducerAcknowledged { .. }
        | Explanation::ProducerRetries { .. }
        | Explanation::ProducerSplitsBatch { .. }
        | Explanation::ProducerGivesUp { .. }
        | Explanation::ProducerAwaitsMemory { .. }
        | Explanation::ProducerBufferExhausted { .. }
        | Explanation::TransactionCallTimedOut { .. }
        | Explanation::ProducerWaitsForId { .. }
        | Explanation::ProduceFailedAfterAppend { .. }
        | Explanation::FollowerFetchAnswered { .. }
        | Explanation::ConsumerFetchAnswered { .. }
        | Explanation::FetchRefused { .. }
        | Explanation::LeaderFoundDivergence { .. }
        | Explanation::FetchWaitedEnough { .. }
        | Explanation::ProduceTimedOut { .. }
        | Explanation::DeleteRecordsWaits { .. }
        | Explanation::IsrAnswered { .. }
        | Explanation::IsrRefused { .. }
        | Explanation::FollowerRefused { .. }
        | Explanation::FollowerPartitionFailed { .. }
        | Explanation::FollowerFetchedCorrupt { .. }
        | Explanation::FollowerFetchesAgain { .. }
        | Explanation::MetadataFetchWaits { .. }
        | Explanation::MetadataFetchAnswered { .. }
        | Explanation::SnapshotNeeded { .. }
        | Explanation::VoterAdditionBegun { .. }
        | Explanation::VoterUpdated { .. }
        | Explanation::StaticVoterNoted { .. }
        | Explanation::OwnVoteAnswered { .. }
        | Explanation::VoterChangeCommitted { .. }
        | Explanation::VoterChangeTimedOut { .. }
        | Explanation::SnapshotPieceServed { .. }
        | Explanation::SnapshotPieceFetched { .. }
        | Explanation::SnapshotGivenUp { .. }
        | Explanation::MetadataFetchWaitedEnough { .. }
        | Explanation::PreVoteGranted { .. }
        | Explanation::PreVoteDenied { .. }
        | Explanation::PreVoteCounted { .. }
        | Explanation::VoterIsAgainst { .. }
        | Explanation::VoteDenied { .. }
        | Explanation::VoteCounted { .. }
        | Explanation::VoterSeeksElection { .. }
        | Explanation::VoterMissesLeader { .. }
        | Explanation::QuorumConnectionTimedOut { .. }
        | Explanation::ElectionTimedOut { .. }
        | Explanation::ResignedLeaderGoesOn { .. }
        | Explanation::VoterLearntNoLeader { .. }
        | Explanation::QuorumThreadFailed { .. }
        | Explanation::VoterLearntResignation { .. }
        | Explanation::VoterKnowsLeader { .. }
        | Explanation::VoterKnowsResignation { .. }
        | Explanation::VoterFetchedNothing { .. }
        | Explanation::EntriesRefused { .. }
        | Explanation::VoterLacksEntries { .. }
        | Explanation::ControllerSendsRegistration { .. }
        | Explanation::ControllerRegistrationAnswered { .. }
        | Explanation::ControllerRegistrationRefused { .. }
        | Explanation::ControllerHeardHeartbeat { .. }
        | Explanation::ControllerShutsDownBroker { .. }
        | Explanation::ControllerChangedIsr { .. }
        | Explanation::ControllerRefusedIsr { .. }
        | Explanation::ControllerDecided { .. }
        | Explanation::ControllerRefused { .. }
        | Explanation::ControllerBalanced { .. }
        | Explanation::BrokerSendsHeartbeat { .. }
        | Explanation::BrokerRegisters { .. }
        | Explanation::BrokerRegistrationAnswered { .. }
        | Explanation::BrokerRegistrationRefused { .. }
        | Explanation::BrokerCleansLogs { .. }
        | Explanation::BrokerForwards { .. }
        | Explanation::ControllerRequestTimedOut { .. }
        | Explanation::BrokerReturns { .. }
        | Explanation::BrokerAnswered { .. }
        | Explanation::RequestGivenUp { .. }
        | Explanation::ConsumerLooksForCoordinator { .. }
        | Explanation::ConsumerFoundCoordinator { .. }
        | Explanation::CoordinatorUnavailable { .. }
        | Explanation::ConsumerLearnsMetadata { .. }
        | Explanation::ConsumerJoined { .. }
        | Explanation::ConsumerAssigned { .. }
        | Explanation::ConsumerGotTarget { .. }
        | Explanation::ConsumerKnowsPosition { .. }
        | Explanation::ConsumerValidatesPositions { .. }
        | Explanation::ConsumerFetches { .. }
        | Explanation::ConsumerCommits { .. }
        | Explanation::ConsumerRecovers { .. }
        | Explanation::ConsumerHeartbeats { .. }
        | Explanation::CoordinatorJoins { .. }
        | Explanation::CoordinatorCompletesJoin { .. }
        | Explanation::JoinCannotComplete { .. }
        | Explanation::CoordinatorSyncs { .. }
        | Explanation::CoordinatorHeartbeat { .. }
        | Explanation::CoordinatorAppendsCommit { .. }
        | Explanation::CoordinatorRefuses { .. }
        | Explanation::CoordinatorAnswersOffsets { .. }
        | Explanation::CoordinatorDropsMember { .. }
        | Explanation::CoordinatorExpires { .. }
        | Explanation::CoordinatorAppendsTxnOffsets { .. }
        | Explanation::LeaderVerifiesTransaction { .. }
        | Explanation::LeaderWroteMarker { .. }
        | Explanation::TransactionCoordinatorAppends { .. }
        | Explanation::TransactionCoordinatorRefuses { .. }
        | Explanation::TransactionEnds { .. }
        | Explanation::TransactionMarkersAnswered { .. }
        | Explanation::TransactionCompletes { .. }
        | Explanation::TransactionTimedOut { .. }
        | Explanation::PersonCallsProducer { .. }
        | Explanation::PersonCrashesProducer { .. }
        | Explanation::PersonStartsProducer { .. }
        | Explanation::PersonStartsPerfTest { .. }
        | Explanation::KeptBackSent { .. }
        | Explanation::ThrottleOver { .. }
        | Explanation::SendOutsideTransaction { .. }
        | Explanation::ProducerAsksForTransaction { .. }
        | Explanation::ProducerFoundCoordinator { .. }
        | Explanation::PartitionsAddedToTransaction { .. }
        | Explanation::OffsetsAwaitTransaction { .. }
        | Explanation::TransactionRequestRetried { .. }
        | Explanation::ApplicationAborts { .. }
        | Explanation::ApplicationGoesOn { .. }
        | Explanation::ApplicationRewinds { .. }
        | Explanation::AdminAnswered { .. }
        | Explanation::ProbeAnswered { .. } => None,
    }
}
