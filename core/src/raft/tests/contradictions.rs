//! Requests that fit no honest quorum: what Kafka's own thread does not survive, whom a vote is for, where a leader listens.

use super::lab::{CONFIG, Lab, probe_context};
use crate::actor::Endpoint;
use crate::config::PuppetVoter;
use crate::connection::Purpose;
use crate::effects::{ControllerTimer, Effects, Input, Outgoing, ReceivedRequest, api_versions_answers};
use crate::raft::{ControllerDisk, Quorum, QuorumState, Role, puppet};
use crate::sim::Millis;
use crate::wire::quorum::*;
use crate::wire::snapshot::{FetchSnapshotPartition, FetchSnapshotRequest, FetchSnapshotTopic};
use crate::wire::{ApiKey, ErrorCode, Request, Response, Uuid};

const OTHER_DIRECTORY: Uuid = Uuid(77);

/// Node 1 of three voters, started with this file on its disk. It waits for nobody's answer.
fn voter(file: QuorumState) -> (Quorum, ControllerDisk) {
    let mut lab = Lab::new(3, 1);
    lab.kill(1);
    lab.disks.get_mut(&1).expect("it has a disk").quorum_state = file;
    lab.start(1);
    let started = lab.nodes.remove(&1).zip(lab.disks.remove(&1));
    let (mut quorum, disk) = started.expect("it was started");
    for other in [2, 3] {
        quorum.disconnected(&disk, other, Purpose::Quorum, 0, &mut Effects::default());
    }
    (quorum, disk)
}

fn endpoints(port: i32) -> Vec<LeaderEndpoint> {
    vec![LeaderEndpoint { name: "CONTROLLER".to_owned(), host: "somewhere".to_owned(), port }]
}

fn begin(quorum: &mut Quorum, disk: &mut ControllerDisk, leader: i32, epoch: i32, at: Vec<LeaderEndpoint>) -> Effects {
    let partition = BeginQuorumEpochPartition { leader_id: leader, leader_epoch: epoch, ..Default::default() };
    let topic = BeginQuorumEpochTopic { topic_name: METADATA_TOPIC.to_owned(), partitions: vec![partition] };
    let request = BeginQuorumEpochRequest { topics: vec![topic], leader_endpoints: at, ..Default::default() };
    let mut fx = Effects::default();
    quorum.handle_begin_quorum_epoch(disk, &probe_context(ApiKey::BeginQuorumEpoch, 1), &request, 0, &mut fx);
    fx
}

fn vote_request(partition: VotePartition, voter_id: i32) -> VoteRequest {
    let topic = VoteTopic { topic_name: METADATA_TOPIC.to_owned(), partitions: vec![partition] };
    VoteRequest { cluster_id: None, voter_id, topics: vec![topic] }
}

fn vote(quorum: &mut Quorum, disk: &mut ControllerDisk, partition: VotePartition) -> Effects {
    let mut fx = Effects::default();
    quorum.handle_vote(disk, &probe_context(ApiKey::Vote, 2), &vote_request(partition, 1), 0, &mut fx);
    fx
}

fn answered(fx: &Effects) -> Option<VotePartitionResponse> {
    fx.sends.iter().find_map(|outgoing| match outgoing.response()? {
        Response::Vote(answer) => Some(answer.topics.first()?.partitions.first()?.clone()),
        _ => None,
    })
}

#[test]
fn an_epoch_with_two_leaders_ends_the_process() {
    let (mut quorum, mut disk) = voter(QuorumState::default());
    assert!(!begin(&mut quorum, &mut disk, 2, 5, Vec::new()).halts);
    assert!(!begin(&mut quorum, &mut disk, 2, 5, Vec::new()).halts, "it knows that already");
    assert!(begin(&mut quorum, &mut disk, 3, 5, Vec::new()).halts);
    assert!(begin(&mut quorum, &mut disk, 1, 6, Vec::new()).halts, "it does not lead itself");
}

#[test]
fn a_leader_that_is_no_voter_must_say_where_it_listens() {
    let (mut quorum, mut disk) = voter(QuorumState::default());
    assert!(begin(&mut quorum, &mut disk, 9, 5, Vec::new()).halts);
    assert!(!begin(&mut quorum, &mut disk, 9, 5, endpoints(4)).halts);
    assert_eq!((quorum.role(), quorum.leader()), (Role::Follower, Some(9)));
    // The file does not say where.
    let (mut again, mut disk) = voter(disk.quorum_state);
    assert_eq!((again.role(), again.leader()), (Role::Unattached, Some(9)));
    begin(&mut again, &mut disk, 9, 5, endpoints(4));
    assert_eq!(again.role(), Role::Follower, "now it does");
}

#[test]
fn nobody_else_asks_for_a_voters_own_vote() {
    let (mut quorum, mut disk) = voter(QuorumState::default());
    let own = VotePartition { replica_id: 1, replica_epoch: 3, ..VotePartition::default() };
    assert!(!vote(&mut quorum, &mut disk, VotePartition { pre_vote: true, ..own.clone() }).halts);
    assert!(vote(&mut quorum, &mut disk, own).halts);
    assert_eq!(disk.quorum_state.voted_id, -1);
}

#[test]
fn a_vote_is_for_a_directory_where_the_candidate_tells_it() {
    let (mut quorum, mut disk) = voter(QuorumState::default());
    let of = |replica_directory_id: Uuid| VotePartition {
        replica_id: 2,
        replica_epoch: 3,
        replica_directory_id,
        ..VotePartition::default()
    };
    let mut granted = |partition| answered(&vote(&mut quorum, &mut disk, partition)).map(|it| it.vote_granted);
    assert_eq!(granted(of(OTHER_DIRECTORY)), Some(true));
    assert_eq!((granted(of(OTHER_DIRECTORY)), granted(of(Uuid::ZERO))), (Some(true), Some(false)));
    let (mut again, mut disk) = voter(disk.quorum_state);
    let after = answered(&vote(&mut again, &mut disk, of(Uuid::ZERO))).map(|it| it.vote_granted);
    assert_eq!(after, Some(true), "the file of static voters holds no directory");
}

#[test]
fn a_request_for_another_voter_raises_the_epoch_all_the_same() {
    let (mut quorum, mut disk) = voter(QuorumState::default());
    let partition = VotePartition {
        replica_id: 2,
        replica_epoch: 7,
        voter_directory_id: OTHER_DIRECTORY,
        ..VotePartition::default()
    };
    let answer = answered(&vote(&mut quorum, &mut disk, partition)).expect("it answers");
    assert_eq!((answer.error_code, answer.vote_granted), (ErrorCode::InvalidVoterKey, false));
    assert_eq!(quorum.epoch(), 7);
}

/// The others say which versions they speak: what has waited for the connections leaves.
fn open_connections(quorum: &mut Quorum, disk: &mut ControllerDisk, now: Millis, fx: &mut Effects) {
    for opens in api_versions_answers::<ControllerTimer>(fx) {
        let Input::Answer { from, correlation_id, response } = opens else { continue };
        quorum.handle_answer(disk, from, correlation_id, *response, now, fx);
    }
}

#[test]
fn nothing_else_is_sent_to_a_node_while_an_answer_of_it_is_open() {
    let (mut quorum, mut disk) = voter(QuorumState::default());
    begin(&mut quorum, &mut disk, 2, 5, Vec::new());
    let asked = |fx: &Effects| {
        let to = fx.sends.iter().filter_map(|outgoing| match outgoing {
            Outgoing::Request { to, request, .. } => Some((to.listener()?.0, request.api())),
            Outgoing::Response { .. } | Outgoing::NoResponse { .. } | Outgoing::Disconnect { .. } => None,
        });
        to.collect::<Vec<_>>()
    };
    let mut fx = Effects::at(0);
    quorum.poll(&disk, 0, &mut fx);
    assert_eq!(asked(&fx), [], "the connection to it has just ended");
    let mut fx = Effects::at(100);
    quorum.poll(&disk, 100, &mut fx);
    open_connections(&mut quorum, &mut disk, 100, &mut fx);
    assert_eq!(asked(&fx), [(2, ApiKey::Fetch)]);
    let now = 100 + CONFIG.fetch_timeout_ms;
    let mut fx = Effects::at(now);
    let timeout = ControllerTimer::FetchTimeout;
    quorum.handle_timer(&mut disk, &timeout, now, &mut fx);
    assert_eq!(quorum.role(), Role::Prospective);
    open_connections(&mut quorum, &mut disk, now, &mut fx);
    quorum.handle_timer(&mut disk, &ControllerTimer::QuorumRetry, now, &mut fx);
    // The fetch was given 2000 ms, which are over at this very moment: its connection is closed, and made again after a while.
    assert_eq!(asked(&fx), [(3, ApiKey::Vote)]);
    let closed = Outgoing::Disconnect { from: Endpoint::Controller(2), purpose: Purpose::Quorum };
    assert!(fx.sends.contains(&closed), "{:?}", fx.sends);
    let mut fx = Effects::at(now + 100);
    quorum.poll(&disk, now + 100, &mut fx);
    open_connections(&mut quorum, &mut disk, now + 100, &mut fx);
    assert_eq!(asked(&fx), [(2, ApiKey::Vote)]);
    let mut fx = Effects::at(now + 101);
    begin(&mut quorum, &mut disk, 3, 6, Vec::new());
    quorum.poll(&disk, now + 101, &mut fx);
    assert_eq!(asked(&fx), [], "both still owe the answer to the pre-vote");
}

#[test]
fn a_fetch_that_is_out_of_time_takes_its_connection_until_the_network_client_looks() {
    let (mut quorum, mut disk) = voter(QuorumState::default());
    quorum.member.config.fetch_timeout_ms = 3_600_000;
    begin(&mut quorum, &mut disk, 2, 5, Vec::new());
    let mut fx = Effects::at(100);
    quorum.poll(&disk, 100, &mut fx);
    open_connections(&mut quorum, &mut disk, 103, &mut fx);
    let retry = ControllerTimer::QuorumRetry;
    let mut fx = Effects::at(2_100);
    quorum.handle_timer(&mut disk, &retry, 2_100, &mut fx);
    let closed = Outgoing::Disconnect { from: Endpoint::Controller(2), purpose: Purpose::Quorum };
    assert!(quorum.network.is_taken(2) && !fx.sends.contains(&closed));
    // The next fetch goes to any server, to the leader again too: then it waits.
    match quorum.unsent_fetch {
        Some(unsent) => assert_eq!((unsent.to, unsent.times_out_at), (2, 4_100)),
        None => assert!(quorum.requests.iter().all(|open| (open.to, open.api) == (3, ApiKey::Fetch))),
    }
    let mut fx = Effects::at(4_100);
    quorum.handle_timer(&mut disk, &retry, 4_100, &mut fx);
    assert!(!quorum.network.is_taken(2) && fx.sends.contains(&closed), "{:?}", fx.sends);
}

#[test]
fn a_voter_that_is_only_played_answers_as_it_is_told() {
    let ask = |puppet: PuppetVoter, pre_vote: bool, version: i16| {
        let partition = VotePartition { replica_id: 1, replica_epoch: 3, pre_vote, ..VotePartition::default() };
        let received = ReceivedRequest {
            request_context: probe_context(ApiKey::Vote, version),
            request: Box::new(Request::Vote(vote_request(partition, 2))),
        };
        let mut fx = Effects::default();
        puppet::handle_request(2, &puppet, &received, &mut fx);
        answered(&fx).map(|answer| (answer.vote_granted, answer.leader_epoch))
    };
    let only_pre_votes = PuppetVoter { pre_votes: Some(true), ..PuppetVoter::default() };
    assert_eq!((ask(only_pre_votes, true, 2), ask(only_pre_votes, false, 2)), (Some((true, 3)), None));
    let old = PuppetVoter { votes: Some(true), vote_version_max: Some(1), ..PuppetVoter::default() };
    assert_eq!((ask(old, true, 2), ask(old, false, 1)), (None, Some((true, 3))));
}

#[test]
fn a_fetch_waits_for_the_node_that_was_picked_behind_an_old_request() {
    let (mut quorum, mut disk) = voter(QuorumState::default());
    begin(&mut quorum, &mut disk, 2, 5, Vec::new());
    let mut fx = Effects::at(100);
    quorum.poll(&disk, 100, &mut fx);
    open_connections(&mut quorum, &mut disk, 100, &mut fx);
    let fetches = |fx: &Effects| {
        let to = fx.sends.iter().filter_map(|outgoing| match outgoing {
            Outgoing::Request { to, request, .. } if request.api() == ApiKey::Fetch => {
                to.listener().map(|(node, _)| node)
            }
            _ => None,
        });
        to.collect::<Vec<_>>()
    };
    assert_eq!(fetches(&fx), [2]);
    // In a new epoch the same node leads. Its answer to the old fetch takes the connection; no other node is asked meanwhile.
    begin(&mut quorum, &mut disk, 2, 6, Vec::new());
    let mut fx = Effects::at(110);
    quorum.poll(&disk, 110, &mut fx);
    assert_eq!(fetches(&fx), Vec::<i32>::new());
    let old = Response::Fetch(crate::wire::replication::FetchResponse::default());
    let mut fx = Effects::at(120);
    quorum.handle_answer(&mut disk, 2, 1, old, 120, &mut fx);
    assert_eq!(fetches(&fx), [2], "{:?}", fx.explanation);
}

#[test]
fn a_snapshot_of_no_topic_ends_the_process() {
    let fetch = |topics: Vec<FetchSnapshotTopic>| {
        let (mut quorum, disk) = voter(QuorumState::default());
        let mut fx = Effects::default();
        let request = FetchSnapshotRequest { topics, ..FetchSnapshotRequest::default() };
        quorum.handle_fetch_snapshot(&disk, &probe_context(ApiKey::FetchSnapshot, 0), &request, 0, &mut fx);
        fx.halts
    };
    let topic = |name: &str, partitions: usize| FetchSnapshotTopic {
        name: name.to_owned(),
        partitions: vec![FetchSnapshotPartition::default(); partitions],
    };
    assert!(fetch(Vec::new()));
    assert!(fetch(vec![topic("another", 0)]));
    assert!(!fetch(vec![topic("another", 0), topic(METADATA_TOPIC, 1)]), "it is refused before");
    assert!(!fetch(vec![topic("another", 1), topic(METADATA_TOPIC, 0)]));
    assert!(fetch(vec![topic(METADATA_TOPIC, 0)]));
}

#[test]
fn nobody_leads_after_the_greatest_epoch() {
    let (mut quorum, mut disk) = voter(QuorumState { leader_epoch: i32::MAX, ..QuorumState::default() });
    let mut fx = Effects::default();
    quorum.become_candidate(&mut disk, 0, &mut fx);
    assert!(!fx.halts);
    quorum.become_leader(&mut disk, 0, &mut fx);
    assert!(fx.halts);
}
