//! Record batches, format v2 (`DefaultRecordBatch`): what producers send, logs hold and fetches carry.

use std::fmt;
use std::rc::Rc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Value, json};

use super::codec::{
    Message, MessageError, TextForm, field_table, message_of_table, read_fields, read_text, write_fields,
};
use super::contents::Contents;

/// Bytes of a key or value, cheap to clone. Written as text where they are UTF-8, else as `{"hex": "…"}`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bytes(Rc<[u8]>);

impl Bytes {
    /// The bytes.
    pub fn as_slice(&self) -> &[u8] {
        &self.0
    }

    /// How many bytes.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The text, where the bytes are UTF-8.
    pub fn as_text(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok()
    }

    /// The bytes in hexadecimal.
    pub fn to_hex(&self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Bytes written in hexadecimal; `None` where the text is not.
    pub fn from_hex(text: &str) -> Option<Self> {
        if !text.is_ascii() || !text.len().is_multiple_of(2) {
            return None;
        }
        let bytes: Option<Vec<u8>> =
            (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok()).collect();
        bytes.map(Self::from)
    }
}

impl From<&str> for Bytes {
    fn from(text: &str) -> Self {
        Self(text.as_bytes().into())
    }
}

impl From<&[u8]> for Bytes {
    fn from(bytes: &[u8]) -> Self {
        Self(bytes.into())
    }
}

impl From<Vec<u8>> for Bytes {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes.into())
    }
}

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.as_text() {
            // Bytes that happen to be text which nobody can read are shown as bytes.
            Some(text) if !text.chars().any(char::is_control) => f.write_str(text),
            Some(_) | None => write!(f, "0x{}", self.to_hex()),
        }
    }
}

impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl Message for Bytes {
    fn to_json(&self) -> Value {
        match self.as_text() {
            Some(text) => Value::from(text),
            None => json!({"hex": self.to_hex()}),
        }
    }

    fn read_json(&mut self, json: &Value) -> Result<(), MessageError> {
        *self = match json.get("hex") {
            Some(hex) => {
                let hex = read_text(hex).map_err(|error| error.in_field("hex"))?;
                Self::from_hex(hex)
                    .ok_or_else(|| MessageError::malformed(hex, TextForm::Hexadecimal).in_field("hex"))?
            }
            None => Self::from(read_text(json)?),
        };
        Ok(())
    }
}

impl Default for Bytes {
    fn default() -> Self {
        Self::from("")
    }
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_json().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize_message(deserializer)
    }
}

/// Reads a message where another format's reader meets one: a command carries bytes and headers.
fn deserialize_message<'de, M: Message + Default, D: Deserializer<'de>>(deserializer: D) -> Result<M, D::Error> {
    let json = Value::deserialize(deserializer)?;
    let mut message = M::default();
    message.read_json(&json).map_err(serde::de::Error::custom)?;
    Ok(message)
}

/// A header of a record.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Header {
    /// Its key.
    pub key: Rc<str>,
    /// Its value.
    pub value: Option<Bytes>,
}

field_table!(Header { key, value } required [key]);
message_of_table!(Header);

impl Serialize for Header {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_json().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Header {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize_message(deserializer)
    }
}

/// One record of a batch.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Record {
    /// Its offset, counted from the batch's base offset.
    pub offset_delta: i32,
    /// When it was made, in milliseconds.
    pub timestamp: i64,
    /// Its key; `None` for a record without one.
    pub key: Option<Bytes>,
    /// Its value; `None` for a tombstone.
    pub value: Option<Bytes>,
    /// Its headers.
    pub headers: Vec<Header>,
}

field_table! {
    Record { offset_delta, timestamp, key, value, headers } required [offset_delta, timestamp] omitted [headers]
}
message_of_table!(Record);

impl Serialize for Record {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_json().serialize(serializer)
    }
}

/// Whose clock a batch's timestamps are of (`TimestampType`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum TimestampType {
    /// The producer's: each record has its own.
    #[default]
    CreateTime,
    /// The leader's: the batch has one, for all its records.
    LogAppendTime,
}

impl Message for TimestampType {
    fn to_json(&self) -> Value {
        Value::from(match self {
            Self::CreateTime => "CreateTime",
            Self::LogAppendTime => "LogAppendTime",
        })
    }

    fn read_json(&mut self, json: &Value) -> Result<(), MessageError> {
        *self = match read_text(json)? {
            "CreateTime" => Self::CreateTime,
            "LogAppendTime" => Self::LogAppendTime,
            other => return Err(MessageError::unknown_value(other, ["CreateTime", "LogAppendTime"].into_iter())),
        };
        Ok(())
    }
}

/// How a batch's records are compressed (`CompressionType`).
///
/// The engine has no codecs: a compressed batch says so in its attributes, and its records take a share of their bytes that the
/// batch names itself ([`RecordBatch::compressed_percent`]), whatever the codec.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum CompressionType {
    /// Not at all.
    #[default]
    None,
    /// With gzip.
    Gzip,
    /// With snappy.
    Snappy,
    /// With lz4.
    Lz4,
    /// With Zstandard.
    Zstd,
}

impl CompressionType {
    const ALL: [Self; 5] = [Self::None, Self::Gzip, Self::Snappy, Self::Lz4, Self::Zstd];

    /// Its name (`CompressionType.name`).
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Gzip => "gzip",
            Self::Snappy => "snappy",
            Self::Lz4 => "lz4",
            Self::Zstd => "zstd",
        }
    }

    /// Its number in a batch's attributes.
    pub fn id(self) -> i16 {
        match self {
            Self::None => 0,
            Self::Gzip => 1,
            Self::Snappy => 2,
            Self::Lz4 => 3,
            Self::Zstd => 4,
        }
    }

    /// The compression of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|compression| compression.name() == name)
    }

    /// The size of records of `bytes` bytes, where compressed ones take this share of them, in percent.
    pub fn compressed_bytes(self, bytes: u32, percent: u32) -> u32 {
        if self == Self::None {
            return bytes;
        }
        let compressed = u64::from(bytes).saturating_mul(u64::from(percent)).div_ceil(100);
        u32::try_from(compressed).unwrap_or(u32::MAX)
    }

    /// What a leader makes of a batch where `compression.type` says this (`BrokerCompressionType.targetCompression`);
    /// `producer` leaves it as it came.
    pub fn target(self, compression_type: &str) -> Self {
        match compression_type {
            "uncompressed" => Self::None,
            "gzip" => Self::Gzip,
            "snappy" => Self::Snappy,
            "lz4" => Self::Lz4,
            "zstd" => Self::Zstd,
            _ => self,
        }
    }
}

impl Message for CompressionType {
    fn to_json(&self) -> Value {
        Value::from(self.name())
    }

    fn read_json(&mut self, json: &Value) -> Result<(), MessageError> {
        let name = read_text(json)?;
        *self = Self::named(name)
            .ok_or_else(|| MessageError::unknown_value(name, Self::ALL.into_iter().map(Self::name)))?;
        Ok(())
    }
}

/// A batch of records: the unit that is produced, stored, replicated and read whole.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RecordBatch {
    /// Offset of the first record. Given by the leader.
    pub base_offset: i64,
    /// Offset of the last record, counted from the base offset. Stays when compaction removes records.
    pub last_offset_delta: i32,
    /// The leader epoch in which the leader appended it, -1 before that.
    pub partition_leader_epoch: i32,
    /// Who produced it, -1 without idempotence.
    pub producer_id: i64,
    /// The producer's epoch, -1 without idempotence.
    pub producer_epoch: i16,
    /// The first record's sequence number, -1 without idempotence.
    pub base_sequence: i32,
    /// Whether it belongs to a transaction.
    pub is_transactional: bool,
    /// Whether its records are Kafka's own (transaction markers, KRaft's LeaderChange).
    pub is_control: bool,
    /// How its records are compressed.
    pub compression: CompressionType,
    /// What its records take of their bytes where they are compressed, in percent: how well what they hold can be compressed. Of
    /// the simulation; it is in no byte.
    pub compressed_percent: u32,
    /// Whose clock stamped it.
    pub timestamp_type: TimestampType,
    /// The timestamps that the producer sent, record by record, where the leader stamped the batch. `LogAppendTime` only
    /// overwrites the header's greatest timestamp: the records keep their encoding, and the batch its size.
    pub sent_timestamps: Vec<i64>,
    /// When the cleaner may drop its tombstones, in milliseconds (KIP-534). The header holds it in the place of the base
    /// timestamp, so that the records' timestamps are counted from it.
    pub delete_horizon_ms: Option<i64>,
    /// The records.
    pub records: Vec<Record>,
    /// What the records say, where it was read already.
    pub contents: Contents,
}

impl Default for RecordBatch {
    fn default() -> Self {
        Self {
            base_offset: 0,
            last_offset_delta: 0,
            partition_leader_epoch: -1,
            producer_id: -1,
            producer_epoch: -1,
            base_sequence: -1,
            is_transactional: false,
            is_control: false,
            compression: CompressionType::None,
            compressed_percent: COMPRESSED_PERCENT,
            timestamp_type: TimestampType::CreateTime,
            sent_timestamps: Vec::new(),
            delete_horizon_ms: None,
            records: Vec::new(),
            contents: Contents::default(),
        }
    }
}

field_table! {
    RecordBatch {
        base_offset, last_offset_delta, partition_leader_epoch, producer_id, producer_epoch, base_sequence,
        is_transactional, is_control, compression, compressed_percent, timestamp_type, sent_timestamps, delete_horizon_ms, records,
    }
    required [
        base_offset, last_offset_delta, partition_leader_epoch, producer_id, producer_epoch, base_sequence,
        is_transactional, is_control, records
    ]
    omitted [sent_timestamps, delete_horizon_ms]
}

impl Message for RecordBatch {
    fn to_json(&self) -> Value {
        let mut json = write_fields(self);
        // What nearly all batches are goes without saying.
        if let Some(fields) = json.as_object_mut() {
            if self.timestamp_type == TimestampType::CreateTime {
                fields.shift_remove("timestampType");
            }
            if self.compression == CompressionType::None {
                fields.shift_remove("compression");
            }
            if self.compressed_percent == COMPRESSED_PERCENT {
                fields.shift_remove("compressedPercent");
            }
        }
        json
    }

    fn read_json(&mut self, json: &Value) -> Result<(), MessageError> {
        read_fields(self, json)
    }
}

/// What compressed records take of their bytes where nobody says otherwise, in percent.
pub const COMPRESSED_PERCENT: u32 = 50;

/// The timestamp that stands for none (`RecordBatch.NO_TIMESTAMP`).
pub const NO_TIMESTAMP: i64 = -1;

/// The producer id that stands for none (`RecordBatch.NO_PRODUCER_ID`).
pub const NO_PRODUCER_ID: i64 = -1;
/// The producer epoch that stands for none (`RecordBatch.NO_PRODUCER_EPOCH`).
pub const NO_PRODUCER_EPOCH: i16 = -1;
/// The sequence number that stands for none (`RecordBatch.NO_SEQUENCE`).
pub const NO_SEQUENCE: i32 = -1;

/// Bytes of a batch's header on the wire and on disk (`DefaultRecordBatch.RECORD_BATCH_OVERHEAD`).
pub const RECORD_BATCH_OVERHEAD_BYTES: u32 = 61;

impl RecordBatch {
    /// A batch as a producer makes it: offsets from 0, no leader epoch yet.
    pub fn of(records: impl IntoIterator<Item = Record>) -> Self {
        let mut records: Vec<Record> = records.into_iter().collect();
        for (delta, record) in (0i32..).zip(&mut records) {
            record.offset_delta = delta;
        }
        let last_offset_delta = i32::try_from(records.len()).unwrap_or(i32::MAX).saturating_sub(1).max(0);
        Self { last_offset_delta, records, ..Self::default() }
    }

    /// Offset of the last record.
    #[inline]
    pub fn last_offset(&self) -> i64 {
        self.base_offset.saturating_add(i64::from(self.last_offset_delta))
    }

    /// Offset after the last record.
    #[inline]
    pub fn next_offset(&self) -> i64 {
        self.last_offset().saturating_add(1)
    }

    /// Overwrites all timestamps with the leader's time (`MutableRecordBatch.setMaxTimestamp`).
    pub fn stamp(&mut self, log_append_time_ms: i64) {
        self.timestamp_type = TimestampType::LogAppendTime;
        self.sent_timestamps = self.records.iter().map(|record| record.timestamp).collect();
        for record in &mut self.records {
            record.timestamp = log_append_time_ms;
        }
    }

    /// The timestamp that the records' own are counted from in the encoding, in milliseconds: the first record's, or the
    /// delete horizon; -1 without records.
    pub fn base_timestamp(&self) -> i64 {
        let first = || self.records.first().map(|record| record.timestamp);
        self.delete_horizon_ms.or_else(|| self.sent_timestamps.first().copied()).or_else(first).unwrap_or(NO_TIMESTAMP)
    }

    /// The greatest time among its records, in milliseconds; -1 without records.
    pub fn max_timestamp(&self) -> i64 {
        self.records.iter().fold(NO_TIMESTAMP, |greatest, record| greatest.max(record.timestamp))
    }

    /// The records with the timestamps that their encoding holds, counted from the base timestamp.
    fn timestamp_deltas(&self) -> impl Iterator<Item = (&Record, i64)> {
        let base = self.base_timestamp();
        self.records.iter().enumerate().map(move |(at, record)| {
            let sent = self.sent_timestamps.get(at).copied().unwrap_or(record.timestamp);
            (record, sent.wrapping_sub(base))
        })
    }

    /// Bytes on the wire and on disk: header and records with their variable-length integers, compressed as it is.
    pub fn size_bytes(&self) -> u32 {
        self.size_bytes_if(self.compression)
    }

    /// The bytes that it would have if it were compressed so.
    pub fn size_bytes_if(&self, compression: CompressionType) -> u32 {
        let records = self.timestamp_deltas().fold(0u32, |sum, (record, timestamp_delta)| {
            let body = record_body_bytes(record, timestamp_delta);
            sum.saturating_add(varint_bytes(body)).saturating_add(u32::try_from(body).unwrap_or(u32::MAX))
        });
        RECORD_BATCH_OVERHEAD_BYTES.saturating_add(compression.compressed_bytes(records, self.compressed_percent))
    }

    /// CRC-32C over the batch from its attributes on, as Kafka's broker checks it.
    pub fn crc(&self) -> u32 {
        crc32c(&self.encode_from_attributes())
    }

    /// The batch's bytes from the attributes to the end: what the CRC covers.
    fn encode_from_attributes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        let attributes = self.compression.id()
            | (i16::from(self.timestamp_type == TimestampType::LogAppendTime) << 3)
            | (i16::from(self.is_transactional) << 4)
            | (i16::from(self.is_control) << 5)
            | (i16::from(self.delete_horizon_ms.is_some()) << 6);
        out.extend(attributes.to_be_bytes());
        out.extend(self.last_offset_delta.to_be_bytes());
        out.extend(self.base_timestamp().to_be_bytes());
        out.extend(self.max_timestamp().to_be_bytes());
        out.extend(self.producer_id.to_be_bytes());
        out.extend(self.producer_epoch.to_be_bytes());
        out.extend(self.base_sequence.to_be_bytes());
        out.extend(u32::try_from(self.records.len()).unwrap_or(u32::MAX).to_be_bytes());
        for (record, timestamp_delta) in self.timestamp_deltas() {
            put_varint(&mut out, record_body_bytes(record, timestamp_delta));
            out.push(0);
            put_varint(&mut out, timestamp_delta);
            put_varint(&mut out, i64::from(record.offset_delta));
            for field in [&record.key, &record.value] {
                put_field(&mut out, field.as_ref());
            }
            put_varint(&mut out, record.headers.len() as i64);
            for header in &record.headers {
                put_varint(&mut out, header.key.len() as i64);
                out.extend(header.key.as_bytes());
                put_field(&mut out, header.value.as_ref());
            }
        }
        out
    }
}

fn put_field(out: &mut Vec<u8>, field: Option<&Bytes>) {
    match field {
        None => put_varint(out, -1),
        Some(bytes) => {
            put_varint(out, bytes.len() as i64);
            out.extend(bytes.as_slice());
        }
    }
}

/// Kafka's variable-length integers are zig-zag encoded, seven bits a byte.
fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)).cast_unsigned()
}

fn put_varint(out: &mut Vec<u8>, value: i64) {
    let mut rest = zigzag(value);
    while rest >= 0x80 {
        out.push((rest as u8 & 0x7f) | 0x80);
        rest >>= 7;
    }
    out.push(rest as u8);
}

fn varint_bytes(value: i64) -> u32 {
    let bits = 64 - zigzag(value).leading_zeros();
    bits.div_ceil(7).max(1)
}

fn field_bytes(field: Option<&Bytes>) -> i64 {
    match field {
        None => i64::from(varint_bytes(-1)),
        Some(bytes) => i64::from(varint_bytes(bytes.len() as i64)) + bytes.len() as i64,
    }
}

fn record_body_bytes(record: &Record, timestamp_delta: i64) -> i64 {
    let headers: i64 = record
        .headers
        .iter()
        .map(|header| {
            let key = header.key.len() as i64;
            i64::from(varint_bytes(key)) + key + field_bytes(header.value.as_ref())
        })
        .sum();
    1 + i64::from(varint_bytes(timestamp_delta))
        + i64::from(varint_bytes(i64::from(record.offset_delta)))
        + field_bytes(record.key.as_ref())
        + field_bytes(record.value.as_ref())
        + i64::from(varint_bytes(record.headers.len() as i64))
        + headers
}

/// What a record takes at most beside key, value and headers (`DefaultRecord.MAX_RECORD_OVERHEAD`).
const MAX_RECORD_OVERHEAD: i64 = 21;

/// The most bytes that a record may take in a batch, wherever it stands there (`DefaultRecord.recordSizeUpperBound`).
pub fn record_size_upper_bound(record: &Record) -> u32 {
    let first = Record { offset_delta: 0, ..record.clone() };
    // Attributes and the two deltas are among the overhead.
    let parts = record_body_bytes(&first, 0).saturating_sub(3);
    u32::try_from(MAX_RECORD_OVERHEAD.saturating_add(parts)).unwrap_or(u32::MAX)
}

fn crc32c(bytes: &[u8]) -> u32 {
    // Bit by bit: it runs when a person opens a batch, never in a step.
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0x82F6_3B78 } else { crc >> 1 })
    })
}

#[cfg(test)]
mod tests;
