//! Offsets that are committed with a transaction (`OffsetMetadataManager.commitTransactionalOffset`): they are pending until
//! the transaction's marker is in the group's partition of `__consumer_offsets`.
//!
//! | what comes                              | what becomes of a pending offset                                                |
//! |-----------------------------------------|---------------------------------------------------------------------------------|
//! | the same producer commits the partition | the later one takes its place                                                   |
//! | anybody else commits the partition      | it will not count: the later write in the log wins                              |
//! | a COMMIT marker                         | it counts, unless something else was written after it                           |
//! | an ABORT marker                         | it is gone                                                                      |
//! | the group or the offset is deleted      | it is gone                                                                      |
//!
//! Meanwhile OffsetFetch tells what was committed before, and with `requireStable` `UNSTABLE_OFFSET_COMMIT`.

use std::collections::{BTreeMap, BTreeSet};

use super::classic::CommittedOffset;
use super::commits::in_table_order;
use super::consumer::CommitCheckEpoch;
use super::records::OffsetRecords;
use super::state::{CommitCheck, MemberCheck, metadata_length, validate_offset_metadata};
use super::{ClassicGroup, ClassicGroupState, ConsumerGroup, Group, GroupCoordinator, KnownCluster};
use crate::broker::transaction::state::TransactionResult;
use crate::change::Change;
use crate::effects::{Effects, RequestContext};
use crate::metadata::MetadataImage;
use crate::sim::Millis;
use crate::wire::control_records::{ControlRecordType, EndTransactionMarker};
use crate::wire::group::OffsetFetchResponseGroup;
use crate::wire::hash_order::{in_timeline_map_order, java_long_hash, java_string_hash};
use crate::wire::records::{NO_PRODUCER_EPOCH, Record, RecordBatch};
use crate::wire::transaction::{
    TxnOffsetCommitRequest, TxnOffsetCommitResponse, TxnOffsetCommitResponsePartition, TxnOffsetCommitResponseTopic,
};
use crate::wire::{ErrorCode, Response, Topic, TopicPartition, Uuid};

/// An offset that is pending.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct PendingOffset {
    /// The partition of `__consumer_offsets` that keeps the group.
    state_partition: i32,
    group: String,
    partition: TopicPartition,
    offset: CommittedOffset,
    /// Its place in the log among those that are pending.
    order: u64,
    /// Whether something was written after it that counts instead.
    is_superseded: bool,
}

/// A commit that is not replicated yet.
#[derive(Clone, Debug, PartialEq, Hash)]
struct TxnOffsetAppend {
    state_partition: i32,
    producer_id: i64,
    group: String,
    commits: Vec<(TopicPartition, CommittedOffset)>,
    /// The number of the group coordinator's next other append when this was made.
    next_append: u64,
    /// Whom to answer, and how; nobody where they were told of a timeout.
    reply: Option<(RequestContext, TxnOffsetCommitResponse)>,
}

/// A transactional batch that the broker is to append to a partition of `__consumer_offsets` with `acks=-1`. It says with
/// [`GroupCoordinator::txn_offsets_appended`] how that went.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::broker) struct TxnOffsetBatch {
    pub(in crate::broker) id: u64,
    pub(in crate::broker) partition: i32,
    pub(in crate::broker) batch: RecordBatch,
}

/// Offsets of transactions that have not ended.
#[derive(Clone, Debug, Default, PartialEq, Hash)]
pub(super) struct TxnOffsets {
    /// By producer id, in the order in which they stand in the log.
    pending: BTreeMap<i64, Vec<PendingOffset>>,
    next_order: u64,
    next_append_id: u64,
    /// Commits that are not replicated yet, by their number.
    appends: BTreeMap<u64, TxnOffsetAppend>,
}

impl TxnOffsets {
    /// Something else was written for a partition: what was pending before will not count.
    pub(super) fn supersede(&mut self, group: &str, partition: &TopicPartition) {
        for offset in self.pending.values_mut().flatten() {
            offset.is_superseded |= offset.group == group && offset.partition == *partition;
        }
    }

    /// An offset is deleted, the pending ones too.
    pub(super) fn forget(&mut self, group: &str, partition: &TopicPartition) {
        for of_producer in self.pending.values_mut() {
            of_producer.retain(|offset| offset.group != group || offset.partition != *partition);
        }
        self.pending.retain(|_, of_producer| !of_producer.is_empty());
    }

    /// The partitions of a group that have pending offsets.
    pub(super) fn partitions_of(&self, group: &str) -> BTreeSet<TopicPartition> {
        let of_group = self.pending.values().flatten().filter(|offset| offset.group == group);
        of_group.map(|offset| offset.partition.clone()).collect()
    }

    /// The pending offsets of topics in the groups of a partition of `__consumer_offsets`, producer by producer, each in the order of
    /// Kafka's tables.
    pub(super) fn pending_of_topics(
        &self,
        state_partition: i32,
        topics: &BTreeMap<Topic, Uuid>,
    ) -> Vec<(String, TopicPartition)> {
        let mut found = Vec::new();
        for producer in in_timeline_map_order(self.pending.keys(), |id| java_long_hash(**id)) {
            let mut by_group: BTreeMap<&str, BTreeSet<&TopicPartition>> = BTreeMap::new();
            let of_producer = self.pending.get(producer).into_iter().flatten();
            for offset in of_producer.filter(|offset| offset.state_partition == state_partition) {
                by_group.entry(&offset.group).or_default().insert(&offset.partition);
            }
            for group in in_timeline_map_order(by_group.keys(), |id| java_string_hash(id)) {
                let partitions = by_group.get(group).into_iter().flatten().copied();
                for partition in in_table_order(partitions.filter(|each| topics.contains_key(&each.topic))) {
                    found.push(((*group).to_owned(), partition.clone()));
                }
            }
        }
        found
    }

    /// Another broker coordinates the groups of a partition of `__consumer_offsets`.
    pub(super) fn unload(&mut self, state_partition: i32) {
        for of_producer in self.pending.values_mut() {
            of_producer.retain(|offset| offset.state_partition != state_partition);
        }
        self.pending.retain(|_, of_producer| !of_producer.is_empty());
    }

    /// A transactional commit is read from the log.
    pub(super) fn replay(
        &mut self,
        state_partition: i32,
        producer_id: i64,
        group: &str,
        partition: TopicPartition,
        offset: CommittedOffset,
    ) {
        let (group, order) = (group.to_owned(), self.next_order);
        self.next_order = order.wrapping_add(1);
        let pending = PendingOffset { state_partition, group, partition, offset, order, is_superseded: false };
        let of_producer = self.pending.entry(producer_id).or_default();
        of_producer.retain(|each| (&each.group, &each.partition) != (&pending.group, &pending.partition));
        of_producer.push(pending);
    }

    /// A transaction has ended in a partition of `__consumer_offsets`. Gives what counts from now on.
    pub(super) fn end(
        &mut self,
        state_partition: i32,
        producer_id: i64,
        result: TransactionResult,
    ) -> Vec<(String, TopicPartition, CommittedOffset)> {
        let Some(of_producer) = self.pending.remove(&producer_id) else { return Vec::new() };
        let (ended, others): (Vec<_>, Vec<_>) =
            of_producer.into_iter().partition(|offset| offset.state_partition == state_partition);
        if !others.is_empty() {
            self.pending.insert(producer_id, others);
        }
        if result == TransactionResult::Abort {
            return Vec::new();
        }
        let counting: Vec<PendingOffset> = ended.into_iter().filter(|offset| !offset.is_superseded).collect();
        for counted in &counting {
            for other in self.pending.values_mut().flatten().filter(|other| other.order < counted.order) {
                other.is_superseded |= other.group == counted.group && other.partition == counted.partition;
            }
        }
        counting.into_iter().map(|offset| (offset.group, offset.partition, offset.offset)).collect()
    }

    /// Tells that offsets are not stable, to whom only stable ones are of use.
    pub(super) fn mark_unstable(&self, answer: &mut OffsetFetchResponseGroup) {
        let mut unstable = self.partitions_of(&answer.group_id);
        let appends = self.appends.values().filter(|append| append.group == answer.group_id);
        unstable.extend(appends.flat_map(|append| &append.commits).map(|(partition, _)| partition.clone()));
        for topic in &mut answer.topics {
            for partition in &mut topic.partitions {
                let at = TopicPartition::new(topic.name.clone(), partition.partition_index);
                if unstable.contains(&at) {
                    partition.error_code = ErrorCode::UnstableOffsetCommit;
                    (partition.committed_offset, partition.committed_leader_epoch) = (-1, -1);
                    partition.metadata = Some(String::new());
                }
            }
        }
    }
}

/// Whether a group takes a transactional commit (`ClassicGroup.validateOffsetCommit`). Who says nothing of a member is taken
/// at any time, also while the group rebalances.
fn validate_txn_offset_commit(check: &CommitCheck) -> ErrorCode {
    if check.state == ClassicGroupState::Dead {
        return ErrorCode::CoordinatorNotAvailable;
    }
    if check.request_generation < 0 && check.state == ClassicGroupState::Empty {
        return ErrorCode::None;
    }
    if check.request_generation < 0 && !check.names_member {
        return ErrorCode::None;
    }
    let error = MemberCheck::error(check.member);
    if error.is_none() && check.request_generation != check.generation { ErrorCode::IllegalGeneration } else { error }
}

/// The answer in which every partition has the same error (`TxnOffsetCommitRequest.getErrorResponse`).
pub(in crate::broker) fn same_for_all(
    request: &TxnOffsetCommitRequest,
    error_code: ErrorCode,
) -> TxnOffsetCommitResponse {
    let topics = request.topics.iter().map(|topic| TxnOffsetCommitResponseTopic {
        name: topic.name.clone(),
        partitions: topic
            .partitions
            .iter()
            .map(|each| TxnOffsetCommitResponsePartition { partition_index: each.partition_index, error_code })
            .collect(),
    });
    TxnOffsetCommitResponse { throttle_time_ms: 0, topics: topics.collect() }
}

impl GroupCoordinator {
    /// Why a group does not take a commit, if so. A group that nobody knows is made by a commit without a generation.
    fn txn_commit_error(
        &mut self,
        request: &TxnOffsetCommitRequest,
        state_partition: i32,
        image: &MetadataImage,
    ) -> ErrorCode {
        if request.group_id.is_empty() {
            return ErrorCode::InvalidGroupId;
        }
        if !self.is_active(state_partition) {
            return ErrorCode::NotCoordinator;
        }
        let Some(group) = self.groups.get(&request.group_id) else {
            if request.generation_id >= 0 {
                return ErrorCode::IllegalGeneration;
            }
            let group = ClassicGroup::new(&request.group_id, state_partition);
            self.uncommitted.insert(request.group_id.clone(), self.pending.next_id());
            self.groups.insert(request.group_id.clone(), Group::Classic(Box::new(group)));
            return ErrorCode::None;
        };
        let instance_id = request.group_instance_id.as_deref();
        let group = match group {
            Group::Classic(group) => group,
            Group::Consumer(group) => return txn_commit_error_of(group, request, image),
        };
        validate_txn_offset_commit(&CommitCheck {
            state: group.state,
            generation: group.generation,
            request_generation: request.generation_id,
            names_member: !request.member_id.is_empty() || instance_id.is_some(),
            member: group.check_member(&request.member_id, instance_id),
        })
    }

    /// `TxnOffsetCommit`, once the transaction is known to have the group's offsets: one transactional batch.
    pub(in crate::broker) fn commit_txn_offsets(
        &mut self,
        request_context: &RequestContext,
        request: &TxnOffsetCommitRequest,
        state_partition: i32,
        known: &KnownCluster<'_>,
        now: Millis,
        fx: &mut Effects,
    ) -> Option<TxnOffsetBatch> {
        let error = self.txn_commit_error(request, state_partition, known.image);
        self.hand_over_forgotten();
        self.arm_expiration(state_partition, known, now, fx);
        if !error.is_none() {
            fx.answer(request_context, Response::TxnOffsetCommit(same_for_all(request, error)));
            return None;
        }
        let mut response = same_for_all(request, ErrorCode::None);
        let mut commits: Vec<(TopicPartition, CommittedOffset)> = Vec::new();
        for (topic, answer) in request.topics.iter().zip(&mut response.topics) {
            for (each, result) in topic.partitions.iter().zip(&mut answer.partitions) {
                let metadata = each.committed_metadata.clone().unwrap_or_default();
                let bytes_max = u64::try_from(known.settings.offset_metadata_max_bytes).unwrap_or(0);
                result.error_code = validate_offset_metadata(metadata_length(&metadata), bytes_max);
                if result.error_code.is_none() {
                    let offset = CommittedOffset {
                        offset: each.committed_offset,
                        leader_epoch: each.committed_leader_epoch,
                        metadata,
                        topic_id: Uuid::ZERO,
                        committed_at: i64::try_from(now).unwrap_or(i64::MAX),
                        expires_at: None,
                    };
                    commits.push((TopicPartition::new(topic.name.clone(), each.partition_index), offset));
                }
            }
        }
        if commits.is_empty() {
            fx.answer(request_context, Response::TxnOffsetCommit(response));
            return None;
        }
        if request.producer_epoch == NO_PRODUCER_EPOCH {
            // A transactional batch of no epoch cannot be built (`MemoryRecordsBuilder.validateProducerState`).
            let response = same_for_all(request, ErrorCode::UnknownServerError);
            fx.answer(request_context, Response::TxnOffsetCommit(response));
            return None;
        }
        let mut records = OffsetRecords::of(&request.group_id, now);
        let records: Vec<Record> =
            commits.iter().map(|(partition, offset)| records.commit(partition, offset)).collect();
        let batch = RecordBatch {
            producer_id: request.producer_id,
            producer_epoch: request.producer_epoch,
            // Each batch of a coordinator begins at 0: nobody counts them.
            base_sequence: 0,
            is_transactional: true,
            ..RecordBatch::of(records)
        };
        let id = self.txn_offsets.next_append_id;
        self.txn_offsets.next_append_id = id.wrapping_add(1);
        let append = TxnOffsetAppend {
            state_partition,
            producer_id: request.producer_id,
            group: request.group_id.clone(),
            commits,
            next_append: self.pending.next_id(),
            reply: Some((request_context.clone(), response)),
        };
        self.txn_offsets.appends.insert(id, append);
        Some(TxnOffsetBatch { id, partition: state_partition, batch })
    }

    /// The request that waits for an append of transactional offsets.
    pub fn waits_for_txn_offsets(&self, append_id: u64) -> Option<&RequestContext> {
        self.txn_offsets.appends.get(&append_id)?.reply.as_ref().map(|(request_context, _)| request_context)
    }

    /// Transactional offsets are on all in-sync replicas, or could not be written.
    pub(in crate::broker) fn txn_offsets_appended(&mut self, append_id: u64, error: ErrorCode, fx: &mut Effects) {
        let Some(mut done) = self.txn_offsets.appends.remove(&append_id) else { return };
        let timed_out = error == ErrorCode::RequestTimedOut;
        let error = if error.is_none() { error } else { super::state::append_error(error) };
        if let Some((request_context, mut response)) = done.reply.take() {
            let partitions = response.topics.iter_mut().flat_map(|topic| &mut topic.partitions);
            partitions.filter(|_| !error.is_none()).for_each(|partition| partition.error_code = error);
            fx.answer(&request_context, Response::TxnOffsetCommit(response));
        }
        if timed_out {
            // They count all the same once they are replicated.
            self.txn_offsets.appends.insert(append_id, done);
            return;
        }
        if !error.is_none() {
            return self.forget_unfounded(&done.group, done.next_append);
        }
        self.appends_committed(done.state_partition, done.next_append);
        for (partition, offset) in done.commits {
            self.txn_offsets.replay(done.state_partition, done.producer_id, &done.group, partition, offset);
        }
    }

    /// A transaction's marker is in a partition of `__consumer_offsets`: what it committed counts from now on.
    pub(in crate::broker) fn transaction_ended(
        &mut self,
        state_partition: i32,
        producer_id: i64,
        result: TransactionResult,
        fx: &mut Effects,
    ) {
        for (id, partition, offset) in self.end_transaction(state_partition, producer_id, result) {
            let to = offset.0;
            fx.change(Change::OffsetCommitted { group: id, partition, from: offset.1, to });
        }
    }

    /// A marker is read from the log.
    pub(super) fn replay_marker(&mut self, state_partition: i32, batch: &RecordBatch) {
        let Some(marker) = EndTransactionMarker::of(batch) else { return };
        let result = TransactionResult::of(marker.control_type == ControlRecordType::Commit);
        self.end_transaction(state_partition, batch.producer_id, result);
    }

    /// The same, for the log that is read. Gives of each offset that counts its place, and what it was before.
    pub(super) fn end_transaction(
        &mut self,
        state_partition: i32,
        producer_id: i64,
        result: TransactionResult,
    ) -> Vec<(String, TopicPartition, (i64, i64))> {
        let mut counted = Vec::new();
        for (id, partition, offset) in self.txn_offsets.end(state_partition, producer_id, result) {
            let Some(group) = self.groups.get_mut(&id) else { continue };
            let to = offset.offset;
            let from = group.offsets_mut().insert(partition.clone(), offset).map_or(-1, |before| before.offset);
            counted.push((id, partition, (to, from)));
        }
        counted
    }
}

/// The same for a group of the consumer protocol (`validateTransactionalOffsetCommit`): who does not know its epoch is told so in the
/// words of older clients.
fn txn_commit_error_of(group: &ConsumerGroup, request: &TxnOffsetCommitRequest, image: &MetadataImage) -> ErrorCode {
    let to_older_error = |error| match error {
        ErrorCode::StaleMemberEpoch => ErrorCode::IllegalGeneration,
        other => other,
    };
    let (member, instance_id) = (request.member_id.as_str(), request.group_instance_id.as_deref());
    let epoch = match group.validate_commit(member, instance_id, request.generation_id, None) {
        Ok(CommitCheckEpoch::Any) => return ErrorCode::None,
        Ok(CommitCheckEpoch::AssignedBy(epoch)) => epoch,
        Err(error) => return to_older_error(error),
    };
    for topic in &request.topics {
        let Some(id) = image.topic_ids.get(&topic.name) else { return ErrorCode::IllegalGeneration };
        for each in &topic.partitions {
            let error = group.validate_commit_of(member, *id, each.partition_index, epoch);
            if !error.is_none() {
                return to_older_error(error);
            }
        }
    }
    ErrorCode::None
}
