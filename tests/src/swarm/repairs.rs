//! What a cluster without faults does not repair by itself and leaves to its operator.

use std::collections::{BTreeMap, BTreeSet};

use kafkascope_core::broker::fetcher::FetchMode;
use kafkascope_core::client::Consumer;
use kafkascope_core::cluster::Cluster;
use kafkascope_core::command::Command;
use kafkascope_core::metadata::image::PartitionImage;
use kafkascope_core::wire::TopicPartition;

/// Why an operator is needed, each a fact of Kafka 4.3.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Repair {
    /// No leader and nobody whom an election may choose. A change of `min.insync.replicas` writes a `ClearElrRecord`, which
    /// empties ELR and last known leader also where the ISR is empty; and an ELR that names only brokers which a
    /// reassignment has removed keeps the last known leader from being elected (`canElectLastKnownLeader`). Only an
    /// unclean election helps.
    UncleanElection,
    /// A reassignment that removes what an earlier one, not ended, was adding: where the new one adds nobody,
    /// `changePartitionReassignment` leaves the earlier `addingReplicas` in place, and a replica that is in both lists can
    /// never be in the ISR that `maybeCompleteReassignment` waits for. It must be cancelled.
    CancelledReassignment,
    /// A follower gave a partition up (`FailedPartitionsCount`): its log refuses what the leader has, and would after every
    /// restart. So it goes where DeleteRecords moved the leader's log start up, which cuts the old epochs from the leader
    /// epoch checkpoint, and a crash took the log start back to its own checkpoint: the leader then has records whose epochs
    /// it forgot, and does not see that a follower of such an epoch diverges. The replica is removed and added again.
    ReplacedReplica,
    /// A broker lives with another epoch than its registration has: a registration that its last process had sent was
    /// delayed, or one was doubled, and the controller took it after the present one. The broker is STALE_BROKER_EPOCH in each
    /// heartbeat, and tries again for ever (`BrokerLifecycleManager`). It is started anew.
    RestartedBroker,
    /// An application was thrown what another poll does not mend: a commit is GROUP_ID_NOT_FOUND where the group was lost with
    /// its log, an instance id belongs to another. It is started anew.
    RestartedConsumer,
}

impl Repair {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::UncleanElection,
        Self::CancelledReassignment,
        Self::ReplacedReplica,
        Self::RestartedBroker,
        Self::RestartedConsumer,
    ];

    /// As a table names it.
    pub fn name(self) -> &'static str {
        match self {
            Self::UncleanElection => "unclean election",
            Self::CancelledReassignment => "cancelled reassignment",
            Self::ReplacedReplica => "replaced replica",
            Self::RestartedBroker => "restarted broker",
            Self::RestartedConsumer => "restarted consumer",
        }
    }
}

/// Who repairs a cluster, and what is half done.
#[derive(Clone, Debug, Default)]
pub struct Operator {
    /// Partitions of which a replica was removed, with the replicas that they are to have again.
    replaced: BTreeMap<TopicPartition, Vec<i32>>,
    /// Brokers whose epoch was stale at the last look: an answer on its way may mend that still.
    stale: BTreeSet<i32>,
}

impl Operator {
    /// Whether nothing is half done.
    pub fn is_done(&self) -> bool {
        self.replaced.is_empty()
    }

    /// What is to be done now.
    pub fn repairs(&mut self, cluster: &Cluster) -> Vec<(Repair, Command)> {
        let Some(image) = cluster.image() else { return Vec::new() };
        let mut repairs = Vec::new();
        self.replaced.retain(|name, _| image.topic_ids.contains_key(&name.topic));
        let stale = stale_brokers(cluster);
        let again = stale.intersection(&self.stale).copied();
        repairs.extend(again.map(|node| (Repair::RestartedBroker, Command::Crash { node, machine: false })));
        self.stale = stale;
        let refused = refused_consumers(cluster);
        repairs.extend(refused.map(|consumer| (Repair::RestartedConsumer, Command::CrashConsumer { consumer })));
        for topic in image.topics.values() {
            for (index, known) in &topic.partitions {
                let partition = TopicPartition { topic: topic.name.clone(), partition: *index };
                repairs.extend(self.repair(cluster, partition, known));
            }
        }
        repairs
    }

    fn repair(
        &mut self,
        cluster: &Cluster,
        partition: TopicPartition,
        known: &PartitionImage,
    ) -> Option<(Repair, Command)> {
        let has_candidate = known.elr.iter().any(|replica| known.replicas.contains(replica))
            || (known.elr.is_empty() && known.last_known_elr.len() == 1);
        if known.leader < 0 && known.isr.is_empty() && !has_candidate {
            return Some((Repair::UncleanElection, Command::Elect { partition, unclean: true }));
        }
        if known.adding_replicas.iter().any(|replica| known.removing_replicas.contains(replica)) {
            return Some((Repair::CancelledReassignment, Command::Reassign { partition, replicas: None }));
        }
        if !known.adding_replicas.is_empty() || !known.removing_replicas.is_empty() {
            return None;
        }
        if let Some(replicas) = self.replaced.remove(&partition) {
            return Some((Repair::ReplacedReplica, Command::Reassign { partition, replicas: Some(replicas) }));
        }
        let failed = known.replicas.iter().find(|replica| has_failed(cluster, **replica, &partition, known))?;
        self.replaced.insert(partition.clone(), known.replicas.clone());
        let others = known.replicas.iter().copied().filter(|replica| replica != failed).collect();
        Some((Repair::ReplacedReplica, Command::Reassign { partition, replicas: Some(others) }))
    }
}

/// Consumers that were refused for good: what was thrown is over with the next poll, a member that is `FATAL` stays so.
pub(crate) fn refused_consumers(cluster: &Cluster) -> impl Iterator<Item = u32> {
    cluster.consumers().filter(|consumer| consumer.is_refused()).map(Consumer::number)
}

/// Running brokers whose own epoch is not that of their registration.
fn stale_brokers(cluster: &Cluster) -> BTreeSet<i32> {
    let registered =
        |id: i32| cluster.image().and_then(|image| image.brokers.get(&id)).map(|broker| broker.broker_epoch);
    let brokers =
        cluster.nodes().filter_map(|node| Some((node.config.id, node.broker.as_ref()?.lifecycle.broker_epoch)));
    brokers
        .filter(|(id, epoch)| *epoch >= 0 && registered(*id).is_some_and(|known| known != *epoch))
        .map(|(id, _)| id)
        .collect()
}

/// Whether a follower has given a partition up in its leader's present epoch.
fn has_failed(cluster: &Cluster, follower: i32, partition: &TopicPartition, known: &PartitionImage) -> bool {
    let broker = cluster.node(follower).and_then(|node| node.broker.as_ref());
    let fetcher = broker.and_then(|broker| broker.fetchers.get(&known.leader));
    let mut names = fetcher.into_iter().flat_map(|fetcher| &fetcher.partitions);
    names.any(|(id, state)| {
        let is_it = broker.and_then(|broker| broker.partitions.get(id)).is_some_and(|own| own.name == *partition);
        is_it && state.mode == FetchMode::Failed && state.leader_epoch == known.leader_epoch
    })
}
