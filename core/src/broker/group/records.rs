//! The records of `__consumer_offsets` in Kafka's own bytes (`OffsetCommitKey` and `-Value`, `GroupMetadataKey` and `-Value`,
//! `GroupCoordinatorRecordHelpers`), so that their batches and segments have Kafka's sizes. The view says them in words.

use std::collections::BTreeMap;

use super::classic::{CLIENT_HOST, ClassicGroup, CommittedOffset, Member};
use super::consumer::records::ConsumerGroupRecord;
use crate::sim::Millis;
use crate::wire::binary::{
    Reader, put_bytes, put_compact_text, put_length, put_nullable_text, put_text, put_unsigned_varint,
};
use crate::wire::consumer_protocol::RawBytes;
use crate::wire::group::JoinGroupProtocol;
use crate::wire::records::{Bytes, Record};
use crate::wire::{TopicPartition, Uuid};

/// The type of a key that names a committed offset. Its older form, type 0, is read alike.
const OFFSET_COMMIT: i16 = 1;
/// The type of a key that names a group.
const GROUP_METADATA: i16 = 2;
/// The version in which offsets are written: the first flexible one, the first with the topic's id.
const OFFSET_COMMIT_VERSION: i16 = 4;
/// The only version that tells when an offset goes, and neither its leader epoch nor the topic's id.
const OFFSET_COMMIT_VERSION_WITH_EXPIRY: i16 = 1;
/// The version in which groups are written.
const GROUP_METADATA_VERSION: i16 = 3;
/// The tag of a committed offset's topic id.
const TOPIC_ID_TAG: u32 = 0;
/// The bytes of a topic id.
const UUID_BYTES: u32 = 16;

/// `OffsetCommitValue`: a committed offset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OffsetCommitValue {
    pub(crate) committed: CommittedOffset,
}

/// `GroupMetadataValue`: a group's generation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct GroupMetadataValue {
    pub(crate) protocol_type: String,
    pub(crate) generation: i32,
    pub(crate) protocol: Option<String>,
    pub(crate) leader: Option<String>,
    pub(crate) current_state_timestamp: i64,
    pub(crate) members: Vec<MemberMetadata>,
}

/// `MemberMetadata`: a member of a generation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MemberMetadata {
    pub(crate) member_id: String,
    pub(crate) group_instance_id: Option<String>,
    pub(crate) client_id: String,
    pub(crate) client_host: String,
    pub(crate) rebalance_timeout: i32,
    pub(crate) session_timeout: i32,
    pub(crate) subscription: RawBytes,
    pub(crate) assignment: RawBytes,
}

/// What a record of `__consumer_offsets` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum GroupRecord {
    /// An offset was committed; none is a tombstone.
    OffsetCommit { group: String, partition: TopicPartition, value: Option<OffsetCommitValue> },
    /// A group began a generation; none is a tombstone.
    GroupMetadata { group: String, value: Option<GroupMetadataValue> },
    /// Something changed in a group of the consumer protocol.
    ConsumerGroup { group: String, record: ConsumerGroupRecord },
}

/// A time as records have it.
pub(super) fn millis(now: Millis) -> i64 {
    i64::try_from(now).unwrap_or(i64::MAX)
}

fn record(key: Bytes, value: Option<Bytes>, now: Millis) -> Record {
    Record { timestamp: millis(now), key: Some(key), value, ..Record::default() }
}

fn offset_commit_key(key: &mut Vec<u8>, group: &str, partition: &TopicPartition) -> Bytes {
    key.clear();
    key.extend_from_slice(&OFFSET_COMMIT.to_be_bytes());
    put_text(key, group);
    put_text(key, &partition.topic);
    key.extend_from_slice(&partition.partition.to_be_bytes());
    key.as_slice().into()
}

fn group_metadata_key(group: &str) -> Bytes {
    let mut key = GROUP_METADATA.to_be_bytes().to_vec();
    put_text(&mut key, group);
    key.into()
}

/// Makes the records of committed offsets, one after the other in the same memory: a commit may be of many partitions.
pub(super) struct OffsetRecords<'a> {
    group: &'a str,
    now: Millis,
    bytes: Vec<u8>,
}

impl<'a> OffsetRecords<'a> {
    /// For offsets of a group that are committed now.
    pub(super) fn of(group: &'a str, now: Millis) -> Self {
        Self { group, now, bytes: Vec::with_capacity(128) }
    }

    /// The record of one committed offset.
    pub(super) fn commit(&mut self, partition: &TopicPartition, offset: &CommittedOffset) -> Record {
        let value = &mut self.bytes;
        value.clear();
        if let Some(expires_at) = offset.expires_at {
            value.extend_from_slice(&OFFSET_COMMIT_VERSION_WITH_EXPIRY.to_be_bytes());
            value.extend_from_slice(&offset.offset.to_be_bytes());
            put_text(value, &offset.metadata);
            value.extend_from_slice(&offset.committed_at.to_be_bytes());
            value.extend_from_slice(&expires_at.to_be_bytes());
            let value = value.as_slice().into();
            return record(offset_commit_key(&mut self.bytes, self.group, partition), Some(value), self.now);
        }
        value.extend_from_slice(&OFFSET_COMMIT_VERSION.to_be_bytes());
        value.extend_from_slice(&offset.offset.to_be_bytes());
        value.extend_from_slice(&offset.leader_epoch.to_be_bytes());
        put_compact_text(value, &offset.metadata);
        value.extend_from_slice(&offset.committed_at.to_be_bytes());
        if offset.topic_id == Uuid::ZERO {
            put_unsigned_varint(value, 0);
        } else {
            put_unsigned_varint(value, 1);
            put_unsigned_varint(value, TOPIC_ID_TAG);
            put_unsigned_varint(value, UUID_BYTES);
            value.extend_from_slice(&offset.topic_id.0.to_be_bytes());
        }
        let value = value.as_slice().into();
        record(offset_commit_key(&mut self.bytes, self.group, partition), Some(value), self.now)
    }
}

/// The record that a committed offset is gone.
pub(super) fn offset_tombstone(group: &str, partition: &TopicPartition, now: Millis) -> Record {
    record(offset_commit_key(&mut Vec::new(), group, partition), None, now)
}

/// The record that a group is gone.
pub(super) fn group_tombstone(group: &str, now: Millis) -> Record {
    record(group_metadata_key(group), None, now)
}

/// The record of a group's generation: its members with their assignment, so that another coordinator can go on with them.
pub(super) fn group_metadata(group: &ClassicGroup, assignment: &BTreeMap<String, RawBytes>, now: Millis) -> Record {
    let mut value = GROUP_METADATA_VERSION.to_be_bytes().to_vec();
    put_text(&mut value, group.protocol_type.as_deref().unwrap_or_default());
    value.extend(group.generation.to_be_bytes());
    put_nullable_text(&mut value, group.protocol.as_deref());
    put_nullable_text(&mut value, group.leader.as_deref());
    value.extend(group.current_state_since.to_be_bytes());
    put_length(&mut value, group.members.len());
    for member in group.members.values() {
        put_text(&mut value, &member.id);
        put_nullable_text(&mut value, member.instance_id.as_deref());
        put_text(&mut value, &member.client_id);
        put_text(&mut value, CLIENT_HOST);
        value.extend(member.rebalance_timeout_ms.to_be_bytes());
        value.extend(member.session_timeout_ms.to_be_bytes());
        put_bytes(&mut value, Some(member.metadata(group.protocol.as_deref()).as_slice()));
        put_bytes(&mut value, Some(assignment.get(&member.id).map_or(&[][..], RawBytes::as_slice)));
    }
    record(group_metadata_key(&group.id), Some(value.into()), now)
}

/// The record that a group has been founded: as if nobody were in it (`newEmptyGroupMetadataRecord`).
pub(super) fn founded_group(group: &ClassicGroup, now: Millis) -> Record {
    let founded = ClassicGroup { current_state_since: millis(now), ..ClassicGroup::new(&group.id, group.partition) };
    group_metadata(&founded, &BTreeMap::new(), now)
}

/// Reads a record. Any other than those above is passed over, as Kafka passes over types it does not know.
pub(crate) fn read(record: &Record) -> Option<GroupRecord> {
    let mut key = Reader::new(record.key.as_ref()?.as_slice());
    match key.short()? {
        0 | OFFSET_COMMIT => {
            let (group, topic, partition) = (key.text()?.to_owned(), key.text()?, key.int()?);
            let value = match &record.value {
                Some(value) => Some(read_offset_commit(value)?),
                None => None,
            };
            Some(GroupRecord::OffsetCommit { group, partition: TopicPartition::new(topic, partition), value })
        }
        GROUP_METADATA => {
            let group = key.text()?.to_owned();
            let value = match &record.value {
                Some(value) => Some(read_group_metadata(value)?),
                None => None,
            };
            Some(GroupRecord::GroupMetadata { group, value })
        }
        other => {
            let (group, record) = ConsumerGroupRecord::read(other, &mut key, record.value.as_ref())?;
            Some(GroupRecord::ConsumerGroup { group, record })
        }
    }
}

/// Only the versions that are written here: no broker of another version ever wrote to this cluster's logs.
fn read_offset_commit(value: &Bytes) -> Option<OffsetCommitValue> {
    let mut value = Reader::new(value.as_slice());
    match value.short()? {
        OFFSET_COMMIT_VERSION => read_offset_commit_4(&mut value),
        OFFSET_COMMIT_VERSION_WITH_EXPIRY => {
            let committed = CommittedOffset {
                offset: value.long()?,
                leader_epoch: -1,
                metadata: value.text()?.to_owned(),
                topic_id: Uuid::ZERO,
                committed_at: value.long()?,
                expires_at: Some(value.long()?),
            };
            Some(OffsetCommitValue { committed })
        }
        _ => None,
    }
}

fn read_offset_commit_4(value: &mut Reader<'_>) -> Option<OffsetCommitValue> {
    let (offset, leader_epoch) = (value.long()?, value.int()?);
    let metadata = value.compact_text()?.to_owned();
    let committed_at = value.long()?;
    let mut topic_id = Uuid::ZERO;
    for _ in 0..value.unsigned_varint()? {
        let (tag, size) = (value.unsigned_varint()?, usize::try_from(value.unsigned_varint()?).ok()?);
        let mut field = Reader::new(value.take(size)?);
        if tag == TOPIC_ID_TAG {
            topic_id = Uuid(field.uuid()?);
        }
    }
    let committed = CommittedOffset { offset, leader_epoch, metadata, topic_id, committed_at, expires_at: None };
    Some(OffsetCommitValue { committed })
}

fn read_group_metadata(value: &Bytes) -> Option<GroupMetadataValue> {
    let mut value = Reader::new(value.as_slice());
    (value.short()? == GROUP_METADATA_VERSION).then_some(())?;
    let protocol_type = value.text()?.to_owned();
    let generation = value.int()?;
    let protocol = value.nullable_text()?.map(str::to_owned);
    let leader = value.nullable_text()?.map(str::to_owned);
    let current_state_timestamp = value.long()?;
    let members = (0..value.length()?).map(|_| read_member(&mut value)).collect::<Option<_>>()?;
    Some(GroupMetadataValue { protocol_type, generation, protocol, leader, current_state_timestamp, members })
}

fn read_member(value: &mut Reader<'_>) -> Option<MemberMetadata> {
    Some(MemberMetadata {
        member_id: value.text()?.to_owned(),
        group_instance_id: value.nullable_text()?.map(str::to_owned),
        client_id: value.text()?.to_owned(),
        client_host: value.text()?.to_owned(),
        rebalance_timeout: value.int()?,
        session_timeout: value.int()?,
        subscription: value.bytes()?.to_vec().into(),
        assignment: value.bytes()?.to_vec().into(),
    })
}

impl GroupMetadataValue {
    /// The generation's members, as a coordinator that loads the group goes on with them.
    pub(super) fn into_members(self) -> Vec<Member> {
        // Only the chosen assignor's words are in the log: until it joins again a member can work with that one alone.
        let protocol = self.protocol.unwrap_or_default();
        let members = self.members.into_iter().map(|member| Member {
            id: member.member_id,
            instance_id: member.group_instance_id,
            client_id: member.client_id,
            rebalance_timeout_ms: member.rebalance_timeout,
            session_timeout_ms: member.session_timeout,
            protocols: vec![JoinGroupProtocol { name: protocol.clone(), metadata: member.subscription }],
            assignment: member.assignment,
            awaiting_join: None,
            awaiting_sync: None,
            is_new: false,
        });
        members.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::consumer_protocol::ConsumerSubscription;

    /// The key and the value that a 4.3.1 broker wrote when a consumer without a group's members committed.
    const COMMIT: [&str; 2] = [
        "000100016700017400000001",
        "0004000000000000000000000005056d657461000001a219bef1bc0100109672a68327aa4ff6b1175d879efa8d64",
    ];
    /// Those that it wrote for the first generation of a group with one static member.
    const GENERATION: [&str; 2] = [
        "0002000168",
        "00030008636f6e73756d657200000001000572616e6765002d7374617469632d312d35303134363735642d663563372d343639332d3931\
         35662d666665323130653565343966000001a219bef20700000001002d7374617469632d312d35303134363735642d663563372d34363\
         9332d393135662d66666532313065356534396600087374617469632d31000570726f6265000a2f3132372e302e302e310000ea600000\
         177000000017000300000001000174ffffffff00000000ffffffffffff0000000451554a44",
    ];
    /// When both were written.
    const COMMITTED_AT: Millis = 0x01a2_19be_f1bc;
    const GENERATION_AT: Millis = 0x01a2_19be_f207;

    fn written(record: &Record) -> [String; 2] {
        let hex = |bytes: &Option<Bytes>| bytes.as_ref().map(Bytes::to_hex).unwrap_or_default();
        [hex(&record.key), hex(&record.value)]
    }

    #[test]
    fn a_committed_offset_has_a_real_brokers_bytes() {
        let committed = CommittedOffset {
            offset: 0,
            leader_epoch: 5,
            metadata: "meta".into(),
            topic_id: Uuid(0x9672_a683_27aa_4ff6_b117_5d87_9efa_8d64),
            committed_at: millis(COMMITTED_AT),
            expires_at: None,
        };
        let partition = TopicPartition::new("t", 1);
        let record = OffsetRecords::of("g", COMMITTED_AT).commit(&partition, &committed);
        assert_eq!(written(&record), COMMIT);
        let value = Some(OffsetCommitValue { committed });
        assert_eq!(read(&record), Some(GroupRecord::OffsetCommit { group: "g".into(), partition, value }));
    }

    #[test]
    fn an_offset_with_a_time_of_its_own_is_written_in_the_old_version() {
        let committed = CommittedOffset {
            offset: 7,
            leader_epoch: -1,
            metadata: "m".into(),
            topic_id: Uuid::ZERO,
            committed_at: 5,
            expires_at: Some(9),
        };
        let partition = TopicPartition::new("t", 1);
        let record = OffsetRecords::of("g", 5).commit(&partition, &committed);
        let [_, value] = written(&record);
        assert_eq!(value, "0001000000000000000700016d00000000000000050000000000000009");
        let value = Some(OffsetCommitValue { committed });
        assert_eq!(read(&record), Some(GroupRecord::OffsetCommit { group: "g".into(), partition, value }));
    }

    #[test]
    fn a_generation_has_a_real_brokers_bytes() {
        let id = "static-1-5014675d-f5c7-4693-915f-ffe210e5e49f";
        let assignment = RawBytes::from("QUJD");
        let member = Member {
            id: id.into(),
            instance_id: Some("static-1".into()),
            client_id: "probe".into(),
            rebalance_timeout_ms: 60_000,
            session_timeout_ms: 6_000,
            protocols: vec![JoinGroupProtocol {
                name: "range".into(),
                metadata: ConsumerSubscription { topics: vec!["t".into()], ..Default::default() }.encode(),
            }],
            assignment: assignment.clone(),
            awaiting_join: None,
            awaiting_sync: None,
            is_new: false,
        };
        let group = ClassicGroup {
            generation: 1,
            protocol_type: Some("consumer".into()),
            protocol: Some("range".into()),
            leader: Some(id.into()),
            members: [(id.to_owned(), member.clone())].into(),
            current_state_since: i64::try_from(GENERATION_AT).expect("a time"),
            ..ClassicGroup::new("h", 4)
        };
        let record = group_metadata(&group, &[(id.to_owned(), assignment)].into(), GENERATION_AT);
        assert_eq!(written(&record), GENERATION);
        let Some(GroupRecord::GroupMetadata { group, value: Some(value) }) = read(&record) else { panic!("no group") };
        assert_eq!((group.as_str(), value.generation, value.members[0].client_host.as_str()), ("h", 1, CLIENT_HOST));
        assert_eq!(value.into_members(), [member]);
    }

    #[test]
    fn what_is_cut_short_is_passed_over() {
        let group = ClassicGroup::new("g", 0);
        let whole = group_metadata(&group, &BTreeMap::new(), 0);
        let value = whole.value.clone().expect("a value");
        for length in 0..value.len() {
            let cut = Record { value: Some(Bytes::from(value.as_slice()[..length].to_vec())), ..whole.clone() };
            assert_eq!(read(&cut), None, "{length} bytes");
        }
    }
}
