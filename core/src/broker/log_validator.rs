//! What is looked at of a produced batch before it is appended (`ProduceRequest.validateRecords`,
//! `UnifiedLog.analyzeAndValidateRecords`, `LogValidator`).

use std::fmt::Display;
use std::rc::Rc;

use crate::settings::TopicSettings;
use crate::sim::Millis;
use crate::wire::ErrorCode;
use crate::wire::record_json::PartitionRecords;
use crate::wire::records::{CompressionType, NO_TIMESTAMP, Record, RecordBatch};
use crate::wire::replication::{BatchIndexAndErrorMessage, PartitionProduceData};

/// From this version on batches may be compressed with Zstandard (KIP-110).
const FIRST_VERSION_WITH_ZSTD: i16 = 7;

/// Why a batch was refused, with the words that Kafka's answer has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) error: ErrorCode,
    /// Some checks come after the log was opened; their answers carry its start.
    pub(super) knows_log_start: bool,
    pub(super) record_errors: Vec<BatchIndexAndErrorMessage>,
    pub(super) message: Option<String>,
}

impl Refusal {
    pub(super) fn early(error: ErrorCode) -> Self {
        Self { error, knows_log_start: false, record_errors: Vec::new(), message: None }
    }

    pub(super) fn late(error: ErrorCode) -> Self {
        Self { knows_log_start: true, ..Self::early(error) }
    }
}

/// A batch in the form that a producer may send.
pub(super) struct Produced {
    pub(super) batch: RecordBatch,
    /// Whether its CRC is wrong, which only the leader's log looks at.
    pub(super) is_corrupt: bool,
}

/// What a produce request holds for one partition, which it may name more than once.
pub(super) struct ProducedPartition {
    /// Its index.
    pub(super) index: i32,
    /// What goes on to the log: of what is well formed the last counts.
    pub(super) well_formed: Option<Produced>,
    /// Why something of it is refused: the last such word, which is the partition's answer whatever becomes of the rest.
    pub(super) invalid: Option<Refusal>,
}

/// The partitions of a topic in a produce request, each once: the handler keeps what is well formed and what is not in two maps
/// by partition (`KafkaApis.handleProduceRequest`).
pub(super) fn named_once(named: Vec<PartitionProduceData>, version: i16, now: Millis) -> Vec<ProducedPartition> {
    let mut kept: Vec<ProducedPartition> = Vec::with_capacity(named.len());
    for PartitionProduceData { index, records } in named {
        let at = kept.iter().position(|known| known.index == index).unwrap_or_else(|| {
            kept.push(ProducedPartition { index, well_formed: None, invalid: None });
            kept.len().saturating_sub(1)
        });
        let Some(partition) = kept.get_mut(at) else { continue };
        match well_formed(records, version, now) {
            Ok(produced) => partition.well_formed = Some(produced),
            Err(refusal) => partition.invalid = Some(refusal),
        }
    }
    kept
}

/// The one batch that a partition's data must be, in the newest format (`ProduceRequest.validateRecords`).
fn well_formed(records: Option<PartitionRecords>, version: i16, now: Millis) -> Result<Produced, Refusal> {
    let records = match records {
        Some(PartitionRecords::Batch(batch)) => {
            return Ok(Produced { batch: Rc::unwrap_or_clone(batch), is_corrupt: false });
        }
        Some(records) => records,
        None => return Err(Refusal::early(ErrorCode::InvalidRecord)),
    };
    let mut batches = records.hand_made_batches();
    let batch = batches.next().ok_or(Refusal::early(ErrorCode::InvalidRecord))?;
    if batch.magic.is_some_and(|magic| magic != 2) {
        return Err(Refusal::early(ErrorCode::InvalidRecord));
    }
    if version < FIRST_VERSION_WITH_ZSTD && batch.compression == Some(CompressionType::Zstd) {
        return Err(Refusal::early(ErrorCode::UnsupportedCompressionType));
    }
    if batches.next().is_some() {
        return Err(Refusal::early(ErrorCode::InvalidRecord));
    }
    let is_corrupt = batch.corrupt == Some(true);
    Ok(Produced { batch: batch.to_batch(i64::try_from(now).unwrap_or(i64::MAX)), is_corrupt })
}

/// What a leader's log checks of a batch before it gives offsets, in Kafka's order
/// (`UnifiedLog.analyzeAndValidateRecords`, `LogValidator`, `UnifiedLog.append`).
pub(super) fn validate(
    produced: &Produced,
    settings: &TopicSettings,
    partition: &dyn Display,
    now: Millis,
) -> Result<(), Refusal> {
    let batch = &produced.batch;
    if batch.base_offset != 0 {
        return Err(Refusal::late(ErrorCode::InvalidRecord));
    }
    if batch.size_bytes() > settings.max_message_bytes {
        return Err(Refusal::early(ErrorCode::MessageTooLarge));
    }
    if produced.is_corrupt {
        return Err(Refusal::early(ErrorCode::CorruptMessage));
    }
    // A producer that has an id numbers its batches.
    if batch.is_control || (batch.producer_id >= 0 && batch.base_sequence < 0) {
        return Err(Refusal::late(ErrorCode::InvalidRecord));
    }
    validate_records(batch, settings, partition, now)?;
    // What the leader makes of it by the topic's `compression.type` may be larger than what came.
    let stored_bytes = batch.size_bytes_if(batch.compression.target(&settings.compression_type));
    match size_error(stored_bytes, settings) {
        ErrorCode::None => Ok(()),
        error => Err(Refusal::early(error)),
    }
}

/// Why a partition's log does not take a batch of this size, in bytes (`UnifiedLog.append`): a client's or a coordinator's.
pub(super) fn size_error(stored_bytes: u32, settings: &TopicSettings) -> ErrorCode {
    if stored_bytes > settings.max_message_bytes {
        ErrorCode::MessageTooLarge
    } else if stored_bytes > settings.segment_size() {
        ErrorCode::RecordListTooLarge
    } else {
        ErrorCode::None
    }
}

/// What is wrong with single records: a key that a compacted topic needs, a timestamp out of range
/// (`LogValidator.validateRecord`). All of them are told, and one wrong timestamp names the whole.
fn validate_records(
    batch: &RecordBatch,
    settings: &TopicSettings,
    partition: &dyn Display,
    now: Millis,
) -> Result<(), Refusal> {
    let now = i64::try_from(now).unwrap_or(i64::MAX);
    let mut wrong_timestamp = false;
    let mut errors = Vec::new();
    for (batch_index, record) in (0i32..).zip(&batch.records) {
        if let Some((error, text)) = record_error(record, batch_index, settings, partition, now) {
            wrong_timestamp |= error == ErrorCode::InvalidTimestamp;
            errors.push(BatchIndexAndErrorMessage { batch_index, batch_index_error_message: Some(text) });
        }
    }
    if errors.is_empty() {
        return Ok(());
    }
    let (error, message) = if wrong_timestamp {
        let message = "One or more records have been rejected due to invalid timestamp".to_owned();
        (ErrorCode::InvalidTimestamp, message)
    } else {
        let first_three = errors.iter().take(3).map(|error| {
            let text = error.batch_index_error_message.as_deref().unwrap_or_default();
            format!("RecordError(batchIndex={}, message='{text}')", error.batch_index)
        });
        let message = format!(
            "One or more records have been rejected due to {} record errors in total, and only showing the first three errors at most: [{}]",
            errors.len(),
            first_three.collect::<Vec<_>>().join(", ")
        );
        (ErrorCode::InvalidRecord, message)
    };
    Err(Refusal { record_errors: errors, message: Some(message), ..Refusal::late(error) })
}

/// What is wrong with one record (`LogValidator.validateRecord`): its key is looked at first. A record without a timestamp
/// (-1) is not too old. The differences of times wrap as Java's do.
fn record_error(
    record: &Record,
    batch_index: i32,
    settings: &TopicSettings,
    partition: &dyn Display,
    now: i64,
) -> Option<(ErrorCode, String)> {
    if settings.cleanup_policy.contains("compact") && record.key.is_none() {
        let text = format!("Compacted topic cannot accept message without key in topic partition {partition}");
        return Some((ErrorCode::InvalidRecord, text));
    }
    let (before_max, after_max) = (settings.message_timestamp_before_max_ms, settings.message_timestamp_after_max_ms);
    let age = now.wrapping_sub(record.timestamp);
    let is_checked = settings.message_timestamp_type == "CreateTime" && record.timestamp != NO_TIMESTAMP;
    if !is_checked || (age <= before_max && age.wrapping_neg() <= after_max) {
        return None;
    }
    let text = format!(
        "Timestamp {} of message with offset {batch_index} is out of range. The timestamp should be within [{}, {}]",
        record.timestamp,
        now.wrapping_sub(before_max),
        now.wrapping_add(after_max)
    );
    Some((ErrorCode::InvalidTimestamp, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(key: Option<&str>, timestamp: i64) -> Record {
        Record { key: key.map(Into::into), timestamp, ..Record::default() }
    }

    fn refused(settings: &[(&str, &str)], records: Vec<Record>) -> Option<(ErrorCode, Vec<i32>, bool)> {
        let mut topic = TopicSettings::default();
        for (name, value) in settings {
            topic.set(name, value).expect("the setting is valid");
        }
        let refusal =
            validate(&Produced { batch: RecordBatch::of(records), is_corrupt: false }, &topic, &"t-0", 10_000).err()?;
        let indexes = refusal.record_errors.iter().map(|error| error.batch_index).collect();
        Some((refusal.error, indexes, refusal.knows_log_start))
    }

    #[test]
    fn timestamps_outside_of_what_the_topic_allows_are_told_record_by_record() {
        let bounds = [("message.timestamp.before.max.ms", "1000"), ("message.timestamp.after.max.ms", "50")];
        let records = |times: &[i64]| times.iter().map(|at| record(Some("k"), *at)).collect::<Vec<_>>();
        assert_eq!(refused(&bounds, records(&[9_000, 10_050, -1])), None, "the bounds belong to it; -1 is no time");
        let late = Some((ErrorCode::InvalidTimestamp, vec![0, 2], true));
        assert_eq!(refused(&bounds, records(&[8_999, 9_500, 10_051])), late);
        let stamped = [bounds[0], bounds[1], ("message.timestamp.type", "LogAppendTime")];
        assert_eq!(refused(&stamped, records(&[0, 99_999])), None);
    }

    #[test]
    fn one_wrong_timestamp_names_the_error_and_a_missing_key_is_told_before_it() {
        let compacted = [("cleanup.policy", "compact"), ("message.timestamp.before.max.ms", "1000")];
        let keyless = vec![record(None, 10_000), record(Some("k"), 10_000), record(None, 5)];
        assert_eq!(refused(&compacted, keyless), Some((ErrorCode::InvalidRecord, vec![0, 2], true)));
        let mixed = vec![record(None, 5), record(Some("k"), 5)];
        assert_eq!(refused(&compacted, mixed), Some((ErrorCode::InvalidTimestamp, vec![0, 1], true)));
    }

    #[test]
    fn a_batch_is_measured_before_its_records_and_against_the_segment_after_them() {
        let old = || vec![record(Some("k"), 0)];
        let strict = ("message.timestamp.before.max.ms", "1");
        let too_large = Some((ErrorCode::MessageTooLarge, vec![], false));
        assert_eq!(refused(&[("max.message.bytes", "20"), strict], old()), too_large);
        let small = ("internal.segment.bytes", "20");
        assert_eq!(refused(&[small, strict], old()), Some((ErrorCode::InvalidTimestamp, vec![0], true)));
        assert_eq!(refused(&[small], old()), Some((ErrorCode::RecordListTooLarge, vec![], false)));
    }
}
