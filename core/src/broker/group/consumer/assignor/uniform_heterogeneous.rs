//! `UniformAssignor` where members want different topics (`UniformHeterogeneousAssignmentBuilder`): what nobody has goes to those
//! who have least, and then partitions move from the most loaded to the least loaded, topic by topic.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use super::{GroupSpec, Partitions, TopicNumber};
use crate::sort::SharedSort;

/// So often all topics are gone through at most.
const MAX_ITERATION_COUNT: u32 = 16;

/// A member by its place.
type Place = usize;

struct Builder<'a> {
    group: &'a GroupSpec,
    subscribers: BTreeMap<TopicNumber, Vec<Place>>,
    owners: BTreeMap<TopicNumber, BTreeMap<i32, Place>>,
    assignments: Vec<Partitions>,
    loads: Vec<i64>,
}

pub(super) fn assign(group: &GroupSpec) -> Vec<Partitions> {
    let mut builder = Builder::new(group);
    if builder.subscribers.is_empty() {
        return vec![Partitions::new(); group.members.len()];
    }
    builder.keep_what_is_wanted();
    builder.assign_the_rest();
    builder.balance();
    builder.assignments
}

impl<'a> Builder<'a> {
    fn new(group: &'a GroupSpec) -> Self {
        let mut subscribers: BTreeMap<TopicNumber, Vec<Place>> = BTreeMap::new();
        for (place, member) in group.members.iter().enumerate() {
            for topic in &member.topics {
                subscribers.entry(*topic).or_default().push(place);
            }
        }
        let owners = subscribers.keys().map(|topic| (*topic, BTreeMap::new())).collect();
        let assignments = vec![Partitions::new(); group.members.len()];
        let loads = vec![0; group.members.len()];
        Self { group, subscribers, owners, assignments, loads }
    }

    fn load(&self, place: Place) -> i64 {
        self.loads.get(place).copied().unwrap_or(0)
    }

    fn keep_what_is_wanted(&mut self) {
        for (place, member) in self.group.members.iter().enumerate() {
            for (topic, partitions) in member.assignment.iter().filter(|(topic, _)| member.topics.contains(topic)) {
                for partition in partitions {
                    self.assign_partition(*topic, *partition, place);
                }
            }
        }
    }

    fn assign_partition(&mut self, topic: TopicNumber, partition: i32, to: Place) {
        let from = self.owners.entry(topic).or_default().insert(partition, to);
        if let Some(from) = from.filter(|from| *from != to)
            && let (Some(assignment), Some(load)) = (self.assignments.get_mut(from), self.loads.get_mut(from))
        {
            *load -= 1;
            if let Some(partitions) = assignment.get_mut(&topic) {
                partitions.remove(&partition);
            }
            assignment.retain(|_, partitions| !partitions.is_empty());
        }
        if from != Some(to)
            && let (Some(assignment), Some(load)) = (self.assignments.get_mut(to), self.loads.get_mut(to))
        {
            *load += 1;
            assignment.entry(topic).or_default().insert(partition);
        }
    }

    /// Topics with the most partitions a subscriber come first, then those with fewest subscribers.
    fn sorted(&self, topics: impl Iterator<Item = TopicNumber>) -> Vec<TopicNumber> {
        let mut topics: Vec<TopicNumber> = topics.collect();
        topics.shared_sort_by(|one, other| self.compare_topics(*one, *other));
        topics
    }

    fn compare_topics(&self, one: TopicNumber, other: TopicNumber) -> Ordering {
        let size = |topic: TopicNumber| {
            let subscribers = self.subscribers.get(&topic).map_or(1, Vec::len);
            (i64::from(self.group.partition_count(topic)), i64::try_from(subscribers).unwrap_or(i64::MAX))
        };
        let ((partitions, subscribers), (others, their_subscribers)) = (size(one), size(other));
        // Partitions a subscriber, compared without fractions.
        (others * subscribers)
            .cmp(&(partitions * their_subscribers))
            .then(subscribers.cmp(&their_subscribers))
            .then(one.cmp(&other))
    }

    fn assign_the_rest(&mut self) {
        let unassigned = |topic: &TopicNumber| -> Vec<i32> {
            let owned = self.owners.get(topic);
            let all = 0..self.group.partition_count(*topic);
            all.filter(|partition| owned.is_none_or(|owned| !owned.contains_key(partition))).collect()
        };
        let rest: BTreeMap<TopicNumber, Vec<i32>> = self
            .subscribers
            .keys()
            .map(|topic| (*topic, unassigned(topic)))
            .filter(|(_, rest)| !rest.is_empty())
            .collect();
        for topic in self.sorted(rest.keys().copied()) {
            let Some(mut balancer) = self.balancer(topic) else { continue };
            for partition in rest.get(&topic).into_iter().flatten() {
                let Some(to) = balancer.next_least_loaded(&self.loads) else { break };
                self.assign_partition(topic, *partition, to);
            }
        }
    }

    fn balancer(&self, topic: TopicNumber) -> Option<Balancer> {
        let mut members = self.subscribers.get(&topic)?.clone();
        members.shared_sort_by(|one, other| self.load(*one).cmp(&self.load(*other)).then(one.cmp(other)));
        let (least, most) = (self.load(*members.first()?), self.load(*members.last()?));
        Some(Balancer {
            least: Least { end: 0, level: least - 1, next: 0 },
            most: Most { start: members.len(), end: members.len(), level: most + 1, left: 0 },
            imbalance: most - least,
            members,
        })
    }

    fn balance(&mut self) {
        let shared = self.subscribers.iter().filter(|(_, members)| members.len() >= 2).map(|(topic, _)| *topic);
        let topics = self.sorted(shared.collect::<Vec<_>>().into_iter());
        let mut last_moved = None;
        for _ in 0..MAX_ITERATION_COUNT {
            for topic in &topics {
                if last_moved == Some(*topic) {
                    return;
                }
                if self.balance_topic(*topic) > 0 || last_moved.is_none() {
                    last_moved = Some(*topic);
                }
            }
        }
    }

    /// Moves partitions of a topic to those who have less. Gives back how many.
    fn balance_topic(&mut self, topic: TopicNumber) -> u32 {
        let Some(mut balancer) = self.balancer(topic) else { return 0 };
        if balancer.imbalance <= 1 {
            return 0;
        }
        let mut owned: BTreeMap<Place, BTreeSet<i32>> = BTreeMap::new();
        for (partition, owner) in self.owners.get(&topic).into_iter().flatten() {
            owned.entry(*owner).or_default().insert(*partition);
        }
        let mut moved = 0;
        while !balancer.is_balanced() {
            let has_any = |place: Place| owned.get(&place).is_some_and(|partitions| !partitions.is_empty());
            let Some(from) = balancer.next_most_loaded(&self.loads, has_any) else { break };
            let Some(partition) = owned.get_mut(&from).and_then(BTreeSet::pop_last) else { break };
            let Some(to) = balancer.next_least_loaded(&self.loads) else { break };
            if balancer.is_balanced() {
                break;
            }
            self.assign_partition(topic, partition, to);
            moved += 1;
        }
        moved
    }
}

/// The members that have least: from the front, up to `end`, all have `level` partitions or one more.
struct Least {
    end: usize,
    level: i64,
    next: usize,
}

/// The members that have most and can give up some: from `start` up to `end`; those behind have nothing to give.
struct Most {
    start: usize,
    end: usize,
    level: i64,
    /// How many of the range are still to be visited, from its front.
    left: usize,
}

/// Gives in turn the members of a topic that have least, and those that have most (`MemberAssignmentBalancer`).
struct Balancer {
    members: Vec<Place>,
    least: Least,
    most: Most,
    imbalance: i64,
}

impl Balancer {
    fn is_balanced(&self) -> bool {
        self.most.level - self.least.level <= 1
    }

    fn load_at(&self, at: usize, loads: &[i64]) -> Option<i64> {
        loads.get(*self.members.get(at)?).copied()
    }

    fn next_least_loaded(&mut self, loads: &[i64]) -> Option<Place> {
        if self.least.next >= self.least.end {
            self.least.level += 1;
            while self.load_at(self.least.end, loads) == Some(self.least.level) {
                self.least.end += 1;
            }
            self.least.next = 0;
        }
        let member = self.members.get(self.least.next).copied();
        self.least.next += 1;
        member
    }

    /// The next that has something to give; who has nothing is left out from then on.
    fn next_most_loaded(&mut self, loads: &[i64], has_any: impl Fn(Place) -> bool) -> Option<Place> {
        loop {
            if self.most.left == 0 {
                // An empty range would never reach the next members by going down one by one.
                match self.most.start.checked_sub(1).filter(|_| self.most.end <= self.most.start) {
                    Some(before) => self.most.level = self.load_at(before, loads)?,
                    None => self.most.level -= 1,
                }
                while let Some(before) = self.most.start.checked_sub(1)
                    && self.load_at(before, loads) == Some(self.most.level)
                {
                    self.most.start = before;
                }
                self.most.left = self.most.end.saturating_sub(self.most.start);
            }
            if self.most.left == 0 && self.most.start == 0 {
                return None;
            }
            let Some(at) = self.most.left.checked_sub(1).map(|left| self.most.start + left) else { continue };
            self.most.left -= 1;
            let member = *self.members.get(at)?;
            if has_any(member) {
                return Some(member);
            }
            self.most.end -= 1;
            self.members.swap(at, self.most.end);
        }
    }
}
