//! Snapshots of the metadata log (KIP-630): what its records up to an offset come to, in far fewer records.

use std::rc::Rc;

use super::control_records::QuorumControlRecord;
use super::voter_set::QuorumHistory;
use crate::metadata::{MetadataImage, MetadataRecord};
use crate::settings::BrokerSettings;
use crate::sim::Millis;
use crate::wire::records::{Record, RecordBatch};
use crate::wire::replication::SnapshotId;

/// An offset (exclusive) and the epoch of the record before it: what a snapshot is named by. Ordered as Kafka orders them, by
/// epoch first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct OffsetAndEpoch {
    /// The offset.
    pub offset: i64,
    /// The epoch.
    pub epoch: i32,
}

impl OffsetAndEpoch {
    /// The snapshot that `kafka-storage format` writes (`BOOTSTRAP_SNAPSHOT_ID`). Nobody is ever sent it.
    pub const BOOTSTRAP: Self = Self { offset: 0, epoch: 0 };

    /// The name of the snapshot's file.
    pub fn file_name(self) -> String {
        format!("{:020}-{:010}.checkpoint", self.offset, self.epoch)
    }
}

impl Ord for OffsetAndEpoch {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.epoch, self.offset).cmp(&(other.epoch, other.offset))
    }
}

impl PartialOrd for OffsetAndEpoch {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl From<OffsetAndEpoch> for SnapshotId {
    fn from(id: OffsetAndEpoch) -> Self {
        Self { end_offset: id.offset, epoch: id.epoch }
    }
}

impl From<&SnapshotId> for OffsetAndEpoch {
    fn from(id: &SnapshotId) -> Self {
        Self { offset: id.end_offset, epoch: id.epoch }
    }
}

/// A snapshot: a file `<end offset>-<epoch>.checkpoint` beside the log.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Snapshot {
    id: OffsetAndEpoch,
    /// Header, records, footer.
    batches: Vec<Rc<RecordBatch>>,
    size_bytes: i64,
}

impl Snapshot {
    /// The image of a log up to `id`, written anew (`RecordsSnapshotWriter`), with the control records `quorum` in its header.
    /// `last_contained_log_timestamp` is the time of the last record that it stands for, in milliseconds.
    pub fn of(
        id: OffsetAndEpoch,
        image: &MetadataImage,
        quorum: Vec<Record>,
        last_contained_log_timestamp: i64,
        now: Millis,
    ) -> Self {
        let header = QuorumControlRecord::SnapshotHeader { last_contained_log_timestamp };
        let records: Vec<Record> = image.records().iter().map(MetadataRecord::to_record).collect();
        let timestamp = i64::try_from(now).unwrap_or(i64::MAX);
        let mut batches: Vec<Rc<RecordBatch>> = Vec::new();
        let header: Vec<Record> = [header.to_record()].into_iter().chain(quorum).collect();
        let footer = vec![QuorumControlRecord::SnapshotFooter.to_record()];
        for (is_control, records) in [(true, header), (false, records), (true, footer)] {
            if records.is_empty() {
                continue;
            }
            let base_offset = batches.last().map_or(0, |batch| batch.next_offset());
            let records = records.into_iter().map(|record| Record { timestamp, ..record });
            let batch =
                RecordBatch { base_offset, partition_leader_epoch: id.epoch, is_control, ..RecordBatch::of(records) };
            batches.push(Rc::new(batch));
        }
        Self::of_batches(id, batches)
    }

    fn of_batches(id: OffsetAndEpoch, batches: Vec<Rc<RecordBatch>>) -> Self {
        let size_bytes = batches.iter().map(|batch| i64::from(batch.size_bytes())).sum();
        Self { id, batches, size_bytes }
    }

    /// Where the records end that it stands for (exclusive), and the epoch of the last of them.
    pub fn id(&self) -> OffsetAndEpoch {
        self.id
    }

    /// Header, records, footer.
    pub fn batches(&self) -> &[Rc<RecordBatch>] {
        &self.batches
    }

    /// The file's size, in bytes.
    pub fn size_bytes(&self) -> i64 {
        self.size_bytes
    }

    /// When the last record was written that it stands for, in milliseconds; 0 where the header does not say.
    pub fn last_contained_log_timestamp(&self) -> i64 {
        let header = self.batches.first().and_then(|batch| batch.records.first());
        match header.and_then(QuorumControlRecord::read) {
            Some(QuorumControlRecord::SnapshotHeader { last_contained_log_timestamp }) => last_contained_log_timestamp,
            Some(_) | None => 0,
        }
    }

    /// What it says of the quorum itself.
    pub(super) fn quorum(&self) -> QuorumHistory {
        let mut quorum = QuorumHistory::default();
        self.batches.iter().for_each(|batch| quorum.replay(batch, Some(self.id.offset.saturating_sub(1))));
        quorum
    }

    /// What it says.
    pub fn records(&self) -> impl Iterator<Item = &MetadataRecord> + '_ {
        self.batches.iter().flat_map(|batch| MetadataRecord::all_of(batch).iter().map(|(_, record)| record))
    }

    /// The image that it stands for.
    pub fn image(&self) -> MetadataImage {
        let mut image = MetadataImage::default();
        self.records().for_each(|record| image.apply(record));
        image
    }

    /// The batches whose last byte lies in the `bytes` of the file from `position` on (`RawSnapshotReader.slice`). Who puts the
    /// pieces together has a batch when its last byte has come.
    pub fn slice(&self, position: i64, bytes: i64) -> Vec<Rc<RecordBatch>> {
        let mut end = 0i64;
        let ends = self.batches.iter().map(|batch| {
            end = end.saturating_add(i64::from(batch.size_bytes()));
            (end, batch)
        });
        let within = ends.filter(|(end, _)| *end > position && *end <= position.saturating_add(bytes));
        within.map(|(_, batch)| Rc::clone(batch)).collect()
    }
}

/// A snapshot that is being fetched, piece by piece. It is no snapshot until it is whole: a process that ends forgets it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FetchingSnapshot {
    /// Which.
    pub id: OffsetAndEpoch,
    /// How many bytes of it are there: where the next piece begins.
    pub position: i64,
    batches: Vec<Rc<RecordBatch>>,
}

impl FetchingSnapshot {
    /// Nothing has come yet.
    pub fn new(id: OffsetAndEpoch) -> Self {
        Self { id, position: 0, batches: Vec::new() }
    }

    /// A piece has come of a snapshot that is `size` bytes long in all, `max_bytes` of it at the most. Gives the snapshot once it
    /// is whole.
    pub fn take(&mut self, size: i64, max_bytes: i64, piece: &[Rc<RecordBatch>]) -> Option<Snapshot> {
        self.batches.extend(piece.iter().cloned());
        self.position = self.position.saturating_add(max_bytes.max(1)).min(size);
        (self.position >= size).then(|| Snapshot::of_batches(self.id, std::mem::take(&mut self.batches)))
    }
}

/// When snapshots go that newer ones have taken the place of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SnapshotRetention {
    /// `metadata.max.retention.bytes`: how large log and snapshots may be together; less than 0 for any size.
    pub bytes: i64,
    /// `metadata.max.retention.ms`: how old a snapshot may be; less than 0 for any age.
    pub ms: i64,
}

impl SnapshotRetention {
    /// As a node's settings have it.
    pub fn of(settings: &BrokerSettings) -> Self {
        Self { bytes: settings.metadata_max_retention_bytes, ms: settings.metadata_max_retention_ms }
    }
}

/// How often a node looks for snapshots that may go, in milliseconds (`RaftMetadataLogCleanerManager`).
const CLEAN_INTERVAL_MS: Millis = 60_000;

impl SnapshotRetention {
    /// The look at which a log has something to clean: the first at or after that moment, counted from the process's start.
    pub fn next_look(self, log: &super::MetadataLog, started_ms: Millis, now: Millis) -> Option<Millis> {
        let at = log.cleanable_at(self)?.max(now.saturating_add(1));
        let looks = at.saturating_sub(started_ms).div_ceil(CLEAN_INTERVAL_MS);
        Some(started_ms.saturating_add(looks.saturating_mul(CLEAN_INTERVAL_MS)))
    }
}

/// When a node makes the next snapshot (`SnapshotGenerator`): after a number of bytes, or after a time with the next
/// record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct SnapshotGenerator {
    /// Bytes of the log that were replayed since the last snapshot.
    bytes: i64,
    /// When the last snapshot was made or loaded.
    last_ms: Millis,
    /// Whether it has found a metadata record, in a snapshot or in the log (`hasSeenRecord`).
    has_seen_record: bool,
    /// Whether the node has once caught up with the log: what it replays before is not counted.
    has_caught_up: bool,
}

/// The limits of [`SnapshotGenerator`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SnapshotLimits {
    /// `metadata.log.max.record.bytes.between.snapshots`.
    pub max_bytes: i64,
    /// `metadata.log.max.snapshot.interval.ms`, 0 for none.
    pub max_interval_ms: Millis,
}

impl SnapshotLimits {
    /// As a node's settings have them.
    pub fn of(settings: &BrokerSettings) -> Self {
        let max_bytes = settings.metadata_log_max_record_bytes_between_snapshots;
        Self {
            max_bytes: i64::try_from(max_bytes).unwrap_or(i64::MAX),
            max_interval_ms: settings.metadata_log_max_snapshot_interval_ms,
        }
    }
}

impl SnapshotGenerator {
    /// All that is committed was replayed, these batches last. Gives whether a snapshot is due now.
    pub fn replayed(&mut self, batches: &[Rc<RecordBatch>], limits: SnapshotLimits, now: Millis) -> bool {
        if !self.has_caught_up {
            self.has_seen_record |= batches.iter().any(|batch| !batch.is_control);
            self.has_caught_up = self.has_seen_record;
            self.last_ms = now;
            return false;
        }
        if batches.is_empty() {
            return false;
        }
        self.bytes = batches.iter().map(|batch| i64::from(batch.size_bytes())).fold(self.bytes, i64::saturating_add);
        let is_late = limits.max_interval_ms > 0 && now.saturating_sub(self.last_ms) >= limits.max_interval_ms;
        self.bytes >= limits.max_bytes || is_late
    }

    /// A snapshot was made or loaded: the counters begin anew.
    pub fn reset(&mut self, now: Millis) {
        (self.bytes, self.last_ms, self.has_seen_record) = (0, now, true);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raft::MetadataLog;

    fn id(offset: i64, epoch: i32) -> OffsetAndEpoch {
        OffsetAndEpoch { offset, epoch }
    }

    fn no_op() -> Vec<Record> {
        vec![MetadataRecord::NoOpRecord {}.to_record()]
    }

    /// Ten records of epoch 1 and ten of epoch 3, with a snapshot of each ten.
    fn log() -> MetadataLog {
        let mut log = MetadataLog::default();
        for number in 0..20 {
            log.append(if number < 10 { 1 } else { 3 }, number, false, no_op());
        }
        assert!(log.add_snapshot(Snapshot::of(id(10, 1), &MetadataImage::default(), Vec::new(), 100, 100)));
        assert!(log.add_snapshot(Snapshot::of(id(20, 3), &MetadataImage::default(), Vec::new(), 200, 200)));
        log
    }

    #[test]
    fn a_replica_is_given_a_snapshot_where_the_log_will_not_do() {
        let mut log = log();
        assert_eq!(log.snapshot_for(0, 0), Some(id(20, 3)), "an empty log");
        assert_eq!(log.snapshot_for(12, 3), None);
        assert_eq!(log.snapshot_for(12, 0), Some(id(20, 3)), "older than the oldest snapshot");
        assert_eq!(log.clean(SnapshotRetention { bytes: 0, ms: -1 }, 300), [id(10, 1)]);
        assert_eq!((log.start_offset(), log.end_offset(), log.last_epoch()), (20, 20, 3));
        assert_eq!(log.snapshot_for(12, 3), Some(id(20, 3)), "below the log's start");
        assert_eq!(log.snapshot_for(20, 1), Some(id(20, 3)), "at the log's start, after other records");
        assert_eq!(log.snapshot_for(20, 3), None);
        assert_eq!(log.snapshots().len(), 1, "the newest stays, however large");
    }

    #[test]
    fn the_snapshot_of_the_first_start_is_sent_to_nobody() {
        let mut log = MetadataLog::default();
        log.add_snapshot(Snapshot::of(OffsetAndEpoch::BOOTSTRAP, &MetadataImage::default(), Vec::new(), 0, 0));
        log.append(1, 0, false, no_op());
        assert_eq!((log.snapshot_for(0, 0), log.snapshot_for(1, 1)), (None, None));
    }

    #[test]
    fn old_snapshots_go_by_age_and_only_where_a_newer_one_is_there() {
        let mut log = log();
        let retention = SnapshotRetention { bytes: -1, ms: 200 };
        assert_eq!(log.cleanable_at(retention), Some(301));
        assert_eq!(retention.next_look(&log, 7, 50), Some(60_007));
        assert_eq!(log.clean(retention, 300), []);
        assert_eq!(log.clean(retention, 301), [id(10, 1)]);
        assert_eq!(log.cleanable_at(retention), None);
    }

    #[test]
    fn a_snapshot_comes_in_pieces_of_any_size() {
        let mut image = MetadataImage::default();
        image.features.insert("metadata.version".to_owned(), 30);
        let snapshot = Snapshot::of(id(7, 2), &image, Vec::new(), 5, 5);
        assert_eq!(snapshot.id().file_name(), "00000000000000000007-0000000002.checkpoint");
        assert_eq!(snapshot.last_contained_log_timestamp(), 5);
        for max_bytes in [1, 10, 100, 100_000] {
            let mut fetching = FetchingSnapshot::new(snapshot.id());
            let whole = loop {
                let piece = snapshot.slice(fetching.position, max_bytes);
                if let Some(whole) = fetching.take(snapshot.size_bytes(), max_bytes, &piece) {
                    break whole;
                }
            };
            assert_eq!(whole, snapshot, "{max_bytes}");
        }
        assert_eq!(snapshot.image(), image);
    }

    #[test]
    fn a_snapshot_takes_the_place_of_the_whole_log() {
        let mut log = log();
        log.install_snapshot(Snapshot::of(id(40, 5), &MetadataImage::default(), Vec::new(), 1, 1));
        assert_eq!((log.start_offset(), log.end_offset(), log.last_epoch()), (40, 40, 5));
        assert_eq!((log.end_of_epoch(5), log.epoch_at(39), log.epoch_at(40)), ((5, 40), Some(5), None));
        assert_eq!(log.append(6, 0, false, no_op()), 40);
    }

    #[test]
    fn who_begins_or_has_fallen_below_the_start_loads_the_newest_snapshot_once_it_is_known_to_be_committed() {
        let mut log = log();
        let to_load =
            |log: &MetadataLog, next, committed| log.snapshot_to_load(next, committed).map(|found| found.id());
        assert_eq!([to_load(&log, 0, -1), to_load(&log, 0, 20), to_load(&log, 5, 20)], [None, Some(id(20, 3)), None]);
        log.clean(SnapshotRetention { bytes: 0, ms: -1 }, 300);
        assert_eq!([to_load(&log, 5, 20), to_load(&log, 20, 20)], [Some(id(20, 3)), None]);
    }

    #[test]
    fn a_snapshot_is_due_after_so_many_bytes_or_with_the_first_record_after_so_much_time() {
        let log = log();
        let batch = i64::from(log.batches_between(0, 1)[0].size_bytes());
        let limits = SnapshotLimits { max_bytes: 3 * batch, max_interval_ms: 1_000 };
        let mut control = MetadataLog::default();
        control.append(1, 0, true, vec![QuorumControlRecord::SnapshotFooter.to_record()]);
        let mut generator = SnapshotGenerator::default();
        let mut replayed =
            |log: &MetadataLog, from, to, now| generator.replayed(log.batches_between(from, to), limits, now);
        assert!(!replayed(&control, 0, 1, 0), "a control record alone is nothing that it could have caught up with");
        assert!(!replayed(&log, 0, 10, 0), "what was there before it caught up does not count");
        assert!(!replayed(&log, 10, 12, 10) && replayed(&log, 12, 13, 10));
        generator.reset(10);
        assert!(!generator.replayed(&[], limits, 5_000), "time alone writes none");
        assert!(generator.replayed(log.batches_between(13, 14), limits, 5_000));
    }

    #[test]
    fn what_stands_behind_the_snapshot_that_a_process_begins_with_does_not_count() {
        let log = log();
        let limits = SnapshotLimits { max_bytes: 1, max_interval_ms: 0 };
        let mut generator = SnapshotGenerator::default();
        generator.reset(10);
        assert!(!generator.replayed(log.batches_between(10, 20), limits, 10));
        assert!(generator.replayed(log.batches_between(19, 20), limits, 10));
    }
}
