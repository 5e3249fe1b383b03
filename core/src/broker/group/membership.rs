//! JoinGroup, SyncGroup, Heartbeat and LeaveGroup at the coordinator.

use std::collections::BTreeMap;

use super::classic::{ClassicGroup, Member};
use super::context::{GroupContext, ReplacedMember, Waiting, sync_answer};
use super::records;
use super::state::ClassicGroupState::{CompletingRebalance, Dead, Empty, PreparingRebalance, Stable};
use super::state::{rejoin_rebalances, validate_heartbeat, validate_sync};
use crate::actor::Actor;
use crate::change::Change;
use crate::effects::RequestContext;
use crate::explain::Explanation;
use crate::sort::CollectOrdered;
use crate::wire::consumer_protocol::RawBytes;
use crate::wire::group::{
    HeartbeatRequest, HeartbeatResponse, JoinGroupRequest, JoinGroupResponse, LeaveGroupRequest, LeaveGroupResponse,
    MemberIdentity, MemberResponse, SyncGroupRequest, SyncGroupResponse,
};
use crate::wire::{ErrorCode, Response};

/// From this version on a new member first gets an id and joins again with it (KIP-394), so that a client that dies
/// before it has read its id leaves no member behind.
const JOIN_GROUP_VERSION_WITH_MEMBER_ID: i16 = 4;

/// From this version on a leader can be told that it need not compute an assignment (KIP-814,
/// `JoinGroupRequest.supportsSkippingAssignment`).
const JOIN_GROUP_VERSION_WITH_SKIPPED_ASSIGNMENT: i16 = 9;

/// What a client calls itself: in its request, or the default `client.id` of a group's consumer.
pub(super) fn client_id(request_context: &RequestContext, group: &str) -> String {
    match request_context.from.actor() {
        Actor::Consumer(number) => format!("consumer-{group}-{number}"),
        Actor::Probe(_) => request_context.client_id.as_deref().unwrap_or_default().to_owned(),
        other => other.to_string(),
    }
}

/// A random UUID in Java's written form (`java.util.UUID`).
fn java_uuid(id: u128) -> String {
    let hex = format!("{id:032x}");
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    format!("{}-{}-{}-{}-{}", part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32))
}

fn refuse_join(
    cx: &mut GroupContext,
    request_context: &RequestContext,
    group: &str,
    member_id: &str,
    error_code: ErrorCode,
) {
    let answer = JoinGroupResponse { error_code, member_id: member_id.to_owned(), ..JoinGroupResponse::default() };
    cx.fx.answer(request_context, Response::JoinGroup(answer));
    refused(cx, group, error_code);
}

/// The handler of a JoinGroup threw an exception when its member had joined already (`GroupCoordinatorService.joinGroup`).
pub(super) fn refuse_joined(group: &mut ClassicGroup, request_context: &RequestContext, cx: &mut GroupContext) {
    let mut members = group.members.values_mut();
    if let Some(member) = members.find(|member| member.awaiting_join.as_ref() == Some(request_context)) {
        member.awaiting_join = None;
        refuse_join(cx, request_context, &group.id, "", ErrorCode::UnknownServerError);
    }
}

pub(super) fn refused(cx: &mut GroupContext, group: &str, error: ErrorCode) {
    cx.fx.explain(Explanation::CoordinatorRefuses { node: cx.node, group: group.to_owned(), error });
}

/// Whether there is room for a member (`GroupMetadataManager.acceptJoiningMember`): in a rebalance first come, first served.
fn accepts(group: &ClassicGroup, id: &str, max_size: u32) -> bool {
    let is_below = |count: usize| (count as u64) < u64::from(max_size);
    match group.state {
        Empty | Dead => true,
        PreparingRebalance => {
            let waits = |member: &&Member| member.awaiting_join.is_some();
            let waiting = group.members.values().filter(waits).count();
            group.members.get(id).is_some_and(|member| member.awaiting_join.is_some()) || is_below(waiting)
        }
        CompletingRebalance | Stable => group.members.contains_key(id) || is_below(group.members.len()),
    }
}

/// A JoinGroup. `unique` makes a new member id; `max_size` is `group.max.size`.
pub(super) fn join(
    group: &mut ClassicGroup,
    request: JoinGroupRequest,
    request_context: RequestContext,
    unique: u128,
    max_size: u32,
    cx: &mut GroupContext,
) {
    let id = request.member_id.clone();
    let instance_id = request.group_instance_id.as_deref();
    if !accepts(group, &id, max_size) {
        if let Some(removed) = group.remove(&id) {
            cx.stop_session(&group.id, &removed.id);
        }
        return refuse_join(cx, &request_context, &group.id, "", ErrorCode::GroupMaxSizeReached);
    }
    if group.state == Dead {
        return refuse_join(cx, &request_context, &group.id, &id, ErrorCode::CoordinatorNotAvailable);
    }
    if !group.supports(&request.protocol_type, &request.protocols) {
        return refuse_join(cx, &request_context, &group.id, &id, ErrorCode::InconsistentGroupProtocol);
    }
    if id.is_empty() {
        let prefix = instance_id.map_or_else(|| client_id(&request_context, &group.id), str::to_owned);
        return join_new(group, request, request_context, format!("{prefix}-{}", java_uuid(unique)), cx);
    }
    if group.pending_members.contains(&id) {
        // Who waits with an id of its own is no static member: Kafka throws an exception that nobody expects.
        if instance_id.is_some() {
            return refuse_join(cx, &request_context, &group.id, "", ErrorCode::UnknownServerError);
        }
        return join_as(group, request, request_context, id, cx);
    }
    let error = group.check_member(&id, instance_id).error();
    if !error.is_none() {
        return refuse_join(cx, &request_context, &group.id, &id, error);
    }
    let has_changed = group.members.get(&id).is_none_or(|member| member.protocols != request.protocols);
    if group.state == Empty {
        refuse_join(cx, &request_context, &group.id, &id, ErrorCode::UnknownMemberId);
    } else if rejoin_rebalances(group.state, group.is_leader(&id), has_changed) {
        update_member(group, &id, request, Some(request_context));
        explain_join(group, &id, cx);
        cx.rebalance_or_complete_join(group);
    } else {
        // Its last answer must have got lost.
        cx.fx.answer(&request_context, Response::JoinGroup(group.join_answer(&id)));
        explain_join(group, &id, cx);
    }
}

fn explain_join(group: &ClassicGroup, member: &str, cx: &mut GroupContext) {
    cx.fx.explain(Explanation::CoordinatorJoins { node: cx.node, group: group.id.clone(), member: member.to_owned() });
}

/// A member that has no id yet.
fn join_new(
    group: &mut ClassicGroup,
    request: JoinGroupRequest,
    request_context: RequestContext,
    new_id: String,
    cx: &mut GroupContext,
) {
    let instance_id = request.group_instance_id.clone();
    if let Some(old_id) = instance_id.as_deref().and_then(|id| group.static_member(id)).map(str::to_owned) {
        return replace_static(group, request, request_context, &old_id, new_id, cx);
    }
    if instance_id.is_none() && request_context.version >= JOIN_GROUP_VERSION_WITH_MEMBER_ID {
        let session_ms = u64::try_from(request.session_timeout_ms).unwrap_or(0);
        cx.set_session(&group.id, &new_id, session_ms);
        explain_join(group, &new_id, cx);
        let error_code = ErrorCode::MemberIdRequired;
        let answer = JoinGroupResponse { error_code, member_id: new_id.clone(), ..JoinGroupResponse::default() };
        cx.fx.answer(&request_context, Response::JoinGroup(answer));
        group.pending_members.insert(new_id);
        return;
    }
    join_as(group, request, request_context, new_id, cx);
}

fn join_as(
    group: &mut ClassicGroup,
    request: JoinGroupRequest,
    request_context: RequestContext,
    id: String,
    cx: &mut GroupContext,
) {
    explain_join(group, &id, cx);
    let member = Member {
        id,
        instance_id: request.group_instance_id,
        client_id: client_id(&request_context, &group.id),
        rebalance_timeout_ms: request.rebalance_timeout_ms,
        session_timeout_ms: request.session_timeout_ms,
        protocols: request.protocols,
        assignment: RawBytes::default(),
        awaiting_join: Some(request_context),
        awaiting_sync: None,
        is_new: true,
    };
    cx.add_member(group, member, &request.protocol_type);
}

fn update_member(
    group: &mut ClassicGroup,
    id: &str,
    request: JoinGroupRequest,
    request_context: Option<RequestContext>,
) {
    if let Some(member) = group.members.get_mut(id) {
        member.protocols = request.protocols;
        member.rebalance_timeout_ms = request.rebalance_timeout_ms;
        member.session_timeout_ms = request.session_timeout_ms;
        member.awaiting_join = request_context;
    }
}

/// A static member came back under a new id (KIP-345): it takes its old self's place, and if the assignor
/// stays the same nobody else notices.
fn replace_static(
    group: &mut ClassicGroup,
    request: JoinGroupRequest,
    request_context: RequestContext,
    old_id: &str,
    new_id: String,
    cx: &mut GroupContext,
) {
    let leader = group.leader.clone().unwrap_or_default();
    let Some(before) = group.members.get(old_id).cloned() else { return };
    take_place(group, old_id, &new_id, cx);
    update_member(group, &new_id, request, Some(request_context));
    explain_join(group, &new_id, cx);
    match group.state {
        Stable if group.select_protocol() == group.protocol => {
            let assignment =
                group.members.values().map(|member| (member.id.clone(), member.assignment.clone())).collect();
            let record = records::group_metadata(group, &assignment, cx.now);
            let replaced = ReplacedMember {
                id: before.id,
                protocols: before.protocols,
                rebalance_timeout_ms: before.rebalance_timeout_ms,
                session_timeout_ms: before.session_timeout_ms,
                leader,
            };
            cx.append(group, vec![record], Waiting::StaticMember { member: new_id, replaced: Box::new(replaced) });
        }
        Stable | CompletingRebalance => cx.prepare_rebalance(group),
        PreparingRebalance => cx.maybe_complete_join(group),
        Empty | Dead => {}
    }
}

/// An id takes the place of another of the same static member. Two processes with one name: what the older has open is fenced.
fn take_place(group: &mut ClassicGroup, old_id: &str, new_id: &str, cx: &mut GroupContext) {
    let Some([open_join, open_sync]) = group.replace_static_member(old_id, new_id) else { return };
    cx.stop_session(&group.id, old_id);
    if let Some(old) = open_join {
        refuse_join(cx, &old, &group.id, old_id, ErrorCode::FencedInstanceId);
    }
    if let Some(old) = open_sync {
        cx.fx.answer(&old, Response::SyncGroup(sync_answer(group, old_id, ErrorCode::FencedInstanceId)));
    }
    if let Some(member) = group.members.get(new_id) {
        cx.renew_session(&group.id, member);
    }
}

/// A SyncGroup. The leader's brings the assignment, which is handed out when it is in the log.
pub(super) fn sync(
    group: &mut ClassicGroup,
    request: SyncGroupRequest,
    request_context: RequestContext,
    cx: &mut GroupContext,
) {
    let id = request.member_id;
    let mut error = group.check_member(&id, request.group_instance_id.as_deref()).error();
    // A group that has no protocol yet differs from none (`GroupMetadataManager.isProtocolInconsistent`).
    let differs = |theirs: &Option<String>, ours: &Option<String>| {
        theirs.as_ref().zip(ours.as_ref()).is_some_and(|(theirs, ours)| theirs != ours)
    };
    if error.is_none() && request.generation_id != group.generation {
        error = ErrorCode::IllegalGeneration;
    } else if error.is_none()
        && (differs(&request.protocol_type, &group.protocol_type) || differs(&request.protocol_name, &group.protocol))
    {
        error = ErrorCode::InconsistentGroupProtocol;
    }
    if error.is_none() {
        error = validate_sync(group.state);
    }
    if !error.is_none() {
        let answer = SyncGroupResponse { error_code: error, ..SyncGroupResponse::default() };
        cx.fx.answer(&request_context, Response::SyncGroup(answer));
        return refused(cx, &group.id, error);
    }
    cx.fx.explain(Explanation::CoordinatorSyncs {
        node: cx.node,
        group: group.id.clone(),
        generation: group.generation,
    });
    cx.synced(group, &id);
    if group.state == Stable {
        cx.fx.answer(&request_context, Response::SyncGroup(sync_answer(group, &id, ErrorCode::None)));
        return;
    }
    if let Some(member) = group.members.get_mut(&id) {
        member.awaiting_sync = Some(request_context);
    }
    if group.is_leader(&id) {
        let mut assignment: BTreeMap<String, RawBytes> =
            request.assignments.into_iter().map(|each| (each.member_id, each.assignment)).collect_ordered();
        assignment.retain(|member, _| group.members.contains_key(member));
        let record = records::group_metadata(group, &assignment, cx.now);
        let waiting = Waiting::Assignment { generation: group.generation, assignment };
        cx.append(group, vec![record], waiting);
    }
}

/// The answer to the leader's sync was written, or not.
pub(super) fn assignment_appended(
    group: &mut ClassicGroup,
    generation: i32,
    assignment: BTreeMap<String, RawBytes>,
    error: ErrorCode,
    cx: &mut GroupContext,
) {
    // A rebalance may have begun since.
    if group.state != CompletingRebalance || group.generation != generation {
        return;
    }
    if error.is_none() {
        cx.fx.explain(Explanation::CoordinatorSyncs { node: cx.node, group: group.id.clone(), generation });
        cx.hand_out(group, assignment);
    } else {
        refused(cx, &group.id, error);
        cx.cancel_syncs(group, error);
        cx.rebalance_or_complete_join(group);
    }
}

/// A static member's return was written; or not, and then it has its old id again.
pub(super) fn static_member_appended(
    group: &mut ClassicGroup,
    id: &str,
    replaced: ReplacedMember,
    error: ErrorCode,
    cx: &mut GroupContext,
) {
    let Some(member) = group.members.get_mut(id) else { return };
    let open = member.awaiting_join.take();
    if !error.is_none() {
        member.protocols = replaced.protocols;
        member.rebalance_timeout_ms = replaced.rebalance_timeout_ms;
        member.session_timeout_ms = replaced.session_timeout_ms;
        take_place(group, id, &replaced.id, cx);
        if let Some(request_context) = open {
            let (leader, members) = (replaced.leader, Vec::new());
            let answer = JoinGroupResponse { error_code: error, leader, members, ..group.join_answer("") };
            cx.fx.answer(&request_context, Response::JoinGroup(answer));
            refused(cx, &group.id, error);
        }
        return;
    }
    let Some(request_context) = open else { return };
    let mut answer = group.join_answer(id);
    if request_context.version >= JOIN_GROUP_VERSION_WITH_SKIPPED_ASSIGNMENT {
        // The assignment stands: a leader need not compute it again.
        answer.skip_assignment = group.is_leader(id);
    } else {
        // An older client, told that it leads, would compute it again: its leader is still the one before, and it sees no members.
        answer.leader = replaced.leader;
        answer.members.clear();
    }
    cx.fx.answer(&request_context, Response::JoinGroup(answer));
}

/// A Heartbeat.
pub(super) fn heartbeat(
    group: &mut ClassicGroup,
    request: &HeartbeatRequest,
    request_context: &RequestContext,
    cx: &mut GroupContext,
) {
    let mut error = group.check_member(&request.member_id, request.group_instance_id.as_deref()).error();
    if error.is_none() && request.generation_id != group.generation {
        error = ErrorCode::IllegalGeneration;
    }
    if error.is_none() {
        error = validate_heartbeat(group.state);
        // Even while a rebalance is prepared the member lives.
        if let Some(member) = group.members.get(&request.member_id).filter(|_| group.state != Empty) {
            cx.renew_session(&group.id, member);
        }
    }
    cx.fx.answer(request_context, Response::Heartbeat(HeartbeatResponse { error_code: error, throttle_time_ms: 0 }));
    cx.fx.explain(Explanation::CoordinatorHeartbeat { node: cx.node, group: group.id.clone(), error });
}

/// A LeaveGroup. Anyone who is not there has left.
#[inline(never)]
pub(super) fn leave(
    group: &mut ClassicGroup,
    request: LeaveGroupRequest,
    request_context: RequestContext,
    cx: &mut GroupContext,
) {
    let before = cx.appends.len();
    let mut has_left = false;
    let mut members = Vec::new();
    for identity in request.members {
        let error_code = leave_one(group, &identity, cx, &mut has_left);
        let MemberIdentity { member_id, group_instance_id, .. } = identity;
        members.push(MemberResponse { member_id, group_instance_id, error_code });
    }
    // In an empty group only an id that was handed out can have left.
    if has_left && group.state != Empty {
        cx.rebalance_or_complete_join(group);
    }
    if cx.has_thrown {
        let error_code = ErrorCode::UnknownServerError;
        let response = LeaveGroupResponse { error_code, ..LeaveGroupResponse::default() };
        return cx.fx.answer(&request_context, Response::LeaveGroup(response));
    }
    let response = Response::LeaveGroup(LeaveGroupResponse { members, ..LeaveGroupResponse::default() });
    // Where the last member left, a record says so, and the answer waits for it.
    match cx.appends.get(before).and_then(|append| cx.pending.open.get_mut(&append.id)) {
        Some(pending) => pending.waiting = Waiting::Answer { request_context, response },
        None => cx.fx.answer(&request_context, response),
    }
}

fn leave_one(
    group: &mut ClassicGroup,
    identity: &MemberIdentity,
    cx: &mut GroupContext,
    has_left: &mut bool,
) -> ErrorCode {
    let mut id = identity.member_id.clone();
    // An admin client removes static members by their name alone.
    if let (true, Some(instance)) = (id.is_empty(), identity.group_instance_id.as_deref()) {
        id = group.static_member(instance).unwrap_or_default().to_owned();
    }
    if group.pending_members.remove(&id) {
        cx.stop_session(&group.id, &id);
        *has_left = true;
        cx.fx.change(Change::MemberLeft { group: group.id.clone(), member: id, expired: false });
        return ErrorCode::None;
    }
    let error = group.check_member(&id, identity.group_instance_id.as_deref()).error();
    if error.is_none() {
        cx.drop_member(group, &id, false);
        *has_left = true;
        cx.fx.explain(Explanation::CoordinatorDropsMember { node: cx.node, group: group.id.clone(), member: id });
    }
    error
}

/// A member's session, or that of an id that was handed out, has ended.
pub(super) fn session_ended(group: &mut ClassicGroup, id: &str, cx: &mut GroupContext) {
    let dropped = if group.pending_members.remove(id) {
        cx.fx.change(Change::MemberLeft { group: group.id.clone(), member: id.to_owned(), expired: true });
        // The others of a stable group need not rebalance for who has never joined.
        if group.state == PreparingRebalance {
            cx.member_expired(group);
        }
        true
    } else if group.members.get(id).is_some_and(|member| !member.may_be_silent()) {
        cx.drop_member(group, id, true);
        cx.member_expired(group);
        true
    } else {
        false
    };
    if dropped {
        let member = id.to_owned();
        cx.fx.replace_explanation(Explanation::CoordinatorDropsMember {
            node: cx.node,
            group: group.id.clone(),
            member,
        });
    }
}
