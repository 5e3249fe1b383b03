//! ConsumerGroupHeartbeat: join, live, give up, get, leave (`GroupMetadataManager.consumerGroupHeartbeat`).

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::conversion::{group_to_join, validate_downgrade_without};
use super::current_assignment::{CurrentAssignment, ReconciliationStep, TopicPartitions};
use super::member::{ConsumerGroupMember, MemberState};
use super::records::{ConsumerGroupRecord, CurrentMemberAssignmentValue, MemberMetadataValue};
use super::regex::{self, RegexUpdate};
use super::write::{MemberTimer, Surroundings, Write};
use super::{ConsumerGroup, PartitionEpochs, Refusal, target_assignment};
use crate::broker::group::Group;
use crate::metadata::MetadataImage;
use crate::sort::SharedSort;
use crate::wire::consumer_group::{
    ConsumerGroupAssignment, ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse,
    ConsumerGroupTopicPartitions,
};
use crate::wire::hash_order::{java_string_hash, sort_as_copied_hash_map, sort_as_hash_map};
use crate::wire::{ErrorCode, Uuid};

/// The epoch of a member that joins.
const JOIN_EPOCH: i32 = 0;
/// The epoch of a member that leaves (`LEAVE_GROUP_MEMBER_EPOCH`).
pub(super) const LEAVE_EPOCH: i32 = -1;
/// The epoch of a static member that leaves for a while (`LEAVE_GROUP_STATIC_MEMBER_EPOCH`).
pub(super) const LEAVE_STATIC_EPOCH: i32 = -2;
/// From this version on a member chooses its own id (KIP-1082).
const FIRST_VERSION_WITH_OWN_MEMBER_ID: i16 = 1;

/// What is wrong with a heartbeat whatever its group is (`throwIfConsumerGroupHeartbeatRequestIsInvalid`).
pub(in crate::broker::group) fn validate(
    request: &ConsumerGroupHeartbeatRequest,
    around: &Surroundings<'_>,
) -> Result<(), Refusal> {
    let invalid = |message: &str| Err(Refusal::new(ErrorCode::InvalidRequest, message));
    let needs_id = around.version >= FIRST_VERSION_WITH_OWN_MEMBER_ID
        || request.member_epoch > JOIN_EPOCH
        || request.member_epoch == LEAVE_EPOCH;
    let is_blank = |text: &Option<String>| text.as_ref().is_some_and(|text| text.trim().is_empty());
    if needs_id && request.member_id.trim().is_empty() {
        return invalid("MemberId can't be empty.");
    }
    if request.group_id.trim().is_empty() {
        return invalid("GroupId can't be empty.");
    }
    if is_blank(&request.instance_id) {
        return invalid("InstanceId can't be empty.");
    }
    if is_blank(&request.rack_id) {
        return invalid("RackId can't be empty.");
    }
    match request.member_epoch {
        JOIN_EPOCH if request.rebalance_timeout_ms == -1 => {
            return invalid("RebalanceTimeoutMs must be provided in first request.");
        }
        JOIN_EPOCH if request.topic_partitions.as_ref().is_none_or(|owned| !owned.is_empty()) => {
            return invalid("TopicPartitions must be empty when (re-)joining.");
        }
        JOIN_EPOCH if request.subscribed_topic_names.is_none() && request.subscribed_topic_regex.is_none() => {
            return invalid("Either SubscribedTopicNames or SubscribedTopicRegex must be non-null when (re-)joining.");
        }
        LEAVE_STATIC_EPOCH if request.instance_id.is_none() => return invalid("InstanceId can't be null."),
        epoch if epoch < LEAVE_STATIC_EPOCH => return invalid("MemberEpoch is invalid."),
        _ => {}
    }
    let assignors = &around.config.assignors;
    if let Some(name) = request.server_assignor.as_ref().filter(|name| !assignors.contains(name)) {
        // Kafka keeps their names in a `HashSet`.
        let mut all = assignors.clone();
        sort_as_hash_map(&mut all, |name| java_string_hash(name));
        all.dedup();
        let all = all.join(", ");
        let message = format!("ServerAssignor {name} is not supported. Supported assignors: {all}.");
        return Err(Refusal::new(ErrorCode::UnsupportedAssignor, message));
    }
    Ok(())
}

/// Handles a heartbeat that is valid. `new_id` is for a member that brought none.
pub(in crate::broker::group) fn handle(
    group: Option<&Group>,
    request: &ConsumerGroupHeartbeatRequest,
    new_id: String,
    around: &Surroundings<'_>,
    write: &mut Write,
) -> Result<ConsumerGroupHeartbeatResponse, Refusal> {
    match request.member_epoch {
        LEAVE_EPOCH | LEAVE_STATIC_EPOCH => leave(group, request, around, write),
        _ => update_heartbeat(group, request, new_id, around, write),
    }
}

/// The group of this type, for one who must find it.
pub(super) fn consumer_group<'g>(group: Option<&'g Group>, id: &str) -> Result<&'g ConsumerGroup, Refusal> {
    match group {
        Some(Group::Consumer(group)) => Ok(group),
        Some(Group::Classic(_)) => {
            Err(Refusal::new(ErrorCode::GroupIdNotFound, format!("Group {id} is not a consumer group.")))
        }
        None => Err(Refusal::new(ErrorCode::GroupIdNotFound, format!("Group {id} not found."))),
    }
}

fn leave(
    group: Option<&Group>,
    request: &ConsumerGroupHeartbeatRequest,
    around: &Surroundings<'_>,
    write: &mut Write,
) -> Result<ConsumerGroupHeartbeatResponse, Refusal> {
    let group = consumer_group(group, &request.group_id)?;
    let member = match &request.instance_id {
        None => group.member(&request.member_id)?,
        Some(instance) => known_static(group, instance, &request.member_id)?,
    };
    let answer = ConsumerGroupHeartbeatResponse {
        member_id: Some(member.id.clone()),
        member_epoch: request.member_epoch,
        ..ConsumerGroupHeartbeatResponse::default()
    };
    if request.instance_id.is_some() && request.member_epoch == LEAVE_STATIC_EPOCH {
        let mut away = member.clone();
        away.epoch = LEAVE_STATIC_EPOCH;
        away.pending_revocation.clear();
        away.assigned.values_mut().flat_map(|partitions| partitions.values_mut()).for_each(|epoch| *epoch = 0);
        write.add(&current_record(&away));
    } else {
        fence_members(group, &BTreeSet::from([member.id.clone()]), around, write);
    }
    Ok(answer)
}

/// The static member of a name, which must be the requester.
pub(super) fn known_static<'g>(
    group: &'g ConsumerGroup,
    instance_id: &str,
    member_id: &str,
) -> Result<&'g ConsumerGroupMember, Refusal> {
    let Some(member) = group.static_member(instance_id)? else {
        return Err(Refusal::new(ErrorCode::UnknownMemberId, format!("Instance id {instance_id} is unknown.")));
    };
    if member.id == member_id {
        return Ok(member);
    }
    let message =
        format!("Static member {member_id} with instance id {instance_id} was fenced by member {}.", member.id);
    Err(Refusal::new(ErrorCode::FencedInstanceId, message))
}

/// Members leave or are dropped (`consumerGroupFenceMembers`). Where only members of the classic protocol are left, the group
/// becomes a classic one.
pub(in crate::broker::group) fn fence_members(
    group: &ConsumerGroup,
    members: &BTreeSet<String>,
    around: &Surroundings<'_>,
    write: &mut Write,
) {
    if members.is_empty() {
        return;
    }
    if validate_downgrade_without(group, members, around.config) {
        super::conversion::downgrade(group, members, None, true, around, write);
        return;
    }
    let mut after = group.clone();
    for member in members {
        remove_member(member, write);
        after.members.remove(member);
        after.target_assignment.remove(member);
    }
    regex::delete_unused(group, &mut after, write);
    let hash = after.compute_metadata_hash(around.image);
    write.add(&ConsumerGroupRecord::GroupMetadata { value: Some((group.group_epoch.saturating_add(1), hash)) });
    members.iter().for_each(|member| write.stop_timers(member));
}

/// The tombstones of a member.
fn remove_member(member: &str, write: &mut Write) {
    let member = || member.to_owned();
    write.add(&ConsumerGroupRecord::CurrentMemberAssignment { member: member(), value: None });
    write.add(&ConsumerGroupRecord::TargetAssignmentMember { member: member(), value: None });
    write.add(&ConsumerGroupRecord::MemberMetadata { member: member(), value: None });
}

pub(super) fn current_record(member: &ConsumerGroupMember) -> ConsumerGroupRecord {
    let value = Some(CurrentMemberAssignmentValue::of(member));
    ConsumerGroupRecord::CurrentMemberAssignment { member: member.id.clone(), value }
}

pub(super) fn metadata_record(member: &ConsumerGroupMember) -> ConsumerGroupRecord {
    ConsumerGroupRecord::MemberMetadata { member: member.id.clone(), value: Some(MemberMetadataValue::of(member)) }
}

/// A member that asks, as it was before and whom it replaces.
pub(super) struct RequestingMember {
    pub(super) member: ConsumerGroupMember,
    pub(super) replaced: Option<String>,
}

/// Finds the member that asks, or makes one (`getOrMaybeSubscribe…ConsumerGroupMember`). `owned` is looked at where an epoch
/// is: members of the classic protocol bring none.
pub(super) fn find_requesting_member(
    group: &ConsumerGroup,
    (member_id, instance_id): (&str, Option<&str>),
    epoch: Option<(i32, Option<&[ConsumerGroupTopicPartitions]>)>,
    creates: bool,
    write: &mut Write,
) -> Result<RequestingMember, Refusal> {
    let check = |member: &ConsumerGroupMember| match epoch {
        Some((epoch, owned)) => check_epoch(member, epoch, owned),
        None => Ok(()),
    };
    let Some(instance_id) = instance_id else {
        let member = match group.members.get(member_id) {
            Some(member) => member.clone(),
            None if creates => ConsumerGroupMember::new(member_id),
            None => group.member(member_id)?.clone(),
        };
        check(&member)?;
        return Ok(RequestingMember { member, replaced: None });
    };
    if !creates {
        let member = known_static(group, instance_id, member_id)?;
        check(member)?;
        return Ok(RequestingMember { member: member.clone(), replaced: None });
    }
    let Some(existing) = group.static_member(instance_id)? else {
        let known = group.members.get(member_id).cloned();
        return Ok(RequestingMember {
            member: known.unwrap_or_else(|| ConsumerGroupMember::new(member_id)),
            replaced: None,
        });
    };
    if epoch.is_some() && existing.classic.is_none() && existing.epoch != LEAVE_STATIC_EPOCH {
        let message = format!(
            "Static member {member_id} with instance id {instance_id} cannot join the group because the instance id is \
             owned by {} member.",
            existing.id
        );
        return Err(Refusal::new(ErrorCode::UnreleasedInstanceId, message));
    }
    let member = ConsumerGroupMember { id: member_id.to_owned(), epoch: 0, previous_epoch: 0, ..existing.clone() };
    remove_member(&existing.id, write);
    write.add(&metadata_record(&member));
    let target = group.target_assignment.get(&existing.id).cloned().unwrap_or_default();
    write.add(&ConsumerGroupRecord::TargetAssignmentMember { member: member_id.to_owned(), value: Some(target) });
    write.add(&current_record(&member));
    Ok(RequestingMember { member, replaced: Some(existing.id.clone()) })
}

/// `throwIfConsumerGroupMemberEpochIsInvalid`: the epoch before is good enough with nothing that the member must not have, for
/// the answer with the new one may have got lost.
fn check_epoch(
    member: &ConsumerGroupMember,
    epoch: i32,
    owned: Option<&[ConsumerGroupTopicPartitions]>,
) -> Result<(), Refusal> {
    let known = member.epoch;
    let which = match epoch.cmp(&known) {
        _ if epoch == JOIN_EPOCH => return Ok(()),
        std::cmp::Ordering::Equal => return Ok(()),
        std::cmp::Ordering::Less if epoch == member.previous_epoch && is_subset(owned, &member.assigned) => {
            return Ok(());
        }
        std::cmp::Ordering::Less => "smaller",
        std::cmp::Ordering::Greater => "greater",
    };
    let message = format!(
        "The consumer group member has a {which} member epoch ({epoch}) than the one known by the group coordinator \
         ({known}). The member must abandon all its partitions and rejoin."
    );
    Err(Refusal::new(ErrorCode::FencedMemberEpoch, message))
}

fn is_subset(owned: Option<&[ConsumerGroupTopicPartitions]>, assigned: &PartitionEpochs) -> bool {
    owned.is_some_and(|owned| {
        owned.iter().all(|topic| {
            let assigned = assigned.get(&topic.topic_id);
            assigned.is_some_and(|assigned| topic.partitions.iter().all(|each| assigned.contains_key(each)))
        })
    })
}

/// `throwIfConsumerGroupIsFull`.
pub(super) fn check_size(group: &ConsumerGroup, member_id: &str, max_size: u32) -> Result<(), Refusal> {
    let is_full = group.members.len() as u64 >= u64::from(max_size);
    if is_full && (member_id.is_empty() || !group.members.contains_key(member_id)) {
        let message = format!("The consumer group has reached its maximum capacity of {max_size} members.");
        return Err(Refusal::new(ErrorCode::GroupMaxSizeReached, message));
    }
    Ok(())
}

fn update_heartbeat(
    group: Option<&Group>,
    request: &ConsumerGroupHeartbeatRequest,
    new_id: String,
    around: &Surroundings<'_>,
    write: &mut Write,
) -> Result<ConsumerGroupHeartbeatResponse, Refusal> {
    let creates = request.member_epoch == JOIN_EPOCH;
    let group = group_to_join(group, &request.group_id, creates, around, write)?;
    check_size(&group, &request.member_id, around.config.max_size)?;
    let member_id = if request.member_id.is_empty() { new_id } else { request.member_id.clone() };
    let owned = request.topic_partitions.as_deref();
    let requesting = find_requesting_member(
        &group,
        (&member_id, request.instance_id.as_deref()),
        Some((request.member_epoch, owned)),
        creates,
        write,
    )?;
    let mut updated = requesting.member.clone();
    updated.instance_id = request.instance_id.clone().or(updated.instance_id);
    updated.rack_id = request.rack_id.clone().or(updated.rack_id);
    if request.rebalance_timeout_ms != -1 {
        updated.rebalance_timeout_ms = request.rebalance_timeout_ms;
    }
    updated.server_assignor = request.server_assignor.clone().or(updated.server_assignor);
    if let Some(names) = &request.subscribed_topic_names {
        updated.subscribed_topics = names.iter().cloned().collect();
    }
    if let Some(regex) = &request.subscribed_topic_regex {
        updated.subscribed_regex.clone_from(regex);
    }
    around.client_id.clone_into(&mut updated.client_id);
    updated.classic = None;
    let (updated, step) = update_member(&group, &requesting, updated, owned, around, write)?;
    write.set(MemberTimer::Session, &updated.id, around.config.session_timeout_ms);
    let is_full_request = request.rebalance_timeout_ms != -1
        && (request.subscribed_topic_names.is_some() || request.subscribed_topic_regex.is_some())
        && owned.is_some();
    let tells = creates || is_full_request || requesting.member.assigned != updated.assigned;
    Ok(ConsumerGroupHeartbeatResponse {
        assignment: tells.then(|| {
            let copied = (step == ReconciliationStep::Computed).then_some(&requesting.member.assigned);
            assignment_of_response(&updated.assigned, copied, around.image)
        }),
        member_id: Some(updated.id),
        member_epoch: updated.epoch,
        heartbeat_interval_ms: around.config.heartbeat_interval_ms,
        ..ConsumerGroupHeartbeatResponse::default()
    })
}

/// A member says something new: the group epoch rises where that matters, the target assignment follows, and the member takes its
/// next step. The steps that members of both protocols have in common.
pub(super) fn update_member(
    group: &ConsumerGroup,
    requesting: &RequestingMember,
    updated: ConsumerGroupMember,
    owned: Option<&[ConsumerGroupTopicPartitions]>,
    around: &Surroundings<'_>,
    write: &mut Write,
) -> Result<(ConsumerGroupMember, ReconciliationStep), Refusal> {
    let change = subscribe(group, requesting, &updated, around, write)?;
    let replaced = requesting.replaced.as_deref();
    let (epoch, target) = update_target(&change, group, (&requesting.member, &updated), replaced, around, write);
    reconcile(group, updated, (epoch, &target), change.has_subscription_changed, owned, around, write)
}

/// A group after a member's subscription.
pub(super) struct SubscriptionChange<'g> {
    pub(super) after: Cow<'g, ConsumerGroup>,
    pub(super) has_subscription_changed: bool,
}

/// Notes what a member wants; the group epoch rises where that, or what it stands for, has changed.
pub(super) fn subscribe<'g>(
    group: &'g ConsumerGroup,
    requesting: &RequestingMember,
    updated: &ConsumerGroupMember,
    around: &Surroundings<'_>,
    write: &mut Write,
) -> Result<SubscriptionChange<'g>, Refusal> {
    let has_changed = *updated != requesting.member;
    let is_stale = group.compute_metadata_hash(around.image) != group.metadata_hash;
    if has_changed {
        write.add(&metadata_record(updated));
    } else if !is_stale && requesting.replaced.is_none() && !group.has_regular_expressions() {
        return Ok(SubscriptionChange { after: Cow::Borrowed(group), has_subscription_changed: false });
    }
    let names_changed = updated.subscribed_topics != requesting.member.subscribed_topics;
    let mut after = group.clone();
    if let Some(replaced) = &requesting.replaced {
        after.members.remove(replaced);
    }
    after.members.insert(updated.id.clone(), updated.clone());
    let regex = regex::update(group, &requesting.member, updated, &mut after, around, write)?;
    let bumps = names_changed || regex == RegexUpdate::UpdatedAndResolved;
    if bumps || is_stale {
        let hash = after.compute_metadata_hash(around.image);
        if bumps || hash != group.metadata_hash {
            after.group_epoch = group.group_epoch.saturating_add(1);
            after.metadata_hash = hash;
            write.add(&ConsumerGroupRecord::GroupMetadata { value: Some((after.group_epoch, hash)) });
        }
    }
    let has_subscription_changed = names_changed || regex != RegexUpdate::Unchanged;
    Ok(SubscriptionChange { after: Cow::Owned(after), has_subscription_changed })
}

/// The target assignment of a member and its epoch, computed anew where that is due (`maybeUpdateTargetAssignment`).
fn update_target(
    change: &SubscriptionChange<'_>,
    group: &ConsumerGroup,
    (before, updated): (&ConsumerGroupMember, &ConsumerGroupMember),
    replaced: Option<&str>,
    around: &Surroundings<'_>,
    write: &mut Write,
) -> (i32, TopicPartitions) {
    let after: &ConsumerGroup = &change.after;
    if group.assignment_epoch >= after.group_epoch || !may_compute_target(group, around, write) {
        return (group.assignment_epoch, last_target(group, updated));
    }
    let preferred = group.preferred_assignor(before, updated).or(around.config.assignors.first().map(String::as_str));
    let assignor = preferred.and_then(|name| name.parse().ok());
    let Some(assignor) = assignor else { return (group.assignment_epoch, last_target(group, updated)) };
    let replaces = replaced.map(|old| (updated.id.as_str(), old));
    let target = target_assignment::compute(after, assignor, &group.target_assignment, replaces, around.image);
    let mut of_member = TopicPartitions::new();
    for (member, partitions) in target {
        if member == updated.id {
            of_member.clone_from(&partitions);
        }
        if group.target_assignment.get(&member) != Some(&partitions) {
            write.add(&ConsumerGroupRecord::TargetAssignmentMember { member, value: Some(partitions) });
        }
    }
    let value = Some((after.group_epoch, write.now_ms()));
    write.add(&ConsumerGroupRecord::TargetAssignmentMetadata { value });
    (after.group_epoch, of_member)
}

/// Whether enough time has passed since the last target assignment (`canComputeNextTargetAssignment`).
fn may_compute_target(group: &ConsumerGroup, around: &Surroundings<'_>, write: &Write) -> bool {
    let interval = i64::from(around.config.assignment_interval_ms);
    group.assignment_timestamp == 0
        || interval == 0
        || write.now_ms() >= group.assignment_timestamp.saturating_add(interval)
}

/// The member's part of the last target assignment; a static member has that of its predecessor.
pub(super) fn last_target(group: &ConsumerGroup, member: &ConsumerGroupMember) -> TopicPartitions {
    let owner = match &member.instance_id {
        None => Some(member.id.as_str()),
        Some(instance_id) => group.static_member_id(instance_id),
    };
    owner.and_then(|owner| group.target_assignment.get(owner)).cloned().unwrap_or_default()
}

/// The member's next step towards its target (`maybeReconcile`).
pub(super) fn reconcile(
    group: &ConsumerGroup,
    member: ConsumerGroupMember,
    (target_epoch, target): (i32, &TopicPartitions),
    has_subscription_changed: bool,
    owned: Option<&[ConsumerGroupTopicPartitions]>,
    around: &Surroundings<'_>,
    write: &mut Write,
) -> Result<(ConsumerGroupMember, ReconciliationStep), Refusal> {
    if !has_subscription_changed && member.is_reconciled_to(target_epoch) {
        return Ok((member, ReconciliationStep::Kept));
    }
    let image = around.image;
    let step = CurrentAssignment { group, image, target_epoch, target, has_subscription_changed, owned };
    let (next, step) = step.next(&member)?;
    if next == member {
        return Ok((next, step));
    }
    write.add(&current_record(&next));
    // Of members of the classic protocol a join and a sync are waited for instead.
    if next.classic.is_none() {
        match next.state {
            MemberState::UnrevokedPartitions => {
                write.set(MemberTimer::Rebalance, &next.id, next.rebalance_timeout_ms);
            }
            MemberState::Stable | MemberState::UnreleasedPartitions | MemberState::Unknown => {
                write.stop(MemberTimer::Rebalance, &next.id);
            }
        }
    }
    Ok((next, step))
}

/// Partitions by topic, in the order of the topics' names. Those of a topic stand as the hash map gives them back that they are
/// kept in: one that was read from records, or the one that was just computed from a copy of what was assigned before.
fn assignment_of_response(
    assigned: &PartitionEpochs,
    copied: Option<&PartitionEpochs>,
    image: &MetadataImage,
) -> ConsumerGroupAssignment {
    let listed = |topic: &Uuid, partitions: &BTreeMap<i32, i32>| {
        let mut listed: Vec<i32> = partitions.keys().copied().collect();
        match copied.and_then(|before| before.get(topic)) {
            Some(before) if before.keys().any(|partition| partitions.contains_key(partition)) => {
                // What is kept went in first.
                listed.shared_sort_by_key(|partition| !before.contains_key(partition));
                sort_as_copied_hash_map(&mut listed, before.len());
            }
            Some(_) | None => sort_as_hash_map(&mut listed, |partition| *partition),
        }
        listed
    };
    let mut topic_partitions: Vec<ConsumerGroupTopicPartitions> = assigned
        .iter()
        .map(|(topic, partitions)| ConsumerGroupTopicPartitions {
            topic_id: *topic,
            partitions: listed(topic, partitions),
        })
        .collect();
    let name = |topic: Uuid| image.topics.get(&topic).map(|known| known.name.clone());
    topic_partitions.shared_sort_by_key(|each| (name(each.topic_id), each.topic_id));
    ConsumerGroupAssignment { topic_partitions }
}
