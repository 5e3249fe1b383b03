//! The records of `__consumer_offsets` in words: the JSON that Kafka's own formatter prints
//! (`GroupMetadataMessageFormatter`, `OffsetsMessageFormatter`).

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::broker::group::consumer::records::{ConsumerGroupRecord, CurrentMemberAssignmentValue, MemberMetadataValue};
use crate::broker::group::records::{self, GroupMetadataValue, GroupRecord, MemberMetadata, OffsetCommitValue};
use crate::wire::consumer_protocol::{ConsumerSubscription, RawBytes};
use crate::wire::records::{Bytes, Record};
use crate::wire::{TopicPartition, Uuid};

/// The record with its key and value in words; as it is, where it is none that a group coordinator writes.
pub(crate) fn to_readable(record: &Record) -> Record {
    let Some(read) = records::read(record) else { return record.clone() };
    let (key, value) = match &read {
        GroupRecord::ConsumerGroup { group, record } => {
            let (kind, mut key, value) = consumer_group(record);
            key.insert(0, ("groupId", json!(group)));
            let key: Map<String, Value> = key.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
            (json!({"type": kind.to_string(), "data": key}), value.map(|value| json!({"version": "0", "data": value})))
        }
        GroupRecord::OffsetCommit { group, partition, value } => (
            json!({"type": "1", "data": {"group": group, "topic": partition.topic, "partition": partition.partition}}),
            value.as_ref().map(|value| {
                let version = if value.committed.expires_at.is_some() { "1" } else { "4" };
                json!({"version": version, "data": offset_commit(value)})
            }),
        ),
        GroupRecord::GroupMetadata { group, value } => (
            json!({"type": "2", "data": {"group": group}}),
            value.as_ref().map(|value| json!({"version": "3", "data": group_metadata(value)})),
        ),
    };
    let text = |json: Value| Bytes::from(json.to_string().as_str());
    Record { key: Some(text(key)), value: value.map(text), ..record.clone() }
}

/// The type of a consumer group's record, what its key says beside the group, and what it says itself.
fn consumer_group(record: &ConsumerGroupRecord) -> (i16, Vec<(&'static str, Value)>, Option<Value>) {
    let of_member = |member: &String| vec![("memberId", json!(member))];
    let with_tagged = |mut words: Value, name: &str, value: i64| {
        // A tagged field is written only where it says something.
        if value != 0 {
            words[name] = json!(value);
        }
        words
    };
    let kind = record.key_type();
    match record {
        ConsumerGroupRecord::GroupMetadata { value } => {
            let words = value.map(|(epoch, hash)| with_tagged(json!({"epoch": epoch}), "metadataHash", hash));
            (kind, Vec::new(), words)
        }
        ConsumerGroupRecord::PartitionMetadata => (kind, Vec::new(), None),
        ConsumerGroupRecord::TargetAssignmentMetadata { value } => {
            let words = value.map(|(epoch, timestamp)| {
                with_tagged(json!({"assignmentEpoch": epoch}), "assignmentTimestamp", timestamp)
            });
            (kind, Vec::new(), words)
        }
        ConsumerGroupRecord::MemberMetadata { member, value } => {
            (kind, of_member(member), value.as_ref().map(member_metadata))
        }
        ConsumerGroupRecord::TargetAssignmentMember { member, value } => {
            let words = value.as_ref().map(|value| {
                let topics = value.iter().map(|(id, each)| json!({"topicId": id, "partitions": each}));
                json!({"topicPartitions": topics.collect::<Vec<_>>()})
            });
            (kind, of_member(member), words)
        }
        ConsumerGroupRecord::CurrentMemberAssignment { member, value } => {
            (kind, of_member(member), value.as_ref().map(current_assignment))
        }
        ConsumerGroupRecord::RegularExpression { regex, value } => {
            let words = value
                .as_ref()
                .map(|value| json!({"topics": value.topics, "version": value.version, "timestamp": value.timestamp}));
            (kind, vec![("regularExpression", json!(regex))], words)
        }
    }
}

fn member_metadata(value: &MemberMetadataValue) -> Value {
    let classic = value.classic.as_ref().map(|classic| {
        let protocols = classic.supported_protocols.iter();
        let protocols = protocols.map(|each| json!({"name": each.name, "metadata": each.metadata.to_base64()}));
        json!({
            "sessionTimeoutMs": classic.session_timeout_ms,
            "supportedProtocols": protocols.collect::<Vec<_>>(),
        })
    });
    json!({
        "instanceId": value.instance_id,
        "rackId": value.rack_id,
        "clientId": value.client_id,
        "clientHost": value.client_host,
        "subscribedTopicNames": value.subscribed_topic_names,
        "subscribedTopicRegex": value.subscribed_topic_regex,
        "rebalanceTimeoutMs": value.rebalance_timeout_ms,
        "serverAssignor": value.server_assignor,
        "classicMemberMetadata": classic,
    })
}

fn current_assignment(value: &CurrentMemberAssignmentValue) -> Value {
    let by_topic = |partitions: &BTreeMap<Uuid, BTreeMap<i32, i32>>| -> Vec<Value> {
        let topics = partitions.iter().map(|(id, held)| {
            let (partitions, epochs): (Vec<i32>, Vec<i32>) = held.iter().unzip();
            json!({"topicId": id, "partitions": partitions, "assignmentEpochs": epochs})
        });
        topics.collect()
    };
    json!({
        "memberEpoch": value.member_epoch,
        "previousMemberEpoch": value.previous_member_epoch,
        "state": value.state.value(),
        "assignedPartitions": by_topic(&value.assigned),
        "partitionsPendingRevocation": by_topic(&value.pending_revocation),
    })
}

fn offset_commit(value: &OffsetCommitValue) -> Value {
    let committed = &value.committed;
    if let Some(expires_at) = committed.expires_at {
        return json!({
            "offset": committed.offset,
            "metadata": committed.metadata,
            "commitTimestamp": committed.committed_at,
            "expireTimestamp": expires_at,
        });
    }
    let mut words = json!({
        "offset": committed.offset,
        "leaderEpoch": committed.leader_epoch,
        "metadata": committed.metadata,
        "commitTimestamp": committed.committed_at,
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
