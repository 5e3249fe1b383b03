//! Why the metadata log has no leader, why a vote was refused, why a broker is fenced, why nobody can lead a partition.

use serde::Serialize;

use super::WhyNot;
use crate::broker::lifecycle::LifecycleState;
use crate::change::QuorumRole;
use crate::cluster::Cluster;
use crate::cluster::node::{Node, ProcessState};
use crate::raft::Quorum;
use crate::raft::state::{EpochElection, EpochState, majority};
use crate::raft::votes::LogEnd;
use crate::sim::Millis;

/// Why a broker is fenced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fenced {
    /// Its process is down.
    Down,
    /// Its process stands still.
    Paused,
    /// It is about to end.
    Stopping,
    /// Its present process has not been registered yet.
    Unregistered,
    /// It has not applied the metadata log up to its own registration.
    Behind,
    /// It has, and the controller has had no heartbeat since that says so.
    NoHeartbeat,
}

/// A voter whose process runs, with its part in the quorum.
struct Voter<'c> {
    node: &'c Node,
    quorum: &'c Quorum,
}

impl Voter<'_> {
    fn id(&self) -> i32 {
        self.node.config.id
    }

    fn log_end(&self) -> LogEnd {
        let log = &self.node.disk.controller.log;
        LogEnd { epoch: log.last_epoch(), offset: log.end_offset() }
    }

    /// The election that it asks for votes in.
    fn election(&self) -> Option<&EpochElection> {
        match self.quorum.state() {
            EpochState::Prospective(election) | EpochState::Candidate(election) => Some(election),
            EpochState::Unattached { .. }
            | EpochState::Leader(_)
            | EpochState::Follower { .. }
            | EpochState::Resigned { .. } => None,
        }
    }
}

impl Cluster {
    /// Why the metadata log has no active controller.
    pub(super) fn why_no_controller(&self) -> Vec<WhyNot> {
        let voting = self.quorum_voters();
        let all = voting.len();
        let mut voters = self.running_voters();
        voters.retain(|voter| voting.contains(&voter.id()));
        let count = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        let mut found = Vec::new();
        for voter in &voters {
            let Some(election) = voter.election() else { continue };
            let (node, epoch) = (voter.id(), voter.quorum.epoch());
            let is_pre_vote = voter.quorum.role() == QuorumRole::Prospective;
            let granted = count(election.granting().count());
            let majority = count(majority(election.votes.len()));
            found.push(if election.is_rejected() {
                WhyNot::ElectionLost { node, epoch, granted, majority }
            } else {
                WhyNot::VotesMissing {
                    node,
                    epoch,
                    is_pre_vote,
                    granted,
                    majority,
                    silent: election.unrecorded().collect(),
                }
            });
            found.extend(voters.iter().filter_map(|other| refused(voter, election, other)));
        }
        let leader = voters.iter().filter(|voter| voter.quorum.is_leader()).max_by_key(|voter| voter.quorum.epoch());
        if self.active_controller().is_some() {
            return found;
        }
        if let Some(leader) = leader {
            if let EpochState::Leader(state) = leader.quorum.state() {
                found.push(WhyNot::LeaderNotActive {
                    node: leader.id(),
                    epoch: leader.quorum.epoch(),
                    offset: state.epoch_start_offset,
                });
            }
        } else if voters.len() < majority(all) {
            found.push(WhyNot::TooFewVoters {
                running: voters.iter().map(Voter::id).collect(),
                voters: count(all),
                majority: count(majority(all)),
            });
        } else if voters.iter().all(|voter| voter.election().is_none()) {
            found.extend(self.why_no_election(&voters));
        }
        found
    }

    /// Why the voters are not others yet, where the leader is about to change them.
    pub(super) fn why_voters_stay(&self) -> Option<WhyNot> {
        let voters = self.running_voters();
        let leader = voters.iter().filter(|voter| voter.quorum.is_leader()).max_by_key(|voter| voter.quorum.epoch())?;
        let EpochState::Leader(state) = leader.quorum.state() else { return None };
        let node = leader.id();
        if let Some(change) = state.voter_change.as_ref().filter(|change| change.written_at.is_none()) {
            return Some(WhyNot::VoterVersionsAwaited { node, voter: change.voter.key.id });
        }
        let (offset, _) = leader.node.disk.controller.log.quorum().last_voters()?;
        let high_watermark = leader.quorum.high_watermark();
        // A leader that has committed nothing yet decides nothing at all.
        if offset < 0 || high_watermark < 0 || high_watermark > offset {
            return None;
        }
        let has = |end: &Option<i64>| end.is_some_and(|end| end > offset);
        let having = state.voters.iter().filter(|(_, voter)| has(&voter.log_end_offset)).map(|(id, _)| *id).collect();
        let count = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        let (voters, majority) = (count(state.voters.len()), count(majority(state.voters.len())));
        Some(WhyNot::VotersNotCommitted { node, offset, having, voters, majority })
    }

    /// Nobody asks for votes yet: whose time is up first, and what it waits for.
    fn why_no_election(&self, voters: &[Voter<'_>]) -> Option<WhyNot> {
        let due = |voter: &Voter<'_>| -> Option<(Millis, i32, i32)> {
            let leader = voter.quorum.leader().unwrap_or(-1);
            match voter.quorum.state() {
                EpochState::Unattached { election_at } | EpochState::Resigned { election_at, .. } => {
                    Some((*election_at, voter.id(), -1))
                }
                EpochState::Follower { fetch_timeout_at, .. } => Some((*fetch_timeout_at, voter.id(), leader)),
                EpochState::Prospective(_) | EpochState::Candidate(_) | EpochState::Leader(_) => None,
            }
        };
        let (at, node, leader) = voters.iter().filter_map(due).min()?;
        let left_ms = at.saturating_sub(self.now());
        let is_pushed_to = voters.iter().any(|voter| voter.id() == node && voter.quorum.is_pushed_to());
        Some(if leader < 0 || is_pushed_to {
            WhyNot::ElectionTimeoutRuns { node, left_ms }
        } else {
            WhyNot::FetchTimeoutRuns { node, leader, left_ms }
        })
    }

    /// Why brokers are fenced, as the active controller has it.
    pub(super) fn why_fenced(&self) -> Vec<WhyNot> {
        let Some(controller) = self.active_controller().and_then(|id| self.node(id)?.controller.as_ref()) else {
            return Vec::new();
        };
        let fenced = controller.image().brokers.iter().filter(|(_, broker)| broker.fenced);
        let reason = |id: i32| {
            let node = self.node(id).filter(|node| !node.config.is_puppet())?;
            let registered_at = controller.heartbeats().get(id)?.registered_at;
            let applied = node.broker.as_ref().map_or(-1, |broker| broker.metadata_offset.saturating_sub(1));
            Some(WhyNot::BrokerFenced {
                node: id,
                reason: fenced_by(node, applied, registered_at),
                applied,
                registered_at,
            })
        };
        fenced.filter_map(|(id, _)| reason(*id)).collect()
    }

    /// Why partitions have no leader: who could lead does not run, and who runs may not.
    pub(super) fn why_leaderless(&self) -> Vec<WhyNot> {
        let Some(image) = self.image() else { return Vec::new() };
        let is_active = |broker: &i32| {
            image.brokers.get(broker).is_some_and(|broker| !broker.fenced && !broker.in_controlled_shutdown)
        };
        let mut found = Vec::new();
        for (partition, _, registration) in image.partitions().filter(|(_, _, registration)| registration.leader < 0) {
            let mut may_lead = registration.isr.iter().chain(&registration.elr);
            // A replica that may lead and is in service is elected with the next record.
            if !may_lead.any(is_active) {
                found.push(WhyNot::NobodyMayLead {
                    partition,
                    isr: registration.isr.clone(),
                    elr: registration.elr.clone(),
                    in_service: registration.replicas.iter().copied().filter(is_active).collect(),
                });
            }
        }
        found
    }

    fn running_voters(&self) -> Vec<Voter<'_>> {
        let running = self.nodes().filter(|node| node.process == ProcessState::Running);
        running.filter_map(|node| Some(Voter { node, quorum: node.controller.as_ref()?.quorum() })).collect()
    }
}

/// Why a voter is against a nominee, as far as it still shows: in their epoch it has voted for another, its log goes further,
/// or it hears of a leader.
fn refused(nominee: &Voter<'_>, election: &EpochElection, voter: &Voter<'_>) -> Option<WhyNot> {
    if election.votes.get(&voter.id()) != Some(&Some(false)) || voter.quorum.epoch() != nominee.quorum.epoch() {
        return None;
    }
    let (voter_id, candidate, epoch) = (voter.id(), nominee.id(), nominee.quorum.epoch());
    let is_pre_vote = nominee.quorum.role() == QuorumRole::Prospective;
    let (own, asked) = (voter.log_end(), nominee.log_end());
    if own > asked {
        return Some(WhyNot::VoteRefusedForLog {
            voter: voter_id,
            candidate,
            epoch: own.epoch,
            end: own.offset,
            candidate_epoch: asked.epoch,
            candidate_end: asked.offset,
        });
    }
    match (is_pre_vote, voter.quorum.voted(), voter.quorum.state()) {
        (false, Some(voted), _) if voted != candidate => {
            Some(WhyNot::VoteGivenToAnother { voter: voter_id, candidate, epoch, voted })
        }
        (true, _, EpochState::Follower { has_fetched: true, .. }) => {
            let leader = voter.quorum.leader()?;
            Some(WhyNot::VoterHasLeader { voter: voter_id, candidate, leader })
        }
        _ => None,
    }
}

fn fenced_by(node: &Node, applied: i64, registered_at: i64) -> Fenced {
    match (node.process, node.broker.as_ref().map(|broker| broker.lifecycle.state)) {
        (ProcessState::Down, _) => Fenced::Down,
        // The broker of a combined process has ended, and its controller has not resigned yet.
        (ProcessState::Running, None) => Fenced::Stopping,
        (ProcessState::Paused, _) => Fenced::Paused,
        (ProcessState::Running, Some(LifecycleState::Stopping)) => Fenced::Stopping,
        (ProcessState::Running, Some(LifecycleState::Starting)) => Fenced::Unregistered,
        (ProcessState::Running, Some(LifecycleState::Fenced | LifecycleState::Running)) if applied < registered_at => {
            Fenced::Behind
        }
        (ProcessState::Running, Some(LifecycleState::Fenced | LifecycleState::Running)) => Fenced::NoHeartbeat,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::actor::Listener;
    use crate::command::Command;
    use crate::config::{ClusterConfig, NetworkConfig, NodeConfig, Roles, Start};
    use crate::wire::ApiKey;

    /// Two controllers, of which the first votes.
    fn standalone() -> Cluster {
        let node = |id: i32| NodeConfig::new(id, Roles::Controller);
        let config = ClusterConfig {
            nodes: vec![node(1), node(2)],
            settings: [("initial.controllers".to_owned(), "1".to_owned())].into(),
            topics: Vec::new(),
            producers: Vec::new(),
            consumers: Vec::new(),
            network: NetworkConfig::default(),
            start: Start::AtRest,
        };
        Cluster::new(&config, 1).expect("it starts")
    }

    #[test]
    fn a_voter_that_is_added_is_waited_for_and_then_the_commit() {
        let mut cluster = standalone();
        for _ in 0..2_000 {
            cluster.step();
        }
        assert_eq!(cluster.why_voters_stay(), None);
        let directory = cluster.node(2).expect("it is there").disk.broker.directory_id.to_string();
        let listeners = json!([{"name": "CONTROLLER", "host": "controller-2", "port": 9093}]);
        let request = Command::request(
            1,
            (1, Listener::Controller),
            ApiKey::AddRaftVoter,
            None,
            json!({"voterId": 2, "voterDirectoryId": directory, "listeners": listeners}),
        );
        cluster.apply(&request).expect("it can be said");
        let mut reasons: Vec<WhyNot> = Vec::new();
        for _ in 0..200 {
            cluster.step();
            reasons.extend(cluster.why_voters_stay().filter(|why| reasons.last() != Some(why)));
        }
        let offset = cluster.node(1).and_then(|node| node.disk.controller.log.quorum().last_voters()).map(|(at, _)| at);
        let waits = WhyNot::VotersNotCommitted {
            node: 1,
            offset: offset.expect("the log names the voters"),
            having: vec![1],
            voters: 2,
            majority: 2,
        };
        assert_eq!(reasons, [WhyNot::VoterVersionsAwaited { node: 1, voter: 2 }, waits]);
        assert_eq!((cluster.why_voters_stay(), cluster.quorum_voters()), (None, vec![1, 2]));
    }
}
