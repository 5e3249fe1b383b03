//! Compaction: of each key the last value stays (`LogCleanerManager`, `Cleaner`).

use std::collections::BTreeMap;
use std::rc::Rc;

use serde::Serialize;

use super::cleaned_transactions::CleanedTransactions;
use super::producer_state::ProducerStateEntry;
use super::replica_log::Log;
use super::segment::{Segment, StoredBatch, millis};
use super::transaction_index::AbortedTxn;
use crate::settings::TopicSettings;
use crate::wire::contents::Contents;
use crate::wire::records::{Bytes, Record, RecordBatch};

/// What a pass of the cleaner did.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Compaction {
    /// The first offset that had not been cleaned before.
    pub first_dirty_offset: i64,
    /// The first offset that has not been cleaned now: the log's new line in `cleaner-offset-checkpoint`.
    pub end_offset: i64,
    /// The records that went, by offset.
    pub removed: Vec<i64>,
    /// Bytes of the cleaned segments before.
    pub bytes_before: u64,
    /// Bytes of what replaced them.
    pub bytes_after: u64,
    /// The base offsets of the segments that went up in the one before them.
    pub segments_merged: Vec<i64>,
}

/// How dirty a log is (`LogToClean`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Dirtiness {
    /// The first offset that the cleaner has not seen.
    pub first_dirty_offset: i64,
    /// The base offset of the first segment that it must not touch.
    pub first_uncleanable_offset: i64,
    /// Bytes of the segments that begin below the first dirty offset.
    pub clean_bytes: u64,
    /// Bytes of the segments between.
    pub cleanable_bytes: u64,
}

impl Dirtiness {
    /// The share that `min.cleanable.dirty.ratio` is compared with; 0 for an empty log.
    pub fn ratio(&self) -> f64 {
        let total = self.clean_bytes.saturating_add(self.cleanable_bytes);
        if total == 0 { 0.0 } else { self.cleanable_bytes as f64 / total as f64 }
    }
}

/// What the batches of one pass are judged by.
struct Cleaning<'a> {
    /// The last offset of each key among the dirty records (`OffsetMap`).
    latest_of_key: BTreeMap<Bytes, i64>,
    end_offset: i64,
    now_ms: i64,
    delete_retention_ms: i64,
    /// What is remembered of producers: a new leader learns their sequence numbers from the log.
    producers: &'a BTreeMap<i64, ProducerStateEntry>,
}

impl Log {
    /// How dirty the log is, below the first offset that must not be cleaned: the last stable offset, at most the high
    /// watermark. Neither the active segment nor one younger than `min.compaction.lag.ms` is cleanable.
    pub fn dirtiness(&self, settings: &TopicSettings, first_uncleanable: i64, now_ms: u64) -> Dirtiness {
        let valid = self.log_start_offset..=self.log_end_offset;
        let first_dirty_offset =
            self.cleaned_offset.filter(|offset| valid.contains(offset)).unwrap_or(self.log_start_offset);
        let active = self.active_segment().base_offset();
        let youngest = millis(now_ms).saturating_sub(millis(settings.min_compaction_lag_ms));
        let too_young = self
            .segments_between(first_dirty_offset, active)
            .iter()
            .find(|segment| settings.min_compaction_lag_ms > 0 && segment.largest_timestamp() > youngest)
            .map_or(active, |segment| segment.base_offset());
        let uncleanable = first_uncleanable.min(too_young).max(first_dirty_offset);
        let first_uncleanable_offset =
            self.segments_between(uncleanable, active).first().map_or(active, |segment| segment.base_offset());
        let bytes = |segments: &[Rc<Segment>]| segments.iter().map(|segment| u64::from(segment.size_bytes())).sum();
        Dirtiness {
            first_dirty_offset,
            first_uncleanable_offset,
            clean_bytes: bytes(self.segments_between(-1, first_dirty_offset)),
            cleanable_bytes: bytes(self.segments_between(first_dirty_offset, first_uncleanable_offset)),
        }
    }

    /// Whether a record may have waited for the cleaner for longer than `max.compaction.lag.ms`, judged by the first batch
    /// of each dirty segment but the active one (`maxCompactionDelay`).
    fn waits_too_long(&self, settings: &TopicSettings, first_dirty_offset: i64, now_ms: u64) -> bool {
        let active = self.active_segment().base_offset();
        let dirty = self.segments_between(first_dirty_offset, active).iter();
        let first_timestamps = dirty.filter_map(|segment| segment.first_batch_timestamp());
        let oldest = first_timestamps.filter(|timestamp| *timestamp > 0).min();
        oldest.is_some_and(|oldest| oldest < millis(now_ms).saturating_sub(millis(settings.max_compaction_lag_ms)))
    }

    /// From the segment that holds `from` to the last that begins below `to` (`LogSegments.values`).
    fn segments_between(&self, from: i64, to: i64) -> &[Rc<Segment>] {
        if from >= to {
            return &[];
        }
        let first = self.segment_at(from).unwrap_or(0);
        let end = self.segments.partition_point(|segment| segment.base_offset() < to);
        self.segments.get(first..end).unwrap_or_default()
    }

    /// One pass of the cleaner, if the topic is compacted and the log dirtier than `min.cleanable.dirty.ratio`. The last
    /// batch of a producer that is remembered stays, if need be without records.
    pub fn compact(&mut self, settings: &TopicSettings, first_uncleanable: i64, now_ms: u64) -> Option<Compaction> {
        if !settings.cleanup_policy.contains("compact") {
            return None;
        }
        // A checkpoint that lies outside of the log is written anew whether there is something to clean or not
        // (`LogCleanerManager.cleanableOffsets`).
        let valid = self.log_start_offset..=self.log_end_offset;
        if self.cleaned_offset.is_some_and(|offset| !valid.contains(&offset)) {
            self.cleaned_offset = Some(self.log_start_offset);
        }
        let dirtiness = self.dirtiness(settings, first_uncleanable, now_ms);
        let is_dirty_enough = dirtiness.ratio() > settings.min_cleanable_dirty_ratio
            || self.waits_too_long(settings, dirtiness.first_dirty_offset, now_ms);
        let is_due = dirtiness.cleanable_bytes > 0 && is_dirty_enough;
        if !is_due {
            return None;
        }
        let (first_dirty_offset, end_offset) = (dirtiness.first_dirty_offset, dirtiness.first_uncleanable_offset);
        let cleaning = Cleaning {
            latest_of_key: self.latest_of_key(first_dirty_offset, end_offset),
            end_offset,
            now_ms: millis(now_ms),
            delete_retention_ms: millis(settings.delete_retention_ms),
            producers: self.producer_state.producers(),
        };
        let old = self.segments_between(0, end_offset).to_vec();
        let mut transactions = CleanedTransactions::of(self.aborted_before(0, end_offset));
        let mut done = Compaction {
            first_dirty_offset,
            end_offset,
            removed: Vec::new(),
            bytes_before: old.iter().map(|segment| u64::from(segment.size_bytes())).sum(),
            bytes_after: 0,
            segments_merged: Vec::new(),
        };
        let mut cleaned = Vec::new();
        for group in groups_by_size(&old, settings, end_offset) {
            let segment = cleaning.clean_into_one(group, &mut transactions, settings, now_ms, &mut done.removed);
            done.bytes_after = done.bytes_after.saturating_add(u64::from(segment.size_bytes()));
            done.segments_merged.extend(group.iter().skip(1).map(|merged| merged.base_offset()));
            cleaned.push(Rc::new(segment));
        }
        self.segments.splice(..old.len(), cleaned);
        self.transaction_index.replace_before(end_offset, transactions.into_index());
        let replaced: Vec<i64> = old.iter().map(|segment| segment.base_offset()).collect();
        self.delete_later(&replaced, settings, now_ms);
        self.producer_state.delete_snapshots(&done.segments_merged);
        self.cleaned_offset = Some(end_offset);
        Some(done)
    }

    /// The aborted transactions that began before an offset, as the indexes of the segment that holds `from` and of all behind it
    /// know them, the active one among them (`LocalLog.collectAbortedTransactions`).
    fn aborted_before(&self, from: i64, to: i64) -> Vec<AbortedTxn> {
        let first =
            self.segment_at(from).and_then(|at| self.segments.get(at)).map_or(0, |segment| segment.base_offset());
        self.transaction_index.aborted_in(first.max(self.log_start_offset), to)
    }

    /// The last offset of each key from an offset up to another (`buildOffsetMap`). Aborted records do not count.
    fn latest_of_key(&self, from: i64, to: i64) -> BTreeMap<Bytes, i64> {
        let dirty = self.segments_between(from, to);
        let mut transactions = CleanedTransactions::of(self.aborted_before(from, to));
        let mut latest = BTreeMap::new();
        for batch in dirty.iter().flat_map(|segment| segment.batches()) {
            if transactions.may_discard(batch) || batch.is_control {
                continue;
            }
            let keyed =
                batch.records.iter().filter_map(|record| Some((record.key.as_ref()?, offset_of(batch, record))));
            latest.extend(keyed.filter(|(_, offset)| *offset >= from).map(|(key, offset)| (key.clone(), offset)));
        }
        latest
    }
}

/// Neighbours that fit into one segment together, by their size before the cleaning (`groupSegmentsBySize`).
fn groups_by_size<'a>(segments: &'a [Rc<Segment>], settings: &TopicSettings, end: i64) -> Vec<&'a [Rc<Segment>]> {
    let mut groups = Vec::new();
    let mut rest = segments;
    while let Some(first) = rest.first() {
        let (mut size, mut index, mut time_index) = sizes(first);
        let mut count = 1;
        while let Some(segment) = rest.get(count) {
            let more = sizes(segment);
            let last_offset = rest.get(count + 1).map_or(end, |next| next.base_offset()).saturating_sub(1);
            let spans = last_offset.saturating_sub(first.base_offset());
            (size, index, time_index) = (size + more.0, index + more.1, time_index + more.2);
            if size > u64::from(settings.segment_size())
                || index.max(time_index) > u64::from(settings.segment_index_bytes)
                || (!segment.is_empty() && spans > i64::from(i32::MAX))
            {
                break;
            }
            count += 1;
        }
        let (group, others) = rest.split_at(count);
        groups.push(group);
        rest = others;
    }
    groups
}

fn sizes(segment: &Segment) -> (u64, u64, u64) {
    let (index, time_index) = (segment.offset_index().size_bytes(), segment.time_index().size_bytes());
    (segment.size_bytes().into(), index.into(), time_index.into())
}

fn offset_of(batch: &RecordBatch, record: &Record) -> i64 {
    batch.base_offset.saturating_add(i64::from(record.offset_delta))
}

impl Cleaning<'_> {
    /// Copies what stays of some segments into one that takes their place (`cleanSegments`).
    fn clean_into_one(
        &self,
        group: &[Rc<Segment>],
        transactions: &mut CleanedTransactions,
        settings: &TopicSettings,
        now_ms: u64,
        removed: &mut Vec<i64>,
    ) -> Segment {
        let base_offset = group.first().map_or(0, |segment| segment.base_offset());
        let mut cleaned = Segment::new(base_offset, now_ms);
        cleaned.open_indexes(settings);
        for stored in group.iter().flat_map(|segment| segment.stored()) {
            if let Some(kept) = self.clean(stored, transactions, removed) {
                cleaned.append(kept, now_ms);
            }
        }
        cleaned.close();
        cleaned.set_last_modified_ms(group.last().map_or(now_ms, |segment| segment.last_modified_ms()));
        cleaned
    }

    /// What stays of a batch: itself, a copy with fewer records but the same first and last offset, or nothing
    /// (`cleanInto`, `MemoryRecords.filterTo`).
    fn clean(
        &self,
        stored: &StoredBatch,
        transactions: &mut CleanedTransactions,
        removed: &mut Vec<i64>,
    ) -> Option<StoredBatch> {
        let batch = &stored.batch;
        let may_discard = transactions.may_discard(batch);
        let horizon_passed = batch.delete_horizon_ms.is_some_and(|horizon| horizon <= self.now_ms);
        let discards_all = may_discard && (!batch.is_control || horizon_passed);
        // The last batch of a pass stays even without records, lest the log end at a lower offset after a restart.
        let keeps_empty = batch.next_offset() == self.end_offset || self.is_last_of_producer(batch);

        let stays = |record: &Record| !discards_all && (batch.is_control || self.stays(stored, record));
        let (kept, gone): (Vec<&Record>, Vec<&Record>) = batch.records.iter().partition(|record| stays(record));
        removed.extend(gone.iter().map(|record| offset_of(batch, record)));
        if kept.is_empty() && !keeps_empty {
            return None;
        }
        let has_tombstone = kept.iter().any(|record| record.value.is_none());
        let starts_horizon = !kept.is_empty()
            && batch.delete_horizon_ms.is_none()
            && (has_tombstone || (may_discard && batch.is_control));
        if gone.is_empty() && !starts_horizon {
            return Some(stored.clone());
        }
        // The rest is encoded anew: its timestamps are counted from the delete horizon or from the first record that stayed,
        // and a batch that the leader stamped holds its time in every record. An empty batch keeps its greatest timestamp.
        let horizon = self.now_ms.saturating_add(self.delete_retention_ms);
        let records: Vec<Record> = kept.into_iter().cloned().collect();
        let rewritten = RecordBatch {
            delete_horizon_ms: batch
                .delete_horizon_ms
                .or(starts_horizon.then_some(horizon))
                .filter(|_| !records.is_empty()),
            timestamp_type: batch.timestamp_type,
            sent_timestamps: Vec::new(),
            records,
            contents: Contents::default(),
            ..**batch
        };
        let mut copy = StoredBatch { is_damaged: stored.is_damaged, ..StoredBatch::new(Rc::new(rewritten)) };
        if copy.batch.records.is_empty() {
            copy.max_timestamp = stored.max_timestamp;
        }
        Some(copy)
    }

    /// Whether a batch is the last of a producer that is remembered (`lastRecordsOfActiveProducers`): its last data, or where
    /// that is forgotten, a marker of its epoch.
    fn is_last_of_producer(&self, batch: &RecordBatch) -> bool {
        self.producers.get(&batch.producer_id).is_some_and(|entry| match entry.batches.back() {
            Some(last) => batch.last_offset() == last.last_offset,
            None => batch.is_control && batch.producer_epoch == entry.producer_epoch,
        })
    }

    /// Whether a record has the last value of its key, or is a tombstone whose time has not come (`shouldRetainRecord`).
    fn stays(&self, stored: &StoredBatch, record: &Record) -> bool {
        let offset = offset_of(&stored.batch, record);
        if offset >= self.end_offset {
            return true;
        }
        let Some(key) = &record.key else {
            return false;
        };
        let is_latest = self.latest_of_key.get(key).is_none_or(|latest| offset >= *latest);
        let keeps_tombstones = stored.batch.delete_horizon_ms.is_none_or(|horizon| self.now_ms < horizon);
        is_latest && (record.value.is_some() || keeps_tombstones)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::ProducerExpiration;

    fn settings() -> TopicSettings {
        TopicSettings {
            cleanup_policy: "compact".into(),
            min_cleanable_dirty_ratio: 0.01,
            delete_retention_ms: 100,
            ..TopicSettings::default()
        }
    }

    fn append(log: &mut Log, batch: RecordBatch) {
        log.append_as_leader(batch, 0, &settings(), 0).expect("nothing about its producer refuses it");
    }

    fn written_by(producer_id: i64, key: &str, value: &str) -> RecordBatch {
        let record = Record { key: Some(key.into()), value: Some(value.into()), ..Record::default() };
        RecordBatch { producer_id, is_transactional: true, ..RecordBatch::of([record]) }
    }

    fn marker(producer_id: i64, kind: u8) -> RecordBatch {
        let key = Bytes::from(vec![0, 0, 0, kind]);
        let record = Record { key: Some(key), value: Some(vec![0; 6].into()), ..Record::default() };
        RecordBatch { producer_id, is_transactional: true, is_control: true, ..RecordBatch::of([record]) }
    }

    /// Forgets the producers, as when they have expired: their last batches need not stay.
    fn forget_producers(log: &mut Log) {
        let at_once = ProducerExpiration { expiration_ms: 1, check_interval_ms: 1 };
        log.remove_expired_producers(u64::MAX, at_once);
    }

    /// Begins another segment, so that all before can be cleaned.
    fn roll(log: &mut Log) {
        log.roll(log.log_end_offset(), 0);
    }

    fn offsets(log: &Log) -> Vec<i64> {
        log.batches().map(|batch| batch.base_offset).collect()
    }

    #[test]
    fn aborted_records_go_and_their_marker_after_its_time() {
        let mut log = Log::new();
        append(&mut log, written_by(7, "a", "kept"));
        append(&mut log, marker(7, 1));
        append(&mut log, written_by(8, "a", "aborted"));
        append(&mut log, marker(8, 0));
        append(&mut log, written_by(9, "b", "kept"));
        roll(&mut log);
        forget_producers(&mut log);
        log.compact(&settings(), i64::MAX, 1_000).expect("it is dirty");
        assert_eq!(offsets(&log), [0, 1, 3, 4], "the aborted value does not replace the committed one");

        for (now_ms, left) in
            [(2_000, vec![0, 1, 3, 4, 5]), (2_099, vec![0, 1, 3, 4, 5, 6]), (2_100, vec![0, 1, 4, 5, 6, 7])]
        {
            append(&mut log, written_by(9, &format!("at {now_ms}"), "v"));
            roll(&mut log);
            forget_producers(&mut log);
            log.compact(&settings(), i64::MAX, now_ms).expect("it is dirty");
            assert_eq!(offsets(&log), left, "at {now_ms}");
        }
    }

    #[test]
    fn an_aborted_record_is_known_whose_marker_is_not_cleaned_yet() {
        let mut log = Log::new();
        append(&mut log, RecordBatch { is_transactional: false, ..written_by(-1, "a", "kept") });
        append(&mut log, written_by(8, "a", "aborted"));
        append(&mut log, RecordBatch { is_transactional: false, ..written_by(-1, "b", "kept") });
        roll(&mut log);
        append(&mut log, marker(8, 0));
        forget_producers(&mut log);
        let done = log.compact(&settings(), i64::MAX, 0).expect("it is dirty");
        assert_eq!((offsets(&log), done.removed), (vec![0, 2, 3], vec![1]));
    }

    #[test]
    fn an_aborted_transaction_leaves_the_index_once_none_of_its_batches_is_left() {
        let mut log = Log::new();
        append(&mut log, written_by(8, "a", "aborted"));
        append(&mut log, marker(8, 0));
        for (pass, left) in [(1, 1), (2, 0)] {
            append(
                &mut log,
                RecordBatch { is_transactional: false, ..written_by(-1, &format!("in pass {pass}"), "v") },
            );
            roll(&mut log);
            forget_producers(&mut log);
            log.compact(&settings(), i64::MAX, 0).expect("it is dirty");
            assert_eq!(log.transaction_index().entries().len(), left, "after pass {pass}");
        }
    }

    #[test]
    fn a_segment_that_is_merged_into_another_leaves_no_snapshot() {
        let mut log = Log::new();
        for value in ["1", "2", "3"] {
            append(&mut log, RecordBatch { is_transactional: false, ..written_by(5, "a", value) });
            roll(&mut log);
        }
        let snapshots = |log: &Log| log.producer_state().snapshot_files().map(|(offset, _)| offset).collect::<Vec<_>>();
        assert_eq!(snapshots(&log), [1, 2, 3]);
        let done = log.compact(&settings(), i64::MAX, 0).expect("it is dirty");
        assert_eq!((done.segments_merged, snapshots(&log)), (vec![1, 2], vec![3]));
    }

    #[test]
    fn a_checkpoint_below_the_logs_start_is_written_anew_at_the_next_look() {
        let mut log = Log::new();
        append(&mut log, written_by(-1, "a", "1"));
        roll(&mut log);
        log.compact(&settings(), i64::MAX, 0).expect("it is dirty");
        append(&mut log, written_by(-1, "a", "2"));
        append(&mut log, written_by(-1, "a", "3"));
        assert!(log.move_log_start(3));
        assert_eq!((log.cleaned_offset(), log.compact(&settings(), i64::MAX, 0)), (Some(1), None));
        assert_eq!(log.cleaned_offset(), Some(3));
    }

    #[test]
    fn a_producers_last_batch_stays_without_its_records() {
        let mut log = Log::new();
        for value in ["1", "2", "3"] {
            append(&mut log, RecordBatch { is_transactional: false, ..written_by(5, "a", value) });
        }
        append(&mut log, RecordBatch { is_transactional: false, ..written_by(-1, "a", "4") });
        roll(&mut log);
        log.compact(&settings(), i64::MAX, 0).expect("it is dirty");
        let left: Vec<_> = log.batches().map(|batch| (batch.base_offset, batch.records.len())).collect();
        assert_eq!(left, [(2, 0), (3, 1)]);
    }

    #[test]
    fn a_record_waits_no_longer_than_the_greatest_compaction_lag() {
        let settings = TopicSettings { min_cleanable_dirty_ratio: 1.0, max_compaction_lag_ms: 500, ..settings() };
        let mut log = Log::new();
        let record = Record { key: Some("a".into()), timestamp: 100, ..Record::default() };
        append(&mut log, RecordBatch::of([record]));
        roll(&mut log);
        assert_eq!(log.compact(&settings, i64::MAX, 600), None);
        let done = log.compact(&settings, i64::MAX, 601).expect("it has waited too long");
        assert_eq!(done.end_offset, 1);
        // The tombstone's batch is encoded anew: its timestamp is counted from the delete horizon.
        let batch = log.batches().next().expect("it stays").clone();
        assert_eq!((batch.delete_horizon_ms, batch.base_timestamp()), (Some(701), 701));
        assert_eq!(log.size_bytes(), done.bytes_before + 1);
    }

    #[test]
    fn a_log_that_is_clean_enough_is_left_alone() {
        let mut log = Log::new();
        append(&mut log, written_by(-1, "a", "1"));
        assert_eq!(log.compact(&settings(), i64::MAX, 0), None, "the active segment is never cleaned");
        roll(&mut log);
        assert_eq!(log.compact(&settings(), 0, 0), None, "nothing above the high watermark is cleaned");
        let dirtiness = log.dirtiness(&settings(), i64::MAX, 0);
        assert_eq!((dirtiness.first_uncleanable_offset, dirtiness.ratio()), (1, 1.0));
        let lag = TopicSettings { min_compaction_lag_ms: 50, ..settings() };
        assert_eq!(log.compact(&lag, i64::MAX, 49), None, "too young");
        let only_delete = TopicSettings::default();
        assert_eq!(log.compact(&only_delete, i64::MAX, 99), None);
        assert!(log.compact(&lag, i64::MAX, 50).is_some());
    }
}
