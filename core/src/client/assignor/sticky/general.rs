//! Members want different topics (`GeneralAssignmentBuilder`).
//!
//! 1. Members keep what they own and still want, unless they are far from it.
//! 2. What nobody owns goes to the member that has least of those who want it; topics that few want come first.
//! 3. Partitions move to members with at least two less, first those of step 2, then any, until nobody can be helped. If that
//!    makes the whole no more even than it was before step 3, it is taken back.

use std::collections::{BTreeMap, BTreeSet};

use super::movements::Movements;
use super::{Built, Claims, DEFAULT_GENERATION, Member, Place, RackInfo, all_partitions, remove_first, sort_by_id};
use crate::sort::{CollectOrdered, SharedSort};
use crate::wire::{Topic, TopicPartition};

/// What each member has now.
#[derive(Clone, Debug)]
struct Holdings {
    assignment: Vec<Vec<TopicPartition>>,
    owner: BTreeMap<TopicPartition, Place>,
}

struct Builder<'a> {
    rack_info: &'a RackInfo<'a>,
    partitions: &'a BTreeMap<Topic, i32>,
    /// The topics that each member can have.
    topics: Vec<BTreeSet<&'a Topic>>,
    /// The members who can have a topic.
    readers: BTreeMap<&'a Topic, Vec<Place>>,
    /// A member's place in the order of ids.
    rank: Vec<usize>,
    /// Members by how much they have and their ids; those that nothing can be moved to or from are left out.
    by_size: BTreeSet<(usize, usize, Place)>,
    now: Holdings,
    /// Who had a partition before its present owner, and in which generation.
    previous: BTreeMap<TopicPartition, (Place, i32)>,
    movements: Movements,
}

pub(super) fn build(
    members: &[Member<'_>],
    partitions: &BTreeMap<Topic, i32>,
    claims: Claims,
    rack_info: &RackInfo<'_>,
) -> Built {
    let mut places: Vec<Place> = (0..members.len()).collect();
    sort_by_id(&mut places, members);
    let mut rank = vec![0; members.len()];
    for (at, place) in places.iter().enumerate() {
        rank.get_mut(*place).into_iter().for_each(|rank| *rank = at);
    }
    let topics: Vec<BTreeSet<&Topic>> = members
        .iter()
        .map(|member| {
            member.subscription.topics.iter().filter(|topic| partitions.contains_key(*topic)).collect_ordered()
        })
        .collect();
    let mut readers: BTreeMap<&Topic, Vec<Place>> =
        partitions.keys().map(|topic| (topic, Vec::new())).collect_ordered();
    for (place, topics) in topics.iter().enumerate() {
        topics.iter().for_each(|topic| readers.entry(topic).or_default().push(place));
    }
    let owners = claims.owned.iter().enumerate();
    let owner = owners.flat_map(|(place, owned)| owned.iter().map(move |each| (each.clone(), place))).collect_ordered();
    let mut builder = Builder {
        rack_info,
        partitions,
        topics,
        readers,
        rank,
        by_size: BTreeSet::new(),
        now: Holdings { assignment: claims.owned, owner },
        previous: previous_owners(members, claims.max_generation),
        movements: Movements::default(),
    };
    let mut by_readers: Vec<(&Topic, &i32)> = partitions.iter().collect();
    by_readers.shared_sort_by_key(|(topic, _)| builder.readers.get(topic).map_or(0, Vec::len));
    let all = all_partitions(by_readers.into_iter());
    let is_revoking = builder.drop_unwanted();
    let kept: BTreeSet<&TopicPartition> = builder.now.assignment.iter().flatten().collect();
    let unassigned: Vec<TopicPartition> = all.iter().filter(|partition| !kept.contains(partition)).cloned().collect();
    builder.balance(all, unassigned, is_revoking);
    Built { assignment: builder.now.assignment, transferring: None }
}

/// `prepopulateCurrentAssignments`: what members had in generations before the last one.
fn previous_owners(members: &[Member<'_>], max_generation: i32) -> BTreeMap<TopicPartition, (Place, i32)> {
    let mut previous: BTreeMap<TopicPartition, (Place, i32)> = BTreeMap::new();
    for (place, member) in members.iter().enumerate() {
        let generation = member.data.generation.unwrap_or(DEFAULT_GENERATION);
        if generation >= max_generation {
            continue;
        }
        for partition in &member.data.partitions {
            let known = previous.entry(partition.clone()).or_insert((place, generation));
            if generation > known.1 {
                *known = (place, generation);
            }
        }
    }
    previous
}

impl Builder<'_> {
    fn count(&self, place: Place) -> usize {
        self.now.assignment.get(place).map_or(0, Vec::len)
    }

    fn key(&self, place: Place) -> (usize, usize, Place) {
        (self.count(place), self.rank.get(place).copied().unwrap_or(0), place)
    }

    fn can_have(&self, place: Place, topic: &Topic) -> bool {
        self.topics.get(place).is_some_and(|topics| topics.contains(topic))
    }

    /// How many a member could have at most.
    fn max_size(&self, place: Place) -> usize {
        let counts = self.topics.get(place).into_iter().flatten().filter_map(|topic| self.partitions.get(*topic));
        counts.filter_map(|count| usize::try_from(*count).ok()).sum()
    }

    /// Takes from members what they do not want any more or are far from. Whether there was any.
    fn drop_unwanted(&mut self) -> bool {
        let mut any = false;
        for (place, (assigned, topics)) in self.now.assignment.iter_mut().zip(&self.topics).enumerate() {
            let before = assigned.len();
            assigned.retain(|each| topics.contains(&each.topic) && !self.rack_info.is_far(place, each));
            any |= assigned.len() < before;
        }
        any
    }

    fn balance(&mut self, mut all: Vec<TopicPartition>, mut unassigned: Vec<TopicPartition>, is_revoking: bool) {
        self.by_size = (0..self.topics.len()).map(|place| self.key(place)).collect_ordered();
        let is_initial = self.by_size.last().is_none_or(|(most, _, _)| *most == 0);
        let mut to_give: Vec<&TopicPartition> = unassigned.iter().collect();
        if self.rack_info.is_used() {
            to_give.retain(|partition| !self.give_to_least(partition, true));
        }
        for partition in to_give {
            self.give_to_least(partition, false);
        }
        // Only what two could have can move, and only members of whom something can be taken or who could get more.
        let can_move =
            |partition: &TopicPartition| self.readers.get(&partition.topic).is_some_and(|all| all.len() >= 2);
        all.retain(can_move);
        unassigned.retain(can_move);
        let fixed: Vec<Place> = (0..self.topics.len())
            .filter(|place| {
                let has_all = self.count(*place) >= self.max_size(*place);
                has_all && !self.now.assignment.get(*place).into_iter().flatten().any(can_move)
            })
            .collect();
        for place in fixed {
            let key = self.key(place);
            self.by_size.remove(&key);
        }
        let before = self.now.clone();
        if !is_revoking {
            self.reassign(&unassigned);
        }
        let has_moved = self.reassign(&all);
        if !is_initial && has_moved && self.score(&self.now) >= self.score(&before) {
            self.now = before;
        }
    }

    /// The sum of the differences between all pairs of members that take part.
    fn score(&self, holdings: &Holdings) -> usize {
        let taking_part: BTreeSet<Place> = self.by_size.iter().map(|(_, _, place)| *place).collect_ordered();
        let sizes = holdings.assignment.iter().enumerate().filter(|(place, _)| taking_part.contains(place));
        let sizes: Vec<usize> = sizes.map(|(_, assigned)| assigned.len()).collect();
        let pairs =
            sizes.iter().enumerate().flat_map(|(at, one)| sizes.iter().skip(at + 1).map(move |other| (one, other)));
        pairs.map(|(one, other)| one.abs_diff(*other)).sum()
    }

    /// `maybeAssignPartition`: to the member that has least of those who can have it and, if asked for, are not far
    /// from it. Whether there was anybody.
    fn give_to_least(&mut self, partition: &TopicPartition, not_far: bool) -> bool {
        let fits = |place: &Place| {
            self.can_have(*place, &partition.topic) && !(not_far && self.rack_info.is_far(*place, partition))
        };
        let least = self.by_size.iter().map(|(_, _, place)| *place).find(fits);
        if let Some(place) = least {
            self.give(partition, place);
        }
        least.is_some()
    }

    fn give(&mut self, partition: &TopicPartition, place: Place) {
        let key = self.key(place);
        self.by_size.remove(&key);
        if let Some(assigned) = self.now.assignment.get_mut(place) {
            assigned.push(partition.clone());
        }
        self.now.owner.insert(partition.clone(), place);
        let key = self.key(place);
        self.by_size.insert(key);
    }

    /// Whether no member could get a partition of one that has at least two more.
    fn is_balanced(&self) -> bool {
        let (Some((least, _, _)), Some((most, _, _))) = (self.by_size.first(), self.by_size.last()) else {
            return true;
        };
        if *least + 1 >= *most {
            return true;
        }
        self.by_size.iter().all(|(count, _, place)| {
            if *count == self.max_size(*place) {
                return true;
            }
            let of_it = self.topics.get(*place).into_iter().flatten();
            let could_have = all_partitions(of_it.filter_map(|topic| Some((*topic, self.partitions.get(*topic)?))));
            !could_have
                .iter()
                .filter_map(|partition| self.now.owner.get(partition))
                .any(|owner| owner != place && *count + 1 < self.count(*owner))
        })
    }

    /// `performReassignments`: until no partition can be moved to make it more even. Whether any was.
    fn reassign(&mut self, candidates: &[TopicPartition]) -> bool {
        let mut any = false;
        loop {
            let mut is_modified = false;
            for partition in candidates {
                if self.is_balanced() {
                    break;
                }
                let Some(owner) = self.now.owner.get(partition).copied() else { continue };
                let has_many = |than: Place| self.count(owner) > self.count(than) + 1;
                let previous = self.previous.get(partition).map(|(place, _)| *place);
                let to = match previous.filter(|place| has_many(*place)) {
                    Some(previous) => Some(previous),
                    None => {
                        let mut readers = self.readers.get(&partition.topic).into_iter().flatten();
                        let can_help = readers.any(|other| has_many(*other));
                        let mut least = self.by_size.iter().map(|(_, _, place)| *place);
                        can_help.then(|| least.find(|place| self.can_have(*place, &partition.topic))).flatten()
                    }
                };
                if let Some(to) = to {
                    self.move_to(partition, owner, to);
                    is_modified = true;
                }
            }
            any |= is_modified;
            if !is_modified {
                return any;
            }
        }
    }

    fn move_to(&mut self, partition: &TopicPartition, owner: Place, to: Place) {
        let partition = self.movements.actual(partition, owner, to);
        let Some(from) = self.now.owner.get(&partition).copied() else { return };
        for place in [from, to] {
            let key = self.key(place);
            self.by_size.remove(&key);
        }
        self.movements.move_partition(&partition, from, to);
        if let Some(assigned) = self.now.assignment.get_mut(from) {
            remove_first(assigned, &partition);
        }
        if let Some(assigned) = self.now.assignment.get_mut(to) {
            assigned.push(partition.clone());
        }
        self.now.owner.insert(partition, to);
        for place in [from, to] {
            let key = self.key(place);
            self.by_size.insert(key);
        }
    }
}
