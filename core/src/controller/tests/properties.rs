//! Any requests in any order keep the image sound.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::super::elections::ElectionCandidates;
use super::lab::Lab;
use crate::actor::Endpoint;
use crate::metadata::image::PartitionImage;
use crate::wire::metadata::*;
use crate::wire::replication::{FetchPartition, FetchRequest, FetchTopic};
use crate::wire::{Request, Uuid};

#[derive(Clone, Debug)]
enum Act {
    Start(i32),
    Stop(i32),
    Crash(i32),
    Pause(i32, bool),
    Run(u64),
    Create(u8, i32, i16, Vec<Vec<i32>>),
    Delete(u8),
    Elect(Option<u8>, i8),
    Reassign(u8, i32, Option<Vec<i32>>),
    Config(u8, &'static str, Option<&'static str>, i8),
    Isr(u8, i32, Vec<i32>, i32, i32, i8),
    Heartbeat(i32, i64, bool, bool),
    Fetch(i32, i64, i32, i32),
    Puppet(i32, bool),
}

fn act() -> impl Strategy<Value = Act> {
    let id = -1..6i32;
    let broker = 1..5i32;
    let topic = 0..3u8;
    let ids = || prop::collection::vec(-1..6i32, 0..5);
    let good_ids = Just(vec![1, 2, 3, 4])
        .prop_shuffle()
        .prop_flat_map(|ids| (1..=ids.len()).prop_map(move |count| ids[..count].to_vec()));
    let config = prop::sample::select(vec![
        ("min.insync.replicas", Some("2")),
        ("min.insync.replicas", None),
        ("unclean.leader.election.enable", Some("true")),
        ("cleanup.policy", Some("compact")),
        ("no.such", Some("x")),
    ]);
    prop_oneof![
        3 => broker.clone().prop_map(Act::Start),
        1 => broker.clone().prop_map(Act::Stop),
        2 => broker.clone().prop_map(Act::Crash),
        2 => (broker.clone(), any::<bool>()).prop_map(|(id, paused)| Act::Pause(id, paused)),
        4 => (0..20_000u64).prop_map(Act::Run),
        3 => (topic.clone(), -3..5i32, -2..5i16, prop::collection::vec(good_ids.clone(), 0..3))
            .prop_map(|(topic, partitions, factor, ids)| Act::Create(topic, partitions, factor, ids)),
        1 => topic.clone().prop_map(Act::Delete),
        2 => (prop::option::of(topic.clone()), 0..3i8).prop_map(|(topic, kind)| Act::Elect(topic, kind)),
        2 => (topic.clone(), 0..3i32, prop::option::weighted(0.8, good_ids.boxed()))
            .prop_map(|(topic, index, ids)| Act::Reassign(topic, index, ids)),
        1 => (topic.clone(), config, -1..5i8).prop_map(|(topic, (name, value), op)| Act::Config(topic, name, value, op)),
        3 => (topic, 0..3i32, ids(), -1..2i32, -1..2i32, 0..3i8)
            .prop_map(|(topic, index, isr, leader, partition, state)| Act::Isr(topic, index, isr, leader, partition, state)),
        2 => (id.clone(), -1..60i64, any::<bool>(), any::<bool>())
            .prop_map(|(id, offset, fence, stop)| Act::Heartbeat(id, offset, fence, stop)),
        1 => (-2..4i32, any::<i64>(), -2..4i32, -1..2_000i32)
            .prop_map(|(epoch, offset, last, wait)| Act::Fetch(epoch, offset, last, wait)),
        1 => (5..7i32, any::<bool>()).prop_map(|(id, heard)| Act::Puppet(id, heard)),
    ]
}

fn name(topic: u8) -> String {
    format!("t{topic}")
}

fn perform(lab: &mut Lab, act: Act) {
    match act {
        Act::Start(id) => lab.start(id, None),
        Act::Stop(id) if lab.runs(id) => lab.stop(id),
        Act::Crash(id) if lab.runs(id) => lab.crash(id),
        Act::Pause(id, paused) if lab.runs(id) => lab.pause(id, paused),
        Act::Run(ms) => lab.run(ms),
        Act::Create(topic, num_partitions, replication_factor, ids) => {
            let manual = !ids.is_empty();
            let assignments = (0..)
                .zip(ids)
                .map(|(partition_index, broker_ids)| CreatableReplicaAssignment { partition_index, broker_ids });
            let topic = CreatableTopic {
                name: name(topic).as_str().into(),
                num_partitions: if manual { -1 } else { num_partitions },
                replication_factor: if manual { -1 } else { replication_factor },
                assignments: assignments.collect(),
                configs: Vec::new(),
            };
            let request = CreateTopicsRequest { topics: vec![topic], ..Default::default() };
            lab.ask(Request::CreateTopics(request));
        }
        Act::Delete(topic) => {
            let topic = DeleteTopicState { name: Some(name(topic).as_str().into()), ..Default::default() };
            lab.ask(Request::DeleteTopics(DeleteTopicsRequest { topics: vec![topic], ..Default::default() }));
        }
        Act::Elect(topic, election_type) => {
            let topic_partitions = topic.map(|topic| {
                vec![ElectTopicPartitions { topic: name(topic).as_str().into(), partitions: vec![0, 1, 1, 9] }]
            });
            let request = ElectLeadersRequest { election_type, topic_partitions, ..Default::default() };
            lab.ask(Request::ElectLeaders(request));
        }
        Act::Reassign(topic, partition_index, replicas) => {
            let partitions = vec![ReassignablePartition { partition_index, replicas }];
            let topic = ReassignableTopic { name: name(topic).as_str().into(), partitions };
            let request = AlterPartitionReassignmentsRequest { topics: vec![topic], ..Default::default() };
            lab.ask(Request::AlterPartitionReassignments(request));
        }
        Act::Config(topic, setting, value, config_operation) => {
            let value = value.map(str::to_owned);
            let config = AlterableConfig { name: setting.to_owned(), config_operation, value };
            let resource_name = name(topic);
            let resource = AlterConfigsResource { resource_type: 2, resource_name, configs: vec![config] };
            let request = IncrementalAlterConfigsRequest { resources: vec![resource], validate_only: false };
            lab.ask(Request::IncrementalAlterConfigs(request));
        }
        Act::Isr(topic, partition_index, isr, leader_ahead, partition_ahead, leader_recovery_state) => {
            let image = lab.controller.image();
            let Some(partition) = image.partition(&name(topic), partition_index) else { return };
            let data = AlterPartitionData {
                partition_index,
                leader_epoch: partition.leader_epoch + leader_ahead,
                partition_epoch: partition.partition_epoch + partition_ahead,
                new_isr_with_epochs: isr.iter().map(|id| BrokerState { broker_id: *id, broker_epoch: -1 }).collect(),
                leader_recovery_state,
                ..AlterPartitionData::default()
            };
            let topic_id = image.topic_ids[name(topic).as_str()];
            let request = AlterPartitionRequest {
                broker_id: partition.leader,
                broker_epoch: image.brokers.get(&partition.leader).map_or(-1, |broker| broker.broker_epoch),
                topics: vec![AlterPartitionTopic { topic_id, partitions: vec![data] }],
            };
            lab.ask(Request::AlterPartition(request));
        }
        Act::Heartbeat(broker_id, current_metadata_offset, want_fence, want_shut_down) => {
            let broker = lab.controller.image().brokers.get(&broker_id);
            let broker_epoch = broker.map_or(-1, |broker| broker.broker_epoch);
            let request = BrokerHeartbeatRequest {
                broker_id,
                broker_epoch,
                current_metadata_offset,
                want_fence,
                want_shut_down,
                ..Default::default()
            };
            lab.ask(Request::BrokerHeartbeat(request));
        }
        Act::Fetch(current_leader_epoch, fetch_offset, last_fetched_epoch, max_wait_ms) => {
            let partition =
                FetchPartition { current_leader_epoch, fetch_offset, last_fetched_epoch, ..Default::default() };
            let topics =
                vec![FetchTopic { topic_id: Uuid::METADATA, partitions: vec![partition], ..FetchTopic::default() }];
            lab.send(Endpoint::Probe(1), Request::Fetch(FetchRequest { max_wait_ms, topics, ..Default::default() }));
        }
        // One that an operation has unseated which does not exist leads again after an election timeout.
        Act::Puppet(id, true) if lab.controller.is_active() => lab.adopt(id, None),
        Act::Puppet(id, false) => lab.silence(id),
        Act::Stop(_) | Act::Crash(_) | Act::Pause(..) | Act::Puppet(_, true) => {}
    }
}

fn check_partition(
    name: &str,
    partition: &PartitionImage,
    elr_enabled: bool,
    epochs: &mut BTreeMap<String, (i32, i32)>,
) {
    let twice = |list: &[i32]| list.iter().enumerate().any(|(at, id)| list[..at].contains(id));
    let within = |list: &[i32]| list.iter().all(|id| partition.replicas.contains(id));
    assert!(!partition.replicas.is_empty() && !twice(&partition.replicas), "{name}: {partition:?}");
    assert!(within(&partition.isr) && !twice(&partition.isr), "{name}: {partition:?}");
    assert!(within(&partition.elr), "{name}: {partition:?}");
    assert!(partition.elr.iter().all(|id| !partition.isr.contains(id)), "ISR and ELR overlap: {partition:?}");
    assert!(partition.leader == -1 || partition.isr.contains(&partition.leader), "{name}: {partition:?}");
    assert!(elr_enabled || !partition.isr.is_empty(), "{name}: {partition:?}");
    assert!(elr_enabled || partition.elr.is_empty(), "{name}: {partition:?}");
    assert!(partition.last_known_elr.len() <= 1 && (partition.leader == -1 || partition.last_known_elr.is_empty()));
    let now = (partition.leader_epoch, partition.partition_epoch);
    let before = epochs.insert(name.to_owned(), now).unwrap_or(now);
    assert!(now.0 >= before.0 && now.1 >= before.1, "{name}: epochs went back from {before:?} to {now:?}");
    assert!(now.0 - before.0 <= now.1 - before.1, "the leader epoch rose faster than the partition epoch");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_requests_keep_the_image_sound(acts in prop::collection::vec(act(), 1..40), elr in any::<bool>()) {
        let elr_setting = if elr { "1" } else { "0" };
        let mut lab = Lab::new(&[("eligible.leader.replicas.version", elr_setting)]);
        let mut epochs = BTreeMap::new();
        for act in acts {
            perform(&mut lab, act);
            let image = lab.controller.image();
            for (name, id, partition) in image.partitions() {
                check_partition(&format!("{name} {id}"), partition, elr, &mut epochs);
                // A broker that is unfenced without a new registration after it wanted to shut down leads although the
                // log still calls it shutting down: Kafka's controller does so too.
                let leader = image.brokers.get(&partition.leader);
                let led = partition.leader == -1 || leader.is_some_and(|broker| !broker.fenced);
                assert!(led, "{name} is led by a fenced broker");
            }
            let mut replayed = crate::metadata::MetadataImage::default();
            // By the image as it is now: every partition that is there, looked at once more.
            let mut candidates = ElectionCandidates::default();
            for (_, _, record) in lab.disk.log.records_from(0) {
                replayed.apply(record);
                candidates.replay(image, record);
            }
            assert_eq!(candidates, lab.controller.election_candidates, "a candidate was overlooked or kept");
            assert_eq!(&replayed, image, "replaying the log gives another image");
            assert_eq!(lab.controller.high_watermark(), lab.disk.log.end_offset());
        }
    }
}
