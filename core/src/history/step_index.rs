//! What is remembered of every step of a branch, so that lists of steps and chains of causes need not make them again.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::actor::Actor;
use crate::change::{Change, MilestoneKind};
use crate::cluster::Cluster;
use crate::explain::Routine;
use crate::scenario::PlacedCommand;
use crate::sim::Millis;
use crate::step::{Position, Size, Step};
use crate::wire::TopicPartition;

/// What is remembered of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StepEntry {
    /// The step that it follows from; 0 for a person's command and for what began before the run.
    pub cause: Position,
    /// Virtual time when it happened, in milliseconds.
    pub at_ms: Millis,
    /// Who acted.
    pub actor: Option<Actor>,
    /// The coarsest step size at which a person stops there.
    pub size: Size,
    /// What kind of milestone it was, if it was one.
    pub milestone: Option<MilestoneKind>,
    /// What it counts as where a person passes it.
    pub routine: Option<Routine>,
    /// Whether it tells nothing but failures that were told before.
    pub is_repeat: bool,
    /// The number of its set of partitions.
    partitions: u32,
}

/// The steps of a branch, by position.
#[derive(Clone, Debug, Default)]
pub(super) struct StepIndex {
    entries: Vec<StepEntry>,
    /// The sets of partitions that steps concerned: few, however many steps there are.
    sets: Vec<Rc<[TopicPartition]>>,
    numbers: BTreeMap<Rc<[TopicPartition]>, u32>,
}

impl StepIndex {
    /// Notes the next step.
    pub(super) fn push(&mut self, step: &Step, milestone: Option<MilestoneKind>, is_repeat: bool) {
        let mut partitions: Vec<TopicPartition> = step.changes.iter().flat_map(partitions_of).cloned().collect();
        partitions.sort_unstable();
        partitions.dedup();
        let partitions = self.number_of(&partitions);
        let (cause, at_ms, actor, size) = (step.cause.unwrap_or(0), step.at_ms, step.actor, step.size);
        let routine = step.explanation.routine();
        self.entries.push(StepEntry { cause, at_ms, actor, size, milestone, routine, is_repeat, partitions });
    }

    /// How many steps are remembered.
    pub(super) fn len(&self) -> Position {
        Position::try_from(self.entries.len()).unwrap_or(Position::MAX)
    }

    fn number_of(&mut self, partitions: &[TopicPartition]) -> u32 {
        if let Some(number) = self.numbers.get(partitions) {
            return *number;
        }
        let set: Rc<[TopicPartition]> = partitions.into();
        let number = u32::try_from(self.sets.len()).unwrap_or(u32::MAX);
        self.sets.push(set.clone());
        self.numbers.insert(set, number);
        number
    }

    /// Forgets what came after a position.
    pub(super) fn truncate(&mut self, position: Position) {
        self.entries.truncate(usize::try_from(position).unwrap_or(usize::MAX));
    }

    /// The step after which the position was `index`.
    pub(super) fn get(&self, index: Position) -> Option<&StepEntry> {
        self.entries.get(usize::try_from(index).ok()?.checked_sub(1)?)
    }

    /// The partitions that a step changed something of.
    pub(super) fn partitions(&self, entry: &StepEntry) -> &[TopicPartition] {
        self.sets.get(usize::try_from(entry.partitions).unwrap_or(usize::MAX)).map_or(&[], |set| set)
    }

    /// Every partition that a step of the branch changed something of, sorted.
    pub(super) fn all_partitions(&self) -> Vec<TopicPartition> {
        let mut all: Vec<TopicPartition> = self.sets.iter().flat_map(|set| set.iter()).cloned().collect();
        all.sort_unstable();
        all.dedup();
        all
    }
}

/// The partitions that a change is about.
fn partitions_of(change: &Change) -> &[TopicPartition] {
    match change {
        Change::Assigned { partitions, .. }
        | Change::Reconciled { partitions, .. }
        | Change::PartitionsRevoked { partitions, .. }
        | Change::PartitionsLost { partitions, .. }
        | Change::PartitionsAssigned { partitions, .. }
        | Change::PartitionsPaused { partitions, .. }
        | Change::PartitionsResumed { partitions, .. }
        | Change::OffsetResetRequested { partitions, .. } => partitions,
        Change::Appended { partition, .. }
        | Change::Truncated { partition, .. }
        | Change::HighWatermarkMoved { partition, .. }
        | Change::LogStartMoved { partition, .. }
        | Change::SegmentRolled { partition, .. }
        | Change::SegmentDeleted { partition, .. }
        | Change::Flushed { partition, .. }
        | Change::IndexLookedUp { partition, .. }
        | Change::TimeIndexLookedUp { partition, .. }
        | Change::Compacted { partition, .. }
        | Change::EpochStarted { partition, .. }
        | Change::UnflushedLost { partition, .. }
        | Change::FollowerEndKnown { partition, .. }
        | Change::FollowerCaughtUp { partition, .. }
        | Change::BecameLeader { partition, .. }
        | Change::BecameFollower { partition, .. }
        | Change::IsrProposed { partition, .. }
        | Change::IsrChanged { partition, .. }
        | Change::LeaderChanged { partition, .. }
        | Change::ElrChanged { partition, .. }
        | Change::ReplicasChanged { partition, .. }
        | Change::DivergenceFound { partition, .. }
        | Change::Partitioned { partition, .. }
        | Change::BatchSent { partition, .. }
        | Change::Acknowledged { partition, .. }
        | Change::Retried { partition, .. }
        | Change::BatchSplit { partition, .. }
        | Change::RecordsAbandoned { partition, .. }
        | Change::ProduceFailed { partition, .. }
        | Change::RecordsAborted { partition, .. }
        | Change::RecordsRead { partition, .. }
        | Change::DeserializationFailed { partition, .. }
        | Change::RecordsProcessed { partition, .. }
        | Change::PositionMoved { partition, .. }
        | Change::OffsetCommitted { partition, .. }
        | Change::CommitAcknowledged { partition, .. } => std::slice::from_ref(partition),
        Change::CheckpointWritten { .. }
        | Change::DelayedOperationWatched { .. }
        | Change::DelayedOperationCompleted { .. }
        | Change::Refused { .. }
        | Change::MetadataAppended { .. }
        | Change::MetadataApplied { .. }
        | Change::VotersChanged { .. }
        | Change::SnapshotCreated { .. }
        | Change::SnapshotFetched { .. }
        | Change::SnapshotLoaded { .. }
        | Change::SnapshotDeleted { .. }
        | Change::MetadataLogStartMoved { .. }
        | Change::BrokerRegistered { .. }
        | Change::BrokerFenced { .. }
        | Change::BrokerUnfenced { .. }
        | Change::TopicCreated { .. }
        | Change::TopicDeleted { .. }
        | Change::ConfigChanged { .. }
        | Change::LogLevelChanged { .. }
        | Change::Crashed { .. }
        | Change::ShutDown { .. }
        | Change::ShutdownRequested { .. }
        | Change::Started { .. }
        | Change::Paused { .. }
        | Change::Resumed { .. }
        | Change::DiskSlowed { .. }
        | Change::LinkCut { .. }
        | Change::LinkHealed { .. }
        | Change::Dropped { .. }
        | Change::ConnectionBroken { .. }
        | Change::ClientThrottled { .. }
        | Change::Delayed { .. }
        | Change::Duplicated { .. }
        | Change::TimedOut { .. }
        | Change::MetadataLearned { .. }
        | Change::ProducerIdAssigned { .. }
        | Change::TransactionCallTimedOut { .. }
        | Change::ProducerTransaction { .. }
        | Change::ProducerClosed { .. }
        | Change::ProducerCrashed { .. }
        | Change::ProducerStarted { .. }
        | Change::CoordinatorFound { .. }
        | Change::Subscribed { .. }
        | Change::SubscribedToPattern { .. }
        | Change::Unsubscribed { .. }
        | Change::ConsumerCrashed { .. }
        | Change::ConsumerClosed { .. }
        | Change::FetchSessionClosed { .. }
        | Change::ConsumerStarted { .. }
        | Change::GroupStateChanged { .. }
        | Change::GroupEpochBumped { .. }
        | Change::MemberLeft { .. }
        | Change::CoordinatorLoaded { .. }
        | Change::TransactionStateChanged { .. }
        | Change::TransactionCoordinatorLoaded { .. }
        | Change::SettingChanged { .. }
        | Change::QuorumRoleChanged { .. }
        | Change::VoteCast { .. }
        | Change::MetadataReplicated { .. }
        | Change::MetadataTruncated { .. }
        | Change::QuorumHighWatermarkMoved { .. }
        | Change::ConnectionClosed { .. }
        | Change::ProbeDisconnected { .. }
        | Change::ProbeAnswered { .. } => &[],
    }
}

/// Steps of a stretch of a branch made again, one after the other. The run that is shown is not touched.
#[derive(Clone, Debug)]
pub struct Replay {
    pub(super) cluster: Cluster,
    pub(super) commands: Vec<PlacedCommand>,
    pub(super) last: Position,
}

impl Replay {
    /// The cluster after the step that was made last.
    pub fn cluster(&self) -> &Cluster {
        &self.cluster
    }
}

impl Iterator for Replay {
    type Item = Step;

    fn next(&mut self) -> Option<Step> {
        (self.cluster.position() < self.last).then(|| super::make_move(&mut self.cluster, &self.commands)).flatten()
    }
}
