//! `RangeAssignor`: topic by topic, a range of neighbours each; the first members get one more where it does not come out
//! even, which piles up over many topics.

use std::collections::BTreeMap;

use super::{Assignment, AssignorMember, nothing_yet, sorted};
use crate::wire::{Topic, TopicPartition};

pub(super) fn assign(members: &[AssignorMember], partitions: &BTreeMap<Topic, i32>) -> Assignment {
    let mut assignment = nothing_yet(members);
    let order = sorted(members);
    for (topic, count) in partitions {
        let readers: Vec<&&AssignorMember> = order.iter().filter(|member| member.topics.contains(topic)).collect();
        let Ok(many) = i32::try_from(readers.len()) else { continue };
        let mut next = 0;
        for (place, reader) in (0..many).zip(readers) {
            let share = count / many + i32::from(place < count % many);
            let range = (next..next + share).map(|index| TopicPartition::new(topic.clone(), index));
            assignment.entry(reader.member_id.clone()).or_default().extend(range);
            next += share;
        }
    }
    assignment
}
