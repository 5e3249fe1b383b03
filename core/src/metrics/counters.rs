//! What is counted from the steps of a run: an onlooker writes down what a broker's own meters would.

use std::collections::BTreeMap;

use crate::change::Change;
use crate::cluster::Cluster;
use crate::controller::partition_change::RECOVERING;
use crate::step::Step;
use crate::wire::TopicPartition;

/// What one process has counted since it was started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NodeCounters {
    /// Bytes that it appended as a leader.
    pub bytes_in: u64,
    /// Records that it appended as a leader.
    pub messages_in: u64,
    /// Bytes that it appended as a follower.
    pub replication_bytes_in: u64,
    /// How often an ISR of a partition that it leads became smaller.
    pub isr_shrinks: u64,
    /// How often one became larger.
    pub isr_expands: u64,
    /// Leaders elected from outside the ISR and the ELR: every controller counts them as it replays their records.
    pub unclean_elections: u64,
    /// Leaders elected from the ELR (KIP-966).
    pub eligible_elections: u64,
}

/// What the processes have counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    nodes: BTreeMap<i32, NodeCounters>,
}

impl Counters {
    /// What a process has counted.
    pub fn of(&self, node: i32) -> NodeCounters {
        self.nodes.get(&node).copied().unwrap_or_default()
    }

    /// Counts a step that led to this cluster.
    pub fn observe(&mut self, cluster: &Cluster, step: &Step) {
        for change in &step.changes {
            match change {
                Change::Appended { node, partition, base_offset, last_offset, as_leader, .. } => {
                    let bytes = appended_bytes(cluster, *node, partition, *base_offset, *last_offset);
                    let counters = self.nodes.entry(*node).or_default();
                    if *as_leader {
                        counters.bytes_in += bytes;
                        counters.messages_in += u64::try_from(last_offset - base_offset + 1).unwrap_or(0);
                    } else {
                        counters.replication_bytes_in += bytes;
                    }
                }
                Change::IsrChanged { partition, from, to, .. } => {
                    let leader =
                        cluster.image().and_then(|image| image.partition(&partition.topic, partition.partition));
                    let Some(leader) = leader.map(|partition| partition.leader).filter(|leader| *leader >= 0) else {
                        continue;
                    };
                    let counters = self.nodes.entry(leader).or_default();
                    if to.len() < from.len() {
                        counters.isr_shrinks += 1;
                    } else {
                        counters.isr_expands += 1;
                    }
                }
                Change::LeaderChanged { partition, to, .. } if *to >= 0 => {
                    let was_eligible = step.changes.iter().any(|change| {
                        matches!(change, Change::ElrChanged { partition: of, from, .. } if of == partition && from.contains(to))
                    });
                    let was_outside = step.changes.iter().any(|change| {
                        matches!(change, Change::IsrChanged { partition: of, from, .. } if of == partition && !from.contains(to))
                    });
                    let is_unclean = was_outside && !was_eligible && is_recovering(cluster, partition);
                    if was_eligible || is_unclean {
                        let controllers = cluster.nodes().filter(|node| node.controller.is_some());
                        for id in controllers.map(|node| node.config.id) {
                            let counters = self.nodes.entry(id).or_default();
                            counters.unclean_elections += u64::from(is_unclean);
                            counters.eligible_elections += u64::from(was_eligible);
                        }
                    }
                }
                // What a process counts dies with it.
                Change::Crashed { node, .. } | Change::ShutDown { node } => {
                    self.nodes.remove(node);
                }
                _ => {}
            }
        }
    }
}

/// Whether the record of an election says that it was unclean (`PartitionRegistration.electionWasUnclean`).
fn is_recovering(cluster: &Cluster, partition: &TopicPartition) -> bool {
    let registration = cluster.image().and_then(|image| image.partition(&partition.topic, partition.partition));
    registration.is_some_and(|registration| registration.leader_recovery_state == RECOVERING)
}

fn appended_bytes(cluster: &Cluster, node: i32, partition: &TopicPartition, from: i64, last: i64) -> u64 {
    let Some(node) = cluster.node(node) else { return 0 };
    let Some(broker) = node.broker.as_ref() else { return 0 };
    let Some((id, _)) = broker.partitions.iter().find(|(_, each)| each.name == *partition) else { return 0 };
    let stored = node.disk.broker.logs.get(id);
    stored.map_or(0, |stored| u64::from(stored.log.size_between(from, last + 1, u32::MAX)))
}
