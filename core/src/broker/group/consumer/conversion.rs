//! A group changes its protocol: a classic group that a member of the consumer protocol joins, and a consumer group that the last
//! of these leaves (`group.consumer.migration.policy`).

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::current_assignment::TopicPartitions;
use super::member::{ClassicMemberMetadata, ConsumerGroupMember};
use super::records::{ConsumerGroupRecord, CurrentMemberAssignmentValue};
use super::write::{GroupConfig, MemberTimer, Surroundings, Write};
use super::{ConsumerGroup, Refusal};
use crate::broker::group::classic::Member;
use crate::broker::group::state::ClassicGroupState;
use crate::broker::group::{ClassicGroup, Group, records as group_records};
use crate::metadata::MetadataImage;
use crate::sort::CollectOrdered;
use crate::wire::consumer_protocol::{
    ConsumerAssignment, ConsumerSubscription, RawBytes, Unreadable, encode_assignment_like,
};
use crate::wire::{ErrorCode, TopicPartition};

/// The group that a member of the consumer protocol joins or is in (`getOrMaybeCreateConsumerGroup`). A classic group becomes one
/// of this protocol, if it is empty or may be upgraded.
pub(super) fn group_to_join<'g>(
    group: Option<&'g Group>,
    id: &str,
    creates: bool,
    around: &Surroundings<'_>,
    write: &mut Write,
) -> Result<Cow<'g, ConsumerGroup>, Refusal> {
    match group {
        Some(Group::Consumer(group)) => Ok(Cow::Borrowed(group)),
        None if creates => Ok(Cow::Owned(ConsumerGroup::new(id, 0))),
        None => Err(Refusal::new(ErrorCode::GroupIdNotFound, format!("Consumer group {id} not found."))),
        Some(Group::Classic(classic)) if creates && classic.is_empty() => {
            write.records.push(group_records::group_tombstone(id, write.now()));
            Ok(Cow::Owned(ConsumerGroup::new(id, 0)))
        }
        Some(Group::Classic(classic)) if creates => {
            validate_upgrade(classic, around.config)?;
            upgrade(classic, around, write).map(Cow::Owned)
        }
        Some(Group::Classic(_)) => {
            Err(Refusal::new(ErrorCode::GroupIdNotFound, format!("Group {id} is not a consumer group.")))
        }
    }
}

fn validate_upgrade(group: &ClassicGroup, config: &GroupConfig) -> Result<(), Refusal> {
    let id = &group.id;
    let because = if !config.migration.allows_upgrade() {
        "online upgrade is disabled"
    } else if !group.is_consumer_group() {
        "the group does not use the consumer embedded protocol"
    } else if group.members.len() as u64 > u64::from(config.max_size) {
        "the group size exceeds the consumer group maximum size"
    } else {
        return Ok(());
    };
    let message = format!("Cannot upgrade classic group {id} to consumer group because {because}.");
    Err(Refusal::new(ErrorCode::GroupIdNotFound, message))
}

/// The classic group as one of the consumer protocol, whose members all speak the classic one (`ConsumerGroup.fromClassicGroup`).
fn upgrade(classic: &ClassicGroup, around: &Surroundings<'_>, write: &mut Write) -> Result<ConsumerGroup, Refusal> {
    write.upgrades = true;
    write.records.push(group_records::group_tombstone(&classic.id, write.now()));
    let mut group = ConsumerGroup::new(&classic.id, classic.partition);
    group.group_epoch = classic.generation;
    group.assignment_epoch = classic.generation;
    for member in classic.members.values() {
        let (member, target) = upgraded_member(classic, member, around.image)?;
        group.target_assignment.insert(member.id.clone(), target);
        group.add(member);
    }
    group.metadata_hash = group.compute_metadata_hash(around.image);
    for member in group.members_in_table_order() {
        write.add(&super::heartbeat::metadata_record(member));
    }
    write.add(&ConsumerGroupRecord::GroupMetadata { value: Some((group.group_epoch, group.metadata_hash)) });
    for member in group.members_in_table_order() {
        let (member, value) = (member.id.clone(), group.target_assignment.get(&member.id).cloned());
        write.add(&ConsumerGroupRecord::TargetAssignmentMember { member, value });
    }
    write.add(&ConsumerGroupRecord::TargetAssignmentMetadata { value: Some((group.assignment_epoch, 0)) });
    for member in group.members_in_table_order() {
        let value = Some(CurrentMemberAssignmentValue::of(member));
        write.add(&ConsumerGroupRecord::CurrentMemberAssignment { member: member.id.clone(), value });
        if let Some(classic) = &member.classic {
            write.set(MemberTimer::Session, &member.id, classic.session_timeout_ms);
        }
    }
    Ok(group)
}

fn upgraded_member(
    classic: &ClassicGroup,
    member: &Member,
    image: &MetadataImage,
) -> Result<(ConsumerGroupMember, TopicPartitions), Refusal> {
    let because = |reason: &str| {
        let message = format!("Cannot upgrade classic group {} to consumer group because {reason}", classic.id);
        Refusal::new(ErrorCode::GroupIdNotFound, message)
    };
    // Only a `SchemaException` is expected (`convertToConsumerGroup`).
    let unreadable = |why: Unreadable| match why {
        Unreadable::Malformed => because("the embedded consumer protocol is malformed."),
        Unreadable::WrongLength => Refusal::new(ErrorCode::UnknownServerError, ""),
    };
    let ConsumerAssignment { partitions: assigned, user_data } =
        ConsumerAssignment::read(&member.assignment).map_err(unreadable)?;
    if user_data.is_some_and(|data| !data.is_empty()) {
        return Err(because(
            "an unsupported custom assignor is in use. Please refer to the documentation or switch to a default assignor before \
             re-attempting the upgrade.",
        ));
    }
    // A group without a protocol yet, and a member that does not support it, make Kafka's coordinator throw.
    let protocol = classic.protocol.as_deref();
    let metadata = member.protocols.iter().find(|own| Some(own.name.as_str()) == protocol).map(|own| &own.metadata);
    let metadata = metadata.ok_or_else(|| Refusal::new(ErrorCode::UnknownServerError, ""))?;
    let subscription = ConsumerSubscription::read(metadata).map_err(unreadable)?;
    let mut target = TopicPartitions::new();
    for partition in assigned {
        if let Some(id) = image.topic_ids.get(&partition.topic) {
            target.entry(*id).or_default().insert(partition.partition);
        }
    }
    let generation = classic.generation;
    let epochs = target
        .iter()
        .map(|(topic, partitions)| (*topic, partitions.iter().map(|each| (*each, generation)).collect_ordered()));
    let upgraded = ConsumerGroupMember {
        epoch: generation,
        previous_epoch: generation,
        instance_id: member.instance_id.clone(),
        rack_id: subscription.rack_id,
        rebalance_timeout_ms: member.rebalance_timeout_ms,
        client_id: member.client_id.clone(),
        subscribed_topics: subscription.topics.into_iter().collect(),
        assigned: epochs.collect_ordered(),
        classic: Some(ClassicMemberMetadata {
            session_timeout_ms: member.session_timeout_ms,
            supported_protocols: member.protocols.clone(),
        }),
        ..ConsumerGroupMember::new(&member.id)
    };
    Ok((upgraded, target))
}

/// Whether the group becomes a classic one without these members (`validateOnlineDowngradeWithFencedMembers`).
pub(super) fn validate_downgrade_without(
    group: &ConsumerGroup,
    leaving: &BTreeSet<String>,
    config: &GroupConfig,
) -> bool {
    let mut left = group.members.values().filter(|member| !leaving.contains(&member.id)).peekable();
    let is_any = left.peek().is_some();
    let count = left.clone().count() as u64;
    is_any
        && left.all(|member| member.classic.is_some())
        && config.migration.allows_downgrade()
        && count <= u64::from(config.classic_max_size)
}

/// Whether the group becomes a classic one when a member of the classic protocol takes the place of this one
/// (`validateOnlineDowngradeWithReplacedMember`).
pub(super) fn validate_downgrade_replacing(
    group: &ConsumerGroup,
    replaced: &ConsumerGroupMember,
    config: &GroupConfig,
) -> bool {
    replaced.classic.is_none()
        && group.classic_members() + 1 == group.members.len()
        && config.migration.allows_downgrade()
        && group.members.len() as u64 <= u64::from(config.classic_max_size)
}

/// The group becomes a classic one: without the members that leave, and with a static one that joins in the place of its old self,
/// whose id may be its own.
pub(super) fn downgrade(
    group: &ConsumerGroup,
    leaving: &BTreeSet<String>,
    joining: Option<&ConsumerGroupMember>,
    rebalances: bool,
    around: &Surroundings<'_>,
    write: &mut Write,
) {
    let replaced = joining.and_then(|member| group.static_member(member.instance_id.as_deref()?).ok().flatten());
    let written_as = joining.zip(replaced).map(|(new, old)| (old.id.as_str(), new.id.as_str()));
    ConsumerGroupRecord::tombstones(group, written_as).iter().for_each(|record| write.add(record));
    let is_replaced = |member: &ConsumerGroupMember| replaced.is_some_and(|replaced| replaced.id == member.id);
    let stay = group.members.values().filter(|member| !leaving.contains(&member.id) && !is_replaced(member));
    let mut classic = ClassicGroup {
        state: ClassicGroupState::Stable,
        generation: group.group_epoch,
        protocol_type: Some("consumer".to_owned()),
        members: stay.chain(joining).map(|member| (member.id.clone(), downgraded_member(member))).collect_ordered(),
        ..ClassicGroup::new(&group.id, group.partition)
    };
    classic.leader = classic.members.keys().next().cloned();
    classic.protocol = classic.select_protocol();
    classic.subscribed_topics = classic.compute_subscribed_topics().unwrap_or(None);
    classic.current_state_since = write.now_ms();
    let names = |target: &TopicPartitions| -> Vec<TopicPartition> {
        let known = target.iter().filter_map(|(id, each)| Some((around.image.topics.get(id)?.name.clone(), each)));
        known.flat_map(|(name, each)| each.iter().map(move |each| TopicPartition::new(name.clone(), *each))).collect()
    };
    for member in classic.members.values_mut() {
        let target_of = match written_as {
            Some((old, new)) if new == member.id => old,
            Some(_) | None => member.id.as_str(),
        };
        let target = group.target_assignment.get(target_of).map(names).unwrap_or_default();
        let metadata = member.metadata(classic.protocol.as_deref());
        member.assignment = encode_assignment_like(Some(&metadata), &target);
    }
    let assignment = classic.members.values().map(|member| (member.id.clone(), member.assignment.clone()));
    write.records.push(group_records::group_metadata(&classic, &assignment.collect_ordered(), write.now()));
    for member in group.members.keys() {
        write.stop_timers(member);
    }
    for member in classic.members.values() {
        write.set(MemberTimer::Session, &member.id, member.session_timeout_ms);
    }
    write.becomes = Some(Box::new(classic));
    write.rebalances = rebalances;
}

fn downgraded_member(member: &ConsumerGroupMember) -> Member {
    let classic = member.classic.as_ref();
    Member {
        id: member.id.clone(),
        instance_id: member.instance_id.clone(),
        client_id: member.client_id.clone(),
        rebalance_timeout_ms: member.rebalance_timeout_ms,
        session_timeout_ms: classic.map_or(0, |classic| classic.session_timeout_ms),
        protocols: classic.map(|classic| classic.supported_protocols.clone()).unwrap_or_default(),
        assignment: RawBytes::default(),
        awaiting_join: None,
        awaiting_sync: None,
        is_new: false,
    }
}
