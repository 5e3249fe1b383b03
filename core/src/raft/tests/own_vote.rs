//! What followers do about their own votes: they tell where they listen, and ask to vote where they are to (KIP-853, KIP-1186).

use super::lab::{CONFIG, Lab, key};
use super::voters::{ask, remove, voters};
use crate::raft::{QuorumConfig, ReplicaKey, Role, VoterNode};
use crate::wire::ErrorCode;
use crate::wire::Uuid;
use crate::wire::quorum::LeaderEndpoint;

/// A voter looks once in a fetch timeout, after a fetch that waited.
const LOOKS_WITHIN_MS: u64 = CONFIG.fetch_timeout_ms + 1_000;

fn elsewhere(node: i32) -> Vec<LeaderEndpoint> {
    let mut endpoints = VoterNode::of(key(node)).endpoints;
    endpoints[0].port = 19_093;
    endpoints
}

fn ports(lab: &Lab, of: i32) -> Vec<Option<i32>> {
    let port = |node: &i32| lab.nodes[node].voter_set().get(of).map(|voter| voter.endpoints[0].port);
    lab.nodes.keys().map(port).collect()
}

#[test]
fn a_voter_that_starts_elsewhere_tells_its_leader_once() {
    let mut lab = Lab::dynamic(3, 3, 1, CONFIG);
    let leader = lab.elect();
    lab.run(LOOKS_WITHIN_MS);
    let follower = lab.voters.iter().copied().find(|node| *node != leader).expect("there is another");
    let before = lab.disks[&leader].log.quorum().last_voters().map(|(offset, _)| offset);
    lab.kill(follower);
    lab.endpoints.insert(follower, elsewhere(follower));
    lab.start(follower);
    lab.run(1_000);
    assert_eq!(ports(&lab, follower), [Some(9_093); 3], "it follows first");
    lab.run(LOOKS_WITHIN_MS);
    assert_eq!(ports(&lab, follower), [Some(19_093); 3]);
    let written = lab.disks[&leader].log.quorum().last_voters().map(|(offset, _)| offset);
    assert!(written > before);
    lab.run(5 * LOOKS_WITHIN_MS);
    assert_eq!(
        lab.disks[&leader].log.quorum().last_voters().map(|(offset, _)| offset),
        written,
        "there is no more to say"
    );
    assert_eq!(lab.leader(), Some(leader));
}

#[test]
fn a_leader_that_listens_elsewhere_writes_it_with_its_first_records() {
    let mut lab = Lab::dynamic(1, 1, 1, CONFIG);
    lab.run(1_000);
    lab.kill(1);
    lab.endpoints.insert(1, elsewhere(1));
    lab.start(1);
    assert_eq!(ports(&lab, 1), [Some(19_093)]);
    assert!(lab.nodes[&1].is_leader_change_committed());
}

fn joining() -> QuorumConfig {
    QuorumConfig { auto_join: true, ..CONFIG }
}

#[test]
fn controllers_that_are_to_join_become_voters_by_themselves_and_come_back() {
    let mut lab = Lab::dynamic(3, 1, 3, joining());
    lab.run(1_000);
    assert_eq!(voters(&lab), vec![vec![1]; 3], "an observer waits for a fetch timeout first");
    lab.run(5 * LOOKS_WITHIN_MS);
    assert_eq!(voters(&lab), vec![vec![1, 2, 3]; 3]);
    // A voter that joins by itself should be stopped before it is removed.
    assert_eq!(ask(&mut lab, remove(key(2))).0, ErrorCode::None);
    lab.run(5 * LOOKS_WITHIN_MS);
    assert_eq!(voters(&lab), vec![vec![1, 2, 3]; 3]);
}

#[test]
fn controllers_that_are_not_to_join_only_watch() {
    let mut lab = Lab::dynamic(2, 1, 3, CONFIG);
    lab.run(10 * LOOKS_WITHIN_MS);
    assert_eq!((voters(&lab), lab.nodes[&2].role()), (vec![vec![1]; 2], Role::Follower));
    // Where voters are static nobody can join.
    let mut lab = Lab::with(1, 3, joining());
    lab.observe(9);
    lab.run(10 * LOOKS_WITHIN_MS);
    assert_eq!(voters(&lab), vec![vec![1]; 2]);
}

#[test]
fn a_controller_whose_disk_was_replaced_removes_the_voter_that_it_was_and_joins() {
    let mut lab = Lab::dynamic(3, 3, 4, joining());
    let leader = lab.elect();
    lab.run(1_000);
    let node = lab.voters.iter().copied().find(|node| *node != leader).expect("there is another");
    lab.kill(node);
    let directory_id = Uuid(7);
    lab.directories.insert(node, directory_id);
    // With its disk it has lost its epoch and its vote.
    lab.is_one_quorum = false;
    lab.observe(node);
    lab.run(1_000);
    assert!(!lab.nodes[&node].is_voter());
    assert!(lab.nodes[&leader].voter_set().is_voter(key(node)), "the lost directory is still a voter");
    lab.run(5 * LOOKS_WITHIN_MS);
    assert!(lab.nodes[&leader].voter_set().is_voter(ReplicaKey { id: node, directory_id }), "{:?}", voters(&lab));
    assert_eq!(voters(&lab), vec![vec![1, 2, 3]; 3]);
}
