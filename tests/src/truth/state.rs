//! Whether what the page says of the state itself is true: why something has not happened, what waits for what, and that a
//! cluster is at rest.

use std::cell::OnceCell;

use kafkascope_core::actor::Actor;
use kafkascope_core::broker::partition::Partition;
use kafkascope_core::broker::purgatory::{Operation, Waiting};
use kafkascope_core::client::Consumer;
use kafkascope_core::cluster::Cluster;
use kafkascope_core::history::History;
use kafkascope_core::step::Size;
use kafkascope_core::view::NodeState;
use kafkascope_core::why::WhyNot;
use kafkascope_core::wire::{ApiKey, TopicPartition};

use super::{quorum, replica};

/// A reason that is not so; `None` where all are.
pub fn untrue(cluster: &Cluster) -> Option<String> {
    let (reasons, seen) = (cluster.why_not(), OnceCell::new());
    let wrong = reasons.iter().find_map(|why| reason(cluster, why, &seen).map(|what| format!("of {why:?}: {what}")));
    wrong.or_else(|| waiting(cluster))
}

fn reason(cluster: &Cluster, why: &WhyNot, seen: &OnceCell<quorum::Seen>) -> Option<String> {
    match why {
        WhyNot::TooFewVoters { .. }
        | WhyNot::LeaderNotActive { .. }
        | WhyNot::VotesMissing { .. }
        | WhyNot::ElectionLost { .. }
        | WhyNot::ElectionTimeoutRuns { .. }
        | WhyNot::FetchTimeoutRuns { .. }
        | WhyNot::VoteGivenToAnother { .. }
        | WhyNot::VoteRefusedForLog { .. }
        | WhyNot::VoterHasLeader { .. }
        | WhyNot::VoterVersionsAwaited { .. }
        | WhyNot::VotersNotCommitted { .. }
        | WhyNot::BrokerFenced { .. }
        | WhyNot::NobodyMayLead { .. } => quorum::untrue(seen.get_or_init(|| quorum::Seen::of(cluster)), why),
        WhyNot::HighWatermarkWaits { partition, high_watermark, isr, waiting_for, its_end, log_end } => {
            let Some((node, leader)) = leader(cluster, partition) else { return Some("nobody leads it".to_owned()) };
            let end = replica(cluster, node, partition)?.1.log_end_offset();
            let known = leader.leader()?.followers.get(waiting_for).map(|follower| follower.log_end_offset);
            let is_so = leader.high_watermark == *high_watermark
                && leader.registration.isr == *isr
                && end == *log_end
                && known == Some(*its_end);
            unless(is_so, || {
                format!(
                    "the leader is {node} with high watermark {}, ISR {:?}, end {end}; it knows {known:?}",
                    leader.high_watermark, leader.registration.isr
                )
            })
            .or_else(|| unless(its_end < log_end, || "who is waited for has everything".to_owned()))
        }
        WhyNot::BelowMinIsr { partition, isr, min_isr } => {
            let Some((_, leader)) = leader(cluster, partition) else { return Some("nobody leads it".to_owned()) };
            let is_below = i64::try_from(isr.len()).is_ok_and(|len| len < *min_isr);
            unless(is_below && leader.registration.isr == *isr, || format!("the ISR is {:?}", leader.registration.isr))
        }
        WhyNot::FollowerLearnsLater { node, partition, high_watermark, leader_high_watermark } => {
            let Some((_, leader)) = leader(cluster, partition) else { return Some("nobody leads it".to_owned()) };
            let own = replica(cluster, *node, partition)?.0.high_watermark;
            unless(
                own == *high_watermark
                    && own < leader.high_watermark
                    && leader.high_watermark == *leader_high_watermark,
                || format!("it has {own}, the leader {}", leader.high_watermark),
            )
        }
        WhyNot::ProduceWaits { partition, needs, high_watermark } => {
            let waits = cluster.view().nodes.iter().flat_map(|node| &node.purgatory).any(|waiting| {
                waiting.api == ApiKey::Produce && waiting.waits_for.contains(&(partition.clone(), *needs))
            });
            unless(waits && high_watermark < needs, || "no produce waits for that".to_owned())
        }
        WhyNot::ConsumerThrew { consumer, api, error } => {
            let thrown = cluster.consumer(*consumer).and_then(Consumer::thrown);
            unless(thrown == Some((*api, *error)), || format!("it was thrown {thrown:?}"))
        }
        WhyNot::ConsumerFatal { consumer, group } => {
            let is_out =
                |each: &Consumer| each.group() == group && each.assigned().next().is_none() && each.generation() < 0;
            let is_out = cluster.consumer(*consumer).is_some_and(is_out);
            unless(is_out, || "it is a member, as far as it knows".to_owned())
        }
        WhyNot::ConsumerWaits { partition, position, high_watermark, log_end } => {
            let Some((node, leader)) = leader(cluster, partition) else { return Some("nobody leads it".to_owned()) };
            let end = replica(cluster, node, partition)?.1.log_end_offset();
            unless(leader.high_watermark == *high_watermark && end == *log_end, || {
                format!("the leader has high watermark {} and ends at {end}", leader.high_watermark)
            })
            .or_else(|| {
                let mut assigned = cluster.consumers().flat_map(|consumer| consumer.assigned());
                let stands = assigned.any(|(name, at, _)| name == partition && at == Some(*position));
                unless(stands, || "no consumer stands there".to_owned())
            })
        }
    }
}

/// Who leads a partition: of those who think so, the one with the newest epoch.
fn leader<'c>(cluster: &'c Cluster, partition: &TopicPartition) -> Option<(i32, &'c Partition)> {
    let brokers = cluster.nodes().filter_map(|node| node.broker.as_ref());
    let replicas = brokers.flat_map(|broker| broker.partitions.values().map(move |replica| (broker, replica)));
    let leading = replicas.filter(|(_, replica)| replica.name == *partition && replica.is_leader());
    // A topic may have been deleted and created again: what newer metadata says, holds.
    let newest = leading.max_by_key(|(broker, replica)| (broker.metadata_offset, replica.registration.leader_epoch));
    newest.map(|(broker, replica)| (broker.id, replica))
}

/// What only clients ask for is never said to wait for a broker.
fn waiting(cluster: &Cluster) -> Option<String> {
    let is_produce = |waiting: &Waiting| matches!(waiting.operation, Operation::Produce { .. });
    let mut brokers = cluster.nodes().filter_map(|node| node.broker.as_ref());
    if !brokers.any(|broker| broker.purgatory.iter().any(is_produce)) {
        return None;
    }
    let view = cluster.view();
    let all = view.nodes.iter().flat_map(|node| node.purgatory.iter().map(move |waiting| (node.id, waiting)));
    all.filter(|(_, waiting)| {
        matches!(waiting.api, ApiKey::OffsetCommit | ApiKey::JoinGroup | ApiKey::SyncGroup | ApiKey::Produce)
    })
    .find(|(_, waiting)| matches!(waiting.from, Actor::Node(_)))
    .map(|(node, waiting)| format!("{} of {:?} is said to wait at broker {node}", waiting.api.name(), waiting.from))
}

/// What is not at rest although the page would say that all is: after a press that found nothing new, where nothing new is
/// ahead either.
pub fn restless(history: &mut History) -> Option<String> {
    let is_new = history.forward(Size::Message) && history.passed(Size::Message).is_none_or(|passed| !passed.is_wait);
    let cluster = history.cluster();
    let view = cluster.view();
    let is_ahead = || history.scout(Size::Message).go_on(u32::MAX).is_none_or(|ahead| ahead.change.is_some());
    if is_new || !view.unfinished().is_empty() || is_ahead() {
        return None;
    }
    let stopped = view.nodes.iter().find(|node| !matches!(node.state, NodeState::Running | NodeState::Puppet));
    let lagging = view.partitions.iter().find(|partition| {
        let ends: Vec<i64> = view
            .nodes
            .iter()
            .flat_map(|node| &node.replicas)
            .filter(|replica| replica.partition == partition.partition && partition.isr.contains(&partition.leader))
            .map(|replica| replica.log_end_offset)
            .collect();
        partition.leader < 0 || ends.windows(2).any(|pair| pair[0] != pair[1])
    });
    let open = cluster.probe_answers().find(|(_, answer)| answer.answered_at_ms.is_none() && !answer.closed);
    stopped
        .map(|node| format!("node {} is {:?}", node.id, node.state))
        .or_else(|| lagging.map(|partition| format!("the replicas of {} are not alike", partition.partition)))
        .or_else(|| open.map(|(probe, _)| format!("probe {probe} waits for an answer")))
        .or_else(|| (!view.cuts.is_empty() || !view.held.is_empty()).then(|| "a link is cut".to_owned()))
}

pub(super) fn unless(holds: bool, what: impl FnOnce() -> String) -> Option<String> {
    (!holds).then(what)
}
