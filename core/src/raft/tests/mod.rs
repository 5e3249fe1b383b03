//! Elections, failover, truncation in a quorum of nothing but voters.

mod contradictions;
mod faults;
mod lab;
mod own_vote;
mod recorded;
mod refusals;
mod textbook;
mod voters;

use super::state::EpochState;
use super::{ControllerDisk, FetchingSnapshot, MetadataLog, OffsetAndEpoch, QuorumConfig, Role, fetch_snapshot};
use crate::wire::snapshot::FetchSnapshotRequest;
use crate::wire::{ErrorCode, Request, Response};
use lab::{CONFIG, Lab};

#[test]
fn the_only_voter_leads_at_once() {
    let lab = Lab::new(1, 1);
    assert_eq!(lab.roles(), [(1, Role::Leader, 1)]);
    assert!(lab.nodes[&1].is_leader_change_committed());
}

#[test]
fn every_size_of_quorum_elects_a_leader_that_all_follow() {
    for voters in 2..=9 {
        for seed in 0..6 {
            let mut lab = Lab::new(voters, seed);
            let leader = lab.elect();
            lab.run(3_000);
            assert_eq!(lab.leader(), Some(leader), "it is not unseated: {:?}", lab.roles());
            let followers = lab.nodes.values().filter(|quorum| quorum.role() == Role::Follower).count();
            assert_eq!(followers, voters - 1, "{:?}", lab.roles());
        }
    }
}

#[test]
fn what_a_majority_has_is_committed_and_reaches_everybody() {
    let mut lab = Lab::new(3, 7);
    let leader = lab.elect();
    let offset = lab.append(leader);
    lab.run(50);
    assert!(lab.nodes.values().all(|quorum| quorum.high_watermark() == offset + 1), "{:?}", lab.ends());
}

#[test]
fn the_death_of_a_leader_is_noticed_within_the_fetch_timeout_and_survived() {
    for seed in 0..20 {
        let mut lab = Lab::new(3, seed);
        let leader = lab.elect();
        let epoch = lab.nodes[&leader].epoch();
        let offset = lab.append(leader);
        lab.run(50);
        let died_at = lab.now;
        lab.kill(leader);
        let next = lab.elect();
        assert!(next != leader && lab.nodes[&next].epoch() > epoch);
        assert!(lab.now - died_at < 10_000, "seed {seed}: {} ms", lab.now - died_at);
        assert!(lab.nodes[&next].high_watermark() > offset, "what was committed stays");
        lab.start(leader);
        lab.run(5_000);
        assert_eq!(lab.nodes[&leader].role(), Role::Follower, "seed {seed}: {:?}", lab.roles());
    }
}

#[test]
fn a_leader_without_a_majority_resigns_and_its_uncommitted_records_vanish() {
    let mut lab = Lab::new(3, 3);
    let old = lab.elect();
    lab.run(1_000);
    lab.cut.insert(old);
    let lost = lab.append(old);
    lab.run(CONFIG.check_quorum_ms() + 1_000);
    assert_ne!(lab.nodes[&old].role(), Role::Leader, "{:?}", lab.roles());
    let new = lab.elect();
    assert_ne!(new, old);
    lab.append(new);
    lab.run(100);
    lab.cut.clear();
    lab.run(10_000);
    let leader = lab.leader().expect("somebody leads");
    let log = |node: i32| lab.disks[&node].log.batches().to_vec();
    assert_eq!(log(old), log(leader), "the logs are equal from {lost} on, too");
}

#[test]
fn a_voter_that_comes_back_does_not_unseat_a_leader() {
    let mut lab = Lab::new(3, 11);
    let leader = lab.elect();
    let epoch = lab.nodes[&leader].epoch();
    let cut_off = lab.voters.iter().copied().find(|voter| *voter != leader).expect("there is another");
    lab.run(500);
    lab.cut.insert(cut_off);
    lab.run(20_000);
    assert_eq!(lab.nodes[&cut_off].epoch(), epoch, "pre-votes raise no epoch (KIP-996): {:?}", lab.roles());
    lab.cut.clear();
    lab.run(5_000);
    assert_eq!((lab.leader(), lab.nodes[&leader].epoch()), (Some(leader), epoch));
    assert_eq!(lab.nodes[&cut_off].role(), Role::Follower);
}

#[test]
fn a_voter_that_restarts_votes_for_nobody_else_in_the_epoch() {
    let mut lab = Lab::new(3, 5);
    lab.run(900);
    let mut disk = ControllerDisk::default();
    disk.quorum_state.leader_epoch = 4;
    disk.quorum_state.voted_id = 2;
    lab.disks.insert(1, disk);
    lab.kill(1);
    lab.start(1);
    assert_eq!((lab.nodes[&1].epoch(), lab.nodes[&1].voted()), (4, Some(2)));
    assert_eq!(lab.nodes[&1].role(), Role::Unattached);
}

#[test]
fn before_pre_votes_elections_are_won_too_and_a_voter_that_comes_back_unseats_the_leader() {
    let config = QuorumConfig { pre_vote: false, ..CONFIG };
    for seed in 0..20 {
        let mut lab = Lab::with(3, seed, config);
        let leader = lab.elect();
        let epoch = lab.nodes[&leader].epoch();
        lab.run(500);
        let cut_off = lab.voters.iter().copied().find(|voter| *voter != leader).expect("there is another");
        lab.cut.insert(cut_off);
        lab.run(20_000);
        assert!(lab.nodes[&cut_off].epoch() > epoch + 2, "every lost election raises the epoch: {:?}", lab.roles());
        lab.cut.clear();
        lab.run(10_000);
        let leader = lab.leader().expect("somebody leads again");
        assert!(lab.nodes[&leader].epoch() > epoch, "seed {seed}");
    }
}

#[test]
fn an_observer_follows_and_never_asks_for_votes() {
    let mut lab = Lab::new(3, 4);
    let leader = lab.elect();
    lab.observe(9);
    let offset = lab.append(leader);
    lab.run(1_000);
    assert_eq!(lab.nodes[&9].role(), Role::Follower);
    assert_eq!(lab.nodes[&9].high_watermark(), offset + 1);
    lab.cut.insert(9);
    lab.run(20_000);
    assert_eq!(lab.nodes[&9].role(), Role::Unattached, "{:?}", lab.roles());
    lab.cut.clear();
    lab.append(leader);
    lab.run(5_000);
    assert_eq!(lab.nodes[&9].high_watermark(), offset + 2);
}

#[test]
fn a_leader_that_ends_hands_over_without_a_timeout() {
    for seed in 0..20 {
        let mut lab = Lab::new(5, seed);
        let leader = lab.elect();
        lab.run(1_000);
        let asked_at = lab.now;
        lab.act(leader, |quorum, disk, now, fx| quorum.shut_down(disk, now, fx));
        let next = lab.elect();
        assert!(next != leader && lab.now - asked_at < 200, "seed {seed}: {} ms", lab.now - asked_at);
        lab.run(100);
        assert!(lab.nodes[&leader].has_shut_down(lab.now), "another leads: {:?}", lab.roles());
    }
}

/// A leader with a snapshot of all that a quorum of three has written, and a fourth node whose log is empty.
fn with_snapshot(max_bytes: u32) -> (Lab, i32) {
    let mut lab = Lab::with(3, 8, QuorumConfig { fetch_snapshot_max_bytes: max_bytes, ..CONFIG });
    let leader = lab.elect();
    (0..20).for_each(|_| {
        lab.append(leader);
    });
    lab.run(500);
    lab.snapshot(leader);
    lab.append(leader);
    lab.observe(9);
    (lab, leader)
}

#[test]
fn an_empty_log_is_given_the_snapshot_in_pieces_and_then_what_follows() {
    let (mut lab, leader) = with_snapshot(100);
    assert_eq!(lab.disks[&leader].log.start_offset(), 0, "the log would do, too");
    lab.run(2_000);
    let (log, of_leader) = (&lab.disks[&9].log, &lab.disks[&leader].log);
    let snapshot = &of_leader.snapshots()[0];
    assert!(snapshot.size_bytes() > 300, "it needs several pieces");
    assert_eq!(log.snapshots(), std::slice::from_ref(snapshot));
    assert_eq!((log.start_offset(), log.end_offset()), (snapshot.id().offset, of_leader.end_offset()));
    assert_eq!(log.image_at(i64::MAX), of_leader.image_at(i64::MAX));
    assert_eq!(lab.nodes[&9].high_watermark(), of_leader.end_offset());
}

#[test]
fn a_node_that_crashes_while_it_fetches_a_snapshot_has_nothing_of_it_and_begins_anew() {
    let (mut lab, leader) = with_snapshot(1);
    lab.run(300);
    let fetching = |lab: &Lab| match lab.nodes[&9].state() {
        EpochState::Follower { fetching_snapshot, .. } => fetching_snapshot.as_ref().map(|fetching| fetching.position),
        _ => None,
    };
    let came = fetching(&lab).expect("it is in the midst of it");
    assert!(came > 10, "{came}");
    lab.kill(9);
    assert_eq!(lab.disks[&9].log, MetadataLog::default());
    lab.start(9);
    lab.run(100);
    assert!(fetching(&lab).is_some_and(|again| again < came));
    lab.run(20_000);
    assert_eq!(lab.disks[&9].log.end_offset(), lab.disks[&leader].log.end_offset());
}

/// A voter that is down comes back when the leader's log begins behind the end of its own.
fn comes_back_below_the_log_start(lab: &mut Lab, leader: i32, slow: i32) {
    let before = lab.disks[&slow].log.end_offset();
    for _ in 0..2 {
        (0..10).for_each(|_| {
            lab.append(leader);
        });
        lab.run(500);
        lab.snapshot(leader);
    }
    lab.clean(leader);
    assert!(lab.disks[&leader].log.start_offset() > before);
    lab.start(slow);
    lab.run(3_000);
}

#[test]
fn a_voter_below_the_log_start_is_given_the_snapshot() {
    let mut lab = Lab::new(3, 8);
    let leader = lab.elect();
    let slow = lab.voters.iter().copied().find(|voter| *voter != leader).expect("there is another");
    lab.append(leader);
    lab.run(500);
    lab.kill(slow);
    comes_back_below_the_log_start(&mut lab, leader, slow);
    let (log, of_leader) = (&lab.disks[&slow].log, &lab.disks[&leader].log);
    assert_eq!((log.start_offset(), log.end_offset()), (of_leader.start_offset(), of_leader.end_offset()));
    assert_eq!(log.image_at(i64::MAX), of_leader.image_at(i64::MAX));
}

#[test]
fn what_of_a_fetch_snapshot_is_wrong_is_not_told() {
    let (mut lab, leader) = with_snapshot(100);
    let id = lab.disks[&leader].log.snapshots()[0].id();
    let size = lab.disks[&leader].log.snapshots()[0].size_bytes();
    let epoch = lab.nodes[&leader].epoch();
    let ask = |lab: &mut Lab, offset: i64, position: i64, epoch: i32| {
        let mut fetching = FetchingSnapshot::new(OffsetAndEpoch { offset, ..id });
        fetching.position = position;
        let request = FetchSnapshotRequest {
            replica_id: 9,
            max_bytes: 100,
            topics: fetch_snapshot::request_topics(&fetching, epoch),
            ..FetchSnapshotRequest::default()
        };
        let (refused, answer) = lab.ask(leader, Request::FetchSnapshot(request));
        let Response::FetchSnapshot(answer) = answer else { panic!("another answer") };
        (refused, answer)
    };
    let (refused, answer) = ask(&mut lab, id.offset, 0, epoch);
    assert_eq!((refused, answer.topics[0].partitions[0].size), (None, size));
    for (offset, position, epoch, reason) in [
        (id.offset, size, epoch, ErrorCode::PositionOutOfRange),
        (id.offset, -1, epoch, ErrorCode::PositionOutOfRange),
        (id.offset + 1, 0, epoch, ErrorCode::SnapshotNotFound),
        (id.offset + 1, 0, epoch + 1, ErrorCode::UnknownLeaderEpoch),
        (id.offset + 1, 0, epoch - 1, ErrorCode::FencedLeaderEpoch),
    ] {
        let (refused, answer) = ask(&mut lab, offset, position, epoch);
        assert_eq!((refused, answer.error_code), (Some(reason), ErrorCode::UnknownServerError));
    }
}
