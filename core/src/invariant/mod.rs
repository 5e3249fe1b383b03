//! What must hold after every step, whatever failed: looked at from outside, by one who sees all processes at once.
//!
//! A [`InvariantChecker`] remembers what no process can know of all others: who led which epoch, and which records were committed.
//! With today's Kafka none of these breaks; with a historical setting that loses records the loss is found.

mod acknowledged;
mod epochs;
mod groups;
mod isr;
pub(crate) mod quorum;
mod sequences;
mod sizes;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use serde::Serialize;

use crate::actor::Actor;
use crate::broker::partition::Partition;
use crate::change::Change;
use crate::cluster::Cluster;
use crate::log::Log;
use crate::metadata::image::PartitionImage;
use crate::step::{Position, Step};
use crate::wire::TopicPartition;
use crate::wire::ids::TopicIdPartition;
use crate::wire::records::RecordBatch;

/// `leaderRecoveryState` of a leader that was elected although records may be missing in its log (KIP-704).
const RECOVERING: i8 = 1;
/// How many batches at a log's end are looked at when something was appended there.
const LOOKED_AT_BATCHES: usize = 8;

/// Something that must hold and does not. Serialised with its kebab-case name under `breach`; the page's messages for it
/// have the ids `invariant-` and `breach-` and that name: what must hold, and what happened instead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, strum::VariantNames, strum::IntoStaticStr)]
#[serde(tag = "violation", rename_all = "kebab-case", rename_all_fields = "camelCase")]
#[strum(serialize_all = "kebab-case")]
#[expect(missing_docs, reason = "the fields are the arguments of the messages that word the variants")]
pub enum InvariantViolation {
    /// At most one broker leads a partition in a leader epoch.
    OneLeaderPerEpoch { partition: TopicPartition, leader_epoch: i32, first: i32, second: i32 },
    /// A leader's high watermark never goes back within its epoch.
    HighWatermarkAdvances { node: i32, partition: TopicPartition, from: i64, to: i64 },
    /// Anyone who is elected has every committed record, unless the election was unclean.
    CommittedIsKept { node: i32, partition: TopicPartition, offset: i64 },
    /// Below their high watermarks all replicas have the same records.
    LogsAreEqual { node: i32, partition: TopicPartition, offset: i64 },
    /// A follower's high watermark is not ahead of its leader's.
    FollowerStaysBehind { node: i32, leader: i32, partition: TopicPartition, high_watermark: i64, leaders: i64 },
    /// A consumer gets committed records only.
    ReadsAreCommitted { consumer: u32, partition: TopicPartition, offset: i64, committed: i64 },
    /// Each batch of a log follows the one before it without a gap, and epochs never go back.
    OffsetsAreDense { node: i32, partition: TopicPartition, offset: i64 },
    /// An acknowledgement with `acks=all` is given for committed records only.
    AcknowledgedIsCommitted { producer: u32, partition: TopicPartition, offset: i64, committed: i64 },
    /// In one generation of a group, one member owns a partition.
    OneOwnerPerGeneration { group: String, partition: TopicPartition, generation: i32, first: u32, second: u32 },
    /// A consumer's committed offset is not above the high watermark.
    CommittedOffsetIsBelow { consumer: u32, partition: TopicPartition, offset: i64, committed: i64 },
    /// In-sync replicas are replicas, each named once. Eligible leader replicas are named once and are not in sync.
    IsrWithinReplicas { partition: TopicPartition, isr: Vec<i32>, replicas: Vec<i32> },
    /// Anyone who leads is in the ISR.
    LeaderIsInSync { partition: TopicPartition, leader: i32, isr: Vec<i32> },
    /// A process never applies the metadata log backwards.
    MetadataOffsetAdvances { node: i32, from: i64, to: i64 },
    /// A broker's epoch never goes back from one registration to the next.
    BrokerEpochAdvances { broker: i32, from: i64, to: i64 },
    /// On a process, leader epoch and partition epoch of a partition never go back.
    PartitionEpochsAdvance {
        node: i32,
        partition: TopicPartition,
        leader_epoch_from: i32,
        leader_epoch: i32,
        partition_epoch_from: i32,
        partition_epoch: i32,
    },
    /// The files of a log are as long as their batches together, each batch beginning where the one before it ends.
    SizesAddUp { node: i32, partition: TopicPartition, segment: i64, size: i64, sum: i64 },
    /// Each batch of an idempotent producer follows its last one: none is stored twice, and none is missing in between.
    SequencesFollow { node: i32, partition: TopicPartition, producer_id: i64, sequence: i32, expected: i32 },
    /// At most one voter leads the quorum of the metadata log in an epoch.
    OneLeaderPerQuorumEpoch { epoch: i32, first: i32, second: i32 },
    /// A voter's epoch never goes back, not over a restart either.
    QuorumEpochAdvances { node: i32, from: i32, to: i32 },
    /// A voter votes for one candidate in an epoch, also where it was started again in between.
    OneVotePerQuorumEpoch { node: i32, epoch: i32, first: i32, second: i32 },
    /// The high watermark of the metadata log never goes back, on a running voter and from leader to leader.
    QuorumHighWatermarkAdvances { node: i32, from: i64, to: i64 },
    /// What is below the high watermark of the metadata log is on a majority of the voters.
    MajorityHasCommitted { node: i32, high_watermark: i64, having: i32, voters: i32 },
    /// Committed metadata is never lost: all voters have the same below their high watermarks, and every leader has it.
    CommittedMetadataIsKept { node: i32, offset: i64 },
    /// A broker applies committed metadata only.
    AppliedMetadataIsCommitted { node: i32, offset: i64, committed: i64 },
}

impl InvariantViolation {
    /// The kebab-case name.
    pub fn name(&self) -> &'static str {
        self.into()
    }

    /// The kebab-case names of all invariants.
    pub fn names() -> &'static [&'static str] {
        <Self as strum::VariantNames>::VARIANTS
    }
}

/// A breach, and the step that made it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FoundViolation {
    /// The position after the step.
    pub position: Position,
    /// What broke.
    #[serde(flatten)]
    pub violation: InvariantViolation,
}

/// What one remembers who watches a run.
#[derive(Clone, Debug, Default)]
pub struct InvariantChecker {
    partitions: BTreeMap<TopicIdPartition, CheckedPartition>,
    acknowledgements: acknowledged::Acknowledgements,
    epochs: epochs::Epochs,
    owners: groups::Owners,
    quorum: quorum::CheckedQuorum,
}

/// What is remembered of one partition.
#[derive(Clone, Debug, Default)]
struct CheckedPartition {
    /// Who led each epoch.
    leaders: BTreeMap<i32, i32>,
    /// Each leader's high watermark in its epoch, by epoch.
    high_watermarks: BTreeMap<i32, i64>,
    /// The committed batches, in order.
    committed: Rc<Vec<Rc<RecordBatch>>>,
    /// Offset after the last committed record.
    committed_end: i64,
    /// The greatest offset that was ever committed, also by a leader whose records an unclean election gave up.
    ever_committed_end: i64,
    /// Whether a replica was compacted: others may have fetched from it what is left.
    was_compacted: bool,
    /// Whether an election has lost committed records.
    has_lost: bool,
    /// Whether a leader that an unclean election had given up committed more: replicas may carry its high watermark.
    committed_given_up: bool,
    /// The epoch of the last unclean election: leaders of epochs before it that hear of it late may still commit what
    /// its leader does not have.
    given_up_before: i32,
    /// The partition epoch of the last ISR that has no member of the one before. Taking a reassignment back may choose one
    /// (`PartitionReassignmentRevert.unclean`), and its record does not call the leader recovering.
    isr_replaced_at: Option<i32>,
    /// Brokers that a reassignment removed and the ELR kept (`maybePopulateTargetElr` does not look at the replicas). Their logs are gone.
    /// If another reassignment adds them again they may be elected, and the record calls that clean.
    eligible_without_log: BTreeSet<i32>,
    /// Below this offset some replica had records whose epochs it had forgotten: it does not see that another's differ.
    forgotten_below: i64,
    /// Below this offset some replica has deleted its records. Where a crash takes a log start back to its checkpoint they are there
    /// again, and what of them was never committed, too: nobody had compared it any more.
    deleted_below: i64,
}

impl InvariantChecker {
    /// Looks at what a step changed, in the cluster as it is after it. Gives what it broke.
    pub fn check(&mut self, cluster: &Cluster, step: &Step) -> Vec<InvariantViolation> {
        let mut broken = Vec::new();
        for change in &step.changes {
            broken.extend(self.check_change(cluster, change, &step.changes));
            self.acknowledgements.observe(cluster, change);
            broken.extend(self.acknowledgements.check(change));
            broken.extend(self.epochs.check(cluster, step.actor, change));
            broken.extend(self.owners.check(cluster, change));
            broken.extend(isr::check(cluster, change));
            broken.extend(sizes::check(cluster, change));
            broken.extend(sequences::check(cluster, change));
        }
        if let Some(Actor::Node(node)) = step.actor {
            broken.extend(self.quorum.check(cluster, node, &step.changes));
        }
        broken
    }

    /// What is remembered of a partition, with what its logs have forgotten by now.
    fn checked(&mut self, cluster: &Cluster, id: TopicIdPartition) -> &mut CheckedPartition {
        let checked = self.partitions.entry(id).or_default();
        checked.note_forgotten_epochs(cluster, id);
        checked
    }

    /// What is remembered of a partition, and what the metadata log says of it.
    fn registered<'c>(
        &mut self,
        cluster: &'c Cluster,
        partition: &TopicPartition,
    ) -> Option<(&mut CheckedPartition, &'c PartitionImage)> {
        let image = cluster.image()?;
        let known = image.partition(&partition.topic, partition.partition)?;
        let topic_id = *image.topic_ids.get(&partition.topic)?;
        let id = TopicIdPartition { topic_id, partition: partition.partition };
        Some((self.partitions.entry(id).or_default(), known))
    }

    fn check_change(&mut self, cluster: &Cluster, change: &Change, changes: &[Change]) -> Option<InvariantViolation> {
        match change {
            Change::BecameLeader { node, partition, leader_epoch } => {
                let (replica, log) = replica(cluster, *node, partition)?;
                let known = high_watermark_before(changes, *node, partition).unwrap_or(replica.high_watermark);
                let checked = self.checked(cluster, replica.id);
                checked.began_to_lead(*node, *leader_epoch, replica, (log, known))
            }
            Change::IsrChanged { partition, from, to, partition_epoch } => {
                let (checked, known) = self.registered(cluster, partition)?;
                if !from.is_empty() && !to.is_empty() && !to.iter().any(|replica| from.contains(replica)) {
                    checked.isr_replaced_at = Some(*partition_epoch);
                }
                // Who joins the ISR of another has fetched all of its log.
                let joined = to.iter().filter(|replica| **replica != known.leader);
                joined.for_each(|replica| _ = checked.eligible_without_log.remove(replica));
                None
            }
            Change::ReplicasChanged { partition, from, to } => {
                let (checked, known) = self.registered(cluster, partition)?;
                let removed = from.iter().filter(|replica| !to.contains(replica));
                checked.eligible_without_log.extend(removed.filter(|replica| known.elr.contains(replica)));
                None
            }
            Change::HighWatermarkMoved { node, partition, from, to, as_leader: true } => {
                let (replica, log) = replica(cluster, *node, partition)?;
                let checked = self.checked(cluster, replica.id);
                let found = checked.committed_more(*node, replica, log, (*from, *to));
                let ever_committed_end = checked.ever_committed_end;
                self.acknowledgements.committed(partition, ever_committed_end);
                found
            }
            Change::HighWatermarkMoved { node, partition, from, to, as_leader: false } => {
                let (replica, log) = replica(cluster, *node, partition)?;
                let checked = self.checked(cluster, replica.id);
                let is_given_up = checked.is_given_up(replica.registration.leader_epoch);
                let differs = checked.first_difference(log, *from, *to).filter(|_| !is_given_up);
                let differs = differs.map(|offset| InvariantViolation::LogsAreEqual {
                    node: *node,
                    partition: partition.clone(),
                    offset,
                });
                // Truncation may take several rounds, each nearer to the leader: what goes down is not ahead yet.
                differs.or_else(|| ahead_of_leader(cluster, *node, replica).filter(|_| to > from))
            }
            Change::Appended { node, partition, .. } => {
                let (replica, log) = replica(cluster, *node, partition)?;
                let checked = self.checked(cluster, replica.id);
                let is_expected = |offset: &i64| !checked.was_compacted && *offset > checked.forgotten_below;
                gap(log).filter(is_expected).map(|offset| InvariantViolation::OffsetsAreDense {
                    node: *node,
                    partition: replica.name.clone(),
                    offset,
                })
            }
            Change::LogStartMoved { node, partition, to, .. } => {
                let (replica, _) = replica(cluster, *node, partition)?;
                let checked = self.partitions.entry(replica.id).or_default();
                checked.deleted_below = checked.deleted_below.max(*to);
                None
            }
            Change::Compacted { node, partition, .. } => {
                let (replica, _) = replica(cluster, *node, partition)?;
                self.partitions.entry(replica.id).or_default().was_compacted = true;
                None
            }
            Change::RecordsRead { consumer, partition, to, .. } => {
                let id = cluster.image().and_then(|image| image.topic_ids.get(&partition.topic).copied());
                let id = TopicIdPartition { topic_id: id?, partition: partition.partition };
                let committed = self.partitions.get(&id).map_or(0, |checked| checked.ever_committed_end);
                let (consumer, partition) = (*consumer, partition.clone());
                (*to >= committed).then_some(InvariantViolation::ReadsAreCommitted {
                    consumer,
                    partition,
                    offset: *to,
                    committed,
                })
            }
            _ => None,
        }
    }
}

impl CheckedPartition {
    /// A broker began to lead.
    fn began_to_lead(
        &mut self,
        node: i32,
        leader_epoch: i32,
        replica: &Partition,
        (log, known_high_watermark): (&Log, i64),
    ) -> Option<InvariantViolation> {
        let partition = replica.name.clone();
        let first = *self.leaders.entry(leader_epoch).or_insert(node);
        if first != node {
            return Some(InvariantViolation::OneLeaderPerEpoch { partition, leader_epoch, first, second: node });
        }
        self.high_watermarks.insert(leader_epoch, replica.high_watermark);
        let registration = &replica.registration;
        let is_isr_replaced = self.isr_replaced_at.is_some_and(|at| at <= registration.partition_epoch);
        let had_log = !self.eligible_without_log.remove(&node);
        let was_clean = registration.leader_recovery_state != RECOVERING && !is_isr_replaced && had_log;
        if !was_clean {
            self.isr_replaced_at = None;
            self.given_up_before = self.given_up_before.max(leader_epoch);
        }
        // One who learns late of an election in which another has long succeeded it can commit nothing any more, and need
        // not have what its successor committed.
        if self.leaders.last_key_value().is_some_and(|(last, _)| *last > leader_epoch) {
            return None;
        }
        let lost = self.first_difference(log, 0, self.committed_end)?;
        // What an unclean election may lose is what the elected replica did not know to be committed. Replicas may carry a
        // high watermark of records that were given up, though: of a loss, or of a leader who did not know that it was none.
        let knew = !self.has_lost && !self.committed_given_up && lost < known_high_watermark;
        self.has_lost = true;
        // Found once: what is lost is no longer looked for in every leader that follows.
        Rc::make_mut(&mut self.committed).retain(|batch| batch.last_offset() < lost);
        self.committed_end = lost;
        (was_clean || knew).then_some(InvariantViolation::CommittedIsKept { node, partition, offset: lost })
    }

    /// DeleteRecords cuts the epochs below the new log start from the leader epoch checkpoint; a crash takes the log start
    /// back to its own checkpoint, and the records are there again without their epochs (`LogLoader`,
    /// `LeaderEpochFileCache.truncateFromStart`). A leader of such a log does not find where a follower's log parts from it.
    fn note_forgotten_epochs(&mut self, cluster: &Cluster, id: TopicIdPartition) {
        let logs = cluster.nodes().filter_map(|node| node.disk.broker.log(&id));
        let without_epochs = logs.filter(|log| log.log_start_offset() < log.log_end_offset()).filter_map(|log| {
            let known_from = log.epochs().earliest_entry().map_or(log.log_end_offset(), |entry| entry.start_offset);
            (known_from > log.log_start_offset()).then_some(known_from)
        });
        self.forgotten_below = without_epochs.fold(self.forgotten_below, i64::max);
    }

    /// Whether an unclean election has given up what is committed in an epoch: its leader does not know that yet, goes on
    /// where its ISR is itself alone, and will cut off what it appended.
    fn is_given_up(&self, leader_epoch: i32) -> bool {
        leader_epoch < self.given_up_before
            || self.has_lost && self.leaders.last_key_value().is_some_and(|(last, _)| *last > leader_epoch)
    }

    /// A leader's high watermark moved.
    fn committed_more(
        &mut self,
        node: i32,
        replica: &Partition,
        log: &Log,
        (from, to): (i64, i64),
    ) -> Option<InvariantViolation> {
        let partition = replica.name.clone();
        let highest = self.high_watermarks.entry(replica.registration.leader_epoch).or_insert(from);
        if to < *highest {
            return Some(InvariantViolation::HighWatermarkAdvances { node, partition, from: *highest, to });
        }
        *highest = to;
        // Who takes up a role applies the settings after it (`BrokerMetadataPublisher`): a leader that hears of its leadership
        // and of a greater `min.insync.replicas` at once commits by the smaller one, while the controller counted by the
        // greater which replicas are eligible. Such records may be lost.
        let commits_below_min_isr = replica.registration.isr.len() < replica.min_isr();
        if self.is_given_up(replica.registration.leader_epoch) || commits_below_min_isr {
            self.ever_committed_end = self.ever_committed_end.max(to);
            self.committed_given_up = true;
            return None;
        }
        if let Some(offset) = self.first_difference(log, from, to) {
            return Some(InvariantViolation::LogsAreEqual { node, partition, offset });
        }
        if to > self.committed_end {
            let begin = self.committed_end.max(log.log_start_offset());
            let known_to = self.committed.last().map_or(-1, |batch| batch.last_offset());
            let new = batches_between(log, begin, to).filter(|batch| batch.last_offset() > known_to);
            Rc::make_mut(&mut self.committed).extend(new.cloned());
            self.committed_end = to;
            self.ever_committed_end = self.ever_committed_end.max(to);
        }
        None
    }

    /// The first offset from `from` to before `to` at which a log differs from what was committed. Records that retention
    /// or compaction removed are no difference.
    fn first_difference(&self, log: &Log, from: i64, to: i64) -> Option<i64> {
        if self.was_compacted || log.cleaned_offset().is_some() {
            return None;
        }
        let (from, to) = (
            from.max(log.log_start_offset()).max(self.forgotten_below).max(self.deleted_below),
            to.min(self.committed_end),
        );
        let first = self.committed.partition_point(|batch| batch.last_offset() < from);
        let asked = self.committed[first..].iter().take_while(|batch| batch.base_offset < to);
        // What is remembered may begin later than the log: after an unclean election another log has what lies before.
        let begin = self.committed.get(first).map_or(from, |batch| batch.base_offset.max(from));
        let mut found = batches_between(log, begin, to);
        for batch in asked {
            let is_same = found.next().is_some_and(|other| Rc::ptr_eq(batch, other) || batch == other);
            if !is_same {
                return Some(batch.base_offset.max(from));
            }
        }
        None
    }
}

/// The whole batches of a log between two offsets, over all segments: one read of a log, as a fetch makes it, ends with its
/// segment.
fn batches_between(log: &Log, from: i64, to: i64) -> impl Iterator<Item = &Rc<RecordBatch>> {
    let stored = log.segments().flat_map(move |segment| segment.stored_from(from));
    stored.map(|stored| &stored.batch).take_while(move |batch| batch.last_offset() < to)
}

/// A running broker's replica, with its log.
fn replica<'c>(cluster: &'c Cluster, node: i32, partition: &TopicPartition) -> Option<(&'c Partition, &'c Log)> {
    let node = cluster.node(node)?;
    let broker = node.broker.as_ref()?;
    let topic_id = *broker.image.topic_ids.get(&partition.topic)?;
    let id = TopicIdPartition { topic_id, partition: partition.partition };
    Some((broker.partitions.get(&id)?, node.disk.broker.log(&id)?))
}

/// The high watermark that a replica had before a step which moved it. A leader that is its whole ISR commits its log in the
/// very step in which it begins to lead: what it holds committed then it did not know to be committed before.
fn high_watermark_before(changes: &[Change], node: i32, partition: &TopicPartition) -> Option<i64> {
    changes.iter().find_map(|change| match change {
        Change::HighWatermarkMoved { node: mover, partition: moved, from, .. }
            if *mover == node && moved == partition =>
        {
            Some(*from)
        }
        _ => None,
    })
}

/// A leader that has not yet committed a record of its own epoch may know less than its followers.
fn ahead_of_leader(cluster: &Cluster, node: i32, follower: &Partition) -> Option<InvariantViolation> {
    let leader = follower.registration.leader;
    let (leading, _) = replica(cluster, leader, &follower.name)?;
    let state = leading.leader()?;
    let is_same_epoch = leading.registration.leader_epoch == follower.registration.leader_epoch;
    let knows = leading.high_watermark >= state.epoch_start_offset;
    (is_same_epoch && knows && follower.high_watermark > leading.high_watermark).then(|| {
        InvariantViolation::FollowerStaysBehind {
            node,
            leader,
            partition: follower.name.clone(),
            high_watermark: follower.high_watermark,
            leaders: leading.high_watermark,
        }
    })
}

/// Where a batch at the log's end does not follow the one before it. A compacted log has gaps by design, and below its start
/// a log may have one where it was cut within a batch.
fn gap(log: &Log) -> Option<i64> {
    if log.cleaned_offset().is_some() {
        return None;
    }
    let last = log.last_batches(LOOKED_AT_BATCHES);
    let follows = |pair: &&[Rc<RecordBatch>]| {
        pair[1].base_offset == pair[0].last_offset() + 1
            && pair[1].partition_leader_epoch >= pair[0].partition_leader_epoch
    };
    let gaps = last.windows(2).filter(|pair| !follows(pair)).map(|pair| pair[1].base_offset);
    gaps.into_iter().find(|offset| *offset > log.log_start_offset())
}
