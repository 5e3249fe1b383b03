//! `UniformAssignor` where all members want the same topics (`UniformHomogeneousAssignmentBuilder`): everybody gets as many as
//! everybody else, or one more, and keeps what that allows.

use std::collections::BTreeSet;

use super::{GroupSpec, Partitions, TopicNumber};

pub(super) fn assign(group: &GroupSpec) -> Vec<Partitions> {
    let nothing = vec![Partitions::new(); group.members.len()];
    let Some(topics) = group.members.first().map(|member| &member.topics).filter(|topics| !topics.is_empty()) else {
        return nothing;
    };
    let all = topics.iter().flat_map(|topic| (0..group.partition_count(*topic)).map(|partition| (*topic, partition)));
    let mut unassigned: Vec<(TopicNumber, i32)> =
        all.filter(|(topic, partition)| !group.is_assigned(*topic, *partition)).collect();
    let total: i64 = topics.iter().map(|topic| i64::from(group.partition_count(*topic))).sum();
    let count = i64::try_from(group.members.len()).unwrap_or(i64::MAX);
    let (least, mut left_for_extra) = (total / count, total % count);
    let mut assignments = Vec::with_capacity(group.members.len());
    let mut unfilled: Vec<(usize, i64)> = Vec::new();
    for (place, member) in group.members.iter().enumerate() {
        let mut has_extra = left_for_extra > 0;
        let mut quota = least + i64::from(has_extra);
        let mut kept = Partitions::new();
        for (topic, partitions) in member.assignment.iter().filter(|(topic, _)| topics.contains(topic)) {
            let (stay, go) = split(partitions, &mut quota);
            if !stay.is_empty() {
                kept.insert(*topic, stay);
            }
            unassigned.extend(go.into_iter().map(|partition| (*topic, partition)));
        }
        // Another member may claim the extra partition, as long as enough of them are left.
        let members_left = count - i64::try_from(place).unwrap_or(0);
        if quota > 0 && has_extra && members_left > left_for_extra {
            quota -= 1;
            has_extra = false;
        }
        if quota > 0 {
            unfilled.push((place, quota));
        }
        left_for_extra -= i64::from(has_extra);
        assignments.push(kept);
    }
    let mut unassigned = unassigned.into_iter();
    for (place, quota) in unfilled {
        let Some(assignment) = assignments.get_mut(place) else { continue };
        for (topic, partition) in unassigned.by_ref().take(usize::try_from(quota).unwrap_or(0)) {
            assignment.entry(topic).or_default().insert(partition);
        }
    }
    assignments
}

/// What of a topic's partitions fits into the quota, and what does not.
fn split(partitions: &BTreeSet<i32>, quota: &mut i64) -> (BTreeSet<i32>, Vec<i32>) {
    let (mut stay, mut go) = (BTreeSet::new(), Vec::new());
    for partition in partitions {
        if *quota > 0 {
            *quota -= 1;
            stay.insert(*partition);
        } else {
            go.push(*partition);
        }
    }
    (stay, go)
}
