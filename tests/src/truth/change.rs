//! Whether a change is as its line says: what was before, what is now, and that the two are different.

use std::mem::discriminant;

use kafkascope_core::actor::Actor;
use kafkascope_core::change::{Change, Concern};
use kafkascope_core::client::consumer::Subscription;
use kafkascope_core::cluster::Cluster;
use kafkascope_core::cluster::node::{Node, ProcessState};
use kafkascope_core::metadata::MetadataImage;
use kafkascope_core::metadata::image::PartitionImage;
use kafkascope_core::raft::{MetadataLog, OffsetAndEpoch};
use kafkascope_core::step::Step;
use kafkascope_core::wire::TopicPartition;

use super::replica;

/// What is not as one of the step's changes says; `None` where all is, as far as it can be looked up.
pub fn untrue(before: &Cluster, step: &Step, after: &Cluster) -> Option<String> {
    step.changes.iter().enumerate().find_map(|(at, change)| {
        let seen = Seen {
            before: (!step.changes[..at].iter().any(|earlier| is_alike(earlier, change))).then_some(before),
            after: (!step.changes[at + 1..].iter().any(|later| is_over_with(later, change))).then_some(after),
            acted: step.actor.and_then(|actor| match actor {
                Actor::Node(node) => Some(node),
                Actor::Producer(_) | Actor::Consumer(_) | Actor::Admin | Actor::Probe(_) => None,
            }),
        };
        let what = nothing_changed(change).or_else(|| seen.untrue(change))?;
        Some(format!("of {change:?}: {what}"))
    })
}

/// The clusters that a change can be compared with: not the one before, where the same was changed earlier in the step, and
/// not the one after, where it was changed again.
struct Seen<'c> {
    before: Option<&'c Cluster>,
    after: Option<&'c Cluster>,
    /// The process that acted.
    acted: Option<i32>,
}

/// Whether two changes tell of the same thing.
fn is_alike(one: &Change, other: &Change) -> bool {
    discriminant(one) == discriminant(other) && subject(one) == subject(other)
}

/// Whether what a change tells of is something else once a later one of the same step has happened.
fn is_over_with(later: &Change, change: &Change) -> bool {
    match (change, later) {
        (
            Change::DelayedOperationWatched { node, api, from },
            Change::DelayedOperationCompleted { node: at, api: of, to, .. },
        ) => (node, api, from) == (at, of, to),
        (Change::ProducerTransaction { producer, .. }, Change::ProducerClosed { producer: closed }) => {
            producer == closed
        }
        _ => is_alike(later, change),
    }
}

/// Of whom a change tells.
fn subject(change: &Change) -> (Option<Actor>, Option<i32>, Option<&TopicPartition>) {
    match change.traits().1 {
        Concern::Actor(actor) => (Some(actor), None, None),
        Concern::Replica { node, partition, .. } => (None, Some(node), Some(partition)),
        Concern::Follower { leader, follower, partition } => {
            (Some(Actor::Node(leader)), Some(follower), Some(partition))
        }
        Concern::Members { partition, .. } | Concern::Leadership { partition, .. } => (None, None, Some(partition)),
        Concern::Link { from, .. } => (Some(from), None, None),
        Concern::Group(_) | Concern::Topic(_) | Concern::Nobody => (None, None, None),
    }
}

/// The old value of a line is struck out: it must be another one. A leader or a voter that stays what it is in a new epoch,
/// and an offset that is committed once more, have lines of their own; what was read goes from one offset to another, and replaces nothing.
fn nothing_changed(change: &Change) -> Option<String> {
    if matches!(
        change,
        Change::LeaderChanged { .. }
            | Change::OffsetCommitted { .. }
            // A transactional id that has done nothing yet gets its producer another epoch.
            | Change::TransactionStateChanged { .. }
            | Change::QuorumRoleChanged { .. }
            | Change::RecordsRead { .. }
            | Change::RecordsProcessed { .. }
            // The broker of a combined process asks its own controller.
            | Change::TimedOut { .. }
            | Change::Dropped { .. }
            | Change::ConnectionBroken { .. }
            | Change::Delayed { .. }
            | Change::Duplicated { .. }
    ) {
        return None;
    }
    let fields = serde_json::to_value(change).ok()?;
    let is_same = [("from", "to"), ("fromMs", "toMs")]
        .into_iter()
        .any(|(from, to)| fields.get(from).is_some_and(|old| Some(old) == fields.get(to)));
    is_same.then(|| "the old value is the new one".to_owned())
}

impl Seen<'_> {
    /// What the controller knows that acted, which need not be the active one any longer; where none did, the active one.
    fn image_of<'c>(&self, cluster: &'c Cluster) -> Option<&'c MetadataImage> {
        let acted = self.acted.and_then(|node| cluster.node(node)?.controller.as_ref());
        acted.map(|controller| controller.image()).or_else(|| cluster.image())
    }

    fn untrue(&self, change: &Change) -> Option<String> {
        match change {
            Change::Appended { node, partition, base_offset, last_offset, leader_epoch, as_leader } => {
                let (replica, log) = replica(self.after?, *node, partition)?;
                let end = log.log_end_offset();
                let epoch = log.epochs().epoch_for_offset(*base_offset);
                unless(end > *last_offset, || format!("the log ends at {end}"))
                    .or_else(|| unless(epoch == Some(*leader_epoch), || format!("the batch is of epoch {epoch:?}")))
                    .or_else(|| unless(!as_leader || replica.is_leader(), || "it does not lead".to_owned()))
            }
            Change::Truncated { node, partition, from, to } => {
                self.replica(*node, partition, (*from, *to), "the log ends", |cluster, node, partition| {
                    Some(replica(cluster, node, partition)?.1.log_end_offset())
                })
            }
            Change::HighWatermarkMoved { node, partition, from, to, .. } => {
                self.replica(*node, partition, (*from, *to), "the high watermark is", |cluster, node, partition| {
                    Some(replica(cluster, node, partition)?.0.high_watermark)
                })
            }
            Change::LogStartMoved { node, partition, from, to } => {
                self.replica(*node, partition, (*from, *to), "the log starts", |cluster, node, partition| {
                    Some(replica(cluster, node, partition)?.1.log_start_offset())
                })
            }
            Change::EpochStarted { node, partition, leader_epoch, .. } => {
                let (_, log) = replica(self.after?, *node, partition)?;
                let latest = log.epochs().latest_epoch();
                unless(latest.is_some_and(|latest| latest >= *leader_epoch), || {
                    format!("the latest epoch is {latest:?}")
                })
            }
            Change::FollowerEndKnown { leader, follower, partition, to, .. } => {
                let (replica, _) = replica(self.after?, *leader, partition)?;
                let known = replica.leader()?.followers.get(follower)?.log_end_offset;
                unless(known == *to, || format!("the leader knows {known}"))
            }
            Change::BecameLeader { node, partition, leader_epoch } => {
                let (replica, _) = replica(self.after?, *node, partition)?;
                let epoch = replica.registration.leader_epoch;
                unless(replica.is_leader() && epoch == *leader_epoch, || {
                    format!("it leads: {}, in epoch {epoch}", replica.is_leader())
                })
            }
            Change::BecameFollower { node, partition, leader, leader_epoch } => {
                let (replica, _) = replica(self.after?, *node, partition)?;
                let known = (replica.registration.leader, replica.registration.leader_epoch);
                unless(!replica.is_leader() && known == (*leader, *leader_epoch), || {
                    format!("it leads: {}; it knows leader and epoch {known:?}", replica.is_leader())
                })
            }
            Change::IsrProposed { node, partition, from, to } => {
                let (replica, _) = replica(self.after?, *node, partition)?;
                let isr = &replica.registration.isr;
                let proposed = replica.leader()?.proposal.as_ref().map(|proposal| &proposal.isr);
                unless(isr == from, || format!("its ISR is {isr:?}")).or_else(|| {
                    unless(proposed.is_none_or(|proposed| proposed == to), || format!("it proposes {proposed:?}"))
                })
            }
            Change::IsrChanged { partition, from, to, .. } => {
                self.registered(partition, (from, to), "ISR", |image| image.isr.clone())
            }
            Change::ElrChanged { partition, from, to } => {
                self.registered(partition, (from, to), "ELR", |image| image.elr.clone())
            }
            Change::ReplicasChanged { partition, from, to } => {
                self.registered(partition, (from, to), "replica list", |image| image.replicas.clone())
            }
            Change::LeaderChanged { partition, from, to, .. } => {
                self.registered(partition, (from, to), "leader", |image| image.leader)
            }
            Change::DelayedOperationWatched { node, api, from } => {
                let broker = self.after?.node(*node)?.broker.as_ref()?;
                // A controller's fetches wait in the quorum's own purgatory.
                if self.after?.node(*node)?.config.roles.is_controller() {
                    return None;
                }
                let waits = broker.purgatory.iter().any(|waiting| match waiting.operation.request_context() {
                    Some(context) => context.api == *api && context.from.actor() == *from,
                    None => false,
                });
                unless(waits, || "no such request waits there".to_owned())
            }
            Change::SnapshotCreated { node, end_offset, epoch }
            | Change::SnapshotFetched { node, end_offset, epoch } => {
                let id = OffsetAndEpoch { offset: *end_offset, epoch: *epoch };
                let is_there = metadata_log(self.after?.node(*node)?).snapshot(id).is_some();
                unless(is_there, || "there is no such snapshot".to_owned())
            }
            Change::SnapshotDeleted { node, end_offset, epoch } => {
                let id = OffsetAndEpoch { offset: *end_offset, epoch: *epoch };
                let is_there = metadata_log(self.after?.node(*node)?).snapshot(id).is_some();
                unless(!is_there, || "the snapshot is there".to_owned())
            }
            Change::VotersChanged { node, to, .. } => {
                let voters = self.after?.node(*node)?.controller.as_ref()?.quorum().voters();
                unless(voters == *to, || format!("the voters are {voters:?}"))
            }
            Change::SnapshotLoaded { node, end_offset, .. } => {
                let applied = self.after?.node(*node)?.broker.as_ref().map(|broker| broker.metadata_offset);
                let is_controller = self.after?.node(*node)?.config.roles.is_controller();
                unless(is_controller || applied >= Some(*end_offset), || format!("it has applied up to {applied:?}"))
            }
            Change::MetadataLogStartMoved { node, from, to } => {
                let starts = |cluster: &Cluster| Some(metadata_log(cluster.node(*node)?).start_offset());
                let (old, new) = (self.before.and_then(starts), self.after.and_then(starts));
                unless(old.is_none_or(|old| old == *from), || format!("before, its log started at {old:?}"))
                    .or_else(|| unless(new == Some(*to), || format!("its log starts at {new:?}")))
            }
            Change::MetadataApplied { node, to, .. } => {
                let applied = self.after?.node(*node)?.broker.as_ref()?.metadata_offset;
                unless(applied >= *to, || format!("it has applied up to {applied}"))
            }
            Change::BrokerFenced { broker } => {
                let fenced = self.image_of(self.after?)?.brokers.get(broker)?.fenced;
                unless(fenced, || "it is not fenced".to_owned())
            }
            Change::BrokerUnfenced { broker } => {
                let fenced = self.image_of(self.after?)?.brokers.get(broker)?.fenced;
                unless(!fenced, || "it is fenced".to_owned())
            }
            Change::BrokerRegistered { broker, broker_epoch } => {
                let epoch = self.after?.broker_epoch(*broker);
                unless(epoch >= *broker_epoch, || format!("its epoch is {epoch}"))
            }
            Change::TopicCreated { topic, .. } => {
                let exists = self.image_of(self.after?)?.topic_ids.contains_key(topic);
                unless(exists, || "there is no such topic".to_owned())
            }
            Change::TopicDeleted { topic } => {
                let exists = self.image_of(self.after?)?.topic_ids.contains_key(topic);
                unless(!exists, || "the topic is there".to_owned())
            }
            Change::Crashed { node, .. } | Change::ShutDown { node } => self.process(*node, ProcessState::Down),
            Change::Started { node } | Change::Resumed { node } => self.process(*node, ProcessState::Running),
            Change::Paused { node } => self.process(*node, ProcessState::Paused),
            Change::DiskSlowed { node, by_ms } => {
                let found = self.after?.node(*node)?.slow_disk.by_ms;
                unless(found == *by_ms, || format!("a write takes {found} ms"))
            }
            Change::LinkCut { from, to } => {
                let is_cut = self.after?.cuts().any(|cut| cut == (*from, *to));
                unless(is_cut, || "the link works".to_owned())
            }
            Change::LinkHealed { from, to } => {
                let is_cut = self.after?.cuts().any(|cut| cut == (*from, *to));
                unless(!is_cut, || "the link is cut".to_owned())
            }
            Change::PositionMoved { consumer, partition, to, .. } => {
                let consumers = self.after?.consumers().collect::<Vec<_>>();
                let consumer = consumers.into_iter().find(|each| each.view().number == *consumer)?;
                let (_, position, _) = consumer.assigned().find(|(name, ..)| *name == partition)?;
                unless(position.is_none_or(|position| position >= *to), || format!("its position is {position:?}"))
            }
            Change::PartitionsPaused { consumer, partitions } => self.paused(*consumer, partitions, true),
            Change::PartitionsResumed { consumer, partitions } => self.paused(*consumer, partitions, false),
            Change::Unsubscribed { consumer } => {
                let found = self.after?.consumer(*consumer)?.subscription();
                unless(*found == Subscription::None, || format!("it reads {found:?}"))
            }
            Change::Subscribed { consumer, topics } | Change::SubscribedToPattern { consumer, topics, .. } => {
                let found = self.after?.consumer(*consumer)?.subscription();
                unless(found.topics() == topics, || format!("it reads {found:?}"))
            }
            Change::PartitionsAssigned { consumer, partitions } => {
                let consumer = self.after?.consumer(*consumer)?;
                let is_same = consumer.assigned().map(|(partition, ..)| partition).eq(partitions);
                unless(is_same && *consumer.subscription() == Subscription::Partitions, || "it has others".to_owned())
            }
            Change::ConsumerCrashed { consumer } | Change::ConsumerClosed { consumer } => {
                self.consumer(*consumer, false)
            }
            Change::ConsumerStarted { consumer } => self.consumer(*consumer, true),
            Change::ProducerClosed { producer } | Change::ProducerCrashed { producer } => {
                self.producer(*producer, false)
            }
            Change::ProducerStarted { producer } => self.producer(*producer, true),
            Change::ProducerTransaction { producer, state } => {
                let producer = self.after?.producer(*producer)?;
                let found = producer.transaction()?.state().to_string();
                // An application begins and commits in one go.
                let is_passed = state == "IN_TRANSACTION" && found == "COMMITTING_TRANSACTION";
                unless(found == *state || is_passed, || format!("its transaction is {found}"))
            }
            Change::TransactionCallTimedOut { producer, call } => {
                let timed_out = self.after?.producer(*producer)?.transaction()?.timed_out_call();
                let is_left_at_that = call == "sendOffsetsToTransaction" && timed_out.is_none();
                let is_so = timed_out.is_some_and(|timed_out| timed_out.name() == call) || is_left_at_that;
                unless(is_so, || format!("{timed_out:?} is to be made again"))
            }
            Change::RecordsProcessed { from, to, .. } => unless(from <= to, || "it processed backwards".to_owned()),
            Change::RecordsRead { from, to, .. } => unless(from <= to, || "it read backwards".to_owned()),
            Change::TimedOut { .. }
            | Change::QuorumRoleChanged { .. }
            | Change::VoteCast { .. }
            | Change::MetadataReplicated { .. }
            | Change::MetadataTruncated { .. }
            | Change::QuorumHighWatermarkMoved { .. }
            | Change::SegmentRolled { .. }
            | Change::SegmentDeleted { .. }
            | Change::Flushed { .. }
            | Change::IndexLookedUp { .. }
            | Change::TimeIndexLookedUp { .. }
            | Change::Compacted { .. }
            | Change::CheckpointWritten { .. }
            | Change::UnflushedLost { .. }
            | Change::FollowerCaughtUp { .. }
            | Change::DivergenceFound { .. }
            | Change::DelayedOperationCompleted { .. }
            | Change::Refused { .. }
            | Change::MetadataAppended { .. }
            | Change::ConfigChanged { .. }
            | Change::FetchSessionClosed { .. }
            | Change::LogLevelChanged { .. }
            | Change::ShutdownRequested { .. }
            | Change::Dropped { .. }
            | Change::ConnectionBroken { .. }
            | Change::ClientThrottled { .. }
            | Change::Delayed { .. }
            | Change::Duplicated { .. }
            | Change::Partitioned { .. }
            | Change::BatchSent { .. }
            | Change::Acknowledged { .. }
            | Change::Retried { .. }
            | Change::BatchSplit { .. }
            | Change::RecordsAbandoned { .. }
            | Change::ProduceFailed { .. }
            | Change::RecordsAborted { .. }
            | Change::MetadataLearned { .. }
            | Change::ProducerIdAssigned { .. }
            | Change::CoordinatorFound { .. }
            | Change::GroupStateChanged { .. }
            | Change::GroupEpochBumped { .. }
            | Change::Assigned { .. }
            | Change::Reconciled { .. }
            | Change::PartitionsRevoked { .. }
            | Change::PartitionsLost { .. }
            | Change::OffsetResetRequested { .. }
            | Change::OffsetCommitted { .. }
            | Change::CommitAcknowledged { .. }
            | Change::MemberLeft { .. }
            | Change::DeserializationFailed { .. }
            | Change::CoordinatorLoaded { .. }
            | Change::TransactionStateChanged { .. }
            | Change::TransactionCoordinatorLoaded { .. }
            | Change::SettingChanged { .. }
            | Change::ConnectionClosed { .. }
            | Change::ProbeDisconnected { .. }
            | Change::ProbeAnswered { .. } => None,
        }
    }

    /// Whether a consumer's partitions are all paused, or none is.
    fn paused(&self, number: u32, partitions: &[TopicPartition], is_paused: bool) -> Option<String> {
        let paused: Vec<&TopicPartition> = self.after?.consumer(number)?.paused().collect();
        let is_so = partitions.iter().all(|partition| paused.contains(&partition) == is_paused);
        unless(is_so, || format!("{paused:?} are paused"))
    }

    /// Whether a consumer's process runs.
    fn consumer(&self, number: u32, runs: bool) -> Option<String> {
        let consumer = self.after?.consumer(number)?;
        unless(consumer.is_running() == runs, || format!("it runs: {}", consumer.is_running()))
    }

    /// Whether a producer's process runs.
    fn producer(&self, number: u32, runs: bool) -> Option<String> {
        let producer = self.after?.producer(number)?;
        unless(producer.is_running() == runs, || format!("it runs: {}", producer.is_running()))
    }

    /// A number of a replica that went from one value to another.
    fn replica(
        &self,
        node: i32,
        partition: &TopicPartition,
        (from, to): (i64, i64),
        what: &str,
        look: impl Fn(&Cluster, i32, &TopicPartition) -> Option<i64>,
    ) -> Option<String> {
        let old = self.before.and_then(|before| look(before, node, partition));
        let new = self.after.and_then(|after| look(after, node, partition));
        unless(old.is_none_or(|old| old == from), || format!("before, {what} {old:?}"))
            .or_else(|| unless(new.is_none_or(|new| new == to), || format!("now {what} {new:?}")))
    }

    /// What the metadata log says of a partition, that went from one value to another.
    fn registered<V: PartialEq + std::fmt::Debug>(
        &self,
        partition: &TopicPartition,
        (from, to): (&V, &V),
        what: &str,
        look: impl Fn(&PartitionImage) -> V,
    ) -> Option<String> {
        let of = |cluster: &Cluster| {
            let image = self.image_of(cluster)?;
            let topic = image.topics.get(image.topic_ids.get(&partition.topic)?)?;
            topic.partitions.get(&partition.partition).map(|image| look(image))
        };
        let old = self.before.and_then(&of);
        let new = self.after.and_then(&of);
        unless(old.as_ref().is_none_or(|old| old == from), || format!("before, the {what} was {old:?}"))
            .or_else(|| unless(new.as_ref().is_none_or(|new| new == to), || format!("now the {what} is {new:?}")))
    }

    fn process(&self, node: i32, state: ProcessState) -> Option<String> {
        let found = self.after?.node(node)?.process;
        unless(found == state, || format!("the process is {found:?}"))
    }
}

/// The metadata log on a node's disk.
pub(super) fn metadata_log(node: &Node) -> &MetadataLog {
    if node.config.roles.is_controller() { &node.disk.controller.log } else { &node.disk.broker.metadata_log }
}

/// What is wrong, unless something holds.
fn unless(holds: bool, what: impl FnOnce() -> String) -> Option<String> {
    (!holds).then(what)
}
