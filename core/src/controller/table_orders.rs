//! In which order the controller's own tables give back what they hold, where its records tell that order.

use std::rc::Rc;

use super::brokers_to_isrs::BrokersToIsrs;
use crate::flat_map::FlatMap;
use crate::metadata::{MetadataImage, MetadataRecord};
use crate::wire::hash_order::{TimelineKeys, java_string_hash};
use crate::wire::{Topic, Uuid};

/// The tables, as they follow from all that was replayed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct TableOrders {
    /// Who is in which ISR.
    pub members: BrokersToIsrs,
    /// By type and name of a resource the names of its settings (`ConfigurationControlManager.configData`).
    configs: FlatMap<(i8, String), TimelineKeys<Rc<str>>>,
    /// The names of the topics (`ReplicationControlManager.topicsByName`).
    topics: TimelineKeys<Topic>,
    /// By topic the numbers of its partitions (`TopicControlInfo.parts`). Each change of a partition is put in anew, and may make
    /// the table larger.
    partitions: FlatMap<Uuid, TimelineKeys<i32>>,
    /// By topic the partitions that move, in the order in which they began to (`ReplicationControlManager.reassigningTopics`).
    reassigning: FlatMap<Uuid, Vec<i32>>,
}

impl TableOrders {
    /// Notes what a record changed, once the image has it. Tables that are shared with a snapshot of the run are copied for that;
    /// what an idle cluster writes is in none of them.
    pub fn replay_shared(shared: &mut Rc<Self>, image: &MetadataImage, record: &MetadataRecord) {
        if !matches!(record, MetadataRecord::NoOpRecord {}) {
            Rc::make_mut(shared).replay(image, record);
        }
    }

    fn replay(&mut self, image: &MetadataImage, record: &MetadataRecord) {
        match record {
            MetadataRecord::ConfigRecord { resource_type, resource_name, name, value } => {
                let resource = (*resource_type, resource_name.clone());
                let (key, hash) = (Rc::<str>::from(name.as_str()), |name: &Rc<str>| java_string_hash(name));
                match value {
                    Some(_) => {
                        self.configs.entry(resource).or_default().insert(key, hash);
                    }
                    None => {
                        if let Some(names) = self.configs.get_mut(&resource) {
                            names.remove(&key, hash);
                            if names.is_empty() {
                                self.configs.remove(&resource);
                            }
                        }
                    }
                }
            }
            MetadataRecord::TopicRecord { name, .. } => {
                self.topics.insert(name.clone(), |name| java_string_hash(name));
            }
            MetadataRecord::PartitionRecord { topic_id, partition_id, .. }
            | MetadataRecord::PartitionChangeRecord { topic_id, partition_id, .. } => {
                let is_new = self.partitions.entry(*topic_id).or_default().insert(*partition_id, |index| *index);
                let topic = image.topics.get(topic_id);
                if let Some(partition) = topic.and_then(|topic| topic.partitions.get(partition_id)) {
                    self.members.note(*topic_id, *partition_id, partition, is_new);
                    self.note_reassigning(*topic_id, *partition_id, partition.is_reassigning());
                }
            }
            MetadataRecord::ClearElrRecord { topic_name } if topic_name.is_empty() => self.members.clear_elrs(None),
            MetadataRecord::ClearElrRecord { topic_name } => {
                if let Some(topic_id) = image.topic_ids.get(topic_name.as_str()) {
                    self.members.clear_elrs(Some(topic_id));
                }
            }
            MetadataRecord::RemoveTopicRecord { topic_id } => {
                self.members.remove_topic(topic_id);
                self.configs.retain(|resource, _| image.configs.contains_key(resource));
                self.partitions.remove(topic_id);
                self.reassigning.remove(topic_id);
                let gone: Vec<Topic> =
                    self.topics.iter().filter(|name| !image.topic_ids.contains_key(*name)).cloned().collect();
                for name in gone {
                    self.topics.remove(&name, |name| java_string_hash(name));
                }
            }
            MetadataRecord::RegisterBrokerRecord { .. }
            | MetadataRecord::BrokerRegistrationChangeRecord { .. }
            | MetadataRecord::UnregisterBrokerRecord { .. }
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

    /// Notes whether a partition moves (`updateReassigningTopicsIfNeeded`).
    fn note_reassigning(&mut self, topic_id: Uuid, partition_id: i32, is_reassigning: bool) {
        let moving = self.reassigning_of(&topic_id);
        if moving.contains(&partition_id) == is_reassigning {
            return;
        }
        let stay = moving.iter().copied().filter(|moving| *moving != partition_id);
        let moving: Vec<i32> = stay.chain(is_reassigning.then_some(partition_id)).collect();
        if moving.is_empty() {
            self.reassigning.remove(&topic_id);
        } else {
            self.reassigning.insert(topic_id, moving);
        }
    }

    /// The partitions of a topic that move, in the order in which they began to.
    pub fn reassigning_of(&self, topic_id: &Uuid) -> &[i32] {
        self.reassigning.get(topic_id).map_or(&[], Vec::as_slice)
    }

    /// The names of the topics.
    pub fn topic_names(&self) -> impl Iterator<Item = &Topic> {
        self.topics.iter()
    }

    /// The partitions of a topic.
    pub fn partitions_of(&self, topic_id: &Uuid) -> impl Iterator<Item = i32> {
        self.partitions.get(topic_id).into_iter().flat_map(|partitions| partitions.iter().copied())
    }

    /// The names of a resource's settings.
    pub fn config_names(&self, resource_type: i8, resource_name: &str) -> impl Iterator<Item = &str> {
        let names = self.configs.get(&(resource_type, resource_name.to_owned()));
        names.into_iter().flat_map(TimelineKeys::iter).map(|name| &**name)
    }
}
