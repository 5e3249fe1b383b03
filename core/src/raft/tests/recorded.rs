//! What recordings of real quorums tell in prose: who leads, resigns and stands still when voters die, and what becomes of nodes whose
//! files mean different quorums.

use super::lab::{CONFIG, Lab};
use crate::raft::{Role, VoterSet};
use crate::wire::quorum::{DescribeQuorumPartition, DescribeQuorumRequest, DescribeQuorumTopic, METADATA_TOPIC};
use crate::wire::{ErrorCode, Response};

/// `elections-3-voters`: leaders die again and again.
#[test]
fn a_leader_that_dies_has_a_successor_whose_log_was_longest_and_follows_it_when_it_is_back() {
    for seed in 0..12 {
        let mut lab = Lab::new(3, seed);
        for _ in 0..3 {
            let leader = lab.elect();
            let (epoch, died_at) = (lab.nodes[&leader].epoch(), lab.now);
            lab.append(leader);
            lab.run(500);
            lab.kill(leader);
            let longest = lab.nodes.keys().map(|node| lab.disks[node].log.end_offset()).max();
            let next = lab.elect();
            let rose_by = lab.nodes[&next].epoch() - epoch;
            // Mostly by one; split votes cost one more each.
            assert!((1..=4).contains(&rose_by), "seed {seed}: {rose_by}");
            assert!(lab.now - died_at < 10_000, "seed {seed}: {} ms", lab.now - died_at);
            let first =
                lab.disks[&next].log.batches().iter().find(|batch| batch.partition_leader_epoch == epoch + rose_by);
            let first = first.expect("a leader writes first of all");
            assert!(first.is_control, "it is the LeaderChange record");
            assert_eq!(Some(first.base_offset), longest, "at the end of its log, which was the longest");
            lab.start(leader);
            lab.run(5_000);
            assert_eq!(lab.nodes[&leader].role(), Role::Follower, "seed {seed}");
            assert_eq!(lab.leader(), Some(next), "seed {seed}: the leader stays");
        }
    }
}

/// `elections-5-voters`: five need three.
#[test]
fn of_five_voters_two_elect_nobody_and_three_do() {
    let mut lab = Lab::new(5, 1);
    let mut killed = Vec::new();
    let mut epoch = 0;
    for _ in 0..3 {
        let leader = lab.elect();
        assert!(lab.nodes[&leader].epoch() > epoch);
        epoch = lab.nodes[&leader].epoch();
        lab.run(500);
        lab.kill(leader);
        killed.push(leader);
    }
    lab.run(10_000);
    let epochs = |lab: &Lab| lab.nodes.values().map(|quorum| quorum.epoch()).collect::<Vec<_>>();
    let after_ten = epochs(&lab);
    lab.run(4_000);
    assert_eq!(epochs(&lab), after_ten, "pre-votes raise no epoch");
    assert!(after_ten.iter().all(|each| (0..=1).contains(&(each - epoch))), "{after_ten:?}");
    assert_eq!(lab.leader(), None);
    let waits = |role: Role| matches!(role, Role::Follower | Role::Prospective | Role::Unattached);
    assert!(lab.roles().iter().all(|(_, role, _)| waits(*role)), "{:?}", lab.roles());
    lab.start(killed.pop().expect("three were killed"));
    let again = lab.elect();
    assert!((1..=3).contains(&(lab.nodes[&again].epoch() - epoch)));
}

/// `quorum-outage`: of three controllers the leader dies, then another.
#[test]
fn a_leader_that_is_left_alone_resigns_and_stands_still_until_another_is_back() {
    let mut lab = Lab::new(3, 6);
    let a = lab.elect();
    lab.append(a);
    lab.run(500);
    lab.kill(a);
    let b = lab.elect();
    lab.run(500);
    let c = 6 - a - b;
    let epoch = lab.nodes[&b].epoch();
    let on_disk = |lab: &Lab, node: i32| {
        let file = &lab.disks[&node].quorum_state;
        (file.leader_id, file.leader_epoch)
    };
    let of_a = on_disk(&lab, a);
    assert_eq!((of_a.0, of_a.1 < epoch), (a, true), "who is dead keeps what it knew");
    assert_eq!((on_disk(&lab, b), on_disk(&lab, c)), ((b, epoch), (b, epoch)));
    let alone_since = lab.now;
    lab.kill(c);
    while lab.nodes[&b].role() == Role::Leader {
        lab.step();
    }
    let resigned_after = lab.now - alone_since;
    assert!((2_500..=4_000).contains(&resigned_after), "{resigned_after} ms, one and a half fetch timeouts");
    let mut seen = vec![(lab.nodes[&b].role(), lab.nodes[&b].epoch() - epoch)];
    let until = lab.now + 12_000;
    while lab.now < until {
        lab.step();
        let now = (lab.nodes[&b].role(), lab.nodes[&b].epoch() - epoch);
        if !seen.contains(&now) {
            seen.push(now);
        }
    }
    assert_eq!(seen, [(Role::Resigned, 0), (Role::Unattached, 1), (Role::Prospective, 1)]);
    assert_eq!((on_disk(&lab, b), lab.disks[&b].quorum_state.voted_id), ((-1, epoch + 1), -1));
    let topic = DescribeQuorumTopic {
        topic_name: METADATA_TOPIC.to_owned(),
        partitions: vec![DescribeQuorumPartition { partition_index: 0 }],
    };
    let described = lab.nodes[&b].describe(&lab.disks[&b], &DescribeQuorumRequest { topics: vec![topic] }, lab.now);
    let Response::DescribeQuorum(described) = described else { panic!("another answer") };
    let described = &described.topics[0].partitions[0];
    assert_eq!(
        (described.error_code, described.leader_id, described.high_watermark),
        (ErrorCode::NotLeaderOrFollower, 0, 0)
    );
    assert!(described.current_voters.is_empty());
    lab.start(c);
    let leader = lab.elect();
    assert_ne!(leader, a);
    assert!((1..=10).contains(&(lab.nodes[&leader].epoch() - epoch)));
}

/// `mistake-cluster-ids-differ`: node 3 was formatted for another cluster.
#[test]
fn a_voter_of_another_cluster_asks_for_ever_and_disturbs_nobody() {
    let mut lab = Lab::new(3, 1);
    lab.kill(3);
    lab.strangers.insert(3);
    lab.start(3);
    let leader = lab.elect();
    let epoch = lab.nodes[&leader].epoch();
    lab.run(10_000);
    assert_eq!((lab.leader(), lab.nodes[&leader].epoch()), (Some(leader), epoch));
    let epoch_of_stranger = lab.nodes[&3].epoch();
    assert_eq!(epoch_of_stranger, 0, "a pre-vote raises no epoch, and no answer tells one");
    assert!(matches!(lab.nodes[&3].role(), Role::Prospective | Role::Unattached), "{:?}", lab.roles());
    assert_eq!(lab.disks[&3].log.end_offset(), 0);
}

/// Nodes 1 and 2 as they were started, and node 3, whose file names these voters.
fn with_third(voters: &[i32]) -> (Lab, i32) {
    let mut lab = Lab::new(2, 3);
    lab.is_one_quorum = false;
    let leader = lab.elect();
    lab.voters = voters.to_vec();
    lab.observe(3);
    lab.run(10_000);
    (lab, leader)
}

/// `mistake-voter-unknown-to-the-others`: node 3 lists all three voters, the others only themselves.
#[test]
fn a_voter_that_nobody_knows_follows_and_is_an_observer_to_its_leader() {
    let (mut lab, leader) = with_third(&[1, 2, 3]);
    assert_eq!(lab.nodes[&leader].voters(), [1, 2]);
    assert_eq!(lab.nodes[&leader].observers().map(|(node, _)| node).collect::<Vec<_>>(), [3]);
    assert_eq!((lab.nodes[&3].role(), lab.nodes[&3].is_voter()), (Role::Follower, true), "it takes itself for a voter");
    let epoch = lab.nodes[&leader].epoch();
    lab.run(10 * CONFIG.fetch_timeout_ms);
    assert_eq!((lab.leader(), lab.nodes[&leader].epoch()), (Some(leader), epoch));
}

/// `mistake-voters-differ-alone`: node 3 thinks that it is alone.
#[test]
fn a_voter_that_thinks_it_is_alone_leads_a_quorum_of_its_own() {
    let (lab, leader) = with_third(&[3]);
    assert_eq!(lab.nodes[&3].role(), Role::Leader);
    assert_eq!(lab.nodes[&3].voter_set(), &VoterSet::of_ids(&[3]));
    assert_eq!(lab.nodes[&leader].role(), Role::Leader);
    assert_eq!(lab.nodes[&leader].observers().count(), 0, "nobody meets anybody of the other quorum");
}

/// `mistake-two-controllers-one-id`, in both of its runs: a fourth process with the node id 3, at another address.
#[test]
fn a_namesake_of_a_follower_fetches_beside_it_and_one_of_the_leader_ends() {
    let (mut follows, mut leads) = (0, 0);
    for seed in 0..12 {
        let mut lab = Lab::new(3, seed);
        let leader = lab.elect();
        lab.append(leader);
        lab.run(2_000);
        let (epoch, end) = (lab.nodes[&leader].epoch(), lab.disks[&leader].log.end_offset());
        lab.is_one_quorum = false;
        lab.namesakes.insert(4, 3);
        lab.observe(4);
        lab.run(800);
        if leader == 3 {
            leads += 1;
            assert!(!lab.nodes.contains_key(&4), "seed {seed}: it hears of a leader that has its own id");
        } else {
            follows += 1;
            assert_eq!(lab.nodes[&4].role(), Role::Follower, "seed {seed}");
            assert_eq!(lab.disks[&4].log.end_offset(), end, "seed {seed}: the leader cannot tell the two apart");
        }
        assert_eq!((lab.leader(), lab.nodes[&leader].epoch()), (Some(leader), epoch), "seed {seed}");
        assert!((1..=3).all(|node| lab.nodes.contains_key(&node)), "seed {seed}: the living stay alive");
    }
    assert!(follows > 0 && leads > 0, "{follows} {leads}");
}

/// One of two voters that leads, removes itself and dies before the other knows: it is no voter any more in its own log, and the
/// other, whose log is shorter, needs its vote. Raft lets a removed server stand (4.2.2 of Ongaro's thesis), Kafka 4.3 does not.
#[test]
fn a_leader_of_two_that_removes_itself_and_dies_leaves_nobody_who_can_be_elected() {
    let mut lab = Lab::dynamic(2, 2, 4, CONFIG);
    let leader = lab.elect();
    lab.run(1_000);
    let other = 3 - leader;
    lab.cut.insert(other);
    lab.request(leader, super::voters::remove(super::lab::key(leader)));
    lab.run(20);
    assert_eq!(lab.nodes[&leader].voters(), [other]);
    lab.kill(leader);
    lab.cut.clear();
    lab.start(leader);
    lab.run(60_000);
    assert_eq!(lab.leader(), None);
    assert_eq!(lab.nodes[&leader].role(), Role::Unattached, "{:?}", lab.roles());
    assert!(matches!(lab.nodes[&other].role(), Role::Prospective | Role::Unattached), "{:?}", lab.roles());
}
