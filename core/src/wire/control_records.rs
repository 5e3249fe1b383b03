//! The markers that end a transaction in a partition's log (`ControlRecordType`, `EndTransactionMarker`).

use super::records::{Bytes, Record, RecordBatch};

/// How a transaction ended, as its marker says (`ControlRecordType`). The other kinds of control records live in the
/// metadata log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ControlRecordType {
    /// It was aborted: a reader with `isolation.level=read_committed` never sees its records.
    Abort,
    /// It was committed.
    Commit,
}

/// A marker's record (`EndTransactionMarker`): its key says how the transaction ended, its value which coordinator says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EndTransactionMarker {
    /// How the transaction ended.
    pub control_type: ControlRecordType,
    /// The leader epoch of the transaction coordinator's partition of `__transaction_state`.
    pub coordinator_epoch: i32,
}

impl EndTransactionMarker {
    /// Reads a marker from a record; none where the record is another kind of control record.
    pub fn read(record: &Record) -> Option<Self> {
        let control_type = match record.key.as_ref()?.as_slice().get(2..4)? {
            [0, 0] => ControlRecordType::Abort,
            [0, 1] => ControlRecordType::Commit,
            _ => return None,
        };
        let epoch = record.value.as_ref()?.as_slice().get(2..6)?;
        Some(Self { control_type, coordinator_epoch: i32::from_be_bytes(epoch.try_into().ok()?) })
    }

    /// The marker that a batch carries, if it is one.
    pub fn of(batch: &RecordBatch) -> Option<Self> {
        Self::read(batch.records.first().filter(|_| batch.is_control)?)
    }

    /// The batch that a leader appends for a marker (`MemoryRecords.withEndTransactionMarker`).
    pub fn batch(self, producer_id: i64, producer_epoch: i16, timestamp: i64) -> RecordBatch {
        let key = [0, 0, 0, u8::from(self.control_type == ControlRecordType::Commit)];
        let value = [&[0, 0][..], &self.coordinator_epoch.to_be_bytes()].concat();
        let record = Record {
            timestamp,
            key: Some(Bytes::from(&key[..])),
            value: Some(Bytes::from(value)),
            ..Record::default()
        };
        RecordBatch {
            producer_id,
            producer_epoch,
            is_transactional: true,
            is_control: true,
            ..RecordBatch::of([record])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marker_is_read_back_and_has_kafkas_bytes() {
        let marker = EndTransactionMarker { control_type: ControlRecordType::Commit, coordinator_epoch: 7 };
        let batch = marker.batch(42, 3, 1_000);
        assert_eq!(EndTransactionMarker::of(&batch), Some(marker));
        let bytes = |field: &Option<Bytes>| field.as_ref().map(Bytes::to_hex);
        let record = &batch.records[0];
        assert_eq!((bytes(&record.key), bytes(&record.value)), (Some("00000001".into()), Some("000000000007".into())));
        // What a dump of a real partition shows for a marker: 78 bytes.
        assert_eq!((batch.size_bytes(), batch.base_sequence), (78, -1));
        assert_eq!(EndTransactionMarker::of(&RecordBatch { is_control: false, ..batch }), None);
    }
}
