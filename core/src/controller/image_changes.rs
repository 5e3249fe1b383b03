//! What records mean to a person: the one place where changes are derived from records and the image before them.

use crate::change::Change;
use crate::effects::Effects;
use crate::metadata::{MetadataImage, MetadataRecord};
use crate::wire::TopicPartition;

/// Applies records to the image, in order, and notes what they changed.
pub fn apply_noting(image: &mut MetadataImage, records: &[MetadataRecord], fx: &mut Effects) {
    for (at, record) in records.iter().enumerate() {
        match record {
            MetadataRecord::TopicRecord { name, topic_id } => {
                let of_topic = |record: &&MetadataRecord| matches!(record, MetadataRecord::PartitionRecord { topic_id: id, .. } if id == topic_id);
                let partitions = i32::try_from(records[at..].iter().filter(of_topic).count()).unwrap_or(i32::MAX);
                fx.change(Change::TopicCreated { topic: name.clone(), partitions });
                image.apply(record);
            }
            MetadataRecord::PartitionChangeRecord { .. } => apply_partition_change(image, record, fx),
            MetadataRecord::ClearElrRecord { topic_name } => {
                let cleared = image.partitions().filter(|(name, _, partition)| {
                    (topic_name.is_empty() || *name.topic == **topic_name) && !partition.elr.is_empty()
                });
                for (partition, _, before) in cleared {
                    fx.changes.push(Change::ElrChanged { partition, from: before.elr.clone(), to: Vec::new() });
                }
                image.apply(record);
            }
            _ => {
                if let Some(change) = change_of(image, record) {
                    fx.change(change);
                }
                image.apply(record);
            }
        }
    }
}

fn change_of(before: &MetadataImage, record: &MetadataRecord) -> Option<Change> {
    match record {
        MetadataRecord::RegisterBrokerRecord { broker_id, broker_epoch, .. } => {
            Some(Change::BrokerRegistered { broker: *broker_id, broker_epoch: *broker_epoch })
        }
        MetadataRecord::BrokerRegistrationChangeRecord { broker_id, fenced, .. } => {
            let was_fenced = before.brokers.get(broker_id)?.fenced;
            match fenced {
                1 if !was_fenced => Some(Change::BrokerFenced { broker: *broker_id }),
                -1 if was_fenced => Some(Change::BrokerUnfenced { broker: *broker_id }),
                _ => None,
            }
        }
        MetadataRecord::RemoveTopicRecord { topic_id } => {
            Some(Change::TopicDeleted { topic: before.topics.get(topic_id)?.name.clone() })
        }
        MetadataRecord::ConfigRecord { resource_type, resource_name, name, value } => {
            let resource = match (resource_type, resource_name.as_str()) {
                (2, topic) => format!("topic {topic}"),
                (_, "") => "brokers".to_owned(),
                (_, broker) => format!("broker {broker}"),
            };
            Some(Change::ConfigChanged { resource, name: name.clone(), value: value.clone() })
        }
        _ => None,
    }
}

fn apply_partition_change(image: &mut MetadataImage, record: &MetadataRecord, fx: &mut Effects) {
    let MetadataRecord::PartitionChangeRecord { partition_id, topic_id, .. } = record else {
        return;
    };
    let Some(topic) = image.topics.get(topic_id) else { return };
    let partition = TopicPartition::new(topic.name.clone(), *partition_id);
    let Some(after) = image.partition_mut(*topic_id, *partition_id) else { return };
    let before = after.clone();
    after.merge(record);
    if after.replicas != before.replicas {
        let (from, to) = (before.replicas, after.replicas.clone());
        fx.change(Change::ReplicasChanged { partition: partition.clone(), from, to });
    }
    if after.leader_epoch != before.leader_epoch {
        let (from, to, leader_epoch) = (before.leader, after.leader, after.leader_epoch);
        fx.change(Change::LeaderChanged { partition: partition.clone(), from, to, leader_epoch });
    }
    if after.isr != before.isr {
        let (from, to, partition_epoch) = (before.isr, after.isr.clone(), after.partition_epoch);
        fx.change(Change::IsrChanged { partition: partition.clone(), from, to, partition_epoch });
    }
    if after.elr != before.elr {
        fx.change(Change::ElrChanged { partition, from: before.elr, to: after.elr.clone() });
    }
}
