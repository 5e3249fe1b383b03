//! Being a member of a group whose broker assigns (KIP-848): heartbeats, and the way from what the member has to what it is
//! to have (`ConsumerMembershipManager`, `ConsumerHeartbeatRequestManager`).
//!
//! | state | on | next |
//! |---|---|---|
//! | Unsubscribed, Stale | poll | Joining: member epoch 0, everything in the heartbeat |
//! | Joining, Acknowledging | at once | a heartbeat |
//! | Joining, Stable, Acknowledging, Reconciling | a target in the answer | Reconciling; Joining and Reconciling Stable if it has that |
//! | Reconciling | poll, topics known by name | what has to go is committed, then given up, the rest taken: Acknowledging |
//! | Acknowledging | the heartbeat that says what it has | Stable; Reconciling if there is another target by now |
//! | any of a member | `FENCED_MEMBER_EPOCH`, `UNKNOWN_MEMBER_ID` | Joining, partitions lost |
//! | any of a member | `max.poll.interval.ms` without a poll | Stale: it leaves, partitions lost |
//! | any of a member | close | Unsubscribed: epoch -1 to leave, -2 as a static member that may come back |
//! | any of a member | `TOPIC_AUTHORIZATION_FAILED` | the same: a poll throws it, heartbeats go on |
//! | any of a member | any other error | Fatal: polls throw it |

use std::collections::{BTreeMap, BTreeSet};

use super::subscription::Subscription;
use super::{Consumer, PendingRequest, Poll};
use crate::change::Change;
use crate::client::metadata::backoff_ms;
use crate::config::CommitMode;
use crate::effects::{ConsumerTimer, Effects};
use crate::explain::Explanation;
use crate::sim::Millis;
use crate::sort::CollectOrdered;
use crate::wire::consumer_group::{
    ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse, ConsumerGroupTopicPartitions,
};
use crate::wire::{ApiKey, ErrorCode, Request, Topic, TopicPartition, Uuid};

/// The member epoch of a heartbeat that joins.
const JOIN_GROUP_MEMBER_EPOCH: i32 = 0;
/// The one of a heartbeat that leaves.
const LEAVE_GROUP_MEMBER_EPOCH: i32 = -1;
/// The one of a static member that leaves for a while.
const LEAVE_GROUP_STATIC_MEMBER_EPOCH: i32 = -2;

/// `org.apache.kafka.clients.consumer.internals.MemberState`, without those that it only passes through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
enum MemberState {
    /// It has not polled.
    #[default]
    Unsubscribed,
    /// It is to send everything, with epoch 0.
    Joining,
    /// It has not what it is to have.
    Reconciling,
    /// It has what it could take, and is to say so.
    Acknowledging,
    /// It has what it is to have, as far as it knows.
    Stable,
    /// It left because the application did not poll.
    Stale,
    /// Nothing helps but another process.
    Fatal,
}

/// Partitions by topic id.
type Partitions = BTreeMap<Uuid, BTreeSet<i32>>;

/// Partitions, and the how-manieth target they are from; -1 for none (`LocalAssignment`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct LocalAssignment {
    local_epoch: i64,
    partitions: Partitions,
}

impl LocalAssignment {
    fn none() -> Self {
        Self { local_epoch: -1, partitions: Partitions::new() }
    }
}

/// What the last heartbeat said: only what has changed since is said again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct SentFields {
    rebalance_timeout_ms: Option<i32>,
    topics: Option<Vec<Topic>>,
    regex: Option<String>,
    server_assignor: Option<String>,
    assignment: Option<LocalAssignment>,
}

/// A member of a group whose broker assigns.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct ConsumerMember {
    state: MemberState,
    member_epoch: i32,
    target: LocalAssignment,
    current: LocalAssignment,
    sent: SentFields,
    /// From the last answer; 0 before there was one.
    heartbeat_interval_ms: Millis,
    heartbeat_due_at: Millis,
    failures: u32,
    /// No heartbeat is sent before: the last one failed.
    retries_at: Millis,
    /// What is being taken, once what has to go is committed.
    reconciling: Option<LocalAssignment>,
    /// Names of the topics it has, kept where metadata has forgotten them.
    names: BTreeMap<Uuid, Topic>,
}

impl Default for ConsumerMember {
    fn default() -> Self {
        Self {
            state: MemberState::default(),
            member_epoch: JOIN_GROUP_MEMBER_EPOCH,
            target: LocalAssignment::none(),
            current: LocalAssignment::none(),
            sent: SentFields::default(),
            heartbeat_interval_ms: 0,
            heartbeat_due_at: 0,
            failures: 0,
            retries_at: 0,
            reconciling: None,
            names: BTreeMap::new(),
        }
    }
}

impl ConsumerMember {
    /// It has nothing, and begins anew (`transitionToJoining`).
    fn rejoin(&mut self) {
        self.state = MemberState::Joining;
        self.member_epoch = JOIN_GROUP_MEMBER_EPOCH;
        self.target = LocalAssignment::none();
        self.current = LocalAssignment::none();
        self.reconciling = None;
        self.names.clear();
    }

    pub(super) fn is_fatal(&self) -> bool {
        self.state == MemberState::Fatal
    }

    fn is_member(&self) -> bool {
        match self.state {
            MemberState::Unsubscribed | MemberState::Stale | MemberState::Fatal => false,
            MemberState::Joining | MemberState::Reconciling | MemberState::Acknowledging | MemberState::Stable => true,
        }
    }

    pub(super) fn assigned_topic_ids(&self) -> BTreeSet<Uuid> {
        self.target.partitions.keys().chain(self.current.partitions.keys()).copied().collect_ordered()
    }

    fn sends_at_once(&self) -> bool {
        matches!(self.state, MemberState::Joining | MemberState::Acknowledging)
    }

    /// A target came; the same as before is no news (`processAssignmentReceived`).
    fn set_target(&mut self, partitions: Partitions) {
        if self.target.local_epoch < 0 || self.target.partitions != partitions {
            let local_epoch = self.target.local_epoch.saturating_add(1);
            self.target = LocalAssignment { local_epoch, partitions };
        }
        if self.current != self.target {
            self.state = MemberState::Reconciling;
        } else if matches!(self.state, MemberState::Reconciling | MemberState::Joining) {
            self.state = MemberState::Stable;
        }
    }

    /// A heartbeat went out (`onHeartbeatRequestGenerated`).
    fn heartbeat_sent(&mut self) {
        if self.state == MemberState::Acknowledging {
            let is_done = self.current == self.target;
            self.state = if is_done { MemberState::Stable } else { MemberState::Reconciling };
        }
    }
}

fn by_topic(partitions: &Partitions) -> Vec<ConsumerGroupTopicPartitions> {
    let topic = |(topic_id, partitions): (&Uuid, &BTreeSet<i32>)| ConsumerGroupTopicPartitions {
        topic_id: *topic_id,
        partitions: partitions.iter().copied().collect(),
    };
    partitions.iter().map(topic).collect()
}

impl Consumer {
    /// What a member does from within a poll: it joins, and reconciles.
    pub(super) fn drive_reconciliation(&mut self, now: Millis, fx: &mut Effects) {
        let Some(member) = &mut self.membership.consumer else { return };
        match member.state {
            MemberState::Unsubscribed | MemberState::Stale => member.rejoin(),
            MemberState::Reconciling => self.reconcile(now, fx),
            MemberState::Joining | MemberState::Acknowledging | MemberState::Stable | MemberState::Fatal => {}
        }
    }

    /// One more part of the way to the target (`maybeReconcile`).
    fn reconcile(&mut self, now: Millis, fx: &mut Effects) {
        let Some(member) = &mut self.membership.consumer else { return };
        if member.reconciling.is_some() {
            if self.commit.is_none() {
                self.finish_reconciliation(now, fx);
            }
            return;
        }
        if member.current == member.target {
            return;
        }
        let mut resolved = LocalAssignment { partitions: Partitions::new(), ..member.target };
        for (topic_id, partitions) in &member.target.partitions {
            if let Some(name) = self.metadata.topic_of(*topic_id) {
                member.names.insert(*topic_id, name);
            }
            if member.names.contains_key(topic_id) {
                resolved.partitions.insert(*topic_id, partitions.clone());
            } else {
                self.metadata.need();
            }
        }
        if member.current.local_epoch >= 0 && resolved.partitions == member.current.partitions {
            member.current = resolved;
            member.state = MemberState::Acknowledging;
            return;
        }
        member.reconciling = Some(resolved);
        // What has to go is read no further, so that what is committed is what was read.
        let stays: BTreeSet<TopicPartition> = self.reconciling_partitions().into_iter().collect_ordered();
        for (partition, assigned) in &mut self.assigned {
            assigned.is_pending_revocation = !stays.contains(partition);
        }
        if self.commit_mode == CommitMode::Auto && self.begin_background_commit(now) {
            return self.drive_commit(now, fx);
        }
        self.finish_reconciliation(now, fx);
    }

    fn reconciling_partitions(&self) -> Vec<TopicPartition> {
        let Some(member) = &self.membership.consumer else { return Vec::new() };
        let topics = member.reconciling.iter().flat_map(|resolved| &resolved.partitions);
        let named = topics.filter_map(|(id, partitions)| Some((member.names.get(id)?, partitions)));
        let mut partitions: Vec<TopicPartition> = named
            .flat_map(|(name, indexes)| indexes.iter().map(|index| TopicPartition::new(name.clone(), *index)))
            .collect();
        partitions.sort();
        partitions
    }

    /// `revokeAndAssign`: what has to go goes, what is there to take is taken; the next heartbeat says so.
    fn finish_reconciliation(&mut self, now: Millis, fx: &mut Effects) {
        let partitions = self.reconciling_partitions();
        let revoked: Vec<TopicPartition> =
            self.assigned.keys().filter(|partition| !partitions.contains(partition)).cloned().collect();
        self.revoke(revoked, fx);
        self.assign_partitions(&partitions);
        let Some(member) = &mut self.membership.consumer else { return };
        let Some(resolved) = member.reconciling.take() else { return };
        member.names.retain(|id, _| resolved.partitions.contains_key(id));
        member.current = resolved;
        member.state = MemberState::Acknowledging;
        let count = i64::try_from(partitions.len()).unwrap_or(i64::MAX);
        let (consumer, group, member_epoch) = (self.number, self.group.clone(), self.membership.generation);
        fx.change(Change::Reconciled { consumer, partitions, member_epoch });
        fx.replace_explanation(Explanation::ConsumerAssigned { consumer, group, partitions: count });
        if self.commit_mode == CommitMode::Auto {
            self.schedule_auto_commit(now, fx);
        }
    }

    /// Sends the heartbeat that is due. This is done whether the application polls or not.
    pub(super) fn drive_heartbeats(&mut self, now: Millis, fx: &mut Effects) {
        let is_away = self.poll == Poll::Away || self.thrown.is_some();
        let away_until = self.last_poll_at.saturating_add(self.settings.max_poll_interval_ms);
        let Some(member) = &self.membership.consumer else { return };
        if !member.is_member() || !self.metadata.is_known {
            return;
        }
        let Some(coordinator) = self.membership.coordinator else {
            self.find_coordinator(now, fx);
            // It is looked for whether the application polls or not.
            if self.membership.not_before > now {
                fx.set_timer(ConsumerTimer::Heartbeat, self.membership.not_before);
            }
            return;
        };
        if is_away && now > away_until {
            return self.become_stale(now, fx);
        }
        if self.is_open(|pending| matches!(pending, PendingRequest::ConsumerGroupHeartbeat { .. })) {
            return;
        }
        let due_at = if member.sends_at_once() { 0 } else { member.heartbeat_due_at }
            .max(self.membership.not_before)
            .max(member.retries_at);
        if due_at <= now {
            self.send_heartbeat(coordinator, self.subscribed_to(), false, now, fx);
        }
        let Some(member) = &self.membership.consumer else { return };
        let due_at = if due_at <= now { member.heartbeat_due_at } else { due_at };
        let due_at = if is_away { due_at.min(away_until.saturating_add(1)) } else { due_at };
        fx.set_timer(ConsumerTimer::Heartbeat, due_at.max(now.saturating_add(1)));
    }

    /// What its heartbeats say that it subscribes to: topics, and the pattern that its broker is to look for.
    fn subscribed_to(&self) -> (Vec<Topic>, Option<String>) {
        let regex = match &self.subscription {
            Subscription::BrokerPattern(pattern) => Some(pattern.clone()),
            Subscription::None | Subscription::Topics(_) | Subscription::Pattern { .. } | Subscription::Partitions => {
                None
            }
        };
        (self.subscription.topics().to_vec(), regex)
    }

    fn send_heartbeat(
        &mut self,
        coordinator: i32,
        (topics, regex): (Vec<Topic>, Option<String>),
        is_leaving: bool,
        now: Millis,
        fx: &mut Effects,
    ) {
        let instance_id = self.instance_id();
        let assignor = Some(self.settings.group_remote_assignor.clone()).filter(|assignor| !assignor.is_empty());
        let rack_id = Some(self.settings.client_rack.clone()).filter(|rack| !rack.is_empty());
        let rebalance_timeout_ms = i32::try_from(self.settings.max_poll_interval_ms).unwrap_or(i32::MAX);
        let member_id = self.membership.member_id.clone();
        let Some(member) = &mut self.membership.consumer else { return };
        let mut request = ConsumerGroupHeartbeatRequest {
            group_id: self.group.clone(),
            member_id,
            member_epoch: member.member_epoch,
            instance_id,
            ..ConsumerGroupHeartbeatRequest::default()
        };
        let is_full = member.state == MemberState::Joining;
        let sent = &mut member.sent;
        if is_full || sent.rebalance_timeout_ms != Some(rebalance_timeout_ms) {
            sent.rebalance_timeout_ms = Some(rebalance_timeout_ms);
            request.rebalance_timeout_ms = rebalance_timeout_ms;
        }
        if is_full || sent.topics.as_ref() != Some(&topics) {
            sent.topics = Some(topics.clone());
            request.subscribed_topic_names = Some(topics);
        }
        if (is_full && regex.is_some()) || sent.regex != regex {
            sent.regex.clone_from(&regex);
            request.subscribed_topic_regex = Some(regex.unwrap_or_default());
        }
        if assignor.is_some() && (is_full || sent.server_assignor != assignor) {
            sent.server_assignor.clone_from(&assignor);
            request.server_assignor = assignor;
        }
        if is_full || sent.assignment.as_ref() != Some(&member.current) {
            sent.assignment = Some(member.current.clone());
            request.topic_partitions = Some(by_topic(&member.current.partitions));
        }
        if is_full {
            request.rack_id = rack_id;
        }
        member.heartbeat_sent();
        member.heartbeat_due_at = now.saturating_add(member.heartbeat_interval_ms);
        let pending = PendingRequest::ConsumerGroupHeartbeat { is_leaving, member_epoch: request.member_epoch };
        self.send(coordinator, Request::ConsumerGroupHeartbeat(request), pending, now, fx);
        fx.explain(Explanation::ConsumerHeartbeats { consumer: self.number });
    }

    /// The answer to a heartbeat.
    #[inline(never)]
    pub(super) fn heartbeat_answered(
        &mut self,
        sent_epoch: i32,
        answer: &ConsumerGroupHeartbeatResponse,
        now: Millis,
        fx: &mut Effects,
    ) {
        fx.explain(Explanation::Nothing);
        // One from before it left and came again says nothing of the member that it is now.
        let is_of_now = |member: &&mut ConsumerMember| member.member_epoch == sent_epoch;
        let Some(member) = self.membership.consumer.as_mut().filter(is_of_now) else { return };
        if !answer.error_code.is_none() {
            return self.heartbeat_refused(answer.error_code, now, fx);
        }
        let interval_ms = Millis::try_from(answer.heartbeat_interval_ms).unwrap_or(0);
        if member.heartbeat_interval_ms != interval_ms {
            member.heartbeat_interval_ms = interval_ms;
            member.heartbeat_due_at = now.saturating_add(interval_ms);
        }
        member.failures = 0;
        self.membership.failures = 0;
        if !member.is_member() || answer.member_epoch < 0 {
            return;
        }
        member.member_epoch = answer.member_epoch;
        self.membership.generation = if answer.member_epoch > 0 { answer.member_epoch } else { -1 };
        if let Some(assignment) = &answer.assignment {
            let partitions = assignment.topic_partitions.iter();
            let partitions: Partitions = partitions
                .map(|topic| (topic.topic_id, topic.partitions.iter().copied().collect_ordered()))
                .collect_ordered();
            let count: usize = partitions.values().map(BTreeSet::len).sum();
            member.set_target(partitions);
            fx.replace_explanation(Explanation::ConsumerGotTarget {
                consumer: self.number,
                group: self.group.clone(),
                partitions: i64::try_from(count).unwrap_or(i64::MAX),
                member_epoch: answer.member_epoch,
            });
        }
    }

    /// `AbstractHeartbeatRequestManager.onErrorResponse`: the next heartbeat says everything that has ever changed.
    fn heartbeat_refused(&mut self, error: ErrorCode, now: Millis, fx: &mut Effects) {
        let api = ApiKey::ConsumerGroupHeartbeat;
        fx.replace_explanation(Explanation::ConsumerRecovers { consumer: self.number, api, error });
        let Some(member) = &mut self.membership.consumer else { return };
        member.sent = SentFields::default();
        if !member.is_member() {
            return;
        }
        match error {
            // The present coordinator is looked up at once.
            ErrorCode::NotCoordinator | ErrorCode::CoordinatorNotAvailable => {
                member.heartbeat_due_at = now;
                self.forget_coordinator();
            }
            ErrorCode::CoordinatorLoadInProgress => self.retry_heartbeat(now),
            // The application hears of it, and the member goes on trying: it may be allowed by then.
            ErrorCode::TopicAuthorizationFailed => {
                self.retry_heartbeat(now);
                self.throw(api, error, fx);
            }
            ErrorCode::FencedMemberEpoch | ErrorCode::UnknownMemberId => {
                member.rejoin();
                self.membership.generation = -1;
                self.lose_partitions(fx);
            }
            fatal => {
                member.state = MemberState::Fatal;
                self.membership.generation = -1;
                self.lose_partitions(fx);
                self.throw(api, fatal, fx);
            }
        }
    }

    /// A heartbeat that nobody answered, or that comes again after a while.
    pub(super) fn heartbeat_lost(&mut self, now: Millis) {
        if let Some(member) = &mut self.membership.consumer {
            member.sent = SentFields::default();
        }
        self.retry_heartbeat(now);
    }

    fn retry_heartbeat(&mut self, now: Millis) {
        let Some(member) = &mut self.membership.consumer else { return };
        let at = now.saturating_add(backoff_ms(self.settings.retry_backoff_ms, member.failures));
        member.failures = member.failures.saturating_add(1);
        member.heartbeat_due_at = at;
        member.retries_at = at;
    }

    /// The application has not polled for too long: others shall have its partitions until it does
    /// (`transitionToSendingLeaveGroup`, `transitionToStale`).
    fn become_stale(&mut self, now: Millis, fx: &mut Effects) {
        fx.explain(self.poll_timed_out());
        // It subscribes to what it did: it will be back.
        self.leave_consumer_group(self.subscribed_to(), now, fx);
        if let Some(member) = &mut self.membership.consumer {
            member.state = MemberState::Stale;
        }
    }

    /// Its application wants nothing of the group any more: the heartbeat that says so subscribes to nothing
    /// (`clearAssignmentAndLeaveGroup`).
    pub(super) fn unsubscribe_and_leave(&mut self, now: Millis, fx: &mut Effects) {
        self.leave_consumer_group((Vec::new(), None), now, fx);
    }

    /// Says goodbye, for a while as a static member.
    fn leave_consumer_group(&mut self, subscribed_to: (Vec<Topic>, Option<String>), now: Millis, fx: &mut Effects) {
        let is_static = self.instance_id().is_some();
        let Some(member) = &mut self.membership.consumer else { return };
        if !member.is_member() {
            return;
        }
        member.member_epoch = if is_static { LEAVE_GROUP_STATIC_MEMBER_EPOCH } else { LEAVE_GROUP_MEMBER_EPOCH };
        member.current = LocalAssignment::none();
        member.state = MemberState::Unsubscribed;
        fx.stop_timer(ConsumerTimer::Heartbeat);
        if let Some(coordinator) = self.membership.coordinator {
            self.send_heartbeat(coordinator, subscribed_to, true, now, fx);
        }
        if let Some(member) = &mut self.membership.consumer {
            member.sent = SentFields::default();
            member.reconciling = None;
        }
        self.membership.generation = -1;
        self.lose_partitions(fx);
    }
}
