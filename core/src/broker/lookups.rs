//! The ways through the sparse indexes that a broker went for its clients, told to who watches. Followers at the log's end
//! ask every few milliseconds, and nobody looks: of their fetches nothing is told, and nothing is looked up twice.

use super::fetch_session::FetchTarget;
use super::{Broker, Context};
use crate::actor::Endpoint;
use crate::change::Change;
use crate::effects::RequestContext;
use crate::log::{OffsetLookup, TimestampLookup};
use crate::wire::TopicPartition;
use crate::wire::ids::TopicIdPartition;
use crate::wire::replication::PartitionData;

impl Broker {
    /// Tells how the places were found that a client's fetch was answered from.
    ///
    /// A consumer at the end of a log whose active segment has no index entry yet is not told of: there was no way to
    /// choose. Who asks by hand wants to see it all the same.
    pub(super) fn explain_lookups<'a>(
        &self,
        cx: &mut Context,
        request_context: &RequestContext,
        answers: impl Iterator<Item = (&'a FetchTarget, &'a PartitionData)>,
    ) {
        let is_probe = matches!(request_context.from, Endpoint::Probe(_));
        for (target, answer) in answers {
            let asked = &target.asked;
            if answer.records.is_empty() {
                continue;
            }
            let topic_id = target.topic.as_ref().and_then(|name| self.image.topic_ids.get(name)).copied();
            let id = TopicIdPartition { topic_id: topic_id.unwrap_or_default(), partition: asked.partition };
            let (Some(partition), Some(log)) = (self.partitions.get(&id), cx.disk.log(&id)) else { continue };
            let active = log.active_segment();
            let has_a_choice = asked.fetch_offset < active.base_offset() || !active.offset_index().entries().is_empty();
            if !is_probe && !has_a_choice {
                continue;
            }
            if let Some(way) = log.lookup(asked.fetch_offset) {
                cx.fx.change(looked_up(self.id, &partition.name, asked.fetch_offset, &way));
            }
        }
    }
}

fn looked_up(node: i32, partition: &TopicPartition, offset: i64, way: &OffsetLookup) -> Change {
    Change::IndexLookedUp {
        node,
        partition: partition.clone(),
        offset,
        segment: way.segment_base_offset,
        entry_offset: way.index_entry.map_or(-1, |(_, entry)| entry.offset),
        scanned_from: way.scanned_from.into(),
        scanned_batches: way.scanned_batches.into(),
        scanned_bytes: way.scanned_bytes.into(),
        position: way.position.into(),
    }
}

/// How a record was found by its timestamp.
pub(super) fn time_looked_up(node: i32, partition: &TopicPartition, timestamp: i64, way: &TimestampLookup) -> Change {
    Change::TimeIndexLookedUp {
        node,
        partition: partition.clone(),
        timestamp,
        segment: way.segment_base_offset,
        time_entry_timestamp: way.time_index_entry.map_or(-1, |(_, entry)| entry.timestamp),
        time_entry_offset: way.time_index_entry.map_or(-1, |(_, entry)| entry.offset),
        entry_offset: way.index_entry.map_or(-1, |(_, entry)| entry.offset),
        scanned_from: way.scanned_from.into(),
        scanned_batches: way.scanned_batches.into(),
        offset: way.offset,
        found_timestamp: way.timestamp,
    }
}
