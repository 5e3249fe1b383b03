//! The quorum of the metadata log: votes, elections, what is committed, what a fetch brings.

use kafkascope_core::actor::Endpoint;
use kafkascope_core::effects::{ControllerTimer, Effects, RequestContext, Timer};
use kafkascope_core::metadata::MetadataRecord;
use kafkascope_core::raft::state::{fetching_voters_needed, high_watermark, majority};
use kafkascope_core::raft::voter_set::endpoint;
use kafkascope_core::raft::votes::{
    Ballot, LogEnd, Standing, binary_exponential_backoff_ms, decide, successor_backoff_ms,
};
use kafkascope_core::raft::{
    ControllerDisk, Quorum, QuorumConfig, QuorumMember, QuorumState, ReplicaKey, Role, VoterNode, VoterSet,
};
use kafkascope_core::settings::BrokerSettings;
use kafkascope_core::sim::Millis;
use kafkascope_core::sim::random::{Purpose, Random};
use kafkascope_core::wire::quorum::{
    BeginQuorumEpochPartition, BeginQuorumEpochRequest, BeginQuorumEpochTopic, METADATA_TOPIC,
};
use kafkascope_core::wire::replication::{
    EpochEndOffset, FetchPartition, FetchRequest, FetchTopic, PartitionData, ReplicaState,
};
use kafkascope_core::wire::{ApiKey, ErrorCode, Response, Uuid};
use serde_json::{Value, json};

use super::{Check, expect, field, flag, integer, quorum_transitions, small, text};

/// Every kind of `kraft`.
pub(super) fn kraft(kind: &str, case: &Value) -> Check {
    match kind {
        "vote_decision" | "pre_vote_decision" => vote_decision(case),
        "quorum_high_watermark" => quorum_high_watermark(case),
        "check_quorum" => check_quorum(case),
        "election_majority" => {
            let needed = majority(small::<u32>(case, "given.voters")? as usize);
            Ok(expect(integer(case, "expected.votes_needed_including_self")?, needed as u64))
        }
        "end_quorum_epoch_backoff" => end_quorum_epoch_backoff(case),
        "timeouts" => timeouts(case),
        "begin_quorum_epoch" => begin_quorum_epoch(case),
        "election_backoff_range" => election_backoff_range(case),
        "quorum_fetch" => quorum_fetch(case),
        "state_transition" => quorum_transitions::state_transition(case),
        other => Err(format!("kind is {other}")),
    }
}

fn role(case: &Value, path: &str) -> Result<Role, String> {
    Ok(match text(case, path)? {
        "Unattached" => Role::Unattached,
        "Prospective" => Role::Prospective,
        "Candidate" => Role::Candidate,
        "Follower" => Role::Follower,
        "Leader" => Role::Leader,
        "Resigned" => Role::Resigned,
        other => return Err(format!("{path} is {other}")),
    })
}

/// A node; none where the field is null.
fn node(case: &Value, path: &str) -> Result<Option<i32>, String> {
    if field(case, path)?.is_null() { Ok(None) } else { small(case, path).map(Some) }
}

fn vote_decision(case: &Value) -> Check {
    let has_fetched = field(case, "given.local.has_fetched_from_leader").is_ok_and(|fetched| fetched == true);
    let standing = Standing {
        role: role(case, "given.local.state")?,
        epoch: small(case, "given.local.epoch")?,
        voted: node(case, "given.local.voted")?,
        voted_directory: Uuid::ZERO,
        leader: node(case, "given.local.leader")?,
        has_fetched,
        log_end: LogEnd {
            epoch: small(case, "given.local.log_end_epoch")?,
            offset: integer(case, "given.local.log_end_offset")?,
        },
    };
    let ballot = Ballot {
        candidate: small(case, "given.request.candidate")?,
        candidate_directory: Uuid::ZERO,
        epoch: small(case, "given.request.epoch")?,
        log_end: LogEnd {
            epoch: small(case, "given.request.last_offset_epoch")?,
            offset: integer(case, "given.request.last_offset")?,
        },
        pre_vote: flag(case, "given.request.pre_vote")?,
    };
    let got = match decide(standing, ballot) {
        Err(error) => json!({"error": error.name(), "granted": false}),
        Ok(decided) => {
            let (epoch, role, voted) = if decided.raises_epoch {
                (ballot.epoch, Role::Unattached, None)
            } else {
                (standing.epoch, standing.role, standing.voted)
            };
            let voted = if decided.is_recorded { Some(ballot.candidate) } else { voted };
            json!({"error": "NONE", "granted": decided.granted, "epoch_after": epoch,
                "state_after": format!("{role:?}"), "voted_after": voted})
        }
    };
    Ok(expect(field(case, "expected")?.clone(), got))
}

fn quorum_high_watermark(case: &Value) -> Check {
    let voters = field(case, "given.voter_fetch_offsets")?.as_object().ok_or("voter_fetch_offsets is no object")?;
    let got = high_watermark(
        voters.values().map(Value::as_i64).collect(),
        integer(case, "given.epoch_start_offset")?,
        field(case, "given.old_high_watermark")?.as_i64(),
    );
    Ok(expect(field(case, "expected.new_high_watermark")?.clone(), json!(got)))
}

fn check_quorum(case: &Value) -> Check {
    let settings =
        [("controller.quorum.fetch.timeout.ms".to_owned(), integer(case, "given.fetch_timeout_ms")?.to_string())];
    let settings = BrokerSettings::with(&settings.into()).map_err(|error| format!("{error:?}"))?;
    let needed =
        fetching_voters_needed(small::<u32>(case, "given.voters")? as usize, flag(case, "given.leader_in_voter_set")?);
    let fetched = small::<u32>(case, "given.distinct_voters_that_fetched_within_window")? as usize;
    let got = json!([fetched < needed, QuorumConfig::of(&settings, true).check_quorum_ms()]);
    Ok(expect(json!([flag(case, "expected.leader_resigns")?, integer(case, "given.window_ms")?]), got))
}

fn end_quorum_epoch_backoff(case: &Value) -> Check {
    let got = successor_backoff_ms(
        small::<u32>(case, "given.position_in_preferred_candidates")? as usize,
        small::<u32>(case, "given.number_of_preferred_candidates")? as usize,
        small(case, "given.election_backoff_max_ms")?,
    );
    Ok(expect(integer(case, "expected.fetch_timeout_override_ms")?, got))
}

/// A node that starts with this `quorum-state`, beside two others.
fn start(state: QuorumState, settings: &[(String, String)], seed: u64) -> Result<(Quorum, ControllerDisk), String> {
    let disk = ControllerDisk { quorum_state: state, ..ControllerDisk::default() };
    start_on(disk, &[1, 2, 3], settings, seed)
}

/// Node 1, one of these voters, on its disk.
pub(super) fn start_on(
    mut disk: ControllerDisk,
    voters: &[i32],
    settings: &[(String, String)],
    seed: u64,
) -> Result<(Quorum, ControllerDisk), String> {
    let settings = BrokerSettings::with(&settings.iter().cloned().collect()).map_err(|error| format!("{error:?}"))?;
    let member = QuorumMember {
        node_id: 1,
        cluster_id: "cluster".to_owned(),
        directory_id: Uuid::ZERO,
        endpoints: VoterNode::of(ReplicaKey { id: 1, directory_id: Uuid::ZERO }).endpoints.into(),
        voters: VoterSet::of_addresses(voters.iter().map(|id| (*id, endpoint(*id)))).into(),
        bootstrap: voters.into(),
        config: QuorumConfig::of(&settings, true),
    };
    let mut fx = Effects::default();
    let random = Random::for_purpose(seed, Purpose::Elections(1));
    let quorum = Quorum::start(member, random, &mut disk, 0, &mut fx);
    Ok((quorum, disk))
}

/// The least and the greatest election timeout of many.
fn timeouts(case: &Value) -> Check {
    let timeout_ms: Millis = small(case, "given.election_timeout_ms")?;
    let setting = [("controller.quorum.election.timeout.ms".to_owned(), timeout_ms.to_string())];
    let mut drawn = Vec::new();
    for seed in 0..20_000 {
        let (mut quorum, _) = start(QuorumState::default(), &setting, seed)?;
        drawn.push(quorum.election_timeout_at(0));
    }
    let got = json!([drawn.iter().min(), drawn.iter().max().map(|max| max + 1)]);
    let expected = json!([
        integer(case, "expected.random_timeout_min_inclusive_ms")?,
        integer(case, "expected.random_timeout_max_exclusive_ms")?
    ]);
    Ok(expect(expected, got))
}

fn begin_quorum_epoch(case: &Value) -> Check {
    let epoch: i32 = small(case, "given.local_epoch")?;
    // A leader is one that its own file names; it starts as resigned, which knows the same leader.
    let leader_id = if role(case, "given.local_state")? == Role::Leader { 1 } else { -1 };
    let state = QuorumState { leader_epoch: epoch, leader_id, ..QuorumState::default() };
    let (mut quorum, mut disk) = start(state, &[], 1)?;
    let (leader, request_epoch): (i32, i32) =
        (small(case, "given.request_leader")?, small(case, "given.request_epoch")?);
    let partition = BeginQuorumEpochPartition {
        leader_id: leader,
        leader_epoch: request_epoch,
        ..BeginQuorumEpochPartition::default()
    };
    let request = BeginQuorumEpochRequest {
        topics: vec![BeginQuorumEpochTopic { topic_name: METADATA_TOPIC.to_owned(), partitions: vec![partition] }],
        ..BeginQuorumEpochRequest::default()
    };
    let mut fx = Effects::default();
    quorum.handle_begin_quorum_epoch(&mut disk, &context(ApiKey::BeginQuorumEpoch), &request, 0, &mut fx);
    let error = fx.sends.iter().find_map(|outgoing| match outgoing.response()? {
        Response::BeginQuorumEpoch(answer) => {
            answer.topics.first().and_then(|topic| topic.partitions.first()).map(|partition| partition.error_code)
        }
        _ => None,
    });
    let after = match (quorum.role(), quorum.leader()) {
        (Role::Follower, Some(leader)) if quorum.epoch() > epoch => {
            format!("Follower of {leader} in epoch {}", quorum.epoch())
        }
        (Role::Follower, Some(leader)) => format!("Follower of {leader}"),
        (other, _) => format!("{other:?}"),
    };
    let got = json!({"error": error.map(|error| error.name()), "state_after": after});
    Ok(expect(field(case, "expected")?.clone(), got))
}

pub(super) fn context(api: ApiKey) -> RequestContext {
    RequestContext {
        from: Endpoint::Controller(2),
        incarnation: 0,
        correlation_id: 0,
        api,
        version: api.version(),
        principal: None,
        connection: kafkascope_core::connection::Connection::default(),
        client_id: None,
        size_bytes: 0,
        thread_ms: 0,
    }
}

/// How long a candidate waits that has lost, drawn often: the shortest, the longest, and in which steps.
fn election_backoff_range(case: &Value) -> Check {
    let (retries, max_ms) = (small(case, "given.retries")?, small(case, "given.election_backoff_max_ms")?);
    let mut random = Random::for_purpose(1, Purpose::Elections(1));
    // Often enough that the shortest of all is among them.
    let draws = 1_000u32.max(8u32 << retries);
    let drawn: Vec<Millis> = (0..draws).map(|_| binary_exponential_backoff_ms(&mut random, retries, max_ms)).collect();
    let unit_ms: Millis = small(case, "expected.multiple_of_ms")?;
    let is_in_steps = drawn.iter().all(|drawn| drawn % unit_ms == 0);
    let got = json!({"min_ms": drawn.iter().min(), "max_ms": drawn.iter().max(), "multiple_of_ms": if is_in_steps { unit_ms } else { 1 }});
    Ok(expect(field(case, "expected")?.clone(), got))
}

/// What a fetch of the metadata log brings.
fn quorum_fetch(case: &Value) -> Check {
    let leader_epoch: i32 = small(case, "given.leader_epoch")?;
    let is_leader = field(case, "given.receiver_state").is_err();
    let end = integer(case, "given.log_end_offset")?;
    let (mut quorum, mut disk) = node_with_log(case, leader_epoch, is_leader, end)?;
    let wait_ms: i32 = if field(case, "given.max_wait_ms").is_ok() { small(case, "given.max_wait_ms")? } else { 0 };
    let partition = FetchPartition {
        current_leader_epoch: small(case, "given.current_leader_epoch")?,
        fetch_offset: integer(case, "given.fetch_offset")?,
        last_fetched_epoch: small(case, "given.last_fetched_epoch")?,
        ..FetchPartition::default()
    };
    let request = FetchRequest {
        replica_state: ReplicaState { replica_id: 2, replica_epoch: -1 },
        max_wait_ms: wait_ms,
        topics: vec![FetchTopic { topic_id: Uuid::METADATA, partitions: vec![partition], ..FetchTopic::default() }],
        ..FetchRequest::default()
    };
    let mut fx = Effects::default();
    quorum.handle_fetch(&disk, context(ApiKey::Fetch), request, 0, &mut fx);
    let Some(data) = fetched(&fx) else {
        let expires = (Timer::Controller(ControllerTimer::Purgatory(0)), Some(wait_ms.unsigned_abs().into()));
        let is_delayed = fx.timers.contains(&expires);
        let mut fx = Effects::default();
        quorum.append(&mut disk, &[MetadataRecord::NoOpRecord {}], 1);
        quorum.complete_delayed_fetches(&disk, &mut fx);
        let is_woken = fetched(&fx).is_some_and(|data| data.records.len() == 1);
        let what = "parked up to max_wait_ms (follower uses 500 ms), woken by new data or HW change";
        let got = if is_delayed && is_woken { what } else { "no answer" };
        return Ok(expect(field(case, "expected")?.clone(), json!({"result": got})));
    };
    let known = (data.current_leader.leader_id, data.current_leader.leader_epoch);
    let got = if data.diverging_epoch != EpochEndOffset::default() {
        json!({"diverging_epoch": data.diverging_epoch.epoch, "diverging_end_offset": data.diverging_epoch.end_offset})
    } else if data.error_code == ErrorCode::NotLeaderOrFollower && known == (2, leader_epoch) {
        json!({"error": data.error_code.name(), "response_carries": "leader id and epoch known to the receiver"})
    } else if data.error_code != ErrorCode::None {
        json!({"error": data.error_code.name()})
    } else {
        json!({"result": format!("records from {}", data.records.first().map_or(-1, |batch| batch.base_offset))})
    };
    Ok(expect(field(case, "expected")?.clone(), got))
}

/// A node whose log has these epochs and ends here, and which leads the last of them, or follows node 2.
fn node_with_log(case: &Value, epoch: i32, is_leader: bool, end: i64) -> Result<(Quorum, ControllerDisk), String> {
    let epochs = field(case, "given.epochs")?.as_array().ok_or("given.epochs is no list")?;
    let epochs: Vec<(i32, i64)> = serde_json::from_value(json!(epochs)).map_err(|error| error.to_string())?;
    let no_op = || vec![MetadataRecord::NoOpRecord {}.to_record()];
    let mut disk = ControllerDisk::default();
    for (index, (own, start)) in epochs.iter().enumerate() {
        let until = epochs.get(index + 1).map_or(end, |(_, next)| *next);
        // The leader begins its own epoch itself.
        let is_own = is_leader && *own == epoch;
        (*start..if is_own { *start } else { until }).for_each(|_| _ = disk.log.append(*own, 0, false, no_op()));
    }
    let (leader_id, leader_epoch) = if is_leader { (-1, epoch - 1) } else { (2, epoch) };
    disk.quorum_state = QuorumState { leader_id, leader_epoch, ..QuorumState::default() };
    let voters: &[i32] = if is_leader { &[1] } else { &[1, 2, 3] };
    let (mut quorum, mut disk) = start_on(disk, voters, &[], 1)?;
    while is_leader && disk.log.end_offset() < end {
        quorum.append(&mut disk, &[MetadataRecord::NoOpRecord {}], 0);
    }
    Ok((quorum, disk))
}

fn fetched(fx: &Effects) -> Option<&PartitionData> {
    fx.sends.iter().find_map(|outgoing| match outgoing.response()? {
        Response::Fetch(answer) => answer.responses.first().and_then(|topic| topic.partitions.first()),
        _ => None,
    })
}
