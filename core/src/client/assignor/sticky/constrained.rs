//! All members want the same topics (`ConstrainedAssignmentBuilder`): everybody gets as many as everybody else, or one more.
//!
//! 1. Members keep what they own, up to their quota. Who owns at least the higher quota keeps as much, as long as members are
//!    due the higher quota.
//! 2. Where racks matter, partitions that few are near go to somebody near who is below its quota.
//! 3. What is left is dealt in a circle to those below the lower quota, and then one by one to those at the lower quota.

use std::collections::{BTreeMap, VecDeque};

use super::{Built, Claims, Member, Place, RackInfo, all_partitions, remove_first, sort_by_id};
use crate::sort::SharedSort;
use crate::wire::{Topic, TopicPartition};

struct Builder<'a> {
    rack_info: &'a RackInfo<'a>,
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

pub(super) fn build(
    members: &[Member<'_>],
    partitions: &BTreeMap<Topic, i32>,
    claims: Claims,
    rack_info: &RackInfo<'_>,
) -> Built {
    let all = all_partitions(partitions.iter());
    let count = members.len().max(1);
    let mut builder = Builder {
        rack_info,
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
    let mut unassigned: Vec<TopicPartition> = all.into_iter().filter(|each| !assigned.contains(each)).collect();
    if rack_info.is_used() {
        unassigned.shared_sort_by_key(|partition| rack_info.count_near(partition));
        unassigned = builder.deal_near(unassigned);
    }
    builder.deal(unassigned);
    Built { assignment: builder.assignment, transferring: Some(builder.transferring) }
}

impl Builder<'_> {
    fn keep_owned(&mut self, place: Place) {
        let mut owned = self.claims.owned.get_mut(place).map(std::mem::take).unwrap_or_default();
        owned.retain(|partition| {
            let is_far = self.rack_info.is_far(place, partition);
            if is_far {
                self.maybe_revoked.insert(partition.clone(), place);
            }
            !is_far
        });
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

    /// `assignRackAwareRoundRobin`. Gives what nobody near could take.
    fn deal_near(&mut self, unassigned: Vec<TopicPartition>) -> Vec<TopicPartition> {
        let mut next = 0;
        let mut left = Vec::new();
        for partition in unassigned {
            let under_min = self.rack_info.next_near(&partition, self.under_min.iter().copied(), next);
            let place = match under_min {
                Some(mut at) => {
                    let Some(place) = self.under_min.get(at).copied() else { continue };
                    let count = self.assignment.get(place).map_or(0, Vec::len) + 1;
                    if count >= self.min_quota {
                        self.under_min.remove(at);
                        if count < self.max_quota && self.over_min < self.over_min_expected {
                            self.at_min.push_back(place);
                        }
                    } else {
                        at += 1;
                    }
                    next = at.checked_rem(self.under_min.len()).unwrap_or(0);
                    Some(place)
                }
                None => self.near_at_min(&partition),
            };
            match place {
                Some(place) => {
                    self.give(partition, place);
                }
                None => left.push(partition),
            }
        }
        left
    }

    /// A member at the lower quota that is near; it is full then.
    fn near_at_min(&mut self, partition: &TopicPartition) -> Option<Place> {
        let at = self.rack_info.next_near(partition, self.at_min.iter().copied(), 0)?;
        let place = self.at_min.get(at).copied()?;
        if self.assignment.get(place).map_or(0, Vec::len) + 1 == self.max_quota {
            self.at_min.remove(at);
            self.over_min += 1;
            if self.over_min == self.over_min_expected {
                self.at_min.clear();
            }
        }
        Some(place)
    }

    /// `assignRoundRobin`.
    fn deal(&mut self, unassigned: Vec<TopicPartition>) {
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
