//! Metadata records, by Kafka's own names and fields (`metadata/src/main/resources/common/metadata/*.json`).
//!
//! On the metadata log a record's value is the JSON that `kafka-dump-log.sh --cluster-metadata-decoder` prints:
//! `{"type":"PARTITION_RECORD","version":0,"data":{…}}`.

#![expect(missing_docs, reason = "the fields are Kafka's own, described in its metadata record definitions")]

use serde_json::{Map, Value, json};

use crate::wire::client_quotas::{Float64, QuotaEntity};
use crate::wire::codec::{FieldTable, Message, camel_case, read_fields};
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
    RegisterControllerRecord { controller_id: i32, incarnation_id: Uuid, zk_migration_ready: bool },
    /// Nothing, so that the log moves.
    NoOpRecord {},
}

/// Gives the records their tables of fields. What stands behind `omitted` has this default, and is not written where it
/// has it; all else is always there.
macro_rules! tables {
    ($($record:ident { $($field:ident),* $(; omitted $($omitted:ident = $default:expr),*)? })*) => {
        impl FieldTable for MetadataRecord {
            fn names(&self) -> &'static [&'static str] {
                match self { $(Self::$record { .. } => &[$(stringify!($field),)* $($(stringify!($omitted),)*)?],)* }
            }

            fn required(&self) -> &'static [&'static str] {
                match self { $(Self::$record { .. } => &[$(stringify!($field)),*],)* }
            }

            fn fields(&self) -> Vec<&dyn Message> {
                match self {
                    $(Self::$record { $($field,)* $($($omitted,)*)? } => vec![$($field,)* $($($omitted,)*)?],)*
                }
            }

            fn fields_mut(&mut self) -> Vec<&mut dyn Message> {
                match self {
                    $(Self::$record { $($field,)* $($($omitted,)*)? } => vec![$($field,)* $($($omitted,)*)?],)*
                }
            }
        }

        impl MetadataRecord {
            /// A record of this type whose fields all have their defaults.
            fn default_of(kind: &str) -> Option<Self> {
                let all = [$(
                    Self::$record { $($field: Default::default(),)* $($($omitted: $default,)*)? },
                )*];
                all.into_iter().find(|record| record.kind() == kind)
            }
        }
    };
}

tables! {
    RegisterBrokerRecord {
        broker_id, is_migrating_zk_broker, incarnation_id, broker_epoch, end_points, features, rack, fenced,
        in_controlled_shutdown, log_dirs
    }
    BrokerRegistrationChangeRecord {
        broker_id, broker_epoch; omitted fenced = 0, in_controlled_shutdown = 0, cordoned_log_dirs = None
    }
    UnregisterBrokerRecord { broker_id, broker_epoch }
    TopicRecord { name, topic_id }
    RemoveTopicRecord { topic_id }
    PartitionRecord {
        partition_id, topic_id, replicas, isr, removing_replicas, adding_replicas, leader, leader_recovery_state,
        leader_epoch, partition_epoch, directories;
        omitted eligible_leader_replicas = None, last_known_elr = None
    }
    PartitionChangeRecord {
        partition_id, topic_id;
        omitted isr = None, leader = -2, replicas = None, removing_replicas = None, adding_replicas = None,
        leader_recovery_state = -1, eligible_leader_replicas = None, last_known_elr = None, directories = None
    }
    ConfigRecord { resource_type, resource_name, name, value }
    ClearElrRecord { topic_name }
    AccessControlEntryRecord {
        id, resource_type, resource_name, pattern_type, principal, host, operation, permission_type
    }
    RemoveAccessControlEntryRecord { id }
    ClientQuotaRecord { entity, key, value, remove }
    ProducerIdsRecord { broker_id, broker_epoch, next_producer_id }
    FeatureLevelRecord { name, feature_level }
    BeginTransactionRecord { name }
    EndTransactionRecord {}
    RegisterControllerRecord { controller_id, incarnation_id, zk_migration_ready }
    NoOpRecord {}
}

impl MetadataRecord {
    /// Kafka's name of the record's type.
    pub fn kind(&self) -> &'static str {
        self.into()
    }

    /// What the record says, under Kafka's field names.
    pub fn data(&self) -> Value {
        let default = Self::default_of(self.kind());
        let defaults: Vec<Value> =
            default.iter().flat_map(|record| record.fields()).map(|field| field.to_json()).collect();
        let mut data = Map::new();
        for ((name, field), default) in self.names().iter().zip(self.fields()).zip(defaults) {
            let json = field.to_json();
            if json != default || self.required().contains(name) {
                data.insert(camel_case(name), json);
            }
        }
        Value::Object(data)
    }

    /// The record as JSON: its type and what it says.
    pub fn to_json(&self) -> Value {
        json!({"type": self.kind(), "data": self.data()})
    }

    /// The record as it stands in the log.
    pub fn to_record(&self) -> Record {
        let json = json!({"type": self.kind(), "data": self.data(), "version": 0});
        Record { value: Some(Bytes::from(json.to_string().as_str())), ..Record::default() }
    }

    /// Reads a record of the log; `None` for a control record.
    pub fn from_record(record: &Record) -> Option<Self> {
        let json: Value = serde_json::from_str(record.value.as_ref()?.as_text()?).ok()?;
        let mut record = Self::default_of(json.get("type")?.as_str()?)?;
        read_fields(&mut record, json.get("data")?).ok()?;
        Some(record)
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
