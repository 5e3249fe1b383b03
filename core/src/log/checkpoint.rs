//! The checkpoint files that a broker keeps beside its logs: text that a person can open, byte for byte as Kafka writes it
//! (`CheckpointFile`, `OffsetCheckpointFile`, `LeaderEpochCheckpointFile`).
//!
//! All have one form: a line with the version 0, a line with the number of entries, a line for each entry. When they are
//! written is the broker's affair: they may lag behind what they tell of.

use super::epoch_cache::LeaderEpochCache;
use crate::wire::TopicPartition;

/// The high watermarks of a broker's partitions, for its next start.
pub const REPLICATION_OFFSET_CHECKPOINT: &str = "replication-offset-checkpoint";
/// The recovery points of its logs: below them nothing needs to be checked after a crash.
pub const RECOVERY_POINT_OFFSET_CHECKPOINT: &str = "recovery-point-offset-checkpoint";
/// The log start offsets that lie above the first segment's base offset.
pub const LOG_START_OFFSET_CHECKPOINT: &str = "log-start-offset-checkpoint";
/// The first dirty offsets of its compacted logs.
pub const CLEANER_OFFSET_CHECKPOINT: &str = "cleaner-offset-checkpoint";
/// The leader epochs of one log, in its own folder.
pub const LEADER_EPOCH_CHECKPOINT: &str = "leader-epoch-checkpoint";

const VERSION: i32 = 0;

/// Writes a file of offsets by partition (`OffsetCheckpointFile`), in the given order.
pub fn render_offsets<'a>(offsets: impl IntoIterator<Item = (&'a TopicPartition, i64)>) -> String {
    let lines = offsets.into_iter().map(|(at, offset)| format!("{} {} {offset}", at.topic, at.partition));
    render(&lines.collect::<Vec<_>>())
}

/// Writes a log's leader epochs (`LeaderEpochCheckpointFile`).
pub fn render_epochs(epochs: &LeaderEpochCache) -> String {
    let lines = epochs.entries().iter().map(|entry| format!("{} {}", entry.epoch, entry.start_offset));
    render(&lines.collect::<Vec<_>>())
}

fn render(lines: &[String]) -> String {
    let mut text = format!("{VERSION}\n{}\n", lines.len());
    for line in lines {
        text.push_str(line);
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_written_as_kafka_writes_them() {
        let offsets = [(TopicPartition::new("orders", 2), 5), (TopicPartition::new("seg", 0), 17)];
        let text = render_offsets(offsets.iter().map(|(at, offset)| (at, *offset)));
        assert_eq!(text, "0\n2\norders 2 5\nseg 0 17\n");
        assert_eq!(render_offsets([]), "0\n0\n");

        let mut epochs = LeaderEpochCache::default();
        assert!(epochs.assign(0, 0) && epochs.assign(2, 20));
        let text = render_epochs(&epochs);
        assert_eq!((text.as_str(), text.len()), ("0\n2\n0 0\n2 20\n", 13));
    }
}
