//! What leaders and followers compute: who is in sync, where the high watermark stands.

use std::rc::Rc;

use kafkascope_core::broker::alter_isr::{AfterRefusal, after_refusal, consent_counts};
use kafkascope_core::broker::high_watermark::follower_high_watermark;
use kafkascope_core::broker::isr::{FollowerState, is_caught_up};
use kafkascope_core::broker::partition::{IsrProposal, LeaderState, Partition, PartitionRole};
use kafkascope_core::flat_map::FlatMap;
use kafkascope_core::metadata::MetadataImage;
use kafkascope_core::metadata::image::{BrokerImage, PartitionImage};
use kafkascope_core::settings::TopicSettings;
use kafkascope_core::wire::ids::TopicIdPartition;
use kafkascope_core::wire::{ErrorCode, TopicPartition, Uuid};
use serde_json::{Value, json};

use super::{Check, all, controller, expect, fetches, field, flag, integer, nodes, small, text};

/// `replica.lag.time.max.ms` where a case does not say.
const LAG_MAX_MS: u64 = 30_000;

/// Every kind of `isr`.
pub(super) fn isr(kind: &str, case: &Value) -> Check {
    match kind {
        "is_caught_up" => caught_up(case),
        "last_caught_up_tracking" => tracking(case),
        "replica_state_reset_on_leader_epoch_change" => reset(case),
        "leader_isr_shrink_proposal" => shrink(case),
        "leader_isr_expand_proposal" => expand(case),
        "leader_high_watermark" => leader_high_watermark(case),
        "follower_high_watermark" => {
            let got = follower_high_watermark(
                integer(case, "given.leader_high_watermark_in_fetch_response")?,
                integer(case, "given.follower_log_start_offset")?,
                integer(case, "given.follower_log_end_offset_after_append")?,
            );
            Ok(expect(integer(case, "expected.new_follower_high_watermark")?, got))
        }
        "become_leader" => become_leader(case),
        "leader_on_alter_partition_response" => alter_partition_response(case),
        "controller_alter_partition_validation" => controller::alter_partition_validation(case),
        "controller_leader_election" => controller::leader_election(case),
        other => Err(format!("kind is {other}")),
    }
}

fn caught_up(case: &Value) -> Check {
    let got = is_caught_up(
        integer(case, "given.follower_log_end_offset")?,
        integer(case, "given.leader_log_end_offset")?,
        small(case, "given.follower_last_caught_up_ms")?,
        small(case, "given.now_ms")?,
        small(case, "given.replica_lag_time_max_ms")?,
    );
    Ok(expect(flag(case, "expected.caught_up")?, got))
}

fn tracking(case: &Value) -> Check {
    let mut follower = FollowerState {
        last_caught_up_ms: small(case, "given.initial.last_caught_up_ms")?,
        last_fetch_ms: small(case, "given.initial.last_fetch_ms")?,
        leader_end_at_last_fetch: integer(case, "given.initial.last_fetch_leader_leo")?,
        ..FollowerState::default()
    };
    let fetches = field(case, "given.fetches")?.as_array().ok_or("given.fetches is no list")?;
    let states = field(case, "expected.states")?.as_array().ok_or("expected.states is no list")?;
    let mut outcomes = Vec::new();
    for (fetch, state) in fetches.iter().zip(states) {
        let (offset, leader_end) = (integer(fetch, "fetch_offset")?, integer(fetch, "leader_leo_at_fetch")?);
        follower.note_fetch(offset, 0, leader_end, small(fetch, "time_ms")?);
        let expected = (integer(state, "last_caught_up_ms")?, integer(state, "follower_log_end_offset")?);
        outcomes.push(expect(json!(expected), json!((follower.last_caught_up_ms, follower.log_end_offset))));
    }
    Ok(all(outcomes))
}

fn reset(case: &Value) -> Check {
    let before =
        FollowerState { log_end_offset: 42, last_fetch_ms: 7, last_caught_up_ms: 7, ..FollowerState::default() };
    let mut follower = before;
    let is_new_leader = flag(case, "given.leader_is_newly_leader")?;
    follower.reset(is_new_leader, flag(case, "given.follower_in_isr")?, 50, small(case, "given.now_ms")?);
    let end = match field(case, "expected.follower_log_end_offset")? {
        Value::String(_) => before.log_end_offset,
        other => other.as_i64().ok_or("expected.follower_log_end_offset is no number")?,
    };
    let expected = (integer(case, "expected.last_caught_up_ms")?, end, integer(case, "expected.last_fetch_ms")?);
    Ok(expect(json!(expected), json!((follower.last_caught_up_ms, follower.log_end_offset, follower.last_fetch_ms))))
}

fn shrink(case: &Value) -> Check {
    let (mut partition, _) = leader(case, &nodes(case, "given.committed_isr")?)?;
    if flag(case, "given.alter_partition_in_flight")? {
        let isr = partition.registration.isr.clone();
        if let Some(leader) = partition.leader_mut() {
            leader.proposal = Some(IsrProposal { isr, expands: true, sent: true });
        }
    }
    let lag_max_ms = small(case, "given.replica_lag_time_max_ms")?;
    let end = integer(case, "given.leader_log_end_offset")?;
    let committed = partition.registration.isr.clone();
    let proposed = partition.isr_without_lagging(end, lag_max_ms, 0, small(case, "given.now_ms")?);
    let out_of_sync: Vec<i32> = match &proposed {
        Some(isr) => committed.into_iter().filter(|member| !isr.contains(member)).collect(),
        None => Vec::new(),
    };
    let mut actual = json!({"out_of_sync": out_of_sync, "proposed_isr": proposed});
    let expected = field(case, "expected")?;
    if let Some(fields) = actual.as_object_mut() {
        fields.retain(|name, _| expected.get(name).is_some());
    }
    Ok(expect(expected.clone(), actual))
}

fn expand(case: &Value) -> Check {
    let isr = if flag(case, "given.follower_in_isr")? { vec![1, 2] } else { vec![1] };
    let follower = FollowerState {
        log_end_offset: integer(case, "given.follower_log_end_offset")?,
        broker_epoch: Some(if flag(case, "given.broker_epoch_matches")? { 5 } else { 4 }),
        ..FollowerState::default()
    };
    let partition = partition_of(
        PartitionImage { isr: isr.clone(), ..image_of(&[1, 2]) },
        1,
        integer(case, "given.leader_high_watermark")?,
        LeaderState {
            epoch_start_offset: integer(case, "given.leader_epoch_start_offset")?,
            followers: FlatMap::from([(2, follower)]),
            proposal: flag(case, "given.alter_partition_in_flight")?.then_some(IsrProposal {
                isr,
                expands: false,
                sent: true,
            }),
        },
    );
    let mut image = MetadataImage::default();
    image.brokers.insert(
        2,
        BrokerImage {
            fenced: flag(case, "given.follower_fenced")?,
            in_controlled_shutdown: flag(case, "given.follower_in_controlled_shutdown")?,
            ..broker(5)
        },
    );
    Ok(expect(flag(case, "expected.propose_expand")?, partition.isr_with(2, &image).is_some()))
}

fn leader_high_watermark(case: &Value) -> Check {
    let (mut partition, image) = leader(case, &nodes(case, "given.committed_isr")?)?;
    let maximal = nodes(case, "given.maximal_isr")?;
    if maximal != partition.registration.isr
        && let Some(leader) = partition.leader_mut()
    {
        leader.proposal = Some(IsrProposal { isr: maximal, expands: true, sent: true });
    }
    let end = integer(case, "given.leader_log_end_offset")?;
    let next = partition.next_high_watermark(end, &image, LAG_MAX_MS, small(case, "given.now_ms")?);
    Ok(expect(integer(case, "expected.new_high_watermark")?, next.unwrap_or(partition.high_watermark)))
}

/// The leader that a case describes: its followers by id, and everybody's registration.
fn leader(case: &Value, isr: &[i32]) -> Result<(Partition, MetadataImage), String> {
    let leader: i32 = small(case, "given.leader")?;
    let mut followers = FlatMap::new();
    let mut image = MetadataImage::default();
    for (id, given) in field(case, "given.followers")?.as_object().ok_or("given.followers is no object")? {
        let id: i32 = id.parse().map_err(|_| format!("given.followers has {id}"))?;
        let follower = FollowerState {
            log_end_offset: integer(given, "leo")?,
            last_caught_up_ms: small(given, "last_caught_up_ms")?,
            broker_epoch: Some(5),
            ..FollowerState::default()
        };
        followers.insert(id, follower);
        let is_eligible = given.get("eligible") != Some(&json!(false));
        image.brokers.insert(id, BrokerImage { fenced: !is_eligible, ..broker(5) });
    }
    let replicas: Vec<i32> = [leader].into_iter().chain(followers.keys().copied()).collect();
    let min_isr =
        case["given"].get("min_insync_replicas").map_or(Ok(1), |_| small(case, "given.min_insync_replicas"))?;
    let high_watermark = case["given"].get("old_high_watermark").and_then(Value::as_i64).unwrap_or(0);
    let registration = PartitionImage { isr: isr.to_vec(), ..image_of(&replicas) };
    let state = LeaderState { epoch_start_offset: 0, followers, proposal: None };
    Ok((partition_of(registration, min_isr, high_watermark, state), image))
}

fn become_leader(case: &Value) -> Check {
    if let Ok(local) = small(case, "given.local_partition_epoch") {
        let registration = PartitionImage { partition_epoch: local, ..image_of(&[1]) };
        let state = LeaderState { epoch_start_offset: 0, followers: FlatMap::new(), proposal: None };
        let is_newer = partition_of(registration, 1, 0, state).is_newer(small(case, "given.request_partition_epoch")?);
        return Ok(expect(flag(case, "expected.applied")?, is_newer));
    }
    if case["given"].get("cached_epochs").is_some() {
        return epoch_start(case);
    }
    let isr = nodes(case, "given.isr")?;
    let state = LeaderState {
        epoch_start_offset: integer(case, "given.local_log_end_offset")?,
        followers: FlatMap::new(),
        proposal: None,
    };
    let replica_count = small(case, "given.replica_count").unwrap_or(i32::try_from(isr.len()).unwrap_or(i32::MAX));
    let replicas: Vec<i32> = (1..=replica_count).collect();
    let registration = PartitionImage { isr: isr.clone(), ..image_of(&replicas) };
    let min_isr = small(case, "given.min_insync_replicas")?;
    let partition = partition_of(registration, min_isr, integer(case, "given.local_high_watermark")?, state);
    let end = integer(case, "given.local_log_end_offset")?;
    let next = partition.next_high_watermark(end, &MetadataImage::default(), LAG_MAX_MS, 0);
    Ok(expect(integer(case, "expected.high_watermark_right_after")?, next.unwrap_or(partition.high_watermark)))
}

/// A new leader whose log has epochs already: it notes where its own begins, and neither log nor high watermark moves.
fn epoch_start(case: &Value) -> Check {
    let cached = field(case, "given.cached_epochs")?.as_array().ok_or("given.cached_epochs is no list")?;
    let pair = |pair: &Value| Some((i32::try_from(pair[0].as_i64()?).ok()?, pair[1].as_i64()?));
    let epochs: Vec<(i32, i64)> = cached.iter().filter_map(pair).collect();
    let end = integer(case, "given.local_log_end_offset")?;
    let mut log = fetches::log_of(0, end, &epochs, None)?;
    let leader_epoch = small(case, "given.new_leader_epoch")?;
    log.assign_epoch_start(leader_epoch, log.log_end_offset());
    let followers = FlatMap::from([(2, FollowerState::default())]);
    let state = LeaderState { epoch_start_offset: log.log_end_offset(), followers, proposal: None };
    let registration = PartitionImage { leader_epoch, ..image_of(&[1, 2]) };
    let partition = partition_of(registration, 1, integer(case, "given.local_high_watermark")?, state);
    let next = partition.next_high_watermark(log.log_end_offset(), &MetadataImage::default(), LAG_MAX_MS, 0);
    let actual = json!({
        "leader_epoch_start_offset": partition.leader().map(|leader| leader.epoch_start_offset),
        "cached_epochs": log.epochs().entries().iter().map(|entry| (entry.epoch, entry.start_offset)).collect::<Vec<_>>(),
        "high_watermark": next.unwrap_or(partition.high_watermark),
        "log_truncated": log.log_end_offset() < end,
    });
    Ok(expect(field(case, "expected")?.clone(), actual))
}

fn alter_partition_response(case: &Value) -> Check {
    let response = text(case, "given.response")?;
    let response = response.strip_prefix("any other error, e.g. ").unwrap_or(response);
    // `NONE with partition epoch lower than local` tells more than the code.
    let (code, more) = response.split_once(' ').unwrap_or((response, ""));
    let error = ErrorCode::from_name(code).ok_or_else(|| format!("given.response is {response}"))?;
    let known = (5, 5);
    let answered = match more {
        "" => (5, 6),
        _ if more.contains("partition epoch lower") => (5, 4),
        _ if more.contains("leader epoch") => (4, 6),
        _ => return Err(format!("given.response is {response}")),
    };
    let retries = error != ErrorCode::None && matches!(after_refusal(error), AfterRefusal::Retry);
    let state = match (error, after_refusal(error)) {
        (ErrorCode::None, _) if consent_counts(answered, known) => {
            "committed with the returned ISR and partition epoch"
        }
        (ErrorCode::None, _) => "ignored",
        (_, AfterRefusal::BackToCommitted) => "back to last committed ISR",
        (_, AfterRefusal::WaitForMetadata) => "stays pending until new metadata arrives",
        (_, AfterRefusal::Retry) => "stays pending",
    };
    let expected_retry = case["expected"].get("retry").cloned().unwrap_or(json!(retries));
    Ok(all([expect(text(case, "expected.state")?, state), expect(expected_retry, retries)]))
}

pub(super) fn partition_of(
    registration: PartitionImage,
    min_isr: u32,
    high_watermark: i64,
    state: LeaderState,
) -> Partition {
    Partition {
        id: TopicIdPartition { topic_id: Uuid(1), partition: 0 },
        name: TopicPartition::new("t", 0),
        registration: registration.into(),
        settings: Rc::new(TopicSettings { min_insync_replicas: min_isr, ..TopicSettings::default() }),
        high_watermark,
        role: PartitionRole::Leader(state),
    }
}

/// A partition led by the first of its replicas, all in sync.
pub(super) fn image_of(replicas: &[i32]) -> PartitionImage {
    PartitionImage {
        replicas: replicas.to_vec(),
        isr: replicas.to_vec(),
        removing_replicas: Vec::new(),
        adding_replicas: Vec::new(),
        elr: Vec::new(),
        last_known_elr: Vec::new(),
        leader: replicas.first().copied().unwrap_or(-1),
        leader_recovery_state: 0,
        leader_epoch: 0,
        partition_epoch: 0,
        directories: Vec::new(),
    }
}

/// A registered broker that may lead.
pub(super) fn broker(broker_epoch: i64) -> BrokerImage {
    BrokerImage {
        incarnation_id: Uuid(9),
        broker_epoch,
        rack: None,
        fenced: false,
        in_controlled_shutdown: false,
        cordoned_log_dirs: None,
        registration: Default::default(),
    }
}
