//! What the active controller remembers of a broker, and when it forgets that.

use super::lab::{CLUSTER_ID, Lab};
use crate::actor::Endpoint;
use crate::controller::heartbeat::Heartbeats;
use crate::sim::Millis;
use crate::wire::feature_levels::supported_features;
use crate::wire::metadata::*;
use crate::wire::{ErrorCode, Request, Response, Uuid};

/// Registers broker 7, always as the same process, and gives its epoch.
fn register(lab: &mut Lab) -> i64 {
    let request = BrokerRegistrationRequest {
        broker_id: 7,
        cluster_id: CLUSTER_ID.to_owned(),
        incarnation_id: Uuid(700),
        log_dirs: vec![Uuid(7_000)],
        features: supported_features().collect(),
        ..BrokerRegistrationRequest::default()
    };
    match lab.send(Endpoint::Broker(7), Request::BrokerRegistration(request)).pop() {
        Some(Response::BrokerRegistration(answer)) => answer.broker_epoch,
        other => panic!("{other:?}"),
    }
}

fn beat(lab: &mut Lab, broker_epoch: i64, want_shut_down: bool) -> (bool, bool) {
    let request = BrokerHeartbeatRequest {
        broker_id: 7,
        broker_epoch,
        current_metadata_offset: lab.disk.log.end_offset() - 1,
        want_shut_down,
        ..BrokerHeartbeatRequest::default()
    };
    match lab.send(Endpoint::Broker(7), Request::BrokerHeartbeat(request)).pop() {
        Some(Response::BrokerHeartbeat(answer)) => (answer.is_fenced, answer.should_shut_down),
        other => panic!("{other:?}"),
    }
}

#[test]
fn who_registers_again_has_said_nothing_of_a_shutdown() {
    let mut lab = Lab::new(&[]);
    let epoch = register(&mut lab);
    assert_eq!(beat(&mut lab, epoch, false), (false, false));
    let offset = |lab: &Lab| lab.controller.heartbeats().get(7).map(|broker| broker.metadata_offset);
    assert_eq!(offset(&lab), Some(-1), "the record that unfences it is not applied yet");
    assert_eq!(beat(&mut lab, epoch, false), (false, false));
    assert!(offset(&lab).is_some_and(|offset| offset >= 0));
    assert_eq!(lab.create("t", &[&[7]], &[]).topics[0].error_code, ErrorCode::None);
    assert_eq!(beat(&mut lab, epoch, true), (false, false), "it leads something");
    assert!(lab.controller.heartbeats().is_shutting_down(7));
    assert_eq!(register(&mut lab), epoch);
    assert!(lab.controller.image().brokers[&7].in_controlled_shutdown, "that stays written");
    assert!(!lab.controller.heartbeats().is_shutting_down(7));
    assert_eq!(beat(&mut lab, epoch, false), (false, false));
}

#[test]
fn of_sessions_that_have_ended_the_first_of_the_hash_map_is_taken() {
    let taken = |sessions: [(i32, i64, Millis); 2]| {
        let mut heartbeats = Heartbeats::default();
        for (broker, epoch, at) in sessions {
            heartbeats.touch(broker, epoch, at);
        }
        heartbeats.take_expired(9_000, 20_000).map(|(broker, _)| broker)
    };
    assert_eq!(taken([(2, 20, 10), (3, 9, 5)]), Some(2), "82 is before 102 in a table of 16");
    assert_eq!(taken([(2, 31, 5), (3, 9, 10)]), Some(3), "and 93 is behind it");
}
