//! All members want the same topics (`ConstrainedAssignmentBuilder`): everybody gets as many as everybody else, or one more.
//!
//! 1. Members keep what they own, up to their quota. Who owns at least the higher quota keeps as much, as long as members are
//!    due the higher quota.
//! 2. What is left is dealt in a circle to those below the lower quota, and then one by one to those at the lower quota.

use std::collections::{BTreeMap, VecDeque};

use super::{Built, Claims, Member, Place, all_partitions, remove_first, sort_by_id};
use crate::sort::SharedSort;
use crate::wire::{Topic, TopicPartition};

struct Builder {
    claims: Claims,
    min_quota: usize,
    max_quota: usize,
    /// How many members are due more than the lower quota, and how many have it.
    over_min_expected: usize,
    over_min: usize,
    under_min: Vec<Place>,
    at_min: VecDeque<Place>,
    maybe_revoked: BTreeMap<TopicPartition, Place>,
    transferring: BTreeMap<TopicPartition, Place>,
    assignment: Vec<Vec<TopicPartition>>,
}

pub(super) fn build(members: &[Member<'_>], partitions: &BTreeMap<Topic, i32>, claims: Claims) -> Built {
    let all = all_partitions(partitions.iter());
    let count = members.len().max(1);
    let mut builder = Builder {
        claims,
        min_quota: all.len() / count,
        max_quota: all.len().div_ceil(count),
        over_min_expected: all.len() % count,
        over_min: 0,
        under_min: Vec::new(),
        at_min: VecDeque::new(),
        maybe_revoked: BTreeMap::new(),
        transferring: BTreeMap::new(),
        assignment: vec![Vec::new(); members.len()],
    };
    (0..members.len()).for_each(|place| builder.keep_owned(place));
    sort_by_id(&mut builder.under_min, members);
    sort_by_id(builder.at_min.make_contiguous(), members);
    let assigned: std::collections::BTreeSet<TopicPartition> = builder.assignment.iter().flatten().cloned().collect();
    builder.deal(all.into_iter().filter(|partition| !assigned.contains(partition)));
    Built { assignment: builder.assignment, transferring: Some(builder.transferring) }
}

impl Builder {
    fn keep_owned(&mut self, place: Place) {
        let mut owned = self.claims.owned.get_mut(place).map(std::mem::take).unwrap_or_default();
        owned
            .shared_sort_by(|one, other| one.partition.cmp(&other.partition).then_with(|| one.topic.cmp(&other.topic)));
        for partition in &self.claims.doubly_claimed {
            remove_first(&mut owned, partition);
        }
        let quota = if owned.len() < self.min_quota {
            self.under_min.push(place);
            owned.len()
        } else if owned.len() >= self.max_quota && self.over_min < self.over_min_expected {
            self.over_min += 1;
            if self.over_min == self.over_min_expected {
                self.at_min.clear();
            }
            self.max_quota
        } else {
            // It may get one more, as long as members are due the higher quota.
            if self.over_min < self.over_min_expected {
                self.at_min.push_back(place);
            }
            self.min_quota
        };
        let revoked = owned.split_off(quota.min(owned.len()));
        self.maybe_revoked.extend(revoked.into_iter().map(|partition| (partition, place)));
        if let Some(assigned) = self.assignment.get_mut(place) {
            *assigned = owned;
        }
    }

    /// `assignRoundRobin`.
    fn deal(&mut self, unassigned: impl Iterator<Item = TopicPartition>) {
        let mut next = 0;
        for partition in unassigned {
            if next >= self.under_min.len() {
                next = 0;
            }
            let place = match self.under_min.get(next) {
                Some(place) => *place,
                // The quotas come out even: somebody is left for each partition.
                None => match self.at_min.pop_front() {
                    Some(place) => place,
                    None => return,
                },
            };
            next += 1;
            let count = self.give(partition, place);
            if count == self.min_quota {
                next -= 1;
                self.under_min.remove(next);
                self.at_min.push_back(place);
            } else if count == self.max_quota {
                self.over_min += 1;
            }
        }
    }

    fn give(&mut self, partition: TopicPartition, place: Place) -> usize {
        let is_anothers = self.maybe_revoked.get(&partition).is_some_and(|owner| *owner != place);
        if is_anothers || self.claims.doubly_claimed.contains(&partition) {
            self.transferring.insert(partition.clone(), place);
        }
        let Some(assigned) = self.assignment.get_mut(place) else { return 0 };
        assigned.push(partition);
        assigned.len()
    }
}
