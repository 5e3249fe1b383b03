//! Records as a person writes them in a Produce request: batches as objects instead of bytes, damage included.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::records::{Bytes, CompressionType, Header, Record, RecordBatch};

/// What a Produce request carries for one partition. A well-behaved client sends exactly one batch; a probe may send
/// none, several or damaged ones to see what the broker says.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub enum PartitionRecords {
    /// One batch as the producer built it.
    Batch(Arc<RecordBatch>),
    /// One batch written by hand.
    One(HandMadeBatch),
    /// Several batches written by hand.
    Many(Vec<HandMadeBatch>),
}

/// A batch written by hand: only the records are needed.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HandMadeBatch {
    /// The records.
    pub records: Vec<HandMadeRecord>,
    /// Who produces, for idempotence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub producer_id: Option<i64>,
    /// The producer's epoch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub producer_epoch: Option<i16>,
    /// The first record's sequence number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_sequence: Option<i32>,
    /// Whether it belongs to a transaction.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transactional: Option<bool>,
    /// A base offset, which a client has no business to set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_offset: Option<i64>,
    /// A leader epoch, which the leader overwrites.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leader_epoch: Option<i32>,
    /// The message format, if not 2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub magic: Option<i8>,
    /// How it is compressed, if at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compression: Option<CompressionType>,
    /// Whether its CRC is wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corrupt: Option<bool>,
}

/// A record written by hand.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HandMadeRecord {
    /// The key, if any.
    #[serde(default)]
    pub key: Option<Bytes>,
    /// The value, if any.
    #[serde(default)]
    pub value: Option<Bytes>,
    /// When it was made, in milliseconds; now, if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<i64>,
    /// Headers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<Header>,
}

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
        batch
    }
}
