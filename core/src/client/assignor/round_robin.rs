//! `RoundRobinAssignor`: all partitions are dealt out in a circle; a member that does not want the topic is passed over.

use std::collections::BTreeMap;

use super::{Assignment, AssignorMember, nothing_yet, sorted};
use crate::wire::{Topic, TopicPartition};

pub(super) fn assign(members: &[AssignorMember], partitions: &BTreeMap<Topic, i32>) -> Assignment {
    let mut assignment = nothing_yet(members);
    let order = sorted(members);
    let mut circle = order.iter().cycle();
    for (topic, count) in partitions {
        for index in 0..*count {
            // Somebody wants the topic, else it would not be here: the circle comes to them.
            if let Some(member) = circle.by_ref().find(|member| member.topics.contains(topic)) {
                let partition = TopicPartition::new(topic.clone(), index);
                assignment.entry(member.member_id.clone()).or_default().push(partition);
            }
        }
    }
    assignment
}
