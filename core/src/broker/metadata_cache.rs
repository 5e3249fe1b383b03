//! The broker's picture of the cluster: it fetches the metadata log, applies it, and answers clients from the result
//! (`BrokerMetadataPublisher`, `KRaftMetadataCache`). The picture may be old; that is half of what there is to learn.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::auto_creation::{TRANSACTION_STATE_TOPIC, not_found};
use super::group::{KEY_TYPE_GROUP, KEY_TYPE_TRANSACTION, find_coordinator};
use super::{Broker, Context};
use crate::authorizer::{AclOperation, ResourceType};
use crate::change::{Change, is_internal};
use crate::effects::RequestContext;
use crate::explain::Explanation;
use crate::metadata::MetadataRecord;
use crate::metadata::image::PartitionImage;
use crate::raft::{OffsetAndEpoch, Snapshot};
use crate::wire::api::NodeEndpoint;
use crate::wire::cluster_admin::{
    DescribeClusterBroker, DescribeClusterRequest, DescribeClusterResponse, EndpointType,
};
use crate::wire::group::FindCoordinatorRequest;
use crate::wire::hash_order::{java_string_hash, sort_as_immutable_hash_map, sort_as_scala_hash_map};
use crate::wire::ids::TopicIdPartition;
use crate::wire::metadata::{
    MetadataRequest, MetadataRequestTopic, MetadataResponse, MetadataResponseBroker, MetadataResponsePartition,
    MetadataResponseTopic,
};
use crate::wire::records::RecordBatch;
use crate::wire::{ErrorCode, Response, Topic, Uuid, config_resource};

/// The topic that holds groups' offsets.
pub const OFFSETS_TOPIC: &str = "__consumer_offsets";
/// From this version on a Metadata request may name topics by their ids.
const FIRST_METADATA_VERSION_WITH_TOPIC_IDS: i16 = 12;

/// From this version on `Metadata` tells what the requester may do with a topic.
const FIRST_VERSION_WITH_OPERATIONS: i16 = 8;
/// The versions that tell what it may do with the cluster; later it is asked of `DescribeCluster`.
const VERSIONS_WITH_CLUSTER_OPERATIONS: std::ops::RangeInclusive<i16> = 8..=10;

/// What newly applied metadata is about.
#[derive(Default)]
struct MetadataDelta {
    changed: BTreeSet<TopicIdPartition>,
    deleted: BTreeMap<Topic, Uuid>,
    creates_topics: bool,
    /// Whether settings of brokers may have changed.
    changes_brokers: bool,
}

/// The most elements of a Scala set that keeps them in the order in which they came (`Set.Set4`).
const ORDERED_SET_MAX: usize = 4;

fn each_once<T: PartialEq>(all: impl Iterator<Item = T>) -> Vec<T> {
    all.fold(Vec::new(), |mut once, each| {
        if !once.contains(&each) {
            once.push(each);
        }
        once
    })
}

/// Names in the order of an immutable set of Scala.
fn as_scala_set(names: Vec<Topic>) -> Vec<Topic> {
    if names.len() <= ORDERED_SET_MAX {
        return names;
    }
    sort_as_immutable_hash_map(names, |name| java_string_hash(name))
}

impl Broker {
    /// Applies what is committed of the metadata log, and acts on what it says of this broker's own replicas. Who begins, or needs
    /// what the log has no more, loads the newest snapshot first. Gives the batches of the log that were applied.
    pub(super) fn publish_metadata(&mut self, cx: &mut Context, high_watermark: i64) -> Vec<Rc<RecordBatch>> {
        let from = self.metadata_offset;
        let mut delta = MetadataDelta::default();
        if let Some(snapshot) = self.metadata_log(cx.disk).snapshot_to_load(from, high_watermark).cloned() {
            self.load_snapshot(cx, &snapshot, &mut delta);
        }
        // What is not committed yet may still vanish; an observer waits for it.
        let committed = self.metadata_log(cx.disk).batches_between(self.metadata_offset, high_watermark).to_vec();
        for batch in &committed {
            self.metadata_offset = batch.next_offset();
            for (_, record) in MetadataRecord::all_of(batch) {
                self.note_partitions(record, &mut delta.changed);
                delta.changes_brokers |=
                    matches!(record, MetadataRecord::ConfigRecord { resource_type: config_resource::BROKER, .. });
                delta.creates_topics |= matches!(record, MetadataRecord::TopicRecord { .. });
                if let MetadataRecord::RemoveTopicRecord { topic_id } = record {
                    delta.deleted.extend(self.image.topics.get(topic_id).map(|topic| (topic.name.clone(), *topic_id)));
                }
                Rc::make_mut(&mut self.image).apply(record);
            }
        }
        let to = self.metadata_offset;
        if to > from {
            cx.fx.change(Change::MetadataApplied { node: self.id, from, to });
            if self.is_listening {
                self.apply_partition_changes(cx, &delta.changed);
            }
            if self.is_listening && delta.changes_brokers {
                self.reconfigure_cleaner(cx);
                self.propagate_cordoned_log_dirs(cx);
            }
            if delta.changes_brokers {
                self.reconfigure_producer_expiration();
                cx.fx.listener = Some(self.listener_configs());
            }
            self.forget_offsets_of(cx, &delta.deleted);
            self.groups.metadata_updated(to, delta.creates_topics);
            self.caught_up_with_metadata(cx);
            cx.fx.explain(Explanation::BrokerAppliedMetadata { node: self.id, from, to });
        } else {
            cx.fx.explain(Explanation::BrokerFetchedNoMetadata { node: self.id });
        }
        committed
    }

    /// Takes over the image that a snapshot stands for.
    fn load_snapshot(&mut self, cx: &mut Context, snapshot: &Snapshot, delta: &mut MetadataDelta) {
        let image = Rc::new(snapshot.image());
        let before = std::mem::replace(&mut self.image, image);
        for (topic_id, topic) in before.topics.iter().filter(|(id, _)| !self.image.topics.contains_key(*id)) {
            delta.deleted.insert(topic.name.clone(), *topic_id);
            let gone = topic.partitions.keys();
            delta.changed.extend(gone.map(|partition| TopicIdPartition { topic_id: *topic_id, partition: *partition }));
        }
        for (topic_id, topic) in &self.image.topics {
            let known = before.topics.get(topic_id);
            delta.creates_topics |= known.is_none();
            let is_new =
                |index: &i32| known.and_then(|known| known.partitions.get(index)) != topic.partitions.get(index);
            let new = topic.partitions.keys().filter(|index| is_new(index));
            delta.changed.extend(new.map(|partition| TopicIdPartition { topic_id: *topic_id, partition: *partition }));
        }
        // Settings and brokers may have changed: every replica here is looked at.
        delta.changed.extend(self.partitions.keys().copied());
        delta.changes_brokers = true;
        let OffsetAndEpoch { offset, epoch } = snapshot.id();
        self.metadata_offset = offset;
        self.snapshot_loaded(cx.now);
        cx.fx.change(Change::SnapshotLoaded { node: self.id, end_offset: offset, epoch });
    }

    /// Which partitions a record touches, by the image before it is applied.
    fn note_partitions(&self, record: &MetadataRecord, changed: &mut BTreeSet<TopicIdPartition>) {
        let mut all_of = |topic_id: Uuid| {
            let topic = self.image.topics.get(&topic_id);
            let partitions = topic.into_iter().flat_map(|topic| topic.partitions.keys());
            changed.extend(partitions.map(|partition| TopicIdPartition { topic_id, partition: *partition }));
        };
        match record {
            MetadataRecord::PartitionRecord { partition_id, topic_id, .. }
            | MetadataRecord::PartitionChangeRecord { partition_id, topic_id, .. } => {
                changed.insert(TopicIdPartition { topic_id: *topic_id, partition: *partition_id });
            }
            MetadataRecord::RemoveTopicRecord { topic_id } => all_of(*topic_id),
            MetadataRecord::ConfigRecord { resource_type: config_resource::TOPIC, resource_name, .. } => {
                if let Some(id) = self.image.topic_ids.get(resource_name.as_str()) {
                    all_of(*id);
                }
            }
            MetadataRecord::ConfigRecord { .. }
            | MetadataRecord::RegisterBrokerRecord { .. }
            | MetadataRecord::UnregisterBrokerRecord { .. }
            | MetadataRecord::BrokerRegistrationChangeRecord { .. } => {
                // A leader may come back to life, or a broker-wide default change: every replica here is looked at.
                changed.extend(self.partitions.keys().copied());
            }
            MetadataRecord::TopicRecord { .. }
            | MetadataRecord::ClearElrRecord { .. }
            | MetadataRecord::AccessControlEntryRecord { .. }
            | MetadataRecord::RemoveAccessControlEntryRecord { .. }
            | MetadataRecord::ClientQuotaRecord { .. }
            | MetadataRecord::ProducerIdsRecord { .. }
            | MetadataRecord::FeatureLevelRecord { .. }
            | MetadataRecord::BeginTransactionRecord { .. }
            | MetadataRecord::EndTransactionRecord {}
            | MetadataRecord::RegisterControllerRecord { .. }
            | MetadataRecord::NoOpRecord {} => {}
        }
    }

    /// `Metadata`, from the cache.
    pub(super) fn answer_metadata(
        &mut self,
        cx: &mut Context,
        request_context: &RequestContext,
        request: &MetadataRequest,
    ) {
        let version = request_context.version;
        let is_nameless = |topic: &MetadataRequestTopic| topic.name.is_none() || topic.topic_id != Uuid::ZERO;
        // An empty list of the oldest version means all. Where there is an authorizer, it said so before.
        let empty_is_all = version == 0 && self.settings.authorizer_class_name.is_empty();
        let asked = request.topics.as_deref().filter(|asked| !empty_is_all || !asked.is_empty());
        let refused_for = asked.and_then(|asked| {
            if version < FIRST_METADATA_VERSION_WITH_TOPIC_IDS && asked.iter().any(is_nameless) {
                return Some((asked, ErrorCode::InvalidRequest));
            }
            // Where all ids are zero the topics are taken by their names; one without a name makes the handler throw, and
            // `MetadataRequest.getErrorResponse` says so of each.
            let goes_by_names = asked.iter().all(|topic| topic.topic_id == Uuid::ZERO);
            (goes_by_names && asked.iter().any(|topic| topic.name.is_none()))
                .then_some((asked, ErrorCode::UnknownServerError))
        });
        if let Some((asked, error_code)) = refused_for {
            let topics = refused_topics(asked, error_code);
            let response = MetadataResponse { topics, error_code, ..MetadataResponse::default() };
            return self.reply(cx, request_context, Response::Metadata(response));
        }
        let requester = self.requester(request_context);
        let mut topics: Vec<MetadataResponseTopic> = match asked {
            None => {
                // Kafka goes through the names that the requester may see as a Scala set.
                let is_seen = |(name, _): &(&Topic, &Uuid)| requester.may_topic(AclOperation::Describe, name);
                let mut all: Vec<(&Topic, &Uuid)> = self.image.topic_ids.iter().filter(is_seen).collect();
                sort_as_scala_hash_map(&mut all, |(name, _)| java_string_hash(name));
                all.into_iter().map(|(name, id)| self.describe_topic(name, *id, version)).collect()
            }
            Some(asked) => self.describe_asked_topics(cx, request_context, asked, request.allow_auto_topic_creation),
        };
        let tells_topics = request.include_topic_authorized_operations && version >= FIRST_VERSION_WITH_OPERATIONS;
        let tells_cluster =
            request.include_cluster_authorized_operations && VERSIONS_WITH_CLUSTER_OPERATIONS.contains(&version);
        for topic in &mut topics {
            // An id that nobody knows is nothing that one could do anything with.
            if tells_topics && topic.error_code != ErrorCode::UnknownTopicId {
                topic.topic_authorized_operations =
                    requester.authorized_operations(ResourceType::Topic, topic.name.as_deref().unwrap_or_default());
            }
        }
        let response = MetadataResponse {
            cluster_authorized_operations: if tells_cluster { requester.cluster_operations() } else { i32::MIN },
            brokers: self.live_brokers(false),
            cluster_id: Some(self.cluster_id.clone()),
            controller_id: self.live_brokers(false).first().map_or(-1, |broker| broker.node_id),
            topics,
            ..MetadataResponse::default()
        };
        self.reply(cx, request_context, Response::Metadata(response));
    }

    /// The topics asked about, as the sets have them that `KafkaApis.handleTopicMetadataRequest` keeps them in: unknown ids
    /// first, unknown names last. Ids come before names: who gives one is answered about ids only.
    fn describe_asked_topics(
        &mut self,
        cx: &mut Context,
        request_context: &RequestContext,
        asked: &[MetadataRequestTopic],
        may_create: bool,
    ) -> Vec<MetadataResponseTopic> {
        let ids = asked.iter().map(|topic| topic.topic_id).filter(|id| *id != Uuid::ZERO);
        let ids: Vec<Uuid> = each_once(ids);
        let unknown = ids.iter().filter(|id| !self.image.topics.contains_key(id));
        let mut answers: Vec<_> = unknown
            .map(|id| MetadataResponseTopic {
                error_code: ErrorCode::UnknownTopicId,
                topic_id: *id,
                ..MetadataResponseTopic::default()
            })
            .collect();
        let names: Vec<Topic> = if ids.is_empty() {
            each_once(asked.iter().filter_map(|topic| topic.name.clone()))
        } else {
            ids.iter().filter_map(|id| self.image.topics.get(id)).map(|topic| topic.name.clone()).collect()
        };
        let names = as_scala_set(names);
        let mut missing = Vec::new();
        for name in names {
            match self.image.topic_ids.get(&name) {
                Some(id) => answers.push(self.describe_topic(&name, *id, request_context.version)),
                None => missing.push(name),
            }
        }
        if may_create && self.settings.auto_create_topics_enable {
            answers.extend(self.auto_create_topics(cx, Some(request_context), &missing));
        } else {
            answers.extend(missing.iter().map(not_found));
        }
        answers
    }

    /// Version 0 leaves out the replicas that are not alive, and says so of each partition that has one.
    fn describe_topic(&self, name: &Topic, id: Uuid, version: i16) -> MetadataResponseTopic {
        let partitions = self.image.topics.get(&id).into_iter().flat_map(|topic| &topic.partitions);
        let is_alive = |broker: &i32| self.image.brokers.get(broker).is_some_and(|broker| !broker.fenced);
        let told = |brokers: &[i32]| brokers.iter().copied().filter(|id| version > 0 || is_alive(id)).collect();
        let describe = |(index, partition): (&i32, &Rc<PartitionImage>)| {
            let has_leader = partition.leader >= 0 && is_alive(&partition.leader);
            let (replica_nodes, isr_nodes): (Vec<i32>, Vec<i32>) = (told(&partition.replicas), told(&partition.isr));
            let tells_all = replica_nodes.len() == partition.replicas.len() && isr_nodes.len() == partition.isr.len();
            MetadataResponsePartition {
                error_code: match (has_leader, tells_all) {
                    (false, _) => ErrorCode::LeaderNotAvailable,
                    (true, false) => ErrorCode::ReplicaNotAvailable,
                    (true, true) => ErrorCode::None,
                },
                partition_index: *index,
                leader_id: if has_leader { partition.leader } else { -1 },
                leader_epoch: partition.leader_epoch,
                replica_nodes,
                isr_nodes,
                offline_replicas: partition.replicas.iter().copied().filter(|id| !is_alive(id)).collect(),
            }
        };
        MetadataResponseTopic {
            name: Some(name.clone()),
            topic_id: id,
            is_internal: is_internal(name),
            partitions: partitions.map(describe).collect(),
            ..MetadataResponseTopic::default()
        }
    }

    fn live_brokers(&self, fenced_too: bool) -> Vec<MetadataResponseBroker> {
        let brokers = self.image.brokers.iter().filter(|(_, broker)| fenced_too || !broker.fenced);
        brokers
            .map(|(id, broker)| MetadataResponseBroker {
                node_id: *id,
                host: format!("broker-{id}"),
                port: 9092,
                rack: broker.rack.clone(),
            })
            .collect()
    }

    /// `DescribeCluster`, from the cache.
    #[inline(never)]
    pub(super) fn describe_cluster(
        &mut self,
        cx: &mut Context,
        request_context: &RequestContext,
        request: &DescribeClusterRequest,
    ) {
        if let Err(refused) = EndpointType::Broker.check(request.endpoint_type, request_context.version) {
            return self.reply(cx, request_context, Response::DescribeCluster(refused));
        }
        let brokers = self.image.brokers.iter().filter(|(_, broker)| request.include_fenced_brokers || !broker.fenced);
        let brokers = brokers.map(|(id, broker)| DescribeClusterBroker {
            broker_id: *id,
            host: format!("broker-{id}"),
            port: 9092,
            rack: broker.rack.clone(),
            is_fenced: broker.fenced,
        });
        let response = DescribeClusterResponse {
            cluster_id: self.cluster_id.clone(),
            controller_id: self.live_brokers(false).first().map_or(-1, |broker| broker.node_id),
            brokers: brokers.collect(),
            cluster_authorized_operations: match request.include_cluster_authorized_operations {
                true => self.requester(request_context).cluster_operations(),
                false => i32::MIN,
            },
            ..DescribeClusterResponse::default()
        };
        self.reply(cx, request_context, Response::DescribeCluster(response));
    }

    /// `FindCoordinator`, from the cache. The first question about a group creates `__consumer_offsets`, the first about a
    /// transactional id `__transaction_state`.
    pub(super) fn find_coordinator(
        &mut self,
        cx: &mut Context,
        request_context: &RequestContext,
        request: &FindCoordinatorRequest,
    ) {
        let name = match request.key_type {
            KEY_TYPE_TRANSACTION => TRANSACTION_STATE_TOPIC,
            _ => OFFSETS_TOPIC,
        };
        let topic = self.image.topic_ids.get(name).and_then(|id| self.image.topics.get(id));
        let partitions = topic.map(|_| match request.key_type {
            KEY_TYPE_TRANSACTION => self.coordinator_partitions.transaction_state,
            _ => self.coordinator_partitions.offsets,
        });
        let leader_of = |partition: i32| {
            let node_id = topic?.partitions.get(&partition)?.leader;
            let broker = self.image.brokers.get(&node_id).filter(|broker| !broker.fenced)?;
            let host = format!("broker-{node_id}");
            Some(NodeEndpoint { node_id, host, rack: broker.rack.clone(), ..NodeEndpoint::default() })
        };
        let response = find_coordinator(request, request_context.version, partitions, leader_of);
        if partitions.is_none() && matches!(request.key_type, KEY_TYPE_GROUP | KEY_TYPE_TRANSACTION) {
            self.auto_create_topics(cx, None, &[name.into()]);
        }
        self.reply(cx, request_context, Response::FindCoordinator(response));
    }
}

/// The topics of a request that is refused as a whole (`MetadataRequest.getErrorResponse`).
fn refused_topics(asked: &[MetadataRequestTopic], error_code: ErrorCode) -> Vec<MetadataResponseTopic> {
    let refused = asked.iter().map(|topic| MetadataResponseTopic {
        error_code,
        name: Some(topic.name.clone().unwrap_or_else(|| "".into())),
        topic_id: topic.topic_id,
        ..MetadataResponseTopic::default()
    });
    refused.collect()
}
