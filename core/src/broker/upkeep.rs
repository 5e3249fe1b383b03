//! What a broker does from time to time: checkpoints, flushes, retention, compaction (`LogManager`, `LogCleaner`).

use serde::{Deserialize, Serialize};

use super::{Broker, Context};
use crate::change::Change;
use crate::effects::Timer;
use crate::explain::Explanation;
use crate::sim::Millis;

/// How often logs are looked after (`log.cleaner.backoff.ms`).
pub const LOG_CLEANUP_INTERVAL_MS: Millis = 15_000;

/// When the slower parts of the upkeep were last done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Upkeep {
    last_retention_ms: Millis,
    last_checkpoint_ms: Millis,
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
        cx.fx.set_timer(Timer::LogCleanup, cx.now + LOG_CLEANUP_INTERVAL_MS);
        let checks_retention = cx.now >= self.upkeep.last_retention_ms + self.settings.log_retention_check_interval_ms;
        if checks_retention {
            self.upkeep.last_retention_ms = cx.now;
        }
        for (id, partition) in &mut self.partitions {
            let Some(log) = cx.disk.log_mut(id) else { continue };
            let name = &partition.name;
            let start_before = log.log_start_offset();
            if checks_retention {
                for base_offset in log.apply_retention(&partition.settings, partition.high_watermark, cx.now) {
                    cx.fx.change(Change::SegmentDeleted { node: self.id, partition: name.clone(), base_offset });
                }
            }
            if partition.settings.cleanup_policy.contains("compact")
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
        if cx.now >= self.upkeep.last_checkpoint_ms + self.settings.log_flush_offset_checkpoint_interval_ms {
            self.upkeep.last_checkpoint_ms = cx.now;
            self.checkpoint_logs(cx);
        }
        cx.fx.explain(Explanation::BrokerCleansLogs { node: self.id });
    }

    fn checkpoint_logs(&self, cx: &mut Context) {
        let positions: Vec<_> = cx
            .disk
            .logs
            .iter()
            .map(|(id, stored)| (*id, stored.log.flushed_offset(), stored.log.log_start_offset()))
            .collect();
        for (id, flushed, start) in positions {
            cx.disk.recovery_points.insert(id, flushed);
            // Kafka writes a log's start only where it is not simply where the first segment begins.
            cx.disk.log_starts.insert(id, start);
        }
    }

    /// What a clean end writes: every log to disk, then every checkpoint.
    pub(super) fn write_all_checkpoints(&mut self, cx: &mut Context) {
        for stored in cx.disk.logs.values_mut() {
            stored.log.close();
        }
        self.checkpoint_high_watermarks(cx);
        self.checkpoint_logs(cx);
    }
}
