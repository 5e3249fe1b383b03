//! The target assignment: what every member is to hold in the end (`TargetAssignmentBuilder`).

use std::collections::BTreeMap;

use super::assignor::{GroupSpec, MemberSpec, Partitions, ServerAssignor, TopicNumber};
use super::current_assignment::{TopicPartitions, subscribed_topic_ids};
use super::{ConsumerGroup, ConsumerGroupMember};
use crate::metadata::MetadataImage;
use crate::sort::CollectOrdered;
use crate::wire::Uuid;

/// Numbers for topics in the order of their names; those that are gone come last.
struct TopicNumbers {
    ids: Vec<Uuid>,
    numbers: BTreeMap<Uuid, TopicNumber>,
}

impl TopicNumbers {
    fn of(topics: impl Iterator<Item = Uuid>, image: &MetadataImage) -> Self {
        let by_name: BTreeMap<(bool, String, Uuid), ()> = topics
            .map(|id| {
                let name = image.topics.get(&id).map(|topic| topic.name.to_string());
                ((name.is_none(), name.unwrap_or_default(), id), ())
            })
            .collect_ordered();
        let ids: Vec<Uuid> = by_name.into_keys().map(|(_, _, id)| id).collect();
        let numbers = (0..).zip(&ids).map(|(number, id)| (*id, number)).collect_ordered();
        Self { ids, numbers }
    }

    fn numbered(&self, partitions: &TopicPartitions) -> Partitions {
        let numbered = partitions.iter().filter_map(|(id, each)| Some((*self.numbers.get(id)?, each.clone())));
        numbered.collect_ordered()
    }

    fn named(&self, partitions: Partitions) -> TopicPartitions {
        let id = |number: TopicNumber| self.ids.get(usize::try_from(number).ok()?).copied();
        partitions.into_iter().filter_map(|(number, each)| Some((id(number)?, each))).collect_ordered()
    }
}

/// A target assignment: by member, in the order of Kafka's table of members.
pub(super) type Target = Vec<(String, TopicPartitions)>;

/// Computes the target assignment of a group. `before` is the group's last one; `replaced` names the member whose part of it a
/// static member takes over.
pub(super) fn compute(
    group: &ConsumerGroup,
    assignor: ServerAssignor,
    before: &BTreeMap<String, TopicPartitions>,
    replaced: Option<(&str, &str)>,
    image: &MetadataImage,
) -> Target {
    let members: Vec<&ConsumerGroupMember> = group.members_in_order();
    let wanted: Vec<_> =
        members.iter().map(|member| subscribed_topic_ids(member, &group.regular_expressions, image)).collect();
    let nothing = TopicPartitions::new();
    let assigned_before = |member: &ConsumerGroupMember| {
        let id = match replaced {
            Some((new, old)) if new == member.id => old,
            Some(_) | None => member.id.as_str(),
        };
        before.get(id).unwrap_or(&nothing)
    };
    let known = wanted.iter().flatten().chain(before.values().flat_map(BTreeMap::keys)).copied();
    let numbers = TopicNumbers::of(known, image);
    let partition_count = |id: &Uuid| {
        let topic = image.topics.get(id)?;
        i32::try_from(topic.partitions.len()).ok()
    };
    let mut assigned = Partitions::new();
    for (topic, partitions) in before.values().flat_map(|each| numbers.numbered(each)) {
        assigned.entry(topic).or_default().extend(partitions);
    }
    let spec = GroupSpec {
        members: members
            .iter()
            .zip(&wanted)
            .map(|(member, wanted)| MemberSpec {
                id: member.id.clone(),
                instance_id: member.instance_id.clone(),
                topics: wanted.iter().filter_map(|id| numbers.numbers.get(id).copied()).collect(),
                assignment: numbers.numbered(assigned_before(member)),
            })
            .collect(),
        partition_counts: numbers
            .numbers
            .iter()
            .filter_map(|(id, number)| Some((*number, partition_count(id)?)))
            .collect_ordered(),
        is_homogeneous: group.is_homogeneous(),
        assigned,
    };
    let assignments = assignor.assign(&spec);
    spec.members
        .into_iter()
        .map(|member| member.id)
        .zip(assignments.into_iter().map(|each| numbers.named(each)))
        .collect()
}
