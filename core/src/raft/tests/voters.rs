//! Voters of a dynamic quorum are added and removed (KIP-853).

use super::lab::{CONFIG, Lab, key};
use crate::raft::{OffsetAndEpoch, QuorumConfig, ReplicaKey, Role, VoterNode};
use crate::sim::random::{Purpose, Random};
use crate::wire::voters::{AddRaftVoterRequest, KRaftVersionFeature, RemoveRaftVoterRequest, UpdateRaftVoterRequest};
use crate::wire::{ErrorCode, Request, Response, Uuid};

pub(super) fn add(key: ReplicaKey) -> Request {
    Request::AddRaftVoter(AddRaftVoterRequest {
        voter_id: key.id,
        voter_directory_id: key.directory_id,
        listeners: VoterNode::of(key).endpoints,
        ..AddRaftVoterRequest::default()
    })
}

pub(super) fn remove(key: ReplicaKey) -> Request {
    Request::RemoveRaftVoter(RemoveRaftVoterRequest {
        voter_id: key.id,
        voter_directory_id: key.directory_id,
        ..RemoveRaftVoterRequest::default()
    })
}

pub(super) fn outcome(response: &Response) -> (ErrorCode, String) {
    let (error, message) = match response {
        Response::AddRaftVoter(answer) => (answer.error_code, &answer.error_message),
        Response::RemoveRaftVoter(answer) => (answer.error_code, &answer.error_message),
        Response::UpdateRaftVoter(answer) => (answer.error_code, &None),
        other => panic!("{:?} was not asked", other.api()),
    };
    (error, message.clone().unwrap_or_default())
}

/// Asks the leader, and gives what it answers within a few seconds.
pub(super) fn ask(lab: &mut Lab, request: Request) -> (ErrorCode, String) {
    let leader = lab.elect();
    lab.answers.clear();
    lab.request(leader, request);
    lab.run(3_000);
    assert_eq!(lab.answers.len(), 1, "one answer: {:?}", lab.answers);
    outcome(&lab.answers[0])
}

pub(super) fn voters(lab: &Lab) -> Vec<Vec<i32>> {
    lab.nodes.values().map(|quorum| quorum.voters().to_vec()).collect()
}

#[test]
fn a_standalone_voter_is_joined_by_others_and_leaves_itself() {
    let mut lab = Lab::dynamic(3, 1, 1, CONFIG);
    assert_eq!((lab.leader(), voters(&lab)), (Some(1), vec![vec![1], vec![], vec![]]));
    let (offset, _) = lab.disks[&1].log.quorum().last_voters().expect("the log names the voters");
    assert_eq!(offset, 2, "behind LeaderChange and KRaftVersion, in one batch");
    lab.run(1_000);
    assert_eq!(lab.nodes[&2].role(), Role::Follower, "an observer follows, too");
    for id in [2, 3] {
        assert_eq!(ask(&mut lab, add(key(id))).0, ErrorCode::None);
    }
    assert_eq!(voters(&lab), vec![vec![1, 2, 3]; 3]);
    let (error, message) = ask(&mut lab, add(key(2)));
    assert_eq!(error, ErrorCode::DuplicateVoter);
    assert!(
        message.starts_with(&format!("The voter id for {} is already part of the set of voters [", key(2))),
        "{message}"
    );
    let (error, message) = ask(&mut lab, remove(ReplicaKey { directory_id: Uuid(7), ..key(2) }));
    assert_eq!(error, ErrorCode::VoterNotFound);
    assert!(message.starts_with("Cannot remove voter ReplicaKey(id=2"), "{message}");
    assert_eq!(ask(&mut lab, remove(key(9))).0, ErrorCode::VoterNotFound);
    // The leader itself: it resigns once its own removal is committed, and watches from then on.
    let epoch = lab.nodes[&1].epoch();
    assert_eq!(ask(&mut lab, remove(key(1))).0, ErrorCode::None);
    let next = lab.elect();
    lab.run(3_000);
    assert!(next != 1 && lab.nodes[&next].epoch() > epoch);
    assert_eq!((lab.nodes[&1].role(), lab.nodes[&1].is_voter()), (Role::Follower, false));
    assert_eq!(voters(&lab), vec![vec![2, 3]; 3]);
    let other = if next == 2 { 3 } else { 2 };
    assert_eq!(ask(&mut lab, remove(key(other))).0, ErrorCode::None);
    assert_eq!(ask(&mut lab, remove(key(next))).0, ErrorCode::VoterNotFound, "the last voter stays");
    assert_eq!(lab.leader(), Some(next));
}

#[test]
fn who_is_asked_wrongly_refuses() {
    let mut lab = Lab::dynamic(4, 3, 2, CONFIG);
    let leader = lab.elect();
    lab.run(1_000);
    let nowhere = ReplicaKey { id: 4, directory_id: Uuid::ZERO };
    assert_eq!(ask(&mut lab, add(nowhere)).1, "Add voter request didn't include a valid voter");
    assert_eq!(ask(&mut lab, remove(nowhere)).1, "Remove voter request didn't include a valid voter");
    let Request::AddRaftVoter(mut request) = add(key(4)) else { unreachable!() };
    request.listeners[0].name = "PLAINTEXT".to_owned();
    let (error, message) = ask(&mut lab, Request::AddRaftVoter(request.clone()));
    assert_eq!(error, ErrorCode::InvalidRequest);
    assert!(message.contains("for the default listener ListenerName(CONTROLLER)"), "{message}");
    request.cluster_id = Some("another".to_owned());
    let (error, message) = ask(&mut lab, Request::AddRaftVoter(request));
    assert_eq!(error, ErrorCode::InconsistentClusterId);
    assert_eq!(message, "The given id \"another\" doesn't match the cluster id \"cluster\"");
    // A node that is not there is no replica that has caught up, and does not answer.
    assert_eq!(ask(&mut lab, add(ReplicaKey { directory_id: Uuid(7), ..key(4) })).0, ErrorCode::RequestTimedOut);
    let follower = lab.voters.iter().copied().find(|node| *node != leader).expect("there is another");
    lab.answers.clear();
    lab.request(follower, add(key(4)));
    lab.run(100);
    assert_eq!(outcome(&lab.answers[0]).0, ErrorCode::NotLeaderOrFollower);
}

#[test]
fn static_voters_stay_as_they_are() {
    let mut lab = Lab::new(3, 1);
    for request in [add(key(4)), remove(key(2))] {
        let (error, message) = ask(&mut lab, request);
        assert_eq!(error, ErrorCode::UnsupportedVersion);
        assert!(message.ends_with("voter because the kraft.version feature is 0"), "{message}");
    }
}

#[test]
fn one_change_waits_until_the_one_before_is_committed() {
    let mut lab = Lab::dynamic(3, 1, 3, CONFIG);
    lab.run(1_000);
    lab.answers.clear();
    lab.request(1, add(key(2)));
    lab.request(1, add(key(3)));
    lab.run(20);
    let (error, message) = outcome(&lab.answers[0]);
    assert_eq!(error, ErrorCode::RequestTimedOut);
    assert_eq!(message, "Request timed out waiting for leader to handle previous voter change request");
    lab.run(3_000);
    assert_eq!(outcome(&lab.answers[1]).0, ErrorCode::None);
    assert_eq!(lab.nodes[&1].voters(), [1, 2]);
}

#[test]
fn a_change_that_no_majority_commits_times_out_and_its_leader_resigns() {
    let mut lab = Lab::dynamic(3, 2, 4, CONFIG);
    let leader = lab.elect();
    lab.run(1_000);
    let other = 3 - leader;
    lab.cut.insert(other);
    lab.answers.clear();
    lab.request(leader, remove(key(other)));
    lab.run(100);
    assert_eq!(outcome(&lab.answers[0]).0, ErrorCode::None, "who is left is a majority by itself");
    lab.cut.clear();
    lab.run(5_000);
    lab.cut.insert(3);
    lab.answers.clear();
    lab.request(leader, add(key(3)));
    lab.run(CONFIG.request_timeout_ms + 100);
    assert_eq!(outcome(&lab.answers[0]).0, ErrorCode::RequestTimedOut, "it does not answer");
    assert_eq!(lab.nodes[&leader].voters(), [leader]);
}

#[test]
fn a_voter_that_listens_elsewhere_says_so() {
    let mut lab = Lab::dynamic(3, 3, 5, CONFIG);
    let leader = lab.elect();
    lab.run(1_000);
    let update = |id: i32, max_supported_version: i16, epoch: i32| {
        let mut listeners = VoterNode::of(key(id)).endpoints;
        listeners[0].port = 19_093;
        Request::UpdateRaftVoter(UpdateRaftVoterRequest {
            current_leader_epoch: epoch,
            voter_id: id,
            voter_directory_id: key(id).directory_id,
            listeners,
            k_raft_version_feature: KRaftVersionFeature { min_supported_version: 0, max_supported_version },
            ..UpdateRaftVoterRequest::default()
        })
    };
    let epoch = lab.nodes[&leader].epoch();
    let other = lab.voters.iter().copied().find(|node| *node != leader).expect("there is another");
    assert_eq!(ask(&mut lab, update(other, 1, epoch - 1)).0, ErrorCode::FencedLeaderEpoch);
    assert_eq!(ask(&mut lab, update(other, 0, epoch)).0, ErrorCode::InvalidRequest, "it does not support version 1");
    assert_eq!(ask(&mut lab, update(9, 1, epoch)).0, ErrorCode::VoterNotFound);
    lab.answers.clear();
    lab.request(leader, update(other, 1, epoch));
    lab.run(50);
    assert_eq!(outcome(&lab.answers[0]).0, ErrorCode::None);
    let port = |lab: &Lab, node: i32| lab.nodes[&node].voter_set().get(other).map(|voter| voter.endpoints[0].port);
    let ports = |lab: &Lab| [port(lab, 1), port(lab, 2), port(lab, 3)];
    assert_eq!(ports(&lab), [Some(19_093); 3]);
    lab.run(2 * CONFIG.fetch_timeout_ms);
    assert_eq!(ports(&lab), [Some(9_093); 3], "who does not listen there says so itself");
}

#[test]
fn a_snapshot_names_the_voters() {
    let mut lab = Lab::dynamic(4, 1, 6, CONFIG);
    lab.kill(4);
    lab.run(1_000);
    for id in [2, 3] {
        assert_eq!(ask(&mut lab, add(key(id))).0, ErrorCode::None);
    }
    let leader = lab.elect();
    lab.append(leader);
    lab.run(500);
    lab.snapshot(leader);
    lab.clean(leader);
    let log = &lab.disks[&leader].log;
    assert!(
        log.start_offset() > 0 && log.snapshots().iter().all(|snapshot| snapshot.id() != OffsetAndEpoch::BOOTSTRAP)
    );
    lab.start(4);
    lab.run(2_000);
    assert_eq!(lab.disks[&4].log.start_offset(), lab.disks[&leader].log.start_offset());
    assert_eq!(lab.nodes[&4].voters(), [1, 2, 3]);
    lab.kill(leader);
    lab.start(leader);
    assert_eq!(lab.nodes[&leader].voters(), [1, 2, 3], "it is read from the snapshot, too");
}

/// Voters come and go while everything else happens that may happen.
fn play(seed: u64, steps: u32) {
    let config = QuorumConfig { fetch_max_bytes: 1, fetch_snapshot_max_bytes: 300, ..CONFIG };
    let mut lab = Lab::dynamic(5, 3, seed, config);
    let mut random = Random::for_purpose(seed, Purpose::Actor(1));
    let mut left = steps;
    while left > 0 {
        let quiet = u32::try_from(random.between(1, 60)).unwrap_or(1).min(left);
        (0..quiet).for_each(|_| lab.step());
        left -= quiet;
        let node = i32::try_from(random.between(1, 5)).unwrap_or(1);
        match random.between(0, 3) {
            0 => {
                let Some(leader) = lab.leader() else { continue };
                let is_voter = lab.nodes[&leader].voters().contains(&node);
                lab.request(leader, if is_voter { remove(key(node)) } else { add(key(node)) });
            }
            _ => super::faults::fault(&mut lab, &mut random),
        }
    }
    super::faults::recover(&mut lab);
}

#[test]
fn voters_come_and_go_and_nothing_breaks() {
    (0..60).for_each(|seed| play(seed, 2_000));
}

/// `cargo test --release -p kafkascope-core --lib come_and_go_thousands -- --ignored`
#[test]
#[ignore = "it takes a minute"]
fn voters_come_and_go_thousands_of_times() {
    (0..2_000).for_each(|seed| play(seed, 5_000));
}

/// `controller.quorum.voters` tells neither directories nor levels: until each voter has told the leader, the quorum stays static.
#[test]
fn a_static_quorum_becomes_a_dynamic_one_once_its_voters_have_told_of_themselves() {
    let mut lab = Lab::new(3, 1);
    let leader = lab.elect();
    let may = |lab: &Lab| lab.nodes[&leader].kraft_version(&lab.disks[&leader]).check(1);
    let why = "Invalid upgrade of kraft.version to KRAFT_VERSION_1 because not all of the voters support it";
    assert_eq!(may(&lab), Err(why.to_owned()));
    assert_eq!(ask(&mut lab, add(key(9))).0, ErrorCode::UnsupportedVersion);
    lab.run(3_000);
    assert_eq!(
        (lab.leader(), may(&lab)),
        (Some(leader), Ok(())),
        "each has sent UpdateRaftVoter after a fetch timeout"
    );
    lab.act(leader, |quorum, disk, now, fx| quorum.upgrade_kraft_version(disk, 1, now, fx));
    lab.run(1_000);
    for (id, disk) in &lab.disks {
        let quorum = disk.log.quorum();
        let (_, named) = quorum.last_voters().expect("the log names the voters");
        assert_eq!(
            (quorum.kraft_version(), named.iter().map(|voter| voter.key).collect::<Vec<_>>()),
            (1, vec![key(1), key(2), key(3)]),
            "{id}"
        );
    }
    assert_eq!(lab.nodes[&leader].kraft_version(&lab.disks[&leader]).level(), 1);
    let other = if leader == 3 { 2 } else { 3 };
    assert_eq!(ask(&mut lab, remove(key(other))).0, ErrorCode::None, "voters go and come from now on");
    lab.kill(other);
    lab.start(other);
    lab.run(3_000);
    assert_eq!(lab.nodes[&leader].voters().len(), 2, "whatever its own file says");
}
