//! The records of `__consumer_offsets`, as JSON the way Kafka's own formatter prints them
//! (`OffsetsMessageFormatter`, `GroupMetadataMessageFormatter`).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::classic::{CLIENT_HOST, ClassicGroup, CommittedOffset, Member};
use crate::sim::Millis;
use crate::wire::consumer_protocol::{ConsumerSubscription, RawBytes};
use crate::wire::group::JoinGroupProtocol;
use crate::wire::records::{Bytes, Record};
use crate::wire::{Topic, TopicPartition};

#[derive(Serialize, Deserialize)]
struct Key<T> {
    #[serde(rename = "type")]
    kind: String,
    data: T,
}

#[derive(Serialize, Deserialize)]
struct Versioned<T> {
    version: String,
    data: T,
}

#[derive(Serialize, Deserialize)]
struct OffsetCommitKey {
    group: String,
    topic: Topic,
    partition: i32,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct OffsetCommitValue {
    offset: i64,
    leader_epoch: i32,
    metadata: String,
    commit_timestamp: i64,
}

#[derive(Serialize, Deserialize)]
struct GroupMetadataKey {
    group: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct GroupMetadataValue {
    protocol_type: String,
    generation: i32,
    protocol: Option<String>,
    leader: Option<String>,
    current_state_timestamp: i64,
    members: Vec<MemberMetadata>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct MemberMetadata {
    member_id: String,
    group_instance_id: Option<String>,
    client_id: String,
    client_host: String,
    rebalance_timeout: i32,
    session_timeout: i32,
    subscription: WrittenSubscription,
    /// In base64.
    assignment: String,
}

/// What a member told its leader: read, where a consumer of this version said it, else in base64.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum WrittenSubscription {
    Consumer(SubscriptionValue),
    Base64(String),
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

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SubscriptionValue {
    topics: Vec<Topic>,
    user_data: Option<String>,
    owned_partitions: Vec<TopicPartitions>,
    generation_id: i32,
    rack_id: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct TopicPartitions {
    topic: Topic,
    partitions: Vec<i32>,
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

fn json(value: &impl Serialize) -> Option<Bytes> {
    serde_json::to_string(value).ok().map(|text| Bytes::from(text.as_str()))
}

fn record(key: Option<Bytes>, value: Option<Bytes>, now: Millis) -> Record {
    Record { timestamp: i64::try_from(now).unwrap_or(i64::MAX), key, value, ..Record::default() }
}

/// The record of one committed offset.
pub(super) fn offset_commit(group: &str, partition: &TopicPartition, offset: &CommittedOffset, now: Millis) -> Record {
    let key =
        OffsetCommitKey { group: group.to_owned(), topic: partition.topic.clone(), partition: partition.partition };
    let value = OffsetCommitValue {
        offset: offset.offset,
        leader_epoch: offset.leader_epoch,
        metadata: offset.metadata.clone(),
        commit_timestamp: i64::try_from(now).unwrap_or(i64::MAX),
    };
    let key = json(&Key { kind: "1".into(), data: key });
    record(key, json(&Versioned { version: "4".into(), data: value }), now)
}

/// The record that a committed offset is gone.
pub(super) fn offset_tombstone(group: &str, partition: &TopicPartition, now: Millis) -> Record {
    let key =
        OffsetCommitKey { group: group.to_owned(), topic: partition.topic.clone(), partition: partition.partition };
    record(json(&Key { kind: "1".into(), data: key }), None, now)
}

/// The record that a group is gone.
pub(super) fn group_tombstone(group: &str, now: Millis) -> Record {
    record(json(&Key { kind: "2".into(), data: GroupMetadataKey { group: group.to_owned() } }), None, now)
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
    let value = GroupMetadataValue {
        protocol_type: group.protocol_type.clone().unwrap_or_default(),
        generation: group.generation,
        protocol: group.protocol.clone(),
        leader: group.leader.clone(),
        current_state_timestamp: i64::try_from(now).unwrap_or(i64::MAX),
        members: group.members.values().map(member).collect(),
    };
    let key = json(&Key { kind: "2".into(), data: GroupMetadataKey { group: group.id.clone() } });
    record(key, json(&Versioned { version: "3".into(), data: value }), now)
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
    let key = record.key.as_ref()?.as_text()?;
    let kind: Key<serde_json::Value> = serde_json::from_str(key).ok()?;
    let value = match &record.value {
        Some(value) => Some(value.as_text()?),
        None => None,
    };
    match kind.kind.as_str() {
        "0" | "1" => {
            let key: OffsetCommitKey = serde_json::from_value(kind.data).ok()?;
            let offset = match value {
                Some(text) => {
                    let value: Versioned<OffsetCommitValue> = serde_json::from_str(text).ok()?;
                    let OffsetCommitValue { offset, leader_epoch, metadata, .. } = value.data;
                    Some(CommittedOffset { offset, leader_epoch, metadata })
                }
                None => None,
            };
            let partition = TopicPartition::new(key.topic, key.partition);
            Some(Replayed::Offset { group: key.group, partition, offset })
        }
        "2" => {
            let key: GroupMetadataKey = serde_json::from_value(kind.data).ok()?;
            let generation = match value {
                Some(text) => {
                    let value: Versioned<GroupMetadataValue> = serde_json::from_str(text).ok()?;
                    Some(Box::new(generation(value.data)))
                }
                None => None,
            };
            Some(Replayed::Group { group: key.group, generation })
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
