//! From an offset or a timestamp to a place in the log, with the way through the sparse indexes.

use super::replica_log::{Log, OffsetLookup, TimestampLookup};
use super::segment::StoredBatch;

impl Log {
    /// The way to the batch that holds an offset, or to the next that is left in its segment or a later one. None below
    /// the first segment and at the log's end.
    pub fn lookup(&self, offset: i64) -> Option<OffsetLookup> {
        let at = self.segment_at(offset)?;
        let segment = self.segments[at..].iter().find(|segment| segment.find(offset).is_some())?;
        let index_entry = segment.offset_index().lookup(offset);
        let scanned_from = index_entry.map_or(0, |(_, entry)| entry.position);
        let found = segment.find(offset)?;
        let scanned = segment.stored_from_position(scanned_from).take_while(|stored| stored.position < found.position);
        Some(OffsetLookup {
            segment_base_offset: segment.base_offset(),
            index_entry,
            scanned_from,
            scanned_batches: count(scanned),
            scanned_bytes: found.position.saturating_sub(scanned_from),
            position: found.position,
            base_offset: found.batch.base_offset,
        })
    }

    /// The first record that is not older than a timestamp, in the first segment that has one (`fetchOffsetByTimestamp`).
    pub fn offset_for_timestamp(&self, timestamp: i64) -> Option<TimestampLookup> {
        let segment = self.segments.iter().find(|segment| segment.largest_timestamp() >= timestamp)?;
        let starting_offset = self.log_start_offset;
        let time_index_entry = segment.time_index().lookup(timestamp);
        let indexed = time_index_entry.map_or(segment.base_offset(), |(_, entry)| entry.offset);
        let index_entry = segment.offset_index().lookup(indexed.max(starting_offset));
        let scanned_from = index_entry.map_or(0, |(_, entry)| entry.position);
        let mut candidates =
            segment.stored_from_position(scanned_from).filter(|stored| stored.max_timestamp >= timestamp);
        let (found, offset, record_timestamp) = candidates.find_map(|stored| {
            first_record(stored, |offset, time| time >= timestamp && offset >= starting_offset)
                .map(|(offset, time)| (stored, offset, time))
        })?;
        let scanned = segment.stored_from_position(scanned_from).take_while(|stored| stored.position < found.position);
        Some(TimestampLookup {
            offset,
            timestamp: record_timestamp,
            leader_epoch: found.batch.partition_leader_epoch,
            segment_base_offset: segment.base_offset(),
            time_index_entry,
            index_entry,
            scanned_from,
            scanned_batches: count(scanned),
        })
    }

    /// The first record with the greatest timestamp (`ListOffsetsRequest.MAX_TIMESTAMP`, KIP-734).
    pub fn max_timestamp(&self) -> Option<TimestampLookup> {
        let segment = self.segments.iter().rev().max_by_key(|segment| segment.max_timestamp().timestamp)?;
        let greatest = segment.max_timestamp();
        let time_index_entry = segment.time_index().lookup(greatest.timestamp);
        let index_entry = segment.offset_index().lookup(greatest.offset);
        let scanned_from = index_entry.map_or(0, |(_, entry)| entry.position);
        let mut candidates = segment.stored_from_position(scanned_from);
        let found = candidates.find(|stored| stored.max_timestamp == greatest.timestamp)?;
        let (offset, timestamp) = first_record(found, |_, time| time == greatest.timestamp)?;
        let scanned = segment.stored_from_position(scanned_from).take_while(|stored| stored.position < found.position);
        Some(TimestampLookup {
            offset,
            timestamp,
            leader_epoch: found.batch.partition_leader_epoch,
            segment_base_offset: segment.base_offset(),
            time_index_entry,
            index_entry,
            scanned_from,
            scanned_batches: count(scanned),
        })
    }
}

fn first_record(stored: &StoredBatch, accepts: impl Fn(i64, i64) -> bool) -> Option<(i64, i64)> {
    let batch = &stored.batch;
    let records = batch.records.iter();
    let mut placed = records.map(|r| (batch.base_offset.saturating_add(i64::from(r.offset_delta)), r.timestamp));
    placed.find(|(offset, timestamp)| accepts(*offset, *timestamp))
}

fn count<'a>(batches: impl Iterator<Item = &'a StoredBatch>) -> u32 {
    u32::try_from(batches.count()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::log::Log;
    use crate::settings::TopicSettings;
    use crate::wire::records::{Record, RecordBatch};

    /// Ten batches of 100 bytes and more, five a segment, an index entry for every second.
    fn log() -> Log {
        let settings = TopicSettings { segment_bytes: 900, index_interval_bytes: 200, ..TopicSettings::default() };
        let mut log = Log::new();
        for timestamp in [10, 20, 30, 25, 40, 50, 60, 60, 70, 5] {
            let record = Record { timestamp, value: Some(vec![b'v'; 100].into()), ..Record::default() };
            log.append_as_leader(RecordBatch::of([record]), 3, &settings, 0)
                .expect("nothing about its producer refuses it");
        }
        log
    }

    #[test]
    fn an_offset_is_found_through_the_nearest_index_entry_below_it() {
        expect![[r#"
            Some(
                OffsetLookup {
                    segment_base_offset: 5,
                    index_entry: Some(
                        (
                            0,
                            OffsetIndexEntry {
                                offset: 7,
                                position: 340,
                            },
                        ),
                    ),
                    scanned_from: 340,
                    scanned_batches: 1,
                    scanned_bytes: 170,
                    position: 510,
                    base_offset: 8,
                },
            )
        "#]]
        .assert_debug_eq(&log().lookup(8));
        assert_eq!((log().lookup(10), log().lookup(-1)), (None, None));
    }

    #[test]
    fn a_timestamp_is_found_through_both_indexes() {
        expect![[r#"
            Some(
                TimestampLookup {
                    offset: 4,
                    timestamp: 40,
                    leader_epoch: 3,
                    segment_base_offset: 0,
                    time_index_entry: Some(
                        (
                            0,
                            TimestampOffset {
                                timestamp: 30,
                                offset: 2,
                            },
                        ),
                    ),
                    index_entry: Some(
                        (
                            0,
                            OffsetIndexEntry {
                                offset: 2,
                                position: 340,
                            },
                        ),
                    ),
                    scanned_from: 340,
                    scanned_batches: 2,
                },
            )
        "#]]
        .assert_debug_eq(&log().offset_for_timestamp(31));
        let found = |timestamp| log().offset_for_timestamp(timestamp).map(|found| found.offset);
        assert_eq!([0, 25, 60, 70, 71].map(found), [Some(0), Some(2), Some(6), Some(8), None]);
        assert_eq!(log().max_timestamp().map(|found| (found.offset, found.timestamp)), Some((8, 70)));
        assert_eq!(Log::new().max_timestamp(), None);
    }
}
