//! Exceptions inside an event that the controller does not expect: nothing is written, and it gives up its leadership.

use super::lab::{CLUSTER_ID, Lab};
use crate::actor::Endpoint;
use crate::wire::cluster_admin::{CreatePartitionsRequest, CreatePartitionsTopic};
use crate::wire::feature_levels::supported_features;
use crate::wire::metadata::*;
use crate::wire::{ErrorCode, Request, Response, Uuid};

fn lab() -> Lab {
    let mut lab = Lab::new(&[]);
    for id in 1..=3 {
        lab.start(id, None);
    }
    lab
}

/// What is answered, whether something was written, and whether the controller gave up.
fn outcome<T>(lab: &mut Lab, ask: impl FnOnce(&mut Lab) -> T) -> (T, bool, bool) {
    lab.new_records();
    let before = lab.controller.epoch();
    let answer = ask(lab);
    let has_written = !lab.new_records().is_empty();
    lab.run(10_000);
    assert!(lab.controller.is_active());
    (answer, has_written, lab.controller.epoch() > before)
}

#[test]
fn what_is_added_to_a_list_must_be_something() {
    let mut lab = lab();
    lab.create("t", &[&[1]], &[]);
    let mut append = |name: &str| {
        let config = AlterableConfig { name: name.to_owned(), config_operation: 2, value: None };
        let resource = AlterConfigsResource { resource_type: 2, resource_name: "t".to_owned(), configs: vec![config] };
        let request = IncrementalAlterConfigsRequest { resources: vec![resource], ..Default::default() };
        outcome(&mut lab, |lab| match lab.ask(Request::IncrementalAlterConfigs(request)) {
            Response::IncrementalAlterConfigs(answer) => answer.responses[0].error_code,
            other => panic!("{other:?}"),
        })
    };
    assert_eq!(append("cleanup.policy"), (ErrorCode::UnknownServerError, false, true));
    assert_eq!(append("retention.ms"), (ErrorCode::InvalidConfig, false, false), "it is no list");
}

#[test]
fn white_space_around_a_number_is_taken_and_then_fallen_over() {
    let mut lab = lab();
    let created = lab.create("t", &[&[1]], &[("min.insync.replicas", " 1 ")]);
    assert_eq!(created.topics[0].error_code, ErrorCode::None);
    let target = ReassignablePartition { partition_index: 0, replicas: Some(vec![2]) };
    let topics = vec![ReassignableTopic { name: "t".into(), partitions: vec![target] }];
    let request = AlterPartitionReassignmentsRequest { topics, ..Default::default() };
    let reassigned = outcome(&mut lab, |lab| match lab.ask(Request::AlterPartitionReassignments(request)) {
        Response::AlterPartitionReassignments(answer) => answer.responses[0].partitions[0].error_code,
        other => panic!("{other:?}"),
    });
    assert_eq!(reassigned, (ErrorCode::UnknownServerError, false, false), "told of the partition alone");

    // Its leader says nothing any more: the look at the sessions fails, and unseats nobody.
    let ((), has_written, renounces) = outcome(&mut lab, |lab| {
        lab.crash(1);
        lab.run(15_000);
    });
    assert_eq!((has_written, renounces), (false, false));
    assert!(!lab.controller.image().brokers[&1].fenced);

    let wants_to_end = BrokerHeartbeatRequest {
        broker_id: 1,
        broker_epoch: lab.controller.image().brokers[&1].broker_epoch,
        current_metadata_offset: lab.disk.log.end_offset() - 1,
        want_shut_down: true,
        ..BrokerHeartbeatRequest::default()
    };
    let ended =
        outcome(&mut lab, |lab| match lab.send(Endpoint::Broker(1), Request::BrokerHeartbeat(wants_to_end)).pop() {
            Some(Response::BrokerHeartbeat(answer)) => answer.error_code,
            other => panic!("{other:?}"),
        });
    assert_eq!(ended, (ErrorCode::UnknownServerError, false, true));
}

#[test]
fn where_a_node_listens_must_be_told_in_full() {
    let mut lab = lab();
    let listener = |host: &str, port: u16, security_protocol: i16| {
        let (name, host) = ("PLAINTEXT".to_owned(), host.to_owned());
        vec![BrokerListener { name, host, port, security_protocol }]
    };
    let told = |listeners: Vec<BrokerListener>| BrokerRegistrationRequest {
        broker_id: 7,
        cluster_id: CLUSTER_ID.to_owned(),
        incarnation_id: Uuid(700),
        listeners,
        log_dirs: vec![Uuid(7_000)],
        features: supported_features().collect(),
        ..BrokerRegistrationRequest::default()
    };
    let mut register = |listeners: Vec<BrokerListener>| {
        outcome(&mut lab, |lab| {
            match lab.send(Endpoint::Broker(7), Request::BrokerRegistration(told(listeners))).pop() {
                Some(Response::BrokerRegistration(answer)) => answer.error_code,
                other => panic!("{other:?}"),
            }
        })
    };
    for wrong in [listener("h", 0, 0), listener(" ", 9_092, 0), listener("h", 9_092, 4)] {
        assert_eq!(register(wrong), (ErrorCode::UnknownServerError, false, true));
    }
    assert_eq!(register(listener("h", 9_092, 3)), (ErrorCode::None, true, false));
    let request =
        ControllerRegistrationRequest { controller_id: 8, listeners: listener("h", 0, 0), ..Default::default() };
    let refused = outcome(&mut lab, |lab| {
        match lab.send(Endpoint::Controller(8), Request::ControllerRegistration(request)).pop() {
            Some(Response::ControllerRegistration(answer)) => answer.error_code,
            other => panic!("{other:?}"),
        }
    });
    assert_eq!(refused, (ErrorCode::UnknownServerError, false, true));
}

/// Asks for topics of so many partitions, and gives what is told of each.
fn create(lab: &mut Lab, topics: &[(&str, i32)]) -> Vec<(ErrorCode, Option<String>)> {
    let topic = |(name, num_partitions): &(&str, i32)| CreatableTopic {
        name: (*name).into(),
        num_partitions: *num_partitions,
        replication_factor: 1,
        ..CreatableTopic::default()
    };
    let request = CreateTopicsRequest { topics: topics.iter().map(topic).collect(), ..CreateTopicsRequest::default() };
    match lab.ask(Request::CreateTopics(request)) {
        Response::CreateTopics(answer) => {
            answer.topics.into_iter().map(|topic| (topic.error_code, topic.error_message)).collect()
        }
        other => panic!("{other:?}"),
    }
}

/// Asks for so many partitions of topics that are there.
fn grow(lab: &mut Lab, topics: &[(&str, i32)]) -> Vec<ErrorCode> {
    let topic = |(name, count): &(&str, i32)| CreatePartitionsTopic {
        name: (*name).into(),
        count: *count,
        ..CreatePartitionsTopic::default()
    };
    let topics = topics.iter().map(topic).collect();
    let request = CreatePartitionsRequest { topics, timeout_ms: 1_000, ..CreatePartitionsRequest::default() };
    match lab.ask(Request::CreatePartitions(request)) {
        Response::CreatePartitions(answer) => answer.results.into_iter().map(|result| result.error_code).collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn more_partitions_than_fit_into_memory_unseat_the_controller() {
    let mut lab = lab();
    let both = vec![ErrorCode::UnknownServerError; 2];
    let overflows = outcome(&mut lab, |lab| create(lab, &[("a", i32::MAX), ("b", 1)]));
    let told: Vec<ErrorCode> = overflows.0.into_iter().map(|(error, _)| error).collect();
    assert_eq!((told, overflows.1, overflows.2), (both.clone(), false, true), "the sum of both is negative");
    create(&mut lab, &[("a", 1), ("b", 1)]);
    let grown = outcome(&mut lab, |lab| grow(lab, &[("a", i32::MAX), ("b", 2)]));
    assert_eq!(grown, (both, false, true));
}

#[test]
fn a_request_writes_ten_thousand_records_at_most() {
    let mut lab = lab();
    let (told, has_written, renounces) = outcome(&mut lab, |lab| create(lab, &[("a", 10_000)]));
    let words = "Unable to perform excessively large batch operation.";
    assert_eq!(told, [(ErrorCode::PolicyViolation, Some(words.to_owned()))]);
    assert_eq!((has_written, renounces), (false, false));
    create(&mut lab, &[("a", 1), ("b", 1)]);
    let told = grow(&mut lab, &[("a", 20_000), ("b", 2)]);
    assert_eq!(told, [ErrorCode::UnknownServerError; 2], "there is no room left for the other");
    let count = |topic: &str| lab.controller.image().partitions().filter(|(each, ..)| *each.topic == *topic).count();
    assert_eq!((count("a"), count("b")), (10_001, 1), "what there was room for stays");
}
