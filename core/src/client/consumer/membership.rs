//! Finding the coordinator, joining, and staying in the group (`AbstractCoordinator`, `ConsumerCoordinator`).

use std::collections::{BTreeMap, BTreeSet};

use super::{Assigned, Consumer, PendingRequest, Poll};
use crate::actor::Listener;
use crate::change::Change;
use crate::client::assignor::{Assignor, AssignorMember};
use crate::client::metadata::backoff_ms;
use crate::config::CommitMode;
use crate::effects::{ConsumerTimer, Effects};
use crate::explain::Explanation;
use crate::sim::Millis;
use crate::sort::CollectOrdered;
use crate::wire::consumer_protocol::{ConsumerSubscription, decode_assignment, encode_assignment};
use crate::wire::group::{
    FindCoordinatorRequest, FindCoordinatorResponse, HeartbeatRequest, JoinGroupProtocol, JoinGroupRequest,
    JoinGroupResponse, JoinGroupResponseMember, LeaveGroupRequest, MemberIdentity, SyncGroupRequest,
    SyncGroupRequestAssignment, SyncGroupResponse,
};
use crate::wire::{ApiKey, ErrorCode, Request, Topic};

/// How long after the rebalance timeout a JoinGroup is given up (`JOIN_GROUP_TIMEOUT_LAPSE`).
const JOIN_GROUP_TIMEOUT_LAPSE_MS: Millis = 5_000;
/// The assignor's name in the protocol.
const RANGE: &str = "range";

/// How far a member is (`AbstractCoordinator.MemberState`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Phase {
    /// It has to join, for the first time or again.
    Unjoined,
    /// Its join waits for an answer.
    Joining,
    /// It leads the group and needs metadata of the others' topics.
    AwaitsTopics(Vec<JoinGroupResponseMember>),
    /// Its sync waits for an answer.
    Syncing,
    /// It has its partitions.
    Stable,
}

/// What a consumer knows of its group.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Membership {
    pub(super) coordinator: Option<i32>,
    pub(super) member_id: String,
    pub(super) generation: i32,
    phase: Phase,
    /// Whether it must join again, at the next poll.
    rejoin_needed: bool,
    /// Whether the offsets were committed for this rejoin (`enable.auto.commit`).
    has_prepared: bool,
    /// Nothing is asked of the coordinator before.
    pub(super) not_before: Millis,
    failures: u32,
    /// All topics of the group, where this member leads it.
    pub(super) group_topics: BTreeSet<Topic>,
    /// The id it had in its last process, "" for none.
    former_id: String,
    /// The partitions that the leader's last assignment was made from: when there are others, it asks for another.
    assigned_from: Option<BTreeMap<Topic, i32>>,
}

impl Default for Membership {
    fn default() -> Self {
        Self {
            coordinator: None,
            member_id: String::new(),
            generation: -1,
            phase: Phase::Unjoined,
            rejoin_needed: false,
            has_prepared: false,
            not_before: 0,
            failures: 0,
            group_topics: BTreeSet::new(),
            former_id: String::new(),
            assigned_from: None,
        }
    }
}

impl Membership {
    /// That of a new process, after another: it is nobody's member yet.
    pub(super) fn after(last: &Self) -> Self {
        let former = if last.member_id.is_empty() { &last.former_id } else { &last.member_id };
        Self { former_id: former.clone(), ..Self::default() }
    }

    /// Whether a member id is its own, or was that of its last process.
    pub(super) fn is_or_was(&self, member_id: &str) -> bool {
        !member_id.is_empty() && (self.member_id == member_id || self.former_id == member_id)
    }

    /// It joins again at the next poll, with what it has.
    pub(super) fn rejoin(&mut self) {
        self.phase = Phase::Unjoined;
    }

    pub(super) fn is_stable(&self) -> bool {
        self.phase == Phase::Stable && !self.rejoin_needed
    }

    /// Whether it may beat: from the join's answer on, until it joins again.
    fn is_beating(&self) -> bool {
        self.generation >= 0 && matches!(self.phase, Phase::AwaitsTopics(_) | Phase::Syncing | Phase::Stable)
    }

    /// It is no member any more, as far as it knows.
    fn reset(&mut self, forget_id: bool) {
        if forget_id {
            self.member_id.clear();
        }
        self.generation = -1;
        self.phase = Phase::Unjoined;
        self.rejoin_needed = false;
    }
}

impl Consumer {
    fn instance_id(&self) -> Option<String> {
        Some(self.settings.group_instance_id.clone()).filter(|id| !id.is_empty())
    }

    /// The coordinator has moved or is gone: it is to be found again, after a while.
    pub(super) fn forget_coordinator(&mut self, now: Millis) {
        self.membership.coordinator = None;
        self.back_off(now);
    }

    fn back_off(&mut self, now: Millis) {
        let membership = &mut self.membership;
        membership.not_before = now.saturating_add(backoff_ms(self.settings.retry_backoff_ms, membership.failures));
        membership.failures = membership.failures.saturating_add(1);
    }

    /// Asks who coordinates the group, unless that is known or was asked.
    pub(super) fn find_coordinator(&mut self, now: Millis, fx: &mut Effects) {
        let is_asked = self.is_open(|pending| *pending == PendingRequest::FindCoordinator);
        if is_asked || self.membership.coordinator.is_some() || now < self.membership.not_before {
            return;
        }
        let Some(node) = self.metadata.next_node() else { return };
        let request =
            FindCoordinatorRequest { coordinator_keys: vec![self.group.clone()], ..FindCoordinatorRequest::default() };
        self.send(node, Request::FindCoordinator(request), PendingRequest::FindCoordinator, now, fx);
        fx.explain(Explanation::ConsumerLooksForCoordinator { consumer: self.number, group: self.group.clone() });
    }

    pub(super) fn found_coordinator(&mut self, answer: &FindCoordinatorResponse, now: Millis, fx: &mut Effects) {
        let found = answer.coordinators.iter().find(|coordinator| coordinator.key == self.group);
        let error = found.map_or(ErrorCode::UnknownServerError, |found| found.error_code);
        match found.filter(|found| found.error_code.is_none() && found.node_id >= 0) {
            Some(found) => {
                let (consumer, group, node) = (self.number, self.group.clone(), found.node_id);
                self.membership.coordinator = Some(node);
                self.membership.failures = 0;
                fx.change(Change::CoordinatorFound { consumer, group: group.clone(), node });
                fx.explain(Explanation::ConsumerFoundCoordinator { consumer, group, node });
            }
            None => {
                self.back_off(now);
                fx.explain(Explanation::ConsumerRecovers {
                    consumer: self.number,
                    api: ApiKey::FindCoordinator,
                    error,
                });
            }
        }
    }

    /// Newer metadata came. A leader looks whether its assignment still covers all partitions.
    pub(super) fn metadata_learned(&mut self) {
        if let Some(from) = &self.membership.assigned_from {
            let counts = self.metadata.partition_counts();
            let now: BTreeMap<Topic, i32> =
                from.keys().map(|topic| (topic.clone(), counts.get(topic).copied().unwrap_or(0))).collect_ordered();
            self.membership.rejoin_needed |= now != *from;
        }
    }

    /// Makes this consumer a member of its group.
    pub(super) fn drive_membership(&mut self, now: Millis, fx: &mut Effects) {
        // The first thing a client does at all; then it knows brokers to ask.
        if !self.metadata.is_known {
            return self.metadata.need();
        }
        let Some(coordinator) = self.membership.coordinator else { return self.find_coordinator(now, fx) };
        match self.membership.phase.clone() {
            Phase::Stable if self.membership.rejoin_needed => self.join(coordinator, now, fx),
            Phase::Unjoined => self.join(coordinator, now, fx),
            Phase::AwaitsTopics(members) => self.assign(coordinator, members, now, fx),
            Phase::Joining | Phase::Syncing | Phase::Stable => {}
        }
    }

    fn join(&mut self, coordinator: i32, now: Millis, fx: &mut Effects) {
        if now < self.membership.not_before {
            return;
        }
        // `onJoinPrepare`: who commits by itself does so before it gives its partitions up.
        if self.commit_mode == CommitMode::Auto && !self.membership.has_prepared {
            self.membership.has_prepared = true;
            if self.membership.generation >= 0 && self.begin_commit(now) {
                return self.drive_commit(now, fx);
            }
        }
        // Eager assignors: everybody gives up everything, then gets it anew.
        self.assigned.clear();
        self.fetched.clear();
        self.membership.phase = Phase::Joining;
        self.membership.rejoin_needed = false;
        self.membership.assigned_from = None;
        self.membership.group_topics.clear();
        fx.stop_timer(ConsumerTimer::Heartbeat);
        let rebalance_ms = self.settings.max_poll_interval_ms;
        let request = JoinGroupRequest {
            group_id: self.group.clone(),
            session_timeout_ms: i32::try_from(self.settings.session_timeout_ms).unwrap_or(i32::MAX),
            rebalance_timeout_ms: i32::try_from(rebalance_ms).unwrap_or(i32::MAX),
            member_id: self.membership.member_id.clone(),
            group_instance_id: self.instance_id(),
            protocol_type: "consumer".to_owned(),
            protocols: vec![JoinGroupProtocol {
                name: RANGE.to_owned(),
                metadata: ConsumerSubscription { topics: self.topics.clone(), ..Default::default() }.encode(),
            }],
            reason: None,
        };
        let longest_ms = self.settings.request_timeout_ms.max(rebalance_ms.saturating_add(JOIN_GROUP_TIMEOUT_LAPSE_MS));
        let deadline = now.saturating_add(longest_ms);
        self.requests.send(
            fx,
            coordinator,
            Listener::Broker,
            Request::JoinGroup(request),
            deadline,
            PendingRequest::Join,
        );
    }

    pub(super) fn joined(&mut self, answer: JoinGroupResponse, now: Millis, fx: &mut Effects) {
        let membership = &mut self.membership;
        match answer.error_code {
            ErrorCode::None => {}
            ErrorCode::MemberIdRequired => {
                // KIP-394: joins again at once, with the id it got.
                membership.member_id = answer.member_id;
                membership.phase = Phase::Unjoined;
                let (consumer, api) = (self.number, ApiKey::JoinGroup);
                fx.explain(Explanation::ConsumerRecovers { consumer, api, error: ErrorCode::MemberIdRequired });
                return;
            }
            error => {
                membership.phase = Phase::Unjoined;
                let generation = membership.generation;
                return self.group_error(ApiKey::JoinGroup, error, generation, now, fx);
            }
        }
        membership.failures = 0;
        membership.has_prepared = false;
        membership.generation = answer.generation_id;
        membership.member_id = answer.member_id;
        let as_leader = answer.leader == membership.member_id;
        fx.explain(Explanation::ConsumerJoined {
            consumer: self.number,
            group: self.group.clone(),
            generation: answer.generation_id,
            as_leader,
        });
        fx.set_timer(ConsumerTimer::Heartbeat, now.saturating_add(self.settings.heartbeat_interval_ms));
        let Some(coordinator) = membership.coordinator else { return membership.rejoin() };
        if as_leader && !answer.skip_assignment {
            let topics = answer.members.iter().flat_map(wanted_topics);
            membership.group_topics = topics.collect_ordered();
            membership.phase = Phase::AwaitsTopics(answer.members.clone());
            self.assign(coordinator, answer.members, now, fx);
        } else {
            self.sync(coordinator, Vec::new(), now, fx);
        }
    }

    /// The leader computes who reads what, once it knows all topics of the group.
    fn assign(&mut self, coordinator: i32, members: Vec<JoinGroupResponseMember>, now: Millis, fx: &mut Effects) {
        let topics = &self.membership.group_topics;
        if topics.iter().any(|topic| self.metadata.topic(topic).is_none()) {
            return self.metadata.need();
        }
        let mut counts = self.metadata.partition_counts();
        counts.retain(|topic, _| topics.contains(topic));
        let members: Vec<AssignorMember> = members
            .into_iter()
            .map(|member| AssignorMember {
                topics: wanted_topics(&member),
                member_id: member.member_id,
                group_instance_id: member.group_instance_id,
                ..AssignorMember::default()
            })
            .collect();
        let assignments = Assignor::Range
            .assign(&members, &counts)
            .into_iter()
            .map(|(member_id, partitions)| SyncGroupRequestAssignment {
                member_id,
                assignment: encode_assignment(&partitions),
            })
            .collect();
        self.membership.assigned_from = Some(counts);
        self.sync(coordinator, assignments, now, fx);
    }

    fn sync(&mut self, coordinator: i32, assignments: Vec<SyncGroupRequestAssignment>, now: Millis, fx: &mut Effects) {
        self.membership.phase = Phase::Syncing;
        let generation = self.membership.generation;
        let request = SyncGroupRequest {
            group_id: self.group.clone(),
            generation_id: generation,
            member_id: self.membership.member_id.clone(),
            group_instance_id: self.instance_id(),
            protocol_type: Some("consumer".to_owned()),
            protocol_name: Some(RANGE.to_owned()),
            assignments,
        };
        self.send(coordinator, Request::SyncGroup(request), PendingRequest::Sync { generation }, now, fx);
    }

    pub(super) fn synced(&mut self, generation: i32, answer: SyncGroupResponse, now: Millis, fx: &mut Effects) {
        if self.membership.phase != Phase::Syncing || self.membership.generation != generation {
            return;
        }
        if !answer.error_code.is_none() {
            self.membership.phase = Phase::Unjoined;
            return self.group_error(ApiKey::SyncGroup, answer.error_code, generation, now, fx);
        }
        self.membership.phase = Phase::Stable;
        // Bytes that are no assignment come from a leader that is no consumer: there is nothing to read then.
        let assignment = decode_assignment(&answer.assignment).unwrap_or_default();
        self.assigned = assignment.into_iter().map(|each| (each, Assigned::new())).collect_ordered();
        self.fetched.clear();
        let partitions: Vec<_> = self.assigned.keys().cloned().collect();
        let count = i64::try_from(partitions.len()).unwrap_or(i64::MAX);
        let (consumer, group) = (self.number, self.group.clone());
        fx.change(Change::Assigned { consumer, partitions, generation });
        fx.explain(Explanation::ConsumerAssigned { consumer, group, partitions: count });
        if self.commit_mode == CommitMode::Auto {
            self.schedule_auto_commit(now, fx);
        }
    }

    /// The heartbeat thread's turn. It also notices when the application does not poll any more.
    pub(super) fn heartbeat_due(&mut self, now: Millis, fx: &mut Effects) {
        if !self.membership.is_beating() {
            return;
        }
        let away_ms = now.saturating_sub(self.last_poll_at);
        let is_away = self.poll == Poll::Away || self.thrown.is_some();
        if is_away && away_ms > self.settings.max_poll_interval_ms {
            return self.leave("consumer poll timeout has expired.", now, fx);
        }
        fx.set_timer(ConsumerTimer::Heartbeat, now.saturating_add(self.settings.heartbeat_interval_ms));
        if self.is_open(|pending| matches!(pending, PendingRequest::Heartbeat { .. })) {
            return;
        }
        let Some(coordinator) = self.membership.coordinator else { return self.find_coordinator(now, fx) };
        let generation = self.membership.generation;
        let request = HeartbeatRequest {
            group_id: self.group.clone(),
            generation_id: generation,
            member_id: self.membership.member_id.clone(),
            group_instance_id: self.instance_id(),
        };
        self.send(coordinator, Request::Heartbeat(request), PendingRequest::Heartbeat { generation }, now, fx);
        fx.explain(Explanation::ConsumerHeartbeats { consumer: self.number });
    }

    /// The client gives its membership up: it is closed, or `max.poll.interval.ms` has passed without a poll. A static
    /// member just falls silent.
    pub(super) fn leave(&mut self, reason: &str, now: Millis, fx: &mut Effects) {
        let member_id = self.membership.member_id.clone();
        if let (Some(coordinator), None) = (self.membership.coordinator, self.instance_id()) {
            let reason = Some(reason.to_owned());
            let members = vec![MemberIdentity { member_id, group_instance_id: None, reason }];
            let request = LeaveGroupRequest { group_id: self.group.clone(), members, ..LeaveGroupRequest::default() };
            self.send(coordinator, Request::LeaveGroup(request), PendingRequest::Leave, now, fx);
        }
        self.membership.reset(true);
        self.assigned.clear();
        self.fetched.clear();
    }

    /// What a group member makes of an error in an answer to a request of that generation.
    pub(super) fn group_error(
        &mut self,
        api: ApiKey,
        error: ErrorCode,
        generation: i32,
        now: Millis,
        fx: &mut Effects,
    ) {
        if error.is_none() {
            return;
        }
        fx.replace_explanation(Explanation::ConsumerRecovers { consumer: self.number, api, error });
        let is_current = generation == self.membership.generation;
        match error {
            ErrorCode::CoordinatorNotAvailable | ErrorCode::NotCoordinator | ErrorCode::RequestTimedOut => {
                self.forget_coordinator(now);
            }
            ErrorCode::CoordinatorLoadInProgress => self.back_off(now),
            ErrorCode::RebalanceInProgress => self.membership.rejoin_needed |= is_current,
            // An answer to a request of a generation that is past says nothing of this one.
            ErrorCode::IllegalGeneration if is_current => {
                self.membership.reset(false);
                self.lose_partitions();
            }
            ErrorCode::UnknownMemberId if is_current => {
                self.membership.reset(true);
                self.lose_partitions();
            }
            ErrorCode::IllegalGeneration | ErrorCode::UnknownMemberId => {}
            fatal => {
                self.membership.reset(false);
                self.lose_partitions();
                self.throw(api, fatal, fx);
            }
        }
    }

    /// Others may have them already: nothing is committed for them any more.
    fn lose_partitions(&mut self) {
        self.assigned.clear();
        self.fetched.clear();
    }
}

/// The topics that a member of the group asked for.
fn wanted_topics(member: &JoinGroupResponseMember) -> Vec<Topic> {
    ConsumerSubscription::decode(&member.metadata).map(|subscription| subscription.topics).unwrap_or_default()
}
