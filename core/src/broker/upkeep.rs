//! What a broker does from time to time: checkpoints, flushes, retention, compaction (`LogManager`, `LogCleaner`).

use std::rc::Rc;

use super::partition::Partition;
use super::{Broker, Context};
use crate::change::Change;
use crate::effects::{BrokerTimer, Effects, ListenerConfigs};
use crate::explain::Explanation;
use crate::log::checkpoint::REPLICATION_OFFSET_CHECKPOINT;
use crate::log::{Log, Segment};
use crate::settings::BrokerSettings;
use crate::sim::Millis;
use crate::sort::CollectOrdered;

/// When each periodic task over the logs is due next, in milliseconds (`LogManager.startupWithConfigOverrides`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Upkeep {
    /// `kafka-log-retention`.
    retention_at: Millis,
    /// `kafka-log-flusher`.
    flush_at: Millis,
    /// `kafka-recovery-point-checkpoint`.
    recovery_point_at: Millis,
    /// `kafka-log-start-offset-checkpoint`.
    log_start_at: Millis,
    /// The cleaner's thread.
    cleaning_at: Millis,
    /// What the cleaner was started with.
    cleaner_configs: [Option<String>; 7],
}

impl Upkeep {
    /// The tasks of a broker that has just caught up with the metadata: all have their first run after `log.initial.task.delay.ms`, but
    /// the cleaner. It looks at once, before the broker takes up its replicas: no high watermark is above its log's start yet, so that
    /// there is nothing to clean until it looks again.
    pub fn new(settings: &BrokerSettings, cleaner_backoff_ms: Millis, now: Millis) -> Self {
        let first = now.saturating_add(settings.log_initial_task_delay_ms);
        Self {
            retention_at: first,
            flush_at: first,
            recovery_point_at: first,
            log_start_at: first,
            // Without a cleaner nobody looks.
            cleaning_at: match settings.log_cleaner_enable {
                true => now.saturating_add(cleaner_backoff_ms.max(1)),
                false => Millis::MAX,
            },
            cleaner_configs: Default::default(),
        }
    }

    /// When something is due next.
    pub fn next_at(&self) -> Millis {
        let checkpoint_at = self.recovery_point_at.min(self.log_start_at);
        self.retention_at.min(self.flush_at).min(self.cleaning_at).min(checkpoint_at)
    }
}

/// What the cleaner reads when it starts (`LogCleaner.RECONFIGURABLE_CONFIGS`): a change starts it anew.
const CLEANER_CONFIGS: [&str; 7] = [
    "log.cleaner.backoff.ms",
    "log.cleaner.dedupe.buffer.size",
    "log.cleaner.io.buffer.load.factor",
    "log.cleaner.io.buffer.size",
    "log.cleaner.io.max.bytes.per.second",
    "log.cleaner.threads",
    "message.max.bytes",
];

/// Whether a task is due; if so, it is due again after its interval.
fn is_due(at: &mut Millis, interval: Millis, now: Millis) -> bool {
    let is_due = now >= *at;
    if is_due {
        *at = now.saturating_add(interval.max(1));
    }
    is_due
}

impl Broker {
    /// Writes `replication-offset-checkpoint`.
    pub(super) fn checkpoint_high_watermarks(&mut self, cx: &mut Context) {
        let interval = self.settings.replica_high_watermark_checkpoint_interval_ms;
        cx.fx.set_timer(BrokerTimer::HighWatermarkCheckpoint, cx.now.saturating_add(interval.max(1)));
        let mut is_new = false;
        for (id, partition) in &self.partitions {
            is_new |= cx.disk.high_watermarks.insert(*id, partition.high_watermark) != Some(partition.high_watermark);
        }
        if is_new {
            let file = REPLICATION_OFFSET_CHECKPOINT.to_owned();
            cx.fx.change(Change::CheckpointWritten { node: self.id, file });
        }
        cx.fx.explain(Explanation::BrokerCheckpoints { node: self.id, is_new });
    }

    /// What begins when a broker has caught up with the metadata for the first time: the high watermark checkpoint at once
    /// (`startHighWatermarkCheckPointThread`), ISR checks (whose first, at once, finds nothing) and the logs' tasks.
    pub(super) fn start_upkeep(&mut self, cx: &mut Context) {
        let upkeep = Upkeep::new(&self.settings, self.cleaner_backoff_ms(), cx.now);
        self.upkeep = Upkeep { cleaner_configs: self.cleaner_configs(), ..upkeep };
        let isr_interval = (self.settings.replica_lag_time_max_ms / 2).max(1);
        cx.fx.set_timer(BrokerTimer::IsrExpiration, cx.now.saturating_add(isr_interval));
        cx.fx.set_timer(BrokerTimer::HighWatermarkCheckpoint, cx.now);
        cx.fx.set_timer(BrokerTimer::LogCleanup, self.upkeep.next_at());
    }

    /// Starts the cleaner anew where what it reads has changed: its thread then looks at the logs at once
    /// (`LogCleaner.reconfigure`).
    pub(super) fn reconfigure_cleaner(&mut self, cx: &mut Context) {
        let configs = self.cleaner_configs();
        if self.settings.log_cleaner_enable && configs != self.upkeep.cleaner_configs {
            self.upkeep.cleaner_configs = configs;
            self.upkeep.cleaning_at = cx.now;
            cx.fx.set_timer(BrokerTimer::LogCleanup, self.upkeep.next_at());
        }
    }

    fn cleaner_configs(&self) -> [Option<String>; 7] {
        let configs = self.node_configs();
        CLEANER_CONFIGS.map(|name| configs.value(name))
    }

    /// What may change of its listener while the broker runs.
    pub(super) fn listener_configs(&self) -> ListenerConfigs {
        let configs = self.node_configs();
        let count = |name: &str, started_with: u32| {
            let value = configs.value(name).and_then(|value| value.trim().parse().ok());
            value.unwrap_or(started_with)
        };
        let settings = &self.settings;
        let max_connections = u32::try_from(settings.max_connections_per_ip).unwrap_or_default();
        ListenerConfigs {
            network_threads: count("num.network.threads", settings.num_network_threads),
            io_threads: count("num.io.threads", settings.num_io_threads),
            max_connections_per_ip: count("max.connections.per.ip", max_connections),
        }
    }

    /// `log.cleaner.backoff.ms`, which may change while the broker runs.
    fn cleaner_backoff_ms(&self) -> Millis {
        let value = self.node_configs().value("log.cleaner.backoff.ms");
        value.and_then(|value| value.trim().parse().ok()).unwrap_or(self.settings.log_cleaner_backoff_ms)
    }

    /// Looks after the logs.
    #[inline(never)]
    pub(super) fn clean_logs(&mut self, cx: &mut Context) {
        let backoff_ms = self.cleaner_backoff_ms();
        let (settings, upkeep) = (self.settings.clone(), &mut self.upkeep);
        let checks_retention = is_due(&mut upkeep.retention_at, settings.log_retention_check_interval_ms, cx.now);
        let flushes =
            is_due(&mut upkeep.flush_at, settings.log_flush_scheduler_interval_ms.max(1).unsigned_abs(), cx.now);
        let cleans = is_due(&mut upkeep.cleaning_at, backoff_ms, cx.now);
        let recovery_point_interval = settings.log_flush_offset_checkpoint_interval_ms;
        let checkpoints_recovery_points = is_due(&mut upkeep.recovery_point_at, recovery_point_interval, cx.now);
        let log_start_interval = settings.log_flush_start_offset_checkpoint_interval_ms;
        let checkpoints_log_starts = is_due(&mut upkeep.log_start_at, log_start_interval, cx.now);
        cx.fx.set_timer(BrokerTimer::LogCleanup, upkeep.next_at());
        let node = self.id;
        for (id, partition) in &mut self.partitions {
            let Some(log) = cx.disk.log_mut(id) else { continue };
            log.remove_expired_producers(cx.now, self.producer_expiration);
            let is_compacted = partition.settings.cleanup_policy.contains("compact");
            if cleans
                && is_compacted
                && let Some(compaction) =
                    log.compact(&partition.settings, log.last_stable_offset(partition.high_watermark), cx.now)
            {
                let removed = i64::try_from(compaction.removed.len()).unwrap_or(i64::MAX);
                cx.fx.change(Change::Compacted { node, partition: partition.name.clone(), removed });
            }
            // Whether compacted or not, a log's old segments go in one place only: with the cleaner or with the retention. Where there
            // is no cleaner, those of a compacted log stay (`LogManager.cleanupLogs`).
            if if is_compacted { cleans } else { checks_retention } {
                delete_old_segments(node, partition, log, cx.now, cx.fx);
            }
            if flushes && let Some(to) = log.flush_if_due(&partition.settings, cx.now) {
                cx.fx.change(Change::Flushed { node, partition: partition.name.clone(), to });
            }
        }
        if checkpoints_recovery_points {
            self.checkpoint_recovery_points(cx);
        }
        if checkpoints_log_starts {
            self.checkpoint_log_starts(cx);
        }
        cx.fx.explain(Explanation::BrokerCleansLogs { node });
    }

    /// Writes `recovery-point-offset-checkpoint`.
    pub(super) fn checkpoint_recovery_points(&self, cx: &mut Context) {
        let points = cx.disk.logs.iter().map(|(id, stored)| (*id, stored.log.recovery_point()));
        cx.disk.recovery_points = points.collect_ordered();
    }

    /// Writes `log-start-offset-checkpoint`: a log's start is in the file only where it is not simply where the first segment
    /// begins.
    fn checkpoint_log_starts(&self, cx: &mut Context) {
        let starts = cx.disk.logs.iter().filter_map(|(id, stored)| {
            let first_segment = stored.log.segments().next().map_or(0, Segment::base_offset);
            let start = stored.log.log_start_offset();
            (start > first_segment).then_some((*id, start))
        });
        cx.disk.log_starts = starts.collect_ordered();
    }

    /// What a clean end writes: every log to disk, then every checkpoint.
    pub(super) fn write_all_checkpoints(&mut self, cx: &mut Context) {
        for stored in cx.disk.logs.values_mut() {
            let log = &mut Rc::make_mut(stored).log;
            log.remove_expired_producers(cx.now, self.producer_expiration);
            log.close();
        }
        self.checkpoint_high_watermarks(cx);
        self.checkpoint_recovery_points(cx);
        self.checkpoint_log_starts(cx);
    }
}

/// `UnifiedLog.deleteOldSegments`.
fn delete_old_segments(node: i32, partition: &mut Partition, log: &mut Log, now: Millis, fx: &mut Effects) {
    let (active, from) = (log.active_segment().base_offset(), log.log_start_offset());
    let deleted = log.apply_retention(&partition.settings, partition.high_watermark, now);
    let name = &partition.name;
    // Where even the active segment goes, another is begun before.
    let begun = log.active_segment().base_offset();
    if begun != active {
        fx.change(Change::SegmentRolled { node, partition: name.clone(), base_offset: begun });
    }
    for base_offset in deleted {
        fx.change(Change::SegmentDeleted { node, partition: name.clone(), base_offset });
    }
    let to = log.log_start_offset();
    if to != from {
        fx.change(Change::LogStartMoved { node, partition: name.clone(), from, to });
    }
    partition.high_watermark = partition.high_watermark.max(to);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cleaner_finds_something_after_its_backoff_and_all_else_begins_after_the_initial_delay() {
        let settings = BrokerSettings { log_initial_task_delay_ms: 300, ..BrokerSettings::default() };
        let mut upkeep = Upkeep::new(&settings, settings.log_cleaner_backoff_ms, 1_000);
        assert_eq!((upkeep.cleaning_at, upkeep.next_at()), (16_000, 1_300));
        assert!(is_due(&mut upkeep.cleaning_at, settings.log_cleaner_backoff_ms, 16_000));
        assert!(
            is_due(&mut upkeep.flush_at, settings.log_flush_scheduler_interval_ms.max(1).unsigned_abs(), 1_300),
            "no sum overflows"
        );
        assert!(!is_due(
            &mut upkeep.flush_at,
            settings.log_flush_scheduler_interval_ms.max(1).unsigned_abs(),
            u64::MAX >> 1
        ));
    }

    #[test]
    fn without_a_cleaner_nobody_looks_for_what_could_be_compacted() {
        let settings = BrokerSettings { log_cleaner_enable: false, ..BrokerSettings::default() };
        let mut upkeep = Upkeep::new(&settings, settings.log_cleaner_backoff_ms, 1_000);
        assert!(!is_due(&mut upkeep.cleaning_at, settings.log_cleaner_backoff_ms, u64::MAX >> 1));
        assert_eq!(upkeep.next_at(), 1_000 + settings.log_initial_task_delay_ms);
    }
}
