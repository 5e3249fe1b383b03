//! Whole sequences of records, as scripts.

use expect_test::{Expect, expect};

use super::lab::Lab;
use crate::actor::Endpoint;
use crate::change::Change;
use crate::wire::feature_levels::supported_features;
use crate::wire::metadata::*;
use crate::wire::{ErrorCode, Request, Response, Uuid};

/// Three brokers that send heartbeats, and what is new in the log after `script`.
fn check(settings: &[(&str, &str)], script: impl FnOnce(&mut Lab), expected: Expect) -> Lab {
    let mut lab = Lab::new(settings);
    for id in 1..=3 {
        lab.start(id, None);
    }
    lab.new_records();
    script(&mut lab);
    expected.assert_eq(&lab.trace());
    lab
}

#[test]
fn the_first_start_writes_what_records_first_start_shows() {
    let mut lab = Lab::new(&[]);
    lab.start(1, None);
    expect![[r#"
        BEGIN_TRANSACTION name="Bootstrap records"
        FEATURE_LEVEL name="metadata.version" featureLevel=30
        FEATURE_LEVEL name="eligible.leader.replicas.version" featureLevel=1
        FEATURE_LEVEL name="group.version" featureLevel=1
        FEATURE_LEVEL name="share.version" featureLevel=1
        FEATURE_LEVEL name="streams.version" featureLevel=1
        FEATURE_LEVEL name="transaction.version" featureLevel=2
        CONFIG resourceType=4 resourceName="" name="min.insync.replicas" value="1"
        END_TRANSACTION 
        REGISTER_CONTROLLER controllerId=9 features=[{"name":"group.version","minSupportedVersion":0,"maxSupportedVersion":1},{"name":"kraft.version","minSupportedVersion":0,"maxSupportedVersion":1},{"name":"metadata.version","minSupportedVersion":7,"maxSupportedVersion":30},{"name":"share.version","minSupportedVersion":0,"maxSupportedVersion":1},{"name":"streams.version","minSupportedVersion":0,"maxSupportedVersion":1},{"name":"transaction.version","minSupportedVersion":0,"maxSupportedVersion":2},{"name":"eligible.leader.replicas.version","minSupportedVersion":0,"maxSupportedVersion":1}] zkMigrationReady=false endPoints=[{"name":"CONTROLLER","host":"controller-9","port":9093,"securityProtocol":0}]
        REGISTER_BROKER brokerId=1 isMigratingZkBroker=false inControlledShutdown=false brokerEpoch=11 endPoints=[] features=[{"name":"group.version","minSupportedVersion":0,"maxSupportedVersion":1},{"name":"kraft.version","minSupportedVersion":0,"maxSupportedVersion":1},{"name":"metadata.version","minSupportedVersion":7,"maxSupportedVersion":30},{"name":"share.version","minSupportedVersion":0,"maxSupportedVersion":1},{"name":"streams.version","minSupportedVersion":0,"maxSupportedVersion":1},{"name":"transaction.version","minSupportedVersion":0,"maxSupportedVersion":2},{"name":"eligible.leader.replicas.version","minSupportedVersion":0,"maxSupportedVersion":1}] fenced=true
        BROKER_REGISTRATION_CHANGE brokerId=1 brokerEpoch=11 cordonedLogDirs=[]
        BROKER_REGISTRATION_CHANGE brokerId=1 brokerEpoch=11 fenced=-1
    "#]]
    .assert_eq(&lab.trace());
    let epochs: Vec<i64> = lab.controller.image().brokers.values().map(|broker| broker.broker_epoch).collect();
    assert_eq!(epochs, [11], "the broker epoch is the offset of its record, and that is 11 as in Kafka");
    expect![[r#"{"clusterId":"","leaderId":9,"leaderEpoch":1,"votedId":-1,"appliedOffset":0,"currentVoters":[{"voterId":9}],"data_version":0}"#]].assert_eq(&lab.disk.quorum_state.file_text());
}

#[test]
fn a_silent_broker_is_fenced_after_its_session_and_leaves_isrs_first() {
    let script = |lab: &mut Lab| {
        lab.create("orders", &[&[1, 2, 3], &[2, 3, 1]], &[]);
        lab.new_records();
        lab.crash(1);
        lab.run(12_000);
    };
    check(
        &[],
        script,
        expect![[r#"
        PARTITION_CHANGE partitionId=0 leader=2 isr=[2,3]
        PARTITION_CHANGE partitionId=1 isr=[2,3]
        BROKER_REGISTRATION_CHANGE brokerId=1 brokerEpoch=11 fenced=1
    "#]],
    );
}

#[test]
fn a_controlled_shutdown_moves_leaders_first_and_is_fenced_twice() {
    let script = |lab: &mut Lab| {
        lab.create("orders", &[&[1, 2, 3], &[2, 3, 1]], &[]);
        lab.new_records();
        lab.stop(1);
    };
    check(
        &[],
        script,
        expect![[r#"
        BROKER_REGISTRATION_CHANGE brokerId=1 brokerEpoch=11 inControlledShutdown=1
        PARTITION_CHANGE partitionId=0 leader=2 isr=[2,3]
        PARTITION_CHANGE partitionId=1 isr=[2,3]
        BROKER_REGISTRATION_CHANGE brokerId=1 brokerEpoch=11 fenced=1
        BROKER_REGISTRATION_CHANGE brokerId=1 brokerEpoch=11 fenced=1
    "#]],
    );
}

#[test]
fn without_elr_the_last_member_stays_in_the_isr_and_leads_again() {
    let script = |lab: &mut Lab| {
        lab.create("orders", &[&[1, 2]], &[]);
        lab.new_records();
        lab.crash(2);
        lab.run(12_000);
        lab.crash(1);
        lab.run(12_000);
        lab.start(2, None);
        lab.start(1, None);
    };
    check(
        &[("eligible.leader.replicas.version", "0")],
        script,
        expect![[r#"
            PARTITION_CHANGE partitionId=0 isr=[1]
            BROKER_REGISTRATION_CHANGE brokerId=2 brokerEpoch=12 fenced=1
            PARTITION_CHANGE partitionId=0 leader=-1
            BROKER_REGISTRATION_CHANGE brokerId=1 brokerEpoch=9 fenced=1
            REGISTER_BROKER brokerId=2 isMigratingZkBroker=false inControlledShutdown=false brokerEpoch=24 endPoints=[] features=[{"name":"group.version","minSupportedVersion":0,"maxSupportedVersion":1},{"name":"kraft.version","minSupportedVersion":0,"maxSupportedVersion":1},{"name":"metadata.version","minSupportedVersion":7,"maxSupportedVersion":30},{"name":"share.version","minSupportedVersion":0,"maxSupportedVersion":1},{"name":"streams.version","minSupportedVersion":0,"maxSupportedVersion":1},{"name":"transaction.version","minSupportedVersion":0,"maxSupportedVersion":2},{"name":"eligible.leader.replicas.version","minSupportedVersion":0,"maxSupportedVersion":1}] fenced=true
            BROKER_REGISTRATION_CHANGE brokerId=2 brokerEpoch=24 cordonedLogDirs=[]
            BROKER_REGISTRATION_CHANGE brokerId=2 brokerEpoch=24 fenced=-1
            REGISTER_BROKER brokerId=1 isMigratingZkBroker=false inControlledShutdown=false brokerEpoch=27 endPoints=[] features=[{"name":"group.version","minSupportedVersion":0,"maxSupportedVersion":1},{"name":"kraft.version","minSupportedVersion":0,"maxSupportedVersion":1},{"name":"metadata.version","minSupportedVersion":7,"maxSupportedVersion":30},{"name":"share.version","minSupportedVersion":0,"maxSupportedVersion":1},{"name":"streams.version","minSupportedVersion":0,"maxSupportedVersion":1},{"name":"transaction.version","minSupportedVersion":0,"maxSupportedVersion":2},{"name":"eligible.leader.replicas.version","minSupportedVersion":0,"maxSupportedVersion":1}] fenced=true
            BROKER_REGISTRATION_CHANGE brokerId=1 brokerEpoch=27 cordonedLogDirs=[]
            BROKER_REGISTRATION_CHANGE brokerId=1 brokerEpoch=27 fenced=-1
            PARTITION_CHANGE partitionId=0 leader=1
            PARTITION_CHANGE partitionId=0 isr=[1,2]
        "#]],
    );
}

#[test]
fn preferred_leaders_lead_again_at_the_next_look_and_percentages_do_not_matter() {
    let script = |lab: &mut Lab| {
        lab.create("orders", &[&[1, 2, 3]], &[]);
        lab.crash(1);
        lab.run(12_000);
        lab.start(1, None);
        lab.new_records();
        lab.run(300_000);
    };
    check(
        &[],
        script,
        expect![[r#"
        PARTITION_CHANGE partitionId=0 leader=1
    "#]],
    );
}

#[test]
fn a_new_min_insync_replicas_clears_the_elr() {
    let mut lab = check(
        &[],
        |lab| {
            lab.create("orders", &[&[1, 2, 3]], &[("min.insync.replicas", "3"), ("retention.ms", "1000")]);
            lab.crash(3);
            lab.run(12_000);
            lab.ask(alter_topic("orders", "min.insync.replicas", "2"));
        },
        expect![[r#"
            TOPIC name="orders"
            CONFIG resourceType=2 resourceName="orders" name="min.insync.replicas" value="3"
            CONFIG resourceType=2 resourceName="orders" name="retention.ms" value="1000"
            CLEAR_ELR topicName="orders"
            PARTITION partitionId=0 directories=["AAAAAAAAAAAAAAAAAA9CQQ","AAAAAAAAAAAAAAAAAA9CQg","AAAAAAAAAAAAAAAAAA9CQw"] replicas=[1,2,3] isr=[1,2,3] leaderEpoch=0 leader=1
            PARTITION_CHANGE partitionId=0 eligibleLeaderReplicas=[3] isr=[1,2]
            BROKER_REGISTRATION_CHANGE brokerId=3 brokerEpoch=17 fenced=1
            CONFIG resourceType=2 resourceName="orders" name="min.insync.replicas" value="2"
            CLEAR_ELR topicName="orders"
        "#]],
    );
    assert!(matches!(lab.changes.last(), Some(Change::ElrChanged { .. })));
    let epoch = lab.controller.image().partition("orders", 0).map(|partition| partition.partition_epoch);
    assert_eq!(epoch, Some(2), "the fencing raised it, and so did the clearing");
    // What it has already is not written again.
    lab.ask(alter_topic("orders", "min.insync.replicas", "2"));
    assert_eq!(lab.trace(), "");
}

fn alter_topic(topic: &str, name: &str, value: &str) -> Request {
    let config = AlterableConfig { name: name.to_owned(), config_operation: 0, value: Some(value.to_owned()) };
    let resource = AlterConfigsResource { resource_type: 2, resource_name: topic.to_owned(), configs: vec![config] };
    Request::IncrementalAlterConfigs(IncrementalAlterConfigsRequest { resources: vec![resource], validate_only: false })
}

#[test]
fn another_process_of_a_living_broker_is_not_registered() {
    let mut lab = Lab::new(&[]);
    lab.start(1, None);
    let request = |cluster_id: &str, incarnation: u128, log_dirs: Vec<Uuid>| {
        Request::BrokerRegistration(BrokerRegistrationRequest {
            broker_id: 1,
            cluster_id: cluster_id.to_owned(),
            incarnation_id: Uuid(incarnation),
            log_dirs,
            features: supported_features().collect(),
            ..Default::default()
        })
    };
    let dir = Uuid(7_777);
    let cases = [
        (request("another", 5, vec![dir]), ErrorCode::InconsistentClusterId),
        (request("kafkascope", 5, vec![dir]), ErrorCode::DuplicateBrokerRegistration),
        (request("kafkascope", 1_001, vec![]), ErrorCode::InvalidRegistration),
        (request("kafkascope", 1_001, vec![dir, dir]), ErrorCode::InvalidRegistration),
        (request("kafkascope", 1_001, vec![dir]), ErrorCode::None),
    ];
    let epoch = lab.controller.image().brokers[&1].broker_epoch;
    for (request, expected) in cases {
        let Some(Response::BrokerRegistration(answer)) = lab.send(Endpoint::Probe(1), request).pop() else { panic!() };
        assert_eq!(answer.error_code, expected);
        let expected_epoch = if expected.is_none() { epoch } else { -1 };
        assert_eq!(answer.broker_epoch, expected_epoch, "the same process keeps its epoch");
    }
}

#[test]
fn a_metadata_fetch_waits_until_something_is_appended_or_its_time_is_up() {
    use crate::wire::replication::{FetchPartition, FetchRequest, FetchTopic, ReplicaState};
    let mut lab = Lab::new(&[]);
    lab.start(1, None);
    let fetch = |epoch, offset, last_fetched_epoch| {
        let partition = FetchPartition {
            current_leader_epoch: epoch,
            fetch_offset: offset,
            last_fetched_epoch,
            ..FetchPartition::default()
        };
        Request::Fetch(FetchRequest {
            replica_state: ReplicaState { replica_id: 5, replica_epoch: -1 },
            max_wait_ms: 500,
            topics: vec![FetchTopic { topic_id: Uuid::METADATA, partitions: vec![partition], ..FetchTopic::default() }],
            ..FetchRequest::default()
        })
    };
    let ask = |lab: &mut Lab, request| match lab.send(Endpoint::Broker(5), request).pop() {
        Some(Response::Fetch(answer)) => Some(answer.responses[0].partitions[0].clone()),
        _ => None,
    };
    let end = lab.disk.log.end_offset();
    let errors = [
        ((0, 0, 0), ErrorCode::FencedLeaderEpoch),
        ((2, 0, 0), ErrorCode::UnknownLeaderEpoch),
        ((-1, 0, 0), ErrorCode::InvalidRequest),
        ((1, 0, 2), ErrorCode::InvalidRequest),
    ];
    for ((epoch, offset, last), error) in errors {
        let answer = ask(&mut lab, fetch(epoch, offset, last)).expect("an answer");
        assert_eq!((answer.error_code, answer.high_watermark), (error, -1));
        assert_eq!((answer.current_leader.leader_id, answer.current_leader.leader_epoch), (9, 1));
    }
    let all = ask(&mut lab, fetch(1, 0, 0)).expect("an answer");
    assert_eq!((all.high_watermark, all.records.last().map(|batch| batch.next_offset())), (end, Some(end)));
    let beyond = ask(&mut lab, fetch(1, end + 5, 1)).expect("an answer");
    assert_eq!((beyond.diverging_epoch.epoch, beyond.diverging_epoch.end_offset), (1, end));

    assert!(ask(&mut lab, fetch(1, end, 1)).is_none(), "it waits");
    let answers = lab.send(Endpoint::Admin, Request::CreateTopics(one_topic("orders", 1, 1)));
    assert!(matches!(&answers[..], [Response::Fetch(_), Response::CreateTopics(_)]), "{answers:?}");
    let end = lab.disk.log.end_offset();
    let waits = ask(&mut lab, fetch(1, end, 1));
    assert!(waits.is_none());
    lab.changes.clear();
    lab.run(600);
    assert!(
        lab.changes.iter().any(|change| matches!(change, Change::DelayedOperationCompleted { timed_out: true, .. }))
    );
}

fn one_topic(name: &str, num_partitions: i32, replication_factor: i16) -> CreateTopicsRequest {
    let topic = CreatableTopic { name: name.into(), num_partitions, replication_factor, ..Default::default() };
    CreateTopicsRequest { topics: vec![topic], ..Default::default() }
}

/// What `placement-6-brokers-3-racks` found for every topic.
#[test]
fn replicas_are_spread_over_racks_and_brokers() {
    let mut lab = Lab::new(&[("broker.session.timeout.ms", "3000"), ("broker.heartbeat.interval.ms", "500")]);
    for (id, rack) in [(1, "ra"), (2, "ra"), (3, "rb"), (4, "rb"), (5, "rc"), (6, "rc")] {
        lab.adopt(id, Some(rack));
    }
    for factor in 1..=3 {
        for topic in 0..6 {
            let name = format!("t{factor}-{topic}");
            lab.ask(Request::CreateTopics(one_topic(&name, 12, factor)));
            let mut held = [0; 7];
            for index in 0..12 {
                let partition = lab.controller.image().partition(&name, index).expect("it was created");
                let racks: std::collections::BTreeSet<i32> = partition.replicas.iter().map(|id| (id + 1) / 2).collect();
                assert_eq!(racks.len(), usize::try_from(factor).expect("small"), "each replica on its own rack");
                assert_eq!((partition.leader, &partition.isr), (partition.replicas[0], &partition.replicas));
                for id in &partition.replicas {
                    held[usize::try_from(*id).expect("an id")] += 1;
                }
            }
            assert_eq!(held[1..].iter().max(), held[1..].iter().min(), "{name}: {held:?}");
        }
    }
    lab.silence(6);
    lab.run(4_000);
    lab.ask(Request::CreateTopics(one_topic("with-fenced", 12, 2)));
    lab.ask(Request::CreateTopics(one_topic("all", 1, 6)));
    let image = lab.controller.image();
    for index in 0..12 {
        assert!(!image.partition("with-fenced", index).expect("there").replicas.contains(&6));
    }
    let all = image.partition("all", 0).expect("there");
    assert!(all.replicas.contains(&6) && !all.isr.contains(&6) && all.replicas[0] != 6);
}
