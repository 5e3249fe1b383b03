//! Everything for which a change of voters is refused, with Kafka's own words (`AddVoterHandler`, `RemoveVoterHandler`,
//! `UpdateVoterHandler`).

use super::lab::{CONFIG, Lab, key};
use super::voters::{add, ask, outcome, remove};
use crate::effects::Effects;
use crate::raft::{ReplicaKey, VoterNode};
use crate::wire::metadata::{ApiVersionsResponse, SupportedFeatureKey};
use crate::wire::replication::{FetchPartition, FetchRequest, FetchTopic};
use crate::wire::voters::{AddRaftVoterRequest, KRaftVersionFeature, RemoveRaftVoterRequest, UpdateRaftVoterRequest};
use crate::wire::{ErrorCode, Request, Response, Uuid};

fn update(node: i32, epoch: i32) -> UpdateRaftVoterRequest {
    UpdateRaftVoterRequest {
        current_leader_epoch: epoch,
        voter_id: node,
        voter_directory_id: key(node).directory_id,
        listeners: VoterNode::of(key(node)).endpoints,
        k_raft_version_feature: KRaftVersionFeature { min_supported_version: 0, max_supported_version: 1 },
        ..UpdateRaftVoterRequest::default()
    }
}

fn addition(node: i32) -> AddRaftVoterRequest {
    let Request::AddRaftVoter(request) = add(key(node)) else { unreachable!() };
    request
}

/// Four controllers of which three vote, and who leads.
fn settled() -> (Lab, i32) {
    let mut lab = Lab::dynamic(4, 3, 2, CONFIG);
    let leader = lab.elect();
    lab.run(1_000);
    (lab, leader)
}

/// Asks a node, and gives what it answers soon; nothing where it does not.
fn soon(lab: &mut Lab, node: i32, request: Request) -> Option<(ErrorCode, String)> {
    lab.answers.clear();
    lab.request(node, request);
    lab.run(20);
    lab.answers.first().map(outcome)
}

fn all_changes(epoch: i32) -> [Request; 3] {
    [add(key(4)), remove(key(2)), Request::UpdateRaftVoter(update(2, epoch))]
}

#[test]
fn of_another_cluster() {
    let (mut lab, leader) = settled();
    let cluster_id = Some("another".to_owned());
    let epoch = lab.nodes[&leader].epoch();
    let removal = RemoveRaftVoterRequest { cluster_id: cluster_id.clone(), ..RemoveRaftVoterRequest::default() };
    let words = "The given id \"another\" doesn't match the cluster id \"cluster\"";
    for (request, words) in [
        (Request::AddRaftVoter(AddRaftVoterRequest { cluster_id: cluster_id.clone(), ..addition(4) }), words),
        (Request::RemoveRaftVoter(removal), words),
        (Request::UpdateRaftVoter(UpdateRaftVoterRequest { cluster_id, ..update(2, epoch) }), ""),
    ] {
        assert_eq!(ask(&mut lab, request), (ErrorCode::InconsistentClusterId, words.to_owned()));
    }
}

#[test]
fn by_who_does_not_lead() {
    let (mut lab, leader) = settled();
    let epoch = lab.nodes[&leader].epoch();
    let follower = lab.voters.iter().copied().find(|node| *node != leader).expect("there is another");
    for request in all_changes(epoch) {
        assert_eq!(soon(&mut lab, follower, request), Some((ErrorCode::NotLeaderOrFollower, String::new())));
    }
    // Only an update says which epoch it means.
    let mut of_epoch =
        |epoch| soon(&mut lab, leader, Request::UpdateRaftVoter(update(2, epoch))).map(|(error, _)| error);
    assert_eq!(of_epoch(epoch - 1), Some(ErrorCode::FencedLeaderEpoch));
    assert_eq!(of_epoch(epoch + 1), Some(ErrorCode::UnknownLeaderEpoch));
}

#[test]
fn of_a_voter_that_cannot_be_one() {
    let (mut lab, leader) = settled();
    let epoch = lab.nodes[&leader].epoch();
    for wrong in [ReplicaKey { id: -1, ..key(4) }, ReplicaKey { directory_id: Uuid::ZERO, ..key(4) }] {
        let refusals = [
            (add(wrong), "Add voter request didn't include a valid voter"),
            (remove(wrong), "Remove voter request didn't include a valid voter"),
        ];
        for (request, words) in refusals {
            assert_eq!(ask(&mut lab, request), (ErrorCode::InvalidRequest, words.to_owned()));
        }
        let (voter_id, voter_directory_id) = (wrong.id, wrong.directory_id);
        let request = UpdateRaftVoterRequest { voter_id, voter_directory_id, ..update(2, epoch) };
        assert_eq!(ask(&mut lab, Request::UpdateRaftVoter(request)).0, ErrorCode::InvalidRequest);
    }
    let mut request = addition(4);
    request.listeners[0].name = "PLAINTEXT".to_owned();
    let words = "Add voter request didn't include the endpoint (Endpoints(endpoints={ListenerName(PLAINTEXT)=controller-4/\
                 <unresolved>:9093})) for the default listener ListenerName(CONTROLLER)";
    assert_eq!(ask(&mut lab, Request::AddRaftVoter(request)), (ErrorCode::InvalidRequest, words.to_owned()));
    let nowhere = UpdateRaftVoterRequest { listeners: Vec::new(), ..update(2, epoch) };
    assert_eq!(ask(&mut lab, Request::UpdateRaftVoter(nowhere)).0, ErrorCode::InvalidRequest);
    for (min_supported_version, max_supported_version) in [(-1, 1), (0, -1), (1, 0), (0, 0), (2, 3)] {
        let k_raft_version_feature = KRaftVersionFeature { min_supported_version, max_supported_version };
        let request = UpdateRaftVoterRequest { k_raft_version_feature, ..update(2, epoch) };
        assert_eq!(ask(&mut lab, Request::UpdateRaftVoter(request)).0, ErrorCode::InvalidRequest);
    }
}

#[test]
fn of_who_is_a_voter_or_none() {
    let (mut lab, leader) = settled();
    let epoch = lab.nodes[&leader].epoch();
    let voters = lab.nodes[&leader].voter_set().keys();
    let words = format!("The voter id for {} is already part of the set of voters {voters}.", key(2));
    assert_eq!(ask(&mut lab, add(key(2))), (ErrorCode::DuplicateVoter, words));
    let words = format!("Cannot remove voter {} from the set of voters {voters}", key(4));
    assert_eq!(ask(&mut lab, remove(key(4))), (ErrorCode::VoterNotFound, words));
    assert_eq!(ask(&mut lab, Request::UpdateRaftVoter(update(4, epoch))).0, ErrorCode::VoterNotFound);
    let elsewhere = UpdateRaftVoterRequest { voter_directory_id: Uuid(7), ..update(2, epoch) };
    assert_eq!(ask(&mut lab, Request::UpdateRaftVoter(elsewhere)).0, ErrorCode::VoterNotFound);
}

#[test]
fn where_voters_are_static() {
    let mut lab = Lab::new(3, 1);
    let leader = lab.elect();
    lab.run(1_000);
    let epoch = lab.nodes[&leader].epoch();
    for (request, what) in [(add(key(4)), "adding"), (remove(key(2)), "removing")] {
        let words = format!("Cluster doesn't support {what} voter because the kraft.version feature is 0");
        assert_eq!(ask(&mut lab, request), (ErrorCode::UnsupportedVersion, words));
    }
    // What a voter tells of itself is taken all the same, whatever its directory.
    let end = lab.disks[&leader].log.end_offset();
    let other = UpdateRaftVoterRequest { voter_directory_id: Uuid(7), ..update(2, epoch) };
    assert_eq!(ask(&mut lab, Request::UpdateRaftVoter(other)).0, ErrorCode::None);
    assert_eq!(ask(&mut lab, Request::UpdateRaftVoter(update(4, epoch))).0, ErrorCode::VoterNotFound);
    assert_eq!(lab.disks[&leader].log.end_offset(), end);
}

#[test]
fn before_a_leader_has_committed_anything() {
    let mut lab = Lab::dynamic(4, 3, 5, CONFIG);
    while lab.leader().is_none() {
        lab.step();
    }
    let leader = lab.leader().expect("somebody leads");
    assert!(!lab.nodes[&leader].is_leader_change_committed());
    let epoch = lab.nodes[&leader].epoch();
    lab.cut.extend([1, 2, 3, 4].into_iter().filter(|node| *node != leader));
    let words = "Request timed out waiting for leader to establish HWM and fence previous voter changes";
    for (request, words) in all_changes(epoch).into_iter().zip([words, words, ""]) {
        assert_eq!(soon(&mut lab, leader, request), Some((ErrorCode::RequestTimedOut, words.to_owned())));
    }
}

#[test]
fn while_another_change_is_under_way_and_until_its_record_is_committed() {
    let (mut lab, leader) = settled();
    let epoch = lab.nodes[&leader].epoch();
    let others: Vec<i32> = [1, 2, 3].into_iter().filter(|node| *node != leader).collect();
    lab.cut.extend(&others);
    // With node 4 there are four voters: two are no majority.
    assert_eq!(soon(&mut lab, leader, add(key(4))), None, "it waits for the commit");
    assert_eq!(lab.nodes[&leader].voters(), [1, 2, 3, 4]);
    let words = "Request timed out waiting for leader to handle previous voter change request";
    for (request, words) in all_changes(epoch).into_iter().zip([words, words, ""]) {
        assert_eq!(soon(&mut lab, leader, request), Some((ErrorCode::RequestTimedOut, words.to_owned())));
    }
    lab.answers.clear();
    lab.run(CONFIG.request_timeout_ms);
    let words = "The request timed out.".to_owned();
    assert_eq!(lab.answers.first().map(outcome), Some((ErrorCode::RequestTimedOut, words)));
    assert!(lab.nodes[&leader].is_leader_change_committed(), "it leads still");
    let (offset, _) = lab.disks[&leader].log.quorum().last_voters().expect("it was written");
    let high_watermark = lab.nodes[&leader].high_watermark();
    let words = format!(
        "Request timed out waiting for voters to commit the latest voter change at Optional[{offset}] with HWM {high_watermark}"
    );
    for (request, words) in all_changes(epoch).into_iter().zip([&*words, &*words, ""]) {
        assert_eq!(soon(&mut lab, leader, request), Some((ErrorCode::RequestTimedOut, words.to_owned())));
    }
}

/// `ackWhenCommitted` false (KIP-1186): the request is answered at once, the next one waits for the commit all the
/// same.
#[test]
fn while_a_change_that_was_answered_early_is_not_committed() {
    let (mut lab, leader) = settled();
    let others: Vec<i32> = [1, 2, 3].into_iter().filter(|node| *node != leader).collect();
    lab.cut.extend(&others);
    let request = AddRaftVoterRequest { ack_when_committed: false, ..addition(4) };
    assert_eq!(soon(&mut lab, leader, Request::AddRaftVoter(request)), Some((ErrorCode::None, String::new())));
    let words = "Request timed out waiting for leader to handle previous voter change request";
    assert_eq!(soon(&mut lab, leader, remove(key(4))), Some((ErrorCode::RequestTimedOut, words.to_owned())));
    lab.answers.clear();
    lab.run(CONFIG.request_timeout_ms);
    assert_eq!(lab.answers, [], "nobody is told twice");
}

/// What becomes of an addition whose controller answers so.
fn answered_with(answer: &ApiVersionsResponse) -> Option<(ErrorCode, String)> {
    let (mut lab, leader) = settled();
    lab.cut.insert(4);
    assert_eq!(soon(&mut lab, leader, add(key(4))), None);
    let (mut quorum, mut disk) = lab.nodes.remove(&leader).zip(lab.disks.remove(&leader)).expect("it runs");
    let mut fx = Effects::default();
    quorum.new_voter_answered(&mut disk, 4, answer, lab.now, &mut fx);
    fx.sends.iter().find_map(|outgoing| match outgoing.response()? {
        response @ Response::AddRaftVoter(_) => Some(outcome(response)),
        _ => None,
    })
}

#[test]
fn of_a_controller_that_does_not_say_what_is_needed() {
    let failed = ApiVersionsResponse { error_code: ErrorCode::UnsupportedVersion, ..ApiVersionsResponse::default() };
    let words = "Aborted add voter operation for since API_VERSIONS returned an error UNSUPPORTED_VERSION";
    assert_eq!(answered_with(&failed), Some((ErrorCode::RequestTimedOut, words.to_owned())));
    let supports = |range: Option<(i16, i16)>| {
        let key = |(min_version, max_version)| SupportedFeatureKey {
            name: "kraft.version".to_owned(),
            min_version,
            max_version,
        };
        let supported_features = range.map(key).into_iter().collect();
        answered_with(&ApiVersionsResponse { supported_features, ..ApiVersionsResponse::default() })
    };
    for (range, words) in
        [(None, "(min: 0, max: 0)"), (Some((0, 0)), "(min: 0, max: 0"), (Some((2, 3)), "(min: 2, max: 3")]
    {
        let words = format!(
            "Aborted add voter operation for {} since the kraft.version range {words} doesn't support the finalized version 1",
            key(4)
        );
        assert_eq!(supports(range), Some((ErrorCode::InvalidRequest, words)));
    }
    assert_eq!(supports(Some((0, 1))), None, "it is added, and the answer waits for the commit");
}

#[test]
fn of_a_controller_that_has_not_caught_up_or_is_not_there() {
    let (mut lab, leader) = settled();
    // Another directory than the one that fetches has never caught up.
    let stranger = ReplicaKey { directory_id: Uuid(7), ..key(4) };
    let words = format!("Aborted add voter operation for {stranger} since it is lagging behind");
    assert_eq!(soon(&mut lab, leader, add(stranger)), Some((ErrorCode::RequestTimedOut, words)));
    lab.kill(4);
    lab.run(100);
    let words = "Aborted add voter operation for since API_VERSIONS returned an error BROKER_NOT_AVAILABLE";
    let refused = Some((ErrorCode::RequestTimedOut, words.to_owned()));
    assert_eq!(soon(&mut lab, leader, add(key(4))), refused, "it is asked, and the connection breaks");
    // A voter that has just failed is left alone for controller.quorum.retry.backoff.ms.
    lab.act(leader, |quorum, _, now, _| quorum.back_off(4, now));
    let words = format!("New voter {} is not ready to receive requests", key(4));
    assert_eq!(soon(&mut lab, leader, add(key(4))), Some((ErrorCode::RequestTimedOut, words)));
}

#[test]
fn a_fetch_that_is_refused_tells_where_the_log_begins() {
    let (mut lab, leader) = settled();
    lab.snapshot(leader);
    lab.clean(leader);
    let begins_at = lab.disks[&leader].log.start_offset();
    assert!(begins_at > 0);
    let partition = FetchPartition {
        current_leader_epoch: 0,
        last_fetched_epoch: 0,
        fetch_offset: begins_at,
        ..FetchPartition::default()
    };
    let topic = FetchTopic { topic_id: Uuid::METADATA, partitions: vec![partition], ..FetchTopic::default() };
    let request = FetchRequest { topics: vec![topic], ..FetchRequest::default() };
    lab.answers.clear();
    lab.request(leader, Request::Fetch(request));
    lab.run(20);
    let Some(Response::Fetch(answer)) = lab.answers.first() else { panic!() };
    let told = &answer.responses[0].partitions[0];
    assert_eq!((told.error_code, told.log_start_offset), (ErrorCode::FencedLeaderEpoch, begins_at));
}
