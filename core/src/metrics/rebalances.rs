//! What the last rebalance of each group changed and what it cost: an onlooker writes down, from the steps of a run, what every
//! member had before it and has after it, and how long nobody read each partition.
//!
//! A partition is read by the consumer that last sent a fetch which names it. Nobody reads it from when that consumer lets it go
//! (it revokes it, is closed or dies) until a consumer of the group sends the next fetch for it. A consumer that lets nothing go,
//! because it has not heard of the rebalance, has stopped with its last fetch. Fetches that wait in a cut link do not count: no
//! broker has them.

use std::collections::{BTreeMap, BTreeSet};

use crate::actor::Actor;
use crate::change::Change;
use crate::client::Consumer;
use crate::cluster::Cluster;
use crate::sim::Millis;
use crate::step::{Position, Step};
use crate::wire::TopicPartition;

/// How many groups are remembered: where there are more, the one whose rebalance began first is forgotten.
const GROUPS_MAX: usize = 64;

/// The last rebalance of a group, under way or over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rebalance {
    /// After which move it began, at the coordinator.
    pub began_at: Position,
    /// When, in milliseconds.
    pub began_ms: Millis,
    /// When the group was stable, or empty, again, in milliseconds.
    pub ended_ms: Option<Millis>,
    /// The members, by id: of before, of after, or of both.
    pub members: Vec<MemberRebalance>,
    /// The partitions that nobody read for a while, by name.
    pub pauses: Vec<ReadingPause>,
}

impl Rebalance {
    /// How long it took at the coordinator, in milliseconds; none while it is under way.
    pub fn took_ms(&self) -> Option<Millis> {
        self.ended_ms.map(|ended_ms| ended_ms.saturating_sub(self.began_ms))
    }
}

/// What a rebalance made of a member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberRebalance {
    /// Its id.
    pub member: String,
    /// The consumer of this cluster that it was or is.
    pub consumer: Option<u32>,
    /// What it had before; none if it was no member.
    pub before: Option<Vec<TopicPartition>>,
    /// What it has after; none if it is no member any more, or the rebalance is under way.
    pub after: Option<Vec<TopicPartition>>,
}

impl MemberRebalance {
    fn only(of: Option<&Vec<TopicPartition>>, not_in: Option<&Vec<TopicPartition>>) -> Vec<TopicPartition> {
        let is_other = |each: &&TopicPartition| not_in.is_none_or(|other| !other.contains(each));
        of.into_iter().flatten().filter(is_other).cloned().collect()
    }

    /// What it had before and has no more.
    pub fn revoked(&self) -> Vec<TopicPartition> {
        Self::only(self.before.as_ref(), self.after.as_ref())
    }

    /// What it has and had not.
    pub fn gained(&self) -> Vec<TopicPartition> {
        Self::only(self.after.as_ref(), self.before.as_ref())
    }
}

/// How long nobody read a partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadingPause {
    /// Which.
    pub partition: TopicPartition,
    /// The consumer that read it before.
    pub from: u32,
    /// When that one stopped, in milliseconds.
    pub stopped_ms: Millis,
    /// The consumer that reads it now, and when it first asked for it, in milliseconds; none while nobody has.
    pub resumed: Option<(u32, Millis)>,
}

impl ReadingPause {
    /// How long it was, or has been until `now_ms`, in milliseconds.
    pub fn lasted_ms(&self, now_ms: Millis) -> Millis {
        self.resumed.map_or(now_ms, |(_, at)| at).saturating_sub(self.stopped_ms)
    }
}

/// What a member had when its group was last at rest.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Held {
    consumer: Option<u32>,
    partitions: Vec<TopicPartition>,
}

/// What is remembered of a group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct TrackedGroup {
    /// By member, when the group was last at rest.
    held: BTreeMap<String, Held>,
    rebalance: Option<Rebalance>,
    pauses: BTreeMap<TopicPartition, ReadingPause>,
    /// Who last sent a fetch for a partition, and when.
    readers: BTreeMap<TopicPartition, (u32, Millis)>,
}

/// The last rebalance of every group. Bounded by the groups, and of each by its members and the partitions that it reads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rebalances {
    groups: BTreeMap<String, TrackedGroup>,
    /// What each running consumer takes for its own.
    holdings: BTreeMap<u32, BTreeSet<TopicPartition>>,
}

impl Rebalances {
    /// What is so before the first step: groups at rest, and consumers that read what they have.
    pub fn at_start(cluster: &Cluster) -> Self {
        let mut start = Self::default();
        for (node, broker) in cluster.nodes().filter_map(|node| Some((node.config.id, node.broker.as_ref()?))) {
            for group in broker.groups.groups().filter(|group| is_at_rest(group.state_name())) {
                let tracked = start.groups.entry(group.id().to_owned()).or_default();
                tracked.held = held_at(cluster, Some(Actor::Node(node)), group.id());
            }
        }
        for consumer in cluster.consumers().filter(|consumer| consumer.is_running()) {
            let tracked = start.groups.entry(consumer.group().to_owned()).or_default();
            let holds: BTreeSet<TopicPartition> =
                consumer.assigned().map(|(partition, _, _)| partition.clone()).collect();
            for (partition, position, _) in consumer.assigned() {
                if position.is_some() {
                    tracked.readers.insert(partition.clone(), (consumer.number(), cluster.now()));
                }
            }
            start.holdings.insert(consumer.number(), holds);
        }
        start
    }

    /// The last rebalance of a group.
    pub fn of(&self, group: &str) -> Option<Rebalance> {
        let tracked = self.groups.get(group)?;
        let rebalance = tracked.rebalance.clone()?;
        Some(Rebalance { pauses: tracked.pauses.values().cloned().collect(), ..rebalance })
    }

    /// Looks at a step that led to this cluster.
    pub fn observe(&mut self, cluster: &Cluster, step: &Step) {
        if let Some(Actor::Consumer(number)) = step.actor {
            self.observe_consumer(cluster, number, step.at_ms);
        }
        for change in &step.changes {
            match change {
                Change::ConsumerCrashed { consumer } | Change::ConsumerClosed { consumer } => {
                    self.observe_consumer(cluster, *consumer, step.at_ms);
                }
                Change::GroupStateChanged { group, from, to, .. } => {
                    self.group_changed(cluster, step, group, (from, to));
                }
                // It began and ended in this one step.
                Change::GroupEpochBumped { group, state, .. } => {
                    self.group_changed(cluster, step, group, (state, state));
                }
                _ => {}
            }
        }
    }

    fn observe_consumer(&mut self, cluster: &Cluster, number: u32, now_ms: Millis) {
        let Some(consumer) = cluster.consumer(number) else { return };
        let is_known = self.holdings.contains_key(&number);
        let holds = || consumer.assigned().filter(|_| consumer.is_running()).map(|(partition, _, _)| partition);
        if !is_known && holds().next().is_none() {
            return;
        }
        let known = self.holdings.entry(number).or_default();
        let has_changed = !holds().eq(known.iter());
        let tracked = self.groups.entry(consumer.group().to_owned()).or_default();
        if has_changed {
            let now: BTreeSet<TopicPartition> = holds().cloned().collect();
            for lost in known.difference(&now) {
                tracked.let_go(lost, number, now_ms);
            }
            *known = now;
        }
        // A fetch of this millisecond may be older than the revocation of what it names.
        for fetched in consumer.fetches_sent_at(now_ms).filter(|each| known.contains(*each)) {
            tracked.fetched(fetched.clone(), number, now_ms);
        }
        self.forget_oldest();
    }

    fn group_changed(&mut self, cluster: &Cluster, step: &Step, group: &str, (from, to): (&str, &str)) {
        if to == DEAD {
            return;
        }
        let tracked = self.groups.entry(group.to_owned()).or_default();
        if is_at_rest(from) {
            tracked.begin(step);
        }
        if is_at_rest(to) {
            tracked.end(held_at(cluster, step.actor, group), step.at_ms);
        }
        self.forget_oldest();
    }

    fn forget_oldest(&mut self) {
        if self.groups.len() > GROUPS_MAX {
            let began = |tracked: &TrackedGroup| tracked.rebalance.as_ref().map(|rebalance| rebalance.began_at);
            let oldest = self.groups.iter().min_by_key(|(_, tracked)| began(tracked)).map(|(group, _)| group.clone());
            oldest.map(|group| self.groups.remove(&group));
        }
    }
}

/// The state of a group that is gone, or whose coordinator has moved.
const DEAD: &str = "Dead";

/// Whether a group is not in a rebalance.
fn is_at_rest(state: &str) -> bool {
    matches!(state, "Stable" | "Empty" | DEAD)
}

impl TrackedGroup {
    fn begin(&mut self, step: &Step) {
        let members = self.held.iter().map(|(member, held)| MemberRebalance {
            member: member.clone(),
            consumer: held.consumer,
            before: Some(held.partitions.clone()),
            after: None,
        });
        self.rebalance = Some(Rebalance {
            began_at: step.index,
            began_ms: step.at_ms,
            ended_ms: None,
            members: members.collect(),
            pauses: Vec::new(),
        });
        // What nobody reads yet since somebody stopped before, this rebalance may end.
        self.pauses.retain(|_, pause| pause.resumed.is_none());
    }

    fn end(&mut self, now: BTreeMap<String, Held>, now_ms: Millis) {
        if let Some(rebalance) = &mut self.rebalance {
            rebalance.ended_ms = Some(now_ms);
            let names: BTreeSet<&String> = self.held.keys().chain(now.keys()).collect();
            let member = |name: &String| {
                let (before, after) = (self.held.get(name), now.get(name));
                MemberRebalance {
                    member: name.clone(),
                    consumer: after.or(before).and_then(|held| held.consumer),
                    before: before.map(|held| held.partitions.clone()),
                    after: after.map(|held| held.partitions.clone()),
                }
            };
            rebalance.members = names.into_iter().map(member).collect();
        }
        self.held = now;
    }

    /// A consumer takes a partition for its own no more.
    fn let_go(&mut self, partition: &TopicPartition, number: u32, now_ms: Millis) {
        if self.readers.get(partition).is_some_and(|(reader, _)| *reader == number) {
            let pause = ReadingPause { partition: partition.clone(), from: number, stopped_ms: now_ms, resumed: None };
            self.readers.remove(partition);
            self.pauses.insert(partition.clone(), pause);
        }
    }

    /// A consumer has sent a fetch for a partition.
    fn fetched(&mut self, partition: TopicPartition, number: u32, now_ms: Millis) {
        let last = self.readers.insert(partition.clone(), (number, now_ms));
        if let Some(pause) = self.pauses.get_mut(&partition).filter(|pause| pause.resumed.is_none()) {
            pause.resumed = Some((number, now_ms));
            return;
        }
        // The last one has not let it go.
        if let Some((from, stopped_ms)) = last.filter(|(reader, _)| *reader != number) {
            let is_back = self.pauses.get(&partition).is_some_and(|pause| pause.from == number);
            if !is_back {
                let resumed = Some((number, now_ms));
                self.pauses.insert(partition.clone(), ReadingPause { partition, from, stopped_ms, resumed });
            }
        }
    }
}

/// What the members of a group have, at its coordinator.
fn held_at(cluster: &Cluster, coordinator: Option<Actor>, group: &str) -> BTreeMap<String, Held> {
    let Some(Actor::Node(id)) = coordinator else { return BTreeMap::new() };
    let Some(broker) = cluster.node(id).and_then(|node| node.broker.as_ref()) else { return BTreeMap::new() };
    let views = broker.groups.views(id, &broker.image).into_iter().filter(|view| view.group == group);
    let own = |member: &str| {
        let mut consumers = cluster.consumers().filter(|consumer| consumer.group() == group);
        consumers.find(|consumer| consumer.member_id() == member).map(Consumer::number)
    };
    views
        .flat_map(|view| view.assignments)
        .map(|member| {
            let held = Held { consumer: own(&member.member), partitions: member.assigned };
            (member.member, held)
        })
        .collect()
}
