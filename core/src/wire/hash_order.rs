//! In which order Kafka's hash maps give their keys back.
//!
//! Some orders that a client or the metadata log sees are those of a `java.util.HashMap` or a Scala `mutable.HashMap`:
//! the settings of a new topic, the partitions that a follower begins to fetch. Both maps spread a hash in the same way
//! over a table of a power of two, so the order follows from the keys alone.

use super::TopicPartition;

/// The table's size at first, and how full it becomes before it doubles.
const TABLE_SIZE: usize = 16;

/// `String.hashCode` of Java: over UTF-16 code units.
pub fn java_string_hash(text: &str) -> i32 {
    text.encode_utf16().fold(0i32, |hash, unit| hash.wrapping_mul(31).wrapping_add(i32::from(unit)))
}

/// `TopicPartition.hashCode`.
pub fn topic_partition_hash(partition: &TopicPartition) -> i32 {
    31i32.wrapping_add(partition.partition).wrapping_mul(31).wrapping_add(java_string_hash(&partition.topic))
}

/// Sorts keys as a hash map of so many keys gives them back; keys of one bucket keep their order.
pub fn sort_as_hash_map<T>(keys: &mut [T], hash: impl Fn(&T) -> i32) {
    let mut table = TABLE_SIZE;
    while keys.len() > table / 4 * 3 {
        table *= 2;
    }
    keys.sort_by_key(|key| {
        let hash = hash(key).cast_unsigned();
        (hash ^ (hash >> 16)) as usize & (table - 1)
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_come_as_kafka_wrote_them() {
        let mut names = ["message.timestamp.after.max.ms", "message.timestamp.before.max.ms"];
        sort_as_hash_map(&mut names, |name| java_string_hash(name));
        assert_eq!(names, ["message.timestamp.before.max.ms", "message.timestamp.after.max.ms"]);
    }

    #[test]
    fn partitions_come_as_a_follower_asked_for_them() {
        let mut partitions = [0, 1].map(|partition| TopicPartition { topic: "ar".into(), partition });
        sort_as_hash_map(&mut partitions, topic_partition_hash);
        assert_eq!(partitions.map(|each| each.partition), [1, 0]);
    }
}
