//! Controllers and what their metadata log says.

use serde::Serialize;

use crate::change::QuorumRole;
use crate::cluster::node::Node;
use crate::metadata::MetadataImage;
use crate::wire::TopicPartition;

/// A controller's own state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ControllerView {
    /// Whether it is the active one.
    pub is_active: bool,
    /// Where it stands in the quorum; none while the process is down.
    pub role: Option<QuorumRole>,
    /// The quorum's epoch.
    pub epoch: i32,
    /// The leader that it knows, -1 for none.
    pub leader_id: i32,
    /// End of the metadata log.
    pub log_end_offset: i64,
    /// The quorum's high watermark.
    pub high_watermark: i64,
    /// Registered brokers and whether they are fenced.
    pub brokers: Vec<BrokerRegistrationView>,
}

/// A broker as the controller has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BrokerRegistrationView {
    /// `node.id`.
    pub id: i32,
    /// The registration's epoch.
    pub broker_epoch: i64,
    /// Whether it is fenced.
    pub fenced: bool,
    /// Whether it is shutting down.
    pub in_controlled_shutdown: bool,
}

/// A partition as the controller has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PartitionView {
    /// Which.
    pub partition: TopicPartition,
    /// Its leader, -1 for none.
    pub leader: i32,
    /// Its leader epoch.
    pub leader_epoch: i32,
    /// Its partition epoch.
    pub partition_epoch: i32,
    /// Its replicas, the preferred leader first.
    pub replicas: Vec<i32>,
    /// In-sync replicas.
    pub isr: Vec<i32>,
    /// Eligible leader replicas (KIP-966).
    pub elr: Vec<i32>,
    /// Last known eligible leader.
    pub last_known_elr: Vec<i32>,
    /// Replicas that a reassignment adds.
    pub adding_replicas: Vec<i32>,
    /// Replicas that a reassignment removes.
    pub removing_replicas: Vec<i32>,
}

pub(super) fn controller_view(node: &Node) -> Option<ControllerView> {
    if !node.config.roles.is_controller() {
        return None;
    }
    let disk = &node.disk.controller;
    let controller = node.controller.as_ref();
    let brokers = controller.into_iter().flat_map(|controller| &controller.image().brokers);
    Some(ControllerView {
        is_active: controller.is_some_and(|controller| controller.is_active()),
        role: controller.map(|controller| controller.role()),
        epoch: controller.map_or(-1, |controller| controller.epoch()),
        leader_id: controller.and_then(|controller| controller.quorum().leader()).unwrap_or(-1),
        log_end_offset: disk.log.end_offset(),
        high_watermark: controller.map_or(-1, |controller| controller.high_watermark()),
        brokers: brokers
            .map(|(id, broker)| BrokerRegistrationView {
                id: *id,
                broker_epoch: broker.broker_epoch,
                fenced: broker.fenced,
                in_controlled_shutdown: broker.in_controlled_shutdown,
            })
            .collect(),
    })
}

pub(super) fn partition_views(image: &MetadataImage) -> Vec<PartitionView> {
    image
        .partitions()
        .map(|(partition, _, registration)| PartitionView {
            partition,
            leader: registration.leader,
            leader_epoch: registration.leader_epoch,
            partition_epoch: registration.partition_epoch,
            replicas: registration.replicas.clone(),
            isr: registration.isr.clone(),
            elr: registration.elr.clone(),
            last_known_elr: registration.last_known_elr.clone(),
            adding_replicas: registration.adding_replicas.clone(),
            removing_replicas: registration.removing_replicas.clone(),
        })
        .collect()
}
