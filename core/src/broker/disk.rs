//! What a broker's machine keeps: logs with their page cache, and checkpoint files.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::flat_map::FlatMap;
use crate::log::{Log, checkpoint};
use crate::raft::MetadataLog;
use crate::sim::Millis;
use crate::wire::ids::TopicIdPartition;
use crate::wire::{TopicPartition, Uuid};

/// A broker's `log.dirs`. It outlives the process; a machine's crash takes what was not flushed.
#[derive(Clone, Debug, Default, PartialEq, Hash)]
pub struct BrokerDisk {
    /// Logs, by topic id: a topic created again under an old name never meets its predecessor's log.
    /// Shared with the clones of a cluster until one of them is written to.
    pub logs: FlatMap<TopicIdPartition, Rc<StoredLog>>,
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
    /// Folders of partitions that the broker hosts no more, under the names that it gave them then.
    pub renamed: Vec<RenamedFolder>,
}

/// One partition's folder.
#[derive(Clone, Debug, PartialEq, Hash)]
pub struct StoredLog {
    /// The folder's name.
    pub name: TopicPartition,
    /// What is in it.
    pub log: Log,
}

/// The folder of a partition that is hosted here no more (`UnifiedLog.renameDir`).
#[derive(Clone, Debug, PartialEq, Hash)]
pub struct RenamedFolder {
    /// The topic that it was of.
    pub topic_id: Uuid,
    /// What is in it.
    pub stored: Rc<StoredLog>,
    /// Why it was renamed.
    pub suffix: FolderSuffix,
}

/// How the name of a renamed folder ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FolderSuffix {
    /// `-delete`: its files go when `log.segment.delete.delay.ms` are over; not while no broker runs
    /// (`LogManager.asyncDelete`).
    Delete {
        /// When they go; `None` while no broker runs.
        removed_at_ms: Option<Millis>,
    },
    /// `-stray`: a broker found it when it started, and is no replica of it by the metadata log. It stays
    /// (`LogManager.addStrayLog`).
    Stray,
}

impl FolderSuffix {
    /// The word at the end.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Delete { .. } => "delete",
            Self::Stray => "stray",
        }
    }
}

impl RenamedFolder {
    /// Its name. Kafka puts a random id between, this engine the topic's.
    pub fn name(&self) -> String {
        format!("{}.{:032x}-{}", self.stored.name, { self.topic_id.0 }, self.suffix.word())
    }

    /// Whether its files are there.
    fn is_there(&self, now: Millis) -> bool {
        match self.suffix {
            FolderSuffix::Delete { removed_at_ms } => removed_at_ms.is_none_or(|at| at > now),
            FolderSuffix::Stray => true,
        }
    }
}

impl BrokerDisk {
    /// One partition's log.
    pub fn log(&self, id: &TopicIdPartition) -> Option<&Log> {
        self.logs.get(id).map(|stored| &stored.log)
    }

    /// One partition's log, where it mostly stands: at the place of the partition among the broker's own.
    pub fn log_near(&self, place: usize, id: &TopicIdPartition) -> Option<&Log> {
        self.logs.get_near(place, id).map(|stored| &stored.log)
    }

    /// One partition's log, to change.
    pub fn log_mut(&mut self, id: &TopicIdPartition) -> Option<&mut Log> {
        self.logs.get_mut(id).map(|stored| &mut Rc::make_mut(stored).log)
    }

    /// Where a log ends; 0 where there is none.
    pub fn log_end(&self, id: &TopicIdPartition) -> i64 {
        self.log(id).map_or(0, Log::log_end_offset)
    }

    /// This broker is a replica of a partition no more: its folder is renamed, and deleted later.
    pub fn delete_log(&mut self, id: TopicIdPartition, now: Millis, delay_ms: Millis) {
        self.renamed.retain(|folder| folder.is_there(now));
        self.rename(id, FolderSuffix::Delete { removed_at_ms: Some(now.saturating_add(delay_ms)) });
    }

    /// A broker has learnt which partitions it hosts: other logs that it found are strays.
    pub fn set_strays_aside(&mut self, is_hosted: impl Fn(&TopicIdPartition) -> bool) {
        let strays: Vec<TopicIdPartition> = self.logs.keys().filter(|id| !is_hosted(id)).copied().collect();
        for id in strays {
            self.rename(id, FolderSuffix::Stray);
        }
    }

    fn rename(&mut self, id: TopicIdPartition, suffix: FolderSuffix) {
        if let Some(stored) = self.logs.remove(&id) {
            self.renamed.push(RenamedFolder { topic_id: id.topic_id, stored, suffix });
        }
        self.high_watermarks.remove(&id);
        self.recovery_points.remove(&id);
        self.log_starts.remove(&id);
    }

    /// The process has ended: nobody deletes files any more.
    pub fn process_ended(&mut self, now: Millis) {
        self.renamed.retain(|folder| folder.is_there(now));
        self.set_removal(None);
    }

    /// A broker starts: what was to be deleted waits anew.
    pub fn process_started(&mut self, now: Millis, delay_ms: Millis) {
        self.set_removal(Some(now.saturating_add(delay_ms)));
    }

    fn set_removal(&mut self, at_ms: Option<Millis>) {
        for folder in &mut self.renamed {
            if let FolderSuffix::Delete { removed_at_ms } = &mut folder.suffix {
                *removed_at_ms = at_ms;
            }
        }
    }

    /// The renamed folders that are still there.
    pub fn renamed_folders(&self, now: Millis) -> impl Iterator<Item = &RenamedFolder> {
        self.renamed.iter().filter(move |folder| folder.is_there(now))
    }

    /// The machine loses power: the page cache is gone. Gives what each log lost: its end before and after.
    pub fn crash_machine(&mut self) -> Vec<(TopicPartition, i64, i64)> {
        let lost = |stored: &mut Rc<StoredLog>| {
            let stored = Rc::make_mut(stored);
            let (from, to) = stored.log.crash_machine()?;
            (from != to).then(|| (stored.name.clone(), from, to))
        };
        self.logs.values_mut().filter_map(lost).collect()
    }

    /// The checkpoint files, as a person would open them, with the path under `log.dirs` as key.
    pub fn files(&self, now: Millis) -> BTreeMap<String, String> {
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
        let hosted = self.logs.values().map(|stored| (stored.name.to_string(), stored));
        let renamed = self.renamed_folders(now).map(|folder| (folder.name(), &folder.stored));
        for (folder, stored) in hosted.chain(renamed) {
            let path = format!("{folder}/{}", checkpoint::LEADER_EPOCH_CHECKPOINT);
            files.insert(path, checkpoint::render_epochs(stored.log.epochs()));
        }
        files
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: TopicIdPartition = TopicIdPartition { topic_id: Uuid(7), partition: 0 };
    const DELAY_MS: Millis = 60_000;

    fn disk() -> BrokerDisk {
        let mut disk = BrokerDisk::default();
        let name = TopicPartition::new("t", 0);
        disk.logs.insert(ID, Rc::new(StoredLog { name, log: Log::created_at(0) }));
        disk.high_watermarks.insert(ID, 3);
        disk
    }

    fn names(disk: &BrokerDisk, now: Millis) -> Vec<String> {
        disk.renamed_folders(now).map(RenamedFolder::name).collect()
    }

    #[test]
    fn a_deleted_folder_stays_for_the_delay() {
        let mut disk = disk();
        disk.delete_log(ID, 1_000, DELAY_MS);
        assert!(disk.logs.is_empty() && disk.high_watermarks.is_empty());
        assert_eq!(names(&disk, 60_999), ["t-0.00000000000000000000000000000007-delete"]);
        assert_eq!(names(&disk, 61_000), Vec::<String>::new());
    }

    #[test]
    fn nobody_deletes_files_while_no_broker_runs() {
        let mut disk = disk();
        disk.delete_log(ID, 1_000, DELAY_MS);
        disk.process_ended(2_000);
        assert_eq!(names(&disk, 500_000).len(), 1);
        disk.process_started(500_000, DELAY_MS);
        assert_eq!((names(&disk, 559_999).len(), names(&disk, 560_000).len()), (1, 0));
    }

    #[test]
    fn what_the_metadata_log_does_not_give_a_broker_is_a_stray() {
        let mut disk = disk();
        disk.set_strays_aside(|_| true);
        assert_eq!((disk.logs.len(), names(&disk, 0).len()), (1, 0));
        disk.set_strays_aside(|_| false);
        assert_eq!(names(&disk, Millis::MAX), ["t-0.00000000000000000000000000000007-stray"]);
        assert!(disk.logs.is_empty() && disk.high_watermarks.is_empty());
    }
}
