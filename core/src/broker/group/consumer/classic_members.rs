//! Members that speak the classic protocol in a consumer group, while it is upgraded or taken back
//! (`GroupMetadataManager.classicGroup…ToConsumerGroup`). To them an epoch is a generation, and they are given their partitions
//! by the broker.

use std::collections::{BTreeMap, BTreeSet};

use super::conversion::{downgrade, validate_downgrade_replacing};
use super::heartbeat::{
    check_size, fence_members, find_requesting_member, known_static, last_target, reconcile, subscribe, update_member,
};
use super::member::{ClassicMemberMetadata, ConsumerGroupMember, MemberState};
use super::write::{MemberTimer, MigrationPolicy, Surroundings, TimerChange, Write};
use super::{ConsumerGroup, Refusal};
use crate::metadata::MetadataImage;
use crate::sim::Millis;
use crate::wire::consumer_group::ConsumerGroupTopicPartitions;
use crate::wire::consumer_protocol::{ConsumerSubscription, RawBytes, encode_assignment_like};
use crate::wire::group::{
    HeartbeatRequest, JoinGroupProtocol, JoinGroupRequest, JoinGroupResponse, LeaveGroupRequest, LeaveGroupResponse,
    MemberResponse, SyncGroupRequest, SyncGroupResponse,
};
use crate::wire::{ErrorCode, TopicPartition, Uuid};

/// The protocol type of consumers (`ConsumerProtocol.PROTOCOL_TYPE`).
const CONSUMER: &str = "consumer";
/// From this version on a new member first gets an id and joins again with it (KIP-394).
const JOIN_GROUP_VERSION_WITH_MEMBER_ID: i16 = 4;

impl ConsumerGroup {
    /// Whether a member with these protocols can be among those of the classic protocol (`supportsClassicProtocols`).
    fn supports_classic(&self, protocol_type: &str, protocols: &[JoinGroupProtocol]) -> bool {
        let classic = || self.members.values().filter_map(|member| member.classic.as_ref());
        let all_can = |name: &str| classic().all(|each| each.supported_protocols.iter().any(|own| own.name == name));
        protocol_type == CONSUMER && protocols.iter().any(|protocol| all_can(&protocol.name))
    }

    /// Whether a member still waits for a partition that somebody has (`waitingOnUnreleasedPartition`).
    fn waits_for_others(&self, member: &ConsumerGroupMember) -> bool {
        let target = self.target_assignment.get(&member.id).into_iter().flatten();
        let mut wanted = target.flat_map(|(topic, partitions)| partitions.iter().map(|each| (*topic, *each)));
        member.state == MemberState::UnreleasedPartitions
            && wanted.any(|(topic, partition)| {
                let has_it = member.assigned.get(&topic).is_some_and(|held| held.contains_key(&partition));
                !has_it && self.partition_epoch(topic, partition).is_some()
            })
    }

    /// A member of the classic protocol that is in this generation (`validateConsumerGroupMember` and what follows it).
    fn classic_member(
        &self,
        member_id: &str,
        instance_id: Option<&str>,
        generation: i32,
    ) -> Result<(&ConsumerGroupMember, &ClassicMemberMetadata), ErrorCode> {
        let member = match instance_id {
            None => self.member(member_id),
            Some(instance_id) => known_static(self, instance_id, member_id),
        };
        let member = member.map_err(|refusal| refusal.error)?;
        let classic = member.classic.as_ref().ok_or(ErrorCode::UnknownMemberId)?;
        if member.epoch == generation { Ok((member, classic)) } else { Err(ErrorCode::IllegalGeneration) }
    }
}

fn await_join(member: &ConsumerGroupMember, write: &mut Write) {
    let after_ms = Millis::try_from(member.rebalance_timeout_ms).unwrap_or(0);
    write.timers.push(TimerChange::SetIfAbsent { timer: MemberTimer::Join, member: member.id.clone(), after_ms });
}

/// A JoinGroup. `new_id` is for a member without one.
pub(in crate::broker::group) fn join(
    group: &ConsumerGroup,
    request: &JoinGroupRequest,
    new_id: String,
    around: &Surroundings<'_>,
    write: &mut Write,
) -> Result<JoinGroupResponse, Refusal> {
    let refused = |error: ErrorCode| Err(Refusal::new(error, ""));
    if around.config.migration == MigrationPolicy::Disabled {
        return refused(ErrorCode::InconsistentGroupProtocol);
    }
    let is_unknown = request.member_id.is_empty();
    let member_id = if is_unknown { new_id } else { request.member_id.clone() };
    check_size(group, &member_id, around.config.max_size)?;
    if !group.supports_classic(&request.protocol_type, &request.protocols) {
        return refused(ErrorCode::InconsistentGroupProtocol);
    }
    let instance_id = request.group_instance_id.as_deref();
    if is_unknown && instance_id.is_none() && around.version >= JOIN_GROUP_VERSION_WITH_MEMBER_ID {
        let error_code = ErrorCode::MemberIdRequired;
        return Ok(JoinGroupResponse { error_code, member_id, ..JoinGroupResponse::default() });
    }
    let creates = instance_id.is_none() || is_unknown;
    let requesting = find_requesting_member(group, (&member_id, instance_id), None, creates, write)?;
    let existing = instance_id.map_or(Ok(None), |instance_id| group.static_member(instance_id))?;
    let downgrades = existing.is_some_and(|existing| validate_downgrade_replacing(group, existing, around.config));
    let first = request.protocols.first();
    let Some(subscription) = first.and_then(|protocol| ConsumerSubscription::decode(&protocol.metadata)) else {
        return refused(ErrorCode::UnknownServerError);
    };
    let owned = by_topic(&subscription.owned_partitions, around.image);
    let updated = ConsumerGroupMember {
        instance_id: request.group_instance_id.clone().or(requesting.member.instance_id.clone()),
        rack_id: subscription.rack_id.or(requesting.member.rack_id.clone()),
        rebalance_timeout_ms: match request.rebalance_timeout_ms {
            -1 => requesting.member.rebalance_timeout_ms,
            timeout_ms => timeout_ms,
        },
        subscribed_topics: subscription.topics.into_iter().collect(),
        subscribed_regex: String::new(),
        client_id: around.client_id.to_owned(),
        classic: Some(ClassicMemberMetadata {
            session_timeout_ms: request.session_timeout_ms,
            supported_protocols: request.protocols.clone(),
        }),
        ..requesting.member.clone()
    };
    let updated = if downgrades {
        let mut updated = updated;
        let change = subscribe(group, &requesting, &updated, around, write)?;
        let rebalances = group.assignment_epoch < change.after.group_epoch;
        if !rebalances {
            let target = last_target(group, &updated);
            let changed = change.has_subscription_changed;
            let to = (group.assignment_epoch, &target);
            (updated, _) = reconcile(group, updated, to, changed, Some(&owned), around, write)?;
        }
        downgrade(group, &BTreeSet::new(), Some(&updated), rebalances, around, write);
        updated
    } else {
        let (updated, _) = update_member(group, &requesting, updated, Some(&owned), around, write)?;
        let after = |timer, after_ms: i32| TimerChange::Set {
            timer,
            member: updated.id.clone(),
            after_ms: Millis::try_from(after_ms).unwrap_or(0),
        };
        write.timers_after = vec![
            TimerChange::Stop { timer: MemberTimer::Join, member: updated.id.clone() },
            after(MemberTimer::Session, request.session_timeout_ms),
            after(MemberTimer::Sync, request.rebalance_timeout_ms),
        ];
        updated
    };
    Ok(JoinGroupResponse {
        member_id: updated.id,
        generation_id: updated.epoch,
        protocol_type: Some(CONSUMER.to_owned()),
        protocol_name: first.map(|protocol| protocol.name.clone()),
        ..JoinGroupResponse::default()
    })
}

fn by_topic(partitions: &[TopicPartition], image: &MetadataImage) -> Vec<ConsumerGroupTopicPartitions> {
    let mut topics: BTreeMap<Uuid, Vec<i32>> = BTreeMap::new();
    for partition in partitions {
        if let Some(id) = image.topic_ids.get(&partition.topic) {
            topics.entry(*id).or_default().push(partition.partition);
        }
    }
    topics.into_iter().map(|(topic_id, partitions)| ConsumerGroupTopicPartitions { topic_id, partitions }).collect()
}

/// A SyncGroup: the member is told what it holds.
pub(in crate::broker::group) fn sync(
    group: &ConsumerGroup,
    request: &SyncGroupRequest,
    around: &Surroundings<'_>,
    write: &mut Write,
) -> Result<SyncGroupResponse, ErrorCode> {
    let instance_id = request.group_instance_id.as_deref();
    let (member, classic) = group.classic_member(&request.member_id, instance_id, request.generation_id)?;
    let own_protocol = classic.supported_protocols.first();
    let differs = |given: &Option<String>, own: Option<&str>| given.as_deref().is_some_and(|given| Some(given) != own);
    if differs(&request.protocol_type, Some(CONSUMER))
        || differs(&request.protocol_name, own_protocol.map(|protocol| protocol.name.as_str()))
    {
        return Err(ErrorCode::InconsistentGroupProtocol);
    }
    if group.assignment_epoch > member.epoch && member.state != MemberState::UnrevokedPartitions {
        await_join(member, write);
        return Err(ErrorCode::RebalanceInProgress);
    }
    write.stop(MemberTimer::Sync, &member.id);
    write.set(MemberTimer::Session, &member.id, classic.session_timeout_ms);
    Ok(SyncGroupResponse {
        protocol_type: request.protocol_type.clone(),
        protocol_name: request.protocol_name.clone(),
        assignment: assignment_of(member, around.image),
        ..SyncGroupResponse::default()
    })
}

/// What a member holds, as one of the classic protocol reads it.
fn assignment_of(member: &ConsumerGroupMember, image: &MetadataImage) -> RawBytes {
    let topics = member.assigned.iter().filter_map(|(id, held)| Some((image.topics.get(id)?.name.clone(), held)));
    let mut partitions: Vec<TopicPartition> = topics
        .flat_map(|(name, held)| held.keys().map(move |partition| TopicPartition::new(name.clone(), *partition)))
        .collect();
    partitions.sort_unstable();
    let classic = member.classic.as_ref().and_then(|classic| classic.supported_protocols.first());
    encode_assignment_like(classic.map(|protocol| &protocol.metadata), &partitions)
}

/// A Heartbeat.
pub(in crate::broker::group) fn heartbeat(
    group: &ConsumerGroup,
    request: &HeartbeatRequest,
    write: &mut Write,
) -> ErrorCode {
    let instance_id = request.group_instance_id.as_deref();
    let (member, classic) = match group.classic_member(&request.member_id, instance_id, request.generation_id) {
        Ok(found) => found,
        Err(error) => return error,
    };
    write.set(MemberTimer::Session, &member.id, classic.session_timeout_ms);
    // Joining again it learns what it has to give up, or what has become free.
    let shall_join = member.epoch < group.assignment_epoch
        || match member.state {
            MemberState::UnrevokedPartitions => true,
            MemberState::UnreleasedPartitions => !group.waits_for_others(member),
            MemberState::Stable | MemberState::Unknown => false,
        };
    if !shall_join {
        return ErrorCode::None;
    }
    await_join(member, write);
    ErrorCode::RebalanceInProgress
}

/// A LeaveGroup: members of both protocols can be made to leave by it.
pub(in crate::broker::group) fn leave(
    group: &ConsumerGroup,
    request: &LeaveGroupRequest,
    around: &Surroundings<'_>,
    write: &mut Write,
) -> LeaveGroupResponse {
    let mut leaving = BTreeSet::new();
    let members = request.members.iter().map(|identity| {
        let found = match &identity.group_instance_id {
            None => group.member(&identity.member_id),
            Some(instance) if identity.member_id.is_empty() => group.static_member(instance).and_then(|member| {
                let unknown =
                    || Refusal::new(ErrorCode::UnknownMemberId, format!("Instance id {instance} is unknown."));
                member.ok_or_else(unknown)
            }),
            Some(instance) => known_static(group, instance, &identity.member_id),
        };
        let error_code = match found {
            Ok(member) => {
                leaving.insert(member.id.clone());
                ErrorCode::None
            }
            Err(refusal) => refusal.error,
        };
        MemberResponse {
            member_id: identity.member_id.clone(),
            group_instance_id: identity.group_instance_id.clone(),
            error_code,
        }
    });
    let members = members.collect();
    fence_members(group, &leaving, around, write);
    LeaveGroupResponse { members, ..LeaveGroupResponse::default() }
}
