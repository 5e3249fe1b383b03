//! The records of consumer groups in Kafka's own bytes (`ConsumerGroup…Key` and `…Value`, `GroupCoordinatorRecordHelpers`).

use std::collections::{BTreeMap, BTreeSet};

use super::current_assignment::{PartitionEpochs, TopicPartitions};
use super::member::{ClassicMemberMetadata, ConsumerGroupMember, MemberState};
use super::{ConsumerGroup, ResolvedRegularExpression};
use crate::broker::group::classic::CLIENT_HOST;
use crate::sim::Millis;
use crate::wire::binary::{Reader, put_compact_nullable_text, put_compact_text, put_text, put_unsigned_varint};
use crate::wire::consumer_protocol::RawBytes;
use crate::wire::group::JoinGroupProtocol;
use crate::wire::hash_order::{in_timeline_map_order, java_string_hash};
use crate::wire::records::{Bytes, Record};
use crate::wire::{Topic, Uuid};

/// The only version of all these values.
const VERSION: i16 = 0;
const GROUP_METADATA: i16 = 3;
const PARTITION_METADATA: i16 = 4;
const MEMBER_METADATA: i16 = 5;
const TARGET_ASSIGNMENT_METADATA: i16 = 6;
const TARGET_ASSIGNMENT_MEMBER: i16 = 7;
const CURRENT_MEMBER_ASSIGNMENT: i16 = 8;
const REGULAR_EXPRESSION: i16 = 16;
/// The one tagged field that some of these values have.
const TAG: u32 = 0;

/// `ConsumerGroupMemberMetadataValue`: who a member is and what it wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MemberMetadataValue {
    pub(crate) instance_id: Option<String>,
    pub(crate) rack_id: Option<String>,
    pub(crate) client_id: String,
    pub(crate) client_host: String,
    pub(crate) subscribed_topic_names: Vec<Topic>,
    pub(crate) subscribed_topic_regex: Option<String>,
    pub(crate) rebalance_timeout_ms: i32,
    pub(crate) server_assignor: Option<String>,
    pub(crate) classic: Option<ClassicMemberMetadata>,
}

/// `ConsumerGroupCurrentMemberAssignmentValue`: what a member holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CurrentMemberAssignmentValue {
    pub(crate) member_epoch: i32,
    pub(crate) previous_member_epoch: i32,
    pub(crate) state: MemberState,
    pub(crate) assigned: PartitionEpochs,
    pub(crate) pending_revocation: PartitionEpochs,
}

/// What a record of a consumer group says; without a value it is a tombstone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ConsumerGroupRecord {
    /// The group epoch, with what stands for the topics then.
    GroupMetadata { value: Option<(i32, i64)> },
    /// Written before 4.1 only; deleted with the group.
    PartitionMetadata,
    /// Who a member is.
    MemberMetadata { member: String, value: Option<MemberMetadataValue> },
    /// The epoch of the target assignment, and when it was computed.
    TargetAssignmentMetadata { value: Option<(i32, i64)> },
    /// What a member is to hold.
    TargetAssignmentMember { member: String, value: Option<TopicPartitions> },
    /// What a member holds.
    CurrentMemberAssignment { member: String, value: Option<CurrentMemberAssignmentValue> },
    /// What a regular expression stands for.
    RegularExpression { regex: String, value: Option<ResolvedRegularExpression> },
}

impl MemberMetadataValue {
    /// What a member's record says.
    pub(super) fn of(member: &ConsumerGroupMember) -> Self {
        Self {
            instance_id: member.instance_id.clone(),
            rack_id: member.rack_id.clone(),
            client_id: member.client_id.clone(),
            client_host: CLIENT_HOST.to_owned(),
            subscribed_topic_names: member.subscribed_topics.iter().cloned().collect(),
            subscribed_topic_regex: Some(member.subscribed_regex.clone()),
            rebalance_timeout_ms: member.rebalance_timeout_ms,
            server_assignor: member.server_assignor.clone(),
            classic: member.classic.clone(),
        }
    }
}

impl CurrentMemberAssignmentValue {
    /// What the record of a member's partitions says.
    pub(super) fn of(member: &ConsumerGroupMember) -> Self {
        Self {
            member_epoch: member.epoch,
            previous_member_epoch: member.previous_epoch,
            state: member.state,
            assigned: member.assigned.clone(),
            pending_revocation: member.pending_revocation.clone(),
        }
    }
}

impl ConsumerGroupRecord {
    /// The number of its type.
    pub(crate) fn key_type(&self) -> i16 {
        match self {
            Self::GroupMetadata { .. } => GROUP_METADATA,
            Self::PartitionMetadata => PARTITION_METADATA,
            Self::MemberMetadata { .. } => MEMBER_METADATA,
            Self::TargetAssignmentMetadata { .. } => TARGET_ASSIGNMENT_METADATA,
            Self::TargetAssignmentMember { .. } => TARGET_ASSIGNMENT_MEMBER,
            Self::CurrentMemberAssignment { .. } => CURRENT_MEMBER_ASSIGNMENT,
            Self::RegularExpression { .. } => REGULAR_EXPRESSION,
        }
    }

    /// Whether it deletes what it names.
    pub(crate) fn is_tombstone(&self) -> bool {
        match self {
            Self::GroupMetadata { value } | Self::TargetAssignmentMetadata { value } => value.is_none(),
            Self::PartitionMetadata => true,
            Self::MemberMetadata { value, .. } => value.is_none(),
            Self::TargetAssignmentMember { value, .. } => value.is_none(),
            Self::CurrentMemberAssignment { value, .. } => value.is_none(),
            Self::RegularExpression { value, .. } => value.is_none(),
        }
    }

    /// The record, as it is written now.
    pub(super) fn encode(&self, group: &str, now: Millis) -> Record {
        let mut key = self.key_type().to_be_bytes().to_vec();
        put_text(&mut key, group);
        let value = match self {
            Self::GroupMetadata { value } => value.map(|(epoch, hash)| epoch_value(epoch, hash)),
            Self::TargetAssignmentMetadata { value } => value.map(|(epoch, timestamp)| epoch_value(epoch, timestamp)),
            Self::PartitionMetadata => None,
            Self::MemberMetadata { member, value } => {
                put_text(&mut key, member);
                value.as_ref().map(member_metadata)
            }
            Self::TargetAssignmentMember { member, value } => {
                put_text(&mut key, member);
                value.as_ref().map(target_assignment)
            }
            Self::CurrentMemberAssignment { member, value } => {
                put_text(&mut key, member);
                value.as_ref().map(current_assignment)
            }
            Self::RegularExpression { regex, value } => {
                put_text(&mut key, regex);
                value.as_ref().map(regular_expression)
            }
        };
        let timestamp = i64::try_from(now).unwrap_or(i64::MAX);
        Record { timestamp, key: Some(key.into()), value: value.map(Bytes::from), ..Record::default() }
    }

    /// Reads a record whose key is of this type and of which the type was read. `None` where it is none of these.
    pub(crate) fn read(key_type: i16, key: &mut Reader<'_>, value: Option<&Bytes>) -> Option<(String, Self)> {
        let group = key.text()?.to_owned();
        let mut reader = match value {
            Some(value) => {
                let mut reader = Reader::new(value.as_slice());
                (reader.short()? == VERSION).then_some(())?;
                Some(reader)
            }
            None => None,
        };
        let record = match key_type {
            GROUP_METADATA => Self::GroupMetadata { value: read_value(reader.as_mut(), read_epoch_value)? },
            PARTITION_METADATA => Self::PartitionMetadata,
            TARGET_ASSIGNMENT_METADATA => {
                Self::TargetAssignmentMetadata { value: read_value(reader.as_mut(), read_epoch_value)? }
            }
            MEMBER_METADATA => Self::MemberMetadata {
                member: key.text()?.to_owned(),
                value: read_value(reader.as_mut(), read_member_metadata)?,
            },
            TARGET_ASSIGNMENT_MEMBER => Self::TargetAssignmentMember {
                member: key.text()?.to_owned(),
                value: read_value(reader.as_mut(), read_target_assignment)?,
            },
            CURRENT_MEMBER_ASSIGNMENT => Self::CurrentMemberAssignment {
                member: key.text()?.to_owned(),
                value: read_value(reader.as_mut(), read_current_assignment)?,
            },
            REGULAR_EXPRESSION => Self::RegularExpression {
                regex: key.text()?.to_owned(),
                value: read_value(reader.as_mut(), read_regular_expression)?,
            },
            _ => return None,
        };
        Some((group, record))
    }

    /// The tombstones of a whole group (`ConsumerGroup.createGroupTombstoneRecords`). One member may have been written under
    /// another id in the records before these.
    pub(super) fn tombstones(group: &ConsumerGroup, replaced: Option<(&str, &str)>) -> Vec<Self> {
        let written = |id: &str| match replaced {
            Some((old, new)) if old == id => new.to_owned(),
            Some(_) | None => id.to_owned(),
        };
        let members: Vec<String> = group.members_in_table_order().map(|member| written(&member.id)).collect();
        let mut records: Vec<Self> = Vec::new();
        records.extend(members.iter().cloned().map(|member| Self::CurrentMemberAssignment { member, value: None }));
        records.extend(members.iter().cloned().map(|member| Self::TargetAssignmentMember { member, value: None }));
        records.push(Self::TargetAssignmentMetadata { value: None });
        records.extend(members.into_iter().map(|member| Self::MemberMetadata { member, value: None }));
        let regexes = in_timeline_map_order(group.regular_expressions.keys(), |regex| java_string_hash(regex));
        records.extend(regexes.map(|regex| Self::RegularExpression { regex: regex.clone(), value: None }));
        records.extend([Self::PartitionMetadata, Self::GroupMetadata { value: None }]);
        records
    }
}

// --- writing ---

fn put_count(out: &mut Vec<u8>, count: usize) {
    put_unsigned_varint(out, u32::try_from(count).unwrap_or(u32::MAX - 1) + 1);
}

fn no_tags(out: &mut Vec<u8>) {
    put_unsigned_varint(out, 0);
}

/// The one tagged field of a value.
fn put_tagged(out: &mut Vec<u8>, field: &[u8]) {
    put_unsigned_varint(out, 1);
    put_unsigned_varint(out, TAG);
    put_unsigned_varint(out, u32::try_from(field.len()).unwrap_or(u32::MAX));
    out.extend_from_slice(field);
}

/// An epoch with a number beside it that is only written where it is not 0.
fn epoch_value(epoch: i32, number: i64) -> Vec<u8> {
    let mut out = VERSION.to_be_bytes().to_vec();
    out.extend_from_slice(&epoch.to_be_bytes());
    match number {
        0 => no_tags(&mut out),
        number => put_tagged(&mut out, &number.to_be_bytes()),
    }
    out
}

fn member_metadata(value: &MemberMetadataValue) -> Vec<u8> {
    let mut out = VERSION.to_be_bytes().to_vec();
    put_compact_nullable_text(&mut out, value.instance_id.as_deref());
    put_compact_nullable_text(&mut out, value.rack_id.as_deref());
    put_compact_text(&mut out, &value.client_id);
    put_compact_text(&mut out, &value.client_host);
    put_count(&mut out, value.subscribed_topic_names.len());
    value.subscribed_topic_names.iter().for_each(|topic| put_compact_text(&mut out, topic));
    put_compact_nullable_text(&mut out, value.subscribed_topic_regex.as_deref());
    out.extend_from_slice(&value.rebalance_timeout_ms.to_be_bytes());
    put_compact_nullable_text(&mut out, value.server_assignor.as_deref());
    // A struct that may be null begins with whether it is there. Null is not what the schema has for its default, so that a
    // member of the consumer protocol has the field too.
    let Some(classic) = &value.classic else {
        put_tagged(&mut out, &[0]);
        return out;
    };
    let mut field = vec![1];
    field.extend_from_slice(&classic.session_timeout_ms.to_be_bytes());
    put_count(&mut field, classic.supported_protocols.len());
    for protocol in &classic.supported_protocols {
        put_compact_text(&mut field, &protocol.name);
        put_count(&mut field, protocol.metadata.as_slice().len());
        field.extend_from_slice(protocol.metadata.as_slice());
        no_tags(&mut field);
    }
    no_tags(&mut field);
    put_tagged(&mut out, &field);
    out
}

fn target_assignment(value: &TopicPartitions) -> Vec<u8> {
    let mut out = VERSION.to_be_bytes().to_vec();
    put_count(&mut out, value.len());
    for (topic, partitions) in value {
        out.extend_from_slice(&topic.0.to_be_bytes());
        put_count(&mut out, partitions.len());
        partitions.iter().for_each(|partition| out.extend_from_slice(&partition.to_be_bytes()));
        no_tags(&mut out);
    }
    no_tags(&mut out);
    out
}

fn put_partition_epochs(out: &mut Vec<u8>, value: &PartitionEpochs) {
    put_count(out, value.len());
    for (topic, partitions) in value {
        out.extend_from_slice(&topic.0.to_be_bytes());
        put_count(out, partitions.len());
        partitions.keys().for_each(|partition| out.extend_from_slice(&partition.to_be_bytes()));
        let mut epochs = Vec::new();
        put_count(&mut epochs, partitions.len());
        partitions.values().for_each(|epoch| epochs.extend_from_slice(&epoch.to_be_bytes()));
        put_tagged(out, &epochs);
    }
}

fn current_assignment(value: &CurrentMemberAssignmentValue) -> Vec<u8> {
    let mut out = VERSION.to_be_bytes().to_vec();
    out.extend_from_slice(&value.member_epoch.to_be_bytes());
    out.extend_from_slice(&value.previous_member_epoch.to_be_bytes());
    out.extend_from_slice(&value.state.value().to_be_bytes());
    put_partition_epochs(&mut out, &value.assigned);
    put_partition_epochs(&mut out, &value.pending_revocation);
    no_tags(&mut out);
    out
}

fn regular_expression(value: &ResolvedRegularExpression) -> Vec<u8> {
    let mut out = VERSION.to_be_bytes().to_vec();
    put_count(&mut out, value.topics.len());
    value.topics.iter().for_each(|topic| put_compact_text(&mut out, topic));
    out.extend_from_slice(&value.version.to_be_bytes());
    out.extend_from_slice(&value.timestamp.to_be_bytes());
    no_tags(&mut out);
    out
}

// --- reading ---

/// A value where there is one; `None` where it cannot be read.
fn read_value<'a, T>(
    reader: Option<&mut Reader<'a>>,
    read: impl FnOnce(&mut Reader<'a>) -> Option<T>,
) -> Option<Option<T>> {
    match reader {
        Some(reader) => read(reader).map(Some),
        None => Some(None),
    }
}

fn read_count(input: &mut Reader<'_>) -> Option<u32> {
    input.unsigned_varint()?.checked_sub(1)
}

/// The bytes of the one tagged field, if it is there.
fn read_tagged<'a>(input: &mut Reader<'a>) -> Option<Option<Reader<'a>>> {
    let mut found = None;
    for _ in 0..input.unsigned_varint()? {
        let (tag, size) = (input.unsigned_varint()?, usize::try_from(input.unsigned_varint()?).ok()?);
        let field = Reader::new(input.take(size)?);
        if tag == TAG {
            found = Some(field);
        }
    }
    Some(found)
}

fn read_epoch_value(input: &mut Reader<'_>) -> Option<(i32, i64)> {
    let epoch = input.int()?;
    let number = match read_tagged(input)? {
        Some(mut field) => field.long()?,
        None => 0,
    };
    Some((epoch, number))
}

fn read_member_metadata(input: &mut Reader<'_>) -> Option<MemberMetadataValue> {
    let owned = |text: Option<&str>| text.map(str::to_owned);
    let instance_id = owned(input.compact_nullable_text()?);
    let rack_id = owned(input.compact_nullable_text()?);
    let client_id = input.compact_text()?.to_owned();
    let client_host = input.compact_text()?.to_owned();
    let subscribed_topic_names =
        (0..read_count(input)?).map(|_| input.compact_text().map(Topic::from)).collect::<Option<_>>()?;
    let subscribed_topic_regex = owned(input.compact_nullable_text()?);
    let rebalance_timeout_ms = input.int()?;
    let server_assignor = owned(input.compact_nullable_text()?);
    let classic = match read_tagged(input)? {
        Some(mut field) => read_classic_metadata(&mut field)?,
        None => None,
    };
    Some(MemberMetadataValue {
        instance_id,
        rack_id,
        client_id,
        client_host,
        subscribed_topic_names,
        subscribed_topic_regex,
        rebalance_timeout_ms,
        server_assignor,
        classic,
    })
}

fn read_classic_metadata(input: &mut Reader<'_>) -> Option<Option<ClassicMemberMetadata>> {
    if input.take(1)? != [1] {
        return Some(None);
    }
    let session_timeout_ms = input.int()?;
    let mut supported_protocols = Vec::new();
    for _ in 0..read_count(input)? {
        let name = input.compact_text()?.to_owned();
        let size = usize::try_from(read_count(input)?).ok()?;
        let metadata = RawBytes::from(input.take(size)?.to_vec());
        read_tagged(input)?;
        supported_protocols.push(JoinGroupProtocol { name, metadata });
    }
    Some(Some(ClassicMemberMetadata { session_timeout_ms, supported_protocols }))
}

fn read_target_assignment(input: &mut Reader<'_>) -> Option<TopicPartitions> {
    let mut topics = TopicPartitions::new();
    for _ in 0..read_count(input)? {
        let topic = Uuid(input.uuid()?);
        let partitions: BTreeSet<i32> = (0..read_count(input)?).map(|_| input.int()).collect::<Option<_>>()?;
        read_tagged(input)?;
        topics.insert(topic, partitions);
    }
    Some(topics)
}

/// Before 4.3 partitions had no epochs of their own: that of their member stands for them.
fn read_partition_epochs(input: &mut Reader<'_>, member_epoch: i32) -> Option<PartitionEpochs> {
    let mut topics = PartitionEpochs::new();
    for _ in 0..read_count(input)? {
        let topic = Uuid(input.uuid()?);
        let partitions: Vec<i32> = (0..read_count(input)?).map(|_| input.int()).collect::<Option<_>>()?;
        let epochs: Vec<i32> = match read_tagged(input)? {
            Some(mut field) => (0..read_count(&mut field)?).map(|_| field.int()).collect::<Option<_>>()?,
            None => vec![member_epoch; partitions.len()],
        };
        let epochs: BTreeMap<i32, i32> = partitions.into_iter().zip(epochs).collect();
        topics.insert(topic, epochs);
    }
    Some(topics)
}

fn read_current_assignment(input: &mut Reader<'_>) -> Option<CurrentMemberAssignmentValue> {
    let member_epoch = input.int()?;
    Some(CurrentMemberAssignmentValue {
        member_epoch,
        previous_member_epoch: input.int()?,
        state: MemberState::of_value(i8::from_be_bytes([*input.take(1)?.first()?])),
        assigned: read_partition_epochs(input, member_epoch)?,
        pending_revocation: read_partition_epochs(input, member_epoch)?,
    })
}

fn read_regular_expression(input: &mut Reader<'_>) -> Option<ResolvedRegularExpression> {
    let topics = (0..read_count(input)?).map(|_| input.compact_text().map(Topic::from)).collect::<Option<_>>()?;
    Some(ResolvedRegularExpression { topics, version: input.long()?, timestamp: input.long()? })
}
