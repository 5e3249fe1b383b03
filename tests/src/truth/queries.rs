//! Ways to look at a cluster that the claims of sentences call for.

use kafkascope_core::actor::{Actor, Endpoint, Listener};
use kafkascope_core::broker::Broker;
use kafkascope_core::broker::partition::Partition;
use kafkascope_core::broker::purgatory::Operation;
use kafkascope_core::cluster::Cluster;
use kafkascope_core::cluster::event::Event;
use kafkascope_core::cluster::node::{Node, ProcessState};
use kafkascope_core::controller::Controller;
use kafkascope_core::explain::TruncatedBy;
use kafkascope_core::step::{ExecutedEvent, Step};

use super::replica;

/// Whether the listener that a refused message was for takes connections. One to an earlier process is refused, too: that
/// process does not listen any more, even if another was started.
pub(super) fn listens(before: &Cluster, node: &Node, step: &Step) -> bool {
    let Some(ExecutedEvent::Delivery { to, .. }) = &step.event else { return false };
    let listener = if matches!(to, Endpoint::Broker(_)) { Listener::Broker } else { Listener::Controller };
    is_meant(before, node, step) && node.listens(listener)
}

/// Whether a node's process lives and is the one that the delivered message was for.
pub(super) fn is_meant(before: &Cluster, node: &Node, step: &Step) -> bool {
    let Some(ExecutedEvent::Delivery { event, .. }) = &step.event else { return false };
    let meant = before.events().find(|(_, id, _)| id == event).map(|(_, _, event)| event);
    let is_same = matches!(meant, Some(Event::Deliver(envelope)) if envelope.to_incarnation == node.incarnation);
    node.process != ProcessState::Down && is_same
}

/// Who waits at a broker with a fetch.
pub(super) fn fetches(broker: &Broker) -> impl Iterator<Item = Actor> {
    broker.purgatory.iter().filter_map(|waiting| match &waiting.operation {
        Operation::Fetch { request_context, .. } => Some(request_context.from.actor()),
        Operation::Produce { .. } | Operation::DeleteRecords { .. } => None,
    })
}

/// A partition of which a waiting fetch of a consumer has not read all that is committed, though it asks for a single byte.
pub(super) fn unread(node: &Node, consumer: Actor) -> Option<String> {
    let broker = node.broker.as_ref()?;
    broker.purgatory.iter().find_map(|waiting| match &waiting.operation {
        Operation::Fetch { request_context, request, context, .. }
            if request_context.from.actor() == consumer && request.min_bytes <= 1 =>
        {
            context.targets.iter().find_map(|target| {
                let is_it = |partition: &&Partition| {
                    target.topic.as_ref() == Some(&partition.name.topic)
                        && target.asked.partition == partition.name.partition
                };
                let partition = broker.partitions.values().find(is_it).filter(|partition| partition.is_leader())?;
                let (committed, asked) = (partition.high_watermark, target.asked.fetch_offset);
                let what = format!("{} is committed up to {committed}, and it asks from {asked}", partition.name);
                (asked < committed).then_some(what)
            })
        }
        _ => None,
    })
}

/// The leader's replica, if it leads in the epoch that the follower knows.
pub(super) fn leads_now<'c>(cluster: &'c Cluster, leader: i32, follower: &Partition) -> Option<&'c Partition> {
    let (replica, _) = replica(cluster, leader, &follower.name)?;
    let is_same = replica.registration.leader_epoch == follower.registration.leader_epoch;
    (replica.is_leader() && is_same).then_some(replica)
}

/// A cut record whose leader epoch the leader does have at that offset, although the sentence says that it has not.
pub(super) fn kept_by_leader(
    before: &Cluster,
    after: &Cluster,
    (node, leader): (i32, i32),
    follower: &Partition,
    (to, by): (i64, TruncatedBy),
) -> Option<String> {
    let (_, old) = replica(before, node, &follower.name)?;
    leads_now(after, leader, follower)?;
    let (_, leaders) = replica(after, leader, &follower.name)?;
    match by {
        TruncatedBy::LeaderEpoch => (to.max(leaders.log_start_offset())..old.log_end_offset()).find_map(|offset| {
            let ours = old.epochs().epoch_for_offset(offset)?;
            let theirs = leaders.epochs().epoch_for_offset(offset)?;
            (offset < leaders.log_end_offset() && ours == theirs)
                .then(|| format!("the leader has epoch {ours} at offset {offset}, too"))
        }),
        TruncatedBy::HighWatermark => {
            let known = replica(before, node, &follower.name)?.0.high_watermark;
            (known != to).then(|| format!("its high watermark was {known}"))
        }
        TruncatedBy::LeaderLogEnd | TruncatedBy::LeaderLogStart => None,
    }
}

pub(super) fn controller(cluster: &Cluster, node: i32) -> Option<&Controller> {
    cluster.node(node)?.controller.as_ref()
}
