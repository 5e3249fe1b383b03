//! The records of `__consumer_offsets` in words: the JSON that Kafka's own formatter prints
//! (`GroupMetadataMessageFormatter`, `OffsetsMessageFormatter`).

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::broker::group::records::{self, GroupMetadataValue, GroupRecord, MemberMetadata, OffsetCommitValue};
use crate::wire::consumer_protocol::{ConsumerSubscription, RawBytes};
use crate::wire::records::{Bytes, Record};
use crate::wire::{TopicPartition, Uuid};

/// The record with its key and value in words; as it is, where it is none that a group coordinator writes.
pub(crate) fn in_words(record: &Record) -> Record {
    let Some(read) = records::read(record) else { return record.clone() };
    let (key, value) = match &read {
        GroupRecord::OffsetCommit { group, partition, value } => (
            json!({"type": "1", "data": {"group": group, "topic": partition.topic, "partition": partition.partition}}),
            value.as_ref().map(|value| json!({"version": "4", "data": offset_commit(value)})),
        ),
        GroupRecord::GroupMetadata { group, value } => (
            json!({"type": "2", "data": {"group": group}}),
            value.as_ref().map(|value| json!({"version": "3", "data": group_metadata(value)})),
        ),
    };
    let text = |json: Value| Bytes::from(json.to_string().as_str());
    Record { key: Some(text(key)), value: value.map(text), ..record.clone() }
}

fn offset_commit(value: &OffsetCommitValue) -> Value {
    let committed = &value.committed;
    let mut words = json!({
        "offset": committed.offset,
        "leaderEpoch": committed.leader_epoch,
        "metadata": committed.metadata,
        "commitTimestamp": value.commit_timestamp,
    });
    // A tagged field is written only where it says something.
    if committed.topic_id != Uuid::ZERO {
        words["topicId"] = json!(committed.topic_id);
    }
    words
}

fn group_metadata(value: &GroupMetadataValue) -> Value {
    json!({
        "protocolType": value.protocol_type,
        "generation": value.generation,
        "protocol": value.protocol,
        "leader": value.leader,
        "currentStateTimestamp": value.current_state_timestamp,
        "members": value.members.iter().map(member).collect::<Vec<_>>(),
    })
}

fn member(member: &MemberMetadata) -> Value {
    json!({
        "memberId": member.member_id,
        "groupInstanceId": member.group_instance_id,
        "clientId": member.client_id,
        "clientHost": member.client_host,
        "rebalanceTimeout": member.rebalance_timeout,
        "sessionTimeout": member.session_timeout,
        "subscription": subscription(&member.subscription),
        "assignment": member.assignment.to_base64(),
    })
}

/// What a member told its leader: read, where a consumer of this version said it, else in base64.
fn subscription(metadata: &RawBytes) -> Value {
    match ConsumerSubscription::decode(metadata).filter(|subscription| subscription.encode() == *metadata) {
        Some(subscription) => json!({
            "topics": subscription.topics,
            "userData": subscription.user_data.map(|data| data.to_base64()),
            "ownedPartitions": by_topic(&subscription.owned_partitions),
            "generationId": subscription.generation_id,
            "rackId": subscription.rack_id,
        }),
        None => json!(metadata.to_base64()),
    }
}

fn by_topic(partitions: &[TopicPartition]) -> Vec<Value> {
    let mut topics: BTreeMap<&str, Vec<i32>> = BTreeMap::new();
    for each in partitions {
        topics.entry(&each.topic).or_default().push(each.partition);
    }
    topics.into_iter().map(|(topic, partitions)| json!({"topic": topic, "partitions": partitions})).collect()
}
