//! Results by topic, put together as the builders of Kafka's answers to offset requests do (`OffsetCommitResponse.Builder`,
//! `TxnOffsetCommitResponse.Builder`, `OffsetDeleteResponse.Builder`).

use crate::wire::group::{OffsetCommitResponseTopic, OffsetDeleteResponseTopic};
use crate::wire::transaction::TxnOffsetCommitResponseTopic;

/// The results of one topic.
pub(super) trait TopicResults {
    /// Whether both are of the same topic.
    fn is_of_same_topic(&self, other: &Self) -> bool;
    /// Takes the other's results behind its own.
    fn append(&mut self, other: Self);
}

impl TopicResults for OffsetCommitResponseTopic {
    fn is_of_same_topic(&self, other: &Self) -> bool {
        self.name == other.name && self.topic_id == other.topic_id
    }

    fn append(&mut self, other: Self) {
        self.partitions.extend(other.partitions);
    }
}

impl TopicResults for OffsetDeleteResponseTopic {
    fn is_of_same_topic(&self, other: &Self) -> bool {
        self.name == other.name
    }

    fn append(&mut self, other: Self) {
        self.partitions.extend(other.partitions);
    }
}

impl TopicResults for TxnOffsetCommitResponseTopic {
    fn is_of_same_topic(&self, other: &Self) -> bool {
        self.name == other.name
    }

    fn append(&mut self, other: Self) {
        self.partitions.extend(other.partitions);
    }
}

/// Adds results to those of the same topic (`Builder.addPartitions`).
pub(super) fn add<T: TopicResults>(topics: &mut Vec<T>, results: T) {
    match topics.iter_mut().find(|topic| topic.is_of_same_topic(&results)) {
        Some(topic) => topic.append(results),
        None => topics.push(results),
    }
}

/// What a broker refused, then what the coordinator answered to the rest (`Builder.merge`): where nothing was refused, topics
/// stand as they were named, one that was named twice twice.
pub(super) fn merge<T: TopicResults>(refused: Vec<T>, answered: Vec<T>) -> Vec<T> {
    if refused.is_empty() {
        return answered;
    }
    let mut topics = refused;
    answered.into_iter().for_each(|results| add(&mut topics, results));
    topics
}
