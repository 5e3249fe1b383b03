//! In which order Kafka's hash maps give their keys back.
//!
//! Some orders that a client or the metadata log sees are those of a `java.util.HashMap` or a Scala `mutable.HashMap`:
//! the settings of a new topic, the partitions that a follower begins to fetch. Both maps spread a hash in the same way
//! over a table of a power of two, so the order follows from the keys alone; Scala's table doubles one key earlier.

use std::collections::BTreeMap;

use super::ids::{TopicIdPartition, Uuid};
use super::{Topic, TopicPartition};
use crate::sort::SharedSort;

/// The table's size at first, and how full it becomes before it doubles.
const TABLE_SIZE: usize = 16;

/// `String.hashCode` of Java: over UTF-16 code units.
pub fn java_string_hash(text: &str) -> i32 {
    text.encode_utf16().fold(0i32, |hash, unit| hash.wrapping_mul(31).wrapping_add(i32::from(unit)))
}

/// `Long.hashCode` of Java.
pub fn java_long_hash(value: i64) -> i32 {
    let bits = value.cast_unsigned();
    ((bits ^ (bits >> 32)) as u32).cast_signed()
}

/// `TopicPartition.hashCode`.
pub fn topic_partition_hash(partition: &TopicPartition) -> i32 {
    31i32.wrapping_add(partition.partition).wrapping_mul(31).wrapping_add(java_string_hash(&partition.topic))
}

/// `Uuid.hashCode`.
pub fn uuid_hash(id: Uuid) -> i32 {
    let halves = (id.0 >> 64) as u64 ^ id.0 as u64;
    java_long_hash(halves.cast_signed())
}

/// `TopicIdPartition.hashCode`, which is that of a record of both.
pub fn topic_id_partition_hash(id: &TopicIdPartition) -> i32 {
    uuid_hash(id.topic_id).wrapping_mul(31).wrapping_add(id.partition)
}

/// What stays of elements that are put into a map by their keys: the last of each key, where its first stood.
pub fn last_of_each<T: Copy, K: PartialEq>(elements: impl Iterator<Item = T>, key: impl Fn(T) -> K) -> Vec<T> {
    let mut last: Vec<T> = Vec::new();
    for element in elements {
        match last.iter_mut().find(|known| key(**known) == key(element)) {
            Some(known) => *known = element,
            None => last.push(element),
        }
    }
    last
}

/// Sorts keys as a `java.util.HashMap` of these keys gives them back; keys of one bucket keep their order.
pub fn sort_as_hash_map<T>(keys: &mut [T], hash: impl Fn(&T) -> i32) {
    sort_as_hash_map_of_size(keys, TABLE_SIZE, hash);
}

/// The same of a map that was made for `size` keys (`new HashMap<>(size)`): its table may be smaller at first.
pub fn sort_as_hash_map_of_size<T>(keys: &mut [T], size: usize, hash: impl Fn(&T) -> i32) {
    let mut table = size.max(1).next_power_of_two();
    while keys.len() > table * 3 / 4 {
        table *= 2;
    }
    keys.shared_sort_by_key(|key| spread(hash(key)) as usize & (table - 1));
}

/// Sorts keys as a `java.util.HashSet` gives them back that was made of a list of them (`new HashSet<>(list)`): its table has room
/// for the whole list from the beginning.
pub fn sort_as_hash_set_of<T>(keys: &mut [T], hash: impl Fn(&T) -> i32) {
    // Math.max((int) (size / .75f) + 1, 16).
    sort_as_hash_map_of_size(keys, (keys.len() * 4 / 3 + 1).max(TABLE_SIZE), hash);
}

/// Sorts keys as a `java.util.concurrent.ConcurrentHashMap` of these keys gives them back. Its table doubles as soon as
/// three quarters of it are taken, one key before that of a `HashMap`.
pub fn sort_as_concurrent_hash_map<T>(keys: &mut [T], hash: impl Fn(&T) -> i32) {
    let table = eager_table(keys.len());
    keys.shared_sort_by_key(|key| spread(hash(key)) as usize & (table - 1));
}

/// How large the table is of a map that doubles it one key earlier than a `HashMap` does.
fn eager_table(keys: usize) -> usize {
    let mut table = TABLE_SIZE;
    while keys >= table / 4 * 3 {
        table *= 2;
    }
    table
}

/// Sorts keys as a Scala `mutable.HashMap` of these keys gives them back; within a bucket they stand by their hash.
pub fn sort_as_scala_hash_map<T>(keys: &mut [T], hash: impl Fn(&T) -> i32) {
    let table = eager_table(keys.len());
    let place = |key: &T| {
        let hash = spread(hash(key));
        (hash as usize & (table - 1), hash.cast_signed())
    };
    keys.shared_sort_by_key(place);
}

/// Lists what an answer says of partitions as `KafkaApis` does that kept it in a `mutable.HashMap` by partition and then
/// grouped it by topic. Of a partition that is named twice the last word counts.
pub fn group_by_topic<T>(said: Vec<(TopicPartition, T)>) -> Vec<(Topic, Vec<T>)> {
    let mut by_partition: Vec<(TopicPartition, T)> = Vec::new();
    for (partition, what) in said {
        match by_partition.iter_mut().find(|(known, _)| *known == partition) {
            Some((_, known)) => *known = what,
            None => by_partition.push((partition, what)),
        }
    }
    let in_table = |partitions: &mut Vec<(TopicPartition, T)>| {
        sort_as_scala_hash_map(partitions, |(partition, _)| topic_partition_hash(partition));
    };
    in_table(&mut by_partition);
    let mut topics: Vec<(Topic, Vec<(TopicPartition, T)>)> = Vec::new();
    for (partition, what) in by_partition {
        match topics.iter_mut().find(|(topic, _)| *topic == partition.topic) {
            Some((_, partitions)) => partitions.push((partition, what)),
            None => topics.push((partition.topic.clone(), vec![(partition, what)])),
        }
    }
    let topics = sort_as_immutable_hash_map(topics, |(topic, _)| java_string_hash(topic));
    let ungrouped = topics.into_iter().map(|(topic, mut partitions)| {
        in_table(&mut partitions);
        (topic, partitions.into_iter().map(|(_, what)| what).collect())
    });
    ungrouped.collect()
}

/// Sorts numbers as a `java.util.HashMap` gives them back that was copied from one of `copied` keys
/// (`new HashMap<>(map)`), lost some, and was then given others: its table is as large as the copied map needed, which
/// may be smaller than a new one.
pub fn sort_as_copied_hash_map(keys: &mut [i32], copied: usize) {
    // `putMapEntries`: (int) (size / 0.75f + 1.0f).
    sort_as_hash_map_of_size(keys, copied * 4 / 3 + 1, |key| *key);
}

/// The keys of a `TimelineHashMap` (`BaseHashTable`): its table begins with two slots, spreads hashes after Fibonacci, never becomes
/// smaller, and of one slot gives the youngest first.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TimelineKeys<T> {
    table: Vec<Vec<T>>,
    size: usize,
}

impl<T> Default for TimelineKeys<T> {
    fn default() -> Self {
        Self { table: vec![Vec::new(), Vec::new()], size: 0 }
    }
}

impl<T: PartialEq> TimelineKeys<T> {
    /// Puts a key in; one that is there stays where it is. Whether it is new.
    pub fn insert(&mut self, key: T, hash: impl Fn(&T) -> i32) -> bool {
        if (self.size + 1) * 3 > self.table.len() * 4 {
            let slots = self.table.len() * 2;
            let mut larger: Vec<Vec<T>> = std::iter::repeat_with(Vec::new).take(slots).collect();
            for key in std::mem::take(&mut self.table).into_iter().flatten() {
                let slot = timeline_slot(hash(&key), slots);
                larger[slot].push(key);
            }
            self.table = larger;
        }
        let slot = timeline_slot(hash(&key), self.table.len());
        if self.table[slot].contains(&key) {
            return false;
        }
        self.table[slot].push(key);
        self.size += 1;
        true
    }

    /// Takes a key out.
    pub fn remove(&mut self, key: &T, hash: impl Fn(&T) -> i32) {
        let slot = timeline_slot(hash(key), self.table.len());
        let before = self.table[slot].len();
        self.table[slot].retain(|known| known != key);
        self.size -= before - self.table[slot].len();
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.size == 0
    }

    /// The keys, in the map's order.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.table.iter().flat_map(|slot| slot.iter().rev())
    }
}

fn timeline_slot(hash: i32, slots: usize) -> usize {
    let hash = i64::from(hash).wrapping_mul(-7_046_029_254_386_353_131).cast_unsigned();
    (hash >> (64 - slots.trailing_zeros())) as usize
}

/// Keys, put in one after another, as a `TimelineHashMap` gives them back ([`TimelineKeys`]).
pub fn in_timeline_map_order<T: PartialEq>(
    keys: impl IntoIterator<Item = T>,
    hash: impl Fn(&T) -> i32,
) -> impl Iterator<Item = T> {
    let mut map = TimelineKeys::default();
    for key in keys {
        map.insert(key, &hash);
    }
    map.table.into_iter().flat_map(|slot| slot.into_iter().rev())
}

/// How both maps spread a hash over their table.
fn spread(hash: i32) -> u32 {
    let hash = hash.cast_unsigned();
    hash ^ (hash >> 16)
}

/// Sorts keys as Scala's `immutable.HashMap` gives them back, which is what `groupBy` makes: at each node of its trie first
/// the keys that are alone in their slot, then the sub-tries, five bits of the hash a level.
pub fn sort_as_immutable_hash_map<T>(keys: Vec<T>, hash: impl Fn(&T) -> i32) -> Vec<T> {
    let mut sorted = Vec::with_capacity(keys.len());
    let hashed = keys.into_iter().map(|key| (improve(hash(&key)), key)).collect();
    walk_trie(hashed, 0, &mut sorted);
    sorted
}

/// Distinct keys as Scala's `immutable.Set` gives them back: up to four of them as they came, more as a hash set does.
pub fn sort_as_immutable_set<T>(keys: Vec<T>, hash: impl Fn(&T) -> i32) -> Vec<T> {
    if keys.len() <= SMALL_SET_MAX { keys } else { sort_as_immutable_hash_map(keys, hash) }
}

/// The most keys that Scala's `immutable.Set` keeps in a class of their own number (`Set4`).
pub const SMALL_SET_MAX: usize = 4;

/// `scala.collection.Hashing.improve`.
fn improve(hash: i32) -> u32 {
    let mut hash = hash.cast_unsigned();
    hash = hash.wrapping_add(!(hash << 9));
    hash ^= hash >> 14;
    hash = hash.wrapping_add(hash << 4);
    hash ^ (hash >> 10)
}

fn walk_trie<T>(keys: Vec<(u32, T)>, shift: u32, sorted: &mut Vec<T>) {
    let mut slots: BTreeMap<u32, Vec<(u32, T)>> = BTreeMap::new();
    for (hash, key) in keys {
        // Keys of one hash end in one node together.
        slots.entry(hash.checked_shr(shift).unwrap_or(0) & 31).or_default().push((hash, key));
    }
    let mut tries = Vec::new();
    for slot in slots.into_values() {
        if slot.len() == 1 || shift >= u32::BITS {
            sorted.extend(slot.into_iter().map(|(_, key)| key));
        } else {
            tries.push(slot);
        }
    }
    for trie in tries {
        walk_trie(trie, shift + 5, sorted);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timeline_map_gives_the_youngest_of_its_first_slot() {
        let first = |count: i32| in_timeline_map_order(0..count, |key| *key).next();
        assert_eq!([0, 1, 2, 3, 5].map(first), [None, Some(0), Some(0), Some(2), Some(2)]);
    }

    #[test]
    fn a_timeline_map_lists_topics_as_an_election_of_all_answers() {
        let listed = in_timeline_map_order(["a", "c", "nope"], |name| java_string_hash(name));
        assert!(listed.eq(["nope", "c", "a"]));
    }

    #[test]
    fn a_copied_map_keeps_the_table_that_the_copy_needed() {
        // As ConsumerGroupHeartbeat told a member that kept 5 and gained the others, and then lost 5 and 6.
        let mut gained = [5, 6, 7, 8, 9];
        sort_as_copied_hash_map(&mut gained, 1);
        assert_eq!(gained, [8, 9, 5, 6, 7]);
        let mut kept = [7, 8, 9];
        sort_as_copied_hash_map(&mut kept, 5);
        assert_eq!(kept, [8, 9, 7]);
    }

    #[test]
    fn settings_come_as_kafka_wrote_them() {
        let mut names = ["message.timestamp.after.max.ms", "message.timestamp.before.max.ms"];
        sort_as_hash_map(&mut names, |name| java_string_hash(name));
        assert_eq!(names, ["message.timestamp.before.max.ms", "message.timestamp.after.max.ms"]);
    }

    #[test]
    fn the_table_of_scala_doubles_one_key_earlier() {
        // DescribeConfigs of the default broker tells eleven settings by a table of 16, and twelve by one of 32.
        let keys = || (0..12).map(|number| 31 * (number % 6) + number / 6 * 16).collect::<Vec<i32>>();
        let (mut java, mut scala) = (keys(), keys());
        sort_as_hash_map(&mut java, |key| *key);
        sort_as_scala_hash_map(&mut scala, |key| *key);
        assert!(java.is_sorted_by_key(|key| key & 15) && !java.is_sorted_by_key(|key| key & 31));
        assert!(scala.is_sorted_by_key(|key| key & 31));
    }

    #[test]
    fn answers_are_grouped_as_kafka_listed_them() {
        // As DeleteRecords answered in requests-list-offsets-and-delete-records.
        let said = ["led2b", "nosuch"].map(|topic| (TopicPartition { topic: topic.into(), partition: 0 }, topic));
        let listed = group_by_topic(said.to_vec());
        assert_eq!(listed, [("nosuch".into(), vec!["nosuch"]), ("led2b".into(), vec!["led2b"])]);
        let twice = vec![(TopicPartition::new("a", 1), "first"), (TopicPartition::new("a", 1), "last")];
        assert_eq!(group_by_topic(twice), [("a".into(), vec!["last"])]);
    }

    #[test]
    fn proposals_wait_in_the_order_of_their_topic_ids() {
        // As a leader of a real Kafka 4.3.1 sent them once a follower of all of these was back: `x`, `y` and `z`.
        let ids = ["vLn75PlHRO65kRPqMN4ldw", "vvJ0GnWtSNCRC7i3U2m09Q", "s-h2gxt9S-W9KA0d6vQRgw"];
        let [x, y, z] = ids.map(|id| Uuid::parse(id).unwrap());
        let of = |topic_id: Uuid, count: i32| (0..count).map(move |partition| TopicIdPartition { topic_id, partition });
        let mut waiting: Vec<TopicIdPartition> = of(x, 5).chain(of(y, 4)).chain(of(z, 3)).collect();
        sort_as_concurrent_hash_map(&mut waiting, topic_id_partition_hash);
        let listed = |topic: Uuid| waiting.iter().filter(|id| id.topic_id == topic).map(|id| id.partition).collect();
        let listed: [Vec<i32>; 3] = [x, y, z].map(listed);
        assert_eq!(listed, [vec![4, 3, 2, 1, 0], vec![0, 1, 2, 3], vec![2, 1, 0]]);
        assert_eq!(sort_as_immutable_hash_map(vec![x, y, z], |id| uuid_hash(*id)), [x, z, y]);
    }

    #[test]
    fn partitions_come_as_a_follower_asked_for_them() {
        let mut partitions = [0, 1].map(|partition| TopicPartition { topic: "ar".into(), partition });
        sort_as_hash_map(&mut partitions, topic_partition_hash);
        assert_eq!(partitions.map(|each| each.partition), [1, 0]);
    }
}
