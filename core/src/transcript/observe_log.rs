//! `observe` and `files` where they tell one log's files: segments, index entries, checkpoint files.

use crate::cluster::node::Node;
use crate::log::Log;
use crate::log::segment::Segment;
use crate::sim::Millis;
use crate::wire::TopicPartition;
use serde_json::{Map, Value, json};

use super::format::TranscriptStep;
use super::player::{Player, Unsupported};

/// Each segment's batches.
const BATCHES: &str = "batches of each segment [baseOffset, position, bytes]";
/// Each segment's `.index`.
const INDEX: &str = "index entries of each segment [relative offset, position]";
/// Each segment's `.timeindex`.
const TIME_INDEX: &str = "timeindex entries of each segment [timestamp, relative offset]";
/// The bytes of each segment's `.log`.
const SIZES: &str = "segment sizes";
/// All batches of the log with their records.
const RECORDS: &str = "batches [first, last, [key, value]...]";
/// The bytes that an index file of an active segment takes while the process runs (`segment.index.bytes`), and the same
/// for a time index, whose entries of 12 bytes do not fill it.
const INDEX_FILE_BYTES: u64 = 10_485_760;
const TIME_INDEX_FILE_BYTES: u64 = 10_485_756;
/// How long the cleaner may take until it has done what an observation tells: it works when it has the time.
const CLEANER_MS: u64 = 10_000;
const CLEANER_STEP_MS: u64 = 250;

impl Player<'_> {
    /// Compares a field that tells of the log of the topic most lately named. False if it is no such field.
    pub(super) fn observe_log_field(&mut self, field: &str, expected: &Value) -> bool {
        let tells_log = [
            BATCHES,
            INDEX,
            TIME_INDEX,
            RECORDS,
            "segments",
            SIZES,
            "earliest",
            "latest",
            "leo",
            "files",
            "checkpoints",
            "deleted",
        ];
        if !tells_log.contains(&field) && field != "cleaner-offset-checkpoint" {
            return false;
        }
        if let ("segments", Value::Object(nodes)) = (field, expected) {
            let actual = nodes.keys().map(|node| (node.clone(), self.segment_files(node)));
            let actual = Value::Object(actual.collect());
            self.compare_words(field, expected, &actual);
            return true;
        }
        // What is renamed before it is deleted goes after a while, too.
        let tells_all_gone = field == "deleted" && *expected == json!([]);
        if tells_all_gone || matches!(field, RECORDS | "segments" | "cleaner-offset-checkpoint") {
            let expected = expected.clone();
            let field = field.to_owned();
            let mut waited = 0;
            while self.log_field(&field) != expected && waited < CLEANER_MS {
                self.let_time_pass(CLEANER_STEP_MS);
                waited += CLEANER_STEP_MS;
            }
        }
        let actual = self.log_field(field);
        if let ("files", Value::Array(recorded)) = (field, expected) {
            self.compare_words(field, expected, &files_of_kinds(recorded, &actual));
        } else if let ("deleted", Value::Array(recorded)) = (field, expected) {
            // Snapshots of producers' state are not kept.
            let is_kept = |name: &&Value| !name.as_str().is_some_and(|name| name.contains(".snapshot"));
            let recorded: Value = recorded.iter().filter(is_kept).cloned().collect();
            self.compare_words(field, &recorded, &actual);
        } else if field == "files" || field == "checkpoints" {
            // Files that the engine does not keep are not compared.
            self.compare_words(field, &without_unkept(expected, &actual), &actual);
        } else {
            self.compare_at(field, expected, &actual);
        }
        true
    }

    /// The names of the segments' files on a node, and of the producers' snapshots beside them.
    fn segment_files(&self, node: &str) -> Value {
        let node = node.parse().ok().and_then(|id| self.cluster.node(id));
        let name = TopicPartition { topic: self.topic.as_str().into(), partition: self.looks_at.partition };
        let stored = node.and_then(|node| node.disk.broker.logs.values().find(|stored| stored.name == name));
        json!(stored.map(|stored| {
            let logs = stored.log.segments().map(|segment| segment.file_name("log"));
            let snapshots = stored.log.producer_state().snapshot_files();
            let mut names: Vec<String> = logs.chain(snapshots.map(|(offset, _)| snapshot_file(offset))).collect();
            names.sort();
            names
        }))
    }

    /// The folders of partitions on each node's disk; those of internal topics are not told.
    pub(super) fn observe_folders(&mut self, nodes: &Map<String, Value>) {
        let now = self.cluster.now();
        for (node, expected) in nodes {
            let disk = node.parse().ok().and_then(|id| self.cluster.node(id)).map(|node| &node.disk.broker);
            let actual = disk.map(|disk| {
                let is_listed = |name: &TopicPartition| !name.topic.starts_with("__");
                let hosted =
                    disk.logs.values().filter(|stored| is_listed(&stored.name)).map(|stored| stored.name.to_string());
                let renamed = disk.renamed_folders(now).filter(|folder| is_listed(&folder.stored.name));
                let renamed = renamed.map(|folder| format!("{}.<id>-{}", folder.stored.name, folder.suffix.word()));
                let mut folders: Vec<String> = hosted.chain(renamed).collect();
                folders.sort();
                folders
            });
            self.compare_at(&format!("folders.{node}"), expected, &json!(actual));
        }
    }

    /// The lines of a file under the data folder.
    pub(super) fn files_verb(&mut self, step: &TranscriptStep) -> Result<(), Unsupported> {
        if step.get("change").is_some() {
            return Err(Unsupported::action("files with change"));
        }
        let (Some(path), Some(saw)) = (step.text("path"), step.saw.clone()) else {
            return Err(Unsupported::observation("files"));
        };
        self.looks_at.node = None;
        let node = self.observed_node().ok_or_else(|| Unsupported::observation("files"))?;
        let file = node.disk.broker.files(self.cluster.now()).get(path).cloned();
        let file = file.ok_or_else(|| Unsupported::observation(format!("file {path}")))?;
        let lines: Vec<&str> = file.lines().collect();
        let actual = json!(lines);
        self.compare_at(path, &saw, &actual);
        Ok(())
    }

    /// The node whose files are told: the lowest-numbered broker that is no puppet, dead or alive.
    fn observed_node(&self) -> Option<&Node> {
        match self.looks_at.node {
            Some(id) => self.cluster.node(id),
            None => self.cluster.nodes().find(|node| !node.disk.broker.logs.is_empty()),
        }
    }

    fn log_field(&self, field: &str) -> Value {
        let Some(node) = self.observed_node() else { return Value::Null };
        let name = TopicPartition { topic: self.topic.as_str().into(), partition: self.looks_at.partition };
        let Some(stored) = node.disk.broker.logs.values().find(|stored| stored.name == name) else {
            return Value::Null;
        };
        let log = &stored.log;
        match field {
            BATCHES => each_segment(log, |segment| {
                segment.stored().map(|each| json!([each.batch.base_offset, each.position, each.size_bytes])).collect()
            }),
            INDEX => each_segment(log, |segment| {
                let entries = segment.offset_index().entries().iter();
                entries.map(|entry| json!([entry.offset - segment.base_offset(), entry.position])).collect()
            }),
            TIME_INDEX => each_segment(log, |segment| {
                let entries = segment.time_index().entries().iter();
                entries.map(|entry| json!([entry.timestamp, entry.offset - segment.base_offset()])).collect()
            }),
            RECORDS => log.batches().map(|batch| batch_with_records(batch)).collect(),
            "segments" => log.segments().map(Segment::base_offset).collect(),
            SIZES => log.segments().map(Segment::size_bytes).collect(),
            "earliest" => json!(log.log_start_offset()),
            "leo" => json!(log.log_end_offset()),
            "latest" => json!(node.broker.as_ref().and_then(|broker| {
                broker.partitions.values().find(|partition| partition.name == name).map(|found| found.high_watermark)
            })),
            "files" => files(log, node.disk.broker.clean_shutdown.is_some()),
            "checkpoints" => checkpoints(node, &name, self.cluster.now()),
            "deleted" => deleted_files(log, self.cluster.now()),
            "cleaner-offset-checkpoint" => {
                let line = log.cleaned_offset().map(|offset| format!("{} {} {offset}", name.topic, name.partition));
                json!(line.into_iter().collect::<Vec<_>>())
            }
            _ => Value::Null,
        }
    }
}

fn each_segment(log: &Log, format: impl Fn(&Segment) -> Vec<Value>) -> Value {
    let segments = log.segments().map(|segment| (segment.base_offset().to_string(), Value::from(format(segment))));
    Value::Object(segments.collect())
}

fn batch_with_records(batch: &crate::wire::records::RecordBatch) -> Value {
    let text = |bytes: &Option<crate::wire::records::Bytes>| bytes.as_ref().map(ToString::to_string);
    let records: Vec<Value> =
        batch.records.iter().map(|record| json!([text(&record.key), text(&record.value)])).collect();
    json!([batch.base_offset, batch.last_offset(), records])
}

/// The files of a partition's folder with their sizes. An active segment's indexes are as large as they may become, until
/// the process ends in order.
fn files(log: &Log, is_clean: bool) -> Value {
    let mut files = Map::new();
    let active = log.active_segment().base_offset();
    for segment in log.segments() {
        let is_preallocated = !is_clean && segment.base_offset() == active;
        let (index, times) = (segment.offset_index().size_bytes(), segment.time_index().size_bytes());
        let size = |written: u32, whole: u64| if is_preallocated { whole } else { u64::from(written) };
        files.insert(segment.file_name("log"), json!(segment.size_bytes()));
        files.insert(segment.file_name("index"), json!(size(index, INDEX_FILE_BYTES)));
        files.insert(segment.file_name("timeindex"), json!(size(times, TIME_INDEX_FILE_BYTES)));
    }
    for (offset, bytes) in log.producer_state().snapshot_files() {
        files.insert(snapshot_file(offset), json!(bytes));
    }
    Value::Object(files)
}

fn snapshot_file(offset: i64) -> String {
    format!("{offset:020}.snapshot")
}

/// The files of segments that are deleted and have not gone yet, by name.
fn deleted_files(log: &Log, now_ms: u64) -> Value {
    let files = log.deleted_segments(now_ms).flat_map(|segment| {
        ["index", "log", "timeindex"].map(|kind| format!("{:020}.{kind}.deleted", segment.base_offset))
    });
    let mut files: Vec<String> = files.collect();
    files.sort();
    json!(files)
}

/// Of the files that there are the names of those of the kinds told.
fn files_of_kinds(recorded: &[Value], actual: &Value) -> Value {
    let kind = |name: &str| name.rsplit_once('.').map(|(_, kind)| kind.to_owned());
    let kinds: Vec<Option<String>> = recorded.iter().filter_map(Value::as_str).map(kind).collect();
    let names = actual.as_object().into_iter().flatten().map(|(name, _)| name);
    names.filter(|name| kinds.contains(&kind(name))).cloned().collect()
}

fn checkpoints(node: &Node, name: &TopicPartition, now: Millis) -> Value {
    let files = node.disk.broker.files(now);
    let mut recorded = Map::new();
    for file in ["replication-offset-checkpoint", "recovery-point-offset-checkpoint", "log-start-offset-checkpoint"] {
        let lines = files.get(file).map(String::as_str).unwrap_or_default().lines().skip(2);
        let entries = lines.filter_map(|line| {
            let (partition, offset) = line.rsplit_once(' ')?;
            let (topic, partition) = partition.rsplit_once(' ')?;
            Some((format!("{topic}-{partition}"), json!(offset.parse::<i64>().ok()?)))
        });
        recorded.insert(file.to_owned(), Value::Object(entries.collect()));
    }
    let epochs = node.disk.broker.logs.values().find(|stored| stored.name == *name).map(|stored| {
        let entries = stored.log.epochs().entries().iter();
        entries.map(|entry| json!([entry.epoch, entry.start_offset])).collect::<Vec<_>>()
    });
    recorded.insert("leader-epoch-checkpoint".to_owned(), json!(epochs));
    Value::Object(recorded)
}

/// Leaves out of what was told the files that the engine has no counterpart of: `partition.metadata`.
fn without_unkept(expected: &Value, actual: &Value) -> Value {
    let Some(files) = expected.as_object() else { return expected.clone() };
    let is_kept = |name: &str| {
        actual.get(name).is_some()
            || [".log", ".index", ".timeindex", ".snapshot"].iter().any(|end| name.ends_with(end))
    };
    Value::Object(
        files.iter().filter(|(name, _)| is_kept(name)).map(|(name, value)| (name.clone(), value.clone())).collect(),
    )
}
