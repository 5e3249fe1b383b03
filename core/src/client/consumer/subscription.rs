//! What a consumer reads: topics by their names, by a pattern, or partitions that its application names, and where it is in each
//! (`SubscriptionState`).
//!
//! | subscription | on | next |
//! |---|---|---|
//! | None | `subscribe` with topics | Topics |
//! | None | `subscribe` with a pattern | Pattern, matched by this consumer; BrokerPattern where the broker assigns |
//! | None | `assign` | Partitions: it is no member of its group |
//! | Topics, Pattern, BrokerPattern, Partitions | the same call again | the same kind, with what is wanted now |
//! | Topics, Pattern, BrokerPattern, Partitions | another kind of call | refused, `unsubscribe` has to come first |
//! | Topics, Pattern, BrokerPattern | `unsubscribe`, nothing to subscribe to | None: partitions revoked, it leaves its group |
//! | Partitions | `unsubscribe`, nothing to assign | None |

use std::collections::BTreeSet;

use super::{Consumer, PollMode};
use crate::change::{Change, is_internal};
use crate::client::metadata::{KnownLeader, Metadata, backoff_ms};
use crate::command::CommandError;
use crate::config::{CommitMode, ConsumerConfig};
use crate::effects::Effects;
use crate::pattern::Pattern;
use crate::settings::{ConsumerSettings, OffsetReset};
use crate::sim::Millis;
use crate::sort::CollectOrdered;
use crate::wire::metadata::{MetadataRequest, MetadataRequestTopic, MetadataResponse};
use crate::wire::{Request, Topic, TopicPartition};

/// What a consumer reads (`SubscriptionState.SubscriptionType`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Subscription {
    /// Nothing: polls throw.
    None,
    /// These topics, sorted.
    Topics(Vec<Topic>),
    /// Every topic whose name matches; this consumer looks itself (`java.util.regex.Pattern`).
    Pattern {
        /// The pattern.
        pattern: String,
        /// The topics that matched when it looked last, sorted.
        topics: Vec<Topic>,
    },
    /// Every topic whose name matches; the broker that assigns looks (`SubscriptionPattern`).
    BrokerPattern(String),
    /// The partitions that its application assigned. It is no member of its group, and commits without a generation.
    Partitions,
}

impl Subscription {
    /// What an application reads when it starts. Its configuration was checked.
    pub(super) fn at_start(config: &ConsumerConfig, settings: &ConsumerSettings) -> Self {
        if !config.assign.is_empty() {
            return Self::Partitions;
        }
        match &config.pattern {
            Some(pattern) if settings.broker_assigns() => Self::BrokerPattern(pattern.clone()),
            Some(pattern) => Self::Pattern { pattern: pattern.clone(), topics: Vec::new() },
            None => {
                let topics: BTreeSet<Topic> = config.topics.iter().map(|topic| topic.as_str().into()).collect_ordered();
                Self::to_topics(&topics.into_iter().collect::<Vec<Topic>>())
            }
        }
    }

    /// To these topics; to nothing without any.
    pub(super) fn to_topics(topics: &[Topic]) -> Self {
        if topics.is_empty() { Self::None } else { Self::Topics(topics.to_vec()) }
    }

    /// The topics that it asks its group for, as far as it is its own to say.
    pub fn topics(&self) -> &[Topic] {
        match self {
            Self::Topics(topics) | Self::Pattern { topics, .. } => topics,
            Self::None | Self::BrokerPattern(_) | Self::Partitions => &[],
        }
    }

    /// Whether its group assigns the partitions (`hasAutoAssignedPartitions`).
    pub(super) fn is_auto_assigned(&self) -> bool {
        match self {
            Self::Topics(_) | Self::Pattern { .. } | Self::BrokerPattern(_) => true,
            Self::None | Self::Partitions => false,
        }
    }

    /// Whether the same call replaces it; another one has to wait for `unsubscribe` (`setSubscriptionType`).
    fn may_become(&self, next: &Self) -> bool {
        *self == Self::None || std::mem::discriminant(self) == std::mem::discriminant(next)
    }
}

/// Where a consumer is in a partition of its.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Assigned {
    pub(super) position: Position,
    /// The leader epoch of the last record before the position, -1 for unknown.
    pub(super) offset_epoch: i32,
    /// Who leads the partition, as far as was noticed since the position was found; only that broker is asked.
    pub(super) leader: Option<KnownLeader>,
    /// Whether the leader has yet to say that the position is in its log.
    pub(super) awaits_validation: bool,
    /// What it knows to be committed, -1 for nothing.
    pub(super) committed: i64,
    /// The replica that the leader would have it read from, and until when (KIP-392).
    pub(super) preferred: Option<(i32, Millis)>,
    /// Nothing is asked about it before.
    pub(super) not_before: Millis,
    pub(super) failures: u32,
    /// Whether newer metadata has to come first.
    pub(super) awaits_metadata: bool,
    /// Whether it is about to be given up: it is read no further.
    pub(super) is_pending_revocation: bool,
    /// Whether its application has paused it: its records stay where they are.
    pub(super) is_paused: bool,
}

/// The next offset that a poll returns, or how it is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Position {
    /// The group's committed offset is to be asked for.
    AwaitsCommitted,
    /// One end of the log is to be asked for, because nothing valid is committed (`auto.offset.reset`) or because the
    /// application wants to.
    AwaitsReset(OffsetReset),
    /// Known.
    At(i64),
}

impl Assigned {
    pub(super) fn new() -> Self {
        Self {
            position: Position::AwaitsCommitted,
            offset_epoch: -1,
            leader: None,
            awaits_validation: false,
            committed: -1,
            preferred: None,
            not_before: 0,
            failures: 0,
            awaits_metadata: false,
            is_pending_revocation: false,
            is_paused: false,
        }
    }

    pub(super) fn offset(&self) -> Option<i64> {
        match self.position {
            Position::At(offset) => Some(offset),
            Position::AwaitsCommitted | Position::AwaitsReset(_) => None,
        }
    }

    /// The application reads on elsewhere; what had failed before does not count.
    pub(super) fn go_to(&mut self, position: Position) {
        self.position = position;
        self.offset_epoch = -1;
        self.leader = None;
        self.awaits_validation = false;
        self.not_before = 0;
        self.failures = 0;
    }

    /// Nothing more is asked about it for a while.
    pub(super) fn back_off(&mut self, now: Millis, retry_backoff_ms: Millis) {
        self.not_before = now.saturating_add(backoff_ms(retry_backoff_ms, self.failures));
        self.failures = self.failures.saturating_add(1);
    }
}

impl Consumer {
    /// What it reads.
    pub fn subscription(&self) -> &Subscription {
        &self.subscription
    }

    /// Partitions that its application has paused.
    pub fn paused(&self) -> impl Iterator<Item = &TopicPartition> {
        self.assigned.iter().filter(|(_, assigned)| assigned.is_paused).map(|(partition, _)| partition)
    }

    /// Whether what it has is its own for now: it may read and commit it.
    pub(super) fn has_its_partitions(&self) -> bool {
        match self.subscription {
            Subscription::None => false,
            Subscription::Partitions => true,
            Subscription::Topics(_) | Subscription::Pattern { .. } | Subscription::BrokerPattern(_) => {
                self.membership.is_stable()
            }
        }
    }

    /// `IllegalStateException`: no current assignment for a partition.
    pub(super) fn check_assigned(&self, partitions: &[TopicPartition]) -> Result<(), CommandError> {
        let missing = partitions.iter().find(|partition| !self.assigned.contains_key(partition));
        missing.map_or(Ok(()), |partition| {
            Err(CommandError::NotAssigned { consumer: self.number, partition: partition.to_string() })
        })
    }

    /// The application pauses partitions or goes on with them (`pause`, `resume`). What was fetched of them stays in hand, what
    /// is under way comes, nothing more is fetched; a pause ends with the assignment.
    pub fn pause_partitions(
        &mut self,
        partitions: &[TopicPartition],
        pauses: bool,
        now: Millis,
        fx: &mut Effects,
    ) -> Result<(), CommandError> {
        self.check_assigned(partitions)?;
        let mut changed = Vec::new();
        for partition in partitions {
            if let Some(assigned) = self.assigned.get_mut(partition).filter(|assigned| assigned.is_paused != pauses) {
                assigned.is_paused = pauses;
                changed.push(partition.clone());
            }
        }
        let (consumer, partitions) = (self.number, changed);
        if !partitions.is_empty() {
            fx.change(match pauses {
                true => Change::PartitionsPaused { consumer, partitions },
                false => Change::PartitionsResumed { consumer, partitions },
            });
        }
        self.run(now, fx);
        Ok(())
    }

    /// The application subscribes to topics or to a pattern (`subscribe`); to nothing at all is `unsubscribe`. A group member
    /// says so to its group at its next poll.
    pub fn subscribe(
        &mut self,
        topics: &[Topic],
        pattern: Option<&str>,
        now: Millis,
        fx: &mut Effects,
    ) -> Result<(), CommandError> {
        if topics.iter().any(|topic| topic.trim().is_empty()) || pattern == Some("") {
            return Err(CommandError::EmptySubscription { consumer: self.number });
        }
        let next = match pattern {
            Some(_) if !topics.is_empty() => return Err(self.mutually_exclusive()),
            Some(pattern) if self.settings.broker_assigns() => Subscription::BrokerPattern(pattern.to_owned()),
            Some(pattern) => {
                let compiled = Pattern::compile(pattern).map_err(|reason| CommandError::BadPattern {
                    pattern: pattern.to_owned(),
                    reason: reason.to_owned(),
                })?;
                // Of what it knows for now; it asks about all topics before it joins.
                let known = self.metadata.partition_counts().into_iter().filter(|(_, partitions)| *partitions > 0);
                let names = known.map(|(name, _)| name);
                let topics = names.filter(|name| !is_internal(name) && compiled.matches(name)).collect();
                Subscription::Pattern { pattern: pattern.to_owned(), topics }
            }
            None => {
                let sorted: BTreeSet<Topic> = topics.iter().cloned().collect_ordered();
                Subscription::to_topics(&sorted.into_iter().collect::<Vec<Topic>>())
            }
        };
        if next == Subscription::None {
            self.unsubscribe(now, fx);
            return Ok(());
        }
        if !self.subscription.may_become(&next) {
            return Err(self.mutually_exclusive());
        }
        if let Subscription::Topics(topics) = &next {
            self.fetched.retain(|fetched| topics.contains(&fetched.partition().topic));
        }
        if self.subscription != next {
            self.subscription = next;
            self.metadata.want_new_topics();
            self.subscription_changed(fx);
        }
        self.poll_on();
        self.run(now, fx);
        Ok(())
    }

    /// The application names the partitions that it reads, and cares for the rest itself (`assign`). None at all is
    /// `unsubscribe`.
    pub fn assign(&mut self, partitions: &[TopicPartition], now: Millis, fx: &mut Effects) -> Result<(), CommandError> {
        if partitions.iter().any(|partition| partition.topic.trim().is_empty()) {
            return Err(CommandError::EmptySubscription { consumer: self.number });
        }
        if partitions.is_empty() {
            self.unsubscribe(now, fx);
            return Ok(());
        }
        if !self.subscription.may_become(&Subscription::Partitions) {
            return Err(self.mutually_exclusive());
        }
        // No rebalance follows in which that could still be done.
        if self.next_auto_commit_at <= now {
            self.auto_commit(now, fx);
        }
        let wanted: BTreeSet<TopicPartition> = partitions.iter().cloned().collect_ordered();
        self.subscription = Subscription::Partitions;
        self.take_assignment(wanted.into_iter().collect(), now, fx);
        self.poll_on();
        self.run(now, fx);
        Ok(())
    }

    /// From now on it reads these partitions, sorted, that its application assigned.
    pub(super) fn take_assignment(&mut self, partitions: Vec<TopicPartition>, now: Millis, fx: &mut Effects) {
        if partitions != self.owned() {
            self.assign_partitions(&partitions);
            self.metadata.want_new_topics();
            fx.change(Change::PartitionsAssigned { consumer: self.number, partitions });
        }
        if self.commit_mode == CommitMode::Auto && self.next_auto_commit_at == 0 {
            self.schedule_auto_commit(now, fx);
        }
    }

    /// The application wants to read nothing any more (`unsubscribe`): a member gives its partitions up and leaves its group.
    pub fn unsubscribe(&mut self, now: Millis, fx: &mut Effects) {
        if self.subscription == Subscription::None {
            return;
        }
        if self.subscription.is_auto_assigned() {
            self.leave_for_good("the consumer unsubscribed from all topics", now, fx);
        }
        self.assigned.clear();
        self.fetched.clear();
        self.commit = self.commit.take().filter(|commit| commit.is_awaited);
        self.membership.forget_subscription();
        self.subscription = Subscription::None;
        fx.change(Change::Unsubscribed { consumer: self.number });
        self.run(now, fx);
    }

    fn mutually_exclusive(&self) -> CommandError {
        CommandError::MutuallyExclusiveSubscription { consumer: self.number }
    }

    /// An application that polls by itself does so again after what it was thrown.
    pub(super) fn poll_on(&mut self) {
        if self.poll_mode == PollMode::Continuous {
            self.thrown = None;
        }
    }

    fn subscription_changed(&self, fx: &mut Effects) {
        let (consumer, topics) = (self.number, self.subscription.topics().to_vec());
        match &self.subscription {
            Subscription::Topics(_) => fx.change(Change::Subscribed { consumer, topics }),
            Subscription::Pattern { pattern, .. } | Subscription::BrokerPattern(pattern) => {
                let pattern = pattern.clone();
                fx.change(Change::SubscribedToPattern { consumer, pattern, topics });
            }
            Subscription::None | Subscription::Partitions => {}
        }
    }

    /// What its metadata is asked about, and whether that is every topic there is.
    pub(super) fn metadata_request(&self) -> (Request, bool) {
        match &self.subscription {
            Subscription::Pattern { .. } => {
                (Request::Metadata(MetadataRequest { topics: None, ..MetadataRequest::default() }), true)
            }
            // It learns from its group by their ids which topics it reads.
            Subscription::BrokerPattern(_) => {
                let topic = |topic_id| MetadataRequestTopic { topic_id, name: None };
                let topics = Some(self.membership.assigned_topic_ids().into_iter().map(topic).collect());
                (Request::Metadata(MetadataRequest { topics, ..MetadataRequest::default() }), false)
            }
            Subscription::None | Subscription::Topics(_) | Subscription::Partitions => {
                let mut topics: BTreeSet<Topic> = self.subscription.topics().iter().cloned().collect_ordered();
                topics.extend(self.membership.group_topics.iter().cloned());
                if self.subscription == Subscription::Partitions {
                    topics.extend(self.assigned.keys().map(|partition| partition.topic.clone()));
                }
                (Metadata::request(topics), false)
            }
        }
    }

    /// Metadata of all topics came: it subscribes to those that match (`updatePatternSubscription`), but not to Kafka's own
    /// (`exclude.internal.topics`).
    #[inline(never)]
    pub(super) fn match_pattern(&mut self, answer: &MetadataResponse, fx: &mut Effects) {
        let Subscription::Pattern { pattern, topics } = &mut self.subscription else { return };
        let Ok(compiled) = Pattern::compile(pattern) else { return };
        let there = answer.topics.iter().filter(|topic| topic.error_code.is_none() && !topic.is_internal);
        let names = there.filter_map(|topic| topic.name.clone());
        let matching: BTreeSet<Topic> = names.filter(|name| compiled.matches(name)).collect_ordered();
        let group_topics = &self.membership.group_topics;
        self.metadata.retain_topics(|name| matching.contains(name) || group_topics.contains(name));
        self.membership.has_fresh_metadata = true;
        let matching: Vec<Topic> = matching.into_iter().collect();
        if *topics != matching {
            *topics = matching;
            self.subscription_changed(fx);
        }
    }

    /// Whether all partitions are of topics that it subscribed to (`checkAssignmentMatchedSubscription`).
    pub(super) fn is_subscribed_to_all(&self, partitions: &[TopicPartition]) -> bool {
        let mut topics = partitions.iter().map(|partition| &partition.topic);
        match &self.subscription {
            Subscription::Pattern { pattern, .. } => match Pattern::compile(pattern) {
                Ok(pattern) => topics.all(|topic| pattern.matches(topic)),
                Err(_) => partitions.is_empty(),
            },
            Subscription::Topics(subscribed) => topics.all(|topic| subscribed.contains(topic)),
            Subscription::BrokerPattern(_) => true,
            Subscription::None | Subscription::Partitions => partitions.is_empty(),
        }
    }

    /// A leader whose metadata is newer may have assigned topics that this member had not seen yet
    /// (`maybeUpdateJoinedSubscription`).
    pub(super) fn adopt_assigned_topics(&mut self, partitions: &[TopicPartition], fx: &mut Effects) {
        let Subscription::Pattern { topics, .. } = &mut self.subscription else { return };
        let mut all: BTreeSet<Topic> = topics.iter().cloned().collect_ordered();
        all.extend(partitions.iter().map(|partition| partition.topic.clone()));
        if all.len() > topics.len() {
            *topics = all.into_iter().collect();
            self.membership.joined_topics = Some(topics.clone());
            self.metadata.want_new_topics();
            self.subscription_changed(fx);
        }
    }
}
