//! Whether a log's files are as long as what is in them.

use super::{InvariantViolation, LOOKED_AT_BATCHES, replica};
use crate::change::Change;
use crate::cluster::Cluster;
use crate::log::{Log, StoredBatch};

pub(super) fn check(cluster: &Cluster, change: &Change) -> Option<InvariantViolation> {
    let (node, partition, found) = match change {
        // An append touches the end alone: the rest was looked at before.
        Change::Appended { node, partition, .. } => {
            let (_, log) = replica(cluster, *node, partition)?;
            (node, partition, difference_at_end(log)?)
        }
        Change::Truncated { node, partition, .. }
        | Change::LogStartMoved { node, partition, .. }
        | Change::SegmentDeleted { node, partition, .. }
        | Change::Compacted { node, partition, .. } => {
            let (_, log) = replica(cluster, *node, partition)?;
            (node, partition, difference(log)?)
        }
        _ => return None,
    };
    let (segment, size, sum) = found;
    Some(InvariantViolation::SizesAddUp { node: *node, partition: partition.clone(), segment, size, sum })
}

/// The first segment whose length is not the sum of its batches: its base offset, its length and the sum, in bytes.
fn difference(log: &Log) -> Option<(i64, i64, i64)> {
    log.segments().find_map(|segment| {
        let stored: Vec<&StoredBatch> = segment.stored().collect();
        let (size, sum) = sizes(0, &stored, segment.size_bytes())?;
        Some((segment.base_offset(), size, sum))
    })
}

/// The same for the last batches of the active segment.
fn difference_at_end(log: &Log) -> Option<(i64, i64, i64)> {
    let segment = log.active_segment();
    let mut last: Vec<&StoredBatch> = segment.stored().rev().take(LOOKED_AT_BATCHES).collect();
    last.reverse();
    let begin = last.first().map_or(0, |first| first.position);
    let (size, sum) = sizes(begin, &last, segment.size_bytes())?;
    Some((segment.base_offset(), size, sum))
}

/// Batches that begin at a position, and the file's length: where both do not agree, the length and what it should be.
pub(super) fn sizes(begin: u32, stored: &[&StoredBatch], size: u32) -> Option<(i64, i64)> {
    let mut end = i64::from(begin);
    for each in stored {
        let bytes = i64::from(each.batch.size_bytes());
        if i64::from(each.position) != end || i64::from(each.size_bytes) != bytes {
            return Some((i64::from(each.position) + i64::from(each.size_bytes), end + bytes));
        }
        end += bytes;
    }
    (i64::from(size) != end).then_some((i64::from(size), end))
}
