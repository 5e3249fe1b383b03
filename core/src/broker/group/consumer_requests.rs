//! Requests and timers of consumer groups at the coordinator: each is decided against the group, and what was decided is written.

use std::collections::BTreeSet;

use super::consumer::heartbeat::{fence_members, handle, validate};
use super::consumer::{
    GroupConfig, MemberState, MemberTimer, MigrationPolicy, Refusal, Surroundings, TimerChange, Write, classic_members,
    regex,
};
use super::{ClassicGroup, CoordinatorAppend, Group, GroupCoordinator, KnownCluster, admin, membership, state};
use crate::authorizer::{AclOperation, Authorizer, AuthorizerSettings, ResourceType};
use crate::change::Change;
use crate::effects::{BrokerTimer, Effects, RequestContext};
use crate::explain::Explanation;
use crate::settings::NodeConfigs;
use crate::sim::Millis;
use crate::wire::consumer_group::{
    ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse, ConsumerGroupDescribedGroup,
    ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse,
};
use crate::wire::group::{HeartbeatResponse, JoinGroupResponse, LeaveGroupResponse, SyncGroupResponse};
use crate::wire::records::Record;
use crate::wire::{ErrorCode, Request, Response, Uuid, config_resource, operations};

impl KnownCluster<'_> {
    /// Who asks, where anybody may be refused anything.
    fn principal_of(&self, request_context: &RequestContext) -> Option<String> {
        AuthorizerSettings::of_request(self.settings, request_context).map(|(_, principal)| principal)
    }

    /// The settings of one group, its own over the broker's.
    pub(super) fn group_config(&self, group: &str) -> GroupConfig {
        let own = self.image.configs.get(&(config_resource::GROUP, group.to_owned()));
        let node = NodeConfigs::of(self.settings, &self.image.configs, self.node);
        // A group's own value is kept within what the broker allows (`GroupConfig.evaluate`).
        let number = |name: &str, fallback: u64, (min, max): (u64, u64)| -> i32 {
            let parse = |value: &String| value.trim().parse::<u64>().ok();
            let of_group = own.and_then(|own| own.get(name)).and_then(parse).map(|number| number.min(max).max(min));
            let of_broker = || node.value(&format!("group.{name}")).as_ref().and_then(parse);
            i32::try_from(of_group.or_else(of_broker).unwrap_or(fallback)).unwrap_or(i32::MAX)
        };
        let settings = self.settings;
        let migration = settings.group_consumer_migration_policy.parse();
        let assignors = settings.group_consumer_assignors.split(',').map(|name| name.trim().to_owned());
        GroupConfig {
            session_timeout_ms: number(
                "consumer.session.timeout.ms",
                settings.group_consumer_session_timeout_ms,
                (settings.group_consumer_min_session_timeout_ms, settings.group_consumer_max_session_timeout_ms),
            ),
            heartbeat_interval_ms: number(
                "consumer.heartbeat.interval.ms",
                settings.group_consumer_heartbeat_interval_ms,
                (settings.group_consumer_min_heartbeat_interval_ms, settings.group_consumer_max_heartbeat_interval_ms),
            ),
            assignment_interval_ms: number(
                "consumer.assignment.interval.ms",
                settings.group_consumer_assignment_interval_ms,
                (
                    settings.group_consumer_min_assignment_interval_ms,
                    settings.group_consumer_max_assignment_interval_ms,
                ),
            ),
            max_size: settings.group_consumer_max_size,
            classic_max_size: settings.group_max_size,
            assignors: assignors.filter(|name| !name.is_empty()).collect(),
            migration: migration.unwrap_or(MigrationPolicy::Bidirectional),
            regex_refresh_interval_ms: settings.group_consumer_regex_refresh_interval_ms,
        }
    }
}

/// The answer that says nothing but why a heartbeat is refused.
pub(super) fn refuse_heartbeat(refusal: Refusal) -> Response {
    Response::ConsumerGroupHeartbeat(ConsumerGroupHeartbeatResponse {
        error_code: refusal.error,
        error_message: Some(refusal.message).filter(|message| !message.is_empty()),
        ..ConsumerGroupHeartbeatResponse::default()
    })
}

impl GroupCoordinator {
    /// A ConsumerGroupHeartbeat.
    #[inline(never)]
    pub(super) fn consumer_group_heartbeat(
        &mut self,
        request: &ConsumerGroupHeartbeatRequest,
        request_context: RequestContext,
        known: &KnownCluster<'_>,
        now: Millis,
        fx: &mut Effects,
    ) -> Vec<CoordinatorAppend> {
        let id = &request.group_id;
        let config = known.group_config(id);
        let client_id = membership::client_id(&request_context, id);
        let principal = known.principal_of(&request_context);
        let partition = state::partition_for(id, known.partitions);
        let around = Surroundings {
            image: known.image,
            config: &config,
            client_id: &client_id,
            version: request_context.version,
            principal: principal.as_deref(),
            new_topics_at: self.new_topics_at(partition),
        };
        let mut write = Write::of(id, now);
        let new_id = Uuid::random(|| self.random.id()).to_string();
        let decided = match validate(request, &around) {
            Ok(()) if !self.active.contains_key(&partition) => {
                let message = "This is not the correct coordinator.";
                Err(Refusal::new(ErrorCode::NotCoordinator, message))
            }
            Ok(()) => handle(self.groups.get(id), request, new_id, &around, &mut write),
            Err(refusal) => Err(refusal),
        };
        match decided {
            Ok(answer) => {
                fx.explain(Explanation::CoordinatorHeartbeat {
                    node: self.node,
                    group: id.clone(),
                    error: ErrorCode::None,
                });
                let answer = Some((request_context, Response::ConsumerGroupHeartbeat(answer)));
                self.write(id, partition, write, answer, now, fx)
            }
            Err(refusal) => {
                if write.upgrades
                    && let Some(group) = self.groups.get_mut(id).and_then(Group::as_classic_mut)
                {
                    group.answer_all_waiting(ErrorCode::RebalanceInProgress, fx);
                }
                let (node, group, error) = (self.node, id.clone(), refusal.error);
                fx.explain(Explanation::CoordinatorRefuses { node, group, error });
                fx.answer(&request_context, refuse_heartbeat(refusal));
                Vec::new()
            }
        }
    }

    /// ConsumerGroupDescribe.
    #[inline(never)]
    pub(super) fn consumer_group_describe(
        &self,
        request: &ConsumerGroupDescribeRequest,
        known: &KnownCluster<'_>,
    ) -> ConsumerGroupDescribeResponse {
        let refused = |id: &String, error_code: ErrorCode, message: Option<String>| ConsumerGroupDescribedGroup {
            group_id: id.clone(),
            error_code,
            error_message: message,
            ..ConsumerGroupDescribedGroup::default()
        };
        let partitions = known.partitions;
        let describe = |id: &String| {
            if id.is_empty() {
                return refused(id, ErrorCode::InvalidGroupId, None);
            }
            if !self.active.contains_key(&state::partition_for(id, partitions)) {
                return refused(id, ErrorCode::NotCoordinator, None);
            }
            let default_assignor = known.group_config(id).assignors.first().cloned().unwrap_or_default();
            match self.committed_group(id) {
                Some(Group::Consumer(group)) => {
                    let mut described = group.described(&default_assignor, known.image);
                    if request.include_authorized_operations {
                        described.authorized_operations = operations::ON_GROUP;
                    }
                    described
                }
                Some(Group::Classic(_)) => {
                    let message = format!("Group {id} is not a consumer group.");
                    refused(id, ErrorCode::GroupIdNotFound, Some(message))
                }
                None => refused(id, ErrorCode::GroupIdNotFound, Some(format!("Group {id} not found."))),
            }
        };
        // Without an id there is no partition to ask (`GroupCoordinatorService.consumerGroupDescribe`).
        let (unnamed, named): (Vec<&String>, Vec<&String>) = request.group_ids.iter().partition(|id| id.is_empty());
        let groups = unnamed.into_iter().chain(admin::by_partition(named, partitions).flatten()).map(describe);
        ConsumerGroupDescribeResponse { groups: groups.collect(), ..ConsumerGroupDescribeResponse::default() }
    }

    /// A request of the classic protocol to a group of the consumer protocol.
    #[inline(never)]
    pub(super) fn classic_request_to_consumer_group(
        &mut self,
        request: &Request,
        request_context: RequestContext,
        known: &KnownCluster<'_>,
        now: Millis,
        fx: &mut Effects,
    ) -> Vec<CoordinatorAppend> {
        let Some(id) = super::group_of(request).map(str::to_owned) else { return Vec::new() };
        let Some(Group::Consumer(group)) = self.groups.get(&id) else { return Vec::new() };
        let partition = group.partition;
        let config = known.group_config(&id);
        let client_id = membership::client_id(&request_context, &id);
        let principal = known.principal_of(&request_context);
        let around = Surroundings {
            image: known.image,
            config: &config,
            client_id: &client_id,
            version: request_context.version,
            principal: principal.as_deref(),
            new_topics_at: self.new_topics_at(partition),
        };
        let mut write = Write::of(&id, now);
        let new_id = Uuid::random(|| self.random.id()).to_string();
        let is_empty = group.members.is_empty();
        let (response, error) = match request {
            Request::JoinGroup(join) => match classic_members::join(group, join, new_id, &around, &mut write) {
                Ok(answer) => (Response::JoinGroup(answer), ErrorCode::None),
                Err(refusal) => {
                    write = Write::of(&id, now);
                    let answer = JoinGroupResponse { error_code: refusal.error, ..JoinGroupResponse::default() };
                    (Response::JoinGroup(answer), refusal.error)
                }
            },
            Request::SyncGroup(sync) => {
                let decided = match is_empty {
                    true => Err(ErrorCode::UnknownMemberId),
                    false => classic_members::sync(group, sync, &around, &mut write),
                };
                let refused = |error_code| SyncGroupResponse { error_code, ..SyncGroupResponse::default() };
                let error = decided.as_ref().err().copied().unwrap_or(ErrorCode::None);
                (Response::SyncGroup(decided.unwrap_or_else(refused)), error)
            }
            Request::Heartbeat(heartbeat) => {
                let error = classic_members::heartbeat(group, heartbeat, &mut write);
                (Response::Heartbeat(HeartbeatResponse { error_code: error, throttle_time_ms: 0 }), error)
            }
            Request::LeaveGroup(leave) => {
                let answer: LeaveGroupResponse = classic_members::leave(group, leave, &around, &mut write);
                (Response::LeaveGroup(answer), ErrorCode::None)
            }
            _ => return Vec::new(),
        };
        fx.explain(match error {
            ErrorCode::None => Explanation::CoordinatorHeartbeat { node: self.node, group: id.clone(), error },
            error => Explanation::CoordinatorRefuses { node: self.node, group: id.clone(), error },
        });
        self.write(&id, partition, write, Some((request_context, response)), now, fx)
    }

    /// A timer of a member of a consumer group fired: it is dropped, or its regular expressions are resolved.
    #[inline(never)]
    pub(super) fn consumer_group_timer(
        &mut self,
        timer: &BrokerTimer,
        known: &KnownCluster<'_>,
        now: Millis,
        fx: &mut Effects,
    ) -> Vec<CoordinatorAppend> {
        let (id, member) = match timer {
            BrokerTimer::GroupSession(of)
            | BrokerTimer::GroupRebalance(of)
            | BrokerTimer::GroupMemberJoin(of)
            | BrokerTimer::GroupMemberSync(of) => (of.0.as_str(), Some(of.1.as_str())),
            BrokerTimer::GroupRegex(group) => (&**group, None),
            _ => return Vec::new(),
        };
        let metadata_version = self.metadata_version;
        let Some(Group::Consumer(group)) = self.groups.get_mut(id) else { return Vec::new() };
        let partition = group.partition;
        let config = known.group_config(id);
        let new_topics_at = self.active.get(&partition).and_then(|active| active.new_topics_at);
        let (image, config) = (known.image, &config);
        let around = Surroundings { image, config, client_id: "", version: 0, principal: None, new_topics_at };
        let mut write = Write::of(id, now);
        match member {
            None => {
                let decides = group.regex_principal.as_deref().zip(AuthorizerSettings::of(known.settings));
                let authorizer = decides.map(|(principal, settings)| Authorizer {
                    settings,
                    acls: known.image.acls.acls(),
                    principal,
                });
                let may_describe = |topic: &str| {
                    authorizer.as_ref().is_none_or(|authorizer| {
                        authorizer.authorize(AclOperation::Describe, ResourceType::Topic, topic).allowed
                    })
                };
                regex::resolve(group, known.image, metadata_version, may_describe, &mut write);
            }
            Some(member) => {
                group.awaited_joins.remove(member);
                let Some(known_member) = group.members.get(member) else { return Vec::new() };
                // Who left for a while is not in the epoch any more in which it had to give up.
                let is_late = known_member.state == MemberState::UnrevokedPartitions && known_member.epoch >= 0;
                if matches!(timer, BrokerTimer::GroupRebalance(_)) && !is_late {
                    return Vec::new();
                }
                fence_members(group, &BTreeSet::from([member.to_owned()]), &around, &mut write);
                let (node, group, member) = (self.node, id.to_owned(), member.to_owned());
                fx.change(Change::MemberLeft { group: group.clone(), member: member.clone(), expired: true });
                fx.replace_explanation(Explanation::CoordinatorDropsMember { node, group, member });
            }
        }
        write.timer = member.map(|_| timer.clone());
        self.write(id, partition, write, None, now, fx)
    }

    /// Sets or stops a timer of a member.
    pub(super) fn apply_timer(&mut self, id: &str, change: TimerChange, now: Millis, fx: &mut Effects) {
        let named = |timer: MemberTimer, member: &str| match timer {
            MemberTimer::Session => BrokerTimer::group_session(id, member),
            MemberTimer::Rebalance => BrokerTimer::group_rebalance(id, member),
            MemberTimer::Join => BrokerTimer::group_member_join(id, member),
            MemberTimer::Sync => BrokerTimer::group_member_sync(id, member),
        };
        let mut awaited = match self.groups.get_mut(id) {
            Some(Group::Consumer(group)) => Some(&mut group.awaited_joins),
            Some(Group::Classic(_)) | None => None,
        };
        match change {
            TimerChange::Set { timer, member, after_ms } => fx.set_timer(named(timer, &member), now + after_ms),
            TimerChange::SetIfAbsent { timer, member, after_ms } => {
                if awaited.is_none_or(|awaited| awaited.insert(member.clone())) {
                    fx.set_timer(named(timer, &member), now.saturating_add(after_ms));
                }
            }
            TimerChange::Stop { timer, member } => {
                if timer == MemberTimer::Join
                    && let Some(awaited) = &mut awaited
                {
                    awaited.remove(&member);
                }
                fx.stop_timer(named(timer, &member));
            }
            TimerChange::ResolveRegularExpressions { principal } => {
                if let Some(Group::Consumer(group)) = self.groups.get_mut(id) {
                    group.regex_principal = principal;
                }
                fx.set_timer(BrokerTimer::group_regex(id), now);
            }
        }
    }

    /// Tells how a group has changed.
    pub(super) fn publish_changes(
        &self,
        id: &str,
        (state_before, epoch_before): (&str, i32),
        members_before: &[String],
        fx: &mut Effects,
    ) {
        let after = self.groups.get(id);
        let to = after.map_or("Dead", Group::state_name);
        if to != state_before {
            fx.change(Change::GroupStateChanged {
                group: id.to_owned(),
                from: state_before.to_owned(),
                to: to.to_owned(),
                generation: after.map_or(0, Group::generation),
            });
        } else if let Some(Group::Consumer(group)) = after
            && group.group_epoch > epoch_before
        {
            let (group, state, epoch) = (id.to_owned(), to.to_owned(), group.group_epoch);
            fx.change(Change::GroupEpochBumped { group, state, epoch });
        }
        let members: BTreeSet<&str> = after.map(Group::member_ids).unwrap_or_default().into_iter().collect();
        let expired = |member: &str| {
            let already = |change: &Change| matches!(change, Change::MemberLeft { member: left, .. } if left == member);
            fx.changes.iter().any(already)
        };
        let left: Vec<&String> =
            members_before.iter().filter(|member| !members.contains(member.as_str()) && !expired(member)).collect();
        let left: Vec<String> = left.into_iter().cloned().collect();
        for member in left {
            fx.change(Change::MemberLeft { group: id.to_owned(), member, expired: false });
        }
    }

    /// An empty consumer group that a member of the classic protocol joins goes, for a classic one with its offsets
    /// (`maybeDeleteEmptyConsumerGroup`). Gives its tombstones, and the group as it was; none where there is no such group.
    #[inline(never)]
    pub(super) fn replace_empty_consumer_group(
        &mut self,
        id: &str,
        now: Millis,
        fx: &mut Effects,
    ) -> Option<(Vec<Record>, Option<Box<Group>>)> {
        let group = self.groups.get(id)?;
        let is_empty = group.as_consumer().is_some_and(|group| group.members.is_empty());
        if !is_empty {
            return None;
        }
        let (tombstones, replaced) = (group.tombstones(now), Box::new(group.clone()));
        let partition = group.partition();
        fx.stop_timer(BrokerTimer::group_regex(id));
        replaced.as_ref().clone().deleted(fx);
        let offsets = self.groups.remove(id).map(|mut group| std::mem::take(group.offsets_mut()));
        let classic = ClassicGroup { offsets: offsets.unwrap_or_default(), ..ClassicGroup::new(id, partition) };
        self.groups.insert(id.to_owned(), Group::Classic(Box::new(classic)));
        Some((tombstones, Some(replaced)))
    }
}
