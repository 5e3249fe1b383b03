//! Each invariant is broken on purpose, and found.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::isr::check_partition;
use super::sizes::sizes;
use super::{InvariantChecker, InvariantViolation};
use crate::actor::Actor;
use crate::change::Change;
use crate::cluster::Cluster;
use crate::command::Command;
use crate::config::{
    ClusterConfig, CommitMode, ConsumerConfig, NetworkConfig, NodeConfig, PollMode, ProcessMode, ProducerConfig, Roles,
    Start, TopicConfig,
};
use crate::explain::Explanation;
use crate::log::StoredBatch;
use crate::metadata::image::PartitionImage;
use crate::step::{Size, Step};
use crate::wire::TopicPartition;
use crate::wire::records::RecordBatch;

/// Two brokers, a topic with two replicas, a producer and two consumers of one group.
fn config() -> ClusterConfig {
    let consumer = || ConsumerConfig {
        group: "readers".into(),
        topics: vec!["orders".into()],
        poll: PollMode::Continuous,
        commit: CommitMode::AfterPoll,
        process: ProcessMode::AtOnce,
        writes: None,
        settings: BTreeMap::new(),
        ..ConsumerConfig::default()
    };
    ClusterConfig {
        nodes: vec![
            NodeConfig::new(1, Roles::Broker),
            NodeConfig::new(2, Roles::Broker),
            NodeConfig::new(9, Roles::Controller),
        ],
        settings: [
            ("offsets.topic.num.partitions".to_owned(), "1".to_owned()),
            ("offsets.topic.replication.factor".to_owned(), "2".to_owned()),
        ]
        .into(),
        topics: vec![TopicConfig {
            name: "orders".into(),
            partitions: 1,
            replication_factor: 2,
            assignment: vec![vec![1, 2]],
            settings: BTreeMap::new(),
        }],
        producers: vec![ProducerConfig::default()],
        consumers: vec![consumer(), consumer()],
        network: NetworkConfig::default(),
        start: Start::AtRest,
    }
}

fn orders() -> TopicPartition {
    TopicPartition::new("orders", 0)
}

/// A cluster whose topic has three committed records, and what is remembered of it.
fn committed() -> (Cluster, InvariantChecker) {
    let mut cluster = Cluster::new(&config(), 1).expect("the cluster can be built");
    let mut checker = InvariantChecker::default();
    let mut check = |cluster: &Cluster, step: &Step| {
        assert_eq!(checker.check(cluster, step), Vec::new(), "at step {}", step.index);
    };
    for number in 0..3 {
        let produce = Command::Produce {
            producer: 1,
            topic: "orders".into(),
            partition: Some(0),
            key: None,
            value: Some(format!("v{number}").as_str().into()),
            headers: Vec::new(),
        };
        let step = cluster.apply(&produce).expect("the producer takes it");
        check(&cluster, &step);
        for _ in 0..400 {
            let step = cluster.step().expect("a cluster that lives has something to do");
            check(&cluster, &step);
        }
    }
    (cluster, checker)
}

/// What a step of the active controller with these changes breaks.
fn after(cluster: &Cluster, checker: &mut InvariantChecker, changes: Vec<Change>) -> Vec<&'static str> {
    let actor = cluster.active_controller().map(Actor::Node);
    after_step_of(actor, cluster, checker, changes)
}

fn after_step_of(
    actor: Option<Actor>,
    cluster: &Cluster,
    checker: &mut InvariantChecker,
    changes: Vec<Change>,
) -> Vec<&'static str> {
    let step = Step {
        index: cluster.position(),
        at_ms: cluster.now(),
        actor,
        event: None,
        cause: None,
        command: None,
        changes,
        explanation: Explanation::Nothing,
        size: Size::Micro,
    };
    checker.check(cluster, &step).iter().map(InvariantViolation::name).collect()
}

/// The names of what is broken by changes that never were, in a cluster with three committed records.
fn broken_by(changes: Vec<Change>) -> Vec<&'static str> {
    let (cluster, mut checker) = committed();
    after(&cluster, &mut checker, changes)
}

#[test]
fn two_leaders_of_an_epoch_are_found() {
    let leads = |node| Change::BecameLeader { node, partition: orders(), leader_epoch: 7 };
    assert_eq!(broken_by(vec![leads(1), leads(2)]), ["one-leader-per-epoch"]);
}

#[test]
fn a_high_watermark_that_goes_back_is_found() {
    let moved = |from, to| Change::HighWatermarkMoved { node: 1, partition: orders(), from, to, as_leader: true };
    assert_eq!(broken_by(vec![moved(3, 3)]), Vec::<&str>::new());
    assert_eq!(broken_by(vec![moved(3, 3), moved(3, 2)]), ["high-watermark-advances"]);
}

#[test]
fn an_acknowledgement_above_the_high_watermark_is_found() {
    let acknowledged = |offset| Change::Acknowledged { producer: 1, partition: orders(), offset, records: 1 };
    assert_eq!(broken_by(vec![acknowledged(2)]), Vec::<&str>::new());
    assert_eq!(broken_by(vec![acknowledged(3)]), ["acknowledged-is-committed"]);
}

#[test]
fn an_acknowledgement_that_did_not_wait_promises_nothing() {
    let (mut cluster, mut checker) = committed();
    let set = Command::Set {
        scope: crate::command::SettingScope::Producer(1),
        name: "acks".to_owned(),
        value: "1".to_owned(),
    };
    cluster.apply(&set).expect("the producer takes the setting");
    let sent = Change::BatchSent { producer: 1, partition: orders(), records: 1, leader: 1 };
    let acknowledged = Change::Acknowledged { producer: 1, partition: orders(), offset: 3, records: 1 };
    assert_eq!(after(&cluster, &mut checker, vec![sent, acknowledged]), Vec::<&str>::new());
}

#[test]
fn two_owners_in_a_generation_are_found() {
    let assigned = |consumer, generation| Change::Assigned { consumer, partitions: vec![orders()], generation };
    assert_eq!(broken_by(vec![assigned(1, 70), assigned(2, 71)]), Vec::<&str>::new());
    assert_eq!(broken_by(vec![assigned(1, 70), assigned(2, 70)]), ["one-owner-per-generation"]);
}

#[test]
fn a_committed_offset_above_the_high_watermark_is_found() {
    let committed = |offset| Change::CommitAcknowledged { consumer: 1, partition: orders(), offset };
    assert_eq!(broken_by(vec![committed(3)]), Vec::<&str>::new());
    assert_eq!(broken_by(vec![committed(4)]), ["committed-offset-is-below"]);
}

#[test]
fn a_read_above_the_high_watermark_is_found() {
    let read = |to| Change::RecordsRead { consumer: 1, partition: orders(), from: 0, to };
    assert_eq!(broken_by(vec![read(2)]), Vec::<&str>::new());
    assert_eq!(broken_by(vec![read(3)]), ["reads-are-committed"]);
}

#[test]
fn a_process_that_goes_back_in_the_metadata_log_is_found() {
    let applied = |from, to| Change::MetadataApplied { node: 1, from, to };
    assert_eq!(broken_by(vec![applied(500, 510), applied(505, 509)]), ["metadata-offset-advances"]);
    // A process that starts again replays the log.
    let started = Change::Started { node: 1 };
    assert_eq!(broken_by(vec![applied(500, 510), started, applied(0, 20)]), Vec::<&str>::new());
}

#[test]
fn a_broker_epoch_that_goes_back_is_found() {
    let registered = |broker_epoch| Change::BrokerRegistered { broker: 1, broker_epoch };
    assert_eq!(broken_by(vec![registered(900), registered(900)]), Vec::<&str>::new());
    assert_eq!(broken_by(vec![registered(900), registered(899)]), ["broker-epoch-advances"]);
    // What a controller writes that leads no more comes to nothing.
    let (cluster, mut checker) = committed();
    assert_eq!(after(&cluster, &mut checker, vec![registered(900)]), Vec::<&str>::new());
    let deposed = Some(Actor::Node(99));
    assert_eq!(after_step_of(deposed, &cluster, &mut checker, vec![registered(899)]), Vec::<&str>::new());
    assert_eq!(after(&cluster, &mut checker, vec![registered(899)]), ["broker-epoch-advances"]);
}

#[test]
fn epochs_of_a_partition_that_go_back_are_found() {
    let mut epochs = super::epochs::Epochs::default();
    let id = crate::wire::ids::TopicIdPartition { topic_id: crate::wire::Uuid(7), partition: 0 };
    let mut learnt = |epochs_seen| epochs.learnt(1, id, &orders(), epochs_seen).map(|violation| violation.name());
    assert_eq!(learnt((2, 5)), None);
    assert_eq!(learnt((2, 6)), None);
    assert_eq!(learnt((1, 7)), Some("partition-epochs-advance"));
    assert_eq!(learnt((1, 6)), Some("partition-epochs-advance"));
}

fn image(replicas: &[i32], isr: &[i32], elr: &[i32], leader: i32) -> PartitionImage {
    PartitionImage {
        replicas: replicas.to_vec(),
        isr: isr.to_vec(),
        removing_replicas: Vec::new(),
        adding_replicas: Vec::new(),
        elr: elr.to_vec(),
        last_known_elr: Vec::new(),
        leader,
        leader_recovery_state: 0,
        leader_epoch: 0,
        partition_epoch: 0,
        directories: Vec::new(),
    }
}

#[test]
fn a_wrong_isr_is_found() {
    let name = |image: &PartitionImage| check_partition(&orders(), image).map(|violation| violation.name());
    assert_eq!(name(&image(&[1, 2, 3], &[1, 2], &[3], 1)), None);
    assert_eq!(name(&image(&[1, 2, 3], &[], &[], -1)), None);
    assert_eq!(name(&image(&[1, 2], &[1, 3], &[], 1)), Some("isr-within-replicas"));
    assert_eq!(name(&image(&[1, 2], &[1, 1], &[], 1)), Some("isr-within-replicas"));
    assert_eq!(name(&image(&[1, 2], &[1, 2], &[2], 1)), Some("isr-within-replicas"));
    assert_eq!(name(&image(&[1, 2], &[1], &[], 2)), Some("leader-is-in-sync"));
}

#[test]
fn a_size_that_is_not_the_sum_of_the_batches_is_found() {
    let batch = Rc::new(RecordBatch::of(std::iter::empty()));
    let bytes = batch.size_bytes();
    let stored = |position, size_bytes| StoredBatch {
        batch: batch.clone(),
        position,
        size_bytes,
        max_timestamp: -1,
        is_damaged: false,
    };
    let (first, second) = (stored(0, bytes), stored(bytes, bytes));
    assert_eq!(sizes(0, &[&first, &second], bytes * 2), None);
    assert!(sizes(0, &[&first, &second], bytes * 2 + 1).is_some(), "a byte too many");
    assert!(sizes(0, &[&first, &stored(bytes + 1, bytes)], bytes * 2 + 1).is_some(), "a hole");
    assert!(sizes(0, &[&stored(0, bytes + 1)], bytes + 1).is_some(), "a batch that counts too much");
}
