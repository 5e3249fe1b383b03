//! Builds the view from the cluster's parts.

use std::collections::BTreeMap;

use super::*;
use crate::broker::Broker;
use crate::broker::disk::{BrokerDisk, StoredLog};
use crate::broker::lifecycle::LifecycleState;
use crate::broker::partition::Partition;
use crate::broker::purgatory::{Operation, ProduceOrigin, Waiting};
use crate::cluster::Cluster;
use crate::cluster::event::{Envelope, Event, Message};
use crate::cluster::node::{Node, ProcessState};
use crate::config::Roles;
use crate::effects::ReceivedRequest;
use crate::log::StoredBatch;
use crate::metadata::MetadataImage;
use crate::view::summary::{records_in, summary};
use crate::wire::ids::TopicIdPartition;

/// At most so many batches of a replica are shown: the newest.
const BATCHES_SHOWN_MAX: usize = 256;
/// At most so many metadata records of a controller are shown: the newest.
const METADATA_RECORDS_SHOWN_MAX: usize = 64;

impl Cluster {
    /// The whole cluster as it is now.
    pub fn view(&self) -> ClusterView {
        ClusterView {
            now_ms: self.now(),
            nodes: self.nodes().map(|node| node_view(self, node)).collect(),
            partitions: self.image().map(partition_views).unwrap_or_default(),
            producers: self.producers().map(|producer| producer.view()).collect(),
            consumers: self.consumers().map(|consumer| consumer.view()).collect(),
            groups: self
                .nodes()
                .filter_map(|node| node.broker.as_ref())
                .flat_map(|broker| broker.groups.views(broker.id))
                .collect(),
            envelopes: self
                .events()
                .filter_map(|(at, event, what)| match what {
                    Event::Deliver(envelope) => Some(envelope_view(self, event, at, envelope)),
                    Event::Handle { .. } | Event::DiskDone { .. } | Event::Fire { .. } => None,
                })
                .collect(),
            cuts: self.cuts().collect(),
            held: self.held().map(|envelope| held_view(self, envelope)).collect(),
        }
    }

    /// What may happen next, at most `limit` of it, in the scheduler's order.
    pub fn pending(&self, limit: usize) -> Vec<PendingView> {
        let mut first = true;
        let view = |(at_ms, event, what): (Millis, EventId, &Event)| PendingView {
            event,
            at_ms: at_ms.max(self.now()),
            actor: what.actor(),
            what: self.pending_kind(what),
            is_next: std::mem::take(&mut first),
        };
        self.events().take(limit).map(view).collect()
    }

    fn pending_kind(&self, event: &Event) -> PendingKind {
        match event {
            Event::Deliver(envelope) => PendingKind::Deliver {
                from: envelope.from.actor(),
                to: envelope.to.actor(),
                api: envelope.message.api(),
                is_response: envelope.message.is_response(),
                summary: summary(self, &envelope.message),
            },
            Event::Handle { endpoint } => {
                let listener = endpoint.listener();
                let waiting = listener.and_then(|(id, port)| Some((id, self.node(id)?.requests(port).front()?)));
                match waiting {
                    Some((node, received)) => PendingKind::Handle {
                        node,
                        from: received.request_context.from.actor(),
                        api: received.request_context.api,
                        summary: summary::request_summary(self, &received.request),
                    },
                    None => PendingKind::Timer { timer: "handler".to_owned() },
                }
            }
            Event::DiskDone { .. } => PendingKind::Timer { timer: "disk".to_owned() },
            Event::Fire { timer, .. } => PendingKind::Timer { timer: timer.name().to_owned() },
        }
    }

    /// A message on its way, whole, with Kafka's own field names.
    pub fn envelope_body(&self, event: EventId) -> Option<serde_json::Value> {
        Some(match self.message(event)? {
            Message::Request { request, .. } => request.to_json(),
            Message::Response { response, .. } => response.to_json(),
            Message::Closed { .. } => serde_json::Value::Null,
        })
    }
}

fn envelope_view(cluster: &Cluster, event: EventId, arrives_at_ms: Millis, envelope: &Envelope) -> EnvelopeView {
    EnvelopeView {
        event,
        from: envelope.from.actor(),
        to: envelope.to.actor(),
        is_response: envelope.message.is_response(),
        api: envelope.message.api(),
        sent_at_ms: envelope.sent_at,
        arrives_at_ms,
        summary: summary(cluster, &envelope.message),
        records: records_in(&envelope.message),
        body: None,
    }
}

fn held_view(cluster: &Cluster, envelope: &Envelope) -> HeldView {
    HeldView {
        from: envelope.from.actor(),
        to: envelope.to.actor(),
        is_response: envelope.message.is_response(),
        api: envelope.message.api(),
        sent_at_ms: envelope.sent_at,
        summary: summary(cluster, &envelope.message),
    }
}

fn node_view(cluster: &Cluster, node: &Node) -> NodeView {
    let broker = node.broker.as_ref();
    NodeView {
        id: node.config.id,
        is_broker: node.config.roles.is_broker(),
        is_controller: node.config.roles.is_controller(),
        rack: node.config.rack.clone(),
        state: node_state(node),
        replicas: replica_views(node),
        metadata_offset: broker.map_or(-1, |broker| broker.metadata_offset),
        broker_epoch: broker.map_or(-1, |broker| broker.lifecycle.broker_epoch),
        controller: controller_view(node),
        request_queue: [Listener::Broker, Listener::Controller]
            .into_iter()
            .flat_map(|port| node.requests(port).iter().map(move |received| request_view(cluster, port, received)))
            .collect(),
        purgatory: broker.map(|broker| purgatory_views(cluster, broker)).unwrap_or_default(),
        disk_write_ms: node.slow_disk.by_ms,
        files: node.disk.broker.files(),
    }
}

fn node_state(node: &Node) -> NodeState {
    if node.config.roles == Roles::Puppet {
        return NodeState::Puppet;
    }
    match (node.process, node.broker.as_ref().map(|broker| broker.lifecycle.state)) {
        (ProcessState::Down, _) => NodeState::Down,
        (ProcessState::Paused, _) => NodeState::Paused,
        (ProcessState::Running, None | Some(LifecycleState::Running)) => NodeState::Running,
        (ProcessState::Running, Some(LifecycleState::Starting)) => NodeState::Starting,
        (ProcessState::Running, Some(LifecycleState::Fenced)) => NodeState::Fenced,
        (ProcessState::Running, Some(LifecycleState::Stopping)) => NodeState::Stopping,
    }
}

fn controller_view(node: &Node) -> Option<ControllerView> {
    if !node.config.roles.is_controller() {
        return None;
    }
    let disk = &node.disk.controller;
    let first_shown = disk.log.end_offset().saturating_sub(METADATA_RECORDS_SHOWN_MAX as i64);
    let last_records = disk
        .log
        .records_from(first_shown.max(0))
        .map(|(offset, epoch, record)| MetadataRecordView {
            offset,
            epoch,
            kind: record.kind().to_owned(),
            data: serde_json::to_value(&record).map(|json| json["data"].to_string()).unwrap_or_default(),
        })
        .collect();
    let controller = node.controller.as_ref();
    let brokers = controller.into_iter().flat_map(|controller| &controller.image().brokers);
    Some(ControllerView {
        is_active: controller.is_some_and(|controller| controller.is_active()),
        epoch: controller.map_or(-1, |controller| controller.epoch()),
        log_end_offset: disk.log.end_offset(),
        high_watermark: controller.map_or(-1, |controller| controller.high_watermark()),
        last_records,
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

/// The replicas of a living broker, or the logs on a dead one's disk.
fn replica_views(node: &Node) -> Vec<ReplicaView> {
    let mut views: Vec<ReplicaView> = node
        .disk
        .broker
        .logs
        .iter()
        .map(|(id, stored)| {
            let partition = node.broker.as_ref().and_then(|broker| broker.partitions.get(id));
            replica_view(id, stored, partition, &node.disk.broker)
        })
        .collect();
    views.sort_by(|a, b| a.partition.cmp(&b.partition));
    views
}

fn replica_view(
    id: &TopicIdPartition,
    stored: &StoredLog,
    partition: Option<&Partition>,
    disk: &BrokerDisk,
) -> ReplicaView {
    let (name, log) = (&stored.name, &stored.log);
    let checkpointed = disk.high_watermarks.get(id).copied().unwrap_or(0);
    let leader = partition.and_then(Partition::leader);
    let registration = partition.map(|partition| &partition.registration);
    let isr = registration.map(|registration| registration.isr.clone()).unwrap_or_default();
    let followers = leader.into_iter().flat_map(|leader| &leader.followers);
    let segments = log.segments();
    let count = segments.len();
    ReplicaView {
        partition: name.clone(),
        role: match partition {
            Some(_) if leader.is_some() => Role::Leader,
            Some(partition) if partition.registration.leader >= 0 => Role::Follower,
            Some(_) | None => Role::Offline,
        },
        leader: registration.map_or(-1, |registration| registration.leader),
        leader_epoch: registration.map_or(-1, |registration| registration.leader_epoch),
        partition_epoch: registration.map_or(-1, |registration| registration.partition_epoch),
        log_start_offset: log.log_start_offset(),
        log_end_offset: log.log_end_offset(),
        high_watermark: partition.map_or(checkpointed, |partition| partition.high_watermark),
        flushed_offset: log.flushed_offset(),
        recovery_point: disk.recovery_points.get(id).copied().unwrap_or(0),
        followers: followers
            .map(|(id, follower)| FollowerView {
                id: *id,
                log_end_offset: follower.log_end_offset,
                last_caught_up_ms: follower.last_caught_up_ms,
                in_isr: isr.contains(id),
            })
            .collect(),
        isr,
        proposed_isr: leader.and_then(|leader| leader.proposal.as_ref()).map(|proposal| proposal.isr.clone()),
        batches: log.last_stored(BATCHES_SHOWN_MAX).into_iter().map(batch_view).collect(),
        segments: segments
            .enumerate()
            .map(|(index, segment)| SegmentView {
                base_offset: segment.base_offset(),
                size_bytes: u64::from(segment.size_bytes()),
                files: vec![
                    (segment.file_name("log"), u64::from(segment.size_bytes())),
                    (segment.file_name("index"), u64::from(segment.offset_index().size_bytes())),
                    (segment.file_name("timeindex"), u64::from(segment.time_index().size_bytes())),
                ],
                offset_index: segment
                    .offset_index()
                    .entries()
                    .iter()
                    .map(|entry| (entry.offset, u64::from(entry.position)))
                    .collect(),
                time_index: segment
                    .time_index()
                    .entries()
                    .iter()
                    .map(|entry| (entry.timestamp, entry.offset))
                    .collect(),
                is_active: index + 1 == count,
            })
            .collect(),
        leader_epochs: log.epochs().entries().iter().map(|entry| (entry.epoch, entry.start_offset)).collect(),
        is_offline: partition.is_none(),
    }
}

fn batch_view(stored: &StoredBatch) -> BatchView {
    let batch = &stored.batch;
    BatchView {
        position: u64::from(stored.position),
        base_offset: batch.base_offset,
        last_offset: batch.last_offset(),
        leader_epoch: batch.partition_leader_epoch,
        size_bytes: stored.size_bytes,
        max_timestamp_ms: stored.max_timestamp,
        producer_id: batch.producer_id,
        base_sequence: batch.base_sequence,
        records: batch.records.clone(),
    }
}

fn partition_views(image: &MetadataImage) -> Vec<PartitionView> {
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

fn request_view(cluster: &Cluster, port: Listener, received: &ReceivedRequest) -> RequestView {
    RequestView {
        from: received.request_context.from.actor(),
        port,
        api: received.request_context.api,
        summary: summary::request_summary(cluster, &received.request),
    }
}

fn purgatory_views(cluster: &Cluster, broker: &Broker) -> Vec<PurgatoryView> {
    broker.purgatory.iter().filter_map(|waiting| purgatory_view(cluster, broker, waiting)).collect()
}

fn purgatory_view(cluster: &Cluster, broker: &Broker, waiting: &Waiting) -> Option<PurgatoryView> {
    let expires_at_ms = waiting.expires_at;
    Some(match &waiting.operation {
        Operation::Fetch { request_context, request, .. } => PurgatoryView {
            from: request_context.from.actor(),
            api: request_context.api,
            summary: summary::fetch_summary(cluster, request),
            expires_at_ms,
            waits_for: Vec::new(),
        },
        Operation::DeleteRecords { request_context, deletions } => {
            let waiting = deletions.iter().filter_map(|deletion| deletion.waits_for);
            let names = waiting.filter_map(|(id, _)| Some(broker.partitions.get(&id)?.name.to_string()));
            PurgatoryView {
                from: request_context.from.actor(),
                api: request_context.api,
                summary: names.collect::<Vec<_>>().join(", "),
                expires_at_ms,
                waits_for: Vec::new(),
            }
        }
        Operation::Produce { origin, partitions } => {
            let (from, api) = match origin {
                ProduceOrigin::Client(request_context) => (request_context.from.actor(), request_context.api),
                // The coordinator's own append: the broker waits for itself on behalf of a member.
                ProduceOrigin::Coordinator(_) => (Actor::Node(broker.id), ApiKey::OffsetCommit),
            };
            let waits_for: BTreeMap<TopicPartition, i64> = partitions
                .iter()
                .filter_map(|partition| {
                    Some((broker.partitions.get(&partition.id)?.name.clone(), partition.waits_for?))
                })
                .collect();
            let summary = waits_for.keys().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            PurgatoryView { from, api, summary, expires_at_ms, waits_for: waits_for.into_iter().collect() }
        }
    })
}
