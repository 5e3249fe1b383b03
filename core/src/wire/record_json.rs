//! Records as a person writes them in a Produce request: batches as objects instead of bytes, damage included.

use std::rc::Rc;

use serde_json::Value;

use super::codec::{JsonType, Message, MessageError, field_table, message_of_table};
use super::records::{Bytes, CompressionType, Header, Record, RecordBatch};

/// What a Produce request carries for one partition. A well-behaved client sends exactly one batch; a probe may send
/// none, several or damaged ones to see what the broker says.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PartitionRecords {
    /// One batch as the producer built it.
    Batch(Rc<RecordBatch>),
    /// One batch written by hand.
    One(HandMadeBatch),
    /// Several batches written by hand.
    Many(Vec<HandMadeBatch>),
}

impl PartitionRecords {
    /// The batches among what is written by hand, in order: one without records takes no bytes at all
    /// (`MemoryRecordsBuilder.close` makes nothing of it).
    pub fn hand_made_batches(&self) -> impl Iterator<Item = &HandMadeBatch> {
        let batches = match self {
            Self::Batch(_) => &[],
            Self::One(batch) => std::slice::from_ref(batch),
            Self::Many(batches) => batches.as_slice(),
        };
        batches.iter().filter(|batch| !batch.records.is_empty())
    }

    /// Whether the first batch belongs to a transaction (`RequestUtils.hasTransactionalRecords` looks at no other).
    pub fn is_transactional(&self) -> bool {
        match self {
            Self::Batch(batch) => batch.is_transactional,
            Self::One(_) | Self::Many(_) => {
                self.hand_made_batches().next().is_some_and(|batch| batch.transactional == Some(true))
            }
        }
    }
}

impl Default for PartitionRecords {
    fn default() -> Self {
        Self::One(HandMadeBatch::default())
    }
}

/// A field that a batch as a producer builds it has and one written by hand has not.
const ONLY_OF_A_BUILT_BATCH: &str = "lastOffsetDelta";

impl Message for PartitionRecords {
    fn to_json(&self) -> Value {
        match self {
            Self::Batch(batch) => batch.to_json(),
            Self::One(batch) => batch.to_json(),
            Self::Many(batches) => batches.to_json(),
        }
    }

    fn read_json(&mut self, json: &Value) -> Result<(), MessageError> {
        *self = match json {
            Value::Array(_) => Self::Many(read(json)?),
            Value::Object(fields) if fields.contains_key(ONLY_OF_A_BUILT_BATCH) => Self::Batch(read(json)?),
            Value::Object(_) => Self::One(read(json)?),
            other => return Err(MessageError::wrong_type(other, JsonType::Object)),
        };
        Ok(())
    }
}

fn read<T: Message + Default>(json: &Value) -> Result<T, MessageError> {
    let mut value = T::default();
    value.read_json(json)?;
    Ok(value)
}

/// A batch written by hand: only the records are needed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct HandMadeBatch {
    /// The records.
    pub records: Vec<HandMadeRecord>,
    /// Who produces, for idempotence.
    pub producer_id: Option<i64>,
    /// The producer's epoch.
    pub producer_epoch: Option<i16>,
    /// The first record's sequence number.
    pub base_sequence: Option<i32>,
    /// Whether it belongs to a transaction.
    pub transactional: Option<bool>,
    /// Whether its records are control records, which clients may not write.
    pub control: Option<bool>,
    /// A base offset, which a client has no business to set.
    pub base_offset: Option<i64>,
    /// A leader epoch, which the leader overwrites.
    pub leader_epoch: Option<i32>,
    /// The message format, if not 2.
    pub magic: Option<i8>,
    /// How it is compressed, if at all.
    pub compression: Option<CompressionType>,
    /// Whether its CRC is wrong.
    pub corrupt: Option<bool>,
}

/// A record written by hand.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct HandMadeRecord {
    /// The key, if any.
    pub key: Option<Bytes>,
    /// The value, if any.
    pub value: Option<Bytes>,
    /// When it was made, in milliseconds; now, if left out.
    pub timestamp: Option<i64>,
    /// Headers.
    pub headers: Vec<Header>,
}

field_table! {
    HandMadeBatch {
        records, producer_id, producer_epoch, base_sequence, transactional, control, base_offset, leader_epoch, magic,
        compression, corrupt,
    }
    required [records]
    omitted [
        producer_id, producer_epoch, base_sequence, transactional, control, base_offset, leader_epoch, magic, compression, corrupt
    ]
}
message_of_table!(HandMadeBatch);

field_table! { HandMadeRecord { key, value, timestamp, headers } omitted [timestamp, headers] }
message_of_table!(HandMadeRecord);

impl HandMadeBatch {
    /// The batch that these words mean, as sent at `now_ms`.
    pub fn to_batch(&self, now_ms: i64) -> RecordBatch {
        let records = self.records.iter().map(|record| Record {
            offset_delta: 0,
            timestamp: record.timestamp.unwrap_or(now_ms),
            key: record.key.clone(),
            value: record.value.clone(),
            headers: record.headers.clone(),
        });
        let mut batch = RecordBatch::of(records);
        batch.base_offset = self.base_offset.unwrap_or(0);
        batch.partition_leader_epoch = self.leader_epoch.unwrap_or(-1);
        batch.producer_id = self.producer_id.unwrap_or(-1);
        batch.producer_epoch = self.producer_epoch.unwrap_or(if self.producer_id.is_some() { 0 } else { -1 });
        batch.base_sequence = self.base_sequence.unwrap_or(if self.producer_id.is_some() { 0 } else { -1 });
        batch.compression = self.compression.unwrap_or_default();
        batch.is_transactional = self.transactional.unwrap_or(false);
        batch.is_control = self.control.unwrap_or(false);
        batch
    }
}
