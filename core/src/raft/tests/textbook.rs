//! Textbook Raft: who pushes, who waits how long, what happens to logs that conflict (`append_entries.rs`).

use super::comes_back_below_the_log_start;
use super::lab::{CONFIG, Lab, TEXTBOOK};
use crate::raft::append_entries::HEARTBEAT_INTERVAL_MS;
use crate::raft::state::EpochState;
use crate::raft::{QuorumConfig, Role};
use crate::sim::Millis;
use crate::wire::append_entries::AppendEntriesResponse;
use crate::wire::quorum::{METADATA_TOPIC, VotePartition, VoteRequest, VoteTopic};
use crate::wire::{ApiKey, Request, Response};

/// Raft's paper: "election timeouts are chosen randomly from a fixed interval (e.g., 150–300ms)".
const ELECTION_TIMEOUT_MS: std::ops::RangeInclusive<Millis> = 150..=300;
/// Of a message, in milliseconds.
const LATENCY_MS: Millis = 2;

fn settled(voters: usize, seed: u64) -> (Lab, i32) {
    let mut lab = Lab::with(voters, seed, TEXTBOOK);
    let leader = lab.elect();
    lab.run(1_000);
    assert_eq!(lab.leader(), Some(leader), "{:?}", lab.roles());
    (lab, leader)
}

fn another(lab: &Lab, than: i32) -> i32 {
    lab.voters.iter().copied().find(|node| *node != than).expect("there is another")
}

fn received(lab: &Lab, api: ApiKey) -> u32 {
    lab.received.iter().filter(|((_, of), _)| *of == api).map(|(_, count)| count).sum()
}

#[test]
fn every_size_of_quorum_elects_a_leader_that_all_follow() {
    for voters in 1..=9 {
        for seed in 0..6 {
            let mut lab = Lab::with(voters, seed, TEXTBOOK);
            let leader = lab.elect();
            lab.run(3_000);
            assert_eq!(lab.leader(), Some(leader), "it is not unseated: {:?}", lab.roles());
            let followers = lab.nodes.values().filter(|quorum| quorum.role() == Role::Follower).count();
            assert_eq!(followers, voters - 1, "{:?}", lab.roles());
        }
    }
}

#[test]
fn a_leader_at_rest_sends_a_heartbeat_every_fifty_ms_and_voters_fetch_nothing() {
    let (mut lab, leader) = settled(3, 1);
    lab.received.clear();
    lab.run(1_000);
    let per_voter = u32::try_from(1_000 / HEARTBEAT_INTERVAL_MS).expect("it is small");
    assert_eq!(received(&lab, ApiKey::AppendEntries), 2 * per_voter);
    assert_eq!(
        lab.received.keys().filter(|(node, _)| *node == leader).count(),
        0,
        "nobody asks the leader: {:?}",
        lab.received
    );
    assert_eq!(received(&lab, ApiKey::Fetch) + received(&lab, ApiKey::BeginQuorumEpoch), 0);
}

#[test]
fn a_kraft_quorum_sends_none_of_it() {
    let mut lab = Lab::with(3, 1, CONFIG);
    lab.elect();
    lab.run(5_000);
    assert_eq!(received(&lab, ApiKey::AppendEntries), 0);
    assert!(received(&lab, ApiKey::Fetch) > 0);
}

#[test]
fn each_heartbeat_draws_the_election_timeout_anew_within_its_range() {
    let (mut lab, leader) = settled(3, 2);
    let follower = another(&lab, leader);
    let mut drawn = Vec::new();
    let mut last = 0;
    let until = lab.now + 5_000;
    while lab.now < until {
        lab.step();
        let EpochState::Follower { fetch_timeout_at, .. } = lab.nodes[&follower].state() else { panic!("it follows") };
        if *fetch_timeout_at != last {
            last = *fetch_timeout_at;
            drawn.push(last - lab.now);
        }
    }
    // What was set before the first look may have run for a while.
    let drawn = &drawn[1..];
    assert!(drawn.len() >= 90, "one a heartbeat: {}", drawn.len());
    assert!(drawn.iter().all(|ms| ELECTION_TIMEOUT_MS.contains(ms)), "{drawn:?}");
    let (least, most) = (drawn.iter().min(), drawn.iter().max());
    assert!(least < Some(&180) && most > Some(&270), "{least:?} to {most:?}");
}

#[test]
fn the_death_of_a_leader_is_noticed_within_the_election_timeout_and_survived() {
    for seed in 0..40 {
        let (mut lab, leader) = settled(3, seed);
        let epoch = lab.nodes[&leader].epoch();
        let offset = lab.append(leader);
        lab.run(60);
        let died_at = lab.now;
        lab.kill(leader);
        while lab.nodes.values().all(|quorum| quorum.role() == Role::Follower) {
            lab.step();
        }
        // The last heartbeat came up to one interval before.
        let noticed_ms = lab.now - died_at;
        let earliest = ELECTION_TIMEOUT_MS.start() - HEARTBEAT_INTERVAL_MS - LATENCY_MS;
        assert!((earliest..=*ELECTION_TIMEOUT_MS.end()).contains(&noticed_ms), "seed {seed}: {noticed_ms} ms");
        let next = lab.elect();
        assert!(next != leader && lab.nodes[&next].epoch() > epoch);
        assert!(lab.now - died_at < 3_000, "seed {seed}: {} ms", lab.now - died_at);
        assert!(lab.nodes[&next].high_watermark() > offset, "what was committed stays");
        lab.start(leader);
        lab.run(3_000);
        assert!(lab.leader().is_some(), "seed {seed}: {:?}", lab.roles());
        assert_eq!(lab.nodes.values().filter(|quorum| quorum.role() == Role::Follower).count(), 2, "{:?}", lab.roles());
    }
}

#[test]
fn what_is_appended_is_sent_at_once_and_its_commit_with_the_next_heartbeat() {
    let (mut lab, leader) = settled(3, 7);
    let offset = lab.append(leader);
    lab.run(LATENCY_MS);
    assert_eq!(lab.ends(), [offset + 1; 3]);
    assert_eq!(lab.nodes[&leader].high_watermark(), offset, "no answer is back yet");
    lab.run(LATENCY_MS);
    assert_eq!(lab.nodes[&leader].high_watermark(), offset + 1);
    let known = |lab: &Lab| lab.nodes.values().filter(|quorum| quorum.high_watermark() == offset + 1).count();
    assert_eq!(known(&lab), 1, "nothing is sent for this alone");
    lab.run(HEARTBEAT_INTERVAL_MS + LATENCY_MS);
    assert_eq!(known(&lab), 3);
}

#[test]
fn a_leader_that_nobody_answers_leads_on_until_it_hears_of_a_higher_term() {
    let (mut lab, old) = settled(3, 3);
    let epoch = lab.nodes[&old].epoch();
    lab.cut.insert(old);
    let lost = lab.append(old);
    lab.run(10 * CONFIG.check_quorum_ms());
    assert_eq!((lab.nodes[&old].role(), lab.nodes[&old].epoch()), (Role::Leader, epoch), "there is no check quorum");
    assert!(lab.nodes[&old].high_watermark() <= lost, "it commits nothing");
    let new = lab.elect();
    assert!(new != old && lab.nodes[&new].epoch() > epoch);
    lab.cut.clear();
    lab.run(3_000);
    assert_ne!((lab.nodes[&old].role(), lab.nodes[&old].epoch()), (Role::Leader, epoch), "{:?}", lab.roles());
}

#[test]
fn a_conflicting_log_is_truncated_in_few_trips() {
    let (mut lab, old) = settled(3, 3);
    lab.cut.insert(old);
    let first_lost = lab.append(old);
    (0..40).for_each(|_| {
        lab.append(old);
    });
    let new = lab.elect();
    (0..40).for_each(|_| {
        lab.append(new);
    });
    lab.run(100);
    assert_ne!(lab.disks[&old].log.epoch_at(first_lost), lab.disks[&new].log.epoch_at(first_lost));
    // The next leader begins far behind where the logs part.
    lab.kill(new);
    lab.start(new);
    let new = lab.elect();
    // It comes back as a process that has forgotten all but its disk.
    lab.kill(old);
    lab.cut.clear();
    lab.received.clear();
    lab.start(old);
    let until = lab.now + 3_000;
    let log = |lab: &Lab, node: i32| lab.disks[&node].log.batches().to_vec();
    while log(&lab, old) != log(&lab, new) {
        assert!(lab.now < until, "{:?} {:?}", lab.ends(), lab.roles());
        lab.step();
    }
    let trips = lab.received[&(old, ApiKey::AppendEntries)];
    assert!(trips <= 4, "{trips} requests for 41 records that conflict");
}

#[test]
fn an_answer_of_a_higher_term_ends_a_leaders_own() {
    let (mut lab, leader) = settled(3, 9);
    let (follower, epoch) = (another(&lab, leader), lab.nodes[&leader].epoch());
    let answer = AppendEntriesResponse { term: epoch + 3, ..AppendEntriesResponse::default() };
    lab.act(leader, |quorum, disk, now, fx| quorum.entries_answered(disk, follower, 1, &answer, now, fx));
    let quorum = &lab.nodes[&leader];
    assert_eq!((quorum.role(), quorum.epoch(), quorum.leader()), (Role::Unattached, epoch + 3, None));
}

#[test]
fn a_candidate_that_nobody_answers_stands_in_one_term_after_the_other() {
    let (mut lab, leader) = settled(3, 10);
    let (left, epoch) = (another(&lab, leader), lab.nodes[&leader].epoch());
    lab.voters.clone().into_iter().filter(|node| *node != left).for_each(|node| lab.kill(node));
    lab.run(6_000);
    let terms = lab.nodes[&left].epoch() - epoch;
    assert!((20..=40).contains(&terms), "one each 150 to 300 ms: {terms}");
}

fn vote(lab: &mut Lab, voter: i32, candidate: i32, epoch: i32) -> bool {
    let partition = VotePartition {
        replica_epoch: epoch,
        replica_id: candidate,
        last_offset_epoch: epoch - 1,
        last_offset: 1_000,
        ..VotePartition::default()
    };
    let topic = VoteTopic { topic_name: METADATA_TOPIC.to_owned(), partitions: vec![partition] };
    lab.answers.clear();
    lab.request(voter, Request::Vote(VoteRequest { voter_id: voter, topics: vec![topic], ..VoteRequest::default() }));
    lab.run(0);
    let Some(Response::Vote(answer)) = lab.answers.first() else { panic!("{:?}", lab.answers) };
    answer.topics[0].partitions[0].vote_granted
}

#[test]
fn a_voter_votes_once_in_a_term_and_remembers_it_over_a_restart() {
    let (mut lab, leader) = settled(3, 5);
    let (voter, epoch) = (another(&lab, leader), lab.nodes[&leader].epoch() + 5);
    // Nobody is to disturb it.
    lab.voters.clone().into_iter().filter(|node| *node != voter).for_each(|node| lab.kill(node));
    assert!(vote(&mut lab, voter, 8, epoch));
    assert!(!vote(&mut lab, voter, 9, epoch) && vote(&mut lab, voter, 8, epoch));
    lab.kill(voter);
    lab.start(voter);
    assert!(!vote(&mut lab, voter, 9, epoch) && vote(&mut lab, voter, 8, epoch));
    assert!(vote(&mut lab, voter, 9, epoch + 1), "in another term it has another vote");
}

#[test]
fn a_leader_that_starts_again_neither_leads_its_term_again_nor_votes_in_it() {
    let (mut lab, leader) = settled(3, 6);
    let epoch = lab.nodes[&leader].epoch();
    lab.voters.clone().into_iter().for_each(|node| lab.kill(node));
    lab.start(leader);
    let quorum = &lab.nodes[&leader];
    assert_eq!((quorum.role(), quorum.epoch(), quorum.voted()), (Role::Unattached, epoch, Some(leader)));
    let other = another(&lab, leader);
    assert!(!vote(&mut lab, leader, other, epoch));
    lab.run(310);
    assert_eq!((lab.nodes[&leader].role(), lab.nodes[&leader].epoch() > epoch), (Role::Candidate, true));
}

#[test]
fn a_voter_below_the_log_start_is_given_the_snapshot() {
    let config = QuorumConfig { fetch_snapshot_max_bytes: 100, ..TEXTBOOK };
    let mut lab = Lab::with(3, 8, config);
    let leader = lab.elect();
    lab.run(500);
    let slow = another(&lab, leader);
    lab.kill(slow);
    comes_back_below_the_log_start(&mut lab, leader, slow);
    let last = lab.append(lab.leader().expect("somebody leads"));
    lab.run(100);
    let (log, of_leader) = (&lab.disks[&slow].log, &lab.disks[&leader].log);
    assert_eq!((log.start_offset(), log.end_offset()), (of_leader.start_offset(), last + 1));
    assert_eq!(log.image_at(i64::MAX), of_leader.image_at(i64::MAX));
    assert_eq!(received(&lab, ApiKey::Fetch), 0);
    assert!(received(&lab, ApiKey::FetchSnapshot) > 1, "it came in pieces");
}

#[test]
fn an_observer_fetches_from_a_leader_that_pushes_to_its_voters() {
    let (mut lab, leader) = settled(3, 4);
    lab.observe(9);
    let offset = lab.append(leader);
    lab.run(1_000);
    assert_eq!((lab.nodes[&9].role(), lab.nodes[&9].high_watermark()), (Role::Follower, offset + 1));
    assert_eq!(lab.received.get(&(9, ApiKey::AppendEntries)), None);
    lab.kill(leader);
    let next = lab.elect();
    let offset = lab.append(next);
    lab.run(6_000);
    assert!(lab.nodes[&9].high_watermark() > offset, "{:?}", lab.roles());
}
