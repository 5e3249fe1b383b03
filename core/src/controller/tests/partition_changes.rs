//! The rules of `PartitionChangeBuilder` and of what goes with them, one by one.

use super::lab::Lab;
use crate::controller::partition_change::{Election, PartitionChange};
use crate::metadata::MetadataRecord;
use crate::metadata::image::PartitionImage;
use crate::wire::cluster_admin::*;
use crate::wire::metadata::*;
use crate::wire::{ErrorCode, Request, Response, Uuid};

fn partition(replicas: &[i32], isr: &[i32], leader: i32) -> PartitionImage {
    PartitionImage {
        replicas: replicas.to_vec(),
        isr: isr.to_vec(),
        removing_replicas: Vec::new(),
        adding_replicas: Vec::new(),
        elr: Vec::new(),
        last_known_elr: Vec::new(),
        leader,
        leader_recovery_state: 0,
        leader_epoch: 5,
        partition_epoch: 7,
        directories: Vec::new(),
    }
}

/// What becomes of a partition when its leader asks for an ISR and everybody is alive.
fn after_isr(before: &PartitionImage, isr: &[i32]) -> PartitionImage {
    let mut change = PartitionChange::of(before, &|_| true, 1, true);
    change.isr = isr.to_vec();
    let mut after = before.clone();
    if let Some(record) = change.build(Uuid(1), 0) {
        after.merge(&record);
    }
    after
}

#[test]
fn a_reassignment_that_adds_as_many_as_it_removes_waits_only_for_those_it_adds() {
    let mut grows = partition(&[1, 2, 3, 4], &[1, 2], 1);
    grows.adding_replicas = vec![4];
    assert_eq!(after_isr(&grows, &[1, 2]).adding_replicas, [4]);
    let grown = after_isr(&grows, &[1, 2, 4]);
    assert_eq!((grown.adding_replicas.len(), grown.isr), (0, vec![1, 2, 4]), "3 is down all the while");

    let mut moves = partition(&[1, 3, 4, 2], &[1, 2], 1);
    (moves.adding_replicas, moves.removing_replicas) = (vec![4], vec![2]);
    let moved = after_isr(&moves, &[1, 2, 4]);
    assert_eq!((moved.replicas, moved.isr), (vec![1, 3, 4], vec![1, 4]));
    assert_eq!(moved.leader_epoch, 6, "2 is dropped: the leader's epoch rises though it stays");
}

#[test]
fn a_reassignment_that_shrinks_waits_for_all_that_stay() {
    let mut shrinks = partition(&[2, 3, 4, 5, 0, 1], &[0, 1], 0);
    (shrinks.adding_replicas, shrinks.removing_replicas) = (vec![5], vec![0, 1]);
    assert_eq!(after_isr(&shrinks, &[0, 1, 5]).removing_replicas, [0, 1]);
    let done = after_isr(&shrinks, &[0, 1, 2, 3, 4, 5]);
    assert_eq!((done.replicas, done.removing_replicas.len()), (vec![2, 3, 4, 5], 0));
}

/// `lastKnownElr` after brokers were lost, one after the other, and after some came back.
#[test]
fn the_last_leader_is_remembered_from_the_loss_of_a_leader_until_there_is_one() {
    let lost = |before: &PartitionImage, alive: &[i32], election: Election| {
        let is_alive = |id: i32| alive.contains(&id);
        let mut change = PartitionChange::of(before, &is_alive, 2, true);
        change.isr.retain(|id| alive.contains(id));
        change.election = election;
        let mut after = before.clone();
        if let Some(record) = change.build(Uuid(1), 0) {
            after.merge(&record);
        }
        after
    };
    let leaderless = lost(&partition(&[1, 2], &[1, 2], 1), &[], Election::Online);
    assert_eq!((leaderless.elr.as_slice(), leaderless.last_known_elr.as_slice()), ([1, 2].as_slice(), [1].as_slice()));
    let forgets = |before: &PartitionImage, lost: i32| {
        let mut change = PartitionChange::of(before, &|_| false, 2, true);
        change.unclean_shutdown = vec![lost];
        let mut after = before.clone();
        if let Some(record) = change.build(Uuid(1), 0) {
            after.merge(&record);
        }
        after
    };
    // A record that names no leader and a partition that has none: who led last stays known.
    let one = forgets(&leaderless, 1);
    assert_eq!((one.elr.as_slice(), one.last_known_elr.as_slice()), ([2].as_slice(), [1].as_slice()));
    let led = lost(&one, &[2], Election::Online);
    assert_eq!((led.leader, led.leader_recovery_state, led.last_known_elr.len()), (2, 0, 0));
    // With an empty ELR the last leader is elected, uncleanly.
    let none = forgets(&one, 2);
    let back = lost(&none, &[1, 2], Election::Online);
    assert_eq!((back.leader, back.leader_recovery_state, back.last_known_elr.len()), (1, 1, 0));
    // While nothing changes, nothing is written.
    let mut preferred = PartitionChange::of(&none, &|id| id == 2, 2, true);
    preferred.election = Election::Preferred;
    assert_eq!(preferred.build(Uuid(1), 0), None);
}

fn lab() -> Lab {
    let mut lab = Lab::new(&[]);
    for id in 1..=3 {
        lab.start(id, None);
    }
    lab
}

#[test]
fn partitions_are_added_or_refused_in_kafkas_words() {
    let mut lab = lab();
    lab.create("t", &[&[1, 2]], &[]);
    let mut grow = |name: &str, count: i32, assignments: Option<&[&[i32]]>| {
        let assignments = assignments.map(|lists| {
            lists.iter().map(|ids| CreatePartitionsAssignment { broker_ids: ids.to_vec() }).collect::<Vec<_>>()
        });
        let topic = CreatePartitionsTopic { name: name.into(), count, assignments };
        let request = CreatePartitionsRequest { topics: vec![topic], timeout_ms: 1_000, ..Default::default() };
        let Response::CreatePartitions(mut answer) = lab.ask(Request::CreatePartitions(request)) else {
            panic!("another answer")
        };
        let result = answer.results.pop().expect("a result");
        (result.error_code, result.error_message.unwrap_or_default())
    };
    let refusals = [
        (grow("t", 1, None), ErrorCode::InvalidPartitions, "Topic already has 1 partition(s)."),
        (
            grow("t", 0, None),
            ErrorCode::InvalidPartitions,
            "The topic t currently has 1 partition(s); 0 would not be an increase.",
        ),
        (grow("x", 2, None), ErrorCode::UnknownTopicOrPartition, ""),
        (
            grow("t", 3, Some(&[&[1, 2]])),
            ErrorCode::InvalidReplicaAssignment,
            "Attempted to add 2 additional partition(s), but only 1 assignment(s) were specified.",
        ),
        (
            grow("t", 2, Some(&[&[1, 2, 3]])),
            ErrorCode::InvalidReplicaAssignment,
            "The manual partition assignment includes a partition with 3 replica(s), but this is not consistent with \
             previous partitions, which have 2 replica(s).",
        ),
        (grow("t", 2, Some(&[&[3, 1]])), ErrorCode::None, ""),
        (grow("t", 5, None), ErrorCode::None, ""),
    ];
    for ((code, message), expected, words) in refusals {
        assert_eq!((code, message.as_str()), (expected, words));
    }
    let image = lab.controller.image();
    assert_eq!(image.partition("t", 1).map(|partition| partition.replicas.clone()), Some(vec![3, 1]));
    assert!((2..5).all(|index| image.partition("t", index).is_some_and(|each| each.replicas.len() == 2)));
}

#[test]
fn a_topic_named_twice_does_not_grow_and_is_not_deleted() {
    let mut lab = lab();
    lab.create("t", &[&[1]], &[]);
    let twice = CreatePartitionsTopic { name: "t".into(), count: 2, assignments: None };
    let request =
        CreatePartitionsRequest { topics: vec![twice.clone(), twice], timeout_ms: 1_000, ..Default::default() };
    let Response::CreatePartitions(answer) = lab.ask(Request::CreatePartitions(request)) else { panic!() };
    assert_eq!(answer.results.len(), 1);
    assert_eq!(answer.results[0].error_message.as_deref(), Some("Duplicate topic name."));

    let topic_id = *lab.controller.image().topic_ids.values().next().expect("a topic");
    let by_name = DeleteTopicState { name: Some("t".into()), topic_id: Uuid::ZERO };
    let by_id = DeleteTopicState { name: None, topic_id };
    let request = DeleteTopicsRequest { topics: vec![by_name, by_id], ..Default::default() };
    let Response::DeleteTopics(answer) = lab.ask(Request::DeleteTopics(request)) else { panic!() };
    let results: Vec<_> =
        answer.responses.iter().map(|each| (each.error_code, each.error_message.as_deref())).collect();
    let message = "The provided topic name maps to an ID that was already supplied.";
    assert_eq!(results, [(ErrorCode::InvalidRequest, Some(message))]);
    assert_eq!(lab.controller.image().topics.len(), 1);
}

#[test]
fn reassignments_are_listed_while_they_go_on() {
    let mut lab = lab();
    lab.create("t", &[&[1], &[2]], &[]);
    lab.crash(3);
    lab.run(12_000);
    let target = ReassignablePartition { partition_index: 1, replicas: Some(vec![3]) };
    let topics = vec![ReassignableTopic { name: "t".into(), partitions: vec![target] }];
    lab.ask(Request::AlterPartitionReassignments(AlterPartitionReassignmentsRequest { topics, ..Default::default() }));
    let mut list = |topics: Option<Vec<ListPartitionReassignmentsTopics>>| {
        let request = ListPartitionReassignmentsRequest { topics, ..Default::default() };
        match lab.ask(Request::ListPartitionReassignments(request)) {
            Response::ListPartitionReassignments(answer) => answer.topics,
            other => panic!("{other:?}"),
        }
    };
    let all = list(None);
    assert_eq!(all.len(), 1);
    let expected = OngoingPartitionReassignment {
        partition_index: 1,
        replicas: vec![3, 2],
        adding_replicas: vec![3],
        removing_replicas: vec![2],
    };
    assert_eq!(all[0].partitions, [expected]);
    let of = |partition_indexes| Some(vec![ListPartitionReassignmentsTopics { name: "t".into(), partition_indexes }]);
    assert_eq!(list(of(vec![0])), []);
    assert_eq!(list(of(vec![0, 1])), all);
}

#[test]
fn all_reassignments_of_a_topic_are_listed_in_the_order_in_which_they_began() {
    let mut lab = lab();
    lab.create("t", &[&[1], &[1], &[1]], &[]);
    lab.crash(3);
    lab.run(12_000);
    let mut list_after = |partition_index: i32, replicas: Option<&[i32]>| {
        let target = ReassignablePartition { partition_index, replicas: replicas.map(<[i32]>::to_vec) };
        let topics = vec![ReassignableTopic { name: "t".into(), partitions: vec![target] }];
        let request = AlterPartitionReassignmentsRequest { topics, ..Default::default() };
        lab.ask(Request::AlterPartitionReassignments(request));
        match lab.ask(Request::ListPartitionReassignments(ListPartitionReassignmentsRequest::default())) {
            Response::ListPartitionReassignments(answer) => {
                let listed = answer.topics.into_iter().flat_map(|topic| topic.partitions);
                listed.map(|partition| partition.partition_index).collect::<Vec<i32>>()
            }
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(list_after(2, Some(&[3])), [2]);
    assert_eq!(list_after(0, Some(&[3])), [2, 0]);
    assert_eq!(list_after(1, Some(&[3])), [2, 0, 1]);
    assert_eq!(list_after(2, None), [0, 1]);
    assert_eq!(list_after(2, Some(&[3])), [0, 1, 2]);
}

#[test]
fn a_broker_that_is_unregistered_is_in_no_isr_and_counts_no_more() {
    let mut lab = lab();
    lab.create("t", &[&[1, 2, 3]], &[("min.insync.replicas", "2")]);
    lab.crash(2);
    lab.run(12_000);
    lab.new_records();
    let request = |broker_id| Request::UnregisterBroker(UnregisterBrokerRequest { broker_id });
    let Response::UnregisterBroker(answer) = lab.ask(request(3)) else { panic!() };
    assert_eq!((answer.error_code, answer.error_message.as_deref()), (ErrorCode::None, Some("")));
    let isr = lab.controller.image().partition("t", 0).map(|each| each.isr.clone());
    assert_eq!(isr, Some(vec![1]));
    let records = lab.new_records();
    assert!(matches!(records.last(), Some(MetadataRecord::UnregisterBrokerRecord { broker_id: 3, .. })));
    assert!(!lab.controller.image().brokers.contains_key(&3));
    let Response::UnregisterBroker(answer) = lab.ask(request(3)) else { panic!() };
    assert_eq!(answer.error_code, ErrorCode::BrokerIdNotRegistered);
    assert_eq!(answer.error_message.as_deref(), Some("Broker ID 3 is not currently registered"));
}

#[test]
fn one_error_is_told_for_every_partition_of_an_election_that_does_not_exist() {
    let mut lab = lab();
    lab.create("t", &[&[1], &[2]], &[]);
    let topics = vec![ElectTopicPartitions { topic: "t".into(), partitions: vec![0, 1] }];
    let request = ElectLeadersRequest { election_type: 7, topic_partitions: Some(topics), ..Default::default() };
    let Response::ElectLeaders(answer) = lab.ask(Request::ElectLeaders(request)) else { panic!() };
    assert_eq!(answer.error_code, ErrorCode::InvalidRequest);
    let results: Vec<_> = answer.replica_election_results[0].partition_result.iter().collect();
    assert_eq!(results.len(), 2);
    assert!(results.iter().all(|each| each.error_message.as_deref() == Some("Unknown election type 7")));
}
