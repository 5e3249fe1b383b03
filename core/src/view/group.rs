//! Groups as their coordinators have them: of a consumer group also how far each member is on its way to the target assignment.

use serde::Serialize;

use crate::broker::group::consumer::{ConsumerGroupMember, PartitionEpochs, TopicPartitions};
use crate::broker::group::{ClassicGroup, ConsumerGroup, Group, GroupCoordinator};
use crate::metadata::MetadataImage;
use crate::wire::consumer_protocol::decode_assignment;
use crate::wire::group::DescribedGroupMember;
use crate::wire::{TopicPartition, Uuid};

/// A group, as its coordinator has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GroupView {
    /// `group.id`.
    pub group: String,
    /// Its coordinator.
    pub coordinator: i32,
    /// Kafka's word for the protocol: `classic`, where a client assigns, or `consumer`, where the broker does.
    pub group_type: String,
    /// `Empty`, `Stable`, `Dead`; of a classic group also `PreparingRebalance`, `CompletingRebalance`, of a consumer group
    /// `Assigning`, `Reconciling`.
    pub state: String,
    /// Its generation; of a consumer group its group epoch.
    pub generation: i32,
    /// Of a consumer group the group epoch that the target assignment was computed for.
    pub assignment_epoch: Option<i32>,
    /// The assignor: of a classic group the one that was chosen, of a consumer group the one that its members would like.
    pub assignor: Option<String>,
    /// Its members' ids.
    pub members: Vec<String>,
    /// What each member holds and is to hold.
    pub assignments: Vec<GroupMemberView>,
    /// What is committed: partition and next offset.
    pub offsets: Vec<(TopicPartition, i64)>,
}

/// A member of a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GroupMemberView {
    /// Its id.
    pub member: String,
    /// Its `group.instance.id`.
    pub instance_id: Option<String>,
    /// Of a member of a consumer group its epoch.
    pub epoch: Option<i32>,
    /// Of such a member how far it is: `Stable`, `UnrevokedPartitions`, `UnreleasedPartitions`.
    pub state: Option<String>,
    /// Whether it speaks the classic protocol.
    pub speaks_classic: bool,
    /// What it holds and may keep.
    pub assigned: Vec<TopicPartition>,
    /// What it has still to give up.
    pub revoking: Vec<TopicPartition>,
    /// What it is to hold in the end; a classic group has no such target.
    pub target: Option<Vec<TopicPartition>>,
}

impl GroupCoordinator {
    /// The groups of this coordinator, which is on `node` and knows the cluster as in `image`.
    pub fn views(&self, node: i32, image: &MetadataImage) -> Vec<GroupView> {
        self.groups().map(|group| group_view(group, node, image)).collect()
    }
}

pub(super) fn group_view(group: &Group, node: i32, image: &MetadataImage) -> GroupView {
    let (group_type, assignment_epoch, assignor, assignments) = match group {
        Group::Classic(group) => ("classic", None, classic_assignor(group), classic_members(group)),
        Group::Consumer(group) => (
            "consumer",
            Some(group.assignment_epoch),
            group.assignor().map(str::to_owned),
            group.members().map(|member| consumer_member(group, member, image)).collect(),
        ),
    };
    GroupView {
        group: group.id().to_owned(),
        coordinator: node,
        group_type: group_type.to_owned(),
        state: group.state_name().to_owned(),
        generation: group.generation(),
        assignment_epoch,
        assignor,
        members: group.member_ids().into_iter().map(str::to_owned).collect(),
        assignments,
        offsets: group.committed_offsets().map(|(partition, offset)| (partition.clone(), offset)).collect(),
    }
}

fn classic_assignor(group: &ClassicGroup) -> Option<String> {
    Some(group.described().protocol_data).filter(|name| !name.is_empty())
}

fn classic_members(group: &ClassicGroup) -> Vec<GroupMemberView> {
    let member = |member: DescribedGroupMember| GroupMemberView {
        member: member.member_id,
        instance_id: member.group_instance_id,
        epoch: None,
        state: None,
        speaks_classic: true,
        assigned: decode_assignment(&member.member_assignment).unwrap_or_default(),
        revoking: Vec::new(),
        target: None,
    };
    group.described().members.into_iter().map(member).collect()
}

fn consumer_member(group: &ConsumerGroup, member: &ConsumerGroupMember, image: &MetadataImage) -> GroupMemberView {
    let name = |topic: &Uuid| image.topics.get(topic).map(|known| known.name.clone());
    let held = |partitions: &PartitionEpochs| {
        let topics = partitions.iter().filter_map(|(topic, held)| Some((name(topic)?, held)));
        let each =
            topics.flat_map(|(name, held)| held.keys().map(move |each| TopicPartition::new(name.clone(), *each)));
        sorted(each.collect())
    };
    let wanted = |partitions: &TopicPartitions| {
        let topics = partitions.iter().filter_map(|(topic, each)| Some((name(topic)?, each)));
        let each = topics.flat_map(|(name, all)| all.iter().map(move |each| TopicPartition::new(name.clone(), *each)));
        sorted(each.collect())
    };
    GroupMemberView {
        member: member.id.clone(),
        instance_id: member.instance_id.clone(),
        epoch: Some(member.epoch),
        state: Some(member.state.name().to_owned()),
        speaks_classic: member.classic.is_some(),
        assigned: held(&member.assigned),
        revoking: held(&member.pending_revocation),
        target: group.target_of(&member.id).map(wanted),
    }
}

fn sorted(mut partitions: Vec<TopicPartition>) -> Vec<TopicPartition> {
    partitions.sort_unstable();
    partitions
}
