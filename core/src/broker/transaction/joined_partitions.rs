//! The partitions of a transaction, in the order in which they joined it.
//!
//! Kafka keeps them in a `java.util.HashSet`, whose buckets remember who came first: of two partitions in one bucket the one that
//! joined first is listed first (`TransactionMetadata.prepareAddPartitions`).

use std::collections::BTreeSet;

use crate::wire::TopicPartition;
use crate::wire::hash_order::{sort_as_hash_map, topic_partition_hash};

/// Partitions, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct JoinedPartitions(Vec<TopicPartition>);

impl JoinedPartitions {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a partition is in the transaction.
    pub fn contains(&self, partition: &TopicPartition) -> bool {
        self.0.contains(partition)
    }

    /// Whether all of these are in the transaction.
    pub fn contains_all(&self, partitions: &[TopicPartition]) -> bool {
        partitions.iter().all(|partition| self.contains(partition))
    }

    /// These and what one request adds, which Kafka hands over in a `java.util.HashSet`, too.
    pub fn with(&self, added: &[TopicPartition]) -> Self {
        let mut added = added.to_vec();
        sort_as_hash_map(&mut added, topic_partition_hash);
        let mut joined = self.clone();
        joined.extend(added);
        joined
    }

    /// Takes out what needs no marker any more.
    pub fn remove_all(&mut self, partitions: &BTreeSet<TopicPartition>) {
        self.0.retain(|partition| !partitions.contains(partition));
    }

    /// In the order in which they joined.
    pub fn iter(&self) -> impl Iterator<Item = &TopicPartition> {
        self.0.iter()
    }

    /// In the order in which Kafka lists them.
    pub fn listed(&self) -> Vec<&TopicPartition> {
        let mut listed: Vec<&TopicPartition> = self.0.iter().collect();
        sort_as_hash_map(&mut listed, |partition| topic_partition_hash(partition));
        listed
    }
}

impl FromIterator<TopicPartition> for JoinedPartitions {
    fn from_iter<T: IntoIterator<Item = TopicPartition>>(partitions: T) -> Self {
        let mut joined = Self::default();
        joined.extend(partitions);
        joined
    }
}

impl Extend<TopicPartition> for JoinedPartitions {
    fn extend<T: IntoIterator<Item = TopicPartition>>(&mut self, partitions: T) {
        for partition in partitions {
            if !self.contains(&partition) {
                self.0.push(partition);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_in_one_bucket_who_joined_first_is_listed_first() {
        // Both have the hash 4048.
        let [a, b] = [TopicPartition::new("a1", 1), TopicPartition::new("b1", 0)];
        assert_eq!(topic_partition_hash(&a), topic_partition_hash(&b));
        let one_by_one = |first: &TopicPartition, second: &TopicPartition| {
            JoinedPartitions::default().with(std::slice::from_ref(first)).with(std::slice::from_ref(second))
        };
        assert_eq!(one_by_one(&b, &a).listed(), [&b, &a]);
        assert_eq!(one_by_one(&a, &b).listed(), [&a, &b]);
        assert_eq!(one_by_one(&a, &b).with(std::slice::from_ref(&a)).listed(), [&a, &b]);
    }

    #[test]
    fn of_two_in_one_bucket_that_a_request_adds_the_first_named_is_listed_first() {
        // The hashes 1058 and 1074 end in one bucket.
        let [a, q] = [TopicPartition::new("a", 0), TopicPartition::new("q", 0)];
        assert_eq!(JoinedPartitions::default().with(&[q.clone(), a.clone()]).listed(), [&q, &a]);
        assert_eq!(JoinedPartitions::default().with(&[a.clone(), q.clone()]).listed(), [&a, &q]);
    }
}
