//! Deleting whole segments: by time, by size, and below the log start offset (`UnifiedLog.deleteOldSegments`).

use std::rc::Rc;

use super::replica_log::Log;
use super::segment::{Segment, millis};
use crate::settings::TopicSettings;

impl Log {
    /// One pass of retention; the base offsets of the segments that it deleted. The log start offset moves up to the
    /// first that is left. Nothing at or above the high watermark goes.
    ///
    /// With `cleanup.policy=compact` only what lies below the log start offset goes.
    pub fn apply_retention(&mut self, settings: &TopicSettings, high_watermark: i64, now_ms: u64) -> Vec<i64> {
        let log_start_offset = self.log_start_offset;
        let mut deleted = self.delete_while(high_watermark, now_ms, |_, next| {
            next.is_some_and(|next| next.base_offset() <= log_start_offset)
        });
        if settings.cleanup_policy.contains("delete") {
            deleted.extend(self.delete_by_size(settings.retention_bytes, high_watermark, now_ms));
            deleted.extend(self.delete_by_time(settings.retention_ms, high_watermark, now_ms));
        }
        if !deleted.is_empty() {
            self.delete_later(&deleted, settings, now_ms);
        }
        deleted
    }

    fn delete_by_size(&mut self, retention_bytes: i64, high_watermark: i64, now_ms: u64) -> Vec<i64> {
        let size = i64::try_from(self.size_bytes()).unwrap_or(i64::MAX);
        if retention_bytes < 0 || size < retention_bytes {
            return Vec::new();
        }
        let mut excess = size - retention_bytes;
        self.delete_while(high_watermark, now_ms, |segment, _| {
            excess -= i64::from(segment.size_bytes());
            excess >= 0
        })
    }

    fn delete_by_time(&mut self, retention_ms: i64, high_watermark: i64, now_ms: u64) -> Vec<i64> {
        if retention_ms < 0 {
            return Vec::new();
        }
        self.delete_while(high_watermark, now_ms, |segment, _| {
            millis(now_ms).saturating_sub(segment.largest_timestamp()) > retention_ms
        })
    }

    /// Deletes segments from the oldest on while they may go and lie below the high watermark. A log keeps one segment:
    /// if all may go, it rolls first, so that even the active one goes.
    fn delete_while(
        &mut self,
        high_watermark: i64,
        now_ms: u64,
        mut may_go: impl FnMut(&Segment, Option<&Segment>) -> bool,
    ) -> Vec<i64> {
        let mut count = 0;
        while let Some(segment) = self.segments.get(count) {
            let next = self.segments.get(count + 1).map(Rc::as_ref);
            let upper_bound = next.map_or(self.log_end_offset, Segment::base_offset);
            let is_empty_active = next.is_none() && segment.is_empty();
            if high_watermark < upper_bound || !may_go(segment, next) || is_empty_active {
                break;
            }
            count += 1;
        }
        if count == self.segments.len() && self.roll(self.log_end_offset, now_ms).is_none() {
            count -= 1;
        }
        let deleted: Vec<i64> = self.segments.drain(..count).map(|segment| segment.base_offset()).collect();
        let first = self.segments[0].base_offset();
        self.producer_state.delete_snapshots(&deleted);
        self.transaction_index.remove_before(first);
        self.move_log_start(first);
        deleted
    }
}

#[cfg(test)]
mod tests {
    use crate::log::Log;
    use crate::settings::TopicSettings;
    use crate::wire::records::{Record, RecordBatch};

    const DAY_MS: u64 = 86_400_000;

    fn settings() -> TopicSettings {
        TopicSettings { segment_bytes: 200, retention_ms: -1, ..TopicSettings::default() }
    }

    /// Four batches of 170 bytes, one a segment, one a day.
    fn log() -> Log {
        let mut log = Log::new();
        log.assign_epoch_start(0, 0);
        for day in 0..4u32 {
            let timestamp = i64::from(day) * DAY_MS.cast_signed();
            let record = Record { timestamp, value: Some(vec![b'v'; 100].into()), ..Record::default() };
            log.append_as_leader(RecordBatch::of([record]), i32::from(day > 1), &settings(), 0)
                .expect("nothing about its producer refuses it");
        }
        assert_eq!((log.segments().len(), log.size_bytes()), (4, 680));
        log
    }

    #[test]
    fn by_time_old_segments_go_and_epochs_start_where_the_log_does() {
        let (mut log, settings) = (log(), TopicSettings { retention_ms: DAY_MS.cast_signed(), ..settings() });
        assert_eq!(log.apply_retention(&settings, 4, 2 * DAY_MS + 1), [0, 1]);
        assert_eq!((log.log_start_offset(), log.log_end_offset()), (2, 4));
        assert_eq!(log.epochs().entries().len(), 1);
        assert!(log.apply_retention(&settings, 4, 2 * DAY_MS + 1).is_empty());
    }

    #[test]
    fn files_of_deleted_segments_stay_for_their_delay() {
        let settings = TopicSettings { retention_bytes: 340, file_delete_delay_ms: 2_500, ..settings() };
        let mut log = log();
        assert_eq!(log.apply_retention(&settings, 4, 1_000), [0, 1]);
        let there = |log: &Log, now| log.deleted_segments(now).map(|each| each.base_offset).collect::<Vec<_>>();
        assert_eq!(there(&log, 3_499), [0, 1]);
        assert!(there(&log, 3_500).is_empty());
        let (mut copy, settings) = (log.clone(), TopicSettings { retention_bytes: 0, ..settings });
        assert_eq!(copy.apply_retention(&settings, 3, 3_500), [2]);
        assert_eq!(there(&copy, 3_500), [2], "what is gone is forgotten");
        log.load(true, 0, 0);
        assert!(there(&log, 0).is_empty(), "a start removes what was deleted");
    }

    #[test]
    fn even_the_active_segment_goes_after_another_is_begun() {
        let (mut log, settings) = (log(), TopicSettings { retention_ms: DAY_MS.cast_signed(), ..settings() });
        assert_eq!(log.apply_retention(&settings, 4, 9 * DAY_MS), [0, 1, 2, 3]);
        assert_eq!((log.log_start_offset(), log.log_end_offset(), log.size_bytes()), (4, 4, 0));
        assert!(log.apply_retention(&settings, 4, 99 * DAY_MS).is_empty(), "an empty active segment stays");
    }

    #[test]
    fn by_size_what_is_too_much_goes() {
        for (retention_bytes, deleted) in [(680, 0), (511, 0), (510, 1), (340, 2), (0, 4), (-1, 0)] {
            let settings = TopicSettings { retention_bytes, ..settings() };
            assert_eq!(log().apply_retention(&settings, 4, 0).len(), deleted, "retention.bytes={retention_bytes}");
        }
    }

    #[test]
    fn nothing_above_the_high_watermark_goes() {
        let settings = TopicSettings { retention_bytes: 0, ..settings() };
        assert_eq!(log().apply_retention(&settings, 2, 0), [0, 1]);
        assert!(log().apply_retention(&settings, 0, 0).is_empty());
    }

    #[test]
    fn below_the_log_start_offset_whole_segments_go_with_any_policy() {
        let (mut log, settings) = (log(), TopicSettings { cleanup_policy: "compact".into(), ..settings() });
        assert!(log.move_log_start(3));
        assert_eq!((log.log_start_offset(), log.segments().len()), (3, 4));
        assert_eq!(log.apply_retention(&settings, 4, 99 * DAY_MS), [0, 1, 2]);
    }
}
