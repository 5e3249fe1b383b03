//! `StickyAssignor` and `CooperativeStickyAssignor` (`AbstractStickyAssignor`): as even as can be, and everybody keeps what
//! that allows. Where all members want the same topics, [`constrained`] gives each a quota; else [`general`] moves partitions
//! from members with many to members with few until that helps no more. Where racks matter (KIP-881), nobody keeps
//! what is far from it, and what is to be had goes to somebody near first.

mod constrained;
mod general;
mod movements;
pub mod user_data;

use std::collections::{BTreeMap, BTreeSet};

use super::racks::{PartitionRacks, RackInfo};
use super::{Assignment, AssignorMember, all_partitions};
use crate::sort::{CollectOrdered, SharedSort};
use crate::wire::hash_order::{java_string_hash, sort_as_hash_map};
use crate::wire::{Topic, TopicPartition};

/// The generation of a member that has told none.
pub(super) const DEFAULT_GENERATION: i32 = -1;

/// What a member had before (`AbstractStickyAssignor.MemberData`).
#[derive(Clone, Debug, Default)]
struct MemberData {
    partitions: Vec<TopicPartition>,
    generation: Option<i32>,
}

/// A member, and what it had before.
#[derive(Clone, Debug)]
struct Member<'a> {
    subscription: &'a AssignorMember,
    data: MemberData,
}

/// Members are known by their place in the order of Kafka's table of their ids.
type Place = usize;

/// What the members claim to own (`allSubscriptionsEqual`).
#[derive(Clone, Debug, Default)]
struct Claims {
    /// Whether all want the same topics.
    all_equal: bool,
    /// What each member owned and still can have.
    owned: Vec<Vec<TopicPartition>>,
    /// What several members claim in one generation.
    doubly_claimed: BTreeSet<TopicPartition>,
    /// The highest generation that anybody told.
    max_generation: i32,
}

/// What came of it: partitions by the members' places.
#[derive(Clone, Debug)]
struct Built {
    assignment: Vec<Vec<TopicPartition>>,
    /// Partitions that go from one member to another, with the new owner; `None` where the algorithm does not tell.
    transferring: Option<BTreeMap<TopicPartition, Place>>,
}

/// `StickyAssignor`: what members had before is in their user data, for they own nothing when they join.
pub(super) fn assign(
    members: &[AssignorMember],
    partitions: &BTreeMap<Topic, i32>,
    racks: &PartitionRacks,
) -> Assignment {
    let data = |member: &AssignorMember| user_data::decode(member.user_data.as_ref());
    let members = in_hash_order(members, data);
    let built = build(&members, partitions, racks);
    named(&members, built.assignment)
}

/// `CooperativeStickyAssignor`: what another member still owns is given to nobody yet (`adjustAssignment`).
pub(super) fn assign_cooperatively(
    members: &[AssignorMember],
    partitions: &BTreeMap<Topic, i32>,
    racks: &PartitionRacks,
) -> Assignment {
    let data = |member: &AssignorMember| {
        let generation = match member.generation_id {
            Some(generation) => Some(generation),
            None => member.user_data.as_ref().map(user_data::decode_generation),
        };
        MemberData { partitions: member.owned_partitions.clone(), generation }
    };
    let members = in_hash_order(members, data);
    let mut built = build(&members, partitions, racks);
    let transferring = built.transferring.take().unwrap_or_else(|| transferring(&members, &built.assignment));
    for (partition, place) in transferring {
        if let Some(assigned) = built.assignment.get_mut(place) {
            assigned.retain(|each| *each != partition);
        }
    }
    named(&members, built.assignment)
}

fn in_hash_order<'a>(members: &'a [AssignorMember], data: impl Fn(&AssignorMember) -> MemberData) -> Vec<Member<'a>> {
    let with_data = |subscription| Member { subscription, data: data(subscription) };
    let mut members: Vec<Member<'_>> = members.iter().map(with_data).collect();
    sort_as_hash_map(&mut members, |member| java_string_hash(&member.subscription.member_id));
    members
}

fn named(members: &[Member<'_>], assignment: Vec<Vec<TopicPartition>>) -> Assignment {
    let ids = members.iter().map(|member| member.subscription.member_id.clone());
    ids.zip(assignment).collect_ordered()
}

fn build(members: &[Member<'_>], partitions: &BTreeMap<Topic, i32>, racks: &PartitionRacks) -> Built {
    let claims = claims(members, partitions);
    let rack_info = RackInfo::new(members.iter().map(|member| member.subscription), partitions, racks);
    if claims.all_equal {
        constrained::build(members, partitions, claims, &rack_info)
    } else {
        general::build(members, partitions, claims, &rack_info)
    }
}

fn claims(members: &[Member<'_>], partitions: &BTreeMap<Topic, i32>) -> Claims {
    let mut claims = Claims {
        all_equal: true,
        owned: vec![Vec::new(); members.len()],
        max_generation: DEFAULT_GENERATION,
        ..Claims::default()
    };
    let mut topics: BTreeSet<&Topic> = BTreeSet::new();
    let mut owners: BTreeMap<&TopicPartition, Place> = BTreeMap::new();
    for (place, member) in members.iter().enumerate() {
        let wanted = &member.subscription.topics;
        if topics.is_empty() {
            topics.extend(wanted);
        } else if wanted.len() != topics.len() || !wanted.iter().all(|topic| topics.contains(topic)) {
            claims.all_equal = false;
        }
        let generation = member.data.generation.unwrap_or(DEFAULT_GENERATION);
        claims.max_generation = claims.max_generation.max(generation);
        for partition in member.data.partitions.iter().filter(|each| partitions.contains_key(&each.topic)) {
            let Some(other) = owners.get(partition).copied() else {
                claims.own(place, partition);
                owners.insert(partition, place);
                continue;
            };
            // Kafka compares with what the other's subscription says, whatever its user data says.
            let of_other = members.get(other).and_then(|member| member.subscription.generation_id);
            match generation.cmp(&of_other.unwrap_or(DEFAULT_GENERATION)) {
                std::cmp::Ordering::Equal => {
                    claims.doubly_claimed.insert(partition.clone());
                    claims.disown(other, partition);
                    owners.insert(partition, place);
                }
                std::cmp::Ordering::Greater => {
                    claims.own(place, partition);
                    claims.disown(other, partition);
                    owners.insert(partition, place);
                }
                std::cmp::Ordering::Less => {}
            }
        }
    }
    claims
}

impl Claims {
    fn own(&mut self, place: Place, partition: &TopicPartition) {
        if let Some(owned) = self.owned.get_mut(place) {
            owned.push(partition.clone());
        }
    }

    fn disown(&mut self, place: Place, partition: &TopicPartition) {
        if let Some(owned) = self.owned.get_mut(place) {
            remove_first(owned, partition);
        }
    }
}

/// `List.remove(Object)`.
fn remove_first<T: PartialEq>(list: &mut Vec<T>, what: &T) {
    if let Some(at) = list.iter().position(|each| each == what) {
        list.remove(at);
    }
}

/// `computePartitionsTransferringOwnership`: what is added to one member and taken from another.
fn transferring(members: &[Member<'_>], assignment: &[Vec<TopicPartition>]) -> BTreeMap<TopicPartition, Place> {
    let (mut added, mut revoked) = (BTreeMap::new(), BTreeSet::new());
    for (place, (member, assigned)) in members.iter().zip(assignment).enumerate() {
        let owned = &member.subscription.owned_partitions;
        let is_new = |partition: &&TopicPartition| !owned.contains(partition);
        added.extend(assigned.iter().filter(is_new).map(|partition| (partition.clone(), place)));
        revoked.extend(owned.iter().filter(|partition| !assigned.contains(partition)));
    }
    added.retain(|partition, _| revoked.contains(partition));
    added
}

/// Places in the order of the members' ids.
fn sort_by_id(places: &mut [Place], members: &[Member<'_>]) {
    places.shared_sort_by(|one, other| {
        let id = |place: &Place| members.get(*place).map(|member| &member.subscription.member_id);
        id(one).cmp(&id(other))
    });
}
