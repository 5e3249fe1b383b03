//! Committing offsets and asking for those committed.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::subscription::{Assigned, Position, Subscription};
use super::{Consumer, PendingRequest};
use crate::change::Change;
use crate::client::assignor::RebalanceProtocol;
use crate::config::{CommitMode, PollMode};
use crate::effects::{ConsumerTimer, Effects};
use crate::explain::Explanation;
use crate::sim::Millis;
use crate::sort::CollectOrdered;
use crate::wire::group::{
    OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic, OffsetCommitResponse,
    OffsetCommitResponsePartition, OffsetFetchRequest, OffsetFetchRequestGroup, OffsetFetchRequestTopics,
    OffsetFetchResponse, OffsetFetchResponsePartitions,
};
use crate::wire::{ApiKey, ErrorCode, Request, Topic, TopicPartition, Uuid};

/// The commit that the application waits for (`commitSync`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Commit {
    /// What to commit: next offsets and the leader epochs before them.
    offsets: Rc<Vec<(TopicPartition, i64, i32)>>,
    /// Not to be sent before.
    pub(super) not_before: Millis,
    /// Whether the application waits for it; else only the rebalance does, and polls go on.
    pub(super) is_awaited: bool,
}

impl Consumer {
    /// Every position that is known and valid (`SubscriptionState.allConsumed`), whether it moved or not.
    pub(super) fn all_consumed(&self) -> Vec<(TopicPartition, i64, i32)> {
        let known = |(partition, assigned): (&TopicPartition, &Assigned)| {
            let offset = assigned.offset().filter(|_| !assigned.awaits_validation)?;
            Some((partition.clone(), offset, assigned.offset_epoch))
        };
        self.assigned.iter().filter_map(known).collect()
    }

    /// The application calls `commitSync`. False if there is nothing to commit. A commit that is under way goes on, with
    /// the newer offsets when it has to be sent again.
    pub(super) fn begin_commit(&mut self, now: Millis) -> bool {
        let offsets = self.all_consumed();
        if offsets.is_empty() {
            return false;
        }
        self.commit = Some(Commit { offsets: Rc::new(offsets), not_before: now, is_awaited: true });
        true
    }

    /// Commits before partitions are given up, while polls go on. False if there is nothing to commit.
    pub(super) fn begin_background_commit(&mut self, now: Millis) -> bool {
        let begun = self.begin_commit(now);
        if let Some(commit) = &mut self.commit {
            commit.is_awaited = false;
        }
        begun
    }

    /// The same before a member joins again: an eager one reads no further meanwhile, for it gives up everything.
    pub(super) fn begin_commit_before_rebalance(&mut self, protocol: RebalanceProtocol, now: Millis) -> bool {
        match protocol {
            RebalanceProtocol::Eager => self.begin_commit(now),
            RebalanceProtocol::Cooperative => self.begin_background_commit(now),
        }
    }

    /// Sends the commit that the application waits for.
    pub(super) fn drive_commit(&mut self, now: Millis, fx: &mut Effects) {
        let Some(commit) = &self.commit else { return };
        if now < commit.not_before || self.is_open(|pending| matches!(pending, PendingRequest::Commit { .. })) {
            return;
        }
        let Some(coordinator) = self.membership.coordinator else { return self.find_coordinator(now, fx) };
        if self.membership.is_rebalancing() {
            // `RebalanceInProgressException`: the application polls on, and commits when its generation has begun.
            self.commit = None;
            let (consumer, api) = (self.number, ApiKey::OffsetCommit);
            return fx.explain(Explanation::ConsumerRecovers { consumer, api, error: ErrorCode::RebalanceInProgress });
        }
        let offsets = Rc::clone(&commit.offsets);
        let generation = self.membership.generation;
        let request = self.commit_request(&offsets);
        self.explain_commit(&offsets, fx);
        self.send(coordinator, request, PendingRequest::Commit { generation, offsets }, now, fx);
    }

    /// In whose name it commits: nobody's where its application assigned the partitions.
    pub(super) fn committing_member(&self) -> String {
        match self.subscription {
            Subscription::None | Subscription::Partitions => String::new(),
            Subscription::Topics(_) | Subscription::Pattern { .. } | Subscription::BrokerPattern(_) => {
                self.membership.member_id.clone()
            }
        }
    }

    fn explain_commit(&self, offsets: &[(TopicPartition, i64, i32)], fx: &mut Effects) {
        if let Some((partition, offset, _)) = offsets.first() {
            let (consumer, partition, offset) = (self.number, partition.clone(), *offset);
            fx.explain(Explanation::ConsumerCommits { consumer, partition, offset });
        }
    }

    fn commit_request(&self, offsets: &[(TopicPartition, i64, i32)]) -> Request {
        let mut topics: Vec<OffsetCommitRequestTopic> = Vec::new();
        for (partition, offset, epoch) in offsets {
            let one = OffsetCommitRequestPartition {
                partition_index: partition.partition,
                committed_offset: *offset,
                committed_leader_epoch: *epoch,
                committed_metadata: Some(String::new()),
            };
            match topics.last_mut().filter(|topic| topic.name == partition.topic) {
                Some(topic) => topic.partitions.push(one),
                None => {
                    // Mostly all are of this topic.
                    let mut partitions = Vec::with_capacity(offsets.len());
                    partitions.push(one);
                    let (name, topic_id) = (partition.topic.clone(), Uuid::ZERO);
                    topics.push(OffsetCommitRequestTopic { name, topic_id, partitions });
                }
            }
        }
        Request::OffsetCommit(OffsetCommitRequest {
            group_id: self.group.clone(),
            generation_id_or_member_epoch: self.membership.generation,
            member_id: self.committing_member(),
            group_instance_id: Some(self.settings.group_instance_id.clone()).filter(|id| !id.is_empty()),
            topics,
            ..OffsetCommitRequest::default()
        })
    }

    /// Notes what is safe, and gives the first error.
    fn commit_results(
        &mut self,
        offsets: &[(TopicPartition, i64, i32)],
        answer: &OffsetCommitResponse,
        fx: &mut Effects,
    ) -> ErrorCode {
        let mut first_error = ErrorCode::None;
        for ((partition, offset, _), error) in offsets.iter().zip(commit_errors(offsets, answer)) {
            if !error.is_none() {
                first_error = if first_error.is_none() { error } else { first_error };
                continue;
            }
            if let Some(assigned) = self.assigned.get_mut(partition) {
                assigned.committed = *offset;
            }
            let (consumer, partition, offset) = (self.number, partition.clone(), *offset);
            if fx.explanation.is_none() {
                fx.explain(Explanation::ConsumerCommitted { consumer, partition: partition.clone(), offset });
            }
            fx.change(Change::CommitAcknowledged { consumer, partition, offset });
        }
        first_error
    }

    /// The answer to the commit that the application waits for.
    pub(super) fn committed(
        &mut self,
        generation: i32,
        offsets: &[(TopicPartition, i64, i32)],
        answer: &OffsetCommitResponse,
        now: Millis,
        fx: &mut Effects,
    ) {
        match self.commit_results(offsets, answer, fx) {
            // A newer one may have been asked for meanwhile.
            ErrorCode::None => self.commit = self.commit.take().filter(|commit| *commit.offsets != offsets),
            // Where a topic was deleted, giving its partitions up does not wait.
            ErrorCode::UnknownTopicOrPartition if self.membership.broker_assigns() && !self.is_commit_awaited() => {
                self.commit = None;
            }
            error @ (ErrorCode::CoordinatorNotAvailable
            | ErrorCode::NotCoordinator
            | ErrorCode::RequestTimedOut
            | ErrorCode::CoordinatorLoadInProgress
            | ErrorCode::UnknownTopicOrPartition) => {
                // It goes on trying; only a lost coordinator is looked for again.
                if error == ErrorCode::UnknownTopicOrPartition {
                    let (consumer, api) = (self.number, ApiKey::OffsetCommit);
                    fx.replace_explanation(Explanation::ConsumerRecovers { consumer, api, error });
                } else {
                    self.group_error(ApiKey::OffsetCommit, error, generation, now, fx);
                }
                self.commit_failed_for_now(now);
            }
            // The commit is refused for good (`CommitFailedException`), and the application polls on. Whether the group
            // goes on without this member, the error says. Metadata too large is the application's own fault.
            ErrorCode::OffsetMetadataTooLarge | ErrorCode::InvalidCommitOffsetSize => self.commit = None,
            // What is committed before partitions go is sent again with the newer epoch and offsets.
            ErrorCode::StaleMemberEpoch if self.membership.generation >= 0 && !self.is_commit_awaited() => {
                self.begin_background_commit(now);
                self.commit_failed_for_now(now);
            }
            error @ (ErrorCode::UnknownMemberId
            | ErrorCode::StaleMemberEpoch
            | ErrorCode::RebalanceInProgress
            | ErrorCode::IllegalGeneration) => {
                self.commit = None;
                self.group_error(ApiKey::OffsetCommit, error, generation, now, fx);
            }
            // "Unexpected error in commit", such as `GROUP_ID_NOT_FOUND`: thrown at an application that waits for it, else
            // logged. The member stays what it is; its heartbeats say what the group makes of it.
            error => {
                let (consumer, api) = (self.number, ApiKey::OffsetCommit);
                fx.replace_explanation(Explanation::ConsumerRecovers { consumer, api, error });
                if self.is_commit_awaited() {
                    self.throw(api, error, fx);
                }
                self.commit = None;
            }
        }
    }

    fn is_commit_awaited(&self) -> bool {
        self.commit.as_ref().is_some_and(|commit| commit.is_awaited)
    }

    /// The commit is to be sent again after a while.
    pub(super) fn commit_failed_for_now(&mut self, now: Millis) {
        let wait_ms = self.settings.retry_backoff_ms.max(1);
        if let Some(commit) = &mut self.commit {
            commit.not_before = now.saturating_add(wait_ms);
        }
    }

    /// The next `auto.commit.interval.ms` begins.
    pub(super) fn schedule_auto_commit(&mut self, now: Millis, fx: &mut Effects) {
        // Each poll commits if the interval is 0; a timer could not.
        self.next_auto_commit_at = now.saturating_add(self.settings.auto_commit_interval_ms.max(1));
        if self.poll_mode == PollMode::Continuous {
            fx.set_timer(ConsumerTimer::AutoCommit, self.next_auto_commit_at);
        }
    }

    /// Commits without waiting, if it is this consumer's way (`maybeAutoCommitOffsetsAsync`).
    pub(super) fn auto_commit(&mut self, now: Millis, fx: &mut Effects) {
        if self.commit_mode != CommitMode::Auto || !self.has_its_partitions() {
            return;
        }
        if self.membership.coordinator.is_none() {
            // It commits as soon as it knows where.
            return self.find_coordinator(now, fx);
        }
        self.schedule_auto_commit(now, fx);
        let offsets = self.all_consumed();
        let Some(coordinator) = self.membership.coordinator.filter(|_| !offsets.is_empty()) else { return };
        // Only the newer consumer sends no further one while one is open (`AutoCommitState.hasInflightCommit`).
        let is_open = || self.is_open(|pending| matches!(pending, PendingRequest::AutoCommit { .. }));
        if self.membership.broker_assigns() && is_open() {
            return;
        }
        let request = self.commit_request(&offsets);
        self.explain_commit(&offsets, fx);
        self.send(coordinator, request, PendingRequest::AutoCommit { offsets }, now, fx);
    }

    /// A commit whose time came before the coordinator was known.
    pub(super) fn drive_overdue_auto_commit(&mut self, now: Millis, fx: &mut Effects) {
        let is_due = (1..=now).contains(&self.next_auto_commit_at);
        if is_due && self.poll_mode == PollMode::Continuous {
            self.auto_commit(now, fx);
        }
    }

    /// A commit that nobody waits for has failed for now: the next one is due soon (`autoCommitOffsetsAsync`).
    pub(super) fn auto_commit_failed_for_now(&mut self, now: Millis, fx: &mut Effects) {
        self.next_auto_commit_at = now.saturating_add(self.settings.retry_backoff_ms.max(1));
        if self.poll_mode == PollMode::Continuous {
            fx.set_timer(ConsumerTimer::AutoCommit, self.next_auto_commit_at);
        }
    }

    /// The answer to a commit that nobody waits for: that one is not sent again.
    #[inline(never)]
    pub(super) fn auto_committed(
        &mut self,
        offsets: &[(TopicPartition, i64, i32)],
        answer: &OffsetCommitResponse,
        now: Millis,
        fx: &mut Effects,
    ) {
        let error = self.commit_results(offsets, answer, fx);
        if error.is_retriable() {
            self.auto_commit_failed_for_now(now, fx);
        }
        let is_about_group = matches!(
            error,
            ErrorCode::CoordinatorNotAvailable
                | ErrorCode::NotCoordinator
                | ErrorCode::RequestTimedOut
                | ErrorCode::CoordinatorLoadInProgress
                | ErrorCode::RebalanceInProgress
                | ErrorCode::IllegalGeneration
                | ErrorCode::UnknownMemberId
                | ErrorCode::FencedInstanceId
        ) && !(self.membership.broker_assigns() && error == ErrorCode::UnknownMemberId);
        if is_about_group {
            self.group_error(ApiKey::OffsetCommit, error, self.membership.generation, now, fx);
        }
    }

    /// Asks for the committed offsets of partitions that were just assigned.
    pub(super) fn fetch_committed(&mut self, now: Millis, fx: &mut Effects) {
        let wanted: Vec<&TopicPartition> = self
            .assigned
            .iter()
            .filter(|(_, assigned)| assigned.position == Position::AwaitsCommitted && assigned.not_before <= now)
            .map(|(partition, _)| partition)
            .collect();
        if wanted.is_empty()
            || now < self.membership.not_before
            || self.is_open(|pending| matches!(pending, PendingRequest::OffsetFetch { .. }))
        {
            return;
        }
        let mut topics: Vec<OffsetFetchRequestTopics> = Vec::new();
        for partition in wanted {
            match topics.last_mut().filter(|topic| topic.name == partition.topic) {
                Some(topic) => topic.partition_indexes.push(partition.partition),
                None => topics.push(OffsetFetchRequestTopics {
                    name: partition.topic.clone(),
                    topic_id: Uuid::ZERO,
                    partition_indexes: vec![partition.partition],
                }),
            }
        }
        let Some(coordinator) = self.membership.coordinator else { return self.find_coordinator(now, fx) };
        let broker_assigns = self.membership.broker_assigns() && self.subscription.is_auto_assigned();
        let group = OffsetFetchRequestGroup {
            group_id: self.group.clone(),
            member_id: broker_assigns.then(|| self.membership.member_id.clone()),
            member_epoch: if broker_assigns { self.membership.generation } else { -1 },
            topics: Some(topics),
        };
        let request = Request::OffsetFetch(OffsetFetchRequest {
            groups: vec![group],
            require_stable: true,
            ..OffsetFetchRequest::default()
        });
        let generation = self.membership.generation;
        self.send(coordinator, request, PendingRequest::OffsetFetch { generation }, now, fx);
    }

    /// The answer to that.
    pub(super) fn offsets_fetched(
        &mut self,
        generation: i32,
        answer: &OffsetFetchResponse,
        now: Millis,
        fx: &mut Effects,
    ) {
        if generation != self.membership.generation {
            return;
        }
        let group = answer.groups.iter().find(|group| group.group_id == self.group);
        let error = group.map_or(ErrorCode::UnknownServerError, |group| group.error_code);
        let Some(group) = group.filter(|_| error.is_none()) else {
            return self.group_error(ApiKey::OffsetFetch, error, generation, now, fx);
        };
        let results: Vec<(TopicPartition, OffsetFetchResponsePartitions)> = group
            .topics
            .iter()
            .flat_map(|topic| {
                let name = topic.name.clone();
                topic.partitions.iter().map(move |one| (TopicPartition::new(name.clone(), one.partition_index), one))
            })
            .map(|(partition, one)| (partition, one.clone()))
            .collect();
        // Where a transaction is open on the offset of one, all are asked for again (`UnstableOffsetCommitException`).
        if results.iter().any(|(_, result)| result.error_code == ErrorCode::UnstableOffsetCommit) {
            let retry_backoff_ms = self.settings.retry_backoff_ms;
            for (partition, _) in &results {
                let assigned = self.assigned.get_mut(partition);
                if let Some(assigned) = assigned.filter(|assigned| assigned.position == Position::AwaitsCommitted) {
                    assigned.back_off(now, retry_backoff_ms);
                }
            }
            let (consumer, api, error) = (self.number, ApiKey::OffsetFetch, ErrorCode::UnstableOffsetCommit);
            return fx.explain(Explanation::ConsumerRecovers { consumer, api, error });
        }
        for (partition, result) in results {
            let Some(assigned) = self.assigned.get_mut(&partition) else { continue };
            if assigned.position != Position::AwaitsCommitted {
                continue;
            }
            if !result.error_code.is_none() {
                assigned.back_off(now, self.settings.retry_backoff_ms);
                continue;
            }
            assigned.failures = 0;
            assigned.committed = result.committed_offset.max(-1);
            if result.committed_offset >= 0 {
                assigned.offset_epoch = result.committed_leader_epoch;
                self.metadata.update_last_seen_epoch(&partition, result.committed_leader_epoch);
                self.position_known(&partition, result.committed_offset, fx);
            } else {
                self.reset_position(&partition, ApiKey::OffsetFetch, fx);
            }
        }
    }
}

/// What an answer says of each partition of a commit; of one that it names twice the last word counts.
fn commit_errors(offsets: &[(TopicPartition, i64, i32)], answer: &OffsetCommitResponse) -> Vec<ErrorCode> {
    let answered =
        || answer.topics.iter().flat_map(|topic| topic.partitions.iter().map(move |each| (&topic.name, each)));
    // It mostly names them as the request did, in that order and once.
    let is_same =
        |((topic, each), (partition, _, _)): ((&Topic, &OffsetCommitResponsePartition), &(TopicPartition, _, _))| {
            each.partition_index == partition.partition && *topic == partition.topic
        };
    if answered().count() == offsets.len() && answered().zip(offsets).all(is_same) {
        return answered().map(|(_, each)| each.error_code).collect();
    }
    let named = |(topic, each): (&Topic, &OffsetCommitResponsePartition)| {
        (TopicPartition::new(topic.clone(), each.partition_index), each.error_code)
    };
    let errors: BTreeMap<TopicPartition, ErrorCode> = answered().map(named).collect_ordered();
    let error_of = |partition| errors.get(partition).copied().unwrap_or(ErrorCode::UnknownServerError);
    offsets.iter().map(|(partition, _, _)| error_of(partition)).collect()
}
