//! A partition of `__consumer_offsets` is read when this broker begins to lead it, and forgotten when it does so no more
//! (`CoordinatorRuntime`). What is written meanwhile is replayed by the same rules.

use std::rc::Rc;

use super::classic::ClassicGroup;
use super::consumer::records::ConsumerGroupRecord;
use super::consumer::{ConsumerGroup, ConsumerGroupMember, ConsumerGroupState, MemberState};
use super::context::{GroupContext, Waiting};
use super::records::GroupRecord;
use super::state::ClassicGroupState::{Dead, Empty, Stable};
use super::state::partition_for;
use super::{ActivePartition, Group, GroupCoordinator, KnownCluster, membership, records};
use crate::change::Change;
use crate::effects::{BrokerTimer, Effects};
use crate::sim::Millis;
use crate::sort::CollectOrdered;
use crate::wire::group::{JoinGroupResponse, SyncGroupResponse};
use crate::wire::records::{Record, RecordBatch};
use crate::wire::{ErrorCode, Response};

impl GroupCoordinator {
    /// This broker has become leader of a partition of `__consumer_offsets`: replays what is in it, oldest first. Where
    /// it led it already, in an earlier epoch, its memory is as good.
    pub fn load(
        &mut self,
        partition: i32,
        leader_epoch: i32,
        batches: impl Iterator<Item = Rc<RecordBatch>>,
        known: &KnownCluster<'_>,
        now: Millis,
        fx: &mut Effects,
    ) {
        if let Some(active) = self.active.get_mut(&partition) {
            active.leader_epoch = leader_epoch;
            return;
        }
        self.active.insert(
            partition,
            ActivePartition { leader_epoch, loaded_at: now, expires_offsets: false, new_topics_at: None },
        );
        let mut others = std::mem::take(&mut self.groups);
        for batch in batches {
            if batch.is_control {
                self.replay_marker(partition, &batch);
                continue;
            }
            let transaction = batch.is_transactional.then_some(batch.producer_id);
            for record in batch.records.iter().filter_map(records::read) {
                self.replay(partition, transaction, record);
            }
        }
        // Each partition has groups of its own (`CoordinatorRuntime`): whoever is looked for is looked for in one of them.
        for (id, group) in std::mem::take(&mut self.groups) {
            if partition_for(&id, known.partitions) == partition {
                others.insert(id, group);
            } else {
                self.strays.insert((partition, id), group);
            }
        }
        self.groups = others;
        for group in self.groups.values_mut().filter(|group| group.partition() == partition) {
            match group {
                Group::Classic(group) => {
                    let mut cx = GroupContext::new(self.node, now, fx, &mut self.pending);
                    for member in group.members.values() {
                        cx.renew_session(&group.id, member);
                    }
                    // Too many, by a limit that is lower now: they shall commit what they have read before some are turned away.
                    if group.members.len() as u64 > u64::from(known.settings.group_max_size) {
                        cx.prepare_rebalance(group);
                    }
                }
                Group::Consumer(group) => {
                    let mut set =
                        |timer: BrokerTimer, after_ms: Millis| fx.set_timer(timer, now.saturating_add(after_ms));
                    let session_ms = Millis::try_from(known.group_config(&group.id).session_timeout_ms).unwrap_or(0);
                    for member in group.members.values() {
                        set(BrokerTimer::group_session(&group.id, &member.id), session_ms);
                        if member.state == MemberState::UnrevokedPartitions {
                            let rebalance_ms = Millis::try_from(member.rebalance_timeout_ms).unwrap_or(0);
                            set(BrokerTimer::group_rebalance(&group.id, &member.id), rebalance_ms);
                        }
                    }
                }
            }
        }
        self.arm_expiration(partition, known, now, fx);
        fx.change(Change::CoordinatorLoaded { node: self.node, partition });
    }

    /// Replays one record; what is none of a group's is passed over.
    pub(super) fn replay_record(&mut self, partition: i32, record: &Record) {
        if let Some(record) = records::read(record) {
            self.replay(partition, None, record);
        }
    }

    /// `transaction` is whose transaction the record belongs to.
    fn replay(&mut self, partition: i32, transaction: Option<i64>, record: GroupRecord) {
        let simple = |id: &String| Group::Classic(Box::new(ClassicGroup::new(id, partition)));
        match record {
            GroupRecord::OffsetCommit { group, partition: of, value } => match value {
                Some(value) if let Some(producer_id) = transaction => {
                    self.groups.entry(group.clone()).or_insert_with_key(simple);
                    self.txn_offsets.replay(partition, producer_id, &group, of, value.committed);
                }
                Some(value) => {
                    self.txn_offsets.supersede(&group, &of);
                    let group = self.groups.entry(group).or_insert_with_key(simple);
                    group.offsets_mut().insert(of, value.committed);
                }
                None => {
                    self.txn_offsets.forget(&group, &of);
                    if let Some(group) = self.groups.get_mut(&group) {
                        group.offsets_mut().remove(&of);
                    }
                }
            },
            GroupRecord::GroupMetadata { group, value: None } => self.remove_replayed(&group, partition),
            GroupRecord::GroupMetadata { group, value: Some(value) } => {
                let before = self.groups.remove(&group);
                let offsets = before.map(|mut before| std::mem::take(before.offsets_mut())).unwrap_or_default();
                let replayed = ClassicGroup {
                    state: if value.members.is_empty() { Empty } else { Stable },
                    generation: value.generation,
                    protocol_type: Some(value.protocol_type.clone()).filter(|kind| !kind.is_empty()),
                    protocol: value.protocol.clone(),
                    leader: value.leader.clone(),
                    current_state_since: value.current_state_timestamp,
                    members: value
                        .into_members()
                        .into_iter()
                        .map(|member| (member.id.clone(), member))
                        .collect_ordered(),
                    offsets,
                    ..ClassicGroup::new(&group, partition)
                };
                let subscribed_topics = replayed.compute_subscribed_topics().unwrap_or(None);
                let replayed = ClassicGroup { subscribed_topics, ..replayed };
                self.groups.insert(group, Group::Classic(Box::new(replayed)));
            }
            GroupRecord::ConsumerGroup { group, record } => self.replay_consumer(partition, group, record),
        }
    }

    /// A group is gone. What is committed in it stays until that is deleted too: a group of the other protocol may go on with it.
    fn remove_replayed(&mut self, id: &str, partition: i32) {
        let Some(mut removed) = self.groups.remove(id) else { return };
        let offsets = std::mem::take(removed.offsets_mut());
        if !offsets.is_empty() {
            let simple = ClassicGroup { offsets, ..ClassicGroup::new(id, partition) };
            self.groups.insert(id.to_owned(), Group::Classic(Box::new(simple)));
        }
    }

    /// The consumer group that a record is of (`getOrMaybeCreatePersistedConsumerGroup`): a group that is nothing but committed
    /// offsets becomes one.
    fn replayed_consumer_group(&mut self, partition: i32, id: &str, creates: bool) -> Option<&mut ConsumerGroup> {
        let is_simple = match self.groups.get(id) {
            None => true,
            Some(Group::Classic(group)) => group.is_simple(),
            Some(Group::Consumer(_)) => false,
        };
        if is_simple && creates {
            let mut group = ConsumerGroup::new(id, partition);
            if let Some(before) = self.groups.get_mut(id) {
                group.offsets = std::mem::take(before.offsets_mut());
            }
            self.groups.insert(id.to_owned(), Group::Consumer(Box::new(group)));
        }
        match self.groups.get_mut(id) {
            Some(Group::Consumer(group)) => Some(group),
            Some(Group::Classic(_)) | None => None,
        }
    }

    fn replay_consumer(&mut self, partition: i32, id: String, record: ConsumerGroupRecord) {
        if record == (ConsumerGroupRecord::GroupMetadata { value: None }) {
            // A classic group of the name has nothing to do with the tombstone.
            if self.groups.get(&id).is_some_and(|group| group.as_consumer().is_some()) {
                self.remove_replayed(&id, partition);
            }
            return;
        }
        let Some(group) = self.replayed_consumer_group(partition, &id, !record.is_tombstone()) else { return };
        group.replay(record);
    }

    /// This broker leads a partition of `__consumer_offsets` no more: forgets its groups and sends anyone who waits to the
    /// new coordinator. With a leader epoch older than the one it leads in, nothing happens.
    pub fn unload(&mut self, partition: i32, leader_epoch: Option<i32>, now: Millis, fx: &mut Effects) {
        let Some(active) = self.active.get(&partition) else { return };
        if leader_epoch.is_some_and(|epoch| epoch < active.leader_epoch) {
            return;
        }
        self.active.remove(&partition);
        self.strays.retain(|(keeper, _), _| *keeper != partition);
        self.unload_forgotten(partition);
        self.txn_offsets.unload(partition);
        fx.stop_timer(BrokerTimer::OffsetsExpiration(partition));
        let lost: Vec<u64> =
            self.pending.open.iter().filter(|(_, open)| open.partition == partition).map(|(id, _)| *id).collect();
        for id in lost {
            let Some(lost) = self.pending.open.remove(&id) else { continue };
            let group = self.groups.get_mut(&lost.group).and_then(Group::as_classic_mut);
            match (lost.waiting, group) {
                (Waiting::StaticMember { member, replaced }, Some(group)) => {
                    let mut cx = GroupContext::new(self.node, now, fx, &mut self.pending);
                    let error = ErrorCode::NotCoordinator;
                    membership::static_member_appended(group, &member, *replaced, error, &mut cx);
                }
                (waiting, _) => waiting.refuse(ErrorCode::NotCoordinator, fx),
            }
        }
        let of_partition = self.groups.values().filter(|group| group.partition() == partition);
        let ids: Vec<String> = of_partition.map(|group| group.id().to_owned()).collect();
        for id in ids {
            self.uncommitted.remove(&id);
            match self.groups.remove(&id) {
                Some(Group::Classic(group)) => unload_group(*group, fx),
                Some(Group::Consumer(group)) => unload_consumer_group(&group, fx),
                None => {}
            }
        }
        self.finish_answers(fx);
    }
}

impl ConsumerGroup {
    /// Replays a record of the group; its own tombstone is the coordinator's to replay.
    fn replay(&mut self, record: ConsumerGroupRecord) {
        match record {
            ConsumerGroupRecord::GroupMetadata { value } => {
                if let Some((epoch, hash)) = value {
                    self.group_epoch = epoch;
                    self.metadata_hash = hash;
                }
            }
            ConsumerGroupRecord::PartitionMetadata => {}
            ConsumerGroupRecord::MemberMetadata { member, value: None } => self.remove(&member),
            ConsumerGroupRecord::MemberMetadata { member, value: Some(value) } => {
                if let Some(instance_id) = &value.instance_id {
                    self.static_members.insert(instance_id.clone(), member.clone());
                }
                let new = || ConsumerGroupMember::new(&member);
                let member = self.members.entry(member.clone()).or_insert_with(new);
                member.instance_id = value.instance_id;
                member.rack_id = value.rack_id;
                member.client_id = value.client_id;
                member.subscribed_topics = value.subscribed_topic_names.into_iter().collect();
                member.subscribed_regex = value.subscribed_topic_regex.unwrap_or_default();
                member.rebalance_timeout_ms = value.rebalance_timeout_ms;
                member.server_assignor = value.server_assignor;
                member.classic = value.classic;
            }
            ConsumerGroupRecord::TargetAssignmentMetadata { value } => {
                (self.assignment_epoch, self.assignment_timestamp) = value.unwrap_or((-1, 0));
            }
            ConsumerGroupRecord::TargetAssignmentMember { member, value: None } => {
                self.target_assignment.remove(&member);
            }
            ConsumerGroupRecord::TargetAssignmentMember { member, value: Some(value) } => {
                self.target_assignment.insert(member, value);
            }
            ConsumerGroupRecord::CurrentMemberAssignment { member, value: None } => {
                if let Some(member) = self.members.get_mut(&member) {
                    (member.epoch, member.previous_epoch) = (-1, -1);
                    member.assigned.clear();
                    member.pending_revocation.clear();
                }
            }
            ConsumerGroupRecord::CurrentMemberAssignment { member, value: Some(value) } => {
                let new = || ConsumerGroupMember::new(&member);
                let member = self.members.entry(member.clone()).or_insert_with(new);
                member.epoch = value.member_epoch;
                member.previous_epoch = value.previous_member_epoch;
                member.state = value.state;
                member.assigned = value.assigned;
                member.pending_revocation = value.pending_revocation;
            }
            ConsumerGroupRecord::RegularExpression { regex, value: None } => {
                self.regular_expressions.remove(&regex);
            }
            ConsumerGroupRecord::RegularExpression { regex, value: Some(value) } => {
                self.regular_expressions.insert(regex, value);
            }
        }
    }
}

/// Sends anyone who waits to the new coordinator.
fn unload_group(mut group: ClassicGroup, fx: &mut Effects) {
    fx.stop_timer(BrokerTimer::group_join(&group.id));
    group.become_state(Dead, fx);
    let pending = std::mem::take(&mut group.pending_members);
    for member in pending.into_iter().chain(group.members.keys().cloned()) {
        fx.stop_timer(BrokerTimer::group_session(&group.id, &member));
    }
    group.answer_all_waiting(ErrorCode::NotCoordinator, fx);
}

fn unload_consumer_group(group: &ConsumerGroup, fx: &mut Effects) {
    fx.stop_timer(BrokerTimer::group_regex(&group.id));
    for member in group.members.keys() {
        fx.stop_timer(BrokerTimer::group_session(&group.id, member));
        fx.stop_timer(BrokerTimer::group_rebalance(&group.id, member));
        fx.stop_timer(BrokerTimer::group_member_join(&group.id, member));
        fx.stop_timer(BrokerTimer::group_member_sync(&group.id, member));
    }
    fx.change(Change::GroupStateChanged {
        group: group.id.clone(),
        from: group.state().name().to_owned(),
        to: ConsumerGroupState::Dead.name().to_owned(),
        generation: group.group_epoch,
    });
}

impl ClassicGroup {
    /// Answers everybody whose JoinGroup or SyncGroup waits.
    pub(super) fn answer_all_waiting(&mut self, error_code: ErrorCode, fx: &mut Effects) {
        for member in self.members.values_mut() {
            if let Some(request_context) = member.awaiting_join.take() {
                let member_id = member.id.clone();
                let answer = JoinGroupResponse { error_code, member_id, ..JoinGroupResponse::default() };
                fx.answer(&request_context, Response::JoinGroup(answer));
            }
            if let Some(request_context) = member.awaiting_sync.take() {
                let answer = SyncGroupResponse { error_code, ..SyncGroupResponse::default() };
                fx.answer(&request_context, Response::SyncGroup(answer));
            }
        }
    }
}
