//! The image of the cluster that replaying the metadata log builds (`MetadataImage`).

use std::collections::BTreeMap;
use std::rc::Rc;

use super::MetadataRecord;
use super::acls::AclsImage;
use super::client_quotas::{ClientQuotaEntity, ClientQuotasImage};
use crate::authorizer::{AclOperation, AclPermissionType, PatternType, ResourceType, StandardAcl};
use crate::flat_map::FlatMap;
use crate::wire::feature_levels::METADATA_VERSION;
use crate::wire::metadata::{BrokerListener, SupportedFeature};
use crate::wire::{Topic, TopicPartition, Uuid, config_resource};

/// The cluster as the metadata log says, up to some offset. Brokers hold images of their own; what is equal in them, topics
/// and partitions, is shared until a record changes it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct MetadataImage {
    /// Registered brokers, fenced ones too.
    pub brokers: FlatMap<i32, BrokerImage>,
    /// Topics by id.
    pub topics: FlatMap<Uuid, Rc<TopicImage>>,
    /// Topics' ids by name.
    pub topic_ids: FlatMap<Topic, Uuid>,
    /// Settings by resource: type (2 a topic, 4 a broker) and name.
    pub configs: BTreeMap<(i8, String), BTreeMap<String, String>>,
    /// Feature levels.
    pub features: BTreeMap<String, i16>,
    /// Controller processes that said that they are there, by `node.id` (KIP-919).
    pub controllers: BTreeMap<i32, Rc<ControllerRegistration>>,
    /// Access rules.
    pub acls: AclsImage,
    /// Quotas of users and clients.
    pub client_quotas: ClientQuotasImage,
    /// The first producer id that no broker was given yet.
    pub next_producer_id: i64,
}

/// A registered broker.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BrokerImage {
    /// The process.
    pub incarnation_id: Uuid,
    /// The registration's epoch: the offset of its record.
    pub broker_epoch: i64,
    /// `broker.rack`.
    pub rack: Option<String>,
    /// Whether it is fenced.
    pub fenced: bool,
    /// Whether it is shutting down.
    pub in_controlled_shutdown: bool,
    /// Which of its directories take no new replicas (KIP-1066); `None` where it has not said.
    pub cordoned_log_dirs: Option<Vec<Uuid>>,
    /// What it said beside.
    pub registration: Rc<BrokerRegistration>,
}

impl BrokerImage {
    /// Whether a directory of it takes new replicas (`BrokerRegistration.hasUncordonedDirs`).
    pub fn has_uncordoned_dirs(&self) -> bool {
        let dirs = &self.registration.log_dirs;
        let Some(cordoned) = &self.cordoned_log_dirs else { return true };
        dirs.is_empty() || dirs.iter().any(|dir| !cordoned.contains(dir))
    }
}

/// What a broker says of itself when it registers, and does not change after.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct BrokerRegistration {
    /// Where it listens.
    pub end_points: Vec<BrokerListener>,
    /// The levels of features that it supports.
    pub features: Vec<SupportedFeature>,
    /// Its log directories.
    pub log_dirs: Vec<Uuid>,
}

/// What a controller says of itself when it registers (KIP-919).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ControllerRegistration {
    /// The process.
    pub incarnation_id: Uuid,
    /// Whether it is ready to take over from ZooKeeper.
    pub zk_migration_ready: bool,
    /// Where it listens.
    pub end_points: Vec<BrokerListener>,
    /// The levels of features that it supports.
    pub features: Vec<SupportedFeature>,
}

impl BrokerImage {
    /// The directory that a new replica gets on this broker, if it has only one (`ClusterControlManager.defaultDir`).
    pub fn default_directory(&self) -> Uuid {
        match self.registration.log_dirs.as_slice() {
            [only] => *only,
            _ => Uuid::ZERO,
        }
    }
}

/// A topic.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TopicImage {
    /// Its name.
    pub name: Topic,
    /// Its partitions, by index.
    pub partitions: FlatMap<i32, Rc<PartitionImage>>,
}

/// A partition (`PartitionRegistration`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PartitionImage {
    /// Its replicas, the preferred leader first.
    pub replicas: Vec<i32>,
    /// In-sync replicas.
    pub isr: Vec<i32>,
    /// Replicas that a reassignment removes.
    pub removing_replicas: Vec<i32>,
    /// Replicas that a reassignment adds.
    pub adding_replicas: Vec<i32>,
    /// Eligible leader replicas.
    pub elr: Vec<i32>,
    /// Last known eligible leader.
    pub last_known_elr: Vec<i32>,
    /// Its leader, -1 for none.
    pub leader: i32,
    /// 0 RECOVERED, 1 RECOVERING.
    pub leader_recovery_state: i8,
    /// Its leader epoch.
    pub leader_epoch: i32,
    /// Its partition epoch.
    pub partition_epoch: i32,
    /// The log directory of each replica, in their order (KIP-858).
    pub directories: Vec<Uuid>,
}

impl PartitionImage {
    /// Applies a `PARTITION_CHANGE_RECORD` (`PartitionRegistration.merge`); any other record changes nothing.
    pub fn merge(&mut self, record: &MetadataRecord) {
        let MetadataRecord::PartitionChangeRecord {
            isr,
            leader,
            replicas,
            removing_replicas,
            adding_replicas,
            leader_recovery_state,
            eligible_leader_replicas,
            last_known_elr,
            directories,
            ..
        } = record
        else {
            return;
        };
        let set = |field: &mut Vec<i32>, value: &Option<Vec<i32>>| {
            if let Some(value) = value {
                field.clone_from(value);
            }
        };
        set(&mut self.isr, isr);
        set(&mut self.replicas, replicas);
        set(&mut self.removing_replicas, removing_replicas);
        set(&mut self.adding_replicas, adding_replicas);
        set(&mut self.elr, eligible_leader_replicas);
        set(&mut self.last_known_elr, last_known_elr);
        if let Some(directories) = directories {
            self.directories.clone_from(directories);
        }
        if *leader_recovery_state >= 0 {
            self.leader_recovery_state = *leader_recovery_state;
        }
        if *leader != -2 {
            self.leader = *leader;
            self.leader_epoch = self.leader_epoch.saturating_add(1);
        }
        self.partition_epoch = self.partition_epoch.saturating_add(1);
    }

    /// Forgets the ELR; as with any change of a partition its epoch rises, but not where there was nothing to forget.
    fn clear_elr(&mut self) {
        if self.has_elr() {
            self.elr.clear();
            self.last_known_elr.clear();
            self.partition_epoch = self.partition_epoch.saturating_add(1);
        }
    }

    /// Whether there is anything that a `CLEAR_ELR_RECORD` takes away.
    fn has_elr(&self) -> bool {
        !self.elr.is_empty() || !self.last_known_elr.is_empty()
    }

    /// Whether a reassignment is going on.
    pub fn is_reassigning(&self) -> bool {
        !self.adding_replicas.is_empty() || !self.removing_replicas.is_empty()
    }
}

impl MetadataImage {
    /// Applies one record.
    pub fn apply(&mut self, record: &MetadataRecord) {
        match record {
            MetadataRecord::RegisterBrokerRecord {
                broker_id,
                incarnation_id,
                broker_epoch,
                end_points,
                features,
                rack,
                fenced,
                in_controlled_shutdown,
                log_dirs,
                cordoned_log_dirs,
                is_migrating_zk_broker: _,
            } => {
                self.brokers.insert(
                    *broker_id,
                    BrokerImage {
                        incarnation_id: *incarnation_id,
                        broker_epoch: *broker_epoch,
                        rack: rack.clone(),
                        fenced: *fenced,
                        in_controlled_shutdown: *in_controlled_shutdown,
                        cordoned_log_dirs: cordoned_log_dirs.clone(),
                        registration: Rc::new(BrokerRegistration {
                            end_points: end_points.clone(),
                            features: features.clone(),
                            log_dirs: log_dirs.clone(),
                        }),
                    },
                );
            }
            MetadataRecord::BrokerRegistrationChangeRecord {
                broker_id,
                fenced,
                in_controlled_shutdown,
                cordoned_log_dirs,
                broker_epoch: _,
            } => {
                if let Some(broker) = self.brokers.get_mut(broker_id) {
                    if cordoned_log_dirs.is_some() {
                        broker.cordoned_log_dirs.clone_from(cordoned_log_dirs);
                    }
                    if *fenced != 0 {
                        broker.fenced = *fenced > 0;
                    }
                    if *in_controlled_shutdown != 0 {
                        broker.in_controlled_shutdown = *in_controlled_shutdown > 0;
                    }
                }
            }
            MetadataRecord::UnregisterBrokerRecord { broker_id, .. } => {
                self.brokers.remove(broker_id);
            }
            MetadataRecord::TopicRecord { name, topic_id } => {
                self.topic_ids.insert(name.clone(), *topic_id);
                let topic = TopicImage { name: name.clone(), partitions: FlatMap::new() };
                self.topics.insert(*topic_id, Rc::new(topic));
            }
            MetadataRecord::RemoveTopicRecord { topic_id } => {
                if let Some(topic) = self.topics.remove(topic_id) {
                    self.topic_ids.remove(&topic.name);
                    self.configs.remove(&(config_resource::TOPIC, topic.name.to_string()));
                }
            }
            MetadataRecord::PartitionRecord {
                partition_id,
                topic_id,
                replicas,
                isr,
                removing_replicas,
                adding_replicas,
                leader,
                leader_recovery_state,
                leader_epoch,
                partition_epoch,
                eligible_leader_replicas,
                last_known_elr,
                directories,
            } => {
                if let Some(topic) = self.topics.get_mut(topic_id).map(Rc::make_mut) {
                    topic.partitions.insert(
                        *partition_id,
                        Rc::new(PartitionImage {
                            replicas: replicas.clone(),
                            isr: isr.clone(),
                            removing_replicas: removing_replicas.clone(),
                            adding_replicas: adding_replicas.clone(),
                            elr: eligible_leader_replicas.clone().unwrap_or_default(),
                            last_known_elr: last_known_elr.clone().unwrap_or_default(),
                            leader: *leader,
                            leader_recovery_state: *leader_recovery_state,
                            leader_epoch: *leader_epoch,
                            partition_epoch: *partition_epoch,
                            directories: directories.clone(),
                        }),
                    );
                }
            }
            MetadataRecord::PartitionChangeRecord { .. } => self.change_partition(record),
            MetadataRecord::ConfigRecord { resource_type, resource_name, name, value } => {
                let resource = (*resource_type, resource_name.clone());
                match value {
                    Some(value) => {
                        self.configs.entry(resource).or_default().insert(name.clone(), value.clone());
                    }
                    None => {
                        if let Some(configs) = self.configs.get_mut(&resource) {
                            configs.remove(name);
                            if configs.is_empty() {
                                self.configs.remove(&resource);
                            }
                        }
                    }
                }
            }
            MetadataRecord::ClearElrRecord { topic_name } => {
                for topic in self.topics.values_mut() {
                    if topic_name.is_empty() || *topic.name == **topic_name {
                        let partitions = Rc::make_mut(topic).partitions.values_mut();
                        partitions
                            .filter(|partition| partition.has_elr())
                            .map(Rc::make_mut)
                            .for_each(PartitionImage::clear_elr);
                    }
                }
            }
            MetadataRecord::FeatureLevelRecord { name, feature_level } => {
                // Level 0 is no level (`FeaturesDelta.replay`).
                if *feature_level == 0 && name != METADATA_VERSION {
                    self.features.remove(name);
                } else {
                    self.features.insert(name.clone(), *feature_level);
                }
            }
            MetadataRecord::AccessControlEntryRecord {
                id,
                resource_type,
                resource_name,
                pattern_type,
                principal,
                host,
                operation,
                permission_type,
            } => self.acls.insert(
                *id,
                StandardAcl {
                    resource_type: ResourceType::from_code(*resource_type),
                    resource_name: resource_name.clone(),
                    pattern_type: PatternType::from_code(*pattern_type),
                    principal: principal.clone(),
                    host: host.clone(),
                    operation: AclOperation::from_code(*operation),
                    permission_type: AclPermissionType::from_code(*permission_type),
                },
            ),
            MetadataRecord::RemoveAccessControlEntryRecord { id } => self.acls.remove(*id),
            MetadataRecord::ClientQuotaRecord { entity, key, value, remove } => {
                self.client_quotas.set(ClientQuotaEntity::of(entity), key, (!remove).then_some(*value));
            }
            MetadataRecord::ProducerIdsRecord { next_producer_id, .. } => self.next_producer_id = *next_producer_id,
            MetadataRecord::NoOpRecord {}
            | MetadataRecord::BeginTransactionRecord { .. }
            | MetadataRecord::EndTransactionRecord {} => {}
            MetadataRecord::RegisterControllerRecord {
                controller_id,
                incarnation_id,
                zk_migration_ready,
                end_points,
                features,
            } => {
                let registration = ControllerRegistration {
                    incarnation_id: *incarnation_id,
                    zk_migration_ready: *zk_migration_ready,
                    end_points: end_points.clone(),
                    features: features.clone(),
                };
                self.controllers.insert(*controller_id, Rc::new(registration));
            }
        }
    }

    fn change_partition(&mut self, record: &MetadataRecord) {
        let MetadataRecord::PartitionChangeRecord { partition_id, topic_id, .. } = record else {
            return;
        };
        if let Some(partition) = self.partition_mut(*topic_id, *partition_id) {
            partition.merge(record);
        }
    }

    /// A partition to change.
    pub fn partition_mut(&mut self, topic_id: Uuid, partition: i32) -> Option<&mut PartitionImage> {
        let topic = self.topics.get_mut(&topic_id).map(Rc::make_mut)?;
        topic.partitions.get_mut(&partition).map(Rc::make_mut)
    }

    /// A partition by its topic's name.
    pub fn partition(&self, topic: &str, partition: i32) -> Option<&PartitionImage> {
        self.topics.get(self.topic_ids.get(topic)?)?.partitions.get(&partition).map(Rc::as_ref)
    }

    /// All partitions, by topic name and index.
    pub fn partitions(&self) -> impl Iterator<Item = (TopicPartition, Uuid, &Rc<PartitionImage>)> {
        self.topic_ids.iter().filter_map(|(name, id)| Some((name, id, self.topics.get(id)?))).flat_map(
            |(name, id, topic)| {
                topic
                    .partitions
                    .iter()
                    .map(move |(index, partition)| (TopicPartition::new(name.clone(), *index), *id, partition))
            },
        )
    }

    /// A topic's own setting.
    pub fn topic_config(&self, topic: &str, name: &str) -> Option<&str> {
        self.configs.get(&(config_resource::TOPIC, topic.to_owned()))?.get(name).map(String::as_str)
    }

    /// A broker's setting: its own, else the one for all brokers.
    pub fn broker_config(&self, broker: i32, name: &str) -> Option<&str> {
        let own =
            self.configs.get(&(config_resource::BROKER, broker.to_string())).and_then(|configs| configs.get(name));
        own.or_else(|| self.configs.get(&(config_resource::BROKER, String::new()))?.get(name)).map(String::as_str)
    }
}
