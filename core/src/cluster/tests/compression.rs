//! What a producer compresses is smaller on every disk, and a topic may have it otherwise.

use super::*;
use crate::change::Change;
use crate::command::Command;
use crate::presets::{Order, TOPIC};
use crate::wire::ErrorCode;

/// A record of 1,000 bytes is sent by a producer with these settings to a topic with those: how many bytes its replicas have then,
/// and what went wrong.
fn sent(of_producer: &[(&str, &str)], of_topic: &[(&str, &str)]) -> (Vec<u64>, Option<ErrorCode>) {
    let mut config = Order::default().config();
    for (settings, changes) in
        [(&mut config.producers[0].settings, of_producer), (&mut config.topics[0].settings, of_topic)]
    {
        settings.extend(changes.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    }
    let mut cluster = Cluster::new(&config, 1).expect("the cluster is valid");
    let value = Some("x".repeat(1_000).as_str().into());
    let (topic, headers) = (TOPIC.into(), Vec::new());
    let produce = Command::Produce { producer: 1, topic, partition: None, key: None, value, headers };
    cluster.apply(&produce).expect("a good record");
    let mut error = None;
    let deadline = cluster.now() + 2_000;
    while cluster.now() < deadline {
        let Some(step) = cluster.step() else { break };
        for change in &step.changes {
            if let Change::ProduceFailed { error: found, .. } = change {
                error = Some(*found);
            }
        }
    }
    let disks = (1..=3).filter_map(|id| cluster.node(id));
    let logs = disks.flat_map(|node| node.disk.broker.logs.iter());
    let of_topic = logs.filter(|(_, stored)| &*stored.name.topic == TOPIC);
    (of_topic.map(|(_, stored)| stored.log.size_bytes()).collect(), error)
}

/// Bytes of the record: 1,000 of the value, and 9 for its lengths and deltas.
const RECORD: u64 = 1_009;
/// Bytes of a batch's header.
const HEADER: u64 = 61;

#[test]
fn every_replica_has_what_the_producer_or_the_topic_compressed() {
    let of = |bytes: u64| (vec![HEADER + bytes; 3], None);
    assert_eq!(sent(&[], &[]), of(RECORD));
    assert_eq!(sent(&[("compression.type", "gzip")], &[]), of(RECORD.div_ceil(2)));
    assert_eq!(
        sent(&[("compression.type", "gzip"), ("simulated.compressed.percent", "25")], &[]),
        of(RECORD.div_ceil(4))
    );
    assert_eq!(sent(&[], &[("compression.type", "zstd")]), of(RECORD.div_ceil(2)), "the leader compresses");
    assert_eq!(sent(&[("compression.type", "gzip")], &[("compression.type", "uncompressed")]), of(RECORD));
}

#[test]
fn a_batch_that_is_small_enough_only_while_it_is_compressed_is_too_large_for_a_topic_that_stores_it_otherwise() {
    let small = ("max.message.bytes", "600");
    assert_eq!(sent(&[], &[small]), (vec![0; 3], Some(ErrorCode::MessageTooLarge)));
    assert_eq!(sent(&[("compression.type", "lz4")], &[small]).1, None);
    let stored_otherwise = [small, ("compression.type", "uncompressed")];
    let refused = (vec![0; 3], Some(ErrorCode::MessageTooLarge));
    assert_eq!(sent(&[("compression.type", "lz4")], &stored_otherwise), refused);
}
