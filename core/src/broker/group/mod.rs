//! The group coordinator (`GroupCoordinatorService`): the classic protocol.
//!
//! It is memory on the broker that leads the group's partition of `__consumer_offsets`, and dies with it. What survives
//! are the records of that partition: the next leader replays them and goes on, with the same generation and members.
//! Nothing that a record must keep is answered before the record is on all in-sync replicas.

mod admin;
mod classic;
mod commits;
mod context;
mod find;
mod membership;
pub(crate) mod records;
mod requests;
pub mod state;
#[cfg(test)]
mod tests;
mod txn_offset_requests;
mod txn_offsets;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::change::Change;
use crate::effects::{BrokerTimer, Effects, ReceivedRequest, RequestContext};
use crate::explain::Explanation;
use crate::settings::BrokerSettings;
use crate::sim::Millis;
use crate::sim::random::Random;
use crate::sort::CollectOrdered;
use crate::wire::group::{
    HeartbeatResponse, JoinGroupResponse, LeaveGroupResponse, MemberIdentity, MemberResponse,
    OffsetCommitResponseTopic, OffsetDeleteResponse, OffsetDeleteResponseTopic, OffsetFetchRequest,
    OffsetFetchResponse, OffsetFetchResponseGroup, SyncGroupResponse,
};
use crate::wire::records::RecordBatch;
use crate::wire::{ErrorCode, Request, Response};

pub use classic::ClassicGroup;
use context::{GroupContext, PendingAppend, PendingAppends, Waiting};
pub use find::{KEY_TYPE_GROUP, KEY_TYPE_TRANSACTION, find_coordinator};
use records::GroupRecord;
use state::ClassicGroupState;
use state::ClassicGroupState::{Dead, Empty, Stable};
use txn_offsets::TxnOffsets;

/// How long a new member's first join may wait until it is taken for dead (`CLASSIC_GROUP_NEW_MEMBER_JOIN_TIMEOUT_MS`).
const CLASSIC_NEW_MEMBER_JOIN_TIMEOUT_MS: Millis = 300_000;

/// Partitions of a request that the broker refused before its coordinator saw it: their results come first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RefusedPartitions {
    /// Of an OffsetCommit.
    pub commits: Vec<OffsetCommitResponseTopic>,
    /// Of an OffsetDelete.
    pub deletes: Vec<OffsetDeleteResponseTopic>,
}

/// A batch that the broker is to append to a partition of `__consumer_offsets` with `acks=-1`. It says with
/// [`GroupCoordinator::append_done`] how that went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CoordinatorAppend {
    /// Its number.
    pub id: u64,
    /// The partition of `__consumer_offsets`.
    pub partition: i32,
    /// The records.
    pub batch: RecordBatch,
}

/// The coordinator of all groups whose partition of `__consumer_offsets` this broker leads.
#[derive(Clone, Debug, PartialEq, Hash)]
pub struct GroupCoordinator {
    node: i32,
    random: Random,
    /// Partitions of `__consumer_offsets` that this broker leads, with the leader epoch in which it read them.
    active: BTreeMap<i32, i32>,
    groups: BTreeMap<String, ClassicGroup>,
    pending: PendingAppends,
    /// Offsets of transactions that have not ended.
    txn_offsets: TxnOffsets,
}

impl GroupCoordinator {
    /// A coordinator of nothing yet. `random` makes member ids.
    pub fn new(node: i32, random: Random) -> Self {
        Self {
            node,
            random,
            active: BTreeMap::new(),
            groups: BTreeMap::new(),
            pending: PendingAppends::default(),
            txn_offsets: TxnOffsets::default(),
        }
    }

    /// The partition of `__consumer_offsets` that keeps a group.
    pub fn partition_for(group: &str, partitions: i32) -> i32 {
        state::partition_for(group, partitions)
    }

    /// This broker has become leader of a partition of `__consumer_offsets`: replays what is in it, oldest first. Where
    /// it led it already, in an earlier epoch, its memory is as good.
    pub fn load(
        &mut self,
        partition: i32,
        leader_epoch: i32,
        batches: impl Iterator<Item = Arc<RecordBatch>>,
        now: Millis,
        fx: &mut Effects,
    ) {
        if self.active.insert(partition, leader_epoch).is_some() {
            return;
        }
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
        for group in self.groups.values().filter(|group| group.partition == partition) {
            for member in group.members.values() {
                let timer = BrokerTimer::group_session(&group.id, &member.id);
                let session_ms = Millis::try_from(member.session_timeout_ms).unwrap_or(0);
                fx.set_timer(timer, now.saturating_add(session_ms));
            }
        }
        fx.change(Change::CoordinatorLoaded { node: self.node, partition });
    }

    /// `transaction` is whose transaction the record belongs to.
    fn replay(&mut self, partition: i32, transaction: Option<i64>, record: GroupRecord) {
        match record {
            GroupRecord::OffsetCommit { group, partition: of, value } => match value {
                Some(value) if let Some(producer_id) = transaction => {
                    self.groups.entry(group.clone()).or_insert_with_key(|id| ClassicGroup::new(id, partition));
                    self.txn_offsets.replay(partition, producer_id, &group, of, value.committed);
                }
                Some(value) => {
                    self.txn_offsets.supersede(&group, &of);
                    let group = self.groups.entry(group).or_insert_with_key(|id| ClassicGroup::new(id, partition));
                    group.offsets.insert(of, value.committed);
                }
                None => {
                    self.txn_offsets.forget(&group, &of);
                    if let Some(group) = self.groups.get_mut(&group) {
                        group.offsets.remove(&of);
                    }
                }
            },
            GroupRecord::GroupMetadata { group, value: None } => {
                self.groups.remove(&group);
            }
            GroupRecord::GroupMetadata { group, value: Some(value) } => {
                let offsets = self.groups.remove(&group).map(|before| before.offsets).unwrap_or_default();
                let replayed = ClassicGroup {
                    state: if value.members.is_empty() { Empty } else { Stable },
                    generation: value.generation,
                    protocol_type: Some(value.protocol_type.clone()).filter(|kind| !kind.is_empty()),
                    protocol: value.protocol.clone(),
                    leader: value.leader.clone(),
                    members: value
                        .into_members()
                        .into_iter()
                        .map(|member| (member.id.clone(), member))
                        .collect_ordered(),
                    offsets,
                    ..ClassicGroup::new(&group, partition)
                };
                let subscribed_topics = replayed.compute_subscribed_topics();
                let replayed = ClassicGroup { subscribed_topics, ..replayed };
                self.groups.insert(group, replayed);
            }
        }
    }

    /// This broker leads a partition of `__consumer_offsets` no more: forgets its groups and sends anyone who waits to the
    /// new coordinator. With a leader epoch older than the one it leads in, nothing happens.
    pub fn unload(&mut self, partition: i32, leader_epoch: Option<i32>, fx: &mut Effects) {
        let Some(active) = self.active.get(&partition) else { return };
        if leader_epoch.is_some_and(|epoch| epoch < *active) {
            return;
        }
        self.active.remove(&partition);
        self.txn_offsets.unload(partition);
        let lost: Vec<u64> =
            self.pending.open.iter().filter(|(_, open)| open.partition == partition).map(|(id, _)| *id).collect();
        for id in lost {
            let Some(lost) = self.pending.open.remove(&id) else { continue };
            if let Waiting::Offsets { request_context: Some((request_context, response)), .. } = lost.waiting {
                fx.answer(&request_context, commits::commit_failed(response, ErrorCode::NotCoordinator));
            } else if let Waiting::Answer { request_context, .. } = lost.waiting {
                let error_code = ErrorCode::NotCoordinator;
                fx.answer(
                    &request_context,
                    Response::LeaveGroup(LeaveGroupResponse { error_code, ..Default::default() }),
                );
            } else if let Waiting::OffsetsDeleted { request_context: Some((request_context, response)), .. }
            | Waiting::GroupsDeleted { request_context: Some((request_context, response)), .. } = lost.waiting
            {
                fx.answer(&request_context, admin::deletion_failed(response, ErrorCode::NotCoordinator));
            }
        }
        let ids: Vec<String> =
            self.groups.values().filter(|group| group.partition == partition).map(|group| group.id.clone()).collect();
        for id in ids {
            if let Some(group) = self.groups.remove(&id) {
                unload_group(group, fx);
            }
        }
        requests::shape_answers(fx);
    }

    /// Answers a request, or lets it wait. The appends that come back are the broker's to make.
    pub fn handle_request(
        &mut self,
        received: ReceivedRequest,
        now: Millis,
        settings: &BrokerSettings,
        fx: &mut Effects,
    ) -> Vec<CoordinatorAppend> {
        self.handle(received, RefusedPartitions::default(), now, settings, fx)
    }

    /// The same of a request of which the broker has refused some partitions.
    pub fn handle(
        &mut self,
        received: ReceivedRequest,
        refused: RefusedPartitions,
        now: Millis,
        settings: &BrokerSettings,
        fx: &mut Effects,
    ) -> Vec<CoordinatorAppend> {
        let appends = self.handle_unshaped(received, refused, now, settings, fx);
        requests::shape_answers(fx);
        appends
    }

    fn handle_unshaped(
        &mut self,
        received: ReceivedRequest,
        refused: RefusedPartitions,
        now: Millis,
        settings: &BrokerSettings,
        fx: &mut Effects,
    ) -> Vec<CoordinatorAppend> {
        let ReceivedRequest { request_context, mut request } = received;
        let partitions = settings.offsets_topic_num_partitions;
        match &mut request {
            Request::OffsetFetch(request) => {
                let answer = self.fetch_offsets(request, partitions, fx);
                fx.answer(&request_context, Response::OffsetFetch(answer));
                return Vec::new();
            }
            Request::DescribeGroups(request) => {
                let answer = self.describe_groups(request, request_context.version, partitions);
                fx.answer(&request_context, Response::DescribeGroups(answer));
                return Vec::new();
            }
            Request::ListGroups(request) => {
                fx.answer(&request_context, Response::ListGroups(self.list_groups(request)));
                return Vec::new();
            }
            Request::DeleteGroups(request) => return self.delete_groups(request, request_context, partitions, now, fx),
            // Up to version 2 one member leaves.
            Request::LeaveGroup(request) if request_context.version < 3 => {
                let member_id = std::mem::take(&mut request.member_id);
                request.members = vec![MemberIdentity { member_id, ..MemberIdentity::default() }];
            }
            _ => {}
        }
        let Some(id) = group_of(&request).map(str::to_owned) else {
            // Not a request for a coordinator: the broker's mistake, which the asker must not wait for.
            fx.close(&request_context);
            return Vec::new();
        };
        let refusal = self.refusal(&request, &id, request_context.version, settings);
        if !refusal.is_none() {
            if let Some(answer) = refuse(&request, refusal, refused.commits) {
                fx.answer(&request_context, answer);
            }
            fx.explain(Explanation::CoordinatorRefuses { node: self.node, group: id, error: refusal });
            return Vec::new();
        }
        if let Request::OffsetDelete(request) = &request {
            return self.delete_offsets(request, request_context, refused.deletes, now, fx);
        }
        let is_new = !self.groups.contains_key(&id);
        let partition = state::partition_for(&id, partitions);
        let group = self.groups.entry(id).or_insert_with_key(|id| ClassicGroup::new(id, partition));
        let mut cx = GroupContext {
            node: self.node,
            now,
            initial_delay_ms: settings.group_initial_rebalance_delay_ms,
            fx,
            pending: &mut self.pending,
            appends: Vec::new(),
        };
        match request {
            Request::JoinGroup(request) => {
                membership::join(group, request, request_context, self.random.id(), &mut cx);
                if is_new && cx.appends.is_empty() {
                    let record = records::group_metadata(group, &BTreeMap::new(), now);
                    cx.append(group, vec![record], Waiting::Creation);
                }
            }
            Request::SyncGroup(request) => membership::sync(group, request, request_context, &mut cx),
            Request::Heartbeat(request) => membership::heartbeat(group, &request, &request_context, &mut cx),
            Request::LeaveGroup(request) => membership::leave(group, request, request_context, &mut cx),
            Request::OffsetCommit(request) => {
                commits::commit(group, &request, request_context, refused.commits, &mut cx)
            }
            _ => {}
        }
        cx.appends
    }

    /// Why a request is refused before its group is looked at, if it is.
    fn refusal(&self, request: &Request, id: &str, version: i16, settings: &BrokerSettings) -> ErrorCode {
        // From version 5 on a SyncGroup has to say which protocol its member follows.
        if let Request::SyncGroup(sync) = request
            && version >= 5
            && (sync.protocol_type.is_none() || sync.protocol_name.is_none())
        {
            return ErrorCode::InconsistentGroupProtocol;
        }
        // Only commits may be of the group without a name: consumers without a group once used it.
        if id.is_empty() && !matches!(request, Request::OffsetCommit(_)) {
            return ErrorCode::InvalidGroupId;
        }
        if !self.active.contains_key(&state::partition_for(id, settings.offsets_topic_num_partitions)) {
            return ErrorCode::NotCoordinator;
        }
        let is_known = self.groups.contains_key(id);
        match request {
            Request::JoinGroup(join) => {
                let session_ms = u64::try_from(join.session_timeout_ms).unwrap_or(0);
                let range = settings.group_min_session_timeout_ms..=settings.group_max_session_timeout_ms;
                if !range.contains(&session_ms) {
                    ErrorCode::InvalidSessionTimeout
                } else if !is_known && !join.member_id.is_empty() {
                    ErrorCode::UnknownMemberId
                } else {
                    ErrorCode::None
                }
            }
            Request::OffsetCommit(commit) if !is_known && commit.generation_id_or_member_epoch >= 0 => {
                if version >= 9 {
                    ErrorCode::GroupIdNotFound
                } else {
                    ErrorCode::IllegalGeneration
                }
            }
            Request::OffsetCommit(_) | Request::OffsetDelete(_) => ErrorCode::None,
            _ if !is_known => ErrorCode::UnknownMemberId,
            _ => ErrorCode::None,
        }
    }

    fn fetch_offsets(&self, request: &OffsetFetchRequest, partitions: i32, fx: &mut Effects) -> OffsetFetchResponse {
        let groups = request.groups.iter().map(|asked| {
            if self.active.contains_key(&state::partition_for(&asked.group_id, partitions)) {
                let group = asked.group_id.clone();
                fx.explain(Explanation::CoordinatorAnswersOffsets { node: self.node, group });
                let mut answer = commits::fetch(self.groups.get(&asked.group_id), asked);
                if request.require_stable {
                    self.txn_offsets.mark_unstable(&mut answer);
                }
                return answer;
            }
            let (group_id, error_code) = (asked.group_id.clone(), ErrorCode::NotCoordinator);
            let group = group_id.clone();
            fx.explain(Explanation::CoordinatorRefuses { node: self.node, group, error: error_code });
            OffsetFetchResponseGroup { group_id, error_code, topics: Vec::new() }
        });
        OffsetFetchResponse { groups: groups.collect(), ..OffsetFetchResponse::default() }
    }

    /// A timer of a group fired.
    pub fn handle_timer(
        &mut self,
        timer: &BrokerTimer,
        now: Millis,
        settings: &BrokerSettings,
        fx: &mut Effects,
    ) -> Vec<CoordinatorAppend> {
        let (id, expired) = match timer {
            BrokerTimer::GroupJoin(id) => (id.as_ref(), None),
            BrokerTimer::GroupSession(member) => (member.0.as_str(), Some(&member.1)),
            _ => return Vec::new(),
        };
        let Some(group) = self.groups.get_mut(id) else { return Vec::new() };
        let mut cx = GroupContext {
            node: self.node,
            now,
            initial_delay_ms: settings.group_initial_rebalance_delay_ms,
            fx,
            pending: &mut self.pending,
            appends: Vec::new(),
        };
        match expired {
            Some(member) => membership::session_ended(group, member, &mut cx),
            None => cx.phase_ended(group),
        }
        let appends = cx.appends;
        requests::shape_answers(fx);
        appends
    }

    /// The request that is answered when an append of this coordinator's is on all in-sync replicas; `None` where nobody
    /// asked for the append.
    pub fn waits_for_append(&self, append_id: u64) -> Option<&RequestContext> {
        match &self.pending.open.get(&append_id)?.waiting {
            Waiting::Offsets { request_context, .. }
            | Waiting::OffsetsDeleted { request_context, .. }
            | Waiting::GroupsDeleted { request_context, .. } => request_context.as_ref().map(|(asked, _)| asked),
            Waiting::Answer { request_context, .. } => Some(request_context),
            Waiting::Assignment { .. } | Waiting::StaticMember { .. } | Waiting::Creation | Waiting::Nobody => None,
        }
    }

    /// An append of this coordinator's is on all in-sync replicas, or failed. After `REQUEST_TIMED_OUT` anyone who waited
    /// has their answer but the records are in the log all the same: calling again with success lets them count.
    pub fn append_done(&mut self, append_id: u64, result: Result<(), ErrorCode>, now: Millis, fx: &mut Effects) {
        self.append_done_unshaped(append_id, result, now, fx);
        requests::shape_answers(fx);
    }

    fn append_done_unshaped(&mut self, append_id: u64, result: Result<(), ErrorCode>, now: Millis, fx: &mut Effects) {
        let Some(mut done) = self.pending.open.remove(&append_id) else { return };
        let error = result.map_or_else(state::append_error, |()| ErrorCode::None);
        let timed_out = result == Err(ErrorCode::RequestTimedOut);
        match std::mem::replace(&mut done.waiting, Waiting::Nobody) {
            Waiting::OffsetsDeleted { offsets, request_context } => {
                return self.offsets_deleted(offsets, request_context, error, fx);
            }
            Waiting::GroupsDeleted { groups, request_context } => {
                return self.groups_deleted(groups, request_context, error, fx);
            }
            other => done.waiting = other,
        }
        let Some(group) = self.groups.get_mut(&done.group) else { return };
        let mut cx = GroupContext {
            node: self.node,
            now,
            initial_delay_ms: 0,
            fx,
            pending: &mut self.pending,
            appends: Vec::new(),
        };
        match done.waiting {
            Waiting::Offsets { commits, request_context } => {
                if let Some((request_context, response)) = request_context {
                    let response = if error.is_none() { response } else { commits::commit_failed(response, error) };
                    cx.fx.answer(&request_context, response);
                }
                if error.is_none() {
                    for (partition, _) in &commits {
                        self.txn_offsets.supersede(&done.group, partition);
                    }
                    commits::committed(group, commits, &mut cx);
                } else if timed_out {
                    let waiting = Waiting::Offsets { commits, request_context: None };
                    let late = PendingAppend { partition: done.partition, group: done.group, waiting };
                    cx.pending.open.insert(append_id, late);
                }
            }
            Waiting::Assignment { generation, assignment } => {
                membership::assignment_appended(group, generation, assignment, error, &mut cx);
            }
            Waiting::StaticMember { member } => {
                membership::static_member_appended(group, &member, error, &mut cx);
            }
            Waiting::Answer { request_context, mut response } => {
                if let Response::LeaveGroup(leave) = &mut response {
                    leave.error_code = error;
                }
                cx.fx.answer(&request_context, response);
            }
            // Without its first record the group was never there.
            Waiting::Creation if !error.is_none() && !timed_out && group.generation == 0 && group.state == Empty => {
                for id in &group.pending_members {
                    cx.stop_session(&group.id, id);
                }
                self.groups.remove(&done.group);
            }
            Waiting::Creation | Waiting::OffsetsDeleted { .. } | Waiting::GroupsDeleted { .. } | Waiting::Nobody => {}
        }
    }

    /// The groups of this coordinator, by id.
    pub fn groups(&self) -> impl Iterator<Item = &ClassicGroup> {
        self.groups.values()
    }

    /// Whether this broker coordinates the groups of a partition of `__consumer_offsets`.
    pub fn is_active(&self, partition: i32) -> bool {
        self.active.contains_key(&partition)
    }
}

/// Sends anyone who waits to the new coordinator.
fn unload_group(mut group: ClassicGroup, fx: &mut Effects) {
    fx.stop_timer(BrokerTimer::group_join(&group.id));
    group.become_state(Dead, fx);
    let error_code = ErrorCode::NotCoordinator;
    let pending = std::mem::take(&mut group.pending_members);
    for member in pending.into_iter().chain(group.members.keys().cloned()) {
        fx.stop_timer(BrokerTimer::group_session(&group.id, &member));
    }
    for member in group.members.into_values() {
        if let Some(request_context) = member.awaiting_join {
            let answer = JoinGroupResponse { error_code, ..JoinGroupResponse::default() };
            fx.answer(&request_context, Response::JoinGroup(answer));
        }
        if let Some(request_context) = member.awaiting_sync {
            fx.answer(
                &request_context,
                Response::SyncGroup(SyncGroupResponse { error_code, ..SyncGroupResponse::default() }),
            );
        }
    }
}

/// The group that a request is about.
fn group_of(request: &Request) -> Option<&str> {
    match request {
        Request::JoinGroup(request) => Some(&request.group_id),
        Request::SyncGroup(request) => Some(&request.group_id),
        Request::Heartbeat(request) => Some(&request.group_id),
        Request::LeaveGroup(request) => Some(&request.group_id),
        Request::OffsetCommit(request) => Some(&request.group_id),
        Request::OffsetDelete(request) => Some(&request.group_id),
        _ => None,
    }
}

/// The answer that says nothing but an error.
fn refuse(request: &Request, error_code: ErrorCode, refused: Vec<OffsetCommitResponseTopic>) -> Option<Response> {
    Some(match request {
        Request::JoinGroup(request) => {
            let member_id = request.member_id.clone();
            Response::JoinGroup(JoinGroupResponse { error_code, member_id, ..JoinGroupResponse::default() })
        }
        Request::SyncGroup(_) => Response::SyncGroup(SyncGroupResponse { error_code, ..SyncGroupResponse::default() }),
        Request::Heartbeat(_) => Response::Heartbeat(HeartbeatResponse { error_code, throttle_time_ms: 0 }),
        // Of a group that does not exist everybody has left already.
        Request::LeaveGroup(request) if error_code == ErrorCode::UnknownMemberId => {
            let members = request.members.iter().map(|member| MemberResponse {
                member_id: member.member_id.clone(),
                group_instance_id: member.group_instance_id.clone(),
                error_code,
            });
            Response::LeaveGroup(LeaveGroupResponse { members: members.collect(), ..LeaveGroupResponse::default() })
        }
        Request::LeaveGroup(_) => {
            Response::LeaveGroup(LeaveGroupResponse { error_code, ..LeaveGroupResponse::default() })
        }
        Request::OffsetCommit(request) => Response::OffsetCommit(commits::commit_answer(request, error_code, refused)),
        Request::OffsetDelete(_) => {
            Response::OffsetDelete(OffsetDeleteResponse { error_code, ..OffsetDeleteResponse::default() })
        }
        _ => return None,
    })
}
