//! The voters of a dynamic quorum (KIP-853), as control records of the log name them, with the history of their changes
//! (`VoterSet`, `KRaftControlRecordStateMachine`).

use crate::sort::SharedSort;
use std::fmt;

use serde_json::{Value, json};

use super::control_records::QuorumControlRecord;
use super::requests::{CONTROLLER_LISTENER, PORT, host};
use crate::wire::Uuid;
use crate::wire::quorum::LeaderEndpoint;
use crate::wire::records::{Record, RecordBatch};

/// The level of `kraft.version` from which on voters can be added and removed.
const RECONFIGURABLE: i16 = 1;
/// The levels of `kraft.version` that a node of this version supports.
pub(super) const SUPPORTED_VERSIONS: (i16, i16) = (0, 1);

/// Who a replica of the metadata log is: a node, and the directory that it has its log in. A replica whose disk was replaced is
/// another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReplicaKey {
    /// `node.id`.
    pub id: i32,
    /// The directory, [`Uuid::ZERO`] where it is not known.
    pub directory_id: Uuid,
}

impl fmt::Display for ReplicaKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ReplicaKey(id={}, directoryId={})", self.id, self.directory_id)
    }
}

/// A voter (`VoterSet.VoterNode`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct VoterNode {
    /// Who it is. A voter of a static quorum has no directory.
    pub key: ReplicaKey,
    /// Where it listens.
    pub endpoints: Vec<LeaderEndpoint>,
    /// The lowest and the highest level of `kraft.version` that it supports.
    pub supported_versions: (i16, i16),
}

impl VoterNode {
    /// A controller of this cluster as it says of itself.
    pub fn of(key: ReplicaKey) -> Self {
        Self { key, endpoints: vec![endpoint(key.id)], supported_versions: SUPPORTED_VERSIONS }
    }

    /// Whether it is this voter: without a directory the id alone says so.
    fn is_voter(&self, key: ReplicaKey) -> bool {
        self.key.id == key.id && (self.key.directory_id == Uuid::ZERO || self.key.directory_id == key.directory_id)
    }

    pub(super) fn to_json(&self) -> Value {
        let endpoint = |each: &LeaderEndpoint| json!({"name": each.name, "host": each.host, "port": each.port});
        json!({
            "voterId": self.key.id,
            "voterDirectoryId": self.key.directory_id.to_string(),
            "endpoints": self.endpoints.iter().map(endpoint).collect::<Vec<_>>(),
            "kRaftVersionFeature": {
                "minSupportedVersion": self.supported_versions.0,
                "maxSupportedVersion": self.supported_versions.1,
            },
        })
    }
}

/// Where a controller listens whose file says nothing of it.
pub fn endpoint(node: i32) -> LeaderEndpoint {
    LeaderEndpoint { name: CONTROLLER_LISTENER.to_owned(), host: host(node), port: i32::from(PORT) }
}

/// A set of voters, by id.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct VoterSet(Vec<VoterNode>);

impl VoterSet {
    /// The voters of `controller.quorum.voters`, each with where it listens: neither their directories are known, nor what they support.
    pub fn of_addresses(voters: impl IntoIterator<Item = (i32, LeaderEndpoint)>) -> Self {
        let voter = |(id, endpoint)| VoterNode {
            key: ReplicaKey { id, directory_id: Uuid::ZERO },
            endpoints: vec![endpoint],
            supported_versions: (0, 0),
        };
        voters.into_iter().map(voter).collect()
    }

    /// The same of voters that listen where controllers do whose files say nothing of it.
    #[cfg(test)]
    pub fn of_ids(ids: &[i32]) -> Self {
        Self::of_addresses(ids.iter().map(|id| (*id, endpoint(*id))))
    }

    /// The voters.
    pub fn iter(&self) -> impl Iterator<Item = &VoterNode> {
        self.0.iter()
    }

    /// Their ids, in order.
    pub fn ids(&self) -> Vec<i32> {
        self.0.iter().map(|voter| voter.key.id).collect()
    }

    /// A voter by its id.
    pub fn get(&self, id: i32) -> Option<&VoterNode> {
        self.0.iter().find(|voter| voter.key.id == id)
    }

    /// The directory of a voter, [`Uuid::ZERO`] where it is not known.
    pub fn directory(&self, id: i32) -> Uuid {
        self.get(id).map_or(Uuid::ZERO, |voter| voter.key.directory_id)
    }

    /// Whether a replica is one of the voters.
    pub fn is_voter(&self, key: ReplicaKey) -> bool {
        self.0.iter().any(|voter| voter.is_voter(key))
    }

    /// Whether nobody else is a voter.
    pub fn is_only_voter(&self, key: ReplicaKey) -> bool {
        self.0.len() == 1 && self.is_voter(key)
    }

    /// Who they are, as Kafka prints them.
    pub fn keys(&self) -> String {
        let keys: Vec<String> = self.0.iter().map(|voter| voter.key.to_string()).collect();
        format!("[{}]", keys.join(", "))
    }

    /// With one more; `None` where its id is taken.
    pub fn with(&self, voter: VoterNode) -> Option<Self> {
        self.get(voter.key.id).is_none().then(|| self.iter().cloned().chain([voter]).collect())
    }

    /// With one less; `None` where it is no voter, or the last one.
    pub fn without(&self, key: ReplicaKey) -> Option<Self> {
        let is_there = self.0.iter().any(|voter| voter.key == key);
        (is_there && self.0.len() > 1).then(|| self.iter().filter(|voter| voter.key != key).cloned().collect())
    }

    /// With a voter as it is now; `None` where it is no voter.
    pub fn updated(&self, voter: &VoterNode) -> Option<Self> {
        self.is_voter(voter.key).then(|| self.with_updated(voter))
    }

    /// With what a voter of a static quorum tells of itself, whatever its directory (`updateVoterIgnoringDirectoryId`).
    pub(super) fn with_updated(&self, voter: &VoterNode) -> Self {
        self.iter().map(|each| if each.key.id == voter.key.id { voter.clone() } else { each.clone() }).collect()
    }

    /// Whether all support a level of `kraft.version`.
    pub(super) fn supports(&self, level: i16) -> bool {
        self.iter().all(|voter| (voter.supported_versions.0..=voter.supported_versions.1).contains(&level))
    }

    /// Whether a voter is not as the set says.
    pub fn needs_update(&self, voter: &VoterNode) -> bool {
        self.get(voter.key.id).is_some_and(|known| known.is_voter(voter.key) && known != voter)
    }

    /// The control record that names them.
    pub fn to_record(&self) -> Record {
        QuorumControlRecord::KRaftVoters(self.clone()).to_record()
    }
}

impl FromIterator<VoterNode> for VoterSet {
    fn from_iter<I: IntoIterator<Item = VoterNode>>(voters: I) -> Self {
        let mut voters: Vec<VoterNode> = voters.into_iter().collect();
        voters.shared_sort_by_key(|voter| voter.key.id);
        Self(voters)
    }
}

/// The control record that says at which level `kraft.version` is.
pub(super) fn version_record(level: i16) -> Record {
    QuorumControlRecord::KRaftVersion { level }.to_record()
}

/// What the control records of a log, or of the snapshot before it, say of the quorum itself: each with its offset, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct QuorumHistory {
    voter_sets: Vec<(i64, VoterSet)>,
    versions: Vec<(i64, i16)>,
}

impl QuorumHistory {
    /// Takes note of a batch. All that a snapshot holds counts as if it stood at the snapshot's last offset, `at`.
    pub(super) fn replay(&mut self, batch: &RecordBatch, at: Option<i64>) {
        if !batch.is_control {
            return;
        }
        for record in &batch.records {
            let offset = at.unwrap_or_else(|| batch.base_offset.saturating_add(i64::from(record.offset_delta)));
            match QuorumControlRecord::read(record) {
                Some(QuorumControlRecord::KRaftVoters(voters)) => self.voter_sets.push((offset, voters)),
                Some(QuorumControlRecord::KRaftVersion { level }) => self.versions.push((offset, level)),
                Some(
                    QuorumControlRecord::LeaderChange { .. }
                    | QuorumControlRecord::SnapshotHeader { .. }
                    | QuorumControlRecord::SnapshotFooter,
                )
                | None => {}
            }
        }
    }

    /// The log was cut off at an offset.
    pub(super) fn truncate_new(&mut self, end: i64) {
        self.voter_sets.retain(|(offset, _)| *offset < end);
        self.versions.retain(|(offset, _)| *offset < end);
    }

    /// The log starts later: what is in force there stays.
    pub(super) fn truncate_old(&mut self, start: i64) {
        let in_force = |offsets: &[i64]| offsets.iter().rposition(|offset| *offset < start).unwrap_or(0);
        let voters: Vec<i64> = self.voter_sets.iter().map(|(offset, _)| *offset).collect();
        let versions: Vec<i64> = self.versions.iter().map(|(offset, _)| *offset).collect();
        self.voter_sets.drain(..in_force(&voters));
        self.versions.drain(..in_force(&versions));
    }

    /// The newest voters and the offset of the record that names them, -1 for the snapshot of the first start.
    pub fn last_voters(&self) -> Option<(i64, &VoterSet)> {
        self.voter_sets.last().map(|(offset, voters)| (*offset, voters))
    }

    /// The voters in force at an offset (exclusive).
    pub fn voters_before(&self, end: i64) -> Option<&VoterSet> {
        self.voter_sets.iter().rev().find(|(offset, _)| *offset < end).map(|(_, voters)| voters)
    }

    /// The level of `kraft.version`, 0 where nothing says it.
    pub fn kraft_version(&self) -> i16 {
        self.versions.last().map_or(0, |(_, level)| *level)
    }

    /// Whether voters can be added and removed.
    pub fn is_reconfigurable(&self) -> bool {
        self.kraft_version() >= RECONFIGURABLE
    }

    /// The control records that a snapshot up to an offset begins with.
    pub(super) fn snapshot_records(&self, end: i64) -> Vec<Record> {
        let version = self.versions.iter().rev().find(|(offset, _)| *offset < end).map_or(0, |(_, level)| *level);
        if version < RECONFIGURABLE {
            return Vec::new();
        }
        let voters = self.voters_before(end).map(VoterSet::to_record);
        [version_record(version)].into_iter().chain(voters).collect()
    }

    /// What `kafka-storage format --initial-controllers` writes for the first start.
    pub fn bootstrap(voters: VoterSet) -> Self {
        Self { voter_sets: vec![(-1, voters)], versions: vec![(-1, RECONFIGURABLE)] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn voter(id: i32, directory: u128) -> VoterNode {
        VoterNode::of(ReplicaKey { id, directory_id: Uuid(directory) })
    }

    fn set(ids: &[i32]) -> VoterSet {
        ids.iter().map(|id| voter(*id, 100 + id.unsigned_abs() as u128)).collect()
    }

    fn batch(offset: i64, records: Vec<Record>) -> RecordBatch {
        RecordBatch { base_offset: offset, is_control: true, ..RecordBatch::of(records) }
    }

    #[test]
    fn a_set_of_voters_is_read_as_it_was_written() {
        let mut history = QuorumHistory::default();
        history.replay(&batch(7, vec![version_record(1), set(&[3, 1]).to_record()]), None);
        assert_eq!(history.last_voters(), Some((8, &set(&[1, 3]))));
        assert!(history.is_reconfigurable());
    }

    #[test]
    fn a_voter_is_known_by_its_directory_and_the_last_one_stays() {
        let voters = set(&[1, 2]);
        let of = |id: i32, directory: u128| ReplicaKey { id, directory_id: Uuid(directory) };
        assert!(voters.is_voter(of(2, 102)) && !voters.is_voter(of(2, 9)));
        assert_eq!(voters.without(of(2, 9)), None);
        let one = voters.without(of(2, 102)).expect("it is one of two");
        assert_eq!((one.ids(), one.without(of(1, 101))), (vec![1], None));
        assert_eq!(voters.with(voter(2, 9)), None, "the id is taken");
        assert!(VoterSet::of_ids(&[4]).is_voter(of(4, 77)), "a static quorum knows no directories");
    }

    #[test]
    fn what_is_cut_off_is_forgotten_and_what_is_in_force_at_the_start_is_kept() {
        let mut history = QuorumHistory::bootstrap(set(&[1]));
        history.replay(&batch(10, vec![set(&[1, 2]).to_record()]), None);
        history.replay(&batch(20, vec![set(&[1, 2, 3]).to_record()]), None);
        assert_eq!(history.voters_before(20), Some(&set(&[1, 2])));
        assert_eq!(history.snapshot_records(15), [version_record(1), set(&[1, 2]).to_record()]);
        let mut old = history.clone();
        old.truncate_old(15);
        assert_eq!(old.voters_before(15), Some(&set(&[1, 2])), "what a snapshot there stands for");
        assert_eq!(old.voters_before(10), None);
        history.truncate_new(20);
        assert_eq!(history.last_voters(), Some((10, &set(&[1, 2]))));
    }
}
