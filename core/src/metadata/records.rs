//! Metadata records, by Kafka's own names and fields (`metadata/src/main/resources/common/metadata/*.json`).
//!
//! On the metadata log a record's value has Kafka's bytes (`record_bytes`); `kafka-dump-log.sh --cluster-metadata-decoder` prints
//! them as `{"type":"PARTITION_RECORD","version":2,"data":{…}}`.

#![expect(missing_docs, reason = "the fields are Kafka's own, described in its metadata record definitions")]

use serde_json::{Map, Value, json};

use super::record_bytes::RecordField;
use crate::wire::client_quotas::{Float64, QuotaEntity};
use crate::wire::codec::camel_case;
use crate::wire::metadata::{BrokerListener, SupportedFeature};
use crate::wire::records::{Bytes, Record, RecordBatch};
use crate::wire::{Topic, Uuid};

/// One record of the metadata log.
#[derive(Clone, Debug, PartialEq, Eq, Hash, strum::IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum MetadataRecord {
    /// A broker registered.
    RegisterBrokerRecord {
        broker_id: i32,
        is_migrating_zk_broker: bool,
        incarnation_id: Uuid,
        broker_epoch: i64,
        end_points: Vec<BrokerListener>,
        features: Vec<SupportedFeature>,
        rack: Option<String>,
        fenced: bool,
        in_controlled_shutdown: bool,
        log_dirs: Vec<Uuid>,
        /// Which of them take no new replicas (KIP-1066); `None` where nobody has said.
        cordoned_log_dirs: Option<Vec<Uuid>>,
    },
    /// A broker's registration changed. `fenced`: 1 fenced, -1 unfenced, 0 as before; `in_controlled_shutdown`: 1 yes, 0 as before.
    BrokerRegistrationChangeRecord {
        broker_id: i32,
        broker_epoch: i64,
        fenced: i8,
        in_controlled_shutdown: i8,
        cordoned_log_dirs: Option<Vec<Uuid>>,
    },
    /// A broker was removed for good.
    UnregisterBrokerRecord { broker_id: i32, broker_epoch: i64 },
    /// A topic was created.
    TopicRecord { name: Topic, topic_id: Uuid },
    /// A topic was deleted.
    RemoveTopicRecord { topic_id: Uuid },
    /// A partition was created.
    PartitionRecord {
        partition_id: i32,
        topic_id: Uuid,
        replicas: Vec<i32>,
        isr: Vec<i32>,
        removing_replicas: Vec<i32>,
        adding_replicas: Vec<i32>,
        leader: i32,
        leader_recovery_state: i8,
        leader_epoch: i32,
        partition_epoch: i32,
        eligible_leader_replicas: Option<Vec<i32>>,
        last_known_elr: Option<Vec<i32>>,
        /// The log directory of each replica, in their order (KIP-858); zeros where it is not known.
        directories: Vec<Uuid>,
    },
    /// A partition changed. A field that is `None` stays as it was; a leader that is given raises the leader epoch; every
    /// such record raises the partition epoch.
    PartitionChangeRecord {
        partition_id: i32,
        topic_id: Uuid,
        isr: Option<Vec<i32>>,
        /// -2 where the leader stays and its epoch too.
        leader: i32,
        replicas: Option<Vec<i32>>,
        removing_replicas: Option<Vec<i32>>,
        adding_replicas: Option<Vec<i32>>,
        /// -1 as before, 0 RECOVERED, 1 RECOVERING.
        leader_recovery_state: i8,
        eligible_leader_replicas: Option<Vec<i32>>,
        last_known_elr: Option<Vec<i32>>,
        directories: Option<Vec<Uuid>>,
    },
    /// A setting. `resource_type`: 2 a topic, 4 a broker ("" all brokers). No value takes it back.
    ConfigRecord { resource_type: i8, resource_name: String, name: String, value: Option<String> },
    /// Every partition of a topic (or of all, with "") forgets its ELR: its `min.insync.replicas` was set.
    ClearElrRecord { topic_name: String },
    /// An access rule was created.
    AccessControlEntryRecord {
        id: Uuid,
        resource_type: i8,
        resource_name: String,
        pattern_type: i8,
        principal: String,
        host: String,
        operation: i8,
        permission_type: i8,
    },
    /// An access rule was deleted.
    RemoveAccessControlEntryRecord { id: Uuid },
    /// A quota was set; with `remove`, taken back.
    ClientQuotaRecord { entity: Vec<QuotaEntity>, key: String, value: Float64, remove: bool },
    /// A broker got a block of producer ids; the next block begins here.
    ProducerIdsRecord { broker_id: i32, broker_epoch: i64, next_producer_id: i64 },
    /// A feature's level.
    FeatureLevelRecord { name: String, feature_level: i16 },
    /// Records up to the end of the transaction count all together or not at all (KIP-868).
    BeginTransactionRecord { name: String },
    /// They count.
    EndTransactionRecord {},
    /// A controller process says that it is there (KIP-919).
    RegisterControllerRecord {
        controller_id: i32,
        incarnation_id: Uuid,
        zk_migration_ready: bool,
        end_points: Vec<BrokerListener>,
        features: Vec<SupportedFeature>,
    },
    /// Nothing, so that the log moves.
    NoOpRecord {},
}

/// A field of a record's definition.
pub(super) struct Field {
    /// Its name.
    pub(super) name: &'static str,
    /// Its tag, if it is a tagged field (KIP-482): one that has its default is left out.
    pub(super) tag: Option<u32>,
}

/// Gives the records the numbers of their types (`MetadataRecordType`), and their fields in the order of the definition. A tagged
/// one stands with its tag and its default.
macro_rules! tables {
    (@tag) => { None };
    (@tag $tag:literal) => { Some($tag) };
    (@default) => { Default::default() };
    (@default $default:expr) => { $default };
    ($($record:ident = $api_key:literal { $($field:ident $([tag $tag:literal] = $default:expr)?),* $(,)? })*) => {
        impl MetadataRecord {
            /// The number of its type (`MetadataRecordType`).
            pub const fn api_key(&self) -> u32 {
                match self { $(Self::$record { .. } => $api_key,)* }
            }

            /// A record of a type whose fields all have their defaults.
            pub(super) fn default_of(api_key: u32) -> Option<Self> {
                match api_key {
                    $($api_key => Some(Self::$record { $($field: tables!(@default $($default)?)),* }),)*
                    _ => None,
                }
            }

            pub(super) const fn table(&self) -> &'static [Field] {
                match self {
                    $(Self::$record { .. } => &[
                        $(Field { name: stringify!($field), tag: tables!(@tag $($tag)?) }),*
                    ],)*
                }
            }

            pub(super) fn fields(&self) -> Vec<&dyn RecordField> {
                match self { $(Self::$record { $($field),* } => vec![$($field),*],)* }
            }

            pub(super) fn fields_mut(&mut self) -> Vec<&mut dyn RecordField> {
                match self { $(Self::$record { $($field),* } => vec![$($field),*],)* }
            }
        }
    };
}

tables! {
    RegisterBrokerRecord = 0 {
        broker_id, is_migrating_zk_broker, incarnation_id, broker_epoch, end_points, features, rack, fenced,
        in_controlled_shutdown, log_dirs [tag 0] = Vec::new(), cordoned_log_dirs [tag 1] = None
    }
    UnregisterBrokerRecord = 1 { broker_id, broker_epoch }
    TopicRecord = 2 { name, topic_id }
    PartitionRecord = 3 {
        partition_id, topic_id, replicas, isr, removing_replicas, adding_replicas, leader, leader_recovery_state [tag 0] = 0,
        leader_epoch, partition_epoch, directories, eligible_leader_replicas [tag 1] = None, last_known_elr [tag 2] = None
    }
    ConfigRecord = 4 { resource_type, resource_name, name, value }
    PartitionChangeRecord = 5 {
        partition_id, topic_id, isr [tag 0] = None, leader [tag 1] = -2, replicas [tag 2] = None,
        removing_replicas [tag 3] = None, adding_replicas [tag 4] = None, leader_recovery_state [tag 5] = -1,
        directories [tag 8] = None, eligible_leader_replicas [tag 6] = None, last_known_elr [tag 7] = None
    }
    RemoveTopicRecord = 9 { topic_id }
    FeatureLevelRecord = 12 { name, feature_level }
    ClientQuotaRecord = 14 { entity, key, value, remove }
    ProducerIdsRecord = 15 { broker_id, broker_epoch, next_producer_id }
    BrokerRegistrationChangeRecord = 17 {
        broker_id, broker_epoch, fenced [tag 0] = 0, in_controlled_shutdown [tag 1] = 0, cordoned_log_dirs [tag 3] = None
    }
    AccessControlEntryRecord = 18 {
        id, resource_type, resource_name, pattern_type, principal, host, operation, permission_type
    }
    RemoveAccessControlEntryRecord = 19 { id }
    NoOpRecord = 20 {}
    BeginTransactionRecord = 23 { name [tag 0] = String::new() }
    EndTransactionRecord = 24 {}
    RegisterControllerRecord = 27 { controller_id, incarnation_id, zk_migration_ready, end_points, features }
    ClearElrRecord = 28 { topic_name }
}

impl MetadataRecord {
    /// Kafka's name of the record's type.
    pub fn kind(&self) -> &'static str {
        self.into()
    }

    /// The version in which it is written: the newest that a cluster with `metadata.version` 4.3 uses. A change of a registration
    /// is written in the oldest that has its fields.
    pub const fn version(&self) -> u32 {
        match self {
            Self::RegisterBrokerRecord { .. } => 4,
            Self::PartitionRecord { .. } | Self::PartitionChangeRecord { .. } => 2,
            Self::BrokerRegistrationChangeRecord { cordoned_log_dirs: Some(_), .. } => 3,
            Self::BrokerRegistrationChangeRecord { in_controlled_shutdown, .. } => {
                (*in_controlled_shutdown != 0) as u32
            }
            Self::UnregisterBrokerRecord { .. }
            | Self::TopicRecord { .. }
            | Self::RemoveTopicRecord { .. }
            | Self::ConfigRecord { .. }
            | Self::ClearElrRecord { .. }
            | Self::AccessControlEntryRecord { .. }
            | Self::RemoveAccessControlEntryRecord { .. }
            | Self::ClientQuotaRecord { .. }
            | Self::ProducerIdsRecord { .. }
            | Self::FeatureLevelRecord { .. }
            | Self::BeginTransactionRecord { .. }
            | Self::EndTransactionRecord {}
            | Self::RegisterControllerRecord { .. }
            | Self::NoOpRecord {} => 0,
        }
    }

    /// What the record says, under Kafka's field names.
    pub fn data(&self) -> Value {
        let default = Self::default_of(self.api_key());
        let defaults: Vec<Value> =
            default.iter().flat_map(|record| record.fields()).map(|field| field.to_json()).collect();
        let mut data = Map::new();
        for ((field, value), default) in self.table().iter().zip(self.fields()).zip(defaults) {
            let json = value.to_json();
            if field.tag.is_none() || json != default {
                data.insert(camel_case(field.name), json);
            }
        }
        Value::Object(data)
    }

    /// The record as `kafka-dump-log.sh` prints it.
    pub fn to_json(&self) -> Value {
        json!({"type": self.kind(), "version": self.version(), "data": self.data()})
    }

    /// The record as it stands in the log.
    pub fn to_record(&self) -> Record {
        Record { value: Some(Bytes::from(self.to_bytes())), ..Record::default() }
    }

    /// Reads a record of the log; `None` where its value is no metadata record.
    pub fn from_record(record: &Record) -> Option<Self> {
        Self::from_bytes(record.value.as_ref()?.as_slice())
    }

    /// The records of a batch of the metadata log, each with its place in the batch. They are read the first time only, however
    /// many nodes have the batch in their logs.
    pub fn all_of(batch: &RecordBatch) -> &[(i32, Self)] {
        let read = || -> Vec<(i32, Self)> {
            let records = batch.records.iter().filter(|_| !batch.is_control);
            records.filter_map(|record| Some((record.offset_delta, Self::from_record(record)?))).collect()
        };
        batch.contents.get_or_read(read).map_or(&[], Vec::as_slice)
    }
}
