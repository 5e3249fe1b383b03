//! Metadata records, by Kafka's own names and fields (`metadata/src/main/resources/common/metadata/*.json`).
//!
//! On the metadata log a record's value is the JSON that `kafka-dump-log.sh --cluster-metadata-decoder` prints:
//! `{"type":"PARTITION_RECORD","version":0,"data":{…}}`.

#![expect(missing_docs, reason = "the fields are Kafka's own, described in its metadata record definitions")]

use serde::{Deserialize, Serialize};

use crate::wire::records::{Bytes, Record};
use crate::wire::{Topic, Uuid};

/// One record of the metadata log.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, strum::IntoStaticStr)]
#[serde(tag = "type", content = "data", rename_all = "SCREAMING_SNAKE_CASE", rename_all_fields = "camelCase")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum MetadataRecord {
    /// A broker registered.
    RegisterBrokerRecord {
        broker_id: i32,
        incarnation_id: Uuid,
        broker_epoch: i64,
        rack: Option<String>,
        fenced: bool,
        in_controlled_shutdown: bool,
        log_dirs: Vec<Uuid>,
    },
    /// A broker's registration changed. `fenced`: 1 fenced, -1 unfenced, 0 as before; `in_controlled_shutdown`: 1 yes, 0 as before.
    BrokerRegistrationChangeRecord {
        broker_id: i32,
        broker_epoch: i64,
        #[serde(default, skip_serializing_if = "is_zero")]
        fenced: i8,
        #[serde(default, skip_serializing_if = "is_zero")]
        in_controlled_shutdown: i8,
        #[serde(default, skip_serializing_if = "Option::is_none")]
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
    },
    /// A partition changed. A field that is `None` stays as it was; a leader that is given raises the leader epoch; every
    /// such record raises the partition epoch.
    PartitionChangeRecord {
        partition_id: i32,
        topic_id: Uuid,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        isr: Option<Vec<i32>>,
        /// -2 where the leader stays and its epoch too.
        #[serde(default = "no_leader_change", skip_serializing_if = "is_no_leader_change")]
        leader: i32,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        replicas: Option<Vec<i32>>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        removing_replicas: Option<Vec<i32>>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        adding_replicas: Option<Vec<i32>>,
        /// -1 as before, 0 RECOVERED, 1 RECOVERING.
        #[serde(default = "no_recovery_change", skip_serializing_if = "is_no_recovery_change")]
        leader_recovery_state: i8,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        eligible_leader_replicas: Option<Vec<i32>>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        last_known_elr: Option<Vec<i32>>,
    },
    /// A setting. `resource_type`: 2 a topic, 4 a broker ("" all brokers). No value takes it back.
    ConfigRecord { resource_type: i8, resource_name: String, name: String, value: Option<String> },
    /// Every partition of a topic (or of all, with "") forgets its ELR: its `min.insync.replicas` was set.
    ClearElrRecord { topic_name: String },
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

fn is_zero(value: &i8) -> bool {
    *value == 0
}

fn no_leader_change() -> i32 {
    -2
}

fn is_no_leader_change(leader: &i32) -> bool {
    *leader == -2
}

fn no_recovery_change() -> i8 {
    -1
}

fn is_no_recovery_change(state: &i8) -> bool {
    *state == -1
}

impl MetadataRecord {
    /// Kafka's name of the record's type.
    pub fn kind(&self) -> &'static str {
        self.into()
    }

    /// The record as it stands in the log.
    pub fn to_record(&self) -> Record {
        let mut json = serde_json::to_value(self).unwrap_or_default();
        if let Some(object) = json.as_object_mut() {
            object.insert("version".into(), 0.into());
        }
        Record { value: Some(Bytes::from(json.to_string().as_str())), ..Record::default() }
    }

    /// Reads a record of the log; `None` for a control record.
    pub fn from_record(record: &Record) -> Option<Self> {
        serde_json::from_str(record.value.as_ref()?.as_text()?).ok()
    }
}
