//! How many partitions a broker's coordinators count with. They count once, when the process has read the metadata log up to its own
//! registration (`GroupCoordinator.startup`, `TransactionCoordinator.startup`): what becomes of the topics later, they learn at the next start.

use super::{OFFSETS_TOPIC, TRANSACTION_STATE_TOPIC};
use crate::metadata::MetadataImage;
use crate::settings::BrokerSettings;

/// By how many partitions groups and transactional ids are spread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CoordinatorPartitions {
    /// Of `__consumer_offsets`.
    pub offsets: i32,
    /// Of `__transaction_state`.
    pub transaction_state: i32,
}

impl CoordinatorPartitions {
    /// What the topics have in an image; of one that is not there, what its settings say.
    pub fn count(image: &MetadataImage, settings: &BrokerSettings) -> Self {
        let count = |topic: &str, otherwise: i32| partitions_of(image, topic).unwrap_or(otherwise);
        Self {
            offsets: count(OFFSETS_TOPIC, settings.offsets_topic_num_partitions),
            transaction_state: count(TRANSACTION_STATE_TOPIC, settings.transaction_state_log_num_partitions),
        }
    }
}

/// How many partitions a topic has; none where it is not there.
pub fn partitions_of(image: &MetadataImage, topic: &str) -> Option<i32> {
    let topic = image.topic_ids.get(topic).and_then(|id| image.topics.get(id))?;
    Some(i32::try_from(topic.partitions.len()).unwrap_or(i32::MAX))
}
