//! How a record finds its partition (`BuiltInPartitioner`).

use crate::sim::random::Random;

/// Kafka's murmur2 (`Utils.murmur2`), which every client must compute alike.
pub fn murmur2(bytes: &[u8]) -> i32 {
    const M: u32 = 0x5bd1_e995;
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    let (words, rest) = bytes.as_chunks::<4>();
    let mut hash = words.iter().fold(0x9747_b28c ^ length, |hash, word| {
        let mut k = u32::from_le_bytes(*word).wrapping_mul(M);
        k ^= k >> 24;
        hash.wrapping_mul(M) ^ k.wrapping_mul(M)
    });
    if !rest.is_empty() {
        hash = (0..).zip(rest).fold(hash, |hash, (at, byte)| hash ^ (u32::from(*byte) << (8 * at)));
        hash = hash.wrapping_mul(M);
    }
    hash ^= hash >> 13;
    hash = hash.wrapping_mul(M);
    (hash ^ (hash >> 15)).cast_signed()
}

/// A hash without its sign bit (`Utils.toPositive`): not its absolute value.
pub fn to_positive(hash: i32) -> i32 {
    hash & i32::MAX
}

/// The partition of a key among `partitions`. 0 where there are none.
pub fn partition_for_key(key: &[u8], partitions: i32) -> i32 {
    if partitions <= 0 { 0 } else { to_positive(murmur2(key)) % partitions }
}

/// The partitions of a topic as a client's metadata lists them (`MetadataSnapshot`): in the order of a `java.util.HashMap` of all
/// partitions that the client knows, of whatever topic. `known` is how many those are.
pub(super) fn in_metadata_order(topic: &str, partitions: impl Iterator<Item = i32>, known: u32) -> Vec<i32> {
    let of_topic = topic.encode_utf16().fold(0u32, |hash, unit| hash.wrapping_mul(31).wrapping_add(u32::from(unit)));
    // A table is made for `known` keys, and doubles where it is more than three quarters full.
    let made = known.max(1).next_power_of_two();
    let buckets = if known > made / 4 * 3 { made.saturating_mul(2) } else { made };
    let bucket = |partition: i32| {
        let hash = partition.cast_unsigned().wrapping_add(31).wrapping_mul(31).wrapping_add(of_topic);
        (hash ^ (hash >> 16)) & buckets.wrapping_sub(1)
    };
    let mut all: Vec<(u32, i32)> = partitions.map(|partition| (bucket(partition), partition)).collect();
    all.sort_unstable();
    all.into_iter().map(|(_, partition)| partition).collect()
}

/// The partition that records without a key stick to, until `batch.size` bytes have gone there (KIP-794).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Sticky {
    /// The partition.
    pub(super) partition: i32,
    /// Bytes that went there since it was chosen.
    bytes: u32,
}

impl Sticky {
    /// Chooses a partition among those that have a leader, each with the number of its batches that wait: the shorter
    /// its queue, the likelier. So a slow broker gets less (`partitioner.adaptive.partitioning.enable`).
    pub(super) fn draw(random: &mut Random, queues: &[(i32, u64)]) -> Option<Self> {
        let longest = queues.iter().map(|(_, waiting)| *waiting).max()?;
        let weight = |waiting: u64| longest - waiting + 1;
        let total: u64 = queues.iter().map(|(_, waiting)| weight(*waiting)).sum();
        let mut drawn = random.between(1, total);
        for (partition, waiting) in queues {
            if drawn <= weight(*waiting) {
                return Some(Self { partition: *partition, bytes: 0 });
            }
            drawn -= weight(*waiting);
        }
        None
    }

    /// Counts what was appended, and says whether it is time for another partition. While the last batch is not full a
    /// switch would leave it half empty, so it waits for that, but not beyond twice the size.
    pub(super) fn appended(&mut self, bytes: u32, batch_size: u32, is_last_batch_full: bool) -> bool {
        self.bytes = self.bytes.saturating_add(bytes);
        (self.bytes >= batch_size && is_last_batch_full) || self.bytes >= batch_size.saturating_mul(2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_vector_of_kafkas_murmur2() {
        let vectors: serde_json::Value =
            serde_json::from_str(include_str!("../../../tests/vectors/murmur2.json")).expect("JSON");
        let cases = vectors["cases"].as_array().expect("cases");
        assert_eq!(cases.len(), 47);
        for case in cases {
            let hex = case["key_hex"].as_str().expect("key_hex");
            let key: Vec<u8> = (0..hex.len())
                .step_by(2)
                .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).expect("hexadecimal"))
                .collect();
            assert_eq!(i64::from(murmur2(&key)), case["murmur2_signed_i32"], "{}", case["id"]);
            assert_eq!(i64::from(to_positive(murmur2(&key))), case["to_positive"], "{}", case["id"]);
            for (partitions, expected) in case["partition_for_num_partitions"].as_object().expect("partitions") {
                let partitions = partitions.parse().expect("a number");
                assert_eq!(i64::from(partition_for_key(&key, partitions)), *expected, "{}", case["id"]);
            }
        }
    }

    #[test]
    fn partitions_stand_as_in_the_metadata_of_a_real_producer() {
        // From the recording `producer-partitions-by-key`.
        assert_eq!(in_metadata_order("srr", 0..4, 4), [3, 1, 2, 0]);
        assert_eq!(in_metadata_order("srrk", 0..4, 4), [3, 2, 1, 0]);
        assert_eq!(in_metadata_order("t", std::iter::empty(), 0), [0; 0]);
    }

    #[test]
    fn a_longer_queue_is_chosen_less_often() {
        let mut random = Random::for_purpose(7, crate::sim::random::Purpose::Actor(1));
        let mut chosen = [0u32; 2];
        for _ in 0..1_000 {
            match Sticky::draw(&mut random, &[(0, 0), (1, 3)]) {
                Some(Sticky { partition: 0, .. }) => chosen[0] += 1,
                _ => chosen[1] += 1,
            }
        }
        // Weights 4 and 1.
        assert!((750..850).contains(&chosen[0]), "{chosen:?}");
        assert_eq!(Sticky::draw(&mut random, &[]), None);
    }
}
