//! Deleting whole segments: by time, by size, and below the log start offset (`UnifiedLog.deleteOldSegments`).

use std::sync::Arc;

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
        if !settings.cleanup_policy.contains("delete") {
            return deleted;
        }
        deleted.extend(self.delete_by_size(settings.retention_bytes, high_watermark, now_ms));
        deleted.extend(self.delete_by_time(settings.retention_ms, high_watermark, now_ms));
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
            let next = self.segments.get(count + 1).map(Arc::as_ref);
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
        let deleted = self.segments.drain(..count).map(|segment| segment.base_offset()).collect();
        self.move_log_start(self.segments[0].base_offset());
        deleted
    }
}
