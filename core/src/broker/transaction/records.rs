//! The records of `__transaction_state` in Kafka's own bytes (`TransactionLogKey`, `TransactionLogValue`, `TransactionLog`).

use super::joined_partitions::JoinedPartitions;
use super::metadata::TxnTransitMetadata;
use super::state::{TransactionState, TransactionVersion};
use crate::wire::binary::{Reader, put_compact_text, put_length, put_text, put_unsigned_varint};
use crate::wire::hash_order::{java_string_hash, sort_as_hash_map};
use crate::wire::records::{Bytes, NO_PRODUCER_EPOCH, NO_PRODUCER_ID, Record};
use crate::wire::{Topic, TopicPartition};

/// The type of a key that names a transactional id (`CoordinatorRecordType.TRANSACTION_LOG`).
const TRANSACTION_LOG: i16 = 0;
/// The first version of a value with tagged fields.
const FIRST_FLEXIBLE_VERSION: i16 = 1;
/// The tags of such fields.
const PREVIOUS_PRODUCER_ID_TAG: u32 = 0;
const NEXT_PRODUCER_ID_TAG: u32 = 1;
const CLIENT_TRANSACTION_VERSION_TAG: u32 = 2;

/// What a record of `__transaction_state` says: an id, and what is known of it; a tombstone says that it is forgotten.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TransactionLogRecord {
    pub(crate) transactional_id: String,
    pub(crate) value: Option<TransactionLogValue>,
}

/// A value, and the version that it was written in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TransactionLogValue {
    pub(crate) version: i16,
    pub(crate) metadata: TxnTransitMetadata,
    /// The partitions as they are listed, topic by topic; none where the state has none.
    pub(crate) partitions: Option<Vec<(Topic, Vec<i32>)>>,
}

/// Partitions in the order of the sets and maps that Kafka keeps them in: by topic.
pub(crate) fn by_topic(partitions: &JoinedPartitions) -> Vec<(Topic, Vec<i32>)> {
    let mut topics: Vec<(Topic, Vec<i32>)> = Vec::new();
    for partition in partitions.listed() {
        match topics.iter_mut().find(|(topic, _)| *topic == partition.topic) {
            Some((_, indexes)) => indexes.push(partition.partition),
            None => topics.push((partition.topic.clone(), vec![partition.partition])),
        }
    }
    topics
}

fn key(transactional_id: &str) -> Bytes {
    let mut key = TRANSACTION_LOG.to_be_bytes().to_vec();
    put_text(&mut key, transactional_id);
    key.into()
}

/// The record that an id is forgotten.
pub(super) fn tombstone(transactional_id: &str, now_ms: i64) -> Record {
    Record { timestamp: now_ms, key: Some(key(transactional_id)), ..Record::default() }
}

/// Whether a value of the finalized version has room for a state. In the oldest there is none for what version of
/// transactions the client speaks, and only 0 may be left out (`TransactionLogValue.write`).
pub(super) fn can_be_written(metadata: &TxnTransitMetadata, version: TransactionVersion) -> bool {
    version.log_value_version() >= FIRST_FLEXIBLE_VERSION
        || metadata.client_transaction_version == TransactionVersion::Tv0
}

/// The record of an id's state.
pub(super) fn record(
    transactional_id: &str,
    metadata: &TxnTransitMetadata,
    version: TransactionVersion,
    now_ms: i64,
) -> Record {
    let mut topics = by_topic(&metadata.topic_partitions);
    // The partitions of each topic are collected in a map of their own.
    sort_as_hash_map(&mut topics, |(topic, _)| java_string_hash(topic));
    let topics = (metadata.state != TransactionState::Empty).then_some(topics);
    let value = value(metadata, topics.as_deref(), version.log_value_version());
    Record { timestamp: now_ms, key: Some(key(transactional_id)), value: Some(value.into()), ..Record::default() }
}

fn value(metadata: &TxnTransitMetadata, topics: Option<&[(Topic, Vec<i32>)]>, version: i16) -> Vec<u8> {
    let is_flexible = version >= FIRST_FLEXIBLE_VERSION;
    let compact_length = |length: usize| u32::try_from(length).unwrap_or(u32::MAX).saturating_add(1);
    let mut value = version.to_be_bytes().to_vec();
    value.extend(metadata.producer_id.to_be_bytes());
    value.extend(metadata.producer_epoch.to_be_bytes());
    value.extend(metadata.txn_timeout_ms.to_be_bytes());
    value.extend(metadata.state.id().to_be_bytes());
    match topics {
        None if is_flexible => put_unsigned_varint(&mut value, 0),
        None => value.extend((-1i32).to_be_bytes()),
        Some(topics) if is_flexible => {
            put_unsigned_varint(&mut value, compact_length(topics.len()));
            for (topic, indexes) in topics {
                put_compact_text(&mut value, topic);
                put_unsigned_varint(&mut value, compact_length(indexes.len()));
                indexes.iter().for_each(|index| value.extend(index.to_be_bytes()));
                put_unsigned_varint(&mut value, 0);
            }
        }
        Some(topics) => {
            put_length(&mut value, topics.len());
            for (topic, indexes) in topics {
                put_text(&mut value, topic);
                put_length(&mut value, indexes.len());
                indexes.iter().for_each(|index| value.extend(index.to_be_bytes()));
            }
        }
    }
    value.extend(metadata.txn_last_update_timestamp.to_be_bytes());
    value.extend(metadata.txn_start_timestamp.to_be_bytes());
    if is_flexible {
        put_tagged_fields(&mut value, metadata);
    }
    value
}

/// Fields that have their default are left out.
fn put_tagged_fields(value: &mut Vec<u8>, metadata: &TxnTransitMetadata) {
    let level = i16::from(metadata.client_transaction_version.level());
    let mut fields: Vec<(u32, Vec<u8>)> = Vec::new();
    if metadata.prev_producer_id != NO_PRODUCER_ID {
        fields.push((PREVIOUS_PRODUCER_ID_TAG, metadata.prev_producer_id.to_be_bytes().to_vec()));
    }
    if metadata.next_producer_id != NO_PRODUCER_ID {
        fields.push((NEXT_PRODUCER_ID_TAG, metadata.next_producer_id.to_be_bytes().to_vec()));
    }
    if level != 0 {
        fields.push((CLIENT_TRANSACTION_VERSION_TAG, level.to_be_bytes().to_vec()));
    }
    put_unsigned_varint(value, u32::try_from(fields.len()).unwrap_or(u32::MAX));
    for (tag, bytes) in fields {
        put_unsigned_varint(value, tag);
        put_unsigned_varint(value, u32::try_from(bytes.len()).unwrap_or(u32::MAX));
        value.extend(bytes);
    }
}

/// What is no record of a transaction, though its key says so or is missing: Kafka's reader throws an exception.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unreadable;

/// Reads a record, if it is one.
pub(crate) fn read(record: &Record) -> Option<TransactionLogRecord> {
    read_strictly(record).ok().flatten()
}

/// Reads a record. One of a version that Kafka does not know is passed over (`TransactionLog.read`).
///
/// # Errors
/// Where Kafka throws an exception.
pub(super) fn read_strictly(record: &Record) -> Result<Option<TransactionLogRecord>, Unreadable> {
    let mut key = Reader::new(record.key.as_ref().ok_or(Unreadable)?.as_slice());
    if key.short().ok_or(Unreadable)? != TRANSACTION_LOG {
        return Ok(None);
    }
    let transactional_id = key.text().ok_or(Unreadable)?.to_owned();
    let Some(value) = &record.value else { return Ok(Some(TransactionLogRecord { transactional_id, value: None })) };
    let mut value = Reader::new(value.as_slice());
    let version = value.short().ok_or(Unreadable)?;
    if !matches!(version, 0 | FIRST_FLEXIBLE_VERSION) {
        return Ok(None);
    }
    let value = Some(read_value(version, value).ok_or(Unreadable)?);
    Ok(Some(TransactionLogRecord { transactional_id, value }))
}

fn read_value(version: i16, mut value: Reader<'_>) -> Option<TransactionLogValue> {
    let is_flexible = version >= FIRST_FLEXIBLE_VERSION;
    let (producer_id, producer_epoch, txn_timeout_ms) = (value.long()?, value.short()?, value.int()?);
    let state = TransactionState::from_id(i8::from_be_bytes([*value.take(1)?.first()?]))?;
    let partitions = if is_flexible { read_compact_partitions(&mut value)? } else { read_partitions(&mut value)? };
    let (txn_last_update_timestamp, txn_start_timestamp) = (value.long()?, value.long()?);
    let mut metadata = TxnTransitMetadata {
        producer_id,
        prev_producer_id: NO_PRODUCER_ID,
        next_producer_id: NO_PRODUCER_ID,
        producer_epoch,
        // It is not written.
        last_producer_epoch: NO_PRODUCER_EPOCH,
        txn_timeout_ms,
        state,
        topic_partitions: JoinedPartitions::default(),
        txn_start_timestamp,
        txn_last_update_timestamp,
        client_transaction_version: TransactionVersion::Tv0,
    };
    if state != TransactionState::Empty {
        let each = partitions.iter().flatten();
        let each =
            each.flat_map(|(topic, indexes)| indexes.iter().map(|index| TopicPartition::new(topic.clone(), *index)));
        metadata.topic_partitions = each.collect();
    }
    if is_flexible {
        for _ in 0..value.unsigned_varint()? {
            let (tag, size) = (value.unsigned_varint()?, usize::try_from(value.unsigned_varint()?).ok()?);
            let mut field = Reader::new(value.take(size)?);
            match tag {
                PREVIOUS_PRODUCER_ID_TAG => metadata.prev_producer_id = field.long()?,
                NEXT_PRODUCER_ID_TAG => metadata.next_producer_id = field.long()?,
                CLIENT_TRANSACTION_VERSION_TAG => {
                    metadata.client_transaction_version = TransactionVersion::of_level(field.short()?);
                }
                _ => {}
            }
        }
    }
    Some(TransactionLogValue { version, metadata, partitions })
}

type ListedPartitions = Option<Vec<(Topic, Vec<i32>)>>;

fn read_partitions(value: &mut Reader<'_>) -> Option<ListedPartitions> {
    let Ok(topics) = u32::try_from(value.int()?) else { return Some(None) };
    let mut listed = Vec::new();
    for _ in 0..topics {
        let topic = Topic::from(value.text()?);
        let indexes = (0..value.length()?).map(|_| value.int()).collect::<Option<_>>()?;
        listed.push((topic, indexes));
    }
    Some(Some(listed))
}

fn read_compact_partitions(value: &mut Reader<'_>) -> Option<ListedPartitions> {
    let Some(topics) = value.unsigned_varint()?.checked_sub(1) else { return Some(None) };
    let mut listed = Vec::new();
    for _ in 0..topics {
        let topic = Topic::from(value.compact_text()?);
        let count = value.unsigned_varint()?.checked_sub(1)?;
        let indexes = (0..count).map(|_| value.int()).collect::<Option<_>>()?;
        let no_tagged_fields = value.unsigned_varint()?;
        (no_tagged_fields == 0).then_some(())?;
        listed.push((topic, indexes));
    }
    Some(Some(listed))
}
