//! An image written as records: what a snapshot holds (`MetadataImage.write`).

use super::image::PartitionImage;
use super::{MetadataImage, MetadataRecord};
use crate::wire::Uuid;
use crate::wire::feature_levels::METADATA_VERSION;

impl MetadataImage {
    /// The records that build this image anew, in Kafka's order: features, brokers and controllers, topics with their partitions,
    /// settings, quotas, producer ids, access rules.
    pub fn records(&self) -> Vec<MetadataRecord> {
        // Whatever an image holds is written: a field that is new here does not compile until it is.
        let Self {
            brokers,
            topics,
            topic_ids: _,
            configs,
            features,
            controllers,
            acls,
            client_quotas,
            next_producer_id,
        } = self;
        let feature = |(name, level): (&String, &i16)| MetadataRecord::FeatureLevelRecord {
            name: name.clone(),
            feature_level: *level,
        };
        // What says how all other records are to be read comes first.
        let (first, others): (Vec<_>, Vec<_>) = features.iter().partition(|(name, _)| *name == METADATA_VERSION);
        let mut records: Vec<MetadataRecord> = first.into_iter().chain(others).map(feature).collect();
        records.extend(brokers.iter().map(|(id, broker)| MetadataRecord::RegisterBrokerRecord {
            broker_id: *id,
            is_migrating_zk_broker: false,
            incarnation_id: broker.incarnation_id,
            broker_epoch: broker.broker_epoch,
            end_points: broker.registration.end_points.clone(),
            features: broker.registration.features.clone(),
            rack: broker.rack.clone(),
            fenced: broker.fenced,
            in_controlled_shutdown: broker.in_controlled_shutdown,
            log_dirs: broker.registration.log_dirs.clone(),
            cordoned_log_dirs: broker.cordoned_log_dirs.clone(),
        }));
        records.extend(controllers.iter().map(|(id, controller)| MetadataRecord::RegisterControllerRecord {
            controller_id: *id,
            incarnation_id: controller.incarnation_id,
            zk_migration_ready: controller.zk_migration_ready,
            end_points: controller.end_points.clone(),
            features: controller.features.clone(),
        }));
        for (topic_id, topic) in topics {
            records.push(MetadataRecord::TopicRecord { name: topic.name.clone(), topic_id: *topic_id });
            let partitions = topic.partitions.iter();
            records.extend(partitions.map(|(index, partition)| partition_record(*topic_id, *index, partition)));
        }
        for ((resource_type, resource_name), configs) in configs {
            records.extend(configs.iter().map(|(name, value)| MetadataRecord::ConfigRecord {
                resource_type: *resource_type,
                resource_name: resource_name.clone(),
                name: name.clone(),
                value: Some(value.clone()),
            }));
        }
        for (entity, quotas) in client_quotas.iter() {
            records.extend(quotas.iter().map(|(key, value)| MetadataRecord::ClientQuotaRecord {
                entity: entity.parts(),
                key: key.clone(),
                value: *value,
                remove: false,
            }));
        }
        if *next_producer_id > 0 {
            records.push(MetadataRecord::ProducerIdsRecord {
                broker_id: -1,
                broker_epoch: -1,
                next_producer_id: *next_producer_id,
            });
        }
        records.extend(acls.iter().map(|(id, acl)| MetadataRecord::access_rule(id, acl)));
        records
    }
}

fn partition_record(topic_id: Uuid, partition_id: i32, partition: &PartitionImage) -> MetadataRecord {
    let unless_empty = |ids: &Vec<i32>| (!ids.is_empty()).then(|| ids.clone());
    MetadataRecord::PartitionRecord {
        partition_id,
        topic_id,
        replicas: partition.replicas.clone(),
        isr: partition.isr.clone(),
        removing_replicas: partition.removing_replicas.clone(),
        adding_replicas: partition.adding_replicas.clone(),
        leader: partition.leader,
        leader_recovery_state: partition.leader_recovery_state,
        leader_epoch: partition.leader_epoch,
        partition_epoch: partition.partition_epoch,
        directories: partition.directories.clone(),
        eligible_leader_replicas: unless_empty(&partition.elr),
        last_known_elr: unless_empty(&partition.last_known_elr),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::wire::client_quotas::{Float64, QuotaEntity};
    use crate::wire::feature_levels::supported_features;

    fn ids() -> impl Strategy<Value = Vec<i32>> {
        proptest::collection::vec(0..5i32, 0..4)
    }

    /// Any record about a few brokers, topics and settings.
    fn record() -> impl Strategy<Value = MetadataRecord> {
        let topic_id = || (1..4u128).prop_map(Uuid);
        let broker = (0..4i32, 1..9u128, 0..99i64, proptest::option::of("[ab]"), any::<bool>(), any::<bool>());
        let register = broker.prop_map(|(broker_id, id, broker_epoch, rack, fenced, in_controlled_shutdown)| {
            MetadataRecord::RegisterBrokerRecord {
                broker_id,
                is_migrating_zk_broker: false,
                incarnation_id: Uuid(id),
                broker_epoch,
                end_points: Vec::new(),
                features: supported_features().take(2).collect(),
                rack,
                fenced,
                in_controlled_shutdown,
                log_dirs: vec![Uuid(id + 100)],
                cordoned_log_dirs: fenced.then(Vec::new),
            }
        });
        let change = (0..4i32, -1..=1i8, 0..=1i8).prop_map(|(broker_id, fenced, in_controlled_shutdown)| {
            MetadataRecord::BrokerRegistrationChangeRecord {
                broker_id,
                broker_epoch: 0,
                fenced,
                in_controlled_shutdown,
                cordoned_log_dirs: None,
            }
        });
        let unregister =
            (0..4i32).prop_map(|broker_id| MetadataRecord::UnregisterBrokerRecord { broker_id, broker_epoch: 0 });
        let topic = topic_id().prop_map(|topic_id| MetadataRecord::TopicRecord {
            name: format!("t{}", { topic_id.0 }).as_str().into(),
            topic_id,
        });
        let remove = topic_id().prop_map(|topic_id| MetadataRecord::RemoveTopicRecord { topic_id });
        let partition = (topic_id(), 0..3i32, ids(), ids(), ids(), ids(), -1..4i32, 0..=1i8).prop_map(
            |(topic_id, partition_id, replicas, isr, removing_replicas, adding_replicas, leader, recovery)| {
                MetadataRecord::PartitionRecord {
                    partition_id,
                    topic_id,
                    replicas,
                    isr,
                    removing_replicas,
                    adding_replicas,
                    leader,
                    leader_recovery_state: recovery,
                    leader_epoch: leader + 1,
                    partition_epoch: 0,
                    directories: vec![Uuid(7)],
                    eligible_leader_replicas: None,
                    last_known_elr: None,
                }
            },
        );
        let some = || proptest::option::of(ids());
        let partition_change = (topic_id(), 0..3i32, some(), some(), some(), some(), -2..4i32, -1..=1i8).prop_map(
            |(topic_id, partition_id, isr, replicas, eligible_leader_replicas, last_known_elr, leader, recovery)| {
                MetadataRecord::PartitionChangeRecord {
                    partition_id,
                    topic_id,
                    isr,
                    leader,
                    adding_replicas: replicas.clone(),
                    removing_replicas: None,
                    replicas,
                    leader_recovery_state: recovery,
                    eligible_leader_replicas,
                    last_known_elr,
                    directories: None,
                }
            },
        );
        let resource = prop_oneof![Just((2i8, "t1")), Just((2, "t2")), Just((4, "")), Just((4, "1"))];
        let config = (resource, "[ab]", proptest::option::of("[xy]")).prop_map(|((kind, resource), name, value)| {
            MetadataRecord::ConfigRecord { resource_type: kind, resource_name: resource.to_owned(), name, value }
        });
        let clear = prop_oneof![Just(""), Just("t1")]
            .prop_map(|topic| MetadataRecord::ClearElrRecord { topic_name: topic.to_owned() });
        let feature = ("(metadata|group)[.]version", 0..30i16)
            .prop_map(|(name, feature_level)| MetadataRecord::FeatureLevelRecord { name, feature_level });
        let controller = (0..4i32, 1..9u128).prop_map(|(controller_id, id)| MetadataRecord::RegisterControllerRecord {
            controller_id,
            incarnation_id: Uuid(id),
            zk_migration_ready: false,
            end_points: Vec::new(),
            features: supported_features().take(1).collect(),
        });
        let acl = (1..6u128, 2..8i8, "[ab]", 3..=4i8, 2..15i8, 2..=3i8).prop_map(
            |(id, resource_type, resource_name, pattern_type, operation, permission_type)| {
                MetadataRecord::AccessControlEntryRecord {
                    id: Uuid(id),
                    resource_type,
                    resource_name,
                    pattern_type,
                    principal: "User:a".to_owned(),
                    host: "*".to_owned(),
                    operation,
                    permission_type,
                }
            },
        );
        let remove_acl = (1..6u128).prop_map(|id| MetadataRecord::RemoveAccessControlEntryRecord { id: Uuid(id) });
        let quota = (proptest::option::of("[ab]"), "[xy]", 1..9i32, any::<bool>()).prop_map(
            |(entity_name, key, value, remove)| MetadataRecord::ClientQuotaRecord {
                entity: vec![QuotaEntity { entity_type: "user".to_owned(), entity_name }],
                key,
                value: Float64(f64::from(value)),
                remove,
            },
        );
        let producer_ids = (1..9i64).prop_map(|block| MetadataRecord::ProducerIdsRecord {
            broker_id: 1,
            broker_epoch: 5,
            next_producer_id: block * 1_000,
        });
        prop_oneof![
            producer_ids,
            acl,
            remove_acl,
            quota,
            register,
            change,
            unregister,
            topic,
            remove,
            partition,
            partition_change,
            config,
            clear,
            feature,
            controller
        ]
    }

    #[test]
    fn a_feature_of_level_0_is_none() {
        let mut image = MetadataImage::default();
        for (name, levels) in [("group.version", [1, 0]), ("transaction.version", [0, 2])] {
            for feature_level in levels {
                image.apply(&MetadataRecord::FeatureLevelRecord { name: name.to_owned(), feature_level });
            }
        }
        assert_eq!(image.features, [("transaction.version".to_owned(), 2)].into());
    }

    proptest! {
        #[test]
        fn an_image_written_as_records_and_read_again_is_the_same(
            records in proptest::collection::vec(record(), 0..60)
        ) {
            let mut image = MetadataImage::default();
            records.iter().for_each(|record| image.apply(record));
            let mut read = MetadataImage::default();
            for record in image.records() {
                let record = MetadataRecord::from_record(&record.to_record()).expect("it can be read");
                read.apply(&record);
            }
            prop_assert_eq!(read, image);
        }
    }
}
