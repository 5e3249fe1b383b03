//! How a voter answers that is only played ([`PuppetVoter`]).

use std::collections::BTreeMap;

use crate::actor::Listener;
use crate::config::PuppetVoter;
use crate::effects::{Effects, ReceivedRequest};
use crate::wire::api::LeaderIdAndEpoch;
use crate::wire::api_versions;
use crate::wire::feature_levels::FinalizedFeatures;
use crate::wire::quorum::{
    BeginQuorumEpochResponse, EndQuorumEpochResponse, METADATA_TOPIC, QuorumEpochPartitionResponse,
    QuorumEpochTopicResponse, VotePartitionResponse, VoteRequest, VoteResponse, VoteTopicResponse,
};
use crate::wire::replication::{FetchRequest, FetchResponse, FetchableTopicResponse, PartitionData};
use crate::wire::{ErrorCode, Request, Response, Uuid};

/// Answers a request, or leaves it open.
pub fn handle_request(node: i32, puppet: &PuppetVoter, received: &ReceivedRequest, fx: &mut Effects) {
    let context = &received.request_context;
    let response = match &*received.request {
        Request::Vote(request) => vote(puppet, request, context.version).map(Response::Vote),
        Request::BeginQuorumEpoch(request) if puppet.accepts_leaders => {
            let partition = request.topics.iter().flat_map(|topic| &topic.partitions).next();
            let topics =
                partition.map(|partition| accepted(partition.leader_id, partition.leader_epoch)).unwrap_or_default();
            Some(Response::BeginQuorumEpoch(BeginQuorumEpochResponse { topics, ..Default::default() }))
        }
        Request::EndQuorumEpoch(request) if puppet.accepts_leaders => {
            let partition = request.topics.iter().flat_map(|topic| &topic.partitions).next();
            let topics =
                partition.map(|partition| accepted(partition.leader_id, partition.leader_epoch)).unwrap_or_default();
            Some(Response::EndQuorumEpoch(EndQuorumEpochResponse { topics, ..Default::default() }))
        }
        Request::Fetch(request) => fetched(node, puppet, request).map(Response::Fetch),
        // Without it nobody sends it anything else.
        Request::ApiVersions(request) => {
            let features = FinalizedFeatures { levels: &BTreeMap::new(), kraft_version: 0, epoch: -1 };
            let answer = api_versions::answer(request, context.version, Listener::Controller, features);
            Some(Response::ApiVersions(answer))
        }
        _ => None,
    };
    if let Some(response) = response {
        fx.answer(context, response);
    }
}

/// A vote, granted or denied in the candidate's own epoch.
fn vote(puppet: &PuppetVoter, request: &VoteRequest, version: i16) -> Option<VoteResponse> {
    if puppet.vote_version_max.is_some_and(|max| version > max) {
        return Some(VoteResponse { error_code: ErrorCode::UnsupportedVersion, ..Default::default() });
    }
    let asked = request.topics.first()?.partitions.first()?;
    let vote_granted = if asked.pre_vote { puppet.pre_votes? } else { puppet.votes? };
    let partition = VotePartitionResponse {
        leader_id: -1,
        leader_epoch: asked.replica_epoch,
        vote_granted,
        ..VotePartitionResponse::default()
    };
    let topic = VoteTopicResponse { topic_name: METADATA_TOPIC.to_owned(), partitions: vec![partition] };
    Some(VoteResponse { topics: vec![topic], ..VoteResponse::default() })
}

/// Nothing new, of the leader of any epoch that it leads.
fn fetched(node: i32, puppet: &PuppetVoter, request: &FetchRequest) -> Option<FetchResponse> {
    let asked = request.topics.first()?.partitions.first()?;
    let leader_epoch = asked.current_leader_epoch;
    puppet.leads_from.filter(|from| *from <= leader_epoch)?;
    let data = PartitionData {
        high_watermark: 0,
        log_start_offset: 0,
        current_leader: LeaderIdAndEpoch { leader_id: node, leader_epoch },
        ..PartitionData::default()
    };
    let topic = FetchableTopicResponse { topic_id: Uuid::METADATA, partitions: vec![data], ..Default::default() };
    Some(FetchResponse { responses: vec![topic], ..FetchResponse::default() })
}

/// The leader is who it says.
fn accepted(leader_id: i32, leader_epoch: i32) -> Vec<QuorumEpochTopicResponse> {
    let partition = QuorumEpochPartitionResponse { leader_id, leader_epoch, ..Default::default() };
    vec![QuorumEpochTopicResponse { topic_name: METADATA_TOPIC.to_owned(), partitions: vec![partition] }]
}
