//! How many bytes a Produce request and the answer to a Fetch are on the wire: what quotas count.
//!
//! Flexible versions (Produce 9, Fetch 12) have lengths as varints, and a byte for tagged fields at the end of each structure.

use super::Uuid;
use super::record_json::PartitionRecords;
use super::replication::{PartitionData, PartitionProduceData, ProduceRequest};

/// From this version on a Produce request is flexible.
const FIRST_FLEXIBLE_PRODUCE: i16 = 9;
/// From this version on a Produce request names topics by id.
const FIRST_PRODUCE_WITH_TOPIC_IDS: i16 = 13;
/// From this version on the answer to a Fetch is flexible.
const FIRST_FLEXIBLE_FETCH: i16 = 12;
/// From this version on a Fetch names topics by id.
const FIRST_FETCH_WITH_TOPIC_IDS: i16 = 13;
/// A topic's id.
const UUID_BYTES: u32 = 16;

/// An unsigned varint.
fn varint(value: u32) -> u32 {
    (32 - (value | 1).leading_zeros()).div_ceil(7)
}

fn length(bytes: usize) -> u32 {
    u32::try_from(bytes).unwrap_or(u32::MAX)
}

/// The length of what follows: a varint of one more, or `fixed` bytes.
fn prefix(is_flexible: bool, length: u32, fixed: u32) -> u32 {
    if is_flexible { varint(length.saturating_add(1)) } else { fixed }
}

/// What a structure ends with.
fn tagged(is_flexible: bool) -> u32 {
    u32::from(is_flexible)
}

impl ProduceRequest {
    /// Its size with its header, in bytes (`RequestChannel.Request.sizeInBytes`).
    pub fn size_bytes(&self, version: i16, client_id: Option<&str>) -> u32 {
        let is_flexible = version >= FIRST_FLEXIBLE_PRODUCE;
        let text = |text: &str| prefix(is_flexible, length(text.len()), 2) + length(text.len());
        let array = |elements: usize| prefix(is_flexible, length(elements), 4);
        // Key, version, correlation id; the client id is never compact.
        let header = 8 + 2 + length(client_id.unwrap_or_default().len()) + tagged(is_flexible);
        let transactional_id = match &self.transactional_id {
            Some(id) => text(id),
            None if is_flexible => 1,
            None => 2,
        };
        let partition = |data: &PartitionProduceData| {
            let records = records_bytes(data.records.as_ref());
            4 + prefix(is_flexible, records, 4) + records + tagged(is_flexible)
        };
        let topics = self.topic_data.iter().map(|topic| {
            let name = if version >= FIRST_PRODUCE_WITH_TOPIC_IDS { UUID_BYTES } else { text(&topic.name) };
            let partitions: u32 = topic.partition_data.iter().map(partition).fold(0, u32::saturating_add);
            name.saturating_add(array(topic.partition_data.len()))
                .saturating_add(partitions)
                .saturating_add(tagged(is_flexible))
        });
        let body = transactional_id + 2 + 4 + array(self.topic_data.len()) + tagged(is_flexible);
        topics.fold(header + body, u32::saturating_add)
    }
}

fn records_bytes(records: Option<&PartitionRecords>) -> u32 {
    match records {
        Some(PartitionRecords::Batch(batch)) => batch.size_bytes(),
        Some(records) => {
            records.hand_made_batches().map(|batch| batch.to_batch(0).size_bytes()).fold(0, u32::saturating_add)
        }
        None => 0,
    }
}

/// The size of the answer to a Fetch as it stands before it is throttled, in bytes (`FetchResponse.sizeOf`). Each partition comes with
/// its topic and with how many bytes were read of it, which may be more than its whole batches.
pub fn fetch_response_bytes<'a>(
    version: i16,
    partitions: impl Iterator<Item = (Uuid, &'a str, &'a PartitionData, u32)>,
) -> u32 {
    let is_flexible = version >= FIRST_FLEXIBLE_FETCH;
    let mut size: u32 = 4 + 4 + 2 + 4;
    let (mut topics, mut in_topic) = (0_usize, 0_usize);
    let mut last: Option<(Uuid, &str)> = None;
    for (topic_id, name, data, bytes) in partitions {
        if last != Some((topic_id, name)) {
            size =
                size.saturating_add(prefix(is_flexible, length(in_topic), 4).saturating_mul(u32::from(last.is_some())));
            (topics, in_topic, last) = (topics + 1, 0, Some((topic_id, name)));
            let named = if version >= FIRST_FETCH_WITH_TOPIC_IDS {
                UUID_BYTES
            } else {
                prefix(is_flexible, length(name.len()), 2) + length(name.len())
            };
            size = size.saturating_add(named).saturating_add(tagged(is_flexible));
        }
        in_topic += 1;
        let aborted = data.aborted_transactions.len();
        let aborted =
            prefix(is_flexible, length(aborted), 4) + length(aborted).saturating_mul(16 + tagged(is_flexible));
        // Index, error, high watermark, last stable offset, log start offset, preferred replica.
        let partition = 4 + 2 + 8 + 8 + 8 + 4 + aborted + prefix(is_flexible, bytes, 4) + tagged(is_flexible);
        size = size.saturating_add(partition).saturating_add(bytes);
    }
    if last.is_some() {
        size = size.saturating_add(prefix(is_flexible, length(in_topic), 4));
    }
    size.saturating_add(prefix(is_flexible, length(topics), 4)).saturating_add(tagged(is_flexible))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::record_json::{HandMadeBatch, HandMadeRecord};
    use crate::wire::replication::TopicProduceData;

    /// The sizes that the throttle times of a real 4.3.1 tell: 20,053 ms for the first Produce, 36 ms for the fetch.
    #[test]
    fn sizes_are_those_of_the_wire() {
        let value = Some(crate::wire::records::Bytes::from("x".repeat(60_000).as_str()));
        let batch = HandMadeBatch {
            records: vec![HandMadeRecord { value, ..HandMadeRecord::default() }],
            ..HandMadeBatch::default()
        };
        let records = Some(PartitionRecords::One(batch));
        let topic = TopicProduceData {
            name: "q".into(),
            partition_data: vec![PartitionProduceData { index: 0, records }],
            ..TopicProduceData::default()
        };
        let request = ProduceRequest { topic_data: vec![topic], ..ProduceRequest::default() };
        assert_eq!(request.size_bytes(12, Some("q")), 60_105);
        let data = PartitionData::default();
        assert_eq!(fetch_response_bytes(17, [(Uuid(1), "", &data, 20_000)].into_iter()), 20_073);
        assert_eq!(fetch_response_bytes(17, std::iter::empty()), 4 + 12);
    }
}
