//! Numbers that only rise: what a process has applied of the metadata log, and the epochs that it learnt from it.

use std::collections::BTreeMap;

use super::InvariantViolation;
use crate::actor::Actor;
use crate::change::Change;
use crate::cluster::Cluster;
use crate::wire::TopicPartition;
use crate::wire::ids::TopicIdPartition;

/// The node id under which the active controller's own image is remembered.
const CONTROLLER: i32 = -1;

/// The greatest numbers seen.
#[derive(Clone, Debug, Default)]
pub(super) struct Epochs {
    /// The active controller, and the quorum's epoch in which it is.
    active: Option<(i32, i32)>,
    /// How far each process has applied the metadata log. A process that starts again replays it.
    offsets: BTreeMap<i32, i64>,
    brokers: BTreeMap<i32, i64>,
    /// Leader epoch and partition epoch, by process and partition.
    partitions: BTreeMap<(i32, TopicIdPartition), (i32, i32)>,
}

impl Epochs {
    /// Looks at a change that an actor made.
    pub(super) fn check(
        &mut self,
        cluster: &Cluster,
        actor: Option<Actor>,
        change: &Change,
    ) -> Option<InvariantViolation> {
        match change {
            Change::Crashed { node, .. } | Change::ShutDown { node } | Change::Started { node } => {
                self.offsets.remove(node);
                self.partitions.retain(|(process, _), _| process != node);
                None
            }
            Change::MetadataApplied { node, from, to } => self.applied(*node, *from, *to),
            // Who has not heard yet that another leads a newer epoch registers brokers in vain.
            Change::BrokerRegistered { .. } if actor != cluster.active_controller().map(Actor::Node) => None,
            Change::BrokerRegistered { broker, broker_epoch } => {
                self.follow_controller(cluster);
                // A process that asks again because its answer got lost keeps its epoch.
                let before = self.brokers.insert(*broker, *broker_epoch)?;
                (*broker_epoch < before).then_some(InvariantViolation::BrokerEpochAdvances {
                    broker: *broker,
                    from: before,
                    to: *broker_epoch,
                })
            }
            Change::BecameLeader { node, partition, .. } | Change::BecameFollower { node, partition, .. } => {
                let (replica, _) = super::replica(cluster, *node, partition)?;
                let epochs = (replica.registration.leader_epoch, replica.registration.partition_epoch);
                self.learnt(*node, replica.id, partition, epochs)
            }
            Change::IsrChanged { partition, .. }
            | Change::LeaderChanged { partition, .. }
            | Change::ReplicasChanged { partition, .. } => {
                self.follow_controller(cluster);
                let image = cluster.image()?;
                let id = TopicIdPartition {
                    topic_id: *image.topic_ids.get(&partition.topic)?,
                    partition: partition.partition,
                };
                let found = image.topics.get(&id.topic_id)?.partitions.get(&id.partition)?;
                self.learnt(CONTROLLER, id, partition, (found.leader_epoch, found.partition_epoch))
            }
            _ => None,
        }
    }

    /// What a controller wrote and could not commit vanishes with it: the next one does not go on from there.
    fn follow_controller(&mut self, cluster: &Cluster) {
        let active = cluster.active_controller().and_then(|id| {
            let controller = cluster.node(id)?.controller.as_ref()?;
            Some((id, controller.epoch()))
        });
        if active.is_some() && self.active != active {
            self.active = active;
            self.brokers.clear();
            self.partitions.retain(|(process, _), _| *process != CONTROLLER);
        }
    }

    fn applied(&mut self, node: i32, from: i64, to: i64) -> Option<InvariantViolation> {
        let before = self.offsets.insert(node, to).unwrap_or(from).max(from);
        (to < before).then_some(InvariantViolation::MetadataOffsetAdvances { node, from: before, to })
    }

    pub(super) fn learnt(
        &mut self,
        node: i32,
        id: TopicIdPartition,
        partition: &TopicPartition,
        epochs: (i32, i32),
    ) -> Option<InvariantViolation> {
        let before = self.partitions.insert((node, id), epochs)?;
        (epochs.0 < before.0 || epochs.1 < before.1).then(|| InvariantViolation::PartitionEpochsAdvance {
            node,
            partition: partition.clone(),
            leader_epoch_from: before.0,
            leader_epoch: epochs.0,
            partition_epoch_from: before.1,
            partition_epoch: epochs.1,
        })
    }
}
