//! The quorum of the metadata log, looked at from outside: what Kafka's own `RaftEventSimulationTest` checks after each event
//! (`SingleLeader`, `MonotonicEpoch`, `MonotonicHighWatermark`, `MajorityReachedHighWatermark`, `ConsistentCommittedData`), and
//! that a voter votes once in an epoch, whatever it forgets.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::InvariantViolation;
use crate::change::Change;
use crate::cluster::Cluster;
use crate::cluster::node::Node;
use crate::raft::MetadataLog;
use crate::raft::state::majority;
use crate::wire::records::RecordBatch;

/// The number of last epochs whose leaders are remembered.
const EPOCHS_KEPT: usize = 16;

/// What is remembered of the quorum.
#[derive(Clone, Debug, Default)]
pub(crate) struct CheckedQuorum {
    /// Who led each of the last epochs, and that leader's greatest high watermark.
    leaders: BTreeMap<i32, (i32, i64)>,
    voters: BTreeMap<i32, CheckedVoter>,
    /// The committed batches, in order; those below the first snapshot that was seen are missing.
    committed: Rc<Vec<Rc<RecordBatch>>>,
    /// The offset after the last committed record.
    committed_end: i64,
    /// Whether the cluster as it was at the first look is known.
    has_begun: bool,
}

/// What is remembered of a voter: epoch and vote over its restarts, the high watermark until the next.
#[derive(Clone, Copy, Debug, Default)]
struct CheckedVoter {
    epoch: i32,
    voted: Option<i32>,
    incarnation: u32,
    high_watermark: i64,
}

/// A voter as it is now.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SeenVoter<'a> {
    /// `node.id`.
    pub node: i32,
    /// Which of its processes.
    pub incarnation: u32,
    /// Its epoch.
    pub epoch: i32,
    /// For whom it voted in the epoch.
    pub voted: Option<i32>,
    /// Whether it leads the epoch.
    pub leads: bool,
    /// Its high watermark, -1 for unknown.
    pub high_watermark: i64,
    /// Its metadata log.
    pub log: &'a MetadataLog,
    /// The voters, as it knows them.
    pub voters: &'a [i32],
}

impl CheckedQuorum {
    /// Looks at a node that acted, and what it changed.
    pub(super) fn check(&mut self, cluster: &Cluster, id: i32, changes: &[Change]) -> Vec<InvariantViolation> {
        if !self.has_begun {
            self.has_begun = true;
            let others = cluster.nodes().filter(|node| node.config.id != id);
            // Who leads knows best what is committed.
            let (leaders, others): (Vec<SeenVoter>, Vec<SeenVoter>) =
                others.filter_map(seen).partition(|voter| voter.leads);
            for voter in leaders.into_iter().chain(others) {
                self.observe(voter, |node| log_of(cluster, node));
            }
        }
        let Some(node) = cluster.node(id) else { return Vec::new() };
        let mut broken = match seen(node) {
            Some(voter) => self.observe(voter, |node| log_of(cluster, node)),
            None => {
                let ended = |to| self.ended(id, &node.disk.controller.log, to);
                committed_by(id, changes).and_then(ended).into_iter().collect()
            }
        };
        // Where it was looked at first while nobody knew what is committed, nothing is known of it yet.
        if let Some(broker) = &node.broker
            && self.committed_end > 0
            && broker.metadata_offset > self.committed_end
        {
            broken.push(InvariantViolation::AppliedMetadataIsCommitted {
                node: id,
                offset: broker.metadata_offset,
                committed: self.committed_end,
            });
        }
        broken
    }

    /// Looks at a voter. `log_of` gives the metadata log of a node, of a dead one too; `None` for a node that has none.
    pub(crate) fn observe<'l>(
        &mut self,
        voter: SeenVoter<'_>,
        log_of: impl Fn(i32) -> Option<&'l MetadataLog>,
    ) -> Vec<InvariantViolation> {
        let (node, epoch, high_watermark) = (voter.node, voter.epoch, voter.high_watermark);
        let mut broken = Vec::new();
        let known = self.voters.entry(node).or_default();
        if epoch < known.epoch {
            broken.push(InvariantViolation::QuorumEpochAdvances { node, from: known.epoch, to: epoch });
        }
        if epoch != known.epoch {
            (known.epoch, known.voted) = (epoch, voter.voted);
        } else if let (Some(first), Some(second)) = (known.voted, voter.voted)
            && first != second
        {
            broken.push(InvariantViolation::OneVotePerQuorumEpoch { node, epoch, first, second });
        } else {
            known.voted = known.voted.or(voter.voted);
        }
        if known.incarnation != voter.incarnation {
            (known.incarnation, known.high_watermark) = (voter.incarnation, 0);
        }
        let learnt_from = known.high_watermark;
        // A new leader forgets the high watermark until a record of its own epoch is on a majority.
        if high_watermark >= 0 && high_watermark < learnt_from {
            broken.push(InvariantViolation::QuorumHighWatermarkAdvances {
                node,
                from: learnt_from,
                to: high_watermark,
            });
        }
        known.high_watermark = learnt_from.max(high_watermark);
        if voter.leads {
            broken.extend(self.leads(voter));
        }
        if high_watermark > learnt_from {
            broken.extend(self.committed_more(voter, learnt_from, log_of));
        }
        if voter.log.end_offset() < learnt_from.min(self.committed_end) {
            broken.push(InvariantViolation::CommittedMetadataIsKept { node, offset: voter.log.end_offset() });
        }
        broken
    }

    /// A voter leads: nobody else leads its epoch, it has all that is committed, and its high watermark only rises, also from
    /// leader to leader.
    fn leads(&mut self, voter: SeenVoter<'_>) -> Option<InvariantViolation> {
        let (node, epoch, high_watermark) = (voter.node, voter.epoch, voter.high_watermark);
        let is_new = !self.leaders.contains_key(&epoch);
        let is_newest = self.leaders.last_key_value().is_none_or(|(last, _)| *last <= epoch);
        let before = self.leaders.range(..=epoch).next_back().map_or(-1, |(_, (_, highest))| *highest);
        let (first, highest) = self.leaders.entry(epoch).or_insert((node, before));
        if *first != node {
            return Some(InvariantViolation::OneLeaderPerQuorumEpoch { epoch, first: *first, second: node });
        }
        if high_watermark >= 0 {
            if high_watermark < *highest {
                let (from, to) = (*highest, high_watermark);
                return Some(InvariantViolation::QuorumHighWatermarkAdvances { node, from, to });
            }
            *highest = high_watermark;
        }
        if self.leaders.len() > EPOCHS_KEPT {
            self.leaders.pop_first();
        }
        if !is_new || !is_newest {
            return None;
        }
        let lost = self.first_difference(voter.log, 0, self.committed_end)?;
        Some(InvariantViolation::CommittedMetadataIsKept { node, offset: lost })
    }

    /// A voter's high watermark rose: a majority has what is below it, and it is what everyone else has there.
    fn committed_more<'l>(
        &mut self,
        voter: SeenVoter<'_>,
        from: i64,
        log_of: impl Fn(i32) -> Option<&'l MetadataLog>,
    ) -> Vec<InvariantViolation> {
        let (node, to) = (voter.node, voter.high_watermark);
        let mut broken = Vec::new();
        let epoch = voter.log.epoch_at(to.saturating_sub(1));
        // A node without a metadata log of its own is played by a script: it has what it says that it has.
        let has = |id: &&i32| {
            **id == node
                || log_of(**id).is_none_or(|log| {
                    // Below its start a log has what is committed, by its snapshot.
                    log.start_offset() > to || (log.end_offset() >= to && log.epoch_at(to.saturating_sub(1)) == epoch)
                })
        };
        let having = voter.voters.iter().filter(has).count();
        // What a leader has committed before may have been on a majority of other voters than there are now.
        let is_newer = voter.leads || to > self.committed_end;
        if is_newer && having < majority(voter.voters.len()) && to > 0 {
            broken.push(InvariantViolation::MajorityHasCommitted {
                node,
                high_watermark: to,
                having: i32::try_from(having).unwrap_or(i32::MAX),
                voters: i32::try_from(voter.voters.len()).unwrap_or(i32::MAX),
            });
        }
        broken.extend(self.committed_in(node, voter.log, from, to));
        broken
    }

    /// A voter whose process ended in the step in which it committed up to an offset. Who its voters were went with it, so that
    /// nobody can count any more how many had that.
    fn ended(&mut self, node: i32, log: &MetadataLog, to: i64) -> Option<InvariantViolation> {
        let from = self.voters.get(&node).map_or(0, |known| known.high_watermark);
        let leader = self.leaders.values_mut().next_back().filter(|(leader, _)| *leader == node);
        if let Some((_, highest)) = leader {
            *highest = to.max(*highest);
        }
        self.committed_in(node, log, from, to)
    }

    /// What a node's log has up to an offset is committed. It is what was known to be committed there, and more.
    fn committed_in(&mut self, node: i32, log: &MetadataLog, from: i64, to: i64) -> Option<InvariantViolation> {
        if let Some(offset) = self.first_difference(log, from, to) {
            return Some(InvariantViolation::CommittedMetadataIsKept { node, offset });
        }
        if to > self.committed_end {
            let known_to = self.committed_end;
            let new = batches_between(log, known_to, to).filter(|batch| batch.base_offset >= known_to);
            Rc::make_mut(&mut self.committed).extend(new.cloned());
            self.committed_end = to;
        }
        None
    }

    /// The first offset from `from` to before `to` at which a log differs from what was committed, as far as that is known.
    fn first_difference(&self, log: &MetadataLog, from: i64, to: i64) -> Option<i64> {
        let known_from = self.committed.first().map_or(self.committed_end, |batch| batch.base_offset);
        let (from, to) = (from.max(log.start_offset()).max(known_from), to.min(self.committed_end));
        let first = self.committed.partition_point(|batch| batch.last_offset() < from);
        let mut found = batches_between(log, from, to);
        for batch in self.committed[first..].iter().take_while(|batch| batch.last_offset() < to) {
            let is_same = found.next().is_some_and(|other| Rc::ptr_eq(batch, other) || batch == other);
            if !is_same {
                return Some(batch.base_offset.max(from));
            }
        }
        None
    }
}

/// The whole batches of a metadata log between two offsets.
fn batches_between(log: &MetadataLog, from: i64, to: i64) -> impl Iterator<Item = &Rc<RecordBatch>> {
    let first = log.batches().partition_point(|batch| batch.last_offset() < from);
    log.batches()[first..].iter().take_while(move |batch| batch.last_offset() < to)
}

/// Up to which offset a node committed, by what it changed.
fn committed_by(id: i32, changes: &[Change]) -> Option<i64> {
    changes.iter().rev().find_map(|change| match change {
        Change::QuorumHighWatermarkMoved { node, to, .. } if *node == id => Some(*to),
        _ => None,
    })
}

fn seen(node: &Node) -> Option<SeenVoter<'_>> {
    let quorum = node.controller.as_ref()?.quorum();
    Some(SeenVoter {
        node: node.config.id,
        incarnation: node.incarnation,
        epoch: quorum.epoch(),
        voted: quorum.voted(),
        leads: quorum.is_leader(),
        high_watermark: quorum.high_watermark(),
        log: &node.disk.controller.log,
        voters: quorum.voters(),
    })
}

fn log_of(cluster: &Cluster, node: i32) -> Option<&MetadataLog> {
    let node = cluster.node(node).filter(|node| node.config.roles.is_controller())?;
    Some(&node.disk.controller.log)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metadata::MetadataRecord;
    use crate::raft::SnapshotRetention;

    /// A log whose batches, of one record each, have these epochs.
    fn log(epochs: &[i32]) -> MetadataLog {
        let mut log = MetadataLog::default();
        for epoch in epochs {
            log.append(*epoch, 0, false, vec![MetadataRecord::NoOpRecord {}.to_record()]);
        }
        log
    }

    struct Three {
        checker: CheckedQuorum,
        logs: BTreeMap<i32, MetadataLog>,
    }

    impl Three {
        fn with(logs: [&[i32]; 3]) -> Self {
            Self { checker: CheckedQuorum::default(), logs: (1..).zip(logs.map(log)).collect() }
        }

        /// What is broken by a voter that is seen so.
        fn see(&mut self, node: i32, change: impl FnOnce(&mut SeenVoter)) -> Vec<&'static str> {
            let Self { checker, logs } = self;
            let mut voter = SeenVoter {
                node,
                incarnation: 1,
                epoch: 3,
                voted: None,
                leads: false,
                high_watermark: -1,
                log: &logs[&node],
                voters: &[1, 2, 3],
            };
            change(&mut voter);
            checker.observe(voter, |node| logs.get(&node)).iter().map(InvariantViolation::name).collect()
        }
    }

    #[test]
    fn two_leaders_of_an_epoch_are_found() {
        let mut three = Three::with([&[1], &[1], &[1]]);
        assert_eq!(three.see(1, |voter| voter.leads = true), Vec::<&str>::new());
        assert_eq!(three.see(2, |voter| (voter.leads, voter.epoch) = (true, 4)), Vec::<&str>::new());
        assert_eq!(three.see(2, |voter| voter.leads = true), ["quorum-epoch-advances", "one-leader-per-quorum-epoch"]);
    }

    #[test]
    fn an_epoch_that_goes_back_is_found_also_over_a_restart() {
        let mut three = Three::with([&[1], &[1], &[1]]);
        assert_eq!(three.see(1, |voter| voter.epoch = 7), Vec::<&str>::new());
        assert_eq!(three.see(1, |voter| (voter.epoch, voter.incarnation) = (6, 2)), ["quorum-epoch-advances"]);
    }

    #[test]
    fn a_second_vote_in_an_epoch_is_found_also_after_a_crash_that_forgot_the_first() {
        let mut three = Three::with([&[1], &[1], &[1]]);
        assert_eq!(three.see(1, |voter| voter.voted = Some(2)), Vec::<&str>::new());
        assert_eq!(three.see(1, |voter| voter.incarnation = 2), Vec::<&str>::new());
        let again = |voter: &mut SeenVoter| (voter.voted, voter.incarnation) = (Some(2), 2);
        assert_eq!(three.see(1, again), Vec::<&str>::new());
        let other = |voter: &mut SeenVoter| (voter.voted, voter.incarnation) = (Some(3), 2);
        assert_eq!(three.see(1, other), ["one-vote-per-quorum-epoch"]);
        assert_eq!(three.see(1, |voter| (voter.voted, voter.epoch) = (Some(3), 4)), Vec::<&str>::new());
    }

    #[test]
    fn a_high_watermark_that_goes_back_is_found_on_a_voter_and_from_leader_to_leader() {
        let mut three = Three::with([&[1, 3, 3], &[1, 3, 3], &[1, 3, 3]]);
        assert_eq!(three.see(1, |voter| (voter.leads, voter.high_watermark) = (true, 3)), Vec::<&str>::new());
        assert_eq!(three.see(2, |voter| voter.high_watermark = 3), Vec::<&str>::new());
        assert_eq!(three.see(2, |voter| voter.high_watermark = 2), ["quorum-high-watermark-advances"]);
        // A process that starts again learns it anew.
        assert_eq!(three.see(2, |voter| (voter.high_watermark, voter.incarnation) = (2, 2)), Vec::<&str>::new());
        let elected = |voter: &mut SeenVoter| (voter.leads, voter.epoch, voter.high_watermark) = (true, 4, 2);
        assert_eq!(three.see(3, elected), ["quorum-high-watermark-advances"]);
    }

    #[test]
    fn a_high_watermark_that_no_majority_has_is_found() {
        let mut three = Three::with([&[1, 3, 3], &[1, 3], &[1, 2, 2]]);
        assert_eq!(three.see(1, |voter| (voter.leads, voter.high_watermark) = (true, 2)), Vec::<&str>::new());
        assert_eq!(three.see(1, |voter| (voter.leads, voter.high_watermark) = (true, 3)), ["majority-has-committed"]);
    }

    /// Figure 8 of the Raft paper: a record of an earlier epoch is on a majority, and is lost all the same where its leader
    /// counts it as committed.
    #[test]
    fn a_record_of_an_earlier_epoch_that_was_committed_by_counting_is_seen_to_be_lost() {
        let mut three = Three::with([&[1, 2], &[1, 2], &[1, 3]]);
        let counts = |voter: &mut SeenVoter| (voter.leads, voter.epoch, voter.high_watermark) = (true, 4, 2);
        assert_eq!(three.see(1, counts), Vec::<&str>::new());
        let other = |voter: &mut SeenVoter| (voter.leads, voter.epoch) = (true, 5);
        assert_eq!(three.see(3, other), ["committed-metadata-is-kept"]);
    }

    #[test]
    fn a_voter_that_cuts_off_what_it_knows_to_be_committed_is_found() {
        let mut three = Three::with([&[1, 3, 3], &[1, 3, 3], &[1, 3, 3]]);
        assert_eq!(three.see(1, |voter| (voter.leads, voter.high_watermark) = (true, 3)), Vec::<&str>::new());
        three.logs.insert(1, log(&[1, 3]));
        assert_eq!(three.see(1, |voter| voter.high_watermark = 3), ["committed-metadata-is-kept"]);
    }

    #[test]
    fn a_log_that_goes_further_back_than_the_first_that_was_looked_at_does_not_differ() {
        let mut three = Three::with([&[1, 3, 3, 3], &[1, 3, 3, 3], &[1, 3, 3, 3]]);
        let first = three.logs.get_mut(&1).expect("it is one of three");
        for end in [2, 3] {
            let snapshot = first.snapshot_of(end, &first.image_at(end), 0).expect("nothing is there yet");
            first.add_snapshot(snapshot);
        }
        first.clean(SnapshotRetention { bytes: 1, ms: -1 }, 0);
        assert_eq!(first.start_offset(), 3);
        assert_eq!(three.see(1, |voter| (voter.leads, voter.high_watermark) = (true, 4)), Vec::<&str>::new());
        assert_eq!(three.see(2, |voter| voter.high_watermark = 4), Vec::<&str>::new());
        assert_eq!(three.see(3, |voter| (voter.leads, voter.epoch) = (true, 4)), Vec::<&str>::new());
    }

    #[test]
    fn what_a_leader_committed_in_the_step_in_which_its_process_ended_is_known_to_be_committed() {
        let mut three = Three::with([&[1, 3, 3], &[1, 3], &[1, 2, 2]]);
        assert_eq!(three.see(1, |voter| (voter.leads, voter.high_watermark) = (true, 2)), Vec::<&str>::new());
        let moved = Change::QuorumHighWatermarkMoved { node: 1, from: 2, to: 3 };
        assert_eq!((committed_by(1, std::slice::from_ref(&moved)), committed_by(2, &[moved])), (Some(3), None));
        assert_eq!(three.checker.ended(1, &three.logs[&1], 3), None);
        assert_eq!(three.checker.committed_end, 3);
        let found = three.see(3, |voter| (voter.leads, voter.epoch) = (true, 4));
        assert_eq!(found, ["committed-metadata-is-kept"]);
    }

    /// A controller that is no voter hears late of what the only voter committed, and of a second voter at once.
    #[test]
    fn what_the_voters_of_then_committed_is_not_counted_among_the_voters_of_now() {
        let mut three = Three::with([&[1, 3, 3], &[1, 3, 3], &[1]]);
        let alone = |voter: &mut SeenVoter| {
            (voter.leads, voter.high_watermark, voter.voters) = (true, 3, &[1]);
        };
        assert_eq!(three.see(1, alone), Vec::<&str>::new());
        assert_eq!(three.see(2, |voter| (voter.high_watermark, voter.voters) = (3, &[1, 3])), Vec::<&str>::new());
        // A new leader counts anew.
        let next = |voter: &mut SeenVoter| {
            (voter.leads, voter.epoch, voter.high_watermark, voter.voters) = (true, 4, 3, &[1, 3]);
            voter.incarnation = 2;
        };
        three.logs.insert(1, log(&[1]));
        assert_eq!(three.see(2, next), ["majority-has-committed"]);
    }

    #[test]
    fn a_voter_with_other_committed_records_is_found() {
        let mut three = Three::with([&[1, 3, 3], &[1, 3, 3], &[1, 2, 2]]);
        assert_eq!(three.see(1, |voter| (voter.leads, voter.high_watermark) = (true, 3)), Vec::<&str>::new());
        let found = three.see(3, |voter| voter.high_watermark = 3);
        assert_eq!(found, ["committed-metadata-is-kept"]);
    }
}
