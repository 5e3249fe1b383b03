//! What went wrong in a run that is at rest: looked up in the leaders' logs and in what applications did.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use kafkascope_core::client::Consumer;
use kafkascope_core::client::producer::delivery::DeliveryStage;
use kafkascope_core::cluster::Cluster;
use kafkascope_core::log::Log;
use kafkascope_core::wire::TopicPartition;
use kafkascope_core::wire::records::RecordBatch;

use super::Anomaly;
use super::guarantees::{AUDITORS, INPUT, PRODUCER, READERS, RESULTS};

/// A stored record: where, its value, and whether its transaction was aborted.
struct Stored {
    partition: i32,
    offset: i64,
    value: String,
    is_aborted: bool,
}

/// Everything that went wrong.
pub(super) fn found(cluster: &Cluster) -> BTreeSet<Anomaly> {
    let mut found = BTreeSet::new();
    let input = stored(cluster, INPUT);
    found.extend(in_the_log(cluster, &input));
    if members(cluster, READERS).next().is_some() {
        found.extend(in_the_group(cluster, &input));
    }
    if members(cluster, AUDITORS).next().is_some() {
        let results = stored(cluster, RESULTS);
        found.extend(in_the_results(&input, &results));
        let aborted: BTreeSet<i64> = results.iter().filter(|each| each.is_aborted).map(|each| each.offset).collect();
        if members(cluster, AUDITORS).any(|each| each.processed().any(|record| aborted.contains(&record.offset))) {
            found.insert(Anomaly::AbortedRead);
        }
    }
    found
}

/// The consumers of a group.
fn members<'c>(cluster: &'c Cluster, group: &str) -> impl Iterator<Item = &'c Consumer> {
    cluster.consumers().filter(move |consumer| consumer.group() == group)
}

/// Whether every group has read and committed all that its topic has.
pub(super) fn is_all_read(cluster: &Cluster) -> bool {
    [(READERS, INPUT), (AUDITORS, RESULTS)].into_iter().all(|(group, topic)| {
        members(cluster, group).next().is_none()
            || members(cluster, group).all(|consumer| consumer.in_hand() == 0)
                && leaders(cluster, topic).all(|(partition, log, high_watermark)| {
                    let end = log.log_end_offset();
                    let has_read = |consumer: &Consumer| {
                        let is_there = |(name, position, _): (&TopicPartition, Option<i64>, i64)| {
                            name == partition && position == Some(end)
                        };
                        consumer.assigned().any(is_there)
                    };
                    log.last_stable_offset(high_watermark) == end
                        && members(cluster, group).any(has_read)
                        && committed(cluster, group, partition) >= last_data(log)
                })
    })
}

/// The offset after the last record that is not Kafka's own, nor of an aborted transaction: who gets no record has nothing to commit.
fn last_data(log: &Log) -> i64 {
    let is_data = |batch: &&Rc<RecordBatch>| !batch.is_control && !is_aborted(log, batch);
    log.batches().rev().find(is_data).map_or(0, |batch| batch.next_offset())
}

fn is_aborted(log: &Log, batch: &RecordBatch) -> bool {
    batch.is_transactional
        && log.transaction_index().entries().iter().any(|each| {
            each.producer_id == batch.producer_id && (each.first_offset..=each.last_offset).contains(&batch.base_offset)
        })
}

/// What a group has committed of a partition; 0 for nothing.
fn committed(cluster: &Cluster, group: &str, partition: &TopicPartition) -> i64 {
    let brokers = cluster.nodes().filter_map(|node| node.broker.as_ref());
    let groups = brokers.flat_map(|broker| broker.groups.groups()).filter(|known| known.id() == group);
    let of_partition = groups.flat_map(|known| known.committed_offsets()).filter(|(name, _)| *name == partition);
    of_partition.map(|(_, offset)| offset).max().unwrap_or(0)
}

/// The partitions of a topic at their leaders: the name, the log, the high watermark.
fn leaders<'c>(cluster: &'c Cluster, topic: &str) -> impl Iterator<Item = (&'c TopicPartition, &'c Log, i64)> {
    cluster.nodes().flat_map(move |node| {
        let led = node.broker.iter().flat_map(|broker| &broker.partitions);
        let led = led.filter(move |(_, each)| &*each.name.topic == topic && each.is_leader());
        led.filter_map(|(id, each)| Some((&each.name, node.disk.broker.log(id)?, each.high_watermark)))
    })
}

fn stored(cluster: &Cluster, topic: &str) -> Vec<Stored> {
    let mut all = Vec::new();
    for (partition, log, _) in leaders(cluster, topic) {
        for batch in log.batches().filter(|batch| !batch.is_control) {
            all.extend(batch.records.iter().map(|record| Stored {
                partition: partition.partition,
                offset: batch.base_offset + i64::from(record.offset_delta),
                value: record.value.as_ref().map(ToString::to_string).unwrap_or_default(),
                is_aborted: is_aborted(log, batch),
            }));
        }
    }
    all.sort_by_key(|each| (each.partition, each.offset));
    all
}

/// How often each value stands.
fn counts(stored: &[Stored]) -> BTreeMap<&str, u32> {
    let mut counts = BTreeMap::new();
    for each in stored.iter().filter(|each| !each.is_aborted) {
        *counts.entry(each.value.as_str()).or_default() += 1;
    }
    counts
}

fn in_the_log(cluster: &Cluster, input: &[Stored]) -> BTreeSet<Anomaly> {
    let mut found = BTreeSet::new();
    let counts = counts(input);
    let producer = cluster.producer(PRODUCER);
    let acknowledged = producer.into_iter().flat_map(|producer| producer.deliveries());
    let acknowledged = acknowledged.filter(|each| matches!(each.stage, DeliveryStage::Acknowledged { .. }));
    let acknowledged: BTreeSet<String> =
        acknowledged.filter_map(|each| each.value.as_ref().map(ToString::to_string)).collect();
    if acknowledged.iter().any(|value| !counts.contains_key(value.as_str())) {
        found.insert(Anomaly::Lost);
    }
    if counts.values().any(|count| *count > 1) {
        found.insert(Anomaly::StoredTwice);
    }
    let mut seen = BTreeSet::new();
    let firsts = input.iter().filter(|each| seen.insert(each.value.as_str()));
    let firsts: Vec<(i32, u64)> = firsts.filter_map(|each| Some((each.partition, each.value.parse().ok()?))).collect();
    if !firsts.is_sorted() {
        found.insert(Anomaly::Reordered);
    }
    found
}

fn in_the_group(cluster: &Cluster, input: &[Stored]) -> BTreeSet<Anomaly> {
    let mut found = BTreeSet::new();
    let mut processed: BTreeMap<(i32, i64), u32> = BTreeMap::new();
    for record in members(cluster, READERS).flat_map(|consumer| consumer.processed()) {
        *processed.entry((record.partition.partition, record.offset)).or_default() += record.times;
    }
    if processed.values().any(|times| *times > 1) {
        found.insert(Anomaly::ProcessedTwice);
    }
    let is_passed = |each: &Stored| {
        let committed = committed(cluster, READERS, &TopicPartition::new(INPUT, each.partition));
        each.offset < committed && !processed.contains_key(&(each.partition, each.offset))
    };
    if input.iter().any(is_passed) {
        found.insert(Anomaly::PassedOver);
    }
    found
}

fn in_the_results(input: &[Stored], results: &[Stored]) -> BTreeSet<Anomaly> {
    let mut found = BTreeSet::new();
    let counts = counts(results);
    if input.iter().any(|each| !counts.contains_key(each.value.as_str())) {
        found.insert(Anomaly::ResultMissing);
    }
    if counts.values().any(|count| *count > 1) {
        found.insert(Anomaly::ResultTwice);
    }
    found
}
