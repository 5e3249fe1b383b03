//! From where to where a voter goes, and after what.

use kafkascope_core::effects::{ControllerTimer, Effects, Outgoing};
use kafkascope_core::raft::{ControllerDisk, Quorum, QuorumState, Role};
use kafkascope_core::sim::Millis;
use kafkascope_core::wire::metadata::ApiVersionsResponse;
use kafkascope_core::wire::quorum::{
    BeginQuorumEpochPartition, BeginQuorumEpochRequest, BeginQuorumEpochResponse, BeginQuorumEpochTopic,
    METADATA_TOPIC, QuorumEpochPartitionResponse, QuorumEpochTopicResponse, VotePartition, VotePartitionResponse,
    VoteRequest, VoteResponse, VoteTopic, VoteTopicResponse,
};
use kafkascope_core::wire::{ApiKey, RequestHeader, Response};
use serde_json::{Value, json};

use super::quorum::{context, start_on};
use super::{Check, expect, field, text};

/// The epoch in which each case begins.
const EPOCH: i32 = 3;
/// Later than any timeout from the start.
const LATER: Millis = 100_000;
/// Longer than a connection that was closed is left alone.
const RECONNECT_BACKOFF_MS: Millis = 100;

/// Node 1, with two others.
struct Voter {
    quorum: Quorum,
    disk: ControllerDisk,
    now: Millis,
    fx: Effects,
}

/// Which node a request of a kind asks, and its header.
fn asked(outgoing: Outgoing, api: ApiKey) -> Option<(i32, RequestHeader)> {
    match outgoing {
        Outgoing::Request { to, header, request, .. } if request.api() == api => Some((to.listener()?.0, header)),
        _ => None,
    }
}

impl Voter {
    /// As `quorum-state` has it: -1 for nobody.
    fn start(leader_id: i32, voted_id: i32) -> Result<Self, String> {
        Self::start_among(&[1, 2, 3], leader_id, voted_id)
    }

    fn start_among(voters: &[i32], leader_id: i32, voted_id: i32) -> Result<Self, String> {
        let quorum_state = QuorumState { leader_epoch: EPOCH, leader_id, voted_id, ..QuorumState::default() };
        let disk = ControllerDisk { quorum_state, ..ControllerDisk::default() };
        let (mut quorum, disk) = start_on(disk, voters, &[], 1)?;
        let mut fx = Effects::default();
        quorum.poll(&disk, 0, &mut fx);
        let mut voter = Self { quorum, disk, now: 0, fx };
        voter.open_connections();
        Ok(voter)
    }

    /// The others say which versions they speak: what has waited for the connections leaves.
    fn open_connections(&mut self) {
        for outgoing in std::mem::take(&mut self.fx.sends) {
            match outgoing {
                Outgoing::Request { to, header, request, .. } if request.api() == ApiKey::ApiVersions => {
                    let Some((from, _)) = to.listener() else { continue };
                    let answer = Response::ApiVersions(ApiVersionsResponse::default());
                    let number = header.correlation_id;
                    self.quorum.handle_answer(&mut self.disk, from, number, answer, self.now, &mut self.fx);
                }
                other => self.fx.sends.push(other),
            }
        }
    }

    /// Takes part in an election of which nothing is decided yet.
    fn nominee(pre_vote: bool, voted_id: i32) -> Result<Self, String> {
        if !pre_vote {
            return Self::start(-1, 1);
        }
        let mut voter = Self::start(-1, voted_id)?;
        voter.fire(ControllerTimer::ElectionTimeout);
        voter.connect_again();
        Ok(voter)
    }

    /// What it asked before is out of time: that connection is closed, and made again after its backoff.
    fn connect_again(&mut self) {
        for _ in 0..2 {
            self.now += RECONNECT_BACKOFF_MS;
            self.quorum.handle_timer(&mut self.disk, &ControllerTimer::QuorumRetry, self.now, &mut self.fx);
            self.open_connections();
        }
    }

    fn leader() -> Result<Self, String> {
        let mut voter = Self::nominee(false, -1)?;
        voter.answer_votes(true);
        Ok(voter)
    }

    fn fire(&mut self, timer: ControllerTimer) {
        self.now += LATER;
        self.fx = Effects::default();
        self.quorum.handle_timer(&mut self.disk, &timer, self.now, &mut self.fx);
        self.open_connections();
    }

    /// The other two answer what they were asked last.
    fn answer_votes(&mut self, vote_granted: bool) {
        for outgoing in std::mem::take(&mut self.fx).sends {
            let Some((from, header)) = asked(outgoing, ApiKey::Vote) else { continue };
            let partition = VotePartitionResponse {
                leader_id: -1,
                leader_epoch: self.quorum.epoch(),
                vote_granted,
                ..VotePartitionResponse::default()
            };
            let topic = VoteTopicResponse { topic_name: METADATA_TOPIC.to_owned(), partitions: vec![partition] };
            let answer = Response::Vote(VoteResponse { topics: vec![topic], ..VoteResponse::default() });
            self.quorum.handle_answer(&mut self.disk, from, header.correlation_id, answer, self.now, &mut self.fx);
        }
    }

    /// The others know that it leads: nothing that it asked of them is open.
    fn answer_begins(&mut self) {
        for outgoing in std::mem::take(&mut self.fx).sends {
            let Some((from, header)) = asked(outgoing, ApiKey::BeginQuorumEpoch) else { continue };
            let known = QuorumEpochPartitionResponse {
                leader_id: 1,
                leader_epoch: self.quorum.epoch(),
                ..QuorumEpochPartitionResponse::default()
            };
            let topic = QuorumEpochTopicResponse { topic_name: METADATA_TOPIC.to_owned(), partitions: vec![known] };
            let answer = BeginQuorumEpochResponse { topics: vec![topic], ..BeginQuorumEpochResponse::default() };
            let answer = Response::BeginQuorumEpoch(answer);
            self.quorum.handle_answer(&mut self.disk, from, header.correlation_id, answer, self.now, &mut self.fx);
        }
    }

    fn hear_of_leader(&mut self, leader_id: i32, leader_epoch: i32) {
        let partition = BeginQuorumEpochPartition { leader_id, leader_epoch, ..BeginQuorumEpochPartition::default() };
        let topic = BeginQuorumEpochTopic { topic_name: METADATA_TOPIC.to_owned(), partitions: vec![partition] };
        let request = BeginQuorumEpochRequest { topics: vec![topic], ..BeginQuorumEpochRequest::default() };
        let context = context(ApiKey::BeginQuorumEpoch);
        self.quorum.handle_begin_quorum_epoch(&mut self.disk, &context, &request, self.now, &mut self.fx);
    }

    fn hear_of_candidate(&mut self, replica_id: i32, replica_epoch: i32) {
        let partition = VotePartition { replica_id, replica_epoch, ..VotePartition::default() };
        let topic = VoteTopic { topic_name: METADATA_TOPIC.to_owned(), partitions: vec![partition] };
        let request = VoteRequest { topics: vec![topic], ..VoteRequest::default() };
        self.quorum.handle_vote(&mut self.disk, &context(ApiKey::Vote), &request, self.now, &mut self.fx);
    }

    /// Role, epoch and vote, in memory and on disk alike; whether they differ is said too.
    fn is(&self, role: Role, epoch: i32, voted: Option<i32>) -> bool {
        let file = &self.disk.quorum_state;
        (self.quorum.role(), self.quorum.epoch(), self.quorum.voted()) == (role, epoch, voted)
            && (file.leader_epoch, file.voted_id) == (epoch, voted.unwrap_or(-1))
    }
}

/// Where a node goes from a state after an event, as far as it is what Kafka says.
pub(super) fn state_transition(case: &Value) -> Check {
    let (from, event) = (text(case, "given.from_state")?, text(case, "given.event")?);
    let expected = field(case, "expected.to_state")?.clone();
    let is_so = match (from, event) {
        ("Prospective", "majority of pre-votes granted") => {
            let mut voter = Voter::nominee(true, -1)?;
            let before = voter.is(Role::Prospective, EPOCH, None);
            voter.answer_votes(true);
            // The first of the two answers makes the majority.
            before && voter.is(Role::Candidate, EPOCH + 1, Some(1))
        }
        ("Prospective", "lost or timed out, no leader known") => {
            let (mut lost, mut late) = (Voter::nominee(true, 2)?, Voter::nominee(true, 2)?);
            lost.answer_votes(false);
            late.fire(ControllerTimer::ElectionTimeout);
            [lost, late].iter().all(|voter| voter.is(Role::Unattached, EPOCH, Some(2)))
        }
        ("Candidate", "lost or timed out") => {
            let (mut lost, mut late) = (Voter::nominee(false, -1)?, Voter::nominee(false, -1)?);
            lost.answer_votes(false);
            // What is lost is waited out.
            let waits = lost.is(Role::Candidate, EPOCH, Some(1));
            lost.fire(ControllerTimer::ElectionTimeout);
            late.fire(ControllerTimer::ElectionTimeout);
            waits && [lost, late].iter().all(|voter| voter.is(Role::Prospective, EPOCH, Some(1)))
        }
        ("Leader", "higher epoch seen") => {
            let (mut of_leader, mut of_candidate) = (Voter::leader()?, Voter::leader()?);
            of_leader.hear_of_leader(2, EPOCH + 1);
            of_candidate.hear_of_candidate(2, EPOCH + 1);
            of_leader.is(Role::Follower, EPOCH + 1, None) && of_candidate.is(Role::Unattached, EPOCH + 1, None)
        }
        ("Leader", "graceful shutdown") => {
            let mut voter = Voter::leader()?;
            voter.answer_begins();
            voter.fx = Effects::default();
            voter.quorum.shut_down(&voter.disk, voter.now, &mut voter.fx);
            let apis = voter.fx.sends.iter().filter_map(|outgoing| Some(outgoing.request()?.api()));
            apis.filter(|api| *api == ApiKey::EndQuorumEpoch).count() == 2 && voter.quorum.role() == Role::Resigned
        }
        ("Follower", "fetch timeout") => {
            let mut voter = Voter::start(2, -1)?;
            voter.fire(ControllerTimer::FetchTimeout);
            voter.is(Role::Prospective, EPOCH, None)
        }
        ("observer Follower", "fetch timeout") => {
            let mut observer = Voter::start_among(&[2, 3], 2, -1)?;
            let before = observer.is(Role::Follower, EPOCH, None);
            observer.fire(ControllerTimer::FetchTimeout);
            let campaigns = observer
                .fx
                .sends
                .iter()
                .any(|outgoing| outgoing.request().is_some_and(|request| request.api() == ApiKey::Vote));
            before && !campaigns && observer.is(Role::Unattached, EPOCH, None)
        }
        ("restart after voting for itself", "initialize") => Voter::start(-1, 1)?.is(Role::Candidate, EPOCH, Some(1)),
        ("restart with known leader in file", "initialize") => Voter::start(2, -1)?.is(Role::Follower, EPOCH, None),
        ("Unattached with vote (was: Voted)", "leader discovered same epoch") => {
            let mut voter = Voter::start(-1, 2)?;
            let before = voter.is(Role::Unattached, EPOCH, Some(2));
            voter.hear_of_leader(3, EPOCH);
            before && voter.quorum.role() == Role::Follower && voter.quorum.leader() == Some(3)
        }
        (from, event) => return Err(format!("from {from} after {event}")),
    };
    Ok(expect(expected.clone(), if is_so { expected } else { json!("elsewhere") }))
}
