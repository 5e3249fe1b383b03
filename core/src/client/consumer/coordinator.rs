//! Finding the group's coordinator, and what a member makes of errors in its answers (`AbstractCoordinator`,
//! `CoordinatorRequestManager`).

use super::{Consumer, PendingRequest};
use crate::actor::Listener;
use crate::change::Change;
use crate::client::metadata::backoff_ms;
use crate::effects::Effects;
use crate::explain::Explanation;
use crate::sim::Millis;
use crate::wire::group::{FindCoordinatorRequest, FindCoordinatorResponse};
use crate::wire::{ApiKey, ErrorCode, Request};

impl Consumer {
    pub(super) fn instance_id(&self) -> Option<String> {
        Some(self.settings.group_instance_id.clone()).filter(|id| !id.is_empty())
    }

    /// The coordinator has moved or is gone: it is to be found again, at once (`markCoordinatorUnknown`). Where the broker
    /// assigns, the last answer about it is the last attempt, after which there is a pause (`CoordinatorRequestManager`).
    pub(super) fn forget_coordinator(&mut self) {
        let membership = &mut self.membership;
        membership.coordinator = None;
        if membership.broker_assigns() {
            let again_at = membership.found_at.saturating_add(backoff_ms(self.settings.retry_backoff_ms, 0));
            membership.not_before = membership.not_before.max(again_at);
        }
    }

    /// The same by a request that is to be sent again after a while: only then it is looked for.
    pub(super) fn forget_coordinator_and_wait(&mut self, now: Millis) {
        self.forget_coordinator();
        let membership = &mut self.membership;
        membership.not_before = membership.not_before.max(now.saturating_add(self.settings.retry_backoff_ms.max(1)));
    }

    pub(super) fn back_off(&mut self, now: Millis) {
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
        let load = |node| self.requests.load(node, Listener::Broker, ApiKey::FindCoordinator, now);
        let Some(node) = self.metadata.least_loaded_node(load) else {
            if let Some(at) = self.metadata.any_node_at(load) {
                self.membership.not_before = at;
            }
            return;
        };
        let request =
            FindCoordinatorRequest { coordinator_keys: vec![self.group.clone()], ..FindCoordinatorRequest::default() };
        self.send(node, Request::FindCoordinator(request), PendingRequest::FindCoordinator, now, fx);
        fx.explain(Explanation::ConsumerLooksForCoordinator { consumer: self.number, group: self.group.clone() });
    }

    /// Whether the connection to a coordinator has failed and is not made again yet (`ConsumerNetworkClient.isUnavailable`).
    fn is_unavailable(&self, coordinator: i32, now: Millis) -> bool {
        self.requests.reconnects_at(coordinator, Listener::Broker, ApiKey::JoinGroup, now).is_some()
    }

    pub(super) fn found_coordinator(&mut self, answer: &FindCoordinatorResponse, now: Millis, fx: &mut Effects) {
        let found = answer.coordinators.iter().find(|coordinator| coordinator.key == self.group);
        let error = found.map_or(ErrorCode::UnknownServerError, |found| found.error_code);
        match found.filter(|found| found.error_code.is_none() && found.node_id >= 0) {
            Some(found) if self.is_unavailable(found.node_id, now) => {
                let (consumer, group, node) = (self.number, self.group.clone(), found.node_id);
                self.forget_coordinator();
                self.back_off(now);
                fx.explain(Explanation::CoordinatorUnavailable { consumer, group, node });
            }
            Some(found) => {
                let (consumer, group, node) = (self.number, self.group.clone(), found.node_id);
                self.membership.coordinator = Some(node);
                self.membership.failures = 0;
                self.membership.found_at = now;
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

    /// Who was asked is not the coordinator, or cannot be it now. Heartbeats and commits have their own pauses; the others are
    /// sent again after one (`joinGroupIfNeeded`, `fetchCommittedOffsets`).
    fn coordinator_refused(&mut self, api: ApiKey, now: Millis) {
        match api {
            ApiKey::JoinGroup | ApiKey::SyncGroup | ApiKey::OffsetFetch => self.forget_coordinator_and_wait(now),
            _ => self.forget_coordinator(),
        }
    }

    /// What a group member makes of an error in an answer to a request of that generation or member epoch.
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
        let encountered = || format!("encountered {error} from {} response", enum_name(api));
        if !self.subscription.is_auto_assigned() {
            return self.group_error_of_nobody(api, error, now, fx);
        }
        match error {
            ErrorCode::CoordinatorNotAvailable | ErrorCode::NotCoordinator | ErrorCode::RequestTimedOut => {
                self.coordinator_refused(api, now);
            }
            ErrorCode::CoordinatorLoadInProgress => self.back_off(now),
            // A member whose broker assigns learns from its heartbeats what became of it, not from other answers.
            ErrorCode::UnknownMemberId | ErrorCode::StaleMemberEpoch if self.membership.broker_assigns() => {
                self.back_off(now);
            }
            ErrorCode::RebalanceInProgress if is_current => self.membership.request_rejoin(match api {
                ApiKey::OffsetCommit => "offset commit failed since group is already rebalancing",
                _ => "group is already rebalancing",
            }),
            // An answer to a request of a generation that is past says nothing of this one.
            ErrorCode::IllegalGeneration if is_current => {
                self.membership.reset(false, encountered());
                self.lose_partitions(fx);
            }
            ErrorCode::UnknownMemberId if is_current => {
                self.membership.reset(true, encountered());
                self.lose_partitions(fx);
            }
            ErrorCode::RebalanceInProgress | ErrorCode::IllegalGeneration | ErrorCode::UnknownMemberId => {}
            fatal => {
                self.membership.reset(false, encountered());
                self.lose_partitions(fx);
                self.throw(api, fatal, fx);
            }
        }
    }

    /// The same where the consumer is no member and wants to be none: its partitions stay its own.
    fn group_error_of_nobody(&mut self, api: ApiKey, error: ErrorCode, now: Millis, fx: &mut Effects) {
        match error {
            ErrorCode::CoordinatorNotAvailable | ErrorCode::NotCoordinator | ErrorCode::RequestTimedOut => {
                self.coordinator_refused(api, now);
            }
            ErrorCode::CoordinatorLoadInProgress => self.back_off(now),
            // The group has members: who is none must not commit for it (`CommitFailedException`), and reads on.
            ErrorCode::UnknownMemberId
            | ErrorCode::IllegalGeneration
            | ErrorCode::StaleMemberEpoch
            | ErrorCode::RebalanceInProgress => {}
            fatal => self.throw(api, fatal, fx),
        }
    }
}

/// How Kafka's `ApiKeys` calls a request whose answer says that the member is none.
fn enum_name(api: ApiKey) -> &'static str {
    match api {
        ApiKey::JoinGroup => "JOIN_GROUP",
        ApiKey::SyncGroup => "SYNC_GROUP",
        ApiKey::OffsetCommit => "OFFSET_COMMIT",
        ApiKey::OffsetFetch => "OFFSET_FETCH",
        _ => "HEARTBEAT",
    }
}
