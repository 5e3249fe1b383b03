//! Stopping, crashing and starting again: what is lost, and what a start checks (`LogLoader`).

use std::rc::Rc;

use super::replica_log::{Log, Recovery};
use super::segment::Segment;

impl Log {
    /// A clean shutdown: all is flushed, the time index ends with the greatest timestamp (`UnifiedLog.close`).
    pub fn close(&mut self) {
        self.flush(self.active_segment().last_modified_ms());
        self.producer_state.take_snapshot();
        self.active_segment_mut().close();
    }

    /// The machine goes down: what was not flushed is gone. The old and the new log end offset, if records were lost.
    ///
    /// The leader epochs stay, even those of lost records: Kafka forces each new entry to disk at once. The next
    /// [`Log::recover`] cuts them to the log.
    pub fn crash_machine(&mut self) -> Option<(i64, i64)> {
        let (before, flushed) = (self.log_end_offset, self.flushed_offset);
        let kept = self.segments.partition_point(|segment| segment.base_offset() <= flushed).max(1);
        self.segments.truncate(kept);
        if self.active_segment().next_offset() > flushed || self.active_segment().size_bytes() > 0 {
            self.active_segment_mut().truncate_to(flushed);
        }
        self.log_end_offset = self.active_segment().next_offset().min(before);
        (self.log_end_offset < before).then_some((before, self.log_end_offset))
    }

    /// Damages the batch that holds an offset, as a bad disk does. False if there is none. Nothing notices until a
    /// recovery checks the segment.
    pub fn damage(&mut self, offset: i64) -> bool {
        let Some(at) = self.segment_at(offset) else {
            return false;
        };
        Rc::make_mut(&mut self.segments[at]).damage(offset)
    }

    /// Leaves the first bytes of a batch at the end of the active segment, as a kill in the middle of a write does.
    pub fn tear(&mut self, bytes: u32) {
        self.active_segment_mut().tear(bytes);
    }

    /// A start after an unclean shutdown whose checkpoint files were up to date.
    pub fn recover(&mut self) -> Recovery {
        self.load(false, self.recovery_point, self.log_start_offset)
    }

    /// A start: takes the log from disk as `LogLoader.load` does.
    ///
    /// `recovery_point` and `log_start_offset` are what the broker's checkpoint files say. After a clean shutdown nothing
    /// is checked. After an unclean one every segment from the one that holds the recovery point is checked and its
    /// indexes are built anew; at the first damaged batch the log ends. Then the leader epochs are cut to the log.
    pub fn load(&mut self, was_clean_shutdown: bool, recovery_point: i64, log_start_offset: i64) -> Recovery {
        // Files whose deletion was under way go at once.
        self.deleted.clear();
        for segment in &mut self.segments {
            if segment.was_written_since_open() {
                Rc::make_mut(segment).reopen();
            }
        }
        let recovery = if was_clean_shutdown { Recovery::default() } else { self.check_from(recovery_point) };
        let end = self.active_segment().next_offset();
        let start = log_start_offset.max(0);
        if end < start {
            self.epochs.clear();
            self.segments = vec![Rc::new(Segment::new(start, self.active_segment().last_modified_ms()))];
        }
        self.log_end_offset = end.max(start);
        // Only a flush moves the recovery point, not the check: what was checked may still be in the page cache alone.
        self.recovery_point =
            if was_clean_shutdown { self.log_end_offset } else { recovery_point.clamp(0, self.log_end_offset) };
        self.flushed_offset = self.flushed_offset.min(self.log_end_offset);
        self.epochs.truncate_from_end(self.log_end_offset);
        self.epochs.truncate_from_start(start);
        self.log_start_offset = start.max(self.segments[0].base_offset());
        recovery
    }

    fn check_from(&mut self, recovery_point: i64) -> Recovery {
        let mut recovery = Recovery::default();
        let mut at = self.segment_at(recovery_point).unwrap_or(0);
        while let Some(segment) = self.segments.get_mut(at) {
            let segment = Rc::make_mut(segment);
            recovery.segments_recovered.push(segment.base_offset());
            let cut_bytes = segment.recover();
            for batch in segment.batches() {
                if self.epochs.latest_epoch().is_none_or(|latest| batch.partition_leader_epoch > latest) {
                    self.epochs.assign(batch.partition_leader_epoch, batch.base_offset);
                }
            }
            at += 1;
            if cut_bytes > 0 {
                recovery.truncated = Some((segment.base_offset(), segment.next_offset()));
                recovery.segments_deleted = self.segments.drain(at..).map(|gone| gone.base_offset()).collect();
            }
        }
        recovery
    }
}
