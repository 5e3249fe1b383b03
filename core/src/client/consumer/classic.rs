//! Joining and staying in a group whose members assign (`AbstractCoordinator`, `ConsumerCoordinator`): the classic protocol.
//!
//! | phase | on | next |
//! |---|---|---|
//! | Unjoined | poll | Joining, after what is to be committed is, and what is to be given up is |
//! | Joining | JoinGroup's answer | Syncing; AwaitsTopics as the group's leader |
//! | Joining | `MEMBER_ID_REQUIRED`, another error, no answer | Unjoined |
//! | AwaitsTopics | metadata of all topics of the group | Syncing |
//! | Syncing | SyncGroup's answer | Stable; with a cooperative assignor Unjoined as soon as it gave something up |
//! | Stable | `REBALANCE_IN_PROGRESS`, other partitions (leader) | Joining at the next poll |
//! | Stable | another subscription than it joined with | Joining at the next poll |
//! | any | `unsubscribe`, close | Unjoined, partitions revoked; lost in the middle of a rebalance |
//! | any | `UNKNOWN_MEMBER_ID`, `ILLEGAL_GENERATION` | Unjoined, partitions lost |

use std::borrow::Cow;

use super::membership::{MetadataSnapshot, Phase};
use super::subscription::Subscription;
use super::{Consumer, PendingRequest, Poll};
use crate::actor::Listener;
use crate::change::Change;
use crate::client::assignor::{Assignor, AssignorMember, PartitionRacks, RebalanceProtocol};
use crate::config::CommitMode;
use crate::effects::{ConsumerTimer, Effects};
use crate::explain::Explanation;
use crate::sim::Millis;
use crate::sort::CollectOrdered;
use crate::wire::consumer_protocol::{ConsumerSubscription, decode_assignment, encode_assignment};
use crate::wire::group::{
    HeartbeatRequest, JoinGroupProtocol, JoinGroupRequest, JoinGroupResponse, JoinGroupResponseMember,
    LeaveGroupRequest, MemberIdentity, SyncGroupRequest, SyncGroupRequestAssignment, SyncGroupResponse,
};
use crate::wire::{ApiKey, ErrorCode, Request, Topic, TopicPartition};

/// How long after the rebalance timeout a JoinGroup is given up (`JOIN_GROUP_TIMEOUT_LAPSE`).
const JOIN_GROUP_TIMEOUT_LAPSE_MS: Millis = 5_000;

impl Consumer {
    /// Newer metadata came. A leader looks whether its assignment still covers all partitions.
    pub(super) fn metadata_learned(&mut self) {
        if self.membership.assigned_from.as_ref().is_some_and(|from| *from != self.metadata_snapshot()) {
            self.membership.request_rejoin_if_necessary("cached metadata has changed");
        }
    }

    /// What it knows of the topics of its group.
    fn metadata_snapshot(&self) -> MetadataSnapshot {
        let topics = &self.membership.group_topics;
        let mut partitions = self.metadata.partition_counts();
        partitions.retain(|topic, _| topics.contains(topic));
        let mut racks = PartitionRacks::new();
        if !self.settings.client_rack.is_empty() {
            racks = self.metadata.partition_racks();
            racks.retain(|partition, _| topics.contains(&partition.topic));
        }
        MetadataSnapshot { partitions, racks }
    }

    pub(super) fn join(&mut self, coordinator: i32, now: Millis, fx: &mut Effects) {
        if now < self.membership.not_before || self.looks_for_topics(now) {
            return;
        }
        // `onJoinPrepare`: who commits by itself does so before it gives its partitions up.
        if self.commit_mode == CommitMode::Auto && !self.membership.has_prepared {
            self.membership.has_prepared = true;
            let protocol = self.rebalance_protocol();
            if self.membership.generation >= 0 && self.begin_commit_before_rebalance(protocol, now) {
                self.drive_commit(now, fx);
            }
        }
        if self.commit.is_some() {
            return;
        }
        self.give_up_before_joining(fx);
        self.membership.phase = Phase::Joining;
        self.membership.rejoin_needed = false;
        self.membership.assigned_from = None;
        self.membership.group_topics.clear();
        self.membership.joined_topics = Some(self.subscription.topics().to_vec());
        self.membership.has_fresh_metadata = false;
        fx.stop_timer(ConsumerTimer::Heartbeat);
        let rebalance_ms = self.settings.max_poll_interval_ms;
        let request = JoinGroupRequest {
            group_id: self.group.clone(),
            session_timeout_ms: i32::try_from(self.settings.session_timeout_ms).unwrap_or(i32::MAX),
            rebalance_timeout_ms: i32::try_from(rebalance_ms).unwrap_or(i32::MAX),
            member_id: self.membership.member_id.clone(),
            group_instance_id: self.instance_id(),
            protocol_type: "consumer".to_owned(),
            protocols: self.join_protocols(),
            reason: Some(self.membership.rejoin_reason.to_string()),
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

    /// One that subscribes by a pattern looks which topics there are before it joins, so that a new topic costs one rebalance
    /// and not several.
    fn looks_for_topics(&mut self, now: Millis) -> bool {
        let is_by_pattern = matches!(self.subscription, Subscription::Pattern { .. });
        is_by_pattern && !self.membership.has_fresh_metadata && self.metadata.freshen(now)
    }

    /// Eager assignors: everybody gives up everything, then gets it anew. A cooperative member keeps what it has, but for
    /// topics that it subscribes to no more.
    fn give_up_before_joining(&mut self, fx: &mut Effects) {
        if self.membership.generation < 0 {
            return self.lose_partitions(fx);
        }
        match self.rebalance_protocol() {
            RebalanceProtocol::Eager => self.revoke(self.owned(), fx),
            RebalanceProtocol::Cooperative => {
                let topics = self.subscription.topics();
                let unwanted = self.assigned.keys().filter(|partition| !topics.contains(&partition.topic));
                let unwanted = unwanted.cloned().collect();
                self.revoke(unwanted, fx);
            }
        }
    }

    /// What it says of itself, for every assignor that it can be assigned by (`ConsumerCoordinator.metadata`).
    fn join_protocols(&self) -> Vec<JoinGroupProtocol> {
        let owned_partitions: Vec<TopicPartition> = self.owned();
        let rack_id = Some(self.settings.client_rack.clone()).filter(|rack| !rack.is_empty());
        let protocol = |assignor: Assignor| {
            let last = self.membership.last_assignments.get(&assignor);
            let last = last.map(|(generation, partitions)| (*generation, partitions.as_slice()));
            let subscription = ConsumerSubscription {
                topics: self.subscription.topics().to_vec(),
                user_data: assignor.user_data(last),
                owned_partitions: owned_partitions.clone(),
                generation_id: self.membership.generation,
                rack_id: rack_id.clone(),
            };
            JoinGroupProtocol { name: assignor.name().to_owned(), metadata: subscription.encode() }
        };
        self.settings.assignors().into_iter().map(protocol).collect()
    }

    pub(super) fn joined(&mut self, answer: JoinGroupResponse, now: Millis, fx: &mut Effects) {
        let membership = &mut self.membership;
        if membership.phase != Phase::Joining {
            // It has left the group meanwhile (`UnjoinedGroupException`).
            return;
        }
        match answer.error_code {
            ErrorCode::None => {}
            ErrorCode::MemberIdRequired => {
                // KIP-394: joins again at once, with the id it got.
                membership.rejoin_reason =
                    format!("need to re-join with the given member-id: {}", answer.member_id).into();
                membership.member_id = answer.member_id;
                membership.phase = Phase::Unjoined;
                let (consumer, api) = (self.number, ApiKey::JoinGroup);
                fx.explain(Explanation::ConsumerRecovers { consumer, api, error: ErrorCode::MemberIdRequired });
                return;
            }
            error => {
                let generation = membership.generation;
                self.group_error(ApiKey::JoinGroup, error, generation, now, fx);
                return self.membership.rejoin(exception_of(error));
            }
        }
        let chosen = answer.protocol_name.as_deref().and_then(Assignor::named);
        if chosen.is_none() {
            // A coordinator that chooses what nobody offered: Kafka's consumer throws an IllegalStateException.
            membership.rejoin("IllegalStateException");
            return self.throw(ApiKey::JoinGroup, ErrorCode::InconsistentGroupProtocol, fx);
        }
        membership.assignor = chosen;
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
        let Some(coordinator) = membership.coordinator else {
            return membership.rejoin("CoordinatorNotAvailableException");
        };
        if as_leader {
            let topics = answer.members.iter().flat_map(wanted_topics);
            membership.group_topics = topics.collect_ordered();
        }
        if as_leader && answer.skip_assignment {
            // KIP-814: a static leader that came back takes what there is now for what the assignment was made from.
            self.membership.assigned_from = Some(self.metadata_snapshot());
        }
        if as_leader && !answer.skip_assignment {
            self.membership.phase = Phase::AwaitsTopics(answer.members.clone());
            self.perform_assignment(coordinator, answer.members, now, fx);
        } else {
            self.sync(coordinator, Vec::new(), now, fx);
        }
    }

    /// The leader computes who reads what, once it knows all topics of the group.
    pub(super) fn perform_assignment(
        &mut self,
        coordinator: i32,
        members: Vec<JoinGroupResponseMember>,
        now: Millis,
        fx: &mut Effects,
    ) {
        let topics = &self.membership.group_topics;
        if topics.iter().any(|topic| self.metadata.topic(topic).is_none()) {
            return self.metadata.need();
        }
        let snapshot = self.metadata_snapshot();
        let members: Vec<AssignorMember> = members
            .into_iter()
            .map(|member| {
                let subscription = ConsumerSubscription::decode(&member.metadata).unwrap_or_default();
                AssignorMember::new(member.member_id, member.group_instance_id, subscription)
            })
            .collect();
        let assignments = self
            .membership
            .assignor
            .unwrap_or(Assignor::Range)
            .assign(&members, &snapshot.partitions, &self.metadata.partition_racks())
            .into_iter()
            .map(|(member_id, partitions)| SyncGroupRequestAssignment {
                member_id,
                assignment: encode_assignment(&partitions),
            })
            .collect();
        self.membership.assigned_from = Some(snapshot);
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
            protocol_name: self.membership.assignor.map(|assignor| assignor.name().to_owned()),
            assignments,
        };
        self.send(coordinator, Request::SyncGroup(request), PendingRequest::Sync { generation }, now, fx);
    }

    pub(super) fn synced(&mut self, generation: i32, answer: SyncGroupResponse, now: Millis, fx: &mut Effects) {
        if self.membership.phase != Phase::Syncing || self.membership.generation != generation {
            return;
        }
        if !answer.error_code.is_none() {
            self.group_error(ApiKey::SyncGroup, answer.error_code, generation, now, fx);
            return self.membership.rejoin(exception_of(answer.error_code));
        }
        self.membership.phase = Phase::Stable;
        if !self.membership.rejoin_needed {
            self.membership.rejoin_reason = Cow::Borrowed("");
        }
        // Bytes that are no assignment come from a leader that is no consumer: there is nothing to read then.
        let mut partitions = decode_assignment(&answer.assignment).unwrap_or_default();
        if !self.is_subscribed_to_all(&partitions) {
            // It subscribed to something else after it had joined: it says so, and takes nothing of this.
            self.membership.request_rejoin("received assignment does not match the current subscription");
            return;
        }
        self.adopt_assigned_topics(&partitions, fx);
        if let Some(assignor) = self.membership.assignor {
            self.membership.last_assignments.insert(assignor, (generation, partitions.clone()));
        }
        partitions.sort();
        let revoked: Vec<TopicPartition> =
            self.assigned.keys().filter(|partition| !partitions.contains(partition)).cloned().collect();
        if !revoked.is_empty() {
            // Who gave something up joins again at once, so that another member can get it.
            self.membership.request_rejoin("need to revoke partitions and re-join");
            self.revoke(revoked, fx);
        }
        self.assign_partitions(&partitions);
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
        if !self.membership.sends_heartbeats() {
            return;
        }
        let away_ms = now.saturating_sub(self.last_poll_at);
        let is_away = self.poll == Poll::Away || self.thrown.is_some();
        if is_away && away_ms > self.settings.max_poll_interval_ms {
            fx.explain(self.poll_timed_out());
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

    /// A static member just falls silent.
    pub(super) fn leave_classic_group(&mut self, reason: &str, now: Millis, fx: &mut Effects) {
        let member_id = self.membership.member_id.clone();
        let coordinator = self.membership.coordinator.filter(|_| !member_id.is_empty());
        if let (Some(coordinator), None) = (coordinator, self.instance_id()) {
            let reason = Some(reason.to_owned());
            let members = vec![MemberIdentity { member_id, group_instance_id: None, reason }];
            let request = LeaveGroupRequest { group_id: self.group.clone(), members, ..LeaveGroupRequest::default() };
            self.send(coordinator, Request::LeaveGroup(request), PendingRequest::Leave, now, fx);
        }
        self.membership.reset(true, "consumer pro-actively leaving the group");
        self.lose_partitions(fx);
    }
}

/// The class of the exception that a rebalance fails with after an error (`JoinGroupResponseHandler`,
/// `SyncGroupResponseHandler`).
fn exception_of(error: ErrorCode) -> &'static str {
    match error {
        ErrorCode::CoordinatorLoadInProgress => "CoordinatorLoadInProgressException",
        ErrorCode::CoordinatorNotAvailable => "CoordinatorNotAvailableException",
        ErrorCode::NotCoordinator => "NotCoordinatorException",
        ErrorCode::UnknownMemberId => "UnknownMemberIdException",
        ErrorCode::IllegalGeneration => "IllegalGenerationException",
        ErrorCode::RebalanceInProgress => "RebalanceInProgressException",
        ErrorCode::FencedInstanceId => "FencedInstanceIdException",
        ErrorCode::InconsistentGroupProtocol => "InconsistentGroupProtocolException",
        ErrorCode::InvalidSessionTimeout => "InvalidSessionTimeoutException",
        ErrorCode::InvalidGroupId => "InvalidGroupIdException",
        ErrorCode::GroupAuthorizationFailed => "GroupAuthorizationException",
        ErrorCode::GroupMaxSizeReached => "GroupMaxSizeReachedException",
        ErrorCode::UnsupportedVersion => "UnsupportedVersionException",
        _ => "KafkaException",
    }
}

/// The topics that a member of the group asked for.
fn wanted_topics(member: &JoinGroupResponseMember) -> Vec<Topic> {
    ConsumerSubscription::decode(&member.metadata).map(|subscription| subscription.topics).unwrap_or_default()
}
