//! All lessons together. They are built in where `library()` is called; the page fetches their files instead, when
//! somebody opens them, and so does not carry them.

use super::Lesson;
use super::index::Index;
use super::mistake::LessonError;
use super::read::{LessonFiles, read};
use crate::sort::SharedSort;

macro_rules! built_in {
    ($($folder:literal,)*) => {
        /// The folders of the lessons that come with Kafkascope.
        pub const LESSON_FOLDERS: &[&str] = &[$($folder,)*];

        /// The files of every lesson.
        const FILES: &[LessonFiles<'static>] = &[$(LessonFiles {
            folder: $folder,
            script: include_str!(concat!("../../../lessons/", $folder, "/lesson.toml")),
            ko: include_str!(concat!("../../../lessons/", $folder, "/ko.md")),
            en: include_str!(concat!("../../../lessons/", $folder, "/en.md")),
        },)*];
    };
}

built_in! {
    "choose-partition",
    "sticky-partitioner",
    "explicit-partition",
    "find-the-leader",
    "append-only",
    "replicate-and-commit",
    "acks",
    "min-insync-replicas",
    "poll",
    "consumer-group",
    "rebalance",
    "offset-commit",
    "auto-commit-loss",
    "at-least-once",
    "exactly-once",
    "failover",
    "sizing",
    "topic-partition-offset",
    "segments",
    "indexes",
    "keys-and-order",
    "skew",
    "serializer",
    "lag",
    "compaction",
    "page-cache",
    "zero-copy",
    "leader-and-followers",
    "high-watermark",
    "isr-shrink-expand",
    "lag-by-messages",
    "positions",
    "checkpoints",
    "preferred-leader",
    "rack-awareness",
    "follower-fetch",
    "unclean-election",
    "elr-loss",
    "hw-truncation-loss",
    "epoch-saves-it",
    "diverging-logs",
    "metadata-log",
    "snapshots",
    "pull-not-push",
    "active-controller-failover",
    "fenced-broker",
    "combined-or-dedicated",
    "roles-and-config",
    "format-storage",
    "describe-quorum",
    "terms-and-timeouts",
    "heartbeats",
    "old-leader-returns",
    "split-vote",
    "no-majority",
    "quorum-sizes",
    "disruptive-node",
    "one-request",
    "order-per-connection",
    "queues-and-metrics",
    "produce-purgatory",
    "fetch-purgatory",
    "produce-validation",
    "fetch-limits",
    "header",
    "fetch-session",
    "admin-requests",
}

const INDEX: &str = include_str!("../../../lessons/index.toml");

/// All lessons, in the order of their tracks, and what is wrong with those that could not be read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Library {
    /// The tracks and documents.
    pub index: Index,
    /// The lessons.
    pub lessons: Vec<Lesson>,
    /// What is wrong. Empty, as a test makes sure.
    pub mistakes: Vec<LessonError>,
}

impl Library {
    /// Reads `index.toml` and the files of lessons.
    pub fn read(index: &str, files: &[LessonFiles<'_>]) -> Self {
        let (index, mut mistakes) = match Index::read(index) {
            Ok(index) => (index, Vec::new()),
            Err(mistakes) => (Index::default(), mistakes),
        };
        let mut lessons = Vec::new();
        for files in files {
            match read(files, &index) {
                Ok(lesson) => lessons.push(lesson),
                Err(found) => mistakes.extend(found),
            }
        }
        let order: Vec<&String> = index.tracks.iter().flat_map(|track| &track.lessons).collect();
        lessons.shared_sort_by_key(|lesson| order.iter().position(|id| **id == lesson.id));
        Self { index, lessons, mistakes }
    }

    /// A lesson by its id.
    pub fn lesson(&self, id: &str) -> Option<&Lesson> {
        self.lessons.iter().find(|lesson| lesson.id == id)
    }

    /// The lessons that cover a section, written `D3 acks`.
    pub fn of_section(&self, section: &str) -> impl Iterator<Item = &Lesson> {
        self.lessons.iter().filter(move |lesson| lesson.sections.iter().any(|each| each == section))
    }
}

/// Reads the lessons that are built in. Anyone who asks twice keeps the answer: it is read anew each time.
pub fn library() -> Library {
    Library::read(INDEX, FILES)
}
