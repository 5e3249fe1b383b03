//! Sessions as a client sees them.

use std::rc::Rc;

use super::*;
use crate::wire::records::RecordBatch;
use crate::wire::replication::ForgottenTopic;

const VERSION: i16 = 12;

fn fetch(session_id: i32, session_epoch: i32, partitions: &[i32]) -> FetchRequest {
    let asked = |partition: &i32| FetchPartition { partition: *partition, ..FetchPartition::default() };
    let partitions: Vec<FetchPartition> = partitions.iter().map(asked).collect();
    let topic = FetchTopic { topic: "t".into(), topic_id: Uuid::ZERO, partitions };
    FetchRequest { session_id, session_epoch, topics: vec![topic], ..FetchRequest::default() }
}

fn no_names(_: &Uuid) -> Option<Topic> {
    None
}

/// Answers a fetch; the partitions named have records.
fn answer(
    cache: &mut FetchSessionCache,
    request: &FetchRequest,
    full: &[i32],
    now: Millis,
) -> Result<(SessionAnswer, Vec<i32>), ErrorCode> {
    let context = cache.new_context(VERSION, request, no_names, now)?;
    let read = context.targets.iter().map(|target| target.asked.partition).collect();
    let updates = context.targets.iter().map(|target| {
        let partition_index = target.asked.partition;
        let has_records = full.contains(&partition_index);
        let records = if has_records { vec![Rc::new(RecordBatch::default())] } else { Vec::new() };
        (target, PartitionData { partition_index, high_watermark: 1, records, ..PartitionData::default() })
    });
    let updates = updates.collect();
    Ok((cache.answer(&context, updates, now), read))
}

#[test]
fn a_partition_with_records_moves_to_the_end_and_a_new_one_comes_after_it() {
    let mut cache = FetchSessionCache::new(1_000);
    let (opened, _) = answer(&mut cache, &fetch(0, 0, &[0, 1, 2]), &[], 0).expect("a session");
    let id = opened.session_id;
    let (response, read) = answer(&mut cache, &fetch(id, 1, &[]), &[0], 0).expect("an answer");
    assert_eq!((read, response.responses.len()), (vec![0, 1, 2], 1));
    let (response, read) = answer(&mut cache, &fetch(id, 2, &[3, 2]), &[], 0).expect("an answer");
    assert_eq!(read, [1, 2, 0, 3]);
    let indexes: Vec<i32> = response.responses[0].partitions.iter().map(|data| data.partition_index).collect();
    assert_eq!(indexes, [3], "only the new one is news");
}

#[test]
fn a_session_without_partitions_is_closed() {
    let mut cache = FetchSessionCache::new(1_000);
    let (opened, _) = answer(&mut cache, &fetch(0, 0, &[0]), &[], 0).expect("a session");
    let forgotten = ForgottenTopic { topic: "t".into(), topic_id: Uuid::ZERO, partitions: vec![0] };
    let forgets = FetchRequest { forgotten_topics_data: vec![forgotten], ..fetch(opened.session_id, 1, &[]) };
    let (closed, _) = answer(&mut cache, &forgets, &[], 0).expect("an answer");
    assert_eq!((closed.session_id, closed.responses.len()), (0, 0));
    assert_eq!(
        answer(&mut cache, &fetch(opened.session_id, 2, &[]), &[], 0).err(),
        Some(ErrorCode::FetchSessionIdNotFound)
    );
}

#[test]
fn wrong_epochs_and_other_ways_of_naming_topics_are_refused() {
    let mut cache = FetchSessionCache::new(1_000);
    let (opened, _) = answer(&mut cache, &fetch(0, 0, &[0]), &[], 0).expect("a session");
    let id = opened.session_id;
    assert_eq!(answer(&mut cache, &fetch(id, 2, &[]), &[], 0).err(), Some(ErrorCode::InvalidFetchSessionEpoch));
    let by_id = cache.new_context(13, &fetch(id, 1, &[]), no_names, 0);
    assert_eq!(by_id.err(), Some(ErrorCode::FetchSessionTopicIdError));
    let of_no_shard = answer(&mut cache, &fetch(i32::MIN, 1, &[]), &[], 0);
    assert_eq!(of_no_shard.err(), Some(ErrorCode::UnknownServerError));
}

#[test]
fn fewer_slots_than_shards_mean_no_sessions_and_only_old_ones_make_room() {
    let mut none = FetchSessionCache::new(7);
    assert_eq!(answer(&mut none, &fetch(0, 0, &[0]), &[], 0).map(|(response, _)| response.session_id), Ok(0));
    let mut cache = FetchSessionCache::new(8);
    let mut open = |now: Millis, partitions: &[i32]| {
        let opened = (0..8).filter(|_| {
            let response = answer(&mut cache, &fetch(0, 0, partitions), &[], now);
            response.is_ok_and(|(response, _)| response.session_id != 0)
        });
        opened.count()
    };
    assert_eq!(open(0, &[0]), 8);
    assert_eq!(open(FETCH_SESSION_EVICTION_MS, &[0, 1]), 0, "none is old enough");
    assert_eq!(open(FETCH_SESSION_EVICTION_MS + 1, &[0]), 8, "all are stale");
}
