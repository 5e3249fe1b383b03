//! What the metadata log may say of a partition's in-sync replicas and its leader.

use std::collections::BTreeSet;

use super::InvariantViolation;
use crate::change::Change;
use crate::cluster::Cluster;
use crate::metadata::image::PartitionImage;
use crate::sort::CollectOrdered;
use crate::wire::TopicPartition;

pub(super) fn check(cluster: &Cluster, change: &Change) -> Option<InvariantViolation> {
    let (Change::IsrChanged { partition, .. }
    | Change::ElrChanged { partition, .. }
    | Change::ReplicasChanged { partition, .. }
    | Change::LeaderChanged { partition, .. }) = change
    else {
        return None;
    };
    let image = cluster.image()?;
    let topic = image.topics.get(image.topic_ids.get(&partition.topic)?)?;
    check_partition(partition, topic.partitions.get(&partition.partition)?)
}

pub(super) fn check_partition(partition: &TopicPartition, image: &PartitionImage) -> Option<InvariantViolation> {
    let (isr, replicas) = (&image.isr, &image.replicas);
    let is_set = |ids: &[i32]| ids.iter().collect_ordered::<BTreeSet<&i32>>().len() == ids.len();
    let is_within = isr.iter().all(|id| replicas.contains(id));
    // The ELR may name a broker that a reassignment has removed: `PartitionChangeBuilder.maybePopulateTargetElr` takes over
    // the ISR as it was, without a look at the replicas. An election goes by the replicas and never chooses it.
    let is_apart = image.elr.iter().all(|id| !isr.contains(id));
    if !is_set(replicas) || !is_set(isr) || !is_within || !is_set(&image.elr) || !is_apart {
        return Some(InvariantViolation::IsrWithinReplicas {
            partition: partition.clone(),
            isr: isr.clone(),
            replicas: replicas.clone(),
        });
    }
    (image.leader >= 0 && !isr.contains(&image.leader)).then(|| InvariantViolation::LeaderIsInSync {
        partition: partition.clone(),
        leader: image.leader,
        isr: isr.clone(),
    })
}
