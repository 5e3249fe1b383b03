//! What ConsumerGroupDescribe and ListGroups tell of a consumer group.

use super::current_assignment::{PartitionEpochs, TopicPartitions};
use super::{ConsumerGroup, ConsumerGroupMember};
use crate::broker::group::classic::CLIENT_HOST;
use crate::metadata::MetadataImage;
use crate::sort::SharedSort;
use crate::wire::consumer_group::{
    ConsumerGroupDescribedAssignment, ConsumerGroupDescribedGroup, ConsumerGroupDescribedMember,
    ConsumerGroupDescribedTopicPartitions,
};
use crate::wire::group::ListedGroup;
use crate::wire::hash_order::{java_string_hash, sort_as_hash_map, sort_as_hash_set_of};
use crate::wire::{Topic, Uuid};

/// A member of the classic protocol.
const CLASSIC_MEMBER: i8 = 0;
/// A member of the consumer protocol.
const CONSUMER_MEMBER: i8 = 1;

impl ConsumerGroup {
    /// What ConsumerGroupDescribe tells of it.
    pub(in crate::broker::group) fn described(
        &self,
        default_assignor: &str,
        image: &MetadataImage,
    ) -> ConsumerGroupDescribedGroup {
        let members = self.members.values().map(|member| self.described_member(member, image));
        ConsumerGroupDescribedGroup {
            group_id: self.id.clone(),
            group_state: self.state().name().to_owned(),
            group_epoch: self.group_epoch,
            assignment_epoch: self.assignment_epoch,
            assignor_name: self.described_assignor().unwrap_or(default_assignor).to_owned(),
            members: members.collect(),
            ..ConsumerGroupDescribedGroup::default()
        }
    }

    fn described_member(&self, member: &ConsumerGroupMember, image: &MetadataImage) -> ConsumerGroupDescribedMember {
        let mut names: Vec<Topic> = member.subscribed_topics.iter().cloned().collect();
        sort_as_hash_map(&mut names, |name| java_string_hash(name));
        let target = self.target_assignment.get(&member.id);
        ConsumerGroupDescribedMember {
            member_id: member.id.clone(),
            instance_id: member.instance_id.clone(),
            rack_id: member.rack_id.clone(),
            member_epoch: member.epoch,
            client_id: member.client_id.clone(),
            client_host: CLIENT_HOST.to_owned(),
            subscribed_topic_names: names,
            subscribed_topic_regex: Some(member.subscribed_regex.clone()),
            assignment: held(&member.assigned, &member.pending_revocation, image),
            target_assignment: target.map(|target| wanted(target, image)).unwrap_or_default(),
            member_type: if member.classic.is_some() { CLASSIC_MEMBER } else { CONSUMER_MEMBER },
        }
    }

    /// What ListGroups tells of it.
    pub(in crate::broker::group) fn listed(&self) -> ListedGroup {
        ListedGroup {
            group_id: self.id.clone(),
            protocol_type: "consumer".to_owned(),
            group_state: self.state().name().to_owned(),
            group_type: "consumer".to_owned(),
        }
    }
}

/// What a member holds: first what it may keep, then what it has still to give up.
fn held(
    assigned: &PartitionEpochs,
    revoked: &PartitionEpochs,
    image: &MetadataImage,
) -> ConsumerGroupDescribedAssignment {
    let mut topics: Vec<(Uuid, Vec<i32>)> = Vec::new();
    for (topic, partitions) in assigned.iter().chain(revoked) {
        // Hash maps by partition, which were filled from a record.
        let mut partitions: Vec<i32> = partitions.keys().copied().collect();
        sort_as_hash_map(&mut partitions, |partition| *partition);
        match topics.iter_mut().find(|(known, _)| known == topic) {
            Some((_, known)) => known.extend(partitions),
            None => topics.push((*topic, partitions)),
        }
    }
    by_name(topics, image)
}

fn wanted(target: &TopicPartitions, image: &MetadataImage) -> ConsumerGroupDescribedAssignment {
    let topics = target.iter().map(|(topic, partitions)| {
        let mut partitions: Vec<i32> = partitions.iter().copied().collect();
        sort_as_hash_set_of(&mut partitions, |partition| *partition);
        (*topic, partitions)
    });
    by_name(topics.collect(), image)
}

/// Topics that are gone are left out.
fn by_name(topics: Vec<(Uuid, Vec<i32>)>, image: &MetadataImage) -> ConsumerGroupDescribedAssignment {
    let described = topics.into_iter().filter_map(|(topic_id, partitions)| {
        let topic_name = image.topics.get(&topic_id)?.name.clone();
        Some(ConsumerGroupDescribedTopicPartitions { topic_id, topic_name, partitions })
    });
    let mut topic_partitions: Vec<ConsumerGroupDescribedTopicPartitions> = described.collect();
    topic_partitions.shared_sort_by_key(|each| each.topic_name.clone());
    ConsumerGroupDescribedAssignment { topic_partitions }
}
