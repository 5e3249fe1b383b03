//! What a group does while one request or timer is handled: rebalances (`GroupMetadataManager`'s classic half).

use std::collections::BTreeMap;

use super::classic::{ClassicGroup, CommittedOffset, Member, Phase};
use super::consumer::TimerChange;
use super::records;
use super::state::ClassicGroupState::{self, CompletingRebalance, Dead, Empty, PreparingRebalance, Stable};
use super::{CLASSIC_NEW_MEMBER_JOIN_TIMEOUT_MS, CoordinatorAppend, Group};
use crate::change::Change;
use crate::effects::{BrokerTimer, Effects, RequestContext};
use crate::explain::Explanation;
use crate::sim::Millis;
use crate::wire::consumer_protocol::RawBytes;
use crate::wire::group::{JoinGroupProtocol, JoinGroupResponse, SyncGroupResponse};
use crate::wire::records::{Record, RecordBatch};
use crate::wire::{ErrorCode, Response, TopicPartition};

/// What waits for an append to be replicated.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Waiting {
    /// Offsets become visible and their commit is answered.
    Offsets { commits: Vec<(TopicPartition, CommittedOffset)>, request_context: Option<(RequestContext, Response)> },
    /// The leader's assignment is handed out.
    Assignment { generation: i32, assignment: BTreeMap<String, RawBytes> },
    /// A static member that came back under a new id is answered, perhaps as it was before.
    StaticMember { member: String, replaced: Box<ReplacedMember> },
    /// The group exists now, perhaps in the place of an empty one of the consumer protocol; who founded it may have to wait for
    /// others.
    Creation { request_context: RequestContext, replaced: Option<Box<Group>> },
    /// A member's leaving is answered.
    Answer { request_context: RequestContext, response: Response },
    /// Offsets are gone; anyone who asked for that is answered.
    OffsetsDeleted { offsets: Vec<(String, TopicPartition)>, request_context: Option<(RequestContext, Response)> },
    /// Groups are gone, and single offsets of others; anyone who asked for that is answered with the last of them. What is not
    /// written after all is there again.
    GroupsDeleted {
        groups: Vec<Group>,
        offsets: Vec<(String, TopicPartition)>,
        request_context: Option<(RequestContext, Response)>,
    },
    /// Records of a consumer group are written, which count already; anyone who asked is answered.
    Written {
        request_context: Option<(RequestContext, Response)>,
        /// Timers that are set then.
        timers: Vec<TimerChange>,
        /// The group before, should they not be written; none where there was none.
        before: Option<Box<Group>>,
        /// The timer that it was done for, if any.
        timer: Option<BrokerTimer>,
    },
    /// Nobody waits.
    Nobody,
}

/// What a static member was under its old id, should the new one not be written.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct ReplacedMember {
    pub(super) id: String,
    pub(super) protocols: Vec<JoinGroupProtocol>,
    pub(super) rebalance_timeout_ms: i32,
    pub(super) session_timeout_ms: i32,
    /// Who led the group then.
    pub(super) leader: String,
}

/// One append that is not replicated yet.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct PendingAppend {
    pub(super) partition: i32,
    pub(super) group: String,
    pub(super) waiting: Waiting,
}

/// Appends that are not replicated yet, by their number.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct PendingAppends {
    next_id: u64,
    pub(super) open: BTreeMap<u64, PendingAppend>,
}

impl PendingAppends {
    /// The number of the next one.
    pub(super) fn next_id(&self) -> u64 {
        self.next_id
    }

    /// The first open append that changes a group, with what the group was before it.
    pub(super) fn first_change_of(&self, id: &str) -> Option<(u64, Option<&Group>)> {
        self.open.iter().find_map(|(number, append)| match &append.waiting {
            Waiting::Written { before, .. } if append.group == id => Some((*number, before.as_deref())),
            Waiting::Creation { replaced: Some(group), .. } if append.group == id => Some((*number, Some(&**group))),
            Waiting::GroupsDeleted { groups, .. } => {
                groups.iter().find(|group| group.id() == id).map(|group| (*number, Some(group)))
            }
            _ => None,
        })
    }

    /// The groups that open appends change.
    pub(super) fn changed_groups(&self) -> impl Iterator<Item = &str> {
        self.open.values().flat_map(|append| match &append.waiting {
            Waiting::Written { .. } | Waiting::Creation { replaced: Some(_), .. } => vec![append.group.as_str()],
            Waiting::GroupsDeleted { groups, .. } => groups.iter().map(Group::id).collect(),
            _ => Vec::new(),
        })
    }

    /// Notes what happens when records are replicated.
    pub(super) fn append(&mut self, pending: PendingAppend, records: Vec<Record>) -> CoordinatorAppend {
        let id = self.next_id;
        self.next_id += 1;
        let partition = pending.partition;
        self.open.insert(id, pending);
        CoordinatorAppend { id, partition, batch: RecordBatch::of(records) }
    }
}

/// The surroundings of one request or timer.
pub(super) struct GroupContext<'a> {
    pub(super) node: i32,
    pub(super) now: Millis,
    /// `group.initial.rebalance.delay.ms`.
    pub(super) initial_delay_ms: Millis,
    pub(super) fx: &'a mut Effects,
    pub(super) pending: &'a mut PendingAppends,
    pub(super) appends: Vec<CoordinatorAppend>,
    /// Whether the request's handler threw an exception on its way.
    pub(super) has_thrown: bool,
}

impl<'a> GroupContext<'a> {
    /// Of what begins a rebalance at once.
    pub(super) fn new(node: i32, now: Millis, fx: &'a mut Effects, pending: &'a mut PendingAppends) -> Self {
        Self { node, now, initial_delay_ms: 0, fx, pending, appends: Vec::new(), has_thrown: false }
    }

    /// A group enters a state now.
    fn become_state(&mut self, group: &mut ClassicGroup, to: ClassicGroupState) {
        group.become_state(to, self.fx);
        group.current_state_since = records::millis(self.now);
    }

    /// Wants records in the group's partition; `waiting` happens when they are replicated.
    pub(super) fn append(&mut self, group: &ClassicGroup, records: Vec<Record>, waiting: Waiting) {
        self.append_to(&group.id, group.partition, records, waiting);
    }

    /// The same for a group of either protocol.
    pub(super) fn append_to(&mut self, group: &str, partition: i32, records: Vec<Record>, waiting: Waiting) {
        let pending = PendingAppend { partition, group: group.to_owned(), waiting };
        self.appends.push(self.pending.append(pending, records));
    }

    /// The member has been heard: its session begins anew.
    pub(super) fn renew_session(&mut self, group: &str, member: &Member) {
        let timeout = Millis::try_from(member.session_timeout_ms).unwrap_or(0);
        self.set_session(group, &member.id, timeout);
    }

    pub(super) fn set_session(&mut self, group: &str, member: &str, after_ms: Millis) {
        let timer = BrokerTimer::group_session(group, member);
        self.fx.set_timer(timer, self.now.saturating_add(after_ms));
    }

    pub(super) fn stop_session(&mut self, group: &str, member: &str) {
        self.fx.stop_timer(BrokerTimer::group_session(group, member));
    }

    fn set_phase(&mut self, group: &mut ClassicGroup, phase: Phase, after_ms: Millis) {
        group.phase = phase;
        self.fx.set_timer(BrokerTimer::group_join(&group.id), self.now.saturating_add(after_ms));
    }

    pub(super) fn end_phase(&mut self, group: &mut ClassicGroup) {
        if group.phase != Phase::None {
            group.phase = Phase::None;
            self.fx.stop_timer(BrokerTimer::group_join(&group.id));
        }
    }

    /// Takes a new member in; its join waits.
    pub(super) fn add_member(&mut self, group: &mut ClassicGroup, member: Member, protocol_type: &str) {
        if group.state == PreparingRebalance && group.previous_state == Empty {
            group.new_member_added = true;
        }
        let id = member.id.clone();
        group.add(member, protocol_type);
        // It may have died while its join waits: its own session has not begun, so it is given this long.
        self.set_session(&group.id, &id, CLASSIC_NEW_MEMBER_JOIN_TIMEOUT_MS);
        self.rebalance_or_complete_join(group);
    }

    /// Drops a member. Nobody answers its SyncGroup, if one waits (`removeCurrentMemberFromClassicGroup`): the client gives up on its
    /// own.
    pub(super) fn drop_member(&mut self, group: &mut ClassicGroup, member: &str, expired: bool) {
        let Some(removed) = group.remove(member) else { return };
        self.stop_session(&group.id, member);
        if let Some(request_context) = removed.awaiting_join {
            let answer = JoinGroupResponse { error_code: ErrorCode::UnknownMemberId, ..JoinGroupResponse::default() };
            self.fx.answer(&request_context, Response::JoinGroup(answer));
        }
        self.fx.change(Change::MemberLeft { group: group.id.clone(), member: member.to_owned(), expired });
    }

    /// After members have gone: `maybePrepareRebalanceOrCompleteJoin` where a rebalance may begin, else the join phase
    /// may now be complete.
    pub(super) fn rebalance_or_complete_join(&mut self, group: &mut ClassicGroup) {
        if group.state.may_become(PreparingRebalance) {
            self.prepare_rebalance(group);
        } else {
            self.maybe_complete_join(group);
        }
    }

    /// After a member's time has run out, or that of an id that was handed out (`removeMemberAndUpdateClassicGroup`,
    /// `removePendingMemberAndUpdateClassicGroup`). Other than after a LeaveGroup a new group's delay ends with it, where all others
    /// have joined.
    pub(super) fn member_expired(&mut self, group: &mut ClassicGroup) {
        match group.state {
            Stable | CompletingRebalance => self.prepare_rebalance(group),
            PreparingRebalance if group.has_all_joined() => self.complete_join(group),
            PreparingRebalance | Empty | Dead => {}
        }
    }

    /// Begins the join phase.
    pub(super) fn prepare_rebalance(&mut self, group: &mut ClassicGroup) {
        if group.state == CompletingRebalance {
            self.cancel_syncs(group, ErrorCode::RebalanceInProgress);
        }
        self.end_phase(group);
        let was_empty = group.state == Empty;
        self.become_state(group, PreparingRebalance);
        if was_empty {
            // A new group usually gets several members at once: wait, to not rebalance for each of them.
            let delay_ms = self.initial_delay_ms;
            let remaining_ms = group.rebalance_timeout_ms().saturating_sub(delay_ms);
            self.set_phase(group, Phase::InitialDelay { delay_ms, remaining_ms }, delay_ms);
        } else if group.has_all_joined() {
            self.complete_join(group);
        } else {
            let timeout_ms = group.rebalance_timeout_ms();
            self.set_phase(group, Phase::Join, timeout_ms);
        }
    }

    /// Completes the join phase if everybody is there. Not in a new group, which waits its delay.
    pub(super) fn maybe_complete_join(&mut self, group: &mut ClassicGroup) {
        if group.state == PreparingRebalance && group.previous_state != Empty && group.has_all_joined() {
            self.complete_join(group);
        }
    }

    /// Ends the join phase with those who are there (`completeClassicGroupJoin`).
    fn complete_join(&mut self, group: &mut ClassicGroup) {
        self.end_phase(group);
        let absent = |member: &&Member| member.awaiting_join.is_none() && member.instance_id.is_none();
        let absent: Vec<String> = group.members.values().filter(absent).map(|member| member.id.clone()).collect();
        for member in absent {
            self.drop_member(group, &member, true);
        }
        if !group.members.is_empty() && !group.elect_joined_leader() {
            // Only static members are left and none has joined again: wait until their sessions end.
            let timeout_ms = group.rebalance_timeout_ms().max(1);
            self.set_phase(group, Phase::Join, timeout_ms);
            return;
        }
        if !group.next_generation(self.fx) {
            // Kafka's coordinator logs the exception and goes on: who joined is told, if it was a request that ended the phase, all
            // others are not answered, and no timer runs any more.
            self.has_thrown = true;
            self.fx.explain(Explanation::JoinCannotComplete { node: self.node, group: group.id.clone() });
            return;
        }
        group.current_state_since = records::millis(self.now);
        self.fx.explain(Explanation::CoordinatorCompletesJoin {
            node: self.node,
            group: group.id.clone(),
            generation: group.generation,
        });
        if group.state == Empty {
            let record = records::group_metadata(group, &BTreeMap::new(), self.now);
            self.append(group, vec![record], Waiting::Nobody);
            return;
        }
        let members: Vec<String> = group.members.keys().cloned().collect();
        for id in members {
            let answer = group.join_answer(&id);
            let Some(member) = group.members.get_mut(&id) else { continue };
            member.is_new = false;
            if let Some(request_context) = member.awaiting_join.take() {
                self.fx.answer(&request_context, Response::JoinGroup(answer));
            }
            let member = member.clone();
            self.renew_session(&group.id, &member);
            group.pending_syncs.insert(id);
        }
        let timeout_ms = group.rebalance_timeout_ms();
        self.set_phase(group, Phase::Sync, timeout_ms);
    }

    /// The group's own timer fired.
    pub(super) fn phase_ended(&mut self, group: &mut ClassicGroup) {
        let phase = std::mem::replace(&mut group.phase, Phase::None);
        match (phase, group.state) {
            (Phase::InitialDelay { delay_ms, remaining_ms }, PreparingRebalance) => {
                if group.new_member_added && remaining_ms > 0 {
                    group.new_member_added = false;
                    let delay = self.initial_delay_ms.min(remaining_ms);
                    let remaining_ms = remaining_ms.saturating_sub(delay_ms);
                    self.set_phase(group, Phase::InitialDelay { delay_ms: delay, remaining_ms }, delay);
                } else {
                    self.complete_join(group);
                }
            }
            (Phase::Join, PreparingRebalance) => self.complete_join(group),
            (Phase::Sync, CompletingRebalance | Stable) => {
                let silent: Vec<String> = group.pending_syncs.iter().cloned().collect();
                for member in &silent {
                    self.drop_member(group, member, true);
                }
                if !silent.is_empty() {
                    self.prepare_rebalance(group);
                }
            }
            _ => {}
        }
    }

    /// A member has synced; when all have, nobody is waited for any more.
    pub(super) fn synced(&mut self, group: &mut ClassicGroup, member: &str) {
        group.pending_syncs.remove(member);
        if group.pending_syncs.is_empty() && group.phase == Phase::Sync {
            self.end_phase(group);
        }
    }

    /// The assignment is in the log: everybody gets theirs.
    pub(super) fn hand_out(&mut self, group: &mut ClassicGroup, mut assignment: BTreeMap<String, RawBytes>) {
        for member in group.members.values_mut() {
            member.assignment = assignment.remove(&member.id).unwrap_or_default();
        }
        self.become_state(group, Stable);
        self.answer_syncs(group, ErrorCode::None);
    }

    /// Anyone who waits for the assignment has to join again.
    pub(super) fn cancel_syncs(&mut self, group: &mut ClassicGroup, error: ErrorCode) {
        for member in group.members.values_mut() {
            member.assignment = RawBytes::default();
        }
        self.answer_syncs(group, error);
    }

    fn answer_syncs(&mut self, group: &mut ClassicGroup, error: ErrorCode) {
        let members: Vec<String> = group.members.keys().cloned().collect();
        for id in members {
            let Some(request_context) = group.members.get_mut(&id).and_then(|member| member.awaiting_sync.take())
            else {
                continue;
            };
            let answer = sync_answer(group, &id, error);
            self.fx.answer(&request_context, Response::SyncGroup(answer));
            // While it waited its session may have ended unheeded.
            if let Some(member) = group.members.get(&id).cloned() {
                self.renew_session(&group.id, &member);
            }
        }
    }
}

/// What a sync is answered.
pub(super) fn sync_answer(group: &ClassicGroup, member: &str, error_code: ErrorCode) -> SyncGroupResponse {
    if !error_code.is_none() {
        return SyncGroupResponse { error_code, ..SyncGroupResponse::default() };
    }
    SyncGroupResponse {
        protocol_type: group.protocol_type.clone(),
        protocol_name: group.protocol.clone(),
        assignment: group.members.get(member).map(|member| member.assignment.clone()).unwrap_or_default(),
        ..SyncGroupResponse::default()
    }
}
