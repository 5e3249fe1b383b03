//! Random faults: after every step the invariants hold, afterwards somebody leads; and each way of breaking the quorum is found.

use super::lab::{CONFIG, Lab, Sabotage};
use crate::invariant::InvariantViolation;
use crate::raft::{ControllerDisk, QuorumConfig};
use crate::sim::random::{Purpose, Random};

/// One batch at a time, so that a follower may have what was written before its leader's epoch and not yet what begins it.
/// A snapshot comes in many pieces.
const BATCH_BY_BATCH: QuorumConfig = QuorumConfig { fetch_max_bytes: 1, fetch_snapshot_max_bytes: 200, ..CONFIG };
/// The same of a quorum of Raft's paper.
const TEXTBOOK_BATCH_BY_BATCH: QuorumConfig = BATCH_BY_BATCH.as_in_textbook();
/// How long after the last fault somebody leads at the latest, in virtual milliseconds.
const LEADS_WITHIN_MS: u64 = 30_000;

/// Plays faults from a seed for `steps` steps; then heals them all and waits for a leader whose records reach
/// everybody.
fn play(
    config: QuorumConfig,
    voters: usize,
    seed: u64,
    steps: u32,
    sabotage: Option<Sabotage>,
) -> Vec<InvariantViolation> {
    let mut lab = Lab::with(voters, seed, config);
    lab.sabotage = sabotage;
    let mut random = Random::for_purpose(seed, Purpose::Actor(1));
    let mut left = steps;
    while left > 0 && lab.violations.is_empty() {
        let quiet = u32::try_from(random.between(1, 60)).unwrap_or(1).min(left);
        (0..quiet).for_each(|_| lab.step());
        left -= quiet;
        fault(&mut lab, &mut random);
    }
    if sabotage.is_none() {
        recover(&mut lab);
    }
    lab.violations
}

fn one_of(random: &mut Random, all: &[i32]) -> Option<i32> {
    let last = u64::try_from(all.len()).ok()?.checked_sub(1)?;
    all.get(usize::try_from(random.between(0, last)).ok()?).copied()
}

pub(super) fn fault(lab: &mut Lab, random: &mut Random) {
    let alive: Vec<i32> = lab.nodes.keys().copied().collect();
    let dead: Vec<i32> = lab.voters.iter().copied().filter(|voter| !lab.nodes.contains_key(voter)).collect();
    let victim = one_of(random, &alive);
    match random.between(0, 13) {
        0..=1 => {
            // Something must be left to happen.
            if let Some(victim) = victim.filter(|_| alive.len() > 1) {
                lab.kill(victim);
            }
        }
        2..=3 => {
            if let Some(node) = one_of(random, &dead) {
                lab.start(node);
            }
        }
        4 => lab.cut.extend(victim),
        5 => lab.cut.clear(),
        6..=8 => victim.into_iter().for_each(|node| lab.snapshot(node)),
        9 => victim.into_iter().for_each(|node| lab.clean(node)),
        _ => {
            if let Some(leader) = lab.leader() {
                lab.append(leader);
            }
        }
    }
}

/// Whether anyone who takes itself for a voter has a log with which a majority of its voters would vote for it.
///
/// Nobody may: a leader writes that it votes no more, the record reaches none of those who are left to vote, and it is lost. It does not
/// stand again, for its log says that it is no voter; and to those that do it denies its vote, for its log has more.
/// `KafkaRaftClient` has no way out of that either.
fn anybody_could_win(lab: &Lab) -> bool {
    let end = |node: &i32| lab.disks.get(node).map(|disk| (disk.log.last_epoch(), disk.log.end_offset()));
    lab.nodes.iter().any(|(node, quorum)| {
        let granting = quorum.voters().iter().filter(|voter| end(voter) <= end(node)).count();
        quorum.is_voter() && granting > quorum.voters().len() / 2
    })
}

pub(super) fn recover(lab: &mut Lab) {
    lab.cut.clear();
    let dead: Vec<i32> = lab.voters.iter().copied().filter(|voter| !lab.nodes.contains_key(voter)).collect();
    dead.into_iter().for_each(|node| lab.start(node));
    // A leader that was cut off may think for a while that it still leads.
    lab.run(LEADS_WITHIN_MS);
    let Some(leader) = lab.leader() else {
        assert!(!anybody_could_win(lab) || lab.is_in_crash_loop(), "somebody leads: {:?}", lab.roles());
        return;
    };
    let offset = lab.append(leader);
    lab.run(1_000);
    let knows = lab.nodes.values().all(|quorum| quorum.high_watermark() > offset);
    assert!(knows, "the record is committed and everybody knows it: {:?}", lab.roles());
    // Where one log has a snapshot the other may have the records: they say the same.
    let said = |disk: &ControllerDisk| (disk.log.end_offset(), disk.log.last_epoch(), disk.log.image_at(i64::MAX));
    let all: Vec<_> = lab.disks.values().map(said).collect();
    assert!(all.windows(2).all(|pair| pair[0] == pair[1]), "all logs say the same in the end: {:?}", lab.ends());
}

#[test]
fn random_faults_break_nothing_and_somebody_leads_in_the_end() {
    for seed in 0..40 {
        for config in [BATCH_BY_BATCH, TEXTBOOK_BATCH_BY_BATCH] {
            assert_eq!(play(config, 3, seed, 2_000, None), []);
            assert_eq!(play(config, 5, seed, 2_000, None), []);
        }
    }
}

/// `cargo test --release -p kafkascope-core --lib thousands -- --ignored`
#[test]
#[ignore = "it takes a minute"]
fn thousands_of_seeds_break_nothing() {
    for seed in 0..2_000 {
        let voters = if seed % 2 == 0 { 3 } else { 5 };
        assert_eq!(play(BATCH_BY_BATCH, voters, seed, 5_000, None), []);
        assert_eq!(play(TEXTBOOK_BATCH_BY_BATCH, voters, seed, 5_000, None), []);
    }
}

/// What the first of many seeds finds that finds anything, of a quorum of Kafka's and of one of Raft's paper.
fn found(sabotage: Sabotage) -> [&'static str; 2] {
    [BATCH_BY_BATCH, TEXTBOOK_BATCH_BY_BATCH].map(|config| {
        let found = (0..2_000).find_map(|seed| play(config, 5, seed, 3_000, Some(sabotage)).into_iter().next());
        found.as_ref().map_or("nothing", InvariantViolation::name)
    })
}

#[test]
fn a_voter_that_forgets_its_vote_over_a_crash_is_found() {
    assert_eq!(found(Sabotage::ForgetsItsVote), ["one-vote-per-quorum-epoch"; 2]);
}

#[test]
fn a_voter_that_votes_twice_in_an_epoch_is_found() {
    assert_eq!(found(Sabotage::VotesAgain), ["one-vote-per-quorum-epoch"; 2]);
}

#[test]
fn a_leader_that_counts_what_earlier_leaders_wrote_is_found() {
    assert!(!found(Sabotage::CountsOldEpochs).contains(&"nothing"));
}
