//! What a broker does from time to time: checkpoints, flushes, retention, compaction (`LogManager`, `LogCleaner`).

use std::sync::Arc;

use super::{Broker, Context};
use crate::change::Change;
use crate::effects::Timer;
use crate::explain::Explanation;
use crate::log::Segment;
use crate::settings::BrokerSettings;
use crate::sim::Millis;

/// When each part of the logs' upkeep is due next, in milliseconds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Upkeep {
    retention_at: Millis,
    cleaning_at: Millis,
    checkpoint_at: Millis,
}

impl Upkeep {
    /// The upkeep of a process that starts: each part once its interval has passed.
    pub fn new(settings: &BrokerSettings, now: Millis) -> Self {
        Self {
            retention_at: now + settings.log_retention_check_interval_ms.max(1),
            cleaning_at: now + settings.log_cleaner_backoff_ms.max(1),
            checkpoint_at: now + settings.log_flush_offset_checkpoint_interval_ms.max(1),
        }
    }

    /// When something is due next.
    pub fn next_at(&self) -> Millis {
        self.retention_at.min(self.cleaning_at).min(self.checkpoint_at)
    }
}

/// Whether a part is due; if so, it is due again after its interval.
fn is_due(at: &mut Millis, interval: Millis, now: Millis) -> bool {
    let is_due = now >= *at;
    if is_due {
        *at = now + interval.max(1);
    }
    is_due
}

impl Broker {
    /// Writes `replication-offset-checkpoint`.
    pub(super) fn checkpoint_high_watermarks(&mut self, cx: &mut Context) {
        let interval = self.settings.replica_high_watermark_checkpoint_interval_ms;
        cx.fx.set_timer(Timer::HighWatermarkCheckpoint, cx.now + interval.max(1));
        let mut is_new = false;
        for (id, partition) in &self.partitions {
            is_new |= cx.disk.high_watermarks.insert(*id, partition.high_watermark) != Some(partition.high_watermark);
        }
        if is_new {
            let file = "replication-offset-checkpoint".to_owned();
            cx.fx.change(Change::CheckpointWritten { node: self.id, file });
        }
        cx.fx.explain(Explanation::BrokerCheckpoints { node: self.id });
    }

    /// Looks after the logs.
    pub(super) fn clean_logs(&mut self, cx: &mut Context) {
        let (settings, upkeep) = (self.settings.clone(), &mut self.upkeep);
        let checks_retention = is_due(&mut upkeep.retention_at, settings.log_retention_check_interval_ms, cx.now);
        let cleans = is_due(&mut upkeep.cleaning_at, settings.log_cleaner_backoff_ms, cx.now);
        let checkpoints = is_due(&mut upkeep.checkpoint_at, settings.log_flush_offset_checkpoint_interval_ms, cx.now);
        cx.fx.set_timer(Timer::LogCleanup, upkeep.next_at());
        for (id, partition) in &mut self.partitions {
            let Some(log) = cx.disk.log_mut(id) else { continue };
            let name = &partition.name;
            let start_before = log.log_start_offset();
            if checks_retention {
                let active = log.active_segment().base_offset();
                let deleted = log.apply_retention(&partition.settings, partition.high_watermark, cx.now);
                // Where even the active segment goes, another is begun before.
                let begun = log.active_segment().base_offset();
                if begun != active {
                    let partition = name.clone();
                    cx.fx.change(Change::SegmentRolled { node: self.id, partition, base_offset: begun });
                }
                for base_offset in deleted {
                    cx.fx.change(Change::SegmentDeleted { node: self.id, partition: name.clone(), base_offset });
                }
            }
            if cleans
                && partition.settings.cleanup_policy.contains("compact")
                && let Some(compaction) = log.compact(&partition.settings, partition.high_watermark, cx.now)
            {
                let removed = i64::try_from(compaction.removed.len()).unwrap_or(i64::MAX);
                cx.fx.change(Change::Compacted { node: self.id, partition: name.clone(), removed });
            }
            let start = log.log_start_offset();
            if start != start_before {
                let partition = name.clone();
                cx.fx.change(Change::LogStartMoved { node: self.id, partition, from: start_before, to: start });
            }
            partition.high_watermark = partition.high_watermark.max(start);
        }
        if checkpoints {
            self.checkpoint_logs(cx);
        }
        cx.fx.explain(Explanation::BrokerCleansLogs { node: self.id });
    }

    fn checkpoint_logs(&self, cx: &mut Context) {
        let positions: Vec<_> = cx
            .disk
            .logs
            .iter()
            .map(|(id, stored)| {
                let first_segment = stored.log.segments().next().map_or(0, Segment::base_offset);
                (*id, stored.log.recovery_point(), stored.log.log_start_offset(), first_segment)
            })
            .collect();
        for (id, recovery_point, start, first_segment) in positions {
            cx.disk.recovery_points.insert(id, recovery_point);
            // A log's start is in the file only where it is not simply where the first segment begins.
            if start > first_segment {
                cx.disk.log_starts.insert(id, start);
            } else {
                cx.disk.log_starts.remove(&id);
            }
        }
    }

    /// What a clean end writes: every log to disk, then every checkpoint.
    pub(super) fn write_all_checkpoints(&mut self, cx: &mut Context) {
        for stored in cx.disk.logs.values_mut() {
            Arc::make_mut(stored).log.close();
        }
        self.checkpoint_high_watermarks(cx);
        self.checkpoint_logs(cx);
    }
}
