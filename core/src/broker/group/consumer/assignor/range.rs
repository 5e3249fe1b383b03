//! `RangeAssignor`: topic by topic a range of neighbours each, the same members first in every topic, so that topics with as many
//! partitions are shared out alike.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::{GroupSpec, MemberSpec, Partitions, TopicNumber};
use crate::sort::SharedSort;

/// How far a topic is shared out.
struct Range {
    partitions: i32,
    members: i32,
    given: i32,
    next: i32,
}

pub(super) fn assign(group: &GroupSpec) -> Vec<Partitions> {
    let mut order: Vec<(usize, &MemberSpec)> = group.members.iter().enumerate().collect();
    order.shared_sort_by(|(_, one), (_, other)| compare(one, other));
    let mut topics: BTreeMap<TopicNumber, Range> = BTreeMap::new();
    for topic in group.members.iter().flat_map(|member| &member.topics) {
        let partitions = group.partition_count(*topic);
        topics.entry(*topic).or_insert(Range { partitions, members: 0, given: 0, next: 0 }).members += 1;
    }
    let mut assignments = vec![Partitions::new(); group.members.len()];
    for (place, member) in order {
        for topic in &member.topics {
            let Some(range) = topics.get_mut(topic) else { continue };
            let extra = i32::from(range.given < range.partitions % range.members);
            let end = range.next.saturating_add(range.partitions / range.members + extra).min(range.partitions);
            if range.next < end
                && let Some(assignment) = assignments.get_mut(place)
            {
                assignment.insert(*topic, (range.next..end).collect());
            }
            range.next = end;
            range.given += 1;
        }
    }
    assignments
}

/// Static members come first, by their names for life; the others by member id.
fn compare(one: &MemberSpec, other: &MemberSpec) -> Ordering {
    match (&one.instance_id, &other.instance_id) {
        (Some(one), Some(other)) => one.cmp(other),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => one.id.cmp(&other.id),
    }
}
