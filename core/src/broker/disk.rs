//! What a broker's machine keeps: logs with their page cache, and checkpoint files.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::flat_map::FlatMap;
use crate::log::{Log, checkpoint};
use crate::raft::MetadataLog;
use crate::wire::ids::TopicIdPartition;
use crate::wire::{TopicPartition, Uuid};

/// A broker's `log.dirs`. It outlives the process; a machine's crash takes what was not flushed.
#[derive(Clone, Debug, Default, PartialEq, Hash)]
pub struct BrokerDisk {
    /// Logs, by topic id: a topic created again under an old name never meets its predecessor's log.
    /// Shared with the clones of a cluster until one of them is written to.
    pub logs: FlatMap<TopicIdPartition, Arc<StoredLog>>,
    /// `replication-offset-checkpoint`: high watermarks as they were last written.
    pub high_watermarks: BTreeMap<TopicIdPartition, i64>,
    /// `recovery-point-offset-checkpoint`: what was surely flushed when it was last written.
    pub recovery_points: BTreeMap<TopicIdPartition, i64>,
    /// `log-start-offset-checkpoint`.
    pub log_starts: BTreeMap<TopicIdPartition, i64>,
    /// `.kafka_cleanshutdown`: the registration's epoch, if the process ended cleanly.
    pub clean_shutdown: Option<i64>,
    /// The id of the directory (`meta.properties`).
    pub directory_id: Uuid,
    /// Its replica of the metadata log, with snapshots. Empty where the controller of the same process has it.
    pub metadata_log: MetadataLog,
}

/// One partition's folder.
#[derive(Clone, Debug, PartialEq, Hash)]
pub struct StoredLog {
    /// The folder's name.
    pub name: TopicPartition,
    /// What is in it.
    pub log: Log,
    /// Whether the folder was set aside as `-stray`, because its topic is gone.
    pub is_stray: bool,
}

impl BrokerDisk {
    /// One partition's log.
    pub fn log(&self, id: &TopicIdPartition) -> Option<&Log> {
        self.logs.get(id).map(|stored| &stored.log)
    }

    /// One partition's log, to change.
    pub fn log_mut(&mut self, id: &TopicIdPartition) -> Option<&mut Log> {
        self.logs.get_mut(id).map(|stored| &mut Arc::make_mut(stored).log)
    }

    /// Where a log ends; 0 where there is none.
    pub fn log_end(&self, id: &TopicIdPartition) -> i64 {
        self.log(id).map_or(0, Log::log_end_offset)
    }

    /// The machine loses power: the page cache is gone. Gives what each log lost: its end before and after.
    pub fn crash_machine(&mut self) -> Vec<(TopicPartition, i64, i64)> {
        let lost = |stored: &mut Arc<StoredLog>| {
            let stored = Arc::make_mut(stored);
            let (from, to) = stored.log.crash_machine()?;
            (from != to).then(|| (stored.name.clone(), from, to))
        };
        self.logs.values_mut().filter_map(lost).collect()
    }

    /// The checkpoint files, as a person would open them, with the path under `log.dirs` as key.
    pub fn files(&self) -> BTreeMap<String, String> {
        let offsets = |offsets: &BTreeMap<TopicIdPartition, i64>| {
            let named = offsets.iter().filter_map(|(id, offset)| Some((&self.logs.get(id)?.name, *offset)));
            checkpoint::render_offsets(named)
        };
        let mut files = BTreeMap::from([
            (checkpoint::REPLICATION_OFFSET_CHECKPOINT.to_owned(), offsets(&self.high_watermarks)),
            (checkpoint::RECOVERY_POINT_OFFSET_CHECKPOINT.to_owned(), offsets(&self.recovery_points)),
            (checkpoint::LOG_START_OFFSET_CHECKPOINT.to_owned(), offsets(&self.log_starts)),
        ]);
        if let Some(epoch) = self.clean_shutdown {
            files.insert(".kafka_cleanshutdown".to_owned(), format!("{{\"version\":0,\"brokerEpoch\":{epoch}}}\n"));
        }
        for stored in self.logs.values().filter(|stored| !stored.is_stray) {
            let path = format!("{}/{}", stored.name, checkpoint::LEADER_EPOCH_CHECKPOINT);
            files.insert(path, checkpoint::render_epochs(stored.log.epochs()));
        }
        files
    }
}
