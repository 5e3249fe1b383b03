//! The control records of the metadata log and of its snapshots, in Kafka's bytes (`ControlRecordType`, `ControlRecordUtils`).
//!
//! A key is the version 0 and the type; a value begins with the version of its definition.

use serde_json::{Value, json};

use super::voter_set::{ReplicaKey, VoterNode, VoterSet};
use crate::wire::Uuid;
use crate::wire::binary::{Reader, put_compact_text, put_unsigned_varint};
use crate::wire::quorum::LeaderEndpoint;
use crate::wire::records::{Bytes, Record};

/// A control record of the metadata log or of a snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum QuorumControlRecord {
    /// A leader's first record of its epoch (`LeaderChangeMessage`).
    LeaderChange {
        /// Who leads.
        leader_id: i32,
        /// Who votes.
        voters: Vec<i32>,
        /// Who voted for the leader.
        granting_voters: Vec<i32>,
    },
    /// A snapshot's first record (`SnapshotHeaderRecord`).
    SnapshotHeader {
        /// When the last record was written that the snapshot stands for, in milliseconds.
        last_contained_log_timestamp: i64,
    },
    /// A snapshot's last record (`SnapshotFooterRecord`).
    SnapshotFooter,
    /// At which level `kraft.version` is (`KRaftVersionRecord`).
    KRaftVersion {
        /// The level.
        level: i16,
    },
    /// Who votes from here on (`VotersRecord`).
    KRaftVoters(VoterSet),
}

impl QuorumControlRecord {
    const fn type_id(&self) -> i16 {
        match self {
            Self::LeaderChange { .. } => 2,
            Self::SnapshotHeader { .. } => 3,
            Self::SnapshotFooter => 4,
            Self::KRaftVersion { .. } => 5,
            Self::KRaftVoters(_) => 6,
        }
    }

    /// Its name, as `kafka-dump-log.sh` prints it.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::LeaderChange { .. } => "LeaderChange",
            Self::SnapshotHeader { .. } => "SnapshotHeader",
            Self::SnapshotFooter => "SnapshotFooter",
            Self::KRaftVersion { .. } => "KRaftVersion",
            Self::KRaftVoters(_) => "KRaftVoters",
        }
    }

    /// What it says, as `kafka-dump-log.sh` prints it.
    pub fn data(&self) -> Value {
        let ids = |voters: &[i32]| voters.iter().map(|id| json!({"voterId": id})).collect::<Vec<_>>();
        match self {
            Self::LeaderChange { leader_id, voters, granting_voters } => json!({
                "version": 0,
                "leaderId": leader_id,
                "voters": ids(voters),
                "grantingVoters": ids(granting_voters),
            }),
            Self::SnapshotHeader { last_contained_log_timestamp } => {
                json!({"version": 0, "lastContainedLogTimestamp": last_contained_log_timestamp})
            }
            Self::SnapshotFooter => json!({"version": 0}),
            Self::KRaftVersion { level } => json!({"version": 0, "kRaftVersion": level}),
            Self::KRaftVoters(voters) => {
                json!({"version": 0, "voters": voters.iter().map(VoterNode::to_json).collect::<Vec<_>>()})
            }
        }
    }

    /// The record as it stands in a log.
    pub fn to_record(&self) -> Record {
        let key = [&[0, 0][..], &self.type_id().to_be_bytes()].concat();
        let mut value = vec![0, 0];
        match self {
            Self::LeaderChange { leader_id, voters, granting_voters } => {
                value.extend_from_slice(&leader_id.to_be_bytes());
                for ids in [voters, granting_voters] {
                    put_length(&mut value, ids.len());
                    for id in ids {
                        value.extend_from_slice(&id.to_be_bytes());
                        put_no_tagged_fields(&mut value);
                    }
                }
            }
            Self::SnapshotHeader { last_contained_log_timestamp } => {
                value.extend_from_slice(&last_contained_log_timestamp.to_be_bytes());
            }
            Self::SnapshotFooter => {}
            Self::KRaftVersion { level } => value.extend_from_slice(&level.to_be_bytes()),
            Self::KRaftVoters(voters) => {
                put_length(&mut value, voters.iter().count());
                voters.iter().for_each(|voter| put_voter(&mut value, voter));
            }
        }
        put_no_tagged_fields(&mut value);
        Record { key: Some(Bytes::from(key)), value: Some(Bytes::from(value)), ..Record::default() }
    }

    /// Reads a control record; `None` where it is of another type, as a transaction's marker is.
    pub fn read(record: &Record) -> Option<Self> {
        let key = &mut Reader::new(record.key.as_ref()?.as_slice());
        let value = &mut Reader::new(record.value.as_ref()?.as_slice());
        let (_version_of_key, type_id, _version) = (key.short()?, key.short()?, value.short()?);
        Some(match type_id {
            2 => {
                let leader_id = value.int()?;
                let (voters, granting_voters) = (take_ids(value)?, take_ids(value)?);
                Self::LeaderChange { leader_id, voters, granting_voters }
            }
            3 => Self::SnapshotHeader { last_contained_log_timestamp: value.long()? },
            4 => Self::SnapshotFooter,
            5 => Self::KRaftVersion { level: value.short()? },
            6 => {
                let count = value.unsigned_varint()?.checked_sub(1)?;
                let voters: Option<Vec<VoterNode>> = (0..count).map(|_| take_voter(value)).collect();
                Self::KRaftVoters(voters?.into_iter().collect())
            }
            _ => return None,
        })
    }
}

/// None of these records has tagged fields (KIP-482).
fn put_no_tagged_fields(out: &mut Vec<u8>) {
    out.push(0);
}

fn put_length(out: &mut Vec<u8>, length: usize) {
    put_unsigned_varint(out, u32::try_from(length).unwrap_or(u32::MAX - 1).saturating_add(1));
}

fn take_ids(reader: &mut Reader<'_>) -> Option<Vec<i32>> {
    let count = reader.unsigned_varint()?.checked_sub(1)?;
    let id = |reader: &mut Reader<'_>| {
        let id = reader.int()?;
        reader.take(1)?;
        Some(id)
    };
    (0..count).map(|_| id(reader)).collect()
}

fn put_voter(out: &mut Vec<u8>, voter: &VoterNode) {
    out.extend_from_slice(&voter.key.id.to_be_bytes());
    out.extend_from_slice(&voter.key.directory_id.0.to_be_bytes());
    put_length(out, voter.endpoints.len());
    for endpoint in &voter.endpoints {
        put_compact_text(out, &endpoint.name);
        put_compact_text(out, &endpoint.host);
        out.extend_from_slice(&u16::try_from(endpoint.port).unwrap_or(0).to_be_bytes());
        put_no_tagged_fields(out);
    }
    let (lowest, highest) = voter.supported_versions;
    out.extend_from_slice(&lowest.to_be_bytes());
    out.extend_from_slice(&highest.to_be_bytes());
    put_no_tagged_fields(out);
    put_no_tagged_fields(out);
}

fn take_voter(reader: &mut Reader<'_>) -> Option<VoterNode> {
    let key = ReplicaKey { id: reader.int()?, directory_id: Uuid(reader.uuid()?) };
    let count = reader.unsigned_varint()?.checked_sub(1)?;
    let endpoint = |reader: &mut Reader<'_>| {
        let (name, host) = (reader.compact_text()?.to_owned(), reader.compact_text()?.to_owned());
        let port = u16::from_be_bytes(reader.take(2)?.try_into().ok()?);
        reader.take(1)?;
        Some(LeaderEndpoint { name, host, port: i32::from(port) })
    };
    let endpoints: Option<Vec<LeaderEndpoint>> = (0..count).map(|_| endpoint(reader)).collect();
    let supported_versions = (reader.short()?, reader.short()?);
    reader.take(2)?;
    Some(VoterNode { key, endpoints: endpoints?, supported_versions })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Control records of a real Kafka 4.3.1: key and value in hexadecimal, and what `kafka-dump-log.sh` prints.
    const RECORDED: [(&str, &str, &str, &str); 5] = [
        (
            "00000002",
            "00000000000104000000010000000002000000000300030000000100000000030000",
            "LeaderChange",
            r#"{"version":0,"leaderId":1,"voters":[{"voterId":1},{"voterId":2},{"voterId":3}],"grantingVoters":[{"voterId":1},{"voterId":3}]}"#,
        ),
        (
            "00000003",
            "0000000001a220a564ed00",
            "SnapshotHeader",
            r#"{"version":0,"lastContainedLogTimestamp":1795844039917}"#,
        ),
        ("00000004", "000000", "SnapshotFooter", r#"{"version":0}"#),
        ("00000005", "0000000100", "KRaftVersion", r#"{"version":0,"kRaftVersion":1}"#),
        (
            "00000006",
            "00000200000001d423f4f6eeea4eedad10d8bd4b53969f020b434f4e54524f4c4c45520b3132372e302e302e313123850000000001000000",
            "KRaftVoters",
            r#"{"version":0,"voters":[{"voterId":1,"voterDirectoryId":"1CP09u7qTu2tENi9S1OWnw","endpoints":[{"name":"CONTROLLER","host":"127.0.0.11","port":9093}],"kRaftVersionFeature":{"minSupportedVersion":0,"maxSupportedVersion":1}}]}"#,
        ),
    ];

    fn bytes(hex: &str) -> Bytes {
        let byte = |at| u8::from_str_radix(&hex[at..at + 2], 16).expect("it is hexadecimal");
        Bytes::from((0..hex.len()).step_by(2).map(byte).collect::<Vec<u8>>())
    }

    #[test]
    fn control_records_are_read_and_written_as_kafka_does() {
        for (key, value, kind, data) in RECORDED {
            let record = Record { key: Some(bytes(key)), value: Some(bytes(value)), ..Record::default() };
            let control = QuorumControlRecord::read(&record).expect("it can be read");
            assert_eq!((control.kind(), control.data().to_string().as_str()), (kind, data));
            assert_eq!(control.to_record(), record);
        }
    }

    #[test]
    fn what_is_cut_off_or_a_marker_is_none_of_these() {
        for (key, value, kind, _) in RECORDED {
            // The last byte says that there are no tagged fields.
            let bytes_of_value = bytes(value);
            let cut = Bytes::from(&bytes_of_value.as_slice()[..bytes_of_value.len().saturating_sub(4)]);
            let record = Record { key: Some(bytes(key)), value: Some(cut), ..Record::default() };
            assert!(kind == "SnapshotFooter" || QuorumControlRecord::read(&record).is_none(), "{kind}");
            let marker = Record { key: Some(bytes("00000001")), value: Some(bytes(value)), ..Record::default() };
            assert_eq!(QuorumControlRecord::read(&marker), None);
        }
    }
}
