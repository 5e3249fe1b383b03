//! Whether what is said of the quorum, of fenced brokers and of partitions without a leader is so: looked up in what the view
//! shows, and where that does not tell it, by what the cluster does next.

use kafkascope_core::change::QuorumRole;
use kafkascope_core::cluster::Cluster;
use kafkascope_core::view::{ClusterView, NodeState, NodeView, QuorumTimer, QuorumView, VoterView};
use kafkascope_core::why::{Fenced, WhyNot};

use super::state::unless;

/// A cluster as its view and its quorum's show it: made once for all reasons of a step, and only where there is one.
pub struct Seen {
    view: ClusterView,
    quorum: QuorumView,
}

impl Seen {
    /// Looks at a cluster.
    pub fn of(cluster: &Cluster) -> Self {
        Self { view: cluster.view(), quorum: cluster.quorum() }
    }
}

/// A reason that is not so.
pub fn untrue(seen: &Seen, why: &WhyNot) -> Option<String> {
    let Seen { view, quorum } = seen;
    let state = |id: i32| view.nodes.iter().find(|node| node.id == id).map(|node| node.state);
    let runs = |voter: &&VoterView| !matches!(state(voter.node), Some(NodeState::Down | NodeState::Paused) | None);
    let running: Vec<&VoterView> = quorum.voters.iter().filter(runs).collect();
    let voter = |id: i32| running.iter().copied().find(|voter| voter.node == id);
    let count = |count: u32| i64::from(count);
    let leads = |voter: &&&VoterView| voter.role == Some(QuorumRole::Leader);
    match why {
        WhyNot::TooFewVoters { running: said, voters, majority } => {
            let ids: Vec<i32> = running.iter().filter(|voter| voter.is_voter).map(|voter| voter.node).collect();
            let all = quorum.voters.iter().filter(|voter| voter.is_voter).count();
            let is_so = ids == *said
                && i64::try_from(all) == Ok(*voters)
                && count(quorum.majority) == *majority
                && i64::try_from(ids.len()).is_ok_and(|len| len < *majority);
            unless(is_so, || format!("of {all} these run: {ids:?}"))
                .or_else(|| unless(!running.iter().any(|voter| leads(&voter)), || "one leads".to_owned()))
        }
        WhyNot::LeaderNotActive { node, epoch, offset } => {
            let Some(leader) = voter(*node) else { return Some("it does not run".to_owned()) };
            let first = leader.log.records().find(|record| record.epoch == *epoch);
            let is_so = leads(&&leader)
                && leader.epoch == *epoch
                && !leader.is_active
                && leader.high_watermark <= *offset
                && first.is_none_or(|first| first.offset == *offset);
            unless(is_so, || {
                format!("{:?} of epoch {}, high watermark {}", leader.role, leader.epoch, leader.high_watermark)
            })
        }
        WhyNot::VotesMissing { node, epoch, is_pre_vote, granted, majority, silent } => {
            let Some(nominee) = voter(*node) else { return Some("it does not run".to_owned()) };
            let Some(election) = &nominee.election else { return Some(format!("it is {:?}", nominee.role)) };
            let outstanding: Vec<i32> =
                election.votes.iter().filter(|(_, vote)| vote.is_none()).map(|(id, _)| *id).collect();
            let is_so = nominee.epoch == *epoch
                && election.is_pre_vote == *is_pre_vote
                && count(election.granted()) == *granted
                && granted < majority
                // It counts the voters that its own log names, which need not be the newest.
                && i64::try_from(election.votes.len() / 2 + 1) == Ok(*majority)
                && outstanding == *silent;
            unless(is_so, || format!("{election:?}")).or_else(|| {
                let reach = granted.saturating_add(i64::try_from(silent.len()).unwrap_or(0));
                unless(reach >= *majority, || "nobody is left who could give it a majority".to_owned())
            })
        }
        WhyNot::ElectionLost { node, epoch, granted, majority } => {
            let Some(nominee) = voter(*node) else { return Some("it does not run".to_owned()) };
            let Some(election) = &nominee.election else { return Some(format!("it is {:?}", nominee.role)) };
            let left = i64::try_from(election.votes.len()).unwrap_or(0) - count(election.refused());
            let waits = nominee.timer.is_some_and(|timer| timer.timer == QuorumTimer::Election);
            let is_so = nominee.epoch == *epoch && count(election.granted()) == *granted && left < *majority && waits;
            unless(is_so, || format!("{election:?}, {:?}", nominee.timer))
        }
        WhyNot::ElectionTimeoutRuns { node, left_ms } => first_to_act(&running, *node, *left_ms, QuorumTimer::Election),
        WhyNot::FetchTimeoutRuns { node, leader, left_ms } => {
            let knows = voter(*node).is_some_and(|voter| voter.leader_id == *leader);
            first_to_act(&running, *node, *left_ms, QuorumTimer::Fetch)
                .or_else(|| unless(knows, || "it takes another for the leader".to_owned()))
        }
        WhyNot::VoteGivenToAnother { voter: id, candidate, epoch, voted } => {
            let is_so = voted != candidate
                && voter(*id).is_some_and(|voter| voter.epoch == *epoch && voter.voted_id == *voted)
                && refused(voter(*candidate), *id);
            unless(is_so, || format!("{:?}", voter(*id)))
        }
        WhyNot::VoteRefusedForLog { voter: id, candidate, epoch, end, candidate_epoch, candidate_end } => {
            let ends = |id: i32| voter(id).map(|voter| (voter.log.last_epoch, voter.log.end_offset));
            let is_so = ends(*id) == Some((*epoch, *end))
                && ends(*candidate) == Some((*candidate_epoch, *candidate_end))
                && (epoch, end) > (candidate_epoch, candidate_end)
                && refused(voter(*candidate), *id);
            unless(is_so, || format!("the logs end at {:?} and {:?}", ends(*id), ends(*candidate)))
        }
        WhyNot::VoterHasLeader { voter: id, candidate, leader } => {
            let follows = |voter: &VoterView| voter.role == Some(QuorumRole::Follower) && voter.leader_id == *leader;
            let is_so = voter(*id).is_some_and(follows) && refused(voter(*candidate), *id);
            unless(is_so, || format!("{:?}", voter(*id)))
        }
        WhyNot::VoterVersionsAwaited { node, .. } => {
            unless(voter(*node).is_some_and(|voter| leads(&&voter)), || "it does not lead".to_owned())
        }
        WhyNot::VotersNotCommitted { node, offset, having, voters, majority } => {
            let Some(leader) = voter(*node) else { return Some("it does not run".to_owned()) };
            let is_so = leads(&&leader)
                && leader.high_watermark <= *offset
                && leader.log.end_offset > *offset
                && i64::try_from(having.len()).is_ok_and(|having| having < *majority && majority <= voters);
            unless(is_so, || format!("high watermark {}, end {}", leader.high_watermark, leader.log.end_offset))
        }
        WhyNot::BrokerFenced { node, reason, applied, registered_at } => {
            let controllers = view.nodes.iter().filter_map(|node| node.controller.as_ref());
            let active =
                controllers.filter(|controller| controller.is_active).max_by_key(|controller| controller.epoch);
            let fenced =
                active.is_some_and(|active| active.brokers.iter().any(|broker| broker.id == *node && broker.fenced));
            let broker = view.nodes.iter().find(|each| each.id == *node)?;
            unless(fenced, || "the controller has it unfenced".to_owned())
                .or_else(|| fenced_otherwise(broker, *reason, *applied, *registered_at))
        }
        // What is said of logs and their readers is looked up where the others are.
        WhyNot::HighWatermarkWaits { .. }
        | WhyNot::BelowMinIsr { .. }
        | WhyNot::FollowerLearnsLater { .. }
        | WhyNot::ProduceWaits { .. }
        | WhyNot::ConsumerWaits { .. }
        | WhyNot::ConsumerThrew { .. }
        | WhyNot::ConsumerFatal { .. } => None,
        WhyNot::NobodyMayLead { partition, isr, elr, in_service } => {
            let Some(truth) = view.partitions.iter().find(|each| each.partition == *partition) else {
                return Some("there is no such partition".to_owned());
            };
            let controllers = view.nodes.iter().filter_map(|node| node.controller.as_ref());
            let active =
                controllers.filter(|controller| controller.is_active).max_by_key(|controller| controller.epoch)?;
            let serves = |id: &i32| {
                active.brokers.iter().any(|broker| broker.id == *id && !broker.fenced && !broker.in_controlled_shutdown)
            };
            let is_so =
                truth.leader < 0 && truth.isr == *isr && truth.elr == *elr && !isr.iter().chain(elr).any(serves);
            let others: Vec<i32> = truth.replicas.iter().copied().filter(serves).collect();
            unless(is_so && others == *in_service, || format!("{truth:?}, in service {others:?}"))
        }
    }
}

/// Whether a nominee has heard that a voter is against it.
fn refused(nominee: Option<&VoterView>, voter: i32) -> bool {
    let election = nominee.and_then(|nominee| nominee.election.as_ref());
    election.is_some_and(|election| election.votes.contains(&(voter, Some(false))))
}

/// Nobody leads or asks for votes, and this voter's time is the first to be up. Who only watches has a fetch timer, too, but
/// does not act when it is up.
fn first_to_act(running: &[&VoterView], node: i32, left_ms: u64, timer: QuorumTimer) -> Option<String> {
    // One that is no voter any more may not know it yet, and ask.
    let voters = running.iter().filter(|voter| voter.is_voter);
    let idle = voters.clone().all(|voter| voter.election.is_none() && voter.role != Some(QuorumRole::Leader));
    let first = voters.filter_map(|voter| voter.timer.map(|timer| timer.left_ms)).min();
    let own = running.iter().find(|voter| voter.node == node).and_then(|voter| voter.timer);
    let is_so = first == Some(left_ms) && own.is_some_and(|own| own.timer == timer && own.left_ms == left_ms);
    unless(idle, || "somebody leads or asks for votes".to_owned())
        .or_else(|| unless(is_so, || format!("its timer is {own:?}, and the first has {first:?} ms to go")))
}

/// Whether a fenced broker is so for another reason.
fn fenced_otherwise(broker: &NodeView, reason: Fenced, applied: i64, registered_at: i64) -> Option<String> {
    let is_so = match reason {
        Fenced::Down => broker.state == NodeState::Down,
        Fenced::Paused => broker.state == NodeState::Paused,
        Fenced::Stopping => broker.state == NodeState::Stopping,
        Fenced::Unregistered => broker.state == NodeState::Starting,
        Fenced::Behind | Fenced::NoHeartbeat => {
            let runs = matches!(broker.state, NodeState::Running | NodeState::Fenced);
            runs && broker.metadata_offset == applied + 1 && (applied < registered_at) == (reason == Fenced::Behind)
        }
    };
    unless(is_so, || {
        format!("it is {:?} and has applied the metadata log up to {}", broker.state, broker.metadata_offset)
    })
}
