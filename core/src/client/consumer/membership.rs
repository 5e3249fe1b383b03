//! What a consumer knows of its group, and which of the two protocols makes it a member (`group.protocol`).

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::Consumer;
use super::reconciliation::ConsumerMember;
use crate::client::assignor::{Assignor, PartitionRacks, RebalanceProtocol, rebalance_protocol};
use crate::effects::Effects;
use crate::explain::Explanation;
use crate::settings::ConsumerSettings;
use crate::sim::Millis;
use crate::wire::group::JoinGroupResponseMember;
use crate::wire::{Topic, TopicPartition, Uuid};

/// How far a member of the classic protocol is (`AbstractCoordinator.MemberState`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Phase {
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

/// The partitions of a group's topics as its leader knew them (`ConsumerCoordinator.MetadataSnapshot`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct MetadataSnapshot {
    /// How many each topic has.
    pub(super) partitions: BTreeMap<Topic, i32>,
    /// On which racks they have replicas, where the leader has a rack itself: another one does not look.
    pub(super) racks: PartitionRacks,
}

/// What a consumer knows of its group.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Membership {
    pub(super) coordinator: Option<i32>,
    pub(super) member_id: String,
    /// The generation, or the member epoch where the broker assigns; -1 for none.
    pub(super) generation: i32,
    pub(super) phase: Phase,
    /// Whether it must join again, at the next poll.
    pub(super) rejoin_needed: bool,
    /// Why it joins again, in Kafka's words (`AbstractCoordinator.rejoinReason`); "" for the first time.
    pub(super) rejoin_reason: Cow<'static, str>,
    /// Whether the offsets were committed for this rejoin (`enable.auto.commit`).
    pub(super) has_prepared: bool,
    /// Nothing is asked of the coordinator before.
    pub(super) not_before: Millis,
    pub(super) failures: u32,
    /// When the coordinator was found last.
    pub(super) found_at: Millis,
    /// All topics of the group, where this member leads it.
    pub(super) group_topics: BTreeSet<Topic>,
    /// What it subscribed to when it joined last, where members assign (`joinedSubscription`).
    pub(super) joined_topics: Option<Vec<Topic>>,
    /// Whether metadata of all topics came since it last joined; one that subscribes by a pattern looks before it joins.
    pub(super) has_fresh_metadata: bool,
    /// The id it had in its last process, "" for none.
    former_id: String,
    /// What the leader's last assignment was made from: when that changes, it asks for another.
    pub(super) assigned_from: Option<MetadataSnapshot>,
    /// The assignor that the coordinator chose for this generation.
    pub(super) assignor: Option<Assignor>,
    /// What each assignor was last told: the generation and the partitions (`onAssignment`).
    pub(super) last_assignments: BTreeMap<Assignor, (i32, Vec<TopicPartition>)>,
    /// The member of a group whose broker assigns (`group.protocol=consumer`).
    pub(super) consumer: Option<ConsumerMember>,
}

impl Membership {
    /// Nobody's member yet. A process whose broker assigns goes by this id as long as it lives (KIP-1082).
    pub(super) fn new(settings: &ConsumerSettings, own_id: impl FnOnce() -> String) -> Self {
        let consumer = settings.broker_assigns().then(ConsumerMember::default);
        Self {
            coordinator: None,
            member_id: if consumer.is_some() { own_id() } else { String::new() },
            generation: -1,
            phase: Phase::Unjoined,
            rejoin_needed: false,
            rejoin_reason: Cow::Borrowed(""),
            has_prepared: false,
            not_before: 0,
            failures: 0,
            found_at: 0,
            group_topics: BTreeSet::new(),
            joined_topics: None,
            has_fresh_metadata: false,
            former_id: String::new(),
            assigned_from: None,
            assignor: None,
            last_assignments: BTreeMap::new(),
            consumer,
        }
    }

    /// That of a new process, after another.
    pub(super) fn after(last: &Self, settings: &ConsumerSettings, own_id: impl FnOnce() -> String) -> Self {
        let former = if last.member_id.is_empty() { &last.former_id } else { &last.member_id };
        Self { former_id: former.clone(), ..Self::new(settings, own_id) }
    }

    /// Whether a member id is its own, or was that of its last process.
    pub(super) fn is_or_was(&self, member_id: &str) -> bool {
        !member_id.is_empty() && (self.member_id == member_id || self.former_id == member_id)
    }

    /// Whether the broker computes the assignment (KIP-848).
    pub(super) fn broker_assigns(&self) -> bool {
        self.consumer.is_some()
    }

    /// It joins again at the next poll, with what it has: the rebalance has failed by this exception (`joinGroupIfNeeded`).
    pub(super) fn rejoin(&mut self, exception: &str) {
        self.phase = Phase::Unjoined;
        self.rejoin_reason = format!("rebalance failed due to {exception}").into();
    }

    /// Another generation is to begin.
    pub(super) fn request_rejoin(&mut self, reason: &'static str) {
        self.rejoin_needed = true;
        self.rejoin_reason = Cow::Borrowed(reason);
    }

    /// The same, where no other reason was given before (`requestRejoinIfNecessary`).
    pub(super) fn request_rejoin_if_necessary(&mut self, reason: &'static str) {
        if !self.rejoin_needed {
            self.request_rejoin(reason);
        }
    }

    /// Whether it is a member that is not about to give its partitions up: it may commit by itself.
    pub(super) fn is_stable(&self) -> bool {
        match &self.consumer {
            Some(_) => self.generation >= 0,
            None => self.phase == Phase::Stable && !self.rejoin_needed,
        }
    }

    /// Whether nothing brings it back but another process.
    pub(super) fn is_fatal(&self) -> bool {
        self.consumer.as_ref().is_some_and(ConsumerMember::is_fatal)
    }

    /// Whether a generation is under way, in which a classic member must not commit (`generationIfStable`).
    pub(super) fn is_rebalancing(&self) -> bool {
        matches!(self.phase, Phase::Joining | Phase::AwaitsTopics(_) | Phase::Syncing)
    }

    /// Whether it may send heartbeats: from the join's answer on, until it joins again.
    pub(super) fn sends_heartbeats(&self) -> bool {
        self.generation >= 0 && matches!(self.phase, Phase::AwaitsTopics(_) | Phase::Syncing | Phase::Stable)
    }

    /// Its application wants nothing of the group any more.
    pub(super) fn forget_subscription(&mut self) {
        self.joined_topics = None;
        self.has_fresh_metadata = false;
        self.group_topics.clear();
        self.assigned_from = None;
    }

    /// The topics that its group has given it or is to give it, by their ids.
    pub(super) fn assigned_topic_ids(&self) -> BTreeSet<Uuid> {
        self.consumer.as_ref().map(ConsumerMember::assigned_topic_ids).unwrap_or_default()
    }

    /// It is no member any more, as far as it knows, and would join again for this reason (`resetStateAndRejoin`).
    pub(super) fn reset(&mut self, forget_id: bool, reason: impl Into<Cow<'static, str>>) {
        if forget_id && !self.broker_assigns() {
            self.member_id.clear();
        }
        self.generation = -1;
        self.phase = Phase::Unjoined;
        self.rejoin_needed = false;
        self.rejoin_reason = reason.into();
    }
}

impl Consumer {
    /// How this consumer gives partitions up in the classic protocol.
    pub(super) fn rebalance_protocol(&self) -> RebalanceProtocol {
        rebalance_protocol(&self.settings.assignors())
    }

    /// Whether it reads what it has: with eager assignors not while the group rebalances.
    pub(super) fn may_read(&self) -> bool {
        self.has_its_partitions()
            || self.membership.broker_assigns()
            || self.rebalance_protocol() == RebalanceProtocol::Cooperative
    }

    /// Makes this consumer a member of its group, from within a poll.
    pub(super) fn drive_membership(&mut self, now: Millis, fx: &mut Effects) {
        // The first thing a client does at all; then it knows brokers to ask.
        if !self.metadata.is_known {
            return self.metadata.need();
        }
        if !self.subscription.is_auto_assigned() {
            return;
        }
        if self.membership.broker_assigns() {
            return self.drive_reconciliation(now, fx);
        }
        let Some(coordinator) = self.membership.coordinator else { return self.find_coordinator(now, fx) };
        let has_changed = |joined: &Vec<Topic>| joined != self.subscription.topics();
        if self.membership.joined_topics.as_ref().is_some_and(has_changed) {
            self.membership.request_rejoin_if_necessary("subscription has changed");
        }
        match self.membership.phase.clone() {
            Phase::Stable if self.membership.rejoin_needed => self.join(coordinator, now, fx),
            Phase::Unjoined => self.join(coordinator, now, fx),
            Phase::AwaitsTopics(members) => self.perform_assignment(coordinator, members, now, fx),
            Phase::Joining | Phase::Syncing | Phase::Stable => {}
        }
    }

    /// The application wants its membership to end: it gives up what it has, then it leaves (`onLeavePrepare`).
    pub(super) fn leave_for_good(&mut self, reason: &str, now: Millis, fx: &mut Effects) {
        if self.membership.generation < 0 || self.membership.is_rebalancing() {
            self.lose_partitions(fx);
        } else {
            self.revoke(self.owned(), fx);
        }
        self.leave(reason, now, fx);
    }

    /// What is said where `max.poll.interval.ms` has passed without a poll.
    pub(super) fn poll_timed_out(&self) -> Explanation {
        let interval_ms = self.settings.max_poll_interval_ms;
        Explanation::ConsumerPollTimedOut { consumer: self.number, group: self.group.clone(), interval_ms }
    }

    /// The client gives its membership up: it is closed, or `max.poll.interval.ms` has passed without a poll.
    pub(super) fn leave(&mut self, reason: &str, now: Millis, fx: &mut Effects) {
        if self.membership.broker_assigns() {
            self.unsubscribe_and_leave(now, fx);
        } else {
            self.leave_classic_group(reason, now, fx);
        }
    }
}
