//! What a client knows of the cluster (`org.apache.kafka.clients.Metadata`): only what Metadata answers said, and the
//! leaders that answers to failed requests named (KIP-951).

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::assignor::PartitionRacks;
use crate::effects::{Effects, ExponentialBackoff, NodeLoad, Timer};
use crate::flat_map::FlatMap;
use crate::sim::Millis;
use crate::sim::random::Random;
use crate::sort::CollectOrdered;
use crate::wire::api::LeaderIdAndEpoch;
use crate::wire::metadata::{MetadataRequest, MetadataRequestTopic, MetadataResponse, MetadataResponseTopic};
use crate::wire::{ErrorCode, Request, Topic, TopicPartition, Uuid};

/// `retry.backoff.max.ms`.
const RETRY_BACKOFF_MAX_MS: Millis = 1_000;

/// How long to wait before an attempt after `failures` that failed (KIP-580).
pub(super) fn backoff_ms(retry_backoff_ms: Millis, failures: u32) -> Millis {
    let backoff = ExponentialBackoff { initial_ms: retry_backoff_ms, max_ms: RETRY_BACKOFF_MAX_MS };
    // Never nothing at all: a client that retries in no time would stop the clock.
    backoff.after(failures).max(1)
}

/// A topic as a client knows it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct KnownTopic {
    pub(super) id: Uuid,
    /// What was wrong with it, if anything; then it has no partitions.
    pub(super) error: ErrorCode,
    pub(super) partitions: FlatMap<i32, KnownPartition>,
    /// On which racks partitions have replicas, by their numbers. Those of which none is known are not in it.
    racks: Vec<(i32, Vec<String>)>,
}

impl KnownTopic {
    /// The leader of a partition, if one is known.
    fn leader(&self, partition: i32) -> Option<KnownLeader> {
        self.partitions.numbered(partition)?.current_leader()
    }
}

/// What a client knows of one partition after the other.
#[derive(Debug)]
pub(super) struct LookupByTopic<'a> {
    topics: &'a FlatMap<Topic, KnownTopic>,
    last: Option<(Topic, Option<&'a KnownTopic>)>,
}

impl<'a> LookupByTopic<'a> {
    fn topic(&mut self, name: &Topic) -> Option<&'a KnownTopic> {
        match &self.last {
            Some((last, known)) if Rc::ptr_eq(last, name) => *known,
            _ => {
                let known = self.topics.get(name);
                self.last = Some((name.clone(), known));
                known
            }
        }
    }

    /// The leader of a partition, if one is known.
    pub(super) fn leader(&mut self, partition: &TopicPartition) -> Option<KnownLeader> {
        self.topic(&partition.topic)?.leader(partition.partition)
    }

    /// The id of a partition's topic, zero where unknown.
    pub(super) fn topic_id(&mut self, partition: &TopicPartition) -> Uuid {
        self.topic(&partition.topic).map_or(Uuid::ZERO, |topic| topic.id)
    }
}

/// What a client knows of a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct KnownPartition {
    /// As the newest metadata has it.
    leader: KnownLeader,
    /// The newest leader epoch that it has heard of, from whomever (`lastSeenLeaderEpochs`).
    last_seen_epoch: i32,
}

impl KnownPartition {
    /// The leader, unless there is none, or there has been one since of whom the client knows the epoch alone
    /// (`Metadata.currentLeader`).
    pub(super) fn current_leader(self) -> Option<KnownLeader> {
        Some(self.leader).filter(|known| known.leader >= 0 && known.epoch == self.last_seen_epoch)
    }
}

/// The leader of a partition as a client knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct KnownLeader {
    /// -1 for none.
    pub(super) leader: i32,
    pub(super) epoch: i32,
}

/// A client's metadata, and when it asks for newer.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Metadata {
    bootstrap: Vec<i32>,
    brokers: BTreeSet<i32>,
    topics: FlatMap<Topic, KnownTopic>,
    /// Whose turn it is to be asked.
    cursor: u32,
    /// Whether an answer ever came.
    pub(super) is_known: bool,
    is_asked: bool,
    is_wanted: bool,
    /// Topics of which nothing was heard yet: they are asked for alone, where nothing else is wanted (`ProducerMetadata.newTopics`).
    new_topics: BTreeSet<Topic>,
    /// Whether one of them came after the last request (`needPartialUpdate`).
    wants_new_topics: bool,
    /// Whether the request that is under way is about new topics alone (`isPartialUpdate`).
    is_partial: bool,
    /// Answers and failures in a row that brought nothing new.
    failures: u32,
    not_before: Millis,
    expires_at: Option<Millis>,
    timer_at: Option<Millis>,
}

impl Metadata {
    /// Nothing known but where to ask first; clients begin at different brokers.
    pub(super) fn new(bootstrap: Vec<i32>, random: &mut Random) -> Self {
        let last = u64::try_from(bootstrap.len()).unwrap_or(0).saturating_sub(1);
        let cursor = u32::try_from(random.between(0, last)).unwrap_or(0);
        Self::empty(bootstrap, cursor)
    }

    fn empty(bootstrap: Vec<i32>, cursor: u32) -> Self {
        Self {
            bootstrap,
            brokers: BTreeSet::new(),
            topics: FlatMap::new(),
            cursor,
            is_known: false,
            is_asked: false,
            is_wanted: true,
            new_topics: BTreeSet::new(),
            wants_new_topics: false,
            is_partial: false,
            failures: 0,
            not_before: 0,
            expires_at: None,
            timer_at: None,
        }
    }

    /// Nothing known again, as in a process that starts anew.
    pub(super) fn forget(&mut self) {
        *self = Self::empty(std::mem::take(&mut self.bootstrap), self.cursor);
    }

    /// All that can be asked: the known brokers, and those of the bootstrap list that are not among them any more
    /// (`metadata.recovery.strategy=rebootstrap`).
    fn all_nodes(&self) -> BTreeSet<i32> {
        let mut all = self.brokers.clone();
        all.extend(&self.bootstrap);
        all
    }

    /// The same, from whose turn it is on.
    fn nodes_around(&self) -> Vec<i32> {
        let mut all: Vec<i32> = self.all_nodes().into_iter().collect();
        let turn = usize::try_from(self.cursor).ok().and_then(|cursor| cursor.checked_rem(all.len()));
        all.rotate_left(turn.unwrap_or(0));
        all
    }

    /// The next broker to ask something that any broker can answer: round all of them, but for those that are left alone for a while
    /// because they could not be reached (`NetworkClient.canConnect`).
    pub(super) fn next_node(&mut self, load: impl Fn(i32) -> NodeLoad) -> Option<i32> {
        let is_available = |node: i32| !matches!(load(node), NodeLoad::Unavailable { .. });
        let (passed, node) = (1u32..).zip(self.nodes_around()).find(|(_, node)| is_available(*node))?;
        self.cursor = self.cursor.wrapping_add(passed);
        Some(node)
    }

    /// A broker for what any broker can answer (`NetworkClient.leastLoadedNode`): of those whose connection is ready the one that has
    /// least to do, else one that is being connected to, else the one that has waited longest to be. Where Kafka begins to look at
    /// a random broker, this goes round.
    pub(super) fn least_loaded_node(&mut self, load: impl Fn(i32) -> NodeLoad) -> Option<i32> {
        let around = self.nodes_around();
        self.cursor = self.cursor.wrapping_add(1);
        let (mut ready, mut connecting, mut connectable) = (None, None, None);
        for node in around {
            match load(node) {
                // The first of several that are alike.
                NodeLoad::Ready { in_flight } if ready.is_none_or(|(least, _)| in_flight < least) => {
                    ready = Some((in_flight, node));
                }
                NodeLoad::Connecting => connecting = Some(node),
                NodeLoad::CanConnect { tried_at } if connectable.is_none_or(|(first, _)| tried_at < first) => {
                    connectable = Some((tried_at, node));
                }
                NodeLoad::Ready { .. } | NodeLoad::CanConnect { .. } | NodeLoad::Unavailable { .. } => {}
            }
        }
        ready.map(|(_, node)| node).or(connecting).or(connectable.map(|(_, node)| node))
    }

    /// When the first of all brokers may be asked again, where none may be now.
    pub(super) fn any_node_at(&self, load: impl Fn(i32) -> NodeLoad) -> Option<Millis> {
        let until = |node| match load(node) {
            NodeLoad::Unavailable { until } => Some(until),
            NodeLoad::Ready { .. } | NodeLoad::Connecting | NodeLoad::CanConnect { .. } => None,
        };
        self.all_nodes().into_iter().filter_map(until).min()
    }

    /// Something went wrong that newer metadata may mend.
    pub(super) fn want(&mut self) {
        self.is_wanted = true;
    }

    /// Something is not known. The answer that is under way, if one is, may have it.
    pub(super) fn need(&mut self) {
        self.is_wanted |= !self.is_asked;
    }

    /// A topic, or just more of it, is not known. One that is asked for for the first time does not wait for a backoff
    /// (`ProducerMetadata.requestUpdateForTopic`).
    pub(super) fn need_topic(&mut self, topic: &Topic) {
        if self.topics.contains_key(topic) {
            return self.need();
        }
        if self.new_topics.insert(topic.clone()) {
            self.wants_new_topics = true;
            self.not_before = 0;
            self.failures = 0;
        } else {
            self.wants_new_topics |= !self.is_asked;
        }
    }

    /// What the request is about: new topics alone, if it is.
    pub(super) fn asked_new_topics(&self) -> Option<&BTreeSet<Topic>> {
        self.is_partial.then_some(&self.new_topics)
    }

    /// Other topics are wanted: that does not wait for a backoff (`requestUpdateForNewTopics`).
    pub(super) fn want_new_topics(&mut self) {
        self.is_wanted = true;
        self.not_before = 0;
    }

    /// Asks for newer metadata if enough time has passed since the last. Whether some is still to come.
    pub(super) fn freshen(&mut self, now: Millis) -> bool {
        self.is_wanted |= !self.is_asked && self.not_before <= now;
        self.is_wanted || self.is_asked
    }

    /// Forgets topics that nobody wants to know of.
    pub(super) fn retain_topics(&mut self, is_wanted: impl Fn(&Topic) -> bool) {
        self.topics.retain(|name, _| is_wanted(name));
    }

    /// Whom to ask now, if it is time; else the client's own timer for this is set for when it will be.
    pub(super) fn ask(
        &mut self,
        timer: impl Into<Timer>,
        load: impl Fn(i32) -> NodeLoad,
        now: Millis,
        fx: &mut Effects,
    ) -> Option<i32> {
        if self.is_asked {
            return None;
        }
        let is_due = self.is_wanted || self.wants_new_topics;
        let mut due_at = if is_due { self.not_before } else { self.expires_at? };
        if due_at <= now {
            if let Some(node) = self.least_loaded_node(&load) {
                self.is_asked = true;
                self.is_partial = !self.is_wanted && self.expires_at.is_some_and(|expires_at| expires_at > now);
                self.is_wanted = false;
                self.wants_new_topics = false;
                return Some(node);
            }
            due_at = self.any_node_at(load)?;
        }
        if self.timer_at != Some(due_at) {
            self.timer_at = Some(due_at);
            fx.set_timer(timer, due_at);
        }
        None
    }

    /// The timer fired.
    pub(super) fn timer_fired(&mut self) {
        self.timer_at = None;
    }

    /// The request about these topics.
    pub(super) fn request(topics: impl IntoIterator<Item = Topic>) -> Request {
        let topics = topics.into_iter().map(|name| MetadataRequestTopic { name: Some(name), ..Default::default() });
        Request::Metadata(MetadataRequest { topics: Some(topics.collect()), ..MetadataRequest::default() })
    }

    /// The request or its answer got lost.
    pub(super) fn failed(&mut self, now: Millis, retry_backoff_ms: Millis) {
        self.is_asked = false;
        self.is_wanted |= !self.is_partial;
        self.wants_new_topics |= self.is_partial;
        self.not_before = now.saturating_add(backoff_ms(retry_backoff_ms, self.failures));
        self.failures = self.failures.saturating_add(1);
    }

    /// An answer came. Whether anything in it is new.
    pub(super) fn learn(
        &mut self,
        response: &MetadataResponse,
        now: Millis,
        retry_backoff_ms: Millis,
        max_age_ms: Millis,
    ) -> bool {
        let before = (self.brokers.clone(), self.topics.clone());
        self.is_asked = false;
        self.is_known = true;
        self.brokers = response.brokers.iter().map(|broker| broker.node_id).collect();
        let racks = response.brokers.iter().filter_map(|broker| Some((broker.node_id, broker.rack.as_deref()?)));
        let racks: Vec<(i32, &str)> = racks.collect();
        for topic in &response.topics {
            if let Some(name) = &topic.name {
                self.new_topics.remove(name);
            }
            self.learn_topic(topic, &racks);
        }
        let is_new = before != (self.brokers.clone(), self.topics.clone());
        self.not_before = now.saturating_add(backoff_ms(retry_backoff_ms, if is_new { 0 } else { self.failures }));
        self.failures = if is_new { 0 } else { self.failures.saturating_add(1) };
        if !self.is_partial {
            self.expires_at = Some(now.saturating_add(max_age_ms.max(backoff_ms(retry_backoff_ms, 0))));
        }
        is_new
    }

    fn learn_topic(&mut self, answer: &MetadataResponseTopic, racks: &[(i32, &str)]) {
        let Some(name) = answer.name.clone().or_else(|| self.topic_of(answer.topic_id)) else { return };
        let known = self.topics.entry(name).or_default();
        known.error = answer.error_code;
        if !answer.error_code.is_none() {
            known.partitions.clear();
            self.is_wanted |= answer.error_code.is_retriable();
            return;
        }
        if known.id != answer.topic_id {
            // Deleted and created again: what was known of the old one means nothing.
            known.id = answer.topic_id;
            known.partitions.clear();
        }
        let mut partitions = FlatMap::new();
        known.racks.clear();
        for each in &answer.partitions {
            let leader = KnownLeader { leader: each.leader_id, epoch: each.leader_epoch };
            let new = KnownPartition { leader, last_seen_epoch: each.leader_epoch };
            let old = known.partitions.get(&each.partition_index).copied();
            // The asked broker may know less than another said before (KIP-320).
            let newer = old.filter(|old| old.last_seen_epoch > new.last_seen_epoch);
            partitions.insert(each.partition_index, newer.unwrap_or(new));
            self.is_wanted |= each.error_code.is_retriable();
            let of_replicas = racks.iter().filter(|(node, _)| each.replica_nodes.contains(node));
            let mut of_replicas: Vec<String> = of_replicas.map(|(_, rack)| (*rack).to_owned()).collect();
            of_replicas.sort_unstable();
            of_replicas.dedup();
            if !of_replicas.is_empty() {
                known.racks.push((each.partition_index, of_replicas));
            }
        }
        known.partitions = partitions;
    }

    /// A broker that does not lead named who does (KIP-951). Whether that was news.
    pub(super) fn learn_leader(&mut self, partition: &TopicPartition, named: &LeaderIdAndEpoch) -> bool {
        let known =
            self.topics.get_mut(&partition.topic).and_then(|topic| topic.partitions.get_mut(&partition.partition));
        match known {
            Some(known) if named.leader_id >= 0 && named.leader_epoch > known.last_seen_epoch => {
                let leader = KnownLeader { leader: named.leader_id, epoch: named.leader_epoch };
                *known = KnownPartition { leader, last_seen_epoch: named.leader_epoch };
                self.brokers.insert(named.leader_id);
                true
            }
            _ => false,
        }
    }

    /// A leader epoch was heard of. If it is newer than what is known, newer metadata is asked for, and nobody counts as leader until it
    /// is there (`updateLastSeenEpochIfNewer`).
    pub(super) fn update_last_seen_epoch(&mut self, partition: &TopicPartition, epoch: i32) {
        let known =
            self.topics.get_mut(&partition.topic).and_then(|topic| topic.partitions.get_mut(&partition.partition));
        if let Some(known) = known.filter(|known| epoch > known.last_seen_epoch) {
            known.last_seen_epoch = epoch;
            self.is_wanted = true;
        }
    }

    /// A topic, once anything is known of it.
    pub(super) fn topic(&self, topic: &str) -> Option<&KnownTopic> {
        self.topics.get(topic)
    }

    /// The name of a topic.
    pub(super) fn topic_of(&self, id: Uuid) -> Option<Topic> {
        let named = |(_, topic): &(&Topic, &KnownTopic)| topic.id == id && id != Uuid::ZERO;
        self.topics.iter().find(named).map(|(name, _)| name.clone())
    }

    /// The id of a topic, zero where unknown.
    pub(super) fn id_of(&self, topic: &str) -> Uuid {
        self.topics.get(topic).map_or(Uuid::ZERO, |topic| topic.id)
    }

    /// The leader of a partition, if one is known.
    pub(super) fn leader(&self, partition: &TopicPartition) -> Option<KnownLeader> {
        self.topics.get(&partition.topic)?.leader(partition.partition)
    }

    /// Looks up partitions that stand by topic, as the keys of maps do: each topic once.
    pub(super) fn by_topic(&self) -> LookupByTopic<'_> {
        LookupByTopic { topics: &self.topics, last: None }
    }

    /// Whether a broker was in the last answer.
    pub(super) fn knows_broker(&self, node: i32) -> bool {
        self.brokers.contains(&node)
    }

    /// All partitions with their leaders.
    pub(super) fn leaders(&self) -> impl Iterator<Item = (TopicPartition, i32)> {
        self.topics.iter().flat_map(|(name, topic)| {
            topic
                .partitions
                .iter()
                .map(move |(index, known)| (TopicPartition::new(name.clone(), *index), known.leader.leader))
        })
    }

    /// On which racks partitions have replicas.
    pub(super) fn partition_racks(&self) -> PartitionRacks {
        let mut all = PartitionRacks::new();
        for (name, topic) in self.topics.iter() {
            for (index, racks) in &topic.racks {
                all.insert(TopicPartition::new(name.clone(), *index), racks.clone());
            }
        }
        all
    }

    /// How many partitions each topic has.
    pub(super) fn partition_counts(&self) -> BTreeMap<Topic, i32> {
        let count = |topic: &KnownTopic| i32::try_from(topic.partitions.len()).unwrap_or(i32::MAX);
        self.topics.iter().map(|(name, topic)| (name.clone(), count(topic))).collect_ordered()
    }
}

/// Whether an error says that a client's metadata is out of date (`InvalidMetadataException`).
pub(super) fn is_stale_metadata(error: ErrorCode) -> bool {
    matches!(
        error,
        ErrorCode::NotLeaderOrFollower
            | ErrorCode::LeaderNotAvailable
            | ErrorCode::UnknownTopicOrPartition
            | ErrorCode::ReplicaNotAvailable
            | ErrorCode::KafkaStorageError
            | ErrorCode::ListenerNotFound
            | ErrorCode::FencedLeaderEpoch
            | ErrorCode::UnknownLeaderEpoch
            | ErrorCode::UnknownTopicId
            | ErrorCode::InconsistentTopicId
            | ErrorCode::NetworkException
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::random::Purpose;

    #[test]
    fn the_least_loaded_node_is_ready_else_on_its_way_else_the_one_that_was_tried_longest_ago() {
        let mut metadata = Metadata::new(vec![1, 2, 3], &mut Random::for_purpose(1, Purpose::Actor(1)));
        let mut least = |loads: [NodeLoad; 3]| {
            metadata.least_loaded_node(|node| loads[usize::try_from(node - 1).expect("a place")])
        };
        let ready = |in_flight| NodeLoad::Ready { in_flight };
        let idle = |tried_at| NodeLoad::CanConnect { tried_at };
        let away = NodeLoad::Unavailable { until: 50 };
        // Wherever it begins to look.
        for _ in 0..3 {
            assert_eq!(least([ready(2), NodeLoad::Connecting, ready(1)]), Some(3));
            assert_eq!(least([idle(0), NodeLoad::Connecting, away]), Some(2));
            assert_eq!(least([idle(30), away, idle(20)]), Some(3));
            assert_eq!(least([away, away, away]), None);
        }
        let mut round = BTreeSet::new();
        for _ in 0..3 {
            round.extend(least([ready(0), ready(0), ready(0)]));
        }
        assert_eq!(round, BTreeSet::from([1, 2, 3]), "where all are alike it goes round");
        let loads = |node: i32| if node == 2 { NodeLoad::Unavailable { until: 40 } } else { away };
        assert_eq!(metadata.any_node_at(loads), Some(40));
    }
}
