//! The records of `__consumer_offsets`, as JSON the way Kafka's own formatter prints them
//! (`OffsetsMessageFormatter`, `GroupMetadataMessageFormatter`).

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::classic::{CLIENT_HOST, ClassicGroup, CommittedOffset, Member};
use crate::sim::Millis;
use crate::wire::codec::{Message, MessageError, read_text};
use crate::wire::consumer_protocol::{ConsumerSubscription, RawBytes};
use crate::wire::group::JoinGroupProtocol;
use crate::wire::message::message;
use crate::wire::records::{Bytes, Record};
use crate::wire::{Topic, TopicPartition};

message! {
    pub struct OffsetCommitKey {
        pub group: String = String::new(),
        pub topic: Topic = Topic::from(""),
        pub partition: i32 = 0,
    }
    pub struct OffsetCommitValue {
        pub offset: i64 = 0,
        pub leader_epoch: i32 = -1,
        pub metadata: String = String::new(),
        pub commit_timestamp: i64 = 0,
    }
    pub struct GroupMetadataKey {
        pub group: String = String::new(),
    }
    pub struct GroupMetadataValue {
        pub protocol_type: String = String::new(),
        pub generation: i32 = 0,
        pub protocol: Option<String> = None,
        pub leader: Option<String> = None,
        pub current_state_timestamp: i64 = -1,
        pub members: Vec<MemberMetadata> = Vec::new(),
    }
    pub struct MemberMetadata {
        pub member_id: String = String::new(),
        pub group_instance_id: Option<String> = None,
        pub client_id: String = String::new(),
        pub client_host: String = String::new(),
        pub rebalance_timeout: i32 = 0,
        pub session_timeout: i32 = 0,
        pub subscription: WrittenSubscription = WrittenSubscription::default(),
        /// In base64.
        pub assignment: String = String::new(),
    }
    pub struct SubscriptionValue {
        pub topics: Vec<Topic> = Vec::new(),
        pub user_data: Option<String> = None,
        pub owned_partitions: Vec<TopicPartitions> = Vec::new(),
        pub generation_id: i32 = -1,
        pub rack_id: Option<String> = None,
    }
    pub struct TopicPartitions {
        pub topic: Topic = Topic::from(""),
        pub partitions: Vec<i32> = Vec::new(),
    }
}

/// What a member told its leader: read, where a consumer of this version said it, else in base64.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum WrittenSubscription {
    Consumer(SubscriptionValue),
    Base64(String),
}

impl Default for WrittenSubscription {
    fn default() -> Self {
        Self::Base64(String::new())
    }
}

impl Message for WrittenSubscription {
    fn to_json(&self) -> Value {
        match self {
            Self::Consumer(subscription) => subscription.to_json(),
            Self::Base64(text) => text.to_json(),
        }
    }

    fn read_json(&mut self, json: &Value) -> Result<(), MessageError> {
        *self = if json.is_object() {
            let mut subscription = SubscriptionValue::default();
            subscription.read_json(json)?;
            Self::Consumer(subscription)
        } else {
            Self::Base64(read_text(json)?.to_owned())
        };
        Ok(())
    }
}

impl WrittenSubscription {
    fn of(metadata: &RawBytes) -> Self {
        match ConsumerSubscription::decode(metadata).filter(|subscription| subscription.encode() == *metadata) {
            Some(subscription) => Self::Consumer(SubscriptionValue {
                topics: subscription.topics,
                user_data: subscription.user_data.map(|data| data.to_base64()),
                owned_partitions: by_topic(&subscription.owned_partitions),
                generation_id: subscription.generation_id,
                rack_id: subscription.rack_id,
            }),
            None => Self::Base64(metadata.to_base64()),
        }
    }

    fn metadata(self) -> RawBytes {
        match self {
            Self::Base64(text) => RawBytes::from_base64(&text).unwrap_or_default(),
            Self::Consumer(value) => ConsumerSubscription {
                topics: value.topics,
                user_data: value.user_data.as_deref().and_then(RawBytes::from_base64),
                owned_partitions: flat(value.owned_partitions),
                generation_id: value.generation_id,
                rack_id: value.rack_id,
            }
            .encode(),
        }
    }
}

fn by_topic(partitions: &[TopicPartition]) -> Vec<TopicPartitions> {
    let mut topics: BTreeMap<&Topic, Vec<i32>> = BTreeMap::new();
    for each in partitions {
        topics.entry(&each.topic).or_default().push(each.partition);
    }
    topics.into_iter().map(|(topic, partitions)| TopicPartitions { topic: topic.clone(), partitions }).collect()
}

fn flat(topics: Vec<TopicPartitions>) -> Vec<TopicPartition> {
    let each = |topic: TopicPartitions| {
        let name = topic.topic;
        topic.partitions.into_iter().map(move |partition| TopicPartition::new(name.clone(), partition))
    };
    topics.into_iter().flat_map(each).collect()
}

/// A key of this type.
fn key(kind: &str, data: &dyn Message) -> Option<Bytes> {
    Some(Bytes::from(json!({"type": kind, "data": data.to_json()}).to_string().as_str()))
}

/// A value in this version.
fn value(version: &str, data: &dyn Message) -> Option<Bytes> {
    Some(Bytes::from(json!({"version": version, "data": data.to_json()}).to_string().as_str()))
}

/// What a key or a value says; `None` where it says something else.
fn read<M: Message + Default>(json: &Value) -> Option<M> {
    let mut message = M::default();
    message.read_json(json.get("data")?).ok()?;
    Some(message)
}

fn record(key: Option<Bytes>, value: Option<Bytes>, now: Millis) -> Record {
    Record { timestamp: i64::try_from(now).unwrap_or(i64::MAX), key, value, ..Record::default() }
}

/// The record of one committed offset.
pub(super) fn offset_commit(group: &str, partition: &TopicPartition, offset: &CommittedOffset, now: Millis) -> Record {
    let committed = OffsetCommitValue {
        offset: offset.offset,
        leader_epoch: offset.leader_epoch,
        metadata: offset.metadata.clone(),
        commit_timestamp: i64::try_from(now).unwrap_or(i64::MAX),
    };
    record(offset_commit_key(group, partition), value("4", &committed), now)
}

/// The record that a committed offset is gone.
pub(super) fn offset_tombstone(group: &str, partition: &TopicPartition, now: Millis) -> Record {
    record(offset_commit_key(group, partition), None, now)
}

fn offset_commit_key(group: &str, partition: &TopicPartition) -> Option<Bytes> {
    let (topic, partition) = (partition.topic.clone(), partition.partition);
    key("1", &OffsetCommitKey { group: group.to_owned(), topic, partition })
}

/// The record that a group is gone.
pub(super) fn group_tombstone(group: &str, now: Millis) -> Record {
    record(key("2", &GroupMetadataKey { group: group.to_owned() }), None, now)
}

/// The record of a group's generation: its members with their assignment, so that another coordinator can go on with them.
pub(super) fn group_metadata(group: &ClassicGroup, assignment: &BTreeMap<String, RawBytes>, now: Millis) -> Record {
    let member = |member: &Member| MemberMetadata {
        member_id: member.id.clone(),
        group_instance_id: member.instance_id.clone(),
        client_id: member.client_id.clone(),
        client_host: CLIENT_HOST.into(),
        rebalance_timeout: member.rebalance_timeout_ms,
        session_timeout: member.session_timeout_ms,
        subscription: WrittenSubscription::of(&member.metadata(group.protocol.as_deref())),
        assignment: assignment.get(&member.id).map(RawBytes::to_base64).unwrap_or_default(),
    };
    let metadata = GroupMetadataValue {
        protocol_type: group.protocol_type.clone().unwrap_or_default(),
        generation: group.generation,
        protocol: group.protocol.clone(),
        leader: group.leader.clone(),
        current_state_timestamp: i64::try_from(now).unwrap_or(i64::MAX),
        members: group.members.values().map(member).collect(),
    };
    record(key("2", &GroupMetadataKey { group: group.id.clone() }), value("3", &metadata), now)
}

/// What a record of `__consumer_offsets` says.
#[derive(Debug)]
pub(super) enum Replayed {
    /// An offset was committed; none is a tombstone.
    Offset { group: String, partition: TopicPartition, offset: Option<CommittedOffset> },
    /// A group began a generation; none is a tombstone.
    Group { group: String, generation: Option<Box<ReplayedGeneration>> },
}

/// A generation as its record has it.
#[derive(Debug)]
pub(super) struct ReplayedGeneration {
    pub(super) protocol_type: Option<String>,
    pub(super) generation: i32,
    pub(super) protocol: Option<String>,
    pub(super) leader: Option<String>,
    pub(super) members: Vec<Member>,
}

/// Reads a record. Any other than those above is passed over, as Kafka passes over types it does not know.
pub(super) fn replay(record: &Record) -> Option<Replayed> {
    let key: Value = serde_json::from_str(record.key.as_ref()?.as_text()?).ok()?;
    let value: Option<Value> = match &record.value {
        Some(value) => Some(serde_json::from_str(value.as_text()?).ok()?),
        None => None,
    };
    match key.get("type")?.as_str()? {
        "0" | "1" => {
            let OffsetCommitKey { group, topic, partition } = read(&key)?;
            let offset = match value {
                Some(json) => {
                    let OffsetCommitValue { offset, leader_epoch, metadata, .. } = read(&json)?;
                    Some(CommittedOffset { offset, leader_epoch, metadata })
                }
                None => None,
            };
            Some(Replayed::Offset { group, partition: TopicPartition::new(topic, partition), offset })
        }
        "2" => {
            let GroupMetadataKey { group } = read(&key)?;
            let generation = match value {
                Some(json) => Some(Box::new(generation(read(&json)?))),
                None => None,
            };
            Some(Replayed::Group { group, generation })
        }
        _ => None,
    }
}

fn generation(value: GroupMetadataValue) -> ReplayedGeneration {
    // Only the chosen assignor's words are in the log: until it joins again a member can work with that one alone.
    let protocol = value.protocol.clone().unwrap_or_default();
    let members = value.members.into_iter().map(|member| Member {
        id: member.member_id,
        instance_id: member.group_instance_id,
        client_id: member.client_id,
        rebalance_timeout_ms: member.rebalance_timeout,
        session_timeout_ms: member.session_timeout,
        protocols: vec![JoinGroupProtocol { name: protocol.clone(), metadata: member.subscription.metadata() }],
        assignment: RawBytes::from_base64(&member.assignment).unwrap_or_default(),
        awaiting_join: None,
        awaiting_sync: None,
        is_new: false,
    });
    ReplayedGeneration {
        protocol_type: Some(value.protocol_type).filter(|kind| !kind.is_empty()),
        generation: value.generation,
        protocol: value.protocol,
        leader: value.leader,
        members: members.collect(),
    }
}
