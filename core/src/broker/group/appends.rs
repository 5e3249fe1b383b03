//! What follows when the records of a coordinator are on all in-sync replicas, or could not be written.

use super::consumer::{TimerChange, Write};
use super::context::{GroupContext, PendingAppend, Waiting};
use super::state::ClassicGroupState::Empty;
use super::{
    CoordinatorAppend, Group, GroupCoordinator, admin, commits, committed_answers, membership, requests, state,
};
use crate::effects::{Effects, RequestContext};
use crate::sim::Millis;
use crate::wire::group::LeaveGroupResponse;
use crate::wire::{ErrorCode, Response};

/// How long after a failed write the timer behind it fires again, in milliseconds (`CoordinatorTimerImpl`).
const TIMER_RETRY_BACKOFF_MS: Millis = 500;

impl Waiting {
    /// The request that is answered in the end, if any is.
    pub(super) fn asked(&self) -> Option<&RequestContext> {
        match self {
            Self::Offsets { request_context, .. }
            | Self::OffsetsDeleted { request_context, .. }
            | Self::GroupsDeleted { request_context, .. }
            | Self::Written { request_context, .. } => request_context.as_ref().map(|(asked, _)| asked),
            Self::Answer { request_context, .. } => Some(request_context),
            Self::Assignment { .. } | Self::StaticMember { .. } | Self::Creation { .. } | Self::Nobody => None,
        }
    }

    /// Answers the waiting request with an error.
    pub(super) fn refuse(self, error: ErrorCode, fx: &mut Effects) {
        match self {
            Self::Offsets { request_context: Some((asked, response)), .. } => {
                fx.answer(&asked, commits::commit_failed(response, error));
            }
            Self::Answer { request_context, .. } => {
                let response = LeaveGroupResponse { error_code: error, ..LeaveGroupResponse::default() };
                fx.answer(&request_context, Response::LeaveGroup(response));
            }
            Self::OffsetsDeleted { request_context: Some((asked, response)), .. }
            | Self::GroupsDeleted { request_context: Some((asked, response)), .. } => {
                fx.answer(&asked, admin::deletion_failed(response, error));
            }
            Self::Written { request_context: Some((asked, response)), .. } => {
                fx.answer(&asked, requests::with_error(response, error));
            }
            Self::Offsets { request_context: None, .. }
            | Self::OffsetsDeleted { request_context: None, .. }
            | Self::GroupsDeleted { request_context: None, .. }
            | Self::Written { request_context: None, .. }
            | Self::Assignment { .. }
            | Self::StaticMember { .. }
            | Self::Creation { .. }
            | Self::Nobody => {}
        }
    }
}

impl GroupCoordinator {
    /// The request that is answered when an append of this coordinator's is on all in-sync replicas; `None` where nobody
    /// asked for the append.
    pub fn waits_for_append(&self, append_id: u64) -> Option<&RequestContext> {
        self.pending.open.get(&append_id)?.waiting.asked()
    }

    /// An append of this coordinator's is on all in-sync replicas, or failed. After `REQUEST_TIMED_OUT` anyone who waited
    /// has their answer but the records are in the log all the same: calling again with success lets them count.
    pub fn append_done(&mut self, append_id: u64, result: Result<(), ErrorCode>, now: Millis, fx: &mut Effects) {
        let refused = result.err().and_then(|error| self.refusal_of_founder(append_id, state::append_error(error)));
        self.append_done_unshaped(append_id, result, now, fx);
        self.finish_answers(fx);
        if let Some((request_context, answer)) = refused {
            fx.answer(&request_context, answer);
            self.told.push(request_context);
        }
    }

    /// Who has founded a group waits for more members, who may keep coming for longer than the group's first record may take.
    fn refusal_of_founder(&self, append_id: u64, error: ErrorCode) -> Option<(RequestContext, Response)> {
        let founded = self.pending.open.get(&append_id)?;
        let Waiting::Creation { request_context, .. } = &founded.waiting else { return None };
        let group = self.groups.get(&founded.group)?.as_classic()?;
        let answer = committed_answers::refusal_of_waiting(group, request_context, error)?;
        Some((request_context.clone(), answer))
    }

    fn append_done_unshaped(&mut self, append_id: u64, result: Result<(), ErrorCode>, now: Millis, fx: &mut Effects) {
        let Some(mut done) = self.pending.open.remove(&append_id) else { return };
        let error = result.map_or_else(state::append_error, |()| ErrorCode::None);
        let timed_out = result == Err(ErrorCode::RequestTimedOut);
        if error.is_none() {
            self.appends_committed(done.partition, append_id);
        }
        // What was not replicated in time counts all the same once it is; nobody is answered then.
        let (partition, id) = (done.partition, done.group.clone());
        let late = |waiting: Waiting| PendingAppend { partition, group: id, waiting };
        match std::mem::replace(&mut done.waiting, Waiting::Nobody) {
            Waiting::OffsetsDeleted { offsets, request_context } if timed_out => {
                self.offsets_deleted(Vec::new(), request_context, error, fx);
                self.pending.open.insert(append_id, late(Waiting::OffsetsDeleted { offsets, request_context: None }));
                return;
            }
            Waiting::OffsetsDeleted { offsets, request_context } => {
                return self.offsets_deleted(offsets, request_context, error, fx);
            }
            Waiting::GroupsDeleted { groups, offsets, request_context } if timed_out => {
                self.offsets_deleted(Vec::new(), request_context, error, fx);
                let waiting = Waiting::GroupsDeleted { groups, offsets, request_context: None };
                self.pending.open.insert(append_id, late(waiting));
                return;
            }
            Waiting::GroupsDeleted { groups, offsets, request_context } => {
                self.groups_deleted(groups, error, fx);
                return self.offsets_deleted(offsets, request_context, error, fx);
            }
            written @ Waiting::Written { .. } => {
                if let Some(waiting) = self.written(&done.group, written, error, timed_out, now, fx) {
                    self.pending.open.insert(append_id, late(waiting));
                }
                return;
            }
            Waiting::Offsets { commits, request_context } => {
                if let Some((request_context, response)) = request_context {
                    let response = if error.is_none() { response } else { commits::commit_failed(response, error) };
                    fx.answer(&request_context, response);
                }
                if error.is_none() {
                    for (partition, _) in &commits {
                        self.txn_offsets.supersede(&done.group, partition);
                    }
                    if let Some(group) = self.groups.get_mut(&done.group) {
                        commits::committed(group, commits, fx);
                    }
                } else if timed_out {
                    self.pending.open.insert(append_id, late(Waiting::Offsets { commits, request_context: None }));
                } else {
                    self.forget_unfounded(&done.group, append_id);
                }
                return;
            }
            other => {
                if timed_out {
                    let is_creation = matches!(other, Waiting::Creation { .. });
                    let waiting = if is_creation { other.clone() } else { Waiting::Nobody };
                    self.pending.open.insert(append_id, late(waiting));
                }
                done.waiting = other;
            }
        }
        let Some(group) = self.groups.get_mut(&done.group).and_then(Group::as_classic_mut) else {
            // The group has gone, or is one of the other protocol by now.
            if let Waiting::Answer { request_context, response } = done.waiting {
                fx.answer(&request_context, response);
            }
            return;
        };
        let mut cx = GroupContext::new(self.node, now, fx, &mut self.pending);
        match done.waiting {
            Waiting::Assignment { generation, assignment } => {
                membership::assignment_appended(group, generation, assignment, error, &mut cx);
            }
            Waiting::StaticMember { member, replaced } => {
                membership::static_member_appended(group, &member, *replaced, error, &mut cx);
            }
            Waiting::Answer { request_context, response } => {
                let response = if error.is_none() { response } else { requests::with_error(response, error) };
                cx.fx.answer(&request_context, response);
            }
            // Without its first record the group was never there.
            Waiting::Creation { replaced, .. }
                if !error.is_none() && !timed_out && group.generation == 0 && group.state == Empty =>
            {
                for id in &group.pending_members {
                    cx.stop_session(&group.id, id);
                }
                let offsets = self.groups.remove(&done.group).map(|mut group| std::mem::take(group.offsets_mut()));
                if let Some(mut replaced) = replaced {
                    *replaced.offsets_mut() = offsets.unwrap_or_default();
                    self.groups.insert(done.group, *replaced);
                }
            }
            Waiting::Creation { .. }
            | Waiting::Offsets { .. }
            | Waiting::OffsetsDeleted { .. }
            | Waiting::GroupsDeleted { .. }
            | Waiting::Written { .. }
            | Waiting::Nobody => {}
        }
    }

    /// Records of a consumer group count at once: they are taken back if they could not be written. Gives what goes on waiting for them
    /// where they were not replicated in time.
    fn written(
        &mut self,
        id: &str,
        waiting: Waiting,
        error: ErrorCode,
        timed_out: bool,
        now: Millis,
        fx: &mut Effects,
    ) -> Option<Waiting> {
        let Waiting::Written { request_context, timers, before, timer } = waiting else { return None };
        if error.is_none() {
            if let Some((asked, response)) = request_context {
                fx.answer(&asked, response);
            }
            self.apply_timers(id, timers, now, fx);
            return None;
        }
        if let Some((asked, response)) = request_context {
            fx.answer(&asked, requests::with_error(response, error));
        }
        // What a timer was to do is tried again (`CoordinatorTimerImpl`), unless another broker coordinates the group now.
        if let Some(timer) = timer.filter(|_| error != ErrorCode::NotCoordinator) {
            fx.set_timer(timer, now.saturating_add(TIMER_RETRY_BACKOFF_MS));
        }
        if timed_out {
            return Some(Waiting::Written { request_context: None, timers: Vec::new(), before, timer: None });
        }
        let offsets = self.groups.remove(id).map(|mut group| std::mem::take(group.offsets_mut()));
        if let Some(mut before) = before {
            *before.offsets_mut() = offsets.unwrap_or_default();
            self.groups.insert(id.to_owned(), *before);
        }
        None
    }

    /// Applies what was decided about a consumer group: its records count from now on, and the request is answered when
    /// they are replicated; where there are none, when all before them are.
    pub(super) fn write(
        &mut self,
        id: &str,
        partition: i32,
        write: Write,
        answer: Option<(RequestContext, Response)>,
        now: Millis,
        fx: &mut Effects,
    ) -> Vec<CoordinatorAppend> {
        let Write { records, timers, timers_after, becomes, rebalances, timer, .. } = write;
        if records.is_empty() {
            self.apply_timers(id, timers.into_iter().chain(timers_after).collect(), now, fx);
            if let Some((asked, response)) = answer {
                fx.answer(&asked, response);
            }
            return Vec::new();
        }
        let before = self.groups.get(id).cloned();
        let state_before = before.as_ref().map_or("Empty", Group::state_name);
        let epoch_before = before.as_ref().map_or(0, Group::generation);
        let members_before: Vec<String> = before.iter().flat_map(Group::member_ids).map(str::to_owned).collect();
        if let Some(group) = self.groups.get_mut(id).and_then(Group::as_classic_mut) {
            // It becomes one of the consumer protocol: waiting members have to join again.
            group.answer_all_waiting(ErrorCode::RebalanceInProgress, fx);
            fx.stop_timer(crate::effects::BrokerTimer::group_join(id));
        }
        match becomes {
            Some(mut classic) => {
                classic.partition = partition;
                if let Some(group) = self.groups.get_mut(id) {
                    classic.offsets = std::mem::take(group.offsets_mut());
                }
                self.groups.insert(id.to_owned(), Group::Classic(classic));
            }
            None => records.iter().for_each(|record| self.replay_record(partition, record)),
        }
        self.publish_changes(id, (state_before, epoch_before), &members_before, fx);
        self.apply_timers(id, timers, now, fx);
        let before = before.map(Box::new);
        let waiting = Waiting::Written { request_context: answer, timers: timers_after, before, timer };
        let pending = PendingAppend { partition, group: id.to_owned(), waiting };
        let mut appends = vec![self.pending.append(pending, records)];
        if rebalances && let Some(group) = self.groups.get_mut(id).and_then(Group::as_classic_mut) {
            let mut cx = GroupContext::new(self.node, now, fx, &mut self.pending);
            cx.prepare_rebalance(group);
            appends.append(&mut cx.appends);
        }
        appends
    }

    fn apply_timers(&mut self, id: &str, timers: Vec<TimerChange>, now: Millis, fx: &mut Effects) {
        for change in timers {
            self.apply_timer(id, change, now, fx);
        }
    }
}
