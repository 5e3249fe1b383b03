//! Voters are added, removed and updated, one at a time, by the leader (`AddVoterHandler`, `RemoveVoterHandler`,
//! `UpdateVoterHandler`, KIP-853).
//!
//! The record that names the new voters counts as soon as it is in the log, committed or not: the majority that commits it is one
//! of the new voters. Two sets that differ by one voter have a voter in common in any two majorities, so no epoch gets two
//! leaders; that is why the next change waits until the one before it is committed.

use super::describe::NOT_LEADER;
use super::state::{EpochState, VoterChange};
use super::voter_set::{ReplicaKey, VoterNode, VoterSet, version_record};
use super::{ControllerDisk, Quorum};
use crate::change::Change;
use crate::effects::{Effects, RequestContext};
use crate::explain::Explanation;
use crate::sim::Millis;
use crate::wire::feature_levels::KRAFT_VERSION;
use crate::wire::metadata::{ApiVersionsRequest, ApiVersionsResponse};
use crate::wire::quorum::LeaderEndpoint;
use crate::wire::records::Record;
use crate::wire::voters::*;
use crate::wire::{ErrorCode, Request, Response, Uuid};

/// What Kafka says beside `REQUEST_TIMED_OUT`.
const TIMED_OUT: &str = "The request timed out.";

/// Why a change is not made: the error, and the same in words.
type Refusal = (ErrorCode, Option<String>);

impl Quorum {
    /// A controller is to vote. It must have caught up, and is asked first what it supports.
    #[inline(never)]
    pub fn handle_add_voter(
        &mut self,
        disk: &ControllerDisk,
        request_context: &RequestContext,
        request: &AddRaftVoterRequest,
        now: Millis,
        fx: &mut Effects,
    ) {
        let key = ReplicaKey { id: request.voter_id, directory_id: request.voter_directory_id };
        let voter = VoterNode { endpoints: request.listeners.clone(), ..VoterNode::of(key) };
        if let Err(refusal) = self.check_addition(disk, request, &voter, now) {
            return self.refuse_change(request_context, refusal, fx);
        }
        let asked = ApiVersionsRequest {
            client_software_name: "apache-kafka-java".to_owned(),
            client_software_version: "4.3.1".to_owned(),
        };
        self.send(key.id, Request::ApiVersions(asked), super::quorum::PendingRequest::ApiVersions, now, fx);
        fx.explain(Explanation::VoterAdditionBegun { node: self.member.node_id, voter: key.id });
        let change = VoterChange {
            request_context: request_context.clone(),
            voter,
            is_added: true,
            written_at: None,
            ack_when_committed: request.ack_when_committed,
            is_answered: false,
            expires_at: now.saturating_add(self.member.config.request_timeout_ms),
        };
        self.wait_for_change(change);
    }

    /// A voter has shown that it follows (`updateCheckQuorumForFollowingVoter`).
    fn heard_of_voter(&mut self, voter: i32, now: Millis) {
        let check_quorum_at = now.saturating_add(self.member.config.check_quorum_ms());
        if let EpochState::Leader(leader) = &mut self.state
            && leader.heard_of(self.member.node_id, voter)
        {
            leader.check_quorum_at = check_quorum_at;
        }
    }

    /// One change at a time: the next one waits for this.
    fn wait_for_change(&mut self, change: VoterChange) {
        if let EpochState::Leader(leader) = &mut self.state {
            leader.voter_change = Some(change);
        }
    }

    fn check_addition(
        &self,
        disk: &ControllerDisk,
        request: &AddRaftVoterRequest,
        voter: &VoterNode,
        now: Millis,
    ) -> Result<(), Refusal> {
        self.check_asked_cluster(request.cluster_id.as_deref())?;
        self.validate_leads()?;
        let invalid = |message: String| Err((ErrorCode::InvalidRequest, Some(message)));
        if voter.key.id < 0 || voter.key.directory_id == Uuid::ZERO {
            return invalid("Add voter request didn't include a valid voter".to_owned());
        }
        if !self.has_listener(&voter.endpoints) {
            let (endpoints, listener) = (endpoints_text(&voter.endpoints), self.listener());
            return invalid(format!(
                "Add voter request didn't include the endpoint ({endpoints}) for the default listener ListenerName({listener})"
            ));
        }
        let voters = self.check_voters_settled(disk, "adding")?;
        if voters.get(voter.key.id).is_some() {
            let message =
                format!("The voter id for {} is already part of the set of voters {}.", voter.key, voters.keys());
            return Err((ErrorCode::DuplicateVoter, Some(message)));
        }
        if !self.is_ready(voter.key.id, now) {
            let message = format!("New voter {} is not ready to receive requests", voter.key);
            return Err((ErrorCode::RequestTimedOut, Some(message)));
        }
        Ok(())
    }

    /// The controller that is to vote has told what it supports.
    pub(super) fn new_voter_answered(
        &mut self,
        disk: &mut ControllerDisk,
        from: i32,
        answer: &ApiVersionsResponse,
        now: Millis,
        fx: &mut Effects,
    ) {
        let EpochState::Leader(leader) = &self.state else { return };
        let is_awaited =
            |change: &&VoterChange| change.is_added && change.written_at.is_none() && change.voter.key.id == from;
        let Some(mut change) = leader.voter_change.as_ref().filter(is_awaited).cloned() else { return };
        let key = change.voter.key;
        let supported = answer.supported_features.iter().find(|feature| feature.name == KRAFT_VERSION);
        let level = disk.log.quorum().kraft_version();
        let is_supported = supported.is_some_and(|range| range.min_version <= level && level <= range.max_version);
        if !answer.error_code.is_none() {
            return self.end_voter_change((ErrorCode::RequestTimedOut, Some(aborted_for(answer.error_code))), fx);
        }
        if !is_supported {
            let range = supported.map_or("(min: 0, max: 0)".to_owned(), |range| {
                format!("(min: {}, max: {}", range.min_version, range.max_version)
            });
            let message = format!(
                "Aborted add voter operation for {key} since the {KRAFT_VERSION} range {range} doesn't support the finalized version {level}"
            );
            return self.end_voter_change((ErrorCode::InvalidRequest, Some(message)), fx);
        }
        if !leader.is_caught_up(key, now) {
            let message = format!("Aborted add voter operation for {key} since it is lagging behind");
            return self.end_voter_change((ErrorCode::RequestTimedOut, Some(message)), fx);
        }
        change.voter.supported_versions = supported.map_or((0, 0), |range| (range.min_version, range.max_version));
        let Some(voters) = self.voters.with(change.voter.clone()) else { return };
        fx.explain(Explanation::VoterAdded { node: self.member.node_id, voter: from });
        let offset = self.append_voters(disk, &voters, now, fx);
        change.written_at = Some(offset);
        if !change.ack_when_committed {
            change.is_answered = true;
            answer_change(&change.request_context, true, ErrorCode::None, None, fx);
        }
        self.wait_for_change(change);
    }

    /// The controller that is to vote could not be asked what it supports: a connection that broke or was refused is an answer all the
    /// same (`KafkaNetworkChannel`).
    pub(super) fn new_voter_unreachable(&mut self, node: i32, fx: &mut Effects) {
        let EpochState::Leader(leader) = &self.state else { return };
        let is_awaited =
            |change: &&VoterChange| change.is_added && change.written_at.is_none() && change.voter.key.id == node;
        if leader.voter_change.as_ref().is_some_and(|change| is_awaited(&change)) {
            self.end_voter_change((ErrorCode::RequestTimedOut, Some(aborted_for(ErrorCode::BrokerNotAvailable))), fx);
        }
    }

    /// A voter is to vote no more. It may be the leader itself.
    #[inline(never)]
    pub fn handle_remove_voter(
        &mut self,
        disk: &mut ControllerDisk,
        request_context: &RequestContext,
        request: &RemoveRaftVoterRequest,
        now: Millis,
        fx: &mut Effects,
    ) {
        let key = ReplicaKey { id: request.voter_id, directory_id: request.voter_directory_id };
        let voters = match self.check_removal(disk, request, key) {
            Ok(voters) => voters,
            Err(refusal) => return self.refuse_change(request_context, refusal, fx),
        };
        fx.explain(Explanation::VoterRemovalBegun { node: self.member.node_id, voter: key.id });
        let offset = self.append_voters(disk, &voters, now, fx);
        let change = VoterChange {
            request_context: request_context.clone(),
            voter: VoterNode::of(key),
            is_added: false,
            written_at: Some(offset),
            ack_when_committed: true,
            is_answered: false,
            expires_at: now.saturating_add(self.member.config.request_timeout_ms),
        };
        self.wait_for_change(change);
    }

    fn check_removal(
        &self,
        disk: &ControllerDisk,
        request: &RemoveRaftVoterRequest,
        key: ReplicaKey,
    ) -> Result<VoterSet, Refusal> {
        self.check_asked_cluster(request.cluster_id.as_deref())?;
        self.validate_leads()?;
        if key.id < 0 || key.directory_id == Uuid::ZERO {
            let message = "Remove voter request didn't include a valid voter".to_owned();
            return Err((ErrorCode::InvalidRequest, Some(message)));
        }
        let voters = self.check_voters_settled(disk, "removing")?;
        voters.without(key).ok_or_else(|| {
            let message = format!("Cannot remove voter {key} from the set of voters {}", voters.keys());
            (ErrorCode::VoterNotFound, Some(message))
        })
    }

    /// A voter says where it listens now and what it supports. The answer does not wait for the commit.
    #[inline(never)]
    pub fn handle_update_voter(
        &mut self,
        disk: &mut ControllerDisk,
        request_context: &RequestContext,
        request: &UpdateRaftVoterRequest,
        now: Millis,
        fx: &mut Effects,
    ) {
        let updated = self.check_update(disk, request);
        let error_code = match updated {
            Ok(None) => {
                self.note_static_voter(&voter_node_of(request));
                fx.explain(Explanation::StaticVoterNoted { node: self.member.node_id, voter: request.voter_id });
                self.heard_of_voter(request.voter_id, now);
                ErrorCode::None
            }
            Ok(Some(voters)) => {
                fx.explain(Explanation::VoterUpdated { node: self.member.node_id, voter: request.voter_id });
                self.append_voters(disk, &voters, now, fx);
                self.heard_of_voter(request.voter_id, now);
                ErrorCode::None
            }
            Err(error) => {
                self.refuse(request_context, error, fx);
                error
            }
        };
        let endpoint = self.node_endpoints().into_iter().next().unwrap_or_default();
        let current_leader = CurrentLeader {
            leader_id: self.leader.unwrap_or(-1),
            leader_epoch: self.epoch,
            host: endpoint.host,
            port: endpoint.port,
        };
        let response = UpdateRaftVoterResponse { error_code, current_leader, ..UpdateRaftVoterResponse::default() };
        fx.answer(request_context, Response::UpdateRaftVoter(response));
    }

    /// The voters with this one as it is now; none where the log does not name them.
    fn check_update(
        &self,
        disk: &ControllerDisk,
        request: &UpdateRaftVoterRequest,
    ) -> Result<Option<VoterSet>, ErrorCode> {
        self.check_cluster_id(request.cluster_id.as_deref())?;
        self.validate_leader_only(request.current_leader_epoch)?;
        let key = ReplicaKey { id: request.voter_id, directory_id: request.voter_directory_id };
        let range = &request.k_raft_version_feature;
        let (min, max) = (range.min_supported_version, range.max_supported_version);
        if key.id < 0
            || key.directory_id == Uuid::ZERO
            || !self.has_listener(&request.listeners)
            || min < 0
            || max < min
        {
            return Err(ErrorCode::InvalidRequest);
        }
        let is_reconfigurable = disk.log.quorum().is_reconfigurable();
        let voters =
            if is_reconfigurable { self.check_voters_settled(disk, "updating") } else { self.check_unchanging() };
        let voters = voters.map_err(|(error, _)| error)?;
        if !(min..=max).contains(&disk.log.quorum().kraft_version()) {
            return Err(ErrorCode::InvalidRequest);
        }
        if !is_reconfigurable {
            // Which directory a static voter has is news.
            return voters.get(key.id).map(|_| None).ok_or(ErrorCode::VoterNotFound);
        }
        voters.updated(&voter_node_of(request)).map(Some).ok_or(ErrorCode::VoterNotFound)
    }

    /// Whether a voter can be spoken to by the listener that this node speaks by.
    fn has_listener(&self, endpoints: &[LeaderEndpoint]) -> bool {
        endpoints.iter().any(|endpoint| endpoint.name == self.listener())
    }

    fn check_asked_cluster(&self, cluster_id: Option<&str>) -> Result<(), Refusal> {
        self.check_cluster_id(cluster_id).map_err(|error| {
            let (asked, own) = (cluster_id.unwrap_or_default(), &self.member.cluster_id);
            (error, Some(format!("The given id \"{asked}\" doesn't match the cluster id \"{own}\"")))
        })
    }

    /// The voters that this leader knows, where no change is under way and what it wrote first is committed.
    fn check_unchanging(&self) -> Result<&VoterSet, Refusal> {
        let timed_out = |message: &str| (ErrorCode::RequestTimedOut, Some(message.to_owned()));
        let is_changing = matches!(&self.state, EpochState::Leader(leader) if leader.voter_change.is_some());
        if is_changing {
            return Err(timed_out("Request timed out waiting for leader to handle previous voter change request"));
        }
        if self.high_watermark.is_none() {
            let message = "Request timed out waiting for leader to establish HWM and fence previous voter changes";
            return Err(timed_out(message));
        }
        Ok(&self.voters)
    }

    /// The voters, where they may change now: no other change is under way, what the leader wrote first is committed, and so is
    /// the record that names the voters.
    fn check_voters_settled<'d>(&self, disk: &'d ControllerDisk, what: &str) -> Result<&'d VoterSet, Refusal> {
        self.check_unchanging()?;
        let quorum = disk.log.quorum();
        if !quorum.is_reconfigurable() {
            let level = quorum.kraft_version();
            let message =
                format!("Cluster doesn't support {what} voter because the {KRAFT_VERSION} feature is {level}");
            return Err((ErrorCode::UnsupportedVersion, Some(message)));
        }
        match quorum.last_voters() {
            Some((offset, voters)) if Some(offset) < self.high_watermark => Ok(voters),
            last => {
                let high_watermark = self.high_watermark();
                let offset = last.map_or("Optional.empty".to_owned(), |(offset, _)| format!("Optional[{offset}]"));
                let message = format!(
                    "Request timed out waiting for voters to commit the latest voter change at {offset} with HWM {high_watermark}"
                );
                Err((ErrorCode::RequestTimedOut, Some(message)))
            }
        }
    }

    /// Only a leader changes voters. Another one says so by its error alone: `errorMessage` keeps its default, which is empty and not null.
    fn validate_leads(&self) -> Result<(), Refusal> {
        self.validate_leader_only(self.epoch).map_err(|error| (error, Some(String::new())))
    }

    /// Writes the new voters into the log, where they count at once. Gives the offset of the record.
    fn append_voters(&mut self, disk: &mut ControllerDisk, voters: &VoterSet, now: Millis, fx: &mut Effects) -> i64 {
        let node = self.member.node_id;
        let offset = disk.log.append(self.epoch, now, true, vec![voters.to_record()]);
        fx.change(Change::MetadataAppended { node, offset, types: vec!["KRAFT_VOTERS".to_owned()] });
        self.update_voters(disk, now, fx);
        self.note_high_watermark(disk, fx);
        self.complete_delayed_fetches(disk, fx);
        offset
    }

    /// Takes over the voters that the log names last, if they are others now.
    pub(super) fn update_voters(&mut self, disk: &ControllerDisk, now: Millis, fx: &mut Effects) {
        let voters = match disk.log.quorum().last_voters() {
            Some((_, voters)) if *voters == self.voters => return,
            Some((_, voters)) => voters.clone(),
            None if self.voters == *self.member.voters => return,
            None => (*self.member.voters).clone(),
        };
        let from = std::mem::replace(&mut self.voter_ids, voters.ids());
        self.voters = voters;
        let check_quorum_at = now.saturating_add(self.member.config.check_quorum_ms());
        if let EpochState::Leader(leader) = &mut self.state {
            leader.set_voters(&self.voters);
            // Who votes now has as long to fetch as if the leader were new.
            (leader.check_quorum_at, leader.begin_quorum_epoch_at) = (check_quorum_at, now);
        }
        // What a process finds when it starts is no change.
        if from != self.voter_ids && !from.is_empty() {
            let (node, to) = (self.member.node_id, self.voter_ids.clone());
            fx.change(Change::VotersChanged { node, from, to });
        }
    }

    /// The records that say who votes, where the log does not say it yet: the snapshot of the first start goes to nobody. A leader
    /// that listens elsewhere now says so, too.
    pub(super) fn voters_to_write(&self, disk: &ControllerDisk) -> Option<[Record; 2]> {
        let quorum = disk.log.quorum();
        let own = self.own_node();
        let (offset, voters) = quorum.last_voters().filter(|_| quorum.is_reconfigurable())?;
        if offset >= 0 && !voters.needs_update(&own) {
            return None;
        }
        let voters = voters.updated(&own)?;
        Some([version_record(quorum.kraft_version()), voters.to_record()])
    }

    /// The change of voters that is under way is committed: its request is answered. A leader that is no voter any more
    /// resigns.
    pub(super) fn complete_voter_change(&mut self, now: Millis, fx: &mut Effects) {
        let EpochState::Leader(leader) = &self.state else { return };
        let is_committed =
            |change: &&VoterChange| change.written_at.is_some_and(|offset| self.high_watermark > Some(offset));
        if leader.voter_change.as_ref().is_some_and(|change| is_committed(&change)) {
            self.end_voter_change((ErrorCode::None, None), fx);
            if !self.is_voter() {
                fx.replace_explanation(Explanation::RemovedLeaderResigns {
                    node: self.member.node_id,
                    epoch: self.epoch,
                });
                self.become_resigned(now, fx);
            }
        }
    }

    /// A change of voters has taken too long. A record that is written stays written.
    pub(super) fn expire_voter_change(&mut self, now: Millis, fx: &mut Effects) {
        let EpochState::Leader(leader) = &self.state else { return };
        if leader.voter_change.as_ref().is_some_and(|change| change.expires_at <= now) {
            fx.explain(Explanation::VoterChangeTimedOut { node: self.member.node_id });
            self.end_voter_change((ErrorCode::RequestTimedOut, Some(TIMED_OUT.to_owned())), fx);
        }
    }

    /// Who leads no more cannot say what becomes of a change.
    pub(super) fn abandon_voter_change(&mut self, fx: &mut Effects) {
        self.end_voter_change((ErrorCode::NotLeaderOrFollower, Some(NOT_LEADER.to_owned())), fx);
    }

    fn end_voter_change(&mut self, (error_code, error_message): Refusal, fx: &mut Effects) {
        let EpochState::Leader(leader) = &mut self.state else { return };
        let Some(change) = leader.voter_change.take() else { return };
        let (node, voter) = (self.member.node_id, change.voter.key.id);
        if error_code.is_none() {
            fx.explain(Explanation::VoterChangeCommitted { node, voter });
        }
        if change.is_answered {
            return;
        }
        if !error_code.is_none() {
            self.refuse(&change.request_context, error_code, fx);
        }
        answer_change(&change.request_context, change.is_added, error_code, error_message, fx);
    }

    fn refuse_change(&self, request_context: &RequestContext, (error, message): Refusal, fx: &mut Effects) {
        self.refuse(request_context, error, fx);
        let is_added = request_context.api == crate::wire::ApiKey::AddRaftVoter;
        answer_change(request_context, is_added, error, message, fx);
    }
}

/// What a voter tells of itself.
fn voter_node_of(request: &UpdateRaftVoterRequest) -> VoterNode {
    let range = &request.k_raft_version_feature;
    VoterNode {
        key: ReplicaKey { id: request.voter_id, directory_id: request.voter_directory_id },
        endpoints: request.listeners.clone(),
        supported_versions: (range.min_supported_version, range.max_supported_version),
    }
}

/// In Kafka's words, the gap for the voter's key included.
fn aborted_for(error: ErrorCode) -> String {
    format!("Aborted add voter operation for since API_VERSIONS returned an error {error}")
}

fn answer_change(
    to: &RequestContext,
    is_added: bool,
    error_code: ErrorCode,
    error_message: Option<String>,
    fx: &mut Effects,
) {
    let response = if is_added {
        Response::AddRaftVoter(AddRaftVoterResponse { error_code, error_message, ..AddRaftVoterResponse::default() })
    } else {
        let response = RemoveRaftVoterResponse { error_code, error_message, ..RemoveRaftVoterResponse::default() };
        Response::RemoveRaftVoter(response)
    };
    fx.answer(to, response);
}

/// As Kafka prints them.
fn endpoints_text(endpoints: &[LeaderEndpoint]) -> String {
    let each = |endpoint: &LeaderEndpoint| {
        format!("ListenerName({})={}/<unresolved>:{}", endpoint.name, endpoint.host, endpoint.port)
    };
    format!("Endpoints(endpoints={{{}}})", endpoints.iter().map(each).collect::<Vec<_>>().join(", "))
}
